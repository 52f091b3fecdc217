/* The TLS policy as a foreign end sees it: versions, groups, suites, tickets, what a hello says. */
#include "raw.h"

#include <stdlib.h>
#include <string.h>

struct meeting {
    struct world world;
    struct bas_tls_context *hub;
    struct end end;
    struct raw raw;
};

static void meet(struct meeting *m, enum bas_tls_role we, const struct raw_config *config)
{
    world_init(&m->world);
    m->hub = world_context(&m->world, "hub");
    struct raw_config full = *config;
    full.is_server = we == BAS_TLS_CLIENT;
    end_init(&m->end, m->hub, we, NULL);
    raw_init(&m->raw, &m->world, &full);
    raw_shake(&m->raw, &m->end);
}

static void part(struct meeting *m)
{
    raw_fini(&m->raw);
    end_fini(&m->end);
    bas_tls_context_unref(m->hub);
    world_fini(&m->world);
}

/* Our fault, its code, and the alert that the foreign end saw. */
static void check_refused(const struct meeting *m, int alert, unsigned code, const char *text)
{
    const struct bas_fault *fault = bas_tls_fault(m->end.tls);
    assert_false(bas_tls_is_open(m->end.tls));
    assert_int_equal(fault->error_code, code);
    assert_contains(fault->text, text);
    assert_int_equal(m->raw.alert, alert);
}

