/*
 * Owns a KNX client: one connection to a KNXnet/IP server that comes back by itself, with Data
 * Secure on top.
 *
 * Whatever happens, pump() carries events up and frames down until nothing moves.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/knx_client.h"

#include <stdio.h>
#include <string.h>

enum { CONNECT_MS = 5000, MINIMUM_RETRY_MS = 1000, MAXIMUM_RETRY_MS = 60000 };

static void connect_now(struct bas_knx *knx);
static void pump(struct bas_knx *knx, bas_time now);

static void tell(struct bas_knx *knx, const struct bas_knx_event *event)
{
    if (knx->config.event != NULL) {
        knx->config.event(knx->config.user, event);
    }
}

/* The end. */

static void on_timer_closed(uv_handle_t *handle)
{
    struct bas_knx *knx = handle->data;
    if (--knx->handles > 0) {
        return;
    }
    const struct bas_knx_event event = { .kind = BAS_KNX_STOPPED };
    tell(knx, &event);
    knx_client_free(knx->engine);
    sequences_free(knx->sequences);
    knx_data_secure_free(knx->secure);
    struct bas_env env = knx->loop->env;
    bas_wipe(knx, sizeof(*knx));
    bas_release(&env, knx, sizeof(*knx));
}

static void finish(struct bas_knx *knx)
{
    if (knx->is_stopping && knx->socket == NULL && !uv_is_closing((uv_handle_t *)&knx->timer)) {
        uv_close((uv_handle_t *)&knx->timer, on_timer_closed);
        uv_close((uv_handle_t *)&knx->retry, on_timer_closed);
    }
}

void bas_knx_stop(struct bas_knx *knx)
{
    if (knx->is_stopping) {
        return;
    }
    knx->is_stopping = true;
    (void)uv_timer_stop(&knx->retry);
    if (knx->socket == NULL) {
        finish(knx);
        return;
    }
    bas_time now = loop_now();
    knx_client_close(knx->engine, now);
    pump(knx, now);
}

/* Up: what the engine says. */

static void tell_telegram(struct bas_knx *knx, const struct knx_cemi *cemi)
{
    const struct bas_knx_event event = { .kind = BAS_KNX_TELEGRAM, .cemi = cemi };
    tell(knx, &event);
}

/* What a person can do about a telegram that Data Secure dropped. */
static const char *const drop_advice[KNX_DROPS] = {
    [KNX_DROP_NONE] = "",
    [KNX_DROP_MALFORMED] = "it is not well formed",
    [KNX_DROP_SCF] = "its security control field is not one that is used",
    [KNX_DROP_TOOL_ON_GROUP] = "tool access is not for groups",
    [KNX_DROP_UNKNOWN_KEY] = "no key is known for it; is the keyring up to date?",
    [KNX_DROP_UNKNOWN_SENDER] =
        "the keyring does not name its sender for this tunnel; export it again",
    [KNX_DROP_DUPLICATE] = "it is a repetition of the last one, which is harmless",
    [KNX_DROP_REPLAY] = "its sequence number is below the last one: a replay, or a device that "
                        "was reset",
    [KNX_DROP_MAC] = "its MAC does not fit: the key of the keyring is out of date, or it was "
                     "changed on the way",
    [KNX_DROP_PLAIN] = "it is plain, but its group is secured",
};

static void tell_drop(struct bas_knx *knx, const struct knx_cemi *cemi,
                      const struct knx_opened *opened)
{
    char source[KNX_ADDRESS_TEXT];
    char group[KNX_ADDRESS_TEXT];
    struct bas_fault fault = { 0 };
    (void)bas_fail(&fault, BAS_ERR_KEY, "a telegram of %s to %s was dropped: %s",
                   knx_ia_text(cemi->source, source),
                   (cemi->control2 & KNX_CONTROL2_GROUP) != 0
                       ? knx_ga_text(cemi->destination, group)
                       : knx_ia_text(cemi->destination, group),
                   drop_advice[opened->drop]);
    const struct bas_knx_event event = { .kind = BAS_KNX_DROPPED,
                                         .fault = &fault,
                                         .drop = opened->drop,
                                         .sequence = opened->sequence,
                                         .cemi = cemi };
    tell(knx, &event);
}

