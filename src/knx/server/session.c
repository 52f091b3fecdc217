/* Owns the KNX IP Secure sessions of a server (spec 2.3 to 2.5): limits of requests, the state
 * machine as a table, the wrapper's checks. */
#include "knx/server/server.h"

#include "wire/rd.h"

#include <assert.h>
#include <string.h>

#define SENDS(status) (KNX_SESSION_##status + 1)
#define ROW(action_, sends_, next_)                                                                \
    {                                                                                              \
        .action = KNX_DO_##action_, .sends = (sends_), .next = KNX_STATE_##next_                   \
    }

/* An empty cell is all zeros: NOTHING. Its next state is not read. */
static const struct knx_session_rule rules[KNX_SESSION_STATES][KNX_SESSION_EVENTS] = {
    [KNX_STATE_FREE] = {
        [KNX_EVENT_REQUEST] = ROW(RESPOND, 0, UNAUTHENTICATED),
    },
    [KNX_STATE_UNAUTHENTICATED] = {
        [KNX_EVENT_AUTHENTICATE] = ROW(WELCOME, SENDS(AUTHENTICATION_SUCCESS), AUTHENTICATED),
        [KNX_EVENT_AUTHENTICATE_BAD] = ROW(END, SENDS(AUTHENTICATION_FAILED), FREE),
        [KNX_EVENT_KEEPALIVE] = ROW(END, SENDS(UNAUTHENTICATED), FREE),
        [KNX_EVENT_CLOSE] = ROW(END, SENDS(CLOSE), FREE),
        [KNX_EVENT_STATUS] = ROW(END, SENDS(UNAUTHENTICATED), FREE),
        [KNX_EVENT_FRAME] = ROW(END, SENDS(UNAUTHENTICATED), FREE),
        [KNX_EVENT_FOREIGN] = ROW(END, SENDS(UNAUTHENTICATED), FREE),
        [KNX_EVENT_TIMEOUT] = ROW(END, SENDS(TIMEOUT), FREE),
        [KNX_EVENT_LOST] = ROW(END, 0, FREE),
        [KNX_EVENT_END] = ROW(END, SENDS(CLOSE), FREE),
    },
    [KNX_STATE_AUTHENTICATED] = {
        [KNX_EVENT_AUTHENTICATE] = ROW(END, SENDS(AUTHENTICATION_FAILED), FREE),
        [KNX_EVENT_AUTHENTICATE_BAD] = ROW(END, SENDS(AUTHENTICATION_FAILED), FREE),
        [KNX_EVENT_KEEPALIVE] = ROW(STAY, 0, AUTHENTICATED),
        [KNX_EVENT_CLOSE] = ROW(END, SENDS(CLOSE), FREE),
        [KNX_EVENT_STATUS] = ROW(STAY, 0, AUTHENTICATED),
        [KNX_EVENT_FRAME] = ROW(HANDLE, 0, AUTHENTICATED),
        [KNX_EVENT_FOREIGN] = ROW(DISCARD, 0, AUTHENTICATED),
        [KNX_EVENT_TIMEOUT] = ROW(END, SENDS(TIMEOUT), FREE),
        [KNX_EVENT_LOST] = ROW(END, 0, FREE),
        [KNX_EVENT_END] = ROW(END, SENDS(CLOSE), FREE),
    },
};

