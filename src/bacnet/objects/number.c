/* Owns what objects with numbers share: units, range, increment (clauses 12.2 to 12.4, 12.42). */
#include "bacnet/build.h"
#include "bacnet/objects/rows.h"

#include <math.h>

bas_err bac_fill_number(struct bac_build *build, const struct bac_object_config *c,
                        struct bac_object *object)
{
    object->units = c->has_units ? c->units : (uint32_t)BAC_UNITS_NO_UNITS;
    object->has_range = c->has_range;
    object->min = c->min;
    object->max = c->max;
    object->cov_increment = c->cov_increment;
    if (c->has_range && !(c->min <= c->max)) {
        return bac_build_wrong(build, c, "min is above max");
    }
    return isfinite(c->cov_increment) && c->cov_increment >= 0
               ? BAS_OK
               : bac_build_wrong(build, c, "cov_increment is below 0");
}

void bac_get_units(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_enumerated(value, object->units);
}

bool bac_has_range(const struct bac_object *object)
{
    return object->has_range;
}

/* Min_Pres_Value, Max_Pres_Value and COV_Increment are of the type of the object. */

static const struct bac_type *type_of(const struct bac_object *object)
{
    return object->class->level->type;
}

void bac_get_min(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_number(type_of(object), object->min, value);
}

void bac_get_max(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_number(type_of(object), object->max, value);
}

/* An increment has no sign (12.43). */
void bac_get_increment(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bool is_whole = type_of(object)->kind == BAC_KIND_INTEGER;
    bac_put_number(is_whole ? &bac_type_unsigned : type_of(object), object->cov_increment, value);
}

bas_err bac_set_increment(struct bac_object *object, const struct bac_write *write,
                          struct bas_fault *fault)
{
    double increment = bac_number_of(&write->value);
    if (!isfinite(increment) || increment < 0) {
        return bac_refuse(object, write->property, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                          "an increment is 0 or above", fault);
    }
    object->cov_increment = increment;
    return BAS_OK;
}
