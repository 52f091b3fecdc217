/* Tests of client.c, client/ask.c, client/call.c, client/fault.c and station_request.c: calls
 * begin, end once, and are cancelled in every state; their faults name whom and what. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_pair.h"
#include "test_folder.h"

#include <string.h>

static const struct bac_object_config objects[] = {
    { .type = BAC_OBJECT_ANALOG_VALUE,
      .instance = 1,
      .name = "Set point",
      .initial = { .tag = BAC_TAG_REAL, .as.real = 20 },
      .commandable = true },
};

static const struct bac_read_property set_point = { .object = { BAC_OBJECT_ANALOG_VALUE, 1 },
                                                    .property = BAC_PROPERTY_PRESENT_VALUE };

static void begin(struct rt_pair *p)
{
    rt_pair_begin(p, objects, BAS_ARRAY_LEN(objects));
}

static void on_ack(void *user, const struct bas_outcome *outcome)
{
    struct rt_told *told = user;
    char memory[512];
    struct bas_buf out;
    struct bas_json json;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_json_init(&json, &out);
    bas_outcome_json(outcome, &json, NULL);
    rt_told_add(told, "%s", bas_buf_text(&out));
    rt_told_end(user, outcome);
}

static bas_call_id read_set_point(struct rt_pair *p, const struct bas_peer_name *to)
{
    return bas_call(p->client.station, to, BAC_CONFIRMED_READ_PROPERTY, &set_point, on_ack,
                    &p->told);
}

static void a_call_gives_the_decoded_answer_of_a_device_that_it_finds(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    assert_int_not_equal(read_set_point(&p, &p.to), 0);
    assert_int_equal(p.told.ended, 0);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_string_equal(p.told.fault.text, "");
    assert_string_equal(p.told.text, "{\"object-identifier\":\"analog-value,1\","
                                     "\"property-identifier\":\"present-value\","
                                     "\"property-value\":[20.0]}");
    const struct bac_peer *peer =
        bac_peers_find(bas_station_peers(p.client.station), RT_PAIR_INSTANCE);
    assert_non_null(peer);
    assert_int_equal(peer->max_apdu, 1476);
    rt_pair_end(&p);
}

static void a_known_device_is_not_looked_for_again(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    read_set_point(&p, &p.to);
    rt_pair_until(&p, 1);
    unsigned i_am = p.client.events[BAS_STATION_REQUEST];
    read_set_point(&p, &p.to);
    rt_pair_until(&p, 2);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.client.events[BAS_STATION_REQUEST], i_am);
    rt_pair_end(&p);
}

static void a_call_that_is_begun_before_the_connection_goes_on_with_it(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    p.client.config.find_timeout_ms = 600000;
    rt_station_start(&p.device);
    rt_station_until(&p.device, BAS_STATION_UP, 1);
    rt_station_start(&p.client);
    assert_int_not_equal(read_set_point(&p, &p.to), 0);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    rt_pair_end(&p);
}

static void an_address_needs_no_finding(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    read_set_point(&p, &p.at);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.client.events[BAS_STATION_REQUEST], 0);
    rt_pair_end(&p);
}

static void calls_that_look_for_one_device_share_one_who_is(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    for (int i = 0; i < 5; i++) {
        read_set_point(&p, &p.to);
    }
    rt_pair_until(&p, 5);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.device.events[BAS_STATION_REQUEST], 1);
    rt_pair_end(&p);
}

static void an_error_names_the_device_and_the_service_and_says_what_to_do(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bac_read_property missing = { .object = { BAC_OBJECT_ANALOG_VALUE, 9 },
                                               .property = BAC_PROPERTY_PRESENT_VALUE };
    begin(&p);
    rt_pair_start(&p);
    bas_call(p.client.station, &p.to, BAC_CONFIRMED_READ_PROPERTY, &missing, rt_told_end, &p.told);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_REMOTE);
    assert_true(p.told.has_event);
    assert_int_equal(p.told.fault.error_code, BAC_ERROR_CODE_UNKNOWN_OBJECT);
    assert_string_equal(p.told.fault.text,
                        "device 1234, read-property: the device answered with error object: "
                        "unknown-object (1:31); the device's object-list tells what it has");
    rt_pair_end(&p);
}

static void a_device_that_nobody_is_ends_the_call_in_time(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bas_peer_name nobody = bas_peer_device(77);
    begin(&p);
    p.client.config.find_timeout_ms = 40;
    rt_pair_start(&p);
    read_set_point(&p, &nobody);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_TIMEOUT);
    assert_false(p.told.has_event);
    assert_has(p.told.fault.text, "no device 77: nobody answered Who-Is in 0.04 s");
    assert_int_equal(p.device.events[BAS_STATION_REQUEST], 2); /* asked twice */
    rt_pair_end(&p);
}