/* Why a session ends, by the event that ends it: for the owner's log. */
static const struct knx_reason reasons[KNX_SESSION_EVENTS] = {
    [KNX_EVENT_AUTHENTICATE] = { BAS_ERR_PROTOCOL, "authenticated twice in one session" },
    [KNX_EVENT_AUTHENTICATE_BAD] = { BAS_ERR_KEY, "unknown user or wrong password" },
    [KNX_EVENT_KEEPALIVE] = { BAS_ERR_PROTOCOL, "keepalive before authentication" },
    [KNX_EVENT_CLOSE] = { BAS_OK, "closed by the client" },
    [KNX_EVENT_STATUS] = { BAS_ERR_PROTOCOL, "a session status before authentication" },
    [KNX_EVENT_FRAME] = { BAS_ERR_PROTOCOL, "a service was asked for before authentication" },
    [KNX_EVENT_FOREIGN] = { BAS_ERR_PROTOCOL, "a foreign service before authentication" },
    [KNX_EVENT_TIMEOUT] = { BAS_ERR_TIMEOUT, "nothing was heard in time" },
    [KNX_EVENT_LOST] = { BAS_ERR_CLOSED, "the connection is gone" },
    [KNX_EVENT_END] = { BAS_OK, "closed by the server" },
};

struct knx_session_rule knx_session_rule(enum knx_session_state state, enum knx_session_event event)
{
    assert(state < KNX_SESSION_STATES && event < KNX_SESSION_EVENTS);
    struct knx_session_rule rule = rules[state][event];
    if (rule.action == KNX_DO_NOTHING) {
        rule.next = (uint8_t)state;
    }
    return rule;
}

static struct knx_way way_of(struct knx_server_session *session)
{
    return (struct knx_way){ session->conn, session, session->conn->peer };
}

static void arm(struct knx_server *server, struct knx_server_session *session, uint32_t wait_ms)
{
    bas_timers_arm(&server->timers, knx_server_session_timer(server, session),
                   server->now + wait_ms * BAS_MILLISECOND);
}

/* Requests */

/* Where the address of peer stands among those that asked in vain; NULL. */
static uint8_t *find_stranger(struct knx_server *server, const struct knx_endpoint *peer)
{
    for (size_t i = 0; i < KNX_STRANGERS; i++) {
        if (bas_equal_secret(server->strangers[i], peer->address, sizeof(peer->address))) {
            return server->strangers[i];
        }
    }
    return NULL;
}

static void note_stranger(struct knx_server *server, const struct knx_endpoint *peer)
{
    if (find_stranger(server, peer) == NULL) {
        uint8_t *place = server->strangers[server->next_stranger];
        memcpy(place, peer->address, sizeof(peer->address));
        server->next_stranger = (server->next_stranger + 1) % KNX_STRANGERS;
    }
}

static void forget_stranger(struct knx_server *server, const struct knx_endpoint *peer)
{
    uint8_t *place = find_stranger(server, peer);
    if (place != NULL) {
        memset(place, 0, sizeof(peer->address));
    }
}

/* Whoever asked in vain leaves half of all requests to others: nobody can keep them all out. */
static bool spend_token(struct knx_server *server, const struct knx_endpoint *peer)
{
    uint32_t burst = server->config.requests_per_second;
    struct knx_rate rate = { BAS_SECOND / burst, burst };
    if (find_stranger(server, peer) != NULL) {
        rate.burst = (burst + 1) / 2;
    }
    return knx_bucket_spend(&server->requests, rate, server->now);
}

static bool is_half_open_of(const struct knx_server_session *session,
                            const struct knx_endpoint *peer)
{
    return session->state == KNX_STATE_UNAUTHENTICATED &&
           bas_equal_secret(session->conn->peer.address, peer->address, sizeof(peer->address));
}

/* A free session, unless a limit says no: of all, of the half-open ones of that peer. */
static struct knx_server_session *find_free(struct knx_server *server,
                                            const struct knx_endpoint *peer)
{
    struct knx_server_session *free_session = NULL;
    uint32_t half_open = 0;
    for (uint32_t i = 0; i < server->config.max_sessions; i++) {
        struct knx_server_session *session = &server->sessions[i];
        if (session->state == KNX_STATE_FREE) {
            free_session = session;
        }
        half_open += is_half_open_of(session, peer);
    }
    return half_open < server->config.max_half_open ? free_session : NULL;
}

static bool is_live(const struct knx_server *server, uint16_t id)
{
    for (uint32_t i = 0; i < server->config.max_sessions; i++) {
        if (server->sessions[i].state != KNX_STATE_FREE && server->sessions[i].id == id) {
            return true;
        }
    }
    return false;
}

