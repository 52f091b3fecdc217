/*
 * KNX: addresses, the KNXnet/IP codec (03_08_02, 03_08_04, 03_08_09), cEMI, TPDU and APDU
 * (03_06_03, 03_03_07).
 *
 * All pure: octets in, values out, and back. The engines above it have headers of their own:
 * knx_secure.h (keys, wrapper, Data Secure), knx_keyring.h, knx_dpt.h, knx_client.h, knx_server.h.
 */
#ifndef BASALT_KNX_H
#define BASALT_KNX_H

#include "basalt/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Addresses */

/* An Individual Address: area (4 bits), line (4), device (8). 0 means none. */
typedef uint16_t knx_ia;
/* A group address. 0 is the broadcast, not a group. */
typedef uint16_t knx_ga;

enum { KNX_ADDRESS_TEXT = 12, KNX_PORT = 3671 };

/* "1.1.10": three decimal numbers in their ranges, without leading zeros, nothing else. False: ia
 * is not written. "0.0.0" is read as 0. */
BAS_API bool knx_ia_parse(const char *text, knx_ia *ia);
/* "1/2/3", "1/515" or "2563", by the same rules; what means 0 is refused, it is no group. */
BAS_API bool knx_ga_parse(const char *text, knx_ga *ga);
/* "1.1.10", "1/2/3" (three levels). Both return text. */
BAS_API const char *knx_ia_text(knx_ia ia, char text[KNX_ADDRESS_TEXT]);
BAS_API const char *knx_ga_text(knx_ga ga, char text[KNX_ADDRESS_TEXT]);

/* KNXnet/IP frames */

enum {
    KNX_IP_HEADER = 6,
    KNX_IP_VERSION = 0x10,
    KNX_MAX_CEMI = 520,  /* 10 + additional information 255 + L 254, rounded up */
    KNX_MAX_FRAME = 2048 /* longest frame that the engines take; longer ones are skipped */
};

enum knx_service {
    KNX_SEARCH_REQUEST = 0x0201,
    KNX_SEARCH_RESPONSE = 0x0202,
    KNX_DESCRIPTION_REQUEST = 0x0203,
    KNX_DESCRIPTION_RESPONSE = 0x0204,
    KNX_CONNECT_REQUEST = 0x0205,
    KNX_CONNECT_RESPONSE = 0x0206,
    KNX_CONNECTIONSTATE_REQUEST = 0x0207,
    KNX_CONNECTIONSTATE_RESPONSE = 0x0208,
    KNX_DISCONNECT_REQUEST = 0x0209,
    KNX_DISCONNECT_RESPONSE = 0x020A,
    KNX_SEARCH_REQUEST_EXTENDED = 0x020B,
    KNX_SEARCH_RESPONSE_EXTENDED = 0x020C,
    KNX_DEVICE_CONFIGURATION_REQUEST = 0x0310,
    KNX_DEVICE_CONFIGURATION_ACK = 0x0311,
    KNX_TUNNELLING_REQUEST = 0x0420,
    KNX_TUNNELLING_ACK = 0x0421,
    KNX_TUNNELLING_FEATURE_GET = 0x0422,
    KNX_TUNNELLING_FEATURE_RESPONSE = 0x0423,
    KNX_TUNNELLING_FEATURE_SET = 0x0424,
    KNX_TUNNELLING_FEATURE_INFO = 0x0425,
    KNX_ROUTING_INDICATION = 0x0530,
    KNX_ROUTING_LOST_MESSAGE = 0x0531,
    KNX_ROUTING_BUSY = 0x0532,
    KNX_ROUTING_SYSTEM_BROADCAST = 0x0533,
    KNX_REMOTE_DIAG_REQUEST = 0x0740,
    KNX_REMOTE_DIAG_RESPONSE = 0x0741,
    KNX_REMOTE_BASIC_CONF_REQUEST = 0x0742,
    KNX_REMOTE_RESET_REQUEST = 0x0743,
    KNX_SECURE_WRAPPER = 0x0950,
    KNX_SESSION_REQUEST = 0x0951,
    KNX_SESSION_RESPONSE = 0x0952,
    KNX_SESSION_AUTHENTICATE = 0x0953,
    KNX_SESSION_STATUS = 0x0954,
    KNX_TIMER_NOTIFY = 0x0955
};

