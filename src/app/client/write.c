/* Owns writing: one property (WriteProperty, 15.9), or many (WritePropertyMultiple, 15.10) as far
 * as they fit one request, one after another where the peer cannot do that. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <string.h>

enum { MOST_ITEMS = 64, HEADER_OCTETS = 8, ITEM_OCTETS = 26 };

/* One to be written; value is in the memory of the call. */
struct item {
    struct bas_property of;
    uint8_t priority;
    struct bas_slice value;
};

struct write_call {
    struct call call;
    struct item *items;
    size_t n_items;
    uint8_t *octets; /* of all values */
    size_t n_octets;
    size_t next;   /* the first that was not told yet */
    size_t asked;  /* how many from there are being written */
    size_t bundle; /* how many at most; 0: WriteProperty only */
    bool is_alone; /* this one goes by WriteProperty */
    bool goes_on, is_broken;
    size_t good, bad;
    void (*written)(void *user, const struct bas_written *written);
};

static struct write_call *write_of(struct call *call)
{
    return (struct write_call *)call;
}

static void write_next(struct write_call *w);

static void write_release(struct call *call)
{
    struct write_call *w = write_of(call);
    const struct bas_env *env = &call->station->loop->env;
    bas_release(env, w->items, w->n_items * sizeof(*w->items));
    bas_release(env, w->octets, w->n_octets);
}

static const struct call_kind write_kind = { .size = sizeof(struct write_call),
                                             .release = write_release };

/* The values, encoded and kept. */

static bas_err encode_value(const struct bas_write_item *item, struct bas_buf *out)
{
    if (item->value != NULL) {
        return bac_encode(&bac_type_value, item->value, BAC_APPLICATION, out);
    }
    if (item->raw.len != 0) {
        bas_buf_add(out, item->raw.data, item->raw.len);
    }
    return out->full ? BAS_ERR_NO_SPACE : BAS_OK;
}

/* Encodes all values, one behind another; len[i] of each goes to items[i].value.len. */
static bas_err encode_values(struct write_call *w, const struct bas_write_item *items,
                             struct bas_buf *out)
{
    for (size_t i = 0; i < w->n_items; i++) {
        size_t before = out->len;
        bas_err err = encode_value(&items[i], out);
        w->items[i] = (struct item){ items[i].of, items[i].priority, { NULL, out->len - before } };
        if (err != BAS_OK) {
            w->call.about = items[i].of;
            return err == BAS_ERR_NO_SPACE ? BAS_ERR_TOO_LONG : err;
        }
    }
    return BAS_OK;
}

static bas_err keep_values(struct write_call *w, const struct bas_buf *out)
{
    size_t at = 0;
    w->octets = bas_alloc(&w->call.station->loop->env, out->len);
    if (w->octets == NULL && out->len != 0) {
        return BAS_ERR_NO_MEMORY;
    }
    w->n_octets = out->len;
    if (out->len != 0) {
        memcpy(w->octets, out->data, out->len);
    }
    for (size_t i = 0; i < w->n_items; i++) {
        w->items[i].value.data = w->octets + at;
        at += w->items[i].value.len;
    }
    return BAS_OK;
}

static bas_err take_items(struct write_call *w, const struct bas_write_item *items, size_t n)
{
    struct bas_buf out = client_octets(w->call.station);
    w->items = bas_alloc(&w->call.station->loop->env, n * sizeof(*w->items));
    if (out.data == NULL || (w->items == NULL && n != 0)) {
        return BAS_ERR_NO_MEMORY;
    }
    w->n_items = n;
    bas_err err = encode_values(w, items, &out);
    return err == BAS_OK ? keep_values(w, &out) : err;
}

/* Telling. */

static void tell(struct write_call *w, bas_err err, const struct bas_fault *fault)
{
    const struct bas_written told = {
        .n = w->next, .of = w->items[w->next].of, .err = err, .fault = fault
    };
    *(err == BAS_OK ? &w->good : &w->bad) += 1;
    w->is_broken |= err != BAS_OK && !w->goes_on;
    w->is_alone = false;
    w->next++;
    if (w->written != NULL) {
        w->written(w->call.user, &told);
    }
}

