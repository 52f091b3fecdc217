/* Tests of station_request.c: what a request may be to a peer, by what I-Am said, what the link
 * carries and what is configured; and memory that runs out. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_pair.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

enum { CONTENT = 12000, OBJECTS = 600 };

static const uint8_t content[CONTENT] = { 1, 2, 3 };
static const struct bac_file_config file = { .content = { content, CONTENT } };
static const struct bac_object_config objects[] = {
    { .type = BAC_OBJECT_FILE, .instance = 1, .name = "File", .file = &file },
    { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 1, .name = "Value", .writable = true },
};

static const struct bac_read_property value_1 = { .object = { BAC_OBJECT_ANALOG_VALUE, 1 },
                                                  .property = BAC_PROPERTY_PRESENT_VALUE };

/* Segments. */

static void on_long(void *user, const struct bas_property_read *read)
{
    struct rt_told *told = user;
    told->ended++;
    told->err = read->err;
    told->fault = *read->fault;
    told->n = (unsigned)read->raw.len;
}

static void an_answer_of_thousands_of_octets_comes_in_segments(void **state)
{
    (void)state;
    struct rt_pair p;
    static struct bac_object_config many[OBJECTS];
    static char names[OBJECTS][16];
    const struct bas_property list = { { BAC_OBJECT_DEVICE, RT_PAIR_INSTANCE },
                                       BAC_PROPERTY_OBJECT_LIST,
                                       BAC_NO_INDEX };
    for (uint32_t i = 0; i < OBJECTS; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "Value %u", (unsigned)i);
        many[i] = (struct bac_object_config){ .type = BAC_OBJECT_ANALOG_VALUE,
                                              .instance = i,
                                              .name = names[i] };
    }
    rt_pair_begin(&p, many, OBJECTS);
    rt_pair_start(&p);
    bas_read(p.client.station, &p.to, &list, on_long, &p.told);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.told.n, (OBJECTS + 1) * 5);
    assert_true(bac_client_stats(p.client.station->client)->segments >= 3);
    rt_pair_end(&p);
}

static void never(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    (void)p;
    (void)answer;
    fail_msg("service %u was asked", request->service);
}

static void a_request_that_a_peer_cannot_take_is_not_sent(void **state)
{
    (void)state;
    struct rt_pair p;
    static const uint8_t octets[600];
    const struct bac_value value = { .tag = BAC_TAG_OCTET_STRING, .as.octets = { octets, 600 } };
    const struct bas_write_item item = { .of = { value_1.object, value_1.property, BAC_NO_INDEX },
                                         .value = &value };
    rt_pair_begin_raw(&p, never);
    p.max_apdu = 480;
    rt_pair_start(&p);
    bas_write(p.client.station, &p.to, &item, rt_told_end, &p.told);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_TOO_LONG);
    assert_has(p.told.fault.text,
               "device 1234, analog-value,1 present-value: the request is longer "
               "than the device takes");
    rt_pair_end(&p);
}

/* More than 1476 octets, where both ends say so. */

static void on_piece(void *user, const struct bas_file_piece *piece)
{
    struct rt_told *told = user;
    told->n++;
    assert_int_equal(piece->data.data[0], piece->start == 0 ? 1 : 0);
}

static unsigned pieces_of_a_file(uint16_t ours, uint16_t theirs)
{
    struct rt_pair p;
    const struct bas_file_read what = {
        .file = 1, .piece = on_piece, .done = rt_told_end, .user = &p.told
    };
    struct bac_server_config own = { .size = sizeof(own),
                                     .object_size = sizeof(struct bac_object_config),
                                     .instance = 99,
                                     .name = "Client" };
    rt_pair_begin(&p, objects, BAS_ARRAY_LEN(objects));
    p.client.config.server = &own;
    p.client.config.max_apdu = ours;
    p.client.node.max_npdu = 5000;
    p.device.config.max_apdu = theirs;
    p.device.node.max_npdu = 5000;
    rt_pair_start(&p);
    bas_station_announce(p.client.station);
    rt_station_until(&p.device, BAS_STATION_REQUEST, 1);
    bas_read_file(p.client.station, &p.to, &what);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(bac_client_stats(p.client.station->client)->segments, 0);
    unsigned n = p.told.n;
    rt_pair_end(&p);
    return n;
}

static void large_messages_need_both_ends_to_be_configured_for_them(void **state)
{
    (void)state;
    assert_int_equal(pieces_of_a_file(0, 0), CONTENT / 1452 + 1);
    assert_int_equal(pieces_of_a_file(0, 4000), CONTENT / 1452 + 1);
    assert_int_equal(pieces_of_a_file(4000, 0), CONTENT / 1452 + 1);
    assert_int_equal(pieces_of_a_file(4000, 4000), CONTENT / 3976 + 1);
}

/* Bounds. */

static void keep_waiting(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    (void)p;
    (void)request;
    (void)answer;
}

