/* Owns `basalt hub reload`: lets a running hub load its certificates anew. */
#define _DEFAULT_SOURCE /* kill */
#include "settings.h"
#include "verbs.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

struct reload_options {
    struct settings_options settings;
    bool no_check;
    const char *bind; /* no option: a hub needs it, its certificates do not */
};

static const struct option_row rows[] = {
    { OPTION(struct reload_options, "no-check", BOOL, no_check, 0, 0, NULL,
             "leave it to the hub whether the files are right", false, NULL),
      0,
      NULL,
      { NULL } },
    SETTINGS_OPTIONS(struct reload_options),
};

const struct verb_options hub_reload_options = {
    .arguments = "",
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct reload_options),
    .examples = "  basalt hub reload --config hub.yaml\n"
                "  basalt hub reload --state hub.state       a hub that was started by options\n"
                "\n"
                "The hub is found by the lock of its state file. Certificate, key, issuers and\n"
                "revocation lists of the file are loaded and checked first, and the hub is left\n"
                "alone when one of them is wrong. Then it gets SIGHUP: it loads the same, keeps\n"
                "every session that is still trusted, and tells what came of it in its log.\n"
                "--no-check is for a password that only the hub can read, such as a credential\n"
                "of systemd. With --state alone nothing is known that could be checked.",
};

static const struct settings_row settings_rows[] = {
    { .option = "bind",
      .key = "bind",
      .offset = offsetof(struct reload_options, bind),
      .n = 1,
      .kind = SETTINGS_TEXTS },
};

/* One run. */
struct reloading {
    struct tool *tool;
    const struct reload_options *options;
    const char *state;
    bool is_checked;
    struct bas_tls_identity identity;
    long process;
};

static bool has_material(const struct settings_options *o)
{
    return o->config != NULL || o->common.ca[0] != NULL || o->common.cert != NULL ||
           o->common.key != NULL;
}

/* Loads what the hub would load. */
static bas_err check_material(struct reloading *r, const struct bas_hub_settings *hub,
                              struct bas_fault *fault)
{
    if (r->options->no_check || hub->plaintext != BAS_PLAINTEXT_NO) {
        return BAS_OK;
    }
    struct bas_tls_context *tls = bas_tls_context_new(&r->tool->env, &hub->tls, fault);
    if (tls == NULL) {
        return fault->err;
    }
    bas_tls_context_identity(tls, &r->identity);
    r->is_checked = true;
    bas_tls_context_unref(tls);
    return BAS_OK;
}

static bas_err check_state(const struct reloading *r, struct bas_fault *fault)
{
    if (r->state != NULL) {
        return BAS_OK;
    }
    return bas_fail(fault, BAS_ERR_CONFIG,
                    "the hub has no state file to be found by; give it hub.state-file, or send "
                    "SIGHUP to its process yourself (systemctl reload)");
}

/* The hub stays who it is: a certificate of another device is none for it. */
static bas_err check_identity(const struct reloading *r, struct bas_fault *fault)
{
    struct bsc_vmac vmac;
    struct bsc_uuid uuid;
    struct bsc_uuid certificate;
    char ours[BSC_UUID_TEXT];
    char other[BSC_UUID_TEXT];
    if (!r->is_checked || !r->identity.has_uuid) {
        return BAS_OK;
    }
    bas_err err = bas_state_read(&r->tool->env, r->state, &vmac, &uuid, fault);
    memcpy(certificate.octets, r->identity.uuid, sizeof(certificate.octets));
    if (err != BAS_OK || bsc_uuid_equal(&uuid, &certificate)) {
        return err;
    }
    return bas_fail(
        fault, BAS_ERR_CONFIG,
        "the certificate is for UUID %s, and the hub is %s (%s); basalt pki renew makes "
        "one for the same device",
        bsc_uuid_text(&certificate, other), bsc_uuid_text(&uuid, ours), r->state);
}

static bas_err send_signal(const struct reloading *r, struct bas_fault *fault)
{
    if (kill((pid_t)r->process, SIGHUP) == 0) {
        return BAS_OK;
    }
    return bas_fail(fault, errno == EPERM ? BAS_ERR_PERMISSION : BAS_ERR_NOT_FOUND,
                    "process %ld, which has %s, cannot be signalled: %s; run this as its user",
                    r->process, r->state, strerror(errno));
}

static void tell(const struct reloading *r)
{
    struct out *out = &r->tool->out;
    char day[OUT_TIME_TEXT];
    (void)out_time_text(day, r->identity.not_after * 1000000);
    day[strcspn(day, "T")] = 0;
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "state", r->state);
        bas_json_unsigned(json, "process", (uint64_t)r->process);
        bas_json_bool(json, "checked", r->is_checked);
        if (r->is_checked) {
            bas_json_text(json, "subject", r->identity.subject);
            bas_json_text(json, "valid_until", day);
        }
        out_end(out);
        return;
    }
    if (r->is_checked) {
        char subject[sizeof(r->identity.subject)];
        memcpy(subject, r->identity.subject, sizeof(subject));
        out_tame(subject);
        out_line(out, "certificate %s, valid until %s: good", subject, day);
    } else {
        out_line(out, "certificates: not checked");
    }
    out_line(out, "process %ld was told to reload; its log tells what came of it", r->process);
}

static bas_err reload(struct reloading *r, struct bas_config *config, struct bas_fault *fault)
{
    bas_err err = config == NULL ? BAS_OK : check_material(r, bas_config_hub(config), fault);
    err = err == BAS_OK ? check_state(r, fault) : err;
    err = err == BAS_OK ? bas_state_holder(r->state, &r->process, fault) : err;
    err = err == BAS_OK ? check_identity(r, fault) : err;
    return err == BAS_OK ? send_signal(r, fault) : err;
}

int cmd_hub_reload(struct tool *tool, int argc, char **argv)
{
    struct reload_options options;
    struct arguments arguments;
    struct bas_fault fault = { 0 };
    struct bas_config *config = NULL;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    struct reloading r = { .tool = tool, .options = &options, .state = options.settings.state };
    if (has_material(&options.settings)) {
        const struct settings_request request = { .tool = tool,
                                                  .section = BAS_SECTION_HUB,
                                                  .options = &options.settings,
                                                  .rows = settings_rows,
                                                  .n = BAS_ARRAY_LEN(settings_rows) };
        options.bind = options.settings.config == NULL ? "127.0.0.1:0" : NULL;
        config = settings_load(&request, &status);
        if (config == NULL) {
            return status;
        }
        r.state = bas_config_hub(config)->state_file;
    } else if (r.state == NULL) {
        return out_usage(&tool->out, tool->verb->name,
                         "--config or --state is missing; give what the hub was started with");
    }
    bas_err err = reload(&r, config, &fault);
    if (err == BAS_OK) {
        tell(&r);
    } else {
        status = out_fail(&tool->out, tool->verb->name, &fault);
    }
    bas_config_free(config);
    return status;
}
