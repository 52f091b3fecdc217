/*
 * Owns what counts as a change of a value: increments for numbers, any other octets for the rest
 * (tables 13-1 and 13-1a).
 */
#include "bacnet/cov/cov.h"

#include <float.h>
#include <math.h>
#include <string.h>

static uint64_t digest(uint64_t seed, struct bas_slice octets)
{
    uint64_t sum = seed ^ octets.len;
    for (size_t at = 0; at < octets.len; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = octets.len - at;
        memcpy(&word, octets.data + at, left < sizeof(word) ? left : sizeof(word));
        sum = (sum ^ word) * UINT64_C(0xD6E8FEB86659FD93);
        sum ^= sum >> 32;
    }
    return sum;
}

static void take_number(struct bas_slice raw, struct bac_cov_sample *sample)
{
    struct bac_value value = { 0 };
    if (bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &value, NULL, NULL) != BAS_OK ||
        raw.len != 0) {
        return; /* constructed, or several */
    }
    sample->is_real = value.tag == BAC_TAG_REAL || value.tag == BAC_TAG_DOUBLE;
    sample->is_number = true;
    if (value.tag == BAC_TAG_REAL) {
        sample->number = (double)value.as.real;
    } else if (value.tag == BAC_TAG_DOUBLE) {
        sample->number = value.as.real64;
    } else if (value.tag == BAC_TAG_UNSIGNED) {
        sample->number = (double)value.as.unsigned_integer;
    } else if (value.tag == BAC_TAG_INTEGER) {
        sample->number = (double)value.as.integer;
    } else {
        sample->is_number = false;
    }
}

bas_err bac_cov_read(const struct bac_cov *cov, struct bac_cov_reading *reading,
                     struct bas_buf *values, struct bas_fault *fault)
{
    size_t before = values->len;
    bas_err err =
        bac_object_read(reading->object, reading->property, reading->index, values, fault);
    if (err == BAS_OK && values->full) {
        values->full = false;
        values->len = before;
        err = bac_refuse(reading->object, reading->property, BAC_ERROR_CODE_NOT_COV_PROPERTY,
                         "the value is too long for a notification", fault);
    }
    if (err != BAS_OK) {
        return err;
    }
    reading->raw = (struct bas_slice){ values->data + before, values->len - before };
    reading->sample = (struct bac_cov_sample){ .digest = digest(cov->seeds[0], reading->raw) };
    take_number(reading->raw, &reading->sample);
    return BAS_OK;
}

/* How far a REAL may lie from the number that was meant: a step of 0.1 is one of 0.1 anywhere. */
static double tolerance(double a, double b)
{
    double most = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    return most * (double)FLT_EPSILON;
}

bool bac_cov_differs(const struct bac_cov_sample *a, const struct bac_cov_sample *b,
                     double increment)
{
    if (a->digest == b->digest) {
        return false;
    }
    if (!a->is_number || !b->is_number || !(increment > 0)) {
        return true;
    }
    if (isnan(a->number) || isnan(b->number)) {
        return !isnan(a->number) || !isnan(b->number);
    }
    if (isinf(a->number) || isinf(b->number)) {
        return true;
    }
    double distance = fabs(a->number - b->number);
    return distance + (a->is_real ? tolerance(a->number, b->number) : 0) >= increment;
}

static double own_increment(const struct bac_cov *cov, const struct bac_object *object)
{
    uint8_t memory[16];
    struct bas_buf values;
    bas_buf_init(&values, memory, sizeof(memory));
    struct bac_cov_reading reading = { .object = object,
                                       .property = BAC_PROPERTY_COV_INCREMENT,
                                       .index = BAC_NO_INDEX };
    bool is_there = bac_object_row(object, BAC_PROPERTY_COV_INCREMENT) != NULL &&
                    bac_cov_read(cov, &reading, &values, NULL) == BAS_OK;
    return is_there && reading.sample.is_number ? reading.sample.number : 0;
}

double bac_cov_increment(const struct bac_cov *cov, const struct bac_object *object,
                         const struct bac_monitor *monitor, const struct bac_cov_sample *value)
{
    if (!monitor->has_increment) {
        return monitor->property == BAC_PROPERTY_PRESENT_VALUE ? own_increment(cov, object) : 0;
    }
    /* a state is a number, too, but no quantity */
    bool is_quantity = value->is_real || bac_object_row(object, BAC_PROPERTY_COV_INCREMENT) != NULL;
    return is_quantity ? (double)monitor->increment : 0;
}

bool bac_cov_is_for(const struct bac_object *object)
{
    return bac_object_row(object, BAC_PROPERTY_PRESENT_VALUE) != NULL &&
           bac_object_row(object, BAC_PROPERTY_STATUS_FLAGS) != NULL;
}
