#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "device_fixture.h"
#include "sc_peer.h"

/* A device in the process of its hub. */
static void begin_hosted(struct fixture *f)
{
    static const struct bsc_node_config node = { .size = sizeof(node) };
    begin(f, NULL, 0);
    rt_hub_start(&f->h);
    f->settings.engine = node;
    f->s.station =
        bas_device_start(f->h.w.loop, &f->settings, f->h.hub, rt_station_event, &f->s, &f->s.fault);
    if (f->s.station == NULL) {
        fail_msg("%s", f->s.fault.text);
    }
    rt_station_until(&f->s, BAS_STATION_UP, 1);
}

/* The encoded value of a property of the port. */
static struct bas_slice value_of(const struct fixture *f, uint32_t property)
{
    static uint8_t memory[4096];
    struct bas_buf out;
    struct bas_fault fault = { 0 };
    const struct bac_read_property what = { .object = { BAC_OBJECT_NETWORK_PORT, 1 },
                                            .property = property };
    bas_buf_init(&out, memory, sizeof(memory));
    if (bac_server_read(bas_station_server(f->s.station), &what, &out, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    return (struct bas_slice){ memory, out.len };
}

static void takes(const struct bac_type *type, struct bas_slice *in, void *value)
{
    struct bas_fault fault = { 0 };
    if (bac_decode(type, in, BAC_APPLICATION, value, NULL, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
}

/* bsc 9.1-12 9.1-13 9.4-01 */
static void the_hub_function_lists_who_is_there_and_who_left(void **state)
{
    (void)state;
    static struct fixture f;
    struct bac_sc_hub_function_connection c;
    begin_hosted(&f);
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_HUB_FUNCTION_ENABLE, "11");
    reads_text(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_HUB_FUNCTION_BINDING,
               bas_hub_address(f.h.hub));
    reads_text(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS,
               bas_hub_uri(f.h.hub));
    struct rt_peer *peer = rt_hub_join(&f.h, 1, NULL);
    struct bas_slice in = value_of(&f, BAC_PROPERTY_SC_HUB_FUNCTION_CONNECTION_STATUS);
    takes(&bac_type_sc_hub_function_connection, &in, &c);
    takes(&bac_type_sc_hub_function_connection, &in, &c);
    assert_int_equal(in.len, 0);
    const struct bsc_vmac one = peer_vmac(1);
    assert_int_equal(c.state, BSC_IS_CONNECTED);
    assert_memory_equal(c.vmac.data, one.octets, 6);
    assert_int_equal(c.peer.host.choice, BAC_HOST_IP);
    assert_int_equal(c.peer.host.as.ip.data[0], 127);
    assert_int_not_equal(c.peer.port, 0);
    assert_int_equal(c.connected.date.year, 126);
    assert_int_equal(c.disconnected.date.year, 255);
    assert_false(c.has_error || c.has_details);
    rt_peer_close(peer, 1000);
    rt_until(&f.h.w, &f.h.left, 1);
    in = value_of(&f, BAC_PROPERTY_SC_HUB_FUNCTION_CONNECTION_STATUS);
    takes(&bac_type_sc_hub_function_connection, &in, &c);
    takes(&bac_type_sc_hub_function_connection, &in, &c);
    assert_int_equal(in.len, 0);
    assert_memory_equal(c.vmac.data, one.octets, 6);
    assert_int_equal(c.disconnected.date.year, 126);
    end(&f);
}

/* bsc 9.1-08 9.4-02 */
static void who_was_refused_is_listed_until_the_list_is_emptied(void **state)
{
    (void)state;
    static struct fixture f;
    struct bac_sc_failed_connection_request c;
    const struct bac_object_id port = { BAC_OBJECT_NETWORK_PORT, 1 };
    begin_hosted(&f);
    const struct rt_peer_config stranger = { .tls = f.h.w.peer_stranger, .number = 2 };
    (void)rt_hub_connect(&f.h, 2, &stranger);
    rt_until(&f.h.w, &f.h.refused, 1);
    struct bas_slice in = value_of(&f, BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS);
    takes(&bac_type_sc_failed_connection_request, &in, &c);
    assert_int_equal(in.len, 0);
    assert_int_equal(c.time.date.year, 126);
    assert_int_equal(c.peer.host.choice, BAC_HOST_IP);
    assert_false(c.has_vmac || c.has_uuid);
    assert_true(c.has_details);
    assert_int_equal(c.error.error_class, BAC_ERROR_CLASS_COMMUNICATION);
    assert_int_equal(writes(&f, port, BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS, ""), BAS_OK);
    in = value_of(&f, BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS);
    assert_int_equal(in.len, 0);
    end(&f);
}

/* bsc 9.1-09 9.3-08 */
static void the_hub_connection_tells_its_time_and_why_it_failed(void **state)
{
    (void)state;
    static struct fixture f;
    struct bac_sc_hub_connection c;
    begin_hosted(&f);
    struct bas_slice in = value_of(&f, BAC_PROPERTY_SC_PRIMARY_HUB_CONNECTION_STATUS);
    takes(&bac_type_sc_hub_connection, &in, &c);
    assert_int_equal(c.state, BSC_IS_CONNECTED);
    assert_int_equal(c.connected.date.year, 126);
    assert_int_equal(c.disconnected.date.year, 255);
    assert_false(c.has_error || c.has_details);
    end(&f);
    begin(&f, NULL, 0);
    start(&f);
    rt_station_until(&f.s, BAS_STATION_RETRY, 1);
    in = value_of(&f, BAC_PROPERTY_SC_PRIMARY_HUB_CONNECTION_STATUS);
    takes(&bac_type_sc_hub_connection, &in, &c);
    assert_int_equal(c.state, BSC_FAILED_TO_CONNECT);
    assert_true(c.has_error);
    assert_int_equal(c.error.error_code, BAC_ERROR_CODE_TCP_CONNECTION_REFUSED);
    end(&f);
}

/* bsc 9.1-07 */
static void no_direct_connection_is_an_empty_list(void **state)
{
    (void)state;
    static struct fixture f;
    begin_hosted(&f);
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_DIRECT_CONNECT_CONNECTION_STATUS, "");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hub_function_lists_who_is_there_and_who_left),
        cmocka_unit_test(who_was_refused_is_listed_until_the_list_is_emptied),
        cmocka_unit_test(the_hub_connection_tells_its_time_and_why_it_failed),
        cmocka_unit_test(no_direct_connection_is_an_empty_list),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
