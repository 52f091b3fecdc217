/* Each fault of name service, TCP, HTTP and WebSocket that a peer can cause, caused over loopback:
 * its BACnet error code (spec 2.3 and 7.6) and its sentence, on the calling and on the accepting
 * side, with TLS and, where it makes no difference, in plaintext. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "link_fixture.h"
#include "rt_resolver.h"
#include "test_folder.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

struct row {
    enum rt_level level; /* how far the peer goes by itself */
    void (*act)(struct rt_peer *peer, const char *what);
    const char *what;
    unsigned code;
    const char *sentence;
};

/* What a peer does. */

static void says(struct rt_peer *peer, const char *what)
{
    rt_peer_seal(peer, (struct bas_slice){ (const uint8_t *)what, strlen(what) });
}

static void frames(struct rt_peer *peer, const char *what)
{
    rt_peer_seal(peer, test_hex(what));
}

static void writes(struct rt_peer *peer, const char *what)
{
    rt_peer_write(peer, (struct bas_slice){ (const uint8_t *)what, strlen(what) });
}

static void ends(struct rt_peer *peer, const char *what)
{
    (void)what;
    rt_peer_finish(peer);
}

static void breaks(struct rt_peer *peer, const char *what)
{
    (void)what;
    rt_peer_reset(peer);
}

static void notifies(struct rt_peer *peer, const char *what)
{
    (void)what;
    rt_peer_notify(peer);
}

/* Nothing: the time of the link runs out. */
static void waits(struct rt_peer *peer, const char *what)
{
    (void)what;
    assert_int_equal(rt_hasten_all(peer->world), 1);
}

/* Says the answer with the accept value that fits the request at its ACCEPT. */
static void answers(struct rt_peer *peer, const char *what)
{
    const struct bas_ws_config config = { .size = sizeof(config),
                                          .role = BAS_WS_SERVER,
                                          .subprotocols = { "hub.bsc.bacnet.org" } };
    struct bas_ws *ws = bas_ws_new(&peer->world->outside.env, &config);
    struct bas_ws_event event;
    uint8_t memory[BAS_WS_MAX_CONTROL];
    struct bas_buf right;
    char text[1024];
    assert_non_null(ws);
    assert_int_equal(bas_ws_feed(ws, peer->block, 0, peer->plain, 0), BAS_OK);
    while (bas_ws_next(ws, &event)) {
    }
    bas_buf_init(&right, memory, sizeof(memory));
    bas_ws_control(ws, &right);
    const char *value = strstr(bas_buf_text(&right), "Accept: ");
    const char *mark = strstr(what, "ACCEPT");
    assert_true(value != NULL && mark != NULL);
    (void)snprintf(text, sizeof(text), "%.*s%.28s%s", (int)(mark - what), what, value + 8,
                   mark + 6);
    bas_ws_free(ws);
    says(peer, text);
}

#define HTTP(status) "HTTP/1.1 " status " x\r\n\r\n"
#define SWITCH       "HTTP/1.1 101 Switching Protocols\r\n"
#define UP           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define RIGHT        "Sec-WebSocket-Accept: ACCEPT\r\n"
#define PROTO        "Sec-WebSocket-Protocol: hub.bsc.bacnet.org\r\n"
#define END          "\r\n"

