#include "test_env.h"

#include "wire/base64.h"

#include <string.h>

static const struct {
    const char *plain;
    const char *text;
} examples[] = { /* RFC 4648 section 10 */
                 { "", "" },
                 { "f", "Zg==" },
                 { "fo", "Zm8=" },
                 { "foo", "Zm9v" },
                 { "foob", "Zm9vYg==" },
                 { "fooba", "Zm9vYmE=" },
                 { "foobar", "Zm9vYmFy" }
};

static struct bas_slice text_slice(const char *text)
{
    return (struct bas_slice){ (const uint8_t *)text, strlen(text) };
}

static bas_err decode(const char *text)
{
    uint8_t out[64];
    size_t len = sizeof(out);
    return bas_base64_decode(text_slice(text), out, &len);
}

static void the_examples_of_the_rfc_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(examples); i++) {
        uint8_t room[32];
        struct bas_buf buf;
        bas_buf_init(&buf, room, sizeof(room));
        bas_base64_encode(&buf, text_slice(examples[i].plain));
        assert_string_equal(bas_buf_text(&buf), examples[i].text);
        assert_int_equal(buf.len, BAS_BASE64_LEN(strlen(examples[i].plain)));
        uint8_t back[32] = { 0 };
        size_t len = sizeof(back);
        assert_int_equal(bas_base64_decode(text_slice(examples[i].text), back, &len), BAS_OK);
        assert_string_equal((const char *)back, examples[i].plain);
        assert_int_equal(len, strlen(examples[i].plain));
    }
}

static void foreign_characters_and_wrong_padding_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "Z",        "Zg",   "Zg=",  "Zg=a", "Z===",     "====",
                                       "Zg==Zg==", "Zm8 ", "Zm-v", "Zm_v", "Zm9v\n  ", "Zm9v====" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        assert_int_equal(decode(bad[i]), BAS_ERR_MALFORMED);
    }
}

static void a_second_spelling_of_the_same_octets_is_refused(void **state)
{
    (void)state;
    assert_int_equal(decode("Zg=="), BAS_OK);
    assert_int_equal(decode("Zh=="), BAS_ERR_MALFORMED);
    assert_int_equal(decode("Zm8="), BAS_OK);
    assert_int_equal(decode("Zm9="), BAS_ERR_MALFORMED);
}

static void what_does_not_fit_is_too_long_and_stays_inside(void **state)
{
    (void)state;
    uint8_t out[4] = { 0, 0, 0, 0xEE };
    size_t len = 3;
    assert_int_equal(bas_base64_decode(text_slice("Zm9v"), out, &len), BAS_OK);
    assert_int_equal(len, 3);
    assert_int_equal(bas_base64_decode(text_slice("Zm9vYg=="), out, &len), BAS_ERR_TOO_LONG);
    assert_int_equal(out[3], 0xEE);
}

static void every_octet_string_survives_the_round_trip(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    for (size_t len = 0; len < 100; len++) {
        uint8_t in[100];
        uint8_t text[BAS_BASE64_LEN(100)];
        uint8_t back[100];
        t.env.random(t.env.ctx, in, len);
        struct bas_buf buf;
        bas_buf_init(&buf, text, sizeof(text));
        bas_base64_encode(&buf, (struct bas_slice){ in, len });
        size_t n = sizeof(back);
        assert_int_equal(bas_base64_decode((struct bas_slice){ text, buf.len }, back, &n), BAS_OK);
        assert_int_equal(n, len);
        assert_memory_equal(back, in, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc_come_out),
        cmocka_unit_test(foreign_characters_and_wrong_padding_are_refused),
        cmocka_unit_test(a_second_spelling_of_the_same_octets_is_refused),
        cmocka_unit_test(what_does_not_fit_is_too_long_and_stays_inside),
        cmocka_unit_test(every_octet_string_survives_the_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
