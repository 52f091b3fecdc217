/* Tests of station_life.c: how a station begins and ends, against a hub that is only a peer and
 * against a real one. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"
#include "rt/link_internal.h"

#include "rt_hub.h"
#include "rt_resolver.h"
#include "rt_station.h"
#include "sc_peer.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A station and a hub that does what a test says. */
struct fixture {
    struct rt_world w;
    struct rt_server server;
    struct rt_peer hubs[8]; /* one connection after another */
    struct rt_peer_config hub;
    struct rt_station s;
};

static void begin(struct fixture *f, enum rt_level level)
{
    memset(f, 0, sizeof(*f));
    rt_begin(&f->w);
    f->hub = (struct rt_peer_config){ .level = level, .number = 200 };
    rt_server_begin(&f->w, &f->server, f->hubs, BAS_ARRAY_LEN(f->hubs), &f->hub);
    rt_station_begin(&f->w, &f->s, "client", f->server.uri);
}

static void end(struct fixture *f)
{
    if (f->s.events[BAS_STATION_STOPPED] == 0) {
        rt_station_end(&f->s);
    }
    rt_server_end(&f->server);
    rt_end(&f->w);
    assert_int_equal(f->s.events[BAS_STATION_STOPPED], 1);
}

static void begin_up(struct fixture *f)
{
    begin(f, RT_JOINED);
    rt_station_start(&f->s);
    rt_station_until(&f->s, BAS_STATION_UP, 1);
    rt_until(&f->w, &f->hubs[0].messages, 1); /* What-Is-Network-Number */
}

/* Being up. */

static void a_station_that_is_up_knows_its_hub(void **state)
{
    (void)state;
    struct fixture f;
    struct bas_tls_identity identity;
    begin(&f, RT_JOINED);
    rt_station_start(&f.s);
    assert_int_equal(bas_station_hub_state(f.s.station), 0);
    assert_false(bas_port_peer(bas_station_port(f.s.station), &identity));
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    const struct bsc_vmac hub = peer_vmac(200);
    assert_true(bsc_vmac_equal(&f.s.vmac, &hub));
    assert_int_equal(bas_station_hub_state(f.s.station), 1);
    assert_true(bas_port_peer(bas_station_port(f.s.station), &identity));
    assert_string_equal(identity.subject, "CN=hub");
    end(&f);
    assert_int_equal(f.s.events[BAS_STATION_RETRY], 0);
}

static void a_station_without_a_server_has_nothing_to_announce(void **state)
{
    (void)state;
    struct fixture f;
    begin_up(&f);
    assert_null(bas_station_server(f.s.station));
    bas_station_announce(f.s.station);
    rt_turns(&f.w, 5);
    assert_int_equal(f.hubs[0].messages, 1);
    end(&f);
}

/* Losing the hub. */

static void goes_down(struct fixture *f, unsigned error_code)
{
    rt_station_until(&f->s, BAS_STATION_DOWN, 1);
    assert_int_equal(f->s.fault.error_code, error_code);
    rt_station_until(&f->s, BAS_STATION_UP, 2); /* it comes back by itself */
    end(f);
}

static void a_close_frame_of_the_hub_is_the_reason(void **state)
{
    (void)state;
    struct fixture f;
    begin_up(&f);
    rt_peer_close(&f.hubs[0], BAS_WS_CLOSE_GOING_AWAY);
    goes_down(&f, BAC_ERROR_CODE_WEBSOCKET_ENDPOINT_LEAVES);
}

static void the_end_of_the_stream_without_a_close_frame_is_the_reason(void **state)
{
    (void)state;
    struct fixture f;
    begin_up(&f);
    rt_peer_finish(&f.hubs[0]);
    goes_down(&f, BAC_ERROR_CODE_WEBSOCKET_CLOSED_ABNORMALLY);
}

static void a_reset_is_the_reason(void **state)
{
    (void)state;
    struct fixture f;
    begin_up(&f);
    rt_peer_reset(&f.hubs[0]);
    goes_down(&f, BAC_ERROR_CODE_TCP_CLOSED_OTHER);
}

