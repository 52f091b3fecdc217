/* Owns what our server says that it can do: a look at its rows. */
#include "basalt/bacnet_claim.h"

#include "bacnet/object.h"

enum { MOST = 3 }; /* services of a BIBB, each way */

struct service {
    enum { NOTHING, IS_CONFIRMED, IS_UNCONFIRMED } kind;
    uint8_t choice;
};

static const struct service served[] = {
#define BAC_SERVED_CONFIRMED(member, noun)   { IS_CONFIRMED, BAC_CONFIRMED_##member },
#define BAC_SERVED_UNCONFIRMED(member, noun) { IS_UNCONFIRMED, BAC_UNCONFIRMED_##member },
#include "bacnet/server/served.def"
#undef BAC_SERVED_CONFIRMED
#undef BAC_SERVED_UNCONFIRMED
};

struct bibb {
    const char *name, *text;
    struct service initiates[MOST], executes[MOST];
};

/* A list of services in brackets becomes an initializer. */
#define C(member)                                                                                  \
    {                                                                                              \
        IS_CONFIRMED, BAC_CONFIRMED_##member                                                       \
    }
#define U(member)                                                                                  \
    {                                                                                              \
        IS_UNCONFIRMED, BAC_UNCONFIRMED_##member                                                   \
    }
#define NONE                                                                                       \
    {                                                                                              \
        NOTHING, 0                                                                                 \
    }
#define LIST(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define BAC_BIBB(name, text, initiates, executes) { name, text, LIST initiates, LIST executes },
static const struct bibb bibbs[] = {
#include "bacnet/bibbs.def"
};
#undef BAC_BIBB
#undef C
#undef U
#undef NONE
#undef LIST

bool bac_claims_service(bool confirmed, uint8_t service)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(served); i++) {
        if ((served[i].kind == IS_CONFIRMED) == confirmed && served[i].choice == service) {
            return true;
        }
    }
    return false;
}

bool bac_claimed_type(size_t n, uint16_t *object_type)
{
    size_t count = 0;
    const struct bac_object_class *const *classes = bac_classes(&count);
    if (n >= count) {
        return false;
    }
    *object_type = classes[n]->number;
    return true;
}

bool bac_claimed_property(uint16_t object_type, size_t n, struct bac_property_claim *claim)
{
    static const char codes[] = {
        [BAC_CONFORMS_REQUIRED] = 'R', [BAC_CONFORMS_OPTIONAL] = 'O', [BAC_CONFORMS_WRITABLE] = 'W'
    };
    const struct bac_object_class *class = bac_class_of(object_type);
    if (class == NULL || n >= class->n_rows) {
        return false;
    }
    const struct bac_property_row *row = &class->rows[n];
    *claim =
        (struct bac_property_claim){ .property = row->property,
                                     .type = row->type,
                                     .conformance = codes[row->conformance],
                                     .is_array = row->shape == BAC_SHAPE_ARRAY,
                                     .is_list = row->shape == BAC_SHAPE_LIST,
                                     .is_writable = row->set != NULL && !row->by_program_only };
    return true;
}

/* BIBBs */

static bool is_initiated(const struct service *s)
{
    const struct bac_service *row = bac_service_find(s->kind == IS_CONFIRMED, s->choice);
    return s->kind == NOTHING || (row != NULL && row->is_coded);
}

static bool is_executed(const struct service *s)
{
    return s->kind == NOTHING || bac_claims_service(s->kind == IS_CONFIRMED, s->choice);
}

bool bac_bibb(size_t n, struct bac_bibb *bibb)
{
    if (n >= BAS_ARRAY_LEN(bibbs)) {
        return false;
    }
    *bibb = (struct bac_bibb){ bibbs[n].name, bibbs[n].text, true };
    for (size_t i = 0; i < MOST; i++) {
        bibb->is_claimed = bibb->is_claimed && is_initiated(&bibbs[n].initiates[i]) &&
                           is_executed(&bibbs[n].executes[i]);
    }
    return true;
}
