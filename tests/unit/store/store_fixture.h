/* A store in a folder of its own, and a clock that the test sets. */
#ifndef BASALT_TEST_STORE_FIXTURE_H
#define BASALT_TEST_STORE_FIXTURE_H

#include "basalt/store.h"
#include "test_folder.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORE_FILE "numbers.store"
/* 2026-11-21T05:00:00Z, whose number spec 4.6 gives. */
#define STORE_WALL   (INT64_C(1795237200) * BAS_SECOND)
#define STORE_NUMBER UINT64_C(280126800000)

static const struct bas_store_name store_name = { "house", 0x110A };

static inline int store_remove(void **state)
{
    (void)state;
    (void)unlink(STORE_FILE);
    (void)unlink(STORE_FILE "-wal");
    (void)unlink(STORE_FILE "-shm");
    return 0;
}

static inline struct bas_store *store_open_in(struct test_env *t)
{
    const struct bas_store_config config = { .size = sizeof(config),
                                             .path = STORE_FILE,
                                             .wait_ms = 30000 };
    struct bas_store *store = NULL;
    struct bas_fault fault = { 0 };
    if (bas_store_open(&t->env, &config, &store, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    assert_non_null(store);
    return store;
}

static inline struct bas_store_block store_reserve(struct bas_store *store,
                                                   const struct bas_store_name *name,
                                                   uint64_t wanted, uint64_t count)
{
    struct bas_store_block block;
    struct bas_fault fault = { 0 };
    if (bas_store_reserve(store, name, wanted, count, &block, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    return block;
}

/* Runs SQL on the file behind the store's back. */
static inline void store_sql(const char *text)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(STORE_FILE, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#endif
