/*
 * A server with thousands of subscriptions of all kinds, under virtual time: values and flags
 * change, subscribers come, renew, cancel and do not answer, the way is blocked now and then. A
 * model knows who subscribed to what and what he heard last.
 */
#include "test_env.h"

#include "basalt/bacnet_server.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OBJECTS = 30,
    PEERS = 40,
    PROCESSES = 3,
    FORMS = 4, /* of an object, of its Present_Value, many unconfirmed, many confirmed */
    MAX_CALLS = 128,
    MAX_SUBSCRIPTIONS = 3000,
    DELAY_S = 3,
    APART = 100, /* between the processes of the two kinds of single ones, which sound alike */
    STEPS = 20000
};
enum form { OF_OBJECT, OF_PROPERTY, MANY, MANY_CONFIRMED };

/* What one subscriber knows of one object. */
struct ear {
    bool is_on, has_heard, is_uncertain; /* uncertain: it was told, and the call failed */
    bool is_timestamped;
    double increment, heard;
};
/* One subscription: of OF_OBJECT and OF_PROPERTY, ears[0] alone. */
struct subscription {
    bool is_on, confirmed, is_called;
    bas_time expires;
};
struct call {
    uint32_t id;
    unsigned form, peer, process, object;
    bool is_dead; /* its subscription was made anew or ended meanwhile */
};

struct world {
    struct test_env t;
    struct bac_server *server;
    bas_time now;
    uint8_t invoke_id;
    struct subscription single[2][PEERS][PROCESSES][OBJECTS], many[2][PEERS][PROCESSES];
    struct ear ears[FORMS][PEERS][PROCESSES][OBJECTS];
    struct call calls[MAX_CALLS];
    size_t n_calls;
    uint32_t n_on;
    uint64_t notifications, refused;
};

static uint32_t dice(struct world *w, uint32_t sides)
{
    uint32_t n = 0;
    w->t.env.random(w->t.env.ctx, (uint8_t *)&n, sizeof(n));
    return n % sides;
}

static struct bac_object_id id_of(unsigned object)
{
    static const uint16_t types[] = { BAC_OBJECT_ANALOG_VALUE, BAC_OBJECT_BINARY_VALUE,
                                      BAC_OBJECT_MULTI_STATE_VALUE };
    return (struct bac_object_id){ types[object % 3], object / 3 };
}

static unsigned object_of(struct bac_object_id id)
{
    unsigned kind = id.type == BAC_OBJECT_ANALOG_VALUE   ? 0
                    : id.type == BAC_OBJECT_BINARY_VALUE ? 1
                                                         : 2;
    return id.instance * 3 + kind;
}

static double number_of(const struct bac_value *value)
{
    return value->tag == BAC_TAG_REAL ? (double)value->as.real : (double)value->as.unsigned_integer;
}

static double present(const struct world *w, unsigned object)
{
    struct bac_value value;
    assert_int_equal(bac_server_get(w->server, id_of(object), &value), BAS_OK);
    return number_of(&value);
}

static struct subscription *subscription_of(struct world *w, unsigned form, unsigned peer,
                                            unsigned process, unsigned object)
{
    return form < MANY ? &w->single[form][peer][process][object]
                       : &w->many[form - MANY][peer][process];
}

/* What the subscriber does */

static struct bac_address address_of(unsigned peer)
{
    return (struct bac_address){ (uint16_t)(peer % 3), 1, { (uint8_t)(peer + 1) } };
}

/* True: acknowledged; false: an Error. */
static bool ask(struct world *w, unsigned peer, uint8_t service, const struct bac_type *type,
                const void *parameters)
{
    uint8_t octets[1400];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    const struct bac_apdu head = { .type = BAC_PDU_CONFIRMED_REQUEST,
                                   .max_apdu = 1476,
                                   .invoke_id = ++w->invoke_id,
                                   .service = service };
    bac_apdu_encode_header(&head, &out);
    assert_int_equal(bac_encode(type, parameters, BAC_APPLICATION, &out), BAS_OK);
    const struct bac_net_event e = { .kind = BAC_NET_APDU,
                                     .source = address_of(peer),
                                     .apdu = { octets, out.len } };
    assert_int_equal(bac_server_recv(w->server, &e, 1476, w->now), BAS_OK);
    struct bac_apdu_tx tx;
    struct bac_apdu answer;
    assert_true(bac_server_next_tx(w->server, &tx));
    assert_int_equal(bac_apdu_decode(bas_frame_slice(tx.frame), &answer, NULL), BAS_OK);
    assert_int_equal(answer.invoke_id, w->invoke_id);
    bool is_ack = answer.type == BAC_PDU_SIMPLE_ACK;
    assert_true(is_ack || answer.type == BAC_PDU_ERROR);
    bas_frame_unref(tx.frame);
    return is_ack;
}

