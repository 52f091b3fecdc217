/* Owns `basalt pki`: a small certificate authority for a site, one folder of PEM files. */
#include "basalt/pki.h"
#include "basalt/rt.h"

#include "verbs.h"

#include <stdio.h>
#include <string.h>

struct pki_options {
    struct common_options common;
    struct bas_texts san;
    uint32_t days;
    struct bsc_uuid uuid;
    const char *name;
};

static const struct option_row rows[] = {
    { OPTION(struct pki_options, "san", TEXTS, san, 1, BAS_PKI_NAMES - 1, NULL,
             "issue: dns:NAME or ip:ADDRESS, may be repeated", false, NULL),
      0,
      "NAME",
      { NULL } },
    { OPTION(struct pki_options, "days", UNSIGNED, days, 1, BAS_PKI_MAX_DAYS, NULL,
             "init, issue: how long it is valid (3650, 365)", false, NULL),
      0,
      "N",
      { NULL } },
    { OPTION(struct pki_options, "uuid", UUID, uuid, 1, 0, NULL,
             "issue: the device's UUID (a new one)", false, NULL),
      0,
      "UUID",
      { NULL } },
    { OPTION(struct pki_options, "name", TEXT, name, 1, 64, NULL,
             "init: common name of the authority", false, NULL),
      0,
      "TEXT",
      { NULL } },
};

const struct verb_options pki_options = {
    .arguments = "init DIR | issue DIR NAME | list DIR | show FILE",
    .min_arguments = 1,
    .max_arguments = 3,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct pki_options),
    .examples = "  basalt pki init site                         site/ca.pem, site/ca.key\n"
                "  basalt pki issue site hub --san dns:hub.example --san ip:192.0.2.7\n"
                "  basalt pki issue site ahu-1 --days 730       site/ahu-1.pem, site/ahu-1.key\n"
                "  basalt pki list site\n"
                "  basalt pki show site/hub.pem\n"
                "\n"
                "No file is ever replaced. Keys have mode 0600; ca.key signs for the whole site:\n"
                "keep it off the devices. To renew a certificate, move its two files away and\n"
                "issue it again with --uuid, so that the device stays the same.",
};

/* One run: what was asked for. */
struct run {
    struct tool *tool;
    const struct pki_options *options;
    char **arguments; /* behind the action */
};

static int fail(const struct run *r, const struct bas_fault *fault)
{
    return out_fail(&r->tool->out, "pki", fault);
}

/* What a certificate looks like. */

static const char *const state_names[] = { [BAS_PKI_VALID] = "valid",
                                           [BAS_PKI_NOT_YET_VALID] = "not yet valid",
                                           [BAS_PKI_EXPIRED] = "expired" };

static const char *state_of(const struct run *r, const struct bas_pki_certificate *certificate)
{
    const struct bas_env *env = &r->tool->env;
    return state_names[bas_pki_state(certificate, env->wall(env->ctx) / BAS_SECOND)];
}

static const char *uuid_text(const struct bas_pki_certificate *certificate,
                             char text[BSC_UUID_TEXT])
{
    struct bsc_uuid uuid;
    memcpy(uuid.octets, certificate->uuid, sizeof(uuid.octets));
    return certificate->has_uuid ? bsc_uuid_text(&uuid, text) : "-";
}

static void members(const struct run *r, const struct bas_pki_certificate *c, struct bas_json *json)
{
    char uuid[BSC_UUID_TEXT];
    bas_json_text(json, "subject", c->subject);
    bas_json_text(json, "issuer", c->issuer);
    bas_json_text(json, "serial", c->serial);
    out_time(json, "not_before", c->not_before * BAS_SECOND);
    out_time(json, "not_after", c->not_after * BAS_SECOND);
    bas_json_text(json, "state", state_of(r, c));
    if (c->has_uuid) {
        bas_json_text(json, "uuid", uuid_text(c, uuid));
    }
    bas_json_bool(json, "ca", c->is_ca);
    if (c->is_ca && c->path_length >= 0) {
        bas_json_unsigned(json, "path_length", (unsigned)c->path_length);
    }
    bas_json_text(json, "key", c->key);
    bas_json_text(json, "signature", c->signature);
    bas_json_text(json, "key_usage", c->key_usage);
    bas_json_text(json, "extended_key_usage", c->extended_key_usage);
    bas_json_open(json, "names", '[');
    for (size_t i = 0; i < c->n_names && i < BAS_PKI_NAMES; i++) {
        bas_json_text(json, NULL, c->names[i]);
    }
    bas_json_close(json, ']');
    bas_json_hex(json, "fingerprint", (struct bas_slice){ c->fingerprint, sizeof(c->fingerprint) });
}

