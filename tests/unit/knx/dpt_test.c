/* The rows of the datapoint types (dpt/rows.c), and what holds for all of them. */
#include "test_env.h"

#include "basalt/knx_dpt.h"
#include "knx/dpt/dpt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rows themselves */

static const char *id_of(const struct knx_dpt *dpt)
{
    static char text[KNX_DPT_TEXT];
    return knx_dpt_id(dpt, text);
}

static void there_are_at_least_240_sub_types(void **state)
{
    (void)state;
    size_t sub_types = 0;
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        sub_types += knx_dpt_row(n)->sub != KNX_DPT_ANY;
    }
    assert_true(sub_types >= 240);
}

static void rows_are_sorted_and_there_is_no_second_of_any(void **state)
{
    (void)state;
    const struct knx_dpt *before = knx_dpt_row(0);
    for (size_t n = 1; knx_dpt_row(n) != NULL; n++) {
        const struct knx_dpt *row = knx_dpt_row(n);
        bool is_behind =
            before->main < row->main ||
            (before->main == row->main && (uint16_t)(before->sub + 1) < (uint16_t)(row->sub + 1));
        if (!is_behind) {
            fail_msg("%s stands at the wrong place", id_of(row));
        }
        before = row;
    }
}

static void each_main_type_has_a_row_of_its_own(void **state)
{
    (void)state;
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        const struct knx_dpt *any = knx_dpt_of(knx_dpt_row(n)->main, KNX_DPT_ANY);
        assert_non_null(any);
        assert_int_equal(any->main, knx_dpt_row(n)->main);
        assert_string_equal(any->unit, "");
    }
}

static bool is_utf8(const char *text)
{
    char json_text[200];
    struct bas_buf out;
    struct bas_json json;
    bas_buf_init(&out, json_text, sizeof(json_text));
    bas_json_init(&json, &out);
    bas_json_text(&json, NULL, text);
    return strstr(bas_buf_text(&out), "\xEF\xBF\xBD") == NULL;
}

static void limits_are_in_order_and_names_and_units_are_utf8(void **state)
{
    (void)state;
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        const struct knx_dpt *row = knx_dpt_row(n);
        bool is_good = row->min <= row->max && row->name[0] != 0 && is_utf8(row->name) &&
                       row->unit != NULL && is_utf8(row->unit) &&
                       (row->scale > 0 || row->scale < 0);
        if (!is_good) {
            fail_msg("%s", id_of(row));
        }
    }
}

/* Letters without case, the way a person's text is compared. */
static bool same(const char *a, const char *b)
{
    return knx_word_is(knx_word_of(a), b);
}

static void check_texts(const char *id, const char *const *texts, size_t last, bool may_repeat)
{
    for (size_t i = 0; i <= last; i++) {
        if (texts[i] == NULL) {
            continue;
        }
        uint64_t number = 0;
        if (strchr(texts[i], ',') != NULL || !is_utf8(texts[i]) || texts[i][0] == 0 ||
            knx_word_number(knx_word_of(texts[i]), UINT64_MAX, &number)) {
            fail_msg("%s: \"%s\" cannot be read back", id, texts[i]);
        }
        for (size_t j = 0; j < i && !may_repeat; j++) {
            if (texts[j] != NULL && same(texts[i], texts[j])) {
                fail_msg("%s: \"%s\" is %zu and %zu", id, texts[i], j, i);
            }
        }
    }
}

static void texts_of_enumerations_are_distinct_and_reach_from_min_to_max(void **state)
{
    (void)state;
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        const struct knx_dpt *row = knx_dpt_row(n);
        if (row->texts == NULL) {
            continue;
        }
        assert_non_null(row->texts[(size_t)row->min]);
        assert_non_null(row->texts[(size_t)row->max]);
        for (size_t i = 0; i < (size_t)row->min; i++) {
            assert_null(row->texts[i]);
        }
        check_texts(id_of(row), row->texts, (size_t)row->max,
                    row->main == 1 && row->sub == 17); /* both values of a trigger are one */
    }
}

static void check_field(const char *id, const struct knx_dpt_field *fields, size_t n, size_t i)
{
    const struct knx_dpt_field *field = &fields[i];
    assert_in_range(field->width, 1, 64);
    assert_true(strlen(field->name) < 40 && strchr(field->name, ',') == NULL);
    if (field->valid != 0 &&
        (field->valid > n || (fields[field->valid - 1].kind != KNX_FIELD_VALID &&
                              fields[field->valid - 1].kind != KNX_FIELD_INVALID))) {
        fail_msg("%s: %s depends on a field that says nothing of validity", id, field->name);
    }
    if (field->kind == KNX_FIELD_ENUM) {
        check_texts(id, field->texts, (size_t)field->max, false);
    }
    for (size_t j = 0; j < i && field->name[0] != 0; j++) {
        if (same(fields[j].name, field->name)) {
            fail_msg("%s: two fields are %s", id, field->name);
        }
    }
}

