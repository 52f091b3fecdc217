/* Owns looking after certificates: what expires, what was revoked, what does not belong here, and
 * keys that are missing or open. */
#define _POSIX_C_SOURCE 200809L
#include "basalt/pki.h"

#include "tls/describe.h"
#include "tls/file.h"
#include "tls/pki/crl.h"
#include "tls/pki/report.h"
#include "tls/verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAY = 86400, ANY_BUT_OWNER = 077 };

/* Against what a certificate is checked. */
struct site {
    const struct bas_env *env;
    const struct bas_pki_check_request *request;
    struct bas_pki_report *report;
    int64_t now;
    struct bas_tls_trust trust; /* the authority, when there is one */
    gnutls_x509_crl_t crl;      /* NULL: none */
    struct bas_pki_index index; /* of a folder */
};

/* One certificate. */
struct subject {
    const char *file;
    const char *key_file; /* NULL: not looked for */
    const char *name;     /* of a folder's device, or NULL */
    gnutls_x509_crt_t certificate;
    struct bas_pki_certificate description;
};

/* Words */

static bas_err tell(struct site *site, enum bas_pki_level level, enum bas_pki_kind kind,
                    const char *file, const char *text)
{
    const struct bas_pki_spot spot = { level, kind, file };
    return bas_pki_report_add(site->env, site->report, &spot, "%s", text);
}

static enum bas_pki_level level_of(const struct bas_pki_check_request *request, int64_t days)
{
    return days <= (int64_t)request->critical_days  ? BAS_PKI_CRITICAL
           : days <= (int64_t)request->warning_days ? BAS_PKI_WARNING
           : days <= (int64_t)request->notice_days  ? BAS_PKI_NOTICE
                                                    : BAS_PKI_FINE;
}

/* Dates */

static bas_err check_dates(struct site *site, const struct subject *subject)
{
    char text[BAS_FAULT_TEXT];
    char time[BAS_TLS_TIME_TEXT];
    const struct bas_pki_certificate *c = &subject->description;
    const char *advice = c->is_ca ? "plan a new authority (pki rotate --plan)" : "renew it";
    if (site->now < c->not_before) {
        (void)snprintf(text, sizeof(text), "is not valid before %s: is our clock right?",
                       bas_tls_time_text(time, c->not_before));
        return tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_DATES, subject->file, text);
    }
    if (site->now > c->not_after) {
        (void)snprintf(text, sizeof(text), "expired %s: %s", bas_tls_time_text(time, c->not_after),
                       advice);
        return tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_EXPIRY, subject->file, text);
    }
    int64_t days = (c->not_after - site->now) / DAY;
    enum bas_pki_level level = level_of(site->request, days);
    if (level == BAS_PKI_FINE) {
        return BAS_OK;
    }
    (void)snprintf(text, sizeof(text), "expires in %lld day%s (%s): %s", (long long)days,
                   days == 1 ? "" : "s", bas_tls_time_text(time, c->not_after), advice);
    return tell(site, level, BAS_PKI_KIND_EXPIRY, subject->file, text);
}

/* Belonging */

static bas_err check_issuer(struct site *site, const struct subject *subject)
{
    const struct bas_tls_question question = { .trust = &site->trust,
                                               .certificate = subject->certificate,
                                               .purposes = BAS_TLS_AS_CLIENT | BAS_TLS_AS_SERVER,
                                               .now = site->now };
    if (site->trust.n == 0 || subject->description.is_ca) {
        return BAS_OK;
    }
    enum bas_tls_reason reason = bas_tls_trust_judge(&question);
    if (reason == BAS_TLS_ACCEPTED || reason == BAS_TLS_EXPIRED ||
        reason == BAS_TLS_NOT_YET_VALID) {
        return BAS_OK;
    }
    char text[BAS_FAULT_TEXT];
    (void)snprintf(text, sizeof(text),
                   "does not pass for a certificate of this authority (its issuer is %.100s): no "
                   "peer lets it in; issue it anew",
                   subject->description.issuer);
    return tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_AUTHORITY, subject->file, text);
}

