/*
 * JSON read whole, with limits: the only place that the parser behind it is known to. Strict (RFC
 * 8259): UTF-8, no member twice, nothing behind the value.
 *
 * The parser takes its memory from the C library (it has no way to be told whose memory to take):
 * a few times the octets read, until jv_free.
 */
#ifndef BASALT_JSON_JSON_H
#define BASALT_JSON_JSON_H

#include "basalt/base.h"

enum jv_kind { JV_NULL, JV_BOOLEAN, JV_INTEGER, JV_REAL, JV_TEXT, JV_ARRAY, JV_OBJECT };

struct jv; /* a value; it lives as long as the document that it is in */

struct jv_limits {
    size_t octets;
    size_t depth; /* of arrays and objects in each other */
};
/* BAS_ERR_MALFORMED with line and column; BAS_ERR_TOO_LONG for a limit. What comes back is the
 * document, for jv_free. */
BAS_MUST_USE bas_err jv_read(struct bas_slice text, const struct jv_limits *limits,
                             struct jv **document, struct bas_fault *fault);
void jv_free(struct jv *document); /* NULL is allowed */

enum jv_kind jv_kind(const struct jv *value);
/* Of a value of that kind. A number is an INTEGER when it has neither fraction nor exponent. */
bool jv_boolean(const struct jv *value);
int64_t jv_integer(const struct jv *value);
double jv_real(const struct jv *value);
struct bas_slice jv_text(const struct jv *value); /* UTF-8, a NUL behind it, maybe some in it */

size_t jv_count(const struct jv *value); /* elements of an ARRAY, members of an OBJECT */
const struct jv *jv_element(const struct jv *array, size_t at);
/* NULL where there is none of that name. */
const struct jv *jv_member(const struct jv *object, const char *name);
/* The first name, or the one that follows name; NULL at the end. */
const char *jv_next(const struct jv *object, const char *name);

#endif
