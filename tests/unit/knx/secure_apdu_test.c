/* One secured telegram: the worked examples of the standard, every truncation, every flipped bit,
 * every SCF, and a round trip of random ones. */
#include "test_env.h"

#include "knx/secure_apdu.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t key_octets[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
static const struct knx_secure_path group_path = { 0x1101, 0x0A03, 0xE0, 0x00 };
static const struct knx_secure_path connected = { 0xFF67, 0xFF00, 0x60, 0x43 };
static const struct knx_secure_path answering = { 0xFF00, 0xFF67, 0x60, 0x43 };
static const char group_write[] = "03f1 10 00000000002a df59 49899fd3";
static const char sync_request[] = "43f1 92 000000000001 000000000000 c1cf4506f09b d79fab55";
static const char sync_response[] = "43f1 93 aaaaaaaaaaa9 9c023ad25e146470693e638d 5b70cac4";

static struct knx_cipher standard_cipher(void)
{
    struct knx_key key;
    memcpy(key.octets, key_octets, sizeof(key_octets));
    struct knx_cipher cipher;
    knx_cipher_init(&cipher, &key);
    return cipher;
}

static void assert_seals(const struct knx_secure_path *path, const struct knx_secure_apdu *apdu,
                         const char *hex)
{
    struct knx_cipher cipher = standard_cipher();
    uint8_t memory[100];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_secure_apdu_seal(&cipher, path, apdu, &out);
    struct bas_slice wanted = test_hex(hex);
    assert_false(out.full);
    assert_int_equal(out.len, wanted.len);
    assert_memory_equal(out.data, wanted.data, wanted.len);
}

static enum knx_drop open_slice(const struct knx_secure_path *path, struct bas_slice tpdu,
                                struct knx_secure_apdu *apdu)
{
    static uint8_t scratch[300];
    struct knx_cipher cipher = standard_cipher();
    return knx_secure_apdu_open(&cipher, path, tpdu, scratch, apdu);
}

static void assert_apdu(const struct knx_secure_apdu *apdu, const char *hex)
{
    struct bas_slice wanted = test_hex(hex);
    assert_int_equal(apdu->apdu.len, wanted.len);
    assert_memory_equal(apdu->apdu.data, wanted.data, wanted.len);
}

static void a_group_write_is_that_of_the_standard_both_ways(void **state)
{
    (void)state;
    const struct knx_secure_apdu apdu = { .scf = 0x10, .sequence = 42, .apdu = test_hex("0081") };
    assert_seals(&group_path, &apdu, group_write);
    struct knx_secure_apdu opened = { 0 };
    assert_int_equal(open_slice(&group_path, test_hex(group_write), &opened), KNX_DROP_NONE);
    assert_int_equal(opened.scf, 0x10);
    assert_int_equal(opened.sequence, 42);
    assert_apdu(&opened, "0081");
}

/* With the stream over its MAC, as the text has it (spec 4.4). */
static void authentication_only_leaves_the_apdu_readable(void **state)
{
    (void)state;
    const struct knx_secure_apdu apdu = { .scf = 0x00, .sequence = 42, .apdu = test_hex("0081") };
    assert_seals(&group_path, &apdu, "03f1 00 00000000002a 0081 2e51ca4a");
    struct knx_secure_apdu opened = { 0 };
    assert_int_equal(
        open_slice(&group_path, test_hex("03f1 00 00000000002a 0081 2e51ca4a"), &opened),
        KNX_DROP_NONE);
    assert_apdu(&opened, "0081");
    /* other implementations' MACs of the same telegram */
    assert_int_equal(
        open_slice(&group_path, test_hex("03f1 00 00000000002a 0081 2bc3f09a"), &opened),
        KNX_DROP_MAC);
    assert_int_equal(
        open_slice(&group_path, test_hex("03f1 00 00000000002a 0081 b2f48e88"), &opened),
        KNX_DROP_MAC);
}

static void a_sync_request_is_that_of_the_standard_both_ways(void **state)
{
    (void)state;
    const struct knx_secure_apdu apdu = { .scf = 0x92,
                                          .sequence = 1,
                                          .apdu = test_hex("000000000003"),
                                          .clear = test_hex("000000000000") };
    assert_seals(&connected, &apdu, sync_request);
    struct knx_secure_apdu opened = { 0 };
    assert_int_equal(open_slice(&connected, test_hex(sync_request), &opened), KNX_DROP_NONE);
    assert_apdu(&opened, "000000000003");
    assert_int_equal(opened.clear.len, KNX_SERIAL_LEN);
    assert_int_equal(opened.sequence, 1);
}

