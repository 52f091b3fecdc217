/* Every vector of tests/vectors/knx-vectors.json that is about keys, primitives and KNX IP Secure.
 * Data Secure and the keyring have tests of their own. */
#include "vector.h"

#include "crypto/crypto.h"
#include "knx/ccm.h"

#include <stdlib.h>
#include <string.h>

/* kdf, ecdh, prim */

static void check_kdf(const struct vector *v)
{
    static const struct {
        const char *salt;
        void (*derive)(struct bas_slice password, struct knx_key *key);
    } rows[] = {
        { "device-authentication-code.1.secure.ip.knx.org", knx_device_key },
        { "user-password.1.secure.ip.knx.org", knx_user_key },
        { "1.keyring.ets.knx.org", knx_keyring_key },
    };
    const char *text = text_of(v->input, "password");
    struct bas_slice password = { (const uint8_t *)text, strlen(text) };
    if (has(v->input, "password_bytes")) {
        password = hex_of(v->input, "password_bytes");
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (is(v->input, "salt", rows[i].salt)) {
            struct knx_key key;
            rows[i].derive(password, &key);
            assert_is(v, key.octets, sizeof(key.octets), "key");
            return;
        }
    }
    fail_msg("%s: nobody derives with this salt", v->id);
}

static struct knx_key_pair pair_of(const struct vector *v, const char *name)
{
    struct knx_key_pair pair;
    memcpy(pair.private_key, hex_of(v->input, name).data, sizeof(pair.private_key));
    bas_x25519_public(pair.private_key, pair.public_key);
    return pair;
}

static void check_ecdh(const struct vector *v)
{
    if (has(v->input, "private")) {
        struct knx_key_pair pair = pair_of(v, "private");
        assert_is(v, pair.public_key, sizeof(pair.public_key), "public");
        return;
    }
    struct knx_key_pair client = pair_of(v, "client_private");
    struct bas_slice y = hex_of(v->input, "server_public");
    struct knx_key key;
    if (is(v->expect, "result", "error")) {
        assert_false(knx_agree(&client, y.data, &key));
        return;
    }
    uint8_t shared[BAS_X25519_LEN];
    assert_true(bas_x25519(client.private_key, y.data, shared));
    assert_is(v, shared, sizeof(shared), "shared_secret");
    uint8_t digest[BAS_SHA256_LEN];
    bas_sha256((struct bas_slice){ shared, sizeof(shared) }, digest);
    assert_is(v, digest, sizeof(digest), "sha256");
    assert_true(knx_agree(&client, y.data, &key));
    assert_is(v, key.octets, sizeof(key.octets), "session_key");
    struct knx_key_pair server = pair_of(v, "server_private");
    assert_true(knx_agree(&server, hex_of(v->input, "client_public").data, &key));
    assert_is(v, key.octets, sizeof(key.octets), "session_key");
}

static void check_prim(const struct vector *v)
{
    struct knx_cipher cipher = cipher_of(v->input, "key");
    struct knx_ccm ccm = { .cipher = &cipher };
    struct bas_slice payload = hex_of(v->input, "payload");
    uint8_t mac[KNX_BLOCK_LEN];
    if (has(v->input, "b0")) {
        memcpy(ccm.b0, hex_of(v->input, "b0").data, sizeof(ccm.b0));
        struct bas_slice associated = hex_of(v->input, "additional_data");
        knx_ccm_mac(&ccm, &associated, 1, payload, mac);
        assert_is(v, mac, sizeof(mac), "mac");
        return;
    }
    memcpy(ccm.counter, hex_of(v->input, "ctr0").data, sizeof(ccm.counter));
    struct bas_slice plain = hex_of(v->input, "mac");
    memcpy(mac, plain.data, plain.len);
    uint8_t out[64];
    knx_ccm_crypt(&ccm, &(struct knx_ccm_text){ mac, plain.len, payload, out });
    assert_is(v, mac, plain.len, "encrypted_mac");
    assert_is(v, out, payload.len, "encrypted_payload");
}

