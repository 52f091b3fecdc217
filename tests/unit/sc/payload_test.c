#include "test_env.h"

#include "basalt/sc.h"

#include <string.h>

/* What a decoder says about a payload, as one number: 0 or the error code. */
typedef unsigned (*decode_fn)(struct bas_slice payload);

static unsigned code_of(bas_err err, const struct bas_fault *fault)
{
    assert_int_equal(err, fault->err);
    if (err == BAS_OK) {
        return 0;
    }
    assert_int_equal(fault->error_class, BAC_ERROR_CLASS_COMMUNICATION);
    assert_int_equal(fault->marker, 0);
    return fault->error_code;
}

static unsigned result(struct bas_slice payload)
{
    struct bas_fault fault = { 0 };
    struct bsc_result value;
    return code_of(bsc_result_decode(payload, &value, &fault), &fault);
}

static unsigned connect(struct bas_slice payload)
{
    struct bas_fault fault = { 0 };
    struct bsc_connect value;
    return code_of(bsc_connect_decode(payload, &value, &fault), &fault);
}

static unsigned advertisement(struct bas_slice payload)
{
    struct bas_fault fault = { 0 };
    struct bsc_advertisement value;
    return code_of(bsc_advertisement_decode(payload, &value, &fault), &fault);
}

static unsigned proprietary(struct bas_slice payload)
{
    struct bas_fault fault = { 0 };
    struct bsc_proprietary value;
    return code_of(bsc_proprietary_decode(payload, &value, &fault), &fault);
}

#define UUID "0F1E2D3C4B5A46879786A5B4C3D2E1F0"

/* bsc 1.4-01 1.4-02 1.4-03 1.4-04 1.4-06 1.4-07 1.4-08 1.4-09 1.4-10 1.4-11 1.4-12 2.2-02 2.2-03 2.2-04
 * 2.2-09 11-09 11-20 11-39 */
