/* Tags and primitive contents (clause 20.2): what the table-driven codec is built on. */
#ifndef BASALT_BACNET_TAG_H
#define BASALT_BACNET_TAG_H

#include "basalt/bacnet_value.h"
#include "wire/rd.h"

enum bac_head_kind {
    BAC_HEAD_APPLICATION,
    BAC_HEAD_CONTEXT,
    BAC_HEAD_OPENING,
    BAC_HEAD_CLOSING,
    BAC_HEAD_END /* no octets left */
};

/* How deep constructed values may stand in each other, on the wire and in rows. */
enum { BAC_MAX_DEPTH = 16 };

/* The tag in front of a value. len: octets of content; of an application-tagged BOOLEAN its value
 * (no content follows). */
struct bac_head {
    enum bac_head_kind kind;
    uint8_t number;
    uint32_t len;
};

/* BAS_ERR_TRUNCATED, or BAS_ERR_MALFORMED for a tag that cannot be. Does not look at the content.
 */
bas_err bac_head_read(struct rd *r, struct bac_head *head);

enum { BAC_MAX_HEAD = 7 };
/* Writes a tag, returns its length. */
size_t bac_head_write(const struct bac_head *head, uint8_t out[BAC_MAX_HEAD]);
void bac_head_add(struct bas_buf *out, enum bac_head_kind kind, uint8_t number, uint32_t len);

/* Octets of content that follow a head (an application-tagged BOOLEAN has none). */
size_t bac_head_content(const struct bac_head *head);

/*
 * Takes the content of a primitive kind and stores it as the C type of that kind.
 * BAS_ERR_TRUNCATED; BAS_ERR_MALFORMED: no such length or form; BAS_ERR_TOO_LONG: a number that the
 * C type cannot hold.
 */
bas_err bac_content_read(struct rd *r, enum bac_kind kind, const struct bac_head *head, void *out);

/* Content to write: small[0 .. n), then rest, then tail when has_tail. */
struct bac_content {
    uint8_t small[8];
    size_t n;
    struct bas_slice rest;
    bool has_tail;
    uint8_t tail;
};
/* BAS_ERR_INVALID when value cannot be encoded. */
bas_err bac_content_make(enum bac_kind kind, const void *value, struct bac_content *content);

/* Appends a primitive with its tag. tag: context tag number or BAC_APPLICATION. */
bas_err bac_primitive_add(struct bas_buf *out, enum bac_kind kind, const void *value, int tag);

/* The application tag of a primitive kind is its number (enum bac_kind and enum bac_tag agree). */
static inline bool bac_kind_is_primitive(enum bac_kind kind)
{
    return kind <= BAC_KIND_OBJECT_ID;
}

/* Steps over whole values until the end of r or a closing tag without its opening one, and leaves
 * that tag in place. */
bas_err bac_skip_values(struct rd *r);

#endif
