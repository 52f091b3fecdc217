/* Owns one request of a call: its way from the struct of its parameters to the device and back to a
 * decoded answer. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Answers. */

struct bas_outcome client_outcome(const struct bas_fault *fault)
{
    return (struct bas_outcome){ .err = fault->err, .fault = fault };
}

static void tell(struct call *call, const struct bas_outcome *outcome)
{
    call_answered answered = call->answered;
    call_hold(call);
    answered(call, outcome);
    call_drop(call);
}

/* The request ends before it is sent. */
static void tell_fault(struct call *call, const struct bas_fault *fault)
{
    struct bac_arena none;
    struct bas_outcome outcome = client_outcome(fault);
    bac_arena_init(&none, NULL, 0);
    outcome.arena = &none;
    tell(call, &outcome);
}

/* A device that is silent may be somewhere else by now. */
static void forget_peer(struct call *call)
{
    if (!call->to.has_address) {
        bac_peers_forget(call->station->calls.peers, call->to.instance);
    }
}

static void refused(struct call *call, const struct bac_client_event *event)
{
    struct bas_station *s = call->station;
    struct bas_fault fault = { 0 };
    struct client_arena memory = client_arena_take(s);
    client_fault(call, event, &fault);
    if (event->kind == BAC_CLIENT_TIMEOUT || event->kind == BAC_CLIENT_UNREACHABLE) {
        forget_peer(call);
    }
    struct bas_outcome outcome = client_outcome(&fault);
    outcome.event = event;
    outcome.raw = event->body;
    outcome.arena = &memory.arena;
    tell(call, &outcome);
    client_arena_give(s, &memory);
}

static void acknowledged(struct call *call, const struct bac_client_event *event)
{
    const struct bac_service *service = bac_service_find(true, call->service);
    struct bas_station *s = call->station;
    struct client_arena memory = client_arena_take(s);
    struct bas_fault fault = { 0 };
    struct bas_fault why = { 0 };
    const struct bac_type *type = service != NULL ? service->ack : NULL;
    void *value = type != NULL ? bac_arena_take(&memory.arena, type->size) : NULL;
    struct bas_outcome outcome = { .raw = event->body, .event = event, .fault = &fault };
    if (type != NULL && value == NULL) {
        outcome.err = call_fail(call, &fault, BAS_ERR_NO_MEMORY, "out of memory for the answer");
    } else if (type != NULL &&
               bac_decode_all(type, event->body, value, &memory.arena, &why) != BAS_OK) {
        outcome.err = call_fail(call, &fault, BAS_ERR_PROTOCOL,
                                "the answer cannot be decoded: %s; the device is at fault, "
                                "basalt decode shows what it sent",
                                why.text);
    } else {
        outcome.type = type;
        outcome.value = value;
    }
    outcome.arena = &memory.arena;
    tell(call, &outcome);
    client_arena_give(s, &memory);
}

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct call *call = user;
    call->pending = NULL;
    if (event->kind == BAC_CLIENT_ACK) {
        acknowledged(call, event);
    } else {
        refused(call, event);
    }
}

/* Sending. */

static void tell_not_sent(struct call *call, bas_err err)
{
    const struct bas_station *s = call->station;
    struct bas_fault fault = { 0 };
    if (err == BAS_ERR_BUSY && s->n_pending < s->config.max_requests) {
        (void)call_fail(call, &fault, err, "256 requests to it are in flight; wait for answers");
    } else if (err == BAS_ERR_BUSY) {
        (void)call_fail(call, &fault, err,
                        "%u requests are in flight, as many as max_requests allows; wait for "
                        "answers",
                        (unsigned)s->config.max_requests);
    } else if (err == BAS_ERR_TOO_LONG) {
        (void)call_fail(call, &fault, err,
                        "the request is longer than the device takes; ask for less at once");
    } else {
        (void)call_fail(call, &fault, err, "the request cannot be sent: %s", bas_err_text(err));
    }
    tell_fault(call, &fault);
}

/* An unconfirmed one has no answer. */
static void tell_sent(struct call *call, bas_err err)
{
    const struct bas_fault none = { .err = BAS_OK };
    if (err != BAS_OK) {
        tell_not_sent(call, err);
    } else {
        tell_fault(call, &none);
    }
}

