/* Owns what each object type of a configured device allows. */
#include "rt/config.h"
#include "rt/object_value.h"
#include "rt/simulation.h"

#include "basalt/bacnet_type.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_OCTETS = 1200 };

struct check {
    const struct bas_object_settings *object;
    const struct object_kind *kind;
    const char *key; /* the key that is wrong */
    struct bas_buf *why;
};

static bool wrong(struct check *c, const char *key, const char *why)
{
    c->key = key;
    bas_buf_add_text(c->why, why);
    return false;
}

/* Keys that only some kinds of objects have, a row each. */
static const struct {
    const char *key;
    unsigned kinds;
    const char *why;
} rules[] = {
    { "units", OBJECT_NUMBERS, "only numbers have units; leave it out" },
    { "value", OBJECT_WITH_VALUE, "objects of this type have no value; leave it out" },
    { "simulate", OBJECT_NUMBERS | OBJECT_BINARY | OBJECT_MULTI_STATE,
      "only numbers, binary and multi-state objects can be simulated; leave it out" },
    { "min", OBJECT_NUMBERS, "only numbers have a range; leave it out" },
    { "max", OBJECT_NUMBERS, "only numbers have a range; leave it out" },
    { "cov-increment", OBJECT_NUMBERS, "only numbers have one; leave it out" },
    { "read-only", OBJECT_WITH_VALUE | OBJECT_IS_FILE, "only values and files; leave it out" },
    { "file", OBJECT_IS_FILE, "only a file object has one; leave it out" },
    { "file-type", OBJECT_IS_FILE, "only a file object has one; leave it out" },
    { "access", OBJECT_IS_FILE, "only a file object has one; leave it out" },
    { "max-size", OBJECT_IS_FILE, "only a file object has one; leave it out" },
    { "priorities", OBJECT_IS_CLASS, "only a notification class has them; leave it out" },
    { "ack-required", OBJECT_IS_CLASS, "only a notification class has it; leave it out" },
    { "node-type", OBJECT_IS_VIEW, "only a structured view has one; leave it out" },
    { "subordinates", OBJECT_IS_VIEW, "only a structured view has them; leave it out" },
};

static bool is_given(const struct check *c, const char *key)
{
    struct bas_rows all = bas_config_rows(BAS_SECTION_OBJECT);
    for (size_t i = 0; i < all.n; i++) {
        if (strcmp(all.rows[i].name, key) == 0) {
            return bas_setting_is_told(&all.rows[i], c->object);
        }
    }
    return false;
}

static bool check_keys(struct check *c)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(rules); i++) {
        if ((c->kind->kind & rules[i].kinds) == 0 && is_given(c, rules[i].key)) {
            return wrong(c, rules[i].key, rules[i].why);
        }
    }
    return true;
}

static bool check_states(struct check *c)
{
    size_t n = c->object->states.n;
    if (c->kind->kind == OBJECT_ANALOG && n != 0) {
        return wrong(c, "states", "an analog object has no states; leave it out");
    }
    if (c->kind->kind == OBJECT_BINARY && n != 0 && n != 2) {
        return wrong(c, "states", "a binary object has two states; the inactive and active text");
    }
    if (c->kind->kind == OBJECT_MULTI_STATE && n == 0) {
        return wrong(c, "states", "is missing; a list with a text for each state");
    }
    bool has_states = c->kind->kind == OBJECT_BINARY || c->kind->kind == OBJECT_MULTI_STATE;
    return has_states || n == 0 || wrong(c, "states", "this object has no states; leave it out");
}

static bool check_flags(struct check *c)
{
    const struct bas_object_settings *o = c->object;
    if (c->kind->role != OBJECT_VALUE && o->commandable) {
        return wrong(c, "commandable",
                     "inputs never are and outputs always are commandable; leave it out");
    }
    bool is_commandable = c->kind->role == OBJECT_OUTPUT || o->commandable;
    if (!is_commandable && o->relinquish_default != NULL) {
        return wrong(c, "relinquish-default",
                     "only a commandable object has one; set commandable: true or leave it out");
    }
    if (o->read_only && c->kind->kind != OBJECT_IS_FILE &&
        (c->kind->role != OBJECT_VALUE || o->commandable)) {
        return wrong(c, "read-only",
                     "inputs cannot be written, and what is commandable can; leave it out");
    }
    return true;
}

