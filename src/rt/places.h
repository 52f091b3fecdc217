/*
 * The places of connections that are being set up, shared out among remote addresses: while places
 * are free anybody may have any number (a site behind one address comes back as one), but when they
 * are all taken who has more than his share gives way to who has not.
 */
#ifndef BASALT_RT_PLACES_H
#define BASALT_RT_PLACES_H

#include "basalt/base.h"

struct sockaddr;

/* One holder: an IPv4 address, or the first 64 bits of an IPv6 address, as many as one site has. */
struct places_address {
    uint8_t octets[16];
};
struct places_address places_address(const struct sockaddr *peer);

/* max places in all; share: of these for one address, 0: an eighth of them, 8 at least. NULL: no
 * memory. */
struct places;
struct places *places_new(const struct bas_env *env, uint32_t max, uint32_t share);
void places_free(struct places *places);

enum places_verdict {
    PLACES_TAKEN,
    PLACES_GIVE_WAY, /* all are taken, and crowded has more than its share: one of it must go first
                      */
    PLACES_CROWDED,  /* all are taken, and it is the newcomer who has no less than its share */
    PLACES_FULL      /* all are taken, and nobody has more than its share */
};
/* Takes a place, or says why not. */
enum places_verdict places_take(struct places *places, const struct places_address *newcomer,
                                struct places_address *crowded);
void places_give_back(struct places *places, const struct places_address *address);
uint32_t places_taken(const struct places *places);

#endif
