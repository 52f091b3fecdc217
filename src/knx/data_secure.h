/* What the files of the Data Secure engine share: its state, and a telegram on its way in. */
#ifndef BASALT_KNX_DATA_SECURE_H
#define BASALT_KNX_DATA_SECURE_H

#include "basalt/knx_secure.h"

#include "knx/secure_apdu.h"
#include "knx/secure_keys.h"
#include "knx/senders.h"
#include "knx/sequence.h"

enum { KNX_SYNC_CEMI = 64 }; /* a cEMI with a Sync service: 34 octets */

/* S-A_Sync in both roles (spec 4.8). */
struct knx_sync {
    bool is_waiting; /* our request is in flight */
    bool is_tool;
    knx_ia peer;
    uint64_t challenge;
    bas_time deadline;
    bool has_answered;
    bas_time quiet_until; /* no other answer before */
    bool is_over;         /* SYNCED is to be told */
    bool is_ok;
    uint8_t answer[KNX_SYNC_CEMI];
    size_t answer_len; /* 0: none waits to be sent */
};

/* How fast the numbers are used up (spec 4.6: a restart by the clock needs less than 1000 a
 * second). */
struct knx_pace {
    bas_time start; /* of the window */
    uint32_t count; /* in it */
    bool is_fast;
    bool is_told;
};

struct knx_data_secure {
    struct bas_env env;
    knx_ia address;
    uint8_t serial[KNX_SERIAL_LEN];
    bool send_authentication_only;
    struct knx_secure_keys keys;
    struct knx_senders senders;
    struct knx_sequence sequence;
    struct knx_sync sync;
    struct knx_pace pace;
    uint64_t drops[KNX_DROPS];
};

/* A secured telegram on its way in. */
struct knx_incoming {
    const struct knx_cemi *cemi;
    bas_time now;
    struct knx_secure_head head;
    struct knx_secure_path path;
    const struct knx_cipher *cipher;
    struct knx_record *record; /* of its sender; NULL for our own telegrams */
    bool is_group;
    bool is_broadcast;
    bool is_tool;
    bool is_own; /* a confirmation of what we sent */
};

/* Judge a sync service whose key and sender are known. */
enum knx_drop knx_sync_take_request(struct knx_data_secure *secure,
                                    const struct knx_incoming *incoming);
enum knx_drop knx_sync_take_response(struct knx_data_secure *secure,
                                     const struct knx_incoming *incoming);
void knx_sync_expire(struct knx_sync *sync, bas_time now);

#endif
