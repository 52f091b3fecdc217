/* Owns S-A_Sync (spec 4.8): how two parties learn each other's sequence numbers, asking and
 * answering. */
#include "knx/data_secure.h"

#include "wire/rd.h"
#include "wire/wr.h"

enum {
    SEQUENCE_LEN = 6,
    CONTROL1_SYSTEM = 0xB0, /* as management telegrams have it; encode sees to the frame type */
    CONTROL2_HOPS = 0x60,
    CONTROL2_KEPT = 0x8F /* address type and frame format of what is answered */
};

static const bas_time answer_wait = 6 * BAS_SECOND;
static const bas_time answer_pause = 1 * BAS_SECOND;

static uint64_t random_number(const struct bas_env *env)
{
    uint8_t octets[SEQUENCE_LEN];
    env->random(env->ctx, octets, sizeof(octets));
    struct rd r = rd_init((struct bas_slice){ octets, sizeof(octets) });
    return rd_uint(&r, sizeof(octets));
}

/* cemi becomes an L_Data.req with that secured telegram. */
static void append(const struct knx_cipher *cipher, struct knx_cemi *cemi, uint8_t tpci,
                   const struct knx_secure_apdu *apdu, struct bas_buf *out)
{
    uint8_t memory[KNX_SYNC_LEN];
    struct bas_buf tpdu;
    bas_buf_init(&tpdu, memory, sizeof(memory));
    const struct knx_secure_path path = { cemi->source, cemi->destination, cemi->control2, tpci };
    knx_secure_apdu_seal(cipher, &path, apdu, &tpdu);
    cemi->code = KNX_L_DATA_REQ;
    cemi->tpdu = (struct bas_slice){ tpdu.data, tpdu.len };
    knx_cemi_encode(cemi, out);
}

/* Asking */

static void end(struct knx_sync *sync, bool is_ok)
{
    sync->is_waiting = false;
    sync->is_over = true;
    sync->is_ok = is_ok;
}

void knx_sync_expire(struct knx_sync *sync, bas_time now)
{
    if (sync->is_waiting && now >= sync->deadline) {
        end(sync, false);
    }
}

bas_err knx_data_secure_sync(struct knx_data_secure *secure, knx_ia peer, bool is_tool,
                             bas_time now, struct bas_buf *out)
{
    struct knx_sync *sync = &secure->sync;
    knx_sync_expire(sync, now);
    enum knx_key_use use = is_tool ? KNX_KEY_TOOL : KNX_KEY_PEER;
    const struct knx_cipher *cipher = knx_secure_keys_find(&secure->keys, use, peer);
    if (cipher == NULL || peer == 0) {
        return BAS_ERR_NOT_FOUND;
    }
    if (secure->address == 0) {
        return BAS_ERR_STATE;
    }
    if (sync->is_waiting || sync->is_over) {
        return BAS_ERR_BUSY;
    }
    uint64_t number = 0;
    bas_err err = knx_sequence_peek(&secure->sequence, &number);
    if (err != BAS_OK) {
        return err;
    }
    uint64_t challenge = random_number(&secure->env);
    uint8_t memory[SEQUENCE_LEN];
    struct bas_buf plain;
    bas_buf_init(&plain, memory, sizeof(memory));
    wr_uint(&plain, challenge, SEQUENCE_LEN);
    static const uint8_t nobody[KNX_SERIAL_LEN]; /* point to point it names nobody */
    const struct knx_secure_apdu apdu = {
        .scf = (uint8_t)(KNX_SCF_SYNC_REQUEST | KNX_SCF_ENCRYPTED | (is_tool ? KNX_SCF_TOOL : 0)),
        .sequence = number,
        .apdu = { plain.data, plain.len },
        .clear = { nobody, sizeof(nobody) },
    };
    struct knx_cemi cemi = { .control1 = CONTROL1_SYSTEM,
                             .control2 = CONTROL2_HOPS,
                             .source = secure->address,
                             .destination = peer };
    append(cipher, &cemi, 0, &apdu, out);
    if (out->full) {
        return BAS_ERR_NO_SPACE;
    }
    sync->is_waiting = true;
    sync->is_tool = is_tool;
    sync->peer = peer;
    sync->challenge = challenge;
    sync->deadline = now + answer_wait;
    return BAS_OK;
}

