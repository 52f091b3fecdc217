/* Tests of port.c and port_life.c: a port is stopped, or asks for more, from within each thing that
 * it tells. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/port.h"

#include "rt_peer.h"
#include "rt_port.h"
#include "sc_peer.h"
#include "test_folder.h"

#include <string.h>

/* A hub, a port that is tested, another one that accepts, and a node that is only a peer. */
struct fixture {
    struct rt_site site;
    struct rt_port a, b;
    struct rt_peer peer;
};

static bas_time now(const struct fixture *f)
{
    return bas_loop_now(f->site.w.loop);
}

static void answer(struct rt_port *p, const struct bsc_node_event *event)
{
    if (event->kind == BSC_NODE_PROPRIETARY) {
        assert_int_equal(bsc_node_answer_proprietary(bas_port_node(p->port), event, NULL,
                                                     bas_loop_now(p->w->loop)),
                         BAS_OK);
    }
}

static void begin(struct fixture *f)
{
    const struct rt_peer_config node = { .level = RT_JOINED, .number = 9 };
    memset(f, 0, sizeof(*f));
    rt_site_begin(&f->site);
    const char *uri = rt_site_start(&f->site, 0);
    rt_peer_connect(&f->site.w, &f->peer, &node, f->site.hubs[0].address);
    rt_peer_ready(&f->peer);
    rt_port_begin(&f->site.w, &f->b, "device", uri);
    f->b.node.direct_accept = true;
    f->b.node.direct_initiate = true;
    f->b.config.direct_bind = "127.0.0.1:0";
    f->b.on_event = answer;
    rt_port_start(&f->b);
    rt_port_until(&f->b, BSC_NODE_UP, 1);
    rt_port_begin(&f->site.w, &f->a, "client", uri);
    f->a.node.direct_initiate = true;
    f->a.node.direct_accept = true;
    f->a.config.direct_bind = "127.0.0.1:0";
}

static void end(struct fixture *f)
{
    rt_port_end(&f->a);
    rt_port_end(&f->b);
    rt_site_end(&f->site);
}

/* What makes an event of each kind. */

static void nothing(struct fixture *f)
{
    (void)f;
}

static void hub_leaves(struct fixture *f)
{
    bas_hub_stop(f->site.hubs[0].hub);
}

static void npdu(struct fixture *f)
{
    const struct bsc_vmac to = rt_port_vmac(&f->a);
    rt_port_send(&f->b, &to, 1);
}

static void send_proprietary(struct rt_port *from, const struct rt_port *to)
{
    const struct bsc_send send = { .to = rt_port_vmac(to) };
    const struct bsc_proprietary message = { .vendor = 555, .function = 1 };
    assert_int_equal(bsc_node_send_proprietary(bas_port_node(from->port), &send, &message,
                                               bas_loop_now(from->w->loop), NULL),
                     BAS_OK);
    bas_port_wake(from->port);
}

static void proprietary(struct fixture *f)
{
    send_proprietary(&f->b, &f->a);
}

static void result(struct fixture *f)
{
    send_proprietary(&f->a, &f->b);
}

static void advertisement(struct fixture *f)
{
    const struct bsc_vmac to = rt_port_vmac(&f->b);
    assert_int_equal(bsc_node_solicit(bas_port_node(f->a.port), &to, now(f)), BAS_OK);
    bas_port_wake(f->a.port);
}

static void resolved(struct fixture *f)
{
    const struct bsc_vmac to = rt_port_vmac(&f->b);
    assert_int_equal(bsc_node_resolve(bas_port_node(f->a.port), &to, now(f)), BAS_OK);
    bas_port_wake(f->a.port);
}

static void connect_direct(struct rt_port *from, const struct bsc_vmac *to)
{
    assert_int_equal(
        bsc_node_connect_direct(bas_port_node(from->port), to, bas_loop_now(from->w->loop)),
        BAS_OK);
    bas_port_wake(from->port);
}

static void direct_up(struct fixture *f)
{
    const struct bsc_vmac to = rt_port_vmac(&f->b);
    connect_direct(&f->a, &to);
}

static void direct_up_by_the_peer(struct fixture *f)
{
    const struct bsc_vmac to = rt_port_vmac(&f->a);
    connect_direct(&f->b, &to);
}

static void direct_down(struct fixture *f)
{
    direct_up(f);
    rt_port_until(&f->a, BSC_NODE_DIRECT_UP, 1);
    bas_port_stop(f->b.port);
}

static void direct_failed(struct fixture *f)
{
    const struct bsc_vmac peer = peer_vmac(9);
    assert_int_equal(bsc_node_set_peer(bas_port_node(f->a.port), &peer, BSC_DIRECT_NEVER,
                                       "wss://127.0.0.1:1", now(f)),
                     BAS_OK);
    connect_direct(&f->a, &peer);
}

