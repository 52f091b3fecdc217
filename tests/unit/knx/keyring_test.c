/* Also keyring/list.c, keyring/row.c, keyring/sign.c, keyring/value.c and keyring/find.c: a keyring
 * is read through all of them. */
#include "test_env.h"

#include "keyring_fixture.h"

static struct knx_keyring *read_good(struct test_env *t, const char *text)
{
    struct knx_keyring *keyring = NULL;
    struct bas_fault fault = { 0 };
    bas_err err = knx_keyring_read(&t->env, text_slice(text), key_of(KEYRING_PASSWORD), false,
                                   &keyring, &fault);
    if (err != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    assert_non_null(keyring);
    assert_true(keyring->is_verified);
    return keyring;
}

/* Reads text, which is refused with a fault that has why in it. */
static void assert_refused(const char *text, bool ignore_signature, bas_err wanted, const char *why)
{
    struct test_env t;
    struct knx_keyring *keyring = NULL;
    struct bas_fault fault = { 0 };
    test_env_init(&t);
    bas_err err = knx_keyring_read(&t.env, text_slice(text), key_of(KEYRING_PASSWORD),
                                   ignore_signature, &keyring, &fault);
    if (err != wanted || strstr(fault.text, why) == NULL) {
        fail_msg("\"%s\" is not \"%s\"", fault.text, why);
    }
    assert_int_equal(fault.err, wanted);
    assert_null(keyring);
    test_env_check(&t);
}

/* The same for the fixture with one change, its signature ignored. */
static void assert_change_refused(const char *old, const char *new, bas_err wanted, const char *why)
{
    char *text = with(keyring_text, old, new);
    assert_refused(text, true, wanted, why);
    free(text);
}

static void assert_change_accepted(const char *old, const char *new)
{
    struct test_env t;
    struct knx_keyring *keyring = NULL;
    struct bas_fault fault = { 0 };
    char *text = with(keyring_text, old, new);
    test_env_init(&t);
    assert_int_equal(knx_keyring_read(&t.env, text_slice(text), key_of(KEYRING_PASSWORD), true,
                                      &keyring, &fault),
                     BAS_OK);
    assert_false(keyring->is_verified);
    knx_keyring_free(keyring);
    free(text);
    test_env_check(&t);
}

static void texts_and_backbone_come_out(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct knx_keyring *keyring = read_good(&t, keyring_text);
    assert_string_equal(keyring->project, "Haus \xC3\xA4 & <1>");
    assert_string_equal(keyring->created_by, "lab");
    assert_string_equal(keyring->created, "2026-11-21T05:00:00");
    assert_int_equal(keyring->n_backbones, 1);
    assert_memory_equal(keyring->backbones[0].multicast, "\xE0\x00\x17\x0C", 4);
    assert_int_equal(keyring->backbones[0].latency_ms, 0);
    assert_true(keyring->backbones[0].has_key);
    assert_key(&keyring->backbones[0].key, 1);
    knx_keyring_free(keyring);
    test_env_check(&t);
}

static void interfaces_come_out_with_their_groups(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct knx_keyring *keyring = read_good(&t, keyring_text);
    assert_int_equal(keyring->n_interfaces, 2);
    const struct knx_keyring_interface *tunnel = knx_keyring_find_interface(keyring, 0x110A);
    assert_ptr_equal(tunnel, &keyring->interfaces[0]);
    assert_int_equal(tunnel->type, KNX_INTERFACE_TUNNELLING);
    assert_int_equal(tunnel->host, 0x1100);
    assert_int_equal(tunnel->user, 2);
    assert_password(&tunnel->password, "tunnel-2");
    assert_password(&tunnel->authentication, "lab");
    assert_int_equal(tunnel->n_groups, 2);
    assert_int_equal(tunnel->groups[0].group, 2305);
    assert_int_equal(tunnel->groups[0].n_senders, 2);
    assert_int_equal(tunnel->groups[0].senders[1], 0x110B);
    assert_int_equal(tunnel->groups[1].group, 2306);
    assert_int_equal(tunnel->groups[1].n_senders, 0);
    const struct knx_keyring_interface *usb = knx_keyring_find_interface(keyring, 0x110B);
    assert_int_equal(usb->type, KNX_INTERFACE_USB);
    assert_int_equal(usb->host, 0);
    assert_int_equal(usb->user, 0);
    assert_password(&usb->password, NULL);
    assert_int_equal(usb->n_groups, 1);
    assert_int_equal(usb->groups[0].n_senders, 3);
    assert_int_equal(usb->groups[0].senders[2], 0x1106);
    assert_null(knx_keyring_find_interface(keyring, 0x1100));
    knx_keyring_free(keyring);
    test_env_check(&t);
}

static void groups_and_devices_come_out(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct knx_keyring *keyring = read_good(&t, keyring_text);
    assert_int_equal(keyring->n_groups, 2);
    assert_int_equal(keyring->groups[1].group, 2306);
    assert_key(&keyring->groups[0].key, 2);
    assert_key(&keyring->groups[1].key, 3);
    assert_int_equal(keyring->n_devices, 2);
    const struct knx_keyring_device *host = knx_keyring_find_device(keyring, 0x1100);
    assert_true(host->has_tool_key && host->has_fdsk && host->has_serial);
    assert_key(&host->tool_key, 4);
    assert_key(&host->fdsk, 5);
    assert_memory_equal(host->serial, "\x00\xFA\x00\x00\xAB\xCD", 6);
    assert_password(&host->management, "lab-mgmt");
    assert_password(&host->authentication, "lab");
    assert_int_equal(host->sequence, 0);
    const struct knx_keyring_device *other = knx_keyring_find_device(keyring, 0x1105);
    assert_false(other->has_tool_key || other->has_fdsk || other->has_serial);
    assert_true(other->sequence == KNX_COUNTER_MAX);
    assert_null(knx_keyring_find_device(keyring, 0x110A));
    knx_keyring_free(keyring);
    test_env_check(&t);
}

static void senders_of_a_tunnel_are_one_sorted_table(void **state)
{
    (void)state;
    struct test_env t;
    size_t n = 0;
    test_env_init(&t);
    struct knx_keyring *keyring = read_good(&t, keyring_text);
    struct knx_sender *senders = knx_keyring_senders(&t.env, keyring, 0x110B, &n);
    assert_int_equal(n, 3);
    assert_int_equal(senders[0].address, 0x1105);
    assert_true(senders[0].last == KNX_COUNTER_MAX);
    assert_int_equal(senders[1].address, 0x1106);
    assert_int_equal(senders[1].last, 0);
    assert_int_equal(senders[2].address, 0x110A);
    bas_release(&t.env, senders, n * sizeof(*senders));
    assert_null(knx_keyring_senders(&t.env, keyring, 0x1106, &n));
    assert_int_equal(n, 0);
    t.fail_at = t.allocations + 1;
    assert_null(knx_keyring_senders(&t.env, keyring, 0x110B, &n));
    assert_int_equal(n, 3);
    knx_keyring_free(keyring);
    test_env_check(&t);
}

static void the_order_of_attributes_and_text_between_do_not_count(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    char *text = with(keyring_text, "Address='2305' Senders='1.1.5 1.1.11'",
                      "Senders='1.1.5&#32;1.1.11'\n\tAddress=\"&#50;305\"");
    char *more = with(text, "<GroupAddresses>\n", "<!-- x --><?x y?>text\n\n<GroupAddresses >");
    knx_keyring_free(read_good(&t, more));
    free(more);
    free(text);
    test_env_check(&t);
}

static void a_wrong_password_is_told_as_one(void **state)
{
    (void)state;
    struct test_env t;
    struct knx_keyring *keyring = NULL;
    struct bas_fault fault = { 0 };
    test_env_init(&t);
    assert_int_equal(knx_keyring_read(&t.env, text_slice(keyring_text), key_of("other"), false,
                                      &keyring, &fault),
                     BAS_ERR_KEY);
    assert_null(keyring);
    assert_string_equal(fault.text, "the signature of the keyring does not fit: the keyring "
                                    "password is wrong");
    assert_int_equal(
        knx_keyring_read(&t.env, text_slice(keyring_text), key_of("other"), true, &keyring, &fault),
        BAS_ERR_KEY);
    assert_non_null(strstr(fault.text, "line 4: a password that the keyring password does not"));
    test_env_check(&t);
}

static void a_changed_file_is_told_as_one(void **state)
{
    (void)state;
    static const struct {
        const char *old;
        const char *new;
    } changes[] = {
        { "UserID='2'", "UserID='3'" },
        { "'1.1.5 1.1.11'", "'1.1.5 1.1.12'" },
        { "Project='Haus", "Project='House" },
        { "<Devices>", "<Devices x=''>" },
        { "Key='JA+i", "Key='KA+i" },
        { "<Group Address='2306' Senders=''/>", "" },
        { "Signature='e932", "Signature='f932" },
        { " CreatedBy='lab'", "" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(changes); i++) {
        char *text = with(keyring_text, changes[i].old, changes[i].new);
        assert_refused(text, false, BAS_ERR_KEY,
                       "password is right, but the file was changed after it was exported");
        free(text);
        assert_change_accepted(changes[i].old, changes[i].new);
    }
}

static void where_pads_cannot_tell_both_reasons_are_named(void **state)
{
    (void)state;
    static const char text[] = "<Keyring Created='2026-11-21T05:00:00' "
                               "Signature='e932djOg51UWgSHKFhTXpA=='/>";
    assert_refused(text, false, BAS_ERR_KEY, "the keyring password is wrong, or the file was");
    /* The last block of one password of four was changed. */
    char *changed = with(keyring_text, "hQMtudg27AM2O/NMkqShcuw=", "hQMtudg27BM2O/NMkqShcuw=");
    assert_refused(changed, false, BAS_ERR_KEY, "password is wrong, or the file was changed");
    assert_refused(changed, true, BAS_ERR_KEY, "line 4: a password that the keyring password");
    free(changed);
}

static void values_that_are_none_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *old;
        const char *new;
        const char *why;
    } changes[] = {
        { "'224.0.23.12'", "'224.0.23'", "line 3: Backbone: MulticastAddress \"224.0.23\" is not" },
        { "'224.0.23.12'", "'224.0.23.256'", "is not an IPv4 address" },
        { "'224.0.23.12'", "'224.0.23.12.'", "is not an IPv4 address" },
        { "'224.0.23.12' ", "'224.0.23.12' Latency='1s' ", "is not a number of milliseconds" },
        { "'224.0.23.12' ", "'224.0.23.12' Latency='4294967296' ", "is not a number of mill" },
        { "'224.0.23.12' ", "'224.0.23.12' Latency='' ", "is not a number of milliseconds" },
        { "'sejx5c5XTMv2nKRq/JPzuQ=='", "'sejx5c5XTMv2nKRq/JPz'", "Key is not base64 of 16" },
        { "'sejx5c5XTMv2nKRq/JPzuQ=='", "''", "Backbone: Key is not base64 of 16 octets" },
        { "UserID='2'", "UserID='0'", "line 4: Interface: UserID \"0\" is not a number from 1" },
        { "UserID='2'", "UserID='128'", "is not a number from 1 to 127" },
        { "UserID='2'", "UserID='18446744073709551618'", "is not a number from 1 to 127" },
        { "UserID='2'", "UserID='00000000000000000000002'", "is not a number from 1 to 127" },
        { "UserID='2'", "UserID='-2'", "is not a number from 1 to 127" },
        { "'1.1.10' A", "'1.1.256' A", "\"1.1.256\" is not an Individual Address such as 1.1.10" },
        { "Host='1.1.0'", "Host=''", "Host \"\" is not an Individual Address" },
        { "hcuw='", "hcuw'", "Interface: Password is not base64 of an encrypted password" },
        { "hcuw='", "hcuwAAAA='", "Password is not base64 of an encrypted password" },
        { "Address='2306' S", "Address='0' S", "line 6: Group: Address \"0\" is not a group" },
        { "Address='2306' S", "Address='65536' S", "is not a group address" },
        { "Address='2306' S", "Address='9/0/2' S", "is not a group address" },
        { "'1.1.5 1.1.11'", "'1.1.5 1.1.11 x'", "line 5: Group: Senders: at \"x\" is no" },
        { "'1.1.5 1.1.11'", "'1.1.5,1.1.11'", "at \"1.1.5,1.1.11\" is no Individual Address" },
        { "'1.1.5 1.1.11'", "'1.1.5 1.1.1111111111111'", "is no Individual Address" },
        { "Key='JA+i", "Key='JA-i", "line 12: Group: Key is not base64 of 16 octets" },
        { "'00FA0000abcd'", "'00FA0000abc'", "line 16: Device: SerialNumber \"00FA0000abc\" is" },
        { "'00FA0000abcd'", "'00FA0000ab d'", "is not 12 hexadecimal digits" },
        { "'00FA0000abcd'", "'00FA0000ab:c'", "is not 12 hexadecimal digits" },
        { "'281474976710655'", "'281474976710656'", "line 17: Device: SequenceNumber" },
        { "Signature='e932", "Signature='e93", "line 2: Keyring: Signature is not base64 of 16" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(changes); i++) {
        assert_change_refused(changes[i].old, changes[i].new, BAS_ERR_MALFORMED, changes[i].why);
    }
}

static void attributes_that_must_be_there_are_missed(void **state)
{
    (void)state;
    static const struct {
        const char *old;
        const char *why;
    } missing[] = {
        { " Created='2026-11-21T05:00:00'", "line 2: Keyring: the attribute Created is missing" },
        { " Signature='e932djOg51UWgSHKFhTXpA=='", "the attribute Signature is missing" },
        { " MulticastAddress='224.0.23.12'", "line 3: Backbone: the attribute MulticastAddress" },
        { " Type='Tunneling'", "line 4: Interface: the attribute Type is missing" },
        { " IndividualAddress='1.1.10'", "line 4: Interface: the attribute IndividualAddress" },
        { " Address='2306'", "line 6: Group: the attribute Address is missing" },
        { " Key='JA+iMVtcCfNSaEasAxRBjQ=='", "line 12: Group: the attribute Key is missing" },
        { " IndividualAddress='1.1.5'", "line 17: Device: the attribute IndividualAddress" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(missing); i++) {
        assert_change_refused(missing[i].old, "", BAS_ERR_MALFORMED, missing[i].why);
    }
    assert_change_refused("2026-11-21T05:00:00", "", BAS_ERR_MALFORMED, "Created is missing");
}

static void what_may_be_absent_is_not_missed(void **state)
{
    (void)state;
    static const char *const optional[] = {
        " Project='Haus \xC3\xA4 &amp; &lt;1&gt;'",
        " Key='sejx5c5XTMv2nKRq/JPzuQ=='",
        " Host='1.1.0'",
        " UserID='2'",
        " Password='Y1/dzeBa+9MB1Oj6sBF5hQMtudg27AM2O/NMkqShcuw='",
        " Senders=''",
        " ToolKey='5pkhulA37PEyqh9cz7Z5WQ=='",
        " SequenceNumber='281474976710655'",
        " SerialNumber='00FA0000abcd'",
        " xmlns='http://knx.org/xml/keyring/1'",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(optional) - 1; i++) {
        assert_change_accepted(optional[i], "");
    }
    struct test_env t;
    test_env_init(&t);
    char *text = with(keyring_text, optional[BAS_ARRAY_LEN(optional) - 1], "");
    knx_keyring_free(read_good(&t, text)); /* the namespace is not signed */
    free(text);
    test_env_check(&t);
}

static void an_interface_of_an_unknown_type_is_skipped(void **state)
{
    (void)state;
    struct test_env t;
    struct knx_keyring *keyring = NULL;
    test_env_init(&t);
    char *text = with(keyring_text, "Type='Tunneling'", "Type='IoT'");
    assert_int_equal(
        knx_keyring_read(&t.env, text_slice(text), key_of(KEYRING_PASSWORD), true, &keyring, NULL),
        BAS_OK);
    assert_int_equal(keyring->n_interfaces, 1);
    assert_int_equal(keyring->interfaces[0].address, 0x110B);
    assert_int_equal(keyring->interfaces[0].n_groups, 1);
    assert_int_equal(keyring->interfaces[0].groups[0].n_senders, 3);
    assert_int_equal(keyring->interfaces[0].groups[0].senders[0], 0x1105);
    knx_keyring_free(keyring);
    free(text);
    test_env_check(&t);
}

static void elements_in_wrong_places_are_nothing(void **state)
{
    (void)state;
    struct test_env t;
    struct knx_keyring *keyring = NULL;
    test_env_init(&t);
    char *text = with(keyring_text, "<GroupAddresses>",
                      "<Device IndividualAddress='x'/><Group/><New><Devices><Device/></Devices>"
                      "</New><GroupAddresses><Device/>");
    assert_int_equal(
        knx_keyring_read(&t.env, text_slice(text), key_of(KEYRING_PASSWORD), true, &keyring, NULL),
        BAS_OK);
    assert_int_equal(keyring->n_devices, 2);
    assert_int_equal(keyring->n_groups, 2);
    knx_keyring_free(keyring);
    free(text);
    test_env_check(&t);
}

static void a_second_key_of_a_group_is_refused(void **state)
{
    (void)state;
    assert_change_refused("<Group Address='2306' Key", "<Group Address='2305' Key",
                          BAS_ERR_MALFORMED,
                          "line 13: the group address 1/1/1 (2305) has a second");
}

static void other_documents_are_refused(void **state)
{
    (void)state;
    assert_refused("<Keyting Created='x' Signature='x'/>", true, BAS_ERR_MALFORMED,
                   "line 1: the root element is Keyting, not Keyring");
    assert_refused("PK\x03\x04", true, BAS_ERR_MALFORMED, "not XML");
    assert_refused("", true, BAS_ERR_MALFORMED, "not XML");
    assert_change_refused("<Keyring ", "<!DOCTYPE Keyring><Keyring ", BAS_ERR_MALFORMED,
                          "document type declaration");
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct test_env t;
    struct knx_keyring *keyring = NULL;
    test_env_init(&t);
    for (size_t len = 0; len < sizeof(keyring_text) - 1; len++) {
        uint8_t *exact = malloc(len + 1);
        assert_non_null(exact);
        memcpy(exact, keyring_text, len);
        assert_int_equal(knx_keyring_read(&t.env, (struct bas_slice){ exact, len },
                                          key_of(KEYRING_PASSWORD), true, &keyring, NULL),
                         BAS_ERR_MALFORMED);
        free(exact);
        assert_int_equal(t.live, 0);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct test_env t;
    struct knx_keyring *keyring = NULL;
    test_env_init(&t);
    knx_keyring_free(read_good(&t, keyring_text));
    size_t n = t.allocations;
    for (size_t i = 1; i <= n; i++) {
        struct bas_fault fault = { 0 };
        test_env_init(&t);
        t.fail_at = i;
        assert_int_equal(knx_keyring_read(&t.env, text_slice(keyring_text),
                                          key_of(KEYRING_PASSWORD), false, &keyring, &fault),
                         BAS_ERR_NO_MEMORY);
        assert_int_equal(fault.err, BAS_ERR_NO_MEMORY);
        assert_null(keyring);
        test_env_check(&t);
    }
}

/* An environment that looks at what it gets back. */
static bool holds(const uint8_t *memory, size_t len, const char *secret, size_t n)
{
    for (size_t i = 0; i + n <= len; i++) {
        if (memcmp(memory + i, secret, n) == 0) {
            return true;
        }
    }
    return false;
}

static void *plain_alloc(void *ctx, size_t len)
{
    size_t *left = ctx;
    if (*left == 0) {
        return NULL;
    }
    --*left;
    return calloc(1, len);
}

static void looking_release(void *ctx, void *memory, size_t len)
{
    (void)ctx;
    assert_false(holds(memory, len, "tunnel-2", 8) || holds(memory, len, "lab-mgmt", 8));
    for (char octet = 1; octet <= 5; octet++) {
        char key[KNX_KEY_LEN];
        memset(key, octet, sizeof(key));
        assert_false(holds(memory, len, key, sizeof(key)));
    }
    assert_false(holds(memory, len, (const char *)key_of(KEYRING_PASSWORD)->octets, KNX_KEY_LEN));
    free(memory);
}

static void no_secret_is_left_in_memory_that_is_given_back(void **state)
{
    (void)state;
    char many[4096] = "<Devices>";
    for (unsigned i = 0; i < 20; i++) { /* so that the list moves */
        (void)snprintf(many + strlen(many), sizeof(many) - strlen(many),
                       "<Device IndividualAddress='1.2.%u' ToolKey='5pkhulA37PEyqh9cz7Z5WQ=='/>",
                       i);
    }
    char *text = with(keyring_text, "<Devices>", many);
    for (size_t left = 0; left < 40; left++) {
        size_t allocations = left;
        const struct bas_env env = { &allocations, plain_alloc, looking_release, NULL, NULL, NULL };
        struct knx_keyring *keyring = NULL;
        for (unsigned ignore = 0; ignore < 2; ignore++) {
            bas_err err = knx_keyring_read(&env, text_slice(text), key_of(KEYRING_PASSWORD),
                                           ignore != 0, &keyring, NULL);
            assert_int_equal(err == BAS_OK, keyring != NULL);
            knx_keyring_free(keyring);
        }
    }
    free(text);
}

/* Hostile files */

static char *repeated(const char *head, const char *part, size_t n, const char *tail, size_t *len)
{
    size_t step = strlen(part);
    *len = strlen(head) + n * step + strlen(tail);
    char *text = malloc(*len + 1);
    assert_non_null(text);
    memcpy(text, head, strlen(head));
    char *at = text + strlen(head);
    for (size_t i = 0; i < n; i++, at += step) {
        memcpy(at, part, step);
    }
    memcpy(at, tail, strlen(tail) + 1);
    return text;
}

#define ROOT "<Keyring Created='x' Signature='e932djOg51UWgSHKFhTXpA=='>"

static void assert_too_long(const char *head, const char *part, size_t n, const char *tail,
                            const char *why)
{
    size_t len = 0;
    char *text = repeated(head, part, n, tail, &len);
    assert_refused(text, true, BAS_ERR_TOO_LONG, why);
    free(text);
}

static void a_million_elements_are_bounded(void **state)
{
    (void)state;
    assert_too_long(ROOT, "<a/>", 1000000, "</Keyring>", "more than 524288 elements");
    assert_too_long(ROOT, "<Backbone MulticastAddress='1.1.1.1'/>", 65537, "</Keyring>",
                    "more than 65536 of Backbone");
    assert_too_long(ROOT "<Interface Type='USB' IndividualAddress='1.1.1'>", "<Group Address='1'/>",
                    262145, "</Interface></Keyring>", "more than 262144 of Group");
}

static void a_huge_list_of_senders_is_bounded(void **state)
{
    (void)state;
    const char *head = ROOT "<Interface Type='USB' IndividualAddress='1.1.1'>"
                            "<Group Address='1' Senders='";
    assert_too_long(head, "1.1.1 ", 4194305, "'/></Interface></Keyring>",
                    "more than 4194304 of Group");
}

static void a_file_that_is_too_long_is_refused_unread(void **state)
{
    (void)state;
    size_t len = 0;
    char *text = repeated(ROOT, " ", (size_t)KNX_KEYRING_MAX_FILE, "</Keyring>", &len);
    struct test_env t;
    struct knx_keyring *keyring = NULL;
    test_env_init(&t);
    assert_int_equal(knx_keyring_read(&t.env, (struct bas_slice){ (uint8_t *)text, len },
                                      key_of(KEYRING_PASSWORD), true, &keyring, NULL),
                     BAS_ERR_TOO_LONG);
    assert_int_equal(t.allocations, 0);
    free(text);
}

static void depth_and_attributes_are_bounded(void **state)
{
    (void)state;
    assert_too_long(ROOT, "<a>", 100000, "", "more than 16 elements inside each other");
    char many[2048] = ROOT "<a";
    for (unsigned i = 0; i < 65; i++) {
        (void)snprintf(many + strlen(many), sizeof(many) - strlen(many), " a%u=''", i);
    }
    assert_too_long(many, "/>", 1, "</Keyring>", "more than 64 attributes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_backbone_come_out),
        cmocka_unit_test(interfaces_come_out_with_their_groups),
        cmocka_unit_test(groups_and_devices_come_out),
        cmocka_unit_test(senders_of_a_tunnel_are_one_sorted_table),
        cmocka_unit_test(the_order_of_attributes_and_text_between_do_not_count),
        cmocka_unit_test(a_wrong_password_is_told_as_one),
        cmocka_unit_test(a_changed_file_is_told_as_one),
        cmocka_unit_test(where_pads_cannot_tell_both_reasons_are_named),
        cmocka_unit_test(values_that_are_none_are_refused_with_their_line),
        cmocka_unit_test(attributes_that_must_be_there_are_missed),
        cmocka_unit_test(what_may_be_absent_is_not_missed),
        cmocka_unit_test(an_interface_of_an_unknown_type_is_skipped),
        cmocka_unit_test(elements_in_wrong_places_are_nothing),
        cmocka_unit_test(a_second_key_of_a_group_is_refused),
        cmocka_unit_test(other_documents_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(no_secret_is_left_in_memory_that_is_given_back),
        cmocka_unit_test(a_million_elements_are_bounded),
        cmocka_unit_test(a_huge_list_of_senders_is_bounded),
        cmocka_unit_test(a_file_that_is_too_long_is_refused_unread),
        cmocka_unit_test(depth_and_attributes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
