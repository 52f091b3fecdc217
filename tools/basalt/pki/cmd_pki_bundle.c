/* Owns `basalt pki bundle`: key, certificate and issuer in one file. */
#include "pki_verb.h"

struct bundle_options {
    struct common_options common;
    struct secret_options password;
    struct secret_options key_password;
    const char *out;
    bool legacy;
    bool no_password;
};

static const struct option_row rows[] = {
    PKI_PASSWORD_ROWS(struct bundle_options, "", password, "the bundle's password"),
    PKI_PASSWORD_ROWS(struct bundle_options, "key-", key_password, "the password of NAME.key"),
    PKI_ROW(struct bundle_options, "out", PATH, out, 1, 4095, "FILE", "the file (DIR/NAME.p12)"),
    PKI_ROW(struct bundle_options, "legacy", BOOL, legacy, 0, 0, NULL,
            "3DES and SHA-1, for importers that know no AES"),
    PKI_ROW(struct bundle_options, "no-password", BOOL, no_password, 0, 0, NULL,
            "do not encrypt it: who has the file has the key"),
};

const struct verb_options pki_bundle_options = {
    .arguments = "DIR NAME",
    .min_arguments = 2,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct bundle_options),
    .examples = "  basalt pki bundle site ahu-1 --password-file pwd      site/ahu-1.p12\n"
                "  basalt pki bundle site ahu-1 --password-fd 3 3<pwd --out /media/ahu-1.p12\n"
                "\n"
                "Encrypted with AES-256 (PBES2). The file has mode 0600 and is never replaced.",
};

static int run(struct tool *tool, const struct bundle_options *o, const struct arguments *arguments,
               const struct pki_password passwords[2])
{
    const struct bas_pki_bundle_request request = { .size = sizeof(request),
                                                    .directory = arguments->items[0],
                                                    .name = arguments->items[1],
                                                    .file = o->out,
                                                    .password = pki_password_text(&passwords[0]),
                                                    .key_password =
                                                        pki_password_text(&passwords[1]),
                                                    .is_legacy = o->legacy,
                                                    .is_bare = o->no_password };
    struct bas_pki_bundle made;
    struct bas_fault fault = { 0 };
    if (bas_pki_bundle(&tool->env, &request, &made, &fault) != BAS_OK) {
        return pki_fail(tool, &fault);
    }
    if (o->no_password) {
        bas_log(&tool->env, BAS_LOG_WARNING,
                "%s holds a private key without a password: who reads it can be that device",
                made.file);
    }
    if (tool->out.json) {
        struct bas_json *json = out_begin(&tool->out);
        bas_json_text(json, "bundle_file", made.file);
        bas_json_bool(json, "encrypted", !o->no_password);
        out_end(&tool->out);
    } else {
        out_line(&tool->out, "%s: key, certificate and issuer", made.file);
    }
    return 0;
}

int cmd_pki_bundle(struct tool *tool, int argc, char **argv)
{
    struct bundle_options options;
    struct arguments arguments;
    struct pki_password passwords[2];
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    bool is_given = secret_is_given(&pki_bundle_secret, &options.password);
    if (is_given == options.no_password) {
        return out_usage(&tool->out, "pki bundle",
                         is_given ? "--no-password is there with a password: give one of the two"
                                  : "a bundle holds a private key: give --password-file FILE (or "
                                    "--no-password, and guard it)");
    }
    if (!pki_password_read(tool, &pki_bundle_secret, &options.password, &passwords[0], &status) ||
        !pki_password_read(tool, &pki_key_secret, &options.key_password, &passwords[1], &status)) {
        return status;
    }
    status = run(tool, &options, &arguments, passwords);
    bas_wipe(passwords, sizeof(passwords));
    return status;
}