/* Running, never 0: that is the multicast's. There are more numbers than sessions. */
static uint16_t next_id(struct knx_server *server)
{
    do {
        server->last_session++;
    } while (server->last_session == 0 || is_live(server, server->last_session));
    return server->last_session;
}

/* Agrees on the key. False: a public key of low order. */
static bool agree(struct knx_server *server, struct knx_server_session *session)
{
    struct knx_key_pair pair;
    struct knx_key key;
    bool is_good = true;
    if (server->preset != NULL) {
        memcpy(session->y, server->preset->y, sizeof(session->y));
        key = server->preset->key;
        session->id = server->preset->session;
    } else {
        knx_key_pair_make(&server->env, &pair);
        memcpy(session->y, pair.public_key, sizeof(session->y));
        is_good = knx_agree(&pair, session->x, &key);
        session->id = next_id(server);
    }
    if (is_good) {
        knx_cipher_init(&session->cipher, &key);
    }
    bas_wipe(&key, sizeof(key));
    return is_good;
}

static bool has_tcp_hpai(const struct knx_way *way, const struct knx_message *message)
{
    struct knx_way answer;
    return way->conn != NULL && knx_server_answer_way(way, &message->control, &answer);
}

void knx_session_request(struct knx_server *server, const struct knx_way *way,
                         const struct knx_message *message)
{
    if (!server->config.has_device_key || !has_tcp_hpai(way, message)) {
        server->counts.skipped++;
        return;
    }
    struct knx_server_session *session = find_free(server, &way->peer);
    if (session == NULL || !spend_token(server, &way->peer)) {
        server->counts.requests_limited++;
        return;
    }
    *session = (struct knx_server_session){ .conn = way->conn };
    memcpy(session->serial, server->config.info.serial, sizeof(session->serial));
    memcpy(session->x, message->public_key.data, sizeof(session->x));
    if (!agree(server, session)) {
        note_stranger(server, &way->peer);
        bas_wipe(session, sizeof(*session));
        server->counts.sessions_refused++;
        return;
    }
    way->conn->uses++;
    knx_server_conn_arm(server, way->conn);
    knx_session_step(server, session, KNX_EVENT_REQUEST, NULL);
}

static void respond(struct knx_server *server, struct knx_server_session *session)
{
    uint8_t mac[KNX_MAC_LEN];
    const struct knx_way way = { session->conn, NULL, session->conn->peer };
    knx_response_mac(&server->config.device_key, session->id, session->x, session->y, mac);
    const struct knx_message response = { .service = KNX_SESSION_RESPONSE,
                                          .session = session->id,
                                          .public_key = { session->y, sizeof(session->y) },
                                          .mac = { mac, sizeof(mac) } };
    (void)knx_server_send(server, &way, &response, KNX_WEIGHT_MUST);
    arm(server, session, server->config.authenticate_ms);
}

/* The machine */

static void send_status(struct knx_server *server, struct knx_server_session *session,
                        struct knx_session_rule rule)
{
    const struct knx_way way = way_of(session);
    if (rule.sends != 0) {
        const struct knx_message status = { .service = KNX_SESSION_STATUS,
                                            .status = (uint8_t)(rule.sends - 1) };
        (void)knx_server_send(server, &way, &status, KNX_WEIGHT_MUST);
    }
}

static void welcome(struct knx_server *server, struct knx_server_session *session,
                    const struct knx_message *message)
{
    session->user = message->user;
    session->state = KNX_STATE_AUTHENTICATED;
    server->counts.sessions++;
    forget_stranger(server, &session->conn->peer);
    const struct knx_way way = way_of(session);
    const struct knx_server_event event = knx_server_event_of(&way, KNX_SERVER_EVENT_SESSION_UP);
    (void)knx_server_tell(server, &event, KNX_WEIGHT_MUST); /* has_room was asked */
    arm(server, session, server->config.session_ms);
}

