#define _XOPEN_SOURCE 700 /* truncate */
#include "test_env.h"

#include "store_fixture.h"

static struct bas_store *open_values(struct test_env *t, bas_err wanted, const char *why)
{
    const struct bas_store_config config = { .size = sizeof(config),
                                             .path = STORE_FILE,
                                             .wait_ms = 1 };
    struct bas_store *store = NULL;
    struct bas_fault fault = { 0 };
    bas_err err = bas_values_open(&t->env, &config, false, &store, &fault);
    if (err != wanted || strstr(fault.text, why) == NULL) {
        fail_msg("%d: \"%s\" is not \"%s\"", (int)err, fault.text, why);
    }
    return store;
}

static struct bas_value written(uint32_t property, uint32_t index, uint8_t priority,
                                const char *hex)
{
    return (struct bas_value){ .kind = BAS_VALUE_WRITTEN,
                               .type = 2,
                               .instance = 1,
                               .property = property,
                               .index = index,
                               .priority = priority,
                               .octets = test_hex(hex) };
}

static void put(struct bas_store *store, struct bas_value value)
{
    struct bas_fault fault = { 0 };
    assert_int_equal(bas_values_begin(store, &fault), BAS_OK);
    bas_err err = bas_values_put(store, &value, &fault);
    assert_int_equal(bas_values_end(store, err, &fault), BAS_OK);
}

static void list_one(void *user, const struct bas_value *value)
{
    static const char *const kinds[] = { "", "created ", "deleted " };
    struct bas_buf *out = user;
    bas_buf_format(out, "%s%u,%u", kinds[value->kind], value->type, value->instance);
    if (value->kind == BAS_VALUE_WRITTEN) {
        bas_buf_format(out, " %u", value->property);
    }
    if (value->kind == BAS_VALUE_WRITTEN && value->index != UINT32_MAX) {
        bas_buf_format(out, "[%u]", value->index);
    }
    if (value->priority != 0) {
        bas_buf_format(out, "@%u", value->priority);
    }
    bas_buf_add_text(out, "=");
    bas_buf_add_hex(out, value->octets);
    bas_buf_add_text(out, ";");
}

static void holds(struct bas_store *store, const char *wanted)
{
    char memory[512];
    struct bas_buf out;
    struct bas_fault fault = { 0 };
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bas_values_each(store, list_one, &out, &fault), BAS_OK);
    assert_string_equal(bas_buf_text(&out), wanted);
}

static void what_was_put_is_there_again_in_its_order(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_store *store = open_values(&t, BAS_OK, "");
    put(store, written(77, UINT32_MAX, 0, "750200 61"));
    put(store, written(85, UINT32_MAX, 8, "4441ac0000"));
    put(store, written(85, UINT32_MAX, 16, "00"));
    put(store, written(77, UINT32_MAX, 0, "750200 62"));
    bas_store_close(store);
    store = open_values(&t, BAS_OK, "");
    holds(store, "2,1 85@8=4441ac0000;2,1 85@16=00;2,1 77=75020062;");
    bas_store_close(store);
    test_env_check(&t);
}

static void the_whole_of_an_array_takes_the_place_of_its_elements(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_store *store = open_values(&t, BAS_OK, "");
    put(store, written(110, 1, 0, "01"));
    put(store, written(110, 2, 0, "02"));
    put(store, written(110, 1, 0, "03"));
    holds(store, "2,1 110[2]=02;2,1 110[1]=03;");
    put(store, written(110, UINT32_MAX, 0, ""));
    put(store, written(110, 2, 0, "05"));
    holds(store, "2,1 110=;2,1 110[2]=05;");
    bas_store_close(store);
    test_env_check(&t);
}

static void an_object_that_comes_or_goes_leaves_nothing_of_before_but_that_it_went(void **state)
{
    (void)state;
    struct test_env t;
    bool was_created = true;
    struct bas_fault fault = { 0 };
    struct bas_value object = { .kind = BAS_VALUE_CREATED, .type = 2, .instance = 1 };
    test_env_init(&t);
    struct bas_store *store = open_values(&t, BAS_OK, "");
    put(store, written(85, UINT32_MAX, 0, "01"));
    assert_int_equal(bas_values_begin(store, &fault), BAS_OK);
    bas_err err = bas_values_forget(store, 2, 1, &was_created, &fault);
    assert_int_equal(bas_values_end(store, err, &fault), BAS_OK);
    assert_false(was_created);
    holds(store, "");
    put(store, written(85, UINT32_MAX, 0, "01"));
    object.octets = test_hex("ab");
    put(store, object);
    put(store, written(85, UINT32_MAX, 0, "02"));
    holds(store, "created 2,1=ab;2,1 85=02;");
    object.kind = BAS_VALUE_DELETED;
    put(store, object);
    holds(store, "deleted 2,1=ab;");
    object.kind = BAS_VALUE_CREATED;
    put(store, object); /* in its place */
    put(store, written(85, UINT32_MAX, 0, "03"));
    holds(store, "deleted 2,1=ab;created 2,1=ab;2,1 85=03;");
    assert_int_equal(bas_values_begin(store, &fault), BAS_OK);
    err = bas_values_forget(store, 2, 1, &was_created, &fault);
    assert_int_equal(bas_values_end(store, err, &fault), BAS_OK);
    assert_true(was_created);
    holds(store, "deleted 2,1=ab;");
    bas_store_close(store);
    test_env_check(&t);
}

