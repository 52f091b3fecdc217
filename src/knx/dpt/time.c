/* Owns how times and dates are written (types 10, 11, 19): "Tue 13:23:42", "2026-11-21", both. */
#include "knx/dpt/dpt.h"

#include <stdio.h>

/* Places of the fields in the rows time, date and date_time of struct.def. */
struct places {
    uint8_t year, month, day, weekday, hour, minute, second;
    uint8_t rest; /* the first field that knx_values_text writes */
};
enum { NOWHERE = 255 };
static const struct places places_of[] = {
    [KNX_CODING_TIME - KNX_CODING_TIME] = { NOWHERE, NOWHERE, NOWHERE, 0, 1, 3, 5, NOWHERE },
    [KNX_CODING_DATE - KNX_CODING_TIME] = { 5, 3, 1, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE },
    [KNX_CODING_DATE_TIME - KNX_CODING_TIME] = { 0, 2, 4, 5, 6, 8, 10, 11 },
};

static const struct places *places(const struct knx_dpt *dpt)
{
    return &places_of[dpt->coding - KNX_CODING_TIME];
}

/* 24:00:00 is the end of a day, nothing comes after it. */
bas_err knx_time_check(const struct knx_dpt_at *at, const struct knx_dpt_values *v)
{
    const struct places *p = places(at->dpt);
    if (p->hour == NOWHERE || !knx_values_has(v, p->hour) || v->bits[p->hour] < 24 ||
        (v->bits[p->minute] == 0 && v->bits[p->second] == 0)) {
        return BAS_OK;
    }
    return knx_dpt_refuse(at, "it is later than 24:00:00");
}

/* A number of so many digits, or a star where it does not count. */
static void add_part(const struct knx_dpt_values *v, size_t i, int digits, struct bas_buf *out)
{
    if (!knx_values_has(v, i)) {
        bas_buf_add_text(out, "*");
        return;
    }
    double number = knx_number_of(&v->fields[i], v->bits[i]);
    bas_buf_format(out, "%0*u", digits, (unsigned)number);
}

static void add_date(const struct places *p, const struct knx_dpt_values *v, struct bas_buf *out)
{
    add_part(v, p->year, 4, out);
    bas_buf_add_text(out, "-");
    add_part(v, p->month, 2, out);
    bas_buf_add_text(out, "-");
    add_part(v, p->day, 2, out);
}

static void add_time(const struct places *p, const struct knx_dpt_values *v, struct bas_buf *out)
{
    add_part(v, p->hour, 2, out);
    bas_buf_add_text(out, ":");
    add_part(v, p->minute, 2, out);
    bas_buf_add_text(out, ":");
    add_part(v, p->second, 2, out);
}

void knx_time_text(const struct knx_dpt *dpt, const struct knx_dpt_values *v, struct bas_buf *out)
{
    const struct places *p = places(dpt);
    if (dpt->coding == KNX_CODING_TIME) {
        if (v->bits[p->weekday] != 0) {
            knx_field_text(&v->fields[p->weekday], v->bits[p->weekday], out);
            bas_buf_add_text(out, " ");
        }
        add_time(p, v, out);
        return;
    }
    add_date(p, v, out);
    if (dpt->coding == KNX_CODING_DATE_TIME) {
        bas_buf_add_text(out, " ");
        add_time(p, v, out);
        if (knx_values_has(v, p->weekday)) {
            bas_buf_add_text(out, ", weekday ");
            knx_field_text(&v->fields[p->weekday], v->bits[p->weekday], out);
        }
        knx_values_text(v, p->rest, true, out);
    }
}

/* From a person */

/* One number between marks; a star is a part that does not count. */
static bas_err take_part(struct knx_dpt_at *at, struct knx_word word, struct knx_dpt_values *v,
                         size_t i)
{
    at->field = &v->fields[i];
    if (v->fields[i].valid != 0 && knx_word_is(word, "*")) {
        return BAS_OK;
    }
    v->is_given[i] = true;
    return knx_number_parse(at, word, &v->bits[i]);
}

static bas_err take_three(struct knx_dpt_at *at, struct knx_word word, char mark,
                          const uint8_t indices[3], struct knx_dpt_values *v)
{
    struct knx_word parts[3];
    for (size_t i = 0; i < 3; i++) {
        parts[i] = knx_word_cut(&word, mark);
    }
    if (parts[1].len == 0 || word.len != 0) {
        return knx_dpt_refuse(at, "it is written as %s",
                              mark == ':' ? "hour:minute:second" : "year-month-day");
    }
    bas_err err = BAS_OK;
    for (size_t i = 0; i < 3 && err == BAS_OK; i++) {
        bool is_short = i == 2 && parts[i].len == 0 && mark == ':'; /* 13:23 is 13:23:00 */
        err = is_short ? BAS_OK : take_part(at, parts[i], v, indices[i]);
        v->is_given[indices[i]] |= is_short;
    }
    at->field = NULL;
    return err;
}

static bas_err take_time(struct knx_dpt_at *at, struct knx_word word, struct knx_dpt_values *v)
{
    const struct places *p = places(at->dpt);
    return take_three(at, word, ':', (const uint8_t[]){ p->hour, p->minute, p->second }, v);
}

static bas_err take_date(struct knx_dpt_at *at, struct knx_word word, struct knx_dpt_values *v)
{
    const struct places *p = places(at->dpt);
    return take_three(at, word, '-', (const uint8_t[]){ p->year, p->month, p->day }, v);
}

/* "Tue 13:23:42", "13:23". */
static bas_err parse_time(struct knx_dpt_at *at, struct knx_word text, struct knx_dpt_values *v)
{
    const struct places *p = places(at->dpt);
    struct knx_word rest = text;
    struct knx_word first = knx_word_cut(&rest, ' ');
    rest = knx_word_trim(rest);
    if (rest.len == 0) {
        return take_time(at, first, v);
    }
    at->field = &v->fields[p->weekday];
    first.len = first.len > 3 ? 3 : first.len; /* Tuesday is Tue */
    bas_err err = knx_field_parse(at, first, &v->bits[p->weekday]);
    return err == BAS_OK ? take_time(at, rest, v) : err;
}

/* Date and time, then the other parts. */
static bas_err parse_date_time(struct knx_dpt_at *at, struct knx_word text,
                               struct knx_dpt_values *v)
{
    struct knx_word rest = text;
    struct knx_word head = knx_word_trim(knx_word_cut(&rest, ','));
    struct knx_word date = knx_word_cut(&head, ' ');
    bas_err err = take_date(at, date, v);
    if (err == BAS_OK) {
        err = take_time(at, knx_word_trim(head), v);
    }
    return err == BAS_OK ? knx_values_parse(at, rest, v) : err;
}

bas_err knx_time_parse(struct knx_dpt_at *at, struct knx_word text, struct knx_dpt_values *v)
{
    bas_err err = BAS_OK;
    switch (at->dpt->coding) {
    case KNX_CODING_TIME:
        err = parse_time(at, text, v);
        break;
    case KNX_CODING_DATE:
        err = take_date(at, text, v);
        break;
    default:
        err = parse_date_time(at, text, v);
    }
    return err == BAS_OK ? knx_time_check(at, v) : err;
}
