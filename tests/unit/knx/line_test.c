/* Tests of line.c. Telegrams as hex: code, additional length, control, source, destination, L, TPDU
 * (spec 3.1). */
#include "basalt/knx_line.h"

#include "test_env.h"

#include <string.h>

static const struct knx_dpt switch_type = { .main = 1, .sub = 1, .size = 0 };
static const struct knx_dpt temperature = { .main = 9, .sub = 1, .size = 2 };
static const struct knx_dpt text_type = { .main = 28, .sub = 1, .size = 255 };

enum { HALL, LAMP, DEAF, SENSOR, DISPLAY, TEXT, N_OBJECTS };
enum { FIRST = 0x110A, SECOND, THIRD, OUTSIDE = 0x11FA };
enum { RWU = KNX_OBJECT_READ | KNX_OBJECT_WRITE | KNX_OBJECT_UPDATE };

static const uint8_t on[] = { 1 };
static const uint8_t warm[] = { 0x0C, 0x1A };
static const struct knx_line_device plain_devices[] = { { THIRD, NULL },
                                                        { FIRST, NULL },
                                                        { SECOND, NULL } };
static const struct knx_line_object plain_objects[] = {
    [HALL] = { FIRST, 0x0A03, &switch_type, RWU, { on, 1 } },
    [LAMP] = { SECOND, 0x0A03, &switch_type, KNX_OBJECT_WRITE | KNX_OBJECT_UPDATE, { NULL, 0 } },
    [DEAF] = { THIRD, 0x0A03, &switch_type, 0, { NULL, 0 } },
    [SENSOR] = { FIRST, 0x0A04, &temperature, KNX_OBJECT_READ | KNX_OBJECT_TRANSMIT, { warm, 2 } },
    [DISPLAY] = { SECOND, 0x0A04, &temperature, KNX_OBJECT_WRITE, { NULL, 0 } },
    [TEXT] = { THIRD, 0x0A05, &text_type, RWU | KNX_OBJECT_TRANSMIT, { NULL, 0 } },
};

struct world {
    struct test_env t;
    struct knx_line_device devices[3];
    struct knx_line_object objects[N_OBJECTS];
    struct knx_line_config config;
    struct knx_line *line;
};

static void prepare(struct world *w)
{
    test_env_init(&w->t);
    memcpy(w->devices, plain_devices, sizeof(w->devices));
    memcpy(w->objects, plain_objects, sizeof(w->objects));
    w->config = (struct knx_line_config){ .size = sizeof(w->config),
                                          .devices = w->devices,
                                          .n_devices = BAS_ARRAY_LEN(w->devices),
                                          .objects = w->objects,
                                          .n_objects = N_OBJECTS };
}

static void begin(struct world *w)
{
    prepare(w);
    w->line = knx_line_new(&w->t.env, &w->config);
    assert_non_null(w->line);
}

static void end(struct world *w)
{
    knx_line_free(w->line);
    test_env_check(&w->t);
}

static void recv_hex(struct world *w, const char *hex)
{
    knx_line_recv(w->line, test_hex(hex), 0);
}

static void expect_none(struct world *w)
{
    struct knx_line_event event;
    assert_false(knx_line_next_event(w->line, &event));
}

static struct knx_line_event expect(struct world *w, enum knx_line_event_kind kind)
{
    struct knx_line_event event = { 0 };
    assert_true(knx_line_next_event(w->line, &event));
    assert_int_equal(event.kind, kind);
    return event;
}

static void expect_telegram(struct world *w, size_t device, const char *hex)
{
    struct knx_line_event event = expect(w, KNX_LINE_TELEGRAM);
    struct bas_slice octets = test_hex(hex);
    assert_int_equal(event.device, device);
    assert_int_equal(event.cemi.len, octets.len);
    assert_memory_equal(event.cemi.data, octets.data, octets.len);
}

static void expect_changed(struct world *w, size_t object, knx_ia source)
{
    struct knx_line_event event = expect(w, KNX_LINE_CHANGED);
    assert_int_equal(event.object, object);
    assert_int_equal(event.source, source);
    assert_int_equal(event.group, w->objects[object].group);
}

