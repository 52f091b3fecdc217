/* Owns the memory of recent wrapped frames: a hash beside a ring, both of one fixed size. */
#include "knx/routing/replay.h"

#include "wire/wr.h"

/* Serial and tag above, the timer below. */
static struct bas_map_key place(const struct knx_wrapper *wrapper)
{
    uint8_t octets[16];
    struct bas_buf buf;
    bas_buf_init(&buf, octets, sizeof(octets));
    bas_buf_add(&buf, wrapper->serial, sizeof(wrapper->serial));
    wr_u16(&buf, wrapper->tag);
    wr_uint(&buf, wrapper->sequence, 8);
    return bas_map_key(octets, sizeof(octets));
}

bas_err knx_routing_replay_init(struct knx_routing_replay *replay, const struct bas_env *env)
{
    *replay = (struct knx_routing_replay){ 0 };
    bas_err err = bas_map_init(&replay->map, env, KNX_ROUTING_RECENT);
    replay->recent = bas_alloc(env, KNX_ROUTING_RECENT * sizeof(*replay->recent));
    return err != BAS_OK || replay->recent == NULL ? BAS_ERR_NO_MEMORY : BAS_OK;
}

void knx_routing_replay_fini(struct knx_routing_replay *replay, const struct bas_env *env)
{
    if (replay->recent != NULL) {
        bas_release(env, replay->recent, KNX_ROUTING_RECENT * sizeof(*replay->recent));
        replay->recent = NULL;
    }
    if (replay->map.slots != NULL) {
        bas_map_fini(&replay->map, env);
    }
}

bool knx_routing_replay_has(const struct knx_routing_replay *replay,
                            const struct knx_wrapper *wrapper)
{
    uint32_t ignored = 0;
    return bas_map_get(&replay->map, place(wrapper), &ignored);
}

static void forget_first(struct knx_routing_replay *r)
{
    bas_map_remove(&r->map, r->recent[r->first]);
    r->first = (r->first + 1) % KNX_ROUTING_RECENT;
    r->n--;
}

void knx_routing_replay_add(struct knx_routing_replay *replay, const struct knx_wrapper *wrapper,
                            uint64_t oldest)
{
    struct knx_routing_replay *r = replay;
    while (r->n != 0 && (r->n == KNX_ROUTING_RECENT || r->recent[r->first].low < oldest)) {
        forget_first(r);
    }
    struct bas_map_key key = place(wrapper);
    bas_map_set(&r->map, key, 0);
    r->recent[(r->first + r->n) % KNX_ROUTING_RECENT] = key;
    r->n++;
}
