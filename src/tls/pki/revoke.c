/* Owns taking certificates back: what is revoked stands in the index, and ca.crl tells it. */
#include "basalt/pki.h"

#include "tls/pki/crl.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400 };

static bas_err check(const struct bas_pki_revoke_request *request, struct bas_fault *fault)
{
    bas_err err = bas_pki_directory_check(request->directory, fault);
    if (err == BAS_OK && request->name != NULL && request->serial != NULL) {
        err = bas_fail(fault, BAS_ERR_INVALID,
                       "a name and a serial number are given: one is "
                       "enough");
    }
    if (err == BAS_OK && request->name != NULL) {
        err = bas_pki_name_check(request->name, fault);
    }
    return err == BAS_OK ? bas_pki_days_check(request->days, fault) : err;
}

/* "0x", spaces, colons and case as people copy them; the digits as the index has them. */
static bas_err normal_serial(const char *text, char serial[48], struct bas_fault *fault)
{
    uint8_t octets[23];
    size_t len = sizeof(octets);
    size_t skip = strncmp(text, "0x", 2) == 0 ? 2 : 0;
    struct bas_buf out;
    if (bas_hex_decode(text + skip, octets, &len) != BAS_OK || len == 0) {
        return bas_fail(fault, BAS_ERR_INVALID, "\"%.60s\" is no serial number in hex digits",
                        text);
    }
    size_t zeros = 0;
    while (zeros + 1 < len && octets[zeros] == 0) {
        zeros++;
    }
    bas_buf_init(&out, serial, 48);
    bas_buf_add_hex(&out, (struct bas_slice){ octets + zeros, len - zeros });
    (void)bas_buf_text(&out);
    return BAS_OK;
}

/* One that the list names and the index does not know, or not as revoked: the list was right. */
static bas_err merge_one(struct bas_pki_work *work, const uint8_t *octets, size_t len,
                         int64_t revoked)
{
    struct bas_pki_certificate unknown = { .not_before = revoked, .not_after = revoked };
    struct bas_buf serial;
    size_t zeros = len > 1 && octets[0] == 0;
    bas_buf_init(&serial, unknown.serial, sizeof(unknown.serial));
    bas_buf_add_hex(&serial, (struct bas_slice){ octets + zeros, len - zeros });
    struct bas_pki_issued *item = bas_pki_index_find(&work->index, bas_buf_text(&serial));
    if (item == NULL) {
        bas_err err =
            bas_pki_index_add(work->env, &work->index, "unknown", &unknown, BAS_PKI_FOUND);
        if (err != BAS_OK) {
            return bas_fail(work->fault, err, "no memory for the index of %s", work->directory);
        }
        item = &work->index.items[work->index.n - 1];
    }
    if (item->revoked == 0) {
        item->revoked = revoked;
        item->reason = BAS_PKI_UNSPECIFIED;
    }
    return BAS_OK;
}

static bas_err merge(struct bas_pki_work *work, gnutls_x509_crl_t list)
{
    gnutls_x509_crl_iter_t iter = NULL;
    bas_err err = BAS_OK;
    while (err == BAS_OK) {
        uint8_t octets[64];
        size_t len = sizeof(octets);
        time_t revoked = 0;
        if (gnutls_x509_crl_iter_crt_serial(list, &iter, octets, &len, &revoked) < 0) {
            break;
        }
        err = merge_one(work, octets, len, (int64_t)revoked);
    }
    if (iter != NULL) {
        gnutls_x509_crl_iter_deinit(iter);
    }
    return err;
}

/* Whether a request means this one. By name all that are still valid: an older one of the same
 * device may have the same key. */
static bool is_meant(const struct bas_pki_issued *item,
                     const struct bas_pki_revoke_request *request,
                     const struct bas_pki_issued *numbered, int64_t now)
{
    if (request->name != NULL) {
        return strcmp(item->name, request->name) == 0 && item->not_after >= now;
    }
    return item == numbered;
}

