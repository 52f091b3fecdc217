#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_port.h"

#include <stdio.h>
#include <string.h>

/* Hubs. */

static void on_notice(void *user, const struct bas_hub_notice *notice)
{
    struct rt_site_hub *h = user;
    h->joined += notice->kind == BSC_HUB_JOINED;
    h->left += notice->kind == BSC_HUB_LEFT;
    h->refused += notice->kind == BSC_HUB_CLOSE;
}

static void on_hub_stopped(void *user)
{
    struct rt_site_hub *h = user;
    h->stopped++;
    h->hub = NULL;
}

void rt_site_begin(struct rt_site *site)
{
    memset(site, 0, sizeof(*site));
    rt_begin(&site->w);
    for (unsigned n = 0; n < RT_SITE_HUBS; n++) {
        struct rt_site_hub *h = &site->hubs[n];
        (void)snprintf(h->address, sizeof(h->address), "127.0.0.1:0");
        h->settings = (struct bas_hub_settings){ .tls = rt_credentials("hub"),
                                                 .engine = { .size = sizeof(h->settings.engine),
                                                             .disconnect_wait_ms = 50 } };
    }
}

const char *rt_site_start(struct rt_site *site, unsigned n)
{
    struct rt_site_hub *h = &site->hubs[n];
    const struct bas_hub_callbacks callbacks = { on_notice, on_hub_stopped, h };
    struct bas_fault fault = { 0 };
    h->settings.bind = h->address;
    h->hub = bas_hub_start(site->w.loop, &h->settings, &callbacks, &fault);
    if (h->hub == NULL) {
        fail_msg("%s", fault.text);
    }
    (void)snprintf(h->address, sizeof(h->address), "%s", bas_hub_address(h->hub));
    (void)snprintf(h->uri, sizeof(h->uri), "%s", bas_hub_uri(h->hub));
    return h->uri;
}

void rt_site_stop(struct rt_site *site, unsigned n)
{
    struct rt_site_hub *h = &site->hubs[n];
    unsigned before = h->stopped;
    bas_hub_stop(h->hub);
    rt_until(&site->w, &h->stopped, before + 1);
}

void rt_site_end(struct rt_site *site)
{
    for (unsigned n = 0; n < RT_SITE_HUBS; n++) {
        if (site->hubs[n].hub != NULL) {
            bas_hub_stop(site->hubs[n].hub);
        }
    }
    rt_end(&site->w);
}

const struct bsc_hub_counters *rt_site_counters(const struct rt_site *site, unsigned n)
{
    return bsc_hub_counters(bas_hub_engine(site->hubs[n].hub));
}

/* Ports. */

static void take_npdu(struct rt_port *p, const struct bsc_node_event *event)
{
    p->npdu_len = event->npdu.len;
    memcpy(p->npdu, event->npdu.data,
           p->npdu_len < sizeof(p->npdu) ? p->npdu_len : sizeof(p->npdu));
    p->from = event->vmac;
}

static void on_event(void *user, const struct bsc_node_event *event)
{
    struct rt_port *p = user;
    assert_int_equal(p->stopped, 0); /* the last word */
    assert_true(event->kind != BSC_NODE_LINK_OPEN && event->kind != BSC_NODE_LINK_CLOSE &&
                event->kind != BSC_NODE_ADMIT);
    p->events[event->kind]++;
    p->vmac = event->vmac;
    p->faults[event->kind] = event->fault;
    if (event->fault.err != BAS_OK) {
        p->fault = event->fault;
    }
    if (event->kind == BSC_NODE_UP) {
        p->hub_state = event->hub_state;
    }
    if (event->kind == BSC_NODE_RESOLVED) {
        (void)snprintf(p->uris, sizeof(p->uris), "%s", event->uris != NULL ? event->uris : "");
    }
    if (event->kind == BSC_NODE_NPDU) {
        take_npdu(p, event);
    }
    if (p->on_event != NULL) {
        p->on_event(p, event);
    }
    if ((p->stop_at & (1U << event->kind)) != 0) {
        bas_port_stop(p->port);
    }
}

static void on_stopped(void *user)
{
    struct rt_port *p = user;
    p->stopped++;
    p->port = NULL;
}

void rt_port_begin(struct rt_world *w, struct rt_port *p, const char *name, const char *uri)
{
    memset(p, 0, sizeof(*p));
    p->w = w;
    p->tls = rt_credentials(name);
    p->node = (struct bsc_node_config){ .size = sizeof(p->node),
                                        .primary_uri = uri,
                                        .disconnect_wait_ms = 50,
                                        .minimum_reconnect_ms = 10,
                                        .maximum_reconnect_ms = 10,
                                        .direct_retry_ms = 10 };
    p->config = (struct bas_port_config){ .size = sizeof(p->config),
                                          .node = &p->node,
                                          .tls = &p->tls,
                                          .event = on_event,
                                          .stopped = on_stopped,
                                          .user = p };
}

void rt_port_start(struct rt_port *p)
{
    p->port = bas_port_start(p->w->loop, &p->config, &p->fault);
    if (p->port == NULL) {
        fail_msg("%s", p->fault.text);
    }
}

void rt_port_run(struct rt_world *w, struct rt_port *p, const char *name, const char *uri)
{
    rt_port_begin(w, p, name, uri);
    rt_port_start(p);
    rt_port_until(p, BSC_NODE_UP, 1);
}

void rt_port_until(struct rt_port *p, enum bsc_node_event_kind kind, unsigned least)
{
    rt_until(p->w, &p->events[kind], least);
}

void rt_port_send(struct rt_port *p, const struct bsc_vmac *to, uint8_t octet)
{
    const struct bsc_send send = { .to = *to };
    assert_int_equal(bas_port_send(p->port, &send, (struct bas_slice){ &octet, 1 }), BAS_OK);
}

struct bsc_vmac rt_port_vmac(const struct rt_port *p)
{
    return bsc_node_vmac(bas_port_node(p->port));
}

void rt_port_end(struct rt_port *p)
{
    if (p->port != NULL) {
        bas_port_stop(p->port);
        rt_until(p->w, &p->stopped, 1);
    }
    assert_int_equal(p->stopped, 1);
}
