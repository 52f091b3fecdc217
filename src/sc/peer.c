/*
 * Owns the table of peers: finding one by its VMAC, making room by forgetting the one unused
 * longest, when each is due, and lists of URIs.
 */
#include "sc/node.h"

#include "sc/vmac.h"
#include "wire/rd.h"

#include <assert.h>
#include <string.h>

bas_err bsc_peers_init(struct bsc_peers *peers, const struct bas_env *env, uint32_t max)
{
    *peers = (struct bsc_peers){ .max = max, .next_due = BAS_NEVER };
    peers->rows = bas_alloc(env, max * sizeof(*peers->rows));
    peers->numbers = bas_alloc(env, max * sizeof(*peers->numbers));
    peers->used = bas_alloc(env, max * sizeof(*peers->used));
    peers->due = bas_alloc(env, max * sizeof(*peers->due));
    bool whole =
        peers->rows != NULL && peers->numbers != NULL && peers->used != NULL && peers->due != NULL;
    return whole ? BAS_OK : BAS_ERR_NO_MEMORY;
}

void bsc_peers_fini(struct bsc_peers *peers, const struct bas_env *env)
{
    bas_release(env, peers->rows, peers->max * sizeof(*peers->rows));
    bas_release(env, peers->numbers, peers->max * sizeof(*peers->numbers));
    bas_release(env, peers->used, peers->max * sizeof(*peers->used));
    bas_release(env, peers->due, peers->max * sizeof(*peers->due));
    *peers = (struct bsc_peers){ .next_due = BAS_NEVER };
}

/* peers->n: it is not there. */
static uint32_t index_of(const struct bsc_peers *peers, const struct bsc_vmac *vmac)
{
    uint64_t number = bsc_vmac_number(vmac);
    uint32_t at = 0;
    while (at < peers->n && peers->numbers[at] != number) {
        at++;
    }
    return at;
}

struct bsc_peer_row *bsc_peers_find(const struct bsc_peers *peers, const struct bsc_vmac *vmac)
{
    uint32_t at = index_of(peers, vmac);
    return at < peers->n ? &peers->rows[at] : NULL;
}

static bool is_needed(const struct bsc_peer_row *row)
{
    return row->is_set || row->link != NULL || row->attempt != NULL ||
           row->resolution == BSC_RESOLVING;
}

/* A place for one more: free, or of the one that was unused longest, perhaps among those that were
 * only heard. peers->max: none. */
static uint32_t make_room(struct bsc_peers *peers, bool heard_only)
{
    uint32_t oldest = peers->max;
    if (peers->n < peers->max) {
        return peers->n++;
    }
    for (uint32_t i = 0; i < peers->n; i++) {
        bool is_older = oldest == peers->max || peers->used[i] < peers->used[oldest];
        bool may_go = !is_needed(&peers->rows[i]) && (!heard_only || peers->rows[i].is_heard);
        if (is_older && may_go) {
            oldest = i;
        }
    }
    return oldest;
}

/* NULL: there is no room for it. */
static struct bsc_peer_row *make_row(struct bsc_node *node, const struct bsc_vmac *vmac,
                                     bool is_heard)
{
    struct bsc_peers *peers = &node->peers;
    uint32_t at = bsc_vmac_is_reserved(vmac) ? peers->max : make_room(peers, is_heard);
    if (at == peers->max) {
        return NULL;
    }
    struct bsc_peer_row *row = &peers->rows[at];
    *row = (struct bsc_peer_row){ .vmac = *vmac,
                                  .policy = node->config.direct_policy,
                                  .is_heard = is_heard,
                                  .hello = { .next = !node->config.no_hello },
                                  .status = { .vmac = *vmac } };
    peers->numbers[at] = bsc_vmac_number(vmac);
    peers->used[at] = ++peers->uses;
    peers->due[at] = BAS_NEVER;
    bsc_switch_schedule(node, row);
    return row;
}

struct bsc_peer_row *bsc_peers_get(struct bsc_node *node, const struct bsc_vmac *vmac)
{
    struct bsc_peers *peers = &node->peers;
    uint32_t at = index_of(peers, vmac);
    if (at == peers->n) {
        return make_row(node, vmac, false);
    }
    struct bsc_peer_row *row = &peers->rows[at];
    peers->used[at] = ++peers->uses;
    if (row->is_heard) {
        row->is_heard = false;
        bsc_switch_schedule(node, row);
    }
    return row;
}

struct bsc_peer_row *bsc_peers_hear(struct bsc_node *node, const struct bsc_vmac *vmac)
{
    struct bsc_peer_row *row = bsc_peers_find(&node->peers, vmac);
    return row != NULL ? row : make_row(node, vmac, true);
}

/* Time. */

void bsc_peers_set_due(struct bsc_peers *peers, const struct bsc_peer_row *row, bas_time due)
{
    peers->due[row - peers->rows] = due;
    peers->next_due = BAS_NEVER;
    for (uint32_t i = 0; i < peers->n; i++) {
        peers->next_due = peers->due[i] < peers->next_due ? peers->due[i] : peers->next_due;
    }
}

struct bsc_peer_row *bsc_peers_due(const struct bsc_peers *peers, bas_time now)
{
    for (uint32_t i = 0; peers->next_due <= now && i < peers->n; i++) {
        if (peers->due[i] <= now) {
            return &peers->rows[i];
        }
    }
    return NULL;
}

