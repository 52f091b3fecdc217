#include "bac_random.h"

#include "bacnet/rows.h"
#include "bacnet/tag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY = 64 * 1024, OCTETS = 16 * 1024, JSON_OCTETS = 256 * 1024 };

/* Memory for one value: what it is made of, its octets, what comes back. */
struct desk {
    struct test_env t;
    _Alignas(16) uint8_t memory[2][MEMORY];
    struct bac_arena arena[2];
    _Alignas(16) uint8_t value[2][512];
    uint8_t octets[2][OCTETS];
    struct bas_buf out[2];
    uint8_t json[JSON_OCTETS];
};

/* How often each type is tried: BASALT_ROUNDS, which `make soak` sets. */
static long rounds(void)
{
    const char *text = getenv("BASALT_ROUNDS");
    return text == NULL ? 1000 : strtol(text, NULL, 10);
}

static void clear(struct desk *d)
{
    for (size_t i = 0; i < 2; i++) {
        bac_arena_init(&d->arena[i], d->memory[i], MEMORY);
        bas_buf_init(&d->out[i], d->octets[i], OCTETS);
    }
}

static struct desk *new_desk(void)
{
    struct desk *d = test_malloc(sizeof(*d));
    test_env_init(&d->t);
    clear(d);
    return d;
}

static struct bas_slice exact(const struct bas_buf *out, size_t len)
{
    uint8_t *copy = test_malloc(len == 0 ? 1 : len); /* so that ASan sees a read behind the end */
    memcpy(copy, out->data, len);
    return (struct bas_slice){ copy, len };
}

static void forget(struct bas_slice octets)
{
    uint8_t *memory = NULL;
    memcpy(&memory, &octets.data, sizeof(memory));
    test_free(memory);
}

/* Decodes in; when that succeeds, encodes again into out[1]. */
static bas_err again(struct desk *d, const struct bac_type *type, struct bas_slice in)
{
    bac_arena_init(&d->arena[1], d->memory[1], MEMORY);
    bas_buf_init(&d->out[1], d->octets[1], OCTETS);
    bas_err err = bac_decode_all(type, in, d->value[1], &d->arena[1], NULL);
    if (err == BAS_OK) {
        assert_int_equal(bac_encode(type, d->value[1], BAC_APPLICATION, &d->out[1]), BAS_OK);
    }
    return err;
}

static void assert_same(const struct bas_buf *out, struct bas_slice octets)
{
    assert_int_equal(out->len, octets.len);
    if (octets.len != 0) {
        assert_memory_equal(out->data, octets.data, octets.len);
    }
}

static void random_value(struct desk *d, const struct bac_type *type)
{
    clear(d);
    assert_true(type->size <= sizeof(d->value[0]));
    bac_random(&d->t, type, d->value[0], &d->arena[0]);
    assert_int_equal(bac_encode(type, d->value[0], BAC_APPLICATION, &d->out[0]), BAS_OK);
}

static void come_back_through_json(struct desk *d, const struct bac_type *type, struct bas_slice in)
{
    struct bas_buf text;
    struct bas_json json;
    struct bas_fault fault = { 0 };
    bas_buf_init(&text, d->json, sizeof(d->json));
    bas_json_init(&json, &text);
    bac_json(type, d->value[1], &json, NULL);
    assert_false(text.full);
    bac_arena_init(&d->arena[0], d->memory[0], MEMORY);
    if (bac_json_read(type, (struct bas_slice){ d->json, text.len }, d->value[0], &d->arena[0],
                      &fault) != BAS_OK) {
        fail_msg("%s: %s in %s", type->name, fault.text, bas_buf_text(&text));
    }
    bas_buf_init(&d->out[1], d->octets[1], OCTETS);
    assert_int_equal(bac_encode(type, d->value[0], BAC_APPLICATION, &d->out[1]), BAS_OK);
    if (d->out[1].len != in.len || memcmp(d->octets[1], in.data, in.len) != 0) {
        fail_msg("%s: %s comes back as something else", type->name, bas_buf_text(&text));
    }
}

