/* Frames: ip.c and ip_field.c. */
#include "test_env.h"

#include "basalt/knx.h"

#include <string.h>

#define HEAD     "0610"
#define ENDPOINT "0801c0a82a018495"
#define KEY      "0aa227b4fd7a32319ba9960ac036ce0e5c4507b5ae55161f1078b1dcfb3cb631"
#define MAC      "1f1d59ea9f12a152e5d9727f08462cde"

/* One frame of each service and form at least; reserved octets are 0. */
static const struct {
    uint16_t service;
    const char *octets;
} frames[] = {
    { KNX_SEARCH_REQUEST, HEAD "0201000e" ENDPOINT },
    { KNX_SEARCH_RESPONSE, HEAD "02020014" ENDPOINT "060202010402" },
    { KNX_DESCRIPTION_REQUEST, HEAD "0203000e" ENDPOINT },
    { KNX_DESCRIPTION_RESPONSE, HEAD "0204000e 0402ffff 04fe1234" },
    { KNX_CONNECT_REQUEST, HEAD "0205001a" ENDPOINT ENDPOINT "04040200" },
    { KNX_CONNECT_REQUEST, HEAD "0205001c" ENDPOINT ENDPOINT "060402000102" },
    { KNX_CONNECT_REQUEST, HEAD "02050018" ENDPOINT ENDPOINT "0203" },
    { KNX_CONNECT_REQUEST, HEAD "0205001b" ENDPOINT ENDPOINT "0508010203" },
    { KNX_CONNECT_RESPONSE, HEAD "02060014 0100" ENDPOINT "040411ff" },
    { KNX_CONNECT_RESPONSE, HEAD "02060012 0100" ENDPOINT "0203" },
    { KNX_CONNECT_RESPONSE, HEAD "02060008 0024" },
    { KNX_CONNECT_RESPONSE, HEAD "02060014 0024" ENDPOINT "00000000" },
    { KNX_CONNECTIONSTATE_REQUEST, HEAD "02070010 1500" ENDPOINT },
    { KNX_CONNECTIONSTATE_RESPONSE, HEAD "02080008 1521" },
    { KNX_DISCONNECT_REQUEST, HEAD "02090010 1500" ENDPOINT },
    { KNX_DISCONNECT_RESPONSE, HEAD "020a0008 1525" },
    { KNX_SEARCH_REQUEST_EXTENDED, HEAD "020b0018" ENDPOINT "02810882010203040506" },
    { KNX_SEARCH_RESPONSE_EXTENDED, HEAD "020c0010" ENDPOINT "0208" },
    { KNX_DEVICE_CONFIGURATION_REQUEST, HEAD "03100011 042a1700 fc000b01341001" },
    { KNX_DEVICE_CONFIGURATION_ACK, HEAD "0311000a 042a1700" },
    { KNX_TUNNELLING_REQUEST, HEAD "04200015 04025100 2900bce010fa092d010080" },
    { KNX_TUNNELLING_ACK, HEAD "0421000a 042a1721" },
    { KNX_TUNNELLING_FEATURE_GET, HEAD "0422000c 04011700 0300" },
    { KNX_TUNNELLING_FEATURE_RESPONSE, HEAD "0423000e 04010000 0600 110a" },
    { KNX_TUNNELLING_FEATURE_RESPONSE, HEAD "0423000d 04010000 0300 01" },
    { KNX_TUNNELLING_FEATURE_RESPONSE, HEAD "0423000c 04010000 33fd" },
    { KNX_TUNNELLING_FEATURE_SET, HEAD "0424000e 04011700 0800 0100" },
    { KNX_TUNNELLING_FEATURE_INFO, HEAD "0425000e 04011700 0300 0100" },
    { KNX_ROUTING_INDICATION, HEAD "05300012 2900bcd012020151020040f0" },
    { KNX_ROUTING_LOST_MESSAGE, HEAD "0531000a 04010005" },
    { KNX_ROUTING_BUSY, HEAD "0532000c 060000640102" },
    { KNX_ROUTING_SYSTEM_BROADCAST, HEAD "05330011 2900bcd0fff90149010080" },
    { KNX_REMOTE_DIAG_REQUEST, HEAD "07400010" ENDPOINT "0201" },
    { KNX_REMOTE_DIAG_RESPONSE, HEAD "07410008 0201" },
    { KNX_REMOTE_BASIC_CONF_REQUEST, HEAD "07420008 0201" },
    { KNX_REMOTE_RESET_REQUEST, HEAD "0743000a 0201 0100" },
    { KNX_SECURE_WRAPPER,
      HEAD "0950002e 0001 c0c1c2c3c4c5 00fa12345678 affe 7915a4f36e6e4208" MAC },
    { KNX_SESSION_REQUEST, HEAD "0951002e 0802000000000000" KEY },
    { KNX_SESSION_RESPONSE, HEAD "09520038 0001" KEY MAC },
    { KNX_SESSION_RESPONSE, HEAD "09520008 0000" },
    { KNX_SESSION_AUTHENTICATE, HEAD "09530018 0001" MAC },
    { KNX_SESSION_STATUS, HEAD "09540008 0500" },
    { KNX_TIMER_NOTIFY, HEAD "09550024 c0c1c2c3c4c5 00fa12345678 affe" MAC },
};

