#include "test_env.h"

#include "keyring_fixture.h"

enum { ROOM = 1 << 20 };

static const char created[] = "2026-11-21T05:00:00";

struct writer {
    struct test_env t;
    struct bas_buf out;
    uint8_t room[ROOM];
    struct bas_fault fault;
};

static struct writer *writer_new(void)
{
    struct writer *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    test_env_init(&w->t);
    bas_buf_init(&w->out, w->room, ROOM);
    return w;
}

static void writer_free(struct writer *w)
{
    test_env_check(&w->t);
    free(w);
}

/* Writes and reads back, signature checked. */
static struct knx_keyring *through(struct writer *w, const struct knx_keyring *keyring)
{
    struct knx_keyring *back = NULL;
    bas_buf_init(&w->out, w->room, ROOM);
    if (knx_keyring_write(&w->t.env, keyring, key_of(KEYRING_PASSWORD), &w->out, &w->fault) !=
            BAS_OK ||
        knx_keyring_read(&w->t.env, (struct bas_slice){ w->out.data, w->out.len },
                         key_of(KEYRING_PASSWORD), false, &back, &w->fault) != BAS_OK) {
        fail_msg("%s", w->fault.text);
    }
    assert_true(back->is_verified);
    return back;
}

static void assert_same_password(const struct knx_password *a, const struct knx_password *b)
{
    assert_int_equal(a->is_set, b->is_set);
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->octets, b->octets, a->len);
}

static void assert_same_interfaces(const struct knx_keyring *a, const struct knx_keyring *b)
{
    assert_int_equal(a->n_interfaces, b->n_interfaces);
    for (size_t i = 0; i < a->n_interfaces; i++) {
        const struct knx_keyring_interface *x = &a->interfaces[i];
        const struct knx_keyring_interface *y = &b->interfaces[i];
        assert_int_equal(x->type, y->type);
        assert_int_equal(x->address, y->address);
        assert_int_equal(x->host, y->host);
        assert_int_equal(x->user, y->user);
        assert_same_password(&x->password, &y->password);
        assert_same_password(&x->authentication, &y->authentication);
        assert_int_equal(x->n_groups, y->n_groups);
        for (size_t j = 0; j < x->n_groups; j++) {
            assert_int_equal(x->groups[j].group, y->groups[j].group);
            assert_int_equal(x->groups[j].n_senders, y->groups[j].n_senders);
            for (size_t k = 0; k < x->groups[j].n_senders; k++) {
                assert_int_equal(x->groups[j].senders[k], y->groups[j].senders[k]);
            }
        }
    }
}

static void assert_same_devices(const struct knx_keyring *a, const struct knx_keyring *b)
{
    assert_int_equal(a->n_devices, b->n_devices);
    for (size_t i = 0; i < a->n_devices; i++) {
        const struct knx_keyring_device *x = &a->devices[i];
        const struct knx_keyring_device *y = &b->devices[i];
        assert_int_equal(x->address, y->address);
        assert_int_equal(x->has_tool_key, y->has_tool_key);
        assert_int_equal(x->has_fdsk, y->has_fdsk);
        assert_int_equal(x->has_serial, y->has_serial);
        assert_memory_equal(&x->tool_key, &y->tool_key, KNX_KEY_LEN);
        assert_memory_equal(&x->fdsk, &y->fdsk, KNX_KEY_LEN);
        assert_memory_equal(x->serial, y->serial, KNX_SERIAL_LEN);
        assert_same_password(&x->management, &y->management);
        assert_same_password(&x->authentication, &y->authentication);
        assert_true(x->sequence == y->sequence);
    }
}

static void assert_same(const struct knx_keyring *a, const struct knx_keyring *b)
{
    assert_string_equal(a->project, b->project);
    assert_string_equal(a->created_by, b->created_by);
    assert_string_equal(a->created, b->created);
    assert_int_equal(a->n_backbones, b->n_backbones);
    for (size_t i = 0; i < a->n_backbones; i++) {
        assert_memory_equal(a->backbones[i].multicast, b->backbones[i].multicast, 4);
        assert_int_equal(a->backbones[i].latency_ms, b->backbones[i].latency_ms);
        assert_int_equal(a->backbones[i].has_key, b->backbones[i].has_key);
        assert_memory_equal(&a->backbones[i].key, &b->backbones[i].key, KNX_KEY_LEN);
    }
    assert_int_equal(a->n_groups, b->n_groups);
    for (size_t i = 0; i < a->n_groups; i++) {
        assert_int_equal(a->groups[i].group, b->groups[i].group);
        assert_memory_equal(&a->groups[i].key, &b->groups[i].key, KNX_KEY_LEN);
    }
    assert_same_interfaces(a, b);
    assert_same_devices(a, b);
}

