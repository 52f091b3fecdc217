/*
 * BACnet values (clause 20.2) and the table-driven codec.
 *
 * Everything that has a layout is a row: a struct bac_type describes a C struct, and from its rows
 * come encode, decode, JSON and the random generator of the tests. Nothing here allocates: lists
 * of a decoded value live in the caller's arena, octets borrow what they were decoded from.
 */
#ifndef BASALT_BACNET_VALUE_H
#define BASALT_BACNET_VALUE_H

#include "basalt/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Values (clause 20.2) */

/* Application tag numbers. */
enum bac_tag {
    BAC_TAG_NULL = 0,
    BAC_TAG_BOOLEAN = 1,
    BAC_TAG_UNSIGNED = 2,
    BAC_TAG_INTEGER = 3,
    BAC_TAG_REAL = 4,
    BAC_TAG_DOUBLE = 5,
    BAC_TAG_OCTET_STRING = 6,
    BAC_TAG_CHARACTER_STRING = 7,
    BAC_TAG_BIT_STRING = 8,
    BAC_TAG_ENUMERATED = 9,
    BAC_TAG_DATE = 10,
    BAC_TAG_TIME = 11,
    BAC_TAG_OBJECT_IDENTIFIER = 12
};

/* Character sets (20.2.9). */
enum bac_charset {
    BAC_CHARSET_UTF8 = 0,
    BAC_CHARSET_DBCS = 1, /* a 2-octet code page stands in front of the text */
    BAC_CHARSET_JIS_X_0208 = 2,
    BAC_CHARSET_UCS4 = 3,
    BAC_CHARSET_UCS2 = 4,
    BAC_CHARSET_LATIN1 = 5
};

struct bac_text {
    uint8_t charset;
    struct bas_slice octets;
};
/* count bits, the first in the top bit of octets.data[0]; unused bits of the last octet are 0 in
 * what we write. */
struct bac_bits {
    size_t count;
    struct bas_slice octets;
};
/* 255 is unspecified. year is as on the wire (year - 1900); month 13 odd, 14 even; day 32 last, 33
 * odd, 34 even. */
struct bac_date {
    uint8_t year, month, day, weekday;
};
struct bac_time {
    uint8_t hour, minute, second, hundredths;
};
struct bac_object_id {
    uint16_t type;     /* 0 .. 1023 */
    uint32_t instance; /* 0 .. 4194303 */
};
enum { BAC_MAX_INSTANCE = 4194303, BAC_WILDCARD_INSTANCE = 4194303 };
#define BAC_NO_INDEX UINT32_MAX /* no array index given */

/* One application-tagged value of any primitive type. Slices borrow what it was decoded from. */
struct bac_value {
    enum bac_tag tag;
    union {
        bool boolean;
        uint64_t unsigned_integer; /* UNSIGNED, ENUMERATED */
        int64_t integer;
        float real;
        double real64;
        struct bas_slice octets;
        struct bac_text text;
        struct bac_bits bits;
        struct bac_date date;
        struct bac_time time;
        struct bac_object_id object;
    } as;
};

/* The table-driven codec */

/* What a type is made of; in brackets the C type that stands for it in a struct. */
enum bac_kind {
    BAC_KIND_NULL,             /* [uint8_t, ignored] */
    BAC_KIND_BOOLEAN,          /* [bool] */
    BAC_KIND_UNSIGNED,         /* [uint64_t], within min .. max of the type */
    BAC_KIND_INTEGER,          /* [int64_t] */
    BAC_KIND_REAL,             /* [float] */
    BAC_KIND_DOUBLE,           /* [double] */
    BAC_KIND_OCTET_STRING,     /* [struct bas_slice] */
    BAC_KIND_CHARACTER_STRING, /* [struct bac_text] */
    BAC_KIND_BIT_STRING,       /* [struct bac_bits] */
    BAC_KIND_ENUMERATED,       /* [uint32_t], names from the type */
    BAC_KIND_DATE,             /* [struct bac_date] */
    BAC_KIND_TIME,             /* [struct bac_time] */
    BAC_KIND_OBJECT_ID,        /* [struct bac_object_id] */
    BAC_KIND_SEQUENCE,         /* [a struct; its fields] */
    BAC_KIND_CHOICE, /* [a struct with uint32_t choice first: the index of the field row that is
                        present] */
    BAC_KIND_LIST,   /* SEQUENCE OF [struct bac_list] */
    BAC_KIND_ANY,  /* ABSTRACT-SYNTAX.&Type, raw octets up to the closing tag [struct bas_slice] */
    BAC_KIND_VALUE /* one application-tagged primitive of any type [struct bac_value] */
};

