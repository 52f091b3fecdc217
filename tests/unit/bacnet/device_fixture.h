/* A device with an object of every type, and the wire to ask it. For tests of the server. */
#ifndef BASALT_TEST_DEVICE_FIXTURE_H
#define BASALT_TEST_DEVICE_FIXTURE_H

#include "test_env.h"

#include "basalt/bacnet_server.h"

#include <string.h>

struct fixture {
    bas_time now;
    struct test_env t;
    struct bac_server *server;
    struct bac_address from;
    size_t way; /* the largest APDU to the asker */
    bool broadcast;
    bool is_repeating; /* requests may be repetitions of the one before */
};

static const uint8_t FIXTURE_VMAC[] = { 0xA2, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F };
static const char *const FIXTURE_STATES[] = { "off", "on", "auto" };

static inline bas_err fixture_state(void *ctx, uint32_t property, uint32_t index,
                                    struct bas_buf *out)
{
    (void)ctx;
    (void)property;
    uint32_t connected = BAC_SC_HUB_CONNECTOR_CONNECTED_TO_PRIMARY;
    return index == BAC_NO_INDEX ? bac_encode(&bac_type_enumerated, &connected, -1, out)
                                 : BAS_ERR_NOT_FOUND;
}

static inline bas_err fixture_uris(void *ctx, uint32_t property, uint32_t index,
                                   struct bas_buf *out)
{
    (void)ctx;
    (void)property;
    uint64_t n = 1;
    struct bac_text uri = bac_text_from("wss://x/dc");
    if (index == 0) {
        return bac_encode(&bac_type_unsigned, &n, -1, out);
    }
    return index == 1 || index == BAC_NO_INDEX
               ? bac_encode(&bac_type_character_string, &uri, -1, out)
               : BAS_ERR_NOT_FOUND;
}

static inline bas_err fixture_broken(void *ctx, uint32_t property, uint32_t index,
                                     struct bas_buf *out)
{
    (void)ctx;
    (void)property;
    (void)index;
    bas_buf_add(out, "\x91", 1);
    return BAS_ERR_IO;
}

static const struct bac_property_config FIXTURE_PORT[] = {
    { .property = BAC_PROPERTY_MAC_ADDRESS,
      .value = { .tag = BAC_TAG_OCTET_STRING, .as.octets = { FIXTURE_VMAC, 6 } } },
    { .property = BAC_PROPERTY_SC_HUB_CONNECTOR_STATE, .get = fixture_state },
    { .property = BAC_PROPERTY_SC_PRIMARY_HUB_URI,
      .value = { .tag = BAC_TAG_CHARACTER_STRING,
                 .as.text = { 0, { (const uint8_t *)"wss://hub", 9 } } } },
    { .property = BAC_PROPERTY_MAX_BVLC_LENGTH_ACCEPTED,
      .value = { .tag = BAC_TAG_UNSIGNED, .as.unsigned_integer = 1600 } },
    { .property = BAC_PROPERTY_SC_DIRECT_CONNECT_ACCEPT_URIS, .get = fixture_uris },
    { .property = BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS, .get = fixture_broken },
};

static const struct bac_object_config FIXTURE_OBJECTS[] = {
    { .type = BAC_OBJECT_ANALOG_INPUT,
      .instance = 1,
      .name = "Room",
      .description = "north",
      .has_units = true,
      .units = 62,
      .has_range = true,
      .min = -50,
      .max = 150,
      .cov_increment = 0.5,
      .initial = { .tag = BAC_TAG_REAL, .as.real = 21.5F } },
    { .type = BAC_OBJECT_ANALOG_OUTPUT,
      .instance = 1,
      .name = "Valve",
      .has_range = true,
      .max = 100,
      .initial = { .tag = BAC_TAG_REAL, .as.real = 10 } },
    { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 1, .name = "Setpoint", .writable = true },
    { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 2, .name = "Command", .commandable = true },
    { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 3, .name = "Fixed" },
    { .type = BAC_OBJECT_BINARY_INPUT, .instance = 1, .name = "Window", .is_reverse = true },
    { .type = BAC_OBJECT_BINARY_OUTPUT,
      .instance = 1,
      .name = "Fan",
      .inactive_text = "stop",
      .active_text = "run" },
    { .type = BAC_OBJECT_BINARY_VALUE, .instance = 1, .name = "Mode", .commandable = true },
    { .type = BAC_OBJECT_MULTI_STATE_INPUT, .instance = 1, .name = "Switch", .n_states = 4 },
    { .type = BAC_OBJECT_MULTI_STATE_OUTPUT,
      .instance = 1,
      .name = "Speed",
      .n_states = 3,
      .state_text = FIXTURE_STATES },
    { .type = BAC_OBJECT_MULTI_STATE_VALUE,
      .instance = 1,
      .name = "Program",
      .n_states = 3,
      .writable = true },
    { .type = BAC_OBJECT_NETWORK_PORT,
      .instance = 1,
      .name = "Port",
      .properties = FIXTURE_PORT,
      .n_properties = BAS_ARRAY_LEN(FIXTURE_PORT) },
};

