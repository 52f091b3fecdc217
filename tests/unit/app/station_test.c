/* A hub, a device and a client on one loop: real TLS over loopback sockets, no time but what the
 * network takes. */
#include "test_env.h"

#include "basalt/app.h"
#include "basalt/pki.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

struct world {
    struct bas_env env;
    struct bas_loop *loop;
    struct bas_hub *hub;
    struct bas_station *device;
    struct bas_station *client;
    char uri[80];
    unsigned joined, left, refused, up, i_am, stopped;
    struct bac_address device_address;
    uint32_t device_instance;
    enum bac_client_event_kind answered;
    uint8_t answer[256];
    size_t answer_len;
    struct bas_fault fault;
    bas_err retry;
    char subject[256];
    void (*on_device_up)(struct world *w);
    bool is_visitor;
    void (*on_i_am)(struct world *w);
    void (*on_answer)(struct world *w);
};

static void make_certificates(const struct bas_env *env)
{
    static const char *const names[] = { "hub", "device", "client" };
    struct bas_fault fault = { 0 };
    struct bas_pki_pair made;
    const struct bas_pki_authority_request ca = { .size = sizeof(ca), .directory = "." };
    const struct bas_pki_authority_request other = { .size = sizeof(other), .directory = "other" };
    const struct bas_pki_device_request stranger = { .size = sizeof(stranger),
                                                     .directory = "other",
                                                     .name = "stranger" };
    assert_int_equal(bas_pki_init(env, &ca, &made, &fault), BAS_OK);
    assert_int_equal(bas_pki_init(env, &other, &made, &fault), BAS_OK);
    assert_int_equal(bas_pki_issue(env, &stranger, &made, &fault), BAS_OK);
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        const struct bas_pki_device_request one = { .size = sizeof(one),
                                                    .directory = ".",
                                                    .name = names[i] };
        assert_int_equal(bas_pki_issue(env, &one, &made, &fault), BAS_OK);
    }
}

static void on_log(void *ctx, enum bas_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    (void)text;
}

static void on_notice(void *user, const struct bas_hub_notice *notice)
{
    struct world *w = user;
    w->joined += notice->kind == BSC_HUB_JOINED;
    w->left += notice->kind == BSC_HUB_LEFT;
    w->refused += notice->kind == BSC_HUB_CLOSE;
    if (notice->kind != BSC_HUB_LEFT) {
        (void)snprintf(w->subject, sizeof(w->subject), "%s", notice->subject);
    }
}

static void on_stopped(void *user)
{
    struct world *w = user;
    w->stopped++;
}

static void stop_all(struct world *w)
{
    if (w->client != NULL) {
        bas_station_stop(w->client);
        w->client = NULL;
    }
    if (w->device != NULL) {
        bas_station_stop(w->device);
        w->device = NULL;
    }
    bas_hub_stop(w->hub);
}

static struct bas_tls_config credentials(const char *certificate, const char *key)
{
    return (struct bas_tls_config){ .size = sizeof(struct bas_tls_config),
                                    .issuer_files = { "ca.pem" },
                                    .certificate_file = certificate,
                                    .key_file = key };
}

static void begin(struct world *w)
{
    memset(w, 0, sizeof(*w));
    w->env = bas_env_host(w, on_log);
    w->loop = bas_loop_new(&w->env);
    assert_non_null(w->loop);
    struct bas_hub_settings settings = { .bind = "127.0.0.1:0",
                                         .tls = credentials("hub.pem", "hub.key"),
                                         .engine = { .size = sizeof(settings.engine) } };
    const struct bas_hub_callbacks callbacks = { on_notice, on_stopped, w };
    w->hub = bas_hub_start(w->loop, &settings, &callbacks, &w->fault);
    if (w->hub == NULL) {
        fail_msg("%s", w->fault.text);
    }
    (void)snprintf(w->uri, sizeof(w->uri), "wss://%s/", bas_hub_address(w->hub));
}

static void on_device(void *user, const struct bas_station_event *event)
{
    struct world *w = user;
    w->stopped += event->kind == BAS_STATION_STOPPED;
    if (event->kind == BAS_STATION_UP && w->on_device_up != NULL) {
        w->on_device_up(w);
    }
}

