/* Owns what the port of a device is opened with: settings, what was activated over the network, and
 * its restart (spec 9.4). */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/port.h"

#include "app/admission.h"
#include "app/device/direct.h"
#include "app/hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bas_err no_memory(struct bas_fault *fault)
{
    return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the port of a device");
}

/* Copies of what settings point to: they are read in one call only. */

static const char *keep(struct device_port *p, const char *text, bool *is_short)
{
    if (text == NULL) {
        return NULL;
    }
    size_t len = strlen(text) + 1;
    char *copy = bas_keep_take(&p->keep, len);
    if (copy == NULL) {
        *is_short = true;
        return NULL;
    }
    memcpy(copy, text, len);
    return copy;
}

static bas_err keep_tls(struct device_port *p, const struct bas_tls_config *tls,
                        struct bas_fault *fault)
{
    bool is_short = false;
    p->tls = *tls;
    p->has_tls = tls->certificate_file != NULL;
    for (size_t i = 0; i < BAS_TLS_MAX_ISSUERS; i++) {
        p->tls.issuer_files[i] = keep(p, tls->issuer_files[i], &is_short);
    }
    for (size_t i = 0; i < BAS_TLS_MAX_CRLS; i++) {
        p->tls.crl_files[i] = keep(p, tls->crl_files[i], &is_short);
    }
    p->tls.certificate_file = keep(p, tls->certificate_file, &is_short);
    p->tls.key_file = keep(p, tls->key_file, &is_short);
    p->tls.keylog_file = keep(p, tls->keylog_file, &is_short);
    p->tls.key_password_file = keep(p, tls->key_password_file, &is_short);
    p->tls.key_password_variable = keep(p, tls->key_password_variable, &is_short);
    p->tls.key_password_credential = keep(p, tls->key_password_credential, &is_short);
    p->tls.key_password = NULL; /* see keep_password */
    return is_short ? no_memory(fault) : BAS_OK;
}

/* The caller wipes its own: ours lives as long as the port may have to be opened again. */
static bas_err keep_password(struct device *d, const char *password, struct bas_fault *fault)
{
    struct device_port *p = d->port;
    if (password == NULL) {
        return BAS_OK;
    }
    p->password_len = strlen(password) + 1;
    p->password = bas_alloc(&d->env, p->password_len);
    if (p->password == NULL) {
        return no_memory(fault);
    }
    memcpy(p->password, password, p->password_len);
    p->tls.key_password = p->password;
    return BAS_OK;
}

static void forget_password(struct device *d)
{
    struct device_port *p = d->port;
    if (p->password != NULL) {
        bas_wipe(p->password, p->password_len);
        bas_release(&d->env, p->password, p->password_len);
        p->password = NULL;
    }
}

static bas_err keep_peers(struct device_port *p, const struct bas_texts *peers,
                          struct bas_fault *fault)
{
    bool is_short = false;
    if (peers->n == 0) {
        return BAS_OK;
    }
    p->peers.items = bas_keep_take(&p->keep, peers->n * sizeof(*p->peers.items));
    if (p->peers.items == NULL) {
        return no_memory(fault);
    }
    for (; p->peers.n < peers->n; p->peers.n++) {
        p->peers.items[p->peers.n] = keep(p, peers->items[p->peers.n], &is_short);
    }
    return is_short ? no_memory(fault) : BAS_OK;
}

static bas_err fill_values(struct device *d, const struct bas_device_settings *settings,
                           struct bas_fault *fault)
{
    struct port_values *v = &d->port->used;
    struct direct_uris uris = { NULL, 0 };
    const char *primary = settings->engine.primary_uri;
    if (primary == NULL && d->host != NULL) {
        primary = bas_hub_uri(d->host);
    }
    (void)snprintf(v->primary_uri, sizeof(v->primary_uri), "%s", primary == NULL ? "" : primary);
    (void)snprintf(v->failover_uri, sizeof(v->failover_uri), "%s",
                   settings->engine.failover_uri == NULL ? "" : settings->engine.failover_uri);
    (void)snprintf(v->binding, sizeof(v->binding), "%s",
                   settings->direct_bind == NULL ? "" : settings->direct_bind);
    v->accept = settings->engine.direct_accept && settings->direct_bind != NULL;
    v->initiate = settings->engine.direct_initiate;
    bas_err err = direct_uris_join(&d->env, &settings->direct_uris, &uris, fault);
    if (err == BAS_OK && uris.len > sizeof(v->accept_uris)) {
        err =
            bas_fail(fault, BAS_ERR_CONFIG, "direct-uris: are longer than %zu characters together",
                     sizeof(v->accept_uris) - 1);
    }
    if (err == BAS_OK && uris.text != NULL) {
        (void)snprintf(v->accept_uris, sizeof(v->accept_uris), "%s", uris.text);
    }
    direct_uris_release(&d->env, &uris);
    return err;
}

