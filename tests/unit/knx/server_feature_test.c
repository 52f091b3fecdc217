/* Tunnelling features of the KNXnet/IP server (spec 1.8): server/feature.c. */
#include "knx_visitor.h"

static struct visitor tunnel(struct house *h)
{
    house_open_plain(h);
    struct visitor v = visitor_tcp(h, 10);
    visitor_connects(&v, tunnel_cri());
    return v;
}

static void ask(struct visitor *v, enum knx_service service, uint8_t feature, const char *value)
{
    const struct knx_message message = { .service = (uint16_t)service,
                                         .channel = v->channel,
                                         .feature = feature,
                                         .payload = test_hex(value) };
    visitor_sends(v, &message);
}

static void check_answer(struct visitor *v, enum knx_service service, uint8_t feature,
                         uint8_t return_code, const char *value)
{
    struct bas_slice wanted = test_hex(value);
    struct knx_message answer = visitor_gets(v, service);
    assert_int_equal(answer.feature, feature);
    assert_int_equal(answer.return_code, return_code);
    assert_int_equal(answer.payload.len, wanted.len);
    if (wanted.len != 0) {
        assert_memory_equal(answer.payload.data, wanted.data, wanted.len);
    }
}

struct row {
    uint8_t feature;
    const char *sets; /* NULL: get */
    uint8_t return_code;
    const char *value;
};

static const struct row rows[] = {
    { 1, NULL, 0x00, "0004" },   { 2, NULL, 0x00, "091a" }, { 3, NULL, 0x00, "0100" },
    { 4, NULL, 0x00, "00fa" },   { 5, NULL, 0x00, "0300" }, { 6, NULL, 0x00, "110a" },
    { 7, NULL, 0x00, "00fe" },   { 8, NULL, 0x00, "0000" }, { 0, NULL, 0xFD, "" },
    { 9, NULL, 0xFD, "" },       { 255, NULL, 0xFD, "" },

    { 1, "0004", 0xFB, "" },     { 2, "091a", 0xFB, "" },   { 3, "01", 0xFB, "" },
    { 4, "00fa", 0xFB, "" },     { 7, "00fe", 0xFB, "" },   { 9, "00", 0xFD, "" },
    { 5, "0300", 0x00, "0300" }, { 5, "03", 0x00, "03" }, /* padded or not, as the client does */
    { 3, NULL, 0x00, "01" },     { 1, NULL, 0x00, "0004" }, { 5, "0300", 0x00, "0300" },
    { 5, "01", 0xF8, "" },       { 5, "030000", 0xF4, "" }, { 8, "01", 0x00, "01" },
    { 8, "0100", 0x00, "0100" }, { 8, "00", 0x00, "00" },   { 8, "02", 0xF7, "" },
    { 6, "110b", 0x00, "110b" }, /* to another tunnel of ours that is free */
    { 6, "110b", 0x00, "110b" }, /* which is its own now */
    { 6, "1177", 0xF8, "" },     { 6, "11", 0xF8, "" },     { 6, "110b00", 0xF4, "" },
};

static void every_feature_answers_get_and_set_as_its_row_says(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = tunnel(&h);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        print_message("# feature %u, %s\n", row->feature, row->sets != NULL ? row->sets : "get");
        ask(&v, row->sets != NULL ? KNX_TUNNELLING_FEATURE_SET : KNX_TUNNELLING_FEATURE_GET,
            row->feature, row->sets != NULL ? row->sets : "");
        check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, row->feature, row->return_code,
                     row->value);
        house_sends_nothing(&h);
    }
    house_end(&h);
}

static void the_recorded_example_is_answered_as_recorded(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = tunnel(&h);
    visitor_sends_hex(&v, "06100422000c 04010000 06 00");
    struct bas_slice wanted = test_hex("06100423000e 04010000 06 00 110a");
    struct bas_slice is = visitor_gets_octets(&v);
    assert_int_equal(is.len, wanted.len);
    assert_memory_equal(is.data, wanted.data, wanted.len);
    house_end(&h);
}

static void the_address_moves_only_to_a_free_tunnel_and_takes_the_telegrams_along(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = tunnel(&h);
    struct visitor other = visitor_tcp(&h, 11);
    visitor_connects(&other, tunnel_cri_to(TUNNEL_B));
    ask(&v, KNX_TUNNELLING_FEATURE_SET, 6, "110b");
    check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, 6, 0xF8, "");
    ask(&v, KNX_TUNNELLING_FEATURE_SET, 6, "110c");
    check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, 6, 0x00, "110c");
    visitor_tunnels(&v, 0, "1100bce0000009010100 81");
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_TELEGRAM).address, TUNNEL_C);
    assert_int_equal(visitor_asks_for(&other, tunnel_cri_to(TUNNEL_C)), KNX_E_CONNECTION_IN_USE);
    house_ignore_events(&h);
    assert_int_equal(visitor_connects(&other, tunnel_cri()), TUNNEL_A); /* the old one is free */
    house_end(&h);
}

