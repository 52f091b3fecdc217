/*
 * What the files of the datapoint types share: the rows, the fields that a value is made of, and
 * the functions of one field, of a structure, of times and of texts.
 */
#ifndef KNX_DPT_H
#define KNX_DPT_H

#include "basalt/knx_dpt.h"

/* How the octets of a row are made. Up to KNX_CODING_SCENE: of one field. */
enum knx_coding {
    KNX_CODING_BIT1,
    KNX_CODING_BIT2,
    KNX_CODING_BIT3,
    KNX_CODING_STEP,
    KNX_CODING_U8,
    KNX_CODING_S8,
    KNX_CODING_U16,
    KNX_CODING_S16,
    KNX_CODING_S16_OR_INVALID,
    KNX_CODING_U32,
    KNX_CODING_S32,
    KNX_CODING_S64,
    KNX_CODING_FLOAT16,
    KNX_CODING_FLOAT32,
    KNX_CODING_ENUM8,
    KNX_CODING_SCENE,
    KNX_CODING_STRUCT,
    KNX_CODING_TIME,
    KNX_CODING_DATE,
    KNX_CODING_DATE_TIME,
    KNX_CODING_ASCII,      /* zero padded */
    KNX_CODING_LATIN1,     /* zero padded */
    KNX_CODING_VAR_LATIN1, /* zero terminated */
    KNX_CODING_UTF8        /* zero terminated */
};

enum knx_field_kind {
    KNX_FIELD_END, /* after the last field of a structure */
    KNX_FIELD_RESERVED,
    KNX_FIELD_UNSIGNED,
    KNX_FIELD_SIGNED,
    KNX_FIELD_SIGNED_OR_INVALID, /* the largest number means invalid */
    KNX_FIELD_FLOAT16,           /* spec 6, row 9 */
    KNX_FIELD_FLOAT32,
    KNX_FIELD_ENUM,
    KNX_FIELD_FLAG,    /* one bit: its name when it is set, or one of its texts */
    KNX_FIELD_CLEAR,   /* one bit: its name when it is clear */
    KNX_FIELD_VALID,   /* one bit: fields that name it count when it is set */
    KNX_FIELD_INVALID, /* one bit: fields that name it count when it is clear */
    KNX_FIELD_STEP,    /* direction (texts), then three bits of step code */
    KNX_FIELD_YEAR,    /* 0 .. 89: 2000 and later; 90 .. 99: 1990 and later */
    KNX_FIELD_BCD,
    KNX_FIELD_HEX
};

/* A field of a value; fields follow each other from the first bit on. */
struct knx_dpt_field {
    const char *name; /* word in the text; with '_' for ' ' the key in JSON; "" without */
    const char *unit;
    uint8_t width; /* bits */
    uint8_t kind;  /* enum knx_field_kind */
    uint8_t valid; /* 1 + index of the field that says whether this one counts; 0: always */
    double scale;  /* value = bits * scale + offset */
    double offset;
    double min,
        max; /* of the value; no limits when both are the same. ENUM: max is that of texts */
    const char *const *texts;
};

extern const struct knx_dpt knx_dpt_rows[];
extern const size_t knx_dpt_row_count;

/* Whose value is read or written: what faults speak of, and where they go. */
struct knx_dpt_at {
    const struct knx_dpt *dpt;
    const struct knx_dpt_field *field; /* NULL: the whole */
    struct bas_fault *fault;
    bas_err
        err; /* of a refusal: BAS_ERR_MALFORMED for octets, BAS_ERR_INVALID for a person's text */
};
bas_err knx_dpt_refuse(const struct knx_dpt_at *at, const char *format, ...) BAS_PRINTF(2, 3);

/* A part of the text that a person wrote. */
struct knx_word {
    const char *at;
    size_t len;
};
struct knx_word knx_word_of(const char *text);
struct knx_word knx_word_trim(struct knx_word word);
/* The part before the first mark, which is taken off rest together with it. */
struct knx_word knx_word_cut(struct knx_word *rest, char mark);
bool knx_word_is(struct knx_word word, const char *text); /* case does not matter */
/* Takes the prefix off word when it begins with it. */
bool knx_word_skip(struct knx_word *word, const char *prefix);
/* The whole word as decimal digits. */
bool knx_word_number(struct knx_word word, uint64_t max, uint64_t *number);

/* One field. bits are its width bits, right-aligned. */
bas_err knx_field_check(const struct knx_dpt_at *at, uint64_t bits);
bool knx_field_number(const struct knx_dpt_field *field, uint64_t bits, double *number);
void knx_field_text(const struct knx_dpt_field *field, uint64_t bits, struct bas_buf *out);
/* inside: it is a member of a structure. */
void knx_field_json(const struct knx_dpt_field *field, uint64_t bits, bool inside, const char *key,
                    struct bas_json *json);
bas_err knx_field_parse(const struct knx_dpt_at *at, struct knx_word word, uint64_t *bits);

/* Numbers (number.c). */
double knx_float16_decode(uint16_t bits);
/* The nearest one, with the smallest exponent; the value must be in its range. */
uint16_t knx_float16_encode(double value);
bool knx_number_is_invalid(const struct knx_dpt_field *field, uint64_t bits);
double knx_number_of(const struct knx_dpt_field *field, uint64_t bits);
bas_err knx_number_check(const struct knx_dpt_at *at, uint64_t bits);
void knx_number_text(const struct knx_dpt_field *field, uint64_t bits, struct bas_buf *out);
bas_err knx_number_parse(const struct knx_dpt_at *at, struct knx_word word, uint64_t *bits);

enum { KNX_DPT_MAX_FIELDS = 36 };
/* All fields of one value. */
struct knx_dpt_values {
    struct knx_dpt_field single[2]; /* made of the row when it has no fields of its own */
    const struct knx_dpt_field *fields;
    size_t n;
    uint64_t bits[KNX_DPT_MAX_FIELDS];
    bool is_given[KNX_DPT_MAX_FIELDS]; /* while parsing */
};
void knx_values_init(const struct knx_dpt *dpt, struct knx_dpt_values *v);
bas_err knx_values_decode(struct knx_dpt_at *at, struct bas_slice octets, struct knx_dpt_values *v);
void knx_values_encode(const struct knx_dpt *dpt, const struct knx_dpt_values *v,
                       struct bas_buf *out);
bool knx_values_has(const struct knx_dpt_values *v, size_t i); /* the field counts */
/* The parts from field first on, each after a comma when has_part. */
void knx_values_text(const struct knx_dpt_values *v, size_t first, bool has_part,
                     struct bas_buf *out);
void knx_values_json(const struct knx_dpt_values *v, struct bas_json *json);
bas_err knx_values_parse(struct knx_dpt_at *at, struct knx_word text, struct knx_dpt_values *v);

/* Types 10, 11 and 19 (time.c). */
bas_err knx_time_check(const struct knx_dpt_at *at, const struct knx_dpt_values *v);
void knx_time_text(const struct knx_dpt *dpt, const struct knx_dpt_values *v, struct bas_buf *out);
bas_err knx_time_parse(struct knx_dpt_at *at, struct knx_word text, struct knx_dpt_values *v);

/* Types of characters (text.c). */
bas_err knx_string_check(const struct knx_dpt_at *at, struct bas_slice octets);
void knx_string_utf8(const struct knx_dpt *dpt, struct bas_slice octets, bool is_escaped,
                     struct bas_buf *out);
bas_err knx_string_parse(const struct knx_dpt_at *at, struct knx_word text, struct bas_buf *out);

#endif
