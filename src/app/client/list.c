/* Owns lists that tell what there is: the objects of a device, the properties of an object; whole,
 * or element by element where they do not fit an answer. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

enum {
    MOST_ELEMENTS = 1048576, /* more than any device has: what a length may claim */
    ELEMENTS_AT_ONCE = 64
};

struct list_call {
    struct call call;
    struct bas_property of; /* the array */
    size_t total;
    size_t told;
    void (*object)(void *user, struct bac_object_id object, size_t n, size_t total);
    void (*property)(void *user, uint32_t property, size_t n, size_t total);
};

static struct list_call *list_of(struct call *call)
{
    return (struct list_call *)call;
}

static const struct call_kind list_kind = { .size = sizeof(struct list_call) };

/* The properties that Property_List leaves out (12.1.1.4.1). */
static const uint32_t left_out[] = { BAC_PROPERTY_OBJECT_IDENTIFIER, BAC_PROPERTY_OBJECT_NAME,
                                     BAC_PROPERTY_OBJECT_TYPE, BAC_PROPERTY_PROPERTY_LIST };

/* Elements. */

static enum bac_tag element_tag(const struct list_call *list)
{
    return list->object != NULL ? BAC_TAG_OBJECT_IDENTIFIER : BAC_TAG_ENUMERATED;
}

static void tell_element(struct list_call *list, const struct bac_value *value)
{
    if (list->object != NULL) {
        list->object(list->call.user, value->as.object, list->told++, list->total);
    } else {
        list->property(list->call.user, (uint32_t)value->as.unsigned_integer, list->told++,
                       list->total);
    }
}

static void tell_left_out(struct list_call *list)
{
    size_t n = list->property != NULL ? BAS_ARRAY_LEN(left_out) : 0;
    for (size_t i = 0; i < n && !list->call.is_ended; i++) {
        list->property(list->call.user, left_out[i], list->told++, list->total);
    }
}

static bool take_element(const struct list_call *list, struct bas_slice *raw,
                         struct bac_value *value)
{
    return bac_decode(&bac_type_value, raw, BAC_APPLICATION, value, NULL, NULL) == BAS_OK &&
           value->tag == element_tag(list);
}

static void end_malformed(struct list_call *list)
{
    struct bas_fault fault = { 0 };
    (void)call_fail(&list->call, &fault, BAS_ERR_PROTOCOL,
                    "what the device answered is no such list");
    call_end_fault(&list->call, &fault);
}

static void tell_whole(struct list_call *list, struct bas_slice raw)
{
    struct bas_slice rest = raw;
    struct bac_value value;
    size_t n = 0;
    while (rest.len != 0) {
        if (!take_element(list, &rest, &value)) {
            end_malformed(list);
            return;
        }
        n++;
    }
    list->total += n;
    tell_left_out(list);
    while (raw.len != 0 && !list->call.is_ended && take_element(list, &raw, &value)) {
        tell_element(list, &value);
    }
    call_end_ok(&list->call);
}

/* Element by element, some at once. */

static void read_indexed(struct list_call *list, uint32_t index, call_answered answered)
{
    list->of.index = index;
    const struct bac_read_property parameters = client_read_of(&list->of);
    call_ask(&list->call, BAC_CONFIRMED_READ_PROPERTY, &parameters, &list->of, answered);
}

static void on_element(void *user, const struct bas_property_read *read)
{
    struct list_call *list = user;
    if (list->call.is_ended) {
        return;
    }
    call_hold(&list->call);
    if (read->err != BAS_OK) {
        call_end_fault(&list->call, read->fault);
    } else if (!read->has_value || read->value.tag != element_tag(list)) {
        end_malformed(list);
    } else {
        list->of.index++;
        tell_element(list, &read->value);
    }
    call_drop(&list->call);
}

static void read_elements(struct list_call *list);

