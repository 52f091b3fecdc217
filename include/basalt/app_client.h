/*
 * The client of a station: finding devices, typed calls of the common services, any service with
 * its struct or with JSON. What stands on the wire, and what the peer can take, is the station's
 * business: limits of I-Am, segments, splitting of what is too long for a peer.
 */
#ifndef BASALT_APP_CLIENT_H
#define BASALT_APP_CLIENT_H

#include "basalt/app.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whom to ask: a device by its instance (found by Who-Is and remembered), or an address. */
struct bas_peer_name {
    bool has_address;
    uint32_t instance;
    struct bac_address address;
};

/* How a call ended. */
struct bas_outcome {
    bas_err err;                          /* BAS_OK: acknowledged */
    const struct bac_type *type;          /* of value: the ack's; NULL: SimpleACK */
    const void *value;                    /* the decoded ack; lives during the callback */
    struct bas_slice raw;                 /* the same, encoded */
    struct bac_arena *arena;              /* scratch for the callback */
    const struct bac_client_event *event; /* what the peer answered; NULL: it was not reached */
    const struct bas_fault *fault;        /* for a person; class and code of an Error */
};
typedef void (*bas_called)(void *user, const struct bas_outcome *outcome);

/*
 * Any confirmed service: parameters is the struct of the service's request type (bac_service). Ends
 * in one call of called (within this call, too, when it cannot be sent), unless the station is
 * stopped before.
 */
BAS_API void bas_call(struct bas_station *station, const struct bas_peer_name *to, uint8_t service,
                      const void *parameters, bas_called called, void *user);

#ifdef __cplusplus
}
#endif

#endif
