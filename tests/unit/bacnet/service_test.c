#include "test_env.h"

#include "basalt/bacnet.h"

#include <string.h>

static void every_choice_has_one_row_and_its_bit(void **state)
{
    (void)state;
    size_t n = 0;
    const struct bac_service *services = bac_services(&n);
    assert_int_equal(n, 35 + 15);
    for (size_t i = 0; i < n; i++) {
        const struct bac_service *s = &services[i];
        assert_ptr_equal(bac_service_find(s->confirmed, s->choice), s);
        assert_true(s->is_coded || (s->request == NULL && s->ack == NULL));
        assert_int_equal(s->error != NULL, s->confirmed);
        const char *bit = bac_enum_name(&bac_type_services_supported, s->supported_bit);
        assert_true(bit == NULL ? s->supported_bit == 255 : strcmp(bit, s->name) == 0);
    }
    const struct bac_service *summary = bac_service_find(true, BAC_CONFIRMED_GET_ALARM_SUMMARY);
    assert_true(summary->is_coded && summary->request == NULL); /* the one without parameters */
    assert_null(bac_service_find(true, 35));
    assert_null(bac_service_find(false, 15));
    assert_ptr_equal(bac_service_find(true, BAC_CONFIRMED_READ_PROPERTY)->ack,
                     &bac_type_read_property_ack);
    assert_ptr_equal(bac_service_find(false, BAC_UNCONFIRMED_WHO_IS)->request, &bac_type_who_is);
}

struct example {
    const struct bac_type *type;
    const char *hex;
    const char *json;
};
/* Parameters as clauses 13 to 16 and 20.2 put them together. */
static const struct example examples[] = {
    { &bac_type_who_is, "", "{}" },
    { &bac_type_who_is, "0a03e81a07cf",
      "{\"device-instance-range-low-limit\":1000,\"device-instance-range-high-limit\":1999}" },
    { &bac_type_i_am, "c4020003e82205c49100220104",
      "{\"i-am-device-identifier\":\"device,1000\",\"max-apdu-length-accepted\":1476,"
      "\"segmentation-supported\":\"segmented-both\",\"vendor-id\":260}" },
    { &bac_type_who_has, "2c00000001", "{\"object\":{\"object-identifier\":\"analog-input,1\"}}" },
    { &bac_type_who_has, "09001b3fffff3d07004f4154656d70",
      "{\"device-instance-range-low-limit\":0,\"device-instance-range-high-limit\":4194303,"
      "\"object\":{\"object-name\":\"OATemp\"}}" },
    { &bac_type_i_have, "c402000008c4000000037507004f4154656d70",
      "{\"device-identifier\":\"device,8\",\"object-identifier\":\"analog-input,3\","
      "\"object-name\":\"OATemp\"}" },
    { &bac_type_read_property, "0c000000051955",
      "{\"object-identifier\":\"analog-input,5\",\"property-identifier\":\"present-value\"}" },
    { &bac_type_read_property, "0c0e0000011b4000152903",
      "{\"object-identifier\":\"network-port,1\",\"property-identifier\":\"sc-primary-hub-uri\","
      "\"property-array-index\":3}" },
    { &bac_type_read_property_ack, "0c0000000519553e444290999a3f",
      "{\"object-identifier\":\"analog-input,5\",\"property-identifier\":\"present-value\","
      "\"property-value\":[72.3]}" },
    { &bac_type_write_property, "0c0080000119553e44429100003f4908",
      "{\"object-identifier\":\"analog-value,1\",\"property-identifier\":\"present-value\","
      "\"property-value\":[72.5],\"priority\":8}" },
    { &bac_type_write_property, "0c00800001195729083e003f",
      "{\"object-identifier\":\"analog-value,1\",\"property-identifier\":\"priority-array\","
      "\"property-array-index\":8,\"property-value\":[null]}" },
    { &bac_type_read_property_multiple, "0c000000101e095509671f0c02000009 1e094c19001f",
      "{\"list-of-read-access-specifications\":[{\"object-identifier\":\"analog-input,16\","
      "\"list-of-property-references\":[{\"property-identifier\":\"present-value\"},"
      "{\"property-identifier\":\"reliability\"}]},{\"object-identifier\":\"device,9\","
      "\"list-of-property-references\":[{\"property-identifier\":\"object-list\","
      "\"property-array-index\":0}]}]}" },
    { &bac_type_read_property_multiple_ack, "0c000000101e29554e444290999a4f29675e910291205f1f",
      "{\"list-of-read-access-results\":[{\"object-identifier\":\"analog-input,16\","
      "\"list-of-results\":[{\"property-identifier\":\"present-value\","
      "\"read-result\":{\"property-value\":[72.3]}},{\"property-identifier\":\"reliability\","
      "\"read-result\":{\"property-access-error\":{\"error-class\":\"property\","
      "\"error-code\":\"unknown-property\"}}}]}]}" },
    { &bac_type_write_property_multiple, "0c008000051e09552e44428600002f09552e44428600002f39081f",
      NULL },
    { &bac_type_write_property_multiple_error, "0e9102912c0f1e0c0080000519551f", NULL },
    { &bac_type_subscribe_cov, "09121c0000000a29013900",
      "{\"subscriber-process-identifier\":18,\"monitored-object-identifier\":\"analog-input,10\","
      "\"issue-confirmed-notifications\":true,\"lifetime\":0}" },
    { &bac_type_subscribe_cov, "09121c0000000a",
      "{\"subscriber-process-identifier\":18,"
      "\"monitored-object-identifier\":\"analog-input,10\"}" },
    { &bac_type_cov_notification,
      "09121c020000042c0000000a39004e09552e44428200002f096f2e8204002f4f",
      "{\"subscriber-process-identifier\":18,\"initiating-device-identifier\":\"device,4\","
      "\"monitored-object-identifier\":\"analog-input,10\",\"time-remaining\":0,"
      "\"list-of-values\":[{\"property-identifier\":\"present-value\",\"value\":[65.0]},"
      "{\"property-identifier\":\"status-flags\",\"value\":[{\"bits\":\"0000\"}]}]}" },
    { &bac_type_atomic_read_file, "c4028000010e3100211b0f",
      "{\"file-identifier\":\"file,1\",\"access-method\":{\"stream-access\":"
      "{\"file-start-position\":0,\"requested-octet-count\":27}}}" },
    { &bac_type_atomic_read_file_ack, "100e310063aabbcc0f",
      "{\"end-of-file\":false,\"access-method\":{\"stream-access\":"
      "{\"file-start-position\":0,\"file-data\":\"aabbcc\"}}}" },
    { &bac_type_atomic_read_file_ack, "111e310e210262aabb61cc1f",
      "{\"end-of-file\":true,\"access-method\":{\"record-access\":{\"file-start-record\":14,"
      "\"returned-record-count\":2,\"file-record-data\":[\"aabb\",\"cc\"]}}}" },
    { &bac_type_atomic_write_file, "c4028000011e31ff210161cc1f",
      "{\"file-identifier\":\"file,1\",\"access-method\":{\"record-access\":"
      "{\"file-start-record\":-1,\"record-count\":1,\"file-record-data\":[\"cc\"]}}}" },
    { &bac_type_atomic_write_file_ack, "091e", "{\"file-start-position\":30}" },
    { &bac_type_device_communication_control, "090519012d080023656762646621",
      "{\"time-duration\":5,\"enable-disable\":\"disable\",\"password\":\"#egbdf!\"}" },
    { &bac_type_device_communication_control, "1900", "{\"enable-disable\":\"enable\"}" },
    { &bac_type_reinitialize_device, "09011d09004162436445664768",
      "{\"reinitialized-state-of-device\":\"warmstart\",\"password\":\"AbCdEfGh\"}" },
    { &bac_type_time_synchronization, "a45c0b1102b4162d1e46",
      "{\"time\":{\"date\":\"1992-11-17\",\"time\":\"22:45:30.70\"}}" },
    { &bac_type_who_am_i, "2203e7750a004d6f64656c20585a31750800584d3234313430",
      "{\"vendor-id\":999,\"model-name\":\"Model XZ1\",\"serial-number\":\"XM24140\"}" },
    { &bac_type_error, "91019125",
      "{\"error-class\":\"object\",\"error-code\":\"value-out-of-range\"}" },
};

