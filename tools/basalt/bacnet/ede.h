/*
 * Engineering Data Exchange: the tables that building automation people give each other, as files
 * of semicolons (layout 2.3): PREFIX_EDE.csv with a row for each object, PREFIX_StateTexts.csv with
 * the texts that the rows refer to.
 */
#ifndef BASALT_TOOLS_EDE_H
#define BASALT_TOOLS_EDE_H

#include "basalt/app_client.h"

#include "tool.h"

struct ede;
/* Opens both files and writes what stands above the rows. NULL: told. */
struct ede *ede_open(struct tool *tool, const char *prefix);
/* device: whose objects follow. has_cov: it has SubscribeCOV. */
void ede_set_device(struct ede *ede, uint32_t device, bool has_cov);
/* What is to be read of an object: at most EDE_PROPERTIES; how many. */
enum { EDE_PROPERTIES = 14 };
size_t ede_properties(struct bac_object_id object, struct bas_property *items);
/* Takes one of them as it was read, in order: a row is written when its object is complete. */
void ede_take(struct ede *ede, const struct bas_property_read *read);
/* Writes the last row and closes. False: a file could not be written, which was told. */
bool ede_close(struct ede *ede, size_t *rows);

#endif
