/* Owns the life of a link: how it begins, what it is known by, and how it ends so that the last
 * word arrives. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link_internal.h"

#include "rt/network.h"

#include <string.h>

enum { DRAIN_MS = 1000, CLOSING_MS = 5000 };

void link_note(struct link *link, const struct bas_fault *why)
{
    if (why != NULL && link->why.err == BAS_OK) {
        link->why = *why;
    }
}

/* What a link goes through, and what it is when a step is not done in time, or because the peer
 * ended (spec 7.6). */
enum step { STEP_NAME, STEP_TCP, STEP_TLS, STEP_UPGRADE, STEP_OPEN };

static const struct {
    const char *name;
    uint16_t late;
    uint16_t ended;
} steps[] = {
    [STEP_NAME] = { "the look-up of the host name", BAC_ERROR_CODE_DNS_UNAVAILABLE,
                    BAC_ERROR_CODE_DNS_ERROR },
    [STEP_TCP] = { "the TCP connection", BAC_ERROR_CODE_TCP_CONNECT_TIMEOUT,
                   BAC_ERROR_CODE_TCP_CLOSED_OTHER },
    [STEP_TLS] = { "the TLS handshake", BAC_ERROR_CODE_TLS_ERROR, BAC_ERROR_CODE_TCP_CLOSED_OTHER },
    [STEP_UPGRADE] = { "the WebSocket upgrade", BAC_ERROR_CODE_HTTP_RESPONSE_TIMEOUT,
                       BAC_ERROR_CODE_HTTP_ERROR },
    [STEP_OPEN] = { "the closing handshake", BAC_ERROR_CODE_WEBSOCKET_CLOSE_ERROR,
                    BAC_ERROR_CODE_WEBSOCKET_CLOSED_ABNORMALLY },
};

static enum step step_of(const struct link *link)
{
    if (link->was_open) {
        return STEP_OPEN;
    }
    if (link->state == LINK_CONNECTING) {
        return connect_job_is_looking_up(link) ? STEP_NAME : STEP_TCP;
    }
    return channel_is_open(&link->channel) ? STEP_UPGRADE : STEP_TLS;
}

void link_note_end(struct link *link, const char *what)
{
    struct bas_fault fault = { 0 };
    enum step step = step_of(link);
    bool is_closing = link->state == LINK_CLOSING;
    const char *how = is_closing          ? "before all that closes it was sent"
                      : step == STEP_OPEN ? "without a close frame"
                                          : "during ";
    (void)bas_fail_code(&fault, BAS_ERR_CLOSED, BAC_ERROR_CLASS_COMMUNICATION,
                        is_closing ? BAC_ERROR_CODE_WEBSOCKET_CLOSE_ERROR : steps[step].ended,
                        "the peer closed the %s %s%s", what, how,
                        step == STEP_OPEN || is_closing ? "" : steps[step].name);
    link_note(link, &fault);
}

void link_note_uv(struct link *link, int status, const char *doing)
{
    struct bas_fault fault = { 0 };
    network_fault(status, doing, &fault);
    link_note(link, &fault);
}

static void note_late(struct link *link, uint32_t limit_ms)
{
    struct bas_fault fault = { 0 };
    enum step step = step_of(link);
    (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION, steps[step].late,
                        "%s was not done within %u.%03u s", steps[step].name, limit_ms / 1000,
                        limit_ms % 1000);
    link_note(link, &fault);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct link *link = handle->data;
    if (--link->handles > 0) {
        return;
    }
    if (link->listener != NULL) {
        listener_link_gone(link->listener, link);
    }
    connect_job_release(link);
    bas_budget_release(&link->config.loop->unfinished, link->charged);
    bas_ws_free(link->ws);
    channel_end(&link->channel);
    link_drop_leftover(link);
    struct bas_env env = link->config.loop->env;
    bas_release(&env, link, sizeof(*link));
}

static void tell(struct link *link)
{
    if (!link->is_told) {
        link->is_told = true;
        if (link->listener != NULL) {
            listener_link_ended(link->listener, link);
        }
        link->config.owner->closed(link->config.user, link, &link->why);
    }
}

static void unlist(struct link **list, const struct link *link)
{
    for (struct link **at = list; *at != NULL; at = &(*at)->next) {
        if (*at == link) {
            *at = link->next;
            return;
        }
    }
}

/* No input waits for another turn any more. */
static void leave_lists(struct link *link)
{
    struct bas_loop *loop = link->config.loop;
    if (link->wants_resume) {
        unlist(&loop->resume, link);
        link->wants_resume = false;
    }
    if (link->deferred != NULL) {
        unlist(&loop->deferred, link);
        loop->deferred_end = &loop->deferred;
        while (*loop->deferred_end != NULL) {
            loop->deferred_end = &(*loop->deferred_end)->next;
        }
        bas_frame_unref(link->deferred);
        link->deferred = NULL;
    }
}

void link_destroy(struct link *link)
{
    if (link->state == LINK_DEAD) {
        return;
    }
    leave_lists(link);
    link->state = LINK_DEAD;
    tell(link);
    if (!uv_is_closing((uv_handle_t *)&link->tcp)) {
        uv_close((uv_handle_t *)&link->tcp, on_handle_closed);
    }
    uv_close((uv_handle_t *)&link->timer, on_handle_closed);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status; /* the drain timer or the peer's end closes it */
}

