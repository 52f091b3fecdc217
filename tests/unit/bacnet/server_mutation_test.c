/* Bad input, by tables: good requests of every service that are damaged, and what the standard
 * wants to be answered (18.9, 20.1). */
#include "request_fixture.h"

#include "bac_random.h"
#include "bacnet/tag.h"
#include "basalt/bacnet_claim.h"

static struct bas_slice parameters_of(const struct good_request *good)
{
    return test_hex(good->parameters);
}

static bool is_whole(uint8_t service, struct bas_slice parameters)
{
    const struct bac_service *row = bac_service_find(true, service);
    static uint8_t memory[4096];
    _Alignas(16) static uint8_t value[4096];
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    return row->request == NULL
               ? parameters.len == 0
               : bac_decode_all(row->request, parameters, value, &arena, NULL) == BAS_OK;
}

static bool is_served(const struct good_request *good)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(REQUEST_HOOKS); i++) {
        if (REQUEST_HOOKS[i].confirmed && REQUEST_HOOKS[i].service == good->service) {
            return true;
        }
    }
    return bac_claims_service(true, good->service);
}

static void expect_reject(const struct good_request *good, const struct bac_apdu *answer,
                          unsigned low, unsigned high)
{
    if (!is_served(good)) {
        low = high = BAC_REJECT_UNRECOGNIZED_SERVICE;
    }
    if (answer->type != BAC_PDU_REJECT || answer->reason < low || answer->reason > high) {
        fail_msg("service %u: answer of type %u with reason %u instead of Reject %u .. %u",
                 (unsigned)good->service, (unsigned)answer->type, (unsigned)answer->reason, low,
                 high);
    }
}

static void every_service_that_is_executed_has_a_good_request_here(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    bool has[256] = { false };
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD_REQUESTS); i++) {
        const struct good_request *good = &GOOD_REQUESTS[i];
        has[good->service] = true;
        assert_true(is_whole(good->service, parameters_of(good)));
        struct bac_apdu answer = request_ask(&f, good->service, parameters_of(good));
        assert_int_equal(answer.type == BAC_PDU_REJECT, !is_served(good));
    }
    for (unsigned service = 0; service < 256; service++) {
        assert_true(has[service] || !bac_claims_service(true, (uint8_t)service));
    }
    fixture_close(&f);
}

static void an_unknown_service_is_rejected_and_a_broadcast_one_ignored(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    for (unsigned service = 0; service < 256; service++) {
        const struct bac_service *known = bac_service_find(true, (uint8_t)service);
        struct bac_apdu answer = { 0 };
        if (known == NULL || !known->is_coded) {
            answer = request_ask(&f, (uint8_t)service, (struct bas_slice){ NULL, 0 });
            assert_int_equal(answer.type, BAC_PDU_REJECT);
            assert_int_equal(answer.reason, BAC_REJECT_UNRECOGNIZED_SERVICE);
        }
    }
    f.broadcast = true;
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD_REQUESTS); i++) {
        uint8_t memory[256];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        struct bas_slice whole = parameters_of(&GOOD_REQUESTS[i]);
        (void)fixture_send(&f, request_of(GOOD_REQUESTS[i].service, whole, &out));
        struct bac_apdu_tx tx;
        assert_false(bac_server_next_tx(f.server, &tx));
        expect_no_event(&f);
    }
    fixture_close(&f);
}

/* Cut at each octet: the rest of a tag or a content is missing, or a parameter. */
static void a_truncated_request_is_rejected(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD_REQUESTS); i++) {
        const struct good_request *good = &GOOD_REQUESTS[i];
        struct bas_slice whole = parameters_of(good);
        for (size_t len = 0; len < whole.len; len++) {
            struct bas_slice part = { whole.data, len };
            struct bac_apdu answer = request_ask(&f, good->service, part);
            bool may_be_empty = len == 0 && answer.reason == BAC_REJECT_MISSING_REQUIRED_PARAMETER;
            if (!is_whole(good->service, part) || may_be_empty) { /* what follows is optional */
                expect_reject(good, &answer, BAC_REJECT_INVALID_TAG,
                              BAC_REJECT_MISSING_REQUIRED_PARAMETER);
            }
        }
    }
    fixture_close(&f);
}