static void random_values_of_every_type_come_back_from_octets_and_from_json(void **state)
{
    (void)state;
    struct desk *d = new_desk();
    size_t n = 0;
    const struct bac_type *const *types = bac_types(&n);
    for (size_t i = 0; i < n; i++) {
        for (long round = rounds(); round > 0; round--) {
            random_value(d, types[i]);
            struct bas_slice in = exact(&d->out[0], d->out[0].len);
            assert_int_equal(again(d, types[i], in), BAS_OK);
            assert_same(&d->out[1], in);
            come_back_through_json(d, types[i], in);
            forget(in);
        }
    }
    assert_int_equal(d->t.allocations, 0);
    test_free(d);
}

/* What is left may be a shorter value (OPTIONAL fields and elements gone), never a different one.
 */
static void every_truncation_is_an_error_or_a_shorter_value(void **state)
{
    (void)state;
    struct desk *d = new_desk();
    size_t n = 0;
    const struct bac_type *const *types = bac_types(&n);
    for (size_t i = 0; i < n; i++) {
        for (int round = 0; round < 10; round++) {
            random_value(d, types[i]);
            for (size_t len = 0; len < d->out[0].len; len++) {
                struct bas_slice in = exact(&d->out[0], len);
                if (again(d, types[i], in) == BAS_OK) {
                    assert_same(&d->out[1], in);
                }
                forget(in);
            }
        }
    }
    test_free(d);
}

/* Of a value that ends with a closing tag or required content every truncation is an error. */
static void no_truncation_of_a_required_value_passes(void **state)
{
    (void)state;
    struct desk *d = new_desk();
    static const struct bac_type *const types[] = {
        &bac_type_date_time, &bac_type_time_stamp,        &bac_type_host_n_port, &bac_type_i_am,
        &bac_type_error,     &bac_type_read_property_ack, &bac_type_recipient,   &bac_type_i_have,
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(types); i++) {
        for (int round = 0; round < 20; round++) {
            random_value(d, types[i]);
            for (size_t len = 0; len < d->out[0].len; len++) {
                struct bas_slice in = exact(&d->out[0], len);
                struct bas_fault fault = { 0 };
                bas_err err = bac_decode_all(types[i], in, d->value[1], &d->arena[1], &fault);
                assert_int_equal(err, BAS_ERR_TRUNCATED);
                assert_in_range(fault.error_code, 59, 69);
                forget(in);
            }
        }
    }
    test_free(d);
}

static void random_octets_are_refused_or_make_a_value_that_encodes(void **state)
{
    (void)state;
    struct desk *d = new_desk();
    size_t n = 0;
    const struct bac_type *const *types = bac_types(&n);
    for (size_t i = 0; i < n; i++) {
        for (int round = 0; round < 300; round++) {
            random_value(d, types[i]);
            if (d->out[0].len == 0) {
                bas_buf_add(&d->out[0], "\x00", 1);
            }
            for (size_t hits = 1 + bac_random_below(&d->t, 3); hits > 0; hits--) {
                size_t at = bac_random_below(&d->t, d->out[0].len);
                d->out[0].data[at] = (uint8_t)bac_random_number(&d->t);
            }
            struct bas_slice in = exact(&d->out[0], d->out[0].len);
            if (again(d, types[i], in) == BAS_OK) { /* what we wrote is a fixed point */
                struct bas_slice once = exact(&d->out[1], d->out[1].len);
                assert_int_equal(again(d, types[i], once), BAS_OK);
                assert_same(&d->out[1], once);
                forget(once);
            }
            forget(in);
        }
    }
    test_free(d);
}