enum knx_host_protocol { KNX_UDP = 1, KNX_TCP = 2 };

/* Host protocol address information. All zero but the protocol: route back (UDP), or the only
 * form there is (TCP). */
struct knx_hpai {
    uint8_t protocol; /* enum knx_host_protocol */
    uint8_t address[4];
    uint16_t port;
};
/* Address and port are zero. */
BAS_API bool knx_hpai_is_zero(const struct knx_hpai *hpai);

enum knx_connection_type {
    KNX_CONNECTION_MANAGEMENT = 0x03,
    KNX_CONNECTION_TUNNEL = 0x04,
    KNX_CONNECTION_REMOTE_LOGGING = 0x06,
    KNX_CONNECTION_REMOTE_CONFIGURATION = 0x07,
    KNX_CONNECTION_OBJECT_SERVER = 0x08
};
enum knx_layer { KNX_LAYER_LINK = 0x02, KNX_LAYER_RAW = 0x04, KNX_LAYER_BUSMONITOR = 0x80 };

/* What a CONNECT_REQUEST asks for (CRI) or a CONNECT_RESPONSE grants (CRD). */
struct knx_cri {
    uint8_t type;     /* enum knx_connection_type */
    uint8_t layer;    /* CRI of a tunnel: enum knx_layer */
    bool has_address; /* extended CRI of a tunnel; always for the CRD of a tunnel */
    knx_ia address;
};

/* Status octets of responses and acknowledgements (spec 1.5). */
enum knx_status {
    KNX_E_NO_ERROR = 0x00,
    KNX_E_HOST_PROTOCOL_TYPE = 0x01,
    KNX_E_VERSION_NOT_SUPPORTED = 0x02,
    KNX_E_SEQUENCE_NUMBER = 0x04,
    KNX_E_ERROR = 0x0F,
    KNX_E_CONNECTION_ID = 0x21,
    KNX_E_CONNECTION_TYPE = 0x22,
    KNX_E_CONNECTION_OPTION = 0x23,
    KNX_E_NO_MORE_CONNECTIONS = 0x24,
    KNX_E_NO_MORE_UNIQUE_CONNECTIONS = 0x25,
    KNX_E_DATA_CONNECTION = 0x26,
    KNX_E_KNX_CONNECTION = 0x27,
    KNX_E_AUTHORISATION_ERROR = 0x28,
    KNX_E_TUNNELLING_LAYER = 0x29,
    KNX_E_NO_TUNNELLING_ADDRESS = 0x2D,
    KNX_E_CONNECTION_IN_USE = 0x2E
};
/* "E_NO_MORE_CONNECTIONS"; "unknown" for others. */
BAS_API const char *knx_status_name(unsigned status);
/* What a person should know: "all tunnels of the interface are in use". */
BAS_API const char *knx_status_text(unsigned status);

/* Status octets of SESSION_STATUS (spec 2.3). */
enum knx_session_status {
    KNX_SESSION_AUTHENTICATION_SUCCESS = 0,
    KNX_SESSION_AUTHENTICATION_FAILED = 1,
    KNX_SESSION_UNAUTHENTICATED = 2,
    KNX_SESSION_TIMEOUT = 3,
    KNX_SESSION_KEEPALIVE = 4,
    KNX_SESSION_CLOSE = 5
};
BAS_API const char *knx_session_status_name(unsigned status);

enum { KNX_SERIAL_LEN = 6, KNX_MAC_LEN = 16, KNX_PUBLIC_KEY_LEN = 32 };