static void expect_dropped(struct world *w, knx_ia device, enum knx_drop drop)
{
    struct knx_line_event event = expect(w, KNX_LINE_DROPPED);
    assert_int_equal(w->devices[event.device].address, device);
    assert_int_equal(event.drop, drop);
}

static void holds(struct world *w, size_t object, const char *hex)
{
    struct bas_slice value = knx_line_value(w->line, object);
    struct bas_slice octets = test_hex(hex);
    assert_int_equal(value.len, octets.len);
    assert_memory_equal(value.data, octets.data, octets.len);
}

static void a_read_is_answered_by_the_object_with_the_read_flag(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    recv_hex(&w, "1100bce011fa0a03010000");
    expect_telegram(&w, 1, "2900bce0110a0a03010041");
    expect_changed(&w, LAMP, FIRST); /* the response updates it */
    expect_none(&w);
    holds(&w, LAMP, "01");
    recv_hex(&w, "1100bce011fa0a04010000");
    expect_telegram(&w, 1, "2900bce0110a0a040300400c1a");
    expect_none(&w); /* DISPLAY takes no response */
    holds(&w, DISPLAY, "0000");
    recv_hex(&w, "1100bce011fa0a06010000");
    expect_none(&w);
    end(&w);
}

static void a_write_goes_to_all_objects_with_the_write_flag(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    recv_hex(&w, "2900bce011fa0a03010080");
    expect_changed(&w, HALL, OUTSIDE); /* by address of the devices' places: 1 before 2 */
    expect_changed(&w, LAMP, OUTSIDE);
    expect_none(&w);
    holds(&w, HALL, "00");
    recv_hex(&w, "1100bce011fa0a03010081");
    holds(&w, HALL, "01");
    holds(&w, LAMP, "01");
    holds(&w, DEAF, "00");
    recv_hex(&w, "2900bce011fa0a040300801234");
    holds(&w, SENSOR, "0c1a");
    holds(&w, DISPLAY, "1234");
    end(&w);
}

static void a_response_goes_to_those_with_the_update_flag(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    recv_hex(&w, "2900bce011fa0a03010040");
    expect_changed(&w, HALL, OUTSIDE);
    expect_changed(&w, LAMP, OUTSIDE);
    recv_hex(&w, "2900bce011fa0a040300401234");
    expect_none(&w);
    holds(&w, DISPLAY, "0000");
    end(&w);
}

static void what_a_device_sets_is_sent_with_the_transmit_flag(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    assert_int_equal(knx_line_set(w.line, SENSOR, test_hex("0102"), 0), BAS_OK);
    expect_telegram(&w, 1, "2900bce0110a0a040300800102");
    expect_changed(&w, DISPLAY, FIRST);
    expect_none(&w);
    holds(&w, SENSOR, "0102");
    holds(&w, DISPLAY, "0102");
    assert_int_equal(knx_line_set(w.line, HALL, test_hex("00"), 0), BAS_OK);
    expect_none(&w);
    holds(&w, HALL, "00");
    holds(&w, LAMP, "00");
    end(&w);
}

static void a_value_of_another_size_is_refused(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    recv_hex(&w, "2900bce011fa0a0303008000ff");
    expect_dropped(&w, FIRST, KNX_DROP_MALFORMED);
    expect_dropped(&w, SECOND, KNX_DROP_MALFORMED);
    expect_none(&w);
    recv_hex(&w, "2900bce011fa0a04020080ff");
    expect_dropped(&w, SECOND, KNX_DROP_MALFORMED);
    holds(&w, DISPLAY, "0000");
    assert_int_equal(knx_line_set(w.line, SENSOR, test_hex("01"), 0), BAS_ERR_INVALID);
    assert_int_equal(knx_line_set(w.line, N_OBJECTS, test_hex("01"), 0), BAS_ERR_INVALID);
    assert_int_equal(knx_line_value(w.line, N_OBJECTS).len, 0);
    expect_none(&w);
    end(&w);
}

