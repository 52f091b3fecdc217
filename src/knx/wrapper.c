/* Owns the secured frames of KNX IP Secure (spec 2.2 to 2.4): the MACs of the handshake,
 * SECURE_WRAPPER and TIMER_NOTIFY. */
#include "basalt/knx_secure.h"

#include "knx/ccm.h"
#include "wire/rd.h"
#include "wire/wr.h"

#include <assert.h>
#include <string.h>

enum {
    WRAPPER_HEAD = 22,      /* header, session, sequence, serial, tag */
    WRAPPER_ASSOCIATED = 8, /* header, session */
    NOTIFY_LEN = 36,
    RESPONSE_LEN = 56,
    AUTHENTICATE_LEN = 24
};

static const struct bas_slice nothing = { NULL, 0 };

static void wr_header(struct bas_buf *out, uint16_t service, size_t total)
{
    wr_u8(out, KNX_IP_HEADER);
    wr_u8(out, KNX_IP_VERSION);
    wr_u16(out, service);
    wr_u16(out, (uint16_t)total);
}

/* Service and total length of a frame that is exactly one; zero otherwise. */
static uint16_t service_of(struct bas_slice frame)
{
    struct rd r = rd_init(frame);
    uint16_t start = rd_u16(&r);
    uint16_t service = rd_u16(&r);
    uint16_t total = rd_u16(&r);
    bool ok = r.err == BAS_OK && start == (KNX_IP_HEADER << 8 | KNX_IP_VERSION);
    return ok && total == frame.len ? service : 0;
}

/* Handshake */

/* The blocks are zero; number is the session, or the user behind a reserved octet. */
static void handshake_mac(const struct knx_key *key, struct bas_slice head, const uint8_t *x,
                          const uint8_t *y, uint8_t mac[KNX_MAC_LEN])
{
    uint8_t both[KNX_PUBLIC_KEY_LEN];
    for (size_t i = 0; i < sizeof(both); i++) {
        both[i] = (uint8_t)(x[i] ^ y[i]);
    }
    struct knx_cipher cipher;
    knx_cipher_init(&cipher, key);
    const struct knx_ccm ccm = { .cipher = &cipher, .counter = { [14] = 0xFF } };
    const struct bas_slice associated[] = { head, { both, sizeof(both) } };
    knx_ccm_mac(&ccm, associated, BAS_ARRAY_LEN(associated), nothing, mac);
    knx_ccm_crypt(&ccm, &(struct knx_ccm_text){ .mac = mac, .mac_len = KNX_MAC_LEN });
    bas_wipe(&cipher, sizeof(cipher));
}

void knx_response_mac(const struct knx_key *device_key, uint16_t session,
                      const uint8_t x[KNX_PUBLIC_KEY_LEN], const uint8_t y[KNX_PUBLIC_KEY_LEN],
                      uint8_t mac[KNX_MAC_LEN])
{
    uint8_t head[WRAPPER_ASSOCIATED];
    struct bas_buf buf;
    bas_buf_init(&buf, head, sizeof(head));
    wr_header(&buf, KNX_SESSION_RESPONSE, RESPONSE_LEN);
    wr_u16(&buf, session);
    handshake_mac(device_key, (struct bas_slice){ head, sizeof(head) }, x, y, mac);
}

void knx_authenticate_mac(const struct knx_key *user_key, uint8_t user,
                          const uint8_t x[KNX_PUBLIC_KEY_LEN], const uint8_t y[KNX_PUBLIC_KEY_LEN],
                          uint8_t mac[KNX_MAC_LEN])
{
    uint8_t head[WRAPPER_ASSOCIATED];
    struct bas_buf buf;
    bas_buf_init(&buf, head, sizeof(head));
    wr_header(&buf, KNX_SESSION_AUTHENTICATE, AUTHENTICATE_LEN);
    wr_u16(&buf, user);
    handshake_mac(user_key, (struct bas_slice){ head, sizeof(head) }, x, y, mac);
}

/* Wrapper */