static void json_of_any_value_is_closed_and_fits_what_it_says(void **state)
{
    (void)state;
    struct desk *d = new_desk();
    size_t n = 0;
    const struct bac_type *const *types = bac_types(&n);
    for (size_t i = 0; i < n; i++) {
        for (int round = 0; round < 50; round++) {
            random_value(d, types[i]);
            struct bas_slice in = exact(&d->out[0], d->out[0].len);
            assert_int_equal(again(d, types[i], in), BAS_OK);
            clear(d);
            for (size_t side = 0; side < 2; side++) {
                struct bas_json json;
                bas_json_init(&json, &d->out[side]);
                bac_json(types[i], d->value[side], &json, NULL);
                assert_int_equal(json.depth, 0);
                assert_false(d->out[side].full);
            }
            assert_same(&d->out[1], (struct bas_slice){ d->out[0].data, d->out[0].len });
            forget(in);
        }
    }
    test_free(d);
}

/* Faults: what a peer is told (18.9). */

struct fault_row {
    const struct bac_type *type;
    const char *hex;
    enum bac_error_code code;
    const char *text;
};
static const struct fault_row faults[] = {
    { &bac_type_read_property, "", BAC_ERROR_CODE_REJECT_MISSING_REQUIRED_PARAMETER,
      "object-identifier of ReadProperty-Request: the data ends before it" },
    { &bac_type_read_property, "0c00000001", BAC_ERROR_CODE_REJECT_MISSING_REQUIRED_PARAMETER,
      "property-identifier of ReadProperty-Request: the data ends before it" },
    { &bac_type_read_property, "1955", BAC_ERROR_CODE_REJECT_MISSING_REQUIRED_PARAMETER,
      "object-identifier of ReadProperty-Request: it is missing" },
    { &bac_type_read_property, "0e00000001", BAC_ERROR_CODE_REJECT_INVALID_TAG,
      "object-identifier of ReadProperty-Request: primitive and constructed are confused" },
    { &bac_type_read_property, "0c000001", BAC_ERROR_CODE_REJECT_INVALID_TAG,
      "object-identifier of ReadProperty-Request: the data ends within it" },
    { &bac_type_read_property, "0b000001", BAC_ERROR_CODE_REJECT_INVALID_TAG,
      "object-identifier of ReadProperty-Request: its length is wrong" },
    { &bac_type_read_property, "0c00000001195529013901", BAC_ERROR_CODE_REJECT_TOO_MANY_ARGUMENTS,
      "ReadProperty-Request: more follows than belongs there" },
    { &bac_type_read_property, "0c000000011d050100000000",
      BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE,
      "property-identifier of ReadProperty-Request: it is out of range" },
    { &bac_type_write_property, "0c0000000119553e44000000003f4911",
      BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE,
      "priority of WriteProperty-Request: it is out of range" },
    { &bac_type_write_property, "0c0000000119553e44000000004f", BAC_ERROR_CODE_REJECT_INVALID_TAG,
      "property-value of WriteProperty-Request: another closing tag stands at its end" },
    { &bac_type_write_property, "0c0000000119553e4400000000", BAC_ERROR_CODE_REJECT_INVALID_TAG,
      "property-value of WriteProperty-Request: its closing tag is missing" },
    { &bac_type_write_property, "0c0000000119553e0e1f3f", BAC_ERROR_CODE_REJECT_INVALID_TAG,
      "property-value of WriteProperty-Request: its tags do not fit each other" },
    { &bac_type_i_am, "c4020003e8220405910422015c", BAC_ERROR_CODE_REJECT_UNDEFINED_ENUMERATION,
      "segmentation-supported of I-Am-Request: it is out of range" },
    { &bac_type_i_am, "c4020003e8220405210022015c",
      BAC_ERROR_CODE_REJECT_INVALID_PARAMETER_DATA_TYPE,
      "segmentation-supported of I-Am-Request: it has another data type" },
    { &bac_type_i_am, "c4020003e8220405910023010000", BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE,
      "vendor-id of I-Am-Request: it is out of range" },
    { &bac_type_time_stamp, "3900", BAC_ERROR_CODE_REJECT_MISSING_REQUIRED_PARAMETER,
      "it is missing" },
    { &bac_type_read_access, "0c000000011e09551920", BAC_ERROR_CODE_REJECT_INVALID_TAG,
      "list-of-property-references of ReadAccessSpecification: its closing tag is missing" },
    { &bac_type_read_access, "0c000000011e095529201f", BAC_ERROR_CODE_REJECT_TOO_MANY_ARGUMENTS,
      "list-of-property-references of ReadAccessSpecification: more follows than belongs here" },
    { &bac_type_priority_array, "0000", BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE,
      "it is out of range" },
    { &bac_type_null, "f9ff00", BAC_ERROR_CODE_REJECT_INVALID_TAG, "there is no such tag" },
};

