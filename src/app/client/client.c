/* Owns the table of a station's open calls: places, ids, time, the end. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PLACE_BITS = 32 };

static uint32_t place_of(bas_call_id id)
{
    return (uint32_t)id - 1;
}

/* Places. */

static void release_places(struct bas_station *s)
{
    struct client *c = &s->calls;
    bas_release(&s->loop->env, c->places, c->n_places * sizeof(*c->places));
}

/* Twice the places, when all are taken. */
static bas_err grow(struct bas_station *s)
{
    struct client *c = &s->calls;
    const struct bas_env *env = &s->loop->env;
    uint32_t n = c->n_places == 0 ? CLIENT_FIRST_CALLS : c->n_places * 2;
    struct client_place *places =
        n > CLIENT_MOST_CALLS ? NULL : bas_alloc(env, n * sizeof(*places));
    if (places == NULL) {
        return n > CLIENT_MOST_CALLS ? BAS_ERR_BUSY : BAS_ERR_NO_MEMORY;
    }
    if (c->n_places != 0) {
        memcpy(places, c->places, c->n_places * sizeof(*places));
    }
    for (uint32_t i = c->n_places; i < n; i++) {
        places[i].next_free = i + 1;
    }
    release_places(s);
    c->places = places;
    c->n_places = n;
    return BAS_OK;
}

static bas_err find_place(struct bas_station *s, uint32_t *place)
{
    struct client *c = &s->calls;
    *place = c->first_free;
    return *place < c->n_places ? BAS_OK : grow(s);
}

struct call *call_find(const struct bas_station *s, bas_call_id id)
{
    uint32_t place = place_of(id);
    struct call *call = id != 0 && place < s->calls.n_places ? s->calls.places[place].call : NULL;
    return call != NULL && call->id == id ? call : NULL;
}

static void free_place(struct call *call)
{
    struct client *c = &call->station->calls;
    uint32_t place = place_of(call->id);
    c->places[place] = (struct client_place){ NULL, BAS_NEVER, c->first_free };
    c->first_free = place;
}

/* Lists. */

void call_join(struct call *call, struct call **list)
{
    call_leave(call);
    call->list = list;
    call->prev = NULL;
    call->next = *list;
    if (*list != NULL) {
        (*list)->prev = call;
    }
    *list = call;
}

void call_leave(struct call *call)
{
    struct client *c = &call->station->calls;
    if (call->list == NULL) {
        return;
    }
    if (c->next_listening == call) {
        c->next_listening = call->next;
    }
    *(call->prev == NULL ? call->list : &call->prev->next) = call->next;
    if (call->next != NULL) {
        call->next->prev = call->prev;
    }
    call->list = NULL;
    call->next = NULL;
    call->prev = NULL;
}

/* The beginning. */

static bas_err refuse(const struct bas_station *s, bas_err err, struct bas_fault *fault)
{
    if (s->is_stopping) {
        return bas_fail(fault, BAS_ERR_CLOSED, "the station is being stopped");
    }
    if (err == BAS_ERR_BUSY) {
        return bas_fail(fault, err, "%d calls are open; cancel some, or wait for their end",
                        CLIENT_MOST_CALLS);
    }
    return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a call");
}

struct call *call_new(struct bas_station *s, const struct call_begin *begin,
                      struct bas_fault *fault)
{
    uint32_t place = 0;
    bas_err err = s->is_stopping ? BAS_ERR_CLOSED : find_place(s, &place);
    struct call *call = err == BAS_OK ? bas_alloc(&s->loop->env, begin->kind->size) : NULL;
    if (call == NULL) {
        (void)refuse(s, err, fault);
        return NULL;
    }
    s->calls.serial = s->calls.serial == UINT32_MAX ? 1 : s->calls.serial + 1;
    *call = (struct call){ .station = s,
                           .kind = begin->kind,
                           .id = (bas_call_id)s->calls.serial << PLACE_BITS | (place + 1),
                           .done = begin->done,
                           .user = begin->user,
                           .about.object.type = UINT16_MAX,
                           .held = 1 };
    if (begin->to != NULL) {
        call->to = *begin->to;
    }
    s->calls.first_free = s->calls.places[place].next_free;
    s->calls.places[place].call = call;
    s->calls.places[place].deadline = BAS_NEVER;
    return call;
}

