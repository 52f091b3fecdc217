/* Owns the services that change what there is: CreateObject (15.3), DeleteObject (15.4),
 * AddListElement (15.1), RemoveListElement (15.2). */
#include "bacnet/server/server.h"

enum { LOWEST_PRIORITY = 16, REVISION = 1 }; /* Database_Revision is told with objects and names */

/* CreateObject */

/* The name that the initial values give, as UTF-8 in the arena; empty: none, or none that can be
 * taken as it is. */
static struct bas_slice name_of(const struct bac_list *values, struct bac_arena *arena, size_t *at)
{
    const struct bac_property_value *items = values->items;
    for (size_t i = 0; i < values->n; i++) {
        struct bac_value value = { 0 };
        if (items[i].property == BAC_PROPERTY_OBJECT_NAME && !items[i].has_index &&
            bac_decode_all(&bac_type_value, items[i].value, &value, NULL, NULL) == BAS_OK &&
            value.tag == BAC_TAG_CHARACTER_STRING) {
            uint8_t *memory = bac_arena_take(arena, BAC_MAX_NAME);
            struct bas_buf out;
            bas_buf_init(&out, memory, memory != NULL ? BAC_MAX_NAME : 0);
            bool is_name = bac_text_utf8(&value.as.text, &out) && !out.full;
            *at = i;
            return is_name ? (struct bas_slice){ out.data, out.len }
                           : (struct bas_slice){ NULL, 0 };
        }
    }
    *at = values->n;
    return (struct bas_slice){ NULL, 0 };
}

/* Initial values are for every property that can be set, whether peers may write it later or not.
 * done[i] gets what became of values[i]. */
static bas_err set_values(struct bac_object *object, const struct bac_list *values, size_t skip,
                          struct bac_write *done, struct bac_request *request)
{
    const struct bac_property_value *items = values->items;
    for (size_t i = 0; i < values->n; i++) {
        if (i == skip) {
            continue;
        }
        done[i] = (struct bac_write){ .property = items[i].property,
                                      .index = bac_index_of(items[i].has_index, items[i].index),
                                      .priority = items[i].has_priority ? (uint8_t)items[i].priority
                                                                        : LOWEST_PRIORITY,
                                      .by_program = true };
        bas_err err = bac_object_write(object, &done[i], items[i].value, &request->fault);
        if (err != BAS_OK) {
            request->first_failed = i + 1;
            return err;
        }
    }
    return BAS_OK;
}

static bas_err create(struct bac_server *server, struct bac_request *request,
                      const struct bac_create_object *asked, struct bac_object_id id,
                      struct bac_object **object)
{
    struct bac_write *done = bac_arena_take(&request->arena, asked->values.n * sizeof(*done));
    if (done == NULL) {
        return bas_fail_code(&request->fault, BAS_ERR_NO_MEMORY, BAC_ERROR_CLASS_RESOURCES,
                             BAC_ERROR_CODE_OUT_OF_MEMORY, "too many initial values");
    }
    const uint32_t revision = server->db.info.database_revision;
    size_t at = 0;
    struct bas_slice name = name_of(&asked->values, &request->arena, &at);
    bas_err err = bac_database_create(&server->db, id, name, object, &request->fault);
    if (err == BAS_ERR_NO_MEMORY) {
        return bas_fail_code(&request->fault, err, BAC_ERROR_CLASS_RESOURCES,
                             BAC_ERROR_CODE_NO_SPACE_FOR_OBJECT, "no memory for the object");
    }
    if (err != BAS_OK) {
        bool is_name = request->fault.error_code == BAC_ERROR_CODE_DUPLICATE_NAME;
        request->first_failed = is_name && at < asked->values.n ? at + 1 : 0;
        return err;
    }
    size_t skip = name.len != 0 ? at : asked->values.n;
    err = set_values(*object, &asked->values, skip, done, request);
    if (err != BAS_OK) { /* nothing remains of it (15.3.2), and nobody saw it */
        (void)bac_database_delete(&server->db, *object, NULL);
        server->db.info.database_revision = revision;
        return err;
    }
    bac_server_tell_created(server, request, *object);
    for (size_t i = 0; i < asked->values.n; i++) {
        bac_server_tell(server, request, *object, &done[i]); /* the one that was skipped is empty */
    }
    return BAS_OK;
}

