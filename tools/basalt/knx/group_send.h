/* What `basalt knx write` and `basalt knx respond` share. */
#ifndef BASALT_TOOLS_GROUP_SEND_H
#define BASALT_TOOLS_GROUP_SEND_H

#include "knx_access.h"

struct group_send_options {
    struct knx_session_options session;
    const char *dpt;
    bool raw;
};
enum { GROUP_SEND_ROWS = 2 };
extern const struct option_row group_send_rows[GROUP_SEND_ROWS];

/* Sends VALUE to GROUP with that service, and waits until it is confirmed. */
int group_send(struct tool *tool, int argc, char **argv, unsigned apci);

#endif
