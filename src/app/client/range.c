/* Owns reading the items of a list or a log buffer in pieces (ReadRange, 15.8). */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

enum { MOST_ITEMS = 32767 }; /* in one request: what everybody understands */

struct range_call {
    struct call call;
    struct bas_range range; /* where the next piece begins */
    uint64_t left;          /* items that are still wanted */
    uint32_t asked;         /* in the request under way; 0: all */
    uint32_t most;          /* in one request */
};

static struct range_call *range_of(struct call *call)
{
    return (struct range_call *)call;
}

static const struct call_kind range_kind = { .size = sizeof(struct range_call) };

static bool is_backwards(const struct range_call *r)
{
    return r->range.count < 0;
}

static void on_piece(struct call *call, const struct bas_outcome *outcome);

static void ask_piece(struct range_call *r)
{
    const struct bas_range *range = &r->range;
    struct bac_read_range what = { .object = range->of.object,
                                   .property = range->of.property,
                                   .has_index = range->of.index != BAC_NO_INDEX,
                                   .index = range->of.index };
    r->asked = r->left < r->most ? (uint32_t)r->left : r->most;
    int64_t count = is_backwards(r) ? -(int64_t)r->asked : (int64_t)r->asked;
    what.has_range = range->by != BAS_RANGE_ALL;
    switch (range->by) {
    case BAS_RANGE_ALL:
        break;
    case BAS_RANGE_POSITION:
        what.range.choice = BAC_RANGE_POSITION;
        what.range.as.position = (struct bac_range_position){ range->first, count };
        break;
    case BAS_RANGE_SEQUENCE:
        what.range.choice = BAC_RANGE_SEQUENCE;
        what.range.as.sequence = (struct bac_range_position){ range->first, count };
        break;
    case BAS_RANGE_TIME:
        what.range.choice = BAC_RANGE_TIME;
        what.range.as.time = (struct bac_range_time){ range->time, count };
        break;
    }
    call_ask(&r->call, BAC_CONFIRMED_READ_RANGE, &what, &range->of, on_piece);
}

/* Behind (or in front of) what came. */
static void move_on(struct range_call *r, const struct bac_read_range_ack *ack)
{
    uint32_t n = (uint32_t)ack->count;
    if (ack->has_first) {
        r->range.by = BAS_RANGE_SEQUENCE;
        r->range.first = (uint32_t)ack->first + (is_backwards(r) ? UINT32_MAX : n);
    } else if (r->range.by == BAS_RANGE_ALL) {
        r->range.by = BAS_RANGE_POSITION;
        r->range.first = n + 1;
    } else if (is_backwards(r)) {
        r->range.first = r->range.first > n ? r->range.first - n : 0;
    } else {
        r->range.first += n;
    }
    r->left -= n < r->left ? n : r->left;
}

static bool is_last(const struct range_call *r, const struct bac_read_range_ack *ack)
{
    bool has_more = bac_bit(&ack->flags, BAC_RESULT_MORE_ITEMS);
    bool is_end =
        bac_bit(&ack->flags, is_backwards(r) ? BAC_RESULT_FIRST_ITEM : BAC_RESULT_LAST_ITEM);
    bool is_short = r->range.by == BAS_RANGE_ALL || ack->count < r->asked;
    return ack->count == 0 || is_end || ack->count >= r->left || (is_short && !has_more);
}

static void take_piece(struct range_call *r, const struct bas_outcome *outcome)
{
    const struct bac_read_range_ack *ack = outcome->value;
    const struct bas_property of = { ack->object, ack->property, r->range.of.index };
    const struct bas_range_piece piece = { .of = of,
                                           .items = ack->items,
                                           .type = bac_property_type(of.object.type, of.property),
                                           .n = (size_t)ack->count,
                                           .has_sequence = ack->has_first,
                                           .sequence = (uint32_t)ack->first,
                                           .is_last = is_last(r, ack),
                                           .arena = outcome->arena };
    move_on(r, ack);
    r->range.piece(r->call.user, &piece);
    if (r->call.is_ended) {
        return;
    }
    if (piece.is_last || (is_backwards(r) && !piece.has_sequence && r->range.first == 0)) {
        call_end_ok(&r->call);
    } else {
        ask_piece(r);
    }
}

/* Some refuse what does not fit, where they should send what does. */
static void on_piece(struct call *call, const struct bas_outcome *outcome)
{
    struct range_call *r = range_of(call);
    if (outcome->err == BAS_OK) {
        take_piece(r, outcome);
    } else if (client_is_of_size(outcome->fault) && r->range.by == BAS_RANGE_ALL) {
        r->range.by = BAS_RANGE_POSITION;
        r->range.first = 1;
        r->most = 64;
        ask_piece(r);
    } else if (client_is_of_size(outcome->fault) && r->asked > 1) {
        r->most = r->asked > 128 ? 64 : r->asked / 2;
        ask_piece(r);
    } else {
        call_end(call, outcome);
    }
}

bas_call_id bas_read_range(struct bas_station *s, const struct bas_peer_name *to,
                           const struct bas_range *range)
{
    struct bas_fault fault = { 0 };
    const struct call_begin begin = { &range_kind, to, range->done, range->user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        return call_refused(range->done, range->user, &fault);
    }
    struct range_call *r = range_of(call);
    int64_t count = range->count;
    r->range = *range;
    r->most = MOST_ITEMS;
    r->left = count == 0 ? UINT64_MAX : (uint64_t)(count < 0 ? -count : count);
    ask_piece(r);
    return call_begun(call);
}