static void a_sync_response_is_that_of_the_standard_both_ways(void **state)
{
    (void)state;
    const struct knx_secure_apdu apdu = { .scf = 0x93,
                                          .sequence = 0xAAAAAAAAAAAA,
                                          .apdu = test_hex("000000000003000000000004"),
                                          .challenge = 3 };
    assert_seals(&answering, &apdu, sync_response);
    struct knx_secure_apdu opened = { .challenge = 3 };
    assert_int_equal(open_slice(&answering, test_hex(sync_response), &opened), KNX_DROP_NONE);
    assert_apdu(&opened, "000000000003000000000004");
    assert_true(opened.sequence == 0xAAAAAAAAAAAA);
    opened.challenge = 4;
    assert_int_equal(open_slice(&answering, test_hex(sync_response), &opened), KNX_DROP_MAC);
}

static void what_does_not_fit_is_not_written_at_all(void **state)
{
    (void)state;
    struct knx_cipher cipher = standard_cipher();
    const struct knx_secure_apdu apdu = { .scf = 0x10, .sequence = 42, .apdu = test_hex("0081") };
    uint8_t memory[15];
    struct bas_buf out;
    bas_buf_init(&out, memory, 14);
    knx_secure_apdu_seal(&cipher, &group_path, &apdu, &out);
    assert_true(out.full);
    assert_int_equal(out.len, 0);
    bas_buf_init(&out, memory, 15);
    knx_secure_apdu_seal(&cipher, &group_path, &apdu, &out);
    assert_int_equal(out.len, 15);
}

static void no_truncation_opens(void **state)
{
    (void)state;
    const char *whole[] = { group_write, sync_request };
    for (size_t i = 0; i < BAS_ARRAY_LEN(whole); i++) {
        struct bas_slice tpdu = test_hex(whole[i]);
        for (size_t len = 0; len < tpdu.len; len++) {
            uint8_t *part = malloc(len == 0 ? 1 : len); /* exact: ASan sees a read behind it */
            assert_non_null(part);
            memcpy(part, tpdu.data, len);
            struct knx_secure_apdu opened = { 0 };
            enum knx_drop drop = open_slice(i == 0 ? &group_path : &connected,
                                            (struct bas_slice){ part, len }, &opened);
            assert_int_equal(drop, KNX_DROP_MALFORMED);
            assert_null(opened.apdu.data);
            free(part);
        }
    }
}

static void what_is_too_long_for_its_length_octet_is_malformed(void **state)
{
    (void)state;
    static uint8_t tpdu[269] = { 0x03, 0xF1, 0x10 };
    struct knx_secure_apdu opened = { 0 };
    assert_int_equal(open_slice(&group_path, (struct bas_slice){ tpdu, 268 }, &opened),
                     KNX_DROP_MAC);
    assert_int_equal(open_slice(&group_path, (struct bas_slice){ tpdu, 269 }, &opened),
                     KNX_DROP_MALFORMED);
}

static void another_service_is_malformed(void **state)
{
    (void)state;
    const char *others[] = { "03f0 10 00000000002a df59 49899fd3",
                             "02f1 10 00000000002a df59 49899fd3",
                             "00f1 10 00000000002a df59 49899fd3" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(others); i++) {
        struct knx_secure_apdu opened = { 0 };
        assert_false(knx_is_secure(test_hex(others[i])));
        assert_int_equal(open_slice(&group_path, test_hex(others[i]), &opened), KNX_DROP_MALFORMED);
    }
    assert_true(knx_is_secure(test_hex("4ff1")));
    assert_false(knx_is_secure(test_hex("03")));
    assert_false(knx_is_secure((struct bas_slice){ NULL, 0 }));
}

static void of_all_scf_exactly_these_are_known(void **state)
{
    (void)state;
    for (unsigned scf = 0; scf < 256; scf++) {
        unsigned rest = scf & 0x77; /* T and SBC aside */
        bool known = rest == 0x00 || rest == 0x10 || rest == 0x12 || rest == 0x13;
        uint8_t tpdu[KNX_SYNC_LEN] = { 0x03, 0xF1, (uint8_t)scf };
        struct knx_secure_apdu opened = { 0 };
        enum knx_drop drop =
            open_slice(&group_path, (struct bas_slice){ tpdu, sizeof(tpdu) }, &opened);
        assert_int_equal(drop, known ? KNX_DROP_MAC : KNX_DROP_SCF);
    }
}