static void parameters_that_cannot_be_encoded_end_the_call_at_once(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bac_read_property wrong = { .object = { 5000, 1 } };
    begin(&p);
    rt_pair_start(&p);
    assert_int_equal(bas_call(p.client.station, &p.to, BAC_CONFIRMED_READ_PROPERTY, &wrong,
                              rt_told_end, &p.told),
                     0);
    assert_int_equal(p.told.ended, 1);
    assert_int_equal(p.told.err, BAS_ERR_INVALID);
    assert_has(p.told.fault.text, "read-property: a parameter is out of its range");
    assert_int_equal(bas_call(p.client.station, &p.to, 200, &wrong, rt_told_end, &p.told), 0);
    assert_int_equal(p.told.err, BAS_ERR_UNSUPPORTED);
    rt_pair_end(&p);
}

static void say_nothing(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    (void)p;
    (void)request;
    (void)answer;
}

static void a_silent_device_is_forgotten_so_that_it_is_found_again(void **state)
{
    (void)state;
    struct rt_pair p;
    rt_pair_begin_raw(&p, say_nothing);
    p.client.config.apdu_timeout_ms = 20;
    p.client.config.apdu_retries = 255;
    rt_pair_start(&p);
    read_set_point(&p, &p.to);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_TIMEOUT);
    assert_has(p.told.fault.text, "device 1234, read-property: no answer to 1 tries of 20 ms; ");
    assert_null(bac_peers_find(bas_station_peers(p.client.station), RT_PAIR_INSTANCE));
    rt_pair_end(&p);
}

static void say_nonsense(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    const struct bac_apdu head = { .type = BAC_PDU_COMPLEX_ACK,
                                   .invoke_id = request->invoke_id,
                                   .service = request->service };
    (void)p;
    bac_apdu_encode_header(&head, answer);
    bas_buf_add(answer, "\x0c\x00", 2); /* an object identifier that ends too early */
}

static void an_answer_that_cannot_be_decoded_is_told_as_such(void **state)
{
    (void)state;
    struct rt_pair p;
    rt_pair_begin_raw(&p, say_nonsense);
    rt_pair_start(&p);
    read_set_point(&p, &p.to);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_PROTOCOL);
    assert_string_equal(p.told.text, "null");
    assert_has(p.told.fault.text, "device 1234, read-property: the answer cannot be decoded: ");
    rt_pair_end(&p);
}

static void reject(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    (void)p;
    rt_answer_reject(request, BAC_REJECT_UNRECOGNIZED_SERVICE, answer);
}

static void a_reject_has_the_error_code_of_its_reason_and_advice(void **state)
{
    (void)state;
    struct rt_pair p;
    rt_pair_begin_raw(&p, reject);
    rt_pair_start(&p);
    read_set_point(&p, &p.to);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_REMOTE);
    assert_int_equal(p.told.fault.error_class, BAC_ERROR_CLASS_COMMUNICATION);
    assert_int_equal(p.told.fault.error_code, BAC_ERROR_CODE_REJECT_UNRECOGNIZED_SERVICE);
    assert_has(p.told.fault.text, "the device rejected the request: unrecognized-service (9); the "
                                  "device does not have this service");
    rt_pair_end(&p);
}

/* Limits. */

static void more_requests_than_the_limit_are_refused_clearly(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    p.client.config.max_requests = 2;
    rt_pair_start(&p);
    assert_int_not_equal(read_set_point(&p, &p.at), 0);
    assert_int_not_equal(read_set_point(&p, &p.at), 0);
    assert_int_equal(read_set_point(&p, &p.at), 0);
    assert_int_equal(p.told.err, BAS_ERR_BUSY);
    assert_has(p.told.fault.text, "2 requests are in flight, as many as max_requests allows");
    rt_pair_until(&p, 3);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_not_equal(read_set_point(&p, &p.at), 0);
    rt_pair_until(&p, 4);
    rt_pair_end(&p);
}

