/*
 * The environment that tests give to engines: counted memory that can fail at the k-th allocation,
 * random octets from a seed, a wall clock that the test sets, the last log line.
 */
#ifndef BASALT_TEST_ENV_H
#define BASALT_TEST_ENV_H

#include "basalt/base.h"

/* What cmocka wants before itself; tests include this header and nothing of cmocka. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct test_env {
    struct bas_env env; /* give &t.env to engines */
    uint64_t seed;
    size_t live;        /* octets allocated now */
    size_t allocations; /* calls so far */
    size_t fail_at;     /* this call (1 is the first) and all later ones fail; 0: none */
    int64_t wall;
    char last_log[512];
    size_t logs;
};

/* Seed from BAS_SEED, else 1. */
void test_env_init(struct test_env *t);
/* Asserts that everything was released. */
void test_env_check(const struct test_env *t);
/* Whether a file stands beside the tree, in the folder that BASALT_SHARED names. Otherwise the
 * whole program is told as skipped, by that name: return 0 from main before any test. */
bool test_has_shared(const char *file);
/* Octets of hex text in memory that lives until the process ends. Fails the test on bad hex. */
struct bas_slice test_hex(const char *text);

#endif
