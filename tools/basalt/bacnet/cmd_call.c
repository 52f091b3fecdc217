/* Owns `basalt call`: any service, with JSON in and out. */
#include "session_call.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 4194304 };

const struct verb_options call_options = {
    .arguments = "DEVICE|all SERVICE [JSON|-]",
    .min_arguments = 2,
    .max_arguments = 3,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt call 1234 read-property '{\"object-identifier\":\"analog-input,1\",\n"
                "                \"property-identifier\":\"present-value\"}'\n"
                "  basalt call 1234 get-event-information\n"
                "  basalt call all who-is '{}'           unconfirmed: nobody answers a call\n"
                "  basalt names services                 which there are\n\n"
                "The members are the parameters as the standard names them, and as\n"
                "basalt decode --layer apdu shows them.\n",
};

struct call {
    struct target_device device;
    const char *whom;
    struct bas_json_call what;
    bool is_all, is_confirmed;
};

static const struct bac_service *find_service(const char *name)
{
    size_t n = 0;
    const struct bac_service *rows = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static void tell(struct session *s, const struct bas_outcome *outcome)
{
    const struct call *c = s->user;
    struct out *out = &s->tool->out;
    if (!out->json && (!c->is_confirmed || outcome->type == NULL)) {
        out_line(out, c->is_confirmed ? "device %s acknowledged it" : "sent to %s", c->whom);
        return;
    }
    bool is_json = out->json;
    struct bas_json *json = out_begin(out);
    if (is_json && c->is_all) {
        bas_json_text(json, "device", "all");
    } else if (is_json) {
        target_device_json(&c->device, json);
    }
    if (is_json) {
        bas_json_text(json, "service", c->what.service);
        bas_json_bool(json, c->is_confirmed ? "acknowledged" : "sent", true);
    }
    if (outcome->type != NULL) {
        bas_outcome_json(outcome, json, "answer");
    }
    out_end(out);
}

static void on_called(void *user, const struct bas_outcome *outcome)
{
    struct session *s = user;
    if (outcome->err == BAS_OK) {
        tell(s, outcome);
    }
    session_done(user, outcome);
}

static int work(struct session *s)
{
    const struct call *c = s->user;
    const struct bas_peer_name peer = session_peer(s);
    struct bas_fault fault;
    bool is_sent = bas_call_json(s->station, c->is_all ? NULL : &peer, &c->what, on_called, s) != 0;
    if (session_await(s, &fault) && fault.err != BAS_OK) {
        bool is_ours = !is_sent && /* a mistake in the JSON */
                       (fault.err == BAS_ERR_MALFORMED || fault.err == BAS_ERR_TOO_LONG);
        fault.err = is_ours ? BAS_ERR_INVALID : fault.err;
        session_fail(s, &fault);
    }
    return 0;
}

/* Standard input, whole. NULL: told. */
static char *read_input(struct tool *tool)
{
    char *text = bas_keep_take(&tool->store, LONGEST + 1);
    size_t len = text == NULL ? 0 : fread(text, 1, LONGEST, stdin);
    if (text == NULL || len == LONGEST || ferror(stdin) != 0) {
        (void)out_usage(&tool->out, tool->verb->name, "standard input cannot be read");
        return NULL;
    }
    return text;
}

static bool read_call(struct tool *tool, const struct arguments *arguments, struct call *c)
{
    const char *json = arguments->n > 2 ? arguments->items[2] : "{}";
    const struct bac_service *service = find_service(arguments->items[1]);
    c->whom = arguments->items[0];
    c->is_all = strcmp(c->whom, "all") == 0;
    if (!c->is_all && !target_device(tool, c->whom, &c->device)) {
        return false;
    }
    if (service == NULL) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.60s\" is no service; basalt names services lists them",
                        arguments->items[1]);
        return false;
    }
    if (c->is_all && service->confirmed) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "%s is confirmed: it goes to one device, not to all", service->name);
        return false;
    }
    c->is_confirmed = service->confirmed;
    c->what =
        (struct bas_json_call){ service->name, strcmp(json, "-") == 0 ? read_input(tool) : json };
    return c->what.json != NULL;
}

int cmd_call(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    struct call c = { .is_all = false };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!read_call(tool, &arguments, &c)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = c.is_all ? NULL : &c.device,
                                       .work = work,
                                       .user = &c };
    return session_run(tool, &options, &task);
}
