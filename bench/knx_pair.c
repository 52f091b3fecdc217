/* Owns the way between two engines in one process. */
#include "knx_pair.h"

#include <string.h>

enum { TURN_US = 500 };

static void take_frames(struct pair *pair)
{
    struct bas_slice frame;
    struct knx_endpoint to;
    while (knx_client_next_frame(pair->client, &frame, &to)) {
        bas_buf_add(&pair->there, frame.data, frame.len);
    }
}

static struct bas_slice take_wire(struct bas_buf *wire)
{
    const struct bas_slice octets = { wire->data, wire->len };
    wire->len = 0;
    return octets;
}

static void open_confirmation(struct pair *pair, struct bas_slice octets)
{
    uint8_t plain[256];
    struct bas_buf out;
    struct knx_cemi cemi;
    struct knx_opened opened;
    bas_buf_init(&out, plain, sizeof(plain));
    if (knx_cemi_decode(octets, &cemi, NULL) == BAS_OK) {
        knx_data_secure_open(pair->secure, &cemi, pair->now, &out, &opened);
        pair->opened += opened.drop == KNX_DROP_NONE && opened.is_encrypted ? 1 : 0;
    }
}

static void drain(struct pair *pair)
{
    struct knx_client_event event;
    while (knx_client_next_event(pair->client, &event)) {
        if (event.kind == KNX_CLIENT_EVENT_CONFIRMED) {
            pair->confirmed++;
            if (pair->secure != NULL) {
                open_confirmation(pair, event.cemi);
            }
        } else if (event.kind == KNX_CLIENT_EVENT_UP) {
            pair->is_up = true;
        }
    }
}

/* Not inlined, so that instructions can be counted side by side. */
__attribute__((noinline)) void pair_request(struct pair *pair)
{
    uint8_t memory[SITE_TELEGRAM];
    struct bas_buf cemi;
    uint32_t id = 0;
    pair->now += TURN_US;
    bas_buf_init(&cemi, memory, sizeof(memory));
    if (site_telegram(pair->secure, knx_client_address(pair->client), pair->now, &cemi) &&
        knx_client_send(pair->client, (struct bas_slice){ cemi.data, cemi.len }, pair->now, &id) ==
            BAS_OK) {
        take_frames(pair);
    }
}

__attribute__((noinline)) void pair_serve(struct pair *pair)
{
    struct knx_server_event event;
    struct knx_server_frame frame;
    knx_server_recv(pair->server, pair->connection, take_wire(&pair->there), pair->now);
    while (knx_server_next_event(pair->server, &event)) {
        if (event.kind == KNX_SERVER_EVENT_TELEGRAM) {
            knx_server_confirm(pair->server, event.channel, event.cemi, true, pair->now);
        }
    }
    while (knx_server_next_frame(pair->server, &frame)) {
        bas_buf_add(&pair->back, frame.octets.data, frame.octets.len);
    }
}

__attribute__((noinline)) void pair_confirm(struct pair *pair)
{
    knx_client_recv(pair->client, take_wire(&pair->back), pair->now);
    drain(pair);
    take_frames(pair);
}

bool pair_open(struct pair *pair, const struct bas_env *env, const struct site *site,
               struct knx_server *server)
{
    const struct knx_endpoint peer = { { 127, 0, 0, 1 }, 1024 };
    enum { LEGS = 8 };
    *pair = (struct pair){ .server = server, .now = BAS_SECOND };
    bas_buf_init(&pair->there, pair->memory[0], PAIR_WIRE);
    bas_buf_init(&pair->back, pair->memory[1], PAIR_WIRE);
    pair->client = site_client(env, site);
    if (pair->client == NULL ||
        knx_server_accept(server, &peer, NULL, pair->now, &pair->connection) != BAS_OK) {
        return false;
    }
    knx_client_open(pair->client, pair->now);
    take_frames(pair);
    for (unsigned i = 0; i < LEGS && !pair->is_up; i++) {
        pair_serve(pair);
        pair_confirm(pair);
    }
    return pair->is_up;
}

bool pair_secure(struct pair *pair, const struct bas_env *env, const struct site *site)
{
    pair->secure = site_data_secure(env, site, knx_client_address(pair->client));
    return pair->secure != NULL;
}

void pair_close(struct pair *pair)
{
    knx_server_lost(pair->server, pair->connection, pair->now);
    knx_data_secure_free(pair->secure);
    knx_client_free(pair->client);
    memset(pair, 0, sizeof(*pair));
}
