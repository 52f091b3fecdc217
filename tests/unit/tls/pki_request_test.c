/* Requests and what becomes of them: csr.c and sign.c, too. */
#define _XOPEN_SOURCE 700
#include "world.h"

#include "tls/pki/csr.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t uuid[16] = { 0x0F, 0x1E, 0x2D, 0x3C, 0x4B, 0x5A, 0x46, 0x87,
                                  0x87, 0x96, 0xA5, 0xB4, 0xC3, 0xD2, 0xE1, 0xF0 };

static struct bas_pki_csr_request request_for(struct world *world, const char *name)
{
    struct bas_pki_csr_request request = { .size = sizeof(request) };
    request.directory = world->folder;
    request.name = name;
    return request;
}

static struct bas_pki_sign_request signing(struct world *world, const char *file)
{
    struct bas_pki_sign_request request = { .size = sizeof(request) };
    request.directory = world->folder;
    request.request_file = file;
    return request;
}

static void ask(struct world *world, const char *name, const uint8_t *id)
{
    struct bas_pki_csr_request request = request_for(world, name);
    struct bas_pki_csr made;
    struct bas_fault fault = { 0 };
    request.uuid = id;
    if (bas_pki_request(&world->t.env, &request, &made, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
}

/* bsc 7.5-02 */
static void a_request_says_what_was_asked_for_and_is_signed_as_it_says(void **state)
{
    (void)state;
    static const char *const names[] = { "dns:ahu.example", "ip:192.0.2.7", "ip:2001:db8::7" };
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_csr made;
    struct bas_pki_pair pair;
    struct stat st;
    world_init(&world);
    struct bas_pki_csr_request request = request_for(&world, "ahu");
    request.names = names;
    request.n_names = 3;
    request.uuid = uuid;
    assert_int_equal(bas_pki_request(&world.t.env, &request, &made, &fault), BAS_OK);
    assert_string_equal(made.wanted.subject, "CN=ahu");
    assert_string_equal(made.wanted.key, "EC P-256");
    assert_string_equal(made.wanted.issuer, "");
    assert_string_equal(made.wanted.serial, "");
    assert_true(made.wanted.has_uuid);
    assert_memory_equal(made.wanted.uuid, uuid, 16);
    assert_int_equal(made.wanted.n_names, 4);
    assert_int_equal(stat(made.key_file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    struct bas_pki_sign_request order = signing(&world, made.request_file);
    order.days = 40;
    assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_OK);
    assert_string_equal(pair.certificate_file, world_path(&world, "ahu.pem"));
    assert_string_equal(pair.key_file, "");
    const struct bas_pki_certificate *c = &pair.certificate;
    assert_string_equal(c->subject, "CN=ahu");
    assert_string_equal(c->issuer, "CN=Site CA");
    assert_string_equal(c->subject_key_id, made.wanted.subject_key_id);
    assert_int_equal(c->n_names, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(c->names[i], made.wanted.names[i]);
    }
    assert_string_equal(c->key_usage, "digitalSignature");
    assert_string_equal(c->extended_key_usage, "serverAuth, clientAuth");
    assert_false(c->is_ca);
    assert_int_equal(c->not_after, world.t.wall / BAS_SECOND + 40 * 86400);
    world_fini(&world);
}

static void a_request_without_uuid_gets_a_random_one(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_certificate a;
    struct bas_pki_certificate b;
    world_init(&world);
    ask(&world, "a", NULL);
    ask(&world, "b", NULL);
    assert_int_equal(bas_pki_show_request(&world.t.env, world_path(&world, "a.csr"), &a, NULL),
                     BAS_OK);
    assert_int_equal(bas_pki_show_request(&world.t.env, world_path(&world, "b.csr"), &b, NULL),
                     BAS_OK);
    assert_true(a.has_uuid && b.has_uuid);
    assert_memory_not_equal(a.uuid, b.uuid, 16);
    world_fini(&world);
}

static void a_key_that_exists_is_used_when_it_is_named(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_csr made;
    struct bas_pki_certificate hub;
    char before[4096];
    char after[4096];
    world_init(&world);
    (void)world_read(&world, "hub.key", before, sizeof(before));
    struct bas_pki_csr_request request = request_for(&world, "hub");
    assert_int_equal(bas_pki_request(&world.t.env, &request, &made, &fault), BAS_ERR_EXISTS);
    assert_contains(fault.text, "hub.key exists already; name it (--key)");
    request.key_file = world_path(&world, "hub.key");
    assert_int_equal(bas_pki_request(&world.t.env, &request, &made, &fault), BAS_OK);
    assert_string_equal(made.key_file, request.key_file);
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "hub.pem"), &hub, NULL), BAS_OK);
    assert_string_equal(made.wanted.subject_key_id, hub.subject_key_id);
    assert_int_equal(bas_pki_request(&world.t.env, &request, &made, &fault), BAS_ERR_EXISTS);
    assert_contains(fault.text, "hub.csr exists already; nothing was changed");
    (void)world_read(&world, "hub.key", after, sizeof(after));
    assert_string_equal(before, after);
    assert_int_equal(chmod(world_path(&world, "hub.key"), 0644), 0);
    request.name = "other";
    assert_int_equal(bas_pki_request(&world.t.env, &request, &made, &fault), BAS_ERR_PERMISSION);
    assert_int_not_equal(access(world_path(&world, "other.csr"), F_OK), 0);
    world_fini(&world);
}

