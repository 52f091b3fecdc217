/* What lasts: given back to a new server, it makes the same device. */
#include "object_fixture.h"

#include "bac_random.h"

#include "bacnet/object.h"
#include "bacnet/server/server.h"

enum { MAX_KEPT = 3000, STEPS = 2500, ROOM = 700 };

/* What somebody who keeps events has. */
struct kept {
    bool is_gone;
    struct bac_server_event event;
    uint8_t raw[ROOM];
};
static struct kept LOG[MAX_KEPT];
static size_t n_kept;

static void keep(const struct bac_server_event *event)
{
    assert_true(n_kept < MAX_KEPT && event->raw.len <= ROOM);
    struct kept *k = &LOG[n_kept++];
    k->is_gone = false;
    k->event = *event;
    if (event->raw.len != 0) {
        memcpy(k->raw, event->raw.data, event->raw.len);
    }
    k->event.raw = (struct bas_slice){ k->raw, event->raw.len };
}

static bool is_same(struct bac_object_id a, struct bac_object_id b)
{
    return a.type == b.type && a.instance == b.instance;
}

/* A later event stands for an earlier one of the same place; a whole array for its elements; an end
 * for all that was. */
static void forget_older(const struct bac_server_event *now)
{
    bool was_created = false;
    for (size_t i = 0; i + 1 < n_kept; i++) {
        const struct bac_server_event *e = &LOG[i].event;
        if (LOG[i].is_gone || !is_same(e->object, now->object)) {
            continue;
        }
        bool is_place = e->kind == BAC_SERVER_WRITTEN && now->kind == BAC_SERVER_WRITTEN &&
                        e->property == now->property && e->priority == now->priority &&
                        (e->index == now->index || now->index == BAC_NO_INDEX);
        LOG[i].is_gone = is_place || now->kind == BAC_SERVER_DELETED;
        was_created = was_created || (LOG[i].is_gone && e->kind == BAC_SERVER_CREATED);
    }
    LOG[n_kept - 1].is_gone = was_created;
}

static void drain(struct fixture *f, bool is_compact)
{
    struct bac_apdu_tx tx;
    while (bac_server_next_tx(f->server, &tx)) {
        bas_frame_unref(tx.frame);
    }
    struct bac_server_event event;
    while (bac_server_next_event(f->server, &event)) {
        if (event.lasts) {
            keep(&event);
            if (is_compact) {
                forget_older(&LOG[n_kept - 1].event);
            }
        }
    }
}

static void request(struct fixture *f, uint8_t service, const struct bac_type *type,
                    const void *parameters)
{
    uint8_t memory[1400];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    const struct bac_apdu head = { .type = BAC_PDU_CONFIRMED_REQUEST,
                                   .max_apdu = 1476,
                                   .service = service };
    bac_apdu_encode_header(&head, &out);
    if (bac_encode(type, parameters, BAC_APPLICATION, &out) == BAS_OK) {
        assert_int_equal(fixture_send(f, (struct bas_slice){ out.data, out.len }), BAS_OK);
    }
}

static struct bac_object *any_object(struct fixture *f)
{
    const struct bac_database *db = &f->server->db;
    return db->objects[bac_random_below(&f->t, db->n_objects)];
}

static void write_something(struct fixture *f)
{
    const struct bac_object *object = any_object(f);
    const struct bac_property_row *row =
        &object->class->rows[bac_random_below(&f->t, object->class->n_rows)];
    if (row->set == NULL) {
        return;
    }
    uint8_t memory[4096];
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    void *value = bac_arena_take(&arena, row->type->size);
    uint8_t octets[ROOM];
    struct bas_buf raw;
    bas_buf_init(&raw, octets, sizeof(octets));
    bac_random(&f->t, row->type, value, &arena);
    if (bac_random_below(&f->t, 8) == 0) {
        bas_buf_add(&raw, "\0", 1);
    } else if (bac_encode(row->type, value, BAC_APPLICATION, &raw) != BAS_OK) {
        return;
    }
    const struct bac_write_property what = {
        .object = object->id,
        .property = row->property,
        .has_index = row->shape == BAC_SHAPE_ARRAY,
        .index = 1 + bac_random_below(&f->t, 3),
        .has_priority = true,
        .priority = 1 + bac_random_below(&f->t, 16),
        .value = { raw.data, raw.len },
    };
    request(f, BAC_CONFIRMED_WRITE_PROPERTY, &bac_type_write_property, &what);
}

