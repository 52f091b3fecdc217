/* Owns what a device keeps in a store: values, objects that came and went, settings. */
#include "store/store.h"

#include <string.h>

enum { PUT = STORE_OF_KIND, TAKE_ELEMENTS, TAKE_OBJECT, WAS_CREATED, EACH, SET, UNSET, GET, END };

static const char *const make[] = {
    "PRAGMA journal_mode = WAL",
    "BEGIN",
    "CREATE TABLE value (number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
    " type INTEGER NOT NULL, instance INTEGER NOT NULL, property INTEGER NOT NULL,"
    " element INTEGER NOT NULL, priority INTEGER NOT NULL, octets BLOB NOT NULL,"
    " UNIQUE (type, instance, kind, property, element, priority))",
    "CREATE TABLE setting (name TEXT NOT NULL PRIMARY KEY, octets BLOB NOT NULL) WITHOUT ROWID",
    "PRAGMA application_id = 1112755286",
    "PRAGMA user_version = 1",
    "COMMIT",
};
static const char *const quick[] = { "PRAGMA locking_mode = EXCLUSIVE",
                                     "PRAGMA synchronous = NORMAL" };
static const char *const synced[] = { "PRAGMA locking_mode = EXCLUSIVE",
                                      "PRAGMA synchronous = FULL" };
static const char *const texts[END - STORE_OF_KIND] = {
    [PUT - STORE_OF_KIND] =
        "INSERT OR REPLACE INTO value (type, instance, kind, property, element, priority, octets)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [TAKE_ELEMENTS - STORE_OF_KIND] =
        "DELETE FROM value WHERE type = ?1 AND instance = ?2 AND kind = ?3 AND property = ?4",
    [TAKE_OBJECT - STORE_OF_KIND] =
        "DELETE FROM value WHERE type = ?1 AND instance = ?2 AND kind <> 2",
    [WAS_CREATED - STORE_OF_KIND] =
        "SELECT 1 FROM value WHERE type = ?1 AND instance = ?2 AND kind = 1",
    [EACH - STORE_OF_KIND] = "SELECT type, instance, kind, property, element, priority, octets"
                             " FROM value ORDER BY number",
    [SET - STORE_OF_KIND] = "INSERT OR REPLACE INTO setting (name, octets) VALUES (?1, ?2)",
    [UNSET - STORE_OF_KIND] = "DELETE FROM setting WHERE name = ?1",
    [GET - STORE_OF_KIND] = "SELECT octets FROM setting WHERE name = ?1",
};
_Static_assert(BAS_VALUE_CREATED == 1 && BAS_VALUE_DELETED == 2, "as statements above say");

#define KIND(of)                                                                                   \
    {                                                                                              \
        .application = 0x42534C56, /* "BSLV"; as the statement above says */                       \
            .schema = 1, .make = make, .n_make = BAS_ARRAY_LEN(make), .settings = of,              \
        .n_settings = BAS_ARRAY_LEN(of), .statements = texts,                                      \
        .n_statements = BAS_ARRAY_LEN(texts),                                                      \
        .loss = "all values are then those of the configuration",                                  \
        .abuse = "let values appear that nobody wrote",                                            \
    }
static const struct store_kind kinds[] = { KIND(quick), KIND(synced) };

bas_err bas_values_open(const struct bas_env *env, const struct bas_store_config *config,
                        bool is_synced, struct bas_store **store, struct bas_fault *fault)
{
    return store_open(env, &kinds[is_synced ? 1 : 0], config, store, fault);
}

bas_err bas_values_begin(struct bas_store *store, struct bas_fault *fault)
{
    return store_begin(store, fault);
}

bas_err bas_values_end(struct bas_store *store, bas_err err, struct bas_fault *fault)
{
    return store_end(store, err, fault);
}

static bas_err run(struct bas_store *store, sqlite3_stmt *statement, struct bas_fault *fault)
{
    int result = sqlite3_step(statement);
    (void)sqlite3_reset(statement);
    return result == SQLITE_DONE || result == SQLITE_ROW
               ? BAS_OK
               : store_fail(store, fault, result, "cannot be changed");
}

static sqlite3_stmt *use(struct bas_store *store, size_t which, uint16_t type, uint32_t instance)
{
    sqlite3_stmt *statement = store_statement(store, which);
    (void)sqlite3_bind_int(statement, 1, type);
    (void)sqlite3_bind_int64(statement, 2, instance);
    return statement;
}

/* An empty slice is no NULL of SQL's. */
static void bind_octets(sqlite3_stmt *statement, int at, struct bas_slice octets)
{
    (void)sqlite3_bind_blob64(statement, at, octets.len == 0 ? (const uint8_t *)"" : octets.data,
                              octets.len, SQLITE_TRANSIENT);
}

static bas_err take_elements(struct bas_store *store, const struct bas_value *value,
                             struct bas_fault *fault)
{
    sqlite3_stmt *statement = use(store, TAKE_ELEMENTS, value->type, value->instance);
    (void)sqlite3_bind_int(statement, 3, (int)value->kind);
    (void)sqlite3_bind_int64(statement, 4, value->property);
    return run(store, statement, fault);
}

