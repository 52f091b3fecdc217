/*
 * Every row of every object type, read and written in every wrong way (object_write.c): each gets
 * the error that clause 15.5 or 15.9 names, and changes nothing.
 */
#include "object_fixture.h"

#include "bacnet/object.h"
#include "bacnet/server/server.h"

enum { OK = BAC_ERROR_CODE_SUCCESS, MAX_PROPERTY = 600, ROOM = 4096 };

/* Octets of a literal: thousands of values would be too many for test_hex. */
#define OCTETS(literal)                                                                            \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
static const struct bas_slice ONE = OCTETS("\x21\x01");
static const struct bas_slice NOTHING = OCTETS("\x00");
static const struct bas_slice EMPTY_BRACKETS = OCTETS("\x0E\x0F");

/* One property of one object. */
struct place {
    struct bac_object *object;
    const struct bac_property_row *row;
};

struct octets {
    uint8_t data[ROOM];
    size_t len;
};

static struct bas_slice slice(const struct octets *octets)
{
    return (struct bas_slice){ octets->data, octets->len };
}

static unsigned code_of(bas_err err, const struct bas_fault *fault)
{
    if (err == BAS_OK) {
        return OK;
    }
    bool is_property = fault->error_class == BAC_ERROR_CLASS_PROPERTY;
    bool is_room = fault->error_code == BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY &&
                   fault->error_class == BAC_ERROR_CLASS_RESOURCES;
    bool is_broken = fault->error_code == BAC_ERROR_CODE_OPERATIONAL_PROBLEM &&
                     fault->error_class == BAC_ERROR_CLASS_DEVICE;
    assert_true(is_property || is_room || is_broken);
    return fault->error_code;
}

static unsigned read_at(struct place p, uint32_t index, struct octets *out)
{
    struct bas_buf b;
    bas_buf_init(&b, out->data, sizeof(out->data));
    struct bas_fault fault = { 0 };
    bas_err err = bac_object_read(p.object, p.row->property, index, &b, &fault);
    assert_false(b.full);
    out->len = b.len;
    return code_of(err, &fault);
}

static unsigned write_at(struct place p, uint32_t index, struct bas_slice raw)
{
    struct bac_write w = { .property = p.row->property, .index = index, .priority = 16 };
    struct bas_fault fault = { 0 };
    return code_of(bac_object_write(p.object, &w, raw, &fault), &fault);
}

static void expect(struct place p, const char *what, unsigned got, unsigned want)
{
    if (got != want) {
        fail_msg("%s,%u %s: %s gives %u (%s) instead of %u (%s)",
                 bac_object_type_name(p.object->id.type), (unsigned)p.object->id.instance,
                 bac_property_name(p.row->property), what, got,
                 bac_enum_name(&bac_type_error_code, got), want,
                 bac_enum_name(&bac_type_error_code, want));
    }
}

/* Writes, expects that code, and, if it is an error, that nothing has changed. */
static void expect_write(struct place p, const char *what, uint32_t index, struct bas_slice raw,
                         unsigned want)
{
    struct octets before, after;
    (void)read_at(p, BAC_NO_INDEX, &before);
    expect(p, what, write_at(p, index, raw), want);
    (void)read_at(p, BAC_NO_INDEX, &after);
    assert_int_equal(after.len, before.len);
    assert_memory_equal(after.data, before.data, after.len);
}

static void for_every_property(struct fixture *f, void (*check)(struct place p))
{
    const struct bac_database *db = &f->server->db;
    for (size_t i = 0; i < db->n_objects; i++) {
        const struct bac_object_class *class = db->objects[i]->class;
        for (size_t k = 0; k < class->n_rows; k++) {
            const struct place p = { db->objects[i], &class->rows[k] };
            if (bac_object_has(p.object, p.row)) {
                check(p);
            }
        }
    }
}

static void walk(void (*check)(struct place p))
{
    struct fixture f;
    every_open(&f);
    for_every_property(&f, check);
    fixture_close(&f);
}

