#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/port.h"
#include "device_fixture.h"
#include "sc_peer.h"

#include "basalt/pki.h"

#include <unistd.h>

#define PORT BAC_OBJECT_NETWORK_PORT, 1
static const struct bac_object_id port = { BAC_OBJECT_NETWORK_PORT, 1 };

struct port_fixture {
    struct fixture f;
    struct rt_station client;
    unsigned error_code; /* of the last answer */
};

static int remove_files(void **state)
{
    (void)state;
    (void)unlink("d.state.values");
    (void)unlink("d.state.values-wal");
    (void)unlink("d.state");
    return 0;
}

static void begin_port(struct port_fixture *p)
{
    memset(p, 0, sizeof(*p));
    begin(&p->f, NULL, 0);
    p->f.settings.state_file = "d.state";
    start_with_hub(&p->f);
    p->f.settings.engine.minimum_reconnect_ms = 2000;
    p->f.settings.engine.maximum_reconnect_ms = 600000;
    p->f.settings.engine.connect_wait_ms = 10000;
}

static void begin_network(struct port_fixture *p)
{
    begin_port(p);
    rt_station_begin(&p->f.h.w, &p->client, "client", p->f.uri);
    rt_station_start(&p->client);
    rt_station_until(&p->client, BAS_STATION_UP, 1);
    start(&p->f);
    rt_station_until(&p->f.s, BAS_STATION_UP, 1);
}

static void stop_port(struct port_fixture *p)
{
    rt_station_end(&p->f.s);
    memset(p->f.s.events, 0, sizeof(p->f.s.events));
}

static void end_network(struct port_fixture *p)
{
    rt_station_end(&p->client);
    end(&p->f);
}

static struct device *device_of(struct port_fixture *p)
{
    return p->f.s.station->config.user;
}

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct port_fixture *p = user;
    p->client.answers++;
    p->error_code = event->kind == BAC_CLIENT_ACK ? 0 : event->fault.error_code;
}

/* ReinitializeDevice; gives the error code of the answer, 0 for an acknowledgement. */
static unsigned reinitialize(struct port_fixture *p, uint32_t state)
{
    uint8_t memory[16];
    struct bas_buf parameters;
    const struct bsc_vmac vmac = bas_station_vmac(p->f.s.station);
    const struct bac_reinitialize_device asked = { .state = state };
    struct bas_request request = { .to = { .mac_len = 6 },
                                   .service = BAC_CONFIRMED_REINITIALIZE_DEVICE };
    memcpy(request.to.mac, vmac.octets, sizeof(vmac.octets));
    bas_buf_init(&parameters, memory, sizeof(memory));
    assert_int_equal(
        bac_encode(&bac_type_reinitialize_device, &asked, BAC_APPLICATION, &parameters), BAS_OK);
    request.parameters = (struct bas_slice){ memory, parameters.len };
    p->client.answers = 0;
    assert_int_equal(bas_station_request(p->client.station, &request, on_answer, p), BAS_OK);
    rt_until(&p->f.h.w, &p->client.answers, 1);
    return p->error_code;
}

/* Encoded as a CharacterString. */
static bas_err writes_text(struct port_fixture *p, uint32_t property, const char *text)
{
    char hex[600];
    struct bas_buf out;
    size_t len = strlen(text) + 1;
    bas_buf_init(&out, hex, sizeof(hex));
    bas_buf_format(&out, len < 5 ? "7%zx00" : "75%02zx00", len);
    bas_buf_add_hex(&out, (struct bas_slice){ (const uint8_t *)text, strlen(text) });
    return writes(&p->f, port, property, bas_buf_text(&out));
}

/* bsc 9.1-01 9.1-02 9.1-16 */
static void it_tells_what_kind_of_port_it_is_and_its_limits(void **state)
{
    (void)state;
    static struct port_fixture p;
    begin_port(&p);
    p.f.settings.engine.max_bvlc = 6000;
    start(&p.f);
    reads(&p.f, PORT, BAC_PROPERTY_NETWORK_TYPE, "910b");
    reads(&p.f, PORT, BAC_PROPERTY_PROTOCOL_LEVEL, "9102");
    reads(&p.f, PORT, BAC_PROPERTY_MAX_BVLC_LENGTH_ACCEPTED, "221770");
    reads(&p.f, PORT, BAC_PROPERTY_MAX_NPDU_LENGTH_ACCEPTED, "2205d9");
    reads(&p.f, PORT, BAC_PROPERTY_NETWORK_NUMBER, "2100");
    reads(&p.f, PORT, BAC_PROPERTY_NETWORK_NUMBER_QUALITY, "9100");
    reads(&p.f, PORT, BAC_PROPERTY_COMMAND, "9100");
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "10");
    reads(&p.f, PORT, BAC_PROPERTY_SC_HUB_FUNCTION_ENABLE, "10");
    reads(&p.f, PORT, BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS, "");
    end(&p.f);
}

