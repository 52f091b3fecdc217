/* Tests of config.c, config_file.c, config_object.c and config_knx.c. */
#include "config_fixture.h"

#include <stdio.h>
#include <string.h>

/* A complete hub section, so that a test can add one line of its own. */
#define HUB                                                                                        \
    "hub:\n"                                                                                       \
    "  bind: 127.0.0.1:0\n"                                                                        \
    "  ca: ca.pem\n"                                                                               \
    "  certificate: hub.pem\n"                                                                     \
    "  key: hub.key\n"
#define DEVICE                                                                                     \
    "device:\n"                                                                                    \
    "  instance: 1001\n"                                                                           \
    "  hub-uri: wss://hub.example:4443/\n"                                                         \
    "  ca: [a.pem, b.pem]\n"                                                                       \
    "  certificate: d.pem\n"                                                                       \
    "  key: d.key\n"
#define OBJECTS DEVICE "  objects:\n"

static void a_hub_section_lands_in_the_structs_of_tls_and_hub(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, HUB "  state-file: /var/lib/hub.state\n"
                 "  max-connections: 5000\n"
                 "  connect-wait: 0.25\n"
                 "  pending-max: 2 MiB\n"
                 "  pending-total-max: 4GiB\n"
                 "  vmac: 22:34:56:78:9a:bc\n"
                 "  uuid: 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0\n");
    assert_string_equal(l.fault.text, "");
    struct bas_hub_settings *hub = bas_config_hub(l.config);
    assert_string_equal(hub->bind, "127.0.0.1:0");
    assert_string_equal(hub->tls.issuer_files[0], "ca.pem");
    assert_null(hub->tls.issuer_files[1]);
    assert_string_equal(hub->tls.certificate_file, "hub.pem");
    assert_string_equal(hub->tls.key_file, "hub.key");
    assert_null(hub->tls.keylog_file);
    assert_string_equal(hub->state_file, "/var/lib/hub.state");
    assert_int_equal(hub->engine.max_connections, 5000);
    assert_int_equal(hub->engine.connect_wait_ms, 250);
    assert_int_equal(hub->engine.pending_max, 2 << 20);
    assert_int_equal(hub->engine.pending_total_max, UINT64_C(4) << 30);
    assert_int_equal(hub->engine.vmac.octets[5], 0xbc);
    assert_int_equal(hub->engine.uuid.octets[15], 0xf0);
    assert_int_equal(bas_config_check(l.config, BAS_SECTION_HUB, &l.fault), BAS_OK);
    assert_true(bas_config_has(l.config, BAS_SECTION_HUB));
    assert_false(bas_config_has(l.config, BAS_SECTION_DEVICE));
    done(&l);
}

static void what_is_not_set_has_the_default_of_its_row(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, HUB);
    const struct bsc_hub_config *hub = &bas_config_hub(l.config)->engine;
    assert_int_equal(hub->size, sizeof(*hub));
    assert_int_equal(hub->max_bvlc, 65535);
    assert_int_equal(hub->max_npdu, 61327);
    assert_int_equal(hub->max_connections, 1024);
    assert_int_equal(hub->silence_limit_ms, 660000);
    assert_int_equal(hub->pending_max, 1048576);
    const struct bas_device_settings *device = bas_config_device(l.config);
    assert_int_equal(device->vendor_identifier, BAS_CONFIG_DEFAULT_VENDOR);
    assert_int_equal(device->engine.heartbeat_ms, 60000);
    assert_int_equal(device->engine.max_npdu, 1497);
    assert_int_equal(device->apdu_retries, 3);
    assert_false(device->engine.no_hello);
    assert_int_equal(device->n_objects, 0);
    done(&l);
}

