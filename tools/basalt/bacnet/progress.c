/* Owns the line that counts on a terminal. */
#define _DEFAULT_SOURCE /* fileno */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

enum { EVERY_US = 100000 };

static bool is_terminal(const struct progress *p)
{
    return isatty(fileno(p->tool->out.errors)) != 0;
}

void progress_tell(struct progress *p, uint64_t n, uint64_t total)
{
    int64_t now = p->tool->env.wall(p->tool->env.ctx);
    if (!is_terminal(p) || (now < p->next && n != total)) {
        return;
    }
    p->next = now + EVERY_US;
    p->is_shown = true;
    (void)fprintf(p->tool->out.errors, "\r%llu of %llu %s ", (unsigned long long)n,
                  (unsigned long long)total, p->what);
    (void)fflush(p->tool->out.errors);
}

void progress_clear(struct progress *p)
{
    if (p->is_shown) {
        (void)fprintf(p->tool->out.errors, "\r%40s\r", "");
        p->is_shown = false;
    }
}