static void the_address_cannot_be_set_where_tunnels_are_secured(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    visitor_connects(&v, tunnel_cri());
    ask(&v, KNX_TUNNELLING_FEATURE_SET, 6, "110b");
    check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, 6, 0xFC, "");
    ask(&v, KNX_TUNNELLING_FEATURE_GET, 6, "");
    check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, 6, 0x00, "110a");
    house_end(&h);
}

static void changes_are_told_to_those_who_asked_for_it(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = tunnel(&h);
    struct visitor other = visitor_tcp(&h, 11);
    visitor_connects(&other, tunnel_cri());
    knx_server_set_bus(h.server, false, h.now);
    house_sends_nothing(&h);
    ask(&v, KNX_TUNNELLING_FEATURE_SET, 8, "0100");
    check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, 8, 0x00, "0100");
    knx_server_set_bus(h.server, true, h.now);
    check_answer(&v, KNX_TUNNELLING_FEATURE_INFO, 3, 0x00, "0100");
    house_sends_nothing(&h);
    knx_server_set_bus(h.server, true, h.now); /* no change */
    house_sends_nothing(&h);
    ask(&v, KNX_TUNNELLING_FEATURE_SET, 6, "110d");
    check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, 6, 0x00, "110d");
    check_answer(&v, KNX_TUNNELLING_FEATURE_INFO, 6, 0x00, "110d");
    ask(&v, KNX_TUNNELLING_FEATURE_SET, 8, "00");
    check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, 8, 0x00, "00");
    knx_server_set_bus(h.server, false, h.now);
    house_sends_nothing(&h);
    house_end(&h);
}

static void a_client_that_does_not_pad_is_told_changes_without_padding(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = tunnel(&h);
    struct visitor other = visitor_tcp(&h, 11);
    visitor_connects(&other, tunnel_cri());
    ask(&v, KNX_TUNNELLING_FEATURE_SET, 8, "01");
    check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, 8, 0x00, "01");
    ask(&other, KNX_TUNNELLING_FEATURE_SET, 8, "0100");
    check_answer(&other, KNX_TUNNELLING_FEATURE_RESPONSE, 8, 0x00, "0100");
    knx_server_set_bus(h.server, false, h.now);
    check_answer(&v, KNX_TUNNELLING_FEATURE_INFO, 3, 0x00, "00");
    check_answer(&other, KNX_TUNNELLING_FEATURE_INFO, 3, 0x00, "0000");
    house_end(&h);
}

static void over_udp_features_are_acknowledged_and_queue_with_telegrams(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_udp(&h, 10);
    visitor_connects(&v, tunnel_cri());
    ask(&v, KNX_TUNNELLING_FEATURE_GET, 7, "");
    visitor_gets_ack(&v, 0, KNX_E_NO_ERROR);
    check_answer(&v, KNX_TUNNELLING_FEATURE_RESPONSE, 7, 0x00, "00fe");
    bus_indicates(&h, "2900bce0110509010100 81");
    house_sends_nothing(&h);
    visitor_acknowledges(&v, 0);
    visitor_gets_telegram(&v, "2900bce0110509010100 81");
    house_end(&h);
}

static void a_management_channel_has_no_features(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    visitor_connects(&v, management_cri());
    ask(&v, KNX_TUNNELLING_FEATURE_GET, 7, "");
    ask(&v, KNX_TUNNELLING_FEATURE_SET, 8, "01");
    house_sends_nothing(&h);
    assert_int_equal(house_counts(&h).skipped, 2);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_feature_answers_get_and_set_as_its_row_says),
        cmocka_unit_test(the_recorded_example_is_answered_as_recorded),
        cmocka_unit_test(the_address_moves_only_to_a_free_tunnel_and_takes_the_telegrams_along),
        cmocka_unit_test(the_address_cannot_be_set_where_tunnels_are_secured),
        cmocka_unit_test(changes_are_told_to_those_who_asked_for_it),
        cmocka_unit_test(a_client_that_does_not_pad_is_told_changes_without_padding),
        cmocka_unit_test(over_udp_features_are_acknowledged_and_queue_with_telegrams),
        cmocka_unit_test(a_management_channel_has_no_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
