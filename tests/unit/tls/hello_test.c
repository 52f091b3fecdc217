#include "tls/hello.h"

#include "test_env.h"

#include <string.h>

/* EncryptedExtensions: the list of extensions in hex, behind its length. */
static int read_list(struct bas_tls_hello *hello, const char *extensions)
{
    uint8_t message[256];
    struct bas_slice list = test_hex(extensions);
    assert_true(list.len + 2 <= sizeof(message));
    message[0] = (uint8_t)(list.len >> 8);
    message[1] = (uint8_t)list.len;
    memcpy(message + 2, list.data, list.len);
    gnutls_datum_t datum = { message, (unsigned)list.len + 2 };
    return bas_tls_hello_read(hello, BAS_TLS_SERVER, &datum);
}

static void the_record_limit_is_what_the_peer_asks_for(void **state)
{
    (void)state;
    static const struct {
        const char *extensions;
        size_t limit;
    } rows[] = {
        { "", 16384 },
        { "001c0002"
          "4001",
          16384 },
        { "001c0002"
          "0401",
          1024 },
        { "001c0002"
          "0200",
          511 },
        { "001c0002"
          "01ff",
          16384 }, /* the library passes over it */
        { "001c0002"
          "ffff",
          16384 },
        { "00010001"
          "01",
          512 },
        { "00010001"
          "04",
          4096 },
        { "00010001"
          "05",
          16384 },
        { "00010001"
          "01"
          "001c0002"
          "0401",
          1024 }, /* RFC 8449: the newer one counts */
        { "001c0002"
          "0401"
          "00010001"
          "01",
          1024 },
        { "001c0001"
          "04",
          16384 }, /* cut; the library itself will refuse it */
        { "001c0000", 16384 },
        { "00010000", 16384 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_tls_hello hello = { 0 };
        assert_int_equal(read_list(&hello, rows[i].extensions), 0);
        assert_int_equal(hello.record_limit, rows[i].limit);
    }
}

static void tls_1_3_is_found_among_the_versions(void **state)
{
    (void)state;
    static const struct {
        const char *extensions;
        bool has_tls13;
    } rows[] = {
        { "002b0003"
          "020304",
          true },
        { "002b0005"
          "0403030304",
          true },
        { "002b0003"
          "020303",
          false },
        { "002b0005"
          "0203030304",
          false },
        { "002b0001"
          "02",
          false },
        { "002b0002"
          "0203",
          false },
        { "002b0000", false },
        { "", false },
        { "002b0004"
          "03030304",
          false },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_tls_hello hello = { 0 };
        assert_int_equal(read_list(&hello, rows[i].extensions), 0);
        assert_int_equal(hello.has_tls13, rows[i].has_tls13);
    }
}

static void the_first_certificate_of_a_message_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        const char *leaf; /* NULL: none */
    } rows[] = {
        { "00"
          "00000a"
          "000003"
          "aabbcc"
          "0000"
          "0000",
          "aabbcc" },
        { "02"
          "1122"
          "000008"
          "000003"
          "aabbcc"
          "0000",
          "aabbcc" },
        { "00"
          "000008"
          "000003"
          "aabbcc"
          "0000",
          "aabbcc" },
        { "00"
          "000000",
          NULL },
        { "00"
          "000003"
          "000000",
          NULL },
        { "00"
          "000005"
          "000003"
          "aabb",
          NULL },
        { "00"
          "000005"
          "000002"
          "aabbcc",
          "aabb" },
        { "05"
          "0000",
          NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_slice octets = test_hex(rows[i].message);
        uint8_t copy[32] = { 0 };
        gnutls_datum_t message = { copy, (unsigned)octets.len };
        gnutls_datum_t leaf = { NULL, 0 };
        memcpy(copy, octets.data, octets.len);
        assert_int_equal(bas_tls_hello_leaf(&message, &leaf), rows[i].leaf != NULL);
        if (rows[i].leaf != NULL) {
            struct bas_slice want = test_hex(rows[i].leaf);
            assert_int_equal(leaf.size, want.len);
            assert_memory_equal(leaf.data, want.data, want.len);
        }
    }
}

static void every_truncation_is_an_error_or_harmless(void **state)
{
    (void)state;
    struct bas_slice whole = test_hex("000f"
                                      "002b0003020304"
                                      "001c00020401");
    for (size_t len = 0; len < whole.len; len++) {
        uint8_t octets[32];
        struct bas_tls_hello hello = { 0 };
        memcpy(octets, whole.data, len);
        gnutls_datum_t message = { octets, (unsigned)len };
        if (len != 0) {
            assert_true(bas_tls_hello_read(&hello, BAS_TLS_SERVER, &message) < 0);
        }
        assert_int_equal(hello.record_limit, 0);
        assert_true(bas_tls_hello_read(&hello, BAS_TLS_CLIENT, &message) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_record_limit_is_what_the_peer_asks_for),
        cmocka_unit_test(tls_1_3_is_found_among_the_versions),
        cmocka_unit_test(the_first_certificate_of_a_message_is_found),
        cmocka_unit_test(every_truncation_is_an_error_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
