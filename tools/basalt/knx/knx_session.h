/*
 * What the client verbs of KNX share: their options, and one connection to an interface for one
 * task. It is asked for what the options say (a tunnel of a keyring, or any that is free), and left
 * in order, so that no tunnel stays taken.
 */
#ifndef BASALT_TOOLS_KNX_SESSION_H
#define BASALT_TOOLS_KNX_SESSION_H

#include "knx_access.h"

struct knx_session;

/* What a verb does in its session. */
struct knx_session_task {
    knx_ga group;    /* whose a key alone in --group-key-file is; 0: nobody's */
    bool is_lasting; /* connects again, and ends well with SIGTERM */
    /*
     * What happens: UP each time, TELEGRAM, DROPPED, CONFIRMED; a DOWN only where it comes back by
     * itself. Everything else ends the session with its reason.
     */
    void (*event)(struct knx_session *session, const struct bas_knx_event *event);
    void (*waited)(struct knx_session *session); /* the time of knx_session_wait is over */
    /* Told in place of an error before it is; step: where it happened. NULL: it is told. */
    void (*failed)(struct knx_session *session, enum knx_client_state step,
                   const struct bas_fault *fault);
    /* May change the engine's times before it starts. NULL: they stay. */
    void (*adjust)(struct knx_session *session, struct knx_client_config *engine);
    void *user;
};

struct knx_session {
    struct tool *tool;
    const struct knx_session_options *options;
    const struct knx_session_task *task;
    void *user; /* of the task */
    struct knx_access access;
    struct bas_loop *loop;
    struct bas_alarm *alarm;
    struct bas_knx *knx; /* NULL: none, or stopping */
    struct bas_knx_inquiry *inquiry;
    bool is_ending;
    bool was_up;
    bool is_moving;         /* to the next tunnel, as soon as the last one is left */
    size_t tried;           /* tunnels since it was up */
    struct bas_fault taken; /* a tunnel that is in use */
    int status;
};

/* The rows of struct knx_session_options; the first one is --gateway. */
enum { KNX_SESSION_ROWS = 20 };
extern const struct option_row knx_session_rows[KNX_SESSION_ROWS];

/* Runs the task from the connection to the orderly end. Gives the exit status. */
int knx_session_run(struct tool *tool, const struct knx_session_options *options,
                    const struct knx_session_task *task);

/* From within the task: */

/* A group service (as bas_knx_group); what cannot be sent ends the session. */
void knx_session_group(struct knx_session *session, unsigned apci, knx_ga group,
                       const struct knx_group_value *value);
void knx_session_send(struct knx_session *session, const struct knx_cemi *cemi);
/* Calls the task's waited after that time. */
void knx_session_wait(struct knx_session *session, uint32_t ms);
bool knx_session_has_key(const struct knx_session *session, knx_ga group);
/* Disconnects and ends with that exit status. */
void knx_session_end(struct knx_session *session, int status);
/* Tells the fault and ends with its exit status. */
void knx_session_fail(struct knx_session *session, const struct bas_fault *fault);

#endif
