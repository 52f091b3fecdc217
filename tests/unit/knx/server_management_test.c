/* Device management of the KNXnet/IP server (spec 2.7, 3.2): server/management.c. */
#include "knx_visitor.h"

static void request(struct visitor *v, const char *cemi)
{
    const struct knx_message message = { .service = KNX_DEVICE_CONFIGURATION_REQUEST,
                                         .channel = v->channel,
                                         .payload = test_hex(cemi) };
    visitor_sends(v, &message);
}

static void check_answer(struct visitor *v, const char *cemi)
{
    struct bas_slice wanted = test_hex(cemi);
    struct knx_message answer = visitor_gets(v, KNX_DEVICE_CONFIGURATION_REQUEST);
    assert_int_equal(answer.channel, v->channel);
    assert_int_equal(answer.payload.len, wanted.len);
    assert_memory_equal(answer.payload.data, wanted.data, wanted.len);
}

static struct visitor manager(struct house *h)
{
    house_begin(h);
    h->config.owner_manages = true;
    house_open(h);
    struct visitor v = visitor_secure(h, 10, 1);
    assert_int_equal(visitor_connects(&v, management_cri()), 0);
    return v;
}

static const struct {
    const char *request;
    const char *answer;
} rows[] = {
    /* The device object. */
    { "fc 0000 01 01 1001", "fb 0000 01 01 1001 0000" },
    { "fc 0000 01 0b 1001", "fb 0000 01 0b 1001 00faaaaaaaaa" },
    { "fc 0000 01 0c 1001", "fb 0000 01 0c 1001 00fa" },
    { "fc 0000 01 36 1001", "fb 0000 01 36 1001 00" },
    { "fc 0000 01 38 1001", "fb 0000 01 38 1001 00fe" },
    { "fc 0000 01 39 1001", "fb 0000 01 39 1001 11" },
    { "fc 0000 01 3a 1001", "fb 0000 01 3a 1001 00" },
    { "fc 0000 01 47 1000", "fb 0000 01 47 1000 0002" },
    { "fc 0000 01 47 2001", "fb 0000 01 47 2001 0000 000b" },
    { "fc 0000 01 47 1002", "fb 0000 01 47 1002 000b" },
    { "fc 0000 01 47 1003", "fb 0000 01 47 0003 09" },
    { "fc 0000 01 53 1001", "fb 0000 01 53 1001 091a" },
    /* The KNXnet/IP parameter object. */
    { "fc 000b 01 01 1001", "fb 000b 01 01 1001 000b" },
    { "fc 000b 01 33 1001", "fb 000b 01 33 1001 0123" },
    { "fc 000b 01 34 1001", "fb 000b 01 34 1001 1100" },
    { "fc 000b 01 35 4001", "fb 000b 01 35 4001 110a110b110c110d" },
    { "fc 000b 01 35 2003", "fb 000b 01 35 2003 110c110d" },
    { "fc 000b 01 39 1001", "fb 000b 01 39 1001 c0000201" },
    { "fc 000b 01 40 1001", "fb 000b 01 40 1001 020000000001" },
    { "fc 000b 01 42 1001", "fb 000b 01 42 1001 e000170c" },
    { "fc 000b 01 44 1001", "fb 000b 01 44 1001 0043" },
    { "fc 000b 01 45 1001", "fb 000b 01 45 1001 00" },
    { "fc 000b 01 4c 5001", "fb 000b 01 4c 5001 686f757365" },
    { "fc 000b 01 4c f010", "fb 000b 01 4c f010 000000000000000000000000000000" },
    { "fc 000b 01 4f 4001", "fb 000b 01 4f 4001 01020304" },
    { "fc 000b 01 61 3001", "fb 000b 01 61 3001 0201 0202 0303" },
    { "fc 000b 01 61 1002", "fb 000b 01 61 1002 0202" },
    /* The number of elements. */
    { "fc 000b 01 35 1000", "fb 000b 01 35 1000 0004" },
    { "fc 000b 01 4c 1000", "fb 000b 01 4c 1000 001e" },
    { "fc 000b 01 61 1000", "fb 000b 01 61 1000 0003" },
    { "fc 0000 01 0b 1000", "fb 0000 01 0b 1000 0001" },
    /* Elements that are not there. */
    { "fc 000b 01 35 2000", "fb 000b 01 35 0000 09" },
    { "fc 000b 01 35 1005", "fb 000b 01 35 0005 09" },
    { "fc 000b 01 35 5001", "fb 000b 01 35 0001 09" },
    { "fc 000b 01 35 0001", "fb 000b 01 35 0001 09" },
    { "fc 000b 01 35 ffff", "fb 000b 01 35 0fff 09" },
    { "fc 000b 01 4c f011", "fb 000b 01 4c 0011 09" },
    { "fc 000b 01 61 4001", "fb 000b 01 61 0001 09" },
    /* Properties, instances that are not there. */
    { "fc 000b 01 02 1001", "fb 000b 01 02 0001 07" },
    { "fc 0000 01 5b 1001", "fb 0000 01 5b 0001 07" },
    { "fc 000b 02 34 1001", "fb 000b 02 34 0001 07" },
    { "fc 000b 00 34 1001", "fb 000b 00 34 0001 07" },
    /* Keys cannot be read. */
    { "fc 000b 01 5b 1001", "fb 000b 01 5b 0001 06" },
    { "fc 000b 01 5c 1001", "fb 000b 01 5c 0001 06" },
    { "fc 000b 01 5d 1001", "fb 000b 01 5d 0001 06" },
    { "fc 000b 01 5d 1000", "fb 000b 01 5d 0000 06" },
    /* The rest cannot be written. */
    { "f6 000b 01 34 1001 1101", "f5 000b 01 34 0001 05" },
    { "f6 0000 01 36 1001 01", "f5 0000 01 36 0001 05" },
    { "f6 000b 01 02 1001 00", "f5 000b 01 02 0001 07" },
    /* Function properties: none. */
    { "f8 000b 01 5e 0000", "fa 000b 01 5e" },
    { "f9 000b 01 5e 0000", "fa 000b 01 5e" },
};

