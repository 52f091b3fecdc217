/* The Data Secure engine as a sender, and its life: what data_secure.c and secure_keys.c own. */
#include "secure_world.h"

#include <stdlib.h>
#include <string.h>

struct world {
    struct test_env env;
    struct knx_data_secure *alice;
    struct knx_data_secure *bob;
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    test_env_init(&w->env);
    struct knx_data_secure_config config = world_config(ALICE);
    w->alice = world_engine(&w->env, &config);
    config = world_config(BOB);
    w->bob = world_engine(&w->env, &config);
    *state = w;
    return 0;
}

static int drop_world(void **state)
{
    struct world *w = *state;
    knx_data_secure_free(w->alice);
    knx_data_secure_free(w->bob);
    test_env_check(&w->env);
    free(w);
    return 0;
}

/* An engine of Alice without any number. */
static struct knx_data_secure *fresh_alice(struct world *w)
{
    const struct knx_data_secure_config config = world_config(ALICE);
    knx_data_secure_free(w->alice);
    w->alice = knx_data_secure_new(&w->env.env, &config);
    assert_non_null(w->alice);
    return w->alice;
}

static bas_err try_seal(struct knx_data_secure *engine, const struct knx_cemi *cemi)
{
    uint8_t memory[300];
    struct bas_buf out;
    bool is_secured = false;
    struct bas_fault fault = { 0 };
    bas_buf_init(&out, memory, sizeof(memory));
    bas_err err = knx_data_secure_seal(engine, cemi, 0, &out, &is_secured, &fault);
    assert_int_equal(err, fault.err);
    assert_int_equal(err != BAS_OK, fault.text[0] != 0);
    assert_int_equal(err == BAS_OK, out.len != 0);
    return err;
}

static struct knx_cemi to_group(knx_ia source, const char *tpdu)
{
    return knx_cemi_group(KNX_L_DATA_REQ, source, GROUP, test_hex(tpdu));
}

static void what_one_seals_the_other_delivers(void **state)
{
    struct world *w = *state;
    static const char *const tpdus[] = { "0000", "0081", "0080FF", "00800C1A",
                                         "00804142434445464748494a4b4c4d4e" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(tpdus); i++) {
        struct telegram t;
        telegram_to_group(&t, w->alice, ALICE, GROUP, tpdus[i]);
        assert_int_equal(t.cemi.tpdu.len, test_hex(tpdus[i]).len + KNX_DATA_SECURE_OVERHEAD);
        assert_delivers(w->bob, &t, tpdus[i]);
    }
}

/* datasec-24: the frame becomes an extended one, all else stays. */
static void a_recorded_telegram_is_sealed_to_the_same_octets(void **state)
{
    struct world *w = *state;
    struct knx_group_key group = { .group = 0x0902 };
    memcpy(group.key.octets, test_hex("20c929d1aa80ed86c6004cda94406c3b").data, KNX_KEY_LEN);
    const struct knx_data_secure_config config = {
        .size = sizeof(config), .address = ALICE, .groups = &group, .n_groups = 1
    };
    knx_data_secure_free(w->alice);
    w->alice = knx_data_secure_new(&w->env.env, &config);
    assert_int_equal(knx_data_secure_grant(w->alice, 280128394103, 1), BAS_OK);
    struct telegram t;
    telegram_to_group(&t, w->alice, ALICE, 0x0902, "00804142434445464748494a4b4c4d4e");
    struct bas_slice wanted = test_hex("29003ce0110a09021c03f110004138f41377"
                                       "4e1332bd154ba29b77548cd38c584d5393c3c409");
    assert_int_equal(t.len, wanted.len);
    assert_memory_equal(t.memory, wanted.data, wanted.len);
}

static void without_a_key_a_telegram_stays_as_it_is(void **state)
{
    struct world *w = *state;
    struct knx_cemi cemi = knx_cemi_group(KNX_L_DATA_REQ, 0, OPEN, test_hex("0081"));
    uint8_t memory[32];
    struct bas_buf out;
    bool is_secured = true;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_data_secure_seal(w->alice, &cemi, 0, &out, &is_secured, NULL), BAS_OK);
    assert_false(is_secured);
    struct bas_slice wanted = test_hex("1100bce0000008010100 81");
    assert_int_equal(out.len, wanted.len);
    assert_memory_equal(out.data, wanted.data, wanted.len);
    assert_int_equal(knx_data_secure_next_number(w->alice), 1);
}

