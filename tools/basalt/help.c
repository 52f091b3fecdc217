/* Owns the texts that are made of the rows: help of the program and its verbs, bash completion. */
#include "help.h"

#include <string.h>

void help_program(struct out *out, struct verbs verbs)
{
    out_line(out, "Usage: basalt VERB [OPTION...] [ARGUMENT...]\n"
                  "Secure building automation: BACnet/SC from the command line.\n\nVerbs:");
    for (size_t i = 0; i < verbs.n; i++) {
        out_line(out, "  %-8s %s", verbs.rows[i].name, verbs.rows[i].help);
    }
    out_line(out, "\nbasalt VERB --help tells each verb's options with examples.\n"
                  "basalt --version, basalt --completion bash.\n\n"
                  "Exit status: 0 ok, 1 the remote answered with an error, 2 usage or\n"
                  "configuration, 3 unreachable or timeout, 4 TLS or certificate,\n"
                  "5 authentication or key, 6 local resource, 7 partial result, 130 interrupted.");
}

static void help_option(struct out *out, const struct option_row *row)
{
    char left[48];
    char right[160];
    struct bas_buf a;
    struct bas_buf b;
    bas_buf_init(&a, left, sizeof(left));
    bas_buf_init(&b, right, sizeof(right));
    if (row->letter != 0) {
        bas_buf_format(&a, "-%c, ", row->letter);
    }
    bas_buf_format(&a, "--%s", row->setting.name);
    if (row->argument != NULL) {
        bas_buf_format(&a, " %s", row->argument);
    }
    bas_buf_add_text(&b, row->setting.help);
    if (row->setting.fallback != NULL) {
        bas_buf_format(&b, " (default %s)", row->setting.fallback);
    }
    out_line(out, "  %-20s %s", bas_buf_text(&a), bas_buf_text(&b));
}

void help_verb(struct out *out, const struct verb *verb)
{
    const struct verb_options *options = verb->options;
    bool has_arguments = options->arguments[0] != 0;
    out_line(out, "Usage: basalt %s [OPTION...]%s%s\n%c%s.%s%s%s\n\nOptions:", verb->name,
             has_arguments ? " " : "", options->arguments, verb->help[0] & ~0x20, verb->help + 1,
             verb->alias == NULL ? "" : " Also: basalt ", verb->alias == NULL ? "" : verb->alias,
             verb->alias == NULL ? "" : ".");
    const struct option_row *row = NULL;
    for (size_t n = 0; options_row(options, n, &row); n++) {
        help_option(out, row);
    }
    if (options->uses_hub) {
        out_line(out, "\nWhere an option is missing, these variables are read:");
        for (size_t n = 0; options_row(options, n, &row); n++) {
            for (size_t i = 0; i < BAS_ARRAY_LEN(row->environment); i++) {
                if (row->environment[i] != NULL) {
                    out_line(out, "  --%-8s %s", row->setting.name, row->environment[i]);
                }
            }
        }
    }
    out_line(out, "\nExamples:\n%s", options->examples);
}

static void complete_verb(struct out *out, const struct verb *verb)
{
    static char memory[2048];
    struct bas_buf line;
    bas_buf_init(&line, memory, sizeof(memory));
    const struct option_row *row = NULL;
    for (size_t n = 0; options_row(verb->options, n, &row); n++) {
        bas_buf_format(&line, "%s--%s", n == 0 ? "" : " ", row->setting.name);
        if (row->setting.type != BAS_SETTING_CHOICE || row->setting.choices == NULL) {
            continue;
        }
        struct bas_buf words;
        char text[256];
        bas_buf_init(&words, text, sizeof(text));
        for (size_t i = 0; i < row->setting.choices->n; i++) {
            bas_buf_format(&words, "%s%s", i == 0 ? "" : " ", row->setting.choices->items[i].name);
        }
        out_line(out, "        %s:--%s) words=\"%s\" ;;", verb->name, row->setting.name,
                 bas_buf_text(&words));
    }
    out_line(out, "        %s:*) words=\"%s\" ;;", verb->name, bas_buf_text(&line));
}

void help_completion(struct out *out, struct verbs verbs)
{
    out_text(out,
             "_basalt()\n{\n"
             "    local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
             "    case ${COMP_CWORD}:${COMP_WORDS[1]}:$before in\n"
             "        1:*) words=\"");
    for (size_t i = 0; i < verbs.n; i++) {
        out_text(out, verbs.rows[i].name);
        out_text(out, " ");
    }
    out_text(out, "--help --version\" ;;\n    esac\n"
                  "    [ -n \"$words\" ] || case ${COMP_WORDS[1]}:$before in\n");
    for (size_t i = 0; i < verbs.n; i++) {
        complete_verb(out, &verbs.rows[i]);
    }
    out_text(out, "    esac\n"
                  "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$now\")\n"
                  "}\n"
                  "complete -o default -F _basalt basalt\n");
}
