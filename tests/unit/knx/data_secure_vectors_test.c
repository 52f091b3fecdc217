/* Every vector of tests/vectors/knx-vectors.json that is about Data Secure: one telegram alone, and
 * telegrams through an engine. */
#include "vector.h"

#include <string.h>

static struct knx_secure_path path_of(const struct vector *v)
{
    struct knx_secure_path path = { .source = (knx_ia)number_of(v->input, "src"),
                                    .destination = (uint16_t)number_of(v->input, "dst") };
    path.control2 = is(v->input, "address_type", "individual") ? 0x60 : 0xE0;
    if (has(v->input, "tpci_apci_high")) {
        path.tpci = hex_of(v->input, "tpci_apci_high").data[0];
    }
    return path;
}

static void check_both_ways(const struct vector *v)
{
    struct knx_cipher cipher = cipher_of(v->input, "key");
    const struct knx_secure_path path = path_of(v);
    struct knx_secure_apdu apdu = { .scf = hex_of(v->input, "scf").data[0],
                                    .sequence = number_of(v->input, "sequence"),
                                    .apdu = hex_of(v->input, "apdu") };
    if (has(v->input, "clear_extra")) {
        apdu.clear = hex_of(v->input, "clear_extra");
    }
    if (has(v->input, "challenge")) {
        apdu.challenge = number_of(v->input, "challenge");
    }
    uint8_t memory[300];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_secure_apdu_seal(&cipher, &path, &apdu, &out);
    assert_buf(v, &out, "tpdu");
    struct knx_secure_apdu opened = { .challenge = apdu.challenge };
    assert_int_equal(
        knx_secure_apdu_open(&cipher, &path, hex_of(v->expect, "tpdu"), memory, &opened),
        KNX_DROP_NONE);
    assert_octets(v, opened.apdu, apdu.apdu);
    assert_true(opened.sequence == apdu.sequence);
    bool is_encrypted = (apdu.scf & KNX_SCF_ENCRYPTED) != 0;
    check_mac(v, "key", is_encrypted ? apdu.apdu : (struct bas_slice){ NULL, 0 });
}

static struct knx_data_secure *engine_of(struct test_env *env, knx_ia address,
                                         struct knx_group_key group, struct knx_sender sender)
{
    const struct knx_data_secure_config config = {
        .size = sizeof(config),
        .address = address,
        .groups = &group,
        .n_groups = 1,
        .senders = &sender,
        .n_senders = 1,
    };
    test_env_init(env);
    struct knx_data_secure *secure = knx_data_secure_new(&env->env, &config);
    assert_non_null(secure);
    return secure;
}

/* A whole telegram: through the engine of somebody who hears it, and out of that of its sender. */
static void check_telegram(const struct vector *v)
{
    struct bas_slice octets = hex_of(v->input, "cemi");
    struct knx_cemi cemi;
    assert_int_equal(knx_cemi_decode(octets, &cemi, NULL), BAS_OK);
    const struct knx_group_key group = { cemi.destination, key_of(v->input, "key") };
    const struct knx_sender sender = { .address = cemi.source };
    bool is_own = cemi.code == KNX_L_DATA_CON;
    struct test_env env;
    struct knx_data_secure *secure = engine_of(&env, is_own ? cemi.source : 0x110F, group, sender);
    uint8_t memory[300];
    struct bas_buf out;
    struct knx_opened opened;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_data_secure_open(secure, &cemi, 0, &out, &opened);
    assert_int_equal(opened.drop, KNX_DROP_NONE);
    assert_octets(v, opened.cemi.tpdu, hex_of(v->expect, "apdu"));
    assert_true(opened.sequence == number_of(v->expect, "sequence"));

    struct knx_cemi plain = opened.cemi;
    uint8_t tpdu[64];
    memcpy(tpdu, plain.tpdu.data, plain.tpdu.len);
    plain.tpdu.data = tpdu;
    knx_data_secure_set_address(secure, cemi.source);
    assert_int_equal(knx_data_secure_grant(secure, opened.sequence, 1), BAS_OK);
    bool is_secured = false;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_data_secure_seal(secure, &plain, 0, &out, &is_secured, NULL), BAS_OK);
    assert_true(is_secured);
    assert_octets(v, (struct bas_slice){ out.data, out.len }, octets);
    knx_data_secure_free(secure);
    test_env_check(&env);
}

static void check_datasec(const struct vector *v)
{
    if (has(v->input, "cemi")) {
        check_telegram(v);
    } else {
        check_both_ways(v);
    }
}

/* datasec-neg */

static const struct {
    const char *text;
    enum knx_drop drop;
} whys[] = {
    { "scf", KNX_DROP_SCF },
    { "mac", KNX_DROP_MAC },
    { "short", KNX_DROP_MALFORMED },
};

