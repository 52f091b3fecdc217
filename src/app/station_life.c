/* Owns the beginning and the end of a station. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <string.h>

static void release(struct bas_station *s)
{
    struct bas_env env = s->loop->env;
    client_free(s);
    bas_release(&env, s->notice.octets, s->notice.len);
    while (s->pending != NULL) {
        station_forget(s, s->pending);
    }
    bac_client_free(s->client); /* the port, which held frames of theirs, is gone */
    bac_server_free(s->server);
    bac_net_free(s->net);
    bas_alarm_free(s->alarm);
    bas_release(&env, s, sizeof(*s));
}

void station_discard(struct bas_station *s)
{
    if (s->sc != NULL) {
        port_discard(s->sc);
    }
    release(s);
}

void station_restart(struct bas_station *s, const struct station_restart *how)
{
    if (s->is_stopping || s->is_restarting) {
        return;
    }
    s->restart = *how;
    s->is_restarting = true;
    bas_port_stop(s->sc);
}

/* False: there is none. */
static bool open_next_port(struct bas_station *s)
{
    struct bas_port_config config;
    struct bas_fault fault = { 0 };
    s->is_restarting = false;
    s->is_up = false;
    s->sc = NULL;
    bac_net_port_down(s->net, s->port, loop_now());
    for (unsigned attempt = 0; s->sc == NULL && s->restart.next(s->restart.user, attempt, &config);
         attempt++) {
        config.event = station_node_event;
        config.stopped = station_port_stopped;
        config.user = s;
        s->sc = port_open(s->loop, &config, &fault);
        if (s->sc == NULL) {
            bas_log(&s->loop->env, BAS_LOG_ERROR, "the port cannot be opened again: %s",
                    fault.text);
        }
    }
    return s->sc != NULL;
}

void station_port_stopped(void *user)
{
    struct bas_station *s = user;
    const struct bas_station_config config = s->config;
    const struct bas_station_event event = { .kind = BAS_STATION_STOPPED };
    if (s->is_restarting && !s->is_stopping && open_next_port(s)) {
        loop_remove_flusher(s->loop, &s->flusher);
        port_begin(s->sc);
        loop_add_flusher(s->loop, &s->flusher); /* called before the port's */
        s->restart.opened(s->restart.user);
        return;
    }
    loop_remove_flusher(s->loop, &s->flusher);
    client_close(s);
    release(s);
    if (config.event != NULL) {
        config.event(config.user, &event);
    }
}

void bas_station_stop(struct bas_station *s)
{
    if (s->is_stopping) {
        return;
    }
    s->is_stopping = true;
    bas_port_stop(s->sc);
}

/* The beginning. */

static bas_err open_port(struct bas_station *s, struct bas_fault *fault)
{
    struct bas_port_config config = s->config.port;
    config.event = station_node_event;
    config.stopped = station_port_stopped;
    config.user = s;
    s->max_npdu = config.node->max_npdu == 0 ? BSC_DEFAULT_NPDU : config.node->max_npdu;
    s->sc = port_open(s->loop, &config, fault);
    return s->sc != NULL ? BAS_OK : fault->err;
}

/* Requests of the program, and as many of the server's. */
static uint16_t transactions(struct bas_station *s)
{
    s->config.max_requests = s->config.max_requests != 0 ? s->config.max_requests : 256;
    uint32_t n = s->config.max_requests * (s->config.server != NULL ? 2U : 1U);
    return (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

static bas_err open_net(struct bas_station *s, struct bas_fault *fault)
{
    struct bsc_vmac vmac = bas_station_vmac(s);
    const struct bac_net_config config = { .size = sizeof(config) };
    struct bac_port_config port = { .size = sizeof(port),
                                    .max_npdu = (uint16_t)s->max_npdu,
                                    .mac_len = sizeof(vmac.octets) };
    memcpy(port.mac, vmac.octets, sizeof(vmac.octets));
    const struct bac_client_config client = { .size = sizeof(client),
                                              .max_transactions = transactions(s),
                                              .apdu_timeout_ms = s->config.apdu_timeout_ms,
                                              .segment_timeout_ms = s->config.segment_timeout_ms,
                                              .retries = s->config.apdu_retries,
                                              .max_apdu = s->config.max_apdu };
    s->net = bac_net_new(&s->loop->env, &config);
    s->client = bac_client_new(&s->loop->env, &client);
    s->alarm = bas_alarm_new(s->loop, station_tick, s);
    if (s->net == NULL || s->client == NULL || s->alarm == NULL ||
        bac_net_add_port(s->net, &port, &s->port) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the network layer");
    }
    return BAS_OK;
}

static bas_err open_all(struct bas_station *s, struct bas_fault *fault)
{
    bas_err err = open_port(s, fault);
    err = err == BAS_OK ? open_net(s, fault) : err;
    err = err == BAS_OK ? client_open(s, fault) : err;
    return err == BAS_OK ? station_open_server(s, fault) : err;
}

struct bas_station *station_open(struct bas_loop *loop, const struct bas_station_config *config,
                                 struct bas_fault *fault)
{
    struct bas_station *s = bas_alloc(&loop->env, sizeof(*s));
    if (s == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a station");
        return NULL;
    }
    s->loop = loop;
    s->config = *config;
    s->alarm_at = BAS_NEVER;
    s->held_since = BAS_NEVER;
    if (open_all(s, fault) != BAS_OK) {
        station_discard(s);
        return NULL;
    }
    s->config.port = (struct bas_port_config){ .size = 0 }; /* the caller's, read above */
    s->config.server = NULL;
    return s;
}

void station_begin(struct bas_station *s)
{
    port_begin(s->sc);
    s->flusher = (struct flusher){ station_flush, s, NULL };
    loop_add_flusher(s->loop, &s->flusher); /* behind the port's, so it is called before it */
}

struct bas_station *bas_station_start(struct bas_loop *loop,
                                      const struct bas_station_config *config,
                                      struct bas_fault *fault)
{
    struct bas_station *s = station_open(loop, config, fault);
    if (s != NULL) {
        station_begin(s);
    }
    return s;
}

/* Looking in. */

struct bac_server *bas_station_server(struct bas_station *s)
{
    return s->is_visitor ? NULL : s->server;
}

struct bas_port *bas_station_port(struct bas_station *s)
{
    return s->sc;
}

struct bsc_vmac bas_station_vmac(const struct bas_station *s)
{
    return bsc_node_vmac(bas_port_node(s->sc));
}

struct bsc_uuid bas_station_uuid(const struct bas_station *s)
{
    return bas_port_uuid(s->sc);
}

unsigned bas_station_hub_state(const struct bas_station *s)
{
    return bsc_node_hub_state(bas_port_node(s->sc));
}
