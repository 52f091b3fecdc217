/*
 * Owns the WebSocket engine's input side: octets in, events out (RFC 6455 sections 5 and 7).
 *
 * All work happens in bas_ws_next, straight on the fed block. Payload is unmasked in place; the
 * fragments of one message are moved together in the block. Only at the end of a feed is what is
 * not whole copied away.
 */
#include "ws/ws_internal.h"

#include "wire/wr.h"

#include <assert.h>
#include <string.h>

/* What a step over the input came to. */
enum step { STEP_ON, STEP_EVENT, STEP_HUNGRY };

/* Creation */

static bool is_client_config(const struct bas_ws_config *config, const char *path)
{
    static const uint8_t key[WS_KEY] = { 0 };
    struct ws_request request = { config->host, path, config->subprotocols[0], key };
    return config->host != NULL && config->subprotocols[1] == NULL &&
           bas_ws_request_is_valid(&request);
}

static bool is_config(const struct bas_ws_config *config, const char *path)
{
    if (config->max_message > UINT32_MAX / 2 || config->subprotocols[0] == NULL) {
        return false;
    }
    for (size_t i = 0; i < BAS_WS_MAX_SUBPROTOCOLS && config->subprotocols[i] != NULL; i++) {
        if (!bas_ws_subprotocol_is_valid(config->subprotocols[i])) {
            return false;
        }
    }
    return config->role == BAS_WS_SERVER ||
           (config->role == BAS_WS_CLIENT && is_client_config(config, path));
}

static size_t len_of(enum bas_ws_role role)
{
    return sizeof(struct bas_ws) + (role == BAS_WS_CLIENT ? WS_RANDOM : 0U);
}

struct bas_ws *bas_ws_new(const struct bas_env *env, const struct bas_ws_config *config)
{
    if (config->size != sizeof(*config)) {
        return NULL;
    }
    const char *path = config->path == NULL ? "/" : config->path;
    if (!is_config(config, path)) {
        return NULL;
    }
    struct bas_ws *ws = bas_alloc(env, len_of(config->role));
    if (ws == NULL) {
        return NULL;
    }
    ws->env = *env;
    ws->budget = config->unfinished;
    ws->host = config->host;
    ws->path = path;
    ws->role = (uint8_t)config->role;
    ws->max_message = config->max_message == 0 ? 65535 : (uint32_t)config->max_message;
    for (size_t i = 0; i < BAS_WS_MAX_SUBPROTOCOLS && config->subprotocols[i] != NULL; i++) {
        ws->subprotocols[i] = config->subprotocols[i];
    }
    if (config->role == BAS_WS_CLIENT) {
        env->random(env->ctx, ws->random, WS_RANDOM);
        ws->random_used = WS_KEY;
        ws->upgrade_due = true;
    }
    return ws;
}

void bas_ws_free(struct bas_ws *ws)
{
    if (ws == NULL) {
        return;
    }
    bas_ws_stash_drop(ws);
    bas_frame_unref(ws->given);
    struct bas_env env = ws->env;
    bas_release(&env, ws, len_of((enum bas_ws_role)ws->role));
}

/* Events */

static void begin_event(struct bas_ws_event *event, enum bas_ws_event_kind kind)
{
    event->kind = kind;
    event->subprotocol = NULL;
    event->window = (struct bas_window){ NULL, 0, 0 };
    event->too_long = 0;
    event->close_code = 0;
    event->by_peer = false;
    event->http_status = 0;
    event->fault.err = BAS_OK;
    event->fault.error_class = 0;
    event->fault.error_code = 0;
    event->fault.marker = 0;
    event->fault.text[0] = 0;
}

/* Ends the engine: drops what it holds and all input. */
static enum step end_with(struct bas_ws *ws, struct bas_ws_event *event, uint16_t code)
{
    ws->state = WS_CLOSED;
    ws->at = ws->end;
    ws->run_len = 0;
    bas_ws_stash_drop(ws);
    begin_event(event, BAS_WS_EVENT_CLOSED);
    event->close_code = code;
    return STEP_EVENT;
}

static void set_fault(struct bas_ws_event *event, bas_err err, unsigned code, const char *text)
{
    (void)bas_fail_code(&event->fault, err, BAC_ERROR_CLASS_COMMUNICATION, code, "%s", text);
}

