#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void site_check(const struct site *s, bool holds, const char *what)
{
    if (!holds) {
        fail_msg("BAS_SEED=%llu at %lld us: %s", (unsigned long long)s->seed, (long long)s->now,
                 what);
    }
}

uint32_t site_random(struct site *s, uint32_t below)
{
    uint32_t value;
    s->dice.env.random(s->dice.env.ctx, (uint8_t *)&value, sizeof(value));
    return value % below;
}

/* Channels. */

static void channel_put(struct site *s, struct site_link *link, unsigned end,
                        struct site_parcel *parcel)
{
    struct site_channel *channel = &link->from[end];
    if (channel->is_hole) {
        free(parcel);
        return;
    }
    parcel->at = s->now + link->delay;
    if (channel->first == NULL) {
        channel->first = parcel;
    } else {
        channel->last->next = parcel;
    }
    channel->last = parcel;
}

static void channel_message(struct site *s, struct site_link *link, unsigned end,
                            const struct bsc_tx *tx)
{
    size_t len = tx->head.len + tx->rest.len;
    struct site_parcel *parcel = calloc(1, sizeof(*parcel) + len);
    assert_non_null(parcel);
    parcel->len = (uint32_t)len;
    memcpy(parcel->octets, tx->head.data, tx->head.len);
    if (tx->rest.len != 0) {
        memcpy(parcel->octets + tx->head.len, tx->rest.data, tx->rest.len);
    }
    channel_put(s, link, end, parcel);
}

static void channel_end(struct site *s, struct site_link *link, unsigned end)
{
    struct site_parcel *parcel = calloc(1, sizeof(*parcel));
    assert_non_null(parcel);
    parcel->is_end = true;
    channel_put(s, link, end, parcel);
}

static void channel_clear(struct site_channel *channel)
{
    while (channel->first != NULL) {
        struct site_parcel *parcel = channel->first;
        channel->first = parcel->next;
        free(parcel);
    }
}

/* Links. */

static struct bsc_node *node_of(struct site *s, const struct site_end *end)
{
    return s->nodes[end->index].node;
}

static struct site_link *link_of(struct site *s, unsigned node, bsc_link_id id, unsigned *end)
{
    for (struct site_link *link = s->links; link != NULL; link = link->next) {
        for (*end = 0; *end < 2; (*end)++) {
            const struct site_end *e = &link->ends[*end];
            if (e->is_open && !e->is_hub && e->index == node && e->id == id) {
                return link;
            }
        }
    }
    return NULL;
}

static void drain_node(struct site *s, unsigned i);
static void drain_hub(struct site *s, unsigned h);

/* One end takes note that the link is over. */
static void end_closes(struct site *s, struct site_link *link, unsigned e, const char *why)
{
    struct site_end *end = &link->ends[e];
    struct bas_fault reason = { 0 };
    if (!end->is_open) {
        return;
    }
    end->is_open = false;
    if (why != NULL) {
        (void)bas_fail(&reason, BAS_ERR_CLOSED, "%s", why);
    }
    if (end->is_hub) {
        bsc_hub_closed(s->hubs[end->index].hub, end->id, why != NULL ? &reason : NULL, s->now);
        drain_hub(s, end->index);
    } else {
        bsc_node_link_down(node_of(s, end), end->id, why != NULL ? &reason : NULL, s->now);
        drain_node(s, end->index);
    }
}

static void flush(struct site *s, struct site_link *link, unsigned e)
{
    struct site_end *end = &link->ends[e];
    struct bsc_tx tx;
    while (end->is_open && end->is_hub && bsc_hub_peek(s->hubs[end->index].hub, end->id, &tx)) {
        channel_message(s, link, e, &tx);
        bsc_hub_pop(s->hubs[end->index].hub, end->id, s->now);
    }
    while (end->is_open && !end->is_hub && bsc_node_peek(node_of(s, end), end->id, &tx)) {
        channel_message(s, link, e, &tx);
        bsc_node_pop(node_of(s, end), end->id);
    }
}

