/* Owns the life of a verb that keeps running, and how its events look. */
#define _DEFAULT_SOURCE /* sigaction, setrlimit */
#include "service.h"

#include "basalt/bacnet_type.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    STATUS_INTERRUPTED = 130,
    LINE_MAX = 4096,
    SHOWN = 1536 /* octets of a message; the longest that ordinary peers send is 1,513 */
};

/* Life */

static void on_signal(void *user, int number)
{
    struct service *service = user;
    if (service->signal != 0) {
        _Exit(STATUS_INTERRUPTED); /* the second time: no more patience */
    }
    service->signal = number;
    service->stop(service->user);
}

static void on_hangup(void *user)
{
    struct service *service = user;
    if (service->signal == 0) {
        service->reload(service->user);
    }
}

void service_on_reload(struct service *service, void (*reload)(void *user))
{
    service->reload = reload;
    bas_loop_on_hangup(service->loop, on_hangup, service);
}

/* -v: every message, as it went over the wire. */
static void on_message(void *user, const struct bas_traced *message)
{
    struct service *service = user;
    uint8_t octets[SHOWN];
    char hex[2 * SHOWN + 1];
    struct bas_buf whole;
    struct bas_buf text;
    struct bas_slice rest = message->rest;
    uint64_t len = message->head.len + rest.len;
    bas_buf_init(&whole, octets, sizeof(octets));
    bas_buf_init(&text, hex, sizeof(hex));
    size_t head = message->head.len < SHOWN ? message->head.len : SHOWN;
    bas_buf_add(&whole, message->head.data, head);
    bas_buf_add(&whole, rest.data, rest.len < SHOWN - head ? rest.len : SHOWN - head);
    bas_buf_add_hex(&text, (struct bas_slice){ octets, whole.len });
    const struct field fields[] = {
        { .name = "direction", .label = "", .text = message->received ? "received" : "sent" },
        { .name = "peer", .label = message->received ? "from " : "to ", .text = message->peer },
        { .name = "function",
          .label = "",
          .text = whole.len == 0 ? "empty" : bsc_function_name(octets[0]) },
        { .name = "length", .label = "octets ", .number = &len },
        { .name = "octets", .label = "", .text = bas_buf_text(&text) },
    };
    service_tell(service, "message", fields, BAS_ARRAY_LEN(fields));
}

bool service_open(struct service *service, struct tool *tool, void (*stop)(void *user), void *user,
                  int *status)
{
    *service = (struct service){ .tool = tool, .stop = stop, .user = user };
    service->lines_left = SERVICE_BURST;
    service->loop = bas_loop_new(&tool->env);
    if (service->loop == NULL) {
        struct bas_fault fault = { 0 };
        (void)bas_fail(&fault, BAS_ERR_NO_MEMORY,
                       "out of memory or of descriptors for an event loop; raise the limit "
                       "(ulimit -n)");
        *status = out_fail(&tool->out, tool->verb->name, &fault);
        return false;
    }
    /* A peer or a reader that goes away shows as an error of the write, not as our end. */
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    (void)sigaction(SIGPIPE, &ignore, NULL);
    service->counted_at = bas_loop_now(service->loop);
    bas_loop_on_signal(service->loop, on_signal, service);
    if (tool->verbose) {
        bas_loop_trace(service->loop, on_message, service);
    }
    return true;
}

void service_close(struct service *service)
{
    bas_loop_free(service->loop);
    service->loop = NULL;
}

void service_raise_files(const struct tool *tool, uint64_t needed)
{
    struct rlimit files = { 0 };
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return;
    }
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < needed) {
        bas_log(&tool->env, BAS_LOG_WARNING,
                "this process may open %llu files and needs %llu for max-connections; raise its "
                "hard limit (ulimit -Hn, LimitNOFILE) or lower max-connections",
                (unsigned long long)files.rlim_cur, (unsigned long long)needed);
    }
}

/* Events */

static bool is_shown(const struct field *field)
{
    return field->number != NULL || field->value != NULL ||
           (field->text != NULL && field->text[0] != 0);
}

static const char *value_name(const struct field *field)
{
    bool is_enumerated = field->value->tag == BAC_TAG_ENUMERATED && field->type != NULL;
    return is_enumerated ? bac_enum_name(field->type, (uint32_t)field->value->as.unsigned_integer)
                         : NULL;
}

static void tell_json(struct service *service, const char *name, const struct field *fields,
                      size_t n)
{
    struct bas_json *json = out_begin(&service->tool->out);
    const struct bas_env *env = &service->tool->env;
    bas_json_text(json, "event", name);
    if (service->part != NULL) {
        bas_json_text(json, "part", service->part);
    }
    out_time(json, "time", env->wall(env->ctx));
    for (size_t i = 0; i < n; i++) {
        const struct field *f = &fields[i];
        if (f->name == NULL || !is_shown(f)) {
            continue;
        }
        if (f->number != NULL) {
            bas_json_unsigned(json, f->name, *f->number);
        } else if (f->value == NULL) {
            bas_json_text(json, f->name, f->text);
        } else if (value_name(f) != NULL) {
            bas_json_text(json, f->name, value_name(f));
        } else {
            bac_json(&bac_type_value, f->value, json, f->name);
        }
    }
    out_end(&service->tool->out);
}