static void half_a_message_of_the_hub_is_the_reason(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, RT_JOINED);
    rt_station_start(&f.s);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    f.s.station->sc->links[0].link->config.setup_ms = 30;
    rt_peer_seal(&f.hubs[0], test_hex("827e03e8 0102030405"));
    goes_down(&f, BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY);
}

static void a_hub_that_does_not_answer_is_told_and_tried_again(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, RT_WS); /* it never sends Connect-Accept */
    f.s.node.connect_wait_ms = 300;
    rt_station_start(&f.s);
    rt_station_until(&f.s, BAS_STATION_RETRY, 2);
    assert_int_equal(f.s.fault.err, BAS_ERR_TIMEOUT);
    end(&f);
}

/* Stopping. */

/* Stops the station and waits; nothing but STOPPED may follow. */
static void stops_in_silence(struct fixture *f)
{
    unsigned before[BAS_STATION_STOPPED + 1];
    memcpy(before, f->s.events, sizeof(before));
    rt_station_end(&f->s);
    before[BAS_STATION_STOPPED] = 1;
    before[BAS_STATION_DOWN] = f->s.events[BAS_STATION_DOWN]; /* of one that was up */
    assert_memory_equal(before, f->s.events, sizeof(before));
    end(f);
}

static void a_station_stops_before_the_loop_has_run(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, RT_JOINED);
    rt_station_start(&f.s);
    stops_in_silence(&f);
}

static void a_station_stops_while_the_name_is_looked_up(void **state)
{
    (void)state;
    struct fixture f;
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    const struct rt_resolver slow = { .addresses = { "127.0.0.1" }, .gate = gate[0] };
    const struct rt_resolver quick = { .addresses = { "127.0.0.1" }, .gate = -1 };
    rt_resolver_set(&slow);
    begin(&f, RT_JOINED);
    rt_station_start(&f.s);
    rt_turns(&f.w, 3);
    bas_station_stop(f.s.station);
    rt_station_until(&f.s, BAS_STATION_STOPPED, 1); /* it does not wait for the name server */
    assert_int_equal(write(gate[1], "x", 1), 1);
    end(&f);
    rt_resolver_set(&quick);
    (void)close(gate[0]);
    (void)close(gate[1]);
}

static void a_station_stops_at_every_stage_of_the_set_up(void **state)
{
    (void)state;
    for (unsigned level = RT_TCP; level <= RT_WS; level++) {
        struct fixture f;
        begin(&f, (enum rt_level)level);
        rt_station_start(&f.s);
        rt_until(&f.w, &f.server.accepted, 1);
        while (level >= RT_TLS && f.hubs[0].records == 0) {
            rt_turns(&f.w, 1); /* the upgrade request, or Connect-Request behind it, is there */
        }
        rt_turns(&f.w, 5);
        stops_in_silence(&f);
        assert_int_equal(f.s.events[BAS_STATION_UP], 0);
    }
}

static void a_station_that_is_up_disconnects_in_order(void **state)
{
    (void)state;
    struct fixture f;
    begin_up(&f);
    rt_station_end(&f.s);
    rt_until(&f.w, &f.hubs[0].ended, 1);
    assert_int_equal(f.hubs[0].close_code, BAS_WS_CLOSE_NORMAL);
    assert_int_equal(f.hubs[0].end, UV_EOF);
    assert_int_equal(f.s.events[BAS_STATION_RETRY], 0);
    end(&f);
}

static void a_station_stops_though_its_hub_does_not_answer(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, RT_JOINED);
    f.hub.is_deaf = true;
    rt_station_start(&f.s);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    stops_in_silence(&f);
}

static void a_station_stops_while_it_waits_to_try_again(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, RT_JOINED);
    f.s.node.primary_uri = "wss://127.0.0.1:1/";
    f.s.node.minimum_reconnect_ms = 3600000;
    f.s.node.maximum_reconnect_ms = 3600000;
    rt_station_start(&f.s);
    rt_station_until(&f.s, BAS_STATION_RETRY, 1);
    assert_int_equal(f.s.fault.err, BAS_ERR_REFUSED);
    stops_in_silence(&f);
}

