/* Links at bad moments: real TLS over loopback between two ends of the test, no time but what the
 * network takes. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link_internal.h"
#include "ws/ws_internal.h"

#include "test_env.h"

#include "basalt/pki.h"
#include "test_folder.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE = 16000, LONG_TAIL = 60 };

struct world;
struct end {
    struct world *w;
    struct link *link; /* NULL: not open, or over */
    unsigned opened, closed, received;
    unsigned to_send;
    bool is_dirty;
    struct bas_fault why;
    void (*on_open)(struct end *end);
    void (*on_blocked)(struct end *end);
    void (*on_message)(struct end *end);
};

struct world {
    struct bas_env host, env;
    bool has_no_memory;
    bool keeps_listening; /* else until the client's link is over */
    bool is_over;
    unsigned logs;
    struct bas_loop *loop;
    struct bas_tls_context *server_tls, *client_tls;
    struct listener *listener;
    struct flusher flusher;
    struct end server, client;
    uv_prepare_t prepare;
    struct bas_frame *held[LOOP_BLOCKS];
    size_t n_held;
    unsigned flushes_to_hold;
};

static const char *const subprotocols[] = { "hub.bsc.bacnet.org", NULL };
static const uint8_t octets[MESSAGE] = { 0 };

static void *allocate(void *ctx, size_t len)
{
    struct world *w = ctx;
    return w->has_no_memory ? NULL : w->host.alloc(w->host.ctx, len);
}

static void on_log(void *ctx, enum bas_log_level level, const char *text)
{
    struct world *w = ctx;
    (void)level;
    (void)text;
    w->logs++;
}

/* What both ends do. */

static void on_open(void *user, struct link *link, const char *subprotocol)
{
    struct end *end = user;
    (void)subprotocol;
    end->link = link;
    end->opened++;
    if (end->on_open != NULL) {
        end->on_open(end);
    }
}

static void on_message(void *user, struct link *link, const struct bas_window *window)
{
    struct end *end = user;
    (void)link;
    (void)window;
    end->received++;
    if (end->on_message != NULL) {
        end->on_message(end);
    }
}

static void on_closed(void *user, struct link *link, const struct bas_fault *why)
{
    struct end *end = user;
    (void)link;
    end->link = NULL;
    end->closed++;
    end->why = *why;
    if (end == &end->w->client && !end->w->keeps_listening) {
        listener_close(end->w->listener, NULL, NULL);
    }
}

static bool on_peek(void *user, struct link *link, struct bsc_tx *tx)
{
    struct end *end = user;
    (void)link;
    *tx = (struct bsc_tx){ .rest = { octets, sizeof(octets) } };
    return end->to_send != 0;
}

static void on_pop(void *user, struct link *link)
{
    struct end *end = user;
    (void)link;
    end->to_send--;
}

static void on_leftover(void *user, struct link *link, size_t left)
{
    struct end *end = user;
    (void)link;
    end->is_dirty |= left == 0 && end->to_send != 0;
    if (left != 0 && end->on_blocked != NULL) {
        end->on_blocked(end);
    }
}

static const struct link_owner owner = { on_open, on_message,  on_closed, on_peek,
                                         on_pop,  on_leftover, NULL };

/* As a hub does: only who was named again has something to send. */
static bool flush_end(struct end *end)
{
    bool is_dirty = end->is_dirty && end->link != NULL;
    end->is_dirty = false;
    if (is_dirty) {
        link_flush(end->link);
    }
    return end->is_dirty;
}

static bool flush(void *user, bas_time now)
{
    struct world *w = user;
    (void)now;
    if (w->n_held != 0 && w->flushes_to_hold-- == 0) {
        while (w->n_held != 0) {
            bas_frame_unref(w->held[--w->n_held]);
        }
    }
    bool more = flush_end(&w->server);
    return flush_end(&w->client) || more;
}

/* Beginning and end. */

