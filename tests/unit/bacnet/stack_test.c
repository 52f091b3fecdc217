/* A client and a server, each above a network layer of its own, joined in memory: the whole stack
 * above the data link, under virtual time. */
#include "device_fixture.h"

#include "basalt/bacnet_client.h"

#include <stdio.h>

enum { A, B, SIDES };

struct side {
    struct bac_net *net;
    struct bac_client *client;
    struct bac_server *server;
    bac_port_id port;
};

struct world {
    struct test_env t;
    struct side sides[SIDES];
    bas_time now;
    unsigned loss; /* of 256 NPDUs this many are lost */
    size_t npdus, refused;
    /* what the client at A heard */
    size_t events;
    struct bac_client_event last;
    uint8_t body[1500];
    struct bac_i_am i_am;
    size_t i_ams;
};

static const uint8_t MACS[SIDES][6] = { { 0xA2, 0, 0, 0, 0, 1 }, { 0xA2, 0, 0, 0, 0, 2 } };

static void free_world(struct world *w)
{
    for (int i = 0; i < SIDES; i++) {
        bac_net_free(w->sides[i].net);
        bac_client_free(w->sides[i].client);
        bac_server_free(w->sides[i].server);
    }
    test_env_check(&w->t);
}

static bool open_side(struct world *w, int i)
{
    struct side *s = &w->sides[i];
    struct bac_server_config config = fixture_config();
    config.instance += (uint32_t)i;
    s->net = bac_net_new(&w->t.env, NULL);
    s->client = bac_client_new(&w->t.env, NULL);
    s->server = bac_server_new(&w->t.env, &config, NULL);
    if (s->net == NULL || s->client == NULL || s->server == NULL) {
        return false;
    }
    struct bac_port_config port = { .size = sizeof(port), .network = 5 };
    assert_int_equal(bac_net_add_port(s->net, &port, &s->port), BAS_OK);
    bac_net_port_up(s->net, s->port, MACS[i], 6, 1497, w->now);
    return true;
}

static bool open_world_failing(struct world *w, size_t fail_at)
{
    memset(w, 0, sizeof(*w));
    test_env_init(&w->t);
    w->t.fail_at = fail_at;
    w->now = 1000 * BAS_SECOND;
    return open_side(w, A) && open_side(w, B);
}

static void open_world(struct world *w)
{
    assert_true(open_world_failing(w, 0));
}

/* What a program does: each engine's output into the next one's input. */

static void hear_i_am(struct world *w, struct bas_slice octets)
{
    struct bac_apdu apdu;
    if (bac_apdu_decode(octets, &apdu, NULL) == BAS_OK &&
        apdu.type == BAC_PDU_UNCONFIRMED_REQUEST && apdu.service == BAC_UNCONFIRMED_I_AM) {
        assert_int_equal(bac_decode_all(&bac_type_i_am, apdu.body, &w->i_am, NULL, NULL), BAS_OK);
        w->i_ams++;
    }
}

static void take_client_events(struct world *w, int i)
{
    struct bac_client_event e;
    while (bac_client_next_event(w->sides[i].client, &e)) {
        assert_int_equal(i, A);
        w->events++;
        assert_true(e.body.len <= sizeof(w->body));
        if (e.body.len != 0) {
            memcpy(w->body, e.body.data, e.body.len);
        }
        w->last = e;
        w->last.body.data = w->body;
    }
}

static void take_net_events(struct world *w, int i)
{
    struct side *s = &w->sides[i];
    struct bac_net_event e;
    while (bac_net_next_event(s->net, &e)) {
        if (e.kind == BAC_NET_UNREACHABLE) {
            bac_client_unreachable(s->client, e.network, e.reason, w->now);
        } else if (e.kind == BAC_NET_APDU) {
            (void)bac_server_recv(s->server, &e, bac_net_max_apdu(s->net, &e.source, e.port),
                                  w->now);
            (void)bac_client_recv(s->client, &e.source, e.port, e.apdu, w->now);
            if (i == A) {
                hear_i_am(w, e.apdu);
            }
        }
        take_client_events(w, i);
    }
}

static bool send_apdus(struct world *w, int i)
{
    struct side *s = &w->sides[i];
    struct bac_apdu_tx tx;
    bool is_any = false;
    while (bac_client_next_tx(s->client, &tx) || bac_server_next_tx(s->server, &tx)) {
        struct bac_send send = { tx.to, tx.port, tx.priority, tx.expecting_reply };
        w->refused += bac_net_send(s->net, &send, tx.frame, w->now) != BAS_OK;
        is_any = true;
    }
    return is_any;
}

