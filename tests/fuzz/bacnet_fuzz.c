/*
 * A BACnet device's stack above the data link under arbitrary octets: network layer, client and
 * server. The first octet picks what the rest is: from 128 on NPDUs for a device, from 192 on APDUs
 * for its client and server, each behind its length (length 0 lets time pass until the next timer);
 * else it is the first of two that say the number of a type (decode, encode, print, read what was
 * printed).
 */
#include "basalt/bacnet_client.h"
#include "basalt/bacnet_server.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { IS_NPDU = 0x80, IS_APDU = 0xC0, OUT = 1 << 17, MOST_MEMORY = 4 << 20 };

static void promise(bool kept)
{
    if (!kept) {
        abort();
    }
}

/* ctx: octets that are allocated. Whatever comes, there is a bound. */
static void *heap_alloc(void *ctx, size_t len)
{
    *(size_t *)ctx += len;
    promise(*(size_t *)ctx <= MOST_MEMORY);
    return calloc(1, len);
}

static void heap_release(void *ctx, void *memory, size_t len)
{
    *(size_t *)ctx -= len;
    free(memory);
}

static void no_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5A, len);
}

static int64_t no_wall(void *ctx)
{
    (void)ctx;
    return 0;
}

/* What was printed must be readable. */
static void read_back(const struct bac_type *type, const struct bas_buf *text)
{
    static uint8_t memory[1 << 18];
    struct bac_arena arena;
    void *value = calloc(1, type->size + 1U);
    bac_arena_init(&arena, memory, sizeof(memory));
    if (value != NULL && !text->full) {
        const struct bas_slice json = { text->data, text->len };
        bas_err err = bac_json_read(type, json, value, &arena, NULL);
        promise(err == BAS_OK || err == BAS_ERR_NO_SPACE);
    }
    free(value);
}

/* What decodes must encode, and what comes of that must decode and encode to the same octets. */
static void one_type(const struct bac_type *type, struct bas_slice in)
{
    static uint8_t lists[2][1 << 16];
    static uint8_t octets[2][OUT];
    static char text[1 << 20];
    struct bas_slice rest = in;
    size_t len = 0;
    void *value = calloc(1, type->size + 1U);
    for (unsigned i = 0; i < 2 && value != NULL; i++) {
        struct bac_arena arena;
        struct bas_buf out;
        struct bas_json json;
        bac_arena_init(&arena, lists[i], sizeof(lists[i]));
        bool is_good = bac_decode(type, &rest, BAC_APPLICATION, value, &arena, NULL) == BAS_OK;
        promise(is_good || i == 0);
        if (!is_good) {
            break;
        }
        bas_buf_init(&out, text, sizeof(text));
        bas_json_init(&json, &out);
        bac_json(type, value, &json, NULL);
        read_back(type, &out);
        bas_buf_init(&out, octets[i], OUT);
        if (bac_encode(type, value, BAC_APPLICATION, &out) != BAS_OK) {
            promise(i == 0); /* a value that may be received but not sent */
            break;
        }
        promise(i == 0 || (out.len == len && memcmp(octets[0], octets[1], len) == 0));
        len = out.len;
        rest = (struct bas_slice){ octets[i], out.len };
    }
    free(value);
}

struct device {
    struct bac_net *net;
    struct bac_client *client;
    struct bac_server *server;
    bac_port_id port;
};

static bas_err decline(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                       struct bas_fault *fault)
{
    (void)ctx;
    (void)request;
    (void)out;
    (void)fault;
    return BAS_ERR_UNSUPPORTED;
}

