/* Revocation lists: which are taken, and whom they keep out. */
#include "raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600, DAY = 86400 };

/* Our hub with this list (and another, or NULL). */
static struct bas_tls_config hub_config(struct world *world, const char *list, const char *other)
{
    struct bas_tls_config config = { .size = sizeof(config) };
    config.issuer_files[0] = world_path(world, "ca.pem");
    config.certificate_file = world_path(world, "hub.pem");
    config.key_file = world_path(world, "hub.key");
    config.crl_files[0] = list != NULL ? world_path(world, list) : NULL;
    config.crl_files[3] = other != NULL ? world_path(world, other) : NULL;
    return config;
}

static struct bas_tls_context *hub_with(struct world *world, const char *list, const char *other)
{
    struct bas_fault fault = { 0 };
    struct bas_tls_config config = hub_config(world, list, other);
    struct bas_tls_context *hub = bas_tls_context_new(&world->t.env, &config, &fault);
    if (hub == NULL) {
        fail_msg("%s", fault.text);
    }
    return hub;
}

static bas_err judge(struct world *world, const struct bas_tls_context *hub, const char *name,
                     struct bas_fault *fault)
{
    char pem[8192];
    char file[64];
    (void)snprintf(file, sizeof(file), "%s.pem", name);
    size_t len = world_read(world, file, pem, sizeof(pem));
    return bas_tls_judge(hub, false, (struct bas_slice){ (uint8_t *)pem, len }, NULL, fault);
}

/* bsc 7.4-08 7.6-09 */
static void a_revoked_peer_is_refused_in_both_roles_and_all_is_named(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "stolen" });
    world_list(&world, &(struct odd_list){ .name = "site.crl", .rows = ROW_112233 });
    for (int we = BAS_TLS_CLIENT; we <= BAS_TLS_SERVER; we++) {
        struct bas_tls_context *hub = hub_with(&world, "site.crl", NULL);
        struct end end;
        struct raw raw;
        end_init(&end, hub, (enum bas_tls_role)we, NULL);
        raw_init(&raw, &world,
                 &(struct raw_config){ .is_server = we == BAS_TLS_CLIENT, .name = "stolen" });
        raw_shake(&raw, &end);
        const struct bas_fault *fault = bas_tls_fault(end.tls);
        assert_int_equal(raw.alert, 44);
        assert_int_equal(end.err, BAS_ERR_CERTIFICATE);
        assert_int_equal(fault->error_code, we == BAS_TLS_CLIENT
                                                ? BAC_ERROR_CODE_TLS_SERVER_CERTIFICATE_REVOKED
                                                : BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_REVOKED);
        assert_contains(fault->text, "certificate CN=stolen was revoked at 2025-12-01T00:00:00Z "
                                     "(keyCompromise), serial 112233, by ");
        assert_contains(fault->text, "/site.crl (alert 44 sent); issue a new one");
        raw_fini(&raw);
        end_fini(&end);
        bas_tls_context_unref(hub);
    }
    world_fini(&world);
}

static void a_list_of_our_own_authority_keeps_its_device_out(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_crl made;
    struct bas_pki_revoke_request request = { .size = sizeof(request) };
    world_init(&world);
    world_issue(&world, "lost");
    request.directory = world.folder;
    request.name = "lost";
    request.reason = BAS_PKI_CESSATION_OF_OPERATION; /* the longest word */
    assert_int_equal(bas_pki_revoke(&world.t.env, &request, &made, &fault), BAS_OK);
    struct bas_tls_context *hub = hub_with(&world, "ca.crl", NULL);
    assert_int_equal(world.t.logs, 0);
    assert_int_equal(judge(&world, hub, "lost", &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "was revoked at 2026-01-01T00:00:00Z (cessationOfOperation), "
                                "serial ");
    assert_contains(fault.text, "/ca.crl; issue a new one");
    assert_int_equal(judge(&world, hub, "node", &fault), BAS_OK);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void our_own_revoked_certificate_is_refused_at_loading(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "stolen" });
    world_list(&world, &(struct odd_list){ .name = "site.crl", .rows = ROW_112233_UNSAID });
    struct bas_tls_config config = hub_config(&world, "site.crl", NULL);
    config.certificate_file = world_path(&world, "stolen.pem");
    config.key_file = world_path(&world, "stolen.key");
    struct bas_fault fault = world_refusal(&world, &config);
    assert_int_equal(fault.err, BAS_ERR_CERTIFICATE);
    assert_int_equal(fault.error_class, BAC_ERROR_CLASS_SECURITY);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_CERTIFICATE_REVOKED);
    assert_contains(fault.text, "stolen.pem: CN=stolen was revoked at 2025-12-01T00:00:00Z (no "
                                "reason given), serial 112233, by ");
    assert_contains(fault.text, "; issue a new one");
    world_fini(&world);
}

