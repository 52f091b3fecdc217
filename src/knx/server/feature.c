/* Owns the tunnelling features of a KNXnet/IP server (spec 1.8): a row each. */
#include "knx/server/server.h"

#include "wire/rd.h"
#include "wire/wr.h"

enum { EMI_TYPES = 0x0004, CEMI = 3 };
/* Return codes. */
enum {
    OK = 0x00,
    TOO_LONG = 0xF4,
    ABOVE_MAXIMUM = 0xF7,
    DATA_VOID = 0xF8,
    READ_ONLY = 0xFB,
    ACCESS_DENIED = 0xFC,
    ADDRESS_VOID = 0xFD
};
enum { FEATURE_BUS = 3, FEATURE_ADDRESS = 6 };

typedef uint16_t getter(const struct knx_server *, const struct knx_server_channel *);
typedef uint8_t setter(struct knx_server *, struct knx_server_channel *, uint16_t value);

static uint16_t get_emi_types(const struct knx_server *s, const struct knx_server_channel *c)
{
    (void)s;
    (void)c;
    return EMI_TYPES;
}

static uint16_t get_mask(const struct knx_server *s, const struct knx_server_channel *c)
{
    (void)c;
    return s->config.mask;
}

static uint16_t get_bus(const struct knx_server *s, const struct knx_server_channel *c)
{
    (void)c;
    return s->has_bus;
}

static uint16_t get_manufacturer(const struct knx_server *s, const struct knx_server_channel *c)
{
    (void)c;
    return s->config.manufacturer;
}

static uint16_t get_emi_type(const struct knx_server *s, const struct knx_server_channel *c)
{
    (void)s;
    (void)c;
    return CEMI;
}

static uint16_t get_address(const struct knx_server *s, const struct knx_server_channel *c)
{
    (void)s;
    return c->address;
}

static uint16_t get_max_apdu(const struct knx_server *s, const struct knx_server_channel *c)
{
    (void)c;
    return s->config.max_apdu;
}

static uint16_t get_info(const struct knx_server *s, const struct knx_server_channel *c)
{
    (void)s;
    return c->wants_info;
}

static uint8_t set_emi_type(struct knx_server *s, struct knx_server_channel *c, uint16_t value)
{
    (void)s;
    (void)c;
    return value == CEMI ? OK : DATA_VOID;
}

/* Only to another tunnel of ours that is free, and only where tunnels are not bound to users. */
static uint8_t set_address(struct knx_server *s, struct knx_server_channel *c, uint16_t value)
{
    if (s->config.tunnelling_is_secured || c->way.session != NULL) {
        return ACCESS_DENIED;
    }
    for (size_t i = 0; i < s->n_tunnels; i++) {
        bool is_usable = s->tunnel_users[i] == 0 || s->tunnel_users[i] == c->id;
        if (s->tunnels[i].address == value && is_usable) {
            s->tunnel_users[c->tunnel] = 0;
            s->tunnel_users[i] = c->id;
            c->tunnel = (uint8_t)i;
            c->address = value;
            return OK;
        }
    }
    return DATA_VOID;
}

static uint8_t set_info(struct knx_server *s, struct knx_server_channel *c, uint16_t value)
{
    (void)s;
    if (value > 1) {
        return ABOVE_MAXIMUM;
    }
    c->wants_info = value == 1;
    return OK;
}

static const struct feature {
    uint8_t id;
    uint8_t len;
    getter *get;
    setter *set; /* NULL: read only */
} features[] = {
    { 1, 2, get_emi_types, NULL },        { 2, 2, get_mask, NULL },
    { FEATURE_BUS, 1, get_bus, NULL },    { 4, 2, get_manufacturer, NULL },
    { 5, 1, get_emi_type, set_emi_type }, { FEATURE_ADDRESS, 2, get_address, set_address },
    { 7, 2, get_max_apdu, NULL },         { 8, 1, get_info, set_info },
};

static const struct feature *feature_of(uint8_t id)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(features); i++) {
        if (features[i].id == id) {
            return &features[i];
        }
    }
    return NULL;
}

/* The service with the feature's value, where there is one to tell. Values are padded to an even
 * length, but not for who does not pad: one client breaks off where it is told one octet too many.
 */
static void tell(struct knx_server *server, struct knx_server_channel *channel,
                 const struct feature *feature, struct knx_message *message)
{
    uint8_t memory[2];
    struct bas_buf value;
    bas_buf_init(&value, memory, sizeof(memory));
    if (feature != NULL && message->return_code == OK) {
        wr_uint(&value, feature->get(server, channel), feature->len);
        wr_uint(&value, 0, channel->is_unpadded ? 0 : feature->len % 2U);
    }
    message->payload = (struct bas_slice){ memory, value.len };
    (void)knx_channel_send(server, channel, message, KNX_WEIGHT_MUST);
}

static void respond(struct knx_server *server, struct knx_server_channel *channel, uint8_t id,
                    uint8_t return_code)
{
    struct knx_message response = { .service = KNX_TUNNELLING_FEATURE_RESPONSE,
                                    .feature = id,
                                    .return_code = return_code };
    tell(server, channel, feature_of(id), &response);
}

void knx_feature_inform(struct knx_server *server, struct knx_server_channel *channel,
                        uint8_t feature)
{
    for (uint32_t i = 0; i < server->config.max_channels; i++) {
        struct knx_server_channel *other = &server->channels[i];
        struct knx_message info = { .service = KNX_TUNNELLING_FEATURE_INFO, .feature = feature };
        bool is_meant = channel == NULL || channel == other;
        if (is_meant && other->id != 0 && other->wants_info) {
            tell(server, other, feature_of(feature), &info);
        }
    }
}

void knx_feature_get(struct knx_server *server, const struct knx_way *way,
                     const struct knx_message *message)
{
    struct knx_server_channel *channel =
        knx_channel_take(server, way, message, KNX_CONNECTION_TUNNEL);
    if (channel != NULL) {
        respond(server, channel, message->feature,
                feature_of(message->feature) != NULL ? OK : ADDRESS_VOID);
    }
}

/* Padded to an even length or not (spec 1.8), which is remembered. */
static uint8_t set(struct knx_server *server, struct knx_server_channel *channel,
                   const struct knx_message *message)
{
    const struct feature *feature = feature_of(message->feature);
    struct rd r = rd_init(message->payload);
    if (feature == NULL) {
        return ADDRESS_VOID;
    }
    if (feature->set == NULL) {
        return READ_ONLY;
    }
    uint16_t value = (uint16_t)rd_uint(&r, feature->len);
    if (r.err != BAS_OK) {
        return DATA_VOID;
    }
    size_t padding = rd_left(&r);
    if (padding > feature->len % 2U) {
        return TOO_LONG;
    }
    if (feature->len % 2U != 0) {
        channel->is_unpadded = padding == 0;
    }
    return feature->set(server, channel, value);
}

void knx_feature_set(struct knx_server *server, const struct knx_way *way,
                     const struct knx_message *message)
{
    struct knx_server_channel *channel =
        knx_channel_take(server, way, message, KNX_CONNECTION_TUNNEL);
    if (channel == NULL) {
        return;
    }
    knx_ia address = channel->address;
    respond(server, channel, message->feature, set(server, channel, message));
    if (channel->address != address) {
        knx_feature_inform(server, channel, FEATURE_ADDRESS);
    }
}
