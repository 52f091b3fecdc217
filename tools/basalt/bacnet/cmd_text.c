/* Owns `basalt text`: a message to the people at a device (clauses 16.5 and 16.6). */
#include "session_call.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

struct text_options {
    struct common_options common;
    bool is_urgent;
    bool is_unconfirmed;
    const char *message_class;
    uint32_t from;
};

static const struct option_row rows[] = {
    { OPTION(struct text_options, "urgent", BOOL, is_urgent, 0, 0, NULL, "message priority urgent",
             false, NULL),
      0,
      NULL,
      { NULL } },
    { OPTION(struct text_options, "class", TEXT, message_class, 1, 255, NULL,
             "message class, a number or a text", false, NULL),
      0,
      "CLASS",
      { NULL } },
    { OPTION(struct text_options, "from", UNSIGNED, from, 0, BAC_MAX_INSTANCE, NULL,
             "instance of the device that it comes from", false, NULL),
      0,
      "INSTANCE",
      { NULL } },
    { OPTION(struct text_options, "unconfirmed", BOOL, is_unconfirmed, 0, 0, NULL,
             "nobody needs to answer; also to all", false, NULL),
      0,
      NULL,
      { NULL } },
};

const struct verb_options text_options = {
    .arguments = "DEVICE|all MESSAGE",
    .min_arguments = 2,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct text_options),
    .examples = "  basalt text 1234 'The boiler is off until noon'\n"
                "  basalt text 1234 'Fire drill' --urgent --class drills\n"
                "  basalt text all 'Good morning' --unconfirmed\n",
};

struct text {
    struct target_device device;
    const char *whom;
    bool is_unconfirmed;
    struct bac_text_message message;
};

static void tell(struct session *s)
{
    const struct text *t = s->user;
    struct out *out = &s->tool->out;
    const char *what = t->is_unconfirmed ? "sent" : "acknowledged";
    if (out->json) {
        struct bas_json *json = out_begin(out);
        if (s->task->device != NULL) {
            target_device_json(&t->device, json);
        } else {
            bas_json_text(json, "device", "all");
        }
        bac_json(&bac_type_character_string, &t->message.message, json, "message");
        bas_json_bool(json, what, true);
        out_end(out);
    } else if (t->is_unconfirmed) {
        out_line(out, "sent to %s%s", s->task->device != NULL ? "device " : "", t->whom);
    } else {
        out_line(out, "device %s acknowledged the message", t->whom);
    }
}

static int work(struct session *s)
{
    const struct text *t = s->user;
    const struct bac_address *to = s->task->device != NULL ? &s->device : NULL;
    bool good = t->is_unconfirmed ? session_send(s, to, BAC_UNCONFIRMED_TEXT_MESSAGE, &t->message)
                                  : session_get(s, BAC_CONFIRMED_TEXT_MESSAGE, &t->message, NULL);
    if (good) {
        tell(s);
    }
    return 0;
}

static void set_class(const char *text, struct bac_text_message *message)
{
    size_t len = text == NULL ? 0 : strlen(text);
    bool is_number = len != 0 && len < 10 && strspn(text, "0123456789") == len;
    message->has_message_class = text != NULL;
    if (is_number) {
        message->message_class.choice = BAC_MESSAGE_NUMERIC;
        message->message_class.as.numeric = strtoul(text, NULL, 10);
    } else if (text != NULL) {
        message->message_class.choice = BAC_MESSAGE_CHARACTER;
        message->message_class.as.character = bac_text_from(text);
    }
}

int cmd_text(struct tool *tool, int argc, char **argv)
{
    struct text_options options;
    struct arguments arguments;
    struct text t = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    t.whom = arguments.items[0];
    bool is_all = strcmp(t.whom, "all") == 0;
    if (is_all && !options.is_unconfirmed) {
        return out_usage(&tool->out, tool->verb->name,
                         "all cannot acknowledge it; give --unconfirmed, too");
    }
    if (!is_all && !target_device(tool, t.whom, &t.device)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    uint32_t from = options.from != UINT32_MAX ? options.from : BAC_WILDCARD_INSTANCE;
    t.is_unconfirmed = options.is_unconfirmed;
    t.message.source = (struct bac_object_id){ BAC_OBJECT_DEVICE, from };
    t.message.priority = options.is_urgent ? 1 : 0;
    t.message.message = bac_text_from(arguments.items[1]);
    set_class(options.message_class, &t.message);
    const struct session_task task = { .device = is_all ? NULL : &t.device,
                                       .work = work,
                                       .user = &t };
    return session_run(tool, &options.common, &task);
}