enum knx_drop knx_sync_take_response(struct knx_data_secure *secure,
                                     const struct knx_incoming *incoming)
{
    struct knx_sync *sync = &secure->sync;
    if (!sync->is_waiting || sync->peer != incoming->cemi->source ||
        sync->is_tool != incoming->is_tool) {
        return KNX_DROP_REPLAY; /* nobody asked: a recording */
    }
    uint8_t scratch[KNX_SYNC_LEN];
    struct knx_secure_apdu apdu = { .challenge = sync->challenge };
    enum knx_drop drop = knx_secure_apdu_verify(incoming->cipher, &incoming->path,
                                                incoming->cemi->tpdu, scratch, &apdu);
    if (drop != KNX_DROP_NONE) {
        return drop;
    }
    struct rd r = rd_init(apdu.apdu);
    uint64_t theirs = rd_uint(&r, SEQUENCE_LEN);
    uint64_t ours = rd_uint(&r, SEQUENCE_LEN);
    if (theirs != 0) {
        knx_senders_move(&secure->senders, incoming->record, theirs - 1);
    }
    knx_sequence_raise(&secure->sequence, ours);
    end(sync, true);
    return KNX_DROP_NONE;
}

/* Answering */

static void answer(struct knx_data_secure *secure, const struct knx_incoming *incoming,
                   uint64_t challenge, uint64_t number)
{
    const struct knx_cemi *request = incoming->cemi;
    uint64_t expected = incoming->record->last;
    expected += expected < KNX_COUNTER_MAX ? 1 : 0;
    uint8_t memory[2 * SEQUENCE_LEN];
    struct bas_buf plain;
    bas_buf_init(&plain, memory, sizeof(memory));
    wr_uint(&plain, number, SEQUENCE_LEN);
    wr_uint(&plain, expected, SEQUENCE_LEN);
    const uint8_t kept = KNX_SCF_TOOL | KNX_SCF_SYSTEM_BROADCAST;
    const struct knx_secure_apdu apdu = {
        .scf = (uint8_t)(KNX_SCF_SYNC_RESPONSE | KNX_SCF_ENCRYPTED | (incoming->head.scf & kept)),
        .sequence = random_number(&secure->env),
        .apdu = { plain.data, plain.len },
        .challenge = challenge,
    };
    const uint8_t is_system = ~request->control1 & KNX_CONTROL1_BROADCAST;
    struct knx_cemi cemi = {
        .control1 = (uint8_t)(CONTROL1_SYSTEM & ~is_system),
        .control2 = (uint8_t)((request->control2 & CONTROL2_KEPT) | CONTROL2_HOPS),
        .source = secure->address,
        .destination = incoming->is_broadcast ? 0 : request->source,
    };
    struct bas_buf out;
    bas_buf_init(&out, secure->sync.answer, sizeof(secure->sync.answer));
    /* On a connection both sides count in step, so the number of the question is ours. */
    append(incoming->cipher, &cemi, incoming->head.tpci, &apdu, &out);
    secure->sync.answer_len = out.full ? 0 : out.len;
}

enum knx_drop knx_sync_take_request(struct knx_data_secure *secure,
                                    const struct knx_incoming *incoming)
{
    uint8_t scratch[KNX_SYNC_LEN];
    struct knx_secure_apdu apdu = { 0 };
    enum knx_drop drop = knx_secure_apdu_verify(incoming->cipher, &incoming->path,
                                                incoming->cemi->tpdu, scratch, &apdu);
    if (drop != KNX_DROP_NONE) {
        return drop;
    }
    struct knx_sync *sync = &secure->sync;
    if (apdu.sequence > incoming->record->last) {
        knx_senders_move(&secure->senders, incoming->record, apdu.sequence - 1);
    }
    uint64_t number = 0;
    if ((sync->has_answered && incoming->now < sync->quiet_until) || secure->address == 0 ||
        knx_sequence_peek(&secure->sequence, &number) != BAS_OK) {
        return KNX_DROP_NONE;
    }
    struct rd r = rd_init(apdu.apdu);
    answer(secure, incoming, rd_uint(&r, SEQUENCE_LEN), number);
    sync->has_answered = true;
    sync->quiet_until = incoming->now + answer_pause;
    return KNX_DROP_NONE;
}