bas_err bas_values_put(struct bas_store *store, const struct bas_value *value,
                       struct bas_fault *fault)
{
    bas_err err = BAS_OK;
    if (value->kind != BAS_VALUE_WRITTEN) {
        bool unsaid;
        err = bas_values_forget(store, value->type, value->instance, &unsaid, fault);
    } else if (value->index == UINT32_MAX && value->priority == 0) {
        err = take_elements(store, value, fault);
    }
    if (err != BAS_OK) {
        return err;
    }
    sqlite3_stmt *statement = use(store, PUT, value->type, value->instance);
    bool is_written = value->kind == BAS_VALUE_WRITTEN;
    (void)sqlite3_bind_int(statement, 3, (int)value->kind);
    (void)sqlite3_bind_int64(statement, 4, is_written ? value->property : 0);
    (void)sqlite3_bind_int64(statement, 5, is_written ? value->index : 0);
    (void)sqlite3_bind_int(statement, 6, is_written ? value->priority : 0);
    bind_octets(statement, 7, value->octets);
    return run(store, statement, fault);
}

bas_err bas_values_forget(struct bas_store *store, uint16_t type, uint32_t instance,
                          bool *was_created, struct bas_fault *fault)
{
    sqlite3_stmt *statement = use(store, WAS_CREATED, type, instance);
    int result = sqlite3_step(statement);
    (void)sqlite3_reset(statement);
    *was_created = result == SQLITE_ROW;
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        return store_fail(store, fault, result, "cannot be read");
    }
    return run(store, use(store, TAKE_OBJECT, type, instance), fault);
}

static sqlite3_stmt *use_name(struct bas_store *store, size_t which, const char *name)
{
    sqlite3_stmt *statement = store_statement(store, which);
    (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_TRANSIENT);
    return statement;
}

bas_err bas_values_set(struct bas_store *store, const char *name, struct bas_slice octets,
                       struct bas_fault *fault)
{
    if (octets.data == NULL) {
        return run(store, use_name(store, UNSET, name), fault);
    }
    sqlite3_stmt *statement = use_name(store, SET, name);
    bind_octets(statement, 2, octets);
    return run(store, statement, fault);
}

/* Reading */

static struct bas_slice octets_at(sqlite3_stmt *statement, int column)
{
    const uint8_t *data = sqlite3_column_blob(statement, column);
    int len = sqlite3_column_bytes(statement, column);
    return (struct bas_slice){ data, data == NULL || len < 0 ? 0 : (size_t)len };
}

/* False: a number is out of its range; somebody else wrote the file. */
static bool read_row(sqlite3_stmt *statement, struct bas_value *value)
{
    static const sqlite3_int64 most[] = { 1023,       UINT32_MAX, BAS_VALUE_DELETED,
                                          UINT32_MAX, UINT32_MAX, 16 };
    sqlite3_int64 numbers[BAS_ARRAY_LEN(most)];
    for (int i = 0; i < (int)BAS_ARRAY_LEN(most); i++) {
        numbers[i] = sqlite3_column_int64(statement, i);
        if (numbers[i] < 0 || numbers[i] > most[i]) {
            return false;
        }
    }
    *value = (struct bas_value){ .type = (uint16_t)numbers[0],
                                 .instance = (uint32_t)numbers[1],
                                 .kind = (enum bas_value_kind)numbers[2],
                                 .property = (uint32_t)numbers[3],
                                 .index = (uint32_t)numbers[4],
                                 .priority = (uint8_t)numbers[5],
                                 .octets = octets_at(statement, 6) };
    return true;
}

bas_err bas_values_each(struct bas_store *store,
                        void (*take)(void *user, const struct bas_value *value), void *user,
                        struct bas_fault *fault)
{
    sqlite3_stmt *statement = store_statement(store, EACH);
    bas_err err = BAS_OK;
    int result = sqlite3_step(statement);
    for (; result == SQLITE_ROW && err == BAS_OK; result = sqlite3_step(statement)) {
        struct bas_value value;
        if (read_row(statement, &value)) {
            take(user, &value);
        } else {
            err = bas_fail(fault, BAS_ERR_MALFORMED,
                           "%s: is damaged (a number out of its range): move it away, %s",
                           store->path, store->kind->loss);
        }
    }
    (void)sqlite3_reset(statement);
    return err != BAS_OK || result == SQLITE_DONE
               ? err
               : store_fail(store, fault, result, "cannot be read");
}

bas_err bas_values_get(struct bas_store *store, const char *name,
                       void (*take)(void *user, struct bas_slice octets), void *user,
                       struct bas_fault *fault)
{
    sqlite3_stmt *statement = use_name(store, GET, name);
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        take(user, octets_at(statement, 0));
    }
    (void)sqlite3_reset(statement);
    return result == SQLITE_ROW || result == SQLITE_DONE
               ? BAS_OK
               : store_fail(store, fault, result, "cannot be read");
}
