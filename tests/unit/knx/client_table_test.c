/* The table of the client engine: every cell, in every state (spec 1.5, 2.5). */
#include "knx/client/client.h"
#include "knx_peer.h"

#include <stdio.h>
#include <string.h>

struct cell {
    enum knx_client_state state;
    enum knx_on on;
    enum knx_client_state next;
    const char *says;  /* events */
    const char *sends; /* services */
};

/* A secure client over TCP. Frames not named here are dropped (and say so, but for IDLE, where
 * nothing is looked at); all else not named here means nothing. */
static const struct cell cells[] = {
    { KNX_CLIENT_IDLE, KNX_ON_OPEN_SECURE, KNX_CLIENT_SESSION, "", "SESSION_REQUEST " },
    { KNX_CLIENT_IDLE, KNX_ON_CLOSE, KNX_CLIENT_IDLE, "DOWN ", "" },
    { KNX_CLIENT_IDLE, KNX_ON_LOST, KNX_CLIENT_IDLE, "DOWN ", "" },

    { KNX_CLIENT_SESSION, KNX_ON_SESSION_RESPONSE, KNX_CLIENT_AUTHENTICATE, "",
      "SESSION_AUTHENTICATE " },
    { KNX_CLIENT_SESSION, KNX_ON_WAIT_EXPIRED, KNX_CLIENT_IDLE, "DOWN ", "" },
    { KNX_CLIENT_SESSION, KNX_ON_CLOSE, KNX_CLIENT_IDLE, "DOWN ", "" },
    { KNX_CLIENT_SESSION, KNX_ON_LOST, KNX_CLIENT_IDLE, "DOWN ", "" },

    { KNX_CLIENT_AUTHENTICATE, KNX_ON_AUTHENTICATED, KNX_CLIENT_CONNECT, "SESSION ",
      "CONNECT_REQUEST " },
    { KNX_CLIENT_AUTHENTICATE, KNX_ON_SESSION_END, KNX_CLIENT_IDLE, "DOWN ", "" },
    { KNX_CLIENT_AUTHENTICATE, KNX_ON_WAIT_EXPIRED, KNX_CLIENT_IDLE, "DOWN ", "SESSION_STATUS " },
    { KNX_CLIENT_AUTHENTICATE, KNX_ON_CLOSE, KNX_CLIENT_IDLE, "DOWN ", "SESSION_STATUS " },
    { KNX_CLIENT_AUTHENTICATE, KNX_ON_LOST, KNX_CLIENT_IDLE, "DOWN ", "" },

    { KNX_CLIENT_CONNECT, KNX_ON_CONNECT_RESPONSE, KNX_CLIENT_UP, "UP ", "" },
    { KNX_CLIENT_CONNECT, KNX_ON_SESSION_END, KNX_CLIENT_IDLE, "DOWN ", "" },
    { KNX_CLIENT_CONNECT, KNX_ON_ANSWER, KNX_CLIENT_CONNECT, "ANSWER ", "" },
    { KNX_CLIENT_CONNECT, KNX_ON_WAIT_EXPIRED, KNX_CLIENT_IDLE, "DOWN ", "SESSION_STATUS " },
    { KNX_CLIENT_CONNECT, KNX_ON_KEEPALIVE_DUE, KNX_CLIENT_CONNECT, "", "SESSION_STATUS " },
    { KNX_CLIENT_CONNECT, KNX_ON_CLOSE, KNX_CLIENT_IDLE, "DOWN ", "SESSION_STATUS " },
    { KNX_CLIENT_CONNECT, KNX_ON_LOST, KNX_CLIENT_IDLE, "DOWN ", "" },

    { KNX_CLIENT_UP, KNX_ON_SESSION_END, KNX_CLIENT_IDLE, "DOWN ", "" },
    { KNX_CLIENT_UP, KNX_ON_STATE_RESPONSE, KNX_CLIENT_UP, "", "" },
    { KNX_CLIENT_UP, KNX_ON_DISCONNECT_REQUEST, KNX_CLIENT_IDLE, "DOWN ",
      "DISCONNECT_RESPONSE SESSION_STATUS " },
    { KNX_CLIENT_UP, KNX_ON_DATA, KNX_CLIENT_UP, "TELEGRAM ", "" },
    { KNX_CLIENT_UP, KNX_ON_ACK, KNX_CLIENT_UP, "", "" },
    { KNX_CLIENT_UP, KNX_ON_ANSWER, KNX_CLIENT_UP, "ANSWER ", "" },
    { KNX_CLIENT_UP, KNX_ON_HEARTBEAT_DUE, KNX_CLIENT_UP, "", "CONNECTIONSTATE_REQUEST " },
    { KNX_CLIENT_UP, KNX_ON_KEEPALIVE_DUE, KNX_CLIENT_UP, "", "SESSION_STATUS " },
    { KNX_CLIENT_UP, KNX_ON_REQUEST_EXPIRED, KNX_CLIENT_UP, "FAILED ", "" },
    { KNX_CLIENT_UP, KNX_ON_CLOSE, KNX_CLIENT_DISCONNECT, "", "DISCONNECT_REQUEST " },
    { KNX_CLIENT_UP, KNX_ON_LOST, KNX_CLIENT_IDLE, "DOWN ", "" },

    { KNX_CLIENT_DISCONNECT, KNX_ON_SESSION_END, KNX_CLIENT_IDLE, "DOWN ", "" },
    { KNX_CLIENT_DISCONNECT, KNX_ON_DISCONNECT_REQUEST, KNX_CLIENT_IDLE, "DOWN ",
      "DISCONNECT_RESPONSE SESSION_STATUS " },
    { KNX_CLIENT_DISCONNECT, KNX_ON_DISCONNECT_RESPONSE, KNX_CLIENT_IDLE, "DOWN ",
      "SESSION_STATUS " },
    { KNX_CLIENT_DISCONNECT, KNX_ON_DATA, KNX_CLIENT_DISCONNECT, "TELEGRAM ", "" },
    { KNX_CLIENT_DISCONNECT, KNX_ON_ACK, KNX_CLIENT_DISCONNECT, "", "" },
    { KNX_CLIENT_DISCONNECT, KNX_ON_ANSWER, KNX_CLIENT_DISCONNECT, "ANSWER ", "" },
    { KNX_CLIENT_DISCONNECT, KNX_ON_WAIT_EXPIRED, KNX_CLIENT_IDLE, "DOWN ", "SESSION_STATUS " },
    { KNX_CLIENT_DISCONNECT, KNX_ON_LOST, KNX_CLIENT_IDLE, "DOWN ", "" },
};

