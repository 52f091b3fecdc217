/*
 * The settings of a verb that keeps running: a configuration file, options over it, and what may be
 * said of a missing one.
 */
#ifndef BASALT_TOOLS_SETTINGS_H
#define BASALT_TOOLS_SETTINGS_H

#include "basalt/rt.h"

#include "options.h"

/* What the struct of such a verb begins with. */
struct settings_options {
    struct common_options common;
    const char *config;   /* --config */
    const char *state;    /* --state */
    struct bas_texts set; /* --set KEY=VALUE */
};

/* The option rows that go with it; container begins with struct settings_options. Those of BACnet:
 */
#define SETTINGS_OPTIONS(container)                                                                \
    SETTINGS_CONFIG(container),                                                                    \
        { OPTION(container, "ca", PATHS, settings.common.ca, 1, 8, NULL,                           \
                 "issuer certificate (PEM), may be repeated", false, NULL),                        \
          0,                                                                                       \
          "FILE",                                                                                  \
          { NULL } },                                                                              \
        { OPTION(container, "cert", PATH, settings.common.cert, 1, 4095, NULL,                     \
                 "our certificate (PEM)", false, NULL),                                            \
          0,                                                                                       \
          "FILE",                                                                                  \
          { NULL } },                                                                              \
        { OPTION(container, "key", PATH, settings.common.key, 1, 4095, NULL,                       \
                 "our private key (PEM)", false, NULL),                                            \
          0,                                                                                       \
          "FILE",                                                                                  \
          { NULL } },                                                                              \
        SETTINGS_STATE(container, "file that keeps our VMAC and UUID"), SETTINGS_SET(container)

/* Single ones. */
#define SETTINGS_STATE(container, what)                                                            \
    {                                                                                              \
        OPTION(container, "state", PATH, settings.state, 1, 4000, NULL, what, false, NULL), 0,     \
            "FILE",                                                                                \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
#define SETTINGS_CONFIG(container)                                                                 \
    {                                                                                              \
        OPTION(container, "config", PATH, settings.config, 1, 4095, NULL,                          \
               "configuration file; options override it", false, NULL),                            \
            0, "FILE",                                                                             \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
#define SETTINGS_SET(container)                                                                    \
    {                                                                                              \
        OPTION(container, "set", TEXTS, settings.set, 1, 64, NULL,                                 \
               "any key of the configuration, may be repeated", false, NULL),                      \
            0, "KEY=VALUE",                                                                        \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

/* An option that is a key of the configuration: where its text stands in the verb's struct. */
struct settings_row {
    const char *option;         /* "cert" */
    const char *key;            /* "certificate" */
    uint16_t offset;            /* of the first text; of a uint32_t when is_number */
    uint8_t n;                  /* texts at most; the rest is NULL */
    bool is_number;             /* UINT32_MAX: not given */
    const char *environment[2]; /* read where neither the option nor a file is given; NULL: none */
};

struct settings_request {
    struct tool *tool;
    enum bas_section section;
    const struct settings_options *options; /* of the verb's struct */
    const struct settings_row *rows;        /* its own; those above are known */
    size_t n;
};

/*
 * Puts file and options together and checks that nothing is missing. NULL: the mistake was told,
 * *status is the exit status. Free with bas_config_free.
 */
struct bas_config *settings_load(const struct settings_request *request, int *status);

#endif
