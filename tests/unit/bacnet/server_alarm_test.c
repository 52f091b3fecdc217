/* Alarms of a device whose objects detect none (13.5 to 13.12). */
#include "server_fixture.h"

static void summaries_are_empty(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 03", "30 07 03" },
        { "00 05 07 03 00", "60 07 07" }, /* it has no parameters */
        { "00 05 07 04 09 00", "30 07 04" },
        { "00 05 07 04 09 01 4E 09 06 19 0A 4F 59 1D", "30 07 04" },
        { "00 05 07 04 09 03", "60 07 08" },
        { "00 05 07 04", "60 07 05" },
        { "00 05 07 04 09 00 4E 09 06 1A 01 00 4F", "60 07 06" }, /* a priority of 256 */
        { "00 05 07 1D", "30 07 1D 0E 0F 19 00" },
        { "00 05 07 1D 0C 00 00 00 01", "30 07 1D 0E 0F 19 00" },
        { "00 05 07 1D 0C 00 00 00 01 0C 00 00 00 01", "60 07 07" },
        { "00 05 07 1D 09 00", "60 07 04" },
    };
    run_alone(rows, BAS_ARRAY_LEN(rows));
}

static void nothing_waits_for_an_acknowledgment(void **state)
{
    (void)state;
#define REST " 29 03 3E 19 10 3F 4C 00 4D 44 4C 5E 2E A4 5C 06 15 FF B4 0D 03 29 09 2F 5F"
    static const struct exchange rows[] = {
        /* Annex F.1.1, but for the object: object: no-alarm-configured, unknown-object */
        { "00 05 07 00 09 01 1C 00 00 00 01" REST, "50 07 00 91 01 91 4A" },
        { "00 05 07 00 09 01 1C 00 00 00 02" REST, "50 07 00 91 01 91 1F" },
        { "00 05 07 00 09 01 1C 02 3F FF FF" REST, "50 07 00 91 01 91 1F" }, /* no wildcard */
        { "00 05 07 00 09 01 1C 00 00 00 01", "60 07 05" },
    };
#undef REST
    run_alone(rows, BAS_ARRAY_LEN(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summaries_are_empty),
        cmocka_unit_test(nothing_waits_for_an_acknowledgment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