static void on_drain_timer(uv_timer_t *timer)
{
    link_destroy(timer->data);
}

/* No more output: ends writing, and throws away what still comes until the peer ends or a second
 * has passed. */
void link_begin_drain(struct link *link)
{
    if (!link_is_alive(link)) {
        return;
    }
    link->state = LINK_DRAINING;
    leave_lists(link);
    link_start_reading(link);
    tell(link);
    if (link->state != LINK_DRAINING) {
        return; /* its owner stopped at the news */
    }
    (void)uv_timer_start(&link->timer, on_drain_timer, DRAIN_MS, 0);
    if (uv_shutdown(&link->shutdown, (uv_stream_t *)&link->tcp, on_shutdown) != 0) {
        link_destroy(link);
    }
}

/* The peer does not take our last words. */
static void on_closing_timer(uv_timer_t *timer)
{
    note_late(timer->data, CLOSING_MS);
    link_destroy(timer->data);
}

void link_start_closing(struct link *link, uint16_t code)
{
    link->state = LINK_CLOSING;
    link->close_code = code;
    (void)uv_timer_start(&link->timer, on_closing_timer, CLOSING_MS, 0);
}

void link_fail(struct link *link, const struct bas_fault *why)
{
    if (!link_is_alive(link)) {
        return;
    }
    link_note(link, why);
    link_send_out(link); /* the alert that names the reason */
    if (link->state == LINK_CONNECTING || link->state == LINK_DEAD) {
        link_destroy(link);
    } else {
        link_begin_drain(link);
    }
}

void link_close(struct link *link, uint16_t code)
{
    if (link->state >= LINK_CLOSING) {
        return;
    }
    if (link->state == LINK_CONNECTING || !channel_is_open(&link->channel)) {
        link_destroy(link);
        return;
    }
    link_start_closing(link, code);
    link_flush(link);
}

static void on_setup_timer(uv_timer_t *timer)
{
    struct link *link = timer->data;
    note_late(link, link->config.setup_ms);
    link_fail(link, NULL);
}

struct link *link_new(const struct link_config *config, bool is_server)
{
    struct link *link = bas_alloc(&config->loop->env, sizeof(*link));
    if (link == NULL) {
        return NULL;
    }
    link->config = *config;
    link->is_server = is_server;
    link->handles = 2;
    (void)uv_tcp_init(&config->loop->uv, &link->tcp);
    (void)uv_timer_init(&config->loop->uv, &link->timer);
    link->tcp.data = link;
    link->timer.data = link;
    (void)uv_timer_start(&link->timer, on_setup_timer, config->setup_ms, 0);
    return link;
}

void link_tell_step(struct link *link, enum link_step step)
{
    if (link->config.reached != NULL) {
        link->config.reached(link->config.user, link, step);
    }
}

/* bsc 7.1-03 */
void link_begin(struct link *link)
{
    struct bas_loop *loop = link->config.loop;
    struct bas_ws_config config = { .size = sizeof(config),
                                    .role = link->is_server ? BAS_WS_SERVER : BAS_WS_CLIENT,
                                    .max_message = link->config.max_message,
                                    .unfinished = &loop->unfinished };
    for (size_t i = 0; i < BAS_WS_MAX_SUBPROTOCOLS && link->config.subprotocols[i] != NULL; i++) {
        config.subprotocols[i] = link->config.subprotocols[i];
    }
    const struct uri *uri = connect_job_uri(link);
    if (uri != NULL) {
        config.host = uri->authority;
        config.path = uri->path;
    }
    link->state = LINK_SETUP;
    (void)uv_tcp_nodelay(&link->tcp, 1);
    link_tell_step(link, LINK_STEP_TCP);
    link->ws = bas_ws_new(&loop->env, &config);
    enum bas_tls_role role = link->is_server ? BAS_TLS_SERVER : BAS_TLS_CLIENT;
    if (link->ws == NULL || !channel_begin(&link->channel, link->config.tls, role, &loop->out)) {
        (void)bas_fail(&link->why, BAS_ERR_NO_MEMORY, "out of memory for a connection");
        link_destroy(link);
        return;
    }
    link_start_reading(link);
    if (!link->is_server) {
        link_input(link, NULL, 0);
    }
}

bool link_peer(const struct link *link, struct bas_tls_identity *identity)
{
    const struct bas_tls *tls = link->channel.tls;
    return tls != NULL && bas_tls_peer(tls, identity);
}

bas_err link_recheck(struct link *link, struct bas_tls_context *context, struct bas_fault *fault)
{
    struct bas_tls *tls = link->channel.tls;
    return tls == NULL ? BAS_OK : bas_tls_recheck(tls, context, fault);
}

const char *link_address(const struct link *link)
{
    return link->address;
}

void link_set_tag(struct link *link, uint32_t tag)
{
    link->tag = tag;
}

uint32_t link_tag(const struct link *link)
{
    return link->tag;
}

void link_mark(struct link *link)
{
    link->is_marked = true;
}

bool link_is_marked(const struct link *link)
{
    return link->is_marked;
}
