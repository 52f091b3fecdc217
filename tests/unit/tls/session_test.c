#include "raw.h"

#include <stdlib.h>
#include <string.h>

static void a_handshake_opens_both_ends_and_data_flows_both_ways(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    end_seal(&link.client, "question", 8);
    end_seal(&link.server, "answer", 6);
    assert_int_equal(end_carry(&link.client, &link.server, 0), BAS_ERR_AGAIN);
    assert_int_equal(end_carry(&link.server, &link.client, 0), BAS_ERR_AGAIN);
    assert_int_equal(link.server.plain_len, 8);
    assert_memory_equal(link.server.plain, "question", 8);
    assert_memory_equal(link.client.plain, "answer", 6);
    assert_int_equal(bas_tls_fault(link.client.tls)->err, BAS_OK);
    struct bas_tls_identity identity;
    assert_true(bas_tls_peer(link.server.tls, &identity));
    assert_string_equal(identity.subject, "CN=node");
    assert_true(identity.has_uuid);
    assert_true(bas_tls_peer(link.client.tls, &identity));
    assert_string_equal(identity.subject, "CN=hub");
    link_fini(&link);
}

static void a_client_speaks_first_and_a_server_waits(void **state)
{
    (void)state;
    struct link link;
    link_init(&link);
    struct bas_tls_identity identity;
    assert_int_equal(end_read(&link.server), BAS_ERR_AGAIN);
    assert_int_equal(link.server.out.len, 0);
    assert_int_equal(end_read(&link.client), BAS_ERR_AGAIN);
    assert_true(link.client.out.len > 0);
    assert_int_equal(link.client.out.data[0], 22);
    size_t hello = link.client.out.len;
    assert_int_equal(end_read(&link.client), BAS_ERR_AGAIN);
    assert_int_equal(link.client.out.len, hello);
    assert_false(bas_tls_is_open(link.client.tls));
    assert_false(bas_tls_peer(link.client.tls, &identity));
    assert_int_equal(bas_tls_seal(link.client.tls, (const uint8_t *)"x", 1), BAS_ERR_STATE);
    link_fini(&link);
}

/* Deterministic octets of a long transfer. */
static void fill(uint8_t *octets, size_t len, size_t from)
{
    for (size_t i = 0; i < len; i++) {
        octets[i] = (uint8_t)((from + i) * 31 + ((from + i) >> 8));
    }
}

static void transfer_in_pieces(size_t chunk, size_t records, size_t record)
{
    struct link link;
    link_init(&link);
    ends_shake(&link.client, &link.server, chunk);
    assert_true(bas_tls_is_open(link.client.tls));
    assert_true(bas_tls_is_open(link.server.tls));
    uint8_t *plain = malloc(record);
    uint8_t *all = malloc(records * record);
    assert_non_null(plain);
    assert_non_null(all);
    fill(all, records * record, 0);
    for (size_t i = 0; i < records; i++) {
        fill(plain, record, i * record);
        end_seal(&link.client, plain, record);
        assert_int_equal(link.client.out.len, record + BAS_TLS_RECORD_OVERHEAD);
        assert_int_equal(end_carry(&link.client, &link.server, chunk), BAS_ERR_AGAIN);
        assert_int_equal(bas_tls_unfinished(link.server.tls), 0);
    }
    assert_int_equal(link.server.plain_len, records * record);
    assert_memory_equal(link.server.plain, all, records * record);
    free(plain);
    free(all);
    link_fini(&link);
}

static void records_that_arrive_octet_by_octet_are_put_together(void **state)
{
    (void)state;
    transfer_in_pieces(1, 4, 700);
}

static void records_that_arrive_in_odd_pieces_are_put_together(void **state)
{
    (void)state;
    transfer_in_pieces(3, 8, 1000);
    transfer_in_pieces(1460, 20, BAS_TLS_RECORD);
    transfer_in_pieces(0, 20, BAS_TLS_RECORD);
}

