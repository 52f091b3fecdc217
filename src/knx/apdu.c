/* Owns the services of the application layer (spec 3.4): their rows, and the walk over a payload.
 */
#include "knx/apdu.h"

#include "wire/rd.h"

#include <assert.h>

static const struct apdu_service services[] = {
#define APDU_SERVICE(number, data_bits, text, ...)                                                 \
    { (number), (data_bits), (text), { __VA_ARGS__ } },
#include "knx/apdu.def"
#undef APDU_SERVICE
};

/* A walk: bits that are read but not used yet, and what fields before have left. */
struct walk {
    struct rd r;
    const struct knx_tpdu *tpdu;
    struct bas_json *json; /* NULL: only checks */
    uint64_t bits;
    unsigned n_bits;
    uint64_t high;
    size_t count;
};

struct apdu_field {
    bas_err (*walk)(struct walk *w, const struct apdu_field *field);
    uint8_t number;
    const char *name;
};

/* Bits */

/* The next n bits (at most 48), the first ones are the highest. */
static uint64_t bits_take(struct walk *w, unsigned n)
{
    while (w->n_bits < n) {
        w->bits = w->bits << 8 | rd_u8(&w->r);
        w->n_bits += 8;
    }
    w->n_bits -= n;
    uint64_t value = w->bits >> w->n_bits;
    w->bits &= (UINT64_C(1) << w->n_bits) - 1;
    return value;
}

static bas_err number_tell(struct walk *w, const struct apdu_field *field, uint64_t value)
{
    if (w->json != NULL) {
        bas_json_unsigned(w->json, field->name, value);
    }
    return w->r.err;
}

static bas_err walk_number(struct walk *w, const struct apdu_field *field)
{
    uint64_t value = w->high << field->number | bits_take(w, field->number);
    w->high = 0;
    return number_tell(w, field, value);
}

static bas_err walk_high(struct walk *w, const struct apdu_field *field)
{
    w->high = bits_take(w, field->number);
    return w->r.err;
}

static bas_err walk_count(struct walk *w, const struct apdu_field *field)
{
    w->count = (size_t)bits_take(w, field->number);
    return number_tell(w, field, w->count);
}

static bas_err walk_small(struct walk *w, const struct apdu_field *field)
{
    w->count = w->tpdu->small;
    return number_tell(w, field, w->count);
}

static bas_err walk_reserved(struct walk *w, const struct apdu_field *field)
{
    (void)bits_take(w, field->number);
    return w->r.err;
}

static bas_err walk_flag(struct walk *w, const struct apdu_field *field)
{
    bool is_set = bits_take(w, field->number) != 0;
    if (w->json != NULL) {
        bas_json_bool(w->json, field->name, is_set);
    }
    return w->r.err;
}

/* Keys are there, but not told. */
static bas_err walk_secret(struct walk *w, const struct apdu_field *field)
{
    (void)bits_take(w, field->number);
    if (w->json != NULL) {
        bas_json_text(w->json, field->name, "not shown");
    }
    return w->r.err;
}

/* Addresses */

static bas_err walk_individual(struct walk *w, const struct apdu_field *field)
{
    char text[KNX_ADDRESS_TEXT];
    knx_ia ia = (knx_ia)bits_take(w, field->number);
    if (w->json != NULL) {
        bas_json_text(w->json, field->name, knx_ia_text(ia, text));
    }
    return w->r.err;
}

static bas_err walk_group(struct walk *w, const struct apdu_field *field)
{
    char text[KNX_ADDRESS_TEXT];
    knx_ga ga = (knx_ga)bits_take(w, field->number);
    if (w->json != NULL) {
        bas_json_text(w->json, field->name, knx_ga_text(ga, text));
    }
    return w->r.err;
}

static bas_err walk_groups(struct walk *w, const struct apdu_field *field)
{
    static const struct apdu_field element = { walk_group, 16, NULL };
    if (rd_left(&w->r) > (size_t)field->number * 2) {
        return BAS_ERR_TOO_LONG;
    }
    if (w->json != NULL) {
        bas_json_open(w->json, field->name, '[');
    }
    while (rd_left(&w->r) != 0 && walk_group(w, &element) == BAS_OK) {
    }
    if (w->json != NULL) {
        bas_json_close(w->json, ']');
    }
    return w->r.err;
}

/* Octets */

static bas_err octets_tell(struct walk *w, const struct apdu_field *field, struct bas_slice octets)
{
    assert(w->n_bits == 0);
    if (w->json != NULL) {
        bas_json_hex(w->json, field->name, octets);
    }
    return w->r.err;
}

static bas_err walk_octets(struct walk *w, const struct apdu_field *field)
{
    return octets_tell(w, field, rd_take(&w->r, field->number));
}

