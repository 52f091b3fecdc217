/* Owns the yardstick of handshakes. */
#define _POSIX_C_SOURCE 200809L
#include "asymmetric.h"

#include "child.h"

#include <gnutls/abstract.h>
#include <nettle/curve25519.h>
#include <stdlib.h>
#include <time.h>

struct asymmetric {
    gnutls_privkey_t key;
    gnutls_pubkey_t public_key;
    gnutls_datum_t signature;
    uint8_t secret[CURVE25519_SIZE], point[CURVE25519_SIZE];
};

static const gnutls_datum_t signed_text = { (unsigned char *)(uintptr_t) "a transcript", 12 };

struct asymmetric *asymmetric_new(void)
{
    struct asymmetric *a = calloc(1, sizeof(*a));
    if (a == NULL || gnutls_privkey_init(&a->key) < 0 || gnutls_pubkey_init(&a->public_key) < 0 ||
        gnutls_privkey_generate(a->key, GNUTLS_PK_ECDSA,
                                GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) < 0 ||
        gnutls_pubkey_import_privkey(a->public_key, a->key, 0, 0) < 0 ||
        gnutls_privkey_sign_data2(a->key, GNUTLS_SIGN_ECDSA_SHA256, 0, &signed_text,
                                  &a->signature) < 0) {
        die("making a key");
    }
    a->secret[0] = 8;
    a->secret[31] = 64;
    curve25519_mul_g(a->point, a->secret);
    return a;
}

void asymmetric_free(struct asymmetric *a)
{
    gnutls_free(a->signature.data);
    gnutls_pubkey_deinit(a->public_key);
    gnutls_privkey_deinit(a->key);
    free(a);
}

static void once(struct asymmetric *a)
{
    uint8_t product[CURVE25519_SIZE];
    gnutls_datum_t signature = { NULL, 0 };
    curve25519_mul_g(product, a->secret);
    curve25519_mul(product, a->secret, a->point);
    a->secret[1] = product[1];
    if (gnutls_privkey_sign_data2(a->key, GNUTLS_SIGN_ECDSA_SHA256, 0, &signed_text, &signature) <
        0) {
        die("signing");
    }
    gnutls_free(signature.data);
    for (unsigned i = 0; i < 2; i++) {
        if (gnutls_pubkey_verify_data2(a->public_key, GNUTLS_SIGN_ECDSA_SHA256, 0, &signed_text,
                                       &a->signature) < 0) {
            die("verifying");
        }
    }
}

static double now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double asymmetric_run(struct asymmetric *a, unsigned n)
{
    double begin = now_us();
    for (unsigned i = 0; i < n; i++) {
        once(a);
    }
    return (now_us() - begin) / n;
}
