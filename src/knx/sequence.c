/* Owns the rule that no sequence number is ever given twice: blocks of granted numbers, and where
 * they start without a store. */
#include "knx/sequence.h"

/* 2018-01-05T00:00:00Z in milliseconds since 1970. */
static const int64_t clock_start = INT64_C(1515110400000);

uint64_t knx_sequence_of_clock(int64_t wall)
{
    int64_t number = wall / 1000 - clock_start;
    if (number < 1) {
        return 1;
    }
    return (uint64_t)number < KNX_COUNTER_MAX ? (uint64_t)number : KNX_COUNTER_MAX;
}

void knx_sequence_init(struct knx_sequence *sequence)
{
    *sequence = (struct knx_sequence){
        .present = { 1, 1 },
        .following = { 1, 1 },
        .next = 1,
        .granted = 1,
    };
}

static bool is_empty(const struct knx_block_of_numbers *block)
{
    return block->first == block->end;
}

/* Goes on to the following block when the present one is used up, and leaves out what is below
 * next. */
static void settle(struct knx_sequence *s)
{
    if (s->next >= s->present.end && !is_empty(&s->following)) {
        s->present = s->following;
        s->following.first = s->following.end;
    }
    if (s->next < s->present.first) {
        s->next = s->present.first;
    }
}

bas_err knx_sequence_grant(struct knx_sequence *sequence, uint64_t first, uint64_t count)
{
    struct knx_sequence *s = sequence;
    if (count == 0 || first < s->granted || first > KNX_COUNTER_MAX ||
        count > KNX_COUNTER_MAX - first + 1) {
        return BAS_ERR_INVALID;
    }
    if (!is_empty(&s->following)) {
        return BAS_ERR_NO_SPACE;
    }
    s->following = (struct knx_block_of_numbers){ first, first + count };
    s->granted = first + count;
    s->is_asked = false;
    settle(s);
    return BAS_OK;
}

bas_err knx_sequence_peek(const struct knx_sequence *sequence, uint64_t *number)
{
    if (sequence->next > KNX_COUNTER_MAX) {
        return BAS_ERR_STATE;
    }
    if (sequence->next >= sequence->present.end) {
        return BAS_ERR_BUSY;
    }
    *number = sequence->next;
    return BAS_OK;
}

bas_err knx_sequence_take(struct knx_sequence *sequence, uint64_t *number)
{
    bas_err err = knx_sequence_peek(sequence, number);
    if (err == BAS_OK) {
        sequence->next++;
        settle(sequence);
    }
    return err;
}

void knx_sequence_raise(struct knx_sequence *sequence, uint64_t number)
{
    if (number <= sequence->next) {
        return;
    }
    sequence->next = number;
    settle(sequence);
    if (sequence->next >= sequence->present.end) {
        sequence->is_asked = false; /* what was asked for may lie below */
    }
}

void knx_sequence_renounce(struct knx_sequence *sequence)
{
    struct knx_sequence *s = sequence;
    s->next = s->next > s->granted ? s->next : s->granted;
    s->present = (struct knx_block_of_numbers){ s->granted, s->granted };
    s->following = s->present;
    s->is_asked = false;
}

bool knx_sequence_asks(struct knx_sequence *sequence, uint64_t *from)
{
    struct knx_sequence *s = sequence;
    uint64_t lowest = s->next > s->granted ? s->next : s->granted;
    if (s->is_asked || !is_empty(&s->following) || lowest > KNX_COUNTER_MAX) {
        return false;
    }
    uint64_t left = s->next < s->present.end ? s->present.end - s->next : 0;
    if (left * 2 > s->present.end - s->present.first) {
        return false;
    }
    s->is_asked = true;
    *from = lowest;
    return true;
}
