/*
 * What the client verbs share: one connection to a hub for one task. It finds the device that is
 * asked, carries one request and its answer, and leaves in order; nothing is tried for ever.
 *
 * A session is a visitor on the network: a VMAC and a UUID of its own each time, whatever the
 * certificate says, so that two commands with one certificate do not push each other out.
 * --own-uuid is for hubs that want the certificate's.
 */
#ifndef BASALT_TOOLS_SESSION_H
#define BASALT_TOOLS_SESSION_H

#include "basalt/app.h"

#include "options.h"
#include "target.h"

struct session;

/* Somebody said I-Am. */
struct session_peer {
    const struct bac_i_am *i_am;
    const struct bac_address *address;
};

/* What a verb does in its session. */
struct session_task {
    const struct target_device *device;     /* to be found first; NULL: nobody */
    void (*begin)(struct session *session); /* connected, and the device found */
    /* In place of begin: the whole task from top to bottom, with the calls of session_call.h. Gives
     * the exit status, which counts unless the session ended before. */
    int (*work)(struct session *session);
    void (*heard)(struct session *session, const struct session_peer *peer); /* may be NULL */
    /* Any unconfirmed request but I-Am. May be NULL. */
    void (*request)(struct session *session, const struct bas_station_event *event);
    void (*waited)(struct session *session); /* the time of session_wait is over; NULL: a fault */
    /* What the node tells of peers (BAS_STATION_NODE). May be NULL. */
    void (*node)(struct session *session, const struct bsc_node_event *event);
    /* The device refused what session_ask asked; true: the task goes on. May be NULL. */
    bool (*refused)(struct session *session, const struct bac_error_pair *error);
    /* A signal came; true: the task ends by itself. May be NULL. */
    bool (*interrupted)(struct session *session);
    void *user;
};

struct session {
    struct tool *tool;
    const struct common_options *options;
    const struct session_task *task;
    void *user;             /* of the task */
    struct bac_arena arena; /* for the task */
    void *memory;           /* of the arena */
    struct bas_loop *loop;
    struct bas_station *station; /* NULL: not started, or stopping */
    struct bas_alarm *alarm;
    struct bac_address device; /* whom session_ask asks */
    void (*acknowledged)(struct session *session, struct bas_slice body);
    struct session_answer *answer; /* of the call that waits; NULL: none */
    bool is_working;               /* in work, so that the loop is to stop when something happens */
    bool is_late;                  /* the time of session_pause is over */
    bool is_awake;                 /* session_wake ended it before */
    bool is_stopped;               /* the station is gone */
    bool is_done;                  /* the call that session_await waits for has ended */
    struct bas_fault done;         /* how */
    bool is_up;                    /* connected to the hub */
    bool is_waiting;               /* the alarm is the task's, not the connection's */
    bool is_begun;
    bool is_ending;
    bool has_retried[2];      /* the primary hub, and the failover hub */
    bool has_given_up[2];     /* one that no other attempt would help */
    struct bas_fault last[2]; /* why the attempt before failed */
    int status;
};

/* Runs the task from the connection to the orderly end. Gives the exit status. */
int session_run(struct tool *tool, const struct common_options *options,
                const struct session_task *task);

/* From within the task: */

/* Sends Who-Is to all; limits may be NULL. */
void session_who_is(struct session *session, const struct bac_who_is *limits);
/* Calls the task's waited after --timeout. */
void session_wait(struct session *session);
/* Asks a node something about itself (bsc_node_resolve, bsc_node_solicit) and waits. */
void session_ask_peer(struct session *session,
                      bas_err (*ask)(struct bsc_node *node, const struct bsc_vmac *peer,
                                     bas_time now),
                      const struct bsc_vmac *peer);
/* What the options say about certificates; texts are borrowed from them. */
struct bas_tls_config session_tls(const struct tool *tool, const struct common_options *options);
/* False: an option is missing that every connection needs, or two contradict. It was told; *status
 * is the exit status. */
bool session_check_options(struct tool *tool, const struct common_options *options, int *status);
/*
 * Sends a confirmed request to the device; parameters is the struct of the service's type.
 * acknowledged gets the body of the answer. Any other outcome ends the session with its reason.
 */
void session_ask(struct session *session, uint8_t service, const void *parameters,
                 void (*acknowledged)(struct session *session, struct bas_slice body));
/* Decodes the body of an answer into value (of type) and the arena. False: the session ends. */
bool session_decode(struct session *session, const struct bac_type *type, struct bas_slice body,
                    void *value);
/* Ends with what a device did not do: answer. */
void session_fail_silent(struct session *session);
/* The fault of a refusal, with what to do about it. */
void session_refusal(const struct bac_client_event *event, struct bas_fault *fault);
/* Leaves the network and ends with that exit status. */
void session_end(struct session *session, int status);
/* Tells the fault and ends with its exit status. */
void session_fail(struct session *session, const struct bas_fault *fault);

/* The VMAC of a peer, or its network and address behind a router: "5:0a". */
enum { SESSION_ADDRESS_TEXT = 64 };
const char *session_address_text(const struct bac_address *address,
                                 char text[SESSION_ADDRESS_TEXT]);

#endif
