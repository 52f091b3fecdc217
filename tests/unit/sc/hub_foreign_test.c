/*
 * Nodes of other makes on our hub, with the octets they send and get. "row n" is a row of spec
 * section 11: what some stack does wrong, and what is right is what ours must do.
 *
 * Peer n has the VMAC 02:00:00:00:00:0n. Peers 1, 2 and 3 have joined where nothing else is said.
 */
#include "sc_peer.h"

#include <stdio.h>
#include <string.h>

#define HUB       "e21122334455"
#define ALL       "ffffffffffff"
#define ONE       "020000000001"
#define TWO       "020000000002"
#define UUID_ONE  "01010101010101010101010101010101"
#define UUID_NINE "09090909090909090909090909090909"
#define UUID_HUB  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LIMITS    "164905d9"
#define NPDU      "01001008"

struct fixture {
    struct test_env t;
    struct bsc_hub *hub;
    bsc_conn_id one, two, three;
};

static void setup_empty(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    test_env_init(&f->t);
    struct bsc_hub_config config = { .size = sizeof(config),
                                     .vmac = { { 0xE2, 0x11, 0x22, 0x33, 0x44, 0x55 } },
                                     .max_connections = 8,
                                     .pending_entries = 256 };
    memset(config.uuid.octets, 0xAA, sizeof(config.uuid.octets));
    f->hub = bsc_hub_new(&f->t.env, &config);
    assert_non_null(f->hub);
}

static void setup(struct fixture *f)
{
    setup_empty(f);
    f->one = peer_joins(f->hub, 1, 0);
    f->two = peer_joins(f->hub, 2, 0);
    f->three = peer_joins(f->hub, 3, 0);
}

static void finish(struct fixture *f)
{
    bsc_hub_free(f->hub);
    test_env_check(&f->t);
}

/* What a new connection sends as its first message; the hub's owner admits whoever it is asked
 * about. */
static bsc_conn_id connects(struct fixture *f, const char *request)
{
    bsc_conn_id conn = 0;
    struct bsc_hub_event event;
    assert_int_equal(bsc_hub_open(f->hub, NULL, 0, &conn), BAS_OK);
    peer_gives_hex(f->hub, conn, request, 0);
    while (bsc_hub_next_event(f->hub, &event)) {
        if (event.kind == BSC_HUB_ADMIT) {
            assert_int_equal(bsc_hub_admit(f->hub, event.conn, NULL, 0), BAS_OK);
        }
    }
    return conn;
}

static void all_are_silent(struct fixture *f)
{
    peer_gets(f->hub, f->one, "");
    peer_gets(f->hub, f->two, "");
    peer_gets(f->hub, f->three, "");
}

/* Three kinds of node. */

/* bsc 11-26 1.2-03 1.2-04 */
static void a_node_that_leaves_originating_away_is_served(void **state)
{
    (void)state;
    struct fixture f;
    setup_empty(&f);
    f.one = connects(&f, "06000001" ONE UUID_ONE LIMITS);
    peer_gets(f.hub, f.one, "07000001" HUB UUID_HUB "ffffef8f");
    f.two = peer_joins(f.hub, 2, 0);
    f.three = peer_joins(f.hub, 3, 0);
    peer_gives_hex(f.hub, f.one, "01040002" TWO NPDU, 0);
    peer_gets(f.hub, f.two, "01080002" ONE NPDU);
    peer_gives_hex(f.hub, f.one, "01040003" ALL NPDU, 0);
    peer_gets(f.hub, f.two, "010c0003" ONE ALL NPDU);
    peer_gets(f.hub, f.three, "010c0003" ONE ALL NPDU);
    peer_gives_hex(f.hub, f.two, "01040004" ONE NPDU, 0);
    peer_gets(f.hub, f.one, "01080004" TWO NPDU);
    peer_gives_hex(f.hub, f.one, "0a000005", 0);
    peer_gets(f.hub, f.one, "0b000005");
    peer_gives_hex(f.hub, f.one, "08000006", 0);
    peer_gets(f.hub, f.one, "09000006");
    finish(&f);
}

