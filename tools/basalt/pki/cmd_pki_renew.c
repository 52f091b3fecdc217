/* Owns `basalt pki renew`: the same device with a new certificate. */
#include "pki_verb.h"

struct renew_options {
    struct common_options common;
    uint32_t days;
    bool new_key;
    const char *csr;
    struct secret_options key_password;
    struct secret_options ca_password;
};

static const struct option_row rows[] = {
    PKI_ROW(struct renew_options, "days", UNSIGNED, days, 1, BAS_PKI_MAX_DAYS, "N",
            "how long it is valid (as long as the old one)"),
    PKI_ROW(struct renew_options, "new-key", BOOL, new_key, 0, 0, NULL, "make a new key, too"),
    PKI_ROW(struct renew_options, "csr", PATH, csr, 1, 4095, "FILE",
            "take the new key of this request"),
    PKI_PASSWORD_ROWS(struct renew_options, "key-", key_password, "a password for the new key"),
    PKI_PASSWORD_ROWS(struct renew_options, "ca-", ca_password, "the password of ca.key"),
};

const struct verb_options pki_renew_options = {
    .arguments = "DIR NAME",
    .min_arguments = 2,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct renew_options),
    .examples = "  basalt pki renew site hub                    site/hub.pem; the key stays\n"
                "  basalt pki renew site hub --new-key          site/hub.pem and site/hub.key\n"
                "  basalt pki renew site ahu-1 --csr ahu-1.csr  the device made a new key\n"
                "\n"
                "Subject, names and UUID stay; serial number and dates are new. The old files are\n"
                "kept beside the new ones, with the old serial number behind their names, and\n"
                "replaced in one step each. A hub or device that runs takes the new files when it\n"
                "is told to load them again. The old certificate stays valid until it expires:\n"
                "if its key was stolen, revoke it (basalt pki revoke DIR --serial HEX).",
};

static int tell(struct tool *tool, const struct bas_pki_renewal *made)
{
    struct out *out = &tool->out;
    bool has_old_key = made->old_key_file[0] != 0;
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "certificate_file", made->pair.certificate_file);
        if (made->pair.key_file[0] != 0) {
            bas_json_text(json, "key_file", made->pair.key_file);
        }
        bas_json_text(json, "old_certificate_file", made->old_certificate_file);
        if (has_old_key) {
            bas_json_text(json, "old_key_file", made->old_key_file);
        }
        pki_members(tool, &made->pair.certificate, json);
        out_end(out);
        return 0;
    }
    (void)pki_tell_pair(tool, &made->pair);
    out_line(out, "kept as %s%s%s", made->old_certificate_file, has_old_key ? " and " : "",
             made->old_key_file);
    return 0;
}

int cmd_pki_renew(struct tool *tool, int argc, char **argv)
{
    struct renew_options options;
    struct arguments arguments;
    struct pki_password key;
    struct pki_password ca;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (options.new_key && options.csr != NULL) {
        return out_usage(&tool->out, "pki renew",
                         "--new-key makes a key here, --csr brings one: give one of the two");
    }
    if (!pki_password_read(tool, &pki_key_secret, &options.key_password, &key, &status) ||
        !pki_password_read(tool, &pki_ca_secret, &options.ca_password, &ca, &status)) {
        return status;
    }
    if (key.is_given && !options.new_key) {
        return out_usage(&tool->out, "--key-password-file",
                         "is for a new key, and none is made; give --new-key, or leave it out");
    }
    const struct bas_pki_renew_request request = { .size = sizeof(request),
                                                   .directory = arguments.items[0],
                                                   .name = arguments.items[1],
                                                   .days = pki_days(options.days),
                                                   .new_key = options.new_key,
                                                   .request_file = options.csr,
                                                   .key_password = pki_password_text(&key),
                                                   .ca_password = pki_password_text(&ca) };
    struct bas_pki_renewal made;
    struct bas_fault fault = { 0 };
    bas_err err = bas_pki_renew(&tool->env, &request, &made, &fault);
    bas_wipe(&key, sizeof(key));
    bas_wipe(&ca, sizeof(ca));
    return err == BAS_OK ? tell(tool, &made) : pki_fail(tool, &fault);
}
