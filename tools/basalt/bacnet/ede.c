/* Owns the two tables of EDE: which property stands in which column. */
#define _DEFAULT_SOURCE /* gmtime_r */
#include "ede.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CELL = 512, PATH = 4096, STATES = 8192, VENDOR_TYPES = 128, MICROSECONDS = 1000000 };

/* The cells of a row, in the order of the columns; those that come from no property are made. */
enum cell {
    CELL_NAME,
    CELL_DESCRIPTION,
    CELL_VALUE,
    CELL_MIN,
    CELL_MAX,
    CELL_SETTABLE,
    CELL_HIGH,
    CELL_LOW,
    CELL_UNIT,
    CELL_CLASS,
    CELLS
};

static const struct {
    uint32_t property;
    uint32_t index;
    enum cell cell;
} columns[] = {
    { BAC_PROPERTY_OBJECT_NAME, BAC_NO_INDEX, CELL_NAME },
    { BAC_PROPERTY_DESCRIPTION, BAC_NO_INDEX, CELL_DESCRIPTION },
    { BAC_PROPERTY_PRESENT_VALUE, BAC_NO_INDEX, CELL_VALUE },
    { BAC_PROPERTY_MIN_PRES_VALUE, BAC_NO_INDEX, CELL_MIN },
    { BAC_PROPERTY_MAX_PRES_VALUE, BAC_NO_INDEX, CELL_MAX },
    { BAC_PROPERTY_PRIORITY_ARRAY, 0, CELL_SETTABLE },
    { BAC_PROPERTY_HIGH_LIMIT, BAC_NO_INDEX, CELL_HIGH },
    { BAC_PROPERTY_LOW_LIMIT, BAC_NO_INDEX, CELL_LOW },
    { BAC_PROPERTY_UNITS, BAC_NO_INDEX, CELL_UNIT },
    { BAC_PROPERTY_NOTIFICATION_CLASS, BAC_NO_INDEX, CELL_CLASS },
};

struct ede {
    struct tool *tool;
    const char *prefix;
    FILE *points;
    FILE *texts;
    uint32_t device;
    bool has_cov;
    bool is_begun;
    struct bac_object_id object;
    char cells[CELLS][CELL];
    char states[STATES]; /* "closed;open" */
    char **known;        /* state texts that have a reference: the index and one */
    size_t n_known;
    size_t rows;
    bool is_broken;
};

/* A cell: in quotes where it must. */
static void put_cell(FILE *file, const char *text)
{
    if (strpbrk(text, ";\"\r\n") == NULL) {
        (void)fputs(text, file);
        return;
    }
    (void)fputc('"', file);
    for (; *text != 0; text++) {
        (void)fputs(*text == '"' ? "\"\"" : "", file);
        (void)(*text == '"' ? 0 : fputc(*text, file));
    }
    (void)fputc('"', file);
}

static FILE *open_one(struct tool *tool, const char *prefix, const char *suffix)
{
    char path[PATH];
    (void)snprintf(path, sizeof(path), "%s_%s.csv", prefix, suffix);
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        (void)out_usage(&tool->out, tool->verb->name, "%s: cannot be opened: %s", path,
                        strerror(errno));
    }
    return file;
}

static void put_heads(struct ede *e)
{
    time_t now = (time_t)(e->tool->env.wall(e->tool->env.ctx) / MICROSECONDS);
    struct tm parts = { 0 };
    (void)gmtime_r(&now, &parts);
    const char *slash = strrchr(e->prefix, '/');
    (void)fputs("#Engineering-Data-Exchange - B.I.G.-EU\nPROJECT_NAME;", e->points);
    put_cell(e->points, slash == NULL ? e->prefix : slash + 1);
    (void)fprintf(e->points,
                  "\nVERSION_OF_REFERENCEFILE;1\nTIMESTAMP_OF_LAST_CHANGE;%04d-%02d-%02d\n"
                  "AUTHOR_OF_LAST_CHANGE;basalt %s\nVERSION_OF_LAYOUT;2.3\n",
                  parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, BASALT_VERSION);
    (void)fputs("#mandatory;mandatory;mandatory;mandatory;mandatory;optional;optional;optional;"
                "optional;optional;optional;optional;optional;optional;optional;optional;"
                "optional\n"
                "# keyname;device obj.-instance;object-name;object-type;object-instance;"
                "description;present-value-default;min-present-value;max-present-value;settable;"
                "supports COV;hi-limit;low-limit;state-text-reference;unit-code;"
                "vendor-specific-addres;notification-class\n",
                e->points);
    (void)fputs("#State Text Reference\n"
                "#Reference Number;Text 1 or Inactive-Text;Text 2 or Active-Text;Text 3;...\n",
                e->texts);
}