static void a_parameter_too_many_is_rejected(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD_REQUESTS); i++) {
        const struct good_request *good = &GOOD_REQUESTS[i];
        uint8_t memory[256];
        struct bas_buf longer;
        bas_buf_init(&longer, memory, sizeof(memory));
        struct bas_slice whole = parameters_of(good);
        bas_buf_add(&longer, whole.data, whole.len);
        bas_buf_add(&longer, "\xE9\x00", 2); /* context tag 14 */
        struct bac_apdu answer =
            request_ask(&f, good->service, (struct bas_slice){ longer.data, longer.len });
        expect_reject(good, &answer, BAC_REJECT_TOO_MANY_ARGUMENTS, BAC_REJECT_TOO_MANY_ARGUMENTS);
    }
    fixture_close(&f);
}

/* The parameters at the top, one after another; n of them at most. */
static size_t split(struct bas_slice whole, struct bas_slice *parts, size_t n)
{
    size_t count = 0;
    struct bas_slice in = whole;
    while (in.len != 0) {
        struct rd r = rd_init(in);
        struct bac_head head;
        assert_int_equal(bac_head_read(&r, &head), BAS_OK);
        if (head.kind == BAC_HEAD_OPENING) {
            assert_int_equal(bac_skip_values(&r), BAS_OK);
            assert_int_equal(bac_head_read(&r, &head), BAS_OK);
        } else {
            r.at += bac_head_content(&head);
        }
        assert_true(count < n);
        size_t len = (size_t)(r.at - in.data);
        parts[count++] = (struct bas_slice){ in.data, len };
        in = (struct bas_slice){ in.data + len, in.len - len };
    }
    return count;
}

/* Each parameter away, once; what is whole without it was optional there. */
static void a_missing_parameter_is_rejected(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD_REQUESTS); i++) {
        const struct good_request *good = &GOOD_REQUESTS[i];
        struct bas_slice parts[16];
        size_t n = split(parameters_of(good), parts, BAS_ARRAY_LEN(parts));
        for (size_t gone = 0; gone < n; gone++) {
            uint8_t memory[256];
            struct bas_buf rest;
            bas_buf_init(&rest, memory, sizeof(memory));
            for (size_t k = 0; k < n; k++) {
                bas_buf_add(&rest, parts[k].data, k == gone ? 0 : parts[k].len);
            }
            struct bas_slice left = { rest.data, rest.len };
            struct bac_apdu answer = request_ask(&f, good->service, left);
            if (!is_whole(good->service, left)) {
                /* or one of another type stands in its place, or behind the end of a list */
                bool is_other = answer.reason == BAC_REJECT_INVALID_PARAMETER_DATA_TYPE ||
                                answer.reason == BAC_REJECT_TOO_MANY_ARGUMENTS;
                unsigned reason =
                    is_other ? answer.reason : (unsigned)BAC_REJECT_MISSING_REQUIRED_PARAMETER;
                expect_reject(good, &answer, reason, reason);
            }
        }
    }
    fixture_close(&f);
}

/* Each parameter with the tag of another one, once: it is missing then, or it is one too many. */
static void a_wrong_tag_is_rejected(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD_REQUESTS); i++) {
        const struct good_request *good = &GOOD_REQUESTS[i];
        struct bas_slice parts[16];
        struct bas_slice whole = parameters_of(good);
        size_t n = split(whole, parts, BAS_ARRAY_LEN(parts));
        for (size_t wrong = 0; wrong < n; wrong++) {
            uint8_t memory[256];
            memcpy(memory, whole.data, whole.len);
            size_t at = (size_t)(parts[wrong].data - whole.data);
            memory[at] = (uint8_t)((memory[at] & 0x0F) | 0xE8); /* context tag 14 */
            if ((memory[at] & 0x07) == 6) {                     /* and where it closes */
                memory[at + parts[wrong].len - 1] = 0xEF;
            }
            struct bas_slice damaged = { memory, whole.len };
            struct bac_apdu answer = request_ask(&f, good->service, damaged);
            expect_reject(good, &answer, BAC_REJECT_INVALID_TAG, BAC_REJECT_TOO_MANY_ARGUMENTS);
            assert_true(answer.reason != BAC_REJECT_PARAMETER_OUT_OF_RANGE);
        }
    }
    fixture_close(&f);
}

