/* The state machines of transactions: every cell of their tables, and the requester's in its
 * engine. */
#include "client_fixture.h"

#include "bacnet/tsm.h"

struct cell {
    enum bac_tsm_state state;
    enum bac_tsm_event event;
    struct bac_tsm_rule rule;
};

#define CELL(s, e, a, n)                                                                           \
    {                                                                                              \
        BAC_TSM_##s, BAC_TSM_ON_##e,                                                               \
        {                                                                                          \
            BAC_TSM_##a, BAC_TSM_##n, 0                                                            \
        }                                                                                          \
    }
#define FAIL(s, e, why)                                                                            \
    {                                                                                              \
        BAC_TSM_##s, BAC_TSM_ON_##e,                                                               \
        {                                                                                          \
            BAC_TSM_ABORT_AND_REPORT, BAC_TSM_DONE, BAC_ABORT_##why                                \
        }                                                                                          \
    }
#define STRAY(s, e)                                                                                \
    {                                                                                              \
        BAC_TSM_##s, BAC_TSM_ON_##e,                                                               \
        {                                                                                          \
            BAC_TSM_ABORT, BAC_TSM_IDLE, BAC_ABORT_INVALID_APDU_IN_THIS_STATE                      \
        }                                                                                          \
    }

static const struct cell CELLS[] = {
    CELL(IDLE, REQUEST, SEND, AWAIT_CONFIRMATION),
    CELL(IDLE, LONG_REQUEST, SEND_FIRST, SEGMENTED_REQUEST),
    STRAY(IDLE, STRAY_ACK),
    STRAY(IDLE, STRAY_SEGMENT),

    CELL(SEGMENTED_REQUEST, SIMPLE_ACK, REPORT, DONE),
    CELL(SEGMENTED_REQUEST, COMPLEX_ACK, REPORT, DONE),
    CELL(SEGMENTED_REQUEST, ERROR, REPORT, DONE),
    CELL(SEGMENTED_REQUEST, REJECT, REPORT, DONE),
    CELL(SEGMENTED_REQUEST, ABORT, REPORT, DONE),
    FAIL(SEGMENTED_REQUEST, EARLY_ANSWER, INVALID_APDU_IN_THIS_STATE),
    CELL(SEGMENTED_REQUEST, DUPLICATE_ACK, WAIT, SEGMENTED_REQUEST),
    CELL(SEGMENTED_REQUEST, NEW_ACK, SEND_WINDOW, SEGMENTED_REQUEST),
    CELL(SEGMENTED_REQUEST, FINAL_ACK, WAIT, AWAIT_CONFIRMATION),
    CELL(SEGMENTED_REQUEST, SEGMENT_OF_GROUP, ACK, SEGMENTED_CONFIRMATION),
    CELL(SEGMENTED_REQUEST, LAST_SEGMENT, ACK_AND_REPORT, DONE),
    FAIL(SEGMENTED_REQUEST, STRAY_SEGMENT, INVALID_APDU_IN_THIS_STATE),
    FAIL(SEGMENTED_REQUEST, OVERFLOW, BUFFER_OVERFLOW),
    FAIL(SEGMENTED_REQUEST, NO_MEMORY, OUT_OF_RESOURCES),
    FAIL(SEGMENTED_REQUEST, BAD_WINDOW, WINDOW_SIZE_OUT_OF_RANGE),
    CELL(SEGMENTED_REQUEST, LONG_TIMEOUT, REPEAT, SEGMENTED_REQUEST),
    CELL(SEGMENTED_REQUEST, LAST_TIMEOUT, REPORT, DONE),
    CELL(SEGMENTED_REQUEST, UNREACHABLE, REPORT, DONE),
    CELL(SEGMENTED_REQUEST, CANCEL, ABORT_AND_FORGET, IDLE),

    CELL(AWAIT_CONFIRMATION, SIMPLE_ACK, REPORT, DONE),
    CELL(AWAIT_CONFIRMATION, COMPLEX_ACK, REPORT, DONE),
    CELL(AWAIT_CONFIRMATION, ERROR, REPORT, DONE),
    CELL(AWAIT_CONFIRMATION, REJECT, REPORT, DONE),
    CELL(AWAIT_CONFIRMATION, ABORT, REPORT, DONE),
    CELL(AWAIT_CONFIRMATION, SEGMENT_OF_GROUP, ACK, SEGMENTED_CONFIRMATION),
    CELL(AWAIT_CONFIRMATION, LAST_SEGMENT, ACK_AND_REPORT, DONE),
    FAIL(AWAIT_CONFIRMATION, STRAY_SEGMENT, INVALID_APDU_IN_THIS_STATE),
    FAIL(AWAIT_CONFIRMATION, OVERFLOW, BUFFER_OVERFLOW),
    FAIL(AWAIT_CONFIRMATION, NO_MEMORY, OUT_OF_RESOURCES),
    FAIL(AWAIT_CONFIRMATION, BAD_WINDOW, WINDOW_SIZE_OUT_OF_RANGE),
    CELL(AWAIT_CONFIRMATION, TIMEOUT, SEND, AWAIT_CONFIRMATION),
    CELL(AWAIT_CONFIRMATION, LONG_TIMEOUT, SEND_FIRST, SEGMENTED_REQUEST),
    CELL(AWAIT_CONFIRMATION, LAST_TIMEOUT, REPORT, DONE),
    CELL(AWAIT_CONFIRMATION, UNREACHABLE, REPORT, DONE),
    CELL(AWAIT_CONFIRMATION, CANCEL, FORGET, IDLE),

    FAIL(SEGMENTED_CONFIRMATION, SIMPLE_ACK, INVALID_APDU_IN_THIS_STATE),
    FAIL(SEGMENTED_CONFIRMATION, COMPLEX_ACK, INVALID_APDU_IN_THIS_STATE),
    FAIL(SEGMENTED_CONFIRMATION, ERROR, INVALID_APDU_IN_THIS_STATE),
    FAIL(SEGMENTED_CONFIRMATION, REJECT, INVALID_APDU_IN_THIS_STATE),
    CELL(SEGMENTED_CONFIRMATION, ABORT, REPORT, DONE),
    CELL(SEGMENTED_CONFIRMATION, SEGMENT, WAIT, SEGMENTED_CONFIRMATION),
    CELL(SEGMENTED_CONFIRMATION, SEGMENT_OF_GROUP, ACK, SEGMENTED_CONFIRMATION),
    CELL(SEGMENTED_CONFIRMATION, LAST_SEGMENT, ACK_AND_REPORT, DONE),
    CELL(SEGMENTED_CONFIRMATION, DUPLICATE_SEGMENT, WAIT, SEGMENTED_CONFIRMATION),
    CELL(SEGMENTED_CONFIRMATION, DISORDER, NEGATIVE_ACK, SEGMENTED_CONFIRMATION),
    FAIL(SEGMENTED_CONFIRMATION, OVERFLOW, BUFFER_OVERFLOW),
    FAIL(SEGMENTED_CONFIRMATION, NO_MEMORY, OUT_OF_RESOURCES),
    FAIL(SEGMENTED_CONFIRMATION, BAD_WINDOW, WINDOW_SIZE_OUT_OF_RANGE),
    CELL(SEGMENTED_CONFIRMATION, LAST_TIMEOUT, REPORT, DONE),
    CELL(SEGMENTED_CONFIRMATION, UNREACHABLE, REPORT, DONE),
    CELL(SEGMENTED_CONFIRMATION, CANCEL, ABORT_AND_FORGET, IDLE),

    CELL(DONE, CANCEL, FORGET, IDLE),
    CELL(DONE, FETCHED, FORGET, IDLE),
};
#undef CELL
#undef FAIL
#undef STRAY

