/* Owns `basalt pki init`: a site's authority. */
#include "pki_verb.h"

struct init_options {
    struct common_options common;
    const char *name;
    uint32_t days;
    struct secret_options key_password;
};

static const struct option_row rows[] = {
    PKI_ROW(struct init_options, "name", TEXT, name, 1, 64, "TEXT",
            "common name of the authority (a new one)"),
    PKI_ROW(struct init_options, "days", UNSIGNED, days, 1, BAS_PKI_MAX_DAYS, "N",
            "how long it is valid (3650)"),
    PKI_PASSWORD_ROWS(struct init_options, "key-", key_password, "a password for ca.key"),
};

const struct verb_options pki_init_options = {
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct init_options),
    .examples = "  basalt pki init site                         site/ca.pem, site/ca.key\n"
                "  basalt pki init site --name 'Campus CA' --key-password-file pwd\n"
                "\n"
                "No file is ever replaced. ca.key signs for the whole site: keep it off the\n"
                "devices. With a password it is encrypted; then every verb that signs needs\n"
                "--ca-password-file. ca.pem is what every hub and device trusts.",
};

int cmd_pki_init(struct tool *tool, int argc, char **argv)
{
    struct init_options options;
    struct arguments arguments;
    struct pki_password password;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status) ||
        !pki_password_read(tool, &pki_key_secret, &options.key_password, &password, &status)) {
        return status;
    }
    const struct bas_pki_authority_request request = { .size = sizeof(request),
                                                       .directory = arguments.items[0],
                                                       .common_name = options.name,
                                                       .days = pki_days(options.days),
                                                       .key_password =
                                                           pki_password_text(&password) };
    struct bas_pki_pair made;
    struct bas_fault fault = { 0 };
    bas_err err = bas_pki_init(&tool->env, &request, &made, &fault);
    bas_wipe(&password, sizeof(password));
    return err == BAS_OK ? pki_tell_pair(tool, &made) : pki_fail(tool, &fault);
}
