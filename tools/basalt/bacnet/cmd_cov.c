/* Owns `basalt cov` and `basalt covp`: changes of values as they are told (clauses 13.14 and
 * 13.15). */
#include "context.h"
#include "session_call.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_OBJECTS = 256, LONGEST_TEXT = 65536, FOR_EVER_MS = 2000000000 };

struct cov_options {
    struct common_options common;
    uint32_t count;
    uint32_t wait_ms;
    bool is_confirmed;
    bool is_plain;
    uint32_t lifetime_s;
    uint32_t process;
    const char *increment; /* covp */
};

#define COV_ROWS                                                                                   \
    { OPTION(struct cov_options, "count", UNSIGNED, count, 1, 4294967294, NULL,                    \
             "stop after N notifications", false, NULL),                                           \
      'C',                                                                                         \
      "N",                                                                                         \
      { NULL } },                                                                                  \
        { OPTION(struct cov_options, "wait", DURATION, wait_ms, 100, FOR_EVER_MS, NULL,            \
                 "stop after that time", false, NULL),                                             \
          'W',                                                                                     \
          "SECONDS",                                                                               \
          { NULL } },                                                                              \
        { OPTION(struct cov_options, "confirmed", BOOL, is_confirmed, 0, 0, NULL,                  \
                 "notifications that we acknowledge", false, NULL),                                \
          0,                                                                                       \
          NULL,                                                                                    \
          { NULL } },                                                                              \
        { OPTION(struct cov_options, "lifetime", UNSIGNED, lifetime_s, 1, 4294967294, "300",       \
                 "of the subscription, in seconds; renewed", false, NULL),                         \
          0,                                                                                       \
          "N",                                                                                     \
          { NULL } },                                                                              \
        { OPTION(struct cov_options, "process", UNSIGNED, process, 1, 4294967294, NULL,            \
                 "Subscriber Process Identifier", false, NULL),                                    \
          0,                                                                                       \
          "N",                                                                                     \
          { NULL } },                                                                              \
    {                                                                                              \
        OPTION(struct cov_options, "plain", BOOL, is_plain, 0, 0, NULL,                            \
               "values alone, without units or texts", false, NULL),                               \
            0, NULL,                                                                               \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

static const struct option_row cov_rows[] = { COV_ROWS };

static const struct option_row covp_rows[] = {
    { OPTION(struct cov_options, "increment", TEXT, increment, 1, 32, NULL,
             "tell changes of at least that much", false, NULL),
      0,
      "NUMBER",
      { NULL } },
    COV_ROWS,
};

const struct verb_options cov_options = {
    .arguments = "DEVICE OBJECT...",
    .min_arguments = 2,
    .max_arguments = 1 + MAX_OBJECTS,
    .rows = cov_rows,
    .n = BAS_ARRAY_LEN(cov_rows),
    .uses_hub = true,
    .size = sizeof(struct cov_options),
    .examples = "  basalt cov 1234 ai:1 bi:1           a line for each change, until Ctrl-C\n"
                "  basalt cov 1234 ai:1 -C 1 -W 10     one notification, or 10 seconds\n"
                "  basalt cov 1234 av:1 --confirmed --lifetime 60 --json\n",
};

const struct verb_options covp_options = {
    .arguments = "DEVICE OBJECT PROPERTY[INDEX]",
    .min_arguments = 3,
    .max_arguments = 3,
    .rows = covp_rows,
    .n = BAS_ARRAY_LEN(covp_rows),
    .uses_hub = true,
    .size = sizeof(struct cov_options),
    .examples = "  basalt covp 1234 ai:1 pv --increment 0.5\n"
                "  basalt covp 1234 bo:1 out-of-service -C 2\n",
};

struct watched {
    struct bac_object_id object;
    struct context context;
    bas_call_id id;
};

struct watch {
    struct target_device device;
    const struct cov_options *options;
    struct watched objects[MAX_OBJECTS];
    size_t n;
    bool is_property; /* covp */
    struct target_property of;
    bool has_increment;
    float increment;
    uint32_t left; /* notifications until the end */
    size_t open;   /* subscriptions */
    bool is_leaving;
    bool is_interrupted;
    bool has_failed; /* for this: */
    struct bas_fault fault;
};

/* Telling */

static struct watched *find(struct watch *w, struct bac_object_id object)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->objects[i].object.type == object.type &&
            w->objects[i].object.instance == object.instance) {
            return &w->objects[i];
        }
    }
    return NULL;
}

static struct value value_of(const struct bac_cov_notification *n,
                             const struct bac_property_value *p, struct bac_arena *arena)
{
    return (
        struct value){ { n->object, p->property, p->has_index ? (uint32_t)p->index : BAC_NO_INDEX },
                       p->value,
                       arena };
}

