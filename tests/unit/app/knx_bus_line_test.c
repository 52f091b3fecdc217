/* Tests of knx_bus_line.c, with real sequence numbers. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/knx_bus.h"

#include "rt_world.h"
#include "test_folder.h"

#include <string.h>

enum { TUNNEL = 0x11FA, HOST = 0x1101, DEVICE = 0x110A, SECOND = 0x110B, TOLD = 256 };

static struct bas_group_object_settings objects[] = {
    { .group = 0x0A03,
      .device = DEVICE,
      .dpt = "1.001",
      .value = "on",
      .name = "Hall",
      .flags = 11 },
    { .group = 0x0A04, .device = DEVICE, .dpt = "9.001", .value = "21.0", .flags = 11 },
    { .group = 0x0A04, .device = SECOND, .dpt = "9.001", .flags = 10 },
};
static const char *tunnels[] = { "1.1.250", "1.1.251" };

/* One thing that the bus told. */
struct told {
    char what; /* c: confirmed, f: failed, i: indicated, n: notice */
    knx_channel_id channel;
    uint8_t octets[300];
    size_t len;
    char text[200];
};
struct hall {
    struct rt_world w;
    struct bas_knx_server_settings settings;
    const struct knx_keyring *keyring;
    struct knx_bus *bus;
    struct bas_fault fault;
    struct told told[TOLD];
    size_t n, looked_at;
    unsigned confirmed, connected, gone;
    unsigned asks_again; /* requests out of the next confirmations */
};

static void note(struct hall *h, char what, knx_channel_id channel, struct bas_slice octets,
                 const char *text)
{
    assert_true(h->n < TOLD && octets.len <= sizeof(h->told[0].octets));
    struct told *told = &h->told[h->n++];
    told->what = what;
    told->channel = channel;
    told->len = octets.len;
    if (octets.len != 0) {
        memcpy(told->octets, octets.data, octets.len);
    }
    (void)strncpy(told->text, text, sizeof(told->text) - 1);
}

static void on_confirm(void *user, knx_channel_id channel, struct bas_slice cemi, bool ok)
{
    struct hall *h = user;
    note(h, ok ? 'c' : 'f', channel, cemi, "");
    h->confirmed++;
    if (h->asks_again != 0) {
        h->asks_again--;
        h->bus->kind->request(h->bus, channel + 1, test_hex("1100bce011fa0a03010081"));
    }
}

static void on_indicate(void *user, struct bas_slice cemi, knx_channel_id except)
{
    note(user, 'i', except, cemi, "");
}

static void on_connected(void *user, bool is_connected, const struct bas_fault *why)
{
    struct hall *h = user;
    assert_true(is_connected && why == NULL);
    h->connected++;
}

static void on_notice(void *user, const struct bas_knx_notice *notice)
{
    const struct bas_slice none = { NULL, 0 };
    char text[200];
    struct bas_buf out;
    bas_buf_init(&out, text, sizeof(text));
    static const char *const kinds[] = { "changed", "dropped", "not sent" };
    bas_buf_format(&out, "%s: %s", kinds[notice->kind], notice->fault->text);
    note(user, 'n', 0, none, bas_buf_text(&out));
}

static void on_gone(void *user)
{
    ((struct hall *)user)->gone++;
}

static void prepare(struct hall *h)
{
    memset(h, 0, sizeof(*h));
    rt_begin(&h->w);
    h->settings = (struct bas_knx_server_settings){ .individual_address = HOST,
                                                    .trust_clock = true,
                                                    .tunnels = { tunnels, 2 },
                                                    .objects = objects,
                                                    .n_objects = BAS_ARRAY_LEN(objects) };
}

static void start(struct hall *h)
{
    const struct knx_bus_owner owner = { on_confirm, on_indicate, on_connected, on_notice, h };
    h->bus = knx_bus_line(h->w.loop, &h->settings, h->keyring, &owner, &h->fault);
}

static void begin(struct hall *h)
{
    prepare(h);
    start(h);
    assert_string_equal(h->fault.text, "");
    assert_non_null(h->bus);
    assert_int_equal(h->connected, 0);
    rt_turns(&h->w, 1);
    assert_int_equal(h->connected, 1);
}

static void end(struct hall *h)
{
    h->bus->kind->stop(h->bus, on_gone, h);
    rt_until(&h->w, &h->gone, 1);
    rt_end(&h->w);
}

static void ask(struct hall *h, knx_channel_id channel, const char *hex)
{
    h->bus->kind->request(h->bus, channel, test_hex(hex));
}