static void hundreds_of_calls_find_their_places_and_end_once(void **state)
{
    (void)state;
    struct rt_pair p;
    enum { MANY = 200 };
    bas_call_id ids[MANY];
    begin(&p);
    rt_pair_start(&p);
    for (unsigned i = 0; i < MANY; i++) {
        ids[i] = bas_call(p.client.station, &p.at, BAC_CONFIRMED_READ_PROPERTY, &set_point,
                          rt_told_end, &p.told);
        assert_int_not_equal(ids[i], 0);
    }
    for (unsigned i = 0; i < MANY; i += 2) {
        bas_cancel(p.client.station, ids[i]);
    }
    assert_int_equal(p.told.ended, MANY / 2);
    rt_pair_until(&p, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        bas_cancel(p.client.station, ids[i]); /* ended long ago */
    }
    assert_int_equal(p.told.ended, MANY);
    assert_int_equal(p.client.station->n_pending, 0);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, MANY);
}

static void a_deadline_stays_when_the_table_of_calls_grows(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bas_peer_name nobody = bas_peer_device(77);
    begin(&p);
    p.client.config.find_timeout_ms = 200;
    rt_pair_start(&p);
    read_set_point(&p, &nobody);
    for (unsigned i = 0; i < CLIENT_FIRST_CALLS; i++) {
        read_set_point(&p, &p.at);
    }
    assert_int_equal(p.client.station->calls.n_places, 2 * CLIENT_FIRST_CALLS);
    rt_pair_until(&p, CLIENT_FIRST_CALLS + 1);
    assert_int_equal(p.told.err, BAS_ERR_TIMEOUT);
    rt_pair_end(&p);
}

/* Cancelling. */

static void is_cancelled(struct rt_pair *p, bas_call_id id)
{
    assert_int_equal(p->told.ended, 0);
    bas_cancel(p->client.station, id);
    assert_int_equal(p->told.ended, 1);
    assert_int_equal(p->told.err, BAS_ERR_INTERRUPTED);
    bas_cancel(p->client.station, id);
    rt_turns(&p->site.w, 10);
    assert_int_equal(p->told.ended, 1);
    rt_pair_end(p);
    assert_int_equal(p->told.ended, 1);
}

static void a_call_that_looks_for_its_device_can_be_cancelled(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bas_peer_name nobody = bas_peer_device(77);
    begin(&p);
    rt_pair_start(&p);
    is_cancelled(&p, read_set_point(&p, &nobody));
}

static void a_call_whose_request_was_not_sent_yet_can_be_cancelled(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    is_cancelled(&p, read_set_point(&p, &p.at));
}

static void a_call_whose_request_is_under_way_can_be_cancelled(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    bas_call_id id = read_set_point(&p, &p.at);
    rt_turns(&p.site.w, 1);
    is_cancelled(&p, id);
}

static void on_end_again(void *user, const struct bas_outcome *outcome)
{
    struct rt_pair *p = user;
    rt_told_end(&p->told, outcome);
    if (p->told.ended == 1) {
        read_set_point(p, &p->at);
    } else {
        rt_station_stop(&p->client);
    }
}

static void a_callback_may_begin_another_call_and_stop_the_station(void **state)
{
    (void)state;
    struct rt_pair p;
    begin(&p);
    rt_pair_start(&p);
    bas_call(p.client.station, &p.at, BAC_CONFIRMED_READ_PROPERTY, &set_point, on_end_again, &p);
    rt_pair_until(&p, 2);
    bas_call(p.client.station, &p.at, BAC_CONFIRMED_READ_PROPERTY, &set_point, on_end_again, &p);
    rt_pair_until(&p, 3);
    rt_station_until(&p.client, BAS_STATION_STOPPED, 1);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 3);
}

