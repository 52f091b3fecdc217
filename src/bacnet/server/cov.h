/* What the server's files about change of value share. */
#ifndef BASALT_BACNET_SERVER_COV_H
#define BASALT_BACNET_SERVER_COV_H

#include "bacnet/server/server.h"

/* server/cov.c */

/* When a lifetime ends, cut to what we grant; 0: for ever. */
bas_time bac_server_expiry(const struct bac_server *server, uint64_t lifetime_s);
/* Whether a property can be watched: a fault says why not. */
bas_err bac_server_can_watch(struct bac_server *server, const struct bac_object *object,
                             const struct bac_property_reference *property,
                             struct bas_fault *fault);
/* The asker, new if he is not known; 0: no room. */
uint32_t bac_server_subscriber(struct bac_server *server, const struct bac_request *request);
bas_err bac_server_no_room(struct bas_fault *fault);

/* server/clock.c: local date and time as the Device object says, else UTC. */
void bac_server_clock(const struct bac_server *server, struct bac_date_time *clock);

#endif
