/* The clients of the KNX bench in one process: each writes a telegram, waits for its confirmation,
 * writes the next. Over a secure tunnel each; or, as the floor, a message of the same size and its
 * echo. */
#ifndef BASALT_BENCH_KNX_CROWD_H
#define BASALT_BENCH_KNX_CROWD_H

#include "child.h"
#include "knx_site.h"

/* What a number of telegrams (or messages) has cost. */
struct cost {
    double wall_us; /* a telegram */
    double client_us, server_us;
};
struct work {
    uint32_t members;   /* so many of those that are connected */
    uint32_t telegrams; /* all together */
    bool is_data;       /* Data Secure */
};

struct crowd;
struct crowd *crowd_new(const struct child *child, const struct site *site);
void crowd_free(struct crowd *crowd);
/* Connects until there are n tunnels; gives CPU microseconds of the server and of us for each that
 * is new. */
struct cost crowd_grow(struct crowd *crowd, uint32_t n);
struct cost crowd_work(struct crowd *crowd, const struct work *work);
/* Octets of the longest frame that the last work sent: one with a telegram. */
size_t crowd_frame(const struct crowd *crowd);

struct echoes;
struct echoes *echoes_new(const struct child *child);
void echoes_free(struct echoes *echoes);
void echoes_grow(struct echoes *echoes, uint32_t n);
struct cost echoes_work(struct echoes *echoes, const struct work *work, size_t message);

/* The clock of a cost: begin, and what n have cost since. */
struct stopwatch {
    double wall_us, client_us;
    uint64_t server_ns;
};
struct stopwatch stopwatch_begin(const struct child *child);
struct cost stopwatch_end(const struct stopwatch *begin, const struct child *child, uint32_t n);
double stopwatch_cpu_us(void); /* of this thread */

#endif
