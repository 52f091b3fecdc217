/* Owns the beginning and the end of a BACnet/SC port, waiting for it, and what a program asks of
 * it. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/admission.h"
#include "app/hub.h"
#include "app/identity.h"
#include "app/port.h"
#include "sc/connector.h"
#include "sc/policy.h"
#include "tls/context.h"

#include <stdio.h>
#include <string.h>

enum {
    HALF_OPEN_MAX = 16, /* connections of strangers that are being set up */
    URI_ROOM = 256      /* a hub's, with the end of the text */
};

/* bsc 3.1-02 */
struct bas_state *port_state(const struct bas_port *p)
{
    return p->config.host != NULL ? hub_state(p->config.host) : p->state;
}

/* The end. */

static void release(struct bas_port *p)
{
    struct bas_env env = p->loop->env;
    bsc_node_free(p->node);
    for (size_t i = 0; i < p->n_links; i++) {
        bas_tls_context_unref(p->links[i].tls);
    }
    bas_release(&env, p->links, p->n_links * sizeof(*p->links));
    admission_release(&env, &p->admission);
    bas_tls_context_unref(p->tls);
    bas_state_close(p->state);
    bas_release(&env, p, sizeof(*p));
}

void port_discard(struct bas_port *p)
{
    listener_close(p->listener, NULL, NULL);
    release(p);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct bas_port *p = handle->data;
    const struct bas_port_config config = p->config;
    if (p->wait != NULL) {
        p->wait->is_gone = true;
        bas_loop_stop(p->loop);
    }
    release(p);
    if (config.stopped != NULL) {
        config.stopped(config.user);
    }
}

void port_check_end(struct bas_port *p)
{
    if (!p->is_stopping || p->is_ending || p->listener != NULL || !bsc_node_is_stopped(p->node)) {
        return;
    }
    p->is_ending = true;
    loop_remove_flusher(p->loop, &p->flusher);
    uv_close((uv_handle_t *)&p->timer, on_timer_closed);
}

static void on_listener_gone(void *user)
{
    struct bas_port *p = user;
    p->listener = NULL;
    port_pump(p, loop_now());
}

void bas_port_stop(struct bas_port *p)
{
    if (p->is_stopping) {
        return;
    }
    p->is_stopping = true;
    bsc_node_stop(p->node, loop_now());
    listener_close(p->listener, on_listener_gone, p);
    port_pump(p, loop_now());
}

/* The beginning. */

static bool has_certificate(const struct bas_port_config *config)
{
    return config->tls != NULL && config->tls->certificate_file != NULL;
}

/* bsc 7.4-12 8.2-01 */
static bas_err open_identity(struct bas_port *p, struct bas_fault *fault)
{
    const struct bas_port_config *config = &p->config;
    if (config->host != NULL) {
        struct bas_tls_context *tls = hub_tls(config->host);
        p->tls = tls == NULL ? NULL : bas_tls_context_ref(tls);
        return BAS_OK;
    }
    if (has_certificate(config) || config->plaintext == BAS_PLAINTEXT_NO) {
        const struct bas_tls_config none = { .size = sizeof(none) };
        p->tls =
            bas_tls_context_new(&p->loop->env, config->tls != NULL ? config->tls : &none, fault);
        if (p->tls == NULL) {
            return fault->err;
        }
    }
    const struct identity_request request = { .tls = p->tls,
                                              .state_file = config->state_file,
                                              .vmac = &config->node->vmac,
                                              .uuid = &config->node->uuid,
                                              .ignores_certificate = config->is_visitor };
    return identity_open(&p->loop->env, &request, &p->state, fault);
}

/* The URI of one of the two hubs. */
static bas_err check_uri(const struct bas_port *p, const char *which, const char *uri,
                         struct bas_fault *fault)
{
    const struct port_plan plan = { p->config.plaintext, p->tls != NULL };
    bool is_plain = false;
    if (uri == NULL || strlen(uri) >= URI_ROOM) {
        return bas_fail(fault, BAS_ERR_CONFIG, "the URI of the %s hub is %s", which,
                        uri == NULL ? "not set" : "longer than 255 characters");
    }
    return port_judge_uri(&plan, uri, &is_plain, fault);
}

