/* The enumerations of Network Port objects by number and name, a second time and from another side
 * than the rows of bacnet_enum.h (spec 9.2). */
#include "test_env.h"

#include "basalt/bacnet_type.h"

struct row {
    const struct bac_type *type;
    const char *const names[13]; /* from 0 on; "" where there is none */
    uint32_t n;
};

/* bsc 9.2-01 9.2-02 9.2-03 9.2-05 11-50 */
static void every_number_has_its_name_and_back(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { &bac_type_sc_hub_connector_state,
          { "no-hub-connection", "connected-to-primary", "connected-to-failover" },
          3 },
        { &bac_type_sc_connection_state,
          { "not-connected", "connected", "disconnected-with-errors", "failed-to-connect" },
          4 },
        { &bac_type_network_type,
          { "ethernet", "arcnet", "mstp", "ptp", "lontalk", "ipv4", "zigbee", "virtual", "", "ipv6",
            "serial", "secure-connect" },
          12 },
        { &bac_type_network_number_quality,
          { "unknown", "learned", "learned-configured", "configured" },
          4 },
        { &bac_type_protocol_level,
          { "physical", "protocol", "bacnet-application", "non-bacnet-application" },
          4 },
        { &bac_type_network_port_command,
          { "idle", "discard-changes", "renew-fd-registration", "restart-subordinate-discovery",
            "renew-dhcp", "restart-autonegotiation", "disconnect", "restart-port",
            "restart-device-discovery", "generate-csr-file", "validate-changes" },
          11 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        for (uint32_t n = 0; n < rows[i].n; n++) {
            const char *name = bac_enum_name(rows[i].type, n);
            uint32_t number = UINT32_MAX;
            if (rows[i].names[n][0] == 0) {
                assert_null(name);
                continue;
            }
            assert_non_null(name);
            assert_string_equal(name, rows[i].names[n]);
            assert_true(bac_enum_number(rows[i].type, name, &number));
            assert_int_equal(number, n);
        }
        assert_null(bac_enum_name(rows[i].type, rows[i].n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_has_its_name_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
