#include "test_env.h"

#include "basalt/knx.h"

#include <string.h>

#define ENDPOINT "0801c0a82a018495"
#define CONTROL  "\"control\":{\"protocol\":\"udp\",\"address\":\"192.168.42.1\",\"port\":33941}"
#define MAC      "1f1d59ea9f12a152e5d9727f08462cde"

/* A frame of each kind of field. */
static const struct {
    const char *octets;
    const char *json;
} frames[] = {
    { "06100203000e" ENDPOINT,
      "\"service\":515,\"service_name\":\"DESCRIPTION_REQUEST\"," CONTROL },
    { "0610020500 1c" ENDPOINT "0802000000000000 060402001102",
      "\"service\":517,\"service_name\":\"CONNECT_REQUEST\"," CONTROL ","
      "\"data\":{\"protocol\":\"tcp\",\"address\":\"0.0.0.0\",\"port\":0},"
      "\"cri\":{\"type\":4,\"type_name\":\"tunnel\",\"layer\":2,\"address\":\"1.1.2\"}" },
    { "0610020500 1b" ENDPOINT ENDPOINT "05f0010203",
      "\"service\":517,\"service_name\":\"CONNECT_REQUEST\"," CONTROL ","
      "\"data\":{\"protocol\":\"udp\",\"address\":\"192.168.42.1\",\"port\":33941},"
      "\"cri\":{\"type\":240,\"type_name\":\"unknown\",\"data\":\"010203\"}" },
    { "061002060014 0100 0802000000000000 040411ff",
      "\"service\":518,\"service_name\":\"CONNECT_RESPONSE\",\"channel\":1,\"status\":0,"
      "\"status_name\":\"E_NO_ERROR\","
      "\"data\":{\"protocol\":\"tcp\",\"address\":\"0.0.0.0\",\"port\":0},"
      "\"cri\":{\"type\":4,\"type_name\":\"tunnel\",\"address\":\"1.1.255\"}" },
    { "061002060008 0024",
      "\"service\":518,\"service_name\":\"CONNECT_RESPONSE\",\"channel\":0,\"status\":36,"
      "\"status_name\":\"E_NO_MORE_CONNECTIONS\"" },
    { "06100206000a 0024 abcd",
      "\"service\":518,\"service_name\":\"CONNECT_RESPONSE\",\"channel\":0,\"status\":36,"
      "\"status_name\":\"E_NO_MORE_CONNECTIONS\",\"payload\":\"abcd\"" },
    { "0610020b0018" ENDPOINT "02810802010203040506",
      "\"service\":523,\"service_name\":\"SEARCH_REQUEST_EXTENDED\"," CONTROL ","
      "\"srps\":[{\"type\":1,\"mandatory\":true,\"data\":\"\"},"
      "{\"type\":2,\"mandatory\":false,\"data\":\"010203040506\"}]" },
    { "06100204000a 04020201",
      "\"service\":516,\"service_name\":\"DESCRIPTION_RESPONSE\","
      "\"dibs\":{\"families\":[{\"family\":2,\"name\":\"core\",\"version\":1}]}" },
    { "06100420000b 04025100 f1",
      "\"service\":1056,\"service_name\":\"TUNNELLING_REQUEST\",\"channel\":2,\"sequence\":81,"
      "\"payload\":\"f1\",\"cemi\":{\"code\":241,\"code_name\":\"M_Reset.req\"}" },
    { "06100420000b 04025100 29",
      "\"service\":1056,\"service_name\":\"TUNNELLING_REQUEST\",\"channel\":2,\"sequence\":81,"
      "\"payload\":\"29\"" },
    { "06100421000a 042a1721",
      "\"service\":1057,\"service_name\":\"TUNNELLING_ACK\",\"channel\":42,\"sequence\":23,"
      "\"status\":33,\"status_name\":\"E_CONNECTION_ID\"" },
    { "06100423000e 04010000 0600 110a",
      "\"service\":1059,\"service_name\":\"TUNNELLING_FEATURE_RESPONSE\",\"channel\":1,"
      "\"sequence\":0,\"feature\":6,\"return_code\":0,\"value\":\"110a\"" },
    { "06100423000c 04010000 33fd",
      "\"service\":1059,\"service_name\":\"TUNNELLING_FEATURE_RESPONSE\",\"channel\":1,"
      "\"sequence\":0,\"feature\":51,\"return_code\":253" },
    { "06100532000c 060100640203",
      "\"service\":1330,\"service_name\":\"ROUTING_BUSY\",\"device_state\":1,\"wait_ms\":100,"
      "\"busy_control\":515" },
    { "06100531000a 04020005", "\"service\":1329,\"service_name\":\"ROUTING_LOST_MESSAGE\","
                               "\"device_state\":2,\"lost\":5" },
    { "061007410008 0201",
      "\"service\":1857,\"service_name\":\"REMOTE_DIAG_RESPONSE\",\"payload\":\"0201\"" },
    { "06100950002e 0001 000000000007 00fa12345678 affe 26156db5c749888f" MAC,
      "\"service\":2384,\"service_name\":\"SECURE_WRAPPER\",\"session\":1,\"counter\":7,"
      "\"serial\":\"00fa12345678\",\"tag\":\"affe\",\"payload\":\"26156db5c749888f\","
      "\"mac\":\"" MAC "\"" },
    { "061009520008 0000", "\"service\":2386,\"service_name\":\"SESSION_RESPONSE\",\"session\":0" },
    { "061009520038 0006" MAC MAC MAC,
      "\"service\":2386,\"service_name\":\"SESSION_RESPONSE\",\"session\":6,"
      "\"public_key\":\"" MAC MAC "\",\"mac\":\"" MAC "\"" },
    { "061009530018 0002" MAC,
      "\"service\":2387,\"service_name\":\"SESSION_AUTHENTICATE\",\"user\":2,"
      "\"mac\":\"" MAC "\"" },
    { "061009540008 0500", "\"service\":2388,\"service_name\":\"SESSION_STATUS\",\"status\":5,"
                           "\"status_name\":\"STATUS_CLOSE\"" },
    { "06100a000008 0102", "\"service\":2560,\"service_name\":\"unknown\",\"payload\":\"0102\"" },
};

static void every_field_is_told_under_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(frames); i++) {
        char text[1000];
        struct bas_buf out;
        struct bas_json json;
        struct knx_message message;
        bas_err err = knx_message_decode(test_hex(frames[i].octets), &message, NULL);
        assert_true(err == BAS_OK || err == BAS_ERR_UNSUPPORTED);
        bas_buf_init(&out, text, sizeof(text));
        bas_json_init(&json, &out);
        bas_json_open(&json, NULL, '{');
        knx_message_json(&message, &json);
        bas_json_close(&json, '}');
        (void)bas_buf_text(&out);
        assert_int_equal(text[0], '{');
        assert_int_equal(text[strlen(text) - 1], '}');
        text[strlen(text) - 1] = '\0';
        assert_string_equal(text + 1, frames[i].json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_told_under_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