struct bad_request {
    uint8_t service;
    const char *parameters;
    uint8_t type;   /* REJECT, ABORT or ERROR */
    uint8_t reason; /* REJECT, ABORT */
};

#define BAD_TYPE     BAC_PDU_REJECT, BAC_REJECT_INVALID_PARAMETER_DATA_TYPE
#define BAD_TAG      BAC_PDU_REJECT, BAC_REJECT_INVALID_TAG
#define OUT_OF_RANGE BAC_PDU_REJECT, BAC_REJECT_PARAMETER_OUT_OF_RANGE
#define UNDEFINED    BAC_PDU_REJECT, BAC_REJECT_UNDEFINED_ENUMERATION
#define MISSING      BAC_PDU_REJECT, BAC_REJECT_MISSING_REQUIRED_PARAMETER
#define INCONSISTENT BAC_PDU_REJECT, BAC_REJECT_INCONSISTENT_PARAMETERS
#define WITH_ERROR   BAC_PDU_ERROR, 0

static const struct bad_request BAD_REQUESTS[] = {
    /* another data type where the tag tells it */
    { BAC_CONFIRMED_DELETE_OBJECT, "21 05", BAD_TYPE },
    { BAC_CONFIRMED_VT_OPEN, "21 01 21 05", BAD_TYPE },
    { BAC_CONFIRMED_VT_DATA, "21 05 21 00 21 00", BAD_TYPE },
    { BAC_CONFIRMED_READ_RANGE, "0C 0E 00 00 01 1A 01 AC 3E 31 02 31 04 3F", BAD_TYPE },
    { BAC_CONFIRMED_ATOMIC_READ_FILE, "21 01 0E 31 00 21 0A 0F", BAD_TYPE },
    { BAC_CONFIRMED_ATOMIC_READ_FILE, "C4 02 80 00 01 0E 21 00 21 0A 0F", BAD_TYPE },
    { BAC_CONFIRMED_ATOMIC_WRITE_FILE, "C4 02 80 00 01 0E 31 00 74 00 41 42 43 0F", BAD_TYPE },
    /* contents of another length than the type has */
    { BAC_CONFIRMED_READ_PROPERTY, "0B 00 00 01 19 55", BAD_TAG },
    { BAC_CONFIRMED_READ_PROPERTY, "0C 00 00 00 01 18", BAD_TAG },
    { BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY,
      "09 12 1C 00 00 00 01 29 01 39 3C 4E 09 55 4F 5B 3F 80 00", BAD_TAG },
    { BAC_CONFIRMED_WRITE_PROPERTY, "0C 00 40 00 01 19 55 3E 44 42 34 00 00 4F", BAD_TAG },
    /* primitive where constructed stands, and the other way round */
    { BAC_CONFIRMED_CREATE_OBJECT, "09 02", BAD_TAG },
    { BAC_CONFIRMED_READ_PROPERTY, "0E 00 00 00 01 0F 19 55", BAD_TAG },
    /* values that the type does not have */
    { BAC_CONFIRMED_WRITE_PROPERTY, "0C 00 40 00 01 19 55 3E 44 42 34 00 00 3F 49 00",
      OUT_OF_RANGE },
    { BAC_CONFIRMED_WRITE_PROPERTY, "0C 00 40 00 01 19 55 3E 44 42 34 00 00 3F 49 11",
      OUT_OF_RANGE },
    { BAC_CONFIRMED_ACKNOWLEDGE_ALARM,
      "0D 05 01 00 00 00 00 1C 00 00 00 01 29 03 3E 19 10 3F 4C 00 4D 44 4C 5E " GOOD_STAMP " 5F",
      OUT_OF_RANGE },
    { BAC_CONFIRMED_GET_ENROLLMENT_SUMMARY, "09 03", UNDEFINED },
    { BAC_CONFIRMED_GET_ENROLLMENT_SUMMARY, "09 01 4E 0A 01 00 19 0A 4F", OUT_OF_RANGE },
    { BAC_CONFIRMED_DEVICE_COMMUNICATION_CONTROL, "19 03", UNDEFINED },
    { BAC_CONFIRMED_DEVICE_COMMUNICATION_CONTROL, "0B 01 00 00 19 02", OUT_OF_RANGE },
    { BAC_CONFIRMED_REINITIALIZE_DEVICE, "09 08", UNDEFINED },
    { BAC_CONFIRMED_TEXT_MESSAGE, "0C 02 00 00 05 29 02 3D 02 00 41", UNDEFINED },
    { BAC_CONFIRMED_PRIVATE_TRANSFER, "0B 01 00 00 19 08", OUT_OF_RANGE },
    { BAC_CONFIRMED_VT_OPEN, "91 01 22 01 00", OUT_OF_RANGE },
    { BAC_CONFIRMED_CREATE_OBJECT, "0E 0A 04 00 0F", UNDEFINED },
    { BAC_CONFIRMED_CREATE_OBJECT, "0E 1C 00 BF FF FF 0F", OUT_OF_RANGE },
    /* lists without an element, and parameters that contradict each other */
    { BAC_CONFIRMED_READ_PROPERTY_MULTIPLE, "", MISSING },
    { BAC_CONFIRMED_READ_PROPERTY_MULTIPLE, "0C 00 00 00 01 1E 1F", MISSING },
    { BAC_CONFIRMED_WRITE_PROPERTY_MULTIPLE, "0C 00 80 00 01 1E 1F", MISSING },
    { BAC_CONFIRMED_ADD_LIST_ELEMENT, "0C 0E 00 00 01 1A 01 AC 3E 3F", MISSING },
    { BAC_CONFIRMED_READ_PROPERTY_MULTIPLE, "0C 00 00 00 01 1E 09 08 19 01 1F", INCONSISTENT },
    { BAC_CONFIRMED_ATOMIC_WRITE_FILE, "C4 02 80 00 02 1E 31 FF 21 02 61 41 1F", INCONSISTENT },
    /* what only the objects know */
    { BAC_CONFIRMED_ATOMIC_READ_FILE, "C4 02 80 00 01 0E 31 0B 21 0A 0F", WITH_ERROR },
    { BAC_CONFIRMED_READ_PROPERTY, "0C 00 00 00 09 19 55", WITH_ERROR },
    { BAC_CONFIRMED_READ_RANGE, "0C 0E 00 00 01 1A 01 AC 3E 21 02 31 00 3F", WITH_ERROR },
    { BAC_CONFIRMED_READ_PROPERTY, "0C 00 00 00 01 1A 02 00", WITH_ERROR },
    { BAC_CONFIRMED_WRITE_PROPERTY, "0C 00 40 00 01 19 55 3E 21 01 3F", WITH_ERROR },
    { BAC_CONFIRMED_ACKNOWLEDGE_ALARM,
      "09 01 1C 00 00 00 09 29 03 3E 19 10 3F 4C 00 4D 44 4C 5E " GOOD_STAMP " 5F", WITH_ERROR },
};

