#include "rt/simulation.h"
#include "test_env.h"

#include <math.h>
#include <string.h>

static struct simulation parsed(const char *text)
{
    struct simulation s;
    char memory[200];
    struct bas_buf why;
    bas_buf_init(&why, memory, sizeof(memory));
    assert_int_equal(simulation_parse(text, &s, &why), BAS_OK);
    assert_int_equal(why.len, 0);
    return s;
}

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-6;
}

static void each_shape_has_the_values_of_its_period(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds, value;
    } rows[] = {
        { "sine 20 30 60s", 0, 25 },     { "sine 20 30 60s", 15, 30 },
        { "sine 20 30 60s", 45, 20 },    { "sine 20 30 60s", 60, 25 },
        { "ramp 0 60 60s", 0, 0 },       { "ramp 0 60 60s", 59, 59 },
        { "ramp 0 60 60s", 60, 0 },      { "triangle 0 60 2m", 60, 60 },
        { "triangle 0 60 2m", 90, 30 },  { "square 1 3 10s", 9.9, 1 },
        { "square 1 3 10s", 10, 3 },     { "square 1 3 10s", 20, 1 },
        { "toggle 500ms", 0.4, 0 },      { "toggle 500ms", 0.5, 1 },
        { "ramp -1.5 1.5 1h", 1800, 0 }, { "ramp 0 1 60", 30, 0.5 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct simulation s = parsed(rows[i].text);
        double value = simulation_value(&s, (bas_time)(rows[i].seconds * 1e6));
        if (!is_near(value, rows[i].value)) {
            print_error("%s at %g: %g, not %g\n", rows[i].text, rows[i].seconds, value,
                        rows[i].value);
        }
        assert_true(is_near(value, rows[i].value));
    }
}

static void a_value_stays_until_its_next_change(void **state)
{
    (void)state;
    static const char *const texts[] = { "sine 0 1 60s", "ramp 0 1 5s",   "square 0 1 7s",
                                         "toggle 1s",    "random 0 9 2s", "walk 0 9 3s" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct simulation s = parsed(texts[i]);
        for (bas_time at = 0; at < 100 * BAS_SECOND; at += 1234567) {
            bas_time next = simulation_next(&s, at);
            assert_true(next > at);
            assert_true(is_near(simulation_value(&s, at), simulation_value(&s, next - 1)));
        }
    }
}

static void random_values_stay_in_their_range_and_belong_to_the_seed(void **state)
{
    (void)state;
    static const char *const texts[] = { "random -5 5 1s", "walk -5 5 1s" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct simulation s = parsed(texts[i]);
        struct simulation other = s;
        double least = 9;
        double most = -9;
        unsigned differences = 0;
        other.seed = 1;
        for (bas_time at = 0; at < 2000 * BAS_SECOND; at += BAS_SECOND) {
            double value = simulation_value(&s, at);
            least = value < least ? value : least;
            most = value > most ? value : most;
            differences += is_near(value, simulation_value(&other, at)) ? 0 : 1;
        }
        assert_true(least >= -5 && least < -3 && most <= 5 && most > 3);
        assert_true(differences > 1900);
    }
}

static void a_walk_goes_in_small_steps(void **state)
{
    (void)state;
    struct simulation s = parsed("walk 0 8 1s");
    for (bas_time at = 0; at < 1000 * BAS_SECOND; at += BAS_SECOND) {
        double step = simulation_value(&s, at + BAS_SECOND) - simulation_value(&s, at);
        assert_true(fabs(step) <= 1.0 + 1e-9);
    }
}

static void a_file_is_read_line_by_line_and_loops(void **state)
{
    (void)state;
    double values[8];
    size_t n = 0;
    size_t line = 0;
    struct simulation s = parsed("csv data.csv 2s");
    assert_true(simulation_needs_file(&s));
    assert_string_equal(s.file, "data.csv");
    assert_true(is_near(simulation_value(&s, 0), 0));
    assert_int_equal(
        simulation_rows("temperature,humidity\n21.5,40\n\n# a word\n 22 ;41\r\nactive\n", NULL, &n,
                        &line),
        BAS_OK);
    assert_int_equal(n, 3);
    assert_int_equal(
        simulation_rows("temperature,humidity\n21.5,40\n\n# a word\n 22 ;41\r\nactive\n", values,
                        &n, &line),
        BAS_OK);
    s.rows = values;
    s.n_rows = n;
    assert_true(is_near(simulation_value(&s, 0), 21.5));
    assert_true(is_near(simulation_value(&s, 2 * BAS_SECOND), 22));
    assert_true(is_near(simulation_value(&s, 5 * BAS_SECOND), 1));
    assert_true(is_near(simulation_value(&s, 6 * BAS_SECOND), 21.5));
    assert_int_equal(simulation_next(&s, 3 * BAS_SECOND), 4 * BAS_SECOND);
    assert_true(is_near((double)parsed("csv x").period, 1e6));
}

static void a_file_with_a_word_in_it_is_refused_with_its_line(void **state)
{
    (void)state;
    size_t n = 0;
    size_t line = 0;
    assert_int_equal(simulation_rows("1\n2\nwarm\n", NULL, &n, &line), BAS_ERR_MALFORMED);
    assert_int_equal(line, 3);
    assert_int_equal(simulation_rows("", NULL, &n, &line), BAS_ERR_MALFORMED);
    assert_int_equal(simulation_rows("word\n", NULL, &n, &line), BAS_ERR_MALFORMED);
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
        { "wave 1 2 3s", "\"wave 1 2 3s\" is no simulation; sine, ramp," },
        { "sine", "\"sine\" has no two numbers behind its word; sine LOW HIGH PERIOD, PERIOD" },
        { "sine 1 x 5s", "has no two numbers behind its word; sine LOW HIGH" },
        { "sine 2 1 5s", "has a LOW above its HIGH; sine LOW HIGH" },
        { "sine 1 2", "has no such period; sine LOW HIGH" },
        { "sine 1 2 5d", "has no such period; sine LOW HIGH" },
        { "sine 1 2 0.01s", "has no such period; sine LOW HIGH" },
        { "sine 1 2 9000h", "has no such period; sine LOW HIGH" },
        { "sine 1 2 5s 6", "has a word too many; sine LOW HIGH" },
        { "sine 1 1e400 5s", "has no two numbers" },
        { "toggle", "has no such period; toggle PERIOD" },
        { "csv", "names no file; csv FILE [PERIOD]" },
        { "csv f soon", "has no such period; csv FILE [PERIOD]" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct simulation s;
        char memory[300];
        struct bas_buf why;
        bas_buf_init(&why, memory, sizeof(memory));
        assert_int_equal(simulation_parse(rows[i].text, &s, &why), BAS_ERR_INVALID);
        assert_non_null(strstr(bas_buf_text(&why), rows[i].why));
    }
    assert_true(simulation_is_one("sine 1"));
    assert_false(simulation_is_one("sinus 1"));
    assert_false(simulation_is_one("21.5"));
    assert_false(simulation_is_one(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_shape_has_the_values_of_its_period),
        cmocka_unit_test(a_value_stays_until_its_next_change),
        cmocka_unit_test(random_values_stay_in_their_range_and_belong_to_the_seed),
        cmocka_unit_test(a_walk_goes_in_small_steps),
        cmocka_unit_test(a_file_is_read_line_by_line_and_loops),
        cmocka_unit_test(a_file_with_a_word_in_it_is_refused_with_its_line),
        cmocka_unit_test(what_is_wrong_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
