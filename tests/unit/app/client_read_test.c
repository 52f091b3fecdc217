/* Tests of client/read.c, client/read_many.c and client/list.c: whatever a peer cannot do, each
 * property is told once, in order. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_pair.h"
#include "test_folder.h"

#include <string.h>

enum { VALUES = 100 };

/* What a raw device cannot do. */
struct weak {
    bool no_multiple;         /* rejects ReadPropertyMultiple */
    unsigned error_code;      /* answers it with this error of class services */
    size_t most;              /* properties in one answer; 0: any */
    unsigned abort_reason;    /* for more */
    bool whole_error;         /* one unknown object spoils the whole request */
    bool drops_last;          /* leaves the last result out */
    bool whole_list_too_long; /* an array without index does not fit */
    uint32_t n_objects;       /* in Object_List */
    uint8_t memory[1200];
};

static struct bac_value unsigned_of(uint64_t number)
{
    return (struct bac_value){ .tag = BAC_TAG_UNSIGNED, .as.unsigned_integer = number };
}

static struct bac_value object_of(uint16_t type, uint32_t instance)
{
    return (struct bac_value){ .tag = BAC_TAG_OBJECT_IDENTIFIER, .as.object = { type, instance } };
}

static void add(struct bas_buf *out, struct bac_value value)
{
    assert_int_equal(bac_encode(&bac_type_value, &value, BAC_APPLICATION, out), BAS_OK);
}

/* Property_List of every object. */
static const uint32_t listed[] = { BAC_PROPERTY_PRESENT_VALUE, BAC_PROPERTY_UNITS };

static unsigned read_object_list(const struct weak *weak, uint32_t index, struct bas_buf *out)
{
    if (index == 0) {
        add(out, unsigned_of(weak->n_objects));
    } else if (index != BAC_NO_INDEX) {
        add(out, object_of(BAC_OBJECT_ANALOG_VALUE, index));
    } else if (weak->whole_list_too_long) {
        return BAC_ERROR_CODE_ABORT_SEGMENTATION_NOT_SUPPORTED;
    } else {
        for (uint32_t i = 1; i <= weak->n_objects; i++) {
            add(out, object_of(BAC_OBJECT_ANALOG_VALUE, i));
        }
    }
    return 0;
}

/* The device: analog values 1 .. 100, whose Present_Value is 10 times their instance. 0, or an
 * error code of class object or property. */
static unsigned read_value(const struct weak *weak, const struct bas_property *of,
                           struct bas_buf *out)
{
    if (of->object.type == BAC_OBJECT_DEVICE && of->property == BAC_PROPERTY_OBJECT_LIST) {
        return read_object_list(weak, of->index, out);
    }
    if (of->object.instance == 0 || of->object.instance > VALUES) {
        return BAC_ERROR_CODE_UNKNOWN_OBJECT;
    }
    switch (of->property) {
    case BAC_PROPERTY_PRESENT_VALUE:
        add(out, unsigned_of(of->object.instance * 10));
        return 0;
    case BAC_PROPERTY_UNITS:
        add(out, (struct bac_value){ .tag = BAC_TAG_ENUMERATED, .as.unsigned_integer = 62 });
        return 0;
    case BAC_PROPERTY_OBJECT_IDENTIFIER:
        add(out, object_of(of->object.type, of->object.instance));
        return 0;
    case BAC_PROPERTY_PROPERTY_LIST:
        for (size_t i = 0; i < BAS_ARRAY_LEN(listed); i++) {
            add(out,
                (struct bac_value){ .tag = BAC_TAG_ENUMERATED, .as.unsigned_integer = listed[i] });
        }
        return 0;
    default:
        return BAC_ERROR_CODE_UNKNOWN_PROPERTY;
    }
}

static unsigned class_of(unsigned code)
{
    return code == BAC_ERROR_CODE_UNKNOWN_OBJECT ? BAC_ERROR_CLASS_OBJECT
                                                 : BAC_ERROR_CLASS_PROPERTY;
}

static void serve_single(struct weak *weak, const struct bac_apdu *request, struct bas_buf *answer)
{
    const struct bac_read_property *asked = rt_request(request);
    const struct bas_property of = { asked->object, asked->property,
                                     asked->has_index ? (uint32_t)asked->index : BAC_NO_INDEX };
    struct bas_buf out;
    bas_buf_init(&out, weak->memory, sizeof(weak->memory));
    unsigned code = read_value(weak, &of, &out);
    if (code == BAC_ERROR_CODE_ABORT_SEGMENTATION_NOT_SUPPORTED) {
        rt_answer_abort(request, BAC_ABORT_SEGMENTATION_NOT_SUPPORTED, answer);
    } else if (code != 0) {
        rt_answer_error(request, class_of(code), code, answer);
    } else {
        const struct bac_read_property_ack ack = { .object = asked->object,
                                                   .property = asked->property,
                                                   .has_index = asked->has_index,
                                                   .index = asked->index,
                                                   .value = { out.data, out.len } };
        rt_answer_ack(request, &ack, answer);
    }
}

