/* Properties of codec and rules that hold for random messages; the seed is BAS_SEED. */
#include "test_env.h"

#include "sc/bvlc.h"

#include <stdlib.h>
#include <string.h>

static size_t below(struct test_env *t, size_t n)
{
    uint32_t r = 0;
    t->env.random(t->env.ctx, (uint8_t *)&r, sizeof(r));
    return r % n;
}

static bool one_in(struct test_env *t, size_t n)
{
    return below(t, n) == 0;
}

/* Appends one random option list that is well-formed. */
static struct bas_slice random_options(struct test_env *t, struct bas_buf *memory)
{
    struct bas_slice list = { memory->data + memory->len, 0 };
    bool more = true;
    while (more) {
        more = one_in(t, 2);
        bool has_data = one_in(t, 2);
        uint8_t octets[3 + 12] = { (uint8_t)(1 + below(t, 31)) };
        octets[0] |= (uint8_t)((more ? BSC_OPTION_MORE : 0) | (has_data ? BSC_OPTION_HAS_DATA : 0));
        octets[0] |= one_in(t, 4) ? BSC_OPTION_BIT6 : 0;
        octets[2] = has_data ? (uint8_t)below(t, 13) : 0;
        t->env.random(t->env.ctx, octets + 3, octets[2]);
        bas_buf_add(memory, octets, has_data ? 3U + octets[2] : 1U);
    }
    list.len = (size_t)(memory->data + memory->len - list.data);
    return list;
}

static struct bas_slice random_payload(struct test_env *t, const struct bsc_row *row,
                                       struct bas_buf *memory)
{
    size_t max = row->payload_max < 40 ? row->payload_max : 40;
    size_t len = row->payload_min + below(t, max - row->payload_min + 1);
    uint8_t octets[40];
    t->env.random(t->env.ctx, octets, sizeof(octets));
    if (one_in(t, 2)) {
        octets[0] &= 3;
        octets[1] &= 1; /* hub status, result code, accept direct */
    }
    struct bas_slice payload = { memory->data + memory->len, len };
    bas_buf_add(memory, octets, len);
    return payload;
}

static struct bsc_vmac random_vmac(struct test_env *t)
{
    struct bsc_vmac vmac = bsc_vmac_random(&t->env);
    if (one_in(t, 4)) {
        memset(vmac.octets, one_in(t, 4) ? 0 : 0xFF, sizeof(vmac.octets));
    }
    return vmac;
}

/* A message of any function, known or not, from the row of its function. */
static struct bsc_message random_message(struct test_env *t, struct bas_buf *memory)
{
    uint8_t function = (uint8_t)below(t, one_in(t, 8) ? 256 : BSC_FUNCTIONS);
    const struct bsc_row *row = bsc_row(function);
    struct bsc_message m = { .function = function, .id = (uint16_t)below(t, 65536) };
    bool odd = one_in(t, 8);
    m.control = odd ? (uint8_t)(below(t, 16) << 4) : 0;
    m.has_originating = (row->scope != BSC_SCOPE_LOCAL || odd) && one_in(t, 2);
    m.has_destination = (row->scope != BSC_SCOPE_LOCAL || odd) && one_in(t, 2);
    if (m.has_originating) {
        m.originating = random_vmac(t);
    }
    if (m.has_destination) {
        m.destination = random_vmac(t);
    }
    if (one_in(t, 3)) {
        m.dest_options = random_options(t, memory);
    }
    if ((row->data_options || odd) && one_in(t, 3)) {
        m.data_options = random_options(t, memory);
    }
    m.payload = random_payload(t, row, memory);
    return m;
}

static void assert_same(struct bas_slice a, struct bas_slice b)
{
    assert_int_equal(a.len, b.len);
    if (a.len != 0) {
        assert_memory_equal(a.data, b.data, a.len);
    }
}

static struct bas_slice slice_of(const struct bas_buf *buf)
{
    return (struct bas_slice){ buf->data, buf->len };
}