static void what_the_types_forbid_is_answered_as_the_table_says(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    for (size_t i = 0; i < BAS_ARRAY_LEN(BAD_REQUESTS); i++) {
        const struct bad_request *bad = &BAD_REQUESTS[i];
        const struct good_request row = { bad->service, bad->parameters };
        if (!is_served(&row)) {
            continue;
        }
        struct bac_apdu answer = request_ask(&f, bad->service, test_hex(bad->parameters));
        if (answer.type != bad->type || answer.reason != bad->reason) {
            fail_msg("service %u, %s: type %u, reason %u", (unsigned)bad->service, bad->parameters,
                     (unsigned)answer.type, (unsigned)answer.reason);
        }
    }
    fixture_close(&f);
}

/* As many elements as a request of 60,000 octets holds. */
static void a_list_that_is_too_long_is_rejected(void **state)
{
    (void)state;
    static const struct {
        uint8_t service;
        const char *before, *element, *behind;
    } rows[] = {
        { BAC_CONFIRMED_READ_PROPERTY_MULTIPLE, "0C 00 00 00 01 1E", "09 55", "1F" },
        { BAC_CONFIRMED_READ_PROPERTY_MULTIPLE, "", "0C 00 00 00 01 1E 09 55 1F", "" },
        { BAC_CONFIRMED_WRITE_PROPERTY_MULTIPLE, "0C 00 80 00 01 1E", "09 55 2E 10 2F", "1F" },
        { BAC_CONFIRMED_CREATE_OBJECT, "0E 09 02 0F 1E", "09 55 2E 10 2F", "1F" },
        { BAC_CONFIRMED_COV_NOTIFICATION, "09 12 1C 02 00 00 04 2C 00 00 00 0A 39 00 4E",
          "09 55 2E 10 2F", "4F" },
        { BAC_CONFIRMED_VT_CLOSE, "", "21 1D", "" },
    };
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    static uint8_t memory[60000];
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_slice before = test_hex(rows[i].before);
        struct bas_slice element = test_hex(rows[i].element);
        struct bas_slice behind = test_hex(rows[i].behind);
        struct bas_buf b;
        bas_buf_init(&b, memory, sizeof(memory));
        bas_buf_add(&b, before.data, before.len);
        while (b.cap - b.len >= element.len + behind.len) {
            bas_buf_add(&b, element.data, element.len);
        }
        bas_buf_add(&b, behind.data, behind.len);
        struct bac_apdu answer =
            request_ask(&f, rows[i].service, (struct bas_slice){ b.data, b.len });
        assert_int_equal(answer.type, BAC_PDU_REJECT);
        assert_int_equal(answer.reason, BAC_REJECT_TOO_MANY_ARGUMENTS);
    }
    fixture_close(&f);
}