struct results {
    struct bac_read_access_result objects[64];
    struct bac_read_result results[128];
    size_t n_objects, n_results;
    struct bas_buf values;
};

static void add_result(struct weak *weak, struct results *r, const struct bas_property *of)
{
    struct bac_read_result *result = &r->results[r->n_results++];
    size_t before = r->values.len;
    *result = (struct bac_read_result){ of->property, of->index != BAC_NO_INDEX, of->index,
                                        .outcome.choice = BAC_READ_VALUE };
    unsigned code = read_value(weak, of, &r->values);
    if (code != 0) {
        result->outcome.choice = BAC_READ_ERROR;
        result->outcome.as.error = (struct bac_error_pair){ class_of(code), code };
    } else {
        result->outcome.as.value =
            (struct bas_slice){ r->values.data + before, r->values.len - before };
    }
    r->objects[r->n_objects - 1].results.n++;
}

static void add_object(struct weak *weak, struct results *r, const struct bac_read_access *access)
{
    const struct bac_property_reference *references = access->properties.items;
    r->objects[r->n_objects++] =
        (struct bac_read_access_result){ access->object, { &r->results[r->n_results], 0 } };
    for (size_t i = 0; i < access->properties.n; i++) {
        struct bas_property of = { access->object, references[i].property,
                                   references[i].has_index ? (uint32_t)references[i].index
                                                           : BAC_NO_INDEX };
        for (size_t k = 0; of.property == BAC_PROPERTY_ALL && k < BAS_ARRAY_LEN(listed); k++) {
            const struct bas_property one = { of.object, listed[k], BAC_NO_INDEX };
            add_result(weak, r, &one);
        }
        if (of.property != BAC_PROPERTY_ALL) {
            add_result(weak, r, &of);
        }
    }
}

static bool has_error(const struct results *r)
{
    for (size_t i = 0; i < r->n_results; i++) {
        if (r->results[i].outcome.choice == BAC_READ_ERROR) {
            return true;
        }
    }
    return false;
}

static void serve_multiple(struct weak *weak, const struct bac_apdu *request,
                           struct bas_buf *answer)
{
    static struct results r;
    static uint8_t values[4096];
    const struct bac_read_property_multiple *asked = rt_request(request);
    const struct bac_read_access *objects = asked->specs.items;
    memset(&r, 0, sizeof(r));
    bas_buf_init(&r.values, values, sizeof(values));
    for (size_t i = 0; i < asked->specs.n; i++) {
        add_object(weak, &r, &objects[i]);
    }
    if (weak->most != 0 && r.n_results > weak->most) {
        rt_answer_abort(request, weak->abort_reason, answer);
        return;
    }
    if (weak->whole_error && has_error(&r)) {
        rt_answer_error(request, BAC_ERROR_CLASS_OBJECT, BAC_ERROR_CODE_UNKNOWN_OBJECT, answer);
        return;
    }
    if (weak->drops_last && r.n_results > 1) {
        r.objects[r.n_objects - 1].results.n--;
    }
    const struct bac_read_property_multiple_ack ack = { { r.objects, r.n_objects } };
    rt_answer_ack(request, &ack, answer);
}

static void serve(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    struct weak *weak = p->user;
    if (request->service == BAC_CONFIRMED_READ_PROPERTY) {
        serve_single(weak, request, answer);
    } else if (weak->no_multiple) {
        rt_answer_reject(request, BAC_REJECT_UNRECOGNIZED_SERVICE, answer);
    } else if (weak->error_code != 0) {
        rt_answer_error(request, BAC_ERROR_CLASS_SERVICES, weak->error_code, answer);
    } else {
        serve_multiple(weak, request, answer);
    }
}

/* The client. */

static void on_read(void *user, const struct bas_property_read *read)
{
    struct rt_told *told = user;
    if (read->err != BAS_OK) {
        rt_told_add(told, "%zu:!%u", read->n, (unsigned)read->fault->error_code);
    } else {
        assert_true(read->has_value);
        rt_told_add(told, "%zu:%u", read->n,
                    read->value.tag == BAC_TAG_OBJECT_IDENTIFIER
                        ? (unsigned)read->value.as.object.instance
                        : (unsigned)read->value.as.unsigned_integer);
    }
}

