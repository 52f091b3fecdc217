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

static void compare_group(const char *group, decoder *decode, size_t wanted)
{
    json_t *root = load();
    size_t i = 0;
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
            fail_msg("%s: %s, and it %s an exception", id, bas_err_text(err),
                     agrees ? "agrees but is listed as" : "differs and is not listed as");
        }
        if (err == BAS_OK) {
            assert_octets(id, &out, taken);
        }
    }
    assert_int_equal(i, wanted);
    json_decref(root);
}

static void frames_agree_with_the_vectors(void **state)
{
    (void)state;
    compare_group("knxip", decode_frame, 72);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_agree_with_the_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
