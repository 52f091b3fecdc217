/* Owns the figures of the KNX engines alone. */
#include "knx_engines.h"

#include "basalt/rt.h"
#include "child.h"
#include "knx_crowd.h"
#include "knx_pair.h"

static struct pair pairs[SITE_TUNNELS];

static struct knx_server *new_server(const struct bas_env *env, const struct site *site)
{
    struct knx_server *server = site_server(env, site, SITE_TUNNELS);
    if (server == NULL) {
        die("out of memory");
    }
    return server;
}

static void open_pair(struct pair *pair, const struct bas_env *env, const struct site *site,
                      struct knx_server *server, bool is_data)
{
    if (!pair_open(pair, env, site, server) || (is_data && !pair_secure(pair, env, site))) {
        die("a tunnel between the engines did not come up");
    }
}

static void check(const struct pair *pair, uint64_t telegrams)
{
    if (pair->confirmed != telegrams || (pair->secure != NULL && pair->opened != telegrams)) {
        die("telegrams between the engines were not confirmed");
    }
}

static double run_one(struct pair *pair, unsigned telegrams)
{
    double begin = stopwatch_cpu_us();
    uint64_t before = pair->confirmed;
    for (unsigned i = 0; i < telegrams; i++) {
        pair_request(pair);
        pair_serve(pair);
        pair_confirm(pair);
    }
    double us = stopwatch_cpu_us() - begin;
    check(pair, before + telegrams);
    return us / telegrams;
}

static double run_leg(void (*leg)(struct pair *pair))
{
    double begin = stopwatch_cpu_us();
    for (unsigned i = 0; i < SITE_TUNNELS; i++) {
        leg(&pairs[i]);
    }
    return (stopwatch_cpu_us() - begin) / SITE_TUNNELS;
}

static void run_legs(unsigned turns, struct engine_cost *cost)
{
    double client = 0;
    double server = 0;
    for (unsigned i = 0; i < turns; i++) {
        client += run_leg(pair_request);
        server += run_leg(pair_serve);
        client += run_leg(pair_confirm);
    }
    series_add(&cost->client, client / turns);
    series_add(&cost->server, server / turns);
}

void engines_telegram(const struct site *site, bool is_data, unsigned telegrams,
                      struct engine_cost *cost)
{
    const struct bas_env env = bas_env_host(NULL, NULL);
    struct knx_server *server = new_server(&env, site);
    for (unsigned i = 0; i < SITE_TUNNELS; i++) {
        open_pair(&pairs[i], &env, site, server, is_data);
    }
    series_add(&cost->both, run_one(&pairs[0], telegrams));
    run_legs(telegrams / SITE_TUNNELS + 1, cost);
    for (unsigned i = 0; i < SITE_TUNNELS; i++) {
        pair_close(&pairs[i]);
    }
    knx_server_free(server);
}

double engines_session(const struct site *site, unsigned sessions)
{
    const struct bas_env env = bas_env_host(NULL, NULL);
    struct knx_server *server = new_server(&env, site);
    double us = 0;
    for (unsigned i = 0; i < sessions; i++) {
        double begin = stopwatch_cpu_us();
        open_pair(&pairs[0], &env, site, server, false);
        us += stopwatch_cpu_us() - begin;
        pair_close(&pairs[0]);
        pairs[0].server = NULL;
    }
    knx_server_free(server);
    return us / sessions;
}

double engines_derivation(void)
{
    struct site site;
    double begin = stopwatch_cpu_us();
    site_init(&site);
    return stopwatch_cpu_us() - begin;
}

/* Counts what is taken. */
struct counting {
    struct bas_env host;
    size_t taken;
};

static void *count_alloc(void *ctx, size_t len)
{
    struct counting *counting = ctx;
    counting->taken += len;
    return counting->host.alloc(counting->host.ctx, len);
}

static size_t memory_of(const struct site *site, uint32_t tunnels)
{
    struct counting counting = { .host = bas_env_host(NULL, NULL) };
    struct bas_env env = counting.host;
    env.ctx = &counting;
    env.alloc = count_alloc;
    struct knx_server *server = site_server(&env, site, tunnels);
    if (server == NULL) {
        die("out of memory");
    }
    knx_server_free(server);
    return counting.taken;
}

double engines_memory(const struct site *site)
{
    /* Below MANY a least size of the output ring would hide what a tunnel adds. */
    enum { MANY = 128 };
    return (double)(memory_of(site, SITE_TUNNELS) - memory_of(site, MANY)) / (SITE_TUNNELS - MANY);
}
