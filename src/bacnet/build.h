/*
 * Making one object from its configuration, in one piece of memory. The same code runs twice: first
 * it only counts, and bac_build_take gives NULL.
 */
#ifndef BASALT_BACNET_BUILD_H
#define BASALT_BACNET_BUILD_H

#include "bacnet/object.h"

struct bac_build {
    struct bac_database *db;
    const struct bac_server_config *config; /* NULL for what CreateObject makes */
    uint8_t *base;
    size_t used;
    struct bas_fault *fault;
};

/* Zeroed; NULL while it only counts. */
void *bac_build_take(struct bac_build *build, size_t len);
/* A room for cap octets with these in it. */
void bac_build_room(struct bac_build *build, struct bas_slice octets, uint32_t cap,
                    struct bac_room *room);
/* A room for a text that may be written: cap octets, or as many as it has. NULL: empty, with room.
 */
bas_err bac_build_text(struct bac_build *build, const struct bac_object_config *config,
                       const char *text, uint32_t cap, struct bac_room *room);
/* One that may not; NULL stays an empty slice without data. */
bas_err bac_build_constant(struct bac_build *build, const struct bac_object_config *config,
                           const char *text, struct bas_slice *out);
/* The fault "object analog-input,1 (Room): why". */
bas_err bac_build_wrong(const struct bac_build *build, const struct bac_object_config *config,
                        const char *why);

/* Makes the object. NULL with a fault. */
struct bac_object *bac_object_new(struct bac_database *db, const struct bac_server_config *config,
                                  const struct bac_object_config *object, struct bas_fault *fault);
void bac_object_free(struct bac_object *object);

#endif
