/* Owns `basalt sc-check`: whether the hubs work, step by step, and how long the certificates last.
 */
#include "probe.h"
#include "session.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

enum { DETAIL = 800, NAME_WIDTH = 12, DAY = 86400, SOON_DAYS = 30 };

const struct verb_options sc_check_options = {
    .arguments = "",
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt sc check --json                     the hubs of the environment\n"
                "  basalt sc-check --hub wss://a.example:4443 --failover-hub wss://b.example:4443\n"
                "\n"
                "Our certificate and our issuers with the days that they still last, then for\n"
                "each hub a line a step: ok, or failed and why, with the time it took. Exit\n"
                "status: 0 all hubs that were given work, 7 only one of two does, else why the\n"
                "primary hub does not.\n",
};

struct checking {
    struct tool *tool;
    const struct common_options *options;
    struct bas_tls_context *tls; /* NULL: ws:// alone */
    struct bsc_uuid uuid;        /* of our certificate */
    bool has_uuid;
    const char *hub; /* "primary", "failover"; NULL: our own certificates */
    unsigned tried, working;
    int status; /* of the first hub that does not work */
};

/* Lines. */

static struct bas_json *begin_step(struct checking *c, const char *step, bool ok)
{
    struct bas_json *json = out_begin(&c->tool->out);
    if (c->hub != NULL) {
        bas_json_text(json, "hub", c->hub);
    }
    bas_json_text(json, "step", step);
    bas_json_bool(json, "ok", ok);
    return json;
}

static void put_took(struct bas_json *json, bas_time took)
{
    bas_json_real(json, "ms", (double)took / (double)BAS_MILLISECOND, 6);
}

static void tell_bad(struct checking *c, const char *step, const struct bas_fault *fault,
                     bas_time took)
{
    struct bas_fault told = *fault;
    out_tame(told.text);
    if (!c->tool->out.json) {
        out_line(&c->tool->out, "%-*s failed: %s", NAME_WIDTH, step,
                 told.text[0] != 0 ? told.text : bas_err_text(told.err));
        return;
    }
    struct bas_json *json = begin_step(c, step, false);
    put_took(json, took);
    bas_json_text(json, "error", told.text);
    bas_json_unsigned(json, "status", (unsigned)bas_err_exit_status(fault->err));
    if (fault->error_class != 0 || fault->error_code != 0) {
        out_error(json, fault->error_class, fault->error_code);
    }
    out_end(&c->tool->out);
}

/* Certificates. */

static int64_t days_left(const struct checking *c, const struct bas_tls_identity *identity)
{
    const struct bas_env *env = &c->tool->env;
    int64_t now = env->wall(env->ctx) / 1000000;
    int64_t left = identity->not_after - now;
    return left < 0 ? -((-left + DAY - 1) / DAY) : left / DAY;
}

static const char *day_text(int64_t seconds, char text[OUT_TIME_TEXT])
{
    (void)out_time_text(text, seconds * 1000000);
    text[strcspn(text, "T")] = 0;
    return text;
}

/* "CN=hub, issued by CN=Site CA, 364 days left (until 2027-11-21)" */
static void write_identity(const struct checking *c, const struct bas_tls_identity *identity,
                           struct bas_buf *out)
{
    char day[OUT_TIME_TEXT];
    int64_t left = days_left(c, identity);
    bas_buf_format(out, "%s, issued by %s, %lld days left (until %s)%s", identity->subject,
                   identity->issuer, (long long)left, day_text(identity->not_after, day),
                   left < SOON_DAYS ? "; renew it" : "");
}

static void put_identity(const struct checking *c, const struct bas_tls_identity *identity,
                         struct bas_json *json)
{
    char day[OUT_TIME_TEXT];
    bas_json_text(json, "subject", identity->subject);
    bas_json_text(json, "issuer", identity->issuer);
    bas_json_text(json, "serial", identity->serial);
    bas_json_text(json, "valid_until", day_text(identity->not_after, day));
    bas_json_signed(json, "days_left", days_left(c, identity));
}

static void tell_certificate(struct checking *c, const char *step,
                             const struct bas_tls_identity *identity)
{
    char text[DETAIL];
    struct bas_buf out;
    if (c->tool->out.json) {
        put_identity(c, identity, begin_step(c, step, true));
        out_end(&c->tool->out);
        return;
    }
    bas_buf_init(&out, text, sizeof(text));
    write_identity(c, identity, &out);
    (void)bas_buf_text(&out);
    out_tame(text);
    out_line(&c->tool->out, "%-*s %s", NAME_WIDTH, step, text);
}

