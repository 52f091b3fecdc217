/* The two halves of segmentation against each other, over a wire that loses, doubles and reorders
 * (clause 5.4.2). */
#include "test_env.h"

#include "bacnet/segment.h"

#include <string.h>

enum { MOST = 1024, LONGEST = 4000 };

/* Segments that go one way, SegmentACKs the other. */
struct wire {
    struct bac_apdu waiting[MOST];
    size_t n;
    size_t carried;
    size_t lose;    /* this one (1 is the first) is lost, */
    size_t twice;   /* this one comes twice, */
    size_t behind;  /* this one behind the next; 0: none */
    unsigned chaos; /* of 256 each is lost, doubled or swapped */
};

struct talk {
    struct test_env t;
    struct bas_budget memory;
    struct bac_segment_room room;
    struct bac_segment_sender sender;
    struct bac_segment_receiver receiver;
    bool is_received, is_sent;
    struct wire there, back;
    uint64_t random;
    uint8_t body[LONGEST];
};

static unsigned next_random(struct talk *k)
{
    k->random = k->random * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(k->random >> 40) & 0xFF;
}

static void open_talk(struct talk *k, size_t len, size_t part, uint8_t window)
{
    memset(k, 0, sizeof(*k));
    test_env_init(&k->t);
    k->memory.max = 1 << 20;
    k->room = (struct bac_segment_room){ &k->t.env, &k->memory, 65536, 65536 };
    k->random = k->t.seed;
    for (size_t i = 0; i < LONGEST; i++) {
        k->body[i] = (uint8_t)next_random(k);
    }
    bac_sender_begin(&k->sender, (struct bas_slice){ k->body, len }, part, window);
}

static void close_talk(struct talk *k)
{
    bac_receiver_release(&k->receiver, &k->room);
    assert_int_equal(k->memory.used, 0);
    test_env_check(&k->t);
}

static void put(struct wire *w, const struct bac_apdu *apdu)
{
    assert_true(w->n < MOST);
    w->waiting[w->n++] = *apdu;
}

static void carry(struct talk *k, struct wire *w, const struct bac_apdu *apdu)
{
    size_t number = ++w->carried;
    bool is_chaos = w->chaos != 0;
    if (number == w->lose || (is_chaos && next_random(k) < w->chaos)) {
        return;
    }
    put(w, apdu);
    if (number == w->twice || (is_chaos && next_random(k) < w->chaos)) {
        put(w, apdu);
    }
    bool is_swapped =
        (w->behind != 0 && number == w->behind + 1) || (is_chaos && next_random(k) < w->chaos);
    if (is_swapped && w->n > 1) {
        struct bac_apdu last = w->waiting[w->n - 1];
        w->waiting[w->n - 1] = w->waiting[w->n - 2];
        w->waiting[w->n - 2] = last;
    }
}

static bool take(struct wire *w, struct bac_apdu *apdu)
{
    if (w->n == 0) {
        return false;
    }
    *apdu = w->waiting[0];
    memmove(w->waiting, w->waiting + 1, --w->n * sizeof(*apdu));
    return true;
}

static void receive(struct talk *k, const struct bac_apdu *apdu, uint8_t ours)
{
    enum bac_receiver_result result;
    if (k->is_received) { /* the transaction is over: whoever repeats is told so once more */
        result = BAC_RECEIVER_DISORDER;
    } else if (k->receiver.count == 0) {
        if (apdu->sequence != 0) {
            return;
        }
        result = bac_receiver_begin(&k->receiver, apdu, ours, &k->room);
    } else {
        result = bac_receiver_take(&k->receiver, apdu, &k->room);
    }
    k->is_received = k->is_received || result == BAC_RECEIVER_LAST;
    if (result == BAC_RECEIVER_GROUP || result == BAC_RECEIVER_LAST ||
        result == BAC_RECEIVER_DISORDER) {
        const struct bac_apdu ack = { .type = BAC_PDU_SEGMENT_ACK,
                                      .negative_ack = result == BAC_RECEIVER_DISORDER,
                                      .sequence = k->receiver.last,
                                      .window = k->receiver.window };
        carry(k, &k->back, &ack);
    } else {
        assert_true(result == BAC_RECEIVER_KEPT || result == BAC_RECEIVER_DUPLICATE);
    }
}