/* The engine wants it closed. */
static void engine_closes(struct site *s, struct site_link *link, unsigned e)
{
    flush(s, link, e);
    channel_end(s, link, e);
    end_closes(s, link, e, NULL);
}

static void link_opens(struct site *s, unsigned node, const struct bsc_node_event *event)
{
    struct site_link *link = calloc(1, sizeof(*link));
    assert_non_null(link);
    unsigned index = 0;
    bool is_hub = sscanf(event->uri, "wss://hub/%u", &index) == 1;
    bool is_node = sscanf(event->uri, "wss://node/%u", &index) == 1;
    SITE_CHECK(s, is_hub || is_node);
    SITE_CHECK(s, strcmp(event->subprotocol, is_hub ? "hub.bsc.bacnet.org" : "dc.bsc.bacnet.org") ==
                      0);
    link->ends[0] = (struct site_end){ .is_open = true, .index = node, .id = event->link };
    link->ends[1] = (struct site_end){ .is_hub = is_hub, .index = index };
    link->delay = (1 + site_random(s, SITE_LONGEST_DELAY)) * BAS_MILLISECOND;
    link->accept_at = s->now + 2 * link->delay;
    link->up_at = BAS_NEVER;
    link->next = s->links;
    s->links = link;
}

static void link_accepts(struct site *s, struct site_link *link)
{
    struct site_end *end = &link->ends[1];
    bas_err err = BAS_ERR_REFUSED;
    link->accept_at = BAS_NEVER;
    if (!link->ends[0].is_open) {
        return;
    }
    if (!end->is_hub) {
        err = bsc_node_accept(node_of(s, end), s->now, &end->id);
    } else if (s->hubs[end->index].hub != NULL) {
        err = bsc_hub_open(s->hubs[end->index].hub, link, s->now, &end->id);
    } else if (s->hubs[end->index].is_silent) {
        return;
    }
    if (err != BAS_OK) {
        end_closes(s, link, 0, "refused");
        return;
    }
    end->is_open = true;
    link->up_at = s->now + link->delay;
}

static void links_sweep(struct site *s)
{
    struct site_link **at = &s->links;
    while (*at != NULL) {
        struct site_link *link = *at;
        if (link->ends[0].is_open || link->ends[1].is_open) {
            at = &link->next;
            continue;
        }
        *at = link->next;
        channel_clear(&link->from[0]);
        channel_clear(&link->from[1]);
        free(link);
    }
}

/* Engines. */

static void hub_state_is(struct site *s, struct site_node *node, unsigned hub_state)
{
    node->hub_state = hub_state;
    node->hub_since = s->now;
}

static void node_says(struct site *s, unsigned i, const struct bsc_node_event *event)
{
    struct site_node *node = &s->nodes[i];
    unsigned end;
    switch (event->kind) {
    case BSC_NODE_LINK_OPEN:
        link_opens(s, i, event);
        break;
    case BSC_NODE_LINK_CLOSE: {
        struct site_link *link = link_of(s, i, event->link, &end);
        SITE_CHECK(s, link != NULL);
        engine_closes(s, link, end);
        break;
    }
    case BSC_NODE_UP:
        SITE_CHECK(s, event->hub_state == 1 || event->hub_state == 2);
        SITE_CHECK(s, event->hub_state != node->hub_state);
        node->ups++;
        hub_state_is(s, node, event->hub_state);
        break;
    case BSC_NODE_DOWN:
        SITE_CHECK(s, node->hub_state != 0);
        node->downs++;
        hub_state_is(s, node, 0);
        break;
    case BSC_NODE_NPDU:
        site_npdu(s, i, event);
        break;
    case BSC_NODE_ADMIT:
        SITE_CHECK(s, bsc_node_admit(node->node, event->link, NULL, s->now) == BAS_OK);
        break;
    case BSC_NODE_DIRECT_UP:
        node->direct_ups++;
        break;
    case BSC_NODE_RETRY:
    case BSC_NODE_DIRECT_DOWN:
    case BSC_NODE_DIRECT_FAILED:
        break;
    case BSC_NODE_RESULT:
    case BSC_NODE_ADVERTISEMENT:
    case BSC_NODE_PROPRIETARY:
    case BSC_NODE_RESOLVED:
    case BSC_NODE_VMAC_CHANGED:
    case BSC_NODE_FAULT:
        SITE_CHECK(s, false); /* nobody does anything wrong here */
        break;
    }
}

