/* Owns the rows of the Device object (clause 12.11). */
#include "bacnet/build.h"
#include "bacnet/cov/cov.h"
#include "bacnet/objects/rows.h"

#include <assert.h>
#include <string.h>

enum { UUID_LEN = 16 };

static const struct bac_device_info *info(const struct bac_object *object)
{
    return &object->db->info;
}

static void get_system_status(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_enumerated(value, BAC_DEVICE_STATUS_OPERATIONAL);
}

static void get_vendor_name(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, info(object)->vendor_name);
}

static void get_vendor(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, info(object)->vendor);
}

static void get_model_name(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, info(object)->model_name);
}

static void get_firmware(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, info(object)->firmware_revision);
}

static void get_software(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, info(object)->application_software_version);
}

static void get_location(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, bac_room_slice(&info(object)->location));
}

static bas_err set_location(struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault)
{
    return bac_set_text(object, write, &object->db->info.location, fault);
}

static void get_version(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_unsigned(value, BAC_PROTOCOL_VERSION);
}

static void get_revision(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_unsigned(value, BAC_PROTOCOL_REVISION);
}

/* As many bits as we know names for. */
static void put_bits(struct bac_value *value, const struct bac_type *type, const uint8_t *octets)
{
    size_t count = type->names[type->n_names - 1].number + 1U;
    value->tag = BAC_TAG_BIT_STRING;
    value->as.bits = (struct bac_bits){ count, { octets, (count + 7) / 8 } };
}

static void get_services(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    put_bits(value, &bac_type_services_supported, info(object)->services);
}

static void get_object_types(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    put_bits(value, &bac_type_object_types_supported, info(object)->object_types);
}

static uint32_t count_objects(const struct bac_object *object)
{
    return (uint32_t)object->db->n_objects;
}

static void get_object_at(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    assert(at >= 1 && at <= object->db->n_objects);
    value->tag = BAC_TAG_OBJECT_IDENTIFIER;
    value->as.object = object->db->objects[at - 1]->id;
}

static void get_max_apdu(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, info(object)->max_apdu);
}

static void get_segmentation(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_enumerated(value, BAC_SEGMENTATION_SEGMENTED_BOTH);
}

static void get_max_segments(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, info(object)->max_segments);
}

static void get_segment_timeout(const struct bac_object *object, uint32_t at,
                                struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, info(object)->segment_timeout_ms);
}

static void get_apdu_timeout(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, info(object)->apdu_timeout_ms);
}

static void get_retries(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, info(object)->retries);
}

/* The time: of the world in UTC, unless the configuration knows the local one. */

enum { ANY = 255, FIRST_YEAR = 1900, LAST_YEAR = FIRST_YEAR + ANY - 1 };

static unsigned length_of_year(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 366 : 365;
}

static unsigned length_of_month(unsigned year, unsigned month)
{
    static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return lengths[month - 1] + (month == 2 && length_of_year(year) == 366 ? 1U : 0U);
}

/* Days since 1970 as a date; none outside of what a date can say. */
static struct bac_date date_of(int64_t days)
{
    const struct bac_date none = { ANY, ANY, ANY, ANY };
    unsigned year = 1970;
    for (; days >= 0 && year <= LAST_YEAR && days >= length_of_year(year); year++) {
        days -= length_of_year(year);
    }
    if (days < 0 || year > LAST_YEAR) {
        return none;
    }
    unsigned month = 1;
    for (; days >= length_of_month(year, month); month++) {
        days -= length_of_month(year, month);
    }
    struct bac_date date = { (uint8_t)(year - FIRST_YEAR), (uint8_t)month, (uint8_t)(days + 1), 0 };
    date.weekday = bac_date_weekday(date);
    return date;
}

static struct bac_date_time utc(const struct bac_object *object)
{
    const struct bas_env *env = &object->db->env;
    int64_t hundredths = env->wall(env->ctx) / 10000;
    int64_t of_day = hundredths % 8640000;
    if (of_day < 0) { /* before 1970: a clock that was never set */
        of_day = 0;
    }
    return (struct bac_date_time){
        .date = date_of(hundredths / 8640000),
        .time = { (uint8_t)(of_day / 360000), (uint8_t)(of_day / 6000 % 60),
                  (uint8_t)(of_day / 100 % 60), (uint8_t)(of_day % 100) },
    };
}

static void get_local_date(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    value->tag = BAC_TAG_DATE;
    value->as.date = utc(object).date;
}

static void get_local_time(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    value->tag = BAC_TAG_TIME;
    value->as.time = utc(object).time;
}

static void get_no_offset(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    value->tag = BAC_TAG_INTEGER;
    value->as.integer = 0;
}

static void get_no_daylight_savings(const struct bac_object *object, uint32_t at,
                                    struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_boolean(value, false);
}

void bac_database_now(const struct bac_database *db, uint8_t *out)
{
    struct bas_buf b;
    bas_buf_init(&b, out, sizeof(BAC_NO_DATE_TIME) - 1);
    bas_err err = bac_object_read(db->device, BAC_PROPERTY_LOCAL_DATE, BAC_NO_INDEX, &b, NULL);
    if (err == BAS_OK) {
        err = bac_object_read(db->device, BAC_PROPERTY_LOCAL_TIME, BAC_NO_INDEX, &b, NULL);
    }
    if (err != BAS_OK || b.len != b.cap) {
        memcpy(out, BAC_NO_DATE_TIME, b.cap);
    }
}

/* Device_Address_Binding: this device keeps no such list of its own, it is empty. */
static uint32_t count_bindings(const struct bac_object *object)
{
    (void)object;
    return 0;
}