static bas_err open_listener(struct bas_port *p, uint32_t direct_max, struct bas_fault *fault)
{
    const char *bind = p->config.direct_bind;
    const struct port_plan plan = { p->config.plaintext, p->tls != NULL };
    if (!p->config.node->direct_accept) {
        return BAS_OK;
    }
    if (bind == NULL) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "direct connections are to be accepted, but no address to listen on is "
                        "set; set direct-bind (ADDR:PORT)");
    }
    bas_err err = port_judge_bind(&plan, bind, fault);
    if (err != BAS_OK) {
        return err;
    }
    const struct listener_config config = { .link = port_link_config(p, true),
                                            .bind = bind,
                                            .max_links = direct_max + HALF_OPEN_MAX,
                                            .max_half_open = HALF_OPEN_MAX };
    p->listener = listener_new(&config, fault);
    return p->listener == NULL ? fault->err : BAS_OK;
}

/* bsc 6.3-06 */
static bas_err open_node(struct bas_port *p, struct bsc_node_config *config,
                         struct bas_fault *fault)
{
    char own[80];
    config->vmac = bas_state_vmac(port_state(p));
    config->uuid = bas_state_uuid(port_state(p));
    p->uuid = config->uuid;
    if (config->direct_accept_uris == NULL && p->listener != NULL &&
        !port_is_any_address(listener_address(p->listener))) {
        (void)snprintf(own, sizeof(own), "%s://%s", p->tls != NULL ? "wss" : "ws",
                       listener_address(p->listener));
        config->direct_accept_uris = own;
    }
    p->node = bsc_node_new(&p->loop->env, config);
    return p->node != NULL ? BAS_OK
                           : bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the node");
}

static bas_err open_links(struct bas_port *p, uint32_t direct_max, struct bas_fault *fault)
{
    p->n_links = BSC_HUB_PLACES + (size_t)direct_max; /* as many as the node has */
    p->links = bas_alloc(&p->loop->env, p->n_links * sizeof(*p->links));
    if (p->links == NULL) {
        p->n_links = 0;
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for connections");
    }
    if (p->config.admission != NULL &&
        admission_copy(&p->loop->env, p->config.admission, &p->admission) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY,
                        "out of memory for the list of who may connect directly");
    }
    return BAS_OK;
}

/* For direct connections, those that are ending among them: as many as the node has. */
static uint32_t places(const struct bsc_node_config *node)
{
    uint32_t max = node->direct_max == 0 ? BSC_POLICY_DIRECT_MAX : node->direct_max;
    bool has_any = node->direct_initiate || node->direct_accept;
    return has_any ? max + max / BSC_POLICY_DIRECT_SPARE_PART + BSC_POLICY_DIRECT_SPARE : 0;
}

/* bsc 3.1-02: a host is connected to as any other hub. */
static bas_err open_all(struct bas_port *p, struct bas_fault *fault)
{
    struct bsc_node_config node = *p->config.node;
    const uint32_t direct_max = places(&node);
    node.size = sizeof(node);
    p->setup_ms = node.connect_wait_ms == 0 ? 10000 : node.connect_wait_ms;
    bas_err err = open_identity(p, fault);
    if (p->config.host != NULL) {
        bool is_own = node.primary_uri == NULL;
        node.primary_uri = is_own ? bas_hub_uri(p->config.host) : node.primary_uri;
        if (p->tls == NULL && p->config.plaintext == BAS_PLAINTEXT_NO) {
            p->config.plaintext = BAS_PLAINTEXT_LOOPBACK; /* as the host's is */
        }
    }
    err = err == BAS_OK ? check_uri(p, "primary", node.primary_uri, fault) : err;
    if (err == BAS_OK && node.failover_uri != NULL) {
        err = check_uri(p, "failover", node.failover_uri, fault);
    }
    err = err == BAS_OK ? open_links(p, direct_max, fault) : err;
    err = err == BAS_OK ? open_listener(p, direct_max, fault) : err;
    return err == BAS_OK ? open_node(p, &node, fault) : err;
}