static void begin(struct rt_pair *p, struct weak *weak)
{
    rt_pair_begin_raw(p, serve);
    p->user = weak;
    rt_pair_start(p);
}

static void read_all(struct rt_pair *p, const struct bas_property *items, size_t n)
{
    const struct bas_read_list list = {
        .items = items, .n = n, .read = on_read, .done = rt_told_end, .user = &p->told
    };
    assert_int_not_equal(bas_read_many(p->client.station, &p->to, &list), 0);
    rt_pair_until(p, 1);
}

/* Present_Value and Units of analog values 1, 2, 3; and one that is not there. */
#define AV(n, name)                                                                                \
    {                                                                                              \
        { BAC_OBJECT_ANALOG_VALUE, n }, BAC_PROPERTY_##name, BAC_NO_INDEX                          \
    }
static const struct bas_property few[] = {
    AV(1, PRESENT_VALUE), AV(1, UNITS), AV(2, PRESENT_VALUE), AV(200, UNITS), AV(3, PRESENT_VALUE),
};
#define FEW_TEXT "0:10 1:62 2:20 3:!31 4:30"

static void reads_few(struct weak *weak, unsigned requests)
{
    struct rt_pair p;
    begin(&p, weak);
    read_all(&p, few, BAS_ARRAY_LEN(few));
    assert_string_equal(p.told.text, FEW_TEXT);
    assert_int_equal(p.told.err, BAS_ERR_PARTIAL);
    assert_has(p.told.fault.text, "1 of 5 properties could not be read");
    assert_int_equal(p.requests, requests);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 1);
}

static void a_peer_that_can_is_asked_once(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    reads_few(&weak, 1);
}

static void a_peer_that_rejects_it_is_asked_one_by_one(void **state)
{
    (void)state;
    struct weak weak = { .no_multiple = true };
    reads_few(&weak, 1 + 5);
}

static void errors_that_say_so_count_as_well(void **state)
{
    (void)state;
    static const unsigned codes[] = { BAC_ERROR_CODE_SERVICE_REQUEST_DENIED,
                                      BAC_ERROR_CODE_OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED };
    for (size_t i = 0; i < BAS_ARRAY_LEN(codes); i++) {
        struct weak weak = { .error_code = codes[i] };
        reads_few(&weak, 1 + 5);
    }
}

static void a_peer_whose_answer_does_not_fit_is_asked_for_less(void **state)
{
    (void)state;
    static const unsigned reasons[] = { BAC_ABORT_BUFFER_OVERFLOW,
                                        BAC_ABORT_SEGMENTATION_NOT_SUPPORTED,
                                        BAC_ABORT_APDU_TOO_LONG, BAC_ABORT_OUT_OF_RESOURCES };
    for (size_t i = 0; i < BAS_ARRAY_LEN(reasons); i++) {
        struct weak weak = { .most = 2, .abort_reason = reasons[i] };
        reads_few(&weak, 1 + 3);
    }
}

static void a_peer_that_cannot_answer_even_one_gets_read_property(void **state)
{
    (void)state;
    struct weak weak = { .most = 1, .abort_reason = BAC_ABORT_BUFFER_OVERFLOW };
    struct rt_pair p;
    static const struct bas_property one[] = { AV(1, ALL) };
    begin(&p, &weak);
    read_all(&p, one, 1); /* two properties */
    assert_string_equal(p.told.text, "0:1 0:!32 0:!32 0:10 0:62");
    assert_int_equal(p.told.err, BAS_ERR_PARTIAL);
    rt_pair_end(&p);
}

static void one_bad_object_does_not_spoil_the_others(void **state)
{
    (void)state;
    struct weak weak = { .whole_error = true };
    struct rt_pair p;
    begin(&p, &weak);
    read_all(&p, few, BAS_ARRAY_LEN(few));
    assert_string_equal(p.told.text, FEW_TEXT);
    rt_pair_end(&p);
}

static void what_an_answer_leaves_out_is_read_alone(void **state)
{
    (void)state;
    struct weak weak = { .drops_last = true };
    struct rt_pair p;
    begin(&p, &weak);
    read_all(&p, few, BAS_ARRAY_LEN(few));
    assert_string_equal(p.told.text, FEW_TEXT);
    assert_int_equal(p.requests, 2);
    rt_pair_end(&p);
}

