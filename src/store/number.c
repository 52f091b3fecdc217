/* Owns sequence numbers in a store: those to be used, in blocks, and the last that were accepted
 * (KNX Data Secure, spec 4.6). */
#include "store/store.h"

#include <string.h>

enum {
    STORE_BOUND = STORE_OF_KIND,
    STORE_RESERVE,
    STORE_RECORD,
    STORE_PEERS,
    STORE_COUNT_PEERS,
    STORE_END
};

static const char *const make[] = {
    "PRAGMA journal_mode = WAL",
    "BEGIN",
    "CREATE TABLE sender (owner TEXT NOT NULL, address INTEGER NOT NULL, bound INTEGER NOT NULL,"
    " PRIMARY KEY (owner, address)) WITHOUT ROWID",
    "CREATE TABLE peer (owner TEXT NOT NULL, address INTEGER NOT NULL, peer INTEGER NOT NULL,"
    " last INTEGER NOT NULL, PRIMARY KEY (owner, address, peer)) WITHOUT ROWID",
    "PRAGMA application_id = 1112755284",
    "PRAGMA user_version = 1",
    "COMMIT",
};
static const char *const settings[] = { "PRAGMA synchronous = FULL" };
static const char *const texts[STORE_END - STORE_OF_KIND] = {
    [STORE_BOUND - STORE_OF_KIND] = "SELECT bound FROM sender WHERE owner = ?1 AND address = ?2",
    [STORE_RESERVE - STORE_OF_KIND] =
        "INSERT INTO sender (owner, address, bound) VALUES (?1, ?2, ?3)"
        " ON CONFLICT DO UPDATE SET bound = ?3",
    [STORE_RECORD - STORE_OF_KIND] =
        "INSERT INTO peer (owner, address, peer, last) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET last = max(last, ?4)",
    [STORE_PEERS - STORE_OF_KIND] =
        "SELECT peer, last FROM peer WHERE owner = ?1 AND address = ?2 ORDER BY peer",
    [STORE_COUNT_PEERS - STORE_OF_KIND] =
        "SELECT count(*) FROM peer WHERE owner = ?1 AND address = ?2",
};

static const struct store_kind numbers = {
    .application = 0x42534C54, /* "BSLT"; as the statement above says */
    .schema = 1,
    .make = make,
    .n_make = BAS_ARRAY_LEN(make),
    .settings = settings,
    .n_settings = BAS_ARRAY_LEN(settings),
    .statements = texts,
    .n_statements = BAS_ARRAY_LEN(texts),
    .loss = "numbers then start from the clock",
    .abuse = "let numbers be used twice",
};

bas_err bas_store_open(const struct bas_env *env, const struct bas_store_config *config,
                       struct bas_store **store, struct bas_fault *fault)
{
    return store_open(env, &numbers, config, store, fault);
}

/* Owner and address are set as ?1 and ?2. */
static sqlite3_stmt *store_use(struct bas_store *store, size_t which,
                               const struct bas_store_name *name)
{
    sqlite3_stmt *statement = store_statement(store, which);
    (void)sqlite3_bind_text(statement, 1, name->owner, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int(statement, 2, name->address);
    return statement;
}

/* Unix seconds. */
#define EPOCH     INT64_C(1515110400) /* 2018-01-05T00:00:00Z, where the milliseconds begin */
#define PLAUSIBLE INT64_C(1735689600) /* 2025-01-01T00:00:00Z, a clock before it was never set */

static bas_err check_name(const struct bas_store_name *name, struct bas_fault *fault)
{
    size_t len = name->owner == NULL ? 0 : strlen(name->owner);
    if (len == 0 || len > BAS_STORE_OWNER) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "the owner of sequence numbers is a text of 1 to %d octets",
                        (int)BAS_STORE_OWNER);
    }
    return BAS_OK;
}

/* The number that the clock says, or 0 when it is not trusted. */
static uint64_t number_of_clock(const struct bas_store *store)
{
    if (store->distrusts_clock) {
        return 0;
    }
    int64_t wall = store->env.wall(store->env.ctx);
    if (wall < PLAUSIBLE * BAS_SECOND) {
        return 0;
    }
    return (uint64_t)(wall - EPOCH * BAS_SECOND) / (uint64_t)BAS_MILLISECOND;
}

static bas_err fail_number(const struct bas_store *store, struct bas_fault *fault)
{
    return bas_fail(fault, BAS_ERR_MALFORMED,
                    "%s: is damaged (a number out of its range): move it away, numbers then start "
                    "from the clock",
                    store->path);
}

static bool is_number(sqlite3_stmt *statement, int column)
{
    sqlite3_int64 number = sqlite3_column_int64(statement, column);
    return sqlite3_column_type(statement, column) == SQLITE_INTEGER && number >= 0 &&
           (uint64_t)number <= BAS_STORE_LAST_NUMBER + 1;
}

/* The first number that was never reserved; 0: name is new. */
static bas_err read_bound(struct bas_store *store, const struct bas_store_name *name,
                          uint64_t *bound, struct bas_fault *fault)
{
    sqlite3_stmt *statement = store_use(store, STORE_BOUND, name);
    int result = sqlite3_step(statement);
    *bound = 0;
    if (result == SQLITE_ROW) {
        if (!is_number(statement, 0)) {
            return fail_number(store, fault);
        }
        *bound = (uint64_t)sqlite3_column_int64(statement, 0);
        return BAS_OK;
    }
    return result == SQLITE_DONE ? BAS_OK : store_fail(store, fault, result, "cannot be read");
}