static struct knx_message decoded(const char *octets)
{
    struct knx_message message;
    struct bas_fault fault = { 0 };
    assert_int_equal(knx_message_decode(test_hex(octets), &message, &fault), BAS_OK);
    return message;
}

static void assert_refused(const char *octets, bas_err wanted)
{
    struct knx_message message;
    const struct knx_message zero = { 0 };
    struct bas_fault fault = { 0 };
    bas_err err = knx_message_decode(test_hex(octets), &message, &fault);
    if (err != wanted) {
        fail_msg("%s: %s, wanted %s", octets, bas_err_text(err), bas_err_text(wanted));
    }
    assert_int_equal(fault.err, wanted);
    assert_int_not_equal(fault.text[0], 0);
    assert_memory_equal(&message, &zero, sizeof(zero));
    assert_int_equal(knx_message_decode(test_hex(octets), &message, NULL), wanted);
}

static void every_service_comes_back_from_its_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(frames); i++) {
        struct bas_slice octets = test_hex(frames[i].octets);
        struct knx_message message = decoded(frames[i].octets);
        assert_int_equal(message.service, frames[i].service);
        uint8_t memory[128];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        knx_message_encode(&message, &out);
        assert_false(out.full);
        assert_int_equal(out.len, octets.len);
        assert_memory_equal(out.data, octets.data, octets.len);
        for (size_t cap = 0; cap < octets.len; cap++) {
            bas_buf_init(&out, memory, cap);
            knx_message_encode(&message, &out);
            assert_true(out.full);
        }
    }
}

/* Copies len octets of a frame into memory of their own; is_mended: the header says len. */
static bas_err decode_cut(struct bas_slice octets, size_t len, bool is_mended)
{
    uint8_t *copy = test_malloc(len + 1);
    memcpy(copy, octets.data, len);
    if (is_mended && len >= KNX_IP_HEADER) {
        copy[4] = (uint8_t)(len >> 8);
        copy[5] = (uint8_t)len;
    }
    uint8_t *exact = copy + 1;
    memmove(exact, copy, len);
    struct knx_message message;
    bas_err err = knx_message_decode((struct bas_slice){ exact, len }, &message, NULL);
    if (err == BAS_OK) {
        uint8_t memory[128];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        knx_message_encode(&message, &out);
        assert_int_equal(out.len, len);
        assert_memory_equal(out.data, exact, len);
    }
    test_free(copy);
    return err;
}

static void every_truncation_is_refused_or_another_frame(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(frames); i++) {
        struct bas_slice octets = test_hex(frames[i].octets);
        for (size_t len = 0; len < octets.len; len++) {
            assert_int_equal(decode_cut(octets, len, false), BAS_ERR_TRUNCATED);
            bas_err err = decode_cut(octets, len, true);
            assert_true(err == BAS_OK || err == BAS_ERR_TRUNCATED || err == BAS_ERR_MALFORMED);
        }
    }
}

static void a_frame_with_an_octet_too_many_is_refused(void **state)
{
    (void)state;
    static const char *const octets[] = {
        HEAD "0201000f" ENDPOINT "00",
        HEAD "02080009 152100",
        HEAD "0205001b" ENDPOINT ENDPOINT "0404020000",
        HEAD "02060015 0100" ENDPOINT "040411ff00",
        HEAD "0422000e 04011700 0300 0100",
        HEAD "0423000e 04011700 0301 0100",
        HEAD "0532000d 060000640000 00",
        HEAD "09530019 0001" MAC "00",
        HEAD "09520039 0001" KEY MAC "00",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(octets); i++) {
        assert_refused(octets[i], BAS_ERR_TOO_LONG);
    }
    assert_refused(HEAD "02080008 152100", BAS_ERR_TOO_LONG);
}

