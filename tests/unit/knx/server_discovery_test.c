/* Search, extended search and description of the KNXnet/IP server (spec 1.3, 1.4):
 * server/discovery.c. */
#include "knx_visitor.h"

#include <stdio.h>
#include <string.h>

/* The blocks of the house. */
#define INFO                                                                                       \
    "3601 2000 1100 0123 00faaaaaaaaa e000170c 020000000001"                                       \
    "686f75736500000000000000000000000000000000000000000000000000"
#define FAMILIES            "0802 0202 0302 0402"
#define FAMILIES_SECURITY   "0a02 0202 0302 0402 0901"
#define ADDRESSES           "0c05 1100 110a 110b 110c 110d"
#define SECURED             "0606 0301 0401"
#define EXTENDED_INFO       "0808 00 00 00fe 091a"
#define MANUFACTURER        "04fe 00fa"
#define TUNNELS(a, b, c, d) "1407 00fe 110a 000" a " 110b 000" b " 110c 000" c " 110d 000" d
#define OWN                 "0801 c0000201 0e57"
#define ROUTE_BACK          "0801 00000000 0000"
#define TCP                 "0802 00000000 0000"

/* body with its header in front. */
static struct bas_slice frame_of(enum knx_service service, const char *body)
{
    static uint8_t memory[KNX_MAX_FRAME];
    struct bas_slice octets = test_hex(body);
    const uint8_t header[] = { 0x06,
                               0x10,
                               (uint8_t)((unsigned)service >> 8),
                               (uint8_t)service,
                               (uint8_t)((octets.len + KNX_IP_HEADER) >> 8),
                               (uint8_t)(octets.len + KNX_IP_HEADER) };
    memcpy(memory, header, sizeof(header));
    memcpy(memory + sizeof(header), octets.data, octets.len);
    return (struct bas_slice){ memory, octets.len + sizeof(header) };
}

static void asks(struct visitor *v, enum knx_service service, const char *body)
{
    struct bas_slice frame = frame_of(service, body);
    if (v->session != 0) {
        uint8_t sealed[KNX_MAX_FRAME];
        struct bas_buf out;
        bas_buf_init(&out, sealed, sizeof(sealed));
        visitor_seals(v, frame, &out);
        visitor_sends_octets(v, (struct bas_slice){ out.data, out.len });
        return;
    }
    visitor_sends_octets(v, frame);
}

static void assert_frame(struct bas_slice is, enum knx_service service, const char *body)
{
    struct bas_slice wanted = frame_of(service, body);
    if (is.len != wanted.len || memcmp(is.data, wanted.data, wanted.len) != 0) {
        char text[1024];
        struct bas_buf out;
        bas_buf_init(&out, text, sizeof(text));
        bas_buf_add_hex(&out, is);
        fail_msg("not what was wanted: %s", bas_buf_text(&out));
    }
}

static void is_told(struct visitor *v, enum knx_service service, const char *body)
{
    struct bas_slice frame = visitor_gets_octets(v);
    if (v->session != 0) {
        struct bas_slice inner = { NULL, 0 };
        v->expects++;
        assert_int_equal(knx_unwrap(&v->cipher, frame, v->house->opened, &inner), BAS_OK);
        frame = inner;
    }
    assert_frame(frame, service, body);
    house_sends_nothing(v->house);
}

static void a_search_is_answered_with_device_and_families(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_udp(&h, 10);
    struct visitor other = visitor_udp(&h, 11);
    asks(&v, KNX_SEARCH_REQUEST, ROUTE_BACK);
    is_told(&v, KNX_SEARCH_RESPONSE, OWN INFO FAMILIES);
    asks(&v, KNX_SEARCH_REQUEST, "0801 c000020b 9c40"); /* the discovery endpoint of the other */
    is_told(&other, KNX_SEARCH_RESPONSE, OWN INFO FAMILIES);
    house_end(&h);
}

static void a_search_is_for_udp_alone(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor tcp = visitor_tcp(&h, 10);
    struct visitor secure = visitor_secure(&h, 11, 2);
    asks(&tcp, KNX_SEARCH_REQUEST, TCP);
    asks(&secure, KNX_SEARCH_REQUEST, TCP);
    house_sends_nothing(&h);
    assert_int_equal(house_counts(&h).skipped, 1);
    assert_int_equal(house_counts(&h).wrapper_inner, 1);
    house_end(&h);
}

static void a_description_is_given_everywhere(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor udp = visitor_udp(&h, 10);
    struct visitor tcp = visitor_tcp(&h, 10);
    struct visitor secure = visitor_secure(&h, 11, 2);
    asks(&udp, KNX_DESCRIPTION_REQUEST, ROUTE_BACK);
    is_told(&udp, KNX_DESCRIPTION_RESPONSE, INFO FAMILIES ADDRESSES);
    asks(&tcp, KNX_DESCRIPTION_REQUEST, TCP);
    is_told(&tcp, KNX_DESCRIPTION_RESPONSE, INFO FAMILIES ADDRESSES);
    asks(&secure, KNX_DESCRIPTION_REQUEST, TCP);
    is_told(&secure, KNX_DESCRIPTION_RESPONSE, INFO FAMILIES ADDRESSES);
    house_end(&h);
}

