/* Owns the beginning and the end of a station, and what a program asks of it. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/identity.h"
#include "app/station.h"

#include <string.h>

void station_forget(struct bas_station *s, struct pending_answer *pending)
{
    *(pending->prev == NULL ? &s->pending : &pending->prev->next) = pending->next;
    if (pending->next != NULL) {
        pending->next->prev = pending->prev;
    }
    bas_release(&s->loop->env, pending, sizeof(*pending));
}

static void release(struct bas_station *s)
{
    struct bas_env env = s->loop->env;
    while (s->pending != NULL) {
        station_forget(s, s->pending);
    }
    bsc_node_free(s->node); /* first those who hold frames of others */
    bac_client_free(s->client);
    bac_server_free(s->server);
    bac_net_free(s->net);
    bas_tls_context_unref(s->tls);
    bas_state_close(s->state);
    bas_release(&env, s, sizeof(*s));
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct bas_station *s = handle->data;
    const struct bas_station_config config = s->config;
    const struct bas_station_event event = { .kind = BAS_STATION_STOPPED };
    release(s);
    if (config.event != NULL) {
        config.event(config.user, &event);
    }
}

void station_check_end(struct bas_station *s)
{
    if (!s->is_stopping || s->is_ending || !bsc_node_is_stopped(s->node)) {
        return;
    }
    s->is_ending = true;
    loop_remove_flusher(s->loop, &s->flusher);
    uv_close((uv_handle_t *)&s->timer, on_timer_closed);
}

void bas_station_stop(struct bas_station *s)
{
    if (s->is_stopping) {
        return;
    }
    s->is_stopping = true;
    bsc_node_stop(s->node, loop_now());
    station_pump(s, loop_now());
}

/* The beginning. */

static bas_err open_state(struct bas_station *s, struct bas_fault *fault)
{
    const struct identity_request request = { .tls = s->tls,
                                              .state_file = s->config.port.state_file,
                                              .vmac = &s->config.port.node->vmac,
                                              .uuid = &s->config.port.node->uuid,
                                              .ignores_certificate = s->config.port.is_visitor };
    return identity_open(&s->loop->env, &request, &s->state, fault);
}

static bas_err open_node(struct bas_station *s, struct bas_fault *fault)
{
    enum { URI_ROOM = 256 }; /* a node's, with the end of the text */
    struct bsc_node_config config = *s->config.port.node;
    config.size = sizeof(config);
    if (config.primary_uri == NULL || strlen(config.primary_uri) >= URI_ROOM) {
        return bas_fail(fault, BAS_ERR_CONFIG, "the URI of the primary hub is %s",
                        config.primary_uri == NULL ? "not set" : "longer than 255 characters");
    }
    config.vmac = bas_state_vmac(s->state);
    config.uuid = bas_state_uuid(s->state);
    s->setup_ms = config.connect_wait_ms == 0 ? 10000 : config.connect_wait_ms;
    s->node = bsc_node_new(&s->loop->env, &config);
    return s->node != NULL ? BAS_OK
                           : bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the node");
}

static bas_err open_net(struct bas_station *s, struct bas_fault *fault)
{
    struct bsc_vmac vmac = bas_state_vmac(s->state);
    const struct bac_net_config config = { .size = sizeof(config) };
    struct bac_port_config port = { .size = sizeof(port), .mac_len = sizeof(vmac.octets) };
    memcpy(port.mac, vmac.octets, sizeof(vmac.octets));
    const struct bac_client_config client = { .size = sizeof(client),
                                              .apdu_timeout_ms = s->config.apdu_timeout_ms,
                                              .retries = s->config.apdu_retries };
    s->net = bac_net_new(&s->loop->env, &config);
    s->client = bac_client_new(&s->loop->env, &client);
    if (s->net == NULL || s->client == NULL ||
        bac_net_add_port(s->net, &port, &s->port) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the network layer");
    }
    return BAS_OK;
}

