/* The rows of keyring.def: which elements there are, which attributes they have. */
#ifndef BASALT_KNX_KEYRING_ROW_H
#define BASALT_KNX_KEYRING_ROW_H

#include "basalt/knx_keyring.h"

/* Where in the file. */
enum knx_keyring_place {
#define KEYRING_ELEMENT(place, parent, name, item, max) KNX_KEYRING_AT_##place,
#define KEYRING_FIELD(place, item, name, kind, is_needed, member)
#define KEYRING_FLAGGED(place, item, name, kind, member, flag)
#include "knx/keyring/keyring.def"
#undef KEYRING_ELEMENT
#undef KEYRING_FIELD
#undef KEYRING_FLAGGED
    KNX_KEYRING_PLACES,
    KNX_KEYRING_AT_TOP = KNX_KEYRING_PLACES, /* outside of the root element */
    KNX_KEYRING_AT_UNKNOWN
};

/* What an attribute's text means. */
enum knx_keyring_kind {
    KNX_KEYRING_IA,       /* knx_ia; 0: absent */
    KNX_KEYRING_GROUP,    /* knx_ga, written as one decimal number */
    KNX_KEYRING_IPV4,     /* uint8_t[4] */
    KNX_KEYRING_LATENCY,  /* uint32_t; 0: absent */
    KNX_KEYRING_SEQUENCE, /* uint64_t of 48 bits; 0: absent */
    KNX_KEYRING_USER,     /* uint8_t; 0: absent */
    KNX_KEYRING_TYPE,     /* enum knx_interface_type */
    KNX_KEYRING_KEY,      /* struct knx_key, encrypted */
    KNX_KEYRING_PASSWORD, /* struct knx_password, encrypted */
    KNX_KEYRING_SERIAL,   /* uint8_t[6] */
    KNX_KEYRING_KINDS
};

struct knx_keyring_element {
    enum knx_keyring_place parent;
    const char *name;
    size_t item_len;
    size_t max;
};

struct knx_keyring_field {
    enum knx_keyring_place place;
    const char *name;
    enum knx_keyring_kind kind;
    bool is_needed;
    bool has_flag;
    size_t member; /* offsets in the item */
    size_t flag;
};

/* By place, below KNX_KEYRING_PLACES. */
const struct knx_keyring_element *knx_keyring_element(enum knx_keyring_place place);
/* The place of an element of this name inside parent; KNX_KEYRING_AT_UNKNOWN. */
enum knx_keyring_place knx_keyring_place(enum knx_keyring_place parent, const char *name);
/* The next field of a place; field NULL starts. NULL: no more. */
const struct knx_keyring_field *knx_keyring_next_field(enum knx_keyring_place place,
                                                       const struct knx_keyring_field *field);
/* Whether two texts are the same. */
bool knx_keyring_is(const char *a, const char *b);

#endif
