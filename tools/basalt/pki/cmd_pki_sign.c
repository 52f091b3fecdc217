/* Owns `basalt pki sign`: what a request asks for, and its certificate. */
#include "pki_verb.h"

struct sign_options {
    struct common_options common;
    const char *name;
    uint32_t days;
    struct bsc_uuid uuid;
    bool dry_run;
    struct secret_options ca_password;
};

static const struct option_row rows[] = {
    PKI_ROW(struct sign_options, "name", TEXT, name, 1, 64, "NAME",
            "DIR/NAME.pem (the request's common name)"),
    PKI_ROW(struct sign_options, "days", UNSIGNED, days, 1, BAS_PKI_MAX_DAYS, "N",
            "how long it is valid (365)"),
    PKI_ROW(struct sign_options, "uuid", UUID, uuid, 1, 0, "UUID",
            "the UUID that the request must have, or gets"),
    PKI_ROW(struct sign_options, "dry-run", BOOL, dry_run, 0, 0, NULL,
            "tell what is asked for, and sign nothing"),
    PKI_PASSWORD_ROWS(struct sign_options, "ca-", ca_password, "the password of ca.key"),
};

const struct verb_options pki_sign_options = {
    .arguments = "DIR CSR",
    .min_arguments = 2,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct sign_options),
    .examples = "  basalt pki sign site ahu-1.csr --dry-run     tell what it asks for\n"
                "  basalt pki sign site ahu-1.csr --days 730    site/ahu-1.pem\n"
                "\n"
                "The request must be signed by its own key: P-256, P-384, Ed25519, or RSA of 2048\n"
                "to 8192 bits. Its subject, DNS names, IP addresses and UUID are told and go into\n"
                "the certificate, nothing else does; who asks to be an authority, or for the UUID\n"
                "of another device, is refused. Compare the key identifier with what basalt pki\n"
                "show tells where the request was made.",
};

static void tell_wanted(struct tool *tool, const char *file,
                        const struct bas_pki_certificate *wanted, bool is_all)
{
    if (!tool->out.json) {
        pki_wanted_lines(tool, wanted);
    } else if (is_all) {
        struct bas_json *json = out_begin(&tool->out);
        bas_json_text(json, "request_file", file);
        pki_wanted_members(wanted, json);
        out_end(&tool->out);
    }
}

int cmd_pki_sign(struct tool *tool, int argc, char **argv)
{
    struct sign_options options;
    struct arguments arguments;
    struct pki_password password;
    struct bas_pki_certificate wanted;
    struct bas_fault fault = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (bas_pki_show_request(&tool->env, arguments.items[1], &wanted, &fault) != BAS_OK) {
        return pki_fail(tool, &fault);
    }
    tell_wanted(tool, arguments.items[1], &wanted, options.dry_run);
    if (options.dry_run ||
        !pki_password_read(tool, &pki_ca_secret, &options.ca_password, &password, &status)) {
        return status;
    }
    const struct bas_pki_sign_request request = {
        .size = sizeof(request),
        .directory = arguments.items[0],
        .request_file = arguments.items[1],
        .name = options.name,
        .days = pki_days(options.days),
        .uuid = pki_has_uuid(&options.uuid) ? options.uuid.octets : NULL,
        .ca_password = pki_password_text(&password),
    };
    struct bas_pki_pair made;
    bas_err err = bas_pki_sign(&tool->env, &request, &made, &fault);
    bas_wipe(&password, sizeof(password));
    return err == BAS_OK ? pki_tell_pair(tool, &made) : pki_fail(tool, &fault);
}
