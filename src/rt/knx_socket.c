/* Owns input, output and end of a KNXnet/IP transport. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/knx_socket_internal.h"

#include "rt/network.h"

#include <stdio.h>
#include <string.h>

enum { CLOSING_MS = 1000, MULTICAST_TTL = 16 };

struct knx_endpoint knx_endpoint_of(const struct sockaddr *address)
{
    struct knx_endpoint endpoint = { { 0 }, 0 };
    if (address != NULL && address->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, address, sizeof(four));
        memcpy(endpoint.address, &four.sin_addr, sizeof(endpoint.address));
        endpoint.port = ntohs(four.sin_port);
    }
    return endpoint;
}

struct sockaddr_in knx_endpoint_socket(const struct knx_endpoint *endpoint)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(endpoint->port) };
    memcpy(&address.sin_addr, endpoint->address, sizeof(endpoint->address));
    return address;
}

/* "192.0.2.7" */
static const char *host_text(const struct knx_endpoint *endpoint, char text[KNX_SOCKET_ADDRESS])
{
    const uint8_t *a = endpoint->address;
    (void)snprintf(text, KNX_SOCKET_ADDRESS, "%u.%u.%u.%u", (unsigned)a[0], (unsigned)a[1],
                   (unsigned)a[2], (unsigned)a[3]);
    return text;
}

const char *knx_endpoint_text(const struct knx_endpoint *endpoint, char text[KNX_SOCKET_ADDRESS])
{
    size_t len = strlen(host_text(endpoint, text));
    (void)snprintf(text + len, KNX_SOCKET_ADDRESS - len, ":%u", (unsigned)endpoint->port);
    return text;
}

struct knx_endpoint knx_socket_peer(const struct knx_socket *socket)
{
    return socket->peer;
}

struct knx_endpoint knx_socket_local(const struct knx_socket *socket)
{
    struct sockaddr_storage address = { 0 };
    struct sockaddr *plain = (struct sockaddr *)(void *)&address;
    int len = sizeof(address);
    if (socket->own.port != 0) {
        return socket->own;
    }
    if (socket->protocol == KNX_TCP) {
        (void)uv_tcp_getsockname(&socket->handle.tcp, plain, &len);
    } else {
        (void)uv_udp_getsockname(&socket->handle.udp, plain, &len);
    }
    return knx_endpoint_of(plain);
}

const char *knx_socket_address(const struct knx_socket *socket)
{
    return socket->address;
}

void knx_socket_set_tag(struct knx_socket *socket, uint32_t tag)
{
    socket->tag = tag;
}

uint32_t knx_socket_tag(const struct knx_socket *socket)
{
    return socket->tag;
}

/* The end. */

static void ignore_end(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    (void)user;
    (void)socket;
    (void)why;
}
const struct knx_socket_owner knx_socket_nobody = { .closed = ignore_end };

static void on_handle_closed(uv_handle_t *handle)
{
    struct knx_socket *socket = handle->data;
    if (--socket->handles > 0) {
        return;
    }
    struct knx_listener *listener = socket->listener;
    socket->config.owner->closed(socket->config.user, socket, &socket->why);
    knx_connect_release(socket);
    struct bas_env env = socket->config.loop->env;
    bas_release(&env, socket, sizeof(*socket));
    if (listener != NULL) {
        knx_listener_socket_gone(listener);
    }
}

static void destroy(struct knx_socket *socket)
{
    if (!socket->is_dead) {
        socket->is_dead = true;
        uv_close((uv_handle_t *)&socket->timer, on_handle_closed);
        uv_close((uv_handle_t *)&socket->handle, on_handle_closed);
    }
}

void knx_socket_fail(struct knx_socket *socket, const struct bas_fault *why)
{
    if (socket->why.err == BAS_OK && !socket->is_closing) {
        socket->why = *why;
    }
    destroy(socket);
}

