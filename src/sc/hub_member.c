/* Owns who is connected to a hub: its lists and tables, the steps of a connection, admission
 * (spec 3.2). */
#include "sc/hub.h"

#include <string.h>

/* Members, lists, keys. */

uint32_t bsc_hub_index(const struct bsc_hub *hub, const struct member *m)
{
    return (uint32_t)(m - hub->members);
}

void bsc_hub_mark_dirty(struct bsc_hub *hub, struct member *m)
{
    if (m->is_dirty) {
        return;
    }
    uint32_t index = bsc_hub_index(hub, m);
    m->is_dirty = true;
    hub->dirty_count++;
    m->dirty_next = BSC_NONE;
    if (hub->dirty.first == BSC_NONE) {
        hub->dirty.first = index;
    } else {
        hub->members[hub->dirty.last].dirty_next = index;
    }
    hub->dirty.last = index;
}

void bsc_hub_raise_event(struct bsc_hub *hub, struct member *m, enum event_bit bit)
{
    m->events |= (uint8_t)bit;
    if (m->has_event) {
        return;
    }
    uint32_t index = bsc_hub_index(hub, m);
    m->has_event = true;
    m->event_next = BSC_NONE;
    if (hub->events.first == BSC_NONE) {
        hub->events.first = index;
    } else {
        hub->members[hub->events.last].event_next = index;
    }
    hub->events.last = index;
}

/* On the way of every unicast, so not by way of bas_map_key; any key that differs with the VMAC
 * will do. */
static struct bas_map_key vmac_key(const struct bsc_vmac *vmac)
{
    struct bas_map_key key = { 0, 0 };
    memcpy(&key.high, vmac->octets, sizeof(vmac->octets));
    return key;
}

static struct bas_map_key uuid_key(const struct bsc_uuid *uuid)
{
    return bas_map_key(uuid->octets, sizeof(uuid->octets));
}

/* bsc 3.1-01 3.1-03 */
struct member *bsc_hub_by_vmac(const struct bsc_hub *hub, const struct bsc_vmac *vmac)
{
    uint32_t index;
    return bas_map_get(&hub->by_vmac, vmac_key(vmac), &index) ? &hub->members[index] : NULL;
}

static struct member *joined_by_uuid(const struct bsc_hub *hub, const struct bsc_uuid *uuid)
{
    uint32_t index;
    return bas_map_get(&hub->by_uuid, uuid_key(uuid), &index) ? &hub->members[index] : NULL;
}

void bsc_hub_arm(struct bsc_hub *hub, struct member *m)
{
    bas_time deadline = bsc_conn_deadline(&m->conn, &hub->times);
    if (m->leftover != 0 && deadline != BAS_NEVER) {
        bas_time stall = m->last_progress + hub->config.stall_limit_ms * BAS_MILLISECOND;
        deadline = stall < deadline ? stall : deadline;
    }
    if (deadline == BAS_NEVER) {
        bas_timers_disarm(&hub->timers, bsc_hub_index(hub, m));
    } else {
        bas_timers_arm(&hub->timers, bsc_hub_index(hub, m), deadline);
    }
}

void bsc_hub_remember_why(struct bsc_hub *hub, struct member *m, const struct bas_fault *fault)
{
    if (m->why != NULL || fault == NULL || fault->err == BAS_OK) {
        return;
    }
    m->why = bas_alloc(&hub->env, sizeof(*m->why));
    if (m->why != NULL) {
        *m->why = *fault;
    }
}

void bsc_hub_forget_why(struct bsc_hub *hub, struct member *m)
{
    bas_release(&hub->env, m->why, sizeof(*m->why));
    m->why = NULL;
}

/* Output of the hub's own. */