static void line(const struct run *r, const char *label, const char *text)
{
    if (text[0] != 0) {
        out_line(&r->tool->out, "%-15s %s", label, text);
    }
}

static void line_of_time(const struct run *r, const char *label, int64_t seconds)
{
    char text[OUT_TIME_TEXT];
    line(r, label, out_time_text(text, seconds * BAS_SECOND));
}

static void lines(const struct run *r, const struct bas_pki_certificate *c)
{
    char memory[80];
    struct bas_buf hex;
    bas_buf_init(&hex, memory, sizeof(memory));
    bas_buf_add_hex(&hex, (struct bas_slice){ c->fingerprint, sizeof(c->fingerprint) });
    line(r, "subject", c->subject);
    line(r, "issuer", c->issuer);
    line(r, "serial", c->serial);
    line(r, "state", state_of(r, c));
    line_of_time(r, "valid from", c->not_before);
    line_of_time(r, "valid until", c->not_after);
    for (size_t i = 0; i < c->n_names && i < BAS_PKI_NAMES; i++) {
        line(r, i == 0 ? "names" : "", c->names[i]);
    }
    line(r, "authority", c->is_ca ? "yes" : "no");
    line(r, "key", c->key);
    line(r, "signature", c->signature);
    line(r, "key usage", c->key_usage);
    line(r, "extended usage", c->extended_key_usage);
    line(r, "SHA-256", bas_buf_text(&hex));
}

/* Actions */

static int tell_made(const struct run *r, const struct bas_pki_pair *made)
{
    if (r->tool->out.json) {
        struct bas_json *json = out_begin(&r->tool->out);
        bas_json_text(json, "certificate_file", made->certificate_file);
        bas_json_text(json, "key_file", made->key_file);
        members(r, &made->certificate, json);
        out_end(&r->tool->out);
        return 0;
    }
    char uuid[BSC_UUID_TEXT];
    char until[OUT_TIME_TEXT];
    const struct bas_pki_certificate *c = &made->certificate;
    out_line(&r->tool->out, "%s and %s: %s, valid until %s%s%s", made->certificate_file,
             made->key_file, c->subject, out_time_text(until, c->not_after * BAS_SECOND),
             c->has_uuid ? ", UUID " : "", c->has_uuid ? uuid_text(c, uuid) : "");
    return 0;
}

static uint32_t days_of(const struct run *r)
{
    return r->options->days == UINT32_MAX ? 0 : r->options->days;
}

static int init(const struct run *r)
{
    const struct bas_pki_authority_request request = { .size = sizeof(request),
                                                       .directory = r->arguments[0],
                                                       .common_name = r->options->name,
                                                       .days = days_of(r) };
    struct bas_pki_pair made;
    struct bas_fault fault = { 0 };
    bas_err err = bas_pki_init(&r->tool->env, &request, &made, &fault);
    return err == BAS_OK ? tell_made(r, &made) : fail(r, &fault);
}

static bool has_uuid(const struct bsc_uuid *uuid)
{
    static const struct bsc_uuid none = { { 0 } };
    return memcmp(uuid, &none, sizeof(none)) != 0;
}

static int issue(const struct run *r)
{
    const struct pki_options *o = r->options;
    const struct bas_pki_device_request request = { .size = sizeof(request),
                                                    .directory = r->arguments[0],
                                                    .name = r->arguments[1],
                                                    .names = o->san.items,
                                                    .n_names = o->san.n,
                                                    .days = days_of(r),
                                                    .uuid = has_uuid(&o->uuid) ? o->uuid.octets
                                                                               : NULL };
    struct bas_pki_pair made;
    struct bas_fault fault = { 0 };
    bas_err err = bas_pki_issue(&r->tool->env, &request, &made, &fault);
    return err == BAS_OK ? tell_made(r, &made) : fail(r, &fault);
}

