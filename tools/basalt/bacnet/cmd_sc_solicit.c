/* Owns `basalt sc solicit`: what a node says of itself when it is asked to advertise. */
#include "session.h"
#include "verbs.h"

#include <string.h>

const struct verb_options sc_solicit_options = {
    .arguments = "VMAC",
    .min_arguments = 1,
    .max_arguments = 1,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt sc solicit 22:34:56:78:9a:bc\n"
                "\n"
                "Prints which hub the node is connected to, whether it accepts direct\n"
                "connections, and the longest messages that it takes.\n",
};

static void tell(struct session *s, const struct bsc_node_event *event)
{
    static const char *const hubs[] = { "none", "primary", "failover" };
    const struct bsc_advertisement *a = &event->advertisement;
    const char *hub = a->hub_status < BAS_ARRAY_LEN(hubs) ? hubs[a->hub_status] : "unknown";
    struct out *out = &s->tool->out;
    char vmac[BSC_VMAC_TEXT];
    (void)bsc_vmac_text(&event->vmac, vmac);
    if (!out->json) {
        out_line(out, "%s: hub %s, direct connections %s, BVLC %u, NPDU %u", vmac, hub,
                 a->accept_direct ? "accepted" : "not accepted", a->max_bvlc, a->max_npdu);
        return;
    }
    struct bas_json *json = out_begin(out);
    bas_json_text(json, "vmac", vmac);
    bas_json_text(json, "connected_to", hub);
    bas_json_bool(json, "direct", a->accept_direct);
    bas_json_unsigned(json, "max_bvlc", a->max_bvlc);
    bas_json_unsigned(json, "max_npdu", a->max_npdu);
    out_end(out);
}

static void refuse(struct session *s, const struct bsc_node_event *event)
{
    const struct bsc_result *result = &event->result;
    const char *code = bac_error_code_name(result->error_code);
    struct bas_fault fault = { 0 };
    (void)bas_fail_code(&fault, BAS_ERR_REMOTE, result->error_class, result->error_code,
                        "it refused the solicitation: %s (class %u, code %u)",
                        code != NULL ? code : "unknown code", result->error_class,
                        result->error_code);
    session_fail(s, &fault);
}

static void node(struct session *s, const struct bsc_node_event *event)
{
    const struct bsc_vmac *vmac = s->user;
    if (!bsc_vmac_equal(&event->vmac, vmac)) {
        return;
    }
    if (event->kind == BSC_NODE_ADVERTISEMENT) {
        tell(s, event);
        session_end(s, 0);
    } else if (event->kind == BSC_NODE_RESULT && event->result.result_code != 0) {
        refuse(s, event);
    }
}

static void begin(struct session *s)
{
    const struct bsc_vmac *vmac = s->user;
    session_ask_peer(s, bsc_node_solicit, vmac);
}

int cmd_sc_solicit(struct tool *tool, int argc, char **argv)
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