/* bsc 6.2-03 */
bool bsc_peer_is_busy(struct bsc_peer_row *row, bas_time now)
{
    const bas_time window = BSC_POLICY_DIRECT_WINDOW_MS * BAS_MILLISECOND;
    unsigned at = row->sent_next % BSC_POLICY_DIRECT_UNICASTS;
    row->sent_at[at] = now;
    row->sent_next++;
    if (row->sent_next < BSC_POLICY_DIRECT_UNICASTS) {
        return false;
    }
    bas_time first = row->sent_at[row->sent_next % BSC_POLICY_DIRECT_UNICASTS];
    return now - first <= window;
}

/* Lists of URIs. */

/* The octets up to the next space. */
static struct bas_slice take_word(struct rd *r)
{
    struct rd start = *r;
    size_t len = 0;
    while (rd_left(r) != 0 && rd_u8(r) != ' ') {
        len++;
    }
    return rd_take(&start, len);
}

/* No URI has other characters; what is printed somewhere must not have them. */
static bool is_printable(struct bas_slice word)
{
    struct rd r = rd_init(word);
    while (rd_left(&r) != 0) {
        uint8_t octet = rd_u8(&r);
        if (octet <= ' ' || octet >= 0x7F) {
            return false;
        }
    }
    return word.len != 0;
}

void bsc_uris_copy(char out[BSC_URIS_MAX], struct bas_slice text)
{
    struct rd r = rd_init(text);
    struct bas_buf list;
    bas_buf_init(&list, out, BSC_URIS_MAX);
    while (rd_left(&r) != 0) {
        struct bas_slice word = take_word(&r);
        size_t space = list.len != 0 ? 1 : 0;
        if (is_printable(word) && list.len + space + word.len < BSC_URIS_MAX) {
            bas_buf_add_text(&list, space != 0 ? " " : "");
            bas_buf_add(&list, word.data, word.len);
        }
    }
    (void)bas_buf_text(&list);
}

void bsc_uris_cut(char *uris, unsigned n)
{
    char *end = uris;
    for (unsigned i = 0; i < n && *end != 0; i++) {
        end += strspn(end, " ");
        end += strcspn(end, " ");
    }
    *end = 0;
}

/* bsc 6.3-02 */
bool bsc_uris_next(const char *uris, size_t *at, char uri[BSC_URI_MAX])
{
    while (uris[*at] != 0) {
        const char *start = uris + *at + strspn(uris + *at, " ");
        size_t len = strcspn(start, " ");
        *at = (size_t)(start - uris) + len;
        if (len != 0 && len < BSC_URI_MAX) {
            memcpy(uri, start, len);
            uri[len] = 0;
            return true;
        }
    }
    return false;
}

/* What the owner sees. */

static void describe(const struct bsc_peer_row *row, struct bsc_peer *peer)
{
    *peer = (struct bsc_peer){ .vmac = row->vmac,
                               .policy = row->policy,
                               .resolution = row->resolution,
                               .uris = row->uris,
                               .fresh_until = row->is_uris_set ? BAS_NEVER : row->fresh_until,
                               .has_advertisement = row->has_advertisement,
                               .advertisement = row->advertisement,
                               .is_direct = row->link != NULL,
                               .is_initiator = row->link != NULL && row->link->conn.initiating,
                               .direct_connection = row->status,
                               .sent_direct = row->sent_direct,
                               .sent_hub = row->sent_hub };
    peer->direct_connection.uri = row->uri;
}

bool bsc_node_peer(const struct bsc_node *node, size_t n, struct bsc_peer *peer)
{
    if (n >= node->peers.n) {
        return false;
    }
    describe(&node->peers.rows[n], peer);
    return true;
}

bool bsc_node_find_peer(const struct bsc_node *node, const struct bsc_vmac *vmac,
                        struct bsc_peer *peer)
{
    const struct bsc_peer_row *row = bsc_peers_find(&node->peers, vmac);
    if (row != NULL) {
        describe(row, peer);
    }
    return row != NULL;
}

bas_err bsc_node_set_peer(struct bsc_node *node, const struct bsc_vmac *peer,
                          enum bsc_direct_policy policy, const char *uris, bas_time now)
{
    size_t len = uris != NULL ? strlen(uris) : 0;
    (void)now;
    if (bsc_vmac_is_reserved(peer)) {
        return BAS_ERR_INVALID;
    }
    if (len >= BSC_URIS_MAX) {
        return BAS_ERR_TOO_LONG;
    }
    struct bsc_peer_row *row = bsc_peers_get(node, peer);
    if (row == NULL) {
        return BAS_ERR_NO_SPACE;
    }
    row->is_set = true;
    row->policy = policy;
    if (row->is_uris_set || len != 0) {
        row->is_uris_set = len != 0;
        row->uri_at = 0;
        if (row->resolution != BSC_RESOLVING) { /* a question that is on its way has its end */
            row->resolution = len != 0 ? BSC_RESOLVED : BSC_UNRESOLVED;
        }
        bsc_uris_copy(row->uris, (struct bas_slice){ (const uint8_t *)uris, len });
    }
    bsc_switch_schedule(node, row);
    return BAS_OK;
}
