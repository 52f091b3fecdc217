/*
 * A simulation: a value that follows from the time alone, for devices that test others.
 *
 *     sine LOW HIGH PERIOD        ramp LOW HIGH PERIOD       triangle LOW HIGH PERIOD
 *     square LOW HIGH PERIOD      toggle PERIOD              random LOW HIGH PERIOD
 *     walk LOW HIGH PERIOD        csv FILE [PERIOD]
 *
 * PERIOD: "60", "60s", "500ms", "2m", "1h". Of sine, ramp and triangle it is one round; of square
 * and toggle the time in one state; of random, walk and csv the time of one value.
 */
#ifndef BASALT_RT_SIMULATION_H
#define BASALT_RT_SIMULATION_H

#include "basalt/base.h"

enum { SIMULATION_FILE = 1024, SIMULATION_MAX_ROWS = 1000000 };

struct simulation {
    const struct simulation_shape *shape;
    double low, high;
    bas_time period;
    bas_time step; /* between two values */
    uint64_t seed; /* of random and walk: another one, other values */
    char file[SIMULATION_FILE];
    const double *rows; /* of csv: the caller's, from simulation_rows */
    size_t n_rows;
};

/* True when the first word of text is that of a simulation. */
bool simulation_is_one(const char *text);
/* BAS_ERR_INVALID with "what is wrong; what is allowed" appended to why. */
bas_err simulation_parse(const char *text, struct simulation *simulation, struct bas_buf *why);
/* The value at that time since the beginning; 0 where a file has not been read. */
double simulation_value(const struct simulation *simulation, bas_time at);
/* When the value changes next; always later than at. */
bas_time simulation_next(const struct simulation *simulation, bas_time at);
/* True when simulation_rows must be called before. */
bool simulation_needs_file(const struct simulation *simulation);
/*
 * Reads the first column of a CSV text: a number (or active, inactive, true, false) a line. Blank
 * lines, those that begin with '#', and a first line of words are passed over. values NULL: counts.
 * BAS_ERR_MALFORMED: *line is no number; BAS_ERR_TOO_LONG: more than SIMULATION_MAX_ROWS.
 */
bas_err simulation_rows(const char *text, double *values, size_t *n, size_t *line);

#endif
