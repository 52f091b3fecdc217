/*
 * Messages that wait to be sent: a list per connection, records shared by all connections of an
 * engine.
 *
 * A relayed message is one record, however many destinations it has: its new header, and a window
 * on the octets that arrived. Each destination's list holds an entry that points to it. What is
 * still waiting when the receive blocks must go is copied once (bsc_outbox_turn_end), for all who
 * wait. Everything is allocated at creation, except those copies.
 */
#ifndef BASALT_SC_OUTBOX_H
#define BASALT_SC_OUTBOX_H

#include "basalt/sc.h"

/* Room for every message an engine makes itself: Connect-Accept with Hello is the longest of fixed
 * size (34). */
enum { BSC_RECORD_HEAD = 64, BSC_NONE = 0xFFFFFFF };

struct bsc_record {
    struct bas_frame *frame; /* one reference, or NULL when head is all */
    uint32_t offset;
    uint32_t len;
    uint32_t refs; /* entries that point here, and the maker while it works */
    uint32_t block_prev,
        block_next; /* list of records whose frame is a receive block, or the free list */
    bool in_block;
    uint8_t head_len;
    uint8_t head[BSC_RECORD_HEAD];
};

struct bsc_entry {
    uint32_t record;
    uint32_t next;
};

/* The list of one connection. Zeroed is not empty: use bsc_queue_init. */
struct bsc_queue {
    uint32_t first, last;
    uint32_t messages;
    uint64_t octets;
};

struct bsc_outbox {
    const struct bas_env *env;
    struct bsc_record *records;
    struct bsc_entry *entries;
    uint32_t cap;
    uint32_t cap_open; /* of these without the reserve */
    uint32_t used;     /* entries */
    uint32_t free_record, free_entry;
    uint32_t block_first;
    uint64_t octets; /* of all queues, and what the owner adds for octets that have left them and
                        still wait below */
    uint64_t octets_max;
    uint64_t octets_open; /* of these without the reserve */
    uint64_t retained;    /* copies made */
};

BAS_MUST_USE bas_err bsc_outbox_init(struct bsc_outbox *box, const struct bas_env *env,
                                     uint32_t entries, uint64_t octets_max);
void bsc_outbox_fini(struct bsc_outbox *box);
void bsc_queue_init(struct bsc_queue *queue);

/*
 * A new record with one reference (the maker's; give it back with bsc_record_unref). head is
 * copied; frame (may be NULL) gets a reference of the record. in_block: frame is a receive block
 * that must be free at the end of the turn. BSC_NONE when all records are in use.
 */
struct bsc_record_spec {
    struct bas_slice head;
    struct bas_frame *frame;
    struct bas_slice rest; /* stands in frame */
    bool in_block;
};
uint32_t bsc_record_new(struct bsc_outbox *box, const struct bsc_record_spec *spec);
void bsc_record_unref(struct bsc_outbox *box, uint32_t record);
size_t bsc_record_len(const struct bsc_outbox *box, uint32_t record);

/*
 * Whether one more message of len octets leaves the reserve, a sixteenth of entries and octets,
 * that is kept for what the engine itself must say however much else waits.
 */
bool bsc_outbox_has_room(const struct bsc_outbox *box, size_t len);
/* Appends. BAS_ERR_NO_SPACE when entries or octets of all queues are used up. The bound of one
 * queue is the caller's. */
BAS_MUST_USE bas_err bsc_queue_put(struct bsc_outbox *box, struct bsc_queue *queue,
                                   uint32_t record);
bool bsc_queue_peek(const struct bsc_outbox *box, const struct bsc_queue *queue, struct bsc_tx *tx);
void bsc_queue_pop(struct bsc_outbox *box, struct bsc_queue *queue);
/* Drops all; gives their number. */
uint32_t bsc_queue_clear(struct bsc_outbox *box, struct bsc_queue *queue);
/* Copies every waiting message out of its receive block. One that finds no memory keeps its block
 * until the next turn. */
void bsc_outbox_turn_end(struct bsc_outbox *box);

#endif
