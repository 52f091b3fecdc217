/* Owns `basalt pki rotate`: the ordered steps of the change to another authority. */
#include "pki_verb.h"

#include <string.h>

struct rotate_options {
    struct common_options common;
    bool plan;
    const char *to;
};

static const struct option_row rows[] = {
    PKI_ROW(struct rotate_options, "plan", BOOL, plan, 0, 0, NULL,
            "tell the steps, and change nothing; must be there"),
    PKI_ROW(struct rotate_options, "to", PATH, to, 1, 4095, "NEWDIR",
            "folder of the new authority"),
};

const struct verb_options pki_rotate_options = {
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct rotate_options),
    .examples = "  basalt pki rotate site --plan\n"
                "  basalt pki rotate site --plan --to site-2030\n"
                "  basalt pki rotate site --plan --to site-2030 --json\n"
                "\n"
                "Every hub and device has two slots for issuers. The new authority comes into the\n"
                "second one everywhere before anybody gets a certificate of it, and the old one\n"
                "goes when nobody has one of it: so nothing is cut off at any time. Ask again\n"
                "after every step; who is still on the old authority is seen by the certificates\n"
                "in the two folders. The exit status is 0 whatever the plan says.",
};

/* One run: what was found, and where. */
struct run {
    struct tool *tool;
    const char *from;
    const char *to; /* the folder, or a word for it */
    struct bas_pki_rotation rotation;
};

enum { COMMAND = 1024 };

/* What gives this device a certificate of the new authority. */
static const char *command_for(const struct run *r, const struct bas_pki_holder *holder,
                               char text[COMMAND])
{
    const struct bas_pki_certificate *c = &holder->entry->certificate;
    char uuid[BSC_UUID_TEXT];
    struct bas_buf line;
    bas_buf_init(&line, text, COMMAND);
    if (holder->key_is_elsewhere) {
        bas_buf_format(&line, "basalt pki sign %s %s.csr --name %s", r->to, holder->entry->name,
                       holder->entry->name);
    } else {
        bas_buf_format(&line, "basalt pki issue %s %s", r->to, holder->entry->name);
    }
    if (c->has_uuid) {
        bas_buf_format(&line, " --uuid %s", pki_uuid_text(c, uuid));
    }
    for (size_t i = 0; i < c->n_names && i < BAS_PKI_NAMES && !holder->key_is_elsewhere; i++) {
        if (strncmp(c->names[i], "uri:", 4) != 0) {
            bas_buf_format(&line, " --san %s", c->names[i]);
        }
    }
    return bas_buf_text(&line);
}

/* Steps */

enum state { DONE, OPEN, UNSEEN };

struct step {
    enum state state;
    const char *title;
    const char *text; /* more lines; NULL: none */
};

static size_t plan(const struct run *r, struct step steps[6])
{
    bool has_to = r->rotation.has_to;
    bool is_moved = has_to && r->rotation.n_staying == 0;
    const struct step all[] = {
        { has_to ? DONE : OPEN, "Make the new authority, in a folder of its own.", NULL },
        { has_to ? UNSEEN : OPEN,
          "Let everybody trust both: its ca.pem goes into the second issuer slot, hubs first.",
          "Issuer_Certificate_Files[2] of a Network Port; a second --ca, or a second line under\n"
          "ca in a configuration file. Activate or reload each. Go on when the last one has it." },
        { is_moved ? DONE : OPEN,
          "Give every device a certificate of the new authority, with the UUID that it has.",
          NULL },
        { UNSEEN, "Install them, and let each device load its own; hubs last.",
          "Every peer trusts both by now, so the order does not matter to connections." },
        { UNSEEN, "Take the old authority out of the first slot everywhere, hubs last.",
          "The new one takes its place; the second slot is empty again. Before that, all must be\n"
          "done above: who still shows a certificate of the old authority is locked out. What was\n"
          "connected by an old certificate connects anew: a device at once when it is reloaded, "
          "but\n"
          "only after its reconnect time when its hub comes first." },
        { UNSEEN, "Destroy or lock away the old ca.key, and keep the folder's index.", NULL },
    };
    memcpy(steps, all, sizeof(all));
    return BAS_ARRAY_LEN(all);
}

static const char *const state_words[] = { [DONE] = "done", [OPEN] = "to do", [UNSEEN] = "look" };

static const char *const move_words[] = { [BAS_PKI_STAYS] = "old authority",
                                          [BAS_PKI_MOVED] = "has both",
                                          [BAS_PKI_OTHER_UUID] = "new one has another UUID",
                                          [BAS_PKI_GONE] = "expired or revoked" };

