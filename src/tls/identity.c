/* Owns what a certificate says about itself: names, serial, dates, the device's UUID. */
#define _POSIX_C_SOURCE 200809L
#include "tls/identity.h"

#include "wire/rd.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *bas_tls_time_text(char text[BAS_TLS_TIME_TEXT], int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm utc;
    if (gmtime_r(&t, &utc) == NULL ||
        strftime(text, BAS_TLS_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        (void)snprintf(text, BAS_TLS_TIME_TEXT, "%s", "an unreadable time");
    }
    return text;
}

int64_t bas_tls_now(const struct bas_env *env)
{
    return env->wall(env->ctx) / BAS_SECOND;
}

static void copy_dn(char *out, size_t cap, int status, gnutls_datum_t *dn)
{
    out[0] = 0;
    if (status == GNUTLS_E_SUCCESS) {
        bas_text_copy(out, cap, (struct bas_slice){ dn->data, dn->size });
        gnutls_free(dn->data);
    }
    if (out[0] == 0) {
        (void)snprintf(out, cap, "%s", "(no name)");
    }
}

static void fill_serial(struct bas_tls_identity *identity, gnutls_x509_crt_t certificate)
{
    uint8_t serial[64];
    size_t len = sizeof(serial);
    if (gnutls_x509_crt_get_serial(certificate, serial, &len) != GNUTLS_E_SUCCESS) {
        return;
    }
    size_t most = sizeof(identity->serial) / 2 - 1;
    struct bas_buf text;
    bas_buf_init(&text, identity->serial, sizeof(identity->serial));
    bas_buf_add_hex(&text, (struct bas_slice){ serial, len < most ? len : most });
    (void)bas_buf_text(&text);
}

bool bas_tls_identity_name(gnutls_x509_crt_t certificate, unsigned index, struct bas_tls_name *name)
{
    name->len = sizeof(name->octets);
    name->kind =
        gnutls_x509_crt_get_subject_alt_name(certificate, index, name->octets, &name->len, NULL);
    if (name->kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return false;
    }
    if (name->kind < 0) {
        name->kind = -1;
        name->len = 0;
    }
    return true;
}

static bool is_dash_place(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

static bool take_ignoring_case(struct rd *r, const char *word)
{
    for (; *word != 0; word++) {
        int c = rd_u8(r);
        if (c >= 'A' && c <= 'Z') {
            c += 'a' - 'A';
        }
        if (c != *word) {
            return false;
        }
    }
    return true;
}

bool bas_tls_uuid_parse(struct bas_slice text, uint8_t uuid[16])
{
    struct rd r = rd_init(text);
    if (!take_ignoring_case(&r, "urn:uuid:") || rd_left(&r) != 36) {
        return false;
    }
    char digits[33] = { 0 };
    size_t n = 0;
    for (size_t i = 0; i < 36; i++) {
        char c = (char)rd_u8(&r);
        if (is_dash_place(i) != (c == '-')) {
            return false;
        }
        if (c != '-') {
            digits[n++] = c;
        }
    }
    uint8_t octets[16];
    size_t len = sizeof(octets);
    if (bas_hex_decode(digits, octets, &len) != BAS_OK || len != sizeof(octets)) {
        return false;
    }
    memcpy(uuid, octets, sizeof(octets));
    return true;
}

static void fill_uuid(struct bas_tls_identity *identity, gnutls_x509_crt_t certificate)
{
    struct bas_tls_name name;
    for (unsigned i = 0; i < BAS_TLS_NAMES && !identity->has_uuid; i++) {
        if (!bas_tls_identity_name(certificate, i, &name)) {
            return;
        }
        if (name.kind == GNUTLS_SAN_URI) {
            identity->has_uuid =
                bas_tls_uuid_parse((struct bas_slice){ name.octets, name.len }, identity->uuid);
        }
    }
}

void bas_tls_identity_fill(struct bas_tls_identity *identity, gnutls_x509_crt_t certificate)
{
    *identity = (struct bas_tls_identity){ 0 };
    gnutls_datum_t dn = { NULL, 0 };
    int status = gnutls_x509_crt_get_dn3(certificate, &dn, 0);
    copy_dn(identity->subject, sizeof(identity->subject), status, &dn);
    dn = (gnutls_datum_t){ NULL, 0 };
    status = gnutls_x509_crt_get_issuer_dn3(certificate, &dn, 0);
    copy_dn(identity->issuer, sizeof(identity->issuer), status, &dn);
    fill_serial(identity, certificate);
    identity->not_before = (int64_t)gnutls_x509_crt_get_activation_time(certificate);
    identity->not_after = (int64_t)gnutls_x509_crt_get_expiration_time(certificate);
    fill_uuid(identity, certificate);
}
