/* Owns the accepting side: a listening socket and the bounds on what it lets in. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link_internal.h"
#include "rt/network.h"
#include "tls/context.h"

#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 1024 };

/* Strangers can cause complaints at will: one in a minute must do. */
#define BETWEEN_COMPLAINTS (60 * BAS_SECOND)

struct listener {
    struct listener_config config;
    uv_tcp_t tcp;
    uint32_t links;        /* accepted and not freed yet */
    struct places *places; /* of these before the upgrade was done */
    struct listener_counters counters;
    struct link *first; /* the newest */
    uv_tcp_t refused;   /* a connection without memory for a link, until it is closed */
    bool is_refusing;
    bool has_another; /* that came while refused was being closed */
    bool is_open;
    bas_time told_at; /* the last complaint; 0: none */
    void (*gone)(void *user);
    void *gone_user;
    char address[64];
};

static void free_if_unused(struct listener *listener)
{
    if (listener->is_open || listener->is_refusing || listener->links != 0) {
        return;
    }
    struct bas_env env = listener->config.link.loop->env;
    void (*gone)(void *user) = listener->gone;
    void *user = listener->gone_user;
    bas_tls_context_unref(listener->config.link.tls);
    places_free(listener->places);
    bas_release(&env, listener, sizeof(*listener));
    if (gone != NULL) {
        gone(user);
    }
}

bool listener_is_full(const struct listener *listener)
{
    const struct listener_config *config = &listener->config;
    return config->is_full != NULL && config->is_full(config->link.user);
}

/* Whoever has a place gives it back once. */
static void give_place_back(struct listener *listener, struct link *link)
{
    if (link->has_place) {
        link->has_place = false;
        places_give_back(listener->places, &link->remote);
    }
}

void listener_link_ready(struct listener *listener, struct link *link)
{
    listener->counters.opened++;
    link->is_counted = true;
    give_place_back(listener, link);
}

/* Ends a link that its owner does not know, and counts it. */
static void turn_away(struct link *link, uint64_t *counter)
{
    (*counter)++;
    link->is_counted = true;
    link->is_told = true;
    link_destroy(link);
}

static uint64_t *counter_of_end(struct listener *listener, const struct link *link)
{
    struct listener_counters *counters = &listener->counters;
    if (link->why.err == BAS_ERR_TIMEOUT) {
        return &counters->timed_out;
    }
    if (link->why.err == BAS_ERR_CLOSED) {
        return &counters->abandoned;
    }
    if (link->why.err == BAS_ERR_NO_MEMORY) {
        return &counters->refused_memory;
    }
    return channel_is_open(&link->channel) ? &counters->failed_upgrade : &counters->failed_tls;
}

void listener_link_ended(struct listener *listener, struct link *link)
{
    if (!link->is_counted && link->why.err != BAS_OK) {
        link->is_counted = true;
        (*counter_of_end(listener, link))++;
    }
}

void listener_link_gone(struct listener *listener, struct link *link)
{
    struct link *next = link->listener_next;
    struct link *prev = link->listener_prev;
    *(prev == NULL ? &listener->first : &prev->listener_next) = next;
    if (next != NULL) {
        next->listener_prev = prev;
    }
    give_place_back(listener, link);
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

static void on_refused_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    listener->is_refusing = false;
    if (listener->has_another && !uv_is_closing((uv_handle_t *)&listener->tcp)) {
        listener->has_another = false;
        on_connection((uv_stream_t *)&listener->tcp, 0);
    }
    free_if_unused(listener);
}

/* Takes the connection only to close it: libuv listens no more while one is not taken. */
static void refuse(struct listener *listener)
{
    listener->has_another = listener->is_refusing;
    if (listener->is_refusing) {
        return;
    }
    listener->counters.refused_memory++;
    (void)uv_tcp_init(&listener->config.link.loop->uv, &listener->refused);
    listener->refused.data = listener;
    listener->is_refusing = true;
    (void)uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&listener->refused);
    uv_close((uv_handle_t *)&listener->refused, on_refused_closed);
}

static bool may_complain(struct listener *listener)
{
    bas_time now = loop_now();
    if (listener->told_at != 0 && now - listener->told_at < BETWEEN_COMPLAINTS) {
        return false;
    }
    listener->told_at = now;
    return true;
}

static void complain(struct listener *listener, const char *what)
{
    const struct listener_config *config = &listener->config;
    if (may_complain(listener)) {
        bas_log(&config->link.loop->env, BAS_LOG_WARNING,
                "%s: %s: %u of %u connections are there, %u of %u of them are being set up",
                listener->address, what, listener->links - 1, config->max_links,
                places_taken(listener->places), config->max_half_open);
    }
}

void listener_link_unwanted(struct listener *listener, struct link *link)
{
    listener->counters.refused_unavailable++;
    link->is_counted = true;
    link->is_told = true;
    complain(listener, "full, upgrades are answered with HTTP 503");
}

