/* Owns what leaves a WebSocket engine: the upgrade, control frames in their order, messages. */
#include "ws/ws_internal.h"

#include "wire/wr.h"

#include <assert.h>
#include <string.h>

static size_t room(const struct bas_buf *out)
{
    return out->full ? 0 : out->cap - out->len;
}

/* The next mask, from octets that were fetched in bulk; NULL for a server, which does not mask. It
 * is used once and may be turned. */
static uint8_t *next_mask(struct bas_ws *ws)
{
    if (ws_is_server(ws)) {
        return NULL;
    }
    if (ws->random_used > WS_RANDOM - WS_MASK) {
        ws->env.random(ws->env.ctx, ws->random, WS_RANDOM);
        ws->random_used = 0;
    }
    uint8_t *mask = ws->random + ws->random_used;
    ws->random_used = (uint16_t)(ws->random_used + WS_MASK);
    return mask;
}

static void copy(uint8_t *at, struct bas_slice octets)
{
    if (octets.len != 0) {
        memcpy(at, octets.data, octets.len);
    }
}

/* Appends a header and makes room for the payload behind it, which the caller fills and masks.
 * NULL, and nothing is written, when the whole frame does not fit. */
static uint8_t *begin_frame(struct bas_buf *out, enum ws_opcode opcode, size_t len,
                            const uint8_t *mask)
{
    size_t header_len = ws_header_len(mask != NULL, len);
    if (header_len + len > room(out)) {
        return NULL;
    }
    uint8_t *at = out->data + out->len;
    bas_ws_header_write(at, opcode, len, mask);
    out->len += header_len + len;
    return at + header_len;
}

/* False, and nothing is written, when there is no room for the whole frame. */
static bool write_control(struct bas_ws *ws, struct bas_buf *out, enum ws_opcode opcode,
                          struct bas_slice payload)
{
    uint8_t *mask = next_mask(ws);
    uint8_t *at = begin_frame(out, opcode, payload.len, mask);
    if (at == NULL) {
        return false;
    }
    copy(at, payload);
    if (mask != NULL) {
        bas_ws_mask(at, payload.len, mask);
    }
    return true;
}

struct ws_request bas_ws_request(const struct bas_ws *ws)
{
    return (struct ws_request){ ws->host, ws->path, ws->subprotocols[0], ws->random };
}

/* False when there is no room for it and for extra octets behind it. */
static bool write_upgrade(struct bas_ws *ws, struct bas_buf *out, size_t extra)
{
    uint8_t text[BAS_WS_MAX_CONTROL];
    struct bas_buf buf;
    bas_buf_init(&buf, text, sizeof(text));
    if (!ws_is_server(ws)) {
        struct ws_request request = bas_ws_request(ws);
        bas_ws_request_write(&buf, &request);
    } else if (ws->refusal != WS_REFUSE_NONE) {
        bas_ws_refusal_write(&buf, (enum ws_refusal)ws->refusal);
    } else {
        bas_ws_response_write(&buf, &ws->accepted);
    }
    assert(!buf.full); /* bas_ws_new looked at what it is made of */
    if (extra > room(out) || buf.len > room(out) - extra) {
        return false;
    }
    bas_buf_add(out, buf.data, buf.len);
    ws->upgrade_due = false;
    return true;
}

bool bas_ws_has_control(const struct bas_ws *ws)
{
    return ws->upgrade_due || ws->pong_due || ws->ping_due || ws->close_due;
}

void bas_ws_control(struct bas_ws *ws, struct bas_buf *out)
{
    struct bas_slice payload = { ws->out, ws->out_len };
    if (ws->upgrade_due && !write_upgrade(ws, out, 0)) {
        return;
    }
    if (ws->pong_due) {
        ws->pong_due = !write_control(ws, out, WS_OP_PONG, payload);
    }
    if (ws->ping_due) {
        ws->ping_due = !write_control(ws, out, WS_OP_PING, (struct bas_slice){ NULL, 0 });
        ws->ping_sent = ws->ping_sent || !ws->ping_due;
    }
    if (ws->close_due) {
        ws->close_due = !write_control(ws, out, WS_OP_CLOSE, payload);
    }
}

/* bsc 7.3-04 */
void bas_ws_queue_pong(struct bas_ws *ws)
{
    memcpy(ws->out, ws->in, ws->in_len);
    ws->out_len = ws->in_len;
    ws->pong_due = true;
}

/* The length of a reason, cut between two characters where it is too long. */
static size_t reason_len(const char *reason)
{
    size_t len = strlen(reason);
    if (len <= WS_MAX_REASON) {
        return len;
    }
    len = WS_MAX_REASON;
    while (len > 0 && ((uint8_t)reason[len] & 0xC0) == 0x80) {
        len--;
    }
    return len;
}

void bas_ws_queue_close(struct bas_ws *ws, uint16_t code, const char *reason)
{
    struct bas_buf payload;
    bas_buf_init(&payload, ws->out, sizeof(ws->out));
    if (code != BAS_WS_CLOSE_NO_STATUS) {
        wr_u16(&payload, code);
        if (reason != NULL) {
            bas_buf_add(&payload, reason, reason_len(reason));
        }
    }
    ws->out_len = (uint8_t)payload.len;
    ws->close_code = code;
    ws->pong_due = false;
    ws->ping_due = false;
    ws->close_due = true;
}

size_t bas_ws_frame_len(const struct bas_ws *ws, size_t len)
{
    return ws_header_len(!ws_is_server(ws), len) + len;
}

bas_err bas_ws_write(struct bas_ws *ws, struct bas_buf *out, struct bas_slice head,
                     struct bas_slice rest)
{
    if (ws->state != WS_OPEN) {
        return BAS_ERR_STATE;
    }
    if (ws->upgrade_due && /* which goes before all else */
        !write_upgrade(ws, out, bas_ws_frame_len(ws, head.len + rest.len))) {
        return BAS_ERR_NO_SPACE;
    }
    uint8_t *mask = next_mask(ws);
    uint8_t *at = begin_frame(out, WS_OP_BINARY, head.len + rest.len, mask);
    if (at == NULL) {
        return BAS_ERR_NO_SPACE;
    }
    copy(at, head);
    copy(at + head.len, rest);
    if (mask != NULL) {
        bas_ws_mask(at, head.len + rest.len, mask);
    }
    return BAS_OK;
}

void bas_ws_ping(struct bas_ws *ws)
{
    ws->ping_due = ws->state == WS_OPEN;
}

void bas_ws_close(struct bas_ws *ws, uint16_t code, const char *reason)
{
    if (ws->state == WS_UPGRADING) {
        ws->gone = true;
        ws->upgrade_due = ws_is_server(ws);
        ws->refusal = WS_REFUSE_UNAVAILABLE;
        return;
    }
    if (ws->state == WS_OPEN) {
        assert(code == BAS_WS_CLOSE_NO_STATUS || bas_ws_close_code_is_sendable(code));
        bas_ws_queue_close(ws, code, reason);
        ws->state = WS_CLOSING;
        ws->skipping = true;
        ws->run_len = 0;
        bas_ws_stash_drop(ws);
    }
}
