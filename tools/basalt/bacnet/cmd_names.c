/* Owns `basalt names`: the words that object types, properties, units, services and kinds of
 * enumerations have. */
#include "session.h"
#include "verbs.h"

#include <string.h>

enum { WORDS = 128 };

const struct verb_options names_options = {
    .arguments = "objects|properties|services|TYPE [PART]",
    .min_arguments = 1,
    .max_arguments = 2,
    .size = sizeof(struct common_options),
    .examples = "  basalt names objects                 ai, av, ...: short words and full names\n"
                "  basalt names properties limit        those with \"limit\" in their names\n"
                "  basalt names services\n"
                "  basalt names units degrees           also reliability, event-state, ...\n",
};

/* The short words of a number. */
static void add_words(const struct bac_name *words, size_t n, uint32_t number, struct bas_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (words[i].number == number) {
            bas_buf_format(out, "%s%s", out->len == 0 ? "" : " ", words[i].name);
        }
    }
}

static void words_json(const char *words, struct bas_json *json)
{
    bas_json_open(json, "words", '[');
    while (*words != 0) {
        size_t len = strcspn(words, " ");
        bas_json_utf8(json, NULL, (struct bas_slice){ (const uint8_t *)words, len });
        words += len + strspn(words + len, " ");
    }
    bas_json_close(json, ']');
}

struct row {
    uint32_t number;
    const char *name;
    const char *words; /* "" or "mi msi" */
    const char *kind;  /* NULL, or "confirmed" */
};

static void tell(struct out *out, const struct row *row)
{
    if (!out->json) {
        out_line(out, "%5u  %-12s  %s", (unsigned)row->number,
                 row->kind != NULL ? row->kind : row->words, row->name);
        return;
    }
    struct bas_json *json = out_begin(out);
    bas_json_unsigned(json, "number", row->number);
    bas_json_text(json, "name", row->name);
    if (row->kind != NULL) {
        bas_json_text(json, "kind", row->kind);
    } else if (row->words[0] != 0) {
        words_json(row->words, json);
    }
    out_end(out);
}

static bool tell_services(struct out *out, const char *part)
{
    size_t n = 0;
    bool any = false;
    const struct bac_service *services = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        const struct row row = { services[i].choice, services[i].name, "",
                                 services[i].confirmed ? "confirmed" : "unconfirmed" };
        if (strstr(row.name, part) != NULL) {
            tell(out, &row);
            any = true;
        }
    }
    return any;
}

static bool tell_names(struct out *out, const struct bac_type *type, const char *part)
{
    size_t n = 0;
    bool any = false;
    const struct bac_name *words = type == &bac_type_object_type ? bac_object_type_words(&n)
                                   : type == &bac_type_property_identifier ? bac_property_words(&n)
                                                                           : NULL;
    for (size_t i = 0; i < type->n_names; i++) {
        char memory[WORDS];
        struct bas_buf text;
        bas_buf_init(&text, memory, sizeof(memory));
        add_words(words, n, type->names[i].number, &text);
        const struct row row = { type->names[i].number, type->names[i].name, bas_buf_text(&text),
                                 NULL };
        if (strstr(row.name, part) != NULL || strstr(row.words, part) != NULL) {
            tell(out, &row);
            any = true;
        }
    }
    return any;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* "event-state" is BACnetEventState: letters without case, '-' left out. */
static bool is_same(const char *type, const char *text)
{
    static const char prefix[] = "BACnet";
    const char *t =
        strncmp(type, prefix, sizeof(prefix) - 1) == 0 ? type + sizeof(prefix) - 1 : type;
    for (; *text != 0; text++) {
        if (*text == '-' || *text == '_') {
            continue;
        }
        if (lower(*t) != lower(*text)) {
            return false;
        }
        t++;
    }
    return *t == 0;
}

static const struct bac_type *find_type(const char *text)
{
    size_t n = 0;
    const struct bac_type *const *types = bac_types(&n);
    if (strcmp(text, "objects") == 0) {
        return &bac_type_object_type;
    }
    if (strcmp(text, "properties") == 0) {
        return &bac_type_property_identifier;
    }
    if (strcmp(text, "units") == 0) {
        return &bac_type_engineering_units;
    }
    for (size_t i = 0; i < n; i++) {
        if (types[i]->n_names != 0 &&
            (is_same(types[i]->name, text) || strcmp(types[i]->name, text) == 0)) {
            return types[i];
        }
    }
    return NULL;
}

int cmd_names(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const char *what = arguments.items[0];
    const char *part = arguments.n > 1 ? arguments.items[1] : "";
    bool is_services = strcmp(what, "services") == 0;
    const struct bac_type *type = is_services ? NULL : find_type(what);
    if (!is_services && type == NULL) {
        return out_usage(&tool->out, tool->verb->name,
                         "\"%.40s\" is no kind of name; objects, properties, services, units, or "
                         "an enumeration such as event-state",
                         what);
    }
    if (is_services ? tell_services(&tool->out, part) : tell_names(&tool->out, type, part)) {
        return 0;
    }
    return out_usage(&tool->out, tool->verb->name, "no name of these has \"%.40s\" in it", part);
}
