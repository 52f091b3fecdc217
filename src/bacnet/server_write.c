/* Owns the services that write: WriteProperty (15.9). */
#include "bacnet/server.h"

#include "bacnet/objects/rows.h"

enum { LOWEST_PRIORITY = 16 };

void bac_server_tell(struct bac_server *server, const struct bac_request *request,
                     const struct bac_object *object, const struct bac_write *write)
{
    if (!write->is_change) {
        return;
    }
    struct bac_server_event event = { .kind = BAC_SERVER_WRITTEN,
                                      .object = object->id,
                                      .property = write->property,
                                      .index = write->index,
                                      .priority = write->priority,
                                      .value = write->value,
                                      .raw = write->raw,
                                      .lasts = write->lasts,
                                      .from = request->from->source,
                                      .port = request->from->port };
    (void)bac_object_present(object, &event.present);
    bac_server_put_event(server, &event);
}

enum bac_outcome bac_serve_write_property(struct bac_server *server, struct bac_request *request)
{
    struct bac_write_property asked;
    if (bac_decode_all(&bac_type_write_property, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    struct bac_object *object = bac_server_find(server, asked.object, false, request);
    if (object == NULL) {
        return BAC_OUTCOME_ERROR;
    }
    struct bac_write write = {
        .property = asked.property,
        .index = bac_index_of(asked.has_index, asked.index),
        .priority = asked.has_priority ? (uint8_t)asked.priority : LOWEST_PRIORITY,
    };
    if (bac_object_write(object, &write, asked.value, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_ERROR;
    }
    bac_server_tell(server, request, object, &write);
    return BAC_OUTCOME_SIMPLE_ACK;
}
