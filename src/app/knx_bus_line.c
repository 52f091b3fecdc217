/*
 * Owns the bus that is a virtual line: telegrams of tunnels and of the line's devices stand on it
 * one after another, no faster than the settings say.
 *
 * What devices send goes before what tunnels ask: it answers what is on the bus already. Both wait
 * in a bounded place; a tunnel whose telegram finds no room has it confirmed negatively, as one
 * that nobody on the line acknowledges.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/knx_bus.h"

#include "app/knx_line_plan.h"
#include "app/sequences.h"
#include "rt/loop.h"

#include <string.h>

enum {
    WAITING = 64,
    CATCH_UP_MS = 10, /* of the pace: what a late timer may make good */
    VALUE_TEXT = 120
};

struct waiting {
    knx_channel_id channel;
    uint16_t len;
    uint8_t octets[KNX_MAX_CEMI];
};

struct line_bus;
/* A device with keys: where its sequence numbers come from. */
struct numbers {
    struct line_bus *bus;
    struct sequences *sequences; /* NULL: a plain device */
};

struct line_bus {
    struct knx_bus bus; /* first */
    const struct bas_knx_server_settings *settings;
    struct knx_line *line;
    struct numbers *numbers; /* by device */
    size_t n_devices;
    knx_ia own[1 + KNX_SERVER_MAX_TUNNELS]; /* the server's, which take telegrams too */
    size_t n_own;
    uv_timer_t timer;
    bas_time pace; /* between two telegrams; 0: none */
    bas_time next_at;
    bool is_told; /* that it is there */
    bool is_running;
    bool is_stopping;
    void (*gone)(void *user);
    void *gone_user;
    bool has_sent; /* a device's telegram waits for its turn */
    struct waiting sent;
    size_t first, n; /* of waiting */
    struct waiting waiting[WAITING];
};

static struct bas_slice octets_of(const struct waiting *waiting)
{
    const struct bas_slice octets = { waiting->octets, waiting->len };
    return octets;
}

static void set_octets(struct waiting *waiting, struct bas_slice octets)
{
    waiting->len = (uint16_t)octets.len;
    memcpy(waiting->octets, octets.data, octets.len);
}

/* Notices */

static const char *value_text(const struct line_bus *b, size_t object, char text[VALUE_TEXT])
{
    struct bas_slice value = knx_line_value(b->line, object);
    const struct knx_dpt *dpt = knx_dpt_find(b->settings->objects[object].dpt);
    struct bas_buf out;
    bas_buf_init(&out, text, VALUE_TEXT);
    if (knx_dpt_text(dpt, value, &out, NULL) != BAS_OK) {
        bas_buf_add_hex(&out, value);
    }
    return bas_buf_text(&out);
}

static void tell_changed(struct line_bus *b, const struct knx_line_event *event)
{
    const struct bas_group_object_settings *object = &b->settings->objects[event->object];
    char group[KNX_ADDRESS_TEXT];
    char source[KNX_ADDRESS_TEXT];
    char device[KNX_ADDRESS_TEXT];
    char value[VALUE_TEXT];
    struct bas_fault told = { 0 };
    (void)bas_fail(&told, BAS_OK, "%s%s%s of %s is %s, from %s", knx_ga_text(event->group, group),
                   object->name != NULL ? " " : "", object->name != NULL ? object->name : "",
                   knx_ia_text(object->device, device), value_text(b, event->object, value),
                   knx_ia_text(event->source, source));
    const struct bas_knx_notice notice = { .kind = BAS_KNX_NOTICE_CHANGED,
                                           .fault = &told,
                                           .group = event->group,
                                           .device = object->device,
                                           .source = event->source,
                                           .name = object->name,
                                           .value = value };
    b->bus.owner.notice(b->bus.owner.user, &notice);
}

static knx_ia address_of(const struct line_bus *b, size_t device)
{
    return knx_line_address(b->line, device);
}

static void tell_dropped(struct line_bus *b, const struct knx_line_event *event)
{
    char group[KNX_ADDRESS_TEXT];
    char source[KNX_ADDRESS_TEXT];
    char device[KNX_ADDRESS_TEXT];
    struct bas_fault told = { 0 };
    (void)bas_fail(&told, BAS_ERR_KEY, "%s did not take a telegram of %s%s%s: %s",
                   knx_ia_text(address_of(b, event->device), device),
                   knx_ia_text(event->source, source), event->group != 0 ? " to " : "",
                   event->group != 0 ? knx_ga_text(event->group, group) : "",
                   knx_drop_name(event->drop));
    const struct bas_knx_notice notice = { .kind = BAS_KNX_NOTICE_DROPPED,
                                           .fault = &told,
                                           .group = event->group,
                                           .device = address_of(b, event->device),
                                           .source = event->source };
    b->bus.owner.notice(b->bus.owner.user, &notice);
}

