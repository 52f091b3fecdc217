/* Owns the rows of text messages, private transfer and virtual terminals (16.2, 16.3, 16.5, 16.6,
 * clause 17). */
#include "bacnet/rows.h"

#define S struct bac_message_class
static const struct bac_field message_class_fields[] = {
    [BAC_MESSAGE_NUMERIC] = BAC_FIELD(S, as.numeric, "numeric", unsigned, 0),
    [BAC_MESSAGE_CHARACTER] = BAC_FIELD(S, as.character, "character", character_string, 1),
};
BAC_CHOICE(message_class, "TextMessage-Request.message-class", S, message_class_fields)
#undef S

#define S struct bac_text_message
static const struct bac_field text_message_fields[] = {
    BAC_FIELD(S, source, "text-message-source-device", object_id, 0),
    BAC_OPTIONAL(S, message_class, "message-class", message_class, 1),
    BAC_FIELD(S, priority, "message-priority", message_priority, 2),
    BAC_FIELD(S, message, "message", character_string, 3),
};
BAC_SEQUENCE(text_message, "TextMessage-Request", S, text_message_fields)
#undef S

#define S struct bac_private_transfer
static const struct bac_field private_transfer_fields[] = {
    BAC_FIELD(S, vendor, "vendor-id", unsigned16, 0),
    BAC_FIELD(S, service, "service-number", unsigned, 1),
    BAC_OPTIONAL(S, parameters, "service-parameters", any, 2),
};
BAC_SEQUENCE(private_transfer, "PrivateTransfer-Request", S, private_transfer_fields)
#undef S

#define S struct bac_private_transfer_ack
static const struct bac_field private_transfer_ack_fields[] = {
    BAC_FIELD(S, vendor, "vendor-id", unsigned16, 0),
    BAC_FIELD(S, service, "service-number", unsigned, 1),
    BAC_OPTIONAL(S, result, "result-block", any, 2),
};
BAC_SEQUENCE(private_transfer_ack, "ConfirmedPrivateTransfer-ACK", S, private_transfer_ack_fields)
#undef S

#define S struct bac_private_transfer_error
static const struct bac_field private_transfer_error_fields[] = {
    BAC_FIELD(S, error, "error-type", error, 0),
    BAC_FIELD(S, vendor, "vendor-id", unsigned16, 1),
    BAC_FIELD(S, service, "service-number", unsigned, 2),
    BAC_OPTIONAL(S, parameters, "error-parameters", any, 3),
};
BAC_SEQUENCE(private_transfer_error, "ConfirmedPrivateTransfer-Error", S,
             private_transfer_error_fields)
#undef S

#define S struct bac_vt_open
static const struct bac_field vt_open_fields[] = {
    BAC_FIELD(S, vt_class, "vt-class", vt_class, BAC_APPLICATION),
    BAC_FIELD(S, session, "local-vt-session-identifier", unsigned8, BAC_APPLICATION),
};
BAC_SEQUENCE(vt_open, "VT-Open-Request", S, vt_open_fields)
#undef S

#define S struct bac_vt_open_ack
static const struct bac_field vt_open_ack_fields[] = {
    BAC_FIELD(S, session, "remote-vt-session-identifier", unsigned8, BAC_APPLICATION),
};
BAC_SEQUENCE(vt_open_ack, "VT-Open-ACK", S, vt_open_ack_fields)
#undef S

#define S struct bac_vt_close
static const struct bac_field vt_close_fields[] = {
    BAC_FIELD(S, sessions, "list-of-remote-vt-session-identifiers", list_of_unsigned8,
              BAC_APPLICATION),
};
BAC_SEQUENCE(vt_close, "VT-Close-Request", S, vt_close_fields)
#undef S

#define S struct bac_vt_close_error
static const struct bac_field vt_close_error_fields[] = {
    BAC_FIELD(S, error, "error-type", error, 0),
    BAC_OPTIONAL(S, sessions, "list-of-vt-session-identifiers", list_of_unsigned8, 1),
};
BAC_SEQUENCE(vt_close_error, "VTClose-Error", S, vt_close_error_fields)
#undef S

#define S struct bac_vt_data
static const struct bac_field vt_data_fields[] = {
    BAC_FIELD(S, session, "vt-session-identifier", unsigned8, BAC_APPLICATION),
    BAC_FIELD(S, data, "vt-new-data", octet_string, BAC_APPLICATION),
    BAC_FIELD(S, flag, "vt-data-flag", flag, BAC_APPLICATION),
};
BAC_SEQUENCE(vt_data, "VT-Data-Request", S, vt_data_fields)
#undef S

#define S struct bac_vt_data_ack
static const struct bac_field vt_data_ack_fields[] = {
    BAC_FIELD(S, all_accepted, "all-new-data-accepted", boolean, 0),
    BAC_OPTIONAL(S, accepted, "accepted-octet-count", unsigned, 1),
};
BAC_SEQUENCE(vt_data_ack, "VT-Data-ACK", S, vt_data_ack_fields)
#undef S
