/* An owner of links that writes down what they tell it and sends what a test wants. */
#ifndef BASALT_RT_OWNER_H
#define BASALT_RT_OWNER_H

#include "rt_world.h"

#include "rt/link_internal.h"

enum { RT_ENDS = 64 };

/* Octets of one turn of the loop. */
struct rt_flow {
    uint32_t turn;
    size_t octets, most;
};

/* One link that is open, or was. */
struct rt_end {
    struct rt_owner *owner;
    struct link *link; /* NULL: closed */
    struct bas_fault why;
    unsigned messages;
    uint32_t last_tag; /* of the last message */
    size_t octets;     /* received in messages */
    struct rt_flow read;
    /* Output: the messages 0 to wanted - 1, each an rt_npdu to nobody with that tag. */
    unsigned wanted, popped;
    size_t size; /* of each NPDU; 0: as rt_size says */
    bool is_blocked;
    size_t leftover, most_leftover;
    unsigned leftovers; /* times that there was one */
    struct rt_flow sent;
};

struct rt_owner {
    struct rt_world *w;
    struct flusher flusher;
    struct rt_end ends[RT_ENDS];
    unsigned n, opened, messages, closed;
    struct bas_fault why; /* of the last that closed */
    char subprotocol[32];
    bool is_strict; /* asserts that the messages of an end are those of another, in order */
    void (*on_open)(struct rt_end *end);
    void (*on_message)(struct rt_end *end, const struct bas_window *window);
    void (*on_closed)(struct rt_owner *owner, struct link *link);
    void *user;
};

void rt_owner_begin(struct rt_world *w, struct rt_owner *owner);
void rt_owner_end(struct rt_owner *owner);
/* For link_connect and listener_new: set-up time half a minute. */
struct link_config rt_owner_config(struct rt_owner *owner);
/* A listener on 127.0.0.1 with room for RT_ENDS links. */
struct listener *rt_owner_listen(struct rt_owner *owner, const struct link_config *config);

#endif