static void a_value_of_any_length_keeps_its_length(void **state)
{
    (void)state;
    struct world w;
    uint8_t longest[KNX_LINE_VALUE + 1];
    begin(&w);
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(knx_line_value(w.line, TEXT).len, 0);
    recv_hex(&w, "2900bce011fa0a05040080414200");
    expect_changed(&w, TEXT, OUTSIDE);
    holds(&w, TEXT, "414200");
    const struct bas_slice most = { longest, KNX_LINE_VALUE };
    assert_int_equal(knx_line_set(w.line, TEXT, most, 0), BAS_OK);
    struct knx_line_event event = expect(&w, KNX_LINE_TELEGRAM);
    assert_int_equal(event.cemi.len, 9 + 2 + KNX_LINE_VALUE);
    assert_int_equal(event.cemi.data[2], 0x3C); /* extended (spec 3.1) */
    const struct bas_slice more = { longest, KNX_LINE_VALUE + 1 };
    assert_int_equal(knx_line_set(w.line, TEXT, more, 0), BAS_ERR_INVALID);
    assert_int_equal(knx_line_value(w.line, TEXT).len, KNX_LINE_VALUE);
    end(&w);
}

static void a_descriptor_read_is_answered_with_the_mask(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    recv_hex(&w, "1100b06011fa110a010300");
    expect_telegram(&w, 1, "2900bc60110a11fa03034007b0");
    recv_hex(&w, "1100b06011fa110b010302"); /* type 2: there is none */
    expect_telegram(&w, 2, "2900bc60110b11fa01037f");
    recv_hex(&w, "1100b06011fa110a0080");   /* T_Connect */
    recv_hex(&w, "1100b06011fa110a014300"); /* numbered */
    recv_hex(&w, "1100b06011fa110a0081");   /* T_Disconnect */
    recv_hex(&w, "1100b06011fa1163010300"); /* nobody's */
    expect_none(&w);
    assert_true(knx_line_has(w.line, 0x110A));
    assert_false(knx_line_has(w.line, 0x1163));
    assert_int_equal(knx_line_address(w.line, 1), FIRST);
    assert_int_equal(knx_line_address(w.line, 3), 0);
    end(&w);
}

static void what_waits_is_bounded(void **state)
{
    (void)state;
    struct world w;
    prepare(&w);
    w.config.pending = 2;
    w.line = knx_line_new(&w.t.env, &w.config);
    size_t allocations = w.t.allocations;
    for (int i = 0; i < 5; i++) {
        recv_hex(&w, "1100bce011fa0a03010000");
    }
    assert_int_equal(knx_line_set(w.line, SENSOR, test_hex("0102"), 0), BAS_ERR_BUSY);
    holds(&w, SENSOR, "0c1a");
    expect_telegram(&w, 1, "2900bce0110a0a03010041");
    expect_changed(&w, LAMP, FIRST);
    expect_telegram(&w, 1, "2900bce0110a0a03010041");
    struct knx_line_event event = expect(&w, KNX_LINE_UNSENT);
    assert_int_equal(event.err, BAS_ERR_BUSY);
    assert_int_equal(event.device, 1);
    assert_int_equal(event.group, 0x0A03);
    expect_none(&w);
    assert_int_equal(knx_line_set(w.line, SENSOR, test_hex("0102"), 0), BAS_OK);
    expect_telegram(&w, 1, "2900bce0110a0a040300800102");
    assert_int_equal(w.t.allocations, allocations);
    end(&w);
}

static void a_change_is_told_once_however_often_it_came(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (unsigned i = 0; i < 1000; i++) {
        recv_hex(&w, i % 2 == 0 ? "2900bce011fb0a03010081" : "2900bce011fa0a03010080");
    }
    expect_changed(&w, HALL, OUTSIDE);
    expect_changed(&w, LAMP, OUTSIDE);
    expect_none(&w);
    end(&w);
}

static void what_is_no_telegram_is_not_heard(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct bas_slice whole = test_hex("2900bce011fa0a040300801234");
    for (size_t n = 0; n < whole.len; n++) {
        const struct bas_slice part = { whole.data, n };
        knx_line_recv(w.line, part, 0);
    }
    recv_hex(&w, "2b00bce011fa0a03010000");   /* L_Busmon.ind */
    recv_hex(&w, "fc000b01340001");           /* M_PropRead.req */
    recv_hex(&w, "2900bce011fa0000010000");   /* a broadcast */
    recv_hex(&w, "2900bce011fa0a03020280ff"); /* a service that is not for groups */
    expect_none(&w);
    recv_hex(&w, "2900bce011fa0a040000"); /* ends inside its APCI */
    expect_dropped(&w, FIRST, KNX_DROP_MALFORMED);
    expect_dropped(&w, SECOND, KNX_DROP_MALFORMED);
    expect_none(&w);
    end(&w);
}

