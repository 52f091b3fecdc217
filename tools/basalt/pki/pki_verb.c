/* Owns how `basalt pki` tells certificates, and how it takes passwords. */
#include "pki_verb.h"

#include <string.h>

const struct secret_kind pki_key_secret = { "the key's password", "key-password", NULL, NULL };
const struct secret_kind pki_ca_secret = { "the password of ca.key", "ca-password", NULL, NULL };
const struct secret_kind pki_bundle_secret = { "the bundle's password", "password", NULL, NULL };

bool pki_password_read(struct tool *tool, const struct secret_kind *kind,
                       const struct secret_options *options, struct pki_password *password,
                       int *status)
{
    struct secret secret;
    struct bas_fault fault = { 0 };
    *password = (struct pki_password){ .is_given = secret_is_given(kind, options) };
    if (!password->is_given) {
        return true;
    }
    bas_err err = secret_read(tool, kind, options, &secret, &fault);
    if (err == BAS_OK && secret.len == 0) {
        err = bas_fail(&fault, BAS_ERR_INVALID, "%s is empty", kind->what);
    }
    if (err != BAS_OK) {
        *status = pki_fail(tool, &fault);
        return false;
    }
    memcpy(password->text, secret.octets, secret.len);
    password->text[secret.len] = 0;
    bas_wipe(&secret, sizeof(secret));
    return true;
}

const char *pki_password_text(const struct pki_password *password)
{
    return password->is_given ? password->text : NULL;
}

int pki_fail(struct tool *tool, const struct bas_fault *fault)
{
    struct bas_fault local = *fault;
    /* Nobody is asked here: what is malformed is a file that the user named. */
    if (bas_err_exit_status(local.err) == bas_err_exit_status(BAS_ERR_REMOTE)) {
        local.err = BAS_ERR_CONFIG;
    }
    return out_fail(&tool->out, tool->verb->name, &local);
}

bool pki_has_uuid(const struct bsc_uuid *uuid)
{
    static const struct bsc_uuid none = { { 0 } };
    return memcmp(uuid, &none, sizeof(none)) != 0;
}

unsigned pki_days(uint32_t option)
{
    return option == UINT32_MAX ? 0 : option;
}

/* What a certificate looks like */

const char *pki_state(struct tool *tool, const struct bas_pki_certificate *certificate)
{
    static const char *const names[] = { [BAS_PKI_VALID] = "valid",
                                         [BAS_PKI_NOT_YET_VALID] = "not yet valid",
                                         [BAS_PKI_EXPIRED] = "expired" };
    const struct bas_env *env = &tool->env;
    return names[bas_pki_state(certificate, env->wall(env->ctx) / BAS_SECOND)];
}

const char *pki_uuid_text(const struct bas_pki_certificate *certificate, char text[BSC_UUID_TEXT])
{
    struct bsc_uuid uuid;
    memcpy(uuid.octets, certificate->uuid, sizeof(uuid.octets));
    return certificate->has_uuid ? bsc_uuid_text(&uuid, text) : "-";
}

static void names_member(const struct bas_pki_certificate *c, struct bas_json *json)
{
    bas_json_open(json, "names", '[');
    for (size_t i = 0; i < c->n_names && i < BAS_PKI_NAMES; i++) {
        bas_json_text(json, NULL, c->names[i]);
    }
    bas_json_close(json, ']');
}

void pki_members(struct tool *tool, const struct bas_pki_certificate *c, struct bas_json *json)
{
    char uuid[BSC_UUID_TEXT];
    bas_json_text(json, "subject", c->subject);
    bas_json_text(json, "issuer", c->issuer);
    bas_json_text(json, "serial", c->serial);
    out_time(json, "not_before", c->not_before * BAS_SECOND);
    out_time(json, "not_after", c->not_after * BAS_SECOND);
    bas_json_text(json, "state", pki_state(tool, c));
    if (c->has_uuid) {
        bas_json_text(json, "uuid", pki_uuid_text(c, uuid));
    }
    bas_json_bool(json, "ca", c->is_ca);
    if (c->is_ca && c->path_length >= 0) {
        bas_json_unsigned(json, "path_length", (unsigned)c->path_length);
    }
    bas_json_text(json, "key", c->key);
    bas_json_text(json, "signature", c->signature);
    bas_json_text(json, "key_usage", c->key_usage);
    bas_json_text(json, "extended_key_usage", c->extended_key_usage);
    names_member(c, json);
    bas_json_hex(json, "fingerprint", (struct bas_slice){ c->fingerprint, sizeof(c->fingerprint) });
}

