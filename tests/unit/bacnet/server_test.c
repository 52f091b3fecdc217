/* The server engine: finding, reading, rejecting (clauses 5.4.5, 15, 16). */
#include "server_fixture.h"

#define I_AM "10 00 C4 02 00 04 D2 22 05 C4 91 00 22 03 E7"

static void who_is_is_answered_when_the_instance_lies_in_its_range(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "10 08", I_AM },
        { "10 08 0A 04 D2 1A 04 D2", I_AM },
        { "10 08 09 00 1B 3F FF FF", I_AM },
        { "10 08 0A 04 D3 1A 04 D3", "" },
        { "10 08 09 00 1A 04 D1", "" },
        { "10 08 0A 04 D3 1A 00 01", "" },
        { "10 08 99 00", "" },
        { "10 08 09 00 19 00 29 00", "" },
    };
    run_alone(rows, BAS_ARRAY_LEN(rows));
}

static void i_am_goes_as_a_broadcast_to_the_network_that_asked(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (uint16_t network = 0; network < 3; network++) {
        f.from.network = network;
        f.broadcast = network == 1;
        assert_int_equal(fixture_send(&f, test_hex("10 08")), BAS_OK);
        struct bac_apdu_tx tx;
        assert_true(bac_server_next_tx(f.server, &tx));
        assert_int_equal(tx.to.network, network);
        assert_int_equal(tx.to.mac_len, 0);
        assert_false(tx.expecting_reply);
        bas_frame_unref(tx.frame);
    }
    struct bac_address all = { .network = BAC_BROADCAST_NETWORK };
    assert_int_equal(bac_server_announce(f.server, &all, 3), BAS_OK);
    struct bac_apdu_tx tx;
    assert_true(bac_server_next_tx(f.server, &tx));
    assert_int_equal(tx.to.network, BAC_BROADCAST_NETWORK);
    assert_int_equal(tx.port, 3);
    bas_frame_unref(tx.frame);
    fixture_close(&f);
}

static void who_has_is_answered_by_identifier_and_by_name(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "10 07 2C 00 00 00 01", "10 01 C4 02 00 04 D2 C4 00 00 00 01 75 05 00 52 6F 6F 6D" },
        { "10 07 3D 05 00 52 6F 6F 6D",
          "10 01 C4 02 00 04 D2 C4 00 00 00 01 75 05 00 52 6F 6F 6D" },
        { "10 07 3D 09 04 00 52 00 6F 00 6F 00 6D", /* UCS-2 */
          "10 01 C4 02 00 04 D2 C4 00 00 00 01 75 05 00 52 6F 6F 6D" },
        { "10 07 3D 05 00 72 6F 6F 6D", "" },
        { "10 07 2C 00 00 00 02", "" },
        { "10 07 0A 04 D2 1A 04 D2 2C 00 00 00 01",
          "10 01 C4 02 00 04 D2 C4 00 00 00 01 75 05 00 52 6F 6F 6D" },
        { "10 07 0A 04 D3 1A 04 D4 2C 00 00 00 01", "" },
        { "10 07", "" },
    };
    run_alone(rows, BAS_ARRAY_LEN(rows));
}