/*
 * One frame, taken apart. Which members count is told by the row of its service in src/knx/ip.def;
 * all others are zero. Slices borrow the octets it was decoded from.
 */
struct knx_message {
    uint16_t service;        /* enum knx_service, or unknown: then payload is the whole body */
    struct knx_hpai control; /* control or discovery endpoint */
    struct knx_hpai data;    /* data endpoint of CONNECT_* */
    struct knx_cri cri;      /* CONNECT_REQUEST; CONNECT_RESPONSE with status 0 */
    uint8_t channel;         /* */
    uint8_t sequence;        /* counter of the connection header */
    uint8_t status;          /* responses, acknowledgements, SESSION_STATUS */
    uint8_t feature;         /* TUNNELLING_FEATURE_* */
    uint8_t return_code;     /* TUNNELLING_FEATURE_RESPONSE */
    uint8_t user;            /* SESSION_AUTHENTICATE */
    uint8_t device_state;    /* ROUTING_BUSY, ROUTING_LOST_MESSAGE */
    uint16_t wait_ms;        /* ROUTING_BUSY */
    uint16_t busy_control;   /* ROUTING_BUSY */
    uint16_t lost;           /* ROUTING_LOST_MESSAGE */
    uint16_t session;        /* SECURE_WRAPPER, SESSION_RESPONSE */
    uint64_t counter;        /* 48 bits: SECURE_WRAPPER sequence, TIMER_NOTIFY timer */
    uint8_t serial[KNX_SERIAL_LEN]; /* SECURE_WRAPPER, TIMER_NOTIFY */
    uint16_t tag;                   /* SECURE_WRAPPER, TIMER_NOTIFY */
    struct bas_slice public_key;    /* 32: SESSION_REQUEST, SESSION_RESPONSE */
    struct bas_slice mac;           /* 16: SESSION_RESPONSE, SESSION_AUTHENTICATE, SECURE_WRAPPER,
                                       TIMER_NOTIFY; empty in a SESSION_RESPONSE of 8 octets (no
                                       session is free) */
    struct bas_slice payload; /* cEMI, DIBs, SRPs, value of a feature (padded or not), the body of
                                 remote diagnosis, encrypted octets of SECURE_WRAPPER; what follows
                                 the type in a CRI or CRD without members here; what some devices
                                 send behind the error of a CONNECT_RESPONSE, to be ignored */
};

/*
 * Looks at a header: *total is the length of the frame that it announces. BAS_ERR_AGAIN: fewer than
 * 6 octets; BAS_ERR_MALFORMED: header length, version or total length is not one (TCP: the stream
 * is lost).
 */
BAS_API BAS_MUST_USE bas_err knx_frame_length(struct bas_slice octets, size_t *total);
/*
 * Takes a frame apart: exactly one, header included. BAS_ERR_MALFORMED (header, a structure inside
 * is wrong), BAS_ERR_TRUNCATED (it ends too early), BAS_ERR_TOO_LONG (octets are left over),
 * BAS_ERR_UNSUPPORTED (unknown service; service and payload are set). After any other error message
 * is all zero. Reserved octets are not looked at, but for SESSION_AUTHENTICATE. fault may be NULL.
 */
BAS_API BAS_MUST_USE bas_err knx_message_decode(struct bas_slice octets,
                                                struct knx_message *message,
                                                struct bas_fault *fault);
/* Appends a frame with its header; the exact inverse. What does not fit sets out->full. */
BAS_API void knx_message_encode(const struct knx_message *message, struct bas_buf *out);
/* "CONNECT_REQUEST"; "unknown". */
BAS_API const char *knx_service_name(unsigned service);
/* All that is known of a frame as members of an open JSON object, names as in this struct. */
BAS_API void knx_message_json(const struct knx_message *message, struct bas_json *json);

/* Description information blocks (spec 1.3) and search request parameters (1.4): length, type,
 * data. */
