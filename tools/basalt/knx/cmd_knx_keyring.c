/* Owns `basalt knx keyring`: what is asked of it, and reading the files that are named. */
#include "keyring_verb.h"
#include "rt/setting.h"
#include "verbs.h"

#include <string.h>

static const struct option_row rows[] = {
    SECRET_ROWS(struct keyring_options, "keyring", keyring, "the keyring's password"),
    { OPTION(struct keyring_options, "old-pwd-file", PATH, old_file, 1, 4095, NULL,
             "diff: file with the password of OLD, if another", false, NULL),
      0,
      "FILE",
      { NULL } },
    { OPTION(struct keyring_options, "reveal", BOOL, reveal, 0, 0, NULL,
             "info: print keys and passwords", false, NULL),
      0,
      NULL,
      { NULL } },
    { OPTION(struct keyring_options, "ignore-signature", BOOL, ignore_signature, 0, 0, NULL,
             "info, diff: go on when it does not fit", false, NULL),
      0,
      NULL,
      { NULL } },
    { OPTION(struct keyring_options, "project", TEXT, project, 1, 255, NULL,
             "new: name of the project", false, NULL),
      0,
      "TEXT",
      { NULL } },
    { OPTION(struct keyring_options, "host", ADDRESS, host, 0, 0, NULL,
             "new: the interface device, such as 1.1.0", false, NULL),
      0,
      "ADDRESS",
      { NULL } },
    { OPTION(struct keyring_options, "tunnels", TEXT, tunnels, 1, 40, NULL,
             "new: FIRST-LAST, or how many behind the host (8)", false, NULL),
      0,
      "LIST",
      { NULL } },
    { OPTION(struct keyring_options, "groups", TEXTS, groups, 1, 4096, NULL,
             "new: groups to secure: 1/1/1,1/2/1-1/2/9", false, NULL),
      0,
      "LIST",
      { NULL } },
    { OPTION(struct keyring_options, "senders", TEXTS, senders, 1, 4096, NULL,
             "new: devices that send to them: 1.1.5,1.1.6", false, NULL),
      0,
      "LIST",
      { NULL } },
};

const struct verb_options knx_keyring_options = {
    .arguments = "info FILE | verify FILE | diff OLD NEW | new FILE",
    .min_arguments = 1,
    .max_arguments = 3,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct keyring_options),
    .examples = "  basalt knx keyring verify house.knxkeys --keyring-pwd-file pwd\n"
                "  basalt knx keyring info house.knxkeys --keyring-pwd-fd 3 3<pwd\n"
                "  basalt knx keyring diff old.knxkeys new.knxkeys --keyring-pwd-file pwd\n"
                "  basalt knx keyring new lab.knxkeys --keyring-pwd-file pwd --project Lab \\\n"
                "                     --host 1.1.0 --tunnels 1.1.10-1.1.17 \\\n"
                "                     --groups 1/1/1-1/1/4 --senders 1.1.5,1.1.6\n"
                "\n"
                "Without an option, KNX_KEYRING_PWD holds the password or\n"
                "KNX_KEYRING_PASSWORD_FILE names its file. new makes random keys and passwords\n"
                "and never replaces a file; its keyring is for a lab, where no ETS gives one.",
};

/* One run: what was asked for. */
struct run {
    struct tool *tool;
    const struct keyring_options *options;
    char **arguments; /* behind the action */
};

static int fail(const struct run *r, const struct bas_fault *fault)
{
    return out_fail(&r->tool->out, "knx keyring", fault);
}

/* The secret that source gives. False: *status is the exit status. */
static bool get_secret(const struct run *r, const struct secret_options *source,
                       struct secret *secret, int *status)
{
    struct bas_fault fault = { 0 };
    bas_err err = secret_read(r->tool, &secret_keyring, source, secret, &fault);
    *status = err == BAS_OK ? 0 : fail(r, &fault);
    return err == BAS_OK;
}

/* Reads a file and wipes the secret. False: *status is the exit status. */
static bool load(const struct run *r, const char *path, struct secret *secret,
                 struct knx_keyring **keyring, int *status)
{
    struct bas_fault fault = { 0 };
    bas_err err =
        keyring_file_read(r->tool, path, secret, r->options->ignore_signature, keyring, &fault);
    bas_wipe(secret, sizeof(*secret));
    *status = err == BAS_OK ? 0 : fail(r, &fault);
    return err == BAS_OK;
}

/* Actions */

