/* Inside the server engine: a request on its way to its handler, and what handlers give back. */
#ifndef BASALT_BACNET_SERVER_IMPL_H
#define BASALT_BACNET_SERVER_IMPL_H

#include "bacnet/apdu_queue.h"
#include "bacnet/cov/cov.h"
#include "bacnet/object.h"

/* What DeviceCommunicationControl left behind (16.1), and the password that it asks for. */
struct bac_control {
    uint32_t state;    /* enum bac_device_communication_state: ENABLE, DISABLE_INITIATION */
    bas_time until;    /* BAS_NEVER: for ever */
    uint8_t *password; /* UTF-8; NULL: none is asked for */
    size_t password_len;
};

struct bac_server {
    struct bas_env env;
    struct bac_server_config config; /* numbers only; objects and texts live in db */
    struct bac_database db;
    struct bac_apdu_queue tx;
    struct bac_server_event *events; /* config.pending_events, emptied from the front */
    size_t event_first, n_events;
    void *scratch;                  /* for the lists of one request */
    struct bac_service_hook *hooks; /* config.n_hooks */
    struct bac_control control;
    bas_time now; /* of the last recv, tick or call_done */
    struct bac_cov cov;
    struct bac_responders *responders;
    struct bac_server_stats stats;
};

struct bac_request {
    const struct bac_net_event *from;
    bas_time now;
    size_t max_apdu; /* that can go back to its source */
    struct bac_apdu apdu;
    struct bac_arena arena;
    struct bas_buf *out; /* confirmed: the parameters of a ComplexACK go here; cap is all that can
                            go back, in segments, too */
    struct bas_fault fault; /* ERROR: class and code; REJECT: what the codec said */
    uint8_t reason;         /* REJECT, ABORT */
    /* ERROR: the encoded parameters of a service that has an error type of its own, else none and
     * they are made of fault. */
    uint8_t error[64];
    size_t error_len;
    /* ERROR of a service that did not do all that it was asked for: which was the first, of many
     * elements (from 1; 0: none of them is at fault), or of many writes. */
    uint64_t first_failed;
    struct bac_object_property_reference failed_write;
};

/* A part of the engine with memory or timers of its own, a line each in server.c. Any function may
 * be NULL. */
struct bac_server_part {
    /* server->config and server->db are ready. On error close follows. */
    bas_err (*open)(struct bac_server *server, const struct bac_server_config *config,
                    struct bas_fault *fault);
    void (*close)(struct bac_server *server);
    void (*tick)(struct bac_server *server, bas_time now);
    bas_time (*deadline)(const struct bac_server *server);
};
extern const struct bac_server_part bac_server_transactions; /* server/tsm.c */
extern const struct bac_server_part bac_server_cov;          /* server/notify.c */
extern const struct bac_server_part bac_server_services;     /* server/serve.c */
extern const struct bac_server_part bac_server_control;      /* server/control.c */

/* How a confirmed request is answered. */
enum bac_outcome {
    BAC_OUTCOME_SIMPLE_ACK,
    BAC_OUTCOME_COMPLEX_ACK, /* out; Abort when it did not fit */
    BAC_OUTCOME_ERROR,       /* fault */
    BAC_OUTCOME_MALFORMED,   /* Reject with the reason that fault names */
    BAC_OUTCOME_REJECT,      /* reason */
    BAC_OUTCOME_ABORT        /* reason */
};

/* server_<group>.c: handlers, one per row of served.def */
#define BAC_SERVED_CONFIRMED(member, noun)                                                         \
    enum bac_outcome bac_serve_##noun(struct bac_server *server, struct bac_request *request);
#define BAC_SERVED_UNCONFIRMED(member, noun)                                                       \
    void bac_serve_##noun(struct bac_server *server, struct bac_request *request);
#include "bacnet/server/served.def"
#undef BAC_SERVED_CONFIRMED
#undef BAC_SERVED_UNCONFIRMED

/* server.c */

/* The object of that identifier; the wildcard instance (4194303) finds the Device object and the
 * Network Port through which the request came. NULL with a fault. */
struct bac_object *bac_server_find(struct bac_server *server, struct bac_object_id id,
                                   bool with_wildcard, struct bac_request *request);
/* Sends an unconfirmed request of ours to tx->to; parameters are described by type. */
bas_err bac_server_say(struct bac_server *server, const struct bac_apdu_tx *tx, uint8_t service,
                       const struct bac_type *type, const void *parameters);
/* Tells the program what was written over the network (server/write.c). Of a list that was changed:
 * property, index, raw, lasts, is_change. */
void bac_server_tell(struct bac_server *server, struct bac_request *request,
                     const struct bac_object *object, const struct bac_write *write);
/* CreateObject and DeleteObject did it; Database_Revision, which lasts too, is told behind them. */
void bac_server_tell_created(struct bac_server *server, struct bac_request *request,
                             const struct bac_object *object);
void bac_server_tell_deleted(struct bac_server *server, struct bac_request *request,
                             struct bac_object_id id);
void bac_server_put_event(struct bac_server *server, const struct bac_server_event *event);
/* How many events can still be put: a handler whose request would need more refuses it before it
 * does anything. */
size_t bac_server_event_room(const struct bac_server *server);

/* server/serve.c */

/* A confirmed request to its hook or its handler. */
enum bac_outcome bac_server_serve(struct bac_server *server, struct bac_request *request);
void bac_server_serve_unconfirmed(struct bac_server *server, struct bac_request *request);
/* Asks the program. False: it has no hook or does not want this one; else *outcome. */
bool bac_server_ask_program(struct bac_server *server, struct bac_request *request,
                            enum bac_outcome *outcome);

/* Appends what cannot fail but for room, which out remembers. tag as for bac_encode. */
void bac_server_add(struct bas_buf *out, const struct bac_type *type, const void *value, int tag);
/* Encodes the parameters of a ComplexACK. */
enum bac_outcome bac_server_answer(struct bac_request *request, const struct bac_type *type,
                                   const void *ack);

/* server/fault.c: how handlers say no */

/* An Error PDU. Class and code 0 (a fault that names none) are services: other. */
enum bac_outcome bac_server_refuse(struct bac_request *request, unsigned error_class,
                                   unsigned error_code);
/* Fills request->error where the service has error parameters of its own (20.1.7.1) and the handler
 * did not. */
void bac_server_wrap_error(struct bac_request *request);
/* There is no room for the events of this request: nothing was done. */
enum bac_outcome bac_server_overloaded(struct bac_request *request);

/* server/control.c */

/* False after DeviceCommunicationControl forbade requests of our own: notifications are dropped,
 * I-Am answers Who-Is alone (16.1). */
bool bac_server_may_initiate(const struct bac_server *server);

/* server/notify.c */

/* An unconfirmed notification that is to leave now. */
bool bac_server_next_notification(struct bac_server *server, struct bac_apdu_tx *tx);

#endif
