/* Owns the way of sequence numbers between a Data Secure engine and the store. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/sequences.h"

#include "basalt/store.h"

#include <string.h>

enum { PEERS = 256 /* heard since they were kept last */ };

/* What a thread does beside the loop. */
struct job {
    uv_work_t work;
    bool is_running;
    bool reserves;
    uint64_t wanted;
    struct bas_store_name name;
    struct bas_store_block block;
    struct bas_store_peer peers[PEERS];
    size_t n_peers;
    bas_err err;
    struct bas_fault fault;
};

struct sequences {
    struct sequences_config config;
    struct bas_env env;
    struct bas_store *store; /* NULL: the clock alone */
    char owner[BAS_STORE_OWNER + 1];
    knx_ia address;
    bool wants_block;
    uint64_t wanted;
    struct bas_store_peer heard[PEERS];
    size_t n_heard;
    bool is_orphan; /* nobody waits for it but its job */
    struct job job;
};

static void start_job(struct sequences *s);

static void log_fault(const struct sequences *s, const struct bas_fault *fault)
{
    bas_log(&s->env, BAS_LOG_ERROR, "%s", fault->text);
}

static struct bas_store_name name_of(const struct sequences *s)
{
    const struct bas_store_name name = { s->owner, s->address };
    return name;
}

static void keep_heard(struct sequences *s)
{
    const struct bas_store_name name = name_of(s);
    struct bas_fault fault = { 0 };
    if (s->store != NULL && s->n_heard != 0 &&
        bas_store_record(s->store, &name, s->heard, s->n_heard, &fault) != BAS_OK) {
        log_fault(s, &fault);
    }
    s->n_heard = 0;
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

/* Beside the loop. */

static void run_job(uv_work_t *work)
{
    struct sequences *s = work->data;
    struct job *job = &s->job;
    job->err = BAS_OK;
    if (job->reserves) {
        job->err = bas_store_reserve(s->store, &job->name, job->wanted, SEQUENCES_BLOCK,
                                     &job->block, &job->fault);
    }
    if (job->err == BAS_OK && job->n_peers != 0) {
        job->err = bas_store_record(s->store, &job->name, job->peers, job->n_peers, &job->fault);
    }
}

static void on_job_done(uv_work_t *work, int status)
{
    struct sequences *s = work->data;
    struct job *job = &s->job;
    (void)status;
    job->is_running = false;
    if (job->err != BAS_OK) {
        log_fault(s, &job->fault);
    }
    if (s->is_orphan) {
        release(s);
        return;
    }
    if (job->err == BAS_OK && job->reserves && job->name.address == s->address &&
        knx_data_secure_grant(s->config.secure, job->block.first, job->block.count) != BAS_OK) {
        bas_log(&s->env, BAS_LOG_ERROR, "a block of sequence numbers was not taken");
    }
    start_job(s);
}

static void start_job(struct sequences *s)
{
    struct job *job = &s->job;
    if (s->store == NULL || job->is_running || (!s->wants_block && s->n_heard == 0)) {
        return;
    }
    job->fault = (struct bas_fault){ 0 };
    job->reserves = s->wants_block;
    job->wanted = s->wanted;
    job->name = name_of(s);
    memcpy(job->peers, s->heard, s->n_heard * sizeof(s->heard[0]));
    job->n_peers = s->n_heard;
    s->wants_block = false;
    s->n_heard = 0;
    job->work.data = s;
    job->is_running = uv_queue_work(&s->config.loop->uv, &job->work, run_job, on_job_done) == 0;
    if (!job->is_running) {
        bas_log(&s->env, BAS_LOG_ERROR, "no thread to reserve sequence numbers");
    }
}

/* Events. */

static void note_heard(struct sequences *s, const struct knx_data_secure_event *event)
{
    size_t at = 0;
    while (at < s->n_heard && s->heard[at].address != event->peer) {
        at++;
    }
    if (at == PEERS) {
        keep_heard(s); /* the thread is slower than the bus: the loop waits once */
        at = 0;
    }
    s->heard[at] = (struct bas_store_peer){ event->peer, event->next };
    s->n_heard = at == s->n_heard ? at + 1 : s->n_heard;
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
    uint64_t next = knx_data_secure_next_number(s->config.secure);
    first = next > first ? next : first;
    if (knx_data_secure_grant(s->config.secure, first, KNX_COUNTER_MAX - first + 1) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_STATE, "no sequence number is left");
    }
    return BAS_OK;
}

static bas_err recall_peers(struct sequences *s, const struct bas_store_name *name,
                            struct bas_fault *fault)
{
    struct bas_store_peer *peers = NULL;
    size_t n = 0;
    bas_err err = bas_store_peers(s->store, name, &peers, &n, fault);
    for (size_t i = 0; i < n && err == BAS_OK; i++) {
        knx_data_secure_heard(s->config.secure, peers[i].address, peers[i].last);
    }
    bas_release(&s->env, peers, n * sizeof(*peers));
    return err;
}

bas_err sequences_begin(struct sequences *s, knx_ia address, struct bas_fault *fault)
{
    bool is_new = s->address != address;
    s->address = address;
    if (s->store == NULL) {
        return is_new ? grant_clock(s, fault) : BAS_OK;
    }
    if (!is_new) {
        return BAS_OK; /* the block that it has still counts */
    }
    const struct bas_store_name name = name_of(s);
    struct bas_store_block block;
    bas_err err = bas_store_reserve(s->store, &name, 0, SEQUENCES_BLOCK, &block, fault);
    if (err == BAS_OK) {
        err = knx_data_secure_grant(s->config.secure, block.first, block.count);
    }
    return err == BAS_OK ? recall_peers(s, &name, fault) : err;
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
    s->env = config->loop->env;
    strncpy(s->owner, owner, BAS_STORE_OWNER);
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
