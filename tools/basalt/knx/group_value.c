/* Owns the way of group values between octets and people. */
#include "group_value.h"

#include "rt/setting.h"
#include "wire/rd.h"

#include <string.h>

enum { QUOTED = 100 };

static void quote(char text[QUOTED], const char *typed)
{
    struct bas_buf out;
    bas_buf_init(&out, text, QUOTED);
    bas_setting_quote(&out, typed);
    (void)bas_buf_text(&out);
}

bool group_address(struct tool *tool, const char *text, knx_ga *group)
{
    char typed[QUOTED];
    if (knx_ga_parse(text, group)) {
        return true;
    }
    quote(typed, text);
    (void)out_usage(&tool->out, tool->verb->name, "%s is not a group address; such as 1/2/3",
                    typed);
    return false;
}

bool group_dpt(struct tool *tool, const char *text, const struct knx_dpt **dpt)
{
    char typed[QUOTED];
    *dpt = knx_dpt_find(text);
    if (*dpt != NULL) {
        return true;
    }
    quote(typed, text);
    (void)out_usage(&tool->out, tool->verb->name,
                    "%s is not a datapoint type that is known; such as 9.001, or 9 alone", typed);
    return false;
}

static bool read_hex(struct tool *tool, const char *text, struct group_value *value)
{
    char digits[3] = "0";
    char typed[QUOTED];
    size_t len = sizeof(value->octets);
    bool is_small = strlen(text) == 1;
    digits[1] = text[0];
    bas_err err = bas_hex_decode(is_small ? digits : text, value->octets, &len);
    if (err != BAS_OK || len == 0) {
        quote(typed, text);
        (void)out_usage(&tool->out, tool->verb->name,
                        err == BAS_ERR_TOO_LONG
                            ? "%s is too long: a telegram carries up to 254 octets"
                            : "%s is not hex; two digits for each octet, or one digit alone for a "
                              "value of up to 4 bits",
                        typed);
        return false;
    }
    value->value = (struct knx_group_value){ is_small, { value->octets, len } };
    return true;
}

bool group_value_read(struct tool *tool, const char *text, const struct knx_dpt *dpt,
                      struct group_value *value)
{
    struct bas_fault fault = { 0 };
    struct bas_buf out;
    if (dpt == NULL) {
        return read_hex(tool, text, value);
    }
    bas_buf_init(&out, value->octets, sizeof(value->octets));
    if (knx_dpt_parse(dpt, text, &out, &fault) != BAS_OK) {
        (void)out_fail(&tool->out, tool->verb->name, &fault);
        return false;
    }
    value->value = (struct knx_group_value){ dpt->size == 0, { out.data, out.len } };
    return true;
}

bas_err group_value_text(const struct knx_group_value *value, const struct knx_dpt *dpt,
                         struct bas_buf *out, struct bas_fault *fault)
{
    struct bas_slice octets;
    if (dpt != NULL) {
        bas_err err = knx_dpt_octets(dpt, value, &octets, fault);
        return err == BAS_OK ? knx_dpt_text(dpt, octets, out, fault) : err;
    }
    if (value->is_small) {
        struct rd r = rd_init(value->octets);
        bas_buf_format(out, "%x", (unsigned)rd_u8(&r));
    } else {
        bas_buf_add_hex(out, value->octets);
    }
    return BAS_OK;
}

bas_err group_value_json(const struct knx_group_value *value, const struct knx_dpt *dpt,
                         struct bas_json *json, struct bas_fault *fault)
{
    struct bas_slice octets;
    bas_json_hex(json, "hex", value->octets);
    bas_json_bool(json, "bits", value->is_small);
    if (dpt == NULL) {
        return BAS_OK;
    }
    bas_err err = knx_dpt_octets(dpt, value, &octets, fault);
    return err == BAS_OK ? knx_dpt_json(dpt, octets, json, fault) : err;
}
