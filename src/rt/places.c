/* Owns the count of connections that are being set up, by remote address. */
#define _DEFAULT_SOURCE /* struct sockaddr_in6 */
#include "rt/places.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

enum { LEAST_SHARE = 8, PREFIX = 8 /* octets of an IPv6 address that count */ };

struct holder {
    struct places_address address;
    uint32_t n; /* 0: free */
};

struct places {
    struct bas_env env;
    uint32_t max;
    uint32_t share;
    uint32_t taken;
    struct holder holders[]; /* max of them */
};

struct places_address places_address(const struct sockaddr *peer)
{
    struct places_address address = { { 0 } };
    if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const void *)peer;
        size_t len = IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) ? sizeof(address.octets) : PREFIX;
        memcpy(address.octets, &six->sin6_addr, len);
    } else {
        const struct sockaddr_in *four = (const void *)peer;
        address.octets[10] = 0xFF; /* as the same address in IPv6 */
        address.octets[11] = 0xFF;
        memcpy(address.octets + 12, &four->sin_addr, 4);
    }
    return address;
}

static size_t len_of(uint32_t max)
{
    return sizeof(struct places) + (size_t)max * sizeof(struct holder);
}

struct places *places_new(const struct bas_env *env, uint32_t max, uint32_t share)
{
    struct places *places = bas_alloc(env, len_of(max));
    if (places == NULL) {
        return NULL;
    }
    places->env = *env;
    places->max = max;
    places->share = share != 0 ? share : max / 8;
    if (share == 0 && places->share < LEAST_SHARE) {
        places->share = LEAST_SHARE;
    }
    return places;
}

void places_free(struct places *places)
{
    if (places != NULL) {
        struct bas_env env = places->env;
        bas_release(&env, places, len_of(places->max));
    }
}

static struct holder *find(struct places *places, const struct places_address *address)
{
    for (uint32_t i = 0; i < places->max; i++) {
        struct holder *holder = &places->holders[i];
        if (holder->n != 0 && memcmp(&holder->address, address, sizeof(*address)) == 0) {
            return holder;
        }
    }
    return NULL;
}

/* There is one while a place is free. */
static struct holder *first_free(struct places *places)
{
    struct holder *holder = places->holders;
    while (holder->n != 0) {
        holder++;
    }
    return holder;
}

static const struct holder *largest(const struct places *places)
{
    const struct holder *most = NULL;
    for (uint32_t i = 0; i < places->max; i++) {
        if (most == NULL || places->holders[i].n > most->n) {
            most = &places->holders[i];
        }
    }
    return most;
}

enum places_verdict places_take(struct places *places, const struct places_address *newcomer,
                                struct places_address *crowded)
{
    struct holder *holder = find(places, newcomer);
    if (places->taken < places->max) {
        holder = holder != NULL ? holder : first_free(places);
        holder->address = *newcomer;
        holder->n++;
        places->taken++;
        return PLACES_TAKEN;
    }
    if (holder != NULL && holder->n >= places->share) {
        return PLACES_CROWDED;
    }
    const struct holder *most = largest(places);
    if (most == NULL || most->n <= places->share) {
        return PLACES_FULL;
    }
    *crowded = most->address;
    return PLACES_GIVE_WAY;
}

void places_give_back(struct places *places, const struct places_address *address)
{
    struct holder *holder = find(places, address);
    assert(holder != NULL);
    holder->n--;
    places->taken--;
}

uint32_t places_taken(const struct places *places)
{
    return places->taken;
}
