#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_hub.h"
#include "sc_peer.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

enum { MESSAGES = 1000, CROWD = 40 };

/* Relaying. */

static size_t npdu_size(uint32_t tag)
{
    size_t size = rt_size(tag);
    return size < BSC_MAX_NPDU ? size : BSC_MAX_NPDU;
}

static void strict(struct rt_peer *peer, struct bas_slice octets)
{
    size_t len = 0;
    uint32_t tag = rt_npdu_check(octets, &len);
    assert_int_equal(tag, peer->messages - 1);
    assert_int_equal(len, npdu_size(tag));
}

static void a_thousand_messages_of_random_size_pass_both_ways_whole_and_in_order(void **state)
{
    (void)state;
    static struct rt_hub h;
    const struct rt_peer_config config = { .level = RT_JOINED, .message = strict };
    rt_hub_run(&h);
    struct rt_peer *one = rt_hub_join(&h, 1, &config);
    struct rt_peer *two = rt_hub_join(&h, 2, &config);
    for (uint32_t tag = 0; tag < MESSAGES; tag++) {
        rt_peer_send(one, rt_npdu(2, tag, npdu_size(tag)));
        rt_peer_send(two, rt_npdu(1, tag, npdu_size(tag)));
        while (rt_peer_unsent(one) + rt_peer_unsent(two) > 100000 || rt_hub_pending(&h) > 100000) {
            rt_turns(&h.w, 1);
        }
    }
    rt_until(&h.w, &one->messages, MESSAGES);
    rt_until(&h.w, &two->messages, MESSAGES);
    assert_int_equal(rt_hub_counters(&h)->relayed_unicast, 2 * MESSAGES);
    rt_hub_end(&h);
}

/* bsc 2.2-14 */
static void a_message_that_no_engine_ever_sees_is_counted_too(void **state)
{
    (void)state;
    static struct rt_hub h;
    const struct rt_peer_config config = { .level = RT_JOINED };
    rt_hub_run(&h);
    struct rt_peer *one = rt_hub_join(&h, 1, &config);
    rt_peer_seal(one, test_hex("82ff 0000000000010000 00000000")); /* of 65,536 octets */
    while (rt_hub_counters(&h)->dropped_over_limit == 0) {
        rt_turns(&h.w, 1);
    }
    assert_has(h.w.t.last_log, "65536 octets");
    rt_hub_end(&h);
}

static void is_largest(struct rt_peer *peer, struct bas_slice octets)
{
    size_t len = 0;
    (void)peer;
    assert_int_equal(octets.len, BSC_MAX_BVLC);
    assert_int_equal(rt_npdu_check(octets, &len), 5);
    assert_int_equal(len, BSC_MAX_NPDU);
}

/* 10 octets of header, 4,198 of options, an NPDU of 61,327. bsc 1.1-08 */
static void a_message_of_the_largest_size_is_relayed(void **state)
{
    (void)state;
    static struct rt_hub h;
    static uint8_t options[BSC_MAX_BVLC - BSC_MAX_NPDU - 10];
    static uint8_t memory[BSC_MAX_BVLC];
    const struct rt_peer_config config = { .level = RT_JOINED, .message = is_largest };
    struct bsc_message message;
    struct bas_buf out;
    rt_hub_run(&h);
    struct rt_peer *one = rt_hub_join(&h, 1, &config);
    struct rt_peer *two = rt_hub_join(&h, 2, &config);
    assert_int_equal(bsc_decode(rt_npdu(2, 5, BSC_MAX_NPDU), &message, NULL), BAS_OK);
    memcpy(options, test_hex("3f 1063 022b 01").data, 6); /* proprietary, nobody must know it */
    message.data_options = (struct bas_slice){ options, sizeof(options) };
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_encode(&message, &out);
    assert_false(out.full);
    rt_peer_send(one, (struct bas_slice){ memory, out.len });
    rt_until(&h.w, &two->messages, 1);
    rt_hub_end(&h);
}

/* Joining. */

