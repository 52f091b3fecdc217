/* The text of a keyring's attributes and the members that it becomes, in both directions. */
#ifndef BASALT_KNX_KEYRING_VALUE_H
#define BASALT_KNX_KEYRING_VALUE_H

#include "knx/keyring/crypto.h"
#include "knx/keyring/row.h"

/*
 * Reads text into the member of item that the field names. BAS_ERR_MALFORMED: not a value of its
 * kind; BAS_ERR_UNSUPPORTED: an interface of a type that we do not know; BAS_ERR_KEY: a password
 * that another key made.
 */
bas_err knx_keyring_value_read(const struct knx_keyring_cipher *cipher,
                               const struct knx_keyring_field *field, const char *text, void *item);
/* Whether item has a value for the field. */
bool knx_keyring_has_value(const struct knx_keyring_field *field, const void *item);
/* Whether the value can be written: in its range. */
bool knx_keyring_value_is_good(const struct knx_keyring_field *field, const void *item);
void knx_keyring_value_write(const struct knx_keyring_cipher *cipher, const struct bas_env *env,
                             const struct knx_keyring_field *field, const void *item,
                             struct bas_buf *text);

/* "an Individual Address such as 1.1.10". */
const char *knx_keyring_kind_text(enum knx_keyring_kind kind);
/* Whether a text of this kind may be shown to people. */
bool knx_keyring_kind_is_open(enum knx_keyring_kind kind);

/* Takes the next Individual Address of a list that is separated by spaces. False: none is left, or
 * (text then is not empty) what follows is none. */
bool knx_keyring_next_sender(struct bas_slice *text, knx_ia *sender);

#endif