static void check_refused(const struct vector *v)
{
    struct knx_cipher cipher = cipher_of(v->input, "key");
    const struct knx_secure_path path = path_of(v);
    uint8_t scratch[64];
    struct knx_secure_apdu opened = { 0 };
    enum knx_drop drop =
        knx_secure_apdu_open(&cipher, &path, hex_of(v->input, "tpdu"), scratch, &opened);
    assert_null(opened.apdu.data);
    for (size_t i = 0; i < BAS_ARRAY_LEN(whys); i++) {
        if (is(v->expect, "why", whys[i].text)) {
            assert_int_equal(drop, whys[i].drop);
            return;
        }
    }
    fail_msg("%s: unknown reason", v->id);
}

/* The telegrams of these vectors: 5.0.1 to 0/4/0. */
static const char neg_key[] = "dfdf23a59fbb40404091d1c162087e8b";

static struct knx_data_secure *neg_engine(struct test_env *env, uint64_t last)
{
    struct knx_group_key group = { .group = 0x0400 };
    memcpy(group.key.octets, test_hex(neg_key).data, KNX_KEY_LEN);
    const struct knx_sender sender = { .address = 0x5001, .last = last };
    return engine_of(env, 0x5001, group, sender);
}

static enum knx_drop neg_receive(struct knx_data_secure *secure, knx_ia source,
                                 struct bas_slice tpdu)
{
    const struct knx_cemi cemi = knx_cemi_group(KNX_L_DATA_IND, source, 0x0400, tpdu);
    uint8_t memory[300];
    struct bas_buf out;
    struct knx_opened opened;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_data_secure_open(secure, &cemi, 0, &out, &opened);
    assert_int_equal(opened.drop == KNX_DROP_NONE, opened.cemi.tpdu.len != 0);
    return opened.drop;
}

static void check_received(const struct vector *v, struct knx_data_secure *secure)
{
    knx_data_secure_set_address(secure, 0x110F);
    knx_ia source = (knx_ia)number_of(v->input, "src");
    if (has(v->input, "tpdus")) {
        const json_t *tpdus = json_object_get(v->input, "tpdus");
        assert_int_equal(json_array_size(tpdus), 2);
        struct bas_slice first = test_hex(json_string_value(json_array_get(tpdus, 0)));
        struct bas_slice second = test_hex(json_string_value(json_array_get(tpdus, 1)));
        assert_int_equal(neg_receive(secure, source, first), KNX_DROP_NONE);
        assert_int_equal(neg_receive(secure, source, second), KNX_DROP_DUPLICATE);
        return;
    }
    assert_int_equal(neg_receive(secure, source, hex_of(v->input, "tpdu")),
                     has(v->input, "last_valid") ? KNX_DROP_REPLAY : KNX_DROP_UNKNOWN_SENDER);
}

static void check_plain(const struct vector *v, struct knx_data_secure *secure)
{
    struct knx_cemi cemi;
    assert_int_equal(knx_cemi_decode(hex_of(v->input, "cemi"), &cemi, NULL), BAS_OK);
    assert_int_equal(neg_receive(secure, cemi.source, cemi.tpdu), KNX_DROP_PLAIN);
}

static bas_err neg_send(struct knx_data_secure *secure)
{
    const struct knx_cemi cemi = knx_cemi_group(KNX_L_DATA_REQ, 0x5001, 0x0400, test_hex("0081"));
    uint8_t memory[64];
    struct bas_buf out;
    bool is_secured = false;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_err err = knx_data_secure_seal(secure, &cemi, 0, &out, &is_secured, NULL);
    assert_int_equal(out.len != 0, err == BAS_OK);
    return err;
}

static void check_engine_refuses(const struct vector *v)
{
    struct test_env env;
    uint64_t last = has(v->input, "last_valid") ? number_of(v->input, "last_valid") : 0;
    struct knx_data_secure *secure = neg_engine(&env, last);
    if (has(v->input, "cemi")) {
        check_plain(v, secure);
    } else if (has(v->input, "src")) {
        check_received(v, secure);
    } else if (has(v->input, "sequence")) {
        assert_int_equal(number_of(v->input, "sequence"), 0);
        assert_int_equal(knx_data_secure_grant(secure, 0, 1), BAS_ERR_INVALID);
        assert_int_equal(neg_send(secure), BAS_ERR_BUSY);
    } else {
        assert_int_equal(knx_data_secure_grant(secure, number_of(v->input, "last_used"), 1),
                         BAS_OK);
        assert_int_equal(neg_send(secure), BAS_OK);
        assert_int_equal(neg_send(secure), BAS_ERR_STATE);
    }
    knx_data_secure_free(secure);
    test_env_check(&env);
}

static void check_datasec_negative(const struct vector *v)
{
    if (has(v->input, "key") && has(v->input, "tpdu")) {
        check_refused(v);
    } else {
        check_engine_refuses(v);
    }
}

/* All of them */

static struct vector_group groups[] = {
    { "datasec", 28, check_datasec },
    { "datasec-neg", 17, check_datasec_negative },
};

#define every_vector_of(name, row)                                                                 \
    {                                                                                              \
        "every_vector_of_" name, check_group, NULL, NULL, &groups[row]                             \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        every_vector_of("datasec", 0),
        every_vector_of("datasec_neg", 1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
