/* Owns device management of a KNXnet/IP server: M_Prop over the properties that the engine itself
 * knows, of the device object and of the KNXnet/IP parameter object (spec 2.7, 3.2). */
#include "knx/server/server.h"

#include "wire/wr.h"

enum { DEVICE = 0, PARAMETERS = 11, ELEMENT_MAX = 6, ELEMENTS_MAX = 15 };
enum {
    ERROR_UNSPECIFIED = 0x00,
    ERROR_READ_ONLY = 0x05,
    ERROR_ILLEGAL_COMMAND = 0x06,
    ERROR_VOID = 0x07,
    ERROR_INDEX = 0x09
};
enum { CAPABILITIES = 0x43 /* device management, tunnelling, security */ };

/* Writes element index (from 1). */
typedef void getter(const struct knx_server *server, uint16_t index, struct bas_buf *out);
typedef uint16_t counter(const struct knx_server *server);

static uint16_t one(const struct knx_server *server)
{
    (void)server;
    return 1;
}

static uint16_t name_len(const struct knx_server *server)
{
    (void)server;
    return KNX_NAME_LEN;
}

static const uint16_t objects[] = { DEVICE, PARAMETERS };

static uint16_t n_objects(const struct knx_server *server)
{
    (void)server;
    return BAS_ARRAY_LEN(objects);
}

static uint16_t tunnels(const struct knx_server *server)
{
    return (uint16_t)server->n_tunnels;
}

static uint16_t tunnel_users(const struct knx_server *server)
{
    uint16_t n = 0;
    for (size_t i = 0; i < server->n_tunnels; i++) {
        n = (uint16_t)(n + (server->tunnels[i].user != 0));
    }
    return n;
}

#define GETTER(name)                                                                               \
    static void name(const struct knx_server *server, uint16_t index, struct bas_buf *out)

GETTER(device_type)
{
    (void)server, (void)index;
    wr_u16(out, DEVICE);
}

GETTER(parameters_type)
{
    (void)server, (void)index;
    wr_u16(out, PARAMETERS);
}

/* What a client reads first to know which object is the nth. */
GETTER(object_type)
{
    (void)server;
    wr_u16(out, objects[index - 1]);
}

GETTER(serial)
{
    (void)index;
    bas_buf_add(out, server->config.info.serial, sizeof(server->config.info.serial));
}

GETTER(manufacturer)
{
    (void)index;
    wr_u16(out, server->config.manufacturer);
}

GETTER(programming)
{
    (void)index;
    wr_u8(out, server->config.info.is_programming);
}

GETTER(max_apdu)
{
    (void)index;
    wr_u16(out, server->config.max_apdu);
}

GETTER(subnet)
{
    (void)index;
    wr_u8(out, (uint8_t)(server->config.info.address >> 8));
}

GETTER(device_address)
{
    (void)index;
    wr_u8(out, (uint8_t)server->config.info.address);
}

GETTER(mask)
{
    (void)index;
    wr_u16(out, server->config.mask);
}

GETTER(installation)
{
    (void)index;
    wr_u16(out, server->config.info.installation);
}

GETTER(address)
{
    (void)index;
    wr_u16(out, server->config.info.address);
}

GETTER(tunnel_address)
{
    wr_u16(out, server->tunnels[index - 1].address);
}

GETTER(ip_address)
{
    (void)index;
    bas_buf_add(out, server->config.endpoint.address, sizeof(server->config.endpoint.address));
}

GETTER(mac)
{
    (void)index;
    bas_buf_add(out, server->config.info.mac, sizeof(server->config.info.mac));
}

GETTER(multicast)
{
    (void)index;
    bas_buf_add(out, server->config.info.multicast, sizeof(server->config.info.multicast));
}

GETTER(capabilities)
{
    (void)server, (void)index;
    wr_u16(out, CAPABILITIES);
}

GETTER(state)
{
    (void)index;
    wr_u8(out, !server->has_bus);
}

GETTER(name_octet)
{
    wr_u8(out, (uint8_t)server->config.info.name[index - 1]);
}

/* Tunnels are named by their place among the additional addresses. */
GETTER(tunnel_index)
{
    (void)server;
    wr_u8(out, (uint8_t)index);
}

