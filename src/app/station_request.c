/* Owns the confirmed requests of a station: what a program asks, and what its server does, within
 * the limits of the way and of the peer. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

void station_forget(struct bas_station *s, struct pending_answer *pending)
{
    *(pending->prev == NULL ? &s->pending : &pending->prev->next) = pending->next;
    if (pending->next != NULL) {
        pending->next->prev = pending->prev;
    }
    (*(pending->server_call != 0 ? &s->n_notifying : &s->n_pending))--;
    bas_release(&s->loop->env, pending, sizeof(*pending));
}

static struct pending_answer *remember(struct bas_station *s, const struct pending_answer *what)
{
    struct pending_answer *pending = bas_alloc(&s->loop->env, sizeof(*pending));
    if (pending == NULL) {
        return NULL;
    }
    *pending = *what;
    pending->next = s->pending;
    if (s->pending != NULL) {
        s->pending->prev = pending;
    }
    s->pending = pending;
    (*(pending->server_call != 0 ? &s->n_notifying : &s->n_pending))++;
    return pending;
}

/* What I-Am said of whoever is there; else what the link carries, and the answer as it comes. */
static void set_limits(const struct bas_station *s, struct bac_call *call)
{
    const struct bac_peer *peer = bac_peers_at(s->calls.peers, &call->to, call->port);
    size_t link = station_max_apdu(s, &call->to, call->port);
    size_t most = peer != NULL ? peer->max_apdu : BAC_MAX_APDU;
    call->max_apdu = (uint16_t)(link < most ? link : most);
    call->segmentation = BAC_SEGMENTATION_SEGMENTED_BOTH;
    if (peer != NULL) {
        call->segmentation = peer->segmentation;
        call->max_segments = peer->max_segments;
    }
}

static bas_err send_call(struct bas_station *s, struct bac_call *call,
                         const struct pending_answer *what, struct pending_answer **pending)
{
    struct pending_answer *made = remember(s, what);
    if (made == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    bac_net_resolve(s->net, &call->to, &call->port);
    set_limits(s, call);
    call->user = made;
    bas_err err = bac_client_request(s->client, call, loop_now(), &made->id);
    if (err != BAS_OK) {
        station_forget(s, made);
    } else if (pending != NULL) {
        *pending = made;
    }
    return err;
}

bas_err station_request(struct bas_station *s, const struct bas_request *request, bas_answer answer,
                        void *user, struct pending_answer **pending)
{
    const struct pending_answer what = { .answer = answer, .user = user };
    struct bac_call call = { .to = request->to,
                             .port = s->port,
                             .service = request->service,
                             .parameters = request->parameters };
    return s->n_pending < s->config.max_requests ? send_call(s, &call, &what, pending)
                                                 : BAS_ERR_BUSY;
}

void station_cancel(struct bas_station *s, struct pending_answer *pending)
{
    bac_client_cancel(s->client, pending->id);
    station_forget(s, pending);
}

bas_err bas_station_request(struct bas_station *s, const struct bas_request *request,
                            bas_answer answer, void *user)
{
    return station_request(s, request, answer, user, NULL);
}

bas_err bas_station_unconfirmed(struct bas_station *s, const struct bas_request *request)
{
    return bac_client_unconfirmed(s->client, &request->to, s->port, request->service,
                                  request->parameters);
}

void bas_station_announce(struct bas_station *s)
{
    const struct bac_address everywhere = { .network = BAC_BROADCAST_NETWORK };
    if (s->is_visitor) {
        return;
    }
    bas_err err = bac_server_announce(s->server, &everywhere, s->port);
    if (err != BAS_OK) {
        bas_log(&s->loop->env, BAS_LOG_WARNING, "I-Am was not sent: %s", bas_err_text(err));
    }
}

/* The server's. */

bool station_notify(struct bas_station *s, bas_time now)
{
    struct bac_server_call asked;
    bool any = false;
    while (s->n_notifying < s->config.max_requests && bac_server_next_call(s->server, &asked)) {
        const struct pending_answer what = { .server_call = asked.id };
        struct bac_call call = { .to = asked.to,
                                 .port = asked.port,
                                 .priority = asked.priority,
                                 .service = asked.service,
                                 .parameters = asked.parameters };
        any = true;
        if (send_call(s, &call, &what, NULL) != BAS_OK) {
            bac_server_call_done(s->server, asked.id, false, now);
        }
    }
    return any;
}
