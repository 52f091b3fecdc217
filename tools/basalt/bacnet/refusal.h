/* What a device answers in place of what it was asked for: Error, Reject, Abort. */
#ifndef BASALT_TOOLS_REFUSAL_H
#define BASALT_TOOLS_REFUSAL_H

#include "basalt/app_client.h"

/* What to do about it, with the options of the verbs; or "". */
const char *refusal_advice(const struct bac_error_pair *error);
/* The whole service was refused, or its answer does not fit: asking for less at once may do. */
bool refusal_is_of_size(const struct bac_error_pair *error);
/* "property: unknown-property". */
void refusal_text(const struct bac_error_pair *error, struct bas_buf *out);

#endif