static void every_cell_of_the_requester_is_as_the_standard_says(void **state)
{
    (void)state;
    for (unsigned s = 0; s < BAC_TSM_STATES; s++) {
        for (unsigned e = 0; e < BAC_TSM_EVENTS; e++) {
            struct bac_tsm_rule want = { BAC_TSM_DROP, BAC_TSM_IDLE, 0 };
            for (size_t i = 0; i < BAS_ARRAY_LEN(CELLS); i++) {
                if (CELLS[i].state == s && CELLS[i].event == e) {
                    want = CELLS[i].rule;
                }
            }
            const struct bac_tsm_rule *rule =
                bac_tsm_rule((enum bac_tsm_state)s, (enum bac_tsm_event)e);
            assert_int_equal(rule->action, want.action);
            assert_int_equal(rule->next, want.next);
            assert_int_equal(rule->reason, want.reason);
        }
    }
}

struct responder_cell {
    enum bac_responder_state state;
    enum bac_responder_event event;
    struct bac_responder_rule rule;
};

#define CELL(s, e, a, n)                                                                           \
    {                                                                                              \
        BAC_RESPONDER_##s, BAC_RESPONDER_ON_##e,                                                   \
        {                                                                                          \
            BAC_RESPONDER_##a, BAC_RESPONDER_##n, 0                                                \
        }                                                                                          \
    }