static void a_configuration_that_does_not_fit_gives_no_line(void **state)
{
    (void)state;
    struct world w;
    prepare(&w);
    w.objects[TEXT].device = OUTSIDE;
    assert_null(knx_line_new(&w.t.env, &w.config));
    prepare(&w);
    w.objects[SENSOR].value.len = 1;
    assert_null(knx_line_new(&w.t.env, &w.config));
    prepare(&w);
    w.objects[SENSOR].group = 0;
    assert_null(knx_line_new(&w.t.env, &w.config));
    prepare(&w);
    w.objects[SENSOR].dpt = NULL;
    assert_null(knx_line_new(&w.t.env, &w.config));
    prepare(&w);
    w.devices[2].address = FIRST;
    assert_null(knx_line_new(&w.t.env, &w.config));
    prepare(&w);
    w.config.n_devices = w.config.n_objects = 0;
    w.line = knx_line_new(&w.t.env, &w.config);
    assert_non_null(w.line);
    recv_hex(&w, "1100bce011fa0a03010000");
    expect_none(&w);
    assert_false(knx_line_has(w.line, FIRST));
    end(&w);
}

/* Data Secure: 1/2/3 has a key, its senders are the outside and FIRST. */

static const struct knx_group_key group_key = { 0x0A03, { { 0x5A, 1, 2, 3 } } };
static const struct knx_sender senders[] = { { .address = OUTSIDE }, { .address = FIRST } };
static const struct knx_data_secure_config keys = { .size = sizeof(keys),
                                                    .groups = &group_key,
                                                    .n_groups = 1,
                                                    .senders = senders,
                                                    .n_senders = BAS_ARRAY_LEN(senders) };

struct secured {
    struct world w;
    struct knx_data_secure *outside;
    uint8_t octets[300];
    struct bas_slice sealed;
};

static struct knx_data_secure *make_party(struct test_env *t, knx_ia address, uint64_t first)
{
    struct knx_data_secure_config config = keys;
    config.address = address;
    struct knx_data_secure *party = knx_data_secure_new(&t->env, &config);
    assert_non_null(party);
    assert_int_equal(knx_data_secure_grant(party, first, 1000), BAS_OK);
    return party;
}

/* FIRST and SECOND have the key, THIRD has not. */
static void begin_secured(struct secured *s, bool grants)
{
    struct world *w = &s->w;
    prepare(w);
    w->devices[1].secure = &keys;
    w->devices[2].secure = &keys;
    w->line = knx_line_new(&w->t.env, &w->config);
    assert_non_null(w->line);
    assert_null(knx_line_secure(w->line, 0));
    for (size_t i = 1; grants && i <= 2; i++) {
        assert_int_equal(knx_data_secure_grant(knx_line_secure(w->line, i), 100, 1000), BAS_OK);
    }
    s->outside = make_party(&w->t, OUTSIDE, 500);
}

static void end_secured(struct secured *s)
{
    knx_data_secure_free(s->outside);
    end(&s->w);
}

static void seal(struct secured *s, struct knx_data_secure *party, const char *hex)
{
    struct knx_cemi cemi;
    struct bas_buf out;
    bool is_secured = false;
    assert_int_equal(knx_cemi_decode(test_hex(hex), &cemi, NULL), BAS_OK);
    bas_buf_init(&out, s->octets, sizeof(s->octets));
    assert_int_equal(knx_data_secure_seal(party, &cemi, 0, &out, &is_secured, NULL), BAS_OK);
    assert_true(is_secured);
    s->sealed = (struct bas_slice){ s->octets, out.len };
}

/* The next event of this kind of one device; what is told between does not matter. */
static struct knx_line_event find(struct world *w, enum knx_line_event_kind kind, size_t device)
{
    struct knx_line_event event = { 0 };
    do {
        assert_true(knx_line_next_event(w->line, &event));
    } while (event.kind != kind || event.device != device);
    return event;
}

