/* Owns `basalt dump`: everything that a device tells, as JSON Lines or as the tables of EDE. */
#include "ede.h"
#include "epics.h"
#include "objects.h"
#include "refusal.h"
#include "value.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>

enum { SUBSCRIBE_COV_BIT = 5 };

struct dump_options {
    struct common_options common;
    const char *ede;
    bool is_epics;
};

static const struct option_row rows[] = {
    { OPTION(struct dump_options, "ede", TEXT, ede, 1, 4000, NULL,
             "write PREFIX_EDE.csv and PREFIX_StateTexts.csv", false, NULL),
      0,
      "PREFIX",
      { NULL } },
    { OPTION(struct dump_options, "epics", BOOL, is_epics, 0, 0, NULL,
             "print the text of an EPICS, for testing laboratories", false, NULL),
      0,
      NULL,
      { NULL } },
};

const struct verb_options dump_options = {
    .arguments = "DEVICE",
    .min_arguments = 1,
    .max_arguments = 1,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct dump_options),
    .examples = "  basalt dump 1234 > device.jsonl     a line for each property\n"
                "  basalt dump 1234 --ede plant        plant_EDE.csv and plant_StateTexts.csv\n"
                "  basalt dump 1234 --epics\n",
};

struct dump {
    struct objects objects; /* first: objects_read finds it */
    struct target_device device;
    struct ede *ede;
    bool is_epics;
    struct epics epics;
    struct bac_object_id object; /* the last one that was told of */
    size_t told;                 /* objects */
    bool has_cov;
};

static void count(struct dump *d, struct bac_object_id object)
{
    if (d->told == 0 || d->object.type != object.type || d->object.instance != object.instance) {
        d->object = object;
        d->told++;
        progress_tell(&d->objects.progress, d->told, d->objects.n);
    }
}

static void tell(struct session *s, const struct bas_property_read *read)
{
    const struct dump *d = s->user;
    const struct target_property of = { read->of.object, read->of.property, read->of.index };
    struct bas_json *json = out_begin(&s->tool->out);
    target_device_json(&d->device, json);
    target_json(&of, json);
    if (read->err == BAS_OK) {
        const struct value value = { of, read->raw, &s->arena };
        value_json(&value, json);
    } else {
        const struct bac_error_pair error = { read->fault->error_class, read->fault->error_code };
        char memory[96];
        struct bas_buf text;
        bas_buf_init(&text, memory, sizeof(memory));
        refusal_text(&error, &text);
        bas_json_text(json, "error", bas_buf_text(&text));
        out_error(json, error.error_class, error.error_code);
    }
    out_end(&s->tool->out);
}

static void on_read(void *user, const struct bas_property_read *read)
{
    struct session *s = user;
    struct dump *d = s->user;
    count(d, read->of.object);
    if (d->ede != NULL) {
        ede_take(d->ede, read);
    } else if (d->is_epics) {
        epics_take(&d->epics, read);
    } else {
        tell(s, read);
    }
}

static void on_services(void *user, const struct bas_property_read *read)
{
    struct session *s = user;
    struct dump *d = s->user;
    const struct bas_outcome outcome = { .err = read->err, .fault = read->fault };
    d->has_cov = read->err == BAS_OK && read->has_value && read->value.tag == BAC_TAG_BIT_STRING &&
                 bac_bit(&read->value.as.bits, SUBSCRIBE_COV_BIT);
    session_done(user, &outcome);
}

static size_t choose_all(struct bac_object_id object, struct bas_property *items)
{
    items[0] = (struct bas_property){ object, BAC_PROPERTY_ALL, BAC_NO_INDEX };
    return 1;
}

/* Asks the Device object what EDE wants to know of it. */
static bool read_device(struct session *s)
{
    struct dump *d = s->user;
    const struct bas_peer_name peer = session_peer(s);
    struct bas_fault fault;
    for (size_t i = 0; i < d->objects.n; i++) {
        if (d->objects.items[i].type == BAC_OBJECT_DEVICE) {
            const struct bas_property services = { d->objects.items[i],
                                                   BAC_PROPERTY_PROTOCOL_SERVICES_SUPPORTED,
                                                   BAC_NO_INDEX };
            (void)bas_read(s->station, &peer, &services, on_services, s);
            if (!session_await(s, &fault)) {
                return false;
            }
            ede_set_device(d->ede, d->objects.items[i].instance, d->has_cov);
        }
    }
    return true;
}