static void a_notice_names_who_joined(void **state)
{
    (void)state;
    static struct rt_hub h;
    const struct bsc_vmac vmac = peer_vmac(7);
    rt_hub_run(&h);
    const struct rt_peer *peer = rt_hub_join(&h, 7, NULL);
    assert_int_equal(h.joined, 1);
    assert_true(bsc_vmac_equal(&h.vmac, &vmac));
    assert_string_equal(h.subject, "CN=client");
    assert_has(h.address, "127.0.0.1:");
    const struct bsc_vmac own = bas_hub_vmac(h.hub);
    const struct bsc_uuid uuid = bas_hub_uuid(h.hub);
    assert_true(bsc_vmac_equal(&peer->other.vmac, &own));
    assert_true(bsc_uuid_equal(&peer->other.uuid, &uuid));
    rt_hub_end(&h);
    assert_int_equal(h.left, 1);
}

static void forty_nodes_join_at_once_and_hear_each_other(void **state)
{
    (void)state;
    static struct rt_hub h;
    rt_hub_run(&h);
    for (unsigned i = 1; i <= CROWD; i++) {
        (void)rt_hub_connect(&h, i, NULL);
    }
    rt_until(&h.w, &h.joined, CROWD);
    rt_peer_ready(&h.peers[1]);
    rt_peer_send(&h.peers[1], rt_npdu(0, 3, 1000));
    for (unsigned i = 2; i <= CROWD; i++) {
        rt_until(&h.w, &h.peers[i].messages, 1);
    }
    assert_int_equal(h.peers[1].messages, 0);
    rt_hub_end(&h);
    assert_int_equal(h.left, CROWD);
}

/* The NAK of AB.6.2.3 must arrive though what it answers is not all that the peer sent. */
static void a_duplicate_vmac_gets_its_nak_though_it_has_data_in_flight(void **state)
{
    (void)state;
    static struct rt_hub h;
    const struct rt_peer_config config = { .level = RT_WS, .number = 1, .uuid = 99 };
    rt_hub_run(&h);
    (void)rt_hub_join(&h, 1, NULL);
    struct rt_peer *twin = rt_hub_join(&h, 2, &config);
    rt_peer_pause(twin);
    rt_peer_cork(twin);
    rt_peer_say(twin, BSC_CONNECT_REQUEST, 0x1234);
    rt_peer_send(twin, rt_npdu(1, 0, 100));
    rt_peer_uncork(twin);
    rt_until(&h.w, &h.refused, 1);
    assert_int_equal(h.fault.error_code, BAC_ERROR_CODE_NODE_DUPLICATE_VMAC);
    for (uint32_t tag = 0; tag < 4; tag++) {
        rt_peer_send(twin, rt_npdu(1, tag, 10000));
    }
    rt_turns(&h.w, 5);
    rt_peer_resume(twin);
    rt_until(&h.w, &twin->ended, 1);
    struct bsc_message message;
    struct bsc_result result;
    assert_int_equal(bsc_decode((struct bas_slice){ twin->last, twin->last_len }, &message, NULL),
                     BAS_OK);
    assert_int_equal(message.id, 0x1234);
    assert_int_equal(bsc_result_decode(message.payload, &result, NULL), BAS_OK);
    assert_int_equal(result.error_code, BAC_ERROR_CODE_NODE_DUPLICATE_VMAC);
    assert_int_equal(twin->closed, 1);
    assert_int_equal(twin->end, UV_EOF);
    assert_int_equal(h.left, 0); /* the first one stays */
    rt_hub_end(&h);
}

static void a_new_connection_of_the_same_device_replaces_the_old_one(void **state)
{
    (void)state;
    static struct rt_hub h;
    const struct rt_peer_config again = { .level = RT_JOINED, .number = 1 };
    rt_hub_run(&h);
    (void)rt_hub_join(&h, 1, NULL);
    (void)rt_hub_join(&h, 2, &again);
    rt_until(&h.w, &h.left, 1);
    assert_has(h.fault.text, "replaced");
    rt_until(&h.w, &h.peers[1].ended, 1);
    assert_int_equal(h.joined, 2);
    assert_int_equal(h.replaced, 1);
    assert_int_equal(h.peers[2].ended, 0);
    rt_hub_end(&h);
}

/* Whether the last message of a peer is a NAK of its Connect-Request with that class and code. */
static void assert_refused(const struct rt_peer *peer, unsigned error_class, unsigned error_code)
{
    struct bsc_message message;
    struct bsc_result result;
    assert_int_equal(bsc_decode((struct bas_slice){ peer->last, peer->last_len }, &message, NULL),
                     BAS_OK);
    assert_int_equal(message.function, BSC_BVLC_RESULT);
    assert_int_equal(bsc_result_decode(message.payload, &result, NULL), BAS_OK);
    assert_int_equal(result.result_for, BSC_CONNECT_REQUEST);
    assert_int_equal(result.error_class, error_class);
    assert_int_equal(result.error_code, error_code);
}

