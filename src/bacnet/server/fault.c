/* Owns how a handler says no: class and code (clause 18), and the Error parameters of their own
 * that some services have. */
#include "bacnet/server/server.h"

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

/* Error parameters. They are written with room to spare: none has a text. */

static void add_change_list(struct bac_request *request, struct bac_error_pair pair,
                            struct bas_buf *out)
{
    const struct bac_change_list_error error = { pair, request->first_failed };
    bac_server_add(out, &bac_type_change_list_error, &error, BAC_APPLICATION);
}

static void add_create_object(struct bac_request *request, struct bac_error_pair pair,
                              struct bas_buf *out)
{
    const struct bac_create_object_error error = { pair, request->first_failed };
    bac_server_add(out, &bac_type_create_object_error, &error, BAC_APPLICATION);
}

static void add_write_multiple(struct bac_request *request, struct bac_error_pair pair,
                               struct bas_buf *out)
{
    const struct bac_write_property_multiple_error error = { pair, request->failed_write };
    bac_server_add(out, &bac_type_write_property_multiple_error, &error, BAC_APPLICATION);
}

/* It names the service that was asked for. */
static void add_private_transfer(struct bac_request *request, struct bac_error_pair pair,
                                 struct bas_buf *out)
{
    struct bac_private_transfer asked;
    if (bac_decode_all(&bac_type_private_transfer, request->apdu.body, &asked, &request->arena,
                       NULL) != BAS_OK) {
        asked = (struct bac_private_transfer){ 0 };
    }
    const struct bac_private_transfer_error error = { .error = pair,
                                                      .vendor = asked.vendor,
                                                      .service = asked.service };
    bac_server_add(out, &bac_type_private_transfer_error, &error, BAC_APPLICATION);
}

/* None of the sessions was closed; they are named where there is room for them. */
static void add_vt_close(struct bac_request *request, struct bac_error_pair pair,
                         struct bas_buf *out)
{
    enum { MOST = 16 };
    struct bac_vt_close asked;
    bool is_known = bac_decode_all(&bac_type_vt_close, request->apdu.body, &asked, &request->arena,
                                   NULL) == BAS_OK;
    struct bac_vt_close_error error = { .error = pair };
    if (is_known && asked.sessions.n <= MOST) {
        error.has_sessions = true;
        error.sessions = asked.sessions;
    }
    bac_server_add(out, &bac_type_vt_close_error, &error, BAC_APPLICATION);
}

static void add_subscribe(struct bac_request *request, struct bac_error_pair pair,
                          struct bas_buf *out)
{
    (void)request;
    const struct bac_subscribe_cov_property_multiple_error error = { .choice = BAC_SUBSCRIBE_ERROR,
                                                                     .as.error = pair };
    bac_server_add(out, &bac_type_subscribe_cov_property_multiple_error, &error, BAC_APPLICATION);
}

static const struct wrapper {
    uint8_t service;
    void (*add)(struct bac_request *request, struct bac_error_pair pair, struct bas_buf *out);
} wrappers[] = {
    { BAC_CONFIRMED_ADD_LIST_ELEMENT, add_change_list },
    { BAC_CONFIRMED_REMOVE_LIST_ELEMENT, add_change_list },
    { BAC_CONFIRMED_CREATE_OBJECT, add_create_object },
    { BAC_CONFIRMED_WRITE_PROPERTY_MULTIPLE, add_write_multiple },
    { BAC_CONFIRMED_PRIVATE_TRANSFER, add_private_transfer },
    { BAC_CONFIRMED_VT_CLOSE, add_vt_close },
    { BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY_MULTIPLE, add_subscribe },
};

void bac_server_wrap_error(struct bac_request *request)
{
    const struct bac_error_pair pair = { request->fault.error_class, request->fault.error_code };
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrappers) && request->error_len == 0; i++) {
        if (wrappers[i].service == request->apdu.service) {
            struct bas_buf out;
            bas_buf_init(&out, request->error, sizeof(request->error));
            wrappers[i].add(request, pair, &out);
            request->error_len = out.full ? 0 : out.len;
        }
    }
}
