/*
 * Owns the server engine: its creation, which APDU goes to which part of it, and its events.
 */
#include "bacnet/server/tsm.h"

#include <assert.h>
#include <string.h>

enum { SCRATCH = 65536, MAX_UNCONFIRMED = 512, NO_RETRIES = 255 };

/* In the order of their creation. */
static const struct bac_server_part *const parts[] = {
    &bac_server_transactions,
    &bac_server_cov,
    &bac_server_services,
    &bac_server_control,
};

/* Creation */

static struct bac_server_config with_defaults(const struct bac_server_config *given)
{
    struct bac_server_config c = { 0 };
    memcpy(&c, given, given->size < sizeof(c) ? given->size : sizeof(c));
    c.size = sizeof(c);
    c.max_apdu = c.max_apdu != 0 ? c.max_apdu : BAC_MAX_APDU;
    c.apdu_timeout_ms = c.apdu_timeout_ms != 0 ? c.apdu_timeout_ms : 3000;
    c.retries = c.retries == NO_RETRIES ? 0 : c.retries != 0 ? c.retries : 3;
    c.pending_entries = c.pending_entries != 0 ? c.pending_entries : 64;
    c.pending_events = c.pending_events != 0 ? c.pending_events : 256;
    if (c.is_visitor && c.name == NULL) { /* nobody sees its Device object */
        c.name = "visitor";
    }
    c.segment_timeout_ms = c.segment_timeout_ms != 0 ? c.segment_timeout_ms : 2000;
    c.window = c.window != 0 ? c.window : 16;
    c.window = c.window < BAC_MAX_WINDOW ? c.window : BAC_MAX_WINDOW;
    c.max_transactions = c.max_transactions != 0 ? c.max_transactions : 64;
    c.max_request = c.max_request != 0 ? c.max_request : 65536;
    c.max_answer = c.max_answer != 0 ? c.max_answer : 65536;
    c.max_memory = c.max_memory != 0 ? c.max_memory : 4U << 20;
    c.max_subscriptions = c.max_subscriptions != 0 ? c.max_subscriptions : 1024;
    c.max_lifetime_s = c.max_lifetime_s != 0 ? c.max_lifetime_s : 86400;
    return c;
}

/* What remains of a configuration after creation: no memory of the caller. */
static struct bac_server_config numbers_of(const struct bac_server_config *whole)
{
    struct bac_server_config c = *whole;
    c.objects = NULL;
    c.n_objects = 0;
    c.name = c.description = c.location = NULL;
    c.vendor_name = c.model_name = c.firmware_revision = c.application_software_version = NULL;
    c.properties = NULL;
    c.n_properties = 0;
    c.password = NULL;
    c.hooks = NULL;
    c.n_hooks = 0;
    return c;
}

static bas_err set_up(struct bac_server *server, const struct bac_server_config *config,
                      struct bas_fault *fault)
{
    if (config->max_apdu < BAC_MIN_APDU || config->max_apdu > BAC_LARGEST_APDU) {
        return bas_fail(fault, BAS_ERR_INVALID, "max_apdu %u is not within 50 .. %d",
                        config->max_apdu, (int)BAC_LARGEST_APDU);
    }
    if (config->n_objects != 0 && config->object_size == 0) {
        return bas_fail(fault, BAS_ERR_INVALID, "object_size is not set");
    }
    bas_err err = bac_database_init(&server->db, &server->env, config, fault);
    if (err != BAS_OK) {
        return err;
    }
    server->scratch = bas_alloc(&server->env, SCRATCH);
    server->events = bas_alloc(&server->env, config->pending_events * sizeof(*server->events));
    if (server->scratch == NULL || server->events == NULL ||
        bac_apdu_queue_init(&server->tx, &server->env, config->pending_entries) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for the server");
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(parts) && err == BAS_OK; i++) {
        err = parts[i]->open != NULL ? parts[i]->open(server, config, fault) : BAS_OK;
    }
    return err;
}

struct bac_server *bac_server_new(const struct bas_env *env, const struct bac_server_config *config,
                                  struct bas_fault *fault)
{
    struct bac_server *server = bas_alloc(env, sizeof(*server));
    if (server == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for the server");
        return NULL;
    }
    server->env = *env;
    const struct bac_server_config whole = with_defaults(config);
    server->config = numbers_of(&whole);
    if (set_up(server, &whole, fault) != BAS_OK) {
        bac_server_free(server);
        return NULL;
    }
    return server;
}

void bac_server_free(struct bac_server *server)
{
    if (server == NULL) {
        return;
    }
    struct bas_env env = server->env;
    for (size_t i = BAS_ARRAY_LEN(parts); i-- > 0;) {
        if (parts[i]->close != NULL) {
            parts[i]->close(server);
        }
    }
    bac_apdu_queue_fini(&server->tx, &env);
    bas_release(&env, server->events, server->config.pending_events * sizeof(*server->events));
    bas_release(&env, server->scratch, SCRATCH);
    bac_database_fini(&server->db);
    bas_release(&env, server, sizeof(*server));
}

/* For handlers */

static struct bac_object *find_port(const struct bac_server *server, bac_port_id port)
{
    for (size_t i = 0; i < server->db.n_objects; i++) {
        struct bac_object *object = server->db.objects[i];
        if (object->id.type == BAC_OBJECT_NETWORK_PORT && object->port == port) {
            return object;
        }
    }
    return NULL;
}