/* bsc 7.4-08 */
static void who_stands_in_no_list_is_let_in(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "good" });
    world_list(&world, &(struct odd_list){ .name = "site.crl", .rows = ROW_112234 });
    world_list(&world, &(struct odd_list){ .name = "none.crl" });
    static const char *const lists[] = { "site.crl", "none.crl", NULL };
    for (size_t i = 0; i < BAS_ARRAY_LEN(lists); i++) {
        struct bas_fault fault = { 0 };
        struct bas_tls_context *hub = hub_with(&world, lists[i], NULL);
        assert_int_equal(judge(&world, hub, "good", &fault), BAS_OK);
        assert_int_equal(judge(&world, hub, "node", &fault), BAS_OK);
        assert_int_equal(world.t.logs, 0);
        bas_tls_context_unref(hub);
    }
    world_fini(&world);
}

static void a_list_speaks_of_its_own_issuer_alone(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    world_init(&world);
    world_issue_odd(&world,
                    &(struct odd){ .name = "other-ca", .is_ca = true, .is_self_signed = true });
    world_issue_odd(&world, &(struct odd){ .name = "of-site" });
    world_issue_odd(&world, &(struct odd){ .name = "of-other", .signer = "other-ca" });
    world_list(&world,
               &(struct odd_list){ .name = "other.crl", .signer = "other-ca", .rows = ROW_112233 });
    struct bas_tls_config config = hub_config(&world, "other.crl", NULL);
    config.issuer_files[1] = world_path(&world, "other-ca.pem");
    struct bas_tls_context *hub = bas_tls_context_new(&world.t.env, &config, &fault);
    assert_non_null(hub);
    assert_int_equal(judge(&world, hub, "of-site", &fault), BAS_OK);
    assert_int_equal(judge(&world, hub, "of-other", &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "revoked");
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void several_lists_in_one_file_and_in_several_all_revoke(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "one" });
    world_issue_odd(&world, &(struct odd){ .name = "two", .serial = "112234" });
    world_issue_odd(&world, &(struct odd){ .name = "three", .serial = "112235" });
    world_issue_odd(&world, &(struct odd){ .name = "four", .serial = "112236" });
    world_list(&world, &(struct odd_list){ .name = "a.crl", .rows = ROW_112234 });
    world_list(&world,
               &(struct odd_list){ .name = "a.crl", .rows = ROW_112233, .is_appended = true });
    world_list(&world,
               &(struct odd_list){ .name = "b.crl",
                                   .rows = "30140203112235170d3235313230313030303030305a" });
    struct bas_tls_context *hub = hub_with(&world, "a.crl", "b.crl");
    assert_int_equal(judge(&world, hub, "one", &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "a.crl");
    assert_int_equal(judge(&world, hub, "two", &fault), BAS_ERR_CERTIFICATE);
    assert_int_equal(judge(&world, hub, "three", &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "b.crl");
    assert_int_equal(judge(&world, hub, "four", &fault), BAS_OK);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void each_row_of_a_long_list_is_found_and_no_other(void **state)
{
    (void)state;
    enum { ROWS = 900, ROW_HEX = 44 };
    struct world world;
    struct bas_fault fault = { 0 };
    static char rows[ROWS * ROW_HEX + 1];
    for (unsigned i = 0; i < ROWS; i++) { /* odd serial numbers, not in order */
        (void)snprintf(rows + (size_t)i * ROW_HEX, ROW_HEX + 1,
                       "30140203%06x170d3235313230313030303030305a",
                       0x110001 + 2 * ((i * 7919) % ROWS));
    }
    world_init(&world);
    world_list(&world, &(struct odd_list){ .name = "site.crl", .rows = rows });
    struct bas_tls_context *hub = hub_with(&world, "site.crl", NULL);
    for (unsigned i = 0; i < 2 * ROWS; i += 97) {
        char serial[8];
        (void)snprintf(serial, sizeof(serial), "%06x", 0x110000 + i);
        world_issue_odd(&world, &(struct odd){ .name = "odd", .serial = serial });
        bas_err expected = i % 2 == 1 ? BAS_ERR_CERTIFICATE : BAS_OK;
        assert_int_equal(judge(&world, hub, "odd", &fault), expected);
    }
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void a_revoked_and_expired_certificate_is_called_revoked(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    world_init(&world);
    world_issue_odd(&world,
                    &(struct odd){ .name = "both", .not_after = world.t.wall / BAS_SECOND - HOUR });
    world_list(&world, &(struct odd_list){ .name = "site.crl", .rows = ROW_112233 });
    struct bas_tls_context *hub = hub_with(&world, "site.crl", NULL);
    assert_int_equal(judge(&world, hub, "both", &fault), BAS_ERR_CERTIFICATE);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_REVOKED);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void a_list_out_of_its_time_still_revokes_and_the_log_says_so(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    int64_t now = world.t.wall / BAS_SECOND;
    world_issue_odd(&world, &(struct odd){ .name = "stolen" });
    static const char *const words[] = {
        "should have been replaced by 2025-12-31T23:00:00Z; our clock says 2026-01-01T00:00:00Z",
        "is of 2026-01-01T01:00:00Z, but our clock says 2026-01-01T00:00:00Z: set the clock",
    };
    world_list(&world,
               &(struct odd_list){ .name = "0.crl", .rows = ROW_112233, .next = now - HOUR });
    world_list(&world,
               &(struct odd_list){ .name = "1.crl", .rows = ROW_112233, .from = now + HOUR });
    for (unsigned i = 0; i < 2; i++) {
        char name[8];
        struct bas_fault fault = { 0 };
        (void)snprintf(name, sizeof(name), "%u.crl", i);
        struct bas_tls_context *hub = hub_with(&world, name, NULL);
        assert_int_equal(world.t.logs, i + 1);
        assert_contains(world.t.last_log, words[i]);
        assert_contains(world.t.last_log, name);
        assert_int_equal(judge(&world, hub, "stolen", &fault), BAS_ERR_CERTIFICATE);
        assert_int_equal(judge(&world, hub, "node", &fault), BAS_OK);
        bas_tls_context_unref(hub);
    }
    world_fini(&world);
}

/* Lists that are not taken */

static void refuse(struct world *world, const char *list, unsigned code, const char *part)
{
    struct bas_tls_config config = hub_config(world, list, NULL);
    struct bas_fault fault = world_refusal(world, &config);
    assert_int_equal(fault.err, BAS_ERR_CERTIFICATE);
    assert_int_equal(fault.error_class, BAC_ERROR_CLASS_SECURITY);
    assert_int_equal(fault.error_code, code);
    assert_contains(fault.text, list);
    assert_contains(fault.text, part);
}

static void a_list_that_none_of_our_issuers_signed_is_refused(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(&world,
                    &(struct odd){ .name = "other-ca", .is_ca = true, .is_self_signed = true });
    world_issue_odd(&world, &(struct odd){ .name = "twin-ca",
                                           .subject = "Site CA",
                                           .is_ca = true,
                                           .is_self_signed = true });
    world_list(&world, &(struct odd_list){ .name = "foreign.crl", .signer = "other-ca" });
    refuse(&world, "foreign.crl", BAC_ERROR_CODE_CERTIFICATE_INVALID,
           "of CN=other-ca is of none of our issuers; name the list");
    world_list(&world, &(struct odd_list){ .name = "twin.crl", .signer = "twin-ca" });
    refuse(&world, "twin.crl", BAC_ERROR_CODE_CERTIFICATE_INVALID, "damaged or forged");
    world_list(&world,
               &(struct odd_list){ .name = "borrowed.crl", .signer = "node", .issuer = "ca" });
    refuse(&world, "borrowed.crl", BAC_ERROR_CODE_CERTIFICATE_INVALID, "damaged or forged");
    world_list(&world, &(struct odd_list){ .name = "damaged.crl", .is_damaged = true });
    refuse(&world, "damaged.crl", BAC_ERROR_CODE_CERTIFICATE_INVALID,
           "of CN=Site CA is damaged or forged: its signature does not verify; fetch it anew");
    world_fini(&world);
}

static void an_issuer_that_may_not_sign_lists_signs_none(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "no-lists",
                                           .is_ca = true,
                                           .is_self_signed = true,
                                           .key_usage = GNUTLS_KEY_KEY_CERT_SIGN });
    world_list(&world, &(struct odd_list){ .name = "site.crl", .signer = "no-lists" });
    struct bas_tls_config config = hub_config(&world, "site.crl", NULL);
    config.issuer_files[2] = world_path(&world, "no-lists.pem");
    struct bas_fault fault = world_refusal(&world, &config);
    assert_contains(fault.text, "it lacks cRLSign");
    world_fini(&world);
}

static void two_issuers_of_one_name_are_both_tried(void **state)
{
    (void)state;
    static const char *const orders[2][2] = { { "ca.pem", "twin-ca.pem" },
                                              { "twin-ca.pem", "ca.pem" } };
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "twin-ca",
                                           .subject = "Site CA",
                                           .is_ca = true,
                                           .is_self_signed = true });
    world_issue_odd(&world, &(struct odd){ .name = "stolen" });
    world_list(&world, &(struct odd_list){ .name = "site.crl", .rows = ROW_112233 });
    for (size_t i = 0; i < 2; i++) {
        struct bas_fault fault = { 0 };
        struct bas_tls_config config = hub_config(&world, "site.crl", NULL);
        config.issuer_files[0] = world_path(&world, orders[i][0]);
        config.issuer_files[1] = world_path(&world, orders[i][1]);
        struct bas_tls_context *hub = bas_tls_context_new(&world.t.env, &config, &fault);
        assert_non_null(hub);
        assert_int_equal(judge(&world, hub, "stolen", &fault), BAS_ERR_CERTIFICATE);
        assert_contains(fault.text, "revoked");
        bas_tls_context_unref(hub);
    }
    world_fini(&world);
}

