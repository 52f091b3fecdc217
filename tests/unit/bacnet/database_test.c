/* The objects of a device: what a configuration may say, and what the rows promise (database.c,
 * build.c). */
#include "object_fixture.h"

#include "bacnet/object.h"
#include "bacnet/server/server.h"

#include <stdio.h>

static void expect_refused(const struct bac_server_config *config, bas_err err, const char *why)
{
    struct test_env t;
    test_env_init(&t);
    struct bas_fault fault = { 0 };
    assert_null(bac_server_new(&t.env, config, &fault));
    assert_int_equal(fault.err, err);
    if (strstr(fault.text, why) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fault.text, why);
    }
    test_env_check(&t);
}

static void expect_object_refused(struct bac_object_config object, const char *why)
{
    struct bac_server_config config = fixture_config();
    config.objects = &object;
    config.n_objects = 1;
    expect_refused(&config, BAS_ERR_INVALID, why);
}

static bas_err read(struct fixture *f, struct bac_object_id object, uint32_t property,
                    uint32_t index, struct bas_buf *out, struct bas_fault *fault)
{
    struct bac_read_property what = {
        .object = object, .property = property, .has_index = index != BAC_NO_INDEX, .index = index
    };
    return bac_server_read(f->server, &what, out, fault);
}

static void a_wrong_object_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const char *const two[] = { "a", NULL };
    static const struct bac_property_config unknown[] = { { .property = 9999 } };
    static const struct bac_property_config own[] = { { .property = BAC_PROPERTY_OBJECT_NAME } };
    static const struct bac_property_config kind[] = { { .property = BAC_PROPERTY_RESOLUTION,
                                                         .value = { .tag = BAC_TAG_UNSIGNED } } };
    static const struct bac_property_config array[] = {
        { .property = BAC_PROPERTY_ISSUER_CERTIFICATE_FILES,
          .value = { .tag = BAC_TAG_OBJECT_IDENTIFIER } }
    };
    static const uint8_t many[600];
    static const struct bac_property_config long_text[] = {
        { .property = BAC_PROPERTY_DEVICE_TYPE,
          .value = { .tag = BAC_TAG_CHARACTER_STRING, .as.text = { 0, { many, 600 } } } }
    };
    char long_name[300];
    memset(long_name, 'x', sizeof(long_name));
    long_name[sizeof(long_name) - 1] = 0;
    const struct {
        struct bac_object_config config;
        const char *why;
    } rows[] = {
        { { .type = BAC_OBJECT_LOOP, .name = "x" }, "not supported" },
        { { .type = BAC_OBJECT_ANALOG_INPUT }, "needs a name" },
        { { .type = BAC_OBJECT_ANALOG_INPUT, .name = "" }, "needs a name" },
        { { .type = BAC_OBJECT_ANALOG_INPUT, .name = long_name }, "255" },
        { { .type = BAC_OBJECT_ANALOG_INPUT, .name = "x", .description = long_name }, "255" },
        { { .type = BAC_OBJECT_ANALOG_INPUT, .name = "x", .instance = 4194303 }, "4194302" },
        { { .type = BAC_OBJECT_DEVICE, .name = "x" }, "Device" },
        { { .type = BAC_OBJECT_ANALOG_VALUE, .name = "x", .has_range = true, .min = 1 }, "min" },
        { { .type = BAC_OBJECT_ANALOG_VALUE, .name = "x", .cov_increment = -1 }, "cov" },
        { { .type = BAC_OBJECT_ANALOG_VALUE,
            .name = "x",
            .has_range = true,
            .max = 1,
            .initial = { .tag = BAC_TAG_REAL, .as.real = 2 } },
          "initial" },
        { { .type = BAC_OBJECT_ANALOG_VALUE, .name = "x", .initial = { .tag = BAC_TAG_UNSIGNED } },
          "initial" },
        { { .type = BAC_OBJECT_BINARY_VALUE, .name = "x", .active_text = "on" }, "together" },
        { { .type = BAC_OBJECT_MULTI_STATE_VALUE, .name = "x" }, "n_states" },
        { { .type = BAC_OBJECT_MULTI_STATE_VALUE, .name = "x", .n_states = 2, .state_text = two },
          "state text" },
        { { .type = BAC_OBJECT_ANALOG_INPUT,
            .name = "x",
            .properties = unknown,
            .n_properties = 1 },
          "does not take" },
        { { .type = BAC_OBJECT_ANALOG_INPUT, .name = "x", .properties = own, .n_properties = 1 },
          "does not take" },
        { { .type = BAC_OBJECT_NETWORK_PORT, .name = "x", .properties = array, .n_properties = 1 },
          "data type" },
        { { .type = BAC_OBJECT_ANALOG_INPUT,
            .name = "x",
            .properties = long_text,
            .n_properties = 1 },
          "too long" },
        { { .type = BAC_OBJECT_ANALOG_INPUT, .name = "x", .properties = kind, .n_properties = 1 },
          "data type" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        expect_object_refused(rows[i].config, rows[i].why);
    }
}

