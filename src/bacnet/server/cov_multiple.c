/* Owns SubscribeCOVPropertyMultiple (13.16): many properties in one subscription. */
#include "bacnet/server/cov.h"

/* One property of a request: a walk over all of them. */
struct walk {
    const struct bac_cov_specification *spec;
    const struct bac_cov_reference *reference;
    size_t n_spec, n_reference; /* of those */
};

static bool next_reference(const struct bac_subscribe_cov_property_multiple *asked,
                           struct walk *walk)
{
    const struct bac_cov_specification *specs = asked->specs.items;
    for (; walk->n_spec < asked->specs.n; walk->n_spec++) {
        walk->spec = &specs[walk->n_spec];
        const struct bac_cov_reference *references = walk->spec->references.items;
        if (walk->n_reference < walk->spec->references.n) {
            walk->reference = &references[walk->n_reference++];
            return true;
        }
        walk->n_reference = 0;
    }
    return false;
}

static struct bac_cov_key key_of(const struct walk *walk, const struct bac_cov_key *subscription)
{
    struct bac_cov_key key = *subscription;
    const struct bac_property_reference *property = &walk->reference->property;
    key.object = walk->spec->object;
    key.property = property->property;
    key.index = bac_index_of(property->has_index, property->index);
    return key;
}

/* Cancellation (13.16.1.3): of the properties that are named, or of all where none is. The request
 * says nothing of a form, so it is about both. */

static void cancel_form(struct bac_server *server,
                        const struct bac_subscribe_cov_property_multiple *asked,
                        const struct bac_cov_key *key)
{
    struct bac_cov *cov = &server->cov;
    uint32_t subscription = bac_cov_find_multiple(cov, key);
    if (subscription != 0 && asked->specs.n == 0) {
        bac_cov_remove_subscription(cov, &server->db, subscription);
        return;
    }
    struct walk walk = { 0 };
    while (subscription != 0 && next_reference(asked, &walk)) {
        const struct bac_cov_key one = key_of(&walk, key);
        uint32_t at = bac_cov_find_monitor(cov, &one);
        if (at != 0) {
            bac_cov_remove_monitor(cov, &server->db, at);
        }
    }
}

static enum bac_outcome cancel(struct bac_server *server, const struct bac_request *request,
                               const struct bac_subscribe_cov_property_multiple *asked)
{
    struct bac_cov_key key = { .kind = BAC_COV_MULTIPLE, .process = (uint32_t)asked->process };
    for (int form = 0; form < 2; form++) {
        key.confirmed = form != 0;
        key.peer = bac_cov_find_peer(&server->cov, &request->from->source, request->from->port);
        if (key.peer != 0) { /* else he has none, or no more */
            cancel_form(server, asked, &key);
        }
    }
    return BAC_OUTCOME_SIMPLE_ACK;
}

/* Subscription: all properties or none */

/* 13.16.1.3, 13.16.1.4: a parameter that no such request may have. */
static bool is_out_of_range(const struct bac_subscribe_cov_property_multiple *asked)
{
    struct walk walk = { 0 };
    while (next_reference(asked, &walk)) {
        if (walk.reference->has_increment && !(walk.reference->increment >= 0)) {
            return true;
        }
    }
    return asked->lifetime == 0 || (asked->has_max_delay && asked->max_delay >= asked->lifetime);
}

static enum bac_outcome refuse_first(struct bac_request *request, const struct walk *walk)
{
    const struct bac_subscribe_cov_property_multiple_error error = {
        .choice = BAC_SUBSCRIBE_FIRST_FAILED,
        .as.first_failed = { .object = walk->spec->object,
                             .property = walk->reference->property,
                             .error = { request->fault.error_class, request->fault.error_code } },
    };
    struct bas_buf out;
    bas_buf_init(&out, request->error, sizeof(request->error));
    bas_err err =
        bac_encode(&bac_type_subscribe_cov_property_multiple_error, &error, BAC_APPLICATION, &out);
    request->error_len = err == BAS_OK ? out.len : 0;
    return BAC_OUTCOME_ERROR;
}

