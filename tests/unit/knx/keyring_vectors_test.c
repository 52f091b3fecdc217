/* The keyring vectors of tests/vectors/knx-vectors.json over real files, which live beside this
 * tree (BASALT_SHARED): all of it is skipped where they are not.. */
#include "test_env.h"

#include "keyring_fixture.h"

#include "knx/keyring/crypto.h"

#include <jansson.h>

static const char *folder(const char *variable)
{
    const char *path = getenv(variable);
    return path == NULL ? "" : path;
}

/* The octets of a shared file, to be freed; NULL where there is none. */
static char *load(const char *name, size_t *len)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/data/%s", folder("BASALT_SHARED"), name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    char *octets = calloc(1, 1 << 20);
    assert_non_null(octets);
    *len = fread(octets, 1, 1 << 20, file);
    (void)fclose(file);
    return octets;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* Fields that are null or missing are absent in the file. */

static void assert_ia(const json_t *object, const char *key, knx_ia ia)
{
    knx_ia wanted = 0;
    const char *text = text_of(object, key);
    assert_true(text == NULL || knx_ia_parse(text, &wanted));
    assert_int_equal(ia, wanted);
}

static void assert_number(const json_t *object, const char *key, uint64_t value)
{
    const json_t *wanted = json_object_get(object, key);
    assert_true(value == (uint64_t)json_integer_value(wanted));
}

static void assert_octets(const json_t *object, const char *key, bool has, const uint8_t *octets,
                          size_t len)
{
    const char *text = text_of(object, key);
    assert_int_equal(has, text != NULL);
    if (has) {
        struct bas_slice wanted = test_hex(text);
        assert_int_equal(wanted.len, len);
        assert_memory_equal(octets, wanted.data, len);
    }
}

static void check_groups(const json_t *wanted, const struct knx_keyring_interface *interface)
{
    size_t i = 0;
    const char *name = NULL;
    json_t *senders = NULL;
    assert_int_equal(json_object_size(wanted), interface->n_groups);
    json_object_foreach((json_t *)(uintptr_t)wanted, name, senders)
    {
        const struct knx_keyring_group *group = NULL;
        knx_ga ga = 0;
        assert_true(knx_ga_parse(name, &ga));
        for (i = 0; i < interface->n_groups; i++) {
            group = interface->groups[i].group == ga ? &interface->groups[i] : group;
        }
        if (group == NULL) {
            fail_msg("no group %s", name);
            return;
        }
        assert_int_equal(json_array_size(senders), group->n_senders);
        for (i = 0; i < group->n_senders; i++) {
            char text[KNX_ADDRESS_TEXT];
            assert_string_equal(json_string_value(json_array_get(senders, i)),
                                knx_ia_text(group->senders[i], text));
        }
    }
}

static void check_interfaces(const json_t *wanted, const struct knx_keyring *keyring)
{
    static const char *const types[] = { "Tunneling", "USB", "Backbone" };
    assert_int_equal(json_array_size(wanted), keyring->n_interfaces);
    for (size_t i = 0; i < keyring->n_interfaces; i++) {
        const struct knx_keyring_interface *interface = &keyring->interfaces[i];
        const json_t *row = json_array_get(wanted, i);
        assert_string_equal(text_of(row, "type"), types[interface->type]);
        assert_ia(row, "ia", interface->address);
        assert_ia(row, "host", interface->host);
        assert_number(row, "user_id", interface->user);
        assert_password(&interface->password, text_of(row, "password"));
        assert_password(&interface->authentication, text_of(row, "authentication"));
        check_groups(json_object_get(row, "groups"), interface);
    }
}

static void check_devices(const json_t *wanted, const struct knx_keyring *keyring)
{
    assert_int_equal(json_array_size(wanted), keyring->n_devices);
    for (size_t i = 0; i < keyring->n_devices; i++) {
        const struct knx_keyring_device *device = &keyring->devices[i];
        const json_t *row = json_array_get(wanted, i);
        assert_ia(row, "ia", device->address);
        assert_octets(row, "tool_key", device->has_tool_key, device->tool_key.octets, KNX_KEY_LEN);
        assert_password(&device->management, text_of(row, "management_password"));
        assert_password(&device->authentication, text_of(row, "authentication"));
        assert_number(row, "sequence_number", device->sequence);
    }
}

static void check_keys(const json_t *wanted, const struct knx_keyring *keyring)
{
    assert_int_equal(json_object_size(wanted), keyring->n_groups);
    for (size_t i = 0; i < keyring->n_groups; i++) {
        char text[KNX_ADDRESS_TEXT];
        const char *name = knx_ga_text(keyring->groups[i].group, text);
        assert_octets(wanted, name, true, keyring->groups[i].key.octets, KNX_KEY_LEN);
    }
}