static void a_second_stop_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin_up(&f);
    bas_station_stop(f.s.station);
    bas_station_stop(f.s.station);
    stops_in_silence(&f);
}

/* Makes each kind of event at a station that is up. */
static void make_event(struct fixture *f, enum bas_station_event_kind kind)
{
    switch (kind) {
    case BAS_STATION_DOWN:
    case BAS_STATION_RETRY:
        rt_peer_reset(&f->hubs[0]);
        break;
    case BAS_STATION_FAULT: /* an NPDU of a version that there is not */
        rt_peer_send(&f->hubs[0], test_hex("01080001 020000000009 0700"));
        break;
    case BAS_STATION_REQUEST: /* Who-Is */
        rt_peer_send(&f->hubs[0], test_hex("01080001 020000000009 0100 1008"));
        break;
    case BAS_STATION_UP:
    case BAS_STATION_NODE:
    case BAS_STATION_VMAC:
    case BAS_STATION_SERVER:
    case BAS_STATION_STOPPED:
        break;
    }
}

static void a_station_can_be_stopped_from_within_its_events(void **state)
{
    (void)state;
    static const enum bas_station_event_kind kinds[] = { BAS_STATION_UP, BAS_STATION_DOWN,
                                                         BAS_STATION_FAULT, BAS_STATION_REQUEST };
    for (size_t i = 0; i < BAS_ARRAY_LEN(kinds); i++) {
        struct fixture f;
        begin(&f, RT_JOINED);
        f.s.stop_at = 1U << kinds[i];
        rt_station_start(&f.s);
        rt_station_until(&f.s, BAS_STATION_UP, 1);
        make_event(&f, kinds[i]);
        rt_station_until(&f.s, BAS_STATION_STOPPED, 1);
        assert_int_equal(f.s.events[kinds[i]], 1);
        assert_int_equal(f.s.events[BAS_STATION_UP], 1);
        end(&f);
    }
}

static void a_station_can_be_stopped_when_an_attempt_failed(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, RT_JOINED);
    f.s.node.primary_uri = "wss://127.0.0.1:1/";
    f.s.stop_at = 1U << BAS_STATION_RETRY;
    rt_station_start(&f.s);
    rt_station_until(&f.s, BAS_STATION_STOPPED, 1);
    assert_int_equal(f.s.events[BAS_STATION_RETRY], 1);
    end(&f);
}

/* Requests. */

static const struct bac_address nobody = { 0, 6, { 0xA2, 0, 0, 0, 0, 1 } };

static void a_request_without_an_answer_ends_in_one_call(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, RT_JOINED);
    f.s.config.apdu_timeout_ms = 20;
    f.s.config.apdu_retries = 1;
    rt_station_start(&f.s);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    assert_int_equal(rt_station_ask(&f.s, &nobody), BAS_OK);
    rt_until(&f.w, &f.s.answers, 1);
    assert_int_equal(f.s.fault.err, BAS_ERR_TIMEOUT);
    rt_until(&f.w, &f.hubs[0].messages, 3); /* once more, and What-Is-Network-Number */
    end(&f);
    assert_int_equal(f.s.answers, 1);
}

static void requests_in_flight_end_without_a_word_when_a_station_stops(void **state)
{
    (void)state;
    struct fixture f;
    begin_up(&f);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rt_station_ask(&f.s, &nobody), BAS_OK);
    }
    rt_until(&f.w, &f.hubs[0].messages, 4);
    stops_in_silence(&f);
    assert_int_equal(f.s.answers, 0);
}

static void a_station_can_be_stopped_from_within_an_answer(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, RT_JOINED);
    f.s.config.apdu_timeout_ms = 20;
    f.s.stops_at_answer = true;
    rt_station_start(&f.s);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    assert_int_equal(rt_station_ask(&f.s, &nobody), BAS_OK);
    assert_int_equal(rt_station_ask(&f.s, &nobody), BAS_OK); /* this one is not told */
    rt_station_until(&f.s, BAS_STATION_STOPPED, 1);
    assert_int_equal(f.s.answers, 1);
    end(&f);
}