/* Whether every property can be watched and has room; *outcome says what else. */
static bool check(struct bac_server *server, struct bac_request *request,
                  const struct bac_subscribe_cov_property_multiple *asked,
                  const struct bac_cov_key *key, enum bac_outcome *outcome)
{
    const struct bac_cov *cov = &server->cov;
    struct walk walk = { 0 };
    uint32_t n_new = 0;
    while (next_reference(asked, &walk)) {
        const struct bac_object *object =
            bac_server_find(server, walk.spec->object, false, request);
        if (object == NULL || bac_server_can_watch(server, object, &walk.reference->property,
                                                   &request->fault) != BAS_OK) {
            *outcome = refuse_first(request, &walk);
            return false;
        }
        const struct bac_cov_key one = key_of(&walk, key);
        n_new += key->peer == 0 || bac_cov_find_monitor(cov, &one) == 0;
    }
    if (n_new > bac_cov_n_free(cov)) {
        (void)bac_server_no_room(&request->fault);
        *outcome = BAC_OUTCOME_ERROR;
        return false;
    }
    return true;
}

static void watch(struct bac_server *server, uint32_t subscription, const struct walk *walk,
                  const struct bac_cov_key *key, struct bac_time clock)
{
    struct bac_cov *cov = &server->cov;
    uint32_t at = bac_cov_find_monitor(cov, key);
    if (at == 0) {
        struct bac_object *object = bac_database_find(&server->db, key->object);
        at = bac_cov_add_monitor(cov, subscription, object, key);
    }
    if (at != 0) {
        struct bac_monitor *m = &cov->monitors[at];
        m->has_increment = walk->reference->has_increment;
        m->increment = walk->reference->increment;
        m->is_timestamped = walk->reference->timestamped;
        m->is_new = true;
        m->time_of_change = clock;
        bac_cov_set_due(cov, at, server->now);
    }
}

/* There is room for all of it. */
static void subscribe(struct bac_server *server, const struct bac_cov_key *key,
                      const struct bac_subscribe_cov_property_multiple *asked)
{
    struct bac_cov *cov = &server->cov;
    uint32_t at = bac_cov_find_multiple(cov, key);
    at = at != 0 ? at : bac_cov_add_subscription(cov, key);
    if (at == 0) {
        return;
    }
    struct bac_subscription *s = &cov->subscriptions[at];
    s->expires = bac_server_expiry(server, asked->lifetime);
    s->max_delay_s = !asked->has_max_delay           ? 0
                     : asked->max_delay < UINT32_MAX ? asked->max_delay
                                                     : UINT32_MAX;
    struct bac_date_time clock;
    bac_server_clock(server, &clock);
    struct walk walk = { 0 };
    while (next_reference(asked, &walk)) {
        const struct bac_cov_key one = key_of(&walk, key);
        watch(server, at, &walk, &one, clock.time);
    }
    if (s->monitors.first == 0) {
        bac_cov_remove_subscription(cov, &server->db, at);
        return;
    }
    bac_cov_arm(cov, at);
}

enum bac_outcome bac_serve_subscribe_cov_property_multiple(struct bac_server *server,
                                                           struct bac_request *request)
{
    struct bac_subscribe_cov_property_multiple asked;
    if (bac_decode_all(&bac_type_subscribe_cov_property_multiple, request->apdu.body, &asked,
                       &request->arena, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    if (!asked.has_lifetime && !asked.has_confirmed) {
        return cancel(server, request, &asked);
    }
    bool is_whole = asked.has_lifetime && asked.has_confirmed;
    if (!is_whole || is_out_of_range(&asked)) {
        request->reason =
            is_whole ? BAC_REJECT_PARAMETER_OUT_OF_RANGE : BAC_REJECT_INCONSISTENT_PARAMETERS;
        return BAC_OUTCOME_REJECT;
    }
    struct bac_cov_key key = { .kind = BAC_COV_MULTIPLE,
                               .confirmed = asked.confirmed,
                               .process = (uint32_t)asked.process };
    key.peer = bac_cov_find_peer(&server->cov, &request->from->source, request->from->port);
    enum bac_outcome outcome = BAC_OUTCOME_SIMPLE_ACK;
    if (!check(server, request, &asked, &key, &outcome)) {
        return outcome;
    }
    bool has_any = key.peer != 0 && bac_cov_find_multiple(&server->cov, &key) != 0;
    struct walk walk = { 0 };
    if (!has_any && !next_reference(&asked, &walk)) {
        return BAC_OUTCOME_SIMPLE_ACK; /* an empty list renews what is there: nothing */
    }
    key.peer = bac_server_subscriber(server, request);
    if (key.peer == 0) {
        (void)bac_server_no_room(&request->fault);
        return BAC_OUTCOME_ERROR;
    }
    subscribe(server, &key, &asked);
    bac_cov_release_peer(&server->cov, key.peer);
    return BAC_OUTCOME_SIMPLE_ACK;
}
