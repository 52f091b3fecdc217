/* Owns the rows of the transaction state machine (clause 5.4.4). */
#include "bacnet/tsm.h"

#include <assert.h>

static const struct bac_tsm_rule rules[BAC_TSM_STATES][BAC_TSM_EVENTS] = {
    [BAC_TSM_IDLE] = {
        [BAC_TSM_ON_REQUEST] = { BAC_TSM_SEND, BAC_TSM_AWAIT_CONFIRMATION },
    },
    [BAC_TSM_AWAIT_CONFIRMATION] = {
        [BAC_TSM_ON_SIMPLE_ACK] = { BAC_TSM_REPORT, BAC_TSM_DONE },
        [BAC_TSM_ON_COMPLEX_ACK] = { BAC_TSM_REPORT, BAC_TSM_DONE },
        [BAC_TSM_ON_SEGMENT] = { BAC_TSM_ABORT_AND_REPORT, BAC_TSM_DONE },
        [BAC_TSM_ON_ERROR] = { BAC_TSM_REPORT, BAC_TSM_DONE },
        [BAC_TSM_ON_REJECT] = { BAC_TSM_REPORT, BAC_TSM_DONE },
        [BAC_TSM_ON_ABORT] = { BAC_TSM_REPORT, BAC_TSM_DONE },
        [BAC_TSM_ON_TIMEOUT] = { BAC_TSM_SEND_AGAIN, BAC_TSM_AWAIT_CONFIRMATION },
        [BAC_TSM_ON_LAST_TIMEOUT] = { BAC_TSM_REPORT, BAC_TSM_DONE },
        [BAC_TSM_ON_UNREACHABLE] = { BAC_TSM_REPORT, BAC_TSM_DONE },
        [BAC_TSM_ON_CANCEL] = { BAC_TSM_FORGET, BAC_TSM_IDLE },
    },
    [BAC_TSM_DONE] = {
        [BAC_TSM_ON_CANCEL] = { BAC_TSM_FORGET, BAC_TSM_IDLE },
        [BAC_TSM_ON_FETCHED] = { BAC_TSM_FORGET, BAC_TSM_IDLE },
    },
};

const struct bac_tsm_rule *bac_tsm_rule(enum bac_tsm_state state, enum bac_tsm_event event)
{
    assert(state < BAC_TSM_STATES && event < BAC_TSM_EVENTS);
    return &rules[state][event];
}