static const struct told *next(struct hall *h, char what)
{
    assert_true(h->looked_at < h->n);
    assert_int_equal(h->told[h->looked_at].what, what);
    return &h->told[h->looked_at++];
}

static void expect_telegram(struct hall *h, char what, knx_channel_id channel, const char *hex)
{
    const struct told *told = next(h, what);
    struct bas_slice octets = test_hex(hex);
    assert_int_equal(told->channel, channel);
    assert_int_equal(told->len, octets.len);
    assert_memory_equal(told->octets, octets.data, octets.len);
}

static void expect_notice(struct hall *h, const char *text)
{
    assert_string_equal(next(h, 'n')->text, text);
}

static void expect_none(struct hall *h)
{
    assert_int_equal(h->looked_at, h->n);
}

static void a_group_telegram_is_confirmed_and_heard_by_all(void **state)
{
    (void)state;
    struct hall h;
    begin(&h);
    ask(&h, 7, "1100bce011fa0a04010000");
    expect_telegram(&h, 'c', 7, "1100bce011fa0a04010000");
    expect_telegram(&h, 'i', 7, "1100bce011fa0a04010000"); /* for all but channel 7 */
    expect_telegram(&h, 'i', 0, "2900bce0110a0a040300400c1a");
    expect_notice(&h, "changed: 1/2/4 of 1.1.11 is 21 \xc2\xb0"
                      "C, from 1.1.10");
    expect_none(&h);
    ask(&h, 8, "1100bce011fa0a03010080");
    expect_telegram(&h, 'c', 8, "1100bce011fa0a03010080");
    expect_telegram(&h, 'i', 8, "1100bce011fa0a03010080");
    expect_notice(&h, "changed: 1/2/3 Hall of 1.1.10 is off, from 1.1.250");
    expect_none(&h);
    end(&h);
}

static void a_telegram_to_an_address_that_nobody_has_is_confirmed_negatively(void **state)
{
    (void)state;
    struct hall h;
    begin(&h);
    ask(&h, 7, "1100b06011fa1163010300");
    expect_telegram(&h, 'f', 7, "1100b06011fa1163010300");
    expect_none(&h);
    static const char *const good[] = { "1100b06011fa11fb010300", "1100b06011fa1101010300",
                                        "1100b0e011fa0000010100" }; /* tunnel, server, all */
    for (size_t i = 0; i < BAS_ARRAY_LEN(good); i++) {
        ask(&h, 7, good[i]);
        expect_telegram(&h, 'c', 7, good[i]);
        expect_telegram(&h, 'i', 7, good[i]);
    }
    expect_none(&h);
    ask(&h, 7, "1100b06011fa110a010300"); /* a device */
    expect_telegram(&h, 'c', 7, "1100b06011fa110a010300");
    expect_telegram(&h, 'i', 7, "1100b06011fa110a010300");
    expect_telegram(&h, 'i', 0, "2900bc60110a11fa03034007b0");
    expect_none(&h);
    end(&h);
}

static void what_is_no_request_is_confirmed_negatively(void **state)
{
    (void)state;
    struct hall h;
    uint8_t longest[KNX_MAX_CEMI + 1] = { 0x11 };
    const struct bas_slice octets = { longest, sizeof(longest) };
    begin(&h);
    ask(&h, 7, "1100bce011fa");
    ask(&h, 7, "2900bce011fa0a04010000");
    assert_int_equal(next(&h, 'f')->channel, 7);
    assert_int_equal(next(&h, 'f')->channel, 7);
    h.told[0].len = 0;
    longest[0] = 0;
    h.bus->kind->request(h.bus, 7, (struct bas_slice){ octets.data, 0 });
    assert_int_equal(next(&h, 'f')->len, 0);
    expect_none(&h);
    end(&h);
}

static void requests_out_of_a_confirmation_follow_in_order(void **state)
{
    (void)state;
    struct hall h;
    begin(&h);
    h.asks_again = 2;
    ask(&h, 1, "1100bce011fa0a03010081");
    for (knx_channel_id channel = 1; channel <= 3; channel++) {
        expect_telegram(&h, 'c', channel, "1100bce011fa0a03010081");
        expect_telegram(&h, 'i', channel, "1100bce011fa0a03010081");
        assert_int_equal(next(&h, 'n')->what, 'n');
    }
    expect_none(&h);
    end(&h);
}