static void take_secured(struct bas_knx *knx, const struct knx_cemi *cemi, bas_time now)
{
    struct knx_opened opened;
    struct bas_buf plain;
    bas_buf_init(&plain, knx->plain, sizeof(knx->plain));
    knx_data_secure_open(knx->secure, cemi, now, &plain, &opened);
    if (opened.drop != KNX_DROP_NONE) {
        tell_drop(knx, cemi, &opened);
    } else if (!opened.is_consumed) {
        const struct bas_knx_event event = { .kind = BAS_KNX_TELEGRAM,
                                             .cemi = &opened.cemi,
                                             .is_secured = opened.is_secured,
                                             .sequence = opened.sequence };
        tell(knx, &event);
    }
    sequences_drain(knx->sequences);
}

static void take_telegram(struct bas_knx *knx, struct bas_slice octets, bas_time now)
{
    struct knx_cemi cemi;
    struct bas_fault fault = { 0 };
    if (knx_cemi_decode(octets, &cemi, &fault) != BAS_OK) {
        const struct bas_knx_event event = { .kind = BAS_KNX_DROPPED, .fault = &fault };
        tell(knx, &event);
    } else if (knx->secure != NULL) { /* whatever its code: an L_Data.req proves no more */
        take_secured(knx, &cemi, now);
    } else {
        tell_telegram(knx, &cemi);
    }
}

static void take_up(struct bas_knx *knx, const struct knx_client_event *event)
{
    struct bas_fault fault = { 0 };
    if (knx->secure != NULL) {
        knx_data_secure_set_address(knx->secure, event->address);
        if (sequences_begin(knx->sequences, event->address, &fault) != BAS_OK) {
            const struct bas_knx_event down = { .kind = BAS_KNX_DOWN,
                                                .fault = &fault,
                                                .step = KNX_CLIENT_CONNECT,
                                                .is_permanent = true };
            tell(knx, &down);
            bas_knx_stop(knx);
            return;
        }
        sequences_drain(knx->sequences);
    }
    knx->is_up = true;
    knx->retry_ms = knx->config.minimum_retry_ms;
    const struct bas_knx_event up = { .kind = BAS_KNX_UP, .address = event->address };
    tell(knx, &up);
}

static void on_retry(uv_timer_t *timer)
{
    struct bas_knx *knx = timer->data;
    knx->is_due = knx->socket != NULL; /* the old one has not ended yet */
    if (!knx->is_due) {
        connect_now(knx);
    }
}

/* Says that the connection is gone, and when it is tried again. */
static void go_down(struct bas_knx *knx, const struct knx_client_event *event)
{
    bool tries_again = !knx->is_stopping && !knx->config.is_once && !event->is_permanent;
    const struct bas_knx_event down = { .kind = BAS_KNX_DOWN,
                                        .fault = event->fault,
                                        .step = event->step,
                                        .status = event->status,
                                        .is_permanent = !tries_again,
                                        .retry_ms = tries_again ? knx->retry_ms : 0 };
    knx->is_up = false;
    knx->is_over = true; /* the socket closes when the last frames are on their way */
    if (tries_again) {
        (void)uv_timer_start(&knx->retry, on_retry, knx->retry_ms, 0);
        uint32_t doubled = knx->retry_ms * 2;
        uint32_t most = knx->config.maximum_retry_ms;
        knx->retry_ms = doubled < most ? doubled : most;
    }
    tell(knx, &down);
}