/* The peer broke a rule, or we cannot go on. A close frame says so unless one went out before. */
static enum step fail(struct bas_ws *ws, struct bas_ws_event *event, enum ws_problem problem)
{
    const struct ws_problem_row *row = bas_ws_problem(problem);
    bool was_closing = ws->state == WS_CLOSING;
    if (!was_closing) {
        bas_ws_queue_close(ws, row->close_code, row->text);
    }
    enum step step = end_with(ws, event, ws->close_code);
    unsigned code = was_closing ? BAC_ERROR_CODE_WEBSOCKET_CLOSE_ERROR : row->error_code;
    set_fault(event, row->err, code, row->text);
    return step;
}

/* Upgrade */

static enum step refuse(struct bas_ws *ws, struct bas_ws_event *event, enum ws_refusal refusal,
                        bas_err err)
{
    const struct ws_refusal_row *row = bas_ws_refusal(refusal);
    ws->refusal = (uint8_t)refusal;
    ws->upgrade_due = true;
    (void)end_with(ws, event, BAS_WS_CLOSE_ABNORMAL);
    (void)bas_fail_code(&event->fault, err, BAC_ERROR_CLASS_COMMUNICATION, row->error_code,
                        "a WebSocket upgrade was refused with HTTP %u: %s", (unsigned)row->status,
                        row->text);
    return STEP_EVENT;
}

static enum step upgraded(struct bas_ws *ws, struct bas_ws_event *event, const char *subprotocol)
{
    bas_ws_stash_drop(ws);
    ws->state = WS_OPEN;
    begin_event(event, BAS_WS_EVENT_OPEN);
    event->subprotocol = subprotocol;
    return STEP_EVENT;
}

static enum step judge_request(struct bas_ws *ws, struct bas_ws_event *event, struct bas_slice head)
{
    enum ws_refusal refusal = bas_ws_request_read(head, ws->subprotocols, &ws->accepted);
    if (refusal != WS_REFUSE_NONE) {
        return refuse(ws, event, refusal, BAS_ERR_PROTOCOL);
    }
    if (ws->unavailable) {
        return refuse(ws, event, WS_REFUSE_UNAVAILABLE, BAS_ERR_REFUSED);
    }
    ws->upgrade_due = true;
    return upgraded(ws, event, ws->accepted.subprotocol);
}

static enum step judge_response(struct bas_ws *ws, struct bas_ws_event *event,
                                struct bas_slice head)
{
    struct ws_request request = bas_ws_request(ws);
    struct bas_fault fault = { 0 };
    uint16_t status = 0;
    if (bas_ws_response_read(head, &request, &status, &fault) == BAS_OK) {
        return upgraded(ws, event, request.subprotocol);
    }
    ws->upgrade_due = false;
    (void)end_with(ws, event, BAS_WS_CLOSE_ABNORMAL);
    event->http_status = status;
    event->fault = fault;
    return STEP_EVENT;
}

/* The head cannot become a good one: foreign octets, or too long. begin is how it begins. */
static enum step bad_head(struct bas_ws *ws, struct bas_ws_event *event, struct bas_slice begin,
                          bool is_long)
{
    if (ws_is_server(ws)) {
        return refuse(ws, event, is_long ? WS_REFUSE_LENGTH : WS_REFUSE_SYNTAX, BAS_ERR_PROTOCOL);
    }
    struct bas_fault fault = { 0 };
    (void)bas_ws_response_bad(begin, is_long, &fault);
    ws->upgrade_due = false;
    (void)end_with(ws, event, BAS_WS_CLOSE_ABNORMAL);
    event->fault = fault;
    return STEP_EVENT;
}

static enum step no_room_for_head(struct bas_ws *ws, struct bas_ws_event *event,
                                  enum ws_problem problem)
{
    bas_err err = bas_ws_problem(problem)->err;
    if (ws_is_server(ws)) {
        return refuse(ws, event, WS_REFUSE_MEMORY, err);
    }
    ws->upgrade_due = false;
    (void)end_with(ws, event, BAS_WS_CLOSE_ABNORMAL);
    set_fault(event, err, BAC_ERROR_CODE_HTTP_ERROR, "no memory for the server's answer");
    return STEP_EVENT;
}

