/*
 * Owns what the Network Port object of a device lets others change: timers at once, everything else
 * as pending changes that an activation makes the port's own (clause 12.56, spec 9.1 and 9.4).
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/port.h"

#include "app/admission.h"
#include "app/hub.h"
#include "rt/uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Faults */

static bas_err refuse(struct bas_fault *fault, enum bac_error_code code, const char *why)
{
    return bas_fail_code(fault, BAS_ERR_INVALID, BAC_ERROR_CLASS_PROPERTY, code, "%s", why);
}

static bas_err is_wrong(struct bas_fault *fault, const char *what)
{
    return refuse(fault, BAC_ERROR_CODE_INVALID_CONFIGURATION_DATA, what);
}

/* Pending values, a row each. */

static const struct text_row {
    uint32_t property;
    size_t offset, size;
    const char *setting; /* its name in the store */
} text_rows[] = {
#define TEXT(id, member)                                                                           \
    {                                                                                              \
        BAC_PROPERTY_##id, offsetof(struct port_values, member),                                   \
            sizeof(((struct port_values *)0)->member), "port-" #member                             \
    }
    TEXT(SC_PRIMARY_HUB_URI, primary_uri),
    TEXT(SC_FAILOVER_HUB_URI, failover_uri),
    TEXT(SC_DIRECT_CONNECT_BINDING, binding),
    TEXT(SC_DIRECT_CONNECT_ACCEPT_URIS, accept_uris),
};

static const struct flag_row {
    uint32_t property;
    size_t offset;
    const char *setting;
} flag_rows[] = {
    { BAC_PROPERTY_SC_DIRECT_CONNECT_ACCEPT_ENABLE, offsetof(struct port_values, accept),
      "port-accept" },
    { BAC_PROPERTY_SC_DIRECT_CONNECT_INITIATE_ENABLE, offsetof(struct port_values, initiate),
      "port-initiate" },
};

/* Timers: at once. bsc 9.1-05 9.1-14 5.5-01 */
static const struct timer_row {
    uint32_t property;
    size_t offset;                  /* in struct bsc_node_config */
    uint32_t least, most, standard; /* seconds */
    const char *setting;
} timer_rows[] = {
#define TIMER(id, member, least, most, standard)                                                   \
    {                                                                                              \
        BAC_PROPERTY_##id, offsetof(struct bsc_node_config, member), least, most, standard,        \
            "port-" #member                                                                        \
    }
    TIMER(SC_CONNECT_WAIT_TIMEOUT, connect_wait_ms, 5, 300, 10),
    TIMER(SC_DISCONNECT_WAIT_TIMEOUT, disconnect_wait_ms, 5, 300, 10),
    TIMER(SC_HEARTBEAT_TIMEOUT, heartbeat_ms, 3, 300, 60),
    TIMER(SC_MINIMUM_RECONNECT_TIME, minimum_reconnect_ms, 2, 300, 10),
    TIMER(SC_MAXIMUM_RECONNECT_TIME, maximum_reconnect_ms, 2, 600, 600),
};

static const struct text_row *text_row_of(uint32_t property)
{
    size_t i = 0;
    while (text_rows[i].property != property) {
        i++;
    }
    return &text_rows[i];
}

static char *text_of(struct port_values *values, const struct text_row *row)
{
    return (char *)values + row->offset;
}

static bool *flag_of(struct port_values *values, const struct flag_row *row)
{
    return (bool *)(void *)((char *)values + row->offset);
}

static uint32_t *timer_of(struct device *d, const struct timer_row *row)
{
    return (uint32_t *)(void *)((char *)&d->node + row->offset);
}

static bool is_equal(struct port_values *a, struct port_values *b)
{
    bool same =
        bsc_vmac_equal(&a->vmac, &b->vmac) && a->accept == b->accept && a->initiate == b->initiate;
    for (size_t i = 0; i < BAS_ARRAY_LEN(text_rows); i++) {
        same &= strcmp(text_of(a, &text_rows[i]), text_of(b, &text_rows[i])) == 0;
    }
    return same;
}

bool device_port_has_changes(const struct device *d)
{
    return !is_equal(&d->port->used, &d->port->wanted) || device_certificates_are_staged(d);
}

void device_port_discard(struct device *d)
{
    d->port->wanted = d->port->used;
    device_certificates_discard(d);
}

