/* Owns the difference of two keyrings: along the rows that they are read with, secrets compared but
 * never shown. */
#include "keyring_verb.h"

#include "knx/keyring/row.h"
#include "knx/keyring/value.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL = 80, VALUE = 64 };

struct diff {
    struct tool *tool;
    size_t n; /* differences so far */
    bool is_out_of_memory;
};

/* Items of one kind, in the order of their addresses. */
struct row {
    uint32_t identity;
    const void *item;
};
struct side {
    const void *items;
    size_t n;
    struct row *rows;
};

/* What is told: '+', '-' or '~', of what, which of its fields, from what to what (NULL: a secret).
 */
struct change {
    char sign;
    const char *label;
    const char *field;
    const char *old;
    const char *new;
};

static void tell(struct diff *d, const struct change *change)
{
    struct out *out = &d->tool->out;
    d->n++;
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "change",
                      change->sign == '+'   ? "added"
                      : change->sign == '-' ? "removed"
                                            : "changed");
        bas_json_text(json, "item", change->label);
        if (change->field != NULL) {
            bas_json_text(json, "field", change->field);
        }
        if (change->old != NULL) {
            bas_json_text(json, "old", change->old);
            bas_json_text(json, "new", change->new);
        }
        out_end(out);
    } else if (change->old != NULL) {
        out_line(out, "%c %s: %s %s -> %s", change->sign, change->label, change->field, change->old,
                 change->new);
    } else {
        out_line(out, "%c %s%s%s", change->sign, change->label, change->field == NULL ? "" : ": ",
                 change->field == NULL ? "" : change->field);
    }
}

/* Fields */

static bool is_identity(const struct knx_keyring_field *field)
{
    return field->is_needed && (field->kind == KNX_KEYRING_IA || field->kind == KNX_KEYRING_GROUP ||
                                field->kind == KNX_KEYRING_IPV4);
}

static const struct knx_keyring_field *identity_of(enum knx_keyring_place place)
{
    const struct knx_keyring_field *field = knx_keyring_next_field(place, NULL);
    while (!is_identity(field)) {
        field = knx_keyring_next_field(place, field);
    }
    return field;
}

/* A value that may be shown; "-" where there is none. */
static const char *value_of(const struct knx_keyring_field *field, const void *item,
                            char text[VALUE])
{
    struct bas_buf buf;
    if (!knx_keyring_has_value(field, item)) {
        return "-";
    }
    bas_buf_init(&buf, text, VALUE);
    knx_keyring_value_write(NULL, NULL, field, item, &buf); /* no cipher: it is not a secret */
    return bas_buf_text(&buf);
}

static void compare_secret(struct diff *d, const char *label, const struct knx_keyring_field *field,
                           const void *a, const void *b)
{
    bool has_a = knx_keyring_has_value(field, a);
    bool has_b = knx_keyring_has_value(field, b);
    size_t len =
        field->kind == KNX_KEYRING_KEY ? sizeof(struct knx_key) : sizeof(struct knx_password);
    const uint8_t *x = a;
    const uint8_t *y = b;
    if (has_a == has_b && (!has_a || bas_equal_secret(x + field->member, y + field->member, len))) {
        return;
    }
    char text[VALUE];
    (void)snprintf(text, sizeof(text), "%s %s", field->name,
                   !has_a  ? "came"
                   : has_b ? "is another one"
                           : "went");
    tell(d, &(struct change){ .sign = '~', .label = label, .field = text });
}

static void compare_fields(struct diff *d, enum knx_keyring_place place, const char *label,
                           const void *a, const void *b)
{
    const struct knx_keyring_field *field = NULL;
    while ((field = knx_keyring_next_field(place, field)) != NULL) {
        if (!knx_keyring_kind_is_open(field->kind)) {
            compare_secret(d, label, field, a, b);
            continue;
        }
        char texts[2][VALUE];
        const char *old = value_of(field, a, texts[0]);
        const char *new = value_of(field, b, texts[1]);
        if (strcmp(old, new) != 0) {
            tell(d, &(struct change){ '~', label, field->name, old, new });
        }
    }
}

/* Items */

static uint32_t identity(const struct knx_keyring_field *field, const void *item)
{
    const uint8_t *member = (const uint8_t *)item + field->member;
    uint16_t number = 0;
    if (field->kind == KNX_KEYRING_IPV4) {
        return (uint32_t)member[0] << 24U | (uint32_t)member[1] << 16U | (uint32_t)member[2] << 8U |
               member[3];
    }
    memcpy(&number, member, sizeof(number));
    return number;
}

static int by_identity(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;
    return (x->identity > y->identity) - (x->identity < y->identity);
}

static bool sort(struct diff *d, enum knx_keyring_place place, struct side *side)
{
    const struct knx_keyring_field *field = identity_of(place);
    const uint8_t *item = side->items;
    if (side->n == 0) {
        return true;
    }
    side->rows = bas_alloc(&d->tool->env, side->n * sizeof(*side->rows));
    if (side->rows == NULL) {
        d->is_out_of_memory = true;
        return false;
    }
    for (size_t i = 0; i < side->n; i++, item += knx_keyring_element(place)->item_len) {
        side->rows[i] = (struct row){ identity(field, item), item };
    }
    qsort(side->rows, side->n, sizeof(*side->rows), by_identity);
    return true;
}

