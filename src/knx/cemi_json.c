/* Owns what is told of a cEMI message as JSON: the members that its code has, the TPDU in it. */
#include "knx/cemi.h"

enum { PRIORITY_SHIFT = 2, HOPS_SHIFT = 4, HOPS = 7 };

static void tell_destination(const struct knx_cemi *cemi, struct bas_json *json)
{
    char text[KNX_ADDRESS_TEXT];
    bool is_group = (cemi->control2 & KNX_CONTROL2_GROUP) != 0;
    const char *type = !is_group ? "individual" : cemi->destination != 0 ? "group" : "broadcast";
    bas_json_text(json, "destination",
                  is_group ? knx_ga_text(cemi->destination, text)
                           : knx_ia_text(cemi->destination, text));
    bas_json_text(json, "destination_type", type);
}

static void tell_tpdu(struct bas_slice octets, struct bas_json *json)
{
    struct knx_tpdu tpdu;
    bas_json_hex(json, "tpdu", octets);
    if (knx_tpdu_decode(octets, &tpdu, NULL) == BAS_OK) {
        bas_json_open(json, "transport", '{');
        bas_err err = knx_tpdu_json(&tpdu, json, NULL);
        (void)err; /* a payload that is malformed was told as octets */
        bas_json_close(json, '}');
    }
}

static void tell_additional(const struct knx_cemi *cemi, struct bas_json *json)
{
    if (cemi->additional.len != 0) {
        bas_json_hex(json, "additional", cemi->additional);
    }
}

static void tell_l_data(const struct knx_cemi *cemi, struct bas_json *json)
{
    static const char *const priorities[] = {
        [KNX_PRIORITY_SYSTEM] = "system",
        [KNX_PRIORITY_NORMAL] = "normal",
        [KNX_PRIORITY_URGENT] = "urgent",
        [KNX_PRIORITY_LOW] = "low",
    };
    char text[KNX_ADDRESS_TEXT];
    tell_additional(cemi, json);
    bas_json_unsigned(json, "control1", cemi->control1);
    bas_json_unsigned(json, "control2", cemi->control2);
    bas_json_text(json, "priority", priorities[cemi->control1 >> PRIORITY_SHIFT & 3]);
    bas_json_unsigned(json, "hop_count", cemi->control2 >> HOPS_SHIFT & (unsigned)HOPS);
    if (cemi->code == KNX_L_DATA_CON) {
        bas_json_bool(json, "is_confirmed", (cemi->control1 & KNX_CONTROL1_ERROR) == 0);
    }
    bas_json_text(json, "source", knx_ia_text(cemi->source, text));
    tell_destination(cemi, json);
    tell_tpdu(cemi->tpdu, json);
}

static void tell_raw(const struct knx_cemi *cemi, struct bas_json *json)
{
    tell_additional(cemi, json);
    bas_json_hex(json, "data", cemi->data);
}

static void tell_function(const struct knx_cemi *cemi, struct bas_json *json)
{
    bas_json_unsigned(json, "object_type", cemi->object_type);
    bas_json_unsigned(json, "object_instance", cemi->object_instance);
    bas_json_unsigned(json, "property", cemi->property);
    bas_json_hex(json, "data", cemi->data);
}

static void tell_property(const struct knx_cemi *cemi, struct bas_json *json)
{
    bas_json_unsigned(json, "elements", cemi->elements);
    bas_json_unsigned(json, "start_index", cemi->start_index);
    tell_function(cemi, json);
}

static void tell_body(const struct knx_cemi *cemi, struct bas_json *json)
{
    if (cemi->data.len != 0) {
        bas_json_hex(json, "data", cemi->data);
    }
}

void knx_cemi_json(const struct knx_cemi *cemi, struct bas_json *json)
{
    static void (*const tellers[])(const struct knx_cemi *, struct bas_json *) = {
        [CEMI_L_DATA] = tell_l_data,     [CEMI_RAW] = tell_raw,   [CEMI_PROPERTY] = tell_property,
        [CEMI_FUNCTION] = tell_function, [CEMI_BODY] = tell_body,
    };
    bas_json_unsigned(json, "code", cemi->code);
    bas_json_text(json, "code_name", knx_message_code_name(cemi->code));
    tellers[cemi_form_of(cemi->code)](cemi, json);
}
