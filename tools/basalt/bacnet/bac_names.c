/* Owns the table of bacnet-stack's commands, and what each of their words is in ours. */
#include "bac_names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 4096, SPARE = 16, ALL_ELEMENTS = -1 };

/* Their words without options, and ours so far. */
struct words {
    struct tool *tool;
    char **theirs;
    int n;
    char **ours;
    int n_ours;
    bool has_failed;
};

static char *keep(struct words *w, const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = bas_keep_take(&w->tool->store, len);
    if (copy == NULL) {
        w->has_failed = true;
        return w->ours[0];
    }
    memcpy(copy, text, len);
    return copy;
}

BAS_PRINTF(2, 3)
static void add(struct words *w, const char *format, ...)
{
    char text[LONGEST];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    w->has_failed = w->has_failed || len < 0 || (size_t)len >= sizeof(text);
    w->ours[w->n_ours++] = keep(w, text);
}

/* TYPE INSTANCE as one word. */
static void add_object(struct words *w, int at)
{
    add(w, "%s:%s", w->theirs[at], w->theirs[at + 1]);
}

/* PROPERTY, with an index unless that is -1 or missing. */
static void add_property(struct words *w, int at, const char *index)
{
    if (index == NULL || strtol(index, NULL, 0) == ALL_ELEMENTS) {
        add(w, "%s", w->theirs[at]);
    } else {
        add(w, "%s[%s]", w->theirs[at], index);
    }
}

static bool is_word(const struct words *w, int at, const char *word)
{
    return at < w->n && strcmp(w->theirs[at], word) == 0;
}

static bool whois(struct words *w)
{
    for (int i = 0; i < w->n; i++) {
        add(w, "%s", w->theirs[i]);
    }
    return true;
}

static bool read_property(struct words *w)
{
    add(w, "%s", w->theirs[0]);
    add_object(w, 1);
    add_property(w, 3, w->n > 4 ? w->theirs[4] : NULL);
    add(w, "--plain");
    return true;
}

/* The kinds of values by their application tags. */
static const char *const kinds[] = { "null",   "boolean", "unsigned", "integer", "real",
                                     "double", "octets",  "text",     "bits",    "enumerated",
                                     "date",   "time",    "object" };

/* A date of theirs, 2026/10/12 or with ":1" behind it, as ours. */
static void add_value(struct words *w, const char *kind, const char *value, const char *priority)
{
    char text[LONGEST];
    bool has_priority = strcmp(priority, "0") != 0;
    (void)snprintf(text, sizeof(text), "%s", value);
    if (strcmp(kind, "date") == 0) {
        text[strcspn(text, ":")] = 0;
        for (char *p = text; *p != 0; p++) {
            *p = *p == '/' ? '-' : *p;
        }
    } else if (strcmp(kind, "boolean") == 0 && strlen(text) == 1) {
        (void)snprintf(text, sizeof(text), "%s", value[0] == '1' ? "true" : "false");
    }
    bool is_null = strcmp(kind, "null") == 0;
    add(w, "%s%s%s%s%s", is_null ? "null" : kind, is_null ? "" : ":", is_null ? "" : text,
        has_priority ? "@" : "", has_priority ? priority : "");
}

static bool write_property(struct words *w)
{
    size_t tag = strtoul(w->theirs[6], NULL, 0);
    bool is_number = w->theirs[6][0] >= '0' && w->theirs[6][0] <= '9';
    if (!is_number || tag >= BAS_ARRAY_LEN(kinds)) {
        return false;
    }
    add(w, "%s", w->theirs[0]);
    add_object(w, 1);
    add_property(w, 3, w->theirs[5]);
    add_value(w, kinds[tag], w->theirs[7], w->theirs[4]);
    return true;
}

static bool read_multiple(struct words *w)
{
    add(w, "%s", w->theirs[0]);
    for (int i = 1; i + 2 < w->n; i += 3) {
        add_object(w, i);
        add(w, "%s", w->theirs[i + 2]);
    }
    return (w->n - 1) % 3 == 0;
}

