/* Every vector of tests/vectors/bacnet-sc-vectors.json that is about BVLC-SC. */
#include "test_env.h"

#include "basalt/sc.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *load(void)
{
    const char *folder = getenv("BASALT_VECTORS");
    assert_non_null(folder);
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/bacnet-sc-vectors.json", folder);
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL) {
        fail_msg("%s: %s", path, error.text);
    }
    return root;
}

static const char *text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? json_string_value(value) : NULL;
}

static bool is(const json_t *object, const char *key, const char *text)
{
    const char *value = text_of(object, key);
    return value != NULL && strcmp(value, text) == 0;
}

static json_t *vector_named(json_t *root, const char *name)
{
    size_t i = 0;
    json_t *vector = NULL;
    json_array_foreach(json_object_get(root, "vectors"), i, vector)
    {
        if (is(vector, "name", name)) {
            return vector;
        }
    }
    fail_msg("no vector %s", name);
    return NULL;
}

static void assert_octets(const char *name, struct bas_slice is, struct bas_slice wanted)
{
    if (is.len != wanted.len || (is.len != 0 && memcmp(is.data, wanted.data, is.len) != 0)) {
        char text[400];
        struct bas_buf buf;
        bas_buf_init(&buf, text, sizeof(text));
        bas_buf_add_text(&buf, "is ");
        bas_buf_add_hex(&buf, is);
        bas_buf_add_text(&buf, ", wanted ");
        bas_buf_add_hex(&buf, wanted);
        fail_msg("%s: %s", name, bas_buf_text(&buf));
    }
}

/* Decoded fields */

struct decoded {
    const char *name;
    struct bsc_message message;
    struct bsc_result result;
    struct bsc_connect connect;
    struct bsc_advertisement advertisement;
    struct bsc_proprietary proprietary;
    uint64_t max_bvlc;
    uint64_t max_npdu;
};

static void assert_number(const struct decoded *d, const char *key, const json_t *wanted,
                          uint64_t value)
{
    if (!json_is_integer(wanted) || (uint64_t)json_integer_value(wanted) != value) {
        fail_msg("%s: %s is %llu", d->name, key, (unsigned long long)value);
    }
}

static void assert_hex(const struct decoded *d, const json_t *wanted, const void *data, size_t len)
{
    assert_true(json_is_string(wanted));
    assert_octets(d->name, (struct bas_slice){ data, len }, test_hex(json_string_value(wanted)));
}

static void assert_address(const struct decoded *d, const json_t *wanted, bool has,
                           const struct bsc_vmac *vmac)
{
    assert_int_equal(has, !json_is_null(wanted));
    if (has) {
        assert_hex(d, wanted, vmac->octets, sizeof(vmac->octets));
    }
}

static void assert_options(const struct decoded *d, const json_t *wanted, struct bas_slice list)
{
    size_t i = 0;
    const json_t *row = NULL;
    struct bsc_option option;
    json_array_foreach(wanted, i, row)
    {
        assert_true(bsc_option_next(&list, &option));
        assert_hex(d, json_object_get(row, "marker"), &option.marker, 1);
        assert_number(d, "type", json_object_get(row, "type"), option.type);
        assert_int_equal(json_is_true(json_object_get(row, "bit6")),
                         (option.marker & BSC_OPTION_BIT6) != 0);
        assert_int_equal(json_is_true(json_object_get(row, "more")),
                         (option.marker & BSC_OPTION_MORE) != 0);
        bool has_data = (option.marker & BSC_OPTION_HAS_DATA) != 0;
        assert_int_equal(json_is_true(json_object_get(row, "has_data")), has_data);
        assert_int_equal(json_is_string(json_object_get(row, "data")), has_data);
        if (has_data) {
            assert_hex(d, json_object_get(row, "data"), option.data.data, option.data.len);
        }
    }
    assert_false(bsc_option_next(&list, &option));
}

