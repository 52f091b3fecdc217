/* Owns the accepting side of KNXnet/IP over TCP: a listening socket and the bound on what it lets
 * in. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/knx_socket_internal.h"

#include "rt/network.h"

enum { BACKLOG = 128 };

struct knx_listener {
    struct knx_listener_config config;
    uv_tcp_t tcp;
    uint32_t sockets; /* not freed yet */
    bool is_open;
    void (*gone)(void *user);
    void *gone_user;
};

static void free_if_unused(struct knx_listener *listener)
{
    if (listener->is_open || listener->sockets != 0) {
        return;
    }
    struct bas_env env = listener->config.socket.loop->env;
    void (*gone)(void *user) = listener->gone;
    void *user = listener->gone_user;
    bas_release(&env, listener, sizeof(*listener));
    if (gone != NULL) {
        gone(user);
    }
}

void knx_listener_socket_gone(struct knx_listener *listener)
{
    listener->sockets--;
    free_if_unused(listener);
}

/* NULL: it was refused, or there is no memory for it. */
static struct knx_socket *take(const struct knx_socket_config *config, uv_stream_t *listening)
{
    struct knx_socket *socket = knx_socket_new(config, KNX_TCP);
    if (socket == NULL) {
        return NULL;
    }
    struct sockaddr_storage peer = { 0 };
    int len = sizeof(peer);
    int status = uv_accept(listening, (uv_stream_t *)&socket->handle.tcp);
    (void)uv_tcp_getpeername(&socket->handle.tcp, (struct sockaddr *)(void *)&peer, &len);
    socket->peer = knx_endpoint_of((const struct sockaddr *)(const void *)&peer);
    (void)knx_endpoint_text(&socket->peer, socket->address);
    if (status != 0) {
        socket->config.owner = &knx_socket_nobody;
        knx_socket_fail_uv(socket, status, "accepting");
        return NULL;
    }
    return socket;
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct knx_listener *listener = stream->data;
    const struct knx_listener_config *config = &listener->config;
    if (status != 0) {
        bas_log(&config->socket.loop->env, BAS_LOG_ERROR, "accepting: %s", uv_strerror(status));
        return;
    }
    struct knx_socket *socket = take(&config->socket, stream);
    if (socket == NULL) {
        return;
    }
    socket->listener = listener;
    listener->sockets++;
    if (listener->sockets > config->max_connections) {
        socket->config.owner = &knx_socket_nobody;
        knx_socket_close(socket);
        return;
    }
    knx_socket_begin(socket);
    if (!socket->is_dead) {
        config->accepted(config->socket.user, socket);
    }
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct knx_listener *listener = handle->data;
    listener->is_open = false;
    free_if_unused(listener);
}

struct knx_listener *knx_listener_new(const struct knx_listener_config *config,
                                      struct bas_fault *fault)
{
    struct knx_listener *listener = bas_alloc(&config->socket.loop->env, sizeof(*listener));
    if (listener == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a listener");
        return NULL;
    }
    listener->config = *config;
    listener->is_open = true;
    (void)uv_tcp_init(&config->socket.loop->uv, &listener->tcp);
    listener->tcp.data = listener;
    struct sockaddr_in address = knx_endpoint_socket(&config->local);
    int status = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)&address, 0);
    if (status == 0) {
        status = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
    }
    if (status != 0) {
        char text[KNX_SOCKET_ADDRESS];
        (void)network_listen_fault(status, knx_endpoint_text(&config->local, text), fault);
        knx_listener_close(listener, NULL, NULL);
        return NULL;
    }
    return listener;
}

struct knx_endpoint knx_listener_local(const struct knx_listener *listener)
{
    struct sockaddr_storage address = { 0 };
    int len = sizeof(address);
    (void)uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)(void *)&address, &len);
    return knx_endpoint_of((const struct sockaddr *)(const void *)&address);
}

void knx_listener_close(struct knx_listener *listener, void (*gone)(void *user), void *user)
{
    if (listener == NULL || uv_is_closing((uv_handle_t *)&listener->tcp)) {
        return;
    }
    listener->gone = gone;
    listener->gone_user = user;
    uv_close((uv_handle_t *)&listener->tcp, on_listener_closed);
}
