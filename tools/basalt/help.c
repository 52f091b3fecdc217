/* Owns the texts that are made of the rows: help of the program and its verbs, bash completion. */
#include "help.h"

#include <stdio.h>
#include <string.h>

enum { LEFT = 48, NARROW = 20, WIDE = 24, SCREEN = 80, LINE = 512 };

/* How much of text fits beside indent columns: as many words as do, one at least. */
static size_t fitting(const char *text, size_t indent)
{
    size_t len = strlen(text);
    if (indent + len <= SCREEN) {
        return len;
    }
    size_t end = SCREEN - indent;
    while (end > 0 && text[end] != ' ') {
        end--;
    }
    return end > 0 ? end : strcspn(text, " ");
}

/* A row of two columns; the right one goes on below itself where the screen ends. */
static void tell_row(struct out *out, const char *left, const char *right)
{
    size_t indent = strlen(left);
    size_t len = fitting(right, indent);
    out_line(out, "%s%.*s", left, (int)len, right);
    for (right += len; *right != 0; right += len) {
        right += strspn(right, " ");
        len = fitting(right, indent);
        out_line(out, "%*s%.*s", (int)indent, "", (int)len, right);
    }
}

/* Headings of the list of verbs: each stands in front of the verb it names. */
static const struct group {
    const char *first;
    const char *title;
} groups[] = {
    { "hub", "run and look after" },
    { "whois", "find and read" },
    { "cov", "watch" },
    { "write", "write and command" },
    { "text", "any service" },
    { "pki", "certificates, KNX" },
    { "names", "help" },
};

static const char *title_of(const struct verb *verb)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(groups); i++) {
        if (strcmp(groups[i].first, verb->name) == 0) {
            return groups[i].title;
        }
    }
    return NULL;
}

static void tell_groups(struct out *out, struct verbs verbs)
{
    char left[LEFT];
    char memory[LINE];
    struct bas_buf names;
    bas_buf_init(&names, memory, sizeof(memory));
    for (size_t i = 0; i < verbs.n; i++) {
        const char *next = i + 1 < verbs.n ? title_of(&verbs.rows[i + 1]) : "";
        const char *title = title_of(&verbs.rows[i]);
        if (title != NULL) {
            (void)snprintf(left, sizeof(left), "  %-*s ", NARROW, title);
        }
        bas_buf_format(&names, "%s%s", verbs.rows[i].name, next == NULL ? ", " : "");
        if (next != NULL) {
            tell_row(out, left, bas_buf_text(&names));
            bas_buf_init(&names, memory, sizeof(memory));
        }
    }
}

void help_program(struct out *out, struct verbs verbs)
{
    out_line(out, "Usage: basalt VERB [OPTION...] [ARGUMENT...]\n"
                  "Secure building automation: BACnet/SC from the command line.\n\nVerbs:");
    tell_groups(out, verbs);
    out_line(out, "\nbasalt help verbs tells in a line what each is for, basalt VERB --help its\n"
                  "options with examples. basalt --version, basalt --completion bash.\n\n"
                  "Exit status: 0 ok, 1 the remote answered with an error, 2 usage or\n"
                  "configuration, 3 unreachable or timeout, 4 TLS or certificate,\n"
                  "5 authentication or key, 6 local resource, 7 partial result, 130 interrupted.");
}

void help_verbs(struct out *out, struct verbs verbs)
{
    for (size_t i = 0; i < verbs.n; i++) {
        out_line(out, "%-10s %s", verbs.rows[i].name, verbs.rows[i].help);
    }
}

/* "-v, --verbose", "--ca FILE". */
static const char *left_of(const struct option_row *row, char text[LEFT])
{
    struct bas_buf a;
    bas_buf_init(&a, text, LEFT);
    if (row->letter != 0) {
        bas_buf_format(&a, "-%c, ", row->letter);
    }
    bas_buf_format(&a, "--%s", row->setting.name);
    if (row->argument != NULL) {
        bas_buf_format(&a, " %s", row->argument);
    }
    return bas_buf_text(&a);
}

/* Of the left column: a single option that is longer than wide stands out. */
static int width_of(const struct verb_options *options)
{
    const struct option_row *row = NULL;
    int width = NARROW;
    for (size_t n = 0; options_row(options, n, &row); n++) {
        char text[LEFT];
        size_t len = strlen(left_of(row, text));
        width = len > NARROW && len <= WIDE ? WIDE : width;
    }
    return width;
}