static void assert_uris(const struct decoded *d, const json_t *wanted)
{
    char text[512] = "";
    size_t i = 0;
    const json_t *uri = NULL;
    json_array_foreach(wanted, i, uri)
    {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof(text) - len, "%s%s", i != 0 ? " " : "",
                       json_string_value(uri));
    }
    assert_octets(d->name, d->message.payload,
                  (struct bas_slice){ (const uint8_t *)text, strlen(text) });
}

/* True when key is a number of the message and wanted was compared. */
static bool compare_number(const struct decoded *d, const char *key, const json_t *wanted)
{
    const struct {
        const char *key;
        uint64_t value;
    } rows[] = {
        { "function", d->message.function },
        { "message_id", d->message.id },
        { "result_for", d->result.result_for },
        { "result_code", d->result.result_code },
        { "error_header_marker", d->result.marker },
        { "error_class", d->result.error_class },
        { "error_code", d->result.error_code },
        { "max_bvlc", d->max_bvlc },
        { "max_npdu", d->max_npdu },
        { "hub_status", d->advertisement.hub_status },
        { "accept_direct", d->advertisement.accept_direct },
        { "vendor", d->proprietary.vendor },
        { "proprietary_function", d->proprietary.function },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].key, key) == 0) {
            assert_number(d, key, wanted, rows[i].value);
            return true;
        }
    }
    return false;
}

static void compare_field(const struct decoded *d, const char *key, const json_t *wanted)
{
    const struct bsc_message *m = &d->message;
    if (compare_number(d, key, wanted)) {
        return;
    }
    if (strcmp(key, "originating") == 0) {
        assert_address(d, wanted, m->has_originating, &m->originating);
    } else if (strcmp(key, "destination") == 0) {
        assert_address(d, wanted, m->has_destination, &m->destination);
    } else if (strcmp(key, "dest_options") == 0) {
        assert_options(d, wanted, m->dest_options);
    } else if (strcmp(key, "data_options") == 0) {
        assert_options(d, wanted, m->data_options);
    } else if (strcmp(key, "npdu") == 0) {
        assert_hex(d, wanted, m->payload.data, m->payload.len);
    } else if (strcmp(key, "details") == 0) {
        const char *text = json_string_value(wanted);
        assert_octets(d->name, d->result.details,
                      (struct bas_slice){ (const uint8_t *)text, strlen(text) });
    } else if (strcmp(key, "vmac") == 0) {
        assert_hex(d, wanted, d->connect.vmac.octets, 6);
    } else if (strcmp(key, "uuid") == 0) {
        assert_hex(d, wanted, d->connect.uuid.octets, 16);
    } else if (strcmp(key, "data") == 0) {
        assert_hex(d, wanted, d->proprietary.data.data, d->proprietary.data.len);
    } else if (strcmp(key, "uris") == 0) {
        assert_uris(d, wanted);
    } else {
        fail_msg("%s: nobody compares %s", d->name, key);
    }
}

/* Decodes the payload and appends it again, from its fields. */
static void payload_and_back(struct decoded *d, struct bas_buf *out)
{
    struct bas_slice payload = d->message.payload;
    struct bas_fault fault = { 0 };
    switch (d->message.function) {
    case BSC_BVLC_RESULT:
        assert_int_equal(bsc_result_decode(payload, &d->result, &fault), BAS_OK);
        bsc_result_encode(&d->result, out);
        break;
    case BSC_CONNECT_REQUEST:
    case BSC_CONNECT_ACCEPT:
        assert_int_equal(bsc_connect_decode(payload, &d->connect, &fault), BAS_OK);
        bsc_connect_encode(&d->connect, out);
        d->max_bvlc = d->connect.max_bvlc;
        d->max_npdu = d->connect.max_npdu;
        break;
    case BSC_ADVERTISEMENT:
        assert_int_equal(bsc_advertisement_decode(payload, &d->advertisement, &fault), BAS_OK);
        bsc_advertisement_encode(&d->advertisement, out);
        d->max_bvlc = d->advertisement.max_bvlc;
        d->max_npdu = d->advertisement.max_npdu;
        break;
    case BSC_PROPRIETARY_MESSAGE:
        assert_int_equal(bsc_proprietary_decode(payload, &d->proprietary, &fault), BAS_OK);
        bsc_proprietary_encode(&d->proprietary, out);
        break;
    default:
        bas_buf_add(out, payload.data, payload.len);
    }
    assert_int_equal(fault.err, BAS_OK);
}

