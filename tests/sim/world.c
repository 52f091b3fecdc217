#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_LEN = 16384, BLOCKS = 64 };

/* The octets of a channel that stand in buffers below the writer, as time. */
static const bas_time buffered = 20 * BAS_MILLISECOND;

void sim_check(const struct sim_world *w, bool holds, const char *what)
{
    if (!holds) {
        fail_msg("BAS_SEED=%llu at %lld us: %s", (unsigned long long)w->seed, (long long)w->now,
                 what);
    }
}

uint32_t sim_random(struct sim_world *w, uint32_t below)
{
    uint32_t value;
    w->dice.env.random(w->dice.env.ctx, (uint8_t *)&value, sizeof(value));
    return value % below;
}

static bool chance(struct sim_world *w, uint32_t one_in)
{
    return sim_random(w, one_in) == 0;
}

static bas_time milliseconds(struct sim_world *w, uint32_t least, uint32_t most)
{
    return (bas_time)(least + sim_random(w, most - least + 1)) * BAS_MILLISECOND;
}

/* Channels. */

static bas_time ready_at(const struct sim_channel *channel)
{
    return channel->free_at == BAS_NEVER ? BAS_NEVER : channel->free_at - buffered;
}

static struct sim_parcel *parcel_new(const struct bsc_tx *tx)
{
    size_t len = tx->head.len + tx->rest.len;
    struct sim_parcel *parcel = calloc(1, sizeof(*parcel) + len);
    assert_non_null(parcel);
    parcel->len = (uint32_t)len;
    if (tx->head.len != 0) {
        memcpy(parcel->octets, tx->head.data, tx->head.len);
    }
    if (tx->rest.len != 0) {
        memcpy(parcel->octets + tx->head.len, tx->rest.data, tx->rest.len);
    }
    return parcel;
}

static void channel_put(struct sim_channel *channel, struct sim_parcel *parcel, bas_time now)
{
    if (channel->is_hole) {
        free(parcel);
        return;
    }
    bas_time start = channel->free_at > now ? channel->free_at : now;
    channel->free_at = start + (parcel->len + 30) * channel->per_octet;
    parcel->at = channel->free_at + channel->delay;
    if (channel->first == NULL) {
        channel->first = parcel;
    } else {
        channel->last->next = parcel;
    }
    channel->last = parcel;
}

static void channel_end(struct sim_channel *channel, bas_time now)
{
    struct sim_parcel *parcel = calloc(1, sizeof(*parcel));
    assert_non_null(parcel);
    parcel->is_end = true;
    channel_put(channel, parcel, now);
}

static struct sim_parcel *channel_take(struct sim_channel *channel, bas_time now)
{
    struct sim_parcel *parcel = channel->first;
    if (parcel == NULL || parcel->at > now) {
        return NULL;
    }
    channel->first = parcel->next;
    return parcel;
}

static void channel_clear(struct sim_channel *channel)
{
    while (channel->first != NULL) {
        struct sim_parcel *parcel = channel->first;
        channel->first = parcel->next;
        free(parcel);
    }
}

/* Both ends of links. */

static void hub_end_closes(struct sim_world *w, struct sim_link *link)
{
    if (link->hub_open) {
        link->hub_open = false;
        link->admit_at = BAS_NEVER;
        bsc_hub_closed(w->hub, link->conn, NULL, w->now);
        free(link->leftover);
        link->leftover = NULL;
    }
}

static void drain_node(struct sim_world *w, unsigned i);

static void node_end_closes(struct sim_world *w, struct sim_link *link, const char *why)
{
    if (!link->node_open) {
        return;
    }
    struct bas_fault reason = { 0 };
    link->node_open = false;
    link->up_at = BAS_NEVER;
    if (why != NULL) {
        (void)bas_fail(&reason, BAS_ERR_CLOSED, "%s", why);
    }
    bsc_node_link_down(w->nodes[link->node].node, link->id, why != NULL ? &reason : NULL, w->now);
    drain_node(w, link->node);
}

static void link_new(struct sim_world *w, unsigned node, bsc_link_id id)
{
    struct sim_link *link = calloc(1, sizeof(*link));
    assert_non_null(link);
    bas_time delay = milliseconds(w, 1, 60);
    *link = (struct sim_link){ .next = w->links,
                               .node = node,
                               .id = id,
                               .node_open = true,
                               .accept_at = w->now + 2 * delay,
                               .up_at = BAS_NEVER,
                               .admit_at = BAS_NEVER,
                               .close_by = BAS_NEVER };
    link->up = (struct sim_channel){ .delay = delay, .per_octet = 1 };
    link->down = (struct sim_channel){ .delay = delay, .per_octet = w->nodes[node].per_octet };
    w->links = link;
}

