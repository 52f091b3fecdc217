/* Owns the program's side of the server: values and properties that it sets, gets, restores. */
#include "bacnet/objects/rows.h"
#include "bacnet/server/server.h"

/* An object with Present_Value, or NULL. */
static struct bac_object *level_object(const struct bac_server *server, struct bac_object_id id)
{
    struct bac_object *object = bac_database_find(&server->db, id);
    return object != NULL && object->level != NULL ? object : NULL;
}

bas_err bac_server_set(struct bac_server *server, struct bac_object_id id,
                       const struct bac_value *value, uint8_t priority)
{
    struct bac_object *object = level_object(server, id);
    if (object == NULL) {
        return BAS_ERR_NOT_FOUND;
    }
    if (priority > BAC_PRIORITIES) {
        return BAS_ERR_INVALID;
    }
    return bac_level_set(object, value, priority != 0 ? priority : BAC_PRIORITIES);
}

bas_err bac_server_get(const struct bac_server *server, struct bac_object_id id,
                       struct bac_value *value)
{
    const struct bac_object *object = level_object(server, id);
    if (object == NULL) {
        return BAS_ERR_NOT_FOUND;
    }
    return bac_object_present(object, value) ? BAS_OK : BAS_ERR_NOT_FOUND;
}

bas_err bac_server_set_reliability(struct bac_server *server, struct bac_object_id id,
                                   uint32_t reliability)
{
    struct bac_object *object = bac_database_find(&server->db, id);
    if (object == NULL || bac_object_row(object, BAC_PROPERTY_RELIABILITY) == NULL) {
        return BAS_ERR_NOT_FOUND;
    }
    if (reliability > UINT16_MAX) {
        return BAS_ERR_INVALID;
    }
    bac_object_set_reliability(object, reliability);
    bac_object_touch(object);
    return BAS_OK;
}

/* NULL with a fault. */
static struct bac_object *find(const struct bac_server *server, struct bac_object_id id,
                               struct bas_fault *fault)
{
    struct bac_object *object = bac_database_find(&server->db, id);
    if (object == NULL) {
        (void)bas_fail_code(fault, BAS_ERR_NOT_FOUND, BAC_ERROR_CLASS_OBJECT,
                            BAC_ERROR_CODE_UNKNOWN_OBJECT, "there is no object %u,%u",
                            (unsigned)id.type, (unsigned)id.instance);
    }
    return object;
}

bas_err bac_server_read(const struct bac_server *server, const struct bac_read_property *what,
                        struct bas_buf *out, struct bas_fault *fault)
{
    const struct bac_object *object = find(server, what->object, fault);
    if (object == NULL) {
        return BAS_ERR_NOT_FOUND;
    }
    uint32_t index = bac_index_of(what->has_index, what->index);
    bas_err err = bac_object_read(object, what->property, index, out, fault);
    return err == BAS_OK && out->full ? BAS_ERR_NO_SPACE : err;
}

static bas_err put(struct bac_server *server, const struct bac_write_property *what,
                   bool is_restored, struct bas_fault *fault)
{
    struct bac_object *object = find(server, what->object, fault);
    if (object == NULL) {
        return BAS_ERR_NOT_FOUND;
    }
    struct bac_write write = {
        .property = what->property,
        .index = bac_index_of(what->has_index, what->index),
        .priority = what->has_priority ? (uint8_t)what->priority : BAC_PRIORITIES,
        .by_program = true,
        .is_restored = is_restored,
    };
    if (write.priority < 1 || write.priority > BAC_PRIORITIES) {
        return bac_refuse(object, what->property, BAC_ERROR_CODE_PARAMETER_OUT_OF_RANGE,
                          "a priority is 1 .. 16", fault);
    }
    return bac_object_write(object, &write, what->value, fault);
}

bas_err bac_server_put(struct bac_server *server, const struct bac_write_property *what,
                       struct bas_fault *fault)
{
    return put(server, what, false, fault);
}

/* Another object may have the name yet, and got its own later. */
static bas_err create(struct bac_database *db, struct bac_object_id id, struct bas_slice name,
                      struct bas_fault *fault)
{
    struct bac_object *object = NULL;
    if (name.len == 0 || bac_database_find_name(db, name) == NULL) {
        return bac_database_create(db, id, name, &object, fault);
    }
    bas_err err = bac_database_create(db, id, (struct bas_slice){ NULL, 0 }, &object, fault);
    if (err == BAS_OK) {
        bac_database_take_name(db, object, name);
    }
    return err;
}

static bas_err restore_created(struct bac_server *server, const struct bac_server_event *event,
                               struct bas_fault *fault)
{
    uint8_t memory[BAC_MAX_NAME];
    struct bas_buf name;
    bas_buf_init(&name, memory, sizeof(memory));
    struct bac_text text;
    struct bac_object *object = bac_database_find(&server->db, event->object);
    if (object != NULL && object->is_created) {
        return BAS_OK;
    }
    if (bac_decode_all(&bac_type_character_string, event->raw, &text, NULL, fault) != BAS_OK ||
        !bac_text_utf8(&text, &name) || name.full) {
        return bas_fail(fault, BAS_ERR_INVALID, "the name of a created object is none");
    }
    if (object != NULL) { /* the configuration's, which made room for it */
        bas_err err = bac_database_delete(&server->db, object, fault);
        if (err != BAS_OK) {
            return err;
        }
    }
    return create(&server->db, event->object, (struct bas_slice){ name.data, name.len }, fault);
}

static bas_err restore_deleted(struct bac_server *server, const struct bac_server_event *event,
                               struct bas_fault *fault)
{
    struct bac_object *object = bac_database_find(&server->db, event->object);
    return object != NULL ? bac_database_delete(&server->db, object, fault) : BAS_OK;
}

static bas_err restore_written(struct bac_server *server, const struct bac_server_event *event,
                               struct bas_fault *fault)
{
    const struct bac_write_property what = { .object = event->object,
                                             .property = event->property,
                                             .has_index = event->index != BAC_NO_INDEX,
                                             .index = event->index,
                                             .has_priority = event->priority != 0,
                                             .priority = event->priority,
                                             .value = event->raw };
    return put(server, &what, true, fault);
}

bas_err bac_server_restore(struct bac_server *server, const struct bac_server_event *event,
                           struct bas_fault *fault)
{
    switch ((unsigned)event->kind) {
    case BAC_SERVER_WRITTEN:
        return restore_written(server, event, fault);
    case BAC_SERVER_CREATED:
        return restore_created(server, event, fault);
    case BAC_SERVER_DELETED:
        return restore_deleted(server, event, fault);
    default:
        return bas_fail(fault, BAS_ERR_INVALID, "an event of kind %u does not last",
                        (unsigned)event->kind);
    }
}

bool bac_server_object(const struct bac_server *server, size_t n, struct bac_object_id *id)
{
    if (n >= server->db.n_objects) {
        return false;
    }
    *id = server->db.objects[n]->id;
    return true;
}

void bac_server_touch(struct bac_server *server, struct bac_object_id id)
{
    struct bac_object *object = bac_database_find(&server->db, id);
    if (object != NULL) {
        bac_object_touch(object);
    }
}