/* One octet another, one away, one more, or a piece twice. */
static size_t damage(struct test_env *t, uint8_t *octets, size_t len, size_t cap)
{
    size_t at = len == 0 ? 0 : bac_random_below(t, len);
    uint8_t octet = (uint8_t)bac_random_number(t);
    switch (bac_random_below(t, 4)) {
    case 0:
        if (len != 0) {
            octets[at] = octet;
        }
        return len;
    case 1:
        if (len != 0) {
            memmove(octets + at, octets + at + 1, len - at - 1);
            len--;
        }
        return len;
    case 2:
        if (len < cap) {
            memmove(octets + at + 1, octets + at, len - at);
            octets[at] = octet;
            len++;
        }
        return len;
    default:
        if (len != 0 && len + 8 <= cap) {
            size_t n = at + 8 <= len ? 8 : len - at;
            memmove(octets + at + n, octets + at, len - at);
            len += n;
        }
        return len;
    }
}

enum { ROUNDS = 300, MOST_ALLOCATIONS = 8 };

static void damaged_requests_get_one_answer_each_for_little_memory(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD_REQUESTS); i++) {
        struct bas_slice whole = parameters_of(&GOOD_REQUESTS[i]);
        for (unsigned round = 0; round < ROUNDS; round++) {
            uint8_t memory[512];
            memcpy(memory, whole.data, whole.len);
            size_t len = whole.len;
            for (size_t n = 1 + bac_random_below(&f.t, 4); n > 0; n--) {
                len = damage(&f.t, memory, len, sizeof(memory));
            }
            size_t before = f.t.allocations;
            (void)request_ask(&f, GOOD_REQUESTS[i].service, (struct bas_slice){ memory, len });
            assert_true(f.t.allocations - before <= MOST_ALLOCATIONS);
        }
    }
    fixture_close(&f);
}