enum knx_dib_type {
    KNX_DIB_DEVICE_INFO = 0x01,
    KNX_DIB_SUPP_SVC_FAMILIES = 0x02,
    KNX_DIB_IP_CONFIG = 0x03,
    KNX_DIB_CURRENT_CONFIG = 0x04,
    KNX_DIB_KNX_ADDRESSES = 0x05,
    KNX_DIB_SECURED_SERVICE_FAMILIES = 0x06,
    KNX_DIB_TUNNELLING_INFO = 0x07,
    KNX_DIB_EXTENDED_DEVICE_INFO = 0x08,
    KNX_DIB_MFR_DATA = 0xFE
};
enum knx_service_family {
    KNX_FAMILY_CORE = 2,
    KNX_FAMILY_MANAGEMENT = 3,
    KNX_FAMILY_TUNNELLING = 4,
    KNX_FAMILY_ROUTING = 5,
    KNX_FAMILY_REMOTE_LOGGING = 6,
    KNX_FAMILY_REMOTE_CONFIGURATION = 7,
    KNX_FAMILY_OBJECT_SERVER = 8,
    KNX_FAMILY_SECURITY = 9
};
struct knx_block {
    uint8_t type;          /* SRP: without the M bit */
    bool is_mandatory;     /* SRP: the M bit */
    struct bas_slice data; /* without length and type */
};
/* Takes the first DIB or SRP off list; false at its end or when the rest is malformed (decode has
 * refused that). */
BAS_API bool knx_dib_next(struct bas_slice *list, struct knx_block *block);
BAS_API bool knx_srp_next(struct bas_slice *list, struct knx_block *block);
BAS_API void knx_dibs_json(struct bas_slice list, struct bas_json *json); /* members of an object */
/* The name of a family: "tunnelling". */
BAS_API const char *knx_family_name(unsigned family);

enum { KNX_NAME_LEN = 30 };
/* DIB 01. */
struct knx_device_info {
    uint8_t medium;
    bool is_programming;
    knx_ia address;
    uint16_t installation;
    uint8_t serial[KNX_SERIAL_LEN];
    uint8_t multicast[4];
    uint8_t mac[6];
    char name[KNX_NAME_LEN + 1]; /* ISO-8859-1 */
};
/* data: of the block. BAS_ERR_TRUNCATED, BAS_ERR_TOO_LONG. */
BAS_API BAS_MUST_USE bas_err knx_device_info_decode(struct bas_slice data,
                                                    struct knx_device_info *info);
/* Appends the whole DIB. */
BAS_API void knx_device_info_encode(const struct knx_device_info *info, struct bas_buf *out);
/* A whole DIB or SRP: length, type, data, padded to an even length. */
BAS_API void knx_block_encode(uint8_t type, struct bas_slice data, struct bas_buf *out);

/* A TCP stream cut into frames. Octets of a frame that is not whole yet are kept inside (max_frame
 * at most); a longer frame is skipped and counted. */
struct knx_stream {
    uint8_t *stash; /* max_frame octets of the owner */
    size_t cap;
    size_t len;  /* in stash */
    size_t skip; /* octets still to be skipped */
    uint64_t skipped_frames;
    bool is_lost;           /* a header was wrong: nothing more comes out */
    struct bas_slice input; /* not looked at yet */
};
/* cap: max_frame, at least 6. */
BAS_API void knx_stream_init(struct knx_stream *stream, uint8_t *stash, size_t cap);
/* Hands over octets; they must stay until knx_stream_next has answered BAS_ERR_AGAIN. */
BAS_API void knx_stream_feed(struct knx_stream *stream, struct bas_slice octets);
/* The next whole frame (borrowed until the next call). BAS_ERR_AGAIN: no more; BAS_ERR_MALFORMED:
 * the stream is lost, close it. */
BAS_API BAS_MUST_USE bas_err knx_stream_next(struct knx_stream *stream, struct bas_slice *frame);

