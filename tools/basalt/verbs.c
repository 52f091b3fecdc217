/* Owns the search in tables of verbs, and the verbs that are such a table. */
#include "verbs.h"

#include "rt/setting.h"

#include <string.h>

enum { MAX_ROWS = 32 };

static const char *last_word(const char *name)
{
    const char *space = strrchr(name, ' ');
    return space == NULL ? name : space + 1;
}

const struct verb *verbs_find(struct verbs verbs, const char *word)
{
    for (size_t i = 0; i < verbs.n; i++) {
        const char *alias = verbs.rows[i].alias;
        if (strcmp(last_word(verbs.rows[i].name), word) == 0 ||
            (alias != NULL && strcmp(alias, word) == 0)) {
            return &verbs.rows[i];
        }
    }
    return NULL;
}

int verbs_unknown(struct out *out, struct verbs verbs, const char *word)
{
    const char *names[MAX_ROWS] = { NULL };
    for (size_t i = 0; i < verbs.n && i < MAX_ROWS; i++) {
        names[i] = last_word(verbs.rows[i].name);
    }
    const char *nearest = bas_nearest(word, names, MAX_ROWS, sizeof(names[0]), 0);
    const struct verb *meant = nearest == NULL ? NULL : verbs_find(verbs, nearest);
    const char *first = verbs.rows[0].name; /* all of a table have the same words in front */
    int before = (int)(last_word(first) - first);
    if (meant != NULL) {
        return out_usage(out, word, "is not a verb; did you mean basalt %s", meant->name);
    }
    return out_usage(out, word, "is not a verb; basalt %.*s--help lists them", before, first);
}

bool verbs_run_inner(struct tool *tool, int argc, char **argv, int *status)
{
    if (argc < 2 || argv[1][0] == '-') {
        return false;
    }
    const struct verbs inner = *tool->verb->inner;
    const struct verb *verb = verbs_find(inner, argv[1]);
    if (verb == NULL) {
        *status = verbs_unknown(&tool->out, inner, argv[1]);
        return true;
    }
    tool->verb = verb;
    *status = verb->run(tool, argc - 1, argv + 1);
    return true;
}

int cmd_table(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    int status = 0;
    if (verbs_run_inner(tool, argc, argv, &status) ||
        !options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const char *name = tool->verb->name;
    return out_usage(&tool->out, name, "the options stand behind the verb: basalt %s %s --json",
                     name, arguments.items[0]);
}
