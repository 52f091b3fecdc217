#include "test_env.h"

#include "tls/pki/csv.h"

#include <stdio.h>
#include <string.h>

static void assert_cells(struct bas_pki_csv *csv, unsigned line, size_t n, const char *const *cells)
{
    const char *why = NULL;
    assert_int_equal(bas_pki_csv_next(csv, &why), BAS_OK);
    assert_int_equal(csv->line, line);
    assert_int_equal(csv->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(csv->cells[i], cells[i]);
    }
}

static void assert_end(struct bas_pki_csv *csv)
{
    const char *why = NULL;
    assert_int_equal(bas_pki_csv_next(csv, &why), BAS_ERR_CLOSED);
    assert_int_equal(bas_pki_csv_next(csv, &why), BAS_ERR_CLOSED);
}

static void records_are_read_with_their_lines(void **state)
{
    (void)state;
    char text[] = "\xEF\xBB\xBFname,san\r\n# remark, with a comma\n\na , b\n\"c,\"\"d\"\"\"\t,\n"
                  "\"two\nlines\",x\nlast,";
    struct bas_pki_csv csv;
    bas_pki_csv_init(&csv, text);
    assert_cells(&csv, 1, 2, (const char *const[]){ "name", "san" });
    assert_cells(&csv, 4, 2, (const char *const[]){ "a", "b" });
    assert_cells(&csv, 5, 2, (const char *const[]){ "c,\"d\"", "" });
    assert_cells(&csv, 6, 2, (const char *const[]){ "two\nlines", "x" });
    assert_cells(&csv, 8, 2, (const char *const[]){ "last", "" });
    assert_end(&csv);
}

static void another_delimiter_leaves_commas_alone(void **state)
{
    (void)state;
    char text[] = "# x, y\n\na;b\nc,d;e\n";
    struct bas_pki_csv csv;
    bas_pki_csv_init(&csv, text);
    bas_pki_csv_guess_delimiter(&csv);
    assert_cells(&csv, 3, 2, (const char *const[]){ "a", "b" });
    assert_cells(&csv, 4, 2, (const char *const[]){ "c,d", "e" });
    assert_end(&csv);
}

static void a_bad_record_is_told_and_the_next_one_is_read(void **state)
{
    (void)state;
    char many[3 * BAS_PKI_CSV_CELLS] = "";
    memset(many, ',', BAS_PKI_CSV_CELLS);
    char text[400];
    (void)snprintf(text, sizeof(text), "\"a\"b,c\n%s\ngood\n\"never", many);
    struct bas_pki_csv csv;
    const char *why = NULL;
    bas_pki_csv_init(&csv, text);
    assert_int_equal(bas_pki_csv_next(&csv, &why), BAS_ERR_MALFORMED);
    assert_string_equal(why, "there is text behind a closing quote");
    assert_int_equal(csv.line, 1);
    assert_int_equal(bas_pki_csv_next(&csv, &why), BAS_ERR_MALFORMED);
    assert_string_equal(why, "there are too many values");
    assert_cells(&csv, 3, 1, (const char *const[]){ "good" });
    assert_int_equal(bas_pki_csv_next(&csv, &why), BAS_ERR_MALFORMED);
    assert_string_equal(why, "a quote is never closed");
    assert_int_equal(csv.line, 4);
    assert_end(&csv);
}

static void every_truncation_comes_to_an_end(void **state)
{
    (void)state;
    static const char whole[] = "name,\"s,\"\"an\"\"\"\r\n#x\n\"a\nb\" , c,,\n d";
    for (size_t len = 0; len < sizeof(whole); len++) {
        char text[sizeof(whole)] = "";
        memcpy(text, whole, len);
        struct bas_pki_csv csv;
        const char *why = NULL;
        bas_pki_csv_init(&csv, text);
        size_t n = 0;
        while (bas_pki_csv_next(&csv, &why) != BAS_ERR_CLOSED) {
            assert_true(++n <= 4);
        }
        assert_ptr_equal(csv.at, text + len);
    }
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    static const char *const cells[] = { "plain", "a,b", "say \"x\"", "", "#no remark", "l\nl" };
    char memory[200];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    for (size_t i = 0; i < BAS_ARRAY_LEN(cells); i++) {
        bas_pki_csv_add(&out, i == 0, cells[i]);
    }
    (void)bas_buf_text(&out);
    struct bas_pki_csv csv;
    bas_pki_csv_init(&csv, memory);
    assert_cells(&csv, 1, BAS_ARRAY_LEN(cells), cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_with_their_lines),
        cmocka_unit_test(another_delimiter_leaves_commas_alone),
        cmocka_unit_test(a_bad_record_is_told_and_the_next_one_is_read),
        cmocka_unit_test(every_truncation_comes_to_an_end),
        cmocka_unit_test(what_is_written_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
