/* Owns the simulated objects of a device: one alarm for the next change of all of them. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/device.h"

#include "rt/object_value.h"
#include "rt/simulation.h"
#include "rt/textfile.h"

#include <math.h>
#include <string.h>

enum { MAX_CSV = 16 << 20 };

struct simulated {
    struct bac_object_id object;
    const struct object_kind *kind;
    bool is_commandable;
    uint32_t n_states;
    struct simulation simulation;
    double *rows; /* of a file */
    bas_time next;
    bool has_last;
    double last;
};

struct device_simulation {
    struct device *device;
    struct bas_alarm *alarm;
    bas_time began;
    struct simulated *items;
    size_t n;
};

static const char *text_of(const struct bas_object_settings *from)
{
    const struct object_kind *kind = object_kind_of(from->type);
    const unsigned able = OBJECT_NUMBERS | OBJECT_BINARY | OBJECT_MULTI_STATE;
    if (kind == NULL || (kind->kind & able) == 0) {
        return NULL;
    }
    return from->simulate != NULL                                  ? from->simulate
           : from->value != NULL && simulation_is_one(from->value) ? from->value
                                                                   : NULL;
}

/* Values */

static struct bac_value value_of(const struct simulated *s, double number)
{
    struct bac_value value = { .tag = (enum bac_tag)s->kind->value->kind };
    double most = s->kind->kind == OBJECT_BINARY        ? 1
                  : s->kind->kind == OBJECT_MULTI_STATE ? s->n_states
                                                        : 4e18;
    double whole = round(number);
    double least = s->kind->kind == OBJECT_MULTI_STATE ? 1 : 0;
    whole = whole > most ? most : whole;
    switch (value.tag) {
    case BAC_TAG_REAL:
        value.as.real = (float)number;
        break;
    case BAC_TAG_DOUBLE:
        value.as.real64 = number;
        break;
    case BAC_TAG_INTEGER:
        value.as.integer = (int64_t)(whole < -most ? -most : whole);
        break;
    case BAC_TAG_UNSIGNED:
    case BAC_TAG_ENUMERATED:
        value.as.unsigned_integer = (uint64_t)(whole < least ? least : whole);
        break;
    case BAC_TAG_NULL:
    case BAC_TAG_BOOLEAN:
    case BAC_TAG_OCTET_STRING:
    case BAC_TAG_CHARACTER_STRING:
    case BAC_TAG_BIT_STRING:
    case BAC_TAG_DATE:
    case BAC_TAG_TIME:
    case BAC_TAG_OBJECT_IDENTIFIER:
        break;
    }
    return value;
}

/* Any command goes before a simulation: it changes what counts when nobody commands. */
static bas_err put_default(struct bac_server *server, const struct simulated *s,
                           const struct bac_value *value)
{
    uint8_t memory[32];
    struct bas_buf out;
    struct bas_fault unsaid = { 0 };
    bas_buf_init(&out, memory, sizeof(memory));
    bas_err err = bac_encode(&bac_type_value, value, BAC_APPLICATION, &out);
    const struct bac_write_property what = { .object = s->object,
                                             .property = BAC_PROPERTY_RELINQUISH_DEFAULT,
                                             .value = { memory, out.len } };
    return err == BAS_OK ? bac_server_put(server, &what, &unsaid) : err;
}

static void show(struct device *d, struct simulated *s, bas_time at)
{
    double number = simulation_value(&s->simulation, at);
    struct bac_server *server = bas_station_server(d->station);
    bool is_same = s->has_last && !(number < s->last) && !(number > s->last);
    s->next = simulation_next(&s->simulation, at);
    if (is_same) {
        return;
    }
    const struct bac_value value = value_of(s, number);
    bas_err err = s->is_commandable ? put_default(server, s, &value)
                                    : bac_server_set(server, s->object, &value, 0);
    s->last = number;
    s->has_last = true;
    if (err != BAS_OK) {
        bas_log(&d->env, BAS_LOG_DEBUG, "%s %u does not take a simulated value: %s", s->kind->name,
                (unsigned)s->object.instance, bas_err_text(err));
    }
}

static void on_alarm(void *user)
{
    struct device_simulation *sim = user;
    bas_time now = loop_now() - sim->began;
    bas_time next = BAS_NEVER;
    for (size_t i = 0; i < sim->n; i++) {
        if (sim->items[i].next <= now) {
            show(sim->device, &sim->items[i], now);
        }
        next = sim->items[i].next < next ? sim->items[i].next : next;
    }
    bas_time wait = next <= now ? 0 : (next - now) / BAS_MILLISECOND + 1;
    bas_alarm_set(sim->alarm, wait < INT32_MAX ? (uint32_t)wait : INT32_MAX);
}

