/*
 * Owns Present_Value: who may set it when, Out_Of_Service and the priority array (clauses 12.2 to
 * 12.46, 19.2).
 */
#include "bacnet/build.h"
#include "bacnet/objects/rows.h"
#include "bacnet/tag.h"

#include <assert.h>
#include <string.h>

enum {
    LOWEST_PRIORITY = 16,
    MINIMUM_ON_OFF = 6,
    DEFAULT_MAX_VALUE = 255,
    HEAD_ROOM = 7 /* of a text: tag, length of three octets or five, character set */
};

static const char NULL_OCTET[] = { 0 };

static bool is_null(struct bas_slice raw)
{
    return raw.len == 1 && memcmp(raw.data, NULL_OCTET, 1) == 0;
}

/* SUCCESS and the value as we write it in out (which may be NULL), or what is wrong with it. A peer
 * may write the same value with more octets than our rooms have. */
static enum bac_error_code take(const struct bac_object *object, struct bas_slice raw,
                                struct bac_room *out)
{
    const struct bac_level_kind *kind = object->class->level;
    union {
        struct bac_date_time date_time;
        struct bac_text text;
        struct bac_bits bits;
        double real64;
    } value;
    assert(kind->type->size <= sizeof(value));
    struct bas_fault fault = { 0 };
    if (bac_decode_all(kind->type, raw, &value, NULL, &fault) != BAS_OK) {
        return bac_wrong_value(kind->type, &fault);
    }
    enum bac_error_code code =
        kind->check != NULL ? kind->check(object, &value) : BAC_ERROR_CODE_SUCCESS;
    if (code != BAC_ERROR_CODE_SUCCESS || out == NULL) {
        return code;
    }
    struct bas_buf b;
    bas_buf_init(&b, out->octets, out->cap);
    if (bac_encode(kind->type, &value, BAC_APPLICATION, &b) != BAS_OK) {
        return BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY;
    }
    out->len = (uint32_t)b.len;
    return BAC_ERROR_CODE_SUCCESS;
}

/* Creation */

static bool is_to_be_commandable(const struct bac_object_config *c,
                                 const struct bac_object_class *class)
{
    return class->role == BAC_ROLE_OUTPUT || (class->role == BAC_ROLE_VALUE && c->commandable);
}

static void take_rooms(struct bac_build *build, const struct bac_object_config *c,
                       struct bac_object *object)
{
    struct bac_level *level = object->level;
    const struct bac_level_kind *kind = object->class->level;
    level->max_value = c->max_value != 0 ? c->max_value : DEFAULT_MAX_VALUE;
    uint32_t cap = kind->room != 0 ? kind->room : level->max_value + HEAD_ROOM;
    const struct bas_slice none = { NULL, 0 };
    bac_build_room(build, none, cap, &level->present);
    bac_build_room(build, none, cap, &level->program);
    bac_build_room(build, none, cap, &level->spare);
    bac_build_room(build, none, cap, &level->draft);
    if (!is_to_be_commandable(c, object->class)) {
        return;
    }
    bac_build_room(build, none, cap, &level->relinquish_default);
    struct bac_room scratch;
    level->slots = bac_build_take(build, BAC_PRIORITIES * sizeof(*level->slots));
    for (size_t i = 0; i < BAC_PRIORITIES; i++) {
        bac_build_room(build, none, cap, level->slots != NULL ? &level->slots[i] : &scratch);
    }
}

/* What the object shows at first, encoded into out. */
static void first_value(const struct bac_object_config *c, const struct bac_object *object,
                        struct bas_buf *out)
{
    const struct bac_level_kind *kind = object->class->level;
    struct bac_value value = c->initial;
    if (value.tag == BAC_TAG_NULL && object->has_range && !(object->min <= 0 && object->max >= 0)) {
        bac_put_number(kind->type, object->min, &value);
    }
    if (value.tag == BAC_TAG_NULL) {
        bas_buf_add(out, kind->zero, kind->zero_len);
    } else if (bac_encode(&bac_type_value, &value, BAC_APPLICATION, out) != BAS_OK) {
        out->full = true;
    }
}