static void a_station_that_stops_ends_all_its_calls(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bas_peer_name nobody = bas_peer_device(77);
    const struct bas_who_is everybody = { .done = rt_told_end, .user = &p.told };
    begin(&p);
    rt_pair_start(&p);
    read_set_point(&p, &nobody);
    read_set_point(&p, &p.at);
    assert_int_not_equal(bas_who_is(p.client.station, &everybody), 0);
    struct bas_station *station = p.client.station;
    bas_station_stop(station);
    assert_int_equal(p.told.ended, 0);
    assert_int_equal(
        bas_call(station, &p.at, BAC_CONFIRMED_READ_PROPERTY, &set_point, rt_told_end, &p.told), 0);
    assert_int_equal(p.told.ended, 1);
    rt_station_until(&p.client, BAS_STATION_STOPPED, 1);
    assert_int_equal(p.told.ended, 4);
    assert_int_equal(p.told.err, BAS_ERR_CLOSED);
    rt_pair_end(&p);
}

/* Unconfirmed. */

static void an_unconfirmed_call_ends_when_it_was_sent(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bac_who_is all = { 0 };
    begin(&p);
    rt_pair_start(&p);
    assert_int_equal(
        bas_tell(p.client.station, NULL, BAC_UNCONFIRMED_WHO_IS, &all, rt_told_end, &p.told), 0);
    assert_int_equal(p.told.ended, 1);
    assert_int_equal(p.told.err, BAS_OK);
    rt_station_until(&p.device, BAS_STATION_REQUEST, 1);
    assert_int_equal(p.device.service, BAC_UNCONFIRMED_WHO_IS);
    rt_pair_end(&p);
}

static void an_unconfirmed_call_to_a_device_finds_it_first(void **state)
{
    (void)state;
    struct rt_pair p;
    const struct bac_who_is all = { 0 };
    begin(&p);
    rt_pair_start(&p);
    assert_int_not_equal(
        bas_tell(p.client.station, &p.to, BAC_UNCONFIRMED_WHO_IS, &all, rt_told_end, &p.told), 0);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    rt_station_until(&p.device, BAS_STATION_REQUEST, 2);
    rt_pair_end(&p);
}

static void peers_have_names(void **state)
{
    (void)state;
    static const struct {
        struct bas_peer_name peer;
        const char *text;
    } rows[] = {
        { { .instance = 12 }, "device 12" },
        { { true, 0, { .mac_len = 3, .mac = { 1, 0xab, 0 } } }, "01:ab:00" },
        { { true, 0, { .network = 5, .mac_len = 1, .mac = { 7 } } }, "network 5 address 07" },
        { { true, 0, { .network = 5 } }, "network 5 address all" },
        { { true, 0, { .network = 0xFFFF } }, "everybody" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char memory[64];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        bas_peer_name_text(&rows[i].peer, &out);
        assert_string_equal(bas_buf_text(&out), rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_gives_the_decoded_answer_of_a_device_that_it_finds),
        cmocka_unit_test(a_known_device_is_not_looked_for_again),
        cmocka_unit_test(a_call_that_is_begun_before_the_connection_goes_on_with_it),
        cmocka_unit_test(an_address_needs_no_finding),
        cmocka_unit_test(calls_that_look_for_one_device_share_one_who_is),
        cmocka_unit_test(an_error_names_the_device_and_the_service_and_says_what_to_do),
        cmocka_unit_test(a_device_that_nobody_is_ends_the_call_in_time),
        cmocka_unit_test(parameters_that_cannot_be_encoded_end_the_call_at_once),
        cmocka_unit_test(a_silent_device_is_forgotten_so_that_it_is_found_again),
        cmocka_unit_test(an_answer_that_cannot_be_decoded_is_told_as_such),
        cmocka_unit_test(a_reject_has_the_error_code_of_its_reason_and_advice),
        cmocka_unit_test(more_requests_than_the_limit_are_refused_clearly),
        cmocka_unit_test(hundreds_of_calls_find_their_places_and_end_once),
        cmocka_unit_test(a_deadline_stays_when_the_table_of_calls_grows),
        cmocka_unit_test(a_call_that_looks_for_its_device_can_be_cancelled),
        cmocka_unit_test(a_call_whose_request_was_not_sent_yet_can_be_cancelled),
        cmocka_unit_test(a_call_whose_request_is_under_way_can_be_cancelled),
        cmocka_unit_test(a_callback_may_begin_another_call_and_stop_the_station),
        cmocka_unit_test(a_station_that_stops_ends_all_its_calls),
        cmocka_unit_test(an_unconfirmed_call_ends_when_it_was_sent),
        cmocka_unit_test(an_unconfirmed_call_to_a_device_finds_it_first),
        cmocka_unit_test(peers_have_names),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
