/* Owns `basalt readm`: several properties in one request (ReadPropertyMultiple, clause 15.7), or
 * one after another where a device cannot do that. */
#include "context.h"
#include "refusal.h"
#include "session.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_TEXT = 65536, LONGEST_NAME = 96 };

struct readm_options {
    struct common_options common;
    bool is_plain;
};

static const struct option_row rows[] = {
    { OPTION(struct readm_options, "plain", BOOL, is_plain, 0, 0, NULL,
             "values alone, without units or texts", false, NULL),
      0,
      NULL,
      { NULL } },
};

const struct verb_options readm_options = {
    .arguments = "DEVICE OBJECT PROPERTY[,PROPERTY...] ...",
    .min_arguments = 3,
    .max_arguments = SIZE_MAX,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct readm_options),
    .examples = "  basalt readm 1234 ai:1 pv,units,status-flags\n"
                "  basalt readm 1234 ai:1 pv ao:1 pv,priority-array[8] dev:1234 object-name\n"
                "  basalt readm 1234 ai:1 all              also: required, optional\n"
                "  basalt readm 1234 ai:1 pv ai:2 pv --plain\n",
};

struct readm {
    struct target_device device;
    struct bac_read_access *objects;
    struct bac_property_reference *properties; /* of all objects */
    struct context *contexts;                  /* of each object */
    size_t *n_asked; /* properties of each object; behind them stands its context */
    size_t n_objects;
    size_t n_properties;
    size_t object; /* one after another: the one that is being read */
    size_t property;
    bool is_plain;
    bool is_single;
    unsigned good;
    unsigned bad;
    struct bac_object_id last; /* that bacrpm told of */
    int object_width;          /* of the columns of the text */
    int property_width;
};

/* One line of the answer. */
struct line {
    struct bac_object_id object;
    const struct context *context;
    const struct bac_read_result *result;
};

static struct target_property target_of(const struct line *line)
{
    const struct bac_read_result *r = line->result;
    return (struct target_property){ line->object, r->property,
                                     r->has_index ? (uint32_t)r->index : BAC_NO_INDEX };
}

static void tell_json(struct session *s, const struct line *line)
{
    const struct readm *r = s->user;
    const struct bac_read_outcome *outcome = &line->result->outcome;
    const struct target_property of = target_of(line);
    struct bas_json *json = out_begin(&s->tool->out);
    target_device_json(&r->device, json);
    target_json(&of, json);
    if (outcome->choice == BAC_READ_VALUE) {
        const struct value value = { of, outcome->as.value, &s->arena };
        value_json(&value, json);
        context_json(line->context, &value, json);
    } else {
        const struct bac_error_pair *error = &outcome->as.error;
        char memory[LONGEST_NAME];
        struct bas_buf text;
        bas_buf_init(&text, memory, sizeof(memory));
        refusal_text(error, &text);
        bas_json_text(json, "error", bas_buf_text(&text));
        out_error(json, error->error_class, error->error_code);
    }
    out_end(&s->tool->out);
}

/* Makes the names of object and property, and gives their lengths. */
static void name(const struct line *line, struct bas_buf *object, struct bas_buf *property)
{
    const struct target_property of = target_of(line);
    bac_object_id_text(line->object, object);
    target_property_text(&of, property);
}

static void measure(struct readm *r, const struct line *line)
{
    char memory[2][LONGEST_NAME];
    struct bas_buf object;
    struct bas_buf property;
    bas_buf_init(&object, memory[0], LONGEST_NAME);
    bas_buf_init(&property, memory[1], LONGEST_NAME);
    name(line, &object, &property);
    r->object_width = (int)object.len > r->object_width ? (int)object.len : r->object_width;
    r->property_width =
        (int)property.len > r->property_width ? (int)property.len : r->property_width;
}

/* As bacrpm: an object and its properties in braces. */
static void tell_bac(struct session *s, const struct line *line, const char *property,
                     const char *text)
{
    struct readm *r = s->user;
    struct out *out = &s->tool->out;
    const char *type = bac_object_type_name(line->object.type);
    bool is_same = r->good + r->bad > 1 && r->last.type == line->object.type &&
                   r->last.instance == line->object.instance;
    if (!is_same) {
        out_text(out, r->good + r->bad > 1 ? "}\n" : "");
        out_line(out, "%s #%u\n{", type != NULL ? type : "object", (unsigned)line->object.instance);
    }
    r->last = line->object;
    out_line(out, "    %s: %s", property, text);
}

