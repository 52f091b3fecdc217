/*
 * An EPICS: what a device is and does, and all its objects with their values, in the text form that
 * testing laboratories read (ASHRAE 135.1, clause 4).
 */
#ifndef BASALT_TOOLS_EPICS_H
#define BASALT_TOOLS_EPICS_H

#include "basalt/app_client.h"

#include "out.h"

struct epics {
    struct out *out;
    bool is_begun; /* an object's braces are open */
    struct bac_object_id object;
};

/* What is to be read of the Device object for the head, in this order; EPICS_HEAD at most. */
enum { EPICS_HEAD = 10 };
size_t epics_head(struct bac_object_id device, struct bas_property *items);
/* Writes the part of the head that this property is for. */
void epics_take_head(struct epics *epics, const struct bas_property_read *read);
/* Writes a property of an object. */
void epics_take(struct epics *epics, const struct bas_property_read *read);
void epics_end(struct epics *epics);

#endif