static bool device_open(struct device *d, const struct bas_env *env)
{
    static const struct bac_file_config octets = { .max_size = 512 };
    static const struct bac_file_config lines = { .by_record = true, .max_size = 512 };
    static const struct bac_object_config objects[] = {
        { .type = BAC_OBJECT_ANALOG_OUTPUT, .instance = 1, .name = "valve" },
        { .type = BAC_OBJECT_MULTI_STATE_VALUE, .instance = 2, .name = "mode", .n_states = 3 },
        { .type = BAC_OBJECT_NETWORK_PORT, .instance = 1, .name = "port" },
        { .type = BAC_OBJECT_FILE, .instance = 1, .name = "octets", .file = &octets },
        { .type = BAC_OBJECT_FILE, .instance = 2, .name = "lines", .file = &lines },
        { .type = BAC_OBJECT_LARGE_ANALOG_VALUE, .instance = 1, .name = "a", .commandable = true },
        { .type = BAC_OBJECT_INTEGER_VALUE, .instance = 1, .name = "b", .writable = true },
        { .type = BAC_OBJECT_CHARACTERSTRING_VALUE, .instance = 1, .name = "c", .writable = true },
        { .type = BAC_OBJECT_OCTETSTRING_VALUE, .instance = 1, .name = "d", .writable = true },
        { .type = BAC_OBJECT_BITSTRING_VALUE, .instance = 1, .name = "e", .commandable = true },
        { .type = BAC_OBJECT_DATETIME_VALUE, .instance = 1, .name = "f", .commandable = true },
        { .type = BAC_OBJECT_DATE_PATTERN_VALUE, .instance = 1, .name = "g", .writable = true },
        { .type = BAC_OBJECT_NOTIFICATION_CLASS, .instance = 1, .name = "h" },
        { .type = BAC_OBJECT_STRUCTURED_VIEW, .instance = 1, .name = "i" },
    };
    static const struct bac_service_hook hooks[] = {
        { BAC_CONFIRMED_PRIVATE_TRANSFER, true, decline, NULL },
        { BAC_CONFIRMED_EVENT_NOTIFICATION, true, decline, NULL },
        { BAC_UNCONFIRMED_WRITE_GROUP, false, decline, NULL },
    };
    const struct bac_net_config net = { .size = sizeof(net) };
    const struct bac_client_config client = {
        .size = sizeof(client), .max_transactions = 4, .window = 4, .max_memory = 1 << 18
    };
    const struct bac_server_config server = { .size = sizeof(server),
                                              .object_size = sizeof(objects[0]),
                                              .objects = objects,
                                              .n_objects = BAS_ARRAY_LEN(objects),
                                              .instance = 7,
                                              .name = "device",
                                              .max_created = 4,
                                              .window = 4,
                                              .max_transactions = 4,
                                              .max_memory = 1 << 18,
                                              .hooks = hooks,
                                              .n_hooks = BAS_ARRAY_LEN(hooks) };
    const struct bac_port_config port = { .size = sizeof(port),
                                          .mac_len = 6,
                                          .mac = { 2, 0, 0, 0, 0, 1 } };
    d->net = bac_net_new(env, &net);
    d->client = bac_client_new(env, &client);
    d->server = bac_server_new(env, &server, NULL);
    bool good = d->net != NULL && d->client != NULL && d->server != NULL &&
                bac_net_add_port(d->net, &port, &d->port) == BAS_OK;
    if (good) {
        bac_net_port_up(d->net, d->port, port.mac, 6, 1497, 0);
    }
    return good;
}

/* Everything that wants to go out goes to the network layer and away. */
static void send_all(struct device *d, bas_time now)
{
    struct bac_apdu_tx apdu;
    struct bac_net_tx npdu;
    while (bac_client_next_tx(d->client, &apdu) || bac_server_next_tx(d->server, &apdu)) {
        const struct bac_send send = { .to = apdu.to, .port = apdu.port };
        bas_err err = bac_net_send(d->net, &send, apdu.frame, now);
        (void)err;
    }
    while (bac_net_next_tx(d->net, &npdu)) {
        promise(npdu.frame->len <= 1497);
        bas_frame_unref(npdu.frame);
    }
}

static void one_apdu(struct device *d, const struct bac_net_event *event, bas_time now)
{
    (void)bac_client_recv(d->client, &event->source, event->port, event->apdu, now);
    (void)bac_server_recv(d->server, event, 1476, now);
}

