/* Owns the WebSocket upgrade, both roles (RFC 6455 section 4; HTTP stage of bacnet-sc.md 7.6). */
#include "ws/handshake.h"

#include "wire/base64.h"
#include "wire/wr.h"
#include "ws/http.h"

#include <string.h>

static const char *const accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/* Finding the end of a head */

enum { IN_LINE, AT_LF, AT_LINE, AT_LAST_LF, AFTER_HEAD };

static bool may_stand_in_line(uint8_t c)
{
    return (c >= ' ' && c != 0x7F) || c == '\t';
}

/* The state after one more octet, or -1. */
static int scan_octet(uint8_t state, uint8_t c)
{
    if (state == AT_LF || state == AT_LAST_LF) {
        return c != '\n' ? -1 : state == AT_LF ? AT_LINE : AFTER_HEAD;
    }
    if (c == '\r') {
        return state == AT_LINE ? AT_LAST_LF : AT_LF;
    }
    return may_stand_in_line(c) ? IN_LINE : -1;
}

enum ws_scan bas_ws_head_scan(uint8_t *state, struct rd *in)
{
    while (*state != AFTER_HEAD) {
        if (rd_left(in) == 0) {
            return WS_SCAN_MORE;
        }
        int next = scan_octet(*state, rd_u8(in));
        if (next < 0) {
            return WS_SCAN_BAD;
        }
        *state = (uint8_t)next;
    }
    return WS_SCAN_DONE;
}

/* Both roles */

static struct bas_slice slice_of(const char *text)
{
    return (struct bas_slice){ (const uint8_t *)text, strlen(text) };
}

/* bsc 7.2-02 */
static void make_digest(struct bas_slice key, uint8_t digest[BAS_SHA1_LEN])
{
    uint8_t room[BAS_BASE64_LEN(WS_KEY) + 36];
    struct bas_buf buf;
    bas_buf_init(&buf, room, sizeof(room));
    wr_slice(&buf, key);
    bas_buf_add_text(&buf, accept_guid);
    bas_sha1((struct bas_slice){ buf.data, buf.len }, digest);
}

static bool every_line_is_a_field(struct rd fields)
{
    struct http_field field = { 0 };
    while (bas_http_next_field(&fields, &field)) {
    }
    return fields.err == BAS_OK;
}

static bool stands_twice(struct rd fields, const char *const *names, size_t n)
{
    struct bas_slice value = { NULL, 0 };
    for (size_t i = 0; i < n; i++) {
        if (bas_http_find(fields, names[i], &value) > 1) {
            return true;
        }
    }
    return false;
}

/* The server's side */