static void compare_decoded(const json_t *vector)
{
    struct decoded d = { .name = text_of(vector, "name") };
    struct bas_slice octets = test_hex(text_of(vector, "hex"));
    struct bas_fault fault = { 0 };
    assert_int_equal(bsc_decode(octets, &d.message, &fault), BAS_OK);
    uint8_t memory[600];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    payload_and_back(&d, &out);
    assert_octets(d.name, (struct bas_slice){ out.data, out.len }, d.message.payload);
    const char *key = NULL;
    json_t *wanted = NULL;
    json_object_foreach(json_object_get(vector, "decoded"), key, wanted)
    {
        compare_field(&d, key, wanted);
    }
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_encode(&d.message, &out);
    assert_octets(d.name, (struct bas_slice){ out.data, out.len }, octets);
}

/* Judgements */

#define ROLE(role) (1U << BSC_ROLE_##role)
enum {
    CONNECTED = ROLE(HUB) | ROLE(NODE) | ROLE(DIRECT),
    BEFORE = ROLE(ACCEPTING) | ROLE(INITIATING),
};

/* Which roles see a vector of this context; one about connecting is seen before CONNECTED. */
static const struct context {
    const char *text;
    unsigned connecting;
    unsigned other;
} contexts[] = {
    { "node->hub (as sent by a node on its hub connection)", 0, ROLE(HUB) },
    { "hub->node (as delivered by the hub)", 0, ROLE(NODE) },
    { "hub receives from node A", 0, ROLE(HUB) },
    { "hub receives from node A; nobody connected as B2:99:99:99:99:99", 0, ROLE(HUB) },
    { "direct connection", 0, ROLE(DIRECT) },
    { "any connection", 0, CONNECTED },
    { "connection peer, both directions", 0, CONNECTED },
    { "initiating peer -> accepting peer", ROLE(ACCEPTING), ROLE(HUB) | ROLE(DIRECT) },
    { "accepting peer -> initiating peer", ROLE(INITIATING), ROLE(NODE) | ROLE(DIRECT) },
    { "accepting peer -> initiating peer, answer to Connect-Request id 1", ROLE(INITIATING), 0 },
    { "accepting peer", ROLE(ACCEPTING), 0 },
    { "initiating peer", ROLE(INITIATING), 0 },
    { "accepting peer in AWAITING_REQUEST", 0, ROLE(ACCEPTING) },
};

static bool is_connecting(struct bas_slice octets)
{
    struct bsc_message m;
    struct bas_fault fault;
    if (bsc_decode(octets, &m, &fault) != BAS_OK && octets.len < 4) {
        return false;
    }
    return m.function == BSC_CONNECT_REQUEST || m.function == BSC_CONNECT_ACCEPT ||
           (m.function == BSC_BVLC_RESULT && m.payload.len != 0 &&
            m.payload.data[0] == BSC_CONNECT_REQUEST);
}

static unsigned roles_of(const json_t *vector)
{
    struct bas_slice octets = test_hex(text_of(vector, "hex"));
    for (size_t i = 0; i < BAS_ARRAY_LEN(contexts); i++) {
        if (is(vector, "context", contexts[i].text)) {
            unsigned roles = is_connecting(octets) ? contexts[i].connecting : contexts[i].other;
            assert_int_not_equal(roles, 0);
            return octets.len < 4 ? CONNECTED | BEFORE : roles;
        }
    }
    fail_msg("%s: unknown context", text_of(vector, "name"));
    return 0;
}

