/*
 * The KNX server under measurement: a process that is nothing but the server engine on one loop,
 * with 255 secure tunnels over TCP, and descriptions over UDP, which other clients ask for first.
 * The bus behind it confirms every telegram at once and tells nobody else. Prints its address and
 * runs until it is killed.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "knx_site.h"
#include "rt/knx_socket.h"

#include <stdio.h>

enum { TICK_MS = 1000 };

struct host {
    struct bas_loop *loop;
    struct knx_server *server;
    struct bas_alarm *alarm;
    struct knx_socket *udp;
    struct knx_socket *sockets[SITE_TUNNELS]; /* by the engine's number */
};

/* The place of a connection: its number without the generation. */
static struct knx_socket **socket_of(struct host *host, knx_conn_id connection)
{
    return &host->sockets[((connection & UINT16_MAX) - 1) % SITE_TUNNELS];
}

static void on_event(struct host *host, const struct knx_server_event *event, bas_time now)
{
    struct knx_socket *socket = *socket_of(host, event->connection);
    if (event->kind == KNX_SERVER_EVENT_TELEGRAM) {
        knx_server_confirm(host->server, event->channel, event->cemi, true, now);
    } else if (event->kind == KNX_SERVER_EVENT_CLOSE && socket != NULL) {
        knx_socket_close(socket);
    } else if (event->kind == KNX_SERVER_EVENT_REFUSED) {
        (void)fprintf(stderr, "knx_host: refused: %s\n", event->fault->text);
    }
}

/* Frames that follow each other to one connection leave in one piece. */
static void send_frames(struct host *host)
{
    struct knx_server_frame frame;
    struct knx_socket *last = NULL;
    while (knx_server_next_frame(host->server, &frame)) {
        struct knx_socket *socket =
            frame.connection == 0 ? host->udp : *socket_of(host, frame.connection);
        if (last != NULL && socket != last) {
            knx_socket_flush(last);
        }
        last = socket;
        if (socket != NULL) {
            knx_socket_add(socket, frame.octets, &frame.to);
        }
    }
    if (last != NULL) {
        knx_socket_flush(last);
    }
}

static void drain(struct host *host, bas_time now)
{
    struct knx_server_event event;
    while (knx_server_next_event(host->server, &event)) {
        on_event(host, &event, now);
    }
    send_frames(host);
}

static void on_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                        const struct knx_endpoint *from)
{
    struct host *host = user;
    bas_time now = bas_loop_now(host->loop);
    if (socket == host->udp) {
        knx_server_datagram(host->server, from, octets, now);
        drain(host, now);
        return;
    }
    while (octets.len != 0) {
        size_t n = octets.len < KNX_SERVER_RECV ? octets.len : KNX_SERVER_RECV;
        knx_server_recv(host->server, knx_socket_tag(socket), (struct bas_slice){ octets.data, n },
                        now);
        drain(host, now);
        octets = (struct bas_slice){ octets.data + n, octets.len - n };
    }
}

static void on_closed(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    struct host *host = user;
    bas_time now = bas_loop_now(host->loop);
    (void)why;
    if (knx_socket_tag(socket) != 0) {
        *socket_of(host, knx_socket_tag(socket)) = NULL;
        knx_server_lost(host->server, knx_socket_tag(socket), now);
        drain(host, now);
    }
}

static void on_accepted(void *user, struct knx_socket *socket)
{
    struct host *host = user;
    const struct knx_endpoint peer = knx_socket_peer(socket);
    knx_conn_id connection = 0;
    if (knx_server_accept(host->server, &peer, NULL, bas_loop_now(host->loop), &connection) !=
        BAS_OK) {
        knx_socket_close(socket);
        return;
    }
    knx_socket_set_tag(socket, connection);
    *socket_of(host, connection) = socket;
}

static void on_tick(void *user)
{
    struct host *host = user;
    bas_time now = bas_loop_now(host->loop);
    knx_server_tick(host->server, now);
    drain(host, now);
    bas_alarm_set(host->alarm, TICK_MS);
}

int main(void)
{
    static struct host host;
    static struct site site;
    const struct bas_env env = bas_env_host(NULL, NULL);
    const struct knx_socket_owner owner = { .received = on_received, .closed = on_closed };
    struct bas_fault fault = { 0 };
    site_init(&site);
    host.loop = bas_loop_new(&env);
    host.server = site_server(&env, &site, SITE_TUNNELS);
    host.alarm = host.loop != NULL ? bas_alarm_new(host.loop, on_tick, &host) : NULL;
    if (host.server == NULL || host.alarm == NULL) {
        (void)fprintf(stderr, "knx_host: out of memory\n");
        return 1;
    }
    const struct knx_listener_config config = {
        .socket = { .loop = host.loop, .owner = &owner, .user = &host },
        .accepted = on_accepted,
        .local = { { 127, 0, 0, 1 }, 0 },
        .max_connections = SITE_TUNNELS,
    };
    struct knx_listener *listener = knx_listener_new(&config, &fault);
    const struct knx_endpoint local =
        listener != NULL ? knx_listener_local(listener) : config.local;
    host.udp = listener != NULL ? knx_socket_bind(&config.socket, &local, false, &fault) : NULL;
    if (host.udp == NULL) {
        (void)fprintf(stderr, "knx_host: %s\n", fault.text);
        return 1;
    }
    bas_alarm_set(host.alarm, TICK_MS);
    (void)printf("127.0.0.1:%u\n", (unsigned)local.port);
    (void)fflush(stdout);
    bas_loop_run(host.loop);
    return 0;
}
