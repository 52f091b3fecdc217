#include "app/device/objects.h"
#include "test_env.h"
#include "test_folder.h"

#include "basalt/bacnet_enum.h"

#include <string.h>

struct fixture {
    struct test_env t;
    struct bas_device_settings settings;
    struct device_objects objects;
    struct bas_fault fault;
};

static bas_err fill(struct fixture *f, struct bas_object_settings *objects, size_t n)
{
    f->fault = (struct bas_fault){ 0 };
    f->settings.objects = objects;
    f->settings.n_objects = n;
    return device_objects_fill(&f->t.env, &f->settings, &f->objects, &f->fault);
}

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    test_env_init(&f->t);
}

static void end(struct fixture *f)
{
    device_objects_release(&f->objects);
    assert_int_equal(f->t.live, 0);
}

static void each_kind_of_object_gets_what_belongs_to_it(void **state)
{
    (void)state;
    static const char *priorities[] = { "1", "2", "255" };
    static const char *members[] = { "analog-input,1 Supply", "7/bv,2" };
    test_folder_write("text", "hello");
    struct bas_object_settings items[] = {
        { .type = BAC_OBJECT_LARGE_ANALOG_VALUE,
          .instance = 1,
          .value = "2.5",
          .min = { true, 1 },
          .max = { true, 9 },
          .cov_increment = { true, 0.5 } },
        { .type = BAC_OBJECT_DATETIME_VALUE, .instance = 1, .value = "2026-10-12 13:30" },
        { .type = BAC_OBJECT_FILE, .instance = 1, .file = "text", .file_type = "text/plain" },
        { .type = BAC_OBJECT_NOTIFICATION_CLASS,
          .instance = 1,
          .priority = { priorities, 3 },
          .ack_required = 5 },
        { .type = BAC_OBJECT_STRUCTURED_VIEW,
          .instance = 1,
          .node_type = UINT16_MAX,
          .subordinates = { members, 2 } },
        { .type = BAC_OBJECT_ANALOG_VALUE,
          .instance = 1,
          .value = "sine 1 2 5s",
          .read_only = true },
    };
    struct fixture f;
    begin(&f);
    assert_int_equal(fill(&f, items, BAS_ARRAY_LEN(items)), BAS_OK);
    const struct bac_object_config *o = f.objects.objects;
    assert_int_equal(f.objects.n, BAS_ARRAY_LEN(items));
    assert_int_equal(o[0].initial.tag, BAC_TAG_DOUBLE);
    assert_true(o[0].has_range && o[0].min >= 1 && o[0].max >= 9 && o[0].cov_increment > 0.4);
    assert_true(o[0].writable);
    assert_int_equal(o[1].initial_raw.len, 10);
    assert_int_equal(o[2].file->content.len, 5);
    assert_int_equal(o[2].file->max_size, 65536);
    assert_string_equal(o[2].file->type, "text/plain");
    assert_int_equal(o[3].notify_priority[2], 255);
    assert_int_equal(o[3].ack_required, 5);
    assert_int_equal(o[4].node_type, 0);
    assert_int_equal(o[4].n_subordinates, 2);
    assert_int_equal(o[4].subordinates[1].device, 7);
    assert_string_equal(o[4].subordinates[0].annotation, "Supply");
    assert_int_equal(o[5].initial.tag, BAC_TAG_NULL);
    assert_false(o[5].writable);
    end(&f);
}

static void a_value_of_another_type_is_told_with_its_object(void **state)
{
    (void)state;
    struct bas_object_settings items[] = {
        { .type = BAC_OBJECT_TIME_VALUE, .instance = 3, .value = "noon" },
    };
    struct fixture f;
    begin(&f);
    assert_int_equal(fill(&f, items, 1), BAS_ERR_CONFIG);
    assert_string_equal(f.fault.text,
                        "time-value 3: \"noon\" is no value of a time-value; a time such as 13:30");
    end(&f);
}

static void a_file_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct bas_object_settings items[] = {
        { .type = BAC_OBJECT_FILE, .instance = 1, .file = "missing" },
    };
    struct fixture f;
    begin(&f);
    assert_int_equal(fill(&f, items, 1), BAS_ERR_NOT_FOUND);
    assert_non_null(strstr(f.fault.text, "missing"));
    end(&f);
}

static void no_failing_allocation_leaves_anything(void **state)
{
    (void)state;
    static const char *members[] = { "analog-input,1" };
    test_folder_write("text", "hello");
    struct bas_object_settings items[] = {
        { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 1, .value = "1" },
        { .type = BAC_OBJECT_FILE, .instance = 1, .file = "text" },
        { .type = BAC_OBJECT_STRUCTURED_VIEW, .instance = 1, .subordinates = { members, 1 } },
    };
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; k < 20 && err != BAS_OK; k++) {
        struct fixture f;
        begin(&f);
        f.t.fail_at = k;
        err = fill(&f, items, BAS_ARRAY_LEN(items));
        assert_true(err == BAS_OK || err == BAS_ERR_NO_MEMORY);
        end(&f);
    }
    assert_int_equal(err, BAS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_object_gets_what_belongs_to_it),
        cmocka_unit_test(a_value_of_another_type_is_told_with_its_object),
        cmocka_unit_test(a_file_that_is_not_there_is_told),
        cmocka_unit_test(no_failing_allocation_leaves_anything),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
