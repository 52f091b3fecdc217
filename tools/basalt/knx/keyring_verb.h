/* What the files of `basalt knx keyring` share. */
#ifndef BASALT_TOOLS_KEYRING_VERB_H
#define BASALT_TOOLS_KEYRING_VERB_H

#include "basalt/rt.h"

#include "keyring_file.h"

struct keyring_options {
    struct common_options common;
    struct secret_options keyring;
    const char *old_file; /* diff: the password of OLD, where it is another one */
    bool reveal;
    bool ignore_signature;
    const char *project;
    knx_ia host;
    const char *tunnels;
    struct bas_texts groups;
    struct bas_texts senders;
};

/* Prints all that is in it; secrets only with reveal. */
void keyring_info(struct out *out, const char *file, const struct knx_keyring *keyring,
                  bool reveal);
/* Prints what is different in b; secrets never. Gives the exit status. */
int keyring_diff(struct tool *tool, const struct knx_keyring *a, const struct knx_keyring *b);
/* Makes path. Gives the exit status. */
int keyring_new(struct tool *tool, const struct keyring_options *options, const char *path);

#endif