/* And one whose messages all have the same id. bsc 11-03 3.3-08 */
static void a_node_that_writes_its_own_vmac_there_is_served(void **state)
{
    (void)state;
    struct fixture f;
    setup_empty(&f);
    f.one = connects(&f, "06000000" ONE UUID_ONE LIMITS);
    peer_gets(f.hub, f.one, "07000000" HUB UUID_HUB "ffffef8f");
    f.two = peer_joins(f.hub, 2, 0);
    f.three = peer_joins(f.hub, 3, 0);
    peer_gives_hex(f.hub, f.one, "010c0000" ONE TWO NPDU, 0);
    peer_gets(f.hub, f.two, "01080000" ONE NPDU);
    peer_gives_hex(f.hub, f.one, "010c0000" ONE ALL NPDU, 0);
    peer_gets(f.hub, f.two, "010c0000" ONE ALL NPDU);
    peer_gets(f.hub, f.three, "010c0000" ONE ALL NPDU);
    peer_gives_hex(f.hub, f.two, "01040000" ONE NPDU, 0);
    peer_gets(f.hub, f.one, "01080000" TWO NPDU);
    peer_gives_hex(f.hub, f.one, "0a000000", 0);
    peer_gets(f.hub, f.one, "0b000000");
    assert_int_equal(bsc_hub_counters(f.hub)->naks, 0);
    finish(&f);
}

/* It hangs up unless the Connect-Accept has the option too (row 44). bsc 11-44 */
static void a_node_that_insists_on_hello_gets_hello(void **state)
{
    (void)state;
    struct fixture f;
    setup_empty(&f);
    f.one = connects(&f, "06020001 22000100" ONE UUID_ONE LIMITS);
    peer_gets(f.hub, f.one, "07020001 22000100" HUB UUID_HUB "ffffef8f");
    f.two = peer_joins(f.hub, 2, 0); /* without Hello, and its accept has none */
    peer_gives_hex(f.hub, f.one, "01040002" TWO NPDU, 0);
    peer_gets(f.hub, f.two, "01080002" ONE NPDU);
    finish(&f);
}

/* bsc 11-44 1.3-04 */
static void hello_is_found_among_other_options_and_with_other_flags(void **state)
{
    (void)state;
    struct fixture f;
    setup_empty(&f);
    f.one = connects(&f, "06020001 bf0004 1234 01 02 a20001 01 0e" ONE UUID_ONE LIMITS);
    peer_gets(f.hub, f.one, "07020001 22000100" HUB UUID_HUB "ffffef8f");
    finish(&f);
}

/* Rows. */

/* bsc 11-01 */
static void row_1_numbers_are_big_endian(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct bsc_hub_member member;
    assert_true(bsc_hub_member(f.hub, 0, &member));
    assert_int_equal(member.peer.max_bvlc, 5705);
    assert_int_equal(member.peer.max_npdu, 1497);
    peer_gives_hex(f.hub, f.one, "0a00123400", 0);
    peer_gets(f.hub, f.one, "00001234 0a0100 0007 0096");
    finish(&f);
}

/* Limits in the wrong order of octets look absurd: they bound what is sent, no more. */
static void row_1_a_node_with_swapped_limits_joins_and_is_served(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id four = connects(&f, "06000001 020000000004 04040404040404040404040404040404 "
                                    "dc05 dc05"); /* 1500, swapped: 56325 */
    peer_gets(f.hub, four, "07000001" HUB UUID_HUB "ffffef8f");
    peer_gives_hex(f.hub, f.one, "01040002 020000000004" NPDU, 0);
    peer_gets(f.hub, four, "01080002" ONE NPDU);
    finish(&f);
}

/* bsc 11-03 3.3-08 */
static void row_3_an_originating_address_is_overwritten_and_not_refused(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "010c0011 020000000003" TWO NPDU, 0); /* another's */
    peer_gets(f.hub, f.two, "01080011" ONE NPDU);
    all_are_silent(&f);
    finish(&f);
}

