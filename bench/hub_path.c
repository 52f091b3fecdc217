/*
 * A message's whole way through the hub in user space, without TLS and sockets: WebSocket frame in,
 * hub engine, WebSocket frame out into the record buffer. For counting instructions.
 *
 *     hub_path unicast|broadcast PER_DESTINATION TURNS
 *
 * unicast: in every turn each of the nodes sends PER_DESTINATION messages to another. broadcast: in
 * every turn one node sends so many to all. scripts/bench runs it under callgrind with two numbers
 * of turns and divides the difference; what is counted is hub_turn.
 */
#include "basalt/rt.h"
#include "basalt/sc.h"
#include "basalt/ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 400, MESSAGE = 60, NPDU = MESSAGE - 10, BLOCK = 65536, MOST = 64 };

struct node {
    bsc_conn_id conn;
    struct bas_ws *server, *client;
};

struct path {
    struct bas_env env;
    struct bsc_hub *hub;
    struct node nodes[NODES];
    struct bas_frame *block;
    struct bas_buf record;
};

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "hub_path: %s\n", what);
    exit(1);
}

static void drain_events(const struct path *p)
{
    struct bsc_hub_event event;
    while (bsc_hub_next_event(p->hub, &event)) {
        if (event.kind == BSC_HUB_ADMIT) {
            (void)bsc_hub_admit(p->hub, event.conn, NULL, 0);
        }
    }
}

/* Octets of one record of a node, as a link hands them on. */
static void receive(const struct path *p, const struct node *from, size_t offset, size_t len)
{
    struct bas_ws_event event;
    if (bas_ws_feed(from->server, p->block, offset, len, 0) != BAS_OK) {
        fail("a WebSocket is closed");
    }
    while (bas_ws_next(from->server, &event)) {
        if (event.kind == BAS_WS_EVENT_MESSAGE) {
            (void)bsc_hub_recv(p->hub, from->conn, &event.window, 0);
            drain_events(p);
        }
    }
}

static void flush(struct path *p)
{
    bsc_conn_id conn = 0;
    void *user = NULL;
    struct bsc_tx tx;
    while (bsc_hub_next_dirty(p->hub, &conn, &user)) {
        const struct node *to = user;
        p->record.len = 0;
        while (bsc_hub_peek(p->hub, conn, &tx)) {
            if (bas_ws_write(to->server, &p->record, tx.head, tx.rest) != BAS_OK) {
                fail("a message does not fit");
            }
            bsc_hub_pop(p->hub, conn, 0);
        }
    }
    bsc_hub_turn_end(p->hub);
}

/* What is counted. records[i]: octets of the record of node first + i in the block. */
struct turn {
    uint32_t first, n;
    size_t record_len;
};
void hub_turn(struct path *p, const struct turn *turn);
__attribute__((noinline)) void hub_turn(struct path *p, const struct turn *turn)
{
    for (uint32_t i = 0; i < turn->n; i++) {
        receive(p, &p->nodes[(turn->first + i) % NODES], i * turn->record_len, turn->record_len);
    }
    flush(p);
}

/* Preparing */

static struct bsc_vmac vmac_of(uint32_t n)
{
    return (struct bsc_vmac){ { 0x02, 0xBE, 0x7C, 0, (uint8_t)(n >> 8), (uint8_t)n } };
}

static void put(struct path *p, const struct node *from, const struct bsc_message *message)
{
    uint8_t memory[MESSAGE];
    struct bas_buf octets;
    struct bas_buf out;
    bas_buf_init(&octets, memory, sizeof(memory));
    bsc_encode(message, &octets);
    bas_buf_init(&out, p->block->data + p->block->len, BLOCK - p->block->len);
    const struct bas_slice none = { NULL, 0 };
    if (bas_ws_write(from->client, &out, (struct bas_slice){ memory, octets.len }, none) !=
        BAS_OK) {
        fail("a turn does not fit its block");
    }
    p->block->len += (uint32_t)out.len;
}

static struct bas_ws *new_ws(const struct path *p, enum bas_ws_role role)
{
    const struct bas_ws_config config = { .size = sizeof(config),
                                          .role = role,
                                          .host = role == BAS_WS_CLIENT ? "hub" : NULL,
                                          .subprotocols = { "hub.bsc.bacnet.org" } };
    return bas_ws_new(&p->env, &config);
}