static void get_no_binding(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    (void)value;
    assert(false);
}

static void get_database_revision(const struct bac_object *object, uint32_t at,
                                  struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, info(object)->database_revision);
}

/* What lasts is given back. */
static bas_err set_database_revision(struct bac_object *object, const struct bac_write *write,
                                     struct bas_fault *fault)
{
    (void)fault;
    object->db->info.database_revision = (uint32_t)write->value.as.unsigned_integer;
    return BAS_OK;
}

static bool has_uuid(const struct bac_object *object)
{
    return info(object)->has_uuid;
}

/* bsc 8.2-03 */
static void get_uuid(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    value->tag = BAC_TAG_OCTET_STRING;
    value->as.octets = (struct bas_slice){ info(object)->uuid, UUID_LEN };
}

static const struct bac_property_row rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(SYSTEM_STATUS, device_status, REQUIRED, .is_open = true, .get = get_system_status),
    BAC_ROW(VENDOR_NAME, character_string, REQUIRED, .get = get_vendor_name),
    BAC_ROW(VENDOR_IDENTIFIER, unsigned16, REQUIRED, .get = get_vendor),
    BAC_ROW(MODEL_NAME, character_string, REQUIRED, .get = get_model_name),
    BAC_ROW(FIRMWARE_REVISION, character_string, REQUIRED, .get = get_firmware),
    BAC_ROW(APPLICATION_SOFTWARE_VERSION, character_string, REQUIRED, .get = get_software),
    BAC_ROW(LOCATION, character_string, OPTIONAL, .get = get_location, .set = set_location),
    BAC_ROW(PROTOCOL_VERSION, unsigned, REQUIRED, .get = get_version),
    BAC_ROW(PROTOCOL_REVISION, unsigned, REQUIRED, .get = get_revision),
    BAC_ROW(PROTOCOL_SERVICES_SUPPORTED, services_supported, REQUIRED, .get = get_services),
    BAC_ROW(PROTOCOL_OBJECT_TYPES_SUPPORTED, object_types_supported, REQUIRED,
            .get = get_object_types),
    BAC_ROW(OBJECT_LIST, object_id, REQUIRED, .shape = BAC_SHAPE_ARRAY, .count = count_objects,
            .get = get_object_at),
    BAC_ROW(MAX_APDU_LENGTH_ACCEPTED, unsigned, REQUIRED, .get = get_max_apdu),
    BAC_ROW(SEGMENTATION_SUPPORTED, segmentation, REQUIRED, .get = get_segmentation),
    BAC_ROW(MAX_SEGMENTS_ACCEPTED, unsigned, OPTIONAL, .get = get_max_segments),
    BAC_ROW(APDU_SEGMENT_TIMEOUT, unsigned, OPTIONAL, .get = get_segment_timeout),
    BAC_ROW(LOCAL_TIME, time, OPTIONAL, .is_open = true, .get = get_local_time),
    BAC_ROW(LOCAL_DATE, date, OPTIONAL, .is_open = true, .get = get_local_date),
    BAC_ROW(UTC_OFFSET, integer, OPTIONAL, .is_open = true, .get = get_no_offset),
    BAC_ROW(DAYLIGHT_SAVINGS_STATUS, boolean, OPTIONAL, .is_open = true,
            .get = get_no_daylight_savings),
    BAC_ROW(APDU_TIMEOUT, unsigned, REQUIRED, .get = get_apdu_timeout),
    BAC_ROW(NUMBER_OF_APDU_RETRIES, unsigned, REQUIRED, .get = get_retries),
    BAC_ROW(DEVICE_ADDRESS_BINDING, address_binding, REQUIRED, .shape = BAC_SHAPE_LIST,
            .count = count_bindings, .get = get_no_binding),
    BAC_ROW(ACTIVE_COV_SUBSCRIPTIONS, cov_subscription, OPTIONAL, .shape = BAC_SHAPE_LIST,
            .count = bac_cov_count_active, .add = bac_cov_add_active),
    BAC_ROW(ACTIVE_COV_MULTIPLE_SUBSCRIPTIONS, cov_multiple_subscription, OPTIONAL,
            .shape = BAC_SHAPE_LIST, .count = bac_cov_count_active_multiple,
            .add = bac_cov_add_active_multiple),
    BAC_ROW(DATABASE_REVISION, unsigned32, REQUIRED, .get = get_database_revision,
            .by_program_only = true, .set = set_database_revision),
    BAC_ROW(SERIAL_NUMBER, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(DEVICE_UUID, octet_string, OPTIONAL, .has = has_uuid, .get = get_uuid),
};

static bas_err fill(struct bac_build *build, const struct bac_object_config *c,
                    struct bac_object *object)
{
    const struct bac_server_config *config = build->config;
    struct bac_device_info *to = &object->db->info;
    const struct {
        const char *from;
        struct bas_slice *to;
    } texts[] = {
        { config->vendor_name, &to->vendor_name },
        { config->model_name, &to->model_name },
        { config->firmware_revision, &to->firmware_revision },
        { config->application_software_version, &to->application_software_version },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        bas_err err = bac_build_constant(build, c, texts[i].from, texts[i].to);
        if (err != BAS_OK) {
            return err;
        }
    }
    return bac_build_text(build, c, config->location, BAC_MAX_NAME, &to->location);
}

const struct bac_object_class bac_class_device = {
    .number = BAC_OBJECT_DEVICE,
    .role = BAC_ROLE_OTHER,
    .rows = rows,
    .n_rows = BAS_ARRAY_LEN(rows),
    .fill = fill,
};
