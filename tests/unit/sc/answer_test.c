#include "test_env.h"

#include "basalt/sc.h"

#define A  "123456789ABC"
#define ME A "0F1E2D3C4B5A46879786A5B4C3D2E1F0 064005D9" /* the payload of a Connect-Request */

static const struct bsc_identity self = {
    .vmac = { { 0xE2, 0x11, 0x22, 0x33, 0x44, 0x55 } },
    .uuid = { { 0x8A, 0x6D, 0x5F, 0x10, 0x3C, 0x2B, 0x4E, 0x19, 0xB7, 0xA8, 1, 0x23, 0x45, 0x67,
                0x89, 0xAB } },
    .max_bvlc = 65535,
    .max_npdu = 61327,
    .hub_status = 2,
    .accept_direct = true,
    .uris = "wss://a wss://b/c",
};

static void answer_is(enum bsc_role role, const char *hex, const struct bsc_identity *identity,
                      const char *wanted_hex)
{
    struct bsc_message message;
    assert_int_equal(bsc_judge(role, test_hex(hex), &message, NULL), BSC_ACTION_ANSWER);
    uint8_t memory[128];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_answer(&message, identity, 0xF00D, &out);
    struct bas_slice wanted = test_hex(wanted_hex);
    assert_false(out.full);
    assert_int_equal(out.len, wanted.len);
    assert_memory_equal(out.data, wanted.data, wanted.len);
}

#define SELF "E21122334455 8A6D5F103C2B4E19B7A80123456789AB FFFF EF8F"

/* bsc 1.3-14 11-44 */
static void connect_accept_has_hello_exactly_when_the_request_had_it(void **state)
{
    (void)state;
    answer_is(BSC_ROLE_ACCEPTING, "06000102" ME, &self, "07000102" SELF);
    answer_is(BSC_ROLE_ACCEPTING, "06020102 22000101" ME, &self, "07020102 22000100" SELF);
    answer_is(BSC_ROLE_ACCEPTING, "06020102 A60000 02" ME, &self, "07020102 22000100" SELF);
    answer_is(BSC_ROLE_ACCEPTING, "06020102 3F000301040A" ME, &self, "07000102" SELF);
}

/* bsc 2.1-09 2.1-11 */
static void disconnect_and_heartbeat_are_acknowledged_with_the_same_id(void **state)
{
    (void)state;
    answer_is(BSC_ROLE_HUB, "0A00FFFF", &self, "0B00FFFF");
    answer_is(BSC_ROLE_NODE, "08000040", &self, "09000040");
    answer_is(BSC_ROLE_DIRECT, "08020043 3F0005010407AABB", &self, "09000043");
}

/* bsc 1.1-06 1.4-16 2.1-06 6.6-01 */
static void advertisement_takes_a_fresh_id_and_tells_our_values(void **state)
{
    (void)state;
    answer_is(BSC_ROLE_NODE, "05080030" A, &self, "0404F00D" A "02 01 FFFF EF8F");
    struct bsc_identity other = self;
    other.accept_direct = false; /* row 46: accepting alone counts */
    other.hub_status = 0;
    answer_is(BSC_ROLE_DIRECT, "05000030", &other, "0400F00D 00 00 FFFF EF8F");
}

/* Spec 2.2 #12; row 16 bsc 1.4-05 2.1-03 2.2-12 6.3-06 11-16 */
static void address_resolution_is_answered_with_uris_or_refused_with_45(void **state)
{
    (void)state;
    answer_is(BSC_ROLE_NODE, "02080020" A, &self,
              "03040020" A "7773733A2F2F61 20 7773733A2F2F622F63");
    struct bsc_identity other = self;
    other.uris = NULL;
    answer_is(BSC_ROLE_NODE, "02080020" A, &other, "03040020" A);
    answer_is(BSC_ROLE_DIRECT, "02000020", &other, "03000020");
    other.accept_direct = false;
    answer_is(BSC_ROLE_NODE, "02080020" A, &other, "00040020" A "0201 00 0007 002D");
}

/* Row 15 bsc 11-15 */
static void a_duplicate_vmac_is_151(void **state)
{
    (void)state;
    struct bsc_message message;
    struct bas_fault fault;
    assert_int_equal(bsc_judge(BSC_ROLE_ACCEPTING, test_hex("06000001" ME), &message, NULL),
                     BSC_ACTION_ANSWER);
    (void)bas_fail_code(&fault, BAS_ERR_EXISTS, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_NODE_DUPLICATE_VMAC, "VMAC in use");
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_nak(&message, &fault, true, &out);
    assert_int_equal(out.len, 22);
    assert_memory_equal(out.data, test_hex("0000000106010000070097564d414320696e20757365").data,
                        22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_accept_has_hello_exactly_when_the_request_had_it),
        cmocka_unit_test(disconnect_and_heartbeat_are_acknowledged_with_the_same_id),
        cmocka_unit_test(advertisement_takes_a_fresh_id_and_tells_our_values),
        cmocka_unit_test(address_resolution_is_answered_with_uris_or_refused_with_45),
        cmocka_unit_test(a_duplicate_vmac_is_151),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