/* One that may be refused: it asks, and waits until it is over. */
static struct rt_peer *ask(struct rt_hub *h, unsigned n, const struct rt_peer_config *config)
{
    struct rt_peer *peer = rt_hub_join(h, n, config);
    rt_peer_say(peer, BSC_CONNECT_REQUEST, 1);
    rt_until(&h->w, &peer->ended, 1);
    return peer;
}

/* Spec 3.2 rule 5 bsc 3.2-06 */
static void a_full_hub_lets_back_in_who_is_there_and_tells_others_by_nak_or_by_503(void **state)
{
    (void)state;
    enum { SLOTS = 17 }; /* one connection and the slack for takeovers */
    static struct rt_hub h;
    const struct rt_peer_config asks = { .level = RT_WS };
    const struct rt_peer_config again = { .level = RT_JOINED, .number = 1 };
    rt_hub_begin(&h);
    h.settings.engine.max_connections = 1;
    rt_hub_start(&h);
    (void)rt_hub_join(&h, 1, NULL);
    const struct rt_peer *stranger = ask(&h, 2, &asks);
    assert_refused(stranger, BAC_ERROR_CLASS_RESOURCES, BAC_ERROR_CODE_OTHER);
    assert_has(h.fault.text, "max-connections");
    (void)rt_hub_join(&h, 3, &again); /* its old connection is the ghost */
    assert_int_equal(h.replaced, 1);
    rt_until(&h.w, &h.peers[1].ended, 1);
    rt_until(&h.w, &h.refused, 1);
    for (unsigned i = 1; i < SLOTS; i++) {
        (void)rt_hub_join(&h, 3 + i, &asks);
    }
    const struct rt_peer *last = rt_hub_connect(&h, 40, &asks);
    rt_until(&h.w, &last->ended, 1);
    assert_int_equal(last->http_status, 503);
    assert_int_equal(last->opened, 0);
    assert_has(h.w.t.last_log, "503");
    assert_int_equal(h.refused, 1);
    rt_hub_end(&h);
}

/* Rules of admission. */

static struct bsc_uuid uuid_of_certificate(const struct rt_world *w)
{
    struct bas_tls_identity identity;
    struct bsc_uuid uuid;
    bas_tls_context_identity(w->peer_client, &identity);
    assert_true(identity.has_uuid);
    memcpy(uuid.octets, identity.uuid, sizeof(uuid.octets));
    return uuid;
}

/* bsc 3.2-07 */
static void who_is_not_on_the_allow_list_is_refused_with_4_85_and_a_notice(void **state)
{
    (void)state;
    static struct rt_hub h;
    char item[] = "CN=somebody";
    const char *items[] = { item };
    char uuid[BSC_UUID_TEXT];
    const struct rt_peer_config asks = { .level = RT_WS };
    const struct bsc_uuid said = peer_uuid(2);
    rt_hub_begin(&h);
    h.settings.admission.allow = (struct bas_texts){ items, 1 };
    rt_hub_start(&h);
    memset(item, 'x', sizeof(item) - 1); /* the hub has its own */
    const struct rt_peer *peer = ask(&h, 2, &asks);
    assert_refused(peer, BAC_ERROR_CLASS_SECURITY, BAC_ERROR_CODE_ACCESS_DENIED);
    rt_until(&h.w, &h.refused, 1);
    assert_int_equal(h.joined, 0);
    assert_string_equal(h.subject, "CN=client");
    assert_has(h.fault.text, "CN=client");
    assert_has(h.fault.text, bsc_uuid_text(&said, uuid));
    assert_int_equal(rt_hub_counters(&h)->refused, 1);
    rt_hub_end(&h);
}

static void who_is_on_the_allow_list_by_subject_joins(void **state)
{
    (void)state;
    static struct rt_hub h;
    const char *items[] = { "CN=client" };
    rt_hub_begin(&h);
    h.settings.admission.allow = (struct bas_texts){ items, 1 };
    rt_hub_start(&h);
    (void)rt_hub_join(&h, 2, NULL);
    rt_hub_end(&h);
}

