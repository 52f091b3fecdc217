/* Ten thousand subscriptions: every change reaches everyone, and costs what it concerns. */
#include "cov_fixture.h"

#include <stdio.h>
#include <stdlib.h>

enum { OBJECTS = 100, EACH = 100, SUBSCRIPTIONS = OBJECTS * EACH };

static struct bac_object_config *objects_new(void)
{
    static char names[OBJECTS][8];
    struct bac_object_config *objects = calloc(OBJECTS, sizeof(*objects));
    assert_non_null(objects);
    for (uint32_t i = 0; i < OBJECTS; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "%u", (unsigned)i);
        objects[i] = (struct bac_object_config){
            .type = BAC_OBJECT_ANALOG_VALUE, .instance = i, .name = names[i], .cov_increment = 1
        };
    }
    return objects;
}

/* A request that is acknowledged. */
static void ask_for(struct fixture *f, uint8_t service, const struct bac_type *type,
                    const void *asked)
{
    uint8_t octets[64];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    bas_buf_add(&out, "\x00\x05\x07", 3);
    bas_buf_add(&out, &service, 1);
    assert_int_equal(bac_encode(type, asked, BAC_APPLICATION, &out), BAS_OK);
    assert_int_equal(fixture_send(f, (struct bas_slice){ octets, out.len }), BAS_OK);
    struct bac_apdu_tx tx;
    assert_true(bac_server_next_tx(f->server, &tx));
    assert_int_equal(bas_frame_slice(tx.frame).data[0], 0x20);
    bas_frame_unref(tx.frame);
}

static void subscribe(struct fixture *f, uint32_t object, uint32_t process, bool confirmed)
{
    const struct bac_subscribe_cov asked = { .process = process,
                                             .object = { BAC_OBJECT_ANALOG_VALUE, object },
                                             .has_confirmed = true,
                                             .has_lifetime = true,
                                             .confirmed = confirmed,
                                             .lifetime = 3600 };
    f->from.mac[5] = (uint8_t)(process % 50);
    ask_for(f, BAC_CONFIRMED_SUBSCRIBE_COV, &bac_type_subscribe_cov, &asked);
}

/* Everything that leaves now; calls are acknowledged. */
static uint32_t drain(struct fixture *f)
{
    uint32_t n = 0;
    struct bac_apdu_tx tx;
    for (; bac_server_next_tx(f->server, &tx); n++) {
        bas_frame_unref(tx.frame);
    }
    struct bac_server_call call;
    for (; bac_server_next_call(f->server, &call); n++) {
        bac_server_call_done(f->server, call.id, true, f->now);
    }
    return n;
}

static void open_crowd(struct fixture *f, const struct bac_object_config *objects, bool confirmed)
{
    struct bac_server_config config = fixture_config();
    config.objects = objects;
    config.n_objects = OBJECTS;
    config.max_subscriptions = SUBSCRIPTIONS;
    fixture_open_with(f, &config);
    for (uint32_t i = 0; i < SUBSCRIPTIONS; i++) {
        subscribe(f, i % OBJECTS, i / OBJECTS, confirmed);
    }
    assert_int_equal(drain(f), SUBSCRIPTIONS);
}

static void every_change_reaches_every_subscriber(void **state)
{
    (void)state;
    for (int confirmed = 0; confirmed < 2; confirmed++) {
        struct bac_object_config *objects = objects_new();
        struct fixture f;
        open_crowd(&f, objects, confirmed != 0);
        size_t allocations = f.t.allocations;
        for (int round = 1; round <= 10; round++) {
            for (uint32_t i = 0; i < OBJECTS; i++) {
                set_real(&f, (struct bac_object_id){ BAC_OBJECT_ANALOG_VALUE, i },
                         (float)round * 2);
                tick_at(&f, f.now + 1000);
                assert_int_equal(drain(&f), EACH);
            }
        }
        assert_int_equal(bac_server_stats(f.server)->notifications, 11 * SUBSCRIPTIONS);
        assert_int_equal(bac_server_stats(f.server)->not_sent, 0);
        /* frames that leave, and nothing else */
        assert_true(f.t.allocations - allocations <= (confirmed != 0 ? 0 : 2 * 10 * SUBSCRIPTIONS));
        free(objects);
        fixture_close(&f);
    }
}

/* A property that counts how often it is read. */
static bas_err count_reads(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    (void)property;
    (void)index;
    uint32_t *reads = ctx;
    const float value = (float)(*reads)++;
    return bac_encode(&bac_type_real, &value, BAC_APPLICATION, out);
}

static void a_change_costs_the_subscriptions_of_its_object_alone(void **state)
{
    (void)state;
    uint32_t reads = 0;
    const struct bac_property_config resolution = { .property = BAC_PROPERTY_RESOLUTION,
                                                    .get = count_reads,
                                                    .ctx = &reads };
    struct bac_object_config *objects = objects_new();
    for (uint32_t i = 0; i < OBJECTS; i++) {
        objects[i].properties = &resolution;
        objects[i].n_properties = 1;
    }
    struct bac_server_config config = fixture_config();
    config.objects = objects;
    config.n_objects = OBJECTS;
    struct fixture f;
    fixture_open_with(&f, &config);
    for (uint32_t i = 0; i < OBJECTS; i++) {
        const struct bac_subscribe_cov_property asked = {
            .object = { BAC_OBJECT_ANALOG_VALUE, i },
            .has_confirmed = true,
            .has_lifetime = true,
            .lifetime = 255,
            .property = { .property = BAC_PROPERTY_RESOLUTION },
        };
        ask_for(&f, BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY, &bac_type_subscribe_cov_property, &asked);
    }
    assert_int_equal(drain(&f), OBJECTS);
    reads = 0;
    for (int i = 0; i < 100; i++) {
        tick_at(&f, f.now + BAS_SECOND);
        assert_int_equal(drain(&f), 0);
    }
    assert_int_equal(reads, 0);
    bac_server_touch(f.server, (struct bac_object_id){ BAC_OBJECT_ANALOG_VALUE, 7 });
    tick_at(&f, f.now);
    assert_int_equal(drain(&f), 1);
    assert_true(reads <= 2); /* to see the change, and to tell it */
    free(objects);
    fixture_close(&f);
}

static void ten_thousand_lifetimes_end_in_time(void **state)
{
    (void)state;
    struct bac_object_config *objects = objects_new();
    struct fixture f;
    open_crowd(&f, objects, false);
    assert_int_equal(bac_server_deadline(f.server), 3600 * BAS_SECOND);
    tick_at(&f, 3600 * BAS_SECOND);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    set_real(&f, (struct bac_object_id){ BAC_OBJECT_ANALOG_VALUE, 1 }, 50);
    assert_int_equal(drain(&f), 0);
    free(objects);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_reaches_every_subscriber),
        cmocka_unit_test(a_change_costs_the_subscriptions_of_its_object_alone),
        cmocka_unit_test(ten_thousand_lifetimes_end_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