static void many_records_in_pieces_of_random_length_are_put_together(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    struct test_env *t = &link.world.t;
    uint8_t plain[BAS_TLS_RECORD];
    size_t sent = 0;
    for (int burst = 0; burst < 30; burst++) {
        for (int i = 0; i < 4; i++) {
            uint8_t r[2];
            t->env.random(t, r, 2);
            size_t len = 1 + (size_t)(r[0] << 8 | r[1]) % 5000;
            fill(plain, len, sent);
            end_seal(&link.client, plain, len);
            sent += len;
        }
        for (size_t at = 0; at < link.client.out.len;) {
            uint8_t r[2];
            t->env.random(t, r, 2);
            size_t n = 1 + (size_t)(r[0] << 8 | r[1]) % 3000;
            n = n < link.client.out.len - at ? n : link.client.out.len - at;
            assert_int_equal(end_feed(&link.server, link.client.out.data + at, n, 0),
                             BAS_ERR_AGAIN);
            at += n;
        }
        link.client.out.len = 0;
    }
    uint8_t *all = malloc(sent);
    assert_non_null(all);
    assert_int_equal(link.server.plain_len, sent);
    size_t at = 0;
    fill(all, sent, at);
    assert_memory_equal(link.server.plain, all, sent);
    free(all);
    link_fini(&link);
}

static void an_unfinished_record_costs_what_has_arrived_of_it(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    uint8_t plain[1000] = { 0 };
    end_seal(&link.client, plain, sizeof(plain));
    size_t live = link.server_env.live;
    size_t heap = heap_now();
    assert_int_equal(end_feed(&link.server, link.client.out.data, 3, 0), BAS_ERR_AGAIN);
    assert_int_equal(bas_tls_unfinished(link.server.tls), 3);
    assert_int_equal(end_feed(&link.server, link.client.out.data + 3, 37, 0), BAS_ERR_AGAIN);
    assert_int_equal(bas_tls_unfinished(link.server.tls), 40);
    assert_int_equal(link.server_env.live, live + 40);
    assert_in_range(heap_now(), heap, heap + 200); /* the library holds nothing */
    assert_int_equal(end_feed(&link.server, link.client.out.data + 40, link.client.out.len - 40, 0),
                     BAS_ERR_AGAIN);
    assert_int_equal(link.server.plain_len, 1000);
    assert_int_equal(link.server_env.live, live);
    link_fini(&link);
}

static void whole_records_after_the_handshake_allocate_nothing(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    size_t before = link.server_env.allocations + link.client_env.allocations;
    for (int i = 0; i < 50; i++) {
        end_seal(&link.client, "abc", 3);
        end_seal(&link.client, "def", 3);
        assert_int_equal(end_carry(&link.client, &link.server, 0), BAS_ERR_AGAIN);
    }
    assert_int_equal(link.server.plain_len, 300);
    assert_int_equal(link.server_env.allocations + link.client_env.allocations, before);
    link_fini(&link);
}

static void an_idle_session_stays_under_13_kilobytes(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    struct bas_tls_context *hub = world_context(&link.world, "hub");
    struct end server;
    struct raw client;
    end_init(&server, hub, BAS_TLS_SERVER, NULL);
    raw_init(&client, &link.world, &(struct raw_config){ .name = "node" });
    raw_shake(&client, &server);
    assert_true(bas_tls_is_open(server.tls));
    size_t with = heap_now();
    bas_tls_free(server.tls);
    size_t one = with - heap_now();
    server.tls = NULL;
    print_message("# an idle session holds %zu octets\n", one);
    assert_in_range(one, 1000, 13 * 1024);
    raw_fini(&client);
    end_fini(&server);
    bas_tls_context_unref(hub);
    link_fini(&link);
}

static void input_is_refused_while_the_one_before_is_not_read(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    uint8_t plain[BAS_TLS_RECORD];
    size_t len = 0;
    end_seal(&link.client, "one", 3);
    end_seal(&link.client, "two", 3);
    struct bas_buf *out = &link.client.out;
    assert_int_equal(bas_tls_feed(link.server.tls, out->data, out->len), BAS_OK);
    assert_int_equal(bas_tls_feed(link.server.tls, out->data, out->len), BAS_ERR_STATE);
    assert_int_equal(bas_tls_read(link.server.tls, plain, sizeof(plain), &len), BAS_OK);
    assert_memory_equal(plain, "one", 3);
    assert_int_equal(bas_tls_feed(link.server.tls, out->data, out->len), BAS_ERR_STATE);
    assert_int_equal(bas_tls_read(link.server.tls, plain, sizeof(plain), &len), BAS_OK);
    assert_memory_equal(plain, "two", 3);
    assert_int_equal(bas_tls_read(link.server.tls, plain, sizeof(plain), &len), BAS_ERR_AGAIN);
    assert_int_equal(len, 0);
    assert_int_equal(bas_tls_feed(link.server.tls, out->data, 0), BAS_OK);
    link_fini(&link);
}

