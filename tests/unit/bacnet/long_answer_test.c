/* Everything of a device with many objects, asked with one ReadPropertyMultiple over APDUs of 50
 * octets: the request goes in segments, and so does the answer. */
#include "test_env.h"

#include "basalt/bacnet_client.h"
#include "basalt/bacnet_server.h"

#include <stdio.h>
#include <string.h>

enum { OBJECTS = 500, LONGEST = 1 << 20 };

static const struct bac_address CLIENT = { 0, 6, { 0xA2, 0, 0, 0, 0, 1 } };
static const struct bac_address SERVER = { 0, 6, { 0xA2, 0, 0, 0, 0, 2 } };

struct pair {
    struct test_env t;
    struct bac_client *client;
    struct bac_server *server;
    bas_time now;
    size_t asked, answered; /* APDUs */
};

static void open_pair(struct pair *p, uint32_t max_answer)
{
    static char names[OBJECTS][16];
    static struct bac_object_config objects[OBJECTS];
    memset(p, 0, sizeof(*p));
    test_env_init(&p->t);
    for (uint32_t i = 0; i < OBJECTS; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "value %u", i);
        objects[i] = (struct bac_object_config){ .type = BAC_OBJECT_ANALOG_VALUE,
                                                 .instance = i,
                                                 .name = names[i],
                                                 .description = "one of many" };
    }
    const struct bac_server_config server = { .size = sizeof(server),
                                              .object_size = sizeof(objects[0]),
                                              .objects = objects,
                                              .n_objects = OBJECTS,
                                              .instance = 1,
                                              .name = "Device",
                                              .max_answer = LONGEST };
    const struct bac_client_config client = { .size = sizeof(client),
                                              .max_apdu = 50,
                                              .max_answer = max_answer };
    p->client = bac_client_new(&p->t.env, &client);
    p->server = bac_server_new(&p->t.env, &server, NULL);
    assert_non_null(p->client);
    assert_non_null(p->server);
}

static void close_pair(struct pair *p)
{
    bac_client_free(p->client);
    bac_server_free(p->server);
    test_env_check(&p->t);
}

static void ask_everything(struct pair *p)
{
    static uint8_t octets[16384];
    static struct bac_read_access specs[OBJECTS];
    struct bac_property_reference all = { .property = BAC_PROPERTY_ALL };
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    for (uint32_t i = 0; i < OBJECTS; i++) {
        specs[i] = (struct bac_read_access){ { BAC_OBJECT_ANALOG_VALUE, i }, { &all, 1 } };
    }
    struct bac_read_property_multiple asked = { { specs, OBJECTS } };
    assert_int_equal(bac_encode(&bac_type_read_property_multiple, &asked, BAC_APPLICATION, &out),
                     BAS_OK);
    const struct bac_call call = { .to = SERVER,
                                   .service = BAC_CONFIRMED_READ_PROPERTY_MULTIPLE,
                                   .parameters = { octets, out.len },
                                   .max_apdu = 50 };
    bac_request_id id;
    assert_int_equal(bac_client_request(p->client, &call, p->now, &id), BAS_OK);
}

static struct bac_client_event run(struct pair *p)
{
    struct bac_client_event event;
    while (!bac_client_next_event(p->client, &event)) {
        struct bac_apdu_tx tx;
        if (bac_client_next_tx(p->client, &tx)) {
            struct bac_net_event e = { .source = CLIENT, .apdu = bas_frame_slice(tx.frame) };
            assert_true(e.apdu.len <= 50);
            assert_int_equal(bac_server_recv(p->server, &e, 1476, p->now), BAS_OK);
            p->asked++;
        } else {
            assert_true(bac_server_next_tx(p->server, &tx));
            assert_true(tx.frame->len <= 50);
            assert_int_equal(
                bac_client_recv(p->client, &SERVER, 0, bas_frame_slice(tx.frame), p->now), BAS_OK);
            p->answered++;
        }
        bas_frame_unref(tx.frame);
    }
    return event;
}

static void everything_of_500_objects_arrives_whole(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, LONGEST);
    ask_everything(&p);
    struct bac_client_event event = run(&p);
    assert_int_equal(event.kind, BAC_CLIENT_ACK);
    assert_true(event.body.len > 50000);
    assert_true(p.answered > 1000);
    static uint8_t memory[16 << 20];
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    struct bac_read_property_multiple_ack ack;
    assert_int_equal(
        bac_decode_all(&bac_type_read_property_multiple_ack, event.body, &ack, &arena, NULL),
        BAS_OK);
    assert_int_equal(ack.results.n, OBJECTS);
    const struct bac_read_access_result *results = ack.results.items;
    for (uint32_t i = 0; i < OBJECTS; i++) {
        assert_int_equal(results[i].object.instance, i);
        assert_true(results[i].results.n > 8);
    }
    close_pair(&p);
}

static void more_than_64_segments_of_a_client_that_takes_no_more_are_aborted(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, 64 * 45);
    ask_everything(&p);
    struct bac_client_event event = run(&p);
    assert_int_equal(event.kind, BAC_CLIENT_ABORT);
    assert_int_equal(event.reason, BAC_ABORT_BUFFER_OVERFLOW);
    assert_false(event.is_ours); /* the server knew it beforehand */
    close_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_of_500_objects_arrives_whole),
        cmocka_unit_test(more_than_64_segments_of_a_client_that_takes_no_more_are_aborted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
