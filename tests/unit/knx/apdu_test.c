#include "test_env.h"

#include "basalt/knx.h"

#include <stdio.h>
#include <string.h>

/* One row for each form of field; the numbers are those of parse vectors. */
static const struct {
    const char *octets;
    const char *json;
} services[] = {
    { "0000", "\"service\":\"GroupValueRead\",\"apci\":0" },
    { "0082", "\"service\":\"GroupValueWrite\",\"apci\":128,\"value\":2" },
    { "00400504", "\"service\":\"GroupValueResponse\",\"apci\":64,\"value\":\"0504\"" },
    { "00c01203", "\"service\":\"IndividualAddressWrite\",\"apci\":192,\"address\":\"1.2.3\"" },
    { "01c20403ff",
      "\"service\":\"ADCResponse\",\"apci\":448,\"channel\":2,\"count\":4,\"value\":1023" },
    { "01c8000000bf01", "\"service\":\"SystemNetworkParameterRead\",\"apci\":456,\"object_type\":0,"
                        "\"property_id\":11,\"data\":\"01\"" },
    { "01d3001100103320050009000197000130",
      "\"service\":\"PropertyExtDescriptionResponse\",\"apci\":467,\"object_type\":17,"
      "\"object_instance\":1,\"property_id\":51,\"description_type\":2,\"property_index\":5,"
      "\"dpt_main\":9,\"dpt_sub\":1,\"writable\":true,\"type\":23,\"max_count\":1,"
      "\"read_level\":3,\"write_level\":0" },
    { "02831234aabbcc", "\"service\":\"MemoryWrite\",\"apci\":640,\"count\":3,\"address\":4660,"
                        "\"data\":\"aabbcc\"" },
    { "02c01b2345", "\"service\":\"UserMemoryRead\",\"apci\":704,\"count\":11,\"address\":74565" },
    { "02c4021234aabb1122", "\"service\":\"UserMemoryBitWrite\",\"apci\":708,\"count\":2,"
                            "\"address\":4660,\"and_data\":\"aabb\",\"xor_data\":\"1122\"" },
    { "02c67b1234", "\"service\":\"UserManufacturerInfoResponse\",\"apci\":710,"
                    "\"manufacturer_id\":123,\"data\":\"1234\"" },
    { "034007b0", "\"service\":\"DeviceDescriptorResponse\",\"apci\":832,\"descriptor\":0,"
                  "\"value\":\"07b0\"" },
    { "03d10000bc614e", "\"service\":\"AuthorizeRequest\",\"apci\":977,\"key\":\"not shown\"" },
    { "03ddaabbcc11223312030000",
      "\"service\":\"IndividualAddressSerialNumberResponse\","
      "\"apci\":989,\"serial\":\"aabbcc112233\",\"address\":\"1.2.3\"" },
    { "03e60523000108ff", "\"service\":\"LinkResponse\",\"apci\":998,\"group_object_number\":5,"
                          "\"sending_address\":2,\"start_index\":3,"
                          "\"group_addresses\":[\"0/0/1\",\"1/0/255\"]" },
    { "03e705020901", "\"service\":\"LinkWrite\",\"apci\":999,\"group_object_number\":5,"
                      "\"delete\":true,\"sending\":false,\"group_address\":\"1/1/1\"" },
    { "03e2aabbccddeeff", "\"service\":\"DomainAddressResponse\",\"apci\":994,"
                          "\"domain_address\":\"aabbccddeeff\"" },
    { "03eeaabbcc1122331234", "\"service\":\"DomainAddressSerialNumberWrite\",\"apci\":1006,"
                              "\"serial\":\"aabbcc112233\",\"domain_address\":\"1234\"" },
    { "03eeaabbcc112233112233440100000000000000000000000000000000",
      "\"service\":\"DomainAddressSerialNumberWrite\",\"apci\":1006,"
      "\"serial\":\"aabbcc112233\",\"domain_address\":\"11223344\","
      "\"routing_security_version\":1,\"backbone_key\":\"not shown\"" },
    { "03f110002446cfef4ac085e7092ab062b44d",
      "\"service\":\"SecureService\",\"apci\":1009,\"scf\":\"10\",\"sequence\":155806854986,"
      "\"body\":\"c085e7092a\",\"mac\":\"b062b44d\"" },
};

static struct knx_tpdu decoded(struct bas_slice octets)
{
    struct knx_tpdu tpdu;
    assert_int_equal(knx_tpdu_decode(octets, &tpdu, NULL), BAS_OK);
    return tpdu;
}

static bas_err json_of(struct bas_slice octets, char text[600], struct bas_fault *fault)
{
    struct knx_tpdu tpdu = decoded(octets);
    struct bas_buf out;
    struct bas_json json;
    bas_buf_init(&out, text, 600);
    bas_json_init(&json, &out);
    bas_json_open(&json, NULL, '{');
    bas_err err = knx_tpdu_json(&tpdu, &json, fault);
    assert_int_equal(knx_tpdu_json(&tpdu, NULL, NULL), err);
    bas_json_close(&json, '}');
    (void)bas_buf_text(&out);
    assert_false(out.full);
    return err;
}

