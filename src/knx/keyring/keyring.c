/* Owns the reading of keyrings (spec 5): a file becomes values, or a fault that says why not. */
#include "basalt/knx_keyring.h"

#include "knx/keyring/list.h"
#include "knx/keyring/sign.h"
#include "knx/keyring/value.h"
#include "wire/base64.h"
#include "xml/xml.h"

#include <assert.h>
#include <string.h>

/* An element each: a device, a group, an interface or a group of an interface. */
enum {
    MAX_DEPTH = 16,
    MAX_ELEMENTS = KNX_KEYRING_MAX_LINKS + 4 * KNX_KEYRING_MAX_ITEMS,
    GROUPS = 65536
};
_Static_assert((int)KNX_KEYRING_MAX_ATTRIBUTES == (int)XML_MAX_ATTRIBUTES, "all can be signed");

enum { PROJECT, CREATED_BY, CREATED, TEXTS };
static const char *const text_names[TEXTS] = { "Project", "CreatedBy", "Created" };

/* What a keyring is made of. */
struct ring {
    struct knx_keyring keyring; /* first: what the caller sees */
    struct bas_env env;
    char *texts[TEXTS];
    struct knx_keyring_list items[KNX_KEYRING_PLACES];
    struct knx_keyring_list senders; /* of all links, in document order */
};

/* One item while its attributes are read. */
union item {
    struct knx_keyring_backbone backbone;
    struct knx_keyring_interface interface;
    struct knx_keyring_group link;
    struct knx_group_key group;
    struct knx_keyring_device device;
};

struct reading {
    struct ring *ring;
    const struct knx_key *keyring_key;
    struct bas_fault *fault;
    bas_err err;
    struct knx_keyring_cipher cipher;
    struct knx_keyring_sign sign;
    uint8_t signature[KNX_KEYRING_SIGNATURE];
    enum knx_keyring_place places[MAX_DEPTH];
    size_t depth;
    size_t n_passwords;
    size_t n_bad_pads;
    uint32_t bad_pad_line; /* of the first of them */
    union item item;
    uint8_t seen[GROUPS / 8]; /* groups that have a key already, a bit each */
};

/* What every element gives: its attributes and where it stands. */
struct element {
    enum knx_keyring_place place;
    const char *name;
    const struct xml_attribute *attributes;
    size_t n;
    uint32_t line;
};

static const char *attribute_of(const struct element *e, const char *name)
{
    for (size_t i = 0; i < e->n; i++) {
        if (knx_keyring_is(e->attributes[i].name, name)) {
            return e->attributes[i].value;
        }
    }
    return NULL;
}

/* Faults */

static bool fail_memory(struct reading *r)
{
    r->err = bas_fail(r->fault, BAS_ERR_NO_MEMORY, "out of memory while reading the keyring");
    return false;
}

static bool fail_missing(struct reading *r, const struct element *e, const char *name)
{
    r->err = bas_fail(r->fault, BAS_ERR_MALFORMED, "line %u: %s: the attribute %s is missing",
                      e->line, e->name, name);
    return false;
}

static bool fail_value(struct reading *r, const struct element *e,
                       const struct knx_keyring_field *field, const char *value)
{
    char shown[40];
    bool is_open = knx_keyring_kind_is_open(field->kind);
    bas_text_copy(shown, sizeof(shown),
                  (struct bas_slice){ (const uint8_t *)value, strlen(value) });
    r->err = bas_fail(r->fault, BAS_ERR_MALFORMED, "line %u: %s: %s%s%s%s is not %s", e->line,
                      e->name, field->name, is_open ? " \"" : "", is_open ? shown : "",
                      is_open ? "\"" : "", knx_keyring_kind_text(field->kind));
    return false;
}

static bool fail_add(struct reading *r, const struct element *e, bas_err err, size_t max)
{
    if (err == BAS_ERR_NO_MEMORY) {
        return fail_memory(r);
    }
    r->err = bas_fail(r->fault, err, "line %u: more than %zu of %s", e->line, max, e->name);
    return false;
}

/* The root element */

static bool take_text(struct reading *r, const struct element *e, size_t which)
{
    const char *value = attribute_of(e, text_names[which]);
    size_t len = value == NULL ? 1 : strlen(value) + 1;
    char *text = bas_alloc(&r->ring->env, len);
    if (text == NULL) {
        return fail_memory(r);
    }
    if (value != NULL) {
        memcpy(text, value, len);
    }
    r->ring->texts[which] = text;
    return true;
}