static void send_to(struct call *call, const struct bac_address *address,
                    struct bas_slice parameters)
{
    const struct bas_request request = { *address, call->service, parameters };
    if (call->is_unconfirmed) {
        tell_sent(call, bas_station_unconfirmed(call->station, &request));
        return;
    }
    bas_err err = station_request(call->station, &request, on_answer, call, &call->pending);
    if (err != BAS_OK) {
        call->pending = NULL;
        tell_not_sent(call, err);
    }
}

/* The address of the device, if it is known. */
static bool find_address(const struct call *call, struct bac_address *address)
{
    const struct bac_peer *peer = NULL;
    if (call->to.has_address) {
        *address = call->to.address;
        return true;
    }
    peer = bac_peers_find(call->station->calls.peers, call->to.instance);
    if (peer != NULL) {
        *address = peer->address;
    }
    return peer != NULL;
}

const struct bac_peer *client_peer(const struct call *call)
{
    const struct bas_station *s = call->station;
    struct bac_address address = call->to.address;
    bac_port_id port = s->port;
    if (!call->to.has_address) {
        return bac_peers_find(s->calls.peers, call->to.instance);
    }
    bac_net_resolve(s->net, &address, &port);
    return bac_peers_at(s->calls.peers, &address, port);
}

struct client_limits client_limits(const struct bas_station *s, const struct call *call)
{
    const struct bac_peer *peer = client_peer(call);
    struct bac_address address = peer != NULL ? peer->address : call->to.address;
    bac_port_id port = s->port;
    bac_net_resolve(s->net, &address, &port);
    size_t link = station_max_apdu(s, &address, port);
    size_t most = s->config.max_apdu > BAC_MAX_APDU ? s->config.max_apdu : BAC_MAX_APDU;
    size_t theirs = peer == NULL ? BAC_MAX_APDU : peer->max_apdu;
    most = link < most ? link : most;
    return (struct client_limits){ theirs < most ? theirs : most,
                                   peer == NULL ||
                                       peer->segmentation == BAC_SEGMENTATION_SEGMENTED_BOTH ||
                                       peer->segmentation == BAC_SEGMENTATION_SEGMENTED_TRANSMIT };
}

static void drop_parameters(struct call *call)
{
    bas_release(&call->station->loop->env, call->parameters, call->parameters_len);
    call->parameters = NULL;
    call->parameters_len = 0;
}

/* Looking for the device. */

static bas_time find_time(const struct call *call)
{
    uint32_t ms = call->find_ms != 0 ? call->find_ms : call->station->config.find_timeout_ms;
    return (bas_time)ms * BAS_MILLISECOND;
}

static bas_err who_is(struct call *call)
{
    const struct bac_who_is limits = { true, true, call->to.instance, call->to.instance };
    return client_send_who_is(call->station, &limits, NULL);
}

static bool somebody_asks(const struct call *call)
{
    const struct call *other = call->station->calls.waiting[call->to.instance % CLIENT_BUCKETS];
    while (other != NULL && (other == call || other->to.instance != call->to.instance)) {
        other = other->next;
    }
    return other != NULL;
}

/* Another one in front of it in the list waits for the same device. */
static bool has_company(const struct call *call)
{
    const struct call *other = call->prev;
    while (other != NULL && other->to.instance != call->to.instance) {
        other = other->prev;
    }
    return other != NULL;
}

/* What was asked before there was a connection did not get far. */
void client_ask_again(struct bas_station *s)
{
    for (size_t i = 0; i < CLIENT_BUCKETS; i++) {
        for (struct call *call = s->calls.waiting[i]; call != NULL; call = call->next) {
            if (!has_company(call)) {
                (void)who_is(call); /* it is repeated */
            }
        }
    }
}

