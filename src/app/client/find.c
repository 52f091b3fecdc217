/* Owns finding devices and objects: Who-Is and Who-Has of the calls, and what comes back (16.9,
 * 16.10). */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <string.h>

static bas_time wait_time(const struct bas_station *s, uint32_t ms)
{
    return (bas_time)(ms != 0 ? ms : s->config.find_timeout_ms) * BAS_MILLISECOND;
}

static bas_err broadcast(struct bas_station *s, uint8_t service, const void *parameters,
                         const struct bac_address *to)
{
    const struct bac_service *row = bac_service_find(false, service);
    struct bas_buf out = client_octets(s);
    bas_err err = bac_encode(row->request, parameters, BAC_APPLICATION, &out);
    struct bas_request request = { .to = { .network = BAC_BROADCAST_NETWORK },
                                   .service = service,
                                   .parameters = { out.data, out.len } };
    if (to != NULL) {
        request.to = *to;
    }
    return err == BAS_OK ? bas_station_unconfirmed(s, &request) : err;
}

bas_err client_send_who_is(struct bas_station *s, const struct bac_who_is *limits,
                           const struct bac_address *to)
{
    return broadcast(s, BAC_UNCONFIRMED_WHO_IS, limits, to);
}

/* One device. */

struct find_call {
    struct call call;
    void (*found)(void *user, const struct bas_found *found);
};

static void find_tell(struct call *call, const struct bas_outcome *outcome)
{
    const struct find_call *find = (const struct find_call *)call;
    const struct bac_peer *known =
        outcome->err == BAS_OK ? bac_peers_find(call->station->calls.peers, call->to.instance)
                               : NULL;
    const struct bac_peer peer = known != NULL ? *known : (struct bac_peer){ 0 };
    const struct bas_found told = { .err = outcome->err,
                                    .peer = known != NULL ? &peer : NULL,
                                    .fault = outcome->fault };
    find->found(call->user, &told);
}

static const struct call_kind find_kind = { .size = sizeof(struct find_call), .tell = find_tell };

bas_call_id bas_find(struct bas_station *s, uint32_t instance, uint32_t timeout_ms,
                     void (*found)(void *user, const struct bas_found *found), void *user)
{
    struct bas_fault fault = { 0 };
    const struct bas_peer_name to = bas_peer_device(instance);
    const struct call_begin begin = { &find_kind, &to, NULL, user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        const struct bas_found told = { fault.err, NULL, &fault };
        found(user, &told);
        return 0;
    }
    ((struct find_call *)call)->found = found;
    call->find_ms = timeout_ms;
    call_meet(call, call_end_ok);
    return call_begun(call);
}

/* Everybody. */

struct search_call {
    struct call call;
    bool has_range;
    uint32_t low, high;
    void (*heard)(void *user, const struct bac_peer *peer);
    void (*has)(void *user, const struct bac_i_have *i_have, const struct bac_address *from);
};

static const struct call_kind search_kind = { .size = sizeof(struct search_call),
                                              .timer = call_end_ok };

static struct search_call *search_new(struct bas_station *s, bas_called done, void *user)
{
    struct bas_fault fault = { 0 };
    const struct call_begin begin = { &search_kind, NULL, done, user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        (void)call_refused(done, user, &fault);
        return NULL;
    }
    return (struct search_call *)call;
}

static bas_call_id search_begun(struct search_call *search, bas_err err, uint32_t wait_ms)
{
    struct call *call = &search->call;
    if (err != BAS_OK) {
        call_end_with(call, err, "the question cannot be sent: %s", bas_err_text(err));
    } else {
        call_join(call, &call->station->calls.listening);
        call_set_timer(call, loop_now() + wait_time(call->station, wait_ms));
    }
    return call_begun(call);
}

bas_call_id bas_who_is(struct bas_station *s, const struct bas_who_is *what)
{
    const struct bac_who_is limits = { what->has_range, what->has_range, what->low, what->high };
    struct search_call *search = search_new(s, what->done, what->user);
    if (search == NULL) {
        return 0;
    }
    search->heard = what->heard;
    search->has_range = what->has_range;
    search->low = what->low;
    search->high = what->high;
    return search_begun(search, client_send_who_is(s, &limits, what->to), what->wait_ms);
}

bas_call_id bas_who_has(struct bas_station *s, const struct bas_who_has *what)
{
    struct bac_who_has limits = { .has_low = what->has_range,
                                  .has_high = what->has_range,
                                  .low = what->low,
                                  .high = what->high };
    struct search_call *search = search_new(s, what->done, what->user);
    if (search == NULL) {
        return 0;
    }
    limits.object.choice = what->name != NULL ? BAC_WHO_HAS_NAME : BAC_WHO_HAS_ID;
    if (what->name != NULL) {
        limits.object.as.name = bac_text_from(what->name);
    } else {
        limits.object.as.id = what->object;
    }
    search->has = what->heard;
    search->has_range = what->has_range;
    search->low = what->low;
    search->high = what->high;
    return search_begun(search, broadcast(s, BAC_UNCONFIRMED_WHO_HAS, &limits, what->to),
                        what->wait_ms);
}

/* What comes. */

static bool is_asked(const struct search_call *search, uint32_t instance)
{
    return !search->has_range || (search->low <= instance && instance <= search->high);
}

/* The next search that listens; callbacks may end any of them meanwhile. */
static struct search_call *next_search(struct bas_station *s)
{
    struct call *call = s->calls.next_listening;
    if (call != NULL) {
        s->calls.next_listening = call->next;
    }
    return (struct search_call *)call;
}

static void tell_searches(struct bas_station *s, const struct bac_peer *peer)
{
    struct search_call *search = NULL;
    s->calls.next_listening = s->calls.listening;
    while ((search = next_search(s)) != NULL) {
        if (search->heard != NULL && is_asked(search, peer->instance)) {
            search->heard(search->call.user, peer);
        }
    }
}

static struct call *waiting_for(const struct bas_station *s, uint32_t instance)
{
    struct call *call = s->calls.waiting[instance % CLIENT_BUCKETS];
    while (call != NULL && call->to.instance != instance) {
        call = call->next;
    }
    return call;
}

void client_hear_i_am(struct bas_station *s, const struct bac_net_event *event,
                      struct bas_slice parameters)
{
    struct bac_i_am i_am;
    struct call *call = NULL;
    if (bac_decode_all(&bac_type_i_am, parameters, &i_am, NULL, NULL) != BAS_OK ||
        i_am.device.type != BAC_OBJECT_DEVICE || i_am.device.instance > BAC_MAX_INSTANCE) {
        return;
    }
    bac_peers_heard(s->calls.peers, &i_am, &event->source, event->port, loop_now());
    const struct bac_peer *known = bac_peers_find(s->calls.peers, i_am.device.instance);
    if (known == NULL) {
        return;
    }
    const struct bac_peer peer = *known;
    while (!s->is_stopping && (call = waiting_for(s, peer.instance)) != NULL) {
        call_go_on(call);
    }
    if (!s->is_stopping) {
        tell_searches(s, &peer);
    }
}

void client_hear_i_have(struct bas_station *s, const struct bac_net_event *event,
                        struct bas_slice parameters)
{
    struct bac_i_have i_have;
    struct search_call *search = NULL;
    if (bac_decode_all(&bac_type_i_have, parameters, &i_have, NULL, NULL) != BAS_OK) {
        return;
    }
    s->calls.next_listening = s->calls.listening;
    while ((search = next_search(s)) != NULL) {
        if (search->has != NULL && is_asked(search, i_have.device.instance)) {
            search->has(search->call.user, &i_have, &event->source);
        }
    }
}
