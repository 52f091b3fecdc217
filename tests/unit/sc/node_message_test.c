/* node_recv.c and node_send.c: what a connected node sends, delivers, answers and refuses
 * (spec 1.2, 1.4, 2.1, 2.2). */
#include "sc_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A         "123456789abc" /* the sender in messages to us */
#define B         "a20b0c0d0e0f"
#define BROADCAST "ffffffffffff"
static const struct bas_slice no_options = { 0 };

/* Sending. */

/* bsc 1.2-01 1.2-02 11-13 */
static void an_npdu_goes_out_with_its_destination_and_no_origin(void **state)
{
    (void)state;
    struct node_test n;
    bsc_link_id dirty;
    node_up(&n);
    assert_int_equal(node_send(&n, B, 4, no_options), BAS_OK);
    assert_true(bsc_node_next_dirty(n.node, &dirty));
    assert_int_equal(dirty, n.link);
    assert_int_equal(node_send(&n, BROADCAST, 4, no_options), BAS_OK);
    uint16_t first = node_sends(&n, "0104", B "01000102");
    uint16_t second = node_sends(&n, "0104", BROADCAST "01000102");
    assert_int_equal(second, (uint16_t)(first + 1));
    node_sends_nothing(&n);
    assert_true(bsc_node_next_dirty(n.node, &dirty)); /* named again by the second */
    assert_false(bsc_node_next_dirty(n.node, &dirty));
    node_finish(&n);
}

/* bsc 10.1-01 */
static void data_options_go_out_untouched_however_long_they_are(void **state)
{
    (void)state;
    static const char *const lists[] = { "41", "c13f0007010407deadbeef", "200000" };
    struct node_test n;
    char rest[64];
    node_up(&n);
    for (size_t i = 0; i < BAS_ARRAY_LEN(lists); i++) {
        assert_int_equal(node_send(&n, B, 3, test_hex(lists[i])), BAS_OK);
        (void)snprintf(rest, sizeof(rest), B "%s010001", lists[i]);
        node_sends(&n, "0105", rest);
    }
    /* 4192 octets, which everybody must cope with (AB.5.1), and the first that overflow the head */
    static const size_t lengths[] = { 54, 55, 4192 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(lengths); i++) {
        static uint8_t list[4192];
        size_t len = lengths[i];
        memcpy(list, (uint8_t[]){ 0x3F, (uint8_t)((len - 3) >> 8), (uint8_t)(len - 3) }, 3);
        memset(list + 3, 0x5A, len - 3);
        assert_int_equal(node_send(&n, B, 3, (struct bas_slice){ list, len }), BAS_OK);
        char *hex = calloc(1, 2 * (6 + len + 3) + 1);
        assert_non_null(hex);
        struct bas_buf out;
        bas_buf_init(&out, hex, 2 * (6 + len + 3) + 1);
        bas_buf_add_text(&out, B);
        bas_buf_add_hex(&out, (struct bas_slice){ list, len });
        bas_buf_add_text(&out, "010001");
        node_sends(&n, "0105", bas_buf_text(&out));
        free(hex);
    }
    node_finish(&n);
}

static void the_limits_of_the_hub_are_kept(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.max_npdu = 61327;
    n.config.max_bvlc = 65535;
    node_starts(&n);
    node_joins(&n, "020001e0"); /* 512 and 480 */
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 480);
    assert_int_equal(node_send(&n, B, 480, no_options), BAS_OK);
    assert_int_equal(node_send(&n, B, 481, no_options), BAS_ERR_TOO_LONG);
    static const uint8_t list[17] = { 0x3F, 0, 14, 1, 4, 7 };
    assert_int_equal(node_send(&n, B, 480, (struct bas_slice){ list, 17 }), BAS_ERR_TOO_LONG);
    assert_int_equal(node_send(&n, B, 479, (struct bas_slice){ list, 17 }), BAS_OK);
    n.now += 20 * BAS_SECOND;
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    node_says(&n, BSC_NODE_LINK_OPEN);
    node_joins(&n, "01eaea60"); /* a hub whose BVLC length is under its NPDU length */
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 490 - 16);
    assert_int_equal(node_send(&n, B, 474, no_options), BAS_OK);
    assert_int_equal(node_send(&n, B, 475, no_options), BAS_ERR_TOO_LONG);
    node_finish(&n);
}

