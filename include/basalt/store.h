/*
 * The store: what must survive a restart and a loss of power. Sequence numbers of KNX Data Secure:
 * those that a sender may use, reserved in blocks before they are used, and the last one that was
 * accepted from each peer. And what was written to a device.
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
/* Of any kind below, too. NULL is allowed. Not while a call is under way. */
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

/*
 * What a device keeps: values that were written, objects that were created and deleted, in the
 * order in which that happened, and settings by name. A file of its own, of one process at a time;
 * nobody else may open it meanwhile (BAS_ERR_BUSY). distrusts_clock is not read. What a change
 * wrote survives the end of the process as soon as bas_values_end returns; with is_synced the end
 * of the machine, too, else that may take the last moments. Without is_synced a change costs some
 * microseconds, and may be made on an event loop.
 */
BAS_API BAS_MUST_USE bas_err bas_values_open(const struct bas_env *env,
                                             const struct bas_store_config *config, bool is_synced,
                                             struct bas_store **store, struct bas_fault *fault);

enum bas_value_kind { BAS_VALUE_WRITTEN, BAS_VALUE_CREATED, BAS_VALUE_DELETED };
/* One thing that lasts. Of the last two kinds, object and octets count alone. */
struct bas_value {
    enum bas_value_kind kind;
    uint16_t type;
    uint32_t instance;
    uint32_t property;
    uint32_t index;   /* UINT32_MAX: all of the property */
    uint8_t priority; /* 0: none */
    struct bas_slice octets;
};

/* A change: begin, any of the calls below, end. All of it counts or, when err is not BAS_OK or the
 * end fails, nothing. Of several threads one may change a store. */
BAS_API BAS_MUST_USE bas_err bas_values_begin(struct bas_store *store, struct bas_fault *fault);
BAS_API BAS_MUST_USE bas_err bas_values_end(struct bas_store *store, bas_err err,
                                            struct bas_fault *fault);
/* WRITTEN: takes the place of what was kept for that property, index and priority; all of a
 * property that of its elements. CREATED, DELETED: nothing else is kept of the object, but that
 * another one of its identifier, of the configuration, was deleted before it was created. */
BAS_API BAS_MUST_USE bas_err bas_values_put(struct bas_store *store, const struct bas_value *value,
                                            struct bas_fault *fault);
/* Forgets all that is kept of an object but DELETED; *was_created: CREATED was among it. */
BAS_API BAS_MUST_USE bas_err bas_values_forget(struct bas_store *store, uint16_t type,
                                               uint32_t instance, bool *was_created,
                                               struct bas_fault *fault);
/* octets NULL in data: forgets the setting. name: 1 .. 255 octets. */
BAS_API BAS_MUST_USE bas_err bas_values_set(struct bas_store *store, const char *name,
                                            struct bas_slice octets, struct bas_fault *fault);

/* Gives all values in the order in which they were put. take must not call the store. */
BAS_API BAS_MUST_USE bas_err bas_values_each(struct bas_store *store,
                                             void (*take)(void *user,
                                                          const struct bas_value *value),
                                             void *user, struct bas_fault *fault);
/* Gives the setting of that name: take is called once, or, where there is none, not at all. */
BAS_API BAS_MUST_USE bas_err bas_values_get(struct bas_store *store, const char *name,
                                            void (*take)(void *user, struct bas_slice octets),
                                            void *user, struct bas_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
