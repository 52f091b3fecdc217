/*
 * Hub and device in one process, by the sections hub: and device: of a file. The device reaches the
 * hub as everybody does, and has its VMAC, UUID and certificate.
 *
 *     sc_server site.yaml
 */
#include <basalt/app.h>

#include <signal.h>
#include <stdio.h>

struct server {
    struct bas_hub *hub;
    struct bas_station *device;
};

static void on_event(void *user, const struct bas_station_event *event)
{
    struct server *s = user;
    if (event->kind == BAS_STATION_UP) {
        printf("the device is connected to %s\n", event->uri);
    } else if (event->kind == BAS_STATION_SERVER && event->server->kind == BAC_SERVER_WRITTEN) {
        printf("a property was written\n");
    } else if (event->kind == BAS_STATION_STOPPED) {
        bas_hub_stop(s->hub); /* the hub outlives its device */
    }
}

static void on_signal(void *user, int signal)
{
    struct server *s = user;
    (void)signal;
    bas_station_stop(s->device);
}

int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_fault fault = { 0 };
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_config *config = bas_config_new(&env);
    const struct bas_hub_callbacks callbacks = { 0 };
    struct server s = { 0 };
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && bas_config_load(config, argv[1], &fault) == BAS_OK &&
        (s.hub = bas_hub_start(loop, bas_config_hub(config), &callbacks, &fault)) != NULL &&
        (s.device = bas_device_start(loop, bas_config_device(config), s.hub, on_event, &s,
                                     &fault)) != NULL) {
        printf("listening: %s\n", bas_hub_uri(s.hub));
        bas_loop_on_signal(loop, on_signal, &s);
        bas_loop_run(loop);
        bas_loop_free(loop);
    }
    bas_config_free(config);
    fprintf(stderr, "%s\n", argc == 2 ? fault.text : "usage: sc_server FILE");
    return argc == 2 ? bas_err_exit_status(fault.err) : 2;
}