static void without_a_grant_nothing_is_sealed(void **state)
{
    struct world *w = *state;
    struct knx_data_secure *alice = fresh_alice(w);
    const struct knx_cemi cemi = to_group(ALICE, "0081");
    assert_int_equal(try_seal(alice, &cemi), BAS_ERR_BUSY);
    struct knx_data_secure_event event = next_event(alice, KNX_DATA_SECURE_RESERVE);
    assert_int_equal(event.next, 1);
    assert_no_event(alice);
    assert_int_equal(knx_data_secure_grant(alice, 5, 1), BAS_OK);
    assert_int_equal(try_seal(alice, &cemi), BAS_OK);
    assert_int_equal(try_seal(alice, &cemi), BAS_ERR_BUSY);
}

static void half_of_a_block_reserves_the_next_one(void **state)
{
    struct world *w = *state;
    struct knx_data_secure *alice = fresh_alice(w);
    const struct knx_cemi cemi = to_group(ALICE, "0081");
    assert_int_equal(knx_data_secure_grant(alice, 100, 4), BAS_OK);
    assert_int_equal(try_seal(alice, &cemi), BAS_OK);
    assert_no_event(alice);
    assert_int_equal(try_seal(alice, &cemi), BAS_OK);
    struct knx_data_secure_event event = next_event(alice, KNX_DATA_SECURE_RESERVE);
    assert_int_equal(event.next, 104);
    assert_no_event(alice);
    assert_int_equal(knx_data_secure_grant(alice, 103, 4), BAS_ERR_INVALID);
    assert_int_equal(knx_data_secure_grant(alice, 104, 4), BAS_OK);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(knx_data_secure_next_number(alice), 102 + i);
        assert_int_equal(try_seal(alice, &cemi), BAS_OK);
    }
    assert_int_equal(try_seal(alice, &cemi), BAS_ERR_BUSY);
}

static void groups_and_peers_share_one_counter(void **state)
{
    struct world *w = *state;
    struct telegram t;
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    assert_int_equal(receive(w->bob, &t, 0).sequence, 1);
    telegram_to(&t, w->alice, ALICE, BOB, "0300");
    assert_int_equal(receive(w->bob, &t, 0).sequence, 2);
    telegram_to_group(&t, w->alice, ALICE, OTHER, "0081");
    assert_int_equal(receive(w->bob, &t, 0).sequence, 3);
}

static void after_the_last_of_all_numbers_nothing_is_sealed(void **state)
{
    struct world *w = *state;
    struct knx_data_secure *alice = fresh_alice(w);
    const struct knx_cemi cemi = to_group(ALICE, "0081");
    assert_int_equal(knx_data_secure_grant(alice, KNX_COUNTER_MAX, 1), BAS_OK);
    assert_int_equal(try_seal(alice, &cemi), BAS_OK);
    assert_int_equal(try_seal(alice, &cemi), BAS_ERR_STATE);
    assert_no_event(alice); /* there is nothing left to reserve */
}

static void what_cannot_be_secured_is_refused_and_costs_no_number(void **state)
{
    struct world *w = *state;
    const struct {
        knx_ia source;
        const char *tpdu;
        bas_err err;
    } rows[] = {
        { BOB, "0081", BAS_ERR_INVALID },         /* not our address */
        { 0, "0081", BAS_ERR_INVALID },           /* the server must not fill it in */
        { ALICE, "03f1100000", BAS_ERR_INVALID }, /* secured already */
        { ALICE, "00", BAS_ERR_INVALID },         /* no APDU, and never plain */
        { ALICE, "80", BAS_ERR_INVALID },         /* T_Connect to a group */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct knx_cemi cemi = to_group(rows[i].source, rows[i].tpdu);
        assert_int_equal(try_seal(w->alice, &cemi), rows[i].err);
    }
    knx_data_secure_set_address(w->alice, 0);
    struct knx_cemi cemi = to_group(0, "0081");
    assert_int_equal(try_seal(w->alice, &cemi), BAS_ERR_STATE);
    knx_data_secure_set_address(w->alice, 0x110B); /* the tunnel is up */
    cemi.source = 0x110B;
    assert_int_equal(knx_data_secure_next_number(w->alice), 1);
    assert_int_equal(try_seal(w->alice, &cemi), BAS_OK);
}

