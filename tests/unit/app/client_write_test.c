/* Tests of client/write.c: each property is written once, or said not to be. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_pair.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

/* A raw device whose analog values 1 .. 9 can be written. */
struct weak {
    bool no_multiple;
    size_t most; /* values in one request; 0: any */
    char text[512];
};

static bool is_good(struct bac_object_id object)
{
    return object.type == BAC_OBJECT_ANALOG_VALUE && object.instance < 10;
}

static void note(struct weak *weak, struct bac_object_id object, struct bas_slice raw,
                 uint64_t priority)
{
    struct bas_buf out;
    size_t len = strlen(weak->text);
    bas_buf_init(&out, weak->text + len, sizeof(weak->text) - len);
    bas_buf_format(&out, " %u=", (unsigned)object.instance);
    bas_buf_add_hex(&out, raw);
    if (priority != 0) {
        bas_buf_format(&out, "@%u", (unsigned)priority);
    }
    (void)bas_buf_text(&out);
}

static void serve_single(struct weak *weak, const struct bac_apdu *request, struct bas_buf *answer)
{
    const struct bac_write_property *asked = rt_request(request);
    if (!is_good(asked->object)) {
        rt_answer_error(request, BAC_ERROR_CLASS_OBJECT, BAC_ERROR_CODE_UNKNOWN_OBJECT, answer);
        return;
    }
    note(weak, asked->object, asked->value, asked->has_priority ? asked->priority : 0);
    rt_answer_ack(request, NULL, answer);
}

static void refuse_multiple(const struct bac_apdu *request, struct bac_object_id object,
                            struct bas_buf *answer)
{
    const struct bac_write_property_multiple_error error = {
        { BAC_ERROR_CLASS_OBJECT, BAC_ERROR_CODE_UNKNOWN_OBJECT },
        { .object = object, .property = BAC_PROPERTY_PRESENT_VALUE }
    };
    const struct bac_apdu head = { .type = BAC_PDU_ERROR,
                                   .invoke_id = request->invoke_id,
                                   .service = request->service };
    bac_apdu_encode_header(&head, answer);
    assert_int_equal(
        bac_encode(&bac_type_write_property_multiple_error, &error, BAC_APPLICATION, answer),
        BAS_OK);
}

static size_t count(const struct bac_write_property_multiple *asked)
{
    const struct bac_write_access *objects = asked->specs.items;
    size_t n = 0;
    for (size_t i = 0; i < asked->specs.n; i++) {
        n += objects[i].values.n;
    }
    return n;
}

static void serve_multiple(struct weak *weak, const struct bac_apdu *request,
                           struct bas_buf *answer)
{
    const struct bac_write_property_multiple *asked = rt_request(request);
    const struct bac_write_access *objects = asked->specs.items;
    if (weak->most != 0 && count(asked) > weak->most) {
        rt_answer_abort(request, BAC_ABORT_BUFFER_OVERFLOW, answer);
        return;
    }
    for (size_t i = 0; i < asked->specs.n; i++) {
        const struct bac_property_value *values = objects[i].values.items;
        if (!is_good(objects[i].object)) {
            refuse_multiple(request, objects[i].object, answer);
            return;
        }
        for (size_t k = 0; k < objects[i].values.n; k++) {
            note(weak, objects[i].object, values[k].value,
                 values[k].has_priority ? values[k].priority : 0);
        }
    }
    rt_answer_ack(request, NULL, answer);
}

static void serve(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    struct weak *weak = p->user;
    if (request->service == BAC_CONFIRMED_WRITE_PROPERTY) {
        serve_single(weak, request, answer);
    } else if (weak->no_multiple) {
        rt_answer_reject(request, BAC_REJECT_UNRECOGNIZED_SERVICE, answer);
    } else {
        serve_multiple(weak, request, answer);
    }
}

static void begin(struct rt_pair *p, struct weak *weak)
{
    rt_pair_begin_raw(p, serve);
    p->user = weak;
    rt_pair_start(p);
}

static const struct bac_value one = { .tag = BAC_TAG_UNSIGNED, .as.unsigned_integer = 1 };
static const uint8_t raw_null[] = { 0 };

#define AV(n)                                                                                      \
    {                                                                                              \
        { BAC_OBJECT_ANALOG_VALUE, n }, BAC_PROPERTY_PRESENT_VALUE, BAC_NO_INDEX                   \
    }
