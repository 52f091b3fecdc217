#include "test_env.h"

#include "basalt/knx.h"

#include <string.h>

static void assert_told(const char *octets, const char *wanted)
{
    char text[1200];
    struct bas_buf out;
    struct bas_json json;
    bas_buf_init(&out, text, sizeof(text));
    bas_json_init(&json, &out);
    bas_json_open(&json, NULL, '{');
    knx_dibs_json(test_hex(octets), &json);
    bas_json_close(&json, '}');
    assert_string_equal(bas_buf_text(&out), wanted);
}

static void device_information_is_told(void **state)
{
    (void)state;
    assert_told("36010201 110a 0012 00082d40834d e000170c 000ab3274a32"
                "4b4e58e4000000000000000000000000000000000000000000000000" /* "KNX" and a-umlaut */
                "0000",
                "{\"device_info\":{\"name\":\"KNX\xC3\xA4\",\"medium\":\"TP1\","
                "\"is_programming\":true,\"address\":\"1.1.10\",\"installation\":18,"
                "\"serial\":\"00082d40834d\",\"multicast\":\"224.0.23.12\","
                "\"mac\":\"000ab3274a32\"}}");
}

static void families_are_told_by_name(void **state)
{
    (void)state;
    assert_told("0602 0202 0402 0606 0301 ff01",
                "{\"families\":[{\"family\":2,\"name\":\"core\",\"version\":2},"
                "{\"family\":4,\"name\":\"tunnelling\",\"version\":2}],"
                "\"secured_families\":[{\"family\":3,\"name\":\"device management\",\"version\":1},"
                "{\"family\":255,\"name\":\"unknown\",\"version\":1}]}");
}

static void network_settings_are_told(void **state)
{
    (void)state;
    assert_told("1003 c0a80102 ffffff00 c0a80101 0604"
                "1404 c0a80102 ffffff00 c0a80101 c0a80103 0400",
                "{\"ip_config\":{\"address\":\"192.168.1.2\",\"mask\":\"255.255.255.0\","
                "\"gateway\":\"192.168.1.1\",\"capabilities\":6,\"assignment\":4},"
                "\"current_config\":{\"address\":\"192.168.1.2\",\"mask\":\"255.255.255.0\","
                "\"gateway\":\"192.168.1.1\",\"dhcp_server\":\"192.168.1.3\",\"assignment\":4}}");
}

static void tunnels_are_told_with_three_bits_of_status(void **state)
{
    (void)state;
    assert_told("0605 1100 1101  0c07 00fe 1101 ffff 1102 fffc  0808 01 00 00fe 091a",
                "{\"addresses\":[\"1.1.0\",\"1.1.1\"],"
                "\"tunnelling\":{\"max_apdu\":254,\"tunnels\":["
                "{\"address\":\"1.1.1\",\"is_free\":true,\"is_authorised\":true,"
                "\"is_usable\":true},"
                "{\"address\":\"1.1.2\",\"is_free\":false,\"is_authorised\":false,"
                "\"is_usable\":true}]},"
                "\"extended_info\":{\"is_connected\":false,\"max_apdu\":254,\"mask\":\"091a\"}}");
}

static void what_is_not_known_is_told_as_octets(void **state)
{
    (void)state;
    assert_told("04aa 0102  06fe 0083 cafe  06fe 0083 beef  0401 0203  0408 0001",
                "{\"manufacturer_data\":{\"manufacturer\":131,\"data\":\"cafe\"},"
                "\"others\":[{\"type\":170,\"data\":\"0102\"},"
                "{\"type\":254,\"data\":\"0083beef\"},"
                "{\"type\":1,\"data\":\"0203\"},{\"type\":8,\"data\":\"0001\"}]}");
    assert_told("", "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_information_is_told),
        cmocka_unit_test(families_are_told_by_name),
        cmocka_unit_test(network_settings_are_told),
        cmocka_unit_test(tunnels_are_told_with_three_bits_of_status),
        cmocka_unit_test(what_is_not_known_is_told_as_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