static void the_longest_apdu_has_242_octets(void **state)
{
    struct world *w = *state;
    uint8_t tpdu[243] = { 0x00, 0x80, 0xFF };
    struct knx_cemi cemi =
        knx_cemi_group(KNX_L_DATA_REQ, ALICE, GROUP, (struct bas_slice){ tpdu, 243 });
    assert_int_equal(try_seal(w->alice, &cemi), BAS_ERR_TOO_LONG);
    cemi.tpdu.len = 242;
    uint8_t memory[300];
    struct bas_buf out;
    bool is_secured = false;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_data_secure_seal(w->alice, &cemi, 0, &out, &is_secured, NULL), BAS_OK);
    struct telegram t;
    telegram_set(&t, (struct bas_slice){ out.data, out.len }, KNX_L_DATA_IND);
    assert_int_equal(t.cemi.tpdu.len, 255);
    struct knx_opened opened = receive(w->bob, &t, 0);
    assert_int_equal(opened.drop, KNX_DROP_NONE);
    assert_int_equal(opened.cemi.tpdu.len, 242);
    assert_memory_equal(opened.cemi.tpdu.data, tpdu, 242);
}

/* What was numbered may be on its way somewhere. */
static void a_number_is_lost_when_its_telegram_does_not_fit(void **state)
{
    struct world *w = *state;
    const struct knx_cemi cemi = to_group(ALICE, "0081");
    uint8_t memory[23];
    struct bas_buf out;
    bool is_secured = false;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_data_secure_seal(w->alice, &cemi, 0, &out, &is_secured, NULL),
                     BAS_ERR_NO_SPACE);
    assert_false(is_secured);
    assert_int_equal(knx_data_secure_next_number(w->alice), 2);
}

static void the_transport_layer_is_not_secured_but_its_data_is(void **state)
{
    struct world *w = *state;
    static const char *const control[] = { "80", "81", "C2", "C7" };
    struct telegram t;
    for (size_t i = 0; i < BAS_ARRAY_LEN(control); i++) {
        telegram_to(&t, w->alice, ALICE, BOB, control[i]);
        assert_int_equal(t.cemi.tpdu.len, 1);
        assert_delivers(w->bob, &t, control[i]);
    }
    assert_int_equal(knx_data_secure_next_number(w->alice), 1);
    telegram_to(&t, w->alice, ALICE, BOB, "4FD5000B1001"); /* T_Data_Connected, counter 3 */
    assert_int_equal(t.cemi.tpdu.data[0], 0x4F);
    assert_int_equal(t.cemi.tpdu.data[1], 0xF1);
    assert_delivers(w->bob, &t, "4FD5000B1001");
}

static void authentication_only_is_sent_where_it_is_asked_for(void **state)
{
    struct world *w = *state;
    struct knx_data_secure_config config = world_config(ALICE);
    config.send_authentication_only = true;
    assert_int_equal(knx_data_secure_reload(w->alice, &config), BAS_OK);
    struct telegram t;
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    assert_int_equal(t.cemi.tpdu.data[2], 0x00);
    struct knx_opened opened = receive(w->bob, &t, 0);
    assert_int_equal(opened.drop, KNX_DROP_NONE);
    assert_true(opened.is_secured);
    assert_false(opened.is_encrypted);
    assert_memory_equal(opened.cemi.tpdu.data, "\x00\x81", 2);
}

/* Tool access */

static const struct knx_peer_key bobs_tool_key = { BOB, true, { { 0x70, 0x01 } } };

/* Alice becomes the tool of Bob, and no pair has a key. */
static void make_tool(struct world *w)
{
    struct knx_data_secure_config config = world_config(ALICE);
    config.peers = &bobs_tool_key;
    assert_int_equal(knx_data_secure_reload(w->alice, &config), BAS_OK);
    config = world_config(BOB);
    config.n_peers = 0;
    config.has_tool_key = true;
    config.tool_key = bobs_tool_key.key;
    assert_int_equal(knx_data_secure_reload(w->bob, &config), BAS_OK);
}