/* bsc 11-05 */
static void row_5_a_nak_has_the_id_and_the_function_of_the_offender(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "0800beef 01", 0);
    peer_gets(f.hub, f.one, "0000beef 080100 0007 0096");
    finish(&f);
}

/* bsc 11-06 1.3-10 */
static void row_6_options_that_a_connect_request_need_not_have_are_ignored(void **state)
{
    (void)state;
    struct fixture f;
    setup_empty(&f);
    f.one = connects(&f, "06020001 8e a30003 010203 3f0004 022b 01 ff" ONE UUID_ONE LIMITS);
    peer_gets(f.hub, f.one, "07000001" HUB UUID_HUB "ffffef8f");
    bsc_conn_id four = connects(&f, "06020002 8e 4d 020000000004" UUID_NINE LIMITS);
    peer_gets(f.hub, four, "00000002 06014d 0007 0092"); /* that must be understood */
    finish(&f);
}

/* bsc 11-07 11-17 */
static void row_7_an_unknown_function_for_the_hub_is_refused_by_its_own_number(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "20000102 beef", 0);
    peer_gets(f.hub, f.one, "00000102 200100 0007 008f");
    finish(&f);
}

/* bsc 11-08 1.3-05 */
static void row_8_a_thousand_options_are_relayed(void **state)
{
    (void)state;
    enum { OPTIONS = 4192 };
    struct fixture f;
    static uint8_t octets[10 + OPTIONS + 4];
    setup(&f);
    memcpy(octets, test_hex("01050007" TWO).data, 10);
    memset(octets + 10, 0x81, OPTIONS - 1);
    octets[10 + OPTIONS - 1] = 0x01;
    memcpy(octets + 10 + OPTIONS, test_hex(NPDU).data, 4);
    peer_gives(f.hub, f.one, (struct bas_slice){ octets, sizeof(octets) }, 0);
    struct bsc_tx tx;
    assert_true(bsc_hub_peek(f.hub, f.two, &tx));
    assert_memory_equal(tx.head.data, test_hex("01090007" ONE).data, 10);
    assert_int_equal(tx.head.len + tx.rest.len, sizeof(octets));
    assert_memory_equal(tx.rest.data, octets + 10, OPTIONS + 4);
    finish(&f);
}

/* bsc 11-10 3.1-04 3.3-06 */
static void row_10_unknown_functions_and_options_travel_untouched(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "20f70013" TWO "ff000166 28000041 beef", 0);
    peer_gets(f.hub, f.two, "20fb0013" ONE "ff000166 28000041 beef");
    peer_gives_hex(f.hub, f.one, "fe040014" ALL, 0);
    peer_gets(f.hub, f.two, "fe0c0014" ONE ALL);
    peer_gets(f.hub, f.three, "fe0c0014" ONE ALL);
    all_are_silent(&f);
    finish(&f);
}

/* bsc 11-12 3.2-02 */
static void row_12_a_superseded_connection_neither_sources_nor_receives(void **state)
{
    (void)state;
    struct fixture f;
    struct bsc_tx tx;
    setup(&f);
    bsc_conn_id again = connects(&f, "06000009" ONE UUID_ONE LIMITS);
    peer_gets(f.hub, again, "07000009" HUB UUID_HUB "ffffef8f");
    assert_true(bsc_hub_peek(f.hub, f.one, &tx));
    assert_int_equal(tx.head.data[0], BSC_DISCONNECT_REQUEST);
    bsc_hub_pop(f.hub, f.one, 0);
    peer_gives_hex(f.hub, f.one, "01040011" TWO NPDU, 0);
    peer_gives_hex(f.hub, f.one, "01040012" ALL NPDU, 0);
    peer_gives_hex(f.hub, f.one, "01000013" NPDU, 0);
    peer_gives_hex(f.hub, f.one, "0a000014", 0);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_state, 4);
    all_are_silent(&f);
    peer_gives_hex(f.hub, f.two, "01040015" ONE NPDU, 0);
    peer_gets(f.hub, again, "01080015" TWO NPDU);
    peer_gives_hex(f.hub, f.two, "01040016" ALL NPDU, 0);
    peer_gets(f.hub, again, "010c0016" TWO ALL NPDU);
    peer_gets(f.hub, f.three, "010c0016" TWO ALL NPDU);
    all_are_silent(&f);
    finish(&f);
}