/* bsc 9.1-05 9.1-14 */
static void a_timer_counts_at_once_and_after_a_restart(void **state)
{
    (void)state;
    static struct port_fixture p;
    begin_port(&p);
    start(&p.f);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_SC_HEARTBEAT_TIMEOUT, "211e"), BAS_OK);
    reads(&p.f, PORT, BAC_PROPERTY_SC_HEARTBEAT_TIMEOUT, "211e");
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "10");
    rt_turns(&p.f.h.w, 3);
    stop_port(&p);
    start(&p.f);
    reads(&p.f, PORT, BAC_PROPERTY_SC_HEARTBEAT_TIMEOUT, "211e");
    stop_port(&p);
    p.f.settings.forgets_changes = true;
    start(&p.f);
    reads(&p.f, PORT, BAC_PROPERTY_SC_HEARTBEAT_TIMEOUT, "213c");
    end(&p.f);
}

/* bsc 9.1-17 */
static void a_timer_out_of_its_range_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t property;
        const char *hex;
    } rows[] = {
        { BAC_PROPERTY_SC_CONNECT_WAIT_TIMEOUT, "2104" },
        { BAC_PROPERTY_SC_CONNECT_WAIT_TIMEOUT, "22012d" },
        { BAC_PROPERTY_SC_DISCONNECT_WAIT_TIMEOUT, "2104" },
        { BAC_PROPERTY_SC_HEARTBEAT_TIMEOUT, "2102" },
        { BAC_PROPERTY_SC_HEARTBEAT_TIMEOUT, "22012d" },
        { BAC_PROPERTY_SC_MINIMUM_RECONNECT_TIME, "2101" },
        { BAC_PROPERTY_SC_MAXIMUM_RECONNECT_TIME, "220259" },
        { BAC_PROPERTY_SC_MAXIMUM_RECONNECT_TIME, "2101" }, /* below the minimum */
    };
    static struct port_fixture p;
    begin_port(&p);
    start(&p.f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_fault fault = { 0 };
        const struct bac_write_property what = { .object = port,
                                                 .property = rows[i].property,
                                                 .value = test_hex(rows[i].hex) };
        assert_int_not_equal(bac_server_put(bas_station_server(p.f.s.station), &what, &fault),
                             BAS_OK);
        assert_int_equal(fault.error_class, BAC_ERROR_CLASS_PROPERTY);
        assert_int_equal(fault.error_code, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE);
    }
    end(&p.f);
}

/* bsc 9.1-06 9.1-10 */
static void what_is_written_is_pending_until_it_is_discarded(void **state)
{
    (void)state;
    static struct port_fixture p;
    begin_port(&p);
    start(&p.f);
    assert_int_equal(writes_text(&p, BAC_PROPERTY_SC_FAILOVER_HUB_URI, "wss://b.example"), BAS_OK);
    assert_int_equal(writes_text(&p, BAC_PROPERTY_SC_DIRECT_CONNECT_BINDING, "127.0.0.1:0"),
                     BAS_OK);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_SC_DIRECT_CONNECT_INITIATE_ENABLE, "11"),
                     BAS_OK);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_MAC_ADDRESS, "6506020304050607"), BAS_OK);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_SC_DIRECT_CONNECT_ACCEPT_URIS,
                            "7508007773733a2f2f61 7508007773733a2f2f62"),
                     BAS_OK);
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "11");
    reads_text(&p.f, PORT, BAC_PROPERTY_SC_FAILOVER_HUB_URI, "wss://b.example");
    reads_text(&p.f, PORT, BAC_PROPERTY_SC_DIRECT_CONNECT_BINDING, "127.0.0.1:0");
    reads(&p.f, PORT, BAC_PROPERTY_SC_DIRECT_CONNECT_ACCEPT_URIS,
          "7508007773733a2f2f61 7508007773733a2f2f62");
    reads(&p.f, PORT, BAC_PROPERTY_MAC_ADDRESS, "6506020304050607");
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_COMMAND, "9101"), BAS_OK);
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "10");
    reads_text(&p.f, PORT, BAC_PROPERTY_SC_FAILOVER_HUB_URI, "");
    reads(&p.f, PORT, BAC_PROPERTY_SC_DIRECT_CONNECT_INITIATE_ENABLE, "10");
    end(&p.f);
}

