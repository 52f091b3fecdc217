/* Objects that come and go, their names, and changes of lists: what the services stand on. */
#include "device_fixture.h"

#include "bacnet/object.h"
#include "bacnet/server.h"

#include <stdio.h>

static struct bas_slice text(const char *utf8)
{
    return (struct bas_slice){ (const uint8_t *)utf8, strlen(utf8) };
}

static void expect_octets(const struct bas_buf *got, const char *hex)
{
    struct bas_slice want = test_hex(hex);
    assert_int_equal(got->len, want.len);
    assert_memory_equal(got->data, want.data, want.len);
}

static void open_with_room_for(struct fixture *f, uint32_t max_created)
{
    struct bac_server_config config = fixture_config();
    config.max_created = max_created;
    fixture_open_with(f, &config);
}

static const struct bac_object_id ANY_VALUE = { BAC_OBJECT_ANALOG_VALUE, BAC_WILDCARD_INSTANCE };

static void a_created_object_is_found_listed_and_deletable(void **state)
{
    (void)state;
    struct fixture f;
    open_with_room_for(&f, 2);
    struct bac_database *db = &f.server->db;
    size_t n = db->n_objects;
    struct bac_object *object = NULL;
    struct bas_fault fault = { 0 };
    assert_int_equal(bac_database_create(db, ANY_VALUE, text(""), &object, &fault), BAS_OK);
    assert_int_equal(object->id.instance, 4); /* 1 to 3 are taken */
    assert_ptr_equal(bac_database_find(db, object->id), object);
    assert_ptr_equal(bac_database_find_name(db, text("analog-value-4")), object);
    assert_int_equal(db->n_objects, n + 1);
    assert_int_equal(db->info.database_revision, 8);
    struct bac_object_id id = object->id;
    bac_object_touch(object);
    assert_int_equal(bac_database_delete(db, object, &fault), BAS_OK);
    assert_null(bac_database_find(db, id));
    assert_null(bac_database_find_name(db, text("analog-value-4")));
    assert_int_equal(db->info.database_revision, 9);
    assert_ptr_equal(bac_database_next_changed(db), db->device); /* and it is the only one */
    assert_null(bac_database_next_changed(db));
    fixture_close(&f);
}

static void creation_says_why_it_cannot_be(void **state)
{
    (void)state;
    static const struct {
        struct bac_object_id id;
        const char *name;
        unsigned error_class, error_code;
    } rows[] = {
        { { BAC_OBJECT_LOOP, 1 },
          "x",
          BAC_ERROR_CLASS_OBJECT,
          BAC_ERROR_CODE_UNSUPPORTED_OBJECT_TYPE },
        { { BAC_OBJECT_DEVICE, 1 },
          "x",
          BAC_ERROR_CLASS_OBJECT,
          BAC_ERROR_CODE_DYNAMIC_CREATION_NOT_SUPPORTED },
        { { BAC_OBJECT_ANALOG_VALUE, 1 },
          "x",
          BAC_ERROR_CLASS_OBJECT,
          BAC_ERROR_CODE_OBJECT_IDENTIFIER_ALREADY_EXISTS },
        { { BAC_OBJECT_ANALOG_VALUE, 9 },
          "Room",
          BAC_ERROR_CLASS_PROPERTY,
          BAC_ERROR_CODE_DUPLICATE_NAME },
    };
    struct fixture f;
    open_with_room_for(&f, 1);
    struct bac_database *db = &f.server->db;
    struct bac_object *object = NULL;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_fault fault = { 0 };
        assert_true(bac_database_create(db, rows[i].id, text(rows[i].name), &object, &fault) !=
                    BAS_OK);
        assert_int_equal(fault.error_class, rows[i].error_class);
        assert_int_equal(fault.error_code, rows[i].error_code);
    }
    struct bas_fault fault = { 0 };
    assert_int_equal(bac_database_create(db, ANY_VALUE, text("a"), &object, &fault), BAS_OK);
    assert_int_equal(bac_database_create(db, ANY_VALUE, text("b"), &object, &fault),
                     BAS_ERR_NO_SPACE);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_NO_SPACE_FOR_OBJECT);
    assert_int_equal(fault.error_class, BAC_ERROR_CLASS_RESOURCES);
    assert_int_equal(bac_database_delete(db, db->device, &fault), BAS_ERR_PERMISSION);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_OBJECT_DELETION_NOT_PERMITTED);
    fixture_close(&f);
}

static void memory_that_fails_makes_no_object(void **state)
{
    (void)state;
    struct fixture f;
    open_with_room_for(&f, 1);
    struct bac_database *db = &f.server->db;
    struct bac_object *object = NULL;
    struct bas_fault fault = { 0 };
    f.t.fail_at = f.t.allocations + 1;
    assert_int_equal(bac_database_create(db, ANY_VALUE, text("a"), &object, &fault),
                     BAS_ERR_NO_MEMORY);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_NO_SPACE_FOR_OBJECT);
    f.t.fail_at = 0;
    assert_int_equal(bac_database_create(db, ANY_VALUE, text("a"), &object, &fault), BAS_OK);
    fixture_close(&f);
}

