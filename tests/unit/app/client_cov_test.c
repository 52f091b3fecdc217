/* Tests of client/cov.c and station_server.c: subscriptions last as long as they are wanted, and
 * their notifications reach who wanted them. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_pair.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

/* A raw device that takes subscriptions. */
struct sensor {
    unsigned subscribed, cancelled;
    unsigned error_code; /* answers with this, from the subscription number after on */
    unsigned after;
    bool is_silent;
    uint64_t process;
    uint64_t lifetime;
    bool is_confirmed, is_property;
    float increment;
};

static void take(struct rt_pair *p, bool is_cancellation, const struct bac_apdu *request,
                 struct bas_buf *answer)
{
    struct sensor *s = p->user;
    *(is_cancellation ? &s->cancelled : &s->subscribed) += 1;
    if (s->error_code != 0 && s->subscribed > s->after) {
        rt_answer_error(request, BAC_ERROR_CLASS_SERVICES, s->error_code, answer);
    } else if (!s->is_silent) {
        rt_answer_ack(request, NULL, answer);
    }
}

static void serve(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    struct sensor *s = p->user;
    if (request->service == BAC_CONFIRMED_SUBSCRIBE_COV) {
        const struct bac_subscribe_cov *asked = rt_request(request);
        s->process = asked->process;
        s->lifetime = asked->has_lifetime ? asked->lifetime : s->lifetime;
        s->is_confirmed = asked->confirmed;
        take(p, !asked->has_confirmed, request, answer);
    } else {
        const struct bac_subscribe_cov_property *asked = rt_request(request);
        s->process = asked->process;
        s->is_property = true;
        s->increment = asked->has_increment ? asked->increment : s->increment;
        assert_int_equal(asked->property.property, BAC_PROPERTY_COV_INCREMENT);
        take(p, !asked->has_confirmed, request, answer);
    }
}

static void begin(struct rt_pair *p, struct sensor *s)
{
    memset(s, 0, sizeof(*s));
    rt_pair_begin_raw(p, serve);
    p->client.config.apdu_timeout_ms = 60;
    p->client.config.apdu_retries = 255;
    p->user = s;
    rt_pair_start(p);
}

static void on_notice(void *user, const struct bas_cov_notice *notice)
{
    const struct bac_property_value *values = notice->notification->values.items;
    rt_told_add(user, "%s%u:%u", notice->is_confirmed ? "c" : "u", (unsigned)values[0].property,
                (unsigned)values[0].value.len);
}

static void on_state(void *user, const struct bas_outcome *outcome)
{
    rt_told_add(user, "state:%d", (int)outcome->err);
}

static struct bas_cov wish(struct rt_pair *p)
{
    return (struct bas_cov){ .object = { BAC_OBJECT_ANALOG_INPUT, 1 },
                             .notified = on_notice,
                             .state = on_state,
                             .done = rt_told_end,
                             .user = &p->told };
}

/* A notification of the device. */
static void notify(struct rt_pair *p, uint64_t process, bool is_confirmed, uint64_t remaining)
{
    static const uint8_t value[] = { 0x44, 0, 0, 0, 0 };
    uint8_t memory[128];
    struct bas_buf out;
    struct bac_property_value values[] = { { .property = BAC_PROPERTY_PRESENT_VALUE,
                                             .value = { value, sizeof(value) } } };
    const struct bac_cov_notification n = { .process = process,
                                            .device = { BAC_OBJECT_DEVICE, RT_PAIR_INSTANCE },
                                            .object = { BAC_OBJECT_ANALOG_INPUT, 1 },
                                            .time_remaining = remaining,
                                            .values = { values, 1 } };
    const struct bac_apdu apdu = {
        .type = is_confirmed ? BAC_PDU_CONFIRMED_REQUEST : BAC_PDU_UNCONFIRMED_REQUEST,
        .max_apdu = 480,
        .invoke_id = 77,
        .service = is_confirmed ? BAC_CONFIRMED_COV_NOTIFICATION : BAC_UNCONFIRMED_COV_NOTIFICATION
    };
    bas_buf_init(&out, memory, sizeof(memory));
    bac_apdu_encode_header(&apdu, &out);
    assert_int_equal(bac_encode(&bac_type_cov_notification, &n, BAC_APPLICATION, &out), BAS_OK);
    rt_pair_say(p, (struct bas_slice){ memory, out.len });
}