/* bsc 1.1-03 11-35 */
static void a_random_message_comes_back_as_it_was(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    for (unsigned n = 0; n < 5000; n++) {
        uint8_t parts[2000];
        uint8_t octets[2000];
        struct bas_buf memory;
        struct bas_buf out;
        bas_buf_init(&memory, parts, sizeof(parts));
        bas_buf_init(&out, octets, sizeof(octets));
        struct bsc_message m = random_message(&t, &memory);
        bsc_encode(&m, &out);
        assert_false(memory.full || out.full);
        struct bsc_message again;
        assert_int_equal(bsc_decode(slice_of(&out), &again, NULL), BAS_OK);
        assert_int_equal(again.function, m.function);
        assert_int_equal(again.id, m.id);
        assert_int_equal(again.control & 0xF0, m.control);
        assert_int_equal(again.has_originating, m.has_originating);
        assert_int_equal(again.has_destination, m.has_destination);
        assert_true(bsc_vmac_equal(&again.originating, &m.originating));
        assert_true(bsc_vmac_equal(&again.destination, &m.destination));
        assert_same(again.dest_options, m.dest_options);
        assert_same(again.data_options, m.data_options);
        assert_same(again.payload, m.payload);
    }
}

static void check_nak(const struct bsc_message *m, const struct bas_fault *fault)
{
    const struct bsc_row *row = bsc_row(m->function);
    assert_true(row->request);
    assert_false(m->has_destination && bsc_vmac_is_broadcast(&m->destination));
    uint8_t octets[300];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    bsc_nak(m, fault, true, &out);
    struct bsc_message nak;
    struct bsc_result result;
    assert_int_equal(bsc_decode(slice_of(&out), &nak, NULL), BAS_OK);
    assert_int_equal(bsc_result_decode(nak.payload, &result, NULL), BAS_OK);
    assert_int_equal(nak.id, m->id);
    assert_int_equal(result.result_for, m->function);
    assert_int_equal(result.error_class, BAC_ERROR_CLASS_COMMUNICATION);
    assert_int_equal(result.error_code, fault->error_code);
    assert_false(nak.has_originating);
    assert_false(nak.has_destination && bsc_vmac_is_reserved(&nak.destination));
    assert_false(nak.has_destination && row->scope == BSC_SCOPE_LOCAL);
}

static void check_answer(const struct bsc_message *m)
{
    const struct bsc_identity self = { .vmac = { { 2 } }, .accept_direct = m->id % 2 == 0 };
    uint8_t octets[300];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    bsc_answer(m, &self, 7, &out);
    struct bsc_message answer;
    assert_int_equal(bsc_decode(slice_of(&out), &answer, NULL), BAS_OK);
    assert_int_equal(answer.id, answer.function == BSC_ADVERTISEMENT ? 7 : m->id);
    assert_false(answer.has_destination && bsc_vmac_is_reserved(&answer.destination));
    assert_true(m->has_destination == false);
}

static void check_forward(struct bas_slice octets, const struct bsc_message *m)
{
    const struct bsc_vmac origin = { { 0x02, 1, 2, 3, 4, 5 } };
    uint8_t head[BSC_MAX_HEADER];
    struct bas_slice rest;
    size_t len = bsc_forward_header(octets, m, &origin, head, &rest);
    assert_same(rest, m->payload);
    struct bsc_message out;
    bas_err err = bsc_decode((struct bas_slice){ head, len }, &out, NULL);
    assert_int_equal(err == BAS_OK, (m->control & 3) == 0); /* the lists are not in head */
    assert_int_equal(out.function, m->function);
    assert_int_equal(out.id, m->id);
    assert_true(out.has_originating && bsc_vmac_equal(&out.originating, &origin));
    bool broadcast = bsc_vmac_is_broadcast(&m->destination);
    assert_int_equal(out.has_destination, broadcast);
    assert_int_equal((out.control ^ m->control) & 0xF3, 0);
}

struct counts {
    unsigned of[BSC_ACTION_DROP + 1];
};

