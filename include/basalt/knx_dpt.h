/*
 * KNX datapoint types (03_07_02): rows of src/knx/dpt.def; octets to text and JSON and back.
 */
#ifndef BASALT_KNX_DPT_H
#define BASALT_KNX_DPT_H

#include "basalt/knx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One row. A main type without sub-type (sub 0xFFFF in knx_dpt_find) is its first row's coding
 * without that row's limits and unit. */
struct knx_dpt {
    uint16_t main;
    uint16_t sub;
    const char *name; /* "temperature" */
    const char *unit; /* "" without */
    uint8_t size;     /* octets; 0: small, inside the APCI octet; 255: any length */
    double min, max;  /* of the scaled value, where it is a number */
    uint8_t coding;   /* for the layer */
    double scale;
    const char *const *texts; /* of an enumeration, by value; NULL without */
};
enum { KNX_DPT_TEXT = 10 };

/* "9.001", "9.1", "DPT9.001", "DPST-9-1", "9" (main type alone). NULL: there is none. */
BAS_API const struct knx_dpt *knx_dpt_find(const char *text);
BAS_API const struct knx_dpt *knx_dpt_of(uint16_t main, uint16_t sub);
/* All rows in order: NULL after the last. */
BAS_API const struct knx_dpt *knx_dpt_row(size_t n);
BAS_API const char *knx_dpt_id(const struct knx_dpt *dpt, char text[KNX_DPT_TEXT]); /* "9.001" */

/*
 * Appends the value as text: "21.5 °C", "on", "2026-11-21". BAS_ERR_MALFORMED: the size does not
 * fit, or the value is one that the type does not have (out of range, reserved).
 */
BAS_API BAS_MUST_USE bas_err knx_dpt_text(const struct knx_dpt *dpt, struct bas_slice octets,
                                          struct bas_buf *out, struct bas_fault *fault);
/* Members of an open object: value (number, text or object), unit, dpt. */
BAS_API BAS_MUST_USE bas_err knx_dpt_json(const struct knx_dpt *dpt, struct bas_slice octets,
                                          struct bas_json *json, struct bas_fault *fault);
/* The value as a number, where it is one (invalid marks: false). */
BAS_API bool knx_dpt_number(const struct knx_dpt *dpt, struct bas_slice octets, double *number);
/* Reads what a person writes (what knx_dpt_text writes reads back; the unit may be left out;
 * numbers for enumerations) and appends the octets. The fault says what is allowed. */
BAS_API BAS_MUST_USE bas_err knx_dpt_parse(const struct knx_dpt *dpt, const char *text,
                                           struct bas_buf *out, struct bas_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
