/* Owns the octets of one secured telegram (03_03_07 section 5; spec 4.1 to 4.5, 4.8): blocks,
 * sealing, opening. Remembers nothing. */
#include "knx/secure_apdu.h"

#include "knx/ccm.h"
#include "wire/rd.h"
#include "wire/wr.h"

#include <assert.h>
#include <string.h>

enum {
    HEAD_LEN = 9, /* TPCI, APCI, SCF, sequence */
    MAC_LEN = 4,
    APDU_MIN = 2,
    APDU_MAX = 255, /* one octet of B0 tells the length */
    SEQUENCE_LEN = 6,
    CONTROL2_MASK = 0x8F, /* routers change the hop count */
    APCI_HIGH = 0x03,
    APCI_LOW = 0xF1
};

_Static_assert(HEAD_LEN + MAC_LEN == KNX_DATA_SECURE_OVERHEAD, "the overhead is as published");

static const char *const drop_names[KNX_DROPS] = {
    [KNX_DROP_NONE] = "none",
    [KNX_DROP_MALFORMED] = "malformed",
    [KNX_DROP_SCF] = "scf",
    [KNX_DROP_TOOL_ON_GROUP] = "tool-on-group",
    [KNX_DROP_UNKNOWN_KEY] = "unknown-key",
    [KNX_DROP_UNKNOWN_SENDER] = "unknown-sender",
    [KNX_DROP_DUPLICATE] = "duplicate",
    [KNX_DROP_REPLAY] = "replay",
    [KNX_DROP_MAC] = "mac",
    [KNX_DROP_PLAIN] = "plain",
};

const char *knx_drop_name(enum knx_drop drop)
{
    return (size_t)drop < BAS_ARRAY_LEN(drop_names) ? drop_names[drop] : "unknown";
}

bool knx_scf_is(uint8_t scf, uint8_t service)
{
    return (scf & KNX_SCF_SERVICE) == service;
}

static bool is_encrypted(uint8_t scf)
{
    return (scf & KNX_SCF_ALGORITHM) == KNX_SCF_ENCRYPTED;
}

/* Two algorithms, three services, and a sync that is always encrypted. */
static bool scf_is_valid(uint8_t scf)
{
    bool is_sync = knx_scf_is(scf, KNX_SCF_SYNC_REQUEST) || knx_scf_is(scf, KNX_SCF_SYNC_RESPONSE);
    if (is_sync || is_encrypted(scf)) {
        return is_encrypted(scf) && (is_sync || knx_scf_is(scf, KNX_SCF_DATA));
    }
    return (scf & KNX_SCF_ALGORITHM) == 0 && knx_scf_is(scf, KNX_SCF_DATA);
}

/* The two blocks (spec 4.2); sequence is the random value of a Sync_Res. */
static void blocks_init(struct knx_ccm *ccm, const struct knx_secure_path *path, uint64_t sequence,
                        size_t encrypted)
{
    struct bas_buf buf;
    bas_buf_init(&buf, ccm->b0, sizeof(ccm->b0));
    wr_uint(&buf, sequence, SEQUENCE_LEN);
    wr_uint(&buf, (uint32_t)path->source << 16 | path->destination, 4);
    memcpy(ccm->counter, ccm->b0, buf.len);
    const uint8_t tail[] = { 0,
                             path->control2 & CONTROL2_MASK,
                             (uint8_t)((path->tpci & KNX_TPCI_MASK) | APCI_HIGH),
                             APCI_LOW,
                             0,
                             (uint8_t)encrypted };
    static const uint8_t counter[sizeof(tail)] = { 0, 0, 0, 0, 1, 0 };
    memcpy(ccm->counter + buf.len, counter, sizeof(counter));
    bas_buf_add(&buf, tail, sizeof(tail));
    assert(!buf.full && buf.len == KNX_BLOCK_LEN);
}

/* The MAC (all of it, the first four octets count) over a plain telegram. */
static void plain_mac(const struct knx_ccm *ccm, const struct knx_secure_apdu *apdu,
                      uint8_t mac[KNX_BLOCK_LEN])
{
    bool in_clear = !is_encrypted(apdu->scf);
    const struct bas_slice nothing = { NULL, 0 };
    const struct bas_slice associated[] = {
        { &apdu->scf, 1 },
        in_clear ? apdu->apdu : apdu->clear,
    };
    knx_ccm_mac(ccm, associated, BAS_ARRAY_LEN(associated), in_clear ? nothing : apdu->apdu, mac);
}

static size_t encrypted_len(const struct knx_secure_apdu *apdu)
{
    return is_encrypted(apdu->scf) ? apdu->apdu.len : 0;
}

void knx_secure_apdu_seal(const struct knx_cipher *cipher, const struct knx_secure_path *path,
                          const struct knx_secure_apdu *apdu, struct bas_buf *out)
{
    assert(scf_is_valid(apdu->scf) && apdu->apdu.len <= APDU_MAX);
    struct knx_secure_apdu a = *apdu;
    if (!knx_scf_is(a.scf, KNX_SCF_SYNC_REQUEST)) {
        a.clear.len = 0; /* only a Sync_Req has it */
    }
    uint64_t mask = knx_scf_is(a.scf, KNX_SCF_SYNC_RESPONSE) ? a.challenge : 0;
    if (out->full || out->cap - out->len < KNX_DATA_SECURE_OVERHEAD + a.clear.len + a.apdu.len) {
        out->full = true;
        return;
    }
    wr_u8(out, (uint8_t)((path->tpci & KNX_TPCI_MASK) | APCI_HIGH));
    wr_u8(out, APCI_LOW);
    wr_u8(out, a.scf);
    wr_uint(out, a.sequence ^ mask, SEQUENCE_LEN);
    wr_slice(out, a.clear);

    struct knx_ccm ccm = { .cipher = cipher };
    blocks_init(&ccm, path, a.sequence, encrypted_len(&a));
    uint8_t mac[KNX_BLOCK_LEN];
    plain_mac(&ccm, &a, mac);
    uint8_t *body = out->data + out->len; /* encrypted where it lies */
    wr_slice(out, a.apdu);
    knx_ccm_crypt(&ccm, &(struct knx_ccm_text){ mac, MAC_LEN, { body, encrypted_len(&a) }, body });
    bas_buf_add(out, mac, MAC_LEN);
    bas_wipe(mac, sizeof(mac));
}

