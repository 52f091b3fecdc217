/* Owns `basalt control` and `basalt reinit`: what a device is told about itself
 * (DeviceCommunicationControl, ReinitializeDevice: clauses 16.1 and 16.4). */
#include "password.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTES_MAX = 65535 };

struct control_options {
    struct common_options common;
    struct secret_options device_pwd;
};

static const struct option_row rows[] = { PASSWORD_ROWS(struct control_options) };

const struct verb_options control_options = {
    .arguments = "DEVICE enable|disable-initiation|disable [MINUTES]",
    .min_arguments = 2,
    .max_arguments = 3,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct control_options),
    .examples =
        "  basalt control 1234 disable-initiation 60   it answers, and starts nothing\n"
        "  basalt control 1234 enable --device-pwd-file pwd\n\n"
        "Where the device wants a password and none is given, a person at a terminal\n"
        "is asked for it. BACNET_DEVICE_PWD and BACNET_DEVICE_PASSWORD_FILE give it, too.\n",
};

const struct verb_options reinit_options = {
    .arguments = "DEVICE coldstart|warmstart|activate-changes|...",
    .min_arguments = 2,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct control_options),
    .examples =
        "  basalt reinit 1234 warmstart\n"
        "  basalt reinit 1234 activate-changes         what was written to its ports\n"
        "  basalt reinit 1234 start-backup             also: end-backup, start-restore,\n"
        "                                              end-restore, abort-restore\n\n"
        "Where the device wants a password and none is given, a person at a terminal\n"
        "is asked for it. BACNET_DEVICE_PWD and BACNET_DEVICE_PASSWORD_FILE give it, too.\n",
};

struct control {
    struct target_device device;
    struct password password;
    struct bac_device_communication_control communication;
    struct bac_reinitialize_device reinitialize;
};

static void tell(struct session *s, const char *service, const char *state, uint64_t minutes)
{
    const struct control *c = s->user;
    struct out *out = &s->tool->out;
    state = state != NULL ? state : "a state without a name";
    if (s->tool->is_bac && !out->json) {
        bool is_control = strcmp(service, "device-communication-control") == 0;
        out_line(out, "%s Acknowledged!",
                 is_control ? "DeviceCommunicationControl" : "ReinitializeDevice");
        return;
    }
    if (out->json) {
        struct bas_json *json = out_begin(out);
        target_device_json(&c->device, json);
        bas_json_text(json, "service", service);
        bas_json_text(json, "state", state);
        if (minutes != 0) {
            bas_json_unsigned(json, "minutes", minutes);
        }
        bas_json_bool(json, "acknowledged", true);
        out_end(out);
    } else if (minutes != 0) {
        out_line(out, "device %s acknowledged %s for %u min", c->device.text, state,
                 (unsigned)minutes);
    } else {
        out_line(out, "device %s acknowledged %s", c->device.text, state);
    }
}

static int control_work(struct session *s)
{
    struct control *c = s->user;
    struct bac_device_communication_control *asked = &c->communication;
    const struct password_request request = { BAC_CONFIRMED_DEVICE_COMMUNICATION_CONTROL, asked,
                                              &asked->has_password, &asked->password };
    if (password_call(s, &request, &c->password)) {
        tell(s, "device-communication-control",
             bac_enum_name(&bac_type_device_communication_state, asked->state), asked->duration);
    }
    return 0;
}

static int reinit_work(struct session *s)
{
    struct control *c = s->user;
    struct bac_reinitialize_device *asked = &c->reinitialize;
    const struct password_request request = { BAC_CONFIRMED_REINITIALIZE_DEVICE, asked,
                                              &asked->has_password, &asked->password };
    if (password_call(s, &request, &c->password)) {
        tell(s, "reinitialize-device", bac_enum_name(&bac_type_reinitialized_state, asked->state),
             0);
    }
    return 0;
}

static bool read_minutes(struct tool *tool, const char *text, struct control *c)
{
    char *end = NULL;
    unsigned long minutes = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != 0 || minutes == 0 || minutes > MINUTES_MAX) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.20s\" is no time; whole minutes from 1 to %d", text, (int)MINUTES_MAX);
        return false;
    }
    c->communication.has_duration = true;
    c->communication.duration = minutes;
    return true;
}

static int run(struct tool *tool, const struct session_task *task,
               const struct control_options *options)
{
    struct control *c = task->user;
    int status = 0;
    if (password_read(tool, &options->device_pwd, &c->password, &status)) {
        status = session_run(tool, &options->common, task);
    }
    bas_wipe(&c->password, sizeof(c->password));
    return status;
}

int cmd_control(struct tool *tool, int argc, char **argv)
{
    struct control_options options;
    struct arguments arguments;
    struct control c = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_device(tool, arguments.items[0], &c.device) ||
        !target_name(tool, &bac_type_device_communication_state, arguments.items[1],
                     &c.communication.state) ||
        (arguments.n > 2 && !read_minutes(tool, arguments.items[2], &c))) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &c.device, .work = control_work, .user = &c };
    return run(tool, &task, &options);
}

int cmd_reinit(struct tool *tool, int argc, char **argv)
{
    struct control_options options;
    struct arguments arguments;
    struct control c = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_device(tool, arguments.items[0], &c.device) ||
        !target_name(tool, &bac_type_reinitialized_state, arguments.items[1],
                     &c.reinitialize.state)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &c.device, .work = reinit_work, .user = &c };
    return run(tool, &task, &options);
}