static const struct row calling[] = {
    /* TLS */
    { RT_TCP, ends, "", 196, "closed the connection during the TLS handshake" },
    { RT_TCP, breaks, "", 196, "the peer broke the connection" },
    { RT_TCP, waits, "", 188, "the TLS handshake was not done within 30.000 s" },
    { RT_TCP, writes, "HTTP/1.1 400 Bad Request\r\n\r\n", 188, "does not speak TLS" },
    /* HTTP */
    { RT_TLS, ends, "", 165, "closed the connection during the WebSocket upgrade" },
    { RT_TLS, notifies, "", 165, "closed the TLS session during the WebSocket upgrade" },
    { RT_TLS, breaks, "", 196, "the peer broke the connection" },
    { RT_TLS, waits, "", 156, "the WebSocket upgrade was not done within 30.000 s" },
    { RT_TLS, says, HTTP("200"), 153, "HTTP 200: a web server without WebSocket" },
    { RT_TLS, says, HTTP("204"), 153, "HTTP 204: a web server without WebSocket" },
    { RT_TLS, says, HTTP("301"), 154, "HTTP 301: redirects are not followed" },
    { RT_TLS, says, HTTP("302"), 154, "HTTP 302: redirects are not followed" },
    { RT_TLS, says, HTTP("303"), 154, "HTTP 303: redirects are not followed" },
    { RT_TLS, says, HTTP("304"), 152, "HTTP 304: the upgrade is refused" },
    { RT_TLS, says, HTTP("307"), 154, "HTTP 307: redirects are not followed" },
    { RT_TLS, says, HTTP("308"), 154, "HTTP 308: redirects are not followed" },
    { RT_TLS, says, HTTP("400"), 152, "HTTP 400: the server refuses the request" },
    { RT_TLS, says, HTTP("401"), 152, "HTTP 401: the server wants a password" },
    { RT_TLS, says, HTTP("403"), 152, "HTTP 403: the server does not allow this" },
    { RT_TLS, says, HTTP("404"), 154, "HTTP 404: nothing is served at this path" },
    { RT_TLS, says, HTTP("407"), 155, "HTTP 407: a proxy stands in between" },
    { RT_TLS, says, HTTP("418"), 152, "HTTP 418: the upgrade is refused" },
    { RT_TLS, says, HTTP("426"), 161, "HTTP 426: the server wants another protocol" },
    { RT_TLS, says, HTTP("500"), 152, "HTTP 500: the server has failed" },
    { RT_TLS, says, HTTP("503"), 163, "HTTP 503: the server accepts no connections now" },
    { RT_TLS, says, "SSH-2.0-OpenSSH_9.2\r\n", 164, "is not HTTP" },
    { RT_TLS, says, "HTTP/3 101 x\r\n\r\n", 157, "not well-formed HTTP" },
    { RT_TLS, says, "HTTP/1.1 101 x\n\n", 157, "not well-formed HTTP" },
    { RT_TLS, answers, "HTTP/1.0 101 x\r\n" UP RIGHT PROTO END, 162, "HTTP/1.0" },
    { RT_TLS, answers, SWITCH UP RIGHT PROTO "no field\r\n" END, 157, "is malformed" },
    { RT_TLS, answers, SWITCH UP RIGHT RIGHT PROTO END, 157, "stands twice" },
    { RT_TLS, answers, SWITCH "Connection: Upgrade\r\n" RIGHT PROTO END, 159, "lacks the header" },
    { RT_TLS, answers, SWITCH "Upgrade: h2c\r\nConnection: Upgrade\r\n" RIGHT PROTO END, 162,
      "something else than WebSocket" },
    { RT_TLS, answers, SWITCH "Upgrade: websocket\r\nConnection: close\r\n" RIGHT PROTO END, 158,
      "does not say Upgrade" },
    { RT_TLS, says, SWITCH UP PROTO END, 159, "lacks the header Sec-WebSocket-Accept" },
    { RT_TLS, says, SWITCH UP "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" PROTO END,
      160, "does not fit our key" },
    { RT_TLS, answers, SWITCH UP RIGHT END, 160, "did not select the subprotocol hub.bsc" },
    { RT_TLS, answers, SWITCH UP RIGHT "Sec-WebSocket-Protocol: dc.bsc.bacnet.org\r\n" END, 160,
      "did not select the subprotocol hub.bsc" },
    { RT_TLS, answers, SWITCH UP RIGHT PROTO "Sec-WebSocket-Extensions: x\r\n" END, 160,
      "an extension that was not offered" },
    /* WebSocket: what a server alone can do wrong */
    { RT_WS, frames, "828100000000 61", 171, "a frame of the server is masked" },
};

