/*
 * The table-driven codec alone: what it costs to encode and to decode the parameters of a service.
 *
 *     codec [--quick]                  figures in CPU time beside their targets
 *     codec SERVICE encode|decode N    N times one of them, for counting instructions
 *
 * In turns of all rows, many rounds: the median stands beside the least and the most. What is
 * counted is codec_encode or codec_decode.
 */
#include "basalt/bacnet.h"
#include "figure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OCTETS = 512, MEMORY = 4096, ROUNDS = 31, QUICK_ROUNDS = 9, TURNS = 100000 };

struct row {
    const char *name;
    const struct bac_type *type;
    const char *hex;
    double target; /* ns; 0: none */
};
static const struct row rows[] = {
    { "read-property", &bac_type_read_property, "0c000000051955", 30 },
    { "read-property-ack", &bac_type_read_property_ack, "0c0000000519553e444290999a3f", 30 },
    { "write-property", &bac_type_write_property, "0c0080000119553e44429100003f4908", 0 },
    { "read-property-multiple", &bac_type_read_property_multiple,
      "0c000000101e09550967096f09511f0c000000211e09551f", 0 },
    { "read-property-multiple-ack", &bac_type_read_property_multiple_ack,
      "0c000000101e29554e444290999a4f29675e910291205f1f", 0 },
    { "cov-notification", &bac_type_cov_notification,
      "09121c020000042c0000000a39004e09552e44428200002f096f2e8204002f4f", 0 },
    { "i-am", &bac_type_i_am, "c4020003e82205c49100220104", 0 },
};

struct subject {
    const struct row *row;
    uint8_t octets[OCTETS];
    size_t len;
    _Alignas(16) uint8_t value[OCTETS];
    _Alignas(16) uint8_t memory[MEMORY];
    struct series encode, decode;
};
static struct subject subjects[BAS_ARRAY_LEN(rows)];

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "codec: %s\n", what);
    exit(1);
}

__attribute__((noinline)) static void codec_encode(const struct subject *s)
{
    uint8_t octets[OCTETS];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    if (bac_encode(s->row->type, s->value, BAC_APPLICATION, &out) != BAS_OK || out.len != s->len) {
        fail("a value does not encode");
    }
}

__attribute__((noinline)) static void codec_decode(struct subject *s)
{
    struct bac_arena arena;
    bac_arena_init(&arena, s->memory, sizeof(s->memory));
    if (bac_decode_all(s->row->type, (struct bas_slice){ s->octets, s->len }, s->value, &arena,
                       NULL) != BAS_OK) {
        fail("a value does not decode");
    }
}

static double cpu_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static double encode_ns(const struct subject *s)
{
    double begin = cpu_ns();
    for (unsigned i = 0; i < TURNS; i++) {
        codec_encode(s);
    }
    return (cpu_ns() - begin) / TURNS;
}

static double decode_ns(struct subject *s)
{
    double begin = cpu_ns();
    for (unsigned i = 0; i < TURNS; i++) {
        codec_decode(s);
    }
    return (cpu_ns() - begin) / TURNS;
}

static void prepare(void)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct subject *s = &subjects[i];
        s->row = &rows[i];
        s->len = sizeof(s->octets);
        if (bas_hex_decode(rows[i].hex, s->octets, &s->len) != BAS_OK) {
            fail("an example is no hex");
        }
        codec_decode(s);
        codec_encode(s);
    }
}

static void print_one(const char *name, const char *what, const struct series *ns, double target)
{
    char line[80];
    (void)snprintf(line, sizeof(line), "%s, %s", name, what);
    figure_print(line, ns, NULL);
    if (target > 0) {
        (void)figure_judge("ns, at the median", series_median(ns), target);
    }
}

static void measure(unsigned rounds)
{
    for (unsigned round = 0; round < rounds; round++) {
        for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
            series_add(&subjects[i].encode, encode_ns(&subjects[i]));
            series_add(&subjects[i].decode, decode_ns(&subjects[i]));
        }
    }
    (void)printf("BACnet codec, ns of CPU time each\n");
    figure_head("Basalt");
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct subject *s = &subjects[i];
        print_one(s->row->name, "encode", &s->encode, s->row->target);
        print_one(s->row->name, "decode", &s->decode, s->row->target);
    }
}

static void count(struct subject *s, bool is_encode, unsigned long turns)
{
    for (unsigned long n = 0; n < turns; n++) {
        if (is_encode) {
            codec_encode(s);
        } else {
            codec_decode(s);
        }
    }
    (void)printf("turns %lu\n", turns);
}

int main(int argc, char **argv)
{
    prepare();
    for (size_t i = 0; argc == 4 && i < BAS_ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, argv[1]) == 0) {
            count(&subjects[i], strcmp(argv[2], "encode") == 0, strtoul(argv[3], NULL, 10));
            return 0;
        }
    }
    measure(argc == 2 && strcmp(argv[1], "--quick") == 0 ? QUICK_ROUNDS : ROUNDS);
    return 0;
}
