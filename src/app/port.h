/*
 * The inside of a BACnet/SC port, shared by its files: port.c (what moves), port_life.c (beginning,
 * waiting, end), port_plan.c (what may be connected to), port_reload.c (new certificates).
 */
#ifndef BASALT_APP_PORT_H
#define BASALT_APP_PORT_H

#include "app/connection_log.h"
#include "basalt/app.h"
#include "rt/link.h"

/* A link that the node knows. */
struct port_link {
    bsc_link_id id; /* 0: this place is free */
    struct link *link;
    struct bas_tls_context *tls; /* a reference to what it was begun with; NULL: none is needed */
    struct bas_fault why;        /* why we close it, where the link cannot know; else err BAS_OK */
    bool is_open;                /* the upgrade is done */
    bool is_admitted;            /* by the rules of admission, as the device with that UUID */
    struct bsc_uuid uuid;
    bool is_old;     /* its peer was, or will be, judged by what has been replaced */
    bool is_dirty;   /* the node has output for it */
    bool is_blocked; /* and its transport takes none now */
};

/* Somebody waits in bas_port_wait. */
struct port_wait {
    struct bas_loop *loop;
    bool is_late, is_gone;
};

struct bas_port {
    struct bas_loop *loop;
    struct bas_port_config config; /* without what is read at the start only */
    struct bas_tls_context *tls;   /* a reference; NULL: plaintext */
    struct bas_state *state;       /* NULL: the host's */
    struct bas_admission admission;
    struct bsc_uuid uuid;
    struct bsc_node *node;
    struct listener *listener; /* NULL: none */
    struct port_link *links;
    size_t n_links;
    uint32_t setup_ms;
    uv_timer_t timer;
    bas_time timer_at;
    struct flusher flusher;
    struct port_wait *wait; /* or NULL */
    struct bas_fault last;  /* why there is no hub connection */
    struct bas_tls_identity peer;
    struct connection_log failed; /* direct connections of others that did not come to be */
    uint64_t refused;             /* direct connections, by the rules of admission */
    bas_time refused_told_at;
    bool is_pumping, is_stopping, is_ending, has_peer, has_warned;
};

/* The parts of bas_port_start: one that was opened holds nothing on the loop that calls it, and is
 * begun or discarded before the loop runs. */
struct bas_port *port_open(struct bas_loop *loop, const struct bas_port_config *config,
                           struct bas_fault *fault);
void port_begin(struct bas_port *port);
void port_discard(struct bas_port *port);
/* Ours, or the host's. Not once it is being stopped: then a host may be gone. */
struct bas_state *port_state(const struct bas_port *port);

/* What moves. */

/* Carries out and tells what the node has to say, until it is silent. */
void port_pump(struct bas_port *port, bas_time now);
/* The end of a loop turn. */
bool port_flush(void *user, bas_time now);
/* Of the links that are accepted and of those that the node asks for. */
struct link_config port_link_config(struct bas_port *port, bool is_direct);
/* Judges an open link by what we trust now, unless it was. False: it is being closed, and may be
 * gone. */
bool port_judge_link(struct bas_port *port, struct port_link *l);
/* Judges who is at the other end of a link that was admitted, or asks to be, by the rules of now.
 */
BAS_MUST_USE bas_err port_judge_admission(const struct bas_port *port, const struct port_link *l,
                                          struct bas_fault *fault);
/* Takes over what a reload of the host has replaced. */
void port_follow_host(struct bas_port *port);
/* Frees a port that was stopped and has nothing on the loop any more. */
void port_check_end(struct bas_port *port);

/* What may be connected to, and listened on. */

/* A port's way to TLS. */
struct port_plan {
    enum bas_plaintext plaintext;
    bool has_tls;
};
/*
 * Whether that URI may be connected to. *is_plain: without TLS. BAS_ERR_INVALID with code 166: a
 * ws:// URI where plaintext is not allowed; BAS_ERR_CONFIG: wss:// without certificates. What else
 * is wrong with it is for link_connect to say.
 */
BAS_MUST_USE bas_err port_judge_uri(const struct port_plan *plan, const char *uri, bool *is_plain,
                                    struct bas_fault *fault);
/* Whether "ADDR:PORT" may be listened on. BAS_ERR_CONFIG. */
BAS_MUST_USE bas_err port_judge_bind(const struct port_plan *plan, const char *bind,
                                     struct bas_fault *fault);
/* "0.0.0.0:4444" and "[::]:4444" name no address that a peer could connect to. */
bool port_is_any_address(const char *address);

#endif
