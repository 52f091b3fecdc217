/* S-A_Sync in both roles (spec 4.8), with virtual time. */
#include "secure_world.h"

#include <stdlib.h>
#include <string.h>

struct world {
    struct test_env env;
    struct knx_data_secure *alice; /* asks: next number 1 */
    struct knx_data_secure *bob;   /* answers: next number 1001 */
    struct telegram t;
};

/* An engine whose next number is next. */
static struct knx_data_secure *engine_at(struct world *w, knx_ia address, uint64_t next)
{
    const struct knx_data_secure_config config = world_config(address);
    struct knx_data_secure *engine = knx_data_secure_new(&w->env.env, &config);
    assert_non_null(engine);
    assert_int_equal(knx_data_secure_grant(engine, next, 1000000), BAS_OK);
    drain(engine);
    return engine;
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    test_env_init(&w->env);
    w->alice = engine_at(w, ALICE, 1);
    w->bob = engine_at(w, BOB, 1001);
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

static bas_err ask(struct world *w, bool is_tool, bas_time now)
{
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_err err = knx_data_secure_sync(w->alice, BOB, is_tool, now, &out);
    assert_int_equal(err == BAS_OK, out.len != 0);
    if (err == BAS_OK) {
        assert_int_equal(memory[0], KNX_L_DATA_REQ);
        telegram_set(&w->t, (struct bas_slice){ out.data, out.len }, KNX_L_DATA_IND);
    }
    return err;
}

/* The engine takes w->t for itself; nothing is delivered. */
static void consume(struct world *w, struct knx_data_secure *engine, bas_time now)
{
    struct knx_opened opened = receive(engine, &w->t, now);
    assert_string_equal(knx_drop_name(opened.drop), "none");
    assert_true(opened.is_consumed);
    assert_int_equal(opened.cemi.tpdu.len, 0);
}

/* w->t becomes the answer that the engine sends. */
static void take_answer(struct world *w, struct knx_data_secure *engine)
{
    struct knx_data_secure_event event = next_event(engine, KNX_DATA_SECURE_SEND);
    assert_int_equal(event.cemi.data[0], KNX_L_DATA_REQ);
    telegram_set(&w->t, event.cemi, KNX_L_DATA_IND);
}

static void assert_synced(struct knx_data_secure *engine, bool ok, uint64_t next)
{
    struct knx_data_secure_event event = next_event(engine, KNX_DATA_SECURE_SYNCED);
    assert_int_equal(event.peer, BOB);
    assert_int_equal(event.ok, ok);
    assert_int_equal(event.next, next);
}

static void both_learn_the_others_number(void **state)
{
    struct world *w = *state;
    struct telegram old;
    telegram_to_group(&old, w->bob, BOB, GROUP, "0081"); /* 1001; Alice never heard it */
    assert_int_equal(ask(w, false, 0), BAS_OK);
    assert_int_equal(w->t.len, 34);
    assert_int_equal(w->t.cemi.control1 & KNX_CONTROL1_STANDARD, 0); /* L is 24 */
    assert_int_equal(w->t.cemi.tpdu.data[2], 0x12);
    consume(w, w->bob, 0);
    take_answer(w, w->bob);
    assert_no_event(w->bob); /* number 1 of Alice told nothing new */
    assert_int_equal(w->t.cemi.tpdu.data[2], 0x13);
    assert_int_equal(w->t.cemi.source, BOB);
    assert_int_equal(w->t.cemi.destination, ALICE);
    consume(w, w->alice, BAS_SECOND);
    struct knx_data_secure_event event = next_event(w->alice, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.peer, BOB);
    assert_int_equal(event.next, 1001); /* Bob's next is 1002 */
    assert_synced(w->alice, true, 1);
    assert_no_event(w->alice);
    assert_int_equal(dropped(w->alice, &old), KNX_DROP_DUPLICATE);
    telegram_to_group(&old, w->bob, BOB, GROUP, "0081");
    assert_delivers(w->alice, &old, "0081");
}

static void a_sender_that_lost_its_number_is_raised(void **state)
{
    struct world *w = *state;
    struct telegram t;
    for (unsigned i = 0; i < 20; i++) {
        telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    }
    assert_delivers(w->bob, &t, "0081"); /* 20 */
    drain(w->bob);
    knx_data_secure_free(w->alice);
    w->alice = engine_at(w, ALICE, 3); /* from an old store */
    assert_int_equal(ask(w, false, 0), BAS_OK);
    consume(w, w->bob, 0); /* although 3 is stale */
    take_answer(w, w->bob);
    consume(w, w->alice, 0);
    (void)next_event(w->alice, KNX_DATA_SECURE_RECORD);
    assert_synced(w->alice, true, 21);
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    assert_delivers(w->bob, &t, "0081");
}

static void a_responder_that_is_behind_is_raised_to_the_number_before_the_askers(void **state)
{
    struct world *w = *state;
    knx_data_secure_free(w->alice);
    w->alice = engine_at(w, ALICE, 500);
    assert_int_equal(ask(w, false, 0), BAS_OK);
    consume(w, w->bob, 0);
    take_answer(w, w->bob);
    struct knx_data_secure_event event = next_event(w->bob, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.peer, ALICE);
    assert_int_equal(event.next, 499);
    struct telegram t;
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081"); /* the request took no number */
    assert_int_equal(receive(w->bob, &t, 0).sequence, 500);
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_DUPLICATE);
}