static void data_behind_the_finished_message_in_one_input_is_read(void **state)
{
    (void)state;
    struct link link;
    link_init(&link);
    (void)end_read(&link.client);
    (void)end_carry(&link.client, &link.server, 0);
    (void)end_carry(&link.server, &link.client, 0); /* open; its second flight stands in out */
    assert_true(bas_tls_is_open(link.client.tls));
    assert_false(bas_tls_is_open(link.server.tls));
    end_seal(&link.client, "early", 5);
    assert_int_equal(end_carry(&link.client, &link.server, 0), BAS_ERR_AGAIN);
    assert_true(bas_tls_is_open(link.server.tls));
    assert_memory_equal(link.server.plain, "early", 5);
    link_fini(&link);
}

/* Bounds */

static void an_endless_client_hello_ends_after_64_kilobytes(void **state)
{
    (void)state;
    struct link link;
    link_init(&link);
    uint8_t record[5 + 16384] = { 22, 3, 1, 64, 0, 1, 0xFF, 0xFF, 0xFF };
    size_t heap = heap_now();
    size_t fed = 0;
    while (end_feed(&link.server, record, sizeof(record), 0) == BAS_ERR_AGAIN) {
        fed += sizeof(record);
        memset(record + 5, 0, sizeof(record) - 5);
        assert_in_range(fed, 0, 65536);
    }
    assert_in_range(heap_now(), heap, heap + 256 * 1024);
    assert_int_equal(link.server.err, BAS_ERR_TLS);
    const struct bas_fault *fault = bas_tls_fault(link.server.tls);
    assert_contains(fault->text, "65,536");
    assert_int_equal(fault->error_code, BAC_ERROR_CODE_TLS_ERROR);
    assert_memory_equal(link.server.out.data + 5, "\x02\x2F", 2); /* fatal, illegal_parameter */
    link_fini(&link);
}

static void a_record_over_the_limit_is_answered_with_record_overflow(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    const uint8_t header[] = { 23, 3, 3, 0x41, 0x01 };
    assert_int_equal(end_feed(&link.server, header, sizeof(header), 1), BAS_ERR_TLS);
    assert_contains(bas_tls_fault(link.server.tls)->text, "alert 22 sent");
    assert_int_equal(end_carry(&link.server, &link.client, 0), BAS_ERR_TLS);
    assert_contains(bas_tls_fault(link.client.tls)->text, "alert 22 received");
    link_fini(&link);
}

static void plain_http_is_told_from_tls_at_its_fifth_octet(void **state)
{
    (void)state;
    struct link link;
    link_init(&link);
    const uint8_t *request = (const uint8_t *)"GET / HTTP/1.1\r\n\r\n";
    assert_int_equal(end_feed(&link.server, request, 4, 0), BAS_ERR_AGAIN);
    assert_int_equal(end_feed(&link.server, request + 4, 14, 0), BAS_ERR_TLS);
    const struct bas_fault *fault = bas_tls_fault(link.server.tls);
    assert_contains(fault->text, "does not speak TLS");
    assert_contains(fault->text, "474554202f");
    assert_contains(fault->text, "plain HTTP");
    assert_int_equal(link.server.out.len, 7);
    assert_memory_equal(link.server.out.data + 5, "\x02\x0A", 2);
    link_fini(&link);
}

static void an_sslv2_hello_is_not_tls(void **state)
{
    (void)state;
    struct link link;
    link_init(&link);
    struct bas_slice hello = test_hex("802e0103010015000000100000050000040000");
    assert_int_equal(end_feed(&link.server, hello.data, hello.len, 0), BAS_ERR_TLS);
    assert_contains(bas_tls_fault(link.server.tls)->text, "does not speak TLS");
    link_fini(&link);
}

