/* Owns `basalt file read` and `basalt file write`: files of a device (clause 14). */
#include "progress.h"
#include "session_call.h"
#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 65536, MOST = 268435456 };

struct file_options {
    struct common_options common;
    uint32_t start;
    uint32_t count;
    bool by_record;
    bool appends;
    bool replaces;
};

#define ROW(name, type, member, min, max, argument, help)                                          \
    {                                                                                              \
        OPTION(struct file_options, name, type, member, min, max, NULL, help, false, NULL), 0,     \
            argument,                                                                              \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
#define START                                                                                      \
    ROW("start", UNSIGNED, start, 0, 2147483647, "N", "begin there: octet, or record, from 0")
#define RECORDS ROW("records", BOOL, by_record, 0, 0, NULL, "record access: a record is a line")

static const struct option_row read_rows[] = {
    START,
    ROW("count", UNSIGNED, count, 1, 2147483647, "N", "so many octets, or records, at most"),
    RECORDS,
};
static const struct option_row write_rows[] = {
    START,
    ROW("append", BOOL, appends, 0, 0, NULL, "behind what is there"),
    ROW("replace", BOOL, replaces, 0, 0, NULL, "in place of what is there"),
    RECORDS,
};

const struct verb_options file_read_options = {
    .arguments = "DEVICE FILE [PATH]",
    .min_arguments = 2,
    .max_arguments = 3,
    .rows = read_rows,
    .n = BAS_ARRAY_LEN(read_rows),
    .uses_hub = true,
    .size = sizeof(struct file_options),
    .examples = "  basalt file read 1234 1 backup.bin        file,1 into backup.bin\n"
                "  basalt file read 1234 file:2              to standard output\n"
                "  basalt file read 1234 3 --records --start 10 --count 5\n",
};
const struct verb_options file_write_options = {
    .arguments = "DEVICE FILE PATH|-",
    .min_arguments = 3,
    .max_arguments = 3,
    .rows = write_rows,
    .n = BAS_ARRAY_LEN(write_rows),
    .uses_hub = true,
    .size = sizeof(struct file_options),
    .examples = "  basalt file write 1234 1 backup.bin --replace\n"
                "  basalt file write 1234 3 - --records --append < lines.txt\n",
};
const struct verb_options file_options = {
    .arguments = "VERB [ARGUMENT...]",
    .min_arguments = 1,
    .max_arguments = SIZE_MAX,
    .size = sizeof(struct common_options),
    .examples = "  basalt file read 1234 1 backup.bin\n"
                "  basalt file write 1234 1 backup.bin --replace\n\n"
                "basalt file VERB --help tells each verb's options with examples.",
};

static const struct verb rows[] = {
    { "file read", NULL, "read a file of a device", cmd_file_read, &file_read_options, NULL },
    { "file write", NULL, "write a file of a device", cmd_file_write, &file_write_options, NULL },
};
const struct verbs file_verbs = { rows, BAS_ARRAY_LEN(rows) };

struct transfer {
    struct target_device device;
    const struct file_options *options;
    struct bac_object_id file;
    const char *path; /* NULL or "-": standard input or output */
    FILE *stream;
    struct progress progress;
    uint64_t moved; /* octets or records */
    int error;      /* errno of the stream */
    /* what is written */
    uint8_t *data;
    size_t len;
    struct bas_slice *records;
    size_t n_records;
};

static bool is_standard(const struct transfer *t)
{
    return t->path == NULL || strcmp(t->path, "-") == 0;
}

static void tell(struct session *s, const char *done)
{
    const struct transfer *t = s->user;
    struct out *out = &s->tool->out;
    const char *unit = t->options->by_record ? "records" : "octets";
    char memory[32];
    struct bas_buf file;
    if (out->json && !(is_standard(t) && t->records == NULL && t->data == NULL)) {
        struct bas_json *json = out_begin(out);
        target_device_json(&t->device, json);
        bac_json(&bac_type_object_id, &t->file, json, "object");
        bas_json_unsigned(json, unit, t->moved);
        bas_json_bool(json, done, true);
        out_end(out);
    } else if (!is_standard(t)) {
        bas_buf_init(&file, memory, sizeof(memory));
        bac_object_id_text(t->file, &file);
        out_line(out, "%s: %llu %s %s", bas_buf_text(&file), (unsigned long long)t->moved, unit,
                 done);
    }
}

/* Reading */

static void on_piece(void *user, const struct bas_file_piece *piece)
{
    struct session *s = user;
    struct transfer *t = s->user;
    size_t len = piece->data.len;
    bool good = len == 0 || fwrite(piece->data.data, 1, len, t->stream) == len;
    good = good && (!t->options->by_record || fputc('\n', t->stream) != EOF);
    if (!good && t->error == 0) {
        t->error = errno;
    }
    t->moved += t->options->by_record ? 1 : len;
    progress_tell(&t->progress, t->moved, piece->is_end ? t->moved : t->options->count);
}

static int read_work(struct session *s)
{
    struct transfer *t = s->user;
    const struct bas_peer_name peer = session_peer(s);
    const struct file_options *o = t->options;
    const struct bas_file_read what = { .file = t->file.instance,
                                        .by_record = o->by_record,
                                        .start = o->start != UINT32_MAX ? o->start : 0,
                                        .count = o->count != UINT32_MAX ? o->count : 0,
                                        .piece = on_piece,
                                        .done = session_done,
                                        .user = s };
    t->progress = (struct progress){ .tool = s->tool, .what = o->by_record ? "records" : "octets" };
    (void)bas_read_file(s->station, &peer, &what);
    bool good = session_await_good(s);
    progress_clear(&t->progress);
    if (good && (fflush(t->stream) != 0 || t->error != 0)) {
        (void)session_fail_with(s, BAS_ERR_IO, "%s: cannot be written: %s",
                                is_standard(t) ? "standard output" : t->path,
                                strerror(t->error != 0 ? t->error : errno));
    } else if (good) {
        tell(s, "read");
    }
    return 0;
}

/* Writing */

static void on_progress(void *user, uint64_t written, uint64_t total)
{
    struct session *s = user;
    struct transfer *t = s->user;
    t->moved = written;
    progress_tell(&t->progress, written, total);
}

static int write_work(struct session *s)
{
    struct transfer *t = s->user;
    const struct bas_peer_name peer = session_peer(s);
    const struct file_options *o = t->options;
    const struct bas_file_write what = { .file = t->file.instance,
                                         .start = o->appends               ? -1
                                                  : o->start != UINT32_MAX ? (int64_t)o->start
                                                                           : 0,
                                         .data = { t->data, o->by_record ? 0 : t->len },
                                         .records = o->by_record ? t->records : NULL,
                                         .n_records = t->n_records,
                                         .replaces = o->replaces,
                                         .progress = on_progress,
                                         .done = session_done,
                                         .user = s };
    t->progress = (struct progress){ .tool = s->tool, .what = o->by_record ? "records" : "octets" };
    (void)bas_write_file(s->station, &peer, &what);
    bool good = session_await_good(s);
    progress_clear(&t->progress);
    if (good) {
        t->moved = o->by_record ? t->n_records : t->len;
        t->path = t->path != NULL && is_standard(t) ? "standard input" : t->path;
        tell(s, "written");
    }
    return 0;
}

/* The whole of a stream. False: told. */
static bool load(struct tool *tool, struct transfer *t)
{
    size_t cap = 0;
    size_t n = 1;
    while (n != 0) {
        if (t->len == cap) {
            cap = cap == 0 ? FIRST : 2 * cap;
            uint8_t *more = cap > MOST ? NULL : realloc(t->data, cap);
            if (more == NULL) {
                (void)out_usage(&tool->out, tool->verb->name, "%s: is too long", t->path);
                return false;
            }
            t->data = more;
        }
        n = fread(t->data + t->len, 1, cap - t->len, t->stream);
        t->len += n;
    }
    if (ferror(t->stream) != 0) {
        (void)out_usage(&tool->out, tool->verb->name, "%s: cannot be read: %s", t->path,
                        strerror(errno));
        return false;
    }
    return true;
}

/* A record for each line. */
static bool split(struct tool *tool, struct transfer *t)
{
    size_t lines = 1;
    for (size_t i = 0; i < t->len; i++) {
        lines += t->data[i] == '\n' ? 1 : 0;
    }
    t->records = bas_keep_take(&tool->store, lines * sizeof(*t->records));
    if (t->records == NULL) {
        (void)out_usage(&tool->out, tool->verb->name, "out of memory");
        return false;
    }
    for (size_t at = 0; at < t->len;) {
        const uint8_t *end = memchr(t->data + at, '\n', t->len - at);
        size_t len = end == NULL ? t->len - at : (size_t)(end - t->data) - at;
        t->records[t->n_records++] = (struct bas_slice){ t->data + at, len };
        at += len + 1;
    }
    return true;
}

static bool read_file_name(struct tool *tool, const char *text, struct transfer *t)
{
    size_t len = strlen(text);
    if (len != 0 && len < 8 && strspn(text, "0123456789") == len) {
        t->file = (struct bac_object_id){ BAC_OBJECT_FILE, (uint32_t)strtoul(text, NULL, 10) };
        return true;
    }
    if (!target_object(tool, text, &t->file)) {
        return false;
    }
    if (t->file.type != BAC_OBJECT_FILE) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.40s\" is no file; its instance, or such as file:1", text);
        return false;
    }
    return true;
}