/* The hub's side of a link that opens; also where the hub is dead, full, or out of reach. */
static void link_accepts(struct sim_world *w, struct sim_link *link)
{
    bool fails = w->hub == NULL || (w->faults && w->scenario.breaks && chance(w, 6));
    link->accept_at = BAS_NEVER;
    if (!link->node_open) {
        return;
    }
    if (fails || bsc_hub_open(w->hub, link, w->now, &link->conn) != BAS_OK) {
        node_end_closes(w, link, "refused");
        return;
    }
    link->hub_open = true;
    link->up_at = w->now + link->down.delay;
}

static void links_sweep(struct sim_world *w)
{
    struct sim_link **at = &w->links;
    while (*at != NULL) {
        struct sim_link *link = *at;
        if (link->node_open || link->hub_open) {
            at = &link->next;
            continue;
        }
        *at = link->next;
        channel_clear(&link->up);
        channel_clear(&link->down);
        free(link);
    }
}

/* Nodes. */

static struct sim_link *link_of(struct sim_world *w, unsigned node, bsc_link_id id)
{
    for (struct sim_link *link = w->links; link != NULL; link = link->next) {
        if (link->node == node && link->id == id && link->node_open) {
            return link;
        }
    }
    return NULL;
}

static void flush_node(struct sim_world *w, struct sim_link *link, bool all)
{
    struct bsc_node *node = w->nodes[link->node].node;
    struct bsc_tx tx;
    while ((all || ready_at(&link->up) <= w->now) && bsc_node_peek(node, link->id, &tx)) {
        channel_put(&link->up, parcel_new(&tx), w->now);
        bsc_node_pop(node, link->id);
    }
}

static void node_says(struct sim_world *w, unsigned i, const struct bsc_node_event *event)
{
    struct sim_node *node = &w->nodes[i];
    struct sim_link *link = link_of(w, i, event->link);
    switch (event->kind) {
    case BSC_NODE_LINK_OPEN:
        SIM_CHECK(w, w->now >= node->not_before);
        link_new(w, i, event->link);
        break;
    case BSC_NODE_LINK_CLOSE:
        SIM_CHECK(w, link != NULL);
        flush_node(w, link, true);
        channel_end(&link->up, w->now);
        node_end_closes(w, link, NULL);
        break;
    case BSC_NODE_UP:
        SIM_CHECK(w, !node->is_up);
        node->is_up = true;
        break;
    case BSC_NODE_DOWN:
        SIM_CHECK(w, node->is_up);
        node->is_up = false;
        break;
    case BSC_NODE_RETRY: {
        bas_time delay = bsc_node_deadline(node->node) - w->now;
        SIM_CHECK(w, delay <= 8 * BAS_SECOND);
        node->not_before = w->now + 1 * BAS_SECOND;
        break;
    }
    case BSC_NODE_VMAC_CHANGED:
        SIM_CHECK(w, w->scenario.has_twins);
        node->vmac = event->vmac;
        break;
    case BSC_NODE_NPDU:
        sim_npdu(w, i, event);
        break;
    case BSC_NODE_RESULT:
    case BSC_NODE_ADVERTISEMENT:
    case BSC_NODE_PROPRIETARY:
    case BSC_NODE_RESOLVED:
    case BSC_NODE_ADMIT:
    case BSC_NODE_DIRECT_UP:
    case BSC_NODE_DIRECT_DOWN:
    case BSC_NODE_DIRECT_FAILED:
    case BSC_NODE_FAULT:
        SIM_CHECK(w, false); /* nobody does anything wrong here */
        break;
    }
}

static void drain_node(struct sim_world *w, unsigned i)
{
    struct bsc_node_event event;
    while (bsc_node_next_event(w->nodes[i].node, &event)) {
        node_says(w, i, &event);
    }
}

/* One message to a node, in memory of its own. */
static void node_receives(struct sim_world *w, struct sim_link *link,
                          const struct sim_parcel *parcel)
{
    struct bas_frame *frame = bas_frame_new(&w->app_env.env, 0, parcel->len);
    assert_non_null(frame);
    memcpy(bas_frame_put(frame, parcel->len), parcel->octets, parcel->len);
    const struct bas_window window = bas_frame_window(frame);
    SIM_CHECK(w, bsc_node_recv(w->nodes[link->node].node, link->id, &window, w->now) == BAS_OK);
    drain_node(w, link->node);
    SIM_CHECK(w, frame->refs == 1);
    bas_frame_unref(frame);
}