void bsc_hub_send_own(struct bsc_hub *hub, struct member *m, const struct bas_buf *message)
{
    if (message->len == 0) {
        return;
    }
    if (m->queue.messages >= hub->queue_max + QUEUE_OWN) {
        hub->counters.dropped_own++;
        return;
    }
    const struct bsc_record_spec spec = { .head = { message->data, message->len } };
    uint32_t record = bsc_record_new(&hub->outbox, &spec);
    if (record == BSC_NONE) {
        hub->counters.dropped_own++;
        return;
    }
    if (bsc_queue_put(&hub->outbox, &m->queue, record) == BAS_OK) {
        hub->counters.own++;
        bsc_hub_mark_dirty(hub, m);
    } else {
        hub->counters.dropped_own++;
    }
    bsc_record_unref(&hub->outbox, record);
}

void bsc_hub_drop_waiting(struct bsc_hub *hub, struct member *m)
{
    hub->counters.dropped_closed += bsc_queue_clear(&hub->outbox, &m->queue);
}

void bsc_hub_set_leftover(struct bsc_hub *hub, struct member *m, size_t octets)
{
    hub->outbox.octets = hub->outbox.octets - m->leftover + octets;
    m->leftover = octets;
}

/* Joining and leaving. */

/* bsc 3.2-02 */
static void unregister(struct bsc_hub *hub, struct member *m)
{
    if (!m->is_joined) {
        return;
    }
    m->is_joined = false;
    uint32_t last = hub->joined_list[--hub->joined];
    hub->joined_list[m->joined_at] = last;
    hub->members[last].joined_at = m->joined_at;
    bas_map_remove(&hub->by_vmac, vmac_key(&m->conn.peer.vmac));
    bas_map_remove(&hub->by_uuid, uuid_key(&m->conn.peer.uuid));
}

void bsc_hub_begin_close(struct bsc_hub *hub, struct member *m, uint16_t close_code)
{
    m->close_code = close_code;
    m->events &= (uint8_t)~EVENT_ADMIT; /* too late to be asked */
    bsc_hub_raise_event(hub, m, EVENT_CLOSE);
}

static void count_timeout(struct bsc_hub *hub, struct member *m, bool was_connected)
{
    struct bas_fault fault = { 0 };
    if (was_connected) {
        hub->counters.silent++;
        (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_TIMEOUT, "nothing received for %u s",
                            hub->config.silence_limit_ms / 1000);
    } else {
        (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_TIMEOUT, "no Connect-Request within %u s",
                            hub->config.connect_wait_ms / 1000);
    }
    bsc_hub_remember_why(hub, m, &fault);
}

/* Runs one event through the connection's table and carries out what follows for the hub. */
unsigned bsc_hub_step(struct bsc_hub *hub, struct member *m, const struct bsc_conn_input *input)
{
    uint8_t memory[BSC_STEP_REPLY];
    struct bsc_step result = { 0 };
    bas_buf_init(&result.reply, memory, sizeof(memory));
    bool was_connected = m->conn.state == BSC_CONNECTED;
    bsc_conn_step(&m->conn, input, &result);
    bsc_hub_send_own(hub, m, &result.reply);
    if ((result.outcome & BSC_OUT_DROPPED) != 0) {
        hub->counters.dropped_state += input->message != NULL ? 1 : 0;
        return result.outcome;
    }
    if ((result.outcome & BSC_OUT_TIMEOUT) != 0) {
        count_timeout(hub, m, was_connected);
    }
    if ((result.outcome & BSC_OUT_DOWN) != 0) {
        unregister(hub, m);
        bsc_hub_raise_event(hub, m, EVENT_LEFT);
    }
    if ((result.outcome & BSC_OUT_ADMIT) != 0) {
        bsc_hub_raise_event(hub, m, EVENT_ADMIT);
    }
    if ((result.outcome & BSC_OUT_CLOSE) != 0) {
        bsc_hub_begin_close(hub, m, BSC_CLOSE_NORMAL);
    }
    bsc_hub_arm(hub, m);
    return result.outcome;
}

unsigned bsc_hub_local_event(struct bsc_hub *hub, struct member *m, enum bsc_conn_event event,
                             bas_time now)
{
    const struct bsc_conn_input input = {
        .event = event, .self = &hub->self, .times = &hub->times, .now = now
    };
    return bsc_hub_step(hub, m, &input);
}

