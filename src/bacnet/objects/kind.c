/* Owns the kinds of values that a Present_Value can have: their types, their room, their limits. */
#include "bacnet/objects/rows.h"

#include <math.h>

static enum bac_error_code when(bool fits)
{
    return fits ? BAC_ERROR_CODE_SUCCESS : BAC_ERROR_CODE_VALUE_OUT_OF_RANGE;
}

/* Numbers are compared as doubles: a range comes as doubles, too. */
static enum bac_error_code check_number(const struct bac_object *object, double number)
{
    return when(isfinite(number) &&
                (!object->has_range || (number >= object->min && number <= object->max)));
}

static enum bac_error_code check_real(const struct bac_object *object, const void *value)
{
    return check_number(object, (double)*(const float *)value);
}

static enum bac_error_code check_double(const struct bac_object *object, const void *value)
{
    return check_number(object, *(const double *)value);
}

static enum bac_error_code check_integer(const struct bac_object *object, const void *value)
{
    return check_number(object, (double)*(const int64_t *)value);
}

static enum bac_error_code check_unsigned(const struct bac_object *object, const void *value)
{
    return check_number(object, (double)*(const uint64_t *)value);
}

static enum bac_error_code check_state(const struct bac_object *object, const void *value)
{
    uint64_t state = *(const uint64_t *)value;
    return when(state >= 1 && state <= object->n_states);
}

static enum bac_error_code check_len(const struct bac_object *object, size_t len)
{
    return len <= object->level->max_value ? BAC_ERROR_CODE_SUCCESS
                                           : BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY;
}

static enum bac_error_code check_text(const struct bac_object *object, const void *value)
{
    return check_len(object, ((const struct bac_text *)value)->octets.len);
}

static enum bac_error_code check_octets(const struct bac_object *object, const void *value)
{
    return check_len(object, ((const struct bas_slice *)value)->len);
}

static enum bac_error_code check_bits(const struct bac_object *object, const void *value)
{
    return check_len(object, ((const struct bac_bits *)value)->octets.len);
}

/* A value is one moment, or wholly unspecified; a pattern may be anything that a clock knows. */

enum { ANY = 0xFF };

static bool is_no_date(const struct bac_date *d)
{
    return d->year == ANY && d->month == ANY && d->day == ANY && d->weekday == ANY;
}

static bool is_no_time(const struct bac_time *t)
{
    return t->hour == ANY && t->minute == ANY && t->second == ANY && t->hundredths == ANY;
}

/* The day of the week may be left out of an exact date. */
static bool is_day(const struct bac_date *d)
{
    struct bac_date whole = *d;
    whole.weekday = d->weekday == ANY ? bac_date_weekday(*d) : d->weekday;
    return bac_date_is_exact(whole);
}

static enum bac_error_code check_date(const struct bac_object *object, const void *value)
{
    (void)object;
    const struct bac_date *date = value;
    return when(is_no_date(date) || is_day(date));
}

static enum bac_error_code check_time(const struct bac_object *object, const void *value)
{
    (void)object;
    const struct bac_time *time = value;
    return when(is_no_time(time) || bac_time_is_exact(*time));
}

static enum bac_error_code check_date_time(const struct bac_object *object, const void *value)
{
    (void)object;
    const struct bac_date_time *both = value;
    return when((is_no_date(&both->date) && is_no_time(&both->time)) ||
                (is_day(&both->date) && bac_time_is_exact(both->time)));
}

static enum bac_error_code check_date_pattern(const struct bac_object *object, const void *value)
{
    (void)object;
    return when(bac_date_is_valid(*(const struct bac_date *)value));
}

static enum bac_error_code check_time_pattern(const struct bac_object *object, const void *value)
{
    (void)object;
    return when(bac_time_is_valid(*(const struct bac_time *)value));
}

static enum bac_error_code check_date_time_pattern(const struct bac_object *object,
                                                   const void *value)
{
    (void)object;
    const struct bac_date_time *both = value;
    return when(bac_date_is_valid(both->date) && bac_time_is_valid(both->time));
}

#define KIND(id, element, octets, encoded, checked)                                                \
    const struct bac_level_kind bac_level_##id = { .type = &bac_type_##element,                    \
                                                   .room = octets,                                 \
                                                   .zero = encoded,                                \
                                                   .zero_len = sizeof(encoded) - 1,                \
                                                   .check = checked };
#define NO_DATE "\xA4\xFF\xFF\xFF\xFF"
#define NO_TIME "\xB4\xFF\xFF\xFF\xFF"

KIND(real, real, 5, "\x44\0\0\0\0", check_real)
KIND(double, double, 10, "\x55\x08\0\0\0\0\0\0\0\0", check_double)
KIND(integer, integer, 10, "\x31\0", check_integer)
KIND(unsigned, unsigned, 10, "\x21\0", check_unsigned)
KIND(binary, binary_pv, 6, "\x91\0", NULL)
KIND(state, unsigned, 10, "\x21\x01", check_state)
KIND(text, character_string, 0, "\x71\0", check_text)
KIND(octets, octet_string, 0, "\x60", check_octets)
KIND(bits, bit_string, 0, "\x81\0", check_bits)
KIND(date, date, 5, NO_DATE, check_date)
KIND(time, time, 5, NO_TIME, check_time)
KIND(date_time, date_time, 10, NO_DATE NO_TIME, check_date_time)
KIND(date_pattern, date, 5, NO_DATE, check_date_pattern)
KIND(time_pattern, time, 5, NO_TIME, check_time_pattern)
KIND(date_time_pattern, date_time, 10, NO_DATE NO_TIME, check_date_time_pattern)

void bac_put_number(const struct bac_type *type, double number, struct bac_value *value)
{
    value->tag = (enum bac_tag)type->kind;
    if (type->kind == BAC_KIND_REAL) {
        value->as.real = (float)number;
    } else if (type->kind == BAC_KIND_DOUBLE) {
        value->as.real64 = number;
    } else if (type->kind == BAC_KIND_INTEGER) {
        value->as.integer = number >= 0x1p63   ? INT64_MAX
                            : number < -0x1p63 ? INT64_MIN
                                               : (int64_t)number;
    } else {
        value->as.unsigned_integer = number >= 0x1p64 ? UINT64_MAX
                                     : number > 0     ? (uint64_t)number
                                                      : 0;
    }
}

double bac_number_of(const struct bac_value *value)
{
    switch ((unsigned)value->tag) {
    case BAC_TAG_REAL:
        return (double)value->as.real;
    case BAC_TAG_DOUBLE:
        return value->as.real64;
    case BAC_TAG_INTEGER:
        return (double)value->as.integer;
    default:
        return (double)value->as.unsigned_integer;
    }
}
