#include "test_env.h"

#include "bacnet/tag.h"
#include "basalt/bacnet.h"

#include <string.h>

struct head_row {
    const char *hex;
    struct bac_head head;
};
/* Tags as 20.2.1 shapes them: context and application, extended numbers and lengths, delimiters. */
static const struct head_row heads[] = {
    { "00", { BAC_HEAD_APPLICATION, 0, 0 } },
    { "10", { BAC_HEAD_APPLICATION, 1, 0 } },
    { "11", { BAC_HEAD_APPLICATION, 1, 1 } },
    { "21", { BAC_HEAD_APPLICATION, 2, 1 } },
    { "c4", { BAC_HEAD_APPLICATION, 12, 4 } },
    { "0c", { BAC_HEAD_CONTEXT, 0, 4 } },
    { "e9", { BAC_HEAD_CONTEXT, 14, 1 } },
    { "f90f", { BAC_HEAD_CONTEXT, 15, 1 } },
    { "f9fe", { BAC_HEAD_CONTEXT, 254, 1 } },
    { "7505", { BAC_HEAD_APPLICATION, 7, 5 } },
    { "75fd", { BAC_HEAD_APPLICATION, 7, 253 } },
    { "75fe00fe", { BAC_HEAD_APPLICATION, 7, 254 } },
    { "75feffff", { BAC_HEAD_APPLICATION, 7, 65535 } },
    { "75ff00010000", { BAC_HEAD_APPLICATION, 7, 65536 } },
    { "fd80ffffffffff", { BAC_HEAD_CONTEXT, 128, UINT32_MAX } },
    { "3e", { BAC_HEAD_OPENING, 3, 6 } },
    { "3f", { BAC_HEAD_CLOSING, 3, 7 } },
    { "fe23", { BAC_HEAD_OPENING, 35, 6 } },
    { "ff23", { BAC_HEAD_CLOSING, 35, 7 } },
};

static void a_tag_reads_and_writes_as_its_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(heads); i++) {
        struct bas_slice octets = test_hex(heads[i].hex);
        struct rd r = rd_init(octets);
        struct bac_head head;
        assert_int_equal(bac_head_read(&r, &head), BAS_OK);
        assert_int_equal(rd_left(&r), 0);
        assert_int_equal(head.kind, heads[i].head.kind);
        assert_int_equal(head.number, heads[i].head.number);
        assert_int_equal(head.len, heads[i].head.len);
        uint8_t out[BAC_MAX_HEAD];
        assert_int_equal(bac_head_write(&head, out), octets.len);
        assert_memory_equal(out, octets.data, octets.len);
    }
}

static void a_cut_off_tag_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(heads); i++) {
        struct bas_slice octets = test_hex(heads[i].hex);
        for (size_t n = 1; n < octets.len; n++) {
            struct rd r = rd_init((struct bas_slice){ octets.data, n });
            struct bac_head head;
            assert_int_equal(bac_head_read(&r, &head), BAS_ERR_TRUNCATED);
        }
    }
}

static void a_tag_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "f9ff", "12", "17", "26", "27", "f6ff" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        struct rd r = rd_init(test_hex(bad[i]));
        struct bac_head head;
        assert_int_equal(bac_head_read(&r, &head), BAS_ERR_MALFORMED);
    }
}

