/* Owns a link's data: ciphertext in, messages out; messages in, records out; and how it ends. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link_internal.h"

#include <assert.h>
#include <string.h>

enum {
    FLUSH_RECORDS = 4, /* 64 KB written per link and turn */
    DRAIN_MAX = 65536, /* octets thrown away while waiting for the peer's end */
    DRAIN_MS = 1000,
    CLOSING_MS = 5000
};

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static bool is_alive(const struct link *link)
{
    return link->state < LINK_DRAINING;
}

/* Faults of the transport. */

void link_uv_fault(int status, const char *doing, struct bas_fault *fault)
{
    static const struct {
        int status;
        bas_err err;
        uint16_t code;
        const char *advice;
    } rows[] = {
        { UV_ECONNREFUSED, BAS_ERR_REFUSED, BAC_ERROR_CODE_TCP_CONNECTION_REFUSED,
          "nobody listens there; is it running, and is the port right?" },
        { UV_ETIMEDOUT, BAS_ERR_TIMEOUT, BAC_ERROR_CODE_TCP_CONNECT_TIMEOUT,
          "no answer; is the address right, and does a firewall drop it?" },
        { UV_ENETUNREACH, BAS_ERR_UNREACHABLE, BAC_ERROR_CODE_IP_ADDRESS_NOT_REACHABLE,
          "no route; check the network configuration" },
        { UV_EHOSTUNREACH, BAS_ERR_UNREACHABLE, BAC_ERROR_CODE_IP_ADDRESS_NOT_REACHABLE,
          "the host does not answer on its network" },
        { UV_ECONNRESET, BAS_ERR_CLOSED, BAC_ERROR_CODE_TCP_CLOSED_OTHER,
          "the peer broke the connection" },
        { UV_EPIPE, BAS_ERR_CLOSED, BAC_ERROR_CODE_TCP_CLOSED_OTHER,
          "the peer broke the connection" },
        { UV_EAI_NONAME, BAS_ERR_RESOLVE, BAC_ERROR_CODE_DNS_NAME_RESOLUTION_FAILED,
          "no such host name; check the spelling" },
        { UV_EAI_NODATA, BAS_ERR_RESOLVE, BAC_ERROR_CODE_DNS_NAME_RESOLUTION_FAILED,
          "the name has no address" },
        { UV_EAI_AGAIN, BAS_ERR_RESOLVE, BAC_ERROR_CODE_DNS_UNAVAILABLE,
          "the name server does not answer; check /etc/resolv.conf" },
        { UV_EAI_FAIL, BAS_ERR_RESOLVE, BAC_ERROR_CODE_DNS_RESOLVER_FAILURE,
          "the name server failed" },
        { UV_EMFILE, BAS_ERR_NO_SPACE, BAC_ERROR_CODE_TCP_ERROR,
          "too many open files; raise the limit (ulimit -n)" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (rows[i].status == status) {
            (void)bas_fail_code(fault, rows[i].err, BAC_ERROR_CLASS_COMMUNICATION, rows[i].code,
                                "%s: %s: %s", doing, uv_strerror(status), rows[i].advice);
            return;
        }
    }
    (void)bas_fail_code(fault, BAS_ERR_UNREACHABLE, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_TCP_ERROR, "%s: %s", doing, uv_strerror(status));
}

/* The end. */

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
    bas_tls_free(link->tls);
    bas_frame_unref(link->leftover);
    bas_frame_unref(link->deferred);
    struct bas_env env = link->config.loop->env;
    bas_release(&env, link, sizeof(*link));
}

