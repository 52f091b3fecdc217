/* Owns the frames that a KNXnet/IP server wants to send: one bounded ring for all connections, in
 * the order in which they were made; secured on the way in. */
#include "knx/server/server.h"

#include "wire/rd.h"

#include <string.h>

enum {
    OUTPUT_LEAST = 65536,
    OUTPUT_OF_TUNNEL = 1024, /* an L_Data.ind of the greatest length, twice */
    REPLIES = 8              /* an eighth is for what is not a telegram */
};

struct head {
    knx_conn_id connection;
    struct knx_endpoint to;
};

bas_err knx_server_outbox_init(struct knx_server *server)
{
    size_t wanted = (size_t)server->config.max_channels * OUTPUT_OF_TUNNEL;
    return knx_ring_init(&server->output, &server->env,
                         wanted > OUTPUT_LEAST ? wanted : OUTPUT_LEAST);
}

bool knx_server_routes_back(const struct knx_hpai *hpai)
{
    static const uint8_t zero[4] = { 0 };
    return hpai->port == 0 || bas_equal_secret(hpai->address, zero, sizeof(zero));
}

bool knx_server_answer_way(const struct knx_way *way, const struct knx_hpai *hpai,
                           struct knx_way *answer)
{
    *answer = *way;
    if (way->conn != NULL) {
        return hpai->protocol == KNX_TCP && knx_hpai_is_zero(hpai);
    }
    if (!knx_server_routes_back(hpai)) {
        memcpy(answer->peer.address, hpai->address, sizeof(hpai->address));
        answer->peer.port = hpai->port;
    }
    return hpai->protocol == KNX_UDP;
}

struct knx_hpai knx_server_hpai(const struct knx_server *server, const struct knx_way *way)
{
    struct knx_hpai hpai = { .protocol = KNX_TCP };
    if (way->conn == NULL) {
        const struct knx_endpoint *own = &server->config.endpoint;
        hpai.protocol = KNX_UDP;
        memcpy(hpai.address, own->address, sizeof(hpai.address));
        hpai.port = own->port;
    }
    return hpai;
}

/* Octets of a frame in the ring that way; wrapped in its session. */
static void fill(uint8_t *record, const struct knx_way *way, struct bas_slice frame, size_t len)
{
    const struct head head = { way->conn != NULL ? way->conn->id : 0, way->peer };
    struct bas_buf out;
    bas_buf_init(&out, record, len);
    bas_buf_add(&out, &head, sizeof(head));
    if (way->session == NULL) {
        bas_buf_add(&out, frame.data, frame.len);
        return;
    }
    struct knx_server_session *session = way->session;
    struct knx_wrapper wrapper = { .session = session->id, .sequence = session->sends };
    memcpy(wrapper.serial, session->serial, sizeof(wrapper.serial));
    knx_wrap(&session->cipher, &wrapper, frame, &out);
}

bool knx_server_send(struct knx_server *server, const struct knx_way *way,
                     const struct knx_message *message, enum knx_weight weight)
{
    struct bas_buf frame;
    bas_buf_init(&frame, server->scratch, sizeof(server->scratch));
    knx_message_encode(message, &frame);
    struct knx_server_session *session = way->session;
    if (session != NULL && session->sends > KNX_COUNTER_MAX) {
        bas_timers_arm(&server->timers, knx_server_session_timer(server, session), server->now);
        return false;
    }
    if (frame.full) {
        return false;
    }
    size_t len = sizeof(struct head) + frame.len + (session != NULL ? KNX_WRAPPER_OVERHEAD : 0);
    size_t reserve = weight == KNX_WEIGHT_WORK ? server->output.cap / REPLIES : 0;
    uint8_t *record = knx_ring_put(&server->output, len, reserve);
    if (record != NULL) {
        fill(record, way, (struct bas_slice){ frame.data, frame.len }, len);
    } else {
        server->counts.output_full++;
    }
    if (session != NULL) {
        session->sends++; /* never given twice, sent or not (spec 2.4) */
    }
    return record != NULL;
}

bool knx_server_next_frame(struct knx_server *server, struct knx_server_frame *frame)
{
    if (server->has_frame) {
        knx_ring_pop(&server->output);
    }
    struct bas_slice record = knx_ring_peek(&server->output);
    server->has_frame = record.len != 0;
    if (!server->has_frame) {
        return false;
    }
    struct rd r = rd_init(record);
    struct bas_slice head_octets = rd_take(&r, sizeof(struct head));
    struct head head = { 0 };
    if (head_octets.len == sizeof(head)) { /* always: it was written so */
        memcpy(&head, head_octets.data, sizeof(head));
    }
    *frame =
        (struct knx_server_frame){ head.connection, knx_server_transport(server, head.connection),
                                   head.to, rd_rest(&r) };
    return true;
}
