/*
 * What our server can do, from its rows: the services that it executes, the object types, their
 * properties, and the BIBBs (Annex K) that follow. A PICS (Annex A) is made of it, and a running
 * device is compared with it.
 */
#ifndef BASALT_BACNET_CLAIM_H
#define BASALT_BACNET_CLAIM_H

#include "basalt/bacnet.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether the server executes a service by itself, without a hook of the program. */
BAS_API bool bac_claims_service(bool confirmed, uint8_t service);
/* The n-th object type; false: no more. */
BAS_API bool bac_claimed_type(size_t n, uint16_t *object_type);

struct bac_property_claim {
    uint32_t property;
    const struct bac_type *type; /* of one element */
    char conformance;            /* 'R', 'O' or 'W' (clause 12) */
    bool is_array, is_list;
    bool is_writable; /* of some objects of the type at least, perhaps not always */
};
/* The n-th property of an object type; false: no more. */
BAS_API bool bac_claimed_property(uint16_t object_type, size_t n, struct bac_property_claim *claim);

/* A BACnet interoperability building block. */
struct bac_bibb {
    const char *name; /* "DS-RP-B" */
    const char *text; /* "Data Sharing: ReadProperty, B" */
    bool is_claimed;
};
/* Of all that we know, in the order of Annex K. */
BAS_API bool bac_bibb(size_t n, struct bac_bibb *bibb);

#ifdef __cplusplus
}
#endif

#endif
