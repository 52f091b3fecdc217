/* Also store.c and number.c: processes that use a store are killed at random moments (BASALT_KILLS
 * of them, 50 when it is not set). */
#include "test_env.h"

#include "store_fixture.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

enum { BLOCK = 16, KILLS = 50 };

static unsigned long kills(void)
{
    const char *text = getenv("BASALT_KILLS");
    return text == NULL ? KILLS : strtoul(text, NULL, 10);
}

/* Tells each number before it is used, until it is killed. */
static _Noreturn void use_numbers(int to, int64_t wall)
{
    struct test_env t;
    struct bas_store_block block;
    const struct bas_store_config config = { .size = sizeof(config),
                                             .path = STORE_FILE,
                                             .wait_ms = 60000 };
    struct bas_store *store = NULL;
    uint64_t wanted = 0;
    test_env_init(&t);
    t.wall = wall;
    if (bas_store_open(&t.env, &config, &store, NULL) != BAS_OK) {
        _exit(1);
    }
    while (bas_store_reserve(store, &store_name, wanted, BLOCK, &block, NULL) == BAS_OK) {
        for (uint64_t i = 0; i < block.count; i++) {
            wanted = block.first + i;
            if (write(to, &wanted, sizeof(wanted)) != (ssize_t)sizeof(wanted)) {
                _exit(2);
            }
        }
        wanted++;
    }
    _exit(3);
}

struct child {
    pid_t pid;
    int from;
};

static struct child start(int64_t wall)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct child child = { fork(), ends[0] };
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        (void)close(ends[0]);
        use_numbers(ends[1], wall);
    }
    (void)close(ends[1]);
    return child;
}

/* The next number of a child; false at its end. */
static bool next(const struct child *child, uint64_t *number)
{
    ssize_t n = 0;
    do {
        n = read(child->from, number, sizeof(*number));
    } while (n < 0 && errno == EINTR);
    assert_true(n == 0 || n == (ssize_t)sizeof(*number));
    return n != 0;
}

static void end(const struct child *child)
{
    int status = 0;
    (void)close(child->from);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* Takes a random count of numbers, kills, takes what was told before the end. */
static uint64_t run_and_kill(struct test_env *t, int64_t wall, uint64_t last)
{
    struct child child = start(wall);
    uint64_t number = 0;
    uint8_t random = 0;
    t->env.random(t->env.ctx, &random, 1);
    bool is_first = true;
    for (unsigned i = 0; i <= random && next(&child, &number); i++) {
        /* What a killed process had reserved and not used is lost: at most a block. */
        assert_true(number > last);
        assert_true(!is_first || last == 0 || number <= last + 1 + BLOCK);
        assert_true(is_first || number == last + 1);
        last = number;
        is_first = false;
    }
    assert_int_equal(kill(child.pid, SIGKILL), 0);
    while (next(&child, &number)) {
        assert_true(number == last + 1);
        last = number;
    }
    end(&child);
    assert_false(is_first);
    return last;
}

static void no_number_is_used_twice_after_kills(void **state)
{
    (void)state;
    struct test_env t;
    uint64_t last = 0;
    test_env_init(&t);
    for (unsigned long i = 0; i < kills(); i++) {
        last = run_and_kill(&t, 0, last); /* without a clock that would hide a fault */
    }
    struct bas_store *store = store_open_in(&t);
    t.wall = 0;
    struct bas_store_block block = store_reserve(store, &store_name, 0, 1);
    assert_true(block.first > last && block.first <= last + 1 + BLOCK);
    bas_store_close(store);
    test_env_check(&t);
}

static void a_kill_before_the_first_number_leaves_a_store_that_opens(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    for (unsigned long i = 0; i < kills(); i++) {
        uint8_t random = 0;
        uint64_t number = 0;
        (void)store_remove(NULL);
        struct child child = start(STORE_WALL);
        t.env.random(t.env.ctx, &random, 1);
        struct pollfd pollfd = { child.from, POLLIN, 0 };
        (void)poll(&pollfd, 1, random % 8); /* in the middle of making it, at times */
        assert_int_equal(kill(child.pid, SIGKILL), 0);
        uint64_t last = 0;
        while (next(&child, &number)) {
            last = number;
        }
        end(&child);
        t.wall = STORE_WALL;
        struct bas_store *store = store_open_in(&t);
        struct bas_store_block block = store_reserve(store, &store_name, 0, 1);
        assert_true(block.first > last && block.first >= STORE_NUMBER);
        bas_store_close(store);
    }
    test_env_check(&t);
    /* What those left that were killed while they made one. */
    assert_int_equal(system("rm -f " STORE_FILE ".new-*"), 0);
}

static void two_processes_share_a_store_while_others_are_killed(void **state)
{
    (void)state;
    enum { NUMBERS = 200000, CHILDREN = 2 };
    struct test_env t;
    bool *used = calloc(NUMBERS, sizeof(*used));
    assert_non_null(used);
    test_env_init(&t);
    for (unsigned long i = 0; i < kills() / 5 + 1; i++) {
        struct child children[CHILDREN] = { start(0), start(0) };
        for (unsigned k = 0; k < 300; k++) {
            uint64_t number = 0;
            if (k == 200) {
                assert_int_equal(kill(children[0].pid, SIGKILL), 0);
            }
            if (next(&children[k % CHILDREN], &number)) {
                assert_true(number < NUMBERS && !used[number]);
                used[number] = true;
            }
        }
        assert_int_equal(kill(children[1].pid, SIGKILL), 0);
        for (unsigned k = 0; k < CHILDREN; k++) {
            uint64_t number = 0;
            while (next(&children[k], &number)) {
                assert_true(number >= NUMBERS || !used[number]);
                used[number < NUMBERS ? number : 0] = true;
            }
            end(&children[k]);
        }
        if (i % 10 == 9) { /* so that the numbers stay in the table */
            (void)store_remove(NULL);
            memset(used, 0, NUMBERS * sizeof(*used));
        }
    }
    free(used);
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_number_is_used_twice_after_kills, store_remove),
        cmocka_unit_test_teardown(a_kill_before_the_first_number_leaves_a_store_that_opens,
                                  store_remove),
        cmocka_unit_test_teardown(two_processes_share_a_store_while_others_are_killed,
                                  store_remove),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
