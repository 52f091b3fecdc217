/* Owns replacing the certificates of a BACnet/SC port while it runs. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/hub.h"
#include "app/port.h"
#include "tls/context.h"

#include <string.h>

/* A certificate of another device would make us somebody else (AB.6.2.3). */
static bas_err check_uuid(const struct bas_port *p, const struct bas_tls_identity *identity,
                          struct bas_fault *fault)
{
    char ours[BSC_UUID_TEXT];
    char theirs[BSC_UUID_TEXT];
    struct bsc_uuid uuid = bas_port_uuid(p);
    struct bsc_uuid of_certificate;
    memcpy(of_certificate.octets, identity->uuid, sizeof(of_certificate.octets));
    if (!identity->has_uuid || p->config.is_visitor || bsc_uuid_equal(&uuid, &of_certificate)) {
        return BAS_OK;
    }
    return bas_fail(fault, BAS_ERR_CONFIG,
                    "the new certificate is for UUID %s, this device is %s; issue one for the same "
                    "device, or restart it to become the other one",
                    bsc_uuid_text(&of_certificate, theirs), bsc_uuid_text(&uuid, ours));
}

/* A reference to what is to be used from now on. */
static bas_err load(const struct bas_port *p, const struct bas_tls_config *config,
                    struct bas_tls_context **fresh, struct bas_fault *fault)
{
    if (p->is_stopping) {
        return bas_fail(fault, BAS_ERR_STATE, "the port is being stopped");
    }
    if (p->tls == NULL) {
        return bas_fail(fault, BAS_ERR_STATE,
                        "this port has no certificate that could be replaced; restart it with one");
    }
    if (p->config.host != NULL) {
        *fresh =
            bas_tls_context_ref(hub_tls(p->config.host)); /* the hub's reload has loaded them */
        return BAS_OK;
    }
    *fresh = bas_tls_context_new(&p->loop->env, config, fault);
    return *fresh == NULL ? fault->err : BAS_OK;
}

bool port_judge_link(struct bas_port *p, struct port_link *l)
{
    struct bas_fault fault = { 0 };
    bool is_judged = !l->is_old;
    l->is_old = false;
    if (is_judged || link_recheck(l->link, p->tls, &fault) == BAS_OK) {
        return true;
    }
    l->why = fault;
    link_close(l->link, BAS_WS_CLOSE_POLICY);
    return false;
}

/* What is still being set up is judged when it is open; the listener does it for its own.
 * bsc 7.4-13 */
static void judge_links(struct bas_port *p, struct bas_reload *what)
{
    for (size_t i = 0; i < p->n_links; i++) {
        struct port_link *l = &p->links[i];
        l->is_old = l->id != 0;
        if (!l->is_open || l->why.err != BAS_OK) {
            continue;
        }
        if (port_judge_link(p, l)) {
            what->kept++;
        } else {
            what->closed++;
        }
    }
}

/* Takes the reference. Links that are being set up have one of what was used before. */
static void use(struct bas_port *p, struct bas_tls_context *fresh, struct bas_reload *what)
{
    bas_tls_context_unref(p->tls);
    p->tls = fresh;
    if (p->listener != NULL) {
        listener_set_tls(p->listener, fresh);
    }
    judge_links(p, what);
}

void port_follow_host(struct bas_port *p)
{
    struct bas_reload unasked = { .kept = 0 };
    if (p->config.host != NULL && !p->is_stopping && hub_tls(p->config.host) != p->tls) {
        use(p, bas_tls_context_ref(hub_tls(p->config.host)), &unasked);
    }
}

bas_err bas_port_reload(struct bas_port *p, const struct bas_tls_config *tls,
                        struct bas_reload *what, struct bas_fault *fault)
{
    struct bas_reload told = { .kept = 0 };
    struct bas_tls_context *fresh = NULL;
    bas_err err = load(p, tls, &fresh, fault);
    if (err != BAS_OK) {
        return err;
    }
    bas_tls_context_identity(fresh, &told.identity);
    err = check_uuid(p, &told.identity, fault);
    if (err != BAS_OK) {
        bas_tls_context_unref(fresh);
        return err;
    }
    use(p, fresh, &told);
    if (what != NULL) {
        *what = told;
    }
    return BAS_OK;
}
