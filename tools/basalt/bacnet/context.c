/* Owns the tables of what goes with which value. */
#include "context.h"

#include <string.h>

enum { STATES_MAX = 1024, LONGEST = 1024 };

/* The properties that have the units, or the states, of their object. */
static const uint32_t measured[] = {
    BAC_PROPERTY_PRESENT_VALUE, BAC_PROPERTY_RELINQUISH_DEFAULT, BAC_PROPERTY_PRIORITY_ARRAY,
    BAC_PROPERTY_COV_INCREMENT, BAC_PROPERTY_HIGH_LIMIT,         BAC_PROPERTY_LOW_LIMIT,
    BAC_PROPERTY_DEADBAND,      BAC_PROPERTY_MIN_PRES_VALUE,     BAC_PROPERTY_MAX_PRES_VALUE,
    BAC_PROPERTY_RESOLUTION,    BAC_PROPERTY_FAULT_HIGH_LIMIT,   BAC_PROPERTY_FAULT_LOW_LIMIT,
};
static const uint32_t stated[] = {
    BAC_PROPERTY_PRESENT_VALUE,  BAC_PROPERTY_RELINQUISH_DEFAULT, BAC_PROPERTY_PRIORITY_ARRAY,
    BAC_PROPERTY_FEEDBACK_VALUE, BAC_PROPERTY_ALARM_VALUE,
};

struct family {
    const uint32_t *of;
    size_t n_of;
    uint32_t asked[CONTEXT_PROPERTIES];
    size_t n;
};
static const struct family analog = {
    measured, BAS_ARRAY_LEN(measured), { BAC_PROPERTY_UNITS }, 1
};
static const struct family loop = { measured, 1, { BAC_PROPERTY_OUTPUT_UNITS }, 1 };
static const struct family binary = {
    stated, BAS_ARRAY_LEN(stated), { BAC_PROPERTY_INACTIVE_TEXT, BAC_PROPERTY_ACTIVE_TEXT }, 2
};
static const struct family multi_state = {
    stated, BAS_ARRAY_LEN(stated), { BAC_PROPERTY_STATE_TEXT }, 1
};

static const struct {
    uint16_t type;
    const struct family *family;
} rows[] = {
    { BAC_OBJECT_ANALOG_INPUT, &analog },
    { BAC_OBJECT_ANALOG_OUTPUT, &analog },
    { BAC_OBJECT_ANALOG_VALUE, &analog },
    { BAC_OBJECT_LARGE_ANALOG_VALUE, &analog },
    { BAC_OBJECT_INTEGER_VALUE, &analog },
    { BAC_OBJECT_POSITIVE_INTEGER_VALUE, &analog },
    { BAC_OBJECT_ACCUMULATOR, &analog },
    { BAC_OBJECT_PULSE_CONVERTER, &analog },
    { BAC_OBJECT_LOOP, &loop },
    { BAC_OBJECT_BINARY_INPUT, &binary },
    { BAC_OBJECT_BINARY_OUTPUT, &binary },
    { BAC_OBJECT_BINARY_VALUE, &binary },
    { BAC_OBJECT_MULTI_STATE_INPUT, &multi_state },
    { BAC_OBJECT_MULTI_STATE_OUTPUT, &multi_state },
    { BAC_OBJECT_MULTI_STATE_VALUE, &multi_state },
};

static const struct family *family_of(const struct target_property *of)
{
    bool is_whole_array = of->property == BAC_PROPERTY_PRIORITY_ARRAY &&
                          (of->index == BAC_NO_INDEX || of->index == 0);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows) && !is_whole_array; i++) {
        const struct family *family = rows[i].family;
        for (size_t j = 0; rows[i].type == of->object.type && j < family->n_of; j++) {
            if (family->of[j] == of->property) {
                return family;
            }
        }
    }
    return NULL;
}

size_t context_properties(const struct target_property *of, uint32_t properties[CONTEXT_PROPERTIES])
{
    const struct family *family = family_of(of);
    if (family == NULL) {
        return 0;
    }
    memcpy(properties, family->asked, sizeof(family->asked));
    return family->n;
}

bool context_has(struct bac_object_id object, uint32_t property)
{
    const struct target_property value = { object, BAC_PROPERTY_PRESENT_VALUE, BAC_NO_INDEX };
    const struct family *family = family_of(&value);
    for (size_t i = 0; family != NULL && i < family->n; i++) {
        if (family->asked[i] == property) {
            return true;
        }
    }
    return false;
}

