/* Owns the rows of the transaction state machines (clauses 5.4.4 and 5.4.5). */
#include "bacnet/tsm.h"

#include <assert.h>

/* The requester */

#define FAILS(why)                                                                                 \
    {                                                                                              \
        BAC_TSM_ABORT_AND_REPORT, BAC_TSM_DONE, BAC_ABORT_##why                                    \
    }

static const struct bac_tsm_rule rules[BAC_TSM_STATES][BAC_TSM_EVENTS] = {
    [BAC_TSM_IDLE] = {
        [BAC_TSM_ON_REQUEST] = { BAC_TSM_SEND, BAC_TSM_AWAIT_CONFIRMATION, 0 },
        [BAC_TSM_ON_LONG_REQUEST] = { BAC_TSM_SEND_FIRST, BAC_TSM_SEGMENTED_REQUEST, 0 },
        [BAC_TSM_ON_STRAY_ACK] = { BAC_TSM_ABORT, BAC_TSM_IDLE,
                                   BAC_ABORT_INVALID_APDU_IN_THIS_STATE },
        [BAC_TSM_ON_STRAY_SEGMENT] = { BAC_TSM_ABORT, BAC_TSM_IDLE,
                                       BAC_ABORT_INVALID_APDU_IN_THIS_STATE },
    },
    [BAC_TSM_SEGMENTED_REQUEST] = {
        [BAC_TSM_ON_SIMPLE_ACK] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_COMPLEX_ACK] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_ERROR] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_REJECT] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_EARLY_ANSWER] = FAILS(INVALID_APDU_IN_THIS_STATE),
        [BAC_TSM_ON_ABORT] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_DUPLICATE_ACK] = { BAC_TSM_WAIT, BAC_TSM_SEGMENTED_REQUEST, 0 },
        [BAC_TSM_ON_NEW_ACK] = { BAC_TSM_SEND_WINDOW, BAC_TSM_SEGMENTED_REQUEST, 0 },
        [BAC_TSM_ON_FINAL_ACK] = { BAC_TSM_WAIT, BAC_TSM_AWAIT_CONFIRMATION, 0 },
        [BAC_TSM_ON_SEGMENT_OF_GROUP] = { BAC_TSM_ACK, BAC_TSM_SEGMENTED_CONFIRMATION, 0 },
        [BAC_TSM_ON_LAST_SEGMENT] = { BAC_TSM_ACK_AND_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_STRAY_SEGMENT] = FAILS(INVALID_APDU_IN_THIS_STATE),
        [BAC_TSM_ON_OVERFLOW] = FAILS(BUFFER_OVERFLOW),
        [BAC_TSM_ON_NO_MEMORY] = FAILS(OUT_OF_RESOURCES),
        [BAC_TSM_ON_BAD_WINDOW] = FAILS(WINDOW_SIZE_OUT_OF_RANGE),
        [BAC_TSM_ON_LONG_TIMEOUT] = { BAC_TSM_REPEAT, BAC_TSM_SEGMENTED_REQUEST, 0 },
        [BAC_TSM_ON_LAST_TIMEOUT] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_UNREACHABLE] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_CANCEL] = { BAC_TSM_ABORT_AND_FORGET, BAC_TSM_IDLE, 0 },
    },
    [BAC_TSM_AWAIT_CONFIRMATION] = {
        [BAC_TSM_ON_SIMPLE_ACK] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_COMPLEX_ACK] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_ERROR] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_REJECT] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_ABORT] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_SEGMENT_OF_GROUP] = { BAC_TSM_ACK, BAC_TSM_SEGMENTED_CONFIRMATION, 0 },
        [BAC_TSM_ON_LAST_SEGMENT] = { BAC_TSM_ACK_AND_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_STRAY_SEGMENT] = FAILS(INVALID_APDU_IN_THIS_STATE),
        [BAC_TSM_ON_OVERFLOW] = FAILS(BUFFER_OVERFLOW),
        [BAC_TSM_ON_NO_MEMORY] = FAILS(OUT_OF_RESOURCES),
        [BAC_TSM_ON_BAD_WINDOW] = FAILS(WINDOW_SIZE_OUT_OF_RANGE),
        [BAC_TSM_ON_TIMEOUT] = { BAC_TSM_SEND, BAC_TSM_AWAIT_CONFIRMATION, 0 },
        [BAC_TSM_ON_LONG_TIMEOUT] = { BAC_TSM_SEND_FIRST, BAC_TSM_SEGMENTED_REQUEST, 0 },
        [BAC_TSM_ON_LAST_TIMEOUT] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_UNREACHABLE] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_CANCEL] = { BAC_TSM_FORGET, BAC_TSM_IDLE, 0 },
    },
    /* A SegmentACK is one that comes late, of our own segments: it changes nothing. */
    [BAC_TSM_SEGMENTED_CONFIRMATION] = {
        [BAC_TSM_ON_SIMPLE_ACK] = FAILS(INVALID_APDU_IN_THIS_STATE),
        [BAC_TSM_ON_COMPLEX_ACK] = FAILS(INVALID_APDU_IN_THIS_STATE),
        [BAC_TSM_ON_ERROR] = FAILS(INVALID_APDU_IN_THIS_STATE),
        [BAC_TSM_ON_REJECT] = FAILS(INVALID_APDU_IN_THIS_STATE),
        [BAC_TSM_ON_ABORT] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_SEGMENT] = { BAC_TSM_WAIT, BAC_TSM_SEGMENTED_CONFIRMATION, 0 },
        [BAC_TSM_ON_SEGMENT_OF_GROUP] = { BAC_TSM_ACK, BAC_TSM_SEGMENTED_CONFIRMATION, 0 },
        [BAC_TSM_ON_LAST_SEGMENT] = { BAC_TSM_ACK_AND_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_DUPLICATE_SEGMENT] = { BAC_TSM_WAIT, BAC_TSM_SEGMENTED_CONFIRMATION, 0 },
        [BAC_TSM_ON_DISORDER] = { BAC_TSM_NEGATIVE_ACK, BAC_TSM_SEGMENTED_CONFIRMATION, 0 },
        [BAC_TSM_ON_OVERFLOW] = FAILS(BUFFER_OVERFLOW),
        [BAC_TSM_ON_NO_MEMORY] = FAILS(OUT_OF_RESOURCES),
        [BAC_TSM_ON_BAD_WINDOW] = FAILS(WINDOW_SIZE_OUT_OF_RANGE),
        [BAC_TSM_ON_LAST_TIMEOUT] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_UNREACHABLE] = { BAC_TSM_REPORT, BAC_TSM_DONE, 0 },
        [BAC_TSM_ON_CANCEL] = { BAC_TSM_ABORT_AND_FORGET, BAC_TSM_IDLE, 0 },
    },
    [BAC_TSM_DONE] = {
        [BAC_TSM_ON_CANCEL] = { BAC_TSM_FORGET, BAC_TSM_IDLE, 0 },
        [BAC_TSM_ON_FETCHED] = { BAC_TSM_FORGET, BAC_TSM_IDLE, 0 },
    },
};
#undef FAILS