static void a_fault_names_the_field_and_the_reject_reason(void **state)
{
    (void)state;
    struct desk *d = new_desk();
    for (size_t i = 0; i < BAS_ARRAY_LEN(faults); i++) {
        struct bas_fault fault = { 0 };
        memset(d->value[1], 0xAA, sizeof(d->value[1]));
        bas_err err = bac_decode_all(faults[i].type, test_hex(faults[i].hex), d->value[1],
                                     &d->arena[1], &fault);
        assert_int_not_equal(err, BAS_OK);
        assert_int_equal(fault.err, err);
        assert_string_equal(fault.text, faults[i].text);
        assert_int_equal(fault.error_class, BAC_ERROR_CLASS_SERVICES);
        assert_int_equal(fault.error_code, faults[i].code);
        for (size_t n = 0; n < faults[i].type->size; n++) {
            assert_int_equal(d->value[1][n], 0);
        }
        assert_int_equal(d->arena[1].cap, MEMORY);
    }
    test_free(d);
}

static void every_fault_has_its_reject_reason(void **state)
{
    (void)state;
    struct bas_fault fault = { .error_code = BAC_ERROR_CODE_REJECT_TOO_MANY_ARGUMENTS };
    assert_int_equal(bac_reject_reason(&fault), BAC_REJECT_TOO_MANY_ARGUMENTS);
    fault.error_code = BAC_ERROR_CODE_REJECT_BUFFER_OVERFLOW;
    assert_int_equal(bac_reject_reason(&fault), BAC_REJECT_BUFFER_OVERFLOW);
    fault.error_code = BAC_ERROR_CODE_REJECT_UNRECOGNIZED_SERVICE;
    assert_int_equal(bac_reject_reason(&fault), BAC_REJECT_UNRECOGNIZED_SERVICE);
    fault.error_code = BAC_ERROR_CODE_REJECT_OTHER;
    assert_int_equal(bac_reject_reason(&fault), BAC_REJECT_OTHER);
    fault.error_code = BAC_ERROR_CODE_UNKNOWN_OBJECT;
    assert_int_equal(bac_reject_reason(&fault), BAC_REJECT_OTHER);
}

/* Lists and their memory */

static void a_list_that_the_arena_cannot_hold_is_too_many_arguments(void **state)
{
    (void)state;
    struct bas_slice octets = test_hex("0c000000011e09550901090209031f");
    _Alignas(16) uint8_t memory[4 * sizeof(struct bac_property_reference)];
    for (size_t cap = 0; cap < sizeof(memory); cap++) {
        struct bac_arena arena;
        struct bac_read_access access;
        struct bas_fault fault = { 0 };
        bac_arena_init(&arena, memory, cap);
        assert_int_equal(bac_decode_all(&bac_type_read_access, octets, &access, &arena, &fault),
                         BAS_ERR_NO_SPACE);
        assert_int_equal(fault.error_code, BAC_ERROR_CODE_REJECT_TOO_MANY_ARGUMENTS);
        assert_int_equal(arena.cap, cap);
        assert_int_equal(arena.used, 0);
    }
    struct bac_arena arena;
    struct bac_read_access access;
    bac_arena_init(&arena, memory, sizeof(memory));
    assert_int_equal(bac_decode_all(&bac_type_read_access, octets, &access, &arena, NULL), BAS_OK);
    const struct bac_property_reference *references = access.properties.items;
    assert_int_equal(access.properties.n, 4);
    assert_int_equal(references[0].property, 85);
    assert_int_equal(references[3].property, 3);
    assert_int_equal(bac_decode_all(&bac_type_read_access, octets, &access, NULL, NULL),
                     BAS_ERR_NO_SPACE);
}