/* Every primitive, application-tagged and in context tag 2 (the shapes of 20.2.2 to 20.2.14). */
struct value_row {
    const char *application, *context;
    const char *text;
};
static const struct value_row values[] = {
    { "00", "28", "null" },
    { "10", "2900", "false" },
    { "11", "2901", "true" },
    { "2100", "2900", "unsigned:0" },
    { "2148", "2948", "unsigned:72" },
    { "21ff", "29ff", "unsigned:255" },
    { "220100", "2a0100", "unsigned:256" },
    { "23010000", "2b010000", "unsigned:65536" },
    { "24ffffffff", "2cffffffff", "unsigned:4294967295" },
    { "25050100000000", "2d050100000000", "unsigned:4294967296" },
    { "2508ffffffffffffffff", "2d08ffffffffffffffff", "unsigned:18446744073709551615" },
    { "3148", "2948", "integer:72" },
    { "31ff", "29ff", "integer:-1" },
    { "3180", "2980", "integer:-128" },
    { "320080", "2a0080", "integer:128" },
    { "32ff7f", "2aff7f", "integer:-129" },
    { "33800000", "2b800000", "integer:-8388608" },
    { "34ff7fffff", "2cff7fffff", "integer:-8388609" },
    { "35088000000000000000", "2d088000000000000000", "integer:-9223372036854775808" },
    { "35087fffffffffffffff", "2d087fffffffffffffff", "integer:9223372036854775807" },
    { "4442900000", "2c42900000", "real:72" },
    { "55084052000000000000", "2d084052000000000000", "double:72" },
    { "631234ff", "2b1234ff", "octets:1234ff" },
    { "60", "28", "octets:" },
    { "7100", "2900", "text:" },
    { "751900546869732069732061204241436e657420737472696e6721",
      "2d1900546869732069732061204241436e657420737472696e6721", "text:This is a BACnet string!" },
    { "8203a8", "2a03a8", "bits:10101" },
    { "8100", "2900", "bits:" },
    { "8201fe", "2a01fe", "bits:1111111" },
    { "9100", "2900", "enumerated:0" },
    { "920100", "2a0100", "enumerated:256" },
    { "a45b011804", "2c5b011804", "date:1991-01-24" },
    { "a4ffffffff", "2cffffffff", "date:*-*-*" },
    { "a4ff0e2205", "2cff0e2205", "date:*-even-even fri" },
    { "b411232d11", "2c11232d11", "time:17:35:45.17" },
    { "b4ffffffff", "2cffffffff", "time:*:*:*.*" },
    { "c400c0000f", "2c00c0000f", "object:binary-input,15" },
    { "c4ffffffff", "2cffffffff", "object:1023,4194303" },
};

static struct bas_buf encoded(const struct bac_value *value, int tag, uint8_t *memory, size_t cap)
{
    struct bas_buf out;
    bas_buf_init(&out, memory, cap);
    if (tag == BAC_APPLICATION) {
        assert_int_equal(bac_encode(&bac_type_value, value, tag, &out), BAS_OK);
        return out;
    }
    uint32_t number = (uint32_t)value->as.unsigned_integer;
    bool is_enumerated = value->tag == BAC_TAG_ENUMERATED;
    const struct bac_type type = { .name = "any", .kind = (enum bac_kind)value->tag };
    const void *at = is_enumerated ? (const void *)&number : (const void *)&value->as;
    assert_int_equal(bac_encode(&type, at, tag, &out), BAS_OK);
    return out;
}

static void a_primitive_is_written_as_its_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(values); i++) {
        uint8_t memory[64];
        uint8_t out[64];
        struct bac_arena arena;
        struct bac_value value;
        bac_arena_init(&arena, memory, sizeof(memory));
        assert_int_equal(bac_value_parse(NULL, values[i].text, &arena, &value, NULL), BAS_OK);
        struct bas_slice want = test_hex(values[i].application);
        struct bas_buf got = encoded(&value, BAC_APPLICATION, out, sizeof(out));
        assert_int_equal(got.len, want.len);
        assert_memory_equal(got.data, want.data, want.len);
        want = test_hex(values[i].context);
        got = encoded(&value, 2, out, sizeof(out));
        assert_int_equal(got.len, want.len);
        assert_memory_equal(got.data, want.data, want.len);
    }
}

static void a_primitive_reads_back_and_every_truncation_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(values); i++) {
        struct bas_slice octets = test_hex(values[i].application);
        struct bac_value value;
        uint8_t out[64];
        assert_int_equal(bac_decode_all(&bac_type_value, octets, &value, NULL, NULL), BAS_OK);
        struct bas_buf again = encoded(&value, BAC_APPLICATION, out, sizeof(out));
        assert_int_equal(again.len, octets.len);
        assert_memory_equal(again.data, octets.data, octets.len);
        again = encoded(&value, 2, out, sizeof(out));
        struct bas_slice context = test_hex(values[i].context);
        assert_int_equal(again.len, context.len);
        assert_memory_equal(again.data, context.data, context.len);
        for (size_t n = 0; n < octets.len; n++) {
            struct bas_slice cut = { octets.data, n };
            struct bas_fault fault;
            assert_int_equal(bac_decode_all(&bac_type_value, cut, &value, NULL, &fault),
                             BAS_ERR_TRUNCATED);
            assert_int_equal(fault.error_class, BAC_ERROR_CLASS_SERVICES);
        }
    }
}