static void tell_text(struct session *s, const struct line *line)
{
    const struct readm *r = s->user;
    const struct bac_arena before = s->arena;
    const struct bac_read_outcome *outcome = &line->result->outcome;
    char memory[2][LONGEST_NAME];
    struct bas_buf object;
    struct bas_buf property;
    struct bas_buf text;
    bas_buf_init(&object, memory[0], LONGEST_NAME);
    bas_buf_init(&property, memory[1], LONGEST_NAME);
    name(line, &object, &property);
    char *longest = bac_arena_take(&s->arena, LONGEST_TEXT);
    bas_buf_init(&text, longest, longest == NULL ? 0 : LONGEST_TEXT);
    if (outcome->choice == BAC_READ_VALUE) {
        const struct value value = { target_of(line), outcome->as.value, &s->arena };
        value_text(&value, ", ", &text);
        if (!s->tool->is_bac) {
            context_text(line->context, &value, &text);
        }
    } else {
        bas_buf_add_text(&text, "error ");
        refusal_text(&outcome->as.error, &text);
    }
    if (s->tool->is_bac) {
        tell_bac(s, line, bas_buf_text(&property), bas_buf_text(&text));
        s->arena = before;
        return;
    }
    out_line(&s->tool->out, "%-*s  %-*s  %s", r->object_width, bas_buf_text(&object),
             r->property_width, bas_buf_text(&property), bas_buf_text(&text));
    s->arena = before;
}

static const struct context nothing;

/* Which of the objects that were asked for has that place in the answer, or NULL. */
static const struct bac_read_access *asked_at(const struct readm *r, const struct bac_list *objects,
                                              size_t place)
{
    const struct bac_read_access_result *items = objects->items;
    const struct bac_read_access *access = place < r->n_objects ? &r->objects[place] : NULL;
    return access != NULL && access->object.type == items[place].object.type &&
                   (access->object.instance == items[place].object.instance)
               ? access
               : NULL;
}

/* Walks the answer, past what we asked for to know what the rest means. False: no more. */
static bool line_at(const struct readm *r, const struct bac_list *objects, size_t place[2],
                    struct line *line)
{
    const struct bac_read_access_result *items = objects->items;
    for (; place[0] < objects->n; place[0]++, place[1] = 0) {
        const struct bac_read_result *results = items[place[0]].results.items;
        const struct bac_read_access *asked = asked_at(r, objects, place[0]);
        bool has_more = asked != NULL && asked->properties.n > r->n_asked[place[0]];
        size_t n = items[place[0]].results.n;
        if (place[1] < (has_more && n > r->n_asked[place[0]] ? r->n_asked[place[0]] : n)) {
            *line = (struct line){ items[place[0]].object,
                                   asked != NULL ? &r->contexts[place[0]] : &nothing,
                                   &results[place[1]++] };
            return true;
        }
    }
    return false;
}

/* Units and texts out of the answer. */
static void take_contexts(struct session *s, const struct bac_list *objects)
{
    struct readm *r = s->user;
    const struct bac_read_access_result *items = objects->items;
    for (size_t o = 0; o < objects->n; o++) {
        const struct bac_read_result *results = items[o].results.items;
        for (size_t i = 0; asked_at(r, objects, o) != NULL && i < items[o].results.n; i++) {
            if (!r->is_plain && !results[i].has_index &&
                results[i].outcome.choice == BAC_READ_VALUE &&
                context_has(items[o].object, results[i].property)) {
                context_take(&r->contexts[o], results[i].property, results[i].outcome.as.value,
                             &s->arena);
            }
        }
    }
}

static void tell(struct session *s, const struct line *line)
{
    struct readm *r = s->user;
    bool is_good = line->result->outcome.choice == BAC_READ_VALUE;
    r->good += is_good ? 1 : 0;
    r->bad += is_good ? 0 : 1;
    if (s->tool->out.json) {
        tell_json(s, line);
    } else {
        tell_text(s, line);
    }
}

