/* Many subscribers of one value: station.c hands down no more notifications than can wait below. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_pair.h"
#include "test_folder.h"

enum { SUBSCRIPTIONS = 2000, AT_ONCE = 100 };

struct crowd {
    struct rt_pair p;
    unsigned asked, acknowledged;
    unsigned heard; /* notifications */
};

static void on_request(struct rt_station *s, const struct bas_station_event *event)
{
    struct crowd *c = s->user;
    c->heard += event->service == BAC_UNCONFIRMED_COV_NOTIFICATION;
}

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct crowd *c = user;
    assert_int_equal(event->kind, BAC_CLIENT_ACK);
    c->acknowledged++;
}

static void subscribe(struct crowd *c)
{
    uint8_t memory[32];
    struct bas_buf out;
    const struct bac_subscribe_cov asked = { .process = c->asked++,
                                             .object = { BAC_OBJECT_ANALOG_VALUE, 1 },
                                             .has_confirmed = true,
                                             .has_lifetime = true,
                                             .lifetime = 3600 };
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_encode(&bac_type_subscribe_cov, &asked, BAC_APPLICATION, &out), BAS_OK);
    const struct bas_request request = { .to = c->p.at.address,
                                         .service = BAC_CONFIRMED_SUBSCRIBE_COV,
                                         .parameters = { memory, out.len } };
    assert_int_equal(bas_station_request(c->p.client.station, &request, on_answer, c), BAS_OK);
}

static void every_notification_of_a_burst_arrives(void **state)
{
    (void)state;
    static struct crowd c;
    static const struct bac_object_config object = {
        .type = BAC_OBJECT_ANALOG_VALUE, .instance = 1, .name = "A", .cov_increment = 1
    };
    rt_pair_begin(&c.p, &object, 1);
    c.p.server.max_subscriptions = SUBSCRIPTIONS;
    c.p.client.on_request = on_request;
    c.p.client.user = &c;
    rt_pair_start(&c.p);
    while (c.asked < SUBSCRIPTIONS) {
        for (unsigned i = 0; i < AT_ONCE; i++) {
            subscribe(&c);
        }
        rt_until(&c.p.site.w, &c.acknowledged, c.asked);
    }
    rt_until(&c.p.site.w, &c.heard, SUBSCRIPTIONS);
    for (unsigned round = 1; round <= 3; round++) {
        struct bac_value value = { .tag = BAC_TAG_REAL, .as.real = 2 * (float)round };
        assert_int_equal(bac_server_set(bas_station_server(c.p.device.station),
                                        (struct bac_object_id){ BAC_OBJECT_ANALOG_VALUE, 1 },
                                        &value, 0),
                         BAS_OK);
        rt_until(&c.p.site.w, &c.heard, (round + 1) * SUBSCRIPTIONS);
    }
    assert_int_equal(c.heard, 4 * SUBSCRIPTIONS);
    rt_pair_end(&c.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_notification_of_a_burst_arrives),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
