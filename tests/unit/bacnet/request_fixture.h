/*
 * A device that executes everything: its objects, a list in the program's memory, and a hook for
 * each service that is the program's; and a good request of every service, shaped as in Annex F.
 * For tests of bad input.
 */
#ifndef BASALT_TEST_REQUEST_FIXTURE_H
#define BASALT_TEST_REQUEST_FIXTURE_H

#include "list_fixture.h"

struct good_request {
    uint8_t service;
    const char *parameters;
};

#define GOOD_STAMP    "2E A4 5C 06 15 FF B4 0D 03 29 09 2F"
#define GOOD_VALUES   "4E 09 55 2E 44 42 82 00 00 2F 09 6F 2E 82 04 00 2F 4F"
#define GOOD_NOTIFIED "09 12 1C 02 00 00 04 2C 00 00 00 0A 39 00 " GOOD_VALUES

static const struct good_request GOOD_REQUESTS[] = {
    { BAC_CONFIRMED_ACKNOWLEDGE_ALARM,
      "09 01 1C 00 00 00 01 29 03 3E 19 10 3F 4C 00 4D 44 4C 5E " GOOD_STAMP " 5F" },
    { BAC_CONFIRMED_COV_NOTIFICATION, GOOD_NOTIFIED },
    { BAC_CONFIRMED_EVENT_NOTIFICATION,
      "09 01 1C 02 00 00 04 2C 00 00 00 02 3E 19 10 3F 49 04 59 64 69 05 89 00 99 01 A9 00 B9 03 "
      "CE 5E 0C 42 A0 33 33 1A 04 80 2C 3F 80 00 00 3C 42 A0 00 00 5F CF" },
    { BAC_CONFIRMED_GET_ALARM_SUMMARY, "" },
    { BAC_CONFIRMED_GET_ENROLLMENT_SUMMARY, "09 01 4E 09 06 19 0A 4F" },
    { BAC_CONFIRMED_SUBSCRIBE_COV, "09 12 1C 00 00 00 01 29 01 39 00" },
    { BAC_CONFIRMED_ATOMIC_READ_FILE, "C4 02 80 00 01 0E 31 00 21 0A 0F" },
    { BAC_CONFIRMED_ATOMIC_WRITE_FILE,
      "C4 02 80 00 02 1E 31 FF 21 02 64 4C 69 6E 65 63 45 6E 64 1F" },
    { BAC_CONFIRMED_ADD_LIST_ELEMENT, "0C 0E 00 00 01 1A 01 AC 3E 09 07 19 0C 29 00 3F" },
    { BAC_CONFIRMED_REMOVE_LIST_ELEMENT, "0C 0E 00 00 01 1A 01 AC 3E 09 01 19 0C 29 00 3F" },
    { BAC_CONFIRMED_CREATE_OBJECT, "0E 09 02 0F 1E 09 4D 2E 75 06 00 53 70 61 72 65 2F 1F" },
    { BAC_CONFIRMED_DELETE_OBJECT, "C4 00 80 00 01" },
    { BAC_CONFIRMED_READ_PROPERTY, "0C 00 00 00 01 19 55" },
    { BAC_CONFIRMED_READ_PROPERTY_MULTIPLE,
      "0C 00 00 00 01 1E 09 55 09 67 1F 0C 02 00 04 D2 1E 09 4C 19 00 1F" },
    { BAC_CONFIRMED_WRITE_PROPERTY, "0C 00 40 00 01 19 55 3E 44 42 34 00 00 3F 49 08" },
    { BAC_CONFIRMED_WRITE_PROPERTY_MULTIPLE,
      "0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F 1F 0C 00 40 00 01 1E 09 55 2E 44 42 34 00 00 "
      "2F 39 08 1F" },
    { BAC_CONFIRMED_DEVICE_COMMUNICATION_CONTROL, "09 05 19 02 2D 08 00 23 65 67 62 64 66 21" },
    { BAC_CONFIRMED_PRIVATE_TRANSFER, "09 19 19 08 2E 44 42 90 CC CD 62 16 49 2F" },
    { BAC_CONFIRMED_TEXT_MESSAGE,
      "0C 02 00 00 05 1E 09 05 1F 29 00 3D 0C 00 50 55 4D 50 20 46 41 49 4C 45 44" },
    { BAC_CONFIRMED_REINITIALIZE_DEVICE, "09 01 1D 08 00 23 65 67 62 64 66 21" },
    { BAC_CONFIRMED_VT_OPEN, "91 01 21 05" },
    { BAC_CONFIRMED_VT_CLOSE, "21 1D" },
    { BAC_CONFIRMED_VT_DATA, "21 05 65 0A 46 52 45 44 0D 0D 45 6E 74 65 21 00" },
    { BAC_CONFIRMED_READ_RANGE, "0C 0E 00 00 01 1A 01 AC 3E 21 02 31 04 3F" },
    { BAC_CONFIRMED_LIFE_SAFETY_OPERATION, "09 12 1C 00 4D 44 4C 29 04 3C 05 40 00 01" },
    { BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY,
      "09 12 1C 00 00 00 01 29 01 39 3C 4E 09 55 4F 5C 3F 80 00 00" },
    { BAC_CONFIRMED_GET_EVENT_INFORMATION, "0C 00 00 00 01" },
    { BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY_MULTIPLE,
      "09 12 19 01 29 3C 39 05 4E 0C 00 00 00 01 1E 0E 09 55 0F 1C 3F 80 00 00 29 01 1F 4F" },
    { BAC_CONFIRMED_COV_NOTIFICATION_MULTIPLE,
      "09 12 1C 02 00 00 04 29 1B 4E 0C 00 00 00 0A 1E 09 55 2E 44 42 82 00 00 2F 1F 4F" },
    { BAC_CONFIRMED_AUDIT_NOTIFICATION,
      "0E 2E 0C 02 00 00 04 2F 49 01 AE 0C 02 00 04 D2 AF BC 00 80 00 01 0F" },
    { BAC_CONFIRMED_AUDIT_LOG_QUERY, "0C 0F 40 00 01 1E 0E 0C 02 00 04 D2 79 00 0F 1F 39 0A" },
};

