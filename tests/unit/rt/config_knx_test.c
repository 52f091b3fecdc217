/* Tests of config_knx.c, and of the section knx-server in config.c and config_file.c. */
#include "config_fixture.h"

#include <stdio.h>
#include <string.h>

#define KNX                                                                                        \
    "knx-server:\n"                                                                                \
    "  individual-address: 1.1.0\n"
#define PLAIN   KNX "  tunnels: [1.1.250, 1.1.251]\n"
#define OBJECTS PLAIN "  objects:\n"

static void a_knx_server_section_lands_in_its_struct(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, KNX "  bind: 127.0.0.1:0\n"
                 "  udp: false\n"
                 "  name: Cellar\n"
                 "  manufacturer: 250\n"
                 "  keyring: site.knxkeys\n"
                 "  keyring-password-file: site.password\n"
                 "  secure: optional\n"
                 "  max-connections: 5\n"
                 "  max-sessions: 4\n"
                 "  max-half-open: 3\n"
                 "  session-requests-per-second: 2\n"
                 "  state-file: knx.db\n"
                 "  trust-clock: false\n"
                 "  upstream: \"192.0.2.1:3672\"\n"
                 "  upstream-transport: tcp\n"
                 "  route-back: true\n"
                 "  telegrams-per-second: 0\n");
    assert_string_equal(l.fault.text, "");
    const struct bas_knx_server_settings *knx = bas_config_knx_server(l.config);
    assert_string_equal(knx->bind, "127.0.0.1:0");
    assert_false(knx->udp);
    assert_string_equal(knx->name, "Cellar");
    assert_int_equal(knx->individual_address, 0x1100);
    assert_int_equal(knx->manufacturer, 250);
    assert_string_equal(knx->keyring, "site.knxkeys");
    assert_string_equal(knx->keyring_password_file, "site.password");
    assert_int_equal(bas_knx_server_secure(knx), BAS_KNX_SECURE_OPTIONAL);
    assert_int_equal(knx->max_connections, 5);
    assert_int_equal(knx->max_sessions, 4);
    assert_int_equal(knx->max_half_open, 3);
    assert_int_equal(knx->session_requests_per_second, 2);
    assert_string_equal(knx->state_file, "knx.db");
    assert_false(knx->trust_clock);
    assert_string_equal(knx->upstream, "192.0.2.1:3672");
    assert_int_equal(knx->upstream_transport, KNX_TCP);
    assert_true(knx->route_back);
    assert_int_equal(knx->telegrams_per_second, 0);
    assert_int_equal(bas_config_check(l.config, BAS_SECTION_KNX_SERVER, &l.fault), BAS_OK);
    assert_true(bas_config_has(l.config, BAS_SECTION_KNX_SERVER));
    assert_false(bas_config_has(l.config, BAS_SECTION_DEVICE));
    done(&l);
}

static void what_is_not_set_has_the_default_of_its_row(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, PLAIN);
    const struct bas_knx_server_settings *knx = bas_config_knx_server(l.config);
    assert_string_equal(knx->bind, "0.0.0.0:3671");
    assert_true(knx->udp && knx->trust_clock && !knx->route_back);
    assert_string_equal(knx->name, "Basalt");
    assert_int_equal(knx->manufacturer, 0);
    assert_int_equal(knx->max_connections, KNX_SERVER_CONNECTIONS);
    assert_int_equal(knx->max_sessions, KNX_SERVER_SESSIONS);
    assert_int_equal(knx->max_half_open, KNX_SERVER_HALF_OPEN);
    assert_int_equal(knx->session_requests_per_second, KNX_SERVER_REQUESTS_PER_SECOND);
    assert_int_equal(knx->upstream_transport, KNX_UDP);
    assert_int_equal(knx->telegrams_per_second, 50);
    assert_int_equal(knx->tunnels.n, 2);
    assert_string_equal(knx->tunnels.items[1], "1.1.251");
    assert_int_equal(bas_config_check(l.config, BAS_SECTION_KNX_SERVER, &l.fault), BAS_OK);
    done(&l);
}

