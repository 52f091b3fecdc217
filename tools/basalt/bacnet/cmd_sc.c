/* Owns `basalt sc`: the table of the verbs of BACnet/SC, each with its own cmd_sc_<verb>.c. */
#include "verbs.h"

/* The verbs, a row each: name, another name, help, function, options, verbs inside. */
static const struct verb rows[] = {
    { "sc check", NULL, "try both hubs step by step, and tell which step fails", cmd_sc_check,
      &sc_check_options, NULL },
    { "sc resolve", NULL, "ask a node where it accepts direct connections", cmd_sc_resolve,
      &sc_resolve_options, NULL },
    { "sc solicit", NULL, "ask a node for its hub, its limits and whether it connects directly",
      cmd_sc_solicit, &sc_solicit_options, NULL },
};
const struct verbs sc_verbs = { rows, BAS_ARRAY_LEN(rows) };

const struct verb_options sc_options = {
    .arguments = "VERB [ARGUMENT...]",
    .min_arguments = 1,
    .max_arguments = 1, /* none comes here: the first one is a verb */
    .size = sizeof(struct common_options),
    .examples = "  basalt sc check --hub wss://hub.example:4443\n"
                "  basalt sc resolve 22:34:56:78:9a:bc\n"
                "\n"
                "basalt sc VERB --help tells each verb's options with examples.",
};
