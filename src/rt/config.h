/* What the parts of the configuration share: the settings and their rows. */
#ifndef BASALT_RT_CONFIG_H
#define BASALT_RT_CONFIG_H

#include "basalt/rt.h"

#include "rt/setting.h"

struct bas_config {
    struct bas_env env;
    struct bas_keep store;
    struct bas_hub_settings hub;
    struct bas_device_settings device;
    struct bas_knx_server_settings knx_server;
    size_t caps[BAS_SECTIONS]; /* of lists: items that there is memory for */
    bool is_loaded;
    uint32_t sections; /* bit n: the file had section n */
};

/* The rows of a section: contiguous. */
struct bas_rows {
    const struct bas_setting *rows;
    size_t n;
};
struct bas_rows bas_config_rows(enum bas_section section);
/*
 * What a section is, a row each. Offsets into struct bas_config are those of the settings of a
 * section of the file; of items, those of the pointer to the first one and of their number.
 */
struct bas_section_row {
    const char *name;
    enum bas_section list; /* of a section with a list: what its items are; else itself */
    size_t base;
    size_t n;
    size_t size; /* of one */
    size_t line; /* where an item keeps its line */
    /*
     * What one key allows of another, of a section or of the newest item. *key: the one that is
     * wrong; why: what is wrong; what is allowed. NULL: nothing to say.
     */
    bool (*check)(const struct bas_config *config, const char **key, struct bas_buf *why);
    /* Whether a needed key may be left out for what another one says. NULL: none may. */
    bool (*excuses)(const struct bas_config *config, const char *key);
};
const struct bas_section_row *bas_config_section(enum bas_section section);
/* The struct that the rows of a section of the file write to. */
void *bas_config_base(struct bas_config *config, enum bas_section section);
/* The items of a list and their number. */
void *bas_config_items(const struct bas_config *config, enum bas_section section, size_t *n);
/* Gives base the defaults of the section; texts go to config. */
bas_err bas_config_defaults(struct bas_config *config, enum bas_section section, void *base);
/* A new item at the end of a list, with its defaults; line is where it stands. NULL: out of
 * memory. */
void *bas_config_add_item(struct bas_config *config, enum bas_section section, uint32_t line);
/* Checks the newest item of a list. *row: index of the key in bas_config_rows that is wrong. */
bas_err bas_config_check_item(const struct bas_config *config, enum bas_section section,
                              size_t *row, char why[BAS_SETTING_WHY]);

/* The checks of the rows: what the type of an object allows, and that type and instance, and name,
 * are its own; what a group object is; what the keys of one section ask of each other. */
bool bas_config_check_object(const struct bas_config *config, const char **key,
                             struct bas_buf *why);
bool bas_config_check_group_object(const struct bas_config *config, const char **key,
                                   struct bas_buf *why);
bool bas_config_check_hub(const struct bas_config *config, const char **key, struct bas_buf *why);
bool bas_config_check_device(const struct bas_config *config, const char **key,
                             struct bas_buf *why);
bool bas_config_check_knx_server(const struct bas_config *config, const char **key,
                                 struct bas_buf *why);
/* Certificates that ws:// does not use; what a device has from the hub beside it. */
bool bas_config_excuses_hub(const struct bas_config *config, const char *key);
bool bas_config_excuses_device(const struct bas_config *config, const char *key);

#endif