static void read_property_answers_with_the_value(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 0C 0C 00 00 00 01 19 55", /* present value of the room */
          "30 07 0C 0C 00 00 00 01 19 55 3E 44 41 AC 00 00 3F" },
        { "00 05 01 0C 0C 02 00 04 D2 19 4D", /* name of the device */
          "30 01 0C 0C 02 00 04 D2 19 4D 3E 75 07 00 44 65 76 69 63 65 3F" },
        { "00 05 02 0C 0C 02 3F FF FF 19 4B", /* the wildcard instance finds it, too */
          "30 02 0C 0C 02 00 04 D2 19 4B 3E C4 02 00 04 D2 3F" },
        { "00 05 02 0C 0C 0E 3F FF FF 19 4B", /* and the port through which we ask */
          "30 02 0C 0C 0E 00 00 01 19 4B 3E C4 0E 00 00 01 3F" },
        { "00 05 03 0C 0C 02 00 04 D2 19 4C 29 00", /* how many objects */
          "30 03 0C 0C 02 00 04 D2 19 4C 29 00 3E 21 0D 3F" },
        { "00 05 04 0C 0C 02 00 04 D2 19 4C 29 02",
          "30 04 0C 0C 02 00 04 D2 19 4C 29 02 3E C4 00 40 00 01 3F" },
        { "00 05 05 0C 0C 03 80 00 01 19 6E 29 03", /* a state text */
          "30 05 0C 0C 03 80 00 01 19 6E 29 03 3E 75 05 00 61 75 74 6F 3F" },
        { "00 05 06 0C 0C 03 80 00 01 19 6E",
          "30 06 0C 0C 03 80 00 01 19 6E 3E 74 00 6F 66 66 73 00 6F 6E 75 05 00 61 75 74 6F "
          "3F" },
        { "00 05 06 0C 0C 02 00 04 D2 19 6B", /* segmented-both */
          "30 06 0C 0C 02 00 04 D2 19 6B 3E 91 00 3F" },
        { "00 05 06 0C 0C 02 00 04 D2 19 A7", /* 65,536 octets in segments of 1470 */
          "30 06 0C 0C 02 00 04 D2 19 A7 3E 21 2C 3F" },
        { "00 05 06 0C 0C 02 00 04 D2 19 0A", "30 06 0C 0C 02 00 04 D2 19 0A 3E 22 07 D0 3F" },
        { "00 05 06 0C 0C 02 00 04 D2 19 1E", /* Device_Address_Binding is an empty list */
          "30 06 0C 0C 02 00 04 D2 19 1E 3E 3F" },
        { "00 05 06 0C 0C 00 00 00 01 19 6F", /* Status_Flags */
          "30 06 0C 0C 00 00 00 01 19 6F 3E 82 04 00 3F" },
    };
    run_alone(rows, BAS_ARRAY_LEN(rows));
}

static void read_property_tells_what_is_wrong(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 0C 0C 00 00 00 02 19 55", "50 07 0C 91 01 91 1F" }, /* unknown-object */
        { "00 05 07 0C 0C 02 00 04 D3 19 55", "50 07 0C 91 01 91 1F" },
        { "00 05 07 0C 0C 00 3F FF FF 19 55", "50 07 0C 91 01 91 1F" }, /* no wildcard there */
        { "00 05 07 0C 0C 00 00 00 01 19 57", "50 07 0C 91 02 91 20" }, /* unknown-property */
        { "00 05 07 0C 0C 00 00 00 01 19 08", "50 07 0C 91 02 91 20" }, /* ALL is none */
        { "00 05 07 0C 0C 00 00 00 01 1A 27 0F", "50 07 0C 91 02 91 20" },
        { "00 05 07 0C 0C 00 80 00 01 19 57", "50 07 0C 91 02 91 20" },       /* not commandable */
        { "00 05 07 0C 0C 00 00 00 01 19 55 29 00", "50 07 0C 91 02 91 32" }, /* no array */
        { "00 05 07 0C 0C 02 00 04 D2 19 1E 29 01", "50 07 0C 91 02 91 32" }, /* nor a list */
        { "00 05 07 0C 0C 03 80 00 01 19 6E 29 04", "50 07 0C 91 02 91 2A" }, /* no element */
        { "00 05 07 0C 0C 03 80 00 01 19 6E 2D 05 01 00 00 00 01", "50 07 0C 91 02 91 2A" },
        { "00 05 07 0C 0C 0E 00 00 01 1B 40 00 0B", "50 07 0C 91 00 91 19" }, /* broken getter */
    };
    run_alone(rows, BAS_ARRAY_LEN(rows));
}