static void a_tool_and_its_device_talk_with_the_tool_key(void **state)
{
    struct world *w = *state;
    make_tool(w);
    struct telegram t;
    telegram_to(&t, w->alice, ALICE, BOB, "03D505351001");
    assert_int_equal(t.cemi.tpdu.data[2], 0x90);
    struct knx_opened opened = receive(w->bob, &t, 0);
    assert_int_equal(opened.drop, KNX_DROP_NONE);
    assert_true(opened.is_tool);
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_DUPLICATE);
    struct knx_data_secure_event event = next_event(w->bob, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.peer, 0); /* of all tools */
    assert_true(event.is_tool);

    struct knx_cemi answer = { .code = KNX_L_DATA_REQ,
                               .control1 = KNX_DEFAULT_CONTROL1,
                               .control2 = KNX_DEFAULT_CONTROL2_INDIVIDUAL,
                               .source = BOB,
                               .destination = ALICE,
                               .tpdu = test_hex("03D60535100142") };
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_data_secure_seal_tool(w->bob, &answer, 0, &out, NULL), BAS_OK);
    telegram_set(&t, (struct bas_slice){ out.data, out.len }, KNX_L_DATA_IND);
    assert_delivers(w->alice, &t, "03D60535100142");
    event = next_event(w->alice, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.peer, BOB);
    assert_true(event.is_tool);
}

static void tool_access_needs_a_tool_key_and_no_group(void **state)
{
    struct world *w = *state;
    struct knx_cemi cemi = to_group(ALICE, "0081");
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_data_secure_seal_tool(w->alice, &cemi, 0, &out, NULL), BAS_ERR_NOT_FOUND);
    make_tool(w);
    cemi.source = BOB;
    assert_int_equal(knx_data_secure_seal_tool(w->bob, &cemi, 0, &out, NULL), BAS_ERR_NOT_FOUND);
    assert_int_equal(out.len, 0);
}

/* How fast */

static unsigned fast_events(struct knx_data_secure *engine)
{
    unsigned n = 0;
    struct knx_data_secure_event event;
    while (knx_data_secure_next_event(engine, &event)) {
        n += event.kind == KNX_DATA_SECURE_FAST ? 1 : 0;
    }
    return n;
}

/* Seals count telegrams, one every step, and returns the time after them. */
static bas_time seal_many(struct knx_data_secure *engine, bas_time now, bas_time step,
                          unsigned count)
{
    const struct knx_cemi cemi = to_group(ALICE, "0081");
    for (unsigned i = 0; i < count; i++) {
        uint8_t memory[64];
        struct bas_buf out;
        bool is_secured = false;
        bas_buf_init(&out, memory, sizeof(memory));
        assert_int_equal(knx_data_secure_seal(engine, &cemi, now, &out, &is_secured, NULL), BAS_OK);
        now += step;
    }
    return now;
}

static void more_than_a_thousand_a_second_is_told_once(void **state)
{
    struct world *w = *state;
    bas_time now = seal_many(w->alice, 5, 1000, 10000); /* exactly a thousand */
    assert_int_equal(fast_events(w->alice), 0);
    now = seal_many(w->alice, now + 20 * BAS_SECOND, 990, 10000);
    assert_int_equal(fast_events(w->alice), 0);
    now = seal_many(w->alice, now, 990, 200);
    assert_int_equal(fast_events(w->alice), 1);
    now = seal_many(w->alice, now, 990, 25000); /* it goes on */
    assert_int_equal(fast_events(w->alice), 0);
}

/* Life */

static void of_sixty_thousand_groups_each_has_its_own_key(void **state)
{
    (void)state;
    enum { N = 60000 };
    struct test_env env;
    test_env_init(&env);
    struct knx_group_key *groups = calloc(N, sizeof(*groups));
    assert_non_null(groups);
    for (unsigned i = 0; i < N; i++) {
        unsigned ga = (i * 7919) % N + 1; /* in no order */
        groups[i].group = (knx_ga)ga;
        groups[i].key.octets[0] = (uint8_t)ga;
        groups[i].key.octets[1] = (uint8_t)(ga >> 8);
    }
    struct knx_data_secure_config config = world_config(ALICE);
    config.groups = groups;
    config.n_groups = N;
    struct knx_data_secure *alice = world_engine(&env, &config);
    config.address = BOB;
    struct knx_data_secure *bob = world_engine(&env, &config);
    free(groups);
    static const knx_ga some[] = { 1, 2, 3, 255, 256, 2305, 30000, 59999, 60000 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(some); i++) {
        struct telegram t;
        telegram_to_group(&t, alice, ALICE, some[i], "0081");
        assert_delivers(bob, &t, "0081");
        t.cemi.destination = some[i] == 1 ? 2 : (uint16_t)(some[i] - 1);
        assert_int_equal(dropped(bob, &t), KNX_DROP_DUPLICATE);
    }
    assert_true(knx_data_secure_has_key(bob, 60000));
    assert_false(knx_data_secure_has_key(bob, 60001));
    assert_false(knx_data_secure_has_key(bob, 0));
    knx_data_secure_free(alice);
    knx_data_secure_free(bob);
    test_env_check(&env);
}

