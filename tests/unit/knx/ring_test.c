/* The bounded ring of records. */
#include "test_env.h"

#include "knx/ring.h"

#include <string.h>

struct fixture {
    struct test_env t;
    struct knx_ring ring;
};

static void begin(struct fixture *f, size_t cap)
{
    test_env_init(&f->t);
    assert_int_equal(knx_ring_init(&f->ring, &f->t.env, cap), BAS_OK);
}

static void end(struct fixture *f)
{
    knx_ring_fini(&f->ring);
    test_env_check(&f->t);
}

static bool put(struct fixture *f, uint8_t octet, size_t len, size_t reserve)
{
    uint8_t *record = knx_ring_put(&f->ring, len, reserve);
    if (record != NULL) {
        memset(record, octet, len);
    }
    return record != NULL;
}

static void take(struct fixture *f, uint8_t octet, size_t len)
{
    struct bas_slice record = knx_ring_peek(&f->ring);
    assert_int_equal(record.len, len);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(record.data[i], octet);
    }
    knx_ring_pop(&f->ring);
}

static void the_oldest_record_leaves_first(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 100);
    assert_int_equal(knx_ring_peek(&f.ring).len, 0);
    assert_true(put(&f, 1, 10, 0));
    assert_true(put(&f, 2, 20, 0));
    take(&f, 1, 10);
    take(&f, 2, 20);
    assert_int_equal(knx_ring_peek(&f.ring).len, 0);
    end(&f);
}

static void a_full_ring_refuses_and_keeps_what_it_has(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 2 * knx_ring_cost(10));
    assert_true(put(&f, 1, 10, 0));
    assert_true(put(&f, 2, 10, 0));
    assert_false(put(&f, 3, 1, 0));
    assert_int_equal(f.ring.used, f.ring.cap);
    take(&f, 1, 10);
    assert_true(put(&f, 3, 10, 0));
    assert_false(put(&f, 4, 1, 0));
    take(&f, 2, 10);
    take(&f, 3, 10);
    end(&f);
}

static void a_record_that_would_touch_the_reserve_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 100);
    size_t cost = knx_ring_cost(10);
    assert_false(put(&f, 1, 10, 100 - cost + 1));
    assert_true(put(&f, 1, 10, 100 - cost));
    end(&f);
}

static void a_record_longer_than_the_ring_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 20);
    assert_false(put(&f, 1, 17, 0));
    assert_null(knx_ring_put(&f.ring, SIZE_MAX, 0));
    assert_true(put(&f, 1, 16, 0));
    end(&f);
}

static void records_lie_in_one_piece_wherever_the_ring_wraps(void **state)
{
    (void)state;
    for (size_t cap = 24; cap < 120; cap++) {
        struct fixture f;
        begin(&f, cap);
        uint8_t first = 0;
        uint8_t next = 0;
        size_t lens[256] = { 0 };
        for (unsigned round = 0; round < 250; round++) {
            size_t len = 1 + (round * 7U) % 13U;
            if (put(&f, next, len, 0)) {
                lens[next++] = len;
            }
            if (round % 3 != 0 && first != next) {
                take(&f, first, lens[first]);
                first++;
            }
        }
        while (first != next) {
            take(&f, first, lens[first]);
            first++;
        }
        assert_int_equal(f.ring.used, 0);
        end(&f);
    }
}

static void what_is_popped_is_wiped(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 64);
    assert_true(put(&f, 0xAA, 10, 0));
    knx_ring_pop(&f.ring);
    for (size_t i = 0; i < f.ring.cap; i++) {
        assert_int_equal(f.ring.memory[i], 0);
    }
    end(&f);
}

static void without_memory_there_is_no_ring(void **state)
{
    (void)state;
    struct fixture f;
    test_env_init(&f.t);
    f.t.fail_at = 1;
    assert_int_equal(knx_ring_init(&f.ring, &f.t.env, 64), BAS_ERR_NO_MEMORY);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_record_leaves_first),
        cmocka_unit_test(a_full_ring_refuses_and_keeps_what_it_has),
        cmocka_unit_test(a_record_that_would_touch_the_reserve_is_refused),
        cmocka_unit_test(a_record_longer_than_the_ring_is_refused),
        cmocka_unit_test(records_lie_in_one_piece_wherever_the_ring_wraps),
        cmocka_unit_test(what_is_popped_is_wiped),
        cmocka_unit_test(without_memory_there_is_no_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
