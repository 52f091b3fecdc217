/* Owns a link's input: what TCP gives into messages, within the bounds of a turn and of what may
 * stay unfinished. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link_internal.h"

#include <string.h>

enum { DRAIN_MAX = 65536 /* octets thrown away while waiting for the peer's end */ };

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void websocket_closed(struct link *link, const struct bas_ws_event *event)
{
    link_note(link, &event->fault);
    if (link->is_unwanted && event->fault.err == BAS_ERR_REFUSED) {
        listener_link_unwanted(link->listener, link);
    }
    /* Our close frame, or the HTTP answer that refuses the upgrade, still goes out. */
    link_start_closing(link, 0);
}

/* AB.7.5.3: discarded, the connection stays. Peers can cause it at will: the log says so once a
 * minute at most. bsc 2.2-14 */
static void skip_message(struct link *link, uint64_t octets)
{
    const bas_time pause = 60 * BAS_SECOND;
    struct bas_loop *loop = link->config.loop;
    bas_time now = loop_now();
    loop->too_long++;
    if (link->config.owner->skipped != NULL) {
        link->config.owner->skipped(link->config.user, link);
    }
    if (loop->too_long_told != 0 && now - loop->too_long_told_at < pause) {
        return;
    }
    bas_log(&loop->env, BAS_LOG_WARNING,
            "%s: a message of %llu octets is over our maximum and was discarded; %llu such on all "
            "connections since the start",
            link->address, (unsigned long long)octets, (unsigned long long)loop->too_long);
    loop->too_long_told = loop->too_long;
    loop->too_long_told_at = now;
}