#define FAIL(s, e, why)                                                                            \
    {                                                                                              \
        BAC_RESPONDER_##s, BAC_RESPONDER_ON_##e,                                                   \
        {                                                                                          \
            BAC_RESPONDER_ABORT, BAC_RESPONDER_IDLE, BAC_ABORT_##why                               \
        }                                                                                          \
    }

static const struct responder_cell RESPONDER_CELLS[] = {
    CELL(IDLE, REQUEST, EXECUTE, AWAIT_RESPONSE),
    CELL(IDLE, SEGMENT_OF_GROUP, ACK, SEGMENTED_REQUEST),
    CELL(IDLE, LAST_SEGMENT, ACK_AND_EXECUTE, AWAIT_RESPONSE),
    FAIL(IDLE, STRAY_SEGMENT, INVALID_APDU_IN_THIS_STATE),
    FAIL(IDLE, STRAY_LAST, INVALID_APDU_IN_THIS_STATE),
    FAIL(IDLE, OVERFLOW, BUFFER_OVERFLOW),
    FAIL(IDLE, NO_MEMORY, OUT_OF_RESOURCES),
    FAIL(IDLE, BAD_WINDOW, WINDOW_SIZE_OUT_OF_RANGE),
    FAIL(IDLE, STRAY_ACK, INVALID_APDU_IN_THIS_STATE),

    FAIL(SEGMENTED_REQUEST, REQUEST, INVALID_APDU_IN_THIS_STATE),
    FAIL(SEGMENTED_REQUEST, REPEATED, INVALID_APDU_IN_THIS_STATE),
    CELL(SEGMENTED_REQUEST, SEGMENT, WAIT, SEGMENTED_REQUEST),
    CELL(SEGMENTED_REQUEST, SEGMENT_OF_GROUP, ACK, SEGMENTED_REQUEST),
    CELL(SEGMENTED_REQUEST, LAST_SEGMENT, ACK_AND_EXECUTE, AWAIT_RESPONSE),
    CELL(SEGMENTED_REQUEST, DUPLICATE_SEGMENT, WAIT, SEGMENTED_REQUEST),
    CELL(SEGMENTED_REQUEST, DISORDER, NEGATIVE_ACK, SEGMENTED_REQUEST),
    FAIL(SEGMENTED_REQUEST, STRAY_SEGMENT, INVALID_APDU_IN_THIS_STATE),
    FAIL(SEGMENTED_REQUEST, STRAY_LAST, INVALID_APDU_IN_THIS_STATE),
    FAIL(SEGMENTED_REQUEST, OVERFLOW, BUFFER_OVERFLOW),
    FAIL(SEGMENTED_REQUEST, NO_MEMORY, OUT_OF_RESOURCES),
    FAIL(SEGMENTED_REQUEST, BAD_WINDOW, WINDOW_SIZE_OUT_OF_RANGE),
    FAIL(SEGMENTED_REQUEST, STRAY_ACK, INVALID_APDU_IN_THIS_STATE),
    CELL(SEGMENTED_REQUEST, ABORT, END, IDLE),
    CELL(SEGMENTED_REQUEST, LAST_TIMEOUT, GIVE_UP, IDLE),

    CELL(AWAIT_RESPONSE, ANSWER, END, IDLE),
    CELL(AWAIT_RESPONSE, KEPT_ANSWER, KEEP, KEPT),
    CELL(AWAIT_RESPONSE, LONG_ANSWER, SEND_FIRST, SEGMENTED_RESPONSE),
    FAIL(AWAIT_RESPONSE, NO_MEMORY, OUT_OF_RESOURCES),

    CELL(SEGMENTED_RESPONSE, REQUEST, EXECUTE, AWAIT_RESPONSE),
    FAIL(SEGMENTED_RESPONSE, BAD_WINDOW, WINDOW_SIZE_OUT_OF_RANGE),
    CELL(SEGMENTED_RESPONSE, DUPLICATE_ACK, WAIT, SEGMENTED_RESPONSE),
    CELL(SEGMENTED_RESPONSE, NEW_ACK, SEND_WINDOW, SEGMENTED_RESPONSE),
    CELL(SEGMENTED_RESPONSE, FINAL_ACK, END, IDLE),
    CELL(SEGMENTED_RESPONSE, ABORT, END, IDLE),
    CELL(SEGMENTED_RESPONSE, TIMEOUT, REPEAT, SEGMENTED_RESPONSE),
    CELL(SEGMENTED_RESPONSE, LAST_TIMEOUT, END, IDLE),

    CELL(KEPT, REQUEST, EXECUTE, AWAIT_RESPONSE),
    CELL(KEPT, REPEATED, ANSWER_AGAIN, KEPT),
    CELL(KEPT, SEGMENT_OF_GROUP, ACK, SEGMENTED_REQUEST),
    CELL(KEPT, LAST_SEGMENT, ACK_AND_EXECUTE, AWAIT_RESPONSE),
    CELL(KEPT, STRAY_LAST, ACK_AND_ANSWER_AGAIN, KEPT),
    FAIL(KEPT, OVERFLOW, BUFFER_OVERFLOW),
    FAIL(KEPT, NO_MEMORY, OUT_OF_RESOURCES),
    FAIL(KEPT, BAD_WINDOW, WINDOW_SIZE_OUT_OF_RANGE),
    CELL(KEPT, ABORT, END, IDLE),
};