const struct bac_tsm_rule *bac_tsm_rule(enum bac_tsm_state state, enum bac_tsm_event event)
{
    assert(state < BAC_TSM_STATES && event < BAC_TSM_EVENTS);
    return &rules[state][event];
}

enum bac_tsm_event bac_tsm_event_of_segment(enum bac_receiver_result result)
{
    static const enum bac_tsm_event events[] = {
        [BAC_RECEIVER_KEPT] = BAC_TSM_ON_SEGMENT,
        [BAC_RECEIVER_GROUP] = BAC_TSM_ON_SEGMENT_OF_GROUP,
        [BAC_RECEIVER_LAST] = BAC_TSM_ON_LAST_SEGMENT,
        [BAC_RECEIVER_DUPLICATE] = BAC_TSM_ON_DUPLICATE_SEGMENT,
        [BAC_RECEIVER_DISORDER] = BAC_TSM_ON_DISORDER,
        [BAC_RECEIVER_STUCK] = BAC_TSM_ON_STUCK_SEGMENT,
        [BAC_RECEIVER_OVERFLOW] = BAC_TSM_ON_OVERFLOW,
        [BAC_RECEIVER_NO_MEMORY] = BAC_TSM_ON_NO_MEMORY,
    };
    return events[result];
}

enum bac_tsm_event bac_tsm_event_of_ack(enum bac_sender_result result)
{
    static const enum bac_tsm_event events[] = {
        [BAC_SENDER_DUPLICATE] = BAC_TSM_ON_DUPLICATE_ACK,
        [BAC_SENDER_STUCK] = BAC_TSM_ON_STUCK_ACK,
        [BAC_SENDER_NEW] = BAC_TSM_ON_NEW_ACK,
        [BAC_SENDER_FINAL] = BAC_TSM_ON_FINAL_ACK,
    };
    return events[result];
}

/* The responder */

#define ABORTS(why)                                                                                \
    {                                                                                              \
        BAC_RESPONDER_ABORT, BAC_RESPONDER_IDLE, BAC_ABORT_##why                                   \
    }

