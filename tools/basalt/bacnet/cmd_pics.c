/*
 * Owns `basalt pics`: the Protocol Implementation Conformance Statement (Annex A), made of the rows
 * that the server itself runs by. doc/pics.md is its output; a test compares a running device with
 * it.
 */
#include "basalt/app.h"
#include "basalt/bacnet_claim.h"
#include "basalt/bacnet_server.h"

#include "verbs.h"

const struct verb_options pics_options = {
    .arguments = "",
    .size = sizeof(struct common_options),
    .examples = "  basalt pics                        the page, as Markdown\n"
                "  basalt pics --json                 a service, an object type, a BIBB a line\n",
};

/* Services */

/* By the server, or for the calls of our own client. */
static bool is_executed(const struct bac_service *s)
{
    return bac_claims_service(s->confirmed, s->choice) ||
           (s->confirmed && bas_station_takes(s->choice));
}

static bool is_known(const struct bac_service *service)
{
    return service->is_coded;
}

static void text_services(struct out *out)
{
    size_t n = 0;
    const struct bac_service *services = bac_services(&n);
    out_line(out, "## Services\n");
    out_line(out, "A service that is executed \"with a program\" is answered by what the program "
                  "hooks in, else as the standard says for what a device does not have.\n");
    out_line(out, "| service | | initiated | executed |\n|---|---|---|---|");
    for (size_t i = 0; i < n; i++) {
        const struct bac_service *s = &services[i];
        const char *executed = is_executed(s) ? "yes" : "with a program";
        if (is_known(s)) {
            out_line(out, "| %s | %s | yes | %s |", s->name,
                     s->confirmed ? "confirmed" : "unconfirmed", executed);
        }
    }
    out_text(out, "\n");
}

static void json_services(struct out *out)
{
    size_t n = 0;
    const struct bac_service *services = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        const struct bac_service *s = &services[i];
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "service", s->name);
        bas_json_bool(json, "confirmed", s->confirmed);
        bas_json_unsigned(json, "choice", s->choice);
        bas_json_bool(json, "initiated", is_known(s));
        bas_json_bool(json, "executed", is_executed(s));
        out_end(out);
    }
}

/* Object types */

static const char *property_name(uint32_t property)
{
    const char *name = bac_property_name(property);
    return name != NULL ? name : "proprietary";
}

static void text_property(struct out *out, const struct bac_property_claim *claim)
{
    const char *shape = claim->is_array ? "array of " : claim->is_list ? "list of " : "";
    out_line(out, "| %s | %s%s | %c | %s |", property_name(claim->property), shape,
             claim->type->name, claim->conformance, claim->is_writable ? "yes" : "");
}

static void text_types(struct out *out)
{
    uint16_t type = 0;
    struct bac_property_claim claim;
    out_line(out, "## Object types\n");
    out_line(out, "R: required, W: required and writable, O: optional, in objects that are "
                  "configured so. Writable: of some objects at least (a Present_Value of an input "
                  "while it is out of service, for example).\n");
    for (size_t i = 0; bac_claimed_type(i, &type); i++) {
        out_line(out, "### %s\n", bac_object_type_name(type));
        out_line(out, "| property | type | | writable |\n|---|---|---|---|");
        for (size_t k = 0; bac_claimed_property(type, k, &claim); k++) {
            text_property(out, &claim);
        }
        out_text(out, "\n");
    }
}

static void json_types(struct out *out)
{
    uint16_t type = 0;
    struct bac_property_claim claim;
    for (size_t i = 0; bac_claimed_type(i, &type); i++) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "object-type", bac_object_type_name(type));
        bas_json_open(json, "properties", '[');
        for (size_t k = 0; bac_claimed_property(type, k, &claim); k++) {
            const char code[] = { claim.conformance, 0 };
            bas_json_open(json, NULL, '{');
            bas_json_text(json, "property", property_name(claim.property));
            bas_json_text(json, "type", claim.type->name);
            bas_json_text(json, "conformance", code);
            bas_json_bool(json, "writable", claim.is_writable);
            bas_json_close(json, '}');
        }
        bas_json_close(json, ']');
        out_end(out);
    }
}

/* BIBBs */

static void text_bibbs(struct out *out)
{
    struct bac_bibb bibb;
    out_line(out, "## BACnet interoperability building blocks (Annex K)\n");
    out_line(out, "| BIBB | |\n|---|---|");
    for (size_t i = 0; bac_bibb(i, &bibb); i++) {
        if (bibb.is_claimed) {
            out_line(out, "| %s | %s |", bibb.name, bibb.text);
        }
    }
    out_text(out, "\n");
}

static void json_bibbs(struct out *out)
{
    struct bac_bibb bibb;
    for (size_t i = 0; bac_bibb(i, &bibb); i++) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "bibb", bibb.name);
        bas_json_bool(json, "claimed", bibb.is_claimed);
        out_end(out);
    }
}

/* The rest */

static void text_head(struct out *out)
{
    out_line(out, "# Protocol Implementation Conformance Statement\n");
    out_line(out, "Made by `basalt pics` from the rows that the server runs by; "
                  "tests/cli/pics_test.py compares a running device with it.\n");
    out_line(out, "| | |\n|---|---|");
    out_line(out, "| Product | Basalt |");
    out_line(out, "| Application software version | %s |", BASALT_VERSION);
    out_line(out, "| BACnet Protocol_Version | %d |", BAC_PROTOCOL_VERSION);
    out_line(out, "| BACnet Protocol_Revision | %d |", BAC_PROTOCOL_REVISION);
    out_line(out, "| Largest APDU | %d octets |", BAC_MAX_APDU);
    out_line(out, "| Segmented requests | yes, window 1 to 127 |");
    out_line(out, "| Segmented responses | yes, window 1 to 127 |");
    out_line(out, "| Data links | BACnet/SC: node, hub function, direct connections (accepted and "
                  "initiated) |");
    out_line(out, "| Device address binding | dynamic (Who-Is) |");
    out_line(out, "| Character sets | ISO 10646 (UTF-8); received also UCS-2, UCS-4, ISO 8859-1 |");
    out_line(out, "| Network security | TLS 1.3, both sides by certificate |\n");
}

static void json_head(struct out *out)
{
    struct bas_json *json = out_begin(out);
    bas_json_unsigned(json, "protocol-version", BAC_PROTOCOL_VERSION);
    bas_json_unsigned(json, "protocol-revision", BAC_PROTOCOL_REVISION);
    bas_json_unsigned(json, "max-apdu-length-accepted", BAC_MAX_APDU);
    bas_json_text(json, "segmentation-supported", "segmented-both");
    out_end(out);
}

int cmd_pics(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (tool->out.json) {
        json_head(&tool->out);
        json_services(&tool->out);
        json_types(&tool->out);
        json_bibbs(&tool->out);
    } else {
        text_head(&tool->out);
        text_bibbs(&tool->out);
        text_services(&tool->out);
        text_types(&tool->out);
    }
    return out_status(&tool->out, 0);
}
