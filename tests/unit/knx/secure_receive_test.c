/* The way into the Data Secure engine: the order of its checks, and the receive table (senders.c).
 */
#include "secure_world.h"

#include "knx/senders.h"

#include <stdlib.h>
#include <string.h>

struct world {
    struct test_env env;
    struct knx_data_secure *alice;
    struct knx_data_secure *bob;
    struct telegram t; /* of Alice to the group, good */
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
    telegram_to_group(&w->t, w->alice, ALICE, GROUP, "0081");
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

/* octet of the TPDU becomes value */
static void poke(struct telegram *t, size_t octet, uint8_t value)
{
    assert_true(octet < t->cemi.tpdu.len);
    t->memory[t->len - t->cemi.tpdu.len + octet] = value;
}

enum { SCF_AT = 2, SEQUENCE_AT = 8, MAC_AT = 14 };

static void a_telegram_is_delivered_with_all_that_is_known_of_it(void **state)
{
    struct world *w = *state;
    struct knx_opened opened = receive(w->bob, &w->t, 0);
    assert_int_equal(opened.drop, KNX_DROP_NONE);
    assert_true(opened.is_secured);
    assert_true(opened.is_encrypted);
    assert_false(opened.is_tool);
    assert_false(opened.is_consumed);
    assert_int_equal(opened.sequence, 1);
    assert_int_equal(opened.cemi.code, KNX_L_DATA_IND);
    assert_int_equal(opened.cemi.source, ALICE);
    assert_int_equal(opened.cemi.destination, GROUP);
    assert_int_equal(opened.cemi.control2, 0xE0);
}

static void a_plain_telegram_to_a_secured_group_is_dropped(void **state)
{
    struct world *w = *state;
    struct telegram t;
    telegram_set(&t, test_hex("2900bce0110609010100 81"), KNX_L_DATA_IND);
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_PLAIN);
    telegram_set(&t, test_hex("2900bce0110609010100 81"), KNX_L_DATA_CON);
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_PLAIN);
    telegram_set(&t, test_hex("2900bce01106080101 00 81"), KNX_L_DATA_IND);
    assert_delivers(w->bob, &t, "0081"); /* another group */
    assert_false(receive(w->bob, &t, 0).is_secured);
    telegram_set(&t, test_hex("2900bc6011630901 01 00 81"), KNX_L_DATA_IND);
    assert_delivers(w->bob, &t, "0081"); /* an Individual Address with the same number */
}

static void what_is_too_short_is_malformed(void **state)
{
    struct world *w = *state;
    size_t tpdu_len = w->t.cemi.tpdu.len;
    for (size_t len = 2; len < tpdu_len; len++) {
        w->t.cemi.tpdu.len = len;
        assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_MALFORMED);
    }
}

static void a_reserved_scf_is_dropped(void **state)
{
    struct world *w = *state;
    static const uint8_t reserved[] = { 0x11, 0x20, 0x70, 0x14, 0x01, 0x02, 0x03, 0x1F };
    for (size_t i = 0; i < BAS_ARRAY_LEN(reserved); i++) {
        poke(&w->t, SCF_AT, reserved[i]);
        assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_SCF);
    }
    poke(&w->t, SCF_AT, 0x18); /* system broadcast, to a group */
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_SCF);
}

static void tool_access_to_a_group_is_dropped(void **state)
{
    struct world *w = *state;
    poke(&w->t, SCF_AT, 0x90);
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_TOOL_ON_GROUP);
    poke(&w->t, SCF_AT, 0x80);
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_TOOL_ON_GROUP);
    poke(&w->t, SCF_AT, 0x91); /* ... but a reserved one is that first */
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_SCF);
}

static void no_key_is_told_before_no_sender(void **state)
{
    struct world *w = *state;
    w->t.cemi.source = STRANGER;
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_UNKNOWN_SENDER);
    w->t.cemi.destination = OPEN;
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_UNKNOWN_KEY);
}

static void a_repetition_is_told_apart_from_a_replay(void **state)
{
    struct world *w = *state;
    struct telegram second;
    telegram_to_group(&second, w->alice, ALICE, OTHER, "0080");
    assert_delivers(w->bob, &w->t, "0081");
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_DUPLICATE);
    assert_delivers(w->bob, &second, "0080"); /* one record for all groups */
    struct knx_opened opened = receive(w->bob, &w->t, 0);
    assert_int_equal(opened.drop, KNX_DROP_REPLAY);
    assert_int_equal(opened.sequence, 1);
    assert_int_equal(opened.last, 2);
    assert_int_equal(dropped(w->bob, &second), KNX_DROP_DUPLICATE);
}

