/* Owns the table of verbs. */
#include "help.h"
#include "options.h"
#include "verbs.h"

#include "bacnet/bac_names.h"

#include <string.h>

/* The verbs, a row each: name, another name, help, function, options, verbs inside. */
static const struct verb rows[] = {
    { "hub", NULL, "run a BACnet/SC hub", cmd_hub, &hub_options, &hub_verbs },
    { "device", NULL, "run a device with objects behind a hub", cmd_device, &device_options, NULL },
    { "sc", NULL, "BACnet/SC: what nodes say of themselves", cmd_table, &sc_options, &sc_verbs },
    { "sc-check", NULL, "try both hubs step by step, and tell which step fails", cmd_sc_check,
      &sc_check_options, NULL },
    { "whois", NULL, "list the devices of the network", cmd_whois, &whois_options, NULL },
    { "whohas", NULL, "find out which devices have an object", cmd_whohas, &whohas_options, NULL },
    { "list", NULL, "list the objects of a device: names, values, units", cmd_list, &list_options,
      NULL },
    { "dump", NULL, "print all properties of a device, or write EDE tables", cmd_dump,
      &dump_options, NULL },
    { "read", NULL, "read one property of a device", cmd_read, &read_options, NULL },
    { "readm", NULL, "read several properties of a device in one request", cmd_readm,
      &readm_options, NULL },
    { "readrange", NULL, "read items of a list or a log", cmd_readrange, &readrange_options, NULL },
    { "file", NULL, "read and write files of a device", cmd_table, &file_options, &file_verbs },
    { "alarms", NULL, "list what is in alarm or waits to be acknowledged", cmd_alarms,
      &alarms_options, NULL },
    { "cov", NULL, "print changes of values as they are told", cmd_cov, &cov_options, NULL },
    { "covp", NULL, "print changes of one property as they are told", cmd_covp, &covp_options,
      NULL },
    { "write", NULL, "write one property of a device, or relinquish it", cmd_write, &write_options,
      NULL },
    { "writem", NULL, "write several properties of a device in one request", cmd_writem,
      &writem_options, NULL },
    { "create", NULL, "make an object in a device", cmd_create, &create_options, NULL },
    { "delete", NULL, "delete an object of a device", cmd_delete, &delete_options, NULL },
    { "ack", NULL, "acknowledge an alarm", cmd_ack, &ack_options, NULL },
    { "timesync", NULL, "set the clock of a device, or of all", cmd_timesync, &timesync_options,
      NULL },
    { "control", NULL, "silence a device for a while, or let it speak again", cmd_control,
      &control_options, NULL },
    { "reinit", NULL, "start a device anew, or activate its changes", cmd_reinit, &reinit_options,
      NULL },
    { "text", NULL, "send a message to the people at a device", cmd_text, &text_options, NULL },
    { "private", NULL, "call a service of a vendor", cmd_private, &private_options, NULL },
    { "call", NULL, "call any service, with JSON in and out", cmd_call, &call_options, NULL },
    { "pki", NULL, "make and look after a site's certificates", cmd_table, &pki_options,
      &pki_verbs },
    { "knx", NULL, "KNX and KNX Secure: groups, interfaces, keyrings", cmd_table, &knx_options,
      &knx_verbs },
    { "names", NULL, "look up names and short words: objects, properties, units ...", cmd_names,
      &names_options, NULL },
    { "decode", NULL, "take frames apart and tell what would be done with each", cmd_decode,
      &decode_options, NULL },
    { "pics", NULL, "what our device can do, as a PICS", cmd_pics, &pics_options, NULL },
    { "config", NULL, "check a configuration file, print it with all defaults, list the keys",
      cmd_config, &config_options, NULL },
};
static const struct verbs verbs = { rows, BAS_ARRAY_LEN(rows) };

/* A question to the program itself, also where options stand in front of it. */
static bool is_question(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "--version") == 0;
}

/* What is asked of the program itself, not of a verb. False: nothing. */
static bool run_own(struct out *out, int argc, char **argv, int *status)
{
    const char *word = argc > 1 ? argv[1] : "";
    *status = 0;
    bool is_missing = word[0] == 0 || options_is_common(word) != OPTIONS_OTHER;
    if (is_missing && !is_question(word)) {
        *status = out_usage(out, "command line", "a verb is missing; basalt --help lists them");
    } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
               (strcmp(word, "help") == 0 && argc == 2)) {
        help_program(out, verbs);
    } else if (strcmp(word, "help") == 0 && argc == 3 && strcmp(argv[2], "verbs") == 0) {
        help_verbs(out, verbs);
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

/* Help of tool->verb, or of the verb inside of it that words name. */
static int run_help(struct tool *tool, int n, char **words)
{
    for (int i = 0; i < n && tool->verb->inner != NULL && words[i][0] != '-'; i++) {
        const struct verbs inner = *tool->verb->inner;
        tool->verb = verbs_find(inner, words[i]);
        if (tool->verb == NULL) {
            return verbs_unknown(&tool->out, inner, words[i]);
        }
    }
    help_verb(&tool->out, tool->verb);
    return 0;
}

/* How many words from argv[at] on name a verb and those inside of it. */
static int count_verb_words(int argc, char **argv, int at)
{
    if (strcmp(argv[at], "help") == 0) {
        return argc - at;
    }
    const struct verb *verb = verbs_find(verbs, argv[at]);
    int n = 1;
    while (verb != NULL && verb->inner != NULL && at + n < argc) {
        verb = verbs_find(*verb->inner, argv[at + n]);
        n += verb != NULL || argv[at + n][0] != '-' ? 1 : 0; /* a misspelt one belongs there too */
    }
    return n;
}

/* How many words are common options in front of the verb. */
static int count_front(int argc, char **argv)
{
    int front = 1;
    while (front < argc && !is_question(argv[front])) {
        enum options_common kind = options_is_common(argv[front]);
        if (kind == OPTIONS_OTHER) {
            break;
        }
        front += kind == OPTIONS_WITH_VALUE ? 2 : 1;
    }
    return front;
}

/* Puts the common options in front of the verb behind it: words has room for argc. */
static void order_words(int argc, char **argv, char **words)
{
    int front = count_front(argc, argv);
    int verb_words = front < argc ? count_verb_words(argc, argv, front) : 0;
    int n = 0;
    words[n++] = argv[0];
    for (int i = 0; i < verb_words; i++) {
        words[n++] = argv[front + i];
    }
    for (int i = 1; i < argc; i++) {
        if (i < front || i >= front + verb_words) {
            words[n++] = argv[i];
        }
    }
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
    tool->verb = verbs_find(verbs, name);
    if (tool->verb == NULL) {
        return verbs_unknown(&tool->out, verbs, name);
    }
    return is_help ? run_help(tool, argc - 3, argv + 3) : tool->verb->run(tool, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    struct tool tool;
    int status = 0;
    bas_err err = tool_init(&tool);
    if (err == BAS_OK && argc > 0 && bac_names_is_one(argv[0]) &&
        !bac_names_translate(&tool, &argc, &argv, &status)) {
        tool_free(&tool);
        return status;
    }
    char **words =
        err == BAS_OK ? bas_keep_take(&tool.store, ((size_t)argc + 1) * sizeof(*words)) : NULL;
    if (words == NULL) {
        return bas_err_exit_status(BAS_ERR_NO_MEMORY);
    }
    order_words(argc, argv, words);
    status = out_status(&tool.out, run(&tool, argc, words));
    tool_free(&tool);
    return status;
}