bas_err bac_fill_level(struct bac_build *build, const struct bac_object_config *c,
                       struct bac_object *object)
{
    struct bac_level scratch = { 0 };
    struct bac_level *level = bac_build_take(build, sizeof(*level));
    object->level = level != NULL ? level : &scratch;
    take_rooms(build, c, object);
    object->writable = object->class->role == BAC_ROLE_VALUE && c->writable;
    uint8_t memory[2 * DEFAULT_MAX_VALUE];
    struct bas_buf first;
    bas_buf_init(&first, memory, sizeof(memory));
    first_value(c, object, &first);
    const struct bas_slice raw =
        c->initial_raw.len != 0 ? c->initial_raw : (struct bas_slice){ first.data, first.len };
    struct bac_room *present = level != NULL ? &level->present : NULL;
    bool fits = !first.full && take(object, raw, present) == BAC_ERROR_CODE_SUCCESS;
    object->level = level;
    if (!fits) {
        return bac_build_wrong(build, c,
                               "the initial value has the wrong data type or is out of range");
    }
    if (level != NULL) {
        (void)bac_room_put(&level->program, bac_room_slice(present)); /* of the same size */
        (void)bac_room_put(&level->relinquish_default, bac_room_slice(present));
    }
    return BAS_OK;
}

/* Setting */

bool bac_is_commandable(const struct bac_object *object)
{
    return object->level != NULL && object->level->slots != NULL;
}

/* Index of the highest priority that holds a value, BAC_PRIORITIES when none does. */
static unsigned active_slot(const struct bac_level *level)
{
    unsigned at = 0;
    while (at < BAC_PRIORITIES && (level->taken & 1U << at) == 0) {
        at++;
    }
    return at;
}

static void put(struct bac_room *room, struct bas_slice raw)
{
    bool fits = bac_room_put(room, raw);
    assert(fits); /* all rooms of a level are of one size, and the value was checked */
    (void)fits;
}

static void follow_commands(struct bac_level *level)
{
    unsigned at = active_slot(level);
    put(&level->present,
        bac_room_slice(at < BAC_PRIORITIES ? &level->slots[at] : &level->relinquish_default));
}

/* raw was checked, or is NULL and relinquishes. */
static void command(struct bac_level *level, struct bas_slice raw, uint8_t priority)
{
    assert(priority >= 1 && priority <= LOWEST_PRIORITY);
    uint32_t bit = 1U << (priority - 1);
    if (is_null(raw)) {
        level->taken &= ~bit;
    } else {
        level->taken |= bit;
        put(&level->slots[priority - 1], raw);
    }
    follow_commands(level);
}

bas_err bac_level_set(struct bac_object *object, const struct bac_value *value, uint8_t priority)
{
    struct bac_level *level = object->level;
    struct bas_buf out;
    bas_buf_init(&out, level->draft.octets, level->draft.cap);
    if (bac_encode(&bac_type_value, value, BAC_APPLICATION, &out) != BAS_OK) {
        return BAS_ERR_INVALID;
    }
    const struct bas_slice draft = { out.data, out.len };
    bool is_relinquish = bac_is_commandable(object) && is_null(draft);
    if (!is_relinquish && take(object, draft, &level->spare) != BAC_ERROR_CODE_SUCCESS) {
        return BAS_ERR_INVALID;
    }
    const struct bas_slice raw = is_relinquish ? draft : bac_room_slice(&level->spare);
    bac_object_touch(object);
    if (bac_is_commandable(object)) {
        command(level, raw, priority);
        return BAS_OK;
    }
    put(&level->program, raw);
    if (!object->out_of_service) {
        put(&level->present, raw);
    }
    return BAS_OK;
}

static bas_err deny(const struct bac_object *object, const struct bac_write *write, const char *why,
                    struct bas_fault *fault)
{
    return bac_refuse(object, write->property, BAC_ERROR_CODE_WRITE_ACCESS_DENIED, why, fault);
}

bas_err bac_may_set_present(const struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault)
{
    if (bac_is_commandable(object)) {
        return write->priority == MINIMUM_ON_OFF
                   ? deny(object, write, "priority 6 is for minimum on and off times", fault)
                   : BAS_OK;
    }
    if (object->out_of_service || object->writable) {
        return BAS_OK;
    }
    return deny(object, write, "it can be written while Out_Of_Service only", fault);
}

