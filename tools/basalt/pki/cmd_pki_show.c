/* Owns `basalt pki show`: what stands in a certificate or a request. */
#include "pki_verb.h"

#include <string.h>

struct show_options {
    struct common_options common;
};

const struct verb_options pki_show_options = {
    .arguments = "FILE",
    .min_arguments = 1,
    .max_arguments = 1,
    .size = sizeof(struct show_options),
    .examples = "  basalt pki show site/hub.pem\n"
                "  basalt pki show ahu-1.csr                    a request, checked as sign does",
};

/* A request has its own name, and its own words in PEM. */
static bool is_request(const char *path)
{
    char text[256] = "";
    FILE *file = fopen(path, "r");
    size_t len = file == NULL ? 0 : fread(text, 1, sizeof(text) - 1, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    text[len] = 0;
    return strstr(text, "CERTIFICATE REQUEST-----") != NULL;
}

static int show_request(struct tool *tool, const char *file)
{
    struct bas_pki_certificate wanted;
    struct bas_fault fault = { 0 };
    if (bas_pki_show_request(&tool->env, file, &wanted, &fault) != BAS_OK) {
        return pki_fail(tool, &fault);
    }
    if (tool->out.json) {
        struct bas_json *json = out_begin(&tool->out);
        bas_json_text(json, "request_file", file);
        pki_wanted_members(&wanted, json);
        out_end(&tool->out);
    } else {
        pki_wanted_lines(tool, &wanted);
    }
    return 0;
}

int cmd_pki_show(struct tool *tool, int argc, char **argv)
{
    struct show_options options;
    struct arguments arguments;
    struct bas_pki_certificate certificate;
    struct bas_fault fault = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const char *file = arguments.items[0];
    if (is_request(file)) {
        return show_request(tool, file);
    }
    if (bas_pki_show(&tool->env, file, &certificate, &fault) != BAS_OK) {
        return pki_fail(tool, &fault);
    }
    if (tool->out.json) {
        struct bas_json *json = out_begin(&tool->out);
        bas_json_text(json, "file", file);
        pki_members(tool, &certificate, json);
        out_end(&tool->out);
    } else {
        pki_lines(tool, &certificate);
    }
    return 0;
}