static void direct_failed_at_once(struct fixture *f)
{
    const struct bsc_vmac peer = peer_vmac(9);
    assert_int_equal(bsc_node_set_peer(bas_port_node(f->a.port), &peer, BSC_DIRECT_NEVER,
                                       "ws://127.0.0.1:1", now(f)),
                     BAS_OK);
    connect_direct(&f->a, &peer);
}

/* A function that nobody knows. */
static void fault(struct fixture *f)
{
    uint8_t octets[] = { 0x2A, 0x04, 0, 1, 0, 0, 0, 0, 0, 0 };
    const struct bsc_vmac to = rt_port_vmac(&f->a);
    memcpy(octets + 4, to.octets, sizeof(to.octets));
    rt_peer_send(&f->peer, (struct bas_slice){ octets, sizeof(octets) });
}

static const struct {
    enum bsc_node_event_kind kind;
    void (*make)(struct fixture *f);
} rows[] = {
    { BSC_NODE_UP, nothing },
    { BSC_NODE_DOWN, hub_leaves },
    { BSC_NODE_RETRY, hub_leaves },
    { BSC_NODE_NPDU, npdu },
    { BSC_NODE_RESULT, result },
    { BSC_NODE_ADVERTISEMENT, advertisement },
    { BSC_NODE_PROPRIETARY, proprietary },
    { BSC_NODE_RESOLVED, resolved },
    { BSC_NODE_DIRECT_UP, direct_up },
    { BSC_NODE_DIRECT_UP, direct_up_by_the_peer },
    { BSC_NODE_DIRECT_DOWN, direct_down },
    { BSC_NODE_DIRECT_FAILED, direct_failed },
    { BSC_NODE_DIRECT_FAILED, direct_failed_at_once },
    { BSC_NODE_VMAC_CHANGED, nothing },
    { BSC_NODE_FAULT, fault },
};

static void start(struct fixture *f, enum bsc_node_event_kind kind)
{
    if (kind == BSC_NODE_VMAC_CHANGED) {
        f->a.node.vmac = peer_vmac(9);
    }
    rt_port_start(&f->a);
    if (kind != BSC_NODE_UP && kind != BSC_NODE_VMAC_CHANGED) {
        rt_port_until(&f->a, BSC_NODE_UP, 1);
    }
}

static void a_port_may_be_stopped_from_within_every_event(void **state)
{
    (void)state;
    static struct fixture f;
    unsigned kinds = 0;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        begin(&f);
        f.a.stop_at = 1U << rows[i].kind;
        start(&f, rows[i].kind);
        rows[i].make(&f);
        rt_until(&f.site.w, &f.a.stopped, 1);
        assert_int_equal(f.a.events[rows[i].kind], 1);
        kinds |= 1U << rows[i].kind;
        end(&f);
    }
    const unsigned own =
        1U << BSC_NODE_LINK_OPEN | 1U << BSC_NODE_LINK_CLOSE | 1U << BSC_NODE_ADMIT;
    assert_int_equal(kinds | own, (1U << (BSC_NODE_FAULT + 1)) - 1); /* all there are */
}

/* Everything that a program may do with its port; each may be refused. */
static void ask_for_all(struct rt_port *p, const struct bsc_node_event *event)
{
    struct bsc_node *node = bas_port_node(p->port);
    const bas_time at = bas_loop_now(p->w->loop);
    const struct bsc_send send = { .to = peer_vmac(9) };
    const struct bsc_vmac *peer = &send.to;
    const uint8_t octet = 1;
    if (event->kind == BSC_NODE_DIRECT_FAILED && p->events[event->kind] > 1) {
        return; /* or giving up would tell itself for ever */
    }
    bas_err answers[] = { bas_port_send(p->port, &send, (struct bas_slice){ &octet, 1 }),
                          bsc_node_resolve(node, peer, at),
                          bsc_node_solicit(node, peer, at),
                          bsc_node_advertise(node, peer, at),
                          bsc_node_connect_direct(node, peer, at),
                          bsc_node_disconnect_direct(node, peer, at) };
    for (size_t i = 0; i < BAS_ARRAY_LEN(answers); i++) {
        assert_true(answers[i] == BAS_OK || answers[i] == BAS_ERR_CLOSED ||
                    answers[i] == BAS_ERR_EXISTS || answers[i] == BAS_ERR_NOT_FOUND ||
                    answers[i] == BAS_ERR_BUSY || answers[i] == BAS_ERR_STATE);
    }
    bas_port_wake(p->port);
}

static void a_port_may_be_asked_for_all_from_within_every_event(void **state)
{
    (void)state;
    static struct fixture f;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        begin(&f);
        start(&f, rows[i].kind);
        f.a.on_event = ask_for_all;
        rows[i].make(&f);
        rt_port_until(&f.a, rows[i].kind, 1);
        rt_turns(&f.site.w, 3);
        f.a.on_event = NULL;
        end(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_may_be_stopped_from_within_every_event),
        cmocka_unit_test(a_port_may_be_asked_for_all_from_within_every_event),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
