/* Owns what an outcome of a request is for a person: the fault of its event. */
#include "bacnet/client/client.h"

static const char *known(const char *name)
{
    return name != NULL ? name : "unknown";
}

/* The class and code stand alone, or in some services' errors as their member [0] (clause 21). */
static void read_error(struct bas_slice body, struct bas_fault *fault)
{
    struct bac_error_pair error = { 0 };
    struct bas_slice in = body;
    struct bas_slice in_0 = body;
    if (bac_decode(&bac_type_error, &in, BAC_APPLICATION, &error, NULL, NULL) != BAS_OK &&
        bac_decode(&bac_type_error, &in_0, 0, &error, NULL, NULL) != BAS_OK) {
        (void)bas_fail_code(fault, BAS_ERR_REMOTE, BAC_ERROR_CLASS_SERVICES, BAC_ERROR_CODE_OTHER,
                            "the device answered with an error that cannot be read");
        return;
    }
    (void)bas_fail_code(fault, BAS_ERR_REMOTE, error.error_class, error.error_code,
                        "the device answered with error %s: %s (%u:%u)",
                        known(bac_error_class_name(error.error_class)),
                        known(bac_error_code_name(error.error_code)), error.error_class,
                        error.error_code);
}

void bac_client_describe(const struct bac_client *client, struct bac_client_event *e)
{
    unsigned reason = e->reason;
    switch (e->kind) {
    case BAC_CLIENT_ACK:
        break;
    case BAC_CLIENT_ERROR:
        read_error(e->body, &e->fault);
        break;
    case BAC_CLIENT_REJECT:
        (void)bas_fail(&e->fault, BAS_ERR_REMOTE, "the device rejected the request: %s (%u)",
                       known(bac_enum_name(&bac_type_reject_reason, reason)), reason);
        break;
    case BAC_CLIENT_ABORT:
        (void)bas_fail(&e->fault, BAS_ERR_REMOTE, "%s: %s (%u)",
                       e->is_ours ? "we gave the request up" : "the request was aborted",
                       known(bac_enum_name(&bac_type_abort_reason, reason)), reason);
        break;
    case BAC_CLIENT_TIMEOUT:
        (void)bas_fail(&e->fault, BAS_ERR_TIMEOUT, "no answer to %u tries of %u ms",
                       client->config.retries + 1U, (unsigned)client->config.apdu_timeout_ms);
        break;
    case BAC_CLIENT_UNREACHABLE:
        (void)bas_fail(&e->fault, BAS_ERR_UNREACHABLE,
                       "network %u cannot be reached (reason %u of the network layer)",
                       (unsigned)e->from.network, reason);
        break;
    }
}
