/* Owns `basalt knx respond`: a value to a group (A_GroupValue_Response). */
#include "group_send.h"
#include "knx_session.h"
#include "verbs.h"

const struct verb_options knx_respond_options = {
    .arguments = "GROUP VALUE",
    .min_arguments = 2,
    .max_arguments = 2,
    .rows = group_send_rows,
    .n = GROUP_SEND_ROWS,
    .shared = knx_session_rows,
    .n_shared = KNX_SESSION_ROWS,
    .size = sizeof(struct group_send_options),
    .examples = "  basalt knx respond 1/2/3 21.5 --dpt 9.001 --gateway 192.0.2.7\n"
                "\n"
                "Sends what a device would that is asked with basalt knx read; objects with the\n"
                "update flag take it, and nobody acts on it.\n",
};

int cmd_knx_respond(struct tool *tool, int argc, char **argv)
{
    return group_send(tool, argc, argv, KNX_GROUP_VALUE_RESPONSE);
}
