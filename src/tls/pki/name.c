/* Owns the names of an authority's files and devices, and what may be a subject alternative name.
 */
#include "tls/pki/name.h"

#include "tls/address.h"
#include "tls/file.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_OCTETS = 64, DNS_MAX = 253, LABEL_MAX = 63 };

bas_err bas_pki_path(char path[BAS_PKI_PATH], const char *directory, const char *name,
                     const char *suffix, struct bas_fault *fault)
{
    int n = snprintf(path, BAS_PKI_PATH, "%s/%s%s", directory, name, suffix);
    if (n < 0 || n >= BAS_PKI_PATH) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "the path %.100s/%.64s%.60s is too long",
                        directory, name, suffix);
    }
    return BAS_OK;
}

bas_err bas_pki_paths(struct bas_pki_pair *pair, const char *directory, const char *name,
                      struct bas_fault *fault)
{
    bas_err err = bas_pki_path(pair->certificate_file, directory, name, ".pem", fault);
    return err == BAS_OK ? bas_pki_path(pair->key_file, directory, name, ".key", fault) : err;
}

bas_err bas_pki_path_check_free(const char *path, struct bas_fault *fault)
{
    return bas_tls_file_exists(path)
               ? bas_fail(fault, BAS_ERR_EXISTS, "%s exists already; nothing was changed", path)
               : BAS_OK;
}

bas_err bas_pki_directory_check(const char *directory, struct bas_fault *fault)
{
    return directory == NULL || directory[0] == 0
               ? bas_fail(fault, BAS_ERR_INVALID, "no folder is named")
               : BAS_OK;
}

bas_err bas_pki_name_check(const char *name, struct bas_fault *fault)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = name != NULL ? strlen(name) : 0;
    if (len == 0 || len > NAME_MAX_OCTETS || strspn(name, allowed) != len || name[0] == '.' ||
        name[0] == '-') {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "\"%.80s\" cannot be a device's name: 1 to 64 of A-Z a-z 0-9 . _ -, "
                        "beginning with a letter or digit",
                        name != NULL ? name : "");
    }
    bool is_ca = len == 2 && (name[0] | 0x20) == 'c' && (name[1] | 0x20) == 'a';
    if (is_ca) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "the name ca belongs to the authority: choose another for the device");
    }
    return BAS_OK;
}

bas_err bas_pki_days_check(unsigned days, struct bas_fault *fault)
{
    if (days > BAS_PKI_MAX_DAYS) {
        return bas_fail(fault, BAS_ERR_INVALID, "%u days are too many: at most %d", days,
                        BAS_PKI_MAX_DAYS);
    }
    return BAS_OK;
}

/* Letters, digits and hyphens between dots; the first label may be a star. */
static bool is_dns_name(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t len = strlen(name);
    if (len == 0 || len > DNS_MAX) {
        return false;
    }
    if (strncmp(name, "*.", 2) == 0) {
        name += 2;
    }
    for (;;) {
        size_t label = strspn(name, allowed);
        if (label == 0 || label > LABEL_MAX || name[0] == '-' || name[label - 1] == '-') {
            return false;
        }
        if (name[label] == 0) {
            return true;
        }
        if (name[label] != '.') {
            return false;
        }
        name += label + 1;
    }
}

static void add(struct bas_pki_names *names, int kind, const void *octets, size_t len)
{
    struct bas_tls_name *item = &names->items[names->n++];
    item->kind = kind;
    item->len = len;
    memcpy(item->octets, octets, len);
}

bas_err bas_pki_names_add(struct bas_pki_names *names, const char *name, struct bas_fault *fault)
{
    uint8_t address[16];
    if (names->n == BAS_PKI_NAMES) {
        return bas_fail(fault, BAS_ERR_INVALID, "\"%.80s\" is one name too many: at most %d", name,
                        BAS_PKI_NAMES - 1);
    }
    if (strncmp(name, "dns:", 4) == 0 && is_dns_name(name + 4)) {
        add(names, GNUTLS_SAN_DNSNAME, name + 4, strlen(name + 4));
        return BAS_OK;
    }
    size_t len = strncmp(name, "ip:", 3) == 0 ? bas_tls_address_parse(name + 3, address) : 0;
    if (len != 0) {
        add(names, GNUTLS_SAN_IPADDRESS, address, len);
        return BAS_OK;
    }
    return bas_fail(fault, BAS_ERR_INVALID,
                    "\"%.80s\" is no name for a certificate: write dns:HOST or ip:ADDRESS", name);
}