static void forget_calls(struct world *w, unsigned form, unsigned peer, unsigned process,
                         unsigned object)
{
    for (size_t i = 0; i < w->n_calls; i++) {
        struct call *c = &w->calls[i];
        if (c->form == form && c->peer == peer && c->process == process &&
            (form >= MANY || c->object == object)) {
            c->is_dead = true;
        }
    }
}

static void turn_off(struct world *w, struct ear *ear)
{
    w->n_on -= ear->is_on;
    *ear = (struct ear){ 0 };
}

static void end_subscription(struct world *w, unsigned form, unsigned peer, unsigned process,
                             unsigned object)
{
    *subscription_of(w, form, peer, process, object) = (struct subscription){ 0 };
    for (unsigned i = 0; i < OBJECTS; i++) {
        if (form >= MANY || i == object) {
            turn_off(w, &w->ears[form][peer][process][i]);
        }
    }
    forget_calls(w, form, peer, process, object);
}

static void turn_on(struct world *w, struct ear *ear, double increment, bool is_timestamped)
{
    w->n_on += !ear->is_on;
    ear->is_on = true;
    ear->increment = increment;
    ear->is_timestamped = is_timestamped;
}

static void subscribe_single(struct world *w, bool is_cancellation)
{
    unsigned form = dice(w, 2);
    unsigned peer = dice(w, PEERS);
    unsigned process = dice(w, PROCESSES);
    unsigned object = dice(w, OBJECTS);
    bool confirmed = dice(w, 3) == 0;
    uint32_t lifetime = 1 + dice(w, 3000);
    bool has_increment = form == OF_PROPERTY && object % 3 == 0 && dice(w, 2) == 0;
    const struct bac_subscribe_cov of_object = { .process = process,
                                                 .object = id_of(object),
                                                 .has_confirmed = !is_cancellation,
                                                 .has_lifetime = !is_cancellation,
                                                 .confirmed = confirmed,
                                                 .lifetime = lifetime };
    const struct bac_subscribe_cov_property of_property = {
        .process = process + APART,
        .object = id_of(object),
        .has_confirmed = !is_cancellation,
        .has_lifetime = !is_cancellation,
        .has_increment = has_increment,
        .confirmed = confirmed,
        .lifetime = lifetime,
        .property = { .property = BAC_PROPERTY_PRESENT_VALUE },
        .increment = 2,
    };
    bool is_ack = form == OF_OBJECT ? ask(w, peer, BAC_CONFIRMED_SUBSCRIBE_COV,
                                          &bac_type_subscribe_cov, &of_object)
                                    : ask(w, peer, BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY,
                                          &bac_type_subscribe_cov_property, &of_property);
    struct subscription *s = subscription_of(w, form, peer, process, object);
    if (is_cancellation) {
        assert_true(is_ack);
        end_subscription(w, form, peer, process, object);
        return;
    }
    assert_int_equal(is_ack, s->is_on || w->n_on < MAX_SUBSCRIPTIONS);
    w->refused += !is_ack;
    if (is_ack) {
        if (s->is_on && s->confirmed != confirmed) {
            forget_calls(w, form, peer, process, object);
            s->is_called = false;
        }
        s->is_on = true;
        s->confirmed = confirmed;
        s->expires = w->now + lifetime * BAS_SECOND;
        turn_on(w, &w->ears[form][peer][process][object],
                object % 3 != 0 ? 0
                : has_increment ? 2
                                : 0.5,
                false);
    }
}

