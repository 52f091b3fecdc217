/* Owns the command line of a verb: argp over the option rows, the environment, and the words for
 * every mistake. */
#include "options.h"

#include "help.h"

#include <argp.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 32, FIRST_KEY = 256 };

#define COMMON(name, type, member, min, max, fallback, help)                                       \
    OPTION(struct common_options, name, type, member, min, max, fallback, help, false, NULL)

static const struct option_row common_rows[] = {
    { COMMON("json", BOOL, json, 0, 0, NULL, "print JSON Lines: one object a line"),
      0,
      NULL,
      { NULL } },
    { COMMON("verbose", BOOL, verbose, 0, 0, NULL, "log to standard error"), 'v', NULL, { NULL } },
    { COMMON("help", BOOL, help, 0, 0, NULL, "print this help"), 'h', NULL, { NULL } },
    { COMMON("version", BOOL, version, 0, 0, NULL, "print the version"), 0, NULL, { NULL } },
};

static const struct option_row hub_rows[] = {
    { COMMON("hub", URI, hub, 1, 255, NULL, "URI of the hub"),
      0,
      "URI",
      { "BACNET_SC_PRIMARY_HUB_URI" } },
    { COMMON("failover-hub", URI, failover_hub, 1, 255, NULL, "URI of the failover hub"),
      0,
      "URI",
      { "BACNET_SC_FAILOVER_HUB_URI" } },
    { COMMON("ca", PATHS, ca, 1, 8, NULL, "issuer certificate (PEM), may be repeated"),
      0,
      "FILE",
      { "BACNET_SC_ISSUER_1_CERTIFICATE_FILE", "BACNET_SC_ISSUER_2_CERTIFICATE_FILE" } },
    { COMMON("crl", PATHS, crl, 1, 8, NULL, "revocation list (PEM), may be repeated"),
      0,
      "FILE",
      { NULL } },
    { COMMON("cert", PATH, cert, 1, 4095, NULL, "our certificate (PEM)"),
      0,
      "FILE",
      { "BACNET_SC_OPERATIONAL_CERTIFICATE_FILE" } },
    { COMMON("key", PATH, key, 1, 4095, NULL, "our private key (PEM)"),
      0,
      "FILE",
      { "BACNET_SC_OPERATIONAL_CERTIFICATE_PRIVATE_KEY_FILE" } },
    { COMMON("key-password-file", PATH, key_password_file, 1, 4095, NULL,
             "file with the password of the key"),
      0,
      "FILE",
      { NULL } },
    { COMMON("allow-plaintext", BOOL, allow_plaintext, 0, 0, NULL,
             "for tests alone: take ws:// URIs, without TLS"),
      0,
      NULL,
      { NULL } },
    { COMMON("own-uuid", BOOL, own_uuid, 0, 0, NULL,
             "be the device of the certificate, in its place"),
      0,
      NULL,
      { NULL } },
    { COMMON("timeout", DURATION, timeout_ms, 100, 3600000, "5", "wait so long for answers"),
      0,
      "SECONDS",
      { NULL } },
};

bool options_row(const struct verb_options *options, size_t n, const struct option_row **row)
{
    const struct {
        const struct option_row *rows;
        size_t n;
    } groups[] = { { options->rows, options->n },
                   { options->shared, options->n_shared },
                   { hub_rows, options->uses_hub ? BAS_ARRAY_LEN(hub_rows) : 0 },
                   { common_rows, BAS_ARRAY_LEN(common_rows) } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(groups); i++) {
        if (n < groups[i].n) {
            *row = &groups[i].rows[n];
            return true;
        }
        n -= groups[i].n;
    }
    return false;
}

struct parsing {
    struct tool *tool;
    const struct verb_options *options;
    void *into;
    struct arguments *arguments;
    bool seen[MAX_OPTIONS];
    bool has_failed;
    int status;
};

static error_t fail(struct parsing *p, const char *label, const char *why)
{
    if (!p->has_failed) {
        p->has_failed = true;
        p->status = out_usage(&p->tool->out, p->tool->verb->name, "%s%s", label, why);
    }
    return EINVAL;
}

/* The row of a word such as "--role=hub" or "-v"; NULL: none. */
static const struct option_row *row_of(const struct verb_options *options, const char *word)
{
    const struct option_row *row = NULL;
    size_t len = strcspn(word, "=");
    for (size_t n = 0; options_row(options, n, &row); n++) {
        bool is_long = len > 2 && strlen(row->setting.name) == len - 2 &&
                       strncmp(word + 2, row->setting.name, len - 2) == 0;
        if (is_long || (len == 2 && row->letter != 0 && word[1] == row->letter)) {
            return row;
        }
    }
    return NULL;
}

