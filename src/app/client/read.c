/* Owns reading one property (ReadProperty, 15.5). */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

struct read_call {
    struct call call;
    struct bas_property of;
    void (*read)(void *user, const struct bas_property_read *read);
};

struct bac_read_property client_read_of(const struct bas_property *of)
{
    return (struct bac_read_property){ .object = of->object,
                                       .property = of->property,
                                       .has_index = of->index != BAC_NO_INDEX,
                                       .index = of->index };
}

void client_describe(struct bas_property_read *read, struct bas_slice raw)
{
    struct bas_slice rest = raw;
    read->raw = raw;
    read->type = bac_property_type(read->of.object.type, read->of.property);
    read->has_value =
        bac_decode(&bac_type_value, &rest, BAC_APPLICATION, &read->value, NULL, NULL) == BAS_OK &&
        rest.len == 0;
}

void client_read_ack(struct bas_property_read *read, const struct bas_outcome *outcome)
{
    read->err = outcome->err;
    read->fault = outcome->fault;
    read->arena = outcome->arena;
    if (outcome->err == BAS_OK) {
        const struct bac_read_property_ack *ack = outcome->value;
        read->of.object = ack->object;
        client_describe(read, ack->value);
    }
}

static void read_tell(struct call *call, const struct bas_outcome *outcome)
{
    const struct read_call *read = (const struct read_call *)call;
    struct bas_property_read told = { .of = read->of };
    client_read_ack(&told, outcome);
    read->read(call->user, &told);
}

static const struct call_kind read_kind = { .size = sizeof(struct read_call), .tell = read_tell };

bas_call_id bas_read(struct bas_station *s, const struct bas_peer_name *to,
                     const struct bas_property *property,
                     void (*read)(void *user, const struct bas_property_read *read), void *user)
{
    struct bas_fault fault = { 0 };
    const struct bac_read_property parameters = client_read_of(property);
    const struct call_begin begin = { &read_kind, to, NULL, user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        const struct bas_property_read told = { .of = *property,
                                                .err = fault.err,
                                                .fault = &fault };
        read(user, &told);
        return 0;
    }
    ((struct read_call *)call)->of = *property;
    ((struct read_call *)call)->read = read;
    call_ask(call, BAC_CONFIRMED_READ_PROPERTY, &parameters, property, call_end);
    return call_begun(call);
}