static void raising_beyond_the_granted_block_reserves_another(void **state)
{
    struct world *w = *state;
    struct telegram t;
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    knx_data_secure_free(w->alice);
    w->alice = engine_at(w, ALICE, 3000000);
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    assert_delivers(w->bob, &t, "0081");
    knx_data_secure_free(w->alice);
    w->alice = engine_at(w, ALICE, 1);
    assert_int_equal(ask(w, false, 0), BAS_OK);
    consume(w, w->bob, 0);
    take_answer(w, w->bob);
    consume(w, w->alice, 0);
    struct knx_data_secure_event event = next_event(w->alice, KNX_DATA_SECURE_RESERVE);
    assert_int_equal(event.next, 3000001);
    (void)next_event(w->alice, KNX_DATA_SECURE_RECORD);
    assert_synced(w->alice, true, 3000001);
    assert_int_equal(ask(w, false, 0), BAS_ERR_BUSY); /* no number yet */
}

static void without_an_answer_it_ends_after_six_seconds(void **state)
{
    struct world *w = *state;
    assert_true(knx_data_secure_deadline(w->alice) == BAS_NEVER);
    assert_int_equal(ask(w, false, 100), BAS_OK);
    assert_true(knx_data_secure_deadline(w->alice) == 100 + 6 * BAS_SECOND);
    knx_data_secure_tick(w->alice, 99 + 6 * BAS_SECOND);
    assert_no_event(w->alice);
    knx_data_secure_tick(w->alice, 100 + 6 * BAS_SECOND);
    assert_synced(w->alice, false, 1);
    assert_no_event(w->alice);
    assert_true(knx_data_secure_deadline(w->alice) == BAS_NEVER);
}

static void an_answer_that_is_late_is_not_taken(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, false, 0), BAS_OK);
    consume(w, w->bob, 0);
    take_answer(w, w->bob);
    assert_int_equal(receive(w->alice, &w->t, 6 * BAS_SECOND).drop, KNX_DROP_REPLAY);
    assert_synced(w->alice, false, 1);
}

static void there_is_one_at_a_time(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, false, 0), BAS_OK);
    assert_int_equal(ask(w, false, 5 * BAS_SECOND), BAS_ERR_BUSY);
    assert_int_equal(ask(w, false, 7 * BAS_SECOND), BAS_ERR_BUSY); /* its end was not drained */
    assert_synced(w->alice, false, 1);
    assert_int_equal(ask(w, false, 7 * BAS_SECOND), BAS_OK);
}