static void an_encrypted_key_needs_its_password(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_csr made;
    char text[4096];
    world_init(&world);
    struct bas_pki_csr_request request = request_for(&world, "a");
    request.key_password = "correct horse";
    assert_int_equal(bas_pki_request(&world.t.env, &request, &made, &fault), BAS_OK);
    (void)world_read(&world, "a.key", text, sizeof(text));
    assert_contains(text, "BEGIN ENCRYPTED PRIVATE KEY");
    request.name = "b";
    request.key_file = world_path(&world, "a.key");
    assert_int_equal(bas_pki_request(&world.t.env, &request, &made, &fault), BAS_OK);
    request.name = "c";
    request.key_password = "wrong";
    assert_int_equal(bas_pki_request(&world.t.env, &request, &made, &fault), BAS_ERR_KEY);
    assert_contains(fault.text, "the password of");
    request.key_password = NULL;
    assert_int_equal(bas_pki_request(&world.t.env, &request, &made, &fault), BAS_ERR_KEY);
    assert_contains(fault.text, "is encrypted: give its password");
    assert_int_not_equal(access(world_path(&world, "c.csr"), F_OK), 0);
    world_fini(&world);
}

static void an_authority_with_an_encrypted_key_signs_with_its_password(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_pair pair;
    char folder[128];
    world_init(&world);
    struct bas_pki_authority_request ca = { .size = sizeof(ca), .key_password = "open" };
    (void)snprintf(folder, sizeof(folder), "%s", world_path(&world, "locked"));
    ca.directory = folder;
    assert_int_equal(bas_pki_init(&world.t.env, &ca, &pair, &fault), BAS_OK);
    struct bas_pki_device_request device = { .size = sizeof(device), .directory = folder };
    device.name = "a";
    assert_int_equal(bas_pki_issue(&world.t.env, &device, &pair, &fault), BAS_ERR_KEY);
    assert_contains(fault.text, "ca.key is encrypted: give its password");
    device.ca_password = "sesame";
    assert_int_equal(bas_pki_issue(&world.t.env, &device, &pair, &fault), BAS_ERR_KEY);
    device.ca_password = "open";
    assert_int_equal(bas_pki_issue(&world.t.env, &device, &pair, &fault), BAS_OK);
    static const char *const files[] = { "ca.pem", "ca.key", "a.pem", "a.key", "index.csv" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(files); i++) {
        char path[200];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        assert_int_equal(remove(path), 0);
    }
    world_fini(&world);
}