static void help_option(struct out *out, const struct option_row *row, int width)
{
    char left[LEFT];
    char right[160];
    struct bas_buf b;
    bas_buf_init(&b, right, sizeof(right));
    bas_buf_add_text(&b, row->setting.help);
    if (row->setting.fallback != NULL) {
        bas_buf_format(&b, " (default %s)", row->setting.fallback);
    }
    char column[LEFT + 4];
    (void)snprintf(column, sizeof(column), "  %-*s ", width, left_of(row, left));
    tell_row(out, column, bas_buf_text(&b));
}

void help_verb(struct out *out, const struct verb *verb)
{
    const struct verb_options *options = verb->options;
    bool has_arguments = options->arguments[0] != 0;
    char usage[LEFT + 32];
    (void)snprintf(usage, sizeof(usage), "Usage: basalt %s [OPTION...]%s", verb->name,
                   has_arguments ? " " : "");
    tell_row(out, usage, options->arguments);
    out_line(out, "%c%s.%s%s%s\n\nOptions:", verb->help[0] & ~0x20, verb->help + 1,
             verb->alias == NULL ? "" : " Also: basalt ", verb->alias == NULL ? "" : verb->alias,
             verb->alias == NULL ? "" : ".");
    const struct option_row *row = NULL;
    int width = width_of(options);
    for (size_t n = 0; options_row(options, n, &row); n++) {
        help_option(out, row, width);
    }
    for (size_t i = 0; verb->inner != NULL && i < verb->inner->n; i++) {
        char column[LEFT];
        (void)snprintf(column, sizeof(column), "  %-16s ", verb->inner->rows[i].name);
        out_text(out, i == 0 ? "\nVerbs:\n" : "");
        tell_row(out, column, verb->inner->rows[i].help);
    }
    if (options->uses_hub) {
        out_line(out,
                 "\nBACNET_SC_PRIMARY_HUB_URI and the like stand in for --hub, --failover-hub,\n"
                 "--ca, --cert and --key: basalt(1), ENVIRONMENT.");
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
        out_line(out, "        \"%s\":--%s) words=\"%s\" ;;", verb->name, row->setting.name,
                 bas_buf_text(&words));
    }
    const struct verbs none = { NULL, 0 };
    const struct verbs inner = verb->inner != NULL ? *verb->inner : none;
    for (size_t i = 0; i < inner.n; i++) {
        bas_buf_format(&line, " %s", inner.rows[i].name + strlen(verb->name) + 1);
    }
    out_line(out, "        \"%s\":*) words=\"%s\" ;;", verb->name, bas_buf_text(&line));
    for (size_t i = 0; i < inner.n; i++) { /* as deep as the tables */
        complete_verb(out, &inner.rows[i]);
    }
}

void help_completion(struct out *out, struct verbs verbs)
{
    out_text(out,
             "_basalt()\n{\n"
             "    local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
             "    local verb=${COMP_WORDS[1]}\n"
             "    case ${COMP_CWORD} in\n"
             "        1) words=\"");
    for (size_t i = 0; i < verbs.n; i++) {
        out_text(out, verbs.rows[i].name);
        out_text(out, " ");
    }
    out_text(out, "--help --version\" ;;\n    esac\n");
    for (size_t i = 0; i < verbs.n; i++) {
        if (verbs.rows[i].inner != NULL) { /* its second word belongs to the verb */
            out_line(out,
                     "    [ \"$verb\" = %s ] && [ \"$COMP_CWORD\" -gt 2 ] &&\n"
                     "        [ \"${COMP_WORDS[2]#-}\" = \"${COMP_WORDS[2]}\" ] &&\n"
                     "        verb=\"$verb ${COMP_WORDS[2]}\"",
                     verbs.rows[i].name);
        }
    }
    out_text(out, "    [ -n \"$words\" ] || case $verb:$before in\n");
    for (size_t i = 0; i < verbs.n; i++) {
        complete_verb(out, &verbs.rows[i]);
    }
    out_text(out, "    esac\n"
                  "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$now\")\n"
                  "}\n"
                  "complete -o default -F _basalt basalt\n");
}