static void a_sync_has_one_length(void **state)
{
    (void)state;
    for (size_t len = 15; len <= 40; len++) {
        uint8_t tpdu[40] = { 0x03, 0xF1, 0x12 };
        struct knx_secure_apdu opened = { 0 };
        enum knx_drop drop = open_slice(&connected, (struct bas_slice){ tpdu, len }, &opened);
        assert_int_equal(drop, len == 25 ? KNX_DROP_MAC : KNX_DROP_MALFORMED);
        tpdu[2] = 0x13;
        drop = open_slice(&connected, (struct bas_slice){ tpdu, len }, &opened);
        assert_int_equal(drop, len == 25 ? KNX_DROP_MAC : KNX_DROP_MALFORMED);
    }
}

static enum knx_drop drop_of_plain(const char *hex)
{
    struct knx_cipher cipher = standard_cipher();
    const struct knx_secure_apdu apdu = { .scf = 0x10, .sequence = 7, .apdu = test_hex(hex) };
    uint8_t memory[100];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_secure_apdu_seal(&cipher, &group_path, &apdu, &out);
    struct knx_secure_apdu opened = { 0 };
    return open_slice(&group_path, (struct bas_slice){ out.data, out.len }, &opened);
}

static void the_upper_six_bits_inside_must_be_zero(void **state)
{
    (void)state;
    for (unsigned bit = 2; bit < 8; bit++) {
        char hex[5];
        struct bas_buf text;
        bas_buf_init(&text, hex, sizeof(hex));
        bas_buf_format(&text, "%02x81", 1U << bit);
        assert_int_equal(drop_of_plain(bas_buf_text(&text)), KNX_DROP_MALFORMED);
    }
    assert_int_equal(drop_of_plain("0381"), KNX_DROP_NONE);
}

static void a_secure_service_inside_is_refused(void **state)
{
    (void)state;
    assert_int_equal(drop_of_plain("03f1"), KNX_DROP_MALFORMED);
    assert_int_equal(drop_of_plain("03f110000000000001"), KNX_DROP_MALFORMED);
    assert_int_equal(drop_of_plain("03f0"), KNX_DROP_NONE);
    assert_int_equal(drop_of_plain("03f2"), KNX_DROP_NONE);
}

/* Addresses, address type and frame format enter the blocks; the hop count does not. */
static void the_path_is_authenticated_but_for_the_hop_count(void **state)
{
    (void)state;
    struct knx_secure_apdu opened = { 0 };
    struct knx_secure_path path = group_path;
    path.control2 = 0x80;
    assert_int_equal(open_slice(&path, test_hex(group_write), &opened), KNX_DROP_NONE);
    path.control2 = 0x60;
    assert_int_equal(open_slice(&path, test_hex(group_write), &opened), KNX_DROP_MAC);
    path.control2 = 0xE4;
    assert_int_equal(open_slice(&path, test_hex(group_write), &opened), KNX_DROP_MAC);
    path = group_path;
    path.source++;
    assert_int_equal(open_slice(&path, test_hex(group_write), &opened), KNX_DROP_MAC);
    path = group_path;
    path.destination++;
    assert_int_equal(open_slice(&path, test_hex(group_write), &opened), KNX_DROP_MAC);
    assert_int_equal(
        open_slice(&group_path, test_hex("07f1 10 00000000002a df59 49899fd3"), &opened),
        KNX_DROP_MAC);
}

static void every_drop_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KNX_DROPS; i++) {
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(knx_drop_name((enum knx_drop)i),
                                    knx_drop_name((enum knx_drop)j));
        }
    }
    assert_string_equal(knx_drop_name(KNX_DROP_TOOL_ON_GROUP), "tool-on-group");
    assert_string_equal(knx_drop_name(KNX_DROPS), "unknown");
}

/* Random ones */

struct sample {
    struct knx_cipher cipher;
    struct knx_secure_path path;
    struct knx_secure_apdu apdu;
    uint8_t plain[255];
    uint8_t clear[KNX_SERIAL_LEN];
};

static uint64_t dice(struct test_env *env)
{
    uint64_t value = 0;
    env->env.random(env->env.ctx, (uint8_t *)&value, sizeof(value));
    return value;
}