/* What must hold whatever arrives. */
static void check_judgement(enum bsc_role role, struct bas_slice octets, struct counts *counts)
{
    struct bas_fault fault;
    memset(&fault, 0xA5, sizeof(fault));
    const struct bas_fault before = fault;
    struct bsc_message m;
    enum bsc_action action = bsc_judge(role, octets, &m, &fault);
    counts->of[action]++;
    bool clean = memcmp(&before, &fault, sizeof(fault)) == 0;
    assert_int_equal(clean, action != BSC_ACTION_NAK && action != BSC_ACTION_DROP);
    if (action == BSC_ACTION_NAK) {
        check_nak(&m, &fault);
    } else if (action == BSC_ACTION_FORWARD) {
        assert_int_equal(role, BSC_ROLE_HUB);
        check_forward(octets, &m);
    } else if (action != BSC_ACTION_DROP) {
        uint8_t memory[2100];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        bsc_encode(&m, &out);
        assert_same(slice_of(&out), octets); /* nothing was overlooked */
        assert_int_equal(m.control & BSC_CONTROL_RESERVED, 0);
        if (action == BSC_ACTION_ANSWER) {
            check_answer(&m);
        }
    }
}

/* The octets in memory of exactly their length, so that ASan sees a read behind them. */
static void check_every_role(struct bas_slice octets, struct counts *counts)
{
    uint8_t *exact = malloc(octets.len == 0 ? 1 : octets.len);
    assert_non_null(exact);
    memcpy(exact, octets.data, octets.len);
    for (unsigned role = BSC_ROLE_HUB; role <= BSC_ROLE_INITIATING; role++) {
        check_judgement((enum bsc_role)role, (struct bas_slice){ exact, octets.len }, counts);
    }
    free(exact);
}

static void mutate(struct test_env *t, struct bas_buf *buf)
{
    size_t at = buf->len != 0 ? below(t, buf->len) : 0;
    uint8_t any = (uint8_t)below(t, 256);
    switch (below(t, 4)) {
    case 0:
        buf->data[at] = any;
        break;
    case 1:
        buf->data[at] ^= (uint8_t)(1U << below(t, 8));
        break;
    case 2:
        buf->len = at;
        break;
    default:
        bas_buf_add(buf, &any, 1);
    }
}

/* bsc 2.1-15 2.1-16 2.1-18 */
static void whatever_arrives_the_rules_of_answers_hold(void **state)
{
    (void)state;
    struct counts counts = { { 0 } };
    struct test_env t;
    test_env_init(&t);
    for (unsigned n = 0; n < 5000; n++) {
        uint8_t parts[2000];
        uint8_t octets[2000];
        struct bas_buf memory;
        struct bas_buf out;
        bas_buf_init(&memory, parts, sizeof(parts));
        bas_buf_init(&out, octets, sizeof(octets));
        struct bsc_message m = random_message(&t, &memory);
        bsc_encode(&m, &out);
        check_every_role(slice_of(&out), &counts);
        for (size_t i = below(&t, 4); i != 0; i--) {
            mutate(&t, &out);
        }
        check_every_role(slice_of(&out), &counts);
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(counts.of); i++) {
        assert_true(counts.of[i] > 100); /* every action was seen */
    }
}

static void every_truncation_of_a_random_message_is_judged(void **state)
{
    (void)state;
    struct counts counts = { { 0 } };
    struct test_env t;
    test_env_init(&t);
    for (unsigned n = 0; n < 200; n++) {
        uint8_t parts[2000];
        uint8_t octets[2000];
        struct bas_buf memory;
        struct bas_buf out;
        bas_buf_init(&memory, parts, sizeof(parts));
        bas_buf_init(&out, octets, sizeof(octets));
        struct bsc_message m = random_message(&t, &memory);
        bsc_encode(&m, &out);
        for (size_t len = 0; len < out.len; len++) {
            check_every_role((struct bas_slice){ octets, len }, &counts);
        }
    }
}

static void random_octets_are_judged(void **state)
{
    (void)state;
    struct counts counts = { { 0 } };
    struct test_env t;
    test_env_init(&t);
    for (unsigned n = 0; n < 5000; n++) {
        uint8_t octets[64];
        t.env.random(t.env.ctx, octets, sizeof(octets));
        octets[0] &= 0x0F;
        octets[1] &= 0x0F;
        check_every_role((struct bas_slice){ octets, below(&t, sizeof(octets)) }, &counts);
    }
}

int main(void)
{
    struct test_env t;
    test_env_init(&t);
    print_message("# BAS_SEED=%llu\n", (unsigned long long)t.seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_random_message_comes_back_as_it_was),
        cmocka_unit_test(whatever_arrives_the_rules_of_answers_hold),
        cmocka_unit_test(every_truncation_of_a_random_message_is_judged),
        cmocka_unit_test(random_octets_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
