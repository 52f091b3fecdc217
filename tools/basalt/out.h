/*
 * What the program says: text for people or JSON Lines for programs on standard output, one line
 * for an error on standard error.
 */
#ifndef BASALT_TOOLS_OUT_H
#define BASALT_TOOLS_OUT_H

#include "basalt/base.h"

#include <stdio.h>

struct out {
    FILE *text;
    FILE *errors;
    bool json;       /* one object a line */
    bool is_broken;  /* standard output failed; said once */
    uint8_t *memory; /* one line */
    struct bas_buf line;
    struct bas_json object;
};

bas_err out_init(struct out *out);
void out_free(struct out *out);

/* One JSON object: write into what begin gives, then end, which adds the newline and flushes. An
 * object that is too long for a line (4 MiB) becomes {"error":"..."}. */
struct bas_json *out_begin(struct out *out);
void out_end(struct out *out);
/* One line of text, flushed. */
void out_line(struct out *out, const char *format, ...) BAS_PRINTF(2, 3);
/* A long text as it is. */
void out_text(struct out *out, const char *text);

/* Control characters of a text become '?': a peer may have chosen it, and terminals obey some. */
void out_tame(char *text);

/* A time (microseconds since 1970) as RFC 3339 in UTC: "2026-01-01T00:00:00.000Z". */
enum { OUT_TIME_TEXT = 48 };
const char *out_time_text(char text[OUT_TIME_TEXT], int64_t wall);
void out_time(struct bas_json *json, const char *key, int64_t wall);

/* Writes what a device answered: "error_class" and "error_code", as names or numbers. */
void out_error(struct bas_json *json, unsigned error_class, unsigned error_code);

/*
 * "basalt: WHAT: why; what to do" on standard error, and with json {"error":...} on standard
 * output. Returns the exit status.
 */
int out_fail(struct out *out, const char *what, const struct bas_fault *fault);
/* The same with another text than the fault's, which may be longer: two reasons in one line. */
int out_fail_why(struct out *out, const char *what, const struct bas_fault *fault, const char *why);
enum { OUT_WHY_TEXT = 2 * BAS_FAULT_TEXT + 64 };
/* The same for a mistake in the command line: exit status 2. */
int out_usage(struct out *out, const char *what, const char *format, ...) BAS_PRINTF(3, 4);

/* The exit status of a run that went well as far as its output could be written. */
int out_status(struct out *out, int status);

#endif
