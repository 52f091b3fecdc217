/* Owns segmentation (clause 5.4.2): which segment leaves, which one is kept, what is answered. */
#include "bacnet/segment.h"

#include <assert.h>
#include <string.h>

enum { FIRST_ROOM = 1024, MOST_IN_VAIN = 4 * BAC_MAX_WINDOW };

/* Sending */

void bac_sender_begin(struct bac_segment_sender *sender, struct bas_slice body, size_t part,
                      uint8_t proposed)
{
    assert(part != 0 && bac_window_is_good(proposed));
    *sender = (struct bac_segment_sender){ .body = body,
                                           .part = part,
                                           .count = bac_segment_count(body.len, part),
                                           .window = 1,
                                           .proposed = proposed };
}

static size_t window_end(const struct bac_segment_sender *sender)
{
    size_t left = sender->count - sender->initial;
    return sender->initial + (sender->window < left ? sender->window : left);
}

bool bac_sender_has_next(const struct bac_segment_sender *sender)
{
    return sender->next < window_end(sender);
}

void bac_sender_next(struct bac_segment_sender *sender, struct bac_apdu *head)
{
    assert(bac_sender_has_next(sender));
    size_t at = sender->next * sender->part;
    size_t left = sender->body.len - at;
    head->segmented = true;
    head->more_follows = sender->next + 1 < sender->count;
    head->sequence = (uint8_t)(sender->next % 256);
    head->window = sender->proposed;
    head->body.len = left < sender->part ? left : sender->part;
    head->body.data = head->body.len != 0 ? sender->body.data + at : NULL;
    sender->next++;
    sender->sent = sender->next > sender->sent ? sender->next : sender->sent;
}

void bac_sender_again(struct bac_segment_sender *sender)
{
    sender->next = sender->initial;
}

bool bac_sender_is_through(const struct bac_segment_sender *sender)
{
    return sender->sent == sender->count;
}

enum bac_sender_result bac_sender_ack(struct bac_segment_sender *sender, const struct bac_apdu *ack)
{
    uint8_t ahead = (uint8_t)(ack->sequence - (uint8_t)(sender->initial % 256));
    size_t acknowledged = sender->initial + ahead;
    /* InWindow (5.4.2.1); and nobody can acknowledge what has never left */
    if (ahead >= sender->window || acknowledged >= sender->sent) {
        sender->duplicates++;
        return sender->duplicates > BAC_MAX_WINDOW ? BAC_SENDER_STUCK : BAC_SENDER_DUPLICATE;
    }
    sender->duplicates = 0;
    sender->initial = acknowledged + 1;
    sender->next = sender->initial;
    sender->window = ack->window;
    return sender->initial == sender->count ? BAC_SENDER_FINAL : BAC_SENDER_NEW;
}

/* Receiving */

static bool grow(struct bac_segment_receiver *receiver, size_t need,
                 const struct bac_segment_room *room)
{
    size_t cap = receiver->cap != 0 ? receiver->cap : FIRST_ROOM;
    while (cap < need) {
        cap *= 2;
    }
    cap = cap < room->max_len ? cap : room->max_len;
    assert(cap >= need);
    if (!bas_budget_charge(room->budget, cap)) {
        return false;
    }
    uint8_t *data = bas_alloc(room->env, cap);
    if (data == NULL) {
        bas_budget_release(room->budget, cap);
        return false;
    }
    if (receiver->len != 0) {
        memcpy(data, receiver->data, receiver->len);
    }
    bas_release(room->env, receiver->data, receiver->cap);
    bas_budget_release(room->budget, receiver->cap);
    receiver->data = data;
    receiver->cap = cap;
    return true;
}

/* A segment that is the next one. */
static enum bac_receiver_result keep(struct bac_segment_receiver *receiver,
                                     const struct bac_apdu *apdu,
                                     const struct bac_segment_room *room)
{
    size_t len = apdu->body.len;
    if (receiver->count == room->max_count || len > room->max_len - receiver->len) {
        return BAC_RECEIVER_OVERFLOW;
    }
    if (receiver->len + len > receiver->cap && !grow(receiver, receiver->len + len, room)) {
        return BAC_RECEIVER_NO_MEMORY;
    }
    if (len != 0) {
        memcpy(receiver->data + receiver->len, apdu->body.data, len);
    }
    receiver->len += len;
    receiver->count++;
    receiver->last = apdu->sequence;
    receiver->in_vain = 0;
    if (!apdu->more_follows) {
        return BAC_RECEIVER_LAST;
    }
    if (receiver->count != 1 && apdu->sequence != (uint8_t)(receiver->initial + receiver->window)) {
        return BAC_RECEIVER_KEPT;
    }
    receiver->initial = receiver->last;
    receiver->duplicates = 0;
    return BAC_RECEIVER_GROUP;
}

enum bac_receiver_result bac_receiver_begin(struct bac_segment_receiver *receiver,
                                            const struct bac_apdu *apdu, uint8_t ours,
                                            const struct bac_segment_room *room)
{
    assert(apdu->sequence == 0 && bac_window_is_good(apdu->window));
    *receiver =
        (struct bac_segment_receiver){ .window = apdu->window < ours ? apdu->window : ours };
    return keep(receiver, apdu, room);
}

/* DuplicateInWindow (5.4.2.2) of the window that arrives now. */
static bool is_duplicate(const struct bac_segment_receiver *receiver, uint8_t sequence)
{
    uint8_t first = (uint8_t)(receiver->initial + 1);
    uint8_t received = (uint8_t)(receiver->last - first);
    if (received > receiver->window) {
        return false;
    }
    return (uint8_t)(sequence - first) <= received ||
           (received == 0 && (uint8_t)(first - sequence) <= receiver->window);
}

enum bac_receiver_result bac_receiver_take(struct bac_segment_receiver *receiver,
                                           const struct bac_apdu *apdu,
                                           const struct bac_segment_room *room)
{
    if (apdu->sequence == (uint8_t)(receiver->last + 1)) {
        return keep(receiver, apdu, room);
    }
    receiver->in_vain++;
    if (receiver->in_vain > MOST_IN_VAIN) {
        return BAC_RECEIVER_STUCK;
    }
    if (is_duplicate(receiver, apdu->sequence) && receiver->duplicates < receiver->window) {
        receiver->duplicates++;
        return BAC_RECEIVER_DUPLICATE;
    }
    receiver->initial = receiver->last;
    receiver->duplicates = 0;
    return BAC_RECEIVER_DISORDER;
}

void bac_receiver_release(struct bac_segment_receiver *receiver,
                          const struct bac_segment_room *room)
{
    bas_release(room->env, receiver->data, receiver->cap);
    bas_budget_release(room->budget, receiver->cap);
    receiver->data = NULL;
    receiver->len = receiver->cap = 0;
}
