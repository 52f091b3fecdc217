/* Owns the guess at what somebody meant to type: the smallest edit distance over a table's names.
 */
#include "rt/setting.h"

#include <string.h>

enum { LONGEST = 32, FAR = 1000 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;
    return m < c ? m : c;
}

/* Insertions, deletions and substitutions from a to b (Levenshtein), row by row. */
static unsigned distance(const char *a, const char *b)
{
    size_t n = strlen(a);
    size_t m = strlen(b);
    if (n > LONGEST || m > LONGEST) {
        return FAR;
    }
    unsigned row[LONGEST + 1];
    for (unsigned j = 0; j <= m; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
            diagonal = above;
        }
    }
    return row[m];
}

const char *bas_nearest(const char *name, const void *rows, size_t n, size_t stride,
                        size_t name_offset)
{
    const char *best = NULL;
    unsigned limit = strlen(name) < 4 ? 1 : 2;
    for (size_t i = 0; i < n; i++) {
        const char *candidate;
        memcpy(&candidate, (const char *)rows + i * stride + name_offset, sizeof(candidate));
        unsigned d = candidate == NULL ? FAR : distance(name, candidate);
        if (d <= limit) {
            best = candidate;
            limit = d == 0 ? 0 : d - 1;
            if (d == 0) {
                break;
            }
        }
    }
    return best;
}
