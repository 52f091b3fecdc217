/* A listener whose links an owner takes, and a peer that calls it. */
#ifndef BASALT_LINK_FIXTURE_H
#define BASALT_LINK_FIXTURE_H

#include "rt_owner.h"
#include "rt_peer.h"

struct fixture {
    struct rt_world w;
    struct rt_owner owner;
    struct link_config config;
    struct listener *listener;
    struct rt_peer peer;
};

static inline void fixture_begin(struct fixture *f)
{
    rt_begin(&f->w);
    rt_owner_begin(&f->w, &f->owner);
    f->config = rt_owner_config(&f->owner);
    f->listener = NULL;
}

/* Listens with what stands in f->config and lets the peer come as far as level. */
static inline void fixture_connect(struct fixture *f, const struct rt_peer_config *peer)
{
    f->listener = rt_owner_listen(&f->owner, &f->config);
    rt_peer_connect(&f->w, &f->peer, peer, listener_address(f->listener));
    rt_peer_ready(&f->peer);
}

/* The two above for a peer whose WebSocket is open. */
static inline void fixture_open(struct fixture *f)
{
    const struct rt_peer_config peer = { .level = RT_WS };
    fixture_begin(f);
    fixture_connect(f, &peer);
    rt_until(&f->w, &f->owner.opened, 1);
}

static inline void fixture_end(struct fixture *f)
{
    listener_close(f->listener, NULL, NULL);
    rt_owner_end(&f->owner);
    rt_end(&f->w);
}

#endif
