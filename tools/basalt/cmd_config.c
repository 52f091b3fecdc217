/* Owns `basalt config`: what a configuration file may hold, and whether one is right. */
#include "basalt/rt.h"

#include "verbs.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_DUMP = 4 * BAS_CONFIG_MAX_FILE };

struct config_options {
    struct common_options common;
    bool man;
    uint16_t section; /* UINT16_MAX: all */
};

static const struct bas_choice section_words[] = {
    { "hub", BAS_SECTION_HUB },
    { "device", BAS_SECTION_DEVICE },
    { "knx-server", BAS_SECTION_KNX_SERVER },
};
static const struct bas_choices sections = { section_words, BAS_ARRAY_LEN(section_words),
                                             "hub, device or knx-server" };

static const struct option_row rows[] = {
    { OPTION(struct config_options, "section", CHOICE, section, 0, 0, NULL,
             "with dump and keys: this one alone", false, &sections),
      0,
      "NAME",
      { NULL } },
    { OPTION(struct config_options, "man", BOOL, man, 0, 0, NULL,
             "with keys: as a table of the manual page", false, NULL),
      0,
      NULL,
      { NULL } },
};

const struct verb_options config_options = {
    .arguments = "check FILE | dump [FILE] | keys",
    .min_arguments = 1,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct config_options),
    .examples = "  basalt config keys                 every key with its range and default\n"
                "  basalt config dump --section hub > hub.yaml      a file to begin with\n"
                "  basalt config check hub.yaml       is it right?\n"
                "  basalt config dump hub.yaml        what counts in the end",
};

/* One run: what was asked for. */
struct run {
    struct tool *tool;
    const struct config_options *options;
    const char *file; /* NULL: none */
};

/* The keys of each section that is there, and what they ask of each other. */
static bas_err check_sections(const struct run *r, const struct bas_config *config,
                              struct bas_fault *fault)
{
    struct bas_fault wrong = { 0 };
    for (int s = BAS_SECTION_HUB; s < BAS_FILE_SECTIONS; s++) {
        if (bas_config_has(config, (enum bas_section)s) &&
            bas_config_check(config, (enum bas_section)s, &wrong) != BAS_OK) {
            return bas_fail(fault, wrong.err, "%s: %s", r->file, wrong.text);
        }
    }
    return BAS_OK;
}

/* NULL: told; *status is the exit status. Without a file: the defaults. */
static struct bas_config *load(const struct run *r, int *status)
{
    struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY };
    struct bas_config *config = bas_config_new(&r->tool->env);
    bas_err err = config == NULL ? BAS_ERR_NO_MEMORY : BAS_OK;
    if (err == BAS_OK && r->file != NULL) {
        err = bas_config_load(config, r->file, &fault);
    }
    if (err == BAS_OK) {
        err = check_sections(r, config, &fault);
    }
    if (err != BAS_OK) {
        *status = out_fail(&r->tool->out, "config", &fault);
        bas_config_free(config);
        return NULL;
    }
    return config;
}

/* Whether a section, or the items of one ("device.objects"), was asked for. */
static bool is_wanted(const struct run *r, int section)
{
    uint16_t wanted = r->options->section;
    if (wanted == UINT16_MAX) {
        return true;
    }
    const char *name = bas_section_name((enum bas_section)section);
    const char *word = bas_section_name((enum bas_section)wanted);
    size_t len = strlen(word);
    return strncmp(name, word, len) == 0 && (name[len] == 0 || name[len] == '.');
}

static size_t count_objects(struct bas_config *config)
{
    return bas_config_device(config)->n_objects + bas_config_knx_server(config)->n_objects;
}

static void tell_good_json(const struct run *r, struct bas_config *config)
{
    struct bas_json *json = out_begin(&r->tool->out);
    bas_json_text(json, "file", r->file);
    for (int s = BAS_SECTION_HUB; s < BAS_FILE_SECTIONS; s++) {
        enum bas_section section = (enum bas_section)s;
        bas_json_bool(json, bas_section_name(section), bas_config_has(config, section));
    }
    bas_json_unsigned(json, "objects", count_objects(config));
    out_end(&r->tool->out);
}