static void the_fields_of_each_form_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(services); i++) {
        char text[600];
        char wanted[600];
        (void)snprintf(wanted, sizeof(wanted), "{\"kind\":\"T_Data_Group\",%s}", services[i].json);
        assert_int_equal(json_of(test_hex(services[i].octets), text, NULL), BAS_OK);
        assert_string_equal(text, wanted);
    }
}

static void a_control_tpdu_has_no_service(void **state)
{
    (void)state;
    char text[600];
    assert_int_equal(json_of(test_hex("d7"), text, NULL), BAS_OK);
    assert_string_equal(text, "{\"kind\":\"T_NAK\",\"transport_sequence\":5}");
}

static void every_truncation_is_refused_or_another_payload(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(services); i++) {
        struct bas_slice octets = test_hex(services[i].octets);
        for (size_t len = 2; len < octets.len; len++) {
            uint8_t *copy = test_malloc(len + 1);
            memcpy(copy + 1, octets.data, len);
            char text[600];
            bas_err err = json_of((struct bas_slice){ copy + 1, len }, text, NULL);
            /* a key that is cut is a domain address that is too long */
            assert_true(err == BAS_OK || err == BAS_ERR_TRUNCATED || err == BAS_ERR_TOO_LONG);
            test_free(copy);
        }
    }
}

static void an_octet_too_many_is_refused_where_none_may_follow(void **state)
{
    (void)state;
    static const char *const octets[] = {
        "000000",
        "00c0120300",
        "01c20403ff00",
        "01fd0312345600",
        "02c01b234500",
        "02c67b123400",
        "038000",
        "03d10000bc614e00",
        "03dcaabbcc11223300",
        "03e2aabbccddeeff00",
        "03e70502090100",
        "02831234aabbccdd",
        "03e605000001000200030004000500060007",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(octets); i++) {
        char text[600];
        struct bas_fault fault = { 0 };
        assert_int_equal(json_of(test_hex(octets[i]), text, &fault), BAS_ERR_TOO_LONG);
        assert_int_equal(fault.err, BAS_ERR_TOO_LONG);
        assert_non_null(strstr(text, "\"data\":\""));
    }
}

/* Spec 4.1: algorithms above 1 and services 1, 4 to 7 are reserved. */
static void a_reserved_security_control_field_is_refused(void **state)
{
    (void)state;
    size_t accepted = 0;
    for (unsigned scf = 0; scf < 256; scf++) {
        uint8_t octets[15] = { 0x03, 0xF1, (uint8_t)scf };
        struct knx_tpdu tpdu = decoded((struct bas_slice){ octets, sizeof(octets) });
        bas_err err = knx_tpdu_json(&tpdu, NULL, NULL);
        assert_true(err == BAS_OK || err == BAS_ERR_MALFORMED);
        accepted += err == BAS_OK ? 1 : 0;
    }
    /* 3 services, with or without tool access, encryption, system broadcast */
    assert_int_equal(accepted, 3 * 2 * 2 * 2);
}

static void an_unknown_service_tells_its_octets(void **state)
{
    (void)state;
    char text[600];
    struct bas_fault fault = { 0 };
    assert_int_equal(json_of(test_hex("03c41234"), text, &fault), BAS_ERR_UNSUPPORTED);
    assert_string_equal(fault.text, "the APCI 3C4 is not known");
    assert_string_equal(text, "{\"kind\":\"T_Data_Group\",\"service\":\"unknown\",\"apci\":964,"
                              "\"data\":\"1234\"}");
}

static void services_have_names(void **state)
{
    (void)state;
    assert_string_equal(knx_apci_name(KNX_GROUP_VALUE_READ), "GroupValueRead");
    assert_string_equal(knx_apci_name(0x0BF), "GroupValueWrite");
    assert_string_equal(knx_apci_name(KNX_SECURE_SERVICE), "SecureService");
    assert_string_equal(knx_apci_name(0x1C7), "ADCResponse");
    assert_string_equal(knx_apci_name(0x1C8), "SystemNetworkParameterRead");
    assert_string_equal(knx_apci_name(0x0C1), "unknown");
    assert_string_equal(knx_apci_name(0x3FF), "unknown");
    assert_string_equal(knx_apci_name(0x400), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fields_of_each_form_are_told),
        cmocka_unit_test(a_control_tpdu_has_no_service),
        cmocka_unit_test(every_truncation_is_refused_or_another_payload),
        cmocka_unit_test(an_octet_too_many_is_refused_where_none_may_follow),
        cmocka_unit_test(a_reserved_security_control_field_is_refused),
        cmocka_unit_test(an_unknown_service_tells_its_octets),
        cmocka_unit_test(services_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
