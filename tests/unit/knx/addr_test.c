#include "test_env.h"

#include "basalt/knx.h"

static const struct {
    const char *text;
    uint16_t address;
} individual[] = {
    { "0.0.0", 0x0000 }, { "1.1.10", 0x110A }, { "15.15.255", 0xFFFF },
    { "0.0.1", 0x0001 }, { "4.0.9", 0x4009 },
};

static void individual_addresses_are_read_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(individual); i++) {
        knx_ia ia = 0x5555;
        char text[KNX_ADDRESS_TEXT];
        assert_true(knx_ia_parse(individual[i].text, &ia));
        assert_int_equal(ia, individual[i].address);
        assert_string_equal(knx_ia_text(ia, text), individual[i].text);
    }
}

static void what_is_no_individual_address_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "1",
        "1.1",
        "1.1.",
        ".1.1",
        "1..1",
        "1.1.1.1",
        "16.1.1",
        "1.16.1",
        "1.1.256",
        "1.1.-1",
        "1.1.+1",
        " 1.1.1",
        "1.1.1 ",
        "1/1/1",
        "a.b.c",
        "1.1.1x",
        "1.1.01",
        "00.1.1",
        "1.1.0x1",
        "1.1.1000",
        "1,1,1",
        "1.1.4294967297",
        "1.1.65537",
        "1.1.0000000001",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        knx_ia ia = 0x5555;
        assert_false(knx_ia_parse(texts[i], &ia));
        assert_int_equal(ia, 0x5555);
    }
}

static void group_addresses_are_read_in_all_three_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint16_t address;
        const char *written;
    } rows[] = {
        { "1/1/1", 0x0901, "1/1/1" },      { "31/7/255", 0xFFFF, "31/7/255" },
        { "31/2047", 0xFFFF, "31/7/255" }, { "65535", 0xFFFF, "31/7/255" },
        { "1/515", 0x0A03, "1/2/3" },      { "2563", 0x0A03, "1/2/3" },
        { "0/0/1", 0x0001, "0/0/1" },      { "0/4/0", 0x0400, "0/4/0" },
        { "1/0", 0x0800, "1/0/0" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        knx_ga ga = 0x5555;
        char text[KNX_ADDRESS_TEXT];
        assert_true(knx_ga_parse(rows[i].text, &ga));
        assert_int_equal(ga, rows[i].address);
        assert_string_equal(knx_ga_text(ga, text), rows[i].written);
    }
}

static void what_is_no_group_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",      "0",       "0/0",    "0/0/0",  "32/0/1", "1/8/1",  "1/1/256", "1/2048",
        "32/1",  "65536",   "99999",  "100000", "-1",     "1/1/",   "/1/1",    "1//1",
        "1.1.1", "1/1/1/1", "1/1/01", " 1/1/1", "1/1/1 ", "0x0901", "1/1/a",   "1/-1",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        knx_ga ga = 0x5555;
        assert_false(knx_ga_parse(texts[i], &ga));
        assert_int_equal(ga, 0x5555);
    }
}

static void every_address_comes_back_from_its_text(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 0xFFFF; n++) {
        char text[KNX_ADDRESS_TEXT];
        knx_ia ia = 0;
        knx_ga ga = 0;
        assert_true(knx_ia_parse(knx_ia_text((knx_ia)n, text), &ia));
        assert_true(knx_ga_parse(knx_ga_text((knx_ga)n, text), &ga));
        assert_int_equal(ia, n);
        assert_int_equal(ga, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(individual_addresses_are_read_and_written),
        cmocka_unit_test(what_is_no_individual_address_is_refused),
        cmocka_unit_test(group_addresses_are_read_in_all_three_forms),
        cmocka_unit_test(what_is_no_group_is_refused),
        cmocka_unit_test(every_address_comes_back_from_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
