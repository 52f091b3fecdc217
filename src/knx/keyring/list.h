/* A list of a keyring that grows to a bound; wiped wherever it leaves memory. */
#ifndef BASALT_KNX_KEYRING_LIST_H
#define BASALT_KNX_KEYRING_LIST_H

#include "basalt/base.h"

struct knx_keyring_list {
    uint8_t *items;
    size_t item_len;
    size_t max;
    size_t n;
    size_t cap;
};
/* BAS_ERR_TOO_LONG: max items are there; BAS_ERR_NO_MEMORY. The list stays as it is then. */
BAS_MUST_USE bas_err knx_keyring_list_add(const struct bas_env *env, struct knx_keyring_list *list,
                                          const void *item);
/* The last item; there is one. */
void *knx_keyring_list_last(const struct knx_keyring_list *list);
void knx_keyring_list_free(const struct bas_env *env, struct knx_keyring_list *list);

#endif
