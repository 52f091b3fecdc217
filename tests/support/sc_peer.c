#include "sc_peer.h"

#include <string.h>

struct bsc_vmac peer_vmac(uint8_t n)
{
    return (struct bsc_vmac){ { 2, 0, 0, 0, 0, n } };
}

struct bsc_uuid peer_uuid(uint8_t n)
{
    struct bsc_uuid uuid;
    memset(uuid.octets, n, sizeof(uuid.octets));
    return uuid;
}

void peer_gives(struct bsc_hub *hub, bsc_conn_id conn, struct bas_slice octets, bas_time now)
{
    static struct test_env heap;
    if (heap.env.alloc == NULL) {
        test_env_init(&heap);
    }
    struct bas_frame *block = bas_frame_new(&heap.env, 0, octets.len + 1);
    assert_non_null(block);
    if (octets.len != 0) {
        memcpy(bas_frame_put(block, octets.len), octets.data, octets.len);
    }
    struct bas_window window = bas_frame_window(block);
    assert_int_equal(bsc_hub_recv(hub, conn, &window, now), BAS_OK);
    bsc_hub_turn_end(hub);
    assert_int_equal(block->refs, 1);
    bas_frame_unref(block);
}

void peer_gives_hex(struct bsc_hub *hub, bsc_conn_id conn, const char *hex, bas_time now)
{
    peer_gives(hub, conn, test_hex(hex), now);
}

struct bas_slice peer_connect_request(uint8_t n)
{
    static uint8_t memory[30];
    uint8_t payload[26];
    struct bas_buf body;
    struct bas_buf out;
    const struct bsc_connect connect = { peer_vmac(n), peer_uuid(n), 5705, 1497 };
    bas_buf_init(&body, payload, sizeof(payload));
    bsc_connect_encode(&connect, &body);
    const struct bsc_message message = { .function = BSC_CONNECT_REQUEST,
                                         .id = 1,
                                         .payload = { payload, body.len } };
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_encode(&message, &out);
    return (struct bas_slice){ memory, out.len };
}

struct bsc_hub_event hub_says(struct bsc_hub *hub, enum bsc_hub_event_kind kind)
{
    struct bsc_hub_event event;
    assert_true(bsc_hub_next_event(hub, &event));
    assert_int_equal(event.kind, kind);
    return event;
}

void hub_says_nothing(struct bsc_hub *hub)
{
    struct bsc_hub_event event;
    assert_false(bsc_hub_next_event(hub, &event));
}

void peer_gets(struct bsc_hub *hub, bsc_conn_id conn, const char *hex)
{
    struct bas_slice want = test_hex(hex);
    struct bsc_tx tx;
    if (want.len == 0) {
        assert_false(bsc_hub_peek(hub, conn, &tx));
        return;
    }
    assert_true(bsc_hub_peek(hub, conn, &tx));
    assert_int_equal(tx.head.len + tx.rest.len, want.len);
    assert_memory_equal(tx.head.data, want.data, tx.head.len);
    if (tx.rest.len != 0) {
        assert_memory_equal(tx.rest.data, want.data + tx.head.len, tx.rest.len);
    }
    bsc_hub_pop(hub, conn, 0);
}

bsc_conn_id peer_joins(struct bsc_hub *hub, uint8_t n, bas_time now)
{
    bsc_conn_id conn = 0;
    struct bsc_tx tx;
    assert_int_equal(bsc_hub_open(hub, NULL, now, &conn), BAS_OK);
    peer_gives(hub, conn, peer_connect_request(n), now);
    assert_int_equal(hub_says(hub, BSC_HUB_ADMIT).conn, conn);
    assert_int_equal(bsc_hub_admit(hub, conn, NULL, now), BAS_OK);
    struct bsc_hub_event event = hub_says(hub, BSC_HUB_JOINED);
    struct bsc_vmac vmac = peer_vmac(n);
    assert_int_equal(event.conn, conn);
    assert_true(bsc_vmac_equal(&event.vmac, &vmac));
    assert_true(bsc_hub_peek(hub, conn, &tx));
    assert_int_equal(tx.head.data[0], BSC_CONNECT_ACCEPT);
    bsc_hub_pop(hub, conn, now);
    bsc_conn_id dirty;
    void *user;
    while (bsc_hub_next_dirty(hub, &dirty, &user)) {
    }
    return conn;
}