bas_err device_port_open(struct device *d, const struct bas_device_settings *settings,
                         struct bas_fault *fault)
{
    struct device_port *p = bas_alloc(&d->env, sizeof(*p));
    if (p == NULL) {
        return no_memory(fault);
    }
    d->port = p;
    d->node = settings->engine;
    p->keep.env = &d->env;
    p->plaintext = settings->plaintext;
    bool is_short = false;
    p->state_file = keep(p, settings->state_file, &is_short);
    bas_err err = is_short ? no_memory(fault) : keep_tls(p, &settings->tls, fault);
    err = err == BAS_OK ? keep_password(d, settings->tls.key_password, fault) : err;
    err = err == BAS_OK ? keep_peers(p, &settings->direct_peers, fault) : err;
    if (err == BAS_OK && admission_copy(&d->env, &settings->admission, &p->admission) != BAS_OK) {
        err = no_memory(fault);
    }
    if (err == BAS_OK && d->host != NULL) {
        p->has_tls = hub_tls(d->host) != NULL;
        p->plaintext = p->has_tls ? p->plaintext : BAS_PLAINTEXT_LOOPBACK;
    }
    err = err == BAS_OK ? fill_values(d, settings, fault) : err;
    err = err == BAS_OK ? device_port_recall(d, settings->forgets_changes, fault) : err;
    err = err == BAS_OK ? device_certificates_open(d, fault) : err;
    p->wanted = p->used;
    p->before = p->used;
    p->tls_before = p->tls;
    return err;
}

bas_err device_port_take(struct device *d, const struct bas_device_settings *settings,
                         struct bas_fault *fault)
{
    struct device_port *p = d->port;
    struct bas_admission fresh;
    if (admission_copy(&d->env, &settings->admission, &fresh) != BAS_OK) {
        return no_memory(fault);
    }
    admission_release(&d->env, &p->admission);
    p->admission = fresh;
    if (d->host != NULL || p->is_changed || settings->tls.certificate_file == NULL) {
        return BAS_OK;
    }
    forget_password(d);
    bas_err err = keep_tls(p, &settings->tls, fault);
    err = err == BAS_OK ? keep_password(d, settings->tls.key_password, fault) : err;
    p->tls_before = p->tls;
    return err;
}

void device_port_close(struct device *d)
{
    struct device_port *p = d->port;
    if (p == NULL) {
        return;
    }
    device_certificates_close(d);
    forget_password(d);
    d->port = NULL;
    bas_alarm_free(p->restart);
    admission_release(&d->env, &p->admission);
    bas_keep_free(&p->keep);
    bas_release(&d->env, p, sizeof(*p));
}

void device_port_config(struct device *d, struct bas_port_config *config)
{
    static const struct bsc_vmac none = { { 0 } };
    struct device_port *p = d->port;
    struct port_values *v = &p->used;
    d->node.primary_uri = v->primary_uri;
    d->node.failover_uri = v->failover_uri[0] == 0 ? NULL : v->failover_uri;
    d->node.direct_accept = v->accept;
    d->node.direct_initiate = v->initiate;
    d->node.direct_accept_uris = v->accept_uris[0] == 0 ? NULL : v->accept_uris;
    if (!bsc_vmac_equal(&v->vmac, &none)) {
        d->node.vmac = v->vmac;
        v->vmac = none; /* from here on it is in the state file, and may have to change there */
        p->wanted.vmac = none;
    }
    *config = (struct bas_port_config){ .size = sizeof(*config),
                                        .node = &d->node,
                                        .tls = &p->tls,
                                        .state_file = p->state_file,
                                        .host = d->host,
                                        .direct_bind = v->binding[0] == 0 ? NULL : v->binding,
                                        .admission = &p->admission,
                                        .plaintext = (enum bas_plaintext)p->plaintext };
}