static void every_property_answers_as_its_row_says(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = manager(&h);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        print_message("# %s\n", rows[i].request);
        request(&v, rows[i].request);
        check_answer(&v, rows[i].answer);
        house_sends_nothing(&h);
        house_says_nothing(&h);
    }
    house_end(&h);
}

static void check_forwarded(struct visitor *v, const char *cemi)
{
    struct bas_slice wanted = test_hex(cemi);
    request(v, cemi);
    struct knx_server_event event = house_says(v->house, KNX_SERVER_EVENT_MANAGEMENT);
    assert_int_equal(event.session, v->session);
    assert_int_equal(event.cemi.len, wanted.len);
    assert_memory_equal(event.cemi.data, wanted.data, wanted.len);
}

static void what_the_engine_does_not_know_is_the_owners_to_answer(void **state)
{
    (void)state;
    static const char *const unknown[] = { "fc 0008 01 33 1001", "f6 0008 01 34 1001 00",
                                           "f8 0008 01 34 00", "f9 0011 01 34 00" };
    struct house h;
    struct visitor v = manager(&h);
    for (size_t i = 0; i < BAS_ARRAY_LEN(unknown); i++) {
        check_forwarded(&v, unknown[i]);
        house_sends_nothing(&h);
    }
    request(&v, "fc 0008 01 33 1001");
    struct knx_server_event event = house_says(&h, KNX_SERVER_EVENT_MANAGEMENT);
    knx_server_manage(h.server, event.channel, test_hex("fb 0008 01 33 1001 0002"), h.now);
    check_answer(&v, "fb 0008 01 33 1001 0002");
    knx_server_manage(h.server, event.channel + 256, test_hex("fb 0008 01 33 1001 0002"), h.now);
    house_sends_nothing(&h);
    house_end(&h);
}

