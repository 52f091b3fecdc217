/*
 * One hub and some nodes in a simulated world: whatever breaks, no message comes to its sender,
 * twice, out of order or changed; the hub keeps its bounds; every node comes back; in the end
 * nothing waits and nothing is left.
 *
 * BAS_SEED=n runs that seed alone.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 75, HEAD = 21, CHECKSUM = 4, LONG_LIST = 100, TO_ALL = 0xFF };

/* Messages of the test: 01 00, source, destination, number, both VMACs, which options it has,
 * noise, checksum. */

static uint32_t checksum(const uint8_t *octets, size_t len)
{
    uint32_t sum = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < len; i++) {
        sum = (sum ^ octets[i]) * 16777619U;
    }
    return sum;
}

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The option lists that messages carry: none, a short one, one that does not fit a head. */
static struct bas_slice options_of(unsigned kind, uint8_t memory[LONG_LIST])
{
    if (kind == 0) {
        return (struct bas_slice){ NULL, 0 };
    }
    memory[0] = 0x41;
    if (kind == 1) {
        return (struct bas_slice){ memory, 1 };
    }
    memory[0] = 0x3F;
    memory[1] = 0;
    memory[2] = LONG_LIST - 3;
    memset(memory + 3, 0xA5, LONG_LIST - 3);
    return (struct bas_slice){ memory, LONG_LIST };
}

struct letter {
    unsigned from, to;
    unsigned options;
    size_t len;
};

static void write_letter(struct sim_world *w, const struct letter *letter, uint8_t *octets)
{
    struct sim_node *from = &w->nodes[letter->from];
    octets[0] = 1;
    octets[1] = 0;
    octets[2] = (uint8_t)letter->from;
    octets[3] = (uint8_t)letter->to;
    put32(octets + 4, ++from->next_seq);
    memcpy(octets + 8, from->vmac.octets, 6);
    memset(octets + 14, 0xFF, 6);
    if (letter->to != TO_ALL) {
        memcpy(octets + 14, w->nodes[letter->to].vmac.octets, 6);
    }
    octets[20] = (uint8_t)letter->options;
    w->dice.env.random(w->dice.env.ctx, octets + HEAD, letter->len - HEAD - CHECKSUM);
    put32(octets + letter->len - CHECKSUM, checksum(octets, letter->len - CHECKSUM));
}

/* Where nothing breaks, everybody whom it fits must get it. */
static void expect_letter(struct sim_world *w, const struct letter *letter, size_t options_len)
{
    for (unsigned i = 0; i < w->n; i++) {
        bool is_for_it = i != letter->from && (letter->to == TO_ALL || letter->to == i);
        size_t len = letter->len + options_len + (letter->to == TO_ALL ? 16 : 10);
        size_t max_bvlc = w->nodes[i].max_npdu == SIM_MAX_NPDU ? 5705 : 600;
        w->nodes[i].expected +=
            is_for_it && letter->len <= w->nodes[i].max_npdu && len <= max_bvlc ? 1 : 0;
    }
}

static void send_letter(struct sim_world *w, const struct letter *letter)
{
    struct sim_node *from = &w->nodes[letter->from];
    struct bsc_vmac to = { { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF } };
    uint8_t memory[LONG_LIST];
    struct bas_slice options = options_of(letter->options, memory);
    struct bas_frame *npdu =
        bas_frame_new(&w->app_env.env, BAS_HEADROOM, BAS_HEADROOM + letter->len);
    assert_non_null(npdu);
    if (letter->to != TO_ALL) {
        to = w->nodes[letter->to].vmac;
    }
    write_letter(w, letter, bas_frame_put(npdu, letter->len));
    bas_err err = bsc_node_send(from->node, &(struct bsc_send){ .to = to, .data_options = options },
                                npdu, w->now);
    SIM_CHECK(w, err == BAS_OK || err == BAS_ERR_CLOSED || err == BAS_ERR_BUSY);
    SIM_CHECK(w, err != BAS_ERR_CLOSED || !from->is_up);
    if (err == BAS_OK) {
        w->sent++;
        expect_letter(w, letter, options.len);
    }
}

void sim_workload(struct sim_world *w)
{
    bool is_burst = sim_random(w, 40) == 0;
    unsigned count = is_burst ? 20 + sim_random(w, 60) : 1;
    for (unsigned i = 0; i < count; i++) {
        struct letter letter = { .from = sim_random(w, w->n),
                                 .options = sim_random(w, 8) < 6 ? 0 : 1 + sim_random(w, 2) };
        unsigned other = (letter.from + 1 + sim_random(w, w->n - 1)) % w->n;
        letter.to = sim_random(w, 3) == 0 ? TO_ALL : other;
        letter.len = HEAD + CHECKSUM + sim_random(w, sim_random(w, 3) == 0 ? 1400 : 60);
        send_letter(w, &letter);
    }
    w->next_send = w->now + (bas_time)sim_random(w, 150) * BAS_MILLISECOND;
}

void sim_npdu(struct sim_world *w, unsigned i, const struct bsc_node_event *event)
{
    struct sim_node *node = &w->nodes[i];
    const uint8_t *octets = event->npdu.data;
    size_t len = event->npdu.len;
    uint8_t memory[LONG_LIST];
    SIM_CHECK(w, len >= HEAD + CHECKSUM && len <= node->max_npdu);
    SIM_CHECK(w, get32(octets + len - CHECKSUM) == checksum(octets, len - CHECKSUM));
    SIM_CHECK(w, node->is_up);
    unsigned from = octets[2];
    SIM_CHECK(w, from != i);
    SIM_CHECK(w, memcmp(octets + 8, event->vmac.octets, 6) == 0); /* sent as who it was sent by */
    SIM_CHECK(w, event->broadcast == (octets[3] == TO_ALL));
    SIM_CHECK(w, event->broadcast || memcmp(octets + 14, node->vmac.octets, 6) == 0);
    struct bas_slice options = options_of(octets[20], memory);
    SIM_CHECK(w, event->data_options.len == options.len);
    SIM_CHECK(w,
              options.len == 0 || memcmp(event->data_options.data, options.data, options.len) == 0);
    uint32_t seq = get32(octets + 4);
    SIM_CHECK(w, seq > node->last_seq[from]); /* in order, and never twice */
    node->last_seq[from] = seq;
    node->delivered++;
}