/* Nothing half done remains, and nothing leaks. */
static void memory_that_fails_leaves_every_service_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(GOOD_REQUESTS); i++) {
        bool is_done = false;
        for (size_t k = 1; !is_done; k++) {
            struct fixture f;
            struct list_program p = { 0 };
            request_open(&f, &p);
            f.t.allocations = 0;
            f.t.fail_at = k;
            uint8_t memory[256];
            struct bas_buf out;
            bas_buf_init(&out, memory, sizeof(memory));
            struct bas_slice whole = parameters_of(&GOOD_REQUESTS[i]);
            (void)fixture_send(&f, request_of(GOOD_REQUESTS[i].service, whole, &out));
            is_done = f.t.allocations < k;
            f.t.fail_at = 0;
            struct bac_apdu_tx tx;
            while (bac_server_next_tx(f.server, &tx)) {
                bas_frame_unref(tx.frame);
            }
            (void)request_ask(&f, GOOD_REQUESTS[i].service, whole); /* it still answers */
            fixture_close(&f);
        }
    }
}

/* An unconfirmed request: I-Am or I-Have come back, or nothing. */
static void tell(struct fixture *f, uint8_t service, struct bas_slice parameters)
{
    static uint8_t memory[70000];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    const uint8_t head[] = { 0x10, service };
    bas_buf_add(&out, head, sizeof(head));
    bas_buf_add(&out, parameters.data, parameters.len);
    (void)fixture_send(f, (struct bas_slice){ out.data, out.len });
    struct bac_apdu_tx tx;
    size_t n = 0;
    for (; bac_server_next_tx(f->server, &tx); n++) {
        assert_int_equal(bas_frame_slice(tx.frame).data[0], 0x10);
        bas_frame_unref(tx.frame);
    }
    assert_true(n == 0 || (n == 1 && (service == BAC_UNCONFIRMED_WHO_IS ||
                                      service == BAC_UNCONFIRMED_WHO_HAS)));
}

/* Whatever a type can say, of every service that we know. */
static void random_requests_get_one_answer_each_and_unconfirmed_ones_none(void **state)
{
    (void)state;
    struct fixture f;
    struct list_program p = { 0 };
    request_open(&f, &p);
    size_t n = 0;
    const struct bac_service *services = bac_services(&n);
    for (size_t i = 0; i < n; i++) {
        for (unsigned round = 0; round < ROUNDS && services[i].request != NULL; round++) {
            static uint8_t memory[65536];
            static uint8_t octets[60000];
            _Alignas(16) uint8_t value[4096];
            struct bac_arena arena;
            bac_arena_init(&arena, memory, sizeof(memory));
            memset(value, 0, sizeof(value));
            bac_random(&f.t, services[i].request, value, &arena);
            struct bas_buf out;
            bas_buf_init(&out, octets, sizeof(octets));
            assert_int_equal(bac_encode(services[i].request, value, BAC_APPLICATION, &out), BAS_OK);
            struct bas_slice parameters = { out.data, out.len };
            if (services[i].confirmed) {
                (void)request_ask(&f, services[i].choice, parameters);
            } else {
                tell(&f, services[i].choice, parameters);
            }
        }
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_service_that_is_executed_has_a_good_request_here),
        cmocka_unit_test(an_unknown_service_is_rejected_and_a_broadcast_one_ignored),
        cmocka_unit_test(a_truncated_request_is_rejected),
        cmocka_unit_test(a_parameter_too_many_is_rejected),
        cmocka_unit_test(a_missing_parameter_is_rejected),
        cmocka_unit_test(a_wrong_tag_is_rejected),
        cmocka_unit_test(what_the_types_forbid_is_answered_as_the_table_says),
        cmocka_unit_test(a_list_that_is_too_long_is_rejected),
        cmocka_unit_test(damaged_requests_get_one_answer_each_for_little_memory),
        cmocka_unit_test(memory_that_fails_leaves_every_service_in_order),
        cmocka_unit_test(random_requests_get_one_answer_each_and_unconfirmed_ones_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
