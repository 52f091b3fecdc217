/* Owns the pace of routing. */
#include "knx/routing/flow.h"

static const bas_time count_gap = 10 * BAS_MILLISECOND; /* BUSY frames that are one */
static const bas_time random_part = 50 * BAS_MILLISECOND;
static const bas_time slow_part = 100 * BAS_MILLISECOND;
static const bas_time decay_step = 5 * BAS_MILLISECOND;

void knx_routing_flow_init(struct knx_routing_flow *flow, const struct bas_env *env)
{
    *flow = (struct knx_routing_flow){
        .env = env,
        .wait_end = INT64_MIN,
        .resume_at = INT64_MIN,
    };
}

/* What is left of N: after N * 100 ms of silence it falls by one every 5 ms. */
static unsigned busy_now(const struct knx_routing_flow *f, bas_time now)
{
    if (f->busy == 0) {
        return 0;
    }
    bas_time silence = now - f->last_busy - (bas_time)f->busy * slow_part;
    if (silence < decay_step) {
        return f->busy;
    }
    bas_time steps = silence / decay_step;
    return steps >= (bas_time)f->busy ? 0 : f->busy - (unsigned)steps;
}

static bas_time random_up_to(const struct bas_env *env, bas_time max)
{
    uint64_t value = 0;
    env->random(env->ctx, (uint8_t *)&value, sizeof(value));
    return (bas_time)(value % ((uint64_t)max + 1));
}

void knx_routing_flow_busy(struct knx_routing_flow *flow, uint16_t wait_ms, bas_time now)
{
    struct knx_routing_flow *f = flow;
    bool is_first = f->busy == 0;
    f->busy = busy_now(f, now);
    if (is_first || now - f->last_counted >= count_gap) {
        f->busy++;
        f->last_counted = now;
    }
    f->last_busy = now;
    bas_time end = now + (bas_time)wait_ms * BAS_MILLISECOND;
    f->wait_end = end > f->wait_end ? end : f->wait_end;
    bas_time resume = f->wait_end + random_up_to(f->env, (bas_time)f->busy * random_part);
    f->resume_at = resume > f->resume_at ? resume : f->resume_at;
}

void knx_routing_flow_sent(struct knx_routing_flow *flow, bas_time now)
{
    flow->sent[flow->next_sent] = now;
    flow->next_sent = (flow->next_sent + 1) % KNX_ROUTING_PER_SECOND;
    flow->n_sent += flow->n_sent < KNX_ROUTING_PER_SECOND ? 1 : 0;
}

bas_time knx_routing_flow_free_at(const struct knx_routing_flow *flow)
{
    bas_time at = flow->resume_at;
    if (flow->n_sent != 0) {
        unsigned last = (flow->next_sent + KNX_ROUTING_PER_SECOND - 1) % KNX_ROUTING_PER_SECOND;
        bas_time paused = flow->sent[last] + KNX_ROUTING_PAUSE_MS * BAS_MILLISECOND;
        at = paused > at ? paused : at;
    }
    if (flow->n_sent == KNX_ROUTING_PER_SECOND) {
        bas_time second = flow->sent[flow->next_sent] + BAS_SECOND;
        at = second > at ? second : at;
    }
    return at;
}