/* cEMI */

enum knx_message_code {
    KNX_L_DATA_REQ = 0x11,
    KNX_L_DATA_IND = 0x29,
    KNX_L_DATA_CON = 0x2E,
    KNX_L_RAW_REQ = 0x10,
    KNX_L_RAW_IND = 0x2D,
    KNX_L_RAW_CON = 0x2F,
    KNX_L_BUSMON_IND = 0x2B,
    KNX_L_POLL_DATA_REQ = 0x13,
    KNX_L_POLL_DATA_CON = 0x25,
    KNX_T_DATA_CONNECTED_REQ = 0x41,
    KNX_T_DATA_CONNECTED_IND = 0x89,
    KNX_T_DATA_INDIVIDUAL_REQ = 0x4A,
    KNX_T_DATA_INDIVIDUAL_IND = 0x94,
    KNX_M_PROP_READ_REQ = 0xFC,
    KNX_M_PROP_READ_CON = 0xFB,
    KNX_M_PROP_WRITE_REQ = 0xF6,
    KNX_M_PROP_WRITE_CON = 0xF5,
    KNX_M_PROP_INFO_IND = 0xF7,
    KNX_M_FUNC_PROP_COMMAND_REQ = 0xF8,
    KNX_M_FUNC_PROP_STATE_READ_REQ = 0xF9,
    KNX_M_FUNC_PROP_CON = 0xFA,
    KNX_M_RESET_REQ = 0xF1,
    KNX_M_RESET_IND = 0xF0
};
enum knx_priority {
    KNX_PRIORITY_SYSTEM = 0,
    KNX_PRIORITY_NORMAL = 1,
    KNX_PRIORITY_URGENT = 2,
    KNX_PRIORITY_LOW = 3
};
enum {
    KNX_CONTROL1_STANDARD = 0x80, /* FT: standard frame */
    KNX_CONTROL1_NO_REPEAT = 0x20,
    KNX_CONTROL1_BROADCAST = 0x10, /* clear: system broadcast */
    KNX_CONTROL1_ACK = 0x02,
    KNX_CONTROL1_ERROR = 0x01, /* L_Data.con: negative */
    KNX_CONTROL2_GROUP = 0x80,
    KNX_DEFAULT_CONTROL1 = 0xBC, /* low priority */
    KNX_DEFAULT_CONTROL2_GROUP = 0xE0,
    KNX_DEFAULT_CONTROL2_INDIVIDUAL = 0x60
};

/* Members from control1 on: L_Data only; from object_type on: M_Prop and M_FuncProp. */
struct knx_cemi {
    uint8_t code;                /* enum knx_message_code */
    struct bas_slice additional; /* L_Data, L_Raw, L_Busmon, L_Poll_Data: items */
    uint8_t control1;            /* encode sets or clears FT by the length of tpdu (spec 3.1) */
    uint8_t control2;
    knx_ia source;
    uint16_t destination;  /* group or Individual Address by control2 */
    struct bas_slice tpdu; /* 1 .. 255 octets */
    uint16_t object_type;
    uint8_t object_instance;
    uint8_t property;
    uint8_t elements;      /* 4 bits */
    uint16_t start_index;  /* 12 bits */
    struct bas_slice data; /* also the body of codes that have no members here */
};
/* Errors as knx_message_decode. BAS_ERR_UNSUPPORTED: an unknown code (code and data are set), or an
 * extended frame format other than 0 (all members are set, but the destination is neither group nor
 * Individual Address). A frame type that does not fit the length is accepted. */
BAS_API BAS_MUST_USE bas_err knx_cemi_decode(struct bas_slice octets, struct knx_cemi *cemi,
                                             struct bas_fault *fault);
