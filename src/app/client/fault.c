/* Owns what a person is told when a call fails: whom was asked what, what the device said, and what
 * can be done about it. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Class and code of a Reject or Abort: the standard has an error code for each reason
 * (18.9, 18.10).
 */

struct code_row {
    uint16_t reason;
    uint16_t code;
};

#define REJECT(name)                                                                               \
    {                                                                                              \
        BAC_REJECT_##name, BAC_ERROR_CODE_REJECT_##name                                            \
    }
#define ABORT(name)                                                                                \
    {                                                                                              \
        BAC_ABORT_##name, BAC_ERROR_CODE_ABORT_##name                                              \
    }

static const struct code_row rejects[] = {
    REJECT(BUFFER_OVERFLOW),
    REJECT(INCONSISTENT_PARAMETERS),
    REJECT(INVALID_PARAMETER_DATA_TYPE),
    REJECT(INVALID_TAG),
    REJECT(MISSING_REQUIRED_PARAMETER),
    REJECT(PARAMETER_OUT_OF_RANGE),
    REJECT(TOO_MANY_ARGUMENTS),
    REJECT(UNDEFINED_ENUMERATION),
    REJECT(UNRECOGNIZED_SERVICE),
};

static const struct code_row aborts[] = {
    ABORT(BUFFER_OVERFLOW),
    ABORT(INVALID_APDU_IN_THIS_STATE),
    ABORT(PREEMPTED_BY_HIGHER_PRIORITY_TASK),
    ABORT(SEGMENTATION_NOT_SUPPORTED),
    ABORT(SECURITY_ERROR),
    ABORT(INSUFFICIENT_SECURITY),
    ABORT(WINDOW_SIZE_OUT_OF_RANGE),
    ABORT(APPLICATION_EXCEEDED_REPLY_TIME),
    ABORT(OUT_OF_RESOURCES),
    ABORT(TSM_TIMEOUT),
    ABORT(APDU_TOO_LONG),
};

#undef REJECT
#undef ABORT

enum { FIRST_PROPRIETARY = 64 };

struct reasons {
    const struct code_row *rows;
    size_t n;
    uint16_t other;
    uint16_t proprietary;
};

static const struct reasons reject_reasons = { rejects, BAS_ARRAY_LEN(rejects),
                                               BAC_ERROR_CODE_REJECT_OTHER,
                                               BAC_ERROR_CODE_REJECT_PROPRIETARY };
static const struct reasons abort_reasons = { aborts, BAS_ARRAY_LEN(aborts),
                                              BAC_ERROR_CODE_ABORT_OTHER,
                                              BAC_ERROR_CODE_ABORT_PROPRIETARY };

static struct bac_error_pair of_reason(const struct reasons *reasons, unsigned reason)
{
    for (size_t i = 0; i < reasons->n; i++) {
        if (reasons->rows[i].reason == reason) {
            return (struct bac_error_pair){ BAC_ERROR_CLASS_COMMUNICATION, reasons->rows[i].code };
        }
    }
    return (struct bac_error_pair){ BAC_ERROR_CLASS_COMMUNICATION, reason >= FIRST_PROPRIETARY
                                                                       ? reasons->proprietary
                                                                       : reasons->other };
}

struct bac_error_pair bas_refusal(const struct bac_client_event *event)
{
    if (event->kind == BAC_CLIENT_REJECT) {
        return of_reason(&reject_reasons, event->reason);
    }
    if (event->kind == BAC_CLIENT_ABORT) {
        return of_reason(&abort_reasons, event->reason);
    }
    return (struct bac_error_pair){ event->fault.error_class, event->fault.error_code };
}

/* Advice. */

#define TOO_LONG "the answer does not fit one message: ask for one element, PROPERTY[1]"
#define FULL     "the device has no room for more; free some there"

static const struct advice_row {
    uint16_t code;
    const char *text;
} advice[] = {
    { BAC_ERROR_CODE_UNKNOWN_OBJECT, "the device's object-list tells what it has" },
    { BAC_ERROR_CODE_UNKNOWN_PROPERTY, "the object's property-list tells what it has" },
    { BAC_ERROR_CODE_WRITE_ACCESS_DENIED, "the device does not let this be written" },
    { BAC_ERROR_CODE_READ_ACCESS_DENIED, "the device does not let this be read" },
    { BAC_ERROR_CODE_VALUE_OUT_OF_RANGE, "give a value that the object can have" },
    { BAC_ERROR_CODE_INVALID_DATA_TYPE, "put the kind in front of the value, such as real:72" },
    { BAC_ERROR_CODE_INVALID_ARRAY_INDEX, "PROPERTY[0] tells how many elements there are" },
    { BAC_ERROR_CODE_PROPERTY_IS_NOT_AN_ARRAY, "leave the [INDEX] out" },
    { BAC_ERROR_CODE_PASSWORD_FAILURE, "give the device's password" },
    { BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY, FULL },
    { BAC_ERROR_CODE_NO_SPACE_TO_ADD_LIST_ELEMENT, FULL },
    { BAC_ERROR_CODE_NO_SPACE_FOR_OBJECT, FULL },
    { BAC_ERROR_CODE_NOT_COV_PROPERTY, "the device does not report changes of this; read it" },
    { BAC_ERROR_CODE_COV_SUBSCRIPTION_FAILED, "the device takes no more subscriptions now" },
    { BAC_ERROR_CODE_FILE_ACCESS_DENIED, "the device does not let this file be used so" },
    { BAC_ERROR_CODE_INVALID_FILE_ACCESS_METHOD,
      "its file-access-method tells whether it takes octets or records" },
    { BAC_ERROR_CODE_INVALID_FILE_START_POSITION, "its file-size tells how long it is" },
    { BAC_ERROR_CODE_COMMUNICATION_DISABLED, "enable it again: device-communication-control" },
    { BAC_ERROR_CODE_REJECT_UNRECOGNIZED_SERVICE, "the device does not have this service" },
    { BAC_ERROR_CODE_ABORT_SEGMENTATION_NOT_SUPPORTED, TOO_LONG },
    { BAC_ERROR_CODE_ABORT_BUFFER_OVERFLOW, TOO_LONG },
    { BAC_ERROR_CODE_ABORT_APDU_TOO_LONG, TOO_LONG },
    { BAC_ERROR_CODE_REJECT_BUFFER_OVERFLOW, TOO_LONG },
    { BAC_ERROR_CODE_ABORT_OUT_OF_RESOURCES, "ask again later" },
};