bas_call_id call_begun(struct call *call)
{
    bas_call_id id = call->is_ended ? 0 : call->id;
    call_drop(call);
    return id;
}

bas_call_id call_refused(bas_called done, void *user, const struct bas_fault *fault)
{
    const struct bas_outcome outcome = client_outcome(fault);
    if (done != NULL) {
        done(user, &outcome);
    }
    return 0;
}

/* The end. */

void call_hold(struct call *call)
{
    call->held++;
}

void call_drop(struct call *call)
{
    const struct bas_env *env = &call->station->loop->env;
    call->held--;
    if (call->held != 0 || !call->is_ended) {
        return;
    }
    if (call->kind->release != NULL) {
        call->kind->release(call);
    }
    bas_release(env, call->parameters, call->parameters_len);
    bas_release(env, call, call->kind->size);
}

void call_end(struct call *call, const struct bas_outcome *outcome)
{
    if (call->is_ended) {
        return;
    }
    call_hold(call);
    call->is_ended = true;
    call_leave(call);
    if (call->pending != NULL) {
        station_cancel(call->station, call->pending);
        call->pending = NULL;
    }
    free_place(call);
    bas_cancel(call->station, call->part);
    if (call->kind->tell != NULL) {
        call->kind->tell(call, outcome);
    } else if (call->done != NULL) {
        call->done(call->user, outcome);
    }
    call_drop(call);
}

void call_end_fault(struct call *call, const struct bas_fault *fault)
{
    const struct bas_outcome outcome = client_outcome(fault);
    call_end(call, &outcome);
}

void call_end_ok(struct call *call)
{
    const struct bas_fault none = { .err = BAS_OK };
    call_end_fault(call, &none);
}

void call_end_with(struct call *call, bas_err err, const char *format, ...)
{
    struct bas_fault fault = { .err = err };
    va_list args;
    va_start(args, format);
    (void)vsnprintf(fault.text, sizeof(fault.text), format, args);
    va_end(args);
    call_end_fault(call, &fault);
}

void bas_cancel(struct bas_station *s, bas_call_id id)
{
    struct call *call = call_find(s, id);
    if (call == NULL) {
        return;
    }
    if (call->kind->cancel != NULL) {
        call_hold(call);
        call->kind->cancel(call);
        call_drop(call);
        return;
    }
    call_end_with(call, BAS_ERR_INTERRUPTED, "the call was cancelled");
}

/* Time. */

void call_set_timer(struct call *call, bas_time at)
{
    struct client *c = &call->station->calls;
    if (!call->is_ended) {
        c->places[place_of(call->id)].deadline = at;
        c->next_deadline = at < c->next_deadline ? at : c->next_deadline;
    }
}

bas_time client_deadline(const struct bas_station *s)
{
    return s->calls.next_deadline;
}

static void call_tick(struct call *call)
{
    call_hold(call);
    if (call->is_asking) {
        call_not_found(call);
    } else if (call->kind->timer != NULL) {
        call->kind->timer(call);
    }
    call_drop(call);
}

/* Looks at all of them, but only when one may be due. What is set meanwhile counts by itself. */
void client_tick(struct bas_station *s, bas_time now)
{
    struct client *c = &s->calls;
    if (now < c->next_deadline) {
        return;
    }
    c->next_deadline = BAS_NEVER;
    for (uint32_t i = 0; i < c->n_places; i++) {
        struct client_place *place = &c->places[i];
        bas_time at = place->call != NULL ? place->deadline : BAS_NEVER;
        if (at <= now) {
            place->deadline = BAS_NEVER;
            call_tick(place->call);
        } else if (at < c->next_deadline) {
            c->next_deadline = at;
        }
    }
}