static enum step upgrade_step(struct bas_ws *ws, struct bas_ws_event *event)
{
    size_t before = bas_ws_stash_slice(ws).len;
    size_t len = ws->end - ws->at;
    if (len > BAS_WS_MAX_UPGRADE - before) {
        len = BAS_WS_MAX_UPGRADE - before;
    }
    if (len == 0) {
        return STEP_HUNGRY;
    }
    struct bas_slice head = { ws->block->data + ws->at, len };
    struct rd r = rd_init(head);
    enum ws_scan scan = bas_ws_head_scan(&ws->scan, &r);
    head.len = len - rd_left(&r);
    if (before != 0 || scan == WS_SCAN_MORE) {
        enum ws_problem problem = bas_ws_stash_add(ws, head.data, head.len, BAS_WS_MAX_UPGRADE);
        if (problem != WS_NONE) {
            return no_room_for_head(ws, event, problem);
        }
        head = bas_ws_stash_slice(ws);
    }
    ws->at += (uint32_t)(len - rd_left(&r));
    if (scan == WS_SCAN_DONE) {
        return ws_is_server(ws) ? judge_request(ws, event, head) : judge_response(ws, event, head);
    }
    bool is_foreign = !ws_is_server(ws) && !bas_ws_may_be_response(head);
    if (scan == WS_SCAN_BAD || is_foreign || head.len == BAS_WS_MAX_UPGRADE) {
        return bad_head(ws, event, head, scan == WS_SCAN_MORE);
    }
    return STEP_HUNGRY;
}

/* Control frames */

/* bsc 7.6-01 7.6-02 */
static void describe_close(struct bas_ws_event *event, uint16_t code, struct bas_slice reason)
{
    static const struct {
        uint16_t close_code;
        uint16_t error_code;
        const char *text;
    } rows[] = {
        { 1000, BAC_ERROR_CODE_WEBSOCKET_CLOSED_BY_PEER, "normal" },
        { 1001, BAC_ERROR_CODE_WEBSOCKET_ENDPOINT_LEAVES, "going away" },
        { 1002, BAC_ERROR_CODE_WEBSOCKET_PROTOCOL_ERROR, "protocol error" },
        { 1003, BAC_ERROR_CODE_WEBSOCKET_DATA_NOT_ACCEPTED, "data not accepted" },
        { 1007, BAC_ERROR_CODE_WEBSOCKET_DATA_INCONSISTENT, "data inconsistent" },
        { 1008, BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY, "against policy" },
        { 1009, BAC_ERROR_CODE_WEBSOCKET_FRAME_TOO_LONG, "message too long" },
        { 1010, BAC_ERROR_CODE_WEBSOCKET_EXTENSION_MISSING, "extension missing" },
        { 1011, BAC_ERROR_CODE_WEBSOCKET_REQUEST_UNAVAILABLE, "internal error" },
        { 0, BAC_ERROR_CODE_WEBSOCKET_ERROR, "other" },
    };
    size_t row = 0;
    while (rows[row].close_code != 0 && rows[row].close_code != code) {
        row++;
    }
    char shown[WS_MAX_REASON + 1];
    bas_text_copy(shown, sizeof(shown), reason);
    (void)bas_fail_code(&event->fault, BAS_ERR_CLOSED, BAC_ERROR_CLASS_COMMUNICATION,
                        rows[row].error_code, "the peer closed the WebSocket with %u (%s)%s%s",
                        (unsigned)code, rows[row].text, shown[0] != 0 ? ": " : "", shown);
}

