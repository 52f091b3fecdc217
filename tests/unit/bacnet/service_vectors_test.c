/* Every example of tests/vectors/bacnet-services.json: the parameters of each service in the shape
 * of Annex F, as octets and as what they say. An independent dissector reads the same file. */
#include "test_env.h"

#include "basalt/bacnet.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4096, ARENA = 65536 };

static json_t *load(void)
{
    const char *folder = getenv("BASALT_VECTORS");
    assert_non_null(folder);
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/bacnet-services.json", folder);
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL) {
        fail_msg("%s: %s", path, error.text);
    }
    return root;
}

static const char *text_of(const json_t *example, const char *key)
{
    return json_string_value(json_object_get(example, key));
}

static const struct bac_service *service_of(const json_t *example)
{
    size_t n = 0;
    bool is_confirmed = json_is_true(json_object_get(example, "confirmed"));
    const struct bac_service *services = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        if (services[i].confirmed == is_confirmed &&
            strcmp(services[i].name, text_of(example, "service")) == 0) {
            return &services[i];
        }
    }
    fail_msg("no service %s", text_of(example, "service"));
    return NULL;
}

static const struct bac_type *type_of(const json_t *example)
{
    const struct bac_service *service = service_of(example);
    const char *part = text_of(example, "part");
    const struct bac_type *type = strcmp(part, "request") == 0 ? service->request
                                  : strcmp(part, "ack") == 0   ? service->ack
                                                               : service->error;
    if (type == NULL) {
        fail_msg("%s has no %s", service->name, part);
    }
    return type;
}

/* A value of any type, and the memory of its lists. */
struct room {
    _Alignas(16) uint8_t value[MOST];
    uint8_t memory[ARENA];
    struct bac_arena arena;
};

static struct room *clear(struct room *room)
{
    bac_arena_init(&room->arena, room->memory, sizeof(room->memory));
    return room;
}

static void assert_same_octets(const json_t *example, const struct room *room)
{
    static uint8_t written[MOST];
    static char hex[2 * MOST + 1];
    struct bas_buf out;
    struct bas_buf text;
    bas_buf_init(&out, written, sizeof(written));
    bas_buf_init(&text, hex, sizeof(hex));
    assert_int_equal(bac_encode(type_of(example), room->value, BAC_APPLICATION, &out), BAS_OK);
    bas_buf_add_hex(&text, (struct bas_slice){ out.data, out.len });
    assert_string_equal(bas_buf_text(&text), text_of(example, "octets"));
}

/* A REAL that is whole may stand without its point. */
static bool says_the_same(const char *text, const json_t *wanted)
{
    char *other = json_dumps(wanted, 0);
    json_t *a = json_loads(text, JSON_DECODE_INT_AS_REAL, NULL);
    json_t *b = json_loads(other, JSON_DECODE_INT_AS_REAL, NULL);
    bool is_same = json_equal(a, b) == 1;
    json_decref(a);
    json_decref(b);
    free(other);
    return is_same;
}

static void octets_say_what_the_example_says(const json_t *example)
{
    static struct room room;
    static char said[4 * MOST];
    struct bas_buf out;
    struct bas_json json;
    struct bas_fault fault = { 0 };
    struct bas_slice octets = test_hex(text_of(example, "octets"));
    if (bac_decode_all(type_of(example), octets, clear(&room)->value, &room.arena, &fault) !=
        BAS_OK) {
        fail_msg("%s: %s", text_of(example, "service"), fault.text);
    }
    assert_same_octets(example, &room);
    bas_buf_init(&out, said, sizeof(said));
    bas_json_init(&json, &out);
    bac_json(type_of(example), room.value, &json, NULL);
    if (!says_the_same(bas_buf_text(&out), json_object_get(example, "says"))) {
        fail_msg("%s says %s", text_of(example, "service"), bas_buf_text(&out));
    }
}

static void what_the_example_says_gives_its_octets(const json_t *example)
{
    static struct room room;
    struct bas_fault fault = { 0 };
    char *text = json_dumps(json_object_get(example, "says"), JSON_COMPACT);
    const struct bas_slice says = { (const uint8_t *)text, strlen(text) };
    if (bac_json_read(type_of(example), says, clear(&room)->value, &room.arena, &fault) != BAS_OK) {
        fail_msg("%s: %s", text_of(example, "service"), fault.text);
    }
    assert_same_octets(example, &room);
    free(text);
}

static void every_example_reads_and_writes_both_ways(void **state)
{
    (void)state;
    json_t *root = load();
    size_t i = 0;
    json_t *example = NULL;
    json_array_foreach(root, i, example)
    {
        octets_say_what_the_example_says(example);
        what_the_example_says_gives_its_octets(example);
    }
    json_decref(root);
}

static bool has_example(const json_t *root, const struct bac_service *service, const char *part)
{
    size_t i = 0;
    json_t *example = NULL;
    json_array_foreach(root, i, example)
    {
        if (service_of(example) == service && strcmp(text_of(example, "part"), part) == 0) {
            return true;
        }
    }
    return false;
}

static void every_service_has_an_example_of_all_its_parts(void **state)
{
    (void)state;
    json_t *root = load();
    size_t n = 0;
    const struct bac_service *services = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        const struct bac_service *s = &services[i];
        bool lacks = (s->request != NULL && !has_example(root, s, "request")) ||
                     (s->ack != NULL && !has_example(root, s, "ack"));
        if (lacks) {
            fail_msg("%s has no example", s->name);
        }
    }
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_reads_and_writes_both_ways),
        cmocka_unit_test(every_service_has_an_example_of_all_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