/* The station's beginning and end. */

static bas_time default_ms(const struct bas_station *s)
{
    return s->config.apdu_timeout_ms != 0 ? s->config.apdu_timeout_ms : 3000;
}

bas_err client_open(struct bas_station *s, struct bas_fault *fault)
{
    uint32_t usual = s->config.server == NULL ? 4096 : 1024;
    uint32_t max_peers = s->config.max_peers != 0 ? s->config.max_peers : usual;
    s->config.find_timeout_ms =
        s->config.find_timeout_ms != 0 ? s->config.find_timeout_ms : (uint32_t)default_ms(s);
    s->loop->env.random(s->loop->env.ctx, (uint8_t *)&s->calls.serial, sizeof(s->calls.serial));
    s->calls.next_deadline = BAS_NEVER;
    s->calls.peers = bac_peers_new(&s->loop->env, max_peers);
    return s->calls.peers != NULL
               ? BAS_OK
               : bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the peers of a station");
}

void client_close(struct bas_station *s)
{
    for (uint32_t i = 0; i < s->calls.n_places; i++) {
        if (s->calls.places[i].call != NULL) {
            call_end_with(s->calls.places[i].call, BAS_ERR_CLOSED, "the station was stopped");
        }
    }
}

void client_free(struct bas_station *s)
{
    struct client *c = &s->calls;
    const struct bas_env *env = &s->loop->env;
    bac_peers_free(c->peers);
    bas_release(env, c->octets, CLIENT_OCTETS);
    bas_release(env, c->arena, CLIENT_ARENA);
    release_places(s);
}

const struct bac_peers *bas_station_peers(const struct bas_station *s)
{
    return s->calls.peers;
}

/* Memory of the moment. */

struct bas_buf client_octets(struct bas_station *s)
{
    struct bas_buf out = { 0 };
    if (s->calls.octets == NULL) {
        s->calls.octets = bas_alloc(&s->loop->env, CLIENT_OCTETS);
    }
    bas_buf_init(&out, s->calls.octets, s->calls.octets != NULL ? CLIENT_OCTETS : 0);
    return out;
}

/* A callback may make another answer come before it returns: that one has memory of its own. */
struct client_arena client_arena_take(struct bas_station *s)
{
    struct client *c = &s->calls;
    struct client_arena taken = { .memory = NULL };
    if (c->arena == NULL) {
        c->arena = bas_alloc(&s->loop->env, CLIENT_ARENA);
    }
    if (c->is_arena_taken) {
        taken.memory = bas_alloc(&s->loop->env, CLIENT_ARENA);
    } else {
        c->is_arena_taken = c->arena != NULL;
        taken.memory = c->arena;
    }
    bac_arena_init(&taken.arena, taken.memory, taken.memory != NULL ? CLIENT_ARENA : 0);
    return taken;
}

void client_arena_give(struct bas_station *s, const struct client_arena *taken)
{
    if (taken->memory == s->calls.arena) {
        s->calls.is_arena_taken = false;
    } else {
        bas_release(&s->loop->env, taken->memory, CLIENT_ARENA);
    }
}

void client_hear(struct bas_station *s, const struct bac_net_event *event,
                 const struct bac_apdu *apdu)
{
    switch (apdu->service) {
    case BAC_UNCONFIRMED_I_AM:
        client_hear_i_am(s, event, apdu->body);
        break;
    case BAC_UNCONFIRMED_I_HAVE:
        client_hear_i_have(s, event, apdu->body);
        break;
    case BAC_UNCONFIRMED_COV_NOTIFICATION:
        client_hear_cov(s, event, apdu->body, false);
        break;
    default:
        break;
    }
}
