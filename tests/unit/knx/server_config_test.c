/* What a KNXnet/IP server may be configured to, and a new configuration for a running one:
 * server/config.c. */
#include "knx_visitor.h"

#include <string.h>

/* Each spoils a good configuration. */
static void wrong_size(struct house *h)
{
    h->config.size--;
}

static void too_many_connections(struct house *h)
{
    h->config.max_connections = 65536;
}

static void too_many_sessions(struct house *h)
{
    h->config.max_sessions = 65536;
}

static void too_many_channels(struct house *h)
{
    h->config.max_channels = 256;
}

static void too_many_requests(struct house *h)
{
    h->config.requests_per_second = 1000001;
}

static void too_much_pending(struct house *h)
{
    h->config.pending = 65536;
}

static void user_zero(struct house *h)
{
    h->users[0].id = 0;
}

static void user_128(struct house *h)
{
    h->users[1].id = 128;
}

static void user_twice(struct house *h)
{
    h->users[2].id = 2;
}

static void too_many_tunnels(struct house *h)
{
    h->config.n_tunnels = 256;
}

static void tunnel_without_address(struct house *h)
{
    h->tunnels[1].address = 0;
}

static void tunnel_twice(struct house *h)
{
    h->tunnels[3].address = TUNNEL_A;
}

static void tunnel_of_no_user(struct house *h)
{
    h->tunnels[0].user = 128;
}

static void tunnelling_without_device_key(struct house *h)
{
    h->config.has_device_key = false;
    h->config.management_is_secured = false;
}

static void management_without_device_key(struct house *h)
{
    h->config.has_device_key = false;
    h->config.tunnelling_is_secured = false;
}

static const struct {
    void (*spoil)(struct house *h);
    const char *says;
} wrong[] = {
    { wrong_size, "size" },
    { too_many_connections, "max_connections" },
    { too_many_sessions, "max_sessions" },
    { too_many_channels, "max_channels" },
    { too_many_requests, "requests_per_second" },
    { too_much_pending, "pending" },
    { user_zero, "user 0" },
    { user_128, "user 128" },
    { user_twice, "user 2 is there twice" },
    { too_many_tunnels, "255 tunnels" },
    { tunnel_without_address, "0.0.0" },
    { tunnel_twice, "1.1.10" },
    { tunnel_of_no_user, "no user 128" },
    { tunnelling_without_device_key, "device authentication code" },
    { management_without_device_key, "device authentication code" },
};

static void a_configuration_that_cannot_be_is_refused_and_the_log_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        struct house h;
        house_begin(&h);
        wrong[i].spoil(&h);
        assert_null(knx_server_new(&h.t.env, &h.config));
        if (strstr(h.t.last_log, wrong[i].says) == NULL) {
            fail_msg("'%s' does not say '%s'", h.t.last_log, wrong[i].says);
        }
        test_env_check(&h.t);
    }
}

/* Reload. */

static void reload(struct house *h)
{
    assert_int_equal(knx_server_reload(h->server, &h->config, h->now), BAS_OK);
}

static void a_new_configuration_that_cannot_be_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        struct house h;
        house_open_secured(&h);
        struct visitor v = visitor_secure(&h, 10, 2);
        visitor_connects(&v, tunnel_cri());
        wrong[i].spoil(&h);
        assert_int_equal(knx_server_reload(h.server, &h.config, h.now), BAS_ERR_CONFIG);
        assert_int_equal(visitor_asks_state(&v), KNX_E_NO_ERROR);
        house_says_nothing(&h);
        house_end(&h);
    }
}

static void the_same_configuration_changes_nothing(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    struct visitor half = visitor_tcp(&h, 11);
    visitor_connects(&v, tunnel_cri());
    visitor_begins_session(&half);
    reload(&h);
    house_says_nothing(&h);
    house_sends_nothing(&h);
    assert_int_equal(visitor_asks_state(&v), KNX_E_NO_ERROR);
    visitor_authenticates(&half, 3, &h.users[2].key);
    assert_int_equal(visitor_gets_status(&half), KNX_SESSION_AUTHENTICATION_SUCCESS);
    house_end(&h);
}

static void a_session_whose_users_key_changed_is_closed_and_the_others_stay(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor a = visitor_secure(&h, 10, 2);
    struct visitor b = visitor_secure(&h, 11, 3);
    visitor_connects(&a, tunnel_cri());
    visitor_connects(&b, tunnel_cri());
    h.users[1].key.octets[0] ^= 1;
    reload(&h);
    assert_int_equal(visitor_gets_status(&a), KNX_SESSION_CLOSE);
    (void)house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN);
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_SESSION_DOWN).user, 2);
    house_says_nothing(&h);
    assert_int_equal(visitor_asks_state(&b), KNX_E_NO_ERROR);
    visitor_enters(&a, 2); /* with the new one */
    house_end(&h);
}

