/*
 * Nodes that connect directly, all with all and often at once from both sides, while links break
 * and hubs die: no message comes twice or from the wrong sender, and in the end there is one direct
 * connection between any two, both of its ends know of it, and unicasts have left the hub.
 *
 * BAS_SEED=n runs that seed alone.
 */
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUNS = 60,
    CROSSINGS = 1000,
    MESSAGES = 1 << 14,
    LEN = 8,
    PAIRS = SITE_NODES * (SITE_NODES - 1) / 2
};

static struct site site;
static uint32_t next_number;
static uint8_t received[MESSAGES];
static bool breaks;

static bas_err send_number(struct site *s, unsigned from, unsigned to)
{
    uint32_t number = next_number++;
    SITE_CHECK(s, number < MESSAGES);
    const uint8_t octets[LEN] = { 1,
                                  0,
                                  (uint8_t)from,
                                  (uint8_t)to,
                                  (uint8_t)(number >> 16),
                                  (uint8_t)(number >> 8),
                                  (uint8_t)number,
                                  0 };
    return site_send(s, from, to, (struct bas_slice){ octets, sizeof(octets) });
}

void site_npdu(struct site *s, unsigned node, const struct bsc_node_event *event)
{
    const uint8_t *o = event->npdu.data;
    SITE_CHECK(s, event->npdu.len == LEN && o[2] < s->n && o[3] == node);
    SITE_CHECK(s, bsc_vmac_equal(&event->vmac, &s->nodes[o[2]].vmac));
    SITE_CHECK(s, !event->broadcast);
    uint32_t number = (uint32_t)o[4] << 16 | (uint32_t)o[5] << 8 | (uint32_t)o[6];
    SITE_CHECK(s, number < next_number && received[number] == 0);
    received[number] = 1;
}

static void something_breaks(struct site *s)
{
    struct site_link *link = site_direct_link(s, site_random(s, PAIRS + 4));
    if (link != NULL) {
        site_break_link(s, link, site_random(s, 2) == 0, site_random(s, 2) == 0);
    }
    unsigned h = site_random(s, SITE_HUBS);
    if (site_random(s, 60) == 0 && s->hubs[h].hub != NULL) {
        site_kill_hub(s, h);
    } else if (site_random(s, 10) == 0 && s->hubs[h].hub == NULL) {
        site_raise_hub(s, h);
    }
}

void site_work(struct site *s)
{
    for (unsigned i = 0; i < 2; i++) {
        unsigned from = site_random(s, s->n);
        (void)send_number(s, from, (from + 1 + site_random(s, s->n - 1)) % s->n);
    }
    if (breaks && site_random(s, 4) == 0) {
        something_breaks(s);
    }
    s->next_work = s->now + (1 + site_random(s, 200)) * BAS_MILLISECOND;
}

static bool never(const struct site *s)
{
    (void)s;
    return false;
}

static bool all_on_primary(const struct site *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        if (s->nodes[i].hub_state != 1) {
            return false;
        }
    }
    return true;
}

static bool sees_direct(const struct site *s, unsigned i, unsigned j)
{
    struct bsc_peer peer;
    return bsc_node_find_peer(s->nodes[i].node, &s->nodes[j].vmac, &peer) && peer.is_direct;
}

static bool all_are_direct(const struct site *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        for (unsigned j = 0; j < s->n; j++) {
            if (i != j && !sees_direct(s, i, j)) {
                return false;
            }
        }
    }
    return true;
}

static void set_policies(struct site *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        for (unsigned j = 0; j < s->n && s->policy == BSC_DIRECT_ALWAYS; j++) {
            if (i != j) {
                bas_err err = bsc_node_set_peer(s->nodes[i].node, &s->nodes[j].vmac,
                                                BSC_DIRECT_ALWAYS, NULL, s->now);
                SITE_CHECK(s, err == BAS_OK);
            }
        }
    }
}

