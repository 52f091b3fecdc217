/*
 * The state machine of one BVLC-SC connection (AB.6.2), both peers: rows of a table.
 *
 * The engine that embeds it judges messages (rules.c), names the event, and carries out what the
 * step says. The machine writes its own messages into the step's reply; it owns the connection's
 * one timer.
 */
#ifndef BASALT_SC_CONN_H
#define BASALT_SC_CONN_H

#include "basalt/sc.h"

/* WebSocket close codes that the engines ask for (RFC 6455 7.4.1). */
enum { BSC_CLOSE_NORMAL = 1000, BSC_CLOSE_GOING_AWAY = 1001, BSC_CLOSE_POLICY = 1008 };

enum bsc_conn_state {
    BSC_IDLE,
    BSC_AWAITING_WEBSOCKET, /* initiating peer only */
    BSC_AWAITING_ACCEPT,    /* initiating peer only */
    BSC_AWAITING_REQUEST,   /* accepting peer only */
    BSC_CONNECTED,
    BSC_DISCONNECTING,
    BSC_CONN_STATES
};

enum bsc_conn_event {
    BSC_EV_START,           /* local: initiate, or a WebSocket was accepted */
    BSC_EV_WEBSOCKET_OPEN,  /* initiating: upgrade done */
    BSC_EV_CONNECT_REQUEST, /* well-formed */
    BSC_EV_ADMITTED,        /* the owner's answer to a Connect-Request */
    BSC_EV_REFUSED,
    BSC_EV_CONNECT_ACCEPT, /* its id matches */
    BSC_EV_NAK_CONNECT,    /* BVLC-Result NAK to our Connect-Request, id matches */
    BSC_EV_DISCONNECT_REQUEST,
    BSC_EV_DISCONNECT_ACK, /* id matches */
    BSC_EV_NAK_DISCONNECT,
    BSC_EV_HEARTBEAT_REQUEST,
    BSC_EV_HEARTBEAT_ACK, /* id matches */
    BSC_EV_NAK_HEARTBEAT,
    BSC_EV_MESSAGE,       /* any other valid message, other ids included */
    BSC_EV_WAIT_EXPIRED,  /* connect wait, disconnect wait, silence limit */
    BSC_EV_HEARTBEAT_DUE, /* initiating: nothing received for the heartbeat time */
    BSC_EV_ACK_MISSING,   /* initiating: no Heartbeat-ACK in time */
    BSC_EV_DISCONNECT,    /* local */
    BSC_EV_WEBSOCKET_CLOSED,
    BSC_CONN_EVENTS
};

enum bsc_conn_action {
    BSC_DO_DROP, /* empty cell: drop, count */
    BSC_DO_WAIT, /* start the wait timer */
    BSC_DO_SEND_REQUEST,
    BSC_DO_ASK,
    BSC_DO_SEND_ACCEPT,
    BSC_DO_SEND_REFUSAL,
    BSC_DO_JOIN, /* initiating: store what the Connect-Accept says */
    BSC_DO_ANSWER,
    BSC_DO_ANSWER_AND_CLOSE,
    BSC_DO_HEARTBEAT,
    BSC_DO_ALIVE,
    BSC_DO_DELIVER,
    BSC_DO_SEND_DISCONNECT,
    BSC_DO_CLOSE,
    BSC_DO_CLOSE_TIMEOUT,
    BSC_DO_CLOSE_REFUSED,
    BSC_DO_GONE
};

struct bsc_conn_rule {
    uint8_t action; /* enum bsc_conn_action */
    uint8_t next;   /* enum bsc_conn_state */
};
/* The cell; an empty one has action DROP and next = state. */
struct bsc_conn_rule bsc_conn_rule(bool initiating, enum bsc_conn_state state,
                                   enum bsc_conn_event event);

struct bsc_conn_times {
    bas_time connect_wait, disconnect_wait;
    bas_time heartbeat, heartbeat_ack; /* initiating */
    bas_time silence;                  /* accepting */
};

struct bsc_conn {
    uint8_t state; /* enum bsc_conn_state */
    bool initiating;
    bool awaits_ack;  /* a Heartbeat-Request is in flight */
    bool asked;       /* accepting: admission is being decided; ends with AWAITING_REQUEST */
    uint16_t next_id; /* of our own messages */
    uint16_t sent_id; /* of the Connect- or Disconnect-Request that waits for its answer */
    uint16_t heartbeat_id;
    uint16_t request_id;    /* accepting: id of the Connect-Request to answer */
    bool request_hello;     /* and whether it carried Hello */
    bool hello;             /* initiating: put Hello into the Connect-Request */
    bas_time last_received; /* the owner sets it at every valid message, before the step */
    bas_time wait_until;    /* of a connect, disconnect or ACK wait */
    struct bsc_connect peer;
};

/* What the engine must do after a step. */
enum bsc_outcome {
    BSC_OUT_DROPPED = 1, /* the event meant nothing in this state: count it */
    BSC_OUT_ADMIT = 2,
    BSC_OUT_UP = 4,
    BSC_OUT_DELIVER = 8,
    BSC_OUT_CLOSE = 16, /* send the reply, then close the WebSocket (1000) */
    BSC_OUT_DOWN = 32,  /* was CONNECTED, is no more */
    BSC_OUT_TIMEOUT = 64,
    BSC_OUT_REFUSED = 128
};

enum { BSC_STEP_REPLY = 64 };
struct bsc_step {
    unsigned outcome;
    struct bas_buf
        reply; /* to send, if not empty; in memory of the caller, BSC_STEP_REPLY octets at least */
};

void bsc_conn_init(struct bsc_conn *conn, bool initiating, uint16_t first_id);
/* Which event a judged message is for this connection. result is decoded for BVLC-Result. */
enum bsc_conn_event bsc_conn_classify(const struct bsc_conn *conn,
                                      const struct bsc_message *message);

struct bsc_conn_input {
    enum bsc_conn_event event;
    const struct bsc_message *message; /* for events of messages */
    const struct bsc_identity *self;
    const struct bas_fault *refusal; /* REFUSED */
    const struct bsc_conn_times *times;
    bas_time now;
};
/* One event: looks up the cell, acts, moves on. step->reply must be initialised. */
void bsc_conn_step(struct bsc_conn *conn, const struct bsc_conn_input *input,
                   struct bsc_step *step);

/* When the connection's timer is due, BAS_NEVER in IDLE. */
bas_time bsc_conn_deadline(const struct bsc_conn *conn, const struct bsc_conn_times *times);
/* The timer event that is due at now. False: none yet (the deadline has moved on). */
bool bsc_conn_due(const struct bsc_conn *conn, const struct bsc_conn_times *times, bas_time now,
                  enum bsc_conn_event *event);

#endif