static void tell(struct link *link)
{
    if (!link->is_told) {
        link->is_told = true;
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

void link_destroy(struct link *link)
{
    if (link->state == LINK_DEAD) {
        return;
    }
    struct bas_loop *loop = link->config.loop;
    if (link->wants_resume) {
        unlist(&loop->resume, link);
    }
    if (link->deferred != NULL) {
        unlist(&loop->deferred, link);
        loop->deferred_end = &loop->deferred;
        while (*loop->deferred_end != NULL) {
            loop->deferred_end = &(*loop->deferred_end)->next;
        }
    }
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
static void begin_drain(struct link *link)
{
    if (!is_alive(link)) {
        return;
    }
    link->state = LINK_DRAINING;
    tell(link);
    (void)uv_timer_start(&link->timer, on_drain_timer, DRAIN_MS, 0);
    if (uv_shutdown(&link->shutdown, (uv_stream_t *)&link->tcp, on_shutdown) != 0) {
        link_destroy(link);
    }
}

/* Output. */

static void on_written(uv_write_t *request, int status)
{
    struct link *link = request->data;
    bas_frame_unref(link->leftover);
    link->leftover = NULL;
    if (link->state == LINK_DEAD) {
        return;
    }
    if (status != 0) {
        link_uv_fault(status, "sending", &link->why);
        link_destroy(link);
        return;
    }
    if (is_alive(link) && !link->is_told) {
        link->config.owner->leftover(link->config.user, link, 0);
    }
    if (link->state == LINK_CLOSING) {
        link_flush(link);
    }
}

/* What the transport did not take is kept: one exact-size frame, written when it can be. */
static void keep_leftover(struct link *link, const uint8_t *octets, size_t len)
{
    link->leftover = bas_frame_new(&link->config.loop->env, 0, len);
    if (link->leftover == NULL) {
        (void)bas_fail(&link->why, BAS_ERR_NO_MEMORY, "out of memory while sending");
        link_destroy(link);
        return;
    }
    memcpy(bas_frame_put(link->leftover, len), octets, len);
    uv_buf_t buf = uv_buf_init((char *)link->leftover->data, (unsigned)len);
    link->write.data = link;
    int status = uv_write(&link->write, (uv_stream_t *)&link->tcp, &buf, 1, on_written);
    if (status != 0) {
        link_uv_fault(status, "sending", &link->why);
        link_destroy(link);
    } else if (!link->is_told) {
        link->config.owner->leftover(link->config.user, link, len);
    }
}

/* Sends what the TLS session put into the shared buffer. */
static void send_out(struct link *link)
{
    struct bas_buf *out = &link->config.loop->out;
    size_t len = out->len;
    out->len = 0;
    if (len == 0 || link->state == LINK_DEAD || link->state == LINK_CONNECTING) {
        return;
    }
    if (link->leftover != NULL) {
        /* The peer does not read, and TLS has something of its own to say (an alert, a key update):
         * no room is promised for it. */
        (void)bas_fail(&link->why, BAS_ERR_CLOSED, "the peer does not read");
        link_destroy(link);
        return;
    }
    uv_buf_t buf = uv_buf_init((char *)out->data, (unsigned)len);
    int n = uv_try_write((uv_stream_t *)&link->tcp, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
        link_uv_fault(n, "sending", &link->why);
        link_destroy(link);
        return;
    }
    size_t sent = n > 0 ? (size_t)n : 0;
    if (sent < len) {
        keep_leftover(link, out->data + sent, len - sent);
    }
}

static void trace(const struct link *link, bool received, struct bas_slice head,
                  struct bas_slice rest)
{
    const struct bas_loop *loop = link->config.loop;
    if (loop->trace != NULL) {
        const struct bas_traced message = { link->address, received, head, rest };
        loop->trace(loop->trace_user, &message);
    }
}

/* Packs control frames and messages of the owner into the staging buffer, up to a record, or one
 * message longer than that. */
static void pack(struct link *link, struct bas_buf *staging)
{
    struct bsc_tx tx;
    bas_ws_control(link->ws, staging);
    while (bas_ws_is_open(link->ws) && link->config.owner->peek(link->config.user, link, &tx)) {
        size_t len = bas_ws_frame_len(link->ws, tx.head.len + tx.rest.len);
        if (staging->len != 0 && staging->len + len > LOOP_RECORD_TARGET) {
            return;
        }
        if (bas_ws_write(link->ws, staging, tx.head, tx.rest) != BAS_OK) {
            return;
        }
        trace(link, false, tx.head, tx.rest);
        link->config.owner->pop(link->config.user, link);
    }
}

/* Seals the staging buffer in records and sends them. */
static void seal(struct link *link, const struct bas_buf *staging)
{
    for (size_t at = 0; at < staging->len;) {
        size_t n = staging->len - at < BAS_TLS_RECORD ? staging->len - at : BAS_TLS_RECORD;
        if (bas_tls_seal(link->tls, staging->data + at, n) != BAS_OK) {
            link_fail(link, bas_tls_fault(link->tls));
            return;
        }
        at += n;
    }
    send_out(link);
}

void link_flush(struct link *link)
{
    if (!is_alive(link) || link->tls == NULL || !bas_tls_is_open(link->tls)) {
        return;
    }
    struct bas_buf staging;
    for (unsigned i = 0; i < FLUSH_RECORDS && link->leftover == NULL; i++) {
        bas_buf_init(&staging, link->config.loop->staging, LOOP_STAGING);
        pack(link, &staging);
        if (staging.len == 0 && link->state == LINK_CLOSING && link->close_code != 0) {
            bas_ws_close(link->ws, link->close_code, NULL);
            link->close_code = 0;
            bas_ws_control(link->ws, &staging);
        }
        if (staging.len == 0) {
            break;
        }
        seal(link, &staging);
        if (!is_alive(link)) {
            return;
        }
    }
    if (link->leftover != NULL) {
        return;
    }
    if (link->state == LINK_CLOSING && link->close_code == 0 && !bas_ws_has_control(link->ws)) {
        bas_tls_close(link->tls);
        send_out(link);
        begin_drain(link);
    } else if (link->state == LINK_OPEN && !link->is_told) {
        link->config.owner->leftover(link->config.user, link, 0); /* more next turn */
    }
}

void link_close(struct link *link, uint16_t code)
{
    if (link->state >= LINK_CLOSING) {
        return;
    }
    if (link->state == LINK_CONNECTING || !bas_tls_is_open(link->tls)) {
        link_destroy(link);
        return;
    }
    link->state = LINK_CLOSING;
    link->close_code = code;
    (void)uv_timer_start(&link->timer, on_drain_timer, CLOSING_MS, 0);
    link_flush(link);
}

void link_fail(struct link *link, const struct bas_fault *why)
{
    if (!is_alive(link)) {
        return;
    }
    if (why != NULL && link->why.err == BAS_OK) {
        link->why = *why;
    }
    send_out(link); /* the alert that names the reason */
    if (link->state == LINK_CONNECTING || link->state == LINK_DEAD) {
        link_destroy(link);
    } else {
        begin_drain(link);
    }
}

/* Input. */

static void websocket_closed(struct link *link, const struct bas_ws_event *event)
{
    if (event->fault.err != BAS_OK && link->why.err == BAS_OK) {
        link->why = event->fault;
    }
    /* Our close frame, or the HTTP answer that refuses the upgrade, still goes out. */
    link->state = LINK_CLOSING;
    (void)uv_timer_start(&link->timer, on_drain_timer, CLOSING_MS, 0);
    link->close_code = 0;
}

static void handle_event(struct link *link, const struct bas_ws_event *event)
{
    switch (event->kind) {
    case BAS_WS_EVENT_OPEN:
        link->state = LINK_OPEN;
        link->was_open = true;
        (void)uv_timer_stop(&link->timer);
        if (link->listener != NULL) {
            listener_link_ready(link->listener);
        }
        link->config.owner->open(link->config.user, link, event->subprotocol);
        break;
    case BAS_WS_EVENT_MESSAGE:
        link->unfinished_since = 0;
        trace(link, true, bas_window_slice(&event->window), (struct bas_slice){ NULL, 0 });
        link->config.owner->message(link->config.user, link, &event->window);
        break;
    case BAS_WS_EVENT_TOO_LONG: /* AB.7.5.3: discarded, the connection stays */
        bas_log(&link->config.loop->env, BAS_LOG_WARNING,
                "%s: a message of %llu octets is over our maximum and was discarded", link->address,
                (unsigned long long)event->too_long);
        break;
    case BAS_WS_EVENT_PONG:
        break;
    case BAS_WS_EVENT_CLOSED:
        websocket_closed(link, event);
        break;
    }
}

static void plain_input(struct link *link, struct bas_frame *block, size_t offset, size_t len)
{
    struct bas_ws_event event;
    if (bas_ws_feed(link->ws, block, offset, len, loop_now()) != BAS_OK) {
        return;
    }
    while (bas_ws_next(link->ws, &event)) {
        bool wanted = link->state == LINK_SETUP || link->state == LINK_OPEN;
        if (wanted) {
            handle_event(link, &event);
        }
    }
}

/* Feeds ciphertext and takes out every record of it. */
static void cipher_input(struct link *link, const uint8_t *octets, size_t len)
{
    struct bas_loop *loop = link->config.loop;
    bas_err err = len == 0 ? BAS_OK : bas_tls_feed(link->tls, octets, len);
    while (err == BAS_OK) {
        struct bas_frame *block = loop_block(loop);
        if (block == NULL) {
            err = BAS_ERR_NO_MEMORY;
            break;
        }
        size_t n = 0;
        err = bas_tls_read(link->tls, block->data + block->len, block->cap - block->len, &n);
        if (err == BAS_OK) {
            size_t offset = block->len;
            block->len += (uint32_t)n;
            plain_input(link, block, offset, n);
        }
        if (!is_alive(link)) {
            return;
        }
    }
    if (err == BAS_ERR_AGAIN) {
        send_out(link);
    } else if (err == BAS_ERR_CLOSED) {
        send_out(link);
        bas_ws_eof(link->ws);
        (void)bas_fail_code(&link->why, BAS_ERR_CLOSED, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_TCP_CLOSED_OTHER, "the peer ended the TLS session");
        link_fail(link, NULL);
    } else if (err == BAS_ERR_NO_MEMORY) {
        struct bas_fault fault = { 0 };
        (void)bas_fail(&fault, err, "all receive blocks are held by slow connections");
        link_fail(link, &fault);
    } else {
        link_fail(link, bas_tls_fault(link->tls));
    }
}

/* Half a message may not wait for ever: the peer has the set-up time to complete it. */
static void on_unfinished_timer(uv_timer_t *timer)
{
    struct link *link = timer->data;
    bas_time limit = link->config.setup_ms * BAS_MILLISECOND;
    bas_time waited = loop_now() - link->unfinished_since;
    if (link->unfinished_since == 0) {
        return;
    }
    if (waited < limit) {
        uint64_t rest = (uint64_t)((limit - waited) / BAS_MILLISECOND) + 1;
        (void)uv_timer_start(timer, on_unfinished_timer, rest, 0);
        return;
    }
    struct bas_fault fault = { 0 };
    (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY,
                        "a message begun was not completed within %u s",
                        link->config.setup_ms / 1000);
    link_fail(link, &fault);
}

/* Charges what is unfinished to the bound of all connections, and watches that it does not stay so.
 */
static void watch_unfinished(struct link *link)
{
    struct bas_budget *budget = &link->config.loop->unfinished;
    size_t held = bas_tls_unfinished(link->tls);
    bas_budget_release(budget, link->charged);
    link->charged = 0;
    if (!bas_budget_charge(budget, held)) {
        struct bas_fault fault = { 0 };
        (void)bas_fail_code(&fault, BAS_ERR_NO_SPACE, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY,
                            "too much unfinished input is waiting on all connections together");
        link_fail(link, &fault);
        return;
    }
    link->charged = held;
    bool is_unfinished = held != 0 || bas_ws_unfinished(link->ws) != 0;
    if (link->state != LINK_OPEN || !is_unfinished) {
        link->unfinished_since = 0;
    } else if (link->unfinished_since == 0) {
        link->unfinished_since = loop_now();
        if (!uv_is_active((uv_handle_t *)&link->timer)) {
            (void)uv_timer_start(&link->timer, on_unfinished_timer, link->config.setup_ms, 0);
        }
    }
}

static void input(struct link *link, const uint8_t *octets, size_t len)
{
    cipher_input(link, octets, len);
    if (is_alive(link)) {
        watch_unfinished(link);
    }
    bool has_control = is_alive(link) && bas_tls_is_open(link->tls) && bas_ws_has_control(link->ws);
    if (has_control || (is_alive(link) && link->state == LINK_CLOSING)) {
        link_flush(link);
    }
}

/* True, and the octets are kept, when this turn has done enough handshakes. */
static bool defer(struct link *link, const uint8_t *octets, size_t len)
{
    struct bas_loop *loop = link->config.loop;
    if (!link->is_server || bas_tls_is_open(link->tls)) {
        return false;
    }
    if (loop->handshakes < LOOP_HANDSHAKES_PER_TURN && loop->deferred == NULL) {
        loop->handshakes++;
        return false;
    }
    link->deferred = bas_frame_new(&loop->env, 0, len);
    if (link->deferred == NULL) {
        link_destroy(link);
        return true;
    }
    memcpy(bas_frame_put(link->deferred, len), octets, len);
    (void)uv_read_stop((uv_stream_t *)&link->tcp);
    link->is_reading = false;
    link->next = NULL;
    *loop->deferred_end = link;
    loop->deferred_end = &link->next;
    return true;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct link *link = handle->data;
    (void)suggested;
    *buf = uv_buf_init((char *)link->config.loop->cipher, LOOP_CIPHER);
}

static void start_reading(struct link *link)
{
    if (!link->is_reading && link->state != LINK_DEAD) {
        link->is_reading = true;
        (void)uv_read_start((uv_stream_t *)&link->tcp, on_alloc, on_read);
    }
}

static void on_end(struct link *link, ssize_t n)
{
    if (link->state == LINK_DRAINING || link->state == LINK_CLOSING) {
        link_destroy(link);
        return;
    }
    struct bas_fault fault = { 0 };
    if (n == UV_EOF) {
        const char *when = link->state == LINK_SETUP ? "during the TLS or WebSocket set-up"
                                                     : "without a close frame";
        (void)bas_fail_code(&fault, BAS_ERR_CLOSED, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_WEBSOCKET_CLOSED_ABNORMALLY,
                            "the peer closed the connection %s", when);
    } else {
        link_uv_fault((int)n, "receiving", &fault);
    }
    if (link->why.err == BAS_OK) {
        link->why = fault;
    }
    link_destroy(link);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct link *link = stream->data;
    if (n < 0) {
        on_end(link, n);
        return;
    }
    if (n == 0) {
        return;
    }
    if (link->state == LINK_DRAINING) {
        link->drained += (size_t)n;
        if (link->drained > DRAIN_MAX) {
            link_destroy(link);
        }
        return;
    }
    if (defer(link, (const uint8_t *)buf->base, (size_t)n)) {
        return;
    }
    link->turn_read =
        link->turn == link->config.loop->turn ? link->turn_read + (size_t)n : (size_t)n;
    link->turn = link->config.loop->turn;
    if (link->turn_read >= LOOP_CIPHER && !link->wants_resume) {
        struct bas_loop *loop = link->config.loop;
        (void)uv_read_stop(stream);
        link->is_reading = false;
        link->wants_resume = true;
        link->next = loop->resume;
        loop->resume = link;
    }
    input(link, (const uint8_t *)buf->base, (size_t)n);
}

void link_resume_all(struct bas_loop *loop)
{
    while (loop->resume != NULL) {
        struct link *link = loop->resume;
        loop->resume = link->next;
        link->wants_resume = false;
        start_reading(link);
    }
}

void link_run_deferred(struct bas_loop *loop)
{
    while (loop->deferred != NULL && loop->handshakes < LOOP_HANDSHAKES_PER_TURN) {
        struct link *link = loop->deferred;
        struct bas_frame *octets = link->deferred;
        loop->deferred = link->next;
        if (loop->deferred == NULL) {
            loop->deferred_end = &loop->deferred;
        }
        link->deferred = NULL;
        loop->handshakes++;
        start_reading(link);
        input(link, octets->data, octets->len);
        bas_frame_unref(octets);
    }
}

/* Beginning. */

static void on_setup_timer(uv_timer_t *timer)
{
    struct link *link = timer->data;
    struct bas_fault fault = { 0 };
    const char *stage = link->state == LINK_CONNECTING ? "the TCP connection"
                        : !bas_tls_is_open(link->tls)  ? "the TLS handshake"
                                                       : "the WebSocket upgrade";
    bool http = link->state == LINK_SETUP && bas_tls_is_open(link->tls);
    (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION,
                        http ? BAC_ERROR_CODE_HTTP_RESPONSE_TIMEOUT
                             : BAC_ERROR_CODE_TCP_CONNECT_TIMEOUT,
                        "%s was not done within %u s", stage, link->config.setup_ms / 1000);
    link_fail(link, &fault);
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
    link->ws = bas_ws_new(&loop->env, &config);
    link->tls = bas_tls_new(link->config.tls, link->is_server ? BAS_TLS_SERVER : BAS_TLS_CLIENT,
                            NULL, &loop->out);
    if (link->ws == NULL || link->tls == NULL) {
        (void)bas_fail(&link->why, BAS_ERR_NO_MEMORY, "out of memory for a connection");
        link_destroy(link);
        return;
    }
    start_reading(link);
    if (!link->is_server) {
        input(link, NULL, 0);
    }
}

bool link_peer(const struct link *link, struct bas_tls_identity *identity)
{
    return link->tls != NULL && bas_tls_peer(link->tls, identity);
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
