/* Also of work.c, of which every certificate is made. */
#define _XOPEN_SOURCE 700
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bas_pki_device_request device(struct world *world, const char *name)
{
    struct bas_pki_device_request request = { .size = sizeof(request) };
    request.directory = world->folder;
    request.name = name;
    return request;
}

static bas_err issue(struct world *world, const struct bas_pki_device_request *request,
                     struct bas_fault *fault)
{
    struct bas_pki_pair pair;
    return bas_pki_issue(&world->t.env, request, &pair, fault);
}

static void an_authority_has_what_bacnet_wants_of_one(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_certificate ca;
    struct bas_fault fault;
    struct stat st;
    world_init(&world);
    int64_t now = world.t.wall / BAS_SECOND;
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "ca.pem"), &ca, &fault), BAS_OK);
    assert_string_equal(ca.subject, "CN=Site CA");
    assert_string_equal(ca.issuer, "CN=Site CA");
    assert_true(ca.is_ca);
    assert_int_equal(ca.path_length, 0);
    assert_int_equal(ca.version, 3);
    assert_string_equal(ca.key, "EC P-256");
    assert_string_equal(ca.signature, "ECDSA-SHA256");
    assert_string_equal(ca.key_usage, "digitalSignature, keyCertSign, cRLSign");
    assert_string_equal(ca.extended_key_usage, "");
    assert_int_equal(strlen(ca.subject_key_id), 40);
    assert_int_equal(ca.not_before, now - BAS_PKI_BACKDATE);
    assert_int_equal(ca.not_after, now + (int64_t)BAS_PKI_AUTHORITY_DAYS * 86400);
    assert_int_equal(ca.n_names, 0);
    assert_int_equal(stat(world_path(&world, "ca.key"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    world_fini(&world);
}

static void a_device_gets_what_it_asked_for(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_pair pair;
    struct bas_pki_certificate ca;
    struct bas_fault fault;
    struct stat st;
    static const char *const names[] = { "dns:hub.example", "dns:*.example", "ip:192.0.2.7",
                                         "ip:2001:db8::7" };
    static const uint8_t uuid[16] = { 0x0F, 0x1E, 0x2D, 0x3C, 0x4B, 0x5A, 0x46, 0x87,
                                      0x87, 0x96, 0xA5, 0xB4, 0xC3, 0xD2, 0xE1, 0xF0 };
    world_init(&world);
    struct bas_pki_device_request request = device(&world, "ahu-7.roof");
    request.names = names;
    request.n_names = 4;
    request.days = 30;
    request.uuid = uuid;
    assert_int_equal(bas_pki_issue(&world.t.env, &request, &pair, &fault), BAS_OK);
    const struct bas_pki_certificate *c = &pair.certificate;
    assert_string_equal(c->subject, "CN=ahu-7.roof");
    assert_string_equal(c->issuer, "CN=Site CA");
    assert_false(c->is_ca);
    assert_string_equal(c->key_usage, "digitalSignature");
    assert_string_equal(c->extended_key_usage, "serverAuth, clientAuth");
    assert_true(c->has_uuid);
    assert_memory_equal(c->uuid, uuid, 16);
    assert_int_equal(c->n_names, 5);
    assert_string_equal(c->names[0], "uri:urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0");
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(c->names[i + 1], names[i]);
    }
    assert_int_equal(c->not_after, world.t.wall / BAS_SECOND + 30 * 86400);
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "ca.pem"), &ca, &fault), BAS_OK);
    assert_string_equal(c->authority_key_id, ca.subject_key_id);
    assert_string_not_equal(c->subject_key_id, ca.subject_key_id);
    assert_string_not_equal(c->serial, ca.serial);
    assert_int_equal(strlen(c->serial), 32);
    assert_in_range(c->serial[0], '4', '7'); /* positive, of full length */
    assert_int_equal(stat(pair.key_file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    world_fini(&world);
}

static void a_device_without_uuid_gets_a_random_one_of_version_4(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_certificate hub;
    struct bas_pki_certificate node;
    world_init(&world);
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "hub.pem"), &hub, NULL), BAS_OK);
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "node.pem"), &node, NULL),
                     BAS_OK);
    assert_true(hub.has_uuid && node.has_uuid);
    assert_memory_not_equal(hub.uuid, node.uuid, 16);
    assert_int_equal(hub.uuid[6] & 0xF0, 0x40);
    assert_int_equal(hub.uuid[8] & 0xC0, 0x80);
    assert_int_equal(hub.not_after - world.t.wall / BAS_SECOND,
                     (int64_t)BAS_PKI_DEVICE_DAYS * 86400);
    world_fini(&world);
}

