/* Owns the bounded ring of records of any length. */
#include "knx/ring.h"

#include <assert.h>
#include <string.h>

/* In front of each record; GAP says that the rest of the memory is not used. */
enum { LENGTH = sizeof(uint32_t) };
#define GAP UINT32_MAX

bas_err knx_ring_init(struct knx_ring *ring, const struct bas_env *env, size_t cap)
{
    assert(cap < GAP);
    *ring = (struct knx_ring){ .env = env, .memory = bas_alloc(env, cap), .cap = cap };
    return ring->memory != NULL ? BAS_OK : BAS_ERR_NO_MEMORY;
}

void knx_ring_fini(struct knx_ring *ring)
{
    if (ring->memory != NULL) {
        bas_wipe(ring->memory, ring->cap);
        bas_release(ring->env, ring->memory, ring->cap);
    }
    *ring = (struct knx_ring){ 0 };
}

size_t knx_ring_cost(size_t len)
{
    return LENGTH + len;
}

/* The octets from the end of the newest record to the next limit: the oldest one, or the end of
 * the memory. */
static size_t room_behind(const struct knx_ring *ring)
{
    bool is_wrapped = ring->used != 0 && ring->end <= ring->first;
    return (is_wrapped ? ring->first : ring->cap) - ring->end;
}

/* Where a record of that cost goes: at the end, or behind a gap at the start. */
static bool place(const struct knx_ring *ring, size_t cost, size_t *gap)
{
    size_t behind = room_behind(ring);
    *gap = 0;
    if (behind >= cost) {
        return true;
    }
    *gap = behind;
    bool is_wrapped = ring->used != 0 && ring->end <= ring->first;
    return !is_wrapped && ring->first >= cost;
}

static void write_length(struct knx_ring *ring, uint32_t len)
{
    if (ring->cap - ring->end >= LENGTH) {
        memcpy(ring->memory + ring->end, &len, LENGTH);
    }
}

uint8_t *knx_ring_put(struct knx_ring *ring, size_t len, size_t reserve)
{
    size_t cost = knx_ring_cost(len);
    size_t gap = 0;
    if (len >= ring->cap || !place(ring, cost, &gap) ||
        ring->cap - ring->used < gap + cost + reserve) {
        return NULL;
    }
    if (gap != 0) {
        write_length(ring, GAP);
        ring->used += gap;
        ring->end = 0;
    }
    write_length(ring, (uint32_t)len);
    uint8_t *record = ring->memory + ring->end + LENGTH;
    ring->end += cost;
    ring->used += cost;
    if (ring->end == ring->cap) {
        ring->end = 0;
    }
    return record;
}

static uint32_t length_at(const struct knx_ring *ring, size_t at)
{
    uint32_t len = GAP;
    if (ring->cap - at >= LENGTH) {
        memcpy(&len, ring->memory + at, LENGTH);
    }
    return len;
}

struct bas_slice knx_ring_peek(const struct knx_ring *ring)
{
    if (ring->used == 0) {
        return (struct bas_slice){ NULL, 0 };
    }
    size_t at = length_at(ring, ring->first) == GAP ? 0 : ring->first;
    return (struct bas_slice){ ring->memory + at + LENGTH, length_at(ring, at) };
}

void knx_ring_pop(struct knx_ring *ring)
{
    assert(ring->used != 0);
    if (length_at(ring, ring->first) == GAP) {
        ring->used -= ring->cap - ring->first;
        ring->first = 0;
    }
    size_t cost = knx_ring_cost(length_at(ring, ring->first));
    bas_wipe(ring->memory + ring->first, cost);
    ring->used -= cost;
    ring->first += cost;
    if (ring->first == ring->cap) {
        ring->first = 0;
    }
    if (ring->used == 0) {
        ring->first = 0;
        ring->end = 0;
    }
}
