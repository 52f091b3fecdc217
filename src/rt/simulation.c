/* Owns the language of simulations, and their values: time in, value out. */
#include "rt/simulation.h"

#include "rt/setting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORD = 32,
    STEPS = 60,          /* values of one round of a sine */
    WALK_STEPS = 8,      /* values of a walk between two of its turning points */
    LEAST_STEP_MS = 100, /* no value changes more often */
    GREATEST_STEP_MS = 60000
};
#define TURN 6.283185307179586

struct simulation_shape {
    const char *name;
    bool has_range;
    bool is_smooth; /* its period is one round of many values */
    bool has_file;
    /* round: how many periods have passed; part: of the one at hand, from 0 to 1. */
    double (*value)(const struct simulation *s, uint64_t round, double part);
};

/* Shapes */

static double between(const struct simulation *s, double part)
{
    return s->low + (s->high - s->low) * part;
}

static double sine(const struct simulation *s, uint64_t round, double part)
{
    (void)round;
    return between(s, 0.5 + sin(part * TURN) / 2);
}

static double ramp(const struct simulation *s, uint64_t round, double part)
{
    (void)round;
    return between(s, part);
}

static double triangle(const struct simulation *s, uint64_t round, double part)
{
    (void)round;
    return between(s, part < 0.5 ? 2 * part : 2 - 2 * part);
}

static double square(const struct simulation *s, uint64_t round, double part)
{
    (void)part;
    return round % 2 == 0 ? s->low : s->high;
}

/* A number from 0 to 1 that belongs to n. */
static double noise(const struct simulation *s, uint64_t n)
{
    uint64_t x = s->seed + (n + 1) * UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    x ^= x >> 31;
    return (double)(x >> 11) / 9007199254740992.0;
}

static double random_value(const struct simulation *s, uint64_t round, double part)
{
    (void)part;
    return between(s, noise(s, round));
}

/* From one turning point to the next in equal steps. */
static double walk(const struct simulation *s, uint64_t round, double part)
{
    double way = (double)(round % WALK_STEPS) / WALK_STEPS;
    double from = noise(s, round / WALK_STEPS);
    double to = noise(s, round / WALK_STEPS + 1);
    (void)part;
    return between(s, from + (to - from) * way);
}

static double row(const struct simulation *s, uint64_t round, double part)
{
    (void)part;
    return s->n_rows == 0 ? 0 : s->rows[round % s->n_rows];
}

static const struct simulation_shape shapes[] = {
    { "sine", true, true, false, sine },         { "ramp", true, true, false, ramp },
    { "triangle", true, true, false, triangle }, { "square", true, false, false, square },
    { "toggle", false, false, false, square },   { "random", true, false, false, random_value },
    { "walk", true, false, false, walk },        { "csv", false, false, true, row },
};

double simulation_value(const struct simulation *s, bas_time at)
{
    bas_time t = at < 0 ? 0 : at - at % s->step;
    return s->shape->value(s, (uint64_t)(t / s->period),
                           (double)(t % s->period) / (double)s->period);
}

bas_time simulation_next(const struct simulation *s, bas_time at)
{
    return at < 0 ? 0 : at - at % s->step + s->step;
}

bool simulation_needs_file(const struct simulation *s)
{
    return s->shape->has_file;
}

/* The language */

static const struct simulation_shape *shape_of(struct bas_slice word)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(shapes); i++) {
        if (strlen(shapes[i].name) == word.len &&
            memcmp(shapes[i].name, word.data, word.len) == 0) {
            return &shapes[i];
        }
    }
    return NULL;
}

/* The next word at *text, which may be empty. */
static struct bas_slice next_word(const char **text)
{
    const char *at = *text + strspn(*text, " ");
    size_t len = strcspn(at, " ");
    *text = at + len;
    return (struct bas_slice){ (const uint8_t *)at, len };
}

bool simulation_is_one(const char *text)
{
    return shape_of(next_word(&text)) != NULL;
}

static bool to_text(struct bas_slice word, char text[WORD])
{
    if (word.len == 0 || word.len >= WORD) {
        return false;
    }
    memcpy(text, word.data, word.len);
    text[word.len] = 0;
    return true;
}

static bool read_number(struct bas_slice word, double *value)
{
    char text[WORD];
    char *end = NULL;
    if (!to_text(word, text) || text[strspn(text, "+-.0123456789eE")] != 0) {
        return false;
    }
    *value = strtod(text, &end);
    return *end == 0 && isfinite(*value) && fabs(*value) < 1e300;
}

static bool read_period(struct bas_slice word, bas_time *period)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = { { "", 1 }, { "s", 1 }, { "ms", 0.001 }, { "m", 60 }, { "h", 3600 } };
    char text[WORD];
    char *end = NULL;
    if (!to_text(word, text) || strspn(text, "0123456789.") == 0) {
        return false;
    }
    double number = strtod(text, &end);
    for (size_t i = 0; i < BAS_ARRAY_LEN(units); i++) {
        double seconds = number * units[i].seconds;
        if (strcmp(end, units[i].unit) == 0 && seconds >= 0.1 && seconds <= 31536000) {
            *period = (bas_time)(seconds * 1e6);
            return true;
        }
    }
    return false;
}

