/* Owns the settings of hub and device: their rows, defaults, and how they are told again. */
#include "rt/config.h"

#include <assert.h>
#include <string.h>

static const struct bas_choice object_types[] = {
    { "analog-input", 0 },       { "analog-output", 1 },       { "analog-value", 2 },
    { "binary-input", 3 },       { "binary-output", 4 },       { "binary-value", 5 },
    { "multi-state-input", 13 }, { "multi-state-output", 14 }, { "multi-state-value", 19 },
};
static const struct bas_choices choices = {
    object_types, BAS_ARRAY_LEN(object_types),
    "analog-, binary- or multi-state-, then input, output or value"
};

#define SECTION_hub     BAS_SECTION_HUB
#define SECTION_device  BAS_SECTION_DEVICE
#define SECTION_object  BAS_SECTION_OBJECT
#define STRUCT(section) struct bas_##section##_settings
#define ROW(section, name, type, member, min, max, def, unit, help, need)                          \
    { SECTION_##section,                                                                           \
      name,                                                                                        \
      BAS_SETTING_##type,                                                                          \
      offsetof(STRUCT(section), member),                                                           \
      sizeof(((STRUCT(section) *)0)->member),                                                      \
      min,                                                                                         \
      max,                                                                                         \
      def,                                                                                         \
      unit,                                                                                        \
      help,                                                                                        \
      need,                                                                                        \
      &choices },
#define KEY(section, name, type, member, min, max, def, unit, help)                                \
    ROW(section, name, type, member, min, max, def, unit, help, false)
#define NEED(section, name, type, member, min, max, def, unit, help)                               \
    ROW(section, name, type, member, min, max, def, unit, help, true)

static const struct bas_setting keys[] = {
#include "rt/keys.def"
};

struct bas_rows bas_config_rows(enum bas_section section)
{
    struct bas_rows found = { NULL, 0 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(keys); i++) {
        if (keys[i].section == section) {
            found.rows = found.n == 0 ? &keys[i] : found.rows;
            found.n++;
        }
    }
    return found;
}

void *bas_config_base(struct bas_config *config, enum bas_section section)
{
    assert(section == BAS_SECTION_HUB || section == BAS_SECTION_DEVICE);
    return section == BAS_SECTION_HUB ? (void *)&config->hub : (void *)&config->device;
}

bas_err bas_config_defaults(struct bas_config *config, enum bas_section section, void *base)
{
    struct bas_rows all = bas_config_rows(section);
    struct bas_setting_reader reader = { &config->store, NULL, false };
    for (size_t i = 0; i < all.n; i++) {
        const struct bas_setting *row = &all.rows[i];
        char why[BAS_SETTING_WHY];
        if (row->fallback != NULL) {
            bas_err err = bas_setting_read(row, &reader, row->fallback, base, why);
            if (err != BAS_OK) {
                return err;
            }
        } else if (row->type == BAS_SETTING_UNSIGNED || row->type == BAS_SETTING_CHOICE) {
            memset((char *)base + row->offset, 0xFF, row->size); /* not set */
        }
    }
    return BAS_OK;
}

struct bas_config *bas_config_new(const struct bas_env *env)
{
    struct bas_config *config = bas_alloc(env, sizeof(*config));
    if (config == NULL) {
        return NULL;
    }
    config->env = *env;
    config->store.env = &config->env;
    config->hub.tls.size = sizeof(config->hub.tls);
    config->hub.engine.size = sizeof(config->hub.engine);
    config->device.tls.size = sizeof(config->device.tls);
    config->device.engine.size = sizeof(config->device.engine);
    if (bas_config_defaults(config, BAS_SECTION_HUB, &config->hub) != BAS_OK ||
        bas_config_defaults(config, BAS_SECTION_DEVICE, &config->device) != BAS_OK) {
        bas_config_free(config);
        return NULL;
    }
    return config;
}

void bas_config_free(struct bas_config *config)
{
    if (config == NULL) {
        return;
    }
    struct bas_env env = config->env;
    bas_store_free(&config->store);
    bas_release(&env, config->device.objects,
                config->objects_cap * sizeof(*config->device.objects));
    bas_release(&env, config, sizeof(*config));
}

struct bas_hub_settings *bas_config_hub(struct bas_config *config)
{
    return &config->hub;
}

struct bas_device_settings *bas_config_device(struct bas_config *config)
{
    return &config->device;
}

bool bas_config_has(const struct bas_config *config, enum bas_section section)
{
    return (config->sections & UINT32_C(1) << section) != 0;
}

struct bas_object_settings *bas_config_add_object(struct bas_config *config)
{
    struct bas_device_settings *device = &config->device;
    if (device->n_objects == config->objects_cap) {
        size_t cap = config->objects_cap == 0 ? 16 : 2 * config->objects_cap;
        struct bas_object_settings *more = bas_alloc(&config->env, cap * sizeof(*more));
        if (more == NULL) {
            return NULL;
        }
        if (device->n_objects != 0) {
            memcpy(more, device->objects, device->n_objects * sizeof(*more));
        }
        bas_release(&config->env, device->objects, config->objects_cap * sizeof(*more));
        device->objects = more;
        config->objects_cap = cap;
    }
    struct bas_object_settings *object = &device->objects[device->n_objects];
    if (bas_config_defaults(config, BAS_SECTION_OBJECT, object) != BAS_OK) {
        return NULL;
    }
    device->n_objects++;
    return object;
}

