/* What the files of this folder share: the open store, its statements, its errors. */
#ifndef BASALT_STORE_STORE_H
#define BASALT_STORE_STORE_H

#include "basalt/store.h"

#include <sqlite3.h>

enum store_statement {
    STORE_BEGIN,
    STORE_COMMIT,
    STORE_ROLLBACK,
    STORE_BOUND,
    STORE_RESERVE,
    STORE_RECORD,
    STORE_PEERS,
    STORE_COUNT_PEERS,
    STORE_STATEMENTS
};

struct bas_store {
    struct bas_env env;
    sqlite3 *db;
    sqlite3_stmt *statements[STORE_STATEMENTS];
    bool distrusts_clock;
    size_t path_len; /* with its end */
    char *path;
};

/* Fills fault with "FILE: what, why; what to do" for a result of SQLite's. */
bas_err store_fail(const struct bas_store *store, struct bas_fault *fault, int result,
                   const char *what);

/* A whole transaction that holds off all other writers. begin also keeps other threads out until
 * end, which commits when err is BAS_OK, else gives everything back; it returns the error of both.
 */
bas_err store_begin(struct bas_store *store, struct bas_fault *fault);
bas_err store_end(struct bas_store *store, bas_err err, struct bas_fault *fault);

/* A statement ready for its values: owner and address are set as ?1 and ?2. Reset by store_end. */
sqlite3_stmt *store_use(struct bas_store *store, enum store_statement which,
                        const struct bas_store_name *name);

#endif
