/* CreateObject, DeleteObject (15.3, 15.4), AddListElement, RemoveListElement (15.1, 15.2). */
#include "list_fixture.h"

static void open_with_room_for(struct fixture *f, uint32_t max_created)
{
    struct bac_server_config config = fixture_config();
    config.max_created = max_created;
    fixture_open_with(f, &config);
}

static void expect_event(struct fixture *f, enum bac_server_event_kind kind,
                         struct bac_object_id object, uint32_t property)
{
    struct bac_server_event e;
    assert_true(bac_server_next_event(f->server, &e));
    assert_int_equal(e.kind, kind);
    assert_int_equal(e.object.type, object.type);
    assert_int_equal(e.object.instance, object.instance);
    assert_int_equal(e.property, property);
    assert_true(e.lasts);
    assert_true(bac_address_equal(&e.from, &f->from));
}

static const struct bac_object_id DEVICE = { BAC_OBJECT_DEVICE, 1234 };

static void an_object_is_made_by_its_type_or_its_identifier(void **state)
{
    (void)state;
    struct fixture f;
    open_with_room_for(&f, 3);
    fixture_expect(&f, "00 05 07 0A 0E 09 02 0F", "30 07 0A C4 00 80 00 04"); /* a free instance */
    expect_event(&f, BAC_SERVER_CREATED, (struct bac_object_id){ BAC_OBJECT_ANALOG_VALUE, 4 }, 0);
    expect_event(&f, BAC_SERVER_WRITTEN, DEVICE, BAC_PROPERTY_DATABASE_REVISION);
    expect_no_event(&f);
    fixture_expect(&f, "00 05 07 0A 0E 1C 00 80 00 63 0F", "30 07 0A C4 00 80 00 63");
    fixture_expect(&f, "00 05 07 0C 0C 00 80 00 63 19 55",
                   "30 07 0C 0C 00 80 00 63 19 55 3E 44 00 00 00 00 3F");
    fixture_close(&f);
}

static void initial_values_are_set_and_told(void **state)
{
    (void)state;
    struct fixture f;
    open_with_room_for(&f, 1);
    static const struct bac_object_id made = { BAC_OBJECT_ANALOG_VALUE, 7 };
    /* Object_Name "Lab", Present_Value 20, Description "x" */
    fixture_expect(&f,
                   "00 05 07 0A 0E 1C 00 80 00 07 0F 1E 09 4D 2E 74 00 4C 61 62 2F "
                   "09 55 2E 44 41 A0 00 00 2F 09 1C 2E 72 00 78 2F 1F",
                   "30 07 0A C4 00 80 00 07");
    expect_event(&f, BAC_SERVER_CREATED, made, 0);
    expect_event(&f, BAC_SERVER_WRITTEN, DEVICE, BAC_PROPERTY_DATABASE_REVISION);
    expect_event(&f, BAC_SERVER_WRITTEN, made, BAC_PROPERTY_PRESENT_VALUE);
    expect_event(&f, BAC_SERVER_WRITTEN, made, BAC_PROPERTY_DESCRIPTION);
    expect_no_event(&f);
    static const struct exchange rows[] = {
        { "10 07 3D 04 00 4C 61 62", "10 01 C4 02 00 04 D2 C4 00 80 00 07 74 00 4C 61 62" },
        { "00 05 07 0C 0C 00 80 00 07 19 55",
          "30 07 0C 0C 00 80 00 07 19 55 3E 44 41 A0 00 00 3F" },
        { "00 05 07 0C 0C 00 80 00 07 19 1C", "30 07 0C 0C 00 80 00 07 19 1C 3E 72 00 78 3F" },
    };
    run(&f, rows, BAS_ARRAY_LEN(rows));
    fixture_close(&f);
}