static void a_value_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static struct port_fixture p;
    begin_port(&p);
    start(&p.f);
    assert_int_not_equal(writes(&p.f, port, BAC_PROPERTY_MAC_ADDRESS, "6506ffffffffffff"), BAS_OK);
    assert_int_not_equal(writes(&p.f, port, BAC_PROPERTY_MAC_ADDRESS, "6503010203"), BAS_OK);
    assert_int_not_equal(writes_text(&p, BAC_PROPERTY_SC_PRIMARY_HUB_URI, "wss://a b"), BAS_OK);
    assert_int_not_equal(writes(&p.f, port, BAC_PROPERTY_COMMAND, "9104"), BAS_OK);
    assert_int_not_equal(writes(&p.f, port, BAC_PROPERTY_SC_HUB_CONNECTOR_STATE, "9101"), BAS_OK);
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "10");
    end(&p.f);
}

/* bsc 7.5-04 9.4-04 */
static void what_is_not_valid_is_told_and_not_activated(void **state)
{
    (void)state;
    static struct port_fixture p;
    begin_network(&p);
    assert_int_equal(writes_text(&p, BAC_PROPERTY_SC_PRIMARY_HUB_URI, "http://hub"), BAS_OK);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_COMMAND, "910a"), BAS_OK);
    const struct port_health *result = &device_of(&p)->port->validation;
    assert_int_equal(result->property, BAC_PROPERTY_SC_PRIMARY_HUB_URI);
    assert_int_not_equal(result->fault.err, BAS_OK);
    assert_int_equal(reinitialize(&p, BAC_REINITIALIZE_ACTIVATE_CHANGES),
                     BAC_ERROR_CODE_INVALID_CONFIGURATION_DATA);
    rt_turns(&p.f.h.w, 5);
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "11");
    assert_int_equal(p.f.s.events[BAS_STATION_UP], 1);
    end_network(&p);
}

/* bsc 9.4-04 9.1-16 */
static void an_activation_restarts_the_port_and_is_kept(void **state)
{
    (void)state;
    static struct port_fixture p;
    begin_network(&p);
    assert_int_equal(writes_text(&p, BAC_PROPERTY_SC_FAILOVER_HUB_URI, "wss://127.0.0.1:9"),
                     BAS_OK);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_MAC_ADDRESS, "6506020304050607"), BAS_OK);
    assert_int_equal(reinitialize(&p, BAC_REINITIALIZE_ACTIVATE_CHANGES), 0);
    rt_station_until(&p.f.s, BAS_STATION_UP, 2);
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "10");
    reads(&p.f, PORT, BAC_PROPERTY_MAC_ADDRESS, "6506020304050607");
    reads_text(&p.f, PORT, BAC_PROPERTY_SC_FAILOVER_HUB_URI, "wss://127.0.0.1:9");
    assert_int_equal(p.f.s.events[BAS_STATION_STOPPED], 0);
    stop_port(&p);
    start(&p.f);
    assert_has(p.f.h.w.t.last_log, "--forget-changes");
    reads(&p.f, PORT, BAC_PROPERTY_MAC_ADDRESS, "6506020304050607");
    reads_text(&p.f, PORT, BAC_PROPERTY_SC_FAILOVER_HUB_URI, "wss://127.0.0.1:9");
    end_network(&p);
}

static void a_port_that_cannot_be_opened_so_goes_on_as_before(void **state)
{
    (void)state;
    static struct port_fixture p;
    char taken[80];
    begin_network(&p);
    (void)snprintf(taken, sizeof(taken), "%s", bas_hub_address(p.f.h.hub));
    assert_int_equal(writes_text(&p, BAC_PROPERTY_SC_DIRECT_CONNECT_BINDING, taken), BAS_OK);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_SC_DIRECT_CONNECT_ACCEPT_ENABLE, "11"),
                     BAS_OK);
    assert_int_equal(reinitialize(&p, BAC_REINITIALIZE_WARMSTART), 0);
    rt_station_until(&p.f.s, BAS_STATION_UP, 2);
    reads(&p.f, PORT, BAC_PROPERTY_SC_DIRECT_CONNECT_ACCEPT_ENABLE, "10");
    reads_text(&p.f, PORT, BAC_PROPERTY_SC_DIRECT_CONNECT_BINDING, "");
    end_network(&p);
}

