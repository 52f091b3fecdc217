/* The rows of the application layer's services and their fields. */
#ifndef BASALT_KNX_APDU_H
#define BASALT_KNX_APDU_H

#include "basalt/knx.h"

enum apdu_field_code {
    F_END,
#define APDU_FIELD(code, form, number, name) F_##code,
#include "knx/apdu_field.def"
#undef APDU_FIELD
    F_FIELDS
};

enum { APDU_MAX_FIELDS = 13 };
struct apdu_service {
    uint16_t apci;
    uint8_t bits; /* of apci, that are data */
    const char *name;
    uint8_t fields[APDU_MAX_FIELDS + 1]; /* enum apdu_field_code, ended by F_END */
};
/* The service of 10 bits, data bits included or not. NULL: there is none. */
const struct apdu_service *apdu_service_find(unsigned apci);

/* Walks over the fields of a service: checks them, and writes them as members of json (NULL: only
 * checks). BAS_ERR_TRUNCATED, BAS_ERR_TOO_LONG, BAS_ERR_MALFORMED. */
bas_err apdu_walk(const struct apdu_service *service, const struct knx_tpdu *tpdu,
                  struct bas_json *json, struct bas_fault *fault);

#endif
