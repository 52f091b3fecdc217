#include "app/admission.h"

#include "test_env.h"

#include <stdio.h>
#include <string.h>

#define ALLOWED "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0"
#define OTHER   "8a6d5f10-3c2b-4e19-b7a8-0123456789ab"

static struct bsc_uuid uuid_of(const char *text)
{
    struct bsc_uuid uuid;
    assert_int_equal(bsc_uuid_parse(text, &uuid), BAS_OK);
    return uuid;
}

/* Who says that it has said; certificate's UUID may be NULL. */
static struct bas_tls_identity shows(const char *subject, const char *uuid)
{
    struct bas_tls_identity identity = { 0 };
    (void)snprintf(identity.subject, sizeof(identity.subject), "%s", subject);
    if (uuid != NULL) {
        struct bsc_uuid of = uuid_of(uuid);
        identity.has_uuid = true;
        memcpy(identity.uuid, of.octets, sizeof(identity.uuid));
    }
    return identity;
}

static bool is_let_in(const struct bas_admission *rules, const struct bas_tls_identity *identity,
                      const char *said)
{
    struct bas_fault fault = { 0 };
    const struct bsc_uuid uuid = uuid_of(said);
    bas_err err = admission_judge(rules, identity, &uuid, &fault);
    assert_int_equal(err, fault.err);
    assert_true(err == BAS_OK || err == BAS_ERR_REFUSED);
    return err == BAS_OK;
}

static void without_rules_everybody_is_let_in(void **state)
{
    (void)state;
    const struct bas_admission none = { 0 };
    const struct bas_tls_identity any = shows("CN=any", OTHER);
    assert_true(is_let_in(&none, &any, ALLOWED));
    assert_true(is_let_in(&none, NULL, ALLOWED));
    assert_true(is_let_in(NULL, NULL, ALLOWED));
}

static const char *items[] = { "CN=ahu-1,O=Site", ALLOWED };
static const struct bas_admission listed = { .allow = { items, 2 } };

/* bsc 3.2-07 */
static void a_subject_lets_in_only_when_it_is_the_same_text(void **state)
{
    (void)state;
    static const struct {
        const char *subject;
        bool is_let_in;
    } rows[] = { { "CN=ahu-1,O=Site", true },   { "CN=ahu-1,O=Sit", false },
                 { "CN=ahu-1,O=Site2", false }, { "cn=ahu-1,o=site", false },
                 { "O=Site,CN=ahu-1", false },  { "", false } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct bas_tls_identity identity = shows(rows[i].subject, NULL);
        assert_int_equal(is_let_in(&listed, &identity, OTHER), rows[i].is_let_in);
    }
    assert_false(is_let_in(&listed, NULL, OTHER));
}

/* Two subjects that are cut alike would be one text. */
static void a_subject_that_may_be_cut_never_lets_in(void **state)
{
    (void)state;
    char longest[256];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[255] = 0;
    for (size_t len = 255; len > 249; len--) {
        longest[len] = 0;
        const char *item[] = { longest };
        const struct bas_admission rules = { .allow = { item, 1 } };
        const struct bas_tls_identity identity = shows(longest, NULL);
        assert_int_equal(is_let_in(&rules, &identity, OTHER), len <= 251);
    }
}

/* bsc 3.2-07 */
static void a_listed_uuid_lets_in_unless_the_certificate_has_another(void **state)
{
    (void)state;
    const struct bas_tls_identity none = shows("CN=x", NULL);
    const struct bas_tls_identity own = shows("CN=x", ALLOWED);
    const struct bas_tls_identity others = shows("CN=x", OTHER);
    assert_true(is_let_in(&listed, &none, ALLOWED));
    assert_true(is_let_in(&listed, &own, ALLOWED));
    assert_true(is_let_in(&listed, NULL, ALLOWED));
    assert_false(is_let_in(&listed, &others, ALLOWED));
    assert_false(is_let_in(&listed, &own, OTHER));
}

static void a_uuid_may_be_written_in_either_form(void **state)
{
    (void)state;
    const char *forms[] = { "0F1E2D3C4B5A46879786A5B4C3D2E1F0" };
    const struct bas_admission rules = { .allow = { forms, 1 } };
    const struct bas_tls_identity none = shows("CN=x", NULL);
    assert_true(is_let_in(&rules, &none, ALLOWED));
    assert_false(is_let_in(&rules, &none, OTHER));
}