/* sequence | serial | tag: what stands in the frame, in B0 and in the counter. */
static void wr_nonce(struct bas_buf *out, const struct knx_wrapper *wrapper)
{
    wr_uint(out, wrapper->sequence, 6);
    bas_buf_add(out, wrapper->serial, KNX_SERIAL_LEN);
    wr_u16(out, wrapper->tag);
}

static void rd_nonce(struct rd *r, struct knx_wrapper *wrapper)
{
    wrapper->sequence = rd_uint(r, 6);
    rd_copy(r, wrapper->serial, KNX_SERIAL_LEN);
    wrapper->tag = rd_u16(r);
}

static void blocks_init(struct knx_ccm *ccm, const struct knx_cipher *cipher,
                        const struct knx_wrapper *wrapper, size_t payload_len)
{
    struct bas_buf buf;
    ccm->cipher = cipher;
    bas_buf_init(&buf, ccm->b0, sizeof(ccm->b0));
    wr_nonce(&buf, wrapper);
    wr_u16(&buf, (uint16_t)payload_len);
    memcpy(ccm->counter, ccm->b0, sizeof(ccm->counter));
    ccm->counter[14] = 0xFF;
    ccm->counter[15] = 0x00;
}

void knx_wrap(const struct knx_cipher *cipher, const struct knx_wrapper *wrapper,
              struct bas_slice inner, struct bas_buf *out)
{
    assert(inner.len >= KNX_IP_HEADER && inner.len <= KNX_WRAPPER_MAX_INNER);
    size_t start = out->len;
    size_t total = KNX_WRAPPER_OVERHEAD + inner.len;
    if (out->full || out->cap - start < total) {
        out->full = true;
        return;
    }
    uint8_t mac[KNX_MAC_LEN];
    wr_header(out, KNX_SECURE_WRAPPER, total);
    wr_u16(out, wrapper->session);
    wr_nonce(out, wrapper);
    struct knx_ccm ccm;
    blocks_init(&ccm, cipher, wrapper, inner.len);
    const struct bas_slice associated = { out->data + start, WRAPPER_ASSOCIATED };
    knx_ccm_mac(&ccm, &associated, 1, inner, mac);
    wr_slice(out, inner);
    uint8_t *body = out->data + start + WRAPPER_HEAD; /* encrypted where it lies */
    knx_ccm_crypt(&ccm, &(struct knx_ccm_text){ mac, sizeof(mac), { body, inner.len }, body });
    bas_buf_add(out, mac, sizeof(mac));
}

bas_err knx_wrapper_peek(struct bas_slice frame, struct knx_wrapper *wrapper)
{
    struct rd r = rd_init(frame);
    uint16_t start = rd_u16(&r);
    uint16_t service = rd_u16(&r);
    uint16_t total = rd_u16(&r);
    struct knx_wrapper w = { .session = rd_u16(&r) };
    rd_nonce(&r, &w);
    if (r.err != BAS_OK || frame.len < total) {
        return BAS_ERR_TRUNCATED;
    }
    if (start != (KNX_IP_HEADER << 8 | KNX_IP_VERSION) || service != KNX_SECURE_WRAPPER ||
        total != frame.len || total < KNX_WRAPPER_MIN ||
        total > KNX_WRAPPER_OVERHEAD + KNX_WRAPPER_MAX_INNER) {
        return BAS_ERR_MALFORMED;
    }
    *wrapper = w;
    return BAS_OK;
}

/* Services that must not stand in a wrapper (spec 1.9, 2.4). */
static const struct forbidden {
    uint16_t first;
    uint16_t last;
    bool is_for_multicast; /* allowed where the session is 0 */
} forbidden[] = {
    { KNX_SECURE_WRAPPER, KNX_SESSION_RESPONSE, false },
    { KNX_TIMER_NOTIFY, KNX_TIMER_NOTIFY, false },
    { KNX_REMOTE_DIAG_REQUEST, KNX_REMOTE_RESET_REQUEST, false },
    { KNX_ROUTING_INDICATION, KNX_ROUTING_BUSY, true },
    { KNX_ROUTING_SYSTEM_BROADCAST, KNX_ROUTING_SYSTEM_BROADCAST, false },
};