struct ede *ede_open(struct tool *tool, const char *prefix)
{
    struct ede *e = calloc(1, sizeof(*e));
    if (e == NULL) {
        return NULL;
    }
    e->tool = tool;
    e->prefix = prefix;
    e->points = open_one(tool, prefix, "EDE");
    e->texts = e->points == NULL ? NULL : open_one(tool, prefix, "StateTexts");
    if (e->texts == NULL) {
        if (e->points != NULL) {
            (void)fclose(e->points);
        }
        free(e);
        return NULL;
    }
    put_heads(e);
    return e;
}

void ede_set_device(struct ede *e, uint32_t device, bool has_cov)
{
    e->device = device;
    e->has_cov = has_cov;
}

static bool has_value(uint16_t type)
{
    return type >= VENDOR_TYPES || bac_property_type(type, BAC_PROPERTY_PRESENT_VALUE) != NULL;
}

size_t ede_properties(struct bac_object_id object, struct bas_property *items)
{
    size_t n = 0;
    size_t most = has_value(object.type) ? BAS_ARRAY_LEN(columns) : 2;
    for (size_t i = 0; i < most; i++) {
        items[n++] = (struct bas_property){ object, columns[i].property, columns[i].index };
    }
    bool is_multi = object.type == BAC_OBJECT_MULTI_STATE_INPUT ||
                    object.type == BAC_OBJECT_MULTI_STATE_OUTPUT ||
                    object.type == BAC_OBJECT_MULTI_STATE_VALUE;
    bool is_binary = object.type == BAC_OBJECT_BINARY_INPUT ||
                     object.type == BAC_OBJECT_BINARY_OUTPUT ||
                     object.type == BAC_OBJECT_BINARY_VALUE;
    if (is_multi) {
        items[n++] = (struct bas_property){ object, BAC_PROPERTY_STATE_TEXT, BAC_NO_INDEX };
    } else if (is_binary) {
        items[n++] = (struct bas_property){ object, BAC_PROPERTY_INACTIVE_TEXT, BAC_NO_INDEX };
        items[n++] = (struct bas_property){ object, BAC_PROPERTY_ACTIVE_TEXT, BAC_NO_INDEX };
    }
    return n;
}

/* The number of these state texts; new ones get a line in their file. 0: there are none. */
static size_t reference_of(struct ede *e, const char *states)
{
    if (states[0] == 0) {
        return 0;
    }
    for (size_t i = 0; i < e->n_known; i++) {
        if (strcmp(e->known[i], states) == 0) {
            return i + 1;
        }
    }
    char **more = realloc(e->known, (e->n_known + 1) * sizeof(*more));
    char *copy = strdup(states);
    if (more == NULL || copy == NULL) {
        free(copy);
        e->known = more != NULL ? more : e->known;
        e->is_broken = true;
        return 0;
    }
    e->known = more;
    e->known[e->n_known++] = copy;
    (void)fprintf(e->texts, "%zu;%s\n", e->n_known, states);
    return e->n_known;
}

/* Which character stands in a column of Y, N and nothing. */
static const char *settable_of(const struct ede *e)
{
    return e->cells[CELL_SETTABLE][0] != 0 ? "Y" : "";
}