static void names_and_identifiers_are_unique_in_the_device(void **state)
{
    (void)state;
    struct bac_object_config two[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .name = "a" },
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .name = "b" },
    };
    struct bac_server_config config = fixture_config();
    config.objects = two;
    config.n_objects = 2;
    expect_refused(&config, BAS_ERR_EXISTS, "identifier of analog-input,1");
    two[1].instance = 2;
    two[1].name = "a";
    expect_refused(&config, BAS_ERR_EXISTS, "name of analog-input");
    two[1].name = "Device";
    expect_refused(&config, BAS_ERR_EXISTS, "name of");
    config.object_size = 0;
    expect_refused(&config, BAS_ERR_INVALID, "object_size");
    config = fixture_config();
    config.max_apdu = 49;
    expect_refused(&config, BAS_ERR_INVALID, "max_apdu");
    config = fixture_config();
    config.name = NULL;
    expect_refused(&config, BAS_ERR_INVALID, "name");
    config = fixture_config();
    config.instance = 4194303;
    expect_refused(&config, BAS_ERR_INVALID, "4194302");
}

static void texts_and_values_of_the_configuration_are_copied(void **state)
{
    (void)state;
    struct fixture f;
    char name[] = "Pump";
    char state_name[] = "slow";
    char uri[] = "wss://a";
    const char *states[] = { state_name };
    struct bac_property_config property = {
        .property = BAC_PROPERTY_DEVICE_TYPE,
        .value = { .tag = BAC_TAG_CHARACTER_STRING, .as.text = { 0, { (const uint8_t *)uri, 7 } } },
    };
    struct bac_object_config object = { .type = BAC_OBJECT_MULTI_STATE_INPUT,
                                        .name = name,
                                        .n_states = 1,
                                        .state_text = states,
                                        .properties = &property,
                                        .n_properties = 1 };
    struct bac_server_config config = fixture_config();
    config.objects = &object;
    config.n_objects = 1;
    fixture_open_with(&f, &config);
    memset(name, '-', 4);
    memset(state_name, '-', 4);
    memset(uri, '-', 7);
    memset(&property, 0xFF, sizeof(property));
    fixture_expect(&f, "00 05 07 0C 0C 03 40 00 00 19 4D",
                   "30 07 0C 0C 03 40 00 00 19 4D 3E 75 05 00 50 75 6D 70 3F");
    fixture_expect(&f, "00 05 07 0C 0C 03 40 00 00 19 6E 29 01",
                   "30 07 0C 0C 03 40 00 00 19 6E 29 01 3E 75 05 00 73 6C 6F 77 3F");
    fixture_expect(&f, "00 05 07 0C 0C 03 40 00 00 19 1F",
                   "30 07 0C 0C 03 40 00 00 19 1F 3E 75 08 00 77 73 73 3A 2F 2F 61 3F");
    fixture_close(&f);
}

