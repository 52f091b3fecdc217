/* Owns every call into expat: a document as events, bounded, without a DTD (XML 1.0, Namespaces in
 * XML 1.0). */
#include "xml/xml.h"

#include <expat.h>

#include <assert.h>
#include <limits.h>
#include <string.h>

/* Stands between namespace and local name in expat's names; no name holds one. */
#define SEPARATOR '\n'

struct reader {
    XML_Parser parser;
    const struct xml_limits *limits;
    const struct xml_handler *handler;
    struct bas_fault *fault;
    size_t depth;
    size_t elements;
    bas_err err; /* why reading was stopped, BAS_OK: it was not */
};

static uint32_t line_of(const struct reader *r)
{
    return (uint32_t)XML_GetCurrentLineNumber(r->parser);
}

static void stop(struct reader *r, bas_err err)
{
    if (r->err == BAS_OK) {
        r->err = err;
        (void)XML_StopParser(r->parser, XML_FALSE);
    }
}

static void stop_at_limit(struct reader *r, size_t limit, const char *what)
{
    stop(r, bas_fail(r->fault, BAS_ERR_TOO_LONG, "line %u: more than %zu %s", line_of(r), limit,
                     what));
}

static const char *local_name(const char *name)
{
    const char *separator = strrchr(name, SEPARATOR);
    return separator != NULL ? separator + 1 : name;
}

/* Fills attributes with names and values of expat's list. False: reading was stopped. */
static bool take_attributes(struct reader *r, const char *const *list,
                            struct xml_attribute *attributes, size_t *n)
{
    for (*n = 0; list[2 * *n] != NULL; (*n)++) {
        if (*n == r->limits->attributes) {
            stop_at_limit(r, *n, "attributes in one element");
            return false;
        }
        const char *name = local_name(list[2 * *n]);
        for (size_t i = 0; i < *n; i++) {
            if (strcmp(attributes[i].name, name) == 0) {
                stop(r, bas_fail(r->fault, BAS_ERR_MALFORMED,
                                 "line %u: two attributes have the name %.40s", line_of(r), name));
                return false;
            }
        }
        attributes[*n] = (struct xml_attribute){ name, list[2 * *n + 1] };
    }
    return true;
}

static void XMLCALL on_open(void *user, const XML_Char *name, const XML_Char **list)
{
    struct reader *r = user;
    struct xml_attribute attributes[XML_MAX_ATTRIBUTES];
    size_t n = 0;
    if (r->err != BAS_OK) {
        return;
    }
    if (r->depth == r->limits->depth) {
        stop_at_limit(r, r->depth, "elements inside each other");
        return;
    }
    if (r->elements == r->limits->elements) {
        stop_at_limit(r, r->elements, "elements");
        return;
    }
    r->depth++;
    r->elements++;
    if (take_attributes(r, list, attributes, &n) &&
        !r->handler->open(r->handler->user, local_name(name), attributes, n, line_of(r))) {
        stop(r, BAS_ERR_STATE);
    }
}

static void XMLCALL on_close(void *user, const XML_Char *name)
{
    struct reader *r = user;
    if (r->err != BAS_OK) { /* expat closes an empty element also after it was stopped */
        return;
    }
    r->depth--;
    if (!r->handler->close(r->handler->user, local_name(name))) {
        stop(r, BAS_ERR_STATE);
    }
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int has_internal_subset)
{
    struct reader *r = user;
    (void)name;
    (void)system;
    (void)public;
    (void)has_internal_subset;
    stop(r, bas_fail(r->fault, BAS_ERR_MALFORMED,
                     "line %u: a document type declaration is not accepted", line_of(r)));
}

static bas_err read_all(struct reader *r, struct bas_slice octets)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_open, on_close);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    /* In one piece: expat reads it in place, and every octet once. */
    enum XML_Status status =
        XML_Parse(r->parser, (const char *)octets.data, (int)octets.len, XML_TRUE);
    if (r->err != BAS_OK || status == XML_STATUS_OK) {
        return r->err;
    }
    enum XML_Error code = XML_GetErrorCode(r->parser);
    if (code == XML_ERROR_NO_MEMORY) {
        return bas_fail(r->fault, BAS_ERR_NO_MEMORY, "out of memory while reading XML");
    }
    return bas_fail(r->fault, BAS_ERR_MALFORMED, "line %u: not XML: %s", line_of(r),
                    XML_ErrorString(code));
}

bas_err xml_read(struct bas_slice octets, const struct xml_limits *limits,
                 const struct xml_handler *handler, struct bas_fault *fault)
{
    assert(limits->attributes <= XML_MAX_ATTRIBUTES);
    if (octets.len > INT_MAX) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "%zu octets are too many to be read as XML",
                        octets.len);
    }
    struct reader r = { XML_ParserCreateNS(NULL, SEPARATOR), limits, handler, fault, 0, 0, BAS_OK };
    if (r.parser == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory while reading XML");
    }
    bas_err err = read_all(&r, octets);
    XML_ParserFree(r.parser);
    return err;
}