/* The value, checked, is in spare then. */
static bas_err take_written(const struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault)
{
    enum bac_error_code code = take(object, write->raw, &object->level->spare);
    return code == BAC_ERROR_CODE_SUCCESS
               ? BAS_OK
               : bac_refuse(object, write->property, code, "the value cannot be taken", fault);
}

bas_err bac_set_present(struct bac_object *object, const struct bac_write *write,
                        struct bas_fault *fault)
{
    struct bac_level *level = object->level;
    if (is_null(write->raw)) {
        command(level, write->raw, write->priority);
        return BAS_OK;
    }
    bas_err err = take_written(object, write, fault);
    if (err != BAS_OK) {
        return err;
    }
    const struct bas_slice raw = bac_room_slice(&level->spare);
    if (bac_is_commandable(object)) {
        command(level, raw, write->priority);
        return BAS_OK;
    }
    bool is_of_program = write->by_program && !write->is_restored;
    if (is_of_program || object->writable) { /* what was written stays, back in service */
        put(&level->program, raw);
    }
    if (!is_of_program || !object->out_of_service) {
        put(&level->present, raw);
    }
    return BAS_OK;
}

bas_err bac_set_relinquish_default(struct bac_object *object, const struct bac_write *write,
                                   struct bas_fault *fault)
{
    bas_err err = take_written(object, write, fault);
    if (err == BAS_OK) {
        put(&object->level->relinquish_default, bac_room_slice(&object->level->spare));
        follow_commands(object->level);
    }
    return err;
}

/* Back in service, the object shows value and reliability as the program says again; and so it does
 * at first when it goes out of service. */
bas_err bac_set_out_of_service(struct bac_object *object, const struct bac_write *write,
                               struct bas_fault *fault)
{
    (void)fault;
    bool is_still = object->out_of_service && write->value.as.boolean;
    object->out_of_service = write->value.as.boolean;
    if (!is_still) {
        object->reliability = object->program_reliability;
    }
    if (!is_still && !bac_is_commandable(object)) {
        put(&object->level->present, bac_room_slice(&object->level->program));
    }
    return BAS_OK;
}

/* Getting */

static void add_room(const struct bac_room *room, struct bas_buf *out)
{
    bas_buf_add(out, room->octets, room->len);
}

void bac_add_present(const struct bac_object *object, uint32_t at, struct bas_buf *out)
{
    (void)at;
    add_room(&object->level->present, out);
}

bool bac_object_present(const struct bac_object *object, struct bac_value *value)
{
    *value = (struct bac_value){ 0 };
    return object->level != NULL &&
           bac_decode_all(&bac_type_value, bac_room_slice(&object->level->present), value, NULL,
                          NULL) == BAS_OK;
}

uint32_t bac_count_priorities(const struct bac_object *object)
{
    (void)object;
    return BAC_PRIORITIES;
}

enum { DATE_TIME = 1 }; /* its context tag in BACnetPriorityValue (clause 21) */

void bac_add_priority_at(const struct bac_object *object, uint32_t at, struct bas_buf *out)
{
    const struct bac_level *level = object->level;
    assert(at >= 1 && at <= BAC_PRIORITIES);
    if ((level->taken & 1U << (at - 1)) == 0) {
        bas_buf_add(out, NULL_OCTET, 1);
        return;
    }
    bool is_wrapped = !bac_kind_is_primitive(object->class->level->type->kind);
    if (is_wrapped) {
        bac_head_add(out, BAC_HEAD_OPENING, DATE_TIME, 0);
    }
    add_room(&level->slots[at - 1], out);
    if (is_wrapped) {
        bac_head_add(out, BAC_HEAD_CLOSING, DATE_TIME, 0);
    }
}

void bac_add_relinquish_default(const struct bac_object *object, uint32_t at, struct bas_buf *out)
{
    (void)at;
    add_room(&object->level->relinquish_default, out);
}

void bac_get_current_priority(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    unsigned slot = active_slot(object->level);
    if (slot == BAC_PRIORITIES) {
        value->tag = BAC_TAG_NULL;
        return;
    }
    bac_put_unsigned(value, slot + 1U);
}
