/*
 * The sequence numbers of one Data Secure engine, and the store that keeps them: blocks are
 * reserved ahead of use on a thread beside the loop, what senders were last heard with is kept in
 * batches.
 */
#ifndef BASALT_APP_SEQUENCES_H
#define BASALT_APP_SEQUENCES_H

#include "basalt/knx_secure.h"
#include "rt/loop.h"

/* Numbers that are reserved ahead of use at most: those that a process which is killed leaves
 * unused. It asks for the second half when the first one is used. */
enum { SEQUENCES_BLOCK = 4096 };

struct sequences_config {
    struct bas_loop *loop;
    const char *store_file; /* NULL: the clock alone */
    bool distrusts_clock;
    const char *owner; /* whose numbers they are, beside the address; NULL: "basalt" */
    struct knx_data_secure *secure;
    /* An event of secure that is not about numbers: SEND, SYNCED. */
    void (*event)(void *user, const struct knx_data_secure_event *event);
    void *user;
    uint32_t block; /* numbers reserved at a time; 0: SEQUENCES_BLOCK */
};
struct sequences;
/* Opens the store. */
BAS_MUST_USE bas_err sequences_new(const struct sequences_config *config,
                                   struct sequences **sequences, struct bas_fault *fault);
/*
 * Grants the first block of an address, and what its senders were last heard with. Blocks until it
 * is on the disk: about a millisecond. Again for another address, or for the same one.
 */
BAS_MUST_USE bas_err sequences_begin(struct sequences *sequences, knx_ia address,
                                     struct bas_fault *fault);
/* Takes the events of secure, until there are none. */
void sequences_drain(struct sequences *sequences);
/* Keeps what is not kept yet and frees; secure is not touched any more. NULL is allowed. */
void sequences_free(struct sequences *sequences);

#endif