const struct ws_refusal_row *bas_ws_refusal(enum ws_refusal refusal)
{
    static const struct ws_refusal_row rows[] = {
#define WS_ROW(name, status, phrase, code, headers, text)                                          \
    [WS_REFUSE_##name] = { status, BAC_ERROR_CODE_##code, phrase, headers, text },
        WS_REFUSALS(WS_ROW)
#undef WS_ROW
    };
    return &rows[refusal];
}

/* bsc 7.2-05 */
static enum ws_refusal check_request_line(struct bas_slice line)
{
    struct rd r = rd_init(line);
    struct bas_slice method = bas_http_until(&r, ' ');
    (void)rd_u8(&r);
    struct bas_slice target = bas_http_until(&r, ' ');
    (void)rd_u8(&r);
    struct bas_slice version = rd_rest(&r);
    if (r.err != BAS_OK || !bas_http_is_token(method) || !bas_http_is_visible(target) ||
        !bas_http_is_visible(version) || !bas_http_starts_with_any_case(version, "http/")) {
        return WS_REFUSE_SYNTAX;
    }
    if (!bas_http_is_same(version, "HTTP/1.1")) {
        return WS_REFUSE_VERSION;
    }
    if (!bas_http_is_same(method, "GET")) {
        return WS_REFUSE_METHOD;
    }
    bool is_target = bas_http_starts_with_any_case(target, "/") ||
                     bas_http_starts_with_any_case(target, "http://") ||
                     bas_http_starts_with_any_case(target, "https://");
    return is_target ? WS_REFUSE_NONE : WS_REFUSE_TARGET;
}

static enum ws_refusal check_request_fields(struct rd fields)
{
    static const char *const single[] = { "host", "sec-websocket-key", "sec-websocket-version",
                                          "content-length" };
    struct bas_slice value = { NULL, 0 };
    if (!every_line_is_a_field(fields)) {
        return WS_REFUSE_SYNTAX;
    }
    if (stands_twice(fields, single, BAS_ARRAY_LEN(single))) {
        return WS_REFUSE_TWICE;
    }
    if (!bas_http_has_no_body(fields)) {
        return WS_REFUSE_BODY;
    }
    if (bas_http_find(fields, "host", &value) == 0 || value.len == 0) {
        return WS_REFUSE_HOST;
    }
    if (!bas_http_list_has(fields, "upgrade", "websocket") ||
        !bas_http_list_has(fields, "connection", "upgrade")) {
        return WS_REFUSE_NO_UPGRADE;
    }
    if (bas_http_find(fields, "sec-websocket-version", &value) == 0 ||
        !bas_http_is_same(value, "13")) {
        return WS_REFUSE_WS_VERSION;
    }
    return WS_REFUSE_NONE;
}

static bool read_key(struct rd fields, uint8_t digest[BAS_SHA1_LEN])
{
    struct bas_slice text = { NULL, 0 };
    uint8_t key[WS_KEY];
    size_t len = sizeof(key);
    if (bas_http_find(fields, "sec-websocket-key", &text) == 0 ||
        bas_base64_decode(text, key, &len) != BAS_OK || len != WS_KEY) {
        return false;
    }
    make_digest(text, digest);
    return true;
}

static const char *find_text(const char *const *texts, struct bas_slice wanted)
{
    for (size_t i = 0; i < BAS_WS_MAX_SUBPROTOCOLS && texts[i] != NULL; i++) {
        if (bas_http_is_same(wanted, texts[i])) {
            return texts[i];
        }
    }
    return NULL;
}

/* The first of the client's offers, over all lines, that is ours. bsc 7.2-04 7.2-07 */
static const char *choose_subprotocol(struct rd fields, const char *const *ours)
{
    struct http_field field = { 0 };
    while (bas_http_next_field(&fields, &field)) {
        if (!bas_http_is_same_any_case(field.name, "sec-websocket-protocol")) {
            continue;
        }
        struct rd list = rd_init(field.value);
        struct bas_slice offer = { NULL, 0 };
        while (bas_http_next_element(&list, &offer)) {
            const char *found = find_text(ours, offer);
            if (found != NULL) {
                return found;
            }
        }
    }
    return NULL;
}

enum ws_refusal bas_ws_request_read(struct bas_slice head, const char *const *subprotocols,
                                    struct ws_accepted *accepted)
{
    struct rd r = rd_init(head);
    enum ws_refusal refusal = check_request_line(bas_http_line(&r));
    if (refusal == WS_REFUSE_NONE) {
        refusal = check_request_fields(r);
    }
    if (refusal != WS_REFUSE_NONE) {
        return refusal;
    }
    if (!read_key(r, accepted->digest)) {
        return WS_REFUSE_KEY;
    }
    accepted->subprotocol = choose_subprotocol(r, subprotocols);
    return accepted->subprotocol == NULL ? WS_REFUSE_SUBPROTOCOL : WS_REFUSE_NONE;
}

void bas_ws_response_write(struct bas_buf *out, const struct ws_accepted *accepted)
{
    bas_buf_add_text(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: ");
    bas_base64_encode(out, (struct bas_slice){ accepted->digest, BAS_SHA1_LEN });
    bas_buf_format(out, "\r\nSec-WebSocket-Protocol: %s\r\n\r\n", accepted->subprotocol);
}

void bas_ws_refusal_write(struct bas_buf *out, enum ws_refusal refusal)
{
    const struct ws_refusal_row *row = bas_ws_refusal(refusal);
    bas_buf_format(out,
                   "HTTP/1.1 %u %s\r\nConnection: close\r\n%sContent-Type: text/plain\r\n"
                   "Content-Length: %zu\r\n\r\n%s\n",
                   (unsigned)row->status, row->phrase, row->headers, strlen(row->text) + 1,
                   row->text);
}

/* The client's side */

bool bas_ws_subprotocol_is_valid(const char *text)
{
    return strlen(text) <= WS_MAX_SUBPROTOCOL && bas_http_is_token(slice_of(text));
}

bool bas_ws_request_is_valid(const struct ws_request *request)
{
    uint8_t room[BAS_WS_MAX_CONTROL];
    if (!bas_http_is_visible(slice_of(request->host)) ||
        !bas_http_is_visible(slice_of(request->path)) || request->path[0] != '/') {
        return false;
    }
    struct bas_buf buf;
    bas_buf_init(&buf, room, sizeof(room));
    bas_ws_request_write(&buf, request);
    return !buf.full;
}

/* bsc 7.2-01 7.2-07 */
void bas_ws_request_write(struct bas_buf *out, const struct ws_request *request)
{
    bas_buf_format(out,
                   "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: %s\r\n"
                   "Sec-WebSocket-Key: ",
                   request->path, request->host, request->subprotocol);
    bas_base64_encode(out, (struct bas_slice){ request->key, WS_KEY });
    bas_buf_add_text(out, "\r\n\r\n");
}

static bas_err refuse(struct bas_fault *fault, unsigned error_code, const char *text)
{
    return bas_fail_code(fault, BAS_ERR_PROTOCOL, BAC_ERROR_CLASS_COMMUNICATION, error_code, "%s",
                         text);
}

/* "HTTP/1.1 503 some words" */
static bool read_status_line(struct bas_slice line, bool *is_1_1, uint16_t *status)
{
    struct rd r = rd_init(line);
    struct bas_slice version = bas_http_until(&r, ' ');
    *is_1_1 = bas_http_is_same(version, "HTTP/1.1");
    if (!*is_1_1 && !bas_http_is_same(version, "HTTP/1.0")) {
        return false;
    }
    (void)rd_u8(&r);
    struct rd digits = rd_init(bas_http_until(&r, ' '));
    unsigned number = 0;
    size_t n = rd_left(&digits);
    while (rd_left(&digits) > 0) {
        uint8_t c = rd_u8(&digits);
        if (c < '0' || c > '9' || n != 3) {
            return false;
        }
        number = number * 10 + (unsigned)(c - '0');
    }
    *status = (uint16_t)number;
    return number >= 100;
}

/* bsc 7.1-02 7.6-07 */
static bas_err refuse_status(uint16_t status, struct bas_fault *fault)
{
    static const struct {
        uint16_t from;
        uint16_t to;
        uint16_t error_code;
        const char *text;
    } rows[] = {
        { 200, 299, BAC_ERROR_CODE_HTTP_NO_UPGRADE,
          "a web server without WebSocket answers there" },
        { 301, 303, BAC_ERROR_CODE_HTTP_RESOURCE_NOT_LOCAL, "redirects are not followed" },
        { 307, 308, BAC_ERROR_CODE_HTTP_RESOURCE_NOT_LOCAL, "redirects are not followed" },
        { 400, 400, BAC_ERROR_CODE_HTTP_UNEXPECTED_RESPONSE_CODE,
          "the server refuses the request; it may not serve this subprotocol" },
        { 401, 401, BAC_ERROR_CODE_HTTP_UNEXPECTED_RESPONSE_CODE,
          "the server wants a password, which a BACnet/SC node does not have" },
        { 403, 403, BAC_ERROR_CODE_HTTP_UNEXPECTED_RESPONSE_CODE,
          "the server does not allow this to us; is it a BACnet/SC hub?" },
        { 404, 404, BAC_ERROR_CODE_HTTP_RESOURCE_NOT_LOCAL, "nothing is served at this path" },
        { 407, 407, BAC_ERROR_CODE_HTTP_PROXY_AUTHENTICATION_FAILED,
          "a proxy stands in between; proxies are not supported" },
        { 426, 426, BAC_ERROR_CODE_HTTP_UPGRADE_REQUIRED,
          "the server wants another protocol or version" },
        { 503, 503, BAC_ERROR_CODE_HTTP_TEMPORARY_UNAVAILABLE,
          "the server accepts no connections now; try again later" },
        { 500, 599, BAC_ERROR_CODE_HTTP_UNEXPECTED_RESPONSE_CODE, "the server has failed" },
        { 0, UINT16_MAX, BAC_ERROR_CODE_HTTP_UNEXPECTED_RESPONSE_CODE, "the upgrade is refused" },
    };
    size_t row = 0;
    while (status < rows[row].from || status > rows[row].to) {
        row++;
    }
    return bas_fail_code(fault, BAS_ERR_REFUSED, BAC_ERROR_CLASS_COMMUNICATION,
                         rows[row].error_code, "the server answered HTTP %u: %s", (unsigned)status,
                         rows[row].text);
}

/* What a 101 must say besides the WebSocket headers proper. bsc 7.6-06 */
static bas_err check_switch(struct rd fields, struct bas_fault *fault)
{
    static const char *const single[] = { "upgrade", "sec-websocket-accept",
                                          "sec-websocket-protocol", "content-length" };
    struct bas_slice value = { NULL, 0 };
    if (!every_line_is_a_field(fields)) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_RESPONSE_SYNTAX_ERROR,
                      "a header line of the server's answer is malformed");
    }
    if (stands_twice(fields, single, BAS_ARRAY_LEN(single))) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_RESPONSE_SYNTAX_ERROR,
                      "a header that may stand once only stands twice in the server's answer");
    }
    if (!bas_http_has_no_body(fields)) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_RESPONSE_VALUE_ERROR,
                      "the server's answer 101 announces a body");
    }
    if (bas_http_find(fields, "upgrade", &value) == 0 ||
        bas_http_find(fields, "connection", &value) == 0) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_RESPONSE_MISSING_HEADER,
                      "the server's answer 101 lacks the header Upgrade or Connection");
    }
    (void)bas_http_find(fields, "upgrade", &value);
    if (!bas_http_is_same_any_case(value, "websocket")) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_UPGRADE_ERROR,
                      "the server upgrades to something else than WebSocket");
    }
    if (!bas_http_list_has(fields, "connection", "upgrade")) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_RESPONSE_VALUE_ERROR,
                      "the header Connection of the server's answer 101 does not say Upgrade");
    }
    return BAS_OK;
}