static void what_is_no_request_of_ours_is_rejected_aborted_or_dropped(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 63 00", "60 07 09" },    /* no such service */
        { "00 05 07 18 09 01", "60 07 09" }, /* not one of ours */
        { "00 05 07 0C", "60 07 05" },       /* missing parameter */
        { "00 05 07 0C 0C 00 00 00 01", "60 07 05" },
        { "00 05 07 0C 0C 00 00 00 01 19 55 29 01 39 01", "60 07 07" }, /* too many */
        { "00 05 07 0C 1C 00 00 00 01 19 55", "60 07 05" },
        { "00 05 07 0E 0C 00 00 00 01 1E 09 55 2F", "60 07 04" }, /* invalid tag */
        { "00 05 07 0F 0C 00 80 00 01 19 55 3E 44 00 00 00 00 3F 49 00", "60 07 06" },
        { "00 05 07 0F 0C 00 80 00 01 19 55 3E 44 00 00 00 00 3F 49 11", "60 07 06" },
        { "00 05 07 0E 0C 00 00 00 01 1E 09 08 19 01 1F", "60 07 02" }, /* an index of ALL */
        { "0C 05 07 01 04 0C 0C 00 00 00 01", "71 07 02" },             /* no first segment */
        { "0C 05 07 00 00 0C 0C 00 00 00 01", "71 07 07" },             /* no window */
        { "0C 05 07 00 80 0C 0C 00 00 00 01", "71 07 07" },
        { "40 07 00 04", "71 07 02" }, /* acknowledges nothing */
        { "41 07 00 04", "" },
        { "10 63", "" },
        { "20 07 0C", "" },
        { "30 07 0C 00", "" },
        { "70 07 00", "" },
        { "", "" },
        { "00 05", "" },
        { "80 05 07", "" },
    };
    run_alone(rows, BAS_ARRAY_LEN(rows));
}

static void a_confirmed_request_by_broadcast_is_dropped(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.broadcast = true;
    fixture_expect(&f, "00 05 07 0C 0C 00 00 00 01 19 55", "");
    fixture_expect(&f, "00 05 07 63 00", "");
    fixture_expect(&f, "10 08", I_AM);
    fixture_close(&f);
}

static void an_answer_that_does_not_fit_is_aborted(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    /* the name of the device takes 21 octets, its Object_List 13 * 5 + 12 */
    fixture_expect(&f, "00 00 07 0C 0C 02 00 04 D2 19 4C", "71 07 04"); /* they take 50 */
    fixture_expect(&f, "02 10 07 0E 0C 02 00 04 D2 1E 09 4C 09 4C 1F", "71 07 01"); /* 2 segments */
    f.way = 77;
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 19 4C",
                   "30 07 0C 0C 02 00 04 D2 19 4C 3E C4 00 00 00 01 C4 00 40 00 01 C4 00 80 00 01 "
                   "C4 00 80 00 02 C4 00 80 00 03 C4 00 C0 00 01 C4 01 00 00 01 C4 01 40 00 01 "
                   "C4 02 00 04 D2 C4 03 40 00 01 C4 03 80 00 01 C4 04 C0 00 01 C4 0E 00 00 01 3F");
    f.way = 76;
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 19 4C", "71 07 04");
    fixture_expect(&f, "00 05 07 0E 0C 02 00 04 D2 1E 09 08 1F", "71 07 04");
    f.way = 2;
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 19 4C", "71 07 04");
    f.way = 0;
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 19 4C", "71 07 04");
    fixture_close(&f);
}