static void take_event(struct bas_knx *knx, const struct knx_client_event *event, bas_time now)
{
    struct bas_knx_event told = { .id = event->id,
                                  .fault = event->fault,
                                  .frame = event->cemi,
                                  .feature = event->feature,
                                  .return_code = event->return_code };
    switch (event->kind) {
    case KNX_CLIENT_EVENT_SESSION:
        return;
    case KNX_CLIENT_EVENT_UP:
        take_up(knx, event);
        return;
    case KNX_CLIENT_EVENT_TELEGRAM:
        take_telegram(knx, event->cemi, now);
        return;
    case KNX_CLIENT_EVENT_DOWN:
        go_down(knx, event);
        return;
    case KNX_CLIENT_EVENT_CONFIRMED:
        told.kind = BAS_KNX_CONFIRMED;
        break;
    case KNX_CLIENT_EVENT_FAILED:
        told.kind = BAS_KNX_FAILED;
        break;
    case KNX_CLIENT_EVENT_FEATURE:
        told.kind = BAS_KNX_FEATURE;
        break;
    case KNX_CLIENT_EVENT_ANSWER:
        told.kind = BAS_KNX_ANSWER;
        break;
    case KNX_CLIENT_EVENT_DROPPED:
        told.kind = BAS_KNX_DROPPED;
        break;
    }
    tell(knx, &told);
}

static void on_timer(uv_timer_t *timer)
{
    struct bas_knx *knx = timer->data;
    bas_time now = loop_now();
    knx_client_tick(knx->engine, now);
    if (knx->secure != NULL) {
        knx_data_secure_tick(knx->secure, now);
        sequences_drain(knx->sequences);
    }
    pump(knx, now);
}

static void set_timer(struct bas_knx *knx, bas_time now)
{
    bas_time due = knx_client_deadline(knx->engine);
    if (knx->secure != NULL && knx_data_secure_deadline(knx->secure) < due) {
        due = knx_data_secure_deadline(knx->secure);
    }
    if (due == BAS_NEVER || uv_is_closing((uv_handle_t *)&knx->timer)) {
        (void)uv_timer_stop(&knx->timer);
        return;
    }
    bas_time left = due > now ? due - now : 0;
    uv_update_time(&knx->loop->uv);
    (void)uv_timer_start(&knx->timer, on_timer,
                         (uint64_t)((left + BAS_MILLISECOND - 1) / BAS_MILLISECOND), 0);
}

static void pump(struct bas_knx *knx, bas_time now)
{
    struct knx_client_event event;
    struct bas_slice frame;
    struct knx_endpoint to;
    if (knx->is_pumping) {
        return; /* somebody who was told of an event sends something: the one below goes on */
    }
    knx->is_pumping = true;
    while (knx_client_next_event(knx->engine, &event)) {
        take_event(knx, &event, now);
    }
    knx->is_pumping = false;
    while (knx->socket != NULL && knx_client_next_frame(knx->engine, &frame, &to)) {
        knx_socket_add(knx->socket, frame, &to);
    }
    if (knx->socket != NULL) {
        knx_socket_flush(knx->socket);
    }
    if (knx->socket != NULL && knx->is_over) {
        knx_socket_close(knx->socket);
    }
    set_timer(knx, now);
}

/* Down: the transport. */

static void on_open(void *user, struct knx_socket *socket)
{
    struct bas_knx *knx = user;
    bas_time now = loop_now();
    if (knx->config.engine->transport == KNX_UDP && !knx->config.route_back) {
        const struct knx_endpoint local = knx_socket_local(socket);
        knx_client_set_local(knx->engine, &local);
    }
    knx->is_opened = true;
    knx_client_open(knx->engine, now);
    pump(knx, now);
}

static void on_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                        const struct knx_endpoint *from)
{
    struct bas_knx *knx = user;
    bas_time now = loop_now();
    (void)socket;
    (void)from;
    knx_client_recv(knx->engine, octets, now);
    pump(knx, now);
}

