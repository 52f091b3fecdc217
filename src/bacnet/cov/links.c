/* Owns lists that thread through arrays. */
#include "bacnet/cov/links.h"

#include <assert.h>

void bac_links_append(struct bac_link *links, struct bac_links *list, uint32_t at)
{
    assert(at != 0);
    links[at] = (struct bac_link){ list->last, 0 };
    if (list->last != 0) {
        links[list->last].next = at;
    } else {
        list->first = at;
    }
    list->last = at;
}

void bac_links_remove(struct bac_link *links, struct bac_links *list, uint32_t at)
{
    const struct bac_link link = links[at];
    if (link.previous != 0) {
        links[link.previous].next = link.next;
    } else {
        assert(list->first == at);
        list->first = link.next;
    }
    if (link.next != 0) {
        links[link.next].previous = link.previous;
    } else {
        assert(list->last == at);
        list->last = link.previous;
    }
    links[at] = (struct bac_link){ 0, 0 };
}

uint32_t bac_links_take(struct bac_link *links, struct bac_links *list)
{
    uint32_t at = list->first;
    if (at != 0) {
        bac_links_remove(links, list, at);
    }
    return at;
}