bas_err bas_pki_names_add_all(struct bas_pki_names *names, const char *const *texts, size_t n,
                              struct bas_fault *fault)
{
    if (n >= BAS_PKI_NAMES) {
        return bas_fail(fault, BAS_ERR_INVALID, "%zu names are too many: at most %d", n,
                        BAS_PKI_NAMES - 1);
    }
    bas_err err = BAS_OK;
    for (size_t i = 0; i < n && err == BAS_OK; i++) {
        err = bas_pki_names_add(names, texts[i], fault);
    }
    return err;
}

const char *bas_pki_uuid_urn(char text[BAS_PKI_UUID_URN], const uint8_t uuid[16])
{
    static const size_t groups[] = { 4, 2, 2, 2, 6 };
    struct bas_buf urn;
    bas_buf_init(&urn, text, BAS_PKI_UUID_URN);
    bas_buf_add_text(&urn, "urn:uuid");
    size_t at = 0;
    for (size_t i = 0; i < BAS_ARRAY_LEN(groups); i++) {
        bas_buf_add_text(&urn, i == 0 ? ":" : "-");
        bas_buf_add_hex(&urn, (struct bas_slice){ uuid + at, groups[i] });
        at += groups[i];
    }
    return bas_buf_text(&urn);
}

void bas_pki_names_add_uuid(struct bas_pki_names *names, const struct bas_env *env,
                            const uint8_t *uuid)
{
    uint8_t random[16];
    if (uuid == NULL) {
        env->random(env->ctx, random, sizeof(random));
        random[6] = (uint8_t)((random[6] & 0x0F) | 0x40);
        random[8] = (uint8_t)((random[8] & 0x3F) | 0x80);
        uuid = random;
    }
    char urn[BAS_PKI_UUID_URN];
    (void)bas_pki_uuid_urn(urn, uuid);
    add(names, GNUTLS_SAN_URI, urn, strlen(urn));
}

bas_err bas_pki_names_copy(struct bas_pki_names *names, gnutls_x509_crt_t certificate,
                           struct bas_fault *fault)
{
    names->n = 0;
    struct bas_tls_name name;
    for (unsigned i = 0; bas_tls_identity_name(certificate, i, &name); i++) {
        if (i == BAS_PKI_NAMES || name.kind < 0) {
            return bas_fail(fault, BAS_ERR_UNSUPPORTED,
                            "it has more than %d subject alternative names, or one that is too "
                            "long",
                            BAS_PKI_NAMES);
        }
        names->items[names->n++] = name;
    }
    return BAS_OK;
}

static bool is_good(const struct bas_tls_name *name)
{
    char text[BAS_TLS_NAME_OCTETS + 1];
    uint8_t uuid[16];
    struct bas_slice octets = { name->octets, name->len };
    if (name->kind == GNUTLS_SAN_IPADDRESS) {
        return name->len == 4 || name->len == 16;
    }
    if (name->kind == GNUTLS_SAN_URI) {
        return bas_tls_uuid_parse(octets, uuid);
    }
    bas_text_copy(text, sizeof(text), octets);
    return name->kind == GNUTLS_SAN_DNSNAME && strlen(text) == name->len && is_dns_name(text);
}

bas_err bas_pki_names_check(const struct bas_pki_names *names, const char *what,
                            struct bas_fault *fault)
{
    for (size_t i = 0; i < names->n; i++) {
        if (!is_good(&names->items[i])) {
            char text[80];
            bas_text_copy(text, sizeof(text),
                          (struct bas_slice){ names->items[i].octets, names->items[i].len });
            return bas_fail(fault, BAS_ERR_CERTIFICATE,
                            "%.100s asks for the name \"%s\": DNS names, IP addresses and urn:uuid "
                            "are certified here, nothing else",
                            what, text);
        }
    }
    return BAS_OK;
}

int bas_pki_names_put(const struct bas_pki_names *names, gnutls_x509_crt_t certificate)
{
    int status = 0;
    for (size_t i = 0; i < names->n && status >= 0; i++) {
        const struct bas_tls_name *name = &names->items[i];
        status = gnutls_x509_crt_set_subject_alt_name(
            certificate, (gnutls_x509_subject_alt_name_t)name->kind, name->octets,
            (unsigned)name->len, GNUTLS_FSAN_APPEND);
    }
    return status;
}
