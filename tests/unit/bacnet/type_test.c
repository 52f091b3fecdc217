#include "bac_random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void every_row_fits_its_struct(void **state)
{
    (void)state;
    size_t n = 0;
    const struct bac_type *const *types = bac_types(&n);
    for (size_t i = 0; i < n; i++) {
        const struct bac_type *type = types[i];
        assert_non_null(type->name);
        assert_true(type->size > 0);
        assert_ptr_equal(bac_type_find(type->name), type);
        bool has_fields = type->kind == BAC_KIND_SEQUENCE || type->kind == BAC_KIND_CHOICE;
        assert_int_equal(type->n_fields > 0, has_fields);
        assert_int_equal(type->element != NULL, type->kind == BAC_KIND_LIST);
        for (size_t k = 0; k < type->n_fields; k++) {
            const struct bac_field *f = &type->fields[k];
            assert_int_equal(f->size, f->type->size);
            assert_true((size_t)f->offset + f->size <= type->size);
            assert_true(f->present_offset < type->size);
            assert_int_equal(f->present_offset != 0 && !f->optional, false);
            assert_true(type->kind != BAC_KIND_CHOICE || f->offset >= sizeof(uint32_t));
        }
    }
    assert_null(bac_type_find("BACnetNothing"));
}

static void the_names_of_an_enumeration_ascend_and_stay_in_range(void **state)
{
    (void)state;
    size_t n = 0;
    const struct bac_type *const *types = bac_types(&n);
    for (size_t i = 0; i < n; i++) {
        const struct bac_type *type = types[i];
        for (size_t k = 0; k < type->n_names; k++) {
            const struct bac_name *name = &type->names[k];
            uint32_t number = 0;
            assert_true(k == 0 || name[-1].number < name->number);
            assert_true(type->max == 0 || type->kind == BAC_KIND_BIT_STRING ||
                        name->number <= type->max);
            assert_string_equal(bac_enum_name(type, name->number), name->name);
            assert_true(bac_enum_number(type, name->name, &number));
            assert_int_equal(number, name->number);
        }
    }
}

/* The C type that the rows ask for, by kind. */
static void every_kind_has_one_c_type(void **state)
{
    (void)state;
    static const size_t sizes[] = {
        [BAC_KIND_NULL] = sizeof(uint8_t),
        [BAC_KIND_BOOLEAN] = sizeof(bool),
        [BAC_KIND_UNSIGNED] = sizeof(uint64_t),
        [BAC_KIND_INTEGER] = sizeof(int64_t),
        [BAC_KIND_REAL] = sizeof(float),
        [BAC_KIND_DOUBLE] = sizeof(double),
        [BAC_KIND_OCTET_STRING] = sizeof(struct bas_slice),
        [BAC_KIND_CHARACTER_STRING] = sizeof(struct bac_text),
        [BAC_KIND_BIT_STRING] = sizeof(struct bac_bits),
        [BAC_KIND_ENUMERATED] = sizeof(uint32_t),
        [BAC_KIND_DATE] = sizeof(struct bac_date),
        [BAC_KIND_TIME] = sizeof(struct bac_time),
        [BAC_KIND_OBJECT_ID] = sizeof(struct bac_object_id),
        [BAC_KIND_LIST] = sizeof(struct bac_list),
        [BAC_KIND_ANY] = sizeof(struct bas_slice),
        [BAC_KIND_VALUE] = sizeof(struct bac_value),
    };
    size_t n = 0;
    const struct bac_type *const *types = bac_types(&n);
    for (size_t i = 0; i < n; i++) {
        size_t want = sizes[types[i]->kind];
        assert_true(want == 0 || types[i]->size == want);
    }
}

/* The values of BACnet/SC (tests/vectors/bacnet-sc-vectors.json, "proto": "asn1"). */

static char *read_vectors(void)
{
    const char *folder = getenv("BASALT_VECTORS");
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/bacnet-sc-vectors.json",
                   folder != NULL ? folder : "tests/vectors");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    enum { MAX = 1 << 20 };
    char *text = test_malloc(MAX);
    size_t len = fread(text, 1, MAX - 1, file);
    (void)fclose(file);
    text[len] = 0;
    return text;
}

/* The string behind "key": that follows at. */
static void member(const char *at, const char *key, char *out, size_t cap)
{
    char quoted[32];
    (void)snprintf(quoted, sizeof(quoted), "\"%s\": \"", key);
    const char *start = strstr(at, quoted);
    assert_non_null(start);
    start += strlen(quoted);
    size_t len = strcspn(start, "\"");
    assert_true(len < cap);
    memcpy(out, start, len);
    out[len] = 0;
}