static void fields_fill_the_octets_and_name_their_validity(void **state)
{
    (void)state;
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        const struct knx_dpt *row = knx_dpt_row(n);
        if (row->fields == NULL) {
            continue;
        }
        struct knx_dpt_values v;
        knx_values_init(row, &v);
        unsigned width = 0;
        bool is_valid_used[KNX_DPT_MAX_FIELDS + 1] = { false };
        for (size_t i = 0; i < v.n; i++) {
            width += v.fields[i].width;
            check_field(id_of(row), v.fields, v.n, i);
            is_valid_used[v.fields[i].valid] = true;
        }
        bool fits = row->size == 0 ? width <= 6 : width == 8U * row->size;
        if (!fits) {
            fail_msg("%s: %u bits in %u octets", id_of(row), width, row->size);
        }
        for (size_t i = 0; i < v.n; i++) {
            bool says =
                v.fields[i].kind == KNX_FIELD_VALID || v.fields[i].kind == KNX_FIELD_INVALID;
            if (says != is_valid_used[i + 1]) {
                fail_msg("%s: field %zu", id_of(row), i + 1);
            }
        }
    }
}

/* Finding */

static void each_row_is_found_by_each_way_to_write_it(void **state)
{
    (void)state;
    static const char *const with_sub[] = { "%u.%03u",   "%u.%u",      "DPT%u.%03u",
                                            "dpt %u.%u", "DPST-%u-%u", " %u.%03u " };
    static const char *const alone[] = { "%u", "DPT%u", "DPT-%u", "dpt %u" };
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        const struct knx_dpt *row = knx_dpt_row(n);
        bool is_alone = row->sub == KNX_DPT_ANY;
        size_t ways = is_alone ? BAS_ARRAY_LEN(alone) : BAS_ARRAY_LEN(with_sub);
        for (size_t i = 0; i < ways; i++) {
            char text[32];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            (void)snprintf(text, sizeof(text), is_alone ? alone[i] : with_sub[i], row->main,
                           row->sub);
#pragma GCC diagnostic pop
            assert_ptr_equal(knx_dpt_find(text), row);
        }
        assert_ptr_equal(knx_dpt_find(id_of(row)), row);
        assert_ptr_equal(knx_dpt_of(row->main, row->sub), row);
    }
}

static void what_is_no_id_is_not_found(void **state)
{
    (void)state;
    static const char *const texts[] = { "",
                                         "9.",
                                         "9.999",
                                         ".001",
                                         "9.001x",
                                         "x9",
                                         "9-1",
                                         "DPST9-1",
                                         "DPST-9.1",
                                         "9.-1",
                                         "65545.1",
                                         "9.65537",
                                         "3000",
                                         "9.001.1",
                                         "DPT",
                                         "DPST-",
                                         "9.18446744073709551617",
                                         "9. 001",
                                         "9.65535" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        if (knx_dpt_find(texts[i]) != NULL) {
            fail_msg("\"%s\" is %s", texts[i], id_of(knx_dpt_find(texts[i])));
        }
    }
    assert_null(knx_dpt_of(9, 999));
    assert_null(knx_dpt_row(100000));
}

static void an_id_is_written_with_three_digits(void **state)
{
    (void)state;
    assert_string_equal(id_of(knx_dpt_of(9, 1)), "9.001");
    assert_string_equal(id_of(knx_dpt_of(20, 60102)), "20.60102");
    assert_string_equal(id_of(knx_dpt_of(9, KNX_DPT_ANY)), "9");
}

/* Every row with random octets */

struct value {
    uint8_t octets[KNX_DPT_MAX_SIZE];
    size_t len;
    char text[1200];
};

static struct bas_slice slice_of(const struct value *value)
{
    return (struct bas_slice){ value->octets, value->len };
}

static bool text_of(const struct knx_dpt *dpt, struct value *value)
{
    struct bas_buf out;
    bas_buf_init(&out, value->text, sizeof(value->text));
    struct bas_fault fault = { 0 };
    bas_err err = knx_dpt_text(dpt, slice_of(value), &out, &fault);
    assert_int_equal(fault.err, err);
    assert_false(out.full);
    if (err != BAS_OK) {
        assert_int_equal(err, BAS_ERR_MALFORMED);
        assert_int_equal(out.len, 0);
        assert_true(strncmp(fault.text, id_of(dpt), strlen(id_of(dpt))) == 0);
    }
    (void)bas_buf_text(&out);
    return err == BAS_OK;
}

