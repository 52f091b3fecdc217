/*
 * Owns which service goes where: to a hook of the program, to a handler of ours (served.def), or
 * back; and the bits of Protocol_Services_Supported (12.11) that follow.
 */
#include "bacnet/server/server.h"

#include <assert.h>
#include <string.h>

/* Who looks at a confirmed request. */
enum served_by {
    BY_SERVER,  /* a hook of the program goes before */
    BY_BOTH,    /* the handler asks the hook itself */
    BY_PROGRAM, /* nobody without a hook; a hook that declines is answered for by an error */
};

struct confirmed_row {
    uint8_t service;
    enum served_by by;
    enum bac_outcome (*serve)(struct bac_server *server, struct bac_request *request);
    uint16_t error_class, error_code; /* BY_PROGRAM */
};
static const struct confirmed_row confirmed[] = {
#define BAC_SERVED_CONFIRMED(member, noun)                                                         \
    { BAC_CONFIRMED_##member, BY_SERVER, bac_serve_##noun, 0, 0 },
#define BAC_GUARDED_CONFIRMED(member, noun)                                                        \
    { BAC_CONFIRMED_##member, BY_BOTH, bac_serve_##noun, 0, 0 },
#define BAC_PROGRAM_CONFIRMED(member, class, code)                                                 \
    { BAC_CONFIRMED_##member, BY_PROGRAM, NULL, BAC_ERROR_CLASS_##class, BAC_ERROR_CODE_##code },
#include "bacnet/server/served.def"
#undef BAC_SERVED_CONFIRMED
};

struct unconfirmed_row {
    uint8_t service;
    void (*serve)(struct bac_server *server, struct bac_request *request);
};
static const struct unconfirmed_row unconfirmed[] = {
#define BAC_SERVED_UNCONFIRMED(member, noun) { BAC_UNCONFIRMED_##member, bac_serve_##noun },
#include "bacnet/server/served.def"
#undef BAC_SERVED_UNCONFIRMED
};

static const struct confirmed_row *confirmed_row_of(uint8_t service)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(confirmed); i++) {
        if (confirmed[i].service == service) {
            return &confirmed[i];
        }
    }
    return NULL;
}

/* Creation */

static void support(struct bac_server *server, bool is_confirmed, uint8_t choice)
{
    const struct bac_service *service = bac_service_find(is_confirmed, choice);
    unsigned bit = service != NULL ? service->supported_bit : UINT8_MAX;
    if (bit / 8 < sizeof(server->db.info.services)) {
        server->db.info.services[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
    }
}

static void support_all(struct bac_server *server)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(confirmed) && !server->config.is_visitor; i++) {
        if (confirmed[i].by != BY_PROGRAM) {
            support(server, true, confirmed[i].service);
        }
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(unconfirmed) && !server->config.is_visitor; i++) {
        support(server, false, unconfirmed[i].service);
    }
    for (size_t i = 0; i < server->config.n_hooks; i++) {
        support(server, server->hooks[i].confirmed, server->hooks[i].service);
    }
}

static bas_err open_services(struct bac_server *server, const struct bac_server_config *config,
                             struct bas_fault *fault)
{
    if (config->n_hooks != 0) {
        size_t len = config->n_hooks * sizeof(*server->hooks);
        server->hooks = bas_alloc(&server->env, len);
        if (server->hooks == NULL) {
            return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for the hooks of the server");
        }
        memcpy(server->hooks, config->hooks, len);
        server->config.n_hooks = config->n_hooks;
    }
    support_all(server);
    return BAS_OK;
}

static void close_services(struct bac_server *server)
{
    bas_release(&server->env, server->hooks, server->config.n_hooks * sizeof(*server->hooks));
}

const struct bac_server_part bac_server_services = { .open = open_services,
                                                     .close = close_services };

/* Hooks */

static const struct bac_service_hook *hook_of(const struct bac_server *server, bool is_confirmed,
                                              uint8_t service)
{
    for (size_t i = 0; i < server->config.n_hooks; i++) {
        const struct bac_service_hook *hook = &server->hooks[i];
        if (hook->service == service && hook->confirmed == is_confirmed) {
            return hook;
        }
    }
    return NULL;
}

/* Whether the parameters are what the service's type says; a service of nobody's has no type. The
 * arena comes back as it was. */
static bool is_well_formed(struct bac_request *request, bool is_confirmed)
{
    const struct bac_service *service = bac_service_find(is_confirmed, request->apdu.service);
    if (service == NULL || !service->is_coded) {
        return true;
    }
    if (service->request == NULL) {
        return request->apdu.body.len == 0 ||
               bas_fail_code(&request->fault, BAS_ERR_MALFORMED, BAC_ERROR_CLASS_SERVICES,
                             BAC_ERROR_CODE_REJECT_TOO_MANY_ARGUMENTS, "%s has no parameters",
                             service->name) == BAS_OK;
    }
    struct bac_arena arena = request->arena;
    void *value = bac_arena_take(&arena, service->request->size);
    assert(value != NULL); /* the scratch memory is larger than any struct */
    return bac_decode_all(service->request, request->apdu.body, value, &arena, &request->fault) ==
           BAS_OK;
}

