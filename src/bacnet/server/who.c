/* Owns the services that find devices and objects: Who-Is (16.10) and Who-Has (16.9). */
#include "bacnet/server/server.h"

/* Answers go as a broadcast to the network that asked. */
static struct bac_apdu_tx broadcast_of(const struct bac_request *request)
{
    return (struct bac_apdu_tx){ .to = { .network = request->from->source.network },
                                 .port = request->from->port };
}

static bool is_in_range(const struct bac_server *server, bool has_range, uint64_t low,
                        uint64_t high)
{
    uint32_t instance = server->db.device->id.instance;
    return !has_range || (low <= instance && instance <= high);
}

static bas_err say_i_am(struct bac_server *server, const struct bac_apdu_tx *tx)
{
    const struct bac_i_am i_am = { .device = server->db.device->id,
                                   .max_apdu = server->db.info.max_apdu,
                                   .segmentation = BAC_SEGMENTATION_SEGMENTED_BOTH,
                                   .vendor = server->db.info.vendor };
    return bac_server_say(server, tx, BAC_UNCONFIRMED_I_AM, &bac_type_i_am, &i_am);
}

bas_err bac_server_announce(struct bac_server *server, const struct bac_address *to,
                            bac_port_id port)
{
    if (server->config.is_visitor || !bac_server_may_initiate(server)) {
        return BAS_OK; /* a visitor has no Device object to tell of */
    }
    const struct bac_apdu_tx tx = { .to = *to, .port = port };
    return say_i_am(server, &tx);
}

void bac_serve_who_is(struct bac_server *server, struct bac_request *request)
{
    struct bac_who_is asked;
    if (bac_decode_all(&bac_type_who_is, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        server->stats.malformed++;
        return;
    }
    if (!is_in_range(server, asked.has_low && asked.has_high, asked.low, asked.high)) {
        return;
    }
    const struct bac_apdu_tx tx = broadcast_of(request);
    (void)say_i_am(server, &tx); /* counted there */
}

static const struct bac_object *find_asked(const struct bac_server *server,
                                           const struct bac_who_has_object *asked)
{
    if (asked->choice == BAC_WHO_HAS_ID) {
        return bac_database_find(&server->db, asked->as.id);
    }
    uint8_t memory[BAC_MAX_NAME];
    struct bas_buf name;
    bas_buf_init(&name, memory, sizeof(memory));
    if (!bac_text_utf8(&asked->as.name, &name) || name.full) {
        return NULL;
    }
    return bac_database_find_name(&server->db, (struct bas_slice){ name.data, name.len });
}

void bac_serve_who_has(struct bac_server *server, struct bac_request *request)
{
    struct bac_who_has asked;
    if (bac_decode_all(&bac_type_who_has, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        server->stats.malformed++;
        return;
    }
    bool has_range = asked.has_low && asked.has_high;
    if (!is_in_range(server, has_range, asked.low, asked.high) ||
        !bac_server_may_initiate(server)) { /* 16.1 lets I-Am pass, I-Have not */
        return;
    }
    const struct bac_object *object = find_asked(server, &asked.object);
    if (object == NULL) {
        return;
    }
    const struct bac_i_have i_have = { .device = server->db.device->id,
                                       .object = object->id,
                                       .name = { BAC_CHARSET_UTF8, object->name } };
    const struct bac_apdu_tx tx = broadcast_of(request);
    (void)bac_server_say(server, &tx, BAC_UNCONFIRMED_I_HAVE, &bac_type_i_have,
                         &i_have); /* counted there */
}
