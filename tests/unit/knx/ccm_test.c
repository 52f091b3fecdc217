/* The CCM profile against octets that were computed elsewhere, and against its definition. */
#include "test_env.h"

#include "knx/ccm.h"

#include "crypto/crypto.h"

#include <string.h>

static void cipher_of(const char *hex, struct knx_cipher *cipher)
{
    struct knx_key key;
    struct bas_slice octets = test_hex(hex);
    assert_int_equal(octets.len, sizeof(key.octets));
    memcpy(key.octets, octets.data, sizeof(key.octets));
    knx_cipher_init(cipher, &key);
}

static void assert_hex(const uint8_t *octets, size_t len, const char *hex)
{
    struct bas_slice wanted = test_hex(hex);
    assert_int_equal(len, wanted.len);
    assert_memory_equal(octets, wanted.data, len);
}

static void payload_follows_the_associated_data_without_padding(void **state)
{
    (void)state;
    struct knx_cipher cipher;
    cipher_of("00112233445566778899aabbccddeeff", &cipher);
    const struct knx_ccm ccm = { .cipher = &cipher };
    uint8_t mac[KNX_BLOCK_LEN];
    struct bas_slice associated = test_hex("aabbccddeeff");
    knx_ccm_mac(&ccm, &associated, 1, test_hex("0102030405060708"), mac);
    assert_hex(mac, sizeof(mac), "b976d4018e1ff050c0eab59b292df818");
}

static void it_is_the_same_how_ever_the_associated_data_is_cut(void **state)
{
    (void)state;
    struct knx_cipher cipher;
    cipher_of("000102030405060708090a0b0c0d0e0f", &cipher);
    const struct knx_ccm ccm = { .cipher = &cipher, .b0 = { 1, 2, 3 } };
    uint8_t octets[50];
    for (size_t i = 0; i < sizeof(octets); i++) {
        octets[i] = (uint8_t)(i * 7);
    }
    for (size_t len = 0; len <= sizeof(octets); len++) {
        uint8_t whole[KNX_BLOCK_LEN];
        const struct bas_slice one = { octets, len };
        knx_ccm_mac(&ccm, &one, 1, (struct bas_slice){ octets, 9 }, whole);
        for (size_t cut = 0; cut <= len; cut++) {
            const struct bas_slice two[] = { { octets, cut }, { octets + cut, len - cut } };
            uint8_t mac[KNX_BLOCK_LEN];
            knx_ccm_mac(&ccm, two, 2, (struct bas_slice){ octets, 9 }, mac);
            assert_memory_equal(mac, whole, sizeof(mac));
        }
    }
}

/* CBC-MAC is the last block of CBC with a zero IV. */
static void it_is_the_last_block_of_cbc_at_every_length(void **state)
{
    (void)state;
    const struct knx_key key = { { 9, 8, 7 } };
    struct knx_cipher cipher;
    knx_cipher_init(&cipher, &key);
    const struct knx_ccm ccm = { .cipher = &cipher, .b0 = { 0xB0, 1 } };
    for (size_t len = 0; len <= 70; len++) {
        uint8_t input[112] = { 0 };
        memcpy(input, ccm.b0, KNX_BLOCK_LEN);
        input[17] = 3; /* the length of the associated data */
        for (size_t i = 18; i < 21 + len; i++) {
            input[i] = (uint8_t)(i + len);
        }
        size_t padded = (21 + len + 15) / 16 * 16;
        const struct bas_slice associated = { input + 18, 3 };
        uint8_t mac[KNX_BLOCK_LEN];
        knx_ccm_mac(&ccm, &associated, 1, (struct bas_slice){ input + 21, len }, mac);
        static const uint8_t iv[KNX_BLOCK_LEN];
        uint8_t cbc[112];
        bas_aes128_cbc_encrypt(key.octets, iv, input, cbc, padded);
        assert_memory_equal(mac, cbc + padded - KNX_BLOCK_LEN, sizeof(mac));
    }
}

static void the_stream_goes_on_behind_a_mac_of_sixteen_octets(void **state)
{
    (void)state;
    struct knx_ccm ccm;
    struct knx_cipher cipher;
    cipher_of("00112233445566778899aabbccddeeff", &cipher);
    ccm.cipher = &cipher;
    memcpy(ccm.counter, test_hex("000102030405060708090a0b0c0d0e0f").data, KNX_BLOCK_LEN);
    uint8_t mac[KNX_BLOCK_LEN];
    memcpy(mac, test_hex("f0e1d2c3b4a5968778695a4b3c2d1e0f").data, sizeof(mac));
    uint8_t out[6];
    knx_ccm_crypt(&ccm, &(struct knx_ccm_text){ mac, 16, test_hex("010203040506"), out });
    assert_hex(mac, sizeof(mac), "d77e6589c1d785d9f7f2d4bdedc3fe0c");
    assert_hex(out, sizeof(out), "01058e149894");
}

static void the_stream_goes_on_behind_a_mac_of_four_octets(void **state)
{
    (void)state;
    struct knx_ccm ccm;
    struct knx_cipher cipher;
    cipher_of("000102030405060708090a0b0c0d0e0f", &cipher);
    ccm.cipher = &cipher;
    memcpy(ccm.counter, test_hex("00000000002a11010a03000000000100").data, KNX_BLOCK_LEN);
    uint8_t mac[] = { 0xAA, 0xBB, 0xCC, 0xDD };
    uint8_t out[2];
    knx_ccm_crypt(&ccm, &(struct knx_ccm_text){ mac, 4, test_hex("0081"), out });
    assert_hex(mac, sizeof(mac), "af29f60d");
    assert_hex(out, sizeof(out), "df59");
}

/* Octet by octet from the definition: block j of the stream is AES(counter with last octet + j). */
static void every_octet_of_the_longest_text_has_its_own_octet_of_stream(void **state)
{
    (void)state;
    struct knx_cipher cipher;
    cipher_of("000102030405060708090a0b0c0d0e0f", &cipher);
    struct bas_aes128 aes;
    bas_aes128_init(&aes, test_hex("000102030405060708090a0b0c0d0e0f").data);
    const struct knx_ccm ccm = { .cipher = &cipher, .counter = { [0] = 5, [14] = 0xFF } };
    static uint8_t text[KNX_WRAPPER_MAX_INNER];
    memset(text, 0, sizeof(text));
    uint8_t mac[KNX_MAC_LEN] = { 0 };
    knx_ccm_crypt(&ccm, &(struct knx_ccm_text){
                            mac, sizeof(mac), { text, sizeof(text) }, text /* in place */ });
    for (unsigned j = 0; j < 256; j++) {
        uint8_t block[KNX_BLOCK_LEN];
        memcpy(block, ccm.counter, sizeof(block));
        block[15] = (uint8_t)j;
        bas_aes128_encrypt(&aes, block, block, sizeof(block));
        assert_memory_equal(j == 0 ? mac : text + (j - 1) * KNX_BLOCK_LEN, block, sizeof(block));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_follows_the_associated_data_without_padding),
        cmocka_unit_test(it_is_the_same_how_ever_the_associated_data_is_cut),
        cmocka_unit_test(it_is_the_last_block_of_cbc_at_every_length),
        cmocka_unit_test(the_stream_goes_on_behind_a_mac_of_sixteen_octets),
        cmocka_unit_test(the_stream_goes_on_behind_a_mac_of_four_octets),
        cmocka_unit_test(every_octet_of_the_longest_text_has_its_own_octet_of_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
