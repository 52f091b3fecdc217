/* Owns the server of a station: the program's objects, or a visitor that has none; and the
 * notifications that it acknowledges for subscriptions of ours. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <string.h>

static const uint8_t noticed[] = { BAC_CONFIRMED_COV_NOTIFICATION };

/* What a hook is asked while the server must not be called: the notification is told later. */
static bas_err keep_notice(struct bas_station *s, const struct bac_hook_request *request)
{
    size_t len = request->parameters.len;
    uint8_t *octets = bas_alloc(&s->loop->env, len);
    if (octets == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    memcpy(octets, request->parameters.data, len);
    bas_release(&s->loop->env, s->notice.octets, s->notice.len);
    s->notice = (struct station_notice){ octets, len };
    return BAS_OK;
}

static bas_err serve_notice(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                            struct bas_fault *fault)
{
    struct bas_station *s = ctx;
    const struct bac_service_hook *other = &s->notice_hook;
    if (request->parameters.len != 0 && client_knows_cov(s, &request->from, request->parameters)) {
        return keep_notice(s, request);
    }
    if (other->serve != NULL) {
        return other->serve(other->ctx, request, out, fault);
    }
    return bas_fail_code(fault, BAS_ERR_NOT_FOUND, BAC_ERROR_CLASS_SERVICES,
                         BAC_ERROR_CODE_UNKNOWN_SUBSCRIPTION, "no such subscription");
}

bool bas_station_takes(uint8_t service)
{
    return memchr(noticed, service, sizeof(noticed)) != NULL;
}

static bool is_noticed(const struct bac_service_hook *hook)
{
    return hook->confirmed && bas_station_takes(hook->service);
}

/* The program's hooks and ours, which stands for the program's of the same service. */
static size_t add_hooks(struct bas_station *s, const struct bac_server_config *config,
                        struct bac_service_hook *hooks)
{
    size_t n = 0;
    for (size_t i = 0; i < config->n_hooks; i++) {
        if (is_noticed(&config->hooks[i])) {
            s->notice_hook = config->hooks[i];
        } else {
            hooks[n++] = config->hooks[i];
        }
    }
    for (size_t i = 0; i < sizeof(noticed); i++) {
        hooks[n++] = (struct bac_service_hook){ noticed[i], true, serve_notice, s };
    }
    return n;
}

static struct bac_server_config with_defaults(const struct bas_station *s)
{
    struct bac_server_config config = {
        .size = sizeof(config), .is_visitor = true, .max_subscriptions = 1, .pending_events = 1
    };
    struct bsc_uuid uuid = bas_station_uuid(s);
    if (s->config.server != NULL) {
        config = *s->config.server;
    }
    memcpy(config.uuid, uuid.octets, sizeof(config.uuid));
    config.max_apdu = config.max_apdu != 0 ? config.max_apdu : s->config.max_apdu;
    config.apdu_timeout_ms =
        config.apdu_timeout_ms != 0 ? config.apdu_timeout_ms : s->config.apdu_timeout_ms;
    config.retries = config.retries != 0 ? config.retries : s->config.apdu_retries;
    return config;
}

bas_err station_open_server(struct bas_station *s, struct bas_fault *fault)
{
    struct bac_server_config config = with_defaults(s);
    size_t most = config.n_hooks + sizeof(noticed);
    struct bac_service_hook *hooks = bas_alloc(&s->loop->env, most * sizeof(*hooks));
    if (hooks == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the server of a station");
    }
    s->is_visitor = config.is_visitor;
    config.n_hooks = add_hooks(s, &config, hooks);
    config.hooks = hooks;
    s->server = bac_server_new(&s->loop->env, &config, fault);
    bas_release(&s->loop->env, hooks, most * sizeof(*hooks));
    return s->server == NULL ? fault->err : BAS_OK;
}