/* bsc 9.3-01 9.3-02 9.3-03 9.3-04 9.3-05 11-49 */
static void the_vectors_of_sc_types_decode_and_encode_the_same(void **state)
{
    (void)state;
    char *text = read_vectors();
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, "\"proto\": \"asn1\"")) != NULL; at++, n++) {
        char name[64];
        char hex[512];
        member(at, "type", name, sizeof(name));
        member(at, "hex", hex, sizeof(hex));
        const struct bac_type *type = bac_type_find(name);
        assert_non_null(type);
        struct bas_slice octets = test_hex(hex);
        _Alignas(16) uint8_t value[512];
        uint8_t out[256];
        struct bas_buf again;
        bas_buf_init(&again, out, sizeof(out));
        assert_int_equal(bac_decode_all(type, octets, value, NULL, NULL), BAS_OK);
        assert_int_equal(bac_encode(type, value, BAC_APPLICATION, &again), BAS_OK);
        assert_int_equal(again.len, octets.len);
        assert_memory_equal(out, octets.data, octets.len);
    }
    assert_int_equal(n, 6);
    test_free(text);
}

static void a_failed_hub_connection_reads_as_its_fields(void **state)
{
    (void)state;
    struct bac_sc_hub_connection c;
    struct bas_slice octets =
        test_hex("09031ea4ffffffffb4ffffffff1f2ea4ffffffffb4ffffffff2f3e910791c23f4d0d0045434f4e4e"
                 "52454655534544");
    assert_int_equal(bac_decode_all(&bac_type_sc_hub_connection, octets, &c, NULL, NULL), BAS_OK);
    assert_int_equal(c.state, BAC_SC_CONNECTION_FAILED_TO_CONNECT);
    assert_int_equal(c.connected.date.year, 255);
    assert_true(c.has_error);
    assert_int_equal(c.error.error_class, BAC_ERROR_CLASS_COMMUNICATION);
    assert_int_equal(c.error.error_code, BAC_ERROR_CODE_TCP_CONNECTION_REFUSED);
    assert_true(c.has_details);
    assert_int_equal(c.details.octets.len, 12);
    uint8_t memory[512];
    struct bas_buf out;
    struct bas_json json;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_json_init(&json, &out);
    bac_json(&bac_type_sc_hub_connection, &c, &json, NULL);
    assert_string_equal(
        bas_buf_text(&out),
        "{\"connection-state\":\"failed-to-connect\","
        "\"connect-timestamp\":{\"date\":\"*-*-*\",\"time\":\"*:*:*.*\"},"
        "\"disconnect-timestamp\":{\"date\":\"*-*-*\",\"time\":\"*:*:*.*\"},"
        "\"error\":{\"error-class\":\"communication\",\"error-code\":\"tcp-connection-refused\"},"
        "\"error-details\":\"ECONNREFUSED\"}");
}