static const struct row accepting[] = {
    /* TLS; certificates have tests of their own */
    { RT_TCP, ends, "", 196, "closed the connection during the TLS handshake" },
    { RT_TCP, breaks, "", 196, "the peer broke the connection" },
    { RT_TCP, waits, "", 188, "the TLS handshake was not done within 30.000 s" },
    { RT_TCP, writes, "GET / HTTP/1.1\r\nHost: hub\r\n\r\n", 188, "does not speak TLS" },
    /* HTTP */
    { RT_TLS, ends, "", 165, "closed the connection during the WebSocket upgrade" },
    { RT_TLS, waits, "", 156, "the WebSocket upgrade was not done within 30.000 s" },
    { RT_TLS, says, "\x16\x03\x01", 165, "not well-formed HTTP" },
    { RT_TLS, says, "PUT / HTTP/1.1\r\nHost: h\r\n\r\n", 165, "the method is not GET" },
    { RT_TLS, says, "GET / HTTP/1.0\r\nHost: h\r\n\r\n", 165, "the request is not HTTP/1.1" },
    { RT_TLS, says, "GET / HTTP/1.1\r\n\r\n", 165, "the Host header is missing" },
    { RT_TLS, says, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 153, "Upgrade: websocket" },
    { RT_TLS, says, "GET / HTTP/1.1\r\nHost: h\r\n" UP "Sec-WebSocket-Version: 8\r\n\r\n", 160,
      "Sec-WebSocket-Version is not 13" },
    { RT_TLS, says,
      "GET / HTTP/1.1\r\nHost: h\r\n" UP "Sec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: short\r\n\r\n",
      160, "Sec-WebSocket-Key" },
    { RT_TLS, says,
      "GET / HTTP/1.1\r\nHost: h\r\n" UP "Sec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      160, "offers no subprotocol of this server" },
    { RT_TLS, says,
      "GET / HTTP/1.1\r\nHost: h\r\n" UP "Sec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
      "Sec-WebSocket-Protocol: HUB.bsc.bacnet.org\r\n\r\n",
      160, "offers no subprotocol of this server" },
    /* WebSocket */
    { RT_WS, ends, "", 173, "closed the connection without a close frame" },
    { RT_WS, notifies, "", 173, "closed the TLS session without a close frame" },
    { RT_WS, breaks, "", 196, "the peer broke the connection" },
    { RT_WS, frames, "820161", 171, "a frame of the client is not masked" },
    { RT_WS, frames, "c28000000000", 171, "reserved bits of a frame are set" },
    { RT_WS, frames, "a28000000000", 171, "reserved bits of a frame are set" },
    { RT_WS, frames, "928000000000", 171, "reserved bits of a frame are set" },
    { RT_WS, frames, "838000000000", 171, "a data frame has an unknown opcode" },
    { RT_WS, frames, "878000000000", 171, "a data frame has an unknown opcode" },
    { RT_WS, frames, "8b8000000000", 167, "a control frame has an unknown opcode" },
    { RT_WS, frames, "8f8000000000", 167, "a control frame has an unknown opcode" },
    { RT_WS, frames, "098000000000", 171, "a control frame is fragmented" },
    { RT_WS, frames, "89fe007e00000000", 171, "a control frame is longer than 125 octets" },
    { RT_WS, frames, "82fe007d00000000", 171, "not written in its shortest form" },
    { RT_WS, frames, "82ff800000000000000000000000", 171, "has its highest bit set" },
    { RT_WS, frames, "808000000000", 171, "has no message to continue" },
    { RT_WS, frames, "028000000000 828000000000", 171, "begins before the one before it" },
    { RT_WS, frames, "818100000000 61", 172, "only binary messages are accepted" },
    /* Close frames: 1000 to 1015, and beyond */
    { RT_WS, frames, "888000000000", 179, "with 1005" },
    { RT_WS, frames, "888100000000 03", 171, "half a close code" },
    { RT_WS, frames, "888200000000 03e7", 171, "must not be sent" },
    { RT_WS, frames, "888200000000 03e8", 169, "with 1000 (normal)" },
    { RT_WS, frames, "888200000000 03e9", 170, "with 1001 (going away)" },
    { RT_WS, frames, "888200000000 03ea", 171, "with 1002 (protocol error)" },
    { RT_WS, frames, "888200000000 03eb", 172, "with 1003 (data not accepted)" },
    { RT_WS, frames, "888200000000 03ec", 171, "must not be sent" },
    { RT_WS, frames, "888200000000 03ed", 171, "must not be sent" },
    { RT_WS, frames, "888200000000 03ee", 171, "must not be sent" },
    { RT_WS, frames, "888200000000 03ef", 174, "with 1007 (data inconsistent)" },
    { RT_WS, frames, "888200000000 03f0", 175, "with 1008 (against policy)" },
    { RT_WS, frames, "888200000000 03f1", 176, "with 1009 (message too long)" },
    { RT_WS, frames, "888200000000 03f2", 177, "with 1010 (extension missing)" },
    { RT_WS, frames, "888200000000 03f3", 178, "with 1011 (internal error)" },
    { RT_WS, frames, "888200000000 03f4", 179, "with 1012" },
    { RT_WS, frames, "888200000000 03f5", 179, "with 1013" },
    { RT_WS, frames, "888200000000 03f6", 179, "with 1014" },
    { RT_WS, frames, "888200000000 03f7", 171, "must not be sent" },
    { RT_WS, frames, "888200000000 0bb8", 179, "with 3000" },
    { RT_WS, frames, "888200000000 0fa0", 179, "with 4000" },
    { RT_WS, frames, "888200000000 1388", 171, "must not be sent" },
    { RT_WS, frames, "888600000000 03e8 62796521", 169, "(normal): bye!" },
    { RT_WS, frames, "888400000000 03e8 c3c3", 174, "is not UTF-8" },
};

static void check(const struct row *row, const struct bas_fault *why, bool is_plain)
{
    if (why->error_class != BAC_ERROR_CLASS_COMMUNICATION || why->error_code != row->code ||
        strstr(why->text, row->sentence) == NULL || strchr(why->text, '\n') != NULL) {
        fail_msg("%s%.200s: %u/%u %s; expected 7/%u %s", is_plain ? "plain " : "", row->what,
                 why->error_class, why->error_code, why->text, row->code, row->sentence);
    }
}

/* What TLS alone makes. */
static bool needs_tls(const struct row *row)
{
    return row->level == RT_TCP || row->act == notifies;
}

/* The peer acts when it is where it wants to be; without a WebSocket of its own on the calling
 * side that is when it has the request. */
static void act(struct fixture *f, const struct row *row)
{
    rt_peer_ready(&f->peer);
    if (f->peer.is_server && row->level == RT_TLS) {
        rt_until(&f->w, &f->peer.records, 1);
    }
    if (row->level == RT_WS) {
        rt_until(&f->w, &f->owner.opened, 1);
    }
    rt_turns(&f->w, 3);
    row->act(&f->peer, row->what);
    rt_until(&f->w, &f->owner.closed, 1);
}

static void call(const struct row *row, bool is_plain)
{
    struct fixture f;
    struct rt_server server;
    char uri[96];
    const struct rt_peer_config peer = { .level = row->level, .is_plain = is_plain };
    const struct rt_resolver resolver = { .addresses = { "127.0.0.1" }, .gate = -1 };
    rt_resolver_set(&resolver);
    fixture_begin(&f);
    f.config.tls = is_plain ? NULL : f.w.client;
    rt_server_begin(&f.w, &server, &f.peer, 1, &peer);
    (void)snprintf(uri, sizeof(uri), "%s", server.uri);
    assert_non_null(link_connect(&f.config, uri));
    rt_until(&f.w, &server.accepted, 1);
    act(&f, row);
    check(row, &f.owner.why, is_plain);
    rt_server_end(&server);
    fixture_end(&f);
}

static void accept_it(const struct row *row, bool is_plain)
{
    struct fixture f;
    const struct rt_peer_config peer = { .level = row->level, .is_plain = is_plain };
    fixture_begin(&f);
    f.config.tls = is_plain ? NULL : f.w.hub;
    fixture_connect(&f, &peer);
    act(&f, row);
    check(row, &f.owner.why, is_plain);
    fixture_end(&f);
}

static void what_a_server_can_do_has_its_code_and_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(calling); i++) {
        call(&calling[i], false);
        if (!needs_tls(&calling[i])) {
            call(&calling[i], true);
        }
    }
}