static void a_device_section_carries_its_objects(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, OBJECTS "    - { type: analog-input, instance: 1, name: Supply, "
                     "units: degrees-celsius, value: 21.5 }\n"
                     "    - type: binary-value\n"
                     "      instance: 0\n"
                     "      states: [Off, On]\n"
                     "      value: active\n"
                     "      commandable: true\n"
                     "      relinquish-default: inactive\n"
                     "    - type: multi-state-output\n"
                     "      instance: 1\n"
                     "      states: [a, b, c, d, e, f, g, h, i]\n"
                     "      value: 9\n");
    assert_string_equal(l.fault.text, "");
    const struct bas_device_settings *device = bas_config_device(l.config);
    assert_int_equal(device->instance, 1001);
    assert_string_equal(device->engine.primary_uri, "wss://hub.example:4443/");
    assert_string_equal(device->tls.issuer_files[1], "b.pem");
    assert_int_equal(device->n_objects, 3);
    const struct bas_object_settings *o = device->objects;
    assert_int_equal(o[0].type, 0);
    assert_string_equal(o[0].units, "degrees-celsius");
    assert_string_equal(o[0].value, "21.5");
    assert_null(o[0].relinquish_default);
    assert_int_equal(o[0].line, 8);
    assert_int_equal(o[1].type, 5);
    assert_int_equal(o[1].instance, 0);
    assert_true(o[1].commandable);
    assert_string_equal(o[1].relinquish_default, "inactive");
    assert_string_equal(o[1].states.items[1], "On");
    assert_int_equal(o[2].type, 14);
    assert_int_equal(o[2].states.n, 9);
    assert_string_equal(o[2].states.items[8], "i");
    done(&l);
}

static void file_names_are_relative_to_the_folder_of_the_file(void **state)
{
    (void)state;
    test_folder_make("etc");
    test_folder_write("etc/t.yaml", HUB "  state-file: /abs/hub.state\n");
    struct loaded l;
    load_file(&l, "etc/t.yaml");
    assert_string_equal(bas_config_hub(l.config)->tls.key_file, "etc/hub.key");
    assert_string_equal(bas_config_hub(l.config)->tls.issuer_files[0], "etc/ca.pem");
    assert_string_equal(bas_config_hub(l.config)->state_file, "/abs/hub.state");
    done(&l);
}

static void an_unknown_or_repeated_key_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { HUB "  max-conections: 5\n",
          "t.yaml:6: hub: \"max-conections\" is not a key; did you mean max-connections" },
        { HUB "  colour: red\n",
          "t.yaml:6: hub: \"colour\" is not a key; basalt config keys lists them" },
        { HUB "  bind: 127.0.0.1:1\n",
          "t.yaml:6: hub.bind: is there twice; it stands in line 2 already" },
        { HUB "hub:\n  bind: 127.0.0.1:1\n",
          "t.yaml:6: hub: is there twice; one section of each kind" },
        { "router:\n  a: b\n",
          "t.yaml:1: \"router\": is not a section; hub, device or knx-server" },
        { "{ [1]: 2 }\n",
          "t.yaml:1: YAML: the name of a section is not a text; hub, device or knx-server" },
        { "hub:\n  [1]: 2\n", "t.yaml:2: hub: a key is not a text; write key: value" },
        { OBJECTS "    - type: analog-input\n      unit: percent\n",
          "t.yaml:9: device.objects[0]: \"unit\" is not a key; did you mean units" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
}

