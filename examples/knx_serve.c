/*
 * A KNXnet/IP server with a virtual line, as its configuration file says: basalt knx serve without
 * the trimmings.
 *
 *     knx_serve knx.yaml
 */
#include <basalt/app_knx.h>

#include <signal.h>
#include <stdio.h>

struct serving {
    struct bas_knx_server *server; /* NULL: stopped */
};

static void on_event(void *user, const struct knx_server_event *event)
{
    char text[KNX_ADDRESS_TEXT];
    (void)user;
    if (event->kind == KNX_SERVER_EVENT_CHANNEL_UP) {
        printf("tunnel %s is in use by user %u\n", knx_ia_text(event->address, text),
               (unsigned)event->user);
    } else if (event->kind == KNX_SERVER_EVENT_CHANNEL_DOWN) {
        printf("tunnel %s is free\n", knx_ia_text(event->address, text));
    } else if (event->fault != NULL) {
        printf("%s\n", event->fault->text);
    }
}

static void on_signal(void *user, int signal)
{
    struct serving *s = user;
    (void)signal;
    if (s->server != NULL) {
        bas_knx_server_stop(s->server);
        s->server = NULL;
    }
}

static void run(struct bas_loop *loop, struct bas_config *config, struct bas_fault *fault)
{
    struct serving s = { NULL };
    const struct bas_knx_server_callbacks callbacks = { .event = on_event, .user = &s };
    s.server = bas_knx_server_start(loop, bas_config_knx_server(config), &callbacks, fault);
    if (s.server != NULL) {
        printf("listening on %s\n", bas_knx_server_address(s.server));
        bas_loop_on_signal(loop, on_signal, &s);
    }
    bas_loop_run(loop);
}

int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_fault fault = { 0 };
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_config *config = bas_config_new(&env);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 2 || loop == NULL || config == NULL) {
        fprintf(stderr, "usage: knx_serve FILE\n");
        return 2;
    }
    if (bas_config_load(config, argv[1], &fault) == BAS_OK) {
        run(loop, config, &fault);
    }
    bas_loop_free(loop);
    bas_config_free(config);
    if (fault.err != BAS_OK) {
        fprintf(stderr, "%s\n", fault.text);
    }
    return bas_err_exit_status(fault.err);
}
