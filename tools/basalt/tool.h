/* What every verb gets: the world, the output, itself. */
#ifndef BASALT_TOOLS_TOOL_H
#define BASALT_TOOLS_TOOL_H

#include "basalt/base.h"

#include "out.h"
#include "rt/setting.h"

struct tool;
struct verb_options;

struct verb;
struct verbs {
    const struct verb *rows;
    size_t n;
};

/* One row per verb in main.c; one per verb inside of another ("knx keyring") in that one's file. */
struct verb {
    const char *name;                                     /* all its words */
    const char *alias;                                    /* NULL: none */
    const char *help;                                     /* one line, for the list of verbs */
    int (*run)(struct tool *tool, int argc, char **argv); /* gives the exit status */
    const struct verb_options *options;
    const struct verbs *inner; /* the verbs inside of it; NULL: none */
};

struct tool {
    struct bas_env env;
    struct out out;
    struct bas_keep store; /* texts of options */
    const struct verb *verb;
    const char *keylog_file; /* SSLKEYLOGFILE, NULL: none */
    bool verbose;
    bool is_bac; /* called by a name of bacnet-stack: output in the order of its commands */
};

/* Also takes SSLKEYLOGFILE out of the environment: the TLS library would follow it silently. First
 * thing in main. */
bas_err tool_init(struct tool *tool);
void tool_free(struct tool *tool);

#endif