static enum bsc_action action_of_valid(enum bsc_role role, const json_t *vector)
{
    struct bsc_message m;
    assert_int_equal(bsc_decode(test_hex(text_of(vector, "hex")), &m, NULL), BAS_OK);
    if (is(vector, "name", "npdu-h2n-two-dest-options-mu")) {
        return BSC_ACTION_NAK; /* it must be understood, and nobody understands it */
    }
    if (role == BSC_ROLE_HUB && m.has_destination) {
        return BSC_ACTION_FORWARD;
    }
    switch (m.function) {
    case BSC_ADDRESS_RESOLUTION:
    case BSC_ADVERTISEMENT_SOLICITATION:
    case BSC_CONNECT_REQUEST:
    case BSC_DISCONNECT_REQUEST:
    case BSC_HEARTBEAT_REQUEST:
        return BSC_ACTION_ANSWER;
    default:
        return BSC_ACTION_DELIVER;
    }
}

static void assert_action(const json_t *vector, enum bsc_role role, enum bsc_action action,
                          enum bsc_action wanted)
{
    if (action != wanted) {
        fail_msg("%s: role %u: action %u, wanted %u", text_of(vector, "name"), (unsigned)role,
                 (unsigned)action, (unsigned)wanted);
    }
}

static void judge_valid(const json_t *vector, enum bsc_role role)
{
    struct bas_slice octets = test_hex(text_of(vector, "hex"));
    struct bas_fault fault;
    memset(&fault, 0xA5, sizeof(fault));
    const struct bas_fault untouched = fault;
    struct bsc_message m;
    enum bsc_action wanted = action_of_valid(role, vector);
    assert_action(vector, role, bsc_judge(role, octets, &m, &fault), wanted);
    if (wanted != BSC_ACTION_NAK) {
        assert_memory_equal(&fault, &untouched, sizeof(fault));
    }
    if (wanted != BSC_ACTION_NAK && wanted != BSC_ACTION_FORWARD) {
        uint8_t memory[600];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        bsc_encode(&m, &out);
        assert_octets(text_of(vector, "name"), (struct bas_slice){ out.data, out.len }, octets);
    }
}

/* The reply of a NAK, and its fault, as the vector has them. */
static void assert_nak(const json_t *vector, const struct bsc_message *m,
                       const struct bas_fault *fault)
{
    const json_t *expected = json_object_get(vector, "expected");
    const struct decoded d = { .name = text_of(vector, "name") };
    assert_number(&d, "class", json_object_get(expected, "error_class"), fault->error_class);
    assert_number(&d, "code", json_object_get(expected, "error_code"), fault->error_code);
    assert_number(&d, "marker", json_object_get(expected, "error_header_marker"), fault->marker);
    struct bas_slice wanted = test_hex(text_of(expected, "reply_hex"));
    uint8_t memory[300];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_nak(m, fault, false, &out);
    assert_octets(d.name, (struct bas_slice){ out.data, out.len }, wanted);
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_nak(m, fault, true, &out);
    assert_int_equal(out.len, wanted.len + strlen(fault->text));
    assert_octets(d.name, (struct bas_slice){ out.data, wanted.len }, wanted);
    assert_memory_equal(out.data + wanted.len, fault->text, strlen(fault->text));
}

static const struct bsc_vmac node_a = { { 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC } };
static const struct bsc_vmac node_b = { { 0xA2, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F } };

static void assert_forwarded(const char *name, struct bas_slice octets, const struct bsc_message *m,
                             const struct bsc_vmac *origin, struct bas_slice wanted)
{
    uint8_t head[BSC_MAX_HEADER];
    struct bas_slice rest;
    size_t len = bsc_forward_header(octets, m, origin, head, &rest);
    uint8_t memory[600];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_buf_add(&out, head, len);
    bas_buf_add(&out, rest.data, rest.len);
    assert_octets(name, (struct bas_slice){ out.data, out.len }, wanted);
    assert_octets(name, rest, m->payload);
}