/* A copy for people: UTF-8 on one line. NULL: no room. */
static const char *copy(const struct bac_text *text, struct bac_arena *arena)
{
    char memory[LONGEST];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    (void)bac_text_utf8(text, &out);
    const char *utf8 = bas_buf_text(&out);
    size_t len = strlen(utf8) + 1;
    char *kept = bac_arena_take(arena, len);
    if (kept != NULL) {
        bas_text_copy(kept, len, (struct bas_slice){ (const uint8_t *)utf8, len - 1 });
    }
    return kept;
}

/* Cuts the next text off raw. False: there is none. */
static bool cut_text(struct bas_slice *raw, struct bac_text *text)
{
    return raw->len != 0 &&
           bac_decode(&bac_type_character_string, raw, BAC_APPLICATION, text, NULL, NULL) == BAS_OK;
}

static void take_states(struct context *c, struct bas_slice raw, struct bac_arena *arena)
{
    struct bac_text text;
    struct bas_slice rest = raw;
    size_t n = 0;
    while (n < STATES_MAX && cut_text(&rest, &text)) {
        n++;
    }
    const char **states = bac_arena_take(arena, n * sizeof(*states));
    c->states = states;
    c->n_states = 0;
    while (states != NULL && c->n_states < n && cut_text(&raw, &text)) {
        states[c->n_states++] = copy(&text, arena);
    }
}

void context_take(struct context *c, uint32_t property, struct bas_slice raw,
                  struct bac_arena *arena)
{
    struct bac_value value;
    struct bas_slice rest = raw;
    if (property == BAC_PROPERTY_STATE_TEXT) {
        take_states(c, raw, arena);
        return;
    }
    if (bac_decode(&bac_type_value, &rest, BAC_APPLICATION, &value, NULL, NULL) != BAS_OK) {
        return;
    }
    if (value.tag == BAC_TAG_CHARACTER_STRING) {
        c->binary[property == BAC_PROPERTY_ACTIVE_TEXT ? 1 : 0] = copy(&value.as.text, arena);
    } else if (value.tag == BAC_TAG_ENUMERATED) {
        c->has_units = true;
        c->units = (uint32_t)value.as.unsigned_integer;
    }
}

/* The single primitive that raw is. */
static bool primitive(const struct value *v, struct bac_value *value)
{
    return family_of(&v->of) != NULL &&
           bac_decode_all(&bac_type_value, v->raw, value, NULL, NULL) == BAS_OK;
}

const char *context_state(const struct context *c, const struct value *v)
{
    struct bac_value value;
    if (!primitive(v, &value)) {
        return NULL;
    }
    uint64_t number = value.as.unsigned_integer;
    if (value.tag == BAC_TAG_ENUMERATED && number < 2) {
        return c->binary[number];
    }
    if (value.tag == BAC_TAG_UNSIGNED && number >= 1 && number <= c->n_states) {
        return c->states[number - 1];
    }
    return NULL;
}

/* The units of a number, or NULL; no-units goes without saying. */
static const char *units_of(const struct context *c, const struct value *v)
{
    struct bac_value value;
    bool is_number =
        primitive(v, &value) && value.tag >= BAC_TAG_UNSIGNED && value.tag <= BAC_TAG_DOUBLE;
    return is_number && c->has_units ? bac_enum_name(&bac_type_engineering_units, c->units) : NULL;
}

void context_text(const struct context *c, const struct value *v, struct bas_buf *out)
{
    const char *state = context_state(c, v);
    const char *units = units_of(c, v);
    if (state != NULL && state[0] != 0) {
        size_t from = out->len;
        bas_buf_format(out, " (%s)", state);
        value_tame(out, from);
    } else if (units != NULL && c->units != BAC_UNITS_NO_UNITS) {
        bas_buf_format(out, " %s", units);
    }
}

void context_json(const struct context *c, const struct value *v, struct bas_json *json)
{
    const char *state = context_state(c, v);
    const char *units = units_of(c, v);
    if (state != NULL) {
        bas_json_text(json, "text", state);
    }
    if (units != NULL) {
        bas_json_text(json, "units", units);
    }
}