void pki_wanted_members(const struct bas_pki_certificate *wanted, struct bas_json *json)
{
    char uuid[BSC_UUID_TEXT];
    bas_json_text(json, "subject", wanted->subject);
    if (wanted->has_uuid) {
        bas_json_text(json, "uuid", pki_uuid_text(wanted, uuid));
    }
    bas_json_text(json, "key", wanted->key);
    bas_json_text(json, "key_id", wanted->subject_key_id);
    names_member(wanted, json);
}

static void line(struct tool *tool, const char *label, const char *text)
{
    if (text[0] != 0) {
        out_line(&tool->out, "%-15s %s", label, text);
    }
}

static void line_of_time(struct tool *tool, const char *label, int64_t seconds)
{
    char text[OUT_TIME_TEXT];
    line(tool, label, out_time_text(text, seconds * BAS_SECOND));
}

static void lines_of_names(struct tool *tool, const struct bas_pki_certificate *c)
{
    for (size_t i = 0; i < c->n_names && i < BAS_PKI_NAMES; i++) {
        line(tool, i == 0 ? "names" : "", c->names[i]);
    }
}

void pki_lines(struct tool *tool, const struct bas_pki_certificate *c)
{
    char memory[80];
    struct bas_buf hex;
    bas_buf_init(&hex, memory, sizeof(memory));
    bas_buf_add_hex(&hex, (struct bas_slice){ c->fingerprint, sizeof(c->fingerprint) });
    line(tool, "subject", c->subject);
    line(tool, "issuer", c->issuer);
    line(tool, "serial", c->serial);
    line(tool, "state", pki_state(tool, c));
    line_of_time(tool, "valid from", c->not_before);
    line_of_time(tool, "valid until", c->not_after);
    lines_of_names(tool, c);
    line(tool, "authority", c->is_ca ? "yes" : "no");
    line(tool, "key", c->key);
    line(tool, "signature", c->signature);
    line(tool, "key usage", c->key_usage);
    line(tool, "extended usage", c->extended_key_usage);
    line(tool, "SHA-256", bas_buf_text(&hex));
}

void pki_wanted_lines(struct tool *tool, const struct bas_pki_certificate *wanted)
{
    line(tool, "asks for", wanted->subject);
    lines_of_names(tool, wanted);
    line(tool, "key", wanted->key);
    line(tool, "key identifier", wanted->subject_key_id);
}

int pki_tell_pair(struct tool *tool, const struct bas_pki_pair *made)
{
    const struct bas_pki_certificate *c = &made->certificate;
    bool has_key = made->key_file[0] != 0;
    if (tool->out.json) {
        struct bas_json *json = out_begin(&tool->out);
        bas_json_text(json, "certificate_file", made->certificate_file);
        if (has_key) {
            bas_json_text(json, "key_file", made->key_file);
        }
        pki_members(tool, c, json);
        out_end(&tool->out);
        return 0;
    }
    char uuid[BSC_UUID_TEXT];
    char until[OUT_TIME_TEXT];
    out_line(&tool->out, "%s%s%s: %s, valid until %s%s%s", made->certificate_file,
             has_key ? " and " : "", made->key_file, c->subject,
             out_time_text(until, c->not_after * BAS_SECOND), c->has_uuid ? ", UUID " : "",
             c->has_uuid ? pki_uuid_text(c, uuid) : "");
    return 0;
}
