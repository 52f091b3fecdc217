/* Channels of the KNXnet/IP server: who may have one (spec 2.7), connect, heartbeat, disconnect
 * (1.5): server/channel.c. */
#include "knx_visitor.h"

#include <string.h>

/* Who may connect: spec 2.7, row by row. */

enum { PLAIN = 0 };

struct rule {
    const char *name;
    bool is_secured;
    uint8_t user; /* PLAIN: without a session */
    struct knx_cri cri;
    unsigned status;
    knx_ia address;
};

#define MANAGEMENT                                                                                 \
    {                                                                                              \
        .type = KNX_CONNECTION_MANAGEMENT                                                          \
    }
#define BASIC                                                                                      \
    {                                                                                              \
        .type = KNX_CONNECTION_TUNNEL, .layer = KNX_LAYER_LINK                                     \
    }
#define EXTENDED(ia)                                                                               \
    {                                                                                              \
        .type = KNX_CONNECTION_TUNNEL, .layer = KNX_LAYER_LINK, .has_address = true,               \
        .address = (ia)                                                                            \
    }
#define LAYER(octet)                                                                               \
    {                                                                                              \
        .type = KNX_CONNECTION_TUNNEL, .layer = (octet)                                            \
    }
#define TYPE(octet)                                                                                \
    {                                                                                              \
        .type = (octet)                                                                            \
    }

static const struct rule rules[] = {
    { "management, secured, plain", true, PLAIN, MANAGEMENT, 0x22, 0 },
    { "management, secured, user 1", true, 1, MANAGEMENT, 0, 0 },
    { "management, secured, user 2", true, 2, MANAGEMENT, 0x22, 0 },
    { "management, plain", false, PLAIN, MANAGEMENT, 0, 0 },
    { "management, not secured, user 1", false, 1, MANAGEMENT, 0, 0 },
    { "management, not secured, user 2", false, 2, MANAGEMENT, 0, 0 },

    { "tunnel, secured, plain", true, PLAIN, BASIC, 0x22, 0 },
    { "tunnel, secured, plain, an address", true, PLAIN, EXTENDED(TUNNEL_D), 0x22, 0 },
    { "tunnel, secured, user 1", true, 1, BASIC, 0, TUNNEL_A },
    { "tunnel, secured, user 1, user 3's", true, 1, EXTENDED(TUNNEL_C), 0, TUNNEL_C },
    { "tunnel, secured, user 1, nobody's", true, 1, EXTENDED(TUNNEL_D), 0, TUNNEL_D },
    { "tunnel, secured, user 2", true, 2, BASIC, 0, TUNNEL_A },
    { "tunnel, secured, user 3", true, 3, BASIC, 0, TUNNEL_C }, /* spec 8, row 11 */
    { "tunnel, secured, user 2, its second", true, 2, EXTENDED(TUNNEL_B), 0, TUNNEL_B },
    { "tunnel, secured, user 3, its own", true, 3, EXTENDED(TUNNEL_C), 0, TUNNEL_C },
    { "tunnel, secured, user 2, user 3's", true, 2, EXTENDED(TUNNEL_C), 0x28, 0 },
    { "tunnel, secured, user 2, nobody's", true, 2, EXTENDED(TUNNEL_D), 0x28, 0 },
    { "tunnel, secured, user 2, no tunnel", true, 2, EXTENDED(0x1177), 0x2D, 0 },
    { "tunnel, plain", false, PLAIN, BASIC, 0, TUNNEL_A },
    { "tunnel, plain, user 3's", false, PLAIN, EXTENDED(TUNNEL_C), 0, TUNNEL_C },
    { "tunnel, plain, no tunnel", false, PLAIN, EXTENDED(0x1177), 0x2D, 0 },
    { "tunnel, not secured, user 2, user 3's", false, 2, EXTENDED(TUNNEL_C), 0, TUNNEL_C },

    { "raw", true, 2, LAYER(KNX_LAYER_RAW), 0x29, 0 },
    { "busmonitor", true, 2, LAYER(KNX_LAYER_BUSMONITOR), 0x29, 0 },
    { "busmonitor, plain, secured", true, PLAIN, LAYER(KNX_LAYER_BUSMONITOR), 0x22, 0 },
    { "busmonitor, plain", false, PLAIN, LAYER(KNX_LAYER_BUSMONITOR), 0x29, 0 },
    { "an unknown layer", false, PLAIN, LAYER(0x01), 0x29, 0 },
    { "remote logging", false, PLAIN, TYPE(KNX_CONNECTION_REMOTE_LOGGING), 0x22, 0 },
    { "remote configuration", true, 1, TYPE(KNX_CONNECTION_REMOTE_CONFIGURATION), 0x22, 0 },
    { "object server", true, 1, TYPE(KNX_CONNECTION_OBJECT_SERVER), 0x22, 0 },
    { "an unknown type", false, PLAIN, TYPE(0x55), 0x22, 0 },
};

