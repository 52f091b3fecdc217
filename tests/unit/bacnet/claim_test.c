/* What the server says that it can do, against what it is made of. */
#include "device_fixture.h"

#include "basalt/bacnet_claim.h"

static void what_is_served_is_claimed_and_nothing_else(void **state)
{
    (void)state;
    assert_true(bac_claims_service(true, BAC_CONFIRMED_READ_PROPERTY));
    assert_true(bac_claims_service(false, BAC_UNCONFIRMED_WHO_IS));
    assert_false(bac_claims_service(true, BAC_CONFIRMED_AUTHENTICATE));
    assert_false(bac_claims_service(true, BAC_CONFIRMED_TEXT_MESSAGE)); /* the program's */
    assert_false(bac_claims_service(false, BAC_UNCONFIRMED_WRITE_GROUP));
}

static void every_object_type_claims_its_rows(void **state)
{
    (void)state;
    uint16_t type = 0;
    size_t n = 0;
    bool has_device = false;
    for (; bac_claimed_type(n, &type); n++) {
        struct bac_property_claim claim;
        size_t required = 0;
        has_device = has_device || type == BAC_OBJECT_DEVICE;
        for (size_t i = 0; bac_claimed_property(type, i, &claim); i++) {
            required += claim.conformance != 'O';
            assert_non_null(claim.type);
            assert_false(claim.is_array && claim.is_list);
        }
        assert_true(required >= 4); /* identifier, name, type and Property_List at least */
    }
    assert_true(n >= 25);
    assert_true(has_device);
    struct bac_property_claim none;
    assert_false(bac_claimed_property(BAC_OBJECT_TREND_LOG, 0, &none));
}

static bool is_claimed(const char *name)
{
    struct bac_bibb bibb;
    for (size_t i = 0; bac_bibb(i, &bibb); i++) {
        if (strcmp(bibb.name, name) == 0) {
            return bibb.is_claimed;
        }
    }
    fail_msg("no BIBB %s", name);
    return false;
}

static void building_blocks_follow_from_the_services(void **state)
{
    (void)state;
    static const char *const names[] = { "DS-RP-A",  "DS-RP-B",  "DS-RPM-B", "DS-WP-B",  "DS-WPM-B",
                                         "DS-COV-A", "DS-COV-B", "DM-DDB-B", "DM-DOB-B", "DM-DCC-B",
                                         "DM-RD-B",  "DM-LM-B",  "DM-OCD-B", "DM-TS-B" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        if (!is_claimed(names[i])) {
            fail_msg("%s is not claimed", names[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_served_is_claimed_and_nothing_else),
        cmocka_unit_test(every_object_type_claims_its_rows),
        cmocka_unit_test(building_blocks_follow_from_the_services),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