static void absurd_limits_of_a_hub_stop_npdus_but_nothing_else(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    node_joins(&n, "00000000");
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 0);
    assert_int_equal(node_send(&n, B, 2, no_options), BAS_ERR_TOO_LONG);
    node_gets_hex(&n, "0a000041");
    node_sends(&n, "0b00", "");
    node_finish(&n);
}

static void a_full_queue_answers_busy_and_leaves_room_for_heartbeats(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.pending_entries = 32;
    node_starts(&n);
    node_joins(&n, "ffffef8f");
    int taken = 0;
    while (node_send(&n, B, 4, no_options) == BAS_OK) {
        taken++;
    }
    assert_int_equal(taken, 30);
    assert_int_equal(node_send(&n, B, 4, no_options), BAS_ERR_BUSY);
    node_waits(&n);
    for (int i = 0; i < taken; i++) {
        node_sends(&n, "0104", B "01000102");
    }
    node_sends(&n, "0a00", "");
    assert_int_equal(node_send(&n, B, 4, no_options), BAS_OK);
    node_finish(&n);
}

static void the_octets_that_wait_are_bounded_too(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.pending_max = 1600;
    node_starts(&n);
    node_joins(&n, "ffffef8f");
    assert_int_equal(node_send(&n, B, 1480, no_options), BAS_OK);
    assert_int_equal(node_send(&n, B, 4, no_options), BAS_ERR_BUSY);
    assert_int_equal(node_send(&n, B, 4,
                               test_hex("3f0040"
                                        "00000000000000000000000000000000"
                                        "00000000000000000000000000000000"
                                        "00000000000000000000000000000000"
                                        "00000000000000000000000000000000")),
                     BAS_ERR_BUSY);
    node_gets_hex(&n, "0a000041");
    bsc_node_pop(n.node, n.link);
    node_sends(&n, "0b00", "");
    bsc_node_pop(n.node, n.link); /* there is none: harmless */
    node_finish(&n);
}

static void what_waits_at_the_end_of_a_link_is_gone_with_it(void **state)
{
    (void)state;
    struct node_test n;
    bsc_link_id dirty;
    node_up(&n);
    n.now += 20 * BAS_SECOND;
    assert_int_equal(node_send(&n, B, 4, no_options), BAS_OK);
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    node_says(&n, BSC_NODE_LINK_OPEN);
    assert_false(bsc_node_next_dirty(n.node, &dirty));
    node_sends_nothing(&n);
    assert_int_equal(n.heap.live > 0, n.held != NULL); /* the NPDU was freed */
    node_finish(&n);
}

static void no_memory_for_long_options_is_an_answer_and_leaks_nothing(void **state)
{
    (void)state;
    static const uint8_t list[200] = { 0x3F, 0, 197, 1, 4, 7 };
    struct node_test n;
    node_up(&n);
    n.t.allocations = 0;
    n.t.fail_at = 1;
    assert_int_equal(node_send(&n, B, 4, (struct bas_slice){ list, sizeof(list) }),
                     BAS_ERR_NO_MEMORY);
    assert_int_equal(node_send(&n, B, 4, no_options), BAS_OK); /* needs none */
    node_sends(&n, "0104", B "01000102");
    node_finish(&n);
}

/* Delivering. */

