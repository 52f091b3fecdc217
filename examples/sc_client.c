/*
 * A client: asks who is there, reads some properties of the first device that answers, and ends.
 *
 *     sc_client wss://hub.example:4443 ca.pem client.pem client.key
 */
#include <basalt/app_client.h>
#include <stdio.h>

static struct bas_station *station;
static bas_call_id search;

static void on_end(void *user, const struct bas_outcome *outcome)
{
    fprintf(user, "%s\n", outcome->fault->text);
    bas_station_stop(station);
}
static void on_read(void *user, const struct bas_property_read *read)
{
    char text[500];
    struct bas_buf out;
    (void)user;
    bas_buf_init(&out, text, sizeof(text));
    bas_property_text(&read->of, &out);
    bas_buf_add_text(&out, ": ");
    bac_value_text(read->type, &read->value, &out);
    printf("%s\n", read->has_value ? bas_buf_text(&out) : read->fault->text);
}
static void on_heard(void *user, const struct bac_peer *peer)
{
    const struct bac_object_id object = { BAC_OBJECT_DEVICE, peer->instance };
    const struct bas_property items[] = { { object, BAC_PROPERTY_OBJECT_NAME, BAC_NO_INDEX },
                                          { object, BAC_PROPERTY_OBJECT_LIST, 0 } };
    const struct bas_peer_name device = bas_peer_device(peer->instance);
    const struct bas_read_list list = { items, 2, on_read, on_end, user };
    bas_cancel(station, search); /* the first is enough */
    bas_read_many(station, &device, &list);
}
static void on_event(void *user, const struct bas_station_event *event)
{
    const struct bas_who_is all = { .heard = on_heard, .user = user };
    if (event->kind == BAS_STATION_UP)
        search = bas_who_is(station, &all);
}
int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_fault fault = { 0 };
    if (argc != 5)
        return 2;
    const struct bsc_node_config node = { sizeof(node), .primary_uri = argv[1] };
    const struct bas_tls_config tls = { sizeof(tls), { argv[2] }, argv[3], .key_file = argv[4] };
    struct bas_station_config c = { sizeof(c), { 0, &node, .tls = &tls }, .event = on_event };
    struct bas_loop *loop = bas_loop_new(&env);
    c.user = stderr;
    station = bas_station_start(loop, &c, &fault);
    bas_loop_run(loop); /* until on_end stops it */
    fputs(fault.text, stderr);
    return bas_err_exit_status(fault.err);
}