struct bac_list {
    void *items; /* n elements of the element type's size, in an arena or the caller's memory */
    size_t n;
};

struct bac_name {
    uint32_t number;
    const char *name;
};

enum { BAC_APPLICATION = -1 }; /* a field without a context tag */

struct bac_type;
struct bac_field {
    const char *name; /* as the standard spells it: "object-identifier" */
    const struct bac_type *type;
    int16_t tag;     /* context tag number, or BAC_APPLICATION */
    bool optional;   /* then present_offset is the offset of a bool */
    uint16_t offset; /* in the enclosing struct; CHOICE: of the union member */
    uint16_t present_offset;
    uint16_t size; /* of the member; equals type->size (a test walks all rows) */
};

struct bac_type {
    const char *name; /* "BACnetTimeStamp" */
    enum bac_kind kind;
    uint16_t size; /* of the C type */
    const struct bac_field *fields;
    uint16_t n_fields;
    const struct bac_type *element; /* LIST */
    const struct bac_name *names;   /* ENUMERATED and BIT_STRING: ascending numbers */
    uint16_t n_names;
    uint64_t min, max; /* a closed range; max 0 is no limit. UNSIGNED and ENUMERATED: of the value;
                          OCTET_STRING, CHARACTER_STRING: of its octets; BIT_STRING: of its bits;
                          LIST: of the number of elements */
};

/*
 * Memory for lists of a decoded value; never grown. bac_arena_take fills it from the front, decode
 * puts finished lists at the back (cap shrinks). To use it again, keep a copy of the struct and
 * assign it back, or init it anew.
 */
struct bac_arena {
    uint8_t *data;
    size_t cap;
    size_t used;
};
BAS_API void bac_arena_init(struct bac_arena *arena, void *memory, size_t cap);
/* Zeroed and aligned for any type, or NULL. */
BAS_API void *bac_arena_take(struct bac_arena *arena, size_t len);

/*
 * Appends value as described by type. tag: the context tag to wear, or BAC_APPLICATION. Checks
 * enumeration and ranges. BAS_ERR_INVALID: value cannot be encoded; BAS_ERR_NO_SPACE: out is full.
 */
BAS_API BAS_MUST_USE bas_err bac_encode(const struct bac_type *type, const void *value, int tag,
                                        struct bas_buf *out);
/*
 * Takes one value off *in and fills value (zeroed first). Slices in value borrow *in; lists live in
 * arena, which may be NULL for a type without lists. The tag behind the value is looked at too. On
 * error value is zeroed and arena as before; fault gets the Reject reason as error code 59 .. 69
 * (class services): invalid-tag, missing-required-parameter, parameter-out-of-range,
 * too-many-arguments (arena full), undefined-enumeration, invalid-parameter-data-type. Nesting is
 * bounded.
 */
BAS_API BAS_MUST_USE bas_err bac_decode(const struct bac_type *type, struct bas_slice *in, int tag,
                                        void *value, struct bac_arena *arena,
                                        struct bas_fault *fault);
/* As bac_decode, and nothing may be left of in (too-many-arguments). */
BAS_API BAS_MUST_USE bas_err bac_decode_all(const struct bac_type *type, struct bas_slice in,
                                            void *value, struct bac_arena *arena,
                                            struct bas_fault *fault);
