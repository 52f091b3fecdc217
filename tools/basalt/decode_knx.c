/* Owns what is told of KNX: KNXnet/IP frames, cEMI, KNX IP Secure and Data Secure with their keys.
 */
#include "decode.h"

#include "rt/textfile.h"
#include "wire/rd.h"

#include <string.h>

enum { KEY_FILE_MAX = 256, TPDU_MAX = 256 };

bas_err decode_key_read(const struct bas_env *env, const char *path, struct knx_cipher *cipher,
                        struct bas_fault *fault)
{
    struct bas_textfile file = { 0 };
    struct knx_key key = { { 0 } };
    size_t len = sizeof(key.octets);
    bas_err err = bas_textfile_read(env, path, KEY_FILE_MAX, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    file.text[strcspn(file.text, "\r\n")] = '\0';
    err = bas_hex_decode(file.text, key.octets, &len);
    if (err == BAS_OK && len == sizeof(key.octets)) {
        knx_cipher_init(cipher, &key);
    } else {
        err =
            bas_fail(fault, BAS_ERR_KEY, "%s: holds no key; give 32 hex digits in one line", path);
    }
    bas_wipe(&key, sizeof(key));
    bas_wipe(file.text, file.len);
    bas_textfile_free(env, &file);
    return err;
}

/* "error": a word of Data Secure in the spelling of the others. Gives false. */
static bool put_drop(enum knx_drop drop, const char *reason, struct bas_json *json)
{
    char name[32] = { 0 };
    const char *word = knx_drop_name(drop);
    for (size_t i = 0; word[i] != '\0' && i < sizeof(name) - 1; i++) {
        name[i] = word[i] == '-' ? '_' : (char)(word[i] & ~0x20);
    }
    bas_json_text(json, "error", name);
    bas_json_text(json, "reason", reason);
    return false;
}

/* What an engine asks of the sequence numbers of one sender. */
static bool sequence_is_new(struct decode_knx *knx, uint64_t sequence, struct bas_json *json)
{
    if (!knx->has_last) {
        return true;
    }
    if (sequence > knx->last) {
        knx->last = sequence;
        return true;
    }
    return sequence == knx->last
               ? put_drop(KNX_DROP_DUPLICATE, "its sequence number is the last valid one", json)
               : put_drop(KNX_DROP_REPLAY, "its sequence number is below the last valid one", json);
}

/* Data Secure */

static const char *const drop_reasons[KNX_DROPS] = {
    [KNX_DROP_MALFORMED] = "it is too short, or what is inside must not be there",
    [KNX_DROP_SCF] = "its security control field has a reserved value",
    [KNX_DROP_MAC] = "its message authentication code does not fit key and addresses",
};

/* The plain APDU: told as the TPDU that carries it. */
static bool put_plain(const struct knx_tpdu *outer, struct bas_slice apdu, struct bas_json *json)
{
    struct knx_tpdu tpdu;
    struct bas_fault fault = { 0 };
    if (knx_tpdu_decode(apdu, &tpdu, &fault) != BAS_OK) {
        decode_fault(&fault, json);
        return false;
    }
    tpdu.kind = outer->kind;
    tpdu.sequence = outer->sequence;
    bas_json_open(json, "plain", '{');
    bas_err err = knx_tpdu_json(&tpdu, json, &fault);
    bas_json_close(json, '}');
    decode_fault(&fault, json);
    return err == BAS_OK;
}

static bool put_sync(const struct knx_secure_apdu *apdu, struct bas_json *json)
{
    struct rd r = rd_init(apdu->apdu);
    if ((apdu->scf & 7) == KNX_SCF_SYNC_REQUEST) {
        bas_json_hex(json, "serial", apdu->clear);
        bas_json_unsigned(json, "challenge", rd_uint(&r, 6));
    } else {
        bas_json_unsigned(json, "responder_sequence", rd_uint(&r, 6));
        bas_json_unsigned(json, "requester_sequence", rd_uint(&r, 6));
    }
    return r.err == BAS_OK;
}

/* "secure": what a telegram of Data Secure holds. */
static bool put_secure(struct decode_context *c, const struct knx_secure_path *path,
                       struct bas_slice octets, const struct knx_tpdu *tpdu, struct bas_json *json)
{
    struct knx_secure_apdu apdu = { .challenge = c->knx.challenge };
    if (octets.len > TPDU_MAX) {
        return put_drop(KNX_DROP_MALFORMED, "it is too long", json);
    }
    enum knx_drop drop = knx_secure_apdu_open(&c->knx.key, path, octets, c->scratch, &apdu);
    if (drop != KNX_DROP_NONE) {
        return put_drop(drop, drop_reasons[drop], json);
    }
    bool is_data = (apdu.scf & 7) == KNX_SCF_DATA;
    bas_json_open(json, "secure", '{');
    bas_json_hex(json, "scf", (struct bas_slice){ &apdu.scf, 1 });
    bas_json_bool(json, "is_tool", (apdu.scf & KNX_SCF_TOOL) != 0);
    bas_json_bool(json, "is_encrypted", (apdu.scf & KNX_SCF_ENCRYPTED) != 0);
    bas_json_unsigned(json, "sequence", apdu.sequence);
    bas_json_hex(json, "apdu", apdu.apdu);
    bool good = is_data ? put_plain(tpdu, apdu.apdu, json) : put_sync(&apdu, json);
    bas_json_close(json, '}');
    return good && (!is_data || sequence_is_new(&c->knx, apdu.sequence, json));
}

bool decode_datasecure(struct decode_context *context, struct bas_slice octets,
                       struct bas_json *json)
{
    struct knx_tpdu tpdu;
    struct bas_fault fault = { 0 };
    if (knx_tpdu_decode(octets, &tpdu, &fault) != BAS_OK) {
        decode_fault(&fault, json);
        return false;
    }
    bas_err err = knx_tpdu_json(&tpdu, json, &fault);
    if (tpdu.apci != KNX_SECURE_SERVICE || !tpdu.has_apdu) {
        return put_drop(KNX_DROP_PLAIN, "it is not a telegram of Data Secure", json);
    }
    if (context->knx.has_key) {
        return put_secure(context, &context->knx.path, octets, &tpdu, json);
    }
    decode_fault(&fault, json);
    return err == BAS_OK;
}

/* cEMI */

static bool judge_telegram(struct decode_context *c, const struct knx_cemi *cemi,
                           struct bas_json *json)
{
    struct knx_tpdu tpdu;
    struct bas_fault fault = { 0 };
    bool good = knx_tpdu_decode(cemi->tpdu, &tpdu, &fault) == BAS_OK;
    if (good && c->knx.has_key && tpdu.has_apdu && tpdu.apci == KNX_SECURE_SERVICE) {
        struct knx_secure_path path = { .source = cemi->source,
                                        .destination = cemi->destination,
                                        .control2 = cemi->control2,
                                        .tpci = tpdu.tpci };
        return put_secure(c, &path, cemi->tpdu, &tpdu, json);
    }
    if (good && c->knx.has_key && knx_cemi_is_group(cemi)) {
        return put_drop(KNX_DROP_PLAIN, "it is plain, and its group has a key", json);
    }
    good = good && knx_tpdu_json(&tpdu, NULL, &fault) == BAS_OK;
    decode_fault(&fault, json);
    return good;
}

bool decode_cemi(struct decode_context *context, struct bas_slice octets, struct bas_json *json)
{
    struct knx_cemi cemi;
    struct bas_fault fault = { 0 };
    bas_err err = knx_cemi_decode(octets, &cemi, &fault);
    if (err == BAS_OK || err == BAS_ERR_UNSUPPORTED) {
        knx_cemi_json(&cemi, json);
    }
    decode_fault(&fault, json);
    return err == BAS_OK && (cemi.tpdu.len == 0 || judge_telegram(context, &cemi, json));
}

/* KNXnet/IP */

static bool has_cemi(unsigned service)
{
    static const uint16_t services[] = { KNX_DEVICE_CONFIGURATION_REQUEST, KNX_TUNNELLING_REQUEST,
                                         KNX_ROUTING_INDICATION, KNX_ROUTING_SYSTEM_BROADCAST };
    for (size_t i = 0; i < BAS_ARRAY_LEN(services); i++) {
        if (services[i] == service) {
            return true;
        }
    }
    return false;
}

/* A frame that is not a wrapper, and the cEMI message in it. */
static bool put_frame(struct decode_context *c, struct bas_slice octets,
                      struct knx_message *message, struct bas_json *json)
{
    struct bas_fault fault = { 0 };
    bas_err err = knx_message_decode(octets, message, &fault);
    if (err == BAS_OK || err == BAS_ERR_UNSUPPORTED) {
        knx_message_json(message, json);
    }
    decode_fault(&fault, json);
    if (err != BAS_OK || !has_cemi(message->service)) {
        return err == BAS_OK;
    }
    struct knx_cemi cemi;
    err = knx_cemi_decode(message->payload, &cemi, &fault);
    decode_fault(&fault, json);
    return err == BAS_OK && (cemi.tpdu.len == 0 || judge_telegram(c, &cemi, json));
}

/* "inner": the frame that a wrapper holds. */
static bool put_inner(struct decode_context *c, const struct knx_message *wrapper,
                      struct bas_slice octets, struct bas_json *json)
{
    struct bas_slice inner = { 0 };
    struct bas_fault fault = { 0 };
    struct knx_message message;
    uint8_t *scratch = c->scratch + TPDU_MAX; /* the telegram inside is opened before it */
    fault.err = knx_unwrap(&c->knx.session_key, octets, scratch, &inner);
    if (fault.err == BAS_ERR_KEY) {
        return put_drop(KNX_DROP_MAC, "its message authentication code does not fit the key", json);
    }
    if (fault.err != BAS_OK) {
        (void)bas_fail(&fault, fault.err, "what is inside must not be in a SECURE_WRAPPER");
        decode_fault(&fault, json);
        return false;
    }
    bool has_last = c->knx.has_last; /* of wrappers, not of the telegrams in them */
    c->knx.has_last = false;
    bas_json_open(json, "inner", '{');
    bas_json_hex(json, "frame", inner);
    bool good = put_frame(c, inner, &message, json);
    bas_json_close(json, '}');
    c->knx.has_last = has_last;
    return sequence_is_new(&c->knx, wrapper->counter, json) && good;
}

bool decode_knxip(struct decode_context *context, struct bas_slice octets, struct bas_json *json)
{
    struct knx_message message;
    if (!put_frame(context, octets, &message, json)) {
        return false;
    }
    bool is_wrapper = message.service == KNX_SECURE_WRAPPER && context->knx.has_session_key;
    return !is_wrapper || put_inner(context, &message, octets, json);
}
