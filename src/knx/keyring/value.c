/* Owns the kinds of values that a keyring's attributes have (spec 5.1), a row each. */
#include "knx/keyring/value.h"

#include "wire/rd.h"
#include "wire/wr.h"

#include <string.h>

enum { MAX_USER = 127 };

static struct bas_slice slice_of(const char *text)
{
    return (struct bas_slice){ (const uint8_t *)text, strlen(text) };
}

/* A decimal number of at most max, and nothing else. */
static bool decimal_take(struct rd *r, uint64_t max, uint64_t *value)
{
    size_t digits = 0;
    *value = 0;
    for (int c = rd_peek(r); c >= '0' && c <= '9'; c = rd_peek(r)) {
        *value = *value * 10 + (uint64_t)(rd_u8(r) - '0');
        digits++;
        if (*value > max || digits > 20) {
            return false;
        }
    }
    return digits > 0;
}

static bool decimal_read(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
    struct rd r = rd_init(slice_of(text));
    return decimal_take(&r, max, value) && rd_left(&r) == 0 && *value >= min;
}

/* Reading and writing of each kind */

static bas_err read_ia(const struct knx_keyring_cipher *cipher, const char *text, void *member)
{
    (void)cipher;
    return knx_ia_parse(text, member) ? BAS_OK : BAS_ERR_MALFORMED;
}

static void write_ia(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                     const void *member, struct bas_buf *text)
{
    char room[KNX_ADDRESS_TEXT];
    const knx_ia *ia = member;
    (void)cipher;
    (void)env;
    bas_buf_add_text(text, knx_ia_text(*ia, room));
}

static bas_err read_group(const struct knx_keyring_cipher *cipher, const char *text, void *member)
{
    knx_ga *group = member;
    uint64_t value = 0;
    (void)cipher;
    if (!decimal_read(text, 1, UINT16_MAX, &value)) {
        return BAS_ERR_MALFORMED;
    }
    *group = (knx_ga)value;
    return BAS_OK;
}

static bool is_good_group(const void *member)
{
    const knx_ga *group = member;
    return *group != 0;
}

static void write_group(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                        const void *member, struct bas_buf *text)
{
    const knx_ga *group = member;
    (void)cipher;
    (void)env;
    bas_buf_format(text, "%u", *group);
}

static bas_err read_ipv4(const struct knx_keyring_cipher *cipher, const char *text, void *member)
{
    uint8_t *octets = member;
    struct rd r = rd_init(slice_of(text));
    (void)cipher;
    for (size_t i = 0; i < 4; i++) {
        uint64_t value = 0;
        if ((i > 0 && rd_u8(&r) != '.') || !decimal_take(&r, UINT8_MAX, &value)) {
            return BAS_ERR_MALFORMED;
        }
        octets[i] = (uint8_t)value;
    }
    return rd_left(&r) == 0 ? BAS_OK : BAS_ERR_MALFORMED;
}

