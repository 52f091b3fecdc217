/* Owns the words by which a person names devices, objects and properties. */
#include "target.h"

#include "rt/setting.h"

#include <stdlib.h>
#include <string.h>

enum { WORD = 64 };

/* What stands in front of the first of separators; cut. */
static const char *head(const char *text, const char *separators, char word[WORD])
{
    size_t len = strcspn(text, separators);
    len = len < WORD ? len : WORD - 1;
    memcpy(word, text, len);
    word[len] = 0;
    return word;
}

static const char *nearest(const struct bac_type *type, const char *word)
{
    return bas_nearest(word, type->names, type->n_names, sizeof(struct bac_name),
                       offsetof(struct bac_name, name));
}

/* "TEXT" is not WHAT; did you mean NEAR, or such as EXAMPLES. */
struct complaint {
    const char *text;
    const char *what;
    const char *near; /* NULL: none */
    const char *examples;
};

static bool complain(struct tool *tool, const struct complaint *c)
{
    char memory[BAS_FAULT_TEXT];
    struct bas_buf why;
    bas_buf_init(&why, memory, sizeof(memory));
    bas_setting_quote(&why, c->text);
    bas_buf_format(&why, " is not %s; %s%s", c->what, c->near != NULL ? "did you mean " : "",
                   c->near != NULL ? c->near : c->examples);
    (void)out_usage(&tool->out, tool->verb->name, "%s", bas_buf_text(&why));
    return false;
}

static bool parse_instance(const char *text, uint32_t *instance)
{
    uint64_t number = 0;
    size_t len = strlen(text);
    if (len == 0 || len > 7 || strspn(text, "0123456789") != len) {
        return false;
    }
    number = strtoul(text, NULL, 10);
    *instance = (uint32_t)number;
    return number < BAC_WILDCARD_INSTANCE;
}

bool target_instance(struct tool *tool, const char *text, uint32_t *instance)
{
    const struct complaint wrong = { text, "a device instance", NULL,
                                     "a whole number from 0 to 4194302" };
    return parse_instance(text, instance) || complain(tool, &wrong);
}

bool target_vmac(struct tool *tool, const char *text, struct bsc_vmac *vmac)
{
    static const char prefix[] = "vmac:";
    const struct complaint wrong = { text, "the VMAC of a node", NULL,
                                     "12 hex digits, such as 22:34:56:78:9a:bc" };
    bool has_prefix = strncmp(text, prefix, sizeof(prefix) - 1) == 0;
    bas_err err = bsc_vmac_parse(text + (has_prefix ? sizeof(prefix) - 1 : 0), vmac);
    bool good = err == BAS_OK && !bsc_vmac_is_reserved(vmac) && !bsc_vmac_is_broadcast(vmac);
    return good || complain(tool, &wrong);
}

bool target_device(struct tool *tool, const char *text, struct target_device *device)
{
    static const char prefix[] = "vmac:";
    struct target_device read = { .text = text };
    if (strncmp(text, prefix, sizeof(prefix) - 1) == 0) {
        read.has_vmac = bsc_vmac_parse(text + sizeof(prefix) - 1, &read.vmac) == BAS_OK &&
                        !bsc_vmac_is_broadcast(&read.vmac) && !bsc_vmac_is_reserved(&read.vmac);
    }
    if (!read.has_vmac && !parse_instance(text, &read.instance)) {
        const struct complaint wrong = {
            text, "a device", NULL, "give its instance (0 to 4194302), or vmac:02:1a:2b:3c:4d:5e"
        };
        return complain(tool, &wrong);
    }
    *device = read;
    return true;
}

bool target_object(struct tool *tool, const char *text, struct bac_object_id *object)
{
    char word[WORD];
    uint32_t type = 0;
    if (bac_object_id_parse(text, object)) {
        return true;
    }
    struct complaint wrong = { text, "an object", NULL, "such as ai:1, analog-input,1 or 0:1" };
    if (!bac_object_type_parse(head(text, ":,", word), &type)) {
        wrong.text = word;
        wrong.what = "an object type";
        wrong.near = nearest(&bac_type_object_type, word);
    }
    return complain(tool, &wrong);
}

bool target_type(struct tool *tool, const char *text, uint32_t *type)
{
    const struct complaint wrong = { text, "an object type", nearest(&bac_type_object_type, text),
                                     "basalt names objects lists them" };
    return bac_object_type_parse(text, type) || complain(tool, &wrong);
}

bool target_property(struct tool *tool, const char *text, struct target_property *target)
{
    char word[WORD];
    if (bac_property_parse(text, &target->property, &target->index)) {
        return true;
    }
    const struct complaint wrong = { text, "a property",
                                     nearest(&bac_type_property_identifier, head(text, "[", word)),
                                     "such as pv, present-value, 85 or state-text[2]" };
    return complain(tool, &wrong);
}

/* "a, b or c": the names of a short enumeration. */
static void list_names(const struct bac_type *type, struct bas_buf *out)
{
    for (size_t i = 0; i < type->n_names; i++) {
        const char *before = i == 0 ? "" : i + 1U == type->n_names ? " or " : ", ";
        bas_buf_format(out, "%s%s", before, type->names[i].name);
    }
}

bool target_name(struct tool *tool, const struct bac_type *type, const char *text, uint32_t *number)
{
    char memory[BAS_FAULT_TEXT];
    struct bas_buf names;
    size_t len = strlen(text);
    bool is_number = len != 0 && len < 10 && strspn(text, "0123456789") == len;
    if (is_number) {
        *number = (uint32_t)strtoul(text, NULL, 10);
        return true;
    }
    bas_buf_init(&names, memory, sizeof(memory));
    list_names(type, &names);
    const struct complaint wrong = { text, "known", nearest(type, text), bas_buf_text(&names) };
    return bac_enum_number(type, text, number) || complain(tool, &wrong);
}

bool target_is_special(uint32_t property)
{
    return property == BAC_PROPERTY_ALL || property == BAC_PROPERTY_REQUIRED ||
           property == BAC_PROPERTY_OPTIONAL;
}

bool target_one_property(struct tool *tool, const char *text, struct target_property *target)
{
    if (!target_property(tool, text, target)) {
        return false;
    }
    if (target_is_special(target->property)) {
        (void)out_usage(&tool->out, tool->verb->name, "%s is for basalt readm",
                        bac_property_name(target->property));
        return false;
    }
    return true;
}

static void add_property(uint32_t property, struct bas_buf *out)
{
    const char *name = bac_property_name(property);
    if (name != NULL) {
        bas_buf_add_text(out, name);
    } else {
        bas_buf_format(out, "%u", (unsigned)property);
    }
}

void target_property_text(const struct target_property *target, struct bas_buf *out)
{
    add_property(target->property, out);
    if (target->index != BAC_NO_INDEX) {
        bas_buf_format(out, "[%u]", (unsigned)target->index);
    }
}

void target_json(const struct target_property *target, struct bas_json *json)
{
    bac_json(&bac_type_object_id, &target->object, json, "object");
    bac_json(&bac_type_property_identifier, &target->property, json, "property");
    if (target->index != BAC_NO_INDEX) {
        bas_json_unsigned(json, "index", target->index);
    }
}

void target_device_json(const struct target_device *device, struct bas_json *json)
{
    if (device->has_vmac) {
        bas_json_text(json, "device", device->text);
    } else {
        bas_json_unsigned(json, "device", device->instance);
    }
}
