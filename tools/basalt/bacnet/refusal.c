/* Owns the tables of refusals: error codes of reasons, advice. */
#include "refusal.h"

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

struct bac_error_pair refusal_error(const struct bac_client_event *event)
{
    if (event->kind == BAC_CLIENT_REJECT) {
        return of_reason(&reject_reasons, event->reason);
    }
    if (event->kind == BAC_CLIENT_ABORT) {
        return of_reason(&abort_reasons, event->reason);
    }
    return (struct bac_error_pair){ event->fault.error_class, event->fault.error_code };
}

#define TOO_LONG "the answer does not fit one message: ask for one element, PROPERTY[1]"

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
    { BAC_ERROR_CODE_REJECT_UNRECOGNIZED_SERVICE, "the device does not have this service" },
    { BAC_ERROR_CODE_ABORT_SEGMENTATION_NOT_SUPPORTED, TOO_LONG },
    { BAC_ERROR_CODE_ABORT_BUFFER_OVERFLOW, TOO_LONG },
    { BAC_ERROR_CODE_ABORT_APDU_TOO_LONG, TOO_LONG },
    { BAC_ERROR_CODE_REJECT_BUFFER_OVERFLOW, TOO_LONG },
    { BAC_ERROR_CODE_PASSWORD_FAILURE, "give the right password with --device-pwd-file" },
    { BAC_ERROR_CODE_ABORT_OUT_OF_RESOURCES, "ask again later" },
};

const char *refusal_advice(const struct bac_error_pair *error)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(advice); i++) {
        if (advice[i].code == error->error_code) {
            return advice[i].text;
        }
    }
    return "";
}

bool refusal_is_of_size(const struct bac_error_pair *error)
{
    static const uint16_t codes[] = {
        BAC_ERROR_CODE_REJECT_UNRECOGNIZED_SERVICE,
        BAC_ERROR_CODE_REJECT_BUFFER_OVERFLOW,
        BAC_ERROR_CODE_ABORT_SEGMENTATION_NOT_SUPPORTED,
        BAC_ERROR_CODE_ABORT_BUFFER_OVERFLOW,
        BAC_ERROR_CODE_ABORT_APDU_TOO_LONG,
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(codes); i++) {
        if (codes[i] == error->error_code) {
            return true;
        }
    }
    return false;
}

void refusal_text(const struct bac_error_pair *error, struct bas_buf *out)
{
    const char *class_name = bac_error_class_name(error->error_class);
    const char *code_name = bac_error_code_name(error->error_code);
    bas_buf_format(out, "%s: %s", class_name != NULL ? class_name : "unknown",
                   code_name != NULL ? code_name : "unknown");
}