static void a_uuid_that_is_not_the_certificates_is_refused_when_that_is_required(void **state)
{
    (void)state;
    static struct rt_hub h;
    const struct rt_peer_config asks = { .level = RT_WS };
    uint8_t request[30];
    rt_hub_begin(&h);
    h.settings.admission.require_uuid_in_certificate = true;
    rt_hub_start(&h);
    const struct rt_peer *peer = ask(&h, 2, &asks);
    assert_refused(peer, BAC_ERROR_CLASS_SECURITY, BAC_ERROR_CODE_ACCESS_DENIED);
    const struct bsc_uuid own = uuid_of_certificate(&h.w);
    memcpy(request, peer_connect_request(3).data, sizeof(request));
    memcpy(request + 10, own.octets, sizeof(own.octets));
    rt_peer_send(rt_hub_join(&h, 3, &asks), (struct bas_slice){ request, sizeof(request) });
    rt_until(&h.w, &h.joined, 1);
    rt_hub_end(&h);
}

/* Without TLS. */

static void a_hub_without_tls_is_for_loopback_and_says_so_loudly(void **state)
{
    (void)state;
    static struct rt_hub h;
    const struct rt_peer_config plain = { .level = RT_JOINED, .is_plain = true };
    const struct bas_hub_callbacks callbacks = { .user = NULL };
    rt_hub_begin(&h);
    h.settings.tls = (struct bas_tls_config){ .size = sizeof(h.settings.tls) };
    h.settings.plaintext = BAS_PLAINTEXT_LOOPBACK;
    h.settings.bind = "0.0.0.0:0";
    assert_null(bas_hub_start(h.w.loop, &h.settings, &callbacks, &h.fault));
    assert_int_equal(h.fault.err, BAS_ERR_CONFIG);
    assert_has(h.fault.text, "0.0.0.0:0");
    h.settings.bind = "127.0.0.1:0";
    rt_hub_start(&h);
    assert_has(h.w.t.last_log, "NO TLS");
    assert_has(bas_hub_uri(h.hub), "ws://127.0.0.1:");
    (void)rt_hub_join(&h, 1, &plain);
    assert_string_equal(h.subject, "");
    rt_hub_end(&h);
}

static void the_uri_of_a_hub_that_listens_everywhere_is_loopback(void **state)
{
    (void)state;
    static struct rt_hub h;
    rt_hub_begin(&h);
    h.settings.bind = "0.0.0.0:0";
    rt_hub_start(&h);
    assert_has(bas_hub_uri(h.hub), "wss://127.0.0.1:");
    assert_string_equal(strrchr(bas_hub_uri(h.hub), ':'), strrchr(bas_hub_address(h.hub), ':'));
    rt_hub_end(&h);
}

/* Those who say nothing. */

static void connections_that_say_nothing_are_closed_and_others_are_served(void **state)
{
    (void)state;
    static struct rt_hub h;
    rt_hub_begin(&h);
    h.settings.engine.connect_wait_ms = 700;
    rt_hub_start(&h);
    for (unsigned i = 0; i < 12; i++) { /* after TCP, TLS, the upgrade */
        const struct rt_peer_config silent = { .level = (enum rt_level)(i % 3) };
        (void)rt_hub_connect(&h, i, &silent);
    }
    rt_until(&h.w, &h.refused, 12);
    assert_int_equal(h.fault.err, BAS_ERR_TIMEOUT);
    for (unsigned i = 0; i < 12; i++) {
        rt_until(&h.w, &h.peers[i].ended, 1);
    }
    (void)rt_hub_join(&h, 20, NULL);
    assert_int_equal(h.refused, 12);
    rt_hub_end(&h);
}

/* The end. */

static void a_hub_stops_with_connections_in_every_state(void **state)
{
    (void)state;
    static struct rt_hub h;
    const struct rt_peer_config deaf = { .level = RT_JOINED, .is_deaf = true };
    rt_hub_begin(&h);
    h.settings.engine.disconnect_wait_ms = 50;
    rt_hub_start(&h);
    for (unsigned i = 0; i < 3; i++) {
        const struct rt_peer_config silent = { .level = (enum rt_level)i };
        (void)rt_hub_join(&h, 10 + i, &silent);
    }
    (void)rt_hub_join(&h, 1, NULL);
    rt_peer_pause(rt_hub_join(&h, 2, NULL)); /* never sees the Disconnect-Request */
    (void)rt_hub_join(&h, 3, &deaf);
    rt_peer_say(rt_hub_join(&h, 4, NULL), BSC_DISCONNECT_REQUEST, 1); /* on its way */
    (void)rt_hub_connect(&h, 5, NULL);                                /* and one that comes */
    bas_hub_stop(h.hub);
    bas_hub_stop(h.hub);
    rt_hub_runs_out(&h);
    assert_int_equal(h.joined, 4);
    assert_int_equal(h.left, 4);
    rt_hub_end(&h);
}