static void drain(struct world *w)
{
    struct knx_line_event event;
    while (knx_line_next_event(w->line, &event)) {
    }
}

static void a_device_with_the_key_answers_a_secured_read_secured(void **state)
{
    (void)state;
    struct secured s;
    begin_secured(&s, true);
    seal(&s, s.outside, "1100bce011fa0a03010000");
    knx_line_recv(s.w.line, s.sealed, 0);
    struct knx_line_event event = find(&s.w, KNX_LINE_TELEGRAM, 1);
    struct knx_cemi cemi;
    struct knx_opened opened;
    uint8_t memory[256];
    struct bas_buf plain;
    bas_buf_init(&plain, memory, sizeof(memory));
    assert_int_equal(knx_cemi_decode(event.cemi, &cemi, NULL), BAS_OK);
    assert_int_equal(cemi.code, KNX_L_DATA_IND);
    knx_data_secure_open(s.outside, &cemi, 0, &plain, &opened);
    assert_int_equal(opened.drop, KNX_DROP_NONE);
    assert_true(opened.is_secured);
    assert_int_equal(opened.sequence, 100);
    assert_memory_equal(opened.cemi.tpdu.data, "\x00\x41", 2);
    drain(&s.w);
    holds(&s.w, LAMP, "01"); /* SECOND opened the response of FIRST */
    end_secured(&s);
}

static void a_secured_group_takes_secured_writes_and_no_plain_ones(void **state)
{
    (void)state;
    struct secured s;
    begin_secured(&s, true);
    recv_hex(&s.w, "1100bce011fa0a03010080");
    assert_int_equal(find(&s.w, KNX_LINE_DROPPED, 1).drop, KNX_DROP_PLAIN);
    holds(&s.w, HALL, "01");
    recv_hex(&s.w, "1100bce011fa0a03010000");
    struct knx_line_event event;
    while (knx_line_next_event(s.w.line, &event)) {
        assert_int_not_equal(event.kind, KNX_LINE_TELEGRAM);
    }
    seal(&s, s.outside, "1100bce011fa0a03010080");
    knx_line_recv(s.w.line, s.sealed, 0);
    drain(&s.w);
    holds(&s.w, HALL, "00");
    knx_line_recv(s.w.line, s.sealed, 0); /* the same again */
    event = find(&s.w, KNX_LINE_DROPPED, 1);
    assert_int_equal(event.drop, KNX_DROP_DUPLICATE);
    assert_int_equal(event.source, OUTSIDE);
    assert_int_equal(event.group, 0x0A03);
    end_secured(&s);
}

static void a_sender_that_the_keys_do_not_name_is_not_heard(void **state)
{
    (void)state;
    struct secured s;
    begin_secured(&s, true);
    struct knx_data_secure *stranger = make_party(&s.w.t, 0x11FB, 500);
    seal(&s, stranger, "1100bce011fb0a03010080");
    knx_line_recv(s.w.line, s.sealed, 0);
    struct knx_line_event event = find(&s.w, KNX_LINE_DROPPED, 1);
    assert_int_equal(event.drop, KNX_DROP_UNKNOWN_SENDER);
    holds(&s.w, HALL, "01");
    knx_data_secure_free(stranger);
    end_secured(&s);
}

static void a_device_without_the_key_says_that_it_has_none(void **state)
{
    (void)state;
    struct secured s;
    begin_secured(&s, true);
    seal(&s, s.outside, "1100bce011fa0a03010080");
    knx_line_recv(s.w.line, s.sealed, 0);
    assert_int_equal(find(&s.w, KNX_LINE_DROPPED, 0).drop, KNX_DROP_UNKNOWN_KEY);
    end_secured(&s);
}

static void a_device_without_numbers_sends_nothing(void **state)
{
    (void)state;
    struct secured s;
    begin_secured(&s, false);
    seal(&s, s.outside, "1100bce011fa0a03010000");
    knx_line_recv(s.w.line, s.sealed, 0);
    struct knx_line_event event;
    bool is_unsent = false;
    while (knx_line_next_event(s.w.line, &event)) {
        assert_int_not_equal(event.kind, KNX_LINE_TELEGRAM);
        is_unsent = is_unsent || (event.kind == KNX_LINE_UNSENT && event.err == BAS_ERR_BUSY);
    }
    assert_true(is_unsent);
    /* what has no key goes out in the plain */
    assert_int_equal(knx_line_set(s.w.line, SENSOR, test_hex("0102"), 0), BAS_OK);
    drain(&s.w);
    holds(&s.w, DISPLAY, "0102");
    end_secured(&s);
}

