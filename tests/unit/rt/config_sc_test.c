/* Tests of config_sc.c, and of the rows for failover, direct connections, trust and admission. */
#include "config_fixture.h"

#include <stdio.h>
#include <string.h>

#define CERTIFICATES                                                                               \
    "  ca: ca.pem\n"                                                                               \
    "  certificate: own.pem\n"                                                                     \
    "  key: own.key\n"
#define HUB    "hub:\n  bind: 127.0.0.1:0\n" CERTIFICATES
#define DEVICE "device:\n  instance: 1\n  hub-uri: wss://a:1/\n" CERTIFICATES

/* The fault of the check of a section, "" for none. */
static void checks(const char *yaml, enum bas_section section, const char *text)
{
    struct loaded l;
    load(&l, yaml);
    assert_string_equal(l.fault.text, "");
    bas_err err = bas_config_check(l.config, section, &l.fault);
    assert_string_equal(l.fault.text, text);
    assert_int_equal(err, text[0] == 0 ? BAS_OK : BAS_ERR_CONFIG);
    done(&l);
}

static void failover_and_direct_connections_land_in_the_struct_of_the_node(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, DEVICE "  failover-uri: wss://b:2/\n"
                    "  direct-initiate: true\n"
                    "  direct-accept: false\n"
                    "  direct-bind: 127.0.0.1:4444\n"
                    "  direct-uris: [wss://me:4444/, \"wss://[::1]:4444/x\"]\n"
                    "  direct-peers:\n"
                    "    - 22:34:56:78:9a:bc always wss://p:1/ wss://p:2/\n"
                    "    - 22-34-56-78-9a-bd never\n"
                    "  direct-policy: never\n"
                    "  direct-max: 5\n"
                    "  direct-retry: 7\n"
                    "  direct-refused: 8\n"
                    "  silence-limit: 9\n"
                    "  peers-max: 10\n"
                    "  resolution-wait: 11\n"
                    "  resolution-fresh: 12\n");
    assert_string_equal(l.fault.text, "");
    const struct bas_device_settings *device = bas_config_device(l.config);
    assert_string_equal(device->engine.failover_uri, "wss://b:2/");
    assert_true(device->engine.direct_initiate);
    assert_false(device->engine.direct_accept);
    assert_string_equal(device->direct_bind, "127.0.0.1:4444");
    assert_int_equal(device->direct_uris.n, 2);
    assert_string_equal(device->direct_uris.items[1], "wss://[::1]:4444/x");
    assert_int_equal(device->direct_peers.n, 2);
    assert_string_equal(device->direct_peers.items[1], "22-34-56-78-9a-bd never");
    assert_int_equal(device->engine.direct_policy, BSC_DIRECT_NEVER);
    assert_int_equal(device->engine.direct_max, 5);
    assert_int_equal(device->engine.direct_retry_ms, 7000);
    assert_int_equal(device->engine.direct_refused_ms, 8000);
    assert_int_equal(device->engine.silence_limit_ms, 9000);
    assert_int_equal(device->engine.peers_max, 10);
    assert_int_equal(device->engine.resolution_wait_ms, 11000);
    assert_int_equal(device->engine.resolution_fresh_ms, 12000);
    assert_int_equal(bas_config_check(l.config, BAS_SECTION_DEVICE, &l.fault), BAS_OK);
    done(&l);
}

static void trust_and_admission_land_in_the_structs_of_both(void **state)
{
    (void)state;
    static const char keys[] =
        "  crl: [a.crl, b.crl]\n"
        "  key-password-credential: pw\n"
        "  allow: [\"CN=ahu-1,O=Site\", 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0]\n"
        "  require-uuid-in-certificate: true\n"
        "  allow-plaintext: loopback\n";
    char yaml[1024];
    struct loaded l;
    (void)snprintf(yaml, sizeof(yaml), "%s%s%s%s", HUB, keys, DEVICE, keys);
    load(&l, yaml);
    assert_string_equal(l.fault.text, "");
    const struct bas_hub_settings *hub = bas_config_hub(l.config);
    const struct bas_device_settings *device = bas_config_device(l.config);
    const struct bas_tls_config *tls[] = { &hub->tls, &device->tls };
    const struct bas_admission *admission[] = { &hub->admission, &device->admission };
    for (size_t i = 0; i < BAS_ARRAY_LEN(tls); i++) {
        assert_string_equal(tls[i]->crl_files[1], "b.crl");
        assert_null(tls[i]->crl_files[2]);
        assert_string_equal(tls[i]->key_password_credential, "pw");
        assert_int_equal(admission[i]->allow.n, 2);
        assert_string_equal(admission[i]->allow.items[0], "CN=ahu-1,O=Site");
        assert_true(admission[i]->require_uuid_in_certificate);
    }
    assert_int_equal(hub->plaintext, BAS_PLAINTEXT_LOOPBACK);
    assert_int_equal(device->plaintext, BAS_PLAINTEXT_LOOPBACK);
    done(&l);
}

