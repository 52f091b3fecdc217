/* Owns who a port is when it starts: settings, certificate and state file put together. */
#include "app/identity.h"

#include <string.h>

static bool is_zero(const uint8_t *octets, size_t len)
{
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++) {
        any |= octets[i];
    }
    return any == 0;
}

bas_err identity_open(const struct bas_env *env, const struct identity_request *request,
                      struct bas_state **state, struct bas_fault *fault)
{
    struct bas_tls_identity identity = { 0 };
    struct bsc_uuid of_certificate;
    if (request->tls != NULL) {
        bas_tls_context_identity(request->tls, &identity);
    }
    memcpy(of_certificate.octets, identity.uuid, sizeof(of_certificate.octets));
    bool counts = identity.has_uuid && !request->ignores_certificate;
    const struct bas_state_config config = {
        .size = sizeof(config),
        .path = request->state_file,
        .certificate_uuid = counts ? &of_certificate : NULL,
        .uuid = is_zero(request->uuid->octets, 16) ? NULL : request->uuid,
        .vmac = is_zero(request->vmac->octets, 6) ? NULL : request->vmac,
    };
    return bas_state_open(env, &config, state, fault);
}
