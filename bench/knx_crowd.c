/* Owns the clients of the KNX server under measurement. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "knx_crowd.h"

#include "rt/knx_socket.h"

#include <stdio.h>
#include <stdlib.h>

enum { TICK_MS = 1000, CONNECT_MS = 5000 };

struct member {
    struct crowd *crowd;
    struct knx_client *client;
    struct knx_data_secure *secure;
    struct knx_socket *socket;
};

struct crowd {
    const struct child *child;
    const struct site *site;
    struct bas_env env;
    struct bas_loop *loop;
    struct bas_alarm *alarm;
    struct member members[SITE_TUNNELS];
    uint32_t n, up, gone;
    struct work work;
    uint32_t begun, done; /* telegrams of work */
    size_t frame;
    bool is_ending;
};

static void send_frames(struct member *member)
{
    struct bas_slice frame;
    struct knx_endpoint to;
    bool is_any = false;
    while (knx_client_next_frame(member->client, &frame, &to)) {
        knx_socket_add(member->socket, frame, NULL);
        member->crowd->frame = frame.len > member->crowd->frame ? frame.len : member->crowd->frame;
        is_any = true;
    }
    if (is_any) {
        knx_socket_flush(member->socket);
    }
}

static void write_next(struct member *member, bas_time now)
{
    struct crowd *crowd = member->crowd;
    uint8_t memory[SITE_TELEGRAM];
    struct bas_buf cemi;
    uint32_t id = 0;
    if (crowd->begun == crowd->work.telegrams) {
        return;
    }
    crowd->begun++;
    bas_buf_init(&cemi, memory, sizeof(memory));
    if (!site_telegram(crowd->work.is_data ? member->secure : NULL,
                       knx_client_address(member->client), now, &cemi) ||
        knx_client_send(member->client, (struct bas_slice){ cemi.data, cemi.len }, now, &id) !=
            BAS_OK) {
        die("a telegram was refused");
    }
}

/* The confirmation must hold our own telegram. */
static void open_confirmation(struct member *member, struct bas_slice octets, bas_time now)
{
    uint8_t plain[256];
    struct bas_buf out;
    struct knx_cemi cemi;
    struct knx_opened opened = { .drop = KNX_DROP_MALFORMED };
    bas_buf_init(&out, plain, sizeof(plain));
    if (knx_cemi_decode(octets, &cemi, NULL) == BAS_OK) {
        knx_data_secure_open(member->secure, &cemi, now, &out, &opened);
    }
    if (opened.drop != KNX_DROP_NONE || !opened.is_encrypted) {
        die("a confirmation was not what was sent: %s", knx_drop_name(opened.drop));
    }
}

static void on_event(struct member *member, const struct knx_client_event *event, bas_time now)
{
    struct crowd *crowd = member->crowd;
    if (event->kind == KNX_CLIENT_EVENT_CONFIRMED) {
        if (crowd->work.is_data) {
            open_confirmation(member, event->cemi, now);
        }
        if (++crowd->done == crowd->work.telegrams) {
            bas_loop_stop(crowd->loop);
        }
        write_next(member, now);
    } else if (event->kind == KNX_CLIENT_EVENT_UP) {
        member->secure = site_data_secure(&crowd->env, crowd->site, event->address);
        if (++crowd->up == crowd->n) {
            bas_loop_stop(crowd->loop);
        }
    } else if (event->kind == KNX_CLIENT_EVENT_FAILED || event->kind == KNX_CLIENT_EVENT_DROPPED ||
               (event->kind == KNX_CLIENT_EVENT_DOWN && !crowd->is_ending)) {
        die("a tunnel: %s", event->fault->text);
    }
}

static void drain(struct member *member, bas_time now)
{
    struct knx_client_event event;
    while (knx_client_next_event(member->client, &event)) {
        on_event(member, &event, now);
    }
    send_frames(member);
}

