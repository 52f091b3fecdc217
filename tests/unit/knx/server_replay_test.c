/*
 * Sessions between other clients and another server (Calimero), recorded with their keys: every
 * frame of the client is accepted by this server, and what it answers is what was recorded. The
 * recordings are not part of this tree (BASALT_SHARED); without them the tests are skipped.
 */
#include "knx_visitor.h"

#include "wire/rd.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAST_TUNNEL = 9 };

struct recording {
    json_t *root;
    json_t *frames;
    struct knx_key key;
    struct knx_server_preset preset;
};

static struct bas_slice hex_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? test_hex(text) : (struct bas_slice){ NULL, 0 };
}

static bool is_from_client(const json_t *frame)
{
    const char *direction = json_string_value(json_object_get(frame, "dir"));
    assert_non_null(direction);
    return direction[0] == 'C';
}

static struct knx_message message_of(struct bas_slice frame)
{
    struct knx_message message;
    assert_int_equal(knx_message_decode(frame, &message, NULL), BAS_OK);
    return message;
}

static void take(struct bas_slice from, uint8_t *to, size_t len)
{
    struct rd r = rd_init(from);
    rd_copy(&r, to, len);
    assert_int_equal(r.err, BAS_OK);
}

static bool recording_open(struct recording *r, const char *name)
{
    char path[512];
    const char *shared = getenv("BASALT_SHARED");
    *r = (struct recording){ 0 };
    if (shared == NULL) {
        return false;
    }
    (void)snprintf(path, sizeof(path), "%s/data/%s", shared, name);
    r->root = json_load_file(path, 0, NULL);
    r->frames = json_object_get(r->root, "frames");
    if (r->frames == NULL) {
        return false;
    }
    take(hex_of(r->root, "session_key"), r->key.octets, sizeof(r->key.octets));
    struct knx_message response = message_of(hex_of(json_array_get(r->frames, 1), "raw"));
    r->preset.session = response.session;
    r->preset.key = r->key;
    take(response.public_key, r->preset.y, sizeof(r->preset.y));
    return true;
}

/* The channel that the recorded server gave. */
static uint8_t channel_of(const struct recording *r)
{
    size_t i = 0;
    json_t *frame = NULL;
    json_array_foreach(r->frames, i, frame)
    {
        struct bas_slice inner = hex_of(frame, "inner");
        if (inner.len != 0 && message_of(inner).service == KNX_CONNECT_RESPONSE) {
            return message_of(inner).channel;
        }
    }
    return 0;
}

/* The laboratory's keyring: users 2 .. 9 have the tunnels 1.1.10 .. 1.1.17. */
static void open_laboratory(struct house *h, uint8_t user, struct recording *r)
{
    char password[] = "tunnel-?";
    static const char device[] = "lab-device";
    static struct knx_server_tunnel tunnels[LAST_TUNNEL - 1];
    password[7] = (char)('0' + user);
    house_begin(h);
    for (uint8_t i = 0; i < BAS_ARRAY_LEN(tunnels); i++) {
        tunnels[i] = (struct knx_server_tunnel){ (knx_ia)(TUNNEL_A + i), (uint8_t)(i + 2) };
    }
    h->config.tunnels = tunnels;
    h->config.n_tunnels = BAS_ARRAY_LEN(tunnels);
    h->users[0].id = user;
    h->config.n_users = 1;
    knx_user_key((struct bas_slice){ (const uint8_t *)password, sizeof(password) - 1 },
                 &h->users[0].key);
    knx_device_key((struct bas_slice){ (const uint8_t *)device, sizeof(device) - 1 },
                   &h->config.device_key);
    house_open(h);
    r->preset.channel = channel_of(r);
    knx_server_preset(h->server, &r->preset);
}

/* The bus: what the recorded server said of it is said to ours. */
static void bus_speaks(struct house *h, struct bas_slice recorded)
{
    struct knx_cemi cemi;
    assert_int_equal(knx_cemi_decode(recorded, &cemi, NULL), BAS_OK);
    if (cemi.code == KNX_L_DATA_IND) {
        knx_server_indicate(h->server, recorded, 0, h->now);
        return;
    }
    struct knx_server_event event = house_says(h, KNX_SERVER_EVENT_TELEGRAM);
    knx_server_confirm(h->server, event.channel, event.cemi, true, h->now);
}

static void ignore_other_events(struct house *h)
{
    struct bas_slice record = { NULL, 0 };
    struct knx_server_event event;
    while ((record = knx_ring_peek(&h->server->events)).len != 0) {
        memcpy(&event, record.data, sizeof(event));
        if (event.kind == KNX_SERVER_EVENT_TELEGRAM) {
            return;
        }
        assert_true(knx_server_next_event(h->server, &event));
    }
}

static void assert_same(const struct knx_message *is, const struct knx_message *wanted)
{
    assert_int_equal(is->service, wanted->service);
    assert_int_equal(is->channel, wanted->channel);
    assert_int_equal(is->status, wanted->status);
    assert_int_equal(is->cri.type, wanted->cri.type);
    assert_int_equal(is->cri.address, wanted->cri.address);
    assert_int_equal(is->payload.len, wanted->payload.len);
    if (wanted->payload.len != 0) {
        assert_memory_equal(is->payload.data, wanted->payload.data, wanted->payload.len);
    }
}