static void what_a_client_can_do_has_its_code_and_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(accepting); i++) {
        accept_it(&accepting[i], false);
        if (!needs_tls(&accepting[i])) {
            accept_it(&accepting[i], true);
        }
    }
}

/* Before there is a peer. */

static void fails(const struct rt_resolver *resolver, const char *uri, const struct row *row)
{
    struct fixture f;
    rt_resolver_set(resolver);
    fixture_begin(&f);
    f.config.tls = f.w.client;
    assert_non_null(link_connect(&f.config, uri));
    rt_until(&f.w, &f.owner.closed, 1);
    check(row, &f.owner.why, false);
    fixture_end(&f);
}

static void what_name_service_answers_has_its_code_and_sentence(void **state)
{
    (void)state;
    static const struct {
        int error;
        struct row row;
    } rows[] = {
        { EAI_AGAIN, { .what = "", .code = 189, .sentence = "/etc/resolv.conf" } },
        { EAI_NONAME, { .what = "", .code = 190, .sentence = "no such host name" } },
        { EAI_FAIL, { .what = "", .code = 191, .sentence = "the name server failed" } },
        { EAI_SERVICE, { .what = "", .code = 192, .sentence = "service not available" } },
        { EAI_MEMORY, { .what = "", .code = 192, .sentence = "out of memory" } },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct rt_resolver resolver = { .error = rows[i].error, .gate = -1 };
        fails(&resolver, "wss://hub.example:1/", &rows[i].row);
    }
}

