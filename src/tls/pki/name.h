/* Names of the authority's files and devices, and the subject alternative names of a certificate.
 */
#ifndef BASALT_TLS_PKI_NAME_H
#define BASALT_TLS_PKI_NAME_H

#include "basalt/pki.h"

#include "tls/identity.h"

enum { BAS_PKI_UUID_URN = 46 }; /* urn:uuid:... and its end */

/* DIRECTORY/NAMESUFFIX. BAS_ERR_TOO_LONG. */
bas_err bas_pki_path(char path[BAS_PKI_PATH], const char *directory, const char *name,
                     const char *suffix, struct bas_fault *fault);
/* DIRECTORY/NAME.pem and .key. */
bas_err bas_pki_paths(struct bas_pki_pair *pair, const char *directory, const char *name,
                      struct bas_fault *fault);
/* BAS_ERR_EXISTS with the name of the file that is in the way. */
bas_err bas_pki_path_check_free(const char *path, struct bas_fault *fault);

/* BAS_ERR_INVALID: not what the name of a device may be; no folder; more days than there may be. */
bas_err bas_pki_name_check(const char *name, struct bas_fault *fault);
bas_err bas_pki_directory_check(const char *directory, struct bas_fault *fault);
bas_err bas_pki_days_check(unsigned days, struct bas_fault *fault);

/* What stands, or will stand, in a certificate. */
struct bas_pki_names {
    struct bas_tls_name items[BAS_PKI_NAMES];
    size_t n;
};
/* Adds "dns:HOST" or "ip:ADDRESS". BAS_ERR_INVALID: it is neither, or there are too many. */
bas_err bas_pki_names_add(struct bas_pki_names *names, const char *name, struct bas_fault *fault);
bas_err bas_pki_names_add_all(struct bas_pki_names *names, const char *const *texts, size_t n,
                              struct bas_fault *fault);
/* Adds urn:uuid:...; uuid NULL: a random one of version 4. */
void bas_pki_names_add_uuid(struct bas_pki_names *names, const struct bas_env *env,
                            const uint8_t *uuid);
/* Copies those of a certificate. BAS_ERR_UNSUPPORTED: more than we take, or one that is too long.
 */
bas_err bas_pki_names_copy(struct bas_pki_names *names, gnutls_x509_crt_t certificate,
                           struct bas_fault *fault);
/* Checks that all are of the kinds and shapes that we would make. what: the file. */
bas_err bas_pki_names_check(const struct bas_pki_names *names, const char *what,
                            struct bas_fault *fault);
/* Puts them into a certificate. Gives the library's status. */
int bas_pki_names_put(const struct bas_pki_names *names, gnutls_x509_crt_t certificate);

const char *bas_pki_uuid_urn(char text[BAS_PKI_UUID_URN], const uint8_t uuid[16]);

#endif