/* bsc 7.6-04 */
static enum step close_frame(struct bas_ws *ws, struct bas_ws_event *event)
{
    struct rd r = rd_init((struct bas_slice){ ws->in, ws->in_len });
    uint16_t code = BAS_WS_CLOSE_NO_STATUS;
    if (ws->in_len == 1) {
        return fail(ws, event, WS_CLOSE_LENGTH);
    }
    if (ws->in_len != 0) {
        code = rd_u16(&r);
        if (!bas_ws_close_code_is_sendable(code)) {
            return fail(ws, event, WS_CLOSE_CODE);
        }
    }
    struct bas_slice reason = rd_rest(&r);
    if (!bas_ws_is_utf8(reason)) {
        return fail(ws, event, WS_CLOSE_REASON);
    }
    if (ws->state == WS_CLOSING) {
        return end_with(ws, event, ws->close_code);
    }
    bas_ws_queue_close(ws, code, NULL);
    (void)end_with(ws, event, code);
    event->by_peer = true;
    describe_close(event, code, reason);
    return STEP_EVENT;
}

/* A control frame is whole. */
static enum step control_frame(struct bas_ws *ws, struct bas_ws_event *event)
{
    if (ws->frame.opcode == WS_OP_CLOSE) {
        return close_frame(ws, event);
    }
    if (ws->state != WS_OPEN) {
        return STEP_ON;
    }
    if (ws->frame.opcode == WS_OP_PING) {
        bas_ws_queue_pong(ws);
        return STEP_ON;
    }
    if (!ws->ping_sent) {
        return STEP_ON; /* unasked for, which is allowed */
    }
    ws->ping_sent = false;
    begin_event(event, BAS_WS_EVENT_PONG);
    return STEP_EVENT;
}

/* Data frames */

static size_t message_len(const struct bas_ws *ws)
{
    return (ws->stash == NULL ? 0 : ws->stash->len) + (size_t)ws->run_len;
}

/* The header of a data frame was read. bsc 2.2-17 7.3-01 7.3-02 */
static enum step begin_data(struct bas_ws *ws, struct bas_ws_event *event)
{
    bool is_first = ws->frame.opcode != WS_OP_CONTINUATION;
    if (is_first == ws->in_message) {
        return fail(ws, event, is_first ? WS_INTERLEAVED : WS_CONTINUATION);
    }
    if (ws->frame.opcode == WS_OP_TEXT && ws->state == WS_OPEN) {
        return fail(ws, event, WS_TEXT);
    }
    if (is_first) {
        ws->skipping = ws->state == WS_CLOSING;
        ws->in_message = true;
    }
    size_t len = message_len(ws);
    if (ws->skipping || ws->left <= ws->max_message - len) {
        return STEP_ON;
    }
    ws->skipping = true;
    ws->run_len = 0;
    bas_ws_stash_drop(ws);
    begin_event(event, BAS_WS_EVENT_TOO_LONG);
    event->too_long = len + ws->left;
    return STEP_EVENT;
}

/* How long the message in progress can become, as far as known. bsc 7.3-03 1.1-08 */
static size_t message_limit(const struct bas_ws *ws)
{
    bool is_last = ws->in_frame && ws->frame.fin && !ws_is_control(ws->frame.opcode);
    return is_last ? message_len(ws) + (size_t)ws->left : ws->max_message;
}

/* n octets of a data frame are there. */
static enum ws_problem take_data(struct bas_ws *ws, uint32_t n)
{
    uint32_t at = ws->at;
    uint8_t *octets = ws->block->data + at;
    ws->at += n;
    if (ws->skipping || n == 0) {
        ws->left -= n;
        return WS_NONE;
    }
    if (ws_is_server(ws)) {
        bas_ws_mask(octets, n, ws->frame.mask);
    }
    if (ws->stash != NULL) {
        enum ws_problem problem = bas_ws_stash_add(ws, octets, n, message_limit(ws));
        ws->left -= n;
        return problem;
    }
    ws->left -= n;
    if (ws->run_len == 0) {
        ws->run_at = at;
    } else if (ws->run_at + ws->run_len != at) {
        memmove(ws->block->data + ws->run_at + ws->run_len, octets, n);
    }
    ws->run_len += n;
    return WS_NONE;
}

/* A data frame is whole. bsc 1.1-01 7.3-05 */
static enum step end_data(struct bas_ws *ws, struct bas_ws_event *event)
{
    if (!ws->frame.fin) {
        return STEP_ON;
    }
    ws->in_message = false;
    if (ws->skipping) {
        return STEP_ON;
    }
    begin_event(event, BAS_WS_EVENT_MESSAGE);
    if (ws->stash != NULL) {
        ws->given = bas_ws_stash_take(ws);
        event->window = bas_frame_window(ws->given);
        return STEP_EVENT;
    }
    uint32_t at = ws->run_len == 0 ? ws->at : ws->run_at;
    event->window = (struct bas_window){ ws->block, at, ws->run_len };
    ws->run_len = 0;
    return STEP_EVENT;
}