/* bsc 10.1-01 */
static void npdus_are_delivered_with_sender_and_data_options(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    node_gets_hex(&n, "01080010" B "01040005010c0c0200007b194d");
    struct bsc_node_event event = node_says(&n, BSC_NODE_NPDU);
    assert_memory_equal(&event.vmac, test_hex(B).data, 6);
    assert_false(event.broadcast);
    assert_int_equal(event.npdu.len, 13);
    assert_memory_equal(event.npdu.data, test_hex("01040005010c0c0200007b194d").data, 13);
    assert_int_equal(event.data_options.len, 0);

    node_gets_hex(&n, "010d0011" B BROADCAST "c13f0007010407deadbeef0120ffff00ff1008");
    event = node_says(&n, BSC_NODE_NPDU);
    assert_true(event.broadcast);
    assert_int_equal(event.npdu.len, 8);
    assert_int_equal(event.data_options.len, 11);
    assert_memory_equal(event.data_options.data, test_hex("c13f0007010407deadbeef").data, 11);

    node_gets_hex(&n,
                  "010b0012" B "3f0005010407aabb5e01001008"); /* an unknown data option, bit 6 */
    event = node_says(&n, BSC_NODE_NPDU);
    assert_int_equal(event.data_options.data[0], 0x5E);
    node_says_nothing(&n);
    node_sends_nothing(&n);
    node_finish(&n);
}

static void results_advertisements_and_proprietary_messages_are_delivered(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    node_gets_hex(&n, "00081234" B "0101ff0007009247");
    struct bsc_node_event event = node_says(&n, BSC_NODE_RESULT);
    assert_memory_equal(&event.vmac, test_hex(B).data, 6);
    assert_int_equal(event.result.result_for, 1);
    assert_int_equal(event.result.marker, 0xFF);
    assert_int_equal(event.result.error_code, BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD);
    assert_int_equal(event.result.details.len, 1);
    node_gets_hex(&n, "0000002a0c00"); /* an ACK from the hub itself */
    event = node_says(&n, BSC_NODE_RESULT);
    assert_true(bsc_vmac_is_reserved(&event.vmac));
    assert_int_equal(event.result.result_code, 0);
    node_gets_hex(&n, "04080032" B "0200ffffef8f");
    event = node_says(&n, BSC_NODE_ADVERTISEMENT);
    assert_int_equal(event.advertisement.hub_status, 2);
    assert_false(event.advertisement.accept_direct);
    assert_int_equal(event.advertisement.max_npdu, 61327);
    node_gets_hex(&n, "0c080050" B "01040901020304");
    event = node_says(&n, BSC_NODE_PROPRIETARY);
    assert_int_equal(event.proprietary.vendor, 260);
    assert_int_equal(event.proprietary.function, 9);
    assert_int_equal(event.proprietary.data.len, 4);
    assert_false(event.broadcast);
    node_gets_hex(&n, "0c0c0051" B BROADCAST "010409");
    assert_true(node_says(&n, BSC_NODE_PROPRIETARY).broadcast);
    node_gets_hex(&n, "03080020" B); /* an Address-Resolution-ACK that nobody asked for */
    node_says_nothing(&n);
    node_sends_nothing(&n);
    node_finish(&n);
}

static void too_long_messages_and_npdus_are_dropped_in_silence(void **state)
{
    (void)state;
    static uint8_t octets[5706] = { 1, 8, 0, 1, 0xA2, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 1 };
    struct node_test n;
    node_up(&n);
    node_gets(&n, (struct bas_slice){ octets, 10 + 1497 });
    assert_int_equal(node_says(&n, BSC_NODE_NPDU).npdu.len, 1497);
    node_gets(&n, (struct bas_slice){ octets, 10 + 1498 });
    octets[0] = 0x0C;
    node_says_nothing(&n);
    node_gets(&n, (struct bas_slice){ octets, 5705 });
    node_says(&n, BSC_NODE_PROPRIETARY);
    node_gets(&n, (struct bas_slice){ octets, 5706 });
    node_says_nothing(&n);
    node_sends_nothing(&n);
    node_finish(&n);
}

/* Answering. */

