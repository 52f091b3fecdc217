/* Owns the way of sequence numbers between a Data Secure engine and the store. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/sequences.h"

#include "basalt/store.h"

#include <stdio.h>
#include <string.h>

enum { PEERS = 256 /* heard since they were kept last */, KINDS = 2 /* group and tool access */ };

struct heard {
    struct bas_store_peer peers[PEERS];
    size_t n;
};

/* What a thread does beside the loop. */
struct job {
    uv_work_t work;
    bool is_running;
    bool reserves;
    uint64_t wanted;
    knx_ia address;
    struct bas_store_block block;
    struct heard heard[KINDS];
    bas_err err;
    struct bas_fault fault;
};

struct sequences {
    struct sequences_config config;
    struct bas_env env;
    struct bas_store *store; /* NULL: the clock alone */
    char owner[KINDS][BAS_STORE_OWNER + 1];
    knx_ia address;
    bool wants_block;
    uint64_t wanted;
    uint64_t granted; /* the number behind all that were granted */
    struct heard heard[KINDS];
    bool is_failing; /* the store, at the last attempt */
    bool is_orphan;  /* nobody waits for it but its job */
    struct job job;
};

static void start_job(struct sequences *s);

static void log_fault(const struct sequences *s, const struct bas_fault *fault)
{
    bas_log(&s->env, BAS_LOG_ERROR, "%s", fault->text);
}

/* Numbers of tool access are counted apart, and kept under a name of their own. */
static bas_err record(struct sequences *s, knx_ia address, const struct heard heard[KINDS],
                      struct bas_fault *fault)
{
    bas_err err = BAS_OK;
    for (size_t i = 0; i < KINDS && err == BAS_OK; i++) {
        const struct bas_store_name name = { s->owner[i], address };
        if (heard[i].n != 0) {
            err = bas_store_record(s->store, &name, heard[i].peers, heard[i].n, fault);
        }
    }
    return err;
}

static bool has_heard(const struct sequences *s)
{
    return s->heard[false].n != 0 || s->heard[true].n != 0;
}

static void keep_heard(struct sequences *s)
{
    struct bas_fault fault = { 0 };
    if (s->store != NULL && record(s, s->address, s->heard, &fault) != BAS_OK) {
        log_fault(s, &fault);
    }
    s->heard[false].n = 0;
    s->heard[true].n = 0;
}

static void release(struct sequences *s)
{
    keep_heard(s);
    bas_store_close(s->store);
    struct bas_env env = s->env;
    bas_release(&env, s, sizeof(*s));
}

void sequences_free(struct sequences *sequences)
{
    if (sequences == NULL) {
        return;
    }
    sequences->is_orphan = true;
    if (!sequences->job.is_running) {
        release(sequences);
    }
}

static bas_err grant(struct sequences *s, uint64_t first, uint64_t count)
{
    s->granted = first + count;
    return knx_data_secure_grant(s->config.secure, first, count);
}

static size_t find_heard(const struct heard *heard, uint16_t address)
{
    size_t at = 0;
    while (at < heard->n && heard->peers[at].address != address) {
        at++;
    }
    return at;
}

/* Unless something newer was heard, or there is no room. */
static void hear_again(struct heard *heard, const struct bas_store_peer *peer)
{
    if (find_heard(heard, peer->address) == heard->n && heard->n < PEERS) {
        heard->peers[heard->n++] = *peer;
    }
}

/* Beside the loop. */

static void run_job(uv_work_t *work)
{
    struct sequences *s = work->data;
    struct job *job = &s->job;
    job->err = BAS_OK;
    if (job->reserves) {
        const struct bas_store_name name = { s->owner[false], job->address };
        job->err = bas_store_reserve(s->store, &name, job->wanted, s->config.block / 2, &job->block,
                                     &job->fault);
    }
    if (job->err == BAS_OK) {
        job->err = record(s, job->address, job->heard, &job->fault);
    }
}

/* What the store did not take is tried again with the next telegram. */
static void give_back(struct sequences *s)
{
    const struct job *job = &s->job;
    if (job->address != s->address) {
        return;
    }
    if (job->reserves && !s->wants_block) {
        s->wants_block = true;
        s->wanted = job->wanted;
    }
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < job->heard[kind].n; i++) {
            hear_again(&s->heard[kind], &job->heard[kind].peers[i]);
        }
    }
}

/* Told once, not with every telegram. */
static void note_outcome(struct sequences *s, const struct job *job)
{
    bool is_failing = job->err != BAS_OK;
    if (is_failing && !s->is_failing) {
        log_fault(s, &job->fault);
    } else if (!is_failing && s->is_failing) {
        bas_log(&s->env, BAS_LOG_INFO, "sequence numbers are kept again");
    }
    s->is_failing = is_failing;
}

static void on_job_done(uv_work_t *work, int status)
{
    struct sequences *s = work->data;
    struct job *job = &s->job;
    (void)status;
    job->is_running = false;
    note_outcome(s, job);
    if (job->err != BAS_OK) {
        give_back(s);
    }
    if (s->is_orphan) {
        release(s);
        return;
    }
    if (job->err != BAS_OK) {
        return;
    }
    if (job->reserves && job->address == s->address &&
        grant(s, job->block.first, job->block.count) != BAS_OK) {
        bas_log(&s->env, BAS_LOG_ERROR, "a block of sequence numbers was not taken");
    }
    start_job(s);
}

