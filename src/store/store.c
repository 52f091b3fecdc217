/* Owns a store's file: how it comes to be, what is checked before it is believed, transactions. */
#define _DEFAULT_SOURCE /* mkstemp */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH = 4000 };

static const char *const common[STORE_OF_KIND] = {
    [STORE_BEGIN] = "BEGIN IMMEDIATE",
    [STORE_COMMIT] = "COMMIT",
    [STORE_ROLLBACK] = "ROLLBACK",
};

/* Errors */

/* Results of SQLite that say something to people, a row each. */
static const struct {
    int result;
    bas_err err;
    const char *advice;
} results[] = {
    { SQLITE_BUSY, BAS_ERR_BUSY, "another process keeps it locked: end that one or try again" },
    { SQLITE_LOCKED, BAS_ERR_BUSY, "another process keeps it locked: end that one or try again" },
    { SQLITE_NOMEM, BAS_ERR_NO_MEMORY, "free some memory" },
    { SQLITE_FULL, BAS_ERR_NO_SPACE, "make room on its disk" },
    { SQLITE_READONLY, BAS_ERR_PERMISSION,
      "give this user the right to write to it and its folder" },
    { SQLITE_PERM, BAS_ERR_PERMISSION, "give this user the right to write to it and its folder" },
    { SQLITE_CANTOPEN, BAS_ERR_PERMISSION,
      "give this user the right to write to it and its folder" },
    { SQLITE_IOERR, BAS_ERR_IO, "look at its disk, and whether that is full" },
    { SQLITE_NOTADB, BAS_ERR_MALFORMED, "it is no store or damaged: move it away" },
    { SQLITE_CORRUPT, BAS_ERR_MALFORMED, "it is damaged: move it away" },
    { SQLITE_ERROR, BAS_ERR_MALFORMED, "it is no store or damaged: move it away" },
};

bas_err store_fail(const struct bas_store *store, struct bas_fault *fault, int result,
                   const char *what)
{
    int primary = result & 0xFF; /* the rest are details of it */
    for (size_t i = 0; i < BAS_ARRAY_LEN(results); i++) {
        if (results[i].result == primary) {
            bool is_lost = results[i].err == BAS_ERR_MALFORMED;
            return bas_fail(fault, results[i].err, "%s: %s: %s; %s%s%s", store->path, what,
                            sqlite3_errstr(result), results[i].advice, is_lost ? ", " : "",
                            is_lost ? store->kind->loss : "");
        }
    }
    return bas_fail(fault, BAS_ERR_INTERNAL, "%s: %s: %s", store->path, what,
                    sqlite3_errstr(result));
}

static bas_err fail_damaged(const struct bas_store *store, struct bas_fault *fault, const char *why)
{
    return bas_fail(fault, BAS_ERR_MALFORMED,
                    "%s: is damaged (%.80s): move it away, with the files FILE-wal and FILE-shm "
                    "beside it; %s",
                    store->path, why, store->kind->loss);
}

static bas_err fail_file(const struct bas_store *store, struct bas_fault *fault, const char *what,
                         int error)
{
    bas_err err = error == EACCES || error == EPERM || error == EROFS ? BAS_ERR_PERMISSION
                  : error == ENOSPC || error == EDQUOT                ? BAS_ERR_NO_SPACE
                  : error == ENOENT || error == ENOTDIR               ? BAS_ERR_NOT_FOUND
                                                                      : BAS_ERR_IO;
    const char *advice = err == BAS_ERR_PERMISSION  ? "; give this user the right to write there"
                         : err == BAS_ERR_NO_SPACE  ? "; make room on its disk"
                         : err == BAS_ERR_NOT_FOUND ? "; make its folder first"
                                                    : "";
    return bas_fail(fault, err, "%s: %s: %s%s", store->path, what, strerror(error), advice);
}

/* Transactions */

static int run(struct bas_store *store, size_t which)
{
    sqlite3_stmt *statement = store->statements[which];
    int result = sqlite3_step(statement);
    (void)sqlite3_reset(statement);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

bas_err store_begin(struct bas_store *store, struct bas_fault *fault)
{
    sqlite3_mutex_enter(sqlite3_db_mutex(store->db));
    int result = run(store, STORE_BEGIN);
    if (result == SQLITE_OK) {
        return BAS_OK;
    }
    bas_err err = store_fail(store, fault, result, "cannot be changed");
    sqlite3_mutex_leave(sqlite3_db_mutex(store->db));
    return err;
}

bas_err store_end(struct bas_store *store, bas_err err, struct bas_fault *fault)
{
    for (size_t i = 0; i < STORE_OF_KIND + store->kind->n_statements; i++) {
        (void)sqlite3_reset(store->statements[i]);
        (void)sqlite3_clear_bindings(store->statements[i]); /* they borrow the caller's texts */
    }
    int result = err == BAS_OK ? run(store, STORE_COMMIT) : SQLITE_OK;
    if (result != SQLITE_OK) {
        err = store_fail(store, fault, result, "cannot be changed");
    }
    if (sqlite3_get_autocommit(store->db) == 0) {
        (void)run(store, STORE_ROLLBACK); /* all that is left to do: nothing was granted */
    }
    sqlite3_mutex_leave(sqlite3_db_mutex(store->db));
    return err;
}

sqlite3_stmt *store_statement(struct bas_store *store, size_t which)
{
    sqlite3_stmt *statement = store->statements[which];
    (void)sqlite3_reset(statement);
    return statement;
}

/* Opening */

/* One number that a PRAGMA answers with. */
static int ask(sqlite3 *db, const char *text, sqlite3_int64 *number)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(db, text, -1, &statement, NULL);
    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
        *number = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return result == SQLITE_ROW ? SQLITE_OK : result;
}