static void a_list_that_is_not_a_full_one_is_refused(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    /* deltaCRLIndicator, critical; then a list number, which is not */
    world_list(&world, &(struct odd_list){ .name = "delta.crl",
                                           .extensions = "300d0603551d1b0101ff0403020101" });
    refuse(&world, "delta.crl", BAC_ERROR_CODE_CERTIFICATE_INVALID, "is not a full one");
    world_list(&world, &(struct odd_list){ .name = "numbered.crl",
                                           .extensions = "300a0603551d140403020107" });
    bas_tls_context_unref(hub_with(&world, "numbered.crl", NULL));
    world_fini(&world);
}

static void a_file_that_holds_no_readable_list_is_refused(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_write(&world, "junk.crl", "this is no PEM\n", 0600);
    refuse(&world, "junk.crl", BAC_ERROR_CODE_CERTIFICATE_MALFORMED, "holds no revocation list");
    world_write(&world, "empty.crl", "", 0600);
    refuse(&world, "empty.crl", BAC_ERROR_CODE_CERTIFICATE_MALFORMED, "holds no revocation list");
    refuse(&world, "ca.pem", BAC_ERROR_CODE_CERTIFICATE_MALFORMED, "holds no revocation list");
    world_list(&world,
               &(struct odd_list){ .name = "endless.crl",
                                   .rows = "302b021a11223344556677889900112233445566778899"
                                           "00112233445566170d3235313230313030303030305a" });
    refuse(&world, "endless.crl", BAC_ERROR_CODE_CERTIFICATE_MALFORMED, "a row that cannot be");
    struct bas_tls_config config = hub_config(&world, "missing.crl", NULL);
    struct bas_fault fault = world_refusal(&world, &config);
    assert_int_equal(fault.err, BAS_ERR_NOT_FOUND);
    assert_contains(fault.text, "missing.crl");
    world_fini(&world);
}