static void what_cannot_be_made_is_told_and_leaves_nothing(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 0A 0E 09 0C 0F", "50 07 0A 0E 91 01 91 24 0F 19 00" }, /* unsupported type */
        { "00 05 07 0A 0E 0A 03 E7 0F", "50 07 0A 0E 91 01 91 24 0F 19 00" },
        { "00 05 07 0A 0E 09 08 0F", "50 07 0A 0E 91 01 91 04 0F 19 00" }, /* no second device */
        { "00 05 07 0A 0E 1C 00 80 00 01 0F", "50 07 0A 0E 91 01 91 18 0F 19 00" }, /* exists */
        { "00 05 07 0A 0E 1C 00 BF FF FF 0F", "60 07 06" },                 /* not an instance */
        { "00 05 07 0A 0E 09 02 0F 1E 09 4D 2E 75 05 00 52 6F 6F 6D 2F 1F", /* duplicate-name */
          "50 07 0A 0E 91 02 91 30 0F 19 01" },
        { "00 05 07 0A 0E 09 02 0F 1E 09 4D 2E 91 01 2F 1F", /* invalid-data-type */
          "50 07 0A 0E 91 02 91 09 0F 19 01" },
        { "00 05 07 0A 0E 09 02 0F 1E 09 1C 2E 72 00 78 2F 09 55 2E 91 01 2F 1F",
          "50 07 0A 0E 91 02 91 09 0F 19 02" },
        { "00 05 07 0A 0E 09 02 0F 1E 09 1C 2E 72 00 78 2F 09 4B 2E C4 00 80 00 09 2F 1F",
          "50 07 0A 0E 91 02 91 28 0F 19 02" }, /* write-access-denied */
        { "00 05 07 0A 0E 09 02 0F 1E 09 36 2E 10 2F 1F", "50 07 0A 0E 91 02 91 20 0F 19 01" },
        { "00 05 07 0A", "60 07 05" },
        { "00 05 07 0A 0E 0F", "60 07 05" },
        { "00 05 07 0A 0E 09 02 0F 29 00", "60 07 07" },
    };
    struct fixture f;
    open_with_room_for(&f, 1);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    expect_no_event(&f);
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 19 9B", /* Database_Revision is what it was */
                   "30 07 0C 0C 02 00 04 D2 19 9B 3E 21 07 3F");
    fixture_expect(&f, "00 05 07 0A 0E 09 02 0F", "30 07 0A C4 00 80 00 04");
    fixture_expect(&f, "00 05 07 0A 0E 09 02 0F",
                   "50 07 0A 0E 91 03 91 12 0F 19 00"); /* no space */
    fixture_close(&f);
    fixture_open(&f);
    fixture_expect(&f, "00 05 07 0A 0E 09 02 0F", "50 07 0A 0E 91 03 91 12 0F 19 00");
    fixture_close(&f);
}

static void what_was_made_can_be_deleted_and_nothing_else(void **state)
{
    (void)state;
    struct fixture f;
    open_with_room_for(&f, 1);
    fixture_expect(&f, "00 05 07 0A 0E 09 02 0F", "30 07 0A C4 00 80 00 04");
    fixture_expect(&f, "00 05 07 0B C4 00 80 00 04", "20 07 0B");
    expect_event(&f, BAC_SERVER_DELETED, (struct bac_object_id){ BAC_OBJECT_ANALOG_VALUE, 4 }, 0);
    expect_event(&f, BAC_SERVER_WRITTEN, DEVICE, BAC_PROPERTY_DATABASE_REVISION);
    expect_no_event(&f);
    static const struct exchange rows[] = {
        { "00 05 07 0B C4 00 80 00 04", "50 07 0B 91 01 91 1F" },
        { "00 05 07 0B C4 00 80 00 01", "50 07 0B 91 01 91 17" }, /* deletion-not-permitted */
        { "00 05 07 0B C4 02 00 04 D2", "50 07 0B 91 01 91 17" },
        { "00 05 07 0B C4 02 3F FF FF", "50 07 0B 91 01 91 1F" },
        { "00 05 07 0B", "60 07 05" },
        { "00 05 07 0B 0C 00 80 00 04", "60 07 05" },
        { "00 05 07 0B C4 00 80 00 04 00", "60 07 07" },
    };
    run(&f, rows, BAS_ARRAY_LEN(rows));
    expect_no_event(&f);
    fixture_expect(&f, "00 05 07 0A 0E 09 02 0F", "30 07 0A C4 00 80 00 04"); /* room again */
    fixture_close(&f);
}