static void a_keyring_that_was_read_is_written_with_the_same_values(void **state)
{
    (void)state;
    struct writer *w = writer_new();
    struct knx_keyring *first = NULL;
    assert_int_equal(knx_keyring_read(&w->t.env, text_slice(keyring_text), key_of(KEYRING_PASSWORD),
                                      false, &first, NULL),
                     BAS_OK);
    struct knx_keyring *second = through(w, first);
    assert_same(first, second);
    knx_keyring_free(first);
    knx_keyring_free(second);
    writer_free(w);
}

static void an_empty_keyring_is_one(void **state)
{
    (void)state;
    struct writer *w = writer_new();
    const struct knx_keyring keyring = { .created = created };
    struct knx_keyring *back = through(w, &keyring);
    assert_string_equal(back->project, "");
    assert_int_equal(back->n_interfaces + back->n_groups + back->n_devices + back->n_backbones, 0);
    knx_keyring_free(back);
    writer_free(w);
}

static void texts_of_any_length_and_character_keep_the_signature(void **state)
{
    (void)state;
    static const size_t lengths[] = {
        0, 1, 126, 127, 128, 129, 255, 256, 300, 16383, 16384, 70000
    };
    static const char *const characters[] = { "x",  "\xC3\xA4", "&", "\t", "\r",
                                              "\n", "\"",       "'", "<",  "\xF0\x9F\x94\x91" };
    struct writer *w = writer_new();
    char *text = calloc(1, 400000);
    assert_non_null(text);
    for (size_t i = 0; i < BAS_ARRAY_LEN(lengths); i++) {
        for (size_t k = 0; k < BAS_ARRAY_LEN(characters); k++) {
            size_t step = strlen(characters[k]);
            for (size_t n = 0; n < lengths[i]; n++) {
                memcpy(text + n * step, characters[k], step + 1);
            }
            const struct knx_keyring keyring = { .project = lengths[i] == 0 ? "" : text,
                                                 .created_by = "basalt",
                                                 .created = created };
            struct knx_keyring *back = through(w, &keyring);
            assert_string_equal(back->project, keyring.project);
            knx_keyring_free(back);
        }
    }
    free(text);
    writer_free(w);
}

/* Lengths as one octet each: what other programs sign. Values of 127, 128, 255, 256 and 300
 * characters; computed with Python's hashlib. */
static void signatures_of_long_values_verify_in_either_reading(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *signatures[2]; /* of groups of 7 bits, of one octet */
    } rows[] = {
        { 127, { "M0tXfjihPDd346fPaVYg3A==", "M0tXfjihPDd346fPaVYg3A==" } },
        { 128, { "rl2efOv5uPyFUw4uTTzB7A==", "5xNW2QfiqFDWL1odwCA4Fg==" } },
        { 255, { "JOmuQ5GsGFvmf35XyGE2gg==", "1nDUOHyTsvH+OGcyv6O5Pg==" } },
        { 256, { "PRjR6OSs4k8PlsOYvN1CPg==", "G39kQu7N77p5t4lP2ulwZQ==" } },
        { 300, { "kMybDWK8XBFyn1qDrkQ5Ew==", "Fl8JefJSYQ/fXVHKDJUalg==" } },
    };
    struct test_env t;
    test_env_init(&t);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < 2; k++) {
            char project[400] = "";
            char text[800];
            struct knx_keyring *keyring = NULL;
            memset(project, 'x', rows[i].len);
            (void)snprintf(text, sizeof(text),
                           "<Keyring Created='2026-11-21T05:00:00' Project='%s' Signature='%s'/>",
                           project, rows[i].signatures[k]);
            assert_int_equal(knx_keyring_read(&t.env, text_slice(text), key_of(KEYRING_PASSWORD),
                                              false, &keyring, NULL),
                             BAS_OK);
            knx_keyring_free(keyring);
        }
    }
    test_env_check(&t);
}

static void passwords_of_every_length_come_back(void **state)
{
    (void)state;
    struct writer *w = writer_new();
    for (unsigned len = 0; len <= KNX_KEYRING_MAX_PASSWORD; len++) {
        struct knx_keyring_device device = { .address = 0x1101 };
        device.management.is_set = true;
        device.management.len = (uint8_t)len;
        for (unsigned i = 0; i < len; i++) {
            device.management.octets[i] = (uint8_t)(255 - i);
        }
        const struct knx_keyring keyring = { .created = created,
                                             .devices = &device,
                                             .n_devices = 1 };
        struct knx_keyring *back = through(w, &keyring);
        assert_same_password(&back->devices[0].management, &device.management);
        knx_keyring_free(back);
    }
    writer_free(w);
}

