/* Objects that come and go, their names, and changes of lists (object_list.c): what the
 * services stand on. */
#include "object_fixture.h"

#include "bacnet/object.h"
#include "bacnet/server/server.h"

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
          "a\nb",
          BAC_ERROR_CLASS_PROPERTY,
          BAC_ERROR_CODE_VALUE_OUT_OF_RANGE },
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

/* Lists */

static unsigned change(struct bac_object *object, uint32_t property, bool is_removal,
                       const char *elements, uint32_t *first_failed)
{
    uint8_t memory[8192];
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    struct bac_list_change c = { .property = property,
                                 .index = BAC_NO_INDEX,
                                 .is_removal = is_removal,
                                 .elements = test_hex(elements),
                                 .arena = &arena };
    struct bas_fault fault = { 0 };
    bas_err err = bac_object_list_change(object, &c, &fault);
    assert_int_equal(c.lasts, err == BAS_OK);
    *first_failed = c.first_failed;
    return err == BAS_OK ? (unsigned)BAC_ERROR_CODE_SUCCESS : fault.error_code;
}

static void expect_property(const struct bac_object *object, uint32_t property, const char *hex)
{
    uint8_t memory[4096];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_object_read(object, property, BAC_NO_INDEX, &out, NULL), BAS_OK);
    expect_octets(&out, hex);
}

/* A device and an address as recipients: all days, all day, all transitions. */
#define TO_DEVICE  "82 01 FE B4 00 00 00 00 B4 17 3B 3B 63 0C 02 00 00 07 21 05 11 82 05 E0 "
#define TO_ADDRESS "82 01 FE B4 00 00 00 00 B4 17 3B 3B 63 1E 21 00 61 0A 1F 21 06 10 82 05 80 "

static void recipients_are_added_and_removed_all_or_none(void **state)
{
    (void)state;
    enum { LIST = BAC_PROPERTY_RECIPIENT_LIST, OK = BAC_ERROR_CODE_SUCCESS };
    struct fixture f;
    every_open(&f);
    struct bac_object *object = bac_database_find(
        &f.server->db, (struct bac_object_id){ BAC_OBJECT_NOTIFICATION_CLASS, 1 });
    uint32_t failed = 0;
    expect_property(object, LIST, "");
    assert_int_equal(change(object, LIST, false, TO_DEVICE, &failed), OK);
    assert_int_equal(change(object, LIST, false, TO_DEVICE TO_ADDRESS, &failed), OK);
    expect_property(object, LIST, TO_DEVICE TO_ADDRESS); /* each of them once */
    assert_int_equal(change(object, LIST, true, TO_ADDRESS TO_ADDRESS, &failed),
                     BAC_ERROR_CODE_LIST_ELEMENT_NOT_FOUND);
    assert_int_equal(failed, 2);
    expect_property(object, LIST, TO_DEVICE TO_ADDRESS);
    assert_int_equal(change(object, LIST, false, TO_DEVICE "21 05", &failed),
                     BAC_ERROR_CODE_INVALID_DATA_TYPE);
    assert_int_equal(failed, 2);
    assert_int_equal(change(object, LIST, true, TO_DEVICE, &failed), OK);
    expect_property(object, LIST, TO_ADDRESS);
    assert_int_equal(change(object, BAC_PROPERTY_PRIORITY, false, "21 05", &failed),
                     BAC_ERROR_CODE_PROPERTY_IS_NOT_A_LIST);
    assert_int_equal(failed, 0);
    assert_int_equal(change(object, BAC_PROPERTY_PRESENT_VALUE, false, "21 05", &failed),
                     BAC_ERROR_CODE_UNKNOWN_PROPERTY);
    struct bac_object *device = f.server->db.device;
    assert_int_equal(change(device, BAC_PROPERTY_DEVICE_ADDRESS_BINDING, true, "", &failed),
                     BAC_ERROR_CODE_WRITE_ACCESS_DENIED);
    fixture_close(&f);
}