static bas_err open_server(struct bas_station *s, struct bas_fault *fault)
{
    if (s->config.server == NULL) {
        return BAS_OK;
    }
    struct bac_server_config config = *s->config.server;
    struct bsc_uuid uuid = bas_state_uuid(s->state);
    memcpy(config.uuid, uuid.octets, sizeof(config.uuid));
    s->server = bac_server_new(&s->loop->env, &config, fault);
    return s->server == NULL ? fault->err : BAS_OK;
}

static bas_err open_all(struct bas_station *s, struct bas_fault *fault)
{
    s->tls = bas_tls_context_new(&s->loop->env, s->config.port.tls, fault);
    bas_err err = s->tls == NULL ? fault->err : open_state(s, fault);
    err = err == BAS_OK ? open_node(s, fault) : err;
    err = err == BAS_OK ? open_net(s, fault) : err;
    return err == BAS_OK ? open_server(s, fault) : err;
}

struct bas_station *bas_station_start(struct bas_loop *loop,
                                      const struct bas_station_config *config,
                                      struct bas_fault *fault)
{
    struct bas_station *s = bas_alloc(&loop->env, sizeof(*s));
    if (s == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a station");
        return NULL;
    }
    s->loop = loop;
    s->config = *config;
    s->timer_at = BAS_NEVER;
    if (open_all(s, fault) != BAS_OK) {
        release(s);
        return NULL;
    }
    s->config.port.node = NULL; /* the caller's, read above */
    s->config.port.tls = NULL;
    s->config.server = NULL;
    (void)uv_timer_init(&loop->uv, &s->timer);
    s->timer.data = s;
    s->flusher = (struct flusher){ station_flush, s, NULL };
    loop_add_flusher(loop, &s->flusher);
    bsc_node_start(s->node, loop_now());
    station_pump(s, loop_now());
    return s;
}

/* Looking in. */

struct bac_server *bas_station_server(struct bas_station *s)
{
    return s->server;
}

struct bsc_vmac bas_station_vmac(const struct bas_station *s)
{
    return bsc_node_vmac(s->node);
}

struct bsc_uuid bas_station_uuid(const struct bas_station *s)
{
    return bas_state_uuid(s->state);
}

unsigned bas_station_hub_state(const struct bas_station *s)
{
    return bsc_node_hub_state(s->node);
}

bool bas_station_peer(const struct bas_station *s, struct bas_tls_identity *identity)
{
    if (s->has_peer) {
        *identity = s->peer;
    }
    return s->has_peer;
}

/* Requests. */

bas_err bas_station_request(struct bas_station *s, const struct bas_request *request,
                            bas_answer answer, void *user)
{
    struct pending_answer *pending = bas_alloc(&s->loop->env, sizeof(*pending));
    if (pending == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    *pending = (struct pending_answer){ .answer = answer, .user = user, .next = s->pending };
    if (s->pending != NULL) {
        s->pending->prev = pending;
    }
    s->pending = pending;
    struct bac_address to = request->to;
    bac_port_id port = s->port;
    bac_request_id id;
    bac_net_resolve(s->net, &to, &port);
    bas_err err = bac_client_request(s->client, &to, port, request->service, request->parameters,
                                     bac_net_max_apdu(s->net, &to, port), pending, loop_now(), &id);
    if (err != BAS_OK) {
        station_forget(s, pending);
    }
    return err;
}

bas_err bas_station_unconfirmed(struct bas_station *s, const struct bas_request *request)
{
    return bac_client_unconfirmed(s->client, &request->to, s->port, request->service,
                                  request->parameters);
}

void bas_station_announce(struct bas_station *s)
{
    const struct bac_address everywhere = { .network = BAC_BROADCAST_NETWORK };
    if (s->server == NULL) {
        return;
    }
    bas_err err = bac_server_announce(s->server, &everywhere, s->port);
    if (err != BAS_OK) {
        bas_log(&s->loop->env, BAS_LOG_WARNING, "I-Am was not sent: %s", bas_err_text(err));
    }
}
