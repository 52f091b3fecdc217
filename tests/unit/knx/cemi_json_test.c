#include "test_env.h"

#include "basalt/knx.h"

static void assert_told(const char *octets, const char *wanted)
{
    char text[1200];
    struct bas_buf out;
    struct bas_json json;
    struct knx_cemi cemi;
    bas_err err = knx_cemi_decode(test_hex(octets), &cemi, NULL);
    assert_true(err == BAS_OK || err == BAS_ERR_UNSUPPORTED);
    bas_buf_init(&out, text, sizeof(text));
    bas_json_init(&json, &out);
    bas_json_open(&json, NULL, '{');
    knx_cemi_json(&cemi, &json);
    bas_json_close(&json, '}');
    assert_string_equal(bas_buf_text(&out), wanted);
}

static void a_group_telegram_is_told(void **state)
{
    (void)state;
    assert_told("29 00 bce0 1109 0802 03 0080 0c1a",
                "{\"code\":41,\"code_name\":\"L_Data.ind\",\"control1\":188,\"control2\":224,"
                "\"priority\":\"low\",\"hop_count\":6,\"source\":\"1.1.9\","
                "\"destination\":\"1/0/2\",\"destination_type\":\"group\",\"tpdu\":\"00800c1a\","
                "\"transport\":{\"kind\":\"T_Data_Group\",\"service\":\"GroupValueWrite\","
                "\"apci\":128,\"value\":\"0c1a\"}}");
}

static void a_confirmation_tells_whether_it_is_one(void **state)
{
    (void)state;
    assert_told("2e 04 04021234 b160 110a 1109 00 80",
                "{\"code\":46,\"code_name\":\"L_Data.con\",\"additional\":\"04021234\","
                "\"control1\":177,\"control2\":96,\"priority\":\"system\",\"hop_count\":6,"
                "\"is_confirmed\":false,\"source\":\"1.1.10\",\"destination\":\"1.1.9\","
                "\"destination_type\":\"individual\",\"tpdu\":\"80\","
                "\"transport\":{\"kind\":\"T_Connect\"}}");
}

static void a_broadcast_is_told_as_such(void **state)
{
    (void)state;
    assert_told("29 00 b4e0 0000 0000 01 3f00",
                "{\"code\":41,\"code_name\":\"L_Data.ind\",\"control1\":180,\"control2\":224,"
                "\"priority\":\"normal\",\"hop_count\":6,\"source\":\"0.0.0\","
                "\"destination\":\"0/0/0\",\"destination_type\":\"broadcast\","
                "\"tpdu\":\"3f00\"}");
}

static void property_messages_are_told(void **state)
{
    (void)state;
    assert_told("fb 000b 01 34 1001 1203",
                "{\"code\":251,\"code_name\":\"M_PropRead.con\",\"elements\":1,\"start_index\":1,"
                "\"object_type\":11,\"object_instance\":1,\"property\":52,\"data\":\"1203\"}");
    assert_told("f9 000b 01 5e",
                "{\"code\":249,\"code_name\":\"M_FuncPropStateRead.req\",\"object_type\":11,"
                "\"object_instance\":1,\"property\":94,\"data\":\"\"}");
}

static void all_others_are_told_as_octets(void **state)
{
    (void)state;
    assert_told("2b 03 030100 bc11", "{\"code\":43,\"code_name\":\"L_Busmon.ind\","
                                     "\"additional\":\"030100\",\"data\":\"bc11\"}");
    assert_told("f0", "{\"code\":240,\"code_name\":\"M_Reset.ind\"}");
    assert_told("30 01", "{\"code\":48,\"code_name\":\"unknown\",\"data\":\"01\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_telegram_is_told),
        cmocka_unit_test(a_confirmation_tells_whether_it_is_one),
        cmocka_unit_test(a_broadcast_is_told_as_such),
        cmocka_unit_test(property_messages_are_told),
        cmocka_unit_test(all_others_are_told_as_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
