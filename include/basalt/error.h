/*
 * Errors: what a call returns, and what a peer must be told.
 *
 * Every call that can fail returns enum bas_err. Where somebody must learn more than its name, a
 * struct bas_fault stands beside it: the sentence for a log line or the command line, and the
 * BACnet error class and code for a peer.
 */
#ifndef BASALT_ERROR_H
#define BASALT_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define BAS_API          __attribute__((visibility("default")))
#define BAS_MUST_USE     __attribute__((warn_unused_result))
#define BAS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BAS_API
#define BAS_MUST_USE
#define BAS_PRINTF(f, a)
#endif

/*
 * The rows: member, exit status of the command line, text.
 * Exit statuses: 0 ok, 1 the remote answered with an error, 2 usage or configuration, 3 unreachable
 * or timeout, 4 TLS or certificate, 5 authentication or key, 6 local resource, 7 partial result,
 * 130 interrupted.
 */
#define BAS_ERRORS(ROW)                                                                            \
    ROW(OK, 0, "ok")                                                                               \
    ROW(ERR_AGAIN, 3, "more input is needed")                                                      \
    ROW(ERR_NO_MEMORY, 6, "out of memory")                                                         \
    ROW(ERR_NO_SPACE, 6, "a configured limit is reached")                                          \
    ROW(ERR_BUSY, 6, "busy, try again later")                                                      \
    ROW(ERR_INVALID, 2, "invalid argument")                                                        \
    ROW(ERR_STATE, 2, "not possible in this state")                                                \
    ROW(ERR_TRUNCATED, 1, "the data ends too early")                                               \
    ROW(ERR_MALFORMED, 1, "the data is malformed")                                                 \
    ROW(ERR_TOO_LONG, 1, "the data is too long")                                                   \
    ROW(ERR_UNSUPPORTED, 1, "not supported")                                                       \
    ROW(ERR_NOT_FOUND, 2, "not found")                                                             \
    ROW(ERR_EXISTS, 6, "exists already")                                                           \
    ROW(ERR_PROTOCOL, 1, "the peer broke the protocol")                                            \
    ROW(ERR_REMOTE, 1, "the remote answered with an error")                                        \
    ROW(ERR_CLOSED, 3, "the connection is closed")                                                 \
    ROW(ERR_TIMEOUT, 3, "no answer in time")                                                       \
    ROW(ERR_UNREACHABLE, 3, "the peer cannot be reached")                                          \
    ROW(ERR_REFUSED, 3, "the connection was refused")                                              \
    ROW(ERR_RESOLVE, 3, "the host name cannot be resolved")                                        \
    ROW(ERR_TLS, 4, "TLS failed")                                                                  \
    ROW(ERR_CERTIFICATE, 4, "a certificate was not accepted")                                      \
    ROW(ERR_KEY, 5, "a key or password does not fit")                                              \
    ROW(ERR_CONFIG, 2, "the configuration is wrong")                                               \
    ROW(ERR_IO, 6, "input or output failed")                                                       \
    ROW(ERR_PERMISSION, 6, "permission denied")                                                    \
    ROW(ERR_IN_USE, 6, "in use by somebody else")                                                  \
    ROW(ERR_PARTIAL, 7, "only part of it succeeded")                                               \
    ROW(ERR_INTERRUPTED, 130, "interrupted")                                                       \
    ROW(ERR_INTERNAL, 6, "internal error")

enum bas_err {
#define BAS_ERR_MEMBER(name, status, text) BAS_##name,
    BAS_ERRORS(BAS_ERR_MEMBER)
#undef BAS_ERR_MEMBER
};
typedef enum bas_err bas_err;

/* The text of an error: static, lower case, no full stop. Any value is accepted. */
BAS_API const char *bas_err_text(bas_err err);

/* The exit status that the command line uses for an error (the table above). */
BAS_API int bas_err_exit_status(bas_err err);

/* BACnet error classes (clause 18), all that a peer may name. */
#define BAC_ERROR_CLASSES(ROW)                                                                     \
    ROW(DEVICE, 0, "device")                                                                       \
    ROW(OBJECT, 1, "object")                                                                       \
    ROW(PROPERTY, 2, "property")                                                                   \
    ROW(RESOURCES, 3, "resources")                                                                 \
    ROW(SECURITY, 4, "security")                                                                   \
    ROW(SERVICES, 5, "services")                                                                   \
    ROW(VT, 6, "vt")                                                                               \
    ROW(COMMUNICATION, 7, "communication")

enum bac_error_class {
#define BAC_MEMBER(name, number, text) BAC_ERROR_CLASS_##name = number,
    BAC_ERROR_CLASSES(BAC_MEMBER)
#undef BAC_MEMBER
};

/* BACnet error codes, a row each: member, number, the name as the standard spells it. */
#define BAC_ERROR_CODE(name, number, text) BAC_ERROR_CODE_##name = number,
enum bac_error_code {
#include "basalt/error_code.def"
};
#undef BAC_ERROR_CODE

/* The standard's name of a class or code, or NULL where there is none ("unknown" is the caller's
 * word). */
BAS_API const char *bac_error_class_name(unsigned number);
BAS_API const char *bac_error_code_name(unsigned number);

enum { BAS_FAULT_TEXT = 240 };

/*
 * What went wrong, for the person who can mend it (text) and for the peer who must be told (class,
 * code). err is BAS_OK while nothing has been reported. text is always terminated; it never holds a
 * secret.
 */
struct bas_fault {
    bas_err err;
    uint16_t error_class;
    uint16_t error_code;
    uint8_t marker; /* BVLC-Result: the marker octet of the offending option, else 0 */
    char text[BAS_FAULT_TEXT];
};

/*
 * Fills a fault and returns err, so that a failing call is one line: return bas_fail(f, BAS_ERR_IO,
 * "cannot read %s", path). fault may be NULL. A text that is too long is cut. Error class and code
 * are set to 0/0 (bas_fail) or as given.
 */
BAS_API bas_err bas_fail(struct bas_fault *fault, bas_err err, const char *format, ...)
    BAS_PRINTF(3, 4);
BAS_API bas_err bas_fail_code(struct bas_fault *fault, bas_err err, unsigned error_class,
                              unsigned error_code, const char *format, ...) BAS_PRINTF(5, 6);

#ifdef __cplusplus
}
#endif

#endif