/* bsc 11-04 5.3-05 */
static void row_12_a_malformed_connect_request_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    setup_empty(&f);
    f.one = connects(&f, "06000001" ONE);
    peer_gets(f.hub, f.one, "00000001 060100 0007 0093");
    finish(&f);
}

/* Rows 14 and 32. bsc 11-14 11-32 3.3-01 */
static void row_14_a_message_without_destination_is_no_broadcast(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "01000011" NPDU, 0);
    peer_gets(f.hub, f.one, "00000011 010100 0007 0050");
    peer_gives_hex(f.hub, f.one, "01080012" ONE NPDU, 0); /* with its own Originating */
    peer_gets(f.hub, f.one, "00000012 010100 0007 0050");
    all_are_silent(&f);
    finish(&f);
}

/* bsc 3.1-01 */
static void the_hub_itself_has_no_vmac_among_its_nodes(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "01040011" HUB NPDU, 0); /* its device has not joined */
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_unknown_destination, 1);
    all_are_silent(&f);
    bsc_conn_id device = connects(&f, "06000001" HUB UUID_HUB LIMITS);
    peer_gets(f.hub, device, "07000001" HUB UUID_HUB "ffffef8f");
    peer_gives_hex(f.hub, f.one, "01040012" HUB NPDU, 0);
    peer_gets(f.hub, device, "01080012" ONE NPDU);
    finish(&f);
}

/* bsc 11-15 3.2-04 */
static void row_15_a_duplicate_vmac_is_151(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id twin = connects(&f, "06000001" ONE UUID_NINE LIMITS);
    peer_gets(f.hub, twin, "00000001 060100 0007 0097");
    bsc_conn_id host = connects(&f, "06000002" HUB UUID_NINE LIMITS);
    peer_gets(f.hub, host, "00000002 060100 0007 0097");
    finish(&f);
}

/* Rows 18, 19 and 31: what is wrong is refused where it is for the hub, and none of its business
 * where it is not. bsc 11-18 11-19 11-31 */
static void row_31_reserved_bits_and_option_type_0_are_refused_by_whom_they_reach(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "0a100021", 0);
    peer_gets(f.hub, f.one, "00000021 0a0100 0007 0050");
    peer_gives_hex(f.hub, f.one, "0a020022 00", 0);
    peer_gets(f.hub, f.one, "00000022 0a0100 0007 0091");
    peer_gives_hex(f.hub, f.one, "0a020023", 0); /* no list at all */
    peer_gets(f.hub, f.one, "00000023 0a0100 0007 0093");
    peer_gives_hex(f.hub, f.one, "0a020024 81", 0); /* a list without its end */
    peer_gets(f.hub, f.one, "00000024 0a0100 0007 0093");
    peer_gives_hex(f.hub, f.one, "01960025" TWO "00 80", 0);
    peer_gets(f.hub, f.two, "019a0025" ONE "00 80");
    all_are_silent(&f);
    finish(&f);
}

/* bsc 11-20 */
static void row_20_a_connect_request_that_is_too_long_is_150(void **state)
{
    (void)state;
    struct fixture f;
    setup_empty(&f);
    f.one = connects(&f, "06000001" ONE UUID_ONE LIMITS "00");
    peer_gets(f.hub, f.one, "00000001 060100 0007 0096");
    finish(&f);
}

/* bsc 11-25 */
static void row_25_faults_are_of_class_7_with_the_codes_of_spec_2_3(void **state)
{
    (void)state;
    static const struct {
        const char *gives, *gets;
    } rows[] = {
        { "0a000001 00", "00000001 0a0100 0007 0096" },
        { "0a020002 4d", "00000002 0a014d 0007 0092" },
        { "0a010003 01", "00000003 0a0100 0007 0007" },
        { "02000004", "00000004 020100 0007 0050" },
        { "0c000005 022b01", "00000005 0c0100 0007 0050" },
        { "20000006", "00000006 200100 0007 008f" },
    };
    struct fixture f;
    setup(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        peer_gives_hex(f.hub, f.one, rows[i].gives, 0);
        peer_gets(f.hub, f.one, rows[i].gets);
    }
    finish(&f);
}

