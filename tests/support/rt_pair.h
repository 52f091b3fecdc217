/* A hub, a station with a server, and a station that asks it, on one loop. */
#ifndef BASALT_RT_PAIR_H
#define BASALT_RT_PAIR_H

#include "rt_port.h"
#include "rt_station.h"

#include "basalt/app_client.h"

/* How a call ended, and what it told on its way. */
struct rt_told {
    unsigned ended; /* of all calls that were given this */
    bas_err err;
    struct bas_fault fault;
    unsigned n;      /* callbacks in between */
    char text[2048]; /* what these said, one word each */
    bool has_event;  /* the peer answered */
};

struct rt_pair;
/* A device of a test's own: appends the APDU that answers a confirmed request, or nothing. */
typedef void (*rt_serve)(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer);

struct rt_pair {
    struct rt_site site;
    struct rt_station device, client;
    struct rt_port raw; /* instead of the device */
    rt_serve serve;
    uint16_t max_apdu; /* what its I-Am says */
    uint32_t segmentation;
    unsigned requests;      /* confirmed ones, that it got */
    uint8_t services[64];   /* of the first ones */
    unsigned answers;       /* to what it asked itself (rt_pair_say) */
    struct bac_apdu answer; /* the last one; without a body */
    void *user;
    struct bac_server_config server; /* of the device; before rt_pair_start */
    struct bas_peer_name to;         /* the device, by its instance */
    struct bas_peer_name at;         /* and by its address */
    struct rt_told told;
};

enum { RT_PAIR_INSTANCE = 1234 };

/* A device 1234 with these objects. */
void rt_pair_begin(struct rt_pair *p, const struct bac_object_config *objects, size_t n);
/* A device 1234 that answers Who-Is, and all else as serve says. */
void rt_pair_begin_raw(struct rt_pair *p, rt_serve serve);
/* Runs until both are connected. */
void rt_pair_start(struct rt_pair *p);
/* The raw device says something. */
void rt_pair_say(struct rt_pair *p, struct bas_slice apdu);
/* Answers of a raw device. */
void rt_answer_ack(const struct bac_apdu *request, const void *value, struct bas_buf *answer);
void rt_answer_error(const struct bac_apdu *request, unsigned error_class, unsigned error_code,
                     struct bas_buf *answer);
void rt_answer_abort(const struct bac_apdu *request, unsigned reason, struct bas_buf *answer);
void rt_answer_reject(const struct bac_apdu *request, unsigned reason, struct bas_buf *answer);
/* The parameters of a request, decoded; lists live until the next one. */
const void *rt_request(const struct bac_apdu *request);
void rt_pair_end(struct rt_pair *p);
/* Runs until that many calls have ended. */
void rt_pair_until(struct rt_pair *p, unsigned ended);

/* A callback that ends a call; user is a struct rt_told. */
void rt_told_end(void *user, const struct bas_outcome *outcome);
/* Adds a word. */
BAS_PRINTF(2, 3)
void rt_told_add(struct rt_told *told, const char *format, ...);

#endif
