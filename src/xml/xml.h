/*
 * XML as events, with limits: the only place that the parser behind it is known to. Entities other
 * than the five of XML itself and document type declarations are refused.
 *
 * The parser takes its memory from the C library (it has no way to be told whose memory to take):
 * a few times the octets read, given back before xml_read returns.
 */
#ifndef BASALT_XML_XML_H
#define BASALT_XML_XML_H

#include "basalt/base.h"

struct xml_attribute {
    const char *name;  /* local name; namespace declarations are left out */
    const char *value; /* after normalisation, UTF-8 */
};
/* Calls come in document order; false stops reading (fault is the handler's to fill). line is where
 * the element begins. Names are local names. */
struct xml_handler {
    bool (*open)(void *user, const char *name, const struct xml_attribute *attributes, size_t n,
                 uint32_t line);
    bool (*close)(void *user, const char *name);
    void *user;
};
enum { XML_MAX_ATTRIBUTES = 64 };
struct xml_limits {
    size_t depth;
    size_t attributes; /* of one element: at most XML_MAX_ATTRIBUTES */
    size_t elements;
};
/* BAS_ERR_MALFORMED with line and reason (two attributes of one local name are one);
 * BAS_ERR_TOO_LONG for a limit; BAS_ERR_STATE, and fault untouched, when a handler said false;
 * BAS_ERR_NO_MEMORY. */
BAS_MUST_USE bas_err xml_read(struct bas_slice octets, const struct xml_limits *limits,
                              const struct xml_handler *handler, struct bas_fault *fault);

#endif
