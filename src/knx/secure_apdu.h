/* What the engine of Data Secure needs of secure_apdu.c beyond the public header. */
#ifndef BASALT_KNX_SECURE_APDU_H
#define BASALT_KNX_SECURE_APDU_H

#include "basalt/knx_secure.h"

enum {
    KNX_SCF_ALGORITHM = 0x70,
    KNX_SCF_SERVICE = 0x07,
    KNX_TPCI_MASK = 0xFC, /* what is left of an octet that holds APCI bits, too */
    KNX_TPDU_MAX = 255,   /* L = 254 (spec 3.1) */
    KNX_SYNC_LEN = 25     /* the TPDU of S-A_Sync_Req and S-A_Sync_Res */
};

/* What stands before the body: readable without a key. */
struct knx_secure_head {
    uint8_t tpci; /* APCI bits cleared */
    uint8_t scf;
    uint64_t sequence;              /* Sync_Res: challenge ^ random */
    uint8_t serial[KNX_SERIAL_LEN]; /* Sync_Req: whom it is for, on broadcast */
};

bool knx_scf_is(uint8_t scf, uint8_t service); /* KNX_SCF_DATA, SYNC_REQUEST, SYNC_RESPONSE */
/* True when tpdu is a Secure service (APCI 3F1), whole or not. */
bool knx_is_secure(struct bas_slice tpdu);
/* KNX_DROP_NONE, MALFORMED (length) or SCF. */
enum knx_drop knx_secure_head_read(struct bas_slice tpdu, struct knx_secure_head *head);
/* Decrypts and verifies, without a look at the plain APDU: NONE, MALFORMED, SCF or MAC. */
enum knx_drop knx_secure_apdu_verify(const struct knx_cipher *cipher,
                                     const struct knx_secure_path *path, struct bas_slice tpdu,
                                     uint8_t *scratch, struct knx_secure_apdu *apdu);
/* False where a verified S-A_Data must not be delivered: its upper six bits are not zero, or it is
 * a Secure service again (spec 4.9). */
bool knx_secure_apdu_is_plain(const struct knx_secure_apdu *apdu);

#endif
