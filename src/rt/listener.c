/* Owns the accepting side: a listening socket and the bounds on what it lets in. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link_internal.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 1024 };

struct listener {
    struct listener_config config;
    uv_tcp_t tcp;
    uint32_t links;     /* accepted and not freed yet */
    uint32_t half_open; /* of these before the upgrade was done */
    struct link *first;
    bool is_open;
    uint64_t refused;
    uv_tcp_t spare; /* takes a connection that there is no memory for */
    bool spare_is_busy;
    bool has_waiting; /* another one, for when the spare is free again */
    void (*gone)(void *user);
    void *gone_user;
    char address[64];
};

static void free_if_unused(struct listener *listener)
{
    if (listener->is_open || listener->links != 0 || listener->spare_is_busy) {
        return;
    }
    struct bas_env env = listener->config.link.loop->env;
    void (*gone)(void *user) = listener->gone;
    void *user = listener->gone_user;
    bas_release(&env, listener, sizeof(*listener));
    if (gone != NULL) {
        gone(user);
    }
}

void listener_link_ready(struct listener *listener)
{
    listener->half_open--;
}

void listener_link_gone(struct listener *listener, struct link *link)
{
    struct link *next = link->listener_next;
    struct link *prev = link->listener_prev;
    *(prev == NULL ? &listener->first : &prev->listener_next) = next;
    if (next != NULL) {
        next->listener_prev = prev;
    }
    listener->half_open -= link->was_open ? 0 : 1;
    listener->links--;
    free_if_unused(listener);
}

static void name_of(const struct sockaddr_storage *address, char *text, size_t cap)
{
    char name[48] = "";
    const struct sockaddr *plain = (const struct sockaddr *)(const void *)address;
    (void)uv_ip_name(plain, name, sizeof(name));
    bool is_ip6 = plain->sa_family == AF_INET6;
    const struct sockaddr_in6 *six = (const void *)address;
    const struct sockaddr_in *four = (const void *)address;
    unsigned port = ntohs(is_ip6 ? six->sin6_port : four->sin_port);
    (void)snprintf(text, cap, is_ip6 ? "[%s]:%u" : "%s:%u", name, port);
}

static void on_connection(uv_stream_t *stream, int status);

static void on_spare_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    bool has_waiting = listener->has_waiting && !uv_is_closing((uv_handle_t *)&listener->tcp);
    listener->spare_is_busy = false;
    listener->has_waiting = false;
    if (has_waiting) {
        on_connection((uv_stream_t *)&listener->tcp, 0);
    }
    free_if_unused(listener);
}

/* Without memory for a link. A connection that nobody accepts would be the last one that libuv
 * tells of. */
static void turn_away(struct listener *listener)
{
    if (listener->spare_is_busy) {
        listener->has_waiting = true;
        return;
    }
    listener->refused++;
    listener->spare_is_busy = true;
    (void)uv_tcp_init(&listener->config.link.loop->uv, &listener->spare);
    listener->spare.data = listener;
    (void)uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&listener->spare);
    uv_close((uv_handle_t *)&listener->spare, on_spare_closed);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = stream->data;
    const struct listener_config *config = &listener->config;
    if (status != 0) {
        bas_log(&config->link.loop->env, BAS_LOG_ERROR, "%s: accepting: %s", listener->address,
                uv_strerror(status));
        return;
    }
    struct link *link = link_new(&config->link, true);
    if (link == NULL) {
        turn_away(listener);
        return;
    }
    link->listener = listener;
    link->listener_next = listener->first;
    if (listener->first != NULL) {
        listener->first->listener_prev = link;
    }
    listener->first = link;
    listener->links++;
    listener->half_open++;
    status = uv_accept(stream, (uv_stream_t *)&link->tcp);
    bool is_full =
        listener->links > config->max_links || listener->half_open > config->max_half_open;
    if (status != 0 || is_full) {
        listener->refused++;
        link->is_told = true; /* nobody knows it yet */
        link_destroy(link);
        return;
    }
    struct sockaddr_storage peer;
    int len = sizeof(peer);
    if (uv_tcp_getpeername(&link->tcp, (struct sockaddr *)(void *)&peer, &len) == 0) {
        name_of(&peer, link->address, sizeof(link->address));
    }
    link_begin(link);
}

