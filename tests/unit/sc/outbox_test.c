/* The outbox: free lists, shared records, copies at the end of a turn, accounts that go to zero. */
#include "test_env.h"

#include "sc/outbox.h"

#include <string.h>

enum { ENTRIES = 32, OCTETS = 3200 };

struct fixture {
    struct test_env t;
    struct test_env heap; /* of the receive blocks */
    struct bsc_outbox box;
    struct bsc_queue queues[4];
};

static void setup(struct fixture *f)
{
    test_env_init(&f->t);
    test_env_init(&f->heap);
    assert_int_equal(bsc_outbox_init(&f->box, &f->t.env, ENTRIES, OCTETS), BAS_OK);
    for (size_t i = 0; i < BAS_ARRAY_LEN(f->queues); i++) {
        bsc_queue_init(&f->queues[i]);
    }
}

/* Empties it and asserts that every account is zero. */
static void finish(struct fixture *f)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(f->queues); i++) {
        bsc_queue_clear(&f->box, &f->queues[i]);
        assert_int_equal(f->queues[i].messages, 0);
        assert_int_equal(f->queues[i].octets, 0);
    }
    assert_int_equal(f->box.octets, 0);
    assert_int_equal(f->box.used, 0);
    assert_int_equal(f->box.block_first, BSC_NONE);
    bsc_outbox_fini(&f->box);
    test_env_check(&f->t);
    test_env_check(&f->heap);
}

static struct bas_frame *block(struct fixture *f, const char *text)
{
    size_t len = strlen(text);
    struct bas_frame *frame = bas_frame_new(&f->heap.env, 0, len);
    assert_non_null(frame);
    memcpy(bas_frame_put(frame, len), text, len);
    return frame;
}

/* A record with the head "h" and everything of frame behind its first skip octets. */
static uint32_t record_of(struct fixture *f, struct bas_frame *frame, size_t skip)
{
    struct bas_slice all = bas_frame_slice(frame);
    const struct bsc_record_spec spec = { .head = { (const uint8_t *)"h", 1 },
                                          .frame = frame,
                                          .rest = { all.data + skip, all.len - skip },
                                          .in_block = true };
    uint32_t record = bsc_record_new(&f->box, &spec);
    assert_int_not_equal(record, BSC_NONE);
    return record;
}

static uint32_t small_record(struct fixture *f, const char *text)
{
    const struct bsc_record_spec spec = { .head = { (const uint8_t *)text, strlen(text) } };
    return bsc_record_new(&f->box, &spec);
}

static void assert_first(struct fixture *f, size_t queue, const char *head, const char *rest)
{
    struct bsc_tx tx;
    assert_true(bsc_queue_peek(&f->box, &f->queues[queue], &tx));
    assert_int_equal(tx.head.len, strlen(head));
    assert_int_equal(tx.rest.len, strlen(rest));
    assert_memory_equal(tx.head.data, head, tx.head.len);
    if (tx.rest.len != 0) {
        assert_memory_equal(tx.rest.data, rest, tx.rest.len);
    }
}

/* bsc 3.3-12 */
static void messages_come_out_in_the_order_in_which_they_went_in(void **state)
{
    (void)state;
    static const char *const texts[] = { "one", "two", "three" };
    struct fixture f;
    struct bsc_tx tx;
    setup(&f);
    assert_false(bsc_queue_peek(&f.box, &f.queues[0], &tx));
    for (size_t i = 0; i < 3; i++) {
        uint32_t record = small_record(&f, texts[i]);
        assert_int_equal(bsc_queue_put(&f.box, &f.queues[0], record), BAS_OK);
        bsc_record_unref(&f.box, record);
    }
    assert_int_equal(f.queues[0].octets, 11);
    for (size_t i = 0; i < 3; i++) {
        assert_first(&f, 0, texts[i], "");
        bsc_queue_pop(&f.box, &f.queues[0]);
    }
    assert_false(bsc_queue_peek(&f.box, &f.queues[0], &tx));
    finish(&f);
}

