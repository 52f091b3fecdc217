/* New certificates, issuers, revocation lists and rules for a hub whose sessions go on. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/hub.h"

#include "rt_hub.h"
#include "sc_peer.h"
#include "test_folder.h"

#include "basalt/pki.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { FEW = 12, SESSIONS = 1000, AT_ONCE = 32, SPARE_FILES = 64 };

/* Certificates. */

static void issue(const char *folder, const char *name, const struct bsc_uuid *uuid)
{
    struct test_env t;
    struct bas_fault fault = { 0 };
    struct bas_pki_pair made;
    const struct bas_pki_device_request request = { .size = sizeof(request),
                                                    .directory = folder,
                                                    .name = name,
                                                    .uuid = uuid == NULL ? NULL : uuid->octets };
    test_env_init(&t);
    t.seed += (uint64_t)name[strlen(name) - 1]; /* serial numbers differ */
    if (bas_pki_issue(&t.env, &request, &made, &fault) != BAS_OK && fault.err != BAS_ERR_EXISTS) {
        fail_msg("%s", fault.text);
    }
}

/* "hub2": what "hub" is replaced with; "twin": a second node with a certificate of its own. */
static int make_certificates(void **state)
{
    struct test_env t;
    struct bas_pki_certificate hub;
    struct bsc_uuid uuid;
    int status = rt_certificates(state);
    test_env_init(&t);
    assert_int_equal(bas_pki_show(&t.env, "hub.pem", &hub, NULL), BAS_OK);
    memcpy(uuid.octets, hub.uuid, sizeof(uuid.octets));
    issue(".", "hub2", &uuid);
    issue(".", "twin", NULL);
    return status;
}

static void load_pem(const char *file, gnutls_datum_t *pem)
{
    assert_int_equal(gnutls_load_file(file, pem), GNUTLS_E_SUCCESS);
}

/* Writes FILE, the authority's list with the certificate of name revoked. */
static void revoke(const struct rt_world *w, const char *file, const char *name)
{
    gnutls_x509_crl_t list;
    gnutls_x509_crt_t authority;
    gnutls_x509_crt_t revoked;
    gnutls_x509_privkey_t key;
    gnutls_datum_t pem;
    char path[64];
    const time_t now = (time_t)(w->t.wall / BAS_SECOND);
    assert_int_equal(gnutls_x509_crl_init(&list), 0);
    assert_int_equal(gnutls_x509_crt_init(&authority), 0);
    assert_int_equal(gnutls_x509_crt_init(&revoked), 0);
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    load_pem("ca.pem", &pem);
    assert_int_equal(gnutls_x509_crt_import(authority, &pem, GNUTLS_X509_FMT_PEM), 0);
    gnutls_free(pem.data);
    load_pem("ca.key", &pem);
    assert_int_equal(gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0), 0);
    gnutls_free(pem.data);
    (void)snprintf(path, sizeof(path), "%s.pem", name);
    load_pem(path, &pem);
    assert_int_equal(gnutls_x509_crt_import(revoked, &pem, GNUTLS_X509_FMT_PEM), 0);
    gnutls_free(pem.data);
    assert_int_equal(gnutls_x509_crl_set_version(list, 2), 0);
    assert_int_equal(gnutls_x509_crl_set_this_update(list, now), 0);
    assert_int_equal(gnutls_x509_crl_set_next_update(list, now + 86400), 0);
    assert_int_equal(gnutls_x509_crl_set_crt(list, revoked, now), 0);
    assert_int_equal(gnutls_x509_crl_set_number(list, "\1", 1), 0);
    assert_int_equal(gnutls_x509_crl_sign2(list, authority, key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crl_export2(list, GNUTLS_X509_FMT_PEM, &pem), 0);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(pem.data, 1, pem.size, out), pem.size);
    assert_int_equal(fclose(out), 0);
    gnutls_free(pem.data);
    gnutls_x509_privkey_deinit(key);
    gnutls_x509_crt_deinit(revoked);
    gnutls_x509_crt_deinit(authority);
    gnutls_x509_crl_deinit(list);
}

/* Nodes. */