/* Four objects in a row, to begin with or to cancel. */
static void subscribe_many(struct world *w, bool is_cancellation)
{
    unsigned peer = dice(w, PEERS);
    unsigned process = dice(w, PROCESSES);
    unsigned first = dice(w, OBJECTS - 4);
    bool confirmed = dice(w, 2) == 0;
    bool is_timestamped = dice(w, 2) == 0;
    uint32_t lifetime = DELAY_S + 1 + dice(w, 2000);
    struct bac_cov_reference references[4];
    struct bac_cov_specification specs[4];
    unsigned form = confirmed ? MANY_CONFIRMED : MANY;
    uint32_t n_new = 0;
    for (unsigned i = 0; i < 4; i++) {
        references[i] =
            (struct bac_cov_reference){ .property = { BAC_PROPERTY_PRESENT_VALUE, false, 0 },
                                        .timestamped = is_timestamped };
        specs[i] = (struct bac_cov_specification){ id_of(first + i), { &references[i], 1 } };
        n_new += !w->ears[form][peer][process][first + i].is_on;
    }
    const struct bac_subscribe_cov_property_multiple asked = {
        .process = process,
        .has_confirmed = !is_cancellation,
        .has_lifetime = !is_cancellation,
        .has_max_delay = !is_cancellation,
        .confirmed = confirmed,
        .lifetime = lifetime,
        .max_delay = DELAY_S,
        .specs = { specs, is_cancellation && dice(w, 3) == 0 ? 0 : 4 },
    };
    bool is_ack = ask(w, peer, BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY_MULTIPLE,
                      &bac_type_subscribe_cov_property_multiple, &asked);
    if (!is_cancellation) {
        assert_int_equal(is_ack, w->n_on + n_new <= MAX_SUBSCRIPTIONS);
        w->refused += !is_ack;
    }
    for (unsigned f = MANY; is_ack && f < FORMS; f++) {
        struct subscription *s = subscription_of(w, f, peer, process, 0);
        for (unsigned i = first; i < first + 4 && is_cancellation && asked.specs.n != 0; i++) {
            turn_off(w, &w->ears[f][peer][process][i]);
        }
        bool has_any = false;
        for (unsigned i = 0; i < OBJECTS; i++) {
            has_any |= w->ears[f][peer][process][i].is_on;
        }
        if (is_cancellation && (asked.specs.n == 0 || !has_any)) {
            end_subscription(w, f, peer, process, 0);
        } else if (!is_cancellation && f == form) {
            s->is_on = true;
            s->confirmed = confirmed;
            s->expires = w->now + lifetime * BAS_SECOND;
            for (unsigned i = first; i < first + 4; i++) {
                turn_on(w, &w->ears[f][peer][process][i], i % 3 == 0 ? 0.5 : 0, is_timestamped);
            }
        }
    }
}

/* What he hears */

static struct ear *hear(struct world *w, unsigned form, unsigned peer, unsigned process,
                        struct bac_object_id id, struct bas_slice raw)
{
    unsigned object = object_of(id);
    struct bac_value value = { 0 };
    assert_int_equal(bac_decode_all(&bac_type_value, raw, &value, NULL, NULL), BAS_OK);
    struct ear *ear = &w->ears[form][peer][process][object];
    const struct subscription *s = subscription_of(w, form, peer, process, object);
    assert_true(ear->is_on && s->is_on);
    assert_true(s->expires > w->now); /* not a word after its end */
    double now = present(w, object);
    assert_true(number_of(&value) >= now && number_of(&value) <= now);
    ear->heard = now;
    ear->has_heard = true;
    ear->is_uncertain = false;
    return ear;
}

static uint64_t left(const struct world *w, const struct subscription *s)
{
    return (uint64_t)((s->expires - w->now + BAS_SECOND - 1) / BAS_SECOND);
}