static void random_octets_end_in_an_error_and_never_in_plain_text(void **state)
{
    (void)state;
    for (int i = 0; i < 24; i++) {
        struct link link;
        uint8_t octets[300];
        link_init(&link);
        struct test_env *t = &link.world.t;
        t->seed += (uint64_t)i * 977;
        t->env.random(t, octets, sizeof(octets));
        if (i % 2 == 0) { /* a header that could be one */
            octets[0] = (uint8_t)(20 + i / 2 % 4);
            octets[1] = 3;
            octets[3] = 0;
        }
        (void)end_feed(&link.server, octets, sizeof(octets), 1 + (size_t)i);
        (void)end_read(&link.client);
        (void)end_feed(&link.client, octets, sizeof(octets), 1 + (size_t)i);
        assert_false(bas_tls_is_open(link.server.tls));
        assert_int_equal(link.server.plain_len + link.client.plain_len, 0);
        link_fini(&link);
    }
}

static void every_truncation_of_a_client_hello_waits_for_the_rest(void **state)
{
    (void)state;
    struct link link;
    link_init(&link);
    (void)end_read(&link.client);
    struct bas_tls_context *hub = world_context(&link.world, "hub");
    for (size_t len = 0; len < link.client.out.len; len += 7) {
        struct end server;
        end_init(&server, hub, BAS_TLS_SERVER, NULL);
        assert_int_equal(end_feed(&server, link.client.out.data, len, 0), BAS_ERR_AGAIN);
        assert_int_equal(bas_tls_unfinished(server.tls), len);
        assert_int_equal(server.out.len, 0);
        end_fini(&server);
    }
    bas_tls_context_unref(hub);
    link_fini(&link);
}

/* Room in the output */

static void sealing_without_room_seals_nothing_and_works_with_room(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    uint8_t memory[BAS_TLS_RECORD + BAS_TLS_RECORD_OVERHEAD];
    static const uint8_t plain[BAS_TLS_RECORD] = { 1 };
    struct bas_buf tight;
    bas_buf_init(&tight, memory, sizeof(memory) - 1);
    bas_tls_set_out(link.client.tls, &tight);
    assert_int_equal(bas_tls_seal(link.client.tls, plain, BAS_TLS_RECORD), BAS_ERR_NO_SPACE);
    assert_int_equal(tight.len, 0);
    bas_buf_init(&tight, memory, 26);
    assert_int_equal(bas_tls_seal(link.client.tls, plain, 1), BAS_ERR_NO_SPACE);
    bas_buf_init(&tight, memory, 27);
    assert_int_equal(bas_tls_seal(link.client.tls, plain, 1), BAS_OK);
    assert_int_equal(tight.len, 23);
    assert_int_equal(end_feed(&link.server, memory, tight.len, 0), BAS_ERR_AGAIN);
    bas_buf_init(&tight, memory, sizeof(memory));
    assert_int_equal(bas_tls_seal(link.client.tls, plain, BAS_TLS_RECORD), BAS_OK);
    assert_int_equal(tight.len, sizeof(memory));
    assert_int_equal(end_feed(&link.server, memory, tight.len, 0), BAS_ERR_AGAIN);
    assert_int_equal(link.server.plain_len, 1 + BAS_TLS_RECORD);
    link_fini(&link);
}

static void a_flight_that_does_not_fit_ends_the_session_with_a_clear_fault(void **state)
{
    (void)state;
    struct link link;
    link_init(&link);
    uint8_t memory[300];
    struct bas_buf small;
    bas_buf_init(&small, memory, sizeof(memory));
    bas_tls_set_out(link.server.tls, &small);
    (void)end_read(&link.client);
    assert_int_equal(end_carry(&link.client, &link.server, 0), BAS_ERR_NO_SPACE);
    assert_contains(bas_tls_fault(link.server.tls)->text, "output buffer is full");
    assert_int_equal(end_read(&link.server), BAS_ERR_NO_SPACE);
    link_fini(&link);
}

/* Closing */

static void close_notify_arrives_and_the_other_direction_stays_open(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    end_seal(&link.client, "last", 4);
    bas_tls_close(link.client.tls);
    size_t len = link.client.out.len;
    bas_tls_close(link.client.tls);
    assert_int_equal(link.client.out.len, len);
    assert_int_equal(bas_tls_seal(link.client.tls, (const uint8_t *)"x", 1), BAS_ERR_CLOSED);
    assert_int_equal(end_carry(&link.client, &link.server, 0), BAS_ERR_CLOSED);
    assert_memory_equal(link.server.plain, "last", 4);
    assert_int_equal(end_read(&link.server), BAS_ERR_CLOSED);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(end_feed(&link.server, (const uint8_t *)"anything", 8, 0), BAS_ERR_CLOSED);
    }
    end_seal(&link.server, "answer", 6);
    assert_int_equal(end_carry(&link.server, &link.client, 0), BAS_ERR_AGAIN);
    assert_memory_equal(link.client.plain, "answer", 6);
    assert_int_equal(bas_tls_fault(link.server.tls)->err, BAS_OK);
    link_fini(&link);
}