/* The hub's own rules of admission (spec 3.2). False: refusal says why. *old is the connection that
 * the request replaces. bsc 2.2-13 3.2-03 3.2-04 3.2-06 11-15 11-28 */
static bool may_join(const struct bsc_hub *hub, const struct member *m, struct member **old,
                     struct bas_fault *refusal)
{
    const struct bsc_connect *peer = &m->conn.peer;
    char vmac[BSC_VMAC_TEXT];
    char uuid[BSC_UUID_TEXT];
    *old = joined_by_uuid(hub, &peer->uuid);
    const struct member *holder = bsc_hub_by_vmac(hub, &peer->vmac);
    bool is_host = bsc_vmac_equal(&peer->vmac, &hub->config.vmac) &&
                   !bsc_uuid_equal(&peer->uuid, &hub->config.uuid);
    if (is_host || (holder != NULL && holder != *old)) {
        const struct bsc_uuid *by = is_host ? &hub->config.uuid : &holder->conn.peer.uuid;
        (void)bas_fail_code(refusal, BAS_ERR_EXISTS, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_NODE_DUPLICATE_VMAC,
                            "VMAC %s is in use by the device with UUID %s",
                            bsc_vmac_text(&peer->vmac, vmac), bsc_uuid_text(by, uuid));
        return false;
    }
    if (*old == NULL && hub->joined >= hub->config.max_connections) {
        (void)bas_fail_code(
            refusal, BAS_ERR_NO_SPACE, BAC_ERROR_CLASS_RESOURCES, BAC_ERROR_CODE_OTHER,
            "the hub is full: %u nodes are connected; raise max-connections", hub->joined);
        return false;
    }
    return true;
}

/* bsc 3.2-02 5.3-03 11-12 */
static void replace(struct bsc_hub *hub, struct member *old, bas_time now)
{
    struct bas_fault fault = { 0 };
    (void)bas_fail(&fault, BAS_ERR_EXISTS, "replaced by a new connection of the same device");
    hub->counters.replaced++;
    bsc_hub_remember_why(hub, old, &fault);
    bsc_hub_drop_waiting(hub, old); /* it receives nothing any more */
    (void)bsc_hub_local_event(hub, old, BSC_EV_DISCONNECT, now);
}

static void join(struct bsc_hub *hub, struct member *m)
{
    m->is_joined = true;
    m->joined_at = hub->joined;
    m->connected_at = hub->env.wall(hub->env.ctx);
    hub->joined_list[hub->joined++] = bsc_hub_index(hub, m);
    hub->counters.joins++;
    bas_map_set(&hub->by_vmac, vmac_key(&m->conn.peer.vmac), bsc_hub_index(hub, m));
    bas_map_set(&hub->by_uuid, uuid_key(&m->conn.peer.uuid), bsc_hub_index(hub, m));
    bsc_hub_raise_event(hub, m, EVENT_JOINED);
}

/* bsc 3.2-05 3.2-07 */
bas_err bsc_hub_admit(struct bsc_hub *hub, bsc_conn_id conn, const struct bas_fault *refusal,
                      bas_time now)
{
    struct member *m = bsc_hub_find(hub, conn);
    if (m == NULL || !m->conn.asked) {
        return BAS_ERR_STATE;
    }
    struct bas_fault own = { 0 };
    struct member *old = NULL;
    if (refusal == NULL && !may_join(hub, m, &old, &own)) {
        refusal = &own;
    }
    struct bsc_conn_input input = { .event = refusal == NULL ? BSC_EV_ADMITTED : BSC_EV_REFUSED,
                                    .self = &hub->self,
                                    .refusal = refusal,
                                    .times = &hub->times,
                                    .now = now };
    if (refusal != NULL) {
        hub->counters.refused++;
        bsc_hub_remember_why(hub, m, refusal);
        (void)bsc_hub_step(hub, m, &input);
        return BAS_OK;
    }
    m->replaces = old != NULL;
    if (old != NULL) {
        replace(hub, old, now);
    }
    (void)bsc_hub_step(hub, m, &input);
    join(hub, m);
    return BAS_OK;
}
