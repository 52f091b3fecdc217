/*
 * Owns the services about alarms of a device whose objects detect none: AcknowledgeAlarm (13.5),
 * GetAlarmSummary (13.6), GetEnrollmentSummary (13.7), GetEventInformation (13.12).
 */
#include "bacnet/server/server.h"

/* The object that detects no event cannot wait for an acknowledgment. */
enum bac_outcome bac_serve_acknowledge_alarm(struct bac_server *server, struct bac_request *request)
{
    struct bac_acknowledge_alarm asked;
    if (bac_decode_all(&bac_type_acknowledge_alarm, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    if (bac_server_find(server, asked.object, false, request) == NULL) {
        return BAC_OUTCOME_ERROR;
    }
    return bac_server_refuse(request, BAC_ERROR_CLASS_OBJECT, BAC_ERROR_CODE_NO_ALARM_CONFIGURED);
}

enum bac_outcome bac_serve_get_alarm_summary(struct bac_server *server, struct bac_request *request)
{
    (void)server;
    if (request->apdu.body.len != 0) { /* it has no parameters */
        request->reason = BAC_REJECT_TOO_MANY_ARGUMENTS;
        return BAC_OUTCOME_REJECT;
    }
    return BAC_OUTCOME_COMPLEX_ACK; /* an empty list has no octets */
}

enum bac_outcome bac_serve_get_enrollment_summary(struct bac_server *server,
                                                  struct bac_request *request)
{
    (void)server;
    struct bac_get_enrollment_summary asked;
    if (bac_decode_all(&bac_type_get_enrollment_summary, request->apdu.body, &asked,
                       &request->arena, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    return BAC_OUTCOME_COMPLEX_ACK;
}

enum bac_outcome bac_serve_get_event_information(struct bac_server *server,
                                                 struct bac_request *request)
{
    (void)server;
    struct bac_get_event_information asked;
    if (bac_decode_all(&bac_type_get_event_information, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    const struct bac_get_event_information_ack none = { 0 };
    return bac_server_answer(request, &bac_type_get_event_information_ack, &none);
}