/* Reading and writing them. */

/* The text of a CharacterString; false: it does not fit, or has control characters or blanks. */
static bool read_text(struct bas_slice *raw, char *out, size_t cap, struct bas_fault *fault)
{
    struct bac_value value;
    struct bas_buf text;
    bas_buf_init(&text, out, cap - 1);
    if (bac_decode(&bac_type_value, raw, BAC_APPLICATION, &value, NULL, fault) != BAS_OK ||
        value.tag != BAC_TAG_CHARACTER_STRING || !bac_text_utf8(&value.as.text, &text) ||
        text.full) {
        return false;
    }
    out[text.len] = 0;
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)out[i] <= ' ' || out[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

static bas_err get_text(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    (void)index;
    return device_put_text(text_of(&d->port->wanted, text_row_of(property)), out);
}

/* bsc 9.1-06 9.1-10 */
static bas_err set_text(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                        struct bas_fault *fault)
{
    const struct device *d = ctx;
    const struct text_row *row = text_row_of(property);
    char text[PORT_TEXT];
    struct bas_fault unsaid = { 0 };
    (void)index;
    if (!read_text(&raw, text, sizeof(text), &unsaid)) {
        return refuse(fault, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                      "not a text of up to 255 octets without blanks");
    }
    (void)snprintf(text_of(&d->port->wanted, row), row->size, "%s", text);
    return BAS_OK;
}

static bas_err get_uris(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    (void)property;
    return device_put_texts(d->port->wanted.accept_uris, index, out);
}

/* All of the array; one element of it has no place of its own in a text. */
static bas_err set_uris(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                        struct bas_fault *fault)
{
    const struct device *d = ctx;
    char uris[PORT_URIS];
    size_t len = 0;
    (void)property;
    if (index != BAC_NO_INDEX) {
        return refuse(fault, BAC_ERROR_CODE_WRITE_ACCESS_DENIED,
                      "the whole array is written, not its elements");
    }
    uris[0] = 0;
    while (raw.len != 0) {
        char text[PORT_TEXT];
        struct bas_fault unsaid = { 0 };
        if (!read_text(&raw, text, sizeof(text), &unsaid) || text[0] == 0 ||
            len + strlen(text) + 2 > sizeof(uris)) {
            return refuse(fault, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                          "not an array of URIs of 1000 octets together");
        }
        len += (size_t)snprintf(uris + len, sizeof(uris) - len, "%s%s", len == 0 ? "" : " ", text);
    }
    memcpy(d->port->wanted.accept_uris, uris, len + 1);
    return BAS_OK;
}

static const struct flag_row *flag_row_of(uint32_t property)
{
    return property == flag_rows[0].property ? &flag_rows[0] : &flag_rows[1];
}

static bas_err get_flag(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    (void)index;
    return device_put_boolean(*flag_of(&d->port->wanted, flag_row_of(property)), out);
}

static bas_err set_flag(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                        struct bas_fault *fault)
{
    const struct device *d = ctx;
    struct bac_value value;
    (void)index;
    bas_err err = bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &value, NULL, fault);
    if (err == BAS_OK) {
        *flag_of(&d->port->wanted, flag_row_of(property)) = value.as.boolean;
    }
    return err;
}

static bas_err get_mac(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    const struct bsc_vmac now = bas_station_vmac(d->station);
    const struct bsc_vmac *wanted = &d->port->wanted.vmac;
    const bool is_kept = bsc_vmac_equal(wanted, &d->port->used.vmac);
    const struct bac_value value = { .tag = BAC_TAG_OCTET_STRING,
                                     .as.octets = { is_kept ? now.octets : wanted->octets,
                                                    sizeof(now.octets) } };
    (void)property;
    (void)index;
    return device_put_value(&value, out);
}

static bas_err set_mac(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                       struct bas_fault *fault)
{
    const struct device *d = ctx;
    struct bac_value value;
    struct bsc_vmac vmac;
    (void)property;
    (void)index;
    bas_err err = bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &value, NULL, fault);
    if (err != BAS_OK || value.as.octets.len != sizeof(vmac.octets)) {
        return refuse(fault, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE, "a VMAC has 6 octets");
    }
    memcpy(vmac.octets, value.as.octets.data, sizeof(vmac.octets));
    if (bsc_vmac_is_reserved(&vmac) || bsc_vmac_is_broadcast(&vmac)) {
        return refuse(fault, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE, "this VMAC is nobody's");
    }
    d->port->wanted.vmac = vmac;
    return BAS_OK;
}