static void one_record_serves_many_queues_and_frees_its_frame_with_the_last(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct bas_frame *frame = block(&f, "xxmessage");
    uint32_t record = record_of(&f, frame, 2);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(bsc_queue_put(&f.box, &f.queues[i], record), BAS_OK);
    }
    bsc_record_unref(&f.box, record);
    assert_int_equal(frame->refs, 2); /* ours and the record's, not one for each queue */
    assert_int_equal(f.box.octets, 4 * 8);
    for (size_t i = 0; i < 4; i++) {
        assert_first(&f, i, "h", "message");
        assert_int_equal(frame->refs, 2);
        bsc_queue_pop(&f.box, &f.queues[i]);
    }
    assert_int_equal(frame->refs, 1);
    bas_frame_unref(frame);
    finish(&f);
}

static void a_record_that_reaches_no_queue_goes_with_its_maker(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct bas_frame *frame = block(&f, "message");
    bsc_record_unref(&f.box, record_of(&f, frame, 0));
    assert_int_equal(frame->refs, 1);
    bas_frame_unref(frame);
    finish(&f);
}

static void a_message_that_still_waits_is_copied_once_at_the_end_of_the_turn(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct bas_frame *frame = block(&f, "xxmessage");
    uint32_t sent = record_of(&f, frame, 0);
    uint32_t slow = record_of(&f, frame, 2);
    assert_int_equal(bsc_queue_put(&f.box, &f.queues[0], sent), BAS_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(bsc_queue_put(&f.box, &f.queues[i], slow), BAS_OK);
    }
    bsc_record_unref(&f.box, sent);
    bsc_record_unref(&f.box, slow);
    bsc_queue_pop(&f.box, &f.queues[0]);
    bsc_outbox_turn_end(&f.box);
    assert_int_equal(f.box.retained, 1);
    assert_int_equal(frame->refs, 1);
    memset(frame->data, 'z', frame->len);
    bas_frame_unref(frame);
    bsc_outbox_turn_end(&f.box); /* once is enough */
    assert_int_equal(f.box.retained, 1);
    for (size_t i = 0; i < 3; i++) {
        assert_first(&f, i, "h", "message");
        bsc_queue_pop(&f.box, &f.queues[i]);
    }
    finish(&f);
}

static void the_list_of_blocks_survives_removal_at_either_end_and_in_the_middle(void **state)
{
    (void)state;
    static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 0, 2 }, { 1, 2, 0 } };
    for (size_t o = 0; o < BAS_ARRAY_LEN(orders); o++) {
        struct fixture f;
        setup(&f);
        struct bas_frame *frame = block(&f, "message");
        for (size_t i = 0; i < 3; i++) {
            uint32_t record = record_of(&f, frame, i);
            assert_int_equal(bsc_queue_put(&f.box, &f.queues[i], record), BAS_OK);
            bsc_record_unref(&f.box, record);
        }
        bsc_queue_pop(&f.box, &f.queues[orders[o][0]]);
        bsc_queue_pop(&f.box, &f.queues[orders[o][1]]);
        bsc_outbox_turn_end(&f.box);
        assert_int_equal(f.box.retained, 1);
        assert_int_equal(frame->refs, 1);
        assert_first(&f, (size_t)orders[o][2], "h", &"message"[orders[o][2]]);
        bas_frame_unref(frame);
        finish(&f);
    }
}

static void without_memory_a_block_is_kept_until_a_later_turn(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct bas_frame *frame = block(&f, "message");
    uint32_t record = record_of(&f, frame, 0);
    assert_int_equal(bsc_queue_put(&f.box, &f.queues[0], record), BAS_OK);
    bsc_record_unref(&f.box, record);
    f.t.allocations = 0;
    f.t.fail_at = 1;
    bsc_outbox_turn_end(&f.box);
    assert_int_equal(frame->refs, 2);
    assert_first(&f, 0, "h", "message");
    f.t.fail_at = 0;
    bsc_outbox_turn_end(&f.box);
    assert_int_equal(frame->refs, 1);
    bas_frame_unref(frame);
    assert_first(&f, 0, "h", "message");
    finish(&f);
}