static void a_telegram_allocates_nothing(void **state)
{
    struct world *w = *state;
    size_t before = w->env.allocations;
    for (unsigned i = 0; i < 10; i++) {
        struct telegram t;
        telegram_to_group(&t, w->alice, ALICE, GROUP, "00800C1A");
        assert_delivers(w->bob, &t, "00800C1A");
        telegram_to_group(&t, w->bob, BOB, OTHER, "0081");
        assert_delivers(w->alice, &t, "0081");
        drain(w->alice);
        drain(w->bob);
    }
    assert_int_equal(w->env.allocations, before);
}

static void no_allocation_that_fails_leaks(void **state)
{
    (void)state;
    const struct knx_data_secure_config config = world_config(ALICE);
    struct knx_data_secure *engine = NULL;
    for (size_t k = 1; engine == NULL; k++) {
        struct test_env env;
        test_env_init(&env);
        env.fail_at = k;
        engine = knx_data_secure_new(&env.env, &config);
        if (engine == NULL) {
            test_env_check(&env);
            assert_true(k < 20);
        } else {
            assert_true(k > 4);
            knx_data_secure_free(engine);
            test_env_check(&env);
        }
    }
}

static void a_reload_without_memory_leaves_the_old_keys(void **state)
{
    struct world *w = *state;
    static const struct knx_group_key changed = { GROUP, { { 9 } } };
    struct knx_data_secure_config config = world_config(BOB);
    config.groups = &changed;
    config.n_groups = 1;
    size_t live = w->env.live;
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err != BAS_OK; k++) {
        w->env.fail_at = w->env.allocations + k;
        err = knx_data_secure_reload(w->bob, &config);
        w->env.fail_at = 0;
        if (err != BAS_OK) {
            assert_int_equal(err, BAS_ERR_NO_MEMORY);
            assert_int_equal(w->env.live, live);
            struct telegram t;
            telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
            assert_delivers(w->bob, &t, "0081");
        }
        assert_true(k < 20);
    }
    struct telegram t;
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_MAC);
}

static void a_reload_goes_on_with_the_numbers(void **state)
{
    struct world *w = *state;
    struct telegram first;
    struct telegram second;
    telegram_to_group(&first, w->alice, ALICE, GROUP, "0081");
    telegram_to_group(&second, w->alice, ALICE, GROUP, "0080");
    assert_delivers(w->bob, &first, "0081");
    struct knx_sender senders[] = { { .address = ALICE }, { .address = BOB, .last = 77 } };
    struct knx_data_secure_config config = world_config(BOB);
    config.senders = senders;
    assert_int_equal(knx_data_secure_reload(w->bob, &config), BAS_OK);
    assert_int_equal(dropped(w->bob, &first), KNX_DROP_DUPLICATE);
    struct knx_data_secure_event event = next_event(w->bob, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.peer, ALICE); /* was not drained before */
    assert_int_equal(event.next, 1);
    assert_int_equal(knx_data_secure_reload(w->bob, &config), BAS_OK);
    assert_int_equal(dropped(w->bob, &first), KNX_DROP_DUPLICATE); /* was drained, and stays */
    assert_no_event(w->bob);
    senders[0].last = 2; /* the store knows more */
    assert_int_equal(knx_data_secure_reload(w->bob, &config), BAS_OK);
    assert_int_equal(dropped(w->bob, &second), KNX_DROP_DUPLICATE);
    assert_no_event(w->bob);
    telegram_to_group(&second, w->bob, BOB, GROUP, "0081");
    assert_int_equal(receive(w->alice, &second, 0).sequence, 1); /* the sending ones stay, too */
}

static void of_two_keys_for_a_group_the_later_one_counts(void **state)
{
    struct world *w = *state;
    const struct knx_group_key twice[] = { { GROUP, { { 0xEE } } }, world_groups[0] };
    struct knx_data_secure_config config = world_config(BOB);
    config.groups = twice;
    config.n_groups = 2;
    assert_int_equal(knx_data_secure_reload(w->bob, &config), BAS_OK);
    struct telegram t;
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    assert_delivers(w->bob, &t, "0081");
}

