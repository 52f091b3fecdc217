/* Owns what each object type of a configured device allows. */
#include "rt/config.h"

#include <string.h>

enum kind { ANALOG, BINARY, MULTI_STATE };
enum direction { INPUT, OUTPUT, VALUE };

static const struct type_row {
    uint16_t type;
    enum kind kind;
    enum direction direction;
} type_rows[] = {
    { 0, ANALOG, INPUT },       { 1, ANALOG, OUTPUT },       { 2, ANALOG, VALUE },
    { 3, BINARY, INPUT },       { 4, BINARY, OUTPUT },       { 5, BINARY, VALUE },
    { 13, MULTI_STATE, INPUT }, { 14, MULTI_STATE, OUTPUT }, { 19, MULTI_STATE, VALUE },
};

struct check {
    const struct bas_object_settings *object;
    const struct type_row *type;
    const char *key; /* the key that is wrong */
    struct bas_buf *why;
};

static bool wrong(struct check *c, const char *key, const char *why)
{
    c->key = key;
    bas_buf_add_text(c->why, why);
    return false;
}

static bool is_state(double value, size_t states)
{
    return value >= 1 && value <= (double)states && value <= (double)(uint32_t)value &&
           value >= (double)(uint32_t)value;
}

/* value or relinquish-default */
static bool check_number(struct check *c, const char *key, const struct bas_number *number)
{
    if (!number->is_set) {
        return true;
    }
    bool is_binary_value =
        !(number->value < 0 || number->value > 0) || !(number->value < 1 || number->value > 1);
    if (c->type->kind == BINARY && !is_binary_value) {
        return wrong(c, key, "does not fit a binary object; active or inactive");
    }
    if (c->type->kind == MULTI_STATE && !is_state(number->value, c->object->states.n)) {
        c->key = key;
        bas_buf_format(c->why, "is no state of the object; a whole number from 1 to %zu",
                       c->object->states.n);
        return false;
    }
    return true;
}

static bool check_states(struct check *c)
{
    size_t n = c->object->states.n;
    if (c->type->kind == ANALOG && n != 0) {
        return wrong(c, "states", "an analog object has no states; leave it out");
    }
    if (c->type->kind == BINARY && n != 0 && n != 2) {
        return wrong(c, "states", "a binary object has two states; the inactive and active text");
    }
    if (c->type->kind == MULTI_STATE && n == 0) {
        return wrong(c, "states", "is missing; a list with a text for each state");
    }
    return true;
}

static bool check_flags(struct check *c)
{
    const struct bas_object_settings *o = c->object;
    if (c->type->kind != ANALOG && o->units != NULL) {
        return wrong(c, "units", "only analog objects have units; leave it out");
    }
    if (c->type->direction != VALUE && o->commandable) {
        return wrong(c, "commandable",
                     "inputs never are and outputs always are commandable; leave it out");
    }
    bool is_commandable = c->type->direction == OUTPUT || o->commandable;
    if (!is_commandable && o->relinquish_default.is_set) {
        return wrong(c, "relinquish-default",
                     "only a commandable object has one; set commandable: true or leave it out");
    }
    return true;
}

/* Type with instance, and name, are unique in the device. */
static bool check_unique(struct check *c, const struct bas_device_settings *device)
{
    const struct bas_object_settings *o = c->object;
    for (const struct bas_object_settings *other = device->objects; other < o; other++) {
        if (other->type == o->type && other->instance == o->instance) {
            c->key = "instance";
            bas_buf_format(c->why, "this type has a %u in line %u already; a number of its own",
                           (unsigned)o->instance, (unsigned)other->line);
            return false;
        }
        if (o->name != NULL && other->name != NULL && strcmp(other->name, o->name) == 0) {
            c->key = "name";
            bas_setting_quote(c->why, o->name);
            bas_buf_format(c->why, " is the name of the object in line %u; a name of its own",
                           (unsigned)other->line);
            return false;
        }
    }
    return true;
}

bool bas_config_check_object(const struct bas_config *config, const char **key, struct bas_buf *why)
{
    const struct bas_device_settings *device = &config->device;
    struct check c = { &device->objects[device->n_objects - 1], &type_rows[0], "type", why };
    for (size_t i = 0; i < BAS_ARRAY_LEN(type_rows); i++) {
        if (type_rows[i].type == c.object->type) {
            c.type = &type_rows[i];
        }
    }
    bool good = check_states(&c) && check_flags(&c) &&
                check_number(&c, "value", &c.object->value) &&
                check_number(&c, "relinquish-default", &c.object->relinquish_default) &&
                check_unique(&c, device);
    *key = c.key;
    return good;
}