void knx_socket_fail_uv(struct knx_socket *socket, int status, const char *doing)
{
    struct bas_fault fault = { 0 };
    char what[KNX_SOCKET_ADDRESS + 300];
    (void)snprintf(what, sizeof(what), "%s %s", doing, socket->address);
    network_fault(status, what, &fault);
    knx_socket_fail(socket, &fault);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)status;
    destroy(request->data);
}

static void on_closing_time(uv_timer_t *timer)
{
    destroy(timer->data);
}

void knx_socket_close(struct knx_socket *socket)
{
    if (socket->is_closing || socket->is_dead) {
        return;
    }
    socket->is_closing = true;
    if (!socket->is_open || socket->protocol == KNX_UDP) {
        destroy(socket);
        return;
    }
    socket->shutdown.data = socket;
    (void)uv_timer_start(&socket->timer, on_closing_time, CLOSING_MS, 0);
    if (uv_shutdown(&socket->shutdown, (uv_stream_t *)&socket->handle.tcp, on_shutdown) != 0) {
        destroy(socket);
    }
}

/* Output. */

struct written {
    uv_write_t request;
    struct knx_socket *socket;
    size_t len;
    uint8_t octets[];
};

static void on_written(uv_write_t *request, int status)
{
    struct written *written = request->data;
    struct knx_socket *socket = written->socket;
    struct bas_env env = socket->config.loop->env;
    socket->pending -= written->len;
    bas_release(&env, written, sizeof(*written) + written->len);
    if (status != 0 && status != UV_ECANCELED) {
        knx_socket_fail_uv(socket, status, "sending to");
    }
}

/* What the transport did not take waits, up to a bound. */
static void keep(struct knx_socket *socket, const uint8_t *octets, size_t len)
{
    struct bas_fault fault = { 0 };
    if (socket->pending + len > KNX_SOCKET_PENDING) {
        (void)bas_fail(&fault, BAS_ERR_CLOSED, "%s does not read: %zu octets wait for it",
                       socket->address, socket->pending);
        knx_socket_fail(socket, &fault);
        return;
    }
    struct written *written = bas_alloc(&socket->config.loop->env, sizeof(*written) + len);
    if (written == NULL) {
        (void)bas_fail(&fault, BAS_ERR_NO_MEMORY, "out of memory while sending to %s",
                       socket->address);
        knx_socket_fail(socket, &fault);
        return;
    }
    written->request.data = written;
    written->socket = socket;
    written->len = len;
    memcpy(written->octets, octets, len);
    socket->pending += len;
    uv_buf_t buf = uv_buf_init((char *)written->octets, (unsigned)len);
    int status =
        uv_write(&written->request, (uv_stream_t *)&socket->handle.tcp, &buf, 1, on_written);
    if (status != 0) {
        on_written(&written->request, status);
    }
}

void knx_socket_flush(struct knx_socket *socket)
{
    struct bas_buf *out = &socket->config.loop->out;
    size_t len = out->len;
    out->len = 0;
    if (len == 0 || socket->is_dead || !socket->is_open) {
        return;
    }
    uv_buf_t buf = uv_buf_init((char *)out->data, (unsigned)len);
    int n = socket->pending == 0 ? uv_try_write((uv_stream_t *)&socket->handle.tcp, &buf, 1)
                                 : UV_EAGAIN;
    if (n < 0 && n != UV_EAGAIN) {
        knx_socket_fail_uv(socket, n, "sending to");
        return;
    }
    size_t sent = n > 0 ? (size_t)n : 0;
    if (sent < len) {
        keep(socket, out->data + sent, len - sent);
    }
}

static void send_datagram(struct knx_socket *socket, struct bas_slice frame,
                          const struct knx_endpoint *to)
{
    struct sockaddr_in address = knx_endpoint_socket(to);
    uint8_t *octets = socket->config.loop->staging;
    memcpy(octets, frame.data, frame.len);
    uv_buf_t buf = uv_buf_init((char *)octets, (unsigned)frame.len);
    /* What the kernel has no room for is lost, as any datagram may be. */
    (void)uv_udp_try_send(&socket->handle.udp, &buf, 1, (const struct sockaddr *)&address);
}