static void tell_json(struct session *s, const struct bac_cov_notification *n,
                      const struct context *context)
{
    const struct watch *w = s->user;
    const struct bac_property_value *values = n->values.items;
    struct bas_json *json = out_begin(&s->tool->out);
    out_time(json, "time", s->tool->env.wall(s->tool->env.ctx));
    target_device_json(&w->device, json);
    bac_json(&bac_type_object_id, &n->object, json, "object");
    bas_json_unsigned(json, "time_remaining", n->time_remaining);
    bas_json_open(json, "values", '[');
    for (size_t i = 0; i < n->values.n; i++) {
        const struct value value = value_of(n, &values[i], &s->arena);
        bas_json_open(json, NULL, '{');
        bac_json(&bac_type_property_identifier, &value.of.property, json, "property");
        if (value.of.index != BAC_NO_INDEX) {
            bas_json_unsigned(json, "index", value.of.index);
        }
        value_json(&value, json);
        context_json(context, &value, json);
        bas_json_close(json, '}');
    }
    bas_json_close(json, ']');
    out_end(&s->tool->out);
}

static void tell_text(struct session *s, const struct bac_cov_notification *n,
                      const struct context *context)
{
    char time[OUT_TIME_TEXT];
    struct bas_buf text;
    const struct bac_property_value *values = n->values.items;
    const struct bac_arena before = s->arena;
    char *memory = bac_arena_take(&s->arena, LONGEST_TEXT);
    bas_buf_init(&text, memory, memory == NULL ? 0 : LONGEST_TEXT);
    bas_buf_format(&text, "%s ", out_time_text(time, s->tool->env.wall(s->tool->env.ctx)));
    bac_object_id_text(n->object, &text);
    for (size_t i = 0; i < n->values.n; i++) {
        const struct value value = value_of(n, &values[i], &s->arena);
        bas_buf_add_text(&text, i == 0 ? " " : ", ");
        target_property_text(&value.of, &text);
        bas_buf_add_text(&text, " = ");
        value_text(&value, " ", &text);
        context_text(context, &value, &text);
    }
    out_line(&s->tool->out, "%s", memory != NULL ? bas_buf_text(&text) : "");
    s->arena = before;
}

static void on_notified(void *user, const struct bas_cov_notice *notice)
{
    static const struct context nothing = { .has_units = false };
    struct session *s = user;
    struct watch *w = s->user;
    const struct watched *object = find(w, notice->notification->object);
    const struct context *context = object != NULL ? &object->context : &nothing;
    if (w->left == 0 || w->is_leaving || s->is_ending) {
        return;
    }
    if (s->tool->out.json) {
        tell_json(s, notice->notification, context);
    } else {
        tell_text(s, notice->notification, context);
    }
    w->left -= w->left != UINT32_MAX ? 1 : 0;
    if (w->left == 0 || s->tool->out.is_broken) {
        session_wake(s);
    }
}

/* Subscribing */

static void on_state(void *user, const struct bas_outcome *outcome)
{
    struct session *s = user;
    if (outcome->err == BAS_OK) {
        bas_log(&s->tool->env, BAS_LOG_INFO, "subscribed");
    } else {
        bas_log(&s->tool->env, BAS_LOG_WARNING, "not renewed: %s", outcome->fault->text);
    }
}

/* One subscription has ended: because we wanted it, or because the device did not. */
static void on_ended(void *user, const struct bas_outcome *outcome)
{
    struct session *s = user;
    struct watch *w = s->user;
    w->open--;
    if (!w->is_leaving && outcome->err != BAS_OK && !w->has_failed) {
        w->has_failed = true;
        w->fault = *outcome->fault;
    }
    if (w->is_leaving || w->has_failed) {
        session_wake(s);
    }
}

/* The first signal takes back what was subscribed, a second one does not wait for that. */
static bool interrupted(struct session *s)
{
    struct watch *w = s->user;
    bool is_first = w->open != 0 && !w->is_leaving;
    w->is_interrupted = true;
    if (is_first) {
        session_wake(s);
    }
    return is_first;
}

/* Nothing is to be told any more. */
static bool is_over(const struct session *s)
{
    const struct watch *w = s->user;
    return w->left == 0 || w->has_failed || w->is_interrupted || s->tool->out.is_broken;
}

static void on_context(void *user, const struct bas_property_read *read)
{
    struct session *s = user;
    struct watched *object = find(s->user, read->of.object);
    if (read->err == BAS_OK && object != NULL) {
        context_take(&object->context, read->of.property, read->raw, &s->arena);
    }
}