/* bsc 7.2-02 */
static bool is_accept_right(struct bas_slice value, const uint8_t *key)
{
    uint8_t room[BAS_BASE64_LEN(WS_KEY)];
    struct bas_buf buf;
    bas_buf_init(&buf, room, sizeof(room));
    bas_base64_encode(&buf, (struct bas_slice){ key, WS_KEY });
    uint8_t wanted[BAS_SHA1_LEN];
    make_digest((struct bas_slice){ buf.data, buf.len }, wanted);
    uint8_t given[BAS_SHA1_LEN];
    size_t len = sizeof(given);
    return bas_base64_decode(value, given, &len) == BAS_OK && len == sizeof(given) &&
           memcmp(given, wanted, sizeof(given)) == 0;
}

/* bsc 7.2-03 7.2-07 */
static bas_err check_websocket(struct rd fields, const struct ws_request *request,
                               struct bas_fault *fault)
{
    struct bas_slice value = { NULL, 0 };
    if (bas_http_find(fields, "sec-websocket-accept", &value) == 0) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_RESPONSE_MISSING_HEADER,
                      "the server's answer 101 lacks the header Sec-WebSocket-Accept");
    }
    if (!is_accept_right(value, request->key)) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_WEBSOCKET_HEADER_ERROR,
                      "Sec-WebSocket-Accept does not fit our key; the answer was not made for us");
    }
    struct bas_slice chosen = { NULL, 0 };
    (void)bas_http_find(fields, "sec-websocket-protocol", &chosen);
    if (!bas_http_is_same(chosen, request->subprotocol)) {
        return bas_fail_code(fault, BAS_ERR_PROTOCOL, BAC_ERROR_CLASS_COMMUNICATION,
                             BAC_ERROR_CODE_HTTP_WEBSOCKET_HEADER_ERROR,
                             "the server did not select the subprotocol %.100s",
                             request->subprotocol);
    }
    if (bas_http_find(fields, "sec-websocket-extensions", &value) != 0) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_WEBSOCKET_HEADER_ERROR,
                      "the server selected an extension that was not offered");
    }
    return BAS_OK;
}