static void node_turn(struct sim_world *w, struct sim_link *link)
{
    struct sim_parcel *parcel;
    if (link->up_at <= w->now) {
        link->up_at = BAS_NEVER;
        bsc_node_link_up(w->nodes[link->node].node, link->id, w->now);
    }
    while (link->node_open && link->up_at == BAS_NEVER &&
           (parcel = channel_take(&link->down, w->now)) != NULL) {
        if (parcel->is_end) {
            node_end_closes(w, link, "closed by the hub");
        } else {
            node_receives(w, link, parcel);
        }
        free(parcel);
    }
    if (link->node_open) {
        flush_node(w, link, false);
    }
}

/* The hub. */

static void hub_says(struct sim_world *w, const struct bsc_hub_event *event)
{
    struct sim_link *link = event->user;
    switch (event->kind) {
    case BSC_HUB_ADMIT:
        link->admit_at = w->now + (chance(w, 4) ? milliseconds(w, 1, 4000) : 0);
        break;
    case BSC_HUB_JOINED:
        w->joined++;
        break;
    case BSC_HUB_LEFT:
        SIM_CHECK(w, w->joined > 0);
        w->joined--;
        break;
    case BSC_HUB_FAULT:
        SIM_CHECK(w, false);
        break;
    case BSC_HUB_CLOSE:
        link->hub_closing = true;
        link->close_by = w->now + BAS_SECOND;
        break;
    }
}

/* Takes what the channel can take; one message more waits below the engine, as a sealed record
 * would. */
static void flush_hub(struct sim_world *w, struct sim_link *link)
{
    struct bsc_tx tx;
    while (link->leftover == NULL && bsc_hub_peek(w->hub, link->conn, &tx)) {
        struct sim_parcel *parcel = parcel_new(&tx);
        bsc_hub_pop(w->hub, link->conn, w->now);
        if (ready_at(&link->down) <= w->now) {
            channel_put(&link->down, parcel, w->now);
        } else {
            link->leftover = parcel;
            bsc_hub_charge_leftover(w->hub, link->conn, parcel->len, w->now);
        }
    }
}

/* The channel can take more: the leftover goes, and the hub names the link if more waits. */
static void leftover_goes(struct sim_world *w, struct sim_link *link)
{
    if (link->hub_open && link->leftover != NULL && ready_at(&link->down) <= w->now) {
        channel_put(&link->down, link->leftover, w->now);
        link->leftover = NULL;
        bsc_hub_charge_leftover(w->hub, link->conn, 0, w->now);
        bsc_hub_writable(w->hub, link->conn, w->now);
    }
}

/* All that has arrived on a link, side by side in one block if it fits. */
static void hub_reads(struct sim_world *w, struct sim_link *link, struct bas_frame *block)
{
    struct sim_parcel *parcel;
    while (link->hub_open && (parcel = link->up.first) != NULL && parcel->at <= w->now &&
           parcel->len <= block->cap - block->len) {
        (void)channel_take(&link->up, w->now);
        if (parcel->is_end) {
            hub_end_closes(w, link);
        } else {
            const struct bas_window window = { block, block->len, parcel->len };
            memcpy(block->data + block->len, parcel->octets, parcel->len);
            block->len += parcel->len;
            SIM_CHECK(w, bsc_hub_recv(w->hub, link->conn, &window, w->now) == BAS_OK);
        }
        free(parcel);
    }
}

static void hub_closes_what_is_flushed(struct sim_world *w)
{
    for (struct sim_link *link = w->links; link != NULL; link = link->next) {
        if (!link->hub_open || !link->hub_closing) {
            continue;
        }
        struct bsc_tx tx;
        bool is_flushed = link->leftover == NULL && !bsc_hub_peek(w->hub, link->conn, &tx);
        if (is_flushed || link->close_by <= w->now) {
            channel_end(&link->down, w->now);
            hub_end_closes(w, link);
        }
    }
}

static void hub_drains(struct sim_world *w)
{
    struct bsc_hub_event event;
    void *user;
    bsc_conn_id conn;
    while (bsc_hub_next_event(w->hub, &event)) {
        hub_says(w, &event);
    }
    for (struct sim_link *link = w->links; link != NULL; link = link->next) {
        if (link->hub_open && link->admit_at <= w->now) {
            link->admit_at = BAS_NEVER;
            (void)bsc_hub_admit(w->hub, link->conn, NULL, w->now); /* it may be too late */
        }
    }
    while (bsc_hub_next_event(w->hub, &event)) {
        hub_says(w, &event);
    }
    while (bsc_hub_next_dirty(w->hub, &conn, &user)) {
        flush_hub(w, user);
    }
}