/* What is done about single peers. */
bas_err device_port_set_peers(struct device *d, struct bsc_node *node, struct bas_fault *fault)
{
    const struct bas_texts *items = &d->port->peers;
    for (size_t i = 0; i < items->n; i++) {
        struct direct_peer peer;
        bas_err err = direct_peer_read(items->items[i], &peer, fault);
        if (err != BAS_OK) {
            return err;
        }
        err = bsc_node_set_peer(node, &peer.vmac, peer.policy, peer.uris[0] == 0 ? NULL : peer.uris,
                                loop_now());
        if (err != BAS_OK) {
            return bas_fail(fault, err, "direct-peers: %s: %s", items->items[i], bas_err_text(err));
        }
    }
    return BAS_OK;
}

/* Restarting */

/* The second time it is asked, what was activated could not be opened. */
static bool next_port(void *user, unsigned attempt, struct bas_port_config *config)
{
    struct device *d = user;
    if (attempt > 1) {
        return false;
    }
    if (attempt == 1) {
        bas_log(&d->env, BAS_LOG_ERROR, "the port goes on as it was before the changes");
        d->port->used = d->port->before;
        d->port->wanted = d->port->before;
        d->port->tls = d->port->tls_before;
    }
    device_port_config(d, config);
    return true;
}

static void opened(void *user)
{
    struct device *d = user;
    struct bas_fault fault = { 0 };
    d->node.vmac = (struct bsc_vmac){ { 0 } }; /* the state file has it */
    d->port->before = d->port->used;
    d->port->tls_before = d->port->tls;
    if (device_port_set_peers(d, bas_port_node(bas_station_port(d->station)), &fault) != BAS_OK) {
        bas_log(&d->env, BAS_LOG_WARNING, "%s", fault.text);
    }
    bas_log(&d->env, BAS_LOG_INFO, "the port has restarted");
}

static void on_restart(void *user)
{
    struct device *d = user;
    const struct station_restart how = { next_port, opened, d };
    station_restart(d->station, &how);
}

void device_port_restart(struct device *d)
{
    struct device_port *p = d->port;
    if (p->restart == NULL) {
        p->restart = bas_alarm_new(d->loop, on_restart, d);
    }
    if (p->restart == NULL) {
        bas_log(&d->env, BAS_LOG_ERROR, "out of memory: the port is not restarted");
        return;
    }
    bas_alarm_set(p->restart, 0);
}

/* ReinitializeDevice: asked before it is answered. bsc 7.5-05 9.4-04 */
bas_err device_port_judge(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                          struct bas_fault *fault)
{
    struct device *d = ctx;
    struct bac_reinitialize_device asked;
    struct bas_fault why = { 0 };
    (void)out;
    if (bac_decode_all(&bac_type_reinitialize_device, request->parameters, &asked, NULL, &why) !=
        BAS_OK) {
        return BAS_ERR_UNSUPPORTED; /* the server says what is wrong with it */
    }
    bool activates = asked.state == BAC_REINITIALIZE_ACTIVATE_CHANGES ||
                     asked.state == BAC_REINITIALIZE_WARMSTART;
    if (activates && device_port_has_changes(d) && device_port_validate(d, &why) != BAS_OK) {
        return bas_fail_code(fault, BAS_ERR_INVALID, BAC_ERROR_CLASS_SERVICES,
                             BAC_ERROR_CODE_INVALID_CONFIGURATION_DATA, "%s", why.text);
    }
    return BAS_ERR_UNSUPPORTED;
}

/* It was answered, or will be in this turn. A program like this one has nothing else to start anew:
 * what it keeps counts on. */
void device_port_reinitialize(struct device *d, const struct bac_server_event *event)
{
    bool activates = event->state == BAC_REINITIALIZE_ACTIVATE_CHANGES ||
                     event->state == BAC_REINITIALIZE_WARMSTART;
    bool has_changes = device_port_has_changes(d);
    if (activates && has_changes) {
        device_port_activate(d);
    } else if (event->state == BAC_REINITIALIZE_COLDSTART) {
        device_port_discard(d);
    }
    if (event->state == BAC_REINITIALIZE_COLDSTART || event->state == BAC_REINITIALIZE_WARMSTART ||
        (activates && has_changes)) {
        device_port_restart(d);
    }
}