static bas_call_id subscribe(struct rt_pair *p, const struct bas_cov *cov)
{
    bas_call_id id = bas_subscribe_cov(p->client.station, &p->to, cov);
    assert_int_not_equal(id, 0);
    rt_until(&p->site.w, &p->told.n, 1);
    assert_string_equal(p->told.text, "state:0");
    return id;
}

static void notifications_reach_who_subscribed(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    const struct bas_cov cov = wish(&p);
    subscribe(&p, &cov);
    assert_int_equal(s.lifetime, 300);
    assert_false(s.is_confirmed);
    notify(&p, s.process, false, 200);
    rt_until(&p.site.w, &p.told.n, 2);
    assert_string_equal(p.told.text, "state:0 u85:5");
    rt_pair_end(&p);
    assert_int_equal(p.told.err, BAS_ERR_CLOSED);
}

static void confirmed_ones_are_acknowledged(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    struct bas_cov cov = wish(&p);
    cov.is_confirmed = true;
    subscribe(&p, &cov);
    assert_true(s.is_confirmed);
    notify(&p, s.process, true, 200);
    rt_until(&p.site.w, &p.answers, 1);
    assert_string_equal(p.told.text, "state:0 c85:5");
    assert_int_equal(p.answer.type, BAC_PDU_SIMPLE_ACK);
    assert_int_equal(p.answer.invoke_id, 77);
    notify(&p, s.process + 1, true, 200); /* nobody's */
    rt_until(&p.site.w, &p.answers, 2);
    assert_int_equal(p.answer.type, BAC_PDU_ERROR);
    assert_int_equal(p.told.n, 2);
    rt_pair_end(&p);
}

static bas_err serve_other(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                           struct bas_fault *fault)
{
    unsigned *served = ctx;
    (void)request;
    (void)out;
    (void)fault;
    (*served)++;
    return BAS_OK;
}

static void a_programs_own_hook_gets_the_others(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s = { 0 };
    unsigned served = 0;
    const struct bac_service_hook hook = { BAC_CONFIRMED_COV_NOTIFICATION, true, serve_other,
                                           &served };
    const struct bac_server_config visitor = {
        .size = sizeof(visitor), .is_visitor = true, .hooks = &hook, .n_hooks = 1
    };
    rt_pair_begin_raw(&p, serve);
    p.client.config.server = &visitor;
    p.user = &s;
    rt_pair_start(&p);
    assert_null(bas_station_server(p.client.station));
    struct bas_cov cov = wish(&p);
    cov.is_confirmed = true;
    subscribe(&p, &cov);
    notify(&p, s.process, true, 200);
    rt_until(&p.site.w, &p.answers, 1);
    assert_int_equal(served, 0);
    assert_int_equal(p.told.n, 2);
    notify(&p, s.process + 1, true, 200);
    rt_until(&p.site.w, &p.answers, 2);
    assert_int_equal(served, 1);
    assert_int_equal(p.answer.type, BAC_PDU_SIMPLE_ACK);
    assert_int_equal(p.told.n, 2);
    rt_pair_end(&p);
}

static void what_others_subscribed_to_is_not_ours(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    const struct bas_cov cov = wish(&p);
    subscribe(&p, &cov);
    notify(&p, s.process + 256, false, 200);
    notify(&p, s.process, false, 200);
    rt_until(&p.site.w, &p.told.n, 2);
    rt_turns(&p.site.w, 5);
    assert_int_equal(p.told.n, 2);
    rt_pair_end(&p);
}

static void a_subscription_is_renewed_at_half_of_its_lifetime(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    struct bas_cov cov = wish(&p);
    cov.lifetime_s = 1;
    subscribe(&p, &cov);
    assert_int_equal(s.lifetime, 1);
    rt_until(&p.site.w, &p.told.n, 2);
    assert_int_equal(s.subscribed, 2);
    assert_string_equal(p.told.text, "state:0 state:0");
    rt_pair_end(&p);
}

static void and_earlier_when_the_device_keeps_it_for_less(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    const struct bas_cov cov = wish(&p);
    subscribe(&p, &cov);
    notify(&p, s.process, false, 1);
    rt_until(&p.site.w, &s.subscribed, 2);
    rt_pair_end(&p);
}