static bool is_broken(struct place p) /* the getter of the fixture that fails */
{
    struct octets out;
    return read_at(p, BAC_NO_INDEX, &out) == BAC_ERROR_CODE_OPERATIONAL_PROBLEM;
}

/* Reading */

static void check_reading(struct place p)
{
    struct octets all, out;
    if (is_broken(p)) {
        return;
    }
    expect(p, "reading", read_at(p, BAC_NO_INDEX, &all), OK);
    struct bas_slice left = slice(&all);
    uint32_t n = 0;
    bool is_null = all.len == 1 && all.data[0] == 0; /* Current_Command_Priority may be */
    while (left.len != 0 && !is_null) {
        struct bas_slice element;
        struct bas_fault fault = { 0 };
        if (bac_next_value(p.row->type, &left, &element, &fault) != BAS_OK) {
            fail_msg("%s of %s is no %s: %s", bac_property_name(p.row->property),
                     bac_object_type_name(p.object->id.type), p.row->type->name, fault.text);
        }
        n++;
    }
    if (p.row->shape != BAC_SHAPE_ARRAY) {
        assert_true(p.row->shape == BAC_SHAPE_LIST || n + is_null == 1);
        expect(p, "index 0", read_at(p, 0, &out), BAC_ERROR_CODE_PROPERTY_IS_NOT_AN_ARRAY);
        expect(p, "index 1", read_at(p, 1, &out), BAC_ERROR_CODE_PROPERTY_IS_NOT_AN_ARRAY);
        return;
    }
    expect(p, "its size", read_at(p, 0, &out), OK);
    uint64_t size = 0;
    assert_int_equal(bac_decode_all(&bac_type_unsigned, slice(&out), &size, NULL, NULL), BAS_OK);
    assert_int_equal(size, n);
    for (uint32_t at = 1; at <= n; at++) {
        expect(p, "an element", read_at(p, at, &out), OK);
    }
    expect(p, "an index behind the end", read_at(p, n + 1, &out),
           BAC_ERROR_CODE_INVALID_ARRAY_INDEX);
    expect(p, "the largest index", read_at(p, BAC_NO_INDEX - 1, &out),
           BAC_ERROR_CODE_INVALID_ARRAY_INDEX);
}

static void every_property_is_of_its_type_and_shape(void **state)
{
    (void)state;
    walk(check_reading);
}

static void a_property_that_is_not_there_is_unknown(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    const struct bac_database *db = &f.server->db;
    for (size_t i = 0; i < db->n_objects; i++) {
        for (uint32_t property = 0; property < MAX_PROPERTY; property++) {
            const struct bac_property_row row = { .property = property };
            const struct place p = { db->objects[i], &row };
            if (bac_object_row(p.object, property) != NULL) {
                continue;
            }
            struct octets out;
            expect(p, "reading", read_at(p, BAC_NO_INDEX, &out), BAC_ERROR_CODE_UNKNOWN_PROPERTY);
            expect(p, "index 1", read_at(p, 1, &out), BAC_ERROR_CODE_UNKNOWN_PROPERTY);
            expect(p, "writing", write_at(p, BAC_NO_INDEX, ONE), BAC_ERROR_CODE_UNKNOWN_PROPERTY);
        }
    }
    fixture_close(&f);
}

/* Writing */

static bool is_writable(struct place p)
{
    const struct bac_write w = { .property = p.row->property,
                                 .index = BAC_NO_INDEX,
                                 .priority = 16 };
    return bac_object_configured(p.object, p.row->property) == NULL && p.row->set != NULL &&
           !p.row->by_program_only &&
           (p.row->may == NULL || p.row->may(p.object, &w, NULL) == BAS_OK);
}