/* Timers */

static const struct timer_row *timer_row_of(uint32_t property)
{
    size_t i = 0;
    while (timer_rows[i].property != property) {
        i++;
    }
    return &timer_rows[i];
}

static uint32_t timer_ms(struct device *d, const struct timer_row *row)
{
    const uint32_t ms = *timer_of(d, row);
    return ms == 0 ? row->standard * 1000 : ms;
}

static bas_err get_timer(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    struct device *d = ctx;
    (void)index;
    return device_put_unsigned(timer_ms(d, timer_row_of(property)) / 1000, out);
}

static void keep_text(struct device *d, struct bas_store *store, const char *setting,
                      const char *text)
{
    struct bas_fault fault = { 0 };
    const struct bas_slice octets = { (const uint8_t *)text, strlen(text) };
    if (store != NULL && bas_values_set(store, setting, octets, &fault) != BAS_OK) {
        bas_log(&d->env, BAS_LOG_ERROR, "a change of the port is not kept: %s", fault.text);
    }
}

/* bsc 9.1-17 */
static bas_err set_timer(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                         struct bas_fault *fault)
{
    struct device *d = ctx;
    const struct timer_row *row = timer_row_of(property);
    struct bac_value value;
    char text[16];
    (void)index;
    bas_err err = bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &value, NULL, fault);
    if (err != BAS_OK) {
        return err;
    }
    const uint64_t seconds = value.as.unsigned_integer;
    const bool is_least = property == BAC_PROPERTY_SC_MINIMUM_RECONNECT_TIME;
    const bool is_most = property == BAC_PROPERTY_SC_MAXIMUM_RECONNECT_TIME;
    if (seconds < row->least || seconds > row->most ||
        (is_least && seconds * 1000 > timer_ms(d, &timer_rows[4])) ||
        (is_most && seconds * 1000 < timer_ms(d, &timer_rows[3]))) {
        return refuse(fault, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE, "the time is out of its range");
    }
    *timer_of(d, row) = (uint32_t)seconds * 1000;
    (void)snprintf(text, sizeof(text), "%u", (unsigned)seconds);
    keep_text(d, device_values_change(d), row->setting, text);
    bsc_node_set_timers(bas_port_node(bas_station_port(d->station)), &d->node, loop_now());
    return BAS_OK;
}

/* Health */

static bas_err put_health(const struct device *d, const struct port_health *health,
                          struct bas_buf *out)
{
    const struct bas_fault *fault = &health->fault;
    const bool is_wrong_now = fault->err != BAS_OK;
    const bool is_said = fault->error_class != 0 || fault->error_code != 0;
    const struct bac_health value = {
        .time = device_date_time(d, health->at),
        .result = { !is_wrong_now ? BAC_ERROR_CLASS_OBJECT
                    : is_said     ? fault->error_class
                                  : BAC_ERROR_CLASS_COMMUNICATION,
                    !is_wrong_now ? BAC_ERROR_CODE_SUCCESS
                    : is_said     ? fault->error_code
                                  : BAC_ERROR_CODE_OTHER },
        .has_property = is_wrong_now && health->property != 0,
        .property = health->property,
        .has_details = is_wrong_now,
        .details = bac_text_from(fault->text),
    };
    return bac_encode(&bac_type_health, &value, BAC_APPLICATION, out);
}

/* bsc 9.1-04 9.1-15 */
static bas_err get_health(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    (void)index;
    return put_health(
        d, property == BAC_PROPERTY_CURRENT_HEALTH ? &d->port->current : &d->port->validation, out);
}

/* bsc 9.4-03 */
void device_port_event(struct device *d, const struct bas_station_event *event)
{
    const struct bac_object_id object = { BAC_OBJECT_NETWORK_PORT, DEVICE_PORT_INSTANCE };
    struct port_health *health = &d->port->current;
    const bool is_up = bas_station_hub_state(d->station) != 0;
    bool is_told = event->kind == BAS_STATION_UP || event->kind == BAS_STATION_DOWN ||
                   event->kind == BAS_STATION_RETRY;
    if (!is_told || (is_up && event->kind != BAS_STATION_UP)) {
        return;
    }
    health->at = d->env.wall(d->env.ctx);
    health->property = 0;
    health->fault =
        is_up || event->fault == NULL ? (struct bas_fault){ .err = BAS_OK } : *event->fault;
    struct bac_server *server = bas_station_server(d->station);
    bas_err err = bac_server_set_reliability(server, object,
                                             is_up ? BAC_RELIABILITY_NO_FAULT_DETECTED
                                                   : BAC_RELIABILITY_COMMUNICATION_FAILURE);
    if (err != BAS_OK) {
        bac_server_touch(server, object);
    }
}