static void a_hub_stops_in_a_storm_of_handshakes(void **state)
{
    (void)state;
    static struct rt_hub h;
    rt_hub_run(&h);
    for (unsigned i = 1; i <= CROWD; i++) {
        (void)rt_hub_connect(&h, i, NULL);
    }
    rt_until(&h.w, &h.joined, 1);
    bas_hub_stop(h.hub);
    rt_hub_end(&h);
    assert_int_equal(h.left, h.joined);
}

/* What makes each kind of notice, with one node that has joined. */
static void make_notice(struct rt_hub *h, enum bsc_hub_event_kind kind)
{
    const struct rt_peer_config stranger = { .level = RT_TLS, .tls = h->w.peer_stranger };
    switch (kind) {
    case BSC_HUB_JOINED:
        (void)rt_hub_connect(h, 2, NULL);
        break;
    case BSC_HUB_LEFT:
        rt_peer_finish(&h->peers[1]);
        break;
    case BSC_HUB_FAULT:
        rt_peer_send(&h->peers[1], test_hex("ff00 0001"));
        break;
    case BSC_HUB_CLOSE:
    case BSC_HUB_ADMIT:
        (void)rt_hub_connect(h, 2, &stranger);
        break;
    }
}

static void a_hub_can_be_stopped_from_within_any_notice(void **state)
{
    (void)state;
    static const enum bsc_hub_event_kind kinds[] = { BSC_HUB_JOINED, BSC_HUB_LEFT, BSC_HUB_FAULT,
                                                     BSC_HUB_CLOSE };
    for (size_t i = 0; i < BAS_ARRAY_LEN(kinds); i++) {
        static struct rt_hub h;
        rt_hub_run(&h);
        (void)rt_hub_join(&h, 1, NULL);
        h.stop_at = (uint8_t)(1U << kinds[i]);
        make_notice(&h, kinds[i]);
        rt_until(&h.w, &h.stopped, 1);
        rt_hub_end(&h);
        assert_int_equal(h.left, h.joined);
    }
}

/* The beginning. */

static void fails_to_start(struct rt_hub *h, bas_err err, const char *text)
{
    const struct bas_hub_callbacks callbacks = { .user = h };
    assert_null(bas_hub_start(h->w.loop, &h->settings, &callbacks, &h->fault));
    assert_int_equal(h->fault.err, err);
    assert_has(h->fault.text, text);
}

static void a_hub_that_cannot_start_says_why_and_leaves_nothing(void **state)
{
    (void)state;
    static struct rt_hub h;
    rt_hub_begin(&h);
    h.settings.bind = "203.0.113.77:0";
    fails_to_start(&h, BAS_ERR_CONFIG, "203.0.113.77:0");
    h.settings.bind = "127.0.0.1:0";
    h.settings.state_file = "no/such/folder/hub.state";
    fails_to_start(&h, BAS_ERR_NOT_FOUND, "no/such/folder");
    h.settings.state_file = NULL;
    h.settings.tls.certificate_file = "device.pem"; /* and the key of the hub */
    fails_to_start(&h, BAS_ERR_KEY, "device.pem");
    h.settings.tls.certificate_file = "nothing.pem";
    fails_to_start(&h, BAS_ERR_NOT_FOUND, "nothing.pem");
    rt_end(&h.w);
}

static void two_hubs_cannot_have_one_state_file(void **state)
{
    (void)state;
    static struct rt_hub h;
    rt_hub_begin(&h);
    h.settings.state_file = "hub.state";
    rt_hub_start(&h);
    fails_to_start(&h, BAS_ERR_IN_USE, "hub.state");
    rt_hub_end(&h);
}