static struct visitor visitor_of(struct house *h, uint8_t user, bool over_udp)
{
    if (user != PLAIN) {
        return visitor_secure(h, 10, user);
    }
    return over_udp ? visitor_udp(h, 10) : visitor_tcp(h, 10);
}

static void check_rule(const struct rule *rule, bool over_udp)
{
    struct house h;
    print_message("# %s\n", rule->name);
    house_begin(&h);
    h.config.tunnelling_is_secured = rule->is_secured;
    h.config.management_is_secured = rule->is_secured;
    house_open(&h);
    struct visitor v = visitor_of(&h, rule->user, over_udp);
    if (rule->status == KNX_E_NO_ERROR) {
        assert_int_equal(visitor_connects(&v, rule->cri), rule->address);
        assert_int_equal(house_counts(&h).channels, 1);
    } else {
        assert_int_equal(visitor_asks_for(&v, rule->cri), rule->status);
        assert_int_equal(house_says(&h, KNX_SERVER_EVENT_REFUSED).fault->err, BAS_ERR_REFUSED);
        assert_int_equal(house_counts(&h).channels_refused, 1);
    }
    house_says_nothing(&h);
    house_end(&h);
}

static void every_row_of_the_access_rules_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rules); i++) {
        check_rule(&rules[i], false);
        check_rule(&rules[i], true);
    }
}

static void a_user_without_a_tunnel_is_told_so(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.n_tunnels = 2; /* both of user 2 */
    house_open(&h);
    struct visitor v = visitor_secure(&h, 10, 3);
    assert_int_equal(visitor_asks_for(&v, tunnel_cri()), KNX_E_AUTHORISATION_ERROR);
    house_ignore_events(&h);
    struct visitor manager = visitor_secure(&h, 11, 1);
    assert_int_equal(visitor_connects(&manager, tunnel_cri()), TUNNEL_A);
    house_end(&h);
}

static void a_user_gets_its_tunnels_and_then_no_more(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    assert_int_equal(visitor_connects(&v, tunnel_cri()), TUNNEL_A);
    uint8_t first = v.channel;
    assert_int_equal(visitor_connects(&v, tunnel_cri()), TUNNEL_B);
    assert_int_not_equal(v.channel, first);
    assert_int_equal(visitor_asks_for(&v, tunnel_cri()), KNX_E_NO_MORE_CONNECTIONS);
    assert_int_equal(visitor_asks_for(&v, tunnel_cri_to(TUNNEL_A)), KNX_E_CONNECTION_IN_USE);
    house_ignore_events(&h);
    v.channel = first;
    assert_int_equal(visitor_disconnects(&v), KNX_E_NO_ERROR);
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN).address, TUNNEL_A);
    assert_int_equal(visitor_connects(&v, tunnel_cri()), TUNNEL_A);
    house_end(&h);
}

