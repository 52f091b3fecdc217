/* Owns reading the configuration file: YAML events against the rows, every fault with its line. */
#include "rt/config.h"
#include "rt/textfile.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { PLACE = 64, MAX_KEYS = 96 };

struct file {
    struct bas_config *config;
    const char *path;
    char folder[BAS_PATH_MAX];
    struct bas_textfile content;
    struct bas_fault *fault;
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
};

/* A mapping that is being read: the rows that it may have, where their values go. */
struct mapping {
    enum bas_section section;
    struct bas_rows all;
    void *base;
    char place[PLACE];        /* "device.objects[3]" */
    uint32_t lines[MAX_KEYS]; /* where each key stood; 0: not there */
};

static uint32_t line_of(const struct file *f)
{
    return f->has_event ? (uint32_t)f->event.start_mark.line + 1 : 1;
}

BAS_PRINTF(4, 5)
static bas_err complain(struct file *f, uint32_t line, const char *key, const char *format, ...)
{
    char text[BAS_FAULT_TEXT];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return bas_fail(f->fault, BAS_ERR_CONFIG, "%s:%u: %s: %s", f->path, (unsigned)line, key, text);
}

static bas_err no_memory(struct file *f)
{
    return bas_fail(f->fault, BAS_ERR_NO_MEMORY, "%s: out of memory", f->path);
}

static uint32_t line_at(const struct file *f, size_t offset)
{
    uint32_t line = 1;
    for (size_t i = 0; i < offset && i < f->content.len; i++) {
        line += f->content.text[i] == '\n' ? 1 : 0;
    }
    return line;
}

static bas_err yaml_fault(struct file *f)
{
    const yaml_parser_t *p = &f->parser;
    if (p->error == YAML_MEMORY_ERROR) {
        return no_memory(f);
    }
    if (p->error == YAML_READER_ERROR) {
        return complain(f, line_at(f, p->problem_offset), "YAML",
                        "the text is not UTF-8; save the file as UTF-8 without control characters");
    }
    return complain(f, (uint32_t)p->problem_mark.line + 1, "YAML",
                    "%s; check indentation, colons, brackets and quotes",
                    p->problem == NULL ? "the text is malformed" : p->problem);
}

static void drop_event(struct file *f)
{
    if (f->has_event) {
        yaml_event_delete(&f->event);
        f->has_event = false;
    }
}

static const char *extra_of(const yaml_event_t *event)
{
    switch ((int)event->type) {
    case YAML_ALIAS_EVENT:
        return "an alias (*name)";
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL ? "an anchor (&name)"
               : event->data.scalar.tag != NULL  ? "a tag (!name)"
                                                 : NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL ? "an anchor (&name)"
               : event->data.sequence_start.tag != NULL  ? "a tag (!name)"
                                                         : NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL ? "an anchor (&name)"
               : event->data.mapping_start.tag != NULL  ? "a tag (!name)"
                                                        : NULL;
    default:
        return NULL;
    }
}

/* The next event. Anchors, aliases and tags are refused: they can make a small file large. */
static bas_err next(struct file *f)
{
    drop_event(f);
    if (!yaml_parser_parse(&f->parser, &f->event)) {
        return yaml_fault(f);
    }
    f->has_event = true;
    const char *extra = extra_of(&f->event);
    if (extra != NULL) {
        return complain(f, line_of(f), "YAML", "%s is not allowed here; write the value out",
                        extra);
    }
    return BAS_OK;
}

static bool at(const struct file *f, yaml_event_type_t type)
{
    return f->event.type == type;
}

static const char *text_of(const struct file *f)
{
    return (const char *)f->event.data.scalar.value;
}

