/* Owns the stage of a link that may be absent: TLS between TCP and WebSocket. */
#include "rt/channel.h"

#include <string.h>

bool channel_begin(struct channel *channel, struct bas_tls_context *context, enum bas_tls_role role,
                   struct bas_buf *out)
{
    if (context != NULL) {
        channel->tls = bas_tls_new(context, role, NULL, out);
        if (channel->tls == NULL) {
            return false;
        }
    }
    channel->out = out;
    return true;
}

void channel_end(struct channel *channel)
{
    bas_tls_free(channel->tls);
    *channel = (struct channel){ 0 };
}

bas_err channel_feed(struct channel *channel, const uint8_t *octets, size_t len)
{
    if (channel->tls != NULL) {
        return bas_tls_feed(channel->tls, octets, len);
    }
    channel->arrived = (struct bas_slice){ octets, len };
    return BAS_OK;
}

bas_err channel_read(struct channel *channel, uint8_t *plain, size_t cap, size_t *len)
{
    if (channel->tls != NULL) {
        return bas_tls_read(channel->tls, plain, cap, len);
    }
    struct bas_slice *arrived = &channel->arrived;
    if (arrived->len == 0) {
        return BAS_ERR_AGAIN;
    }
    *len = arrived->len < cap ? arrived->len : cap;
    memcpy(plain, arrived->data, *len);
    *arrived = (struct bas_slice){ arrived->data + *len, arrived->len - *len };
    return BAS_OK;
}

bas_err channel_seal(struct channel *channel, struct bas_slice plain)
{
    if (channel->tls == NULL) {
        bas_buf_add(channel->out, plain.data, plain.len);
        return channel->out->full ? BAS_ERR_NO_SPACE : BAS_OK;
    }
    bas_err err = BAS_OK;
    for (size_t at = 0; at < plain.len && err == BAS_OK;) {
        size_t n = plain.len - at < BAS_TLS_RECORD ? plain.len - at : BAS_TLS_RECORD;
        err = bas_tls_seal(channel->tls, plain.data + at, n);
        at += n;
    }
    return err;
}

void channel_close(struct channel *channel)
{
    if (channel->tls != NULL) {
        bas_tls_close(channel->tls);
    }
}

bool channel_is_open(const struct channel *channel)
{
    return channel->tls != NULL ? bas_tls_is_open(channel->tls) : channel->out != NULL;
}

const struct bas_fault *channel_fault(const struct channel *channel)
{
    return channel->tls != NULL ? bas_tls_fault(channel->tls) : NULL;
}

size_t channel_unfinished(const struct channel *channel)
{
    return channel->tls != NULL ? bas_tls_unfinished(channel->tls) : 0;
}
