/* Owns `basalt pki revoke`: certificates that are taken back, and the list that says so. */
#include "pki_verb.h"

struct revoke_options {
    struct common_options common;
    const char *serial;
    uint16_t reason;
    uint32_t crl_days;
    struct secret_options ca_password;
};

static const struct bas_choice reason_items[] = {
    { "unspecified", BAS_PKI_UNSPECIFIED },
    { "keyCompromise", BAS_PKI_KEY_COMPROMISE },
    { "cACompromise", BAS_PKI_CA_COMPROMISE },
    { "affiliationChanged", BAS_PKI_AFFILIATION_CHANGED },
    { "superseded", BAS_PKI_SUPERSEDED },
    { "cessationOfOperation", BAS_PKI_CESSATION_OF_OPERATION },
    { "privilegeWithdrawn", BAS_PKI_PRIVILEGE_WITHDRAWN },
};
static const struct bas_choices reasons = {
    reason_items, BAS_ARRAY_LEN(reason_items),
    "unspecified, keyCompromise, cACompromise, affiliationChanged, superseded, "
    "cessationOfOperation or privilegeWithdrawn"
};

static const struct option_row rows[] = {
    PKI_ROW(struct revoke_options, "serial", TEXT, serial, 1, 128, "HEX",
            "the certificate of this serial number, instead of NAME"),
    { OPTION(struct revoke_options, "reason", CHOICE, reason, 0, 0, "unspecified",
             "why: keyCompromise, superseded, ...", false, &reasons),
      0,
      "WORD",
      { NULL } },
    PKI_ROW(struct revoke_options, "crl-days", UNSIGNED, crl_days, 1, BAS_PKI_MAX_DAYS, "N",
            "until the next list must be there (30)"),
    PKI_PASSWORD_ROWS(struct revoke_options, "ca-", ca_password, "the password of ca.key"),
};

const struct verb_options pki_revoke_options = {
    .arguments = "DIR [NAME]",
    .min_arguments = 1,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct revoke_options),
    .examples = "  basalt pki revoke site ahu-1 --reason keyCompromise       site/ca.crl\n"
                "  basalt pki revoke site --serial 4f0c...      one certificate alone\n"
                "  basalt pki revoke site                       a fresh list; for cron, monthly\n"
                "\n"
                "NAME means all certificates of that device that are still valid. Give ca.crl to\n"
                "every hub and device and let them load it: until then they know nothing of it.\n"
                "What is revoked already stays as it is. site/index.csv knows all serial numbers.",
};

static void tell_text(struct out *out, const char *directory, const struct bas_pki_crl *made)
{
    char until[OUT_TIME_TEXT];
    const char *next = out_time_text(until, made->next_update * BAS_SECOND);
    if (made->n_new != 0) {
        out_line(out, "%s: %zu revoked; list %llu has %zu, the next one is due %s", made->file,
                 made->n_new, (unsigned long long)made->number, made->n, next);
    } else if (made->is_written) {
        out_line(out, "%s: list %llu has %zu, the next one is due %s", made->file,
                 (unsigned long long)made->number, made->n, next);
    } else {
        out_line(out,
                 "%s: was revoked already; list %llu, good until %s, is not changed (basalt pki "
                 "revoke %s makes a fresh one)",
                 made->file, (unsigned long long)made->number, next, directory);
    }
}

static int tell(struct tool *tool, const char *directory, const struct bas_pki_crl *made)
{
    struct out *out = &tool->out;
    if (!out->json) {
        tell_text(out, directory, made);
        return 0;
    }
    struct bas_json *json = out_begin(out);
    bas_json_text(json, "crl_file", made->file);
    bas_json_unsigned(json, "number", made->number);
    bas_json_unsigned(json, "certificates", made->n);
    bas_json_unsigned(json, "new", made->n_new);
    bas_json_bool(json, "written", made->is_written);
    out_time(json, "this_update", made->this_update * BAS_SECOND);
    out_time(json, "next_update", made->next_update * BAS_SECOND);
    out_end(out);
    return 0;
}

int cmd_pki_revoke(struct tool *tool, int argc, char **argv)
{
    struct revoke_options options;
    struct arguments arguments;
    struct pki_password password;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const char *name = arguments.n == 2 ? arguments.items[1] : NULL;
    if (name != NULL && options.serial != NULL) {
        return out_usage(&tool->out, "--serial", "is instead of NAME: give one of the two");
    }
    if (!pki_password_read(tool, &pki_ca_secret, &options.ca_password, &password, &status)) {
        return status;
    }
    const struct bas_pki_revoke_request request = { .size = sizeof(request),
                                                    .directory = arguments.items[0],
                                                    .name = name,
                                                    .serial = options.serial,
                                                    .reason = (enum bas_pki_reason)options.reason,
                                                    .days = pki_days(options.crl_days),
                                                    .ca_password = pki_password_text(&password) };
    struct bas_pki_crl made;
    struct bas_fault fault = { 0 };
    bas_err err = bas_pki_revoke(&tool->env, &request, &made, &fault);
    bas_wipe(&password, sizeof(password));
    return err == BAS_OK ? tell(tool, arguments.items[0], &made) : pki_fail(tool, &fault);
}
