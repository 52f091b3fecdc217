/* Owns a link's output: messages of its owner into the channel, what that gives into the transport,
 * and what the transport did not take. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link_internal.h"

#include <string.h>

enum { TURN_MAX = 65536 /* octets per link and turn; no record is begun beyond it */ };

void link_trace(const struct link *link, bool received, struct bas_slice head,
                struct bas_slice rest)
{
    const struct bas_loop *loop = link->config.loop;
    if (loop->trace != NULL) {
        const struct bas_traced message = { link->address, received, head, rest };
        loop->trace(loop->trace_user, &message);
    }
}

static void end_with(struct link *link, const struct bas_fault *why)
{
    link_note(link, why);
    link_destroy(link);
}

/* A peer that closes while we send has mostly said why before, in an alert or a close frame: what
 * arrived is read first, and behind it stands the end. */
static void end_with_status(struct link *link, int status)
{
    bool was_reset = status == UV_ECONNRESET || status == UV_EPIPE;
    bool is_up = link->state == LINK_SETUP || link->state == LINK_OPEN;
    if (was_reset && is_up && !link->is_broken) {
        link->is_broken = true;
        if (link->deferred == NULL) { /* else what waits comes before what is read */
            link_start_reading(link);
        }
        return;
    }
    link_note_uv(link, status, "sending");
    link_destroy(link);
}

void link_drop_leftover(struct link *link)
{
    if (link->leftover != NULL) {
        bas_release(&link->config.loop->env, link->leftover,
                    sizeof(*link->leftover) + link->leftover->len);
        link->leftover = NULL;
    }
}

static void on_written(uv_write_t *request, int status)
{
    struct link *link = request->data;
    link_drop_leftover(link);
    if (link->state == LINK_DEAD) {
        return;
    }
    if (status != 0) {
        end_with_status(link, status);
        return;
    }
    if (link_is_alive(link) && !link->is_told) {
        link->config.owner->leftover(link->config.user, link, 0);
    }
    bool has_control = link_is_alive(link) && bas_ws_has_control(link->ws);
    if (link->state == LINK_CLOSING || has_control) {
        link_flush(link);
    }
}

/* What the transport did not take is kept in its exact size and written when it can be. */
static void keep_leftover(struct link *link, const uint8_t *octets, size_t len)
{
    struct leftover *kept = bas_alloc(&link->config.loop->env, sizeof(*kept) + len);
    if (kept == NULL) {
        struct bas_fault fault = { 0 };
        (void)bas_fail(&fault, BAS_ERR_NO_MEMORY, "out of memory while sending");
        end_with(link, &fault);
        return;
    }
    link->leftover = kept;
    kept->request.data = link;
    kept->len = len;
    memcpy(kept->octets, octets, len);
    uv_buf_t buf = uv_buf_init((char *)kept->octets, (unsigned)len);
    int status = uv_write(&kept->request, (uv_stream_t *)&link->tcp, &buf, 1, on_written);
    if (status != 0) {
        end_with_status(link, status);
    } else if (!link->is_told) {
        link->config.owner->leftover(link->config.user, link, len);
    }
}

/* Sends what the channel put into the shared buffer. */
void link_send_out(struct link *link)
{
    struct bas_buf *out = &link->config.loop->out;
    size_t len = out->len;
    out->len = 0;
    if (len == 0 || link->is_broken || link->state == LINK_DEAD || link->state == LINK_CONNECTING) {
        return;
    }
    if (link->leftover != NULL) {
        /* The peer does not read, and TLS has something of its own to say (an alert, a key update):
         * no room is promised for it. */
        struct bas_fault fault = { 0 };
        (void)bas_fail(&fault, BAS_ERR_CLOSED, "the peer does not read");
        end_with(link, &fault);
        return;
    }
    uv_buf_t buf = uv_buf_init((char *)out->data, (unsigned)len);
    int n = uv_try_write((uv_stream_t *)&link->tcp, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
        end_with_status(link, n);
        return;
    }
    size_t sent = n > 0 ? (size_t)n : 0;
    if (sent < len) {
        keep_leftover(link, out->data + sent, len - sent);
    }
}

/* Packs control frames and messages of the owner into the staging buffer, up to a record, or one
 * message longer than that. True: there is more than that. */
static bool pack(struct link *link, struct bas_buf *staging)
{
    struct bsc_tx tx;
    bas_ws_control(link->ws, staging);
    while (bas_ws_is_open(link->ws) && link->config.owner->peek(link->config.user, link, &tx)) {
        size_t len = bas_ws_frame_len(link->ws, tx.head.len + tx.rest.len);
        if (staging->len != 0 && staging->len + len > LOOP_RECORD_TARGET) {
            return true;
        }
        if (bas_ws_write(link->ws, staging, tx.head, tx.rest) != BAS_OK) {
            return true;
        }
        link_trace(link, false, tx.head, tx.rest);
        link->config.owner->pop(link->config.user, link);
    }
    return bas_ws_has_control(link->ws);
}

static void send_staging(struct link *link, const struct bas_buf *staging)
{
    const struct bas_slice plain = { staging->data, staging->len };
    if (channel_seal(&link->channel, plain) != BAS_OK) {
        link_fail(link, channel_fault(&link->channel));
        return;
    }
    link_send_out(link);
}

/* Whether more may be sent in this turn. A pong and the last words of a link that closes do not
 * wait for the next one: nobody would think of them then. */
static bool has_turn(struct link *link)
{
    if (link->flush_turn != link->config.loop->turn) {
        link->flush_turn = link->config.loop->turn;
        link->turn_written = 0;
    }
    return link->turn_written < TURN_MAX || bas_ws_has_control(link->ws) ||
           link->state == LINK_CLOSING;
}

/* Sends one record's worth; behind the last message of a link that closes, the close frame. True:
 * there is more to send. */
static bool send_some(struct link *link)
{
    struct bas_buf staging;
    bas_buf_init(&staging, link->config.loop->staging, LOOP_STAGING);
    bool has_more = pack(link, &staging);
    if (!has_more && link->state == LINK_CLOSING && link->close_code != 0) {
        bas_ws_close(link->ws, link->close_code, NULL);
        link->close_code = 0;
        bas_ws_control(link->ws, &staging);
        has_more = bas_ws_has_control(link->ws);
    }
    link->turn_written += staging.len;
    send_staging(link, &staging);
    return has_more && staging.len != 0;
}

void link_flush(struct link *link)
{
    if (!link_is_alive(link) || !channel_is_open(&link->channel)) {
        return;
    }
    bool has_more = true;
    while (has_more && link->leftover == NULL && has_turn(link)) {
        has_more = send_some(link);
        if (!link_is_alive(link)) {
            return;
        }
    }
    if (link->leftover != NULL) {
        return;
    }
    if (link->state == LINK_CLOSING && link->close_code == 0 && !bas_ws_has_control(link->ws)) {
        channel_close(&link->channel);
        link_send_out(link);
        link_begin_drain(link);
    } else if (has_more && link->was_open && !link->is_told) {
        link->config.owner->leftover(link->config.user, link, 0); /* more next turn */
    }
}
