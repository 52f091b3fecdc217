/* Owns the file of group keys: lines "GROUP KEY", or one key alone. */
#define _DEFAULT_SOURCE /* strtok_r */
#include "group_keys.h"

#include "rt/textfile.h"

#include <string.h>
#include <sys/stat.h>

enum { MAX_FILE = 4194304 };

/* One file on its way. */
struct reading {
    const char *path;
    size_t line;
    knx_ga group; /* whose a key alone is */
    struct group_keys *keys;
    struct bas_fault *fault;
};

static bas_err read_key(const struct reading *r, const char *text, struct knx_key *key)
{
    size_t len = sizeof(key->octets);
    if (bas_hex_decode(text, key->octets, &len) != BAS_OK || len != sizeof(key->octets)) {
        return bas_fail(r->fault, BAS_ERR_CONFIG,
                        "%s:%zu: this is not a key; 32 hex digits, in front of them the group: "
                        "1/2/3 KEY",
                        r->path, r->line);
    }
    return BAS_OK;
}

static bas_err add(struct reading *r, knx_ga group, const char *text)
{
    char name[KNX_ADDRESS_TEXT];
    for (size_t i = 0; i < r->keys->n; i++) {
        if (r->keys->rows[i].group == group) {
            return bas_fail(r->fault, BAS_ERR_CONFIG, "%s:%zu: %s has a key already; leave one",
                            r->path, r->line, knx_ga_text(group, name));
        }
    }
    struct knx_group_key *row = &r->keys->rows[r->keys->n];
    bas_err err = read_key(r, text, &row->key);
    row->group = group;
    r->keys->n += err == BAS_OK ? 1 : 0;
    return err;
}

/* A line without its end. */
static bas_err read_line(struct reading *r, char *line)
{
    char *rest = NULL;
    const char *first = strtok_r(line, " \t\r", &rest);
    const char *second = first == NULL ? NULL : strtok_r(NULL, " \t\r", &rest);
    knx_ga group = 0;
    if (first == NULL || first[0] == '#') {
        return BAS_OK;
    }
    if (second == NULL && r->group == 0) {
        return bas_fail(r->fault, BAS_ERR_CONFIG,
                        "%s:%zu: a key alone does not tell its group; write 1/2/3 KEY", r->path,
                        r->line);
    }
    if (second == NULL) {
        return add(r, r->group, first);
    }
    if (!knx_ga_parse(first, &group)) {
        return bas_fail(r->fault, BAS_ERR_CONFIG,
                        "%s:%zu: it does not begin with a group; write 1/2/3 KEY", r->path,
                        r->line);
    }
    return add(r, group, second);
}

static size_t count_lines(const struct bas_textfile *file)
{
    size_t n = 1;
    for (size_t i = 0; i < file->len; i++) {
        n += file->text[i] == '\n' ? 1 : 0;
    }
    return n;
}

static bas_err read_lines(struct reading *r, char *text)
{
    bas_err err = BAS_OK;
    while (text != NULL && err == BAS_OK) {
        char *end = strchr(text, '\n');
        if (end != NULL) {
            *end = 0;
        }
        r->line++;
        err = read_line(r, text);
        text = end == NULL ? NULL : end + 1;
    }
    if (err == BAS_OK && r->keys->n == 0) {
        return bas_fail(r->fault, BAS_ERR_CONFIG, "%s: no key is in it; write 1/2/3 KEY", r->path);
    }
    return err;
}

static void warn_of_others(struct tool *tool, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        bas_log(&tool->env, BAS_LOG_WARNING, "%s: holds keys, and others may open it; chmod 600",
                path);
    }
}

bas_err group_keys_read(struct tool *tool, const char *path, knx_ga group, struct group_keys *keys,
                        struct bas_fault *fault)
{
    struct bas_textfile file;
    struct reading r = { path, 0, group, keys, fault };
    *keys = (struct group_keys){ NULL, 0, 0 };
    bas_err err = bas_textfile_read(&tool->env, path, MAX_FILE, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    warn_of_others(tool, path);
    keys->cap = count_lines(&file);
    keys->rows = bas_alloc(&tool->env, keys->cap * sizeof(*keys->rows));
    err = keys->rows == NULL ? bas_fail(fault, BAS_ERR_NO_MEMORY, "%s: out of memory", path)
                             : read_lines(&r, file.text);
    bas_wipe(file.text, file.len);
    bas_textfile_free(&tool->env, &file);
    return err;
}

void group_keys_free(struct tool *tool, struct group_keys *keys)
{
    if (keys->rows != NULL) {
        bas_wipe(keys->rows, keys->cap * sizeof(*keys->rows));
        bas_release(&tool->env, keys->rows, keys->cap * sizeof(*keys->rows));
    }
    *keys = (struct group_keys){ NULL, 0, 0 };
}
