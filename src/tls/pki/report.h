/* Findings of a look at certificates. */
#ifndef BASALT_TLS_PKI_REPORT_H
#define BASALT_TLS_PKI_REPORT_H

#include "basalt/pki.h"

struct bas_pki_spot {
    enum bas_pki_level level;
    enum bas_pki_kind kind;
    const char *file;
};
/* One more finding. BAS_ERR_NO_MEMORY. */
bas_err bas_pki_report_add(const struct bas_env *env, struct bas_pki_report *report,
                           const struct bas_pki_spot *spot, const char *format, ...)
    BAS_PRINTF(4, 5);

#endif
