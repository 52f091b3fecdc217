/* The transaction state machine: every cell of its table, in the table and in the engine. */
#include "client_fixture.h"

#include "bacnet/tsm.h"

struct cell {
    enum bac_tsm_state state;
    enum bac_tsm_event event;
    enum bac_tsm_action action;
    enum bac_tsm_state next;
};

static void every_cell_of_the_state_table_is_as_the_standard_says(void **state)
{
    (void)state;
    static const struct cell full[] = {
        { BAC_TSM_IDLE, BAC_TSM_ON_REQUEST, BAC_TSM_SEND, BAC_TSM_AWAIT_CONFIRMATION },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_SIMPLE_ACK, BAC_TSM_REPORT, BAC_TSM_DONE },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_COMPLEX_ACK, BAC_TSM_REPORT, BAC_TSM_DONE },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_SEGMENT, BAC_TSM_ABORT_AND_REPORT, BAC_TSM_DONE },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_ERROR, BAC_TSM_REPORT, BAC_TSM_DONE },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_REJECT, BAC_TSM_REPORT, BAC_TSM_DONE },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_ABORT, BAC_TSM_REPORT, BAC_TSM_DONE },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_TIMEOUT, BAC_TSM_SEND_AGAIN,
          BAC_TSM_AWAIT_CONFIRMATION },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_LAST_TIMEOUT, BAC_TSM_REPORT, BAC_TSM_DONE },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_UNREACHABLE, BAC_TSM_REPORT, BAC_TSM_DONE },
        { BAC_TSM_AWAIT_CONFIRMATION, BAC_TSM_ON_CANCEL, BAC_TSM_FORGET, BAC_TSM_IDLE },
        { BAC_TSM_DONE, BAC_TSM_ON_CANCEL, BAC_TSM_FORGET, BAC_TSM_IDLE },
        { BAC_TSM_DONE, BAC_TSM_ON_FETCHED, BAC_TSM_FORGET, BAC_TSM_IDLE },
    };
    for (unsigned s = 0; s < BAC_TSM_STATES; s++) {
        for (unsigned e = 0; e < BAC_TSM_EVENTS; e++) {
            struct cell want = { (enum bac_tsm_state)s, (enum bac_tsm_event)e, BAC_TSM_DROP,
                                 BAC_TSM_IDLE };
            for (size_t i = 0; i < BAS_ARRAY_LEN(full); i++) {
                if (full[i].state == want.state && full[i].event == want.event) {
                    want = full[i];
                }
            }
            const struct bac_tsm_rule *rule = bac_tsm_rule(want.state, want.event);
            assert_int_equal(rule->action, want.action);
            assert_int_equal(rule->next, want.next);
        }
    }
}

/* What the engine does with an event that the world can make. */
static void make(struct user *u, enum bac_tsm_event event, bac_request_id id)
{
    static const struct {
        const char *before, *after;
    } answers[BAC_TSM_EVENTS] = {
        [BAC_TSM_ON_SIMPLE_ACK] = { "20", "0C" },
        [BAC_TSM_ON_COMPLEX_ACK] = { "30", "0C 01" },
        [BAC_TSM_ON_SEGMENT] = { "3C", "00 01 0C 01" },
        [BAC_TSM_ON_SEGMENT_ACK] = { "41", "00 01" },
        [BAC_TSM_ON_ERROR] = { "50", "0C 91 02 91 20" },
        [BAC_TSM_ON_REJECT] = { "60", "01" },
        [BAC_TSM_ON_ABORT] = { "71", "01" },
    };
    if (answers[event].before != NULL) {
        assert_int_equal(answer_from(u, &REMOTE, 0, answers[event].before, answers[event].after),
                         BAS_OK);
    } else if (event == BAC_TSM_ON_UNREACHABLE) {
        bac_client_unreachable(u->client, REMOTE.network, 1, u->now);
    } else if (event == BAC_TSM_ON_CANCEL) {
        bac_client_cancel(u->client, id);
    } else {
        bas_time wait = event == BAC_TSM_ON_TIMEOUT ? 3 * BAS_SECOND : 0;
        for (int i = 0; event == BAC_TSM_ON_LAST_TIMEOUT && i < 4; i++) {
            bac_client_tick(u->client, u->now += 3 * BAS_SECOND);
        }
        bac_client_tick(u->client, u->now += wait);
    }
}

static void the_engine_does_in_every_state_what_the_table_says(void **state)
{
    (void)state;
    for (unsigned s = 0; s < BAC_TSM_STATES; s++) {
        for (unsigned e = BAC_TSM_ON_SIMPLE_ACK; e < BAC_TSM_ON_FETCHED; e++) {
            struct user u;
            open_user(&u, NULL);
            bac_request_id id = 0;
            assert_int_equal(request(&u, &REMOTE, READ, "", &id), BAS_OK);
            expect_request(&u, "00 05", "0C");
            if (s == BAC_TSM_IDLE) {
                bac_client_cancel(u.client, id);
            } else if (s == BAC_TSM_DONE) {
                make(&u, BAC_TSM_ON_REJECT, id);
            }
            make(&u, (enum bac_tsm_event)e, id);
            const struct bac_tsm_rule *rule =
                bac_tsm_rule((enum bac_tsm_state)s, (enum bac_tsm_event)e);
            enum bac_tsm_state next =
                rule->action == BAC_TSM_DROP ? (enum bac_tsm_state)s : rule->next;
            bool is_tried = e == BAC_TSM_ON_TIMEOUT || e == BAC_TSM_ON_SEGMENT;
            size_t sent = s != BAC_TSM_AWAIT_CONFIRMATION ? 0
                          : e == BAC_TSM_ON_LAST_TIMEOUT  ? 3
                                                          : is_tried;
            assert_int_equal(drain_tx(&u), sent);
            struct bac_client_event event;
            assert_int_equal(bac_client_next_event(u.client, &event), next == BAC_TSM_DONE);
            expect_no_event(&u);
            assert_int_equal(bac_client_deadline(u.client) != BAS_NEVER,
                             next == BAC_TSM_AWAIT_CONFIRMATION);
            close_user(&u);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_state_table_is_as_the_standard_says),
        cmocka_unit_test(the_engine_does_in_every_state_what_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