static void a_record_of_a_head_alone_keeps_no_frame(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct bas_frame *frame = block(&f, "message");
    uint32_t record = record_of(&f, frame, 7); /* nothing is left behind the head */
    assert_int_equal(frame->refs, 1);
    assert_int_equal(bsc_record_len(&f.box, record), 1);
    assert_int_equal(bsc_queue_put(&f.box, &f.queues[0], record), BAS_OK);
    bsc_record_unref(&f.box, record);
    bas_frame_unref(frame);
    assert_first(&f, 0, "h", "");
    finish(&f);
}

static void used_up_records_and_entries_are_an_answer_and_come_back(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    for (int round = 0; round < 3; round++) {
        uint32_t records[ENTRIES];
        for (size_t i = 0; i < ENTRIES; i++) {
            records[i] = small_record(&f, "x");
            assert_int_not_equal(records[i], BSC_NONE);
            assert_int_equal(bsc_queue_put(&f.box, &f.queues[i % 4], records[i]), BAS_OK);
        }
        assert_int_equal(small_record(&f, "x"), BSC_NONE);
        assert_int_equal(bsc_queue_put(&f.box, &f.queues[0], records[0]), BAS_ERR_NO_SPACE);
        assert_int_equal(f.box.used, ENTRIES);
        for (size_t i = 0; i < ENTRIES; i++) {
            bsc_record_unref(&f.box, records[i]);
        }
        assert_int_equal(bsc_queue_clear(&f.box, &f.queues[round % 4]), ENTRIES / 4);
        for (size_t i = 0; i < 4; i++) {
            bsc_queue_clear(&f.box, &f.queues[i]);
        }
        assert_int_equal(f.box.used, 0);
    }
    finish(&f);
}

static void the_octets_of_all_queues_are_bounded_together(void **state)
{
    (void)state;
    static const char fifty[] = "01234567890123456789012345678901234567890123456789";
    struct fixture f;
    test_env_init(&f.t);
    test_env_init(&f.heap);
    assert_int_equal(bsc_outbox_init(&f.box, &f.t.env, ENTRIES, 160), BAS_OK);
    for (size_t i = 0; i < 4; i++) {
        bsc_queue_init(&f.queues[i]);
    }
    uint32_t record = small_record(&f, fifty);
    for (size_t i = 0; i < 3; i++) {
        assert_true(bsc_outbox_has_room(&f.box, 50));
        assert_int_equal(bsc_queue_put(&f.box, &f.queues[i], record), BAS_OK);
    }
    assert_int_equal(bsc_queue_put(&f.box, &f.queues[3], record), BAS_ERR_NO_SPACE);
    bsc_record_unref(&f.box, record);
    assert_true(bsc_outbox_has_room(&f.box, 0));
    assert_false(bsc_outbox_has_room(&f.box, 1)); /* a sixteenth is kept ... */
    uint32_t own = small_record(&f, "0123456789");
    assert_int_equal(bsc_queue_put(&f.box, &f.queues[3], own), BAS_OK); /* ... for us */
    bsc_record_unref(&f.box, own);
    assert_int_equal(f.box.octets, 160);
    finish(&f);
}

static void a_sixteenth_of_the_entries_is_kept_for_the_engine(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    uint32_t record = small_record(&f, "x");
    uint32_t n = 0;
    while (bsc_outbox_has_room(&f.box, 1)) {
        assert_int_equal(bsc_queue_put(&f.box, &f.queues[0], record), BAS_OK);
        n++;
    }
    assert_int_equal(n, ENTRIES - ENTRIES / 16);
    bsc_record_unref(&f.box, record);
    finish(&f);
}

static void no_memory_at_creation_is_an_answer(void **state)
{
    (void)state;
    struct fixture f;
    test_env_init(&f.t);
    for (size_t k = 1; k <= 2; k++) {
        f.t.allocations = 0;
        f.t.fail_at = k;
        assert_int_equal(bsc_outbox_init(&f.box, &f.t.env, ENTRIES, OCTETS), BAS_ERR_NO_MEMORY);
        test_env_check(&f.t);
    }
}

