/* Owns the writing of signed keyrings (spec 5), along the same rows as the reading. */
#include "basalt/knx_keyring.h"

#include "knx/keyring/sign.h"
#include "knx/keyring/value.h"
#include "wire/base64.h"
#include "wire/rd.h"
#include "wire/wr.h"

#include <ctype.h>
#include <string.h>

/* Stands where the signature comes, and is as long. */
#define NO_SIGNATURE "AAAAAAAAAAAAAAAAAAAAAA=="

struct writing {
    const struct bas_env *env;
    struct bas_buf *out;
    struct bas_fault *fault;
    bas_err err;
    struct knx_keyring_cipher cipher;
    struct knx_keyring_sign sign;
};

/* An element whose start tag is being written. Values are signed as they stand in out, where no
 * kind has a character that needs an entity; the texts of the root are given instead. */
struct tag {
    const char *name;
    struct knx_keyring_attribute attributes[KNX_KEYRING_MAX_ATTRIBUTES];
    size_t n;
};

static void indent(struct writing *w, unsigned depth)
{
    bas_buf_format(w->out, "%*s", (int)(2 * depth), "");
}

static void tag_begin(struct writing *w, struct tag *tag, const char *name, unsigned depth)
{
    *tag = (struct tag){ .name = name };
    indent(w, depth);
    bas_buf_format(w->out, "<%s", name);
}

static void tag_end(struct writing *w, struct tag *tag, bool is_empty)
{
    bas_buf_add_text(w->out, is_empty ? " />\n" : ">\n");
    knx_keyring_sign_open(&w->sign, tag->name, tag->attributes, tag->n);
    if (is_empty) {
        knx_keyring_sign_close(&w->sign);
    }
}

static void close(struct writing *w, const char *name, unsigned depth)
{
    indent(w, depth);
    bas_buf_format(w->out, "</%s>\n", name);
    knx_keyring_sign_close(&w->sign);
}

/* Items */

static void add_field(struct writing *w, struct tag *tag, const struct knx_keyring_field *field,
                      const void *item)
{
    if (!knx_keyring_value_is_good(field, item)) {
        w->err = bas_fail(w->fault, BAS_ERR_INVALID, "%s of %s is not %s", field->name, tag->name,
                          knx_keyring_kind_text(field->kind));
        return;
    }
    bas_buf_format(w->out, " %s=\"", field->name);
    size_t at = w->out->len;
    knx_keyring_value_write(&w->cipher, w->env, field, item, w->out);
    tag->attributes[tag->n++] =
        (struct knx_keyring_attribute){ field->name, { w->out->data + at, w->out->len - at } };
    bas_buf_add_text(w->out, "\"");
}

static void item_begin(struct writing *w, struct tag *tag, enum knx_keyring_place place,
                       const void *item, unsigned depth)
{
    const struct knx_keyring_field *field = NULL;
    tag_begin(w, tag, knx_keyring_element(place)->name, depth);
    while (w->err == BAS_OK && (field = knx_keyring_next_field(place, field)) != NULL) {
        if (knx_keyring_has_value(field, item)) {
            add_field(w, tag, field, item);
        }
    }
}

static void item_write(struct writing *w, enum knx_keyring_place place, const void *item,
                       unsigned depth)
{
    struct tag tag;
    item_begin(w, &tag, place, item, depth);
    tag_end(w, &tag, true);
}

static void link_write(struct writing *w, const struct knx_keyring_group *link)
{
    char address[KNX_ADDRESS_TEXT];
    struct tag tag;
    item_begin(w, &tag, KNX_KEYRING_AT_LINK, link, 2);
    bas_buf_add_text(w->out, " Senders=\"");
    size_t at = w->out->len;
    for (size_t i = 0; i < link->n_senders; i++) {
        bas_buf_format(w->out, "%s%s", i == 0 ? "" : " ", knx_ia_text(link->senders[i], address));
    }
    tag.attributes[tag.n++] =
        (struct knx_keyring_attribute){ "Senders", { w->out->data + at, w->out->len - at } };
    bas_buf_add_text(w->out, "\"");
    tag_end(w, &tag, true);
}

