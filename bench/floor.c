/*
 * The floor: the smallest honest relay, which the hub is measured against. libuv, WebSocket-framed
 * messages, a list per destination, at the end of the turn as few records and sends as fit, one
 * AEAD open and one seal per record. No TLS, no BACnet, no timers, no limits, no slow readers.
 *
 * A message begins with the number of its destination (all ones: everybody); the first of a
 * connection says its own number and is answered with an empty one. Prints its address and runs
 * until it is killed.
 */
#define _DEFAULT_SOURCE
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum {
    CONNECTIONS = 16384,
    ENTRIES = 1 << 20,
    BLOCK = 8 << 20, /* all that one turn receives */
    READ = 65536,
    NONE = -1
};

struct connection {
    uv_tcp_t tcp;
    struct wire wire;
    uint32_t number;
    int32_t first, last; /* pending entries */
    bool has_number, is_dirty;
};

struct entry {
    const uint8_t *payload;
    uint32_t len;
    int32_t next;
};

struct relay {
    uv_loop_t *loop;
    uv_tcp_t listener;
    uv_check_t check;
    struct connection *numbered[CONNECTIONS];
    struct connection *dirty[CONNECTIONS];
    uint32_t numbers, n_dirty;
    struct entry *entries;
    int32_t n_entries;
    uint8_t *block;
    size_t block_len;
    uint8_t read[READ];
    uint8_t staging[WIRE_RECORD];
    uint8_t out[WIRE_RECORD + WIRE_HEADER + WIRE_TAG];
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "floor: %s\n", what);
    exit(1);
}

static void deliver(struct relay *relay, struct connection *to, const uint8_t *payload, size_t len)
{
    if (relay->n_entries == ENTRIES) {
        fail("more entries in one turn than it has");
    }
    int32_t at = relay->n_entries++;
    relay->entries[at] = (struct entry){ payload, (uint32_t)len, NONE };
    if (to->first == NONE) {
        to->first = at;
    } else {
        relay->entries[to->last].next = at;
    }
    to->last = at;
    if (!to->is_dirty) {
        to->is_dirty = true;
        relay->dirty[relay->n_dirty++] = to;
    }
}

static void join(struct relay *relay, struct connection *from, uint32_t number)
{
    if (number >= CONNECTIONS) {
        fail("a number beyond its table");
    }
    from->has_number = true;
    from->number = number;
    relay->numbered[number] = from;
    relay->numbers = number >= relay->numbers ? number + 1 : relay->numbers;
    deliver(relay, from, relay->block, 0);
}

static void take_message(struct relay *relay, struct connection *from, const uint8_t *payload,
                         size_t len)
{
    uint32_t destination = 0;
    if (len < sizeof(destination)) {
        fail("a message without destination");
    }
    memcpy(&destination, payload, sizeof(destination));
    if (!from->has_number) {
        join(relay, from, destination);
    } else if (destination != UINT32_MAX) {
        if (destination < relay->numbers && relay->numbered[destination] != NULL) {
            deliver(relay, relay->numbered[destination], payload, len);
        }
    } else {
        for (uint32_t i = 0; i < relay->numbers; i++) {
            if (relay->numbered[i] != NULL && relay->numbered[i] != from) {
                deliver(relay, relay->numbered[i], payload, len);
            }
        }
    }
}

static void take_plain(struct relay *relay, struct connection *from, uint8_t *plain, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint8_t *payload = NULL;
        size_t payload_len = 0;
        size_t used = wire_frame_take(plain + at, len - at, &payload, &payload_len);
        if (used == 0) {
            fail("a broken frame");
        }
        take_message(relay, from, payload, payload_len);
        at += used;
    }
}

static void on_gone(uv_handle_t *handle)
{
    struct connection *gone = handle->data;
    wire_fini(&gone->wire);
    free(gone);
}