static void it_needs_a_key_an_address_and_room(void **state)
{
    struct world *w = *state;
    uint8_t memory[33];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_data_secure_sync(w->alice, STRANGER, false, 0, &out), BAS_ERR_NOT_FOUND);
    assert_int_equal(knx_data_secure_sync(w->alice, BOB, true, 0, &out), BAS_ERR_NOT_FOUND);
    assert_int_equal(knx_data_secure_sync(w->alice, 0, true, 0, &out), BAS_ERR_NOT_FOUND);
    assert_int_equal(knx_data_secure_sync(w->alice, BOB, false, 0, &out), BAS_ERR_NO_SPACE);
    knx_data_secure_set_address(w->alice, 0);
    assert_int_equal(ask(w, false, 0), BAS_ERR_STATE);
    knx_data_secure_set_address(w->alice, ALICE);
    assert_int_equal(ask(w, false, 0), BAS_OK); /* none of them is in flight */
}

static void for_a_second_after_an_answer_there_is_no_other(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, false, 0), BAS_OK);
    consume(w, w->bob, 0);
    (void)next_event(w->bob, KNX_DATA_SECURE_SEND);
    consume(w, w->bob, BAS_SECOND - 1);
    assert_no_event(w->bob);
    consume(w, w->bob, BAS_SECOND);
    (void)next_event(w->bob, KNX_DATA_SECURE_SEND);
}

static void the_answer_to_another_question_is_refused(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, false, 0), BAS_OK);
    consume(w, w->bob, 0);
    take_answer(w, w->bob);
    struct telegram recorded;
    telegram_set(&recorded, (struct bas_slice){ w->t.memory, w->t.len }, KNX_L_DATA_IND);
    consume(w, w->alice, 0);
    drain(w->alice);
    assert_int_equal(dropped(w->alice, &recorded), KNX_DROP_REPLAY); /* nobody asked */
    assert_int_equal(ask(w, false, 0), BAS_OK);
    assert_int_equal(dropped(w->alice, &recorded), KNX_DROP_MAC); /* another challenge */
    assert_no_event(w->alice);
    consume(w, w->bob, 2 * BAS_SECOND); /* the right one still counts */
    take_answer(w, w->bob);
    consume(w, w->alice, 2 * BAS_SECOND);
    assert_synced(w->alice, true, 1);
}

static void requests_of_our_own_are_ignored(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, false, 0), BAS_OK);
    w->t.cemi.code = KNX_L_DATA_CON;
    consume(w, w->alice, 0);
    assert_no_event(w->alice);
    w->t.cemi.code = KNX_L_DATA_IND;
    w->t.cemi.destination = ALICE;
    assert_int_not_equal(dropped(w->alice, &w->t), KNX_DROP_NONE);
    assert_no_event(w->alice);
}

static void a_recorded_request_raises_nothing(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, false, 0), BAS_OK);
    struct telegram t;
    for (unsigned i = 0; i < 9; i++) {
        telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    }
    assert_delivers(w->bob, &t, "0081");
    drain(w->bob);
    consume(w, w->bob, 0);
    (void)next_event(w->bob, KNX_DATA_SECURE_SEND);
    assert_no_event(w->bob);
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_DUPLICATE);
}

static void a_request_with_a_wrong_mac_gets_no_answer(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, false, 0), BAS_OK);
    for (size_t bit = 16; bit < 25 * 8; bit++) {
        uint8_t *octet = &w->t.memory[w->t.len - 25 + bit / 8];
        *octet ^= (uint8_t)(1U << bit % 8);
        assert_int_not_equal(dropped(w->bob, &w->t), KNX_DROP_NONE);
        *octet ^= (uint8_t)(1U << bit % 8);
    }
    assert_no_event(w->bob);
}