static void a_payload_gets_the_code_of_what_is_wrong_with_it(void **state)
{
    (void)state;
    const struct {
        decode_fn decode;
        const char *hex;
        unsigned code;
    } rows[] = {
        { result, "", 149 },
        { result, "0C", 147 },
        { result, "0C00", 0 },
        { result, "0C0000", 150 },
        { result, "0101", 147 },
        { result, "010100000700", 147 },
        { result, "01010000070093", 0 },
        { result, "01010000070093C328", 0 }, /* the text is not checked */
        { result, "0102", 80 },
        { result, "01FF0000070093", 80 },
        { result, "2001000007008F", 0 }, /* section 11 row 7: for an unknown function */
        { connect, "", 149 },
        { connect, "123456789ABC" UUID "064005", 147 },
        { connect, "123456789ABC" UUID "064005D9", 0 },
        { connect, "123456789ABC" UUID "064005D900", 150 }, /* section 11 row 20 */
        { connect, "000000000000" UUID "064005D9", 80 },
        { connect, "FFFFFFFFFFFF" UUID "064005D9", 80 },
        { connect, "FFFFFFFFFFFE" UUID "064005D9", 0 },
        { connect, "010000000000" UUID "00000000", 0 }, /* any bits, any limits */
        { connect,
          "123456789ABC"
          "00000000000000000000000000000000"
          "064005D9",
          0 },
        { advertisement, "", 149 },
        { advertisement, "0101064005", 147 },
        { advertisement, "0101064005D9", 0 },
        { advertisement, "0101064005D900", 150 },
        { advertisement, "0201064005D9", 0 },
        { advertisement, "0301064005D9", 80 }, /* section 11 row 9 */
        { advertisement, "0102064005D9", 80 },
        { proprietary, "", 149 },
        { proprietary, "0104", 147 },
        { proprietary, "010409", 0 },
        { proprietary, "01040901020304", 0 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        unsigned code = rows[i].decode(test_hex(rows[i].hex));
        if (code != rows[i].code) {
            fail_msg("row %zu, %s: %u, wanted %u", i, rows[i].hex, code, rows[i].code);
        }
    }
}

/* Section 11 row 1: class, code and limits are big-endian. bsc 1.4-06 1.4-08 1.4-12 */
static void the_fields_of_a_payload_stand_in_their_places(void **state)
{
    (void)state;
    struct bsc_result r;
    assert_int_equal(bsc_result_decode(test_hex("0601FF0007009741"), &r, NULL), BAS_OK);
    assert_int_equal(r.result_for, 6);
    assert_int_equal(r.result_code, 1);
    assert_int_equal(r.marker, 0xFF);
    assert_int_equal(r.error_class, 7);
    assert_int_equal(r.error_code, 151);
    assert_int_equal(r.details.len, 1);
    assert_int_equal(r.details.data[0], 'A');
    struct bsc_connect c;
    assert_int_equal(bsc_connect_decode(test_hex("123456789ABC" UUID "064005D9"), &c, NULL),
                     BAS_OK);
    assert_memory_equal(c.vmac.octets, test_hex("123456789ABC").data, 6);
    assert_memory_equal(c.uuid.octets, test_hex(UUID).data, 16);
    assert_int_equal(c.max_bvlc, 1600);
    assert_int_equal(c.max_npdu, 1497);
    struct bsc_advertisement a;
    assert_int_equal(bsc_advertisement_decode(test_hex("0201FFFFEF8F"), &a, NULL), BAS_OK);
    assert_int_equal(a.hub_status, 2);
    assert_true(a.accept_direct);
    assert_int_equal(a.max_bvlc, BSC_MAX_BVLC);
    assert_int_equal(a.max_npdu, BSC_MAX_NPDU);
    struct bsc_proprietary p;
    assert_int_equal(bsc_proprietary_decode(test_hex("010409AABB"), &p, NULL), BAS_OK);
    assert_int_equal(p.vendor, 260);
    assert_int_equal(p.function, 9);
    assert_int_equal(p.data.len, 2);
}

static void a_payload_that_is_refused_leaves_zeros(void **state)
{
    (void)state;
    struct bsc_connect connect_zero = { 0 };
    struct bsc_connect c;
    memset(&c, 0xA5, sizeof(c));
    assert_int_not_equal(bsc_connect_decode(test_hex("FFFFFFFFFFFF" UUID "064005D9"), &c, NULL),
                         BAS_OK);
    assert_memory_equal(&c, &connect_zero, sizeof(c));
    struct bsc_result r;
    memset(&r, 0xA5, sizeof(r));
    assert_int_not_equal(bsc_result_decode(test_hex("0102"), &r, NULL), BAS_OK);
    assert_int_equal(r.result_for, 0);
    assert_null(r.details.data);
    struct bsc_advertisement a;
    memset(&a, 0xA5, sizeof(a));
    assert_int_not_equal(bsc_advertisement_decode(test_hex("0301064005D9"), &a, NULL), BAS_OK);
    assert_int_equal(a.max_bvlc, 0);
    struct bsc_proprietary p;
    memset(&p, 0xA5, sizeof(p));
    assert_int_not_equal(bsc_proprietary_decode(test_hex("0104"), &p, NULL), BAS_OK);
    assert_int_equal(p.vendor, 0);
}

static void an_ack_result_is_two_octets_whatever_else_is_set(void **state)
{
    (void)state;
    uint8_t memory[16];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    const struct bsc_result ack = { .result_for = 0x0C, .marker = 1, .error_code = 2 };
    bsc_result_encode(&ack, &out);
    assert_int_equal(out.len, 2);
    assert_memory_equal(out.data, test_hex("0C00").data, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payload_gets_the_code_of_what_is_wrong_with_it),
        cmocka_unit_test(the_fields_of_a_payload_stand_in_their_places),
        cmocka_unit_test(a_payload_that_is_refused_leaves_zeros),
        cmocka_unit_test(an_ack_result_is_two_octets_whatever_else_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
