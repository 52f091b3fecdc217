/*
 * Owns the initiating side of a KNXnet/IP transport: from "HOST[:PORT]" to a connected socket.
 *
 * The request lives on its own until libuv has let go of it; a socket that dies meanwhile only
 * takes its name off it.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/knx_socket_internal.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct knx_connect {
    struct bas_env env;
    struct knx_socket *socket; /* NULL: nobody waits any more */
    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
    bool is_busy; /* libuv holds it */
};

bas_err knx_target_parse(const char *target, char host[256], char port[6], struct bas_fault *fault)
{
    const char *colon = strrchr(target, ':');
    size_t len = colon == NULL ? strlen(target) : (size_t)(colon - target);
    char *end = NULL;
    unsigned long number = colon == NULL ? KNX_PORT : strtoul(colon + 1, &end, 10);
    bool has_number = colon == NULL || (colon[1] >= '0' && colon[1] <= '9' && *end == 0);
    if (len == 0 || len > 255 || !has_number || number == 0 || number > 65535 ||
        memchr(target, ':', len) != NULL) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "'%.100s' is not HOST[:PORT]; a name or an IPv4 address, port 3671 when "
                        "none is given",
                        target);
    }
    memcpy(host, target, len);
    host[len] = 0;
    (void)snprintf(port, 6, "%lu", number);
    return BAS_OK;
}

static void let_go(struct knx_connect *connect)
{
    connect->is_busy = false;
    if (connect->socket == NULL) {
        struct bas_env env = connect->env;
        bas_release(&env, connect, sizeof(*connect));
    }
}

void knx_connect_release(struct knx_socket *socket)
{
    struct knx_connect *connect = socket->connect;
    if (connect == NULL) {
        return;
    }
    socket->connect = NULL;
    connect->socket = NULL;
    if (connect->is_busy) {
        (void)uv_cancel((uv_req_t *)&connect->resolve);
    } else {
        let_go(connect);
    }
}

static void opened(struct knx_socket *socket)
{
    knx_socket_begin(socket);
    if (!socket->is_dead) {
        socket->config.owner->open(socket->config.user, socket);
    }
}

static void on_connect(uv_connect_t *request, int status)
{
    struct knx_connect *connect = request->data;
    struct knx_socket *socket = connect->socket;
    let_go(connect);
    if (socket == NULL || socket->is_dead) {
        return;
    }
    if (status != 0) {
        knx_socket_fail_uv(socket, status, "connecting to");
        return;
    }
    opened(socket);
}

static int datagram_socket(void)
{
    return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* A socket is connected for a moment, so that the kernel tells which address of ours it takes. */
static int own_address(const struct sockaddr *peer, struct knx_endpoint *own)
{
    struct sockaddr_in address = { 0 };
    socklen_t len = sizeof(address);
    int status = 0;
    int fd = datagram_socket();
    if (fd < 0) {
        return UV_EMFILE;
    }
    if (connect(fd, peer, sizeof(address)) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        status = uv_translate_sys_error(errno);
    } else {
        *own = knx_endpoint_of((const struct sockaddr *)&address);
        own->port = 0;
    }
    (void)close(fd);
    return status;
}

bool knx_own_address(const struct knx_endpoint *peer, struct knx_endpoint *own)
{
    const struct sockaddr_in address = knx_endpoint_socket(peer);
    return own_address((const struct sockaddr *)&address, own) == 0;
}

/* Ours stays unconnected: answers may come from another port. */
static int find_own_address(struct knx_socket *socket, const struct sockaddr *address)
{
    const struct knx_endpoint any = { { 0 }, 0 };
    struct knx_endpoint own = any;
    struct sockaddr_in local = knx_endpoint_socket(&any);
    int status = uv_udp_bind(&socket->handle.udp, (const struct sockaddr *)&local, 0);
    status = status == 0 ? own_address(address, &own) : status;
    if (status == 0) {
        own.port = knx_socket_local(socket).port;
        socket->own = own;
    }
    return status;
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    struct knx_connect *connect = request->data;
    struct knx_socket *socket = connect->socket;
    if (socket == NULL || socket->is_dead || status != 0) {
        let_go(connect);
        if (socket != NULL && !socket->is_dead) {
            knx_socket_fail_uv(socket, status, "looking up");
        }
        uv_freeaddrinfo(addresses);
        return;
    }
    socket->peer = knx_endpoint_of(addresses->ai_addr);
    (void)knx_endpoint_text(&socket->peer, socket->address);
    if (socket->protocol == KNX_TCP) {
        status =
            uv_tcp_connect(&connect->connect, &socket->handle.tcp, addresses->ai_addr, on_connect);
    } else {
        status = find_own_address(socket, addresses->ai_addr);
    }
    uv_freeaddrinfo(addresses);
    if (status != 0 || socket->protocol == KNX_UDP) {
        let_go(connect);
    }
    if (status != 0) {
        knx_socket_fail_uv(socket, status, "connecting to");
    } else if (socket->protocol == KNX_UDP) {
        opened(socket);
    }
}

static void on_timeout(uv_timer_t *timer)
{
    knx_socket_fail_uv(timer->data, UV_ETIMEDOUT, "connecting to");
}

static void on_immediate_failure(uv_timer_t *timer)
{
    struct knx_socket *socket = timer->data;
    struct bas_fault why = socket->why;
    knx_socket_fail(socket, &why);
}

static bas_err start(struct knx_socket *socket, const char *target)
{
    char host[256];
    char port[6];
    bas_err err = knx_target_parse(target, host, port, &socket->why);
    if (err != BAS_OK) {
        return err;
    }
    (void)snprintf(socket->address, sizeof(socket->address), "%.50s:%s", host, port);
    struct knx_connect *connect = bas_alloc(&socket->config.loop->env, sizeof(*connect));
    if (connect == NULL) {
        return bas_fail(&socket->why, BAS_ERR_NO_MEMORY, "out of memory for a connection");
    }
    connect->env = socket->config.loop->env;
    connect->socket = socket;
    connect->resolve.data = connect;
    connect->connect.data = connect;
    socket->connect = connect;
    const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
    int status = uv_getaddrinfo(&socket->config.loop->uv, &connect->resolve, on_resolved, host,
                                port, &hints);
    if (status != 0) {
        return bas_fail(&socket->why, BAS_ERR_RESOLVE, "looking up %s: %s", target,
                        uv_strerror(status));
    }
    connect->is_busy = true;
    return BAS_OK;
}

struct knx_socket *knx_socket_connect(const struct knx_socket_config *config,
                                      enum knx_host_protocol protocol, const char *target,
                                      uint32_t timeout_ms)
{
    struct knx_socket *socket = knx_socket_new(config, protocol);
    if (socket == NULL) {
        return NULL;
    }
    bas_err err = start(socket, target);
    (void)uv_timer_start(&socket->timer, err == BAS_OK ? on_timeout : on_immediate_failure,
                         err == BAS_OK ? timeout_ms : 0, 0);
    return socket;
}