static void parse(const struct knx_dpt *dpt, const char *text, struct value *value)
{
    struct bas_buf out;
    bas_buf_init(&out, value->octets, sizeof(value->octets));
    struct bas_fault fault = { 0 };
    if (knx_dpt_parse(dpt, text, &out, &fault) != BAS_OK) {
        fail_msg("%s \"%s\": %s", id_of(dpt), text, fault.text);
    }
    value->len = out.len;
}

/* The octets say the same in one way only. */
static bool is_exact(const struct knx_dpt *dpt)
{
    bool has_valid = false;
    for (size_t i = 0; dpt->fields != NULL && dpt->fields[i].kind != KNX_FIELD_END; i++) {
        has_valid |= dpt->fields[i].valid != 0 || dpt->fields[i].kind == KNX_FIELD_FLOAT16 ||
                     dpt->fields[i].kind == KNX_FIELD_FLOAT32 ||
                     dpt->fields[i].kind == KNX_FIELD_STEP;
    }
    return !has_valid && dpt->coding != KNX_CODING_FLOAT16 && dpt->coding != KNX_CODING_FLOAT32 &&
           dpt->coding != KNX_CODING_STEP && dpt->coding < KNX_CODING_ASCII &&
           !(dpt->main == 1 && dpt->sub == 17);
}

static void check_round_trip(const struct knx_dpt *dpt, struct value *value)
{
    struct value back = { .len = 0 };
    parse(dpt, value->text, &back);
    bool is_text = text_of(dpt, &back);
    if (!is_text || strcmp(back.text, value->text) != 0) {
        fail_msg("%s: \"%s\" came back as \"%s\"", id_of(dpt), value->text, back.text);
    }
    struct value third = { .len = 0 };
    parse(dpt, back.text, &third);
    assert_int_equal(third.len, back.len);
    assert_memory_equal(third.octets, back.octets, back.len);
    bool is_same = value->len == back.len && memcmp(value->octets, back.octets, back.len) == 0;
    if (is_exact(dpt) && !is_same) {
        fail_msg("%s: \"%s\" became other octets", id_of(dpt), value->text);
    }
}

static void check_json_and_number(const struct knx_dpt *dpt, const struct value *value,
                                  bool is_good)
{
    char memory[4000];
    struct bas_buf out;
    struct bas_json json;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_json_init(&json, &out);
    bas_err err = knx_dpt_json(dpt, slice_of(value), &json, NULL);
    assert_int_equal(err == BAS_OK, is_good);
    assert_int_equal(out.len != 0, is_good);
    assert_false(out.full);
    double number = 0;
    if (knx_dpt_number(dpt, slice_of(value), &number)) {
        assert_true(is_good);
        assert_true(!isnan(number));
        assert_true(!isfinite(number) || (number >= dpt->min - 0.01 && number <= dpt->max + 0.01));
    }
}

/* Octets that are accepted often: mostly small, with a 0 at the end where one must be. */
static void random_value(struct test_env *t, const struct knx_dpt *dpt, struct value *value)
{
    uint8_t how[2];
    t->env.random(t, how, sizeof(how));
    value->len = dpt->size == KNX_DPT_ANY_LENGTH ? how[1] % 20U + 1
                 : dpt->size == 0                ? 1
                                                 : dpt->size;
    t->env.random(t, value->octets, value->len);
    for (size_t i = 0; i < value->len; i++) {
        static const uint8_t masks[] = { 0xFF, 0x33, 0x10, 0x01 };
        value->octets[i] &= masks[how[0] % 4U];
        value->octets[i] |= dpt->size == KNX_DPT_ANY_LENGTH && value->octets[i] == 0;
    }
    if (dpt->size == KNX_DPT_ANY_LENGTH && (how[0] & 0x10) != 0) {
        value->octets[value->len - 1] = 0;
    }
}

static void what_is_written_of_any_octets_reads_back_to_the_same(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        const struct knx_dpt *row = knx_dpt_row(n);
        size_t good = 0;
        for (int i = 0; i < 400; i++) {
            struct value value = { .len = 0 };
            random_value(&t, row, &value);
            bool is_good = text_of(row, &value);
            check_json_and_number(row, &value, is_good);
            if (is_good) {
                good++;
                check_round_trip(row, &value);
            }
        }
        if (good == 0) {
            fail_msg("%s: none of 400 values was taken", id_of(row));
        }
    }
}