static void nobody_is_let_in_or_asked_more_by_default(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, HUB DEVICE);
    const struct bas_hub_settings *hub = bas_config_hub(l.config);
    const struct bas_device_settings *device = bas_config_device(l.config);
    assert_int_equal(hub->plaintext, BAS_PLAINTEXT_NO);
    assert_int_equal(hub->admission.allow.n, 0);
    assert_false(hub->admission.require_uuid_in_certificate);
    assert_int_equal(device->plaintext, BAS_PLAINTEXT_NO);
    assert_null(device->direct_bind);
    assert_true(device->engine.direct_accept);
    assert_false(device->engine.direct_initiate);
    assert_int_equal(device->engine.direct_policy, BSC_DIRECT_AUTO);
    assert_int_equal(device->engine.direct_max, 32);
    assert_int_equal(device->engine.peers_max, 256);
    assert_int_equal(device->engine.resolution_wait_ms, 10000);
    assert_int_equal(device->engine.resolution_fresh_ms, 600000);
    assert_int_equal(device->engine.direct_retry_ms, 60000);
    assert_int_equal(device->engine.direct_refused_ms, 3600000);
    assert_int_equal(device->engine.silence_limit_ms, 660000);
    done(&l);
}

static void a_key_in_a_token_is_not_looked_for_in_a_folder(void **state)
{
    (void)state;
    struct loaded l;
    test_folder_make("etc");
    test_folder_write("etc/t.yaml", "hub:\n  certificate: \"pkcs11:object=hub;type=cert\"\n"
                                    "  key: \"pkcs11:object=hub\"\n  crl: a.crl\n");
    load_file(&l, "etc/t.yaml");
    const struct bas_tls_config *tls = &bas_config_hub(l.config)->tls;
    assert_string_equal(tls->certificate_file, "pkcs11:object=hub;type=cert");
    assert_string_equal(tls->key_file, "pkcs11:object=hub");
    assert_string_equal(tls->crl_files[0], "etc/a.crl");
    done(&l);
}

