/*
 * Every choice that the sources of BACnet/SC leave open, as a named constant. What the sources say
 * and why each was chosen stands in doc/decisions.md under the name given here.
 */
#ifndef BASALT_SC_POLICY_H
#define BASALT_SC_POLICY_H

#include "basalt/sc.h"

/* Error codes of the class COMMUNICATION that the sources disagree about. */
enum {
    /* Control bits 7 to 4 are not zero. */
    BSC_POLICY_RESERVED_BITS_CODE = BAC_ERROR_CODE_PARAMETER_OUT_OF_RANGE,
    /* An address is there where it must not be, or is missing where it must be. */
    BSC_POLICY_ADDRESS_CODE = BAC_ERROR_CODE_PARAMETER_OUT_OF_RANGE,
    /* Secure Path stands among the destination options. */
    BSC_POLICY_SECURE_PATH_DESTINATION_CODE = BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD,
    /* Secure Path has data. */
    BSC_POLICY_SECURE_PATH_DATA_CODE = BAC_ERROR_CODE_HEADER_ENCODING_ERROR,
    /* A message that the state of its connection does not allow; only logged. */
    BSC_POLICY_STATE_CODE = BAC_ERROR_CODE_OTHER,
    /* A message of fewer than four octets; only logged. */
    BSC_POLICY_SHORT_CODE = BAC_ERROR_CODE_MESSAGE_INCOMPLETE,
};

/* Class and code of the NAK to a Connect-Request that the rules of admission refuse. */
enum {
    BSC_POLICY_ADMISSION_CLASS = BAC_ERROR_CLASS_SECURITY,
    BSC_POLICY_ADMISSION_CODE = BAC_ERROR_CODE_ACCESS_DENIED,
};

/* Whether something is answered or allowed: 1 yes, 0 no. */
enum {
    /* An Advertisement with a fault is answered with a NAK. */
    BSC_POLICY_ADVERTISEMENT_MAY_BE_NAKED = 0,
    /* The hub answers a request that names no destination with a NAK. */
    BSC_POLICY_HUB_NAKS_NO_DESTINATION = 1,
    /* The hub forwards a message that has an Originating address (and overwrites it). */
    BSC_POLICY_HUB_FORWARDS_ORIGINATING = 1,
    /* The hub forwards a broadcast of a function that is only for one destination. */
    BSC_POLICY_HUB_FORWARDS_ANY_BROADCAST = 0,
    /* A node answers an addressed request without Originating address with a NAK to its hub. */
    BSC_POLICY_NODE_NAKS_NO_ORIGINATING = 1,
    /* A message with a destination other than the broadcast VMAC is taken on a direct connection.
     */
    BSC_POLICY_DIRECT_TAKES_DESTINATION = 0,
    /* A well-formed Proprietary-Message is delivered; else it is answered with a NAK. */
    BSC_POLICY_PROPRIETARY_IS_DELIVERED = 1,
};

/* The capability flags of the Hello option that we send: no identity relay. */
enum { BSC_POLICY_HELLO_FLAGS = 0x00 };

/* What one peer may cause: NAKs and log lines come from a bucket of tokens. */
enum { BSC_POLICY_NAK_BURST = 20, BSC_POLICY_NAKS_PER_SECOND = 5 };

/* The connection engines. */
enum {
    /* So many malformed Connect-Requests end a connection; those before are only answered. */
    BSC_POLICY_BAD_CONNECT_REQUESTS = 3,
    /* A heartbeat goes out after so long without a message (the text recommends 300 s). */
    BSC_POLICY_HEARTBEAT_MS = 60000, /* bsc 5.5-03 */
    /* So long may its answer take. */
    BSC_POLICY_HEARTBEAT_ACK_MS = 10000, /* bsc 5.5-05 11-42 */
    /* The accepting peer closes after so long without a message. */
    BSC_POLICY_SILENCE_MS = 660000, /* bsc 5.5-06 */
    /* A hub or peer that takes nothing for so long while others want to send is left. */
    BSC_POLICY_STALL_MS = 30000,
    /* The delay before an attempt to connect varies by so much to both sides, within its bounds. */
    BSC_POLICY_JITTER_PERCENT = 20,
};

/* The node switch. */
enum {
    /* So many unicasts within so long make a peer worth a direct connection of its own. */
    BSC_POLICY_DIRECT_UNICASTS = 5,
    BSC_POLICY_DIRECT_WINDOW_MS = 10000,
    /* Direct connections at a time, and peers remembered. */
    BSC_POLICY_DIRECT_MAX = 32,
    BSC_POLICY_PEERS_MAX = 256,
    /* Places over direct_max for peers that come back while their old connection is still there,
     * and for connections that are ending: one for so many, and so many at least. */
    BSC_POLICY_DIRECT_SPARE_PART = 16,
    BSC_POLICY_DIRECT_SPARE = 4,
    /* An Address-Resolution-ACK may take so long, and is believed so long. */
    BSC_POLICY_RESOLUTION_WAIT_MS = 10000,
    BSC_POLICY_RESOLUTION_FRESH_MS = 600000,
    /* Of the URIs that a peer names so many are tried. */
    BSC_POLICY_DIRECT_URIS = 8,
    /* Of all peers' direct_max at once, then so many a second. */
    BSC_POLICY_DIRECT_ATTEMPTS_PER_SECOND = 5,
    /* The next attempt after one that failed, and the next question after a peer said no (45). */
    BSC_POLICY_DIRECT_RETRY_MS = 60000,
    BSC_POLICY_DIRECT_REFUSED_MS = 3600000,
};

#endif
