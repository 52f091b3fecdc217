/* A program under measurement: started, pinned to one core, and what /proc says of it. */
#ifndef BASALT_BENCH_CHILD_H
#define BASALT_BENCH_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
    pid_t pid;
    uint16_t port; /* where it listens on 127.0.0.1 */
};

/* Runs program in folder on one core and reads its address from its output. False: it said why on
 * stderr. It dies with us. */
bool child_start(struct child *child, const char *program, const char *folder, unsigned core);
void child_stop(struct child *child);
void child_hang_up(const struct child *child);
/* Stops it and lets it go on: what is sent in between it finds all at once, as when it is
 * saturated. */
void child_freeze(const struct child *child);
void child_thaw(const struct child *child);
/* CPU time that it has used, in nanoseconds. Sleeps first until it has gone to sleep. */
uint64_t child_cpu_ns(const struct child *child);
/* How long a process was ready to run and did not: what other work on the machine cost it, ns. */
uint64_t run_delay_ns(pid_t pid);
/* Its resident memory in octets. */
uint64_t child_memory(const struct child *child);

/* A core for the load and one for what is measured; says so when there is but one. */
void cores_find(unsigned *load, unsigned *measured);
/* Pins the calling process. */
bool pin_to(unsigned core);
void sleep_us(long us);
/* Says what went wrong and ends the bench. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
