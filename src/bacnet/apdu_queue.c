/* Owns the queue of APDUs that an engine wants sent. */
#include "bacnet/apdu_queue.h"

#include <string.h>

enum { MAX_HEADER = 16 };

bas_err bac_apdu_queue_init(struct bac_apdu_queue *queue, const struct bas_env *env, size_t cap)
{
    *queue = (struct bac_apdu_queue){ .entries = bas_alloc(env, cap * sizeof(*queue->entries)),
                                      .cap = cap };
    return queue->entries != NULL ? BAS_OK : BAS_ERR_NO_MEMORY;
}

void bac_apdu_queue_fini(struct bac_apdu_queue *queue, const struct bas_env *env)
{
    struct bac_apdu_tx tx;
    while (bac_apdu_queue_take(queue, &tx)) {
        bas_frame_unref(tx.frame);
    }
    bas_release(env, queue->entries, queue->cap * sizeof(*queue->entries));
    queue->entries = NULL;
}

bool bac_apdu_queue_is_full(const struct bac_apdu_queue *queue)
{
    return queue->n == queue->cap;
}

bas_err bac_apdu_queue_put_frame(struct bac_apdu_queue *queue, const struct bac_apdu_tx *tx)
{
    if (bac_apdu_queue_is_full(queue)) {
        bas_frame_unref(tx->frame);
        return BAS_ERR_BUSY;
    }
    queue->entries[(queue->first + queue->n++) % queue->cap] = *tx;
    return BAS_OK;
}

struct bas_frame *bac_apdu_frame(const struct bas_env *env, const struct bac_apdu *head,
                                 struct bas_slice body)
{
    uint8_t octets[MAX_HEADER];
    struct bas_buf header;
    bas_buf_init(&header, octets, sizeof(octets));
    bac_apdu_encode_header(head, &header);
    struct bas_frame *frame =
        bas_frame_new(env, BAS_HEADROOM, BAS_HEADROOM + header.len + body.len);
    if (frame == NULL) {
        return NULL;
    }
    memcpy(bas_frame_put(frame, header.len), octets, header.len);
    if (body.len != 0) {
        memcpy(bas_frame_put(frame, body.len), body.data, body.len);
    }
    return frame;
}

bas_err bac_apdu_queue_put(struct bac_apdu_queue *queue, const struct bas_env *env,
                           const struct bac_apdu_tx *tx, const struct bac_apdu *head,
                           struct bas_slice body)
{
    if (bac_apdu_queue_is_full(queue)) {
        return BAS_ERR_BUSY;
    }
    struct bac_apdu_tx entry = *tx;
    entry.frame = bac_apdu_frame(env, head, body);
    return entry.frame != NULL ? bac_apdu_queue_put_frame(queue, &entry) : BAS_ERR_NO_MEMORY;
}

bool bac_apdu_queue_take(struct bac_apdu_queue *queue, struct bac_apdu_tx *tx)
{
    if (queue->n == 0) {
        return false;
    }
    *tx = queue->entries[queue->first];
    queue->first = (queue->first + 1) % queue->cap;
    queue->n--;
    return true;
}