static void close_notify_waits_for_room(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    uint8_t memory[24];
    struct bas_buf tight;
    bas_buf_init(&tight, memory, 23);
    bas_tls_set_out(link.client.tls, &tight);
    bas_tls_close(link.client.tls);
    assert_int_equal(tight.len, 0);
    bas_buf_init(&tight, memory, 24);
    bas_tls_close(link.client.tls);
    assert_int_equal(tight.len, 24);
    assert_int_equal(end_feed(&link.server, memory, 24, 0), BAS_ERR_CLOSED);
    link_fini(&link);
}

static void a_peer_that_closes_within_the_handshake_is_named(void **state)
{
    (void)state;
    struct link link;
    static const uint8_t close_notify[] = { 21, 3, 3, 0, 2, 1, 0 };
    link_init(&link);
    (void)end_read(&link.client);
    assert_int_equal(end_feed(&link.client, close_notify, sizeof(close_notify), 0), BAS_ERR_TLS);
    assert_contains(bas_tls_fault(link.client.tls)->text, "middle of the handshake");
    link_fini(&link);
}

/* Damage */

static void a_changed_record_is_answered_with_bad_record_mac_and_the_error_stays(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    end_seal(&link.client, "secret", 6);
    link.client.out.data[10] ^= 1;
    assert_int_equal(end_carry(&link.client, &link.server, 0), BAS_ERR_TLS);
    assert_int_equal(link.server.plain_len, 0);
    assert_contains(bas_tls_fault(link.server.tls)->text, "alert 20 sent");
    assert_int_equal(bas_tls_fault(link.server.tls)->error_code, BAC_ERROR_CODE_TLS_ERROR);
    assert_int_equal(end_read(&link.server), BAS_ERR_TLS);
    assert_int_equal(end_feed(&link.server, (const uint8_t *)"x", 1, 0), BAS_ERR_TLS);
    assert_int_equal(bas_tls_seal(link.server.tls, (const uint8_t *)"x", 1), BAS_ERR_TLS);
    assert_false(bas_tls_is_open(link.server.tls));
    size_t len = link.server.out.len;
    bas_tls_close(link.server.tls);
    assert_int_equal(link.server.out.len, len);
    assert_int_equal(end_carry(&link.server, &link.client, 0), BAS_ERR_TLS);
    assert_contains(bas_tls_fault(link.client.tls)->text, "alert 20 received");
    link_fini(&link);
}

static void no_memory_for_an_unfinished_record_ends_the_session_in_order(void **state)
{
    (void)state;
    struct link link;
    link_open(&link);
    end_seal(&link.client, "secret", 6);
    link.server_env.fail_at = link.server_env.allocations + 1;
    assert_int_equal(end_feed(&link.server, link.client.out.data, 9, 0), BAS_ERR_NO_MEMORY);
    assert_contains(bas_tls_fault(link.server.tls)->text, "out of memory");
    link_fini(&link);
}

static void no_memory_for_a_session_gives_none(void **state)
{
    (void)state;
    struct world world;
    struct bas_buf out = { 0 };
    world_init(&world);
    struct bas_tls_context *hub = world_context(&world, "hub");
    world.t.fail_at = world.t.allocations + 1;
    assert_null(bas_tls_new(hub, BAS_TLS_SERVER, NULL, &out));
    world.t.fail_at = 0;
    bas_tls_context_unref(hub);
    world_fini(&world);
}

/* KeyUpdate and small records, which only a foreign end asks for */

struct foreign {
    struct world world;
    struct bas_tls_context *hub;
    struct end end;
    struct raw raw;
};

static void foreign_open(struct foreign *f, enum bas_tls_role we, size_t max_recv)
{
    world_init(&f->world);
    f->hub = world_context(&f->world, "hub");
    end_init(&f->end, f->hub, we, NULL);
    raw_init(&f->raw, &f->world,
             &(struct raw_config){
                 .is_server = we == BAS_TLS_CLIENT, .name = "node", .max_recv = max_recv });
    raw_shake(&f->raw, &f->end);
    assert_true(f->raw.open);
    assert_true(bas_tls_is_open(f->end.tls));
}

