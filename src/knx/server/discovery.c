/* Owns what a KNXnet/IP server tells about itself: search, extended search and description, a row
 * for each description information block (spec 1.3, 1.4). */
#include "knx/server/server.h"

#include "wire/rd.h"
#include "wire/wr.h"

#include <string.h>

enum {
    BLOCK_DATA = 252, /* of one block at most */
    SRP_PROGRAMMING = 1,
    SRP_MAC = 2,
    SRP_FAMILY = 3,
    SRP_DIBS = 4,
    CORE_VERSION = 2,
    SLOT_FREE = 1,
    SLOT_AUTHORISED = 2,
    SLOT_USABLE = 4
};

/* Families: number, version, whether it is secured. Security itself is told in the extended
 * response only. */
struct family {
    uint8_t number;
    uint8_t version;
    uint8_t secured; /* version of its security; 0: plain */
};
enum { FAMILIES = 4 };

static size_t families_of(const struct knx_server *server, struct family families[FAMILIES])
{
    const struct knx_server_config *c = &server->config;
    families[0] = (struct family){ KNX_FAMILY_CORE, CORE_VERSION, 0 };
    families[1] = (struct family){ KNX_FAMILY_MANAGEMENT, 2, c->management_is_secured };
    families[2] = (struct family){ KNX_FAMILY_TUNNELLING, 2, c->tunnelling_is_secured };
    families[3] = (struct family){ KNX_FAMILY_SECURITY, 1, 0 };
    return c->has_device_key ? FAMILIES : FAMILIES - 1;
}

/* Blocks */

struct asking {
    const struct knx_server *server;
    const struct knx_way *way;
    bool is_extended;
};

static void service_families(const struct asking *a, struct bas_buf *out)
{
    struct family families[FAMILIES];
    size_t n = families_of(a->server, families);
    for (size_t i = 0; i < n; i++) {
        if (families[i].number != KNX_FAMILY_SECURITY || a->is_extended) {
            wr_u8(out, families[i].number);
            wr_u8(out, families[i].version);
        }
    }
}

static void addresses(const struct asking *a, struct bas_buf *out)
{
    wr_u16(out, a->server->config.info.address);
    for (size_t i = 0; i < a->server->n_tunnels && out->len + 2 <= BLOCK_DATA; i++) {
        wr_u16(out, a->server->tunnels[i].address);
    }
}

static void secured_families(const struct asking *a, struct bas_buf *out)
{
    struct family families[FAMILIES];
    size_t n = families_of(a->server, families);
    for (size_t i = 0; i < n; i++) {
        if (families[i].secured != 0) {
            wr_u8(out, families[i].number);
            wr_u8(out, families[i].secured);
        }
    }
}

static void tunnelling_info(const struct asking *a, struct bas_buf *out)
{
    const struct knx_server *server = a->server;
    uint8_t user = a->way->session != NULL ? a->way->session->user : 0;
    wr_u16(out, server->config.max_apdu);
    for (size_t i = 0; i < server->n_tunnels && out->len + 4 <= BLOCK_DATA; i++) {
        unsigned status = server->tunnel_users[i] == 0 ? SLOT_FREE : 0;
        status |= knx_server_may_use(server, user, &server->tunnels[i]) ? SLOT_AUTHORISED : 0U;
        status |= server->has_bus ? SLOT_USABLE : 0U;
        wr_u16(out, server->tunnels[i].address);
        wr_u16(out, (uint16_t)status);
    }
}

static void extended_device_info(const struct asking *a, struct bas_buf *out)
{
    wr_u8(out, !a->server->has_bus);
    wr_u8(out, 0);
    wr_u16(out, a->server->config.max_apdu);
    wr_u16(out, a->server->config.mask);
}

static void manufacturer(const struct asking *a, struct bas_buf *out)
{
    wr_u16(out, a->server->config.manufacturer);
}

/* Where a block stands without having been asked for. */
enum { IN_SEARCH = 1, IN_DESCRIPTION = 2, IN_EXTENDED = 4 };

static const struct block {
    uint8_t type;
    uint8_t in;
    void (*write)(const struct asking *a, struct bas_buf *out); /* NULL: device information */
} blocks[] = {
    { KNX_DIB_DEVICE_INFO, IN_SEARCH | IN_DESCRIPTION | IN_EXTENDED, NULL },
    { KNX_DIB_SUPP_SVC_FAMILIES, IN_SEARCH | IN_DESCRIPTION | IN_EXTENDED, service_families },
    { KNX_DIB_KNX_ADDRESSES, IN_DESCRIPTION, addresses },
    { KNX_DIB_SECURED_SERVICE_FAMILIES, IN_EXTENDED, secured_families },
    { KNX_DIB_TUNNELLING_INFO, IN_EXTENDED, tunnelling_info },
    { KNX_DIB_EXTENDED_DEVICE_INFO, IN_EXTENDED, extended_device_info },
    { KNX_DIB_MFR_DATA, 0, manufacturer },
};

static void add_block(const struct asking *a, const struct block *block, struct bas_buf *out)
{
    uint8_t memory[BLOCK_DATA];
    struct bas_buf data;
    if (block->write == NULL) {
        knx_device_info_encode(&a->server->config.info, out);
        return;
    }
    bas_buf_init(&data, memory, sizeof(memory));
    block->write(a, &data);
    if (data.len != 0) { /* secured families are told only where there are some (spec 1.3) */
        knx_block_encode(block->type, (struct bas_slice){ data.data, data.len }, out);
    }
}