static bas_time step_of(const struct simulation *s)
{
    if (!s->shape->is_smooth) {
        return s->period;
    }
    bas_time step = s->period / STEPS;
    return step < LEAST_STEP_MS * BAS_MILLISECOND      ? LEAST_STEP_MS * BAS_MILLISECOND
           : step > GREATEST_STEP_MS * BAS_MILLISECOND ? GREATEST_STEP_MS * BAS_MILLISECOND
                                                       : step;
}

static bas_err refuse(struct bas_buf *why, const char *text, const char *problem,
                      const struct simulation_shape *shape)
{
    bas_setting_quote(why, text);
    bas_buf_format(why, " %s; ", problem);
    if (shape == NULL) {
        bas_buf_add_text(why, "sine, ramp, triangle, square, random or walk LOW HIGH PERIOD, "
                              "toggle PERIOD, csv FILE [PERIOD]");
    } else {
        bas_buf_format(why, "%s %s%s, PERIOD from 100ms to 8760h", shape->name,
                       shape->has_range ? "LOW HIGH " : "",
                       shape->has_file ? "FILE [PERIOD]" : "PERIOD");
    }
    return BAS_ERR_INVALID;
}

static bas_err parse_file(const char *text, const char *at, struct simulation *s,
                          struct bas_buf *why)
{
    struct bas_slice file = next_word(&at);
    struct bas_slice period = next_word(&at);
    s->period = BAS_SECOND;
    if (file.len == 0 || file.len >= sizeof(s->file)) {
        return refuse(why, text, "names no file", s->shape);
    }
    memcpy(s->file, file.data, file.len);
    s->file[file.len] = 0;
    if (period.len != 0 && !read_period(period, &s->period)) {
        return refuse(why, text, "has no such period", s->shape);
    }
    return BAS_OK;
}

static bas_err parse_range(const char *text, const char **at, struct simulation *s,
                           struct bas_buf *why)
{
    if (!read_number(next_word(at), &s->low) || !read_number(next_word(at), &s->high)) {
        return refuse(why, text, "has no two numbers behind its word", s->shape);
    }
    return s->low > s->high ? refuse(why, text, "has a LOW above its HIGH", s->shape) : BAS_OK;
}

bas_err simulation_parse(const char *text, struct simulation *s, struct bas_buf *why)
{
    const char *at = text;
    *s = (struct simulation){ .shape = shape_of(next_word(&at)), .high = 1 };
    if (s->shape == NULL) {
        return refuse(why, text, "is no simulation", NULL);
    }
    bas_err err = BAS_OK;
    if (s->shape->has_file) {
        err = parse_file(text, at, s, why);
        at = "";
    } else {
        err = s->shape->has_range ? parse_range(text, &at, s, why) : BAS_OK;
        if (err == BAS_OK && !read_period(next_word(&at), &s->period)) {
            return refuse(why, text, "has no such period", s->shape);
        }
    }
    if (err == BAS_OK && next_word(&at).len != 0) {
        return refuse(why, text, "has a word too many", s->shape);
    }
    if (err == BAS_OK) {
        s->step = step_of(s);
    }
    return err;
}

/* Files */

static bool read_cell(const char *line, size_t len, double *value)
{
    static const struct {
        const char *word;
        double value;
    } words[] = { { "active", 1 }, { "true", 1 }, { "inactive", 0 }, { "false", 0 } };
    size_t n = 0;
    while (n < len && strchr(",;\t\r", line[n]) == NULL) {
        n++;
    }
    while (n > 0 && line[n - 1] == ' ') {
        n--;
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(words); i++) {
        if (strlen(words[i].word) == n && memcmp(words[i].word, line, n) == 0) {
            *value = words[i].value;
            return true;
        }
    }
    return read_number((struct bas_slice){ (const uint8_t *)line, n }, value);
}

bas_err simulation_rows(const char *text, double *values, size_t *n, size_t *line)
{
    *n = 0;
    *line = 0;
    for (const char *at = text; *at != 0;) {
        size_t len = strcspn(at, "\n");
        size_t blank = strspn(at, " \r");
        double value = 0;
        bool is_empty = blank >= len || at[blank] == '#';
        (*line)++;
        if (!is_empty && read_cell(at + blank, len - blank, &value)) {
            if (*n == SIMULATION_MAX_ROWS) {
                return BAS_ERR_TOO_LONG;
            }
            if (values != NULL) {
                values[*n] = value;
            }
            (*n)++;
        } else if (!is_empty && *line != 1) {
            return BAS_ERR_MALFORMED;
        }
        at += len + (at[len] == '\n' ? 1 : 0);
    }
    return *n == 0 ? BAS_ERR_MALFORMED : BAS_OK;
}
