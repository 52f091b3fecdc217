/* Owns `basalt pki issue`: keys and certificates for one device, or for a list of them. */
#define _POSIX_C_SOURCE 200809L
#include "pki_verb.h"

#include <time.h>
#include <unistd.h>

struct issue_options {
    struct common_options common;
    struct bas_texts san;
    uint32_t days;
    struct bsc_uuid uuid;
    const char *from;
    struct secret_options key_password;
    struct secret_options ca_password;
};

static const struct option_row rows[] = {
    PKI_ROW(struct issue_options, "san", TEXTS, san, 1, BAS_PKI_NAMES - 1, "NAME",
            "dns:NAME or ip:ADDRESS, may be repeated"),
    PKI_ROW(struct issue_options, "days", UNSIGNED, days, 1, BAS_PKI_MAX_DAYS, "N",
            "how long it is valid (365)"),
    PKI_ROW(struct issue_options, "uuid", UUID, uuid, 1, 0, "UUID",
            "the device's UUID (a new one)"),
    PKI_ROW(struct issue_options, "from", PATH, from, 1, 4095, "FILE",
            "list of devices instead of NAME (CSV)"),
    PKI_PASSWORD_ROWS(struct issue_options, "key-", key_password, "a password for the new key"),
    PKI_PASSWORD_ROWS(struct issue_options, "ca-", ca_password, "the password of ca.key"),
};

const struct verb_options pki_issue_options = {
    .arguments = "DIR NAME | DIR --from FILE",
    .min_arguments = 1,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct issue_options),
    .examples = "  basalt pki issue site hub --san dns:hub.example --san ip:192.0.2.7\n"
                "  basalt pki issue site ahu-1 --days 730       site/ahu-1.pem, site/ahu-1.key\n"
                "  basalt pki issue site --from devices.csv     site/devices.manifest.csv, too\n"
                "\n"
                "The first line of FILE names its columns: name; san (any number, in each\n"
                "names between spaces); uuid; days. All lines are looked at first: with a\n"
                "mistake in any, all are told and nothing is made. A second run makes what is\n"
                "missing, or nothing. No file is ever replaced but the manifest.\n"
                "To renew, see basalt pki renew.",
};

/* One run: what was asked for. */
struct run {
    struct tool *tool;
    const struct issue_options *options;
    const char *directory;
    const char *key_password;
    const char *ca_password;
};

static int issue_one(const struct run *r, const char *name)
{
    const struct issue_options *o = r->options;
    const struct bas_pki_device_request request = {
        .size = sizeof(request),
        .directory = r->directory,
        .name = name,
        .names = o->san.items,
        .n_names = o->san.n,
        .days = pki_days(o->days),
        .uuid = pki_has_uuid(&o->uuid) ? o->uuid.octets : NULL,
        .key_password = r->key_password,
        .ca_password = r->ca_password,
    };
    struct bas_pki_pair made;
    struct bas_fault fault = { 0 };
    bas_err err = bas_pki_issue(&r->tool->env, &request, &made, &fault);
    return err == BAS_OK ? pki_tell_pair(r->tool, &made) : pki_fail(r->tool, &fault);
}

/* A list */

static void show_progress(void *ctx, size_t done, size_t n)
{
    struct out *out = ctx;
    (void)fprintf(out->errors, "\r%zu of %zu%s", done, n, done == n ? "\r\033[K" : "");
    (void)fflush(out->errors);
}

static void tell_mistakes(const struct run *r, const struct bas_pki_batch *batch)
{
    struct out *out = &r->tool->out;
    for (size_t i = 0; i < batch->n_mistakes && i < BAS_PKI_MISTAKES; i++) {
        char text[sizeof(batch->mistakes[i].text)];
        (void)snprintf(text, sizeof(text), "%s", batch->mistakes[i].text);
        out_tame(text);
        (void)fprintf(out->errors, "%s:%u: %s\n", r->options->from, batch->mistakes[i].line, text);
        if (out->json) {
            struct bas_json *json = out_begin(out);
            bas_json_text(json, "file", r->options->from);
            bas_json_unsigned(json, "line", batch->mistakes[i].line);
            bas_json_text(json, "mistake", text);
            out_end(out);
        }
    }
}

static int tell_batch(const struct run *r, const struct bas_pki_batch *batch, double seconds)
{
    struct out *out = &r->tool->out;
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "manifest_file", batch->manifest_file);
        bas_json_unsigned(json, "devices", batch->n);
        bas_json_unsigned(json, "new", batch->n_new);
        bas_json_unsigned(json, "milliseconds", (uint64_t)(seconds * 1000));
        out_end(out);
    } else if (batch->n_new == 0) {
        out_line(out, "nothing new: all %zu devices have their certificates; %s lists them",
                 batch->n, batch->manifest_file);
    } else {
        out_line(out, "%zu certificates made in %.2f s, %zu were there; %s lists them",
                 batch->n_new, seconds, batch->n - batch->n_new, batch->manifest_file);
    }
    return 0;
}

static double now(void)
{
    struct timespec time = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int issue_list(const struct run *r)
{
    static struct bas_pki_batch batch; /* too large for a stack that may be small */
    bool is_watched = !r->tool->out.json && isatty(STDERR_FILENO) != 0;
    const struct bas_pki_batch_request request = { .size = sizeof(request),
                                                   .directory = r->directory,
                                                   .file = r->options->from,
                                                   .days = pki_days(r->options->days),
                                                   .key_password = r->key_password,
                                                   .ca_password = r->ca_password,
                                                   .progress = is_watched ? show_progress : NULL,
                                                   .progress_ctx = &r->tool->out };
    struct bas_fault fault = { 0 };
    double start = now();
    bas_err err = bas_pki_issue_list(&r->tool->env, &request, &batch, &fault);
    if (err == BAS_OK) {
        return tell_batch(r, &batch, now() - start);
    }
    tell_mistakes(r, &batch);
    return pki_fail(r->tool, &fault);
}

static int run(struct run *r, const struct arguments *arguments)
{
    const struct issue_options *o = r->options;
    struct out *out = &r->tool->out;
    bool has_name = arguments->n == 2;
    if (has_name == (o->from != NULL)) {
        return out_usage(out, r->tool->verb->name,
                         "takes DIR and NAME, or DIR and --from FILE; see basalt pki issue --help");
    }
    if (o->from != NULL && (o->san.n != 0 || pki_has_uuid(&o->uuid))) {
        return out_usage(out, o->san.n != 0 ? "--san" : "--uuid",
                         "is not for a list: put it into its column");
    }
    return has_name ? issue_one(r, arguments->items[1]) : issue_list(r);
}

int cmd_pki_issue(struct tool *tool, int argc, char **argv)
{
    struct issue_options options;
    struct arguments arguments;
    struct pki_password key;
    struct pki_password ca;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status) ||
        !pki_password_read(tool, &pki_key_secret, &options.key_password, &key, &status) ||
        !pki_password_read(tool, &pki_ca_secret, &options.ca_password, &ca, &status)) {
        return status;
    }
    struct run r = { .tool = tool,
                     .options = &options,
                     .directory = arguments.items[0],
                     .key_password = pki_password_text(&key),
                     .ca_password = pki_password_text(&ca) };
    status = run(&r, &arguments);
    bas_wipe(&key, sizeof(key));
    bas_wipe(&ca, sizeof(ca));
    return status;
}
