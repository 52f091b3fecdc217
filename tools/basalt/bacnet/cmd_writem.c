/* Owns `basalt writem`: several properties (WritePropertyMultiple, clause 15.10), or one after
 * another where a device cannot do that. */
#define _POSIX_C_SOURCE 200809L /* getline */
#include "entry.h"
#include "refusal.h"
#include "session_call.h"
#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_TEXT = 65536, FIRST = 64 };

struct writem_options {
    struct common_options common;
    const char *file;
    bool goes_on;
};

static const struct option_row rows[] = {
    { OPTION(struct writem_options, "file", PATH, file, 1, 4095, NULL,
             "lines OBJECT PROPERTY=VALUE[@PRIORITY]; - is standard input", false, NULL),
      0,
      "FILE",
      { NULL } },
    { OPTION(struct writem_options, "keep-going", BOOL, goes_on, 0, 0, NULL,
             "also write what stands behind one that fails", false, NULL),
      'k',
      NULL,
      { NULL } },
};

const struct verb_options writem_options = {
    .arguments = "DEVICE [OBJECT PROPERTY=VALUE[@PRIORITY]...]...",
    .min_arguments = 1,
    .max_arguments = SIZE_MAX,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct writem_options),
    .examples = "  basalt writem 1234 ao:1 pv=72.5@8 description=Valve bo:1 pv=active\n"
                "  basalt writem 1234 --file set-points.txt\n\n"
                "In a file each line names its object; # begins a comment.\n",
};

struct writem {
    struct target_device device;
    struct entry *entries;
    size_t n;
    size_t cap;
    bool goes_on;
    size_t good;
    size_t bad;
};

static bool add(struct tool *tool, struct writem *w, const struct entry *entry)
{
    if (w->n == w->cap) {
        size_t cap = w->cap == 0 ? FIRST : 2 * w->cap;
        struct entry *more = realloc(w->entries, cap * sizeof(*more));
        if (more == NULL) {
            (void)out_usage(&tool->out, tool->verb->name, "out of memory");
            return false;
        }
        w->entries = more;
        w->cap = cap;
    }
    w->entries[w->n++] = *entry;
    return true;
}

/* "property: write-access-denied", or what else came between. */
static const char *why(const struct bas_written *told, char text[BAS_FAULT_TEXT])
{
    const struct bac_error_pair error = { told->fault->error_class, told->fault->error_code };
    struct bas_buf out;
    bas_buf_init(&out, text, BAS_FAULT_TEXT);
    if (told->err == BAS_ERR_INTERRUPTED) {
        bas_buf_add_text(&out, "not tried");
    } else if (told->err == BAS_ERR_REMOTE) {
        refusal_text(&error, &out);
    } else {
        bas_buf_add_text(&out, told->fault->text);
    }
    return bas_buf_text(&out);
}

static void tell_json(struct session *s, const struct entry *entry, const struct bas_written *told)
{
    const struct writem *w = s->user;
    struct bas_json *json = out_begin(&s->tool->out);
    target_device_json(&w->device, json);
    target_json(&entry->of, json);
    entry_json(entry, &s->arena, json);
    if (told->err == BAS_OK) {
        bas_json_bool(json, "acknowledged", true);
    } else {
        char text[BAS_FAULT_TEXT];
        bas_json_text(json, "error", why(told, text));
        if (told->err == BAS_ERR_REMOTE) {
            out_error(json, told->fault->error_class, told->fault->error_code);
        }
    }
    out_end(&s->tool->out);
}

static void tell_text(struct session *s, const struct entry *entry, const struct bas_written *told)
{
    struct bas_buf text;
    const struct bac_arena before = s->arena;
    char *memory = bac_arena_take(&s->arena, LONGEST_TEXT);
    bas_buf_init(&text, memory, memory == NULL ? 0 : LONGEST_TEXT);
    bac_object_id_text(entry->of.object, &text);
    bas_buf_add_text(&text, " ");
    entry_text(entry, &s->arena, &text);
    if (told->err != BAS_OK) {
        char error[BAS_FAULT_TEXT];
        bas_buf_format(&text, "  error %s", why(told, error));
    }
    out_line(&s->tool->out, "%s", memory != NULL ? bas_buf_text(&text) : "");
    s->arena = before;
}

static void on_written(void *user, const struct bas_written *told)
{
    struct session *s = user;
    struct writem *w = s->user;
    const struct entry *entry = &w->entries[told->n];
    w->good += told->err == BAS_OK ? 1 : 0;
    w->bad += told->err != BAS_OK ? 1 : 0;
    if (s->tool->out.json) {
        tell_json(s, entry, told);
    } else {
        tell_text(s, entry, told);
    }
}

