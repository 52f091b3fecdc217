/*
 * The store: what must survive a restart and a loss of power. Sequence numbers of KNX Data Secure:
 * those that a sender may use, reserved in blocks before they are used, and the last one that was
 * accepted from each peer.
 *
 * One file and, while it is in use, two beside it (FILE-wal, FILE-shm) that belong to it. Several
 * processes may use one file at the same time; it must be on a local disk. A call ends when what it
 * wrote is on the disk (a fraction of a millisecond, or as long as a disk takes): calls belong on a
 * thread that may wait, never on an event loop's. Any thread may call; calls of one store wait for
 * each other. alloc and wall of env must allow that.
 */
#ifndef BASALT_STORE_H
#define BASALT_STORE_H

#include "basalt/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BAS_STORE_OWNER = 255, BAS_STORE_WAIT_MS = 2000 };
#define BAS_STORE_LAST_NUMBER UINT64_C(0xFFFFFFFFFFFF)

struct bas_store_config {
    size_t size;      /* sizeof(struct bas_store_config) */
    const char *path; /* made with mode 0600 when there is none */
    uint32_t wait_ms; /* how long to wait for another process; 0: BAS_STORE_WAIT_MS */
    bool distrusts_clock;
};

/*
 * Opens a store, or makes it. A file that is damaged, empty, of another program or of a newer
 * Basalt is reported and left as it is: BAS_ERR_MALFORMED, BAS_ERR_UNSUPPORTED. BAS_ERR_PERMISSION
 * (also: others may write to it), BAS_ERR_NOT_FOUND (no folder), BAS_ERR_BUSY, BAS_ERR_IO,
 * BAS_ERR_NO_SPACE, BAS_ERR_NO_MEMORY, BAS_ERR_INVALID. The fault names the file and what to do.
 */
struct bas_store;
BAS_API BAS_MUST_USE bas_err bas_store_open(const struct bas_env *env,
                                            const struct bas_store_config *config,
                                            struct bas_store **store, struct bas_fault *fault);
/* NULL is allowed. Not while a call is under way. */
BAS_API void bas_store_close(struct bas_store *store);

/* Whose numbers: an address and a text that tells apart what may have the same address, such as a
 * keyring's project and the kind of access (1 .. 255 octets). */
struct bas_store_name {
    const char *owner;
    uint16_t address;
};

/* Numbers first .. first + count - 1. */
struct bas_store_block {
    uint64_t first;
    uint64_t count;
    bool is_of_clock; /* the clock was ahead of what was reserved before */
};
/*
 * Reserves count numbers (fewer at the end of all numbers) that nobody was or will be given. They
 * begin at the end of the block that was reserved last, or at wanted when that is greater. wanted 0
 * is for a sender that starts: the milliseconds since 2018-01-05 count, too, so that a store that
 * was lost does no harm; unless the clock is not trusted (it stands before 2025, or as configured).
 *
 * Nothing is reserved on failure: those of bas_store_open, and BAS_ERR_STATE when all numbers are
 * used.
 */
BAS_API BAS_MUST_USE bas_err bas_store_reserve(struct bas_store *store,
                                               const struct bas_store_name *name, uint64_t wanted,
                                               uint64_t count, struct bas_store_block *block,
                                               struct bas_fault *fault);

struct bas_store_peer {
    uint16_t address;
    uint64_t last; /* last number that was accepted from it */
};
/* Keeps what name accepted from peers, all or nothing. A number that is known and greater stays. */
BAS_API BAS_MUST_USE bas_err bas_store_record(struct bas_store *store,
                                              const struct bas_store_name *name,
                                              const struct bas_store_peer *peers, size_t n,
                                              struct bas_fault *fault);
/* All peers of name in the order of addresses: *peers is the caller's (bas_release with *n *
 * sizeof), NULL when there are none. */
BAS_API BAS_MUST_USE bas_err bas_store_peers(struct bas_store *store,
                                             const struct bas_store_name *name,
                                             struct bas_store_peer **peers, size_t *n,
                                             struct bas_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