static void an_endpoint_that_does_not_fit_the_transport_is_not_answered(void **state)
{
    (void)state;
    static const enum knx_service services[] = { KNX_DESCRIPTION_REQUEST,
                                                 KNX_SEARCH_REQUEST_EXTENDED };
    struct house h;
    house_open_secured(&h);
    struct visitor udp = visitor_udp(&h, 10);
    struct visitor tcp = visitor_tcp(&h, 10);
    for (size_t i = 0; i < BAS_ARRAY_LEN(services); i++) {
        asks(&udp, services[i], TCP);
        asks(&tcp, services[i], ROUTE_BACK);
        asks(&tcp, services[i], "0802 c000020a 9c40");
    }
    asks(&udp, KNX_SEARCH_REQUEST, TCP);
    house_sends_nothing(&h);
    assert_int_equal(house_counts(&h).skipped, 7);
    house_end(&h);
}

static void an_extended_search_tells_what_is_secured_and_who_may_use_what(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor udp = visitor_udp(&h, 10);
    struct visitor tcp = visitor_tcp(&h, 10);
    struct visitor user = visitor_secure(&h, 11, 2);
    struct visitor manager = visitor_secure(&h, 12, 1);
    asks(&udp, KNX_SEARCH_REQUEST_EXTENDED, ROUTE_BACK);
    is_told(&udp, KNX_SEARCH_RESPONSE_EXTENDED,
            OWN INFO FAMILIES_SECURITY SECURED TUNNELS("5", "5", "5", "5") EXTENDED_INFO);
    asks(&tcp, KNX_SEARCH_REQUEST_EXTENDED, TCP);
    is_told(&tcp, KNX_SEARCH_RESPONSE_EXTENDED,
            TCP INFO FAMILIES_SECURITY SECURED TUNNELS("5", "5", "5", "5") EXTENDED_INFO);
    visitor_connects(&user, tunnel_cri());
    asks(&user, KNX_SEARCH_REQUEST_EXTENDED, TCP);
    is_told(&user, KNX_SEARCH_RESPONSE_EXTENDED,
            TCP INFO FAMILIES_SECURITY SECURED TUNNELS("6", "7", "5", "5") EXTENDED_INFO);
    knx_server_set_bus(h.server, false, h.now);
    asks(&manager, KNX_SEARCH_REQUEST_EXTENDED, TCP);
    is_told(&manager, KNX_SEARCH_RESPONSE_EXTENDED,
            TCP INFO FAMILIES_SECURITY SECURED TUNNELS("2", "3", "3", "3") "0808 01 00 00fe 091a");
    house_end(&h);
}

static void where_nothing_is_secured_no_block_says_so(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.tunnelling_is_secured = false;
    h.config.management_is_secured = false;
    h.config.has_device_key = false;
    house_open(&h);
    struct visitor v = visitor_udp(&h, 10);
    asks(&v, KNX_SEARCH_REQUEST_EXTENDED, ROUTE_BACK);
    is_told(&v, KNX_SEARCH_RESPONSE_EXTENDED,
            OWN INFO FAMILIES TUNNELS("7", "7", "7", "7") EXTENDED_INFO);
    house_end(&h);
}

/* Search parameters. */

static const struct {
    const char *srps;
    const char *blocks; /* NULL: silence */
} selections[] = {
    { "0201", NULL },              /* programming mode: we are not in it */
    { "0281", NULL },              /* the same, mandatory */
    { "0802 020000000001", "" },   /* our MAC address */
    { "0882 020000000001", "" },   /* mandatory */
    { "0802 020000000002", NULL }, /* another one */
    { "0602 02000000", NULL },     /* a short one */
    { "0403 0402", "" },           /* tunnelling, version 2 */
    { "0403 0401", "" },           /* a lesser version will do */
    { "0403 0403", NULL },         /* a greater one not */
    { "0483 0901", "" },           /* security */
    { "0403 0501", NULL },         /* routing */
    { "0303 04", NULL },           /* cut short */
    { "0202 0801", NULL },         /* a MAC address of no octets */
    { "0255", "" },                /* unknown */
    { "02d5", NULL },              /* unknown and mandatory */
    { "0403 0402 0201", NULL },    /* all of them must match */
    { "0403 0402 0802 020000000001", "" },
    { "0404 0108", INFO EXTENDED_INFO },
    { "0484 0801", INFO EXTENDED_INFO },
    { "0404 0200", FAMILIES_SECURITY }, /* padded */
    { "0604 0506fe00", ADDRESSES SECURED MANUFACTURER },
    { "0404 0304", "0" }, /* what we do not have is left out: nothing is left */
    { "0204", NULL },     /* none asked for */
    { "0404 0108 0403 0402", INFO EXTENDED_INFO },
};