static int run_all(sqlite3 *db, const char *const *list, size_t n)
{
    int result = SQLITE_OK;
    for (size_t i = 0; i < n && result == SQLITE_OK; i++) {
        result = sqlite3_exec(db, list[i], NULL, NULL, NULL);
    }
    return result;
}

/* Opens path, which is there. db is to be closed also after a failure. */
static int open_file(const struct store_kind *kind, const char *path, uint32_t wait_ms,
                     sqlite3 **db)
{
    static const char *const settings[] = { "PRAGMA trusted_schema = OFF",
                                            "PRAGMA cell_size_check = ON" };
    int result = sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL);
    if (result != SQLITE_OK) {
        return result;
    }
    (void)sqlite3_extended_result_codes(*db, 1);
    (void)sqlite3_busy_timeout(*db, (int)(wait_ms < INT32_MAX ? wait_ms : INT32_MAX));
    result = run_all(*db, settings, BAS_ARRAY_LEN(settings));
    return result == SQLITE_OK ? run_all(*db, kind->settings, kind->n_settings) : result;
}

static bas_err sync_folder(const struct bas_store *store, struct bas_fault *fault)
{
    char folder[MAX_PATH + 1];
    (void)snprintf(folder, sizeof(folder), "%s", store->path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        (void)snprintf(folder, sizeof(folder), ".");
    } else {
        slash[slash == folder ? 1 : 0] = 0;
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return error == 0 ? BAS_OK
                      : fail_file(store, fault, "its folder cannot be synchronised", error);
}

/* Fills an empty file of its own. */
static bas_err make_tables(const struct bas_store *store, const char *path, struct bas_fault *fault)
{
    sqlite3 *db = NULL;
    sqlite3_int64 number = 0;
    int result = open_file(store->kind, path, 0, &db);
    if (result == SQLITE_OK) {
        result = run_all(db, store->kind->make, store->kind->n_make);
    }
    if (result == SQLITE_OK) { /* folds the log back, so that the file can be moved alone */
        result = ask(db, "PRAGMA wal_checkpoint(TRUNCATE)", &number);
    }
    bas_err err = result == SQLITE_OK ? BAS_OK : store_fail(store, fault, result, "cannot be made");
    (void)sqlite3_close(db);
    return err;
}

/* A store comes under its name whole or not at all: an empty file is always a damaged one. */
static bas_err make(const struct bas_store *store, struct bas_fault *fault)
{
    char name[MAX_PATH + 16];
    (void)snprintf(name, sizeof(name), "%s.new-XXXXXX", store->path);
    int fd = mkstemp(name); /* mode 0600 */
    if (fd < 0) {
        return fail_file(store, fault, "cannot be made", errno);
    }
    (void)close(fd);
    bas_err err = make_tables(store, name, fault);
    if (err == BAS_OK && link(name, store->path) != 0 &&
        errno != EEXIST) { /* made by another one */
        err = fail_file(store, fault, "cannot be made", errno);
    }
    (void)unlink(name);
    return err == BAS_OK ? sync_folder(store, fault) : err;
}

/* What stands under the name before SQLite looks at it. */
static bas_err check_file(const struct bas_store *store, struct bas_fault *fault)
{
    struct stat st;
    if (lstat(store->path, &st) != 0) {
        return errno == ENOENT ? make(store, fault)
                               : fail_file(store, fault, "cannot be opened", errno);
    }
    if (!S_ISREG(st.st_mode)) {
        return bas_fail(fault, BAS_ERR_INVALID, "%s: is not a file; name one that is, or a new one",
                        store->path);
    }
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return bas_fail(fault, BAS_ERR_PERMISSION,
                        "%s: others may write to it (mode %04o), and so %s; chmod 600", store->path,
                        (unsigned)st.st_mode & 07777U, store->kind->abuse);
    }
    if (st.st_size == 0) {
        return fail_damaged(store, fault, "it is empty");
    }
    return BAS_OK;
}