static void equal_passwords_look_different(void **state)
{
    (void)state;
    struct writer *w = writer_new();
    const struct knx_password same = { true, 3, "lab" };
    const struct knx_keyring_device devices[2] = { { .address = 1, .management = same },
                                                   { .address = 1, .management = same } };
    const struct knx_keyring keyring = { .created = created, .devices = devices, .n_devices = 2 };
    knx_keyring_free(through(w, &keyring));
    const char *first = strstr(bas_buf_text(&w->out), "ManagementPassword=");
    assert_non_null(first);
    const char *second = strstr(first + 1, "ManagementPassword=");
    assert_non_null(second);
    assert_memory_not_equal(first, second, 60);
    assert_null(strstr((const char *)w->out.data, "lab"));
    writer_free(w);
}

static void what_a_keyring_cannot_hold_is_refused(void **state)
{
    (void)state;
    static const struct knx_group_key no_group = { 0, { { 0 } } };
    static const struct knx_keyring_device too_high = { .address = 1,
                                                        .sequence = KNX_COUNTER_MAX + 1 };
    static const struct knx_keyring_device too_long = { .address = 1,
                                                        .management = { true, 65, "" } };
    static const struct knx_keyring_interface user = { .address = 1, .user = 128 };
    static const struct {
        struct knx_keyring keyring;
        const char *why;
    } rows[] = {
        { { .created = NULL }, "Created is not of the form" },
        { { .created = "2026-11-21 05:00:00" }, "Created is not of the form" },
        { { .created = "2026-11-21T05:00:00Z" }, "Created is not of the form" },
        { { .created = created, .project = "\x01" }, "Project has a character" },
        { { .created = created, .project = "\xC3" }, "Project has a character" },
        { { .created = created, .project = "\xC0\x80" }, "Project has a character" },
        { { .created = created, .project = "\xED\xA0\x80" }, "Project has a character" },
        { { .created = created, .project = "\xEF\xBF\xBF" }, "Project has a character" },
        { { .created = created, .project = "\xF4\x90\x80\x80" }, "Project has a character" },
        { { .created = created, .created_by = "\xFF" }, "CreatedBy has a character" },
        { { .created = created, .groups = &no_group, .n_groups = 1 }, "Address of Group is not" },
        { { .created = created, .devices = &too_high, .n_devices = 1 },
          "SequenceNumber of Device" },
        { { .created = created, .devices = &too_long, .n_devices = 1 }, "ManagementPassword of" },
        { { .created = created, .interfaces = &user, .n_interfaces = 1 },
          "UserID of Interface is" },
    };
    struct writer *w = writer_new();
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        assert_int_equal(knx_keyring_write(&w->t.env, &rows[i].keyring, key_of(KEYRING_PASSWORD),
                                           &w->out, &w->fault),
                         BAS_ERR_INVALID);
        if (strstr(w->fault.text, rows[i].why) == NULL) {
            fail_msg("\"%s\" is not \"%s\"", w->fault.text, rows[i].why);
        }
    }
    writer_free(w);
}

static void a_memory_that_is_too_small_is_told_and_not_left(void **state)
{
    (void)state;
    struct writer *w = writer_new();
    struct knx_keyring *keyring = NULL;
    assert_int_equal(knx_keyring_read(&w->t.env, text_slice(keyring_text), key_of(KEYRING_PASSWORD),
                                      false, &keyring, NULL),
                     BAS_OK);
    knx_keyring_free(through(w, keyring));
    size_t whole = w->out.len;
    for (size_t cap = 0; cap <= whole + 1; cap += cap < 400 || cap > whole - 40 ? 1 : 13) {
        uint8_t *exact = malloc(cap + 1);
        struct bas_buf out;
        assert_non_null(exact);
        exact[cap] = 0xEE;
        bas_buf_init(&out, exact, cap);
        /* One octet more than the file: the formatting ends in a zero that is not kept. */
        assert_int_equal(
            knx_keyring_write(&w->t.env, keyring, key_of(KEYRING_PASSWORD), &out, &w->fault),
            cap <= whole ? BAS_ERR_TOO_LONG : BAS_OK);
        assert_int_equal(exact[cap], 0xEE);
        free(exact);
    }
    knx_keyring_free(keyring);
    writer_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_keyring_that_was_read_is_written_with_the_same_values),
        cmocka_unit_test(an_empty_keyring_is_one),
        cmocka_unit_test(texts_of_any_length_and_character_keep_the_signature),
        cmocka_unit_test(signatures_of_long_values_verify_in_either_reading),
        cmocka_unit_test(passwords_of_every_length_come_back),
        cmocka_unit_test(equal_passwords_look_different),
        cmocka_unit_test(what_a_keyring_cannot_hold_is_refused),
        cmocka_unit_test(a_memory_that_is_too_small_is_told_and_not_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