/* Until nothing moves, then the segment timer; so often. Whether all arrived. */
static bool run(struct talk *k, uint8_t ours, unsigned tries)
{
    while (!k->is_sent) {
        struct bac_apdu apdu = { .type = BAC_PDU_COMPLEX_ACK };
        while (bac_sender_has_next(&k->sender)) {
            bac_sender_next(&k->sender, &apdu);
            assert_int_equal(apdu.window, k->sender.proposed);
            carry(k, &k->there, &apdu);
        }
        while (take(&k->there, &apdu)) {
            receive(k, &apdu, ours);
        }
        bool moves = false;
        while (take(&k->back, &apdu)) {
            enum bac_sender_result result = bac_sender_ack(&k->sender, &apdu);
            moves = moves || result == BAC_SENDER_NEW;
            k->is_sent = k->is_sent || result == BAC_SENDER_FINAL;
        }
        if (!k->is_sent && !moves) {
            if (tries-- == 0) {
                return false;
            }
            bac_sender_again(&k->sender);
        }
    }
    return true;
}

static void expect_arrived(const struct talk *k)
{
    assert_true(k->is_received);
    assert_int_equal(k->receiver.len, k->sender.body.len);
    assert_memory_equal(k->receiver.data, k->body, k->receiver.len);
}

static const uint8_t WINDOWS[] = { 1, 2, 16, 127 };

static void a_message_arrives_whatever_both_windows_are(void **state)
{
    (void)state;
    static const size_t lens[] = { 0, 1, 10, 11, 300, 2999, 3000 }; /* up to 300 segments */
    for (size_t i = 0; i < BAS_ARRAY_LEN(WINDOWS) * BAS_ARRAY_LEN(WINDOWS); i++) {
        for (size_t l = 0; l < BAS_ARRAY_LEN(lens); l++) {
            uint8_t theirs = WINDOWS[i % BAS_ARRAY_LEN(WINDOWS)];
            uint8_t ours = WINDOWS[i / BAS_ARRAY_LEN(WINDOWS)];
            struct talk k;
            open_talk(&k, lens[l], 10, theirs);
            assert_true(run(&k, ours, 0));
            expect_arrived(&k);
            size_t count = bac_segment_count(lens[l], 10);
            assert_int_equal(k.there.carried, count); /* none twice */
            uint8_t granted = theirs < ours ? theirs : ours;
            assert_int_equal(k.back.carried, 1 + (count - 1 + granted - 1) / granted);
            close_talk(&k);
        }
    }
}

/* What happens to the n-th of a wire. */
enum mishap { LOST, DOUBLED, SWAPPED, MISHAPS };

static void each_segment_and_each_ack_may_be_lost_doubled_or_late(void **state)
{
    (void)state;
    for (size_t w = 0; w < BAS_ARRAY_LEN(WINDOWS); w++) {
        for (unsigned m = 0; m < 2 * MISHAPS; m++) {
            for (size_t n = 1; n <= 140; n++) {
                struct talk k;
                open_talk(&k, 140, 1, WINDOWS[w]);
                struct wire *wire = m < MISHAPS ? &k.there : &k.back;
                *(m % MISHAPS == LOST      ? &wire->lose
                  : m % MISHAPS == DOUBLED ? &wire->twice
                                           : &wire->behind) = n;
                assert_true(run(&k, WINDOWS[w], 2));
                expect_arrived(&k);
                close_talk(&k);
            }
        }
    }
}

static void under_chaos_what_arrives_is_what_was_sent(void **state)
{
    (void)state;
    size_t whole = 0;
    for (unsigned n = 0; n < 400; n++) {
        struct talk k;
        open_talk(&k, 700, 2, WINDOWS[n % BAS_ARRAY_LEN(WINDOWS)]);
        k.random += n;
        k.there.chaos = k.back.chaos = n % 40;
        if (run(&k, WINDOWS[n / 100], 200)) {
            expect_arrived(&k);
            whole++;
        }
        close_talk(&k);
    }
    assert_true(whole > 390);
}