static void close_channels(struct knx_server *server, const struct knx_server_session *session)
{
    static const struct knx_reason reason = { BAS_ERR_CLOSED, "its session is over" };
    for (uint32_t i = 0; i < server->config.max_channels; i++) {
        struct knx_server_channel *channel = &server->channels[i];
        if (channel->id != 0 && channel->way.session == session) {
            knx_channel_close(server, channel, false, &reason);
        }
    }
}

static void tell_end(struct knx_server *server, struct knx_server_session *session,
                     enum knx_session_event event, uint8_t user)
{
    struct bas_fault fault = { 0 };
    const struct knx_way way = way_of(session);
    bool was_up = session->state == KNX_STATE_AUTHENTICATED;
    (void)bas_fail(&fault, reasons[event].err, "session %u: %s", session->id, reasons[event].text);
    struct knx_server_event down = knx_server_event_of(&way, KNX_SERVER_EVENT_SESSION_DOWN);
    down.fault = &fault;
    if (was_up) {
        (void)knx_server_tell(server, &down, KNX_WEIGHT_MUST);
        return;
    }
    server->counts.sessions_refused++;
    note_stranger(server, &way.peer);
    if (fault.err != BAS_OK && event != KNX_EVENT_LOST) {
        down.kind = KNX_SERVER_EVENT_REFUSED;
        down.user = user;
        (void)knx_server_tell(server, &down, KNX_WEIGHT_NOTE);
    }
}

static void end(struct knx_server *server, struct knx_server_session *session,
                enum knx_session_event event, const struct knx_message *message)
{
    struct knx_server_conn *conn = session->conn;
    close_channels(server, session);
    tell_end(server, session, event, message != NULL ? message->user : 0);
    bas_timers_disarm(&server->timers, knx_server_session_timer(server, session));
    bas_wipe(session, sizeof(*session));
    conn->uses--;
    knx_server_conn_arm(server, conn);
}

void knx_session_step(struct knx_server *server, struct knx_server_session *session,
                      enum knx_session_event event, const struct knx_message *message)
{
    struct knx_session_rule rule = knx_session_rule((enum knx_session_state)session->state, event);
    const struct knx_way way = way_of(session);
    send_status(server, session, rule);
    switch ((enum knx_session_action)rule.action) {
    case KNX_DO_NOTHING:
        break;
    case KNX_DO_RESPOND:
        session->state = rule.next;
        respond(server, session);
        break;
    case KNX_DO_WELCOME:
        welcome(server, session, message);
        break;
    case KNX_DO_DISCARD:
        server->counts.wrapper_inner++;
        break;
    case KNX_DO_STAY:
        break;
    case KNX_DO_HANDLE:
        knx_server_frame(server, &way, message);
        break;
    case KNX_DO_END:
        end(server, session, event, message);
        break;
    }
}

/* Wrappers */

static bool is_authentic(struct knx_server *server, const struct knx_server_session *session,
                         const struct knx_message *message)
{
    if (message->user == 0 || message->user > KNX_MAX_USER) {
        return false;
    }
    const struct knx_server_user_key *user = &server->users[message->user];
    uint8_t mac[KNX_MAC_LEN];
    knx_authenticate_mac(&user->key, message->user, session->x, session->y, mac);
    return bas_equal_secret(mac, message->mac.data, sizeof(mac)) && user->is_known &&
           knx_server_has_room(server);
}

static enum knx_session_event classify(struct knx_server *server,
                                       const struct knx_server_session *session,
                                       const struct knx_message *message)
{
    if (message->service == KNX_SESSION_AUTHENTICATE) {
        bool is_good =
            session->state == KNX_STATE_UNAUTHENTICATED && is_authentic(server, session, message);
        return is_good ? KNX_EVENT_AUTHENTICATE : KNX_EVENT_AUTHENTICATE_BAD;
    }
    if (message->service == KNX_SESSION_STATUS) {
        if (message->status == KNX_SESSION_KEEPALIVE) {
            return KNX_EVENT_KEEPALIVE;
        }
        return message->status == KNX_SESSION_CLOSE ? KNX_EVENT_CLOSE : KNX_EVENT_STATUS;
    }
    return knx_server_take_frame(message->service) ? KNX_EVENT_FRAME : KNX_EVENT_FOREIGN;
}