static bas_err request_hook(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                            struct bas_fault *fault)
{
    (void)ctx;
    (void)request;
    (void)out;
    (void)fault;
    return BAS_OK;
}

static const struct bac_service_hook REQUEST_HOOKS[] = {
    { BAC_CONFIRMED_COV_NOTIFICATION, true, request_hook, NULL },
    { BAC_CONFIRMED_EVENT_NOTIFICATION, true, request_hook, NULL },
    { BAC_CONFIRMED_PRIVATE_TRANSFER, true, request_hook, NULL },
    { BAC_CONFIRMED_TEXT_MESSAGE, true, request_hook, NULL },
    { BAC_CONFIRMED_VT_OPEN, true, request_hook, NULL },
    { BAC_CONFIRMED_VT_CLOSE, true, request_hook, NULL },
    { BAC_CONFIRMED_VT_DATA, true, request_hook, NULL },
    { BAC_CONFIRMED_LIFE_SAFETY_OPERATION, true, request_hook, NULL },
    { BAC_CONFIRMED_COV_NOTIFICATION_MULTIPLE, true, request_hook, NULL },
    { BAC_CONFIRMED_AUDIT_NOTIFICATION, true, request_hook, NULL },
    { BAC_CONFIRMED_AUDIT_LOG_QUERY, true, request_hook, NULL },
    { BAC_UNCONFIRMED_COV_NOTIFICATION, false, request_hook, NULL },
    { BAC_UNCONFIRMED_EVENT_NOTIFICATION, false, request_hook, NULL },
    { BAC_UNCONFIRMED_PRIVATE_TRANSFER, false, request_hook, NULL },
    { BAC_UNCONFIRMED_TEXT_MESSAGE, false, request_hook, NULL },
    { BAC_UNCONFIRMED_WRITE_GROUP, false, request_hook, NULL },
    { BAC_UNCONFIRMED_COV_NOTIFICATION_MULTIPLE, false, request_hook, NULL },
    { BAC_UNCONFIRMED_AUDIT_NOTIFICATION, false, request_hook, NULL },
    { BAC_UNCONFIRMED_WHO_AM_I, false, request_hook, NULL },
    { BAC_UNCONFIRMED_YOU_ARE, false, request_hook, NULL },
};

