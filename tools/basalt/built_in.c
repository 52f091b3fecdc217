/* Owns the table of built-in objects: one of each type, as a small air handling unit has them. */
#include "built_in.h"

#include "basalt/bacnet_enum.h"

#include <string.h>

struct row {
    uint16_t type;
    const char *name;
    const char *units;
    const char *value;
    bool is_commandable; /* a value object with a priority array; outputs have one anyway */
    const char *states[BUILT_IN_STATES];
};

static const struct row rows[BUILT_IN_OBJECTS] = {
    { BAC_OBJECT_ANALOG_INPUT,
      "Supply air temperature",
      "degrees-celsius",
      "21.5",
      false,
      { NULL } },
    { BAC_OBJECT_ANALOG_OUTPUT, "Heating valve", "percent", "0", false, { NULL } },
    { BAC_OBJECT_ANALOG_VALUE, "Temperature setpoint", "degrees-celsius", "21", true, { NULL } },
    { BAC_OBJECT_BINARY_INPUT, "Filter alarm", NULL, "0", false, { "clean", "dirty" } },
    { BAC_OBJECT_BINARY_OUTPUT, "Fan", NULL, "0", false, { "off", "on" } },
    { BAC_OBJECT_BINARY_VALUE, "Occupied", NULL, "1", false, { "no", "yes" } },
    { BAC_OBJECT_MULTI_STATE_INPUT, "Mode in force", NULL, "2", false, { "off", "vent", "heat" } },
    { BAC_OBJECT_MULTI_STATE_OUTPUT,
      "Fan stage",
      NULL,
      "1",
      false,
      { "off", "low", "mid", "high" } },
    { BAC_OBJECT_MULTI_STATE_VALUE, "Mode wanted", NULL, "2", true, { "off", "vent", "heat" } },
};

void built_in_fill(struct built_in *b)
{
    memset(b, 0, sizeof(*b));
    for (size_t i = 0; i < BUILT_IN_OBJECTS; i++) {
        const struct row *row = &rows[i];
        struct bas_object_settings *object = &b->objects[i];
        *object = (struct bas_object_settings){ .type = row->type,
                                                .instance = 1,
                                                .name = row->name,
                                                .units = row->units,
                                                .commandable = row->is_commandable,
                                                .value = row->value,
                                                .states = { b->states[i], 0 } };
        while (object->states.n < BUILT_IN_STATES && row->states[object->states.n] != NULL) {
            b->states[i][object->states.n] = row->states[object->states.n];
            object->states.n++;
        }
    }
}
