/*
 * Random values of any BACnet type, from its rows alone: what the codec must be able to carry. The
 * numbers come from the seed of the test environment.
 */
#ifndef BASALT_BAC_RANDOM_H
#define BASALT_BAC_RANDOM_H

#include "test_env.h"

#include "basalt/bacnet.h"

uint64_t bac_random_number(struct test_env *t); /* of any size: as many small ones as big ones */
size_t bac_random_below(struct test_env *t, size_t n);
/* Fills value, type->size octets. Octets and lists live in arena; fails the test when it is full.
 */
void bac_random(struct test_env *t, const struct bac_type *type, void *value,
                struct bac_arena *arena);

#endif
