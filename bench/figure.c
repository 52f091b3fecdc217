/* Owns how figures are summed up and printed. */
#include "figure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void series_add(struct series *series, double value)
{
    if (series->n < SERIES) {
        series->values[series->n++] = value;
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double quantile(const struct series *series, double at)
{
    struct series sorted = *series;
    if (sorted.n == 0) {
        return 0;
    }
    qsort(sorted.values, sorted.n, sizeof(sorted.values[0]), by_size);
    return sorted.values[(unsigned)(at * (sorted.n - 1) + 0.5)];
}

double series_median(const struct series *series)
{
    return quantile(series, 0.5);
}

double series_least(const struct series *series)
{
    return quantile(series, 0);
}

double series_most(const struct series *series)
{
    return quantile(series, 1);
}

struct series series_ratio(const struct series *a, const struct series *b)
{
    struct series ratio = { .n = 0 };
    for (unsigned i = 0; i < a->n && i < b->n; i++) {
        series_add(&ratio, a->values[i] / b->values[i]);
    }
    return ratio;
}

static void column(const struct series *series)
{
    char text[40] = "";
    if (series != NULL && series->n > 0) {
        int digits = series_median(series) < 10 ? 2 : 0;
        (void)snprintf(text, sizeof(text), "%.*f [%.*f-%.*f]", digits, series_median(series),
                       digits, series_least(series), digits, series_most(series));
    }
    (void)printf("  %-18s", text);
}

void figure_head2(const char *measured, const char *beside)
{
    (void)printf("%-34s  %-18s  %-18s  %-18s\n", "median [least-most]", measured, beside, "ratio");
}

void figure_head(const char *measured)
{
    figure_head2(measured, "floor");
}

void figure_print(const char *name, const struct series *measured, const struct series *floor)
{
    struct series ratio = { .n = 0 };
    if (floor != NULL) {
        ratio = series_ratio(measured, floor);
    }
    (void)printf("%-34s", name);
    column(measured);
    column(floor);
    column(&ratio);
    (void)putchar('\n');
}

bool figure_judge(const char *what, double value, double target)
{
    bool is_ok = value <= target;
    (void)printf("    %-46s %9.*f   target %g: %s\n", what, value < 100 ? 2 : 0, value, target,
                 is_ok ? "ok" : "OVER");
    return is_ok;
}

void figure_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fputs("    ", stdout);
    (void)vprintf(format, args);
    (void)putchar('\n');
    (void)fflush(stdout);
    va_end(args);
}