static void without_a_word_secure_follows_the_keyring(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, PLAIN);
    struct bas_knx_server_settings *knx = bas_config_knx_server(l.config);
    assert_int_equal(bas_knx_server_secure(knx), BAS_KNX_SECURE_OFF);
    knx->keyring = "site.knxkeys";
    assert_int_equal(bas_knx_server_secure(knx), BAS_KNX_SECURE_REQUIRED);
    knx->secure_word = BAS_KNX_SECURE_OFF;
    assert_int_equal(bas_knx_server_secure(knx), BAS_KNX_SECURE_OFF);
    done(&l);
}

static void a_section_carries_its_group_objects(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, OBJECTS "    - { group: 1/2/3, dpt: 9.001, device: 1.1.10, value: 21.5, name: Hall }\n"
                     "    - group: 1/515\n"
                     "      dpt: \"9.004\"\n"
                     "      device: 1.1.11\n"
                     "      flags: [transmit, read]\n"
                     "    - { group: 2563, dpt: 9.001, device: 1.1.12, flags: write }\n"
                     "    - { group: 2564, dpt: 1.001, device: 1.1.12, flags: [] }\n");
    assert_string_equal(l.fault.text, "");
    const struct bas_knx_server_settings *knx = bas_config_knx_server(l.config);
    assert_int_equal(knx->n_objects, 4);
    const struct bas_group_object_settings *o = knx->objects;
    assert_int_equal(o[0].group, 0x0A03);
    assert_int_equal(o[0].device, 0x110A);
    assert_string_equal(o[0].dpt, "9.001");
    assert_string_equal(o[0].value, "21.5");
    assert_string_equal(o[0].name, "Hall");
    assert_int_equal(o[0].flags, KNX_OBJECT_READ | KNX_OBJECT_WRITE | KNX_OBJECT_UPDATE);
    assert_int_equal(o[0].line, 5);
    assert_int_equal(o[1].group, 0x0A03);
    assert_null(o[1].value);
    assert_int_equal(o[1].flags, KNX_OBJECT_READ | KNX_OBJECT_TRANSMIT);
    assert_int_equal(o[1].line, 6);
    assert_int_equal(o[2].flags, KNX_OBJECT_WRITE);
    assert_int_equal(o[3].flags, 0);
    done(&l);
}