static bas_err write_bound(struct bas_store *store, const struct bas_store_name *name,
                           uint64_t bound, struct bas_fault *fault)
{
    sqlite3_stmt *statement = store_use(store, STORE_RESERVE, name);
    (void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)bound);
    int result = sqlite3_step(statement);
    return result == SQLITE_DONE ? BAS_OK : store_fail(store, fault, result, "cannot be changed");
}

/* Inside of the transaction. */
static bas_err reserve(struct bas_store *store, const struct bas_store_name *name, uint64_t wanted,
                       struct bas_store_block *block, struct bas_fault *fault)
{
    uint64_t bound = 0;
    uint64_t clock = wanted == 0 ? number_of_clock(store) : 0;
    bas_err err = read_bound(store, name, &bound, fault);
    if (err != BAS_OK) {
        return err;
    }
    uint64_t first = bound > wanted ? bound : wanted;
    block->is_of_clock = clock > first;
    first = block->is_of_clock ? clock : first;
    first = first == 0 ? 1 : first; /* 0 is never sent */
    if (first > BAS_STORE_LAST_NUMBER) {
        return bas_fail(fault, BAS_ERR_STATE,
                        "%s: all sequence numbers of this sender are used; give it new keys and "
                        "another owner",
                        store->path);
    }
    uint64_t left = BAS_STORE_LAST_NUMBER - first + 1;
    block->first = first;
    block->count = block->count < left ? block->count : left;
    return write_bound(store, name, first + block->count, fault);
}

bas_err bas_store_reserve(struct bas_store *store, const struct bas_store_name *name,
                          uint64_t wanted, uint64_t count, struct bas_store_block *block,
                          struct bas_fault *fault)
{
    struct bas_store_block taken = { .count = count };
    *block = (struct bas_store_block){ 0 };
    if (count == 0) {
        return bas_fail(fault, BAS_ERR_INVALID, "a block of sequence numbers has at least one");
    }
    bas_err err = check_name(name, fault);
    err = err == BAS_OK ? store_begin(store, fault) : err;
    if (err != BAS_OK) {
        return err;
    }
    err = store_end(store, reserve(store, name, wanted, &taken, fault), fault);
    if (err == BAS_OK) {
        *block = taken;
    }
    return err;
}

static bas_err record(struct bas_store *store, const struct bas_store_name *name,
                      const struct bas_store_peer *peer, struct bas_fault *fault)
{
    if (peer->last > BAS_STORE_LAST_NUMBER) {
        return bas_fail(fault, BAS_ERR_INVALID, "a sequence number has 48 bits");
    }
    sqlite3_stmt *statement = store_use(store, STORE_RECORD, name);
    (void)sqlite3_bind_int(statement, 3, peer->address);
    (void)sqlite3_bind_int64(statement, 4, (sqlite3_int64)peer->last);
    int result = sqlite3_step(statement);
    return result == SQLITE_DONE ? BAS_OK : store_fail(store, fault, result, "cannot be changed");
}

bas_err bas_store_record(struct bas_store *store, const struct bas_store_name *name,
                         const struct bas_store_peer *peers, size_t n, struct bas_fault *fault)
{
    bas_err err = check_name(name, fault);
    if (err != BAS_OK || n == 0) {
        return err;
    }
    err = store_begin(store, fault);
    if (err != BAS_OK) {
        return err;
    }
    for (size_t i = 0; i < n && err == BAS_OK; i++) {
        err = record(store, name, &peers[i], fault);
    }
    return store_end(store, err, fault);
}

/* Room for all peers of name; the transaction keeps their number. */
static bas_err make_room(struct bas_store *store, const struct bas_store_name *name,
                         struct bas_store_peer **peers, size_t *n, struct bas_fault *fault)
{
    sqlite3_stmt *statement = store_use(store, STORE_COUNT_PEERS, name);
    int result = sqlite3_step(statement);
    if (result != SQLITE_ROW) {
        return store_fail(store, fault, result, "cannot be read");
    }
    *n = (size_t)sqlite3_column_int64(statement, 0);
    *peers = bas_alloc(&store->env, *n * sizeof(**peers));
    return *n != 0 && *peers == NULL
               ? bas_fail(fault, BAS_ERR_NO_MEMORY, "%s: out of memory", store->path)
               : BAS_OK;
}

static bas_err read_peers(struct bas_store *store, const struct bas_store_name *name,
                          struct bas_store_peer *peers, size_t n, struct bas_fault *fault)
{
    sqlite3_stmt *statement = store_use(store, STORE_PEERS, name);
    for (size_t i = 0; i < n; i++) {
        int result = sqlite3_step(statement);
        if (result != SQLITE_ROW) {
            return store_fail(store, fault, result, "cannot be read");
        }
        if (!is_number(statement, 0) || sqlite3_column_int64(statement, 0) > UINT16_MAX ||
            !is_number(statement, 1)) {
            return fail_number(store, fault);
        }
        peers[i].address = (uint16_t)sqlite3_column_int64(statement, 0);
        peers[i].last = (uint64_t)sqlite3_column_int64(statement, 1);
    }
    return BAS_OK;
}

bas_err bas_store_peers(struct bas_store *store, const struct bas_store_name *name,
                        struct bas_store_peer **peers, size_t *n, struct bas_fault *fault)
{
    struct bas_store_peer *read = NULL;
    size_t count = 0;
    *peers = NULL;
    *n = 0;
    bas_err err = check_name(name, fault);
    err = err == BAS_OK ? store_begin(store, fault) : err;
    if (err != BAS_OK) {
        return err;
    }
    err = make_room(store, name, &read, &count, fault);
    err = err == BAS_OK ? read_peers(store, name, read, count, fault) : err;
    err = store_end(store, err, fault);
    if (err != BAS_OK) {
        bas_release(&store->env, read, count * sizeof(*read));
        return err;
    }
    *peers = read;
    *n = count;
    return BAS_OK;
}
