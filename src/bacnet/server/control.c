/*
 * Owns what manages the device as a whole: DeviceCommunicationControl (16.1), ReinitializeDevice
 * (16.4), TimeSynchronization and UTCTimeSynchronization (16.7, 16.8).
 */
#include "bacnet/server/server.h"

#include <string.h>

enum { MAX_PASSWORD = 20, UNKNOWN_WEEKDAY = 255 }; /* characters, 16.1.1.1.3 */

/* The password */

static size_t count_characters(struct bas_slice utf8)
{
    size_t n = 0;
    for (size_t i = 0; i < utf8.len; i++) {
        n += (utf8.data[i] & 0xC0U) != 0x80U;
    }
    return n;
}

static bas_err open_control(struct bac_server *server, const struct bac_server_config *config,
                            struct bas_fault *fault)
{
    const char *password = config->password;
    if (password == NULL) {
        return BAS_OK;
    }
    struct bac_control *control = &server->control;
    size_t len = strlen(password);
    size_t n = count_characters((struct bas_slice){ (const uint8_t *)password, len });
    if (n == 0 || n > MAX_PASSWORD) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "the password has not 1 .. 20 characters, which "
                        "is what a request can carry");
    }
    control->password = bas_alloc(&server->env, len);
    if (control->password == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for the server");
    }
    control->password_len = len;
    memcpy(control->password, password, len);
    return BAS_OK;
}

static void close_control(struct bac_server *server)
{
    struct bac_control *control = &server->control;
    if (control->password != NULL) {
        bas_wipe(control->password, control->password_len);
        bas_release(&server->env, control->password, control->password_len);
        control->password = NULL;
    }
}

/* Whether the password is the one that we ask for, if we ask for one. */
static bool is_right(const struct bac_control *control, bool has_password,
                     const struct bac_text *password)
{
    if (control->password == NULL) {
        return true;
    }
    uint8_t given[4 * MAX_PASSWORD]; /* a character has at most 4 octets */
    struct bas_buf out;
    bas_buf_init(&out, given, sizeof(given));
    bool is_text = has_password && bac_text_utf8(password, &out) && !out.full;
    bool is_equal = is_text && out.len == control->password_len &&
                    bas_equal_secret(given, control->password, out.len);
    bas_wipe(given, sizeof(given));
    return is_equal;
}

static enum bac_outcome wrong_password(struct bac_request *request)
{
    return bac_server_refuse(request, BAC_ERROR_CLASS_SECURITY, BAC_ERROR_CODE_PASSWORD_FAILURE);
}

/* DeviceCommunicationControl */

bool bac_server_may_initiate(const struct bac_server *server)
{
    return server->control.state == BAC_COMMUNICATION_ENABLE;
}

static void tell_communication(struct bac_server *server, const struct bac_net_event *from,
                               uint16_t minutes)
{
    struct bac_server_event event = { .kind = BAC_SERVER_COMMUNICATION,
                                      .state = server->control.state,
                                      .minutes = minutes };
    if (from != NULL) {
        event.from = from->source;
        event.port = from->port;
    }
    bac_server_put_event(server, &event);
}

static void tick_control(struct bac_server *server, bas_time now)
{
    struct bac_control *control = &server->control;
    if (!bac_server_may_initiate(server) && control->until <= now) {
        control->state = BAC_COMMUNICATION_ENABLE;
        tell_communication(server, NULL, 0);
    }
}

static bas_time control_deadline(const struct bac_server *server)
{
    return bac_server_may_initiate(server) ? BAS_NEVER : server->control.until;
}

/* Since revision 20 nobody can silence a device: what it was called for, disable, is denied
 * (16.1.1.3.1), and only requests of our own stop. */