static void interface_write(struct writing *w, const struct knx_keyring_interface *interface)
{
    struct tag tag;
    item_begin(w, &tag, KNX_KEYRING_AT_INTERFACE, interface, 1);
    tag_end(w, &tag, interface->n_groups == 0);
    for (size_t i = 0; i < interface->n_groups && w->err == BAS_OK; i++) {
        link_write(w, &interface->groups[i]);
    }
    if (interface->n_groups != 0) {
        close(w, tag.name, 1);
    }
}

/* n items of item_len octets inside an element of their own. */
static void section_write(struct writing *w, enum knx_keyring_place place, const void *items,
                          size_t n)
{
    const struct knx_keyring_element *element = knx_keyring_element(place);
    const uint8_t *item = items;
    struct tag tag;
    if (n == 0) {
        return;
    }
    tag_begin(w, &tag, knx_keyring_element(element->parent)->name, 1);
    tag_end(w, &tag, false);
    for (size_t i = 0; i < n && w->err == BAS_OK; i++, item += element->item_len) {
        item_write(w, place, item, 2);
    }
    close(w, tag.name, 1);
}

/* The root element */

/* One character of UTF-8 that XML can hold (XML 1.0 section 2.2); moves r behind it. */
static bool character_take(struct rd *r)
{
    static const struct {
        uint8_t mask, lead, more;
        uint32_t min;
    } forms[] = {
        { 0x80, 0x00, 0, 0 },
        { 0xE0, 0xC0, 1, 0x80 },
        { 0xF0, 0xE0, 2, 0x800 },
        { 0xF8, 0xF0, 3, 0x10000 },
    };
    uint8_t lead = rd_u8(r);
    for (size_t i = 0; i < BAS_ARRAY_LEN(forms); i++) {
        if ((lead & forms[i].mask) != forms[i].lead) {
            continue;
        }
        uint32_t c = lead & (uint8_t)~forms[i].mask;
        for (uint8_t k = 0; k < forms[i].more; k++) {
            uint8_t next = rd_u8(r);
            if ((next & 0xC0U) != 0x80U) {
                return false;
            }
            c = c << 6U | (next & 0x3FU);
        }
        return c >= forms[i].min && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF) && c != 0xFFFE &&
               c != 0xFFFF && (c >= 0x20 || c == '\t' || c == '\n' || c == '\r');
    }
    return false;
}

static bool is_xml_text(struct bas_slice text)
{
    struct rd r = rd_init(text);
    while (rd_left(&r) > 0) {
        if (!character_take(&r)) {
            return false;
        }
    }
    return true;
}

static void add_escaped(struct bas_buf *out, struct bas_slice text)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {
        { '&', "&amp;" }, { '<', "&lt;" },   { '>', "&gt;" },   { '"', "&quot;" },
        { '\t', "&#9;" }, { '\n', "&#10;" }, { '\r', "&#13;" },
    };
    struct rd r = rd_init(text);
    while (rd_left(&r) > 0) {
        char c = (char)rd_u8(&r);
        const char *entity = NULL;
        for (size_t i = 0; i < BAS_ARRAY_LEN(entities); i++) {
            entity = entities[i].c == c ? entities[i].entity : entity;
        }
        if (entity != NULL) {
            bas_buf_add_text(out, entity);
        } else {
            bas_buf_add(out, &c, 1);
        }
    }
}