bool bas_ws_may_be_response(struct bas_slice begin)
{
    static const char *const starts[] = { "", "h", "ht", "htt", "http", "http/" };
    size_t len = begin.len < BAS_ARRAY_LEN(starts) ? begin.len : BAS_ARRAY_LEN(starts) - 1;
    return bas_http_starts_with_any_case(begin, starts[len]);
}

/* bsc 7.6-06 */
bas_err bas_ws_response_bad(struct bas_slice begin, bool is_long, struct bas_fault *fault)
{
    if (!bas_ws_may_be_response(begin)) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_NOT_A_SERVER,
                      "the answer to the upgrade request is not HTTP");
    }
    return refuse(fault, BAC_ERROR_CODE_HTTP_RESPONSE_SYNTAX_ERROR,
                  is_long ? "the server's answer to the upgrade request is longer than 4096 octets"
                          : "the server's answer to the upgrade request is not well-formed HTTP");
}

bas_err bas_ws_response_read(struct bas_slice head, const struct ws_request *request,
                             uint16_t *status, struct bas_fault *fault)
{
    struct rd r = rd_init(head);
    bool is_1_1 = false;
    *status = 0;
    if (!read_status_line(bas_http_line(&r), &is_1_1, status)) {
        *status = 0;
        return bas_ws_response_bad(head, false, fault);
    }
    if (*status != 101) {
        return refuse_status(*status, fault);
    }
    if (!is_1_1) {
        return refuse(fault, BAC_ERROR_CODE_HTTP_UPGRADE_ERROR,
                      "the server switches protocols in HTTP/1.0, which cannot do that");
    }
    bas_err err = check_switch(r, fault);
    return err != BAS_OK ? err : check_websocket(r, request, fault);
}
