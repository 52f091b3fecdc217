/* Owns `basalt knx`: the table of the verbs of KNX, each with its own cmd_knx_<verb>.c. */
#include "verbs.h"

/* The verbs, a row each: name, another name, help, function, options, verbs inside. */
static const struct verb rows[] = {
    { "knx keyring", NULL, "look at, compare and make keyrings (.knxkeys)", cmd_knx_keyring,
      &knx_keyring_options, NULL },
    { "knx discover", NULL, "find KNXnet/IP servers by multicast", cmd_knx_discover,
      &knx_discover_options, NULL },
    { "knx describe", NULL, "ask one KNXnet/IP server what it is", cmd_knx_describe,
      &knx_describe_options, NULL },
    { "knx tunnels", NULL, "see which tunnels of a server are free", cmd_knx_tunnels,
      &knx_tunnels_options, NULL },
    { "knx read", NULL, "ask a group for its value", cmd_knx_read, &knx_read_options, NULL },
    { "knx write", NULL, "send a value to a group", cmd_knx_write, &knx_write_options, NULL },
    { "knx respond", NULL, "answer for a group with a value", cmd_knx_respond, &knx_respond_options,
      NULL },
    { "knx send", NULL, "send a cEMI message", cmd_knx_send, &knx_send_options, NULL },
    { "knx monitor", NULL, "show telegrams as they come", cmd_knx_monitor, &knx_monitor_options,
      NULL },
    { "knx check", NULL, "try every step to an interface, and tell which one fails", cmd_knx_check,
      &knx_check_options, NULL },
    { "knx serve", NULL, "run a KNXnet/IP server in front of a bus or a virtual line",
      cmd_knx_serve, &knx_serve_options, NULL },
};
const struct verbs knx_verbs = { rows, BAS_ARRAY_LEN(rows) };

const struct verb_options knx_options = {
    .arguments = "VERB [ARGUMENT...]",
    .min_arguments = 1,
    .max_arguments = 1, /* none comes here: the first one is a verb */
    .size = sizeof(struct common_options),
    .examples = "  basalt knx discover\n"
                "  basalt knx keyring info house.knxkeys --keyring-pwd-file pwd\n"
                "  basalt knx serve --config knx.yaml\n"
                "\n"
                "basalt knx VERB --help tells each verb's options with examples.",
};
