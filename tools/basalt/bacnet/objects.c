/* Owns the list of a device's objects, and what is to be read of each. */
#include "objects.h"

#include <stdlib.h>

enum { FIRST = 64 };

static void on_object(void *user, struct bac_object_id object, size_t n, size_t total)
{
    struct session *s = user;
    struct objects *o = s->user;
    if (o->n == o->cap) {
        size_t cap = o->cap == 0 ? FIRST : 2 * o->cap;
        struct bac_object_id *more = realloc(o->items, cap * sizeof(*more));
        if (more == NULL) {
            o->is_short = true;
            return;
        }
        o->items = more;
        o->cap = cap;
    }
    o->items[o->n++] = object;
    progress_tell(&o->progress, n + 1, total);
}

bool objects_read(struct session *s, struct objects *o)
{
    const struct bas_peer_name peer = session_peer(s);
    const struct bas_object_list list = { .object = on_object, .done = session_done, .user = s };
    o->progress = (struct progress){ .tool = s->tool, .what = "objects" };
    (void)bas_object_list(s->station, &peer, &list);
    bool good = session_await_good(s);
    progress_clear(&o->progress);
    if (good && o->is_short) {
        return session_fail_with(s, BAS_ERR_NO_MEMORY, "out of memory for %zu objects", o->n);
    }
    return good;
}

bool objects_plan(struct session *s, const struct objects *o,
                  size_t (*choose)(struct bac_object_id object, struct bas_property *items),
                  size_t max, struct objects_plan *plan)
{
    *plan = (struct objects_plan){ calloc(o->n * max + 1, sizeof(*plan->items)), 0 };
    if (plan->items == NULL) {
        return session_fail_with(s, BAS_ERR_NO_MEMORY, "out of memory for %zu objects", o->n);
    }
    for (size_t i = 0; i < o->n; i++) {
        plan->n += choose(o->items[i], &plan->items[plan->n]);
    }
    return true;
}