static bool move_npdus(struct world *w, int i)
{
    struct bac_net_tx tx;
    int other = i == A ? B : A;
    bool is_any = false;
    while (bac_net_next_tx(w->sides[i].net, &tx)) {
        uint8_t dice;
        w->t.env.random(&w->t, &dice, 1);
        bool is_there = tx.mac_len == 0 || memcmp(tx.mac, MACS[other], 6) == 0;
        if (is_there && dice >= w->loss) {
            struct bac_arrival a = { .port = w->sides[other].port,
                                     .mac_len = 6,
                                     .broadcast = tx.mac_len == 0 };
            memcpy(a.mac, MACS[i], 6);
            w->npdus++;
            (void)bac_net_recv(w->sides[other].net, &a, bas_frame_slice(tx.frame), w->now);
            take_net_events(w, other);
        }
        bas_frame_unref(tx.frame);
        is_any = true;
    }
    return is_any;
}

static void settle(struct world *w)
{
    bool is_any = true;
    while (is_any) {
        is_any = false;
        for (int i = 0; i < SIDES; i++) {
            bool has_apdus = send_apdus(w, i);
            is_any = move_npdus(w, i) || has_apdus || is_any;
        }
    }
}

/* Lets time pass until nothing waits for it. */
static void run(struct world *w)
{
    for (;;) {
        settle(w);
        bas_time next = BAS_NEVER;
        for (int i = 0; i < SIDES; i++) {
            bas_time net = bac_net_deadline(w->sides[i].net);
            bas_time client = bac_client_deadline(w->sides[i].client);
            next = net < next ? net : next;
            next = client < next ? client : next;
        }
        if (next == BAS_NEVER) {
            return;
        }
        assert_true(next >= w->now);
        w->now = next;
        for (int i = 0; i < SIDES; i++) {
            bac_net_tick(w->sides[i].net, w->now);
            take_net_events(w, i);
            bac_client_tick(w->sides[i].client, w->now);
            take_client_events(w, i);
        }
    }
}

/* Requests of the client at A */

static bas_err ask_at(struct world *w, struct bac_address to, uint8_t service,
                      const struct bac_type *type, const void *parameters)
{
    struct side *a = &w->sides[A];
    uint8_t octets[256];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    assert_int_equal(bac_encode(type, parameters, BAC_APPLICATION, &out), BAS_OK);
    bac_port_id port = a->port;
    bac_net_resolve(a->net, &to, &port);
    bac_request_id id = 0;
    const struct bac_call call = { .to = to,
                                   .port = port,
                                   .service = service,
                                   .parameters = { octets, out.len },
                                   .max_apdu = (uint16_t)bac_net_max_apdu(a->net, &to, port),
                                   .user = w };
    return bac_client_request(a->client, &call, w->now, &id);
}

static struct bac_address server_address(void)
{
    struct bac_address to = { .network = 5, .mac_len = 6 }; /* by the number of the network */
    memcpy(to.mac, MACS[B], 6);
    return to;
}

static bas_err read_at(struct world *w, struct bac_address to, struct bac_object_id object,
                       uint32_t property)
{
    struct bac_read_property p = { .object = object, .property = property };
    return ask_at(w, to, BAC_CONFIRMED_READ_PROPERTY, &bac_type_read_property, &p);
}

static bas_err write_real(struct world *w, struct bac_object_id object, bool is_null, float real,
                          uint8_t priority)
{
    uint8_t octets[16];
    struct bas_buf raw;
    bas_buf_init(&raw, octets, sizeof(octets));
    struct bac_value value = { .tag = is_null ? BAC_TAG_NULL : BAC_TAG_REAL };
    value.as.real = real;
    assert_int_equal(bac_encode(&bac_type_value, &value, BAC_APPLICATION, &raw), BAS_OK);
    struct bac_write_property p = { .object = object,
                                    .property = BAC_PROPERTY_PRESENT_VALUE,
                                    .has_priority = priority != 0,
                                    .priority = priority,
                                    .value = { octets, raw.len } };
    return ask_at(w, server_address(), BAC_CONFIRMED_WRITE_PROPERTY, &bac_type_write_property, &p);
}

static const struct bac_object_id ROOM = { BAC_OBJECT_ANALOG_INPUT, 1 };
static const struct bac_object_id VALVE = { BAC_OBJECT_ANALOG_OUTPUT, 1 };

