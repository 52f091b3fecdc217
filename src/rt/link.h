/*
 * A link: one WebSocket over TLS over TCP, from either end. The worked example of driving bas_tls
 * and bas_ws. Without a TLS context it is the same in plaintext, where nobody is known; whether
 * that may be is for others to judge.
 *
 * The owner gets messages as they arrive and is asked for output at the end of the turn
 * (link_flush). A link closes gracefully: what is pending, the close frame, close_notify, end of
 * writing, then it drains; so an alert or a NAK arrives.
 */
#ifndef BASALT_RT_LINK_H
#define BASALT_RT_LINK_H

#include "basalt/sc.h"
#include "basalt/tls.h"
#include "basalt/ws.h"
#include "rt/loop.h"

struct link_owner {
    /* The upgrade is done. */
    void (*open)(void *user, struct link *link, const char *subprotocol);
    /* One whole message. The window lives until this returns; a reference of its frame keeps it. A
     * receive block should not be kept beyond the turn. */
    void (*message)(void *user, struct link *link, const struct bas_window *window);
    /* Over; the last call. why->err is BAS_OK when it ended in order. */
    void (*closed)(void *user, struct link *link, const struct bas_fault *why);
    /* Output: the next message, and that it was taken. */
    bool (*peek)(void *user, struct link *link, struct bsc_tx *tx);
    void (*pop)(void *user, struct link *link);
    /* octets of a sealed record wait for the transport; 0: it can take more. */
    void (*leftover)(void *user, struct link *link, size_t octets);
    /* A message over max_message was discarded, for who counts them. May be NULL. */
    void (*skipped)(void *user, struct link *link);
};

/* What a client's link has come to before it is open. */
enum link_step { LINK_STEP_TCP, LINK_STEP_TLS };

struct link_config {
    struct bas_loop *loop;
    struct bas_tls_context *tls; /* NULL: plaintext, ws:// and nothing else */
    const struct link_owner *owner;
    void *user;
    const char *const *subprotocols; /* NULL at the end; client: one */
    uint32_t setup_ms;               /* for everything until the upgrade is done */
    size_t max_message;
    /* For who tells people how far it came. May be NULL. A server judges the certificate of a
     * client behind LINK_STEP_TLS. */
    void (*reached)(void *user, struct link *link, enum link_step step);
};

/*
 * Opens a link to a wss:// URI, in plaintext to a ws:// URI. Never NULL except for memory; every
 * failure comes through owner->closed, never before this returns.
 */
struct link *link_connect(const struct link_config *config, const char *uri);

/* Sends what the owner has, as much as goes out in this turn. */
void link_flush(struct link *link);
/* Closes gracefully: everything pending first. owner->closed follows. */
void link_close(struct link *link, uint16_t code);
/* What the peer showed, and where it is ("192.0.2.7:4711"). In plaintext it shows nothing. */
bool link_peer(const struct link *link, struct bas_tls_identity *identity);
/* Whether the peer would be let in by another context too, as bas_tls_recheck says. In plaintext:
 * BAS_OK. */
BAS_MUST_USE bas_err link_recheck(struct link *link, struct bas_tls_context *context,
                                  struct bas_fault *fault);
const char *link_address(const struct link *link);
/* A number for the owner's use, 0 at first. */
void link_set_tag(struct link *link, uint32_t tag);
uint32_t link_tag(const struct link *link);
/* A mark for the owner's use, unset at first. */
void link_mark(struct link *link);
bool link_is_marked(const struct link *link);

/* A listening socket. The owner learns of a link when it is open. */
struct listener;
struct listener_config {
    struct link_config link; /* of every link that is accepted */
    const char *bind;        /* "ADDR:PORT", "[ADDR]:PORT"; port 0 takes a free one */
    uint32_t max_links;      /* open at once */
    uint32_t max_half_open;  /* of these before the upgrade is done */
    /* Of these for one remote address (of IPv6: its first 64 bits) when all places are taken and
     * others come: one that has more gives way, its oldest first. 0: an eighth, 8 at least. */
    uint32_t half_open_share;
    /* May be NULL; user is link.user. Asked when a good upgrade request is there. True: it is
     * answered with HTTP 503 and Retry-After, and the link's owner never hears of it. */
    bool (*is_full)(void *user);
};
struct listener *listener_new(const struct listener_config *config, struct bas_fault *fault);
/* "127.0.0.1:47808", the port that is really used. */
const char *listener_address(const struct listener *listener);
/* What became of connections: member, name, what it counts. */
#define LISTENER_COUNTERS(ROW)                                                                     \
    ROW(accepted, "accepted", "connections accepted by TCP")                                       \
    ROW(opened, "opened", "of these, WebSockets opened")                                           \
    ROW(refused_full, "refused_full", "closed at once: all places are taken")                      \
    ROW(refused_half_open, "refused_half_open", "closed at once: too many are being set up")       \
    ROW(refused_address, "refused_address", "closed at once: too many of that address are")        \
    ROW(evicted, "evicted", "gave way while being set up: too many of that address were")          \
    ROW(refused_memory, "refused_memory", "closed for lack of memory")                             \
    ROW(refused_unavailable, "refused_unavailable", "upgrades answered with HTTP 503")             \
    ROW(timed_out, "timed_out", "closed for not being set up in time")                             \
    ROW(abandoned, "abandoned", "ended by the peer while being set up")                            \
    ROW(failed_tls, "failed_tls", "TLS handshakes that failed")                                    \
    ROW(failed_upgrade, "failed_upgrade", "WebSocket upgrades that failed")
struct listener_counters {
#define LISTENER_COUNTER(member, name, help) uint64_t member;
    LISTENER_COUNTERS(LISTENER_COUNTER)
#undef LISTENER_COUNTER
};
const struct listener_counters *listener_counters(const struct listener *listener);
/* New links use it from now on, with a reference of their own. Those that are being set up go on
 * with the old certificate, but their peers are judged by the new context; who it refuses is
 * closed. Open links are for their owner to look at (link_recheck). Not to be used to change
 * between plaintext and TLS. */
void listener_set_tls(struct listener *listener, struct bas_tls_context *context);
/* Stops accepting, ends links that are not open yet. gone (may be NULL) is called when its last
 * link is gone and it is freed. */
void listener_close(struct listener *listener, void (*gone)(void *user), void *user);

/* For the loop. */
void link_run_deferred(struct bas_loop *loop);
void link_resume_all(struct bas_loop *loop);

#endif