static void add_root_text(struct writing *w, struct tag *tag, const char *name, const char *text)
{
    struct bas_slice value = { (const uint8_t *)text, text == NULL ? 0 : strlen(text) };
    if (!is_xml_text(value)) {
        w->err = bas_fail(w->fault, BAS_ERR_INVALID,
                          "%s has a character that XML cannot hold, or is not UTF-8", name);
        return;
    }
    bas_buf_format(w->out, " %s=\"", name);
    add_escaped(w->out, value);
    bas_buf_add_text(w->out, "\"");
    tag->attributes[tag->n++] = (struct knx_keyring_attribute){ name, value };
}

static bool is_created(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00";
    if (text == NULL || strlen(text) != sizeof(form) - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof(form) - 1; i++) {
        bool is_good = form[i] == '0' ? isdigit((unsigned char)text[i]) != 0 : text[i] == form[i];
        if (!is_good) {
            return false;
        }
    }
    return true;
}

/* Writes the start tag of the root; *signature is where its signature comes. */
static void root_begin(struct writing *w, const struct knx_keyring *keyring, size_t *signature)
{
    struct tag tag;
    bas_buf_add_text(w->out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    tag_begin(w, &tag, knx_keyring_element(KNX_KEYRING_AT_KEYRING)->name, 0);
    add_root_text(w, &tag, "Project", keyring->project);
    add_root_text(w, &tag, "CreatedBy", keyring->created_by);
    add_root_text(w, &tag, "Created", keyring->created);
    bas_buf_add_text(w->out, " Signature=\"");
    *signature = w->out->len;
    bas_buf_add_text(w->out, NO_SIGNATURE "\" xmlns=\"http://knx.org/xml/keyring/1\"");
    tag_end(w, &tag, false);
}

static void root_end(struct writing *w, const struct knx_key *keyring_key, size_t signature)
{
    struct knx_keyring_signatures signatures;
    close(w, knx_keyring_element(KNX_KEYRING_AT_KEYRING)->name, 0);
    knx_keyring_sign_end(&w->sign, keyring_key, &signatures);
    if (!w->out->full) {
        struct bas_buf place;
        bas_buf_init(&place, w->out->data + signature, sizeof(NO_SIGNATURE) - 1);
        bas_base64_encode(&place,
                          (struct bas_slice){ signatures.of_groups, sizeof(signatures.of_groups) });
    }
}

static void ring_write(struct writing *w, const struct knx_keyring *keyring,
                       const struct knx_key *keyring_key)
{
    size_t signature = 0;
    root_begin(w, keyring, &signature);
    for (size_t i = 0; i < keyring->n_backbones; i++) {
        item_write(w, KNX_KEYRING_AT_BACKBONE, &keyring->backbones[i], 1);
    }
    for (size_t i = 0; i < keyring->n_interfaces && w->err == BAS_OK; i++) {
        interface_write(w, &keyring->interfaces[i]);
    }
    section_write(w, KNX_KEYRING_AT_GROUP, keyring->groups, keyring->n_groups);
    section_write(w, KNX_KEYRING_AT_DEVICE, keyring->devices, keyring->n_devices);
    root_end(w, keyring_key, signature);
}

bas_err knx_keyring_write(const struct bas_env *env, const struct knx_keyring *keyring,
                          const struct knx_key *keyring_key, struct bas_buf *out,
                          struct bas_fault *fault)
{
    struct writing w = { .env = env, .out = out, .fault = fault };
    if (!is_created(keyring->created)) {
        return bas_fail(fault, BAS_ERR_INVALID, "Created is not of the form 2026-11-21T05:00:00");
    }
    knx_keyring_cipher_init(&w.cipher, keyring_key, keyring->created);
    knx_keyring_sign_init(&w.sign);
    ring_write(&w, keyring, keyring_key);
    bas_wipe(&w.cipher, sizeof(w.cipher));
    bas_wipe(&w.sign, sizeof(w.sign));
    if (w.err != BAS_OK) {
        return w.err;
    }
    return out->full ? bas_fail(fault, BAS_ERR_TOO_LONG, "the keyring is longer than its memory")
                     : BAS_OK;
}