static void a_server_without_tunnels_has_no_more_connections(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.tunnelling_is_secured = false;
    h.config.n_tunnels = 0;
    house_open(&h);
    struct visitor v = visitor_tcp(&h, 10);
    assert_int_equal(visitor_asks_for(&v, tunnel_cri()), KNX_E_NO_MORE_CONNECTIONS);
    house_end(&h);
}

static void channels_beyond_the_bound_are_refused(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.management_is_secured = false;
    h.config.max_channels = 3;
    house_open(&h);
    struct visitor v = visitor_tcp(&h, 10);
    for (unsigned i = 0; i < 3; i++) {
        visitor_connects(&v, management_cri());
    }
    assert_int_equal(visitor_asks_for(&v, management_cri()), KNX_E_NO_MORE_CONNECTIONS);
    house_end(&h);
}

/* Endpoints. */

static void a_connect_request_with_the_wrong_host_protocol_is_refused(void **state)
{
    (void)state;
    static const struct knx_hpai udp = { KNX_UDP, { 192, 0, 2, 10 }, 40000 };
    static const struct knx_hpai tcp = { KNX_TCP, { 0 }, 0 };
    static const struct knx_hpai tcp_address = { KNX_TCP, { 192, 0, 2, 10 }, 40000 };
    static const struct {
        bool is_tcp;
        const struct knx_hpai *control;
        const struct knx_hpai *data;
    } wrong[] = {
        { true, &udp, &tcp },         { true, &tcp, &udp },  { true, &tcp_address, &tcp },
        { true, &tcp, &tcp_address }, { false, &tcp, &udp }, { false, &udp, &tcp },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        struct house h;
        house_open_plain(&h);
        struct visitor v = wrong[i].is_tcp ? visitor_tcp(&h, 10) : visitor_udp(&h, 10);
        const struct knx_message request = { .service = KNX_CONNECT_REQUEST,
                                             .control = *wrong[i].control,
                                             .data = *wrong[i].data,
                                             .cri = tunnel_cri() };
        visitor_sends(&v, &request);
        assert_int_equal(visitor_gets(&v, KNX_CONNECT_RESPONSE).status, KNX_E_HOST_PROTOCOL_TYPE);
        house_end(&h);
    }
}

static struct knx_message connect_with(struct visitor *v, struct knx_hpai control,
                                       struct knx_hpai data, struct visitor *answered)
{
    const struct knx_message request = {
        .service = KNX_CONNECT_REQUEST, .control = control, .data = data, .cri = tunnel_cri()
    };
    visitor_sends(v, &request);
    return visitor_gets(answered, KNX_CONNECT_RESPONSE);
}

static void udp_answers_go_to_the_control_endpoint_and_telegrams_to_the_data_endpoint(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_udp(&h, 10);
    struct visitor control = visitor_udp(&h, 11);
    struct visitor data = visitor_udp(&h, 12);
    struct knx_message response =
        connect_with(&v, visitor_hpai(&control), visitor_hpai(&data), &control);
    assert_memory_equal(response.data.address, h.config.endpoint.address, 4);
    assert_int_equal(response.data.port, KNX_PORT);
    data.channel = response.channel;
    bus_indicates(&h, "2900bce0110509010100 81");
    visitor_gets_telegram(&data, "2900bce0110509010100 81");
    house_waits(&h, 1000);
    house_waits(&h, 1000);
    (void)visitor_gets(&data, KNX_TUNNELLING_REQUEST);
    (void)visitor_gets(&control, KNX_DISCONNECT_REQUEST);
    house_end(&h);
}