/* The objects of fixture_config with that list at the Network Port, two files, and room for 8 more
 * objects. */
static inline void request_open(struct fixture *f, struct list_program *p)
{
    list_fill(p, 10);
    const struct bac_property_config property = {
        .property = BAC_PROPERTY_ROUTING_TABLE, .get = list_get, .set = list_set, .ctx = p
    };
    static const struct bac_file_config stream = { .content = { (const uint8_t *)"0123456789", 10 },
                                                   .max_size = 4096 };
    static const struct bac_file_config records = { .by_record = true, .max_size = 4096 };
    enum { FILES = BAS_ARRAY_LEN(FIXTURE_OBJECTS) };
    struct bac_object_config objects[FILES + 2] = {
        [FILES] = { .type = BAC_OBJECT_FILE, .instance = 1, .name = "Stream", .file = &stream },
        [FILES + 1] = { .type = BAC_OBJECT_FILE, .instance = 2, .name = "Lines", .file = &records },
    };
    memcpy(objects, FIXTURE_OBJECTS, sizeof(FIXTURE_OBJECTS));
    for (size_t i = 0; i < FILES; i++) {
        if (objects[i].type == BAC_OBJECT_NETWORK_PORT) {
            objects[i].properties = &property;
            objects[i].n_properties = 1;
        }
    }
    struct bac_server_config config = fixture_config();
    config.objects = objects;
    config.n_objects = BAS_ARRAY_LEN(objects);
    config.max_created = 8;
    config.hooks = REQUEST_HOOKS;
    config.n_hooks = BAS_ARRAY_LEN(REQUEST_HOOKS);
    fixture_open_with(f, &config);
}

/* Octets of a confirmed request in memory. */
static inline struct bas_slice request_of(uint8_t service, struct bas_slice parameters,
                                          struct bas_buf *out)
{
    const uint8_t head[] = { 0x00, 0x05, 0x07, service };
    out->len = 0;
    out->full = false;
    bas_buf_add(out, head, sizeof(head));
    if (parameters.len != 0) {
        bas_buf_add(out, parameters.data, parameters.len);
    }
    assert_false(out->full);
    return (struct bas_slice){ out->data, out->len };
}

/* Asks, and gives the one answer that comes back. */
static inline struct bac_apdu request_ask(struct fixture *f, uint8_t service,
                                          struct bas_slice parameters)
{
    static uint8_t memory[70000];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    (void)fixture_send(f, request_of(service, parameters, &out));
    struct bac_server_event e;
    while (bac_server_next_event(f->server, &e)) {
    }
    struct bac_apdu_tx tx;
    if (!bac_server_next_tx(f->server, &tx)) {
        fail_msg("no answer to service %u", (unsigned)service);
    }
    struct bac_apdu answer;
    assert_int_equal(bac_apdu_decode(bas_frame_slice(tx.frame), &answer, NULL), BAS_OK);
    assert_int_equal(answer.invoke_id, 7);
    assert_true(answer.type == BAC_PDU_SIMPLE_ACK || answer.type == BAC_PDU_COMPLEX_ACK ||
                answer.type == BAC_PDU_ERROR || answer.type == BAC_PDU_REJECT ||
                answer.type == BAC_PDU_ABORT);
    answer.body = (struct bas_slice){ NULL, 0 }; /* it goes with the frame */
    bas_frame_unref(tx.frame);
    assert_false(bac_server_next_tx(f->server, &tx));
    return answer;
}

#endif