static void make_sample(struct test_env *env, struct sample *s)
{
    static const uint8_t services[] = { 0x00, 0x10, 0x12, 0x13 };
    struct knx_key key;
    env->env.random(env->env.ctx, key.octets, sizeof(key.octets));
    knx_cipher_init(&s->cipher, &key);
    env->env.random(env->env.ctx, s->plain, sizeof(s->plain));
    env->env.random(env->env.ctx, s->clear, sizeof(s->clear));
    s->plain[0] &= 1; /* a plain APDU that is no Secure service */
    s->path = (struct knx_secure_path){ (knx_ia)dice(env), (uint16_t)dice(env), (uint8_t)dice(env),
                                        (uint8_t)dice(env) };
    uint8_t scf = (uint8_t)(services[dice(env) % 4] | (dice(env) & 0x88));
    size_t len = 2 + dice(env) % 254;
    if ((scf & 7) != 0) {
        len = (scf & 7) == 2 ? 6 : 12;
    }
    s->apdu = (struct knx_secure_apdu){ .scf = scf,
                                        .sequence = dice(env) & KNX_COUNTER_MAX,
                                        .apdu = { s->plain, len },
                                        .clear = { s->clear, sizeof(s->clear) },
                                        .challenge = dice(env) & KNX_COUNTER_MAX };
}

static void what_is_sealed_opens_to_the_same_and_no_flipped_bit_does(void **state)
{
    (void)state;
    struct test_env env;
    test_env_init(&env);
    for (unsigned i = 0; i < 400; i++) {
        struct sample s;
        make_sample(&env, &s);
        uint8_t tpdu[300];
        uint8_t scratch[300];
        struct bas_buf out;
        bas_buf_init(&out, tpdu, sizeof(tpdu));
        knx_secure_apdu_seal(&s.cipher, &s.path, &s.apdu, &out);
        assert_false(out.full);
        const struct bas_slice sealed = { tpdu, out.len };
        struct knx_secure_apdu opened = { .challenge = s.apdu.challenge };
        assert_int_equal(knx_secure_apdu_open(&s.cipher, &s.path, sealed, scratch, &opened),
                         KNX_DROP_NONE);
        assert_int_equal(opened.scf, s.apdu.scf);
        assert_true(opened.sequence == s.apdu.sequence);
        assert_int_equal(opened.apdu.len, s.apdu.apdu.len);
        assert_memory_equal(opened.apdu.data, s.plain, opened.apdu.len);
        for (unsigned flips = 0; flips < 16; flips++) {
            size_t bit = dice(&env) % (out.len * 8);
            tpdu[bit / 8] ^= (uint8_t)(1U << bit % 8);
            opened = (struct knx_secure_apdu){ .challenge = s.apdu.challenge };
            assert_int_not_equal(knx_secure_apdu_open(&s.cipher, &s.path, sealed, scratch, &opened),
                                 KNX_DROP_NONE);
            assert_null(opened.apdu.data);
            tpdu[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

static void no_bit_of_a_telegram_can_be_flipped(void **state)
{
    (void)state;
    const struct {
        const char *hex;
        const struct knx_secure_path *path;
        uint64_t challenge;
    } rows[] = { { group_write, &group_path, 0 },
                 { "03f1 00 00000000002a 0081 2e51ca4a", &group_path, 0 },
                 { sync_request, &connected, 0 },
                 { sync_response, &answering, 3 } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_slice good = test_hex(rows[i].hex);
        for (size_t bit = 0; bit < good.len * 8; bit++) {
            uint8_t tpdu[KNX_SYNC_LEN];
            memcpy(tpdu, good.data, good.len);
            tpdu[bit / 8] ^= (uint8_t)(1U << bit % 8);
            struct knx_secure_apdu opened = { .challenge = rows[i].challenge };
            assert_int_not_equal(
                open_slice(rows[i].path, (struct bas_slice){ tpdu, good.len }, &opened),
                KNX_DROP_NONE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_write_is_that_of_the_standard_both_ways),
        cmocka_unit_test(authentication_only_leaves_the_apdu_readable),
        cmocka_unit_test(a_sync_request_is_that_of_the_standard_both_ways),
        cmocka_unit_test(a_sync_response_is_that_of_the_standard_both_ways),
        cmocka_unit_test(what_does_not_fit_is_not_written_at_all),
        cmocka_unit_test(no_truncation_opens),
        cmocka_unit_test(what_is_too_long_for_its_length_octet_is_malformed),
        cmocka_unit_test(another_service_is_malformed),
        cmocka_unit_test(of_all_scf_exactly_these_are_known),
        cmocka_unit_test(a_sync_has_one_length),
        cmocka_unit_test(the_upper_six_bits_inside_must_be_zero),
        cmocka_unit_test(a_secure_service_inside_is_refused),
        cmocka_unit_test(the_path_is_authenticated_but_for_the_hop_count),
        cmocka_unit_test(every_drop_has_a_name_of_its_own),
        cmocka_unit_test(what_is_sealed_opens_to_the_same_and_no_flipped_bit_does),
        cmocka_unit_test(no_bit_of_a_telegram_can_be_flipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
