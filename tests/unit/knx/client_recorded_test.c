/*
 * Sessions of other clients with another server, recorded octet for octet: what that server sent
 * opens here, and what our client sends in their place is what they sent. The files stand outside
 * of the tree (BASALT_SHARED): a session whose file is not there is skipped.
 */
#include "knx/client/client.h"
#include "test_env.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct recorded {
    struct test_env t;
    struct bas_env env; /* its random octets are the recorded client's private key */
    json_t *root;
    struct bas_slice private_key;
    struct knx_cipher cipher; /* of the recorded session key */
    struct knx_client *client;
    bas_time now;
    unsigned opened, sent;
};

static struct bas_slice hex_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    assert_non_null(text);
    return test_hex(text);
}

static void recorded_random(void *ctx, uint8_t *out, size_t len)
{
    const struct recorded *r = ctx;
    assert_int_equal(len, r->private_key.len);
    memcpy(out, r->private_key.data, len);
}

static int64_t no_wall(void *ctx)
{
    (void)ctx;
    return 0;
}

static void *recorded_alloc(void *ctx, size_t len)
{
    struct recorded *r = ctx;
    return r->t.env.alloc(&r->t, len);
}

static void recorded_release(void *ctx, void *memory, size_t len)
{
    struct recorded *r = ctx;
    r->t.env.release(&r->t, memory, len);
}

static void load(struct recorded *r, const char *name)
{
    char path[512];
    const char *shared = getenv("BASALT_SHARED");
    memset(r, 0, sizeof(*r));
    test_env_init(&r->t);
    r->env =
        (struct bas_env){ r, recorded_alloc, recorded_release, recorded_random, no_wall, NULL };
    (void)snprintf(path, sizeof(path), "%s/data/%s", shared != NULL ? shared : "", name);
    r->root = json_load_file(path, 0, NULL);
    assert_non_null(r->root);
    struct knx_key key;
    struct bas_slice session_key = hex_of(r->root, "session_key");
    memcpy(key.octets, session_key.data, sizeof(key.octets));
    knx_cipher_init(&r->cipher, &key);
    r->private_key = hex_of(r->root, "client_private");
}

static void finish(struct recorded *r)
{
    knx_client_free(r->client);
    json_decref(r->root);
    test_env_check(&r->t);
}

static struct bas_slice text(const char *s)
{
    return (struct bas_slice){ (const uint8_t *)s, strlen(s) };
}

static void start(struct recorded *r, uint8_t user, const char *password, const char *serial)
{
    struct knx_client_config config = {
        .size = sizeof(config), .transport = KNX_TCP, .is_secure = true, .user = user
    };
    knx_user_key(text(password), &config.user_key);
    knx_device_key(text("lab-device"), &config.device_key);
    memcpy(config.serial, test_hex(serial).data, sizeof(config.serial));
    r->client = knx_client_new(&r->env, &config);
    assert_non_null(r->client);
    knx_client_open(r->client, r->now);
}

static bool is_from_client(const json_t *frame)
{
    return strcmp(json_string_value(json_object_get(frame, "dir")), "C>S") == 0;
}

static struct knx_message decode(struct bas_slice octets)
{
    struct knx_message message;
    assert_int_equal(knx_message_decode(octets, &message, NULL), BAS_OK);
    return message;
}

/* The frame inside of a recorded one, or itself. */
static struct bas_slice inner_of(const json_t *frame)
{
    bool is_wrapped = json_object_get(frame, "inner") != NULL;
    return hex_of(frame, is_wrapped ? "inner" : "raw");
}

/* Does what the recorded client's owner did before this frame was sent. */
static void provoke(struct recorded *r, const struct knx_message *message)
{
    uint32_t id;
    if (message->service == KNX_TUNNELLING_REQUEST) {
        assert_int_equal(knx_client_send(r->client, message->payload, r->now, &id), BAS_OK);
    }
    if (message->service == KNX_DISCONNECT_REQUEST) {
        knx_client_close(r->client, r->now);
    }
}

static void assert_octets(struct bas_slice got, struct bas_slice wanted, size_t at)
{
    if (got.len != wanted.len || memcmp(got.data, wanted.data, got.len) != 0) {
        fail_msg("frame %zu is not what was recorded", at);
    }
}