static void reload(struct rt_hub *h, const struct bas_tls_config *tls,
                   const struct bas_admission *admission, struct bas_reload *what)
{
    struct bas_fault fault = { 0 };
    if (bas_hub_reload(h->hub, tls, admission, what, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
}

static struct bas_tls_context *context_of(const struct rt_world *w, const char *name,
                                          const char *issuer)
{
    struct bas_fault fault = { 0 };
    struct bas_tls_config config = rt_credentials(name);
    config.issuer_files[1] = issuer;
    struct bas_tls_context *context = bas_tls_context_new(&w->outside.env, &config, &fault);
    if (context == NULL) {
        fail_msg("%s", fault.text);
    }
    return context;
}

/* The hub serves it: from can send to its neighbour. */
static void hears(struct rt_hub *h, struct rt_peer *from, struct rt_peer *to)
{
    unsigned before = to->messages;
    rt_peer_send(from, rt_npdu(to->config.number, 7, 100));
    rt_until(&h->w, &to->messages, before + 1);
}

static void shows(const struct rt_peer *peer, const struct bas_tls_identity *identity, bool same)
{
    struct bas_tls_identity shown;
    assert_true(bas_tls_peer(peer->tls, &shown));
    assert_int_equal(strcmp(shown.serial, identity->serial) == 0, same);
}

static void a_renewed_certificate_is_shown_to_new_sessions_and_drops_no_old_one(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct bas_reload what;
    rt_hub_run(&h);
    for (unsigned i = 1; i <= FEW; i++) {
        (void)rt_hub_join(&h, i, NULL);
    }
    const struct bas_tls_config renewed = rt_credentials("hub2");
    reload(&h, &renewed, NULL, &what);
    assert_int_equal(what.kept, FEW);
    assert_int_equal(what.closed, 0);
    assert_string_equal(what.identity.subject, "CN=hub2");
    for (unsigned i = 1; i < FEW; i++) {
        hears(&h, &h.peers[i], &h.peers[i + 1]);
        shows(&h.peers[i], &what.identity, false);
    }
    struct rt_peer *new = rt_hub_join(&h, FEW + 1, NULL);
    shows(new, &what.identity, true);
    hears(&h, new, &h.peers[1]);
    assert_int_equal(h.left, 0);
    rt_hub_end(&h);
}

static void a_session_whose_issuer_is_trusted_no_more_is_disconnected_and_others_go_on(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct bas_reload what;
    rt_hub_begin(&h);
    h.settings.tls.issuer_files[1] = "other/ca.pem";
    const struct rt_peer_config stranger = { .level = RT_JOINED, .tls = h.w.peer_stranger };
    rt_hub_start(&h);
    (void)rt_hub_join(&h, 1, NULL);
    (void)rt_hub_join(&h, 2, &stranger);
    (void)rt_hub_join(&h, 3, NULL);
    const struct bas_tls_config narrower = rt_credentials("hub");
    reload(&h, &narrower, NULL, &what);
    assert_int_equal(what.kept, 2);
    assert_int_equal(what.closed, 1);
    assert_int_equal(h.left, 1);
    assert_int_equal(h.fault.err, BAS_ERR_CERTIFICATE);
    assert_string_equal(h.subject, "CN=stranger");
    rt_until(&h.w, &h.peers[2].ended, 1);
    assert_int_equal(h.peers[2].close_code, BAS_WS_CLOSE_NORMAL); /* in order */
    hears(&h, &h.peers[1], &h.peers[3]);
    assert_int_equal(h.left, 1);
    rt_hub_end(&h);
}

static void a_session_whose_certificate_is_revoked_is_disconnected_and_others_go_on(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct bas_reload what;
    rt_hub_run(&h);
    struct bas_tls_context *twin = context_of(&h.w, "twin", NULL);
    const struct rt_peer_config config = { .level = RT_JOINED, .tls = twin };
    (void)rt_hub_join(&h, 1, NULL);
    (void)rt_hub_join(&h, 2, &config);
    (void)rt_hub_join(&h, 3, NULL);
    revoke(&h.w, "revoked.crl", "twin");
    struct bas_tls_config stricter = rt_credentials("hub");
    stricter.crl_files[0] = "revoked.crl";
    reload(&h, &stricter, NULL, &what);
    assert_int_equal(what.kept, 2);
    assert_int_equal(what.closed, 1);
    assert_string_equal(h.subject, "CN=twin");
    assert_has(h.fault.text, "revoked");
    rt_until(&h.w, &h.peers[2].ended, 1);
    hears(&h, &h.peers[1], &h.peers[3]);
    struct rt_peer *again = rt_hub_connect(&h, 4, &config);
    rt_until(&h.w, &again->ended, 1);
    assert_int_equal(again->joined, 0);
    assert_int_equal(h.left, 1);
    bas_tls_context_unref(twin);
    rt_hub_end(&h);
}

/* It was let in by the old set; what counts is the new one. */
static void who_had_not_joined_when_the_set_changed_is_judged_by_the_new_one(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct bas_reload what;
    rt_hub_begin(&h);
    h.settings.tls.issuer_files[1] = "other/ca.pem";
    const struct rt_peer_config stranger = { .level = RT_WS, .tls = h.w.peer_stranger };
    rt_hub_start(&h);
    struct rt_peer *late = rt_hub_join(&h, 2, &stranger);
    const struct bas_tls_config narrower = rt_credentials("hub");
    reload(&h, &narrower, NULL, &what);
    assert_int_equal(what.kept + what.closed, 0);
    rt_peer_say(late, BSC_CONNECT_REQUEST, 1);
    rt_until(&h.w, &h.refused, 1);
    assert_int_equal(h.fault.err, BAS_ERR_CERTIFICATE);
    assert_int_equal(h.joined, 0);
    rt_until(&h.w, &late->ended, 1);
    rt_hub_end(&h);
}

/* A program may do so at the news that somebody is not trusted. */
struct again {
    struct rt_hub *h;
    unsigned reloads;
};

static void reload_again(void *user, const struct bas_hub_notice *notice)
{
    struct again *again = user;
    (void)notice;
    if (again->reloads++ == 0) {
        const struct bas_tls_config renewed = rt_credentials("hub2");
        reload(again->h, &renewed, NULL, NULL);
    }
}

static void a_reload_from_within_the_news_of_another_counts(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct bas_tls_identity hub2;
    struct again again = { &h, 0 };
    rt_hub_begin(&h);
    h.settings.tls.issuer_files[1] = "other/ca.pem";
    const struct rt_peer_config stranger = { .level = RT_TLS, .tls = h.w.peer_stranger };
    const struct bas_hub_callbacks callbacks = { .notice = reload_again, .user = &again };
    struct bas_fault fault = { 0 };
    struct bas_hub *hub = bas_hub_start(h.w.loop, &h.settings, &callbacks, &fault);
    assert_non_null(hub);
    h.hub = hub;
    for (unsigned n = 1; n <= 3; n++) { /* none of them is open */
        rt_peer_connect(&h.w, &h.peers[n], &stranger, bas_hub_address(hub));
        rt_peer_ready(&h.peers[n]);
    }
    rt_turns(&h.w, 3);
    const struct bas_tls_config narrower = rt_credentials("hub");
    reload(&h, &narrower, NULL, NULL);
    assert_true(again.reloads >= 2);
    bas_tls_context_identity(hub_tls(hub), &hub2);
    struct bas_tls_context *shown = context_of(&h.w, "hub2", NULL);
    struct bas_tls_identity expected;
    bas_tls_context_identity(shown, &expected);
    assert_string_equal(hub2.serial, expected.serial);
    bas_tls_context_unref(shown);
    for (unsigned n = 1; n <= 3; n++) {
        rt_until(&h.w, &h.peers[n].ended, 1);
    }
    bas_hub_stop(hub);
    rt_turns(&h.w, 50);
    rt_end(&h.w);
}

/* Errors. */

static void refuses(struct rt_hub *h, const struct bas_tls_config *tls, bas_err err,
                    const char *text)
{
    static const char *nobody[] = { "CN=nobody" };
    const struct bas_admission none = { .allow = { nobody, 1 } };
    struct bas_fault fault = { 0 };
    assert_int_equal(bas_hub_reload(h->hub, tls, &none, NULL, &fault), err);
    assert_int_equal(fault.err, err);
    assert_has(fault.text, text);
}

/* bsc 7.5-05 */
static void a_reload_that_fails_says_why_and_changes_nothing(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct bas_tls_identity old;
    rt_hub_run(&h);
    (void)rt_hub_join(&h, 1, NULL);
    bas_tls_context_identity(h.w.peer_hub, &old);
    struct bas_tls_config tls = rt_credentials("nothing");
    refuses(&h, &tls, BAS_ERR_NOT_FOUND, "nothing.pem");
    tls = rt_credentials("hub2");
    tls.key_file = "hub.key";
    refuses(&h, &tls, BAS_ERR_KEY, "hub2.pem");
    tls = rt_credentials("device");
    refuses(&h, &tls, BAS_ERR_CONFIG, "device.pem");
    tls = rt_credentials("hub2");
    tls.issuer_files[0] = "other/ca.pem";
    refuses(&h, &tls, BAS_ERR_CERTIFICATE, "hub2.pem");
    struct rt_peer *new = rt_hub_join(&h, 2, NULL); /* the old certificate, the old rules */
    shows(new, &old, true);
    hears(&h, new, &h.peers[1]);
    assert_int_equal(h.left, 0);
    rt_hub_end(&h);
}

static void no_failing_allocation_in_a_reload_changes_or_leaves_anything(void **state)
{
    (void)state;
    static const char *items[] = { "CN=client" };
    const struct bas_admission rules = { .allow = { items, 1 } };
    static struct rt_hub h;
    struct bas_fault fault = { 0 };
    rt_hub_run(&h);
    (void)rt_hub_join(&h, 1, NULL);
    (void)rt_hub_join(&h, 2, NULL);
    const struct bas_tls_config renewed = rt_credentials("hub2");
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; k < 200 && err != BAS_OK; k++) {
        h.w.t.fail_at = h.w.t.allocations + k;
        err = bas_hub_reload(h.hub, &renewed, &rules, NULL, &fault);
        h.w.t.fail_at = 0;
        assert_true(err == BAS_OK || err == BAS_ERR_NO_MEMORY);
        hears(&h, &h.peers[1], &h.peers[2]);
    }
    assert_int_equal(err, BAS_OK);
    assert_int_equal(h.left, 0);
    rt_hub_end(&h);
}

/* Rules of admission. */

static void new_rules_are_for_open_sessions_too(void **state)
{
    (void)state;
    static const char *items[] = { "CN=client" };
    const struct bas_admission rules = { .allow = { items, 1 } };
    static struct rt_hub h;
    struct bas_reload what;
    rt_hub_run(&h);
    struct bas_tls_context *twin = context_of(&h.w, "twin", NULL);
    const struct rt_peer_config config = { .level = RT_JOINED, .tls = twin };
    (void)rt_hub_join(&h, 1, NULL);
    (void)rt_hub_join(&h, 2, &config);
    (void)rt_hub_join(&h, 3, NULL);
    reload(&h, NULL, &rules, &what);
    assert_int_equal(what.kept, 2);
    assert_int_equal(what.closed, 1);
    assert_has(h.fault.text, "allow list");
    rt_until(&h.w, &h.peers[2].ended, 1);
    hears(&h, &h.peers[1], &h.peers[3]);
    bas_tls_context_unref(twin);
    rt_hub_end(&h);
}

static void without_new_rules_the_old_ones_stay(void **state)
{
    (void)state;
    static const char *items[] = { "CN=client" };
    static struct rt_hub h;
    struct bas_reload what;
    rt_hub_begin(&h);
    h.settings.admission.allow = (struct bas_texts){ items, 1 };
    rt_hub_start(&h);
    struct bas_tls_context *twin = context_of(&h.w, "twin", NULL);
    const struct rt_peer_config config = { .level = RT_JOINED, .tls = twin };
    (void)rt_hub_join(&h, 1, NULL);
    const struct bas_tls_config renewed = rt_credentials("hub2");
    reload(&h, &renewed, NULL, &what);
    assert_int_equal(what.kept, 1);
    const struct rt_peer *stranger = rt_hub_connect(&h, 2, &config);
    rt_until(&h.w, &stranger->ended, 1);
    assert_int_equal(h.refused, 1);
    const struct bas_admission all = { .require_uuid_in_certificate = false };
    reload(&h, NULL, &all, &what);
    assert_string_equal(what.identity.subject, "CN=hub2");
    (void)rt_hub_join(&h, 3, &config);
    bas_tls_context_unref(twin);
    rt_hub_end(&h);
}

static void a_hub_without_tls_takes_rules_but_no_certificates(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct bas_fault fault = { 0 };
    struct bas_reload what;
    char uuid[BSC_UUID_TEXT];
    const struct bsc_uuid second = peer_uuid(2);
    const char *items[] = { bsc_uuid_text(&second, uuid) };
    const struct bas_admission rules = { .allow = { items, 1 } };
    const struct rt_peer_config plain = { .level = RT_JOINED, .is_plain = true };
    rt_hub_begin(&h);
    h.settings.plaintext = BAS_PLAINTEXT_LOOPBACK;
    rt_hub_start(&h);
    (void)rt_hub_join(&h, 1, &plain);
    (void)rt_hub_join(&h, 2, &plain);
    const struct bas_tls_config tls = rt_credentials("hub2");
    assert_int_equal(bas_hub_reload(h.hub, &tls, NULL, NULL, &fault), BAS_ERR_STATE);
    reload(&h, NULL, &rules, &what);
    assert_int_equal(what.kept, 1);
    assert_int_equal(what.closed, 1);
    rt_until(&h.w, &h.peers[1].ended, 1);
    assert_int_equal(h.peers[2].ended, 0);
    rt_hub_end(&h);
}

static void a_hub_that_stops_takes_nothing_new(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct bas_fault fault = { 0 };
    rt_hub_run(&h);
    const struct bas_tls_config renewed = rt_credentials("hub2");
    bas_hub_stop(h.hub);
    assert_int_equal(bas_hub_reload(h.hub, &renewed, NULL, NULL, &fault), BAS_ERR_STATE);
    rt_hub_end(&h);
}

/* Many. */

/* As many as were asked for and as there are files for: each takes two here. */
static unsigned sessions(void)
{
    const char *text = getenv("BASALT_SESSIONS");
    unsigned wanted = text == NULL ? SESSIONS : (unsigned)strtoul(text, NULL, 10);
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    const rlim_t most = (limit.rlim_cur - SPARE_FILES) / 2;
    return wanted < most ? wanted : (unsigned)most;
}

/* Peers have numbers of one octet; this many need their own Connect-Requests. */
static void joins_as(struct rt_peer *peer, unsigned n)
{
    uint8_t request[30];
    memcpy(request, peer_connect_request(1).data, sizeof(request));
    request[7] = request[24] = (uint8_t)(n >> 8);
    request[8] = request[25] = (uint8_t)n;
    rt_peer_send(peer, (struct bas_slice){ request, sizeof(request) });
}

static void a_renewed_certificate_drops_none_of_many_sessions(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct bas_reload what;
    const unsigned n = sessions();
    const struct rt_peer_config config = { .level = RT_WS };
    struct rt_peer *peers = calloc(n, sizeof(*peers));
    assert_non_null(peers);
    rt_hub_run(&h);
    for (unsigned i = 0; i < n; i++) {
        rt_peer_connect(&h.w, &peers[i], &config, bas_hub_address(h.hub));
        if (i % AT_ONCE == AT_ONCE - 1 || i == n - 1) {
            for (unsigned k = i - i % AT_ONCE; k <= i; k++) {
                rt_until(&h.w, &peers[k].opened, 1);
                joins_as(&peers[k], k);
            }
            rt_until(&h.w, &h.joined, i + 1);
        }
    }
    const struct bas_tls_config renewed = rt_credentials("hub2");
    const bas_time before = bas_loop_now(h.w.loop);
    reload(&h, &renewed, NULL, &what);
    print_message("# %u sessions were judged again in %lld ms\n", n,
                  (long long)(bas_loop_now(h.w.loop) - before) / BAS_MILLISECOND);
    assert_int_equal(what.kept, n);
    assert_int_equal(what.closed, 0);
    for (unsigned i = 0; i < n; i++) {
        peers[i].messages = 0;
    }
    rt_peer_send(&peers[0], rt_npdu(0, 3, 100)); /* each hears it but the sender */
    for (unsigned i = 1; i < n; i++) {
        rt_until(&h.w, &peers[i].messages, 1);
    }
    assert_int_equal(h.left, 0);
    assert_int_equal(bsc_hub_connected(bas_hub_engine(h.hub)), n);
    for (unsigned i = 0; i < n; i++) {
        rt_peer_end(&peers[i]);
    }
    rt_hub_end(&h);
    free(peers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_renewed_certificate_is_shown_to_new_sessions_and_drops_no_old_one),
        cmocka_unit_test(
            a_session_whose_issuer_is_trusted_no_more_is_disconnected_and_others_go_on),
        cmocka_unit_test(a_session_whose_certificate_is_revoked_is_disconnected_and_others_go_on),
        cmocka_unit_test(a_reload_from_within_the_news_of_another_counts),
        cmocka_unit_test(who_had_not_joined_when_the_set_changed_is_judged_by_the_new_one),
        cmocka_unit_test(a_reload_that_fails_says_why_and_changes_nothing),
        cmocka_unit_test(no_failing_allocation_in_a_reload_changes_or_leaves_anything),
        cmocka_unit_test(new_rules_are_for_open_sessions_too),
        cmocka_unit_test(without_new_rules_the_old_ones_stay),
        cmocka_unit_test(a_hub_without_tls_takes_rules_but_no_certificates),
        cmocka_unit_test(a_hub_that_stops_takes_nothing_new),
        cmocka_unit_test(a_renewed_certificate_drops_none_of_many_sessions),
    };
    return cmocka_run_group_tests(tests, make_certificates, test_folder_leave);
}