static struct bac_apdu segment(uint8_t sequence, uint8_t window, size_t len)
{
    static const uint8_t octets[1500];
    return (struct bac_apdu){ .type = BAC_PDU_CONFIRMED_REQUEST,
                              .segmented = true,
                              .more_follows = true,
                              .sequence = sequence,
                              .window = window,
                              .body = { octets, len } };
}

static void endless_segments_end_at_the_bounds_of_memory_and_number(void **state)
{
    (void)state;
    static const struct {
        size_t len, max_len, max_count, max_memory;
        enum bac_receiver_result end;
        size_t taken;
    } rows[] = {
        { 100, 1000, 999, 9999, BAC_RECEIVER_OVERFLOW, 10 },
        { 0, 1000, 64, 9999, BAC_RECEIVER_OVERFLOW, 64 },
        { 100, 100000, 99999, 6000, BAC_RECEIVER_NO_MEMORY, 20 },
        { 1500, 1000, 99999, 6000, BAC_RECEIVER_OVERFLOW, 0 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct talk k;
        open_talk(&k, 0, 1, 1);
        k.memory.max = rows[i].max_memory;
        k.room.max_len = rows[i].max_len;
        k.room.max_count = rows[i].max_count;
        struct bac_apdu apdu = segment(0, 4, rows[i].len);
        enum bac_receiver_result result = bac_receiver_begin(&k.receiver, &apdu, 4, &k.room);
        size_t n = 0;
        for (; result == BAC_RECEIVER_KEPT || result == BAC_RECEIVER_GROUP; n++) {
            apdu = segment((uint8_t)(n + 1), 4, rows[i].len);
            result = bac_receiver_take(&k.receiver, &apdu, &k.room);
            assert_true(k.memory.used <= rows[i].max_memory);
        }
        assert_int_equal(result, rows[i].end);
        assert_int_equal(n, rows[i].taken);
        close_talk(&k);
    }
}

static void one_that_repeats_itself_without_end_is_not_listened_to(void **state)
{
    (void)state;
    struct talk k;
    open_talk(&k, 100, 1, 16);
    struct bac_apdu apdu = segment(0, 16, 1);
    assert_int_equal(bac_receiver_begin(&k.receiver, &apdu, 16, &k.room), BAC_RECEIVER_GROUP);
    enum bac_receiver_result result = BAC_RECEIVER_GROUP;
    for (size_t i = 0; i < 600; i++) {
        result = bac_receiver_take(&k.receiver, &apdu, &k.room);
        assert_int_equal(result, i < 508 ? BAC_RECEIVER_DISORDER : BAC_RECEIVER_STUCK);
    }
    apdu = segment(1, 16, 1);
    assert_int_equal(bac_receiver_take(&k.receiver, &apdu, &k.room), BAC_RECEIVER_KEPT);
    const struct bac_apdu ack = { .sequence = 200, .window = 1 };
    bac_sender_next(&k.sender, &apdu);
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(bac_sender_ack(&k.sender, &ack),
                         i < 127 ? BAC_SENDER_DUPLICATE : BAC_SENDER_STUCK);
    }
    close_talk(&k);
}

static void repeated_segments_of_a_window_are_dropped_and_a_gap_is_told(void **state)
{
    (void)state;
    static const struct {
        uint8_t sequence;
        enum bac_receiver_result result;
    } rows[] = {
        { 1, BAC_RECEIVER_KEPT },
        { 2, BAC_RECEIVER_KEPT },
        { 2, BAC_RECEIVER_DUPLICATE },
        { 1, BAC_RECEIVER_DUPLICATE },
        { 4, BAC_RECEIVER_DISORDER }, /* 3 is missing */
        { 3, BAC_RECEIVER_KEPT },
        { 4, BAC_RECEIVER_KEPT },
        { 5, BAC_RECEIVER_KEPT },
        { 6, BAC_RECEIVER_GROUP },    /* the window began anew behind 2 */
        { 6, BAC_RECEIVER_DISORDER }, /* our SegmentACK was lost */
        { 7, BAC_RECEIVER_KEPT },
        { 5, BAC_RECEIVER_DUPLICATE }, /* late, of the window before */
        { 8, BAC_RECEIVER_KEPT },
        { 250, BAC_RECEIVER_DISORDER },
    };
    struct talk k;
    open_talk(&k, 0, 1, 4);
    struct bac_apdu apdu = segment(0, 9, 1);
    assert_int_equal(bac_receiver_begin(&k.receiver, &apdu, 4, &k.room), BAC_RECEIVER_GROUP);
    assert_int_equal(k.receiver.window, 4);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        apdu = segment(rows[i].sequence, 9, 1);
        assert_int_equal(bac_receiver_take(&k.receiver, &apdu, &k.room), rows[i].result);
    }
    assert_int_equal(k.receiver.len, 9);
    close_talk(&k);
}

