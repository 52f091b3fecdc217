/*
 * Two hubs and some nodes that ask each other all the time; the primary hub is killed and comes
 * back 10,000 times. After each kill every node is on the failover within what its settings allow,
 * after each return back on the primary, and every question that was asked while both sides shared
 * a hub for one retry interval is answered.
 *
 * BAS_SEED=n runs that seed, BASALT_KILLS=n so many kills. The outages are printed.
 */
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KILLS = 10000, ECHOES = 512, ECHO_LEN = 8, RETRY_MS = 500, WORK_MS = 250 };

struct echo {
    bool is_open, is_answered;
    unsigned from, to;
    uint32_t number;
    bas_time at;
};

struct figures {
    uint64_t asked, owed, answered, kills;
    uint64_t n;
    bas_time sum, most;
    bas_time lost_at[SITE_NODES]; /* not 0: waits for its failover hub since the kill */
};

struct test {
    struct site site; /* first */
    struct echo echoes[ECHOES];
    uint32_t next;
    struct figures figures;
};

static struct test the_test;

static struct test *test_of(struct site *s)
{
    (void)s;
    return &the_test;
}

/* Questions and answers: 01 00, kind, who asked, number. */

static void send_echo(struct site *s, unsigned from, unsigned to, uint8_t kind, uint32_t number)
{
    const uint8_t octets[ECHO_LEN] = { 1,
                                       0,
                                       kind,
                                       (uint8_t)(number >> 24),
                                       (uint8_t)(number >> 16),
                                       (uint8_t)(number >> 8),
                                       (uint8_t)number,
                                       (uint8_t)from };
    (void)site_send(s, from, to, (struct bas_slice){ octets, sizeof(octets) });
}

static void ask(struct site *s, unsigned from, unsigned to)
{
    struct test *t = test_of(s);
    struct echo *echo = &t->echoes[t->next % ECHOES];
    SITE_CHECK(s, !echo->is_open);
    *echo = (struct echo){ true, false, from, to, t->next, s->now };
    send_echo(s, from, to, 1, t->next++);
    t->figures.asked++;
}

void site_npdu(struct site *s, unsigned node, const struct bsc_node_event *event)
{
    struct test *t = test_of(s);
    const uint8_t *o = event->npdu.data;
    SITE_CHECK(s, event->npdu.len == ECHO_LEN && o[7] < s->n);
    SITE_CHECK(s, bsc_vmac_equal(&event->vmac, &s->nodes[o[7]].vmac));
    uint32_t number =
        (uint32_t)o[3] << 24 | (uint32_t)o[4] << 16 | (uint32_t)o[5] << 8 | (uint32_t)o[6];
    struct echo *echo = &t->echoes[number % ECHOES];
    if (o[2] == 1) {
        send_echo(s, node, o[7], 2, number);
    } else if (echo->is_open && echo->number == number) {
        SITE_CHECK(s, echo->from == node && !echo->is_answered);
        echo->is_answered = true;
    }
}

/* Whether both sides were on one hub, and it alive, from the question on. */
static bool is_owed(const struct site *s, const struct echo *echo)
{
    const struct site_node *a = &s->nodes[echo->from];
    const struct site_node *b = &s->nodes[echo->to];
    return a->hub_state != 0 && a->hub_state == b->hub_state && a->hub_since < echo->at &&
           b->hub_since < echo->at && s->hubs[a->hub_state - 1].alive_since < echo->at;
}

static void settle_echoes(struct site *s)
{
    struct test *t = test_of(s);
    for (unsigned i = 0; i < ECHOES; i++) {
        struct echo *echo = &t->echoes[i];
        if (echo->is_open && echo->at + RETRY_MS * BAS_MILLISECOND <= s->now) {
            bool owed = is_owed(s, echo);
            SITE_CHECK(s, !owed || echo->is_answered);
            t->figures.owed += owed ? 1 : 0;
            t->figures.answered += echo->is_answered ? 1 : 0;
            echo->is_open = false;
        }
    }
}

