/* A link's inside, shared by its files: link.c (life), link_input.c, link_output.c, connect.c (the
 * initiating side), listener.c (the accepting side). */
#ifndef BASALT_RT_LINK_INTERNAL_H
#define BASALT_RT_LINK_INTERNAL_H

#include "rt/channel.h"
#include "rt/link.h"
#include "rt/places.h"
#include "rt/uri.h"

enum link_state {
    LINK_CONNECTING, /* name, address, TCP */
    LINK_SETUP,      /* TLS, if there is any, and upgrade */
    LINK_OPEN,
    LINK_CLOSING,  /* what is pending still goes out */
    LINK_DRAINING, /* end of writing sent; the owner has been told */
    LINK_DEAD      /* handles are closing */
};

/* Sealed octets that the transport did not take yet, and the request that writes them. Few links
 * have one at a time, so it is no part of every link. */
struct leftover {
    uv_write_t request;
    size_t len;
    uint8_t octets[];
};

struct link {
    uv_tcp_t tcp;
    uv_timer_t timer;
    struct link_config config;
    struct channel channel;
    struct bas_ws *ws;
    enum link_state state;
    bool is_server;
    bool is_told; /* owner->closed was called */
    bool is_reading;
    bool is_broken;   /* the peer takes nothing any more; what it said before is still read */
    bool was_open;    /* the upgrade was done */
    bool is_unwanted; /* server: its owner had no room when input came last */
    bool has_place;   /* server: among those that are being set up */
    bool is_counted;  /* server: what became of it */
    bool wants_resume;
    uint16_t close_code;
    uint8_t handles;           /* still open */
    struct leftover *leftover; /* or NULL */
    uv_shutdown_t shutdown;
    struct bas_frame *deferred; /* handshake input that waits for its turn */
    size_t turn_read;           /* octets read in the turn numbered turn */
    uint32_t turn;
    size_t turn_written; /* octets of messages and frames sent in the turn numbered flush_turn */
    uint32_t flush_turn;
    uint32_t tag;
    size_t charged;            /* of unfinished records and deferred, to the loop's bound */
    bas_time unfinished_since; /* the last whole message; 0: nothing is unfinished */
    bool is_marked;
    size_t drained;
    struct link *next;         /* resume or deferred list */
    struct listener *listener; /* server: counts us */
    struct places_address remote;
    struct link *listener_next, *listener_prev;
    struct connect_job *job; /* client: while connecting, and the texts of the URI */
    struct bas_fault why;
    char address[64];
};

/* Until the end of writing. */
static inline bool link_is_alive(const struct link *link)
{
    return link->state < LINK_DRAINING;
}
/* Nothing new any more; what is pending goes out, then a close frame with code (0: it is there
 * already), and all that within seconds. */
void link_start_closing(struct link *link, uint16_t code);
/* No more output: ends writing, and throws away what still comes until the peer ends or a second
 * has passed. */
void link_begin_drain(struct link *link);
/* Sends what the channel put into the loop's shared buffer. */
void link_send_out(struct link *link);
void link_drop_leftover(struct link *link);
/* Takes octets that arrived through TLS, if there is any, and WebSocket to the owner; none at all
 * starts a client's handshake. */
void link_input(struct link *link, const uint8_t *octets, size_t len);
void link_start_reading(struct link *link);
/* For who looks at every message of the loop. */
void link_trace(const struct link *link, bool received, struct bas_slice head,
                struct bas_slice rest);
/* TCP is connected: begins the channel and makes the WebSocket engine and begins to read. */
void link_begin(struct link *link);
/* Tells who wants to know. */
void link_tell_step(struct link *link, enum link_step step);
/* A new link with its handles; NULL: no memory. */
struct link *link_new(const struct link_config *config, bool is_server);
/* Ends the link for a fault: alert or close frame if there is one to send, then drains. */
void link_fail(struct link *link, const struct bas_fault *why);
/* Closes the handles; frees when they are closed. */
void link_destroy(struct link *link);
/* Notes why a link ends: the first reason is the one that is told. */
void link_note(struct link *link, const struct bas_fault *why);
void link_note_uv(struct link *link, int status, const char *doing);
/* That the peer ended the "connection" or the "TLS session", in whatever step the link is. */
void link_note_end(struct link *link, const char *what);
/* Called when the handles of a link are gone. */
void connect_job_release(struct link *link);
const struct uri *connect_job_uri(const struct link *link);
/* Whether no address of the host is known yet. */
bool connect_job_is_looking_up(const struct link *link);
void listener_link_gone(struct listener *listener, struct link *link);
/* A link ends, and its owner is told why. */
void listener_link_ended(struct listener *listener, struct link *link);
void listener_link_ready(struct listener *listener, struct link *link);
/* Its owner had no room and was not told. */
void listener_link_unwanted(struct listener *listener, struct link *link);
/* Whether upgrades are refused now. */
bool listener_is_full(const struct listener *listener);

#endif
