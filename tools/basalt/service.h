/*
 * What the verbs share that keep running: the loop and its signals, and the events that they tell,
 * a line each.
 */
#ifndef BASALT_TOOLS_SERVICE_H
#define BASALT_TOOLS_SERVICE_H

#include "basalt/app.h"
#include "basalt/bacnet_value.h"
#include "basalt/rt.h"

#include "tool.h"

/* How many lines about faults may follow each other at once, and then in a second. */
enum { SERVICE_BURST = 50, SERVICE_PER_SECOND = 5 };

struct service {
    struct tool *tool;
    struct bas_loop *loop;
    void (*stop)(void *user);
    void (*reload)(void *user); /* NULL: SIGHUP is not taken */
    void *user;
    int signal;       /* that ended it, 0: none */
    const char *part; /* of the process whose events are told now, "device"; NULL: the whole */
    /* The bound on lines that a peer can cause. */
    unsigned lines_left;
    bas_time counted_at;
    uint64_t left_out;
};

/*
 * Makes the loop. stop(user) is called once, at SIGINT or SIGTERM, and makes everything leave the
 * loop in order. False: the fault was told; *status is the exit status.
 */
bool service_open(struct service *service, struct tool *tool, void (*stop)(void *user), void *user,
                  int *status);
/* reload(user) is called each time SIGHUP comes, from here on. */
void service_on_reload(struct service *service, void (*reload)(void *user));
/* Takes signals from here on and runs until nothing is left. Gives the exit status. */
int service_run(struct service *service);
/* Frees the loop. Always call it after service_open. */
void service_close(struct service *service);

/* Allows as many open files as the system lets us have; warns when that is less than needed. */
void service_raise_files(const struct tool *tool, uint64_t needed);

/* One thing that an event says. */
struct field {
    const char *name;  /* of the JSON member; NULL: text only */
    const char *label; /* in front of it in text; NULL: JSON only */
    const char *text;  /* NULL or "": left out, unless one of these: */
    const uint64_t *number;
    const struct bac_value *value;
    const struct bac_type *type; /* of value, or NULL */
};

/* {"event":NAME,"time":...} or "TIME NAME: field, field"; with a part {"event":NAME,"part":...} and
 * "TIME PART NAME: field, field". */
void service_tell(struct service *service, const char *name, const struct field *fields, size_t n);
/* The same for what a peer may cause at will: bounded in rate, and what is left out is counted. */
void service_tell_bounded(struct service *service, const char *name, const struct field *fields,
                          size_t n);

/* What a reload of certificates came to; fault NULL: it went well. */
void service_tell_reload(struct service *service, const struct bas_reload *what,
                         const struct bas_fault *fault);

/* Why something ended, in words. */
const char *service_reason(const struct bas_fault *fault);
/* The name of a fault's error code, or NULL where it has none. */
const char *service_code(const struct bas_fault *fault);

#endif
