#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_station.h"

#include <string.h>

void rt_station_begin(struct rt_world *w, struct rt_station *s, const char *name, const char *uri)
{
    memset(s, 0, sizeof(*s));
    s->w = w;
    s->tls = rt_credentials(name);
    s->node = (struct bsc_node_config){ .size = sizeof(s->node),
                                        .primary_uri = uri,
                                        .disconnect_wait_ms = 50,
                                        .minimum_reconnect_ms = 10,
                                        .maximum_reconnect_ms = 10 };
    s->config = (struct bas_station_config){ .size = sizeof(s->config),
                                             .port.node = &s->node,
                                             .port.tls = &s->tls,
                                             .event = rt_station_event,
                                             .user = s };
}

static void take_request(struct rt_station *s, const struct bas_station_event *event)
{
    struct bac_arena none;
    bac_arena_init(&none, NULL, 0);
    s->service = event->service;
    s->source = event->source;
    if (event->service == BAC_UNCONFIRMED_I_AM) {
        assert_int_equal(bac_decode_all(&bac_type_i_am, event->parameters, &s->i_am, &none, NULL),
                         BAS_OK);
    }
    if (s->on_request != NULL) {
        s->on_request(s, event);
    }
}

void rt_station_event(void *user, const struct bas_station_event *event)
{
    struct rt_station *s = user;
    assert_int_equal(s->events[BAS_STATION_STOPPED], 0); /* the last event */
    s->events[event->kind]++;
    s->vmac = event->vmac;
    if (event->fault != NULL) {
        s->fault = *event->fault;
    }
    if (event->kind == BAS_STATION_SERVER && event->server->kind == BAC_SERVER_WRITTEN) {
        s->written = event->server->object;
        s->value = event->server->value;
    }
    if (event->kind == BAS_STATION_REQUEST) {
        take_request(s, event);
    }
    if (event->kind == BAS_STATION_STOPPED) {
        s->station = NULL;
    } else if ((s->stop_at & (1U << event->kind)) != 0) {
        bas_station_stop(s->station);
    }
}

void rt_station_start(struct rt_station *s)
{
    s->station = bas_station_start(s->w->loop, &s->config, &s->fault);
    if (s->station == NULL) {
        fail_msg("%s", s->fault.text);
    }
}

void rt_station_until(struct rt_station *s, enum bas_station_event_kind kind, unsigned least)
{
    rt_until(s->w, &s->events[kind], least);
}

void rt_station_stop(struct rt_station *s)
{
    if (s->station != NULL) {
        bas_station_stop(s->station);
    }
}

void rt_station_end(struct rt_station *s)
{
    rt_station_stop(s);
    rt_station_until(s, BAS_STATION_STOPPED, 1);
    assert_null(s->station);
}

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct rt_station *s = user;
    s->answers++;
    s->fault = event->fault;
    if (s->stops_at_answer) {
        bas_station_stop(s->station);
    }
}

bas_err rt_station_ask(struct rt_station *s, const struct bac_address *to)
{
    return rt_station_ask_then(s, to, on_answer, s);
}

bas_err rt_station_ask_then(struct rt_station *s, const struct bac_address *to, bas_answer answer,
                            void *user)
{
    uint8_t memory[64];
    struct bas_buf parameters;
    const struct bac_read_property read = { .object = { BAC_OBJECT_DEVICE, 4194303 },
                                            .property = BAC_PROPERTY_OBJECT_NAME };
    bas_buf_init(&parameters, memory, sizeof(memory));
    assert_int_equal(bac_encode(&bac_type_read_property, &read, BAC_APPLICATION, &parameters),
                     BAS_OK);
    const struct bas_request request = { .to = *to,
                                         .service = BAC_CONFIRMED_READ_PROPERTY,
                                         .parameters = { memory, parameters.len } };
    return bas_station_request(s->station, &request, answer, user);
}

void rt_station_who_is(struct rt_station *s)
{
    const struct bas_request who_is = { .to = { .network = BAC_BROADCAST_NETWORK },
                                        .service = BAC_UNCONFIRMED_WHO_IS };
    assert_int_equal(bas_station_unconfirmed(s->station, &who_is), BAS_OK);
}
