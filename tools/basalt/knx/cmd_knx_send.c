/* Owns `basalt knx send`: a cEMI message as it is. */
#include "knx_session.h"
#include "verbs.h"

const struct verb_options knx_send_options = {
    .arguments = "HEX",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = knx_session_rows,
    .n_shared = KNX_SESSION_ROWS,
    .size = sizeof(struct knx_session_options),
    .examples = "  basalt knx send 1100bce000000a03010081 --gateway 192.0.2.7   1 to 1/2/3\n"
                "  basalt knx send '11 00 b0 60 0000 1105 01 0300' --gateway 192.0.2.7\n"
                "\n"
                "HEX is an L_Data.req; with source 0.0.0 it gets the tunnel's address. It is\n"
                "secured where the keyring has a key for where it goes.\n",
};

struct sending {
    uint8_t octets[KNX_MAX_CEMI];
    struct knx_cemi cemi;
};

static void on_event(struct knx_session *s, const struct bas_knx_event *event)
{
    const struct sending *w = s->user;
    struct out *out = &s->tool->out;
    char source[KNX_ADDRESS_TEXT];
    char destination[KNX_ADDRESS_TEXT];
    if (event->kind == BAS_KNX_UP) {
        knx_session_send(s, &w->cemi);
    }
    if (event->kind != BAS_KNX_CONFIRMED) {
        return;
    }
    bool is_group = (w->cemi.control2 & KNX_CONTROL2_GROUP) != 0;
    (void)knx_ia_text(w->cemi.source != 0 ? w->cemi.source : bas_knx_address(s->knx), source);
    (void)(is_group ? knx_ga_text(w->cemi.destination, destination)
                    : knx_ia_text(w->cemi.destination, destination));
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "source", source);
        bas_json_text(json, "destination", destination);
        bas_json_bool(json, "confirmed", true);
        out_end(out);
    } else {
        out_line(out, "%s to %s: confirmed", source, destination);
    }
    knx_session_end(s, 0);
}

/* False: the mistake was told. */
static bool read_message(struct tool *tool, const char *text, struct sending *w)
{
    struct bas_fault fault = { 0 };
    size_t len = sizeof(w->octets);
    bas_err err = bas_hex_decode(text, w->octets, &len);
    if (err != BAS_OK) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "HEX is %s; give one cEMI message, two hex digits for each octet",
                        err == BAS_ERR_TOO_LONG ? "too long" : "not hex");
        return false;
    }
    const struct bas_slice octets = { w->octets, len };
    if (knx_cemi_decode(octets, &w->cemi, &fault) != BAS_OK) {
        (void)out_usage(&tool->out, tool->verb->name, "HEX is no cEMI message: %s", fault.text);
        return false;
    }
    if (w->cemi.code != KNX_L_DATA_REQ) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "HEX is an %s; only an L_Data.req (11) can be sent through a tunnel",
                        knx_message_code_name(w->cemi.code));
        return false;
    }
    return true;
}

int cmd_knx_send(struct tool *tool, int argc, char **argv)
{
    struct knx_session_options options;
    struct arguments arguments;
    struct sending w = { .octets = { 0 } };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!read_message(tool, arguments.items[0], &w)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct knx_session_task task = { .event = on_event, .user = &w };
    return knx_session_run(tool, &options, &task);
}
