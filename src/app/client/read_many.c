/*
 * Owns reading many properties: ReadPropertyMultiple (15.7) in bundles that shrink when the peer
 * cannot answer one, ReadProperty where it cannot do even that.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <string.h>

enum {
    MOST_ITEMS = 64,     /* in a bundle */
    ANSWER_OCTETS = 24,  /* of one property in an answer, about */
    HEADER_OCTETS = 8,   /* of a request in one piece */
    OBJECT_OCTETS = 7,   /* an object identifier and the tags around its properties */
    PROPERTY_OCTETS = 10 /* property and index at their longest */
};

/* One to be read. */
struct item {
    struct bas_property of;
    size_t n; /* in the caller's list */
};

struct read_many_call {
    struct call call;
    struct item *items;
    size_t n_items;
    size_t next;   /* the first that was not told yet */
    size_t asked;  /* how many from there are being read */
    size_t bundle; /* how many at most; 0: ReadProperty only */
    bool is_alone; /* this one goes by ReadProperty */
    size_t good, bad;
    uint32_t *found; /* properties that stand for a special one */
    size_t n_found, max_found;
    void (*read)(void *user, const struct bas_property_read *read);
};

static struct read_many_call *many_of(struct call *call)
{
    return (struct read_many_call *)call;
}

static void read_next(struct read_many_call *many);

static void begin(struct call *call)
{
    read_next(many_of(call));
}

static void many_release(struct call *call)
{
    struct read_many_call *many = many_of(call);
    const struct bas_env *env = &call->station->loop->env;
    bas_release(env, many->items, many->n_items * sizeof(*many->items));
    bas_release(env, many->found, many->max_found * sizeof(*many->found));
}

static const struct call_kind many_kind = { .size = sizeof(struct read_many_call),
                                            .release = many_release };

static bool is_special(const struct bas_property *of)
{
    return of->property == BAC_PROPERTY_ALL || of->property == BAC_PROPERTY_REQUIRED ||
           of->property == BAC_PROPERTY_OPTIONAL;
}

/* Telling. */

static void tell(struct read_many_call *many, struct bas_property_read *told)
{
    *(told->err == BAS_OK ? &many->good : &many->bad) += 1;
    many->read(many->call.user, told);
}

static void finish(struct read_many_call *many)
{
    if (many->bad == 0) {
        call_end_ok(&many->call);
    } else {
        many->call.about.object.type = UINT16_MAX;
        struct bas_fault fault = { 0 };
        (void)call_fail(&many->call, &fault, many->good != 0 ? BAS_ERR_PARTIAL : BAS_ERR_REMOTE,
                        "%zu of %zu properties could not be read", many->bad,
                        many->bad + many->good);
        call_end_fault(&many->call, &fault);
    }
}

/* What ends the whole call: the next request would fare no better. */
static bool is_final(const struct bas_fault *fault)
{
    return fault->err != BAS_ERR_REMOTE && fault->err != BAS_ERR_TOO_LONG &&
           fault->err != BAS_ERR_PROTOCOL;
}

/* One by one. */

static void on_single(struct call *call, const struct bas_outcome *outcome)
{
    struct read_many_call *many = many_of(call);
    if (outcome->err != BAS_OK && is_final(outcome->fault)) {
        call_end(call, outcome);
        return;
    }
    struct bas_property_read told = { .n = many->items[many->next].n,
                                      .of = many->items[many->next].of };
    client_read_ack(&told, outcome);
    many->next++;
    many->is_alone = false;
    tell(many, &told);
    if (!call->is_ended) {
        read_next(many);
    }
}

static void read_single(struct read_many_call *many)
{
    const struct bas_property *of = &many->items[many->next].of;
    const struct bac_read_property parameters = client_read_of(of);
    call_ask(&many->call, BAC_CONFIRMED_READ_PROPERTY, &parameters, of, on_single);
}

/* "all" of an object whose device cannot tell that in one answer: its Property_List says what to
 * read. */

static void on_property(void *user, uint32_t property, size_t n, size_t total)
{
    struct read_many_call *many = user;
    const struct bas_env *env = &many->call.station->loop->env;
    if (n == 0) {
        bas_release(env, many->found, many->max_found * sizeof(*many->found));
        many->found = bas_alloc(env, total * sizeof(*many->found));
        many->max_found = many->found != NULL ? total : 0;
        many->n_found = 0;
    }
    if (many->n_found < many->max_found && property != BAC_PROPERTY_PROPERTY_LIST) {
        many->found[many->n_found++] = property;
    }
}