static void number_0_is_never_valid(void **state)
{
    struct world *w = *state;
    poke(&w->t, SEQUENCE_AT, 0);
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_REPLAY);
}

static void gaps_are_fine_and_each_sender_has_its_own_number(void **state)
{
    struct world *w = *state;
    struct knx_data_secure_config config = world_config(STRANGER);
    struct knx_data_secure *third = world_engine(&w->env, &config);
    struct telegram t;
    for (unsigned i = 0; i < 50; i++) {
        telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    }
    assert_delivers(third, &t, "0081");
    assert_int_equal(dropped(third, &w->t), KNX_DROP_REPLAY);
    telegram_to_group(&t, w->bob, BOB, GROUP, "0081");
    assert_delivers(third, &t, "0081");
    knx_data_secure_free(third);
}

static void the_number_of_the_store_counts_from_the_start(void **state)
{
    struct world *w = *state;
    struct knx_sender sender = { .address = ALICE, .last = 1 };
    struct knx_data_secure_config config = world_config(STRANGER);
    config.senders = &sender;
    config.n_senders = 1;
    struct knx_data_secure *third = world_engine(&w->env, &config);
    assert_int_equal(dropped(third, &w->t), KNX_DROP_DUPLICATE);
    knx_data_secure_free(third);
    sender.last = 2;
    third = world_engine(&w->env, &config);
    assert_int_equal(dropped(third, &w->t), KNX_DROP_REPLAY);
    knx_data_secure_free(third);
}

static void a_wrong_mac_is_told_after_a_stale_number_and_moves_nothing(void **state)
{
    struct world *w = *state;
    struct telegram bad = w->t;
    telegram_set(&bad, (struct bas_slice){ w->t.memory, w->t.len }, KNX_L_DATA_IND);
    poke(&bad, MAC_AT, (uint8_t)(bad.memory[bad.len - 1] ^ 1));
    assert_int_equal(dropped(w->bob, &bad), KNX_DROP_MAC);
    poke(&bad, SEQUENCE_AT, 0xFF); /* a high number, made up */
    assert_int_equal(dropped(w->bob, &bad), KNX_DROP_MAC);
    assert_no_event(w->bob);
    assert_delivers(w->bob, &w->t, "0081");
    poke(&bad, SEQUENCE_AT, 1);
    assert_int_equal(dropped(w->bob, &bad), KNX_DROP_DUPLICATE);
}

static void another_key_of_the_group_is_a_wrong_mac(void **state)
{
    struct world *w = *state;
    static const struct knx_group_key other = { GROUP, { { 0xEE } } };
    struct knx_data_secure_config config = world_config(STRANGER);
    config.groups = &other;
    config.n_groups = 1;
    struct knx_data_secure *third = world_engine(&w->env, &config);
    assert_int_equal(dropped(third, &w->t), KNX_DROP_MAC);
    knx_data_secure_free(third);
}

/* A telegram of Alice whose APDU only a key owner could have made so. */
static void seal_apdu(struct telegram *t, uint64_t sequence, const char *apdu_hex)
{
    struct knx_cipher cipher;
    knx_cipher_init(&cipher, &world_groups[0].key);
    const struct knx_secure_path path = { ALICE, GROUP, 0xE0, 0 };
    const struct knx_secure_apdu apdu = { .scf = KNX_SCF_ENCRYPTED,
                                          .sequence = sequence,
                                          .apdu = test_hex(apdu_hex) };
    uint8_t tpdu[255];
    struct bas_buf buf;
    bas_buf_init(&buf, tpdu, sizeof(tpdu));
    knx_secure_apdu_seal(&cipher, &path, &apdu, &buf);
    const struct knx_cemi cemi =
        knx_cemi_group(KNX_L_DATA_IND, ALICE, GROUP, (struct bas_slice){ buf.data, buf.len });
    uint8_t memory[300];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_cemi_encode(&cemi, &out);
    telegram_set(t, (struct bas_slice){ out.data, out.len }, KNX_L_DATA_IND);
}

