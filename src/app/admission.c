/* Owns the rules of admission: the list of who may connect, and whether the UUID must be the
 * certificate's (spec 3.2 rule 6 leaves both to us). */
#include "app/admission.h"

#include "sc/policy.h"

#include <string.h>

enum {
    SUBJECT_CUT = 80,   /* so much of a subject stands in a refusal: its sentence must fit too */
    SUBJECT_WHOLE = 251 /* a longer one may have been cut, at a character's end, to fit its place */
};

static bool certificate_has(const struct bas_tls_identity *identity, const struct bsc_uuid *uuid)
{
    return identity != NULL && identity->has_uuid &&
           memcmp(identity->uuid, uuid->octets, sizeof(uuid->octets)) == 0;
}

static bool is_subject(const char *item, const struct bas_tls_identity *identity)
{
    return identity != NULL && strlen(identity->subject) <= SUBJECT_WHOLE &&
           strcmp(item, identity->subject) == 0;
}

static bool is_allowed(const struct bas_admission *rules, const struct bas_tls_identity *identity,
                       const struct bsc_uuid *uuid)
{
    bool is_another = identity != NULL && identity->has_uuid && !certificate_has(identity, uuid);
    for (size_t i = 0; i < rules->allow.n; i++) {
        struct bsc_uuid item;
        if (bsc_uuid_parse(rules->allow.items[i], &item) == BAS_OK) {
            if (!is_another && bsc_uuid_equal(&item, uuid)) {
                return true;
            }
        } else if (is_subject(rules->allow.items[i], identity)) {
            return true;
        }
    }
    return rules->allow.n == 0;
}

static bas_err refuse(struct bas_fault *fault, const struct bas_tls_identity *identity,
                      const struct bsc_uuid *uuid, const char *rule)
{
    char text[BSC_UUID_TEXT];
    const char *subject = identity == NULL ? "none was shown" : identity->subject;
    return bas_fail_code(fault, BAS_ERR_REFUSED, BSC_POLICY_ADMISSION_CLASS,
                         BSC_POLICY_ADMISSION_CODE, "device %s (certificate: %.*s) %s",
                         bsc_uuid_text(uuid, text), SUBJECT_CUT, subject, rule);
}

/* bsc 3.2-07 */
bas_err admission_judge(const struct bas_admission *rules, const struct bas_tls_identity *identity,
                        const struct bsc_uuid *uuid, struct bas_fault *fault)
{
    if (rules == NULL) {
        return BAS_OK;
    }
    if (rules->require_uuid_in_certificate && !certificate_has(identity, uuid)) {
        bool has_other = identity != NULL && identity->has_uuid;
        return refuse(fault, identity, uuid,
                      has_other ? "has another UUID in its certificate"
                                : "has no UUID in its certificate; issue one with urn:uuid:");
    }
    if (!is_allowed(rules, identity, uuid)) {
        return refuse(fault, identity, uuid, "is not on the allow list; add its subject or UUID");
    }
    return BAS_OK;
}

/* A copy is one block: the pointers, then the texts. */
static size_t block_len(const struct bas_texts *texts)
{
    size_t len = texts->n * sizeof(*texts->items);
    for (size_t i = 0; i < texts->n; i++) {
        len += strlen(texts->items[i]) + 1;
    }
    return len;
}

bas_err admission_copy(const struct bas_env *env, const struct bas_admission *rules,
                       struct bas_admission *copy)
{
    const struct bas_texts *from = &rules->allow;
    *copy = (struct bas_admission){ 0 };
    if (from->n != 0) {
        const char **items = bas_alloc(env, block_len(from));
        if (items == NULL) {
            return BAS_ERR_NO_MEMORY;
        }
        char *text = (char *)(items + from->n);
        for (size_t i = 0; i < from->n; i++) {
            size_t len = strlen(from->items[i]) + 1;
            memcpy(text, from->items[i], len);
            items[i] = text;
            text += len;
        }
        copy->allow = (struct bas_texts){ .items = items, .n = from->n };
    }
    copy->require_uuid_in_certificate = rules->require_uuid_in_certificate;
    return BAS_OK;
}

void admission_release(const struct bas_env *env, struct bas_admission *copy)
{
    bas_release(env, copy->allow.items, block_len(&copy->allow));
    *copy = (struct bas_admission){ 0 };
}