static const char *const move_names[] = { [BAS_PKI_STAYS] = "stays",
                                          [BAS_PKI_MOVED] = "moved",
                                          [BAS_PKI_OTHER_UUID] = "other-uuid",
                                          [BAS_PKI_GONE] = "gone" };

static bool needs_one(const struct bas_pki_holder *holder)
{
    return holder->move == BAS_PKI_STAYS;
}

static void tell_step(const struct run *r, size_t number, const struct step *step)
{
    struct out *out = &r->tool->out;
    char command[COMMAND];
    out_line(out, "\n%zu. [%s] %s", number, state_words[step->state], step->title);
    if (step->text != NULL) {
        out_line(out, "%s", step->text);
    }
    if (number == 1 && step->state == OPEN) {
        out_line(out, "     basalt pki init %s", r->to);
    }
    for (size_t i = 0; number == 3 && i < r->rotation.n; i++) {
        if (needs_one(&r->rotation.holders[i])) {
            out_line(out, "     %s", command_for(r, &r->rotation.holders[i], command));
        }
    }
}

static void tell_authority(const struct run *r, const char *label, const char *folder,
                           const struct bas_pki_list *list)
{
    char until[OUT_TIME_TEXT];
    const struct bas_pki_certificate *c = &list->entries[0].certificate;
    out_line(&r->tool->out, "%s %s: %s, until %.10s", label, folder, c->subject,
             out_time_text(until, c->not_after * BAS_SECOND));
}

static void tell(const struct run *r)
{
    struct out *out = &r->tool->out;
    struct step steps[6];
    size_t n = plan(r, steps);
    tell_authority(r, "old", r->from, &r->rotation.from);
    if (r->rotation.has_to) {
        tell_authority(r, "new", r->to, &r->rotation.to);
    }
    for (size_t i = 0; i < n; i++) {
        tell_step(r, i + 1, &steps[i]);
    }
    out_line(out, "\n%zu of %zu devices are still on the old authority:", r->rotation.n_staying,
             r->rotation.n);
    for (size_t i = 0; i < r->rotation.n; i++) {
        const struct bas_pki_holder *holder = &r->rotation.holders[i];
        char until[OUT_TIME_TEXT];
        out_line(out, "  %-16s %-24s %.10s  %s", holder->entry->name, move_words[holder->move],
                 out_time_text(until, holder->entry->certificate.not_after * BAS_SECOND),
                 holder->entry->certificate.subject);
    }
}

/* The same as objects */

static void put_step(const struct run *r, size_t number, const struct step *step)
{
    char command[COMMAND];
    struct bas_json *json = out_begin(&r->tool->out);
    bas_json_unsigned(json, "step", number);
    bas_json_text(json, "state", state_words[step->state]);
    bas_json_text(json, "title", step->title);
    bas_json_open(json, "commands", '[');
    if (number == 1 && step->state == OPEN) {
        (void)snprintf(command, sizeof(command), "basalt pki init %s", r->to);
        bas_json_text(json, NULL, command);
    }
    for (size_t i = 0; number == 3 && i < r->rotation.n; i++) {
        if (needs_one(&r->rotation.holders[i])) {
            bas_json_text(json, NULL, command_for(r, &r->rotation.holders[i], command));
        }
    }
    bas_json_close(json, ']');
    out_end(&r->tool->out);
}

static void put(const struct run *r)
{
    struct step steps[6];
    size_t n = plan(r, steps);
    for (size_t i = 0; i < n; i++) {
        put_step(r, i + 1, &steps[i]);
    }
    for (size_t i = 0; i < r->rotation.n; i++) {
        const struct bas_pki_holder *holder = &r->rotation.holders[i];
        struct bas_json *json = out_begin(&r->tool->out);
        bas_json_text(json, "device", holder->entry->name);
        bas_json_text(json, "move", move_names[holder->move]);
        bas_json_bool(json, "key_is_elsewhere", holder->key_is_elsewhere);
        pki_members(r->tool, &holder->entry->certificate, json);
        out_end(&r->tool->out);
    }
}

int cmd_pki_rotate(struct tool *tool, int argc, char **argv)
{
    struct rotate_options options;
    struct arguments arguments;
    struct bas_fault fault = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!options.plan) {
        return out_usage(&tool->out, "--plan",
                         "is missing: the steps are told, and taken by you; see basalt pki rotate "
                         "--help");
    }
    struct run r = { .tool = tool,
                     .from = arguments.items[0],
                     .to = options.to != NULL ? options.to : "NEWDIR" };
    if (bas_pki_rotation(&tool->env, r.from, options.to, &r.rotation, &fault) != BAS_OK) {
        return pki_fail(tool, &fault);
    }
    if (tool->out.json) {
        put(&r);
    } else {
        tell(&r);
    }
    bas_pki_rotation_free(&tool->env, &r.rotation);
    return 0;
}