static void create_something(struct fixture *f)
{
    size_t n = 0;
    const struct bac_object_class *const *classes = bac_classes(&n);
    const struct bac_create_object what = {
        .specifier = { .choice = BAC_CREATE_TYPE,
                       .as.type = classes[bac_random_below(&f->t, n)]->number },
    };
    request(f, BAC_CONFIRMED_CREATE_OBJECT, &bac_type_create_object, &what);
}

static void delete_something(struct fixture *f)
{
    const struct bac_delete_object what = { any_object(f)->id };
    request(f, BAC_CONFIRMED_DELETE_OBJECT, &bac_type_delete_object, &what);
}

static void expect_equal(struct fixture *a, struct fixture *b, size_t at)
{
    const struct bac_object *x = a->server->db.objects[at];
    const struct bac_object *y = b->server->db.objects[at];
    assert_int_equal(x->id.type, y->id.type);
    assert_int_equal(x->id.instance, y->id.instance);
    for (size_t k = 0; k < x->class->n_rows; k++) {
        uint32_t property = x->class->rows[k].property;
        uint8_t memory[2][8192];
        struct bas_buf out[2];
        bas_buf_init(&out[0], memory[0], sizeof(memory[0]));
        bas_buf_init(&out[1], memory[1], sizeof(memory[1]));
        bas_err before = bac_object_read(x, property, BAC_NO_INDEX, &out[0], NULL);
        bas_err after = bac_object_read(y, property, BAC_NO_INDEX, &out[1], NULL);
        bool is_equal = before == after && out[0].len == out[1].len &&
                        memcmp(memory[0], memory[1], out[0].len) == 0;
        if (!is_equal) {
            fail_msg("%s of %s,%u is another one after restoring", bac_property_name(property),
                     bac_object_type_name(x->id.type), (unsigned)x->id.instance);
        }
    }
}

static void live_and_restore(uint64_t seed, bool is_compact)
{
    struct fixture a, b;
    every_open(&a);
    a.t.seed += seed;
    n_kept = 0;
    for (size_t i = 0; i < STEPS; i++) {
        size_t dice = bac_random_below(&a.t, 50);
        if (dice == 0) {
            create_something(&a);
        } else if (dice == 1) {
            delete_something(&a);
        } else {
            write_something(&a);
        }
        drain(&a, is_compact);
    }
    assert_true(n_kept > STEPS / 10); /* else it tests nothing */
    every_open(&b);
    for (size_t i = 0; i < n_kept; i++) {
        struct bas_fault fault = { 0 };
        if (!LOG[i].is_gone && bac_server_restore(b.server, &LOG[i].event, &fault) != BAS_OK) {
            fail_msg("%s", fault.text);
        }
    }
    assert_int_equal(a.server->db.n_objects, b.server->db.n_objects);
    for (size_t i = 0; i < a.server->db.n_objects; i++) {
        expect_equal(&a, &b, i);
    }
    fixture_close(&a);
    fixture_close(&b);
}

static void everything_that_was_told_makes_the_same_device(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        live_and_restore(seed, false);
    }
}

static void the_last_word_about_each_place_is_enough(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        live_and_restore(seed, true);
    }
}

static void what_was_restored_already_is_no_error(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    static const uint8_t name[] = { 0x72, 0x00, 0x78 };
    struct bac_server_event event = { .kind = BAC_SERVER_CREATED,
                                      .object = { BAC_OBJECT_ANALOG_VALUE, 77 },
                                      .raw = { name, sizeof(name) } };
    struct bas_fault fault = { 0 };
    for (int again = 0; again < 2; again++) {
        assert_int_equal(bac_server_restore(f.server, &event, &fault), BAS_OK);
    }
    event.kind = BAC_SERVER_DELETED;
    for (int again = 0; again < 2; again++) {
        assert_int_equal(bac_server_restore(f.server, &event, &fault), BAS_OK);
    }
    event.kind = BAC_SERVER_CREATED;
    event.object.instance = 1; /* the configuration has it now */
    assert_true(bac_server_restore(f.server, &event, &fault) != BAS_OK);
    fixture_close(&f);
}

