#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_pair.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void begin(struct rt_pair *p)
{
    memset(p, 0, sizeof(*p));
    rt_site_begin(&p->site);
    const char *uri = rt_site_start(&p->site, 0);
    rt_station_begin(&p->site.w, &p->device, "device", uri);
    rt_station_begin(&p->site.w, &p->client, "client", uri);
    p->server = (struct bac_server_config){ .size = sizeof(p->server),
                                            .object_size = sizeof(struct bac_object_config),
                                            .instance = RT_PAIR_INSTANCE,
                                            .name = "Device" };
    p->device.config.server = &p->server;
    p->to = bas_peer_device(RT_PAIR_INSTANCE);
}

/* The raw device. */

static void send_apdu(struct rt_pair *p, const struct bsc_vmac *to, struct bas_slice apdu)
{
    uint8_t memory[2048] = { BAC_NPDU_VERSION };
    const struct bsc_send send = { .to = *to };
    assert_true(apdu.len + 2 <= sizeof(memory));
    memcpy(memory + 2, apdu.data, apdu.len);
    assert_int_equal(bas_port_send(p->raw.port, &send, (struct bas_slice){ memory, apdu.len + 2 }),
                     BAS_OK);
}

void rt_pair_say(struct rt_pair *p, struct bas_slice apdu)
{
    const struct bsc_vmac client = bas_station_vmac(p->client.station);
    send_apdu(p, &client, apdu);
}

static void say_i_am(struct rt_pair *p, const struct bsc_vmac *to)
{
    uint8_t memory[32];
    struct bas_buf out;
    const struct bac_apdu apdu = { .type = BAC_PDU_UNCONFIRMED_REQUEST,
                                   .service = BAC_UNCONFIRMED_I_AM };
    const struct bac_i_am i_am = {
        { BAC_OBJECT_DEVICE, RT_PAIR_INSTANCE }, p->max_apdu, p->segmentation, 555
    };
    bas_buf_init(&out, memory, sizeof(memory));
    bac_apdu_encode_header(&apdu, &out);
    assert_int_equal(bac_encode(&bac_type_i_am, &i_am, BAC_APPLICATION, &out), BAS_OK);
    send_apdu(p, to, (struct bas_slice){ memory, out.len });
}

static void answer(struct rt_pair *p, const struct bsc_vmac *from, const struct bac_apdu *apdu)
{
    uint8_t memory[2000];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    if (p->requests < sizeof(p->services)) {
        p->services[p->requests] = apdu->service;
    }
    p->requests++;
    p->serve(p, apdu, &out);
    assert_false(out.full);
    if (out.len != 0) {
        send_apdu(p, from, (struct bas_slice){ memory, out.len });
    }
}

static void on_raw(struct rt_port *port, const struct bsc_node_event *event)
{
    struct rt_pair *p = port->user;
    struct bac_npdu npdu;
    struct bac_apdu apdu;
    if (event->kind != BSC_NODE_NPDU) {
        return;
    }
    assert_int_equal(bac_npdu_decode(event->npdu, &npdu, NULL), BAS_OK);
    if (npdu.is_network_message) {
        return;
    }
    assert_int_equal(bac_apdu_decode(npdu.body, &apdu, NULL), BAS_OK);
    if (apdu.type == BAC_PDU_CONFIRMED_REQUEST) {
        answer(p, &event->vmac, &apdu);
    } else if (apdu.type != BAC_PDU_UNCONFIRMED_REQUEST) {
        p->answers++;
        p->answer = apdu;
        p->answer.body = (struct bas_slice){ NULL, 0 };
    } else if (apdu.service == BAC_UNCONFIRMED_WHO_IS) {
        say_i_am(p, &event->vmac);
    }
}

static void begin_answer(enum bac_pdu_type type, const struct bac_apdu *request, unsigned reason,
                         struct bas_buf *answer)
{
    const struct bac_apdu apdu = { .type = (uint8_t)type,
                                   .server = true,
                                   .invoke_id = request->invoke_id,
                                   .service = request->service,
                                   .reason = (uint8_t)reason };
    bac_apdu_encode_header(&apdu, answer);
}

