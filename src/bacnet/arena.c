/* Owns the memory that lists of decoded values live in. */
#include "basalt/bacnet_value.h"

#include <stdalign.h>
#include <string.h>

void bac_arena_init(struct bac_arena *arena, void *memory, size_t cap)
{
    *arena = (struct bac_arena){ memory, cap, 0 };
}

void *bac_arena_take(struct bac_arena *arena, size_t len)
{
    const size_t align = alignof(max_align_t);
    size_t pad = (align - (uintptr_t)(arena->data + arena->used) % align) % align;
    size_t left = arena->cap - arena->used;
    if (pad > left || len > left - pad) {
        return NULL;
    }
    uint8_t *memory = arena->data + arena->used + pad;
    arena->used += pad + len;
    return memset(memory, 0, len);
}