static void a_configuration_of_an_older_program_has_the_new_members_at_zero(void **state)
{
    (void)state;
    struct fixture f;
    struct bac_server_config config = fixture_config();
    config.n_objects = 0;
    config.objects = NULL;
    config.size = offsetof(struct bac_server_config, database_revision);
    fixture_open_with(&f, &config);
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 19 9B",
                   "30 07 0C 0C 02 00 04 D2 19 9B 3E 21 00 3F");
    fixture_close(&f);
}

static void properties_of_a_port_come_from_constants_and_getters(void **state)
{
    (void)state;
    static const struct {
        const char *request, *answer;
    } rows[] = {
        { "00 05 07 0C 0C 0E 00 00 01 1A 01 A7", /* MAC_Address */
          "30 07 0C 0C 0E 00 00 01 1A 01 A7 3E 65 06 A2 0B 0C 0D 0E 0F 3F" },
        { "00 05 07 0C 0C 0E 00 00 01 1B 40 00 0E", /* SC_Hub_Connector_State */
          "30 07 0C 0C 0E 00 00 01 1B 40 00 0E 3E 91 01 3F" },
        { "00 05 07 0C 0C 0E 00 00 01 1B 40 00 15", /* SC_Primary_Hub_URI */
          "30 07 0C 0C 0E 00 00 01 1B 40 00 15 3E 75 0A 00 77 73 73 3A 2F 2F 68 75 62 3F" },
        { "00 05 07 0C 0C 0E 00 00 01 1B 40 00 00",
          "30 07 0C 0C 0E 00 00 01 1B 40 00 00 3E 22 06 40 3F" },
        { "00 05 07 0C 0C 0E 00 00 01 1A 01 AB", /* Network_Type: secure-connect */
          "30 07 0C 0C 0E 00 00 01 1A 01 AB 3E 91 0B 3F" },
        { "00 05 07 0C 0C 0E 00 00 01 1B 40 00 06 29 00", /* an array behind a getter */
          "30 07 0C 0C 0E 00 00 01 1B 40 00 06 29 00 3E 21 01 3F" },
        { "00 05 07 0C 0C 0E 00 00 01 1B 40 00 06 29 01",
          "30 07 0C 0C 0E 00 00 01 1B 40 00 06 29 01 3E 75 0B 00 77 73 73 3A 2F 2F 78 2F 64 63 "
          "3F" },
        { "00 05 07 0C 0C 0E 00 00 01 1B 40 00 06 29 02", "50 07 0C 91 02 91 2A" },
        { "00 05 07 0C 0C 0E 00 00 01 1B 40 00 0E 29 01", "50 07 0C 91 02 91 32" },
        { "00 05 07 0C 0C 0E 00 00 01 1B 40 00 0D", "50 07 0C 91 02 91 20" }, /* not given */
        { "00 05 07 0F 0C 0E 00 00 01 1B 40 00 15 3E 75 02 00 41 3F", "50 07 0F 91 02 91 28" },
    };
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        fixture_expect(&f, rows[i].request, rows[i].answer);
    }
    fixture_close(&f);
}

/* The rows */

static void no_object_type_names_a_property_twice(void **state)
{
    (void)state;
    size_t n = 0;
    const struct bac_object_class *const *classes = bac_classes(&n);
    for (size_t c = 0; c < n; c++) {
        for (size_t i = 0; i < classes[c]->n_rows; i++) {
            for (size_t k = 0; k < i; k++) {
                assert_int_not_equal(classes[c]->rows[i].property, classes[c]->rows[k].property);
            }
        }
    }
}

