/* Owns the settings of all sections: their rows, defaults, and how they are told again. */
#include "rt/config.h"

#include "basalt/bacnet_enum.h"

#include <assert.h>
#include <string.h>

static const struct bas_choice object_types[] = {
    { "analog-input", BAC_OBJECT_ANALOG_INPUT },
    { "analog-output", BAC_OBJECT_ANALOG_OUTPUT },
    { "analog-value", BAC_OBJECT_ANALOG_VALUE },
    { "binary-input", BAC_OBJECT_BINARY_INPUT },
    { "binary-output", BAC_OBJECT_BINARY_OUTPUT },
    { "binary-value", BAC_OBJECT_BINARY_VALUE },
    { "multi-state-input", BAC_OBJECT_MULTI_STATE_INPUT },
    { "multi-state-output", BAC_OBJECT_MULTI_STATE_OUTPUT },
    { "multi-state-value", BAC_OBJECT_MULTI_STATE_VALUE },
    { "integer-value", BAC_OBJECT_INTEGER_VALUE },
    { "positive-integer-value", BAC_OBJECT_POSITIVE_INTEGER_VALUE },
    { "large-analog-value", BAC_OBJECT_LARGE_ANALOG_VALUE },
    { "characterstring-value", BAC_OBJECT_CHARACTERSTRING_VALUE },
    { "bitstring-value", BAC_OBJECT_BITSTRING_VALUE },
    { "octetstring-value", BAC_OBJECT_OCTETSTRING_VALUE },
    { "date-value", BAC_OBJECT_DATE_VALUE },
    { "time-value", BAC_OBJECT_TIME_VALUE },
    { "datetime-value", BAC_OBJECT_DATETIME_VALUE },
    { "date-pattern-value", BAC_OBJECT_DATE_PATTERN_VALUE },
    { "time-pattern-value", BAC_OBJECT_TIME_PATTERN_VALUE },
    { "datetime-pattern-value", BAC_OBJECT_DATETIME_PATTERN_VALUE },
    { "file", BAC_OBJECT_FILE },
    { "notification-class", BAC_OBJECT_NOTIFICATION_CLASS },
    { "structured-view", BAC_OBJECT_STRUCTURED_VIEW },
};
static const struct bas_choice file_access[] = { { "stream", 0 }, { "records", 1 } };
static const struct bas_choice transitions[] = { { "to-offnormal", 1 },
                                                 { "to-fault", 2 },
                                                 { "to-normal", 4 } };
static const struct bas_choice node_types[] = {
    { "unknown", 0 },        { "system", 1 },    { "network", 2 },     { "device", 3 },
    { "organizational", 4 }, { "area", 5 },      { "equipment", 6 },   { "point", 7 },
    { "collection", 8 },     { "property", 9 },  { "functional", 10 }, { "other", 11 },
    { "subsystem", 12 },     { "building", 13 }, { "floor", 14 },      { "section", 15 },
    { "module", 16 },        { "tree", 17 },     { "member", 18 },     { "protocol", 19 },
    { "room", 20 },          { "zone", 21 },
};
static const struct bas_choice sync_words[] = { { "normal", BAS_VALUES_SYNC_NORMAL },
                                                { "full", BAS_VALUES_SYNC_FULL } };
static const struct bas_choice secure_words[] = {
    { "required", BAS_KNX_SECURE_REQUIRED },
    { "optional", BAS_KNX_SECURE_OPTIONAL },
    { "off", BAS_KNX_SECURE_OFF },
};
static const struct bas_choice transport_words[] = { { "udp", KNX_UDP }, { "tcp", KNX_TCP } };
static const struct bas_choice flag_words[] = {
    { "read", KNX_OBJECT_READ },
    { "write", KNX_OBJECT_WRITE },
    { "transmit", KNX_OBJECT_TRANSMIT },
    { "update", KNX_OBJECT_UPDATE },
};
static const struct bas_choice plaintext_words[] = {
    { "no", BAS_PLAINTEXT_NO },
    { "loopback", BAS_PLAINTEXT_LOOPBACK },
    { "anywhere", BAS_PLAINTEXT_ANYWHERE },
};
static const struct bas_choice policy_words[] = {
    { "auto", BSC_DIRECT_AUTO },
    { "never", BSC_DIRECT_NEVER },
    { "always", BSC_DIRECT_ALWAYS },
};
#define CHOICES(words, allowed)                                                                    \
    static const struct bas_choices words##_of = { words, BAS_ARRAY_LEN(words), allowed }