static void check_denial(struct place p)
{
    struct octets own;
    if (is_writable(p) || is_broken(p)) {
        return;
    }
    (void)read_at(p, BAC_NO_INDEX, &own);
    expect_write(p, "its own value", BAC_NO_INDEX, slice(&own), BAC_ERROR_CODE_WRITE_ACCESS_DENIED);
    expect_write(p, "another type", BAC_NO_INDEX, EMPTY_BRACKETS,
                 BAC_ERROR_CODE_WRITE_ACCESS_DENIED);
    expect_write(p, "NULL", BAC_NO_INDEX, NOTHING, BAC_ERROR_CODE_WRITE_ACCESS_DENIED);
    if (p.row->shape == BAC_SHAPE_ARRAY) {
        expect_write(p, "its size", 0, ONE, BAC_ERROR_CODE_WRITE_ACCESS_DENIED);
    }
}

static void what_cannot_be_written_says_so_whatever_is_written(void **state)
{
    (void)state;
    walk(check_denial);
}

static void check_index(struct place p)
{
    if (p.row->shape != BAC_SHAPE_ARRAY) {
        expect_write(p, "index 1", 1, ONE, BAC_ERROR_CODE_PROPERTY_IS_NOT_AN_ARRAY);
        expect_write(p, "index 0", 0, ONE, BAC_ERROR_CODE_PROPERTY_IS_NOT_AN_ARRAY);
    } else if (is_writable(p)) {
        uint32_t n = p.row->count(p.object);
        expect_write(p, "an index behind the end", n + 1, ONE, BAC_ERROR_CODE_INVALID_ARRAY_INDEX);
    }
}

static void an_index_is_for_elements_of_arrays(void **state)
{
    (void)state;
    walk(check_index);
}

static void check_types(struct place p)
{
    static const struct bas_slice values[] = {
        OCTETS("\x11"),
        OCTETS("\x21\x01"),
        OCTETS("\x31\x01"),
        OCTETS("\x44\0\0\0\0"),
        OCTETS("\x55\x08\0\0\0\0\0\0\0\0"),
        OCTETS("\x61\x01"),
        OCTETS("\x71\0"),
        OCTETS("\x82\x05\0"),
        OCTETS("\x91\0"),
        OCTETS("\xA4\x7E\x0A\x0C\x01"),
        OCTETS("\xB4\0\0\0\0"),
        OCTETS("\xC4\0\0\0\x01"),
        OCTETS("\x0E\x0F"),
        OCTETS("\x19\x01"),
    };
    if (!is_writable(p)) {
        return;
    }
    uint32_t index = p.row->shape == BAC_SHAPE_ARRAY ? 1 : BAC_NO_INDEX;
    for (size_t i = 0; i < BAS_ARRAY_LEN(values); i++) {
        struct bas_slice raw = values[i];
        unsigned tag = raw.data[0] >> 4;
        bool is_its_first = p.row->type->fields != NULL && tag == BAC_TAG_BIT_STRING;
        if ((raw.data[0] & 8) != 0 || (tag != (unsigned)p.row->type->kind && !is_its_first)) {
            expect_write(p, "another type", index, raw, BAC_ERROR_CODE_INVALID_DATA_TYPE);
        }
    }
}

static void a_value_of_another_type_is_refused(void **state)
{
    (void)state;
    walk(check_types);
}

static void check_form(struct place p)
{
    struct octets own;
    if (!is_writable(p)) {
        return;
    }
    uint32_t index = p.row->shape == BAC_SHAPE_ARRAY ? 1 : BAC_NO_INDEX;
    (void)read_at(p, index, &own);
    expect_write(p, "its own value", index, slice(&own), OK);
    for (size_t len = 0; p.row->shape != BAC_SHAPE_LIST && len < own.len; len++) {
        expect_write(p, "a part of it", index, (struct bas_slice){ own.data, len },
                     BAC_ERROR_CODE_INVALID_DATA_TYPE);
    }
    own.data[own.len++] = 0x11;
    expect_write(p, "something behind it", index, slice(&own), BAC_ERROR_CODE_INVALID_DATA_TYPE);
}

static void a_value_is_whole_and_nothing_stands_behind_it(void **state)
{
    (void)state;
    walk(check_form);
}