/* "interface 1.1.10 ", "group 1/1/1", what the file calls them in small letters. */
static void write_label(enum knx_keyring_place place, const char *before, const void *item,
                        char label[LABEL])
{
    static const char *const names[KNX_KEYRING_PLACES] = { [KNX_KEYRING_AT_BACKBONE] = "backbone",
                                                           [KNX_KEYRING_AT_INTERFACE] = "interface",
                                                           [KNX_KEYRING_AT_LINK] = "group",
                                                           [KNX_KEYRING_AT_GROUP] = "group",
                                                           [KNX_KEYRING_AT_DEVICE] = "device" };
    const struct knx_keyring_field *field = identity_of(place);
    char text[VALUE];
    const char *address = value_of(field, item, text);
    if (field->kind == KNX_KEYRING_GROUP) {
        address = knx_ga_text((knx_ga)identity(field, item), text);
    }
    (void)snprintf(label, LABEL, "%s%s %s", before, names[place], address);
}

static bool has_sender(const struct knx_keyring_group *link, knx_ia sender)
{
    for (size_t i = 0; i < link->n_senders; i++) {
        if (link->senders[i] == sender) {
            return true;
        }
    }
    return false;
}

/* Tells the senders of a that are not in b. */
static void compare_senders(struct diff *d, char sign, const char *label,
                            const struct knx_keyring_group *a, const struct knx_keyring_group *b)
{
    for (size_t i = 0; i < a->n_senders; i++) {
        char address[KNX_ADDRESS_TEXT];
        char text[VALUE];
        if (!has_sender(b, a->senders[i])) {
            (void)snprintf(text, sizeof(text), "sender %s", knx_ia_text(a->senders[i], address));
            tell(d, &(struct change){ .sign = sign, .label = label, .field = text });
        }
    }
}

static void compare_items(struct diff *d, enum knx_keyring_place place, const char *before,
                          struct side a, struct side b);

static void compare_pair(struct diff *d, enum knx_keyring_place place, const char *label,
                         const void *a, const void *b)
{
    compare_fields(d, place, label, a, b);
    if (place == KNX_KEYRING_AT_LINK) {
        compare_senders(d, '-', label, a, b);
        compare_senders(d, '+', label, b, a);
    }
    if (place == KNX_KEYRING_AT_INTERFACE) { /* one level deeper, and no further */
        const struct knx_keyring_interface *x = a;
        const struct knx_keyring_interface *y = b;
        char before[LABEL + 2];
        (void)snprintf(before, sizeof(before), "%s ", label);
        compare_items(d, KNX_KEYRING_AT_LINK, before, (struct side){ x->groups, x->n_groups, NULL },
                      (struct side){ y->groups, y->n_groups, NULL });
    }
}

static void compare_items(struct diff *d, enum knx_keyring_place place, const char *before,
                          struct side a, struct side b)
{
    bool is_good = sort(d, place, &a) && sort(d, place, &b);
    for (size_t i = 0, k = 0; is_good && (i < a.n || k < b.n);) {
        bool has_a = i < a.n && (k == b.n || a.rows[i].identity <= b.rows[k].identity);
        bool has_b = k < b.n && (i == a.n || b.rows[k].identity <= a.rows[i].identity);
        const void *item = has_a ? a.rows[i].item : b.rows[k].item;
        char label[LABEL];
        write_label(place, before, item, label);
        if (has_a && has_b) {
            compare_pair(d, place, label, item, b.rows[k].item);
        } else {
            tell(d, &(struct change){ .sign = has_a ? '-' : '+', .label = label });
        }
        i += has_a;
        k += has_b;
    }
    bas_release(&d->tool->env, a.rows, a.n * sizeof(*a.rows));
    bas_release(&d->tool->env, b.rows, b.n * sizeof(*b.rows));
}

/* The whole */

static void compare_text(struct diff *d, const char *name, const char *a, const char *b)
{
    if (strcmp(a, b) != 0) {
        char texts[2][200];
        bas_text_copy(texts[0], sizeof(texts[0]),
                      (struct bas_slice){ (const uint8_t *)a, strlen(a) });
        bas_text_copy(texts[1], sizeof(texts[1]),
                      (struct bas_slice){ (const uint8_t *)b, strlen(b) });
        tell(d, &(struct change){ '~', "keyring", name, texts[0], texts[1] });
    }
}

int keyring_diff(struct tool *tool, const struct knx_keyring *a, const struct knx_keyring *b)
{
    struct diff d = { tool, 0, false };
    compare_text(&d, "Project", a->project, b->project);
    compare_text(&d, "CreatedBy", a->created_by, b->created_by);
    compare_text(&d, "Created", a->created, b->created);
    compare_items(&d, KNX_KEYRING_AT_BACKBONE, "",
                  (struct side){ a->backbones, a->n_backbones, NULL },
                  (struct side){ b->backbones, b->n_backbones, NULL });
    compare_items(&d, KNX_KEYRING_AT_INTERFACE, "",
                  (struct side){ a->interfaces, a->n_interfaces, NULL },
                  (struct side){ b->interfaces, b->n_interfaces, NULL });
    compare_items(&d, KNX_KEYRING_AT_GROUP, "", (struct side){ a->groups, a->n_groups, NULL },
                  (struct side){ b->groups, b->n_groups, NULL });
    compare_items(&d, KNX_KEYRING_AT_DEVICE, "", (struct side){ a->devices, a->n_devices, NULL },
                  (struct side){ b->devices, b->n_devices, NULL });
    if (d.is_out_of_memory) {
        const struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY };
        return out_fail(&tool->out, "knx keyring", &fault);
    }
    if (d.n == 0 && !tool->out.json) {
        out_line(&tool->out, "nothing is different");
    }
    return 0;
}