static void drain_node(struct site *s, unsigned i)
{
    struct bsc_node_event event;
    while (bsc_node_next_event(s->nodes[i].node, &event)) {
        node_says(s, i, &event);
    }
}

static void drain_hub(struct site *s, unsigned h)
{
    struct bsc_hub_event event;
    while (bsc_hub_next_event(s->hubs[h].hub, &event)) {
        if (event.kind == BSC_HUB_ADMIT) {
            (void)bsc_hub_admit(s->hubs[h].hub, event.conn, NULL, s->now);
        } else if (event.kind == BSC_HUB_CLOSE) {
            engine_closes(s, event.user, 1);
        }
        SITE_CHECK(s, event.kind != BSC_HUB_FAULT);
    }
}

static void engine_receives(struct site *s, const struct site_end *end,
                            const struct site_parcel *parcel)
{
    struct bas_frame *frame = bas_frame_new(&s->heap.env, 0, parcel->len);
    assert_non_null(frame);
    memcpy(bas_frame_put(frame, parcel->len), parcel->octets, parcel->len);
    const struct bas_window window = bas_frame_window(frame);
    if (end->is_hub) {
        struct bsc_hub *hub = s->hubs[end->index].hub;
        SITE_CHECK(s, bsc_hub_recv(hub, end->id, &window, s->now) == BAS_OK);
        drain_hub(s, end->index);
        bsc_hub_turn_end(hub);
    } else {
        SITE_CHECK(s, bsc_node_recv(node_of(s, end), end->id, &window, s->now) == BAS_OK);
        drain_node(s, end->index);
    }
    bas_frame_unref(frame);
}

static void end_reads(struct site *s, struct site_link *link, unsigned e)
{
    struct site_channel *channel = &link->from[1 - e];
    struct site_parcel *parcel;
    while (link->ends[e].is_open && (parcel = channel->first) != NULL && parcel->at <= s->now) {
        channel->first = parcel->next;
        if (parcel->is_end) {
            end_closes(s, link, e, "closed by the other end");
        } else {
            engine_receives(s, &link->ends[e], parcel);
        }
        free(parcel);
    }
}

static void link_turn(struct site *s, struct site_link *link)
{
    if (link->accept_at <= s->now) {
        link_accepts(s, link);
    }
    if (link->up_at <= s->now) {
        link->up_at = BAS_NEVER;
        if (link->ends[0].is_open) {
            bsc_node_link_up(node_of(s, &link->ends[0]), link->ends[0].id, s->now);
            drain_node(s, link->ends[0].index);
        }
    }
    end_reads(s, link, 1);
    if (link->up_at == BAS_NEVER) {
        end_reads(s, link, 0);
    }
}

/* Hubs and links that fail. */

void site_break_link(struct site *s, struct site_link *link, bool tells_0, bool tells_1)
{
    for (unsigned e = 0; e < 2; e++) {
        channel_clear(&link->from[e]);
        if (e == 0 ? tells_1 : tells_0) {
            channel_end(s, link, e);
        }
        link->from[e].is_hole = true;
    }
}

void site_kill_hub(struct site *s, unsigned h)
{
    for (struct site_link *link = s->links; link != NULL; link = link->next) {
        struct site_end *end = &link->ends[1];
        if (end->is_hub && end->index == h && end->is_open) {
            end->is_open = false;
            site_break_link(s, link, site_random(s, 8) != 0, false);
        }
    }
    bsc_hub_free(s->hubs[h].hub);
    s->hubs[h].hub = NULL;
    s->hubs[h].is_silent = site_random(s, 4) == 0;
    s->hubs[h].alive_since = BAS_NEVER;
}

