/* Structured View: what is below a node, here and in other devices. */
#include "object_fixture.h"

static void subordinates_are_listed_with_their_annotations(void **state)
{
    (void)state;
    static const struct {
        const char *request, *answer;
    } rows[] = {
        { "00 05 07 0C 0C 07 40 00 01 19 D0", /* Node_Type: area */
          "30 07 0C 0C 07 40 00 01 19 D0 3E 91 05 3F" },
        { "00 05 07 0C 0C 07 40 00 01 19 D3", /* Subordinate_List: ours, and one of device 7 */
          "30 07 0C 0C 07 40 00 01 19 D3 3E 1C 00 00 00 01 0C 02 00 00 07 1C 07 40 00 02 3F" },
        { "00 05 07 0C 0C 07 40 00 01 19 D3 29 00",
          "30 07 0C 0C 07 40 00 01 19 D3 29 00 3E 21 02 3F" },
        { "00 05 07 0C 0C 07 40 00 01 19 D3 29 02",
          "30 07 0C 0C 07 40 00 01 19 D3 29 02 3E 0C 02 00 00 07 1C 07 40 00 02 3F" },
        { "00 05 07 0C 0C 07 40 00 01 19 D3 29 03", "50 07 0C 91 02 91 2A" },
        { "00 05 07 0C 0C 07 40 00 01 19 D2", /* Subordinate_Annotations: "air" and none */
          "30 07 0C 0C 07 40 00 01 19 D2 3E 74 00 61 69 72 71 00 3F" },
        { "00 05 07 0F 0C 07 40 00 01 19 D0 3E 91 01 3F", "50 07 0F 91 02 91 28" },
    };
    struct fixture f;
    every_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        fixture_expect(&f, rows[i].request, rows[i].answer);
    }
    fixture_close(&f);
}

static void a_node_that_cannot_be_is_refused(void **state)
{
    (void)state;
    const struct bac_subordinate_config wrong = { .device = 4194303 };
    const struct bac_object_config objects[] = {
        { .type = BAC_OBJECT_STRUCTURED_VIEW, .name = "x", .node_type = 9999 },
        { .type = BAC_OBJECT_STRUCTURED_VIEW,
          .name = "x",
          .subordinates = &wrong,
          .n_subordinates = 1 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(objects); i++) {
        struct test_env t;
        test_env_init(&t);
        struct bac_server_config config = fixture_config();
        config.objects = &objects[i];
        config.n_objects = 1;
        struct bas_fault fault = { 0 };
        assert_null(bac_server_new(&t.env, &config, &fault));
        assert_int_equal(fault.err, BAS_ERR_INVALID);
        test_env_check(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subordinates_are_listed_with_their_annotations),
        cmocka_unit_test(a_node_that_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