/* Validation and activation */

static bas_err check_uri(const struct device *d, const char *text, struct bas_fault *fault)
{
    const struct port_plan plan = { (enum bas_plaintext)d->port->plaintext, d->port->has_tls };
    struct uri uri;
    bool is_plain = false;
    bas_err err = port_judge_uri(&plan, text, &is_plain, fault);
    return err == BAS_OK ? uri_parse(text, !is_plain, &uri, fault) : err;
}

static bas_err check_uris(const struct device *d, const struct port_values *v, uint32_t *property,
                          struct bas_fault *fault)
{
    *property = BAC_PROPERTY_SC_PRIMARY_HUB_URI;
    if (v->primary_uri[0] == 0) {
        return is_wrong(fault, "the URI of the primary hub is empty");
    }
    bas_err err = check_uri(d, v->primary_uri, fault);
    if (err == BAS_OK && v->failover_uri[0] != 0) {
        *property = BAC_PROPERTY_SC_FAILOVER_HUB_URI;
        err = check_uri(d, v->failover_uri, fault);
    }
    for (const char *at = v->accept_uris; err == BAS_OK && *at != 0;) {
        char text[PORT_TEXT];
        size_t len = strcspn(at, " ");
        *property = BAC_PROPERTY_SC_DIRECT_CONNECT_ACCEPT_URIS;
        (void)snprintf(text, sizeof(text), "%.*s", (int)len, at);
        err = check_uri(d, text, fault);
        at += len;
        at += strspn(at, " ");
    }
    return err;
}

static bas_err check_binding(const struct device *d, const struct port_values *v,
                             struct bas_fault *fault)
{
    const struct port_plan plan = { (enum bas_plaintext)d->port->plaintext, d->port->has_tls };
    const char *colon = strrchr(v->binding, ':');
    if (!v->accept && v->binding[0] == 0) {
        return BAS_OK;
    }
    if (colon == NULL || colon == v->binding || colon[1] == 0 || strlen(colon) > 6 ||
        colon[1 + strspn(colon + 1, "0123456789")] != 0) {
        return is_wrong(fault, "the binding of direct connections is no ADDRESS:PORT");
    }
    return port_judge_bind(&plan, v->binding, fault);
}

/* bsc 7.5-04 */
bas_err device_port_validate(struct device *d, struct bas_fault *fault)
{
    struct device_port *p = d->port;
    uint32_t property = 0;
    struct bas_fault why = { 0 };
    bas_err err = check_uris(d, &p->wanted, &property, &why);
    if (err == BAS_OK) {
        property = BAC_PROPERTY_SC_DIRECT_CONNECT_BINDING;
        err = check_binding(d, &p->wanted, &why);
    }
    if (err == BAS_OK) {
        property = BAC_PROPERTY_OPERATIONAL_CERTIFICATE_FILE;
        err = device_certificates_validate(d, &why);
    }
    if (err == BAS_OK) {
        why = (struct bas_fault){ .err = BAS_OK }; /* a first try may have failed */
    }
    if (err != BAS_OK && why.error_class == 0 && why.error_code == 0) {
        why.error_class = BAC_ERROR_CLASS_PROPERTY;
        why.error_code = BAC_ERROR_CODE_INVALID_CONFIGURATION_DATA;
    }
    p->validation =
        (struct port_health){ .at = d->env.wall(d->env.ctx), .property = property, .fault = why };
    if (err != BAS_OK) {
        *fault = why;
    }
    return err;
}