/* bsc 11-26 */
static void row_26_an_npdu_without_originating_is_right(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "01040011" TWO NPDU, 0);
    peer_gets(f.hub, f.two, "01080011" ONE NPDU);
    finish(&f);
}

/* bsc 11-27 3.3-07 */
static void row_27_all_addressed_functions_are_relayed(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "00", "0c00",             /* ACK of a Proprietary-Message */
        "00", "020100 0007 002d", /* NAK 45 */
        "01", NPDU,
        "02", "",
        "03", "7773733a2f2f68",
        "04", "010105dc05d9",
        "05", "",
        "0c", "022b01ff",
        "0d", "ff",
        "ff", "",
    };
    char gives[128];
    char gets[128];
    struct fixture f;
    setup(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(bodies); i += 2) {
        (void)snprintf(gives, sizeof(gives), "%s040011" TWO "%s", bodies[i], bodies[i + 1]);
        (void)snprintf(gets, sizeof(gets), "%s080011" ONE "%s", bodies[i], bodies[i + 1]);
        peer_gives_hex(f.hub, f.one, gives, 0);
        peer_gets(f.hub, f.two, gets);
        all_are_silent(&f);
    }
    finish(&f);
}

/* Those that concern a connection never leave it, whatever addresses they carry. */
static void functions_of_a_connection_are_not_relayed(void **state)
{
    (void)state;
    char gives[128];
    struct fixture f;
    struct bsc_tx tx;
    setup(&f);
    for (unsigned function = BSC_CONNECT_REQUEST; function <= BSC_HEARTBEAT_ACK; function++) {
        (void)snprintf(gives, sizeof(gives), "%02x040011" TWO, function);
        peer_gives_hex(f.hub, f.one, gives, 0);
        peer_gets(f.hub, f.two, "");
        while (bsc_hub_peek(f.hub, f.one, &tx)) { /* a NAK, perhaps */
            assert_int_equal(tx.head.data[0], BSC_BVLC_RESULT);
            bsc_hub_pop(f.hub, f.one, 0);
        }
    }
    assert_int_equal(bsc_hub_connected(f.hub), 3);
    finish(&f);
}

/* bsc 11-28 3.2-02 */
static void row_28_the_same_vmac_with_the_same_uuid_is_the_device_coming_back(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id again = connects(&f, "06000007" ONE UUID_ONE LIMITS);
    peer_gets(f.hub, again, "07000007" HUB UUID_HUB "ffffef8f");
    assert_int_equal(bsc_hub_connected(f.hub), 3);
    assert_int_equal(bsc_hub_counters(f.hub)->replaced, 1);
    finish(&f);
}

static void row_28_it_may_come_back_with_a_new_vmac_that_is_nobodys(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id again = connects(&f, "06000007 020000000007" UUID_ONE LIMITS);
    peer_gets(f.hub, again, "07000007" HUB UUID_HUB "ffffef8f");
    peer_gives_hex(f.hub, f.two, "01040011" ONE NPDU, 0); /* nobody has it now */
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_unknown_destination, 1);
    peer_gives_hex(f.hub, f.two, "01040012 020000000007" NPDU, 0);
    peer_gets(f.hub, again, "01080012" TWO NPDU);
    bsc_conn_id other = connects(&f, "06000008" ONE UUID_NINE LIMITS);
    peer_gets(f.hub, other, "07000008" HUB UUID_HUB "ffffef8f");
    finish(&f);
}

/* Spec 3.2: what rule 2 leaves open. bsc 3.2-03 */
static void row_28_but_not_with_the_vmac_of_a_third(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id again = connects(&f, "06000007" TWO UUID_ONE LIMITS);
    peer_gets(f.hub, again, "00000007 060100 0007 0097");
    assert_int_equal(bsc_hub_counters(f.hub)->replaced, 0);
    peer_gives_hex(f.hub, f.three, "01040011" ONE NPDU, 0); /* what it had, it keeps */
    peer_gets(f.hub, f.one, "01080011 020000000003" NPDU);
    finish(&f);
}

