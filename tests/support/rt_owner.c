#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_owner.h"

#include "rt_peer.h"

#include <stdio.h>
#include <string.h>

static struct rt_end *end_of(struct rt_owner *owner, const struct link *link)
{
    uint32_t tag = link_tag(link);
    return tag == 0 ? NULL : &owner->ends[tag - 1];
}

static void on_open(void *user, struct link *link, const char *subprotocol)
{
    struct rt_owner *owner = user;
    assert_true(owner->n < RT_ENDS);
    struct rt_end *end = &owner->ends[owner->n++];
    *end = (struct rt_end){ .owner = owner, .link = link };
    link_set_tag(link, owner->n);
    owner->opened++;
    (void)snprintf(owner->subprotocol, sizeof(owner->subprotocol), "%s", subprotocol);
    if (owner->on_open != NULL) {
        owner->on_open(end);
    }
}

/* Counts octets of the present turn, and the most of a turn. */
static void count_turn(const struct rt_owner *owner, struct rt_flow *flow, size_t len)
{
    if (flow->turn != owner->w->loop->turn) {
        flow->turn = owner->w->loop->turn;
        flow->octets = 0;
    }
    flow->octets += len;
    flow->most = flow->octets > flow->most ? flow->octets : flow->most;
}

static void on_message(void *user, struct link *link, const struct bas_window *window)
{
    struct rt_owner *owner = user;
    struct rt_end *end = end_of(owner, link);
    if (end == NULL) {
        fail_msg("a link that is not open gave a message");
        return;
    }
    if (owner->is_strict) {
        end->last_tag = rt_npdu_check(bas_window_slice(window), NULL);
        assert_int_equal(end->last_tag, end->messages);
    }
    count_turn(owner, &end->read, window->len);
    end->messages++;
    end->octets += window->len;
    owner->messages++;
    if (owner->on_message != NULL) {
        owner->on_message(end, window);
    }
}

static void on_closed(void *user, struct link *link, const struct bas_fault *why)
{
    struct rt_owner *owner = user;
    struct rt_end *end = end_of(owner, link);
    owner->closed++;
    owner->why = *why;
    if (end != NULL) {
        assert_non_null(end->link); /* told once */
        end->link = NULL;
        end->why = *why;
    }
    if (owner->on_closed != NULL) {
        owner->on_closed(owner, link);
    }
}

static bool on_peek(void *user, struct link *link, struct bsc_tx *tx)
{
    struct rt_owner *owner = user;
    const struct rt_end *end = end_of(owner, link);
    if (end == NULL || end->popped >= end->wanted) {
        return false;
    }
    struct bas_slice octets =
        rt_npdu(9, end->popped, end->size != 0 ? end->size : rt_size(end->popped));
    size_t head = octets.len < 10 ? octets.len : 10;
    *tx = (struct bsc_tx){ { octets.data, head }, { octets.data + head, octets.len - head } };
    return true;
}

static void on_pop(void *user, struct link *link)
{
    struct rt_owner *owner = user;
    struct rt_end *end = end_of(owner, link);
    if (end == NULL) {
        fail_msg("a link that is not open took a message");
        return;
    }
    assert_true(end->popped < end->wanted);
    assert_false(end->is_blocked); /* nothing more is sealed while something waits */
    count_turn(owner, &end->sent, end->size != 0 ? end->size : rt_size(end->popped));
    end->popped++;
}

static void on_leftover(void *user, struct link *link, size_t octets)
{
    struct rt_owner *owner = user;
    struct rt_end *end = end_of(owner, link);
    if (end == NULL) {
        return;
    }
    assert_non_null(end->link);
    end->is_blocked = octets != 0;
    end->leftovers += octets != 0;
    end->leftover = octets;
    end->most_leftover = octets > end->most_leftover ? octets : end->most_leftover;
}

static const struct link_owner told = { on_open, on_message,  on_closed, on_peek,
                                        on_pop,  on_leftover, NULL };

static bool flush(void *user, bas_time now)
{
    struct rt_owner *owner = user;
    bool more = false;
    (void)now;
    for (unsigned i = 0; i < owner->n; i++) {
        const struct rt_end *end = &owner->ends[i];
        if (end->link != NULL && !end->is_blocked && end->popped < end->wanted) {
            link_flush(end->link);
        }
        more |= end->link != NULL && !end->is_blocked && end->popped < end->wanted;
    }
    return more;
}

void rt_owner_begin(struct rt_world *w, struct rt_owner *owner)
{
    memset(owner, 0, sizeof(*owner));
    owner->w = w;
    owner->flusher = (struct flusher){ flush, owner, NULL };
    loop_add_flusher(w->loop, &owner->flusher);
}

void rt_owner_end(struct rt_owner *owner)
{
    loop_remove_flusher(owner->w->loop, &owner->flusher);
    for (unsigned i = 0; i < owner->n; i++) {
        if (owner->ends[i].link != NULL) {
            link_destroy(owner->ends[i].link);
        }
    }
}

struct link_config rt_owner_config(struct rt_owner *owner)
{
    static const char *const subprotocols[] = { "hub.bsc.bacnet.org", NULL };
    return (struct link_config){ .loop = owner->w->loop,
                                 .tls = owner->w->hub,
                                 .owner = &told,
                                 .user = owner,
                                 .subprotocols = subprotocols,
                                 .setup_ms = 30000,
                                 .max_message = BSC_MAX_BVLC };
}

struct listener *rt_owner_listen(struct rt_owner *owner, const struct link_config *config)
{
    struct bas_fault fault = { 0 };
    const struct listener_config listen = {
        .link = *config, .bind = "127.0.0.1:0", .max_links = RT_ENDS, .max_half_open = RT_ENDS
    };
    struct listener *listener = listener_new(&listen, &fault);
    if (listener == NULL) {
        fail_msg("%s (owner of %u)", fault.text, owner->n);
    }
    return listener;
}
