/* Owns what waits in the client engine: requests of the owner, frames to be sent, events; all in
 * rings whose size is known at creation. */
#include "knx/client/client.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct knx_client_request *knx_requests_add(struct knx_client_requests *requests)
{
    if (requests->count == requests->cap) {
        return NULL;
    }
    uint32_t at = (requests->first + requests->count++) % requests->cap;
    return &requests->slots[at];
}

struct knx_client_request *knx_requests_first(const struct knx_client_requests *requests)
{
    return requests->count == 0 ? NULL : &requests->slots[requests->first];
}

void knx_requests_pop(struct knx_client_requests *requests)
{
    assert(requests->count != 0);
    struct knx_client_request *request = &requests->slots[requests->first];
    bas_wipe(request, offsetof(struct knx_client_request, octets) + request->len);
    requests->count--;
    /* An empty ring begins at its start again: one request after the other finds its slot in the
     * cache. So do those below. */
    requests->first = requests->count == 0 ? 0 : (requests->first + 1) % requests->cap;
}

static bool is_ack(uint16_t service)
{
    return service == KNX_TUNNELLING_ACK || service == KNX_DEVICE_CONFIGURATION_ACK;
}

bool knx_client_waits(const struct knx_client *client, uint16_t service)
{
    for (unsigned i = 0; i < client->n_out; i++) {
        if (client->out[(client->out_first + i) % KNX_CLIENT_OUT].service == service) {
            return true;
        }
    }
    return false;
}

void knx_client_put(struct knx_client *client, const struct knx_client_out *out)
{
    /* An ack that finds no place is not sent: the server repeats its request. */
    if (is_ack(out->service) ? client->n_out >= KNX_CLIENT_OUT_ACKS
                             : knx_client_waits(client, out->service)) {
        return;
    }
    assert(client->n_out < KNX_CLIENT_OUT);
    client->out[(client->out_first + client->n_out++) % KNX_CLIENT_OUT] = *out;
    if (client->session.is_keyed) {
        knx_client_arm(client, KNX_TIMER_KEEPALIVE, client->config.keepalive_ms);
    }
}

bool knx_client_take(struct knx_client *client, struct knx_client_out *out)
{
    if (client->n_out == 0) {
        return false;
    }
    *out = client->out[client->out_first];
    client->n_out--;
    client->out_first = client->n_out == 0 ? 0 : (client->out_first + 1) % KNX_CLIENT_OUT;
    return true;
}

void knx_client_recall(struct knx_client *client, uint16_t service)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < client->n_out; i++) {
        struct knx_client_out out = client->out[(client->out_first + i) % KNX_CLIENT_OUT];
        if (out.service != service) {
            client->out[(client->out_first + kept++) % KNX_CLIENT_OUT] = out;
        }
    }
    client->n_out = kept;
}

void knx_fault_clear(struct bas_fault *fault)
{
    memset(fault, 0, offsetof(struct bas_fault, text) + 1);
}

void knx_client_say(struct knx_client *client, const struct knx_client_event *event,
                    const struct bas_fault *fault)
{
    assert(client->n_events < KNX_CLIENT_EVENTS);
    unsigned at = (client->event_first + client->n_events++) % KNX_CLIENT_EVENTS;
    client->events[at] = *event;
    if (fault != NULL) {
        client->faults[at] = *fault;
    } else {
        knx_fault_clear(&client->faults[at]);
    }
}

/* One event a second, some at once: a flood of rubbish must not become a flood of log lines. */
static bool may_say_dropped(struct knx_client *client)
{
    bas_time seconds = (client->now - client->drop_refilled) / BAS_SECOND;
    if (seconds > 0) {
        client->drop_refilled += seconds * BAS_SECOND;
        client->drop_tokens = seconds >= KNX_CLIENT_DROP_BURST
                                  ? KNX_CLIENT_DROP_BURST
                                  : client->drop_tokens + (unsigned)seconds;
        if (client->drop_tokens > KNX_CLIENT_DROP_BURST) {
            client->drop_tokens = KNX_CLIENT_DROP_BURST;
        }
    }
    if (client->drop_tokens == 0 || client->n_events >= KNX_CLIENT_EVENTS / 2) {
        return false;
    }
    client->drop_tokens--;
    return true;
}

void knx_client_drop(struct knx_client *client, const char *format, ...)
{
    client->dropped++;
    if (!may_say_dropped(client)) {
        return;
    }
    char text[BAS_FAULT_TEXT];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    struct bas_fault fault = { 0 };
    (void)bas_fail(&fault, BAS_ERR_PROTOCOL, "%s", text);
    const struct knx_client_event event = { .kind = KNX_CLIENT_EVENT_DROPPED,
                                            .step = client->state };
    knx_client_say(client, &event, &fault);
}