static int info(const struct run *r)
{
    struct secret secret;
    struct knx_keyring *keyring = NULL;
    int status = 0;
    if (get_secret(r, &r->options->keyring, &secret, &status) &&
        load(r, r->arguments[0], &secret, &keyring, &status)) {
        keyring_info(&r->tool->out, r->arguments[0], keyring, r->options->reveal);
    }
    knx_keyring_free(keyring);
    return status;
}

static int verify(const struct run *r)
{
    struct secret secret;
    struct knx_keyring *keyring = NULL;
    struct out *out = &r->tool->out;
    int status = 0;
    if (!get_secret(r, &r->options->keyring, &secret, &status) ||
        !load(r, r->arguments[0], &secret, &keyring, &status)) {
        return status;
    }
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "file", r->arguments[0]);
        bas_json_bool(json, "verified", keyring->is_verified);
        bas_json_text(json, "project", keyring->project);
        bas_json_text(json, "created", keyring->created);
        bas_json_unsigned(json, "interfaces", keyring->n_interfaces);
        bas_json_unsigned(json, "groups", keyring->n_groups);
        bas_json_unsigned(json, "devices", keyring->n_devices);
        out_end(out);
    } else {
        out_line(out, "%s: good: %zu interfaces, %zu secured groups, %zu devices", r->arguments[0],
                 keyring->n_interfaces, keyring->n_groups, keyring->n_devices);
    }
    knx_keyring_free(keyring);
    return 0;
}

static int diff(const struct run *r)
{
    const struct secret_options of_old = { .file = r->options->old_file, .fd = UINT32_MAX };
    struct secret secrets[2];
    struct knx_keyring *rings[2] = { NULL, NULL };
    int status = 0;
    if (!get_secret(r, &r->options->keyring, &secrets[1], &status)) {
        return status;
    }
    secrets[0] = secrets[1];
    bool is_good = of_old.file == NULL || get_secret(r, &of_old, &secrets[0], &status);
    for (size_t i = 0; i < 2 && is_good; i++) {
        is_good = load(r, r->arguments[i], &secrets[i], &rings[i], &status);
    }
    if (is_good) {
        status = keyring_diff(r->tool, rings[0], rings[1]);
    }
    bas_wipe(secrets, sizeof(secrets));
    knx_keyring_free(rings[0]);
    knx_keyring_free(rings[1]);
    return status;
}

static int new (const struct run *r)
{
    return keyring_new(r->tool, r->options, r->arguments[0]);
}

/* What can be asked for, a row each: its arguments, and the options that it takes. */
static const struct action {
    const char *name;
    int (*run)(const struct run *run);
    const char *arguments;
    size_t n_arguments;
    bool takes_reveal, takes_ignore, takes_old, takes_new;
} actions[] = {
    { "info", info, "FILE", 1, true, true, false, false },
    { "verify", verify, "FILE", 1, false, false, false, false },
    { "diff", diff, "OLD NEW", 2, false, true, true, false },
    { "new", new, "FILE", 1, false, false, false, true },
};

/* The name of an option that was given to an action that does not take it, or NULL. */
static const char *stray_option(const struct action *action, const struct keyring_options *o)
{
    const struct {
        const char *name;
        bool is_stray;
    } options[] = {
        { "--reveal", o->reveal && !action->takes_reveal },
        { "--ignore-signature", o->ignore_signature && !action->takes_ignore },
        { "--old-pwd-file", o->old_file != NULL && !action->takes_old },
        { "--project", o->project != NULL && !action->takes_new },
        { "--host", o->host != 0 && !action->takes_new },
        { "--tunnels", o->tunnels != NULL && !action->takes_new },
        { "--groups", o->groups.n != 0 && !action->takes_new },
        { "--senders", o->senders.n != 0 && !action->takes_new },
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
        return out_usage(out, "knx keyring", "%s takes %s; see basalt knx keyring --help",
                         action->name, action->arguments);
    }
    const char *stray = stray_option(action, r->options);
    if (stray != NULL) {
        return out_usage(out, "knx keyring", "%s: is not for %s; see basalt knx keyring --help",
                         stray, action->name);
    }
    return action->run(r);
}

int cmd_knx_keyring(struct tool *tool, int argc, char **argv)
{
    struct keyring_options options;
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
    return out_usage(&tool->out, "knx keyring", "\"%.40s\" is not known; %s%s", arguments.items[0],
                     nearest != NULL ? "did you mean " : "info, verify, diff or new",
                     nearest != NULL ? nearest : "");
}
