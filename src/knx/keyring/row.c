/* Owns the tables that come of keyring.def. */
#include "knx/keyring/row.h"

#include <string.h>

#define KEYRING_ELEMENT(place, parent, name, item, max)                                            \
    [KNX_KEYRING_AT_##place] = { KNX_KEYRING_AT_##parent, name, sizeof(item), max },
#define KEYRING_FIELD(place, item, name, kind, is_needed, member)
#define KEYRING_FLAGGED(place, item, name, kind, member, flag)
static const struct knx_keyring_element elements[KNX_KEYRING_PLACES] = {
#include "knx/keyring/keyring.def"
};
#undef KEYRING_ELEMENT
#undef KEYRING_FIELD
#undef KEYRING_FLAGGED

#define KEYRING_ELEMENT(place, parent, name, item, max)
#define KEYRING_FIELD(place, item, name, kind, is_needed, member)                                  \
    {                                                                                              \
        KNX_KEYRING_AT_##place, name, KNX_KEYRING_##kind, is_needed, false,                        \
        offsetof(item, member), 0                                                                  \
    },
#define KEYRING_FLAGGED(place, item, name, kind, member, flag)                                     \
    { KNX_KEYRING_AT_##place, name, KNX_KEYRING_##kind, false, true, offsetof(item, member),       \
      offsetof(item, flag) },
static const struct knx_keyring_field fields[] = {
#include "knx/keyring/keyring.def"
};
#undef KEYRING_ELEMENT
#undef KEYRING_FIELD
#undef KEYRING_FLAGGED

const struct knx_keyring_element *knx_keyring_element(enum knx_keyring_place place)
{
    return &elements[place];
}

enum knx_keyring_place knx_keyring_place(enum knx_keyring_place parent, const char *name)
{
    for (unsigned place = 0; place < KNX_KEYRING_PLACES; place++) {
        if (elements[place].parent == parent && knx_keyring_is(elements[place].name, name)) {
            return (enum knx_keyring_place)place;
        }
    }
    return KNX_KEYRING_AT_UNKNOWN;
}

const struct knx_keyring_field *knx_keyring_next_field(enum knx_keyring_place place,
                                                       const struct knx_keyring_field *field)
{
    size_t i = field == NULL ? 0 : (size_t)(field - fields) + 1;
    for (; i < BAS_ARRAY_LEN(fields); i++) {
        if (fields[i].place == place) {
            return &fields[i];
        }
    }
    return NULL;
}

bool knx_keyring_is(const char *a, const char *b)
{
    size_t len = strlen(a);
    return len == strlen(b) && bas_equal_secret(a, b, len);
}
