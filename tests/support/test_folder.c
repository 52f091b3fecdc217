#define _XOPEN_SOURCE 700 /* nftw, mkdtemp */
#include "test_folder.h"

#include "test_env.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char before[4096];
    char name[64];
};

int test_folder_enter(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));
    assert_non_null(folder);
    (void)snprintf(folder->name, sizeof(folder->name), "/tmp/basalt-test-XXXXXX");
    assert_non_null(getcwd(folder->before, sizeof(folder->before)));
    assert_non_null(mkdtemp(folder->name));
    assert_int_equal(chdir(folder->name), 0);
    *state = folder;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

int test_folder_leave(void **state)
{
    struct folder *folder = *state;
    int failed = chdir(folder->before);
    failed |= nftw(folder->name, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(folder);
    return failed;
}

void test_folder_write(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

void test_folder_make(const char *name)
{
    assert_int_equal(mkdir(name, S_IRWXU), 0);
}
