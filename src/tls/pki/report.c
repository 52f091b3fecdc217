/* Owns the list of what a look at certificates found. */
#include "tls/pki/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAP = 16 };

static struct bas_pki_finding *add(const struct bas_env *env, struct bas_pki_report *report)
{
    if (report->n == report->cap) {
        size_t cap = report->cap == 0 ? FIRST_CAP : 2 * report->cap;
        struct bas_pki_finding *findings = bas_alloc(env, cap * sizeof(*findings));
        if (findings == NULL) {
            return NULL;
        }
        if (report->n != 0) {
            memcpy(findings, report->findings, report->n * sizeof(*findings));
        }
        bas_release(env, report->findings, report->cap * sizeof(*findings));
        report->findings = findings;
        report->cap = cap;
    }
    return &report->findings[report->n++];
}

bas_err bas_pki_report_add(const struct bas_env *env, struct bas_pki_report *report,
                           const struct bas_pki_spot *spot, const char *format, ...)
{
    struct bas_pki_finding *finding = add(env, report);
    if (finding == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    *finding = (struct bas_pki_finding){ .level = spot->level, .kind = spot->kind };
    (void)snprintf(finding->file, sizeof(finding->file), "%s", spot->file);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(finding->text, sizeof(finding->text), format, args);
    va_end(args);
    report->worst = finding->level > report->worst ? finding->level : report->worst;
    return BAS_OK;
}

void bas_pki_report_free(const struct bas_env *env, struct bas_pki_report *report)
{
    bas_release(env, report->findings, report->cap * sizeof(*report->findings));
    *report = (struct bas_pki_report){ 0 };
}

const char *bas_pki_level_name(enum bas_pki_level level)
{
    static const char *const names[] = { [BAS_PKI_FINE] = "fine",
                                         [BAS_PKI_NOTICE] = "notice",
                                         [BAS_PKI_WARNING] = "warning",
                                         [BAS_PKI_CRITICAL] = "critical" };
    return (size_t)level < BAS_ARRAY_LEN(names) ? names[level] : "unknown";
}

const char *bas_pki_kind_name(enum bas_pki_kind kind)
{
    static const char *const names[] = {
        [BAS_PKI_KIND_EXPIRY] = "expiry",           [BAS_PKI_KIND_DATES] = "not-yet-valid",
        [BAS_PKI_KIND_REVOKED] = "revoked",         [BAS_PKI_KIND_AUTHORITY] = "authority",
        [BAS_PKI_KIND_KEY_MISSING] = "key-missing", [BAS_PKI_KIND_KEY_OPEN] = "key-open",
        [BAS_PKI_KIND_KEY_OTHER] = "key-other",     [BAS_PKI_KIND_CRL] = "crl",
        [BAS_PKI_KIND_UNREADABLE] = "unreadable"
    };
    return (size_t)kind < BAS_ARRAY_LEN(names) ? names[kind] : "unknown";
}
