/*
 * Lists that thread through arrays: an element is its index, 0 is none. An array of links stands
 * beside the array of the elements, so an element can be on several lists.
 */
#ifndef BASALT_BACNET_LINKS_H
#define BASALT_BACNET_LINKS_H

#include <stdint.h>

struct bac_link {
    uint32_t previous, next;
};
struct bac_links {
    uint32_t first, last;
};

void bac_links_append(struct bac_link *links, struct bac_links *list, uint32_t at);
/* at must be on list. */
void bac_links_remove(struct bac_link *links, struct bac_links *list, uint32_t at);
/* Takes the first off the list; 0: there is none. */
uint32_t bac_links_take(struct bac_link *links, struct bac_links *list);

#endif