static void on_head(void *user, const struct bas_property_read *read)
{
    const struct session *s = user;
    struct dump *d = s->user;
    epics_take_head(&d->epics, read);
}

/* The head of an EPICS, from the Device object. */
static bool read_head(struct session *s)
{
    struct dump *d = s->user;
    const struct bas_peer_name peer = session_peer(s);
    struct bas_property items[EPICS_HEAD];
    struct bas_fault fault;
    d->epics = (struct epics){ .out = &s->tool->out };
    for (size_t i = 0; i < d->objects.n; i++) {
        if (d->objects.items[i].type == BAC_OBJECT_DEVICE) {
            const struct bas_read_list list = { .items = items,
                                                .n = epics_head(d->objects.items[i], items),
                                                .read = on_head,
                                                .done = session_done,
                                                .user = s };
            (void)bas_read_many(s->station, &peer, &list);
            return session_await(s, &fault);
        }
    }
    return session_fail_with(s, BAS_ERR_REMOTE, "there is no Device object in the object-list");
}

static int work(struct session *s)
{
    struct dump *d = s->user;
    const struct bas_peer_name peer = session_peer(s);
    struct objects_plan plan = { NULL, 0 };
    bool good = objects_read(s, &d->objects) && (d->ede == NULL || read_device(s)) &&
                (!d->is_epics || read_head(s));
    good = good &&
           (d->ede != NULL ? objects_plan(s, &d->objects, ede_properties, EDE_PROPERTIES, &plan)
                           : objects_plan(s, &d->objects, choose_all, 1, &plan));
    if (!good) {
        return 0;
    }
    const struct bas_read_list list = {
        .items = plan.items, .n = plan.n, .read = on_read, .done = session_done, .user = s
    };
    (void)bas_read_many(s->station, &peer, &list);
    free(plan.items);
    if (session_await_good(s) && d->is_epics) {
        epics_end(&d->epics);
    }
    progress_clear(&d->objects.progress);
    return 0;
}

/* The end of the tables. Gives the exit status. */
static int close_ede(struct tool *tool, struct dump *d, const char *prefix, int status)
{
    size_t n = 0;
    if (!ede_close(d->ede, &n)) {
        return bas_err_exit_status(BAS_ERR_IO);
    }
    if (status == 0 && tool->out.json) {
        struct bas_json *json = out_begin(&tool->out);
        target_device_json(&d->device, json);
        bas_json_unsigned(json, "objects", n);
        bas_json_text(json, "ede", prefix);
        out_end(&tool->out);
    } else if (status == 0) {
        out_line(&tool->out, "%zu objects in %s_EDE.csv, their states in %s_StateTexts.csv", n,
                 prefix, prefix);
    }
    return status;
}

int cmd_dump(struct tool *tool, int argc, char **argv)
{
    struct dump_options options;
    struct arguments arguments;
    struct dump d = { .told = 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_device(tool, arguments.items[0], &d.device) ||
        !session_check_options(tool, &options.common, &status)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    d.is_epics = options.is_epics;
    if (options.is_epics && (options.ede != NULL || tool->out.json)) {
        return out_usage(&tool->out, tool->verb->name,
                         "--epics contradicts --ede and --json; give one");
    }
    if (options.ede != NULL) {
        d.ede = ede_open(tool, options.ede);
        if (d.ede == NULL) {
            return bas_err_exit_status(BAS_ERR_CONFIG);
        }
    }
    const struct session_task task = { .device = &d.device, .work = work, .user = &d };
    status = session_run(tool, &options.common, &task);
    if (d.ede != NULL) {
        status = close_ede(tool, &d, options.ede, status);
    }
    free(d.objects.items);
    return status;
}