static void a_list_that_is_full_says_so(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    struct bac_object *object = bac_database_find(
        &f.server->db, (struct bac_object_id){ BAC_OBJECT_NOTIFICATION_CLASS, 1 });
    uint32_t failed = 0;
    unsigned n = 0;
    unsigned code = BAC_ERROR_CODE_SUCCESS;
    for (; code == BAC_ERROR_CODE_SUCCESS && n < 1000; n++) {
        char one[128];
        (void)snprintf(one, sizeof(one),
                       "82 01 FE B4 00 00 00 00 B4 17 3B 3B 63 0C 02 00 %02X %02X 21 05 11 82 05 "
                       "E0",
                       n / 256, n % 256);
        code = change(object, BAC_PROPERTY_RECIPIENT_LIST, false, one, &failed);
    }
    assert_int_equal(code, BAC_ERROR_CODE_NO_SPACE_TO_ADD_LIST_ELEMENT);
    assert_int_equal(n, 4096 / 24 + 1);
    fixture_close(&f);
}

static void one_request_changes_so_many_elements_at_most(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    struct bac_object *object = bac_database_find(
        &f.server->db, (struct bac_object_id){ BAC_OBJECT_NOTIFICATION_CLASS, 1 });
    struct bas_slice one = test_hex(TO_DEVICE);
    uint8_t many[300 * 32];
    struct bas_buf elements;
    bas_buf_init(&elements, many, sizeof(many));
    for (size_t i = 0; i < 300; i++) {
        bas_buf_add(&elements, one.data, one.len);
    }
    uint8_t memory[8192];
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    struct bac_list_change c = { .property = BAC_PROPERTY_RECIPIENT_LIST,
                                 .index = BAC_NO_INDEX,
                                 .elements = { elements.data, elements.len },
                                 .arena = &arena };
    struct bas_fault fault = { 0 };
    assert_true(bac_object_list_change(object, &c, &fault) != BAS_OK);
    assert_int_equal(fault.error_class, BAC_ERROR_CLASS_RESOURCES);
    assert_int_equal(c.first_failed, 257);
    expect_property(object, BAC_PROPERTY_RECIPIENT_LIST, "");
    fixture_close(&f);
}

static void priorities_of_a_class_are_three(void **state)
{
    (void)state;
    static const struct exchange {
        const char *request, *answer;
    } rows[] = {
        { "00 05 07 0C 0C 03 C0 00 01 19 56", "30 07 0C 0C 03 C0 00 01 19 56 3E 21 64 21 96 21 C8 "
                                              "3F" },
        { "00 05 07 0F 0C 03 C0 00 01 19 56 29 02 3E 21 07 3F", "20 07 0F" },
        { "00 05 07 0C 0C 03 C0 00 01 19 56 29 02", "30 07 0C 0C 03 C0 00 01 19 56 29 02 3E 21 07 "
                                                    "3F" },
        { "00 05 07 0F 0C 03 C0 00 01 19 56 3E 21 01 21 02 21 03 3F", "20 07 0F" },
        { "00 05 07 0F 0C 03 C0 00 01 19 56 3E 21 01 21 02 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 03 C0 00 01 19 56 3E 21 01 21 02 21 03 21 04 3F",
          "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 03 C0 00 01 19 56 29 01 3E 22 01 00 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 03 C0 00 01 19 01 3E 82 05 A0 3F", "20 07 0F" },
        { "00 05 07 0C 0C 03 C0 00 01 19 01", "30 07 0C 0C 03 C0 00 01 19 01 3E 82 05 A0 3F" },
    };
    struct fixture f;
    every_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        fixture_expect(&f, rows[i].request, rows[i].answer);
    }
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
        cmocka_unit_test(recipients_are_added_and_removed_all_or_none),
        cmocka_unit_test(a_list_that_is_full_says_so),
        cmocka_unit_test(one_request_changes_so_many_elements_at_most),
        cmocka_unit_test(priorities_of_a_class_are_three),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
