/* Tests of bas_call_json (client/call.c): every service goes out as its JSON says, and what comes
 * back is JSON again. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "bac_random.h"
#include "rt_pair.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

enum { TEXT = 65536 };

/* A raw device that acknowledges all with parameters that a test prepared, and notes what it was
 * asked as JSON. */
struct echo {
    char asked[TEXT];
    uint8_t ack[TEXT];
    size_t ack_len;
    char answer[TEXT]; /* of the last call, as JSON */
};

static const char *json_of(const struct bac_type *type, const void *value, char *text)
{
    struct bas_buf out;
    struct bas_json json;
    bas_buf_init(&out, text, TEXT);
    bas_json_init(&json, &out);
    bac_json(type, value, &json, NULL);
    return bas_buf_text(&out);
}

static void serve(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    struct echo *e = p->user;
    const struct bac_service *service = bac_service_find(true, request->service);
    const struct bac_apdu head = { .type = service->ack != NULL ? BAC_PDU_COMPLEX_ACK
                                                                : BAC_PDU_SIMPLE_ACK,
                                   .invoke_id = request->invoke_id,
                                   .service = request->service };
    if (service->request != NULL) {
        (void)json_of(service->request, rt_request(request), e->asked);
    } else {
        assert_int_equal(request->body.len, 0);
    }
    bac_apdu_encode_header(&head, answer);
    bas_buf_add(answer, e->ack, e->ack_len);
}

static void on_answer(void *user, const struct bas_outcome *outcome)
{
    struct rt_pair *p = user;
    struct echo *e = p->user;
    struct bas_buf out;
    struct bas_json json;
    bas_buf_init(&out, e->answer, sizeof(e->answer));
    bas_json_init(&json, &out);
    bas_outcome_json(outcome, &json, NULL);
    (void)bas_buf_text(&out);
    rt_told_end(&p->told, outcome);
}

static void begin(struct rt_pair *p, struct echo *e)
{
    e->ack_len = 0;
    rt_pair_begin_raw(p, serve);
    p->user = e;
    rt_pair_start(p);
}

/* A random value of that type that fits one message, encoded; and its JSON. */
static size_t make(struct test_env *t, const struct bac_type *type, uint8_t *octets, char *text)
{
    static uint64_t memory[32768];
    struct bas_buf out;
    for (;;) {
        struct bac_arena arena;
        bac_arena_init(&arena, memory, sizeof(memory));
        void *value = bac_arena_take(&arena, type->size);
        bac_random(t, type, value, &arena);
        bas_buf_init(&out, octets, TEXT);
        assert_int_equal(bac_encode(type, value, BAC_APPLICATION, &out), BAS_OK);
        if (out.len <= 1400) {
            (void)json_of(type, value, text);
            return out.len;
        }
    }
}

static void call_one(struct rt_pair *p, const struct bac_service *service)
{
    static char asked[TEXT], ack[TEXT];
    static uint8_t octets[TEXT];
    struct echo *e = p->user;
    unsigned ended = p->told.ended;
    (void)snprintf(asked, sizeof(asked), "{}");
    (void)snprintf(ack, sizeof(ack), "null");
    e->ack_len = 0;
    if (service->request != NULL) {
        (void)make(&p->site.w.t, service->request, octets, asked);
    }
    if (service->ack != NULL) {
        e->ack_len = make(&p->site.w.t, service->ack, e->ack, ack);
    }
    const struct bas_json_call call = { service->name, asked };
    assert_int_not_equal(bas_call_json(p->client.station, &p->to, &call, on_answer, p), 0);
    rt_pair_until(p, ended + 1);
    if (p->told.err != BAS_OK) {
        fail_msg("%s: %s", asked, p->told.fault.text);
    }
    assert_string_equal(e->answer, ack);
    if (service->request != NULL) {
        assert_string_equal(e->asked, asked);
    }
}

static void every_confirmed_service_goes_out_and_comes_back_as_json(void **state)
{
    (void)state;
    struct rt_pair p;
    static struct echo e;
    size_t n = 0;
    unsigned called = 0;
    const struct bac_service *services = bac_services(&n);
    begin(&p, &e);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; services[i].confirmed && services[i].is_coded && k < 5; k++) {
            call_one(&p, &services[i]);
            called++;
        }
    }
    assert_true(called >= 5 * 25);
    rt_pair_end(&p);
}

static void every_unconfirmed_service_goes_out(void **state)
{
    (void)state;
    struct rt_pair p;
    static uint8_t octets[TEXT];
    static char text[TEXT];
    size_t n = 0;
    unsigned sent = 0;
    const struct bac_service *services = bac_services(&n);
    rt_pair_begin(&p, NULL, 0);
    rt_pair_start(&p);
    for (size_t i = 0; i < n; i++) {
        if (services[i].confirmed || !services[i].is_coded || services[i].request == NULL) {
            continue;
        }
        (void)make(&p.site.w.t, services[i].request, octets, text);
        const struct bas_json_call call = { services[i].name, text };
        assert_int_equal(bas_call_json(p.client.station, &p.at, &call, rt_told_end, &p.told), 0);
        assert_int_equal(p.told.err, BAS_OK);
        sent++;
        rt_station_until(&p.device, BAS_STATION_REQUEST, sent);
        assert_int_equal(p.device.service, services[i].choice);
    }
    assert_true(sent >= 10);
    rt_pair_end(&p);
}

static void names_of_services_are_read_as_people_write_them(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bas_json_call who_is = { "Who_Is", NULL };
    const struct bas_json_call who = { "who", NULL };
    const struct bas_json_call read = { "READ PROPERTY", "{}" };
    rt_pair_begin(&p, NULL, 0);
    rt_pair_start(&p);
    bas_call_json(p.client.station, NULL, &who_is, rt_told_end, &p.told);
    assert_int_equal(p.told.err, BAS_OK);
    rt_station_until(&p.device, BAS_STATION_REQUEST, 1);
    bas_call_json(p.client.station, NULL, &who, rt_told_end, &p.told);
    assert_int_equal(p.told.err, BAS_ERR_NOT_FOUND);
    assert_has(p.told.fault.text, "who is no service");
    bas_call_json(p.client.station, NULL, &read, rt_told_end, &p.told);
    assert_int_equal(p.told.err, BAS_ERR_INVALID);
    assert_has(p.told.fault.text, "read-property needs a device to ask");
    bas_call_json(p.client.station, &p.at, &read, rt_told_end, &p.told);
    assert_int_equal(p.told.err, BAS_ERR_INVALID);
    assert_has(p.told.fault.text, "read-property: ");
    assert_has(p.told.fault.text, "object-identifier");
    rt_pair_end(&p);
}

static void json_that_is_none_says_where(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bas_json_call read = { "read-property", "{\"object-identifier\":" };
    rt_pair_begin(&p, NULL, 0);
    rt_pair_start(&p);
    assert_int_equal(bas_call_json(p.client.station, &p.at, &read, rt_told_end, &p.told), 0);
    assert_int_equal(p.told.err, BAS_ERR_MALFORMED);
    assert_has(p.told.fault.text, "line 1");
    assert_int_equal(p.told.ended, 1);
    rt_pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_confirmed_service_goes_out_and_comes_back_as_json),
        cmocka_unit_test(every_unconfirmed_service_goes_out),
        cmocka_unit_test(names_of_services_are_read_as_people_write_them),
        cmocka_unit_test(json_that_is_none_says_where),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
