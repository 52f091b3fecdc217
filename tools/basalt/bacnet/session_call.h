/*
 * For a task that is written from top to bottom (session_task.work): calls that wait for what comes
 * of them. The session may end meanwhile; then they are false, and work returns at once.
 */
#ifndef BASALT_TOOLS_SESSION_CALL_H
#define BASALT_TOOLS_SESSION_CALL_H

#include "basalt/app_client.h"

#include "session.h"

/* What the device answered to a call. */
struct session_answer {
    bool is_good;          /* acknowledged; else refused */
    struct bas_slice body; /* of the acknowledgment or the Error; in the session's arena */
    struct bac_error_pair error;
    struct bas_fault fault; /* of a refusal, for a person */
};

/* Asks the device: parameters is the struct of the service's type, NULL for one without. Refused is
 * an answer, too; no answer ends the session. */
bool session_call(struct session *session, uint8_t service, const void *parameters,
                  struct session_answer *answer);
/* The same with parameters that are encoded. */
bool session_call_raw(struct session *session, uint8_t service, struct bas_slice parameters,
                      struct session_answer *answer);
/* As session_call, with a refusal ending the session; the acknowledgment is decoded into ack (NULL:
 * there is nothing in it). */
bool session_get(struct session *session, uint8_t service, const void *parameters, void *ack);
/* Sends an unconfirmed request to that address (NULL: to all). */
bool session_send(struct session *session, const struct bac_address *to, uint8_t service,
                  const void *parameters);
/*
 * For the calls of basalt/app_client.h: whom to ask; the callback for the end of one, whose user,
 * like that of all its callbacks, is the session; and the wait for it. session_await gives how it
 * ended in *fault (fault->err may be BAS_OK), or is false: the session is over.
 */
struct bas_peer_name session_peer(const struct session *session);
void session_done(void *user, const struct bas_outcome *outcome);
bool session_await(struct session *session, struct bas_fault *fault);
/* The same, with any error but BAS_ERR_PARTIAL ending the session. */
bool session_await_good(struct session *session);

/* Waits so long, or until session_wake. */
bool session_pause(struct session *session, uint32_t wait_ms);
void session_wake(struct session *session);
/* Whether the last pause lasted to its end. */
bool session_is_late(const struct session *session);
/* Ends the session with that fault. False, so that a function can return it. */
bool session_fail_with(struct session *session, bas_err err, const char *format, ...)
    BAS_PRINTF(3, 4);

#endif