CHOICES(object_types, "an object type: analog-input, multi-state-value, file, ...");
CHOICES(file_access, "stream or records");
CHOICES(transitions, "a list of to-offnormal, to-fault, to-normal");
CHOICES(node_types, "a node type: system, device, equipment, room, ...");
CHOICES(sync_words, "normal or full");
CHOICES(secure_words, "required, optional or off");
CHOICES(transport_words, "udp or tcp");
CHOICES(flag_words, "a list of read, write, transmit, update");

CHOICES(plaintext_words, "no, loopback or anywhere");
CHOICES(policy_words, "auto, never or always");

#define SECTION_hub          BAS_SECTION_HUB
#define SECTION_device       BAS_SECTION_DEVICE
#define SECTION_knx_server   BAS_SECTION_KNX_SERVER
#define SECTION_object       BAS_SECTION_OBJECT
#define SECTION_group_object BAS_SECTION_GROUP_OBJECT
#define STRUCT(section)      struct bas_##section##_settings
#define ROW(section, name, type, member, min, max, def, unit, help, need, choices)                 \
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
      choices },
#define KEY(section, name, type, member, min, max, def, unit, help)                                \
    ROW(section, name, type, member, min, max, def, unit, help, false, NULL)
#define NEED(section, name, type, member, min, max, def, unit, help)                               \
    ROW(section, name, type, member, min, max, def, unit, help, true, NULL)