bool knx_is_secure(struct bas_slice tpdu)
{
    struct rd r = rd_init(tpdu);
    uint16_t first = rd_u16(&r);
    return r.err == BAS_OK && (first & 0x3FF) == KNX_SECURE_SERVICE;
}

enum knx_drop knx_secure_head_read(struct bas_slice tpdu, struct knx_secure_head *head)
{
    struct rd r = rd_init(tpdu);
    struct knx_secure_head h = { .tpci = rd_u8(&r) & KNX_TPCI_MASK };
    (void)rd_u8(&r);
    h.scf = rd_u8(&r);
    h.sequence = rd_uint(&r, SEQUENCE_LEN);
    if (!knx_is_secure(tpdu) || r.err != BAS_OK || rd_left(&r) < APDU_MIN + MAC_LEN ||
        rd_left(&r) > APDU_MAX + MAC_LEN) {
        return KNX_DROP_MALFORMED;
    }
    if (!scf_is_valid(h.scf)) {
        return KNX_DROP_SCF;
    }
    if (!knx_scf_is(h.scf, KNX_SCF_DATA) && tpdu.len != KNX_SYNC_LEN) {
        return KNX_DROP_MALFORMED;
    }
    if (knx_scf_is(h.scf, KNX_SCF_SYNC_REQUEST)) {
        rd_copy(&r, h.serial, sizeof(h.serial));
    }
    *head = h;
    return KNX_DROP_NONE;
}

enum knx_drop knx_secure_apdu_verify(const struct knx_cipher *cipher,
                                     const struct knx_secure_path *path, struct bas_slice tpdu,
                                     uint8_t *scratch, struct knx_secure_apdu *apdu)
{
    struct knx_secure_head head;
    enum knx_drop drop = knx_secure_head_read(tpdu, &head);
    if (drop != KNX_DROP_NONE) {
        return drop;
    }
    struct rd r = rd_init(tpdu);
    (void)rd_take(&r, HEAD_LEN);
    struct knx_secure_apdu a = { .scf = head.scf, .challenge = apdu->challenge };
    a.sequence = head.sequence;
    if (knx_scf_is(a.scf, KNX_SCF_SYNC_RESPONSE)) {
        a.sequence ^= a.challenge & KNX_COUNTER_MAX;
    } else if (knx_scf_is(a.scf, KNX_SCF_SYNC_REQUEST)) {
        a.clear = rd_take(&r, KNX_SERIAL_LEN);
    }
    const struct bas_slice body = rd_take(&r, rd_left(&r) - MAC_LEN);
    uint8_t received[MAC_LEN];
    rd_copy(&r, received, sizeof(received));
    a.apdu = (struct bas_slice){ scratch, body.len };

    struct knx_ccm ccm = { .cipher = cipher };
    struct knx_secure_path as_sent = *path;
    as_sent.tpci = head.tpci;
    blocks_init(&ccm, &as_sent, a.sequence, encrypted_len(&a));
    struct knx_ccm_text text = { received, sizeof(received), { body.data, body.len }, scratch };
    if (!is_encrypted(a.scf)) {
        memcpy(scratch, body.data, body.len);
        text.payload.len = 0;
    }
    knx_ccm_crypt(&ccm, &text);
    uint8_t mac[KNX_BLOCK_LEN];
    plain_mac(&ccm, &a, mac);
    bool ok = bas_equal_secret(mac, received, sizeof(received));
    bas_wipe(mac, sizeof(mac));
    if (!ok) {
        bas_wipe(scratch, body.len);
        return KNX_DROP_MAC;
    }
    *apdu = a;
    return KNX_DROP_NONE;
}

bool knx_secure_apdu_is_plain(const struct knx_secure_apdu *apdu)
{
    struct rd r = rd_init(apdu->apdu);
    uint16_t apci = rd_u16(&r); /* the upper six bits are zero: APCI and nothing else */
    return apci <= 0x3FF && apci != KNX_SECURE_SERVICE;
}

enum knx_drop knx_secure_apdu_open(const struct knx_cipher *cipher,
                                   const struct knx_secure_path *path, struct bas_slice tpdu,
                                   uint8_t *scratch, struct knx_secure_apdu *apdu)
{
    struct knx_secure_apdu a = { .challenge = apdu->challenge };
    enum knx_drop drop = knx_secure_apdu_verify(cipher, path, tpdu, scratch, &a);
    if (drop == KNX_DROP_NONE && knx_scf_is(a.scf, KNX_SCF_DATA) && !knx_secure_apdu_is_plain(&a)) {
        return KNX_DROP_MALFORMED;
    }
    if (drop == KNX_DROP_NONE) {
        *apdu = a;
    }
    return drop;
}
