/* Owns dates and times as text (20.2.12, 20.2.13). */
#include "basalt/bacnet_value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { ANY = 255 };

static const char *const weekdays[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

/* A part of a date that is a pattern and not a number. */
struct pattern {
    uint8_t number;
    const char *name;
};
static const struct pattern months[] = { { 13, "odd" }, { 14, "even" }, { ANY, "*" } };
static const struct pattern days[] = {
    { 32, "last" }, { 33, "odd" }, { 34, "even" }, { ANY, "*" }
};

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_length(unsigned year, unsigned month)
{
    static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return lengths[month - 1] + (month == 2 && is_leap(year) ? 1U : 0U);
}

/* Year, month and day name one day. */
static bool names_a_day(struct bac_date date)
{
    return date.year != ANY && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= month_length(1900U + date.year, date.month);
}

uint8_t bac_date_weekday(struct bac_date date)
{
    if (!names_a_day(date)) {
        return ANY;
    }
    unsigned days_before = 0; /* since 1900-01-01, a Monday */
    for (unsigned y = 1900; y < 1900U + date.year; y++) {
        days_before += is_leap(y) ? 366 : 365;
    }
    for (unsigned m = 1; m < date.month; m++) {
        days_before += month_length(1900U + date.year, m);
    }
    return (uint8_t)((days_before + date.day - 1U) % 7 + 1);
}

bool bac_date_is_valid(struct bac_date date)
{
    bool month = (date.month >= 1 && date.month <= 14) || date.month == ANY;
    bool day = (date.day >= 1 && date.day <= 34) || date.day == ANY;
    bool weekday = (date.weekday >= 1 && date.weekday <= 7) || date.weekday == ANY;
    bool is_number = date.month <= 12 && date.day <= 31;
    unsigned year = date.year == ANY ? 2000 : 1900U + date.year; /* 29 February may be */
    return month && day && weekday && (!is_number || date.day <= month_length(year, date.month));
}

bool bac_date_is_exact(struct bac_date date)
{
    return names_a_day(date) && date.weekday == bac_date_weekday(date);
}

bool bac_time_is_valid(struct bac_time time)
{
    return (time.hour < 24 || time.hour == ANY) && (time.minute < 60 || time.minute == ANY) &&
           (time.second < 60 || time.second == ANY) &&
           (time.hundredths < 100 || time.hundredths == ANY);
}

bool bac_time_is_exact(struct bac_time time)
{
    return time.hour < 24 && time.minute < 60 && time.second < 60 && time.hundredths < 100;
}

static void add_part(struct bas_buf *out, uint8_t part, const struct pattern *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (patterns[i].number == part) {
            bas_buf_add_text(out, patterns[i].name);
            return;
        }
    }
    bas_buf_format(out, "%02u", (unsigned)part);
}

void bac_date_text(struct bac_date date, struct bas_buf *out)
{
    if (date.year == ANY) {
        bas_buf_add_text(out, "*");
    } else {
        bas_buf_format(out, "%04u", 1900U + date.year);
    }
    bas_buf_add_text(out, "-");
    add_part(out, date.month, months, BAS_ARRAY_LEN(months));
    bas_buf_add_text(out, "-");
    add_part(out, date.day, days, BAS_ARRAY_LEN(days));
    if (date.weekday == bac_date_weekday(date)) {
        return; /* the date says it, or neither does */
    }
    if (date.weekday == ANY) {
        bas_buf_add_text(out, " *");
    } else if (date.weekday >= 1 && date.weekday <= 7) {
        bas_buf_format(out, " %s", weekdays[date.weekday - 1]);
    } else {
        bas_buf_format(out, " %u", (unsigned)date.weekday);
    }
}

