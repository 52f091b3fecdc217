/* Serves an input that changes and an output that others command: sc_objects HUB CA CERT KEY */
#include <basalt/app.h>
#include <stdio.h>
static struct bas_alarm *timer;

static void on_timer(void *station)
{
    static struct bac_value air = { .tag = BAC_TAG_REAL, .as.real = 20 };
    const struct bac_object_id input = { BAC_OBJECT_ANALOG_INPUT, 1 };
    air.as.real += 0.5F;
    if (bac_server_set(bas_station_server(station), input, &air, 0) == BAS_OK)
        bas_alarm_set(timer, 100);
}
static void tell(void *user, const struct bas_station_event *event)
{
    if (event->kind == BAS_STATION_SERVER && event->server->kind == BAC_SERVER_WRITTEN)
        fprintf(user, "the valve is at %g\n", (double)event->server->present.as.real);
}
int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_fault fault = { 0 };
    if (argc != 5)
        return 2;
    struct bac_object_config objects[] = { { BAC_OBJECT_ANALOG_INPUT, 1, .name = "Air" },
                                           { BAC_OBJECT_ANALOG_OUTPUT, 1, .name = "Valve" } };
    struct bac_server_config own = { sizeof(own), sizeof(*objects), objects, 2, 42, .name = "Me" };
    struct bsc_node_config node = { sizeof(node), .primary_uri = argv[1] };
    struct bas_tls_config tls = { sizeof(tls), { argv[2] }, argv[3], .key_file = argv[4] };
    struct bas_station_config c = { sizeof(c), { 0, &node, .tls = &tls }, .server = &own };
    c.event = tell;
    c.user = stderr;
    struct bas_station *us = bas_station_start(loop, &c, &fault);
    timer = bas_alarm_new(loop, on_timer, us);
    if (us != NULL)
        on_timer(us);
    bas_loop_run(loop);
    return fputs(fault.text, stderr);
}
