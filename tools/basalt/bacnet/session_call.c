/* Owns calls that wait: the loop runs until the answer is there, the time is over, or the session
 * has ended. */
#include "session_call.h"

#include "refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { REQUEST_OCTETS = 1048576 };

bool session_fail_with(struct session *s, bas_err err, const char *format, ...)
{
    struct bas_fault fault = { .err = err };
    va_list args;
    va_start(args, format);
    (void)vsnprintf(fault.text, sizeof(fault.text), format, args);
    va_end(args);
    session_fail(s, &fault);
    return false;
}

static void keep(struct session *s, struct bas_slice body)
{
    uint8_t *copy = bac_arena_take(&s->arena, body.len);
    if (body.len != 0 && copy == NULL) {
        (void)session_fail_with(s, BAS_ERR_NO_MEMORY, "the answer is too long");
        return;
    }
    if (body.len != 0) {
        memcpy(copy, body.data, body.len);
    }
    s->answer->body = (struct bas_slice){ copy, body.len };
    s->answer = NULL;
    bas_loop_stop(s->loop);
}

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct session *s = user;
    if (s->is_ending || s->answer == NULL) {
        return;
    }
    struct session_answer *answer = s->answer;
    switch (event->kind) {
    case BAC_CLIENT_ACK:
        answer->is_good = true;
        keep(s, event->body);
        break;
    case BAC_CLIENT_ERROR:
    case BAC_CLIENT_REJECT:
    case BAC_CLIENT_ABORT:
        answer->error = bas_refusal(event);
        session_refusal(event, &answer->fault);
        keep(s, event->body);
        break;
    case BAC_CLIENT_TIMEOUT:
        session_fail_silent(s);
        break;
    case BAC_CLIENT_UNREACHABLE:
        session_fail(s, &event->fault);
        break;
    }
}

bool session_call_raw(struct session *s, uint8_t service, struct bas_slice parameters,
                      struct session_answer *answer)
{
    const struct bas_request request = { s->device, service, parameters };
    *answer = (struct session_answer){ 0 };
    if (s->is_ending) {
        return false;
    }
    s->answer = answer;
    bas_err err = bas_station_request(s->station, &request, on_answer, s);
    if (err == BAS_ERR_TOO_LONG) {
        return session_fail_with(s, BAS_ERR_INVALID,
                                 "the request is too long for the device; ask for less at once");
    }
    if (err != BAS_OK) {
        return session_fail_with(s, err, "the request cannot be sent: %s", bas_err_text(err));
    }
    while (s->answer != NULL && !s->is_ending) {
        bas_loop_run(s->loop);
    }
    return !s->is_ending;
}

/* Encodes into the arena. False: the session ends. */
static bool encode(struct session *s, const struct bac_service *row, const void *parameters,
                   struct bas_buf *out)
{
    void *memory = bac_arena_take(&s->arena, REQUEST_OCTETS);
    bas_buf_init(out, memory, memory == NULL ? 0 : REQUEST_OCTETS);
    bas_err err = parameters == NULL || row->request == NULL
                      ? BAS_OK
                      : bac_encode(row->request, parameters, BAC_APPLICATION, out);
    if (err == BAS_ERR_NO_SPACE) {
        return session_fail_with(s, BAS_ERR_INVALID,
                                 "the request does not fit one message; ask for less at once");
    }
    return err == BAS_OK ||
           session_fail_with(s, err, "the request cannot be encoded: %s", bas_err_text(err));
}

bool session_call(struct session *s, uint8_t service, const void *parameters,
                  struct session_answer *answer)
{
    const struct bac_arena before = s->arena;
    struct bas_buf body;
    bool good = encode(s, bac_service_find(true, service), parameters, &body);
    const struct bas_slice octets = { body.data, body.len };
    s->arena = before; /* the station copies it before an answer can come */
    return good && session_call_raw(s, service, octets, answer);
}

bool session_get(struct session *s, uint8_t service, const void *parameters, void *ack)
{
    const struct bac_service *row = bac_service_find(true, service);
    struct session_answer answer;
    if (!session_call(s, service, parameters, &answer)) {
        return false;
    }
    if (!answer.is_good) {
        session_fail(s, &answer.fault);
        return false;
    }
    return row->ack == NULL || ack == NULL || session_decode(s, row->ack, answer.body, ack);
}

bool session_send(struct session *s, const struct bac_address *to, uint8_t service,
                  const void *parameters)
{
    const struct bac_address all = { .network = BAC_BROADCAST_NETWORK };
    const struct bac_arena before = s->arena;
    struct bas_buf body;
    if (s->is_ending || !encode(s, bac_service_find(false, service), parameters, &body)) {
        return false;
    }
    const struct bas_request request = { to != NULL ? *to : all, service, { body.data, body.len } };
    bas_err err = bas_station_unconfirmed(s->station, &request);
    s->arena = before;
    return err == BAS_OK ||
           session_fail_with(s, err, "the message cannot be sent: %s", bas_err_text(err));
}

struct bas_peer_name session_peer(const struct session *s)
{
    const struct target_device *device = s->task->device;
    return device == NULL || device->has_vmac ? bas_peer_address(&s->device)
                                              : bas_peer_device(device->instance);
}

void session_done(void *user, const struct bas_outcome *outcome)
{
    struct session *s = user;
    s->is_done = true;
    s->done = *outcome->fault;
    s->done.err = outcome->err;
    bas_loop_stop(s->loop);
}

bool session_await(struct session *s, struct bas_fault *fault)
{
    while (!s->is_done && !s->is_ending) {
        bas_loop_run(s->loop);
    }
    s->is_done = false;
    *fault = s->done;
    return !s->is_ending;
}

bool session_await_good(struct session *s)
{
    struct bas_fault fault = { 0 };
    if (!session_await(s, &fault)) {
        return false;
    }
    if (fault.err != BAS_OK && fault.err != BAS_ERR_PARTIAL) {
        session_fail(s, &fault);
        return false;
    }
    return true;
}

bool session_pause(struct session *s, uint32_t wait_ms)
{
    if (s->is_ending) {
        return false;
    }
    s->is_late = false;
    s->is_awake = false;
    s->is_waiting = true;
    bas_alarm_set(s->alarm, wait_ms);
    while (!s->is_late && !s->is_awake && !s->is_ending) {
        bas_loop_run(s->loop);
    }
    s->is_waiting = false;
    return !s->is_ending;
}

void session_wake(struct session *s)
{
    s->is_awake = true;
    bas_loop_stop(s->loop);
}

bool session_is_late(const struct session *s)
{
    return s->is_late;
}