static bas_err check_revoked(struct site *site, const struct subject *subject)
{
    const struct bas_pki_issued *known =
        bas_pki_index_find(&site->index, subject->description.serial);
    bool is_marked = known != NULL && known->revoked != 0;
    bool is_listed = site->crl != NULL &&
                     gnutls_x509_crt_check_revocation(subject->certificate, &site->crl, 1) == 1;
    if (is_marked && !is_listed) {
        return tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_CRL, subject->file,
                    "was revoked, but ca.crl does not tell: write it anew (pki revoke DIR)");
    }
    return is_listed ? tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_REVOKED, subject->file,
                            "was revoked: when its device has another one or is gone, move the "
                            "files away")
                     : BAS_OK;
}

/* Keys */

/* One that is encrypted is believed: nobody asks for a password here. */
static bas_err check_key_fits(struct site *site, const struct subject *subject)
{
    struct bas_tls_file file;
    struct bas_fault fault;
    gnutls_x509_privkey_t key = NULL;
    if (bas_tls_file_read(site->env, subject->key_file, false, &file, &fault) != BAS_OK) {
        return fault.err == BAS_ERR_NO_MEMORY ? fault.err
                                              : tell(site, BAS_PKI_WARNING, BAS_PKI_KIND_UNREADABLE,
                                                     subject->key_file, fault.text);
    }
    gnutls_datum_t pem = bas_tls_file_datum(&file);
    int status = gnutls_x509_privkey_init(&key);
    if (status < 0) {
        bas_tls_file_free(site->env, &file);
        return BAS_ERR_NO_MEMORY;
    }
    status = gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    bas_tls_file_free(site->env, &file);
    bool is_believed = status == GNUTLS_E_DECRYPTION_FAILED;
    bool is_fit = status >= 0 && bas_pki_belong_together(subject->certificate, key);
    gnutls_x509_privkey_deinit(key);
    return is_believed || is_fit
               ? BAS_OK
               : tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_KEY_OTHER, subject->key_file,
                      status < 0 ? "holds no private key in PEM form"
                                 : "is not the key of the certificate beside it");
}

static bas_err check_key(struct site *site, const struct subject *subject)
{
    struct stat st;
    if (subject->key_file == NULL) {
        return BAS_OK;
    }
    if (stat(subject->key_file, &st) != 0) {
        bool is_missed = subject->name != NULL && !subject->description.is_ca &&
                         !bas_pki_index_key_is_elsewhere(&site->index, subject->name);
        return is_missed ? tell(site, BAS_PKI_WARNING, BAS_PKI_KIND_KEY_MISSING, subject->key_file,
                                "is not there, and was made here: if the device has lost it too, "
                                "renew with a new key")
                         : BAS_OK;
    }
    if ((st.st_mode & ANY_BUT_OWNER) != 0) {
        char text[BAS_FAULT_TEXT];
        (void)snprintf(text, sizeof(text),
                       "is open to group or others (mode %04o): chmod 600 it, and renew with a new "
                       "key if somebody may have read it",
                       (unsigned)(st.st_mode & 07777));
        bas_err err = tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_KEY_OPEN, subject->key_file, text);
        if (err != BAS_OK) {
            return err;
        }
    }
    return check_key_fits(site, subject);
}

/* One certificate */

static bas_err check_subject(struct site *site, const struct subject *subject)
{
    bas_err err = check_dates(site, subject);
    if (err == BAS_OK) {
        err = check_issuer(site, subject);
    }
    if (err == BAS_OK) {
        err = check_revoked(site, subject);
    }
    return err == BAS_OK ? check_key(site, subject) : err;
}

static bas_err load(struct site *site, const char *file, gnutls_x509_crt_t *certificate)
{
    struct bas_tls_file content;
    struct bas_fault fault;
    *certificate = NULL;
    bas_err err = bas_tls_file_read(site->env, file, false, &content, &fault);
    if (err == BAS_ERR_NO_MEMORY) {
        return err;
    }
    if (err != BAS_OK) {
        return tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_UNREADABLE, file, fault.text);
    }
    gnutls_datum_t pem = bas_tls_file_datum(&content);
    int status = gnutls_x509_crt_init(certificate);
    if (status >= 0) {
        status = gnutls_x509_crt_import(*certificate, &pem, GNUTLS_X509_FMT_PEM);
    }
    bas_tls_file_free(site->env, &content);
    if (status >= 0) {
        return BAS_OK;
    }
    if (*certificate != NULL) {
        gnutls_x509_crt_deinit(*certificate);
        *certificate = NULL;
    }
    return status == GNUTLS_E_MEMORY_ERROR ? BAS_ERR_NO_MEMORY
                                           : tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_UNREADABLE,
                                                  file, "holds no certificate in PEM form");
}