static void a_peer_has_256_requests_at_most(void **state)
{
    (void)state;
    struct rt_pair p;
    rt_pair_begin_raw(&p, keep_waiting);
    p.client.config.max_requests = 5000;
    rt_pair_start(&p);
    for (unsigned i = 0; i < 256; i++) {
        assert_int_not_equal(bas_call(p.client.station, &p.at, BAC_CONFIRMED_READ_PROPERTY,
                                      &value_1, rt_told_end, &p.told),
                             0);
    }
    assert_int_equal(bas_call(p.client.station, &p.at, BAC_CONFIRMED_READ_PROPERTY, &value_1,
                              rt_told_end, &p.told),
                     0);
    assert_int_equal(p.told.err, BAS_ERR_BUSY);
    assert_has(p.told.fault.text, "256 requests to it are in flight");
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 257);
}

static void thousands_of_requests_to_many_devices_are_in_flight_and_all_end(void **state)
{
    (void)state;
    struct rt_pair p;
    enum { DEVICES = 40, EACH = 100 };
    rt_pair_begin_raw(&p, keep_waiting);
    p.client.config.max_requests = DEVICES * EACH;
    rt_pair_start(&p);
    for (unsigned i = 0; i < DEVICES * EACH; i++) {
        const struct bac_address address = { .mac_len = 6,
                                             .mac = { 2, 9, 9, 9, 9, (uint8_t)(i % DEVICES) } };
        const struct bas_peer_name device = bas_peer_address(&address);
        assert_int_not_equal(bas_call(p.client.station, &device, BAC_CONFIRMED_READ_PROPERTY,
                                      &value_1, rt_told_end, &p.told),
                             0);
    }
    assert_int_equal(p.client.station->n_pending, DEVICES * EACH);
    rt_turns(&p.site.w, 5);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, DEVICES * EACH);
    assert_int_equal(p.told.err, BAS_ERR_CLOSED);
}

static void a_burst_of_requests_loses_none(void **state)
{
    (void)state;
    struct rt_pair p;
    enum { MANY = 256 };
    rt_pair_begin(&p, objects, BAS_ARRAY_LEN(objects));
    p.client.config.apdu_retries = 255; /* what is lost is not asked again */
    rt_pair_start(&p);
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_not_equal(bas_call(p.client.station, &p.at, BAC_CONFIRMED_READ_PROPERTY,
                                      &value_1, rt_told_end, &p.told),
                             0);
    }
    while (p.told.ended < MANY) {
        rt_pair_until(&p, p.told.ended + 1);
        assert_int_equal(p.told.err, BAS_OK);
    }
    rt_pair_end(&p);
}

/* Memory. */

static void on_one(void *user, const struct bas_property_read *read)
{
    rt_told_add(user, "%d", (int)read->err);
}

/* One of each kind of call, with the k-th allocation of it failing, and all after it. */
static void every_call_ends_once_when_memory_is_out(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bac_value number = { .tag = BAC_TAG_REAL, .as.real = 1 };
    const struct bas_property items[] = {
        { value_1.object, value_1.property, BAC_NO_INDEX },
        { value_1.object, BAC_PROPERTY_ALL, BAC_NO_INDEX },
    };
    const struct bas_write_item write = { .of = items[0], .value = &number };
    unsigned ended = 0;
    rt_pair_begin(&p, objects, BAS_ARRAY_LEN(objects));
    rt_pair_start(&p);
    for (size_t k = 1; k < 25; k++) {
        struct test_env *t = &p.site.w.t;
        const struct bas_read_list reads = {
            .items = items, .n = 2, .read = on_one, .done = rt_told_end, .user = &p.told
        };
        const struct bas_write_list writes = {
            .items = &write, .n = 1, .done = rt_told_end, .user = &p.told
        };
        const struct bas_json_call json = { "read-property", "{\"object-identifier\":\"av,1\","
                                                             "\"property-identifier\":\"pv\"}" };
        t->fail_at = t->allocations + k;
        bas_read_many(p.client.station, &p.at, &reads);
        bas_write_many(p.client.station, &p.at, &writes);
        bas_call_json(p.client.station, &p.at, &json, rt_told_end, &p.told);
        t->fail_at = 0;
        ended += 3;
        rt_pair_until(&p, ended);
    }
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, ended);
    assert_int_equal(p.told.err, BAS_OK); /* the last ones had enough */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_of_thousands_of_octets_comes_in_segments),
        cmocka_unit_test(a_request_that_a_peer_cannot_take_is_not_sent),
        cmocka_unit_test(large_messages_need_both_ends_to_be_configured_for_them),
        cmocka_unit_test(a_peer_has_256_requests_at_most),
        cmocka_unit_test(thousands_of_requests_to_many_devices_are_in_flight_and_all_end),
        cmocka_unit_test(a_burst_of_requests_loses_none),
        cmocka_unit_test(every_call_ends_once_when_memory_is_out),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
