/*
 * What stands beside a value and says what it means: engineering units, the texts of a binary
 * value's two states or of a multi-state value's many.
 */
#ifndef BASALT_TOOLS_CONTEXT_H
#define BASALT_TOOLS_CONTEXT_H

#include "value.h"

struct context {
    bool has_units;
    uint32_t units;
    const char *binary[2]; /* inactive, active; NULL: not known */
    const char **states;
    size_t n_states;
};

/* Which other properties of the object say what that one means: how many of them. */
enum { CONTEXT_PROPERTIES = 2 };
size_t context_properties(const struct target_property *of,
                          uint32_t properties[CONTEXT_PROPERTIES]);
/* Whether it is one of those, for any property of the object. */
bool context_has(struct bac_object_id object, uint32_t property);
/* Takes one of those as it was read; texts go into the arena. */
void context_take(struct context *context, uint32_t property, struct bas_slice raw,
                  struct bac_arena *arena);
/* Appends " degrees-celsius" or " (heat)"; nothing for what is no single value. */
void context_text(const struct context *context, const struct value *value, struct bas_buf *out);
/* Members "units" or "text". */
void context_json(const struct context *context, const struct value *value, struct bas_json *json);
/* The text of a state, or NULL. */
const char *context_state(const struct context *context, const struct value *value);

#endif