static void without_a_number_of_its_own_nobody_answers(void **state)
{
    struct world *w = *state;
    const struct knx_data_secure_config config = world_config(BOB);
    knx_data_secure_free(w->bob);
    w->bob = knx_data_secure_new(&w->env.env, &config);
    (void)next_event(w->bob, KNX_DATA_SECURE_RESERVE);
    assert_int_equal(ask(w, false, 0), BAS_OK);
    consume(w, w->bob, 0);
    assert_no_event(w->bob);
    assert_int_equal(knx_data_secure_grant(w->bob, 7, 10), BAS_OK);
    consume(w, w->bob, 1); /* and the pause has not begun */
    take_answer(w, w->bob);
    consume(w, w->alice, 1);
    assert_int_equal(next_event(w->alice, KNX_DATA_SECURE_RECORD).next, 6);
}

/* Tool access */

static const struct knx_peer_key bobs_tool_key = {
    BOB, true, { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } }
};

static void make_tool(struct world *w)
{
    struct knx_data_secure_config config = world_config(ALICE);
    config.peers = &bobs_tool_key;
    assert_int_equal(knx_data_secure_reload(w->alice, &config), BAS_OK);
    config = world_config(BOB);
    config.has_tool_key = true;
    config.tool_key = bobs_tool_key.key;
    assert_int_equal(knx_data_secure_reload(w->bob, &config), BAS_OK);
}

static void a_tool_syncs_with_its_device(void **state)
{
    struct world *w = *state;
    make_tool(w);
    assert_int_equal(ask(w, true, 0), BAS_OK);
    assert_int_equal(w->t.cemi.tpdu.data[2], 0x92);
    consume(w, w->bob, 0);
    take_answer(w, w->bob);
    assert_int_equal(w->t.cemi.tpdu.data[2], 0x93);
    consume(w, w->alice, 0);
    struct knx_data_secure_event event = next_event(w->alice, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.peer, BOB);
    assert_true(event.is_tool);
    assert_int_equal(event.next, 1000);
    event = next_event(w->alice, KNX_DATA_SECURE_SYNCED);
    assert_true(event.ok && event.is_tool);
}

static void an_answer_without_tool_access_is_none_to_a_tool(void **state)
{
    struct world *w = *state;
    static const struct knx_peer_key both[] = { { BOB, true, { { 0xAB } } },
                                                { BOB, false, { { 0xAB } } } };
    struct knx_data_secure_config config = world_config(ALICE);
    config.peers = both;
    config.n_peers = 2;
    assert_int_equal(knx_data_secure_reload(w->alice, &config), BAS_OK);
    assert_int_equal(ask(w, true, 0), BAS_OK);
    w->t.memory[w->t.len - 25 + 2] = 0x13;
    w->t.cemi.source = BOB;
    w->t.cemi.destination = ALICE;
    assert_int_equal(dropped(w->alice, &w->t), KNX_DROP_REPLAY);
}

/* The question of the standard (datasec-03), to the device with its tool key. */
static void the_standards_question_is_answered_on_its_connection(void **state)
{
    struct world *w = *state;
    make_tool(w);
    knx_data_secure_set_address(w->bob, 0xFF00);
    telegram_set(&w->t,
                 test_hex("29003060ff67ff0018"
                          "43f192000000000001000000000000c1cf4506f09bd79fab55"),
                 KNX_L_DATA_IND);
    consume(w, w->bob, 0);
    take_answer(w, w->bob);
    assert_int_equal(w->t.cemi.tpdu.data[0], 0x43);
    assert_int_equal(w->t.cemi.destination, 0xFF67);
    struct knx_cipher cipher;
    knx_cipher_init(&cipher, &bobs_tool_key.key);
    const struct knx_secure_path path = { 0xFF00, 0xFF67, w->t.cemi.control2, 0x40 };
    struct knx_secure_apdu apdu = { .challenge = 3 };
    uint8_t scratch[32];
    assert_int_equal(knx_secure_apdu_open(&cipher, &path, w->t.cemi.tpdu, scratch, &apdu),
                     KNX_DROP_NONE);
    struct bas_slice wanted = test_hex("0000000003E9 000000000001");
    assert_memory_equal(apdu.apdu.data, wanted.data, wanted.len);
}