static void a_session_whose_user_is_gone_is_closed(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 3);
    h.config.n_users = 2;
    reload(&h);
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_CLOSE);
    visitor_begins_session(&v);
    visitor_authenticates(&v, 3, &h.users[2].key);
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_AUTHENTICATION_FAILED);
    house_end(&h);
}

static void a_half_open_session_is_judged_by_the_new_keys(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_tcp(&h, 10);
    struct knx_key old = h.users[1].key;
    visitor_begins_session(&v);
    h.users[1].key.octets[0] ^= 1;
    reload(&h);
    house_sends_nothing(&h);
    visitor_authenticates(&v, 2, &old);
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_AUTHENTICATION_FAILED);
    house_end(&h);
}

static void
channels_of_tunnels_that_are_gone_are_disconnected_and_the_others_move_along(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor a = visitor_secure(&h, 10, 2);
    struct visitor b = visitor_secure(&h, 11, 2);
    assert_int_equal(visitor_connects(&a, tunnel_cri()), TUNNEL_A);
    assert_int_equal(visitor_connects(&b, tunnel_cri()), TUNNEL_B);
    h.tunnels[0] = (struct knx_server_tunnel){ 0x1177, 2 };
    h.tunnels[1] = (struct knx_server_tunnel){ 0x1178, 2 };
    h.tunnels[2] = (struct knx_server_tunnel){ TUNNEL_B, 2 };
    reload(&h);
    assert_int_equal(visitor_gets(&a, KNX_DISCONNECT_REQUEST).channel, a.channel);
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN).address, TUNNEL_A);
    house_says_nothing(&h);
    house_sends_nothing(&h);
    assert_int_equal(visitor_asks_state(&b), KNX_E_NO_ERROR);
    assert_int_equal(visitor_asks_for(&a, tunnel_cri_to(TUNNEL_B)), KNX_E_CONNECTION_IN_USE);
    assert_int_equal(visitor_asks_for(&a, tunnel_cri_to(TUNNEL_A)), KNX_E_NO_TUNNELLING_ADDRESS);
    house_ignore_events(&h);
    assert_int_equal(visitor_connects(&a, tunnel_cri()), 0x1177);
    assert_int_equal(visitor_disconnects(&b), KNX_E_NO_ERROR);
    house_ignore_events(&h);
    assert_int_equal(visitor_connects(&b, tunnel_cri_to(TUNNEL_B)), TUNNEL_B);
    house_end(&h);
}

static void a_tunnel_that_became_another_users_is_disconnected(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    visitor_connects(&v, tunnel_cri());
    h.tunnels[0].user = 3;
    reload(&h);
    (void)visitor_gets(&v, KNX_DISCONNECT_REQUEST);
    house_end(&h);
}

static void what_is_secured_now_is_closed_in_the_plain(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor tunnel = visitor_tcp(&h, 10);
    struct visitor management = visitor_again(&tunnel);
    struct visitor user = visitor_secure(&h, 11, 2);
    visitor_connects(&tunnel, tunnel_cri());
    visitor_connects(&management, management_cri());
    visitor_connects(&user, tunnel_cri()); /* user 2's second one */
    h.config.tunnelling_is_secured = true;
    h.config.management_is_secured = true;
    reload(&h);
    assert_int_equal(visitor_gets(&tunnel, KNX_DISCONNECT_REQUEST).channel, tunnel.channel);
    assert_int_equal(visitor_gets(&management, KNX_DISCONNECT_REQUEST).channel, management.channel);
    house_sends_nothing(&h);
    assert_int_equal(visitor_asks_state(&user), KNX_E_NO_ERROR);
    house_end(&h);
}

static void more_tunnels_than_channels_are_used_as_far_as_there_are_channels(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.max_channels = 1;
    h.config.n_tunnels = 1;
    house_open(&h);
    h.config.n_tunnels = 2;
    reload(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    assert_int_equal(visitor_connects(&v, tunnel_cri_to(TUNNEL_B)), TUNNEL_B);
    assert_int_equal(visitor_asks_for(&v, tunnel_cri()), KNX_E_NO_MORE_CONNECTIONS);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configuration_that_cannot_be_is_refused_and_the_log_says_why),
        cmocka_unit_test(a_new_configuration_that_cannot_be_changes_nothing),
        cmocka_unit_test(the_same_configuration_changes_nothing),
        cmocka_unit_test(a_session_whose_users_key_changed_is_closed_and_the_others_stay),
        cmocka_unit_test(a_session_whose_user_is_gone_is_closed),
        cmocka_unit_test(a_half_open_session_is_judged_by_the_new_keys),
        cmocka_unit_test(
            channels_of_tunnels_that_are_gone_are_disconnected_and_the_others_move_along),
        cmocka_unit_test(a_tunnel_that_became_another_users_is_disconnected),
        cmocka_unit_test(what_is_secured_now_is_closed_in_the_plain),
        cmocka_unit_test(more_tunnels_than_channels_are_used_as_far_as_there_are_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
