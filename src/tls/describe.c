/* Owns the full description of a certificate, for people and for JSON. */
#include "tls/describe.h"

#include "tls/address.h"
#include "tls/identity.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

static void add_word(struct bas_buf *text, const char *word)
{
    bas_buf_format(text, "%s%s", text->len != 0 ? ", " : "", word);
}

static void fill_key_usage(struct bas_pki_certificate *out, gnutls_x509_crt_t certificate)
{
    static const struct {
        unsigned bit;
        const char *word;
    } usages[] = {
        { GNUTLS_KEY_DIGITAL_SIGNATURE, "digitalSignature" },
        { GNUTLS_KEY_NON_REPUDIATION, "nonRepudiation" },
        { GNUTLS_KEY_KEY_ENCIPHERMENT, "keyEncipherment" },
        { GNUTLS_KEY_DATA_ENCIPHERMENT, "dataEncipherment" },
        { GNUTLS_KEY_KEY_AGREEMENT, "keyAgreement" },
        { GNUTLS_KEY_KEY_CERT_SIGN, "keyCertSign" },
        { GNUTLS_KEY_CRL_SIGN, "cRLSign" },
        { GNUTLS_KEY_ENCIPHER_ONLY, "encipherOnly" },
        { GNUTLS_KEY_DECIPHER_ONLY, "decipherOnly" },
    };
    unsigned usage = 0;
    unsigned critical = 0;
    struct bas_buf text;
    bas_buf_init(&text, out->key_usage, sizeof(out->key_usage));
    if (gnutls_x509_crt_get_key_usage(certificate, &usage, &critical) == GNUTLS_E_SUCCESS) {
        for (size_t i = 0; i < BAS_ARRAY_LEN(usages); i++) {
            if ((usage & usages[i].bit) != 0) {
                add_word(&text, usages[i].word);
            }
        }
    }
    (void)bas_buf_text(&text);
}

