/* Owns one TLS session over memory: records in, records out. The library gets whole records only,
 * since it holds 17 to 34 KB for every unfinished one. */
#define _POSIX_C_SOURCE 200809L
#include "tls/session.h"

#include "tls/address.h"
#include "tls/identity.h"
#include "wire/rd.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    RECORD_HEADER = 5,
    RECORD_MAX = 16640,     /* octets behind the header (RFC 8446, 5.2) */
    HANDSHAKE_MAX = 65536,  /* octets that carry no application data, in a row */
    KEY_UPDATE_RECORD = 27, /* what the library may put in front of a sealed record */
    CLOSE_RECORD = 24,
    TYPE_FIRST = 20, /* change_cipher_spec */
    TYPE_LAST = 23,  /* application_data */
    VERSION_MAJOR = 3
};

/* What the library calls */

static ssize_t pull(gnutls_transport_ptr_t pointer, void *out, size_t len)
{
    struct bas_tls *tls = pointer;
    size_t n = len < tls->record.len ? len : tls->record.len;
    if (n == 0) {
        gnutls_transport_set_errno(tls->session, EAGAIN);
        return -1;
    }
    memcpy(out, tls->record.data, n);
    tls->record = (struct bas_slice){ tls->record.data + n, tls->record.len - n };
    tls->quiet += (uint32_t)n;
    return (ssize_t)n;
}

static int pull_ready(gnutls_transport_ptr_t pointer, unsigned ms)
{
    const struct bas_tls *tls = pointer;
    (void)ms;
    return tls->record.len != 0;
}

/* All or nothing: a part of a record must never get out. */
static ssize_t push(gnutls_transport_ptr_t pointer, const giovec_t *parts, int n)
{
    struct bas_tls *tls = pointer;
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        len += parts[i].iov_len;
    }
    if (tls->no_room || len > tls->out->cap - tls->out->len) {
        tls->no_room = true;
        gnutls_transport_set_errno(tls->session, ENOBUFS);
        return -1;
    }
    for (int i = 0; i < n; i++) {
        bas_buf_add(tls->out, parts[i].iov_base, parts[i].iov_len);
    }
    return (ssize_t)len;
}

/* Death: a fault, once, and the alert that names it */

/* Without room for it the alert is lost; the fault stands. */
static bas_err send_alert(struct bas_tls *tls)
{
    (void)gnutls_alert_send(tls->session, GNUTLS_AL_FATAL, (gnutls_alert_description_t)tls->alert);
    return tls->fault.err;
}

static bas_err die(struct bas_tls *tls, const struct bas_tls_refusal *refusal)
{
    bas_tls_condemn(tls, refusal);
    return send_alert(tls);
}

static bas_err die_of(struct bas_tls *tls, enum bas_tls_reason reason)
{
    return die(tls, &(struct bas_tls_refusal){ .reason = reason });
}

/* Making and unmaking */

/* bsc 7.4-14 7.2-06 11-48 */
static int set_up(struct bas_tls *tls)
{
    unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;
    flags |= tls->role == BAS_TLS_SERVER
                 ? (unsigned)GNUTLS_SERVER
                 : (unsigned)GNUTLS_CLIENT | GNUTLS_KEY_SHARE_TOP | GNUTLS_FORCE_CLIENT_CERT;
    int status = gnutls_init(&tls->session, flags);
    if (status < 0) {
        tls->session = NULL;
        return status;
    }
    gnutls_session_set_ptr(tls->session, tls);
    gnutls_transport_set_ptr(tls->session, tls);
    gnutls_transport_set_pull_function(tls->session, pull);
    gnutls_transport_set_pull_timeout_function(tls->session, pull_ready);
    gnutls_transport_set_vec_push_function(tls->session, push);
    bas_tls_handshake_watch(tls);
    status = gnutls_priority_set(tls->session, tls->context->priority);
    if (status < 0) {
        return status;
    }
    return gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, tls->context->credentials);
}

/* bsc 7.4-05 11-24 */
static int set_role(struct bas_tls *tls)
{
    uint8_t address[16];
    if (tls->role == BAS_TLS_SERVER) {
        tls->started = true;
        gnutls_certificate_server_set_request(tls->session, GNUTLS_CERT_REQUIRE);
        return 0;
    }
    if (tls->host[0] == 0 || bas_tls_address_parse(tls->host, address) != 0) {
        return 0; /* SNI carries no addresses */
    }
    return gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, tls->host, strlen(tls->host));
}