static void all_primitive_context_values_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(values); i++) {
        struct bas_slice octets = test_hex(values[i].context);
        struct bas_slice application = test_hex(values[i].application);
        struct bac_value value;
        assert_int_equal(bac_decode_all(&bac_type_value, application, &value, NULL, NULL), BAS_OK);
        const struct bac_type type = { .name = "any",
                                       .kind = (enum bac_kind)value.tag,
                                       .size = sizeof(value.as) };
        uint8_t out[64];
        struct bas_buf again;
        bas_buf_init(&again, out, sizeof(out));
        struct bas_slice in = octets;
        assert_int_equal(bac_decode(&type, &in, 2, &value.as, NULL, NULL), BAS_OK);
        assert_int_equal(in.len, 0);
        assert_int_equal(bac_encode(&type, &value.as, 2, &again), BAS_OK);
        assert_int_equal(again.len, octets.len);
        assert_memory_equal(again.data, octets.data, octets.len);
    }
}

static void numbers_with_more_octets_than_needed_are_taken(void **state)
{
    (void)state;
    struct bac_value value;
    assert_int_equal(bac_decode_all(&bac_type_value, test_hex("2400000048"), &value, NULL, NULL),
                     BAS_OK);
    assert_int_equal(value.as.unsigned_integer, 72);
    assert_int_equal(
        bac_decode_all(&bac_type_value, test_hex("250900ffffffffffffffff"), &value, NULL, NULL),
        BAS_OK);
    assert_true(value.as.unsigned_integer == UINT64_MAX);
    assert_int_equal(
        bac_decode_all(&bac_type_value, test_hex("3509ffffffffffffffff80"), &value, NULL, NULL),
        BAS_OK);
    assert_int_equal(value.as.integer, -128);
    assert_int_equal(
        bac_decode_all(&bac_type_value, test_hex("820fa8"), &value, NULL, NULL) == BAS_OK, false);
    assert_int_equal(bac_decode_all(&bac_type_value, test_hex("8203af"), &value, NULL, NULL),
                     BAS_OK);
    assert_int_equal(value.as.bits.count, 5); /* the unused bits were not 0 */
}

static void contents_of_a_wrong_form_are_refused_with_their_reason(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        unsigned code;
    } bad[] = {
        { "0100", BAC_ERROR_CODE_REJECT_INVALID_TAG }, /* NULL with content */
        { "20", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "30", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "90", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "43429000", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "450542900000ff", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "5440520000", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "70", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "710600", BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE }, /* character set 6 */
        { "720103", BAC_ERROR_CODE_REJECT_INVALID_TAG },            /* DBCS without a page */
        { "80", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "820800", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "8101", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "a35b0118", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "b3112d11", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "c300c000", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "2509010000000000000000", BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE },
        { "3509000000000000000000", 0 },
        { "3509008000000000000000", BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE },
        { "35097f0000000000000000", BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE },
        { "95050100000000", BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE },
        { "12", BAC_ERROR_CODE_REJECT_INVALID_TAG },
        { "d100", BAC_ERROR_CODE_REJECT_INVALID_PARAMETER_DATA_TYPE }, /* tag 13 is reserved */
        { "0901", BAC_ERROR_CODE_REJECT_MISSING_REQUIRED_PARAMETER },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        struct bac_value value;
        struct bas_fault fault = { 0 };
        bas_err err = bac_decode_all(&bac_type_value, test_hex(bad[i].hex), &value, NULL, &fault);
        assert_int_equal(err, bad[i].code == 0 ? BAS_OK : fault.err);
        assert_int_equal(fault.error_code, bad[i].code);
    }
}