void site_raise_hub(struct site *s, unsigned h)
{
    const struct bsc_hub_config config = { .size = sizeof(config),
                                           .vmac = { { 0xE2, 0, 0, 0, 0, (uint8_t)h } },
                                           .uuid = { { 0xE2, (uint8_t)h } },
                                           .max_connections = 2 * SITE_NODES,
                                           .connect_wait_ms = SITE_CONNECT_WAIT,
                                           .disconnect_wait_ms = SITE_DISCONNECT_WAIT,
                                           .silence_limit_ms = SITE_SILENCE,
                                           .pending_total_max = 4 << 20,
                                           .pending_entries = 1024 };
    s->hubs[h].hub = bsc_hub_new(&s->memory.env, &config);
    assert_non_null(s->hubs[h].hub);
    s->hubs[h].alive_since = s->now;
}

struct site_link *site_direct_link(struct site *s, unsigned n)
{
    for (struct site_link *link = s->links; link != NULL; link = link->next) {
        bool is_direct = !link->ends[1].is_hub && link->ends[0].is_open && link->ends[1].is_open;
        if (is_direct && n-- == 0) {
            return link;
        }
    }
    return NULL;
}

/* Time. */

static void earlier(bas_time *at, bas_time other)
{
    *at = other < *at ? other : *at;
}

static bas_time next_time(struct site *s)
{
    bas_time at = s->next_work;
    for (unsigned h = 0; h < SITE_HUBS; h++) {
        earlier(&at, s->hubs[h].hub != NULL ? bsc_hub_deadline(s->hubs[h].hub) : BAS_NEVER);
    }
    for (unsigned i = 0; i < s->n; i++) {
        earlier(&at, bsc_node_deadline(s->nodes[i].node));
    }
    for (const struct site_link *link = s->links; link != NULL; link = link->next) {
        earlier(&at, link->accept_at);
        earlier(&at, link->up_at);
        for (unsigned e = 0; e < 2; e++) {
            const struct site_parcel *first = link->from[1 - e].first;
            bool is_heard =
                link->ends[e].is_open && first != NULL && (e == 1 || link->up_at == BAS_NEVER);
            earlier(&at, is_heard ? first->at : BAS_NEVER);
        }
    }
    return at > s->now ? at : s->now;
}

static void flush_all(struct site *s)
{
    void *user;
    bsc_conn_id conn;
    bsc_link_id id;
    unsigned end;
    for (unsigned h = 0; h < SITE_HUBS; h++) {
        while (s->hubs[h].hub != NULL && bsc_hub_next_dirty(s->hubs[h].hub, &conn, &user)) {
            flush(s, user, 1);
        }
    }
    for (unsigned i = 0; i < s->n; i++) {
        while (bsc_node_next_dirty(s->nodes[i].node, &id)) {
            struct site_link *link = link_of(s, i, id, &end);
            SITE_CHECK(s, link != NULL);
            flush(s, link, end);
        }
    }
}

static void step(struct site *s)
{
    s->steps++;
    if (s->next_work <= s->now) {
        site_work(s);
    }
    for (struct site_link *link = s->links; link != NULL; link = link->next) {
        link_turn(s, link);
    }
    for (unsigned i = 0; i < s->n; i++) {
        if (bsc_node_deadline(s->nodes[i].node) <= s->now) {
            bsc_node_tick(s->nodes[i].node, s->now);
        }
        drain_node(s, i);
    }
    for (unsigned h = 0; h < SITE_HUBS; h++) {
        if (s->hubs[h].hub != NULL && bsc_hub_deadline(s->hubs[h].hub) <= s->now) {
            bsc_hub_tick(s->hubs[h].hub, s->now);
            drain_hub(s, h);
        }
    }
    flush_all(s);
    links_sweep(s);
}

bool site_run(struct site *s, bas_time limit, bool (*done)(const struct site *s))
{
    bas_time end = s->now + limit;
    flush_all(s); /* what the test has sent meanwhile */
    while (!done(s)) {
        bas_time at = next_time(s);
        if (at > end) {
            s->now = end;
            return false;
        }
        s->now = at;
        step(s);
    }
    return true;
}