enum bac_outcome bac_serve_create_object(struct bac_server *server, struct bac_request *request)
{
    struct bac_create_object asked;
    if (bac_decode_all(&bac_type_create_object, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    const struct bac_create_specifier *specifier = &asked.specifier;
    bool is_typed = specifier->choice == BAC_CREATE_TYPE;
    struct bac_object_id id = { 0, BAC_WILDCARD_INSTANCE };
    if (is_typed) {
        id.type = (uint16_t)specifier->as.type;
    } else {
        id = specifier->as.id;
    }
    if (!is_typed && id.instance == BAC_WILDCARD_INSTANCE) { /* no object has it (12.1.1) */
        request->reason = BAC_REJECT_PARAMETER_OUT_OF_RANGE;
        return BAC_OUTCOME_REJECT;
    }
    if (bac_server_event_room(server) < 1 + REVISION + (1 + REVISION) * asked.values.n) {
        return bac_server_overloaded(request);
    }
    struct bac_object *object = NULL;
    if (create(server, request, &asked, id, &object) != BAS_OK) {
        return bac_server_refuse(request, request->fault.error_class, request->fault.error_code);
    }
    const struct bac_create_object_ack ack = { object->id };
    return bac_server_answer(request, &bac_type_create_object_ack, &ack);
}

enum bac_outcome bac_serve_delete_object(struct bac_server *server, struct bac_request *request)
{
    struct bac_delete_object asked;
    if (bac_decode_all(&bac_type_delete_object, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    if (bac_server_event_room(server) < 1 + REVISION) {
        return bac_server_overloaded(request);
    }
    struct bac_object *object = bac_server_find(server, asked.object, false, request);
    if (object == NULL || bac_database_delete(&server->db, object, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_ERROR;
    }
    bac_server_tell_deleted(server, request, asked.object);
    return BAC_OUTCOME_SIMPLE_ACK;
}

/* Lists */

static enum bac_outcome change_list(struct bac_server *server, struct bac_request *request,
                                    bool is_removal)
{
    struct bac_list_element asked;
    if (bac_decode_all(&bac_type_list_element, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    if (asked.elements.len == 0) {
        request->reason = BAC_REJECT_MISSING_REQUIRED_PARAMETER;
        return BAC_OUTCOME_REJECT;
    }
    if (bac_server_event_room(server) == 0) {
        return bac_server_overloaded(request);
    }
    struct bac_object *object = bac_server_find(server, asked.object, false, request);
    struct bac_list_change change = { .property = asked.property,
                                      .index = bac_index_of(asked.has_index, asked.index),
                                      .is_removal = is_removal,
                                      .elements = asked.elements,
                                      .arena = &request->arena };
    if (object == NULL || bac_object_list_change(object, &change, &request->fault) != BAS_OK) {
        request->first_failed = change.first_failed;
        return bac_server_refuse(request, request->fault.error_class, request->fault.error_code);
    }
    const struct bac_write write = { .property = change.property,
                                     .index = change.index,
                                     .raw = change.raw,
                                     .is_change = true,
                                     .lasts = change.lasts };
    bac_server_tell(server, request, object, &write);
    return BAC_OUTCOME_SIMPLE_ACK;
}

enum bac_outcome bac_serve_add_list_element(struct bac_server *server, struct bac_request *request)
{
    return change_list(server, request, false);
}

enum bac_outcome bac_serve_remove_list_element(struct bac_server *server,
                                               struct bac_request *request)
{
    return change_list(server, request, true);
}
