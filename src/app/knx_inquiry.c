/* Owns an inquiry: requests to one KNXnet/IP server or to all that a multicast reaches, and their
 * answers (spec 1.4). */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "basalt/app_knx.h"

#include "rt/knx_socket.h"

#include <stdio.h>
#include <string.h>

enum { WAIT_MS = 3000, SOCKETS = 16, REQUEST = 64 };

struct bas_knx_inquiry {
    struct bas_loop *loop;
    struct bas_knx_inquiry_config config;
    struct knx_socket *sockets[SOCKETS]; /* NULL: gone */
    unsigned open;                       /* sockets and timer that are not gone */
    struct knx_stream stream;            /* TCP */
    uint8_t stash[KNX_MAX_FRAME];
    uv_timer_t timer;
    bool is_stopping;
    struct bas_fault fault;
};

static const struct knx_endpoint everybody = { { 224, 0, 23, 12 }, KNX_PORT };

/* The end. */

static void part_gone(struct bas_knx_inquiry *inquiry)
{
    if (--inquiry->open != 0) {
        return;
    }
    struct bas_knx_inquiry ended = *inquiry;
    bas_release(&ended.loop->env, inquiry, sizeof(*inquiry));
    if (ended.config.done != NULL) {
        ended.config.done(ended.config.user, ended.fault.err != BAS_OK ? &ended.fault : NULL);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    part_gone(handle->data);
}

void bas_knx_inquiry_stop(struct bas_knx_inquiry *inquiry)
{
    if (inquiry->is_stopping) {
        return;
    }
    inquiry->is_stopping = true;
    for (size_t i = 0; i < SOCKETS; i++) {
        if (inquiry->sockets[i] != NULL) {
            knx_socket_close(inquiry->sockets[i]);
        }
    }
    uv_close((uv_handle_t *)&inquiry->timer, on_timer_closed);
}

static void on_time(uv_timer_t *timer)
{
    bas_knx_inquiry_stop(timer->data);
}

/* Requests. */

static const struct {
    unsigned request;
    uint16_t service;
    bool has_blocks;
} rows[] = {
    { BAS_KNX_SEARCH, KNX_SEARCH_REQUEST, false },
    { BAS_KNX_SEARCH_EXTENDED, KNX_SEARCH_REQUEST_EXTENDED, true },
    { BAS_KNX_DESCRIPTION, KNX_DESCRIPTION_REQUEST, false },
};

/* The SRP that asks for all blocks. */
static void add_blocks(struct knx_message *message, uint8_t *memory, size_t cap)
{
    static const uint8_t types[] = { KNX_DIB_DEVICE_INFO,     KNX_DIB_SUPP_SVC_FAMILIES,
                                     KNX_DIB_IP_CONFIG,       KNX_DIB_CURRENT_CONFIG,
                                     KNX_DIB_KNX_ADDRESSES,   KNX_DIB_SECURED_SERVICE_FAMILIES,
                                     KNX_DIB_TUNNELLING_INFO, KNX_DIB_EXTENDED_DEVICE_INFO };
    const struct bas_slice data = { types, sizeof(types) };
    struct bas_buf out;
    bas_buf_init(&out, memory, cap);
    knx_block_encode(0x84, data, &out); /* requested DIBs, mandatory (spec 1.4) */
    message->payload = (struct bas_slice){ memory, out.len };
}

static void ask(struct bas_knx_inquiry *inquiry, struct knx_socket *socket,
                const struct knx_endpoint *to)
{
    const struct bas_knx_inquiry_config *config = &inquiry->config;
    const struct knx_endpoint own = knx_socket_local(socket);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        uint8_t memory[REQUEST];
        uint8_t blocks[REQUEST];
        struct bas_buf out;
        struct knx_message message = { .service = rows[i].service };
        if ((config->requests & rows[i].request) == 0) {
            continue;
        }
        message.control.protocol = (uint8_t)config->transport;
        if (config->transport == KNX_UDP && !config->route_back) {
            memcpy(message.control.address, own.address, sizeof(own.address));
            message.control.port = own.port;
        }
        if (rows[i].has_blocks) {
            add_blocks(&message, blocks, sizeof(blocks));
        }
        bas_buf_init(&out, memory, sizeof(memory));
        knx_message_encode(&message, &out);
        knx_socket_add(socket, (struct bas_slice){ memory, out.len }, to);
    }
    if (config->transport == KNX_TCP) {
        knx_socket_flush(socket);
    }
}

/* Answers. */

static void take(struct bas_knx_inquiry *inquiry, struct bas_slice frame,
                 const struct knx_endpoint *from)
{
    struct knx_message message;
    if (inquiry->is_stopping || knx_message_decode(frame, &message, NULL) != BAS_OK) {
        return;
    }
    if (message.service == KNX_SEARCH_RESPONSE || message.service == KNX_DESCRIPTION_RESPONSE ||
        message.service == KNX_SEARCH_RESPONSE_EXTENDED) {
        inquiry->config.answer(inquiry->config.user, &message, from);
    }
}