/* A request as no good device makes it. */
struct bad {
    const char *common_name;
    gnutls_pk_algorithm_t kind; /* 0: EC */
    unsigned bits;              /* 0: P-256 */
    bool is_ca;
    unsigned usage;
    gnutls_x509_subject_alt_name_t san;
    const char *name;
    const char *second_uuid;
};

static void make_bad(struct world *world, const struct bad *bad)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crq_t csr;
    gnutls_datum_t pem;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_crq_init(&csr), 0);
    assert_int_equal(
        gnutls_x509_privkey_generate(
            key, bad->kind == 0 ? GNUTLS_PK_ECDSA : bad->kind,
            bad->bits == 0 ? GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) : bad->bits, 0),
        0);
    assert_int_equal(gnutls_x509_crq_set_version(csr, 1), 0);
    if (bad->common_name != NULL) {
        assert_int_equal(gnutls_x509_crq_set_dn_by_oid(csr, GNUTLS_OID_X520_COMMON_NAME, 0,
                                                       bad->common_name,
                                                       (unsigned)strlen(bad->common_name)),
                         0);
    }
    assert_int_equal(gnutls_x509_crq_set_key(csr, key), 0);
    if (bad->is_ca) {
        assert_int_equal(gnutls_x509_crq_set_basic_constraints(csr, 1, -1), 0);
    }
    if (bad->usage != 0) {
        assert_int_equal(gnutls_x509_crq_set_key_usage(csr, bad->usage), 0);
    }
    const char *names[] = { bad->name, bad->second_uuid };
    for (size_t i = 0; i < 2 && names[i] != NULL; i++) {
        assert_int_equal(gnutls_x509_crq_set_subject_alt_name(csr, bad->san, names[i],
                                                              (unsigned)strlen(names[i]),
                                                              GNUTLS_FSAN_APPEND),
                         0);
    }
    assert_int_equal(gnutls_x509_crq_sign2(csr, key, GNUTLS_DIG_UNKNOWN, 0), 0);
    assert_int_equal(gnutls_x509_crq_export2(csr, GNUTLS_X509_FMT_PEM, &pem), 0);
    world_write(world, "bad.csr", (const char *)pem.data, 0644);
    gnutls_free(pem.data);
    gnutls_x509_crq_deinit(csr);
    gnutls_x509_privkey_deinit(key);
}