/* Everything that one end's engine has to say goes to the other. */
static void hand_over(struct path *p, struct bas_ws *from, struct bas_ws *to)
{
    struct bas_buf out;
    struct bas_ws_event event;
    bas_buf_init(&out, p->block->data, BLOCK);
    bas_ws_control(from, &out);
    if (bas_ws_feed(to, p->block, 0, out.len, 0) != BAS_OK) {
        fail("no upgrade");
    }
    while (bas_ws_next(to, &event)) {
    }
}

static void join(struct path *p, uint32_t n)
{
    struct node *node = &p->nodes[n];
    node->server = new_ws(p, BAS_WS_SERVER);
    node->client = new_ws(p, BAS_WS_CLIENT);
    if (node->server == NULL || node->client == NULL ||
        bsc_hub_open(p->hub, node, 0, &node->conn) != BAS_OK) {
        fail("out of memory");
    }
    hand_over(p, node->client, node->server);
    hand_over(p, node->server, node->client);
    uint8_t payload[26];
    struct bas_buf body;
    bas_buf_init(&body, payload, sizeof(payload));
    struct bsc_connect connect = { .vmac = vmac_of(n), .max_bvlc = 5705, .max_npdu = 1497 };
    memcpy(connect.uuid.octets + 10, connect.vmac.octets, 6);
    bsc_connect_encode(&connect, &body);
    const struct bsc_message request = { .function = BSC_CONNECT_REQUEST,
                                         .payload = { payload, body.len } };
    p->block->len = 0;
    put(p, node, &request);
    receive(p, node, 0, p->block->len);
    flush(p);
}

static void run(struct path *p, bool broadcast, uint32_t per_destination, uint32_t turns)
{
    const uint8_t npdu[NPDU] = { 1 };
    struct bsc_message message = { .function = BSC_ENCAPSULATED_NPDU,
                                   .has_destination = true,
                                   .payload = { npdu, sizeof(npdu) } };
    for (uint32_t i = 0; i < turns; i++) {
        struct turn turn = { .first = i, .n = broadcast ? 1 : MOST };
        p->block->len = 0;
        for (uint32_t sender = 0; sender < turn.n; sender++) {
            uint32_t from = (turn.first + sender) % NODES;
            message.destination = vmac_of((from + NODES / 2) % NODES);
            if (broadcast) {
                memset(message.destination.octets, 0xFF, sizeof(message.destination.octets));
            }
            for (uint32_t k = 0; k < per_destination; k++) {
                put(p, &p->nodes[from], &message);
            }
        }
        turn.record_len = p->block->len / turn.n;
        hub_turn(p, &turn);
    }
}

int main(int argc, char **argv)
{
    static struct path p;
    static uint8_t record[BLOCK];
    if (argc != 4) {
        (void)fprintf(stderr, "usage: hub_path unicast|broadcast PER_DESTINATION TURNS\n");
        return 2;
    }
    p.env = bas_env_host(NULL, NULL);
    const struct bsc_hub_config config = {
        .size = sizeof(config), .vmac = { { 0x02, 1 } }, .uuid = { { 1 } }, .max_connections = NODES
    };
    p.hub = bsc_hub_new(&p.env, &config);
    p.block = bas_frame_new(&p.env, 0, BLOCK);
    bas_buf_init(&p.record, record, sizeof(record));
    if (p.hub == NULL || p.block == NULL) {
        fail("out of memory");
    }
    for (uint32_t i = 0; i < NODES; i++) {
        join(&p, i);
    }
    run(&p, strcmp(argv[1], "broadcast") == 0, (uint32_t)strtoul(argv[2], NULL, 10),
        (uint32_t)strtoul(argv[3], NULL, 10));
    (void)printf("deliveries %llu\n", (unsigned long long)bsc_hub_counters(p.hub)->deliveries);
    for (uint32_t i = 0; i < NODES; i++) {
        bas_ws_free(p.nodes[i].server);
        bas_ws_free(p.nodes[i].client);
    }
    bsc_hub_free(p.hub);
    bas_frame_unref(p.block);
    return 0;
}