/* Files */

static bas_err load(struct device *d, struct simulated *s, struct bas_fault *fault)
{
    struct bas_textfile file = { NULL, 0 };
    const char *name = s->simulation.file;
    size_t n = 0;
    size_t line = 0;
    bas_err err = bas_textfile_read(&d->env, name, MAX_CSV, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    err = simulation_rows(file.text, NULL, &n, &line);
    if (err == BAS_ERR_TOO_LONG) {
        err = bas_fail(fault, err, "%s: has more than %d values", name, (int)SIMULATION_MAX_ROWS);
    } else if (err != BAS_OK) {
        err =
            bas_fail(fault, BAS_ERR_CONFIG,
                     "%s:%zu: is not a number; one in each line, in its first column", name, line);
    }
    s->rows = err == BAS_OK ? bas_alloc(&d->env, n * sizeof(*s->rows)) : NULL;
    if (err == BAS_OK && s->rows == NULL) {
        err = bas_fail(fault, BAS_ERR_NO_MEMORY, "%s: out of memory", name);
    }
    if (err == BAS_OK) {
        err = simulation_rows(file.text, s->rows, &n, &line);
        s->simulation.rows = s->rows;
        s->simulation.n_rows = n;
    }
    bas_textfile_free(&d->env, &file);
    return err;
}

/* Beginning and end */

static bas_err fill(struct device *d, const struct bas_object_settings *from, struct simulated *s,
                    struct bas_fault *fault)
{
    char memory[160];
    struct bas_buf why;
    bas_buf_init(&why, memory, sizeof(memory));
    s->kind = object_kind_of(from->type);
    s->object = (struct bac_object_id){ from->type, from->instance };
    s->is_commandable = from->commandable || s->kind->role == OBJECT_OUTPUT;
    s->n_states = from->states.n == 0 ? 2 : (uint32_t)from->states.n;
    if (simulation_parse(text_of(from), &s->simulation, &why) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_CONFIG, "%s %u: %s", s->kind->name, (unsigned)from->instance,
                        bas_buf_text(&why));
    }
    s->simulation.seed = (uint64_t)from->type << 32 | from->instance;
    return simulation_needs_file(&s->simulation) ? load(d, s, fault) : BAS_OK;
}

static bas_err fill_all(struct device *d, const struct bas_device_settings *settings,
                        struct bas_fault *fault)
{
    struct device_simulation *sim = d->simulation;
    size_t at = 0;
    sim->items = bas_alloc(&d->env, sim->n * sizeof(*sim->items));
    sim->alarm = bas_alarm_new(d->loop, on_alarm, sim);
    if (sim->items == NULL || sim->alarm == NULL) {
        sim->n = sim->items == NULL ? 0 : sim->n;
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for simulated objects");
    }
    for (size_t i = 0; i < settings->n_objects; i++) {
        if (text_of(&settings->objects[i]) != NULL) {
            bas_err err = fill(d, &settings->objects[i], &sim->items[at++], fault);
            if (err != BAS_OK) {
                return err;
            }
        }
    }
    return BAS_OK;
}

bas_err device_simulation_start(struct device *d, const struct bas_device_settings *settings,
                                struct bas_fault *fault)
{
    size_t n = 0;
    for (size_t i = 0; i < settings->n_objects; i++) {
        n += text_of(&settings->objects[i]) != NULL ? 1 : 0;
    }
    if (n == 0) {
        return BAS_OK;
    }
    d->simulation = bas_alloc(&d->env, sizeof(*d->simulation));
    if (d->simulation == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for simulated objects");
    }
    d->simulation->device = d;
    d->simulation->n = n;
    bas_err err = fill_all(d, settings, fault);
    if (err != BAS_OK) {
        device_simulation_stop(d);
        return err;
    }
    d->simulation->began = loop_now();
    on_alarm(d->simulation);
    return BAS_OK;
}

void device_simulation_stop(struct device *d)
{
    struct device_simulation *sim = d->simulation;
    d->simulation = NULL;
    if (sim == NULL) {
        return;
    }
    bas_alarm_free(sim->alarm);
    for (size_t i = 0; i < sim->n; i++) {
        bas_release(&d->env, sim->items[i].rows, sim->items[i].simulation.n_rows * sizeof(double));
    }
    bas_release(&d->env, sim->items, sim->n * sizeof(*sim->items));
    bas_release(&d->env, sim, sizeof(*sim));
}