static void address_resolution_is_refused_while_we_take_no_direct_connections(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    node_gets_hex(&n, "02080077" A);
    assert_int_equal(node_sends(&n, "0004", A "0201000007002d"), 0x77);
    node_says_nothing(&n);
    node_finish(&n);
}

static void a_solicitation_is_answered_with_our_state_and_a_fresh_id(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    assert_int_equal(node_send(&n, B, 4, no_options), BAS_OK);
    uint16_t id = node_sends(&n, "0104", B "01000102");
    node_gets_hex(&n, "05080030" A);
    assert_int_equal(node_sends(&n, "0404", A "0100164905d9"), (uint16_t)(id + 1));
    node_finish(&n);
}

/* What is wrong, and what goes back, with the id of the offender ("": nothing). */
struct bad {
    const char *octets;
    const char *start, *rest;
};

static const struct bad bad_messages[] = {
    { "0a0000", "", "" },                                        /* short-3 */
    { "", "", "" },                                              /* empty */
    { "01080060123456789a", "", "" },                            /* truncated-orig */
    { "010a0062" A, "0004", A "01010000070093" },                /* dest-options-missing */
    { "010a0063" A "3f00", "0004", A "01010000070093" },         /* option-length-truncated */
    { "010a0064" A "3f0007010407", "0004", A "01010000070093" }, /* option-data-truncated */
    { "01090065" A "c1", "0004", A "01010000070093" },           /* option-list-unterminated */
    { "010a0066" A "4001001008", "0004", A "01014000070091" },   /* option-type-0 */
    { "01180067" A "01001008", "0004", A "01010000070050" },     /* reserved-control-bits */
    { "0d080068" A "00", "0004", A "0d01000007008f" },           /* unknown-function unicast */
    { "ff0c0069" A BROADCAST "00", "", "" },                     /* unknown-function broadcast */
    { "0a00006b00", "0000", "0a010000070096" },                  /* heartbeat-request-payload */
    { "0b00006c00", "", "" },                                    /* heartbeat-ack-payload */
    { "0208006e" A "00", "0004", A "02010000070096" },           /* address-resolution-payload */
    { "01080070" A, "0004", A "01010000070095" },                /* npdu-no-payload */
    { "0008007d" A "0102", "", "" },                             /* result-code-2 */
    { "0008007e" A "010100000700", "", "" },                     /* result-nak-6-octets */
    { "04080085" A "0301064005d9", "", "" },                     /* hub-status-3 */
    { "010a008a" A "4101001008", "0004", A "01014100070092" },   /* secure-path-as-dest */
    { "010c008e" B A "01001008", "", "" },                       /* explicit destination */
    { "01041234" A "01001008", "", "" },                         /* the same without origin */
    { "010a1234" A "ff000301040a3f0005010407aabb01001008", "0004",
      A "0101ff00070092" }, /* must understand */
    { "010e1234" A BROADCAST "ff000301040a3f0005010407aabb01001008", "", "" },
    { "05090071" A "41", "0004", A "05010000070007" }, /* data options where none may be */
    { "02080072ffffffffffff", "", "" },                /* a sender that is no identity */
    { "02080072000000000000", "", "" },
    { "020c0073" A BROADCAST, "", "" }, /* a broadcast of what is for one destination */
};

static void faults_are_answered_as_the_standard_asks_and_told(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad_messages); i++) {
        const struct bad *bad = &bad_messages[i];
        n.now += BAS_SECOND;
        node_gets_hex(&n, bad->octets);
        if (bad->start[0] != 0) {
            struct bas_slice octets = test_hex(bad->octets);
            uint16_t id = node_sends(&n, bad->start, bad->rest);
            assert_int_equal(id, octets.data[2] << 8 | octets.data[3]);
        }
        node_sends_nothing(&n);
        struct bsc_node_event event = node_says(&n, BSC_NODE_FAULT);
        assert_int_not_equal(event.fault.err, BAS_OK);
        assert_int_equal(event.fault.error_class, BAC_ERROR_CLASS_COMMUNICATION);
        node_says_nothing(&n);
    }
    assert_int_equal(bsc_node_hub_state(n.node), 1);
    node_finish(&n);
}

