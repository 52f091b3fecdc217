/* Owns ReadRange (15.8): a part of a list, as much of it as the answer holds. */
#include "bacnet/server/server.h"

#include "bacnet/tag.h"

/* Octets that stand around the items: flags, a count of 32 bits, two tags. */
enum { AROUND_ITEMS = 3 + 5 + 2 };

/* Items first .. last, from 1; first > last: none. */
struct window {
    uint32_t first, last;
    bool is_backward; /* what lies next to last comes first */
    bool is_cut;
};

/* By position (15.8.1.1.4.1); a reference that names no item gives none. */
static struct window window_of(const struct bac_range_position *asked, uint32_t n)
{
    struct window w = { .first = 1, .last = 0, .is_backward = asked->count < 0 };
    if (asked->reference < 1 || asked->reference > n) {
        return w;
    }
    uint32_t reference = (uint32_t)asked->reference;
    uint64_t more = w.is_backward ? (uint64_t) - (asked->count + 1) : (uint64_t)asked->count - 1;
    w.first = w.last = reference;
    if (w.is_backward) {
        w.first = more < reference ? reference - (uint32_t)more : 1;
    } else {
        w.last = more < n - reference ? reference + (uint32_t)more : n;
    }
    return w;
}

/* Octets of an item, more than room where it does not fit. probe is memory to try in. */
static bas_err measure(struct bac_elements *list, uint32_t at, struct bas_buf *probe, size_t *len,
                       struct bas_fault *fault)
{
    bas_buf_init(probe, probe->data, probe->cap);
    bas_err err = bac_elements_read(list, at, probe, fault);
    *len = probe->full ? probe->cap + 1 : probe->len;
    return err;
}

/* Leaves the first ones that fit into probe. */
static bas_err cut_end(struct bac_elements *list, struct window *w, struct bas_buf *probe,
                       struct bas_fault *fault)
{
    size_t total = 0;
    for (uint32_t at = w->first; at <= w->last; at++) {
        size_t len = 0;
        bas_err err = measure(list, at, probe, &len, fault);
        if (err != BAS_OK) {
            return err;
        }
        total += len;
        if (total > probe->cap) {
            w->last = at - 1;
            w->is_cut = true;
        }
    }
    return BAS_OK;
}

/* Leaves the last ones that fit. Two readers go forward, since that is how lists are read. */
static bas_err cut_begin(struct bac_elements *list, struct window *w, struct bas_buf *probe,
                         struct bas_fault *fault)
{
    struct bac_elements behind = *list;
    size_t total = 0;
    bas_err err = BAS_OK;
    for (uint32_t at = w->first; at <= w->last && err == BAS_OK; at++) {
        size_t len = 0;
        err = measure(list, at, probe, &len, fault);
        total += len;
        while (err == BAS_OK && total > probe->cap) {
            err = measure(&behind, w->first++, probe, &len, fault);
            total -= len;
            w->is_cut = true;
        }
    }
    return err;
}

static bas_err cut(struct bac_elements *list, struct window *w, struct bas_buf *out,
                   struct bas_fault *fault)
{
    size_t left = out->cap - out->len;
    size_t room = left > AROUND_ITEMS ? left - AROUND_ITEMS : 0;
    struct bas_buf probe;
    bas_buf_init(&probe, out->data + out->len, room);
    uint32_t n = w->last - w->first + 1; /* 0: none */
    bas_err err =
        w->is_backward ? cut_begin(list, w, &probe, fault) : cut_end(list, w, &probe, fault);
    out->full = out->full || room == 0 || (n != 0 && w->last + 1 == w->first); /* not one fits */
    return err;
}

/* What stands in front of the items. */
static void add_head(const struct bac_elements *list, const struct window *w, struct bas_buf *out)
{
    uint64_t n = w->last - w->first + 1;
    bool has_first = n != 0 && w->first == 1;
    bool has_last = n != 0 && w->last == list->n;
    const uint8_t flags =
        (uint8_t)((has_first ? 0x80U : 0) | (has_last ? 0x40U : 0) | (w->is_cut ? 0x20U : 0));
    const struct bac_bits bits = { 3, { &flags, 1 } };
    bac_server_add(out, &bac_type_result_flags, &bits, 3);
    bac_server_add(out, &bac_type_unsigned, &n, 4);
}

/* Only lists have ranges, and none of ours is a log. False: request->fault. */
static bool check(const struct bac_elements *list, const struct bac_read_range *asked,
                  struct bac_request *request)
{
    if (list->row->shape != BAC_SHAPE_LIST) {
        (void)bac_server_refuse(request, BAC_ERROR_CLASS_SERVICES,
                                BAC_ERROR_CODE_PROPERTY_IS_NOT_A_LIST);
        return false;
    }
    if (asked->has_range && asked->range.choice != BAC_RANGE_POSITION) {
        bool is_sequence = asked->range.choice == BAC_RANGE_SEQUENCE;
        (void)bac_server_refuse(request, BAC_ERROR_CLASS_PROPERTY,
                                is_sequence ? BAC_ERROR_CODE_LIST_ITEM_NOT_NUMBERED
                                            : BAC_ERROR_CODE_LIST_ITEM_NOT_TIMESTAMPED);
        return false;
    }
    return true;
}

static bas_err add_items(struct bac_elements *list, struct window *w, struct bac_request *request)
{
    struct bas_buf *out = request->out;
    bas_err err = cut(list, w, out, &request->fault);
    add_head(list, w, out);
    bac_head_add(out, BAC_HEAD_OPENING, 5, 0);
    for (uint32_t at = w->first; at <= w->last && err == BAS_OK && !out->full; at++) {
        err = bac_elements_read(list, at, out, &request->fault);
    }
    bac_head_add(out, BAC_HEAD_CLOSING, 5, 0);
    return err;
}

static int64_t count_of(const struct bac_read_range *asked)
{
    const struct bac_range *range = &asked->range;
    return range->choice == BAC_RANGE_TIME ? range->as.time.count : range->as.position.count;
}

enum bac_outcome bac_serve_read_range(struct bac_server *server, struct bac_request *request)
{
    struct bac_read_range asked;
    if (bac_decode_all(&bac_type_read_range, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    if (asked.has_range && count_of(&asked) == 0) { /* 15.8.1.1.4.1.2 */
        return bac_server_refuse(request, BAC_ERROR_CLASS_SERVICES,
                                 BAC_ERROR_CODE_PARAMETER_OUT_OF_RANGE);
    }
    const struct bac_object *object = bac_server_find(server, asked.object, true, request);
    struct bac_elements list;
    uint32_t index = bac_index_of(asked.has_index, asked.index);
    if (object == NULL ||
        bac_object_range(object, asked.property, index, &request->arena, &list, &request->fault) !=
            BAS_OK ||
        !check(&list, &asked, request)) {
        return BAC_OUTCOME_ERROR;
    }
    struct bas_buf *out = request->out;
    const uint64_t property = asked.property;
    bac_server_add(out, &bac_type_object_id, &object->id, 0);
    bac_server_add(out, &bac_type_unsigned, &property, 1);
    const struct bac_range_position all = { .reference = 1, .count = INT64_MAX };
    struct window w = window_of(asked.has_range ? &asked.range.as.position : &all, list.n);
    return add_items(&list, &w, request) == BAS_OK ? BAC_OUTCOME_COMPLEX_ACK : BAC_OUTCOME_ERROR;
}
