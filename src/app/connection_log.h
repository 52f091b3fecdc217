/* What a Network Port object tells of connections that are over, or never came to be: the last few
 * of them. */
#ifndef BASALT_APP_CONNECTION_LOG_H
#define BASALT_APP_CONNECTION_LOG_H

#include "basalt/sc.h"

enum { CONNECTION_LOG = 16, CONNECTION_ADDRESS = 64, CONNECTION_DETAILS = 100 };

/* Times are the machine's wall clock in microseconds since 1970; 0: never. */
struct connection_record {
    int64_t connected_at, ended_at;
    char address[CONNECTION_ADDRESS]; /* "192.0.2.7:4711"; "": not known */
    struct bsc_vmac vmac;             /* all zero: it told none, and no UUID */
    struct bsc_uuid uuid;
    bool has_failed; /* error_class, error_code and details count */
    uint16_t error_class, error_code;
    char details[CONNECTION_DETAILS];
};

struct connection_log {
    struct connection_record records[CONNECTION_LOG];
    uint32_t n; /* noted since the start */
};

/* Notes one; the oldest goes. address may be NULL, fault says why it ended (err BAS_OK: orderly).
 */
void connection_log_note(struct connection_log *log, const struct connection_record *record,
                         const char *address, const struct bas_fault *fault);
/* The i-th, from 0 on, the newest first. NULL: there are not so many. */
const struct connection_record *connection_log_at(const struct connection_log *log, uint32_t i);
void connection_log_clear(struct connection_log *log);

#endif