static void check_array(struct place p)
{
    struct octets own, one;
    if (!is_writable(p) || p.row->shape != BAC_SHAPE_ARRAY) {
        return;
    }
    (void)read_at(p, BAC_NO_INDEX, &own);
    (void)read_at(p, 1, &one);
    expect_write(p, "all of it", BAC_NO_INDEX, slice(&own), OK);
    expect_write(p, "all but the first", BAC_NO_INDEX,
                 (struct bas_slice){ own.data + one.len, own.len - one.len },
                 BAC_ERROR_CODE_VALUE_OUT_OF_RANGE);
    expect_write(p, "its size", 0, ONE, BAC_ERROR_CODE_WRITE_ACCESS_DENIED);
    memcpy(own.data + own.len, one.data, one.len);
    own.len += one.len;
    expect_write(p, "one too many", BAC_NO_INDEX, slice(&own), BAC_ERROR_CODE_VALUE_OUT_OF_RANGE);
    own.len -= 1;
    expect_write(p, "a part of the last", BAC_NO_INDEX, slice(&own),
                 BAC_ERROR_CODE_INVALID_DATA_TYPE);
}

static void an_array_is_written_with_all_its_elements(void **state)
{
    (void)state;
    walk(check_array);
}

static void check_null(struct place p)
{
    if (is_writable(p)) {
        expect_write(p, "NULL", p.row->shape == BAC_SHAPE_ARRAY ? 1 : BAC_NO_INDEX, NOTHING, OK);
    }
}

static void null_is_taken_and_changes_nothing_that_was_not_commanded(void **state)
{
    (void)state;
    walk(check_null);
}

/* Properties that the program writes */

struct owner {
    unsigned calls;
    uint32_t index;
    uint8_t raw[64];
    size_t len;
    unsigned code;
};

static bas_err owner_get(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    (void)property;
    const struct owner *o = ctx;
    if (index == 0) {
        bas_buf_add(out, "\x21\x02", 2);
    } else if (index == BAC_NO_INDEX || index <= 2) {
        bas_buf_add(out, o->raw, o->len);
    } else {
        return BAS_ERR_NOT_FOUND;
    }
    return BAS_OK;
}

static bas_err owner_set(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                         struct bas_fault *fault)
{
    struct owner *o = ctx;
    o->calls++;
    if (o->code == 1) {
        return BAS_ERR_IO; /* without a reason */
    }
    if (o->code != 0) {
        return bas_fail_code(fault, BAS_ERR_INVALID, BAC_ERROR_CLASS_PROPERTY, o->code, "no %u",
                             (unsigned)property);
    }
    o->index = index;
    memcpy(o->raw, raw.data, raw.len);
    o->len = raw.len;
    return BAS_OK;
}