static void on_elements(void *user, const struct bas_outcome *outcome)
{
    struct list_call *list = user;
    list->call.part = 0;
    if (list->call.is_ended) {
        return;
    }
    call_hold(&list->call);
    if (outcome->err != BAS_OK) {
        call_end(&list->call, outcome);
    } else if (list->told == list->total) {
        call_end_ok(&list->call);
    } else {
        read_elements(list);
    }
    call_drop(&list->call);
}

static void read_elements(struct list_call *list)
{
    struct bas_property items[ELEMENTS_AT_ONCE];
    size_t n = 0;
    for (; n < ELEMENTS_AT_ONCE && list->told + n < list->total; n++) {
        items[n] = list->of;
        items[n].index = list->of.index + (uint32_t)n;
    }
    const struct bas_read_list elements = {
        .items = items, .n = n, .read = on_element, .done = on_elements, .user = list
    };
    bas_call_id part = bas_read_many(list->call.station, &list->call.to, &elements);
    if (part != 0 && !list->call.is_ended) {
        list->call.part = part;
    }
}

static void on_length(struct call *call, const struct bas_outcome *outcome)
{
    struct list_call *list = list_of(call);
    struct bas_property_read length = { .of = list->of };
    client_read_ack(&length, outcome);
    if (outcome->err != BAS_OK) {
        call_end(call, outcome);
        return;
    }
    if (!length.has_value || length.value.tag != BAC_TAG_UNSIGNED ||
        length.value.as.unsigned_integer > MOST_ELEMENTS) {
        end_malformed(list);
        return;
    }
    list->total += (size_t)length.value.as.unsigned_integer;
    tell_left_out(list);
    if (call->is_ended) {
        return;
    }
    if (list->told == list->total) {
        call_end_ok(call);
    } else {
        list->of.index = 1;
        read_elements(list);
    }
}

static void on_whole(struct call *call, const struct bas_outcome *outcome)
{
    struct list_call *list = list_of(call);
    if (outcome->err == BAS_OK) {
        tell_whole(list, ((const struct bac_read_property_ack *)outcome->value)->value);
    } else if (client_is_of_size(outcome->fault)) {
        read_indexed(list, 0, on_length);
    } else {
        call_end(call, outcome);
    }
}

static void begin(struct call *call)
{
    read_indexed(list_of(call), BAC_NO_INDEX, on_whole);
}

/* The device's own list, whatever it is called: a wildcard instance is answered by all. */
static void begin_device(struct call *call)
{
    const struct bac_peer *peer = client_peer(call);
    list_of(call)->of.object.instance =
        peer != NULL ? peer->instance : (uint32_t)BAC_WILDCARD_INSTANCE;
    begin(call);
}

bas_call_id bas_object_list(struct bas_station *s, const struct bas_peer_name *to,
                            const struct bas_object_list *list)
{
    struct bas_fault fault = { 0 };
    const struct call_begin made = { &list_kind, to, list->done, list->user };
    struct call *call = call_new(s, &made, &fault);
    if (call == NULL) {
        return call_refused(list->done, list->user, &fault);
    }
    list_of(call)->object = list->object;
    list_of(call)->of = (struct bas_property){ { BAC_OBJECT_DEVICE, BAC_WILDCARD_INSTANCE },
                                               BAC_PROPERTY_OBJECT_LIST,
                                               BAC_NO_INDEX };
    call_meet(call, begin_device);
    return call_begun(call);
}

bas_call_id bas_property_list(struct bas_station *s, const struct bas_peer_name *to,
                              const struct bas_property_list *list)
{
    struct bas_fault fault = { 0 };
    const struct call_begin made = { &list_kind, to, list->done, list->user };
    struct call *call = call_new(s, &made, &fault);
    if (call == NULL) {
        return call_refused(list->done, list->user, &fault);
    }
    list_of(call)->property = list->property;
    list_of(call)->total = BAS_ARRAY_LEN(left_out);
    list_of(call)->of =
        (struct bas_property){ list->object, BAC_PROPERTY_PROPERTY_LIST, BAC_NO_INDEX };
    call_meet(call, begin);
    return call_begun(call);
}