/* Equal serial numbers at both ends would repeat the key stream (spec 2.4). */
static void keep_serials_apart(struct knx_server *server, struct knx_server_session *session,
                               const struct knx_wrapper *wrapper)
{
    while (bas_equal_secret(session->serial, wrapper->serial, sizeof(session->serial))) {
        bas_log(&server->env, BAS_LOG_WARNING,
                "KNX server: session %u: the client uses our serial number; using another one",
                session->id);
        server->env.random(server->env.ctx, session->serial, sizeof(session->serial));
    }
}

/* A frame that cannot be read: before authentication it ends the session as any other does. */
static enum knx_session_event classify_malformed(struct bas_slice inner)
{
    struct rd r = rd_init(inner);
    (void)rd_u16(&r);
    return rd_u16(&r) == KNX_SESSION_AUTHENTICATE ? KNX_EVENT_AUTHENTICATE_BAD : KNX_EVENT_FOREIGN;
}

/* A wrapper whose MAC is right. */
static void take_inner(struct knx_server *server, struct knx_server_session *session,
                       struct bas_slice inner)
{
    struct knx_message message = { 0 };
    struct bas_fault fault = { 0 };
    const struct knx_way way = way_of(session);
    bas_err err = knx_message_decode(inner, &message, &fault);
    if (session->state == KNX_STATE_AUTHENTICATED) {
        arm(server, session, server->config.session_ms);
    }
    if (err == BAS_OK) {
        knx_session_step(server, session, classify(server, session, &message), &message);
        return;
    }
    if (err != BAS_ERR_UNSUPPORTED) {
        server->counts.malformed++;
        knx_server_note(server, &way, KNX_SERVER_EVENT_DROPPED, &fault);
    }
    knx_session_step(server, session, classify_malformed(inner), &message);
}

static bool is_it(const struct knx_server_session *session, const struct knx_server_conn *conn,
                  uint16_t id)
{
    return session->state != KNX_STATE_FREE && session->id == id && session->conn == conn;
}

/* A connection has one session as a rule: the one of its last wrapper. */
static struct knx_server_session *find(struct knx_server *server, struct knx_server_conn *conn,
                                       uint16_t id)
{
    if (conn->session != NULL && is_it(conn->session, conn, id)) {
        return conn->session;
    }
    for (uint32_t i = 0; i < server->config.max_sessions; i++) {
        if (is_it(&server->sessions[i], conn, id)) {
            conn->session = &server->sessions[i];
            return conn->session;
        }
    }
    return NULL;
}

void knx_session_wrapper(struct knx_server *server, struct knx_server_conn *conn,
                         struct bas_slice frame)
{
    struct knx_wrapper wrapper;
    struct bas_slice inner = { NULL, 0 };
    if (knx_wrapper_peek(frame, &wrapper) != BAS_OK) {
        server->counts.malformed++;
        return;
    }
    struct knx_server_session *session = find(server, conn, wrapper.session);
    if (session == NULL) {
        server->counts.wrapper_session++;
        return;
    }
    if (wrapper.sequence < session->expects) {
        server->counts.wrapper_replay++;
        return;
    }
    bas_err err = knx_unwrap(&session->cipher, frame, server->unwrapped, &inner);
    if (err == BAS_ERR_KEY) {
        server->counts.wrapper_mac++;
        return;
    }
    session->expects = wrapper.sequence + 1;
    keep_serials_apart(server, session, &wrapper);
    if (err != BAS_OK) {
        server->counts.wrapper_inner++;
        return;
    }
    take_inner(server, session, inner);
}