static void check_answer(struct visitor *v, const struct recording *r, const json_t *frame)
{
    struct bas_slice inner = hex_of(frame, "inner");
    if (inner.len == 0) { /* the SESSION_RESPONSE, byte for byte */
        struct bas_slice wanted = hex_of(frame, "raw");
        struct bas_slice is = visitor_gets_octets(v);
        assert_int_equal(is.len, wanted.len);
        assert_memory_equal(is.data, wanted.data, wanted.len);
        v->session = r->preset.session;
        knx_cipher_init(&v->cipher, &r->key);
        return;
    }
    struct knx_message wanted = message_of(inner);
    ignore_other_events(v->house);
    if (wanted.service == KNX_TUNNELLING_REQUEST) {
        bus_speaks(v->house, wanted.payload);
    }
    struct knx_message is = visitor_gets(v, (enum knx_service)wanted.service);
    assert_same(&is, &wanted);
}

/* Gives the number of frames that were checked. */
static size_t replay(struct visitor *v, const struct recording *r)
{
    size_t i = 0;
    json_t *frame = NULL;
    json_array_foreach(r->frames, i, frame)
    {
        if (is_from_client(frame)) {
            visitor_sends_octets(v, hex_of(frame, "raw"));
        } else {
            check_answer(v, r, frame);
        }
    }
    return i;
}

static void assert_all_was_accepted(const struct house *h)
{
    struct knx_server_counts counts = house_counts(h);
    assert_int_equal(counts.wrapper_mac + counts.wrapper_replay + counts.wrapper_session, 0);
    assert_int_equal(counts.wrapper_inner + counts.malformed + counts.skipped, 0);
    assert_int_equal(counts.telegrams_dropped + counts.output_full, 0);
}

static void a_session_of_xknx_goes_as_recorded(void **state)
{
    (void)state;
    struct house h;
    struct recording r;
    assert_true(recording_open(&r, "session-xknx-calimero.json"));
    open_laboratory(&h, 2, &r);
    struct visitor v = visitor_tcp(&h, 10);
    assert_int_equal(replay(&v, &r), 26);
    /* Spec 2.5 and 8, row 12: the other server had dropped the session with its last channel and
     * said nothing; this one kept it, so the client's close is answered. */
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_CLOSE);
    house_sends_nothing(&h);
    assert_all_was_accepted(&h);
    json_decref(r.root);
    house_end(&h);
}

static void a_session_of_knxultimate_goes_as_recorded(void **state)
{
    (void)state;
    struct house h;
    struct recording r;
    assert_true(recording_open(&r, "session-knxultimate-calimero.json"));
    /* Spec 8: row 1, it acknowledges over TCP; row 7, it leaves FT set at L = 16; row 13, its
     * serial number is zero, and so was the other server's: ours must not be. */
    open_laboratory(&h, 8, &r);
    struct visitor v = visitor_tcp(&h, 10);
    static const uint8_t zero[KNX_SERIAL_LEN] = { 0 };
    assert_true(replay(&v, &r) > 30);
    house_sends_nothing(&h);
    assert_memory_not_equal(v.server_serial, zero, sizeof(zero));
    assert_all_was_accepted(&h);
    json_decref(r.root);
    house_end(&h);
}

/* The recorded octets from the recorded inner frames. */
static void check_sealing(const struct recording *r)
{
    struct knx_cipher cipher;
    size_t i = 0;
    json_t *frame = NULL;
    knx_cipher_init(&cipher, &r->key);
    json_array_foreach(r->frames, i, frame)
    {
        uint8_t memory[KNX_MAX_FRAME];
        struct bas_buf out;
        struct bas_slice inner = hex_of(frame, "inner");
        struct bas_slice raw = hex_of(frame, "raw");
        if (inner.len == 0) {
            continue;
        }
        struct knx_wrapper wrapper = { .session = r->preset.session,
                                       .sequence = (uint64_t)json_integer_value(
                                           json_object_get(frame, "seq")) };
        take(hex_of(frame, "serial"), wrapper.serial, sizeof(wrapper.serial));
        bas_buf_init(&out, memory, sizeof(memory));
        knx_wrap(&cipher, &wrapper, inner, &out);
        assert_int_equal(out.len, raw.len);
        assert_memory_equal(out.data, raw.data, raw.len);
    }
    assert_true(i > 20);
}

static void sealing_what_was_recorded_gives_the_recorded_octets(void **state)
{
    (void)state;
    static const char *const names[] = { "session-xknx-calimero.json",
                                         "session-knxultimate-calimero.json" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        struct recording r;
        assert_true(recording_open(&r, names[i]));
        check_sealing(&r);
        json_decref(r.root);
    }
}

int main(void)
{
    if (!test_has_shared("data/session-xknx-calimero.json")) {
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_of_xknx_goes_as_recorded),
        cmocka_unit_test(a_session_of_knxultimate_goes_as_recorded),
        cmocka_unit_test(sealing_what_was_recorded_gives_the_recorded_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