static void the_pace_makes_others_wait_and_a_full_place_refuses(void **state)
{
    (void)state;
    struct hall h;
    prepare(&h);
    h.settings.telegrams_per_second = 1;
    start(&h);
    for (knx_channel_id i = 1; i <= 65; i++) {
        ask(&h, i, "1100bce011fa11ff010000");
    }
    assert_int_equal(h.confirmed, 1); /* 64 wait */
    ask(&h, 66, "1100bce011fa11ff010000");
    expect_telegram(&h, 'c', 1, "1100bce011fa11ff010000");
    expect_telegram(&h, 'i', 1, "1100bce011fa11ff010000");
    expect_telegram(&h, 'f', 66, "1100bce011fa11ff010000");
    expect_none(&h);
    end(&h); /* those that wait are not confirmed any more */
    expect_none(&h);
}

static void what_waits_for_its_turn_comes_no_faster_than_the_pace(void **state)
{
    (void)state;
    struct hall h;
    prepare(&h);
    h.settings.telegrams_per_second = 1000;
    start(&h);
    bas_time begun = loop_now();
    for (knx_channel_id i = 1; i <= 40; i++) {
        ask(&h, i, "1100bce011fa11ff010000");
    }
    while (h.confirmed < 40) {
        rt_turns(&h.w, 1);
    }
    assert_true(loop_now() - begun >= (40 - 1 - 10) * BAS_MILLISECOND); /* 10: the catching up */
    for (knx_channel_id i = 1; i <= 40; i++) {
        assert_int_equal(next(&h, 'c')->channel, i);
        assert_int_equal(next(&h, 'i')->channel, i);
    }
    end(&h);
}

static void a_device_with_the_address_of_a_tunnel_is_refused(void **state)
{
    (void)state;
    struct hall h;
    prepare(&h);
    tunnels[1] = "1.1.11";
    start(&h);
    tunnels[1] = "1.1.251";
    assert_null(h.bus);
    assert_string_equal(h.fault.text,
                        "knx-server.objects: device 1.1.11 is the server itself or a tunnel of it; "
                        "give the device another address");
    rt_end(&h.w);
}

/* Data Secure: the keyring knows a key of 1/2/3. */

static const knx_ia senders[] = { DEVICE };
static const struct knx_keyring_group used[] = { { 0x0A03, senders, 1 } };
static const struct knx_keyring_interface interfaces[] = { { .type = KNX_INTERFACE_TUNNELLING,
                                                             .address = TUNNEL,
                                                             .host = HOST,
                                                             .user = 2,
                                                             .groups = used,
                                                             .n_groups = 1 } };
static const struct knx_group_key key = { 0x0A03, { { 0xA3 } } };
static char project[] = "House";
static const struct knx_keyring keyring = {
    .project = project, .interfaces = interfaces, .n_interfaces = 1, .groups = &key, .n_groups = 1
};

static struct knx_data_secure *make_tunnel(struct test_env *t, uint64_t first)
{
    const struct knx_sender device = { .address = DEVICE };
    const struct knx_data_secure_config config = { .size = sizeof(config),
                                                   .address = TUNNEL,
                                                   .groups = &key,
                                                   .n_groups = 1,
                                                   .senders = &device,
                                                   .n_senders = 1 };
    struct knx_data_secure *tunnel = knx_data_secure_new(&t->env, &config);
    assert_non_null(tunnel);
    assert_int_equal(knx_data_secure_grant(tunnel, first, 100), BAS_OK);
    return tunnel;
}

static void ask_secured(struct hall *h, struct knx_data_secure *tunnel, const char *hex)
{
    struct knx_cemi cemi;
    uint8_t memory[300];
    struct bas_buf out;
    bool is_secured = false;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_cemi_decode(test_hex(hex), &cemi, NULL), BAS_OK);
    assert_int_equal(knx_data_secure_seal(tunnel, &cemi, 0, &out, &is_secured, NULL), BAS_OK);
    assert_true(is_secured);
    h->bus->kind->request(h->bus, 7, (struct bas_slice){ memory, out.len });
}

