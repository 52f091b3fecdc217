/* A bounded queue of APDUs that wait to be fetched; the client and the server have one each. */
#ifndef BASALT_BACNET_APDU_QUEUE_H
#define BASALT_BACNET_APDU_QUEUE_H

#include "basalt/bacnet.h"

struct bac_apdu_queue {
    struct bac_apdu_tx *entries;
    size_t cap, first, n;
};

BAS_MUST_USE bas_err bac_apdu_queue_init(struct bac_apdu_queue *queue, const struct bas_env *env,
                                         size_t cap);
void bac_apdu_queue_fini(struct bac_apdu_queue *queue, const struct bas_env *env);
/* A frame (BAS_HEADROOM in front) of head and behind it body. NULL: no memory. */
struct bas_frame *bac_apdu_frame(const struct bas_env *env, const struct bac_apdu *head,
                                 struct bas_slice body);
/* Queues such a frame. tx says all but the frame. BAS_ERR_BUSY: the queue is full;
 * BAS_ERR_NO_MEMORY. */
BAS_MUST_USE bas_err bac_apdu_queue_put(struct bac_apdu_queue *queue, const struct bas_env *env,
                                        const struct bac_apdu_tx *tx, const struct bac_apdu *head,
                                        struct bas_slice body);
/* Queues a frame that is written. Takes it, also on error. */
BAS_MUST_USE bas_err bac_apdu_queue_put_frame(struct bac_apdu_queue *queue,
                                              const struct bac_apdu_tx *tx);
bool bac_apdu_queue_take(struct bac_apdu_queue *queue, struct bac_apdu_tx *tx);
bool bac_apdu_queue_is_full(const struct bac_apdu_queue *queue);

#endif