static void foreign_close(struct foreign *f)
{
    raw_fini(&f->raw);
    end_fini(&f->end);
    bas_tls_context_unref(f->hub);
    world_fini(&f->world);
}

static void a_key_update_does_not_stop_the_reading_of_what_follows(void **state)
{
    (void)state;
    struct foreign f;
    foreign_open(&f, BAS_TLS_SERVER, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gnutls_session_key_update(f.raw.session, 0), 0);
        assert_int_equal(gnutls_record_send(f.raw.session, "data", 4), 4);
    }
    assert_int_equal(end_feed(&f.end, f.raw.out.data, f.raw.out.len, 0), BAS_ERR_AGAIN);
    assert_int_equal(f.end.plain_len, 12);
    foreign_close(&f);
}

static void a_key_update_after_much_data_is_no_flood(void **state)
{
    (void)state;
    struct foreign f;
    static const uint8_t data[BAS_TLS_RECORD] = { 3 };
    foreign_open(&f, BAS_TLS_SERVER, 0);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(gnutls_record_send(f.raw.session, data, sizeof(data)), sizeof(data));
    }
    assert_int_equal(gnutls_session_key_update(f.raw.session, 0), 0);
    assert_int_equal(end_feed(&f.end, f.raw.out.data, f.raw.out.len, 0), BAS_ERR_AGAIN);
    assert_int_equal(f.end.plain_len, 5 * sizeof(data));
    foreign_close(&f);
}

static void a_key_update_that_asks_is_answered_before_the_next_record(void **state)
{
    (void)state;
    struct foreign f;
    char plain[16];
    foreign_open(&f, BAS_TLS_SERVER, 0);
    assert_int_equal(gnutls_session_key_update(f.raw.session, GNUTLS_KU_PEER), 0);
    assert_int_equal(end_feed(&f.end, f.raw.out.data, f.raw.out.len, 0), BAS_ERR_AGAIN);
    assert_int_equal(f.end.out.len, 0);
    end_seal(&f.end, "next", 4);
    assert_int_equal(f.end.out.len, 27 + 4 + BAS_TLS_RECORD_OVERHEAD);
    assert_int_equal(raw_recv(&f.raw, &f.end, plain, sizeof(plain)), 4);
    end_seal(&f.end, "more", 4);
    assert_int_equal(f.end.out.len, 4 + BAS_TLS_RECORD_OVERHEAD);
    assert_int_equal(raw_recv(&f.raw, &f.end, plain, sizeof(plain)), 4);
    foreign_close(&f);
}

static void the_answer_to_a_key_update_is_not_lost_when_room_is_exact(void **state)
{
    (void)state;
    struct foreign f;
    char plain[128];
    static const uint8_t data[100] = { 7 };
    uint8_t memory[100 + BAS_TLS_RECORD_OVERHEAD];
    struct bas_buf tight;
    foreign_open(&f, BAS_TLS_SERVER, 0);
    assert_int_equal(gnutls_session_key_update(f.raw.session, GNUTLS_KU_PEER), 0);
    assert_int_equal(end_feed(&f.end, f.raw.out.data, f.raw.out.len, 0), BAS_ERR_AGAIN);
    bas_buf_init(&tight, memory, sizeof(memory));
    bas_tls_set_out(f.end.tls, &tight);
    assert_int_equal(bas_tls_seal(f.end.tls, data, sizeof(data)), BAS_ERR_NO_SPACE);
    assert_int_equal(tight.len, 27);
    bas_buf_add(&f.end.out, memory, tight.len);
    tight.len = 0;
    assert_int_equal(bas_tls_seal(f.end.tls, data, sizeof(data)), BAS_OK);
    bas_buf_add(&f.end.out, memory, tight.len);
    assert_int_equal(raw_recv(&f.raw, &f.end, plain, sizeof(plain)), 100);
    foreign_close(&f);
}

static void a_storm_of_key_updates_ends_the_session(void **state)
{
    (void)state;
    struct foreign f;
    char plain[16];
    foreign_open(&f, BAS_TLS_SERVER, 0);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(gnutls_session_key_update(f.raw.session, 0), 0);
    }
    assert_int_equal(end_feed(&f.end, f.raw.out.data, f.raw.out.len, 0), BAS_ERR_TLS);
    assert_contains(bas_tls_fault(f.end.tls)->text, "alert 80 sent");
    (void)raw_recv(&f.raw, &f.end, plain, sizeof(plain));
    assert_int_equal(f.raw.alert, 80);
    foreign_close(&f);
}