static bool take_root(struct reading *r, const struct element *e)
{
    const char *signature = attribute_of(e, "Signature");
    const char *created = attribute_of(e, text_names[CREATED]);
    size_t len = sizeof(r->signature);
    if (created == NULL || created[0] == 0) {
        return fail_missing(r, e, text_names[CREATED]);
    }
    if (signature == NULL) {
        return fail_missing(r, e, "Signature");
    }
    struct bas_slice text = { (const uint8_t *)signature, strlen(signature) };
    if (bas_base64_decode(text, r->signature, &len) != BAS_OK || len != sizeof(r->signature)) {
        r->err = bas_fail(r->fault, BAS_ERR_MALFORMED,
                          "line %u: %s: Signature is not base64 of 16 octets", e->line, e->name);
        return false;
    }
    knx_keyring_cipher_init(&r->cipher, r->keyring_key, created);
    for (size_t i = 0; i < TEXTS; i++) {
        if (!take_text(r, e, i)) {
            return false;
        }
    }
    return true;
}

/* Items */

/* The attributes of an element into r->item. BAS_ERR_UNSUPPORTED: to be skipped. */
static bas_err take_fields(struct reading *r, const struct element *e)
{
    const struct knx_keyring_field *field = NULL;
    while ((field = knx_keyring_next_field(e->place, field)) != NULL) {
        const char *value = attribute_of(e, field->name);
        if (value == NULL && field->is_needed) {
            (void)fail_missing(r, e, field->name);
            return r->err;
        }
        if (value == NULL) {
            continue;
        }
        bas_err err = knx_keyring_value_read(&r->cipher, field, value, &r->item);
        r->n_passwords += field->kind == KNX_KEYRING_PASSWORD;
        if (err == BAS_ERR_KEY) { /* the signature will tell more */
            r->bad_pad_line = r->n_bad_pads == 0 ? e->line : r->bad_pad_line;
            r->n_bad_pads++;
        } else if (err == BAS_ERR_MALFORMED) {
            (void)fail_value(r, e, field, value);
            return err;
        } else if (err != BAS_OK) {
            return err;
        }
    }
    return BAS_OK;
}

static bool take_senders(struct reading *r, const struct element *e)
{
    const char *value = attribute_of(e, "Senders");
    struct bas_slice rest = { (const uint8_t *)value, value == NULL ? 0 : strlen(value) };
    struct knx_keyring_list *list = &r->ring->senders;
    knx_ia sender = 0;
    while (knx_keyring_next_sender(&rest, &sender)) {
        bas_err err = knx_keyring_list_add(&r->ring->env, list, &sender);
        if (err != BAS_OK) {
            return fail_add(r, e, err, list->max);
        }
        r->item.link.n_senders++;
    }
    if (rest.len != 0) {
        char shown[40];
        bas_text_copy(shown, sizeof(shown), rest);
        r->err = bas_fail(r->fault, BAS_ERR_MALFORMED,
                          "line %u: %s: Senders: at \"%s\" is no Individual Address such as 1.1.10",
                          e->line, e->name, shown);
    }
    return rest.len == 0;
}

static bool take_link(struct reading *r, const struct element *e)
{
    struct knx_keyring_interface *interface =
        knx_keyring_list_last(&r->ring->items[KNX_KEYRING_AT_INTERFACE]);
    if (!take_senders(r, e)) {
        return false;
    }
    interface->n_groups++;
    return true;
}

static bool take_group(struct reading *r, const struct element *e)
{
    knx_ga group = r->item.group.group;
    uint8_t bit = (uint8_t)(1U << (group & 7U));
    if ((r->seen[group >> 3U] & bit) != 0) {
        char text[KNX_ADDRESS_TEXT];
        r->err = bas_fail(r->fault, BAS_ERR_MALFORMED,
                          "line %u: the group address %s (%u) has a second key", e->line,
                          knx_ga_text(group, text), group);
        return false;
    }
    r->seen[group >> 3U] |= bit;
    return true;
}

/* Reads an item and puts it into the list of its place. */
static bool take_item(struct reading *r, const struct element *e)
{
    struct knx_keyring_list *list = &r->ring->items[e->place];
    bas_wipe(&r->item, sizeof(r->item));
    bas_err err = take_fields(r, e);
    if (err == BAS_ERR_UNSUPPORTED) {
        r->places[r->depth - 1] = KNX_KEYRING_AT_UNKNOWN; /* with all that stands in it */
        return true;
    }
    if (err != BAS_OK || (e->place == KNX_KEYRING_AT_LINK && !take_link(r, e)) ||
        (e->place == KNX_KEYRING_AT_GROUP && !take_group(r, e))) {
        return false;
    }
    err = knx_keyring_list_add(&r->ring->env, list, &r->item);
    return err == BAS_OK ? true : fail_add(r, e, err, list->max);
}

