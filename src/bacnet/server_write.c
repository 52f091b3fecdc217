/* Owns the services that write: WriteProperty (15.9). */
#include "bacnet/server.h"

#include "bacnet/objects/rows.h"

enum { LOWEST_PRIORITY = 16, MAX_ENCODED = BAC_MAX_NAME + 8 };

/* Encoded octets that live as long as the events of this request; empty without memory. */
static struct bas_slice encoded(struct bac_request *request, const struct bac_value *value)
{
    uint8_t *memory = bac_arena_take(&request->arena, MAX_ENCODED);
    struct bas_buf out;
    bas_buf_init(&out, memory, memory != NULL ? MAX_ENCODED : 0);
    return bac_encode(&bac_type_value, value, BAC_APPLICATION, &out) == BAS_OK
               ? (struct bas_slice){ out.data, out.len }
               : (struct bas_slice){ NULL, 0 };
}

static void put(struct bac_server *server, const struct bac_request *request,
                struct bac_server_event *event)
{
    event->from = request->from->source;
    event->port = request->from->port;
    bac_server_put_event(server, event);
}

/* It changes with the objects, and must not go back to a number that was used (12.11.40). */
static void tell_revision(struct bac_server *server, struct bac_request *request)
{
    struct bac_server_event event = { .kind = BAC_SERVER_WRITTEN,
                                      .object = server->db.device->id,
                                      .property = BAC_PROPERTY_DATABASE_REVISION,
                                      .index = BAC_NO_INDEX,
                                      .lasts = true };
    bac_put_unsigned(&event.value, server->db.info.database_revision);
    event.raw = encoded(request, &event.value);
    put(server, request, &event);
}

void bac_server_tell(struct bac_server *server, struct bac_request *request,
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
                                      .lasts = write->lasts };
    (void)bac_object_present(object, &event.present);
    put(server, request, &event);
    if (write->property == BAC_PROPERTY_OBJECT_NAME) {
        tell_revision(server, request);
    }
}

void bac_server_tell_created(struct bac_server *server, struct bac_request *request,
                             const struct bac_object *object)
{
    struct bac_server_event event = {
        .kind = BAC_SERVER_CREATED, .object = object->id, .index = BAC_NO_INDEX, .lasts = true
    };
    bac_put_text(&event.value, object->name);
    event.raw = encoded(request, &event.value);
    put(server, request, &event);
    tell_revision(server, request);
}

void bac_server_tell_deleted(struct bac_server *server, struct bac_request *request,
                             struct bac_object_id id)
{
    struct bac_server_event event = {
        .kind = BAC_SERVER_DELETED, .object = id, .index = BAC_NO_INDEX, .lasts = true
    };
    put(server, request, &event);
    tell_revision(server, request);
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
