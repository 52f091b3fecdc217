/* Owns the list of connections that are over. */
#include "app/connection_log.h"

#include "basalt/error.h"

#include <string.h>

void connection_log_note(struct connection_log *log, const struct connection_record *record,
                         const char *address, const struct bas_fault *fault)
{
    struct connection_record *r = &log->records[log->n++ % CONNECTION_LOG];
    const char *from = address == NULL ? "" : address;
    *r = *record;
    bas_text_copy(r->address, sizeof(r->address),
                  (struct bas_slice){ (const uint8_t *)from, strlen(from) });
    r->has_failed = fault->err != BAS_OK;
    if (!r->has_failed) {
        return;
    }
    r->error_class = fault->error_class;
    r->error_code = fault->error_code;
    if (fault->error_class == 0 && fault->error_code == 0) { /* nobody has said it in its words */
        r->error_class = BAC_ERROR_CLASS_COMMUNICATION;
        r->error_code = BAC_ERROR_CODE_OTHER;
    }
    bas_text_copy(r->details, sizeof(r->details),
                  (struct bas_slice){ (const uint8_t *)fault->text, strlen(fault->text) });
}

const struct connection_record *connection_log_at(const struct connection_log *log, uint32_t i)
{
    uint32_t held = log->n < CONNECTION_LOG ? log->n : CONNECTION_LOG;
    return i < held ? &log->records[(log->n - 1 - i) % CONNECTION_LOG] : NULL;
}

void connection_log_clear(struct connection_log *log)
{
    log->n = 0;
}
