/*
 * The transaction state machines as tables: of a requester (clause 5.4.4) and of a responder
 * (5.4.5). What a segment or a SegmentACK means is found out before (segment.h); each meaning is an
 * event of its own here.
 */
#ifndef BASALT_BACNET_TSM_H
#define BASALT_BACNET_TSM_H

#include "bacnet/segment.h"

/* The requester */

enum bac_tsm_state {
    BAC_TSM_IDLE,
    BAC_TSM_SEGMENTED_REQUEST,
    BAC_TSM_AWAIT_CONFIRMATION,
    BAC_TSM_SEGMENTED_CONFIRMATION,
    BAC_TSM_DONE, /* its event has not been fetched yet */
    BAC_TSM_STATES
};

enum bac_tsm_event {
    BAC_TSM_ON_REQUEST,
    BAC_TSM_ON_LONG_REQUEST, /* one that takes segments */
    BAC_TSM_ON_SIMPLE_ACK,
    BAC_TSM_ON_COMPLEX_ACK,
    BAC_TSM_ON_ERROR,
    BAC_TSM_ON_REJECT,
    BAC_TSM_ON_EARLY_ANSWER, /* any of these four before all segments of the request are sent */
    BAC_TSM_ON_ABORT,
    /* a SegmentACK of the server */
    BAC_TSM_ON_DUPLICATE_ACK,
    BAC_TSM_ON_STUCK_ACK,
    BAC_TSM_ON_NEW_ACK,
    BAC_TSM_ON_FINAL_ACK,
    BAC_TSM_ON_STRAY_ACK, /* none of our segments is under way */
    /* a segment of a ComplexACK */
    BAC_TSM_ON_SEGMENT,
    BAC_TSM_ON_SEGMENT_OF_GROUP, /* the last one of a window; the first one of all */
    BAC_TSM_ON_LAST_SEGMENT,
    BAC_TSM_ON_DUPLICATE_SEGMENT,
    BAC_TSM_ON_DISORDER,
    BAC_TSM_ON_STUCK_SEGMENT,
    BAC_TSM_ON_STRAY_SEGMENT, /* not the first, where only the first can be */
    BAC_TSM_ON_OVERFLOW,
    BAC_TSM_ON_NO_MEMORY,
    BAC_TSM_ON_BAD_WINDOW,   /* of either */
    BAC_TSM_ON_TIMEOUT,      /* and tries are left */
    BAC_TSM_ON_LONG_TIMEOUT, /* the same, of a request that takes segments */
    BAC_TSM_ON_LAST_TIMEOUT, /* no try is left */
    BAC_TSM_ON_UNREACHABLE,
    BAC_TSM_ON_CANCEL,
    BAC_TSM_ON_FETCHED, /* the user took the event */
    BAC_TSM_EVENTS
};

enum bac_tsm_action {
    BAC_TSM_DROP,         /* an empty cell: nothing happens, the event is counted */
    BAC_TSM_SEND,         /* the request in one piece; await */
    BAC_TSM_SEND_FIRST,   /* its first segment */
    BAC_TSM_SEND_WINDOW,  /* the next segments */
    BAC_TSM_REPEAT,       /* the same segments once more */
    BAC_TSM_WAIT,         /* restart the timer of the next state */
    BAC_TSM_ACK,          /* SegmentACK, restart the timer */
    BAC_TSM_NEGATIVE_ACK, /* the same, negative */
    BAC_TSM_ACK_AND_REPORT,
    BAC_TSM_REPORT,           /* end with what came in */
    BAC_TSM_ABORT_AND_REPORT, /* tell the server, too */
    BAC_TSM_ABORT,            /* tell the server; there is no transaction */
    BAC_TSM_FORGET,
    BAC_TSM_ABORT_AND_FORGET
};

struct bac_tsm_rule {
    enum bac_tsm_action action;
    enum bac_tsm_state next;
    uint8_t reason; /* ABORT_...: enum bac_abort_reason */
};