static void a_malformed_apdu_inside_still_moves_the_number(void **state)
{
    struct world *w = *state;
    struct telegram t;
    seal_apdu(&t, 5, "0481");
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_MALFORMED);
    struct knx_data_secure_event event = next_event(w->bob, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.next, 5);
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_DUPLICATE);
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_REPLAY);
}

static void a_secure_service_inside_is_refused(void **state)
{
    struct world *w = *state;
    struct telegram t;
    seal_apdu(&t, 5, "03F110000000000001DF5949899FD3");
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_MALFORMED);
    seal_apdu(&t, 6, "0081");
    assert_delivers(w->bob, &t, "0081");
}

static void our_own_confirmations_open_whatever_their_number(void **state)
{
    struct world *w = *state;
    struct telegram con;
    telegram_set(&con, (struct bas_slice){ w->t.memory, w->t.len }, KNX_L_DATA_CON);
    assert_delivers(w->alice, &con, "0081");
    assert_delivers(w->alice, &con, "0081");
    assert_no_event(w->alice);
    poke(&con, MAC_AT, 0);
    assert_int_equal(dropped(w->alice, &con), KNX_DROP_MAC);
    telegram_to(&con, w->alice, ALICE, BOB, "0300");
    con.cemi.code = KNX_L_DATA_CON;
    assert_delivers(w->alice, &con, "0300");
}

/* Somebody sends us what we have sent. */
static void our_own_telegrams_are_no_indications(void **state)
{
    struct world *w = *state;
    assert_int_equal(dropped(w->alice, &w->t), KNX_DROP_UNKNOWN_SENDER);
    w->t.cemi.code = KNX_L_DATA_CON; /* nor are others' telegrams our confirmations */
    assert_delivers(w->bob, &w->t, "0081");
    assert_int_equal(dropped(w->bob, &w->t), KNX_DROP_DUPLICATE);
}

static void point_to_point_needs_the_key_of_the_pair_and_our_address(void **state)
{
    struct world *w = *state;
    struct telegram t;
    telegram_to(&t, w->alice, ALICE, BOB, "0300");
    struct telegram again = t;
    telegram_set(&again, (struct bas_slice){ t.memory, t.len }, KNX_L_DATA_IND);
    t.cemi.destination = 0x1107;
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_UNKNOWN_KEY);
    t.cemi.destination = BOB;
    t.cemi.source = STRANGER;
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_UNKNOWN_KEY);
    poke(&t, SCF_AT, 0x90); /* nobody has a tool key here */
    assert_int_equal(dropped(w->bob, &t), KNX_DROP_UNKNOWN_KEY);
    assert_delivers(w->bob, &again, "0300");
    knx_data_secure_set_address(w->bob, 0);
    assert_int_equal(dropped(w->bob, &again), KNX_DROP_UNKNOWN_KEY);
}

/* The number of a peer is the number of that sender, to groups, too. */
static void a_peer_is_a_sender_even_if_it_is_not_listed(void **state)
{
    struct world *w = *state;
    struct knx_data_secure_config config = world_config(BOB);
    config.n_senders = 0;
    struct knx_data_secure *bob = world_engine(&w->env, &config);
    struct telegram t;
    telegram_to(&t, w->alice, ALICE, BOB, "0300");
    assert_delivers(bob, &t, "0300");
    assert_int_equal(dropped(bob, &w->t), KNX_DROP_REPLAY);
    knx_data_secure_free(bob);
}

static void the_hop_count_may_change_on_the_way(void **state)
{
    struct world *w = *state;
    w->t.cemi.control2 = 0x90;
    assert_delivers(w->bob, &w->t, "0081");
}

static void each_sender_that_moved_is_recorded_once_with_its_last_number(void **state)
{
    struct world *w = *state;
    struct knx_data_secure_config config = world_config(STRANGER);
    struct knx_data_secure *third = world_engine(&w->env, &config);
    struct telegram t;
    assert_delivers(third, &w->t, "0081");
    telegram_to_group(&t, w->bob, BOB, GROUP, "0081");
    assert_delivers(third, &t, "0081");
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    assert_delivers(third, &t, "0081");
    struct knx_data_secure_event event = next_event(third, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.peer, ALICE);
    assert_int_equal(event.next, 2);
    assert_false(event.is_tool);
    event = next_event(third, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.peer, BOB);
    assert_int_equal(event.next, 1);
    assert_no_event(third);
    telegram_to_group(&t, w->alice, ALICE, GROUP, "0081");
    assert_delivers(third, &t, "0081");
    event = next_event(third, KNX_DATA_SECURE_RECORD);
    assert_int_equal(event.next, 3);
    assert_no_event(third);
    knx_data_secure_free(third);
}

