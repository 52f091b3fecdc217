/* Owns `basalt knx write`: a value to a group (A_GroupValue_Write). */
#include "group_send.h"
#include "knx_session.h"
#include "verbs.h"

const struct verb_options knx_write_options = {
    .arguments = "GROUP VALUE",
    .min_arguments = 2,
    .max_arguments = 2,
    .rows = group_send_rows,
    .n = GROUP_SEND_ROWS,
    .shared = knx_session_rows,
    .n_shared = KNX_SESSION_ROWS,
    .size = sizeof(struct group_send_options),
    .examples = "  basalt knx write 1/2/3 21.5 --dpt 9.001 --gateway 192.0.2.7\n"
                "  basalt knx write 1/1/1 on --dpt 1.001 --gateway knx.example \\\n"
                "                   --keyring house.knxkeys --keyring-pwd-file pwd\n"
                "  basalt knx write 1/1/1 0c1a --raw --gateway 192.0.2.7    octets as they are\n",
};

int cmd_knx_write(struct tool *tool, int argc, char **argv)
{
    return group_send(tool, argc, argv, KNX_GROUP_VALUE_WRITE);
}
