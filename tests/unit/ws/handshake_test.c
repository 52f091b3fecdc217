#include "ws_kit.h"

#include "ws/handshake.h"

#include <stdio.h>

#define LINE  "GET /hub HTTP/1.1\r\n"
#define HOST  "Host: hub.example.net:4443\r\n"
#define UP    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define V13   "Sec-WebSocket-Version: 13\r\n"
#define PROTO "Sec-WebSocket-Protocol: " KIT_HUB "\r\n"
#define END   "\r\n"

/* The server's side */

/* bsc 7.2-02 */
static void the_example_of_the_rfc_is_accepted(void **state)
{
    (void)state;
    static struct kit k;
    kit_new(&k, BAS_WS_SERVER);
    (void)kit_feed(&k, kit_text(KIT_REQUEST));
    kit_expect(&k, "open " KIT_HUB "\n");
    assert_true(bas_ws_is_open(k.ws));
    kit_control(&k);
    assert_string_equal(bas_buf_text(&k.sent),
                        "HTTP/1.1 101 Switching Protocols\r\n"
                        "Upgrade: websocket\r\n"
                        "Connection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                        "Sec-WebSocket-Protocol: " KIT_HUB "\r\n\r\n");
    kit_free(&k);
}

/* bsc 7.2-05 */
static void spellings_that_http_allows_are_accepted(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *said;
    } rows[] = {
        { LINE "hOST:hub\r\nUPGRADE:\tWebSocket \r\nCONNECTION: keep-alive,  uPgrade\r\n"
               "sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ==\r\nSEC-WEBSOCKET-VERSION:13\r\n"
               "sec-websocket-protocol:" KIT_HUB "\r\n\r\n",
          "open " KIT_HUB "\n" },
        { LINE HOST UP KEY V13 "Sec-WebSocket-Protocol: chat, " KIT_DIRECT " ," KIT_HUB "\r\n" END,
          "open " KIT_DIRECT "\n" },
        { LINE HOST UP KEY V13 "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: ,," KIT_HUB
                               "\r\n" END,
          "open " KIT_HUB "\n" },
        { LINE HOST "Upgrade: h2c\r\nUpgrade: x, websocket\r\nConnection: close\r\n"
                    "Connection: upgrade\r\n" KEY V13 PROTO END,
          "open " KIT_HUB "\n" },
        { LINE HOST UP KEY V13 PROTO "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                                     "Content-Length: 0\r\nOrigin: \xC3\xBC\r\nX:\r\n" END,
          "open " KIT_HUB "\n" },
        { "GET https://hub.example.net/x?y=z HTTP/1.1\r\n" HOST UP KEY V13 PROTO END,
          "open " KIT_HUB "\n" },
    };
    static struct kit k;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        kit_new(&k, BAS_WS_SERVER);
        (void)kit_feed(&k, kit_text(rows[i].request));
        kit_expect(&k, rows[i].said);
        kit_control(&k);
        assert_null(strstr(bas_buf_text(&k.sent), "Extensions"));
        kit_free(&k);
    }
}

