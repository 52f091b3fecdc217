/* Owns `basalt list`: the objects of a device with their names and values. */
#include "context.h"
#include "objects.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_TEXT = 65536, LONGEST_NAME = 512, PER_OBJECT = 4, VENDOR_TYPES = 128 };

const struct verb_options list_options = {
    .arguments = "DEVICE [TYPE]",
    .min_arguments = 1,
    .max_arguments = 2,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt list 1234              all objects: name, value, units\n"
                "  basalt list 1234 ai           its analog inputs\n"
                "  basalt list 1234 --json\n",
};

struct listing {
    struct objects objects; /* first: objects_read finds it */
    struct target_device device;
    bool has_type;
    uint32_t type;            /* of those that are meant */
    struct bac_arena scratch; /* of the session, as it was before the object */
    bool is_begun;
    size_t told;
    /* The object whose properties arrive. */
    struct bac_object_id object;
    char name[LONGEST_NAME];
    struct bas_slice value; /* in the arena; data NULL: none */
    struct context context;
};

static bool has_value(uint16_t type)
{
    return type >= VENDOR_TYPES || bac_property_type(type, BAC_PROPERTY_PRESENT_VALUE) != NULL;
}

static size_t choose(struct bac_object_id object, struct bas_property *items)
{
    const struct target_property value = { object, BAC_PROPERTY_PRESENT_VALUE, BAC_NO_INDEX };
    uint32_t others[CONTEXT_PROPERTIES];
    size_t n = 0;
    items[n++] = (struct bas_property){ object, BAC_PROPERTY_OBJECT_NAME, BAC_NO_INDEX };
    if (!has_value(object.type)) {
        return n;
    }
    items[n++] = (struct bas_property){ object, BAC_PROPERTY_PRESENT_VALUE, BAC_NO_INDEX };
    size_t n_others = context_properties(&value, others);
    for (size_t i = 0; i < n_others; i++) {
        items[n++] = (struct bas_property){ object, others[i], BAC_NO_INDEX };
    }
    return n;
}

static struct value value_of(struct session *s, const struct listing *l)
{
    return (struct value){ { l->object, BAC_PROPERTY_PRESENT_VALUE, BAC_NO_INDEX },
                           l->value,
                           &s->arena };
}

static void tell_json(struct session *s, const struct listing *l)
{
    const struct value value = value_of(s, l);
    struct bas_json *json = out_begin(&s->tool->out);
    target_device_json(&l->device, json);
    bac_json(&bac_type_object_id, &l->object, json, "object");
    bas_json_text(json, "name", l->name);
    if (l->value.data != NULL) {
        value_json(&value, json);
        context_json(&l->context, &value, json);
    }
    out_end(&s->tool->out);
}

static void tell_text(struct session *s, const struct listing *l)
{
    char memory[64];
    struct bas_buf object;
    struct bas_buf text;
    char *longest = bac_arena_take(&s->arena, LONGEST_TEXT);
    const struct value value = value_of(s, l);
    bas_buf_init(&object, memory, sizeof(memory));
    bas_buf_init(&text, longest, longest == NULL ? 0 : LONGEST_TEXT);
    bac_object_id_text(l->object, &object);
    if (l->value.data != NULL && longest != NULL) {
        value_text(&value, ", ", &text);
        context_text(&l->context, &value, &text);
    }
    char name[LONGEST_NAME];
    memcpy(name, l->name, sizeof(name));
    out_tame(name);
    const char *shown = longest != NULL ? bas_buf_text(&text) : "";
    out_line(&s->tool->out, shown[0] != 0 ? "%-24s  %-28s  %s" : "%-24s  %s", bas_buf_text(&object),
             name, shown);
}

/* The object is complete. */
static void tell(struct session *s)
{
    struct listing *l = s->user;
    if (!l->is_begun) {
        return;
    }
    progress_clear(&l->objects.progress);
    if (s->tool->out.json) {
        tell_json(s, l);
    } else {
        tell_text(s, l);
    }
    l->told++;
    progress_tell(&l->objects.progress, l->told, l->objects.n);
    l->is_begun = false;
}

static void begin_object(struct session *s, struct bac_object_id object)
{
    struct listing *l = s->user;
    tell(s);
    s->arena = l->scratch;
    l->is_begun = true;
    l->object = object;
    l->name[0] = 0;
    l->value = (struct bas_slice){ NULL, 0 };
    l->context = (struct context){ .has_units = false };
}

static void take_name(struct listing *l, const struct bas_property_read *read)
{
    char memory[LONGEST_NAME];
    struct bas_buf out;
    if (!read->has_value || read->value.tag != BAC_TAG_CHARACTER_STRING) {
        return;
    }
    bas_buf_init(&out, memory, sizeof(memory));
    (void)bac_text_utf8(&read->value.as.text, &out);
    const char *utf8 = bas_buf_text(&out);
    bas_text_copy(l->name, sizeof(l->name),
                  (struct bas_slice){ (const uint8_t *)utf8, strlen(utf8) });
}

static void on_read(void *user, const struct bas_property_read *read)
{
    struct session *s = user;
    struct listing *l = s->user;
    if (read->of.property == BAC_PROPERTY_OBJECT_NAME) {
        begin_object(s, read->of.object);
    }
    if (read->err != BAS_OK) {
        return;
    }
    if (read->of.property == BAC_PROPERTY_OBJECT_NAME) {
        take_name(l, read);
    } else if (read->of.property == BAC_PROPERTY_PRESENT_VALUE) {
        uint8_t *copy = bac_arena_take(&s->arena, read->raw.len + 1);
        if (copy != NULL) {
            memcpy(copy, read->raw.data, read->raw.len);
            l->value = (struct bas_slice){ copy, read->raw.len };
        }
    } else {
        context_take(&l->context, read->of.property, read->raw, &s->arena);
    }
}

/* Leaves the objects of the type that is asked for. */
static void select_type(struct listing *l)
{
    size_t n = 0;
    for (size_t i = 0; l->has_type && i < l->objects.n; i++) {
        if (l->objects.items[i].type == l->type) {
            l->objects.items[n++] = l->objects.items[i];
        }
    }
    l->objects.n = l->has_type ? n : l->objects.n;
}

static int work(struct session *s)
{
    struct listing *l = s->user;
    const struct bas_peer_name peer = session_peer(s);
    struct objects_plan plan;
    if (!objects_read(s, &l->objects)) {
        return 0;
    }
    select_type(l);
    if (!objects_plan(s, &l->objects, choose, PER_OBJECT, &plan)) {
        return 0;
    }
    const struct bas_read_list list = {
        .items = plan.items, .n = plan.n, .read = on_read, .done = session_done, .user = s
    };
    l->scratch = s->arena;
    (void)bas_read_many(s->station, &peer, &list);
    free(plan.items);
    if (session_await_good(s)) {
        tell(s);
    }
    progress_clear(&l->objects.progress);
    return 0;
}

int cmd_list(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    struct listing l = { .is_begun = false };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    l.has_type = arguments.n > 1;
    if (!target_device(tool, arguments.items[0], &l.device) ||
        (l.has_type && !target_type(tool, arguments.items[1], &l.type))) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &l.device, .work = work, .user = &l };
    status = session_run(tool, &options, &task);
    free(l.objects.items);
    return status;
}
