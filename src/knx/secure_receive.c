/* Owns the way of a telegram into the Data Secure engine: the order of the checks (spec 4.6, 4.7,
 * 4.9), and what is delivered. */
#include "knx/data_secure.h"

/* Tool access: the key of the device, when we are its tool, else ours. */
static const struct knx_cipher *find_tool_key(const struct knx_data_secure *secure, knx_ia peer,
                                              knx_ia *counts_as)
{
    const struct knx_cipher *cipher = knx_secure_keys_find(&secure->keys, KNX_KEY_TOOL, peer);
    *counts_as = cipher != NULL ? peer : 0;
    return cipher != NULL ? cipher : knx_secure_keys_find(&secure->keys, KNX_KEY_TOOL, 0);
}

static bool is_for_us(const struct knx_data_secure *secure, const struct knx_incoming *in)
{
    if (in->is_broadcast) {
        return !knx_scf_is(in->head.scf, KNX_SCF_SYNC_REQUEST) || in->is_own ||
               bas_equal_secret(in->head.serial, secure->serial, sizeof(secure->serial));
    }
    return in->is_group || in->is_own ||
           (secure->address != 0 && in->cemi->destination == secure->address);
}

static enum knx_drop find_key(const struct knx_data_secure *secure, struct knx_incoming *in)
{
    const struct knx_cemi *cemi = in->cemi;
    knx_ia counts_as = cemi->source;
    knx_ia peer = in->is_own ? cemi->destination : cemi->source;
    if (!is_for_us(secure, in)) {
        in->cipher = NULL;
    } else if (in->is_group) {
        in->cipher = knx_secure_keys_find(&secure->keys, KNX_KEY_GROUP, cemi->destination);
    } else if (in->is_tool) {
        in->cipher = find_tool_key(secure, peer, &counts_as);
    } else {
        in->cipher =
            in->is_broadcast ? NULL : knx_secure_keys_find(&secure->keys, KNX_KEY_PEER, peer);
    }
    if (in->cipher == NULL) {
        return KNX_DROP_UNKNOWN_KEY;
    }
    if (in->is_own) {
        return KNX_DROP_NONE;
    }
    bool is_reflected = secure->address != 0 && cemi->source == secure->address;
    in->record = is_reflected ? NULL : knx_senders_find(&secure->senders, counts_as, in->is_tool);
    return in->record != NULL ? KNX_DROP_NONE : KNX_DROP_UNKNOWN_SENDER;
}

/* Until the key is known: nothing here is authentic. */
static enum knx_drop identify(const struct knx_data_secure *secure, struct knx_incoming *in)
{
    const struct knx_cemi *cemi = in->cemi;
    enum knx_drop drop = knx_secure_head_read(cemi->tpdu, &in->head);
    if (drop != KNX_DROP_NONE) {
        return drop;
    }
    bool is_multicast = (cemi->control2 & KNX_CONTROL2_GROUP) != 0;
    in->is_group = is_multicast && cemi->destination != 0;
    in->is_broadcast = is_multicast && cemi->destination == 0;
    in->is_tool = (in->head.scf & KNX_SCF_TOOL) != 0;
    in->is_own =
        cemi->code == KNX_L_DATA_CON && secure->address != 0 && cemi->source == secure->address;
    if (in->is_group && in->is_tool) {
        return KNX_DROP_TOOL_ON_GROUP;
    }
    bool is_system = (in->head.scf & KNX_SCF_SYSTEM_BROADCAST) != 0;
    bool is_sync = !knx_scf_is(in->head.scf, KNX_SCF_DATA);
    if ((is_system && !in->is_broadcast) || (is_sync && in->is_group)) {
        return KNX_DROP_SCF;
    }
    in->path =
        (struct knx_secure_path){ cemi->source, cemi->destination, cemi->control2, in->head.tpci };
    return find_key(secure, in);
}

static enum knx_drop check_sequence(const struct knx_incoming *in)
{
    if (in->is_own || in->head.sequence > in->record->last) {
        return KNX_DROP_NONE;
    }
    bool is_equal = in->head.sequence == in->record->last && in->record->last != 0;
    return is_equal ? KNX_DROP_DUPLICATE : KNX_DROP_REPLAY;
}

/* S-A_Data whose key and sender are known. */
static enum knx_drop take_data(struct knx_data_secure *secure, const struct knx_incoming *in,
                               struct bas_buf *out, struct knx_opened *opened)
{
    opened->sequence = in->head.sequence;
    opened->last = in->record != NULL ? in->record->last : 0;
    enum knx_drop drop = check_sequence(in);
    if (drop != KNX_DROP_NONE) {
        return drop;
    }
    if (out->full || out->cap - out->len < in->cemi->tpdu.len) {
        out->full = true;
        return KNX_DROP_MALFORMED;
    }
    uint8_t *plain = out->data + out->len;
    struct knx_secure_apdu apdu = { 0 };
    drop = knx_secure_apdu_verify(in->cipher, &in->path, in->cemi->tpdu, plain, &apdu);
    if (drop != KNX_DROP_NONE) {
        return drop;
    }
    if (in->record != NULL) { /* now, whatever its APDU turns out to be */
        knx_senders_move(&secure->senders, in->record, in->head.sequence);
    }
    if (!knx_secure_apdu_is_plain(&apdu)) {
        return KNX_DROP_MALFORMED;
    }
    plain[0] |= in->head.tpci;
    out->len += apdu.apdu.len;
    opened->is_encrypted = (apdu.scf & KNX_SCF_ENCRYPTED) != 0;
    opened->is_tool = in->is_tool;
    opened->cemi = *in->cemi;
    opened->cemi.tpdu = (struct bas_slice){ plain, apdu.apdu.len };
    return KNX_DROP_NONE;
}

static enum knx_drop take_sync(struct knx_data_secure *secure, const struct knx_incoming *in,
                               struct knx_opened *opened)
{
    enum knx_drop drop = KNX_DROP_NONE;
    if (!in->is_own) {
        drop = knx_scf_is(in->head.scf, KNX_SCF_SYNC_REQUEST) ? knx_sync_take_request(secure, in)
                                                              : knx_sync_take_response(secure, in);
    }
    opened->is_consumed = drop == KNX_DROP_NONE;
    return drop;
}

static enum knx_drop open_secured(struct knx_data_secure *secure, struct knx_incoming *in,
                                  struct bas_buf *out, struct knx_opened *opened)
{
    enum knx_drop drop = identify(secure, in);
    if (drop != KNX_DROP_NONE) {
        return drop;
    }
    if (knx_scf_is(in->head.scf, KNX_SCF_DATA)) {
        return take_data(secure, in, out, opened);
    }
    return take_sync(secure, in, opened);
}

void knx_data_secure_open(struct knx_data_secure *secure, const struct knx_cemi *cemi, bas_time now,
                          struct bas_buf *out, struct knx_opened *opened)
{
    *opened = (struct knx_opened){ 0 };
    knx_sync_expire(&secure->sync, now);
    if (knx_is_secure(cemi->tpdu)) {
        struct knx_incoming in = { .cemi = cemi, .now = now };
        opened->is_secured = true;
        opened->drop = open_secured(secure, &in, out, opened);
    } else if (knx_cemi_is_group(cemi) && knx_data_secure_has_key(secure, cemi->destination)) {
        opened->drop = KNX_DROP_PLAIN;
    } else {
        opened->cemi = *cemi;
    }
    if (opened->drop != KNX_DROP_NONE) {
        secure->drops[opened->drop]++;
    }
}
