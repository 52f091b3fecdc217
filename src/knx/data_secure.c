/* Owns the Data Secure engine (03_03_07 section 5; spec 4.6, 4.7): its life, its events, and the
 * way of a telegram out of it. */
#include "knx/data_secure.h"

#include "wire/rd.h"

#include <string.h>

enum {
    MAX_APDU = KNX_TPDU_MAX - KNX_DATA_SECURE_OVERHEAD,
    TPCI_CONTROL = 0x80, /* no APDU */
    PACE_LIMIT = 10000   /* telegrams in a window: 1000 a second */
};

static const bas_time pace_window = 10 * BAS_SECOND;

static struct knx_data_secure_config known_part(const struct knx_data_secure_config *config)
{
    struct knx_data_secure_config known = { 0 };
    memcpy(&known, config, config->size < sizeof(known) ? config->size : sizeof(known));
    return known;
}

/* Keys and senders; both or none. */
static bas_err make_tables(const struct bas_env *env, const struct knx_data_secure_config *config,
                           struct knx_secure_keys *keys, struct knx_senders *senders)
{
    bas_err err = knx_secure_keys_init(keys, env, config);
    if (err == BAS_OK) {
        err = knx_senders_init(senders, env, config);
        if (err != BAS_OK) {
            knx_senders_fini(senders, env);
        }
    }
    if (err != BAS_OK) {
        knx_secure_keys_fini(keys, env);
    }
    return err;
}

struct knx_data_secure *knx_data_secure_new(const struct bas_env *env,
                                            const struct knx_data_secure_config *config)
{
    struct knx_data_secure *secure = bas_alloc(env, sizeof(*secure));
    if (secure == NULL) {
        return NULL;
    }
    struct knx_data_secure_config known = known_part(config);
    bas_err err = make_tables(env, &known, &secure->keys, &secure->senders);
    secure->env = *env;
    secure->address = known.address;
    secure->send_authentication_only = known.send_authentication_only;
    memcpy(secure->serial, known.serial, sizeof(secure->serial));
    knx_sequence_init(&secure->sequence);
    bas_wipe(&known, sizeof(known));
    if (err != BAS_OK) {
        bas_release(env, secure, sizeof(*secure));
        return NULL;
    }
    return secure;
}

void knx_data_secure_free(struct knx_data_secure *secure)
{
    if (secure == NULL) {
        return;
    }
    const struct bas_env env = secure->env;
    knx_secure_keys_fini(&secure->keys, &env);
    knx_senders_fini(&secure->senders, &env);
    bas_wipe(secure, sizeof(*secure));
    bas_release(&env, secure, sizeof(*secure));
}

void knx_data_secure_set_address(struct knx_data_secure *secure, knx_ia address)
{
    secure->address = address;
}

bas_err knx_data_secure_reload(struct knx_data_secure *secure,
                               const struct knx_data_secure_config *config)
{
    struct knx_data_secure_config known = known_part(config);
    struct knx_secure_keys keys;
    struct knx_senders senders;
    bas_err err = make_tables(&secure->env, &known, &keys, &senders);
    if (err == BAS_OK) {
        knx_senders_carry_over(&senders, &secure->senders);
        knx_secure_keys_fini(&secure->keys, &secure->env);
        knx_senders_fini(&secure->senders, &secure->env);
        secure->keys = keys;
        secure->senders = senders;
        secure->send_authentication_only = known.send_authentication_only;
        memcpy(secure->serial, known.serial, sizeof(secure->serial));
    }
    bas_wipe(&known, sizeof(known));
    return err;
}

bas_err knx_data_secure_grant(struct knx_data_secure *secure, uint64_t first, uint64_t count)
{
    return knx_sequence_grant(&secure->sequence, first, count);
}

void knx_data_secure_renounce(struct knx_data_secure *secure)
{
    knx_sequence_renounce(&secure->sequence);
}

void knx_data_secure_heard(struct knx_data_secure *secure, const struct knx_sender *sender)
{
    struct knx_record *record =
        knx_senders_find(&secure->senders, sender->address, sender->is_tool);
    if (record != NULL && record->last < sender->last) {
        record->last = sender->last;
    }
}

bool knx_data_secure_has_key(const struct knx_data_secure *secure, knx_ga group)
{
    return knx_secure_keys_find(&secure->keys, KNX_KEY_GROUP, group) != NULL;
}

/* Sealing */

/* A telegram on its way out, and how it is secured; no cipher: not at all. */
struct outgoing {
    const struct knx_cemi *cemi;
    bas_time now;
    const struct knx_cipher *cipher;
    bool is_tool;
};

static uint8_t tpci_of(const struct knx_cemi *cemi)
{
    struct rd r = rd_init(cemi->tpdu);
    return rd_u8(&r) & KNX_TPCI_MASK;
}

