/* Owns the types of objects that a device can be configured with, and reading their values. */
#include "rt/object_value.h"

#include "rt/setting.h"

#include "basalt/bacnet_enum.h"
#include "basalt/bacnet_type.h"

#include <math.h>
#include <string.h>

#define INPUT   OBJECT_INPUT
#define OUTPUT  OBJECT_OUTPUT
#define VALUE   OBJECT_VALUE
#define NUMBER  "a number"
#define DATE    "a date such as 2026-10-12"
#define TIME    "a time such as 13:30"
#define ONE(id) BAC_OBJECT_##id
static const struct object_kind kinds[] = {
    { ONE(ANALOG_INPUT), "analog-input", OBJECT_ANALOG, INPUT, &bac_type_real, false, NUMBER },
    { ONE(ANALOG_OUTPUT), "analog-output", OBJECT_ANALOG, OUTPUT, &bac_type_real, false, NUMBER },
    { ONE(ANALOG_VALUE), "analog-value", OBJECT_ANALOG, VALUE, &bac_type_real, false, NUMBER },
    { ONE(BINARY_INPUT), "binary-input", OBJECT_BINARY, INPUT, &bac_type_binary_pv, false,
      "active or inactive" },
    { ONE(BINARY_OUTPUT), "binary-output", OBJECT_BINARY, OUTPUT, &bac_type_binary_pv, false,
      "active or inactive" },
    { ONE(BINARY_VALUE), "binary-value", OBJECT_BINARY, VALUE, &bac_type_binary_pv, false,
      "active or inactive" },
    { ONE(MULTI_STATE_INPUT), "multi-state-input", OBJECT_MULTI_STATE, INPUT, &bac_type_unsigned,
      false, "the number of a state" },
    { ONE(MULTI_STATE_OUTPUT), "multi-state-output", OBJECT_MULTI_STATE, OUTPUT, &bac_type_unsigned,
      false, "the number of a state" },
    { ONE(MULTI_STATE_VALUE), "multi-state-value", OBJECT_MULTI_STATE, VALUE, &bac_type_unsigned,
      false, "the number of a state" },
    { ONE(INTEGER_VALUE), "integer-value", OBJECT_INTEGER, VALUE, &bac_type_integer, false,
      "a whole number" },
    { ONE(POSITIVE_INTEGER_VALUE), "positive-integer-value", OBJECT_INTEGER, VALUE,
      &bac_type_unsigned, false, "a whole number from 0 on" },
    { ONE(LARGE_ANALOG_VALUE), "large-analog-value", OBJECT_LARGE, VALUE, &bac_type_double, false,
      NUMBER },
    { ONE(CHARACTERSTRING_VALUE), "characterstring-value", OBJECT_OF_TEXT, VALUE,
      &bac_type_character_string, false, "a text" },
    { ONE(BITSTRING_VALUE), "bitstring-value", OBJECT_OF_BITS, VALUE, &bac_type_bit_string, false,
      "bits such as 0110" },
    { ONE(OCTETSTRING_VALUE), "octetstring-value", OBJECT_OF_OCTETS, VALUE, &bac_type_octet_string,
      false, "hex digits such as 0a0b" },
    { ONE(DATE_VALUE), "date-value", OBJECT_OF_DATE, VALUE, &bac_type_date, false, DATE },
    { ONE(DATE_PATTERN_VALUE), "date-pattern-value", OBJECT_OF_DATE, VALUE, &bac_type_date, true,
      "a date with * for any, such as *-12-25" },
    { ONE(TIME_VALUE), "time-value", OBJECT_OF_TIME, VALUE, &bac_type_time, false, TIME },
    { ONE(TIME_PATTERN_VALUE), "time-pattern-value", OBJECT_OF_TIME, VALUE, &bac_type_time, true,
      "a time with * for any, such as *:30" },
    { ONE(DATETIME_VALUE), "datetime-value", OBJECT_OF_DATE_TIME, VALUE, &bac_type_date_time, false,
      "a date and a time such as 2026-10-12 13:30" },
    { ONE(DATETIME_PATTERN_VALUE), "datetime-pattern-value", OBJECT_OF_DATE_TIME, VALUE,
      &bac_type_date_time, true, "a date and a time with * for any, such as *-12-25 *:00" },
    { ONE(FILE), "file", OBJECT_IS_FILE, OBJECT_OTHER, NULL, false, NULL },
    { ONE(NOTIFICATION_CLASS), "notification-class", OBJECT_IS_CLASS, OBJECT_OTHER, NULL, false,
      NULL },
    { ONE(STRUCTURED_VIEW), "structured-view", OBJECT_IS_VIEW, OBJECT_OTHER, NULL, false, NULL },
};

