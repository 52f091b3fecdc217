/* Owns the signature of a keyring (spec 5.3). */
#include "knx/keyring/sign.h"

#include "knx/keyring/row.h"
#include "wire/base64.h"
#include "wire/wr.h"

#include <assert.h>
#include <string.h>

enum { OPEN = 1, CLOSE = 2, MAX_LENGTH_OCTETS = 10 };

void knx_keyring_sign_init(struct knx_keyring_sign *sign)
{
    bas_sha256_init(&sign->of_groups);
    bas_sha256_init(&sign->of_one_octet);
}

static void add_octet(struct knx_keyring_sign *sign, uint8_t octet)
{
    bas_sha256_add(&sign->of_groups, (struct bas_slice){ &octet, 1 });
    bas_sha256_add(&sign->of_one_octet, (struct bas_slice){ &octet, 1 });
}

static void add_text(struct knx_keyring_sign *sign, struct bas_slice text)
{
    uint8_t room[MAX_LENGTH_OCTETS];
    struct bas_buf groups;
    bas_buf_init(&groups, room, sizeof(room));
    size_t len = text.len;
    for (; len > 0x7F; len >>= 7U) {
        wr_u8(&groups, (uint8_t)(0x80U | (len & 0x7FU)));
    }
    wr_u8(&groups, (uint8_t)len);
    uint8_t octet = (uint8_t)(text.len & 0xFFU);
    bas_sha256_add(&sign->of_groups, (struct bas_slice){ groups.data, groups.len });
    bas_sha256_add(&sign->of_groups, text);
    bas_sha256_add(&sign->of_one_octet, (struct bas_slice){ &octet, 1 });
    bas_sha256_add(&sign->of_one_octet, text);
}

static void add_name(struct knx_keyring_sign *sign, const char *name)
{
    add_text(sign, (struct bas_slice){ (const uint8_t *)name, strlen(name) });
}

/* In the order of octets, which for UTF-8 is that of code points. */
static bool is_before(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return (uint8_t)*a < (uint8_t)*b;
}

static void sort(struct knx_keyring_attribute *attributes, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct knx_keyring_attribute moving = attributes[i];
        size_t at = i;
        for (; at > 0 && is_before(moving.name, attributes[at - 1].name); at--) {
            attributes[at] = attributes[at - 1];
        }
        attributes[at] = moving;
    }
}

void knx_keyring_sign_open(struct knx_keyring_sign *sign, const char *name,
                           struct knx_keyring_attribute *attributes, size_t n)
{
    assert(n <= KNX_KEYRING_MAX_ATTRIBUTES);
    sort(attributes, n);
    add_octet(sign, OPEN);
    add_name(sign, name);
    for (size_t i = 0; i < n; i++) {
        if (!knx_keyring_is(attributes[i].name, "Signature") &&
            !knx_keyring_is(attributes[i].name, "xmlns")) {
            add_name(sign, attributes[i].name);
            add_text(sign, attributes[i].value);
        }
    }
}

void knx_keyring_sign_close(struct knx_keyring_sign *sign)
{
    add_octet(sign, CLOSE);
}

void knx_keyring_sign_end(struct knx_keyring_sign *sign, const struct knx_key *keyring_key,
                          struct knx_keyring_signatures *signatures)
{
    uint8_t room[BAS_BASE64_LEN(KNX_KEY_LEN)];
    uint8_t digest[BAS_SHA256_LEN];
    struct bas_buf text;
    bas_buf_init(&text, room, sizeof(room));
    bas_base64_encode(&text, (struct bas_slice){ keyring_key->octets, KNX_KEY_LEN });
    add_text(sign, (struct bas_slice){ text.data, text.len });
    bas_sha256_end(&sign->of_groups, digest);
    memcpy(signatures->of_groups, digest, KNX_KEYRING_SIGNATURE);
    bas_sha256_end(&sign->of_one_octet, digest);
    memcpy(signatures->of_one_octet, digest, KNX_KEYRING_SIGNATURE);
    bas_wipe(room, sizeof(room));
    bas_wipe(digest, sizeof(digest));
}