/*
 * Writes value as JSON under key. SEQUENCE: an object of field names; CHOICE: an object with one
 * member; LIST and ANY: an array; enumerations: the name, or the number where there is none;
 * octets: hex; dates "2026-10-12", times "13:30:00.00", object identifiers "analog-input,1". Bit
 * strings with names: an array of the bits that are set, when it has all bits with a name, else
 * {"bits":n,"set":[...]}; without names the text "0110", long ones {"bits":n,"octets":hex}. Texts
 * in UTF-8: a text; others {"charset":n,"text":...}, or "octets" where we cannot convert.
 */
BAS_API void bac_json(const struct bac_type *type, const void *value, struct bas_json *json,
                      const char *key);
/*
 * Writes every value in raw (an ABSTRACT-SYNTAX) as a JSON array. Application-tagged ones tell what
 * they are: null, true, 85 is Unsigned, -1 Integer, 72.5 and 65.0 REAL, "text" a CharacterString;
 * others are an object with their kind: {"enumerated":1}, {"double":72.5}, {"octets":"0a0b"},
 * {"bits":"0110"}, {"date":...}, {"time":...}, {"object":"analog-input,1"}, {"integer":85}.
 * Context-tagged ones: {"tag":n,"octets":hex} or {"tag":n,"items":[...]}. False: raw is malformed
 * or too deep, and stands there as one hex text.
 */
BAS_API bool bac_json_any(struct bas_slice raw, struct bas_json *json, const char *key);
/*
 * As bac_json_any with a known type: raw is any number of values of that type, one after another
 * (an array, a list, or one value). What does not decode is written by bac_json_any. type NULL is
 * bac_json_any. arena is scratch; it comes back as it was.
 */
BAS_API bool bac_json_typed(const struct bac_type *type, struct bas_slice raw,
                            struct bac_arena *arena, struct bas_json *json, const char *key);
/*
 * Reads what bac_json wrote, and what people write like it: members in any order, numbers for
 * enumerations, short names of objects and properties ("ai,1", "pv"), dates like "*-12-25", one
 * value for ANY without the array around it. Strict otherwise: nothing unknown, nothing twice.
 * Lists and octets live in arena. BAS_ERR_MALFORMED: no JSON, with line and column;
 * BAS_ERR_INVALID: not this type, with the place ("list-of-values[2].value: ...");
 * BAS_ERR_TOO_LONG: more than 1 MiB or 32 deep; BAS_ERR_NO_SPACE: arena is full. On error value is
 * zeroed and arena as before.
 */
BAS_API BAS_MUST_USE bas_err bac_json_read(const struct bac_type *type, struct bas_slice text,
                                           void *value, struct bac_arena *arena,
                                           struct bas_fault *fault);
/* A name of an enumeration, or NULL; a number of a name (case does not matter, '_' and ' ' equal
 * '-'). */
BAS_API const char *bac_enum_name(const struct bac_type *type, uint32_t number);
BAS_API bool bac_enum_number(const struct bac_type *type, const char *name, uint32_t *number);

/* Text */

/*
 * Object identifiers: "analog-input,1", "analog-input:1", short names ("ai:1", "dev,1000"), numbers
 * ("8:100"); case does not matter. text gets "analog-input,1", or "520,1" for a type without a
 * name.
 */
BAS_API bool bac_object_id_parse(const char *text, struct bac_object_id *id);
BAS_API void bac_object_id_text(struct bac_object_id id, struct bas_buf *out);
/* The standard's name of an object type, or NULL. */
BAS_API const char *bac_object_type_name(uint32_t type);
/* An object type alone: "ai", "analog-input", "0". */
BAS_API bool bac_object_type_parse(const char *text, uint32_t *type);

/*
 * Properties: "present-value", "pv", "85", each with an array index behind it or not: "pv[3]",
 * "priority-array[8]". *index is BAC_NO_INDEX where there is none.
 */
BAS_API bool bac_property_parse(const char *text, uint32_t *property, uint32_t *index);
/* The short words that stand for object types and properties ("ai", "pv"): numbers ascend no more
 * than words do, and one may have several; the first is the one that we would print. */
