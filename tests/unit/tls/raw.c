#include "raw.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ssize_t pull(gnutls_transport_ptr_t pointer, void *out, size_t len)
{
    struct raw *raw = pointer;
    size_t left = raw->in.len - raw->in_used;
    size_t n = len < left ? len : left;
    if (n == 0) {
        gnutls_transport_set_errno(raw->session, EAGAIN);
        return -1;
    }
    memcpy(out, raw->in.data + raw->in_used, n);
    raw->in_used += n;
    return (ssize_t)n;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned ms)
{
    const struct raw *raw = pointer;
    (void)ms;
    return raw->in.len != raw->in_used;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *octets, size_t len)
{
    struct raw *raw = pointer;
    bas_buf_add(&raw->out, octets, len);
    assert_false(raw->out.full);
    return (ssize_t)len;
}

/* The library refuses a key that does not fit unless told not to look. */
static void use(struct raw *raw, struct world *world, const struct raw_config *config)
{
    char certificate[64];
    char key[64];
    (void)snprintf(certificate, sizeof(certificate), "%s.pem", config->name);
    (void)snprintf(key, sizeof(key), "%s.key", config->name);
    if (config->is_mismatched) {
        gnutls_certificate_set_flags(raw->credentials, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
    }
    assert_int_equal(
        gnutls_certificate_set_x509_key_file(raw->credentials, world_path(world, certificate),
                                             world_path(world, key), GNUTLS_X509_FMT_PEM),
        0);
}

void raw_init(struct raw *raw, struct world *world, const struct raw_config *config)
{
    memset(raw, 0, sizeof(*raw));
    raw->alert = -1;
    bas_buf_init(&raw->in, malloc(END_OUT), END_OUT);
    bas_buf_init(&raw->out, malloc(END_OUT), END_OUT);
    unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | config->flags;
    flags |= config->is_server ? (unsigned)GNUTLS_SERVER
                               : (unsigned)GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT;
    assert_int_equal(gnutls_init(&raw->session, flags), 0);
    assert_int_equal(gnutls_certificate_allocate_credentials(&raw->credentials), 0);
    if (config->name != NULL) {
        use(raw, world, config);
    }
    const char *priorities =
        config->priorities != NULL ? config->priorities : "NORMAL:-VERS-ALL:+VERS-TLS1.3";
    assert_int_equal(gnutls_priority_set_direct(raw->session, priorities, NULL), 0);
    assert_int_equal(gnutls_credentials_set(raw->session, GNUTLS_CRD_CERTIFICATE, raw->credentials),
                     0);
    if (config->max_recv != 0) {
        assert_int_equal(gnutls_record_set_max_recv_size(raw->session, config->max_recv), 0);
    }
    if (config->is_server) {
        gnutls_certificate_server_set_request(raw->session, GNUTLS_CERT_REQUEST);
    }
    gnutls_transport_set_ptr(raw->session, raw);
    gnutls_transport_set_pull_function(raw->session, pull);
    gnutls_transport_set_pull_timeout_function(raw->session, pull_timeout);
    gnutls_transport_set_push_function(raw->session, push);
}

void raw_fini(struct raw *raw)
{
    gnutls_deinit(raw->session);
    gnutls_certificate_free_credentials(raw->credentials);
    free(raw->in.data);
    free(raw->out.data);
}

static void take(struct raw *raw, struct end *end)
{
    memmove(raw->in.data, raw->in.data + raw->in_used, raw->in.len - raw->in_used);
    raw->in.len -= raw->in_used;
    raw->in_used = 0;
    bas_buf_add(&raw->in, end->out.data, end->out.len);
    assert_false(raw->in.full);
    end->out.len = 0;
}

static ssize_t note(struct raw *raw, ssize_t status)
{
    raw->status = (int)status;
    if (status == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        gnutls_alert_description_t alert = gnutls_alert_get(raw->session);
        raw->alert = (int)alert;
    }
    return status;
}

ssize_t raw_recv(struct raw *raw, struct end *end, void *plain, size_t cap)
{
    take(raw, end);
    ssize_t n = GNUTLS_E_AGAIN;
    do {
        n = gnutls_record_recv(raw->session, plain, cap);
    } while (n == GNUTLS_E_AGAIN && raw->in_used < raw->in.len);
    return note(raw, n);
}

void raw_shake(struct raw *raw, struct end *end)
{
    char plain[64];
    (void)end_read(end);
    bool dead = false;
    for (int turn = 0; turn < 8; turn++) {
        take(raw, end);
        if (!raw->open && !dead) {
            ssize_t status = note(raw, gnutls_handshake(raw->session));
            raw->open = status == 0;
            dead = status < 0 && gnutls_error_is_fatal((int)status) != 0;
            if (dead && raw->alert == -1) {
                (void)gnutls_alert_send_appropriate(raw->session, (int)status);
            }
        }
        (void)end_feed(end, raw->out.data, raw->out.len, 0);
        raw->out.len = 0;
    }
    if (raw->open) {
        (void)raw_recv(raw, end, plain, sizeof(plain));
    }
}