/* bsc 9.4-04 */
static void restart_port_disconnects_and_connects_again(void **state)
{
    (void)state;
    static struct port_fixture p;
    begin_network(&p);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_COMMAND, "9107"), BAS_OK);
    rt_station_until(&p.f.s, BAS_STATION_UP, 2);
    assert_int_equal(reinitialize(&p, BAC_REINITIALIZE_COLDSTART), 0);
    rt_station_until(&p.f.s, BAS_STATION_UP, 3);
    end_network(&p);
}

/* bsc 9.1-04 9.1-09 9.3-08 9.4-03 */
static void health_and_status_follow_the_hub_connection(void **state)
{
    (void)state;
    static struct port_fixture p;
    begin_port(&p);
    start(&p.f);
    reads(&p.f, PORT, BAC_PROPERTY_SC_FAILOVER_HUB_CONNECTION_STATUS,
          "0900 1ea4ffffffffb4ffffffff1f 2ea4ffffffffb4ffffffff2f");
    rt_station_until(&p.f.s, BAS_STATION_UP, 1);
    reads(&p.f, PORT, BAC_PROPERTY_RELIABILITY, "9100");
    assert_int_equal(device_of(&p)->port->current.fault.err, BAS_OK);
    stop_port(&p);
    p.f.settings.engine.primary_uri = "wss://127.0.0.1:1/";
    start(&p.f);
    rt_station_until(&p.f.s, BAS_STATION_RETRY, 1);
    reads(&p.f, PORT, BAC_PROPERTY_RELIABILITY, "910c");
    assert_int_equal(device_of(&p)->port->current.fault.error_code,
                     BAC_ERROR_CODE_TCP_CONNECTION_REFUSED);
    end(&p.f);
}

/* Certificates */

static void stages(struct port_fixture *p, unsigned n, const char *file)
{
    static uint8_t octets[PORT_FILE_MAX];
    struct bas_fault fault = { 0 };
    const struct bac_file_config *c = &device_of(p)->port->file_configs[n];
    FILE *from = fopen(file, "rb");
    assert_non_null(from);
    size_t len = fread(octets, 1, sizeof(octets), from);
    assert_int_equal(fclose(from), 0);
    assert_int_equal(c->ops->resize(c->ctx, 0, &fault), BAS_OK);
    assert_int_equal(c->ops->write(c->ctx, 0, (struct bas_slice){ octets, len }, &fault), BAS_OK);
}

static unsigned code_of_validation(struct port_fixture *p)
{
    struct bas_fault fault = { 0 };
    bas_err err = device_port_validate(device_of(p), &fault);
    return err == BAS_OK ? 0 : fault.error_code;
}

/* bsc 7.5-01 7.5-03 7.5-05 9.1-03 9.1-15 */
static void each_fault_of_a_certificate_has_its_code(void **state)
{
    (void)state;
    static struct port_fixture p;
    begin_port(&p);
    start(&p.f);
    reads(&p.f, PORT, BAC_PROPERTY_OPERATIONAL_CERTIFICATE_FILE, "c402bffff8");
    reads(&p.f, PORT, BAC_PROPERTY_ISSUER_CERTIFICATE_FILES, "c402bffff9 c402bffffa");
    reads(&p.f, PORT, BAC_PROPERTY_CERTIFICATE_SIGNING_REQUEST_FILE, "c402bffffb");
    stages(&p, PORT_CERTIFICATE, "device.pem");
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "11");
    assert_int_equal(code_of_validation(&p), 0);
    stages(&p, PORT_CERTIFICATE, "device.key");
    assert_int_equal(code_of_validation(&p), BAC_ERROR_CODE_CERTIFICATE_MALFORMED);
    stages(&p, PORT_CERTIFICATE, "client.pem");
    assert_int_equal(code_of_validation(&p), BAC_ERROR_CODE_UNKNOWN_CERTIFICATE_KEY);
    stages(&p, PORT_CERTIFICATE, "other/stranger.pem");
    assert_int_equal(code_of_validation(&p), BAC_ERROR_CODE_CERTIFICATE_INVALID);
    stages(&p, PORT_CERTIFICATE, "device.pem");
    test_folder_write("empty", "");
    stages(&p, PORT_ISSUER_1, "empty");
    assert_int_equal(code_of_validation(&p), BAC_ERROR_CODE_CERTIFICATE_INVALID);
    stages(&p, PORT_ISSUER_2, "ca.pem");
    assert_int_equal(code_of_validation(&p), 0);
    p.f.h.w.t.wall += INT64_C(1000) * 86400 * BAS_SECOND;
    assert_int_equal(code_of_validation(&p), BAC_ERROR_CODE_CERTIFICATE_EXPIRED);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_COMMAND, "9101"), BAS_OK);
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "10");
    end(&p.f);
}

