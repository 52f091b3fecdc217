/*
 * Every vector of tests/vectors/knx-vectors-parse.json that is about datapoint types: what another
 * implementation takes we take, and its number is ours. Where we differ knowingly stands in
 * tests/vectors/knx-exceptions.txt: id, one space, reason.
 */
#include "test_env.h"

#include "basalt/knx_dpt.h"

#include <jansson.h>
#include <math.h>
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

static const char *text_of(const json_t *vector, const char *key)
{
    const json_t *value = json_object_get(vector, key);
    return json_is_string(value) ? json_string_value(value) : NULL;
}

/* The octets of "4d172a" or "bin:1f". */
static struct knx_group_value group_value_of(const char *raw)
{
    struct knx_group_value value = { strncmp(raw, "bin:", 4) == 0, { NULL, 0 } };
    char hex[64];
    const char *digits = value.is_small ? raw + 4 : raw;
    (void)snprintf(hex, sizeof(hex), "%s%s", strlen(digits) % 2 != 0 ? "0" : "", digits);
    value.octets = test_hex(hex);
    return value;
}

/* "397.0", "<Switch.ON: True>", "<HVACMode.AUTO: 0>"; false for structures and texts. */
static bool number_of(const char *text, double *number)
{
    const char *colon = text[0] == '<' ? strrchr(text, ':') : NULL;
    const char *at = colon != NULL ? colon + 2 : text;
    if (strncmp(at, "True", 4) == 0 || strncmp(at, "False", 5) == 0) {
        *number = at[0] == 'T';
        return true;
    }
    char *end = NULL;
    *number = strtod(at, &end);
    return end != at && (*end == 0 || *end == '>');
}

/* The other one rounds type 5 to whole numbers and writes floats with seven digits. */
static bool is_near(const struct knx_dpt *dpt, double is, double wanted)
{
    if (!isfinite(wanted) || !isfinite(is)) {
        return !isfinite(wanted) && !isfinite(is) && (is > 0) == (wanted > 0);
    }
    double tolerance = dpt->main == 5 ? 0.5 : fmax(1e-9, fabs(wanted) * 1e-6);
    return fabs(is - wanted) <= tolerance;
}

static bool number_agrees(const struct knx_dpt *dpt, struct bas_slice octets, const char *value)
{
    double wanted = 0;
    double is = 0;
    if (!number_of(value, &wanted)) {
        return true;
    }
    bool has_number = knx_dpt_number(dpt, octets, &is);
    return isnan(wanted) ? !has_number : has_number && is_near(dpt, is, wanted);
}

/* A text in quotes is the text that we write. */
static bool text_agrees(const char *value, const char *text)
{
    size_t len = strlen(value);
    if (value[0] != '\'') {
        return true;
    }
    return len == strlen(text) + 2 && strncmp(value + 1, text, len - 2) == 0;
}

/* False, and why, when the vector and we differ. */
static bool agrees(const json_t *vector, char why[400])
{
    const struct knx_dpt *dpt = knx_dpt_find(text_of(vector, "dpt"));
    if (dpt == NULL) {
        (void)snprintf(why, 400, "no type %s", text_of(vector, "dpt"));
        return false;
    }
    struct knx_group_value value = group_value_of(text_of(vector, "raw"));
    struct bas_slice octets = { NULL, 0 };
    struct bas_fault fault = { 0 };
    char memory[600];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bool is_good = knx_dpt_octets(dpt, &value, &octets, &fault) == BAS_OK &&
                   knx_dpt_text(dpt, octets, &out, &fault) == BAS_OK;
    const char *text = bas_buf_text(&out);
    const char *wanted = text_of(vector, "value");
    (void)snprintf(why, 400, "%s %s: wanted %.120s, is %.60s%.120s", text_of(vector, "dpt"),
                   text_of(vector, "raw"), wanted != NULL ? wanted : "an error", text, fault.text);
    if (!is_good || wanted == NULL) {
        return !is_good && wanted == NULL;
    }
    return number_agrees(dpt, octets, wanted) && text_agrees(wanted, text);
}

/* Whether id stands in the list; a line without a reason is an error. */
static bool is_exception(const char *list, const char *id)
{
    size_t len = strlen(id);
    for (const char *line = list; *line != 0;) {
        size_t end = strcspn(line, "\n");
        if (strncmp(line, id, len) == 0 && line[len] == ' ') {
            assert_true(end > len + 10);
            return true;
        }
        line += line[end] == '\n' ? end + 1 : end;
    }
    return false;
}

static char *load_exceptions(void)
{
    static char list[16384];
    char path[512];
    FILE *file = fopen(path_of("knx-exceptions.txt", path), "r");
    assert_non_null(file);
    size_t len = fread(list, 1, sizeof(list) - 1, file);
    assert_true(len < sizeof(list) - 1);
    list[len] = 0;
    assert_int_equal(fclose(file), 0);
    return list;
}

static void each_vector_agrees_or_is_an_exception_with_a_reason(void **state)
{
    (void)state;
    json_t *root = load();
    const char *exceptions = load_exceptions();
    size_t i = 0;
    size_t bad = 0;
    const json_t *vector = NULL;
    json_array_foreach(json_object_get(root, "dpt"), i, vector)
    {
        const char *id = text_of(vector, "id");
        char why[400] = "";
        bool is_listed = is_exception(exceptions, id);
        if (agrees(vector, why) == is_listed) {
            print_error("%s %s: %s\n", id, is_listed ? "is listed but agrees" : "differs", why);
            bad++;
        }
    }
    json_decref(root);
    assert_int_equal(i, 421);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_vector_agrees_or_is_an_exception_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