/* ipsec, session */

static void assert_message(const struct vector *v, const struct knx_message *message)
{
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_message_encode(message, &out);
    assert_buf(v, &out, "frame");
}

static void check_session_request(const struct vector *v)
{
    const struct knx_message message = { .service = KNX_SESSION_REQUEST,
                                         .control = { .protocol = KNX_TCP },
                                         .public_key = hex_of(v->input, "client_public") };
    assert_message(v, &message);
}

static void check_session_response(const struct vector *v)
{
    struct knx_key key = key_of(v->input, "device_authentication_code");
    uint16_t session = (uint16_t)number_of(v->input, "session_id");
    struct bas_slice y = hex_of(v->input, "server_public");
    uint8_t mac[KNX_MAC_LEN];
    knx_response_mac(&key, session, hex_of(v->input, "client_public").data, y.data, mac);
    check_mac(v, "device_authentication_code", (struct bas_slice){ NULL, 0 });
    const struct knx_message message = { .service = KNX_SESSION_RESPONSE,
                                         .session = session,
                                         .public_key = y,
                                         .mac = { mac, sizeof(mac) } };
    assert_message(v, &message);
}

static void check_authenticate(const struct vector *v)
{
    static const uint8_t zero[KNX_PUBLIC_KEY_LEN];
    struct knx_key key = key_of(v->input, "user_key");
    uint8_t user = (uint8_t)number_of(v->input, "user_id");
    struct bas_slice both; /* X ^ Y: the other one may as well be zero */
    if (has(v->input, "xor_public")) {
        both = hex_of(v->input, "xor_public");
    } else {
        both = hex_of(v->input, "additional_data");
        both.data += both.len - KNX_PUBLIC_KEY_LEN;
    }
    uint8_t mac[KNX_MAC_LEN];
    knx_authenticate_mac(&key, user, both.data, zero, mac);
    const struct knx_message message = { .service = KNX_SESSION_AUTHENTICATE,
                                         .user = user,
                                         .mac = { mac, sizeof(mac) } };
    assert_message(v, &message);
}

static struct knx_wrapper wrapper_of(const json_t *object)
{
    struct knx_wrapper wrapper = { .tag = (uint16_t)strtoul(text_of(object, "tag"), NULL, 16) };
    wrapper.sequence = number_of(object, has(object, "timer") ? "timer" : "sequence");
    if (has(object, "session_id")) {
        wrapper.session = (uint16_t)number_of(object, "session_id");
    }
    memcpy(wrapper.serial, hex_of(object, "serial").data, KNX_SERIAL_LEN);
    return wrapper;
}

static void assert_same_wrapper(const struct knx_wrapper *a, const struct knx_wrapper *b)
{
    assert_int_equal(a->session, b->session);
    assert_true(a->sequence == b->sequence);
    assert_memory_equal(a->serial, b->serial, sizeof(a->serial));
    assert_int_equal(a->tag, b->tag);
}

static void check_timer_notify(const struct vector *v)
{
    struct knx_cipher cipher = cipher_of(v->input, "key");
    struct knx_wrapper timer = wrapper_of(v->input);
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_timer_notify(&cipher, &timer, &out);
    assert_buf(v, &out, "frame");
    check_mac(v, "key", (struct bas_slice){ NULL, 0 });
    struct knx_wrapper back;
    assert_true(knx_timer_notify_check(&cipher, hex_of(v->expect, "frame"), &back));
    assert_same_wrapper(&back, &timer);
}

/* Opens frame and wraps its content again. */
static void check_opens(const struct vector *v, struct bas_slice frame, struct bas_slice inner,
                        const struct knx_wrapper *wanted)
{
    static uint8_t memory[KNX_MAX_FRAME];
    struct knx_cipher cipher = cipher_of(v->input, "key");
    struct knx_wrapper wrapper;
    assert_int_equal(knx_wrapper_peek(frame, &wrapper), BAS_OK);
    assert_same_wrapper(&wrapper, wanted);
    struct bas_slice plain = { NULL, 0 };
    assert_int_equal(knx_unwrap(&cipher, frame, memory, &plain), BAS_OK);
    assert_octets(v, plain, inner);
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_wrap(&cipher, wanted, inner, &out);
    assert_octets(v, (struct bas_slice){ out.data, out.len }, frame);
}