static void handle_event(struct link *link, const struct bas_ws_event *event)
{
    switch (event->kind) {
    case BAS_WS_EVENT_OPEN:
        link->state = LINK_OPEN;
        link->was_open = true;
        (void)uv_timer_stop(&link->timer);
        if (link->listener != NULL) {
            listener_link_ready(link->listener, link);
        }
        link->config.owner->open(link->config.user, link, event->subprotocol);
        break;
    case BAS_WS_EVENT_MESSAGE:
        link->unfinished_since = 0;
        link_trace(link, true, bas_window_slice(&event->window), (struct bas_slice){ NULL, 0 });
        link->config.owner->message(link->config.user, link, &event->window);
        break;
    case BAS_WS_EVENT_TOO_LONG:
        skip_message(link, event->too_long);
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
    const bas_time unused = 0; /* framing knows no time */
    struct bas_ws_event event;
    if (link->state == LINK_SETUP && link->listener != NULL) {
        link->is_unwanted = listener_is_full(link->listener);
        bas_ws_set_unavailable(link->ws, link->is_unwanted);
    }
    if (bas_ws_feed(link->ws, block, offset, len, unused) != BAS_OK) {
        return;
    }
    while (bas_ws_next(link->ws, &event)) {
        bool wanted = link->state == LINK_SETUP || link->state == LINK_OPEN;
        if (wanted) {
            handle_event(link, &event);
        }
    }
}

/* close_notify. Behind a close frame it is no news: that one is the reason, and is still answered.
 */
static void tls_ended(struct link *link)
{
    link_send_out(link);
    if (link->state != LINK_CLOSING) {
        link_note_end(link, "TLS session");
        link_fail(link, NULL);
    }
}

/* A receive block; NULL: there is none, or the link died of the search. So much arrived in this
 * turn that all are held: they are given back early. */
static struct bas_frame *block_for(struct link *link)
{
    struct bas_loop *loop = link->config.loop;
    struct bas_frame *block = loop_block(loop);
    if (block != NULL) {
        return block;
    }
    link_send_out(link);
    loop_flush(loop);
    return link_is_alive(link) ? loop_block(loop) : NULL;
}

static void fail_without_block(struct link *link)
{
    struct bas_fault fault = { 0 };
    (void)bas_fail(&fault, BAS_ERR_NO_MEMORY,
                   "no memory for what arrives: other connections hold all receive blocks");
    link_fail(link, &fault);
}

/* Takes octets through the channel, record by record. */
static void channel_input(struct link *link, const uint8_t *octets, size_t len)
{
    bas_err err = len == 0 ? BAS_OK : channel_feed(&link->channel, octets, len);
    while (err == BAS_OK) {
        struct bas_frame *block = block_for(link);
        if (block == NULL) {
            fail_without_block(link);
            return;
        }
        size_t n = 0;
        err = channel_read(&link->channel, block->data + block->len, block->cap - block->len, &n);
        if (err == BAS_OK) {
            size_t offset = block->len;
            block->len += (uint32_t)n;
            link_send_out(link); /* the buffer is for others, once the owner has heard */
            plain_input(link, block, offset, n);
        }
        if (!link_is_alive(link)) {
            return;
        }
    }
    if (err == BAS_ERR_AGAIN) {
        link_send_out(link);
    } else if (err == BAS_ERR_CLOSED) {
        tls_ended(link);
    } else {
        link_fail(link, channel_fault(&link->channel));
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
        uint64_t rest = (uint64_t)((limit - waited + BAS_MILLISECOND - 1) / BAS_MILLISECOND);
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
    size_t held = channel_unfinished(&link->channel);
    if (held != link->charged) {
        bas_budget_release(budget, link->charged);
        link->charged = 0;
    }
    if (held != link->charged && !bas_budget_charge(budget, held)) {
        struct bas_fault fault = { 0 };
        (void)bas_fail_code(&fault, BAS_ERR_NO_SPACE, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY,
                            "too much unfinished input is waiting on all connections together");
        link_fail(link, &fault);
        return;
    }
    link->charged = held;
    bool is_unfinished = held != 0 || bas_ws_is_midway(link->ws);
    if (link->state != LINK_OPEN || !is_unfinished) {
        link->unfinished_since = 0;
    } else if (link->unfinished_since == 0) {
        link->unfinished_since = loop_now();
        if (!uv_is_active((uv_handle_t *)&link->timer)) {
            (void)uv_timer_start(&link->timer, on_unfinished_timer, link->config.setup_ms, 0);
        }
    }
}

void link_input(struct link *link, const uint8_t *octets, size_t len)
{
    bool was_open = channel_is_open(&link->channel);
    channel_input(link, octets, len);
    if (link_is_alive(link) && !was_open && channel_is_open(&link->channel)) {
        link_tell_step(link, LINK_STEP_TLS);
    }
    if (link_is_alive(link)) {
        watch_unfinished(link);
    }
    bool has_control =
        link_is_alive(link) && channel_is_open(&link->channel) && bas_ws_has_control(link->ws);
    if (has_control || (link_is_alive(link) && link->state == LINK_CLOSING)) {
        link_flush(link);
    }
}

/* True, and the octets are kept, when this turn has done enough handshakes. */
static bool defer(struct link *link, const uint8_t *octets, size_t len)
{
    struct bas_loop *loop = link->config.loop;
    if (!link->is_server || channel_is_open(&link->channel)) {
        return false;
    }
    if (loop->handshakes < LOOP_HANDSHAKES_PER_TURN && loop->deferred == NULL) {
        loop->handshakes++;
        return false;
    }
    if (bas_budget_charge(&loop->unfinished, len)) {
        link->charged += len;
        link->deferred = bas_frame_new(&loop->env, 0, len);
    }
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

static void on_end(struct link *link, ssize_t n)
{
    if (link->state == LINK_DRAINING) {
        link_destroy(link);
        return;
    }
    if (n == UV_EOF) {
        link_note_end(link, "connection");
    } else {
        link_note_uv(link, (int)n, "receiving");
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
    link_input(link, (const uint8_t *)buf->base, (size_t)n);
    loop_flush_if_asked(link->config.loop);
}

void link_start_reading(struct link *link)
{
    if (!link->is_reading && link->state != LINK_DEAD) {
        link->is_reading = true;
        (void)uv_read_start((uv_stream_t *)&link->tcp, on_alloc, on_read);
    }
}

void link_resume_all(struct bas_loop *loop)
{
    while (loop->resume != NULL) {
        struct link *link = loop->resume;
        loop->resume = link->next;
        link->wants_resume = false;
        link_start_reading(link);
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
        link_start_reading(link);
        if (link_is_alive(link)) { /* its time may have run out meanwhile */
            loop->handshakes++;
            link_input(link, octets->data, octets->len);
        }
        bas_frame_unref(octets);
    }
}
