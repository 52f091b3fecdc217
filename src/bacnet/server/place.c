/*
 * Owns the places of the server's transactions: which is free, which has which client and invoke
 * id, which keeps an answer and since when, which has segments to send.
 */
#include "bacnet/server/tsm.h"

#include "bacnet/address.h"

#include <assert.h>
#include <string.h>

enum { NONE = BAC_NO_RESPONDER, LEAST_ANSWER = 256 };

bas_err bac_responders_open(struct bac_server *server)
{
    const struct bac_server_config *c = &server->config;
    const struct bas_env *env = &server->env;
    struct bac_responders *all = bas_alloc(env, sizeof(*all));
    server->responders = all;
    if (all == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    size_t whole = c->max_answer + (size_t)BAC_ACK_HEADER;
    all->n = c->max_transactions < NONE ? c->max_transactions : NONE - 1;
    all->n_buckets = bac_bucket_count(2U * all->n);
    all->memory.max = c->max_memory;
    whole = whole > LEAST_ANSWER ? whole : LEAST_ANSWER;
    all->answer_cap = whole > c->max_apdu ? whole : c->max_apdu;
    all->places = bas_alloc(env, all->n * sizeof(*all->places));
    all->buckets = bas_alloc(env, all->n_buckets * sizeof(*all->buckets));
    all->answer = bas_alloc(env, all->answer_cap);
    if (all->places == NULL || all->buckets == NULL || all->answer == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    memset(all->buckets, 0xFF, all->n_buckets * sizeof(*all->buckets));
    all->oldest = all->newest = NONE;
    all->sending_head = all->sending_tail = NONE;
    for (uint16_t i = 0; i < all->n; i++) {
        all->places[i].newer = i + 1 < all->n ? (uint16_t)(i + 1) : NONE;
    }
    env->random(env->ctx, (uint8_t *)&all->seed, sizeof(all->seed));
    return bas_timers_init(&all->timers, env, all->n);
}

void bac_responders_close(struct bac_server *server)
{
    const struct bas_env *env = &server->env;
    struct bac_responders *all = server->responders;
    if (all == NULL) {
        return;
    }
    bac_server_let_request_go(server);
    for (uint16_t i = 0; all->places != NULL && i < all->n; i++) {
        bac_responder_release(server, &all->places[i]);
    }
    bas_timers_fini(&all->timers, env);
    bas_release(env, all->answer, all->answer_cap);
    bas_release(env, all->buckets, all->n_buckets * sizeof(*all->buckets));
    bas_release(env, all->places, all->n * sizeof(*all->places));
    bas_release(env, all, sizeof(*all));
    server->responders = NULL;
}

/* Client and invoke id */

uint16_t bac_responder_place(const struct bac_responders *all, const struct bac_responder *r)
{
    return (uint16_t)(r - all->places);
}

struct bac_client_key bac_responders_key(const struct bac_responders *all,
                                         const struct bac_request *request)
{
    const struct bac_net_event *from = request->from;
    return (struct bac_client_key){
        .to = { .to = from->source, .port = from->port, .priority = from->priority },
        .source = bac_address_hash(&from->source, from->port, all->seed),
        .invoke_id = request->apdu.invoke_id,
    };
}

static uint16_t *bucket_of(const struct bac_responders *all, uint32_t source, uint8_t invoke_id)
{
    return &all->buckets[(source + invoke_id * 0x9E3779B1U) & (all->n_buckets - 1)];
}

struct bac_responder *bac_responder_find(const struct bac_responders *all,
                                         const struct bac_client_key *key)
{
    for (uint16_t i = *bucket_of(all, key->source, key->invoke_id); i != NONE;) {
        struct bac_responder *r = &all->places[i];
        if (r->source == key->source && r->invoke_id == key->invoke_id &&
            bac_address_same(&r->to.to, r->to.port, &key->to.to, key->to.port)) {
            return r;
        }
        i = r->chain;
    }
    return NULL;
}

struct bac_responder *bac_responder_take(struct bac_server *server,
                                         const struct bac_client_key *key)
{
    struct bac_responders *all = server->responders;
    if (all->free_head == NONE && all->oldest != NONE) {
        bac_responder_end(server, &all->places[all->oldest]);
    }
    if (all->free_head == NONE) {
        return NULL;
    }
    struct bac_responder *r = &all->places[all->free_head];
    uint16_t *bucket = bucket_of(all, key->source, key->invoke_id);
    all->free_head = r->newer;
    r->to = key->to;
    r->source = key->source;
    r->invoke_id = key->invoke_id;
    r->state = BAC_RESPONDER_IDLE;
    r->was_segmented = false;
    r->kept.len = 0;
    r->chain = *bucket;
    *bucket = bac_responder_place(all, r);
    return r;
}

void bac_responder_release(struct bac_server *server, struct bac_responder *r)
{
    struct bac_responders *all = server->responders;
    const struct bac_segment_room room = { &server->env, &all->memory, 0, 0 };
    bac_receiver_release(&r->receiver, &room);
    bas_release(&server->env, r->body, r->body_len);
    bas_budget_release(&all->memory, r->body_len);
    r->body = NULL;
    r->body_len = 0;
    r->sender = (struct bac_segment_sender){ 0 };
}

void bac_responder_end(struct bac_server *server, struct bac_responder *r)
{
    struct bac_responders *all = server->responders;
    uint16_t place = bac_responder_place(all, r);
    uint16_t *link = bucket_of(all, r->source, r->invoke_id);
    while (*link != place) {
        assert(*link != NONE);
        link = &all->places[*link].chain;
    }
    *link = r->chain;
    if (r->state == BAC_RESPONDER_KEPT) {
        bac_responder_unkeep(all, r);
    }
    bas_timers_disarm(&all->timers, place);
    bac_responder_release(server, r);
    r->state = BAC_RESPONDER_IDLE;
    r->newer = all->free_head;
    all->free_head = place;
}

/* Lists */

void bac_responder_keep(struct bac_responders *all, struct bac_responder *r)
{
    uint16_t place = bac_responder_place(all, r);
    r->newer = NONE;
    r->older = all->newest;
    *(all->newest == NONE ? &all->oldest : &all->places[all->newest].newer) = place;
    all->newest = place;
}

void bac_responder_unkeep(struct bac_responders *all, struct bac_responder *r)
{
    *(r->older == NONE ? &all->oldest : &all->places[r->older].newer) = r->newer;
    *(r->newer == NONE ? &all->newest : &all->places[r->newer].older) = r->older;
}

void bac_responder_sending_in(struct bac_responders *all, struct bac_responder *r)
{
    if (r->is_sending) {
        return;
    }
    uint16_t place = bac_responder_place(all, r);
    r->is_sending = true;
    r->next_sending = NONE;
    *(all->sending_tail == NONE ? &all->sending_head
                                : &all->places[all->sending_tail].next_sending) = place;
    all->sending_tail = place;
}

struct bac_responder *bac_responder_sending_out(struct bac_responders *all)
{
    if (all->sending_head == NONE) {
        return NULL;
    }
    struct bac_responder *r = &all->places[all->sending_head];
    all->sending_head = r->next_sending;
    all->sending_tail = r->next_sending == NONE ? NONE : all->sending_tail;
    r->is_sending = false;
    return r;
}

uint16_t bac_responders_hear(struct bac_responders *all, const struct bac_client_key *key)
{
    return ++all->heard[key->source % BAC_SOURCES];
}