static void lists_in_lists_keep_their_elements(void **state)
{
    (void)state;
    /* two objects: 85, 28[3] of ai,1 and 77 of dev,9 */
    struct bas_slice octets = test_hex("0c000000011e0955091c19031f 0c020000091e094d1f");
    struct bac_read_property_multiple request;
    uint8_t memory[1024];
    for (size_t skew = 0; skew < 16; skew++) {
        struct bac_arena arena;
        bac_arena_init(&arena, memory + skew, sizeof(memory) - 2 * skew);
        assert_non_null(bac_arena_take(&arena, 3)); /* the caller's own */
        size_t used = arena.used;
        assert_int_equal(
            bac_decode_all(&bac_type_read_property_multiple, octets, &request, &arena, NULL),
            BAS_OK);
        assert_int_equal(arena.used, used);
        const struct bac_read_access *specs = request.specs.items;
        assert_int_equal(request.specs.n, 2);
        assert_int_equal(specs[0].object.type, BAC_OBJECT_ANALOG_INPUT);
        assert_int_equal(specs[0].properties.n, 2);
        const struct bac_property_reference *first = specs[0].properties.items;
        assert_int_equal(first[0].property, BAC_PROPERTY_PRESENT_VALUE);
        assert_false(first[0].has_index);
        assert_int_equal(first[1].property, BAC_PROPERTY_DESCRIPTION);
        assert_int_equal(first[1].index, 3);
        assert_int_equal(specs[1].object.instance, 9);
        const struct bac_property_reference *second = specs[1].properties.items;
        assert_int_equal(second[0].property, BAC_PROPERTY_OBJECT_NAME);
    }
}

static void an_arena_gives_aligned_zeroed_memory_until_it_is_full(void **state)
{
    (void)state;
    uint8_t memory[100];
    memset(memory, 0xFF, sizeof(memory));
    struct bac_arena arena;
    bac_arena_init(&arena, memory + 1, sizeof(memory) - 1);
    uint8_t *a = bac_arena_take(&arena, 5);
    uint8_t *b = bac_arena_take(&arena, 16);
    assert_int_equal((uintptr_t)a % 16, 0);
    assert_int_equal((uintptr_t)b % 16, 0);
    assert_int_equal(a[0] | a[4] | b[15], 0);
    assert_null(bac_arena_take(&arena, 100));
    assert_null(bac_arena_take(&arena, SIZE_MAX));
}

/* A type that holds itself cannot be written as rows, but depth is bounded all the same. */
struct deep {
    uint64_t number;
};
static void nesting_is_bounded(void **state)
{
    (void)state;
    struct bac_type types[BAC_MAX_DEPTH + 1];
    struct bac_field fields[BAC_MAX_DEPTH + 1];
    for (size_t i = 0; i <= BAC_MAX_DEPTH; i++) {
        bool is_last = i == BAC_MAX_DEPTH;
        fields[i] = (struct bac_field){ .name = "inner",
                                        .type = is_last ? &bac_type_unsigned : &types[i + 1],
                                        .tag = 0 };
        types[i] = (struct bac_type){ .name = "Deep",
                                      .kind = BAC_KIND_SEQUENCE,
                                      .size = sizeof(struct deep),
                                      .fields = &fields[i],
                                      .n_fields = 1 };
    }
    struct deep value = { 72 };
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_encode(&types[1], &value, BAC_APPLICATION, &out), BAS_OK);
    struct bas_slice octets = { memory, out.len };
    assert_int_equal(bac_decode_all(&types[1], octets, &value, NULL, NULL), BAS_OK);
    assert_int_equal(value.number, 72);
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_encode(&types[0], &value, BAC_APPLICATION, &out), BAS_OK);
    octets.len = out.len;
    struct bas_fault fault;
    assert_int_equal(bac_decode_all(&types[0], octets, &value, NULL, &fault), BAS_ERR_MALFORMED);
    assert_string_equal(fault.text, "inner of Deep: nested too deep");
}

