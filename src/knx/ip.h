/* The rows of KNXnet/IP services and their fields, for the codec and for JSON. */
#ifndef BASALT_KNX_IP_H
#define BASALT_KNX_IP_H

#include "basalt/knx.h"
#include "wire/rd.h"

enum ip_field_code {
    IP_END,
#define IP_FIELD(code, form, member, number, words) IP_##code,
#include "knx/ip_field.def"
#undef IP_FIELD
    IP_FIELDS
};

enum { IP_MAX_FIELDS = 8 };
struct ip_service {
    uint16_t code;
    const char *name;
    uint8_t fields[IP_MAX_FIELDS + 1]; /* enum ip_field_code, ended by IP_END */
};
/* NULL: there is no such service. */
const struct ip_service *ip_service_find(unsigned code);

/* Reads one field into message. BAS_ERR_MALFORMED, BAS_ERR_TRUNCATED; *is_end: no field follows. */
bas_err ip_field_read(unsigned code, struct rd *r, struct knx_message *message, bool *is_end);
/* The inverse; false: no field follows. */
bool ip_field_write(unsigned code, const struct knx_message *message, struct bas_buf *out);
/* What people call it: "control endpoint". */
const char *ip_field_name(unsigned code);

#endif