static void every_row_is_whole(void **state)
{
    (void)state;
    size_t n = 0;
    const struct bac_object_class *const *classes = bac_classes(&n);
    for (size_t c = 0; c < n; c++) {
        assert_ptr_equal(bac_class_of(classes[c]->number), classes[c]);
        for (size_t i = 0; i < classes[c]->n_rows; i++) {
            const struct bac_property_row *row = &classes[c]->rows[i];
            assert_non_null(row->type);
            assert_non_null(bac_property_name(row->property));
            bool is_ours = row->get != NULL || row->add != NULL;
            assert_false(row->get != NULL && row->add != NULL);
            bool is_counted = row->shape != BAC_SHAPE_SCALAR && is_ours;
            assert_int_equal(row->count != NULL, is_counted);
            assert_false(row->has != NULL && !is_ours);
            assert_false(row->set != NULL && !is_ours);
            assert_false(row->may != NULL && row->set == NULL);
            const struct bac_type *known = bac_property_type(classes[c]->number, row->property);
            if (known != NULL && known->kind != row->type->kind) {
                fail_msg("%s is %s, its row says %s", bac_property_name(row->property), known->name,
                         row->type->name);
            }
        }
    }
}

/* What clause 12 requires of each type, by number. */
static void every_type_has_the_properties_that_the_standard_requires(void **state)
{
    (void)state;
    enum { END = 0xFFFFFF };
    static const uint32_t all[] = { 75, 77, 79, 371, END };
    static const uint32_t points[] = { 85, 111, 36, 81, END };
    static const uint32_t value[] = { 85, 111, END };
    static const uint32_t file[] = { 43, 42, 71, 13, 99, 41, END };
    static const uint32_t notification[] = { 17, 86, 1, 102, END };
    static const uint32_t view[] = { 208, 211, END };
    static const uint32_t device[] = { 112, 121, 120, 70,  44, 12, 98, 139, 97,
                                       96,  76,  62,  107, 11, 73, 30, 155, END };
    static const uint32_t port[] = { 111, 103, 81, 427, 482, 425, 426, 416, 399, END };
    static const struct {
        uint16_t type;
        const uint32_t *properties;
        uint32_t more[3];
    } rows[] = {
        { BAC_OBJECT_ANALOG_INPUT, points, { 117, END } },
        { BAC_OBJECT_ANALOG_OUTPUT, points, { 117, 87, 104 } },
        { BAC_OBJECT_ANALOG_VALUE, points, { 117, END } },
        { BAC_OBJECT_BINARY_INPUT, points, { 84, END } },
        { BAC_OBJECT_BINARY_OUTPUT, points, { 84, 87, 104 } },
        { BAC_OBJECT_BINARY_VALUE, points, { END } },
        { BAC_OBJECT_MULTI_STATE_INPUT, points, { 74, END } },
        { BAC_OBJECT_MULTI_STATE_OUTPUT, points, { 74, 87, 104 } },
        { BAC_OBJECT_MULTI_STATE_VALUE, points, { 74, END } },
        { BAC_OBJECT_LARGE_ANALOG_VALUE, value, { 117, END } },
        { BAC_OBJECT_INTEGER_VALUE, value, { 117, END } },
        { BAC_OBJECT_POSITIVE_INTEGER_VALUE, value, { 117, END } },
        { BAC_OBJECT_CHARACTERSTRING_VALUE, value, { END } },
        { BAC_OBJECT_OCTETSTRING_VALUE, value, { END } },
        { BAC_OBJECT_BITSTRING_VALUE, value, { END } },
        { BAC_OBJECT_DATE_VALUE, value, { END } },
        { BAC_OBJECT_TIME_VALUE, value, { END } },
        { BAC_OBJECT_DATETIME_VALUE, value, { END } },
        { BAC_OBJECT_DATE_PATTERN_VALUE, value, { END } },
        { BAC_OBJECT_DATETIME_PATTERN_VALUE, value, { END } },
        { BAC_OBJECT_TIME_PATTERN_VALUE, value, { END } },
        { BAC_OBJECT_FILE, file, { END } },
        { BAC_OBJECT_NOTIFICATION_CLASS, notification, { END } },
        { BAC_OBJECT_STRUCTURED_VIEW, view, { END } },
        { BAC_OBJECT_DEVICE, device, { END } },
        { BAC_OBJECT_NETWORK_PORT, port, { END } },
    };
    struct fixture f;
    every_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bac_object_id id = { rows[i].type, rows[i].type == BAC_OBJECT_DEVICE ? 1234 : 1 };
        const uint32_t *const lists[] = { all, rows[i].properties, rows[i].more };
        for (size_t l = 0; l < 3; l++) {
            for (size_t k = 0; lists[l][k] != END && (l < 2 || k < 3); k++) {
                uint8_t memory[256];
                struct bas_buf out;
                bas_buf_init(&out, memory, sizeof(memory));
                struct bas_fault fault = { 0 };
                bas_err err = read(&f, id, lists[l][k], BAC_NO_INDEX, &out, &fault);
                if (err != BAS_OK) {
                    fail_msg("%s", fault.text);
                }
            }
        }
    }
    size_t n = 0;
    (void)bac_classes(&n);
    assert_int_equal(BAS_ARRAY_LEN(rows), n); /* none was forgotten */
    fixture_close(&f);
}