const struct object_kind *object_kind_of(uint32_t type)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(kinds); i++) {
        if (kinds[i].type == type) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* "2026-10-12 13:30"; a weekday may stand between. */
static bool read_date_time(const char *text, struct bac_date_time *value)
{
    char date[32];
    const char *space = strrchr(text, ' ');
    size_t len = space == NULL ? 0 : (size_t)(space - text);
    if (len == 0 || len >= sizeof(date)) {
        return false;
    }
    memcpy(date, text, len);
    date[len] = 0;
    return bac_date_parse(date, &value->date) && bac_time_parse(space + 1, &value->time);
}

static bool is_exact(const struct bac_value *value)
{
    return value->tag == BAC_TAG_DATE   ? bac_date_is_exact(value->as.date)
           : value->tag == BAC_TAG_TIME ? bac_time_is_exact(value->as.time)
                                        : true;
}

/* What YAML calls a yes-or-no value, and the numbers of the two states. */
static const char *binary_word(const char *text)
{
    static const struct {
        const char *text, *word;
    } words[] = {
        { "true", "active" }, { "1", "active" }, { "false", "inactive" }, { "0", "inactive" }
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(words); i++) {
        if (strcmp(words[i].text, text) == 0) {
            return words[i].word;
        }
    }
    return text;
}

/* False: it is no value of that kind. Octets live in arena. */
static bool read_value(const struct object_kind *kind, const char *text, struct bac_arena *arena,
                       struct bac_value *value)
{
    struct bas_fault unsaid = { 0 };
    if (kind->kind == OBJECT_OF_TEXT) {
        *value =
            (struct bac_value){ .tag = BAC_TAG_CHARACTER_STRING, .as.text = bac_text_from(text) };
        return true;
    }
    const char *read = kind->kind == OBJECT_BINARY ? binary_word(text) : text;
    if (bac_value_parse(kind->value, read, arena, value, &unsaid) != BAS_OK) {
        return false;
    }
    bool is_finite = (value->tag != BAC_TAG_REAL || isfinite(value->as.real)) &&
                     (value->tag != BAC_TAG_DOUBLE || isfinite(value->as.real64));
    return (unsigned)value->tag == (unsigned)kind->value->kind && is_finite &&
           (kind->is_pattern || is_exact(value));
}

static bool encode_date_time(const struct object_kind *kind, const char *text, struct bas_buf *out)
{
    struct bac_date_time both;
    bool is_good =
        read_date_time(text, &both) &&
        (kind->is_pattern || (bac_date_is_exact(both.date) && bac_time_is_exact(both.time)));
    return is_good && bac_encode(&bac_type_date_time, &both, BAC_APPLICATION, out) == BAS_OK;
}

static bool encode(const struct object_kind *kind, const char *text, struct bas_buf *out)
{
    uint8_t memory[1200];
    struct bac_arena arena;
    struct bac_value value;
    if (kind->kind == OBJECT_OF_DATE_TIME) {
        return encode_date_time(kind, text, out);
    }
    bac_arena_init(&arena, memory, sizeof(memory));
    return read_value(kind, text, &arena, &value) &&
           bac_encode(&bac_type_value, &value, BAC_APPLICATION, out) == BAS_OK;
}

bas_err object_value_encode(const struct object_kind *kind, const char *text, struct bas_buf *out,
                            struct bas_buf *why)
{
    size_t before = out->len;
    if (kind->value != NULL && encode(kind, text, out)) {
        return BAS_OK;
    }
    out->len = before;
    if (kind->value == NULL) {
        bas_buf_format(why, "a %s has no value; leave it out", kind->name);
        return BAS_ERR_INVALID;
    }
    bas_setting_quote(why, text);
    bas_buf_format(why, " is no value of %s %s; %s", strchr("aeiou", kind->name[0]) ? "an" : "a",
                   kind->name, kind->words);
    return BAS_ERR_INVALID;
}

bool object_subordinate_read(const char *text, struct object_subordinate *out)
{
    char id[64];
    const char *slash = strchr(text, '/');
    const char *blank = strchr(text, ' ');
    *out = (struct object_subordinate){ .device = UINT32_MAX };
    if (slash != NULL && (blank == NULL || slash < blank)) {
        uint64_t device = 0;
        for (; *text >= '0' && *text <= '9' && device <= BAC_MAX_INSTANCE; text++) {
            device = device * 10 + (uint64_t)(*text - '0');
        }
        if (text != slash || device >= BAC_MAX_INSTANCE) {
            return false;
        }
        out->device = (uint32_t)device;
        text = slash + 1;
    }
    size_t len = blank == NULL ? strlen(text) : (size_t)(blank - text);
    if (len >= sizeof(id)) {
        return false;
    }
    memcpy(id, text, len);
    id[len] = 0;
    out->annotation = blank == NULL ? NULL : blank + strspn(blank, " ");
    return bac_object_id_parse(id, &out->object);
}