/* Pairs of user and tunnel, sorted: the index-th one. */
GETTER(tunnel_user)
{
    uint16_t left = index;
    for (unsigned user = 1; user <= KNX_MAX_USER; user++) {
        for (size_t i = 0; i < server->n_tunnels; i++) {
            if (server->tunnels[i].user == user && --left == 0) {
                wr_u8(out, (uint8_t)user);
                wr_u8(out, (uint8_t)(i + 1));
                return;
            }
        }
    }
}

static const struct property {
    uint16_t object;
    uint8_t id;
    uint8_t len; /* of an element */
    counter *count;
    getter *get; /* NULL: a key, write-only */
} properties[] = {
    { DEVICE, 1, 2, one, device_type },
    { DEVICE, 11, KNX_SERIAL_LEN, one, serial },
    { DEVICE, 12, 2, one, manufacturer },
    { DEVICE, 54, 1, one, programming },
    { DEVICE, 56, 2, one, max_apdu },
    { DEVICE, 57, 1, one, subnet },
    { DEVICE, 58, 1, one, device_address },
    { DEVICE, 71, 2, n_objects, object_type },
    { DEVICE, 83, 2, one, mask },
    { PARAMETERS, 1, 2, one, parameters_type },
    { PARAMETERS, 51, 2, one, installation },
    { PARAMETERS, 52, 2, one, address },
    { PARAMETERS, 53, 2, tunnels, tunnel_address },
    { PARAMETERS, 57, 4, one, ip_address },
    { PARAMETERS, 64, 6, one, mac },
    { PARAMETERS, 66, 4, one, multicast },
    { PARAMETERS, 68, 2, one, capabilities },
    { PARAMETERS, 69, 1, one, state },
    { PARAMETERS, 76, 1, name_len, name_octet },
    { PARAMETERS, 79, 1, tunnels, tunnel_index },
    { PARAMETERS, 91, 16, NULL, NULL },
    { PARAMETERS, 92, 16, NULL, NULL },
    { PARAMETERS, 93, 16, NULL, NULL },
    { PARAMETERS, 97, 2, tunnel_users, tunnel_user },
};

static const struct property *property_of(const struct knx_cemi *cemi)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(properties) && cemi->object_instance == 1; i++) {
        if (properties[i].object == cemi->object_type && properties[i].id == cemi->property) {
            return &properties[i];
        }
    }
    return NULL;
}

/* One request, and the answer in the making. */
struct talk {
    struct knx_server *server;
    struct knx_server_channel *channel;
    const struct knx_cemi *request;
    struct bas_slice octets; /* of the request */
};

static void send(const struct talk *t, struct bas_slice cemi)
{
    const struct knx_message message = { .service = KNX_DEVICE_CONFIGURATION_REQUEST,
                                         .payload = cemi };
    if (cemi.len == 0 || !knx_channel_send(t->server, t->channel, &message, KNX_WEIGHT_WORK)) {
        t->server->counts.telegrams_dropped++;
    }
}

static void answer(const struct talk *t, enum knx_message_code code, uint8_t elements,
                   struct bas_slice data)
{
    struct knx_cemi con = *t->request;
    struct bas_buf out;
    con.code = (uint8_t)code;
    con.elements = elements;
    con.data = data;
    bas_buf_init(&out, t->server->cemi, sizeof(t->server->cemi));
    knx_cemi_encode(&con, &out);
    send(t, (struct bas_slice){ out.data, out.full ? 0 : out.len });
}

static void refuse(const struct talk *t, enum knx_message_code code, uint8_t error)
{
    answer(t, code, 0, (struct bas_slice){ &error, 1 });
}

static bool tell(const struct talk *t)
{
    struct knx_server_event event =
        knx_server_event_of(&t->channel->way, KNX_SERVER_EVENT_MANAGEMENT);
    event.channel = t->channel->id;
    event.cemi = t->octets;
    return knx_server_tell(t->server, &event, KNX_WEIGHT_WORK);
}

/* What the engine does not know is the owner's, where that answers: an error otherwise. */
static void forward(const struct talk *t, enum knx_message_code code)
{
    if (!t->server->config.owner_manages) {
        refuse(t, code, ERROR_VOID);
    } else if (!tell(t)) {
        refuse(t, code, ERROR_UNSPECIFIED);
    }
}

static bool is_ours(const struct knx_cemi *cemi)
{
    return cemi->object_type == DEVICE || cemi->object_type == PARAMETERS;
}

