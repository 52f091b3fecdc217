/* Property values as they come off the network, as text and JSON. */
#ifndef BASALT_TOOLS_VALUE_H
#define BASALT_TOOLS_VALUE_H

#include "target.h"

struct value {
    struct target_property of;
    struct bas_slice raw;    /* any number of encoded values */
    struct bac_arena *arena; /* scratch; comes back as it was */
};

/* The declared data type of a property, of its number of elements for index 0; NULL: not known. */
const struct bac_type *value_type(const struct target_property *of);

/* "value", an array of them for what is an array or list, and "type". */
void value_json(const struct value *value, struct bas_json *json);
/* The same for one element, which stands alone and not in an array. */
void value_item_json(const struct value *value, struct bas_json *json);
/* Cuts what follows the first element off value->raw, and gives it in *rest. False: it cannot be
 * decoded. */
bool value_cut(struct value *value, struct bas_slice *rest);
/* The same for people; separator stands between the elements. */
void value_text(const struct value *value, const char *separator, struct bas_buf *out);
/* Makes the control characters harmless that stand in out from there on: a peer may have chosen
 * them. */
void value_tame(struct bas_buf *out, size_t from);

#endif