static void a_request_without_memory_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin_up(&f);
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; k < 20 && err != BAS_OK; k++) {
        f.w.t.fail_at = f.w.t.allocations + k;
        err = rt_station_ask(&f.s, &nobody);
        f.w.t.fail_at = 0;
        assert_true(err == BAS_OK || err == BAS_ERR_NO_MEMORY);
    }
    assert_int_equal(err, BAS_OK);
    end(&f);
}

/* The beginning. */

static void fails_to_start(struct fixture *f, bas_err err, const char *text)
{
    struct bas_fault fault = { 0 };
    assert_null(bas_station_start(f->w.loop, &f->s.config, &fault));
    assert_int_equal(fault.err, err);
    assert_has(fault.text, text);
}

static void a_station_that_cannot_start_says_why_and_leaves_nothing(void **state)
{
    (void)state;
    struct fixture f;
    static char long_uri[400] = "wss://hub.example/";
    begin(&f, RT_JOINED);
    memset(long_uri + strlen(long_uri), 'a', sizeof(long_uri) - 1 - strlen(long_uri));
    f.s.node.primary_uri = NULL;
    fails_to_start(&f, BAS_ERR_CONFIG, "primary hub");
    f.s.node.primary_uri = long_uri;
    fails_to_start(&f, BAS_ERR_CONFIG, "primary hub");
    f.s.node.primary_uri = f.server.uri;
    f.s.config.port.state_file = "no/such/folder/node.state";
    fails_to_start(&f, BAS_ERR_NOT_FOUND, "no/such/folder");
    f.s.config.port.state_file = NULL;
    f.s.tls.key_file = "device.key";
    fails_to_start(&f, BAS_ERR_KEY, "device.key");
    f.s.tls.key_file = "nothing.key";
    fails_to_start(&f, BAS_ERR_NOT_FOUND, "nothing.key");
    f.s.events[BAS_STATION_STOPPED] = 1; /* there is none to stop */
    end(&f);
}

static void two_stations_cannot_be_the_same_node(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, RT_JOINED);
    f.s.config.port.state_file = "node.state";
    rt_station_start(&f.s);
    fails_to_start(&f, BAS_ERR_IN_USE, "node.state");
    end(&f);
}

/* From the k-th allocation on there is no memory: at the start and until it is up. It recovers when
 * memory is there again, and stops at any time. */
static void no_failing_allocation_of_a_station_leaves_anything(void **state)
{
    (void)state;
    bool was_up = false;
    unsigned starts = 0;
    for (size_t k = 1; k < 100 && !was_up; k++) {
        struct fixture f;
        begin(&f, RT_JOINED);
        f.w.t.fail_at = f.w.t.allocations + k;
        f.s.station = bas_station_start(f.w.loop, &f.s.config, &f.s.fault);
        if (f.s.station == NULL) {
            assert_int_equal(f.s.fault.err, BAS_ERR_NO_MEMORY);
            f.s.events[BAS_STATION_STOPPED] = 1;
            end(&f);
            continue;
        }
        starts++;
        while (f.s.events[BAS_STATION_UP] + f.s.events[BAS_STATION_RETRY] == 0) {
            rt_turns(&f.w, 1);
        }
        was_up = f.s.events[BAS_STATION_UP] != 0;
        if (starts % 2 == 0) {
            f.w.t.fail_at = 0;
            rt_station_until(&f.s, BAS_STATION_UP, 1);
        }
        end(&f);
    }
    assert_true(was_up);
}

/* VMAC. */

static void file_has(const char *name, const struct bsc_vmac *vmac)
{
    char text[512];
    char address[BSC_VMAC_TEXT];
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    (void)fclose(file);
    assert_has(text, bsc_vmac_text(vmac, address));
}

