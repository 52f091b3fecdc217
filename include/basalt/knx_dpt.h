/*
 * KNX datapoint types (03_07_02): rows of src/knx/dpt/dpt.def; octets to text and JSON and back.
 */
#ifndef BASALT_KNX_DPT_H
#define BASALT_KNX_DPT_H

#include "basalt/knx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct knx_dpt_field;

enum {
    KNX_DPT_TEXT = 12,
    KNX_DPT_ANY = 0xFFFF,     /* sub of a main type alone: its coding, without unit and limits */
    KNX_DPT_ANY_LENGTH = 255, /* size of a type that has none */
    KNX_DPT_MAX_SIZE = 254    /* octets of the longest value that a frame carries */
};

/* One row. */
struct knx_dpt {
    uint16_t main;
    uint16_t sub;     /* or KNX_DPT_ANY */
    const char *name; /* "temperature" */
    const char *unit; /* "" without */
    uint8_t size;     /* octets; 0: small, inside the APCI octet; or KNX_DPT_ANY_LENGTH */
    double min, max;  /* of the scaled value, where it is a number; both 0 where it is none */
    uint8_t coding;   /* for the layer */
    double scale;
    const char *const *texts; /* of an enumeration, max + 1 of them by value (NULL inside: that
                                 value is reserved); NULL without */
    const struct knx_dpt_field *fields; /* for the layer: of a structure; NULL without */
};

/* "9.001", "9.1", "DPT9.001", "DPT-9", "DPST-9-1", "9" (main type alone); case does not matter.
 * NULL: there is none. */
BAS_API const struct knx_dpt *knx_dpt_find(const char *text);
BAS_API const struct knx_dpt *knx_dpt_of(uint16_t main, uint16_t sub);
/* All rows in order, a main type alone before its sub-types: NULL after the last. */
BAS_API const struct knx_dpt *knx_dpt_row(size_t n);
BAS_API const char *knx_dpt_id(const struct knx_dpt *dpt, char text[KNX_DPT_TEXT]); /* "9.001" */

/*
 * The octets of a group value for the functions below. BAS_ERR_MALFORMED: a small type came as
 * whole octets, another one small, or the size is not the type's.
 */
BAS_API BAS_MUST_USE bas_err knx_dpt_octets(const struct knx_dpt *dpt,
                                            const struct knx_group_value *value,
                                            struct bas_slice *octets, struct bas_fault *fault);

/*
 * Appends the value as text: "21.5 °C", "on", "2026-11-21", "red 255, green 128, blue 0". The text
 * of a number is the shortest that reads back to the same octets. What a device marked as invalid
 * is "invalid"; parts of a structure that are marked so are left out ("none" when nothing is left).
 * In texts of types 4, 16, 24 and 28 a control character is \xHH and a backslash is two.
 *
 * BAS_ERR_MALFORMED: the size does not fit, or the value is one that the type does not have (out of
 * range, reserved). Nothing is appended then.
 */
BAS_API BAS_MUST_USE bas_err knx_dpt_text(const struct knx_dpt *dpt, struct bas_slice octets,
                                          struct bas_buf *out, struct bas_fault *fault);
/*
 * Members of an open object; none when it fails, with the errors of knx_dpt_text:
 *   dpt    "9.001"
 *   value  A number of the scaled value; true or false for one bit (DPT 1); the number of an
 *          enumeration; a text; an object for a structure, whose members are the same, but an
 *          enumeration with a text is its text, a flag true or false, a step an object of direction
 *          and step. null: marked as invalid, or NaN.
 *   unit   where there is one
 *   text   the text of knx_dpt_text
 */
BAS_API BAS_MUST_USE bas_err knx_dpt_json(const struct knx_dpt *dpt, struct bas_slice octets,
                                          struct bas_json *json, struct bas_fault *fault);
/* The value as a number, where it is one: numbers, enumerations, one bit (0 or 1). False for all
 * else, for invalid marks and for what knx_dpt_text refuses. NaN is false, infinities are true. */
BAS_API bool knx_dpt_number(const struct knx_dpt *dpt, struct bas_slice octets, double *number);
/*
 * Reads what a person writes and appends the octets: what knx_dpt_text writes, the unit left out or
 * not; a number for an enumeration; true, false, on, off for one bit; the parts of a structure in
 * their order without their names. Case does not matter.
 *
 * BAS_ERR_INVALID: it is no such value; the fault says what is allowed. Nothing is appended then.
 */
BAS_API BAS_MUST_USE bas_err knx_dpt_parse(const struct knx_dpt *dpt, const char *text,
                                           struct bas_buf *out, struct bas_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
