/* ReadRange (15.8). */
#include "list_fixture.h"

#include <stdio.h>

#define ASK "00 05 07 1A 0C 0E 00 00 01 1A 01 AC "
#define ACK "30 07 1A 0C 0E 00 00 01 1A 01 AC "

/* Asks for a part of ten entries and expects entries first .. last of it, with those flags. */
static void expect_part(struct fixture *f, const char *range, unsigned flags, unsigned first,
                        unsigned last)
{
    char request[128];
    (void)snprintf(request, sizeof(request), ASK "%s", range);
    char answer[512];
    struct bas_buf b;
    bas_buf_init(&b, answer, sizeof(answer));
    bas_buf_format(&b, ACK "3A 05 %02X 49 %02X 5E", flags, last + 1 - first);
    for (unsigned i = first; i <= last; i++) {
        bas_buf_format(&b, " 09 %02X 19 0C 29 00", i);
    }
    bas_buf_add_text(&b, " 5F");
    fixture_expect(f, request, bas_buf_text(&b));
}

static void a_part_is_read_by_position(void **state)
{
    (void)state;
    static const struct {
        const char *range;
        unsigned flags, first, last; /* first, last, more: 80, 40, 20 */
    } rows[] = {
        { "", 0xC0, 1, 10 },
        { "3E 21 01 31 0A 3F", 0xC0, 1, 10 },
        { "3E 21 01 31 03 3F", 0x80, 1, 3 },
        { "3E 21 04 31 03 3F", 0x00, 4, 6 },
        { "3E 21 08 31 03 3F", 0x40, 8, 10 },
        { "3E 21 08 31 7F 3F", 0x40, 8, 10 },
        { "3E 21 0A 31 FD 3F", 0x40, 8, 10 },
        { "3E 21 03 31 FD 3F", 0x80, 1, 3 },
        { "3E 21 03 31 80 3F", 0x80, 1, 3 },
        { "3E 21 05 31 FF 3F", 0x00, 5, 5 },
        { "3E 21 05 31 01 3F", 0x00, 5, 5 },
        { "3E 21 00 31 01 3F", 0x00, 1, 0 }, /* there is no such item */
        { "3E 21 0B 31 FF 3F", 0x00, 1, 0 },
        { "3E 25 05 01 00 00 00 01 31 01 3F", 0x00, 1, 0 },
        { "3E 21 01 35 08 7F FF FF FF FF FF FF FF 3F", 0xC0, 1, 10 },
        { "3E 21 0A 35 08 80 00 00 00 00 00 00 00 3F", 0xC0, 1, 10 },
    };
    struct fixture f;
    struct list_program p = { 0 };
    list_open(&f, &p, 10);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        expect_part(&f, rows[i].range, rows[i].flags, rows[i].first, rows[i].last);
    }
    list_fill(&p, 0);
    expect_part(&f, "", 0x00, 1, 0);
    expect_part(&f, "3E 21 01 31 01 3F", 0x00, 1, 0);
    fixture_close(&f);
}

/* Head, flags, a count of any size and tags take 21 octets of the answer. */
static void as_many_as_fit_are_read_beginning_with_the_reference(void **state)
{
    (void)state;
    static const struct {
        size_t way;
        const char *range;
        unsigned flags, first, last;
    } rows[] = {
        { 81, "", 0xC0, 1, 10 },
        { 80, "", 0xA0, 1, 9 },
        { 80, "3E 21 01 31 09 3F", 0x80, 1, 9 },
        { 50, "", 0xA0, 1, 4 },
        { 50, "3E 21 03 31 08 3F", 0x20, 3, 6 },
        { 50, "3E 21 0A 31 F6 3F", 0x60, 7, 10 },
        { 50, "3E 21 09 31 FB 3F", 0x20, 6, 9 },
        { 50, "3E 21 04 31 FC 3F", 0x80, 1, 4 },
    };
    struct fixture f;
    struct list_program p = { 0 };
    list_open(&f, &p, 10);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        f.way = rows[i].way;
        expect_part(&f, rows[i].range, rows[i].flags, rows[i].first, rows[i].last);
    }
    f.way = 26; /* not a single one */
    fixture_expect(&f, ASK, "71 07 04");
    fixture_expect(&f, ASK "3E 21 05 31 FF 3F", "71 07 04");
    f.way = 10;
    fixture_expect(&f, ASK, "71 07 04");
    fixture_close(&f);
}

static void what_is_no_list_or_has_no_such_items_is_told(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 1A 0C 00 00 00 09 19 55", "50 07 1A 91 01 91 1F" },
        { "00 05 07 1A 0C 0E 00 00 01 19 55", "50 07 1A 91 02 91 20" },
        { "00 05 07 1A 0C 0E 00 00 01 19 4D", "50 07 1A 91 05 91 16" }, /* property-is-not-a-list */
        { "00 05 07 1A 0C 02 00 04 D2 19 4C", "50 07 1A 91 05 91 16" }, /* an array is none */
        { "00 05 07 1A 0C 02 00 04 D2 19 4C 29 01", "50 07 1A 91 05 91 16" },
        { ASK "29 01", "50 07 1A 91 02 91 32" },             /* property-is-not-an-array */
        { ASK "6E 21 01 31 01 6F", "50 07 1A 91 02 91 8C" }, /* list-item-not-numbered */
        { ASK "7E A4 5C 0B 11 02 B4 16 2D 1E 46 31 01 7F", "50 07 1A 91 02 91 8D" },
        { ASK "3E 21 01 31 00 3F", "50 07 1A 91 05 91 50" }, /* a count of 0 */
        { ASK "6E 21 01 31 00 6F", "50 07 1A 91 05 91 50" },
        { ASK "7E A4 5C 0B 11 02 B4 16 2D 1E 46 31 00 7F", "50 07 1A 91 05 91 50" },
        { ASK "3E 21 01 3F", "60 07 05" },
        { ASK "3E 21 01 31 01", "60 07 04" },
        { ASK "4E 21 01 31 01 4F", "60 07 07" },
        { "00 05 07 1A", "60 07 05" },
        { "00 05 07 1A 0C 02 3F FF FF 19 1E", /* the wildcard, and an empty list */
          "30 07 1A 0C 02 00 04 D2 19 1E 3A 05 00 49 00 5E 5F" },
    };
    struct fixture f;
    struct list_program p = { 0 };
    list_open(&f, &p, 10);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_read_by_position),
        cmocka_unit_test(as_many_as_fit_are_read_beginning_with_the_reference),
        cmocka_unit_test(what_is_no_list_or_has_no_such_items_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