static void a_malformed_structure_is_refused(void **state)
{
    (void)state;
    assert_refused("051002080008 1521", BAS_ERR_MALFORMED);
    assert_refused("061102080008 1521", BAS_ERR_MALFORMED);
    assert_refused("061002080005", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0201000e 0701c0a82a018495", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0201000e 0800c0a82a018495", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0201000e 0803c0a82a018495", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0205001a" ENDPOINT ENDPOINT "05040200", BAS_ERR_TRUNCATED);
    assert_refused(HEAD "0205001a" ENDPOINT ENDPOINT "02040200", BAS_ERR_MALFORMED);
    assert_refused(HEAD "02050019" ENDPOINT ENDPOINT "030401", BAS_ERR_MALFORMED);
    assert_refused(HEAD "02050019" ENDPOINT ENDPOINT "030301", BAS_ERR_MALFORMED);
    assert_refused(HEAD "02050018" ENDPOINT ENDPOINT "0103", BAS_ERR_MALFORMED);
    assert_refused(HEAD "02060014 0100" ENDPOINT "030411ff", BAS_ERR_MALFORMED);
    assert_refused(HEAD "02060012 0100" ENDPOINT "0204", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0204000a 0301ffff", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0204000a 0601ffff", BAS_ERR_MALFORMED);
    assert_refused(HEAD "020b0010" ENDPOINT "0101", BAS_ERR_MALFORMED);
    assert_refused(HEAD "020b0010" ENDPOINT "0381", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0420000b 03025100 29", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0421000a 052a1700", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0531000a 06000005", BAS_ERR_MALFORMED);
    assert_refused(HEAD "0532000c 080000640000", BAS_ERR_MALFORMED);
    assert_refused(HEAD "09530018 0101" MAC, BAS_ERR_MALFORMED);
}

static void what_must_be_there_is_asked_for(void **state)
{
    (void)state;
    assert_refused(HEAD "0420000a 04025100", BAS_ERR_TRUNCATED);      /* no cEMI */
    assert_refused(HEAD "05300006", BAS_ERR_TRUNCATED);               /* no cEMI */
    assert_refused(HEAD "0424000c 04011700 0300", BAS_ERR_TRUNCATED); /* no value */
    assert_refused(HEAD "0423000c 04011700 0300", BAS_ERR_TRUNCATED); /* granted without a value */
    assert_refused(HEAD "09520008 0001", BAS_ERR_TRUNCATED);          /* a session without keys */
    assert_refused(HEAD "02060008 0100", BAS_ERR_TRUNCATED);          /* granted without CRD */
    assert_refused(HEAD "0950002b 0001 c0c1c2c3c4c5 00fa12345678 affe 7915a4f36e" MAC,
                   BAS_ERR_TRUNCATED); /* no room for an inner header */
}

static void an_unknown_service_keeps_its_body(void **state)
{
    (void)state;
    struct bas_slice octets = test_hex(HEAD "0a00000a 01020304");
    struct knx_message message;
    struct bas_fault fault = { 0 };
    assert_int_equal(knx_message_decode(octets, &message, &fault), BAS_ERR_UNSUPPORTED);
    assert_int_equal(message.service, 0x0A00);
    assert_int_equal(message.payload.len, 4);
    assert_string_equal(fault.text, "the service 0A00 is not known");
    assert_string_equal(knx_service_name(0x0A00), "unknown");
    uint8_t memory[10];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_message_encode(&message, &out);
    assert_memory_equal(memory, octets.data, octets.len);
}

static void the_endpoints_and_the_tunnel_of_a_connect_request(void **state)
{
    (void)state;
    struct knx_message m = decoded(HEAD "0205001c 0801c0a82a018495 0801c0a82a01cca9 060402001102");
    const struct knx_hpai control = { KNX_UDP, { 192, 168, 42, 1 }, 33941 };
    const struct knx_hpai data = { KNX_UDP, { 192, 168, 42, 1 }, 52393 };
    assert_memory_equal(&m.control, &control, sizeof(control));
    assert_memory_equal(&m.data, &data, sizeof(data));
    assert_int_equal(m.cri.type, KNX_CONNECTION_TUNNEL);
    assert_int_equal(m.cri.layer, KNX_LAYER_LINK);
    assert_true(m.cri.has_address);
    assert_int_equal(m.cri.address, 0x1102);
    assert_false(knx_hpai_is_zero(&control));
    m = decoded(HEAD "0951002e 0802000000000000" KEY);
    assert_true(knx_hpai_is_zero(&m.control));
    m = decoded(HEAD "0205001a" ENDPOINT ENDPOINT "04048000");
    assert_int_equal(m.cri.layer, KNX_LAYER_BUSMONITOR);
    assert_false(m.cri.has_address);
}

static void what_a_connect_response_grants_or_why_not(void **state)
{
    (void)state;
    struct knx_message m = decoded(HEAD "02060014 0700" ENDPOINT "040411ff");
    assert_int_equal(m.channel, 7);
    assert_int_equal(m.status, KNX_E_NO_ERROR);
    assert_true(m.cri.has_address);
    assert_int_equal(m.cri.address, 0x11FF);
    m = decoded(HEAD "02060014 c024 0900ffff 29ff0e57 04040000");
    assert_int_equal(m.status, KNX_E_NO_MORE_CONNECTIONS);
    assert_int_equal(m.cri.type, 0);
    assert_int_equal(m.payload.len, 12);
}

static void numbers_of_all_widths_are_read(void **state)
{
    (void)state;
    struct knx_message m = decoded(HEAD "0532000c 060301020304");
    assert_int_equal(m.device_state, 3);
    assert_int_equal(m.wait_ms, 0x0102);
    assert_int_equal(m.busy_control, 0x0304);
    m = decoded(HEAD "09550024 c0c1c2c3c4c5 00fa12345678 affe" MAC);
    assert_true(m.counter == UINT64_C(0xC0C1C2C3C4C5));
    assert_memory_equal(m.serial, test_hex("00fa12345678").data, 6);
    assert_int_equal(m.tag, 0xAFFE);
    assert_int_equal(m.mac.len, 16);
    m = decoded(HEAD "0423000e 04010900 0600 110a");
    assert_int_equal(m.channel, 1);
    assert_int_equal(m.sequence, 9);
    assert_int_equal(m.feature, 6);
    assert_int_equal(m.return_code, 0);
    assert_int_equal(m.payload.len, 2);
}

static void no_free_session_has_neither_key_nor_code(void **state)
{
    (void)state;
    struct knx_message m = decoded(HEAD "09520008 0000");
    assert_int_equal(m.session, 0);
    assert_int_equal(m.mac.len, 0);
    assert_int_equal(m.public_key.len, 0);
}

static void reserved_octets_are_not_looked_at(void **state)
{
    (void)state;
    struct knx_message m = decoded(HEAD "0420000b 040251ff 29");
    assert_int_equal(m.sequence, 0x51);
    assert_int_equal(m.status, 0);
    m = decoded(HEAD "02070010 15ff" ENDPOINT);
    assert_int_equal(m.channel, 0x15);
    m = decoded(HEAD "09540008 04ff");
    assert_int_equal(m.status, KNX_SESSION_KEEPALIVE);
}

static void what_has_no_wire_form_is_not_written(void **state)
{
    (void)state;
    static const uint8_t zeros[70000];
    static uint8_t memory[70100];
    struct bas_buf out;
    struct knx_message m = { .service = KNX_SESSION_AUTHENTICATE, .mac = { zeros, 15 } };
    bas_buf_init(&out, memory, sizeof(memory));
    knx_message_encode(&m, &out);
    assert_true(out.full);
    m = (struct knx_message){ .service = KNX_CONNECT_REQUEST,
                              .cri = { .type = KNX_CONNECTION_OBJECT_SERVER },
                              .payload = { zeros, 254 } };
    bas_buf_init(&out, memory, sizeof(memory));
    knx_message_encode(&m, &out);
    assert_true(out.full);
    m = (struct knx_message){ .service = KNX_ROUTING_INDICATION, .payload = { zeros, 65530 } };
    bas_buf_init(&out, memory, sizeof(memory));
    knx_message_encode(&m, &out);
    assert_true(out.full);
}

static void the_length_of_a_frame_is_in_its_header(void **state)
{
    (void)state;
    size_t total = 0;
    assert_int_equal(knx_frame_length(test_hex(HEAD "0a001234 01"), &total), BAS_OK);
    assert_int_equal(total, 0x1234);
    assert_int_equal(knx_frame_length(test_hex(HEAD "0a0000"), &total), BAS_ERR_AGAIN);
    assert_int_equal(knx_frame_length(test_hex(HEAD "0a000005"), &total), BAS_ERR_MALFORMED);
    assert_int_equal(total, 0x1234);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_service_comes_back_from_its_octets),
        cmocka_unit_test(every_truncation_is_refused_or_another_frame),
        cmocka_unit_test(a_frame_with_an_octet_too_many_is_refused),
        cmocka_unit_test(a_malformed_structure_is_refused),
        cmocka_unit_test(what_must_be_there_is_asked_for),
        cmocka_unit_test(an_unknown_service_keeps_its_body),
        cmocka_unit_test(the_endpoints_and_the_tunnel_of_a_connect_request),
        cmocka_unit_test(what_a_connect_response_grants_or_why_not),
        cmocka_unit_test(numbers_of_all_widths_are_read),
        cmocka_unit_test(no_free_session_has_neither_key_nor_code),
        cmocka_unit_test(reserved_octets_are_not_looked_at),
        cmocka_unit_test(what_has_no_wire_form_is_not_written),
        cmocka_unit_test(the_length_of_a_frame_is_in_its_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