/* "cancel" takes back what another call of the command asked for. */
static bool cancel(struct words *w)
{
    w->ours[1] = keep(w, "call");
    add(w, "%s", w->theirs[0]);
    add(w, "subscribe-cov");
    add(w,
        "{\"subscriber-process-identifier\":%lu,\"monitored-object-identifier\":\"%.40s,%.10s\"}",
        strtoul(w->theirs[3], NULL, 0), w->theirs[1], w->theirs[2]);
    return true;
}

static bool subscribe(struct words *w)
{
    if (is_word(w, 4, "cancel")) {
        return cancel(w);
    }
    if (!is_word(w, 4, "confirmed") && !is_word(w, 4, "unconfirmed")) {
        return false;
    }
    add(w, "%s", w->theirs[0]);
    for (int i = 1; i + 3 < w->n; i += 5) {
        add_object(w, i);
    }
    add(w, "--process");
    add(w, "%s", w->theirs[3]);
    if (is_word(w, 4, "confirmed")) {
        add(w, "--confirmed");
    }
    if (w->n > 5 && strcmp(w->theirs[5], "0") != 0) {
        add(w, "--lifetime");
        add(w, "%s", w->theirs[5]);
        add(w, "-W");
        add(w, "%s", w->theirs[5]);
    }
    return true;
}

static bool read_range(struct words *w)
{
    static const char *const options[] = { "--position", "--sequence", "--time" };
    long way = strtol(w->theirs[4], NULL, 0);
    int needed = way == 3 ? 8 : way == 4 ? 5 : 7;
    if (way < 1 || way > 4 || w->n < needed) {
        return false;
    }
    add(w, "%s", w->theirs[0]);
    add_object(w, 1);
    add(w, "%s", w->theirs[3]);
    if (way == 4) {
        return true;
    }
    add(w, "%s", options[way - 1]);
    if (way == 3) {
        char date[64];
        (void)snprintf(date, sizeof(date), "%.40s", w->theirs[5]);
        date[strcspn(date, ":")] = 0;
        for (char *p = date; *p != 0; p++) {
            *p = *p == '/' ? '-' : *p;
        }
        add(w, "%s %.20s", date, w->theirs[6]);
    } else {
        add(w, "%s", w->theirs[5]);
    }
    add(w, "--count=%s", w->theirs[way == 3 ? 7 : 6]);
    return true;
}

static bool file(struct words *w)
{
    w->ours[2] = w->ours[1];
    w->ours[1] = keep(w, "file");
    w->n_ours = 3;
    for (int i = 0; i < 3; i++) {
        add(w, "%s", w->theirs[i]);
    }
    return true;
}

static bool reinitialize(struct words *w)
{
    add(w, "%s", w->theirs[0]);
    add(w, "%s", w->theirs[1]);
    if (w->n > 2) {
        add(w, "--device-pwd=%s", w->theirs[2]);
    }
    return true;
}

static bool control(struct words *w)
{
    add(w, "%s", w->theirs[0]);
    add(w, "%s", w->theirs[1]);
    if (w->n > 2 && strcmp(w->theirs[2], "0") != 0) {
        add(w, "%s", w->theirs[2]);
    }
    if (w->n > 3) {
        add(w, "--device-pwd=%s", w->theirs[3]);
    }
    return true;
}

static bool time_sync(struct words *w)
{
    add(w, "all");
    return true;
}

static bool epics(struct words *w)
{
    add(w, "%s", w->theirs[w->n - 1]);
    add(w, "--epics");
    return true;
}

