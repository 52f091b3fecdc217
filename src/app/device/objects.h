/* The objects of a device's settings as the server takes them. */
#ifndef BASALT_APP_DEVICE_OBJECTS_H
#define BASALT_APP_DEVICE_OBJECTS_H

#include "basalt/bacnet_server.h"
#include "basalt/rt.h"

enum { DEVICE_EXTRA_OBJECTS = 8 };

/* All objects, and what their configurations point to: needed during the start only. */
struct device_objects {
    struct bas_env env;
    struct bac_object_config *objects; /* those of the settings, then room for EXTRA more */
    size_t n, cap;
    struct object_memory *memory; /* one for each object of the settings */
    size_t n_memory;
};

/* Fills o from the settings. BAS_ERR_CONFIG names the object; those of the file system. */
BAS_MUST_USE bas_err device_objects_fill(const struct bas_env *env,
                                         const struct bas_device_settings *settings,
                                         struct device_objects *o, struct bas_fault *fault);
/* One object more, which is the device's own. NULL: there is no room. */
struct bac_object_config *device_objects_add(struct device_objects *o);
void device_objects_release(struct device_objects *o);

/* Of commandable objects that have both: value is what the lowest priority commands at first. */
void device_objects_command(const struct bas_env *env, const struct bas_device_settings *settings,
                            struct bac_server *server);

#endif
