/*
 * Every vector of tests/vectors/knx-vectors-parse.json: what others take we take, what they refuse
 * we refuse, and what we take comes back as the same octets. Rows where we differ on purpose stand
 * in knx-exceptions.txt with the reason.
 */
#include "test_env.h"

#include "basalt/knx.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *path_of(const char *name, char path[512])
{
    const char *folder = getenv("BASALT_VECTORS");
    assert_non_null(folder);
    (void)snprintf(path, 512, "%s/%s", folder, name);
    return path;
}

static json_t *load(void)
{
    char path[512];
    json_error_t error;
    json_t *root = json_load_file(path_of("knx-vectors-parse.json", path), 0, &error);
    if (root == NULL) {
        fail_msg("%s: %s", path, error.text);
    }
    return root;
}

/* True when a line "id reason" stands in the list of exceptions. */
static bool is_exception(const char *id)
{
    char path[512];
    char line[512];
    FILE *file = fopen(path_of("knx-exceptions.txt", path), "r");
    bool is_listed = false;
    size_t len = strlen(id);
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        is_listed = is_listed || (strncmp(line, id, len) == 0 && line[len] == ' ');
    }
    (void)fclose(file);
    return is_listed;
}

static void assert_octets(const char *id, const struct bas_buf *out, struct bas_slice wanted)
{
    if (out->full || out->len != wanted.len || memcmp(out->data, wanted.data, wanted.len) != 0) {
        fail_msg("%s does not come back as the same octets", id);
    }
}

/* Takes octets apart; *out has what came back and *taken what it should be. */
typedef bas_err decoder(struct bas_slice octets, struct bas_buf *out, struct bas_slice *taken);

/* The vectors are streams: what follows the first frame does not belong to it. */
static bas_err decode_frame(struct bas_slice octets, struct bas_buf *out, struct bas_slice *taken)
{
    struct knx_message message;
    size_t total = 0;
    *taken = octets;
    if (knx_frame_length(octets, &total) == BAS_OK && total < octets.len) {
        taken->len = total;
    }
    bas_err err = knx_message_decode(*taken, &message, NULL);
    if (err == BAS_OK) {
        knx_message_encode(&message, out);
    }
    return err;
}

/* A TPDU with the payload of its service. */
static bas_err decode_tpdu(struct bas_slice octets, struct bas_buf *out, struct bas_slice *taken)
{
    struct knx_tpdu tpdu;
    *taken = octets;
    bas_err err = knx_tpdu_decode(octets, &tpdu, NULL);
    if (err == BAS_OK) {
        err = knx_tpdu_json(&tpdu, NULL, NULL);
        knx_tpdu_encode(&tpdu, out);
    }
    return err;
}

/* A cEMI message, and the TPDU in it. Encode mends the frame type where it does not fit. */
static bas_err decode_cemi(struct bas_slice octets, struct bas_buf *out, struct bas_slice *taken)
{
    struct knx_cemi cemi;
    *taken = octets;
    bas_err err = knx_cemi_decode(octets, &cemi, NULL);
    if (err == BAS_OK && cemi.tpdu.len != 0) {
        uint8_t memory[256];
        struct bas_buf tpdu;
        struct bas_slice inner = { 0 };
        bas_buf_init(&tpdu, memory, sizeof(memory));
        err = decode_tpdu(cemi.tpdu, &tpdu, &inner);
    }
    if (err != BAS_OK) {
        return err;
    }
    knx_cemi_encode(&cemi, out);
    size_t control1 = 2 + cemi.additional.len;
    if (cemi.tpdu.len != 0 && out->len == octets.len) {
        assert_int_equal((out->data[control1] ^ octets.data[control1]) & 0x7F, 0);
        out->data[control1] = octets.data[control1];
    }
    return BAS_OK;
}

/* Every truncation is refused, or is something else that comes back as the same octets. The copy
 * ends where its memory does. */
static void cut(const char *id, decoder *decode, struct bas_slice octets)
{
    for (size_t len = 0; len < octets.len; len++) {
        uint8_t *copy = test_malloc(len + 1);
        uint8_t memory[512];
        struct bas_buf out;
        struct bas_slice taken = { 0 };
        memcpy(copy + 1, octets.data, len);
        bas_buf_init(&out, memory, sizeof(memory));
        if (decode((struct bas_slice){ copy + 1, len }, &out, &taken) == BAS_OK) {
            assert_octets(id, &out, taken);
        }
        test_free(copy);
    }
}

static void compare_group(const char *group, decoder *decode, size_t wanted)
{
    json_t *root = load();
    size_t i = 0;
    size_t failures = 0;
    json_t *row = NULL;
    json_array_foreach(json_object_get(root, group), i, row)
    {
        const char *id = json_string_value(json_object_get(row, "id"));
        uint8_t memory[512];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        struct bas_slice taken = { 0 };
        bas_err err =
            decode(test_hex(json_string_value(json_object_get(row, "raw"))), &out, &taken);
        bool agrees = (err == BAS_OK) == json_is_string(json_object_get(row, "ok"));
        if (agrees == is_exception(id)) {
            print_error("%s: %s, and it %s an exception\n", id, bas_err_text(err),
                        agrees ? "agrees but is listed as" : "differs and is not listed as");
            failures++;
        }
        if (err == BAS_OK) {
            assert_octets(id, &out, taken);
            cut(id, decode, taken);
        }
    }
    json_decref(root);
    assert_int_equal(failures, 0);
    assert_int_equal(i, wanted);
}

static void frames_agree_with_the_vectors(void **state)
{
    (void)state;
    compare_group("knxip", decode_frame, 72);
}

static void cemi_messages_agree_with_the_vectors(void **state)
{
    (void)state;
    compare_group("cemi", decode_cemi, 46);
}

static void application_services_agree_with_the_vectors(void **state)
{
    (void)state;
    compare_group("apci", decode_tpdu, 214);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_agree_with_the_vectors),
        cmocka_unit_test(cemi_messages_agree_with_the_vectors),
        cmocka_unit_test(application_services_agree_with_the_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