static bas_err call(const struct bac_service_hook *hook, struct bac_request *request,
                    struct bas_buf *out)
{
    const struct bac_hook_request asked = { .from = request->from->source,
                                            .port = request->from->port,
                                            .broadcast = request->from->broadcast,
                                            .service = request->apdu.service,
                                            .parameters = request->apdu.body };
    request->fault = (struct bas_fault){ 0 };
    return hook->serve(hook->ctx, &asked, out, &request->fault);
}

/* How a service that was executed is acknowledged (20.1.4, 20.1.5). */
static enum bac_outcome acknowledged(const struct bac_request *request, size_t before)
{
    const struct bac_service *service = bac_service_find(true, request->apdu.service);
    bool has_answer =
        service != NULL && service->is_coded ? service->ack != NULL : request->out->len != before;
    return has_answer ? BAC_OUTCOME_COMPLEX_ACK : BAC_OUTCOME_SIMPLE_ACK;
}

bool bac_server_ask_program(struct bac_server *server, struct bac_request *request,
                            enum bac_outcome *outcome)
{
    const struct bac_service_hook *hook = hook_of(server, true, request->apdu.service);
    if (hook == NULL) {
        return false;
    }
    size_t before = request->out->len;
    bas_err err = call(hook, request, request->out);
    if (err == BAS_ERR_UNSUPPORTED) {
        request->out->len = before;
        request->out->full = false;
        return false;
    }
    *outcome = err == BAS_OK ? acknowledged(request, before)
                             : bac_server_refuse(request, request->fault.error_class,
                                                 request->fault.error_code);
    return true;
}

void bac_server_add(struct bas_buf *out, const struct bac_type *type, const void *value, int tag)
{
    if (bac_encode(type, value, tag, out) != BAS_OK) {
        out->full = true;
    }
}

enum bac_outcome bac_server_answer(struct bac_request *request, const struct bac_type *type,
                                   const void *ack)
{
    bac_server_add(request->out, type, ack, BAC_APPLICATION);
    return BAC_OUTCOME_COMPLEX_ACK;
}

/* Requests */

static enum bac_outcome serve(struct bac_server *server, struct bac_request *request)
{
    const struct confirmed_row *row = confirmed_row_of(request->apdu.service);
    bool is_ours = row != NULL && row->by != BY_PROGRAM && !server->config.is_visitor;
    bool is_hooked = hook_of(server, true, request->apdu.service) != NULL;
    if (!is_ours && !is_hooked) {
        request->reason = BAC_REJECT_UNRECOGNIZED_SERVICE;
        return BAC_OUTCOME_REJECT;
    }
    if (is_hooked && !is_well_formed(request, true)) {
        return BAC_OUTCOME_MALFORMED;
    }
    enum bac_outcome outcome;
    bool is_guarded = is_ours && row->by == BY_BOTH;
    if (!is_guarded && bac_server_ask_program(server, request, &outcome)) {
        return outcome;
    }
    if (is_ours) {
        return row->serve(server, request);
    }
    if (row != NULL && row->by == BY_PROGRAM) {
        return bac_server_refuse(request, row->error_class, row->error_code);
    }
    request->reason = BAC_REJECT_UNRECOGNIZED_SERVICE;
    return BAC_OUTCOME_REJECT;
}

enum bac_outcome bac_server_serve(struct bac_server *server, struct bac_request *request)
{
    enum bac_outcome outcome = serve(server, request);
    if (outcome == BAC_OUTCOME_ERROR) {
        bac_server_wrap_error(request);
    }
    return outcome;
}

static bool program_took(struct bac_server *server, struct bac_request *request)
{
    const struct bac_service_hook *hook = hook_of(server, false, request->apdu.service);
    if (hook == NULL) {
        return false;
    }
    if (!is_well_formed(request, false)) {
        server->stats.malformed++;
        return true;
    }
    struct bas_buf none;
    bas_buf_init(&none, NULL, 0);
    return call(hook, request, &none) != BAS_ERR_UNSUPPORTED;
}

void bac_server_serve_unconfirmed(struct bac_server *server, struct bac_request *request)
{
    if (program_took(server, request)) {
        return;
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(unconfirmed) && !server->config.is_visitor; i++) {
        if (unconfirmed[i].service == request->apdu.service) {
            unconfirmed[i].serve(server, request);
            return;
        }
    }
    server->stats.ignored++;
}