static bool check_units(struct check *c)
{
    uint32_t units;
    const char *name = c->object->units;
    if (name == NULL || bac_enum_number(&bac_type_engineering_units, name, &units)) {
        return true;
    }
    c->key = "units";
    bas_setting_quote(c->why, name);
    bas_buf_add_text(c->why, " are no BACnet engineering units; degrees-celsius, percent, ...");
    return false;
}

static bool check_range(struct check *c)
{
    const struct bas_object_settings *o = c->object;
    if (o->min.is_set != o->max.is_set) {
        return wrong(c, o->min.is_set ? "min" : "max", "min and max come together");
    }
    if (o->min.is_set && o->min.value > o->max.value) {
        return wrong(c, "max", "is below min");
    }
    if (o->cov_increment.is_set && o->cov_increment.value < 0) {
        return wrong(c, "cov-increment", "is below 0; a number from 0 on");
    }
    return true;
}

/* A state that there is not; the encoded value is an Unsigned. */
static bool check_state(struct check *c, struct bas_slice raw)
{
    struct bac_value value;
    if (c->kind->kind != OBJECT_MULTI_STATE) {
        return true;
    }
    if (bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &value, NULL, NULL) == BAS_OK &&
        value.as.unsigned_integer >= 1 && value.as.unsigned_integer <= c->object->states.n) {
        return true;
    }
    bas_buf_format(c->why, "is no state of the object; a whole number from 1 to %zu",
                   c->object->states.n);
    return false;
}

/* value or relinquish-default */
static bool check_value(struct check *c, const char *key, const char *text)
{
    uint8_t memory[VALUE_OCTETS];
    struct bas_buf out;
    c->key = key;
    bas_buf_init(&out, memory, sizeof(memory));
    return text == NULL || (object_value_encode(c->kind, text, &out, c->why) == BAS_OK &&
                            check_state(c, (struct bas_slice){ memory, out.len }));
}

static bool check_simulation(struct check *c, const char *key, const char *text)
{
    struct simulation simulation;
    c->key = key;
    return simulation_parse(text, &simulation, c->why) == BAS_OK;
}

static bool check_values(struct check *c)
{
    const struct bas_object_settings *o = c->object;
    bool can_simulate =
        (c->kind->kind & (OBJECT_NUMBERS | OBJECT_BINARY | OBJECT_MULTI_STATE)) != 0;
    bool is_simulated = can_simulate && o->value != NULL && simulation_is_one(o->value);
    if (o->simulate != NULL && is_simulated) {
        return wrong(c, "simulate", "value is a simulation already; leave one out");
    }
    if (o->simulate != NULL && !check_simulation(c, "simulate", o->simulate)) {
        return false;
    }
    bool good =
        is_simulated ? check_simulation(c, "value", o->value) : check_value(c, "value", o->value);
    return good && check_value(c, "relinquish-default", o->relinquish_default);
}

static bool check_priorities(struct check *c)
{
    const struct bas_texts *list = &c->object->priority;
    bool good = list->n == 0 || list->n == 3;
    for (size_t i = 0; i < list->n; i++) {
        const char *text = list->items[i];
        good &= text[0] != 0 && strlen(text) <= 3 && text[strspn(text, "0123456789")] == 0 &&
                strtoul(text, NULL, 10) <= 255;
    }
    return good || wrong(c, "priorities", "are not three numbers from 0 to 255");
}

static bool check_subordinates(struct check *c)
{
    const struct bas_texts *list = &c->object->subordinates;
    for (size_t i = 0; i < list->n; i++) {
        struct object_subordinate unused;
        if (!object_subordinate_read(list->items[i], &unused)) {
            c->key = "subordinates";
            bas_setting_quote(c->why, list->items[i]);
            bas_buf_add_text(c->why, " names no object; TYPE,INSTANCE or DEVICE/TYPE,INSTANCE, and "
                                     "behind a blank an annotation");
            return false;
        }
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
    const struct bas_object_settings *object = &device->objects[device->n_objects - 1];
    struct check c = { object, object_kind_of(object->type), "type", why };
    bool good = c.kind != NULL && check_states(&c) && check_flags(&c) && check_keys(&c) &&
                check_units(&c) && check_range(&c) && check_values(&c) && check_priorities(&c) &&
                check_subordinates(&c) && check_unique(&c, device);
    *key = c.key;
    return good;
}