static void naks_and_faults_are_limited_in_rate(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    int naks = 0;
    int told = 0;
    for (int i = 0; i < 1000; i++) {
        struct bsc_node_event event;
        struct bsc_tx tx;
        node_gets_hex(&n, "0d080068" A "00");
        while (bsc_node_peek(n.node, n.link, &tx)) {
            bsc_node_pop(n.node, n.link);
            naks++;
        }
        while (bsc_node_next_event(n.node, &event)) {
            told++;
        }
    }
    assert_int_equal(naks, 20);
    assert_int_equal(told, 20);
    n.now += BAS_SECOND;
    node_gets_hex(&n, "0d080068" A "00");
    node_sends(&n, "0004", A "0d01000007008f");
    node_finish(&n);
}

static void nothing_but_the_acknowledgement_goes_out_while_disconnecting(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    bsc_node_stop(n.node, n.now);
    node_says(&n, BSC_NODE_DOWN);
    node_sends(&n, "0800", "");
    node_gets_hex(&n, "0d080068" A "00");
    node_gets_hex(&n, "02080077" A);
    node_gets_hex(&n, "0a000041");
    node_gets_hex(&n, "01080010" B "01001008");
    node_sends_nothing(&n);
    node_says_nothing(&n);
    node_finish(&n);
}

/* Hostile input. */

static uint64_t next_random(struct node_test *n)
{
    uint64_t value;
    n->heap.env.random(n->heap.env.ctx, (uint8_t *)&value, sizeof(value));
    return value;
}

/* Drains what a call has left and gives the number of its events. */
static unsigned drain(struct node_test *n)
{
    struct bsc_node_event event;
    unsigned events = 0;
    bsc_link_id dirty;
    while (bsc_node_next_event(n->node, &event)) {
        if (event.kind == BSC_NODE_LINK_OPEN) {
            n->link = event.link;
        }
        events++;
    }
    if (bsc_node_next_dirty(n->node, &dirty)) {
        struct bsc_tx tx;
        while (bsc_node_peek(n->node, n->link, &tx)) {
            bsc_node_pop(n->node, n->link);
        }
    }
    return events;
}

static void gets_garbage(struct node_test *n)
{
    uint8_t octets[80];
    size_t len = next_random(n) % sizeof(octets);
    n->heap.env.random(n->heap.env.ctx, octets, len);
    if (len >= 4) {
        octets[0] %= 0x0F;
        octets[1] &= next_random(n) % 8 == 0 ? 0xFF : 0x0F;
    }
    struct bas_frame *frame = bas_frame_new(&n->heap.env, 0, len);
    assert_non_null(frame);
    bas_frame_unref(n->held);
    n->held = frame;
    if (len != 0) {
        memcpy(bas_frame_put(frame, len), octets, len);
    }
    const struct bas_window window = bas_frame_window(frame);
    (void)bsc_node_recv(n->node, n->link, &window, n->now); /* the link may be over */
}

/* One call of any kind, in any state. */
static void one_call(struct node_test *n)
{
    switch (next_random(n) % 10) {
    case 0:
        node_link_up(n);
        break;
    case 1:
        node_link_breaks(n);
        break;
    case 2:
        bsc_node_tick(n->node, n->now);
        break;
    case 3:
        n->now = bsc_node_deadline(n->node) == BAS_NEVER ? n->now + BAS_SECOND
                                                         : bsc_node_deadline(n->node);
        bsc_node_tick(n->node, n->now);
        break;
    case 4:
        (void)node_send(n, B, 4, no_options);
        break;
    case 5:
        if (next_random(n) % 16 == 0) {
            bsc_node_stop(n->node, n->now);
        }
        break;
    case 6:
        bsc_node_start(n->node, n->now);
        break;
    default:
        gets_garbage(n);
    }
}