static bool has_apdu(const struct knx_cemi *cemi)
{
    return cemi->tpdu.len >= 2 && (tpci_of(cemi) & TPCI_CONTROL) == 0;
}

static bool is_individual(const struct knx_cemi *cemi)
{
    return (cemi->control2 & KNX_CONTROL2_GROUP) == 0 && cemi->destination != 0;
}

/* The key of the pair goes before the tool key of the device. */
static void choose_key(const struct knx_data_secure *secure, struct outgoing *o)
{
    const struct knx_cemi *cemi = o->cemi;
    if (knx_cemi_is_group(cemi)) {
        o->cipher = knx_secure_keys_find(&secure->keys, KNX_KEY_GROUP, cemi->destination);
    } else if (is_individual(cemi) && has_apdu(cemi)) {
        o->cipher = knx_secure_keys_find(&secure->keys, KNX_KEY_PEER, cemi->destination);
        if (o->cipher == NULL) {
            o->cipher = knx_secure_keys_find(&secure->keys, KNX_KEY_TOOL, cemi->destination);
            o->is_tool = true;
        }
    }
}

/* The key of the device goes before our own, which answers with. */
static void choose_tool_key(const struct knx_data_secure *secure, struct outgoing *o)
{
    o->is_tool = true;
    if (is_individual(o->cemi)) {
        o->cipher = knx_secure_keys_find(&secure->keys, KNX_KEY_TOOL, o->cemi->destination);
    }
    if (o->cipher == NULL && !knx_cemi_is_group(o->cemi)) {
        o->cipher = knx_secure_keys_find(&secure->keys, KNX_KEY_TOOL, 0);
    }
}

static bas_err check_plain(const struct knx_data_secure *secure, const struct knx_cemi *cemi,
                           struct bas_fault *fault)
{
    char ours[KNX_ADDRESS_TEXT];
    char theirs[KNX_ADDRESS_TEXT];
    if (secure->address == 0) {
        return bas_fail(fault, BAS_ERR_STATE,
                        "nothing can be secured before the own address is known: wait until the "
                        "tunnel is up");
    }
    if (cemi->source != secure->address) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "the source address %s is not ours, %s: its MAC would be wrong",
                        knx_ia_text(cemi->source, theirs), knx_ia_text(secure->address, ours));
    }
    if (!has_apdu(cemi)) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "a telegram without an APDU cannot be secured, and its destination takes "
                        "no plain one");
    }
    if (knx_is_secure(cemi->tpdu)) {
        return bas_fail(fault, BAS_ERR_INVALID, "the telegram is secured already");
    }
    if (cemi->tpdu.len > MAX_APDU) {
        return bas_fail(fault, BAS_ERR_TOO_LONG,
                        "an APDU of %zu octets is too long to be secured: at most %d fit",
                        cemi->tpdu.len, (int)MAX_APDU);
    }
    return BAS_OK;
}

static void count_pace(struct knx_pace *pace, bas_time now)
{
    if (pace->count == 0 || now - pace->start > pace_window) {
        pace->is_told = pace->count > PACE_LIMIT;
        pace->start = now;
        pace->count = 0;
    }
    pace->count++;
    if (pace->count > PACE_LIMIT && !pace->is_told) {
        pace->is_fast = true;
        pace->is_told = true;
    }
}

static bas_err take_number(struct knx_data_secure *secure, bas_time now, uint64_t *number,
                           struct bas_fault *fault)
{
    bas_err err = knx_sequence_take(&secure->sequence, number);
    if (err == BAS_ERR_BUSY) {
        return bas_fail(
            fault, err,
            "no sequence number is reserved yet: try again when the store has answered");
    }
    if (err != BAS_OK) {
        return bas_fail(fault, err,
                        "all sequence numbers are used: the project needs new keys from ETS");
    }
    count_pace(&secure->pace, now);
    return BAS_OK;
}

