/* Owns the services that write: WriteProperty (15.9), WritePropertyMultiple (15.10). */
#include "bacnet/server/server.h"

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

/* A new name changes Database_Revision, too. */
static size_t events_of(uint32_t property)
{
    return property == BAC_PROPERTY_OBJECT_NAME ? 2 : 1;
}

/* One property of one object, and the word about it. */
static bas_err write_one(struct bac_server *server, struct bac_request *request,
                         struct bac_object *object, const struct bac_property_value *asked)
{
    struct bac_write write = {
        .property = asked->property,
        .index = bac_index_of(asked->has_index, asked->index),
        .priority = asked->has_priority ? (uint8_t)asked->priority : LOWEST_PRIORITY,
    };
    bas_err err = bac_object_write(object, &write, asked->value, &request->fault);
    if (err == BAS_OK) {
        bac_server_tell(server, request, object, &write);
    }
    return err;
}

enum bac_outcome bac_serve_write_property(struct bac_server *server, struct bac_request *request)
{
    struct bac_write_property asked;
    if (bac_decode_all(&bac_type_write_property, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    if (bac_server_event_room(server) < events_of(asked.property)) {
        return bac_server_overloaded(request);
    }
    struct bac_object *object = bac_server_find(server, asked.object, false, request);
    const struct bac_property_value value = { .property = asked.property,
                                              .has_index = asked.has_index,
                                              .has_priority = asked.has_priority,
                                              .index = asked.index,
                                              .value = asked.value,
                                              .priority = asked.priority };
    return object != NULL && write_one(server, request, object, &value) == BAS_OK
               ? BAC_OUTCOME_SIMPLE_ACK
               : BAC_OUTCOME_ERROR;
}

/* 0: an object without anything to write stands there, or no object (15.10.1.1 wants one of each at
 * least). */
static size_t count_events(const struct bac_list *specs)
{
    const struct bac_write_access *spec = specs->items;
    size_t n = 0;
    for (size_t i = 0; i < specs->n; i++) {
        const struct bac_property_value *values = spec[i].values.items;
        for (size_t k = 0; k < spec[i].values.n; k++) {
            n += events_of(values[k].property);
        }
        if (spec[i].values.n == 0) {
            return 0;
        }
    }
    return n;
}

/* In their order; the first one that fails is told, and those before it stay (15.10.2). */
static bas_err write_object(struct bac_server *server, struct bac_request *request,
                            const struct bac_write_access *spec)
{
    struct bac_object *object = bac_server_find(server, spec->object, false, request);
    const struct bac_property_value *values = spec->values.items;
    bas_err err = BAS_OK;
    for (size_t i = 0; i < spec->values.n && err == BAS_OK; i++) {
        request->failed_write =
            (struct bac_object_property_reference){ .object = spec->object,
                                                    .property = values[i].property,
                                                    .has_index = values[i].has_index,
                                                    .index = values[i].index };
        err = object != NULL ? write_one(server, request, object, &values[i]) : BAS_ERR_NOT_FOUND;
    }
    return err;
}

enum bac_outcome bac_serve_write_property_multiple(struct bac_server *server,
                                                   struct bac_request *request)
{
    struct bac_write_property_multiple asked;
    if (bac_decode_all(&bac_type_write_property_multiple, request->apdu.body, &asked,
                       &request->arena, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    size_t n = count_events(&asked.specs);
    if (n == 0) {
        request->reason = BAC_REJECT_MISSING_REQUIRED_PARAMETER;
        return BAC_OUTCOME_REJECT;
    }
    if (bac_server_event_room(server) < n) {
        return bac_server_overloaded(request);
    }
    const struct bac_write_access *specs = asked.specs.items;
    for (size_t i = 0; i < asked.specs.n; i++) {
        if (write_object(server, request, &specs[i]) != BAS_OK) {
            return BAC_OUTCOME_ERROR;
        }
    }
    return BAC_OUTCOME_SIMPLE_ACK;
}
