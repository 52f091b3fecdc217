/* Owns the messages that wait to be sent: shared records, an entry per destination, one copy when a
 * destination is slow. */
#include "sc/outbox.h"

#include <assert.h>
#include <string.h>

enum { RESERVE_PART = 16 };

bas_err bsc_outbox_init(struct bsc_outbox *box, const struct bas_env *env, uint32_t entries,
                        uint64_t octets_max)
{
    assert(entries < BSC_NONE);
    *box = (struct bsc_outbox){ .env = env,
                                .cap = entries,
                                .cap_open = entries - entries / RESERVE_PART,
                                .octets_max = octets_max,
                                .octets_open = octets_max - octets_max / RESERVE_PART };
    box->records = bas_alloc(env, entries * sizeof(*box->records));
    box->entries = bas_alloc(env, entries * sizeof(*box->entries));
    box->block_first = BSC_NONE;
    if (box->records == NULL || box->entries == NULL) {
        bsc_outbox_fini(box);
        return BAS_ERR_NO_MEMORY;
    }
    /* The free lists are 1-based and run on into untouched memory: 0 stands for "the next one", so
     * nothing is written here and unused records cost no resident memory. */
    return BAS_OK;
}

void bsc_outbox_fini(struct bsc_outbox *box)
{
    bas_release(box->env, box->records, box->cap * sizeof(*box->records));
    bas_release(box->env, box->entries, box->cap * sizeof(*box->entries));
    box->records = NULL;
    box->entries = NULL;
}

void bsc_queue_init(struct bsc_queue *queue)
{
    *queue = (struct bsc_queue){ BSC_NONE, BSC_NONE, 0, 0 };
}

/*
 * A free list over a zeroed array: each free item's link names the item that follows it on the
 * list, 0 for the neighbour behind it in the array, else its index plus one.
 */
static uint32_t free_after(uint32_t item, uint32_t link)
{
    return link == 0 ? item + 1 : link - 1;
}

static void block_list_add(struct bsc_outbox *box, uint32_t record)
{
    struct bsc_record *r = &box->records[record];
    r->in_block = true;
    r->block_prev = BSC_NONE;
    r->block_next = box->block_first;
    if (box->block_first != BSC_NONE) {
        box->records[box->block_first].block_prev = record;
    }
    box->block_first = record;
}

static void block_list_remove(struct bsc_outbox *box, uint32_t record)
{
    struct bsc_record *r = &box->records[record];
    if (!r->in_block) {
        return;
    }
    r->in_block = false;
    if (r->block_prev == BSC_NONE) {
        box->block_first = r->block_next;
    } else {
        box->records[r->block_prev].block_next = r->block_next;
    }
    if (r->block_next != BSC_NONE) {
        box->records[r->block_next].block_prev = r->block_prev;
    }
}

uint32_t bsc_record_new(struct bsc_outbox *box, const struct bsc_record_spec *spec)
{
    uint32_t record = box->free_record;
    if (record >= box->cap) {
        return BSC_NONE;
    }
    assert(spec->head.len <= BSC_RECORD_HEAD);
    struct bsc_record *r = &box->records[record];
    box->free_record = free_after(record, r->block_next);
    r->refs = 1;
    r->head_len = (uint8_t)spec->head.len;
    if (spec->head.len != 0) {
        memcpy(r->head, spec->head.data, spec->head.len);
    }
    r->frame = NULL;
    r->offset = 0;
    r->len = 0;
    r->in_block = false;
    if (spec->frame != NULL && spec->rest.len != 0) {
        r->frame = bas_frame_ref(spec->frame);
        r->offset = (uint32_t)(spec->rest.data - spec->frame->data);
        r->len = (uint32_t)spec->rest.len;
        if (spec->in_block) {
            block_list_add(box, record);
        }
    }
    return record;
}

void bsc_record_unref(struct bsc_outbox *box, uint32_t record)
{
    struct bsc_record *r = &box->records[record];
    assert(r->refs > 0);
    if (--r->refs > 0) {
        return;
    }
    block_list_remove(box, record);
    bas_frame_unref(r->frame);
    r->frame = NULL;
    r->block_next = box->free_record + 1;
    box->free_record = record;
}

size_t bsc_record_len(const struct bsc_outbox *box, uint32_t record)
{
    return (size_t)box->records[record].head_len + box->records[record].len;
}

bool bsc_outbox_has_room(const struct bsc_outbox *box, size_t len)
{
    return box->used < box->cap_open && box->octets + len <= box->octets_open;
}

/* bsc 3.3-12 3.3-13 */
bas_err bsc_queue_put(struct bsc_outbox *box, struct bsc_queue *queue, uint32_t record)
{
    size_t len = bsc_record_len(box, record);
    uint32_t at = box->free_entry;
    if (at >= box->cap || box->octets + len > box->octets_max) {
        return BAS_ERR_NO_SPACE;
    }
    box->used++;
    struct bsc_entry *entry = &box->entries[at];
    box->free_entry = free_after(at, entry->next);
    box->records[record].refs++;
    *entry = (struct bsc_entry){ record, BSC_NONE };
    if (queue->first == BSC_NONE) {
        queue->first = at;
    } else {
        box->entries[queue->last].next = at;
    }
    queue->last = at;
    queue->messages++;
    queue->octets += len;
    box->octets += len;
    return BAS_OK;
}

bool bsc_queue_peek(const struct bsc_outbox *box, const struct bsc_queue *queue, struct bsc_tx *tx)
{
    if (queue->first == BSC_NONE) {
        return false;
    }
    const struct bsc_record *r = &box->records[box->entries[queue->first].record];
    tx->head = (struct bas_slice){ r->head, r->head_len };
    tx->rest = (struct bas_slice){ NULL, 0 };
    if (r->frame != NULL) {
        tx->rest = (struct bas_slice){ r->frame->data + r->offset, r->len };
    }
    return true;
}

void bsc_queue_pop(struct bsc_outbox *box, struct bsc_queue *queue)
{
    assert(queue->first != BSC_NONE);
    uint32_t at = queue->first;
    struct bsc_entry *entry = &box->entries[at];
    size_t len = bsc_record_len(box, entry->record);
    queue->first = entry->next;
    if (queue->first == BSC_NONE) {
        queue->last = BSC_NONE;
    }
    box->used--;
    queue->messages--;
    queue->octets -= len;
    box->octets -= len;
    bsc_record_unref(box, entry->record);
    entry->next = box->free_entry + 1;
    box->free_entry = at;
}

uint32_t bsc_queue_clear(struct bsc_outbox *box, struct bsc_queue *queue)
{
    uint32_t n = queue->messages;
    while (queue->first != BSC_NONE) {
        bsc_queue_pop(box, queue);
    }
    return n;
}

/* Moves a record's octets to a frame of their own. False: no memory. */
static bool retain(struct bsc_outbox *box, struct bsc_record *r)
{
    struct bas_frame *copy = bas_frame_new(box->env, 0, r->len);
    if (copy == NULL) {
        return false;
    }
    memcpy(bas_frame_put(copy, r->len), r->frame->data + r->offset, r->len);
    bas_frame_unref(r->frame);
    r->frame = copy;
    r->offset = 0;
    box->retained++;
    return true;
}

void bsc_outbox_turn_end(struct bsc_outbox *box)
{
    uint32_t record = box->block_first;
    while (record != BSC_NONE) {
        uint32_t next = box->records[record].block_next;
        if (retain(box, &box->records[record])) {
            block_list_remove(box, record);
        }
        record = next;
    }
}