static bool is_null(const struct file *f)
{
    const char *text = text_of(f);
    return f->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (text[0] == 0 || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static bas_err complain_allowed(struct file *f, const struct bas_setting *row, const char *key,
                                const char *problem)
{
    char allowed[BAS_SETTING_WHY];
    struct bas_buf out;
    bas_buf_init(&out, allowed, sizeof(allowed));
    bas_setting_allowed(row, &out);
    return complain(f, line_of(f), key, "%s; %s", problem, bas_buf_text(&out));
}

static bas_err read_scalar(struct file *f, const struct bas_setting *row, const char *key,
                           void *base)
{
    if (is_null(f)) {
        return complain_allowed(f, row, key, "has no value");
    }
    if (strlen(text_of(f)) != f->event.data.scalar.length) {
        return complain_allowed(f, row, key, "holds a NUL character");
    }
    struct bas_setting_reader reader = { &f->config->store, f->folder,
                                         f->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE };
    char why[BAS_SETTING_WHY];
    bas_err err = bas_setting_read(row, &reader, text_of(f), base, why);
    if (err == BAS_ERR_CONFIG) {
        return complain(f, line_of(f), key, "%s", why);
    }
    return err == BAS_OK ? BAS_OK : no_memory(f);
}

static bas_err read_list(struct file *f, const struct bas_setting *row, const char *key, void *base)
{
    for (;;) {
        bas_err err = next(f);
        if (err != BAS_OK || at(f, YAML_SEQUENCE_END_EVENT)) {
            return err;
        }
        if (!at(f, YAML_SCALAR_EVENT)) {
            return complain_allowed(f, row, key, "holds something else than texts");
        }
        err = read_scalar(f, row, key, base);
        if (err != BAS_OK) {
            return err;
        }
    }
}

static bas_err read_value(struct file *f, const struct bas_setting *row, const char *key,
                          void *base)
{
    if (bas_setting_is_list(row)) { /* in place of the default */
        memset((char *)base + row->offset, 0, row->size);
    }
    if (at(f, YAML_SCALAR_EVENT)) {
        return read_scalar(f, row, key, base);
    }
    if (at(f, YAML_SEQUENCE_START_EVENT) && bas_setting_is_list(row)) {
        return read_list(f, row, key, base);
    }
    return complain_allowed(f, row, key,
                            at(f, YAML_SEQUENCE_START_EVENT) ? "is a list" : "is a mapping");
}

/* The row that the key at hand names, and its place for messages in key. */
static bas_err find_key(struct file *f, struct mapping *m, const struct bas_setting **row,
                        char key[PLACE + 64])
{
    if (!at(f, YAML_SCALAR_EVENT)) {
        return complain(f, line_of(f), m->place, "a key is not a text; write key: value");
    }
    const char *name = text_of(f);
    for (size_t i = 0; i < m->all.n; i++) {
        if (strcmp(m->all.rows[i].name, name) != 0) {
            continue;
        }
        *row = &m->all.rows[i];
        (void)snprintf(key, PLACE + 64, "%s.%s", m->place, name);
        if (m->lines[i] != 0) {
            return complain(f, line_of(f), key, "is there twice; it stands in line %u already",
                            (unsigned)m->lines[i]);
        }
        m->lines[i] = line_of(f);
        return BAS_OK;
    }
    char quoted[64];
    struct bas_buf out;
    bas_buf_init(&out, quoted, sizeof(quoted));
    bas_setting_quote(&out, name);
    const char *nearest = bas_nearest(name, m->all.rows, m->all.n, sizeof(m->all.rows[0]),
                                      offsetof(struct bas_setting, name));
    return complain(f, line_of(f), m->place, "%s is not a key; %s%s", bas_buf_text(&out),
                    nearest == NULL ? "basalt config keys lists them" : "did you mean ",
                    nearest == NULL ? "" : nearest);
}

static bas_err expect_mapping(struct file *f, const char *place)
{
    if (at(f, YAML_MAPPING_START_EVENT)) {
        return BAS_OK;
    }
    return complain(f, line_of(f), place, "is not a mapping; indented lines of key: value");
}

typedef bas_err (*items_reader)(struct file *f, enum bas_section section,
                                const struct bas_setting *row, const char *key);

/* The pairs of a mapping whose start is the event at hand, up to its end. */
static bas_err read_mapping(struct file *f, struct mapping *m, items_reader items)
{
    assert(m->all.n <= MAX_KEYS);
    bas_err err = expect_mapping(f, m->place);
    while (err == BAS_OK) {
        err = next(f);
        if (err != BAS_OK || at(f, YAML_MAPPING_END_EVENT)) {
            return err;
        }
        const struct bas_setting *row = NULL;
        char key[PLACE + 64];
        err = find_key(f, m, &row, key);
        if (err == BAS_OK) {
            err = next(f);
        }
        if (err != BAS_OK) {
            return err;
        }
        bool is_items = row->type == BAS_SETTING_OBJECTS && at(f, YAML_SEQUENCE_START_EVENT);
        err = is_items ? items(f, bas_config_section(m->section)->list, row, key)
                       : read_value(f, row, key, m->base);
    }
    return err;
}

static bas_err read_item(struct file *f, enum bas_section section, const char *list, size_t n)
{
    uint32_t line = line_of(f);
    void *item = bas_config_add_item(f->config, section, line);
    if (item == NULL) {
        return no_memory(f);
    }
    struct mapping m = { section, bas_config_rows(section), item, { 0 }, { 0 } };
    (void)snprintf(m.place, sizeof(m.place), "%.32s[%zu]", list, n);
    bas_err err = read_mapping(f, &m, NULL);
    if (err != BAS_OK) {
        return err;
    }
    size_t row = 0;
    char why[BAS_SETTING_WHY];
    if (bas_config_check_item(f->config, section, &row, why) != BAS_OK) {
        char key[PLACE + 64];
        (void)snprintf(key, sizeof(key), "%s.%s", m.place, m.all.rows[row].name);
        return complain(f, m.lines[row] != 0 ? m.lines[row] : line, key, "%s", why);
    }
    return BAS_OK;
}

static bas_err read_items(struct file *f, enum bas_section section, const struct bas_setting *row,
                          const char *key)
{
    for (size_t n = 0;; n++) {
        bas_err err = next(f);
        if (err != BAS_OK || at(f, YAML_SEQUENCE_END_EVENT)) {
            return err;
        }
        if (n == row->max) {
            return complain(f, line_of(f), key, "has too many objects; at most %llu",
                            (unsigned long long)row->max);
        }
        err = read_item(f, section, key, n);
        if (err != BAS_OK) {
            return err;
        }
    }
}

/* "hub, device or knx-server" */
static const char *section_names(char text[PLACE])
{
    struct bas_buf out;
    bas_buf_init(&out, text, PLACE);
    for (int s = 0; s < BAS_FILE_SECTIONS; s++) {
        bas_buf_format(&out, "%s%s",
                       s == 0                       ? ""
                       : s == BAS_FILE_SECTIONS - 1 ? " or "
                                                    : ", ",
                       bas_section_name((enum bas_section)s));
    }
    return bas_buf_text(&out);
}

static bas_err complain_section(struct file *f)
{
    char names[PLACE];
    if (!at(f, YAML_SCALAR_EVENT)) {
        return complain(f, line_of(f), "YAML", "the name of a section is not a text; %s",
                        section_names(names));
    }
    char quoted[64];
    struct bas_buf out;
    bas_buf_init(&out, quoted, sizeof(quoted));
    bas_setting_quote(&out, text_of(f));
    return complain(f, line_of(f), bas_buf_text(&out), "is not a section; %s",
                    section_names(names));
}

static bas_err read_section(struct file *f)
{
    for (int s = BAS_SECTION_HUB; s < BAS_FILE_SECTIONS; s++) {
        enum bas_section section = (enum bas_section)s;
        if (!at(f, YAML_SCALAR_EVENT) || strcmp(text_of(f), bas_section_name(section)) != 0) {
            continue;
        }
        if (bas_config_has(f->config, section)) {
            return complain(f, line_of(f), bas_section_name(section),
                            "is there twice; one section of each kind");
        }
        f->config->sections |= UINT32_C(1) << s;
        struct mapping m = {
            section, bas_config_rows(section), bas_config_base(f->config, section), { 0 }, { 0 }
        };
        (void)snprintf(m.place, sizeof(m.place), "%s", bas_section_name(section));
        bas_err err = next(f);
        return err == BAS_OK ? read_mapping(f, &m, read_items) : err;
    }
    return complain_section(f);
}

static bas_err read_document(struct file *f)
{
    char names[PLACE];
    bas_err err = next(f); /* stream start */
    err = err == BAS_OK ? next(f) : err;
    if (err != BAS_OK) {
        return err;
    }
    if (at(f, YAML_STREAM_END_EVENT)) {
        return complain(f, 1, "YAML", "the file is empty; a section %s", section_names(names));
    }
    err = next(f);
    if (err == BAS_OK && !at(f, YAML_MAPPING_START_EVENT)) {
        return complain(f, line_of(f), "YAML", "the file is not a mapping; a section %s",
                        section_names(names));
    }
    while (err == BAS_OK) {
        err = next(f);
        if (err != BAS_OK || at(f, YAML_MAPPING_END_EVENT)) {
            break;
        }
        err = read_section(f);
    }
    err = err == BAS_OK ? next(f) : err; /* document end */
    err = err == BAS_OK ? next(f) : err;
    if (err == BAS_OK && !at(f, YAML_STREAM_END_EVENT)) {
        return complain(f, line_of(f), "YAML", "there is a second document; one to a file");
    }
    return err;
}

/* A tab in indentation is YAML's most frequent fault and the worst explained. */
static bas_err check_tabs(struct file *f)
{
    bool in_indent = true;
    for (size_t i = 0; i < f->content.len; i++) {
        char c = f->content.text[i];
        if (c == '\t' && in_indent) {
            return complain(f, line_at(f, i), "YAML", "a tab stands in the indentation; spaces");
        }
        in_indent = c == '\n' || (in_indent && c == ' ');
    }
    return BAS_OK;
}

static void set_folder(struct file *f)
{
    const char *slash = strrchr(f->path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - f->path) + 1;
    if (len < sizeof(f->folder)) {
        memcpy(f->folder, f->path, len);
        f->folder[len] = 0;
    }
}

bas_err bas_config_load(struct bas_config *config, const char *path, struct bas_fault *fault)
{
    assert(!config->is_loaded);
    config->is_loaded = true;
    struct file f = { .config = config, .path = path, .fault = fault };
    set_folder(&f);
    bas_err err = bas_textfile_read(&config->env, path, BAS_CONFIG_MAX_FILE, &f.content, fault);
    if (err != BAS_OK) {
        return err;
    }
    err = check_tabs(&f);
    if (err == BAS_OK && !yaml_parser_initialize(&f.parser)) {
        err = no_memory(&f);
    } else if (err == BAS_OK) {
        yaml_parser_set_encoding(&f.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&f.parser, (const unsigned char *)f.content.text,
                                     f.content.len);
        err = read_document(&f);
        drop_event(&f);
        yaml_parser_delete(&f.parser);
    }
    bas_textfile_free(&config->env, &f.content);
    return err;
}