static struct bac_value read_back(struct world *w, struct bac_object_id object, uint32_t property)
{
    assert_int_equal(read_at(w, server_address(), object, property), BAS_OK);
    run(w);
    assert_int_equal(w->last.kind, BAC_CLIENT_ACK);
    struct bac_read_property_ack ack;
    struct bac_value value;
    assert_int_equal(bac_decode_all(&bac_type_read_property_ack, w->last.body, &ack, NULL, NULL),
                     BAS_OK);
    assert_int_equal(bac_decode(&bac_type_value, &ack.value, BAC_APPLICATION, &value, NULL, NULL),
                     BAS_OK);
    return value;
}

static void who_is_finds_the_device(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    struct bac_who_is asked = { .has_low = true, .has_high = true, .low = 1235, .high = 1235 };
    uint8_t octets[16];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    assert_int_equal(bac_encode(&bac_type_who_is, &asked, BAC_APPLICATION, &out), BAS_OK);
    static const uint16_t networks[] = { 0, 5, BAC_BROADCAST_NETWORK };
    for (size_t i = 0; i < BAS_ARRAY_LEN(networks); i++) {
        struct bac_address to = { .network = networks[i] };
        assert_int_equal(bac_client_unconfirmed(w.sides[A].client, &to, w.sides[A].port,
                                                BAC_UNCONFIRMED_WHO_IS,
                                                (struct bas_slice){ octets, out.len }),
                         BAS_OK);
        run(&w);
        assert_int_equal(w.i_ams, i + 1);
        assert_int_equal(w.i_am.device.instance, 1235);
        assert_int_equal(w.i_am.max_apdu, 1476);
        assert_int_equal(w.i_am.vendor, 999);
    }
    free_world(&w);
}

static void a_value_is_read_written_with_priority_and_relinquished(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    assert_float_equal(read_back(&w, ROOM, BAC_PROPERTY_PRESENT_VALUE).as.real, 21.5F, 0.001F);
    static const struct {
        bool is_null;
        float value;
        uint8_t priority;
        float present;
    } rows[] = {
        { false, 50, 8, 50 }, { false, 70, 0, 50 }, { true, 0, 8, 70 }, { true, 0, 0, 10 }
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        assert_int_equal(write_real(&w, VALVE, rows[i].is_null, rows[i].value, rows[i].priority),
                         BAS_OK);
        run(&w);
        assert_int_equal(w.last.kind, BAC_CLIENT_ACK);
        assert_int_equal(w.last.body.len, 0);
        assert_float_equal(read_back(&w, VALVE, BAC_PROPERTY_PRESENT_VALUE).as.real,
                           rows[i].present, 0.001F);
    }
    assert_int_equal(w.events, 9);
    free_world(&w);
}

static void all_properties_of_all_objects_are_read_at_once_where_they_fit(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    struct bac_property_reference all = { .property = BAC_PROPERTY_ALL };
    struct bac_read_access specs[] = {
        { { BAC_OBJECT_ANALOG_INPUT, 1 }, { &all, 1 } },
        { { BAC_OBJECT_DEVICE, BAC_WILDCARD_INSTANCE }, { &all, 1 } },
        { { BAC_OBJECT_ANALOG_INPUT, 77 }, { &all, 1 } },
    };
    struct bac_read_property_multiple asked = { { specs, 3 } };
    assert_int_equal(ask_at(&w, server_address(), BAC_CONFIRMED_READ_PROPERTY_MULTIPLE,
                            &bac_type_read_property_multiple, &asked),
                     BAS_OK);
    run(&w);
    assert_int_equal(w.last.kind, BAC_CLIENT_ACK);
    static uint8_t memory[65536];
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    struct bac_read_property_multiple_ack ack;
    assert_int_equal(
        bac_decode_all(&bac_type_read_property_multiple_ack, w.last.body, &ack, &arena, NULL),
        BAS_OK);
    const struct bac_read_access_result *results = ack.results.items;
    assert_int_equal(ack.results.n, 3);
    assert_true(results[0].results.n > 12);
    assert_int_equal(results[1].object.instance, 1235);
    const struct bac_read_result *error = results[2].results.items;
    assert_int_equal(error->property, BAC_PROPERTY_ALL);
    assert_int_equal(error->outcome.as.error.error_code, BAC_ERROR_CODE_UNKNOWN_OBJECT);
    free_world(&w);
}