static const struct cell *cell_of(enum knx_client_state state, enum knx_on on)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(cells); i++) {
        if (cells[i].state == state && cells[i].on == on) {
            return &cells[i];
        }
    }
    return NULL;
}

/* Brings a new client into state; nothing of the way there is left waiting. */
static void stand_in(struct knx_peer *peer, enum knx_client_state state)
{
    knx_peer_begin(peer, KNX_TCP, true);
    peer->client = knx_client_new(&peer->t.env, &peer->config);
    assert_non_null(peer->client);
    if (state != KNX_CLIENT_IDLE) {
        knx_client_open(peer->client, peer->now);
    }
    if (state == KNX_CLIENT_SESSION || state == KNX_CLIENT_AUTHENTICATE) {
        (void)knx_peer_gets(peer, KNX_SESSION_REQUEST);
    }
    if (state == KNX_CLIENT_AUTHENTICATE) {
        knx_peer_answers_session(peer, &peer->config.device_key);
        (void)knx_peer_gets(peer, KNX_SESSION_AUTHENTICATE);
    }
    if (state == KNX_CLIENT_CONNECT) {
        knx_peer_authenticates(peer);
        (void)knx_peer_gets(peer, KNX_CONNECT_REQUEST);
    }
    if (state == KNX_CLIENT_UP || state == KNX_CLIENT_DISCONNECT) {
        knx_peer_connects(peer);
    }
    if (state == KNX_CLIENT_DISCONNECT) {
        knx_client_close(peer->client, peer->now);
        (void)knx_peer_gets(peer, KNX_DISCONNECT_REQUEST);
    }
    assert_int_equal(knx_client_state(peer->client), state);
}

static bool is_frame(enum knx_on on)
{
    return on >= KNX_ON_SESSION_RESPONSE && on <= KNX_ON_ANSWER;
}

static void happens_frame(struct knx_peer *peer, enum knx_on on)
{
    static const struct {
        enum knx_service service;
        uint8_t status;
    } frames[KNX_ON_EVENTS] = {
        [KNX_ON_AUTHENTICATED] = { KNX_SESSION_STATUS, 0 },
        [KNX_ON_SESSION_END] = { KNX_SESSION_STATUS, KNX_SESSION_CLOSE },
        [KNX_ON_CONNECT_RESPONSE] = { KNX_CONNECT_RESPONSE, 0 },
        [KNX_ON_STATE_RESPONSE] = { KNX_CONNECTIONSTATE_RESPONSE, 0 },
        [KNX_ON_DISCONNECT_REQUEST] = { KNX_DISCONNECT_REQUEST, 0 },
        [KNX_ON_DISCONNECT_RESPONSE] = { KNX_DISCONNECT_RESPONSE, 0 },
        [KNX_ON_DATA] = { KNX_TUNNELLING_REQUEST, 0 },
        [KNX_ON_ACK] = { KNX_TUNNELLING_ACK, 0 },
        [KNX_ON_ANSWER] = { KNX_DESCRIPTION_RESPONSE, 0 },
    };
    if (on == KNX_ON_SESSION_RESPONSE && peer->client->state == KNX_CLIENT_SESSION) {
        knx_peer_answers_session(peer, &peer->config.device_key);
        return;
    }
    if (on == KNX_ON_SESSION_RESPONSE) {
        knx_peer_gives_octets(peer, test_hex("0610095200080000"));
        return;
    }
    knx_peer_gives(peer,
                   &(struct knx_message){
                       .service = (uint16_t)frames[on].service,
                       .channel = PEER_CHANNEL,
                       .status = frames[on].status,
                       .control = { .protocol = KNX_TCP },
                       .data = { .protocol = KNX_TCP },
                       .cri = { KNX_CONNECTION_TUNNEL, 0, true, PEER_ADDRESS },
                       .payload = on == KNX_ON_ANSWER ? test_hex("0202") /* a DIB without data */
                                                      : test_hex(PEER_IND),
                   });
}

