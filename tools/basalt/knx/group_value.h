/* Values of group telegrams, as people write and read them. */
#ifndef BASALT_TOOLS_GROUP_VALUE_H
#define BASALT_TOOLS_GROUP_VALUE_H

#include "basalt/knx_dpt.h"

#include "tool.h"

/* A value with its octets. */
struct group_value {
    uint8_t octets[KNX_DPT_MAX_SIZE];
    struct knx_group_value value;
};

/* Arguments and options: "1/2/3", "9.001". False: the mistake was told. */
bool group_address(struct tool *tool, const char *text, knx_ga *group);
bool group_dpt(struct tool *tool, const char *text, const struct knx_dpt **dpt);

/* Reads text as the type says; dpt NULL: hex, where one digit alone is a value of up to 4 bits
 * inside the APCI. False: the mistake was told. */
bool group_value_read(struct tool *tool, const char *text, const struct knx_dpt *dpt,
                      struct group_value *value);

/* Appends the value with its unit, or in hex when dpt is NULL. BAS_ERR_MALFORMED: it does not fit
 * the type; nothing is appended. */
bas_err group_value_text(const struct knx_group_value *value, const struct knx_dpt *dpt,
                         struct bas_buf *out, struct bas_fault *fault);
/* Members "hex", "bits" (true: up to 6 bits inside the APCI), and those of the type where it fits.
 */
bas_err group_value_json(const struct knx_group_value *value, const struct knx_dpt *dpt,
                         struct bas_json *json, struct bas_fault *fault);

#endif
