/* Owns the sections of an EPICS and which property of the Device object each comes from. */
#include "epics.h"

#include "value.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 65536, NAME = 96 };

static const struct head_row {
    uint32_t property;
    const char *title;
} head[] = {
    { BAC_PROPERTY_VENDOR_NAME, "Vendor Name: " },
    { BAC_PROPERTY_MODEL_NAME, "Product Name: " },
    { BAC_PROPERTY_MODEL_NAME, "Product Model Number: " },
    { BAC_PROPERTY_DESCRIPTION, "Product Description: " },
    { BAC_PROPERTY_PROTOCOL_SERVICES_SUPPORTED,
      "\nBACnet Standard Application Services Supported:\n" },
    { BAC_PROPERTY_PROTOCOL_OBJECT_TYPES_SUPPORTED, "\nStandard Object-Types Supported:\n" },
    { BAC_PROPERTY_MAX_APDU_LENGTH_ACCEPTED,
      "\nData Link Layer Option:\n{\n BACnet/SC\n}\n\nCharacter Sets Supported:\n{\n UTF-8\n}\n\n"
      "Special Functionality:\n{\n Maximum APDU size in octets: " },
    { BAC_PROPERTY_SEGMENTATION_SUPPORTED, " Segmentation: " },
};

size_t epics_head(struct bac_object_id device, struct bas_property *items)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(head); i++) {
        items[i] = (struct bas_property){ device, head[i].property, BAC_NO_INDEX };
    }
    return BAS_ARRAY_LEN(head);
}

/* "read-property" as ReadProperty, and with gap as "Analog Input". */
static const char *spoken(const char *name, bool has_gap, char text[NAME])
{
    size_t n = 0;
    bool is_first = true;
    for (; *name != 0 && n + 2 < NAME; name++) {
        if (*name == '-') {
            is_first = true;
            if (has_gap) {
                text[n++] = ' ';
            }
            continue;
        }
        text[n++] = is_first ? (char)toupper((unsigned char)*name) : *name;
        is_first = false;
    }
    text[n] = 0;
    return text;
}

static void tell_services(struct out *out, const struct bac_bits *bits)
{
    size_t n = 0;
    char name[NAME];
    const struct bac_service *services = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        if (services[i].supported_bit != 255 && bac_bit(bits, services[i].supported_bit)) {
            out_line(out, " %-34s Execute", spoken(services[i].name, false, name));
        }
    }
}

static void tell_types(struct out *out, const struct bac_bits *bits)
{
    char name[NAME];
    for (uint32_t type = 0; type < bits->count; type++) {
        const char *standard = bac_object_type_name(type);
        if (bac_bit(bits, type) && standard != NULL) {
            out_line(out, " %s", spoken(standard, true, name));
        }
    }
}

static void write_value(const struct bas_property_read *read, struct bas_buf *text)
{
    struct bac_arena arena = *read->arena;
    const struct value value = { { read->of.object, read->of.property, read->of.index },
                                 read->raw,
                                 &arena };
    bool is_plural =
        read->of.index == BAC_NO_INDEX &&
        bac_property_shape(read->of.object.type, read->of.property) != BAC_SHAPE_SCALAR;
    bas_buf_add_text(text, is_plural ? "{" : "");
    value_text(&value, is_plural ? ", " : " ", text);
    bas_buf_add_text(text, is_plural ? "}" : "");
}

void epics_take_head(struct epics *e, const struct bas_property_read *read)
{
    char memory[LONGEST];
    struct bas_buf text;
    const char *title = read->n < BAS_ARRAY_LEN(head) ? head[read->n].title : "";
    bas_buf_init(&text, memory, sizeof(memory));
    if (read->n == 0) {
        out_line(e->out, "PICS 0\nBACnet Protocol Implementation Conformance Statement\n");
    }
    out_text(e->out, title);
    bool is_bits = read->err == BAS_OK && read->has_value && read->value.tag == BAC_TAG_BIT_STRING;
    if (is_bits) {
        out_line(e->out, "{");
        (read->of.property == BAC_PROPERTY_PROTOCOL_SERVICES_SUPPORTED
             ? tell_services
             : tell_types)(e->out, &read->value.as.bits);
        out_line(e->out, "}");
    } else if (read->err == BAS_OK) {
        write_value(read, &text);
        out_line(e->out, "%s", bas_buf_text(&text));
    } else {
        out_line(e->out, "?");
    }
    if (read->n + 1 == BAS_ARRAY_LEN(head)) {
        out_line(e->out, "}\n\nList of Objects in Test Device:\n{");
    }
}

static void end_object(struct epics *e)
{
    out_text(e->out, e->is_begun ? "  }\n" : "");
    e->is_begun = false;
}

void epics_take(struct epics *e, const struct bas_property_read *read)
{
    char memory[LONGEST];
    struct bas_buf text;
    const struct target_property of = { read->of.object, read->of.property, read->of.index };
    bool is_same = e->is_begun && e->object.type == read->of.object.type &&
                   e->object.instance == read->of.object.instance;
    if (!is_same) {
        end_object(e);
        out_line(e->out, "  {");
        e->is_begun = true;
        e->object = read->of.object;
    }
    bas_buf_init(&text, memory, sizeof(memory));
    target_property_text(&of, &text);
    bas_buf_add_text(&text, ": ");
    if (read->err != BAS_OK) {
        bas_buf_add_text(&text, "?");
    } else if (read->has_value && read->value.tag == BAC_TAG_OBJECT_IDENTIFIER) {
        const char *type = bac_object_type_name(read->value.as.object.type);
        bas_buf_format(&text, "(%s, %u)", type != NULL ? type : "vendor",
                       (unsigned)read->value.as.object.instance);
    } else {
        write_value(read, &text);
    }
    out_line(e->out, "    %s", bas_buf_text(&text));
}

void epics_end(struct epics *e)
{
    end_object(e);
    out_line(e->out, "}\nEnd of BACnet Protocol Implementation Conformance Statement");
}