/* "ADDR:PORT" or "[ADDR]:PORT", numbers only. */
static bas_err parse_bind(const char *text, struct sockaddr_storage *address,
                          struct bas_fault *fault)
{
    char host[48];
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    unsigned long port = colon == NULL ? 65536 : strtoul(colon + 1, &end, 10);
    bool bracketed = text[0] == '[' && colon != NULL && colon[-1] == ']';
    size_t len = colon == NULL ? 0 : (size_t)(colon - text) - (bracketed ? 2 : 0);
    if (colon == NULL || colon[1] == 0 || *end != 0 || port > 65535 || len >= sizeof(host)) {
        return bas_fail(
            fault, BAS_ERR_CONFIG,
            "bind address '%s': expected ADDR:PORT, for example 0.0.0.0:4443 or [::]:4443", text);
    }
    memcpy(host, text + (bracketed ? 1 : 0), len);
    host[len] = 0;
    if (uv_ip4_addr(host, (int)port, (struct sockaddr_in *)(void *)address) == 0 ||
        uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)(void *)address) == 0) {
        return BAS_OK;
    }
    return bas_fail(fault, BAS_ERR_CONFIG,
                    "bind address '%s': '%s' is not an IP address; give one of this machine, or "
                    "0.0.0.0 or [::] for all",
                    text, host);
}

static bas_err listen_fault(int status, const char *bind, struct bas_fault *fault)
{
    if (status == UV_EADDRINUSE) {
        return bas_fail(fault, BAS_ERR_IN_USE,
                        "cannot listen on %s: the port is in use; stop the program that has it, or "
                        "choose another port (0 takes a free one)",
                        bind);
    }
    if (status == UV_EACCES) {
        return bas_fail(fault, BAS_ERR_PERMISSION,
                        "cannot listen on %s: permission denied; ports below 1024 need "
                        "CAP_NET_BIND_SERVICE",
                        bind);
    }
    if (status == UV_EADDRNOTAVAIL) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "cannot listen on %s: this machine does not have that address; give one "
                        "that it has, or 0.0.0.0 or [::] for all",
                        bind);
    }
    return bas_fail(fault, BAS_ERR_IO, "cannot listen on %s: %s", bind, uv_strerror(status));
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    listener->is_open = false;
    free_if_unused(listener);
}

struct listener *listener_new(const struct listener_config *config, struct bas_fault *fault)
{
    struct sockaddr_storage address = { 0 };
    if (parse_bind(config->bind, &address, fault) != BAS_OK) {
        return NULL;
    }
    struct listener *listener = bas_alloc(&config->link.loop->env, sizeof(*listener));
    if (listener == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a listener");
        return NULL;
    }
    listener->config = *config;
    listener->is_open = true;
    (void)uv_tcp_init(&config->link.loop->uv, &listener->tcp);
    listener->tcp.data = listener;
    int status = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)(const void *)&address, 0);
    if (status == 0) {
        status = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
    }
    if (status != 0) {
        (void)listen_fault(status, config->bind, fault);
        listener_close(listener, NULL, NULL);
        return NULL;
    }
    int len = sizeof(address);
    (void)uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)(void *)&address, &len);
    name_of(&address, listener->address, sizeof(listener->address));
    return listener;
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
}

void listener_set_tls(struct listener *listener, struct bas_tls_context *tls)
{
    listener->config.link.tls = tls;
}

void listener_close(struct listener *listener, void (*gone)(void *user), void *user)
{
    if (listener == NULL || uv_is_closing((uv_handle_t *)&listener->tcp)) {
        return;
    }
    listener->gone = gone;
    listener->gone_user = user;
    uv_close((uv_handle_t *)&listener->tcp, on_listener_closed);
    for (struct link *link = listener->first; link != NULL; link = link->listener_next) {
        if (!link->was_open) {
            link_destroy(
                link); /* nobody waits for it; it stays on the list until its handles are closed */
        }
    }
}
