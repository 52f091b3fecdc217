/*
 * What a virtual line is made of: its devices and objects as the settings have them, with the keys
 * that the keyring has for them.
 */
#ifndef BASALT_APP_KNX_LINE_PLAN_H
#define BASALT_APP_KNX_LINE_PLAN_H

#include "basalt/knx_keyring.h"
#include "basalt/rt.h"

struct knx_line_plan {
    struct bas_env env;
    struct knx_line_device *devices;
    struct knx_line_object *objects;         /* in the order of the settings */
    struct knx_data_secure_config *security; /* of devices; those without keys: not used */
    uint8_t *values;
    size_t n_devices;
    size_t n_objects;
    struct knx_line_config config; /* what knx_line_new takes; borrows all of the above */
};

/*
 * keyring NULL: all devices are plain. A device has keys when the keyring has one for a group of
 * its objects, or its tool key. Faults name the line of the object. Free with knx_line_plan_free,
 * which wipes; the line is made by then and needs it no more.
 */
BAS_MUST_USE bas_err knx_line_plan_make(const struct bas_env *env,
                                        const struct bas_knx_server_settings *settings,
                                        const struct knx_keyring *keyring,
                                        struct knx_line_plan *plan, struct bas_fault *fault);
void knx_line_plan_free(struct knx_line_plan *plan);

#endif
