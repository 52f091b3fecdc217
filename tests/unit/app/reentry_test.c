/* Programs that stop, ask or start from within the call that tells them something: a hub, a device
 * and a client on one loop. */
#include "test_env.h"

#include "basalt/app.h"
#include "basalt/pki.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

enum { NONE = -1, AT_ANSWER = 100, NO_RETRIES = 255, MANY = 200 };

struct world {
    struct bas_env env;
    struct bas_loop *loop;
    struct bas_hub *hub;
    struct bas_station *device, *client;
    char uri[80];
    int hub_stops_at;    /* enum bsc_hub_event_kind */
    int client_stops_at; /* enum bas_station_event_kind, or AT_ANSWER */
    int device_stops_at;
    bool has_asked;
    bool client_leaves; /* with its answer, and nobody else */
    unsigned questions; /* asked at once, as soon as the device is known */
    unsigned answers, acks, stopped, hub_stopped;
    struct bas_fault fault;
};

static void stop_hub(struct world *w)
{
    if (w->hub != NULL) {
        bas_hub_stop(w->hub);
    }
}

static void stop_all(struct world *w)
{
    if (w->client != NULL) {
        bas_station_stop(w->client);
    }
    if (w->device != NULL) {
        bas_station_stop(w->device);
    }
    stop_hub(w);
}

static void on_notice(void *user, const struct bas_hub_notice *notice)
{
    struct world *w = user;
    if ((int)notice->kind == w->hub_stops_at) {
        stop_all(w);
    }
    assert_non_null(notice->address);
}

static void on_hub_stopped(void *user)
{
    struct world *w = user;
    w->hub = NULL;
    w->hub_stopped++;
}

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct world *w = user;
    w->answers++;
    w->acks += event->kind == BAC_CLIENT_ACK;
    if (w->client_leaves) {
        bas_station_stop(w->client);
    } else if (w->client_stops_at == AT_ANSWER || w->answers == w->questions) {
        stop_all(w);
    }
}

static void ask(struct world *w, const struct bac_address *device)
{
    uint8_t memory[64];
    struct bas_buf parameters;
    bas_buf_init(&parameters, memory, sizeof(memory));
    const struct bac_write_property write = {
        .object = { BAC_OBJECT_ANALOG_VALUE, 1 },
        .property = BAC_PROPERTY_PRESENT_VALUE,
        .value = test_hex("4442c80000"),
    };
    assert_int_equal(bac_encode(&bac_type_write_property, &write, BAC_APPLICATION, &parameters),
                     BAS_OK);
    const struct bas_request request = { .to = *device,
                                         .service = BAC_CONFIRMED_WRITE_PROPERTY,
                                         .parameters = { memory, parameters.len } };
    for (unsigned i = 0; i < w->questions; i++) {
        assert_int_equal(bas_station_request(w->client, &request, on_answer, w), BAS_OK);
    }
}

static void on_client(void *user, const struct bas_station_event *event)
{
    struct world *w = user;
    const struct bas_request who_is = { .to = { .network = BAC_BROADCAST_NETWORK },
                                        .service = BAC_UNCONFIRMED_WHO_IS };
    if (event->kind == BAS_STATION_STOPPED) {
        w->client = NULL;
        w->stopped++;
        return;
    }
    if (event->kind == BAS_STATION_UP) {
        assert_int_equal(bas_station_unconfirmed(w->client, &who_is), BAS_OK);
    }
    if (event->kind == BAS_STATION_REQUEST && event->service == BAC_UNCONFIRMED_I_AM &&
        !w->has_asked) {
        w->has_asked = true;
        ask(w, &event->source);
    }
    if ((int)event->kind == w->client_stops_at) {
        stop_all(w);
        assert_true(event->kind != BAS_STATION_REQUEST || event->parameters.data[0] != 0);
    }
}

static void on_device(void *user, const struct bas_station_event *event)
{
    struct world *w = user;
    if (event->kind == BAS_STATION_STOPPED) {
        w->device = NULL;
        w->stopped++;
    } else if ((int)event->kind == w->device_stops_at) {
        stop_all(w);
        assert_true(event->kind != BAS_STATION_SERVER ||
                    event->server->property == BAC_PROPERTY_PRESENT_VALUE);
    }
}

static struct bas_tls_config credentials(const char *certificate, const char *key)
{
    return (struct bas_tls_config){ .size = sizeof(struct bas_tls_config),
                                    .issuer_files = { "ca.pem" },
                                    .certificate_file = certificate,
                                    .key_file = key };
}