/* Frames */

static struct rd rest_of_block(const struct bas_ws *ws)
{
    return rd_init((struct bas_slice){ ws->block->data + ws->at, ws->end - ws->at });
}

/* Reads a header of which head_len octets came in feeds before. */
static enum ws_problem read_split_header(struct bas_ws *ws, bool *is_whole)
{
    struct rd block = rest_of_block(ws);
    uint8_t room[BAS_WS_MAX_HEADER];
    struct bas_buf buf;
    bas_buf_init(&buf, room, sizeof(room));
    bas_buf_add(&buf, ws->head, ws->head_len);
    size_t n = sizeof(room) - ws->head_len;
    wr_slice(&buf, rd_take(&block, n < rd_left(&block) ? n : rd_left(&block)));
    struct rd r = rd_init((struct bas_slice){ buf.data, buf.len });
    enum ws_problem problem = bas_ws_frame_read(&r, ws_is_server(ws), &ws->frame);
    *is_whole = r.err == BAS_OK;
    if (*is_whole) {
        ws->at += (uint32_t)(buf.len - rd_left(&r) - ws->head_len);
        ws->head_len = 0;
        return problem;
    }
    memcpy(ws->head, buf.data, buf.len);
    ws->head_len = (uint8_t)buf.len;
    ws->at = ws->end;
    return problem;
}

static enum ws_problem read_header(struct bas_ws *ws, bool *is_whole)
{
    if (ws->head_len != 0) {
        return read_split_header(ws, is_whole);
    }
    struct rd r = rest_of_block(ws);
    enum ws_problem problem = bas_ws_frame_read(&r, ws_is_server(ws), &ws->frame);
    *is_whole = r.err == BAS_OK;
    if (*is_whole) {
        ws->at = ws->end - (uint32_t)rd_left(&r);
        return problem;
    }
    struct rd rest = rest_of_block(ws);
    ws->head_len = (uint8_t)rd_left(&rest);
    rd_copy(&rest, ws->head, ws->head_len);
    ws->at = ws->end;
    return problem;
}

static enum step begin_frame(struct bas_ws *ws, struct bas_ws_event *event)
{
    bool is_whole = false;
    enum ws_problem problem = read_header(ws, &is_whole);
    if (problem != WS_NONE) {
        return fail(ws, event, problem);
    }
    if (!is_whole) {
        return STEP_HUNGRY;
    }
    ws->left = ws->frame.len;
    ws->in_frame = true;
    ws->in_len = 0;
    return ws_is_control(ws->frame.opcode) ? STEP_ON : begin_data(ws, event);
}

/* bsc 5.4-06 */
static void take_control(struct bas_ws *ws, uint32_t n)
{
    struct rd r = rest_of_block(ws);
    uint8_t *into = ws->in + ws->in_len;
    rd_copy(&r, into, n);
    if (ws_is_server(ws)) {
        bas_ws_mask(into, n, ws->frame.mask);
    }
    ws->in_len = (uint8_t)(ws->in_len + n);
    ws->at += n;
    ws->left -= n;
}

static enum step payload_step(struct bas_ws *ws, struct bas_ws_event *event)
{
    uint32_t n = ws->end - ws->at;
    bool is_control = ws_is_control(ws->frame.opcode);
    if (ws->left < n) {
        n = (uint32_t)ws->left;
    }
    if (is_control) {
        take_control(ws, n);
    } else {
        enum ws_problem problem = take_data(ws, n);
        if (problem != WS_NONE) {
            return fail(ws, event, problem);
        }
    }
    if (ws->left > 0) {
        return STEP_HUNGRY;
    }
    ws->in_frame = false;
    return is_control ? control_frame(ws, event) : end_data(ws, event);
}