static void check_backbone(const json_t *wanted, const struct knx_keyring *keyring)
{
    assert_int_equal(keyring->n_backbones, json_is_object(wanted) ? 1 : 0);
    if (keyring->n_backbones == 1) {
        const struct knx_keyring_backbone *backbone = &keyring->backbones[0];
        char text[20];
        (void)snprintf(text, sizeof(text), "%u.%u.%u.%u", backbone->multicast[0],
                       backbone->multicast[1], backbone->multicast[2], backbone->multicast[3]);
        assert_string_equal(text_of(wanted, "multicast"), text);
        assert_number(wanted, "latency", backbone->latency_ms);
        assert_octets(wanted, "key", backbone->has_key, backbone->key.octets, KNX_KEY_LEN);
    }
}

static void check_expectation(const json_t *expect, const struct knx_keyring *keyring,
                              const struct knx_key *key)
{
    struct knx_keyring_cipher cipher;
    size_t i = 0;
    if (json_object_size(expect) == 1) {
        return; /* the signature alone */
    }
    knx_keyring_cipher_init(&cipher, key, keyring->created);
    assert_octets(expect, "keyring_key", true, cipher.key.octets, KNX_KEY_LEN);
    assert_octets(expect, "iv", true, cipher.iv, sizeof(cipher.iv));
    assert_string_equal(text_of(expect, "created"), keyring->created);
    check_interfaces(json_object_get(expect, "interfaces"), keyring);
    check_keys(json_object_get(expect, "group_keys"), keyring);
    check_devices(json_object_get(expect, "devices"), keyring);
    check_backbone(json_object_get(expect, "backbone"), keyring);
    /* No field is left that nobody looked at. */
    static const char *const known[] = { "signature_ok", "keyring_key", "iv",      "created",
                                         "interfaces",   "group_keys",  "devices", "backbone" };
    for (size_t n = 0; n < BAS_ARRAY_LEN(known); n++) {
        i += json_object_get(expect, known[n]) != NULL;
    }
    assert_int_equal(i, json_object_size(expect));
}

static void check_vector(const json_t *vector)
{
    const json_t *input = json_object_get(vector, "input");
    const json_t *expect = json_object_get(vector, "expect");
    const char *password = text_of(input, "password");
    const struct knx_key *key = key_of(password == NULL ? "any" : password);
    bool is_good = json_is_true(json_object_get(expect, "signature_ok"));
    bas_err wanted = is_good ? BAS_OK : text_of(expect, "result") ? BAS_ERR_MALFORMED : BAS_ERR_KEY;
    struct test_env t;
    struct knx_keyring *keyring = NULL;
    struct bas_fault fault = { 0 };
    size_t len = 0;
    test_env_init(&t);
    char *octets = load(text_of(input, "file"), &len);
    if (octets == NULL) {
        fail_msg("%s is not in %s/data", text_of(input, "file"), folder("BASALT_SHARED"));
        return;
    }
    bas_err err = knx_keyring_read(&t.env, (struct bas_slice){ (uint8_t *)octets, len }, key, false,
                                   &keyring, &fault);
    if (err != wanted) {
        fail_msg("%s: %s: %s", text_of(vector, "id"), text_of(vector, "title"), fault.text);
    }
    if (keyring != NULL) {
        check_expectation(expect, keyring, key);
    }
    knx_keyring_free(keyring);
    free(octets);
    test_env_check(&t);
}

static size_t check_group(const char *group)
{
    char path[512];
    size_t i = 0;
    size_t n = 0;
    json_error_t error;
    json_t *vector = NULL;
    (void)snprintf(path, sizeof(path), "%s/knx-vectors.json", folder("BASALT_VECTORS"));
    json_t *root = json_load_file(path, 0, &error);
    assert_non_null(root);
    json_array_foreach(json_object_get(root, "vectors"), i, vector)
    {
        if (strcmp(text_of(vector, "group"), group) == 0) {
            check_vector(vector);
            n++;
        }
    }
    json_decref(root);
    return n;
}

static void all_keyrings_come_out_field_by_field(void **state)
{
    (void)state;
    assert_int_equal(check_group("keyring"), 12);
}

static void all_bad_keyrings_are_refused(void **state)
{
    (void)state;
    assert_int_equal(check_group("keyring-neg"), 10);
}

int main(void)
{
    if (!test_has_shared("data/keyring.knxkeys")) {
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_keyrings_come_out_field_by_field),
        cmocka_unit_test(all_bad_keyrings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