/* Spec 9.1: identifier, data type, shape. */
static void a_port_has_every_property_of_bacnet_sc(void **state)
{
    (void)state;
    static const struct {
        uint32_t property;
        const struct bac_type *type;
        enum bac_shape shape;
    } rows[] = {
        { 4194304, &bac_type_unsigned, BAC_SHAPE_SCALAR },
        { 4194305, &bac_type_unsigned, BAC_SHAPE_SCALAR },
        { 4194306, &bac_type_object_id, BAC_SHAPE_SCALAR },
        { 4194307, &bac_type_health, BAC_SHAPE_SCALAR },
        { 4194308, &bac_type_unsigned, BAC_SHAPE_SCALAR },
        { 4194309, &bac_type_boolean, BAC_SHAPE_SCALAR },
        { 4194310, &bac_type_character_string, BAC_SHAPE_ARRAY },
        { 4194311, &bac_type_character_string, BAC_SHAPE_SCALAR },
        { 4194312, &bac_type_sc_direct_connection, BAC_SHAPE_LIST },
        { 4194313, &bac_type_boolean, BAC_SHAPE_SCALAR },
        { 4194314, &bac_type_unsigned, BAC_SHAPE_SCALAR },
        { 4194315, &bac_type_sc_failed_connection_request, BAC_SHAPE_LIST },
        { 4194316, &bac_type_sc_hub_connection, BAC_SHAPE_SCALAR },
        { 4194317, &bac_type_character_string, BAC_SHAPE_SCALAR },
        { 4194318, &bac_type_sc_hub_connector_state, BAC_SHAPE_SCALAR },
        { 4194319, &bac_type_character_string, BAC_SHAPE_ARRAY },
        { 4194320, &bac_type_character_string, BAC_SHAPE_SCALAR },
        { 4194321, &bac_type_sc_hub_function_connection, BAC_SHAPE_LIST },
        { 4194322, &bac_type_boolean, BAC_SHAPE_SCALAR },
        { 4194323, &bac_type_unsigned, BAC_SHAPE_SCALAR },
        { 4194324, &bac_type_sc_hub_connection, BAC_SHAPE_SCALAR },
        { 4194325, &bac_type_character_string, BAC_SHAPE_SCALAR },
        { 4194326, &bac_type_unsigned, BAC_SHAPE_SCALAR },
        { 4194327, &bac_type_unsigned, BAC_SHAPE_SCALAR },
        { 509, &bac_type_object_id, BAC_SHAPE_SCALAR },
        { 510, &bac_type_health, BAC_SHAPE_SCALAR },
        { 511, &bac_type_object_id, BAC_SHAPE_ARRAY },
        { 399, &bac_type_unsigned, BAC_SHAPE_SCALAR },
        { 416, &bac_type_boolean, BAC_SHAPE_SCALAR },
        { 417, &bac_type_network_port_command, BAC_SHAPE_SCALAR },
        { 423, &bac_type_octet_string, BAC_SHAPE_SCALAR },
        { 425, &bac_type_unsigned16, BAC_SHAPE_SCALAR },
        { 426, &bac_type_network_number_quality, BAC_SHAPE_SCALAR },
        { 427, &bac_type_network_type, BAC_SHAPE_SCALAR },
        { 428, &bac_type_router_entry, BAC_SHAPE_LIST },
        { 482, &bac_type_protocol_level, BAC_SHAPE_SCALAR },
        { 483, &bac_type_unsigned, BAC_SHAPE_SCALAR },
    };
    const struct bac_object_class *class = bac_class_of(BAC_OBJECT_NETWORK_PORT);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct bac_property_row *found = NULL;
        for (size_t k = 0; k < class->n_rows; k++) {
            found = class->rows[k].property == rows[i].property ? &class->rows[k] : found;
        }
        if (found == NULL || found->type != rows[i].type || found->shape != rows[i].shape) {
            fail_msg("property %u is not there, or another one", (unsigned)rows[i].property);
        }
        /* what says how the port does is told by its owner */
        assert_true(found->get == NULL || found->is_open);
    }
}

