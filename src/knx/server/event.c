/*
 * Owns the events that a KNXnet/IP server tells its owner: a bounded ring of copies.
 *
 * Room is kept so that the end of everything that lives can always be told: what begins something,
 * and what is dropped without harm, is not let in when it would take that room.
 */
#include "knx/server/server.h"

#include "wire/rd.h"
#include "wire/wr.h"

#include <assert.h>
#include <string.h>

enum {
    EVENT_TEXT = 112, /* of a fault */
    EVENT_END = sizeof(struct knx_server_event) + sizeof(bas_err) + EVENT_TEXT + sizeof(uint32_t),
    EVENTS_WORK = 98304 /* what KNX_SERVER_RECV octets of the shortest telegrams make */
};

bas_err knx_server_events_init(struct knx_server *server)
{
    const struct knx_server_config *c = &server->config;
    size_t ends = (size_t)c->max_connections + c->max_sessions + c->max_channels;
    server->events_reserve = (ends + 1) * EVENT_END; /* 1: the gap where the ring wraps */
    return knx_ring_init(&server->events, &server->env, server->events_reserve + EVENTS_WORK);
}

struct knx_server_event knx_server_event_of(const struct knx_way *way,
                                            enum knx_server_event_kind kind)
{
    struct knx_server_event event = { .kind = kind, .peer = way->peer };
    if (way->conn != NULL) {
        event.connection = way->conn->id;
        event.peer = way->conn->peer;
    }
    if (way->session != NULL) {
        event.session = way->session->id;
        event.user = way->session->user;
    }
    return event;
}

static size_t reserve_of(const struct knx_server *server, enum knx_weight weight)
{
    switch (weight) {
    case KNX_WEIGHT_NOTE:
        return server->events_reserve + EVENTS_WORK / 2;
    case KNX_WEIGHT_WORK:
        return server->events_reserve;
    case KNX_WEIGHT_MUST:
        break;
    }
    return 0;
}

/* A flood must not become a flood of log lines. */
static bool is_too_often(struct knx_server *server, enum knx_server_event_kind kind)
{
    static const struct knx_rate rate = { BAS_SECOND / KNX_SERVER_NOTES_PER_SECOND,
                                          KNX_SERVER_NOTES };
    bool is_refused = kind == KNX_SERVER_EVENT_REFUSED;
    return !knx_bucket_spend(is_refused ? &server->refused : &server->dropped, rate, server->now);
}

/* A record: the event, the error and the text of its fault, its cEMI. */
bool knx_server_tell(struct knx_server *server, const struct knx_server_event *event,
                     enum knx_weight weight)
{
    struct knx_server_event copy = *event;
    bas_err err = BAS_OK;
    size_t text = 0;
    if (weight == KNX_WEIGHT_NOTE && is_too_often(server, event->kind)) {
        return false;
    }
    if (event->fault != NULL) {
        err = event->fault->err;
        text = strlen(event->fault->text);
        text = text < EVENT_TEXT ? text : EVENT_TEXT - 1;
    }
    assert(event->cemi.len <= sizeof(server->told));
    copy.fault = NULL;
    copy.cemi.data = NULL;
    size_t len = sizeof(copy) + sizeof(err) + text + event->cemi.len;
    uint8_t *record = knx_ring_put(&server->events, len, reserve_of(server, weight));
    if (record == NULL) {
        return false;
    }
    struct bas_buf out;
    bas_buf_init(&out, record, len);
    bas_buf_add(&out, &copy, sizeof(copy));
    bas_buf_add(&out, &err, sizeof(err));
    bas_buf_add(&out, event->cemi.data, event->cemi.len);
    if (text != 0) {
        bas_buf_add(&out, event->fault->text, text);
    }
    return true;
}

void knx_server_note(struct knx_server *server, const struct knx_way *way,
                     enum knx_server_event_kind kind, const struct bas_fault *fault)
{
    struct knx_server_event event = knx_server_event_of(way, kind);
    event.fault = fault;
    (void)knx_server_tell(server, &event, KNX_WEIGHT_NOTE);
}

bool knx_server_has_room(const struct knx_server *server)
{
    const struct knx_ring *ring = &server->events;
    /* An end, and the gap in front of it. */
    return ring->cap - ring->used >= server->events_reserve + 2 * (size_t)EVENT_END;
}

bool knx_server_next_event(struct knx_server *server, struct knx_server_event *event)
{
    bas_wipe(server->told, server->told_len);
    server->told_len = 0;
    struct bas_slice record = knx_ring_peek(&server->events);
    if (record.len == 0) {
        return false;
    }
    struct rd r = rd_init(record);
    struct bas_slice head = rd_take(&r, sizeof(*event));
    struct bas_slice err = rd_take(&r, sizeof(server->fault.err));
    memcpy(event, head.data, sizeof(*event));
    event->transport = knx_server_transport(server, event->connection);
    server->fault = (struct bas_fault){ 0 };
    memcpy(&server->fault.err, err.data, err.len);
    rd_copy(&r, server->told, event->cemi.len);
    struct bas_slice text = rd_rest(&r);
    if (text.len != 0) {
        memcpy(server->fault.text, text.data, text.len);
    }
    event->cemi.data = event->cemi.len != 0 ? server->told : NULL;
    event->fault = text.len != 0 ? &server->fault : NULL;
    server->told_len = event->cemi.len;
    knx_ring_pop(&server->events);
    return true;
}
