/* Owns the table of names and types of groups, and the CSV files that it comes from. */
#define _DEFAULT_SOURCE /* strcasecmp */
#include "group_names.h"

#include "rt/textfile.h"

#include <string.h>
#include <strings.h>

enum { GROUPS = 65536, MAX_FILE = 16777216, COLUMNS = 32, NO_COLUMN = COLUMNS };

enum field { FIELD_NAME, FIELD_ADDRESS, FIELD_DPT, FIELDS };

/* What the columns are called, by ETS (in its languages) and by hand. */
static const struct {
    const char *title;
    enum field field;
} titles[] = {
    { "name", FIELD_NAME },
    { "group name", FIELD_NAME },
    { "group", FIELD_NAME },
    { "sub", FIELD_NAME },
    { "bezeichnung", FIELD_NAME },
    { "address", FIELD_ADDRESS },
    { "group address", FIELD_ADDRESS },
    { "adresse", FIELD_ADDRESS },
    { "dpt", FIELD_DPT },
    { "datapointtype", FIELD_DPT },
    { "datapoint type", FIELD_DPT },
    { "data type", FIELD_DPT },
    { "datentyp", FIELD_DPT },
};

/* One file on its way. */
struct reading {
    struct tool *tool;
    struct group_names *names;
    char separator;
    size_t columns[FIELDS];
    size_t n; /* groups that were found */
};

bas_err group_names_init(struct tool *tool, struct group_names *names, struct bas_fault *fault)
{
    names->rows = bas_alloc(&tool->env, GROUPS * sizeof(*names->rows));
    return names->rows != NULL ? BAS_OK
                               : bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for groups");
}

void group_names_free(struct tool *tool, struct group_names *names)
{
    bas_release(&tool->env, names->rows, GROUPS * sizeof(*names->rows));
    names->rows = NULL;
}

struct group_name group_names_find(const struct group_names *names, knx_ga group)
{
    const struct group_name none = { NULL, NULL };
    return names->rows != NULL ? names->rows[group] : none;
}

bas_err group_names_set(struct group_names *names, const char *text, struct bas_fault *fault)
{
    char group[KNX_ADDRESS_TEXT] = "";
    knx_ga address = 0;
    const char *equals = strchr(text, '=');
    size_t len = equals == NULL ? sizeof(group) : (size_t)(equals - text);
    if (len < sizeof(group)) {
        memcpy(group, text, len);
    }
    if (!knx_ga_parse(group, &address)) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "--dpt: \"%.40s\" is not GROUP=N.NNN; such as 1/2/3=9.001", text);
    }
    names->rows[address].dpt = knx_dpt_find(equals + 1);
    return names->rows[address].dpt != NULL
               ? BAS_OK
               : bas_fail(fault, BAS_ERR_INVALID,
                          "--dpt: \"%.40s\" is not a datapoint type that is known; such as "
                          "1/2/3=9.001",
                          equals + 1);
}

/* CSV. */

/* Cuts the next cell off *line and takes its quotes away; NULL: there is no more. */
static char *next_cell(char **line, char separator)
{
    char *cell = *line;
    if (cell == NULL) {
        return NULL;
    }
    char *out = cell;
    char *in = cell;
    bool is_quoted = false;
    for (; *in != 0 && (is_quoted || *in != separator); in++) {
        if (*in == '"' && is_quoted && in[1] == '"') {
            *out++ = *in++;
        } else if (*in == '"') {
            is_quoted = !is_quoted;
        } else {
            *out++ = *in;
        }
    }
    *line = *in == 0 ? NULL : in + 1;
    *out = 0;
    return cell;
}

static size_t split(char *line, char separator, char *cells[COLUMNS])
{
    size_t n = 0;
    while (n < COLUMNS && (cells[n] = next_cell(&line, separator)) != NULL) {
        n++;
    }
    return n;
}

