/* What `basalt decode` tells of one frame, layer by layer, as members of a JSON object. */
#ifndef BASALT_TOOLS_DECODE_H
#define BASALT_TOOLS_DECODE_H

#include "basalt/base.h"
#include "basalt/sc.h"

enum decode_role { DECODE_HUB, DECODE_NODE, DECODE_DIRECT, DECODE_UNCONNECTED };

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

/* "error" and "reason" of a fault; nothing while it is BAS_OK. */
void decode_fault(const struct bas_fault *fault, struct bas_json *json);

#endif