static void one_npdu(struct device *d, struct bas_slice npdu, bas_time now)
{
    const struct bac_arrival arrival = {
        .port = d->port, .mac_len = 6, .mac = { 2, 0, 0, 0, 0, 9 }, .broadcast = (now & 1) != 0
    };
    struct bac_net_event event;
    (void)bac_net_recv(d->net, &arrival, npdu, now);
    while (bac_net_next_event(d->net, &event)) {
        if (event.kind == BAC_NET_APDU) {
            one_apdu(d, &event, now);
        }
    }
}

/* What the program fetches, and what leaves. */
static void fetch_all(struct device *d, bas_time now)
{
    struct bac_client_event answer;
    struct bac_server_event write;
    struct bac_server_call call;
    while (bac_client_next_event(d->client, &answer) || bac_server_next_event(d->server, &write)) {
    }
    while (bac_server_next_call(d->server, &call)) {
        bac_server_call_done(d->server, call.id, (now & 2) != 0, now);
    }
    send_all(d, now);
}

static bas_time let_time_pass(struct device *d, bas_time now)
{
    bas_time client = bac_client_deadline(d->client);
    bas_time server = bac_server_deadline(d->server);
    bas_time next = client < server ? client : server;
    now = next != BAS_NEVER && next > now ? next : now;
    bac_net_tick(d->net, now);
    bac_client_tick(d->client, now);
    bac_server_tick(d->server, now);
    return now;
}

static const struct bac_address PEER = { .mac_len = 6, .mac = { 2, 0, 0, 0, 0, 9 } };

/* One request in a piece, one in segments. */
static void ask(struct device *d)
{
    static const uint8_t parameters[3000];
    static const size_t lens[] = { 0, sizeof(parameters) };
    for (size_t i = 0; i < BAS_ARRAY_LEN(lens); i++) {
        bac_request_id id;
        const struct bac_call call = { .to = PEER,
                                       .port = d->port,
                                       .service = BAC_CONFIRMED_READ_PROPERTY,
                                       .parameters = { parameters, lens[i] },
                                       .max_apdu = BAC_MAX_APDU };
        bas_err err = bac_client_request(d->client, &call, 0, &id);
        (void)err;
    }
}

static void device_takes(const uint8_t *data, size_t len, bool is_apdu)
{
    size_t live = 0;
    const struct bas_env env = { &live, heap_alloc, heap_release, no_random, no_wall, NULL };
    struct device d = { 0 };
    if (device_open(&d, &env)) {
        ask(&d);
        send_all(&d, 0);
        bas_time now = 0;
        for (size_t at = 0; at < len; now++) {
            size_t n = data[at++];
            n = n < len - at ? n : len - at;
            const struct bas_slice octets = { data + at, n };
            const struct bac_net_event event = {
                .kind = BAC_NET_APDU, .port = d.port, .source = PEER, .apdu = octets
            };
            if (n == 0) {
                now = let_time_pass(&d, now);
            } else if (is_apdu) {
                one_apdu(&d, &event, now);
            } else {
                one_npdu(&d, octets, now);
            }
            fetch_all(&d, now);
            at += n;
        }
        (void)let_time_pass(&d, now + 3600 * BAS_SECOND);
        send_all(&d, now + 3600 * BAS_SECOND);
    }
    bac_client_free(d.client);
    bac_server_free(d.server);
    bac_net_free(d.net);
    promise(live == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t n_types;
    const struct bac_type *const *types = bac_types(&n_types);
    if (len == 0) {
        return 0;
    }
    if ((data[0] & IS_NPDU) != 0) {
        device_takes(data + 1, len - 1, data[0] >= IS_APDU);
    } else {
        size_t number = len < 2 ? data[0] : (size_t)data[0] << 8 | data[1];
        size_t head = len < 2 ? 1 : 2;
        one_type(types[number % n_types], (struct bas_slice){ data + head, len - head });
    }
    return 0;
}