/* A Sync_Req of Alice by broadcast, to whom it names. */
static void broadcast_request(struct world *w, const uint8_t serial[KNX_SERIAL_LEN], uint8_t scf)
{
    struct knx_cipher cipher;
    knx_cipher_init(&cipher, &bobs_tool_key.key);
    const struct knx_secure_path path = { ALICE, 0, 0xE0, 0 };
    const struct knx_secure_apdu apdu = { .scf = scf,
                                          .sequence = 5,
                                          .apdu = test_hex("000000000007"),
                                          .clear = { serial, KNX_SERIAL_LEN } };
    uint8_t tpdu[25];
    struct bas_buf out;
    bas_buf_init(&out, tpdu, sizeof(tpdu));
    knx_secure_apdu_seal(&cipher, &path, &apdu, &out);
    const struct knx_cemi cemi = { .code = KNX_L_DATA_IND,
                                   .control1 = 0xA0, /* system broadcast */
                                   .control2 = 0xE0,
                                   .source = ALICE,
                                   .tpdu = { tpdu, out.len } };
    uint8_t memory[64];
    bas_buf_init(&out, memory, sizeof(memory));
    knx_cemi_encode(&cemi, &out);
    telegram_set(&w->t, (struct bas_slice){ out.data, out.len }, KNX_L_DATA_IND);
}

static void a_broadcast_is_answered_by_the_one_it_names(void **state)
{
    struct world *w = *state;
    make_tool(w);
    struct knx_data_secure_config bob = world_config(BOB);
    uint8_t other[KNX_SERIAL_LEN] = { 0 };
    broadcast_request(w, other, 0x9A);
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_UNKNOWN_KEY);
    assert_no_event(w->bob);
    broadcast_request(w, bob.serial, 0x9A);
    consume(w, w->bob, 0);
    take_answer(w, w->bob);
    assert_int_equal(w->t.cemi.tpdu.data[2], 0x9B);
    assert_int_equal(w->t.cemi.destination, 0);
    assert_int_equal(w->t.cemi.control2 & 0x80, 0x80);
    assert_int_equal(w->t.cemi.control1 & KNX_CONTROL1_BROADCAST, 0);
    broadcast_request(w, bob.serial, 0x12); /* without tool access: no key */
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_UNKNOWN_KEY);
}

static void a_sync_service_to_a_group_is_none(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, false, 0), BAS_OK);
    w->t.cemi.control2 = 0xE0;
    w->t.cemi.destination = GROUP;
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_SCF);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, make_world, drop_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_world(both_learn_the_others_number),
        in_world(a_sender_that_lost_its_number_is_raised),
        in_world(a_responder_that_is_behind_is_raised_to_the_number_before_the_askers),
        in_world(raising_beyond_the_granted_block_reserves_another),
        in_world(without_an_answer_it_ends_after_six_seconds),
        in_world(an_answer_that_is_late_is_not_taken),
        in_world(there_is_one_at_a_time),
        in_world(it_needs_a_key_an_address_and_room),
        in_world(for_a_second_after_an_answer_there_is_no_other),
        in_world(the_answer_to_another_question_is_refused),
        in_world(requests_of_our_own_are_ignored),
        in_world(a_recorded_request_raises_nothing),
        in_world(a_request_with_a_wrong_mac_gets_no_answer),
        in_world(without_a_number_of_its_own_nobody_answers),
        in_world(a_tool_syncs_with_its_device),
        in_world(an_answer_without_tool_access_is_none_to_a_tool),
        in_world(the_standards_question_is_answered_on_its_connection),
        in_world(a_broadcast_is_answered_by_the_one_it_names),
        in_world(a_sync_service_to_a_group_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