#define CHOICE(section, name, type, member, words, def, help)                                      \
    ROW(section, name, type, member, 0, 0, def, NULL, help, false, &words##_of)
#define NEED_CHOICE(section, name, type, member, words, help)                                      \
    ROW(section, name, type, member, 0, 0, NULL, NULL, help, true, &words##_of)

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

static const struct bas_section_row sections[] = {
    [BAS_SECTION_HUB] = { .name = "hub",
                          .list = BAS_SECTION_HUB,
                          .base = offsetof(struct bas_config, hub),
                          .check = bas_config_check_hub,
                          .excuses = bas_config_excuses_hub },
    [BAS_SECTION_DEVICE] = { .name = "device",
                             .list = BAS_SECTION_OBJECT,
                             .base = offsetof(struct bas_config, device),
                             .check = bas_config_check_device,
                             .excuses = bas_config_excuses_device },
    [BAS_SECTION_KNX_SERVER] = { .name = "knx-server",
                                 .list = BAS_SECTION_GROUP_OBJECT,
                                 .base = offsetof(struct bas_config, knx_server),
                                 .check = bas_config_check_knx_server },
    [BAS_SECTION_OBJECT] = { .name = "device.objects",
                             .list = BAS_SECTION_OBJECT,
                             .base = offsetof(struct bas_config, device.objects),
                             .n = offsetof(struct bas_config, device.n_objects),
                             .size = sizeof(struct bas_object_settings),
                             .line = offsetof(struct bas_object_settings, line),
                             .check = bas_config_check_object },
    [BAS_SECTION_GROUP_OBJECT] = { .name = "knx-server.objects",
                                   .list = BAS_SECTION_GROUP_OBJECT,
                                   .base = offsetof(struct bas_config, knx_server.objects),
                                   .n = offsetof(struct bas_config, knx_server.n_objects),
                                   .size = sizeof(struct bas_group_object_settings),
                                   .line = offsetof(struct bas_group_object_settings, line),
                                   .check = bas_config_check_group_object },
};

const struct bas_section_row *bas_config_section(enum bas_section section)
{
    return &sections[section];
}

void *bas_config_base(struct bas_config *config, enum bas_section section)
{
    assert((int)section < BAS_FILE_SECTIONS);
    return (char *)config + sections[section].base;
}

static const void *base_of(const struct bas_config *config, enum bas_section section)
{
    return (const char *)config + sections[section].base;
}

void *bas_config_items(const struct bas_config *config, enum bas_section section, size_t *n)
{
    void *items;
    memcpy(&items, base_of(config, section), sizeof(items));
    memcpy(n, (const char *)config + sections[section].n, sizeof(*n));
    return items;
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
        } else if (row->type == BAS_SETTING_UNSIGNED || row->type == BAS_SETTING_CHOICE ||
                   row->type == BAS_SETTING_SIZE) {
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
    for (int s = BAS_SECTION_HUB; s < BAS_FILE_SECTIONS; s++) {
        enum bas_section section = (enum bas_section)s;
        if (bas_config_defaults(config, section, bas_config_base(config, section)) != BAS_OK) {
            bas_config_free(config);
            return NULL;
        }
    }
    return config;
}

void bas_config_free(struct bas_config *config)
{
    if (config == NULL) {
        return;
    }
    struct bas_env env = config->env;
    bas_keep_free(&config->store);
    for (int s = BAS_FILE_SECTIONS; s < BAS_SECTIONS; s++) {
        size_t n;
        void *items = bas_config_items(config, (enum bas_section)s, &n);
        bas_release(&env, items, config->caps[s] * sections[s].size);
    }
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

struct bas_knx_server_settings *bas_config_knx_server(struct bas_config *config)
{
    return &config->knx_server;
}

bool bas_config_has(const struct bas_config *config, enum bas_section section)
{
    return (config->sections & UINT32_C(1) << section) != 0;
}

/* Room for one item more; false: out of memory. */
static bool grow_list(struct bas_config *config, enum bas_section section)
{
    const struct bas_section_row *list = &sections[section];
    size_t n;
    void *items = bas_config_items(config, section, &n);
    if (n < config->caps[section]) {
        return true;
    }
    size_t cap = n == 0 ? 16 : 2 * n;
    void *more = bas_alloc(&config->env, cap * list->size);
    if (more == NULL) {
        return false;
    }
    if (n != 0) {
        memcpy(more, items, n * list->size);
    }
    bas_release(&config->env, items, n * list->size);
    memcpy((char *)config + list->base, &more, sizeof(more));
    config->caps[section] = cap;
    return true;
}

void *bas_config_add_item(struct bas_config *config, enum bas_section section, uint32_t line)
{
    const struct bas_section_row *list = &sections[section];
    size_t n;
    if (!grow_list(config, section)) {
        return NULL;
    }
    char *item = bas_config_items(config, section, &n);
    item += n * list->size;
    if (bas_config_defaults(config, section, item) != BAS_OK) {
        return NULL;
    }
    memcpy(item + list->line, &line, sizeof(line));
    n++;
    memcpy((char *)config + list->n, &n, sizeof(n));
    return item;
}

/* The key of rows that is needed and not set; NULL: none. */
static const struct bas_setting *first_missing(const struct bas_config *config,
                                               enum bas_section section, const void *base)
{
    struct bas_rows all = bas_config_rows(section);
    bool (*excuses)(const struct bas_config *, const char *) = sections[section].excuses;
    for (size_t i = 0; i < all.n; i++) {
        const struct bas_setting *row = &all.rows[i];
        if (row->is_required && !bas_setting_is_set(row, base) &&
            (excuses == NULL || !excuses(config, row->name))) {
            return row;
        }
    }
    return NULL;
}

static size_t row_of(enum bas_section section, const char *key)
{
    struct bas_rows all = bas_config_rows(section);
    size_t i = 0;
    while (i + 1 < all.n && strcmp(all.rows[i].name, key) != 0) {
        i++;
    }
    return i;
}

bas_err bas_config_check_item(const struct bas_config *config, enum bas_section section,
                              size_t *row, char why[BAS_SETTING_WHY])
{
    size_t n;
    const char *items = bas_config_items(config, section, &n);
    const struct bas_setting *missing =
        first_missing(config, section, items + (n - 1) * sections[section].size);
    const char *key = NULL;
    struct bas_buf out;
    bas_buf_init(&out, why, BAS_SETTING_WHY);
    if (missing != NULL) {
        key = missing->name;
        bas_buf_add_text(&out, "is missing; ");
        bas_setting_allowed(missing, &out);
    } else if (sections[section].check(config, &key, &out)) {
        return BAS_OK;
    }
    (void)bas_buf_text(&out);
    *row = row_of(section, key);
    return BAS_ERR_CONFIG;
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
    return (size_t)section < BAS_ARRAY_LEN(sections) ? sections[section].name : "";
}

bas_err bas_config_check(const struct bas_config *config, enum bas_section section,
                         struct bas_fault *fault)
{
    const struct bas_section_row *row = &sections[section];
    const struct bas_setting *missing = first_missing(config, section, base_of(config, section));
    const char *key = NULL;
    char text[BAS_SETTING_WHY];
    struct bas_buf out;
    bas_buf_init(&out, text, sizeof(text));
    if (missing != NULL) {
        bas_setting_allowed(missing, &out);
        return bas_fail(fault, BAS_ERR_CONFIG, "%s.%s: is missing; give %s (%s)", row->name,
                        missing->name, missing->help, bas_buf_text(&out));
    }
    if (row->check != NULL && !row->check(config, &key, &out)) {
        return bas_fail(fault, BAS_ERR_CONFIG, "%s.%s: %s", row->name, key, bas_buf_text(&out));
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

/* One item of a list: its set keys, the first behind the dash. */
static void dump_item(enum bas_section section, const void *item, struct bas_buf *out)
{
    struct bas_rows all = bas_config_rows(section);
    const char *indent = "    - ";
    for (size_t i = 0; i < all.n; i++) {
        if (bas_setting_is_told(&all.rows[i], item)) {
            bas_buf_format(out, "%s%s: ", indent, all.rows[i].name);
            bas_setting_write(&all.rows[i], item, out);
            bas_buf_add_text(out, "\n");
            indent = "      ";
        }
    }
}

static void dump_list(const struct bas_config *config, enum bas_section section, const char *name,
                      struct bas_buf *out)
{
    struct bas_rows all = bas_config_rows(section);
    size_t n;
    const char *items = bas_config_items(config, section, &n);
    for (size_t i = 0; i < all.n; i++) {
        bas_buf_format(out, "  #   %s: %s (", all.rows[i].name, all.rows[i].help);
        bas_setting_allowed(&all.rows[i], out);
        bas_buf_add_text(out, ")\n");
    }
    bas_buf_format(out, "  %s:%s\n", name, n == 0 ? " []" : "");
    for (size_t i = 0; i < n; i++) {
        dump_item(section, items + i * sections[section].size, out);
    }
}

void bas_config_dump(const struct bas_config *config, enum bas_section section, struct bas_buf *out)
{
    struct bas_rows all = bas_config_rows(section);
    const void *base = base_of(config, section);
    bas_buf_format(out, "%s:\n", bas_section_name(section));
    for (size_t i = 0; i < all.n; i++) {
        const struct bas_setting *row = &all.rows[i];
        dump_help(row, "  ", out);
        if (row->type == BAS_SETTING_OBJECTS) {
            dump_list(config, sections[section].list, row->name, out);
        } else if (bas_setting_is_set(row, base)) {
            bas_buf_format(out, "  %s: ", row->name);
            bas_setting_write(row, base, out);
            bas_buf_add_text(out, "\n");
        } else {
            bas_buf_format(out, "  # %s:%s\n", row->name, row->is_required ? " (needed)" : "");
        }
    }
}