static void parameters_read_as_they_say_and_write_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(examples); i++) {
        struct bas_slice octets = test_hex(examples[i].hex);
        _Alignas(16) uint8_t value[512];
        uint8_t memory[2048];
        uint8_t written[1024];
        struct bac_arena arena;
        struct bas_buf out;
        bac_arena_init(&arena, memory, sizeof(memory));
        assert_int_equal(bac_decode_all(examples[i].type, octets, value, &arena, NULL), BAS_OK);
        bas_buf_init(&out, written, sizeof(written));
        assert_int_equal(bac_encode(examples[i].type, value, BAC_APPLICATION, &out), BAS_OK);
        assert_int_equal(out.len, octets.len);
        assert_memory_equal(written, octets.data, octets.len);
        if (examples[i].json == NULL) {
            continue;
        }
        struct bas_json json;
        bas_buf_init(&out, written, sizeof(written));
        bas_json_init(&json, &out);
        bac_json(examples[i].type, value, &json, NULL);
        assert_string_equal(bas_buf_text(&out), examples[i].json);
    }
}

static void a_read_of_many_properties_gives_values_and_errors(void **state)
{
    (void)state;
    struct bas_slice octets = test_hex("0c000000101e29554e444290999a4f29675e910291205f1f");
    uint8_t memory[1024];
    struct bac_arena arena;
    struct bac_read_property_multiple_ack ack;
    bac_arena_init(&arena, memory, sizeof(memory));
    assert_int_equal(
        bac_decode_all(&bac_type_read_property_multiple_ack, octets, &ack, &arena, NULL), BAS_OK);
    const struct bac_read_access_result *object = ack.results.items;
    assert_int_equal(ack.results.n, 1);
    assert_int_equal(object->results.n, 2);
    const struct bac_read_result *results = object->results.items;
    assert_int_equal(results[0].outcome.choice, BAC_READ_VALUE);
    assert_int_equal(results[0].outcome.as.value.len, 5);
    assert_int_equal(results[1].property, BAC_PROPERTY_RELIABILITY);
    assert_int_equal(results[1].outcome.choice, BAC_READ_ERROR);
    assert_int_equal(results[1].outcome.as.error.error_code, BAC_ERROR_CODE_UNKNOWN_PROPERTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_choice_has_one_row_and_its_bit),
        cmocka_unit_test(parameters_read_as_they_say_and_write_the_same),
        cmocka_unit_test(a_read_of_many_properties_gives_values_and_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