static struct bas_tls_context *context(struct world *w, const char *certificate, const char *key)
{
    struct bas_fault fault = { 0 };
    const struct bas_tls_config config = { .size = sizeof(config),
                                           .issuer_files = { "ca.pem" },
                                           .certificate_file = certificate,
                                           .key_file = key };
    struct bas_tls_context *made = bas_tls_context_new(&w->env, &config, &fault);
    if (made == NULL) {
        fail_msg("%s", fault.text);
    }
    return made;
}

static struct link_config config_of(struct world *w, struct end *end)
{
    return (struct link_config){ .loop = w->loop,
                                 .tls = end == &w->server ? w->server_tls : w->client_tls,
                                 .owner = &owner,
                                 .user = end,
                                 .subprotocols = subprotocols,
                                 .setup_ms = 10000,
                                 .max_message = 65535 };
}

static void begin(struct world *w, uint32_t max_links)
{
    struct bas_fault fault = { 0 };
    memset(w, 0, sizeof(*w));
    w->host = bas_env_host(NULL, NULL);
    w->env = w->host;
    w->env.ctx = w;
    w->env.alloc = allocate;
    w->env.log = on_log;
    w->loop = bas_loop_new(&w->env);
    assert_non_null(w->loop);
    w->server.w = w->client.w = w;
    w->server_tls = context(w, "hub.pem", "hub.key");
    w->client_tls = context(w, "device.pem", "device.key");
    const struct listener_config config = { .link = config_of(w, &w->server),
                                            .bind = "127.0.0.1:0",
                                            .max_links = max_links,
                                            .max_half_open = max_links };
    w->listener = listener_new(&config, &fault);
    assert_non_null(w->listener);
    w->flusher = (struct flusher){ flush, w, NULL };
    loop_add_flusher(w->loop, &w->flusher);
}

static void connect_client(struct world *w)
{
    char uri[80];
    const struct link_config config = config_of(w, &w->client);
    (void)snprintf(uri, sizeof(uri), "wss://%s/", listener_address(w->listener));
    w->client.link = link_connect(&config, uri);
    assert_non_null(w->client.link);
}

static void finish(struct world *w)
{
    bas_loop_run(w->loop);
    loop_remove_flusher(w->loop, &w->flusher);
    bas_tls_context_unref(w->server_tls);
    bas_tls_context_unref(w->client_tls);
    bas_loop_free(w->loop);
}

/* Closing. */

static void close_going_away(struct end *end)
{
    link_close(end->link, BAS_WS_CLOSE_GOING_AWAY);
}

static void a_link_that_closes_sends_all_that_was_pending_first(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 8);
    w.server.to_send = LONG_TAIL;
    w.server.on_open = close_going_away;
    connect_client(&w);
    finish(&w);
    assert_int_equal(w.client.received, LONG_TAIL);
    assert_int_equal(w.client.why.error_code, BAC_ERROR_CODE_WEBSOCKET_ENDPOINT_LEAVES);
    assert_int_equal(w.client.closed, 1);
    assert_int_equal(w.server.closed, 1);
}

static void the_reason_of_a_close_frame_is_not_lost_to_the_end_of_tls_behind_it(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 8);
    w.server.on_open = close_going_away;
    connect_client(&w);
    finish(&w);
    assert_int_equal(w.client.why.error_code, BAC_ERROR_CODE_WEBSOCKET_ENDPOINT_LEAVES);
    assert_non_null(strstr(w.client.why.text, "1001"));
}

/* Control frames. */

enum { WITHOUT_READING = 10, PATIENCE_MS = 5000 };

static void stop_reading(struct end *end)
{
    (void)uv_read_stop((uv_stream_t *)&end->link->tcp);
    end->link->is_reading = false;
}

/* The server has nothing to send but what is stuck: now it is asked for a pong. */
static void ping_back(struct end *server)
{
    struct link *client = server->w->client.link;
    server->to_send = 0;
    server->on_blocked = NULL;
    bas_ws_ping(client->ws);
    link_flush(client);
}

