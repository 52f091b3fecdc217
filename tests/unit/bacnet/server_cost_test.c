/* What a request can cost: how often the program is asked, and how much is answered. */
#include "server_fixture.h"

/* Getters count how often they are asked. */
static bas_err count_state(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    ++*(size_t *)ctx;
    return fixture_state(NULL, property, index, out);
}

static void open_counting(struct fixture *f, size_t *calls)
{
    const struct bac_property_config property = { .property = BAC_PROPERTY_SC_HUB_CONNECTOR_STATE,
                                                  .get = count_state,
                                                  .ctx = calls };
    const struct bac_object_config port = { .type = BAC_OBJECT_NETWORK_PORT,
                                            .instance = 1,
                                            .name = "Port",
                                            .properties = &property,
                                            .n_properties = 1 };
    struct bac_server_config config = fixture_config();
    config.objects = &port;
    config.n_objects = 1;
    fixture_open_with(f, &config);
}

/* One ReadPropertyMultiple with that reference n times; the type of its one answer. */
static unsigned ask_often(struct fixture *f, const char *reference, size_t n)
{
    static uint8_t memory[60000];
    struct bas_buf b;
    bas_buf_init(&b, memory, sizeof(memory));
    struct bas_slice head = test_hex("00 05 07 0E 0C 0E 00 00 01 1E");
    struct bas_slice one = test_hex(reference);
    bas_buf_add(&b, head.data, head.len);
    for (size_t i = 0; i < n; i++) {
        bas_buf_add(&b, one.data, one.len);
    }
    bas_buf_add(&b, "\x1F", 1);
    assert_false(b.full);
    (void)fixture_send(f, (struct bas_slice){ b.data, b.len });
    struct bac_apdu_tx tx;
    assert_true(bac_server_next_tx(f->server, &tx));
    struct bas_slice answer = bas_frame_slice(tx.frame);
    assert_true(answer.len <= f->way);
    unsigned type = answer.data[0] >> 4;
    bas_frame_unref(tx.frame);
    assert_false(bac_server_next_tx(f->server, &tx));
    return type;
}

static void reading_ends_where_the_answer_is_full(void **state)
{
    (void)state;
    static const struct {
        const char *reference;
        size_t n;
        size_t way;
    } rows[] = {
        { "09 08", 2000, 1476 }, /* ALL */
        { "09 69", 2000, 1476 }, /* REQUIRED */
        { "09 50", 2000, 480 },  /* OPTIONAL */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        size_t calls = 0;
        open_counting(&f, &calls);
        f.way = rows[i].way;
        assert_int_equal(ask_often(&f, rows[i].reference, rows[i].n), BAC_PDU_ABORT);
        assert_true(calls <= rows[i].way / 8); /* a value with its property takes 8 octets */
        fixture_close(&f);
    }
}

static void what_is_asked_for_is_asked_once(void **state)
{
    (void)state;
    struct fixture f;
    size_t calls = 0;
    open_counting(&f, &calls);
    assert_int_equal(ask_often(&f, "09 08", 1), BAC_PDU_COMPLEX_ACK);
    assert_int_equal(calls, 1);
    fixture_close(&f);
}

static void errors_fill_an_answer_too(void **state)
{
    (void)state;
    struct fixture f;
    size_t calls = 0;
    open_counting(&f, &calls);
    assert_int_equal(ask_often(&f, "09 55", 20), BAC_PDU_COMPLEX_ACK);
    assert_int_equal(ask_often(&f, "09 55", 2000), BAC_PDU_ABORT);
    assert_int_equal(ask_often(&f, "09 55", 9000), BAC_PDU_REJECT); /* too many for the decoder */
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_ends_where_the_answer_is_full),
        cmocka_unit_test(what_is_asked_for_is_asked_once),
        cmocka_unit_test(errors_fill_an_answer_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