static void seal_small(enum bas_tls_role we)
{
    struct foreign f;
    static const uint8_t data[2000] = { 9 };
    uint8_t plain[2000];
    foreign_open(&f, we, 1024);
    assert_int_equal(bas_tls_record_limit(f.end.tls), 1024);
    uint8_t memory[2000 + 2 * BAS_TLS_RECORD_OVERHEAD];
    struct bas_buf tight;
    bas_buf_init(&tight, memory, sizeof(memory) - 1);
    bas_tls_set_out(f.end.tls, &tight);
    assert_int_equal(bas_tls_seal(f.end.tls, data, sizeof(data)), BAS_ERR_NO_SPACE);
    assert_int_equal(tight.len, 0);
    bas_buf_init(&tight, memory, sizeof(memory));
    assert_int_equal(bas_tls_seal(f.end.tls, data, sizeof(data)), BAS_OK);
    assert_int_equal(tight.len, sizeof(memory));
    bas_buf_add(&f.end.out, memory, tight.len);
    size_t got = 0;
    while (got < sizeof(data)) {
        ssize_t n = raw_recv(&f.raw, &f.end, plain + got, sizeof(plain) - got);
        assert_in_range(n, 1, 1024);
        got += (size_t)n;
    }
    assert_memory_equal(plain, data, sizeof(data));
    foreign_close(&f);
}

static void a_peer_that_takes_small_records_gets_small_records(void **state)
{
    (void)state;
    seal_small(BAS_TLS_SERVER);
    seal_small(BAS_TLS_CLIENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_opens_both_ends_and_data_flows_both_ways),
        cmocka_unit_test(a_client_speaks_first_and_a_server_waits),
        cmocka_unit_test(records_that_arrive_octet_by_octet_are_put_together),
        cmocka_unit_test(records_that_arrive_in_odd_pieces_are_put_together),
        cmocka_unit_test(many_records_in_pieces_of_random_length_are_put_together),
        cmocka_unit_test(an_unfinished_record_costs_what_has_arrived_of_it),
        cmocka_unit_test(whole_records_after_the_handshake_allocate_nothing),
        cmocka_unit_test(an_idle_session_stays_under_13_kilobytes),
        cmocka_unit_test(input_is_refused_while_the_one_before_is_not_read),
        cmocka_unit_test(data_behind_the_finished_message_in_one_input_is_read),
        cmocka_unit_test(an_endless_client_hello_ends_after_64_kilobytes),
        cmocka_unit_test(a_record_over_the_limit_is_answered_with_record_overflow),
        cmocka_unit_test(plain_http_is_told_from_tls_at_its_fifth_octet),
        cmocka_unit_test(an_sslv2_hello_is_not_tls),
        cmocka_unit_test(random_octets_end_in_an_error_and_never_in_plain_text),
        cmocka_unit_test(every_truncation_of_a_client_hello_waits_for_the_rest),
        cmocka_unit_test(sealing_without_room_seals_nothing_and_works_with_room),
        cmocka_unit_test(a_flight_that_does_not_fit_ends_the_session_with_a_clear_fault),
        cmocka_unit_test(close_notify_arrives_and_the_other_direction_stays_open),
        cmocka_unit_test(close_notify_waits_for_room),
        cmocka_unit_test(a_peer_that_closes_within_the_handshake_is_named),
        cmocka_unit_test(a_changed_record_is_answered_with_bad_record_mac_and_the_error_stays),
        cmocka_unit_test(no_memory_for_an_unfinished_record_ends_the_session_in_order),
        cmocka_unit_test(no_memory_for_a_session_gives_none),
        cmocka_unit_test(a_key_update_does_not_stop_the_reading_of_what_follows),
        cmocka_unit_test(a_key_update_after_much_data_is_no_flood),
        cmocka_unit_test(a_key_update_that_asks_is_answered_before_the_next_record),
        cmocka_unit_test(the_answer_to_a_key_update_is_not_lost_when_room_is_exact),
        cmocka_unit_test(a_storm_of_key_updates_ends_the_session),
        cmocka_unit_test(a_peer_that_takes_small_records_gets_small_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
