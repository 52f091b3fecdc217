/* Owns the load: the nodes' end of every connection. */
#define _GNU_SOURCE
#include "swarm.h"

#include "basalt/rt.h"
#include "basalt/sc.h"
#include "basalt/ws.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    INPUT = 65536,
    EVENTS = 512,
    CONNECTING = 32,     /* at once */
    PATIENCE_MS = 20000, /* without anything arriving */
    DRAIN_US = 300,
    NPDU = SWARM_MESSAGE - 10,
    SENT_AT = 8 /* where the time stands in an NPDU of swarm_send */
};

struct peer {
    struct swarm *swarm;
    int fd;
    uint32_t number;
    bool has_joined;
    struct bas_tls *tls; /* hub */
    struct bas_ws *ws;
    struct wire wire; /* floor */
};

static const uint8_t floor_mask[WIRE_MASK] = { 0x37, 0xfa, 0x21, 0x3d };

/* Sending */

static void send_out(struct peer *peer)
{
    struct bas_buf *out = &peer->swarm->out;
    if (out->len == 0) {
        return;
    }
    ssize_t n = send(peer->fd, out->data, out->len, MSG_NOSIGNAL);
    if (n != (ssize_t)out->len) {
        die("connection %u took %zd of %zu octets: %s", peer->number, n, out->len, strerror(errno));
    }
    out->len = 0;
}

/* Seals and sends what is staged, as one record. */
static void send_staged(struct peer *peer)
{
    struct swarm *swarm = peer->swarm;
    struct bas_buf *staging = &swarm->staging;
    if (staging->len != 0 && swarm->tls != NULL) {
        if (bas_tls_seal(peer->tls, staging->data, staging->len) != BAS_OK) {
            die("sealing: %s", bas_tls_fault(peer->tls)->text);
        }
    } else if (staging->len != 0) {
        swarm->out.len = wire_seal(&peer->wire, staging->data, staging->len, swarm->out.data);
    }
    staging->len = 0;
    send_out(peer);
}

static void stage(struct peer *peer, const uint8_t *message, size_t len)
{
    struct swarm *swarm = peer->swarm;
    struct bas_buf *staging = &swarm->staging;
    if (swarm->tls == NULL) {
        staging->len += wire_frame_put(staging->data + staging->len, message, len, floor_mask);
        return;
    }
    const struct bas_slice none = { NULL, 0 };
    if (bas_ws_write(peer->ws, staging, (struct bas_slice){ message, len }, none) != BAS_OK) {
        die("a message does not fit");
    }
}

