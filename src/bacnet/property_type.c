/* Owns which data type and shape a property has, as far as they do not depend on more than the
 * object type (property_type.def). */
#include "bacnet/rows.h"

#include "basalt/bacnet_enum.h"

struct type_row {
    uint32_t property, object; /* ascending, first by property */
    const struct bac_type *type;
    enum bac_shape shape;
};

#define BAC_PROPERTY_TYPE(property, id, shape)
#define BAC_OBJECT_PROPERTY_TYPE(property, object, id, shape)                                      \
    { BAC_PROPERTY_##property, BAC_OBJECT_##object, &bac_type_##id, BAC_SHAPE_##shape },
static const struct type_row of_objects[] = {
#include "bacnet/property_type.def"
};
#undef BAC_PROPERTY_TYPE
#undef BAC_OBJECT_PROPERTY_TYPE

#define BAC_PROPERTY_TYPE(property, id, shape)                                                     \
    { BAC_PROPERTY_##property, 0, &bac_type_##id, BAC_SHAPE_##shape },
#define BAC_OBJECT_PROPERTY_TYPE(property, object, id, shape)
static const struct type_row of_all[] = {
#include "bacnet/property_type.def"
};
#undef BAC_PROPERTY_TYPE
#undef BAC_OBJECT_PROPERTY_TYPE

static bool is_before(const struct type_row *row, uint32_t property, uint32_t object)
{
    return row->property != property ? row->property < property : row->object < object;
}

static const struct type_row *find(const struct type_row *rows, size_t n, uint32_t property,
                                   uint32_t object)
{
    const struct type_row *end = rows + n;
    while (n > 0) {
        size_t half = n / 2;
        if (is_before(&rows[half], property, object)) {
            rows += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    bool is_found = rows != end && rows->property == property && rows->object == object;
    return is_found ? rows : NULL;
}

static const struct type_row *row_of(uint32_t object_type, uint32_t property)
{
    const struct type_row *row = find(of_objects, BAS_ARRAY_LEN(of_objects), property, object_type);
    return row != NULL ? row : find(of_all, BAS_ARRAY_LEN(of_all), property, 0);
}

const struct bac_type *bac_property_type(uint32_t object_type, uint32_t property)
{
    const struct type_row *row = row_of(object_type, property);
    return row != NULL ? row->type : NULL;
}

enum bac_shape bac_property_shape(uint32_t object_type, uint32_t property)
{
    const struct type_row *row = row_of(object_type, property);
    return row != NULL ? row->shape : BAC_SHAPE_SCALAR;
}