static inline struct bac_server_config fixture_config(void)
{
    return (struct bac_server_config){ .size = sizeof(struct bac_server_config),
                                       .object_size = sizeof(struct bac_object_config),
                                       .objects = FIXTURE_OBJECTS,
                                       .n_objects = BAS_ARRAY_LEN(FIXTURE_OBJECTS),
                                       .instance = 1234,
                                       .name = "Device",
                                       .vendor_name = "Nobody",
                                       .vendor = 999,
                                       .uuid = { 1, 2, 3 },
                                       .database_revision = 7 };
}

static inline void fixture_open_with(struct fixture *f, const struct bac_server_config *config)
{
    memset(f, 0, sizeof(*f));
    test_env_init(&f->t);
    f->from = (struct bac_address){ 0, 6, { 0xB2, 0, 0, 0, 0, 9 } };
    f->way = 1476;
    struct bas_fault fault = { 0 };
    f->server = bac_server_new(&f->t.env, config, &fault);
    if (f->server == NULL) {
        fail_msg("%s", fault.text);
    }
}

static inline void fixture_open(struct fixture *f)
{
    struct bac_server_config config = fixture_config();
    fixture_open_with(f, &config);
}

static inline void fixture_close(struct fixture *f)
{
    bac_server_free(f->server);
    test_env_check(&f->t);
}

static inline bas_err fixture_send(struct fixture *f, struct bas_slice apdu)
{
    struct bac_net_event e = {
        .kind = BAC_NET_APDU, .source = f->from, .port = 0, .broadcast = f->broadcast, .apdu = apdu
    };
    bool is_whole_request = apdu.len > 2 && (apdu.data[0] & 0xF8) == 0;
    if (is_whole_request && !f->is_repeating && !f->broadcast) {
        /* the client forgets: without that the same octets would get the same answer once more */
        const uint8_t forget[] = { 0x70, apdu.data[2], 0 };
        e.apdu = (struct bas_slice){ forget, sizeof(forget) };
        (void)bac_server_recv(f->server, &e, f->way, f->now);
        e.apdu = apdu;
    }
    return bac_server_recv(f->server, &e, f->way, f->now);
}

/* Asks, and expects exactly that answer ("": none). */
static inline void fixture_expect(struct fixture *f, const char *request, const char *answer)
{
    (void)fixture_send(f, test_hex(request));
    struct bac_apdu_tx tx;
    struct bas_slice want = test_hex(answer);
    if (want.len == 0) {
        assert_false(bac_server_next_tx(f->server, &tx));
        return;
    }
    assert_true(bac_server_next_tx(f->server, &tx));
    struct bas_slice got = bas_frame_slice(tx.frame);
    char text[3200];
    struct bas_buf b;
    bas_buf_init(&b, text, sizeof(text));
    bas_buf_add_hex(&b, got);
    if (got.len != want.len || memcmp(got.data, want.data, want.len) != 0) {
        fail_msg("%s\n  answered with %s\n  instead of    %s", request, bas_buf_text(&b), answer);
    }
    assert_true(tx.frame->start == BAS_HEADROOM);
    bas_frame_unref(tx.frame);
    assert_false(bac_server_next_tx(f->server, &tx));
}

#endif
