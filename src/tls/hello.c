/* Owns what is read of handshake messages by ourselves, since the library does not tell it, or too
 * late: versions (RFC 8446, 4.2.1), record sizes (RFC 8449, RFC 6066), the certificate (4.4.2). */
#include "tls/hello.h"

#include "wire/rd.h"

enum {
    MAX_FRAGMENT_LENGTH = 1,
    RECORD_SIZE_LIMIT = 28,
    SUPPORTED_VERSIONS = 43,
    TLS13 = 0x0304,
    FRAGMENT_CODES = 4, /* 1 .. 4 stand for 512, 1024, 2048, 4096 */
    LEAST_LIMIT = 512   /* the library passes over what is less, and so must we */
};

struct found {
    bool has_tls13;
    size_t record_size; /* 0: not there */
    size_t fragment;    /* 0: not there */
};

static void read_versions(struct found *found, struct rd *r)
{
    struct rd list = rd_init(rd_take(r, rd_u8(r)));
    while (rd_left(&list) > 0) {
        if (rd_u16(&list) == TLS13) {
            found->has_tls13 = true;
        }
    }
}

static int on_extension(void *ctx, unsigned extension, const unsigned char *data, unsigned len)
{
    struct found *found = ctx;
    struct rd r = rd_init((struct bas_slice){ data, len });
    if (extension == SUPPORTED_VERSIONS) {
        read_versions(found, &r);
    } else if (extension == RECORD_SIZE_LIMIT) {
        size_t limit = rd_u16(&r);
        found->record_size = limit >= LEAST_LIMIT ? limit : 0;
    } else if (extension == MAX_FRAGMENT_LENGTH) {
        unsigned code = rd_u8(&r);
        found->fragment = code >= 1 && code <= FRAGMENT_CODES ? (size_t)256 << code : 0;
    }
    return 0;
}

int bas_tls_hello_read(struct bas_tls_hello *hello, enum bas_tls_role from,
                       const gnutls_datum_t *message)
{
    struct found found = { 0 };
    unsigned flags = from == BAS_TLS_CLIENT ? GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO : 0;
    int status = gnutls_ext_raw_parse(&found, on_extension, message, flags);
    if (status < 0) {
        return status;
    }
    hello->has_tls13 = found.has_tls13;
    hello->record_limit = BAS_TLS_RECORD;
    if (found.record_size != 0) {
        size_t limit = found.record_size - 1; /* it counts the octet of the content type */
        hello->record_limit = limit < BAS_TLS_RECORD ? limit : BAS_TLS_RECORD;
    } else if (found.fragment != 0) {
        hello->record_limit = found.fragment;
    }
    return 0;
}

bool bas_tls_hello_leaf(const gnutls_datum_t *message, gnutls_datum_t *der)
{
    struct rd r = rd_init((struct bas_slice){ message->data, message->size });
    (void)rd_take(&r, rd_u8(&r)); /* certificate_request_context */
    struct rd list = rd_init(rd_take(&r, rd_uint(&r, 3)));
    struct bas_slice leaf = rd_take(&list, rd_uint(&list, 3));
    if (leaf.len == 0) {
        return false;
    }
    *der = (gnutls_datum_t){ message->data + (leaf.data - message->data), (unsigned)leaf.len };
    return true;
}
