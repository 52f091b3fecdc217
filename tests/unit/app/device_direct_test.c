#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/direct.h"

#include "rt_world.h"

#include <string.h>

static void a_peer_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        enum bsc_direct_policy policy;
        const char *uris;
    } rows[] = {
        { "02:00:00:00:00:09 never", BSC_DIRECT_NEVER, "" },
        { "020000000009 auto", BSC_DIRECT_AUTO, "" },
        { "  02-00-00-00-00-09   always  ", BSC_DIRECT_ALWAYS, "" },
        { "020000000009 always wss://a.example:4444", BSC_DIRECT_ALWAYS, "wss://a.example:4444" },
        { "020000000009 auto  wss://a.example  ws://[::1]:1/dc ", BSC_DIRECT_AUTO,
          "wss://a.example ws://[::1]:1/dc" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct direct_peer peer;
        struct bas_fault fault = { 0 };
        if (direct_peer_read(rows[i].item, &peer, &fault) != BAS_OK) {
            fail_msg("%s: %s", rows[i].item, fault.text);
        }
        assert_memory_equal(peer.vmac.octets, test_hex("020000000009").data, 6);
        assert_int_equal(peer.policy, rows[i].policy);
        assert_string_equal(peer.uris, rows[i].uris);
    }
}

static void what_is_wrong_with_a_peer_is_told_with_its_key(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        const char *part;
    } rows[] = {
        { "", "VMAC of a peer" },
        { "never", "VMAC of a peer" },
        { "0200000000 never", "VMAC of a peer" },
        { "02:00:00:00:00:09:0a never", "VMAC of a peer" },
        { "ffffffffffff never", "VMAC of a peer" },
        { "000000000000 never", "VMAC of a peer" },
        { "020000000009", "never, auto or always" },
        { "020000000009 sometimes", "never, auto or always" },
        { "020000000009 autos", "never, auto or always" },
        { "020000000009 aut", "never, auto or always" },
        { "020000000009 auto http://a.example", "http://a.example" },
        { "020000000009 auto wss://a.example wss://", "wss://" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct direct_peer peer;
        struct bas_fault fault = { 0 };
        assert_int_equal(direct_peer_read(rows[i].item, &peer, &fault), BAS_ERR_CONFIG);
        assert_has(fault.text, "direct-peers: ");
        assert_has(fault.text, rows[i].part);
    }
}

/* A peer whose five URIs, with the blanks between them, are so long. */
static bas_err read_long(size_t len, struct direct_peer *peer, struct bas_fault *fault)
{
    enum { URIS = 5 };
    static const char begin[] = "wss://a.example/";
    char item[2 * DIRECT_URIS] = "020000000009 auto";
    size_t left = len - (URIS - 1);
    char *at = item + strlen(item);
    for (size_t n = URIS; n > 0; n--) {
        size_t of_this = left / n;
        *at++ = ' ';
        memset(at, 'p', of_this);
        memcpy(at, begin, sizeof(begin) - 1);
        at += of_this;
        left -= of_this;
    }
    *at = 0;
    return direct_peer_read(item, peer, fault);
}

static void uris_that_are_too_long_together_are_refused(void **state)
{
    (void)state;
    struct direct_peer peer;
    struct bas_fault fault = { 0 };
    assert_int_equal(read_long(DIRECT_URIS - 1, &peer, &fault), BAS_OK);
    assert_int_equal(strlen(peer.uris), DIRECT_URIS - 1);
    assert_int_equal(read_long(DIRECT_URIS, &peer, &fault), BAS_ERR_CONFIG);
    assert_has(fault.text, "longer than 1023");
}

static void uris_are_joined_by_single_spaces(void **state)
{
    (void)state;
    struct test_env t;
    struct direct_uris uris;
    struct bas_fault fault = { 0 };
    const char *items[] = { "wss://a.example:4444", "wss://[2001:db8::7]/dc" };
    test_env_init(&t);
    assert_int_equal(direct_uris_join(&t.env, &(struct bas_texts){ items, 2 }, &uris, &fault),
                     BAS_OK);
    assert_string_equal(uris.text, "wss://a.example:4444 wss://[2001:db8::7]/dc");
    direct_uris_release(&t.env, &uris);
    assert_int_equal(direct_uris_join(&t.env, &(struct bas_texts){ items, 0 }, &uris, &fault),
                     BAS_OK);
    assert_null(uris.text);
    direct_uris_release(&t.env, &uris);
    t.fail_at = t.allocations + 1;
    assert_int_equal(direct_uris_join(&t.env, &(struct bas_texts){ items, 1 }, &uris, &fault),
                     BAS_ERR_NO_MEMORY);
    test_env_check(&t);
}

static void a_uri_of_ours_that_is_none_is_told_with_its_key(void **state)
{
    (void)state;
    struct test_env t;
    struct direct_uris uris;
    const char *wrong[] = { "", "a.example", "http://a.example",
                            "wss://a.example wss://b.example" };
    test_env_init(&t);
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        struct bas_fault fault = { 0 };
        assert_int_equal(
            direct_uris_join(&t.env, &(struct bas_texts){ &wrong[i], 1 }, &uris, &fault),
            BAS_ERR_CONFIG);
        assert_has(fault.text, "direct-uris: ");
    }
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_is_read),
        cmocka_unit_test(what_is_wrong_with_a_peer_is_told_with_its_key),
        cmocka_unit_test(uris_that_are_too_long_together_are_refused),
        cmocka_unit_test(uris_are_joined_by_single_spaces),
        cmocka_unit_test(a_uri_of_ours_that_is_none_is_told_with_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