/* Elements start_index .. start_index + elements - 1; their number at index 0. */
static bool read_elements(const struct talk *t, const struct property *p, struct bas_buf *out)
{
    uint16_t count = p->count(t->server);
    uint16_t start = t->request->start_index;
    uint8_t n = t->request->elements;
    if (start == 0) {
        wr_u16(out, count);
        return n == 1;
    }
    if (n == 0 || (uint32_t)start + n - 1 > count) {
        return false;
    }
    for (uint16_t i = 0; i < n; i++) {
        p->get(t->server, (uint16_t)(start + i), out);
    }
    return true;
}

static void take_read(const struct talk *t)
{
    uint8_t memory[ELEMENT_MAX * ELEMENTS_MAX];
    struct bas_buf data;
    const struct property *p = property_of(t->request);
    bas_buf_init(&data, memory, sizeof(memory));
    if (!is_ours(t->request)) {
        forward(t, KNX_M_PROP_READ_CON);
    } else if (p == NULL) {
        refuse(t, KNX_M_PROP_READ_CON, ERROR_VOID);
    } else if (p->get == NULL) {
        refuse(t, KNX_M_PROP_READ_CON, ERROR_ILLEGAL_COMMAND);
    } else if (!read_elements(t, p, &data)) {
        refuse(t, KNX_M_PROP_READ_CON, ERROR_INDEX);
    } else {
        answer(t, KNX_M_PROP_READ_CON, t->request->elements,
               (struct bas_slice){ data.data, data.len });
    }
}

/* Keys come only through a session of the management user, and are the owner's to keep. */
static void take_write(const struct talk *t)
{
    const struct property *p = property_of(t->request);
    const struct knx_server_session *session = t->channel->way.session;
    bool is_manager = t->server->config.owner_manages && session != NULL && session->user == 1;
    if (is_ours(t->request) && p == NULL) {
        refuse(t, KNX_M_PROP_WRITE_CON, ERROR_VOID);
    } else if (p != NULL && p->get != NULL) {
        refuse(t, KNX_M_PROP_WRITE_CON, ERROR_READ_ONLY);
    } else if (p != NULL && !is_manager) {
        refuse(t, KNX_M_PROP_WRITE_CON, ERROR_ILLEGAL_COMMAND);
    } else {
        forward(t, KNX_M_PROP_WRITE_CON);
    }
}

/* An empty confirmation says that there is no such function (spec 3.2). */
static void take_function(const struct talk *t)
{
    if (is_ours(t->request) || !t->server->config.owner_manages || !tell(t)) {
        answer(t, KNX_M_FUNC_PROP_CON, 0, (struct bas_slice){ NULL, 0 });
    }
}

static void take_reset(const struct talk *t)
{
    static const uint8_t indication[] = { KNX_M_RESET_IND };
    (void)tell(t);
    send(t, (struct bas_slice){ indication, sizeof(indication) });
}

static const struct {
    enum knx_message_code code;
    void (*take)(const struct talk *t);
} rows[] = {
    { KNX_M_PROP_READ_REQ, take_read },
    { KNX_M_PROP_WRITE_REQ, take_write },
    { KNX_M_FUNC_PROP_COMMAND_REQ, take_function },
    { KNX_M_FUNC_PROP_STATE_READ_REQ, take_function },
    { KNX_M_RESET_REQ, take_reset },
};

void knx_management_request(struct knx_server *server, const struct knx_way *way,
                            const struct knx_message *message)
{
    struct knx_cemi cemi = { 0 };
    struct bas_fault fault = { 0 };
    struct knx_server_channel *channel =
        knx_channel_take(server, way, message, KNX_CONNECTION_MANAGEMENT);
    if (channel == NULL) {
        return;
    }
    if (knx_cemi_decode(message->payload, &cemi, &fault) != BAS_OK) {
        server->counts.malformed++;
        knx_server_note(server, way, KNX_SERVER_EVENT_DROPPED, &fault);
        return;
    }
    const struct talk talk = { server, channel, &cemi, message->payload };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (cemi.code == rows[i].code) {
            rows[i].take(&talk);
            return;
        }
    }
    server->counts.skipped++;
}

void knx_server_manage(struct knx_server *server, knx_channel_id id, struct bas_slice octets,
                       bas_time now)
{
    struct knx_server_channel *channel = knx_channel_of(server, id);
    server->now = now;
    if (channel != NULL && channel->type == KNX_CONNECTION_MANAGEMENT) {
        const struct talk talk = { .server = server, .channel = channel };
        send(&talk, octets);
    }
}