static void errors_of_the_server_reach_the_user_of_the_client(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    struct bac_object_id none = { BAC_OBJECT_ANALOG_INPUT, 9 };
    assert_int_equal(read_at(&w, server_address(), none, BAC_PROPERTY_PRESENT_VALUE), BAS_OK);
    run(&w);
    assert_int_equal(w.last.kind, BAC_CLIENT_ERROR);
    assert_int_equal(w.last.fault.error_code, BAC_ERROR_CODE_UNKNOWN_OBJECT);
    assert_int_equal(read_at(&w, server_address(), ROOM, 9999), BAS_OK);
    run(&w);
    assert_int_equal(w.last.fault.error_code, BAC_ERROR_CODE_UNKNOWN_PROPERTY);
    assert_int_equal(write_real(&w, ROOM, false, 1, 0), BAS_OK);
    run(&w);
    assert_int_equal(w.last.fault.error_code, BAC_ERROR_CODE_WRITE_ACCESS_DENIED);
    struct bac_object_id room = ROOM;
    assert_int_equal(
        ask_at(&w, server_address(), BAC_CONFIRMED_AUTHENTICATE, &bac_type_object_id, &room),
        BAS_OK);
    run(&w);
    assert_int_equal(w.last.kind, BAC_CLIENT_REJECT);
    assert_int_equal(w.last.reason, BAC_REJECT_UNRECOGNIZED_SERVICE);
    assert_int_equal(w.events, 4);
    free_world(&w);
}

static void a_network_without_a_router_and_a_device_that_is_silent_are_told_apart(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    bas_time start = w.now;
    struct bac_address far = { 2002, 1, { 1 } };
    assert_int_equal(read_at(&w, far, ROOM, BAC_PROPERTY_PRESENT_VALUE), BAS_OK);
    run(&w);
    assert_int_equal(w.last.kind, BAC_CLIENT_UNREACHABLE);
    assert_int_equal(w.now - start, 2 * BAS_SECOND);
    struct bac_address nobody = { 0, 6, { 0xEE } };
    start = w.now;
    assert_int_equal(read_at(&w, nobody, ROOM, BAC_PROPERTY_PRESENT_VALUE), BAS_OK);
    run(&w);
    assert_int_equal(w.last.kind, BAC_CLIENT_TIMEOUT);
    assert_int_equal(w.now - start, 12 * BAS_SECOND);
    assert_int_equal(w.events, 2);
    free_world(&w);
}

static void with_losses_every_request_still_ends_exactly_once(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    w.loss = 80;
    size_t asked = 0;
    size_t acks = 0;
    for (int i = 0; i < 200; i++) {
        bool is_write = i % 3 == 0;
        bas_err err = is_write ? write_real(&w, VALVE, i % 2 == 0, 33, (uint8_t)(i % 5 + 1))
                               : read_at(&w, server_address(), ROOM, BAC_PROPERTY_PRESENT_VALUE);
        assert_int_equal(err, BAS_OK);
        asked++;
        if (i % 4 == 0) {
            run(&w);
            acks += w.last.kind == BAC_CLIENT_ACK;
        }
    }
    run(&w);
    assert_int_equal(w.events, asked);
    assert_true(acks > 25); /* the last of four to end is often one that did not */
    free_world(&w);
}

static void with_any_allocation_failing_nothing_leaks_and_no_request_ends_twice(void **state)
{
    (void)state;
    bool is_through = false;
    for (size_t k = 1; !is_through; k++) {
        struct world w;
        size_t asked = 0;
        if (open_world_failing(&w, k)) {
            asked += write_real(&w, VALVE, false, 50, 8) == BAS_OK;
            asked += read_at(&w, server_address(), VALVE, BAC_PROPERTY_PRESENT_VALUE) == BAS_OK;
            struct bac_address far = { 2002, 1, { 1 } };
            asked += read_at(&w, far, ROOM, BAC_PROPERTY_PRESENT_VALUE) == BAS_OK;
            run(&w);
            assert_int_equal(w.events, asked);
            is_through = w.t.allocations < k;
        }
        free_world(&w);
        assert_true(k < 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_finds_the_device),
        cmocka_unit_test(a_value_is_read_written_with_priority_and_relinquished),
        cmocka_unit_test(all_properties_of_all_objects_are_read_at_once_where_they_fit),
        cmocka_unit_test(errors_of_the_server_reach_the_user_of_the_client),
        cmocka_unit_test(a_network_without_a_router_and_a_device_that_is_silent_are_told_apart),
        cmocka_unit_test(with_losses_every_request_still_ends_exactly_once),
        cmocka_unit_test(with_any_allocation_failing_nothing_leaks_and_no_request_ends_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
