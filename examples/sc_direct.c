/*
 * A node that accepts direct connections; with a VMAC it keeps one to that node and speaks there.
 *
 *     sc_direct wss://hub.example:4443 ca.pem node.pem node.key 0.0.0.0:4444 wss://192.0.2.7:4444
 * [VMAC]
 */
#include <basalt/app.h>

#include <stdio.h>

static void on_event(void *user, const struct bsc_node_event *event)
{
    struct bas_port **port = user;
    const struct bsc_send send = { event->vmac, { 0 }, { 0 } };
    char vmac[BSC_VMAC_TEXT];
    (void)bsc_vmac_text(&event->vmac, vmac);
    if (event->kind == BSC_NODE_UP) {
        struct bsc_vmac own = bsc_node_vmac(bas_port_node(*port));
        printf("VMAC %s\n", bsc_vmac_text(&own, vmac));
    } else if (event->kind == BSC_NODE_DIRECT_UP) {
        const struct bas_slice who_is = { (const uint8_t *)"\1\0\x10\10", 4 };
        printf("connected with %s: %s\n", vmac, bas_err_text(bas_port_send(*port, &send, who_is)));
    } else if (event->kind == BSC_NODE_DIRECT_DOWN || event->kind == BSC_NODE_DIRECT_FAILED) {
        printf("not connected with %s\n", vmac);
    } else if (event->kind == BSC_NODE_NPDU) {
        printf("%zu octets from %s\n", event->npdu.len, vmac);
    }
}

int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_fault fault = { 0 };
    struct bas_port *port = NULL;
    struct bsc_vmac peer;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 7 || (argc > 7 && bsc_vmac_parse(argv[7], &peer) != BAS_OK)) {
        return 2;
    }
    struct bsc_node_config node = { .size = sizeof(node), .primary_uri = argv[1] };
    node.direct_initiate = node.direct_accept = true;
    node.direct_accept_uris = argv[6];
    struct bas_tls_config tls = { .size = sizeof(tls), .issuer_files = { argv[2] } };
    tls.certificate_file = argv[3];
    tls.key_file = argv[4];
    struct bas_port_config config = { .size = sizeof(config), .node = &node, .tls = &tls };
    config.direct_bind = argv[5];
    config.event = on_event;
    config.user = &port;
    port = bas_port_start(loop, &config, &fault);
    if (port != NULL &&
        (argc == 7 || bsc_node_set_peer(bas_port_node(port), &peer, BSC_DIRECT_ALWAYS, NULL,
                                        bas_loop_now(loop)) == BAS_OK)) {
        bas_loop_run(loop); /* for ever */
    }
    fprintf(stderr, "%s\n", fault.text);
    return bas_err_exit_status(fault.err);
}