static void put_row(struct ede *e)
{
    const char *type = bac_object_type_name(e->object.type);
    size_t reference = reference_of(e, e->states);
    bool has_cov = e->has_cov && has_value(e->object.type);
    (void)fprintf(e->points, "%u.%s.%u;%u;", (unsigned)e->device, type != NULL ? type : "object",
                  (unsigned)e->object.instance, (unsigned)e->device);
    put_cell(e->points, e->cells[CELL_NAME]);
    (void)fprintf(e->points, ";%u;%u;", (unsigned)e->object.type, (unsigned)e->object.instance);
    put_cell(e->points, e->cells[CELL_DESCRIPTION]);
    (void)fputc(';', e->points);
    put_cell(e->points, e->cells[CELL_VALUE]);
    (void)fprintf(e->points, ";%s;%s;%s;%s;%s;%s;", e->cells[CELL_MIN], e->cells[CELL_MAX],
                  settable_of(e), has_cov ? "Y" : "N", e->cells[CELL_HIGH], e->cells[CELL_LOW]);
    if (reference != 0) {
        (void)fprintf(e->points, "%zu", reference);
    }
    (void)fprintf(e->points, ";%s;;%s\n", e->cells[CELL_UNIT], e->cells[CELL_CLASS]);
    e->rows++;
}

static void end_row(struct ede *e)
{
    if (e->is_begun) {
        put_row(e);
    }
    e->is_begun = false;
}

/* A value as a cell holds it: texts bare, enumerations as numbers. */
static void write_value(const struct bac_value *value, char *cell, size_t cap)
{
    char memory[STATES];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    if (value->tag == BAC_TAG_CHARACTER_STRING) {
        (void)bac_text_utf8(&value->as.text, &out);
    } else {
        bac_value_text(NULL, value, &out);
    }
    const char *text = bas_buf_text(&out);
    bas_text_copy(cell, cap, (struct bas_slice){ (const uint8_t *)text, strlen(text) });
}

/* One state text more; a semicolon in it would shift the columns. */
static void add_state(struct ede *e, const char *text)
{
    size_t len = strlen(e->states);
    (void)snprintf(e->states + len, sizeof(e->states) - len, "%s%s", len == 0 ? "" : ";", text);
    for (char *p = e->states + len + (len == 0 ? 0 : 1); *p != 0; p++) {
        *p = *p == ';' ? ',' : *p;
    }
}

static void take_states(struct ede *e, struct bas_slice raw)
{
    struct bac_value value;
    char cell[CELL];
    while (raw.len != 0 &&
           bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &value, NULL, NULL) == BAS_OK) {
        write_value(&value, cell, sizeof(cell));
        add_state(e, cell);
    }
}

void ede_take(struct ede *e, const struct bas_property_read *read)
{
    if (read->of.property == BAC_PROPERTY_OBJECT_NAME) {
        end_row(e);
        e->is_begun = true;
        e->object = read->of.object;
        memset(e->cells, 0, sizeof(e->cells));
        e->states[0] = 0;
    }
    if (read->err != BAS_OK) {
        return;
    }
    if (read->of.property == BAC_PROPERTY_STATE_TEXT ||
        read->of.property == BAC_PROPERTY_INACTIVE_TEXT ||
        read->of.property == BAC_PROPERTY_ACTIVE_TEXT) {
        take_states(e, read->raw);
        return;
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(columns) && read->has_value; i++) {
        if (columns[i].property == read->of.property) {
            write_value(&read->value, e->cells[columns[i].cell], CELL);
        }
    }
}

bool ede_close(struct ede *e, size_t *rows)
{
    end_row(e);
    *rows = e->rows;
    bool good = !e->is_broken && ferror(e->points) == 0 && ferror(e->texts) == 0;
    good = fclose(e->points) == 0 && good;
    good = fclose(e->texts) == 0 && good;
    if (!good) {
        const struct bas_fault fault = { .err = BAS_ERR_IO,
                                         .text = "the files of --ede cannot be written" };
        (void)out_fail(&e->tool->out, e->tool->verb->name, &fault);
    }
    for (size_t i = 0; i < e->n_known; i++) {
        free(e->known[i]);
    }
    free(e->known);
    free(e);
    return good;
}
