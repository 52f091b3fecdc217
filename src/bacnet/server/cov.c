/* Owns SubscribeCOV (13.14) and SubscribeCOVProperty (13.15). */
#include "bacnet/server/cov.h"

/* One request of either kind. */
struct order {
    struct bac_cov_key key; /* but for its peer */
    struct bac_object *object;
    bool confirmed, has_increment;
    uint64_t lifetime_s;
    float increment;
};

bas_time bac_server_expiry(const struct bac_server *server, uint64_t lifetime_s)
{
    uint64_t most = server->cov.max_lifetime_s;
    if (lifetime_s == 0 && most == UINT32_MAX) {
        return BAS_NEVER;
    }
    uint64_t granted = lifetime_s == 0 || lifetime_s > most ? most : lifetime_s;
    return server->now + (bas_time)granted * BAS_SECOND;
}

bas_err bac_server_can_watch(struct bac_server *server, const struct bac_object *object,
                             const struct bac_property_reference *property, struct bas_fault *fault)
{
    struct bas_buf values;
    bas_buf_init(&values, server->cov.values, BAC_COV_MAX_VALUES);
    struct bac_cov_reading reading = { .object = object,
                                       .property = property->property,
                                       .index =
                                           bac_index_of(property->has_index, property->index) };
    return bac_cov_read(&server->cov, &reading, &values, fault);
}

bas_err bac_server_no_room(struct bas_fault *fault)
{
    return bas_fail_code(fault, BAS_ERR_NO_SPACE, BAC_ERROR_CLASS_RESOURCES,
                         BAC_ERROR_CODE_NO_SPACE_TO_ADD_LIST_ELEMENT,
                         "there is no room for another subscription");
}

uint32_t bac_server_subscriber(struct bac_server *server, const struct bac_request *request)
{
    struct bac_cov *cov = &server->cov;
    const struct bac_net_event *from = request->from;
    uint32_t at = bac_cov_find_peer(cov, &from->source, from->port);
    if (at == 0) {
        at = bac_cov_add_peer(cov, &from->source, from->port);
    }
    if (at != 0) {
        size_t theirs = request->apdu.max_apdu;
        cov->peers[at].max_apdu = request->max_apdu < theirs ? request->max_apdu : theirs;
    }
    return at;
}

/* The monitor of the order, made if it is not there. 0: no room. */
static uint32_t monitor_of(struct bac_cov *cov, const struct order *order)
{
    uint32_t at = bac_cov_find_monitor(cov, &order->key);
    uint32_t subscription = at == 0 ? bac_cov_add_subscription(cov, &order->key) : 0;
    if (subscription == 0) {
        return at;
    }
    at = bac_cov_add_monitor(cov, subscription, order->object, &order->key);
    if (at == 0) {
        bac_cov_remove_subscription(cov, order->object->db, subscription);
    }
    return at;
}

/* Whoever is there already gets the new form and lifetime, and hears again (13.14.2). */
static enum bac_outcome subscribe(struct bac_server *server, struct bac_request *request,
                                  struct order *order)
{
    struct bac_cov *cov = &server->cov;
    order->key.peer = bac_server_subscriber(server, request);
    uint32_t at = order->key.peer != 0 ? monitor_of(cov, order) : 0;
    if (at == 0) {
        if (order->key.peer != 0) {
            bac_cov_release_peer(cov, order->key.peer);
        }
        (void)bac_server_no_room(&request->fault);
        return BAC_OUTCOME_ERROR;
    }
    struct bac_monitor *m = &cov->monitors[at];
    struct bac_subscription *s = &cov->subscriptions[m->subscription];
    if (s->confirmed != order->confirmed) {
        bac_cov_unqueue(cov, m->subscription);
    }
    s->confirmed = order->confirmed;
    s->expires = bac_server_expiry(server, order->lifetime_s);
    s->retry_at = BAS_NEVER;
    m->has_increment = order->has_increment;
    m->increment = order->increment;
    m->is_new = true;
    bac_cov_set_due(cov, at, server->now);
    return BAC_OUTCOME_SIMPLE_ACK;
}

/* 13.14.1.4: also of what is not there. */
static enum bac_outcome cancel(struct bac_server *server, const struct bac_request *request,
                               struct order *order)
{
    struct bac_cov *cov = &server->cov;
    order->key.peer = bac_cov_find_peer(cov, &request->from->source, request->from->port);
    uint32_t at = order->key.peer != 0 ? bac_cov_find_monitor(cov, &order->key) : 0;
    if (at != 0) {
        bac_cov_remove_monitor(cov, &server->db, at);
    }
    return BAC_OUTCOME_SIMPLE_ACK;
}

static enum bac_outcome reject(struct bac_request *request, enum bac_reject_reason reason)
{
    request->reason = (uint8_t)reason;
    return BAC_OUTCOME_REJECT;
}

enum bac_outcome bac_serve_subscribe_cov(struct bac_server *server, struct bac_request *request)
{
    struct bac_subscribe_cov asked;
    if (bac_decode_all(&bac_type_subscribe_cov, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    struct order order = { .key = { .kind = BAC_COV_OBJECT,
                                    .process = (uint32_t)asked.process,
                                    .object = asked.object,
                                    .property = BAC_PROPERTY_PRESENT_VALUE,
                                    .index = BAC_NO_INDEX },
                           .confirmed = asked.confirmed,
                           .lifetime_s = asked.has_lifetime ? asked.lifetime : 0 };
    if (!asked.has_confirmed) {
        return asked.has_lifetime ? reject(request, BAC_REJECT_INCONSISTENT_PARAMETERS)
                                  : cancel(server, request, &order);
    }
    order.object = bac_server_find(server, asked.object, false, request);
    if (order.object == NULL) {
        return BAC_OUTCOME_ERROR;
    }
    if (!bac_cov_is_for(order.object)) {
        (void)bas_fail_code(&request->fault, BAS_ERR_UNSUPPORTED, BAC_ERROR_CLASS_OBJECT,
                            BAC_ERROR_CODE_OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED,
                            "object %u,%u does not report changes", (unsigned)asked.object.type,
                            (unsigned)asked.object.instance);
        return BAC_OUTCOME_ERROR;
    }
    return subscribe(server, request, &order);
}

enum bac_outcome bac_serve_subscribe_cov_property(struct bac_server *server,
                                                  struct bac_request *request)
{
    struct bac_subscribe_cov_property asked;
    if (bac_decode_all(&bac_type_subscribe_cov_property, request->apdu.body, &asked,
                       &request->arena, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    struct order order = { .key = { .kind = BAC_COV_PROPERTY,
                                    .process = (uint32_t)asked.process,
                                    .object = asked.object,
                                    .property = asked.property.property,
                                    .index = bac_index_of(asked.property.has_index,
                                                          asked.property.index) },
                           .confirmed = asked.confirmed,
                           .lifetime_s = asked.has_lifetime ? asked.lifetime : 0,
                           .has_increment = asked.has_increment,
                           .increment = asked.increment };
    if (!asked.has_confirmed) {
        return asked.has_lifetime ? reject(request, BAC_REJECT_INCONSISTENT_PARAMETERS)
                                  : cancel(server, request, &order);
    }
    if (asked.has_increment && !(asked.increment >= 0)) {
        return reject(request, BAC_REJECT_PARAMETER_OUT_OF_RANGE);
    }
    order.object = bac_server_find(server, asked.object, false, request);
    if (order.object == NULL ||
        bac_server_can_watch(server, order.object, &asked.property, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_ERROR;
    }
    return subscribe(server, request, &order);
}