static void hub_turn(struct sim_world *w)
{
    struct bas_frame *used[BLOCKS];
    size_t n = 0;
    for (struct sim_link *link = w->links; link != NULL; link = link->next) {
        while (link->hub_open && link->up.first != NULL && link->up.first->at <= w->now) {
            SIM_CHECK(w, n < BLOCKS);
            used[n] = bas_pool_get(w->blocks);
            assert_non_null(used[n]);
            hub_reads(w, link, used[n++]);
        }
        leftover_goes(w, link);
    }
    bsc_hub_tick(w->hub, w->now);
    hub_drains(w);
    hub_closes_what_is_flushed(w);
    bsc_hub_turn_end(w->hub);
    while (n > 0) {
        struct bas_frame *block = used[--n];
        SIM_CHECK(w, block->refs == 1); /* the blocks are free again */
        memset(block->data, 0xEE, block->len);
        bas_frame_unref(block);
    }
}

/* What goes wrong. */

static void link_breaks(struct sim_world *w, struct sim_link *link, bool tells_node, bool tells_hub)
{
    channel_clear(&link->up);
    channel_clear(&link->down);
    if (tells_node) {
        channel_end(&link->down, w->now);
    }
    if (tells_hub) {
        channel_end(&link->up, w->now);
    }
    link->up.is_hole = true;
    link->down.is_hole = true;
    if (!tells_hub && chance(w, 2)) {
        link->down.free_at = BAS_NEVER; /* its buffers are full, too */
    }
    w->breaks++;
}

static void hub_dies(struct sim_world *w)
{
    for (struct sim_link *link = w->links; link != NULL; link = link->next) {
        if (link->hub_open) {
            link->hub_open = false;
            link->admit_at = BAS_NEVER;
            free(link->leftover);
            link->leftover = NULL;
            link_breaks(w, link, !chance(w, 4), false);
        }
    }
    bsc_hub_free(w->hub);
    test_env_check(&w->hub_env);
    w->hub = NULL;
    w->joined = 0;
    w->hub_back_at = w->now + milliseconds(w, 10, 5000);
}

static void hub_comes(struct sim_world *w)
{
    w->hub = bsc_hub_new(&w->hub_env.env, &w->hub_config);
    assert_non_null(w->hub);
    w->hub_base = w->hub_env.live;
    w->hub_back_at = BAS_NEVER;
}

static void something_breaks(struct sim_world *w)
{
    unsigned count = 0;
    for (struct sim_link *link = w->links; link != NULL; link = link->next) {
        count++;
    }
    if (w->scenario.restarts && w->hub != NULL && chance(w, 3)) {
        hub_dies(w);
        return;
    }
    unsigned victim = count == 0 ? 0 : sim_random(w, count);
    for (struct sim_link *link = w->links; link != NULL; link = link->next) {
        if (victim-- == 0 && link->accept_at == BAS_NEVER && w->scenario.breaks) {
            link_breaks(w, link, chance(w, 2), chance(w, 2));
        }
    }
}

/* Time. */

static void earlier(bas_time *at, bas_time other)
{
    *at = other < *at ? other : *at;
}

static bas_time next_time(struct sim_world *w)
{
    bas_time at = w->next_send < w->next_fault ? w->next_send : w->next_fault;
    earlier(&at, w->hub != NULL ? bsc_hub_deadline(w->hub) : w->hub_back_at);
    for (unsigned i = 0; i < w->n; i++) {
        earlier(&at, bsc_node_deadline(w->nodes[i].node));
    }
    for (const struct sim_link *link = w->links; link != NULL; link = link->next) {
        struct bsc_tx tx;
        earlier(&at, link->accept_at);
        earlier(&at, link->up_at);
        earlier(&at, link->hub_open ? link->admit_at : BAS_NEVER);
        earlier(&at, link->hub_open && link->hub_closing ? link->close_by : BAS_NEVER);
        earlier(&at, link->leftover != NULL ? ready_at(&link->down) : BAS_NEVER);
        earlier(&at, link->hub_open && link->up.first != NULL ? link->up.first->at : BAS_NEVER);
        if (link->node_open) {
            earlier(&at, link->down.first != NULL ? link->down.first->at : BAS_NEVER);
            bool waits = bsc_node_peek(w->nodes[link->node].node, link->id, &tx);
            earlier(&at, waits ? ready_at(&link->up) : BAS_NEVER);
        }
    }
    return at > w->now ? at : w->now;
}