void bac_time_text(struct bac_time time, struct bas_buf *out)
{
    static const struct pattern any[] = { { ANY, "*" } };
    static const char *const separators[] = { "", ":", ":", "." };
    const uint8_t parts[] = { time.hour, time.minute, time.second, time.hundredths };
    for (size_t i = 0; i < BAS_ARRAY_LEN(parts); i++) {
        bas_buf_add_text(out, separators[i]);
        add_part(out, parts[i], any, BAS_ARRAY_LEN(any));
    }
}

/* Reads digits (at most max_digits) or "*" and steps over them. */
static bool take_number(const char **at, size_t max_digits, unsigned max, unsigned *out)
{
    const char *p = *at;
    if (*p == '*') {
        *out = ANY;
        *at = p + 1;
        return true;
    }
    unsigned value = 0;
    size_t n = 0;
    while (n < max_digits && isdigit((unsigned char)p[n])) {
        value = 10 * value + (unsigned)(p[n] - '0');
        n++;
    }
    *at = p + n;
    *out = value;
    return n > 0 && value <= max;
}

static bool take_word(const char **at, const char *word)
{
    size_t n = 0;
    while (word[n] != 0) {
        if (tolower((unsigned char)(*at)[n]) != word[n]) {
            return false;
        }
        n++;
    }
    *at += n;
    return true;
}

static bool take_part(const char **at, const struct pattern *patterns, size_t n, unsigned max,
                      uint8_t *out)
{
    for (size_t i = 0; i < n; i++) {
        if (take_word(at, patterns[i].name)) {
            *out = patterns[i].number;
            return true;
        }
    }
    unsigned number = 0;
    bool ok = take_number(at, 2, max, &number);
    *out = (uint8_t)number;
    return ok;
}

static bool take_year(const char **at, uint8_t *out)
{
    unsigned year = 0;
    bool is_any = **at == '*';
    if (!take_number(at, 4, 1900 + 254, &year) || (!is_any && year < 1900)) {
        return false;
    }
    *out = (uint8_t)(is_any ? ANY : year - 1900);
    return true;
}

static bool take_weekday(const char *at, struct bac_date *date)
{
    if (*at == 0) {
        date->weekday = bac_date_weekday(*date);
        return true;
    }
    if (*at != ' ') {
        return false;
    }
    at++;
    if (strcmp(at, "*") == 0) {
        date->weekday = ANY;
        return true;
    }
    for (uint8_t i = 0; i < BAS_ARRAY_LEN(weekdays); i++) {
        const char *rest = at;
        if (take_word(&rest, weekdays[i])) {
            date->weekday = (uint8_t)(i + 1);
            return *rest == 0;
        }
    }
    return false;
}

bool bac_date_parse(const char *text, struct bac_date *date)
{
    struct bac_date d = { ANY, ANY, ANY, ANY };
    bool ok = take_year(&text, &d.year) && *text++ == '-' &&
              take_part(&text, months, BAS_ARRAY_LEN(months), 12, &d.month) && *text++ == '-' &&
              take_part(&text, days, BAS_ARRAY_LEN(days), 31, &d.day) && take_weekday(text, &d) &&
              bac_date_is_valid(d);
    if (ok) {
        *date = d;
    }
    return ok;
}

bool bac_time_parse(const char *text, struct bac_time *time)
{
    static const unsigned max[] = { 23, 59, 59, 99 };
    static const char separators[] = { 0, ':', ':', '.' };
    uint8_t parts[4] = { 0, 0, 0, 0 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(parts); i++) {
        if (i >= 2 && *text == 0) {
            break; /* seconds and hundredths may be left out */
        }
        unsigned number = 0;
        const char *start = text + (i > 0);
        if ((i > 0 && *text++ != separators[i]) || !take_number(&text, 2, max[i], &number)) {
            return false;
        }
        bool is_tenth = i == 3 && text - start == 1 && number != ANY; /* ".5" is half a second */
        parts[i] = (uint8_t)(is_tenth ? 10 * number : number);
    }
    if (*text != 0) {
        return false;
    }
    *time = (struct bac_time){ parts[0], parts[1], parts[2], parts[3] };
    return true;
}