static void what_no_device_may_ask_for_is_refused(void **state)
{
    (void)state;
    static const char urn[] = "urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0";
    static const char other[] = "urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f1";
    static const struct {
        struct bad bad;
        bas_err err;
        const char *why;
    } rows[] = {
        { { "x", .is_ca = true }, BAS_ERR_CERTIFICATE, "it asks to be an authority" },
        { { "x", .usage = GNUTLS_KEY_KEY_CERT_SIGN }, BAS_ERR_CERTIFICATE, "to be an authority" },
        { { "x", .usage = GNUTLS_KEY_CRL_SIGN }, BAS_ERR_CERTIFICATE, "to be an authority" },
        { { "x", .kind = GNUTLS_PK_RSA, .bits = 1024 }, BAS_ERR_CERTIFICATE, "its key is not fit" },
        { { "x", .kind = GNUTLS_PK_EDDSA_ED448,
            .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED448) },
          BAS_ERR_CERTIFICATE,
          "its key is not fit" },
        { { "x", .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1) },
          BAS_ERR_CERTIFICATE,
          "its key is not fit" },
        { { "x", .san = GNUTLS_SAN_RFC822NAME, .name = "a@b" }, BAS_ERR_CERTIFICATE, "\"a@b\"" },
        { { "x", .san = GNUTLS_SAN_URI, .name = "http://x" }, BAS_ERR_CERTIFICATE, "http://x" },
        { { "x", .san = GNUTLS_SAN_URI, .name = urn, .second_uuid = other },
          BAS_ERR_CERTIFICATE,
          "two UUIDs" },
        { { "x", .san = GNUTLS_SAN_DNSNAME, .name = "a b" }, BAS_ERR_CERTIFICATE, "\"a b\"" },
        { { "Site CA", .bits = 0 }, BAS_ERR_INVALID, "is no name for a file" },
        { { "ca", .bits = 0 }, BAS_ERR_INVALID, "is no name for a file" },
        { { "../x", .bits = 0 }, BAS_ERR_INVALID, "is no name for a file" },
        { { NULL, .bits = 0 }, BAS_ERR_INVALID, "is no name for a file" },
        { { "hub", .bits = 0 }, BAS_ERR_EXISTS, "hub.pem exists already" },
    };
    struct world world;
    struct bas_fault fault;
    struct bas_pki_pair pair;
    world_init(&world);
    struct bas_pki_sign_request order = signing(&world, world_path(&world, "bad.csr"));
    char path[128];
    (void)snprintf(path, sizeof(path), "%s", order.request_file);
    order.request_file = path;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        make_bad(&world, &rows[i].bad);
        bas_err err = bas_pki_sign(&world.t.env, &order, &pair, &fault);
        if (err != rows[i].err) {
            fail_msg("row %zu gives %d: %s", i, (int)err, fault.text);
        }
        assert_contains(fault.text, rows[i].why);
        assert_int_not_equal(access(world_path(&world, "x.pem"), F_OK), 0);
    }
    order.name = "x";
    make_bad(&world, &(struct bad){ .common_name = "Site CA" });
    assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "its subject is the authority's");
    make_bad(&world, &(struct bad){ .common_name = NULL });
    assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "its subject is empty");
    world_fini(&world);
}

static void other_fit_keys_are_signed(void **state)
{
    (void)state;
    static const struct {
        struct bad bad;
        const char *key;
    } rows[] = {
        { { "p384", .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1) }, "EC P-384" },
        { { "rsa", .kind = GNUTLS_PK_RSA, .bits = 2048 }, "RSA 2048" },
        { { "ed", .kind = GNUTLS_PK_EDDSA_ED25519,
            .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519) },
          "EdDSA (Ed25519) 256" },
    };
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_pair pair;
    world_init(&world);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        make_bad(&world, &rows[i].bad);
        struct bas_pki_sign_request order = signing(&world, world_path(&world, "bad.csr"));
        assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_OK);
        assert_string_equal(pair.certificate.key, rows[i].key);
        assert_false(pair.certificate.has_uuid); /* nobody asked for one */
    }
    world_fini(&world);
}

static void a_request_that_was_changed_or_cut_is_refused(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_certificate wanted;
    gnutls_datum_t der;
    gnutls_datum_t changed;
    char text[4096];
    world_init(&world);
    ask(&world, "a", uuid);
    size_t len = world_read(&world, "a.csr", text, sizeof(text));
    const gnutls_datum_t pem = { (unsigned char *)text, (unsigned)len };
    assert_int_equal(gnutls_pem_base64_decode2("NEW CERTIFICATE REQUEST", &pem, &der), 0);
    char *name = memchr(der.data, 'a', der.size); /* of the subject: the first one */
    assert_non_null(name);
    bool refused = false;
    for (unsigned i = 0; i < der.size; i++) {
        der.data[i] ^= 0x01;
        assert_int_equal(gnutls_pem_base64_encode2("NEW CERTIFICATE REQUEST", &der, &changed), 0);
        world_write(&world, "b.csr", (const char *)changed.data, 0644);
        gnutls_free(changed.data);
        der.data[i] ^= 0x01;
        bas_err err =
            bas_pki_show_request(&world.t.env, world_path(&world, "b.csr"), &wanted, &fault);
        if (err != BAS_ERR_CERTIFICATE) {
            fail_msg("the change of octet %u passes", i);
        }
        refused = refused || strstr(fault.text, "not that of its own key") != NULL;
    }
    assert_true(refused);
    gnutls_free(der.data);
    size_t end = (size_t)(strstr(text, "-----END") - text); /* behind it nothing is looked at */
    for (size_t n = 0; n < end; n += 7) {
        char cut[4096];
        memcpy(cut, text, n);
        cut[n] = 0;
        world_write(&world, "b.csr", cut, 0644);
        assert_int_equal(
            bas_pki_show_request(&world.t.env, world_path(&world, "b.csr"), &wanted, &fault),
            BAS_ERR_CERTIFICATE);
    }
    world_fini(&world);
}