static void an_answer_goes_to_who_asked_with_the_same_priority(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bac_net_event other = { .port = 3,
                                   .apdu = test_hex("00 05 02 0C 0C 0E 3F FF FF 19 4B") };
    assert_int_equal(bac_server_recv(f.server, &other, 1476, 0), BAS_OK);
    struct bac_apdu_tx none; /* port 3 has no object */
    assert_true(bac_server_next_tx(f.server, &none));
    assert_int_equal(bas_frame_slice(none.frame).data[0], 0x50);
    bas_frame_unref(none.frame);
    struct bac_net_event e = { .source = { 2002, 1, { 0x0C } },
                               .port = 3,
                               .priority = 2,
                               .apdu = test_hex("00 05 07 0C 0C 00 00 00 01 19 55") };
    assert_int_equal(bac_server_recv(f.server, &e, 1476, 0), BAS_OK);
    struct bac_apdu_tx tx;
    assert_true(bac_server_next_tx(f.server, &tx));
    assert_true(bac_address_equal(&tx.to, &e.source));
    assert_int_equal(tx.port, 3);
    assert_int_equal(tx.priority, 2);
    assert_false(tx.expecting_reply);
    bas_frame_unref(tx.frame);
    fixture_close(&f);
}

static void read_property_multiple_answers_each_property_for_itself(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 0E 0C 00 00 00 01 1E 09 55 09 57 09 55 19 01 1F "
          "0C 00 00 00 02 1E 09 4D 09 08 1F 0C 02 3F FF FF 1E 09 4C 19 00 1F",
          "30 07 0E 0C 00 00 00 01 1E 29 55 4E 44 41 AC 00 00 4F 29 57 5E 91 02 91 20 5F "
          "29 55 39 01 5E 91 02 91 32 5F 1F "
          "0C 00 00 00 02 1E 29 4D 5E 91 01 91 1F 5F 29 08 5E 91 01 91 1F 5F 1F "
          "0C 02 00 04 D2 1E 29 4C 39 00 4E 21 0D 4F 1F" },
        { "00 05 07 0E", "60 07 05" }, /* at least one object and one property (15.7) */
        { "00 05 07 0E 0C 00 00 00 01 1E 1F", "60 07 05" },
    };
    run_alone(rows, BAS_ARRAY_LEN(rows));
}

/* Object, property -> whether ALL, REQUIRED or OPTIONAL names it. */
static bool answer_names(struct fixture *f, struct bac_object_id id, uint32_t special,
                         uint32_t property, size_t *n)
{
    struct bac_property_reference ref = { .property = special };
    struct bac_read_access spec = { id, { &ref, 1 } };
    struct bac_read_property_multiple asked = { { &spec, 1 } };
    uint8_t request[64];
    struct bas_buf out;
    bas_buf_init(&out, request, sizeof(request));
    bas_buf_add(&out, "\x00\x05\x07\x0E", 4);
    assert_int_equal(bac_encode(&bac_type_read_property_multiple, &asked, -1, &out), BAS_OK);
    assert_int_equal(fixture_send(f, (struct bas_slice){ request, out.len }), BAS_OK);
    struct bac_apdu_tx tx;
    assert_true(bac_server_next_tx(f->server, &tx));
    struct bas_slice got = bas_frame_slice(tx.frame);
    assert_int_equal(got.data[0], 0x30);
    static uint8_t memory[65536];
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    struct bac_read_property_multiple_ack ack;
    struct bas_fault fault;
    assert_int_equal(bac_decode_all(&bac_type_read_property_multiple_ack,
                                    (struct bas_slice){ got.data + 3, got.len - 3 }, &ack, &arena,
                                    &fault),
                     BAS_OK);
    assert_int_equal(ack.results.n, 1);
    const struct bac_read_access_result *object = ack.results.items;
    const struct bac_read_result *results = object->results.items;
    bool is_named = false;
    *n = object->results.n;
    for (size_t i = 0; i < *n; i++) {
        is_named = is_named || results[i].property == property;
        bool is_broken = results[i].property == BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS;
        assert_int_equal(results[i].outcome.choice, is_broken ? BAC_READ_ERROR : BAC_READ_VALUE);
    }
    bas_frame_unref(tx.frame);
    return is_named;
}