static void every_failing_allocation_gives_a_fault_and_no_leak(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_list(&world, &(struct odd_list){ .name = "a.crl", .rows = ROW_112234 });
    world_list(&world, &(struct odd_list){ .name = "b.crl", .rows = ROW_112233 });
    struct bas_tls_config config = hub_config(&world, "a.crl", "b.crl");
    struct bas_tls_context *context = NULL;
    size_t k = 0;
    while (context == NULL) {
        struct bas_fault fault = { 0 };
        world.t.allocations = 0;
        world.t.fail_at = ++k;
        context = bas_tls_context_new(&world.t.env, &config, &fault);
        assert_true(context != NULL || fault.err == BAS_ERR_NO_MEMORY);
        assert_true(k < 20);
    }
    assert_int_equal(k, 9); /* the context, five files, two lists */
    world.t.fail_at = 0;
    bas_tls_context_unref(context);
    world_fini(&world);
}

static void a_peer_that_was_revoked_meanwhile_is_found_by_a_recheck(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct end client;
    struct end server;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "stolen" });
    struct bas_tls_context *stolen = world_context(&world, "stolen");
    struct bas_tls_context *hub = hub_with(&world, NULL, NULL);
    end_init(&client, stolen, BAS_TLS_CLIENT, NULL);
    end_init(&server, hub, BAS_TLS_SERVER, NULL);
    ends_shake(&client, &server, 0);
    assert_true(bas_tls_is_open(server.tls));
    world_list(&world, &(struct odd_list){ .name = "site.crl", .rows = ROW_112233 });
    struct bas_tls_context *reloaded = hub_with(&world, "site.crl", NULL);
    assert_int_equal(bas_tls_recheck(server.tls, hub, &fault), BAS_OK);
    assert_int_equal(bas_tls_recheck(server.tls, reloaded, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "the client's certificate CN=stolen was revoked");
    assert_int_equal(bas_tls_recheck(client.tls, reloaded, &fault), BAS_OK);
    end_fini(&client);
    end_fini(&server);
    bas_tls_context_unref(reloaded);
    bas_tls_context_unref(stolen);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revoked_peer_is_refused_in_both_roles_and_all_is_named),
        cmocka_unit_test(a_list_of_our_own_authority_keeps_its_device_out),
        cmocka_unit_test(our_own_revoked_certificate_is_refused_at_loading),
        cmocka_unit_test(who_stands_in_no_list_is_let_in),
        cmocka_unit_test(a_list_speaks_of_its_own_issuer_alone),
        cmocka_unit_test(several_lists_in_one_file_and_in_several_all_revoke),
        cmocka_unit_test(each_row_of_a_long_list_is_found_and_no_other),
        cmocka_unit_test(a_revoked_and_expired_certificate_is_called_revoked),
        cmocka_unit_test(a_list_out_of_its_time_still_revokes_and_the_log_says_so),
        cmocka_unit_test(a_list_that_none_of_our_issuers_signed_is_refused),
        cmocka_unit_test(an_issuer_that_may_not_sign_lists_signs_none),
        cmocka_unit_test(two_issuers_of_one_name_are_both_tried),
        cmocka_unit_test(a_list_that_is_not_a_full_one_is_refused),
        cmocka_unit_test(a_file_that_holds_no_readable_list_is_refused),
        cmocka_unit_test(every_failing_allocation_gives_a_fault_and_no_leak),
        cmocka_unit_test(a_peer_that_was_revoked_meanwhile_is_found_by_a_recheck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