static void a_port_where_nobody_listens_has_the_code_194(void **state)
{
    (void)state;
    const struct rt_resolver resolver = { .addresses = { "127.0.0.1" }, .gate = -1 };
    const struct row row = { .what = "", .code = 194, .sentence = "is it running" };
    fails(&resolver, "wss://hub.example:1/", &row);
}

static void another_scheme_has_the_code_166(void **state)
{
    (void)state;
    const struct rt_resolver resolver = { .addresses = { "127.0.0.1" }, .gate = -1 };
    const struct row row = { .what = "", .code = 166, .sentence = "the scheme is not wss" };
    fails(&resolver, "https://hub.example/", &row);
}

/* The end of our own closing handshake. */

static void a_peer_that_ends_before_our_last_words_went_out_has_the_code_168(void **state)
{
    (void)state;
    struct fixture f;
    const struct row row = { .what = "", .code = 168, .sentence = "before all that closes it" };
    fixture_open(&f);
    struct rt_end *end = &f.owner.ends[0];
    rt_peer_pause(&f.peer);
    end->size = 60000;
    end->wanted = UINT32_MAX;
    rt_until(&f.w, &end->leftovers, 1);
    rt_turns(&f.w, 20);
    end->wanted = end->popped;
    link_close(end->link, BAS_WS_CLOSE_NORMAL);
    assert_int_equal(f.owner.closed, 0);
    rt_peer_finish(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    check(&row, &f.owner.why, false);
    fixture_end(&f);
}

static void a_peer_that_does_not_take_our_last_words_has_the_code_168(void **state)
{
    (void)state;
    struct fixture f;
    const struct row row = { .what = "", .code = 168, .sentence = "not done within 5.000 s" };
    fixture_open(&f);
    struct rt_end *end = &f.owner.ends[0];
    rt_peer_pause(&f.peer);
    end->size = 60000;
    end->wanted = UINT32_MAX;
    rt_until(&f.w, &end->leftovers, 1);
    rt_turns(&f.w, 20);
    end->wanted = end->popped;
    link_close(end->link, BAS_WS_CLOSE_NORMAL);
    assert_true(rt_hasten(&end->link->timer));
    rt_until(&f.w, &f.owner.closed, 1);
    check(&row, &f.owner.why, false);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_server_can_do_has_its_code_and_sentence),
        cmocka_unit_test(what_a_client_can_do_has_its_code_and_sentence),
        cmocka_unit_test(what_name_service_answers_has_its_code_and_sentence),
        cmocka_unit_test(a_port_where_nobody_listens_has_the_code_194),
        cmocka_unit_test(another_scheme_has_the_code_166),
        cmocka_unit_test(a_peer_that_ends_before_our_last_words_went_out_has_the_code_168),
        cmocka_unit_test(a_peer_that_does_not_take_our_last_words_has_the_code_168),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