static void a_change_that_fails_changes_nothing(void **state)
{
    (void)state;
    struct test_env t;
    struct bas_fault fault = { 0 };
    struct bas_value value = written(85, UINT32_MAX, 0, "01");
    test_env_init(&t);
    struct bas_store *store = open_values(&t, BAS_OK, "");
    assert_int_equal(bas_values_begin(store, &fault), BAS_OK);
    assert_int_equal(bas_values_put(store, &value, &fault), BAS_OK);
    assert_int_equal(bas_values_end(store, BAS_ERR_IO, &fault), BAS_ERR_IO);
    holds(store, "");
    bas_store_close(store);
    test_env_check(&t);
}

static void take_setting(void *user, struct bas_slice octets)
{
    bas_buf_add_hex(user, octets);
    bas_buf_add_text(user, ";");
}

static void a_setting_is_kept_by_its_name_until_it_is_forgotten(void **state)
{
    (void)state;
    struct test_env t;
    struct bas_fault fault = { 0 };
    char memory[64];
    struct bas_buf out;
    static const struct bas_slice none = { NULL, 0 };
    test_env_init(&t);
    struct bas_store *store = open_values(&t, BAS_OK, "");
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bas_values_set(store, "port", test_hex("0102"), &fault), BAS_OK);
    assert_int_equal(bas_values_set(store, "port", test_hex("03"), &fault), BAS_OK);
    assert_int_equal(bas_values_get(store, "port", take_setting, &out, &fault), BAS_OK);
    assert_int_equal(bas_values_get(store, "other", take_setting, &out, &fault), BAS_OK);
    assert_int_equal(bas_values_set(store, "port", none, &fault), BAS_OK);
    assert_int_equal(bas_values_get(store, "port", take_setting, &out, &fault), BAS_OK);
    assert_string_equal(bas_buf_text(&out), "03;");
    bas_store_close(store);
    test_env_check(&t);
}

static void a_second_one_may_not_open_it(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_store *store = open_values(&t, BAS_OK, "");
    put(store, written(85, UINT32_MAX, 0, "01"));
    assert_null(open_values(&t, BAS_ERR_BUSY, "another process keeps it locked"));
    bas_store_close(store);
    test_env_check(&t);
}

static void a_file_of_another_kind_or_a_damaged_one_is_left_alone(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    bas_store_close(store_open_in(&t));
    assert_null(open_values(&t, BAS_ERR_MALFORMED, "is a database of another program"));
    (void)store_remove(NULL);
    struct bas_store *store = open_values(&t, BAS_OK, "");
    put(store, written(85, UINT32_MAX, 0, "01"));
    bas_store_close(store);
    assert_int_equal(truncate(STORE_FILE, 5000), 0);
    assert_null(open_values(&t, BAS_ERR_MALFORMED, "move it away"));
    (void)store_remove(NULL);
    bas_store_close(open_values(&t, BAS_OK, ""));
    store_sql("INSERT INTO value (type, instance, kind, property, element, priority, octets)"
              " VALUES (2, 1, 7, 1, 1, 1, x'00')");
    store = open_values(&t, BAS_OK, "");
    char memory[64];
    struct bas_buf out;
    struct bas_fault fault = { 0 };
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bas_values_each(store, list_one, &out, &fault), BAS_ERR_MALFORMED);
    assert_non_null(strstr(fault.text, "a number out of its range"));
    bas_store_close(store);
    test_env_check(&t);
}

int main(void)
{
#define STORE_TEST(f) cmocka_unit_test_setup(f, store_remove)
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_put_is_there_again_in_its_order),
        STORE_TEST(the_whole_of_an_array_takes_the_place_of_its_elements),
        STORE_TEST(an_object_that_comes_or_goes_leaves_nothing_of_before_but_that_it_went),
        STORE_TEST(a_change_that_fails_changes_nothing),
        STORE_TEST(a_setting_is_kept_by_its_name_until_it_is_forgotten),
        STORE_TEST(a_second_one_may_not_open_it),
        STORE_TEST(a_file_of_another_kind_or_a_damaged_one_is_left_alone),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
