/* What a certificate says about itself, as text and numbers. */
#ifndef BASALT_TLS_IDENTITY_H
#define BASALT_TLS_IDENTITY_H

#include "basalt/tls.h"

#include <gnutls/x509.h>

enum {
    BAS_TLS_TIME_TEXT = 24,
    BAS_TLS_NAMES = 32,       /* subject alternative names that are looked at */
    BAS_TLS_NAME_OCTETS = 256 /* of one; longer ones are passed over */
};

void bas_tls_identity_fill(struct bas_tls_identity *identity, gnutls_x509_crt_t certificate);

/* One subject alternative name. kind is a gnutls_x509_subject_alt_name_t. */
struct bas_tls_name {
    int kind;
    uint8_t octets[BAS_TLS_NAME_OCTETS];
    size_t len;
};
/* The name at index (kind -1: there, but not readable). False behind the last one. */
bool bas_tls_identity_name(gnutls_x509_crt_t certificate, unsigned index,
                           struct bas_tls_name *name);
/* The 16 octets of urn:uuid:..., or false. */
bool bas_tls_uuid_parse(struct bas_slice text, uint8_t uuid[16]);

/* 2026-01-01T00:00:00Z. Gives text. */
const char *bas_tls_time_text(char text[BAS_TLS_TIME_TEXT], int64_t seconds);
/* Our clock, in whole seconds since 1970. */
int64_t bas_tls_now(const struct bas_env *env);

#endif