/* A frame of the server: it opens, and its cEMI comes out as it went in. */
static void take(struct recorded *r, const json_t *frame)
{
    struct knx_client_event event;
    struct knx_message message = decode(inner_of(frame));
    bool has_cemi = message.service == KNX_TUNNELLING_REQUEST;
    r->now += BAS_MILLISECOND;
    knx_client_recv(r->client, hex_of(frame, "raw"), r->now);
    while (knx_client_next_event(r->client, &event)) {
        if (event.kind == KNX_CLIENT_EVENT_DROPPED || event.kind == KNX_CLIENT_EVENT_FAILED) {
            fail_msg("%s", event.fault->text);
        }
        if (has_cemi) {
            assert_int_equal(event.cemi.len, message.payload.len);
            assert_memory_equal(event.cemi.data, message.payload.data, event.cemi.len);
            has_cemi = false;
        }
    }
    assert_false(has_cemi);
    assert_int_equal(knx_client_dropped(r->client), 0);
    r->opened++;
}

/* xknx follows the rules: every octet that it sent is ours too. */
static void the_session_of_xknx_is_ours_octet_for_octet(void **state)
{
    (void)state;
    struct recorded r;
    struct knx_endpoint to;
    load(&r, "session-xknx-calimero.json");
    const json_t *frames = json_object_get(r.root, "frames");
    start(&r, 2, "tunnel-2", "0000786b6e78");
    for (size_t i = 0; i < json_array_size(frames); i++) {
        const json_t *frame = json_array_get(frames, i);
        struct bas_slice octets;
        if (!is_from_client(frame)) {
            take(&r, frame);
            continue;
        }
        struct bas_slice inner = inner_of(frame);
        struct knx_message message = decode(inner);
        provoke(&r, &message);
        assert_true(knx_client_next_frame(r.client, &octets, &to));
        assert_octets(octets, hex_of(frame, "raw"), i);
        r.sent++;
    }
    assert_int_equal(r.sent, 12);
    assert_int_equal(r.opened, 14);
    assert_int_equal(knx_client_state(r.client), KNX_CLIENT_IDLE);
    finish(&r);
}

/* One frame of KNXUltimate, sealed again as it was. */
static void seal_again(const struct recorded *r, const json_t *frame, size_t at)
{
    uint8_t memory[256];
    struct bas_buf out;
    struct knx_wrapper wrapper;
    struct bas_slice raw = hex_of(frame, "raw");
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_wrapper_peek(raw, &wrapper), BAS_OK);
    knx_wrap(&r->cipher, &wrapper, inner_of(frame), &out);
    assert_octets((struct bas_slice){ out.data, out.len }, raw, at);
}

/*
 * KNXUltimate sends acks over TCP and serial number 0, which we never do: its frames are sealed
 * again from what was inside; what our client puts inside of its own is the same, acks aside.
 */
static void the_session_of_knxultimate_is_ours_inside(void **state)
{
    (void)state;
    struct recorded r;
    struct knx_endpoint to;
    uint8_t scratch[KNX_MAX_FRAME];
    load(&r, "session-knxultimate-calimero.json");
    const json_t *frames = json_object_get(r.root, "frames");
    start(&r, 8, "tunnel-8", "00fa01020304");
    for (size_t i = 0; i < json_array_size(frames); i++) {
        const json_t *frame = json_array_get(frames, i);
        struct bas_slice octets;
        struct bas_slice inner = inner_of(frame);
        struct knx_message message = decode(inner);
        if (!is_from_client(frame)) {
            take(&r, frame);
            continue;
        }
        if (message.service != KNX_SESSION_REQUEST) {
            seal_again(&r, frame, i);
        }
        provoke(&r, &message);
        bool has_frame = knx_client_next_frame(r.client, &octets, &to);
        assert_int_equal(has_frame, message.service != KNX_TUNNELLING_ACK);
        if (has_frame && message.service != KNX_SESSION_REQUEST) {
            assert_int_equal(knx_unwrap(&r.cipher, octets, scratch, &octets), BAS_OK);
        }
        if (has_frame) {
            assert_octets(octets, inner, i);
            r.sent++;
        }
    }
    assert_int_equal(r.sent, 12);
    assert_int_equal(r.opened, 16);
    finish(&r);
}

int main(void)
{
    if (!test_has_shared("data/session-xknx-calimero.json")) {
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_session_of_xknx_is_ours_octet_for_octet),
        cmocka_unit_test(the_session_of_knxultimate_is_ours_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