static void end(struct relay *relay, struct connection *gone)
{
    if (gone->has_number) {
        relay->numbered[gone->number] = NULL;
    }
    gone->tcp.data = gone;
    uv_close((uv_handle_t *)&gone->tcp, on_gone);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct relay *relay = stream->loop->data;
    struct connection *from = stream->data;
    if (n < 0) {
        end(relay, from);
        return;
    }
    const uint8_t *octets = (const uint8_t *)buf->base;
    for (size_t at = 0; at < (size_t)n;) {
        size_t used = 0;
        size_t len = 0;
        uint8_t *plain = relay->block + relay->block_len;
        if (relay->block_len + WIRE_RECORD > BLOCK) {
            fail("more octets in one turn than it has room for");
        }
        if (!wire_open(&from->wire, octets + at, (size_t)n - at, &used, plain, &len) || used == 0) {
            fail("a broken or partial record");
        }
        relay->block_len += len;
        take_plain(relay, from, plain, len);
        at += used;
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct relay *relay = handle->loop->data;
    (void)suggested;
    *buf = uv_buf_init((char *)relay->read, READ);
}

static void send_record(struct relay *relay, struct connection *to, size_t staged)
{
    size_t len = wire_seal(&to->wire, relay->staging, staged, relay->out);
    uv_buf_t buf = uv_buf_init((char *)relay->out, (unsigned)len);
    if (len == 0 || uv_try_write((uv_stream_t *)&to->tcp, &buf, 1) != (int)len) {
        fail("a record was not taken whole");
    }
}

static void flush(struct relay *relay, struct connection *to)
{
    size_t staged = 0;
    for (int32_t at = to->first; at != NONE; at = relay->entries[at].next) {
        const struct entry *entry = &relay->entries[at];
        if (staged + WIRE_FRAME_HEADER + entry->len > WIRE_RECORD) {
            send_record(relay, to, staged);
            staged = 0;
        }
        staged += wire_frame_put(relay->staging + staged, entry->payload, entry->len, NULL);
    }
    send_record(relay, to, staged);
    to->first = NONE;
    to->is_dirty = false;
}

static void on_turn_end(uv_check_t *check)
{
    struct relay *relay = check->loop->data;
    for (uint32_t i = 0; i < relay->n_dirty; i++) {
        flush(relay, relay->dirty[i]);
    }
    relay->n_dirty = 0;
    relay->n_entries = 0;
    relay->block_len = 0;
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct connection *made = calloc(1, sizeof(*made));
    if (status != 0 || made == NULL || !wire_init(&made->wire, true)) {
        fail("accepting a connection");
    }
    made->first = NONE;
    (void)uv_tcp_init(stream->loop, &made->tcp);
    if (uv_accept(stream, (uv_stream_t *)&made->tcp) != 0) {
        fail("accepting a connection");
    }
    made->tcp.data = made;
    (void)uv_tcp_nodelay(&made->tcp, 1);
    (void)uv_read_start((uv_stream_t *)&made->tcp, on_alloc, on_read);
}

static void listen_somewhere(struct relay *relay)
{
    struct sockaddr_in address;
    int len = sizeof(address);
    (void)uv_ip4_addr("127.0.0.1", 0, &address);
    (void)uv_tcp_init(relay->loop, &relay->listener);
    (void)uv_tcp_bind(&relay->listener, (const struct sockaddr *)(const void *)&address, 0);
    if (uv_listen((uv_stream_t *)&relay->listener, 1024, on_connection) != 0 ||
        uv_tcp_getsockname(&relay->listener, (struct sockaddr *)(void *)&address, &len) != 0) {
        fail("cannot listen on 127.0.0.1");
    }
    (void)printf("127.0.0.1:%u\n", ntohs(address.sin_port));
    (void)fflush(stdout);
}

int main(void)
{
    struct relay *relay = calloc(1, sizeof(*relay));
    if (relay == NULL) {
        return 1;
    }
    relay->entries = malloc(ENTRIES * sizeof(*relay->entries));
    relay->block = malloc(BLOCK);
    if (relay->entries == NULL || relay->block == NULL) {
        fail("out of memory");
    }
    relay->loop = uv_default_loop();
    relay->loop->data = relay;
    (void)uv_check_init(relay->loop, &relay->check);
    (void)uv_check_start(&relay->check, on_turn_end);
    listen_somewhere(relay);
    return uv_run(relay->loop, UV_RUN_DEFAULT);
}