struct bac_object *bac_server_find(struct bac_server *server, struct bac_object_id id,
                                   bool with_wildcard, struct bac_request *request)
{
    struct bac_object *object = bac_database_find(&server->db, id);
    if (with_wildcard && id.instance == BAC_WILDCARD_INSTANCE) {
        if (id.type == BAC_OBJECT_DEVICE) {
            object = server->db.device;
        } else if (id.type == BAC_OBJECT_NETWORK_PORT) {
            object = find_port(server, request->from->port);
        }
    }
    if (object == NULL) {
        (void)bas_fail_code(&request->fault, BAS_ERR_NOT_FOUND, BAC_ERROR_CLASS_OBJECT,
                            BAC_ERROR_CODE_UNKNOWN_OBJECT, "there is no object %u,%u",
                            (unsigned)id.type, (unsigned)id.instance);
    }
    return object;
}

bas_err bac_server_say(struct bac_server *server, const struct bac_apdu_tx *tx, uint8_t service,
                       const struct bac_type *type, const void *parameters)
{
    uint8_t octets[MAX_UNCONFIRMED];
    struct bas_buf body;
    bas_buf_init(&body, octets, sizeof(octets));
    bas_err err = bac_encode(type, parameters, BAC_APPLICATION, &body);
    if (err == BAS_OK) {
        const struct bac_apdu head = { .type = BAC_PDU_UNCONFIRMED_REQUEST, .service = service };
        err = bac_apdu_queue_put(&server->tx, &server->env, tx, &head,
                                 (struct bas_slice){ body.data, body.len });
    }
    server->stats.not_sent += err != BAS_OK;
    return err;
}

size_t bac_server_event_room(const struct bac_server *server)
{
    return server->config.pending_events - (server->event_first + server->n_events);
}

void bac_server_put_event(struct bac_server *server, const struct bac_server_event *event)
{
    size_t at = server->event_first + server->n_events;
    if (bac_server_event_room(server) == 0) {
        server->stats.lost_events++;
        return;
    }
    server->n_events++;
    server->events[at] = *event;
}

bool bac_server_next_event(struct bac_server *server, struct bac_server_event *event)
{
    if (server->n_events == 0) {
        return false;
    }
    *event = server->events[server->event_first++];
    server->n_events--;
    const struct bac_object *object =
        event->kind == BAC_SERVER_WRITTEN ? bac_database_find(&server->db, event->object) : NULL;
    if (object != NULL) {
        (void)bac_object_present(object, &event->present);
    }
    return true;
}

/* Requests */

/* Events that were not fetched in time are gone (what they name was borrowed). */
static void begin_call(struct bac_server *server, bas_time now)
{
    server->now = now;
    server->stats.lost_events += server->n_events;
    server->event_first = 0;
    server->n_events = 0;
    bac_server_let_request_go(server);
}

bas_err bac_server_recv(struct bac_server *server, const struct bac_net_event *event,
                        size_t max_apdu, bas_time now)
{
    begin_call(server, now);
    struct bac_request request = { .from = event, .now = now, .max_apdu = max_apdu };
    bas_err err = bac_apdu_decode(event->apdu, &request.apdu, &request.fault);
    if (err != BAS_OK) {
        server->stats.malformed++;
        return err;
    }
    bac_arena_init(&request.arena, server->scratch, SCRATCH);
    switch ((enum bac_pdu_type)request.apdu.type) {
    case BAC_PDU_CONFIRMED_REQUEST:
        server->stats.requests++;
        return bac_server_confirmed(server, &request);
    case BAC_PDU_UNCONFIRMED_REQUEST:
        server->stats.requests++;
        bac_server_serve_unconfirmed(server, &request);
        break;
    case BAC_PDU_SEGMENT_ACK: /* this and an Abort go both ways */
        return request.apdu.server ? BAS_OK : bac_server_segment_ack(server, &request);
    case BAC_PDU_ABORT:
        if (!request.apdu.server) {
            bac_server_aborted(server, &request);
        }
        break;
    case BAC_PDU_SIMPLE_ACK:
    case BAC_PDU_COMPLEX_ACK:
    case BAC_PDU_ERROR:
    case BAC_PDU_REJECT:
        break;
    }
    return BAS_OK;
}

bool bac_server_next_tx(struct bac_server *server, struct bac_apdu_tx *tx)
{
    return bac_apdu_queue_take(&server->tx, tx) ||
           (!server->cov.is_held && bac_server_next_segment(server, tx)) ||
           bac_server_next_notification(server, tx);
}

void bac_server_tick(struct bac_server *server, bas_time now)
{
    begin_call(server, now);
    for (size_t i = 0; i < BAS_ARRAY_LEN(parts); i++) {
        if (parts[i]->tick != NULL) {
            parts[i]->tick(server, now);
        }
    }
}

bas_time bac_server_deadline(const struct bac_server *server)
{
    bas_time first = BAS_NEVER;
    for (size_t i = 0; i < BAS_ARRAY_LEN(parts); i++) {
        bas_time deadline = parts[i]->deadline != NULL ? parts[i]->deadline(server) : BAS_NEVER;
        first = deadline < first ? deadline : first;
    }
    return first;
}

const struct bac_server_stats *bac_server_stats(const struct bac_server *server)
{
    return &server->stats;
}