static void keep_values(struct device *d, struct bas_store *store)
{
    struct device_port *p = d->port;
    for (size_t i = 0; i < BAS_ARRAY_LEN(text_rows); i++) {
        const char *wanted = text_of(&p->wanted, &text_rows[i]);
        if (strcmp(wanted, text_of(&p->used, &text_rows[i])) != 0) {
            keep_text(d, store, text_rows[i].setting, wanted);
        }
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(flag_rows); i++) {
        const bool wanted = *flag_of(&p->wanted, &flag_rows[i]);
        if (wanted != *flag_of(&p->used, &flag_rows[i])) {
            keep_text(d, store, flag_rows[i].setting, wanted ? "1" : "0");
        }
    }
}

/* What was kept. */

struct recalled {
    char *text;
    size_t cap;
    bool is_there;
};

static void take_text(void *user, struct bas_slice octets)
{
    struct recalled *r = user;
    r->is_there = octets.len < r->cap;
    if (r->is_there) {
        (void)snprintf(r->text, r->cap, "%.*s", (int)octets.len, (const char *)octets.data);
    }
}

/* Reads one, or forgets it. False: there is none. */
static bool recall(struct device *d, const char *setting, bool forgets, struct recalled *r,
                   bas_err *err, struct bas_fault *fault)
{
    static const struct bas_slice none = { NULL, 0 };
    r->is_there = false;
    if (*err == BAS_OK) {
        *err = forgets ? bas_values_set(d->store, setting, none, fault)
                       : bas_values_get(d->store, setting, take_text, r, fault);
    }
    return *err == BAS_OK && r->is_there;
}

bas_err device_port_recall(struct device *d, bool forgets, struct bas_fault *fault)
{
    char text[PORT_URIS];
    struct recalled r = { text, sizeof(text), false };
    bool any = false;
    bas_err err = BAS_OK;
    if (d->store == NULL) {
        return BAS_OK;
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(text_rows); i++) {
        if (recall(d, text_rows[i].setting, forgets, &r, &err, fault)) {
            (void)snprintf(text_of(&d->port->used, &text_rows[i]), text_rows[i].size, "%s", text);
            any = true;
        }
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(flag_rows); i++) {
        if (recall(d, flag_rows[i].setting, forgets, &r, &err, fault)) {
            *flag_of(&d->port->used, &flag_rows[i]) = text[0] == '1';
            any = true;
        }
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(timer_rows); i++) {
        if (recall(d, timer_rows[i].setting, forgets, &r, &err, fault)) {
            *timer_of(d, &timer_rows[i]) = (uint32_t)strtoul(text, NULL, 10) * 1000;
            any = true;
        }
    }
    if (err == BAS_OK) {
        err = forgets ? device_certificates_forget(d->store, fault)
                      : device_certificates_recall(d, &any, fault);
    }
    if (any) {
        bas_log(&d->env, BAS_LOG_WARNING,
                "the port is as it was changed over the network (hub %s), not as the configuration "
                "says; --forget-changes goes back to that",
                d->port->used.primary_uri);
    }
    return err;
}

void device_port_activate(struct device *d)
{
    struct bas_store *store = device_values_change(d);
    struct bas_fault fault = { 0 };
    keep_values(d, store);
    if (device_certificates_activate(d, store, &fault) != BAS_OK) {
        bas_log(&d->env, BAS_LOG_ERROR, "the new certificates are not used: %s", fault.text);
    }
    d->port->used = d->port->wanted;
    device_values_settle(d);
}

/* Commands */

static bas_err get_command(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    (void)ctx;
    (void)property;
    (void)index;
    return device_put_enumerated(BAC_PORT_COMMAND_IDLE, out); /* each is done at once */
}

/* bsc 9.1-16 9.4-04 */
static bas_err set_command(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                           struct bas_fault *fault)
{
    struct device *d = ctx;
    struct bac_value value;
    struct bas_fault unsaid = { 0 };
    (void)property;
    (void)index;
    bas_err err = bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &value, NULL, fault);
    if (err != BAS_OK) {
        return err;
    }
    switch (value.as.unsigned_integer) {
    case BAC_PORT_COMMAND_IDLE:
        return BAS_OK;
    case BAC_PORT_COMMAND_DISCARD_CHANGES:
        device_port_discard(d);
        return BAS_OK;
    case BAC_PORT_COMMAND_VALIDATE_CHANGES:
        err = device_port_validate(d, &unsaid);
        return BAS_OK; /* the result is a property */
    case BAC_PORT_COMMAND_GENERATE_CSR_FILE:
        return device_certificates_request(d, fault);
    case BAC_PORT_COMMAND_DISCONNECT: /* it connects again: nobody could ask it to */
    case BAC_PORT_COMMAND_RESTART_PORT:
        device_port_restart(d);
        return BAS_OK;
    default:
        return refuse(fault, BAC_ERROR_CODE_OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED,
                      "this port has no such command");
    }
}