static void encode_refuses_what_the_rows_forbid(void **state)
{
    (void)state;
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    const struct bac_i_am i_am = { { 8, 1 }, 1476, 4, 0 };
    assert_int_equal(bac_encode(&bac_type_i_am, &i_am, BAC_APPLICATION, &out), BAS_ERR_INVALID);
    const uint64_t number = 65536;
    assert_int_equal(bac_encode(&bac_type_unsigned16, &number, 1, &out), BAS_ERR_INVALID);
    const struct bac_time_stamp stamp = { .choice = 3 };
    assert_int_equal(bac_encode(&bac_type_time_stamp, &stamp, 1, &out), BAS_ERR_INVALID);
    const struct bas_slice half = test_hex("3e");
    assert_int_equal(bac_encode(&bac_type_any, &half, 1, &out), BAS_ERR_INVALID);
    const struct bas_slice closing = test_hex("3f");
    assert_int_equal(bac_encode(&bac_type_any, &closing, 1, &out), BAS_ERR_INVALID);
    const struct bac_list none = { NULL, 0 };
    assert_int_equal(bac_encode(&bac_type_priority_array, &none, 1, &out), BAS_ERR_INVALID);
    const struct bas_slice five = test_hex("0102030405");
    assert_int_equal(bac_encode(&bac_type_vmac, &five, 1, &out), BAS_ERR_INVALID);
    assert_int_equal(out.len, 0);
    assert_false(out.full);
}

static void a_full_buffer_is_told_and_nothing_half_is_left(void **state)
{
    (void)state;
    const struct bac_read_property request = { { 0, 1 }, 85, true, 3 };
    uint8_t memory[16];
    for (size_t cap = 0; cap <= 9; cap++) {
        struct bas_buf out;
        bas_buf_init(&out, memory, cap);
        bas_err err = bac_encode(&bac_type_read_property, &request, BAC_APPLICATION, &out);
        assert_int_equal(err, cap < 9 ? BAS_ERR_NO_SPACE : BAS_OK);
        assert_int_equal(out.len, cap < 9 ? 0 : 9);
    }
}

static void values_are_taken_off_one_after_another(void **state)
{
    (void)state;
    struct bas_slice in = test_hex("c400000001 c402000009");
    struct bac_object_id id;
    assert_int_equal(bac_decode(&bac_type_object_id, &in, BAC_APPLICATION, &id, NULL, NULL),
                     BAS_OK);
    assert_int_equal(in.len, 5);
    assert_int_equal(bac_decode(&bac_type_object_id, &in, BAC_APPLICATION, &id, NULL, NULL),
                     BAS_OK);
    assert_int_equal(id.instance, 9);
    assert_int_equal(in.len, 0);
    assert_int_equal(bac_decode(&bac_type_object_id, &in, BAC_APPLICATION, &id, NULL, NULL),
                     BAS_ERR_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_values_of_every_type_come_back_from_octets_and_from_json),
        cmocka_unit_test(every_truncation_is_an_error_or_a_shorter_value),
        cmocka_unit_test(no_truncation_of_a_required_value_passes),
        cmocka_unit_test(random_octets_are_refused_or_make_a_value_that_encodes),
        cmocka_unit_test(json_of_any_value_is_closed_and_fits_what_it_says),
        cmocka_unit_test(a_fault_names_the_field_and_the_reject_reason),
        cmocka_unit_test(every_fault_has_its_reject_reason),
        cmocka_unit_test(a_list_that_the_arena_cannot_hold_is_too_many_arguments),
        cmocka_unit_test(lists_in_lists_keep_their_elements),
        cmocka_unit_test(an_arena_gives_aligned_zeroed_memory_until_it_is_full),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(encode_refuses_what_the_rows_forbid),
        cmocka_unit_test(a_full_buffer_is_told_and_nothing_half_is_left),
        cmocka_unit_test(values_are_taken_off_one_after_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