/* The oldest one of that address that is being set up. */
static struct link *oldest_of(const struct listener *listener, const struct places_address *address)
{
    struct link *oldest = NULL;
    for (struct link *link = listener->first; link != NULL; link = link->listener_next) {
        if (link->has_place && memcmp(&link->remote, address, sizeof(*address)) == 0) {
            oldest = link;
        }
    }
    return oldest;
}

static void evict(struct listener *listener, const struct places_address *crowded)
{
    struct link *link = oldest_of(listener, crowded);
    assert(link != NULL); /* its place was counted */
    complain(listener, "too many of one address are being set up, the oldest gives way");
    give_place_back(listener, link);
    turn_away(link, &listener->counters.evicted);
}

/* Finds a place for a link; NULL, or the counter of those that find none. */
static uint64_t *find_place(struct listener *listener, struct link *link)
{
    struct listener_counters *counters = &listener->counters;
    struct places_address crowded;
    if (listener->links > listener->config.max_links) {
        return &counters->refused_full;
    }
    enum places_verdict verdict = places_take(listener->places, &link->remote, &crowded);
    if (verdict == PLACES_GIVE_WAY) {
        evict(listener, &crowded);
        verdict = places_take(listener->places, &link->remote, &crowded);
    }
    link->has_place = verdict == PLACES_TAKEN;
    return link->has_place             ? NULL
           : verdict == PLACES_CROWDED ? &counters->refused_address
                                       : &counters->refused_half_open;
}

static void add_link(struct listener *listener, struct link *link)
{
    link->listener = listener;
    link->listener_next = listener->first;
    if (listener->first != NULL) {
        listener->first->listener_prev = link;
    }
    listener->first = link;
    listener->links++;
    listener->counters.accepted++;
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = stream->data;
    const struct listener_config *config = &listener->config;
    if (status != 0) {
        if (may_complain(listener)) {
            bas_log(&config->link.loop->env, BAS_LOG_ERROR, "%s: accepting: %s", listener->address,
                    uv_strerror(status));
        }
        return;
    }
    struct link *link = link_new(&config->link, true);
    if (link == NULL) {
        refuse(listener);
        return;
    }
    add_link(listener, link);
    struct sockaddr_storage peer;
    int len = sizeof(peer);
    if (uv_accept(stream, (uv_stream_t *)&link->tcp) != 0 ||
        uv_tcp_getpeername(&link->tcp, (struct sockaddr *)(void *)&peer, &len) != 0) {
        turn_away(link, &listener->counters.abandoned); /* before it was looked at */
        return;
    }
    name_of(&peer, link->address, sizeof(link->address));
    link->remote = places_address((const struct sockaddr *)(const void *)&peer);
    uint64_t *counter = find_place(listener, link);
    if (counter != NULL) {
        complain(listener, "full, new connections are refused");
        turn_away(link, counter);
        return;
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

static void on_listener_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    listener->is_open = false;
    free_if_unused(listener);
}

static struct listener *new_closed(const struct listener_config *config)
{
    const struct bas_env *env = &config->link.loop->env;
    struct listener *listener = bas_alloc(env, sizeof(*listener));
    if (listener == NULL) {
        return NULL;
    }
    listener->places = places_new(env, config->max_half_open, config->half_open_share);
    if (listener->places == NULL) {
        bas_release(env, listener, sizeof(*listener));
        return NULL;
    }
    listener->config = *config;
    if (config->link.tls != NULL) {
        listener->config.link.tls = bas_tls_context_ref(config->link.tls);
    }
    return listener;
}

struct listener *listener_new(const struct listener_config *config, struct bas_fault *fault)
{
    struct sockaddr_storage address = { 0 };
    if (parse_bind(config->bind, &address, fault) != BAS_OK) {
        return NULL;
    }
    struct listener *listener = new_closed(config);
    if (listener == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a listener");
        return NULL;
    }
    listener->is_open = true;
    (void)uv_tcp_init(&config->link.loop->uv, &listener->tcp);
    listener->tcp.data = listener;
    int status = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)(const void *)&address, 0);
    if (status == 0) {
        status = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
    }
    if (status != 0) {
        (void)network_listen_fault(status, config->bind, fault);
        listener_close(listener, NULL, NULL);
        return NULL;
    }
    int len = sizeof(address);
    (void)uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)(void *)&address, &len);
    name_of(&address, listener->address, sizeof(listener->address));
    return listener;
}

void listener_set_tls(struct listener *listener, struct bas_tls_context *context)
{
    struct bas_tls_context **used = &listener->config.link.tls;
    struct bas_tls_context *old = *used;
    *used = bas_tls_context_ref(context);
    bas_tls_context_unref(old);
    (void)bas_tls_context_ref(context); /* an owner that is told of an end may set another one */
    for (struct link *link = listener->first; link != NULL && *used == context;
         link = link->listener_next) {
        struct bas_fault fault = { 0 };
        if (!link->was_open && link_recheck(link, context, &fault) != BAS_OK) {
            link_fail(link, &fault); /* it stays on the list until its handles are closed */
        }
    }
    bas_tls_context_unref(context);
}

const struct listener_counters *listener_counters(const struct listener *listener)
{
    return &listener->counters;
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
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