/* "MESSAGE_INCOMPLETE" against the name that the standard writes "message-incomplete". */
static void assert_code_name(const char *name, unsigned code, const char *wanted)
{
    char text[64] = "";
    for (size_t i = 0; wanted != NULL && wanted[i] != 0 && i + 1 < sizeof(text); i++) {
        text[i] = wanted[i] == '_' ? '-' : (char)tolower((unsigned char)wanted[i]);
    }
    const char *is = bac_error_code_name(code);
    if (is == NULL || strcmp(is, text) != 0) {
        fail_msg("%s: code %u, wanted %s", name, code, wanted);
    }
}

static void judge_malformed(const json_t *vector, enum bsc_role role)
{
    const char *name = text_of(vector, "name");
    const json_t *expected = json_object_get(vector, "expected");
    struct bas_slice octets = test_hex(text_of(vector, "hex"));
    struct bas_fault fault = { 0 };
    struct bsc_message m;
    enum bsc_action action = bsc_judge(role, octets, &m, &fault);
    if (is(expected, "action", "discard and NAK") ||
        is(expected, "action", "discard; NAK optional")) {
        assert_action(vector, role, action, BSC_ACTION_NAK);
        assert_nak(vector, &m, &fault);
    } else if (is(expected, "action", "forward")) {
        assert_action(vector, role, action, BSC_ACTION_FORWARD);
        assert_forwarded(name, octets, &m, &node_a, test_hex(text_of(expected, "forward_hex")));
    } else if (is(expected, "action", "process, ignore the text")) {
        assert_action(vector, role, action, BSC_ACTION_DELIVER);
    } else if (is(expected, "action", "discard, or NAK")) {
        assert_action(vector, role, action, BSC_ACTION_DELIVER); /* its owner may refuse it */
        (void)bas_fail_code(&fault, BAS_ERR_UNSUPPORTED, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_BVLC_PROPRIETARY_FUNCTION_UNKNOWN, "no");
        assert_nak(vector, &m, &fault);
    } else if (strcmp(name, "hub-receives-unknown-dest") == 0) {
        assert_action(vector, role, action, BSC_ACTION_FORWARD); /* the hub finds nobody */
    } else {
        assert_string_equal(text_of(expected, "action"), "discard silently");
        assert_action(vector, role, action, BSC_ACTION_DROP);
        assert_int_not_equal(fault.err, BAS_OK);
        if (text_of(expected, "would_be") != NULL) {
            assert_int_equal(fault.error_class, BAC_ERROR_CLASS_COMMUNICATION);
            assert_code_name(name, fault.error_code, text_of(expected, "would_be"));
        }
    }
}

typedef void (*vector_fn)(const json_t *vector, enum bsc_role role);

/* Calls fn with each BVLC-SC vector of this kind in each role that sees it. */
static void for_each(const char *kind, size_t wanted, vector_fn fn)
{
    json_t *root = load();
    size_t n = 0;
    size_t i = 0;
    const json_t *vector = NULL;
    json_array_foreach(json_object_get(root, "vectors"), i, vector)
    {
        if (!is(vector, "proto", "bacnet-sc") || !is(vector, "kind", kind)) {
            continue;
        }
        n++;
        unsigned roles = roles_of(vector);
        for (unsigned role = BSC_ROLE_HUB; role <= BSC_ROLE_INITIATING; role++) {
            if ((roles & 1U << role) != 0) {
                fn(vector, (enum bsc_role)role);
            }
        }
    }
    json_decref(root);
    assert_int_equal(n, wanted);
}