static void what_exists_is_never_replaced(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_pair pair;
    char before[4096];
    char after[4096];
    world_init(&world);
    (void)world_read(&world, "hub.pem", before, sizeof(before));
    struct bas_pki_device_request request = device(&world, "hub");
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_EXISTS);
    assert_contains(fault.text, "hub.pem exists already; nothing was changed");
    (void)world_read(&world, "hub.pem", after, sizeof(after));
    assert_string_equal(before, after);
    assert_int_equal(remove(world_path(&world, "hub.pem")), 0); /* the key alone is enough */
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_EXISTS);
    assert_contains(fault.text, "hub.key exists already; nothing was changed");
    assert_int_not_equal(access(world_path(&world, "hub.pem"), F_OK), 0);
    struct bas_pki_authority_request ca = { .size = sizeof(ca) };
    ca.directory = world.folder;
    (void)world_read(&world, "ca.key", before, sizeof(before));
    assert_int_equal(bas_pki_init(&world.t.env, &ca, &pair, &fault), BAS_ERR_EXISTS);
    (void)world_read(&world, "ca.key", after, sizeof(after));
    assert_string_equal(before, after);
    world_fini(&world);
}

static void a_key_does_not_stay_when_its_certificate_cannot_be_written(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    world_init(&world);
    assert_int_equal(mkdir(world_path(&world, "new.pem.new"), 0700), 0); /* in the way */
    struct bas_pki_device_request request = device(&world, "new");
    assert_int_not_equal(issue(&world, &request, &fault), BAS_OK);
    assert_contains(fault.text, "new.pem.new");
    assert_int_not_equal(access(world_path(&world, "new.key"), F_OK), 0);
    assert_int_not_equal(access(world_path(&world, "new.pem"), F_OK), 0);
    world_fini(&world);
}

static void requests_that_cannot_be_met_change_nothing(void **state)
{
    (void)state;
    static const char *const bad_names[] = {
        "",
        ".hidden",
        "-x",
        "a/b",
        "..",
        "a b",
        "ca",
        "CA",
        "\xC3\xA4",
        "a.pem/../b",
        "12345678901234567890123456789012345678901234567890123456789012345"
    };
    static const char *const bad_alternatives[] = {
        "hub.example", "dns:",         "dns:a..b", "dns:-a", "dns:a b",        "ip:",   "ip:1.2.3",
        "ip:hub",      "ip:1.2.3.4/8", "uri:x",    "DNS:a",  "dns:a.example.", "dns:*",
    };
    struct world world;
    struct bas_fault fault;
    world_init(&world);
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad_names); i++) {
        struct bas_pki_device_request request = device(&world, bad_names[i]);
        assert_int_equal(issue(&world, &request, &fault), BAS_ERR_INVALID);
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad_alternatives); i++) {
        struct bas_pki_device_request request = device(&world, "new");
        request.names = &bad_alternatives[i];
        request.n_names = 1;
        if (issue(&world, &request, &fault) != BAS_ERR_INVALID) {
            fail_msg("\"%s\" passed for a name", bad_alternatives[i]);
        }
        assert_contains(fault.text, "write dns:HOST or ip:ADDRESS");
    }
    struct bas_pki_device_request request = device(&world, "new");
    request.n_names = BAS_PKI_NAMES;
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_INVALID);
    request = device(&world, "new");
    request.days = BAS_PKI_MAX_DAYS + 1;
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_INVALID);
    request = device(&world, "new");
    request.directory = NULL;
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_INVALID);
    assert_int_not_equal(access(world_path(&world, "new.key"), F_OK), 0);
    assert_int_not_equal(access(world_path(&world, "new.pem"), F_OK), 0);
    world_fini(&world);
}

static void an_authority_that_does_not_last_long_enough_is_named(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    world_init(&world);
    struct bas_pki_device_request request = device(&world, "new");
    world.t.wall += (int64_t)(BAS_PKI_AUTHORITY_DAYS - 100) * 86400 * BAS_SECOND;
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "365 days from now");
    assert_contains(fault.text, "fewer days");
    request.days = 100;
    assert_int_equal(issue(&world, &request, &fault), BAS_OK);
    world_fini(&world);
}

static void an_authority_that_is_not_whole_is_named(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    char key[4096];
    world_init(&world);
    struct bas_pki_device_request request = device(&world, "new");
    assert_int_equal(chmod(world_path(&world, "ca.key"), 0644), 0);
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_PERMISSION);
    assert_contains(fault.text, "ca.key is open to group or others");
    (void)world_read(&world, "hub.key", key, sizeof(key));
    world_write(&world, "ca.key", key, 0600);
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_KEY);
    assert_contains(fault.text, "ca.key is not the key of");
    world_write(&world, "ca.key", "junk", 0600);
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_KEY);
    assert_int_equal(remove(world_path(&world, "ca.key")), 0);
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_NOT_FOUND);
    assert_int_equal(remove(world_path(&world, "ca.pem")), 0);
    assert_int_equal(issue(&world, &request, &fault), BAS_ERR_NOT_FOUND);
    assert_contains(fault.text, "there is no authority in");
    world_fini(&world);
}