/* Queues that are plain arrays: what the outbox must agree with. */
struct model {
    uint32_t texts[4][ENTRIES];
    uint32_t n[4];
    uint32_t used;
};

/* One message, its number, to the queues whose bits are set. */
static void puts_one(struct fixture *f, struct model *m, uint32_t number, unsigned queues)
{
    struct bas_frame *frame = bas_frame_new(&f->heap.env, 0, sizeof(number));
    assert_non_null(frame);
    memcpy(bas_frame_put(frame, sizeof(number)), &number, sizeof(number));
    uint32_t record = record_of(f, frame, 0);
    bas_frame_unref(frame);
    for (size_t q = 0; q < 4; q++) {
        if ((queues >> q & 1) == 0) {
            continue;
        }
        bool fits = m->used < ENTRIES;
        bas_err err = bsc_queue_put(&f->box, &f->queues[q], record);
        assert_int_equal(err, fits ? BAS_OK : BAS_ERR_NO_SPACE);
        if (fits) {
            m->texts[q][m->n[q]++] = number;
            m->used++;
        }
    }
    bsc_record_unref(&f->box, record);
}

static void takes_one(struct fixture *f, struct model *m, size_t q)
{
    struct bsc_tx tx;
    assert_int_equal(bsc_queue_peek(&f->box, &f->queues[q], &tx), m->n[q] != 0);
    if (m->n[q] == 0) {
        return;
    }
    assert_int_equal(tx.rest.len, sizeof(m->texts[q][0]));
    assert_memory_equal(tx.rest.data, &m->texts[q][0], tx.rest.len);
    bsc_queue_pop(&f->box, &f->queues[q]);
    m->used--;
    m->n[q]--;
    memmove(&m->texts[q][0], &m->texts[q][1], m->n[q] * sizeof(m->texts[q][0]));
}

static void random_use_agrees_with_a_plain_model(void **state)
{
    (void)state;
    struct fixture f;
    struct model m = { 0 };
    setup(&f);
    for (uint32_t i = 0; i < 20000; i++) {
        uint8_t dice[2];
        f.heap.env.random(f.heap.env.ctx, dice, sizeof(dice));
        size_t q = dice[1] % 4;
        if (dice[0] % 2 == 0 && m.used < ENTRIES) {
            puts_one(&f, &m, i, dice[1]);
        } else if (dice[0] % 16 == 1) {
            bsc_outbox_turn_end(&f.box);
            assert_int_equal(f.heap.live, 0); /* no block is held any more */
        } else {
            takes_one(&f, &m, q);
        }
        assert_int_equal(f.queues[q].messages, m.n[q]);
        assert_int_equal(f.queues[q].octets, m.n[q] * 5);
        assert_int_equal(f.box.used, m.used);
    }
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_out_in_the_order_in_which_they_went_in),
        cmocka_unit_test(one_record_serves_many_queues_and_frees_its_frame_with_the_last),
        cmocka_unit_test(a_record_that_reaches_no_queue_goes_with_its_maker),
        cmocka_unit_test(a_message_that_still_waits_is_copied_once_at_the_end_of_the_turn),
        cmocka_unit_test(the_list_of_blocks_survives_removal_at_either_end_and_in_the_middle),
        cmocka_unit_test(without_memory_a_block_is_kept_until_a_later_turn),
        cmocka_unit_test(a_record_of_a_head_alone_keeps_no_frame),
        cmocka_unit_test(used_up_records_and_entries_are_an_answer_and_come_back),
        cmocka_unit_test(the_octets_of_all_queues_are_bounded_together),
        cmocka_unit_test(a_sixteenth_of_the_entries_is_kept_for_the_engine),
        cmocka_unit_test(no_memory_at_creation_is_an_answer),
        cmocka_unit_test(random_use_agrees_with_a_plain_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
