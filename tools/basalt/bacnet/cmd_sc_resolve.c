/* Owns `basalt sc resolve`: the URIs at which a node accepts direct connections. */
#include "session.h"
#include "variables.h"
#include "verbs.h"

#include <string.h>

enum { URI_ROOM = 256 };

const struct verb_options sc_resolve_options = {
    .arguments = "VMAC",
    .min_arguments = 1,
    .max_arguments = 1,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt sc resolve 22:34:56:78:9a:bc\n"
                "\n"
                "Prints a URI a line. Exit status 1: the node answered that it does not accept\n"
                "direct connections.\n",
};

static void tell(struct session *s, const struct bsc_node_event *event)
{
    struct out *out = &s->tool->out;
    const char *uris = event->uris != NULL ? event->uris : "";
    char uri[URI_ROOM];
    char vmac[BSC_VMAC_TEXT];
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "vmac", bsc_vmac_text(&event->vmac, vmac));
        bas_json_open(json, "uris", '[');
        while (variables_word(&uris, uri, sizeof(uri))) {
            bas_json_text(json, NULL, uri);
        }
        bas_json_close(json, ']');
        out_end(out);
        return;
    }
    if (uris[strspn(uris, " ")] == 0) {
        out_line(out, "%s accepts direct connections, and tells no URI for them",
                 bsc_vmac_text(&event->vmac, vmac));
    }
    while (variables_word(&uris, uri, sizeof(uri))) {
        out_tame(uri);
        out_line(out, "%s", uri);
    }
}

static void node(struct session *s, const struct bsc_node_event *event)
{
    if (event->kind != BSC_NODE_RESOLVED) {
        return;
    }
    struct bas_fault fault = event->fault;
    if (fault.err != BAS_OK) {
        fault.err = fault.err == BAS_ERR_REFUSED ? BAS_ERR_REMOTE : fault.err; /* it answered */
        session_fail(s, &fault);
        return;
    }
    tell(s, event);
    session_end(s, 0);
}

static void begin(struct session *s)
{
    const struct bsc_vmac *vmac = s->user;
    session_ask_peer(s, bsc_node_resolve, vmac);
}

int cmd_sc_resolve(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    struct bsc_vmac vmac;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_vmac(tool, arguments.items[0], &vmac)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .begin = begin, .node = node, .user = &vmac };
    return session_run(tool, &options, &task);
}
