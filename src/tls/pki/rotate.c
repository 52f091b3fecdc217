/* Owns who has moved from one authority to another, by looking at the certificates. */
#include "basalt/pki.h"

#include "tls/file.h"
#include "tls/pki/work.h"
#include "tls/verify.h"

#include <stdio.h>
#include <string.h>

/* The new authority, as what a peer would trust. */
struct view {
    const struct bas_env *env;
    struct bas_tls_trust trust;
    int64_t now;
};

static bas_err load_trust(struct view *view, const char *directory, struct bas_fault *fault)
{
    char path[BAS_PKI_PATH];
    struct bas_tls_file file;
    bas_err err = bas_pki_path(path, directory, "ca", ".pem", fault);
    if (err == BAS_OK) {
        err = bas_tls_file_read(view->env, path, false, &file, fault);
    }
    if (err == BAS_OK) {
        err = bas_tls_trust_add(&view->trust, path, bas_tls_file_datum(&file), fault);
        bas_tls_file_free(view->env, &file);
    }
    return err;
}

/* Whether a peer that trusts the new authority alone would let this certificate in. */
static bool is_accepted(const struct view *view, const char *directory, const char *name)
{
    char path[BAS_PKI_PATH];
    struct bas_tls_file file;
    gnutls_x509_crt_t certificate = NULL;
    if (bas_pki_path(path, directory, name, ".pem", NULL) != BAS_OK ||
        bas_tls_file_read(view->env, path, false, &file, NULL) != BAS_OK) {
        return false;
    }
    gnutls_datum_t pem = bas_tls_file_datum(&file);
    bool is_read = gnutls_x509_crt_init(&certificate) >= 0 &&
                   gnutls_x509_crt_import(certificate, &pem, GNUTLS_X509_FMT_PEM) >= 0;
    bas_tls_file_free(view->env, &file);
    const struct bas_tls_question question = { .trust = &view->trust,
                                               .certificate = certificate,
                                               .purposes = BAS_TLS_AS_CLIENT | BAS_TLS_AS_SERVER,
                                               .now = view->now };
    bool is_good = is_read && bas_tls_trust_judge(&question) == BAS_TLS_ACCEPTED;
    if (certificate != NULL) {
        gnutls_x509_crt_deinit(certificate);
    }
    return is_good;
}

static const struct bas_pki_entry *find(const struct bas_pki_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->entries[i].name, name) == 0 && list->entries[i].err == BAS_OK) {
            return &list->entries[i];
        }
    }
    return NULL;
}

static enum bas_pki_move judge(const struct view *view, const struct bas_pki_rotation *rotation,
                               const char *to, const struct bas_pki_entry *entry)
{
    if (entry->is_revoked || entry->certificate.not_after < view->now) {
        return BAS_PKI_GONE;
    }
    const struct bas_pki_entry *other = to != NULL ? find(&rotation->to, entry->name) : NULL;
    if (other == NULL || other->is_revoked || !is_accepted(view, to, entry->name)) {
        return BAS_PKI_STAYS;
    }
    bool is_same = !entry->certificate.has_uuid ||
                   (other->certificate.has_uuid &&
                    bas_equal_secret(entry->certificate.uuid, other->certificate.uuid, 16));
    return is_same ? BAS_PKI_MOVED : BAS_PKI_OTHER_UUID;
}

static bas_err fill(struct view *view, struct bas_pki_rotation *rotation, const char *directory,
                    const char *to)
{
    struct bas_pki_index index;
    bool is_missing = false;
    struct bas_fault ignored;
    rotation->holders_cap = rotation->from.n;
    rotation->holders = bas_alloc(view->env, rotation->holders_cap * sizeof(*rotation->holders));
    if (rotation->holders == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    if (bas_pki_index_load(view->env, directory, &index, &is_missing, &ignored) ==
        BAS_ERR_NO_MEMORY) {
        bas_pki_index_free(view->env, &index);
        return BAS_ERR_NO_MEMORY;
    }
    for (size_t i = 1; i < rotation->from.n; i++) {
        const struct bas_pki_entry *entry = &rotation->from.entries[i];
        if (entry->err != BAS_OK || entry->certificate.is_ca) {
            continue;
        }
        struct bas_pki_holder *holder = &rotation->holders[rotation->n++];
        holder->entry = entry;
        holder->key_is_elsewhere =
            !entry->has_key && bas_pki_index_key_is_elsewhere(&index, entry->name);
        holder->move = judge(view, rotation, to, entry);
        rotation->n_staying += holder->move == BAS_PKI_STAYS || holder->move == BAS_PKI_OTHER_UUID;
    }
    bas_pki_index_free(view->env, &index);
    return BAS_OK;
}

static bool begins_with_authority(const struct bas_pki_list *list)
{
    return list->n != 0 && strcmp(list->entries[0].name, "ca") == 0 &&
           list->entries[0].err == BAS_OK && list->entries[0].certificate.is_ca;
}

/* The new folder may be missing, or have no authority yet: that is the first step then. */
static bas_err load_new(struct view *view, struct bas_pki_rotation *rotation, const char *to,
                        struct bas_fault *fault)
{
    char path[BAS_PKI_PATH];
    bas_err err = bas_pki_path(path, to, "ca", ".pem", fault);
    if (err != BAS_OK || !bas_tls_file_exists(path)) {
        return err;
    }
    err = bas_pki_list(view->env, to, &rotation->to, fault);
    if (err == BAS_OK) {
        err = load_trust(view, to, fault);
    }
    rotation->has_to = err == BAS_OK;
    return err;
}

static bas_err run(struct view *view, const char *directory, const char *to,
                   struct bas_pki_rotation *rotation, struct bas_fault *fault)
{
    bas_err err = bas_pki_directory_check(directory, fault);
    if (err == BAS_OK) {
        err = bas_pki_list(view->env, directory, &rotation->from, fault);
    }
    if (err == BAS_OK && !begins_with_authority(&rotation->from)) {
        err = bas_fail(fault, BAS_ERR_NOT_FOUND,
                       "there is no authority in %s that could be changed", directory);
    }
    if (err == BAS_OK && to != NULL) {
        err = load_new(view, rotation, to, fault);
    }
    if (err == BAS_OK && rotation->has_to &&
        bas_equal_secret(rotation->from.entries[0].certificate.fingerprint,
                         rotation->to.entries[0].certificate.fingerprint, 32)) {
        err = bas_fail(fault, BAS_ERR_INVALID, "%s and %s have the same authority", directory, to);
    }
    if (err == BAS_OK && fill(view, rotation, directory, rotation->has_to ? to : NULL) != BAS_OK) {
        err = bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory to look at %s", directory);
    }
    return err;
}

bas_err bas_pki_rotation(const struct bas_env *env, const char *directory, const char *to,
                         struct bas_pki_rotation *rotation, struct bas_fault *fault)
{
    struct view view = { .env = env, .now = bas_tls_now(env) };
    *rotation = (struct bas_pki_rotation){ 0 };
    bas_err err = run(&view, directory, to, rotation, fault);
    bas_tls_trust_fini(&view.trust);
    if (err != BAS_OK) {
        bas_pki_rotation_free(env, rotation);
    }
    return err;
}

void bas_pki_rotation_free(const struct bas_env *env, struct bas_pki_rotation *rotation)
{
    bas_pki_list_free(env, &rotation->from);
    bas_pki_list_free(env, &rotation->to);
    bas_release(env, rotation->holders, rotation->holders_cap * sizeof(*rotation->holders));
    *rotation = (struct bas_pki_rotation){ 0 };
}
