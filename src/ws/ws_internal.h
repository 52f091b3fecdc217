/* The engine's inside, shared by its three files: ws.c (what arrives), send.c (what leaves),
 * stash.c (what is kept between two feeds). */
#ifndef BASALT_WS_WS_INTERNAL_H
#define BASALT_WS_WS_INTERNAL_H

#include "ws/frame.h"
#include "ws/handshake.h"

enum ws_state {
    WS_UPGRADING,
    WS_OPEN,
    WS_CLOSING, /* our close frame is on its way, the peer's is awaited */
    WS_CLOSED
};

/* A client's random octets are fetched so many at a time. The first WS_KEY of them are its key. */
enum { WS_RANDOM = 256 };

struct bas_ws {
    struct bas_env env;
    struct bas_budget *budget;
    const char *host;
    const char *path;
    const char *subprotocols[BAS_WS_MAX_SUBPROTOCOLS];
    uint32_t max_message;

    /* What arrives: the unread part of the fed block, data[at .. end). */
    uint32_t at;
    uint32_t end;
    /* The message so far is either data[run_at .. run_at + run_len) of the block or the stash. */
    uint32_t run_at;
    uint32_t run_len;
    uint32_t charged;        /* for the stash, to the budget */
    struct bas_frame *block; /* borrowed */
    struct bas_frame *stash; /* part of a message or, when upgrading, of a head */
    struct bas_frame *given; /* the message last handed out, where it was a stash */
    uint64_t left;           /* of the current frame's payload */
    struct ws_frame frame;
    uint8_t head[BAS_WS_MAX_HEADER]; /* a frame header that is not whole */
    uint8_t head_len;
    uint8_t scan; /* of bas_ws_head_scan */
    uint8_t role;
    uint8_t state;
    bool in_frame;
    bool in_message; /* a data frame without FIN came, its continuation is awaited */
    bool skipping;   /* the message is not wanted: too long, or we are closing */
    bool eof;
    bool unavailable;
    bool gone; /* closed by bas_ws_close before it was open; the event is due */
    uint8_t in_len;
    uint8_t out_len;
    uint8_t refusal; /* enum ws_refusal: what the server answers */
    bool upgrade_due;
    bool pong_due;
    bool ping_due;
    bool close_due;
    bool ping_sent; /* and not answered */
    uint16_t close_code;
    uint16_t random_used;
    struct ws_accepted accepted;
    uint8_t in[WS_MAX_CONTROL_PAYLOAD];  /* payload of the current control frame */
    uint8_t out[WS_MAX_CONTROL_PAYLOAD]; /* payload of the pong or of the close frame that is due */
    uint8_t random[];                    /* client: WS_RANDOM octets */
};

static inline bool ws_is_server(const struct bas_ws *ws)
{
    return ws->role == BAS_WS_SERVER;
}

/* send.c */

void bas_ws_queue_pong(struct bas_ws *ws);
/* code BAS_WS_CLOSE_NO_STATUS: an empty close frame. What else is due, but for the upgrade, is
 * dropped. */
void bas_ws_queue_close(struct bas_ws *ws, uint16_t code, const char *reason);
struct ws_request bas_ws_request(const struct bas_ws *ws);

/* stash.c */

struct bas_slice bas_ws_stash_slice(const struct bas_ws *ws);
/* Appends n octets (n > 0), which with what is there are at most limit. WS_NONE, WS_BUDGET or
 * WS_MEMORY. */
enum ws_problem bas_ws_stash_add(struct bas_ws *ws, const uint8_t *octets, size_t n, size_t limit);
/* Gives the stash, which is charged no more. */
struct bas_frame *bas_ws_stash_take(struct bas_ws *ws);
void bas_ws_stash_drop(struct bas_ws *ws);

#endif