/* bsc 3.2-07 */
static void the_certificate_must_have_the_uuid_when_that_is_required(void **state)
{
    (void)state;
    const struct bas_admission rules = { .require_uuid_in_certificate = true };
    const struct bas_tls_identity none = shows("CN=x", NULL);
    const struct bas_tls_identity own = shows("CN=x", ALLOWED);
    const struct bas_tls_identity others = shows("CN=x", OTHER);
    assert_true(is_let_in(&rules, &own, ALLOWED));
    assert_false(is_let_in(&rules, &none, ALLOWED));
    assert_false(is_let_in(&rules, &others, ALLOWED));
    assert_false(is_let_in(&rules, NULL, ALLOWED));
    const struct bas_admission both = { .allow = listed.allow,
                                        .require_uuid_in_certificate = true };
    const struct bas_tls_identity stranger = shows("CN=x", OTHER);
    assert_false(is_let_in(&both, &stranger, OTHER));
}

/* bsc 3.2-07 */
static void a_refusal_names_uuid_and_subject_and_what_to_do(void **state)
{
    (void)state;
    struct bas_fault fault = { 0 };
    const struct bsc_uuid uuid = uuid_of(OTHER);
    struct bas_tls_identity identity = shows("CN=stranger,O=Elsewhere", NULL);
    assert_int_equal(admission_judge(&listed, &identity, &uuid, &fault), BAS_ERR_REFUSED);
    assert_int_equal(fault.error_class, BAC_ERROR_CLASS_SECURITY);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_ACCESS_DENIED);
    assert_non_null(strstr(fault.text, OTHER));
    assert_non_null(strstr(fault.text, "CN=stranger,O=Elsewhere"));
    assert_non_null(strstr(fault.text, "allow list"));
    memset(identity.subject, 'x', sizeof(identity.subject) - 1);
    const struct bas_admission required = { .require_uuid_in_certificate = true };
    assert_int_equal(admission_judge(&required, &identity, &uuid, &fault), BAS_ERR_REFUSED);
    assert_non_null(strstr(fault.text, "urn:uuid:")); /* the end of the sentence is there */
}

static void a_copy_outlives_its_source_and_needs_memory(void **state)
{
    (void)state;
    struct test_env t;
    char subject[] = "CN=ahu-1,O=Site";
    const char *mine[] = { subject, ALLOWED };
    const struct bas_admission rules = { .allow = { mine, 2 },
                                         .require_uuid_in_certificate = true };
    struct bas_admission copy;
    test_env_init(&t);
    t.fail_at = 1;
    assert_int_equal(admission_copy(&t.env, &rules, &copy), BAS_ERR_NO_MEMORY);
    assert_int_equal(copy.allow.n, 0);
    admission_release(&t.env, &copy);
    test_env_init(&t);
    assert_int_equal(admission_copy(&t.env, &rules, &copy), BAS_OK);
    subject[0] = 'X';
    mine[1] = NULL;
    assert_int_equal(copy.allow.n, 2);
    assert_string_equal(copy.allow.items[0], "CN=ahu-1,O=Site");
    assert_string_equal(copy.allow.items[1], ALLOWED);
    assert_true(copy.require_uuid_in_certificate);
    admission_release(&t.env, &copy);
    assert_int_equal(copy.allow.n, 0);
    const struct bas_admission empty = { 0 };
    assert_int_equal(admission_copy(&t.env, &empty, &copy), BAS_OK);
    admission_release(&t.env, &copy);
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_everybody_is_let_in),
        cmocka_unit_test(a_subject_lets_in_only_when_it_is_the_same_text),
        cmocka_unit_test(a_subject_that_may_be_cut_never_lets_in),
        cmocka_unit_test(a_listed_uuid_lets_in_unless_the_certificate_has_another),
        cmocka_unit_test(a_uuid_may_be_written_in_either_form),
        cmocka_unit_test(the_certificate_must_have_the_uuid_when_that_is_required),
        cmocka_unit_test(a_refusal_names_uuid_and_subject_and_what_to_do),
        cmocka_unit_test(a_copy_outlives_its_source_and_needs_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
