/*
 * Runs a fuzz target without a fuzzer: over the files that are named, or over pseudo-random inputs.
 *
 *   <target>_replay FILE...     each file once
 *   <target>_replay -n COUNT    COUNT inputs from the seed BAS_SEED (default 1)
 *
 * Speaks TAP. An input that breaks a promise aborts; its number is the last comment.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INPUT = 1 << 20, MAX_RANDOM_INPUT = 4096 };

static uint64_t next_random(uint64_t *seed) /* splitmix64 */
{
    *seed += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Each input in memory of its own length, so that a read behind its end is seen. */
static void run(const uint8_t *data, size_t len)
{
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    if (exact == NULL) {
        abort();
    }
    memcpy(exact, data, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
}

static void run_random(unsigned long count)
{
    static uint8_t data[MAX_RANDOM_INPUT];
    const char *text = getenv("BAS_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : 1;
    for (unsigned long i = 0; i < count; i++) {
        size_t len = (size_t)(next_random(&seed) % (i % 8 == 0 ? MAX_RANDOM_INPUT : 300));
        for (size_t j = 0; j < len; j++) {
            data[j] = (uint8_t)next_random(&seed);
        }
        if (i % 1000 == 0) {
            (void)printf("# input %lu of seed %llu\n", i, (unsigned long long)seed);
            (void)fflush(stdout);
        }
        run(data, len);
    }
}

static int run_file(const char *path)
{
    static uint8_t data[MAX_INPUT];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        (void)printf("# cannot open %s\n", path);
        return 1;
    }
    size_t len = fread(data, 1, sizeof(data), file);
    (void)fclose(file);
    (void)printf("# %s\n", path);
    (void)fflush(stdout);
    run(data, len);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    if (argc == 3 && strcmp(argv[1], "-n") == 0) {
        run_random(strtoul(argv[2], NULL, 0));
    } else {
        for (int i = 1; i < argc; i++) {
            failed += run_file(argv[i]);
        }
    }
    (void)printf("%sok 1 every input keeps every promise\n1..1\n", failed == 0 ? "" : "not ");
    return failed == 0 ? 0 : 1;
}