enum bac_outcome bac_serve_device_communication_control(struct bac_server *server,
                                                        struct bac_request *request)
{
    struct bac_device_communication_control asked;
    if (bac_decode_all(&bac_type_device_communication_control, request->apdu.body, &asked,
                       &request->arena, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    if (!is_right(&server->control, asked.has_password, &asked.password)) {
        return wrong_password(request);
    }
    if (asked.state == BAC_COMMUNICATION_DISABLE) {
        return bac_server_refuse(request, BAC_ERROR_CLASS_SERVICES,
                                 BAC_ERROR_CODE_SERVICE_REQUEST_DENIED);
    }
    if (bac_server_event_room(server) == 0) {
        return bac_server_overloaded(request);
    }
    enum bac_outcome outcome = BAC_OUTCOME_SIMPLE_ACK;
    (void)bac_server_ask_program(server, request, &outcome);
    if (outcome != BAC_OUTCOME_SIMPLE_ACK) {
        return outcome;
    }
    bool is_for_ever = !asked.has_duration || asked.state == BAC_COMMUNICATION_ENABLE;
    bas_time lasts = (bas_time)asked.duration * 60 * BAS_SECOND;
    server->control.state = asked.state;
    server->control.until = is_for_ever ? BAS_NEVER : request->now + lasts;
    tell_communication(server, request->from, is_for_ever ? 0 : (uint16_t)asked.duration);
    return BAC_OUTCOME_SIMPLE_ACK;
}

/* ReinitializeDevice */

static bool is_start(uint32_t state)
{
    return state == BAC_REINITIALIZE_COLDSTART || state == BAC_REINITIALIZE_WARMSTART;
}

/* The program is asked whether it can; without its word backup and restore are not there (19.1). */
enum bac_outcome bac_serve_reinitialize_device(struct bac_server *server,
                                               struct bac_request *request)
{
    struct bac_reinitialize_device asked;
    if (bac_decode_all(&bac_type_reinitialize_device, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    if (!is_right(&server->control, asked.has_password, &asked.password)) {
        return wrong_password(request);
    }
    if (bac_server_event_room(server) == 0) {
        return bac_server_overloaded(request);
    }
    enum bac_outcome outcome = BAC_OUTCOME_SIMPLE_ACK;
    bool is_hooked = bac_server_ask_program(server, request, &outcome);
    if (outcome != BAC_OUTCOME_SIMPLE_ACK) {
        return outcome;
    }
    if (!is_hooked && !is_start(asked.state) && asked.state != BAC_REINITIALIZE_ACTIVATE_CHANGES) {
        return bac_server_refuse(request, BAC_ERROR_CLASS_SERVICES,
                                 BAC_ERROR_CODE_OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED);
    }
    if (is_start(asked.state)) { /* what was forbidden ends with it (16.1) */
        server->control.state = BAC_COMMUNICATION_ENABLE;
    }
    const struct bac_server_event event = { .kind = BAC_SERVER_REINITIALIZE,
                                            .state = asked.state,
                                            .from = request->from->source,
                                            .port = request->from->port };
    bac_server_put_event(server, &event);
    return BAC_OUTCOME_SIMPLE_ACK;
}

/* Time */

static void synchronize(struct bac_server *server, struct bac_request *request, bool is_utc)
{
    struct bac_time_synchronization asked;
    if (bac_decode_all(&bac_type_time_synchronization, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        server->stats.malformed++;
        return;
    }
    struct bac_date *date = &asked.time.date;
    if (date->weekday == UNKNOWN_WEEKDAY) {
        date->weekday = bac_date_weekday(*date);
    }
    if (!bac_date_is_exact(*date) || !bac_time_is_exact(asked.time.time)) {
        server->stats.ignored++;
        return;
    }
    const struct bac_server_event event = { .kind = BAC_SERVER_TIME,
                                            .date_time = asked.time,
                                            .is_utc = is_utc,
                                            .from = request->from->source,
                                            .port = request->from->port };
    bac_server_put_event(server, &event);
}

void bac_serve_time_synchronization(struct bac_server *server, struct bac_request *request)
{
    synchronize(server, request, false);
}

void bac_serve_utc_time_synchronization(struct bac_server *server, struct bac_request *request)
{
    synchronize(server, request, true);
}

const struct bac_server_part bac_server_control = {
    .open = open_control, .close = close_control, .tick = tick_control, .deadline = control_deadline
};