static void list_entry(const struct run *r, const struct bas_pki_entry *entry)
{
    const struct bas_pki_certificate *c = &entry->certificate;
    struct out *out = &r->tool->out;
    char uuid[BSC_UUID_TEXT];
    char until[OUT_TIME_TEXT];
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "name", entry->name);
        bas_json_bool(json, "has_key", entry->has_key);
        if (entry->err == BAS_OK) {
            members(r, c, json);
        } else {
            bas_json_text(json, "error", bas_err_text(entry->err));
        }
        out_end(out);
    } else if (entry->err == BAS_OK) {
        out_line(out, "%-16s %-13s %.10s  %-3s  %-36s  %s", entry->name, state_of(r, c),
                 out_time_text(until, c->not_after * BAS_SECOND), entry->has_key ? "yes" : "no",
                 uuid_text(c, uuid), c->subject);
    } else {
        out_line(out, "%-16s %s", entry->name, bas_err_text(entry->err));
    }
}

static int list(const struct run *r)
{
    struct bas_pki_list entries = { 0 };
    struct bas_fault fault = { 0 };
    size_t bad = 0;
    if (bas_pki_list(&r->tool->env, r->arguments[0], &entries, &fault) != BAS_OK) {
        return fail(r, &fault);
    }
    if (!r->tool->out.json) {
        out_line(&r->tool->out, "%-16s %-13s %-10s  %-3s  %-36s  %s", "NAME", "STATE", "UNTIL",
                 "KEY", "UUID", "SUBJECT");
    }
    for (size_t i = 0; i < entries.n; i++) {
        list_entry(r, &entries.entries[i]);
        bad += entries.entries[i].err != BAS_OK;
    }
    bas_pki_list_free(&r->tool->env, &entries);
    if (bad == 0) {
        return 0;
    }
    (void)bas_fail(&fault, BAS_ERR_PARTIAL,
                   "%s: %zu of the files hold no certificate that can be read; basalt pki show "
                   "FILE tells why",
                   r->arguments[0], bad);
    return fail(r, &fault);
}

static int show(const struct run *r)
{
    struct bas_pki_certificate certificate;
    struct bas_fault fault = { 0 };
    if (bas_pki_show(&r->tool->env, r->arguments[0], &certificate, &fault) != BAS_OK) {
        return fail(r, &fault);
    }
    if (r->tool->out.json) {
        struct bas_json *json = out_begin(&r->tool->out);
        bas_json_text(json, "file", r->arguments[0]);
        members(r, &certificate, json);
        out_end(&r->tool->out);
    } else {
        lines(r, &certificate);
    }
    return 0;
}

/* What can be asked for, a row each: its arguments, and the options that it takes. */
static const struct action {
    const char *name;
    int (*run)(const struct run *run);
    const char *arguments;
    size_t n_arguments;
    bool takes_san, takes_days, takes_uuid, takes_name;
} actions[] = {
    { "init", init, "DIR", 1, false, true, false, true },
    { "issue", issue, "DIR NAME", 2, true, true, true, false },
    { "list", list, "DIR", 1, false, false, false, false },
    { "show", show, "FILE", 1, false, false, false, false },
};

/* The name of an option that was given to an action that does not take it, or NULL. */
static const char *stray_option(const struct action *action, const struct pki_options *o)
{
    const struct {
        const char *name;
        bool is_stray;
    } options[] = {
        { "--san", o->san.n != 0 && !action->takes_san },
        { "--days", o->days != UINT32_MAX && !action->takes_days },
        { "--uuid", has_uuid(&o->uuid) && !action->takes_uuid },
        { "--name", o->name != NULL && !action->takes_name },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(options); i++) {
        if (options[i].is_stray) {
            return options[i].name;
        }
    }
    return NULL;
}

static int run(struct run *r, const struct action *action, size_t n)
{
    struct out *out = &r->tool->out;
    if (n != action->n_arguments) {
        return out_usage(out, "pki", "%s takes %s; see basalt pki --help", action->name,
                         action->arguments);
    }
    const char *stray = stray_option(action, r->options);
    if (stray != NULL) {
        return out_usage(out, "pki", "%s: is not for %s; see basalt pki --help", stray,
                         action->name);
    }
    return action->run(r);
}

int cmd_pki(struct tool *tool, int argc, char **argv)
{
    struct pki_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    struct run r = { tool, &options, arguments.items + 1 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(actions); i++) {
        if (strcmp(arguments.items[0], actions[i].name) == 0) {
            return run(&r, &actions[i], arguments.n - 1);
        }
    }
    const char *nearest = bas_nearest(arguments.items[0], actions, BAS_ARRAY_LEN(actions),
                                      sizeof(actions[0]), offsetof(struct action, name));
    return out_usage(&tool->out, "pki", "\"%.40s\" is not known; %s%s", arguments.items[0],
                     nearest != NULL ? "did you mean " : "init, issue, list or show",
                     nearest != NULL ? nearest : "");
}
