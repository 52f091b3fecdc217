/* Tests of client/find.c: who is there, who has what, and the time that it takes. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_pair.h"
#include "test_folder.h"

#include <string.h>

static const struct bac_object_config objects[] = {
    { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 1, .name = "Set point" },
};

static void begin(struct rt_pair *p)
{
    rt_pair_begin(p, objects, BAS_ARRAY_LEN(objects));
    p->client.config.find_timeout_ms = 30;
}

static void on_found(void *user, const struct bas_found *found)
{
    struct rt_told *told = user;
    told->ended++;
    told->err = found->err;
    told->fault = *found->fault;
    if (found->peer != NULL) {
        rt_told_add(told, "%u", (unsigned)found->peer->instance);
    }
}

static void a_device_is_found_once_and_known_then(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    assert_int_not_equal(bas_find(p.client.station, RT_PAIR_INSTANCE, 30000, on_found, &p.told), 0);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_string_equal(p.told.text, "1234");
    assert_int_equal(bas_find(p.client.station, RT_PAIR_INSTANCE, 0, on_found, &p.told), 0);
    assert_int_equal(p.told.ended, 2);
    assert_string_equal(p.told.text, "1234 1234");
    rt_pair_end(&p);
}

static void nobody_is_found_in_the_time_that_was_given(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    bas_find(p.client.station, 77, 20, on_found, &p.told);
    bas_find(p.client.station, 77 + CLIENT_BUCKETS, 0, on_found, &p.told);
    rt_pair_until(&p, 2);
    assert_int_equal(p.told.err, BAS_ERR_TIMEOUT);
    assert_has(p.told.fault.text, "no device 333: nobody answered Who-Is in 0.03 s");
    assert_string_equal(p.told.text, "");
    rt_pair_end(&p);
}

static void two_who_look_for_one_device_are_both_told(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    bas_find(p.client.station, RT_PAIR_INSTANCE, 30000, on_found, &p.told);
    bas_find(p.client.station, RT_PAIR_INSTANCE, 30000, on_found, &p.told);
    bas_call_id third = bas_find(p.client.station, RT_PAIR_INSTANCE, 0, on_found, &p.told);
    bas_cancel(p.client.station, third);
    assert_int_equal(p.told.err, BAS_ERR_INTERRUPTED);
    rt_pair_until(&p, 3);
    assert_string_equal(p.told.text, "1234 1234");
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 3);
}

static void a_new_station_of_a_device_takes_the_place_of_the_old_one(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    bas_find(p.client.station, RT_PAIR_INSTANCE, 30000, on_found, &p.told);
    rt_pair_until(&p, 1);
    const struct bac_address before =
        bac_peers_find(bas_station_peers(p.client.station), RT_PAIR_INSTANCE)->address;
    rt_station_end(&p.device);
    struct bas_station_config config = p.device.config;
    rt_station_begin(&p.site.w, &p.device, "device", p.site.hubs[0].uri);
    p.device.config.server = config.server;
    rt_station_start(&p.device);
    rt_station_until(&p.device, BAS_STATION_UP, 1);
    unsigned heard = p.client.events[BAS_STATION_REQUEST];
    bas_station_announce(p.device.station);
    rt_station_until(&p.client, BAS_STATION_REQUEST, heard + 1);
    const struct bac_peer *after =
        bac_peers_find(bas_station_peers(p.client.station), RT_PAIR_INSTANCE);
    assert_false(bac_address_equal(&before, &after->address));
    rt_pair_end(&p);
}

/* Everybody. */

static void on_heard(void *user, const struct bac_peer *peer)
{
    rt_told_add(user, "%u", (unsigned)peer->instance);
}

static void who_is_gathers_until_its_time_is_over(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    const struct bas_who_is all = {
        .wait_ms = 300, .heard = on_heard, .done = rt_told_end, .user = &p.told
    };
    const struct bas_who_is others = { .has_range = true,
                                       .low = 1,
                                       .high = RT_PAIR_INSTANCE - 1,
                                       .wait_ms = 1,
                                       .heard = on_heard,
                                       .done = rt_told_end,
                                       .user = &p.told };
    assert_int_not_equal(bas_who_is(p.client.station, &all), 0);
    assert_int_not_equal(bas_who_is(p.client.station, &others), 0);
    rt_pair_until(&p, 2);
    assert_int_equal(p.told.err, BAS_OK);
    assert_string_equal(p.told.text, "1234"); /* once: it is none of the others */
    rt_pair_end(&p);
}

struct enough {
    struct rt_pair *p;
    bas_call_id own, other;
};

static void on_heard_enough(void *user, const struct bac_peer *peer)
{
    struct enough *e = user;
    rt_told_add(&e->p->told, "%u", (unsigned)peer->instance);
    bas_cancel(e->p->client.station, e->own);
    bas_cancel(e->p->client.station, e->other);
}

static void on_enough(void *user, const struct bas_outcome *outcome)
{
    struct enough *e = user;
    rt_told_end(&e->p->told, outcome);
}

static void a_search_can_end_itself_and_the_next_one_when_it_has_heard_enough(void **state)
{
    (void)state;
    struct rt_pair p;
    struct enough e = { .p = &p };
    begin(&p);
    rt_pair_start(&p);
    const struct bas_who_is all = {
        .wait_ms = 30000, .heard = on_heard_enough, .done = on_enough, .user = &e
    };
    e.other = bas_who_is(p.client.station, &all);
    e.own = bas_who_is(p.client.station, &all);
    rt_pair_until(&p, 2);
    assert_string_equal(p.told.text, "1234");
    assert_int_equal(p.told.err, BAS_ERR_INTERRUPTED);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 2);
}

static void on_has(void *user, const struct bac_i_have *i_have, const struct bac_address *from)
{
    assert_int_equal(from->mac_len, 6);
    rt_told_add(user, "%u:%u,%u", (unsigned)i_have->device.instance, (unsigned)i_have->object.type,
                (unsigned)i_have->object.instance);
}

static void who_has_finds_objects_by_name_and_by_identifier(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    struct bas_who_has what = {
        .name = "Set point", .wait_ms = 200, .heard = on_has, .done = rt_told_end, .user = &p.told
    };
    bas_who_has(p.client.station, &what);
    rt_pair_until(&p, 1);
    assert_string_equal(p.told.text, "1234:2,1");
    what.name = NULL;
    what.object = (struct bac_object_id){ BAC_OBJECT_ANALOG_VALUE, 1 };
    bas_who_has(p.client.station, &what);
    rt_pair_until(&p, 2);
    assert_string_equal(p.told.text, "1234:2,1 1234:2,1");
    what.has_range = true;
    what.high = 1000;
    what.wait_ms = 20;
    bas_who_has(p.client.station, &what);
    rt_pair_until(&p, 3);
    assert_int_equal(p.told.n, 2);
    rt_pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_is_found_once_and_known_then),
        cmocka_unit_test(nobody_is_found_in_the_time_that_was_given),
        cmocka_unit_test(two_who_look_for_one_device_are_both_told),
        cmocka_unit_test(a_new_station_of_a_device_takes_the_place_of_the_old_one),
        cmocka_unit_test(who_is_gathers_until_its_time_is_over),
        cmocka_unit_test(a_search_can_end_itself_and_the_next_one_when_it_has_heard_enough),
        cmocka_unit_test(who_has_finds_objects_by_name_and_by_identifier),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
