/* What the arguments of the client verbs name: devices, objects, properties. */
#ifndef BASALT_TOOLS_TARGET_H
#define BASALT_TOOLS_TARGET_H

#include "basalt/bacnet.h"
#include "basalt/sc.h"

#include "tool.h"

/* DEVICE: an instance, or "vmac:" and a VMAC. */
struct target_device {
    const char *text;
    bool has_vmac;
    struct bsc_vmac vmac;
    uint32_t instance;
};

struct target_property {
    struct bac_object_id object;
    uint32_t property;
    uint32_t index; /* BAC_NO_INDEX: none */
};

/* Each tells a mistake and is false, or fills what stands last. */
bool target_instance(struct tool *tool, const char *text, uint32_t *instance);
bool target_device(struct tool *tool, const char *text, struct target_device *device);
/* A VMAC, with or without "vmac:" in front. */
bool target_vmac(struct tool *tool, const char *text, struct bsc_vmac *vmac);
bool target_object(struct tool *tool, const char *text, struct bac_object_id *object);
/* An object type alone. */
bool target_type(struct tool *tool, const char *text, uint32_t *type);
/* PROPERTY[INDEX]; object stays as it is. */
bool target_property(struct tool *tool, const char *text, struct target_property *target);
/* The same, without those that stand for several. */
bool target_one_property(struct tool *tool, const char *text, struct target_property *target);

/* A word of an enumeration, or a number of it. */
bool target_name(struct tool *tool, const struct bac_type *type, const char *text,
                 uint32_t *number);

/* all, required, optional: known to ReadPropertyMultiple alone (15.7.3.1.2). */
bool target_is_special(uint32_t property);

/* Appends "present-value[3]", a number where there is no name. */
void target_property_text(const struct target_property *target, struct bas_buf *out);
/* "object", "property", and "index" where there is one. */
void target_json(const struct target_property *target, struct bas_json *json);
/* "device": the instance as a number, or "vmac:...". */
void target_device_json(const struct target_device *device, struct bas_json *json);

#endif
