/* Owns the growing lists of a keyring: no copy of a key is left behind in memory. */
#include "knx/keyring/list.h"

#include <string.h>

enum { FIRST_CAP = 4 };

static bas_err grow(const struct bas_env *env, struct knx_keyring_list *list)
{
    size_t cap = list->cap == 0 ? FIRST_CAP : list->cap * 2;
    cap = cap < list->max ? cap : list->max;
    uint8_t *items = bas_alloc(env, cap * list->item_len);
    if (items == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    if (list->n != 0) {
        memcpy(items, list->items, list->n * list->item_len);
    }
    size_t n = list->n;
    knx_keyring_list_free(env, list);
    list->items = items;
    list->cap = cap;
    list->n = n;
    return BAS_OK;
}

bas_err knx_keyring_list_add(const struct bas_env *env, struct knx_keyring_list *list,
                             const void *item)
{
    if (list->n == list->max) {
        return BAS_ERR_TOO_LONG;
    }
    if (list->n == list->cap) {
        bas_err err = grow(env, list);
        if (err != BAS_OK) {
            return err;
        }
    }
    memcpy(list->items + list->n * list->item_len, item, list->item_len);
    list->n++;
    return BAS_OK;
}

void *knx_keyring_list_last(const struct knx_keyring_list *list)
{
    return list->items + (list->n - 1) * list->item_len;
}

void knx_keyring_list_free(const struct bas_env *env, struct knx_keyring_list *list)
{
    if (list->items != NULL) {
        bas_wipe(list->items, list->cap * list->item_len);
        bas_release(env, list->items, list->cap * list->item_len);
    }
    list->items = NULL;
    list->n = 0;
    list->cap = 0;
}