static bas_err seal(struct knx_data_secure *secure, const struct outgoing *o, struct bas_buf *out,
                    struct bas_fault *fault)
{
    uint64_t number = 0;
    bas_err err = check_plain(secure, o->cemi, fault);
    if (err == BAS_OK) {
        err = take_number(secure, o->now, &number, fault);
    }
    if (err != BAS_OK) {
        return err;
    }
    struct knx_cemi cemi = *o->cemi;
    uint8_t plain[MAX_APDU];
    memcpy(plain, cemi.tpdu.data, cemi.tpdu.len);
    plain[0] &= (uint8_t)~KNX_TPCI_MASK; /* TPCI is not encrypted */
    const struct knx_secure_apdu apdu = {
        .scf = (uint8_t)((secure->send_authentication_only ? 0 : KNX_SCF_ENCRYPTED) |
                         (o->is_tool ? KNX_SCF_TOOL : 0)),
        .sequence = number,
        .apdu = { plain, cemi.tpdu.len },
    };
    const struct knx_secure_path path = { cemi.source, cemi.destination, cemi.control2,
                                          tpci_of(&cemi) };
    uint8_t memory[KNX_TPDU_MAX];
    struct bas_buf tpdu;
    bas_buf_init(&tpdu, memory, sizeof(memory));
    knx_secure_apdu_seal(o->cipher, &path, &apdu, &tpdu);
    bas_wipe(plain, apdu.apdu.len);
    cemi.tpdu = (struct bas_slice){ tpdu.data, tpdu.len };
    knx_cemi_encode(&cemi, out);
    return out->full ? bas_fail(fault, BAS_ERR_NO_SPACE, "the secured telegram does not fit")
                     : BAS_OK;
}

bas_err knx_data_secure_seal(struct knx_data_secure *secure, const struct knx_cemi *cemi,
                             bas_time now, struct bas_buf *out, bool *is_secured,
                             struct bas_fault *fault)
{
    struct outgoing o = { .cemi = cemi, .now = now };
    choose_key(secure, &o);
    if (o.cipher == NULL) {
        *is_secured = false;
        knx_cemi_encode(cemi, out);
        return out->full ? bas_fail(fault, BAS_ERR_NO_SPACE, "the telegram does not fit") : BAS_OK;
    }
    bas_err err = seal(secure, &o, out, fault);
    if (err == BAS_OK) {
        *is_secured = true;
    }
    return err;
}

bas_err knx_data_secure_seal_tool(struct knx_data_secure *secure, const struct knx_cemi *cemi,
                                  bas_time now, struct bas_buf *out, struct bas_fault *fault)
{
    struct outgoing o = { .cemi = cemi, .now = now };
    choose_tool_key(secure, &o);
    if (o.cipher == NULL) {
        return bas_fail(fault, BAS_ERR_NOT_FOUND, "there is no tool key for this destination");
    }
    return seal(secure, &o, out, fault);
}

/* Events */

static bool next_record(struct knx_data_secure *secure, struct knx_data_secure_event *event)
{
    const struct knx_record *record = knx_senders_next_moved(&secure->senders);
    if (record == NULL) {
        return false;
    }
    *event = (struct knx_data_secure_event){ .kind = KNX_DATA_SECURE_RECORD,
                                             .peer = record->address,
                                             .is_tool = record->is_tool,
                                             .next = record->last };
    return true;
}

static bool next_synced(struct knx_data_secure *secure, struct knx_data_secure_event *event)
{
    struct knx_sync *sync = &secure->sync;
    if (!sync->is_over) {
        return false;
    }
    sync->is_over = false;
    *event = (struct knx_data_secure_event){ .kind = KNX_DATA_SECURE_SYNCED,
                                             .peer = sync->peer,
                                             .is_tool = sync->is_tool,
                                             .ok = sync->is_ok,
                                             .next = secure->sequence.next };
    return true;
}

bool knx_data_secure_next_event(struct knx_data_secure *secure, struct knx_data_secure_event *event)
{
    struct knx_sync *sync = &secure->sync;
    uint64_t from = 0;
    if (knx_sequence_asks(&secure->sequence, &from)) {
        *event = (struct knx_data_secure_event){ .kind = KNX_DATA_SECURE_RESERVE, .next = from };
        return true;
    }
    if (sync->answer_len != 0) {
        *event = (struct knx_data_secure_event){ .kind = KNX_DATA_SECURE_SEND,
                                                 .cemi = { sync->answer, sync->answer_len } };
        sync->answer_len = 0;
        return true;
    }
    if (next_record(secure, event) || next_synced(secure, event)) {
        return true;
    }
    if (secure->pace.is_fast) {
        secure->pace.is_fast = false;
        *event = (struct knx_data_secure_event){ .kind = KNX_DATA_SECURE_FAST };
        return true;
    }
    return false;
}

void knx_data_secure_tick(struct knx_data_secure *secure, bas_time now)
{
    knx_sync_expire(&secure->sync, now);
}

bas_time knx_data_secure_deadline(const struct knx_data_secure *secure)
{
    return secure->sync.is_waiting ? secure->sync.deadline : BAS_NEVER;
}

uint64_t knx_data_secure_drops(const struct knx_data_secure *secure, enum knx_drop drop)
{
    return (size_t)drop < BAS_ARRAY_LEN(secure->drops) ? secure->drops[drop] : 0;
}

uint64_t knx_data_secure_next_number(const struct knx_data_secure *secure)
{
    return secure->sequence.next;
}
