/* What the files of this folder share: the open store, its statements, its errors. */
#ifndef BASALT_STORE_STORE_H
#define BASALT_STORE_STORE_H

#include "basalt/store.h"

#include <sqlite3.h>

/* Of every store; those of a kind follow. */
enum { STORE_BEGIN, STORE_COMMIT, STORE_ROLLBACK, STORE_OF_KIND, STORE_MAX_STATEMENTS = 16 };

/* A kind of store: what is in its file. */
struct store_kind {
    sqlite3_int64 application; /* stands in the file's header */
    sqlite3_int64 schema;      /* the version of the tables */
    const char *const *make;   /* the statements that make them */
    size_t n_make;
    const char *const *settings; /* of each connection */
    size_t n_settings;
    const char *const *statements; /* from STORE_OF_KIND on */
    size_t n_statements;
    const char *loss;  /* what follows when the file is moved away: "numbers then ..." */
    const char *abuse; /* what others could do who may write to it */
};

struct bas_store {
    struct bas_env env;
    const struct store_kind *kind;
    sqlite3 *db;
    sqlite3_stmt *statements[STORE_MAX_STATEMENTS];
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

/* Opens the file of a kind, or makes it; as bas_store_open. */
bas_err store_open(const struct bas_env *env, const struct store_kind *kind,
                   const struct bas_store_config *config, struct bas_store **store,
                   struct bas_fault *fault);
/* A statement ready for its values. Reset by store_end. */
sqlite3_stmt *store_statement(struct bas_store *store, size_t which);

#endif