static void for_ever_needs_no_renewal(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    struct bas_cov cov = wish(&p);
    cov.lifetime_s = UINT32_MAX;
    subscribe(&p, &cov);
    assert_int_equal(s.lifetime, 0);
    bas_time deadline = client_deadline(p.client.station); /* that of looking for the device */
    client_tick(p.client.station, deadline != BAS_NEVER ? deadline : 0);
    assert_true(client_deadline(p.client.station) == BAS_NEVER);
    rt_pair_end(&p);
}

static void a_lost_connection_renews_all_subscriptions(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    struct bas_cov cov = wish(&p);
    cov.lifetime_s = UINT32_MAX;
    subscribe(&p, &cov);
    rt_site_stop(&p.site, 0);
    rt_station_until(&p.client, BAS_STATION_DOWN, 1);
    rt_site_start(&p.site, 0);
    rt_until(&p.site.w, &p.raw.events[BSC_NODE_UP], 2);
    rt_until(&p.site.w, &s.subscribed, 2);
    rt_pair_end(&p);
}

static void a_device_that_refuses_ends_the_subscription(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    s.error_code = BAC_ERROR_CODE_COV_SUBSCRIPTION_FAILED;
    const struct bas_cov cov = wish(&p);
    bas_subscribe_cov(p.client.station, &p.to, &cov);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_REMOTE);
    assert_has(p.told.fault.text, "device 1234, analog-input,1 present-value: ");
    assert_has(p.told.fault.text, "the device takes no more subscriptions now");
    assert_int_equal(p.told.n, 0);
    rt_pair_end(&p);
    assert_int_equal(s.cancelled, 0);
}

static void a_renewal_that_is_refused_ends_it_too(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    s.error_code = BAC_ERROR_CODE_UNKNOWN_OBJECT;
    s.after = 1;
    struct bas_cov cov = wish(&p);
    cov.lifetime_s = 1;
    subscribe(&p, &cov);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_REMOTE);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 1);
}

static void a_silent_device_is_asked_again_and_its_return_is_told(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    struct bas_cov cov = wish(&p);
    cov.lifetime_s = 1;
    subscribe(&p, &cov);
    s.is_silent = true;
    rt_until(&p.site.w, &p.told.n, 2);
    s.is_silent = false;
    rt_until(&p.site.w, &p.told.n, 3);
    char text[64];
    (void)snprintf(text, sizeof(text), "state:0 state:%d state:0", (int)BAS_ERR_TIMEOUT);
    assert_string_equal(p.told.text, text);
    assert_int_equal(p.told.ended, 0);
    rt_pair_end(&p);
}

/* The end. */

static void a_cancelled_subscription_is_taken_back_at_the_device(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    const struct bas_cov cov = wish(&p);
    bas_call_id id = subscribe(&p, &cov);
    bas_cancel(p.client.station, id);
    assert_int_equal(p.told.ended, 0);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(s.cancelled, 1);
    bas_cancel(p.client.station, id);
    notify(&p, s.process, false, 200);
    rt_turns(&p.site.w, 10);
    assert_int_equal(p.told.n, 1);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 1);
}

static void a_second_cancel_does_not_wait_for_the_device(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    const struct bas_cov cov = wish(&p);
    bas_call_id id = subscribe(&p, &cov);
    s.is_silent = true;
    bas_cancel(p.client.station, id);
    bas_cancel(p.client.station, id);
    assert_int_equal(p.told.ended, 1);
    assert_int_equal(p.told.err, BAS_ERR_INTERRUPTED);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 1);
}

static void a_subscription_whose_answer_is_awaited_is_taken_back_too(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    const struct bas_cov cov = wish(&p);
    bas_call_id id = bas_subscribe_cov(p.client.station, &p.at, &cov);
    rt_turns(&p.site.w, 1);
    bas_cancel(p.client.station, id);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(s.cancelled, 1);
    rt_pair_end(&p);
}

static void one_that_still_looks_for_its_device_just_ends(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    const struct bas_peer_name nobody = bas_peer_device(77);
    const struct bas_cov cov = wish(&p);
    bas_call_id id = bas_subscribe_cov(p.client.station, &nobody, &cov);
    bas_cancel(p.client.station, id);
    assert_int_equal(p.told.ended, 1);
    assert_int_equal(p.told.err, BAS_ERR_INTERRUPTED);
    rt_pair_end(&p);
    assert_int_equal(s.cancelled, 0);
}