static void tell_unsent(struct line_bus *b, const struct knx_line_event *event)
{
    char group[KNX_ADDRESS_TEXT];
    char device[KNX_ADDRESS_TEXT];
    struct bas_fault told = { 0 };
    (void)bas_fail(
        &told, event->err, "%s could not answer%s%s: %s",
        knx_ia_text(address_of(b, event->device), device), event->group != 0 ? " to " : "",
        event->group != 0 ? knx_ga_text(event->group, group) : "", bas_err_text(event->err));
    const struct bas_knx_notice notice = { .kind = BAS_KNX_NOTICE_UNSENT,
                                           .fault = &told,
                                           .group = event->group,
                                           .device = address_of(b, event->device) };
    b->bus.owner.notice(b->bus.owner.user, &notice);
}

/* The bus */

static void note_pace(struct line_bus *b, bas_time now)
{
    bas_time earliest = now - CATCH_UP_MS * BAS_MILLISECOND;
    b->next_at = (b->next_at > earliest ? b->next_at : earliest) + b->pace;
}

/* A sync service of a device answers at once: the numbers in it would be old later. */
static void on_sequences(void *user, const struct knx_data_secure_event *event)
{
    struct numbers *numbers = user;
    struct line_bus *b = numbers->bus;
    if (event->kind == KNX_DATA_SECURE_SEND && !b->is_stopping) {
        note_pace(b, loop_now());
        b->bus.owner.indicate(b->bus.owner.user, event->cemi, 0);
    }
}

/* Until a device's telegram must wait for its turn; what is behind it waits in the line. */
static void drain(struct line_bus *b)
{
    struct knx_line_event event;
    while (!b->has_sent && !b->is_stopping && knx_line_next_event(b->line, &event)) {
        switch (event.kind) {
        case KNX_LINE_TELEGRAM:
            b->has_sent = true;
            set_octets(&b->sent, event.cemi);
            break;
        case KNX_LINE_CHANGED:
            tell_changed(b, &event);
            break;
        case KNX_LINE_DROPPED:
            tell_dropped(b, &event);
            break;
        case KNX_LINE_UNSENT:
            tell_unsent(b, &event);
            break;
        case KNX_LINE_SECURE:
            sequences_drain(b->numbers[event.device].sequences);
            break;
        }
    }
}

static bool is_own(const struct line_bus *b, knx_ia address)
{
    for (size_t i = 0; i < b->n_own; i++) {
        if (b->own[i] == address) {
            return true;
        }
    }
    return false;
}

/* Somebody acknowledges it: all groups and broadcasts, and addresses that are there. */
static bool is_acknowledged(const struct line_bus *b, struct bas_slice octets)
{
    struct knx_cemi cemi;
    if (knx_cemi_decode(octets, &cemi, NULL) != BAS_OK || cemi.code != KNX_L_DATA_REQ) {
        return false;
    }
    return (cemi.control2 & KNX_CONTROL2_GROUP) != 0 || knx_line_has(b->line, cemi.destination) ||
           is_own(b, cemi.destination);
}

/* The first request stands on the bus: its tunnel, all others, the devices. */
static void put_request(struct line_bus *b, bas_time now)
{
    const struct knx_bus_owner *owner = &b->bus.owner;
    const struct waiting *first = &b->waiting[b->first];
    bool ok = is_acknowledged(b, octets_of(first));
    owner->confirm(owner->user, first->channel, octets_of(first), ok);
    if (ok && !b->is_stopping) {
        owner->indicate(owner->user, octets_of(first), first->channel);
        knx_line_recv(b->line, octets_of(first), now);
    }
    if (!b->is_stopping) {
        b->first = (b->first + 1) % WAITING;
        b->n--;
    }
}

static void put_sent(struct line_bus *b)
{
    b->bus.owner.indicate(b->bus.owner.user, octets_of(&b->sent), 0);
    b->has_sent = false;
}

static void on_timer(uv_timer_t *timer);