static bool is_asked_for(struct bas_slice types, uint8_t type)
{
    struct rd r = rd_init(types);
    while (rd_left(&r) != 0) {
        if (rd_u8(&r) == type) {
            return true;
        }
    }
    return false;
}

/* Those of a kind of response, or those that were asked for. */
static struct bas_slice blocks_of(struct knx_server *server, const struct asking *a, unsigned in,
                                  struct bas_slice types)
{
    struct bas_buf out;
    bas_buf_init(&out, server->cemi, sizeof(server->cemi));
    for (size_t i = 0; i < BAS_ARRAY_LEN(blocks); i++) {
        bool is_in =
            types.len != 0 ? is_asked_for(types, blocks[i].type) : (blocks[i].in & in) != 0;
        if (is_in) {
            add_block(a, &blocks[i], &out);
        }
    }
    return (struct bas_slice){ out.data, out.len };
}

/* Search parameters */

static bool has_family(const struct knx_server *server, struct bas_slice data)
{
    struct family families[FAMILIES];
    size_t n = families_of(server, families);
    struct rd r = rd_init(data);
    uint8_t number = rd_u8(&r);
    uint8_t version = rd_u8(&r);
    for (size_t i = 0; i < n && data.len == 2; i++) {
        if (families[i].number == number && families[i].version >= version) {
            return true;
        }
    }
    return false;
}

/* Whether one parameter selects us; types: what SRP 04 asks for. */
static bool is_selected_by(const struct knx_server *server, const struct knx_block *srp,
                           struct bas_slice *types)
{
    const struct knx_device_info *info = &server->config.info;
    switch (srp->type) {
    case SRP_PROGRAMMING:
        return srp->data.len == 0 && info->is_programming;
    case SRP_MAC:
        return srp->data.len == sizeof(info->mac) &&
               bas_equal_secret(srp->data.data, info->mac, sizeof(info->mac));
    case SRP_FAMILY:
        return has_family(server, srp->data);
    case SRP_DIBS:
        *types = srp->data;
        return srp->data.len != 0;
    default:
        return !srp->is_mandatory;
    }
}

static bool is_selected(const struct knx_server *server, struct bas_slice srps,
                        struct bas_slice *types)
{
    struct knx_block srp;
    while (knx_srp_next(&srps, &srp)) {
        if (!is_selected_by(server, &srp, types)) {
            return false;
        }
    }
    return srps.len == 0;
}

/* Services */

/* Over UDP an answer is much longer than its request, and goes where that says: whoever pretends to
 * be somebody else, or names him, must not have us flood him. */
static bool may_answer(struct knx_server *server, const struct knx_way *way)
{
    static const struct knx_rate rate = { BAS_SECOND / KNX_SERVER_ANSWERS_PER_SECOND,
                                          KNX_SERVER_ANSWERS_PER_SECOND };
    return way->conn != NULL || knx_bucket_spend(&server->answers, rate, server->now);
}

/* False: the HPAI is not one for this transport, or there were too many; nothing is answered. */
static bool answer_way(struct knx_server *server, const struct knx_way *way,
                       const struct knx_message *message, struct knx_way *answer)
{
    if (!knx_server_answer_way(way, &message->control, answer)) {
        server->counts.skipped++;
        return false;
    }
    if (!may_answer(server, way)) {
        server->counts.requests_limited++;
        return false;
    }
    return true;
}

void knx_discovery_search(struct knx_server *server, const struct knx_way *way,
                          const struct knx_message *message)
{
    static const struct bas_slice none = { NULL, 0 };
    struct knx_way answer;
    const struct asking a = { server, way, false };
    if (answer_way(server, way, message, &answer)) {
        const struct knx_message response = { .service = KNX_SEARCH_RESPONSE,
                                              .control = knx_server_hpai(server, way),
                                              .payload = blocks_of(server, &a, IN_SEARCH, none) };
        (void)knx_server_send(server, &answer, &response, KNX_WEIGHT_WORK);
    }
}

void knx_discovery_search_extended(struct knx_server *server, const struct knx_way *way,
                                   const struct knx_message *message)
{
    struct bas_slice types = { NULL, 0 };
    struct knx_way answer;
    const struct asking a = { server, way, true };
    if (answer_way(server, way, message, &answer) &&
        is_selected(server, message->payload, &types)) {
        const struct knx_message response = { .service = KNX_SEARCH_RESPONSE_EXTENDED,
                                              .control = knx_server_hpai(server, way),
                                              .payload =
                                                  blocks_of(server, &a, IN_EXTENDED, types) };
        (void)knx_server_send(server, &answer, &response, KNX_WEIGHT_WORK);
    }
}

void knx_discovery_describe(struct knx_server *server, const struct knx_way *way,
                            const struct knx_message *message)
{
    static const struct bas_slice none = { NULL, 0 };
    struct knx_way answer;
    const struct asking a = { server, way, false };
    if (answer_way(server, way, message, &answer)) {
        const struct knx_message response = { .service = KNX_DESCRIPTION_RESPONSE,
                                              .payload =
                                                  blocks_of(server, &a, IN_DESCRIPTION, none) };
        (void)knx_server_send(server, &answer, &response, KNX_WEIGHT_WORK);
    }
}