/* Puts what was found in the place of the special one. */
static bas_err splice(struct read_many_call *many)
{
    const struct bas_env *env = &many->call.station->loop->env;
    size_t n = many->n_items - 1 + many->n_found;
    struct item *items = bas_alloc(env, n * sizeof(*items));
    const struct item special = many->items[many->next];
    if (items == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    memcpy(items, many->items, many->next * sizeof(*items));
    for (size_t i = 0; i < many->n_found; i++) {
        items[many->next + i] = special;
        items[many->next + i].of.property = many->found[i];
    }
    memcpy(items + many->next + many->n_found, many->items + many->next + 1,
           (many->n_items - many->next - 1) * sizeof(*items));
    bas_release(env, many->items, many->n_items * sizeof(*items));
    many->items = items;
    many->n_items = n;
    return BAS_OK;
}

static void on_listed(void *user, const struct bas_outcome *outcome)
{
    struct read_many_call *many = user;
    struct call *call = &many->call;
    call->part = 0;
    if (call->is_ended) {
        return;
    }
    call_hold(call);
    if (outcome->err != BAS_OK && is_final(outcome->fault)) {
        call_end(call, outcome);
    } else if (outcome->err != BAS_OK || many->n_found == 0) {
        struct bas_property_read told = { .n = many->items[many->next].n,
                                          .of = many->items[many->next].of,
                                          .err = outcome->err,
                                          .fault = outcome->fault };
        many->next++;
        tell(many, &told);
        read_next(many);
    } else if (splice(many) != BAS_OK) {
        call_end_with(call, BAS_ERR_NO_MEMORY, "out of memory for the properties of an object");
    } else {
        read_next(many);
    }
    call_drop(call);
}

static void read_list(struct read_many_call *many)
{
    struct call *call = &many->call;
    const struct item *item = &many->items[many->next];
    many->is_alone = false;
    many->n_found = 0;
    if (item->of.property != BAC_PROPERTY_ALL) {
        struct bas_fault fault = { 0 };
        call->about = item->of;
        (void)call_fail(call, &fault, BAS_ERR_UNSUPPORTED,
                        "the device cannot tell these at once; ask for all of them, or by name");
        struct bas_property_read told = {
            .n = item->n, .of = item->of, .err = fault.err, .fault = &fault
        };
        many->next++;
        tell(many, &told);
        read_next(many);
        return;
    }
    const struct bas_property_list list = {
        .object = item->of.object, .property = on_property, .done = on_listed, .user = many
    };
    bas_call_id part = bas_property_list(call->station, &call->to, &list);
    if (part != 0 && !call->is_ended) {
        call->part = part;
    }
}

/* Bundles. */

struct bundle {
    struct bac_read_access access[MOST_ITEMS];
    struct bac_property_reference references[MOST_ITEMS];
    size_t n_access;
    size_t n_items;
    size_t octets;
};

static void add_item(struct bundle *b, const struct bas_property *of)
{
    struct bac_property_reference *reference = &b->references[b->n_items];
    struct bac_read_access *last = b->n_access != 0 ? &b->access[b->n_access - 1] : NULL;
    *reference =
        (struct bac_property_reference){ of->property, of->index != BAC_NO_INDEX, of->index };
    b->octets += PROPERTY_OCTETS;
    if (last == NULL || last->object.type != of->object.type ||
        last->object.instance != of->object.instance) {
        b->octets += OBJECT_OCTETS;
        last = &b->access[b->n_access++];
        *last = (struct bac_read_access){ .object = of->object, .properties.items = reference };
    }
    last->properties.n++;
    b->n_items++;
}

/* A special one goes alone: what comes back is all its. */
static void fill_bundle(struct read_many_call *many, struct bundle *b)
{
    const struct client_limits limits = client_limits(many->call.station, &many->call);
    size_t room = limits.max_apdu > HEADER_OCTETS ? limits.max_apdu - HEADER_OCTETS : 0;
    size_t most = limits.sends_segments ? MOST_ITEMS : limits.max_apdu / ANSWER_OCTETS;
    most = most < many->bundle ? most : many->bundle;
    b->n_access = 0;
    b->n_items = 0;
    b->octets = 0;
    for (size_t i = many->next; i < many->n_items; i++) {
        bool is_alone = is_special(&many->items[i].of);
        bool is_full = b->n_items >= most || b->octets + PROPERTY_OCTETS + OBJECT_OCTETS > room;
        if (b->n_items != 0 && (is_full || is_alone)) {
            return;
        }
        add_item(b, &many->items[i].of);
        if (is_alone) {
            return;
        }
    }
}

/* The results of an answer, one after another. */
struct cursor {
    const struct bac_list *objects;
    size_t object, result;
};

static bool next_result(struct cursor *at, struct bas_property *of,
                        const struct bac_read_outcome **outcome)
{
    const struct bac_read_access_result *objects = at->objects->items;
    while (at->object < at->objects->n && at->result == objects[at->object].results.n) {
        at->object++;
        at->result = 0;
    }
    if (at->object == at->objects->n) {
        return false;
    }
    const struct bac_read_result *results = objects[at->object].results.items;
    const struct bac_read_result *r = &results[at->result++];
    *of = (struct bas_property){ objects[at->object].object, r->property,
                                 r->has_index ? (uint32_t)r->index : BAC_NO_INDEX };
    *outcome = &r->outcome;
    return true;
}

static bool is_answer_to(const struct bas_property *asked, const struct bas_property *of)
{
    bool is_wildcard =
        asked->object.type == BAC_OBJECT_DEVICE && asked->object.instance == BAC_WILDCARD_INSTANCE;
    bool is_object = asked->object.type == of->object.type &&
                     (is_wildcard || asked->object.instance == of->object.instance);
    return is_object &&
           (is_special(asked) || (asked->property == of->property && asked->index == of->index));
}

static const char *known(const char *name)
{
    return name != NULL ? name : "unknown";
}

static void tell_result(struct read_many_call *many, const struct bas_property *of,
                        const struct bac_read_outcome *outcome, struct bac_arena *arena)
{
    struct bas_fault fault = { 0 };
    struct bas_property_read told = {
        .n = many->items[many->next].n, .of = *of, .arena = arena, .fault = &fault
    };
    if (outcome->choice == BAC_READ_VALUE) {
        client_describe(&told, outcome->as.value);
    } else {
        const struct bac_error_pair *e = &outcome->as.error;
        const char *advice = bas_refusal_advice(e);
        many->call.about = *of;
        told.err = call_fail(&many->call, &fault, BAS_ERR_REMOTE,
                             "the device answered with error %s: %s (%u:%u)%s%s",
                             known(bac_error_class_name(e->error_class)),
                             known(bac_error_code_name(e->error_code)), (unsigned)e->error_class,
                             (unsigned)e->error_code, advice[0] != 0 ? "; " : "", advice);
        fault.error_class = (uint16_t)e->error_class;
        fault.error_code = (uint16_t)e->error_code;
    }
    tell(many, &told);
}

static void take_bundle(struct read_many_call *many, const struct bas_outcome *outcome)
{
    const struct bac_read_property_multiple_ack *ack = outcome->value;
    struct cursor at = { .objects = &ack->results };
    struct bas_property of;
    const struct bac_read_outcome *result = NULL;
    size_t end = many->next + many->asked;
    bool is_special_one = is_special(&many->items[many->next].of);
    while (many->next < end && next_result(&at, &of, &result)) {
        if (!is_answer_to(&many->items[many->next].of, &of)) {
            many->is_alone = true; /* this one is missing */
            break;
        }
        tell_result(many, &of, result, outcome->arena);
        if (many->call.is_ended) {
            return;
        }
        many->next += is_special_one ? 0 : 1;
    }
    if (is_special_one && !many->is_alone) {
        many->next++;
    } else if (many->next < end) {
        many->is_alone = true;
    }
    read_next(many);
}

static void on_bundle(struct call *call, const struct bas_outcome *outcome)
{
    struct read_many_call *many = many_of(call);
    if (outcome->err == BAS_OK) {
        take_bundle(many, outcome);
        return;
    }
    if (is_final(outcome->fault)) {
        call_end(call, outcome);
        return;
    }
    if (client_is_of_service(outcome->fault)) {
        many->bundle = 0;
    } else if (many->asked > 1) {
        many->bundle = many->asked / 2;
    } else {
        many->is_alone = true; /* ReadProperty tells what is wrong, or works */
    }
    read_next(many);
}

static void read_bundle(struct read_many_call *many)
{
    struct bundle b;
    fill_bundle(many, &b);
    many->asked = b.n_items;
    const struct bac_read_property_multiple parameters = { { b.access, b.n_access } };
    call_ask(&many->call, BAC_CONFIRMED_READ_PROPERTY_MULTIPLE, &parameters, NULL, on_bundle);
}

static void read_next(struct read_many_call *many)
{
    if (many->call.is_ended) {
        return;
    }
    if (many->next == many->n_items) {
        finish(many);
    } else if (many->bundle != 0 && !many->is_alone) {
        read_bundle(many);
    } else if (is_special(&many->items[many->next].of)) {
        read_list(many);
    } else {
        read_single(many);
    }
}

bas_call_id bas_read_many(struct bas_station *s, const struct bas_peer_name *to,
                          const struct bas_read_list *list)
{
    struct bas_fault fault = { 0 };
    const struct call_begin made = { &many_kind, to, list->done, list->user };
    struct call *call = call_new(s, &made, &fault);
    if (call == NULL) {
        return call_refused(list->done, list->user, &fault);
    }
    struct read_many_call *many = many_of(call);
    many->read = list->read;
    many->bundle = MOST_ITEMS;
    many->n_items = list->n;
    many->items = bas_alloc(&s->loop->env, list->n * sizeof(*many->items));
    if (many->items == NULL && list->n != 0) {
        many->n_items = 0;
        call_end_with(call, BAS_ERR_NO_MEMORY, "out of memory for a list of properties");
    } else {
        for (size_t i = 0; i < list->n; i++) {
            many->items[i] = (struct item){ list->items[i], i };
        }
        call_meet(call, begin);
    }
    return call_begun(call);
}
