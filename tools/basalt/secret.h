/*
 * Passwords that the user gives: in a file, through a descriptor, in the environment. On the
 * command line, where everybody on the machine can read it, it is taken with a warning.
 *
 *   struct my_options { struct common_options common; struct secret_options keyring; ... };
 *   rows[] = { SECRET_ROWS(struct my_options, "keyring", keyring, "the keyring's password"), ... };
 *   err = secret_read(tool, &secret_keyring, &options.keyring, &secret, &fault);
 */
#ifndef BASALT_TOOLS_SECRET_H
#define BASALT_TOOLS_SECRET_H

#include "basalt/base.h"

#include "options.h"

enum { SECRET_MAX = 255 };

/* Octets as they were given, without the end of the line. Wipe with bas_wipe. */
struct secret {
    uint8_t octets[SECRET_MAX];
    size_t len;
};

/* What the options of one secret leave: at most one of them. */
struct secret_options {
    const char *file;
    uint32_t fd; /* UINT32_MAX: not given */
    const char *text;
};

/* Rows --NAME-pwd-file, --NAME-pwd-fd and --NAME-pwd, into a member of type struct secret_options.
 */
#define SECRET_ROWS(container, name, member, what)                                                 \
    { OPTION(container, name "-pwd-file", PATH, member.file, 1, 4095, NULL,                        \
             "file with " what " in line 1", false, NULL),                                         \
      0,                                                                                           \
      "FILE",                                                                                      \
      { NULL } },                                                                                  \
        { OPTION(container, name "-pwd-fd", UNSIGNED, member.fd, 0, 1048575, NULL,                 \
                 "open descriptor with " what, false, NULL),                                       \
          0,                                                                                       \
          "N",                                                                                     \
          { NULL } },                                                                              \
    {                                                                                              \
        OPTION(container, name "-pwd", TEXT, member.text, 1, SECRET_MAX, NULL,                     \
               what "; everybody sees it", false, NULL),                                           \
            0, "TEXT",                                                                             \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

/* One secret: its words in messages, its options' NAME-pwd, the variables of the environment that
 * stand in for them (NULL: none), with the password itself and with the name of a file. */
struct secret_kind {
    const char *what;
    const char *name;
    const char *variable;
    const char *file_variable;
};
/* KNX_KEYRING_PWD, KNX_KEYRING_PASSWORD_FILE. */
extern const struct secret_kind secret_keyring;
/* BACNET_DEVICE_PWD, BACNET_DEVICE_PASSWORD_FILE: of DeviceCommunicationControl and
 * ReinitializeDevice. */
extern const struct secret_kind secret_device;

/* Whether an option or a variable gives it. */
bool secret_is_given(const struct secret_kind *kind, const struct secret_options *options);
/*
 * Reads a secret. BAS_ERR_INVALID: it is not given, or in more than one way; otherwise those of
 * files. What was read of the environment is taken out of it.
 */
bas_err secret_read(struct tool *tool, const struct secret_kind *kind,
                    const struct secret_options *options, struct secret *secret,
                    struct bas_fault *fault);

struct bas_slice secret_slice(const struct secret *secret);

#endif