BAS_API const struct bac_name *bac_object_type_words(size_t *n);
BAS_API const struct bac_name *bac_property_words(size_t *n);
/* The standard's name of a property, or NULL. */
BAS_API const char *bac_property_name(uint32_t property);
/*
 * The data type of a property (of one element, for an array or a list), or NULL where we do not
 * know it or it differs.
 */
BAS_API const struct bac_type *bac_property_type(uint32_t object_type, uint32_t property);
/* Whether a property holds one value, an array (with an index) or a list; a scalar where we do not
 * know it. */
enum bac_shape { BAC_SHAPE_SCALAR, BAC_SHAPE_ARRAY, BAC_SHAPE_LIST };
BAS_API enum bac_shape bac_property_shape(uint32_t object_type, uint32_t property);

/*
 * A primitive value from a person's text. type (its kind, names and range) says what is wanted;
 * NULL or BAC_KIND_VALUE guesses: null, true and false, "text" in quotes, 72.5 is a REAL, 72
 * Unsigned, -1 Integer, 2026-10-12 a Date, 13:30 a Time, ai,1 an object identifier, active or
 * inactive the BACnetBinaryPV. In front of any text stands its kind where the guess would be wrong:
 * "real:72", "enumerated:1", "unsigned:1", "integer:1", "double:1", "boolean:true", "text:on",
 * "octets:0a0b", "bits:0110", "date:...", "time:...", "object:...".
 * Octets live in arena. BAS_ERR_INVALID with a fault that says what was expected.
 */
BAS_API BAS_MUST_USE bas_err bac_value_parse(const struct bac_type *type, const char *text,
                                             struct bac_arena *arena, struct bac_value *value,
                                             struct bas_fault *fault);
/* The word in front of a value above: "real" for BAC_TAG_REAL; "null" too. NULL for no tag. */
BAS_API const char *bac_tag_name(unsigned tag);
/*
 * A value as text for people. With a type, bac_value_parse reads it back. Texts stand in quotes,
 * octets as hex, bit strings as "{in-alarm,fault}" where the bits have names, else "0110".
 */
BAS_API void bac_value_text(const struct bac_type *type, const struct bac_value *value,
                            struct bas_buf *out);
/* A CharacterString as UTF-8, appended to out (JIS X 0208 and DBCS: "jis-x-0208:" or "dbcs-850:"
 * and hex). False: octets that the set does not know were replaced by U+FFFD. */
BAS_API bool bac_text_utf8(const struct bac_text *text, struct bas_buf *out);
/* Borrows a C string as a CharacterString in UTF-8. */
BAS_API struct bac_text bac_text_from(const char *utf8);
/* "2026-10-12", parts "*" where unspecified, month "odd"/"even", day "last"/"odd"/"even", a weekday
 * behind it ("*-12-25 fri") where the date alone does not say it; "13:30:00.00". */
BAS_API void bac_date_text(struct bac_date date, struct bas_buf *out);
BAS_API void bac_time_text(struct bac_time time, struct bas_buf *out);
BAS_API bool bac_date_parse(const char *text, struct bac_date *date);
BAS_API bool bac_time_parse(const char *text, struct bac_time *time);
/* 1 Monday .. 7 Sunday of a whole date, else 255. */
BAS_API uint8_t bac_date_weekday(struct bac_date date);
/* Whether every part is one that clause 20.2.12 or 20.2.13 knows (the codec does not ask: octets of
 * a peer go through as they are). is_exact: nothing unspecified and no pattern. */
BAS_API bool bac_date_is_valid(struct bac_date date);
BAS_API bool bac_time_is_valid(struct bac_time time);
BAS_API bool bac_date_is_exact(struct bac_date date);
BAS_API bool bac_time_is_exact(struct bac_time time);

/* Bit n of a bit string; false behind its end. */
BAS_API bool bac_bit(const struct bac_bits *bits, size_t n);

#ifdef __cplusplus
}
#endif

#endif