static void all_required_and_optional_come_from_the_rows(void **state)
{
    (void)state;
    static const struct {
        uint32_t property;
        bool is_required, is_optional;
    } rows[] = {
        { BAC_PROPERTY_PRESENT_VALUE, true, false },  { BAC_PROPERTY_OBJECT_NAME, true, false },
        { BAC_PROPERTY_DESCRIPTION, false, true },    { BAC_PROPERTY_RELIABILITY, false, true },
        { BAC_PROPERTY_OUT_OF_SERVICE, true, false }, { BAC_PROPERTY_PROPERTY_LIST, false, false },
        { BAC_PROPERTY_DEVICE_TYPE, false, false },
    };
    struct fixture f;
    fixture_open(&f);
    size_t all = 0;
    size_t required = 0;
    size_t optional = 0;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        uint32_t p = rows[i].property;
        bool is_any = rows[i].is_required || rows[i].is_optional;
        assert_int_equal(answer_names(&f, ROOM, BAC_PROPERTY_ALL, p, &all), is_any);
        assert_int_equal(answer_names(&f, ROOM, BAC_PROPERTY_REQUIRED, p, &required),
                         rows[i].is_required);
        assert_int_equal(answer_names(&f, ROOM, BAC_PROPERTY_OPTIONAL, p, &optional),
                         rows[i].is_optional);
    }
    assert_int_equal(all, required + optional);
    fixture_close(&f);
}

/* bsc 8.2-03 */
static void every_object_answers_all_without_an_error(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(FIXTURE_OBJECTS); i++) {
        struct bac_object_id id = { FIXTURE_OBJECTS[i].type, FIXTURE_OBJECTS[i].instance };
        size_t n = 0;
        assert_true(answer_names(&f, id, BAC_PROPERTY_ALL, BAC_PROPERTY_OBJECT_NAME, &n));
        assert_true(n > 8);
    }
    size_t n = 0;
    struct bac_object_id device = { BAC_OBJECT_DEVICE, 1234 };
    assert_true(answer_names(&f, device, BAC_PROPERTY_ALL, BAC_PROPERTY_DEVICE_UUID, &n));
    fixture_close(&f);
}

static void a_full_queue_drops_requests_before_they_do_anything(void **state)
{
    (void)state;
    struct fixture f;
    struct bac_server_config config = fixture_config();
    config.pending_entries = 1;
    fixture_open_with(&f, &config);
    struct bas_slice write = test_hex("00 05 07 0F 0C 00 80 00 01 19 55 3E 44 42 48 00 00 3F");
    assert_int_equal(fixture_send(&f, test_hex("10 08")), BAS_OK);
    assert_int_equal(fixture_send(&f, write), BAS_ERR_BUSY);
    expect_present(&f, SETPOINT, 0);
    expect_no_event(&f);
    struct bac_apdu_tx tx;
    assert_true(bac_server_next_tx(f.server, &tx));
    bas_frame_unref(tx.frame);
    assert_int_equal(fixture_send(&f, write), BAS_OK);
    expect_present(&f, SETPOINT, 50);
    fixture_close(&f);
}

static const char *const GOOD[] = {
    "10 08 09 00 1B 3F FF FF",
    "10 07 3D 05 00 52 6F 6F 6D",
    "00 05 07 0C 0C 00 00 00 01 19 55",
    "00 05 07 0C 0C 03 80 00 01 19 6E 29 03",
    "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 42 48 00 00 3F 49 08",
    "00 05 07 0F 0C 00 00 00 01 19 51 3E 11 3F",
    "00 05 07 0E 0C 00 00 00 01 1E 09 55 09 57 09 55 19 01 1F 0C 02 00 04 D2 1E 09 08 1F",
};