static void many_go_in_requests_that_the_peer_takes(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    struct rt_pair p;
    struct bas_property items[VALUES];
    rt_pair_begin_raw(&p, serve);
    p.user = &weak;
    p.max_apdu = 206;
    rt_pair_start(&p);
    for (uint32_t i = 0; i < VALUES; i++) {
        items[i] = (struct bas_property){ { BAC_OBJECT_ANALOG_VALUE, i + 1 },
                                          BAC_PROPERTY_PRESENT_VALUE,
                                          BAC_NO_INDEX };
    }
    read_all(&p, items, VALUES);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.told.n, VALUES);
    assert_has(p.told.text, "98:990 99:1000");
    assert_in_range(p.requests, VALUES / 10, VALUES / 4);
    rt_pair_end(&p);
}

static void nothing_at_all_is_read_in_no_time(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    struct rt_pair p;
    begin(&p, &weak);
    const struct bas_read_list list = { .read = on_read, .done = rt_told_end, .user = &p.told };
    assert_int_equal(bas_read_many(p.client.station, &p.at, &list), 0);
    assert_int_equal(p.told.ended, 1);
    assert_int_equal(p.told.err, BAS_OK);
    rt_pair_end(&p);
}

static void all_stands_for_what_the_object_has(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    struct rt_pair p;
    static const struct bas_property items[] = { AV(1, UNITS), AV(2, ALL), AV(3, PRESENT_VALUE) };
    begin(&p, &weak);
    read_all(&p, items, BAS_ARRAY_LEN(items));
    assert_string_equal(p.told.text, "0:62 1:20 1:62 2:30");
    assert_int_equal(p.told.err, BAS_OK);
    rt_pair_end(&p);
}

static void all_of_a_peer_that_has_no_multiple_follows_its_property_list(void **state)
{
    (void)state;
    struct weak weak = { .no_multiple = true };
    struct rt_pair p;
    static const struct bas_property items[] = { AV(1, UNITS), AV(2, ALL), AV(3, PRESENT_VALUE),
                                                 AV(4, OPTIONAL) };
    begin(&p, &weak);
    read_all(&p, items, BAS_ARRAY_LEN(items));
    assert_string_equal(p.told.text, "0:62 1:2 1:!32 1:!32 1:20 1:62 2:30 3:!0");
    assert_int_equal(p.told.err, BAS_ERR_PARTIAL);
    rt_pair_end(&p);
}

static void on_read_then_cancel(void *user, const struct bas_property_read *read)
{
    struct rt_pair *p = user;
    on_read(&p->told, read);
    if (p->told.n == 2) {
        bas_cancel(p->client.station, *(const bas_call_id *)p->client.user);
    }
}

static void on_end_of_pair(void *user, const struct bas_outcome *outcome)
{
    struct rt_pair *p = user;
    rt_told_end(&p->told, outcome);
}

static void a_callback_in_between_may_cancel(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    struct rt_pair p;
    bas_call_id id = 0;
    begin(&p, &weak);
    p.client.user = &id;
    const struct bas_read_list list = { .items = few,
                                        .n = BAS_ARRAY_LEN(few),
                                        .read = on_read_then_cancel,
                                        .done = on_end_of_pair,
                                        .user = &p };
    id = bas_read_many(p.client.station, &p.to, &list);
    rt_pair_until(&p, 1);
    assert_string_equal(p.told.text, "0:10 1:62");
    assert_int_equal(p.told.err, BAS_ERR_INTERRUPTED);
    rt_turns(&p.site.w, 5);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 1);
}

static void a_call_whose_list_is_being_read_can_be_cancelled(void **state)
{
    (void)state;
    struct weak weak = { .no_multiple = true };
    struct rt_pair p;
    static const struct bas_property items[] = { AV(2, ALL) };
    const struct bas_read_list list = {
        .items = items, .n = 1, .read = on_read, .done = rt_told_end, .user = &p.told
    };
    begin(&p, &weak);
    bas_call_id id = bas_read_many(p.client.station, &p.at, &list);
    rt_until(&p.site.w, &p.requests, 2); /* the rejected one, and Property_List */
    bas_cancel(p.client.station, id);
    assert_int_equal(p.told.ended, 1);
    assert_int_equal(p.told.err, BAS_ERR_INTERRUPTED);
    rt_turns(&p.site.w, 5);
    assert_int_equal(p.client.station->n_pending, 0);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 1);
}

/* One. */

static void on_one(void *user, const struct bas_property_read *read)
{
    struct rt_told *told = user;
    on_read(user, read);
    told->ended++;
    told->err = read->err;
    told->fault = *read->fault;
}

