#define _XOPEN_SOURCE 700
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DAY = 86400 };

/* There in a build with AddressSanitizer, which replaces the allocator. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

size_t heap_now(void)
{
    if (__sanitizer_get_current_allocated_bytes != NULL) {
        return __sanitizer_get_current_allocated_bytes();
    }
    return mallinfo2().uordblks;
}

void assert_contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" does not contain \"%s\"", text, part);
    }
}

const char *world_path(struct world *world, const char *name)
{
    char *path = world->paths[world->n_paths++ % BAS_ARRAY_LEN(world->paths)];
    (void)snprintf(path, sizeof(world->paths[0]), "%s/%s", world->folder, name);
    return path;
}

void world_write(struct world *world, const char *name, const char *text, unsigned mode)
{
    const char *path = world_path(world, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, (mode_t)mode), 0);
}

size_t world_read(struct world *world, const char *name, char *text, size_t cap)
{
    FILE *file = fopen(world_path(world, name), "r");
    assert_non_null(file);
    size_t len = fread(text, 1, cap - 1, file);
    text[len] = 0;
    (void)fclose(file);
    return len;
}

void world_issue(struct world *world, const char *name)
{
    struct bas_pki_device_request request = { .size = sizeof(request) };
    request.directory = world->folder;
    request.name = name;
    struct bas_pki_pair pair;
    struct bas_fault fault = { 0 };
    if (bas_pki_issue(&world->t.env, &request, &pair, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
}

void world_init(struct world *world)
{
    memset(world, 0, sizeof(*world));
    test_env_init(&world->t);
    (void)snprintf(world->folder, sizeof(world->folder), "/tmp/basalt-tls-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    struct bas_pki_authority_request ca = { .size = sizeof(ca) };
    ca.directory = world->folder;
    ca.common_name = "Site CA";
    struct bas_pki_pair pair;
    struct bas_fault fault = { 0 };
    if (bas_pki_init(&world->t.env, &ca, &pair, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    world_issue(world, "hub");
    world_issue(world, "node");
}

void world_fini(struct world *world)
{
    DIR *folder = opendir(world->folder);
    assert_non_null(folder);
    for (struct dirent *file = readdir(folder); file != NULL; file = readdir(folder)) {
        if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0) {
            assert_int_equal(remove(world_path(world, file->d_name)), 0);
        }
    }
    (void)closedir(folder);
    assert_int_equal(rmdir(world->folder), 0);
    test_env_check(&world->t);
}

/* Bad certificates */

static gnutls_datum_t load(struct world *world, const char *name, const char *suffix)
{
    char file[64];
    (void)snprintf(file, sizeof(file), "%s%s", name, suffix);
    gnutls_datum_t data = { NULL, 0 };
    assert_int_equal(gnutls_load_file(world_path(world, file), &data), 0);
    return data;
}

static void save(struct world *world, const char *name, const char *suffix, gnutls_datum_t data)
{
    char file[64];
    (void)snprintf(file, sizeof(file), "%s%s", name, suffix);
    const char *path = world_path(world, file);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data.data, data.size), data.size);
    (void)close(fd);
    gnutls_free(data.data);
}

static gnutls_x509_crt_t load_certificate(struct world *world, const char *name)
{
    gnutls_x509_crt_t certificate = NULL;
    gnutls_datum_t pem = load(world, name, ".pem");
    assert_int_equal(gnutls_x509_crt_init(&certificate), 0);
    assert_int_equal(gnutls_x509_crt_import(certificate, &pem, GNUTLS_X509_FMT_PEM), 0);
    gnutls_free(pem.data);
    return certificate;
}

static gnutls_x509_privkey_t load_key(struct world *world, const char *name)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_datum_t pem = load(world, name, ".key");
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0), 0);
    gnutls_free(pem.data);
    return key;
}

