/* What the verbs of `basalt pki` share: passwords, and how certificates are told. */
#ifndef BASALT_TOOLS_PKI_VERB_H
#define BASALT_TOOLS_PKI_VERB_H

#include "basalt/pki.h"
#include "basalt/rt.h"

#include "secret.h"
#include "verbs.h"

/* Rows --NAME-password-file and --NAME-password-fd into a member of type struct secret_options: a
 * password does not stand on the command line. */
#define PKI_PASSWORD_ROWS(container, name, member, what)                                           \
    { OPTION(container, name "password-file", PATH, member.file, 1, 4095, NULL,                    \
             "file with " what " in its first line", false, NULL),                                 \
      0,                                                                                           \
      "FILE",                                                                                      \
      { NULL } },                                                                                  \
    {                                                                                              \
        OPTION(container, name "password-fd", UNSIGNED, member.fd, 0, 1048575, NULL,               \
               "open descriptor to read it from", false, NULL),                                    \
            0, "N",                                                                                \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

#define PKI_ROW(container, name, type, member, min, max, argument, help)                           \
    {                                                                                              \
        OPTION(container, name, type, member, min, max, NULL, help, false, NULL), 0, argument,     \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

extern const struct secret_kind pki_key_secret;
extern const struct secret_kind pki_ca_secret;
extern const struct secret_kind pki_bundle_secret;

/* One password, terminated; wipe it with bas_wipe. */
struct pki_password {
    char text[SECRET_MAX + 1];
    bool is_given;
};
/* The password of kind, when an option gives it. False: *status is the exit status. */
bool pki_password_read(struct tool *tool, const struct secret_kind *kind,
                       const struct secret_options *options, struct pki_password *password,
                       int *status);
/* NULL where none is given. */
const char *pki_password_text(const struct pki_password *password);

/* "basalt: pki issue: why". Gives the exit status. */
int pki_fail(struct tool *tool, const struct bas_fault *fault);

bool pki_has_uuid(const struct bsc_uuid *uuid);
/* 0, the library's default, where no --days is given. */
unsigned pki_days(uint32_t option);

const char *pki_state(struct tool *tool, const struct bas_pki_certificate *certificate);
const char *pki_uuid_text(const struct bas_pki_certificate *certificate, char text[BSC_UUID_TEXT]);
/* A certificate as members of an object, and as lines with labels. */
void pki_members(struct tool *tool, const struct bas_pki_certificate *certificate,
                 struct bas_json *json);
void pki_lines(struct tool *tool, const struct bas_pki_certificate *certificate);
/* The parts of a request: as both above. */
void pki_wanted_members(const struct bas_pki_certificate *wanted, struct bas_json *json);
void pki_wanted_lines(struct tool *tool, const struct bas_pki_certificate *wanted);
/* The files that were made, in a line or an object. */
int pki_tell_pair(struct tool *tool, const struct bas_pki_pair *made);

#endif
