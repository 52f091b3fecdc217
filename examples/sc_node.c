/*
 * A low-level node: connects to a hub, broadcasts an NPDU and prints what comes for two seconds.
 *
 *     sc_node wss://hub.example:4443 ca.pem node.pem node.key 0120ffff00ff1008
 */
#include <basalt/app.h>

#include <signal.h>
#include <stdio.h>

static void on_event(void *user, const struct bsc_node_event *event)
{
    char vmac[BSC_VMAC_TEXT];
    char hex[2 * 1497 + 1];
    struct bas_buf text;
    (void)user;
    if (event->kind == BSC_NODE_NPDU) {
        bas_buf_init(&text, hex, sizeof(hex));
        bas_buf_add_hex(&text, event->npdu);
        printf("%s: %s\n", bsc_vmac_text(&event->vmac, vmac), bas_buf_text(&text));
    }
}

static void on_alarm(void *user)
{
    bas_port_stop(user); /* the loop ends when nothing is left on it */
}

int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_fault fault = { 0 };
    uint8_t npdu[1497];
    size_t len = sizeof(npdu);
    signal(SIGPIPE, SIG_IGN);
    if (argc != 6 || loop == NULL || bas_hex_decode(argv[5], npdu, &len) != BAS_OK) {
        return 2;
    }
    const struct bsc_node_config node = { .size = sizeof(node), .primary_uri = argv[1] };
    const struct bas_tls_config tls = { .size = sizeof(tls),
                                        .issuer_files = { argv[2] },
                                        .certificate_file = argv[3],
                                        .key_file = argv[4] };
    const struct bas_port_config config = {
        .size = sizeof(config), .node = &node, .tls = &tls, .event = on_event
    };
    const struct bsc_send all = { .to = { { 255, 255, 255, 255, 255, 255 } } };
    struct bas_port *port = bas_port_start(loop, &config, &fault);
    if (port != NULL && bas_port_wait(port, 10000, &fault) == BAS_OK &&
        bas_port_send(port, &all, (struct bas_slice){ npdu, len }) == BAS_OK) {
        struct bas_alarm *alarm = bas_alarm_new(loop, on_alarm, port);
        bas_alarm_set(alarm, 2000);
        bas_loop_run(loop);
        bas_alarm_free(alarm);
    }
    fprintf(stderr, "%s", fault.text);
    return bas_err_exit_status(fault.err);
}