static const struct bas_write_item items[] = {
    { .of = AV(1), .value = &one, .priority = 8 },
    { .of = AV(2), .raw = { raw_null, 1 } },
    { .of = AV(77), .value = &one },
    { .of = AV(3), .value = &one },
};
#define ALL_GOOD " 1=2101@8 2=00 3=2101"

static void on_written(void *user, const struct bas_written *written)
{
    struct rt_told *told = user;
    assert_int_equal(written->n, told->n);
    rt_told_add(told, "%d", (int)written->err);
}

static void write_all(struct rt_pair *p, bool goes_on)
{
    const struct bas_write_list list = { .items = items,
                                         .n = BAS_ARRAY_LEN(items),
                                         .goes_on = goes_on,
                                         .written = on_written,
                                         .done = rt_told_end,
                                         .user = &p->told };
    bas_write_many(p->client.station, &p->to, &list);
    rt_pair_until(p, 1);
}

static void one_is_written_with_its_priority(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    struct rt_pair p;
    begin(&p, &weak);
    assert_int_not_equal(bas_write(p.client.station, &p.to, &items[0], rt_told_end, &p.told), 0);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_string_equal(weak.text, " 1=2101@8");
    bas_write(p.client.station, &p.to, &items[2], rt_told_end, &p.told);
    rt_pair_until(&p, 2);
    assert_int_equal(p.told.err, BAS_ERR_REMOTE);
    assert_has(p.told.fault.text, "device 1234, analog-value,77 present-value: the device answered "
                                  "with error object: unknown-object");
    rt_pair_end(&p);
}

static void a_value_that_cannot_be_encoded_is_not_written(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    struct rt_pair p;
    const struct bac_value wrong = { .tag = (enum bac_tag)14 };
    const struct bas_write_item item = { .of = AV(1), .value = &wrong };
    begin(&p, &weak);
    assert_int_equal(bas_write(p.client.station, &p.to, &item, rt_told_end, &p.told), 0);
    assert_int_equal(p.told.err, BAS_ERR_INVALID);
    assert_has(p.told.fault.text, "analog-value,1 present-value: the value cannot be encoded");
    rt_pair_end(&p);
}

static void writes(struct weak *weak, bool goes_on, const char *told, unsigned requests)
{
    struct rt_pair p;
    begin(&p, weak);
    write_all(&p, goes_on);
    assert_string_equal(p.told.text, told);
    assert_int_equal(p.told.err, BAS_ERR_PARTIAL);
    assert_string_equal(weak->text, goes_on ? ALL_GOOD : " 1=2101@8 2=00");
    assert_int_equal(p.requests, requests);
    rt_pair_end(&p);
}

enum { OK = BAS_OK, REMOTE = BAS_ERR_REMOTE, UNTRIED = BAS_ERR_INTERRUPTED };
static char stops[32], goes[32];

static int prepare(void **state)
{
    (void)snprintf(stops, sizeof(stops), "%d %d %d %d", OK, OK, REMOTE, UNTRIED);
    (void)snprintf(goes, sizeof(goes), "%d %d %d %d", OK, OK, REMOTE, OK);
    return rt_certificates(state);
}

static void many_are_written_at_once_up_to_the_first_that_fails(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    writes(&weak, false, stops, 2); /* the one that failed alone, for its reason */
}

static void or_beyond_it(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    writes(&weak, true, goes, 3);
}

static void a_peer_without_multiple_gets_them_one_by_one(void **state)
{
    (void)state;
    struct weak weak = { .no_multiple = true };
    writes(&weak, false, stops, 1 + 3);
    memset(weak.text, 0, sizeof(weak.text));
    writes(&weak, true, goes, 1 + 4);
}

static void a_peer_that_takes_few_gets_few(void **state)
{
    (void)state;
    struct weak weak = { .most = 2 };
    struct rt_pair p;
    begin(&p, &weak);
    write_all(&p, true);
    assert_string_equal(p.told.text, goes);
    assert_string_equal(weak.text, ALL_GOOD);
    rt_pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_written_with_its_priority),
        cmocka_unit_test(a_value_that_cannot_be_encoded_is_not_written),
        cmocka_unit_test(many_are_written_at_once_up_to_the_first_that_fails),
        cmocka_unit_test(or_beyond_it),
        cmocka_unit_test(a_peer_without_multiple_gets_them_one_by_one),
        cmocka_unit_test(a_peer_that_takes_few_gets_few),
    };
    return cmocka_run_group_tests(tests, prepare, test_folder_leave);
}