static void tell_text(struct service *service, const char *name, const struct field *fields,
                      size_t n)
{
    char memory[LINE_MAX];
    char time[OUT_TIME_TEXT];
    struct bas_buf line;
    const struct bas_env *env = &service->tool->env;
    bas_buf_init(&line, memory, sizeof(memory));
    const char *before = ": ";
    bas_buf_format(&line, "%s %s%s%s", out_time_text(time, env->wall(env->ctx)),
                   service->part != NULL ? service->part : "", service->part != NULL ? " " : "",
                   name);
    for (size_t i = 0; i < n; i++) {
        const struct field *f = &fields[i];
        if (f->label == NULL || !is_shown(f)) {
            continue;
        }
        bas_buf_format(&line, "%s%s", before, f->label);
        if (f->number != NULL) {
            bas_buf_format(&line, "%llu", (unsigned long long)*f->number);
        } else if (f->value != NULL) {
            bac_value_text(f->type, f->value, &line);
        } else {
            bas_buf_add_text(&line, f->text);
        }
        before = ", ";
    }
    (void)bas_buf_text(&line);
    out_tame(memory);
    out_line(&service->tool->out, "%s", memory);
}

void service_tell(struct service *service, const char *name, const struct field *fields, size_t n)
{
    if (service->tool->out.json) {
        tell_json(service, name, fields, n);
    } else {
        tell_text(service, name, fields, n);
    }
}

static void refill(struct service *service)
{
    bas_time now = bas_loop_now(service->loop);
    bas_time seconds = (now - service->counted_at) / BAS_SECOND;
    if (seconds <= 0) {
        return;
    }
    service->counted_at += seconds * BAS_SECOND;
    bas_time lines = seconds > SERVICE_BURST ? SERVICE_BURST : seconds * SERVICE_PER_SECOND;
    unsigned room = SERVICE_BURST - service->lines_left;
    service->lines_left += lines > room ? room : (unsigned)lines;
}

static void tell_left_out(struct service *service)
{
    const uint64_t n = service->left_out;
    const struct field fields[] = {
        { .name = "lines", .label = "lines like these: ", .number = &n }
    };
    if (n != 0) {
        service->left_out = 0;
        service_tell(service, "omitted", fields, BAS_ARRAY_LEN(fields));
    }
}

void service_tell_bounded(struct service *service, const char *name, const struct field *fields,
                          size_t n)
{
    refill(service);
    if (service->lines_left == 0) {
        service->left_out++;
        return;
    }
    service->lines_left--;
    tell_left_out(service);
    service_tell(service, name, fields, n);
}

/* "2027-01-31" of seconds since 1970. */
static const char *day_text(int64_t seconds, char text[OUT_TIME_TEXT])
{
    (void)out_time_text(text, seconds * 1000000);
    text[strcspn(text, "T")] = 0;
    return text;
}

void service_tell_reload(struct service *service, const struct bas_reload *what,
                         const struct bas_fault *fault)
{
    char day[OUT_TIME_TEXT];
    if (fault != NULL) {
        const struct field failed[] = {
            { .label = "", .text = "the old certificates stay in use" },
            { .name = "reason", .label = "", .text = service_reason(fault) },
        };
        service_tell(service, "reload_failed", failed, BAS_ARRAY_LEN(failed));
        return;
    }
    const uint64_t kept = what->kept;
    const uint64_t closed = what->closed;
    const struct field fields[] = {
        { .name = "subject", .label = "certificate ", .text = what->identity.subject },
        { .name = "valid_until",
          .label = "valid until ",
          .text = what->identity.subject[0] != 0 ? day_text(what->identity.not_after, day)
                                                 : NULL }, /* ws:// has none */
        { .name = "kept", .label = "sessions kept ", .number = &kept },
        { .name = "closed", .label = "closed ", .number = &closed },
    };
    service_tell(service, "reloaded", fields, BAS_ARRAY_LEN(fields));
}

const char *service_reason(const struct bas_fault *fault)
{
    if (fault->text[0] != 0) {
        return fault->text;
    }
    return fault->err == BAS_OK ? "in order" : bas_err_text(fault->err);
}

const char *service_code(const struct bas_fault *fault)
{
    bool has_code = fault->error_class != 0 || fault->error_code != 0;
    return has_code ? bac_error_code_name(fault->error_code) : NULL;
}

int service_run(struct service *service)
{
    bas_loop_run(service->loop);
    tell_left_out(service);
    return service->signal == SIGINT ? STATUS_INTERRUPTED : 0;
}