static gnutls_x509_privkey_t new_key(const struct odd *odd)
{
    gnutls_x509_privkey_t key = NULL;
    unsigned curve = odd->curve != 0 ? odd->curve : (unsigned)GNUTLS_ECC_CURVE_SECP256R1;
    unsigned bits = odd->has_rsa_key ? 2048 : (unsigned)GNUTLS_CURVE_TO_BITS(curve);
    gnutls_pk_algorithm_t kind = odd->has_rsa_key                    ? GNUTLS_PK_RSA
                                 : curve == GNUTLS_ECC_CURVE_ED25519 ? GNUTLS_PK_EDDSA_ED25519
                                                                     : GNUTLS_PK_ECDSA;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_generate(key, kind, bits, 0), 0);
    return key;
}

/* An RSA key that nobody has made: odd numbers of the right length. */
static void set_rsa(gnutls_x509_crt_t c, const struct odd *odd)
{
    static unsigned char modulus[8192];
    static unsigned char exponent[64];
    gnutls_datum_t m = { modulus, odd->rsa_bits / 8 };
    gnutls_datum_t e = { exponent, odd->rsa_exponent_octets };
    gnutls_pubkey_t key = NULL;
    memset(modulus, 0xA5, m.size);
    memset(exponent, 0x5B, e.size);
    assert_int_equal(gnutls_pubkey_init(&key), 0);
    assert_int_equal(gnutls_pubkey_import_rsa_raw(key, &m, &e), 0);
    assert_int_equal(gnutls_x509_crt_set_pubkey(c, key), 0);
    gnutls_pubkey_deinit(key);
}

static void fill(struct world *world, gnutls_x509_crt_t c, const struct odd *odd)
{
    int64_t now = world->t.wall / BAS_SECOND;
    const char *subject = odd->subject != NULL ? odd->subject : odd->name;
    struct bas_slice serial = test_hex(odd->serial != NULL ? odd->serial : "112233");
    assert_int_equal(gnutls_x509_crt_set_version(c, odd->version != 0 ? (unsigned)odd->version : 3),
                     0);
    assert_int_equal(gnutls_x509_crt_set_serial(c, serial.data, serial.len), 0);
    assert_int_equal(gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0, subject,
                                                   (unsigned)strlen(subject)),
                     0);
    int64_t from = odd->not_before != 0 ? odd->not_before : now - DAY;
    int64_t to = odd->not_after != 0 ? odd->not_after : now + 365 * DAY;
    assert_int_equal(gnutls_x509_crt_set_activation_time(c, (time_t)from), 0);
    assert_int_equal(gnutls_x509_crt_set_expiration_time(c, (time_t)to), 0);
}

static void extend(gnutls_x509_crt_t c, const struct odd *odd)
{
    assert_int_equal(gnutls_x509_crt_set_basic_constraints(c, odd->is_ca, -1), 0);
    if (odd->key_usage != 0) {
        assert_int_equal(gnutls_x509_crt_set_key_usage(c, odd->key_usage), 0);
    }
    for (size_t i = 0; odd->purposes != NULL && odd->purposes[i] != NULL; i++) {
        assert_int_equal(gnutls_x509_crt_set_key_purpose_oid(c, odd->purposes[i], 0), 0);
    }
    if (odd->uri != NULL) {
        assert_int_equal(gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_URI, odd->uri,
                                                              (unsigned)strlen(odd->uri),
                                                              GNUTLS_FSAN_APPEND),
                         0);
    }
    if (odd->dns != NULL) {
        assert_int_equal(gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_DNSNAME, odd->dns,
                                                              (unsigned)strlen(odd->dns),
                                                              GNUTLS_FSAN_APPEND),
                         0);
    }
    if (odd->has_alien_extension) {
        assert_int_equal(
            gnutls_x509_crt_set_extension_by_oid(c, "1.3.6.1.4.1.99999.1", "\x05\x00", 2, 1), 0);
    }
    uint8_t id[64];
    size_t len = sizeof(id);
    if (!odd->has_no_key_id) {
        assert_int_equal(gnutls_x509_crt_get_key_id(c, 0, id, &len), 0);
        assert_int_equal(gnutls_x509_crt_set_subject_key_id(c, id, len), 0);
    }
}