static bool is_too_soon(struct line_bus *b, bas_time now)
{
    if (b->pace == 0 || now >= b->next_at) {
        return false;
    }
    bas_time left = b->next_at - now;
    uv_update_time(&b->bus.loop->uv);
    (void)uv_timer_start(&b->timer, on_timer,
                         (uint64_t)((left + BAS_MILLISECOND - 1) / BAS_MILLISECOND), 0);
    return true;
}

/* What is put on the bus may bring more of both kinds: those go on here. */
static void run(struct line_bus *b)
{
    if (b->is_running) {
        return;
    }
    b->is_running = true;
    for (;;) {
        bas_time now = loop_now();
        drain(b);
        if (b->is_stopping || (!b->has_sent && b->n == 0) || is_too_soon(b, now)) {
            break;
        }
        note_pace(b, now);
        if (b->has_sent) {
            put_sent(b);
        } else {
            put_request(b, now);
        }
    }
    b->is_running = false;
}

static void on_timer(uv_timer_t *timer)
{
    struct line_bus *b = timer->data;
    if (!b->is_told) {
        b->is_told = true;
        b->bus.owner.connected(b->bus.owner.user, true, NULL);
    }
    run(b);
}

static void request(struct knx_bus *bus, knx_channel_id channel, struct bas_slice cemi)
{
    struct line_bus *b = (struct line_bus *)(void *)bus;
    if (b->is_stopping || b->n == WAITING || cemi.len > KNX_MAX_CEMI) {
        bus->owner.confirm(bus->owner.user, channel, cemi, false);
        return;
    }
    struct waiting *last = &b->waiting[(b->first + b->n) % WAITING];
    last->channel = channel;
    set_octets(last, cemi);
    b->n++;
    run(b);
}

/* The end */

static void release(struct line_bus *b)
{
    struct bas_env env = b->bus.loop->env;
    for (size_t i = 0; b->numbers != NULL && i < b->n_devices; i++) {
        sequences_free(b->numbers[i].sequences);
    }
    bas_release(&env, b->numbers, b->n_devices * sizeof(*b->numbers));
    knx_line_free(b->line);
    bas_release(&env, b, sizeof(*b));
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct line_bus *b = handle->data;
    void (*gone)(void *user) = b->gone;
    void *user = b->gone_user;
    release(b);
    if (gone != NULL) {
        gone(user);
    }
}

static void stop(struct knx_bus *bus, void (*gone)(void *user), void *user)
{
    struct line_bus *b = (struct line_bus *)(void *)bus;
    b->is_stopping = true;
    b->gone = gone;
    b->gone_user = user;
    uv_close((uv_handle_t *)&b->timer, on_timer_closed);
}

/* The beginning */

static void add_own(struct line_bus *b, knx_ia address)
{
    if (address != 0 && b->n_own < BAS_ARRAY_LEN(b->own) && !is_own(b, address)) {
        b->own[b->n_own++] = address;
    }
}

/* The server and its tunnels, as it takes them from settings or keyring. */
static void find_own(struct line_bus *b, const struct knx_keyring *keyring)
{
    const struct bas_knx_server_settings *settings = b->settings;
    add_own(b, settings->individual_address);
    for (size_t i = 0; i < settings->tunnels.n; i++) {
        knx_ia address = 0;
        (void)knx_ia_parse(settings->tunnels.items[i], &address);
        add_own(b, address);
    }
    for (size_t i = 0; keyring != NULL && i < keyring->n_interfaces; i++) {
        const struct knx_keyring_interface *interface = &keyring->interfaces[i];
        bool is_ours =
            settings->individual_address == 0 || interface->host == settings->individual_address;
        if (interface->type == KNX_INTERFACE_TUNNELLING && interface->host != 0 && is_ours) {
            add_own(b, interface->host);
            add_own(b, interface->address);
        }
    }
}

static bas_err check_own(const struct line_bus *b, const struct knx_line_plan *plan,
                         struct bas_fault *fault)
{
    for (size_t i = 0; i < plan->n_devices; i++) {
        char text[KNX_ADDRESS_TEXT];
        if (is_own(b, plan->devices[i].address)) {
            return bas_fail(fault, BAS_ERR_CONFIG,
                            "knx-server.objects: device %s is the server itself or a tunnel of it; "
                            "give the device another address",
                            knx_ia_text(plan->devices[i].address, text));
        }
    }
    return BAS_OK;
}