static void keys_are_written_only_by_the_management_user_and_kept_by_the_owner(void **state)
{
    (void)state;
    static const char write[] = "f6 000b 01 5c 1001 000102030405060708090a0b0c0d0e0f";
    struct house h;
    struct visitor v = manager(&h);
    check_forwarded(&v, write);
    house_sends_nothing(&h);
    struct knx_server_event event;
    assert_false(knx_server_next_event(h.server, &event)); /* which also wipes the key */
    for (size_t i = 0; i < sizeof(h.server->told); i++) {
        assert_int_equal(h.server->told[i], 0);
    }
    house_end(&h);

    house_begin(&h);
    h.config.owner_manages = true;
    h.config.management_is_secured = false;
    house_open(&h);
    struct visitor plain = visitor_tcp(&h, 10);
    struct visitor user = visitor_secure(&h, 11, 2);
    visitor_connects(&plain, management_cri());
    visitor_connects(&user, management_cri());
    request(&plain, write);
    check_answer(&plain, "f5 000b 01 5c 0001 06");
    request(&user, write);
    check_answer(&user, "f5 000b 01 5c 0001 06");
    house_says_nothing(&h);
    house_end(&h);
}

static void what_nobody_knows_is_refused_where_the_owner_does_not_manage(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *answer;
    } unknown[] = {
        { "fc 0008 01 33 1001", "fb 0008 01 33 0001 07" },
        { "f6 0008 01 34 1001 00", "f5 0008 01 34 0001 07" },
        { "f8 0008 01 34 00", "fa 0008 01 34" },
        { "f6 000b 01 5c 1001 000102030405060708090a0b0c0d0e0f", "f5 000b 01 5c 0001 06" },
    };
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 1);
    visitor_connects(&v, management_cri());
    for (size_t i = 0; i < BAS_ARRAY_LEN(unknown); i++) {
        request(&v, unknown[i].request);
        check_answer(&v, unknown[i].answer);
        house_says_nothing(&h);
    }
    house_end(&h);
}

static void a_reset_is_told_and_indicated(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = manager(&h);
    check_forwarded(&v, "f1");
    check_answer(&v, "f0");
    house_end(&h);
}

static void other_messages_are_passed_over(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = manager(&h);
    request(&v, "1100bce0000009010100 81"); /* L_Data.req */
    request(&v, "fb 000b 01 34 1001 1100"); /* a confirmation */
    request(&v, "f0");
    house_says_nothing(&h);
    assert_int_equal(house_counts(&h).skipped, 3);
    request(&v, "fc 000b 01");
    request(&v, "fc 000b 01 34 1001 00");
    request(&v, "99");
    assert_int_equal(house_counts(&h).malformed, 3);
    house_sends_nothing(&h);
    house_end(&h);
}

static void a_tunnel_takes_no_device_configuration(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 1);
    visitor_connects(&v, tunnel_cri());
    request(&v, "fc 000b 01 34 1001");
    (void)house_says(&h, KNX_SERVER_EVENT_DROPPED);
    house_sends_nothing(&h);
    house_end(&h);
}

static void when_the_owner_does_not_listen_the_answer_is_an_error(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = manager(&h);
    uint64_t n = 0;
    struct knx_server_frame frame;
    while (!knx_server_next_frame(h.server, &frame)) {
        request(&v, "fc 0008 01 33 1001");
        assert_true(++n < 100000);
    }
    v.expects++; /* the one that was just taken */
    request(&v, "f6 0008 01 33 1001 00");
    check_answer(&v, "f5 0008 01 33 0001 00");
    request(&v, "f8 0008 01 33 00");
    house_ignore_frames(&h);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_property_answers_as_its_row_says),
        cmocka_unit_test(what_the_engine_does_not_know_is_the_owners_to_answer),
        cmocka_unit_test(keys_are_written_only_by_the_management_user_and_kept_by_the_owner),
        cmocka_unit_test(what_nobody_knows_is_refused_where_the_owner_does_not_manage),
        cmocka_unit_test(a_reset_is_told_and_indicated),
        cmocka_unit_test(other_messages_are_passed_over),
        cmocka_unit_test(a_tunnel_takes_no_device_configuration),
        cmocka_unit_test(when_the_owner_does_not_listen_the_answer_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