static void tell_good(struct write_call *w, size_t end)
{
    const struct bas_fault none = { .err = BAS_OK };
    while (w->next < end && !w->call.is_ended) {
        tell(w, BAS_OK, &none);
    }
}

static void tell_untried(struct write_call *w)
{
    struct bas_fault fault = { 0 };
    while (w->next < w->n_items && !w->call.is_ended) {
        w->call.about = w->items[w->next].of;
        (void)call_fail(&w->call, &fault, BAS_ERR_INTERRUPTED,
                        "not written, because one in front of it failed");
        tell(w, fault.err, &fault);
    }
}

static void finish(struct write_call *w)
{
    struct bas_fault fault = { 0 };
    if (w->bad == 0) {
        call_end_ok(&w->call);
        return;
    }
    w->call.about.object.type = UINT16_MAX;
    (void)call_fail(&w->call, &fault, w->good != 0 ? BAS_ERR_PARTIAL : BAS_ERR_REMOTE,
                    "%zu of %zu properties were not written", w->bad, w->n_items);
    call_end_fault(&w->call, &fault);
}

static bool is_final(const struct bas_fault *fault)
{
    return fault->err != BAS_ERR_REMOTE && fault->err != BAS_ERR_TOO_LONG;
}

/* One by one. */

static struct bac_write_property parameters_of(const struct item *item)
{
    return (struct bac_write_property){ .object = item->of.object,
                                        .property = item->of.property,
                                        .has_index = item->of.index != BAC_NO_INDEX,
                                        .index = item->of.index,
                                        .value = item->value,
                                        .has_priority = item->priority != 0,
                                        .priority = item->priority };
}

static void on_single(struct call *call, const struct bas_outcome *outcome)
{
    struct write_call *w = write_of(call);
    if (outcome->err != BAS_OK && is_final(outcome->fault)) {
        call_end(call, outcome);
        return;
    }
    tell(w, outcome->err, outcome->fault);
    write_next(w);
}

static void write_single(struct write_call *w, call_answered answered)
{
    const struct item *item = &w->items[w->next];
    const struct bac_write_property parameters = parameters_of(item);
    call_ask(&w->call, BAC_CONFIRMED_WRITE_PROPERTY, &parameters, &item->of, answered);
}

/* Bundles. */

struct bundle {
    struct bac_write_access access[MOST_ITEMS];
    struct bac_property_value values[MOST_ITEMS];
    size_t n_access;
    size_t n_items;
    size_t octets;
};

static void add_item(struct bundle *b, const struct item *item)
{
    struct bac_property_value *value = &b->values[b->n_items];
    struct bac_write_access *last = b->n_access != 0 ? &b->access[b->n_access - 1] : NULL;
    *value = (struct bac_property_value){ .property = item->of.property,
                                          .has_index = item->of.index != BAC_NO_INDEX,
                                          .index = item->of.index,
                                          .value = item->value,
                                          .has_priority = item->priority != 0,
                                          .priority = item->priority };
    if (last == NULL || last->object.type != item->of.object.type ||
        last->object.instance != item->of.object.instance) {
        last = &b->access[b->n_access++];
        *last = (struct bac_write_access){ .object = item->of.object, .values.items = value };
    }
    last->values.n++;
    b->n_items++;
    b->octets += ITEM_OCTETS + item->value.len;
}

static void fill_bundle(const struct write_call *w, struct bundle *b)
{
    size_t room = client_limits(w->call.station, &w->call).max_apdu - HEADER_OCTETS;
    size_t most = w->bundle < MOST_ITEMS ? w->bundle : MOST_ITEMS;
    b->n_access = 0;
    b->n_items = 0;
    b->octets = 0;
    for (size_t i = w->next; i < w->n_items && b->n_items < most; i++) {
        if (b->n_items != 0 && b->octets + ITEM_OCTETS + w->items[i].value.len > room) {
            return;
        }
        add_item(b, &w->items[i]);
    }
}