static void a_hub_is_the_same_one_when_it_starts_again(void **state)
{
    (void)state;
    static struct rt_hub h;
    rt_hub_begin(&h);
    h.settings.state_file = "same.state";
    rt_hub_start(&h);
    const struct bsc_vmac vmac = bas_hub_vmac(h.hub);
    const struct bsc_uuid uuid = bas_hub_uuid(h.hub);
    rt_hub_end(&h);
    rt_hub_begin(&h);
    h.settings.state_file = "same.state";
    rt_hub_start(&h);
    const struct bsc_vmac vmac_now = bas_hub_vmac(h.hub);
    const struct bsc_uuid uuid_now = bas_hub_uuid(h.hub);
    assert_true(bsc_vmac_equal(&vmac, &vmac_now));
    assert_true(bsc_uuid_equal(&uuid, &uuid_now));
    rt_hub_end(&h);
}

/* Memory. */

static void no_failing_allocation_at_the_start_leaves_anything(void **state)
{
    (void)state;
    const struct bas_hub_callbacks callbacks = { .user = NULL };
    bool has_started = false;
    for (size_t k = 1; k < 100 && !has_started; k++) {
        static struct rt_hub h;
        rt_hub_begin(&h);
        h.settings.state_file = "memory.state";
        h.w.t.fail_at = h.w.t.allocations + k;
        h.hub = bas_hub_start(h.w.loop, &h.settings, &callbacks, &h.fault);
        has_started = h.hub != NULL;
        if (has_started) {
            bas_hub_stop(h.hub);
        } else {
            assert_int_equal(h.fault.err, BAS_ERR_NO_MEMORY);
        }
        rt_end(&h.w);
    }
    assert_true(has_started);
}

/* From the k-th allocation on there is no memory while one joins, sends, and the hub stops. */
static void no_failing_allocation_while_a_node_joins_leaves_anything(void **state)
{
    (void)state;
    unsigned joined = 0;
    for (size_t k = 1; k < 60 && joined == 0; k++) {
        static struct rt_hub h;
        rt_hub_begin(&h);
        h.settings.engine.disconnect_wait_ms = 50;
        rt_hub_start(&h);
        struct rt_peer *peer = rt_hub_connect(&h, 1, NULL);
        h.w.t.fail_at = h.w.t.allocations + k;
        while (peer->ended + peer->joined == 0) {
            rt_turns(&h.w, 1);
        }
        joined = peer->joined;
        bas_hub_stop(h.hub);
        rt_hub_runs_out(&h);
        rt_hub_end(&h);
        assert_int_equal(h.left, h.joined);
    }
    assert_int_equal(joined, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_messages_of_random_size_pass_both_ways_whole_and_in_order),
        cmocka_unit_test(a_message_of_the_largest_size_is_relayed),
        cmocka_unit_test(a_message_that_no_engine_ever_sees_is_counted_too),
        cmocka_unit_test(a_notice_names_who_joined),
        cmocka_unit_test(forty_nodes_join_at_once_and_hear_each_other),
        cmocka_unit_test(a_duplicate_vmac_gets_its_nak_though_it_has_data_in_flight),
        cmocka_unit_test(a_new_connection_of_the_same_device_replaces_the_old_one),
        cmocka_unit_test(a_full_hub_lets_back_in_who_is_there_and_tells_others_by_nak_or_by_503),
        cmocka_unit_test(who_is_not_on_the_allow_list_is_refused_with_4_85_and_a_notice),
        cmocka_unit_test(who_is_on_the_allow_list_by_subject_joins),
        cmocka_unit_test(a_uuid_that_is_not_the_certificates_is_refused_when_that_is_required),
        cmocka_unit_test(a_hub_without_tls_is_for_loopback_and_says_so_loudly),
        cmocka_unit_test(the_uri_of_a_hub_that_listens_everywhere_is_loopback),
        cmocka_unit_test(connections_that_say_nothing_are_closed_and_others_are_served),
        cmocka_unit_test(a_hub_stops_with_connections_in_every_state),
        cmocka_unit_test(a_hub_stops_in_a_storm_of_handshakes),
        cmocka_unit_test(a_hub_can_be_stopped_from_within_any_notice),
        cmocka_unit_test(a_hub_that_cannot_start_says_why_and_leaves_nothing),
        cmocka_unit_test(two_hubs_cannot_have_one_state_file),
        cmocka_unit_test(a_hub_is_the_same_one_when_it_starts_again),
        cmocka_unit_test(no_failing_allocation_at_the_start_leaves_anything),
        cmocka_unit_test(no_failing_allocation_while_a_node_joins_leaves_anything),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