static void check_ipsec(const struct vector *v)
{
    if (has(v->input, "inner")) {
        struct knx_wrapper wrapper = wrapper_of(v->input);
        check_opens(v, hex_of(v->expect, "frame"), hex_of(v->input, "inner"), &wrapper);
        check_mac(v, "key", hex_of(v->input, "inner"));
    } else if (has(v->input, "timer")) {
        check_timer_notify(v);
    } else if (has(v->input, "user_key")) {
        check_authenticate(v);
    } else if (has(v->input, "device_authentication_code")) {
        check_session_response(v);
    } else {
        check_session_request(v);
    }
}

/* A frame of a genuine server, from our private key and its device password. */
static void check_recorded_response(const struct vector *v)
{
    struct knx_message message;
    assert_int_equal(knx_message_decode(hex_of(v->input, "frame"), &message, NULL), BAS_OK);
    assert_int_equal(message.session, number_of(v->expect, "session_id"));
    struct knx_key_pair pair = pair_of(v, "client_private");
    assert_octets(v, (struct bas_slice){ pair.public_key, sizeof(pair.public_key) },
                  hex_of(v->input, "client_public"));
    const char *password = text_of(v->input, "device_password");
    struct knx_key device;
    knx_device_key((struct bas_slice){ (const uint8_t *)password, strlen(password) }, &device);
    uint8_t mac[KNX_MAC_LEN];
    knx_response_mac(&device, message.session, pair.public_key, message.public_key.data, mac);
    assert_octets(v, message.mac, (struct bas_slice){ mac, sizeof(mac) });
    struct knx_key key;
    assert_true(knx_agree(&pair, message.public_key.data, &key));
    assert_is(v, key.octets, sizeof(key.octets), "session_key");
}

static void check_session(const struct vector *v)
{
    if (has(v->input, "client_private")) {
        check_recorded_response(v);
        return;
    }
    struct bas_slice frame = hex_of(v->input, "frame");
    struct knx_wrapper wrapper = wrapper_of(v->expect);
    wrapper.session = 6; /* session-01 */
    check_opens(v, frame, hex_of(v->expect, "inner"), &wrapper);
    struct knx_message message;
    assert_int_equal(knx_message_decode(hex_of(v->expect, "inner"), &message, NULL), BAS_OK);
}

/* ipsec-neg */

/* As a session receives: greater sequence, MAC, and only then the new sequence. */
static void check_session_receives(const struct vector *v)
{
    static const struct knx_key key = { { 0x28, 0x94, 0x26, 0xC2, 0x91, 0x25, 0x35, 0xBA, 0x98,
                                          0x27, 0x9A, 0x4D, 0x18, 0x43, 0xC4, 0x87 } };
    struct knx_cipher cipher;
    knx_cipher_init(&cipher, &key);
    assert_octets(v, hex_of(v->input, "key"), (struct bas_slice){ key.octets, KNX_KEY_LEN });
    uint64_t next = 0;
    size_t i = 0;
    const json_t *frame = NULL;
    json_array_foreach(json_object_get(v->input, "frames"), i, frame)
    {
        struct bas_slice octets = test_hex(json_string_value(frame));
        uint8_t scratch[64];
        struct bas_slice inner;
        struct knx_wrapper wrapper;
        assert_int_equal(knx_wrapper_peek(octets, &wrapper), BAS_OK);
        bool ok =
            wrapper.sequence >= next && knx_unwrap(&cipher, octets, scratch, &inner) == BAS_OK;
        next = ok ? wrapper.sequence + 1 : next;
        const json_t *wanted = json_array_get(json_object_get(v->expect, "results"), i);
        assert_string_equal(json_string_value(wanted), ok ? "accept" : "discard");
    }
    assert_true(i >= 2);
}