/* bsc 7.5-02 7.5-05 */
static void a_request_is_made_signed_and_its_certificate_activated(void **state)
{
    (void)state;
    static struct port_fixture p;
    struct bas_fault fault = { 0 };
    struct bas_pki_pair pair;
    struct bas_pki_certificate shown;
    begin_network(&p);
    assert_int_equal(writes(&p.f, port, BAC_PROPERTY_COMMAND, "9109"), BAS_OK);
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "10");
    const struct bac_file_config *csr = &device_of(&p)->port->file_configs[PORT_REQUEST];
    assert_null(csr->ops->write);
    assert_true(csr->ops->size(csr->ctx) > 200);
    const struct bas_pki_sign_request sign = {
        .size = sizeof(sign),
        .directory = ".",
        .request_file = "d.state.values.certificates/device-1234.csr",
    };
    const struct bas_pki_revoke_request revoke = { .size = sizeof(revoke),
                                                   .directory = ".",
                                                   .name = "device" };
    struct bas_pki_crl list; /* the authority wants the old one out of the way */
    assert_int_equal(bas_pki_revoke(&p.f.h.w.t.env, &revoke, &list, &fault), BAS_OK);
    if (bas_pki_sign(&p.f.h.w.t.env, &sign, &pair, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    stages(&p, PORT_CERTIFICATE, pair.certificate_file);
    assert_int_equal(reinitialize(&p, BAC_REINITIALIZE_ACTIVATE_CHANGES), 0);
    rt_station_until(&p.f.s, BAS_STATION_UP, 2);
    const struct bas_tls_config *tls = &device_of(&p)->port->tls;
    assert_has(tls->key_file, "key-1.pem");
    assert_int_equal(bas_pki_show(&p.f.h.w.t.env, tls->certificate_file, &shown, &fault), BAS_OK);
    assert_string_equal(shown.subject, "CN=device-1234");
    stop_port(&p);
    start(&p.f);
    rt_station_until(&p.f.s, BAS_STATION_UP, 1);
    assert_has(device_of(&p)->port->tls.key_file, "key-1.pem");
    reads(&p.f, PORT, BAC_PROPERTY_CHANGES_PENDING, "10");
    end_network(&p);
}

static void no_failing_allocation_at_the_start_leaves_anything(void **state)
{
    (void)state;
    bool has_started = false;
    for (size_t k = 1; k < 150 && !has_started; k++) {
        static struct port_fixture p;
        (void)remove_files(NULL);
        begin_port(&p);
        p.f.h.w.t.fail_at = p.f.h.w.t.allocations + k;
        p.f.s.station = bas_device_start(p.f.h.w.loop, &p.f.settings, NULL, rt_station_event,
                                         &p.f.s, &p.f.s.fault);
        has_started = p.f.s.station != NULL;
        if (!has_started && p.f.s.fault.err != BAS_ERR_NO_MEMORY) {
            fail_msg("%zu: %s", k, p.f.s.fault.text);
        }
        p.f.h.w.t.fail_at = 0;
        end(&p.f);
    }
    assert_true(has_started);
}

int main(void)
{
#define PORT_TEST(f) cmocka_unit_test_setup(f, remove_files)
    const struct CMUnitTest tests[] = {
        PORT_TEST(it_tells_what_kind_of_port_it_is_and_its_limits),
        PORT_TEST(a_timer_counts_at_once_and_after_a_restart),
        PORT_TEST(a_timer_out_of_its_range_is_refused),
        PORT_TEST(what_is_written_is_pending_until_it_is_discarded),
        PORT_TEST(a_value_that_cannot_be_is_refused),
        PORT_TEST(what_is_not_valid_is_told_and_not_activated),
        PORT_TEST(an_activation_restarts_the_port_and_is_kept),
        PORT_TEST(a_port_that_cannot_be_opened_so_goes_on_as_before),
        PORT_TEST(restart_port_disconnects_and_connects_again),
        PORT_TEST(health_and_status_follow_the_hub_connection),
        PORT_TEST(each_fault_of_a_certificate_has_its_code),
        PORT_TEST(a_request_is_made_signed_and_its_certificate_activated),
        PORT_TEST(no_failing_allocation_at_the_start_leaves_anything),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