static void a_change_can_be_taken_from_anywhere_in_the_list(void **state)
{
    (void)state;
    for (size_t gone = 0; gone < 3; gone++) {
        struct fixture f;
        open_with_room_for(&f, 3);
        struct bac_database *db = &f.server->db;
        struct bac_object *objects[3];
        static const char *const names[] = { "a", "b", "c" };
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(bac_database_create(db, ANY_VALUE, text(names[i]), &objects[i], NULL),
                             BAS_OK);
        }
        assert_ptr_equal(bac_database_next_changed(db), db->device);
        for (size_t i = 0; i < 3; i++) {
            bac_object_touch(objects[i]);
        }
        assert_int_equal(bac_database_delete(db, objects[gone], NULL), BAS_OK);
        size_t n = 0;
        for (const struct bac_object *o; (o = bac_database_next_changed(db)) != NULL; n++) {
            assert_true(o == db->device || (o != objects[gone] && o->id.instance >= 4));
        }
        assert_int_equal(n, 3);
        fixture_close(&f);
    }
}

static void a_name_can_be_changed_while_it_stays_unique(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bac_database *db = &f.server->db;
    fixture_expect(&f, "00 05 07 0F 0C 00 00 00 01 19 4D 3E 75 05 00 48 61 6C 6C 3F", "20 07 0F");
    assert_null(bac_database_find_name(db, text("Room")));
    assert_int_equal(bac_database_find_name(db, text("Hall"))->id.type, BAC_OBJECT_ANALOG_INPUT);
    assert_int_equal(db->info.database_revision, 8);
    fixture_expect(&f, "00 05 07 0F 0C 00 00 00 01 19 4D 3E 75 05 00 48 61 6C 6C 3F", "20 07 0F");
    assert_int_equal(db->info.database_revision, 8); /* it was its name already */
    static const struct {
        const char *value;
        const char *answer;
    } rows[] = {
        { "75 06 00 56 61 6C 76 65", "50 07 0F 91 02 91 30" }, /* Valve has it */
        { "71 00", "50 07 0F 91 02 91 25" },                   /* none at all */
        { "72 00 0A", "50 07 0F 91 02 91 25" },                /* not printable */
        { "72 00 FF", "50 07 0F 91 02 91 25" },                /* not UTF-8 */
        { "72 02 41", "50 07 0F 91 02 91 29" },                /* JIS X 0208 */
        { "73 05 41 E4", "20 07 0F" },                         /* Latin-1 */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char request[128];
        (void)snprintf(request, sizeof(request), "00 05 07 0F 0C 00 00 00 01 19 4D 3E %s 3F",
                       rows[i].value);
        fixture_expect(&f, request, rows[i].answer);
    }
    assert_non_null(bac_database_find_name(db, text("A\xC3\xA4")));
    fixture_close(&f);
}

static void ranges_go_over_arrays_and_lists(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    uint8_t memory[512];
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    struct bac_elements range;
    uint8_t octets[64];
    struct bas_buf out;
    const struct bac_object *device = f.server->db.device;
    assert_int_equal(
        bac_object_range(device, BAC_PROPERTY_OBJECT_LIST, BAC_NO_INDEX, &arena, &range, NULL),
        BAS_OK);
    assert_int_equal(range.n, BAS_ARRAY_LEN(FIXTURE_OBJECTS) + 1);
    bas_buf_init(&out, octets, sizeof(octets));
    assert_int_equal(bac_elements_read(&range, 1, &out, NULL), BAS_OK);
    expect_octets(&out, "C4 00 00 00 01");
    const struct bac_object *port =
        bac_database_find(&f.server->db, (struct bac_object_id){ BAC_OBJECT_NETWORK_PORT, 1 });
    assert_int_equal(bac_object_range(port, BAC_PROPERTY_SC_DIRECT_CONNECT_ACCEPT_URIS,
                                      BAC_NO_INDEX, &arena, &range, NULL),
                     BAS_OK);
    assert_int_equal(range.n, 1);
    for (int again = 0; again < 2; again++) {
        bas_buf_init(&out, octets, sizeof(octets));
        assert_int_equal(bac_elements_read(&range, 1, &out, NULL), BAS_OK);
        expect_octets(&out, "75 0B 00 77 73 73 3A 2F 2F 78 2F 64 63");
    }
    struct bas_fault fault = { 0 };
    assert_true(bac_object_range(device, BAC_PROPERTY_OBJECT_NAME, BAC_NO_INDEX, &arena, &range,
                                 &fault) != BAS_OK);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_PROPERTY_IS_NOT_A_LIST);
    assert_int_equal(fault.error_class, BAC_ERROR_CLASS_SERVICES);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_created_object_is_found_listed_and_deletable),
        cmocka_unit_test(creation_says_why_it_cannot_be),
        cmocka_unit_test(memory_that_fails_makes_no_object),
        cmocka_unit_test(a_change_can_be_taken_from_anywhere_in_the_list),
        cmocka_unit_test(a_name_can_be_changed_while_it_stays_unique),
        cmocka_unit_test(ranges_go_over_arrays_and_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