/* Restores that event: raw of a name is its text. */
static void restore(struct fixture *f, enum bac_server_event_kind kind, struct bac_object_id object,
                    const char *name)
{
    uint8_t memory[64];
    struct bas_buf raw;
    const struct bac_text text = { BAC_CHARSET_UTF8, { (const uint8_t *)name, strlen(name) } };
    bas_buf_init(&raw, memory, sizeof(memory));
    assert_int_equal(bac_encode(&bac_type_character_string, &text, BAC_APPLICATION, &raw), BAS_OK);
    const struct bac_server_event event = { .kind = kind,
                                            .object = object,
                                            .property = BAC_PROPERTY_OBJECT_NAME,
                                            .index = BAC_NO_INDEX,
                                            .raw = { raw.data, raw.len } };
    struct bas_fault fault = { 0 };
    if (bac_server_restore(f->server, &event, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
}

static void expect_name(struct fixture *f, struct bac_object_id id, const char *name)
{
    const struct bac_object *object = bac_database_find(&f->server->db, id);
    assert_non_null(object);
    assert_int_equal(object->name.len, strlen(name));
    assert_memory_equal(object->name.data, name, strlen(name));
    const struct bas_slice text = { (const uint8_t *)name, strlen(name) };
    assert_ptr_equal(bac_database_find_name(&f->server->db, text), object);
}

static void names_that_went_round_are_restored(void **state)
{
    (void)state;
    static const struct bac_object_id a = { BAC_OBJECT_ANALOG_VALUE, 1 };
    static const struct bac_object_id b = { BAC_OBJECT_ANALOG_VALUE, 2 };
    static const struct bac_object_id c = { BAC_OBJECT_ANALOG_VALUE, 3 };
    struct fixture f;
    every_open(&f);
    restore(&f, BAC_SERVER_WRITTEN, c, "Command");
    restore(&f, BAC_SERVER_WRITTEN, b, "Setpoint");
    restore(&f, BAC_SERVER_WRITTEN, a, "Fixed");
    expect_name(&f, a, "Fixed");
    expect_name(&f, b, "Setpoint");
    expect_name(&f, c, "Command");
    fixture_close(&f);
}

static void what_was_created_with_a_name_that_another_object_had_then_is_restored(void **state)
{
    (void)state;
    static const struct bac_object_id old = { BAC_OBJECT_ANALOG_VALUE, 1 };
    static const struct bac_object_id new = { BAC_OBJECT_ANALOG_VALUE, 77 };
    struct fixture f;
    every_open(&f);
    restore(&f, BAC_SERVER_CREATED, new, "Setpoint");
    restore(&f, BAC_SERVER_WRITTEN, old, "Setpoint of old");
    expect_name(&f, new, "Setpoint");
    expect_name(&f, old, "Setpoint of old");
    fixture_close(&f);
}

static void what_was_created_in_place_of_a_configured_object_is_restored(void **state)
{
    (void)state;
    static const struct bac_object_id id = { BAC_OBJECT_ANALOG_VALUE, 9 };
    static const struct bac_object_config object = {
        .type = BAC_OBJECT_ANALOG_VALUE, .instance = 9, .name = "Old", .deletable = true
    };
    struct bac_server_config config = fixture_config();
    config.objects = &object;
    config.n_objects = 1;
    config.max_created = 1;
    struct fixture f;
    fixture_open_with(&f, &config);
    restore(&f, BAC_SERVER_CREATED, id, "New");
    expect_name(&f, id, "New");
    assert_true(bac_database_find(&f.server->db, id)->is_created);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_was_told_makes_the_same_device),
        cmocka_unit_test(the_last_word_about_each_place_is_enough),
        cmocka_unit_test(what_was_restored_already_is_no_error),
        cmocka_unit_test(names_that_went_round_are_restored),
        cmocka_unit_test(what_was_created_with_a_name_that_another_object_had_then_is_restored),
        cmocka_unit_test(what_was_created_in_place_of_a_configured_object_is_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