/* The answer of the device, opened; gives its sequence number. */
static uint64_t open_answer(struct hall *h, struct knx_data_secure *tunnel, const char *tpdu)
{
    const struct told *told = next(h, 'i');
    const struct bas_slice octets = { told->octets, told->len };
    struct bas_slice expected = test_hex(tpdu);
    struct knx_cemi cemi;
    struct knx_opened opened;
    uint8_t memory[256];
    struct bas_buf plain;
    bas_buf_init(&plain, memory, sizeof(memory));
    assert_int_equal(knx_cemi_decode(octets, &cemi, NULL), BAS_OK);
    knx_data_secure_open(tunnel, &cemi, 0, &plain, &opened);
    assert_int_equal(opened.drop, KNX_DROP_NONE);
    assert_true(opened.is_secured);
    assert_int_equal(opened.cemi.tpdu.len, expected.len);
    assert_memory_equal(opened.cemi.tpdu.data, expected.data, expected.len);
    return opened.sequence;
}

static void begin_secured(struct hall *h, const char *state_file)
{
    prepare(h);
    h->keyring = &keyring;
    h->settings.tunnels.n = 0;
    h->settings.state_file = state_file;
    start(h);
    assert_string_equal(h->fault.text, "");
    assert_non_null(h->bus);
}

static void a_device_speaks_data_secure_with_the_keys_of_the_keyring(void **state)
{
    (void)state;
    struct hall h;
    begin_secured(&h, NULL);
    struct knx_data_secure *tunnel = make_tunnel(&h.w.outside, 500);
    ask_secured(&h, tunnel, "1100bce011fa0a03010000");
    (void)next(&h, 'c');
    (void)next(&h, 'i');
    (void)open_answer(&h, tunnel, "0041");
    expect_none(&h);
    ask(&h, 7, "1100bce011fa0a03010080"); /* plain */
    (void)next(&h, 'c');
    (void)next(&h, 'i');
    expect_notice(&h, "dropped: 1.1.10 did not take a telegram of 1.1.250 to 1/2/3: plain");
    ask_secured(&h, tunnel, "1100bce011fa0a03010080");
    (void)next(&h, 'c');
    (void)next(&h, 'i');
    expect_notice(&h, "changed: 1/2/3 Hall of 1.1.10 is off, from 1.1.250");
    expect_none(&h);
    knx_data_secure_free(tunnel);
    end(&h);
}

/* One life of the server: an answer to the tunnel, whose number it gives. */
static uint64_t live_once(struct knx_data_secure *tunnel)
{
    struct hall h;
    begin_secured(&h, "numbers.db");
    ask_secured(&h, tunnel, "1100bce011fa0a03010000");
    h.looked_at = 2;
    uint64_t number = open_answer(&h, tunnel, "0041");
    end(&h);
    return number;
}

static void numbers_go_on_where_the_state_file_says(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct knx_data_secure *tunnel = make_tunnel(&t, 500);
    struct knx_data_secure *old = make_tunnel(&t, 500);
    uint64_t first = live_once(tunnel);
    assert_true(live_once(tunnel) > first);
    /* what was heard of the tunnel is known still: an old number is a replay */
    struct hall h;
    begin_secured(&h, "numbers.db");
    ask_secured(&h, old, "1100bce011fa0a03010000");
    (void)next(&h, 'c');
    (void)next(&h, 'i');
    expect_notice(&h, "dropped: 1.1.10 did not take a telegram of 1.1.250 to 1/2/3: replay");
    end(&h);
    knx_data_secure_free(tunnel);
    knx_data_secure_free(old);
    test_env_check(&t);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    size_t k = 1;
    for (bool is_made = false; !is_made; k++) {
        struct hall h;
        prepare(&h);
        h.keyring = &keyring;
        h.settings.tunnels.n = 0;
        h.w.t.fail_at = h.w.t.allocations + k;
        start(&h);
        h.w.t.fail_at = 0;
        is_made = h.bus != NULL;
        if (is_made) {
            end(&h);
        } else {
            assert_int_equal(h.fault.err, BAS_ERR_NO_MEMORY);
            rt_end(&h.w);
        }
    }
    assert_true(k > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_telegram_is_confirmed_and_heard_by_all),
        cmocka_unit_test(a_telegram_to_an_address_that_nobody_has_is_confirmed_negatively),
        cmocka_unit_test(what_is_no_request_is_confirmed_negatively),
        cmocka_unit_test(requests_out_of_a_confirmation_follow_in_order),
        cmocka_unit_test(the_pace_makes_others_wait_and_a_full_place_refuses),
        cmocka_unit_test(what_waits_for_its_turn_comes_no_faster_than_the_pace),
        cmocka_unit_test(a_device_with_the_address_of_a_tunnel_is_refused),
        cmocka_unit_test(a_device_speaks_data_secure_with_the_keys_of_the_keyring),
        cmocka_unit_test(numbers_go_on_where_the_state_file_says),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