/* A caller that was built against a shorter struct. */
static void members_that_the_caller_does_not_know_are_zero(void **state)
{
    struct world *w = *state;
    struct knx_data_secure_config config = world_config(ALICE);
    config.send_authentication_only = true;
    config.size = offsetof(struct knx_data_secure_config, serial);
    struct knx_data_secure *engine = world_engine(&w->env, &config);
    struct telegram t;
    telegram_to_group(&t, engine, ALICE, GROUP, "0081");
    assert_int_equal(t.cemi.tpdu.data[2], KNX_SCF_ENCRYPTED);
    knx_data_secure_free(engine);
}

/* Random ones */

static uint64_t dice(struct test_env *env)
{
    uint64_t value = 0;
    env->env.random(env->env.ctx, (uint8_t *)&value, sizeof(value));
    return value;
}

static void every_random_telegram_arrives_and_none_with_a_flipped_bit(void **state)
{
    struct world *w = *state;
    for (unsigned i = 0; i < 300; i++) {
        uint8_t tpdu[242];
        w->env.env.random(w->env.env.ctx, tpdu, sizeof(tpdu));
        size_t len = 2 + dice(&w->env) % 241;
        tpdu[0] &= 0x01; /* a group service, and no Secure one */
        struct knx_cemi cemi = knx_cemi_group(KNX_L_DATA_REQ, ALICE, i % 2 == 0 ? GROUP : OTHER,
                                              (struct bas_slice){ tpdu, len });
        uint8_t memory[300];
        struct bas_buf out;
        bool is_secured = false;
        bas_buf_init(&out, memory, sizeof(memory));
        assert_int_equal(knx_data_secure_seal(w->alice, &cemi, 0, &out, &is_secured, NULL), BAS_OK);
        struct telegram t;
        telegram_set(&t, (struct bas_slice){ out.data, out.len }, KNX_L_DATA_IND);
        for (unsigned flips = 0; flips < 12; flips++) {
            struct telegram bad;
            telegram_set(&bad, (struct bas_slice){ out.data, out.len }, KNX_L_DATA_IND);
            size_t bit = dice(&w->env) % (bad.cemi.tpdu.len * 8);
            bad.memory[bad.len - bad.cemi.tpdu.len + bit / 8] ^= (uint8_t)(1U << bit % 8);
            struct knx_opened opened = receive(w->bob, &bad, 0);
            assert_true(opened.drop != KNX_DROP_NONE || !opened.is_secured);
        }
        struct knx_opened opened = receive(w->bob, &t, 0);
        assert_int_equal(opened.drop, KNX_DROP_NONE);
        assert_int_equal(opened.cemi.tpdu.len, len);
        assert_memory_equal(opened.cemi.tpdu.data, tpdu, len);
    }
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, make_world, drop_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_world(what_one_seals_the_other_delivers),
        in_world(a_recorded_telegram_is_sealed_to_the_same_octets),
        in_world(without_a_key_a_telegram_stays_as_it_is),
        in_world(without_a_grant_nothing_is_sealed),
        in_world(half_of_a_block_reserves_the_next_one),
        in_world(groups_and_peers_share_one_counter),
        in_world(after_the_last_of_all_numbers_nothing_is_sealed),
        in_world(what_cannot_be_secured_is_refused_and_costs_no_number),
        in_world(the_longest_apdu_has_242_octets),
        in_world(a_number_is_lost_when_its_telegram_does_not_fit),
        in_world(the_transport_layer_is_not_secured_but_its_data_is),
        in_world(authentication_only_is_sent_where_it_is_asked_for),
        in_world(a_tool_and_its_device_talk_with_the_tool_key),
        in_world(tool_access_needs_a_tool_key_and_no_group),
        in_world(more_than_a_thousand_a_second_is_told_once),
        cmocka_unit_test(of_sixty_thousand_groups_each_has_its_own_key),
        in_world(a_telegram_allocates_nothing),
        cmocka_unit_test(no_allocation_that_fails_leaks),
        in_world(a_reload_without_memory_leaves_the_old_keys),
        in_world(a_reload_goes_on_with_the_numbers),
        in_world(of_two_keys_for_a_group_the_later_one_counts),
        in_world(members_that_the_caller_does_not_know_are_zero),
        in_world(every_random_telegram_arrives_and_none_with_a_flipped_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