static void give_up(void *user)
{
    struct world *w = user;
    w->is_over = true;
}

static void a_pong_that_had_to_wait_for_the_transport_goes_out_after_it(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 8);
    struct bas_alarm *patience = bas_alarm_new(w.loop, give_up, &w);
    bas_alarm_set(patience, PATIENCE_MS);
    w.client.on_open = stop_reading;
    w.server.to_send = 100000;
    w.server.on_blocked = ping_back;
    connect_client(&w);
    while (w.server.to_send != 0 || w.client.link == NULL) {
        (void)uv_run(&w.loop->uv, UV_RUN_ONCE);
    }
    assert_true(w.client.link->ws->ping_sent);
    for (unsigned i = 0; i < WITHOUT_READING; i++) { /* the ping arrives */
        (void)uv_run(&w.loop->uv, UV_RUN_NOWAIT);
    }
    link_start_reading(w.client.link);
    while (!w.is_over && w.client.link->ws->ping_sent) {
        (void)uv_run(&w.loop->uv, UV_RUN_ONCE);
    }
    assert_false(w.is_over);
    link_close(w.client.link, BAS_WS_CLOSE_NORMAL);
    bas_alarm_free(patience);
    finish(&w);
}

/* Receive blocks. */

/* As if messages of this turn for others stood in all blocks, until the end of it. */
static void hold_all_blocks(uv_prepare_t *prepare)
{
    struct world *w = prepare->data;
    if (w->client.opened == 0) {
        return;
    }
    for (; w->n_held < LOOP_BLOCKS; w->n_held++) {
        struct bas_frame *block = loop_block(w->loop);
        w->held[w->n_held] = bas_frame_ref(block);
        block->len = block->cap;
    }
    w->flushes_to_hold = 1; /* before polling */
    uv_close((uv_handle_t *)prepare, NULL);
}

static void send_one(struct end *end)
{
    end->to_send = 1;
    end->is_dirty = true;
}

static void a_turn_that_needs_more_blocks_than_there_are_costs_nobody_the_connection(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 8);
    (void)uv_prepare_init(&w.loop->uv, &w.prepare);
    w.prepare.data = &w;
    (void)uv_prepare_start(&w.prepare, hold_all_blocks);
    w.client.on_open = send_one;
    w.server.on_message = close_going_away;
    connect_client(&w);
    finish(&w);
    assert_int_equal(w.server.received, 1);
    assert_int_equal(w.client.why.error_code, BAC_ERROR_CODE_WEBSOCKET_ENDPOINT_LEAVES);
}

/* Connecting. */

static unsigned open_files(void)
{
    unsigned n = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder) != NULL) {
        n++;
    }
    assert_int_equal(closedir(folder), 0);
    return n;
}

/* Waits until the kernel has connected somebody to our listening socket. */
static void await_backlog(void)
{
    for (int fd = 3; fd < 256; fd++) {
        int listens = 0;
        socklen_t len = sizeof(listens);
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens != 0) {
            struct pollfd wanted = { .fd = fd, .events = POLLIN };
            assert_int_equal(poll(&wanted, 1, 10000), 1);
            return;
        }
    }
    fail_msg("nobody listens");
}

/* The attempt has begun, and its success waits in the kernel. */
static void close_while_connecting(uv_prepare_t *prepare)
{
    struct world *w = prepare->data;
    if (w->client.link != NULL && link_address(w->client.link)[0] != 0) {
        await_backlog();
        link_close(w->client.link, BAS_WS_CLOSE_NORMAL);
        uv_close((uv_handle_t *)prepare, NULL);
    }
}