static void start_device(struct world *w)
{
    static struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT,
          .instance = 1,
          .name = "Supply air",
          .units = "degrees-celsius",
          .value = "21.5" },
        { .type = BAC_OBJECT_ANALOG_OUTPUT, .instance = 2 },
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
    if (w->device == NULL) {
        fail_msg("%s", w->fault.text);
    }
}

static void on_client(void *user, const struct bas_station_event *event)
{
    struct world *w = user;
    if (event->kind == BAS_STATION_UP) {
        uint8_t memory[16];
        struct bas_buf none;
        bas_buf_init(&none, memory, sizeof(memory));
        const struct bas_request who_is = { .to = { .network = BAC_BROADCAST_NETWORK },
                                            .service = BAC_UNCONFIRMED_WHO_IS };
        w->up++;
        assert_int_equal(bas_station_unconfirmed(w->client, &who_is), BAS_OK);
    }
    if (event->kind == BAS_STATION_RETRY) {
        w->retry = event->fault->err;
        w->fault = *event->fault;
        stop_all(w);
    }
    if (event->kind == BAS_STATION_REQUEST && event->service == BAC_UNCONFIRMED_I_AM) {
        struct bac_i_am i_am;
        struct bac_arena none;
        bac_arena_init(&none, NULL, 0);
        assert_int_equal(bac_decode_all(&bac_type_i_am, event->parameters, &i_am, &none, NULL),
                         BAS_OK);
        w->device_instance = i_am.device.instance;
        w->device_address = event->source;
        w->on_i_am(w);
    }
    w->stopped += event->kind == BAS_STATION_STOPPED;
}

static void start_client(struct world *w, const char *certificate, const char *key)
{
    const struct bas_tls_config tls = credentials(certificate, key);
    const struct bsc_node_config node = { .size = sizeof(node), .primary_uri = w->uri };
    const struct bas_station_config config = { .size = sizeof(config),
                                               .port.node = &node,
                                               .port.tls = &tls,
                                               .port.is_visitor = w->is_visitor,
                                               .event = on_client,
                                               .user = w };
    w->client = bas_station_start(w->loop, &config, &w->fault);
}

/* A client that trusts our hub, which does not trust its issuer. */
static void start_stranger(struct world *w)
{
    struct bas_tls_config tls = credentials("other/stranger.pem", "other/stranger.key");
    const struct bsc_node_config node = { .size = sizeof(node), .primary_uri = w->uri };
    const struct bas_station_config config = {
        .size = sizeof(config), .port.node = &node, .port.tls = &tls, .event = on_client, .user = w
    };
    tls.issuer_files[1] = "other/ca.pem";
    w->client = bas_station_start(w->loop, &config, &w->fault);
    assert_non_null(w->client);
}

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct world *w = user;
    w->answered = event->kind;
    w->fault = event->fault;
    assert_true(event->body.len <= sizeof(w->answer));
    w->answer_len = event->body.len;
    if (event->body.len != 0) {
        memcpy(w->answer, event->body.data, event->body.len);
    }
    w->on_answer(w);
}

static void read_property(struct world *w, struct bac_object_id object, uint32_t property)
{
    uint8_t memory[64];
    struct bas_buf parameters;
    bas_buf_init(&parameters, memory, sizeof(memory));
    const struct bac_read_property read = { .object = object, .property = property };
    assert_int_equal(bac_encode(&bac_type_read_property, &read, BAC_APPLICATION, &parameters),
                     BAS_OK);
    const struct bas_request request = { .to = w->device_address,
                                         .service = BAC_CONFIRMED_READ_PROPERTY,
                                         .parameters = { memory, parameters.len } };
    assert_int_equal(bas_station_request(w->client, &request, on_answer, w), BAS_OK);
}

static void read_supply_air(struct world *w)
{
    read_property(w, (struct bac_object_id){ BAC_OBJECT_ANALOG_INPUT, 1 },
                  BAC_PROPERTY_PRESENT_VALUE);
}

static void finish(struct world *w)
{
    bas_loop_run(w->loop);
    bas_loop_free(w->loop);
}