/* bsc 7.4-01 */
static void a_tls_1_2_client_is_refused_with_protocol_version(void **state)
{
    (void)state;
    struct meeting m;
    meet(&m, BAS_TLS_SERVER,
         &(struct raw_config){ .name = "node", .priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2" });
    check_refused(&m, 70, BAC_ERROR_CODE_TLS_ERROR, "does not speak TLS 1.3");
    assert_int_equal(m.end.err, BAS_ERR_TLS);
    part(&m);
}

static void a_client_that_speaks_both_versions_gets_tls_1_3(void **state)
{
    (void)state;
    struct meeting m;
    meet(&m, BAS_TLS_SERVER,
         &(struct raw_config){ .name = "node",
                               .priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3" });
    assert_true(bas_tls_is_open(m.end.tls));
    assert_int_equal(gnutls_protocol_get_version(m.raw.session), GNUTLS_TLS1_3);
    part(&m);
}

/* bsc 7.4-01 */
static void a_tls_1_2_server_is_refused(void **state)
{
    (void)state;
    struct meeting m;
    meet(&m, BAS_TLS_CLIENT,
         &(struct raw_config){ .name = "node", .priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2" });
    assert_false(bas_tls_is_open(m.end.tls));
    assert_contains(bas_tls_fault(m.end.tls)->text, "the server ended the TLS connection");
    assert_int_equal(bas_tls_fault(m.end.tls)->error_code, BAC_ERROR_CODE_TLS_ERROR);
    part(&m);
}

/* bsc 7.4-05 */
static void a_client_without_certificate_is_refused_with_certificate_required(void **state)
{
    (void)state;
    struct meeting m;
    meet(&m, BAS_TLS_SERVER, &(struct raw_config){ .name = NULL });
    check_refused(&m, 116, BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED,
                  "the client showed no certificate");
    assert_int_equal(m.end.err, BAS_ERR_CERTIFICATE);
    struct bas_tls_identity identity;
    assert_false(bas_tls_peer(m.end.tls, &identity));
    part(&m);
}

static const char prefer_256[] = "NONE:+VERS-TLS1.3:+AES-256-GCM:+AES-128-GCM:+AEAD:"
                                 "+GROUP-SECP256R1:+GROUP-X25519:+SIGN-ALL:+CTYPE-X509:+COMP-NULL";

static void a_server_takes_its_own_order_of_suites_and_groups(void **state)
{
    (void)state;
    struct meeting m;
    meet(&m, BAS_TLS_SERVER, &(struct raw_config){ .name = "node", .priorities = prefer_256 });
    assert_true(bas_tls_is_open(m.end.tls));
    assert_int_equal(gnutls_cipher_get(m.raw.session), GNUTLS_CIPHER_AES_128_GCM);
    assert_int_equal(gnutls_group_get(m.raw.session), GNUTLS_GROUP_X25519);
    part(&m);
}

/* bsc 7.4-02 7.4-03 7.4-04 */
static void a_baseline_client_is_served(void **state)
{
    (void)state;
    struct meeting m;
    meet(&m, BAS_TLS_SERVER,
         &(struct raw_config){ .name = "node",
                               .priorities = "NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:"
                                             "+GROUP-SECP256R1:+SIGN-ECDSA-SECP256R1-SHA256:"
                                             "+CTYPE-X509:+COMP-NULL" });
    assert_true(bas_tls_is_open(m.end.tls));
    assert_int_equal(gnutls_group_get(m.raw.session), GNUTLS_GROUP_SECP256R1);
    part(&m);
}

/* bsc 7.4-02 7.4-03 7.4-04 */
static void a_baseline_server_is_called(void **state)
{
    (void)state;
    struct meeting m;
    meet(&m, BAS_TLS_CLIENT,
         &(struct raw_config){ .name = "node",
                               .priorities = "NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:"
                                             "+GROUP-SECP256R1:+SIGN-ECDSA-SECP256R1-SHA256:"
                                             "+CTYPE-X509:+COMP-NULL" });
    assert_true(bas_tls_is_open(m.end.tls));
    assert_int_equal(gnutls_group_get(m.raw.session), GNUTLS_GROUP_SECP256R1);
    part(&m);
}

static void a_client_whose_first_group_is_foreign_is_asked_again(void **state)
{
    (void)state;
    struct meeting m;
    meet(&m, BAS_TLS_SERVER,
         &(struct raw_config){ .name = "node",
                               .flags = GNUTLS_KEY_SHARE_TOP,
                               .priorities = "NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:"
                                             "+GROUP-SECP384R1:+GROUP-SECP256R1:+SIGN-ALL:"
                                             "+CTYPE-X509:+COMP-NULL" });
    assert_true(bas_tls_is_open(m.end.tls));
    assert_int_equal(gnutls_group_get(m.raw.session), GNUTLS_GROUP_SECP256R1);
    part(&m);
}

static void a_client_with_nothing_in_common_is_refused_with_handshake_failure(void **state)
{
    (void)state;
    static const char *const priorities[] = {
        "NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:+GROUP-SECP384R1:+SIGN-ALL:+CTYPE-X509:+COMP-NULL",
        "NONE:+VERS-TLS1.3:+AES-128-CCM:+AEAD:+GROUP-X25519:+SIGN-ALL:+CTYPE-X509:+COMP-NULL",
        ("NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:+GROUP-X25519:+SIGN-EDDSA-ED448:+CTYPE-X509:"
         "+COMP-NULL"),
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(priorities); i++) {
        struct meeting m;
        meet(&m, BAS_TLS_SERVER,
             &(struct raw_config){ .name = "node", .priorities = priorities[i] });
        check_refused(&m, 40, BAC_ERROR_CODE_TLS_ERROR, "in common");
        part(&m);
    }
}

/* bsc 7.4-14 */
static void no_session_ticket_is_sent(void **state)
{
    (void)state;
    struct meeting m;
    meet(&m, BAS_TLS_SERVER, &(struct raw_config){ .name = "node" });
    assert_true(bas_tls_is_open(m.end.tls));
    unsigned flags = gnutls_session_get_flags(m.raw.session);
    assert_int_equal(flags & GNUTLS_SFLAGS_SESSION_TICKET, 0);
    assert_int_equal(m.raw.in.len, m.raw.in_used);
    assert_int_equal(m.end.out.len, 0);
    part(&m);
}

static void a_certificate_with_somebody_elses_key_is_refused(void **state)
{
    (void)state;
    struct meeting m;
    world_init(&m.world);
    m.hub = world_context(&m.world, "hub");
    /* the same name and issuer, another key: the library joins them without a look */
    char pem[4096];
    (void)world_read(&m.world, "hub.key", pem, sizeof(pem));
    world_write(&m.world, "thief.key", pem, 0600);
    (void)world_read(&m.world, "node.pem", pem, sizeof(pem));
    world_write(&m.world, "thief.pem", pem, 0600);
    end_init(&m.end, m.hub, BAS_TLS_SERVER, NULL);
    raw_init(&m.raw, &m.world, &(struct raw_config){ .name = "thief", .is_mismatched = true });
    raw_shake(&m.raw, &m.end);
    check_refused(&m, 51, BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED,
                  "CN=node was shown by somebody who does not hold its key");
    part(&m);
}

/* What our hello says */

static const uint8_t *find_extension(const struct bas_buf *hello, unsigned type, size_t *len)
{
    const uint8_t *at = hello->data + 5 + 4 + 2 + 32;
    at += 1 + at[0];
    at += 2 + (at[0] << 8 | at[1]);
    at += 1 + at[0];
    const uint8_t *end = at + 2 + (at[0] << 8 | at[1]);
    for (at += 2; at < end; at += 4 + *len) {
        *len = (size_t)(at[2] << 8 | at[3]);
        if ((unsigned)(at[0] << 8 | at[1]) == type) {
            return at + 4;
        }
    }
    return NULL;
}

/* bsc 7.2-06 11-48 */
static void a_client_hello_offers_what_bacnet_wants_and_no_more(void **state)
{
    (void)state;
    struct link link;
    size_t len = 0;
    link_init(&link);
    (void)end_read(&link.client);
    const struct bas_buf *hello = &link.client.out;
    assert_memory_equal(find_extension(hello, 43, &len), test_hex("020304").data, 3);
    assert_int_equal(len, 3);
    assert_memory_equal(find_extension(hello, 10, &len), test_hex("0004001d0017").data, 6);
    assert_int_equal(len, 6);
    assert_memory_equal(find_extension(hello, 51, &len), test_hex("0024001d0020").data, 6);
    assert_int_equal(len, 38);                    /* one key share */
    assert_null(find_extension(hello, 0, &len));  /* no server name */
    assert_null(find_extension(hello, 35, &len)); /* no ticket */
    assert_null(find_extension(hello, 45, &len)); /* no PSK modes */
    assert_null(find_extension(hello, 16, &len)); /* no ALPN */
    assert_in_range(hello->len, 100, 250);
    link_fini(&link);
}

/* bsc 11-24 */
static void a_named_host_is_sent_and_an_address_is_not(void **state)
{
    (void)state;
    struct world world;
    struct end client;
    size_t len = 0;
    world_init(&world);
    struct bas_tls_context *node = world_context(&world, "node");
    end_init(&client, node, BAS_TLS_CLIENT, "hub.example");
    (void)end_read(&client);
    const uint8_t *name = find_extension(&client.out, 0, &len);
    assert_non_null(name);
    assert_memory_equal(name + 5, "hub.example", 11);
    end_fini(&client);
    end_init(&client, node, BAS_TLS_CLIENT, "192.0.2.7");
    (void)end_read(&client);
    assert_null(find_extension(&client.out, 0, &len));
    end_fini(&client);
    bas_tls_context_unref(node);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tls_1_2_client_is_refused_with_protocol_version),
        cmocka_unit_test(a_client_that_speaks_both_versions_gets_tls_1_3),
        cmocka_unit_test(a_tls_1_2_server_is_refused),
        cmocka_unit_test(a_client_without_certificate_is_refused_with_certificate_required),
        cmocka_unit_test(a_server_takes_its_own_order_of_suites_and_groups),
        cmocka_unit_test(a_baseline_client_is_served),
        cmocka_unit_test(a_baseline_server_is_called),
        cmocka_unit_test(a_client_whose_first_group_is_foreign_is_asked_again),
        cmocka_unit_test(a_client_with_nothing_in_common_is_refused_with_handshake_failure),
        cmocka_unit_test(no_session_ticket_is_sent),
        cmocka_unit_test(a_certificate_with_somebody_elses_key_is_refused),
        cmocka_unit_test(a_client_hello_offers_what_bacnet_wants_and_no_more),
        cmocka_unit_test(a_named_host_is_sent_and_an_address_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
