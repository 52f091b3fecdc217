/* Owns what a person writes to a property: from text to octets. */
#include "entry.h"

#include "value.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_PRIORITY = 1, MAX_PRIORITY = 16, FEW_NAMES = 8, ROOM = 16384, GROWTH = 16 };

/*
 * Cuts "@8" off. Quotes keep it: "a@8" is a text; in a text without quotes only what can be a
 * priority is one. False: told.
 */
static bool split_priority(struct tool *tool, char *text, uint8_t *priority)
{
    char *at = strrchr(text, '@');
    if (at == NULL || at[1] == 0 || at[1 + strspn(at + 1, "0123456789")] != 0) {
        return true;
    }
    unsigned long number = strtoul(at + 1, NULL, 10);
    if (number < MIN_PRIORITY || number > MAX_PRIORITY) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.40s\" is no priority; from @1 (the highest) to @16", at);
        return false;
    }
    *priority = (uint8_t)number;
    *at = 0;
    return true;
}

/* Tells what is wrong with a value, and the names of a short enumeration. */
static bool complain(struct tool *tool, const struct bac_type *type, struct bas_fault *fault)
{
    struct bas_buf why;
    size_t len = strlen(fault->text);
    bas_buf_init(&why, fault->text + len, sizeof(fault->text) - len);
    bool is_short = type != NULL && type->kind == BAC_KIND_ENUMERATED && type->n_names > 0 &&
                    type->n_names <= FEW_NAMES;
    for (size_t i = 0; is_short && i < type->n_names; i++) {
        const char *before = i == 0 ? "; " : i + 1U == type->n_names ? " or " : ", ";
        bas_buf_format(&why, "%s%s", before, type->names[i].name);
    }
    (void)bas_buf_text(&why);
    (void)out_fail(&tool->out, tool->verb->name, fault);
    return false;
}

/* Memory for what a text may become: its octets, and they encoded. */
struct room {
    struct bac_arena arena;
    struct bas_buf out;
};

static bool make_room(struct tool *tool, const char *text, struct room *room)
{
    size_t len = GROWTH * strlen(text) + ROOM;
    uint8_t *memory = bas_keep_take(&tool->store, 2 * len);
    if (memory == NULL) {
        struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY, .text = "out of memory" };
        return complain(tool, NULL, &fault);
    }
    bac_arena_init(&room->arena, memory, len);
    bas_buf_init(&room->out, memory + len, len);
    return true;
}

static bool read_primitive(struct tool *tool, const struct bac_type *type, const char *text,
                           struct room *room)
{
    struct bas_fault fault = { 0 };
    struct bac_value value;
    bas_err err = bac_value_parse(type, text, &room->arena, &value, &fault);
    if (err == BAS_OK &&
        bac_encode(&bac_type_value, &value, BAC_APPLICATION, &room->out) != BAS_OK) {
        err = bas_fail(&fault, BAS_ERR_INVALID, "the value cannot be encoded");
    }
    return err == BAS_OK || complain(tool, type, &fault);
}

/* Whether a text is JSON here: an object for a constructed value, an array for a list, an array or
 * the names of bits. "{in-alarm}" is none: so bits look for people. */
static bool is_json(const struct target_property *of, const char *text)
{
    const struct bac_type *type = value_type(of);
    if (type == NULL || (text[0] != '[' && text[0] != '{')) {
        return false;
    }
    bool is_constructed = type->kind > BAC_KIND_OBJECT_ID && type->kind != BAC_KIND_VALUE;
    bool is_plural = of->index == BAC_NO_INDEX &&
                     bac_property_shape(of->object.type, of->property) != BAC_SHAPE_SCALAR;
    return is_constructed || (text[0] == '[' && (is_plural || type->kind == BAC_KIND_BIT_STRING));
}

/* JSON as bac_json writes it: one value, or an array of an array's or a list's elements. */
static bool read_json(struct tool *tool, const struct target_property *of, const char *text,
                      struct room *room)
{
    const struct bac_type *element = value_type(of);
    bool is_plural = of->index == BAC_NO_INDEX &&
                     bac_property_shape(of->object.type, of->property) != BAC_SHAPE_SCALAR;
    const struct bac_type list = { .name = element->name,
                                   .kind = BAC_KIND_LIST,
                                   .size = sizeof(struct bac_list),
                                   .element = element };
    const struct bac_type *type = is_plural && text[0] == '[' ? &list : element;
    const struct bas_slice json = { (const uint8_t *)text, strlen(text) };
    struct bas_fault fault = { 0 };
    void *value = bac_arena_take(&room->arena, type->size);
    bas_err err =
        value == NULL ? BAS_ERR_NO_MEMORY : bac_json_read(type, json, value, &room->arena, &fault);
    if (err == BAS_OK && bac_encode(type, value, BAC_APPLICATION, &room->out) != BAS_OK) {
        err = bas_fail(&fault, BAS_ERR_INVALID, "the value cannot be encoded");
    }
    fault.err = BAS_ERR_INVALID;
    return err == BAS_OK || complain(tool, NULL, &fault);
}

static bool is_null(const struct target_property *of, const char *text)
{
    return of->property == BAC_PROPERTY_PRESENT_VALUE && strcmp(text, "null") == 0;
}

bool entry_read(struct tool *tool, char *text, struct entry *entry)
{
    static const struct bac_value null = { .tag = BAC_TAG_NULL };
    struct room room;
    if (!split_priority(tool, text, &entry->priority) || !make_room(tool, text, &room)) {
        return false;
    }
    entry->is_null = is_null(&entry->of, text); /* to a text object, too */
    if (entry->is_null) {
        (void)!bac_encode(&bac_type_value, &null, BAC_APPLICATION, &room.out);
    } else if (is_json(&entry->of, text)) {
        if (!read_json(tool, &entry->of, text, &room)) {
            return false;
        }
    } else if (!read_primitive(tool, value_type(&entry->of), text, &room)) {
        return false;
    }
    entry->raw = (struct bas_slice){ room.out.data, room.out.len };
    return true;
}

bool entry_is_assignment(const char *text)
{
    return strchr(text, '=') != NULL;
}

bool entry_read_assignment(struct tool *tool, struct bac_object_id object, char *text,
                           struct entry *entry)
{
    char *equals = strchr(text, '=');
    entry->of.object = object;
    if (equals == NULL) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.60s\" is no assignment; such as pv=72.5 or pv=72.5@8", text);
        return false;
    }
    *equals = 0;
    return target_one_property(tool, text, &entry->of) && entry_read(tool, equals + 1, entry);
}

bool entry_read_loose(struct tool *tool, const char *text, struct bas_slice *raw)
{
    struct room room;
    if (!make_room(tool, text, &room) || !read_primitive(tool, NULL, text, &room)) {
        return false;
    }
    *raw = (struct bas_slice){ room.out.data, room.out.len };
    return true;
}

void entry_text(const struct entry *entry, struct bac_arena *arena, struct bas_buf *out)
{
    const struct value value = { entry->of, entry->raw, arena };
    target_property_text(&entry->of, out);
    if (entry->is_null) {
        bas_buf_add_text(out, " relinquished");
    } else {
        bas_buf_add_text(out, " = ");
        value_text(&value, ", ", out);
    }
    if (entry->priority != 0) {
        bas_buf_format(out, " @%u", entry->priority);
    }
}

void entry_json(const struct entry *entry, struct bac_arena *arena, struct bas_json *json)
{
    const struct value value = { entry->of, entry->raw, arena };
    value_json(&value, json);
    if (entry->priority != 0) {
        bas_json_unsigned(json, "priority", entry->priority);
    }
}
