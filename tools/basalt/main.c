/* Owns the table of verbs. */
#include "help.h"
#include "rt/setting.h"
#include "verbs.h"

#include <string.h>

/* The verbs, a row each: name, another name, help, function, options. */
static const struct verb rows[] = {
    { "hub", NULL, "run a BACnet/SC hub", cmd_hub, &hub_options },
    { "device", NULL, "run a device with objects behind a hub", cmd_device, &device_options },
    { "pki", NULL, "make and look at a site's certificates", cmd_pki, &pki_options },
    { "whois", NULL, "list the devices of the network", cmd_whois, &whois_options },
    { "read", NULL, "read one property of a device", cmd_read, &read_options },
    { "write", NULL, "write one property of a device, or relinquish it", cmd_write,
      &write_options },
    { "readm", NULL, "read several properties of a device in one request", cmd_readm,
      &readm_options },
    { "decode", NULL, "take frames apart and tell what would be done with each", cmd_decode,
      &decode_options },
    { "config", NULL, "check a configuration file, print it with all defaults, list the keys",
      cmd_config, &config_options },
};
static const struct verbs verbs = { rows, BAS_ARRAY_LEN(rows) };

static const struct verb *find(const char *name)
{
    for (size_t i = 0; i < verbs.n; i++) {
        const char *alias = rows[i].alias;
        if (strcmp(rows[i].name, name) == 0 || (alias != NULL && strcmp(alias, name) == 0)) {
            return &rows[i];
        }
    }
    return NULL;
}

static int unknown(struct out *out, const char *name)
{
    const char *nearest =
        bas_nearest(name, rows, verbs.n, sizeof(rows[0]), offsetof(struct verb, name));
    if (nearest != NULL) {
        return out_usage(out, name, "is not a verb; did you mean basalt %s", nearest);
    }
    return out_usage(out, name, "is not a verb; basalt --help lists them");
}

/* What is asked of the program itself, not of a verb. False: nothing. */
static bool run_own(struct out *out, int argc, char **argv, int *status)
{
    const char *word = argc > 1 ? argv[1] : "";
    *status = 0;
    if (word[0] == 0) {
        *status = out_usage(out, "command line", "a verb is missing; basalt --help lists them");
    } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
               (strcmp(word, "help") == 0 && argc == 2)) {
        help_program(out, verbs);
    } else if (strcmp(word, "--version") == 0) {
        out_line(out, "basalt %s", BASALT_VERSION);
    } else if (strcmp(word, "--completion") == 0 && argc == 3 && strcmp(argv[2], "bash") == 0) {
        help_completion(out, verbs);
    } else if (strcmp(word, "--completion") == 0) {
        *status = out_usage(out, "--completion", "needs the name of a shell; bash");
    } else {
        return false;
    }
    return true;
}

static int run(struct tool *tool, int argc, char **argv)
{
    int status = 0;
    for (int i = 1; i < argc; i++) { /* so that every mistake is told as JSON too */
        tool->out.json = tool->out.json || strcmp(argv[i], "--json") == 0;
    }
    if (run_own(&tool->out, argc, argv, &status)) {
        return status;
    }
    bool is_help = strcmp(argv[1], "help") == 0;
    const char *name = argv[is_help ? 2 : 1];
    tool->verb = find(name);
    if (tool->verb == NULL) {
        return unknown(&tool->out, name);
    }
    if (is_help) {
        help_verb(&tool->out, tool->verb);
        return 0;
    }
    return tool->verb->run(tool, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    struct tool tool;
    bas_err err = tool_init(&tool);
    if (err != BAS_OK) {
        return bas_err_exit_status(err);
    }
    int status = out_status(&tool.out, run(&tool, argc, argv));
    tool_free(&tool);
    return status;
}