static void a_link_closed_in_the_turn_in_which_it_is_connected_stays_closed(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 8);
    (void)uv_prepare_init(&w.loop->uv, &w.prepare);
    w.prepare.data = &w;
    (void)uv_prepare_start(&w.prepare, close_while_connecting);
    w.keeps_listening = true;
    unsigned before = open_files();
    connect_client(&w);
    while (w.client.closed == 0) {
        (void)uv_run(&w.loop->uv, UV_RUN_ONCE);
    }
    listener_close(w.listener, NULL, NULL);
    bas_loop_run(w.loop);
    assert_int_equal(w.client.closed, 1);
    assert_int_equal(w.client.opened, 0);
    assert_int_equal(open_files(), before - 1); /* the listening socket has gone */
    finish(&w);
}

/* Accepting. */

static int connect_plainly(const struct world *w)
{
    const char *address = listener_address(w->listener);
    struct sockaddr_in to = { .sin_family = AF_INET };
    to.sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
    assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &to.sin_addr), 1);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)(const void *)&to, sizeof(to)), 0);
    return fd;
}

static void turn(const struct world *w)
{
    for (unsigned i = 0; i < 4; i++) {
        (void)uv_run(&w->loop->uv, UV_RUN_NOWAIT);
    }
}

static void close_normally(struct end *end)
{
    link_close(end->link, BAS_WS_CLOSE_NORMAL);
}

static void a_listener_that_had_no_memory_for_a_connection_accepts_later_ones(void **state)
{
    (void)state;
    struct world w;
    int fds[3];
    char octet;
    begin(&w, 8);
    w.has_no_memory = true;
    for (size_t i = 0; i < BAS_ARRAY_LEN(fds); i++) {
        fds[i] = connect_plainly(&w);
    }
    turn(&w);
    for (size_t i = 0; i < BAS_ARRAY_LEN(fds); i++) {
        assert_true(recv(fds[i], &octet, 1, MSG_DONTWAIT) == 0); /* it was let go of */
        (void)close(fds[i]);
    }
    w.has_no_memory = false;
    w.client.on_open = close_normally;
    connect_client(&w);
    finish(&w);
    assert_int_equal(w.client.opened, 1);
    assert_int_equal(w.server.opened, 1);
}

static void a_listener_that_is_full_says_so_once(void **state)
{
    (void)state;
    struct world w;
    int fds[5];
    begin(&w, 2);
    for (size_t i = 0; i < BAS_ARRAY_LEN(fds); i++) {
        fds[i] = connect_plainly(&w);
        turn(&w);
    }
    assert_int_equal(w.logs, 1);
    for (size_t i = 0; i < BAS_ARRAY_LEN(fds); i++) {
        (void)close(fds[i]);
    }
    listener_close(w.listener, NULL, NULL);
    finish(&w);
}

static int setup(void **state)
{
    static const char *const names[] = { "hub", "device" };
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_fault fault = { 0 };
    struct bas_pki_pair made;
    int status = test_folder_enter(state);
    const struct bas_pki_authority_request ca = { .size = sizeof(ca), .directory = "." };
    assert_int_equal(bas_pki_init(&env, &ca, &made, &fault), BAS_OK);
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        const struct bas_pki_device_request one = { .size = sizeof(one),
                                                    .directory = ".",
                                                    .name = names[i] };
        assert_int_equal(bas_pki_issue(&env, &one, &made, &fault), BAS_OK);
    }
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_that_closes_sends_all_that_was_pending_first),
        cmocka_unit_test(the_reason_of_a_close_frame_is_not_lost_to_the_end_of_tls_behind_it),
        cmocka_unit_test(a_pong_that_had_to_wait_for_the_transport_goes_out_after_it),
        cmocka_unit_test(a_turn_that_needs_more_blocks_than_there_are_costs_nobody_the_connection),
        cmocka_unit_test(a_link_closed_in_the_turn_in_which_it_is_connected_stays_closed),
        cmocka_unit_test(a_listener_that_had_no_memory_for_a_connection_accepts_later_ones),
        cmocka_unit_test(a_listener_that_is_full_says_so_once),
    };
    return cmocka_run_group_tests(tests, setup, test_folder_leave);
}