static void on_closed(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    struct bas_knx *knx = user;
    bas_time now = loop_now();
    (void)socket;
    knx->socket = NULL;
    if (knx->is_opened || knx->is_over) {
        knx_client_lost(knx->engine, why, now);
    } else {
        knx_client_unopened(knx->engine, why, now);
    }
    pump(knx, now);
    finish(knx);
    if (knx->is_due && !knx->is_stopping) {
        knx->is_due = false;
        connect_now(knx);
    }
}

static const struct knx_socket_owner owner = { on_open, on_received, on_closed };

static void connect_now(struct bas_knx *knx)
{
    const struct knx_socket_config config = { knx->loop, &owner, knx };
    knx->is_over = false;
    knx->is_opened = false;
    knx->socket = knx_socket_connect(&config, knx->config.engine->transport, knx->gateway,
                                     knx->config.connect_ms);
    if (knx->socket == NULL) {
        struct bas_fault fault = { 0 };
        (void)bas_fail(&fault, BAS_ERR_NO_MEMORY, "out of memory for a connection");
        const struct knx_client_event event = { .kind = KNX_CLIENT_EVENT_DOWN, .fault = &fault };
        go_down(knx, &event);
    }
}

/* Requests. */

bas_err bas_knx_send(struct bas_knx *knx, const struct knx_cemi *cemi, uint32_t *id,
                     struct bas_fault *fault)
{
    struct knx_cemi sent = *cemi;
    struct bas_buf out;
    bool is_secured = false;
    bas_time now = loop_now();
    bas_err err = BAS_OK;
    if (!knx->is_up) {
        return bas_fail(fault, BAS_ERR_STATE, "not connected to %s", knx->gateway);
    }
    bas_buf_init(&out, knx->sealed, sizeof(knx->sealed));
    sent.source = sent.source == 0 ? knx_client_address(knx->engine) : sent.source;
    if (knx->secure != NULL && sent.code == KNX_L_DATA_REQ) {
        err = knx_data_secure_seal(knx->secure, &sent, now, &out, &is_secured, fault);
        sequences_drain(knx->sequences);
    } else {
        knx_cemi_encode(&sent, &out);
    }
    const struct bas_slice octets = { out.data, out.len };
    err = err == BAS_OK ? knx_client_send(knx->engine, octets, now, id) : err;
    pump(knx, now);
    if (err != BAS_OK && (fault == NULL || fault->err == BAS_OK)) {
        return bas_fail(fault, err, "the telegram cannot be sent: %s", bas_err_text(err));
    }
    return err;
}

bas_err bas_knx_group(struct bas_knx *knx, unsigned apci, knx_ga group,
                      const struct knx_group_value *value, uint32_t *id, struct bas_fault *fault)
{
    uint8_t memory[256];
    struct bas_buf tpdu;
    bas_buf_init(&tpdu, memory, sizeof(memory));
    knx_group_encode(apci, value, &tpdu);
    if (tpdu.full) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "a value of more than 253 octets does not fit");
    }
    const struct bas_slice octets = { memory, tpdu.len };
    const struct knx_cemi cemi = knx_cemi_group(KNX_L_DATA_REQ, 0, group, octets);
    return bas_knx_send(knx, &cemi, id, fault);
}

bas_err bas_knx_feature(struct bas_knx *knx, uint8_t feature, struct bas_slice value)
{
    bas_time now = loop_now();
    bas_err err = knx_client_feature(knx->engine, feature, value, now);
    pump(knx, now);
    return err;
}

bas_err bas_knx_ask(struct bas_knx *knx, struct bas_slice frame)
{
    bas_time now = loop_now();
    bas_err err = knx_client_ask(knx->engine, frame, now);
    pump(knx, now);
    return err;
}

knx_ia bas_knx_address(const struct bas_knx *knx)
{
    return knx_client_address(knx->engine);
}