static void finish(struct session *s)
{
    const struct readm *r = s->user;
    if (s->tool->is_bac && !s->tool->out.json && r->good + r->bad != 0) {
        out_line(&s->tool->out, "}");
    }
    if (r->bad != 0) {
        (void)fprintf(s->tool->out.errors, "basalt: readm: %u of %u properties cannot be read\n",
                      r->bad, r->good + r->bad);
    }
    bas_err err = r->bad == 0 ? BAS_OK : r->good == 0 ? BAS_ERR_REMOTE : BAS_ERR_PARTIAL;
    session_end(s, bas_err_exit_status(err));
}

/* One after another. */

static void read_next(struct session *s);

/* Where the one that is being read stands. False: none is left. */
static bool find_next(struct readm *r, struct bac_read_property *asked)
{
    for (; r->object < r->n_objects; r->object++, r->property = 0) {
        const struct bac_read_access *access = &r->objects[r->object];
        const struct bac_property_reference *properties = access->properties.items;
        if (r->property < access->properties.n) {
            const struct bac_property_reference *p = &properties[r->property];
            *asked =
                (struct bac_read_property){ access->object, p->property, p->has_index, p->index };
            return true;
        }
    }
    return false;
}

static void tell_next(struct session *s, const struct bac_read_outcome *outcome)
{
    struct readm *r = s->user;
    struct bac_read_property asked;
    if (find_next(r, &asked)) {
        const struct bac_read_result result = { asked.property, asked.has_index, asked.index,
                                                *outcome };
        const struct line line = { asked.object, &nothing, &result };
        tell(s, &line);
    }
    r->property++;
    read_next(s);
}

static void one_acknowledged(struct session *s, struct bas_slice body)
{
    struct bac_read_property_ack ack;
    if (session_decode(s, &bac_type_read_property_ack, body, &ack)) {
        const struct bac_read_outcome outcome = { .choice = BAC_READ_VALUE, .as.value = ack.value };
        tell_next(s, &outcome);
    }
}

static void read_next(struct session *s)
{
    struct bac_read_property asked;
    if (find_next(s->user, &asked)) {
        session_ask(s, BAC_CONFIRMED_READ_PROPERTY, &asked, one_acknowledged);
    } else {
        finish(s);
    }
}

static bool has_special(const struct readm *r)
{
    for (size_t i = 0; i < r->n_properties; i++) {
        if (target_is_special(r->properties[i].property)) {
            return true;
        }
    }
    return false;
}

static void measure_asked(struct readm *r)
{
    for (size_t o = 0; o < r->n_objects; o++) {
        r->objects[o].properties.n = r->n_asked[o];
        const struct bac_property_reference *properties = r->objects[o].properties.items;
        for (size_t i = 0; i < r->objects[o].properties.n; i++) {
            const struct bac_read_result result = { .property = properties[i].property,
                                                    .has_index = properties[i].has_index,
                                                    .index = properties[i].index };
            const struct line line = { r->objects[o].object, &nothing, &result };
            measure(r, &line);
        }
    }
}

static bool refused(struct session *s, const struct bac_error_pair *error)
{
    struct readm *r = s->user;
    if (r->is_single) {
        const struct bac_read_outcome outcome = { .choice = BAC_READ_ERROR, .as.error = *error };
        tell_next(s, &outcome);
        return true;
    }
    if (!refusal_is_of_size(error) || has_special(r)) {
        return false;
    }
    bas_log(&s->tool->env, BAS_LOG_INFO, "%s: reading one property after another",
            bac_error_code_name(error->error_code));
    r->is_single = true;
    measure_asked(r);
    read_next(s);
    return true;
}

/* All at once. */

static void acknowledged(struct session *s, struct bas_slice body)
{
    struct bac_read_property_multiple_ack ack;
    struct line line;
    if (!session_decode(s, &bac_type_read_property_multiple_ack, body, &ack)) {
        return;
    }
    take_contexts(s, &ack.results);
    for (size_t place[2] = { 0, 0 }; line_at(s->user, &ack.results, place, &line);) {
        measure(s->user, &line);
    }
    for (size_t place[2] = { 0, 0 }; line_at(s->user, &ack.results, place, &line);) {
        tell(s, &line);
    }
    finish(s);
}