static bas_err walk_rest(struct walk *w, const struct apdu_field *field)
{
    struct bas_slice rest = rd_rest(&w->r);
    bas_err err = octets_tell(w, field, rest);
    return rest.len < field->number ? BAS_ERR_TRUNCATED : err;
}

static bas_err walk_counted(struct walk *w, const struct apdu_field *field)
{
    return octets_tell(w, field, rd_take(&w->r, w->count));
}

static bas_err walk_before_mac(struct walk *w, const struct apdu_field *field)
{
    size_t left = rd_left(&w->r);
    if (left < field->number) {
        return BAS_ERR_TRUNCATED;
    }
    return octets_tell(w, field, rd_take(&w->r, left - field->number));
}

static bas_err walk_value(struct walk *w, const struct apdu_field *field)
{
    return rd_left(&w->r) == 0 ? number_tell(w, field, w->tpdu->small)
                               : octets_tell(w, field, rd_rest(&w->r));
}

static bas_err walk_domain(struct walk *w, const struct apdu_field *field)
{
    size_t len = rd_left(&w->r);
    if (len != 2 && len != 4 && len != 6) {
        return len < 6 ? BAS_ERR_TRUNCATED : BAS_ERR_TOO_LONG;
    }
    return octets_tell(w, field, rd_rest(&w->r));
}

static bas_err walk_domain_key(struct walk *w, const struct apdu_field *field)
{
    static const struct apdu_field version = { walk_number, 8, "routing_security_version" };
    enum { ADDRESS = 4, KEY = 16 };
    if (rd_left(&w->r) != ADDRESS + 1 + KEY) {
        return walk_domain(w, field);
    }
    (void)octets_tell(w, field, rd_take(&w->r, ADDRESS));
    (void)walk_number(w, &version);
    (void)rd_rest(&w->r);
    if (w->json != NULL) {
        bas_json_text(w->json, "backbone_key", "not shown");
    }
    return w->r.err;
}

/* The security control field (spec 4.1): algorithms 0 and 1, services 0, 2 and 3. */
static bas_err walk_scf(struct walk *w, const struct apdu_field *field)
{
    uint8_t scf = (uint8_t)bits_take(w, field->number);
    unsigned algorithm = scf >> 4 & 7U;
    unsigned service = scf & 7U;
    (void)octets_tell(w, field, (struct bas_slice){ &scf, 1 });
    return algorithm > 1 || service == 1 || service > 3 ? BAS_ERR_MALFORMED : w->r.err;
}

/* The forms of apdu_field.def. */
#define FORM_NUMBER     walk_number
#define FORM_COUNT      walk_count
#define FORM_RESERVED   walk_reserved
#define FORM_FLAG       walk_flag
#define FORM_INDIVIDUAL walk_individual
#define FORM_GROUP      walk_group
#define FORM_SCF        walk_scf
#define FORM_SECRET     walk_secret
#define FORM_HIGH       walk_high
#define FORM_OCTETS     walk_octets
#define FORM_REST       walk_rest
#define FORM_COUNTED    walk_counted
#define FORM_BEFORE_MAC walk_before_mac
#define FORM_GROUPS     walk_groups
#define FORM_DOMAIN     walk_domain
#define FORM_DOMAIN_KEY walk_domain_key
#define FORM_SMALL      walk_small
#define FORM_VALUE      walk_value

static const struct apdu_field fields[F_FIELDS] = {
#define APDU_FIELD(code, form, count, text) [F_##code] = { FORM_##form, (count), (text) },
#include "knx/apdu_field.def"
#undef APDU_FIELD
};

const struct apdu_service *apdu_service_find(unsigned apci)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(services); i++) {
        if (apci >> services[i].bits == (unsigned)services[i].apci >> services[i].bits) {
            return &services[i];
        }
    }
    return NULL;
}

const char *knx_apci_name(unsigned apci)
{
    const struct apdu_service *service = apdu_service_find(apci);
    return service != NULL ? service->name : "unknown";
}

bas_err apdu_walk(const struct apdu_service *service, const struct knx_tpdu *tpdu,
                  struct bas_json *json, struct bas_fault *fault)
{
    struct walk w = { .r = rd_init(tpdu->data), .tpdu = tpdu, .json = json };
    for (const uint8_t *code = service->fields; *code != F_END; code++) {
        const struct apdu_field *field = &fields[*code];
        bas_err err = field->walk(&w, field);
        if (err != BAS_OK) {
            return bas_fail(fault, err, "%s: its %s %s", service->name,
                            field->name[0] != '\0' ? field->name : "reserved part",
                            err == BAS_ERR_TRUNCATED  ? "is cut off"
                            : err == BAS_ERR_TOO_LONG ? "is too long"
                                                      : "has a reserved value");
        }
    }
    if (rd_left(&w.r) != 0) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "%s has %zu octets more than it may",
                        service->name, rd_left(&w.r));
    }
    return BAS_OK;
}