static void step(struct sim_world *w)
{
    if (w->hub == NULL && w->hub_back_at <= w->now) {
        hub_comes(w);
    }
    if (w->next_fault <= w->now) {
        w->next_fault = w->now + milliseconds(w, 50, 4000);
        something_breaks(w);
    }
    if (w->next_send <= w->now) {
        sim_workload(w);
    }
    for (struct sim_link *link = w->links; link != NULL; link = link->next) {
        if (link->accept_at <= w->now) {
            link_accepts(w, link);
        }
        node_turn(w, link);
    }
    for (unsigned i = 0; i < w->n; i++) {
        bsc_node_tick(w->nodes[i].node, w->now);
        drain_node(w, i);
    }
    for (struct sim_link *link = w->links; link != NULL; link = link->next) {
        if (link->node_open) {
            flush_node(w, link, false);
        }
    }
    if (w->hub != NULL) {
        hub_turn(w);
    }
    links_sweep(w);
    sim_invariants(w);
}

bool sim_run(struct sim_world *w, bas_time limit, bool (*done)(const struct sim_world *w))
{
    bas_time end = w->now + limit;
    while (!done(w)) {
        bas_time at = next_time(w);
        if (at > end) {
            w->now = end;
            return false;
        }
        w->now = at;
        step(w);
    }
    return true;
}

/* Creation. */

static void node_comes(struct sim_world *w, unsigned i)
{
    struct sim_node *node = &w->nodes[i];
    bool is_twin = w->scenario.has_twins && i > 0 && chance(w, 3);
    bool is_slow = w->scenario.is_slow && chance(w, 3);
    bool is_small = chance(w, 4);
    *node =
        (struct sim_node){ .vmac = is_twin ? w->nodes[i - 1].vmac : bsc_vmac_random(&w->dice.env),
                           .max_npdu = is_small ? 480 : SIM_MAX_NPDU,
                           .per_octet = is_slow ? 200 : 1 };
    const struct bsc_node_config config = { .size = sizeof(config),
                                            .vmac = node->vmac,
                                            .uuid = bsc_uuid_random(&w->dice.env),
                                            .primary_uri = "wss://hub/",
                                            .max_bvlc = is_small ? 600 : 5705,
                                            .max_npdu = node->max_npdu,
                                            .connect_wait_ms = 3000,
                                            .disconnect_wait_ms = 2000,
                                            .heartbeat_ms = 5000,
                                            .heartbeat_ack_ms = 2000,
                                            .minimum_reconnect_ms = 1000,
                                            .maximum_reconnect_ms = 8000,
                                            .no_hello = chance(w, 4) };
    node->node = bsc_node_new(&w->node_env.env, &config);
    assert_non_null(node->node);
    bsc_node_start(node->node, w->now);
    drain_node(w, i);
}

void sim_init(struct sim_world *w, uint64_t seed, const struct sim_scenario *scenario)
{
    memset(w, 0, sizeof(*w));
    struct test_env *envs[] = { &w->dice, &w->hub_env, &w->node_env, &w->app_env };
    for (size_t i = 0; i < BAS_ARRAY_LEN(envs); i++) {
        test_env_init(envs[i]);
        envs[i]->seed = seed * 4 + i;
    }
    w->seed = seed;
    w->scenario = *scenario;
    w->hub_config = (struct bsc_hub_config){
        .size = sizeof(w->hub_config),
        .vmac = bsc_vmac_random(&w->dice.env),
        .uuid = bsc_uuid_random(&w->dice.env),
        .max_connections = SIM_NODES_MAX,
        .connect_wait_ms = 3000,
        .disconnect_wait_ms = 2000,
        .silence_limit_ms = 30000,
        .stall_limit_ms = 4000,
        .pending_total_max = scenario->is_slow ? 60000 : 4 << 20,
        .pending_entries = scenario->is_slow ? 256 : 4096,
    };
    w->now = (bas_time)sim_random(w, 1000000);
    w->n = 2 + sim_random(w, SIM_NODES_MAX - 1);
    w->next_fault = BAS_NEVER;
    w->next_send = BAS_NEVER;
    w->blocks = bas_pool_new(&w->app_env.env, BLOCK_LEN, BLOCKS);
    assert_non_null(w->blocks);
    hub_comes(w);
    for (unsigned i = 0; i < w->n; i++) {
        node_comes(w, i);
    }
}

void sim_fini(struct sim_world *w)
{
    SIM_CHECK(w, w->links == NULL);
    for (unsigned i = 0; i < w->n; i++) {
        bsc_node_free(w->nodes[i].node);
    }
    bsc_hub_free(w->hub);
    bas_pool_free(w->blocks);
    test_env_check(&w->hub_env);
    test_env_check(&w->node_env);
    test_env_check(&w->app_env);
}