static void an_endpoint_of_zeros_routes_back_also_when_only_one_part_is_zero(void **state)
{
    (void)state;
    static const struct knx_hpai zeros[] = { { KNX_UDP, { 0 }, 0 },
                                             { KNX_UDP, { 192, 0, 2, 77 }, 0 },
                                             { KNX_UDP, { 0 }, 5000 } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(zeros); i++) {
        struct house h;
        house_open_plain(&h);
        struct visitor v = visitor_udp(&h, 10);
        struct knx_message response = connect_with(&v, zeros[i], zeros[i], &v);
        assert_int_equal(response.status, KNX_E_NO_ERROR);
        assert_int_equal(response.data.protocol, KNX_UDP);
        assert_true(knx_hpai_is_zero(&response.data)); /* ours would be of no use behind NAT */
        house_end(&h);
    }
}

static void tcp_answers_carry_the_only_endpoint_there_is(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    struct knx_message response = connect_with(&v, visitor_hpai(&v), visitor_hpai(&v), &v);
    assert_int_equal(response.data.protocol, KNX_TCP);
    assert_true(knx_hpai_is_zero(&response.data));
    house_end(&h);
}

/* A channel of one is not there for another: spec 1.5, 2.7. */

static void assert_stranger(struct visitor *stranger, uint8_t channel)
{
    struct house *h = stranger->house;
    stranger->channel = channel;
    assert_int_equal(visitor_asks_state(stranger), KNX_E_CONNECTION_ID);
    assert_int_equal(visitor_disconnects(stranger), KNX_E_CONNECTION_ID);
    visitor_tunnels(stranger, 0, "1100bce0000009010100 81");
    if (stranger->connection == 0) {
        visitor_gets_ack(stranger, 0, KNX_E_CONNECTION_ID);
    }
    house_sends_nothing(h);
    assert_int_equal(house_says(h, KNX_SERVER_EVENT_DROPPED).fault->err, BAS_ERR_NOT_FOUND);
    house_says_nothing(h);
}

static void a_channel_of_a_session_is_not_there_outside_of_it(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor owner = visitor_secure(&h, 10, 2);
    visitor_connects(&owner, tunnel_cri());
    struct visitor strangers[] = { visitor_again(&owner), visitor_again(&owner),
                                   visitor_tcp(&h, 10), visitor_tcp(&h, 10), visitor_udp(&h, 10) };
    visitor_enters(&strangers[0], 2); /* another session of the same user, same connection */
    visitor_enters(&strangers[3], 1); /* the management user, another connection */
    for (size_t i = 0; i < BAS_ARRAY_LEN(strangers); i++) {
        assert_stranger(&strangers[i], owner.channel);
    }
    assert_int_equal(visitor_asks_state(&owner), KNX_E_NO_ERROR);
    house_end(&h);
}

static void a_plain_channel_is_not_there_for_others(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor tcp = visitor_tcp(&h, 10);
    struct visitor udp = visitor_udp(&h, 10);
    visitor_connects(&tcp, tunnel_cri());
    visitor_connects(&udp, tunnel_cri());
    struct visitor session = visitor_again(&tcp);
    struct visitor other_tcp = visitor_tcp(&h, 10);
    struct visitor other_udp = visitor_udp(&h, 11);
    visitor_enters(&session, 2);
    assert_stranger(&session, tcp.channel);
    assert_stranger(&other_tcp, tcp.channel);
    assert_stranger(&other_tcp, udp.channel);
    assert_stranger(&other_udp, tcp.channel);
    assert_stranger(&other_udp, udp.channel);
    udp.self.port++; /* another port of the same host is the same client */
    visitor_tunnels(&udp, 0, "1100bce0000009010100 81");
    udp.self.port--;
    visitor_gets_ack(&udp, 0, KNX_E_NO_ERROR);
    house_end(&h);
}

