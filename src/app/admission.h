/*
 * The rules of admission that settings add to what certificates prove: who may connect to a hub, or
 * directly to a node. Both are off unless they are set.
 */
#ifndef BASALT_APP_ADMISSION_H
#define BASALT_APP_ADMISSION_H

#include "basalt/rt.h"

/*
 * Judges the Connect-Request of a device with uuid that showed identity (NULL: no certificate was
 * shown, as over ws://).
 *
 * An item of rules->allow that reads as a UUID (bsc_uuid_parse) lets in the device that says it has
 * that UUID, unless its certificate has another one. Every other item is a certificate subject and
 * is compared octet for octet with the RFC 4514 text that logs show ("CN=ahu-1,O=Site"); one of
 * more than 251 octets may not be shown whole and never matches. One item that fits is enough.
 * rules NULL: none.
 *
 * BAS_OK, or BAS_ERR_REFUSED with the class and code that the peer is told (BSC_POLICY_ADMISSION_*)
 * and a text that names UUID and subject and says which rule it was.
 */
BAS_MUST_USE bas_err admission_judge(const struct bas_admission *rules,
                                     const struct bas_tls_identity *identity,
                                     const struct bsc_uuid *uuid, struct bas_fault *fault);

/* Copies rules into memory of their own, to outlive the settings. BAS_ERR_NO_MEMORY: copy is
 * empty. */
BAS_MUST_USE bas_err admission_copy(const struct bas_env *env, const struct bas_admission *rules,
                                    struct bas_admission *copy);
/* Frees a copy; one that is all zero is allowed. */
void admission_release(const struct bas_env *env, struct bas_admission *copy);

#endif