const struct knx_data_secure *bas_knx_secure(const struct bas_knx *knx)
{
    return knx->secure;
}

bas_err bas_knx_reload(struct bas_knx *knx, const struct knx_data_secure_config *secure)
{
    return knx->secure == NULL ? BAS_ERR_STATE : knx_data_secure_reload(knx->secure, secure);
}

/* The beginning. */

/* What Data Secure has to say to others: an S-A_Sync_Res to be sent, the end of an S-A_Sync_Req. */
static void on_secure_event(void *user, const struct knx_data_secure_event *event)
{
    struct bas_knx *knx = user;
    uint32_t id = 0;
    if (event->kind == KNX_DATA_SECURE_SEND) {
        if (knx_client_send(knx->engine, event->cemi, loop_now(), &id) != BAS_OK) {
            bas_log(&knx->loop->env, BAS_LOG_WARNING,
                    "an answer to S-A_Sync_Req is not sent: too "
                    "much waits for the bus");
        }
    } else if (event->kind == KNX_DATA_SECURE_SYNCED) {
        const struct bas_knx_event told = {
            .kind = BAS_KNX_SYNCED, .address = event->peer, .sequence = event->next, .ok = event->ok
        };
        tell(knx, &told);
    }
}

static bas_err make(struct bas_knx *knx, struct bas_fault *fault)
{
    char host[256];
    char port[6];
    bas_err err = knx_target_parse(knx->config.gateway, host, port, fault);
    if (err != BAS_OK) {
        return err;
    }
    (void)snprintf(knx->gateway, sizeof(knx->gateway), "%s:%s", host, port);
    knx->engine = knx_client_new(&knx->loop->env, knx->config.engine);
    if (knx->engine == NULL) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "the connection cannot be configured so: a secure session needs TCP and a "
                        "user from 1 to 127");
    }
    if (knx->config.secure == NULL) {
        return BAS_OK;
    }
    knx->secure = knx_data_secure_new(&knx->loop->env, knx->config.secure);
    const struct sequences_config sequences = { .loop = knx->loop,
                                                .store_file = knx->config.store_file,
                                                .owner = knx->config.store_owner,
                                                .block = knx->config.store_block,
                                                .secure = knx->secure,
                                                .event = on_secure_event,
                                                .user = knx };
    if (knx->secure == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the keys");
    }
    return sequences_new(&sequences, &knx->sequences, fault);
}

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
    return value != 0 ? value : fallback;
}

struct bas_knx *bas_knx_start(struct bas_loop *loop, const struct bas_knx_config *config,
                              struct bas_fault *fault)
{
    struct bas_knx *knx = bas_alloc(&loop->env, sizeof(*knx));
    if (knx == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a client");
        return NULL;
    }
    knx->loop = loop;
    knx->config = *config;
    knx->engine_config = *config->engine;
    knx->config.engine = &knx->engine_config;
    knx->config.connect_ms = or_default(config->connect_ms, CONNECT_MS);
    knx->config.minimum_retry_ms = or_default(config->minimum_retry_ms, MINIMUM_RETRY_MS);
    knx->config.maximum_retry_ms = or_default(config->maximum_retry_ms, MAXIMUM_RETRY_MS);
    knx->retry_ms = knx->config.minimum_retry_ms;
    if (make(knx, fault) != BAS_OK) {
        knx_client_free(knx->engine);
        knx_data_secure_free(knx->secure);
        bas_wipe(knx, sizeof(*knx));
        bas_release(&loop->env, knx, sizeof(*knx));
        return NULL;
    }
    (void)uv_timer_init(&loop->uv, &knx->timer);
    (void)uv_timer_init(&loop->uv, &knx->retry);
    knx->timer.data = knx;
    knx->retry.data = knx;
    knx->handles = 2;
    knx->config.secure = NULL; /* keys are not kept twice */
    connect_now(knx);
    return knx;
}