static void begin(struct session *s)
{
    const struct readm *r = s->user;
    const struct bac_read_property_multiple asked = { { r->objects, r->n_objects } };
    session_ask(s, BAC_CONFIRMED_READ_PROPERTY_MULTIPLE, &asked, acknowledged);
}

/* The arguments. */

/* "pv,units": words is written to. */
static bool read_properties(struct tool *tool, char *words, struct readm *r)
{
    struct bac_read_access *access = &r->objects[r->n_objects];
    access->properties.items = &r->properties[r->n_properties];
    for (char *word = words; word != NULL;) {
        struct target_property of = { 0 };
        char *comma = strchr(word, ',');
        if (comma != NULL) {
            *comma = 0;
        }
        if (!target_property(tool, word, &of)) {
            return false;
        }
        r->properties[r->n_properties++] =
            (struct bac_property_reference){ of.property, of.index != BAC_NO_INDEX, of.index };
        access->properties.n++;
        word = comma == NULL ? NULL : comma + 1;
    }
    return true;
}

/* Asks for what says what the others mean, too; all of an object has it. */
static void add_context(struct tool *tool, struct readm *r)
{
    struct bac_read_access *access = &r->objects[r->n_objects];
    const struct bac_property_reference *properties = access->properties.items;
    uint32_t others[CONTEXT_PROPERTIES];
    size_t n = 0;
    r->n_asked[r->n_objects] = access->properties.n;
    for (size_t i = 0; i < access->properties.n; i++) {
        const struct target_property of = { access->object, properties[i].property,
                                            properties[i].has_index ? (uint32_t)properties[i].index
                                                                    : BAC_NO_INDEX };
        if (target_is_special(of.property)) {
            return;
        }
        n = n != 0 ? n : context_properties(&of, others);
    }
    for (size_t i = 0; i < n && !r->is_plain && !tool->is_bac; i++) {
        r->properties[r->n_properties++] = (struct bac_property_reference){ .property = others[i] };
        access->properties.n++;
    }
}

static bool read_arguments(struct tool *tool, const struct arguments *arguments, struct readm *r)
{
    if (arguments->n % 2 == 0) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.40s\": an object or its properties are missing; OBJECT PROPERTY,... "
                        "for each object",
                        arguments->items[arguments->n - 1]);
        return false;
    }
    for (size_t i = 1; i < arguments->n; i += 2) {
        if (!target_object(tool, arguments->items[i], &r->objects[r->n_objects].object) ||
            !read_properties(tool, arguments->items[i + 1], r)) {
            return false;
        }
        add_context(tool, r);
        r->n_objects++;
    }
    return true;
}

/* Memory for as many properties as the words can hold. */
static bool make_room(const struct arguments *arguments, struct readm *r)
{
    size_t properties = 0;
    for (size_t i = 0; i < arguments->n; i++) {
        properties += 1 + CONTEXT_PROPERTIES;
        for (const char *p = arguments->items[i]; *p != 0; p++) {
            properties += *p == ',' ? 1 : 0;
        }
    }
    r->objects = calloc(arguments->n, sizeof(*r->objects));
    r->properties = calloc(properties, sizeof(*r->properties));
    r->contexts = calloc(arguments->n, sizeof(*r->contexts));
    r->n_asked = calloc(arguments->n, sizeof(*r->n_asked));
    return r->objects != NULL && r->properties != NULL && r->contexts != NULL && r->n_asked != NULL;
}

int cmd_readm(struct tool *tool, int argc, char **argv)
{
    struct readm_options options;
    struct arguments arguments;
    struct readm r = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    r.is_plain = options.is_plain;
    status = bas_err_exit_status(BAS_ERR_INVALID);
    if (!make_room(&arguments, &r)) {
        const struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY };
        status = out_fail(&tool->out, tool->verb->name, &fault);
    } else if (target_device(tool, arguments.items[0], &r.device) &&
               read_arguments(tool, &arguments, &r)) {
        const struct session_task task = {
            .device = &r.device, .begin = begin, .refused = refused, .user = &r
        };
        status = session_run(tool, &options.common, &task);
    }
    free(r.objects);
    free(r.properties);
    free(r.contexts);
    free(r.n_asked);
    return status;
}
