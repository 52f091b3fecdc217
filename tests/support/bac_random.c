#include "bac_random.h"

#include <math.h>
#include <string.h>

enum { MAX_OCTETS = 20, MAX_ITEMS = 4, MAX_NESTING = 3 };

static uint64_t draw(struct test_env *t)
{
    uint64_t n = 0;
    t->env.random(t, (uint8_t *)&n, sizeof(n));
    return n;
}

uint64_t bac_random_number(struct test_env *t)
{
    uint64_t n = draw(t);
    return n >> draw(t) % 64;
}

size_t bac_random_below(struct test_env *t, size_t n)
{
    return (size_t)(draw(t) % n);
}

/* Within the closed range of the type, else within 0 .. most. */
static uint64_t in_range(struct test_env *t, const struct bac_type *type, uint64_t most)
{
    uint64_t high = type->max != 0 ? type->max : most;
    uint64_t span = high - type->min;
    uint64_t n = bac_random_number(t);
    return type->min + (span == UINT64_MAX ? n : n % (span + 1));
}

static void *take(struct bac_arena *arena, size_t len)
{
    void *memory = bac_arena_take(arena, len);
    assert_non_null(memory);
    return memory;
}

static struct bas_slice octets(struct test_env *t, struct bac_arena *arena, size_t len)
{
    uint8_t *memory = take(arena, len);
    t->env.random(t, memory, len);
    return (struct bas_slice){ memory, len };
}

static struct bac_text text(struct test_env *t, const struct bac_type *type,
                            struct bac_arena *arena)
{
    struct bac_text out = { (uint8_t)bac_random_below(t, 6), { NULL, 0 } };
    size_t len = (size_t)in_range(t, type, MAX_OCTETS);
    out.octets = octets(t, arena, out.charset == BAC_CHARSET_DBCS && len < 2 ? 2 : len);
    return out;
}

static struct bac_bits bits(struct test_env *t, const struct bac_type *type,
                            struct bac_arena *arena)
{
    size_t count = (size_t)in_range(t, type, 8 * MAX_OCTETS);
    return (struct bac_bits){ count, octets(t, arena, (count + 7) / 8) };
}

static struct bac_object_id object_id(struct test_env *t)
{
    return (struct bac_object_id){ (uint16_t)(bac_random_number(t) % 1024),
                                   (uint32_t)(bac_random_number(t) % (BAC_MAX_INSTANCE + 1)) };
}

static void fill(struct test_env *t, const struct bac_type *type, void *value,
                 struct bac_arena *arena, unsigned depth);

/* Some whole values, nested now and then. */
static void add_values(struct test_env *t, struct bas_buf *out, unsigned depth)
{
    uint8_t scratch[512];
    for (size_t i = bac_random_below(t, 3); i > 0; i--) {
        if (depth < MAX_NESTING && bac_random_below(t, 3) == 0) {
            uint8_t tag = (uint8_t)bac_random_below(t, 15);
            uint8_t edge = (uint8_t)(tag << 4 | 0x0E);
            bas_buf_add(out, &edge, 1);
            add_values(t, out, depth + 1);
            edge |= 1;
            bas_buf_add(out, &edge, 1);
            continue;
        }
        struct bac_arena arena;
        struct bac_value value = { 0 };
        bac_arena_init(&arena, scratch, sizeof(scratch));
        fill(t, &bac_type_value, &value, &arena, depth);
        assert_int_equal(bac_encode(&bac_type_value, &value, BAC_APPLICATION, out), BAS_OK);
    }
}

static struct bas_slice any(struct test_env *t, struct bac_arena *arena, unsigned depth)
{
    uint8_t memory[2048];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    add_values(t, &out, depth);
    assert_false(out.full);
    uint8_t *copy = take(arena, out.len);
    memcpy(copy, memory, out.len);
    return (struct bas_slice){ copy, out.len };
}