static void no_call_leaves_more_than_three_events_behind(void **state)
{
    (void)state;
    struct node_test n;
    unsigned most = 0;
    node_begin(&n);
    node_starts(&n);
    for (int i = 0; i < 20000; i++) {
        one_call(&n);
        unsigned events = drain(&n);
        most = events > most ? events : most;
        if (bsc_node_hub_state(n.node) == 0 && next_random(&n) % 4 == 0) {
            node_link_up(&n);
            struct bsc_tx tx;
            if (bsc_node_peek(n.node, n.link, &tx) && tx.head.data[0] == BSC_CONNECT_REQUEST) {
                uint16_t id = (uint16_t)(tx.head.data[2] << 8 | tx.head.data[3]);
                bool refused = next_random(&n) % 4 == 0;
                node_gets_answer(&n, refused ? "0000" : "0700", id,
                                 refused ? "06010000070097" : HUB_SELF "ffffef8f");
            }
            events = drain(&n);
            most = events > most ? events : most;
        }
    }
    assert_in_range(most, 2, 3);
    node_finish(&n);
}

static void every_truncation_of_every_message_is_survived(void **state)
{
    (void)state;
    static const char *const messages[] = {
        "00081234" B "0101ff0007009247",
        "010f0017" B BROADCAST "3f0005010407aabb4101001008",
        "02080020" B,
        "03080020" B "7773733a2f2f",
        "04080032" B "0200ffffef8f",
        "05080030" B,
        "06020002"
        "22000100" HUB_SELF "ffffef8f",
        "07020002"
        "22000100" HUB_SELF "ffffef8f",
        "0902004322000100",
        "0a020042"
        "3f0005010407aabb",
        "0b000041",
        "0c080050" B "01040901020304",
    };
    struct node_test n;
    node_up(&n);
    for (size_t i = 0; i < BAS_ARRAY_LEN(messages); i++) {
        struct bas_slice whole = test_hex(messages[i]);
        for (size_t len = 0; len < whole.len; len++) {
            n.now += BAS_MILLISECOND;
            node_gets(&n, (struct bas_slice){ whole.data, len });
            drain(&n);
        }
    }
    assert_int_equal(bsc_node_hub_state(n.node), 1);
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_npdu_goes_out_with_its_destination_and_no_origin),
        cmocka_unit_test(data_options_go_out_untouched_however_long_they_are),
        cmocka_unit_test(the_limits_of_the_hub_are_kept),
        cmocka_unit_test(absurd_limits_of_a_hub_stop_npdus_but_nothing_else),
        cmocka_unit_test(a_full_queue_answers_busy_and_leaves_room_for_heartbeats),
        cmocka_unit_test(the_octets_that_wait_are_bounded_too),
        cmocka_unit_test(what_waits_at_the_end_of_a_link_is_gone_with_it),
        cmocka_unit_test(no_memory_for_long_options_is_an_answer_and_leaks_nothing),
        cmocka_unit_test(npdus_are_delivered_with_sender_and_data_options),
        cmocka_unit_test(results_advertisements_and_proprietary_messages_are_delivered),
        cmocka_unit_test(too_long_messages_and_npdus_are_dropped_in_silence),
        cmocka_unit_test(address_resolution_is_refused_while_we_take_no_direct_connections),
        cmocka_unit_test(a_solicitation_is_answered_with_our_state_and_a_fresh_id),
        cmocka_unit_test(faults_are_answered_as_the_standard_asks_and_told),
        cmocka_unit_test(naks_and_faults_are_limited_in_rate),
        cmocka_unit_test(nothing_but_the_acknowledgement_goes_out_while_disconnecting),
        cmocka_unit_test(no_call_leaves_more_than_three_events_behind),
        cmocka_unit_test(every_truncation_of_every_message_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