static const struct refused {
    const char *request;
    enum ws_refusal why;
} refused[] = {
    /* the request line */
    { END END, WS_REFUSE_SYNTAX },
    { "GET /\r\n" HOST END, WS_REFUSE_SYNTAX },
    { "GET  / HTTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_SYNTAX },
    { "GET / HTTP/1.1 \r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_SYNTAX },
    { " GET / HTTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_SYNTAX },
    { "GET / x HTTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_SYNTAX },
    { "GET /\xC3\xBC HTTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_SYNTAX },
    { "GET / SMTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_SYNTAX },
    { "(GET) / HTTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_SYNTAX },
    { "POST / HTTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_METHOD },
    { "get / HTTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_METHOD },
    { "GET / HTTP/1.0\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_VERSION },
    { "GET / HTTP/2\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_VERSION },
    { "GET * HTTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_TARGET },
    { "GET hub HTTP/1.1\r\n" HOST UP KEY V13 PROTO END, WS_REFUSE_TARGET },
    /* the form of the lines */
    { LINE HOST UP KEY V13 PROTO "Folded: a\r\n b\r\n" END, WS_REFUSE_SYNTAX },
    { LINE HOST UP KEY V13 PROTO "Folded: a\r\n\tb\r\n" END, WS_REFUSE_SYNTAX },
    { LINE HOST UP KEY V13 PROTO "Bare: a\nX: b\r\n" END, WS_REFUSE_SYNTAX },
    { LINE HOST UP KEY V13 PROTO "Bare: a\rX: b\r\n" END, WS_REFUSE_SYNTAX },
    { LINE HOST UP KEY V13 PROTO "\r\r\n", WS_REFUSE_SYNTAX },
    { LINE HOST UP KEY V13 PROTO "Bell: \x07\r\n" END, WS_REFUSE_SYNTAX },
    { LINE HOST UP KEY V13 PROTO "Del: \x7F\r\n" END, WS_REFUSE_SYNTAX },
    { LINE HOST UP KEY V13 PROTO "no colon\r\n" END, WS_REFUSE_SYNTAX },
    { LINE HOST UP KEY V13 PROTO "Space : x\r\n" END, WS_REFUSE_SYNTAX },
    { LINE HOST UP KEY V13 PROTO ": x\r\n" END, WS_REFUSE_SYNTAX },
    /* what must stand there, and once */
    { LINE UP KEY V13 PROTO END, WS_REFUSE_HOST },
    { LINE "Host: \r\n" UP KEY V13 PROTO END, WS_REFUSE_HOST },
    { LINE HOST HOST UP KEY V13 PROTO END, WS_REFUSE_TWICE },
    { LINE HOST UP KEY KEY V13 PROTO END, WS_REFUSE_TWICE },
    { LINE HOST UP KEY V13 V13 PROTO END, WS_REFUSE_TWICE },
    { LINE HOST UP KEY V13 PROTO "Content-Length: 0\r\nContent-Length: 0\r\n" END,
      WS_REFUSE_TWICE },
    { LINE HOST UP KEY V13 PROTO "Content-Length: 1\r\n" END, WS_REFUSE_BODY },
    { LINE HOST UP KEY V13 PROTO "Content-Length: x\r\n" END, WS_REFUSE_BODY },
    { LINE HOST UP KEY V13 PROTO "Transfer-Encoding: chunked\r\n" END, WS_REFUSE_BODY },
    { LINE HOST END, WS_REFUSE_NO_UPGRADE },
    { LINE HOST "Upgrade: h2c\r\nConnection: Upgrade\r\n" KEY V13 PROTO END, WS_REFUSE_NO_UPGRADE },
    { LINE HOST "Upgrade: websocket\r\n" KEY V13 PROTO END, WS_REFUSE_NO_UPGRADE },
    { LINE HOST "Upgrade: websocket\r\nConnection: keep-alive\r\n" KEY V13 PROTO END,
      WS_REFUSE_NO_UPGRADE },
    { LINE HOST "Upgrade: websocket\r\nConnection: upgrades\r\n" KEY V13 PROTO END,
      WS_REFUSE_NO_UPGRADE },
    { LINE HOST UP KEY PROTO END, WS_REFUSE_WS_VERSION },
    { LINE HOST UP KEY PROTO "Sec-WebSocket-Version: 8\r\n" END, WS_REFUSE_WS_VERSION },
    { LINE HOST UP KEY PROTO "Sec-WebSocket-Version: 13, 8\r\n" END, WS_REFUSE_WS_VERSION },
    { LINE HOST UP V13 PROTO END, WS_REFUSE_KEY },
    { LINE HOST UP V13 PROTO "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n" END, WS_REFUSE_KEY },
    { LINE HOST UP V13 PROTO "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWU=\r\n" END, WS_REFUSE_KEY },
    { LINE HOST UP V13 PROTO "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n" END, WS_REFUSE_KEY },
    { LINE HOST UP V13 PROTO "Sec-WebSocket-Key: dGhl*HNhbXBsZSBub25jZQ==\r\n" END, WS_REFUSE_KEY },
    { LINE HOST UP KEY V13 END, WS_REFUSE_SUBPROTOCOL },
    { LINE HOST UP KEY V13 "Sec-WebSocket-Protocol:\r\n" END, WS_REFUSE_SUBPROTOCOL },
    { LINE HOST UP KEY V13 "Sec-WebSocket-Protocol: chat\r\n" END, WS_REFUSE_SUBPROTOCOL },
    { LINE HOST UP KEY V13 "Sec-WebSocket-Protocol: HUB.bsc.bacnet.org\r\n" END,
      WS_REFUSE_SUBPROTOCOL },
    { LINE HOST UP KEY V13 "Sec-WebSocket-Protocol: hub.bsc.bacnet.or\r\n" END,
      WS_REFUSE_SUBPROTOCOL },
    { LINE HOST UP KEY V13 "Sec-WebSocket-Protocol: hub.bsc.bacnet.org2\r\n" END,
      WS_REFUSE_SUBPROTOCOL },
};

static void check_refusal(struct kit *k, enum ws_refusal why)
{
    const struct ws_refusal_row *row = bas_ws_refusal(why);
    char said[400];
    char answer[1024];
    (void)snprintf(said, sizeof(said),
                   "closed 1006 7/%u: a WebSocket upgrade was refused with HTTP %u: %s\n",
                   (unsigned)row->error_code, (unsigned)row->status, row->text);
    kit_expect(k, said);
    kit_control(k);
    (void)snprintf(answer, sizeof(answer),
                   "HTTP/1.1 %u %s\r\nConnection: close\r\n%sContent-Type: text/plain\r\n"
                   "Content-Length: %zu\r\n\r\n%s\n",
                   (unsigned)row->status, row->phrase, row->headers, strlen(row->text) + 1,
                   row->text);
    assert_string_equal(bas_buf_text(&k->sent), answer);
    assert_int_equal(kit_feed(k, kit_text("x")), BAS_ERR_CLOSED);
    kit_expect(k, "");
}

/* bsc 7.2-04 */
static void each_wrong_request_is_refused_by_its_status_whole_or_in_octets(void **state)
{
    (void)state;
    static struct kit k;
    for (size_t i = 0; i < 2 * BAS_ARRAY_LEN(refused); i++) {
        const struct refused *row = &refused[i / 2];
        kit_new(&k, BAS_WS_SERVER);
        kit_feed_chunks(&k, kit_text(row->request), i % 2);
        check_refusal(&k, row->why);
        kit_free(&k);
    }
}

static void a_nul_is_refused(void **state)
{
    (void)state;
    static struct kit k;
    kit_new(&k, BAS_WS_SERVER);
    (void)kit_feed(&k, test_hex("474554202f00"));
    check_refusal(&k, WS_REFUSE_SYNTAX);
    kit_free(&k);
}

static void a_head_may_have_4096_octets_and_not_one_more(void **state)
{
    (void)state;
    static struct kit k;
    static const size_t chunks[] = { 0, 1, 1000 };
    for (size_t i = 0; i < 6; i++) {
        static char request[5000];
        size_t extra = i / 3;
        size_t n = strlen(KIT_REQUEST) - 2;
        memcpy(request, KIT_REQUEST, n);
        memcpy(request + n, "X: ", 3);
        memset(request + n + 3, 'x', sizeof(request) - n - 3);
        memcpy(request + 4096 - 4 + extra, "\r\n\r\n", 4);
        kit_new(&k, BAS_WS_SERVER);
        kit_feed_chunks(&k, (struct bas_slice){ (uint8_t *)request, 4096 + extra }, chunks[i % 3]);
        if (extra == 0) {
            kit_expect(&k, "open " KIT_HUB "\n");
        } else {
            check_refusal(&k, WS_REFUSE_LENGTH);
        }
        kit_free(&k);
    }
}

static void what_follows_the_request_is_frame_data(void **state)
{
    (void)state;
    static struct kit k;
    static uint8_t room[1024];
    struct bas_buf buf;
    bas_buf_init(&buf, room, sizeof(room));
    bas_buf_add_text(&buf, KIT_REQUEST);
    kit_frame(&buf, 0x82, test_hex("010203"), true);
    kit_frame(&buf, 0x82, test_hex("04"), true);
    for (size_t chunk = 0; chunk < 8; chunk++) {
        kit_new(&k, BAS_WS_SERVER);
        kit_feed_chunks(&k, (struct bas_slice){ room, buf.len }, chunk);
        kit_expect(&k, "open " KIT_HUB "\nmessage 010203\nmessage 04\n");
        kit_free(&k);
    }
}

static void a_cut_request_says_nothing_and_its_memory_is_charged_then_freed(void **state)
{
    (void)state;
    static struct kit k;
    size_t whole = strlen(KIT_REQUEST);
    for (size_t len = 0; len < whole; len += 7) {
        kit_new(&k, BAS_WS_SERVER);
        size_t live = k.t.live;
        assert_int_equal(kit_feed(&k, (struct bas_slice){ (const uint8_t *)KIT_REQUEST, len }),
                         BAS_OK);
        kit_expect(&k, "");
        assert_false(bas_ws_has_control(k.ws));
        assert_int_equal(k.t.live - live, k.budget.used);
        assert_int_equal(k.budget.used > 0, len > 0);
        bas_ws_eof(k.ws);
        kit_drain(&k);
        kit_expect(&k, "closed 1006 7/165: the connection ended before the WebSocket upgrade was "
                       "done\n");
        assert_int_equal(k.t.live, live);
        kit_free(&k);
    }
}

static void without_memory_for_a_request_the_answer_is_503(void **state)
{
    (void)state;
    static struct kit k;
    kit_new(&k, BAS_WS_SERVER);
    k.budget.max = 100;
    (void)kit_feed(&k, kit_text("GET / HTTP/1.1\r\n"));
    check_refusal(&k, WS_REFUSE_MEMORY);
    kit_free(&k);
}

static void a_server_that_closes_before_it_is_open_answers_503(void **state)
{
    (void)state;
    static struct kit k;
    kit_new(&k, BAS_WS_SERVER);
    (void)kit_feed(&k, kit_text("GET / HTTP/1.1\r\n"));
    bas_ws_close(k.ws, BAS_WS_CLOSE_GOING_AWAY, NULL);
    bas_ws_close(k.ws, BAS_WS_CLOSE_GOING_AWAY, NULL);
    kit_drain(&k);
    kit_expect(&k, "closed 1006\n");
    kit_control(&k);
    assert_memory_equal(k.sent.data, "HTTP/1.1 503 Service Unavailable\r\n", 34);
    assert_int_equal(kit_feed(&k, kit_text("Host: x\r\n\r\n")), BAS_ERR_CLOSED);
    kit_expect(&k, "");
    kit_free(&k);
}

static void a_server_without_room_answers_a_good_request_503_with_a_time_to_wait(void **state)
{
    (void)state;
    static struct kit k;
    kit_new(&k, BAS_WS_SERVER);
    bas_ws_set_unavailable(k.ws, true);
    (void)kit_feed(&k, kit_text(KIT_REQUEST));
    check_refusal(&k, WS_REFUSE_UNAVAILABLE);
    assert_non_null(strstr(bas_ws_refusal(WS_REFUSE_UNAVAILABLE)->headers, "Retry-After: "));
    kit_free(&k);
    kit_new(&k, BAS_WS_SERVER); /* one that is wrong is told what is wrong */
    bas_ws_set_unavailable(k.ws, true);
    (void)kit_feed(&k, kit_text("PUT / HTTP/1.1\r\n\r\n"));
    check_refusal(&k, WS_REFUSE_METHOD);
    kit_free(&k);
    kit_new(&k, BAS_WS_SERVER); /* what was said last counts */
    bas_ws_set_unavailable(k.ws, true);
    bas_ws_set_unavailable(k.ws, false);
    (void)kit_feed(&k, kit_text(KIT_REQUEST));
    assert_true(bas_ws_is_open(k.ws));
    kit_free(&k);
}

/* The client's side */

/* bsc 7.2-01 7.2-07 */
static void a_client_asks_as_the_profile_says(void **state)
{
    (void)state;
    static struct kit k;
    kit_init(&k, 1000);
    struct bas_ws_config config = kit_config(&k, BAS_WS_CLIENT);
    config.path = "/sc?x";
    k.ws = bas_ws_new(&k.t.env, &config);
    assert_true(bas_ws_has_control(k.ws));
    uint8_t room[60];
    struct bas_buf small;
    bas_buf_init(&small, room, sizeof(room));
    bas_ws_control(k.ws, &small);
    assert_int_equal(small.len, 0);
    assert_false(small.full);
    kit_control(&k);
    const char *text = bas_buf_text(&k.sent);
    assert_int_equal(strncmp(text, "GET /sc?x HTTP/1.1\r\nHost: hub:4443\r\n", 36), 0);
    assert_non_null(strstr(text, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"));
    assert_non_null(strstr(text, "\r\nSec-WebSocket-Version: 13\r\n"));
    assert_non_null(strstr(text, "\r\nSec-WebSocket-Protocol: " KIT_HUB "\r\n"));
    const char *key = strstr(text, "\r\nSec-WebSocket-Key: ") + 21;
    assert_memory_equal(key + 22, "==\r\n\r\n", 6);
    assert_int_equal(key + 28 - text, k.sent.len);
    kit_free(&k);
}

/* bsc 7.2-01 */
static void two_clients_have_two_keys(void **state)
{
    (void)state;
    static struct kit k;
    static char first[2048];
    kit_new(&k, BAS_WS_CLIENT);
    kit_control(&k);
    memcpy(first, bas_buf_text(&k.sent), k.sent.len + 1);
    bas_ws_free(k.ws);
    k.sent.len = 0;
    struct bas_ws_config config = kit_config(&k, BAS_WS_CLIENT);
    k.ws = bas_ws_new(&k.t.env, &config);
    kit_control(&k);
    assert_string_not_equal(bas_buf_text(&k.sent), first);
    kit_free(&k);
}

static void a_client_and_a_server_of_ours_open_in_any_segmentation(void **state)
{
    (void)state;
    static struct kit client;
    static struct kit server;
    for (size_t chunk = 0; chunk < 5; chunk++) {
        kit_new(&client, BAS_WS_CLIENT);
        kit_new(&server, BAS_WS_SERVER);
        kit_control(&client);
        kit_feed_chunks(&server, (struct bas_slice){ client.sent.data, client.sent.len }, chunk);
        kit_control(&server);
        assert_int_equal(bas_ws_write(server.ws, &server.sent, kit_text("A"), kit_text("B")),
                         BAS_OK);
        kit_feed_chunks(&client, (struct bas_slice){ server.sent.data, server.sent.len }, chunk);
        kit_expect(&server, "open " KIT_HUB "\n");
        kit_expect(&client, "open " KIT_HUB "\nmessage 4142\n");
        assert_int_equal(client.budget.used, 0);
        kit_free(&client);
        kit_free(&server);
    }
}

/* Answers: ACCEPT stands for the right accept value. */
#define OK101 "HTTP/1.1 101 Switching Protocols\r\n"
#define RIGHT "Sec-WebSocket-Accept: ACCEPT\r\n"

static const struct {
    const char *answer;
    const char *said; /* after "closed 1006 " */
} answers[] = {
    { "SSH-2.0-OpenSSH_9.2\r\n\r\n", "7/164: the answer to the upgrade request is not HTTP" },
    { "SSH-2.0-OpenSSH_9.2\r\n", "7/164: the answer to the upgrade request is not HTTP" },
    { "HTTX", "7/164: the answer to the upgrade request is not HTTP" },
    { "\x15\x03\x03", "7/164: the answer to the upgrade request is not HTTP" },
    { "HTTP/1.1 101\x01",
      "7/157: the server's answer to the upgrade request is not well-formed HTTP" },
    { "HTTP/1.1\r\n\r\n",
      "7/157: the server's answer to the upgrade request is not well-formed HTTP" },
    { "HTTP/2 101 x\r\n\r\n",
      "7/157: the server's answer to the upgrade request is not well-formed HTTP" },
    { "HTTP/1.1 1010 x\r\n\r\n",
      "7/157: the server's answer to the upgrade request is not well-formed HTTP" },
    { "HTTP/1.1 1x1 x\r\n\r\n",
      "7/157: the server's answer to the upgrade request is not well-formed HTTP" },
    { "HTTP/1.1 042 x\r\n\r\n",
      "7/157: the server's answer to the upgrade request is not well-formed HTTP" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello",
      "http 200 7/153: the server answered HTTP 200: a web server without WebSocket answers "
      "there" },
    { "HTTP/1.1 302 Found\r\n\r\n",
      "http 302 7/154: the server answered HTTP 302: redirects are not followed" },
    { "HTTP/1.1 308\r\n\r\n",
      "http 308 7/154: the server answered HTTP 308: redirects are not followed" },
    { "HTTP/1.1 304 x\r\n\r\n",
      "http 304 7/152: the server answered HTTP 304: the upgrade is refused" },
    { "HTTP/1.1 400 x\r\n\r\n",
      "http 400 7/152: the server answered HTTP 400: the server refuses the request; it may not "
      "serve this subprotocol" },
    { "HTTP/1.1 404 x\r\n\r\n",
      "http 404 7/154: the server answered HTTP 404: nothing is served at this path" },
    { "HTTP/1.0 407 x\r\n\r\n",
      "http 407 7/155: the server answered HTTP 407: a proxy stands in between; proxies are not "
      "supported" },
    { "HTTP/1.1 426 x\r\n\r\n", "http 426 7/161: the server answered HTTP 426: the server wants "
                                "another protocol or version" },
    { "HTTP/1.1 503 x\r\n\r\n",
      "http 503 7/163: the server answered HTTP 503: the server accepts no connections now; try "
      "again later" },
    { "HTTP/1.1 500 x\r\n\r\n",
      "http 500 7/152: the server answered HTTP 500: the server has failed" },
    { "HTTP/1.1 401 x\r\n\r\n",
      "http 401 7/152: the server answered HTTP 401: the server wants a password, which a "
      "BACnet/SC node does not have" },
    { "HTTP/1.1 403 x\r\n\r\n",
      "http 403 7/152: the server answered HTTP 403: the server does not allow this to us; is it "
      "a BACnet/SC hub?" },
    { "HTTP/1.1 999 x\r\n\r\n",
      "http 999 7/152: the server answered HTTP 999: the upgrade is refused" },
    { "HTTP/1.0 101 x\r\n" UP RIGHT PROTO END,
      "http 101 7/162: the server switches protocols in HTTP/1.0, which cannot do that" },
    { OK101 UP RIGHT PROTO "no field\r\n" END,
      "http 101 7/157: a header line of the server's answer is malformed" },
    { OK101 UP RIGHT RIGHT PROTO END,
      "http 101 7/157: a header that may stand once only stands twice in the server's answer" },
    { OK101 UP RIGHT PROTO PROTO END,
      "http 101 7/157: a header that may stand once only stands twice in the server's answer" },
    { OK101 UP RIGHT PROTO "Content-Length: 3\r\n" END,
      "http 101 7/158: the server's answer 101 announces a body" },
    { OK101 "Connection: Upgrade\r\n" RIGHT PROTO END,
      "http 101 7/159: the server's answer 101 lacks the header Upgrade or Connection" },
    { OK101 "Upgrade: websocket\r\n" RIGHT PROTO END,
      "http 101 7/159: the server's answer 101 lacks the header Upgrade or Connection" },
    { OK101 "Upgrade: h2c\r\nConnection: Upgrade\r\n" RIGHT PROTO END,
      "http 101 7/162: the server upgrades to something else than WebSocket" },
    { OK101 "Upgrade: websocket\r\nConnection: close\r\n" RIGHT PROTO END,
      "http 101 7/158: the header Connection of the server's answer 101 does not say Upgrade" },
    { OK101 UP PROTO END,
      "http 101 7/159: the server's answer 101 lacks the header Sec-WebSocket-Accept" },
    { OK101 UP "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" PROTO END,
      "http 101 7/160: Sec-WebSocket-Accept does not fit our key; the answer was not made for us" },
    { OK101 UP "Sec-WebSocket-Accept: ACCEPT=\r\n" PROTO END,
      "http 101 7/160: Sec-WebSocket-Accept does not fit our key; the answer was not made for us" },
    { OK101 UP RIGHT END, "http 101 7/160: the server did not select the subprotocol " KIT_HUB },
    { OK101 UP RIGHT "Sec-WebSocket-Protocol: " KIT_DIRECT "\r\n" END,
      "http 101 7/160: the server did not select the subprotocol " KIT_HUB },
    { OK101 UP RIGHT PROTO "Sec-WebSocket-Extensions: permessage-deflate\r\n" END,
      "http 101 7/160: the server selected an extension that was not offered" },
};

/* The answer with ACCEPT replaced by what fits the request in k->sent. */
static struct bas_slice make_answer(struct kit *k, const char *answer)
{
    static struct kit server;
    static char text[2048];
    kit_control(k);
    kit_new(&server, BAS_WS_SERVER);
    (void)kit_feed(&server, (struct bas_slice){ k->sent.data, k->sent.len });
    kit_control(&server);
    const char *accept = strstr(bas_buf_text(&server.sent), "Accept: ") + 8;
    const char *mark = strstr(answer, "ACCEPT");
    int before = mark == NULL ? (int)strlen(answer) : (int)(mark - answer);
    (void)snprintf(text, sizeof(text), "%.*s%.28s%s", before, answer, mark == NULL ? "" : accept,
                   mark == NULL ? "" : mark + 6);
    kit_free(&server);
    return kit_text(text);
}

/* bsc 7.1-02 7.2-02 7.2-03 7.2-07 7.6-06 7.6-07 */
static void each_wrong_answer_has_its_code_whole_or_in_octets(void **state)
{
    (void)state;
    static struct kit k;
    for (size_t i = 0; i < 2 * BAS_ARRAY_LEN(answers); i++) {
        char said[300];
        kit_new(&k, BAS_WS_CLIENT);
        kit_feed_chunks(&k, make_answer(&k, answers[i / 2].answer), i % 2);
        (void)snprintf(said, sizeof(said), "closed 1006 %s\n", answers[i / 2].said);
        kit_expect(&k, said);
        assert_false(bas_ws_has_control(k.ws));
        kit_free(&k);
    }
}

static void a_right_answer_opens_in_other_spellings_too(void **state)
{
    (void)state;
    static const char *const good[] = {
        OK101 UP RIGHT PROTO END,
        "HTTP/1.1 101\r\n" UP RIGHT PROTO END,
        "HTTP/1.1 101 \r\nupgrade:WEBSOCKET\r\nconnection: keep-alive, upgrade\r\n" RIGHT PROTO
        "Content-Length: 0\r\nServer: x\r\n" END,
    };
    static struct kit k;
    for (size_t i = 0; i < BAS_ARRAY_LEN(good); i++) {
        kit_new(&k, BAS_WS_CLIENT);
        kit_feed_chunks(&k, make_answer(&k, good[i]), 0);
        kit_expect(&k, "open " KIT_HUB "\n");
        kit_free(&k);
    }
}

static void an_endless_answer_ends_at_4096_octets(void **state)
{
    (void)state;
    static struct kit k;
    static char text[6000];
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text, "HTTP/1.1 200 ", 13);
    for (size_t i = 0; i < 2; i++) {
        kit_new(&k, BAS_WS_CLIENT);
        kit_control(&k);
        kit_feed_chunks(&k, kit_text(text), i * 100);
        kit_expect(&k, "closed 1006 7/157: the server's answer to the upgrade request is longer "
                       "than 4096 octets\n");
        kit_free(&k);
    }
}

static void a_client_that_closes_before_it_is_open_says_nothing(void **state)
{
    (void)state;
    static struct kit k;
    kit_new(&k, BAS_WS_CLIENT);
    bas_ws_ping(k.ws);
    bas_ws_close(k.ws, BAS_WS_CLOSE_NORMAL, NULL);
    assert_false(bas_ws_has_control(k.ws));
    kit_drain(&k);
    kit_expect(&k, "closed 1006\n");
    kit_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_rfc_is_accepted),
        cmocka_unit_test(spellings_that_http_allows_are_accepted),
        cmocka_unit_test(each_wrong_request_is_refused_by_its_status_whole_or_in_octets),
        cmocka_unit_test(a_nul_is_refused),
        cmocka_unit_test(a_head_may_have_4096_octets_and_not_one_more),
        cmocka_unit_test(what_follows_the_request_is_frame_data),
        cmocka_unit_test(a_cut_request_says_nothing_and_its_memory_is_charged_then_freed),
        cmocka_unit_test(without_memory_for_a_request_the_answer_is_503),
        cmocka_unit_test(a_server_that_closes_before_it_is_open_answers_503),
        cmocka_unit_test(a_server_without_room_answers_a_good_request_503_with_a_time_to_wait),
        cmocka_unit_test(a_client_asks_as_the_profile_says),
        cmocka_unit_test(two_clients_have_two_keys),
        cmocka_unit_test(a_client_and_a_server_of_ours_open_in_any_segmentation),
        cmocka_unit_test(each_wrong_answer_has_its_code_whole_or_in_octets),
        cmocka_unit_test(a_right_answer_opens_in_other_spellings_too),
        cmocka_unit_test(an_endless_answer_ends_at_4096_octets),
        cmocka_unit_test(a_client_that_closes_before_it_is_open_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
