/* Owns IP addresses as text (RFC 4291, RFC 5952). The library's own reader leaks on bad text. */
#include "tls/address.h"

#include "wire/rd.h"

#include <string.h>

/* A number of at most three digits up to 255, without needless zeros. Gives what stands behind it,
 * NULL when there is none. */
static const char *take_octet(const char *at, uint8_t *octet)
{
    unsigned value = 0;
    size_t digits = strspn(at, "0123456789");
    if (digits == 0 || digits > 3 || (digits > 1 && at[0] == '0')) {
        return NULL;
    }
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (unsigned)(at[i] - '0');
    }
    *octet = (uint8_t)value;
    return value <= 255 ? at + digits : NULL;
}

static bool parse_short(const char *at, uint8_t octets[4])
{
    for (size_t i = 0; i < 4; i++) {
        at = take_octet(at, &octets[i]);
        if (at == NULL || *at != (i < 3 ? '.' : 0)) {
            return false;
        }
        at++;
    }
    return true;
}

/* Two octets of one to four hex digits. */
static const char *take_group(const char *at, uint8_t *octets)
{
    size_t digits = strspn(at, "0123456789abcdefABCDEF");
    if (digits == 0 || digits > 4) {
        return NULL;
    }
    char padded[5] = "0000";
    memcpy(padded + 4 - digits, at, digits);
    size_t len = 2;
    return bas_hex_decode(padded, octets, &len) == BAS_OK ? at + digits : NULL;
}

/* Groups between colons, as many as there are, up to the end or "::". */
static const char *take_groups(const char *at, uint8_t octets[16], size_t *len)
{
    while (*len < 16) {
        if (strchr(at, ':') == NULL && strchr(at, '.') != NULL) { /* an IPv4 tail */
            bool fits = *len <= 12 && parse_short(at, octets + *len);
            *len += 4;
            return fits ? at + strlen(at) : NULL;
        }
        at = take_group(at, octets + *len);
        *len += 2;
        if (at == NULL || *at == 0 || at[0] != ':' || at[1] == ':') {
            return at;
        }
        at++;
    }
    return NULL;
}

static bool parse_long(const char *at, uint8_t octets[16])
{
    uint8_t tail[16] = { 0 };
    size_t head_len = 0;
    size_t tail_len = 0;
    memset(octets, 0, 16);
    if (strncmp(at, "::", 2) != 0) {
        at = take_groups(at, octets, &head_len);
    }
    if (at != NULL && strncmp(at, "::", 2) == 0) {
        at += 2;
        at = *at != 0 ? take_groups(at, tail, &tail_len) : at;
        if (at == NULL || head_len + tail_len > 14) {
            return false;
        }
        memcpy(octets + 16 - tail_len, tail, tail_len);
        return *at == 0;
    }
    return at != NULL && *at == 0 && head_len == 16;
}

size_t bas_tls_address_parse(const char *text, uint8_t octets[16])
{
    if (strchr(text, ':') != NULL) {
        return parse_long(text, octets) ? 16 : 0;
    }
    return parse_short(text, octets) ? 4 : 0;
}

/* The longest run of at least two zero groups. */
static void longest_zeros(const uint16_t groups[8], size_t *start, size_t *len)
{
    *start = 8;
    *len = 1;
    for (size_t i = 0; i < 8; i++) {
        size_t n = 0;
        while (i + n < 8 && groups[i + n] == 0) {
            n++;
        }
        if (n > *len) {
            *start = i;
            *len = n;
        }
    }
}

static void add_long(struct bas_buf *out, struct rd *r)
{
    uint16_t groups[8];
    for (size_t i = 0; i < 8; i++) {
        groups[i] = rd_u16(r);
    }
    size_t start = 0;
    size_t len = 0;
    longest_zeros(groups, &start, &len);
    for (size_t i = 0; i < 8; i++) {
        if (i == start) {
            bas_buf_add_text(out, "::");
            i += len - 1;
        } else {
            bas_buf_format(out, i == 0 || i == start + len ? "%x" : ":%x", groups[i]);
        }
    }
}

const char *bas_tls_address_text(char text[BAS_TLS_ADDRESS_TEXT], struct bas_slice octets)
{
    struct bas_buf out;
    bas_buf_init(&out, text, BAS_TLS_ADDRESS_TEXT);
    struct rd r = rd_init(octets);
    if (octets.len == 4) {
        unsigned a = rd_u8(&r);
        unsigned b = rd_u8(&r);
        unsigned c = rd_u8(&r);
        bas_buf_format(&out, "%u.%u.%u.%u", a, b, c, rd_u8(&r));
    } else if (octets.len == 16) {
        add_long(&out, &r);
    } else {
        bas_buf_add_hex(&out, octets);
    }
    return bas_buf_text(&out);
}
