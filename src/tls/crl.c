/* Owns the reading of a revocation list's rows (RFC 5280, 5.1): the TLS library gives a row's
 * serial and date, but not its reason. */
#define _DEFAULT_SOURCE /* timegm */
#include "tls/crl.h"

#include <string.h>
#include <time.h>

enum {
    TAG_INTEGER = 0x02,
    TAG_BOOLEAN = 0x01,
    TAG_OCTETS = 0x04,
    TAG_OID = 0x06,
    TAG_ENUMERATED = 0x0A,
    TAG_UTC_TIME = 0x17,
    TAG_GENERALIZED_TIME = 0x18,
    TAG_SEQUENCE = 0x30,
    LENGTH_OCTETS = 3 /* a list is shorter than 16 MiB */
};

/* The content of the next element, which must have this tag. Else r fails. */
static struct rd take(struct rd *r, uint8_t tag)
{
    uint8_t found = rd_u8(r);
    size_t len = rd_u8(r);
    if (len > 0x80 && len <= 0x80 + LENGTH_OCTETS) {
        len = (size_t)rd_uint(r, len - 0x80);
    } else if (len >= 0x80) {
        r->err = BAS_ERR_TRUNCATED;
    }
    if (found != tag) {
        r->err = BAS_ERR_TRUNCATED;
    }
    return rd_init(rd_take(r, len));
}

static bool is_time(int tag)
{
    return tag == TAG_UTC_TIME || tag == TAG_GENERALIZED_TIME;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static int take_digits(struct rd *r, size_t n)
{
    int number = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = rd_u8(r);
        if (!is_digit(c)) {
            r->err = BAS_ERR_TRUNCATED;
        }
        number = number * 10 + (c - '0');
    }
    return number;
}

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ. */
static int64_t take_time(struct rd *r)
{
    int tag = rd_peek(r);
    if (!is_time(tag)) {
        r->err = BAS_ERR_TRUNCATED;
        return 0;
    }
    struct rd text = take(r, (uint8_t)tag);
    struct tm t = { 0 };
    if (tag == TAG_UTC_TIME) {
        int year = take_digits(&text, 2);
        t.tm_year = year < 50 ? year + 100 : year;
    } else {
        t.tm_year = take_digits(&text, 4) - 1900;
    }
    t.tm_mon = take_digits(&text, 2) - 1;
    t.tm_mday = take_digits(&text, 2);
    t.tm_hour = take_digits(&text, 2);
    t.tm_min = take_digits(&text, 2);
    t.tm_sec = take_digits(&text, 2);
    if (rd_u8(&text) != 'Z' || rd_left(&text) != 0 || text.err != BAS_OK) {
        r->err = BAS_ERR_TRUNCATED;
        return 0;
    }
    return (int64_t)timegm(&t);
}

bas_err bas_tls_crl_open(struct bas_tls_crl *crl, struct bas_slice der)
{
    struct rd whole = rd_init(der);
    struct rd list = take(&whole, TAG_SEQUENCE);
    struct rd body = take(&list, TAG_SEQUENCE);
    if (rd_peek(&body) == TAG_INTEGER) {
        (void)take(&body, TAG_INTEGER); /* version */
    }
    (void)take(&body, TAG_SEQUENCE); /* signature algorithm */
    (void)take(&body, TAG_SEQUENCE); /* issuer */
    (void)take_time(&body);
    if (is_time(rd_peek(&body))) {
        (void)take_time(&body);
    }
    *crl = (struct bas_tls_crl){ { NULL, NULL, BAS_OK } };
    if (rd_peek(&body) == TAG_SEQUENCE) {
        crl->rows = take(&body, TAG_SEQUENCE);
    }
    bool is_sound = whole.err == BAS_OK && list.err == BAS_OK && body.err == BAS_OK;
    return is_sound && rd_left(&whole) == 0 ? BAS_OK : BAS_ERR_MALFORMED;
}

/* The CRLReason among a row's extensions (2.5.29.21). */
static void take_reason(struct rd *r, struct bas_tls_crl_row *row)
{
    static const uint8_t reason_code[] = { 0x55, 0x1D, 0x15 };
    struct rd all = take(r, TAG_SEQUENCE);
    while (all.err == BAS_OK && rd_left(&all) != 0) {
        struct rd one = take(&all, TAG_SEQUENCE);
        struct rd id = take(&one, TAG_OID);
        if (rd_peek(&one) == TAG_BOOLEAN) {
            (void)take(&one, TAG_BOOLEAN);
        }
        struct rd value = take(&one, TAG_OCTETS);
        struct bas_slice name = rd_rest(&id);
        if (name.len == sizeof(reason_code) && memcmp(name.data, reason_code, name.len) == 0) {
            struct rd code = take(&value, TAG_ENUMERATED);
            row->reason = rd_u8(&code);
        }
        if (one.err != BAS_OK || value.err != BAS_OK) {
            r->err = BAS_ERR_TRUNCATED;
        }
    }
    if (all.err != BAS_OK) {
        r->err = BAS_ERR_TRUNCATED;
    }
}

bas_err bas_tls_crl_next(struct bas_tls_crl *crl, struct bas_tls_crl_row *row)
{
    *row = (struct bas_tls_crl_row){ .reason = BAS_TLS_REASON_UNSAID };
    if (rd_left(&crl->rows) == 0 && crl->rows.err == BAS_OK) {
        return BAS_ERR_NOT_FOUND;
    }
    struct rd r = take(&crl->rows, TAG_SEQUENCE);
    struct rd serial = take(&r, TAG_INTEGER);
    bool fits = bas_tls_serial_copy(rd_rest(&serial), row->serial, &row->serial_len);
    row->at = take_time(&r);
    if (rd_left(&r) != 0) {
        take_reason(&r, row);
    }
    bool is_sound = fits && crl->rows.err == BAS_OK && r.err == BAS_OK && rd_left(&r) == 0;
    return is_sound ? BAS_OK : BAS_ERR_MALFORMED;
}

bool bas_tls_serial_copy(struct bas_slice serial, uint8_t out[BAS_TLS_SERIAL_MAX], uint8_t *len)
{
    struct rd r = rd_init(serial);
    while (rd_peek(&r) == 0) {
        (void)rd_u8(&r);
    }
    struct bas_slice significant = rd_rest(&r);
    if (significant.len > BAS_TLS_SERIAL_MAX) {
        return false;
    }
    if (significant.len != 0) {
        memcpy(out, significant.data, significant.len);
    }
    *len = (uint8_t)significant.len;
    return true;
}

const char *bas_tls_crl_reason(unsigned reason)
{
    static const char *const words[] = {
        [0] = "no reason given",    [1] = "keyCompromise",      [2] = "cACompromise",
        [3] = "affiliationChanged", [4] = "superseded",         [5] = "cessationOfOperation",
        [6] = "certificateHold",    [9] = "privilegeWithdrawn", [10] = "aACompromise",
    };
    return reason < BAS_ARRAY_LEN(words) && words[reason] != NULL ? words[reason]
                                                                  : "an unknown reason";
}
