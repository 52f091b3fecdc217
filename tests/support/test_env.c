#include "test_env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *test_alloc(void *ctx, size_t len)
{
    struct test_env *t = ctx;
    t->allocations++;
    if (t->fail_at != 0 && t->allocations >= t->fail_at) {
        return NULL;
    }
    t->live += len;
    return calloc(1, len);
}

static void test_release(void *ctx, void *memory, size_t len)
{
    struct test_env *t = ctx;
    assert_true(t->live >= len);
    t->live -= len;
    free(memory);
}

static void test_random(void *ctx, uint8_t *out, size_t len)
{
    struct test_env *t = ctx;
    for (size_t i = 0; i < len; i++) { /* splitmix64 */
        t->seed += UINT64_C(0x9E3779B97F4A7C15);
        uint64_t z = t->seed;
        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        out[i] = (uint8_t)(z ^ (z >> 31));
    }
}

static int64_t test_wall(void *ctx)
{
    const struct test_env *t = ctx;
    return t->wall;
}

static void test_log(void *ctx, enum bas_log_level level, const char *text)
{
    struct test_env *t = ctx;
    (void)level;
    t->logs++;
    (void)snprintf(t->last_log, sizeof(t->last_log), "%s", text);
}

void test_env_init(struct test_env *t)
{
    memset(t, 0, sizeof(*t));
    const char *seed = getenv("BAS_SEED");
    t->seed = seed != NULL ? strtoull(seed, NULL, 0) : 1;
    t->wall = INT64_C(1767225600000000); /* 2026-01-01T00:00:00Z */
    t->env = (struct bas_env){ t, test_alloc, test_release, test_random, test_wall, test_log };
}

void test_env_check(const struct test_env *t)
{
    assert_int_equal(t->live, 0);
}

bool test_has_shared(const char *file)
{
    char path[4096];
    const char *folder = getenv("BASALT_SHARED");
    (void)snprintf(path, sizeof(path), "%s/%s", folder != NULL ? folder : "", file);
    FILE *found = fopen(path, "r");
    if (found == NULL) {
        printf("1..0 # SKIP %s is not there\n", path);
        return false;
    }
    (void)fclose(found);
    return true;
}

struct bas_slice test_hex(const char *text)
{
    size_t len = strlen(text) / 2 + 1;
    uint8_t *octets = malloc(len); /* exact enough for ASan to see a read behind the end */
    assert_non_null(octets);
    assert_int_equal(bas_hex_decode(text, octets, &len), BAS_OK);
    uint8_t *exact = malloc(len + 1);
    assert_non_null(exact);
    memcpy(exact, octets, len);
    free(octets);
    exact = realloc(exact, len == 0 ? 1 : len);
    assert_non_null(exact);
    static struct {
        uint8_t *kept[4096];
        size_t n;
    } all; /* so that the leak check stays quiet */
    if (all.n < BAS_ARRAY_LEN(all.kept)) {
        all.kept[all.n++] = exact;
    }
    return (struct bas_slice){ exact, len };
}