static unsigned direct_links(struct site *s)
{
    unsigned n = 0;
    while (site_direct_link(s, n) != NULL) {
        n++;
    }
    return n;
}

/* Every unicast arrives, and none of them through the hub. */
static void check_traffic(struct site *s)
{
    const struct bsc_hub_counters *hub = bsc_hub_counters(s->hubs[0].hub);
    uint64_t relayed = hub->relayed_unicast;
    uint32_t first = next_number;
    for (unsigned i = 0; i < s->n; i++) {
        for (unsigned j = 0; j < s->n; j++) {
            SITE_CHECK(s, i == j || send_number(s, i, j) == BAS_OK);
        }
    }
    (void)site_run(s, BAS_SECOND, never);
    SITE_CHECK(s, hub->relayed_unicast == relayed);
    for (uint32_t i = first; i < next_number; i++) {
        SITE_CHECK(s, received[i] == 1);
    }
}

static void run(uint64_t seed, enum bsc_direct_policy policy)
{
    struct site *s = &site;
    (void)printf("# seed %llu\n", (unsigned long long)seed);
    (void)fflush(stdout);
    memset(s, 0, sizeof(*s));
    memset(received, 0, sizeof(received));
    next_number = 0;
    s->is_direct = true;
    s->policy = policy;
    site_init(s, seed);
    set_policies(s);
    s->next_work = s->now;
    breaks = true;
    (void)site_run(s, 60 * BAS_SECOND, never);
    breaks = false;
    for (unsigned h = 0; h < SITE_HUBS; h++) {
        if (s->hubs[h].hub == NULL) {
            site_raise_hub(s, h);
        }
    }
    SITE_CHECK(s, site_run(s, 60 * BAS_SECOND, all_on_primary));
    (void)site_run(s, SITE_SILENCE * BAS_MILLISECOND, never); /* until ghosts are gone */
    SITE_CHECK(s, site_run(s, 60 * BAS_SECOND, all_are_direct));
    s->next_work = BAS_NEVER;
    (void)site_run(s, 5 * BAS_SECOND, never);
    SITE_CHECK(s, all_are_direct(s));
    SITE_CHECK(s, direct_links(s) == PAIRS);
    check_traffic(s);
    site_fini(s);
}

/* Two nodes that open at once: whichever message comes first, one connection stays, and it is there
 * before anybody would try again. */
static void cross(uint64_t seed)
{
    struct site *s = &site;
    memset(s, 0, sizeof(*s));
    s->n = 2;
    s->is_direct = true;
    s->policy = BSC_DIRECT_ALWAYS;
    site_init(s, seed);
    set_policies(s);
    SITE_CHECK(s, site_run(s, BAS_SECOND, all_on_primary));
    (void)site_run(s, (SITE_DIRECT_RETRY - 1000) * BAS_MILLISECOND, never);
    SITE_CHECK(s, all_are_direct(s));
    SITE_CHECK(s, direct_links(s) == 1);
    site_fini(s);
}

static void one_of_two_connections_that_are_opened_at_once_stays(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= CROSSINGS; i++) {
        cross(i);
    }
}

static void run_all(enum bsc_direct_policy policy)
{
    const char *seed = getenv("BAS_SEED");
    if (seed != NULL) {
        run(strtoull(seed, NULL, 0), policy);
        return;
    }
    for (uint64_t i = 1; i <= RUNS; i++) {
        run(i, policy);
    }
}

static void peers_with_traffic_end_up_with_one_direct_connection_each(void **state)
{
    (void)state;
    run_all(BSC_DIRECT_AUTO);
}

static void peers_that_are_always_wanted_end_up_with_one_direct_connection_each(void **state)
{
    (void)state;
    run_all(BSC_DIRECT_ALWAYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_two_connections_that_are_opened_at_once_stays),
        cmocka_unit_test(peers_with_traffic_end_up_with_one_direct_connection_each),
        cmocka_unit_test(peers_that_are_always_wanted_end_up_with_one_direct_connection_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