const struct bac_tsm_rule *bac_tsm_rule(enum bac_tsm_state state, enum bac_tsm_event event);
/* What a segment or a SegmentACK is to a requester that is in the state for it. */
enum bac_tsm_event bac_tsm_event_of_segment(enum bac_receiver_result result);
enum bac_tsm_event bac_tsm_event_of_ack(enum bac_sender_result result);

/* The responder. Between request and answer no time passes: AWAIT_RESPONSE is a call. */

enum bac_responder_state {
    BAC_RESPONDER_IDLE,
    BAC_RESPONDER_SEGMENTED_REQUEST,
    BAC_RESPONDER_AWAIT_RESPONSE,
    BAC_RESPONDER_SEGMENTED_RESPONSE,
    BAC_RESPONDER_KEPT, /* idle, and the answer is kept for repetitions */
    BAC_RESPONDER_STATES
};

enum bac_responder_event {
    BAC_RESPONDER_ON_REQUEST,  /* in one piece */
    BAC_RESPONDER_ON_REPEATED, /* the same octets as those that were answered last */
    /* a segment of a request */
    BAC_RESPONDER_ON_SEGMENT,
    BAC_RESPONDER_ON_SEGMENT_OF_GROUP,
    BAC_RESPONDER_ON_LAST_SEGMENT,
    BAC_RESPONDER_ON_DUPLICATE_SEGMENT,
    BAC_RESPONDER_ON_DISORDER,
    BAC_RESPONDER_ON_STUCK_SEGMENT,
    BAC_RESPONDER_ON_STRAY_SEGMENT, /* neither the first nor of a known request */
    BAC_RESPONDER_ON_STRAY_LAST,    /* the same, and the last one */
    BAC_RESPONDER_ON_OVERFLOW,
    BAC_RESPONDER_ON_NO_MEMORY,
    BAC_RESPONDER_ON_BAD_WINDOW, /* of a segment or a SegmentACK */
    /* what the application answered */
    BAC_RESPONDER_ON_ANSWER,      /* in one piece, not kept */
    BAC_RESPONDER_ON_KEPT_ANSWER, /* in one piece, kept */
    BAC_RESPONDER_ON_LONG_ANSWER, /* in segments */
    /* a SegmentACK of the client */
    BAC_RESPONDER_ON_DUPLICATE_ACK,
    BAC_RESPONDER_ON_STUCK_ACK,
    BAC_RESPONDER_ON_NEW_ACK,
    BAC_RESPONDER_ON_FINAL_ACK,
    BAC_RESPONDER_ON_STRAY_ACK,
    BAC_RESPONDER_ON_ABORT,
    BAC_RESPONDER_ON_TIMEOUT,
    BAC_RESPONDER_ON_LAST_TIMEOUT,
    BAC_RESPONDER_EVENTS
};

enum bac_responder_action {
    BAC_RESPONDER_DROP,
    BAC_RESPONDER_EXECUTE,
    BAC_RESPONDER_WAIT,
    BAC_RESPONDER_ACK,
    BAC_RESPONDER_NEGATIVE_ACK,
    BAC_RESPONDER_ACK_AND_EXECUTE,
    BAC_RESPONDER_KEEP,         /* the answer for repetitions */
    BAC_RESPONDER_ANSWER_AGAIN, /* what is kept */
    BAC_RESPONDER_ACK_AND_ANSWER_AGAIN,
    BAC_RESPONDER_SEND_FIRST,
    BAC_RESPONDER_SEND_WINDOW,
    BAC_RESPONDER_REPEAT,
    BAC_RESPONDER_END,
    BAC_RESPONDER_GIVE_UP, /* the same, but what was kept before stays */
    BAC_RESPONDER_ABORT    /* and end */
};

struct bac_responder_rule {
    enum bac_responder_action action;
    enum bac_responder_state next;
    uint8_t reason; /* ABORT: enum bac_abort_reason */
};

const struct bac_responder_rule *bac_responder_rule(enum bac_responder_state state,
                                                    enum bac_responder_event event);
enum bac_responder_event bac_responder_event_of_segment(enum bac_receiver_result result);
enum bac_responder_event bac_responder_event_of_ack(enum bac_sender_result result);

#endif