static void every_cell_of_the_responder_is_as_the_standard_says(void **state)
{
    (void)state;
    for (unsigned s = 0; s < BAC_RESPONDER_STATES; s++) {
        for (unsigned e = 0; e < BAC_RESPONDER_EVENTS; e++) {
            struct bac_responder_rule want = { BAC_RESPONDER_DROP, BAC_RESPONDER_IDLE, 0 };
            for (size_t i = 0; i < BAS_ARRAY_LEN(RESPONDER_CELLS); i++) {
                if (RESPONDER_CELLS[i].state == s && RESPONDER_CELLS[i].event == e) {
                    want = RESPONDER_CELLS[i].rule;
                }
            }
            const struct bac_responder_rule *rule =
                bac_responder_rule((enum bac_responder_state)s, (enum bac_responder_event)e);
            assert_int_equal(rule->action, want.action);
            assert_int_equal(rule->next, want.next);
            assert_int_equal(rule->reason, want.reason);
        }
    }
}

/* The engine */

/* Octets around the invoke id, for each state where they are that event; NULL: none can be. */
struct octets {
    const char *before, *after;
};
static const struct octets ANSWERS[BAC_TSM_EVENTS] = {
    [BAC_TSM_ON_SIMPLE_ACK] = { "20", "0C" },
    [BAC_TSM_ON_COMPLEX_ACK] = { "30", "0C 01" },
    [BAC_TSM_ON_ERROR] = { "50", "0C 91 02 91 20" },
    [BAC_TSM_ON_REJECT] = { "60", "01" },
    [BAC_TSM_ON_ABORT] = { "71", "01" },
    [BAC_TSM_ON_DUPLICATE_ACK] = { "41", "09 02" },
    [BAC_TSM_ON_NEW_ACK] = { "41", "00 02" },
    [BAC_TSM_ON_FINAL_ACK] = { "41", "02 02" },
    [BAC_TSM_ON_STRAY_ACK] = { "41", "00 02" },
    [BAC_TSM_ON_SEGMENT] = { "3C", "01 02 0C 01" },
    [BAC_TSM_ON_SEGMENT_OF_GROUP] = { "3C", "00 02 0C 01" },
    [BAC_TSM_ON_LAST_SEGMENT] = { "38", "00 02 0C 01" },
    [BAC_TSM_ON_DUPLICATE_SEGMENT] = { "3C", "01 02 0C 01" },
    [BAC_TSM_ON_DISORDER] = { "3C", "07 02 0C 01" },
    [BAC_TSM_ON_STRAY_SEGMENT] = { "3C", "01 02 0C 01" },
    [BAC_TSM_ON_BAD_WINDOW] = { "3C", "00 00 0C 01" },
};

