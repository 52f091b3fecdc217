/* Owns the search in tables of verbs. */
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