void knx_socket_add(struct knx_socket *socket, struct bas_slice frame,
                    const struct knx_endpoint *to)
{
    struct bas_buf *out = &socket->config.loop->out;
    if (socket->is_dead || !socket->is_open) {
        return;
    }
    if (socket->protocol == KNX_UDP) {
        send_datagram(socket, frame, to != NULL && to->port != 0 ? to : &socket->peer);
        return;
    }
    if (out->len + frame.len > out->cap) {
        knx_socket_flush(socket);
    }
    bas_buf_add(out, frame.data, frame.len);
}

/* Input. */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct knx_socket *socket = handle->data;
    (void)suggested;
    *buf = uv_buf_init((char *)socket->config.loop->cipher, LOOP_CIPHER);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct knx_socket *socket = stream->data;
    if (n > 0 && !socket->is_dead) {
        const struct bas_slice octets = { (const uint8_t *)buf->base, (size_t)n };
        socket->config.owner->received(socket->config.user, socket, octets, &socket->peer);
    } else if (n == UV_EOF) {
        struct bas_fault fault = { 0 };
        (void)bas_fail(&fault, BAS_ERR_CLOSED, "%s closed the connection", socket->address);
        knx_socket_fail(socket, &fault);
    } else if (n < 0) {
        knx_socket_fail_uv(socket, (int)n, "receiving from");
    }
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf, const struct sockaddr *from,
                        unsigned flags)
{
    struct knx_socket *socket = udp->data;
    if (n <= 0 || from == NULL || (flags & UV_UDP_PARTIAL) != 0 || socket->is_dead) {
        return; /* nothing more, an error that says nothing of the peer (ICMP), or a cut one */
    }
    const struct knx_endpoint source = knx_endpoint_of(from);
    bool is_peers = socket->peer.port == 0 ||
                    memcmp(source.address, socket->peer.address, sizeof(source.address)) == 0;
    if (is_peers) {
        const struct bas_slice octets = { (const uint8_t *)buf->base, (size_t)n };
        socket->config.owner->received(socket->config.user, socket, octets, &source);
    }
}

void knx_socket_begin(struct knx_socket *socket)
{
    int status = 0;
    socket->is_open = true;
    (void)uv_timer_stop(&socket->timer);
    if (socket->protocol == KNX_TCP) {
        (void)uv_tcp_nodelay(&socket->handle.tcp, 1);
        status = uv_read_start((uv_stream_t *)&socket->handle.tcp, on_alloc, on_read);
    } else {
        status = uv_udp_recv_start(&socket->handle.udp, on_alloc, on_datagram);
    }
    if (status != 0) {
        knx_socket_fail_uv(socket, status, "receiving from");
    }
}

struct knx_socket *knx_socket_new(const struct knx_socket_config *config,
                                  enum knx_host_protocol protocol)
{
    struct knx_socket *socket = bas_alloc(&config->loop->env, sizeof(*socket));
    if (socket == NULL) {
        return NULL;
    }
    socket->config = *config;
    socket->protocol = protocol;
    socket->handles = 2;
    if (protocol == KNX_TCP) {
        (void)uv_tcp_init(&config->loop->uv, &socket->handle.tcp);
        socket->handle.tcp.data = socket;
    } else {
        (void)uv_udp_init(&config->loop->uv, &socket->handle.udp);
        socket->handle.udp.data = socket;
    }
    (void)uv_timer_init(&config->loop->uv, &socket->timer);
    socket->timer.data = socket;
    return socket;
}

