/* Owns the APDU that answers a confirmed request (5.4.5.3): how large it may be, and its octets. */
#include "bacnet/server/tsm.h"

#include <string.h>

enum { MANY_SEGMENTS = 65 }; /* and 0: any number (20.1.2.4) */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct bac_way bac_server_way(const struct bac_server *server, const struct bac_request *request)
{
    const struct bac_apdu *apdu = &request->apdu;
    size_t theirs = apdu->max_apdu;
    if (theirs == BAC_MAX_APDU && request->from->max_apdu > theirs) {
        theirs = request->from->max_apdu; /* the header has no code for more */
    }
    struct bac_way way = { .whole =
                               least(least(theirs, server->db.info.max_apdu), request->max_apdu) };
    if (apdu->segmented_response_accepted && way.whole > BAC_ACK_SEGMENT_HEADER) {
        bool is_any = apdu->max_segments == 0 || apdu->max_segments == MANY_SEGMENTS;
        way.part = way.whole - BAC_ACK_SEGMENT_HEADER;
        way.count = is_any ? server->config.max_answer : apdu->max_segments;
    }
    return way;
}

/* The whole answer, whatever becomes of it. */
static size_t room_of(const struct bac_server *server, const struct bac_way *way)
{
    if (way->part == 0) {
        return way->whole;
    }
    size_t longest = server->config.max_answer;
    size_t in_segments = way->count < longest / way->part + 1 ? way->count * way->part : longest;
    size_t room = BAC_ACK_HEADER + least(in_segments, longest);
    return room > way->whole ? room : way->whole;
}

/* Everything but a ComplexACK: a header, and a short body for an Error. */
static void write_short(struct bac_request *request, const struct bac_apdu *head,
                        struct bas_slice body)
{
    struct bas_buf *out = request->out;
    bas_buf_init(out, out->data, BAC_MIN_APDU + sizeof(request->error));
    bac_apdu_encode_header(head, out);
    bas_buf_add(out, body.data, body.len);
}

static void write_error(struct bac_server *server, struct bac_request *request)
{
    uint8_t octets[16];
    struct bas_buf body;
    bas_buf_init(&body, octets, sizeof(octets));
    const struct bac_error_pair pair = { request->fault.error_class, request->fault.error_code };
    struct bas_slice parameters = { request->error, request->error_len };
    if (request->error_len == 0) {
        bas_err err = bac_encode(&bac_type_error, &pair, BAC_APPLICATION, &body);
        (void)err; /* two numbers always fit */
        parameters = (struct bas_slice){ body.data, body.len };
    }
    const struct bac_apdu head = { .type = BAC_PDU_ERROR,
                                   .invoke_id = request->apdu.invoke_id,
                                   .service = request->apdu.service };
    server->stats.errors++;
    write_short(request, &head, parameters);
}

static void write_reject(struct bac_server *server, struct bac_request *request, uint8_t reason)
{
    const struct bac_apdu head = { .type = BAC_PDU_REJECT,
                                   .invoke_id = request->apdu.invoke_id,
                                   .reason = reason };
    server->stats.rejects++;
    write_short(request, &head, (struct bas_slice){ NULL, 0 });
}

void bac_server_write_abort(struct bac_server *server, struct bac_request *request, uint8_t reason)
{
    const struct bac_apdu head = { .type = BAC_PDU_ABORT,
                                   .server = true,
                                   .invoke_id = request->apdu.invoke_id,
                                   .reason = reason };
    server->stats.aborts++;
    write_short(request, &head, (struct bas_slice){ NULL, 0 });
}

static void write_ack(struct bac_request *request)
{
    const struct bac_apdu head = { .type = BAC_PDU_SIMPLE_ACK,
                                   .invoke_id = request->apdu.invoke_id,
                                   .service = request->apdu.service };
    write_short(request, &head, (struct bas_slice){ NULL, 0 });
}

enum bac_outcome bac_server_execute(struct bac_server *server, struct bac_request *request,
                                    const struct bac_way *way)
{
    struct bac_responders *all = server->responders;
    struct bas_buf *out = request->out;
    bas_buf_init(out, all->answer, least(room_of(server, way), all->answer_cap));
    const struct bac_apdu head = { .type = BAC_PDU_COMPLEX_ACK,
                                   .invoke_id = request->apdu.invoke_id,
                                   .service = request->apdu.service };
    bac_apdu_encode_header(&head, out);
    enum bac_outcome outcome = bac_server_serve(server, request);
    switch (outcome) {
    case BAC_OUTCOME_SIMPLE_ACK:
        write_ack(request);
        break;
    case BAC_OUTCOME_COMPLEX_ACK:
        if (out->full) { /* 5.4.5.3 */
            bac_server_write_abort(server, request,
                                   way->part == 0 ? BAC_ABORT_SEGMENTATION_NOT_SUPPORTED
                                                  : BAC_ABORT_BUFFER_OVERFLOW);
            return BAC_OUTCOME_ABORT;
        }
        break;
    case BAC_OUTCOME_ERROR:
        write_error(server, request);
        break;
    case BAC_OUTCOME_MALFORMED:
        write_reject(server, request, bac_reject_reason(&request->fault));
        break;
    case BAC_OUTCOME_REJECT:
        write_reject(server, request, request->reason);
        break;
    case BAC_OUTCOME_ABORT:
        bac_server_write_abort(server, request, request->reason);
        break;
    }
    return outcome;
}

bas_err bac_server_send(struct bac_server *server, const struct bac_apdu_tx *to,
                        struct bas_slice octets)
{
    struct bac_apdu_tx tx = *to;
    bas_err err = BAS_ERR_BUSY;
    if (!bac_apdu_queue_is_full(&server->tx)) {
        tx.frame = bas_frame_new(&server->env, BAS_HEADROOM, BAS_HEADROOM + octets.len);
        err = BAS_ERR_NO_MEMORY;
        if (tx.frame != NULL) {
            memcpy(bas_frame_put(tx.frame, octets.len), octets.data, octets.len);
            err = bac_apdu_queue_put_frame(&server->tx, &tx);
        }
    }
    server->stats.not_sent += err != BAS_OK;
    return err;
}