static bool take_element(struct reading *r, const struct element *e)
{
    switch (e->place) {
    case KNX_KEYRING_AT_KEYRING:
        return take_root(r, e);
    case KNX_KEYRING_AT_BACKBONE:
    case KNX_KEYRING_AT_INTERFACE:
    case KNX_KEYRING_AT_LINK:
    case KNX_KEYRING_AT_GROUP:
    case KNX_KEYRING_AT_DEVICE:
        return take_item(r, e);
    case KNX_KEYRING_AT_GROUPS:
    case KNX_KEYRING_AT_DEVICES:
    case KNX_KEYRING_AT_TOP:
    case KNX_KEYRING_AT_UNKNOWN:
        break;
    }
    return true;
}

/* XML */

static void sign_element(struct reading *r, const struct element *e)
{
    struct knx_keyring_attribute attributes[KNX_KEYRING_MAX_ATTRIBUTES];
    for (size_t i = 0; i < e->n; i++) {
        const char *value = e->attributes[i].value;
        attributes[i] = (struct knx_keyring_attribute){ e->attributes[i].name,
                                                        { (const uint8_t *)value, strlen(value) } };
    }
    knx_keyring_sign_open(&r->sign, e->name, attributes, e->n);
}

static bool on_open(void *user, const char *name, const struct xml_attribute *attributes, size_t n,
                    uint32_t line)
{
    struct reading *r = user;
    enum knx_keyring_place parent = r->depth == 0 ? KNX_KEYRING_AT_TOP : r->places[r->depth - 1];
    const struct element e = { knx_keyring_place(parent, name), name, attributes, n, line };
    if (r->depth == 0 && e.place == KNX_KEYRING_AT_UNKNOWN) {
        r->err = bas_fail(r->fault, BAS_ERR_MALFORMED,
                          "line %u: the root element is %.40s, not Keyring: this is no keyring "
                          "(.knxkeys)",
                          line, name);
        return false;
    }
    r->places[r->depth++] = e.place;
    sign_element(r, &e);
    return take_element(r, &e);
}

static bool on_close(void *user, const char *name)
{
    struct reading *r = user;
    (void)name;
    r->depth--;
    knx_keyring_sign_close(&r->sign);
    return true;
}

/* The end */

/* The pads of passwords tell whether the password was right where the signature says no. */
static bas_err fail_signature(const struct reading *r)
{
    size_t good = r->n_passwords - r->n_bad_pads;
    const char *why = "the keyring password is wrong, or the file was changed";
    if (r->n_passwords > 1 && good == 0) {
        why = "the keyring password is wrong";
    } else if (r->n_passwords > 0 && good == r->n_passwords) {
        why = "the keyring password is right, but the file was changed after it was exported: "
              "export it again";
    }
    return bas_fail(r->fault, BAS_ERR_KEY, "the signature of the keyring does not fit: %s", why);
}

static bas_err check_signature(struct reading *r, bool ignore_signature)
{
    struct knx_keyring_signatures signatures;
    knx_keyring_sign_end(&r->sign, r->keyring_key, &signatures);
    bool is_good = bas_equal_secret(r->signature, signatures.of_groups, sizeof(r->signature)) ||
                   bas_equal_secret(r->signature, signatures.of_one_octet, sizeof(r->signature));
    bas_wipe(&signatures, sizeof(signatures)); /* what would make a changed file a good one */
    r->ring->keyring.is_verified = is_good;
    if (!is_good && !ignore_signature) {
        return fail_signature(r);
    }
    if (r->n_bad_pads == 0) {
        return BAS_OK;
    }
    return bas_fail(r->fault, is_good ? BAS_ERR_MALFORMED : BAS_ERR_KEY,
                    "line %u: a password that the keyring password does not decrypt%s",
                    r->bad_pad_line, is_good ? "" : ": the keyring password is wrong");
}

