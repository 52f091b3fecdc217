/*
 * The other end of a connection, well-behaved or not: a plain socket on the world's loop, driven
 * with the library's TLS and WebSocket engines as far as a test wants.
 */
#ifndef BASALT_RT_PEER_H
#define BASALT_RT_PEER_H

#include "rt_world.h"

#include "basalt/sc.h"
#include "basalt/tls.h"
#include "basalt/ws.h"

/* How far a peer goes by itself; on what comes then it keeps silent. */
enum rt_level {
    RT_TCP,
    RT_TLS,
    RT_WS,    /* the upgrade */
    RT_JOINED /* Connect-Request or its answer; Disconnect-Request is answered too */
};

struct rt_peer;
struct rt_peer_config {
    enum rt_level level;
    struct bas_tls_context *tls; /* NULL: certificate "client", of a server "hub" */
    bool is_plain;               /* no TLS; RT_TLS is reached at once */
    uint8_t number;              /* who it is: as peer_vmac and peer_uuid of sc_peer.h */
    uint8_t uuid;                /* 0: as number */
    const char *from;            /* the address it calls from; NULL: 127.0.0.1 */
    int buffer;                  /* SO_RCVBUF; 0: as the system wants */
    bool is_deaf;                /* does not answer Disconnect-Request */
    void (*message)(struct rt_peer *peer, struct bas_slice octets);
    void *user;
};

struct rt_peer {
    struct rt_peer_config config;
    struct rt_world *world;
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_shutdown_t shutdown;
    struct bas_tls *tls;
    struct bas_ws *ws;
    struct bas_frame *block;
    struct bas_buf staging, out;
    struct rt_peer *next;
    bool is_server, is_corked;
    /* What happened, as often as it did. */
    unsigned connected, secured, opened, joined;
    unsigned messages; /* but those that join */
    unsigned records;  /* of TLS, with data */
    unsigned pongs;
    unsigned closed;   /* a close frame came, or the engine ended */
    unsigned notified; /* close_notify came */
    unsigned ended;    /* the socket is over */
    size_t octets;     /* received by the socket */
    size_t plain;      /* octets that came out of TLS while there was no WebSocket engine */
    uint16_t close_code;
    bool by_peer; /* the close frame came first from there */
    uint16_t http_status;
    int end; /* UV_EOF, UV_ECONNRESET ... */
    struct bas_fault fault;
    struct bsc_connect other; /* JOINED: who the other end is */
    uint8_t last[64];         /* of the last message, or without WebSocket: record */
    size_t last_len;
};

/* Connects to the port of "127.0.0.1:4443" on this machine. The peer must live until rt_end, which
 * ends it. */
void rt_peer_connect(struct rt_world *w, struct rt_peer *peer, const struct rt_peer_config *config,
                     const char *address);
/* Runs the loop until it is where it wants to be. */
void rt_peer_ready(struct rt_peer *peer);

/* It has stopped at RT_TCP or RT_TLS and goes on to level now. */
void rt_peer_go_on(struct rt_peer *peer, enum rt_level level);

/* One message; while it is corked it waits in out. */
void rt_peer_send(struct rt_peer *peer, struct bas_slice octets);
/* Connect-Request, Disconnect-Request and so on, with what a peer says in them. */
void rt_peer_say(struct rt_peer *peer, uint8_t function, uint16_t id);
/* Octets inside TLS, if there is any, or beneath it. */
void rt_peer_seal(struct rt_peer *peer, struct bas_slice octets);
void rt_peer_write(struct rt_peer *peer, struct bas_slice octets);
void rt_peer_cork(struct rt_peer *peer);
void rt_peer_uncork(struct rt_peer *peer);
/* Octets written that the socket did not take yet. */
size_t rt_peer_unsent(const struct rt_peer *peer);

/* Stops and begins to read. */
void rt_peer_pause(struct rt_peer *peer);
void rt_peer_resume(struct rt_peer *peer);
/* A ping; a close frame; close_notify; the end of writing; a reset; the end of all. */
void rt_peer_ping(struct rt_peer *peer);
void rt_peer_close(struct rt_peer *peer, uint16_t code);
void rt_peer_notify(struct rt_peer *peer);
void rt_peer_finish(struct rt_peer *peer);
void rt_peer_reset(struct rt_peer *peer);
void rt_peer_end(struct rt_peer *peer);

/* A socket that listens on a free port and hands what it accepts to n peers, one after another;
 * more than these are accepted and closed. */
struct rt_server {
    uv_tcp_t tcp;
    struct rt_world *world;
    struct rt_peer *peers;
    const struct rt_peer_config *config;
    unsigned n, accepted;
    char address[64];
    char uri[80];
};
void rt_server_begin(struct rt_world *w, struct rt_server *server, struct rt_peer *peers,
                     unsigned n, const struct rt_peer_config *config);
void rt_server_end(struct rt_server *server);

/* BVLC-SC: an Encapsulated-NPDU of len octets to a peer's number (0: to all) whose first four
 * octets are tag, the others depend on it. Borrowed until the next call. */
struct bas_slice rt_npdu(uint8_t to, uint32_t tag, size_t len);
/* A size for the n-th message: from 4 to the largest, mostly small. */
size_t rt_size(unsigned n);
/* Reads one back: asserts that its octets are those that rt_npdu made. Gives tag. */
uint32_t rt_npdu_check(struct bas_slice octets, size_t *len);

#endif