static void on_open(void *user, struct knx_socket *socket)
{
    struct member *member = user;
    (void)socket;
    knx_client_open(member->client, bas_loop_now(member->crowd->loop));
    drain(member, bas_loop_now(member->crowd->loop));
}

static void on_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                        const struct knx_endpoint *from)
{
    struct member *member = user;
    bas_time now = bas_loop_now(member->crowd->loop);
    (void)socket;
    (void)from;
    knx_client_recv(member->client, octets, now);
    drain(member, now);
}

static void on_closed(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    struct member *member = user;
    struct crowd *crowd = member->crowd;
    (void)socket;
    if (!crowd->is_ending) {
        die("a connection was lost: %s", why->text);
    }
    if (++crowd->gone == crowd->n) {
        bas_loop_stop(crowd->loop);
    }
}

static void on_tick(void *user)
{
    struct crowd *crowd = user;
    bas_time now = bas_loop_now(crowd->loop);
    for (uint32_t i = 0; i < crowd->n; i++) {
        knx_client_tick(crowd->members[i].client, now);
        drain(&crowd->members[i], now);
    }
    bas_alarm_set(crowd->alarm, TICK_MS);
}

static const struct knx_socket_owner owner = { on_open, on_received, on_closed };

struct crowd *crowd_new(const struct child *child, const struct site *site)
{
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    if (crowd == NULL) {
        die("out of memory");
    }
    crowd->child = child;
    crowd->site = site;
    crowd->env = bas_env_host(NULL, NULL);
    crowd->loop = bas_loop_new(&crowd->env);
    crowd->alarm = crowd->loop != NULL ? bas_alarm_new(crowd->loop, on_tick, crowd) : NULL;
    if (crowd->alarm == NULL) {
        die("out of memory");
    }
    bas_alarm_set(crowd->alarm, TICK_MS);
    return crowd;
}

static void connect_one(struct crowd *crowd)
{
    char target[32];
    struct member *member = &crowd->members[crowd->n++];
    const struct knx_socket_config config = { crowd->loop, &owner, member };
    (void)snprintf(target, sizeof(target), "127.0.0.1:%u", (unsigned)crowd->child->port);
    member->crowd = crowd;
    member->client = site_client(&crowd->env, crowd->site);
    member->socket = knx_socket_connect(&config, KNX_TCP, target, CONNECT_MS);
    if (member->client == NULL || member->socket == NULL) {
        die("out of memory");
    }
}

struct cost crowd_grow(struct crowd *crowd, uint32_t n)
{
    uint32_t before = crowd->n;
    const struct stopwatch begin = stopwatch_begin(crowd->child);
    while (crowd->n < n) {
        connect_one(crowd);
    }
    bas_loop_run(crowd->loop);
    return stopwatch_end(&begin, crowd->child, n - before);
}

struct cost crowd_work(struct crowd *crowd, const struct work *work)
{
    crowd->work = *work;
    crowd->begun = crowd->done = 0;
    crowd->frame = 0;
    const struct stopwatch begin = stopwatch_begin(crowd->child);
    for (uint32_t i = 0; i < work->members; i++) {
        write_next(&crowd->members[i], bas_loop_now(crowd->loop));
        send_frames(&crowd->members[i]);
    }
    bas_loop_run(crowd->loop);
    return stopwatch_end(&begin, crowd->child, work->telegrams);
}

size_t crowd_frame(const struct crowd *crowd)
{
    return crowd->frame;
}

void crowd_free(struct crowd *crowd)
{
    crowd->is_ending = true;
    for (uint32_t i = 0; i < crowd->n; i++) {
        knx_socket_close(crowd->members[i].socket);
    }
    if (crowd->n != 0) {
        bas_loop_run(crowd->loop);
    }
    for (uint32_t i = 0; i < crowd->n; i++) {
        knx_client_free(crowd->members[i].client);
        knx_data_secure_free(crowd->members[i].secure);
    }
    bas_alarm_free(crowd->alarm);
    bas_loop_free(crowd->loop);
    free(crowd);
}