static enum step frame_step(struct bas_ws *ws, struct bas_ws_event *event)
{
    if (!ws->in_frame) {
        enum step step = ws->at == ws->end ? STEP_HUNGRY : begin_frame(ws, event);
        if (step != STEP_ON) {
            return step;
        }
    }
    bool is_due = ws->at != ws->end || ws->left == 0;
    return is_due ? payload_step(ws, event) : STEP_HUNGRY;
}

/* Feeding and draining */

bas_err bas_ws_feed(struct bas_ws *ws, struct bas_frame *block, size_t offset, size_t len,
                    bas_time now)
{
    (void)now;
    assert(offset <= block->cap && len <= block->cap - offset);
    if (ws->state == WS_CLOSED || ws->gone || ws->eof) {
        return BAS_ERR_CLOSED;
    }
    if (ws->block != NULL) {
        return BAS_ERR_STATE;
    }
    ws->block = block;
    ws->at = (uint32_t)offset;
    ws->end = (uint32_t)(offset + len);
    return BAS_OK;
}

/* bsc 7.6-01 11-47 5.2-27 */
static enum step end_by_eof(struct bas_ws *ws, struct bas_ws_event *event)
{
    enum ws_state state = (enum ws_state)ws->state;
    ws->upgrade_due = ws->pong_due = ws->ping_due = ws->close_due = false;
    (void)end_with(ws, event, BAS_WS_CLOSE_ABNORMAL);
    if (state == WS_UPGRADING) {
        set_fault(event, BAS_ERR_CLOSED, BAC_ERROR_CODE_HTTP_ERROR,
                  "the connection ended before the WebSocket upgrade was done");
    } else if (state == WS_CLOSING) {
        set_fault(event, BAS_ERR_CLOSED, BAC_ERROR_CODE_WEBSOCKET_CLOSE_ERROR,
                  "the connection ended before the peer answered our close frame");
    } else {
        set_fault(event, BAS_ERR_CLOSED, BAC_ERROR_CODE_WEBSOCKET_CLOSED_ABNORMALLY,
                  "the connection ended without a close frame");
    }
    return STEP_EVENT;
}

/* The input is used up: keeps what is not whole, and tells what happened besides. */
static enum step end_feed(struct bas_ws *ws, struct bas_ws_event *event)
{
    enum step step = STEP_HUNGRY;
    if (ws->run_len > 0) {
        const uint8_t *run = ws->block->data + ws->run_at;
        size_t limit = message_limit(ws);
        enum ws_problem problem = bas_ws_stash_add(ws, run, ws->run_len, limit);
        ws->run_len = 0;
        if (problem != WS_NONE) {
            step = fail(ws, event, problem);
        }
    }
    ws->block = NULL;
    ws->at = 0;
    ws->end = 0;
    if (step == STEP_HUNGRY && ws->eof && ws->state != WS_CLOSED) {
        step = end_by_eof(ws, event);
    }
    return step;
}

bool bas_ws_next(struct bas_ws *ws, struct bas_ws_event *event)
{
    bas_frame_unref(ws->given);
    ws->given = NULL;
    enum step step = STEP_ON;
    if (ws->gone && ws->state == WS_UPGRADING) {
        return end_with(ws, event, BAS_WS_CLOSE_ABNORMAL) == STEP_EVENT;
    }
    while (step == STEP_ON) {
        if (ws->state == WS_UPGRADING) {
            step = upgrade_step(ws, event);
        } else {
            step = ws->state == WS_CLOSED ? STEP_HUNGRY : frame_step(ws, event);
        }
    }
    if (step == STEP_HUNGRY) {
        step = end_feed(ws, event);
    }
    return step == STEP_EVENT;
}

void bas_ws_set_unavailable(struct bas_ws *ws, bool is_unavailable)
{
    ws->unavailable = is_unavailable;
}

void bas_ws_eof(struct bas_ws *ws)
{
    ws->eof = true;
}

bool bas_ws_is_open(const struct bas_ws *ws)
{
    return ws->state == WS_OPEN;
}

bool bas_ws_is_midway(const struct bas_ws *ws)
{
    return ws->in_message || ws->in_frame || ws->head_len != 0 || ws->charged != 0;
}

size_t bas_ws_unfinished(const struct bas_ws *ws)
{
    return ws->charged;
}