static void nobody_gets_the_uuid_of_another(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_pair pair;
    struct bas_pki_crl crl;
    world_init(&world);
    ask(&world, "first", uuid);
    ask(&world, "second", uuid);
    struct bas_pki_sign_request order = signing(&world, world_path(&world, "first.csr"));
    assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_OK);
    order = signing(&world, world_path(&world, "second.csr"));
    assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_ERR_EXISTS);
    assert_contains(fault.text, "belongs to first");
    struct bas_pki_revoke_request revoke = { .size = sizeof(revoke), .directory = world.folder };
    revoke.name = "first";
    assert_int_equal(bas_pki_revoke(&world.t.env, &revoke, &crl, &fault), BAS_OK);
    assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_OK);
    world_fini(&world);
}

static void a_uuid_that_is_given_must_be_the_one_that_is_asked_for(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_pair pair;
    uint8_t other[16] = { 1 };
    world_init(&world);
    ask(&world, "a", uuid);
    struct bas_pki_sign_request order = signing(&world, world_path(&world, "a.csr"));
    order.uuid = other;
    assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "another UUID");
    order.uuid = uuid;
    assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_OK);
    make_bad(&world, &(struct bad){ .common_name = "none" });
    order = signing(&world, world_path(&world, "bad.csr"));
    order.uuid = other;
    assert_int_equal(bas_pki_sign(&world.t.env, &order, &pair, &fault), BAS_OK);
    assert_memory_equal(pair.certificate.uuid, other, 16);
    world_fini(&world);
}

static void every_failing_allocation_makes_nothing(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_csr made;
    struct bas_pki_pair pair;
    world_init(&world);
    struct bas_pki_csr_request request = request_for(&world, "a");
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err == BAS_ERR_NO_MEMORY; k++) {
        assert_int_not_equal(access(world_path(&world, "a.key"), F_OK), 0);
        assert_int_not_equal(access(world_path(&world, "a.csr"), F_OK), 0);
        world.t.allocations = 0;
        world.t.fail_at = k;
        err = bas_pki_request(&world.t.env, &request, &made, &fault);
    }
    assert_int_equal(err, BAS_OK);
    struct bas_pki_sign_request order = signing(&world, made.request_file);
    err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err == BAS_ERR_NO_MEMORY; k++) {
        assert_int_not_equal(access(world_path(&world, "a.pem"), F_OK), 0);
        world.t.allocations = 0;
        world.t.fail_at = k;
        err = bas_pki_sign(&world.t.env, &order, &pair, &fault);
    }
    assert_int_equal(err, BAS_OK);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_says_what_was_asked_for_and_is_signed_as_it_says),
        cmocka_unit_test(a_request_without_uuid_gets_a_random_one),
        cmocka_unit_test(a_key_that_exists_is_used_when_it_is_named),
        cmocka_unit_test(an_encrypted_key_needs_its_password),
        cmocka_unit_test(an_authority_with_an_encrypted_key_signs_with_its_password),
        cmocka_unit_test(what_no_device_may_ask_for_is_refused),
        cmocka_unit_test(other_fit_keys_are_signed),
        cmocka_unit_test(a_request_that_was_changed_or_cut_is_refused),
        cmocka_unit_test(nobody_gets_the_uuid_of_another),
        cmocka_unit_test(a_uuid_that_is_given_must_be_the_one_that_is_asked_for),
        cmocka_unit_test(every_failing_allocation_makes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