static void a_duplicate_vmac_is_changed_and_kept_in_the_state_file(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct rt_station s;
    char uri[80];
    const struct bsc_vmac taken = peer_vmac(1);
    rt_hub_run(&h);
    (void)rt_hub_join(&h, 1, NULL);
    (void)snprintf(uri, sizeof(uri), "wss://%s", bas_hub_address(h.hub));
    rt_station_begin(&h.w, &s, "client", uri);
    s.config.port.state_file = "twin.state";
    s.node.vmac = taken;
    rt_station_start(&s);
    rt_station_until(&s, BAS_STATION_UP, 1);
    assert_int_equal(s.events[BAS_STATION_VMAC], 1);
    assert_int_equal(s.events[BAS_STATION_RETRY], 0); /* the next attempt follows at once */
    const struct bsc_vmac own = bas_station_vmac(s.station);
    assert_false(bsc_vmac_equal(&own, &taken));
    file_has("twin.state", &own);
    rt_until(&h.w, &h.joined, 2);
    assert_true(bsc_vmac_equal(&h.vmac, &own));
    rt_station_end(&s);
    rt_station_begin(&h.w, &s, "client", uri);
    s.config.port.state_file = "twin.state";
    rt_station_start(&s);
    const struct bsc_vmac again = bas_station_vmac(s.station);
    assert_true(bsc_vmac_equal(&own, &again));
    rt_station_end(&s);
    rt_hub_end(&h);
}

static void a_changed_vmac_that_cannot_be_kept_is_told_and_used(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct rt_station s;
    char uri[80];
    rt_hub_run(&h);
    (void)rt_hub_join(&h, 1, NULL);
    (void)snprintf(uri, sizeof(uri), "wss://%s", bas_hub_address(h.hub));
    test_folder_make("here");
    rt_station_begin(&h.w, &s, "client", uri);
    s.config.port.state_file = "here/twin.state";
    s.node.vmac = peer_vmac(1);
    rt_station_start(&s);
    assert_int_equal(rename("here", "there"), 0);
    rt_station_until(&s, BAS_STATION_UP, 1);
    assert_int_equal(s.events[BAS_STATION_FAULT], 1);
    assert_has(s.fault.text, "here/twin.state");
    assert_int_equal(s.events[BAS_STATION_VMAC], 1);
    rt_station_end(&s);
    rt_hub_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_station_that_is_up_knows_its_hub),
        cmocka_unit_test(a_station_without_a_server_has_nothing_to_announce),
        cmocka_unit_test(a_close_frame_of_the_hub_is_the_reason),
        cmocka_unit_test(the_end_of_the_stream_without_a_close_frame_is_the_reason),
        cmocka_unit_test(a_reset_is_the_reason),
        cmocka_unit_test(half_a_message_of_the_hub_is_the_reason),
        cmocka_unit_test(a_hub_that_does_not_answer_is_told_and_tried_again),
        cmocka_unit_test(a_station_stops_before_the_loop_has_run),
        cmocka_unit_test(a_station_stops_while_the_name_is_looked_up),
        cmocka_unit_test(a_station_stops_at_every_stage_of_the_set_up),
        cmocka_unit_test(a_station_that_is_up_disconnects_in_order),
        cmocka_unit_test(a_station_stops_though_its_hub_does_not_answer),
        cmocka_unit_test(a_station_stops_while_it_waits_to_try_again),
        cmocka_unit_test(a_second_stop_changes_nothing),
        cmocka_unit_test(a_station_can_be_stopped_from_within_its_events),
        cmocka_unit_test(a_station_can_be_stopped_when_an_attempt_failed),
        cmocka_unit_test(a_request_without_an_answer_ends_in_one_call),
        cmocka_unit_test(requests_in_flight_end_without_a_word_when_a_station_stops),
        cmocka_unit_test(a_station_can_be_stopped_from_within_an_answer),
        cmocka_unit_test(a_request_without_memory_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_station_that_cannot_start_says_why_and_leaves_nothing),
        cmocka_unit_test(two_stations_cannot_be_the_same_node),
        cmocka_unit_test(no_failing_allocation_of_a_station_leaves_anything),
        cmocka_unit_test(a_duplicate_vmac_is_changed_and_kept_in_the_state_file),
        cmocka_unit_test(a_changed_vmac_that_cannot_be_kept_is_told_and_used),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