static void one_connection_carries_plain_channels_and_sessions(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.management_is_secured = false;
    house_open(&h);
    struct visitor plain = visitor_tcp(&h, 10);
    struct visitor a = visitor_again(&plain);
    struct visitor b = visitor_again(&plain);
    visitor_connects(&plain, management_cri());
    visitor_enters(&a, 2);
    visitor_enters(&b, 3);
    visitor_connects(&a, tunnel_cri());
    visitor_connects(&b, tunnel_cri());
    assert_int_equal(visitor_asks_state(&plain), KNX_E_NO_ERROR);
    assert_int_equal(visitor_asks_state(&a), KNX_E_NO_ERROR);
    assert_int_equal(visitor_asks_state(&b), KNX_E_NO_ERROR);
    visitor_leaves(&plain); /* takes them all */
    for (unsigned i = 0; i < 3; i++) {
        (void)house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN);
    }
    (void)house_says(&h, KNX_SERVER_EVENT_SESSION_DOWN);
    (void)house_says(&h, KNX_SERVER_EVENT_SESSION_DOWN);
    house_says_nothing(&h);
    house_sends_nothing(&h);
    house_end(&h);
}

/* Living and ending. */

static void channel_numbers_are_never_zero_and_do_not_come_back_at_once(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    bool is_seen[256] = { false };
    for (unsigned i = 0; i < 255; i++) {
        visitor_connects(&v, tunnel_cri());
        assert_int_not_equal(v.channel, 0);
        assert_false(is_seen[v.channel]);
        is_seen[v.channel] = true;
        assert_int_equal(visitor_disconnects(&v), KNX_E_NO_ERROR);
        house_ignore_events(&h);
    }
    visitor_connects(&v, tunnel_cri());
    house_end(&h);
}

static void all_of_255_channels_have_numbers(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.management_is_secured = false;
    h.config.max_channels = 255;
    house_open(&h);
    struct visitor v = visitor_tcp(&h, 10);
    for (unsigned i = 0; i < 255; i++) {
        visitor_connects(&v, management_cri());
    }
    assert_int_equal(visitor_asks_for(&v, management_cri()), KNX_E_NO_MORE_CONNECTIONS);
    house_end(&h);
}

static void a_channel_without_a_sign_of_life_is_disconnected_after_two_minutes(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    visitor_connects(&v, tunnel_cri());
    house_waits(&h, 119999);
    assert_int_equal(visitor_asks_state(&v), KNX_E_NO_ERROR);
    house_waits(&h, 119999);
    visitor_tunnels(&v, 0, "1100bce0000009010100 81"); /* traffic is life, too */
    house_waits(&h, 119999);
    house_sends_nothing(&h);
    house_ignore_events(&h);
    house_waits(&h, 1);
    assert_int_equal(visitor_gets(&v, KNX_DISCONNECT_REQUEST).channel, v.channel);
    struct knx_server_event down = house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN);
    assert_int_equal(down.fault->err, BAS_ERR_TIMEOUT);
    assert_int_equal(visitor_asks_state(&v), KNX_E_CONNECTION_ID);
    house_end(&h);
}

static void what_we_send_keeps_no_channel_alive(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    visitor_connects(&v, tunnel_cri());
    house_waits(&h, 119999);
    bus_indicates(&h, "2900bce0110509010100 81");
    (void)visitor_gets(&v, KNX_TUNNELLING_REQUEST);
    house_waits(&h, 1);
    (void)visitor_gets(&v, KNX_DISCONNECT_REQUEST);
    house_end(&h);
}

static void the_state_of_a_channel_tells_that_the_bus_is_gone(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_udp(&h, 10);
    visitor_connects(&v, tunnel_cri());
    knx_server_set_bus(h.server, false, h.now);
    assert_int_equal(visitor_asks_state(&v), KNX_E_KNX_CONNECTION);
    knx_server_set_bus(h.server, true, h.now);
    assert_int_equal(visitor_asks_state(&v), KNX_E_NO_ERROR);
    house_end(&h);
}