static void a_value_of_the_wrong_type_is_told_what_is_allowed(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { "hub:\n  max-connections: many\n",
          "t.yaml:2: hub.max-connections: \"many\" is not a whole number; a whole number from 1 to "
          "100000" },
        { "hub:\n  max-connections: \"5\"\n",
          "t.yaml:2: hub.max-connections: \"5\" is not a whole number; a whole number from 1 to "
          "100000" },
        { "hub:\n  max-connections: -5\n",
          "t.yaml:2: hub.max-connections: \"-5\" is not a whole number; a whole number from 1 to "
          "100000" },
        { "hub:\n  max-connections: 5.5\n",
          "t.yaml:2: hub.max-connections: \"5.5\" is not a whole number; a whole number from 1 to "
          "100000" },
        { "hub:\n  max-connections:\n",
          "t.yaml:2: hub.max-connections: has no value; a whole number from 1 to 100000" },
        { "hub:\n  max-connections: [1]\n",
          "t.yaml:2: hub.max-connections: is a list; a whole number from 1 to 100000" },
        { "hub:\n  max-connections: {a: 1}\n",
          "t.yaml:2: hub.max-connections: is a mapping; a whole number from 1 to 100000" },
        { "hub:\n  connect-wait: 10s\n",
          "t.yaml:2: hub.connect-wait: \"10s\" is not a time in seconds; seconds from 0.1 to 300" },
        { "hub:\n  connect-wait: 1.2.3\n",
          "t.yaml:2: hub.connect-wait: \"1.2.3\" is not a time in seconds; seconds from 0.1 to "
          "300" },
        { "hub:\n  pending-max: 2 MB\n",
          "t.yaml:2: hub.pending-max: \"2 MB\" is not a size; 81919 to 1073741824 octets, also "
          "with KiB, MiB or GiB" },
        { "hub:\n  vmac: 22:34\n",
          "t.yaml:2: hub.vmac: \"22:34\" is not a VMAC; 12 hex digits, such as "
          "22:34:56:78:9a:bc" },
        { "hub:\n  vmac: ff:ff:ff:ff:ff:ff\n",
          "t.yaml:2: hub.vmac: \"ff:ff:ff:ff:ff:ff\" is reserved; 12 hex digits, such as "
          "22:34:56:78:9a:bc" },
        { "hub:\n  uuid: none\n",
          "t.yaml:2: hub.uuid: \"none\" is not a UUID; 32 hex digits, such as "
          "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0" },
        { "hub:\n  uuid: 00000000-0000-0000-0000-000000000000\n",
          "t.yaml:2: hub.uuid: \"00000000-0000-0000-0000-000000000000\" is nobody's UUID; 32 hex "
          "digits, such as 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0" },
        { "hub:\n  ca: [a.pem, [b.pem]]\n",
          "t.yaml:2: hub.ca: holds something else than texts; 1 to 8 names of files" },
        { "device:\n  no-hello: yes\n",
          "t.yaml:2: device.no-hello: \"yes\" is not a yes-or-no value; true or false" },
        { "device:\n  objects: none\n",
          "t.yaml:2: device.objects: \"none\" is not a list; a list of objects" },
        { "device:\n  objects:\n    - 5\n",
          "t.yaml:3: device.objects[0]: is not a mapping; indented lines of key: value" },
        { "hub: 5\n", "t.yaml:1: hub: is not a mapping; indented lines of key: value" },
        { OBJECTS "    - type: analogue\n",
          "t.yaml:8: device.objects[0].type: \"analogue\" is not known here; an object type: "
          "analog-input, multi-state-value, file, ..." },
        { OBJECTS "    - { type: analog-input, instance: 1, value: warm }\n",
          "t.yaml:8: device.objects[0].value: \"warm\" is no value of an analog-input; a number" },
        { OBJECTS "    - { type: analog-input, instance: 1, value: 1e }\n",
          "t.yaml:8: device.objects[0].value: \"1e\" is no value of an analog-input; a number" },
        { OBJECTS "    - max: warm\n",
          "t.yaml:8: device.objects[0].max: \"warm\" is not a number; a number, active or "
          "inactive" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
}

static void a_value_out_of_range_is_told_the_range(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { "hub:\n  max-connections: 0\n",
          "t.yaml:2: hub.max-connections: \"0\" is out of range; a whole number from 1 to "
          "100000" },
        { "hub:\n  max-connections: 99999999999999999999999\n",
          "t.yaml:2: hub.max-connections: \"99999999999999999999999\" is out of range; a whole "
          "number from 1 to 100000" },
        { "hub:\n  max-bvlc: 65536\n",
          "t.yaml:2: hub.max-bvlc: \"65536\" is out of range; a whole number from 5705 to "
          "65535" },
        { "hub:\n  connect-wait: 0.0999\n",
          "t.yaml:2: hub.connect-wait: \"0.0999\" is out of range; seconds from 0.1 to 300" },
        { "hub:\n  pending-max: 9223372036854775806GiB\n",
          "t.yaml:2: hub.pending-max: \"9223372036854775806GiB\" is not a size; 81919 to "
          "1073741824 octets, also with KiB, MiB or GiB" },
        { "hub:\n  pending-max: 922337203685477GiB\n",
          "t.yaml:2: hub.pending-max: \"922337203685477GiB\" is out of range; 81919 to 1073741824 "
          "octets, also with KiB, MiB or GiB" },
        { "hub:\n  ca: [a, b, c, d, e, f, g, h, i]\n",
          "t.yaml:2: hub.ca: \"i\" is one too many; 1 to 8 names of files" },
        { "device:\n  name: \"\"\n",
          "t.yaml:2: device.name: \"\" is empty; a text of 1 to 255 octets" },
        { "device:\n  name: \"a\\tb\"\n",
          "t.yaml:2: device.name: \"a?b\" holds a control character; a text of 1 to 255 octets" },
        { "device:\n  name: \"a\\0b\"\n",
          "t.yaml:2: device.name: holds a NUL character; a text of 1 to 255 octets" },
        { "device:\n  instance: 4194303\n",
          "t.yaml:2: device.instance: \"4194303\" is out of range; a whole number from 0 to "
          "4194302" },
        { OBJECTS "    - max: 1e39\n",
          "t.yaml:8: device.objects[0].max: \"1e39\" is out of range; a number, active or "
          "inactive" },
        { OBJECTS "    - { type: analog-value, instance: 1, value: 1e39 }\n",
          "t.yaml:8: device.objects[0].value: \"1e39\" is no value of an analog-value; a number" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
}

static void addresses_and_uris_are_checked_for_their_form(void **state)
{
    (void)state;
    static const char *const good[] = { "hub:\n  bind: \"[::1]:4443\"\n",
                                        "hub:\n  bind: hub.example:65535\n",
                                        "device:\n  hub-uri: wss://h\n",
                                        "device:\n  hub-uri: \"wss://[fe80::1%eth0]:443/a/b\"\n" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(good); i++) {
        struct loaded l;
        load(&l, good[i]);
        assert_string_equal(l.fault.text, "");
        done(&l);
    }
    static const char *const binds[] = { "4443",   "host", ":4443", "h:65536",
                                         "[::1:1", "h:1x", "[]:1",  "" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(binds); i++) {
        char yaml[64];
        struct loaded l;
        (void)snprintf(yaml, sizeof(yaml), "hub:\n  bind: '%s'\n", binds[i]);
        load(&l, yaml);
        assert_non_null(strstr(l.fault.text,
                               " is not an address with a port; ADDRESS:PORT, such as "
                               "0.0.0.0:4443 or [::1]:4443"));
        done(&l);
    }
    static const struct refusal uris[] = {
        { "device:\n  hub-uri: https://h\n",
          "t.yaml:2: device.hub-uri: \"https://h\" does not begin with wss://; "
          "wss://HOST[:PORT][/PATH]" },
        { "device:\n  hub-uri: wss://h:0/\n",
          "t.yaml:2: device.hub-uri: \"wss://h:0/\" is not a WebSocket URI; "
          "wss://HOST[:PORT][/PATH]" },
        { "device:\n  hub-uri: wss://\n", "t.yaml:2: device.hub-uri: \"wss://\" is not a "
                                          "WebSocket URI; wss://HOST[:PORT][/PATH]" },
        { "device:\n  hub-uri: \"wss://h/ a\"\n",
          "t.yaml:2: device.hub-uri: \"wss://h/ a\" is not a WebSocket URI; "
          "wss://HOST[:PORT][/PATH]" },
        { "device:\n  hub-uri: \"wss://h\\nx\"\n",
          "t.yaml:2: device.hub-uri: \"wss://h?x\" is not a WebSocket URI; "
          "wss://HOST[:PORT][/PATH]" },
    };
    refuses_all(uris, BAS_ARRAY_LEN(uris));
}

static void malformed_yaml_is_told_its_line(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { "", "t.yaml:1: YAML: the file is empty; a section hub, device or knx-server" },
        { "# nothing\n", "t.yaml:1: YAML: the file is empty; a section hub, device or knx-server" },
        { "- a\n",
          "t.yaml:1: YAML: the file is not a mapping; a section hub, device or knx-server" },
        { "hub:\n\tbind: a\n", "t.yaml:2: YAML: a tab stands in the indentation; spaces" },
        { "hub:\n  bind: h:1\n bad: x\n", "t.yaml:3: YAML: did not find expected key; check "
                                          "indentation, colons, brackets and quotes" },
        { "hub:\n  bind: \"a\n", "t.yaml:3: YAML: found unexpected end of stream; check "
                                 "indentation, colons, brackets and quotes" },
        { "hub:\n  ca: [a\n  key: b\n", "t.yaml:3: YAML: did not find expected ',' or ']'; check "
                                        "indentation, colons, brackets and quotes" },
        { "hub:\n  bind: \xff\n", "t.yaml:2: YAML: the text is not UTF-8; save the file as UTF-8 "
                                  "without control characters" },
        { HUB "---\n" HUB, "t.yaml:6: YAML: there is a second document; one to a file" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
}

static void anchors_aliases_and_tags_are_refused(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { "hub: &a\n  bind: x\n",
          "t.yaml:1: YAML: an anchor (&name) is not allowed here; write the value out" },
        { "hub:\n  bind: &a x\n",
          "t.yaml:2: YAML: an anchor (&name) is not allowed here; write the value out" },
        { "hub:\n  ca: &a [x]\n",
          "t.yaml:2: YAML: an anchor (&name) is not allowed here; write the value out" },
        { "hub:\n  bind: *a\n",
          "t.yaml:2: YAML: an alias (*name) is not allowed here; write the value out" },
        { "hub:\n  bind: !!str 5\n",
          "t.yaml:2: YAML: a tag (!name) is not allowed here; write the value out" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
}

static void an_object_allows_what_its_type_has(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { OBJECTS "    - instance: 1\n", "t.yaml:8: device.objects[0].type: is missing; an object "
                                         "type: analog-input, multi-state-value, file, ..." },
        { OBJECTS "    - type: analog-input\n",
          "t.yaml:8: device.objects[0].instance: is missing; a whole number from 0 to 4194302" },
        { OBJECTS "    - { type: analog-input, instance: 1, states: [a] }\n",
          "t.yaml:8: device.objects[0].states: an analog object has no states; leave it out" },
        { OBJECTS "    - { type: binary-input, instance: 1, states: [a] }\n",
          "t.yaml:8: device.objects[0].states: a binary object has two states; the inactive and "
          "active text" },
        { OBJECTS "    - { type: multi-state-input, instance: 1 }\n",
          "t.yaml:8: device.objects[0].states: is missing; a list with a text for each state" },
        { OBJECTS "    - { type: binary-input, instance: 1, units: percent }\n",
          "t.yaml:8: device.objects[0].units: only numbers have units; leave it out" },
        { OBJECTS "    - type: analog-output\n      instance: 1\n      commandable: true\n",
          "t.yaml:10: device.objects[0].commandable: inputs never are and outputs always are "
          "commandable; leave it out" },
        { OBJECTS "    - { type: analog-value, instance: 1, relinquish-default: 1 }\n",
          "t.yaml:8: device.objects[0].relinquish-default: only a commandable object has one; set "
          "commandable: true or leave it out" },
        { OBJECTS "    - { type: binary-input, instance: 1, value: 2 }\n",
          "t.yaml:8: device.objects[0].value: \"2\" is no value of a binary-input; active or "
          "inactive" },
        { OBJECTS "    - { type: multi-state-input, instance: 1, states: [a, b], value: 3 }\n",
          "t.yaml:8: device.objects[0].value: is no state of the object; a whole number from 1 to "
          "2" },
        { OBJECTS "    - { type: multi-state-value, instance: 1, states: [a, b], value: 1.5 }\n",
          "t.yaml:8: device.objects[0].value: \"1.5\" is no value of a multi-state-value; the "
          "number "
          "of a state" },
        { OBJECTS "    - { type: analog-input, instance: 1, units: celsius }\n",
          "t.yaml:8: device.objects[0].units: \"celsius\" are no BACnet engineering units; "
          "degrees-celsius, percent, ..." },
        { OBJECTS "    - { type: file, instance: 1, value: 1 }\n",
          "t.yaml:8: device.objects[0].value: objects of this type have no value; leave it out" },
        { OBJECTS "    - { type: date-value, instance: 1, value: 2026-02-30 }\n",
          "t.yaml:8: device.objects[0].value: \"2026-02-30\" is no value of a date-value; a date "
          "such "
          "as 2026-10-12" },
        { OBJECTS "    - { type: date-value, instance: 1, value: \"*-02-28\" }\n",
          "t.yaml:8: device.objects[0].value: \"*-02-28\" is no value of a date-value; a date such "
          "as 2026-10-12" },
        { OBJECTS "    - { type: analog-input, instance: 1, min: 1 }\n",
          "t.yaml:8: device.objects[0].min: min and max come together" },
        { OBJECTS "    - { type: analog-input, instance: 1, min: 2, max: 1 }\n",
          "t.yaml:8: device.objects[0].max: is below min" },
        { OBJECTS "    - { type: analog-input, instance: 1, cov-increment: -1 }\n",
          "t.yaml:8: device.objects[0].cov-increment: is below 0; a number from 0 on" },
        { OBJECTS "    - { type: analog-input, instance: 1, read-only: true }\n",
          "t.yaml:8: device.objects[0].read-only: inputs cannot be written, and what is "
          "commandable "
          "can; leave it out" },
        { OBJECTS "    - { type: analog-input, instance: 1, value: sine 1 2 }\n",
          "t.yaml:8: device.objects[0].value: \"sine 1 2\" has no such period; sine LOW HIGH "
          "PERIOD, "
          "PERIOD from 100ms to 8760h" },
        { OBJECTS "    - { type: octetstring-value, instance: 1, simulate: toggle 5s }\n",
          "t.yaml:8: device.objects[0].simulate: only numbers, binary and multi-state objects can "
          "be "
          "simulated; leave it out" },
        { OBJECTS "    - { type: notification-class, instance: 1, priorities: [1, 2, 300] }\n",
          "t.yaml:8: device.objects[0].priorities: are not three numbers from 0 to 255" },
        { OBJECTS "    - { type: structured-view, instance: 1, subordinates: [fan] }\n",
          "t.yaml:8: device.objects[0].subordinates: \"fan\" names no object; TYPE,INSTANCE or "
          "DEVICE/TYPE,INSTANCE, and behind a blank an annotation" },
        { OBJECTS "    - { type: analog-input, instance: 1 }\n"
                  "    - { type: analog-output, instance: 1 }\n"
                  "    - { type: analog-input, instance: 1 }\n",
          "t.yaml:10: device.objects[2].instance: this type has a 1 in line 8 already; a number of "
          "its own" },
        { OBJECTS "    - { type: analog-input, instance: 1, name: x }\n"
                  "    - { type: analog-input, instance: 2, name: x }\n",
          "t.yaml:9: device.objects[1].name: \"x\" is the name of the object in line 8; a name of "
          "its own" },
    };
    refuses_all(rows, BAS_ARRAY_LEN(rows));
}

static void counts_and_sizes_are_bounded(void **state)
{
    (void)state;
    static char yaml[BAS_CONFIG_MAX_FILE + 2];
    size_t n = (size_t)snprintf(yaml, sizeof(yaml), "%s", OBJECTS);
    for (unsigned i = 0; i <= BAS_CONFIG_MAX_OBJECTS; i++) {
        n += (size_t)snprintf(yaml + n, sizeof(yaml) - n,
                              "    - { type: analog-input, instance: %u }\n", i);
    }
    refuses(yaml, "t.yaml:4104: device.objects: has too many objects; at most 4096");

    n = (size_t)snprintf(yaml, sizeof(yaml), "%s",
                         OBJECTS "    - { type: multi-state-input, instance: 1, states: [");
    for (unsigned i = 0; i <= BAS_CONFIG_MAX_STATES; i++) {
        n += (size_t)snprintf(yaml + n, sizeof(yaml) - n, "s%u, ", i);
    }
    (void)snprintf(yaml + n, sizeof(yaml) - n, "] }\n");
    refuses(yaml, "t.yaml:8: device.objects[0].states: \"s64\" is one too many; a list of 1 to 64 "
                  "texts, each up to 255 octets");

    memset(yaml, '#', sizeof(yaml) - 1);
    yaml[sizeof(yaml) - 1] = 0;
    refuses(yaml, "t.yaml: is longer than 4194304 octets; name another file");

    memset(yaml, '[', 100000); /* deep nesting ends at the first level that no row has */
    yaml[100000] = 0;
    refuses(yaml, "t.yaml:1: YAML: the file is not a mapping; a section hub, device or knx-server");

    memset(yaml, 'x', sizeof("device:\n  name: ") + 300);
    memcpy(yaml, "device:\n  name: ", sizeof("device:\n  name: ") - 1);
    yaml[sizeof("device:\n  name: ") + 300] = 0;
    refuses(yaml, "t.yaml:2: device.name: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\" is too "
                  "long; a text of 1 to 255 octets");
}

static void a_file_that_cannot_be_read_is_named_with_the_reason(void **state)
{
    (void)state;
    struct loaded l;
    load_file(&l, "none.yaml");
    assert_int_equal(l.err, BAS_ERR_NOT_FOUND);
    assert_string_equal(l.fault.text,
                        "none.yaml: cannot be opened: No such file or directory; check the name");
    done(&l);
    test_folder_make("folder");
    load_file(&l, "folder");
    assert_int_equal(l.err, BAS_ERR_IO);
    assert_string_equal(l.fault.text,
                        "folder: cannot be read: Is a directory; name a file, not a folder");
    done(&l);
}

static void what_a_section_needs_is_named_when_it_is_missing(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, "hub:\n  bind: 127.0.0.1:0\n");
    assert_int_equal(l.err, BAS_OK);
    assert_int_equal(bas_config_check(l.config, BAS_SECTION_HUB, &l.fault), BAS_ERR_CONFIG);
    assert_string_equal(l.fault.text,
                        "hub.ca: is missing; give PEM files of the issuers whose certificates are "
                        "accepted (1 to 8 names of files)");
    assert_int_equal(bas_config_check(l.config, BAS_SECTION_DEVICE, &l.fault), BAS_ERR_CONFIG);
    assert_string_equal(l.fault.text,
                        "device.instance: is missing; give instance number of the Device object (a "
                        "whole number from 0 to 4194302)");
    done(&l);
}

static void a_program_sets_keys_by_name_with_the_same_checks(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, HUB);
    assert_int_equal(
        bas_config_set(l.config, BAS_SECTION_HUB, "bind", "--bind", "[::]:1", &l.fault), BAS_OK);
    assert_string_equal(bas_config_hub(l.config)->bind, "[::]:1");
    assert_int_equal(
        bas_config_set(l.config, BAS_SECTION_DEVICE, "instance", "--instance", "x", &l.fault),
        BAS_ERR_CONFIG);
    assert_string_equal(l.fault.text, "--instance: \"x\" is not a whole number; a whole number "
                                      "from 0 to 4194302");
    assert_int_equal(bas_config_set(l.config, BAS_SECTION_HUB, "colour", "--colour", "x", &l.fault),
                     BAS_ERR_NOT_FOUND);
    done(&l);
}

static void dump(const char *yaml, char *text, size_t cap)
{
    struct loaded l;
    load(&l, yaml);
    assert_string_equal(l.fault.text, "");
    struct bas_buf out;
    bas_buf_init(&out, text, cap);
    bas_config_dump(l.config, BAS_SECTION_HUB, &out);
    bas_config_dump(l.config, BAS_SECTION_DEVICE, &out);
    assert_false(out.full);
    (void)bas_buf_text(&out);
    done(&l);
}

static void a_dump_loads_again_to_the_same_dump(void **state)
{
    (void)state;
    static char first[65536];
    static char second[65536];
    dump(HUB "  vmac: 22:34:56:78:9a:bc\n  connect-wait: 0.25\n" OBJECTS
             "    - { type: analog-input, instance: 1, name: \"q\\\"\xc3\xa4\", value: 0.1 }\n"
             "    - { type: binary-value, instance: 2, states: [a, \"b: c\"], value: active }\n"
             "    - { type: file, instance: 1, access: records, max-size: 1 KiB }\n"
             "    - { type: notification-class, instance: 1, priorities: [1, 2, 3],"
             " ack-required: [to-fault] }\n"
             "    - { type: structured-view, instance: 1, node-type: room,"
             " subordinates: [\"7/ai,1 Supply\"] }\n"
             "    - { type: datetime-pattern-value, instance: 1, value: \"*-12-25 *:00\" }\n",
         first, sizeof(first));
    dump(first, second, sizeof(second));
    assert_string_equal(first, second);
    assert_non_null(strstr(first, "  connect-wait: 0.25\n"));
    assert_non_null(strstr(first, "  # key-log:\n"));
    assert_non_null(strstr(first, "      states: [\"a\",\"b: c\"]\n"));
}

static void every_row_is_told_with_help_and_what_it_allows(void **state)
{
    (void)state;
    size_t rows = 0;
    for (int s = BAS_SECTION_HUB; s < BAS_SECTIONS; s++) {
        struct bas_config_key key;
        for (size_t n = 0; bas_config_key((enum bas_section)s, n, &key); n++, rows++) {
            assert_true(strlen(key.help) > 5 && strlen(key.allowed) > 5);
            assert_true(strlen(key.allowed) + 1 < sizeof(key.allowed));
            assert_false(key.is_required && key.fallback != NULL);
        }
    }
    assert_true(rows > 50);
}

static void running_out_of_memory_at_any_point_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    test_folder_write("t.yaml", OBJECTS "    - { type: multi-state-value, instance: 1, "
                                        "states: [a, b], description: d }\n");
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
    assert_true(k > 10);
}

