#include "secure_world.h"

#include <string.h>

const struct knx_group_key world_groups[2] = {
    { GROUP, { { 1, 1, 1 } } },
    { OTHER, { { 1, 1, 2 } } },
};
const struct knx_sender world_senders[2] = {
    { .address = ALICE },
    { .address = BOB },
};
static const struct knx_peer_key with_bob = { .peer = BOB, .key = { { 0xAB } } };
static const struct knx_peer_key with_alice = { .peer = ALICE, .key = { { 0xAB } } };

struct knx_data_secure_config world_config(knx_ia address)
{
    return (struct knx_data_secure_config){
        .size = sizeof(struct knx_data_secure_config),
        .address = address,
        .groups = world_groups,
        .n_groups = BAS_ARRAY_LEN(world_groups),
        .senders = world_senders,
        .n_senders = BAS_ARRAY_LEN(world_senders),
        .peers = address == ALICE ? &with_bob : &with_alice,
        .n_peers = 1,
        .serial = { 0x00, 0xFA, 0, 0, (uint8_t)(address >> 8), (uint8_t)address },
    };
}

struct knx_data_secure *world_engine(struct test_env *env,
                                     const struct knx_data_secure_config *config)
{
    struct knx_data_secure *engine = knx_data_secure_new(&env->env, config);
    assert_non_null(engine);
    assert_int_equal(knx_data_secure_grant(engine, 1, 1000000), BAS_OK);
    drain(engine);
    return engine;
}

void telegram_set(struct telegram *t, struct bas_slice octets, uint8_t code)
{
    assert_in_range(octets.len, 1, sizeof(t->memory));
    memcpy(t->memory, octets.data, octets.len);
    t->memory[0] = code;
    t->len = octets.len;
    assert_int_equal(knx_cemi_decode((struct bas_slice){ t->memory, t->len }, &t->cemi, NULL),
                     BAS_OK);
}

static void send(struct telegram *t, struct knx_data_secure *engine, const struct knx_cemi *cemi)
{
    uint8_t memory[300];
    struct bas_buf out;
    bool is_secured = false;
    struct bas_fault fault = { 0 };
    bas_buf_init(&out, memory, sizeof(memory));
    if (knx_data_secure_seal(engine, cemi, 0, &out, &is_secured, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    telegram_set(t, (struct bas_slice){ out.data, out.len }, KNX_L_DATA_IND);
}

void telegram_to_group(struct telegram *t, struct knx_data_secure *engine, knx_ia source,
                       knx_ga group, const char *tpdu)
{
    const struct knx_cemi cemi = knx_cemi_group(KNX_L_DATA_REQ, source, group, test_hex(tpdu));
    send(t, engine, &cemi);
}

void telegram_to(struct telegram *t, struct knx_data_secure *engine, knx_ia source, knx_ia to,
                 const char *tpdu)
{
    const struct knx_cemi cemi = { .code = KNX_L_DATA_REQ,
                                   .control1 = KNX_DEFAULT_CONTROL1,
                                   .control2 = KNX_DEFAULT_CONTROL2_INDIVIDUAL,
                                   .source = source,
                                   .destination = to,
                                   .tpdu = test_hex(tpdu) };
    send(t, engine, &cemi);
}

struct knx_opened receive(struct knx_data_secure *engine, const struct telegram *t, bas_time now)
{
    static uint8_t memory[256];
    struct bas_buf out;
    struct knx_opened opened;
    bas_buf_init(&out, memory, sizeof(memory));
    memset(&opened, 0xA5, sizeof(opened));
    knx_data_secure_open(engine, &t->cemi, now, &out, &opened);
    assert_false(out.full);
    return opened;
}

enum knx_drop dropped(struct knx_data_secure *engine, const struct telegram *t)
{
    uint64_t before[KNX_DROPS];
    for (unsigned i = 0; i < KNX_DROPS; i++) {
        before[i] = knx_data_secure_drops(engine, (enum knx_drop)i);
    }
    struct knx_opened opened = receive(engine, t, 0);
    assert_int_equal(opened.cemi.tpdu.len, 0); /* nothing is released */
    assert_false(opened.is_consumed);
    assert_int_not_equal(opened.drop, KNX_DROP_NONE);
    for (unsigned i = 0; i < KNX_DROPS; i++) { /* counted once, under its own name */
        uint64_t counted = knx_data_secure_drops(engine, (enum knx_drop)i) - before[i];
        assert_int_equal(counted, i == (unsigned)opened.drop ? 1 : 0);
    }
    return opened.drop;
}

void assert_delivers(struct knx_data_secure *engine, const struct telegram *t, const char *tpdu)
{
    struct knx_opened opened = receive(engine, t, 0);
    struct bas_slice wanted = test_hex(tpdu);
    assert_string_equal(knx_drop_name(opened.drop), "none");
    assert_int_equal(opened.cemi.tpdu.len, wanted.len);
    assert_memory_equal(opened.cemi.tpdu.data, wanted.data, wanted.len);
}

struct knx_data_secure_event next_event(struct knx_data_secure *engine,
                                        enum knx_data_secure_event_kind kind)
{
    struct knx_data_secure_event event;
    assert_true(knx_data_secure_next_event(engine, &event));
    assert_int_equal(event.kind, kind);
    return event;
}

void assert_no_event(struct knx_data_secure *engine)
{
    struct knx_data_secure_event event;
    assert_false(knx_data_secure_next_event(engine, &event));
}

void drain(struct knx_data_secure *engine)
{
    struct knx_data_secure_event event;
    while (knx_data_secure_next_event(engine, &event)) {
    }
}