static void a_property_of_the_program_is_written_by_the_program(void **state)
{
    (void)state;
    struct owner o = { 0 };
    const struct bac_property_config properties[] = {
        { BAC_PROPERTY_SC_PRIMARY_HUB_URI, .get = owner_get, .set = owner_set, .ctx = &o },
        { BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS, .get = owner_get, .set = owner_set, .ctx = &o },
        { BAC_PROPERTY_COMMAND, .get = owner_get, .set = owner_set, .ctx = &o },
        { BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS, .get = owner_get, .set = owner_set,
          .ctx = &o },
    };
    static const struct {
        uint32_t property, index;
        const char *raw;
        unsigned code;
        bool is_asked;
        unsigned owner_says;
    } rows[] = {
        { BAC_PROPERTY_SC_PRIMARY_HUB_URI, BAC_NO_INDEX, "72 00 61", OK, true, 0 },
        { BAC_PROPERTY_SC_PRIMARY_HUB_URI, BAC_NO_INDEX, "72 00 61",
          BAC_ERROR_CODE_WRITE_ACCESS_DENIED, true, 1 },
        { BAC_PROPERTY_SC_PRIMARY_HUB_URI, BAC_NO_INDEX, "72 00 61",
          BAC_ERROR_CODE_VALUE_OUT_OF_RANGE, true, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE },
        { BAC_PROPERTY_SC_PRIMARY_HUB_URI, BAC_NO_INDEX, "21 01", BAC_ERROR_CODE_INVALID_DATA_TYPE,
          false, 0 },
        { BAC_PROPERTY_SC_PRIMARY_HUB_URI, BAC_NO_INDEX, "00", OK, false, 0 }, /* 15.9.2 */
        { BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS, 1, "00", OK, false, 0 },
        { BAC_PROPERTY_SC_PRIMARY_HUB_URI, BAC_NO_INDEX, "00 00", BAC_ERROR_CODE_INVALID_DATA_TYPE,
          false, 0 },
        { BAC_PROPERTY_SC_PRIMARY_HUB_URI, BAC_NO_INDEX, "72 00 61 11",
          BAC_ERROR_CODE_INVALID_DATA_TYPE, false, 0 },
        { BAC_PROPERTY_SC_PRIMARY_HUB_URI, 1, "72 00 61", BAC_ERROR_CODE_PROPERTY_IS_NOT_AN_ARRAY,
          false, 0 },
        { BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS, 1, "72 00 61", OK, true, 0 },
        { BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS, 0, "21 01", OK, true, 0 },
        { BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS, 0, "72 00 61", BAC_ERROR_CODE_INVALID_DATA_TYPE,
          false, 0 },
        { BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS, BAC_NO_INDEX, "72 00 61 72 00 62", OK, true,
          0 },
        { BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS, BAC_NO_INDEX, "72 00 61 21 01",
          BAC_ERROR_CODE_INVALID_DATA_TYPE, false, 0 },
        { BAC_PROPERTY_COMMAND, BAC_NO_INDEX, "91 07", OK, true, 0 },
        { BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS, BAC_NO_INDEX, "", OK, true, 0 },
        { BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS, BAC_NO_INDEX, "21 01",
          BAC_ERROR_CODE_INVALID_DATA_TYPE, false, 0 },
    };
    const struct bac_object_config port = { .type = BAC_OBJECT_NETWORK_PORT,
                                            .instance = 1,
                                            .name = "Port",
                                            .properties = properties,
                                            .n_properties = BAS_ARRAY_LEN(properties) };
    struct bac_server_config config = fixture_config();
    config.objects = &port;
    config.n_objects = 1;
    struct fixture f;
    fixture_open_with(&f, &config);
    struct bac_object *object =
        bac_database_find(&f.server->db, (struct bac_object_id){ BAC_OBJECT_NETWORK_PORT, 1 });
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        o = (struct owner){ .code = rows[i].owner_says };
        const struct place p = { object, bac_object_row(object, rows[i].property) };
        struct bas_slice raw = test_hex(rows[i].raw);
        expect(p, rows[i].raw, write_at(p, rows[i].index, raw), rows[i].code);
        assert_int_equal(o.calls, rows[i].is_asked);
        if (rows[i].code == OK && rows[i].is_asked) {
            assert_int_equal(o.index, rows[i].index);
            assert_int_equal(o.len, raw.len);
            assert_memory_equal(o.raw, raw.data, raw.len);
        }
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_property_is_of_its_type_and_shape),
        cmocka_unit_test(a_property_that_is_not_there_is_unknown),
        cmocka_unit_test(what_cannot_be_written_says_so_whatever_is_written),
        cmocka_unit_test(an_index_is_for_elements_of_arrays),
        cmocka_unit_test(a_value_of_another_type_is_refused),
        cmocka_unit_test(a_value_is_whole_and_nothing_stands_behind_it),
        cmocka_unit_test(an_array_is_written_with_all_its_elements),
        cmocka_unit_test(null_is_taken_and_changes_nothing_that_was_not_commanded),
        cmocka_unit_test(a_property_of_the_program_is_written_by_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