static void every_truncation_and_random_octets_end_in_a_verdict(void **state)
{
    (void)state;
    static const char whole[] =
        OBJECTS "    - { type: binary-value, instance: 2, states: [a, b] }\n" HUB;
    struct test_env t;
    test_env_init(&t);
    for (size_t n = 0; n < sizeof(whole) + 200; n++) {
        char text[sizeof(whole)];
        memcpy(text, whole, sizeof(whole));
        text[n < sizeof(whole) ? n : sizeof(whole) - 1] = 0;
        if (n >= sizeof(whole)) { /* one octet changed */
            uint8_t change[3];
            t.env.random(t.env.ctx, change, sizeof(change));
            text[(change[0] * 256U + change[1]) % (sizeof(whole) - 1)] = (char)(change[2] | 1);
        }
        struct loaded l;
        load(&l, text);
        assert_true(l.err == BAS_OK || l.err == BAS_ERR_CONFIG);
        assert_true(l.err == BAS_OK || strncmp(l.fault.text, "t.yaml:", 7) == 0);
        done(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hub_section_lands_in_the_structs_of_tls_and_hub),
        cmocka_unit_test(what_is_not_set_has_the_default_of_its_row),
        cmocka_unit_test(a_device_section_carries_its_objects),
        cmocka_unit_test(file_names_are_relative_to_the_folder_of_the_file),
        cmocka_unit_test(an_unknown_or_repeated_key_is_named_with_its_line),
        cmocka_unit_test(a_value_of_the_wrong_type_is_told_what_is_allowed),
        cmocka_unit_test(a_value_out_of_range_is_told_the_range),
        cmocka_unit_test(addresses_and_uris_are_checked_for_their_form),
        cmocka_unit_test(malformed_yaml_is_told_its_line),
        cmocka_unit_test(anchors_aliases_and_tags_are_refused),
        cmocka_unit_test(an_object_allows_what_its_type_has),
        cmocka_unit_test(counts_and_sizes_are_bounded),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named_with_the_reason),
        cmocka_unit_test(what_a_section_needs_is_named_when_it_is_missing),
        cmocka_unit_test(a_program_sets_keys_by_name_with_the_same_checks),
        cmocka_unit_test(a_dump_loads_again_to_the_same_dump),
        cmocka_unit_test(every_row_is_told_with_help_and_what_it_allows),
        cmocka_unit_test(running_out_of_memory_at_any_point_is_an_error_and_leaks_nothing),
        cmocka_unit_test(every_truncation_and_random_octets_end_in_a_verdict),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