static bas_err get_changes(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    (void)property;
    (void)index;
    return device_put_boolean(device_port_has_changes(ctx), out);
}

/* bsc 9.1-03 9.1-15 */
static bas_err get_file(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    struct bac_value value = { .tag = BAC_TAG_OBJECT_IDENTIFIER };
    (void)ctx;
    value.as.object = device_certificate_object(
        property == BAC_PROPERTY_OPERATIONAL_CERTIFICATE_FILE ? PORT_CERTIFICATE : PORT_REQUEST);
    if (property != BAC_PROPERTY_ISSUER_CERTIFICATE_FILES) {
        return device_put_value(&value, out);
    }
    if (index == 0) {
        return device_put_unsigned(2, out);
    }
    if (index != BAC_NO_INDEX && index > 2) {
        return BAS_ERR_NOT_FOUND;
    }
    bas_err err = BAS_OK;
    for (uint32_t n = 1; n <= 2 && err == BAS_OK; n++) {
        value.as.object = device_certificate_object(n == 1 ? PORT_ISSUER_1 : PORT_ISSUER_2);
        err = index == BAC_NO_INDEX || index == n ? device_put_value(&value, out) : BAS_OK;
    }
    return err;
}

static const struct port_row rows[] = {
#define P(id) .property = BAC_PROPERTY_##id
    { P(MAC_ADDRESS), .get = get_mac, .set = set_mac, .is_never_hosted = true },
    { P(MAC_ADDRESS), .get = get_mac, .is_only_hosted = true },
    { P(CHANGES_PENDING), .get = get_changes },
    { P(COMMAND), .get = get_command, .set = set_command },
    { P(COMMAND_VALIDATION_RESULT), .get = get_health },
    { P(CURRENT_HEALTH), .get = get_health },
    { P(OPERATIONAL_CERTIFICATE_FILE), .get = get_file, .is_never_hosted = true },
    { P(ISSUER_CERTIFICATE_FILES), .get = get_file, .is_never_hosted = true },
    { P(CERTIFICATE_SIGNING_REQUEST_FILE), .get = get_file, .is_never_hosted = true },
    { P(SC_PRIMARY_HUB_URI), .get = get_text, .set = set_text },
    { P(SC_FAILOVER_HUB_URI), .get = get_text, .set = set_text },
    { P(SC_DIRECT_CONNECT_BINDING), .get = get_text, .set = set_text },
    { P(SC_DIRECT_CONNECT_ACCEPT_URIS), .get = get_uris, .set = set_uris },
    { P(SC_DIRECT_CONNECT_ACCEPT_ENABLE), .get = get_flag, .set = set_flag },
    { P(SC_DIRECT_CONNECT_INITIATE_ENABLE), .get = get_flag, .set = set_flag },
    { P(SC_CONNECT_WAIT_TIMEOUT), .get = get_timer, .set = set_timer },
    { P(SC_DISCONNECT_WAIT_TIMEOUT), .get = get_timer, .set = set_timer },
    { P(SC_HEARTBEAT_TIMEOUT), .get = get_timer, .set = set_timer },
    { P(SC_MINIMUM_RECONNECT_TIME), .get = get_timer, .set = set_timer },
    { P(SC_MAXIMUM_RECONNECT_TIME), .get = get_timer, .set = set_timer },
};

static size_t add_rows(struct device *d, const struct port_row *from, size_t n,
                       struct bac_property_config *to)
{
    size_t added = 0;
    for (size_t i = 0; i < n; i++) {
        if (d->host != NULL ? !from[i].is_never_hosted : !from[i].is_only_hosted) {
            to[added++] = (struct bac_property_config){
                .property = from[i].property, .get = from[i].get, .set = from[i].set, .ctx = d
            };
        }
    }
    return added;
}

size_t device_port_properties(struct device *d, struct bac_property_config *properties)
{
    size_t n = add_rows(d, rows, BAS_ARRAY_LEN(rows), properties);
    return n + add_rows(d, device_status_rows, device_status_n_rows, properties + n);
}
