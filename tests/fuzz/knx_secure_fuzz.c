/*
 * KNX IP Secure and Data Secure under arbitrary octets. The first octet picks what they are: a
 * wrapper as it arrives, the content of a wrapper with a valid MAC, a cEMI message for the Data
 * Secure engine, or a telegram that is sealed with its keys. What is opened must be what was
 * sealed, once; what was not sealed must not be opened.
 */
#include "basalt/knx_secure.h"

#include "fuzz.h"

#include <string.h>

enum { US = 0x1106, PEER = 0x110A, DEVICE = 0x1114, GROUP = 0x0901, MAX_INPUT = 4200 };

static const struct knx_key key = { { 1, 2, 3 } };

static void *count_alloc(void *ctx, size_t len)
{
    size_t *live = ctx;
    *live += len;
    return calloc(1, len);
}

static void count_release(void *ctx, void *memory, size_t len)
{
    size_t *live = ctx;
    *live -= len;
    free(memory);
}

static void count_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5A, len);
}

static bool same(struct bas_slice a, struct bas_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* IP Secure */

static void receive_wrapper(struct bas_slice frame)
{
    static uint8_t scratch[MAX_INPUT];
    struct knx_cipher cipher;
    struct knx_wrapper wrapper;
    struct bas_slice inner = { NULL, 0 };
    knx_cipher_init(&cipher, &key);
    bas_err peeked = knx_wrapper_peek(frame, &wrapper);
    bas_err err = knx_unwrap(&cipher, frame, scratch, &inner);
    FUZZ_CHECK(err != BAS_OK && inner.data == NULL);
    FUZZ_CHECK(peeked == BAS_OK ? err == BAS_ERR_KEY : err == peeked);
    FUZZ_CHECK(!knx_timer_notify_check(&cipher, frame, &wrapper));
}

static void wrap_and_unwrap(uint8_t session, struct bas_slice inner)
{
    static uint8_t memory[KNX_WRAPPER_OVERHEAD + KNX_WRAPPER_MAX_INNER];
    static uint8_t scratch[KNX_WRAPPER_MAX_INNER];
    if (inner.len < KNX_IP_HEADER || inner.len > KNX_WRAPPER_MAX_INNER) {
        return;
    }
    struct knx_cipher cipher;
    struct knx_wrapper wrapper = { .session = session, .sequence = inner.len, .tag = 1 };
    struct bas_buf out;
    knx_cipher_init(&cipher, &key);
    bas_buf_init(&out, memory, sizeof(memory));
    knx_wrap(&cipher, &wrapper, inner, &out);
    FUZZ_CHECK(!out.full && out.len == inner.len + KNX_WRAPPER_OVERHEAD);
    struct bas_slice opened = { NULL, 0 };
    const struct bas_slice frame = { out.data, out.len };
    bas_err err = knx_unwrap(&cipher, frame, scratch, &opened);
    size_t total = 0;
    bool is_frame = knx_frame_length(inner, &total) == BAS_OK && total == inner.len;
    FUZZ_CHECK(err == BAS_OK || err == BAS_ERR_PROTOCOL);
    FUZZ_CHECK(err != BAS_OK || (is_frame && same(opened, inner)));
    memory[out.len - 1 - inner.len % KNX_MAC_LEN] ^= 0x10;
    FUZZ_CHECK(knx_unwrap(&cipher, frame, scratch, &opened) == BAS_ERR_KEY);
}

/* Data Secure */

static struct knx_data_secure *make_engine(const struct bas_env *env)
{
    static const struct knx_group_key group = { GROUP, { { 1, 2, 3 } } };
    static const struct knx_sender senders[] = { { .address = PEER }, { .address = US } };
    static const struct knx_peer_key peers[] = { { PEER, false, { { 1, 2, 3 } } },
                                                 { DEVICE, true, { { 1, 2, 3 } } } };
    const struct knx_data_secure_config config = {
        .size = sizeof(config),
        .address = US,
        .groups = &group,
        .n_groups = 1,
        .senders = senders,
        .n_senders = BAS_ARRAY_LEN(senders),
        .peers = peers,
        .n_peers = BAS_ARRAY_LEN(peers),
        .has_tool_key = true,
        .tool_key = key,
    };
    struct knx_data_secure *engine = knx_data_secure_new(env, &config);
    FUZZ_CHECK(engine != NULL);
    FUZZ_CHECK(knx_data_secure_grant(engine, 1, 100) == BAS_OK);
    return engine;
}

static void drain(struct knx_data_secure *engine)
{
    struct knx_data_secure_event event;
    struct knx_cemi cemi;
    while (knx_data_secure_next_event(engine, &event)) {
        if (event.kind == KNX_DATA_SECURE_SEND) {
            bas_err err = knx_cemi_decode(event.cemi, &cemi, NULL);
            FUZZ_CHECK(err == BAS_OK ||
                       err == BAS_ERR_UNSUPPORTED); /* frame format of the question */
            FUZZ_CHECK(cemi.source == US);
        }
    }
}

/* Opens cemi and holds what must be true of everything. */
static struct knx_opened receive(struct knx_data_secure *engine, const struct knx_cemi *cemi)
{
    static uint8_t memory[300];
    struct bas_buf out;
    struct knx_opened opened;
    bas_buf_init(&out, memory, sizeof(memory));
    uint64_t before = 0;
    uint64_t after = 0;
    for (unsigned i = 0; i < KNX_DROPS; i++) {
        before += knx_data_secure_drops(engine, (enum knx_drop)i);
    }
    knx_data_secure_open(engine, cemi, 0, &out, &opened);
    for (unsigned i = 0; i < KNX_DROPS; i++) {
        after += knx_data_secure_drops(engine, (enum knx_drop)i);
    }
    FUZZ_CHECK(after - before == (opened.drop != KNX_DROP_NONE ? 1U : 0U));
    FUZZ_CHECK(opened.drop == KNX_DROP_NONE || opened.cemi.tpdu.len == 0);
    FUZZ_CHECK(!opened.is_consumed || opened.cemi.tpdu.len == 0);
    drain(engine);
    return opened;
}

static void receive_cemi(struct knx_data_secure *engine, struct bas_slice octets)
{
    struct knx_cemi cemi;
    if (knx_cemi_decode(octets, &cemi, NULL) != BAS_OK) {
        return;
    }
    struct knx_opened opened = receive(engine, &cemi);
    bool is_delivered = opened.drop == KNX_DROP_NONE && !opened.is_consumed;
    FUZZ_CHECK(!is_delivered || !opened.is_secured); /* nobody has the keys */
    FUZZ_CHECK(!is_delivered || !knx_cemi_is_group(&cemi) || cemi.destination != GROUP);
}

static struct knx_cemi telegram_of(const uint8_t *choice, struct bas_slice tpdu)
{
    static const uint16_t sources[] = { PEER, DEVICE, US, 0x1199 };
    static const uint16_t destinations[] = { GROUP, US, PEER, 0, DEVICE };
    return (struct knx_cemi){
        .code = choice[0] % 4 == 0 ? KNX_L_DATA_CON : KNX_L_DATA_IND,
        .control1 = KNX_DEFAULT_CONTROL1,
        .control2 = choice[1] % 8 != 0 ? choice[1] & 0xF0 : choice[1],
        .source = sources[choice[2] % BAS_ARRAY_LEN(sources)],
        .destination = destinations[choice[3] % BAS_ARRAY_LEN(destinations)],
        .tpdu = tpdu,
    };
}

/* Eight octets choose, the rest is the APDU. Everything has the one key, so MACs are valid. */
static void seal_and_receive(struct knx_data_secure *engine, struct bas_slice octets)
{
    static const uint8_t scfs[] = { 0x10, 0x00, 0x12, 0x13 };
    static const uint8_t serial[KNX_SERIAL_LEN];
    enum { CHOICES = 8 };
    if (octets.len < CHOICES) {
        return;
    }
    const uint8_t *choice = octets.data;
    uint8_t plain[242] = { 0 };
    size_t len = octets.len - CHOICES < sizeof(plain) ? octets.len - CHOICES : sizeof(plain);
    memcpy(plain, choice + CHOICES, len);
    plain[0] &= choice[6] % 8 != 0 ? 0x03 : 0xFF; /* mostly as it must be */
    struct knx_cemi cemi = telegram_of(choice, (struct bas_slice){ NULL, 0 });
    const struct knx_secure_path path = { cemi.source, cemi.destination, cemi.control2,
                                          choice[4] & 0x7C };
    const struct knx_secure_apdu apdu = {
        .scf = (uint8_t)(scfs[choice[5] % 4] | (choice[6] > 0xC0 ? choice[5] & 0x88 : 0)),
        .sequence = choice[7],
        .apdu = { plain, len },
        .clear = { serial, sizeof(serial) },
    };
    struct knx_cipher cipher;
    uint8_t tpdu[300];
    struct bas_buf out;
    knx_cipher_init(&cipher, &key);
    bas_buf_init(&out, tpdu, sizeof(tpdu));
    knx_secure_apdu_seal(&cipher, &path, &apdu, &out);
    FUZZ_CHECK(!out.full);
    cemi.tpdu = (struct bas_slice){ out.data, out.len };
    struct knx_opened opened = receive(engine, &cemi);
    if (opened.drop != KNX_DROP_NONE || opened.is_consumed) {
        return;
    }
    FUZZ_CHECK(opened.is_secured && opened.sequence == apdu.sequence);
    FUZZ_CHECK(opened.cemi.tpdu.len == apdu.apdu.len);
    FUZZ_CHECK(memcmp(opened.cemi.tpdu.data + 1, apdu.apdu.data + 1, apdu.apdu.len - 1) == 0);
    bool is_own = cemi.code == KNX_L_DATA_CON && cemi.source == US;
    opened = receive(engine, &cemi);
    FUZZ_CHECK(opened.drop == (is_own ? KNX_DROP_NONE : KNX_DROP_DUPLICATE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > MAX_INPUT) {
        return 0;
    }
    const struct bas_slice octets = { data + 1, size - 1 };
    if (data[0] % 4 == 0) {
        receive_wrapper(octets);
        return 0;
    }
    if (data[0] % 4 == 1) {
        wrap_and_unwrap(data[0] >> 7, octets);
        return 0;
    }
    size_t live = 0;
    const struct bas_env env = {
        .ctx = &live, .alloc = count_alloc, .release = count_release, .random = count_random
    };
    struct knx_data_secure *engine = make_engine(&env);
    if (data[0] % 4 == 2) {
        receive_cemi(engine, octets);
    } else {
        seal_and_receive(engine, octets);
    }
    knx_data_secure_free(engine);
    FUZZ_CHECK(live == 0);
    return 0;
}