static void one_property_comes_as_a_value(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    struct rt_pair p;
    begin(&p, &weak);
    bas_read(p.client.station, &p.to, &few[2], on_one, &p.told);
    rt_pair_until(&p, 1);
    assert_string_equal(p.told.text, "0:20");
    rt_pair_end(&p);
}

static void an_error_names_the_property(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    struct rt_pair p;
    const struct bas_property wrong = { { BAC_OBJECT_ANALOG_VALUE, 1 },
                                        BAC_PROPERTY_PRIORITY_ARRAY,
                                        8 };
    begin(&p, &weak);
    bas_read(p.client.station, &p.to, &wrong, on_one, &p.told);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_REMOTE);
    assert_string_equal(p.told.fault.text,
                        "device 1234, analog-value,1 priority-array[8]: the device answered with "
                        "error property: unknown-property (2:32); the object's property-list tells "
                        "what it has");
    rt_pair_end(&p);
}

/* Lists. */

static void on_object(void *user, struct bac_object_id object, size_t n, size_t total)
{
    struct rt_told *told = user;
    assert_int_equal(n, told->n);
    assert_int_equal(object.instance, n + 1);
    rt_told_add(told, "%s", n + 1 == total ? "end" : ".");
}

static void lists_objects(struct weak *weak, unsigned requests)
{
    struct rt_pair p;
    const struct bas_object_list list = { on_object, rt_told_end, &p.told };
    begin(&p, weak);
    bas_object_list(p.client.station, &p.to, &list);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.told.n, weak->n_objects);
    assert_int_equal(p.requests, requests);
    rt_pair_end(&p);
}

static void the_objects_of_a_device_come_at_once_where_they_fit(void **state)
{
    (void)state;
    struct weak weak = { .n_objects = 90 };
    lists_objects(&weak, 1);
    weak.n_objects = 0;
    lists_objects(&weak, 1);
}

static void and_in_bundles_of_elements_where_they_do_not(void **state)
{
    (void)state;
    struct weak weak = { .n_objects = 90, .whole_list_too_long = true };
    lists_objects(&weak, 2 + 3); /* whole, length; 61 and 3 by the size of an answer, 26 */
    weak.no_multiple = true;
    lists_objects(&weak, 2 + 2 + 90);
    weak.n_objects = 0;
    lists_objects(&weak, 2);
}

static void on_property(void *user, uint32_t property, size_t n, size_t total)
{
    rt_told_add(user, "%u:%zu/%zu", (unsigned)property, n, total);
}

static void a_property_list_has_what_every_object_has_too(void **state)
{
    (void)state;
    struct weak weak = { 0 };
    struct rt_pair p;
    const struct bas_property_list list = {
        { BAC_OBJECT_ANALOG_VALUE, 1 }, on_property, rt_told_end, &p.told
    };
    begin(&p, &weak);
    bas_property_list(p.client.station, &p.to, &list);
    rt_pair_until(&p, 1);
    assert_string_equal(p.told.text, "75:0/6 77:1/6 79:2/6 371:3/6 85:4/6 117:5/6");
    rt_pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_can_is_asked_once),
        cmocka_unit_test(a_peer_that_rejects_it_is_asked_one_by_one),
        cmocka_unit_test(errors_that_say_so_count_as_well),
        cmocka_unit_test(a_peer_whose_answer_does_not_fit_is_asked_for_less),
        cmocka_unit_test(a_peer_that_cannot_answer_even_one_gets_read_property),
        cmocka_unit_test(one_bad_object_does_not_spoil_the_others),
        cmocka_unit_test(what_an_answer_leaves_out_is_read_alone),
        cmocka_unit_test(many_go_in_requests_that_the_peer_takes),
        cmocka_unit_test(nothing_at_all_is_read_in_no_time),
        cmocka_unit_test(all_stands_for_what_the_object_has),
        cmocka_unit_test(all_of_a_peer_that_has_no_multiple_follows_its_property_list),
        cmocka_unit_test(a_callback_in_between_may_cancel),
        cmocka_unit_test(a_call_whose_list_is_being_read_can_be_cancelled),
        cmocka_unit_test(one_property_comes_as_a_value),
        cmocka_unit_test(an_error_names_the_property),
        cmocka_unit_test(the_objects_of_a_device_come_at_once_where_they_fit),
        cmocka_unit_test(and_in_bundles_of_elements_where_they_do_not),
        cmocka_unit_test(a_property_list_has_what_every_object_has_too),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