void rt_answer_ack(const struct bac_apdu *request, const void *value, struct bas_buf *answer)
{
    const struct bac_service *service = bac_service_find(true, request->service);
    begin_answer(service->ack != NULL ? BAC_PDU_COMPLEX_ACK : BAC_PDU_SIMPLE_ACK, request, 0,
                 answer);
    if (service->ack != NULL) {
        assert_int_equal(bac_encode(service->ack, value, BAC_APPLICATION, answer), BAS_OK);
    }
}

void rt_answer_error(const struct bac_apdu *request, unsigned error_class, unsigned error_code,
                     struct bas_buf *answer)
{
    const struct bac_error_pair error = { error_class, error_code };
    begin_answer(BAC_PDU_ERROR, request, 0, answer);
    assert_int_equal(bac_encode(&bac_type_error, &error, BAC_APPLICATION, answer), BAS_OK);
}

void rt_answer_abort(const struct bac_apdu *request, unsigned reason, struct bas_buf *answer)
{
    begin_answer(BAC_PDU_ABORT, request, reason, answer);
}

void rt_answer_reject(const struct bac_apdu *request, unsigned reason, struct bas_buf *answer)
{
    begin_answer(BAC_PDU_REJECT, request, reason, answer);
}

const void *rt_request(const struct bac_apdu *request)
{
    static uint64_t memory[8192];
    struct bac_arena arena;
    struct bas_fault fault = { 0 };
    const struct bac_service *service = bac_service_find(true, request->service);
    bac_arena_init(&arena, memory, sizeof(memory));
    void *value = bac_arena_take(&arena, service->request->size);
    if (bac_decode_all(service->request, request->body, value, &arena, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    return value;
}

void rt_pair_begin(struct rt_pair *p, const struct bac_object_config *objects, size_t n)
{
    begin(p);
    p->server.objects = objects;
    p->server.n_objects = n;
}

void rt_pair_begin_raw(struct rt_pair *p, rt_serve serve)
{
    begin(p);
    p->serve = serve;
    p->max_apdu = 1476;
    p->segmentation = BAC_SEGMENTATION_NO_SEGMENTATION;
    rt_port_begin(&p->site.w, &p->raw, "device", p->site.hubs[0].uri);
    p->raw.on_event = on_raw;
    p->raw.user = p;
}

void rt_pair_start(struct rt_pair *p)
{
    struct bac_address address = { .mac_len = 6 };
    struct bsc_vmac vmac;
    rt_station_start(&p->client);
    rt_station_until(&p->client, BAS_STATION_UP, 1);
    if (p->serve != NULL) {
        rt_port_start(&p->raw);
        rt_port_until(&p->raw, BSC_NODE_UP, 1);
        vmac = rt_port_vmac(&p->raw);
    } else {
        rt_station_start(&p->device);
        rt_station_until(&p->device, BAS_STATION_UP, 1);
        vmac = bas_station_vmac(p->device.station);
    }
    memcpy(address.mac, vmac.octets, sizeof(vmac.octets));
    p->at = bas_peer_address(&address);
}

void rt_pair_end(struct rt_pair *p)
{
    if (p->client.station != NULL) {
        rt_station_end(&p->client);
    }
    if (p->device.station != NULL) {
        rt_station_end(&p->device);
    }
    if (p->raw.port != NULL) {
        rt_port_end(&p->raw);
    }
    rt_site_end(&p->site);
}

void rt_pair_until(struct rt_pair *p, unsigned ended)
{
    rt_until(&p->site.w, &p->told.ended, ended);
}

void rt_told_end(void *user, const struct bas_outcome *outcome)
{
    struct rt_told *told = user;
    told->ended++;
    told->err = outcome->err;
    told->fault = *outcome->fault;
    told->has_event = outcome->event != NULL;
}

void rt_told_add(struct rt_told *told, const char *format, ...)
{
    size_t len = strlen(told->text);
    va_list args;
    told->n++;
    if (len != 0 && len + 1 < sizeof(told->text)) {
        told->text[len++] = ' ';
        told->text[len] = 0;
    }
    va_start(args, format);
    (void)vsnprintf(told->text + len, sizeof(told->text) - len, format, args);
    va_end(args);
}
