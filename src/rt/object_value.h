/* What the objects of a configured device are made of: a row for each type, and its values as
 * people write them. */
#ifndef BASALT_RT_OBJECT_VALUE_H
#define BASALT_RT_OBJECT_VALUE_H

#include "basalt/bacnet_value.h"

enum object_role { OBJECT_INPUT, OBJECT_OUTPUT, OBJECT_VALUE, OBJECT_OTHER };

/* Kinds of objects: bits, for sets of them. */
enum {
    OBJECT_ANALOG = 1 << 0,
    OBJECT_BINARY = 1 << 1,
    OBJECT_MULTI_STATE = 1 << 2,
    OBJECT_INTEGER = 1 << 3,
    OBJECT_LARGE = 1 << 4,
    OBJECT_OF_TEXT = 1 << 5,
    OBJECT_OF_BITS = 1 << 6,
    OBJECT_OF_OCTETS = 1 << 7,
    OBJECT_OF_DATE = 1 << 8,
    OBJECT_OF_TIME = 1 << 9,
    OBJECT_OF_DATE_TIME = 1 << 10,
    OBJECT_IS_FILE = 1 << 11,
    OBJECT_IS_CLASS = 1 << 12,
    OBJECT_IS_VIEW = 1 << 13,
    OBJECT_NUMBERS = OBJECT_ANALOG | OBJECT_INTEGER | OBJECT_LARGE,
    OBJECT_WITH_VALUE = OBJECT_IS_FILE - 1
};

struct object_kind {
    uint16_t type; /* enum bac_object_type */
    const char *name;
    unsigned kind;
    enum object_role role;
    const struct bac_type *value; /* of Present_Value; NULL: none */
    bool is_pattern;              /* dates and times may have unspecified parts */
    const char *words;            /* what a value is: "a number" */
};

/* NULL: not a type that a device can be configured with. */
const struct object_kind *object_kind_of(uint32_t type);

/*
 * Appends the encoded value that text means (application-tagged; of a DateTime both).
 * BAS_ERR_INVALID with "what is wrong; what is allowed" appended to why.
 */
bas_err object_value_encode(const struct object_kind *kind, const char *text, struct bas_buf *out,
                            struct bas_buf *why);

/* An item of a Structured View: "[DEVICE/]TYPE,INSTANCE [ANNOTATION]". */
struct object_subordinate {
    struct bac_object_id object;
    uint32_t device;        /* instance; UINT32_MAX: our own */
    const char *annotation; /* borrows the text; NULL: none */
};
/* False: it is not one. */
bool object_subordinate_read(const char *text, struct object_subordinate *out);

#endif
