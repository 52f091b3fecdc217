/*
 * A client: asks who is there, reads the name of the first device that answers, and ends.
 *
 *     sc_client wss://hub.example:4443 ca.pem client.pem client.key
 */
#include <basalt/app.h>

#include <stdio.h>

static void on_name(void *user, const struct bac_client_event *event)
{
    struct bac_read_property_ack ack;
    struct bas_buf out;
    struct bas_json json = { .out = &out };
    char text[300];
    if (event->kind == BAC_CLIENT_ACK &&
        bac_decode_all(&bac_type_read_property_ack, event->body, &ack, NULL, NULL) == BAS_OK) {
        bas_buf_init(&out, text, sizeof(text));
        (void)bac_json_any(ack.value, &json, NULL);
        printf("device %u: %s\n", (unsigned)ack.object.instance, bas_buf_text(&out));
    }
    bas_station_stop(user);
}

static void on_event(void *user, const struct bas_station_event *event)
{
    struct bas_station **station = user;
    static const uint8_t name[] = { 0x0C, 2, 63, 255, 255, 0x19, 77 }; /* device,any object-name */
    struct bas_request request = { .to = { .network = BAC_BROADCAST_NETWORK } };
    bas_err err = BAS_OK;
    if (event->kind == BAS_STATION_UP) {
        request.service = BAC_UNCONFIRMED_WHO_IS;
        err = bas_station_unconfirmed(*station, &request);
    } else if (event->kind == BAS_STATION_REQUEST && event->service == BAC_UNCONFIRMED_I_AM) {
        request = (struct bas_request){ event->source, BAC_CONFIRMED_READ_PROPERTY, { name, 7 } };
        err = bas_station_request(*station, &request, on_name, *station);
    }
    fputs(err == BAS_OK ? "" : bas_err_text(err), stderr);
}

int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_fault fault = { 0 };
    struct bas_station *station = NULL;
    if (argc != 5) {
        return 2;
    }
    const struct bsc_node_config node = { .size = sizeof(node), .primary_uri = argv[1] };
    const struct bas_tls_config tls = { sizeof(tls), { argv[2] }, argv[3], .key_file = argv[4] };
    struct bas_station_config config = { sizeof(config), .event = on_event, .user = &station };
    config.port.node = &node;
    config.port.tls = &tls;
    station = bas_station_start(loop, &config, &fault);
    bas_loop_run(loop); /* until on_name stops it */
    fprintf(stderr, "%s", fault.text);
    return bas_err_exit_status(fault.err);
}
