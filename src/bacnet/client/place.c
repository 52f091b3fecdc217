/*
 * Owns the places of the client's transactions: which is free, which has which peer and invoke id,
 * which waits for its event to be fetched, which has segments to send.
 */
#include "bacnet/client/client.h"

#include "bacnet/address.h"

#include <assert.h>
#include <string.h>

enum { INVOKE_IDS = 256, NONE = BAC_NO_PLACE };

bas_err bac_client_open_places(struct bac_client *client)
{
    uint16_t n = client->config.max_transactions;
    client->n_buckets = bac_bucket_count(2U * n);
    client->transactions = bas_alloc(&client->env, n * sizeof(*client->transactions));
    client->buckets = bas_alloc(&client->env, client->n_buckets * sizeof(*client->buckets));
    if (client->transactions == NULL || client->buckets == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    memset(client->buckets, 0xFF, client->n_buckets * sizeof(*client->buckets));
    client->done_head = client->done_tail = NONE;
    client->sending_head = client->sending_tail = NONE;
    for (uint16_t i = 0; i < n; i++) {
        client->transactions[i].next = i + 1 < n ? (uint16_t)(i + 1) : NONE;
    }
    client->env.random(client->env.ctx, (uint8_t *)&client->seed, sizeof(client->seed));
    client->env.random(client->env.ctx, client->last_invoke_ids, sizeof(client->last_invoke_ids));
    return BAS_OK;
}

void bac_client_close_places(struct bac_client *client)
{
    uint16_t n = client->config.max_transactions;
    for (uint16_t i = 0; client->transactions != NULL && i < n; i++) {
        struct bac_transaction *t = &client->transactions[i];
        struct bac_segment_room room = bac_client_room(client, t);
        bas_release(&client->env, t->parameters, t->parameters_len);
        bac_receiver_release(&t->receiver, &room);
    }
    bas_release(&client->env, client->buckets, client->n_buckets * sizeof(*client->buckets));
    bas_release(&client->env, client->transactions, n * sizeof(*client->transactions));
}

uint16_t bac_client_place_of(const struct bac_client *client, const struct bac_transaction *t)
{
    return (uint16_t)(t - client->transactions);
}

bac_request_id bac_client_id_of(const struct bac_client *client, const struct bac_transaction *t)
{
    return (bac_request_id)t->generation << 16 | (bac_client_place_of(client, t) + 1U);
}

struct bac_transaction *bac_client_by_id(struct bac_client *client, bac_request_id id)
{
    uint32_t place = (id & UINT16_MAX) - 1U;
    if (place >= client->config.max_transactions) {
        return NULL;
    }
    struct bac_transaction *t = &client->transactions[place];
    return t->state != BAC_TSM_IDLE && bac_client_id_of(client, t) == id ? t : NULL;
}

/* Peer and invoke id */

static uint16_t *bucket_of(struct bac_client *client, uint32_t peer, uint8_t invoke_id)
{
    return &client->buckets[(peer + invoke_id * 0x9E3779B1U) & (client->n_buckets - 1)];
}

static struct bac_transaction *find(struct bac_client *client, uint32_t hash,
                                    const struct bac_transaction *like)
{
    for (uint16_t i = *bucket_of(client, hash, like->invoke_id); i != NONE;) {
        struct bac_transaction *t = &client->transactions[i];
        if (t->invoke_id == like->invoke_id &&
            bac_address_same(&t->peer, t->port, &like->peer, like->port)) {
            return t;
        }
        i = t->chain;
    }
    return NULL;
}

struct bac_transaction *bac_client_find(struct bac_client *client, const struct bac_address *peer,
                                        bac_port_id port, uint8_t invoke_id)
{
    const struct bac_transaction like = { .peer = *peer, .port = port, .invoke_id = invoke_id };
    return find(client, bac_address_hash(peer, port, client->seed), &like);
}

/* The ids of a peer go round, so that one is free as long as possible before it comes again. Peers
 * whose hashes are alike share the round. */
static bool next_invoke_id(struct bac_client *client, struct bac_transaction *like)
{
    uint32_t hash = bac_address_hash(&like->peer, like->port, client->seed);
    uint8_t *last = &client->last_invoke_ids[hash % BAS_ARRAY_LEN(client->last_invoke_ids)];
    for (unsigned n = 1; n <= INVOKE_IDS; n++) {
        like->invoke_id = (uint8_t)(*last + n);
        if (find(client, hash, like) == NULL) {
            *last = like->invoke_id;
            return true;
        }
    }
    return false;
}

struct bac_transaction *bac_client_reserve(struct bac_client *client,
                                           const struct bac_address *peer, bac_port_id port)
{
    if (client->free_head == NONE) {
        return NULL;
    }
    struct bac_transaction *t = &client->transactions[client->free_head];
    t->peer = *peer;
    t->port = port;
    return next_invoke_id(client, t) ? t : NULL;
}

static uint16_t *bucket_with(struct bac_client *client, const struct bac_transaction *t)
{
    return bucket_of(client, bac_address_hash(&t->peer, t->port, client->seed), t->invoke_id);
}

void bac_client_begin(struct bac_client *client, struct bac_transaction *t)
{
    uint16_t *bucket = bucket_with(client, t);
    assert(client->free_head == bac_client_place_of(client, t));
    client->free_head = t->next;
    t->generation++;
    t->chain = *bucket;
    *bucket = bac_client_place_of(client, t);
}

void bac_client_close(struct bac_client *client, struct bac_transaction *t)
{
    uint16_t place = bac_client_place_of(client, t);
    uint16_t *link = bucket_with(client, t);
    while (*link != place) {
        assert(*link != NONE);
        link = &client->transactions[*link].chain;
    }
    *link = t->chain;
    bas_timers_disarm(&client->timers, place);
    bas_release(&client->env, t->parameters, t->parameters_len);
    t->parameters = NULL;
    t->parameters_len = 0;
    t->sender = (struct bac_segment_sender){ 0 };
}

/* Lists */

void bac_client_done_in(struct bac_client *client, struct bac_transaction *t)
{
    uint16_t place = bac_client_place_of(client, t);
    t->next = NONE;
    t->previous = client->done_tail;
    *(client->done_tail == NONE ? &client->done_head
                                : &client->transactions[client->done_tail].next) = place;
    client->done_tail = place;
}

void bac_client_done_out(struct bac_client *client, struct bac_transaction *t)
{
    *(t->previous == NONE ? &client->done_head : &client->transactions[t->previous].next) = t->next;
    *(t->next == NONE ? &client->done_tail : &client->transactions[t->next].previous) = t->previous;
}

void bac_client_free_place(struct bac_client *client, struct bac_transaction *t)
{
    t->next = client->free_head;
    client->free_head = bac_client_place_of(client, t);
}

void bac_client_sending_in(struct bac_client *client, struct bac_transaction *t)
{
    if (t->is_sending) {
        return;
    }
    t->is_sending = true;
    t->next_sending = NONE;
    uint16_t place = bac_client_place_of(client, t);
    *(client->sending_tail == NONE ? &client->sending_head
                                   : &client->transactions[client->sending_tail].next_sending) =
        place;
    client->sending_tail = place;
}

struct bac_transaction *bac_client_sending_out(struct bac_client *client)
{
    if (client->sending_head == NONE) {
        return NULL;
    }
    struct bac_transaction *t = &client->transactions[client->sending_head];
    client->sending_head = t->next_sending;
    client->sending_tail = t->next_sending == NONE ? NONE : client->sending_tail;
    t->is_sending = false;
    return t;
}
