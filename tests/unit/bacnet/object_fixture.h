/* A device with objects of every type, more than device_fixture.h has. For tests that walk all
 * rows.
 */
#ifndef BASALT_TEST_OBJECT_FIXTURE_H
#define BASALT_TEST_OBJECT_FIXTURE_H

#include "device_fixture.h"

static const struct bac_file_config EVERY_STREAM = {
    .type = "text/plain", .max_size = 32, .content = { (const uint8_t *)"one\ntwo\n", 8 }
};
static const struct bac_file_config EVERY_RECORDS = {
    .by_record = true, .max_size = 32, .content = { (const uint8_t *)"one\ntwo", 7 }
};

static const struct bac_subordinate_config EVERY_SUBORDINATE[] = {
    { { BAC_OBJECT_ANALOG_INPUT, 1 }, UINT32_MAX, "air" },
    { { BAC_OBJECT_STRUCTURED_VIEW, 2 }, 7, NULL },
};

static const struct bac_object_config EVERY_OBJECT[] = {
    { .type = BAC_OBJECT_ANALOG_INPUT,
      .instance = 1,
      .name = "Room",
      .description = "north",
      .has_units = true,
      .units = 62,
      .has_range = true,
      .min = -50,
      .max = 150,
      .cov_increment = 0.5,
      .initial = { .tag = BAC_TAG_REAL, .as.real = 21.5F } },
    { .type = BAC_OBJECT_ANALOG_OUTPUT,
      .instance = 1,
      .name = "Valve",
      .has_range = true,
      .max = 100,
      .initial = { .tag = BAC_TAG_REAL, .as.real = 10 } },
    { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 1, .name = "Setpoint", .writable = true },
    { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 2, .name = "Command", .commandable = true },
    { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 3, .name = "Fixed" },
    { .type = BAC_OBJECT_BINARY_INPUT, .instance = 1, .name = "Window", .is_reverse = true },
    { .type = BAC_OBJECT_BINARY_OUTPUT,
      .instance = 1,
      .name = "Fan",
      .inactive_text = "stop",
      .active_text = "run" },
    { .type = BAC_OBJECT_BINARY_VALUE, .instance = 1, .name = "Mode", .commandable = true },
    { .type = BAC_OBJECT_MULTI_STATE_INPUT, .instance = 1, .name = "Switch", .n_states = 4 },
    { .type = BAC_OBJECT_MULTI_STATE_OUTPUT,
      .instance = 1,
      .name = "Speed",
      .n_states = 3,
      .state_text = FIXTURE_STATES },
    { .type = BAC_OBJECT_MULTI_STATE_VALUE,
      .instance = 1,
      .name = "Program",
      .n_states = 3,
      .writable = true },
    { .type = BAC_OBJECT_NETWORK_PORT,
      .instance = 1,
      .name = "Port",
      .properties = FIXTURE_PORT,
      .n_properties = BAS_ARRAY_LEN(FIXTURE_PORT) },
    { .type = BAC_OBJECT_LARGE_ANALOG_VALUE,
      .instance = 1,
      .name = "Energy",
      .has_range = true,
      .max = 1e12,
      .commandable = true },
    { .type = BAC_OBJECT_INTEGER_VALUE,
      .instance = 1,
      .name = "Offset",
      .has_range = true,
      .min = -100,
      .max = -1,
      .writable = true },
    { .type = BAC_OBJECT_POSITIVE_INTEGER_VALUE, .instance = 1, .name = "Count", .writable = true },
    { .type = BAC_OBJECT_CHARACTERSTRING_VALUE,
      .instance = 1,
      .name = "Message",
      .initial = { .tag = BAC_TAG_CHARACTER_STRING,
                   .as.text = { 0, { (const uint8_t *)"none", 4 } } },
      .max_value = 20,
      .commandable = true },
    { .type = BAC_OBJECT_OCTETSTRING_VALUE,
      .instance = 1,
      .name = "Octets",
      .max_value = 4,
      .writable = true },
    { .type = BAC_OBJECT_BITSTRING_VALUE,
      .instance = 1,
      .name = "Bits",
      .max_value = 2,
      .writable = true },
    { .type = BAC_OBJECT_DATE_VALUE, .instance = 1, .name = "Day", .writable = true },
    { .type = BAC_OBJECT_TIME_VALUE, .instance = 1, .name = "Hour", .commandable = true },
    { .type = BAC_OBJECT_DATETIME_VALUE, .instance = 1, .name = "Moment", .commandable = true },
    { .type = BAC_OBJECT_DATE_PATTERN_VALUE, .instance = 1, .name = "Days", .commandable = true },
    { .type = BAC_OBJECT_DATETIME_PATTERN_VALUE,
      .instance = 1,
      .name = "Moments",
      .writable = true },
    { .type = BAC_OBJECT_TIME_PATTERN_VALUE, .instance = 1, .name = "Hours", .commandable = true },
    { .type = BAC_OBJECT_FILE, .instance = 1, .name = "Stream", .file = &EVERY_STREAM },
    { .type = BAC_OBJECT_FILE, .instance = 2, .name = "Records", .file = &EVERY_RECORDS },
    { .type = BAC_OBJECT_NOTIFICATION_CLASS,
      .instance = 1,
      .name = "Class",
      .notify_priority = { 100, 150, 200 },
      .ack_required = 1 },
    { .type = BAC_OBJECT_STRUCTURED_VIEW,
      .instance = 1,
      .name = "View",
      .node_type = BAC_NODE_AREA,
      .subordinates = EVERY_SUBORDINATE,
      .n_subordinates = BAS_ARRAY_LEN(EVERY_SUBORDINATE) },
};

static inline struct bac_server_config every_config(void)
{
    struct bac_server_config config = fixture_config();
    config.objects = EVERY_OBJECT;
    config.n_objects = BAS_ARRAY_LEN(EVERY_OBJECT);
    config.max_created = 100;
    return config;
}

static inline void every_open(struct fixture *f)
{
    struct bac_server_config config = every_config();
    fixture_open_with(f, &config);
}

#endif