static void happens(struct knx_peer *peer, enum knx_on on)
{
    struct knx_client *client = peer->client;
    const struct knx_client_input input = { 0 };
    if (is_frame(on)) {
        happens_frame(peer, on);
    } else if (on == KNX_ON_CLOSE) {
        knx_client_close(client, peer->now);
    } else if (on == KNX_ON_LOST) {
        knx_client_lost(client, NULL, peer->now);
    } else if (on == KNX_ON_OPEN || on == KNX_ON_OPEN_SECURE) {
        if (on == KNX_ON_OPEN_SECURE || client->state != KNX_CLIENT_IDLE) {
            knx_client_open(client, peer->now);
        }
    } else {
        (void)knx_client_step(client, on, &input); /* a timer */
    }
}

/* What an event needs to have been done before, in the state where it means something. */
static void prepare(struct knx_peer *peer, enum knx_client_state state, enum knx_on on)
{
    if (state == KNX_CLIENT_UP && on == KNX_ON_REQUEST_EXPIRED) {
        (void)knx_peer_sends(peer, PEER_REQ);
        (void)knx_peer_gets_cemi(peer, PEER_SENT);
    }
    if (state == KNX_CLIENT_UP && on == KNX_ON_STATE_RESPONSE) {
        peer->client->heartbeat_tries = 1;
    }
}

static void add(char text[256], const char *word)
{
    size_t len = strlen(text);
    (void)snprintf(text + len, 256 - len, "%s ", word);
}

/* All events and frames that are waiting, by name. */
static void collect(struct knx_peer *peer, char says[256], char sends[256])
{
    struct knx_client_event event;
    struct knx_message message;
    says[0] = sends[0] = 0;
    while (knx_client_next_event(peer->client, &event)) {
        add(says, knx_peer_event_name(event.kind));
    }
    while (knx_client_next_frame(peer->client, &peer->raw, &peer->to)) {
        struct bas_slice inner = peer->raw;
        assert_int_equal(knx_message_decode(inner, &message, NULL), BAS_OK);
        if (message.service == KNX_SECURE_WRAPPER) {
            assert_int_equal(knx_unwrap(&peer->cipher, inner, peer->scratch, &inner), BAS_OK);
            assert_int_equal(knx_message_decode(inner, &message, NULL), BAS_OK);
        }
        add(sends, knx_service_name(message.service));
    }
}

static void check_cell(enum knx_client_state state, enum knx_on on)
{
    struct knx_peer peer;
    char says[256], sends[256];
    const struct cell *cell = cell_of(state, on);
    bool is_dropped = is_frame(on) && state != KNX_CLIENT_IDLE;
    stand_in(&peer, state);
    prepare(&peer, state, on);
    happens(&peer, on);
    collect(&peer, says, sends);
    const char *wanted = cell != NULL ? cell->says : is_dropped ? "DROPPED " : "";
    if (strcmp(says, wanted) != 0 || strcmp(sends, cell != NULL ? cell->sends : "") != 0) {
        fail_msg("state %s, event %d: says '%s', sends '%s'", knx_client_state_name(state), (int)on,
                 says, sends);
    }
    assert_int_equal(knx_client_state(peer.client), cell != NULL ? cell->next : state);
    knx_peer_end(&peer);
}

static void every_cell_of_the_table_is_as_the_procedure_says(void **state)
{
    (void)state;
    for (unsigned s = 0; s < KNX_CLIENT_STATES; s++) {
        for (unsigned on = 0; on < KNX_ON_EVENTS; on++) {
            check_cell((enum knx_client_state)s, (enum knx_on)on);
        }
    }
}

static void a_cell_that_is_not_listed_here_is_empty(void **state)
{
    (void)state;
    for (unsigned s = 0; s < KNX_CLIENT_STATES; s++) {
        for (unsigned on = 0; on < KNX_ON_EVENTS; on++) {
            bool is_plain_open = s == KNX_CLIENT_IDLE && on == KNX_ON_OPEN;
            const struct knx_client_rule *rule =
                knx_client_rule((enum knx_client_state)s, (enum knx_on)on);
            bool is_listed = cell_of((enum knx_client_state)s, (enum knx_on)on) != NULL;
            assert_int_equal(rule->act != NULL, is_listed || is_plain_open);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_table_is_as_the_procedure_says),
        cmocka_unit_test(a_cell_that_is_not_listed_here_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
