/* What a device answers in place of what it was asked for: Error, Reject, Abort. */
#ifndef BASALT_TOOLS_REFUSAL_H
#define BASALT_TOOLS_REFUSAL_H

#include "basalt/bacnet_client.h"

/*
 * Class and code of an ERROR, REJECT or ABORT. For the reasons of Reject and Abort the standard has
 * error codes of class communication.
 */
struct bac_error_pair refusal_error(const struct bac_client_event *event);
/* What to do about it, or "". */
const char *refusal_advice(const struct bac_error_pair *error);
/* The whole service was refused, or its answer does not fit: asking for less at once may do. */
bool refusal_is_of_size(const struct bac_error_pair *error);
/* "property: unknown-property". */
void refusal_text(const struct bac_error_pair *error, struct bas_buf *out);

#endif