void site_work(struct site *s)
{
    settle_echoes(s);
    unsigned from = site_random(s, s->n);
    ask(s, from, (from + 1 + site_random(s, s->n - 1)) % s->n);
    s->next_work = s->now + (1 + site_random(s, 2 * WORK_MS)) * BAS_MILLISECOND;
}

/* Kills. */

static bool all_on(const struct site *s, unsigned hub_state)
{
    for (unsigned i = 0; i < s->n; i++) {
        if (s->nodes[i].hub_state != hub_state) {
            return false;
        }
    }
    return true;
}

static bool all_on_primary(const struct site *s)
{
    return all_on(s, 1);
}

static bool all_on_failover(const struct site *s)
{
    return all_on(s, 2);
}

static bool never(const struct site *s)
{
    (void)s;
    return false;
}

/* The loss is noticed by the end of the link or by heartbeats, and then both hubs are tried. */
static const bas_time failover_rule =
    (SITE_HEARTBEAT + SITE_HEARTBEAT_ACK + 2 * SITE_CONNECT_WAIT + 10 * SITE_LONGEST_DELAY) *
    BAS_MILLISECOND;
/* One probe that was on its way too early, the longest delay, and one that works. */
static const bas_time return_rule =
    (SITE_MAXIMUM_RECONNECT + 2 * SITE_CONNECT_WAIT + 10 * SITE_LONGEST_DELAY) * BAS_MILLISECOND;

static void count_outages(struct site *s, bas_time killed_at)
{
    struct figures *f = &test_of(s)->figures;
    for (unsigned i = 0; i < s->n; i++) {
        bas_time outage = s->nodes[i].hub_since - killed_at;
        f->sum += outage;
        f->most = outage > f->most ? outage : f->most;
        f->n++;
    }
}

static void kill_and_return(struct site *s)
{
    (void)site_run(s, (bas_time)site_random(s, 3000) * BAS_MILLISECOND, never);
    bas_time killed_at = s->now;
    site_kill_hub(s, 0);
    SITE_CHECK(s, site_run(s, failover_rule, all_on_failover));
    count_outages(s, killed_at);
    (void)site_run(s, (bas_time)site_random(s, 4000) * BAS_MILLISECOND, never);
    site_raise_hub(s, 0);
    SITE_CHECK(s, site_run(s, return_rule, all_on_primary));
    test_of(s)->figures.kills++;
}

static uint64_t number_of(const char *name, uint64_t standard)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 0) : standard;
}

static void print_figures(const struct figures *f)
{
    (void)printf("# %llu kills: outage %.1f ms on average, %.1f ms at most; %llu asked, %llu owed, "
                 "%llu answered\n",
                 (unsigned long long)f->kills, (double)f->sum / (double)f->n / 1000.0,
                 (double)f->most / 1000.0, (unsigned long long)f->asked,
                 (unsigned long long)f->owed, (unsigned long long)f->answered);
    (void)fflush(stdout);
}

static void every_node_survives_every_kill_of_the_primary_hub(void **state)
{
    (void)state;
    struct test *t = &the_test;
    memset(t, 0, sizeof(*t));
    uint64_t kills = number_of("BASALT_KILLS", KILLS);
    (void)printf("# seed %llu\n", (unsigned long long)number_of("BAS_SEED", 1));
    site_init(&t->site, number_of("BAS_SEED", 1));
    SITE_CHECK(&t->site, site_run(&t->site, return_rule, all_on_primary));
    t->site.next_work = t->site.now;
    for (uint64_t i = 0; i < kills; i++) {
        kill_and_return(&t->site);
    }
    print_figures(&t->figures);
    SITE_CHECK(&t->site, t->figures.owed > 0);
    for (unsigned i = 0; i < t->site.n; i++) {
        const struct bsc_node_counters *c = bsc_node_counters(t->site.nodes[i].node);
        SITE_CHECK(&t->site, c->failovers == kills && c->returns == kills);
    }
    site_fini(&t->site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_node_survives_every_kill_of_the_primary_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