static bas_err check_file(struct site *site, const char *file, const char *key_file,
                          const char *name)
{
    struct subject subject = { .file = file, .key_file = key_file, .name = name };
    bas_err err = load(site, file, &subject.certificate);
    site->report->n_files++;
    if (subject.certificate == NULL) {
        return err;
    }
    struct bas_pki_certificate *description = &subject.description;
    bas_pki_describe_parts(description, subject.certificate);
    if (site->report->next_expiry == 0 || description->not_after < site->report->next_expiry) {
        site->report->next_expiry = description->not_after;
    }
    err = check_subject(site, &subject);
    gnutls_x509_crt_deinit(subject.certificate);
    return err;
}

/* What stands around it */

static bas_err load_authority(struct site *site, const char *file, struct bas_fault *fault)
{
    struct bas_tls_file content;
    bas_err err = bas_tls_file_read(site->env, file, false, &content, fault);
    if (err == BAS_OK) {
        err = bas_tls_trust_add(&site->trust, file, bas_tls_file_datum(&content), fault);
        bas_tls_file_free(site->env, &content);
    }
    return err;
}

/* The revocation list must be of the authority, and be replaced in time. */
static bas_err load_list(struct site *site, const char *file)
{
    struct bas_fault fault;
    struct bas_pki_crl crl = { .number = 0 };
    char text[BAS_FAULT_TEXT];
    char time[BAS_TLS_TIME_TEXT];
    if (site->trust.n == 0 || !bas_tls_file_exists(file)) {
        return BAS_OK;
    }
    bas_err err = bas_pki_crl_read(site->env, file, site->trust.issuers[0], &site->crl, &fault);
    if (err == BAS_ERR_NO_MEMORY) {
        return err;
    }
    if (err != BAS_OK) {
        return tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_CRL, file, fault.text);
    }
    bas_pki_crl_describe(site->crl, &crl);
    int64_t days = (crl.next_update - site->now) / DAY;
    if (crl.next_update > site->now && days > (int64_t)site->request->critical_days) {
        return BAS_OK;
    }
    bool is_late = crl.next_update <= site->now;
    (void)snprintf(text, sizeof(text),
                   "%s replaced by %s: write a new one (pki revoke DIR), and "
                   "give it to all",
                   is_late ? "should have been" : "must be",
                   bas_tls_time_text(time, crl.next_update));
    return tell(site, is_late ? BAS_PKI_CRITICAL : BAS_PKI_WARNING, BAS_PKI_KIND_CRL, file, text);
}

static void end_site(struct site *site)
{
    bas_tls_trust_fini(&site->trust);
    if (site->crl != NULL) {
        gnutls_x509_crl_deinit(site->crl);
    }
    bas_pki_index_free(site->env, &site->index);
}

/* Authority and list as they are named, or as they lie in the folder. */
static bas_err begin_site(struct site *site, const char *folder, struct bas_fault *fault)
{
    char path[BAS_PKI_PATH];
    const char *file = site->request->ca_file;
    bas_err err = BAS_OK;
    if (file == NULL) {
        err = bas_pki_path(path, folder, "ca", ".pem", fault);
        file = err == BAS_OK && bas_tls_file_exists(path) ? path : NULL;
    }
    if (err == BAS_OK && file != NULL) {
        err = load_authority(site, file, fault);
    }
    if (err != BAS_OK) {
        return err;
    }
    file = site->request->crl_file;
    if (file != NULL && !bas_tls_file_exists(file)) {
        return bas_fail(fault, BAS_ERR_NOT_FOUND, "there is no %s: check the name", file);
    }
    if (file == NULL) {
        err = bas_pki_path(path, folder, "ca", ".crl", fault);
        file = path;
    }
    return err == BAS_OK ? load_list(site, file) : err;
}

static bas_err check_entries(struct site *site, const char *folder, const struct bas_pki_list *list,
                             struct bas_fault *fault)
{
    bas_err err = BAS_OK;
    for (size_t i = 0; i < list->n && err == BAS_OK; i++) {
        struct bas_pki_pair paths;
        const char *name = list->entries[i].name;
        err = bas_pki_paths(&paths, folder, name, fault);
        if (err == BAS_OK) {
            err = check_file(site, paths.certificate_file, paths.key_file, name);
        }
    }
    return err;
}