void sim_invariants(const struct sim_world *w)
{
    if (w->hub == NULL) {
        return;
    }
    const struct bsc_hub_config *c = &w->hub_config;
    size_t overhead = c->pending_entries * 64 + 64 * sizeof(struct bas_fault);
    SIM_CHECK(w, bsc_hub_pending(w->hub, 0) <= c->pending_total_max);
    SIM_CHECK(w, w->hub_env.live <= w->hub_base + c->pending_total_max + overhead);
    SIM_CHECK(w, w->joined == bsc_hub_connected(w->hub));
    SIM_CHECK(w, w->joined <= c->max_connections);
    for (const struct sim_link *link = w->links; link != NULL; link = link->next) {
        if (link->hub_open) {
            SIM_CHECK(w, bsc_hub_pending(w->hub, link->conn) <= 65535 + 16384 + 64 * 80);
        }
    }
}

/* The phases of a run. */

static bool never(const struct sim_world *w)
{
    (void)w;
    return false;
}

static bool all_are_up(const struct sim_world *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        if (!w->nodes[i].is_up) {
            return false;
        }
    }
    return w->hub != NULL && bsc_hub_connected(w->hub) == w->n;
}

static bool nothing_waits(const struct sim_world *w)
{
    for (const struct sim_link *link = w->links; link != NULL; link = link->next) {
        struct bsc_tx tx;
        if (link->up.first != NULL || link->down.first != NULL || link->leftover != NULL ||
            (link->node_open && bsc_node_peek(w->nodes[link->node].node, link->id, &tx))) {
            return false;
        }
    }
    return bsc_hub_pending(w->hub, 0) == 0;
}

static bool all_is_over(const struct sim_world *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        if (!bsc_node_is_stopped(w->nodes[i].node)) {
            return false;
        }
    }
    return w->links == NULL && bsc_hub_connected(w->hub) == 0;
}

static void check_deliveries(const struct sim_world *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        SIM_CHECK(w, w->nodes[i].delivered == w->nodes[i].expected);
    }
}

static void run(uint64_t seed, const struct sim_scenario *scenario)
{
    static struct sim_world w;
    bool is_calm = !scenario->breaks && !scenario->is_slow && !scenario->restarts;
    (void)printf("# seed %llu\n", (unsigned long long)seed);
    (void)fflush(stdout); /* should an engine's assertion end it all */
    sim_init(&w, seed, scenario);
    SIM_CHECK(&w, sim_run(&w, 60 * BAS_SECOND, all_are_up));
    w.faults = !is_calm;
    w.next_fault = is_calm ? BAS_NEVER : w.now;
    w.next_send = w.now;
    (void)sim_run(&w, 30 * BAS_SECOND, never);
    w.faults = false;
    w.next_fault = BAS_NEVER;
    w.next_send = BAS_NEVER;
    (void)sim_run(&w, 5 * BAS_SECOND, never);
    SIM_CHECK(&w, sim_run(&w, 60 * BAS_SECOND, all_are_up)); /* everybody comes back */
    SIM_CHECK(&w, sim_run(&w, 60 * BAS_SECOND, nothing_waits));
    if (is_calm) {
        check_deliveries(&w);
    }
    for (unsigned i = 0; i < w.n; i++) {
        bsc_node_stop(w.nodes[i].node, w.now);
    }
    SIM_CHECK(&w, sim_run(&w, 60 * BAS_SECOND, all_is_over));
    SIM_CHECK(&w, bsc_hub_pending(w.hub, 0) == 0);
    SIM_CHECK(&w, w.sent > 0);
    sim_fini(&w);
}

static void run_all(const struct sim_scenario *scenario)
{
    const char *seed = getenv("BAS_SEED");
    if (seed != NULL) {
        run(strtoull(seed, NULL, 0), scenario);
        return;
    }
    for (uint64_t i = 1; i <= RUNS; i++) {
        run(i, scenario);
    }
}

static void a_calm_network_delivers_every_message_to_everybody_it_fits(void **state)
{
    (void)state;
    const struct sim_scenario scenario = { .has_twins = true };
    run_all(&scenario);
}

static void links_that_break_in_every_way_cost_messages_and_nothing_else(void **state)
{
    (void)state;
    const struct sim_scenario scenario = { .breaks = true, .has_twins = true };
    run_all(&scenario);
}

static void slow_readers_harm_themselves_alone(void **state)
{
    (void)state;
    const struct sim_scenario scenario = { .is_slow = true, .breaks = true };
    run_all(&scenario);
}

static void everybody_comes_back_after_the_hub_was_gone(void **state)
{
    (void)state;
    const struct sim_scenario scenario = { .restarts = true, .breaks = true, .is_slow = true };
    run_all(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_calm_network_delivers_every_message_to_everybody_it_fits),
        cmocka_unit_test(links_that_break_in_every_way_cost_messages_and_nothing_else),
        cmocka_unit_test(slow_readers_harm_themselves_alone),
        cmocka_unit_test(everybody_comes_back_after_the_hub_was_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
