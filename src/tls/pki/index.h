/* The index of an authority: every certificate that it issued, and what was revoked. index.csv in
 * its folder; ca.crl is made of it. */
#ifndef BASALT_TLS_PKI_INDEX_H
#define BASALT_TLS_PKI_INDEX_H

#include "basalt/pki.h"

#include <gnutls/x509.h>

/* How a certificate came to be. FOUND: it was in the folder before there was an index. */
enum bas_pki_origin { BAS_PKI_ISSUED, BAS_PKI_SIGNED, BAS_PKI_RENEWED, BAS_PKI_FOUND };

struct bas_pki_issued {
    char serial[48]; /* hex, lower case */
    char name[BAS_PKI_DEVICE_NAME];
    bool has_uuid;
    uint8_t uuid[16];
    int64_t not_before;
    int64_t not_after;
    enum bas_pki_origin origin;
    int64_t revoked; /* 0: it is not */
    enum bas_pki_reason reason;
};
struct bas_pki_index {
    struct bas_pki_issued *items;
    size_t n;
    size_t cap;
};

/* Reads the index of a folder; without one it is empty, and *is_missing. BAS_ERR_MALFORMED: a line
 * cannot be read, the fault names it. Free it also after an error. */
bas_err bas_pki_index_load(const struct bas_env *env, const char *directory,
                           struct bas_pki_index *index, bool *is_missing, struct bas_fault *fault);
void bas_pki_index_free(const struct bas_env *env, struct bas_pki_index *index);
/* Writes it in place of the old one, in one step. */
bas_err bas_pki_index_save(const struct bas_env *env, const char *directory,
                           const struct bas_pki_index *index, struct bas_fault *fault);

/* The one of that serial number, or NULL. */
struct bas_pki_issued *bas_pki_index_find(const struct bas_pki_index *index, const char *serial);
/* A valid certificate with that UUID of a device that is not called name, or NULL. */
const struct bas_pki_issued *bas_pki_index_find_uuid(const struct bas_pki_index *index,
                                                     const uint8_t uuid[16], const char *name,
                                                     int64_t now);
/* Whether the key of a device was never here: its certificate came of a request. */
bool bas_pki_index_key_is_elsewhere(const struct bas_pki_index *index, const char *name);
/* Adds a certificate. BAS_ERR_NO_MEMORY. */
bas_err bas_pki_index_add(const struct bas_env *env, struct bas_pki_index *index, const char *name,
                          const struct bas_pki_certificate *certificate,
                          enum bas_pki_origin origin);
/* Adds what stands in the folder, was signed by the authority and is not in the index. */
bas_err bas_pki_index_adopt(const struct bas_env *env, const char *directory,
                            struct bas_pki_index *index, struct bas_fault *fault);

#endif