bas_err bas_config_set(struct bas_config *config, enum bas_section section, const char *name,
                       const char *label, const char *text, struct bas_fault *fault)
{
    struct bas_rows all = bas_config_rows(section);
    struct bas_setting_reader reader = { &config->store, NULL, false };
    for (size_t i = 0; i < all.n; i++) {
        if (strcmp(all.rows[i].name, name) != 0) {
            continue;
        }
        char why[BAS_SETTING_WHY];
        bas_err err =
            bas_setting_read(&all.rows[i], &reader, text, bas_config_base(config, section), why);
        if (err == BAS_ERR_CONFIG) {
            return bas_fail(fault, err, "%s: %s", label, why);
        }
        return err == BAS_OK ? BAS_OK : bas_fail(fault, err, "%s: %s", label, bas_err_text(err));
    }
    return bas_fail(fault, BAS_ERR_NOT_FOUND, "%s: there is no key %s", label, name);
}

const char *bas_section_name(enum bas_section section)
{
    static const char *const names[] = {
        [BAS_SECTION_HUB] = "hub", [BAS_SECTION_DEVICE] = "device", [BAS_SECTION_OBJECT] = "objects"
    };
    return (size_t)section < BAS_ARRAY_LEN(names) ? names[section] : "";
}

bas_err bas_config_check(const struct bas_config *config, enum bas_section section,
                         struct bas_fault *fault)
{
    struct bas_rows all = bas_config_rows(section);
    const void *base =
        section == BAS_SECTION_HUB ? (const void *)&config->hub : (const void *)&config->device;
    for (size_t i = 0; i < all.n; i++) {
        const struct bas_setting *row = &all.rows[i];
        if (row->is_required && !bas_setting_is_set(row, base)) {
            char allowed[BAS_SETTING_WHY];
            struct bas_buf out;
            bas_buf_init(&out, allowed, sizeof(allowed));
            bas_setting_allowed(row, &out);
            return bas_fail(fault, BAS_ERR_CONFIG, "%s.%s: is missing; give %s (%s)",
                            bas_section_name(section), row->name, row->help, bas_buf_text(&out));
        }
    }
    return BAS_OK;
}

bool bas_config_key(enum bas_section section, size_t n, struct bas_config_key *key)
{
    struct bas_rows all = bas_config_rows(section);
    if (n >= all.n) {
        return false;
    }
    const struct bas_setting *row = &all.rows[n];
    *key = (struct bas_config_key){ row->name, row->fallback, row->help, row->is_required, { 0 } };
    struct bas_buf out;
    bas_buf_init(&out, key->allowed, sizeof(key->allowed));
    bas_setting_allowed(row, &out);
    (void)bas_buf_text(&out);
    return true;
}

static void dump_help(const struct bas_setting *row, const char *indent, struct bas_buf *out)
{
    bas_buf_format(out, "%s# %s: ", indent, row->help);
    bas_setting_allowed(row, out);
    bas_buf_add_text(out, "\n");
}

/* One object of the list: its set keys, the first behind the dash. */
static void dump_object(const struct bas_object_settings *object, struct bas_buf *out)
{
    struct bas_rows all = bas_config_rows(BAS_SECTION_OBJECT);
    const char *indent = "    - ";
    for (size_t i = 0; i < all.n; i++) {
        if (bas_setting_is_set(&all.rows[i], object)) {
            bas_buf_format(out, "%s%s: ", indent, all.rows[i].name);
            bas_setting_write(&all.rows[i], object, out);
            bas_buf_add_text(out, "\n");
            indent = "      ";
        }
    }
}

static void dump_objects(const struct bas_device_settings *device, struct bas_buf *out)
{
    struct bas_rows all = bas_config_rows(BAS_SECTION_OBJECT);
    for (size_t i = 0; i < all.n; i++) {
        bas_buf_format(out, "  #   %s: %s (", all.rows[i].name, all.rows[i].help);
        bas_setting_allowed(&all.rows[i], out);
        bas_buf_add_text(out, ")\n");
    }
    bas_buf_add_text(out, device->n_objects == 0 ? "  objects: []\n" : "  objects:\n");
    for (size_t i = 0; i < device->n_objects; i++) {
        dump_object(&device->objects[i], out);
    }
}

void bas_config_dump(const struct bas_config *config, enum bas_section section, struct bas_buf *out)
{
    struct bas_rows all = bas_config_rows(section);
    const void *base =
        section == BAS_SECTION_HUB ? (const void *)&config->hub : (const void *)&config->device;
    bas_buf_format(out, "%s:\n", bas_section_name(section));
    for (size_t i = 0; i < all.n; i++) {
        const struct bas_setting *row = &all.rows[i];
        dump_help(row, "  ", out);
        if (row->type == BAS_SETTING_OBJECTS) {
            dump_objects(&config->device, out);
        } else if (bas_setting_is_set(row, base)) {
            bas_buf_format(out, "  %s: ", row->name);
            bas_setting_write(row, base, out);
            bas_buf_add_text(out, "\n");
        } else {
            bas_buf_format(out, "  # %s:%s\n", row->name, row->is_required ? " (needed)" : "");
        }
    }
}