/* Units and texts of all objects. That some do not have them is no mistake. */
static bool read_contexts(struct session *s)
{
    struct watch *w = s->user;
    struct bas_property items[MAX_OBJECTS * CONTEXT_PROPERTIES];
    const struct bas_peer_name peer = session_peer(s);
    struct bas_fault fault;
    size_t n = 0;
    for (size_t i = 0; i < w->n && !w->options->is_plain; i++) {
        uint32_t others[CONTEXT_PROPERTIES];
        const struct target_property of = { w->objects[i].object, BAC_PROPERTY_PRESENT_VALUE,
                                            BAC_NO_INDEX };
        size_t n_others = context_properties(&of, others);
        for (size_t j = 0; j < n_others; j++) {
            items[n++] = (struct bas_property){ of.object, others[j], BAC_NO_INDEX };
        }
    }
    if (n == 0) {
        return true;
    }
    const struct bas_read_list list = {
        .items = items, .n = n, .read = on_context, .done = session_done, .user = s
    };
    (void)bas_read_many(s->station, &peer, &list);
    return session_await(s, &fault);
}

static void subscribe(struct session *s, struct watched *object)
{
    struct watch *w = s->user;
    const struct bas_peer_name peer = session_peer(s);
    const struct bas_cov cov = { .object = object->object,
                                 .is_confirmed = w->options->is_confirmed,
                                 .lifetime_s = w->options->lifetime_s,
                                 .process =
                                     w->options->process != UINT32_MAX ? w->options->process : 0,
                                 .property = w->of.property,
                                 .index = w->of.index,
                                 .has_increment = w->has_increment,
                                 .increment = w->increment,
                                 .notified = on_notified,
                                 .state = on_state,
                                 .done = on_ended,
                                 .user = s };
    w->open++;
    object->id = w->is_property ? bas_subscribe_cov_property(s->station, &peer, &cov)
                                : bas_subscribe_cov(s->station, &peer, &cov);
}

/* Takes all subscriptions back, and waits until the device has answered. */
static void leave(struct session *s)
{
    struct watch *w = s->user;
    w->is_leaving = true;
    for (size_t i = 0; i < w->n && !s->is_ending; i++) {
        bas_cancel(s->station, w->objects[i].id);
    }
    while (w->open != 0 && session_pause(s, s->options->timeout_ms) && !session_is_late(s)) {
    }
}

static int work(struct session *s)
{
    struct watch *w = s->user;
    uint32_t wait_ms = w->options->wait_ms != 0 ? w->options->wait_ms : FOR_EVER_MS;
    if (!read_contexts(s)) {
        return 0;
    }
    for (size_t i = 0; i < w->n && !s->is_ending && !is_over(s); i++) {
        subscribe(s, &w->objects[i]);
    }
    if (is_over(s) || session_pause(s, wait_ms)) {
        leave(s);
    }
    if (w->has_failed) {
        session_fail(s, &w->fault);
    }
    return w->is_interrupted ? bas_err_exit_status(BAS_ERR_INTERRUPTED) : 0;
}

static bool read_increment(struct tool *tool, const char *text, struct watch *w)
{
    char *end = NULL;
    double number = strtod(text, &end);
    if (end == text || *end != 0 || !(number >= 0 && number <= (double)INT32_MAX)) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "--increment: \"%.20s\" is no change; a number from 0 on", text);
        return false;
    }
    w->has_increment = true;
    w->increment = (float)number;
    return true;
}

static int run(struct tool *tool, const struct cov_options *options, struct watch *w)
{
    w->options = options;
    w->left = options->count;
    const struct session_task task = {
        .device = &w->device, .work = work, .interrupted = interrupted, .user = w
    };
    return session_run(tool, &options->common, &task);
}

int cmd_cov(struct tool *tool, int argc, char **argv)
{
    struct cov_options options;
    struct arguments arguments;
    struct watch w = { .n = 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_device(tool, arguments.items[0], &w.device)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    for (size_t i = 1; i < arguments.n; i++) {
        if (!target_object(tool, arguments.items[i], &w.objects[w.n].object)) {
            return bas_err_exit_status(BAS_ERR_INVALID);
        }
        w.n++;
    }
    return run(tool, &options, &w);
}

int cmd_covp(struct tool *tool, int argc, char **argv)
{
    struct cov_options options;
    struct arguments arguments;
    struct watch w = { .n = 1, .is_property = true };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_device(tool, arguments.items[0], &w.device) ||
        !target_object(tool, arguments.items[1], &w.of.object) ||
        !target_one_property(tool, arguments.items[2], &w.of) ||
        (options.increment != NULL && !read_increment(tool, options.increment, &w))) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    w.objects[0].object = w.of.object;
    return run(tool, &options, &w);
}