/* Who-Is now, and again at half of the time: a broadcast can get lost. */
void call_look_for(struct call *call)
{
    struct bas_fault fault = { 0 };
    bas_time now = loop_now();
    call_join(call, &call->station->calls.waiting[call->to.instance % CLIENT_BUCKETS]);
    call->is_asking = true;
    call->has_asked_again = false;
    call->find_until = now + find_time(call);
    call_set_timer(call, now + find_time(call) / 2);
    bas_err err = somebody_asks(call) ? BAS_OK : who_is(call);
    if (err != BAS_OK) {
        call_stop_looking(call);
        (void)call_fail(call, &fault, err, "Who-Is cannot be sent: %s", bas_err_text(err));
        tell_fault(call, &fault);
    }
}

void call_stop_looking(struct call *call)
{
    call_leave(call);
    call->is_asking = false;
    call_set_timer(call, BAS_NEVER);
    drop_parameters(call);
}

void call_not_found(struct call *call)
{
    struct bas_fault fault = { 0 };
    const bas_time waited = find_time(call);
    if (!call->has_asked_again) {
        call->has_asked_again = true;
        call_set_timer(call, call->find_until);
        (void)who_is(call); /* the first one went out */
        return;
    }
    call_stop_looking(call);
    (void)bas_fail(&fault, BAS_ERR_TIMEOUT,
                   "no device %u: nobody answered Who-Is in %.3g s; is its instance right, and is "
                   "it connected?",
                   (unsigned)call->to.instance, (double)waited / (double)BAS_SECOND);
    tell_fault(call, &fault);
}

void call_go_on(struct call *call)
{
    struct bac_address address;
    uint8_t *parameters = call->parameters;
    size_t len = call->parameters_len;
    call->parameters = NULL; /* ours now: what follows may end the call */
    call->parameters_len = 0;
    call_hold(call);
    call_stop_looking(call);
    void (*found)(struct call * call) = call->found;
    call->found = NULL;
    if (found != NULL) {
        found(call);
    } else if (find_address(call, &address)) {
        send_to(call, &address, (struct bas_slice){ parameters, len });
    }
    bas_release(&call->station->loop->env, parameters, len);
    call_drop(call);
}

void call_meet(struct call *call, void (*found)(struct call *call))
{
    struct bac_address address;
    if (find_address(call, &address)) {
        found(call);
        return;
    }
    call->found = found;
    call->answered = call_end;
    call_look_for(call);
}

static void keep(struct call *call, struct bas_slice parameters)
{
    struct bas_fault fault = { 0 };
    drop_parameters(call);
    if (parameters.len != 0) {
        call->parameters = bas_alloc(&call->station->loop->env, parameters.len);
        if (call->parameters == NULL) {
            (void)call_fail(call, &fault, BAS_ERR_NO_MEMORY, "out of memory for the request");
            tell_fault(call, &fault);
            return;
        }
        memcpy(call->parameters, parameters.data, parameters.len);
        call->parameters_len = parameters.len;
    }
    call_look_for(call);
}

void call_ask_raw(struct call *call, uint8_t service, struct bas_slice parameters,
                  call_answered answered)
{
    struct bac_address address;
    call->service = service;
    call->answered = answered;
    if (find_address(call, &address)) {
        send_to(call, &address, parameters);
    } else {
        keep(call, parameters);
    }
}

void call_ask(struct call *call, uint8_t service, const void *parameters,
              const struct bas_property *about, call_answered answered)
{
    const struct bac_service *row = bac_service_find(!call->is_unconfirmed, service);
    struct bas_fault fault = { 0 };
    struct bas_buf out = client_octets(call->station);
    bas_err err = BAS_OK;
    call->service = service;
    call->answered = answered;
    call->about.object.type = UINT16_MAX;
    if (about != NULL) {
        call->about = *about;
    }
    if (row == NULL || !row->is_coded) {
        (void)call_fail(call, &fault, BAS_ERR_UNSUPPORTED, "service %u is not known here",
                        (unsigned)service);
        tell_fault(call, &fault);
        return;
    }
    if (row->request != NULL) {
        err = bac_encode(row->request, parameters, BAC_APPLICATION, &out);
    }
    if (err != BAS_OK) {
        (void)call_fail(call, &fault, err,
                        err == BAS_ERR_INVALID ? "%s: a parameter is out of its range"
                                               : "%s: the parameters are too long",
                        row->name);
        tell_fault(call, &fault);
        return;
    }
    call_ask_raw(call, service, (struct bas_slice){ out.data, out.len }, answered);
}