/* Lists that were filled in document order become members. */
static void ring_end(struct ring *ring)
{
    struct knx_keyring *k = &ring->keyring;
    const struct knx_keyring_list *items = ring->items;
    void *interfaces = items[KNX_KEYRING_AT_INTERFACE].items;
    void *links = items[KNX_KEYRING_AT_LINK].items;
    const void *senders = ring->senders.items;
    struct knx_keyring_interface *interface = interfaces;
    struct knx_keyring_group *link = links;
    const knx_ia *sender = senders;
    for (size_t i = 0; i < items[KNX_KEYRING_AT_INTERFACE].n; i++, interface++) {
        interface->groups = interface->n_groups != 0 ? link : NULL;
        for (size_t j = 0; j < interface->n_groups; j++, link++) {
            link->senders = link->n_senders != 0 ? sender : NULL;
            sender = link->n_senders != 0 ? sender + link->n_senders : sender;
        }
    }
    k->interfaces = interfaces;
    k->n_interfaces = items[KNX_KEYRING_AT_INTERFACE].n;
    k->backbones = (const void *)items[KNX_KEYRING_AT_BACKBONE].items;
    k->n_backbones = items[KNX_KEYRING_AT_BACKBONE].n;
    k->devices = (const void *)items[KNX_KEYRING_AT_DEVICE].items;
    k->n_devices = items[KNX_KEYRING_AT_DEVICE].n;
    k->groups = (const void *)items[KNX_KEYRING_AT_GROUP].items;
    k->n_groups = items[KNX_KEYRING_AT_GROUP].n;
    k->project = ring->texts[PROJECT];
    k->created_by = ring->texts[CREATED_BY];
    k->created = ring->texts[CREATED];
}

static struct ring *ring_new(const struct bas_env *env)
{
    struct ring *ring = bas_alloc(env, sizeof(*ring));
    if (ring == NULL) {
        return NULL;
    }
    ring->env = *env;
    for (unsigned i = 0; i < KNX_KEYRING_PLACES; i++) {
        const struct knx_keyring_element *element = knx_keyring_element((enum knx_keyring_place)i);
        ring->items[i].item_len = element->item_len;
        ring->items[i].max = element->max;
    }
    ring->senders.item_len = sizeof(knx_ia);
    ring->senders.max = KNX_KEYRING_MAX_SENDERS;
    return ring;
}

void knx_keyring_free(struct knx_keyring *keyring)
{
    struct ring *ring = (void *)keyring; /* its first member */
    if (ring == NULL) {
        return;
    }
    const struct bas_env env = ring->env;
    for (size_t i = 0; i < KNX_KEYRING_PLACES; i++) {
        knx_keyring_list_free(&env, &ring->items[i]);
    }
    knx_keyring_list_free(&env, &ring->senders);
    for (size_t i = 0; i < TEXTS; i++) {
        if (ring->texts[i] != NULL) {
            bas_release(&env, ring->texts[i], strlen(ring->texts[i]) + 1);
        }
    }
    bas_release(&env, ring, sizeof(*ring));
}

static bas_err read_file(struct reading *r, struct bas_slice file, bool ignore_signature)
{
    static const struct xml_limits limits = { MAX_DEPTH, XML_MAX_ATTRIBUTES, MAX_ELEMENTS };
    const struct xml_handler handler = { on_open, on_close, r };
    knx_keyring_sign_init(&r->sign);
    bas_err err = xml_read(file, &limits, &handler, r->fault);
    if (err != BAS_OK) {
        return err == BAS_ERR_STATE ? r->err : err;
    }
    return check_signature(r, ignore_signature);
}

bas_err knx_keyring_read(const struct bas_env *env, struct bas_slice file,
                         const struct knx_key *keyring_key, bool ignore_signature,
                         struct knx_keyring **keyring, struct bas_fault *fault)
{
    *keyring = NULL;
    if (file.len > KNX_KEYRING_MAX_FILE) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "a keyring of %zu octets is longer than %d",
                        file.len, (int)KNX_KEYRING_MAX_FILE);
    }
    struct ring *ring = ring_new(env);
    struct reading *r = bas_alloc(env, sizeof(*r));
    if (ring == NULL || r == NULL) {
        bas_release(env, r, sizeof(*r));
        bas_release(env, ring, sizeof(*ring));
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory while reading the keyring");
    }
    r->ring = ring;
    r->keyring_key = keyring_key;
    r->fault = fault;
    bas_err err = read_file(r, file, ignore_signature);
    bas_wipe(r, sizeof(*r));
    bas_release(env, r, sizeof(*r));
    if (err != BAS_OK) {
        knx_keyring_free(&ring->keyring);
        return err;
    }
    ring_end(ring);
    *keyring = &ring->keyring;
    return BAS_OK;
}
