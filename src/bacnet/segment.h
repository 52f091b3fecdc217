/*
 * One message in segments (clauses 5.2.2, 5.3, 5.4.2): the half that sends and the half that
 * receives, the same for requests and for answers. Sequence numbers are modulo 256, counts are not.
 * Timers belong to the transaction.
 */
#ifndef BASALT_BACNET_SEGMENT_H
#define BASALT_BACNET_SEGMENT_H

#include "basalt/bacnet.h"

enum {
    BAC_MAX_WINDOW = 127,
    BAC_REQUEST_HEADER = 4,         /* of a confirmed request in one piece */
    BAC_REQUEST_SEGMENT_HEADER = 6, /* of a segment of one */
    BAC_ACK_HEADER = 3,             /* of a ComplexACK in one piece */
    BAC_ACK_SEGMENT_HEADER = 5
};

/* 1 .. 127 (20.1.2.8): anything else ends the transaction. */
static inline bool bac_window_is_good(uint8_t window)
{
    return window >= 1 && window <= BAC_MAX_WINDOW;
}

/* Segments that a body needs; part: octets of each. */
static inline size_t bac_segment_count(size_t len, size_t part)
{
    return len == 0 ? 1 : (len - 1) / part + 1;
}

struct bac_segment_sender {
    struct bas_slice body; /* lives as long as the sender */
    size_t part;           /* octets of each segment but the last */
    size_t count;
    size_t initial; /* the first that is not acknowledged (InitialSequenceNumber) */
    size_t next;    /* leaves next */
    size_t sent;    /* segments that left at least once */
    uint8_t window; /* ActualWindowSize: 1 until the first SegmentACK */
    uint8_t proposed;
    unsigned duplicates; /* SegmentACKs in a row that told nothing new */
};
void bac_sender_begin(struct bac_segment_sender *sender, struct bas_slice body, size_t part,
                      uint8_t proposed);
/* Whether a segment of the window is to be sent. */
bool bac_sender_has_next(const struct bac_segment_sender *sender);
/* FillWindow (5.4.2.3), one segment a call: sets what head says of it, and its body. */
void bac_sender_next(struct bac_segment_sender *sender, struct bac_apdu *head);
/* The window once more, from its begin. */
void bac_sender_again(struct bac_segment_sender *sender);
/* SentAllSegments. */
bool bac_sender_is_through(const struct bac_segment_sender *sender);

enum bac_sender_result {
    BAC_SENDER_DUPLICATE, /* not in the window */
    BAC_SENDER_STUCK,     /* the same, so often that it is no reason to wait longer */
    BAC_SENDER_NEW,       /* the next window can leave */
    BAC_SENDER_FINAL      /* all is acknowledged */
};
/* A SegmentACK with a good window (5.4.4.2, 5.4.5.4). */
enum bac_sender_result bac_sender_ack(struct bac_segment_sender *sender,
                                      const struct bac_apdu *ack);

/* What a receiver may take. */
struct bac_segment_room {
    const struct bas_env *env;
    struct bas_budget *budget; /* of all receivers and kept bodies */
    size_t max_len;            /* of one message */
    size_t max_count;          /* segments of one message */
};

struct bac_segment_receiver {
    uint8_t *data; /* cap of them are charged */
    size_t len, cap;
    size_t count;    /* segments in data */
    uint8_t initial; /* InitialSequenceNumber */
    uint8_t last;    /* LastSequenceNumber */
    uint8_t window;  /* ActualWindowSize */
    unsigned duplicates;
    unsigned in_vain; /* segments since the last one that was new */
};
enum bac_receiver_result {
    BAC_RECEIVER_KEPT,      /* nothing to say yet */
    BAC_RECEIVER_GROUP,     /* kept; SegmentACK */
    BAC_RECEIVER_LAST,      /* kept, and whole; SegmentACK */
    BAC_RECEIVER_DUPLICATE, /* dropped */
    BAC_RECEIVER_DISORDER,  /* dropped; negative SegmentACK */
    BAC_RECEIVER_STUCK,     /* dropped; the peer repeats itself, and there is no new one */
    BAC_RECEIVER_OVERFLOW,  /* larger than room allows */
    BAC_RECEIVER_NO_MEMORY
};
/* The first segment, of sequence number 0 and a good window; ours: the most that we grant. The
 * receiver holds memory from now on, until it is released. */
enum bac_receiver_result bac_receiver_begin(struct bac_segment_receiver *receiver,
                                            const struct bac_apdu *apdu, uint8_t ours,
                                            const struct bac_segment_room *room);
enum bac_receiver_result bac_receiver_take(struct bac_segment_receiver *receiver,
                                           const struct bac_apdu *apdu,
                                           const struct bac_segment_room *room);
void bac_receiver_release(struct bac_segment_receiver *receiver,
                          const struct bac_segment_room *room);

#endif
