/* What `basalt decode` tells of one frame, layer by layer, as members of a JSON object. */
#ifndef BASALT_TOOLS_DECODE_H
#define BASALT_TOOLS_DECODE_H

#include "basalt/base.h"
#include "basalt/knx_secure.h"
#include "basalt/sc.h"

enum decode_role { DECODE_HUB, DECODE_NODE, DECODE_DIRECT, DECODE_UNCONNECTED };

/* Keys for KNX, and what is known beside a frame. */
struct decode_knx {
    bool has_session_key;
    struct knx_cipher session_key; /* opens SECURE_WRAPPER: a session's or the backbone's */
    bool has_key;
    struct knx_cipher key;       /* opens a telegram of Data Secure */
    struct knx_secure_path path; /* DATASECURE: from whom to whom */
    uint64_t challenge;          /* of the S-A_Sync_Req that an S-A_Sync_Res answers */
    bool has_last;
    uint64_t last; /* the last valid sequence number: moves with the frames */
};

/* Who we are and on which connection the frame came. */
struct decode_context {
    enum decode_role role;
    struct bsc_vmac self;
    struct bsc_uuid uuid;
    struct bsc_vmac peer;             /* HUB: the node that sent it */
    const struct bsc_vmac *connected; /* HUB: who else is connected; NULL: everybody */
    size_t n_connected;
    uint16_t next_id; /* our next fresh message id */
    uint8_t *scratch; /* of DECODE_SCRATCH octets: replies and forwarded frames */
    uint8_t *arena;   /* of DECODE_ARENA octets: lists of decoded parameters */
    struct decode_knx knx;
};
enum { DECODE_SCRATCH = 131072, DECODE_ARENA = 4194304 };

/* One BVLC-SC message: its fields, what we would do with it, what we would send. */
void decode_bvlc(struct decode_context *context, struct bas_slice octets, struct bas_json *json);

/* One NPDU with its APDU, and one APDU: their fields and parameters in readable form. False: a
 * header is malformed, nobody would look further. */
bool decode_npdu(const struct decode_context *context, struct bas_slice octets,
                 struct bas_json *json);
bool decode_apdu(const struct decode_context *context, struct bas_slice octets,
                 struct bas_json *json);

/* One KNXnet/IP frame, one cEMI message, one TPDU of Data Secure; with their keys what is inside,
 * too. False: nobody would look further. */
bool decode_knxip(struct decode_context *context, struct bas_slice octets, struct bas_json *json);
bool decode_cemi(struct decode_context *context, struct bas_slice octets, struct bas_json *json);
bool decode_datasecure(struct decode_context *context, struct bas_slice octets,
                       struct bas_json *json);
/* Reads a key of 32 hex digits from a file. */
bas_err decode_key_read(const struct bas_env *env, const char *path, struct knx_cipher *cipher,
                        struct bas_fault *fault);

/* "error" and "reason" of a fault; nothing while it is BAS_OK. */
void decode_fault(const struct bas_fault *fault, struct bas_json *json);

#endif