static void state_and_disconnect_with_a_wrong_endpoint_are_answered_so(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    visitor_connects(&v, tunnel_cri());
    static const struct knx_hpai udp = { KNX_UDP, { 0 }, 0 };
    struct knx_message request = { .service = KNX_CONNECTIONSTATE_REQUEST,
                                   .channel = v.channel,
                                   .control = udp };
    visitor_sends(&v, &request);
    assert_int_equal(visitor_gets(&v, KNX_CONNECTIONSTATE_RESPONSE).status,
                     KNX_E_HOST_PROTOCOL_TYPE);
    request.service = KNX_DISCONNECT_REQUEST;
    visitor_sends(&v, &request);
    assert_int_equal(visitor_gets(&v, KNX_DISCONNECT_RESPONSE).status, KNX_E_HOST_PROTOCOL_TYPE);
    assert_int_equal(visitor_asks_state(&v), KNX_E_NO_ERROR);
    house_end(&h);
}

static void the_answer_to_our_disconnect_is_taken_silently(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    visitor_connects(&v, tunnel_cri());
    const struct knx_message response = { .service = KNX_DISCONNECT_RESPONSE,
                                          .channel = v.channel };
    visitor_sends(&v, &response);
    house_sends_nothing(&h);
    house_says_nothing(&h);
    assert_int_equal(house_counts(&h).skipped, 0);
    house_end(&h);
}

/* The octets of the recorded examples (spec 1.5). */
static void connect_and_its_answers_have_the_standard_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *response;
    } rows[] = {
        { "06100205001a 0802000000000000 0802000000000000 04040200",
          "061002060014 0100 0802000000000000 0404110a" },
        { "06100205001c 0802000000000000 0802000000000000 06040200110c",
          "061002060014 0200 0802000000000000 0404110c" },
        { "061002050018 0802000000000000 0802000000000000 0203",
          "061002060012 0300 0802000000000000 0203" },
        { "06100205001a 0802000000000000 0802000000000000 04048000", "061002060008 0029" },
        { "061002070010 0100 0802000000000000", "061002080008 0100" },
        { "061002090010 0100 0802000000000000", "0610020a0008 0100" },
        { "061002070010 0100 0802000000000000", "061002080008 0121" },
    };
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_slice wanted = test_hex(rows[i].response);
        visitor_sends_hex(&v, rows[i].request);
        struct bas_slice is = visitor_gets_octets(&v);
        assert_int_equal(is.len, wanted.len);
        assert_memory_equal(is.data, wanted.data, wanted.len);
    }
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_access_rules_holds),
        cmocka_unit_test(a_user_without_a_tunnel_is_told_so),
        cmocka_unit_test(a_user_gets_its_tunnels_and_then_no_more),
        cmocka_unit_test(a_server_without_tunnels_has_no_more_connections),
        cmocka_unit_test(channels_beyond_the_bound_are_refused),
        cmocka_unit_test(a_connect_request_with_the_wrong_host_protocol_is_refused),
        cmocka_unit_test(udp_answers_go_to_the_control_endpoint_and_telegrams_to_the_data_endpoint),
        cmocka_unit_test(an_endpoint_of_zeros_routes_back_also_when_only_one_part_is_zero),
        cmocka_unit_test(tcp_answers_carry_the_only_endpoint_there_is),
        cmocka_unit_test(a_channel_of_a_session_is_not_there_outside_of_it),
        cmocka_unit_test(a_plain_channel_is_not_there_for_others),
        cmocka_unit_test(one_connection_carries_plain_channels_and_sessions),
        cmocka_unit_test(channel_numbers_are_never_zero_and_do_not_come_back_at_once),
        cmocka_unit_test(all_of_255_channels_have_numbers),
        cmocka_unit_test(a_channel_without_a_sign_of_life_is_disconnected_after_two_minutes),
        cmocka_unit_test(what_we_send_keeps_no_channel_alive),
        cmocka_unit_test(the_state_of_a_channel_tells_that_the_bus_is_gone),
        cmocka_unit_test(state_and_disconnect_with_a_wrong_endpoint_are_answered_so),
        cmocka_unit_test(the_answer_to_our_disconnect_is_taken_silently),
        cmocka_unit_test(connect_and_its_answers_have_the_standard_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