static void a_client_finds_a_device_through_the_hub_and_reads_from_it(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    start_device(&w);
    start_client(&w, "client.pem", "client.key");
    w.on_i_am = read_supply_air;
    w.on_answer = stop_all;
    finish(&w);
    assert_int_equal(w.device_instance, 1234);
    assert_int_equal(w.device_address.mac_len, 6);
    assert_int_equal(w.answered, BAC_CLIENT_ACK);
    struct bas_slice value = test_hex("0c0000000119553e4441ac00003f");
    assert_int_equal(w.answer_len, value.len);
    assert_memory_equal(w.answer, value.data, value.len);
    assert_int_equal(w.joined, 2);
    assert_int_equal(w.left, 2);
    assert_int_equal(w.stopped, 3);
}

static void a_visitor_with_the_certificate_of_a_device_does_not_push_it_out(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    start_device(&w);
    w.is_visitor = true;
    start_client(&w, "device.pem", "device.key");
    w.on_i_am = read_supply_air;
    w.on_answer = stop_all;
    finish(&w);
    assert_int_equal(w.answered, BAC_CLIENT_ACK);
    assert_int_not_equal(w.answer_len, 0);
    assert_int_equal(w.joined, 2);
}

static void read_nothing(struct world *w)
{
    read_property(w, (struct bac_object_id){ BAC_OBJECT_ANALOG_INPUT, 9 },
                  BAC_PROPERTY_PRESENT_VALUE);
}

static void an_unknown_object_comes_back_as_an_error_with_class_and_code(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    start_device(&w);
    start_client(&w, "client.pem", "client.key");
    w.on_i_am = read_nothing;
    w.on_answer = stop_all;
    finish(&w);
    assert_int_equal(w.answered, BAC_CLIENT_ERROR);
    assert_int_equal(w.fault.error_class, BAC_ERROR_CLASS_OBJECT);
    assert_int_equal(w.fault.error_code, BAC_ERROR_CODE_UNKNOWN_OBJECT);
}

static void the_hub_knows_the_subject_of_the_certificate_that_joined(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    start_device(&w);
    start_client(&w, "client.pem", "client.key");
    w.on_i_am = stop_all;
    finish(&w);
    assert_non_null(strstr(w.subject, "CN="));
}

static void a_connection_ends_with_one_notice_whether_it_joined_or_not(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.on_device_up = start_stranger;
    start_device(&w);
    finish(&w);
    assert_int_equal(w.retry, BAS_ERR_CERTIFICATE);
    assert_int_equal(w.joined, 1);
    assert_int_equal(w.left, 1);
    assert_int_equal(w.refused, 1);
    assert_string_equal(w.subject, "CN=stranger");
}

static void nobody_listening_is_refused_with_its_name(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    (void)snprintf(w.uri, sizeof(w.uri), "wss://127.0.0.1:1");
    start_client(&w, "client.pem", "client.key");
    finish(&w);
    assert_int_equal(w.retry, BAS_ERR_REFUSED);
    assert_int_equal(w.fault.error_code, BAC_ERROR_CODE_TCP_CONNECTION_REFUSED);
    assert_non_null(strstr(w.fault.text, "127.0.0.1:1"));
}

static void a_scheme_other_than_wss_is_refused(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    (void)snprintf(w.uri, sizeof(w.uri), "ws://127.0.0.1:1");
    start_client(&w, "client.pem", "client.key");
    assert_null(w.client);
    stop_all(&w);
    finish(&w);
    assert_int_equal(w.fault.error_code, BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED);
    assert_non_null(strstr(w.fault.text, "wss://"));
}

static void a_hub_stops_with_nobody_connected(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    bas_hub_stop(w.hub);
    finish(&w);
    assert_int_equal(w.stopped, 1);
}

static int setup(void **state)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    int status = test_folder_enter(state);
    make_certificates(&env);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_finds_a_device_through_the_hub_and_reads_from_it),
        cmocka_unit_test(a_visitor_with_the_certificate_of_a_device_does_not_push_it_out),
        cmocka_unit_test(an_unknown_object_comes_back_as_an_error_with_class_and_code),
        cmocka_unit_test(the_hub_knows_the_subject_of_the_certificate_that_joined),
        cmocka_unit_test(a_connection_ends_with_one_notice_whether_it_joined_or_not),
        cmocka_unit_test(nobody_listening_is_refused_with_its_name),
        cmocka_unit_test(a_scheme_other_than_wss_is_refused),
        cmocka_unit_test(a_hub_stops_with_nobody_connected),
    };
    return cmocka_run_group_tests(tests, setup, test_folder_leave);
}