static struct bsc_vmac vmac_of(uint32_t number)
{
    return (struct bsc_vmac){ { 0x02, 0xBE, 0x7C, (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                                (uint8_t)number } };
}

/* The floor's begins with the number of its destination; the NPDU stands as far in as the hub's. */
static void stage_floor(struct peer *peer, int64_t to, struct bas_slice npdu)
{
    uint8_t memory[SWARM_LONGEST] = { 0 };
    const uint32_t number = to < 0 ? UINT32_MAX : (uint32_t)to;
    memcpy(memory, &number, sizeof(number));
    memcpy(memory + SWARM_MESSAGE - NPDU, npdu.data, npdu.len);
    stage(peer, memory, SWARM_MESSAGE - NPDU + npdu.len);
}

static void stage_npdu(struct peer *peer, int64_t to, uint16_t id, struct bas_slice npdu)
{
    static const struct bsc_vmac all = { { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF } };
    uint8_t memory[SWARM_LONGEST];
    struct bas_buf message;
    if (peer->swarm->tls == NULL) {
        stage_floor(peer, to, npdu);
        return;
    }
    bas_buf_init(&message, memory, sizeof(memory));
    const struct bsc_message whole = { .function = BSC_ENCAPSULATED_NPDU,
                                       .id = id,
                                       .has_destination = true,
                                       .destination = to < 0 ? all : vmac_of((uint32_t)to),
                                       .payload = npdu };
    bsc_encode(&whole, &message);
    stage(peer, message.data, message.len);
}

/* One message of SWARM_MESSAGE octets. Its value stands where it arrives unchanged. */
static void stage_message(struct peer *peer, int64_t to, uint32_t value)
{
    uint8_t npdu[NPDU] = { 1 };
    memcpy(npdu + 4, &value, sizeof(value));
    stage_npdu(peer, to, (uint16_t)value, (struct bas_slice){ npdu, sizeof(npdu) });
}

static void send_join(struct peer *peer)
{
    uint8_t memory[SWARM_MESSAGE];
    struct bas_buf message;
    bas_buf_init(&message, memory, sizeof(memory));
    if (peer->swarm->tls == NULL) {
        bas_buf_add(&message, &peer->number, sizeof(peer->number));
    } else {
        uint8_t payload[26];
        struct bas_buf body;
        bas_buf_init(&body, payload, sizeof(payload));
        struct bsc_connect connect = { .vmac = vmac_of(peer->number),
                                       .max_bvlc = BSC_DEFAULT_BVLC,
                                       .max_npdu = BSC_DEFAULT_NPDU };
        memcpy(connect.uuid.octets + 10, connect.vmac.octets, sizeof(connect.vmac.octets));
        bsc_connect_encode(&connect, &body);
        const struct bsc_message request = { .function = BSC_CONNECT_REQUEST,
                                             .id = 1,
                                             .payload = { payload, body.len } };
        bsc_encode(&request, &message);
    }
    stage(peer, message.data, message.len);
    send_staged(peer);
}

/* Receiving */

static void joined(struct peer *peer)
{
    peer->has_joined = true;
    peer->swarm->joined++;
}

static void count(struct peer *peer, const uint8_t *npdu)
{
    uint32_t value = 0;
    memcpy(&value, npdu + 4, sizeof(value));
    peer->swarm->deliveries++;
    peer->swarm->sum += value;
}

static void tell(struct peer *peer, const uint8_t *npdu)
{
    struct swarm_delivery delivery = { .to = peer->number };
    memcpy(&delivery.sent_ns, npdu + SENT_AT, sizeof(delivery.sent_ns));
    peer->swarm->watch(peer->swarm->user, &delivery);
}

static bool is_special(const struct peer *peer)
{
    return peer->swarm->special == (int64_t)peer->number;
}

/* It is to be expected of the special one, and of no other. */
static void lose(struct peer *peer, const char *why)
{
    if (!is_special(peer)) {
        die("the hub closed connection %u: %s", peer->number, why);
    }
    peer->swarm->has_lost_special = true;
    (void)epoll_ctl(peer->swarm->epoll, EPOLL_CTL_DEL, peer->fd, NULL);
}

static void take_message(struct peer *peer, struct bas_slice octets)
{
    struct bsc_message message;
    struct bas_fault fault;
    if (bsc_decode(octets, &message, &fault) != BAS_OK) {
        die("the hub sent something malformed: %s", fault.text);
    }
    if (message.function == BSC_CONNECT_ACCEPT) {
        joined(peer);
    } else if (message.function == BSC_ENCAPSULATED_NPDU && peer->swarm->watch != NULL) {
        tell(peer, message.payload.data);
    } else if (message.function == BSC_ENCAPSULATED_NPDU && message.payload.len == NPDU) {
        count(peer, message.payload.data);
    } else {
        die("the hub sent a %s of %zu octets", bsc_function_name(message.function), octets.len);
    }
}

static void take_plain(struct peer *peer, size_t len)
{
    struct bas_ws_event event;
    if (bas_ws_feed(peer->ws, peer->swarm->block, 0, len, 0) != BAS_OK) {
        lose(peer, "it is closed");
        return;
    }
    while (bas_ws_next(peer->ws, &event)) {
        switch (event.kind) {
        case BAS_WS_EVENT_OPEN:
            send_join(peer);
            break;
        case BAS_WS_EVENT_MESSAGE:
            take_message(peer, bas_window_slice(&event.window));
            break;
        case BAS_WS_EVENT_TOO_LONG:
        case BAS_WS_EVENT_PONG:
            break;
        case BAS_WS_EVENT_CLOSED:
            lose(peer, event.fault.text);
            break;
        }
    }
}

static void take_hub(struct peer *peer, size_t len)
{
    struct bas_frame *block = peer->swarm->block;
    bool was_open = bas_tls_is_open(peer->tls);
    bas_err err = len == 0 ? BAS_OK : bas_tls_feed(peer->tls, peer->swarm->input, len);
    while (err == BAS_OK) {
        size_t n = 0;
        err = bas_tls_read(peer->tls, block->data, block->cap, &n);
        if (err == BAS_OK) {
            take_plain(peer, n);
        }
    }
    if (err != BAS_ERR_AGAIN) {
        lose(peer, bas_tls_fault(peer->tls)->text);
        return;
    }
    if (!was_open && bas_tls_is_open(peer->tls)) {
        bas_ws_control(peer->ws, &peer->swarm->staging);
        send_staged(peer);
    }
    send_out(peer);
}

static void take_floor(struct peer *peer, size_t len)
{
    struct swarm *swarm = peer->swarm;
    for (size_t at = 0; at < len;) {
        uint8_t *plain = swarm->block->data;
        size_t used = 0;
        size_t plain_len = 0;
        if (!wire_open(&peer->wire, swarm->input + at, len - at, &used, plain, &plain_len) ||
            used == 0) {
            die("the floor sent a broken record");
        }
        at += used;
        for (size_t done = 0; done < plain_len;) {
            uint8_t *payload = NULL;
            size_t payload_len = 0;
            done += wire_frame_take(plain + done, plain_len - done, &payload, &payload_len);
            if (payload == NULL) {
                die("the floor sent a broken frame");
            }
            if (payload_len == 0) {
                joined(peer);
            } else if (swarm->watch != NULL) {
                tell(peer, payload + SWARM_MESSAGE - NPDU);
            } else {
                count(peer, payload + SWARM_MESSAGE - NPDU);
            }
        }
    }
}

static void receive(struct peer *peer)
{
    ssize_t n = recv(peer->fd, peer->swarm->input, INPUT, 0);
    if (n <= 0) {
        lose(peer, n == 0 ? "it has ended" : strerror(errno));
        return;
    }
    if (peer->swarm->tls != NULL) {
        take_hub(peer, (size_t)n);
    } else {
        take_floor(peer, (size_t)n);
    }
}

bool swarm_pump(struct swarm *swarm, int timeout_ms)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(swarm->epoll, events, EVENTS, timeout_ms);
    for (int i = 0; i < n; i++) {
        receive(events[i].data.ptr);
    }
    return n > 0;
}