static void fill_value(struct test_env *t, struct bac_value *value, struct bac_arena *arena,
                       unsigned depth)
{
    unsigned tag = (unsigned)bac_random_below(t, BAC_TAG_OBJECT_IDENTIFIER + 1);
    const struct bac_type type = { .kind = (enum bac_kind)tag };
    value->tag = (enum bac_tag)tag;
    if (value->tag == BAC_TAG_ENUMERATED) {
        value->as.unsigned_integer = bac_random_number(t) & UINT32_MAX;
    } else {
        fill(t, &type, &value->as, arena, depth);
    }
}

static void fill_sequence(struct test_env *t, const struct bac_type *type, void *value,
                          struct bac_arena *arena, unsigned depth)
{
    uint8_t *base = value;
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct bac_field *f = &type->fields[i];
        bool is_present = !f->optional || bac_random_below(t, 2) == 0;
        if (f->optional) {
            *(bool *)(void *)(base + f->present_offset) = is_present;
        }
        if (is_present) {
            fill(t, f->type, base + f->offset, arena, depth + 1);
        }
    }
}

static void fill_choice(struct test_env *t, const struct bac_type *type, void *value,
                        struct bac_arena *arena, unsigned depth)
{
    uint32_t choice = (uint32_t)bac_random_below(t, type->n_fields);
    const struct bac_field *f = &type->fields[choice];
    *(uint32_t *)value = choice;
    fill(t, f->type, (uint8_t *)value + f->offset, arena, depth + 1);
}

static void fill_list(struct test_env *t, const struct bac_type *type, struct bac_list *list,
                      struct bac_arena *arena, unsigned depth)
{
    list->n = (size_t)in_range(t, type, MAX_ITEMS);
    uint8_t *items = take(arena, list->n * type->element->size);
    list->items = items;
    for (size_t i = 0; i < list->n; i++) {
        fill(t, type->element, items + i * type->element->size, arena, depth + 1);
    }
}

static void fill(struct test_env *t, const struct bac_type *type, void *value,
                 struct bac_arena *arena, unsigned depth)
{
    switch (type->kind) {
    case BAC_KIND_NULL:
        break;
    case BAC_KIND_BOOLEAN:
        *(bool *)value = bac_random_below(t, 2) == 0;
        break;
    case BAC_KIND_UNSIGNED:
        *(uint64_t *)value = in_range(t, type, UINT64_MAX);
        break;
    case BAC_KIND_ENUMERATED:
        *(uint32_t *)value = (uint32_t)in_range(t, type, UINT32_MAX);
        break;
    case BAC_KIND_INTEGER:
        *(int64_t *)value =
            (int64_t)(bac_random_below(t, 2) == 0 ? bac_random_number(t) : ~bac_random_number(t));
        break;
    case BAC_KIND_REAL:
        t->env.random(t, value, sizeof(float));
        break;
    case BAC_KIND_DOUBLE:
        t->env.random(t, value, sizeof(double));
        break;
    case BAC_KIND_OCTET_STRING:
        *(struct bas_slice *)value = octets(t, arena, (size_t)in_range(t, type, MAX_OCTETS));
        break;
    case BAC_KIND_CHARACTER_STRING:
        *(struct bac_text *)value = text(t, type, arena);
        break;
    case BAC_KIND_BIT_STRING:
        *(struct bac_bits *)value = bits(t, type, arena);
        break;
    case BAC_KIND_DATE:
    case BAC_KIND_TIME:
        t->env.random(t, value, 4);
        break;
    case BAC_KIND_OBJECT_ID:
        *(struct bac_object_id *)value = object_id(t);
        break;
    case BAC_KIND_SEQUENCE:
        fill_sequence(t, type, value, arena, depth);
        break;
    case BAC_KIND_CHOICE:
        fill_choice(t, type, value, arena, depth);
        break;
    case BAC_KIND_LIST:
        fill_list(t, type, value, arena, depth);
        break;
    case BAC_KIND_ANY:
        *(struct bas_slice *)value = any(t, arena, 0);
        break;
    case BAC_KIND_VALUE:
        fill_value(t, value, arena, depth);
        break;
    }
}

void bac_random(struct test_env *t, const struct bac_type *type, void *value,
                struct bac_arena *arena)
{
    memset(value, 0, type->size);
    fill(t, type, value, arena, 0);
}
