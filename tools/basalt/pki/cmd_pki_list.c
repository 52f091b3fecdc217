/* Owns `basalt pki list`: the certificates of a folder. */
#include "pki_verb.h"

struct list_options {
    struct common_options common;
};

const struct verb_options pki_list_options = {
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .size = sizeof(struct list_options),
    .examples = "  basalt pki list site\n"
                "  basalt pki list site --json\n"
                "\n"
                "The exit status is 7 when a file of the folder cannot be read.",
};

static const char *state_of(struct tool *tool, const struct bas_pki_entry *entry)
{
    return entry->is_revoked ? "revoked" : pki_state(tool, &entry->certificate);
}

static void tell(struct tool *tool, const struct bas_pki_entry *entry)
{
    const struct bas_pki_certificate *c = &entry->certificate;
    struct out *out = &tool->out;
    char uuid[BSC_UUID_TEXT];
    char until[OUT_TIME_TEXT];
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "name", entry->name);
        bas_json_bool(json, "has_key", entry->has_key);
        bas_json_bool(json, "revoked", entry->is_revoked);
        if (entry->err == BAS_OK) {
            pki_members(tool, c, json);
        } else {
            bas_json_text(json, "error", bas_err_text(entry->err));
        }
        out_end(out);
    } else if (entry->err == BAS_OK) {
        out_line(out, "%-16s %-13s %.10s  %-3s  %-36s  %s", entry->name, state_of(tool, entry),
                 out_time_text(until, c->not_after * BAS_SECOND), entry->has_key ? "yes" : "no",
                 pki_uuid_text(c, uuid), c->subject);
    } else {
        out_line(out, "%-16s %s", entry->name, bas_err_text(entry->err));
    }
}

int cmd_pki_list(struct tool *tool, int argc, char **argv)
{
    struct list_options options;
    struct arguments arguments;
    struct bas_pki_list entries = { 0 };
    struct bas_fault fault = { 0 };
    size_t bad = 0;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (bas_pki_list(&tool->env, arguments.items[0], &entries, &fault) != BAS_OK) {
        return pki_fail(tool, &fault);
    }
    if (!tool->out.json) {
        out_line(&tool->out, "%-16s %-13s %-10s  %-3s  %-36s  %s", "NAME", "STATE", "UNTIL", "KEY",
                 "UUID", "SUBJECT");
    }
    for (size_t i = 0; i < entries.n; i++) {
        tell(tool, &entries.entries[i]);
        bad += entries.entries[i].err != BAS_OK;
    }
    bas_pki_list_free(&tool->env, &entries);
    if (bad == 0) {
        return 0;
    }
    (void)bas_fail(&fault, BAS_ERR_PARTIAL,
                   "%s: %zu of the files hold no certificate that can be read; basalt pki show "
                   "FILE tells why",
                   arguments.items[0], bad);
    return pki_fail(tool, &fault);
}
