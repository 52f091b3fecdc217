/* Owns the calls of any service: with its struct, with JSON, without an answer. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <string.h>

/* Confirmed. */

static const struct call_kind plain_kind = { .size = sizeof(struct call) };

bas_call_id bas_call(struct bas_station *s, const struct bas_peer_name *to, uint8_t service,
                     const void *parameters, bas_called called, void *user)
{
    struct bas_fault fault = { 0 };
    const struct call_begin begin = { &plain_kind, to, called, user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        return call_refused(called, user, &fault);
    }
    call_ask(call, service, parameters, NULL, call_end);
    return call_begun(call);
}

void bas_outcome_json(const struct bas_outcome *outcome, struct bas_json *json, const char *key)
{
    if (outcome->type != NULL) {
        bac_json(outcome->type, outcome->value, json, key);
    } else {
        bas_json_null(json, key);
    }
}

/* Unconfirmed. */

bas_call_id bas_tell(struct bas_station *s, const struct bas_peer_name *to, uint8_t service,
                     const void *parameters, bas_called called, void *user)
{
    const struct bac_address everywhere = { .network = BAC_BROADCAST_NETWORK };
    const struct bas_peer_name everybody = bas_peer_address(&everywhere);
    struct bas_fault fault = { 0 };
    const struct call_begin begin = { &plain_kind, to != NULL ? to : &everybody, called, user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        return call_refused(called, user, &fault);
    }
    call->is_unconfirmed = true;
    call_ask(call, service, parameters, NULL, call_end);
    return call_begun(call);
}

/* With JSON. */

/* Case does not matter, '_' and ' ' equal '-'. */
static bool is_named(const char *name, const char *text)
{
    while (*name != 0 && *text != 0) {
        char c = *text == '_' || *text == ' ' ? '-' : *text;
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (c != *name) {
            return false;
        }
        name++;
        text++;
    }
    return *name == 0 && *text == 0;
}

static const struct bac_service *find_service(const char *name)
{
    size_t n = 0;
    const struct bac_service *services = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        if (is_named(services[i].name, name)) {
            return &services[i];
        }
    }
    return NULL;
}

static void ask_json(struct call *call, const struct bac_service *service, const char *json)
{
    struct client_arena memory = client_arena_take(call->station);
    struct bas_fault why = { 0 };
    const struct bac_type *type = service->request;
    struct bas_slice text = { (const uint8_t *)(json != NULL ? json : "{}"), 2 };
    void *value = type != NULL ? bac_arena_take(&memory.arena, type->size) : NULL;
    text.len = json != NULL ? strlen(json) : text.len;
    call->is_unconfirmed = !service->confirmed;
    if (!service->is_coded) {
        call_end_with(call, BAS_ERR_UNSUPPORTED, "%s is not known here but by its name",
                      service->name);
    } else if (type != NULL && value == NULL) {
        call_end_with(call, BAS_ERR_NO_MEMORY, "out of memory for the parameters");
    } else if (type != NULL && bac_json_read(type, text, value, &memory.arena, &why) != BAS_OK) {
        call_end_with(call, why.err, "%s: %s", service->name, why.text);
    } else {
        call_ask(call, service->choice, value, NULL, call_end);
    }
    client_arena_give(call->station, &memory);
}

bas_call_id bas_call_json(struct bas_station *s, const struct bas_peer_name *to,
                          const struct bas_json_call *what, bas_called called, void *user)
{
    struct bas_fault fault = { 0 };
    const struct bac_service *service = find_service(what->service);
    const struct bac_address everywhere = { .network = BAC_BROADCAST_NETWORK };
    const struct bas_peer_name everybody = bas_peer_address(&everywhere);
    const struct call_begin begin = { &plain_kind, to != NULL ? to : &everybody, called, user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        return call_refused(called, user, &fault);
    }
    if (service == NULL) {
        call_end_with(call, BAS_ERR_NOT_FOUND,
                      "%.60s is no service; a name is like read-property or who-is", what->service);
    } else if (service->confirmed && to == NULL) {
        call_end_with(call, BAS_ERR_INVALID, "%s needs a device to ask", service->name);
    } else {
        ask_json(call, service, what->json);
    }
    return call_begun(call);
}