static void a_tool_is_answered_with_its_own_key(void **state)
{
    (void)state;
    struct world w;
    const struct knx_key tool_key = { { 0x70, 0x01 } };
    const struct knx_sender tools = { .address = 0, .is_tool = true };
    struct knx_data_secure_config device = keys;
    device.has_tool_key = true;
    device.tool_key = tool_key;
    device.senders = &tools;
    device.n_senders = 1;
    const struct knx_peer_key peer = { FIRST, true, tool_key };
    const struct knx_sender first = { .address = FIRST, .is_tool = true };
    const struct knx_data_secure_config tool = { .size = sizeof(tool),
                                                 .address = OUTSIDE,
                                                 .peers = &peer,
                                                 .n_peers = 1,
                                                 .senders = &first,
                                                 .n_senders = 1 };
    prepare(&w);
    w.devices[1].secure = &device;
    w.line = knx_line_new(&w.t.env, &w.config);
    assert_int_equal(knx_data_secure_grant(knx_line_secure(w.line, 1), 100, 10), BAS_OK);
    struct knx_data_secure *asks = knx_data_secure_new(&w.t.env, &tool);
    assert_int_equal(knx_data_secure_grant(asks, 500, 10), BAS_OK);
    uint8_t memory[300];
    struct bas_buf out;
    struct knx_cemi cemi;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_cemi_decode(test_hex("1100b06011fa110a010300"), &cemi, NULL), BAS_OK);
    assert_int_equal(knx_data_secure_seal_tool(asks, &cemi, 0, &out, NULL), BAS_OK);
    const struct bas_slice question = { memory, out.len };
    knx_line_recv(w.line, question, 0);
    struct knx_line_event event = find(&w, KNX_LINE_TELEGRAM, 1);
    assert_int_equal(knx_cemi_decode(event.cemi, &cemi, NULL), BAS_OK);
    struct knx_opened opened;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_data_secure_open(asks, &cemi, 0, &out, &opened);
    assert_int_equal(opened.drop, KNX_DROP_NONE);
    assert_true(opened.is_tool);
    assert_memory_equal(opened.cemi.tpdu.data, "\x03\x40\x07\xb0", 4);
    knx_data_secure_free(asks);
    end(&w);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    size_t k = 1;
    for (;; k++) {
        struct world w;
        prepare(&w);
        w.devices[1].secure = &keys;
        w.t.fail_at = k;
        w.line = knx_line_new(&w.t.env, &w.config);
        bool is_made = w.line != NULL;
        end(&w);
        if (is_made) {
            break;
        }
    }
    assert_true(k > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_is_answered_by_the_object_with_the_read_flag),
        cmocka_unit_test(a_write_goes_to_all_objects_with_the_write_flag),
        cmocka_unit_test(a_response_goes_to_those_with_the_update_flag),
        cmocka_unit_test(what_a_device_sets_is_sent_with_the_transmit_flag),
        cmocka_unit_test(a_value_of_another_size_is_refused),
        cmocka_unit_test(a_value_of_any_length_keeps_its_length),
        cmocka_unit_test(a_descriptor_read_is_answered_with_the_mask),
        cmocka_unit_test(what_waits_is_bounded),
        cmocka_unit_test(a_change_is_told_once_however_often_it_came),
        cmocka_unit_test(what_is_no_telegram_is_not_heard),
        cmocka_unit_test(a_configuration_that_does_not_fit_gives_no_line),
        cmocka_unit_test(a_device_with_the_key_answers_a_secured_read_secured),
        cmocka_unit_test(a_secured_group_takes_secured_writes_and_no_plain_ones),
        cmocka_unit_test(a_sender_that_the_keys_do_not_name_is_not_heard),
        cmocka_unit_test(a_device_without_the_key_says_that_it_has_none),
        cmocka_unit_test(a_device_without_numbers_sends_nothing),
        cmocka_unit_test(a_tool_is_answered_with_its_own_key),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