/* At most one answer; exactly one to a confirmed request in one piece whose header can be read. */
static void expect_one_answer(struct fixture *f, struct bas_slice apdu)
{
    struct bac_apdu head;
    bool is_read = bac_apdu_decode(apdu, &head, NULL) == BAS_OK;
    bool is_confirmed = is_read && head.type == BAC_PDU_CONFIRMED_REQUEST;
    (void)fixture_send(f, apdu);
    struct bac_apdu_tx tx;
    size_t n = 0;
    for (; bac_server_next_tx(f->server, &tx); n++) {
        struct bac_apdu answer;
        assert_int_equal(bac_apdu_decode(bas_frame_slice(tx.frame), &answer, NULL), BAS_OK);
        assert_true(tx.frame->len <= 1476);
        if (is_confirmed) {
            assert_int_equal(answer.invoke_id, head.invoke_id);
            assert_true(answer.type >= BAC_PDU_SIMPLE_ACK);
        }
        bas_frame_unref(tx.frame);
    }
    if (is_confirmed && head.segmented) {
        assert_true(n <= 2); /* a SegmentACK, and the answer */
    } else if (is_confirmed) {
        assert_int_equal(n, 1);
    } else {
        assert_true(n <= (head.type == BAC_PDU_SEGMENT_ACK ? 127 : 1));
    }
}

static void every_truncation_and_mutation_gets_one_answer_at_most(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD); i++) {
        struct bas_slice good = test_hex(GOOD[i]);
        for (size_t len = 0; len <= good.len; len++) {
            expect_one_answer(&f, (struct bas_slice){ good.data, len });
        }
        for (int round = 0; round < 2000; round++) {
            uint8_t octets[64];
            memcpy(octets, good.data, good.len);
            uint8_t dice[5];
            f.t.env.random(&f.t, dice, sizeof(dice));
            octets[dice[0] % good.len] = dice[1];
            if (dice[4] % 2 == 0) {
                octets[dice[2] % good.len] ^= (uint8_t)(1U << dice[3] % 8);
            }
            expect_one_answer(&f, (struct bas_slice){ octets, good.len });
        }
    }
    fixture_close(&f);
}

static void memory_that_fails_is_said_and_nothing_leaks(void **state)
{
    (void)state;
    struct bac_server_config config = fixture_config();
    for (size_t k = 1; k <= 5; k++) {
        struct test_env t;
        test_env_init(&t);
        t.fail_at = k;
        struct bas_fault fault = { 0 };
        assert_null(bac_server_new(&t.env, &config, &fault));
        assert_int_equal(fault.err, BAS_ERR_NO_MEMORY);
        test_env_check(&t);
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD); i++) {
        struct fixture f;
        fixture_open(&f);
        f.t.fail_at = 1;
        struct bas_slice apdu = test_hex(GOOD[i]);
        bas_err err = fixture_send(&f, apdu);
        assert_int_equal(err, apdu.data[0] == 0x10 ? BAS_OK : BAS_ERR_NO_MEMORY);
        assert_int_equal(bac_server_stats(f.server)->not_sent, 1);
        expect_present(&f, VALVE, 10);
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_is_answered_when_the_instance_lies_in_its_range),
        cmocka_unit_test(i_am_goes_as_a_broadcast_to_the_network_that_asked),
        cmocka_unit_test(who_has_is_answered_by_identifier_and_by_name),
        cmocka_unit_test(read_property_answers_with_the_value),
        cmocka_unit_test(read_property_tells_what_is_wrong),
        cmocka_unit_test(what_is_no_request_of_ours_is_rejected_aborted_or_dropped),
        cmocka_unit_test(a_confirmed_request_by_broadcast_is_dropped),
        cmocka_unit_test(an_answer_that_does_not_fit_is_aborted),
        cmocka_unit_test(an_answer_goes_to_who_asked_with_the_same_priority),
        cmocka_unit_test(read_property_multiple_answers_each_property_for_itself),
        cmocka_unit_test(all_required_and_optional_come_from_the_rows),
        cmocka_unit_test(every_object_answers_all_without_an_error),
        cmocka_unit_test(a_full_queue_drops_requests_before_they_do_anything),
        cmocka_unit_test(every_truncation_and_mutation_gets_one_answer_at_most),
        cmocka_unit_test(memory_that_fails_is_said_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
