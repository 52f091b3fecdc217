/*
 * A node with two hubs: says which of them it is on, and why, until Ctrl-C. It goes to the failover
 * when the primary is lost, probes the primary meanwhile, and returns by itself.
 *
 *     sc_failover wss://one.example:4443 wss://two.example:4443 ca.pem node.pem node.key
 */
#include <basalt/app.h>

#include <signal.h>
#include <stdio.h>

static void on_event(void *user, const struct bsc_node_event *event)
{
    (void)user;
    if (event->kind == BSC_NODE_UP) {
        printf("on the %s: %s\n", event->hub_state == 1 ? "primary" : "failover", event->uri);
    } else if (event->kind == BSC_NODE_DOWN) {
        printf("on no hub: %s\n", event->fault.text);
    }
}

static void on_signal(void *user, int signal)
{
    (void)signal;
    bas_port_stop(user);
}

int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_fault fault = { 0 };
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 6 || loop == NULL) {
        return 2;
    }
    const struct bsc_node_config node = { .size = sizeof(node),
                                          .primary_uri = argv[1],
                                          .failover_uri = argv[2],
                                          .minimum_reconnect_ms = 500,
                                          .maximum_reconnect_ms = 2000 };
    const struct bas_tls_config tls = { .size = sizeof(tls),
                                        .issuer_files = { argv[3] },
                                        .certificate_file = argv[4],
                                        .key_file = argv[5] };
    const struct bas_port_config config = {
        .size = sizeof(config), .node = &node, .tls = &tls, .event = on_event
    };
    struct bas_port *port = bas_port_start(loop, &config, &fault);
    if (port == NULL) {
        fprintf(stderr, "%s\n", fault.text);
        return bas_err_exit_status(fault.err);
    }
    bas_loop_on_signal(loop, on_signal, port);
    bas_loop_run(loop);
    bas_loop_free(loop);
    return 0;
}