/* Parameters of any notification; the call that they make, if confirmed. */
static struct call listen(struct world *w, unsigned peer, bool confirmed, uint8_t service,
                          struct bas_slice parameters)
{
    static uint8_t memory[16384];
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    w->notifications++;
    bool is_many = confirmed ? service == BAC_CONFIRMED_COV_NOTIFICATION_MULTIPLE
                             : service == BAC_UNCONFIRMED_COV_NOTIFICATION_MULTIPLE;
    if (is_many) {
        struct bac_cov_notification_multiple n;
        assert_int_equal(
            bac_decode_all(&bac_type_cov_notification_multiple, parameters, &n, &arena, NULL),
            BAS_OK);
        unsigned form = confirmed ? MANY_CONFIRMED : MANY;
        const struct bac_cov_object *objects = n.notifications.items;
        assert_true(n.notifications.n > 0);
        for (size_t i = 0; i < n.notifications.n; i++) {
            const struct bac_cov_value *values = objects[i].values.items;
            const struct ear *ear =
                hear(w, form, peer, (unsigned)n.process, objects[i].object, values[0].value);
            assert_int_equal(values[0].has_time, ear->is_timestamped);
            assert_true(!ear->is_timestamped || n.has_timestamp);
        }
        struct subscription *s = subscription_of(w, form, peer, (unsigned)n.process, 0);
        assert_int_equal(n.time_remaining, left(w, s));
        assert_true(!confirmed || !s->is_called);
        s->is_called = confirmed;
        return (struct call){ .form = form, .peer = peer, .process = (unsigned)n.process };
    }
    struct bac_cov_notification n;
    assert_int_equal(bac_decode_all(&bac_type_cov_notification, parameters, &n, &arena, NULL),
                     BAS_OK);
    const struct bac_property_value *values = n.values.items;
    unsigned object = object_of(n.object);
    unsigned form = n.process >= APART ? OF_PROPERTY : OF_OBJECT;
    unsigned process = (unsigned)n.process % APART;
    struct subscription *s = subscription_of(w, form, peer, process, object);
    (void)hear(w, form, peer, process, n.object, values[0].value);
    assert_int_equal(n.time_remaining, left(w, s));
    assert_int_equal(s->confirmed, confirmed);
    assert_true(!confirmed || !s->is_called);
    assert_int_equal(n.values.n, 2);
    s->is_called = confirmed;
    return (struct call){ .form = form, .peer = peer, .process = process, .object = object };
}

static unsigned peer_of(const struct bac_address *address)
{
    assert_int_equal(address->network, (address->mac[0] - 1) % 3);
    return address->mac[0] - 1U;
}

static void drain(struct world *w)
{
    struct bac_apdu_tx tx;
    while (bac_server_next_tx(w->server, &tx)) {
        struct bac_apdu apdu;
        assert_int_equal(bac_apdu_decode(bas_frame_slice(tx.frame), &apdu, NULL), BAS_OK);
        assert_int_equal(apdu.type, BAC_PDU_UNCONFIRMED_REQUEST);
        (void)listen(w, peer_of(&tx.to), false, apdu.service, apdu.body);
        bas_frame_unref(tx.frame);
    }
    struct bac_server_call call;
    while (bac_server_next_call(w->server, &call)) {
        struct call c = listen(w, peer_of(&call.to), true, call.service, call.parameters);
        c.id = call.id;
        assert_true(w->n_calls < MAX_CALLS);
        w->calls[w->n_calls++] = c;
    }
}

static void finish_call(struct world *w, size_t at, bool acknowledged)
{
    const struct call c = w->calls[at];
    w->calls[at] = w->calls[--w->n_calls];
    if (!c.is_dead) {
        subscription_of(w, c.form, c.peer, c.process, c.object)->is_called = false;
        for (unsigned i = 0; i < OBJECTS && !acknowledged; i++) {
            w->ears[c.form][c.peer][c.process][i].is_uncertain |= c.form >= MANY || i == c.object;
        }
    }
    bac_server_call_done(w->server, c.id, acknowledged, w->now);
}

static void expire(struct world *w)
{
    for (unsigned at = 0; at < FORMS * PEERS * PROCESSES * OBJECTS; at++) {
        unsigned object = at % OBJECTS;
        unsigned process = at / OBJECTS % PROCESSES;
        unsigned peer = at / OBJECTS / PROCESSES % PEERS;
        unsigned form = at / OBJECTS / PROCESSES / PEERS;
        const struct subscription *s = subscription_of(w, form, peer, process, object);
        if (s->is_on && s->expires <= w->now) {
            end_subscription(w, form, peer, process, object);
        }
    }
}

static void advance(struct world *w, bas_time until)
{
    while (w->now < until) {
        bas_time deadline = bac_server_deadline(w->server);
        w->now = deadline > until ? until : deadline > w->now ? deadline : w->now;
        bac_server_tick(w->server, w->now);
        expire(w);
        if (deadline <= w->now && w->now < until && dice(w, 2) == 0) {
            w->now++; /* a loop that is late */
            bac_server_tick(w->server, w->now);
            expire(w);
        }
    }
}