static bas_err check_versions(const struct bas_store *store, struct bas_fault *fault)
{
    sqlite3_int64 application = 0;
    sqlite3_int64 version = 0;
    int result = ask(store->db, "PRAGMA application_id", &application);
    result = result == SQLITE_OK ? ask(store->db, "PRAGMA user_version", &version) : result;
    if (result != SQLITE_OK) {
        return store_fail(store, fault, result, "cannot be opened");
    }
    if (application != store->kind->application) {
        return bas_fail(
            fault, BAS_ERR_MALFORMED,
            "%s: is a database of another program, or damaged; name another file, or move it "
            "away: %s",
            store->path, store->kind->loss);
    }
    if (version != store->kind->schema) {
        return bas_fail(fault, BAS_ERR_UNSUPPORTED,
                        "%s: has the schema %lld, this program knows %lld; use the program that "
                        "made it, or name another file",
                        store->path, (long long)version, (long long)store->kind->schema);
    }
    return BAS_OK;
}

/* SQLite's own look at every page. */
static bas_err check_pages(const struct bas_store *store, struct bas_fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bas_err err = BAS_OK;
    int result = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
    result = result == SQLITE_OK ? sqlite3_step(statement) : result;
    if (result != SQLITE_ROW) {
        err = store_fail(store, fault, result, "cannot be checked");
    } else {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (text == NULL || strcmp(text, "ok") != 0) {
            err = fail_damaged(store, fault, text == NULL ? "no answer" : text);
        }
    }
    (void)sqlite3_finalize(statement);
    return err;
}

static bas_err check_log(const struct bas_store *store, struct bas_fault *fault)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode", -1, &statement, NULL);
    result = result == SQLITE_OK ? sqlite3_step(statement) : result;
    const char *mode =
        result == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bas_err err = BAS_OK;
    if (result != SQLITE_ROW) {
        err = store_fail(store, fault, result, "cannot be opened");
    } else if (mode == NULL || strcmp(mode, "wal") != 0) {
        err = bas_fail(fault, BAS_ERR_UNSUPPORTED,
                       "%s: no write-ahead log can be kept there; put it on a local disk",
                       store->path);
    }
    (void)sqlite3_finalize(statement);
    return err;
}

static bas_err prepare(struct bas_store *store, struct bas_fault *fault)
{
    for (size_t i = 0; i < STORE_OF_KIND + store->kind->n_statements; i++) {
        const char *text =
            i < STORE_OF_KIND ? common[i] : store->kind->statements[i - STORE_OF_KIND];
        int result = sqlite3_prepare_v3(store->db, text, -1, SQLITE_PREPARE_PERSISTENT,
                                        &store->statements[i], NULL);
        if (result != SQLITE_OK) {
            return store_fail(store, fault, result, "cannot be used");
        }
    }
    return BAS_OK;
}

static bas_err open_store(struct bas_store *store, uint32_t wait_ms, struct bas_fault *fault)
{
    bas_err err = check_file(store, fault);
    if (err != BAS_OK) {
        return err;
    }
    int result =
        open_file(store->kind, store->path, wait_ms == 0 ? BAS_STORE_WAIT_MS : wait_ms, &store->db);
    if (result != SQLITE_OK) {
        return store_fail(store, fault, result, "cannot be opened");
    }
    err = check_versions(store, fault);
    err = err == BAS_OK ? check_log(store, fault) : err;
    err = err == BAS_OK ? check_pages(store, fault) : err;
    return err == BAS_OK ? prepare(store, fault) : err;
}

bas_err store_open(const struct bas_env *env, const struct store_kind *kind,
                   const struct bas_store_config *config, struct bas_store **store,
                   struct bas_fault *fault)
{
    *store = NULL;
    if (config->path == NULL || config->path[0] == 0 || strlen(config->path) >= MAX_PATH) {
        return bas_fail(fault, BAS_ERR_INVALID, "a store needs a path of 1 to %d octets",
                        (int)MAX_PATH - 1);
    }
    size_t len = strlen(config->path) + 1;
    struct bas_store *s = bas_alloc(env, sizeof(*s));
    char *path = bas_alloc(env, len);
    if (s == NULL || path == NULL) {
        bas_release(env, path, len);
        bas_release(env, s, sizeof(*s));
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "%s: out of memory", config->path);
    }
    memcpy(path, config->path, len);
    s->env = *env;
    s->kind = kind;
    s->path = path;
    s->path_len = len;
    s->distrusts_clock = config->distrusts_clock;
    bas_err err = open_store(s, config->wait_ms, fault);
    if (err != BAS_OK) {
        bas_store_close(s);
        return err;
    }
    *store = s;
    return BAS_OK;
}

void bas_store_close(struct bas_store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(store->statements); i++) {
        (void)sqlite3_finalize(store->statements[i]);
    }
    (void)sqlite3_close(store->db);
    const struct bas_env env = store->env;
    bas_release(&env, store->path, store->path_len);
    bas_release(&env, store, sizeof(*store));
}