/* Whether a device with objects of every type has one of each. */
static void the_walks_meet_an_object_of_every_type(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    size_t n = 0;
    const struct bac_object_class *const *classes = bac_classes(&n);
    for (size_t i = 0; i < n; i++) {
        bool is_there = false;
        for (size_t k = 0; k < f.server->db.n_objects; k++) {
            is_there = is_there || f.server->db.objects[k]->class == classes[i];
        }
        if (!is_there) {
            fail_msg("object_fixture.h has no %s", bac_object_type_name(classes[i]->number));
        }
    }
    fixture_close(&f);
}

static void a_device_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    struct bac_server_config config = every_config();
    for (size_t k = 1;; k++) {
        struct test_env t;
        test_env_init(&t);
        t.fail_at = k;
        struct bas_fault fault = { 0 };
        struct bac_server *server = bac_server_new(&t.env, &config, &fault);
        bool is_made = server != NULL;
        assert_true(is_made || fault.err == BAS_ERR_NO_MEMORY);
        bac_server_free(server);
        test_env_check(&t);
        if (is_made) {
            assert_true(k > BAS_ARRAY_LEN(EVERY_OBJECT)); /* each object is asked for */
            break;
        }
    }
}

static void property_list_names_all_but_four_of_what_can_be_read(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(EVERY_OBJECT); i++) {
        struct bac_object_id id = { EVERY_OBJECT[i].type, EVERY_OBJECT[i].instance };
        uint8_t memory[1024];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        assert_int_equal(read(&f, id, BAC_PROPERTY_PROPERTY_LIST, BAC_NO_INDEX, &out, NULL),
                         BAS_OK);
        struct bas_slice in = { out.data, out.len };
        size_t n = 0;
        for (; in.len != 0; n++) {
            uint32_t property = 0;
            assert_int_equal(
                bac_decode(&bac_type_enumerated, &in, BAC_APPLICATION, &property, NULL, NULL),
                BAS_OK);
            uint8_t value[512];
            struct bas_buf v;
            bas_buf_init(&v, value, sizeof(value));
            bool is_broken = property == BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS;
            assert_int_equal(read(&f, id, property, BAC_NO_INDEX, &v, NULL),
                             is_broken ? BAS_ERR_IO : BAS_OK);
            assert_true(property != 75 && property != 77 && property != 79 && property != 371);
        }
        bas_buf_init(&out, memory, sizeof(memory));
        assert_int_equal(read(&f, id, BAC_PROPERTY_PROPERTY_LIST, 0, &out, NULL), BAS_OK);
        assert_int_equal(memory[1], n);
    }
    fixture_close(&f);
}