bas_err site_send(struct site *s, unsigned from, unsigned to, struct bas_slice octets)
{
    struct bas_frame *npdu = bas_frame_new(&s->heap.env, BAS_HEADROOM, BAS_HEADROOM + octets.len);
    assert_non_null(npdu);
    memcpy(bas_frame_put(npdu, octets.len), octets.data, octets.len);
    const struct bsc_send send = { .to = s->nodes[to].vmac };
    bas_err err = bsc_node_send(s->nodes[from].node, &send, npdu, s->now);
    drain_node(s, from);
    return err;
}

/* Creation and end. */

static void node_comes(struct site *s, unsigned i)
{
    char uri[32];
    struct site_node *node = &s->nodes[i];
    (void)snprintf(uri, sizeof(uri), "wss://node/%u", i);
    node->vmac = bsc_vmac_random(&s->dice.env);
    const struct bsc_node_config config = { .size = sizeof(config),
                                            .vmac = node->vmac,
                                            .uuid = bsc_uuid_random(&s->dice.env),
                                            .primary_uri = "wss://hub/0",
                                            .failover_uri = "wss://hub/1",
                                            .connect_wait_ms = SITE_CONNECT_WAIT,
                                            .disconnect_wait_ms = SITE_DISCONNECT_WAIT,
                                            .heartbeat_ms = SITE_HEARTBEAT,
                                            .heartbeat_ack_ms = SITE_HEARTBEAT_ACK,
                                            .minimum_reconnect_ms = SITE_MINIMUM_RECONNECT,
                                            .maximum_reconnect_ms = SITE_MAXIMUM_RECONNECT,
                                            .direct_initiate = s->is_direct,
                                            .direct_accept = s->is_direct,
                                            .direct_accept_uris = uri,
                                            .direct_policy = s->policy,
                                            .direct_max = SITE_NODES,
                                            .peers_max = 2 * SITE_NODES,
                                            .resolution_wait_ms = SITE_RESOLUTION_WAIT,
                                            .direct_retry_ms = SITE_DIRECT_RETRY,
                                            .silence_limit_ms = SITE_SILENCE };
    node->node = bsc_node_new(&s->memory.env, &config);
    assert_non_null(node->node);
    bsc_node_start(node->node, s->now);
    drain_node(s, i);
}

void site_init(struct site *s, uint64_t seed)
{
    struct test_env *envs[] = { &s->dice, &s->memory, &s->heap };
    for (size_t i = 0; i < BAS_ARRAY_LEN(envs); i++) {
        test_env_init(envs[i]);
        envs[i]->seed = seed * 4 + i;
    }
    s->seed = seed;
    s->now = (bas_time)site_random(s, 1000000);
    s->n = s->n != 0 ? s->n : SITE_NODES;
    s->next_work = BAS_NEVER;
    for (unsigned h = 0; h < SITE_HUBS; h++) {
        site_raise_hub(s, h);
    }
    for (unsigned i = 0; i < s->n; i++) {
        node_comes(s, i);
    }
}

static bool all_is_over(const struct site *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        if (!bsc_node_is_stopped(s->nodes[i].node)) {
            return false;
        }
    }
    return s->links == NULL;
}

void site_fini(struct site *s)
{
    s->next_work = BAS_NEVER;
    for (unsigned i = 0; i < s->n; i++) {
        bsc_node_stop(s->nodes[i].node, s->now);
        drain_node(s, i);
    }
    SITE_CHECK(s, site_run(s, 60 * BAS_SECOND, all_is_over));
    for (unsigned i = 0; i < s->n; i++) {
        bsc_node_free(s->nodes[i].node);
    }
    for (unsigned h = 0; h < SITE_HUBS; h++) {
        bsc_hub_free(s->hubs[h].hub);
    }
    test_env_check(&s->memory);
    test_env_check(&s->heap);
}