static const char *purpose_word(const char *oid)
{
    static const struct {
        const char *oid;
        const char *word;
    } purposes[] = {
        { GNUTLS_KP_TLS_WWW_SERVER, "serverAuth" },
        { GNUTLS_KP_TLS_WWW_CLIENT, "clientAuth" },
        { GNUTLS_KP_CODE_SIGNING, "codeSigning" },
        { GNUTLS_KP_EMAIL_PROTECTION, "email" },
        { GNUTLS_KP_TIME_STAMPING, "timeStamping" },
        { GNUTLS_KP_OCSP_SIGNING, "OCSPSigning" },
        { GNUTLS_KP_ANY, "any" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(purposes); i++) {
        if (strcmp(purposes[i].oid, oid) == 0) {
            return purposes[i].word;
        }
    }
    return oid;
}

enum { PURPOSES = 8 };

static void fill_purposes(struct bas_pki_certificate *out, gnutls_x509_crt_t certificate)
{
    struct bas_buf text;
    bas_buf_init(&text, out->extended_key_usage, sizeof(out->extended_key_usage));
    for (unsigned i = 0; i < PURPOSES; i++) {
        char oid[128];
        size_t len = sizeof(oid);
        if (gnutls_x509_crt_get_key_purpose_oid(certificate, i, oid, &len, NULL) !=
            GNUTLS_E_SUCCESS) {
            break;
        }
        add_word(&text, purpose_word(oid));
    }
    (void)bas_buf_text(&text);
}

static void fill_algorithms(struct bas_pki_certificate *out, gnutls_x509_crt_t certificate)
{
    unsigned bits = 0;
    int pk = gnutls_x509_crt_get_pk_algorithm(certificate, &bits);
    const char *name = pk < 0 ? NULL : gnutls_pk_get_name((gnutls_pk_algorithm_t)pk);
    if (pk == GNUTLS_PK_ECDSA) {
        (void)snprintf(out->key, sizeof(out->key), "EC P-%u", bits);
    } else {
        (void)snprintf(out->key, sizeof(out->key), "%s %u", name != NULL ? name : "unknown", bits);
    }
    int sign = gnutls_x509_crt_get_signature_algorithm(certificate);
    name = sign < 0 ? NULL : gnutls_sign_get_name((gnutls_sign_algorithm_t)sign);
    (void)snprintf(out->signature, sizeof(out->signature), "%s", name != NULL ? name : "unknown");
}

static void fill_id(char *out, size_t cap, const uint8_t *id, size_t len)
{
    struct bas_buf text;
    bas_buf_init(&text, out, cap);
    bas_buf_add_hex(&text, (struct bas_slice){ id, len });
    (void)bas_buf_text(&text);
}

static void fill_ids(struct bas_pki_certificate *out, gnutls_x509_crt_t certificate)
{
    uint8_t id[32];
    size_t len = sizeof(id);
    if (gnutls_x509_crt_get_subject_key_id(certificate, id, &len, NULL) == GNUTLS_E_SUCCESS) {
        fill_id(out->subject_key_id, sizeof(out->subject_key_id), id, len);
    }
    len = sizeof(id);
    if (gnutls_x509_crt_get_authority_key_id(certificate, id, &len, NULL) == GNUTLS_E_SUCCESS) {
        fill_id(out->authority_key_id, sizeof(out->authority_key_id), id, len);
    }
}

static void fill_name(char out[BAS_PKI_NAME_TEXT], const struct bas_tls_name *name)
{
    struct bas_slice octets = { name->octets, name->len };
    char text[BAS_PKI_NAME_TEXT];
    const char *kind = name->kind == GNUTLS_SAN_DNSNAME      ? "dns"
                       : name->kind == GNUTLS_SAN_IPADDRESS  ? "ip"
                       : name->kind == GNUTLS_SAN_URI        ? "uri"
                       : name->kind == GNUTLS_SAN_RFC822NAME ? "email"
                                                             : "other";
    if (name->kind == GNUTLS_SAN_IPADDRESS) {
        (void)bas_tls_address_text(text, octets);
    } else {
        bas_text_copy(text, sizeof(text), octets);
    }
    struct bas_buf whole;
    bas_buf_init(&whole, out, BAS_PKI_NAME_TEXT);
    bas_buf_format(&whole, "%s:", kind);
    bas_buf_format(&whole, "%s", text);
    (void)bas_buf_text(&whole);
}

void bas_pki_describe_name(struct bas_pki_certificate *out, const struct bas_tls_name *name)
{
    if (name->kind == GNUTLS_SAN_URI && !out->has_uuid) {
        out->has_uuid =
            bas_tls_uuid_parse((struct bas_slice){ name->octets, name->len }, out->uuid);
    }
    if (out->n_names < BAS_PKI_NAMES) {
        fill_name(out->names[out->n_names++], name);
    }
}

static void fill_names(struct bas_pki_certificate *out, gnutls_x509_crt_t certificate)
{
    struct bas_tls_name name;
    for (unsigned i = 0; i < BAS_PKI_NAMES; i++) {
        if (!bas_tls_identity_name(certificate, i, &name)) {
            return;
        }
        fill_name(out->names[out->n_names++], &name);
    }
}

static void copy_identity(struct bas_pki_certificate *out, gnutls_x509_crt_t certificate)
{
    struct bas_tls_identity identity;
    bas_tls_identity_fill(&identity, certificate);
    memcpy(out->subject, identity.subject, sizeof(out->subject));
    memcpy(out->issuer, identity.issuer, sizeof(out->issuer));
    memcpy(out->serial, identity.serial, sizeof(out->serial));
    out->not_before = identity.not_before;
    out->not_after = identity.not_after;
    out->has_uuid = identity.has_uuid;
    memcpy(out->uuid, identity.uuid, sizeof(out->uuid));
}

void bas_pki_describe_parts(struct bas_pki_certificate *out, gnutls_x509_crt_t certificate)
{
    memset(out, 0, sizeof(*out));
    copy_identity(out, certificate);
    out->version = gnutls_x509_crt_get_version(certificate);
    unsigned critical = 0;
    unsigned is_ca = 0;
    out->path_length = -1;
    (void)gnutls_x509_crt_get_basic_constraints(certificate, &critical, &is_ca, &out->path_length);
    out->is_ca = is_ca != 0;
    fill_algorithms(out, certificate);
    fill_key_usage(out, certificate);
    fill_purposes(out, certificate);
    fill_ids(out, certificate);
    fill_names(out, certificate);
    size_t len = sizeof(out->fingerprint);
    (void)gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256, out->fingerprint, &len);
}

bas_err bas_pki_describe(struct bas_pki_certificate *out, gnutls_datum_t pem)
{
    memset(out, 0, sizeof(*out));
    gnutls_x509_crt_t certificate = NULL;
    if (gnutls_x509_crt_init(&certificate) < 0) {
        return BAS_ERR_NO_MEMORY;
    }
    int status = gnutls_x509_crt_import(certificate, &pem, GNUTLS_X509_FMT_PEM);
    if (status >= 0) {
        bas_pki_describe_parts(out, certificate);
    }
    gnutls_x509_crt_deinit(certificate);
    return status >= 0 ? BAS_OK : BAS_ERR_CERTIFICATE;
}
