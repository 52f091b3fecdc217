#include "tls/address.h"

#include "test_env.h"

#include <string.h>

static void every_address_reads_back_as_it_was_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *octets;
        const char *back;
    } rows[] = {
        { "192.0.2.7", "c0000207", "192.0.2.7" },
        { "0.0.0.0", "00000000", "0.0.0.0" },
        { "255.255.255.255", "ffffffff", "255.255.255.255" },
        { "::", "00000000000000000000000000000000", "::" },
        { "::1", "00000000000000000000000000000001", "::1" },
        { "fe80::", "fe800000000000000000000000000000", "fe80::" },
        { "2001:DB8::7", "20010db8000000000000000000000007", "2001:db8::7" },
        { "2001:db8:0:1:1:1:1:1", "20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1" },
        { "2001:0:0:1:0:0:0:1", "20010000000000010000000000000001", "2001:0:0:1::1" },
        { "::ffff:192.0.2.7", "00000000000000000000ffffc0000207", "::ffff:c000:207" },
        { "1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304", "1:2:3:4:5:6:102:304" },
        { "1:2:3:4:5:6:7::", "00010002000300040005000600070000", "1:2:3:4:5:6:7:0" },
        { "1:2:3:4:5:6:7:8", "00010002000300040005000600070008", "1:2:3:4:5:6:7:8" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        uint8_t octets[16];
        char text[BAS_TLS_ADDRESS_TEXT];
        struct bas_slice want = test_hex(rows[i].octets);
        assert_int_equal(bas_tls_address_parse(rows[i].text, octets), want.len);
        assert_memory_equal(octets, want.data, want.len);
        assert_string_equal(bas_tls_address_text(text, want), rows[i].back);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.4/8",
        "10.0.0.0/32",
        "hub",
        "fe80::1%eth0",
        ":",
        "1::2::3",
        " 1.2.3.4",
        "1.2.3.4 ",
        "1:2:3:4",
        "g::1",
        "[::1]",
        "1.2.3.4:80",
        "::ffffff",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:",
        ":1:2:3:4:5:6:7:8",
        "1:::2",
        "1::2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1.2.3.4::",
        "::1.2.3",
        "01.2.3.4",
        "1..2.3",
        "1234567890.1.1.1",
        ":1",
        "1:",
        ":::",
        "0000000000000000000000000000000000000000000000001",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        uint8_t octets[16];
        if (bas_tls_address_parse(texts[i], octets) != 0) {
            fail_msg("\"%s\" passed for an address", texts[i]);
        }
    }
}

static void octets_of_another_count_are_shown_as_hex(void **state)
{
    (void)state;
    char text[BAS_TLS_ADDRESS_TEXT];
    assert_string_equal(bas_tls_address_text(text, test_hex("0102030405")), "0102030405");
    assert_string_equal(bas_tls_address_text(text, (struct bas_slice){ NULL, 0 }), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_reads_back_as_it_was_written),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(octets_of_another_count_are_shown_as_hex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