enum options_common options_is_common(const char *word)
{
    static const struct verb_options all = { .uses_hub = true };
    const struct option_row *row = word[0] == '-' ? row_of(&all, word) : NULL;
    if (row == NULL) {
        return OPTIONS_OTHER;
    }
    bool has_value = row->argument != NULL && strchr(word, '=') == NULL;
    return has_value ? OPTIONS_WITH_VALUE : OPTIONS_FLAG;
}

/* argp does not tell what it stumbled over: the word before the next one. */
static error_t complain_of_word(struct parsing *p, const char *word)
{
    const struct option_row *row = row_of(p->options, word);
    struct bas_buf why;
    char memory[BAS_FAULT_TEXT];
    bas_buf_init(&why, memory, sizeof(memory));
    if (row != NULL && row->argument != NULL) {
        bas_buf_add_text(&why, ": needs a value; ");
        bas_setting_allowed(&row->setting, &why);
        return fail(p, word, bas_buf_text(&why));
    }
    if (row != NULL) {
        return fail(p, word, ": takes no value; leave it out");
    }
    const char *nearest = NULL;
    if (strncmp(word, "--", 2) == 0) {
        const char *names[MAX_OPTIONS] = { NULL };
        const struct option_row *known = NULL;
        for (size_t n = 0; options_row(p->options, n, &known); n++) {
            names[n] = known->setting.name;
        }
        nearest = bas_nearest(word + 2, names, MAX_OPTIONS, sizeof(names[0]), 0);
    }
    bas_setting_quote(&why, word);
    bas_buf_format(&why, " is not an option; %s%s%s", nearest != NULL ? "did you mean --" : "see ",
                   nearest != NULL ? nearest : "basalt ",
                   nearest != NULL ? "" : p->tool->verb->name);
    bas_buf_add_text(&why, nearest != NULL ? "" : " --help");
    return fail(p, "", bas_buf_text(&why));
}

static error_t read_value(struct parsing *p, const struct option_row *row, const char *label,
                          const char *text)
{
    struct bas_setting_reader reader = { &p->tool->store, NULL, false };
    char why[BAS_SETTING_WHY + 2] = ": ";
    bas_err err = bas_setting_read(&row->setting, &reader, text, p->into, why + 2);
    return err == BAS_OK ? 0 : fail(p, label, err == BAS_ERR_CONFIG ? why : ": out of memory");
}

static error_t read_option(struct parsing *p, size_t n, const char *text)
{
    const struct option_row *row = NULL;
    char label[40];
    (void)options_row(p->options, n, &row);
    (void)snprintf(label, sizeof(label), "--%s", row->setting.name);
    bool is_list = bas_setting_is_list(&row->setting);
    if (p->seen[n] && !is_list && row->argument != NULL) {
        return fail(p, label, ": is there twice; give it once");
    }
    p->seen[n] = true;
    return read_value(p, row, label, row->argument == NULL ? "true" : text);
}

static error_t on_key(int key, char *text, struct argp_state *state)
{
    struct parsing *p = state->input;
    if (key >= FIRST_KEY && key < FIRST_KEY + MAX_OPTIONS) {
        return read_option(p, (size_t)(key - FIRST_KEY), text);
    }
    const struct option_row *row = NULL;
    for (size_t n = 0; key > 0 && key < FIRST_KEY && options_row(p->options, n, &row); n++) {
        if (row->letter == key) {
            return read_option(p, n, text);
        }
    }
    if (key == ARGP_KEY_ARGS) {
        p->arguments->items = state->argv + state->next;
        p->arguments->n = (size_t)(state->argc - state->next);
        state->next = state->argc;
        return 0;
    }
    if (key == ARGP_KEY_ERROR) {
        bool has_word = state->next > 0 && state->next <= state->argc;
        return complain_of_word(p, has_word ? state->argv[state->next - 1] : "the command line");
    }
    return ARGP_ERR_UNKNOWN;
}

static error_t read_environment(struct parsing *p)
{
    const struct option_row *row = NULL;
    for (size_t n = 0; options_row(p->options, n, &row); n++) {
        for (size_t i = 0; i < BAS_ARRAY_LEN(row->environment) && !p->seen[n]; i++) {
            const char *name = row->environment[i];
            const char *text = name == NULL ? NULL : getenv(name);
            if (text != NULL && text[0] != 0 && read_value(p, row, name, text) != 0) {
                return EINVAL;
            }
        }
    }
    return 0;
}