static const struct bac_responder_rule
    responder_rules[BAC_RESPONDER_STATES][BAC_RESPONDER_EVENTS] = {
    [BAC_RESPONDER_IDLE] = {
        [BAC_RESPONDER_ON_REQUEST] = { BAC_RESPONDER_EXECUTE, BAC_RESPONDER_AWAIT_RESPONSE, 0 },
        [BAC_RESPONDER_ON_SEGMENT_OF_GROUP] = { BAC_RESPONDER_ACK,
                                                BAC_RESPONDER_SEGMENTED_REQUEST, 0 },
        [BAC_RESPONDER_ON_LAST_SEGMENT] = { BAC_RESPONDER_ACK_AND_EXECUTE,
                                            BAC_RESPONDER_AWAIT_RESPONSE, 0 },
        [BAC_RESPONDER_ON_STRAY_SEGMENT] = ABORTS(INVALID_APDU_IN_THIS_STATE),
        [BAC_RESPONDER_ON_STRAY_LAST] = ABORTS(INVALID_APDU_IN_THIS_STATE),
        [BAC_RESPONDER_ON_OVERFLOW] = ABORTS(BUFFER_OVERFLOW),
        [BAC_RESPONDER_ON_NO_MEMORY] = ABORTS(OUT_OF_RESOURCES),
        [BAC_RESPONDER_ON_BAD_WINDOW] = ABORTS(WINDOW_SIZE_OUT_OF_RANGE),
        [BAC_RESPONDER_ON_STRAY_ACK] = ABORTS(INVALID_APDU_IN_THIS_STATE),
    },
    [BAC_RESPONDER_SEGMENTED_REQUEST] = {
        [BAC_RESPONDER_ON_REQUEST] = ABORTS(INVALID_APDU_IN_THIS_STATE),
        [BAC_RESPONDER_ON_REPEATED] = ABORTS(INVALID_APDU_IN_THIS_STATE),
        [BAC_RESPONDER_ON_SEGMENT] = { BAC_RESPONDER_WAIT, BAC_RESPONDER_SEGMENTED_REQUEST, 0 },
        [BAC_RESPONDER_ON_SEGMENT_OF_GROUP] = { BAC_RESPONDER_ACK,
                                                BAC_RESPONDER_SEGMENTED_REQUEST, 0 },
        [BAC_RESPONDER_ON_LAST_SEGMENT] = { BAC_RESPONDER_ACK_AND_EXECUTE,
                                            BAC_RESPONDER_AWAIT_RESPONSE, 0 },
        [BAC_RESPONDER_ON_DUPLICATE_SEGMENT] = { BAC_RESPONDER_WAIT,
                                                 BAC_RESPONDER_SEGMENTED_REQUEST, 0 },
        [BAC_RESPONDER_ON_DISORDER] = { BAC_RESPONDER_NEGATIVE_ACK,
                                        BAC_RESPONDER_SEGMENTED_REQUEST, 0 },
        [BAC_RESPONDER_ON_STRAY_SEGMENT] = ABORTS(INVALID_APDU_IN_THIS_STATE),
        [BAC_RESPONDER_ON_STRAY_LAST] = ABORTS(INVALID_APDU_IN_THIS_STATE),
        [BAC_RESPONDER_ON_OVERFLOW] = ABORTS(BUFFER_OVERFLOW),
        [BAC_RESPONDER_ON_NO_MEMORY] = ABORTS(OUT_OF_RESOURCES),
        [BAC_RESPONDER_ON_BAD_WINDOW] = ABORTS(WINDOW_SIZE_OUT_OF_RANGE),
        [BAC_RESPONDER_ON_STRAY_ACK] = ABORTS(INVALID_APDU_IN_THIS_STATE),
        [BAC_RESPONDER_ON_ABORT] = { BAC_RESPONDER_END, BAC_RESPONDER_IDLE, 0 },
        [BAC_RESPONDER_ON_LAST_TIMEOUT] = { BAC_RESPONDER_GIVE_UP, BAC_RESPONDER_IDLE, 0 },
    },
    [BAC_RESPONDER_AWAIT_RESPONSE] = {
        [BAC_RESPONDER_ON_ANSWER] = { BAC_RESPONDER_END, BAC_RESPONDER_IDLE, 0 },
        [BAC_RESPONDER_ON_KEPT_ANSWER] = { BAC_RESPONDER_KEEP, BAC_RESPONDER_KEPT, 0 },
        [BAC_RESPONDER_ON_LONG_ANSWER] = { BAC_RESPONDER_SEND_FIRST,
                                           BAC_RESPONDER_SEGMENTED_RESPONSE, 0 },
        [BAC_RESPONDER_ON_NO_MEMORY] = ABORTS(OUT_OF_RESOURCES),
    },
    /* A request or its segments come once more while its answer is under way: the segment timer
     * cares. Another request under the same invoke id says that the client gave up. */
    [BAC_RESPONDER_SEGMENTED_RESPONSE] = {
        [BAC_RESPONDER_ON_REQUEST] = { BAC_RESPONDER_EXECUTE, BAC_RESPONDER_AWAIT_RESPONSE, 0 },
        [BAC_RESPONDER_ON_BAD_WINDOW] = ABORTS(WINDOW_SIZE_OUT_OF_RANGE),
        [BAC_RESPONDER_ON_DUPLICATE_ACK] = { BAC_RESPONDER_WAIT,
                                             BAC_RESPONDER_SEGMENTED_RESPONSE, 0 },
        [BAC_RESPONDER_ON_NEW_ACK] = { BAC_RESPONDER_SEND_WINDOW,
                                       BAC_RESPONDER_SEGMENTED_RESPONSE, 0 },
        [BAC_RESPONDER_ON_FINAL_ACK] = { BAC_RESPONDER_END, BAC_RESPONDER_IDLE, 0 },
        [BAC_RESPONDER_ON_ABORT] = { BAC_RESPONDER_END, BAC_RESPONDER_IDLE, 0 },
        [BAC_RESPONDER_ON_TIMEOUT] = { BAC_RESPONDER_REPEAT,
                                       BAC_RESPONDER_SEGMENTED_RESPONSE, 0 },
        [BAC_RESPONDER_ON_LAST_TIMEOUT] = { BAC_RESPONDER_END, BAC_RESPONDER_IDLE, 0 },
    },
    [BAC_RESPONDER_KEPT] = {
        [BAC_RESPONDER_ON_REQUEST] = { BAC_RESPONDER_EXECUTE, BAC_RESPONDER_AWAIT_RESPONSE, 0 },
        [BAC_RESPONDER_ON_REPEATED] = { BAC_RESPONDER_ANSWER_AGAIN, BAC_RESPONDER_KEPT, 0 },
        [BAC_RESPONDER_ON_SEGMENT_OF_GROUP] = { BAC_RESPONDER_ACK,
                                                BAC_RESPONDER_SEGMENTED_REQUEST, 0 },
        [BAC_RESPONDER_ON_LAST_SEGMENT] = { BAC_RESPONDER_ACK_AND_EXECUTE,
                                            BAC_RESPONDER_AWAIT_RESPONSE, 0 },
        [BAC_RESPONDER_ON_STRAY_LAST] = { BAC_RESPONDER_ACK_AND_ANSWER_AGAIN,
                                          BAC_RESPONDER_KEPT, 0 },
        [BAC_RESPONDER_ON_OVERFLOW] = ABORTS(BUFFER_OVERFLOW),
        [BAC_RESPONDER_ON_NO_MEMORY] = ABORTS(OUT_OF_RESOURCES),
        [BAC_RESPONDER_ON_BAD_WINDOW] = ABORTS(WINDOW_SIZE_OUT_OF_RANGE),
        [BAC_RESPONDER_ON_ABORT] = { BAC_RESPONDER_END, BAC_RESPONDER_IDLE, 0 },
    },
};
#undef ABORTS

