/*
 * Options of the verbs: rows from which come parsing (argp), environment fallbacks, help and shell
 * completion. A value goes straight into a member of the verb's own struct.
 */
#ifndef BASALT_TOOLS_OPTIONS_H
#define BASALT_TOOLS_OPTIONS_H

#include "basalt/base.h"

#include "rt/setting.h"
#include "tool.h"

struct option_row {
    struct bas_setting setting; /* name without dashes, type, member, default, help */
    char letter;                /* 0: none */
    const char *argument;       /* "FILE"; NULL: a flag */
    const char *environment[2]; /* read when the option is missing; NULL: none */
};

/* Builds the setting of a row: OPTION(struct my_options, "role", CHOICE, role, ...). */
#define OPTION(container, name, type, member, min, max, fallback, help, need, choices)             \
    {                                                                                              \
        0, name, BAS_SETTING_##type, offsetof(container, member),                                  \
            sizeof(((container *)0)->member), min, max, fallback, NULL, help, need, choices        \
    }

/* Every verb's struct begins with this one. */
struct common_options {
    bool json;
    bool verbose;
    bool help;
    bool version;
    /* verbs with uses_hub */
    const char *hub;
    const char *failover_hub;
    const char *ca[8];
    const char *crl[8];
    const char *cert;
    const char *key;
    const char *key_password_file;
    bool allow_plaintext;
    bool own_uuid;
    uint32_t timeout_ms;
};

/* What a verb takes. */
struct verb_options {
    const char *arguments; /* "HEX|-" in its usage line; "" for none */
    size_t min_arguments;
    size_t max_arguments;
    const struct option_row *rows; /* its own */
    size_t n;
    const struct option_row *shared; /* those that verbs like it have, too */
    size_t n_shared;
    bool uses_hub; /* also --hub, --ca, --cert, --key, --timeout and the like */
    bool writes_json_only;
    size_t size; /* of its struct */
    const char *examples;
};

/* Positional arguments, borrowed from argv. */
struct arguments {
    char **items;
    size_t n;
};

/*
 * Parses argv (argv[0] is the verb) into the struct at into (of options->size, zeroed here; a
 * CHOICE or UNSIGNED that nobody gave and that has no default is all ones). True: go on. False:
 * help was printed or a mistake told; *status is the exit status.
 */
bool options_parse(struct tool *tool, int argc, char **argv, void *into,
                   struct arguments *arguments, int *status);

/* Whether a word such as "--json" or "--hub=URI" is one of the common options, which may stand in
 * front of the verb too. */
enum options_common { OPTIONS_OTHER, OPTIONS_FLAG, OPTIONS_WITH_VALUE };
enum options_common options_is_common(const char *word);

/*
 * For a verb whose last argument may be a number: -5 is a value, no option. Gives the words with
 * the first such number behind "--" at their end (free), and their count; NULL: argv does as it is.
 */
char **options_guard_number(int *argc, char **argv);

/* Walks all options of a verb, its own first. False: no more. */
bool options_row(const struct verb_options *options, size_t n, const struct option_row **row);

#endif