static void every_search_parameter_selects_as_its_row_says(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    for (size_t i = 0; i < BAS_ARRAY_LEN(selections); i++) {
        char text[1024];
        struct visitor v = visitor_udp(&h, 10);
        print_message("# %s\n", selections[i].srps);
        (void)snprintf(text, sizeof(text), "%s%s", ROUTE_BACK, selections[i].srps);
        asks(&v, KNX_SEARCH_REQUEST_EXTENDED, text);
        const char *blocks = selections[i].blocks;
        if (blocks == NULL) {
            house_sends_nothing(&h);
            continue;
        }
        if (blocks[0] == '\0') {
            blocks = INFO FAMILIES_SECURITY SECURED TUNNELS("5", "5", "5", "5") EXTENDED_INFO;
        } else if (blocks[1] == '\0') {
            blocks = "";
        }
        (void)snprintf(text, sizeof(text), "%s%s", OWN, blocks);
        is_told(&v, KNX_SEARCH_RESPONSE_EXTENDED, text);
    }
    house_end(&h);
}

static void programming_mode_is_found(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.info.is_programming = true;
    house_open(&h);
    struct visitor v = visitor_udp(&h, 10);
    asks(&v, KNX_SEARCH_REQUEST_EXTENDED, ROUTE_BACK "0281");
    (void)visitor_gets(&v, KNX_SEARCH_RESPONSE_EXTENDED);
    asks(&v, KNX_SEARCH_REQUEST_EXTENDED, ROUTE_BACK "0381 00"); /* it has no data */
    house_sends_nothing(&h);
    house_end(&h);
}

static unsigned count_frames(struct house *h)
{
    struct knx_server_frame frame;
    unsigned n = 0;
    while (knx_server_next_frame(h->server, &frame)) {
        n++;
    }
    return n;
}

/* What it answers goes where the request says, which may be somebody who never asked. */
static void searches_over_udp_are_answered_so_often_a_second(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "06100201000e 0801c00002630e57",
        "06100203000e 0801c00002630e57",
        "0610020b000e 0801c00002630e57",
    };
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_udp(&h, 10);
    for (unsigned i = 0; i < 3 * KNX_SERVER_ANSWERS_PER_SECOND; i++) {
        visitor_sends_hex(&v, requests[i % BAS_ARRAY_LEN(requests)]);
    }
    assert_int_equal(count_frames(&h), KNX_SERVER_ANSWERS_PER_SECOND);
    assert_int_equal(house_counts(&h).requests_limited, 2 * KNX_SERVER_ANSWERS_PER_SECOND);
    house_waits(&h, 100);
    for (unsigned i = 0; i < KNX_SERVER_ANSWERS_PER_SECOND; i++) {
        visitor_sends_hex(&v, requests[i % BAS_ARRAY_LEN(requests)]);
    }
    assert_int_equal(count_frames(&h), KNX_SERVER_ANSWERS_PER_SECOND / 10);
    struct visitor other = visitor_tcp(&h, 11); /* nobody else can be meant over TCP */
    visitor_sends_hex(&other, "06100203000e 0802000000000000");
    assert_int_equal(count_frames(&h), 1);
    house_end(&h);
}

static void blocks_of_very_many_tunnels_are_cut_at_their_length(void **state)
{
    (void)state;
    static struct knx_server_tunnel tunnels[KNX_SERVER_MAX_TUNNELS];
    struct house h;
    house_begin(&h);
    for (size_t i = 0; i < BAS_ARRAY_LEN(tunnels); i++) {
        tunnels[i] = (struct knx_server_tunnel){ (knx_ia)(0x1201 + i), 0 };
    }
    h.config.tunnels = tunnels;
    h.config.n_tunnels = BAS_ARRAY_LEN(tunnels);
    house_open(&h);
    struct visitor v = visitor_udp(&h, 10);
    asks(&v, KNX_SEARCH_REQUEST_EXTENDED, ROUTE_BACK "0404 0705");
    struct knx_message response = visitor_gets(&v, KNX_SEARCH_RESPONSE_EXTENDED);
    struct knx_block block;
    assert_true(knx_dib_next(&response.payload, &block));
    assert_int_equal(block.type, KNX_DIB_KNX_ADDRESSES);
    assert_int_equal(block.data.len, 252);
    assert_true(knx_dib_next(&response.payload, &block));
    assert_int_equal(block.type, KNX_DIB_TUNNELLING_INFO);
    assert_int_equal(block.data.len, 250);
    assert_false(knx_dib_next(&response.payload, &block));
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_is_answered_with_device_and_families),
        cmocka_unit_test(a_search_is_for_udp_alone),
        cmocka_unit_test(a_description_is_given_everywhere),
        cmocka_unit_test(an_endpoint_that_does_not_fit_the_transport_is_not_answered),
        cmocka_unit_test(an_extended_search_tells_what_is_secured_and_who_may_use_what),
        cmocka_unit_test(where_nothing_is_secured_no_block_says_so),
        cmocka_unit_test(every_search_parameter_selects_as_its_row_says),
        cmocka_unit_test(programming_mode_is_found),
        cmocka_unit_test(searches_over_udp_are_answered_so_often_a_second),
        cmocka_unit_test(blocks_of_very_many_tunnels_are_cut_at_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
