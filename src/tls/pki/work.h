/* A certificate that is being made: its parts, the authority that signs it, the index that will
 * know it. */
#ifndef BASALT_TLS_PKI_WORK_H
#define BASALT_TLS_PKI_WORK_H

#include "tls/pki/index.h"
#include "tls/pki/name.h"

#include <gnutls/gnutls.h>

struct bas_pki_work {
    const struct bas_env *env;
    struct bas_fault *fault;
    const char *directory;
    gnutls_x509_crt_t certificate;
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t issuer;
    gnutls_x509_privkey_t issuer_key;
    struct bas_pki_index index;
    int lock;
};

void bas_pki_work_init(struct bas_pki_work *work, const struct bas_env *env, const char *directory,
                       struct bas_fault *fault);
void bas_pki_work_fini(struct bas_pki_work *work);
/* BAS_OK, or the fault "cannot WHAT: what the library says". */
bas_err bas_pki_work_check(const struct bas_pki_work *work, const char *what, int status);

/* Locks the folder, reads its authority and its index. */
bas_err bas_pki_work_open(struct bas_pki_work *work, const char *ca_password);
/* Reads the authority's certificate, and its key unless without_key. A part of open. */
bas_err bas_pki_work_authority(struct bas_pki_work *work, const char *ca_password,
                               bool without_key);
/* BAS_ERR_CERTIFICATE: the authority does not last so long. */
bas_err bas_pki_work_term(const struct bas_pki_work *work, unsigned days);

/* Begins a certificate and an empty key; another one is ended. */
bas_err bas_pki_work_begin(struct bas_pki_work *work);
bas_err bas_pki_work_generate(const struct bas_pki_work *work);
/* Reads a private key, with its password where it has one (else NULL), into work->key. */
bas_err bas_pki_work_read_key(const struct bas_pki_work *work, const char *path,
                              const char *password);
bas_err bas_pki_work_common_name(const struct bas_pki_work *work, const char *name);
/* Version, a serial number that is not in the index, dates, subject key identifier. The public key
 * is there. */
bas_err bas_pki_work_fill(const struct bas_pki_work *work, unsigned days);
/* What a device's certificate is for, its issuer, and the signature. */
bas_err bas_pki_work_sign(const struct bas_pki_work *work);

/* PEM texts. Free the certificate's with gnutls_free, and the key's after a wipe. */
bas_err bas_pki_work_pem(const struct bas_pki_work *work, gnutls_datum_t *pem,
                         struct bas_pki_certificate *description);
bas_err bas_pki_work_key_pem(const struct bas_pki_work *work, const char *password,
                             gnutls_datum_t *pem);
void bas_pki_key_pem_free(gnutls_datum_t *pem);
/* Both files of made, which do not exist; made->key_file may be empty: then the certificate alone.
 * Fills made->certificate. */
bas_err bas_pki_work_write(const struct bas_pki_work *work, const char *key_password,
                           struct bas_pki_pair *made);
/* Puts the certificate into the index, and the index onto the disk. */
bas_err bas_pki_work_record(struct bas_pki_work *work, const char *name,
                            const struct bas_pki_certificate *certificate,
                            enum bas_pki_origin origin);

/* The whole certificate of a device, with a new key; work is open. */
bas_err bas_pki_device_make(struct bas_pki_work *work,
                            const struct bas_pki_device_request *request);

/* Whether the key is the certificate's. */
bool bas_pki_belong_together(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key);

#endif
