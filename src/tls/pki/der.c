/* Owns writing DER (X.690). */
#define _POSIX_C_SOURCE 200809L
#include "tls/pki/der.h"

#include "wire/wr.h"

#include <string.h>
#include <time.h>

enum { HEADER_MAX = 1 + 1 + 8, SHORT_FORM_MAX = 127 };

static void header(struct bas_buf *out, unsigned tag, size_t len)
{
    size_t n = 0;
    for (size_t rest = len; rest != 0; rest >>= 8) {
        n++;
    }
    wr_u8(out, (uint8_t)tag);
    if (len <= SHORT_FORM_MAX) {
        wr_u8(out, (uint8_t)len);
        return;
    }
    wr_u8(out, (uint8_t)(0x80 | n));
    wr_uint(out, len, n);
}

void bas_der_close(struct bas_buf *out, unsigned tag, size_t start)
{
    static const uint8_t room[HEADER_MAX] = { 0 };
    uint8_t octets[HEADER_MAX];
    struct bas_buf head;
    size_t len = out->len - start;
    bas_buf_init(&head, octets, sizeof(octets));
    header(&head, tag, len);
    bas_buf_add(out, room, head.len);
    if (!out->full) {
        memmove(out->data + start + head.len, out->data + start, len);
        memcpy(out->data + start, octets, head.len);
    }
}

void bas_der_add(struct bas_buf *out, unsigned tag, struct bas_slice content)
{
    header(out, tag, content.len);
    wr_slice(out, content);
}

void bas_der_integer(struct bas_buf *out, struct bas_slice octets)
{
    while (octets.len > 1 && octets.data[0] == 0) {
        octets.data++;
        octets.len--;
    }
    size_t start = out->len;
    if (octets.len == 0 || octets.data[0] >= 0x80) {
        wr_u8(out, 0);
    }
    wr_slice(out, octets);
    bas_der_close(out, BAS_DER_INTEGER, start);
}

void bas_der_unsigned(struct bas_buf *out, uint64_t value)
{
    uint8_t octets[8];
    struct bas_buf number;
    bas_buf_init(&number, octets, sizeof(octets));
    wr_uint(&number, value, sizeof(octets));
    bas_der_integer(out, (struct bas_slice){ octets, sizeof(octets) });
}

void bas_der_time(struct bas_buf *out, int64_t seconds)
{
    enum { FIRST_GENERALIZED_YEAR = 2050 - 1900 };
    char text[24];
    time_t t = (time_t)seconds;
    struct tm utc = { 0 };
    (void)gmtime_r(&t, &utc);
    bool is_short = utc.tm_year < FIRST_GENERALIZED_YEAR;
    size_t n = strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &utc);
    size_t century = is_short ? 2 : 0;
    bas_der_add(out, is_short ? BAS_DER_UTC_TIME : BAS_DER_GENERALIZED_TIME,
                (struct bas_slice){ (const uint8_t *)text + century, n - century });
}