void knx_socket_multicast_from(struct knx_socket *socket, const struct knx_endpoint *own)
{
    char interface[KNX_SOCKET_ADDRESS];
    (void)uv_udp_set_multicast_interface(&socket->handle.udp, host_text(own, interface));
    (void)uv_udp_set_multicast_ttl(&socket->handle.udp, MULTICAST_TTL);
}

static const struct knx_endpoint group = { { 224, 0, 23, 12 }, KNX_PORT };

static bool join_on(struct knx_socket *socket, const struct knx_endpoint *interface)
{
    char text[KNX_SOCKET_ADDRESS];
    char own[KNX_SOCKET_ADDRESS];
    return uv_udp_set_membership(&socket->handle.udp, host_text(&group, text),
                                 host_text(interface, own), UV_JOIN_GROUP) == 0;
}

/* On every interface that is up: the route to the group names one of them at most. */
static bool join(struct knx_socket *socket, const struct knx_endpoint *local)
{
    const uint8_t *a = local->address;
    uv_interface_address_t *interfaces = NULL;
    int n = 0;
    bool is_joined = false;
    if ((a[0] | a[1] | a[2] | a[3]) != 0) {
        return join_on(socket, local);
    }
    (void)uv_interface_addresses(&interfaces, &n);
    for (int i = 0; i < n; i++) {
        const struct sockaddr *address = (const struct sockaddr *)&interfaces[i].address;
        const struct knx_endpoint own = knx_endpoint_of(address);
        is_joined |= own.address[0] != 0 && join_on(socket, &own);
    }
    uv_free_interface_addresses(interfaces, n);
    return is_joined;
}

/* Bound, but not reading yet. */
static struct knx_socket *bind_udp(const struct knx_socket_config *config,
                                   const struct knx_endpoint *local, unsigned flags,
                                   struct bas_fault *fault)
{
    struct knx_socket *socket = knx_socket_new(config, KNX_UDP);
    if (socket == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a socket");
        return NULL;
    }
    struct sockaddr_in address = knx_endpoint_socket(local);
    int status = uv_udp_bind(&socket->handle.udp, (const struct sockaddr *)&address, flags);
    struct knx_endpoint bound = knx_socket_local(socket);
    (void)knx_endpoint_text(status == 0 ? &bound : local, socket->address);
    if (status != 0) {
        char what[KNX_SOCKET_ADDRESS + 8];
        (void)snprintf(what, sizeof(what), "UDP %s", socket->address);
        (void)network_listen_fault(status, what, fault);
        socket->config.owner = &knx_socket_nobody;
        destroy(socket);
        return NULL;
    }
    return socket;
}

static void warn(const struct knx_socket_config *config, const char *address)
{
    bas_log(&config->loop->env, BAS_LOG_WARNING,
            "%s: cannot join 224.0.23.12: searches by multicast will not find us", address);
}

struct knx_socket *knx_socket_bind(const struct knx_socket_config *config,
                                   const struct knx_endpoint *local, bool multicast,
                                   struct bas_fault *fault)
{
    struct knx_socket *socket = bind_udp(config, local, multicast ? UV_UDP_REUSEADDR : 0, fault);
    if (socket == NULL) {
        return NULL;
    }
    if (multicast && !join(socket, local)) {
        warn(config, socket->address);
    }
    knx_socket_begin(socket);
    return socket;
}

struct knx_socket *knx_socket_bind_group(const struct knx_socket_config *config,
                                         const struct knx_endpoint *interface)
{
    struct bas_fault fault = { 0 };
    char address[KNX_SOCKET_ADDRESS];
    struct knx_socket *socket = bind_udp(config, &group, UV_UDP_REUSEADDR, &fault);
    if (socket == NULL || !join(socket, interface)) {
        warn(config, knx_endpoint_text(interface, address));
        if (socket != NULL) {
            socket->config.owner = &knx_socket_nobody;
            destroy(socket);
        }
        return NULL;
    }
    knx_socket_begin(socket);
    return socket;
}