struct bas_tls *bas_tls_new(struct bas_tls_context *context, enum bas_tls_role role,
                            const char *host, struct bas_buf *out)
{
    size_t host_len = host != NULL ? strlen(host) : 0;
    struct bas_tls *tls = bas_alloc(&context->env, sizeof(*tls) + host_len + 1);
    if (tls == NULL) {
        return NULL;
    }
    tls->context = bas_tls_context_ref(context);
    tls->role = role;
    tls->record_limit = BAS_TLS_RECORD;
    tls->out = out;
    if (host_len != 0) {
        memcpy(tls->host, host, host_len);
    }
    if (set_up(tls) < 0 || set_role(tls) < 0) {
        bas_tls_free(tls);
        return NULL;
    }
    return tls;
}

static void drop_stash(struct bas_tls *tls)
{
    bas_release(&tls->context->env, tls->stash, tls->stash_len);
    tls->stash = NULL;
    tls->stash_len = 0;
}

void bas_tls_free(struct bas_tls *tls)
{
    if (tls == NULL) {
        return;
    }
    if (tls->session != NULL) {
        gnutls_deinit(tls->session);
    }
    drop_stash(tls);
    bas_tls_context_unref(tls->judge);
    struct bas_tls_context *context = tls->context;
    bas_release(&context->env, tls->refused, sizeof(*tls->refused));
    bas_release(&context->env, tls, sizeof(*tls) + strlen(tls->host) + 1);
    bas_tls_context_unref(context);
}

void bas_tls_set_out(struct bas_tls *tls, struct bas_buf *out)
{
    tls->out = out;
}

/* From octets to whole records */

bas_err bas_tls_feed(struct bas_tls *tls, const uint8_t *cipher, size_t len)
{
    if (tls->state == BAS_TLS_DEAD) {
        return tls->fault.err;
    }
    if (tls->in.len != 0 || tls->record.len != 0) {
        return BAS_ERR_STATE;
    }
    if (tls->state != BAS_TLS_PEER_CLOSED) { /* what comes behind close_notify is not read */
        tls->in = (struct bas_slice){ cipher, len };
    }
    return BAS_OK;
}

static struct bas_slice take_in(struct bas_tls *tls, size_t len)
{
    struct rd r = rd_init(tls->in);
    struct bas_slice taken = rd_take(&r, len);
    tls->in = rd_rest(&r);
    return taken;
}

static bas_err die_of_foreign(struct bas_tls *tls, struct bas_slice octets)
{
    char detail[32];
    struct bas_buf text;
    bas_buf_init(&text, detail, sizeof(detail));
    bas_buf_add_hex(&text, octets);
    return die(
        tls, &(struct bas_tls_refusal){ .reason = BAS_TLS_NOT_TLS, .detail = bas_buf_text(&text) });
}

/* How long the record that begins here will be with its header; no more than the header while that
 * is not all there. */
static bas_err record_len(struct bas_tls *tls, struct bas_slice begin, size_t *len)
{
    *len = RECORD_HEADER;
    if (begin.len < RECORD_HEADER) {
        return BAS_OK;
    }
    struct rd r = rd_init(begin);
    uint8_t type = rd_u8(&r);
    uint8_t major = rd_u8(&r);
    (void)rd_u8(&r);
    size_t body = rd_u16(&r);
    if (type < TYPE_FIRST || type > TYPE_LAST || major != VERSION_MAJOR) {
        return die_of_foreign(tls, (struct bas_slice){ begin.data, RECORD_HEADER });
    }
    if (body > RECORD_MAX) {
        return die_of(tls, BAS_TLS_RECORD_TOO_LONG);
    }
    *len += body;
    return BAS_OK;
}

/* Moves up to len octets of the input behind the stash, which grows to its exact new size. */
static bas_err grow_stash(struct bas_tls *tls, size_t len)
{
    size_t n = len < tls->in.len ? len : tls->in.len;
    uint8_t *grown = bas_alloc(&tls->context->env, tls->stash_len + n);
    if (grown == NULL) {
        return die_of(tls, BAS_TLS_NO_MEMORY);
    }
    size_t old = tls->stash_len;
    if (old != 0) {
        memcpy(grown, tls->stash, old);
    }
    struct bas_slice more = take_in(tls, n);
    memcpy(grown + old, more.data, more.len);
    drop_stash(tls);
    tls->stash = grown;
    tls->stash_len = old + n;
    return BAS_OK;
}