static void compare(const json_t *vector, enum bsc_role role)
{
    (void)role;
    compare_decoded(vector);
}

/* bsc 1.1-03 1.4-05 11-01 */
static void every_valid_vector_decodes_to_its_fields_and_encodes_again_to_its_octets(void **state)
{
    (void)state;
    for_each("valid", 56, compare);
}

static void every_valid_vector_is_taken_by_those_who_see_it(void **state)
{
    (void)state;
    for_each("valid", 56, judge_valid);
}

/* bsc 2.1-18 2.2-02 2.2-07 11-04 */
static void every_malformed_vector_gets_its_action_and_its_reply(void **state)
{
    (void)state;
    for_each("malformed", 45, judge_malformed);
}

/* bsc 1.2-03 1.2-04 3.3-06 */
static void a_hub_turns_each_frame_of_the_hub_pairs_into_its_counterpart(void **state)
{
    (void)state;
    json_t *root = load();
    size_t i = 0;
    const json_t *pair = NULL;
    json_array_foreach(json_object_get(root, "hub_pairs"), i, pair)
    {
        struct bas_slice in = test_hex(text_of(vector_named(root, text_of(pair, "in")), "hex"));
        struct bas_slice out = test_hex(text_of(vector_named(root, text_of(pair, "out")), "hex"));
        struct bsc_message m;
        struct bas_fault fault = { 0 };
        assert_int_equal(bsc_judge(BSC_ROLE_HUB, in, &m, &fault), BSC_ACTION_FORWARD);
        assert_int_equal(fault.err, BAS_OK);
        assert_forwarded(text_of(pair, "in"), in, &m, is(pair, "from", "A") ? &node_a : &node_b,
                         out);
    }
    json_decref(root);
    assert_int_equal(i, 8);
}

/* A truncated message is taken only where the part that is left is a whole message of its function.
 */
static void judge_truncations(const json_t *vector, enum bsc_role role)
{
    struct bas_slice octets = test_hex(text_of(vector, "hex"));
    for (size_t len = 0; len < octets.len; len++) {
        uint8_t *part = malloc(len == 0 ? 1 : len); /* exact: ASan sees a read behind it */
        assert_non_null(part);
        memcpy(part, octets.data, len);
        struct bsc_message m;
        struct bas_fault fault = { 0 };
        enum bsc_action action = bsc_judge(role, (struct bas_slice){ part, len }, &m, &fault);
        size_t header =
            4 + ((octets.data[1] & 8) != 0 ? 6U : 0) + ((octets.data[1] & 4) != 0 ? 6U : 0);
        bool open_end = m.function == BSC_ENCAPSULATED_NPDU ||
                        m.function == BSC_ADDRESS_RESOLUTION_ACK ||
                        m.function == BSC_PROPRIETARY_MESSAGE ||
                        (m.function == BSC_BVLC_RESULT && m.payload.len >= 7);
        if (action == BSC_ACTION_FORWARD) {
            assert_true(role == BSC_ROLE_HUB && len >= header);
        } else if (action == BSC_ACTION_DELIVER || action == BSC_ACTION_ANSWER) {
            assert_true(open_end && len >= header);
            assert_int_equal(fault.err, BAS_OK);
        } else {
            assert_int_not_equal(fault.err, BAS_OK);
        }
        free(part);
    }
}

static void no_truncation_of_a_valid_vector_is_taken_for_whole(void **state)
{
    (void)state;
    for_each("valid", 56, judge_truncations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_valid_vector_decodes_to_its_fields_and_encodes_again_to_its_octets),
        cmocka_unit_test(every_valid_vector_is_taken_by_those_who_see_it),
        cmocka_unit_test(every_malformed_vector_gets_its_action_and_its_reply),
        cmocka_unit_test(a_hub_turns_each_frame_of_the_hub_pairs_into_its_counterpart),
        cmocka_unit_test(no_truncation_of_a_valid_vector_is_taken_for_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
