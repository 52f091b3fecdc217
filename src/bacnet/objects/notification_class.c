/* Owns the Notification Class object (12.21): priorities, acknowledgements and recipients. */
#include "bacnet/build.h"
#include "bacnet/objects/rows.h"

#include <assert.h>
#include <string.h>

enum {
    TRANSITIONS = 3,
    RECIPIENT_ROOM = 4096,
    SHORTEST_RECIPIENT = 24,
    MAX_RECIPIENTS = RECIPIENT_ROOM / SHORTEST_RECIPIENT
};

/* To-offnormal, to-fault, to-normal. */
struct bac_notification {
    uint8_t priority[TRANSITIONS];
    uint8_t ack_required; /* as on the wire: the first transition in the top bit */
    uint32_t n_recipients;
    uint16_t ends[MAX_RECIPIENTS]; /* where each one ends */
    struct bac_room recipients;    /* encoded, one behind the other */
};

static struct bac_notification *own(const struct bac_object *object)
{
    return object->own;
}

BAC_CREATED(created, .ack_required = 0)

static bas_err fill(struct bac_build *build, const struct bac_object_config *c,
                    struct bac_object *object)
{
    const struct bas_slice none = { NULL, 0 };
    struct bac_notification scratch;
    struct bac_notification *to = bac_build_take(build, sizeof(*to));
    object->own = to;
    to = to != NULL ? to : &scratch;
    *to = (struct bac_notification){ .ack_required = 0 };
    for (size_t i = 0; i < TRANSITIONS; i++) {
        to->priority[i] = c->notify_priority[i];
        if ((c->ack_required & 1U << i) != 0) {
            to->ack_required |= (uint8_t)(0x80U >> i);
        }
    }
    bac_build_room(build, none, RECIPIENT_ROOM, &to->recipients);
    return c->ack_required < 1U << TRANSITIONS
               ? BAS_OK
               : bac_build_wrong(build, c, "ack_required has bits for three transitions");
}

static void get_class(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, object->id.instance); /* 12.21.5 */
}

/* Priority */

static uint32_t count_transitions(const struct bac_object *object)
{
    (void)object;
    return TRANSITIONS;
}

static void get_priority_at(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    assert(at >= 1 && at <= TRANSITIONS);
    bac_put_unsigned(value, own(object)->priority[at - 1]);
}

static bas_err set_priority(struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault)
{
    uint8_t *priority = own(object)->priority;
    if (write->index != BAC_NO_INDEX) {
        priority[write->index - 1] = (uint8_t)write->value.as.unsigned_integer;
        return BAS_OK;
    }
    uint8_t all[TRANSITIONS] = { 0 };
    struct bas_slice left = write->raw;
    size_t n = 0;
    for (; left.len != 0 && n < TRANSITIONS; n++) {
        uint64_t one = 0;
        bas_err err = bac_decode(&bac_type_unsigned8, &left, BAC_APPLICATION, &one, NULL, NULL);
        assert(err == BAS_OK); /* its type was looked at */
        (void)err;
        all[n] = (uint8_t)one;
    }
    if (n != TRANSITIONS || left.len != 0) {
        return bac_refuse(object, write->property, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                          "there are three priorities", fault);
    }
    for (size_t i = 0; i < TRANSITIONS; i++) {
        priority[i] = all[i];
    }
    return BAS_OK;
}

/* Ack_Required */

static void get_ack_required(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    value->tag = BAC_TAG_BIT_STRING;
    value->as.bits = (struct bac_bits){ TRANSITIONS, { &own(object)->ack_required, 1 } };
}

static bas_err set_ack_required(struct bac_object *object, const struct bac_write *write,
                                struct bas_fault *fault)
{
    (void)fault;
    uint8_t octet = 0;
    for (size_t i = 0; i < TRANSITIONS; i++) {
        if (bac_bit(&write->value.as.bits, i)) {
            octet |= (uint8_t)(0x80U >> i);
        }
    }
    own(object)->ack_required = octet;
    return BAS_OK;
}

/* Recipient_List */

static uint32_t count_recipients(const struct bac_object *object)
{
    return own(object)->n_recipients;
}

static void add_recipient_at(const struct bac_object *object, uint32_t at, struct bas_buf *out)
{
    const struct bac_notification *from = own(object);
    assert(at >= 1 && at <= from->n_recipients);
    uint16_t start = at > 1 ? from->ends[at - 2] : 0;
    bas_buf_add(out, from->recipients.octets + start, (size_t)(from->ends[at - 1] - start));
}

/* Where each of them ends; false: more than there is room for. */
static bool find_ends(struct bas_slice raw, uint16_t ends[MAX_RECIPIENTS], uint32_t *n)
{
    struct bas_slice left = raw;
    for (*n = 0; left.len != 0; (*n)++) {
        struct bas_slice one;
        if (*n == MAX_RECIPIENTS ||
            bac_next_value(&bac_type_destination, &left, &one, NULL) != BAS_OK) {
            return false;
        }
        ends[*n] = (uint16_t)(raw.len - left.len);
    }
    return true;
}

static bas_err set_recipients(struct bac_object *object, const struct bac_write *write,
                              struct bas_fault *fault)
{
    struct bac_notification *to = own(object);
    uint16_t ends[MAX_RECIPIENTS];
    uint32_t n = 0;
    if (!find_ends(write->raw, ends, &n) || !bac_room_put(&to->recipients, write->raw)) {
        return bac_refuse(object, write->property, BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY,
                          "there is no room for so many recipients", fault);
    }
    memcpy(to->ends, ends, n * sizeof(ends[0]));
    to->n_recipients = n;
    return BAS_OK;
}

static const struct bac_property_row rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(NOTIFICATION_CLASS, unsigned, REQUIRED, .get = get_class),
    BAC_ROW(PRIORITY, unsigned8, REQUIRED, .shape = BAC_SHAPE_ARRAY, .count = count_transitions,
            .get = get_priority_at, .set = set_priority),
    BAC_ROW(ACK_REQUIRED, event_transition_bits, REQUIRED, .get = get_ack_required,
            .set = set_ack_required),
    BAC_ROW(RECIPIENT_LIST, destination, REQUIRED, .shape = BAC_SHAPE_LIST,
            .count = count_recipients, .add = add_recipient_at, .set = set_recipients),
};

const struct bac_object_class bac_class_notification_class = {
    .number = BAC_OBJECT_NOTIFICATION_CLASS,
    .role = BAC_ROLE_OTHER,
    .rows = rows,
    .n_rows = BAS_ARRAY_LEN(rows),
    .fill = fill,
    .created = &created,
};