static void a_peer_is_a_vmac_a_policy_and_uris(void **state)
{
    (void)state;
#define PEER    "device:\n  direct-peers: \""
#define ALLOWED "; a list of VMAC never|auto|always [URI...]"
    static const struct refusal rows[] = {
        { PEER "always\"\n", "t.yaml:2: device.direct-peers: \"always\" does not begin with the "
                             "VMAC of a peer" ALLOWED },
        { PEER "ff:ff:ff:ff:ff:ff auto\"\n",
          "t.yaml:2: device.direct-peers: \"ff:ff:ff:ff:ff:ff auto\" does not begin with the VMAC "
          "of a peer" ALLOWED },
        { PEER "22:34:56:78:9a:bc\"\n",
          "t.yaml:2: device.direct-peers: \"22:34:56:78:9a:bc\" does not say never, auto or always "
          "behind the VMAC" ALLOWED },
        { PEER "22:34:56:78:9a:bc often\"\n",
          "t.yaml:2: device.direct-peers: \"22:34:56:78:9a:bc often\" does not say never, auto or "
          "always behind the VMAC" ALLOWED },
        { PEER "22:34:56:78:9a:bc auto http://h\"\n",
          "t.yaml:2: device.direct-peers: \"22:34:56:78:9a:bc auto http://h\" does not begin with "
          "wss://" ALLOWED },
        { PEER "22:34:56:78:9a:bc auto wss://h:0\"\n",
          "t.yaml:2: device.direct-peers: \"22:34:56:78:9a:bc auto wss://h:0\" is not a WebSocket "
          "URI" ALLOWED },
        { "device:\n  direct-uris: [wss://h, h]\n",
          "t.yaml:2: device.direct-uris: \"h\" does not begin with wss://; a list of "
          "wss://HOST[:PORT][/PATH]" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
}

static void a_peer_s_uri_is_bounded(void **state)
{
    (void)state;
    static char yaml[2048];
    size_t n = (size_t)snprintf(yaml, sizeof(yaml), "%s", PEER "22:34:56:78:9a:bc auto wss://");
    memset(yaml + n, 'h', 256);
    (void)snprintf(yaml + n + 256, sizeof(yaml) - n - 256, "\"\n");
    refuses(yaml, "t.yaml:2: device.direct-peers: \"22:34:56:78:9a:bc auto wss://hhhhhhhhhhh...\" "
                  "holds a URI that is too long" ALLOWED);
}

static void a_long_list_keeps_every_item(void **state)
{
    (void)state;
    static char yaml[65536];
    struct loaded l;
    size_t n = (size_t)snprintf(yaml, sizeof(yaml), "hub:\n  allow: [");
    for (unsigned i = 0; i < BAS_CONFIG_MAX_ALLOWED; i++) {
        n += (size_t)snprintf(yaml + n, sizeof(yaml) - n, "CN=%u, ", i);
    }
    (void)snprintf(yaml + n, sizeof(yaml) - n, "]\n");
    load(&l, yaml);
    assert_string_equal(l.fault.text, "");
    const struct bas_texts *allow = &bas_config_hub(l.config)->admission.allow;
    assert_int_equal(allow->n, BAS_CONFIG_MAX_ALLOWED);
    for (unsigned i = 0; i < BAS_CONFIG_MAX_ALLOWED; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "CN=%u", i);
        assert_string_equal(allow->items[i], name);
    }
    done(&l);
}

static void ws_needs_somebody_who_allows_it(void **state)
{
    (void)state;
#define PLAIN  "device:\n  instance: 1\n  hub-uri: ws://a:1/\n"
#define ANSWER "ws:// is not encrypted; wss://, or allow-plaintext for a test"
    checks(PLAIN CERTIFICATES, BAS_SECTION_DEVICE, "device.hub-uri: " ANSWER);
    checks(DEVICE "  failover-uri: ws://b/\n", BAS_SECTION_DEVICE, "device.failover-uri: " ANSWER);
    checks(DEVICE "  direct-bind: 127.0.0.1:0\n  direct-uris: ws://b/\n", BAS_SECTION_DEVICE,
           "device.direct-uris: " ANSWER);
    checks(PLAIN "  allow-plaintext: loopback\n", BAS_SECTION_DEVICE, "");
    checks("hub:\n  bind: 127.0.0.1:0\n  allow-plaintext: anywhere\n", BAS_SECTION_HUB, "");
    refuses("hub:\n  allow-plaintext: yes\n", "t.yaml:2: hub.allow-plaintext: \"yes\" is not known "
                                              "here; no, loopback or anywhere");
}

static void a_password_stands_in_one_place(void **state)
{
    (void)state;
    checks(HUB "  key-password-variable: PW\n", BAS_SECTION_HUB, "");
    checks(HUB "  key-password-file: pw\n  key-password-variable: PW\n", BAS_SECTION_HUB,
           "hub.key-password-variable: key-password-file says where the password is; leave one "
           "out");
    checks(DEVICE "  key-password-variable: PW\n  key-password-credential: pw\n",
           BAS_SECTION_DEVICE,
           "device.key-password-credential: key-password-variable says where the password is; "
           "leave one out");
}

static void a_hub_s_own_device_has_what_the_hub_has(void **state)
{
    (void)state;
    checks(HUB "device:\n  instance: 1\n", BAS_SECTION_DEVICE, "");
    checks("device:\n  instance: 1\n" HUB, BAS_SECTION_DEVICE, "");
    checks(HUB "device:\n  name: x\n", BAS_SECTION_DEVICE,
           "device.instance: is missing; give instance number of the Device object (a whole number "
           "from 0 to 4194302)");
    static const char *const rows[][2] = {
        { "failover-uri", "wss://b/" },
        { "ca", "ca.pem" },
        { "certificate", "d.pem" },
        { "key", "d.key" },
        { "crl", "d.crl" },
        { "state-file", "d.state" },
        { "vmac", "22:34:56:78:9a:bc" },
        { "uuid", "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char yaml[512];
        char text[BAS_FAULT_TEXT];
        (void)snprintf(yaml, sizeof(yaml), HUB "device:\n  instance: 1\n  %s: %s\n", rows[i][0],
                       rows[i][1]);
        (void)snprintf(text, sizeof(text),
                       "device.%s: without hub-uri this is the hub's own device, and has the "
                       "hub's; give hub-uri, or leave it out",
                       rows[i][0]);
        checks(yaml, BAS_SECTION_DEVICE, text);
    }
    checks(HUB DEVICE, BAS_SECTION_DEVICE, ""); /* two processes, or a hub of somebody else */
}

static void direct_connections_ask_for_what_they_need(void **state)
{
    (void)state;
    checks(DEVICE "  direct-uris: wss://me:1/\n", BAS_SECTION_DEVICE,
           "device.direct-uris: nobody listens at them; give direct-bind, or leave them out");
    checks(DEVICE "  direct-policy: always\n", BAS_SECTION_DEVICE,
           "device.direct-policy: always opens connections, which direct-initiate forbids; set it "
           "to true");
    checks(DEVICE "  direct-peers: 22:34:56:78:9a:bc always\n", BAS_SECTION_DEVICE,
           "device.direct-peers: always opens connections, which direct-initiate forbids; set it "
           "to true");
    checks(DEVICE "  direct-peers: 22:34:56:78:9a:bc always\n  direct-initiate: true\n",
           BAS_SECTION_DEVICE, "");
}

#define EVERYTHING                                                                                 \
    HUB "  crl: [a.crl]\n  allow: [\"CN=a,O=b\", \"CN=c\"]\n  key-password-file: pw\n"             \
        "  allow-plaintext: anywhere\n" DEVICE                                                     \
        "  failover-uri: wss://b/\n  direct-initiate: true\n  direct-accept: false\n"              \
        "  direct-bind: 127.0.0.1:0\n  direct-uris: [wss://c/, wss://d/]\n"                        \
        "  direct-peers: [22:34:56:78:9a:bc always wss://e/, 22:34:56:78:9a:bd never]\n"           \
        "  direct-policy: never\n  allow: [\"CN=x\"]\n  require-uuid-in-certificate: true\n"

static void dump(const char *yaml, char *text, size_t cap)
{
    struct loaded l;
    struct bas_buf out;
    load(&l, yaml);
    assert_string_equal(l.fault.text, "");
    bas_buf_init(&out, text, cap);
    bas_config_dump(l.config, BAS_SECTION_HUB, &out);
    bas_config_dump(l.config, BAS_SECTION_DEVICE, &out);
    assert_false(out.full);
    (void)bas_buf_text(&out);
    done(&l);
}

static void a_dump_of_everything_loads_again_to_the_same_dump(void **state)
{
    (void)state;
    static char first[65536];
    static char second[65536];
    dump(EVERYTHING, first, sizeof(first));
    dump(first, second, sizeof(second));
    assert_string_equal(first, second);
    assert_non_null(strstr(first, "  allow-plaintext: anywhere\n"));
    assert_non_null(strstr(first, "  direct-policy: never\n"));
    assert_non_null(strstr(first, "  direct-peers: [\"22:34:56:78:9a:bc always wss://e/\","
                                  "\"22:34:56:78:9a:bd never\"]\n"));
}

static void no_failing_allocation_of_the_lists_leaves_anything(void **state)
{
    (void)state;
    test_folder_write("t.yaml", EVERYTHING);
    size_t k = 1;
    for (;; k++) {
        struct test_env t;
        struct bas_fault fault = { 0 };
        test_env_init(&t);
        t.fail_at = k;
        struct bas_config *config = bas_config_new(&t.env);
        bas_err err =
            config == NULL ? BAS_ERR_NO_MEMORY : bas_config_load(config, "t.yaml", &fault);
        bas_config_free(config);
        test_env_check(&t);
        if (err == BAS_OK) {
            break;
        }
        assert_int_equal(err, BAS_ERR_NO_MEMORY);
    }
    assert_true(k > 20);
}

static void every_truncation_of_a_peer_ends_in_a_verdict(void **state)
{
    (void)state;
    static const char whole[] =
        "device:\n  direct-peers: '22:34:56:78:9a:bc always wss://e:1/x '\n";
    const size_t head = sizeof("device:\n  direct-peers: '") - 1;
    for (size_t n = head; n < sizeof(whole) - 2; n++) {
        char text[sizeof(whole) + 2];
        struct loaded l;
        (void)snprintf(text, sizeof(text), "%.*s'\n", (int)n, whole);
        load(&l, text);
        assert_true(l.err == BAS_OK || l.err == BAS_ERR_CONFIG);
        assert_int_equal(bas_config_device(l.config)->direct_peers.n, l.err == BAS_OK ? 1 : 0);
        done(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failover_and_direct_connections_land_in_the_struct_of_the_node),
        cmocka_unit_test(trust_and_admission_land_in_the_structs_of_both),
        cmocka_unit_test(nobody_is_let_in_or_asked_more_by_default),
        cmocka_unit_test(a_key_in_a_token_is_not_looked_for_in_a_folder),
        cmocka_unit_test(a_peer_is_a_vmac_a_policy_and_uris),
        cmocka_unit_test(a_peer_s_uri_is_bounded),
        cmocka_unit_test(a_long_list_keeps_every_item),
        cmocka_unit_test(ws_needs_somebody_who_allows_it),
        cmocka_unit_test(a_password_stands_in_one_place),
        cmocka_unit_test(a_hub_s_own_device_has_what_the_hub_has),
        cmocka_unit_test(direct_connections_ask_for_what_they_need),
        cmocka_unit_test(a_dump_of_everything_loads_again_to_the_same_dump),
        cmocka_unit_test(no_failing_allocation_of_the_lists_leaves_anything),
        cmocka_unit_test(every_truncation_of_a_peer_ends_in_a_verdict),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