static void a_value_that_is_none_is_told_what_is_allowed(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { "knx-server:\n  individual-address: 1.1\n",
          "t.yaml:2: knx-server.individual-address: \"1.1\" is not an Individual Address; "
          "AREA.LINE.DEVICE, such as 1.1.10" },
        { "knx-server:\n  individual-address: 0.0.0\n",
          "t.yaml:2: knx-server.individual-address: \"0.0.0\" is not an Individual Address; "
          "AREA.LINE.DEVICE, such as 1.1.10" },
        { "knx-server:\n  tunnels: [1.1.250, 1.16.1]\n",
          "t.yaml:2: knx-server.tunnels: \"1.16.1\" is not an Individual Address; a list of "
          "AREA.LINE.DEVICE, such as 1.1.10" },
        { "knx-server:\n  name: a name that is longer than thirty\n",
          "t.yaml:2: knx-server.name: \"a name that is longer than thirty\" is too long; a text of "
          "1 to 30 octets" },
        { "knx-server:\n  secure: yes\n",
          "t.yaml:2: knx-server.secure: \"yes\" is not known here; required, optional or off" },
        { "knx-server:\n  upstream-transport: tls\n",
          "t.yaml:2: knx-server.upstream-transport: \"tls\" is not known here; udp or tcp" },
        { "knx-server:\n  upstream: \"h:0\"\n",
          "t.yaml:2: knx-server.upstream: \"h:0\" is not a host; HOST[:PORT], such as "
          "192.0.2.1:3671" },
        { "knx-server:\n  upstream: \"h:1/x\"\n",
          "t.yaml:2: knx-server.upstream: \"h:1/x\" is not a host; HOST[:PORT], such as "
          "192.0.2.1:3671" },
        { OBJECTS "    - group: 1/8/1\n",
          "t.yaml:5: knx-server.objects[0].group: \"1/8/1\" is not a group address; "
          "MAIN/MIDDLE/SUB, such as 1/2/3" },
        { OBJECTS "    - flags: [read, send]\n",
          "t.yaml:5: knx-server.objects[0].flags: \"send\" is not known here; a list of read, "
          "write, transmit, update" },
        { OBJECTS "    - flags: \"\"\n",
          "t.yaml:5: knx-server.objects[0].flags: \"\" is not known here; a list of read, write, "
          "transmit, update" },
        { OBJECTS "    - colour: red\n",
          "t.yaml:5: knx-server.objects[0]: \"colour\" is not a key; basalt config keys lists "
          "them" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
}

static void a_group_object_needs_group_type_and_device(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { OBJECTS "    - { dpt: 1.001, device: 1.1.10 }\n",
          "t.yaml:5: knx-server.objects[0].group: is missing; MAIN/MIDDLE/SUB, such as 1/2/3" },
        { OBJECTS "    - { group: 1/2/3, device: 1.1.10 }\n",
          "t.yaml:5: knx-server.objects[0].dpt: is missing; a text of 1 to 15 octets" },
        { OBJECTS "    - { group: 1/2/3, dpt: 1.001 }\n",
          "t.yaml:5: knx-server.objects[0].device: is missing; AREA.LINE.DEVICE, such as 1.1.10" },
        { OBJECTS "    - { group: 1/2/3, dpt: 1.001, device: 1.1.10 }\n"
                  "    - { group: 1/2/3, dpt: 1.001, device: 1.1.11 }\n"
                  "    - { group: 1/2/3, dpt: 1.001, device: 1.1.10 }\n",
          "t.yaml:7: knx-server.objects[2].group: this device has an object with it in line 5; one "
          "for each group" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
}

static void type_and_value_of_a_group_object_must_be_ones(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { OBJECTS "    - { group: 1/2/3, dpt: 9.999, device: 1.1.10 }\n",
          "t.yaml:5: knx-server.objects[0].dpt: \"9.999\" is not a datapoint type; a number such "
          "as 1.001 or 9.001" },
        { OBJECTS "    - { group: 1/2/3, dpt: 1.001, device: 1.1.10 }\n"
                  "    - { group: 1/2/3, dpt: 9.001, device: 1.1.11 }\n",
          "t.yaml:6: knx-server.objects[1].dpt: has another size than that of the same group in "
          "line 5; one size" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
    struct loaded l;
    load(&l, OBJECTS "    - { group: 1/2/3, dpt: 9.001, device: 1.1.10, value: warm }\n");
    assert_int_equal(l.err, BAS_ERR_CONFIG);
    assert_int_equal(strncmp(l.fault.text, "t.yaml:5: knx-server.objects[0].value: ", 39), 0);
    done(&l);
    load(&l, OBJECTS "    - { group: 1/2/3, dpt: 9.001, device: 1.1.10, value: 21.5 }\n"
                     "    - { group: 1/2/3, dpt: 9.004, device: 1.1.11 }\n");
    assert_string_equal(l.fault.text, "");
    done(&l);
}

static void the_keys_of_the_section_must_fit_each_other(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { KNX, "knx-server.tunnels: are missing; a list of AREA.LINE.DEVICE, or a keyring with "
               "tunnels" },
        { KNX "  keyring: k\n",
          "knx-server.keyring-password-file: is missing; a file with the password of the keyring" },
        { PLAIN "  keyring: k\n  keyring-password-file: p\n",
          "knx-server.tunnels: the tunnels stand in the keyring; leave tunnels or keyring out" },
        { PLAIN "  secure: optional\n",
          "knx-server.secure: needs the keys of a keyring; give keyring, or off" },
        { OBJECTS "    - { group: 1/2/3, dpt: 1.001, device: 1.1.10 }\n  upstream: h\n",
          "knx-server.upstream: the bus is upstream or a virtual line; leave upstream or objects "
          "out" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct loaded l;
        load(&l, rows[i].yaml);
        assert_string_equal(l.fault.text, "");
        assert_int_equal(bas_config_check(l.config, BAS_SECTION_KNX_SERVER, &l.fault),
                         BAS_ERR_CONFIG);
        assert_string_equal(l.fault.text, rows[i].text);
        done(&l);
    }
}

static void dump(const char *yaml, char *text, size_t cap)
{
    struct loaded l;
    load(&l, yaml);
    assert_string_equal(l.fault.text, "");
    struct bas_buf out;
    bas_buf_init(&out, text, cap);
    bas_config_dump(l.config, BAS_SECTION_KNX_SERVER, &out);
    assert_false(out.full);
    (void)bas_buf_text(&out);
    done(&l);
}

static void a_dump_loads_again_to_the_same_dump(void **state)
{
    (void)state;
    static char first[65536];
    static char second[65536];
    dump(OBJECTS "    - { group: 1/2/3, dpt: 9.001, device: 1.1.10, value: \"21.5\", name: n }\n"
                 "    - { group: 1/2/4, dpt: 1.001, device: 1.1.10, flags: [transmit] }\n"
                 "    - { group: 1/2/5, dpt: 1.001, device: 1.1.10, flags: [] }\n"
                 "  upstream: \"[::1]:1\"\n  upstream-transport: tcp\n  secure: \"off\"\n",
         first, sizeof(first));
    dump(first, second, sizeof(second));
    assert_string_equal(first, second);
    assert_non_null(strstr(first, "  individual-address: \"1.1.0\"\n"));
    assert_non_null(strstr(first, "  tunnels: [\"1.1.250\",\"1.1.251\"]\n"));
    assert_non_null(strstr(first, "  secure: off\n"));
    assert_non_null(strstr(first, "    - group: \"1/2/4\"\n"));
    assert_non_null(strstr(first, "      flags: [\"transmit\"]\n"));
    assert_non_null(strstr(first, "      flags: []\n"));
}

static void every_allocation_may_fail_while_a_list_grows(void **state)
{
    (void)state;
    char yaml[4096] = OBJECTS;
    for (unsigned i = 1; i <= 40; i++) {
        char line[80];
        (void)snprintf(line, sizeof(line), "    - { group: 1/2/%u, dpt: 1.001, device: 1.1.1 }\n",
                       i);
        memcpy(yaml + strlen(yaml), line, strlen(line) + 1);
    }
    test_folder_write("t.yaml", yaml);
    size_t k = 1;
    for (;; k++) {
        struct test_env t;
        struct bas_fault fault = { 0 };
        test_env_init(&t);
        t.fail_at = k;
        struct bas_config *config = bas_config_new(&t.env);
        bas_err err =
            config == NULL ? BAS_ERR_NO_MEMORY : bas_config_load(config, "t.yaml", &fault);
        if (err == BAS_OK) {
            assert_int_equal(bas_config_knx_server(config)->n_objects, 40);
            assert_int_equal(bas_config_knx_server(config)->objects[39].group, 0x0A00 + 40);
        }
        bas_config_free(config);
        test_env_check(&t);
        if (err == BAS_OK) {
            break;
        }
        assert_int_equal(err, BAS_ERR_NO_MEMORY);
    }
    assert_true(k > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_knx_server_section_lands_in_its_struct),
        cmocka_unit_test(what_is_not_set_has_the_default_of_its_row),
        cmocka_unit_test(without_a_word_secure_follows_the_keyring),
        cmocka_unit_test(a_section_carries_its_group_objects),
        cmocka_unit_test(a_value_that_is_none_is_told_what_is_allowed),
        cmocka_unit_test(a_group_object_needs_group_type_and_device),
        cmocka_unit_test(type_and_value_of_a_group_object_must_be_ones),
        cmocka_unit_test(the_keys_of_the_section_must_fit_each_other),
        cmocka_unit_test(a_dump_loads_again_to_the_same_dump),
        cmocka_unit_test(every_allocation_may_fail_while_a_list_grows),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