static void change(struct world *w)
{
    unsigned object = dice(w, OBJECTS);
    struct bac_value value = { .tag = BAC_TAG_ENUMERATED, .as.unsigned_integer = dice(w, 2) };
    if (object % 3 == 0) {
        value.tag = BAC_TAG_REAL;
        value.as.real = (float)present(w, object) + (float)((int)dice(w, 41) - 20) / 16;
    } else if (object % 3 == 2) {
        value.tag = BAC_TAG_UNSIGNED;
        value.as.unsigned_integer = 1 + dice(w, 5);
    }
    assert_int_equal(bac_server_set(w->server, id_of(object), &value, 0), BAS_OK);
}

/* Everybody knows what there is to know, and nobody is forgotten. */
static void verify(struct world *w)
{
    while (w->n_calls != 0) {
        finish_call(w, 0, true);
        drain(w);
    }
    advance(w, w->now + 61 * BAS_SECOND); /* those that did not acknowledge hear again */
    for (int round = 0; round < 2; round++) {
        drain(w);
        while (w->n_calls != 0) {
            finish_call(w, 0, true);
            drain(w);
        }
        advance(w, w->now + (DELAY_S + 1) * BAS_SECOND);
    }
    for (unsigned at = 0; at < FORMS * PEERS * PROCESSES * OBJECTS; at++) {
        unsigned object = at % OBJECTS;
        const struct ear *ear = &w->ears[0][0][0][0] + at;
        double distance = fabs(ear->heard - present(w, object));
        if (ear->is_on && (!ear->has_heard || ear->is_uncertain ||
                           (ear->increment > 0 ? distance >= ear->increment : distance > 0))) {
            fail_msg("the subscriber at %u does not know object %u: %g not %g, heard %d uncertain "
                     "%d stamped %d",
                     at, object, ear->heard, present(w, object), ear->has_heard, ear->is_uncertain,
                     ear->is_timestamped);
        }
    }
}

static void open_world(struct world *w)
{
    static struct bac_object_config objects[OBJECTS];
    static char names[OBJECTS][16];
    memset(w, 0, sizeof(*w));
    test_env_init(&w->t);
    printf("# seed %llu\n", (unsigned long long)w->t.seed);
    w->t.wall = INT64_C(1700000000000000);
    for (unsigned i = 0; i < OBJECTS; i++) {
        const struct bac_object_id id = id_of(i);
        (void)snprintf(names[i], sizeof(names[i]), "%u", i);
        objects[i] = (struct bac_object_config){ .type = id.type,
                                                 .instance = id.instance,
                                                 .name = names[i],
                                                 .cov_increment = i % 3 == 0 ? 0.5 : 0,
                                                 .n_states = i % 3 == 2 ? 5 : 0 };
    }
    const struct bac_server_config config = { .size = sizeof(config),
                                              .object_size = sizeof(objects[0]),
                                              .objects = objects,
                                              .n_objects = OBJECTS,
                                              .instance = 1,
                                              .name = "Device",
                                              .max_subscriptions = MAX_SUBSCRIPTIONS };
    struct bas_fault fault = { 0 };
    w->server = bac_server_new(&w->t.env, &config, &fault);
    assert_non_null(w->server);
}

static void step(struct world *w)
{
    switch (dice(w, 8)) {
    case 0:
    case 1:
        subscribe_single(w, dice(w, 12) == 0);
        break;
    case 2:
        subscribe_many(w, dice(w, 12) == 0);
        break;
    case 3:
        advance(w, w->now + dice(w, 400000));
        break;
    case 4:
        while (w->n_calls != 0 && dice(w, 4) != 0) {
            finish_call(w, dice(w, (uint32_t)w->n_calls), dice(w, 5) != 0);
        }
        break;
    default:
        change(w);
    }
}

static void every_subscriber_knows_the_value_within_his_increment(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    open_world(w);
    uint32_t most = 0;
    for (int i = 1; i <= STEPS; i++) {
        bool is_blocked = i / 100 % 4 == 0; /* the way down is closed */
        step(w);
        most = w->n_on > most ? w->n_on : most;
        if (!is_blocked) {
            drain(w);
        }
        if (i % 4000 == 0) {
            verify(w);
        }
    }
    printf("# %llu notifications, at most %u subscriptions, %llu refused\n",
           (unsigned long long)w->notifications, (unsigned)most, (unsigned long long)w->refused);
    assert_true(most > 2 * MAX_SUBSCRIPTIONS / 3);
    assert_true(w->notifications > STEPS);
    bac_server_free(w->server);
    test_env_check(&w->t);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subscriber_knows_the_value_within_his_increment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