struct example {
    const struct bac_type *type;
    const char *hex;
    const char *json;
};
/* Octets put together by hand from clause 21, and what they say. */
static const struct example examples[] = {
    { &bac_type_time_stamp, "0c0d1e0000", "{\"time\":\"13:30:00.00\"}" },
    { &bac_type_time_stamp, "1a0123", "{\"sequence-number\":291}" },
    { &bac_type_time_stamp, "2ea47e0a0c01b40d1e00002f",
      "{\"datetime\":{\"date\":\"2026-10-12\",\"time\":\"13:30:00.00\"}}" },
    { &bac_type_date_range, "a47e0101ffa47e0c1fff",
      "{\"start-date\":\"2026-01-01 *\",\"end-date\":\"2026-12-31 *\"}" },
    { &bac_type_address, "2201a46506c0a80107bac0",
      "{\"network-number\":420,\"mac-address\":\"c0a80107bac0\"}" },
    { &bac_type_host_n_port, "0e080f1abac0", "{\"host\":{\"none\":null},\"port\":47808}" },
    { &bac_type_health, "0ea47e0a0c01b40d1e00000f1e910191541f2a01ab",
      "{\"timestamp\":{\"date\":\"2026-10-12\",\"time\":\"13:30:00.00\"},\"result\":"
      "{\"error-class\":\"object\",\"error-code\":\"success\"},\"property\":\"network-type\"}" },
    { &bac_type_router_entry, "0a01a41906123456789abc", NULL }, /* a length of the wrong tag */
    { &bac_type_router_entry, "0a01a41d06123456789abc29013905",
      "{\"network-number\":420,\"mac-address\":\"123456789abc\",\"status\":\"busy\","
      "\"performance-index\":5}" },
    { &bac_type_bdt_entry, "0e0e1cc0a801070f1abac00f1cffffff00",
      "{\"bbmd-address\":{\"host\":{\"ip-address\":\"c0a80107\"},\"port\":47808},"
      "\"broadcast-mask\":\"ffffff00\"}" },
    { &bac_type_fdt_entry, "0d06c0a80107bac0193c291e",
      "{\"bacnetip-address\":\"c0a80107bac0\",\"time-to-live\":60,\"remaining-time-to-live\":30}" },
    { &bac_type_error, "91029120",
      "{\"error-class\":\"property\",\"error-code\":\"unknown-property\"}" },
    { &bac_type_property_reference, "09571908",
      "{\"property-identifier\":\"priority-array\",\"property-array-index\":8}" },
    { &bac_type_object_property_reference, "0c000000011955",
      "{\"object-identifier\":\"analog-input,1\",\"property-identifier\":\"present-value\"}" },
    { &bac_type_device_object_property_reference, "0c00000001195529023c02000009",
      "{\"object-identifier\":\"analog-input,1\",\"property-identifier\":\"present-value\","
      "\"property-array-index\":2,\"device-identifier\":\"device,9\"}" },
    { &bac_type_device_object_property_reference, "0c0000000119553c02000009",
      "{\"object-identifier\":\"analog-input,1\",\"property-identifier\":\"present-value\","
      "\"device-identifier\":\"device,9\"}" },
    { &bac_type_priority_value, "00", "{\"null\":null}" },
    { &bac_type_priority_value, "4442910000", "{\"real\":72.5}" },
    { &bac_type_priority_value, "0e21480f", "{\"constructed-value\":[72]}" },
    { &bac_type_priority_value, "1ea47e0a0c01b40d1e00001f",
      "{\"datetime\":{\"date\":\"2026-10-12\",\"time\":\"13:30:00.00\"}}" },
    { &bac_type_priority_array, "00000000000000444291000000000000000000 00",
      "[{\"null\":null},{\"null\":null},{\"null\":null},{\"null\":null},{\"null\":null},"
      "{\"null\":null},{\"null\":null},{\"real\":72.5},{\"null\":null},{\"null\":null},"
      "{\"null\":null},{\"null\":null},{\"null\":null},{\"null\":null},{\"null\":null},"
      "{\"null\":null}]" },
    { &bac_type_status_flags, "8204a0", "[\"in-alarm\",\"overridden\"]" },
    { &bac_type_recipient, "0c02000009", "{\"device\":\"device,9\"}" },
    { &bac_type_recipient, "1e2100601f",
      "{\"address\":{\"network-number\":0,\"mac-address\":\"\"}}" },
    { &bac_type_cov_subscription, "0e0e0c020000090f19120f1e0c0000000119551f2901393c4c3f800000",
      "{\"recipient\":{\"recipient\":{\"device\":\"device,9\"},\"process-identifier\":18},"
      "\"monitored-property-reference\":{\"object-identifier\":\"analog-input,1\","
      "\"property-identifier\":\"present-value\"},\"issue-confirmed-notifications\":true,"
      "\"time-remaining\":60,\"cov-increment\":1}" },
    { &bac_type_property_value, "09552e44429100002f3908",
      "{\"property-identifier\":\"present-value\",\"value\":[72.5],\"priority\":8}" },
};

/* bsc 9.3-06 9.3-07 */
static void examples_read_as_they_say_and_write_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(examples); i++) {
        struct bas_slice octets = test_hex(examples[i].hex);
        _Alignas(16) uint8_t value[512];
        uint8_t memory[2048];
        struct bac_arena arena;
        bac_arena_init(&arena, memory, sizeof(memory));
        bas_err err = bac_decode_all(examples[i].type, octets, value, &arena, NULL);
        if (examples[i].json == NULL) {
            assert_int_not_equal(err, BAS_OK);
            continue;
        }
        assert_int_equal(err, BAS_OK);
        uint8_t written[1024];
        struct bas_buf out;
        bas_buf_init(&out, written, sizeof(written));
        assert_int_equal(bac_encode(examples[i].type, value, BAC_APPLICATION, &out), BAS_OK);
        assert_int_equal(out.len, octets.len);
        assert_memory_equal(written, octets.data, octets.len);
        struct bas_json json;
        bas_buf_init(&out, written, sizeof(written));
        bas_json_init(&json, &out);
        bac_json(examples[i].type, value, &json, NULL);
        assert_string_equal(bas_buf_text(&out), examples[i].json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_fits_its_struct),
        cmocka_unit_test(the_names_of_an_enumeration_ascend_and_stay_in_range),
        cmocka_unit_test(every_kind_has_one_c_type),
        cmocka_unit_test(the_vectors_of_sc_types_decode_and_encode_the_same),
        cmocka_unit_test(a_failed_hub_connection_reads_as_its_fields),
        cmocka_unit_test(examples_read_as_they_say_and_write_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