static const struct row {
    const char *name;
    const char *verb;
    int least; /* words */
    bool (*translate)(struct words *words);
    const char *usage;
} rows[] = {
    { "bacwi", "whois", 0, whois, "[device-instance-min [device-instance-max]]" },
    { "bacrp", "read", 4, read_property,
      "device-instance object-type object-instance property [index]" },
    { "bacwp", "write", 8, write_property,
      "device-instance object-type object-instance property priority index tag value" },
    { "bacrpm", "readm", 4, read_multiple,
      "device-instance object-type object-instance property[index][,property[index]] "
      "[object-type ...]" },
    { "bacscov", "cov", 5, subscribe,
      "device-id object-type object-instance process-id <[un]confirmed lifetime|cancel>" },
    { "bacrr", "readrange", 5, read_range,
      "device-instance object-type object-instance property range-type <index|<date time>> "
      "count" },
    { "bacarf", "read", 3, file, "device-instance file-instance local-name" },
    { "bacawf", "write", 3, file, "device-instance file-instance local-name" },
    { "bacrd", "reinit", 2, reinitialize, "device-instance state [password]" },
    { "bacdcc", "control", 2, control, "device-instance state [timeout [password]]" },
    { "bacts", "timesync", 0, time_sync, "" },
    { "bacepics", "dump", 1, epics, "device-instance" },
};

static const struct row *find(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *last = slash == NULL ? name : slash + 1;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, last) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

bool bac_names_is_one(const char *name)
{
    return find(name) != NULL;
}

/* Their options that have nothing to say over BACnet/SC, where the hub reaches everybody; and how
 * many words each has. */
static int skipped(const char *word)
{
    static const char *const with_value[] = { "--mac", "--dnet", "--dadr", "--retry", "--delay" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(with_value); i++) {
        if (strcmp(word, with_value[i]) == 0) {
            return 2;
        }
    }
    return strcmp(word, "--repeat") == 0 || strcmp(word, "--debug") == 0 ? 1 : 0;
}

/* Puts the words of argv with and without a "--" in front apart. */
static void sort_words(struct words *w, int argc, char **argv, char **options, int *n_options)
{
    for (int i = 1; i < argc; i++) {
        int skip = skipped(argv[i]);
        if (skip != 0) {
            i += skip - 1;
        } else if (strncmp(argv[i], "--", 2) == 0) {
            bool has_value = i + 1 < argc && strchr(argv[i], '=') == NULL &&
                             strcmp(argv[i], "--json") != 0 &&
                             strcmp(argv[i], "--allow-plaintext") != 0;
            options[(*n_options)++] = argv[i];
            if (has_value) {
                options[(*n_options)++] = argv[++i];
            }
        } else {
            w->theirs[w->n++] = argv[i];
        }
    }
}

bool bac_names_translate(struct tool *tool, int *argc, char ***argv, int *status)
{
    const struct row *row = find((*argv)[0]);
    size_t room = (size_t)*argc + SPARE;
    char **memory = bas_keep_take(&tool->store, 4 * room * sizeof(*memory));
    int n_options = 0;
    if (memory == NULL) {
        *status = bas_err_exit_status(BAS_ERR_NO_MEMORY);
        return false;
    }
    struct words w = { .tool = tool, .theirs = memory, .ours = memory + room };
    char **options = memory + 3 * room;
    bool is_question = *argc > 1 && strcmp((*argv)[1], "--help") == 0;
    sort_words(&w, *argc, *argv, options, &n_options);
    w.ours[w.n_ours++] = (*argv)[0];
    w.ours[w.n_ours++] = keep(&w, row->verb);
    if (is_question || w.n < row->least || !row->translate(&w) || w.has_failed) {
        out_line(&tool->out, "Usage: %s %s\nThis is basalt: see basalt %s --help.", row->name,
                 row->usage, row->verb);
        *status = is_question ? 0 : bas_err_exit_status(BAS_ERR_INVALID);
        return false;
    }
    for (int i = 0; i < n_options; i++) {
        w.ours[w.n_ours++] = options[i];
    }
    tool->is_bac = true;
    *argv = w.ours;
    *argc = w.n_ours;
    return true;
}