struct bas_port *port_open(struct bas_loop *loop, const struct bas_port_config *config,
                           struct bas_fault *fault)
{
    struct bas_port *p = bas_alloc(&loop->env, sizeof(*p));
    if (p == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a BACnet/SC port");
        return NULL;
    }
    p->loop = loop;
    p->config = *config;
    if (open_all(p, fault) != BAS_OK) {
        port_discard(p);
        return NULL;
    }
    p->config.node = NULL; /* the caller's, read above */
    p->config.tls = NULL;
    p->config.state_file = NULL;
    p->config.direct_bind = NULL;
    p->config.admission = NULL;
    return p;
}

struct bas_port *bas_port_start(struct bas_loop *loop, const struct bas_port_config *config,
                                struct bas_fault *fault)
{
    struct bas_port *p = port_open(loop, config, fault);
    if (p != NULL) {
        port_begin(p);
    }
    return p;
}

/* What a program asks of it. */

bas_err bas_port_send(struct bas_port *p, const struct bsc_send *send, struct bas_slice npdu)
{
    if (npdu.len > BSC_MAX_NPDU) {
        return BAS_ERR_TOO_LONG;
    }
    struct bas_frame *frame = bas_frame_new(&p->loop->env, BAS_HEADROOM, BAS_HEADROOM + npdu.len);
    if (frame == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    uint8_t *octets = bas_frame_put(frame, npdu.len);
    if (npdu.len != 0) {
        memcpy(octets, npdu.data, npdu.len);
    }
    bas_err err = bsc_node_send(p->node, send, frame, loop_now());
    bas_port_wake(p);
    return err;
}

struct bsc_node *bas_port_node(struct bas_port *p)
{
    return p->node;
}

void bas_port_wake(struct bas_port *p)
{
    if (!p->is_ending) {
        port_pump(p, loop_now());
    }
}

struct bsc_uuid bas_port_uuid(const struct bas_port *p)
{
    return p->uuid;
}

const char *bas_port_direct_address(const struct bas_port *p)
{
    return p->listener == NULL ? "" : listener_address(p->listener);
}

bool bas_port_peer(const struct bas_port *p, struct bas_tls_identity *identity)
{
    if (p->has_peer) {
        *identity = p->peer;
    }
    return p->has_peer;
}

/* Waiting. */

static void on_late(void *user)
{
    struct port_wait *wait = user;
    wait->is_late = true;
    bas_loop_stop(wait->loop);
}

static bas_err has_no_hub(const struct bas_port *p, uint32_t timeout_ms, struct bas_fault *fault)
{
    const double seconds = timeout_ms / 1000.0;
    if (p->last.err == BAS_OK) {
        return bas_fail(fault, BAS_ERR_TIMEOUT,
                        "no hub connection within %.3g s: the attempt is not over; wait "
                        "longer",
                        seconds);
    }
    return bas_fail_code(fault, BAS_ERR_TIMEOUT, p->last.error_class, p->last.error_code,
                         "no hub connection within %.3g s: %s", seconds, p->last.text);
}

static bas_err how_it_ended(const struct bas_port *p, const struct port_wait *wait,
                            uint32_t timeout_ms, struct bas_fault *fault)
{
    if (wait->is_gone) {
        return bas_fail(fault, BAS_ERR_CLOSED, "the port was stopped while it was waited for");
    }
    if (bsc_node_hub_state(p->node) != 0) {
        return BAS_OK;
    }
    if (wait->is_late) {
        return has_no_hub(p, timeout_ms, fault);
    }
    return bas_fail(fault, BAS_ERR_INTERRUPTED, "waiting for a hub connection was interrupted");
}

bas_err bas_port_wait(struct bas_port *p, uint32_t timeout_ms, struct bas_fault *fault)
{
    struct port_wait wait = { .loop = p->loop };
    struct bas_alarm *alarm = NULL;
    if (bsc_node_hub_state(p->node) != 0) {
        return BAS_OK;
    }
    if (timeout_ms != UINT32_MAX) {
        alarm = bas_alarm_new(p->loop, on_late, &wait);
        if (alarm == NULL) {
            return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a timer");
        }
        bas_alarm_set(alarm, timeout_ms);
    }
    p->wait = &wait;
    bas_loop_run(p->loop);
    bas_alarm_free(alarm);
    if (!wait.is_gone) {
        p->wait = NULL;
    }
    return how_it_ended(p, &wait, timeout_ms, fault);
}
