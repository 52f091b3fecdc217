/* Owns the last valid sequence number of every sender. */
#include "knx/senders.h"

static struct bas_map_key place(knx_ia address, bool is_tool)
{
    return (struct bas_map_key){ is_tool ? 1 : 0, address };
}

/* No event for it: whoever gave the number has it. */
static void add(struct knx_senders *senders, knx_ia address, bool is_tool, uint64_t last)
{
    struct knx_record *record = knx_senders_find(senders, address, is_tool);
    if (record == NULL) {
        bas_map_set(&senders->map, place(address, is_tool), (uint32_t)senders->n);
        record = &senders->records[senders->n++];
        record->address = address;
        record->is_tool = is_tool;
    }
    if (last > record->last) {
        record->last = last;
    }
}

bas_err knx_senders_init(struct knx_senders *senders, const struct bas_env *env,
                         const struct knx_data_secure_config *config)
{
    *senders = (struct knx_senders){ .cap = config->n_senders + config->n_peers + 1 };
    senders->first_moved = (uint32_t)senders->cap;
    bas_err err = bas_map_init(&senders->map, env, senders->cap);
    senders->records = bas_alloc(env, senders->cap * sizeof(*senders->records));
    if (err != BAS_OK || senders->records == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < config->n_senders; i++) {
        const struct knx_sender *sender = &config->senders[i];
        add(senders, sender->address, sender->is_tool, sender->last);
    }
    for (size_t i = 0; i < config->n_peers; i++) {
        add(senders, config->peers[i].peer, config->peers[i].is_tool, 0);
    }
    add(senders, 0, true, 0);
    return BAS_OK;
}

void knx_senders_fini(struct knx_senders *senders, const struct bas_env *env)
{
    if (senders->records != NULL) {
        bas_release(env, senders->records, senders->cap * sizeof(*senders->records));
        senders->records = NULL;
    }
    if (senders->map.slots != NULL) {
        bas_map_fini(&senders->map, env);
    }
}

void knx_senders_carry_over(struct knx_senders *senders, const struct knx_senders *old)
{
    for (size_t i = 0; i < old->n; i++) {
        const struct knx_record *known = &old->records[i];
        struct knx_record *record = knx_senders_find(senders, known->address, known->is_tool);
        if (record == NULL) {
            continue;
        }
        if (known->is_moved) {
            knx_senders_move(senders, record, known->last);
        } else if (known->last > record->last) {
            record->last = known->last;
        }
    }
}

struct knx_record *knx_senders_find(const struct knx_senders *senders, knx_ia address, bool is_tool)
{
    uint32_t index = 0;
    return bas_map_get(&senders->map, place(address, is_tool), &index) ? &senders->records[index]
                                                                       : NULL;
}

void knx_senders_move(struct knx_senders *senders, struct knx_record *record, uint64_t last)
{
    if (last <= record->last) {
        return;
    }
    record->last = last;
    if (record->is_moved) {
        return;
    }
    uint32_t index = (uint32_t)(record - senders->records);
    record->is_moved = true;
    record->next_moved = (uint32_t)senders->cap;
    if (senders->first_moved == senders->cap) {
        senders->first_moved = index;
    } else {
        senders->records[senders->last_moved].next_moved = index;
    }
    senders->last_moved = index;
}

const struct knx_record *knx_senders_next_moved(struct knx_senders *senders)
{
    if (senders->first_moved == senders->cap) {
        return NULL;
    }
    struct knx_record *record = &senders->records[senders->first_moved];
    senders->first_moved = record->next_moved;
    record->is_moved = false;
    return record;
}