static void a_value_that_does_not_fit_or_cannot_be_read_leaves_nothing(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    uint8_t memory[4];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    struct bac_object_id room = { BAC_OBJECT_ANALOG_INPUT, 1 };
    assert_int_equal(read(&f, room, BAC_PROPERTY_OBJECT_NAME, BAC_NO_INDEX, &out, NULL),
                     BAS_ERR_NO_SPACE);
    struct bac_object_id port = { BAC_OBJECT_NETWORK_PORT, 1 };
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(
        read(&f, port, BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS, BAC_NO_INDEX, &out, NULL),
        BAS_ERR_IO);
    assert_int_equal(out.len, 0); /* what the getter had begun is gone */
    room.instance = 9;
    struct bas_fault fault = { 0 };
    assert_int_equal(read(&f, room, 77, BAC_NO_INDEX, &out, &fault), BAS_ERR_NOT_FOUND);
    assert_int_equal(fault.error_class, BAC_ERROR_CLASS_OBJECT);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_UNKNOWN_OBJECT);
    fixture_close(&f);
}

static void a_thousand_objects_are_found_by_identifier_and_name(void **state)
{
    (void)state;
    enum { N = 1000 };
    static struct bac_object_config objects[N];
    static char names[N][8];
    for (uint32_t i = 0; i < N; i++) {
        uint32_t other = i * 7919 % N; /* not in order */
        (void)snprintf(names[i], sizeof(names[i]), "n%u", (unsigned)other);
        objects[i] = (struct bac_object_config){ .type = BAC_OBJECT_ANALOG_VALUE,
                                                 .instance = other,
                                                 .name = names[i] };
    }
    struct bac_server_config config = fixture_config();
    config.objects = objects;
    config.n_objects = N;
    struct test_env t;
    test_env_init(&t);
    struct bac_database db;
    assert_int_equal(bac_database_init(&db, &t.env, &config, NULL), BAS_OK);
    for (uint32_t i = 0; i < N; i++) {
        struct bac_object_id id = { BAC_OBJECT_ANALOG_VALUE, i };
        char name[8];
        (void)snprintf(name, sizeof(name), "n%u", (unsigned)i);
        const struct bac_object *object = bac_database_find(&db, id);
        assert_non_null(object);
        struct bas_slice text = { (const uint8_t *)name, strlen(name) };
        assert_ptr_equal(bac_database_find_name(&db, text), object);
    }
    struct bac_object_id none = { BAC_OBJECT_ANALOG_VALUE, N };
    assert_null(bac_database_find(&db, none));
    assert_null(bac_database_find_name(&db, (struct bas_slice){ NULL, 0 }));
    bac_database_fini(&db);
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_object_is_refused_with_a_reason),
        cmocka_unit_test(names_and_identifiers_are_unique_in_the_device),
        cmocka_unit_test(texts_and_values_of_the_configuration_are_copied),
        cmocka_unit_test(a_configuration_of_an_older_program_has_the_new_members_at_zero),
        cmocka_unit_test(properties_of_a_port_come_from_constants_and_getters),
        cmocka_unit_test(no_object_type_names_a_property_twice),
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(every_type_has_the_properties_that_the_standard_requires),
        cmocka_unit_test(the_walks_meet_an_object_of_every_type),
        cmocka_unit_test(a_port_has_every_property_of_bacnet_sc),
        cmocka_unit_test(a_device_is_made_whole_or_not_at_all),
        cmocka_unit_test(property_list_names_all_but_four_of_what_can_be_read),
        cmocka_unit_test(a_value_that_does_not_fit_or_cannot_be_read_leaves_nothing),
        cmocka_unit_test(a_thousand_objects_are_found_by_identifier_and_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