static void a_property_can_be_subscribed_to(void **state)
{
    (void)state;
    struct rt_pair p;
    struct sensor s;
    begin(&p, &s);
    struct bas_cov cov = wish(&p);
    cov.property = BAC_PROPERTY_COV_INCREMENT;
    cov.index = BAC_NO_INDEX;
    cov.has_increment = true;
    cov.increment = 0.5F;
    bas_call_id id = bas_subscribe_cov_property(p.client.station, &p.to, &cov);
    rt_until(&p.site.w, &p.told.n, 1);
    assert_true(s.is_property);
    assert_true(s.increment > 0.4F && s.increment < 0.6F);
    notify(&p, s.process, false, 0);
    rt_until(&p.site.w, &p.told.n, 2);
    bas_cancel(p.client.station, id);
    rt_pair_until(&p, 1);
    assert_int_equal(s.cancelled, 1);
    rt_pair_end(&p);
}

/* Against our own server, end to end. */

static const struct bac_object_config objects[] = {
    { .type = BAC_OBJECT_ANALOG_VALUE,
      .instance = 1,
      .name = "Set point",
      .initial = { .tag = BAC_TAG_REAL, .as.real = 20 },
      .writable = true },
};

static void a_change_in_a_device_reaches_its_subscriber(bool is_confirmed)
{
    struct rt_pair p;
    const struct bac_value warm = { .tag = BAC_TAG_REAL, .as.real = 30 };
    rt_pair_begin(&p, objects, BAS_ARRAY_LEN(objects));
    rt_pair_start(&p);
    struct bas_cov cov = wish(&p);
    cov.object.type = BAC_OBJECT_ANALOG_VALUE;
    cov.is_confirmed = is_confirmed;
    bas_call_id id = bas_subscribe_cov(p.client.station, &p.to, &cov);
    rt_until(&p.site.w, &p.told.n, 2); /* the state, and the first notification */
    const struct bac_object_id object = { BAC_OBJECT_ANALOG_VALUE, 1 };
    assert_int_equal(bac_server_set(bas_station_server(p.device.station), object, &warm, 0),
                     BAS_OK);
    rt_until(&p.site.w, &p.told.n, 3);
    assert_has(p.told.text, is_confirmed ? "c85:5" : "u85:5");
    bas_cancel(p.client.station, id);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    rt_pair_end(&p);
    assert_int_equal(p.device.station == NULL, 1);
}

static void changes_reach_subscribers_unconfirmed(void **state)
{
    (void)state;
    a_change_in_a_device_reaches_its_subscriber(false);
}

static void changes_reach_subscribers_confirmed(void **state)
{
    (void)state;
    a_change_in_a_device_reaches_its_subscriber(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notifications_reach_who_subscribed),
        cmocka_unit_test(confirmed_ones_are_acknowledged),
        cmocka_unit_test(a_programs_own_hook_gets_the_others),
        cmocka_unit_test(what_others_subscribed_to_is_not_ours),
        cmocka_unit_test(a_subscription_is_renewed_at_half_of_its_lifetime),
        cmocka_unit_test(and_earlier_when_the_device_keeps_it_for_less),
        cmocka_unit_test(for_ever_needs_no_renewal),
        cmocka_unit_test(a_lost_connection_renews_all_subscriptions),
        cmocka_unit_test(a_device_that_refuses_ends_the_subscription),
        cmocka_unit_test(a_renewal_that_is_refused_ends_it_too),
        cmocka_unit_test(a_silent_device_is_asked_again_and_its_return_is_told),
        cmocka_unit_test(a_cancelled_subscription_is_taken_back_at_the_device),
        cmocka_unit_test(a_second_cancel_does_not_wait_for_the_device),
        cmocka_unit_test(a_subscription_whose_answer_is_awaited_is_taken_back_too),
        cmocka_unit_test(one_that_still_looks_for_its_device_just_ends),
        cmocka_unit_test(a_property_can_be_subscribed_to),
        cmocka_unit_test(changes_reach_subscribers_unconfirmed),
        cmocka_unit_test(changes_reach_subscribers_confirmed),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
