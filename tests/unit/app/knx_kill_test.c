/* A process that sends Data Secure telegrams is killed at random moments (BASALT_KILLS of them, 50
 * when it is not set): knx_client's engine, sequences.c and the store, as they work together. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "test_env.h"
#include "test_folder.h"

#include "app/sequences.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OURS = 0x110A, GROUP = 0x0901, KILLS = 50 };

static const struct knx_group_key group = { GROUP, { { 1, 2, 3 } } };

static unsigned long kills(void)
{
    const char *text = getenv("BASALT_KILLS");
    return text == NULL ? KILLS : strtoul(text, NULL, 10);
}

/* The sender. */

struct record {
    uint8_t len;
    uint8_t octets[63];
};

static void on_event(void *user, const struct knx_data_secure_event *event)
{
    (void)user;
    (void)event;
}

static bas_err seal(struct knx_data_secure *secure, struct record *record)
{
    static const uint8_t tpdu[] = { 0x00, 0x81 };
    const struct knx_cemi cemi =
        knx_cemi_group(KNX_L_DATA_IND, OURS, GROUP, (struct bas_slice){ tpdu, sizeof(tpdu) });
    bool is_secured = false;
    struct bas_buf out;
    bas_buf_init(&out, record->octets, sizeof(record->octets));
    bas_err err = knx_data_secure_seal(secure, &cemi, 0, &out, &is_secured, NULL);
    record->len = (uint8_t)out.len;
    return err;
}

/* Sends as fast as it can, until it is killed. Whole records are written in one piece. */
static _Noreturn void send_for_ever(int to, bool distrusts_clock)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_loop *loop = bas_loop_new(&env);
    const struct knx_data_secure_config config = {
        .size = sizeof(config), .address = OURS, .groups = &group, .n_groups = 1
    };
    struct knx_data_secure *secure = knx_data_secure_new(&env, &config);
    struct sequences *sequences = NULL;
    const struct sequences_config how = { .loop = loop,
                                          .store_file = "numbers.db",
                                          .distrusts_clock = distrusts_clock,
                                          .secure = secure,
                                          .event = on_event };
    if (sequences_new(&how, &sequences, NULL) != BAS_OK ||
        sequences_begin(sequences, OURS, NULL) != BAS_OK) {
        _exit(1);
    }
    for (;;) {
        struct record record = { 0 };
        bas_err err = seal(secure, &record);
        sequences_drain(sequences);
        if (err == BAS_ERR_BUSY) { /* the next block is on its way */
            (void)uv_run(&loop->uv, UV_RUN_ONCE);
            continue;
        }
        if (err != BAS_OK || write(to, &record, sizeof(record)) != (ssize_t)sizeof(record)) {
            _exit(2);
        }
        (void)uv_run(&loop->uv, UV_RUN_NOWAIT);
    }
}

struct child {
    pid_t pid;
    int from;
};

static struct child start(bool distrusts_clock)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct child child = { fork(), ends[0] };
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        (void)close(ends[0]);
        send_for_ever(ends[1], distrusts_clock);
    }
    (void)close(ends[1]);
    return child;
}

static bool next(const struct child *child, struct record *record)
{
    ssize_t n = 0;
    do {
        n = read(child->from, record, sizeof(*record));
    } while (n < 0 && errno == EINTR);
    assert_true(n == 0 || n == (ssize_t)sizeof(*record));
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

/* The receiver, which is never restarted: what it refuses was sent with an old number. */

struct receiver {
    struct test_env t;
    struct knx_data_secure *secure;
    uint64_t last;
    uint64_t telegrams;
    unsigned long kills;
};

static uint64_t take(struct receiver *r, const struct record *record)
{
    uint8_t memory[256];
    struct bas_buf plain;
    struct knx_cemi cemi;
    struct knx_opened opened;
    bas_buf_init(&plain, memory, sizeof(memory));
    assert_int_equal(
        knx_cemi_decode((struct bas_slice){ record->octets, record->len }, &cemi, NULL), BAS_OK);
    knx_data_secure_open(r->secure, &cemi, 0, &plain, &opened);
    assert_int_equal(opened.drop, KNX_DROP_NONE);
    assert_true(opened.sequence > r->last);
    r->last = opened.sequence;
    r->telegrams++;
    return opened.sequence;
}

/* Takes a random number of telegrams, kills, takes what was sent before the end. Gives the first
 * number. */
static uint64_t run_and_kill(struct receiver *r, bool distrusts_clock)
{
    struct child child = start(distrusts_clock);
    struct record record;
    uint16_t random = 0;
    uint64_t first = 0;
    r->t.env.random(r->t.env.ctx, (uint8_t *)&random, sizeof(random));
    for (unsigned i = 0; i <= random % 9000U && next(&child, &record); i++) {
        uint64_t number = take(r, &record);
        first = first == 0 ? number : first;
    }
    assert_int_equal(kill(child.pid, SIGKILL), 0);
    r->kills++;
    while (next(&child, &record)) {
        (void)take(r, &record);
    }
    end(&child);
    assert_int_not_equal(first, 0);
    return first;
}

static void begin(struct receiver *r)
{
    static const struct knx_sender sender = { OURS, 0, false };
    const struct knx_data_secure_config config = { .size = sizeof(config),
                                                   .address = 0x1101,
                                                   .groups = &group,
                                                   .n_groups = 1,
                                                   .senders = &sender,
                                                   .n_senders = 1 };
    *r = (struct receiver){ .last = 0 };
    test_env_init(&r->t);
    (void)unlink("numbers.db");
    (void)unlink("numbers.db-wal");
    (void)unlink("numbers.db-shm");
    r->secure = knx_data_secure_new(&r->t.env, &config);
    assert_non_null(r->secure);
}

static void done(struct receiver *r)
{
    print_message("# %lu kills, %llu telegrams\n", r->kills, (unsigned long long)r->telegrams);
    knx_data_secure_free(r->secure);
    test_env_check(&r->t);
}

static void a_killed_sender_uses_no_number_twice_and_skips_a_block_at_most(void **state)
{
    (void)state;
    struct receiver r;
    begin(&r);
    for (unsigned long i = 0; i < kills(); i++) {
        uint64_t last = r.last;
        /* The bound alone counts: a clock would hide a fault. One that was sealed is not sent. */
        uint64_t first = run_and_kill(&r, true);
        assert_true(last == 0 || first <= last + 2 + SEQUENCES_BLOCK);
    }
    done(&r);
}

static void with_a_clock_the_start_is_the_larger_of_it_and_the_bound(void **state)
{
    (void)state;
    struct receiver r;
    struct bas_env env = bas_env_host(NULL, NULL);
    begin(&r);
    for (unsigned long i = 0; i < kills() / 5 + 1; i++) {
        uint64_t last = r.last;
        uint64_t before = knx_sequence_of_clock(env.wall(env.ctx));
        uint64_t first = run_and_kill(&r, false);
        uint64_t after = knx_sequence_of_clock(env.wall(env.ctx));
        uint64_t bound = last + 2 + SEQUENCES_BLOCK;
        assert_true(first >= before);
        assert_true(first <= (after > bound ? after : bound));
    }
    done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_sender_uses_no_number_twice_and_skips_a_block_at_most),
        cmocka_unit_test(with_a_clock_the_start_is_the_larger_of_it_and_the_bound),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
