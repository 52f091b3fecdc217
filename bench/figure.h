/* Figures: a series of measurements, and a line of the report with its target. */
#ifndef BASALT_BENCH_FIGURE_H
#define BASALT_BENCH_FIGURE_H

#include <stdbool.h>

enum { SERIES = 64 };
struct series {
    double values[SERIES];
    unsigned n;
};
void series_add(struct series *series, double value);
double series_median(const struct series *series);
double series_least(const struct series *series);
double series_most(const struct series *series);
/* The quotients of two series that were measured in turn. */
struct series series_ratio(const struct series *a, const struct series *b);

/* A column: median [least-most]. NULL prints none. */
void figure_head(const char *measured);
void figure_head2(const char *measured, const char *beside);
void figure_print(const char *name, const struct series *measured, const struct series *floor);
/* The line below it: what was asked for, and whether it is kept. Gives that. */
bool figure_judge(const char *what, double value, double target);
void figure_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