static void on_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                        const struct knx_endpoint *from)
{
    struct bas_knx_inquiry *inquiry = user;
    struct bas_slice frame;
    bas_err err;
    (void)socket;
    if (inquiry->config.transport == KNX_UDP) {
        take(inquiry, octets, from);
        return;
    }
    knx_stream_feed(&inquiry->stream, octets);
    while ((err = knx_stream_next(&inquiry->stream, &frame)) == BAS_OK) {
        take(inquiry, frame, from);
    }
    if (err == BAS_ERR_MALFORMED) {
        (void)bas_fail(&inquiry->fault, BAS_ERR_PROTOCOL, "%s does not speak KNXnet/IP",
                       knx_socket_address(socket));
        bas_knx_inquiry_stop(inquiry);
    }
}

static void on_open(void *user, struct knx_socket *socket)
{
    ask(user, socket, NULL);
}

static void on_closed(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    struct bas_knx_inquiry *inquiry = user;
    for (size_t i = 0; i < SOCKETS; i++) {
        if (inquiry->sockets[i] == socket) {
            inquiry->sockets[i] = NULL;
        }
    }
    if (why->err != BAS_OK && inquiry->config.target != NULL && !inquiry->is_stopping) {
        inquiry->fault = *why;
        bas_knx_inquiry_stop(inquiry);
    }
    part_gone(inquiry);
}

static const struct knx_socket_owner owner = { on_open, on_received, on_closed };

/* The beginning. */

static bool add_socket(struct bas_knx_inquiry *inquiry, struct knx_socket *socket)
{
    for (size_t i = 0; i < SOCKETS && socket != NULL; i++) {
        if (inquiry->sockets[i] == NULL) {
            inquiry->sockets[i] = socket;
            inquiry->open++;
            return true;
        }
    }
    return false;
}

static void ask_from(struct bas_knx_inquiry *inquiry, const struct knx_endpoint *own)
{
    const struct knx_socket_config config = { inquiry->loop, &owner, inquiry };
    struct knx_socket *socket = knx_socket_bind(&config, own, false, &inquiry->fault);
    if (add_socket(inquiry, socket)) {
        knx_socket_multicast_from(socket, own);
        ask(inquiry, socket, &everybody);
    }
}

/* Every IPv4 address that is up; loopback only when nothing else is. */
static void ask_everywhere(struct bas_knx_inquiry *inquiry)
{
    uv_interface_address_t *interfaces = NULL;
    int n = 0;
    (void)uv_interface_addresses(&interfaces, &n);
    for (int pass = 0; pass < 2 && inquiry->open == 1; pass++) {
        for (int i = 0; i < n && inquiry->open <= SOCKETS; i++) {
            struct knx_endpoint own =
                knx_endpoint_of((const struct sockaddr *)&interfaces[i].address);
            own.port = 0;
            if (own.address[0] != 0 && (interfaces[i].is_internal != 0) == (pass == 1)) {
                ask_from(inquiry, &own);
            }
        }
    }
    uv_free_interface_addresses(interfaces, n);
}

static bas_err ask_all(struct bas_knx_inquiry *inquiry, struct bas_fault *fault)
{
    const char *interface = inquiry->config.interface;
    struct sockaddr_in address = { 0 };
    if (interface == NULL) {
        ask_everywhere(inquiry);
    } else if (uv_ip4_addr(interface, 0, &address) != 0) {
        return bas_fail(fault, BAS_ERR_INVALID, "'%.60s' is not an IPv4 address of ours",
                        interface);
    } else {
        const struct knx_endpoint own = knx_endpoint_of((const struct sockaddr *)&address);
        ask_from(inquiry, &own);
    }
    if (inquiry->open > 1) {
        inquiry->fault = (struct bas_fault){ 0 };
        return BAS_OK;
    }
    if (inquiry->fault.err != BAS_OK) {
        return bas_fail(fault, inquiry->fault.err, "%s", inquiry->fault.text);
    }
    return bas_fail(fault, BAS_ERR_UNREACHABLE, "no network interface has an IPv4 address");
}

static bas_err ask_one(struct bas_knx_inquiry *inquiry, struct bas_fault *fault)
{
    const struct knx_socket_config config = { inquiry->loop, &owner, inquiry };
    struct knx_socket *socket = knx_socket_connect(&config, inquiry->config.transport,
                                                   inquiry->config.target, inquiry->config.wait_ms);
    if (!add_socket(inquiry, socket)) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a connection");
    }
    return BAS_OK;
}

struct bas_knx_inquiry *bas_knx_inquiry_start(struct bas_loop *loop,
                                              const struct bas_knx_inquiry_config *config,
                                              struct bas_fault *fault)
{
    struct bas_knx_inquiry *inquiry = bas_alloc(&loop->env, sizeof(*inquiry));
    if (inquiry == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for an inquiry");
        return NULL;
    }
    inquiry->loop = loop;
    inquiry->config = *config;
    inquiry->config.wait_ms = config->wait_ms != 0 ? config->wait_ms : WAIT_MS;
    knx_stream_init(&inquiry->stream, inquiry->stash, sizeof(inquiry->stash));
    (void)uv_timer_init(&loop->uv, &inquiry->timer);
    inquiry->timer.data = inquiry;
    inquiry->open = 1;
    bas_err err = config->target != NULL ? ask_one(inquiry, fault) : ask_all(inquiry, fault);
    if (err != BAS_OK) {
        inquiry->config.done = NULL;
        bas_knx_inquiry_stop(inquiry);
        return NULL;
    }
    uv_update_time(&loop->uv);
    (void)uv_timer_start(&inquiry->timer, on_time, inquiry->config.wait_ms, 0);
    return inquiry;
}
