/* Owns replacing the certificates of a BACnet/SC port while it runs. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/admission.h"
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

/* What is to be used from now on. */
struct fresh {
    struct bas_tls_context *tls;    /* a reference; NULL: the old one stays */
    struct bas_admission admission; /* of its own memory */
    bool has_admission;
};

static bas_err load_tls(const struct bas_port *p, const struct bas_tls_config *config,
                        struct bas_tls_context **fresh, struct bas_fault *fault)
{
    if (config == NULL) {
        return BAS_OK;
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

static bas_err load(const struct bas_port *p, const struct bas_tls_config *tls,
                    const struct bas_admission *admission, struct fresh *fresh,
                    struct bas_fault *fault)
{
    struct bas_tls_identity identity;
    if (p->is_stopping) {
        return bas_fail(fault, BAS_ERR_STATE, "the port is being stopped");
    }
    bas_err err = load_tls(p, tls, &fresh->tls, fault);
    if (err == BAS_OK && fresh->tls != NULL) {
        bas_tls_context_identity(fresh->tls, &identity);
        err = check_uuid(p, &identity, fault);
    }
    if (err == BAS_OK && admission != NULL) {
        fresh->has_admission = true;
        if (admission_copy(&p->loop->env, admission, &fresh->admission) != BAS_OK) {
            err =
                bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the list of who may connect");
        }
    }
    return err;
}

bas_err port_judge_admission(const struct bas_port *p, const struct port_link *l,
                             struct bas_fault *fault)
{
    struct bas_tls_identity identity;
    bool has_identity = link_peer(l->link, &identity);
    return l->is_admitted
               ? admission_judge(&p->admission, has_identity ? &identity : NULL, &l->uuid, fault)
               : BAS_OK;
}

bool port_judge_link(struct bas_port *p, struct port_link *l)
{
    struct bas_fault fault = { 0 };
    bool is_judged = !l->is_old;
    l->is_old = false;
    if (is_judged || ((p->tls == NULL || link_recheck(l->link, p->tls, &fault) == BAS_OK) &&
                      port_judge_admission(p, l, &fault) == BAS_OK)) {
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

/* Takes what is fresh. Links that are being set up have a reference of what was used before. */
static void use(struct bas_port *p, const struct fresh *fresh, struct bas_reload *what)
{
    if (fresh->tls != NULL) {
        bas_tls_context_unref(p->tls);
        p->tls = fresh->tls;
        if (p->listener != NULL) {
            listener_set_tls(p->listener, fresh->tls);
        }
    }
    if (fresh->has_admission) {
        admission_release(&p->loop->env, &p->admission);
        p->admission = fresh->admission;
    }
    judge_links(p, what);
}

void port_follow_host(struct bas_port *p)
{
    struct bas_reload unasked = { .kept = 0 };
    if (p->config.host != NULL && !p->is_stopping && hub_tls(p->config.host) != p->tls) {
        const struct fresh fresh = { .tls = bas_tls_context_ref(hub_tls(p->config.host)) };
        use(p, &fresh, &unasked);
    }
}

bas_err bas_port_reload(struct bas_port *p, const struct bas_tls_config *tls,
                        const struct bas_admission *admission, struct bas_reload *what,
                        struct bas_fault *fault)
{
    struct bas_reload told = { .kept = 0 };
    struct fresh fresh = { .tls = NULL };
    bas_err err = load(p, tls, admission, &fresh, fault);
    if (err != BAS_OK) {
        bas_tls_context_unref(fresh.tls);
        admission_release(&p->loop->env, &fresh.admission);
        return err;
    }
    use(p, &fresh, &told);
    if (p->tls != NULL) {
        bas_tls_context_identity(p->tls, &told.identity);
    }
    if (what != NULL) {
        *what = told;
    }
    return BAS_OK;
}