const struct bac_responder_rule *bac_responder_rule(enum bac_responder_state state,
                                                    enum bac_responder_event event)
{
    assert(state < BAC_RESPONDER_STATES && event < BAC_RESPONDER_EVENTS);
    return &responder_rules[state][event];
}

enum bac_responder_event bac_responder_event_of_segment(enum bac_receiver_result result)
{
    static const enum bac_responder_event events[] = {
        [BAC_RECEIVER_KEPT] = BAC_RESPONDER_ON_SEGMENT,
        [BAC_RECEIVER_GROUP] = BAC_RESPONDER_ON_SEGMENT_OF_GROUP,
        [BAC_RECEIVER_LAST] = BAC_RESPONDER_ON_LAST_SEGMENT,
        [BAC_RECEIVER_DUPLICATE] = BAC_RESPONDER_ON_DUPLICATE_SEGMENT,
        [BAC_RECEIVER_DISORDER] = BAC_RESPONDER_ON_DISORDER,
        [BAC_RECEIVER_STUCK] = BAC_RESPONDER_ON_STUCK_SEGMENT,
        [BAC_RECEIVER_OVERFLOW] = BAC_RESPONDER_ON_OVERFLOW,
        [BAC_RECEIVER_NO_MEMORY] = BAC_RESPONDER_ON_NO_MEMORY,
    };
    return events[result];
}

enum bac_responder_event bac_responder_event_of_ack(enum bac_sender_result result)
{
    static const enum bac_responder_event events[] = {
        [BAC_SENDER_DUPLICATE] = BAC_RESPONDER_ON_DUPLICATE_ACK,
        [BAC_SENDER_STUCK] = BAC_RESPONDER_ON_STUCK_ACK,
        [BAC_SENDER_NEW] = BAC_RESPONDER_ON_NEW_ACK,
        [BAC_SENDER_FINAL] = BAC_RESPONDER_ON_FINAL_ACK,
    };
    return events[result];
}
