/* How far a long task is, on a terminal at standard error; nothing elsewhere. */
#ifndef BASALT_TOOLS_PROGRESS_H
#define BASALT_TOOLS_PROGRESS_H

#include "tool.h"

struct progress {
    struct tool *tool;
    const char *what; /* "objects" */
    int64_t next;     /* when to tell again */
    bool is_shown;
};

void progress_tell(struct progress *progress, uint64_t n, uint64_t total);
/* Takes the line away: before any other output, and at the end. */
void progress_clear(struct progress *progress);

#endif
