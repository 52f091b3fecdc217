#include "test_env.h"

#include "crypto/crypto.h"
#include "knx/keyring/crypto.h"
#include "wire/base64.h"

#include <string.h>

enum { MAX_PLAIN = 160 };

/* What a password attribute of these plain octets looks like. */
static bas_err decrypt(const struct knx_keyring_cipher *cipher, const uint8_t *plain, size_t len,
                       struct knx_password *password)
{
    uint8_t octets[MAX_PLAIN];
    uint8_t text[BAS_BASE64_LEN(MAX_PLAIN)];
    struct bas_buf buf;
    bas_aes128_cbc_encrypt(cipher->key.octets, cipher->iv, plain, octets, len);
    bas_buf_init(&buf, text, sizeof(text));
    bas_base64_encode(&buf, (struct bas_slice){ octets, len });
    return knx_keyring_decrypt_password(cipher, (struct bas_slice){ buf.data, buf.len }, password);
}

static struct knx_keyring_cipher cipher_of(const char *created)
{
    static const struct knx_key key = { { 0xC9, 0x59, 0x6C, 0x2A, 0x17, 0x8D, 0x79, 0x86, 0x83,
                                          0xD2, 0x9A, 0xA4, 0x52, 0x6D, 0x60, 0x99 } };
    struct knx_keyring_cipher cipher;
    knx_keyring_cipher_init(&cipher, &key, created);
    return cipher;
}

/* Spec 5.5. */
static void the_vector_of_a_file_is_that_of_its_date(void **state)
{
    (void)state;
    struct knx_keyring_cipher cipher = cipher_of("2019-06-11T06:45:22");
    assert_memory_equal(cipher.iv, test_hex("c523ecf9ddf54deea854444ae7503402").data, 16);
}

static void pads_of_1_to_24_octets_are_taken_off(void **state)
{
    (void)state;
    struct knx_keyring_cipher cipher = cipher_of("x");
    for (uint8_t pad = 1; pad <= 24; pad++) {
        uint8_t plain[32];
        struct knx_password password;
        memset(plain, 'p', sizeof(plain));
        memset(plain + 32 - pad, pad, pad);
        assert_int_equal(decrypt(&cipher, plain, sizeof(plain), &password), BAS_OK);
        assert_true(password.is_set);
        assert_int_equal(password.len, 24 - pad);
        assert_memory_equal(password.octets, plain + 8, password.len);
    }
}

static void every_octet_of_a_pad_counts(void **state)
{
    (void)state;
    struct knx_keyring_cipher cipher = cipher_of("x");
    for (uint8_t pad = 1; pad <= 24; pad++) {
        for (uint8_t wrong = 1; wrong < pad; wrong++) {
            uint8_t plain[32] = { 0 };
            struct knx_password password;
            memset(plain + 32 - pad, pad, pad);
            plain[32 - pad + wrong - 1] ^= 0x80;
            assert_int_equal(decrypt(&cipher, plain, sizeof(plain), &password), BAS_ERR_KEY);
            assert_false(password.is_set);
        }
    }
}

static void pads_of_lengths_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const uint8_t lengths[] = { 0, 25, 32, 33, 255 };
    struct knx_keyring_cipher cipher = cipher_of("x");
    for (size_t i = 0; i < BAS_ARRAY_LEN(lengths); i++) {
        uint8_t plain[32];
        struct knx_password password;
        memset(plain, lengths[i], sizeof(plain));
        assert_int_equal(decrypt(&cipher, plain, sizeof(plain), &password), BAS_ERR_KEY);
    }
}

static void lengths_that_are_no_blocks_or_too_many_are_refused(void **state)
{
    (void)state;
    struct knx_keyring_cipher cipher = cipher_of("x");
    struct knx_password password;
    uint8_t plain[MAX_PLAIN];
    memset(plain, 'p', sizeof(plain));
    for (size_t len = 16; len <= 128; len += 16) { /* the longest password has 64 octets */
        plain[len - 1] = 1;
        assert_int_equal(decrypt(&cipher, plain, len, &password),
                         len - 9 <= KNX_KEYRING_MAX_PASSWORD ? BAS_OK : BAS_ERR_MALFORMED);
        plain[len - 1] = 'p';
    }
    static const char *const texts[] = { "", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAA", "A", "!!!!" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        const struct bas_slice text = { (const uint8_t *)texts[i], strlen(texts[i]) };
        struct knx_key key;
        assert_int_equal(knx_keyring_decrypt_password(&cipher, text, &password), BAS_ERR_MALFORMED);
        assert_int_equal(knx_keyring_decrypt_key(&cipher, text, &key), BAS_ERR_MALFORMED);
    }
}

static void keys_and_passwords_survive_the_round_trip(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct knx_keyring_cipher cipher = cipher_of("x");
    for (unsigned round = 0; round < 50; round++) {
        uint8_t room[200];
        struct bas_buf text;
        struct knx_key key;
        struct knx_key back;
        struct knx_password password = { .is_set = true, .len = (uint8_t)round };
        struct knx_password again;
        t.env.random(t.env.ctx, key.octets, sizeof(key.octets));
        t.env.random(t.env.ctx, password.octets, password.len);
        bas_buf_init(&text, room, sizeof(room));
        knx_keyring_encrypt_key(&cipher, &key, &text);
        assert_int_equal(
            knx_keyring_decrypt_key(&cipher, (struct bas_slice){ text.data, text.len }, &back),
            BAS_OK);
        assert_memory_equal(&back, &key, sizeof(key));
        bas_buf_init(&text, room, sizeof(room));
        knx_keyring_encrypt_password(&cipher, &t.env, &password, &text);
        assert_int_equal(knx_keyring_decrypt_password(
                             &cipher, (struct bas_slice){ text.data, text.len }, &again),
                         BAS_OK);
        assert_int_equal(again.len, password.len);
        assert_memory_equal(again.octets, password.octets, password.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_of_a_file_is_that_of_its_date),
        cmocka_unit_test(pads_of_1_to_24_octets_are_taken_off),
        cmocka_unit_test(every_octet_of_a_pad_counts),
        cmocka_unit_test(pads_of_lengths_that_cannot_be_are_refused),
        cmocka_unit_test(lengths_that_are_no_blocks_or_too_many_are_refused),
        cmocka_unit_test(keys_and_passwords_survive_the_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