static void without_room_nothing_is_released(void **state)
{
    struct world *w = *state;
    uint8_t memory[14];
    struct bas_buf out;
    struct knx_opened opened;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_data_secure_open(w->bob, &w->t.cemi, 0, &out, &opened);
    assert_true(out.full);
    assert_int_equal(opened.cemi.tpdu.len, 0);
    assert_delivers(w->bob, &w->t, "0081"); /* and nothing has moved */
}

/* The table alone */

static void a_sender_that_is_listed_twice_has_the_greater_number(void **state)
{
    (void)state;
    struct test_env env;
    test_env_init(&env);
    static const struct knx_sender listed[] = { { .address = ALICE, .last = 7 },
                                                { .address = ALICE, .last = 9 },
                                                { .address = ALICE, .last = 8 },
                                                { .address = ALICE, .last = 3, .is_tool = true } };
    const struct knx_data_secure_config config = { .senders = listed, .n_senders = 4 };
    struct knx_senders senders;
    assert_int_equal(knx_senders_init(&senders, &env.env, &config), BAS_OK);
    assert_int_equal(knx_senders_find(&senders, ALICE, false)->last, 9);
    assert_int_equal(knx_senders_find(&senders, ALICE, true)->last, 3);
    assert_null(knx_senders_find(&senders, BOB, false));
    assert_null(knx_senders_next_moved(&senders));
    knx_senders_fini(&senders, &env.env);
    test_env_check(&env);
}

static void a_number_moves_upwards_only(void **state)
{
    (void)state;
    struct test_env env;
    test_env_init(&env);
    const struct knx_data_secure_config config = { .senders = world_senders, .n_senders = 2 };
    struct knx_senders senders;
    assert_int_equal(knx_senders_init(&senders, &env.env, &config), BAS_OK);
    struct knx_record *record = knx_senders_find(&senders, BOB, false);
    knx_senders_move(&senders, record, 0);
    assert_null(knx_senders_next_moved(&senders));
    knx_senders_move(&senders, record, 5);
    knx_senders_move(&senders, record, 4);
    assert_ptr_equal(knx_senders_next_moved(&senders), record);
    assert_int_equal(record->last, 5);
    assert_null(knx_senders_next_moved(&senders));
    knx_senders_fini(&senders, &env.env);
    test_env_check(&env);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, make_world, drop_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_world(a_telegram_is_delivered_with_all_that_is_known_of_it),
        in_world(a_plain_telegram_to_a_secured_group_is_dropped),
        in_world(what_is_too_short_is_malformed),
        in_world(a_reserved_scf_is_dropped),
        in_world(tool_access_to_a_group_is_dropped),
        in_world(no_key_is_told_before_no_sender),
        in_world(a_repetition_is_told_apart_from_a_replay),
        in_world(number_0_is_never_valid),
        in_world(gaps_are_fine_and_each_sender_has_its_own_number),
        in_world(the_number_of_the_store_counts_from_the_start),
        in_world(a_wrong_mac_is_told_after_a_stale_number_and_moves_nothing),
        in_world(another_key_of_the_group_is_a_wrong_mac),
        in_world(a_malformed_apdu_inside_still_moves_the_number),
        in_world(a_secure_service_inside_is_refused),
        in_world(our_own_confirmations_open_whatever_their_number),
        in_world(our_own_telegrams_are_no_indications),
        in_world(point_to_point_needs_the_key_of_the_pair_and_our_address),
        in_world(a_peer_is_a_sender_even_if_it_is_not_listed),
        in_world(the_hop_count_may_change_on_the_way),
        in_world(each_sender_that_moved_is_recorded_once_with_its_last_number),
        in_world(without_room_nothing_is_released),
        cmocka_unit_test(a_sender_that_is_listed_twice_has_the_greater_number),
        cmocka_unit_test(a_number_moves_upwards_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