const char *bas_refusal_advice(const struct bac_error_pair *error)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(advice); i++) {
        if (advice[i].code == error->error_code) {
            return advice[i].text;
        }
    }
    return "";
}

/* What a refusal means to us. */

static bool is_one_of(const struct bas_fault *fault, const uint16_t *codes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fault->error_code == codes[i]) {
            return true;
        }
    }
    return false;
}

bool client_is_of_size(const struct bas_fault *fault)
{
    static const uint16_t codes[] = {
        BAC_ERROR_CODE_REJECT_BUFFER_OVERFLOW, BAC_ERROR_CODE_ABORT_SEGMENTATION_NOT_SUPPORTED,
        BAC_ERROR_CODE_ABORT_BUFFER_OVERFLOW,  BAC_ERROR_CODE_ABORT_APDU_TOO_LONG,
        BAC_ERROR_CODE_ABORT_OUT_OF_RESOURCES, BAC_ERROR_CODE_REJECT_TOO_MANY_ARGUMENTS,
    };
    return fault->err == BAS_ERR_TOO_LONG ||
           (fault->err == BAS_ERR_REMOTE && is_one_of(fault, codes, BAS_ARRAY_LEN(codes)));
}

bool client_is_of_service(const struct bas_fault *fault)
{
    static const uint16_t codes[] = {
        BAC_ERROR_CODE_REJECT_UNRECOGNIZED_SERVICE,
        BAC_ERROR_CODE_SERVICE_REQUEST_DENIED,
        BAC_ERROR_CODE_OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED,
    };
    return fault->err == BAS_ERR_REMOTE && is_one_of(fault, codes, BAS_ARRAY_LEN(codes));
}

/* Sentences. */

struct bas_peer_name bas_peer_device(uint32_t instance)
{
    return (struct bas_peer_name){ .instance = instance };
}

struct bas_peer_name bas_peer_address(const struct bac_address *address)
{
    return (struct bas_peer_name){ .has_address = true, .address = *address };
}

void bas_peer_name_text(const struct bas_peer_name *peer, struct bas_buf *out)
{
    const struct bac_address *a = &peer->address;
    if (!peer->has_address) {
        bas_buf_format(out, "device %u", (unsigned)peer->instance);
        return;
    }
    if (a->network == BAC_BROADCAST_NETWORK) {
        bas_buf_add_text(out, "everybody");
        return;
    }
    if (a->network != 0) {
        bas_buf_format(out, "network %u address ", (unsigned)a->network);
    }
    for (size_t i = 0; i < a->mac_len; i++) {
        bas_buf_format(out, "%s%02x", i == 0 ? "" : ":", a->mac[i]);
    }
    if (a->mac_len == 0) {
        bas_buf_add_text(out, "all");
    }
}

void bas_property_text(const struct bas_property *of, struct bas_buf *out)
{
    const char *name = bac_property_name(of->property);
    bac_object_id_text(of->object, out);
    bas_buf_add_text(out, " ");
    if (name != NULL) {
        bas_buf_add_text(out, name);
    } else {
        bas_buf_format(out, "%u", (unsigned)of->property);
    }
    if (of->index != BAC_NO_INDEX) {
        bas_buf_format(out, "[%u]", (unsigned)of->index);
    }
}

/* "device 1234, analog-input,1 present-value: " */
static void add_subject(const struct call *call, struct bas_buf *out)
{
    const struct bac_service *service = bac_service_find(!call->is_unconfirmed, call->service);
    bas_peer_name_text(&call->to, out);
    bas_buf_add_text(out, ", ");
    if (call->about.object.type != UINT16_MAX) {
        bas_property_text(&call->about, out);
    } else {
        bas_buf_add_text(out, service != NULL ? service->name : "request");
    }
    bas_buf_add_text(out, ": ");
}

bas_err call_fail(const struct call *call, struct bas_fault *fault, bas_err err, const char *format,
                  ...)
{
    char memory[BAS_FAULT_TEXT];
    char why[BAS_FAULT_TEXT];
    struct bas_buf out;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    bas_buf_init(&out, memory, sizeof(memory));
    add_subject(call, &out);
    return bas_fail(fault, err, "%s%s", bas_buf_text(&out), why);
}

void client_fault(const struct call *call, const struct bac_client_event *event,
                  struct bas_fault *fault)
{
    const struct bac_error_pair error = bas_refusal(event);
    bool is_refusal = event->fault.err == BAS_ERR_REMOTE;
    const char *what =
        is_refusal ? bas_refusal_advice(&error) : "is it there? basalt whois lists who answers";
    (void)call_fail(call, fault, event->fault.err, "%s%s%s", event->fault.text,
                    what[0] != 0 ? "; " : "", what);
    fault->error_class = (uint16_t)error.error_class;
    fault->error_code = (uint16_t)error.error_code;
}