static bool is_it(const struct bas_property *of, const struct bac_object_property_reference *r)
{
    return of->object.type == r->object.type && of->object.instance == r->object.instance &&
           of->property == r->property &&
           of->index == (r->has_index ? (uint32_t)r->index : BAC_NO_INDEX);
}

/* Those in front of the one that failed were written (15.10.2). */
static bool take_error(struct write_call *w, const struct bas_outcome *outcome)
{
    struct bac_write_property_multiple_error error;
    size_t at = w->next;
    size_t end = w->next + w->asked;
    if (outcome->event == NULL || outcome->event->kind != BAC_CLIENT_ERROR ||
        bac_decode_all(&bac_type_write_property_multiple_error, outcome->raw, &error, NULL, NULL) !=
            BAS_OK) {
        return false;
    }
    while (at < end && !is_it(&w->items[at].of, &error.first_failed)) {
        at++;
    }
    if (at == end) {
        return false;
    }
    tell_good(w, at);
    w->is_alone = true; /* WriteProperty tells why, or works */
    return true;
}

static void on_bundle(struct call *call, const struct bas_outcome *outcome)
{
    struct write_call *w = write_of(call);
    if (outcome->err == BAS_OK) {
        tell_good(w, w->next + w->asked);
    } else if (is_final(outcome->fault)) {
        call_end(call, outcome);
        return;
    } else if (client_is_of_service(outcome->fault)) {
        w->bundle = 0;
    } else if (!take_error(w, outcome)) {
        w->bundle = client_is_of_size(outcome->fault) ? w->asked / 2 : w->bundle;
        w->is_alone = true;
    }
    write_next(w);
}

static void write_bundle(struct write_call *w)
{
    struct bundle b;
    fill_bundle(w, &b);
    w->asked = b.n_items;
    const struct bac_write_property_multiple parameters = { { b.access, b.n_access } };
    call_ask(&w->call, BAC_CONFIRMED_WRITE_PROPERTY_MULTIPLE, &parameters, NULL, on_bundle);
}

static void write_next(struct write_call *w)
{
    if (w->is_broken) {
        tell_untried(w);
    }
    if (w->call.is_ended) {
        return;
    }
    if (w->next == w->n_items) {
        finish(w);
    } else if (w->bundle > 1 && !w->is_alone && w->next + 1 < w->n_items) {
        write_bundle(w);
    } else {
        write_single(w, on_single);
    }
}

/* The calls. */

static void begin(struct call *call)
{
    write_next(write_of(call));
}

static struct write_call *write_new(struct bas_station *s, const struct bas_peer_name *to,
                                    const struct bas_write_list *list)
{
    struct bas_fault fault = { 0 };
    const struct call_begin made = { &write_kind, to, list->done, list->user };
    struct call *call = call_new(s, &made, &fault);
    if (call == NULL) {
        (void)call_refused(list->done, list->user, &fault);
        return NULL;
    }
    struct write_call *w = write_of(call);
    call->service = BAC_CONFIRMED_WRITE_PROPERTY;
    bas_err err = take_items(w, list->items, list->n);
    if (err != BAS_OK) {
        (void)call_fail(call, &fault, err, "the value cannot be encoded: %s", bas_err_text(err));
        call_end_fault(call, &fault);
    }
    return w;
}

bas_call_id bas_write(struct bas_station *s, const struct bas_peer_name *to,
                      const struct bas_write_item *item, bas_called called, void *user)
{
    const struct bas_write_list list = { .items = item, .n = 1, .done = called, .user = user };
    struct write_call *w = write_new(s, to, &list);
    if (w == NULL) {
        return 0;
    }
    if (!w->call.is_ended) {
        write_single(w, call_end);
    }
    return call_begun(&w->call);
}

bas_call_id bas_write_many(struct bas_station *s, const struct bas_peer_name *to,
                           const struct bas_write_list *list)
{
    struct write_call *w = write_new(s, to, list);
    if (w == NULL) {
        return 0;
    }
    w->written = list->written;
    w->goes_on = list->goes_on;
    w->bundle = MOST_ITEMS;
    if (!w->call.is_ended) {
        call_meet(&w->call, begin);
    }
    return call_begun(&w->call);
}