BAS_API void knx_cemi_encode(const struct knx_cemi *cemi, struct bas_buf *out);
BAS_API const char *knx_message_code_name(unsigned code); /* "L_Data.req" */
BAS_API void knx_cemi_json(const struct knx_cemi *cemi, struct bas_json *json);
BAS_API bool knx_cemi_is_group(const struct knx_cemi *cemi); /* L_Data to a group that is not 0 */
/* A T_Data_Group request to ga: source, low priority, hop count 6. */
BAS_API struct knx_cemi knx_cemi_group(uint8_t code, knx_ia source, knx_ga ga,
                                       struct bas_slice tpdu);

/* TPDU: TPCI and, where there is one, APDU */

enum knx_tpci_kind {
    KNX_T_DATA_GROUP, /* also broadcast and individual: the address tells */
    KNX_T_DATA_TAG_GROUP,
    KNX_T_DATA_CONNECTED,
    KNX_T_CONNECT,
    KNX_T_DISCONNECT,
    KNX_T_ACK,
    KNX_T_NAK
};
enum knx_apci {
    KNX_GROUP_VALUE_READ = 0x000,
    KNX_GROUP_VALUE_RESPONSE = 0x040,
    KNX_GROUP_VALUE_WRITE = 0x080,
    KNX_DEVICE_DESCRIPTOR_READ = 0x300,
    KNX_DEVICE_DESCRIPTOR_RESPONSE = 0x340,
    KNX_SECURE_SERVICE = 0x3F1
};
/* One TPDU, taken apart. */
struct knx_tpdu {
    uint8_t tpci;     /* the first octet as it stands, APCI bits cleared */
    uint8_t kind;     /* enum knx_tpci_kind */
    uint8_t sequence; /* numbered kinds: 0 .. 15 */
    bool has_apdu;
    uint16_t apci;         /* 10 bits without data bits: a row of apdu.def, or as received */
    uint8_t small;         /* data bits inside the second octet (4 or 6 of them, by the service) */
    struct bas_slice data; /* what follows */
};
/* An unknown APCI is no error. BAS_ERR_TRUNCATED, BAS_ERR_TOO_LONG (octets behind a control TPDU),
 * BAS_ERR_MALFORMED (a reserved transport control octet). */
BAS_API BAS_MUST_USE bas_err knx_tpdu_decode(struct bas_slice octets, struct knx_tpdu *tpdu,
                                             struct bas_fault *fault);
/* The first octet comes from kind and sequence, not from tpci. */
BAS_API void knx_tpdu_encode(const struct knx_tpdu *tpdu, struct bas_buf *out);
BAS_API const char *knx_apci_name(unsigned apci); /* "GroupValueRead" */
/* Members of an open JSON object: kind, service, the fields of its payload. Also checks the payload
 * of the service: BAS_ERR_TRUNCATED, BAS_ERR_TOO_LONG, BAS_ERR_MALFORMED when it has not the
 * service's form, BAS_ERR_UNSUPPORTED for an unknown APCI; the payload is one member "data" then.
 * Keys are not shown. json may be NULL: only checks. */
BAS_API BAS_MUST_USE bas_err knx_tpdu_json(const struct knx_tpdu *tpdu, struct bas_json *json,
                                           struct bas_fault *fault);

/*
 * A group value as octets. is_small: one octet of up to 6 bits inside the APCI octet.
 */
struct knx_group_value {
    bool is_small;
    struct bas_slice octets;
};
/* A whole TPDU: apci is read (value may be NULL), response or write. Nothing is written and out is
 * full for a value without octets, or a small one of more than 6 bits. */
BAS_API void knx_group_encode(unsigned apci, const struct knx_group_value *value,
                              struct bas_buf *out);
/* False when tpdu is not a group service. A value of one octet with 6 bits is small. The octets
 * borrow from tpdu (small ones point at &tpdu->small); a read has none. */
BAS_API bool knx_group_value_of(const struct knx_tpdu *tpdu, struct knx_group_value *value);

#ifdef __cplusplus
}
#endif

#endif