static void changes_that_cannot_be_told_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    struct bac_server_config config = fixture_config();
    config.max_created = 9;
    config.pending_events = 2;
    fixture_open_with(&f, &config);
    fixture_expect(&f, "00 05 07 0A 0E 09 02 0F 1E 09 1C 2E 72 00 78 2F 1F", "71 07 09");
    fixture_expect(&f, "00 05 07 0A 0E 09 02 0F", "30 07 0A C4 00 80 00 04");
    fixture_expect(&f, "00 05 07 0B C4 00 80 00 04", "20 07 0B");
    fixture_close(&f);
    config.pending_events = 1;
    fixture_open_with(&f, &config);
    fixture_expect(&f, "00 05 07 0A 0E 09 02 0F", "71 07 09");
    fixture_expect(&f, "00 05 07 0B C4 00 80 00 04", "71 07 09");
    fixture_close(&f);
}

#define LIST(service) "00 05 07 " service " 0C 0E 00 00 01 1A 01 AC "

static void elements_are_added_once_and_removed(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    list_open(&f, &p, 2);
    fixture_expect(&f, LIST("08") "3E 09 07 19 0C 29 00 09 02 19 0C 29 00 3F", "20 07 08");
    assert_int_equal(p.len, 18);
    assert_memory_equal(p.octets + 12, "\x09\x07\x19\x0C\x29\x00", 6);
    struct bac_server_event e;
    assert_true(bac_server_next_event(f.server, &e));
    assert_int_equal(e.kind, BAC_SERVER_WRITTEN);
    assert_int_equal(e.property, BAC_PROPERTY_ROUTING_TABLE);
    assert_int_equal(e.index, BAC_NO_INDEX);
    assert_int_equal(e.raw.len, 18); /* the whole list */
    expect_no_event(&f);
    fixture_expect(&f, LIST("09") "3E 09 01 19 0C 29 00 09 07 19 0C 29 00 3F", "20 07 09");
    assert_int_equal(p.len, 6);
    assert_memory_equal(p.octets, "\x09\x02\x19\x0C\x29\x00", 6);
    fixture_close(&f);
}

static void a_list_that_cannot_be_changed_stays_as_it_is(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { LIST("09") "3E 09 01 19 0C 29 00 09 07 19 0C 29 00 3F", /* list-element-not-found */
          "50 07 09 0E 91 05 91 51 0F 19 02" },
        { LIST("08") "3E 09 07 19 0C 29 00 91 00 3F", "50 07 08 0E 91 02 91 09 0F 19 02" },
        { LIST("08") "29 01 3E 09 07 19 0C 29 00 3F", /* property-is-not-an-array */
          "50 07 08 0E 91 02 91 32 0F 19 00" },
        { "00 05 07 08 0C 0E 00 00 01 19 4D 3E 72 00 41 3F", /* property-is-not-a-list */
          "50 07 08 0E 91 05 91 16 0F 19 00" },
        { "00 05 07 08 0C 0E 00 00 01 19 55 3E 72 00 41 3F",
          "50 07 08 0E 91 02 91 20 0F 19 00" }, /* unknown-property */
        { "00 05 07 08 0C 0E 00 00 02 19 55 3E 72 00 41 3F",
          "50 07 08 0E 91 01 91 1F 0F 19 00" }, /* unknown-object */
        { "00 05 07 08 0C 02 00 04 D2 19 1E 3E C4 02 00 00 01 21 00 61 0C 3F",
          "50 07 08 0E 91 02 91 28 0F 19 00" }, /* write-access-denied */
        { LIST("08") "3E 3F", "60 07 05" },
        { LIST("08"), "60 07 05" },
        { LIST("08") "3E 09 07", "60 07 04" },
    };
    struct fixture f;
    struct list_program p = { 0 };
    list_open(&f, &p, 2);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    p.err = BAS_ERR_NO_SPACE;
    fixture_expect(&f, LIST("08") "3E 09 07 19 0C 29 00 3F", /* no-space-to-add-list-element */
                   "50 07 08 0E 91 03 91 13 0F 19 00");
    assert_int_equal(p.len, 12);
    expect_no_event(&f);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_made_by_its_type_or_its_identifier),
        cmocka_unit_test(initial_values_are_set_and_told),
        cmocka_unit_test(what_cannot_be_made_is_told_and_leaves_nothing),
        cmocka_unit_test(what_was_made_can_be_deleted_and_nothing_else),
        cmocka_unit_test(changes_that_cannot_be_told_are_refused),
        cmocka_unit_test(elements_are_added_once_and_removed),
        cmocka_unit_test(a_list_that_cannot_be_changed_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