static void start_hub(struct world *w)
{
    const struct bas_hub_settings settings = { .bind = "127.0.0.1:0",
                                               .tls = credentials("hub.pem", "hub.key"),
                                               .engine = { .size = sizeof(settings.engine) } };
    const struct bas_hub_callbacks callbacks = { on_notice, on_hub_stopped, w };
    w->hub = bas_hub_start(w->loop, &settings, &callbacks, &w->fault);
    assert_non_null(w->hub);
    (void)snprintf(w->uri, sizeof(w->uri), "wss://%s/", bas_hub_address(w->hub));
}

static void start_device(struct world *w)
{
    static struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 1 },
    };
    const struct bas_device_settings settings = {
        .instance = 1234,
        .vendor_identifier = 555,
        .tls = credentials("device.pem", "device.key"),
        .engine = { .size = sizeof(settings.engine), .primary_uri = w->uri },
        .objects = objects,
        .n_objects = BAS_ARRAY_LEN(objects),
    };
    w->device = bas_device_start(w->loop, &settings, NULL, on_device, w, &w->fault);
    assert_non_null(w->device);
}

static void start_client(struct world *w, const char *uri)
{
    const struct bas_tls_config tls = credentials("client.pem", "client.key");
    const struct bsc_node_config node = { .size = sizeof(node), .primary_uri = uri };
    const struct bas_station_config config = { .size = sizeof(config),
                                               .port.node = &node,
                                               .port.tls = &tls,
                                               .apdu_retries = NO_RETRIES,
                                               .event = on_client,
                                               .user = w };
    w->client = bas_station_start(w->loop, &config, &w->fault);
    assert_non_null(w->client);
}

static void begin(struct world *w)
{
    *w = (struct world){
        .hub_stops_at = NONE, .client_stops_at = NONE, .device_stops_at = NONE, .questions = 1
    };
    w->env = bas_env_host(w, NULL);
    w->loop = bas_loop_new(&w->env);
    assert_non_null(w->loop);
    start_hub(w);
}

/* A device and a client that writes to it, until all have stopped. */
static void run(struct world *w)
{
    start_device(w);
    start_client(w, w->uri);
    bas_loop_run(w->loop);
    bas_loop_free(w->loop);
    assert_int_equal(w->hub_stopped, 1);
    assert_int_equal(w->stopped, 2);
}

static void a_hub_may_be_stopped_in_any_notice(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.hub_stops_at = BSC_HUB_JOINED;
    run(&w);
    begin(&w);
    w.hub_stops_at = BSC_HUB_LEFT;
    w.client_leaves = true;
    run(&w);
}

static void a_station_may_be_stopped_in_any_event(void **state)
{
    (void)state;
    static const int kinds[] = { BAS_STATION_UP, BAS_STATION_REQUEST, AT_ANSWER };
    for (size_t i = 0; i < BAS_ARRAY_LEN(kinds); i++) {
        struct world w;
        begin(&w);
        w.client_stops_at = kinds[i];
        run(&w);
    }
}

static void a_device_may_be_stopped_in_any_event(void **state)
{
    (void)state;
    static const int kinds[] = { BAS_STATION_UP, BAS_STATION_REQUEST, BAS_STATION_SERVER };
    for (size_t i = 0; i < BAS_ARRAY_LEN(kinds); i++) {
        struct world w;
        begin(&w);
        w.device_stops_at = kinds[i];
        run(&w);
    }
}

static void a_station_may_be_stopped_when_an_attempt_fails(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.client_stops_at = BAS_STATION_RETRY;
    start_client(&w, "wss://127.0.0.1:1/");
    bas_loop_run(w.loop);
    bas_loop_free(w.loop);
    assert_int_equal(w.stopped, 1);
    assert_int_equal(w.hub_stopped, 1);
}

static void all_of_many_requests_of_one_call_are_sent(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.questions = MANY;
    run(&w);
    assert_int_equal(w.answers, MANY);
    assert_int_equal(w.acks, MANY);
}

static int setup(void **state)
{
    static const char *const names[] = { "hub", "device", "client" };
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_fault fault = { 0 };
    struct bas_pki_pair made;
    int status = test_folder_enter(state);
    const struct bas_pki_authority_request ca = { .size = sizeof(ca), .directory = "." };
    assert_int_equal(bas_pki_init(&env, &ca, &made, &fault), BAS_OK);
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        const struct bas_pki_device_request one = { .size = sizeof(one),
                                                    .directory = ".",
                                                    .name = names[i] };
        assert_int_equal(bas_pki_issue(&env, &one, &made, &fault), BAS_OK);
    }
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hub_may_be_stopped_in_any_notice),
        cmocka_unit_test(a_station_may_be_stopped_in_any_event),
        cmocka_unit_test(a_device_may_be_stopped_in_any_event),
        cmocka_unit_test(a_station_may_be_stopped_when_an_attempt_fails),
        cmocka_unit_test(all_of_many_requests_of_one_call_are_sent),
    };
    return cmocka_run_group_tests(tests, setup, test_folder_leave);
}