static bas_err check_inner(struct bas_slice inner, uint16_t session)
{
    uint16_t service = service_of(inner);
    if (service == 0) {
        return BAS_ERR_PROTOCOL;
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(forbidden); i++) {
        const struct forbidden *row = &forbidden[i];
        if (service >= row->first && service <= row->last &&
            !(row->is_for_multicast && session == 0)) {
            return BAS_ERR_PROTOCOL;
        }
    }
    return BAS_OK;
}

bas_err knx_unwrap(const struct knx_cipher *cipher, struct bas_slice frame, uint8_t *scratch,
                   struct bas_slice *inner)
{
    struct knx_wrapper wrapper;
    bas_err err = knx_wrapper_peek(frame, &wrapper);
    if (err != BAS_OK) {
        return err;
    }
    struct rd r = rd_init(frame);
    size_t len = frame.len - KNX_WRAPPER_OVERHEAD;
    const struct bas_slice head = rd_take(&r, WRAPPER_HEAD);
    const struct bas_slice body = rd_take(&r, len);
    uint8_t received[KNX_MAC_LEN];
    rd_copy(&r, received, sizeof(received));

    struct knx_ccm ccm;
    blocks_init(&ccm, cipher, &wrapper, len);
    knx_ccm_crypt(&ccm, &(struct knx_ccm_text){ received, sizeof(received), body, scratch });
    const struct bas_slice associated = { head.data, WRAPPER_ASSOCIATED };
    const struct bas_slice plain = { scratch, len };
    uint8_t mac[KNX_MAC_LEN];
    knx_ccm_mac(&ccm, &associated, 1, plain, mac);
    if (!bas_equal_secret(mac, received, sizeof(mac))) {
        bas_wipe(scratch, len);
        return BAS_ERR_KEY;
    }
    err = check_inner(plain, wrapper.session);
    if (err == BAS_OK) {
        *inner = plain;
    }
    return err;
}

/* Timer */

static void notify_mac(const struct knx_cipher *cipher, const struct knx_wrapper *timer,
                       struct bas_slice header, uint8_t mac[KNX_MAC_LEN])
{
    struct knx_ccm ccm;
    blocks_init(&ccm, cipher, timer, 0);
    knx_ccm_mac(&ccm, &header, 1, nothing, mac);
    knx_ccm_crypt(&ccm, &(struct knx_ccm_text){ .mac = mac, .mac_len = KNX_MAC_LEN });
}

void knx_timer_notify(const struct knx_cipher *cipher, const struct knx_wrapper *timer,
                      struct bas_buf *out)
{
    uint8_t header[KNX_IP_HEADER];
    struct bas_buf buf;
    bas_buf_init(&buf, header, sizeof(header));
    wr_header(&buf, KNX_TIMER_NOTIFY, NOTIFY_LEN);
    uint8_t mac[KNX_MAC_LEN];
    notify_mac(cipher, timer, (struct bas_slice){ header, sizeof(header) }, mac);
    uint8_t whole[NOTIFY_LEN]; /* all or nothing of it fits into out */
    bas_buf_init(&buf, whole, sizeof(whole));
    bas_buf_add(&buf, header, sizeof(header));
    wr_nonce(&buf, timer);
    bas_buf_add(&buf, mac, sizeof(mac));
    bas_buf_add(out, whole, sizeof(whole));
}

bool knx_timer_notify_check(const struct knx_cipher *cipher, struct bas_slice frame,
                            struct knx_wrapper *timer)
{
    if (frame.len != NOTIFY_LEN || service_of(frame) != KNX_TIMER_NOTIFY) {
        return false;
    }
    struct rd r = rd_init(frame);
    const struct bas_slice header = rd_take(&r, KNX_IP_HEADER);
    struct knx_wrapper t = { 0 };
    rd_nonce(&r, &t);
    const struct bas_slice received = rd_take(&r, KNX_MAC_LEN);
    uint8_t mac[KNX_MAC_LEN];
    notify_mac(cipher, &t, header, mac);
    if (!bas_equal_secret(mac, received.data, sizeof(mac))) {
        return false;
    }
    *timer = t;
    return true;
}
