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
        { OPTION(container, "crl", PATHS, settings.common.crl, 1, 8, NULL,                         \
                 "revocation list (PEM), may be repeated", false, NULL),                           \
          0,                                                                                       \
          "FILE",                                                                                  \
          { NULL } },                                                                              \
        { OPTION(container, "key-password-file", PATH, settings.common.key_password_file, 1, 4095, \
                 NULL, "file with the password of the key", false, NULL),                          \
          0,                                                                                       \
          "FILE",                                                                                  \
          { NULL } },                                                                              \
        { OPTION(container, "allow-plaintext", BOOL, settings.common.allow_plaintext, 0, 0, NULL,  \
                 "for tests alone: ws:// without TLS, on this host", false, NULL),                 \
          0,                                                                                       \
          NULL,                                                                                    \
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

/* What stands at the offset of a row in the verb's struct. */
enum settings_kind {
    SETTINGS_TEXTS,  /* const char *[n]; the rest is NULL */
    SETTINGS_NUMBER, /* uint32_t; UINT32_MAX: not given */
    SETTINGS_LIST,   /* struct bas_texts */
    SETTINGS_FLAG    /* bool: true gives the key the text flag */
};

/* How the variables of a row are written, where it is not as the option: what bacnet-stack reads.
 */
enum settings_form {
    SETTINGS_AS_OPTION,
    SETTINGS_BINDING, /* "50000" or "eth0:50000" */
    SETTINGS_WORDS,   /* several, with blanks between them */
    SETTINGS_YES      /* "1", "y" or "Y" is true */
};

/* An option that is a key of the configuration: where it stands in the verb's struct. */
struct settings_row {
    const char *option; /* "cert" */
    const char *key;    /* "certificate" */
    uint16_t offset;
    uint8_t n; /* TEXTS at most */
    enum settings_kind kind;
    const char *environment[2]; /* read where neither the option nor a file is given; NULL: none */
    enum settings_form form;
    const char *flag;
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
/* The same without telling it: for who goes on with the old ones. */
struct bas_config *settings_read(const struct settings_request *request, struct bas_fault *fault);

#endif