static void tell_good(const struct run *r, struct bas_config *config)
{
    char text[120];
    struct bas_buf names;
    bas_buf_init(&names, text, sizeof(text));
    for (int s = BAS_SECTION_HUB; s < BAS_FILE_SECTIONS; s++) {
        enum bas_section section = (enum bas_section)s;
        if (bas_config_has(config, section)) {
            bas_buf_format(&names, " %s,", bas_section_name(section));
        }
    }
    out_line(&r->tool->out, "%s: good:%s %zu objects", r->file, bas_buf_text(&names),
             count_objects(config));
}

static int check(const struct run *r)
{
    int status = 0;
    struct bas_config *config = load(r, &status);
    if (config == NULL) {
        return status;
    }
    if (r->tool->out.json) {
        tell_good_json(r, config);
    } else {
        tell_good(r, config);
    }
    bas_config_free(config);
    return 0;
}

static int dump(const struct run *r)
{
    int status = 0;
    if (r->tool->out.json) {
        return out_usage(&r->tool->out, "config", "dump prints YAML; leave --json out");
    }
    struct bas_config *config = load(r, &status);
    void *memory = config == NULL ? NULL : malloc(LONGEST_DUMP);
    if (memory != NULL) {
        struct bas_buf text;
        bas_buf_init(&text, memory, LONGEST_DUMP);
        for (int s = BAS_SECTION_HUB; s < BAS_FILE_SECTIONS; s++) {
            bool is_there = r->file == NULL || bas_config_has(config, (enum bas_section)s);
            if (is_there && is_wanted(r, s)) {
                bas_config_dump(config, (enum bas_section)s, &text);
            }
        }
        out_text(&r->tool->out, bas_buf_text(&text));
    }
    free(memory);
    bas_config_free(config);
    return status;
}

static const char *fallback_of(const struct bas_config_key *key)
{
    return key->fallback != NULL ? key->fallback : key->is_required ? "needed" : "-";
}

static void tell_key(struct out *out, const struct config_options *options, const char *section,
                     const struct bas_config_key *key)
{
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "section", section);
        bas_json_text(json, "key", key->name);
        bas_json_text(json, "allowed", key->allowed);
        bas_json_bool(json, "required", key->is_required);
        if (key->fallback != NULL) {
            bas_json_text(json, "default", key->fallback);
        }
        bas_json_text(json, "help", key->help);
        out_end(out);
    } else if (options->man) {
        out_line(out, ".TP\n.B %s \\fR(%s)\n%s: %s.", key->name, fallback_of(key), key->help,
                 key->allowed);
    } else {
        out_line(out, "  %-27s %-12s %s: %s", key->name, fallback_of(key), key->help, key->allowed);
    }
}

static int keys(const struct run *r)
{
    struct out *out = &r->tool->out;
    for (int s = BAS_SECTION_HUB; s < BAS_SECTIONS; s++) {
        const char *name = bas_section_name((enum bas_section)s);
        bool is_item = s >= BAS_FILE_SECTIONS;
        if (!is_wanted(r, s)) {
            continue;
        }
        if (r->options->man) {
            out_line(out, ".SS %s%s", is_item ? "each of " : "section ", name);
        } else if (!out->json) {
            out_line(out, "%s%s:", is_item ? "each of " : "", name);
        }
        struct bas_config_key key;
        for (size_t n = 0; bas_config_key((enum bas_section)s, n, &key); n++) {
            tell_key(out, r->options, name, &key);
        }
    }
    return 0;
}

/* What can be asked for, a row each. */
static const struct action {
    const char *name;
    int (*run)(const struct run *run);
    size_t min_files;
    size_t max_files;
} actions[] = { { "check", check, 1, 1 }, { "dump", dump, 0, 1 }, { "keys", keys, 0, 0 } };

int cmd_config(struct tool *tool, int argc, char **argv)
{
    struct config_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    size_t files = arguments.n - 1;
    struct run r = { tool, &options, files > 0 ? arguments.items[1] : NULL };
    for (size_t i = 0; i < BAS_ARRAY_LEN(actions); i++) {
        if (strcmp(arguments.items[0], actions[i].name) != 0) {
            continue;
        }
        if (files < actions[i].min_files || files > actions[i].max_files) {
            return out_usage(&tool->out, "config", "%s takes %s FILE; see basalt config --help",
                             actions[i].name, actions[i].max_files == 0 ? "no" : "one");
        }
        return actions[i].run(&r);
    }
    return out_usage(&tool->out, "config", "\"%.40s\" is not known; check, dump or keys",
                     arguments.items[0]);
}
