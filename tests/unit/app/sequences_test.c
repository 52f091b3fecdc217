/* Of sequences.c: what it asks of the store, without a network. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_world.h"
#include "test_folder.h"

#include "app/sequences.h"
#include "basalt/store.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

enum { OURS = 0x110A, PEER = 0x1106, GROUP = 0x0901 };

struct scene {
    struct rt_world w;
    struct knx_data_secure *secure;
    struct sequences *sequences;
    unsigned synced;
    uint32_t block;
    struct bas_fault fault;
};

static void on_event(void *user, const struct knx_data_secure_event *event)
{
    struct scene *s = user;
    s->synced += event->kind == KNX_DATA_SECURE_SYNCED;
}

static void open_sequences(struct scene *s, const char *file)
{
    static const struct knx_group_key group = { GROUP, { { 1 } } };
    static const struct knx_sender sender = { PEER, 5, false };
    const struct knx_data_secure_config config = { .size = sizeof(config),
                                                   .address = OURS,
                                                   .groups = &group,
                                                   .n_groups = 1,
                                                   .senders = &sender,
                                                   .n_senders = 1 };
    s->secure = knx_data_secure_new(&s->w.t.env, &config);
    assert_non_null(s->secure);
    const struct sequences_config sequences = { s->w.loop, file,     false, "site",
                                                s->secure, on_event, s,     s->block };
    assert_int_equal(sequences_new(&sequences, &s->sequences, &s->fault), BAS_OK);
}

static void close_sequences(struct scene *s)
{
    sequences_free(s->sequences);
    knx_data_secure_free(s->secure);
}

/* One secured write of us, or of the peer with that number; as cEMI in out. */
static void seal(struct knx_data_secure *secure, knx_ia source, struct bas_buf *out)
{
    static const uint8_t tpdu[] = { 0x00, 0x81 };
    const struct knx_cemi cemi =
        knx_cemi_group(KNX_L_DATA_IND, source, GROUP, (struct bas_slice){ tpdu, sizeof(tpdu) });
    bool is_secured = false;
    struct bas_fault fault = { 0 };
    if (knx_data_secure_seal(secure, &cemi, 0, out, &is_secured, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    assert_true(is_secured);
}

static enum knx_drop hear(struct scene *s, uint64_t number)
{
    static const struct knx_group_key group = { GROUP, { { 1 } } };
    const struct knx_data_secure_config config = {
        .size = sizeof(config), .address = PEER, .groups = &group, .n_groups = 1
    };
    struct knx_data_secure *peer = knx_data_secure_new(&s->w.outside.env, &config);
    uint8_t memory[2][KNX_MAX_CEMI];
    struct bas_buf sealed;
    struct bas_buf plain;
    struct knx_cemi cemi;
    struct knx_opened opened;
    bas_buf_init(&sealed, memory[0], sizeof(memory[0]));
    bas_buf_init(&plain, memory[1], sizeof(memory[1]));
    assert_int_equal(knx_data_secure_grant(peer, number, 1), BAS_OK);
    seal(peer, PEER, &sealed);
    assert_int_equal(knx_cemi_decode((struct bas_slice){ memory[0], sealed.len }, &cemi, NULL),
                     BAS_OK);
    knx_data_secure_open(s->secure, &cemi, 0, &plain, &opened);
    knx_data_secure_free(peer);
    sequences_drain(s->sequences);
    return opened.drop;
}

static void numbers_of_two_runs_never_meet(void **state)
{
    (void)state;
    struct scene s = { 0 };
    rt_begin(&s.w);
    (void)unlink("numbers.db");
    uint64_t end = 0;
    for (unsigned run = 0; run < 3; run++) {
        open_sequences(&s, "numbers.db");
        assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
        uint64_t next = knx_data_secure_next_number(s.secure);
        assert_true(next >= end && next != 0);
        end = next + SEQUENCES_BLOCK;
        close_sequences(&s);
    }
    rt_end(&s.w);
}

static void a_small_block_is_refilled_and_leaves_little_unused(void **state)
{
    (void)state;
    enum { BLOCK = 16, TELEGRAMS = 40 };
    struct scene s = { .block = BLOCK };
    uint8_t memory[KNX_MAX_CEMI];
    struct bas_buf out;
    struct bas_store *store = NULL;
    const struct bas_store_config config = { .size = sizeof(config), .path = "numbers.db" };
    const struct bas_store_name name = { "site", OURS };
    struct bas_store_block left;
    rt_begin(&s.w);
    (void)unlink("numbers.db");
    open_sequences(&s, "numbers.db");
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    for (unsigned i = 0; i < TELEGRAMS; i++) {
        bas_buf_init(&out, memory, sizeof(memory));
        seal(s.secure, OURS, &out);
        sequences_drain(s.sequences);
        bas_loop_run(s.w.loop);
    }
    uint64_t next = knx_data_secure_next_number(s.secure);
    close_sequences(&s);
    assert_int_equal(bas_store_open(&s.w.t.env, &config, &store, &s.fault), BAS_OK);
    assert_int_equal(bas_store_reserve(store, &name, 1, 1, &left, &s.fault), BAS_OK);
    bas_store_close(store);
    assert_true(left.first >= next && left.first - next <= BLOCK);
    rt_end(&s.w);
}

static void what_a_sender_was_heard_with_outlives_the_run(void **state)
{
    (void)state;
    struct scene s = { 0 };
    rt_begin(&s.w);
    (void)unlink("numbers.db");
    open_sequences(&s, "numbers.db");
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    assert_int_equal(hear(&s, 5), KNX_DROP_DUPLICATE);
    assert_int_equal(hear(&s, 90), KNX_DROP_NONE);
    assert_int_equal(hear(&s, 91), KNX_DROP_NONE);
    close_sequences(&s);
    rt_turns(&s.w, 3);
    bas_loop_run(s.w.loop);
    open_sequences(&s, "numbers.db");
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    assert_int_equal(hear(&s, 91), KNX_DROP_DUPLICATE);
    assert_int_equal(hear(&s, 90), KNX_DROP_REPLAY);
    assert_int_equal(hear(&s, 92), KNX_DROP_NONE);
    close_sequences(&s);
    rt_end(&s.w);
}

static void another_address_has_numbers_of_its_own(void **state)
{
    (void)state;
    struct scene s = { 0 };
    rt_begin(&s.w);
    (void)unlink("numbers.db");
    open_sequences(&s, "numbers.db");
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    uint64_t first = knx_data_secure_next_number(s.secure);
    knx_data_secure_set_address(s.secure, OURS + 1);
    assert_int_equal(sequences_begin(s.sequences, OURS + 1, &s.fault), BAS_OK);
    assert_true(knx_data_secure_next_number(s.secure) >= first);
    close_sequences(&s);
    rt_end(&s.w);
}

static void seal_one(struct scene *s, knx_ia source)
{
    uint8_t memory[KNX_MAX_CEMI];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    seal(s->secure, source, &out);
}

/* Somebody else used numbers of that address: those that we have of ours are not of it. */
static void what_is_left_of_one_address_is_not_used_for_another(void **state)
{
    (void)state;
    struct scene s = { 0 };
    struct bas_store *store = NULL;
    const struct bas_store_config config = { .size = sizeof(config), .path = "numbers.db" };
    const struct bas_store_name other = { "site", OURS + 1 };
    struct bas_store_block block = { 0 };
    rt_begin(&s.w);
    (void)unlink("numbers.db");
    open_sequences(&s, "numbers.db");
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    assert_int_equal(bas_store_open(&s.w.outside.env, &config, &store, &s.fault), BAS_OK);
    assert_int_equal(bas_store_reserve(store, &other, 0, 3 * SEQUENCES_BLOCK, &block, &s.fault),
                     BAS_OK);
    bas_store_close(store);
    for (unsigned turn = 0; turn < 3; turn++) { /* also with a second block in hand */
        for (unsigned i = 0; i < SEQUENCES_BLOCK / 2; i++) {
            seal_one(&s, OURS);
            sequences_drain(s.sequences);
        }
        bas_loop_run(s.w.loop); /* until the store has answered */
    }
    knx_data_secure_set_address(s.secure, OURS + 1);
    assert_int_equal(sequences_begin(s.sequences, OURS + 1, &s.fault), BAS_OK);
    assert_true(knx_data_secure_next_number(s.secure) >= block.first + block.count);
    seal_one(&s, OURS + 1);
    close_sequences(&s);
    rt_end(&s.w);
}

static void change_store(const char *statement)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open("numbers.db", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, statement, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_store_that_failed_is_asked_again(void **state)
{
    (void)state;
    struct scene s = { 0 };
    rt_begin(&s.w);
    (void)unlink("numbers.db");
    open_sequences(&s, "numbers.db");
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    change_store("ALTER TABLE sender RENAME TO away");
    for (unsigned i = 0; i < SEQUENCES_BLOCK - 2; i++) {
        seal_one(&s, OURS);
        sequences_drain(s.sequences);
        bas_loop_run(s.w.loop);
    }
    assert_int_equal(hear(&s, 90), KNX_DROP_NONE);
    bas_loop_run(s.w.loop);
    assert_int_equal(s.w.t.logs, 1); /* said once */
    change_store("ALTER TABLE away RENAME TO sender");
    for (unsigned i = 0; i < 3; i++) {
        seal_one(&s, OURS);
        sequences_drain(s.sequences);
        bas_loop_run(s.w.loop);
    }
    assert_int_equal(s.w.t.logs, 2);
    assert_has(s.w.t.last_log, "kept again");
    sequences_free(s.sequences);
    knx_data_secure_free(s.secure);
    open_sequences(&s, "numbers.db"); /* what was heard meanwhile was kept, too */
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    assert_int_equal(hear(&s, 90), KNX_DROP_DUPLICATE);
    close_sequences(&s);
    rt_end(&s.w);
}

/* Otherwise what was recorded before could be replayed. */
static void a_beginning_that_failed_begins_anew(void **state)
{
    (void)state;
    struct scene s = { 0 };
    rt_begin(&s.w);
    (void)unlink("numbers.db");
    open_sequences(&s, "numbers.db");
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    assert_int_equal(hear(&s, 90), KNX_DROP_NONE);
    sequences_free(s.sequences);
    bas_loop_run(s.w.loop);
    knx_data_secure_free(s.secure);
    open_sequences(&s, "numbers.db");
    change_store("ALTER TABLE peer RENAME TO away");
    assert_int_not_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    change_store("ALTER TABLE away RENAME TO peer");
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    assert_int_equal(hear(&s, 90), KNX_DROP_DUPLICATE);
    close_sequences(&s);
    rt_end(&s.w);
}

static void without_a_store_the_clock_grants_all_numbers(void **state)
{
    (void)state;
    struct scene s = { 0 };
    rt_begin(&s.w);
    open_sequences(&s, NULL);
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    assert_int_equal(knx_data_secure_next_number(s.secure),
                     knx_sequence_of_clock(s.w.t.env.wall(s.w.t.env.ctx)));
    for (unsigned i = 0; i < 2 * SEQUENCES_BLOCK; i++) {
        uint8_t memory[KNX_MAX_CEMI];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        seal(s.secure, OURS, &out);
        sequences_drain(s.sequences);
    }
    close_sequences(&s);
    rt_end(&s.w);
}

static void freeing_while_a_block_is_reserved_waits_for_it(void **state)
{
    (void)state;
    struct scene s = { 0 };
    rt_begin(&s.w);
    (void)unlink("numbers.db");
    open_sequences(&s, "numbers.db");
    assert_int_equal(sequences_begin(s.sequences, OURS, &s.fault), BAS_OK);
    for (unsigned i = 0; i < SEQUENCES_BLOCK - 1; i++) {
        uint8_t memory[KNX_MAX_CEMI];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        seal(s.secure, OURS, &out);
        sequences_drain(s.sequences);
    }
    close_sequences(&s); /* the job is on its thread */
    rt_end(&s.w);        /* nothing leaks, nothing touches what is freed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_two_runs_never_meet),
        cmocka_unit_test(a_small_block_is_refilled_and_leaves_little_unused),
        cmocka_unit_test(what_a_sender_was_heard_with_outlives_the_run),
        cmocka_unit_test(another_address_has_numbers_of_its_own),
        cmocka_unit_test(what_is_left_of_one_address_is_not_used_for_another),
        cmocka_unit_test(a_store_that_failed_is_asked_again),
        cmocka_unit_test(a_beginning_that_failed_begins_anew),
        cmocka_unit_test(without_a_store_the_clock_grants_all_numbers),
        cmocka_unit_test(freeing_while_a_block_is_reserved_waits_for_it),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
