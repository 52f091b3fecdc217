/* Owns the rows of the datapoint types: enum.def, struct.def and dpt.def put together. */
#include "knx/dpt/dpt.h"

#include <float.h>

#define KNX_TEXTS(name, ...) static const char *const texts_##name[] = { __VA_ARGS__ };
#include "knx/dpt/enum.def"
#undef KNX_TEXTS

#define FIELD(width, kind, name, unit, scale, min, max, valid)                                     \
    {                                                                                              \
        name, unit, width, KNX_FIELD_##kind, valid, scale, 0, min, max, NULL                       \
    }
#define SCENE(name)                                                                                \
    {                                                                                              \
        name, "", 6, KNX_FIELD_UNSIGNED, 0, 1, 1, 1, 64, NULL                                      \
    }
#define YEAR_OF_1900(valid)                                                                        \
    {                                                                                              \
        "year", "", 8, KNX_FIELD_UNSIGNED, valid, 1, 1900, 0, 0, NULL                              \
    }
#define ENUM(width, name, texts, max, valid)                                                       \
    {                                                                                              \
        name, "", width, KNX_FIELD_ENUM, valid, 1, 0, 0, max, texts_##texts                        \
    }
#define STEP(name, texts, valid)                                                                   \
    {                                                                                              \
        name, "", 4, KNX_FIELD_STEP, valid, 1, 0, 0, 0, texts_##texts                              \
    }
#define FLAG(name)                                                                                 \
    {                                                                                              \
        name, "", 1, KNX_FIELD_FLAG, 0, 1, 0, 0, 0, NULL                                           \
    }
#define EITHER(name, texts)                                                                        \
    {                                                                                              \
        name, "", 1, KNX_FIELD_FLAG, 0, 1, 0, 0, 0, texts_##texts                                  \
    }
#define CLEAR(name)                                                                                \
    {                                                                                              \
        name, "", 1, KNX_FIELD_CLEAR, 0, 1, 0, 0, 0, NULL                                          \
    }
#define VALID                                                                                      \
    {                                                                                              \
        "", "", 1, KNX_FIELD_VALID, 0, 1, 0, 0, 0, NULL                                            \
    }
#define INVALID                                                                                    \
    {                                                                                              \
        "", "", 1, KNX_FIELD_INVALID, 0, 1, 0, 0, 0, NULL                                          \
    }
#define RESERVED(width)                                                                            \
    {                                                                                              \
        "", "", width, KNX_FIELD_RESERVED, 0, 1, 0, 0, 0, NULL                                     \
    }
#define KNX_FIELDS(name, ...)                                                                      \
    static const struct knx_dpt_field fields_##name[] = { __VA_ARGS__, { .kind = KNX_FIELD_END } };
#include "knx/dpt/struct.def"

enum {
    SIZE_BIT1 = 0,
    SIZE_BIT2 = 0,
    SIZE_BIT3 = 0,
    SIZE_STEP = 0,
    SIZE_U8 = 1,
    SIZE_S8 = 1,
    SIZE_U16 = 2,
    SIZE_S16 = 2,
    SIZE_S16_OR_INVALID = 2,
    SIZE_U32 = 4,
    SIZE_S32 = 4,
    SIZE_S64 = 8,
    SIZE_FLOAT16 = 2,
    SIZE_FLOAT32 = 4,
    SIZE_ENUM8 = 1,
    SIZE_SCENE = 1,
};

#define KNX_SCALED(main, sub, name, coding, unit, scale, min, max)                                 \
    { main, sub, name, unit, SIZE_##coding, min, max, KNX_CODING_##coding, scale, NULL, NULL },
#define KNX_DPT(main, sub, name, coding, unit, min, max)                                           \
    KNX_SCALED(main, sub, name, coding, unit, 1, min, max)
#define KNX_ENUM(main, sub, name, coding, texts, min, max)                                         \
    { main, sub, name, "", SIZE_##coding, min, max, KNX_CODING_##coding, 1, texts_##texts, NULL },
#define KNX_STRUCT(main, sub, name, coding, size, fields)                                          \
    { main, sub, name, "", size, 0, 0, KNX_CODING_##coding, 1, NULL, fields_##fields },
#define KNX_STRING(main, sub, name, coding, size)                                                  \
    { main, sub, name, "", size, 0, 0, KNX_CODING_##coding, 1, NULL, NULL },

const struct knx_dpt knx_dpt_rows[] = {
#include "knx/dpt/dpt.def"
};
const size_t knx_dpt_row_count = BAS_ARRAY_LEN(knx_dpt_rows);