static bas_err mark(struct bas_pki_work *work, const struct bas_pki_revoke_request *request,
                    struct bas_pki_crl *made)
{
    char serial[48] = "";
    int64_t now = bas_tls_now(work->env);
    bas_err err =
        request->serial != NULL ? normal_serial(request->serial, serial, work->fault) : BAS_OK;
    const struct bas_pki_issued *numbered =
        request->serial != NULL ? bas_pki_index_find(&work->index, serial) : NULL;
    for (size_t i = 0; i < work->index.n && err == BAS_OK; i++) {
        struct bas_pki_issued *item = &work->index.items[i];
        if (!is_meant(item, request, numbered, now)) {
            continue;
        }
        made->n_meant++;
        if (item->revoked == 0) {
            made->n_new++;
            item->revoked = now;
            item->reason = request->reason;
        }
    }
    bool is_asked = request->name != NULL || request->serial != NULL;
    if (err == BAS_OK && is_asked && made->n_meant == 0) {
        return bas_fail(work->fault, BAS_ERR_NOT_FOUND,
                        "%s issued no certificate %s %.64s%s: look at its index.csv; one that is "
                        "missing there is taken over when its file lies in the folder as NAME.pem",
                        work->directory, request->name != NULL ? "to" : "of number",
                        request->name != NULL ? request->name : serial,
                        request->name != NULL ? " that is still valid" : "");
    }
    return err;
}

static size_t count(const struct bas_pki_index *index)
{
    size_t n = 0;
    for (size_t i = 0; i < index->n; i++) {
        n += index->items[i].revoked != 0;
    }
    return n;
}

static bas_err write(struct bas_pki_work *work, const struct bas_pki_revoke_request *request,
                     struct bas_pki_crl *made)
{
    int64_t now = bas_tls_now(work->env);
    unsigned days = request->days != 0 ? request->days : BAS_PKI_CRL_DAYS;
    made->number++;
    made->this_update = now - BAS_PKI_BACKDATE;
    made->next_update = now + (int64_t)days * DAY;
    made->is_written = true;
    bas_err err = bas_pki_index_save(work->env, work->directory, &work->index, work->fault);
    return err == BAS_OK ? bas_pki_crl_write(work, made) : err;
}

/* The list that stands there, as far as there is one. */
static bas_err read_list(struct bas_pki_work *work, struct bas_pki_crl *made, bool *is_there)
{
    gnutls_x509_crl_t list = NULL;
    bas_err err = bas_pki_crl_read(work->env, made->file, work->issuer, &list, work->fault);
    *is_there = list != NULL;
    if (err == BAS_OK && list != NULL) {
        bas_pki_crl_describe(list, made);
        err = merge(work, list);
    }
    if (list != NULL) {
        gnutls_x509_crl_deinit(list);
    }
    return err;
}

static bas_err run(struct bas_pki_work *work, const struct bas_pki_revoke_request *request,
                   struct bas_pki_crl *made)
{
    bool is_there = false;
    bas_err err = bas_pki_path(made->file, request->directory, "ca", ".crl", work->fault);
    if (err == BAS_OK) {
        err = bas_pki_work_open(work, request->ca_password);
    }
    if (err == BAS_OK) {
        err = bas_pki_index_adopt(work->env, work->directory, &work->index, work->fault);
    }
    if (err == BAS_OK) {
        err = read_list(work, made, &is_there);
    }
    if (err == BAS_OK) {
        err = mark(work, request, made);
    }
    if (err != BAS_OK) {
        return err;
    }
    bool is_refresh = request->name == NULL && request->serial == NULL;
    size_t n = count(&work->index);
    bool is_complete = is_there && made->n == n && made->n_new == 0;
    made->n = n;
    return is_refresh || !is_complete ? write(work, request, made) : BAS_OK;
}

bas_err bas_pki_revoke(const struct bas_env *env, const struct bas_pki_revoke_request *request,
                       struct bas_pki_crl *made, struct bas_fault *fault)
{
    struct bas_pki_revoke_request known = { 0 };
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    memset(made, 0, sizeof(*made));
    struct bas_pki_work work;
    bas_pki_work_init(&work, env, known.directory, fault);
    bas_err err = check(&known, fault);
    if (err == BAS_OK) {
        err = run(&work, &known, made);
    }
    bas_pki_work_fini(&work);
    return err;
}
