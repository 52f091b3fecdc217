/* Owns `basalt pki check`: a look after certificates, for people and for cron. */
#include "pki_verb.h"

#include <string.h>

enum { PATHS = 4096 };

struct check_options {
    struct common_options common;
    const char *ca;
    const char *crl;
    uint32_t notice;
    uint32_t warning;
    uint32_t critical;
    bool quiet;
};

static const struct option_row rows[] = {
    PKI_ROW(struct check_options, "ca", PATH, ca, 1, 4095, "FILE",
            "the authority (ca.pem beside the certificate)"),
    PKI_ROW(struct check_options, "crl", PATH, crl, 1, 4095, "FILE",
            "its revocation list (ca.crl beside the certificate)"),
    PKI_ROW(struct check_options, "notice", UNSIGNED, notice, 1, BAS_PKI_MAX_DAYS, "N",
            "tell what expires in N days (90)"),
    PKI_ROW(struct check_options, "warning", UNSIGNED, warning, 1, BAS_PKI_MAX_DAYS, "N",
            "warn of what expires in N days (30)"),
    PKI_ROW(struct check_options, "critical", UNSIGNED, critical, 1, BAS_PKI_MAX_DAYS, "N",
            "alarm at what expires in N days (7)"),
    PKI_ROW(struct check_options, "quiet", BOOL, quiet, 0, 0, NULL,
            "say nothing where nothing is found"),
};

const struct verb_options pki_check_options = {
    .arguments = "DIR|FILE...",
    .min_arguments = 1,
    .max_arguments = PATHS,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct check_options),
    .examples = "  basalt pki check site\n"
                "  basalt pki check /etc/basalt/hub.pem --ca /etc/basalt/ca.pem\n"
                "  0 7 * * *  basalt pki check --quiet site   crontab: mails what is found\n"
                "\n"
                "Exit status: 0 fine, or notices alone; 7 warnings: something expires within 30\n"
                "days, a key is missing, the revocation list is to be replaced; 4 critical:\n"
                "something has expired or does within 7 days, is revoked, is not this\n"
                "authority's, a key is open to others or another's, the revocation list is out of\n"
                "date; 2, 6 the check itself failed.",
};

static void tell_finding(struct out *out, const struct bas_pki_finding *finding)
{
    char text[BAS_PKI_PATH + BAS_FAULT_TEXT + 4];
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "level", bas_pki_level_name(finding->level));
        bas_json_text(json, "kind", bas_pki_kind_name(finding->kind));
        bas_json_text(json, "file", finding->file);
        bas_json_text(json, "text", finding->text);
        out_end(out);
        return;
    }
    (void)snprintf(text, sizeof(text), "%s %s", finding->file, finding->text);
    out_tame(text);
    out_line(out, "%-9s %s", bas_pki_level_name(finding->level), text);
}

static void tell_summary(struct out *out, const struct bas_pki_report *report)
{
    size_t counts[BAS_PKI_CRITICAL + 1] = { 0 };
    char time[OUT_TIME_TEXT];
    for (size_t i = 0; i < report->n; i++) {
        counts[report->findings[i].level]++;
    }
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_unsigned(json, "certificates", report->n_files);
        bas_json_text(json, "worst", bas_pki_level_name(report->worst));
        bas_json_unsigned(json, "critical", counts[BAS_PKI_CRITICAL]);
        bas_json_unsigned(json, "warnings", counts[BAS_PKI_WARNING]);
        bas_json_unsigned(json, "notices", counts[BAS_PKI_NOTICE]);
        if (report->next_expiry != 0) {
            out_time(json, "next_expiry", report->next_expiry * BAS_SECOND);
        }
        out_end(out);
    } else if (report->n == 0) {
        out_line(out, "%zu certificates, all fine; the first expires %.10s", report->n_files,
                 report->next_expiry == 0 ? "never"
                                          : out_time_text(time, report->next_expiry * BAS_SECOND));
    } else {
        out_line(out, "%zu certificates: %zu critical, %zu warnings, %zu notices", report->n_files,
                 counts[BAS_PKI_CRITICAL], counts[BAS_PKI_WARNING], counts[BAS_PKI_NOTICE]);
    }
}

static int status_of(enum bas_pki_level worst)
{
    return worst == BAS_PKI_CRITICAL  ? bas_err_exit_status(BAS_ERR_CERTIFICATE)
           : worst == BAS_PKI_WARNING ? bas_err_exit_status(BAS_ERR_PARTIAL)
                                      : 0;
}

static int run(struct tool *tool, const struct check_options *o, const char *const *paths, size_t n)
{
    const struct bas_pki_check_request request = { .size = sizeof(request),
                                                   .paths = paths,
                                                   .n_paths = n,
                                                   .ca_file = o->ca,
                                                   .crl_file = o->crl,
                                                   .notice_days = pki_days(o->notice),
                                                   .warning_days = pki_days(o->warning),
                                                   .critical_days = pki_days(o->critical) };
    struct bas_pki_report report;
    struct bas_fault fault = { 0 };
    if (bas_pki_check(&tool->env, &request, &report, &fault) != BAS_OK) {
        return pki_fail(tool, &fault);
    }
    for (size_t i = 0; i < report.n; i++) {
        tell_finding(&tool->out, &report.findings[i]);
    }
    if (!o->quiet) {
        tell_summary(&tool->out, &report);
    }
    int status = status_of(report.worst);
    bas_pki_report_free(&tool->env, &report);
    return status;
}

int cmd_pki_check(struct tool *tool, int argc, char **argv)
{
    struct check_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const char **paths = bas_alloc(&tool->env, arguments.n * sizeof(*paths));
    if (paths == NULL) {
        return pki_fail(tool, &(struct bas_fault){ .err = BAS_ERR_NO_MEMORY });
    }
    for (size_t i = 0; i < arguments.n; i++) {
        paths[i] = arguments.items[i];
    }
    status = run(tool, &options, paths, arguments.n);
    bas_release(&tool->env, paths, arguments.n * sizeof(*paths));
    return status;
}