static void a_missing_folder_is_made_for_its_owner_alone(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_pair pair;
    struct bas_fault fault;
    struct stat st;
    world_init(&world);
    struct bas_pki_authority_request ca = { .size = sizeof(ca) };
    ca.directory = world_path(&world, "new");
    ca.days = 10;
    assert_int_equal(bas_pki_init(&world.t.env, &ca, &pair, &fault), BAS_OK);
    assert_int_equal(stat(ca.directory, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_contains(pair.certificate.subject, "CN=Basalt CA ");
    assert_int_equal(strlen(pair.certificate.subject), 3 + 10 + 8);
    assert_int_equal(pair.certificate.not_after, world.t.wall / BAS_SECOND + 10 * 86400);
    assert_int_equal(remove(pair.certificate_file), 0);
    assert_int_equal(remove(pair.key_file), 0);
    ca.directory = world_path(&world, "no/where");
    assert_int_equal(bas_pki_init(&world.t.env, &ca, &pair, &fault), BAS_ERR_NOT_FOUND);
    assert_contains(fault.text, "no/where");
    world_write(&world, "plain", "", 0600);
    ca.directory = world_path(&world, "plain");
    assert_int_not_equal(bas_pki_init(&world.t.env, &ca, &pair, &fault), BAS_OK);
    ca.directory = world.folder;
    ca.common_name = "";
    assert_int_equal(bas_pki_init(&world.t.env, &ca, &pair, &fault), BAS_ERR_INVALID);
    world_fini(&world);
}

static void every_failing_allocation_changes_nothing(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    world_init(&world);
    struct bas_pki_device_request request = device(&world, "new");
    bas_err err = BAS_ERR_NO_MEMORY;
    size_t k = 0;
    while (err == BAS_ERR_NO_MEMORY) {
        assert_int_not_equal(access(world_path(&world, "new.key"), F_OK), 0);
        world.t.allocations = 0;
        world.t.fail_at = ++k;
        err = issue(&world, &request, &fault);
    }
    assert_int_equal(err, BAS_OK);
    assert_int_equal(k, 6);
    world_fini(&world);
}

/* OpenSSL as judge */

static void run(const char *command, char *said, size_t cap)
{
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(said, 1, cap - 1, pipe);
    said[len] = 0;
    (void)pclose(pipe);
}

static void openssl_agrees_with_what_was_issued(void **state)
{
    (void)state;
    struct world world;
    char command[512];
    char said[8192];
    run("openssl version 2>&1", said, sizeof(said));
    if (strncmp(said, "OpenSSL", 7) != 0) {
        print_message("# openssl is not installed\n");
        skip();
    }
    world_init(&world);
    int64_t now = world.t.wall / BAS_SECOND;
    static const char *const purposes[] = { "sslserver", "sslclient" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(purposes); i++) {
        (void)snprintf(command, sizeof(command),
                       "openssl verify -x509_strict -purpose %s -attime %lld -CAfile %s/ca.pem "
                       "%s/hub.pem 2>&1",
                       purposes[i], (long long)now, world.folder, world.folder);
        run(command, said, sizeof(said));
        assert_contains(said, "hub.pem: OK");
    }
    (void)snprintf(command, sizeof(command), "openssl x509 -noout -text -in %s/hub.pem 2>&1",
                   world.folder);
    run(command, said, sizeof(said));
    static const char *const parts[] = {
        "Version: 3",
        "Signature Algorithm: ecdsa-with-SHA256",
        "Not Before: Dec 31 23:55:00 2025 GMT",
        "Not After : Jan  1 00:00:00 2027 GMT",
        "NIST CURVE: P-256",
        "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "TLS Web Server Authentication, TLS Web Client Authentication",
        "URI:urn:uuid:",
        "X509v3 Subject Key Identifier",
        "X509v3 Authority Key Identifier",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(parts); i++) {
        assert_contains(said, parts[i]);
    }
    (void)snprintf(command, sizeof(command), "openssl x509 -noout -text -in %s/ca.pem 2>&1",
                   world.folder);
    run(command, said, sizeof(said));
    assert_contains(said, "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0");
    assert_contains(said, "X509v3 Key Usage: critical\n                Digital Signature, "
                          "Certificate Sign, CRL Sign");
    (void)snprintf(command, sizeof(command), "openssl pkey -check -noout -in %s/hub.key 2>&1",
                   world.folder);
    run(command, said, sizeof(said));
    assert_contains(said, "Key is valid");
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_authority_has_what_bacnet_wants_of_one),
        cmocka_unit_test(a_device_gets_what_it_asked_for),
        cmocka_unit_test(a_device_without_uuid_gets_a_random_one_of_version_4),
        cmocka_unit_test(what_exists_is_never_replaced),
        cmocka_unit_test(a_key_does_not_stay_when_its_certificate_cannot_be_written),
        cmocka_unit_test(requests_that_cannot_be_met_change_nothing),
        cmocka_unit_test(an_authority_that_does_not_last_long_enough_is_named),
        cmocka_unit_test(an_authority_that_is_not_whole_is_named),
        cmocka_unit_test(a_missing_folder_is_made_for_its_owner_alone),
        cmocka_unit_test(every_failing_allocation_changes_nothing),
        cmocka_unit_test(openssl_agrees_with_what_was_issued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