/* Completes the record in the stash: first its header, then as much as that says. */
static bas_err next_from_stash(struct bas_tls *tls)
{
    for (;;) {
        struct bas_slice begin = { tls->stash, tls->stash_len };
        size_t want = 0;
        bas_err err = record_len(tls, begin, &want);
        if (err != BAS_OK) {
            return err;
        }
        if (begin.len == want) {
            tls->record = begin;
            return BAS_OK;
        }
        if (tls->in.len == 0) {
            return BAS_ERR_AGAIN;
        }
        err = grow_stash(tls, want - begin.len);
        if (err != BAS_OK) {
            return err;
        }
    }
}

/* The next whole record stands in tls->record, or BAS_ERR_AGAIN. */
static bas_err next_record(struct bas_tls *tls)
{
    if (tls->stash_len != 0) {
        return next_from_stash(tls);
    }
    if (tls->in.len == 0) {
        return BAS_ERR_AGAIN;
    }
    size_t want = 0;
    bas_err err = record_len(tls, tls->in, &want);
    if (err != BAS_OK) {
        return err;
    }
    if (want > tls->in.len || tls->in.len < RECORD_HEADER) {
        err = grow_stash(tls, tls->in.len);
        return err != BAS_OK ? err : BAS_ERR_AGAIN;
    }
    tls->record = take_in(tls, want);
    return BAS_OK;
}

/* From whole records to plain octets */

static bas_err die_of_alert(struct bas_tls *tls)
{
    tls->state = BAS_TLS_DEAD;
    tls->in = tls->record = (struct bas_slice){ NULL, 0 };
    return bas_tls_alert_fault(gnutls_alert_get(tls->session), tls->role, &tls->context->identity,
                               bas_tls_now(&tls->context->env), &tls->fault);
}

static bas_err die_of_error(struct bas_tls *tls, int status)
{
    if (tls->state == BAS_TLS_DEAD) { /* bas_tls_condemn has said why */
        return send_alert(tls);
    }
    if (status == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        return die_of_alert(tls);
    }
    if (tls->no_room) {
        return die_of(tls, BAS_TLS_NO_ROOM);
    }
    struct bas_tls_identity identity;
    struct bas_tls_refusal refusal = { .reason = bas_tls_reason_of(status),
                                       .detail = gnutls_strerror(status) };
    int level = 0;
    if (refusal.reason == BAS_TLS_OTHER) {
        refusal.alert = (unsigned)gnutls_error_to_alert(status, &level);
    }
    if (bas_tls_peer(tls, &identity)) {
        refusal.identity = &identity;
    }
    return die(tls, &refusal);
}

/* BAS_ERR_AGAIN: the record was taken and gave nothing to hand on. */
static bas_err settle(struct bas_tls *tls, int status, size_t had)
{
    bool benign = status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED ||
                  status == GNUTLS_E_WARNING_ALERT_RECEIVED;
    bool moved = tls->record.len < had || had == 0;
    if (!benign || !moved) {
        return die_of_error(tls, status);
    }
    if (tls->quiet > HANDSHAKE_MAX) {
        return die_of(tls, BAS_TLS_FLOOD);
    }
    return BAS_ERR_AGAIN;
}

static bas_err shake(struct bas_tls *tls)
{
    size_t had = tls->record.len;
    int status = gnutls_handshake(tls->session);
    tls->started = true;
    if (status != GNUTLS_E_SUCCESS) {
        return settle(tls, status, had);
    }
    tls->state = BAS_TLS_OPEN;
    tls->quiet = 0;
    bas_tls_context_unref(tls->judge);
    tls->judge = NULL;
    return BAS_ERR_AGAIN;
}

static bas_err open_record(struct bas_tls *tls, uint8_t *plain, size_t cap, size_t *len)
{
    size_t had = tls->record.len;
    ssize_t n = gnutls_record_recv(tls->session, plain, cap);
    if (n < 0) {
        return settle(tls, (int)n, had);
    }
    if (n == 0) {
        tls->state = BAS_TLS_PEER_CLOSED;
        tls->in = tls->record = (struct bas_slice){ NULL, 0 };
        return BAS_ERR_CLOSED;
    }
    tls->quiet = 0;
    *len = (size_t)n;
    return BAS_OK;
}