static void all_values_of_one_octet_read_back(void **state)
{
    (void)state;
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        for (unsigned octet = 0; knx_dpt_row(n)->size <= 1 && octet < 256; octet++) {
            struct value value = { .octets = { (uint8_t)octet }, .len = 1 };
            if (text_of(knx_dpt_row(n), &value)) {
                check_round_trip(knx_dpt_row(n), &value);
            }
        }
    }
}

static void a_value_of_another_size_is_refused_and_never_read_past(void **state)
{
    (void)state;
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        const struct knx_dpt *row = knx_dpt_row(n);
        size_t right = row->size == 0 ? 1 : row->size;
        for (size_t len = 0; row->size != KNX_DPT_ANY_LENGTH && len <= right + 2; len++) {
            uint8_t *octets = calloc(1, len == 0 ? 1 : len); /* exact: ASan sees a read behind it */
            assert_non_null(octets);
            char memory[1200];
            struct bas_buf out;
            bas_buf_init(&out, memory, sizeof(memory));
            bas_err err = knx_dpt_text(row, (struct bas_slice){ octets, len }, &out, NULL);
            double number = 0;
            if (len != right) {
                assert_int_equal(err, BAS_ERR_MALFORMED);
                assert_false(knx_dpt_number(row, (struct bas_slice){ octets, len }, &number));
            }
            free(octets);
        }
    }
}

static void a_small_value_is_small_and_no_other_is(void **state)
{
    (void)state;
    const uint8_t zeros[16] = { 0 };
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        const struct knx_dpt *row = knx_dpt_row(n);
        size_t len = row->size == 0 || row->size == KNX_DPT_ANY_LENGTH ? 1 : row->size;
        struct knx_group_value value = { true, { zeros, len } };
        struct bas_slice octets = { NULL, 0 };
        assert_int_equal(knx_dpt_octets(row, &value, &octets, NULL) == BAS_OK, row->size == 0);
        value.is_small = false;
        assert_int_equal(knx_dpt_octets(row, &value, &octets, NULL) == BAS_OK, row->size != 0);
        assert_int_equal(octets.len, len);
        assert_ptr_equal(octets.data, zeros);
    }
}

static void upper_bits_of_a_small_value_must_be_zero(void **state)
{
    (void)state;
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        struct value value = { .octets = { 0x40 }, .len = 1 };
        if (knx_dpt_row(n)->size == 0) {
            assert_false(text_of(knx_dpt_row(n), &value));
        }
    }
}

static void random_text_is_refused_or_makes_a_value_of_the_type(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    static const char letters[] = "0123456789-+.:,xe onfSTred*\\%\xC2\xB0";
    for (size_t n = 0; knx_dpt_row(n) != NULL; n++) {
        for (int i = 0; i < 200; i++) {
            uint8_t random[12];
            t.env.random(&t, random, sizeof(random));
            char text[13] = "";
            for (size_t k = 0; k < random[0] % 12U; k++) {
                text[k] = letters[random[k + 1] % (sizeof(letters) - 1)];
            }
            struct value value = { .len = 0 };
            struct bas_buf out;
            bas_buf_init(&out, value.octets, sizeof(value.octets));
            struct bas_fault fault = { 0 };
            bas_err err = knx_dpt_parse(knx_dpt_row(n), text, &out, &fault);
            value.len = out.len;
            if (err == BAS_OK) {
                assert_true(text_of(knx_dpt_row(n), &value));
            } else {
                assert_int_equal(err, BAS_ERR_INVALID);
                assert_int_equal(fault.err, err);
                assert_int_equal(out.len, 0);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_at_least_240_sub_types),
        cmocka_unit_test(rows_are_sorted_and_there_is_no_second_of_any),
        cmocka_unit_test(each_main_type_has_a_row_of_its_own),
        cmocka_unit_test(limits_are_in_order_and_names_and_units_are_utf8),
        cmocka_unit_test(texts_of_enumerations_are_distinct_and_reach_from_min_to_max),
        cmocka_unit_test(fields_fill_the_octets_and_name_their_validity),
        cmocka_unit_test(each_row_is_found_by_each_way_to_write_it),
        cmocka_unit_test(what_is_no_id_is_not_found),
        cmocka_unit_test(an_id_is_written_with_three_digits),
        cmocka_unit_test(what_is_written_of_any_octets_reads_back_to_the_same),
        cmocka_unit_test(all_values_of_one_octet_read_back),
        cmocka_unit_test(a_value_of_another_size_is_refused_and_never_read_past),
        cmocka_unit_test(a_small_value_is_small_and_no_other_is),
        cmocka_unit_test(upper_bits_of_a_small_value_must_be_zero),
        cmocka_unit_test(random_text_is_refused_or_makes_a_value_of_the_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