static void start_job(struct sequences *s)
{
    struct job *job = &s->job;
    if (s->store == NULL || job->is_running || (!s->wants_block && !has_heard(s))) {
        return;
    }
    job->fault = (struct bas_fault){ 0 };
    job->reserves = s->wants_block;
    job->wanted = s->wanted;
    job->address = s->address;
    memcpy(job->heard, s->heard, sizeof(job->heard));
    s->wants_block = false;
    s->heard[false].n = 0;
    s->heard[true].n = 0;
    job->work.data = s;
    job->is_running = uv_queue_work(&s->config.loop->uv, &job->work, run_job, on_job_done) == 0;
    if (!job->is_running) {
        bas_log(&s->env, BAS_LOG_ERROR, "no thread to reserve sequence numbers");
        give_back(s);
    }
}

/* Events. */

static void note_heard(struct sequences *s, const struct knx_data_secure_event *event)
{
    struct heard *heard = &s->heard[event->is_tool];
    size_t at = find_heard(heard, event->peer);
    if (at == PEERS) {
        keep_heard(s); /* the thread is slower than the bus: the loop waits once */
        at = 0;
    }
    heard->peers[at] = (struct bas_store_peer){ event->peer, event->next };
    heard->n = at == heard->n ? at + 1 : heard->n;
}

void sequences_drain(struct sequences *s)
{
    struct knx_data_secure_event event;
    while (knx_data_secure_next_event(s->config.secure, &event)) {
        switch (event.kind) {
        case KNX_DATA_SECURE_RESERVE:
            s->wants_block = s->store != NULL;
            s->wanted = event.next;
            break;
        case KNX_DATA_SECURE_RECORD:
            note_heard(s, &event);
            break;
        case KNX_DATA_SECURE_FAST:
            bas_log(&s->env, BAS_LOG_WARNING,
                    "more than 1,000 secured telegrams a second: if the store of sequence numbers "
                    "were lost, its clock could not replace it");
            break;
        case KNX_DATA_SECURE_SEND:
        case KNX_DATA_SECURE_SYNCED:
            s->config.event(s->config.user, &event);
            break;
        }
    }
    start_job(s);
}

/* The beginning. */

static bas_err grant_clock(struct sequences *s, struct bas_fault *fault)
{
    uint64_t first = knx_sequence_of_clock(s->env.wall(s->env.ctx));
    if (s->granted == 0 && grant(s, first, KNX_COUNTER_MAX - first + 1) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_STATE, "no sequence number is left");
    }
    return BAS_OK;
}

static bas_err recall(struct sequences *s, bool is_tool, struct bas_fault *fault)
{
    const struct bas_store_name name = { s->owner[is_tool], s->address };
    struct bas_store_peer *peers = NULL;
    size_t n = 0;
    bas_err err = bas_store_peers(s->store, &name, &peers, &n, fault);
    for (size_t i = 0; i < n && err == BAS_OK; i++) {
        const struct knx_sender sender = { peers[i].address, peers[i].last, is_tool };
        knx_data_secure_heard(s->config.secure, &sender);
    }
    bas_release(&s->env, peers, n * sizeof(*peers));
    return err;
}

bas_err sequences_begin(struct sequences *s, knx_ia address, struct bas_fault *fault)
{
    if (s->address == address) {
        return BAS_OK; /* the block that it has still counts */
    }
    keep_heard(s);
    s->address = address;
    if (s->store == NULL) {
        return grant_clock(s, fault);
    }
    /* What is left was reserved for the other address: under this one it may be used already. */
    knx_data_secure_renounce(s->config.secure);
    s->wants_block = false;
    const struct bas_store_name name = { s->owner[false], address };
    struct bas_store_block block;
    bas_err err = bas_store_reserve(s->store, &name, s->granted, s->config.block, &block, fault);
    if (err == BAS_OK && grant(s, block.first, block.count) != BAS_OK) {
        err = bas_fail(fault, BAS_ERR_STATE, "no sequence number is left");
    }
    err = err == BAS_OK ? recall(s, false, fault) : err;
    err = err == BAS_OK ? recall(s, true, fault) : err;
    s->address = err == BAS_OK ? address : 0; /* 0: the next attempt does all of it again */
    return err;
}

bas_err sequences_new(const struct sequences_config *config, struct sequences **sequences,
                      struct bas_fault *fault)
{
    struct sequences *s = bas_alloc(&config->loop->env, sizeof(*s));
    if (s == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for sequence numbers");
    }
    const char *owner = config->owner != NULL && config->owner[0] != 0 ? config->owner : "basalt";
    s->config = *config;
    s->config.block = config->block > 1 ? config->block : SEQUENCES_BLOCK;
    s->env = config->loop->env;
    (void)snprintf(s->owner[false], sizeof(s->owner[false]), "%.200s", owner);
    (void)snprintf(s->owner[true], sizeof(s->owner[true]), "%.200s (tool access)", owner);
    if (config->store_file != NULL) {
        const struct bas_store_config store = { .size = sizeof(store),
                                                .path = config->store_file,
                                                .distrusts_clock = config->distrusts_clock };
        bas_err err = bas_store_open(&s->env, &store, &s->store, fault);
        if (err != BAS_OK) {
            bas_release(&config->loop->env, s, sizeof(*s));
            return err;
        }
    }
    *sequences = s;
    return BAS_OK;
}
