/* Lists that thread through arrays. */
#include "bacnet/cov/links.h"

#include "test_env.h"

enum { N = 6 };

static void expect_order(const struct bac_link *links, const struct bac_links *list,
                         const uint32_t *want, size_t n)
{
    uint32_t at = list->first;
    uint32_t before = 0;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(at, want[i]);
        assert_int_equal(links[at].previous, before);
        before = at;
        at = links[at].next;
    }
    assert_int_equal(at, 0);
    assert_int_equal(list->last, before);
}

static void elements_stand_in_the_order_of_their_coming(void **state)
{
    (void)state;
    struct bac_link links[N] = { { 0, 0 } };
    struct bac_links list = { 0, 0 };
    assert_int_equal(bac_links_take(links, &list), 0);
    bac_links_append(links, &list, 3);
    bac_links_append(links, &list, 1);
    bac_links_append(links, &list, 5);
    expect_order(links, &list, (const uint32_t[]){ 3, 1, 5 }, 3);
    assert_int_equal(bac_links_take(links, &list), 3);
    expect_order(links, &list, (const uint32_t[]){ 1, 5 }, 2);
    assert_int_equal(bac_links_take(links, &list), 1);
    assert_int_equal(bac_links_take(links, &list), 5);
    expect_order(links, &list, NULL, 0);
}

static void any_element_can_leave(void **state)
{
    (void)state;
    for (uint32_t gone = 1; gone <= 4; gone++) {
        struct bac_link links[N] = { { 0, 0 } };
        struct bac_links list = { 0, 0 };
        uint32_t left[3];
        size_t n = 0;
        for (uint32_t at = 1; at <= 4; at++) {
            bac_links_append(links, &list, at);
            if (at != gone) {
                left[n++] = at;
            }
        }
        bac_links_remove(links, &list, gone);
        expect_order(links, &list, left, n);
        bac_links_append(links, &list, gone);
        assert_int_equal(list.last, gone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_stand_in_the_order_of_their_coming),
        cmocka_unit_test(any_element_can_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