static bas_err start_numbers(struct line_bus *b, size_t device, const struct knx_keyring *keyring,
                             struct bas_fault *fault)
{
    struct numbers *numbers = &b->numbers[device];
    const struct sequences_config config = { .loop = b->bus.loop,
                                             .store_file = b->settings->state_file,
                                             .distrusts_clock = !b->settings->trust_clock,
                                             .owner = keyring->project,
                                             .secure = knx_line_secure(b->line, device),
                                             .event = on_sequences,
                                             .user = numbers };
    numbers->bus = b;
    if (config.secure == NULL) {
        return BAS_OK;
    }
    bas_err err = sequences_new(&config, &numbers->sequences, fault);
    return err == BAS_OK ? sequences_begin(numbers->sequences, address_of(b, device), fault) : err;
}

static bas_err make_line(struct line_bus *b, const struct knx_line_plan *plan,
                         const struct knx_keyring *keyring, struct bas_fault *fault)
{
    const struct bas_env *env = &b->bus.loop->env;
    bas_err err = check_own(b, plan, fault);
    if (err != BAS_OK) {
        return err;
    }
    b->line = knx_line_new(env, &plan->config);
    b->numbers =
        plan->n_devices == 0 ? NULL : bas_alloc(env, plan->n_devices * sizeof(*b->numbers));
    if (b->line == NULL || (b->numbers == NULL && plan->n_devices != 0)) {
        bas_release(env, b->numbers, plan->n_devices * sizeof(*b->numbers));
        b->numbers = NULL;
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the virtual line");
    }
    b->n_devices = plan->n_devices;
    for (size_t i = 0; i < b->n_devices && keyring != NULL && err == BAS_OK; i++) {
        err = start_numbers(b, i, keyring, fault);
    }
    return err;
}

/* A device that was plain at the start has no engine that could take keys. */
static bas_err reload_device(struct line_bus *b, size_t device,
                             const struct knx_data_secure_config *secure, struct bas_fault *fault)
{
    struct knx_data_secure *engine = knx_line_secure(b->line, device);
    char text[KNX_ADDRESS_TEXT];
    if (engine == NULL && secure != NULL) {
        return bas_fail(fault, BAS_ERR_STATE,
                        "device %s was without keys when the server started: start it again",
                        knx_ia_text(address_of(b, device), text));
    }
    if (engine == NULL) {
        return BAS_OK;
    }
    const struct knx_data_secure_config none = { .size = sizeof(none),
                                                 .address = address_of(b, device) };
    if (knx_data_secure_reload(engine, secure != NULL ? secure : &none) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the keys of device %s",
                        knx_ia_text(address_of(b, device), text));
    }
    return BAS_OK;
}

static bas_err reload(struct knx_bus *bus, const struct knx_keyring *keyring,
                      struct bas_fault *fault)
{
    struct line_bus *b = (struct line_bus *)(void *)bus;
    struct knx_line_plan plan;
    bas_err err = knx_line_plan_make(&bus->loop->env, b->settings, keyring, &plan, fault);
    if (err != BAS_OK) {
        return err;
    }
    for (size_t i = 0; i < b->n_devices && err == BAS_OK; i++) {
        err = reload_device(b, i, plan.devices[i].secure, fault);
    }
    knx_line_plan_free(&plan);
    b->n_own = 0;
    find_own(b, keyring);
    return err;
}

static const struct knx_bus_kind kind = { request, reload, stop };

struct knx_bus *knx_bus_line(struct bas_loop *loop, const struct bas_knx_server_settings *settings,
                             const struct knx_keyring *keyring, const struct knx_bus_owner *owner,
                             struct bas_fault *fault)
{
    struct knx_line_plan plan;
    if (knx_line_plan_make(&loop->env, settings, keyring, &plan, fault) != BAS_OK) {
        return NULL;
    }
    struct line_bus *b = bas_alloc(&loop->env, sizeof(*b));
    bas_err err =
        b == NULL ? bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the bus") : BAS_OK;
    if (err == BAS_OK) {
        b->bus = (struct knx_bus){ &kind, loop, *owner };
        b->settings = settings;
        b->pace =
            settings->telegrams_per_second == 0 ? 0 : BAS_SECOND / settings->telegrams_per_second;
        find_own(b, keyring);
        err = make_line(b, &plan, keyring, fault);
    }
    knx_line_plan_free(&plan);
    if (err != BAS_OK) {
        if (b != NULL) {
            release(b);
        }
        return NULL;
    }
    (void)uv_timer_init(&loop->uv, &b->timer);
    b->timer.data = b;
    (void)uv_timer_start(&b->timer, on_timer, 0, 0);
    return &b->bus;
}
