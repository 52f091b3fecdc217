/* Many subscribers of one value: station.c hands down no more notifications than can wait below. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_pair.h"
#include "test_folder.h"

#include <string.h>

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

/* So many subscriptions that all have heard the first value. */
static void begin(struct crowd *c, unsigned n)
{
    static const struct bac_object_config object = {
        .type = BAC_OBJECT_ANALOG_VALUE, .instance = 1, .name = "A", .cov_increment = 1
    };
    memset(c, 0, sizeof(*c));
    rt_pair_begin(&c->p, &object, 1);
    c->p.server.max_subscriptions = n;
    c->p.client.on_request = on_request;
    c->p.client.user = c;
    rt_pair_start(&c->p);
    while (c->asked < n) {
        for (unsigned i = 0; i < AT_ONCE && c->asked < n; i++) {
            subscribe(c);
        }
        rt_until(&c->p.site.w, &c->acknowledged, c->asked);
    }
    rt_until(&c->p.site.w, &c->heard, n);
}

static void set(struct crowd *c, float real)
{
    const struct bac_object_id id = { BAC_OBJECT_ANALOG_VALUE, 1 };
    const struct bac_value value = { .tag = BAC_TAG_REAL, .as.real = real };
    assert_int_equal(bac_server_set(bas_station_server(c->p.device.station), id, &value, 0),
                     BAS_OK);
}

static void every_notification_of_a_burst_arrives(void **state)
{
    (void)state;
    static struct crowd c;
    begin(&c, SUBSCRIPTIONS);
    for (unsigned round = 1; round <= 3; round++) {
        set(&c, 2 * (float)round);
        rt_until(&c.p.site.w, &c.heard, (round + 1) * SUBSCRIPTIONS);
    }
    assert_int_equal(c.heard, 4 * SUBSCRIPTIONS);
    rt_pair_end(&c.p);
}

static void changes_without_a_connection_are_told_when_there_is_one(void **state)
{
    (void)state;
    static struct crowd c;
    begin(&c, AT_ONCE);
    const struct bac_server_stats *stats = bac_server_stats(bas_station_server(c.p.device.station));
    rt_site_stop(&c.p.site, 0);
    rt_station_until(&c.p.device, BAS_STATION_DOWN, 1);
    set(&c, 10);
    rt_turns(&c.p.site.w, 10);
    assert_int_equal(stats->notifications, AT_ONCE);
    (void)rt_site_start(&c.p.site, 0);
    rt_until_count(&c.p.site.w, &stats->notifications, UINT64_C(2) * AT_ONCE);
    assert_int_equal(c.p.device.events[BAS_STATION_UP], 2);
    rt_pair_end(&c.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_notification_of_a_burst_arrives),
        cmocka_unit_test(changes_without_a_connection_are_told_when_there_is_one),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