/* Frames that the codec judges. */
static void check_bad_message(const struct vector *v)
{
    struct bas_slice frame = hex_of(v->input, "frame");
    struct knx_message message;
    bas_err err = knx_message_decode(frame, &message, NULL);
    if (is(v->expect, "result", "session refused")) {
        assert_int_equal(err, BAS_OK);
        assert_int_equal(message.session, 0);
        assert_int_equal(message.mac.len, 0);
    } else if (has(v->input, "device_authentication_code")) {
        assert_int_equal(err, BAS_OK);
        struct knx_key key = key_of(v->input, "device_authentication_code");
        uint8_t mac[KNX_MAC_LEN];
        knx_response_mac(&key, message.session, hex_of(v->input, "client_public").data,
                         message.public_key.data, mac);
        assert_false(bas_equal_secret(mac, message.mac.data, sizeof(mac)));
    } else {
        assert_memory_equal(text_of(v->expect, "result"), "reject (format)", 15);
        assert_int_not_equal(err, BAS_OK);
    }
}

static void check_ipsec_negative(const struct vector *v)
{
    if (has(v->input, "frames")) {
        check_session_receives(v);
        return;
    }
    if (!has(v->input, "key")) {
        check_bad_message(v);
        return;
    }
    struct bas_slice frame = hex_of(v->input, "frame");
    struct knx_cipher cipher = cipher_of(v->input, "key");
    uint8_t scratch[128];
    struct bas_slice inner = { NULL, 0 };
    bas_err wanted = BAS_ERR_TRUNCATED;
    if (is(v->expect, "why", "mac")) {
        wanted = BAS_ERR_KEY;
    } else if (is(v->expect, "why", "format or mac")) {
        wanted = BAS_ERR_MALFORMED;
    } else if (is(v->expect, "result", "discard")) {
        wanted = BAS_ERR_PROTOCOL;
    } else {
        assert_memory_equal(text_of(v->expect, "result"), "on TCP: wait", 12);
    }
    assert_int_equal(knx_unwrap(&cipher, frame, scratch, &inner), wanted);
    assert_null(inner.data);
}

/* All of them */

static struct vector_group groups[] = {
    { "kdf", 13, check_kdf },
    { "ecdh", 4, check_ecdh },
    { "prim", 4, check_prim },
    { "ipsec", 23, check_ipsec },
    { "ipsec-neg", 19, check_ipsec_negative },
    { "session", 25, check_session },
    { "datasec", 28, NULL },
    { "datasec-neg", 17, NULL },
    { "keyring", 12, NULL },
    { "keyring-neg", 10, NULL },
};

static void every_vector_belongs_to_a_group_that_somebody_checks(void **state)
{
    (void)state;
    json_t *root = load_vectors();
    size_t wanted = 0;
    for (size_t i = 0; i < BAS_ARRAY_LEN(groups); i++) {
        wanted += groups[i].count;
    }
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(json_object_get(root, "vectors"), i, row)
    {
        bool is_known = false;
        for (size_t j = 0; j < BAS_ARRAY_LEN(groups); j++) {
            is_known = is_known || is(row, "group", groups[j].name);
        }
        assert_true(is_known);
    }
    json_decref(root);
    assert_int_equal(i, wanted);
}

#define every_vector_of(name, row)                                                                 \
    {                                                                                              \
        "every_vector_of_" name, check_group, NULL, NULL, &groups[row]                             \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        every_vector_of("kdf", 0),
        every_vector_of("ecdh", 1),
        every_vector_of("prim", 2),
        every_vector_of("ipsec", 3),
        every_vector_of("ipsec_neg", 4),
        every_vector_of("session", 5),
        cmocka_unit_test(every_vector_belongs_to_a_group_that_somebody_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