/* Ours. False: the material is no good, and was told so. */
static bool check_own(struct checking *c)
{
    const struct bas_tls_config config = session_tls(c->tool, c->options);
    struct bas_tls_identity identity;
    struct bas_fault fault = { 0 };
    if (c->options->cert == NULL) {
        return true;
    }
    c->tls = bas_tls_context_new(&c->tool->env, &config, &fault);
    if (c->tls == NULL) {
        c->status = bas_err_exit_status(fault.err);
        tell_bad(c, "certificate", &fault, 0);
        return false;
    }
    bas_tls_context_identity(c->tls, &identity);
    memcpy(c->uuid.octets, identity.uuid, sizeof(identity.uuid));
    c->has_uuid = identity.has_uuid;
    tell_certificate(c, "certificate", &identity);
    for (size_t n = 0; bas_tls_context_issuer(c->tls, n, &identity); n++) {
        tell_certificate(c, "issuer", &identity);
    }
    return true;
}

/* Hubs. */

static const char *const step_names[PROBE_STEPS] = { "tcp", "tls", "websocket", "connect" };

static void write_connect(const struct probe_result *r, struct bas_buf *out)
{
    char vmac[BSC_VMAC_TEXT];
    char uuid[BSC_UUID_TEXT];
    bas_buf_format(out, "VMAC %s, UUID %s, NPDU up to %zu%s", bsc_vmac_text(&r->vmac, vmac),
                   bsc_uuid_text(&r->uuid, uuid), r->max_npdu,
                   r->without_hello ? ", at the second attempt" : "");
}

static void tell_step_text(struct checking *c, const struct probe_result *r, enum probe_step step)
{
    char text[DETAIL] = "";
    struct bas_buf out;
    bas_buf_init(&out, text, sizeof(text));
    if (step == PROBE_TCP) {
        bas_buf_add_text(&out, r->address);
    } else if (step == PROBE_TLS && r->has_peer) {
        write_identity(c, &r->peer, &out);
    } else if (step == PROBE_CONNECT) {
        write_connect(r, &out);
    }
    (void)bas_buf_text(&out);
    out_tame(text);
    out_line(&c->tool->out, "%-*s ok: %s%s%.1f ms", NAME_WIDTH, step_names[step], text,
             text[0] != 0 ? ", " : "", (double)r->took[step] / (double)BAS_MILLISECOND);
}

static void tell_step_json(struct checking *c, const struct probe_result *r, enum probe_step step)
{
    char vmac[BSC_VMAC_TEXT];
    char uuid[BSC_UUID_TEXT];
    struct bas_json *json = begin_step(c, step_names[step], true);
    put_took(json, r->took[step]);
    if (step == PROBE_TCP) {
        bas_json_text(json, "address", r->address);
    } else if (step == PROBE_TLS && r->has_peer) {
        put_identity(c, &r->peer, json);
    } else if (step == PROBE_CONNECT) {
        bas_json_text(json, "vmac", bsc_vmac_text(&r->vmac, vmac));
        bas_json_text(json, "uuid", bsc_uuid_text(&r->uuid, uuid));
        bas_json_unsigned(json, "max_npdu", r->max_npdu);
        bas_json_bool(json, "second_attempt", r->without_hello);
    }
    out_end(&c->tool->out);
}

static void check_hub(struct checking *c, const char *hub, const char *uri)
{
    const struct probe_config config = { .tool = c->tool,
                                         .tls = strncmp(uri, "ws:", 3) == 0 ? NULL : c->tls,
                                         .uri = uri,
                                         .timeout_ms = c->options->timeout_ms,
                                         .uuid = c->options->own_uuid && c->has_uuid ? &c->uuid
                                                                                     : NULL };
    struct probe_result r;
    c->hub = hub;
    c->tried++;
    if (!c->tool->out.json) {
        out_line(&c->tool->out, "%-*s %s", NAME_WIDTH, hub, uri);
    }
    if (config.tls == NULL) {
        bas_log(&c->tool->env, BAS_LOG_WARNING,
                "%s: PLAINTEXT: nothing is encrypted; this is for tests alone", uri);
    }
    probe_run(&config, &r);
    for (int i = PROBE_TCP; i < PROBE_STEPS && i < (int)r.failed; i++) {
        enum probe_step step = (enum probe_step)i;
        if (step == PROBE_TLS && config.tls == NULL) {
            continue;
        }
        (c->tool->out.json ? tell_step_json : tell_step_text)(c, &r, step);
    }
    if (r.failed == PROBE_STEPS) {
        c->working++;
        return;
    }
    tell_bad(c, step_names[r.failed], &r.fault, r.took[r.failed]);
    c->status = c->status == 0 ? bas_err_exit_status(r.fault.err) : c->status;
}

static int run(struct checking *c)
{
    const struct common_options *o = c->options;
    if (!check_own(c)) {
        return c->status;
    }
    check_hub(c, "primary", o->hub);
    if (o->failover_hub != NULL) {
        check_hub(c, "failover", o->failover_hub);
    }
    bool is_partial = c->working != 0 && c->working < c->tried;
    return is_partial ? bas_err_exit_status(BAS_ERR_PARTIAL) : c->status;
}

int cmd_sc_check(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status) ||
        !session_check_options(tool, &options, &status)) {
        return status;
    }
    struct checking c = { .tool = tool, .options = &options };
    status = run(&c);
    bas_tls_context_unref(c.tls);
    return status;
}
