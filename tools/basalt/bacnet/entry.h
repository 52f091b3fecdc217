/* What a person writes to a property: a value, and the priority that goes with it. */
#ifndef BASALT_TOOLS_ENTRY_H
#define BASALT_TOOLS_ENTRY_H

#include "target.h"

struct entry {
    struct target_property of;
    uint8_t priority; /* 1 .. 16; 0: none given */
    bool is_null;
    struct bas_slice raw; /* encoded; lives as long as the tool */
};

/* Each tells a mistake and is false. */

/* VALUE[@PRIORITY] for entry->of. text is written to. */
bool entry_read(struct tool *tool, char *text, struct entry *entry);
/* PROPERTY[INDEX]=VALUE[@PRIORITY] of an object. */
bool entry_read_assignment(struct tool *tool, struct bac_object_id object, char *text,
                           struct entry *entry);
/* A value that belongs to no property: as the text looks, or with its kind in front. */
bool entry_read_loose(struct tool *tool, const char *text, struct bas_slice *raw);
bool entry_is_assignment(const char *text);

/* "present-value = 72.5 @8", "present-value relinquished @8". */
void entry_text(const struct entry *entry, struct bac_arena *arena, struct bas_buf *out);
/* "value", "type" and "priority". */
void entry_json(const struct entry *entry, struct bac_arena *arena, struct bas_json *json);

#endif
