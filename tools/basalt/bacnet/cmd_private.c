/* Owns `basalt private`: a service of a vendor (clauses 16.2 and 16.3). */
#include "entry.h"
#include "session_call.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

enum { VENDOR_MAX = 65535, PARAMETERS = 65536 };

struct private_options {
    struct common_options common;
    bool is_unconfirmed;
    const char *hex;
};

static const struct option_row rows[] = {
    { OPTION(struct private_options, "hex", TEXT, hex, 2, 2 * PARAMETERS, NULL,
             "the parameters as they go on the wire", false, NULL),
      0,
      "HEX",
      { NULL } },
    { OPTION(struct private_options, "unconfirmed", BOOL, is_unconfirmed, 0, 0, NULL,
             "nobody needs to answer; also to all", false, NULL),
      0,
      NULL,
      { NULL } },
};

const struct verb_options private_options = {
    .arguments = "DEVICE|all VENDOR SERVICE [VALUE...]",
    .min_arguments = 3,
    .max_arguments = 67,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct private_options),
    .examples = "  basalt private 1234 260 7                   without parameters\n"
                "  basalt private 1234 260 7 72.5 text:on octets:0a0b\n"
                "  basalt private 1234 260 7 --hex 0e44428000000f\n",
};

struct private_call {
    struct target_device device;
    const char *whom;
    bool is_unconfirmed;
    struct bac_private_transfer asked;
};

static void tell(struct session *s, const struct bac_private_transfer_ack *ack)
{
    const struct private_call *p = s->user;
    struct out *out = &s->tool->out;
    struct bas_json *json = NULL;
    if (!out->json && p->is_unconfirmed) {
        out_line(out, "sent to %s%s", s->task->device != NULL ? "device " : "", p->whom);
        return;
    }
    if (!out->json && !ack->has_result) {
        out_line(out, "device %s acknowledged it without a result", p->whom);
        return;
    }
    bool is_object = out->json;
    json = out_begin(out);
    if (is_object) {
        if (s->task->device != NULL) {
            target_device_json(&p->device, json);
        } else {
            bas_json_text(json, "device", "all");
        }
        bas_json_unsigned(json, "vendor", p->asked.vendor);
        bas_json_unsigned(json, "service", p->asked.service);
        bas_json_bool(json, p->is_unconfirmed ? "sent" : "acknowledged", true);
    }
    if (!p->is_unconfirmed && ack->has_result) {
        (void)bac_json_any(ack->result, json, "result");
    }
    out_end(out);
}

static int work(struct session *s)
{
    const struct private_call *p = s->user;
    const struct bac_address *to = s->task->device != NULL ? &s->device : NULL;
    struct bac_private_transfer_ack ack = { 0 };
    bool good = p->is_unconfirmed ? session_send(s, to, BAC_UNCONFIRMED_PRIVATE_TRANSFER, &p->asked)
                                  : session_get(s, BAC_CONFIRMED_PRIVATE_TRANSFER, &p->asked, &ack);
    if (good) {
        tell(s, &ack);
    }
    return 0;
}

static bool read_number(struct tool *tool, const char *text, const char *what, uint64_t *number)
{
    size_t len = strlen(text);
    if (len == 0 || len > 9 || strspn(text, "0123456789") != len) {
        (void)out_usage(&tool->out, tool->verb->name, "\"%.40s\" is no %s; a whole number", text,
                        what);
        return false;
    }
    *number = strtoul(text, NULL, 10);
    return true;
}

static bool read_vendor(struct tool *tool, const char *text, struct private_call *p)
{
    if (!read_number(tool, text, "vendor", &p->asked.vendor)) {
        return false;
    }
    if (p->asked.vendor > VENDOR_MAX) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.40s\" is no vendor; their numbers go from 0 to %d", text, VENDOR_MAX);
        return false;
    }
    return true;
}

/* All values, one after another. */
static bool read_values(struct tool *tool, const struct arguments *arguments,
                        struct private_call *p)
{
    struct bas_buf all;
    void *memory = bas_keep_take(&tool->store, PARAMETERS);
    bas_buf_init(&all, memory, memory == NULL ? 0 : PARAMETERS);
    for (size_t i = 3; i < arguments->n; i++) {
        struct bas_slice raw;
        if (!entry_read_loose(tool, arguments->items[i], &raw)) {
            return false;
        }
        bas_buf_add(&all, raw.data, raw.len);
    }
    if (all.full) {
        (void)out_usage(&tool->out, tool->verb->name, "more than %d octets of values; give less",
                        PARAMETERS);
        return false;
    }
    p->asked.has_parameters = arguments->n > 3;
    p->asked.parameters = (struct bas_slice){ all.data, all.len };
    return true;
}

static bool read_hex(struct tool *tool, const char *text, struct private_call *p)
{
    size_t len = PARAMETERS;
    uint8_t *memory = bas_keep_take(&tool->store, PARAMETERS);
    if (memory == NULL || bas_hex_decode(text, memory, &len) != BAS_OK) {
        (void)out_usage(&tool->out, tool->verb->name, "--hex: \"%.40s\" is not hex", text);
        return false;
    }
    p->asked.has_parameters = true;
    p->asked.parameters = (struct bas_slice){ memory, len };
    return true;
}

int cmd_private(struct tool *tool, int argc, char **argv)
{
    struct private_options options;
    struct arguments arguments;
    struct private_call p = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    char **items = arguments.items;
    p.whom = items[0];
    p.is_unconfirmed = options.is_unconfirmed;
    bool is_all = strcmp(p.whom, "all") == 0;
    if (is_all && !options.is_unconfirmed) {
        return out_usage(&tool->out, tool->verb->name,
                         "all cannot acknowledge it; give --unconfirmed, too");
    }
    if ((!is_all && !target_device(tool, p.whom, &p.device)) || !read_vendor(tool, items[1], &p) ||
        !read_number(tool, items[2], "service", &p.asked.service) ||
        !read_values(tool, &arguments, &p) ||
        (options.hex != NULL && !read_hex(tool, options.hex, &p))) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = is_all ? NULL : &p.device,
                                       .work = work,
                                       .user = &p };
    return session_run(tool, &options.common, &task);
}