static bool open_stream(struct tool *tool, struct transfer *t, bool writes)
{
    FILE *standard = writes ? stdout : stdin;
    t->stream = is_standard(t) ? standard : fopen(t->path, writes ? "wbe" : "rbe");
    if (t->stream == NULL) {
        (void)out_usage(&tool->out, tool->verb->name, "%s: cannot be opened: %s", t->path,
                        strerror(errno));
        return false;
    }
    return true;
}

/* The arguments that both have. */
static bool begin(struct tool *tool, const struct arguments *arguments, struct transfer *t)
{
    t->path = arguments->n > 2 ? arguments->items[2] : NULL;
    return target_device(tool, arguments->items[0], &t->device) &&
           read_file_name(tool, arguments->items[1], t);
}

static int run(struct tool *tool, struct transfer *t, int (*work)(struct session *s))
{
    const struct session_task task = { .device = &t->device, .work = work, .user = t };
    int status = session_run(tool, &t->options->common, &task);
    if (t->stream != NULL && t->stream != stdin && t->stream != stdout) {
        (void)fclose(t->stream);
    }
    free(t->data);
    return status;
}

int cmd_file_read(struct tool *tool, int argc, char **argv)
{
    struct file_options options;
    struct arguments arguments;
    struct transfer t = { .options = &options };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!begin(tool, &arguments, &t) || !open_stream(tool, &t, true)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    return run(tool, &t, read_work);
}

int cmd_file_write(struct tool *tool, int argc, char **argv)
{
    struct file_options options;
    struct arguments arguments;
    struct transfer t = { .options = &options };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (options.appends && (options.replaces || options.start != UINT32_MAX)) {
        return out_usage(&tool->out, tool->verb->name,
                         "--append contradicts --start and --replace; give one");
    }
    if (!begin(tool, &arguments, &t) || !open_stream(tool, &t, false)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    if (!load(tool, &t) || (options.by_record && !split(tool, &t))) {
        free(t.data);
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    return run(tool, &t, write_work);
}
