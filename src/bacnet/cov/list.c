/* Owns Active_COV_Subscriptions and Active_COV_Multiple_Subscriptions (12.11). */
#include "bacnet/cov/cov.h"

#include "bacnet/tag.h"

#include <assert.h>

static void add(struct bas_buf *out, const struct bac_type *type, const void *value, int tag)
{
    bas_err err = bac_encode(type, value, tag, out);
    assert(err == BAS_OK || err == BAS_ERR_NO_SPACE);
    out->full = out->full || err != BAS_OK;
}

uint64_t bac_cov_time_remaining(const struct bac_cov *cov, const struct bac_subscription *s)
{
    if (s->expires == BAS_NEVER) {
        return 0;
    }
    bas_time left = s->expires - *cov->clock;
    return left > 0 ? (uint64_t)((left + BAS_SECOND - 1) / BAS_SECOND) : 1;
}

static struct bac_recipient_process recipient_of(const struct bac_cov *cov,
                                                 const struct bac_subscription *s)
{
    const struct bac_address *address = &cov->peers[s->peer].address;
    return (struct bac_recipient_process){
        .recipient = { .choice = BAC_RECIPIENT_ADDRESS,
                       .as.address = { .network = address->network,
                                       .mac = { address->mac, address->mac_len } } },
        .process = s->process,
    };
}

uint32_t bac_cov_count_active(const struct bac_object *device)
{
    return device->db->cov->n_active[0];
}

void bac_cov_add_active(const struct bac_object *device, uint32_t at, struct bas_buf *out)
{
    const struct bac_cov *cov = device->db->cov;
    assert(at >= 1 && at <= cov->n_active[0]);
    const struct bac_subscription *s = &cov->subscriptions[cov->active[0][at - 1]];
    const struct bac_monitor *m = &cov->monitors[s->monitors.first];
    const struct bac_cov_subscription shown = {
        .recipient = recipient_of(cov, s),
        .monitored = { .object = m->object,
                       .property = m->property,
                       .has_index = m->index != BAC_NO_INDEX,
                       .index = m->index },
        .issue_confirmed = s->confirmed,
        .time_remaining = bac_cov_time_remaining(cov, s),
        .has_increment = m->has_increment,
        .increment = m->increment,
    };
    add(out, &bac_type_cov_subscription, &shown, BAC_APPLICATION);
}

uint32_t bac_cov_count_active_multiple(const struct bac_object *device)
{
    return device->db->cov->n_active[1];
}

static void add_reference(const struct bac_monitor *m, struct bas_buf *out)
{
    const struct bac_cov_reference reference = {
        .property = { .property = m->property,
                      .has_index = m->index != BAC_NO_INDEX,
                      .index = m->index },
        .has_increment = m->has_increment,
        .increment = m->increment,
        .timestamped = m->is_timestamped,
    };
    add(out, &bac_type_cov_reference, &reference, BAC_APPLICATION);
}

/* Neighbours of the same object stand together. */
static void add_specifications(const struct bac_cov *cov, const struct bac_subscription *s,
                               struct bas_buf *out)
{
    const struct bac_monitor *last = NULL;
    for (uint32_t i = s->monitors.first; i != 0 && !out->full;
         i = cov->subscription_links[i].next) {
        const struct bac_monitor *m = &cov->monitors[i];
        bool is_same = last != NULL && last->object.type == m->object.type &&
                       last->object.instance == m->object.instance;
        if (!is_same) {
            if (last != NULL) {
                bac_head_add(out, BAC_HEAD_CLOSING, 1, 0);
            }
            add(out, &bac_type_object_id, &m->object, 0);
            bac_head_add(out, BAC_HEAD_OPENING, 1, 0);
        }
        add_reference(m, out);
        last = m;
    }
    bac_head_add(out, BAC_HEAD_CLOSING, 1, 0);
}

void bac_cov_add_active_multiple(const struct bac_object *device, uint32_t at, struct bas_buf *out)
{
    const struct bac_cov *cov = device->db->cov;
    assert(at >= 1 && at <= cov->n_active[1]);
    const struct bac_subscription *s = &cov->subscriptions[cov->active[1][at - 1]];
    const struct bac_recipient_process recipient = recipient_of(cov, s);
    const uint64_t remaining = bac_cov_time_remaining(cov, s);
    add(out, &bac_type_recipient_process, &recipient, 0);
    add(out, &bac_type_boolean, &s->confirmed, 1);
    add(out, &bac_type_unsigned, &remaining, 2);
    add(out, &bac_type_unsigned, &s->max_delay_s, 3);
    bac_head_add(out, BAC_HEAD_OPENING, 4, 0);
    add_specifications(cov, s, out);
    bac_head_add(out, BAC_HEAD_CLOSING, 4, 0);
}