enum { TINY = 64 }; /* an APDU size; three segments are needed */

static void hear(struct user *u, const struct octets *octets)
{
    assert_int_equal(answer_from(u, &REMOTE, 0, octets->before, octets->after), BAS_OK);
}

/* A transaction in that state, after whatever leads there. */
static bac_request_id bring(struct user *u, enum bac_tsm_state state, bool is_through)
{
    const struct bac_client_config config = { .size = sizeof(config),
                                              .window = 2,
                                              .max_answer = 100 };
    uint8_t parameters[3 * (TINY - 6)] = { 0 };
    bool is_long = state == BAC_TSM_SEGMENTED_REQUEST;
    struct bac_call call = call_to(
        &REMOTE, READ, (struct bas_slice){ parameters, is_long ? sizeof(parameters) : 4 }, TINY);
    bac_request_id id = 0;
    open_user(u, &config);
    assert_int_equal(bac_client_request(u->client, &call, u->now, &id), BAS_OK);
    struct bac_apdu_tx tx;
    assert_true(bac_client_next_tx(u->client, &tx));
    u->invoke_id = bas_frame_slice(tx.frame).data[2];
    bas_frame_unref(tx.frame);
    if (is_through) {
        hear(u, &ANSWERS[BAC_TSM_ON_NEW_ACK]);
    }
    if (state == BAC_TSM_SEGMENTED_CONFIRMATION) {
        hear(u, &ANSWERS[BAC_TSM_ON_SEGMENT_OF_GROUP]);
    } else if (state == BAC_TSM_DONE) {
        hear(u, &ANSWERS[BAC_TSM_ON_REJECT]);
    } else if (state == BAC_TSM_IDLE) {
        bac_client_cancel(u->client, id);
    }
    (void)drain_tx(u);
    return id;
}