bas_err bas_tls_read(struct bas_tls *tls, uint8_t *plain, size_t cap, size_t *len)
{
    assert(cap >= BAS_TLS_RECORD);
    *len = 0;
    bas_err err = BAS_ERR_AGAIN;
    while (err == BAS_ERR_AGAIN) {
        if (tls->state == BAS_TLS_DEAD || tls->state == BAS_TLS_PEER_CLOSED) {
            drop_stash(tls);
            return tls->state == BAS_TLS_DEAD ? tls->fault.err : BAS_ERR_CLOSED;
        }
        if (tls->started && tls->record.len == 0) {
            err = next_record(tls);
            if (err != BAS_OK) {
                return err;
            }
        }
        err = tls->state == BAS_TLS_HANDSHAKE ? shake(tls) : open_record(tls, plain, cap, len);
        if (tls->record.len == 0) {
            drop_stash(tls);
        }
    }
    return err;
}

/* From plain octets to records */

/* The library puts the answer to a KeyUpdate, and every 2^24 records one of its own, in front of
 * the next record. Asked for an empty one it puts out just that, so the room can be told. */
static bas_err settle_key_update(struct bas_tls *tls)
{
    ssize_t status = gnutls_record_send(tls->session, "", 0);
    if (tls->no_room) {
        return die_of(tls, BAS_TLS_NO_ROOM);
    }
    if (status < 0 && status != GNUTLS_E_INVALID_REQUEST) {
        return die_of_error(tls, (int)status);
    }
    return BAS_OK;
}

size_t bas_tls_record_limit(const struct bas_tls *tls)
{
    return tls->record_limit;
}

static size_t room(const struct bas_tls *tls)
{
    return tls->out->cap - tls->out->len;
}

static size_t sealed_len(const struct bas_tls *tls, size_t len)
{
    size_t limit = tls->record_limit;
    size_t sealed = len + (len + limit - 1) / limit * BAS_TLS_RECORD_OVERHEAD;
    return sealed < KEY_UPDATE_RECORD ? KEY_UPDATE_RECORD : sealed;
}

bas_err bas_tls_seal(struct bas_tls *tls, const uint8_t *plain, size_t len)
{
    assert(len >= 1 && len <= BAS_TLS_RECORD);
    if (tls->state == BAS_TLS_DEAD) {
        return tls->fault.err;
    }
    if (tls->state == BAS_TLS_HANDSHAKE || tls->closed) {
        return tls->closed ? BAS_ERR_CLOSED : BAS_ERR_STATE;
    }
    size_t need = sealed_len(tls, len);
    if (room(tls) < need) {
        return BAS_ERR_NO_SPACE;
    }
    /* Where the answer and a new key of our own would fit besides, nothing needs to be asked. */
    bool is_tight = room(tls) < need + (size_t)2 * KEY_UPDATE_RECORD;
    bas_err err = is_tight ? settle_key_update(tls) : BAS_OK;
    if (err != BAS_OK) {
        return err;
    }
    if (room(tls) < need) {
        return BAS_ERR_NO_SPACE;
    }
    for (size_t done = 0; done < len;) {
        ssize_t n = gnutls_record_send(tls->session, plain + done, len - done);
        if (n <= 0) {
            return die_of_error(tls, (int)n);
        }
        done += (size_t)n;
    }
    return BAS_OK;
}

void bas_tls_close(struct bas_tls *tls)
{
    if (tls->closed || room(tls) < CLOSE_RECORD || !bas_tls_is_open(tls)) {
        return;
    }
    tls->closed = true;
    (void)gnutls_bye(tls->session, GNUTLS_SHUT_WR);
}

bool bas_tls_is_open(const struct bas_tls *tls)
{
    return tls->state == BAS_TLS_OPEN || tls->state == BAS_TLS_PEER_CLOSED;
}

const struct bas_fault *bas_tls_fault(const struct bas_tls *tls)
{
    return &tls->fault;
}

size_t bas_tls_unfinished(const struct bas_tls *tls)
{
    return tls->stash_len;
}