static void write_ipv4(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                       const void *member, struct bas_buf *text)
{
    const uint8_t *octets = member;
    (void)cipher;
    (void)env;
    bas_buf_format(text, "%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3]);
}

static bas_err read_latency(const struct knx_keyring_cipher *cipher, const char *text, void *member)
{
    uint32_t *latency = member;
    uint64_t value = 0;
    (void)cipher;
    if (!decimal_read(text, 0, UINT32_MAX, &value)) {
        return BAS_ERR_MALFORMED;
    }
    *latency = (uint32_t)value;
    return BAS_OK;
}

static void write_latency(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                          const void *member, struct bas_buf *text)
{
    const uint32_t *latency = member;
    (void)cipher;
    (void)env;
    bas_buf_format(text, "%u", *latency);
}

static bas_err read_sequence(const struct knx_keyring_cipher *cipher, const char *text,
                             void *member)
{
    uint64_t *sequence = member;
    (void)cipher;
    return decimal_read(text, 0, KNX_COUNTER_MAX, sequence) ? BAS_OK : BAS_ERR_MALFORMED;
}

static bool is_good_sequence(const void *member)
{
    const uint64_t *sequence = member;
    return *sequence <= KNX_COUNTER_MAX;
}

static void write_sequence(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                           const void *member, struct bas_buf *text)
{
    const uint64_t *sequence = member;
    (void)cipher;
    (void)env;
    bas_buf_format(text, "%llu", (unsigned long long)*sequence);
}

static bas_err read_user(const struct knx_keyring_cipher *cipher, const char *text, void *member)
{
    uint8_t *user = member;
    uint64_t value = 0;
    (void)cipher;
    if (!decimal_read(text, 1, MAX_USER, &value)) {
        return BAS_ERR_MALFORMED;
    }
    *user = (uint8_t)value;
    return BAS_OK;
}

static bool is_good_user(const void *member)
{
    const uint8_t *user = member;
    return *user <= MAX_USER;
}

static void write_user(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                       const void *member, struct bas_buf *text)
{
    const uint8_t *user = member;
    (void)cipher;
    (void)env;
    bas_buf_format(text, "%u", *user);
}

static const char *const type_names[] = { [KNX_INTERFACE_TUNNELLING] = "Tunneling",
                                          [KNX_INTERFACE_USB] = "USB",
                                          [KNX_INTERFACE_BACKBONE] = "Backbone" };

static bas_err read_type(const struct knx_keyring_cipher *cipher, const char *text, void *member)
{
    enum knx_interface_type *type = member;
    (void)cipher;
    for (size_t i = 0; i < BAS_ARRAY_LEN(type_names); i++) {
        if (knx_keyring_is(text, type_names[i])) {
            *type = (enum knx_interface_type)i;
            return BAS_OK;
        }
    }
    return BAS_ERR_UNSUPPORTED;
}

static bool is_good_type(const void *member)
{
    const enum knx_interface_type *type = member;
    return (size_t)*type < BAS_ARRAY_LEN(type_names);
}

static void write_type(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                       const void *member, struct bas_buf *text)
{
    const enum knx_interface_type *type = member;
    (void)cipher;
    (void)env;
    bas_buf_add_text(text, type_names[*type]);
}

static bas_err read_key(const struct knx_keyring_cipher *cipher, const char *text, void *member)
{
    return knx_keyring_decrypt_key(cipher, slice_of(text), member);
}

static void write_key(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                      const void *member, struct bas_buf *text)
{
    (void)env;
    knx_keyring_encrypt_key(cipher, member, text);
}

static bas_err read_password(const struct knx_keyring_cipher *cipher, const char *text,
                             void *member)
{
    return knx_keyring_decrypt_password(cipher, slice_of(text), member);
}

static bool is_good_password(const void *member)
{
    const struct knx_password *password = member;
    return password->len <= KNX_KEYRING_MAX_PASSWORD;
}

static void write_password(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                           const void *member, struct bas_buf *text)
{
    knx_keyring_encrypt_password(cipher, env, member, text);
}

static bas_err read_serial(const struct knx_keyring_cipher *cipher, const char *text, void *member)
{
    size_t len = KNX_SERIAL_LEN;
    (void)cipher;
    if (strlen(text) != (size_t)2 * KNX_SERIAL_LEN ||
        bas_hex_decode(text, member, &len) != BAS_OK || len != KNX_SERIAL_LEN) {
        return BAS_ERR_MALFORMED;
    }
    return BAS_OK;
}

static void write_serial(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                         const void *member, struct bas_buf *text)
{
    const uint8_t *octets = member;
    (void)cipher;
    (void)env;
    for (size_t i = 0; i < KNX_SERIAL_LEN; i++) {
        bas_buf_format(text, "%02X", octets[i]);
    }
}

/* The kinds, a row each. is_open: the text is not a secret. is_good NULL: every value is. */
static const struct kind {
    const char *text;
    bool is_open;
    bas_err (*read)(const struct knx_keyring_cipher *cipher, const char *text, void *member);
    void (*write)(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                  const void *member, struct bas_buf *text);
    bool (*is_good)(const void *member);
} kinds[KNX_KEYRING_KINDS] = {
    [KNX_KEYRING_IA] = { "an Individual Address such as 1.1.10", true, read_ia, write_ia, NULL },
    [KNX_KEYRING_GROUP] = { "a group address as a number from 1 to 65535", true, read_group,
                            write_group, is_good_group },
    [KNX_KEYRING_IPV4] = { "an IPv4 address", true, read_ipv4, write_ipv4, NULL },
    [KNX_KEYRING_LATENCY] = { "a number of milliseconds", true, read_latency, write_latency, NULL },
    [KNX_KEYRING_SEQUENCE] = { "a number of 48 bits", true, read_sequence, write_sequence,
                               is_good_sequence },
    [KNX_KEYRING_USER] = { "a number from 1 to 127", true, read_user, write_user, is_good_user },
    [KNX_KEYRING_TYPE] = { "Tunneling, USB or Backbone", true, read_type, write_type,
                           is_good_type },
    [KNX_KEYRING_KEY] = { "base64 of 16 octets", false, read_key, write_key, NULL },
    [KNX_KEYRING_PASSWORD] = { "base64 of an encrypted password of at most 64 octets", false,
                               read_password, write_password, is_good_password },
    [KNX_KEYRING_SERIAL] = { "12 hexadecimal digits", true, read_serial, write_serial, NULL },
};

const char *knx_keyring_kind_text(enum knx_keyring_kind kind)
{
    return kinds[kind].text;
}

bool knx_keyring_kind_is_open(enum knx_keyring_kind kind)
{
    return kinds[kind].is_open;
}

bas_err knx_keyring_value_read(const struct knx_keyring_cipher *cipher,
                               const struct knx_keyring_field *field, const char *text, void *item)
{
    uint8_t *members = item;
    bas_err err = kinds[field->kind].read(cipher, text, members + field->member);
    if (err == BAS_OK && field->has_flag) {
        bool *flag = (void *)(members + field->flag);
        *flag = true;
    }
    return err;
}

bool knx_keyring_has_value(const struct knx_keyring_field *field, const void *item)
{
    const uint8_t *members = item;
    const void *member = members + field->member;
    if (field->has_flag) {
        const bool *flag = (const void *)(members + field->flag);
        return *flag;
    }
    if (field->kind == KNX_KEYRING_PASSWORD) {
        const struct knx_password *password = member;
        return password->is_set;
    }
    /* The other ones that may be absent are numbers, and 0 says so. */
    static const size_t sizes[KNX_KEYRING_KINDS] = { [KNX_KEYRING_IA] = sizeof(knx_ia),
                                                     [KNX_KEYRING_LATENCY] = sizeof(uint32_t),
                                                     [KNX_KEYRING_SEQUENCE] = sizeof(uint64_t),
                                                     [KNX_KEYRING_USER] = sizeof(uint8_t) };
    static const uint8_t zeros[sizeof(uint64_t)] = { 0 };
    return field->is_needed || !bas_equal_secret(member, zeros, sizes[field->kind]);
}

bool knx_keyring_value_is_good(const struct knx_keyring_field *field, const void *item)
{
    const uint8_t *members = item;
    const struct kind *kind = &kinds[field->kind];
    return kind->is_good == NULL || kind->is_good(members + field->member);
}

void knx_keyring_value_write(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                             const struct knx_keyring_field *field, const void *item,
                             struct bas_buf *text)
{
    const uint8_t *members = item;
    kinds[field->kind].write(cipher, env, members + field->member, text);
}

bool knx_keyring_next_sender(struct bas_slice *text, knx_ia *sender)
{
    char room[KNX_ADDRESS_TEXT];
    struct bas_buf one;
    struct rd r = rd_init(*text);
    bas_buf_init(&one, room, sizeof(room));
    while (rd_peek(&r) == ' ') {
        (void)rd_u8(&r);
    }
    *text = (struct bas_slice){ r.at, rd_left(&r) };
    while (rd_left(&r) > 0 && rd_peek(&r) != ' ') {
        wr_u8(&one, rd_u8(&r));
    }
    if (one.full || one.len == sizeof(room) || !knx_ia_parse(bas_buf_text(&one), sender)) {
        return false;
    }
    *text = rd_rest(&r);
    return true;
}