/* bsc 11-29 */
static void row_29_the_hub_sends_no_heartbeat_requests(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    for (bas_time now = 0; now < 660 * BAS_SECOND; now += 10 * BAS_SECOND) {
        bsc_hub_tick(f.hub, now);
    }
    all_are_silent(&f);
    assert_int_equal(bsc_hub_connected(f.hub), 3);
    finish(&f);
}

/* Rows 30 and 45. bsc 11-30 3.3-11 */
static void row_30_the_hub_takes_any_npdu_with_4192_octets_of_options(void **state)
{
    (void)state;
    struct fixture f;
    setup_empty(&f);
    f.one = connects(&f, "06000001" ONE UUID_ONE LIMITS);
    peer_gets(f.hub, f.one,
              "07000001" HUB UUID_HUB "ffff"
              "ef8f"); /* 65535, 61327 */
    assert_true(BSC_MAX_BVLC >= BSC_MAX_NPDU + BSC_MAX_HEADER + BSC_MIN_OPTIONS);
    finish(&f);
}

/* bsc 11-33 3.3-15 */
static void row_33_data_options_that_must_be_understood_are_none_of_the_hubs_business(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "01070011" TWO "4d 6d0001ff" NPDU, 0);
    peer_gets(f.hub, f.two, "010b0011" ONE "4d 6d0001ff" NPDU);
    all_are_silent(&f);
    finish(&f);
}

/* Rows 19 and 35: also an option that says it has data, and has none. bsc 11-19 11-35 1.3-03 */
static void row_35_option_lists_are_relayed_octet_for_octet(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    peer_gives_hex(f.hub, f.one, "01070011" TWO "ae0000 0e c1 210000" NPDU, 0);
    peer_gets(f.hub, f.two, "010b0011" ONE "ae0000 0e c1 210000" NPDU);
    peer_gives_hex(f.hub, f.one, "01070012" ALL "ae0000 0e c1 210000" NPDU, 0);
    peer_gets(f.hub, f.two, "010f0012" ONE ALL "ae0000 0e c1 210000" NPDU);
    peer_gets(f.hub, f.three, "010f0012" ONE ALL "ae0000 0e c1 210000" NPDU);
    finish(&f);
}

/* Row 38 and spec 3.3: the limit on NPDUs is for NPDUs. bsc 11-38 3.3-10 */
static void row_38_the_limit_on_npdus_does_not_bind_other_functions(void **state)
{
    (void)state;
    struct fixture f;
    static uint8_t octets[10 + 1498];
    setup(&f);
    memcpy(octets, test_hex("03040011" TWO).data, 10);
    memset(octets + 10, 'x', sizeof(octets) - 10);
    peer_gives(f.hub, f.one, (struct bas_slice){ octets, sizeof(octets) }, 0);
    assert_int_equal(bsc_hub_pending(f.hub, f.two), sizeof(octets));
    octets[0] = BSC_ENCAPSULATED_NPDU;
    peer_gives(f.hub, f.one, (struct bas_slice){ octets, sizeof(octets) }, 0);
    assert_int_equal(bsc_hub_pending(f.hub, f.two), sizeof(octets));
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_too_long, 1);
    finish(&f);
}

/* bsc 11-52 */
static void row_52_messages_of_less_than_four_octets_are_dropped_in_silence(void **state)
{
    (void)state;
    static const char *const rows[] = { "", "01", "0104", "0a0000" };
    struct fixture f;
    setup(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        peer_gives_hex(f.hub, f.one, rows[i], 0);
    }
    all_are_silent(&f);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_rule, BAS_ARRAY_LEN(rows));
    finish(&f);
}

/* Row 57: it is the initiating peer's acknowledgement that ends our disconnecting. bsc 11-57 5.3-16
 */