/* An issuer of this name with the signer's key: what stands in the certificate is the name. */
static gnutls_x509_crt_t stand_in(const char *common_name, gnutls_x509_privkey_t key)
{
    gnutls_x509_crt_t c = NULL;
    assert_int_equal(gnutls_x509_crt_init(&c), 0);
    assert_int_equal(gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0, common_name,
                                                   (unsigned)strlen(common_name)),
                     0);
    assert_int_equal(gnutls_x509_crt_set_key(c, key), 0);
    return c;
}

static void sign(struct world *world, gnutls_x509_crt_t c, gnutls_x509_privkey_t key,
                 const struct odd *odd)
{
    gnutls_digest_algorithm_t digest = odd->is_sha1 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256;
    if (odd->is_self_signed) {
        assert_int_equal(gnutls_x509_crt_sign2(c, c, key, digest, 0), 0);
        return;
    }
    const char *signer = odd->signer != NULL ? odd->signer : "ca";
    gnutls_x509_crt_t issuer = load_certificate(world, signer);
    gnutls_x509_privkey_t issuer_key = load_key(world, signer);
    uint8_t id[64];
    size_t len = sizeof(id);
    if (!odd->has_no_key_id && odd->version != 1 &&
        gnutls_x509_crt_get_subject_key_id(issuer, id, &len, NULL) == 0) {
        assert_int_equal(gnutls_x509_crt_set_authority_key_id(c, id, len), 0);
    }
    if (odd->issuer != NULL) {
        gnutls_x509_crt_deinit(issuer);
        issuer = stand_in(odd->issuer, issuer_key);
    }
    assert_int_equal(gnutls_x509_crt_sign2(c, issuer, issuer_key, digest, 0), 0);
    gnutls_x509_crt_deinit(issuer);
    gnutls_x509_privkey_deinit(issuer_key);
}

void world_issue_odd(struct world *world, const struct odd *odd)
{
    gnutls_x509_crt_t c = NULL;
    gnutls_x509_privkey_t key = new_key(odd);
    assert_int_equal(gnutls_x509_crt_init(&c), 0);
    fill(world, c, odd);
    if (odd->rsa_bits != 0) {
        set_rsa(c, odd);
    } else {
        assert_int_equal(gnutls_x509_crt_set_key(c, key), 0);
    }
    if (odd->version != 1) {
        extend(c, odd);
    }
    sign(world, c, key, odd);
    gnutls_datum_t pem = { NULL, 0 };
    assert_int_equal(gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_PEM, &pem), 0);
    save(world, odd->name, ".pem", pem);
    assert_int_equal(
        gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem),
        0);
    save(world, odd->name, ".key", pem);
    gnutls_x509_crt_deinit(c);
    gnutls_x509_privkey_deinit(key);
}

/* Revocation lists, which the library cannot make with reasons or odd rows */

static void put(struct bas_buf *out, uint8_t tag, const void *octets, size_t len)
{
    uint8_t head[4] = { tag, 0x82, (uint8_t)(len >> 8), (uint8_t)len };
    uint8_t brief[2] = { tag, (uint8_t)len };
    bas_buf_add(out, len < 128 ? brief : head, len < 128 ? sizeof(brief) : sizeof(head));
    bas_buf_add(out, octets, len);
    assert_false(out->full);
}