static void what_a_receiver_could_not_take_is_not_written(void **state)
{
    (void)state;
    const struct bac_value bad[] = {
        { BAC_TAG_OBJECT_IDENTIFIER, { .object = { 1024, 0 } } },
        { BAC_TAG_OBJECT_IDENTIFIER, { .object = { 0, BAC_MAX_INSTANCE + 1 } } },
        { BAC_TAG_ENUMERATED, { .unsigned_integer = UINT64_C(1) << 32 } },
        { BAC_TAG_CHARACTER_STRING, { .text = { 6, { NULL, 0 } } } },
        { BAC_TAG_CHARACTER_STRING, { .text = { BAC_CHARSET_DBCS, { NULL, 0 } } } },
        { BAC_TAG_BIT_STRING, { .bits = { 9, { (const uint8_t *)"x", 1 } } } },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        uint8_t memory[16];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        assert_int_equal(bac_encode(&bac_type_value, &bad[i], BAC_APPLICATION, &out),
                         BAS_ERR_INVALID);
        assert_int_equal(out.len, 0);
    }
}

static void unused_bits_are_written_as_zeros(void **state)
{
    (void)state;
    const struct bac_bits bits = { 4, { (const uint8_t *)"\xFF", 1 } };
    uint8_t memory[16];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_encode(&bac_type_bit_string, &bits, BAC_APPLICATION, &out), BAS_OK);
    assert_memory_equal(memory, test_hex("8204f0").data, 3);
}

static void skipping_stops_at_the_closing_tag_and_checks_the_nesting(void **state)
{
    (void)state;
    struct rd r = rd_init(test_hex("0e2148100f3e3f11 1f"));
    assert_int_equal(bac_skip_values(&r), BAS_OK);
    assert_int_equal(rd_peek(&r), 0x1F);
    r = rd_init(test_hex("0e1f"));
    assert_int_equal(bac_skip_values(&r), BAS_ERR_MALFORMED);
    r = rd_init(test_hex("0e00"));
    assert_int_equal(bac_skip_values(&r), BAS_ERR_TRUNCATED);
    r = rd_init(test_hex("2548"));
    assert_int_equal(bac_skip_values(&r), BAS_ERR_TRUNCATED);
    uint8_t deep[BAC_MAX_DEPTH + 1];
    memset(deep, 0x0E, sizeof(deep));
    r = rd_init((struct bas_slice){ deep, sizeof(deep) });
    assert_int_equal(bac_skip_values(&r), BAS_ERR_TOO_LONG);
}

/* What stands inline must do what the general way does, or leave it to that. */

static void tags_read_quickly_are_those_of_the_general_way(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (size_t len = 0; len <= 3; len++) {
            const uint8_t octets[] = { (uint8_t)first, 3, 0x55 };
            struct rd quick = rd_init((struct bas_slice){ octets, len });
            struct rd general = quick;
            struct bac_head a = { BAC_HEAD_END, 0, 0 };
            struct bac_head b = a;
            if (!bac_head_quick(&quick, &a)) {
                assert_ptr_equal(quick.at, general.at);
                continue;
            }
            assert_int_equal(bac_head_read(&general, &b), BAS_OK);
            assert_ptr_equal(quick.at, general.at);
            assert_int_equal(a.kind, b.kind);
            assert_int_equal(a.number, b.number);
            bool has_content = b.kind == BAC_HEAD_APPLICATION || b.kind == BAC_HEAD_CONTEXT;
            assert_int_equal(a.len, has_content ? b.len : 0);
        }
    }
}

static void contents_read_quickly_are_those_of_the_general_way(void **state)
{
    (void)state;
    static const uint8_t octets[] = { 0xFE, 0x12, 0x80, 0x01 };
    static const enum bac_kind kinds[] = { BAC_KIND_UNSIGNED, BAC_KIND_ENUMERATED, BAC_KIND_REAL,
                                           BAC_KIND_OBJECT_ID, BAC_KIND_INTEGER };
    for (size_t k = 0; k < BAS_ARRAY_LEN(kinds); k++) {
        for (uint32_t len = 0; len <= 5; len++) {
            for (size_t left = 0; left <= sizeof(octets); left++) {
                const struct bac_head head = { BAC_HEAD_CONTEXT, 1, len };
                struct rd quick = rd_init((struct bas_slice){ octets, left });
                struct rd general = quick;
                uint64_t a[2] = { 0, 0 };
                uint64_t b[2] = { 0, 0 };
                if (bac_content_quick(&quick, kinds[k], &head, a)) {
                    assert_int_equal(bac_content_read(&general, kinds[k], &head, b), BAS_OK);
                    assert_memory_equal(a, b, sizeof(a));
                    assert_ptr_equal(quick.at, general.at);
                }
            }
        }
    }
}

