/* Owns how a handler says no: class and code (clause 18), and the Error parameters of their own
 * that some services have. */
#include "bacnet/server.h"

enum bac_outcome bac_server_refuse(struct bac_request *request, unsigned error_class,
                                   unsigned error_code)
{
    bool is_told = error_class != 0 || error_code != 0;
    request->fault.error_class = (uint16_t)(is_told ? error_class : BAC_ERROR_CLASS_SERVICES);
    request->fault.error_code = (uint16_t)(is_told ? error_code : BAC_ERROR_CODE_OTHER);
    return BAC_OUTCOME_ERROR;
}

enum bac_outcome bac_server_overloaded(struct bac_request *request)
{
    request->reason = BAC_ABORT_OUT_OF_RESOURCES;
    return BAC_OUTCOME_ABORT;
}