static int finish(struct session *s, const struct bas_fault *fault)
{
    const struct writem *w = s->user;
    if (w->bad == 0 && fault->err != BAS_OK) {
        session_fail(s, fault);
        return 0;
    }
    if (w->bad != 0) {
        (void)fprintf(s->tool->out.errors,
                      "basalt: writem: %zu of %zu properties were not written\n", w->bad, w->n);
    }
    return bas_err_exit_status(w->bad == 0    ? BAS_OK
                               : w->good == 0 ? BAS_ERR_REMOTE
                                              : BAS_ERR_PARTIAL);
}

static int work(struct session *s)
{
    const struct writem *w = s->user;
    const struct bas_peer_name peer = session_peer(s);
    struct bas_fault fault;
    struct bas_write_item *items = calloc(w->n, sizeof(*items));
    if (items == NULL) {
        (void)session_fail_with(s, BAS_ERR_NO_MEMORY, "out of memory");
        return 0;
    }
    for (size_t i = 0; i < w->n; i++) {
        const struct target_property *of = &w->entries[i].of;
        items[i] = (struct bas_write_item){ .of = { of->object, of->property, of->index },
                                            .raw = w->entries[i].raw,
                                            .priority = w->entries[i].priority };
    }
    const struct bas_write_list list = { .items = items,
                                         .n = w->n,
                                         .goes_on = w->goes_on,
                                         .written = on_written,
                                         .done = session_done,
                                         .user = s };
    (void)bas_write_many(s->station, &peer, &list);
    free(items);
    return session_await(s, &fault) ? finish(s, &fault) : 0;
}

/* The arguments: an object, and what is written to it, and so on. */
static bool read_words(struct tool *tool, char **words, size_t n, struct writem *w)
{
    struct bac_object_id object = { 0, 0 };
    bool has_object = false;
    for (size_t i = 0; i < n; i++) {
        struct entry entry = { 0 };
        if (!entry_is_assignment(words[i])) {
            has_object = true;
            if (!target_object(tool, words[i], &object)) {
                return false;
            }
            continue;
        }
        if (!has_object) {
            (void)out_usage(&tool->out, tool->verb->name,
                            "\"%.60s\": an object is missing in front of it", words[i]);
            return false;
        }
        if (!entry_read_assignment(tool, object, words[i], &entry) || !add(tool, w, &entry)) {
            return false;
        }
    }
    return true;
}

/* "OBJECT PROPERTY=VALUE": the value is the rest of the line. */
static bool read_line(struct tool *tool, char *line, struct writem *w)
{
    char *words[2] = { line + strspn(line, " \t"), NULL };
    words[0][strcspn(words[0], "\r\n")] = 0;
    if (words[0][0] == 0 || words[0][0] == '#') {
        return true;
    }
    size_t len = strcspn(words[0], " \t");
    words[1] = words[0] + len + strspn(words[0] + len, " \t");
    words[0][len] = 0;
    if (words[1][0] == 0) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.60s\": PROPERTY=VALUE is missing behind it", words[0]);
        return false;
    }
    return read_words(tool, words, 2, w);
}

static bool read_file(struct tool *tool, const char *path, struct writem *w)
{
    bool is_input = strcmp(path, "-") == 0 || strcmp(path, "/-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    bool good = true;
    if (file == NULL) {
        (void)out_usage(&tool->out, tool->verb->name, "%s: cannot be opened: %s; check the name",
                        path, strerror(errno));
        return false;
    }
    while (good && getline(&line, &cap, file) >= 0) {
        good = read_line(tool, line, w);
    }
    free(line);
    if (!is_input) {
        (void)fclose(file);
    }
    return good;
}

int cmd_writem(struct tool *tool, int argc, char **argv)
{
    struct writem_options options;
    struct arguments arguments;
    struct writem w = { .n = 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    w.goes_on = options.goes_on;
    bool good = target_device(tool, arguments.items[0], &w.device) &&
                (options.file == NULL || read_file(tool, options.file, &w)) &&
                read_words(tool, arguments.items + 1, arguments.n - 1, &w);
    status = bas_err_exit_status(BAS_ERR_INVALID);
    if (good && w.n == 0) {
        status = out_usage(&tool->out, tool->verb->name,
                           "OBJECT PROPERTY=VALUE is missing; see basalt writem --help");
    } else if (good) {
        const struct session_task task = { .device = &w.device, .work = work, .user = &w };
        status = session_run(tool, &options.common, &task);
    }
    free(w.entries);
    return status;
}