static void put_time(struct bas_buf *out, int64_t seconds)
{
    char text[80];
    time_t t = (time_t)seconds;
    struct tm utc;
    assert_non_null(gmtime_r(&t, &utc));
    (void)snprintf(text, sizeof(text), "%02d%02d%02d%02d%02d%02dZ", utc.tm_year % 100,
                   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
    put(out, 0x17, text, strlen(text));
}

static void put_hex(struct bas_buf *out, uint8_t tag, const char *hex)
{
    struct bas_slice octets = test_hex(hex);
    put(out, tag, octets.data, octets.len);
}

static const char ecdsa_sha256[] = "06082a8648ce3d040302";

static void put_body(struct world *world, struct bas_buf *out, const struct odd_list *list)
{
    const char *signer = list->signer != NULL ? list->signer : "ca";
    int64_t now = world->t.wall / BAS_SECOND;
    gnutls_datum_t name = { NULL, 0 };
    gnutls_x509_crt_t issuer =
        load_certificate(world, list->issuer != NULL ? list->issuer : signer);
    assert_int_equal(gnutls_x509_crt_get_raw_dn(issuer, &name), 0);
    put_hex(out, 0x02, "01");
    put_hex(out, 0x30, ecdsa_sha256);
    bas_buf_add(out, name.data, name.size);
    put_time(out, list->from != 0 ? list->from : now - DAY);
    put_time(out, list->next != 0 ? list->next : now + 30 * DAY);
    if (list->rows != NULL) {
        put_hex(out, 0x30, list->rows);
    }
    if (list->extensions != NULL) {
        uint8_t inner[512];
        struct bas_buf extensions;
        bas_buf_init(&extensions, inner, sizeof(inner));
        put_hex(&extensions, 0x30, list->extensions);
        put(out, 0xA0, inner, extensions.len);
    }
    gnutls_free(name.data);
    gnutls_x509_crt_deinit(issuer);
}

static gnutls_datum_t sign_octets(struct world *world, const char *signer, gnutls_datum_t octets)
{
    gnutls_datum_t signature = { NULL, 0 };
    gnutls_privkey_t key = NULL;
    assert_int_equal(gnutls_privkey_init(&key), 0);
    assert_int_equal(gnutls_privkey_import_x509(key, load_key(world, signer),
                                                GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE),
                     0);
    assert_int_equal(
        gnutls_privkey_sign_data2(key, GNUTLS_SIGN_ECDSA_SHA256, 0, &octets, &signature), 0);
    gnutls_privkey_deinit(key);
    return signature;
}

void world_list(struct world *world, const struct odd_list *list)
{
    enum { ROOM = 60000 };
    static uint8_t memory[4][ROOM];
    struct bas_buf body, signed_body, whole, signature;
    bas_buf_init(&body, memory[0], ROOM);
    bas_buf_init(&signed_body, memory[1], ROOM);
    bas_buf_init(&signature, memory[2], ROOM);
    bas_buf_init(&whole, memory[3], ROOM);
    put_body(world, &body, list);
    put(&signed_body, 0x30, body.data, body.len);
    gnutls_datum_t made =
        sign_octets(world, list->signer != NULL ? list->signer : "ca",
                    (gnutls_datum_t){ signed_body.data, (unsigned)signed_body.len });
    made.data[made.size - 1] ^= list->is_damaged ? 1 : 0;
    bas_buf_add(&signature, "", 1); /* no unused bits */
    bas_buf_add(&signature, made.data, made.size);
    put_hex(&signed_body, 0x30, ecdsa_sha256);
    put(&signed_body, 0x03, signature.data, signature.len);
    put(&whole, 0x30, signed_body.data, signed_body.len);
    gnutls_free(made.data);
    gnutls_datum_t pem = { NULL, 0 };
    gnutls_datum_t der = { whole.data, (unsigned)whole.len };
    assert_int_equal(gnutls_pem_base64_encode2("X509 CRL", &der, &pem), 0);
    FILE *file = fopen(world_path(world, list->name), list->is_appended ? "a" : "w");
    assert_non_null(file);
    assert_int_equal(fwrite(pem.data, 1, pem.size, file), pem.size);
    assert_int_equal(fclose(file), 0);
    gnutls_free(pem.data);
}
