/* What the parts of the configuration share: the settings and their rows. */
#ifndef BASALT_RT_CONFIG_H
#define BASALT_RT_CONFIG_H

#include "basalt/rt.h"

#include "rt/setting.h"

struct bas_config {
    struct bas_env env;
    struct bas_store store;
    struct bas_hub_settings hub;
    struct bas_device_settings device;
    size_t objects_cap;
    bool is_loaded;
    uint32_t sections; /* bit n: the file had section n */
};

/* The rows of a section: contiguous. */
struct bas_rows {
    const struct bas_setting *rows;
    size_t n;
};
struct bas_rows bas_config_rows(enum bas_section section);
/* The struct that the rows of a section (HUB, DEVICE) write to. */
void *bas_config_base(struct bas_config *config, enum bas_section section);
/* Gives base the defaults of the section; texts go to config. */
bas_err bas_config_defaults(struct bas_config *config, enum bas_section section, void *base);
/* A new object at the end of device.objects with its defaults; NULL: out of memory. */
struct bas_object_settings *bas_config_add_object(struct bas_config *config);

/*
 * What the type of the newest object of config allows, and that type and instance, and name, are
 * its own. *row: index of the key in bas_config_rows(OBJECT) that is wrong.
 */
bas_err bas_config_check_object(const struct bas_config *config, size_t *row,
                                char why[BAS_SETTING_WHY]);

#endif
