/* Owns one run of asking KNXnet/IP servers what they are. */
#include "inquire.h"

#include "service.h"

struct run {
    struct service service;
    struct bas_knx_inquiry *inquiry; /* NULL: it is over */
    struct inquired *inquired;
    unsigned missing; /* requests of one target that were not answered yet */
    bool has_target;
    struct bas_fault fault;
};

static unsigned request_of(uint16_t response)
{
    switch (response) {
    case KNX_SEARCH_RESPONSE:
        return BAS_KNX_SEARCH;
    case KNX_SEARCH_RESPONSE_EXTENDED:
        return BAS_KNX_SEARCH_EXTENDED;
    default:
        return BAS_KNX_DESCRIPTION;
    }
}

/* One that is asked by name is one server, whatever its answers say. */
static struct gateway *known(const struct run *r, const struct gateway *heard)
{
    const struct inquired *inquired = r->inquired;
    for (size_t i = 0; i < inquired->n; i++) {
        if (r->has_target || gateway_is_same(&inquired->gateways[i], heard)) {
            return &inquired->gateways[i];
        }
    }
    return NULL;
}

static void on_answer(void *user, const struct knx_message *message,
                      const struct knx_endpoint *from)
{
    struct run *r = user;
    struct gateway heard;
    gateway_init(&heard, message, from);
    struct gateway *gateway = known(r, &heard);
    if (gateway != NULL) {
        gateway_add(gateway, message);
    } else if (r->inquired->n < INQUIRE_GATEWAYS) {
        r->inquired->gateways[r->inquired->n++] = heard;
    }
    r->missing &= ~request_of(message->service);
    if (r->has_target && r->missing == 0) {
        bas_knx_inquiry_stop(r->inquiry);
    }
}

static void on_done(void *user, const struct bas_fault *fault)
{
    struct run *r = user;
    r->inquiry = NULL;
    if (fault != NULL && r->inquired->n == 0) {
        r->fault = *fault;
    }
}

static void stop(void *user)
{
    struct run *r = user;
    if (r->inquiry != NULL) {
        bas_knx_inquiry_stop(r->inquiry);
    }
}

static int run(struct run *r, const struct bas_knx_inquiry_config *config)
{
    struct out *out = &r->service.tool->out;
    const char *name = r->service.tool->verb->name;
    r->inquiry = bas_knx_inquiry_start(r->service.loop, config, &r->fault);
    if (r->inquiry == NULL) {
        return out_fail(out, name, &r->fault);
    }
    int status = service_run(&r->service);
    return r->fault.err != BAS_OK && status == 0 ? out_fail(out, name, &r->fault) : status;
}

bool inquire(struct tool *tool, const struct bas_knx_inquiry_config *config,
             struct inquired *inquired, int *status)
{
    struct run r = { .inquired = inquired,
                     .missing = config->requests,
                     .has_target = config->target != NULL };
    struct bas_knx_inquiry_config asked = *config;
    asked.size = sizeof(asked);
    asked.answer = on_answer;
    asked.done = on_done;
    asked.user = &r;
    inquired->n = 0;
    inquired->gateways = bas_alloc(&tool->env, INQUIRE_GATEWAYS * sizeof(struct gateway));
    if (inquired->gateways == NULL) {
        const struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY };
        *status = out_fail(&tool->out, tool->verb->name, &fault);
        return false;
    }
    if (!service_open(&r.service, tool, stop, &r, status)) {
        return false;
    }
    *status = run(&r, &asked);
    bool was_told_to_end = r.service.signal != 0;
    service_close(&r.service);
    return *status == 0 && !was_told_to_end;
}

bool inquire_one(struct tool *tool, const struct inquire_options *options, const char *target,
                 struct inquired *inquired, int *status)
{
    const struct bas_knx_inquiry_config config = {
        .transport = options->tcp ? KNX_TCP : KNX_UDP,
        .target = target,
        .route_back = options->route_back,
        .requests = BAS_KNX_DESCRIPTION | BAS_KNX_SEARCH_EXTENDED,
        .wait_ms = options->timeout_ms,
    };
    struct bas_fault fault = { 0 };
    if (!inquire(tool, &config, inquired, status)) {
        return false;
    }
    if (inquired->n != 0) {
        return true;
    }
    (void)bas_fail(&fault, BAS_ERR_TIMEOUT,
                   "%s did not answer in %.3g s; is it a KNXnet/IP server? --timeout waits "
                   "longer, %s",
                   target, (double)options->timeout_ms / 1000,
                   options->tcp ? "without --tcp it is asked over UDP" : "--tcp asks over TCP");
    *status = out_fail(&tool->out, tool->verb->name, &fault);
    return false;
}

void inquire_free(struct tool *tool, struct inquired *inquired)
{
    bas_release(&tool->env, inquired->gateways, INQUIRE_GATEWAYS * sizeof(struct gateway));
    inquired->gateways = NULL;
}