static error_t set_defaults(struct parsing *p)
{
    const struct option_row *row = NULL;
    for (size_t n = 0; options_row(p->options, n, &row); n++) {
        if (row->setting.fallback != NULL &&
            read_value(p, row, row->setting.name, row->setting.fallback) != 0) {
            return EINVAL;
        }
        bool is_number =
            row->setting.type == BAS_SETTING_CHOICE || row->setting.type == BAS_SETTING_UNSIGNED;
        if (row->setting.fallback == NULL && is_number) { /* not set */
            memset((char *)p->into + row->setting.offset, 0xFF, row->setting.size);
        }
    }
    return 0;
}

static error_t check_complete(struct parsing *p)
{
    const struct option_row *row = NULL;
    char memory[BAS_SETTING_WHY];
    struct bas_buf why;
    bas_buf_init(&why, memory, sizeof(memory));
    for (size_t n = 0; options_row(p->options, n, &row); n++) {
        if (row->setting.is_required && !bas_setting_is_set(&row->setting, p->into)) {
            bas_buf_format(&why, "--%s: is missing; ", row->setting.name);
            bas_setting_allowed(&row->setting, &why);
            return fail(p, "", bas_buf_text(&why));
        }
    }
    const struct verb_options *o = p->options;
    if (p->arguments->n < o->min_arguments) {
        bas_buf_format(&why, "%s is missing; see basalt %s --help", o->arguments,
                       p->tool->verb->name);
        return fail(p, "", bas_buf_text(&why));
    }
    if (p->arguments->n > o->max_arguments) {
        bas_setting_quote(&why, p->arguments->items[o->max_arguments]);
        bas_buf_format(&why, " is one argument too many; see basalt %s --help",
                       p->tool->verb->name);
        return fail(p, "", bas_buf_text(&why));
    }
    return 0;
}

static error_t parse(struct parsing *p, int argc, char **argv)
{
    struct argp_option options[MAX_OPTIONS + 1] = { 0 };
    const struct option_row *row = NULL;
    for (size_t n = 0; n < MAX_OPTIONS && options_row(p->options, n, &row); n++) {
        options[n] =
            (struct argp_option){ .name = row->setting.name,
                                  .key = row->letter != 0 ? row->letter : FIRST_KEY + (int)n,
                                  .arg = row->argument };
    }
    const struct argp argp = { .options = options, .parser = on_key };
    return argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, p);
}

bool options_parse(struct tool *tool, int argc, char **argv, void *into,
                   struct arguments *arguments, int *status)
{
    struct parsing p = {
        .tool = tool, .options = tool->verb->options, .into = into, .arguments = arguments
    };
    const struct common_options *common = into;
    tool->out.json = tool->out.json || p.options->writes_json_only;
    memset(into, 0, p.options->size);
    *arguments = (struct arguments){ NULL, 0 };
    bool good = set_defaults(&p) == 0 && parse(&p, argc, argv) == 0;
    tool->verbose = common->verbose;
    if (good && common->help) {
        help_verb(&tool->out, tool->verb);
        *status = 0;
        return false;
    }
    if (good && common->version) {
        out_line(&tool->out, "basalt %s", BASALT_VERSION);
        *status = 0;
        return false;
    }
    good = good && read_environment(&p) == 0 && check_complete(&p) == 0;
    *status = p.status;
    return good;
}

char **options_guard_number(int *argc, char **argv)
{
    char **copy = calloc((size_t)*argc + 2, sizeof(*copy));
    char *number = NULL;
    int n = 0;
    for (int i = 0; copy != NULL && i < *argc; i++) {
        const char *word = argv[i];
        bool is_number = word[0] == '-' && (isdigit((unsigned char)word[1]) != 0 || word[1] == '.');
        if (strcmp(word, "--") == 0) {
            free(copy);
            return NULL; /* somebody knows */
        }
        if (is_number && number == NULL) {
            number = argv[i];
        } else {
            copy[n++] = argv[i];
        }
    }
    if (number == NULL) {
        free(copy);
        return NULL;
    }
    static char end_of_options[] = "--";
    copy[n++] = end_of_options;
    copy[n++] = number;
    *argc = n;
    return copy;
}
