/*
 * Owns Present_Value of analog, binary and multi-state objects: who may set it when, Out_Of_Service
 * and the priority array (clauses 12.2 to 12.20, 19.2).
 */
#include "bacnet/objects/rows.h"

#include <assert.h>
#include <math.h>

enum { LOWEST_PRIORITY = 16, MINIMUM_ON_OFF = 6 };

enum bac_error_code bac_level_check(const struct bac_object *object, const struct bac_value *value)
{
    if (value->tag != object->class->level) {
        return BAC_ERROR_CODE_INVALID_DATA_TYPE;
    }
    bool fits = false;
    if (value->tag == BAC_TAG_REAL) {
        float real = value->as.real;
        fits =
            isfinite(real) && (!object->has_range || (real >= object->min && real <= object->max));
    } else if (value->tag == BAC_TAG_ENUMERATED) {
        fits = value->as.unsigned_integer <= BAC_BINARY_ACTIVE;
    } else {
        uint64_t state = value->as.unsigned_integer;
        fits = state >= 1 && state <= object->n_states;
    }
    return fits ? BAC_ERROR_CODE_SUCCESS : BAC_ERROR_CODE_VALUE_OUT_OF_RANGE;
}

union bac_level bac_level_of(const struct bac_object *object, const struct bac_value *value)
{
    assert(bac_level_check(object, value) == BAC_ERROR_CODE_SUCCESS);
    union bac_level level = { 0 };
    if (value->tag == BAC_TAG_REAL) {
        level.real = value->as.real;
    } else {
        level.state = (uint32_t)value->as.unsigned_integer;
    }
    return level;
}

void bac_put_level(const struct bac_object *object, union bac_level level, struct bac_value *value)
{
    value->tag = object->class->level;
    if (value->tag == BAC_TAG_REAL) {
        value->as.real = level.real;
    } else {
        value->as.unsigned_integer = level.state;
    }
}

/* Index of the highest priority that holds a value, BAC_PRIORITIES when none does. */
static unsigned active_slot(const struct bac_command *command)
{
    unsigned at = 0;
    while (at < BAC_PRIORITIES && (command->taken & 1U << at) == 0) {
        at++;
    }
    return at;
}

static void command(struct bac_object *object, const struct bac_value *value, uint8_t priority)
{
    assert(priority >= 1 && priority <= LOWEST_PRIORITY);
    struct bac_command *c = object->command;
    if (value->tag == BAC_TAG_NULL) {
        c->taken &= ~(1U << (priority - 1));
    } else {
        c->taken |= 1U << (priority - 1);
        c->slots[priority - 1] = bac_level_of(object, value);
    }
    unsigned at = active_slot(c);
    object->present = at < BAC_PRIORITIES ? c->slots[at] : c->relinquish_default;
}

bas_err bac_level_set(struct bac_object *object, const struct bac_value *value, uint8_t priority)
{
    bool is_relinquish = object->command != NULL && value->tag == BAC_TAG_NULL;
    if (!is_relinquish && bac_level_check(object, value) != BAC_ERROR_CODE_SUCCESS) {
        return BAS_ERR_INVALID;
    }
    bac_object_touch(object);
    if (object->command != NULL) {
        command(object, value, priority);
        return BAS_OK;
    }
    object->program = bac_level_of(object, value);
    if (!object->out_of_service) {
        object->present = object->program;
    }
    return BAS_OK;
}

void bac_get_present(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_level(object, object->present, value);
}

static bas_err deny(const struct bac_object *object, const struct bac_write *write, const char *why,
                    struct bas_fault *fault)
{
    return bac_refuse(object, write->property, BAC_ERROR_CODE_WRITE_ACCESS_DENIED, why, fault);
}

/* Who may write Present_Value over the network now. */
static bas_err check_access(const struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault)
{
    if (write->by_program) {
        return BAS_OK;
    }
    if (object->command != NULL) {
        return write->priority == MINIMUM_ON_OFF
                   ? deny(object, write, "priority 6 is for minimum on and off times", fault)
                   : BAS_OK;
    }
    if (object->out_of_service || object->writable) {
        return BAS_OK;
    }
    return deny(object, write, "it can be written while Out_Of_Service only", fault);
}

bas_err bac_set_present(struct bac_object *object, const struct bac_write *write,
                        struct bas_fault *fault)
{
    bas_err err = check_access(object, write, fault);
    if (err != BAS_OK) {
        return err;
    }
    if (write->value.tag == BAC_TAG_NULL) {
        if (object->command != NULL) {
            command(object, &write->value, write->priority);
        }
        return BAS_OK;
    }
    enum bac_error_code code = bac_level_check(object, &write->value);
    if (code != BAC_ERROR_CODE_SUCCESS) {
        return bac_refuse(object, write->property, code, "the value is out of range", fault);
    }
    if (object->command != NULL) {
        command(object, &write->value, write->priority);
        return BAS_OK;
    }
    object->present = bac_level_of(object, &write->value);
    if (!object->out_of_service) {
        object->program = object->present;
    }
    return BAS_OK;
}

/* Back in service, the object shows what the program says again. */
bas_err bac_set_out_of_service(struct bac_object *object, const struct bac_write *write,
                               struct bas_fault *fault)
{
    (void)fault;
    if (write->value.tag == BAC_TAG_NULL) {
        return BAS_OK;
    }
    object->out_of_service = write->value.as.boolean;
    if (!object->out_of_service && object->command == NULL) {
        object->present = object->program;
    }
    return BAS_OK;
}

bool bac_is_commandable(const struct bac_object *object)
{
    return object->command != NULL;
}

uint32_t bac_count_priorities(const struct bac_object *object)
{
    (void)object;
    return BAC_PRIORITIES;
}

void bac_get_priority_at(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    const struct bac_command *c = object->command;
    assert(at >= 1 && at <= BAC_PRIORITIES);
    if ((c->taken & 1U << (at - 1)) == 0) {
        value->tag = BAC_TAG_NULL;
        return;
    }
    bac_put_level(object, c->slots[at - 1], value);
}

void bac_get_relinquish_default(const struct bac_object *object, uint32_t at,
                                struct bac_value *value)
{
    (void)at;
    bac_put_level(object, object->command->relinquish_default, value);
}

void bac_get_current_priority(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    unsigned slot = active_slot(object->command);
    if (slot == BAC_PRIORITIES) {
        value->tag = BAC_TAG_NULL;
        return;
    }
    bac_put_unsigned(value, slot + 1U);
}
