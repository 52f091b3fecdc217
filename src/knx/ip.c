/* Owns whole KNXnet/IP frames (spec 1.1): the rows of the services, header, decode, encode. */
#include "knx/ip.h"

#include "wire/wr.h"

static const struct ip_service services[] = {
#define IP_SERVICE(number, member, ...) { KNX_##member, #member, { __VA_ARGS__ } },
#include "knx/ip.def"
#undef IP_SERVICE
};

#define IP_SERVICE(number, member, ...)                                                            \
    _Static_assert(KNX_##member == (number), "a row of ip.def and its enumerator differ");
#include "knx/ip.def"
#undef IP_SERVICE

const struct ip_service *ip_service_find(unsigned code)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(services); i++) {
        if (services[i].code == code) {
            return &services[i];
        }
    }
    return NULL;
}

const char *knx_service_name(unsigned service)
{
    const struct ip_service *row = ip_service_find(service);
    return row != NULL ? row->name : "unknown";
}

bool knx_hpai_is_zero(const struct knx_hpai *hpai)
{
    unsigned any = hpai->port;
    for (size_t i = 0; i < sizeof(hpai->address); i++) {
        any |= hpai->address[i];
    }
    return any == 0;
}

bas_err knx_frame_length(struct bas_slice octets, size_t *total)
{
    struct rd r = rd_init(octets);
    unsigned header = rd_u8(&r);
    unsigned version = rd_u8(&r);
    (void)rd_u16(&r);
    size_t length = rd_u16(&r);
    if (r.err != BAS_OK) {
        return BAS_ERR_AGAIN;
    }
    if (header != KNX_IP_HEADER || version != KNX_IP_VERSION || length < KNX_IP_HEADER) {
        return BAS_ERR_MALFORMED;
    }
    *total = length;
    return BAS_OK;
}

/* The header: r is left behind it. */
static bas_err header_read(struct bas_slice octets, struct rd *r, struct bas_fault *fault)
{
    size_t total = 0;
    bas_err err = knx_frame_length(octets, &total);
    if (err == BAS_ERR_AGAIN) {
        return bas_fail(fault, BAS_ERR_TRUNCATED, "%zu octets are no KNXnet/IP header", octets.len);
    }
    if (err != BAS_OK) {
        return bas_fail(fault, err, "this is not a KNXnet/IP header of version 1.0");
    }
    if (total != octets.len) {
        return bas_fail(fault, total > octets.len ? BAS_ERR_TRUNCATED : BAS_ERR_TOO_LONG,
                        "a frame of %zu octets says that it has %zu", octets.len, total);
    }
    *r = rd_init(octets);
    (void)rd_take(r, 2);
    return BAS_OK;
}

static bas_err fields_read(const struct ip_service *service, struct rd *r,
                           struct knx_message *message, struct bas_fault *fault)
{
    bool is_end = false;
    for (const uint8_t *field = service->fields; *field != IP_END && !is_end; field++) {
        bas_err err = ip_field_read(*field, r, message, &is_end);
        if (err != BAS_OK) {
            return bas_fail(fault, err,
                            err == BAS_ERR_TRUNCATED ? "a %s ends inside its %s"
                                                     : "a %s has a malformed %s",
                            service->name, ip_field_name(*field));
        }
    }
    if (rd_left(r) != 0) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "a %s has %zu octets more than it may",
                        service->name, rd_left(r));
    }
    return BAS_OK;
}

bas_err knx_message_decode(struct bas_slice octets, struct knx_message *message,
                           struct bas_fault *fault)
{
    struct rd r = { 0 };
    *message = (struct knx_message){ 0 };
    bas_err err = header_read(octets, &r, fault);
    if (err != BAS_OK) {
        return err;
    }
    struct knx_message read = { .service = rd_u16(&r) };
    (void)rd_u16(&r);
    const struct ip_service *service = ip_service_find(read.service);
    if (service == NULL) {
        read.payload = rd_rest(&r);
        *message = read;
        return bas_fail(fault, BAS_ERR_UNSUPPORTED, "the service %04X is not known", read.service);
    }
    err = fields_read(service, &r, &read, fault);
    if (err == BAS_OK) {
        *message = read;
    }
    return err;
}

void knx_message_encode(const struct knx_message *message, struct bas_buf *out)
{
    size_t start = out->len;
    wr_u8(out, KNX_IP_HEADER);
    wr_u8(out, KNX_IP_VERSION);
    wr_u16(out, message->service);
    wr_u16(out, 0);
    const struct ip_service *service = ip_service_find(message->service);
    if (service == NULL) {
        wr_slice(out, message->payload);
    } else {
        const uint8_t *field = service->fields;
        while (*field != IP_END && ip_field_write(*field, message, out)) {
            field++;
        }
    }
    size_t total = out->len - start;
    out->full = out->full || total > UINT16_MAX;
    if (!out->full) {
        struct bas_buf length;
        bas_buf_init(&length, out->data + start + 4, 2);
        wr_u16(&length, (uint16_t)total);
    }
}
