/* The examples of tests/vectors/bacnet-services.txt. */
#include "test_env.h"

#include "basalt/bacnet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 4096, MEMORY = 16384, OCTETS = 1024, MOST = 256 };

struct example {
    char part[16], service[64], hex[OCTETS], json[LINE];
};
struct desk {
    struct example examples[MOST];
    size_t n;
    _Alignas(16) uint8_t value[1024];
    _Alignas(16) uint8_t memory[MEMORY];
    uint8_t written[LINE];
};

static void read_examples(struct desk *d)
{
    const char *folder = getenv("BASALT_VECTORS");
    char line[2 * LINE];
    (void)snprintf(line, sizeof(line), "%s/bacnet-services.txt",
                   folder != NULL ? folder : "tests/vectors");
    FILE *file = fopen(line, "rb");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        struct example *e = &d->examples[d->n];
        if (line[0] == '#') {
            continue;
        }
        assert_true(d->n < MOST);
        assert_int_equal(
            sscanf(line, "%15s %63s %1023s %4095[^\n]", e->part, e->service, e->hex, e->json), 4);
        if (strcmp(e->hex, "-") == 0) {
            e->hex[0] = 0;
        }
        d->n++;
    }
    (void)fclose(file);
}

static struct desk *new_desk(void)
{
    struct desk *d = test_malloc(sizeof(*d));
    memset(d, 0, sizeof(*d));
    read_examples(d);
    return d;
}

static const struct bac_type *part_of(const struct bac_service *service, const char *part)
{
    return strcmp(part, "request") == 0 ? service->request
           : strcmp(part, "ack") == 0   ? service->ack
                                        : service->error;
}

static const struct bac_type *type_of(const struct example *e)
{
    size_t n = 0;
    const struct bac_service *services = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(services[i].name, e->service) == 0) {
            const struct bac_type *type = part_of(&services[i], e->part);
            assert_non_null(type);
            return type;
        }
    }
    fail_msg("there is no service %s", e->service);
    return NULL;
}

static void assert_encodes(struct desk *d, const struct bac_type *type, struct bas_slice octets)
{
    struct bas_buf out;
    bas_buf_init(&out, d->written, sizeof(d->written));
    assert_int_equal(bac_encode(type, d->value, BAC_APPLICATION, &out), BAS_OK);
    assert_int_equal(out.len, octets.len);
    if (out.len != 0) {
        assert_memory_equal(d->written, octets.data, octets.len);
    }
}

static void every_example_reads_as_it_says_and_writes_the_same(void **state)
{
    (void)state;
    struct desk *d = new_desk();
    for (size_t i = 0; i < d->n; i++) {
        const struct example *e = &d->examples[i];
        const struct bac_type *type = type_of(e);
        struct bas_slice octets = test_hex(e->hex);
        struct bac_arena arena;
        struct bas_buf out;
        struct bas_json json;
        bac_arena_init(&arena, d->memory, sizeof(d->memory));
        assert_int_equal(bac_decode_all(type, octets, d->value, &arena, NULL), BAS_OK);
        assert_encodes(d, type, octets);
        bas_buf_init(&out, d->written, sizeof(d->written));
        bas_json_init(&json, &out);
        bac_json(type, d->value, &json, NULL);
        assert_string_equal(bas_buf_text(&out), e->json);
    }
    test_free(d);
}

static void every_example_is_written_from_its_json(void **state)
{
    (void)state;
    struct desk *d = new_desk();
    for (size_t i = 0; i < d->n; i++) {
        const struct example *e = &d->examples[i];
        struct bac_arena arena;
        struct bas_fault fault = { 0 };
        const struct bas_slice text = { (const uint8_t *)e->json, strlen(e->json) };
        bac_arena_init(&arena, d->memory, sizeof(d->memory));
        if (bac_json_read(type_of(e), text, d->value, &arena, &fault) != BAS_OK) {
            fail_msg("%s of %s: %s", e->part, e->service, fault.text);
        }
        assert_encodes(d, type_of(e), test_hex(e->hex));
    }
    test_free(d);
}

static bool has_example(const struct desk *d, const char *service, const char *part)
{
    for (size_t i = 0; i < d->n; i++) {
        if (strcmp(d->examples[i].service, service) == 0 &&
            strcmp(d->examples[i].part, part) == 0) {
            return true;
        }
    }
    return false;
}

/* Whoever adds a service adds an example of each of its parts. */
static void every_part_of_every_service_has_an_example(void **state)
{
    (void)state;
    struct desk *d = new_desk();
    size_t n = 0;
    const struct bac_service *services = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        const struct bac_service *s = &services[i];
        bool has_all =
            (s->request == NULL || has_example(d, s->name, "request")) &&
            (s->ack == NULL || has_example(d, s->name, "ack")) &&
            (s->error == NULL || s->error == &bac_type_error || has_example(d, s->name, "error"));
        if (!has_all) {
            fail_msg("%s has no example of all its parts", s->name);
        }
    }
    test_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_reads_as_it_says_and_writes_the_same),
        cmocka_unit_test(every_example_is_written_from_its_json),
        cmocka_unit_test(every_part_of_every_service_has_an_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