static bas_err load_index(struct site *site, const char *folder)
{
    bool is_missing = false;
    struct bas_fault fault;
    bas_err err = bas_pki_index_load(site->env, folder, &site->index, &is_missing, &fault);
    if (err == BAS_OK || err == BAS_ERR_NO_MEMORY) {
        return err;
    }
    bas_pki_index_free(site->env, &site->index);
    return tell(site, BAS_PKI_CRITICAL, BAS_PKI_KIND_UNREADABLE, folder, fault.text);
}

static bas_err check_folder(struct site *site, const char *folder, struct bas_fault *fault)
{
    struct bas_pki_list list;
    bas_err err = bas_pki_list(site->env, folder, &list, fault);
    if (err != BAS_OK) {
        return err;
    }
    err = load_index(site, folder);
    if (err == BAS_OK) {
        err = begin_site(site, folder, fault);
    }
    if (err == BAS_OK) {
        err = check_entries(site, folder, &list, fault);
    }
    bas_pki_list_free(site->env, &list);
    return err;
}

/* A file on its own: authority, list and key are looked for beside it. */
static bas_err check_lone(struct site *site, const char *file, struct bas_fault *fault)
{
    char folder[BAS_PKI_PATH];
    char key_file[BAS_PKI_PATH + 8];
    const char *slash = strrchr(file, '/');
    int n = slash == NULL ? snprintf(folder, sizeof(folder), ".")
                          : snprintf(folder, sizeof(folder), "%.*s", (int)(slash - file), file);
    if (n < 0 || (size_t)n >= sizeof(folder) || strlen(file) >= BAS_PKI_PATH) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "the path %.100s is too long", file);
    }
    (void)snprintf(key_file, sizeof(key_file), "%s", file);
    char *dot = strrchr(key_file, '.');
    bool has_suffix = dot != NULL && strcmp(dot, ".pem") == 0;
    if (has_suffix) {
        memcpy(dot, ".key", sizeof(".key"));
    }
    bas_err err = begin_site(site, n == 0 ? "/" : folder, fault);
    return err == BAS_OK ? check_file(site, file, has_suffix ? key_file : NULL, NULL) : err;
}

static bas_err check_path(const struct bas_env *env, const struct bas_pki_check_request *request,
                          const char *path, struct bas_pki_report *report, struct bas_fault *fault)
{
    struct stat st;
    struct site site = {
        .env = env, .request = request, .report = report, .now = bas_tls_now(env)
    };
    /* What was named and is not there is no finding: nothing was looked at. */
    if (access(path, R_OK) != 0) {
        return bas_fail(
            fault, errno == ENOENT || errno == ENOTDIR ? BAS_ERR_NOT_FOUND : BAS_ERR_PERMISSION,
            "cannot read %.150s: %s; check the name", path, strerror(errno));
    }
    bool is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    bas_err err = is_folder ? check_folder(&site, path, fault) : check_lone(&site, path, fault);
    end_site(&site);
    return err == BAS_ERR_NO_MEMORY ? bas_fail(fault, err, "no memory to check %s", path) : err;
}

bas_err bas_pki_check(const struct bas_env *env, const struct bas_pki_check_request *request,
                      struct bas_pki_report *report, struct bas_fault *fault)
{
    struct bas_pki_check_request known = { 0 };
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    known.notice_days = known.notice_days != 0 ? known.notice_days : BAS_PKI_NOTICE_DAYS;
    known.warning_days = known.warning_days != 0 ? known.warning_days : BAS_PKI_WARNING_DAYS;
    known.critical_days = known.critical_days != 0 ? known.critical_days : BAS_PKI_CRITICAL_DAYS;
    *report = (struct bas_pki_report){ 0 };
    bas_err err = known.n_paths == 0
                      ? bas_fail(fault, BAS_ERR_INVALID, "nothing is named that could be checked")
                      : BAS_OK;
    for (size_t i = 0; i < known.n_paths && err == BAS_OK; i++) {
        err = check_path(env, &known, known.paths[i], report, fault);
    }
    if (err != BAS_OK) {
        bas_pki_report_free(env, report);
    }
    return err;
}
