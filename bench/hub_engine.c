/*
 * The hub engine alone, for counting its instructions: no TLS, no WebSocket, no socket.
 *
 *   hub_engine unicast|broadcast NODES MESSAGES
 *
 * bench/hub-engine-instructions runs it under callgrind with two numbers of messages and divides
 * the difference. A turn is what a runtime does: sixteen messages of one receive block, the dirty
 * connections taken empty, the end of the turn.
 */
#include "basalt/sc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PER_TURN = 16, NPDU = 60 };

static void *get(void *ctx, size_t len)
{
    (void)ctx;
    return calloc(1, len);
}

static void put(void *ctx, void *memory, size_t len)
{
    (void)ctx;
    (void)len;
    free(memory);
}

static void noise(void *ctx, uint8_t *out, size_t len)
{
    uint32_t *state = ctx;
    for (size_t i = 0; i < len; i++) {
        *state = *state * 1664525 + 1013904223;
        out[i] = (uint8_t)(*state >> 24);
    }
}

static struct bsc_vmac vmac_of(uint32_t n)
{
    return (struct bsc_vmac){ { 2, 0, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };
}

static void feed(struct bsc_hub *hub, bsc_conn_id conn, struct bas_frame *block, size_t len)
{
    const struct bas_window window = { block, 0, (uint32_t)len };
    if (bsc_hub_recv(hub, conn, &window, 0) != BAS_OK) {
        abort();
    }
}

/* Takes every dirty connection empty. */
static void flush(struct bsc_hub *hub)
{
    bsc_conn_id conn;
    void *user;
    struct bsc_tx tx;
    while (bsc_hub_next_dirty(hub, &conn, &user)) {
        while (bsc_hub_peek(hub, conn, &tx)) {
            bsc_hub_pop(hub, conn, 0);
        }
    }
}

static void join(struct bsc_hub *hub, struct bas_frame *block, uint32_t n, bsc_conn_id *conn)
{
    struct bsc_connect connect = { .vmac = vmac_of(n), .max_bvlc = 5705, .max_npdu = 1497 };
    memcpy(connect.uuid.octets, &n, sizeof(n));
    connect.uuid.octets[15] = 1;
    struct bas_buf out;
    bas_buf_init(&out, block->data, block->cap);
    bas_buf_add(&out, "\x06\x00\x00\x01", 4);
    bsc_connect_encode(&connect, &out);
    if (bsc_hub_open(hub, NULL, 0, conn) != BAS_OK) {
        abort();
    }
    feed(hub, *conn, block, out.len);
    struct bsc_hub_event event;
    while (bsc_hub_next_event(hub, &event)) {
        if (event.kind == BSC_HUB_ADMIT && bsc_hub_admit(hub, *conn, NULL, 0) != BAS_OK) {
            abort();
        }
    }
    flush(hub);
}

/* Sixteen messages of one node, each to another node or to all. What is counted, so it keeps its
 * name. */
__attribute__((noinline)) static void turn(struct bsc_hub *hub, bsc_conn_id from,
                                           struct bas_frame *block, uint32_t len)
{
    for (uint32_t i = 0; i < PER_TURN; i++) {
        const struct bas_window window = { block, i * len, len };
        if (bsc_hub_recv(hub, from, &window, 0) != BAS_OK) {
            abort();
        }
    }
    flush(hub);
    bsc_hub_turn_end(hub);
}

static uint32_t write_message(struct bas_frame *block, const struct bsc_vmac *to)
{
    uint8_t npdu[NPDU] = { 1 };
    const struct bsc_message message = { .function = BSC_ENCAPSULATED_NPDU,
                                         .has_destination = true,
                                         .destination = *to,
                                         .payload = { npdu, sizeof(npdu) } };
    struct bas_buf out;
    bas_buf_init(&out, block->data + block->len, block->cap - block->len);
    bsc_encode(&message, &out);
    block->len += (uint32_t)out.len;
    return (uint32_t)out.len;
}

int main(int argc, char **argv)
{
    static uint32_t state = 1;
    const struct bas_env env = { &state, get, put, noise, NULL, NULL };
    if (argc != 4) {
        (void)fprintf(stderr, "usage: hub_engine unicast|broadcast NODES MESSAGES\n");
        return 2;
    }
    bool broadcast = strcmp(argv[1], "broadcast") == 0;
    uint32_t nodes = (uint32_t)strtoul(argv[2], NULL, 10);
    uint32_t messages = (uint32_t)strtoul(argv[3], NULL, 10);
    const struct bsc_hub_config config = { .size = sizeof(config),
                                           .vmac = { { 0xE2, 1, 2, 3, 4, 5 } },
                                           .uuid = { { 0xAA } },
                                           .max_connections = nodes };
    struct bsc_hub *hub = bsc_hub_new(&env, &config);
    struct bas_frame *block = bas_frame_new(&env, 0, 16384);
    bsc_conn_id *conns = calloc(nodes, sizeof(*conns));
    if (hub == NULL || block == NULL || conns == NULL) {
        return 6;
    }
    for (uint32_t i = 0; i < nodes; i++) {
        join(hub, block, i, &conns[i]);
    }
    for (uint32_t done = 0; done < messages; done += PER_TURN) {
        uint32_t len = 0;
        block->len = 0;
        for (uint32_t i = 0; i < PER_TURN; i++) {
            struct bsc_vmac to = vmac_of((done * 7 + i * 13 + 1) % nodes);
            if (broadcast) {
                memset(to.octets, 0xFF, sizeof(to.octets));
            }
            len = write_message(block, &to);
        }
        turn(hub, conns[done / PER_TURN % nodes], block, len);
    }
    (void)printf("deliveries %llu\n", (unsigned long long)bsc_hub_counters(hub)->deliveries);
    bas_frame_unref(block);
    bsc_hub_free(hub);
    free(conns);
    return 0;
}
