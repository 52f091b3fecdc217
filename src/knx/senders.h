/*
 * The receive table of Data Secure (spec 4.6): who may send, and the last valid sequence number of
 * each. What moved is remembered until it was drained, so that a store can keep it.
 */
#ifndef BASALT_KNX_SENDERS_H
#define BASALT_KNX_SENDERS_H

#include "basalt/knx_secure.h"

#include "base/map.h"

struct knx_record {
    knx_ia address;
    bool is_tool;
    bool is_moved;
    uint32_t next_moved;
    uint64_t last;
};

struct knx_senders {
    struct bas_map map; /* address and is_tool -> records */
    struct knx_record *records;
    size_t n;
    size_t cap;
    uint32_t first_moved; /* cap: none */
    uint32_t last_moved;
};

/*
 * The senders of config, the peers that it has keys of, and one for tools that hold ours. A sender
 * that stands there twice has the greater number. BAS_ERR_NO_MEMORY leaves *senders safe to fini.
 */
BAS_MUST_USE bas_err knx_senders_init(struct knx_senders *senders, const struct bas_env *env,
                                      const struct knx_data_secure_config *config);
void knx_senders_fini(struct knx_senders *senders, const struct bas_env *env);
/* Takes over the numbers of old, where they are greater, and what was not drained yet. */
void knx_senders_carry_over(struct knx_senders *senders, const struct knx_senders *old);
/* NULL: not known. Stays where it is until fini. */
struct knx_record *knx_senders_find(const struct knx_senders *senders, knx_ia address,
                                    bool is_tool);
/* Raises the last number of a record of this table; a lower or equal one changes nothing. */
void knx_senders_move(struct knx_senders *senders, struct knx_record *record, uint64_t last);
/* A record that moved since it was last given here, or NULL. */
const struct knx_record *knx_senders_next_moved(struct knx_senders *senders);

#endif