static void more_duplicates_than_a_window_has_are_told(void **state)
{
    (void)state;
    struct talk k;
    open_talk(&k, 0, 1, 4);
    struct bac_apdu apdu = segment(0, 4, 1);
    assert_int_equal(bac_receiver_begin(&k.receiver, &apdu, 4, &k.room), BAC_RECEIVER_GROUP);
    for (uint8_t n = 1; n <= 2; n++) {
        apdu = segment(n, 4, 1);
        assert_int_equal(bac_receiver_take(&k.receiver, &apdu, &k.room), BAC_RECEIVER_KEPT);
    }
    for (unsigned i = 0; i < 5; i++) {
        apdu = segment(i % 2 == 0 ? 1 : 2, 4, 1);
        assert_int_equal(bac_receiver_take(&k.receiver, &apdu, &k.room),
                         i < 4 ? BAC_RECEIVER_DUPLICATE : BAC_RECEIVER_DISORDER);
    }
    close_talk(&k);
}

static void an_ack_counts_only_in_the_window_and_for_what_has_left(void **state)
{
    (void)state;
    struct talk k;
    open_talk(&k, 600, 1, 127);
    struct bac_apdu apdu = { .type = BAC_PDU_CONFIRMED_REQUEST };
    struct bac_apdu ack = { .sequence = 0, .window = 4 };
    assert_int_equal(bac_sender_ack(&k.sender, &ack), BAC_SENDER_DUPLICATE); /* nothing left yet */
    bac_sender_next(&k.sender, &apdu);
    assert_false(bac_sender_has_next(&k.sender)); /* the first one goes alone */
    assert_int_equal(bac_sender_ack(&k.sender, &ack), BAC_SENDER_NEW);
    assert_int_equal(bac_sender_ack(&k.sender, &ack), BAC_SENDER_DUPLICATE);
    bac_sender_next(&k.sender, &apdu);
    bac_sender_next(&k.sender, &apdu);
    ack.sequence = 3;
    assert_int_equal(bac_sender_ack(&k.sender, &ack), BAC_SENDER_DUPLICATE);
    ack.sequence = 1; /* negative, or not: the window begins behind it */
    ack.window = 2;
    assert_int_equal(bac_sender_ack(&k.sender, &ack), BAC_SENDER_NEW);
    bac_sender_next(&k.sender, &apdu);
    assert_int_equal(apdu.sequence, 2);
    bac_sender_next(&k.sender, &apdu);
    assert_false(bac_sender_has_next(&k.sender));
    assert_false(bac_sender_is_through(&k.sender));
    close_talk(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_arrives_whatever_both_windows_are),
        cmocka_unit_test(each_segment_and_each_ack_may_be_lost_doubled_or_late),
        cmocka_unit_test(under_chaos_what_arrives_is_what_was_sent),
        cmocka_unit_test(endless_segments_end_at_the_bounds_of_memory_and_number),
        cmocka_unit_test(one_that_repeats_itself_without_end_is_not_listened_to),
        cmocka_unit_test(repeated_segments_of_a_window_are_dropped_and_a_gap_is_told),
        cmocka_unit_test(more_duplicates_than_a_window_has_are_told),
        cmocka_unit_test(an_ack_counts_only_in_the_window_and_for_what_has_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