static char find_separator(const char *line)
{
    static const char separators[] = ";,\t";
    char best = ';';
    size_t most = 0;
    for (size_t i = 0; separators[i] != 0; i++) {
        size_t n = 0;
        for (const char *at = line; *at != 0; at++) {
            n += *at == separators[i] ? 1 : 0;
        }
        if (n > most) {
            most = n;
            best = separators[i];
        }
    }
    return best;
}

static void take_title(struct reading *r, size_t column, const char *cell)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(titles); i++) {
        if (strcasecmp(titles[i].title, cell) == 0 && r->columns[titles[i].field] == NO_COLUMN) {
            r->columns[titles[i].field] = column;
        }
    }
}

/* True when the first line was one of titles. */
static bool take_titles(struct reading *r, char *const cells[], size_t n)
{
    for (size_t i = 0; i < FIELDS; i++) {
        r->columns[i] = NO_COLUMN;
    }
    for (size_t i = 0; i < n; i++) {
        take_title(r, i, cells[i]);
    }
    if (r->columns[FIELD_ADDRESS] != NO_COLUMN) {
        return true;
    }
    for (size_t i = 0; i < FIELDS; i++) {
        r->columns[i] = i;
    }
    return false;
}

static void take_row(struct reading *r, char *const cells[], size_t n)
{
    knx_ga group = 0;
    const size_t *columns = r->columns;
    if (columns[FIELD_ADDRESS] >= n || !knx_ga_parse(cells[columns[FIELD_ADDRESS]], &group)) {
        return;
    }
    struct group_name *row = &r->names->rows[group];
    const char *dpt = columns[FIELD_DPT] < n ? cells[columns[FIELD_DPT]] : "";
    r->n++;
    row->name = NULL;
    if (columns[FIELD_NAME] < n && cells[columns[FIELD_NAME]][0] != 0) {
        out_tame(cells[columns[FIELD_NAME]]);
        row->name = cells[columns[FIELD_NAME]];
    }
    row->dpt = dpt[0] != 0 ? knx_dpt_find(dpt) : NULL;
    if (dpt[0] != 0 && row->dpt == NULL) {
        char text[KNX_ADDRESS_TEXT];
        bas_log(&r->tool->env, BAS_LOG_INFO, "%s: datapoint type %.40s is not known",
                knx_ga_text(group, text), dpt);
    }
}

static void read_lines(struct reading *r, char *text)
{
    bool is_first = true;
    while (text != NULL) {
        char *cells[COLUMNS];
        char *end = strchr(text, '\n');
        if (end != NULL) {
            *end = 0;
            if (end > text && end[-1] == '\r') {
                end[-1] = 0;
            }
        }
        if (is_first) {
            r->separator = find_separator(text);
        }
        size_t n = split(text, r->separator, cells);
        if (!is_first || !take_titles(r, cells, n)) {
            take_row(r, cells, n);
        }
        is_first = false;
        text = end == NULL ? NULL : end + 1;
    }
}

bas_err group_names_read(struct tool *tool, struct group_names *names, const char *path,
                         struct bas_fault *fault)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* of UTF-8, in front of the file */
    struct bas_textfile file;
    struct reading r = { .tool = tool, .names = names };
    bas_err err = bas_textfile_read(&tool->env, path, MAX_FILE, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    char *kept = bas_keep_take(&tool->store, file.len + 1); /* names point into it */
    if (kept == NULL) {
        err = bas_fail(fault, BAS_ERR_NO_MEMORY, "%s: out of memory", path);
    } else {
        memcpy(kept, file.text, file.len);
        read_lines(&r, kept + (strncmp(kept, mark, 3) == 0 ? 3 : 0));
    }
    bas_textfile_free(&tool->env, &file);
    if (err == BAS_OK && r.n == 0) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "%s: no group address is in it; give columns name;address;dpt, or the CSV "
                        "export of group addresses of ETS",
                        path);
    }
    return err;
}
