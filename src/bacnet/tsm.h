/*
 * The transaction state machine of a requester (clause 5.4.4) as a table. The states SEGMENTED
 * REQUEST and SEGMENTED CONFIRMATION get their rows here when segmentation comes.
 */
#ifndef BASALT_BACNET_TSM_H
#define BASALT_BACNET_TSM_H

#include "basalt/base.h"

enum bac_tsm_state {
    BAC_TSM_IDLE,
    BAC_TSM_AWAIT_CONFIRMATION,
    BAC_TSM_DONE, /* its event has not been fetched yet */
    BAC_TSM_STATES
};

enum bac_tsm_event {
    BAC_TSM_ON_REQUEST,
    BAC_TSM_ON_SIMPLE_ACK,
    BAC_TSM_ON_COMPLEX_ACK,
    BAC_TSM_ON_SEGMENT, /* a ComplexACK that is segmented */
    BAC_TSM_ON_SEGMENT_ACK,
    BAC_TSM_ON_ERROR,
    BAC_TSM_ON_REJECT,
    BAC_TSM_ON_ABORT,
    BAC_TSM_ON_TIMEOUT,      /* and tries are left */
    BAC_TSM_ON_LAST_TIMEOUT, /* no try is left */
    BAC_TSM_ON_UNREACHABLE,
    BAC_TSM_ON_CANCEL,
    BAC_TSM_ON_FETCHED, /* the user took the event */
    BAC_TSM_EVENTS
};

enum bac_tsm_action {
    BAC_TSM_DROP, /* an empty cell: nothing happens, the event is counted */
    BAC_TSM_SEND,
    BAC_TSM_SEND_AGAIN,
    BAC_TSM_REPORT,           /* end with what came in */
    BAC_TSM_ABORT_AND_REPORT, /* tell the server that we cannot take segments */
    BAC_TSM_FORGET
};

struct bac_tsm_rule {
    enum bac_tsm_action action;
    enum bac_tsm_state next;
};

const struct bac_tsm_rule *bac_tsm_rule(enum bac_tsm_state state, enum bac_tsm_event event);

#endif