/* Connecting */

static int dial(const struct swarm *swarm, bool is_small)
{
    const int small = 4096;
    const int yes = 1;
    const struct linger at_once = { 1, 0 }; /* no TIME_WAIT: thousands of ports would be used up */
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = htons(swarm->child->port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (is_small) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    }
    if (fd < 0 || connect(fd, (const struct sockaddr *)(const void *)&to, sizeof(to)) != 0) {
        die("connecting to 127.0.0.1:%u: %s", swarm->child->port, strerror(errno));
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void begin_hub(struct peer *peer)
{
    struct swarm *swarm = peer->swarm;
    const struct bas_ws_config config = { .size = sizeof(config),
                                          .role = BAS_WS_CLIENT,
                                          .host = "127.0.0.1",
                                          .subprotocols = { "hub.bsc.bacnet.org" } };
    peer->ws = bas_ws_new(&swarm->env, &config);
    peer->tls = bas_tls_new(swarm->tls, BAS_TLS_CLIENT, NULL, &swarm->out);
    if (peer->ws == NULL || peer->tls == NULL) {
        die("out of memory for connection %u", peer->number);
    }
    take_hub(peer, 0);
}

static void begin(struct swarm *swarm)
{
    struct peer *peer = &swarm->peers[swarm->n];
    *peer = (struct peer){ .swarm = swarm, .number = swarm->n };
    peer->fd = dial(swarm, is_special(peer));
    swarm->n++;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = peer };
    if (epoll_ctl(swarm->epoll, EPOLL_CTL_ADD, peer->fd, &event) != 0) {
        die("epoll: %s", strerror(errno));
    }
    if (swarm->tls != NULL) {
        begin_hub(peer);
    } else if (wire_init(&peer->wire, false)) {
        send_join(peer);
    }
}

void swarm_grow(struct swarm *swarm, uint32_t n)
{
    if (n > swarm->cap) {
        die("more connections than planned");
    }
    while (swarm->joined < n) {
        while (swarm->n < n && swarm->n - swarm->joined < CONNECTING) {
            begin(swarm);
        }
        if (!swarm_pump(swarm, PATIENCE_MS)) {
            die("%u of %u connections joined, then nothing came", swarm->joined, n);
        }
    }
}

void swarm_init(struct swarm *swarm, const struct child *child, struct bas_tls_context *tls,
                uint32_t cap)
{
    *swarm = (struct swarm){ .child = child, .tls = tls, .cap = cap, .special = SWARM_NOBODY };
    swarm->env = bas_env_host(NULL, NULL);
    swarm->peers = calloc(cap, sizeof(*swarm->peers));
    swarm->input = malloc(INPUT);
    swarm->block = bas_frame_new(&swarm->env, 0, INPUT);
    bas_buf_init(&swarm->staging, malloc(INPUT), INPUT);
    bas_buf_init(&swarm->out, malloc(INPUT), INPUT);
    swarm->epoll = epoll_create1(EPOLL_CLOEXEC);
    bool lacks = swarm->peers == NULL || swarm->input == NULL || swarm->block == NULL ||
                 swarm->staging.data == NULL || swarm->out.data == NULL;
    if (lacks || swarm->epoll < 0) {
        die("out of memory");
    }
}

void swarm_fini(struct swarm *swarm)
{
    for (uint32_t i = 0; i < swarm->n; i++) {
        struct peer *peer = &swarm->peers[i];
        (void)close(peer->fd);
        bas_tls_free(peer->tls);
        bas_ws_free(peer->ws);
        if (swarm->tls == NULL) {
            wire_fini(&peer->wire);
        }
    }
    bas_frame_unref(swarm->block);
    free(swarm->peers);
    free(swarm->input);
    free(swarm->staging.data);
    free(swarm->out.data);
    (void)close(swarm->epoll);
}

/* Waves */

static void send_burst(struct swarm *swarm, const struct wave *wave, uint32_t number)
{
    int64_t across = (number + swarm->n / 2) % swarm->n;
    int64_t to = wave->broadcast ? SWARM_EVERYBODY : across;
    uint64_t deliveries = wave->broadcast ? swarm->n - 1 : 1;
    for (uint32_t i = 0; i < wave->count; i++) {
        uint32_t value = swarm->next_value++;
        stage_message(&swarm->peers[number], to, value);
        swarm->expected += deliveries;
        swarm->expected_sum += deliveries * value;
    }
    send_staged(&swarm->peers[number]);
}

/* The receiving end looks only now and then: a reader that waits would have to be woken by every
 * send, at the cost of the sender. */
static void await_deliveries(struct swarm *swarm)
{
    for (unsigned idle = 0; swarm->deliveries < swarm->expected;) {
        sleep_us(DRAIN_US);
        bool any = false;
        while (swarm_pump(swarm, 0)) {
            any = true;
        }
        idle = any ? 0 : idle + 1;
        if (idle > PATIENCE_MS * 1000U / DRAIN_US) {
            die("%llu of %llu deliveries arrived, then nothing came",
                (unsigned long long)swarm->deliveries, (unsigned long long)swarm->expected);
        }
    }
    if (swarm->deliveries != swarm->expected || swarm->sum != swarm->expected_sum) {
        die("what arrived is not what was sent");
    }
}

uint64_t swarm_wave(struct swarm *swarm, const struct wave *wave)
{
    uint64_t before = swarm->deliveries;
    uint32_t first = swarm->next_value % swarm->n; /* broadcasts come from everybody in turn */
    child_freeze(swarm->child);
    for (uint32_t i = 0; i < wave->senders; i++) {
        send_burst(swarm, wave, (first + i) % swarm->n);
    }
    child_thaw(swarm->child);
    await_deliveries(swarm);
    return swarm->deliveries - before;
}

/* Message by message */

uint64_t swarm_now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

void swarm_send(struct swarm *swarm, uint32_t from, int64_t to, size_t len)
{
    static uint8_t npdu[SWARM_LONGEST] = { 1 };
    const uint64_t now = swarm_now_ns();
    memcpy(npdu + SENT_AT, &now, sizeof(now));
    stage_npdu(&swarm->peers[from], to, (uint16_t)swarm->next_value++,
               (struct bas_slice){ npdu, len - (SWARM_MESSAGE - NPDU) });
    send_staged(&swarm->peers[from]);
}

static void listen_to(struct swarm *swarm, uint32_t number, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = &swarm->peers[number] };
    if (epoll_ctl(swarm->epoll, EPOLL_CTL_MOD, swarm->peers[number].fd, &event) != 0) {
        die("epoll: %s", strerror(errno));
    }
}

void swarm_pause(struct swarm *swarm, uint32_t number)
{
    listen_to(swarm, number, 0);
}

void swarm_resume(struct swarm *swarm, uint32_t number)
{
    listen_to(swarm, number, EPOLLIN);
}
