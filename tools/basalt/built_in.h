/* The objects of a device that was started without a configuration file. */
#ifndef BASALT_TOOLS_BUILT_IN_H
#define BASALT_TOOLS_BUILT_IN_H

#include "basalt/rt.h"

enum { BUILT_IN_OBJECTS = 9, BUILT_IN_STATES = 4 };

/* The settings of the objects, and what they point to. */
struct built_in {
    struct bas_object_settings objects[BUILT_IN_OBJECTS];
    const char *states[BUILT_IN_OBJECTS][BUILT_IN_STATES];
};

void built_in_fill(struct built_in *built_in);

#endif