static void row_57_the_nodes_disconnect_ack_ends_a_connection_that_the_hub_ends(void **state)
{
    (void)state;
    struct fixture f;
    struct bsc_tx tx;
    struct bsc_hub_event event;
    bool is_closed = false;
    setup(&f);
    bsc_hub_disconnect(f.hub, f.one, 0);
    assert_true(bsc_hub_peek(f.hub, f.one, &tx));
    assert_int_equal(tx.head.len, 4);
    uint8_t ack[4] = { BSC_DISCONNECT_ACK, 0, tx.head.data[2], tx.head.data[3] };
    bsc_hub_pop(f.hub, f.one, 0);
    ack[3] ^= 1; /* of another request */
    peer_gives(f.hub, f.one, (struct bas_slice){ ack, 4 }, 0);
    hub_says(f.hub, BSC_HUB_LEFT);
    hub_says_nothing(f.hub);
    ack[3] ^= 1;
    peer_gives(f.hub, f.one, (struct bas_slice){ ack, 4 }, 0);
    while (bsc_hub_next_event(f.hub, &event)) {
        is_closed |= event.kind == BSC_HUB_CLOSE && event.conn == f.one;
    }
    assert_true(is_closed);
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_that_leaves_originating_away_is_served),
        cmocka_unit_test(a_node_that_writes_its_own_vmac_there_is_served),
        cmocka_unit_test(a_node_that_insists_on_hello_gets_hello),
        cmocka_unit_test(hello_is_found_among_other_options_and_with_other_flags),
        cmocka_unit_test(row_1_numbers_are_big_endian),
        cmocka_unit_test(row_1_a_node_with_swapped_limits_joins_and_is_served),
        cmocka_unit_test(row_3_an_originating_address_is_overwritten_and_not_refused),
        cmocka_unit_test(row_5_a_nak_has_the_id_and_the_function_of_the_offender),
        cmocka_unit_test(row_6_options_that_a_connect_request_need_not_have_are_ignored),
        cmocka_unit_test(row_7_an_unknown_function_for_the_hub_is_refused_by_its_own_number),
        cmocka_unit_test(row_8_a_thousand_options_are_relayed),
        cmocka_unit_test(row_10_unknown_functions_and_options_travel_untouched),
        cmocka_unit_test(row_12_a_superseded_connection_neither_sources_nor_receives),
        cmocka_unit_test(row_12_a_malformed_connect_request_is_refused),
        cmocka_unit_test(row_14_a_message_without_destination_is_no_broadcast),
        cmocka_unit_test(the_hub_itself_has_no_vmac_among_its_nodes),
        cmocka_unit_test(row_15_a_duplicate_vmac_is_151),
        cmocka_unit_test(row_20_a_connect_request_that_is_too_long_is_150),
        cmocka_unit_test(row_25_faults_are_of_class_7_with_the_codes_of_spec_2_3),
        cmocka_unit_test(row_26_an_npdu_without_originating_is_right),
        cmocka_unit_test(row_27_all_addressed_functions_are_relayed),
        cmocka_unit_test(functions_of_a_connection_are_not_relayed),
        cmocka_unit_test(row_28_the_same_vmac_with_the_same_uuid_is_the_device_coming_back),
        cmocka_unit_test(row_28_it_may_come_back_with_a_new_vmac_that_is_nobodys),
        cmocka_unit_test(row_28_but_not_with_the_vmac_of_a_third),
        cmocka_unit_test(row_29_the_hub_sends_no_heartbeat_requests),
        cmocka_unit_test(row_30_the_hub_takes_any_npdu_with_4192_octets_of_options),
        cmocka_unit_test(row_31_reserved_bits_and_option_type_0_are_refused_by_whom_they_reach),
        cmocka_unit_test(row_33_data_options_that_must_be_understood_are_none_of_the_hubs_business),
        cmocka_unit_test(row_35_option_lists_are_relayed_octet_for_octet),
        cmocka_unit_test(row_38_the_limit_on_npdus_does_not_bind_other_functions),
        cmocka_unit_test(row_52_messages_of_less_than_four_octets_are_dropped_in_silence),
        cmocka_unit_test(row_57_the_nodes_disconnect_ack_ends_a_connection_that_the_hub_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