static void assert_same_primitive(enum bac_kind kind, const void *value, int tag)
{
    uint8_t a[BAC_QUICK_ROOM];
    uint8_t b[32];
    struct bas_buf out;
    uint32_t n = bac_primitive_quick(a, kind, value, tag);
    bas_buf_init(&out, b, sizeof(b));
    if (n != 0) {
        assert_int_equal(bac_primitive_add(&out, kind, value, tag), BAS_OK);
        assert_int_equal(n, out.len);
        assert_memory_equal(a, b, n);
    }
}

static void primitives_written_quickly_are_those_of_the_general_way(void **state)
{
    (void)state;
    for (int tag = BAC_APPLICATION; tag < 20; tag++) {
        for (unsigned bits = 0; bits < 64; bits++) {
            for (uint64_t less = 0; less < 2; less++) {
                const uint64_t number = (UINT64_C(1) << bits) - less;
                const uint32_t low = (uint32_t)number;
                const struct bac_object_id id = { (uint16_t)(low % 1100), low };
                assert_same_primitive(BAC_KIND_UNSIGNED, &number, tag);
                assert_same_primitive(BAC_KIND_ENUMERATED, &low, tag);
                assert_same_primitive(BAC_KIND_REAL, &low, tag);
                assert_same_primitive(BAC_KIND_OBJECT_ID, &id, tag);
            }
        }
    }
}

static void values_stepped_over_quickly_end_where_the_general_way_ends(void **state)
{
    (void)state;
    static const char *const good[] = { "3f", "44429100003f", "2101 91013f0000", "09553f", "003f" };
    static const char *const not_quick[] = { "",       "2f",       "2101",    "4442",
                                             "3e3f3f", "1121013f", "7506003f" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(good); i++) {
        struct bas_slice octets = test_hex(good[i]);
        struct rd quick = rd_init(octets);
        struct rd general = quick;
        struct bas_slice raw = { NULL, 0 };
        assert_true(bac_any_quick(&quick, 3, &raw));
        assert_int_equal(bac_skip_values(&general), BAS_OK);
        assert_ptr_equal(raw.data, octets.data);
        assert_int_equal(raw.len, general.at - octets.data);
        assert_ptr_equal(quick.at, general.at + 1);
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(not_quick); i++) {
        struct rd quick = rd_init(test_hex(not_quick[i]));
        struct bas_slice raw = { NULL, 0 };
        assert_false(bac_any_quick(&quick, 3, &raw));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_reads_and_writes_as_its_octets),
        cmocka_unit_test(a_cut_off_tag_is_an_error),
        cmocka_unit_test(a_tag_that_cannot_be_is_refused),
        cmocka_unit_test(a_primitive_is_written_as_its_octets),
        cmocka_unit_test(a_primitive_reads_back_and_every_truncation_is_an_error),
        cmocka_unit_test(all_primitive_context_values_read_back),
        cmocka_unit_test(numbers_with_more_octets_than_needed_are_taken),
        cmocka_unit_test(contents_of_a_wrong_form_are_refused_with_their_reason),
        cmocka_unit_test(what_a_receiver_could_not_take_is_not_written),
        cmocka_unit_test(unused_bits_are_written_as_zeros),
        cmocka_unit_test(skipping_stops_at_the_closing_tag_and_checks_the_nesting),
        cmocka_unit_test(tags_read_quickly_are_those_of_the_general_way),
        cmocka_unit_test(contents_read_quickly_are_those_of_the_general_way),
        cmocka_unit_test(primitives_written_quickly_are_those_of_the_general_way),
        cmocka_unit_test(values_stepped_over_quickly_end_where_the_general_way_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