static bool make(struct user *u, enum bac_tsm_state state, enum bac_tsm_event event,
                 bac_request_id id)
{
    if (ANSWERS[event].before != NULL) {
        hear(u, &ANSWERS[event]);
    } else if (event == BAC_TSM_ON_UNREACHABLE) {
        bac_client_unreachable(u->client, REMOTE.network, 1, u->now);
    } else if (event == BAC_TSM_ON_CANCEL) {
        bac_client_cancel(u->client, id);
    } else if (event == BAC_TSM_ON_TIMEOUT || event == BAC_TSM_ON_LONG_TIMEOUT) {
        bac_client_tick(u->client, u->now = bac_client_deadline(u->client));
    } else if (event == BAC_TSM_ON_LAST_TIMEOUT) {
        int tries = state == BAC_TSM_SEGMENTED_CONFIRMATION ? 1 : 4;
        for (int i = 0; i < tries; i++) {
            bac_client_tick(u->client, u->now = bac_client_deadline(u->client));
        }
    } else {
        return false;
    }
    return true;
}

/* Whether the world can make that event in that state, with the octets above. */
static bool can_be(enum bac_tsm_state state, enum bac_tsm_event event)
{
    const struct bac_tsm_rule *rule = bac_tsm_rule(state, event);
    if (state == BAC_TSM_IDLE || state == BAC_TSM_DONE) {
        return event == BAC_TSM_ON_SIMPLE_ACK || event == BAC_TSM_ON_ERROR ||
               event == BAC_TSM_ON_ABORT || event == BAC_TSM_ON_CANCEL;
    }
    if (state == BAC_TSM_SEGMENTED_CONFIRMATION && event == BAC_TSM_ON_SEGMENT_OF_GROUP) {
        return false; /* needs two segments: client_segment_test.c */
    }
    bool is_first_only = event == BAC_TSM_ON_LAST_SEGMENT || event == BAC_TSM_ON_DUPLICATE_SEGMENT;
    return rule->action != BAC_TSM_DROP && event != BAC_TSM_ON_NO_MEMORY &&
           event != BAC_TSM_ON_EARLY_ANSWER &&
           !(state == BAC_TSM_SEGMENTED_CONFIRMATION && is_first_only);
}

static bool sends(enum bac_tsm_action action)
{
    return action != BAC_TSM_WAIT && action != BAC_TSM_REPORT && action != BAC_TSM_FORGET;
}

static void the_engine_does_in_every_state_what_the_table_says(void **state)
{
    (void)state;
    size_t walked = 0;
    for (unsigned s = 0; s < BAC_TSM_STATES; s++) {
        for (unsigned e = BAC_TSM_ON_SIMPLE_ACK; e < BAC_TSM_ON_FETCHED; e++) {
            enum bac_tsm_state in = (enum bac_tsm_state)s;
            enum bac_tsm_event event = (enum bac_tsm_event)e;
            if (!can_be(in, event)) {
                continue;
            }
            bool is_sending = event == BAC_TSM_ON_NEW_ACK || event == BAC_TSM_ON_LONG_TIMEOUT ||
                              event == BAC_TSM_ON_LAST_TIMEOUT;
            struct user u;
            bac_request_id id = bring(&u, in, in == BAC_TSM_SEGMENTED_REQUEST && !is_sending);
            if (!make(&u, in, event, id)) {
                close_user(&u);
                continue;
            }
            walked++;
            const struct bac_tsm_rule *rule = bac_tsm_rule(in, event);
            bool is_dropped = rule->action == BAC_TSM_DROP;
            enum bac_tsm_state next = is_dropped ? in : rule->next;
            if (event != BAC_TSM_ON_LAST_TIMEOUT) {
                assert_int_equal(drain_tx(&u) != 0, !is_dropped && sends(rule->action));
            }
            (void)drain_tx(&u);
            struct bac_client_event told;
            assert_int_equal(bac_client_next_event(u.client, &told), next == BAC_TSM_DONE);
            expect_no_event(&u);
            assert_int_equal(bac_client_deadline(u.client) != BAS_NEVER,
                             next != BAC_TSM_DONE && next != BAC_TSM_IDLE);
            close_user(&u);
        }
    }
    assert_true(walked > 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_requester_is_as_the_standard_says),
        cmocka_unit_test(every_cell_of_the_responder_is_as_the_standard_says),
        cmocka_unit_test(the_engine_does_in_every_state_what_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
