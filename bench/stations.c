/* Owns the device and the clients of the bench of requests. */
#define _GNU_SOURCE
#include "stations.h"

#include "child.h"
#include "swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSTANCE = 1001, PATIENCE_MS = 20000, PROCESSES = 4 };

static struct bac_object_id object_of(uint32_t n)
{
    return (struct bac_object_id){ BAC_OBJECT_ANALOG_INPUT, n % STATIONS_OBJECTS };
}

/* Requests */

static void ask(struct stations_client *client);

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct stations_client *client = user;
    struct stations *s = client->all;
    struct bac_read_property_ack ack;
    struct bas_fault fault = { 0 };
    if (event->kind != BAC_CLIENT_ACK ||
        bac_decode_all(&bac_type_read_property_ack, event->body, &ack, NULL, &fault) != BAS_OK) {
        die("a request was not answered: %s%s", event->fault.text, fault.text);
    }
    if (s->n_samples < STATIONS_SAMPLES) {
        s->samples_us[s->n_samples++] = (double)(swarm_now_ns() - client->asked_ns) / 1e3;
    }
    s->to_answer--;
    if (s->to_ask != 0) {
        ask(client);
    } else if (s->to_answer == 0) {
        bas_loop_stop(s->loop);
    }
}

static bas_err encode_and_send(struct stations_client *client, uint8_t service,
                               const struct bac_type *type, const void *parameters,
                               bas_answer answer)
{
    uint8_t octets[64];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    bas_err err = bac_encode(type, parameters, BAC_APPLICATION, &out);
    const struct bas_request request = { .to = client->all->address,
                                         .service = service,
                                         .parameters = { out.data, out.len } };
    return err != BAS_OK ? err : bas_station_request(client->station, &request, answer, client);
}

static void ask(struct stations_client *client)
{
    static const struct bac_read_property asked = { .object = { BAC_OBJECT_ANALOG_INPUT, 1 },
                                                    .property = BAC_PROPERTY_PRESENT_VALUE };
    client->all->to_ask--;
    client->asked_ns = swarm_now_ns();
    bas_err err = encode_and_send(client, BAC_CONFIRMED_READ_PROPERTY, &bac_type_read_property,
                                  &asked, on_answer);
    if (err != BAS_OK) {
        die("a request was not sent: %s", bas_err_text(err));
    }
}

/* Runs the loop until somebody stops it, for PATIENCE_MS at most. */
static void on_patience(void *user)
{
    (void)user;
    die("the stations wait for something that does not come");
}

static void run(struct stations *s)
{
    struct bas_alarm *alarm = bas_alarm_new(s->loop, on_patience, s);
    bas_alarm_set(alarm, PATIENCE_MS);
    bas_loop_run(s->loop);
    bas_alarm_free(alarm);
}

void stations_ask(struct stations *s, uint32_t clients, uint32_t requests)
{
    s->n_samples = 0;
    s->to_ask = requests;
    s->to_answer = requests;
    for (uint32_t i = 0; i < clients && s->to_ask != 0; i++) {
        ask(&s->clients[i]);
    }
    run(s);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double stations_quantile(struct stations *s, double at)
{
    qsort(s->samples_us, s->n_samples, sizeof(s->samples_us[0]), by_size);
    return s->n_samples == 0 ? 0 : s->samples_us[(uint32_t)(at * (s->n_samples - 1))];
}

/* Subscriptions */

static void on_subscribed(void *user, const struct bac_client_event *event)
{
    struct stations_client *client = user;
    if (event->kind != BAC_CLIENT_ACK) {
        die("a subscription was refused: %s", event->fault.text);
    }
    if (--client->all->to_answer == 0) {
        bas_loop_stop(client->all->loop);
    }
}

/* In windows, as a client would that does not want to overrun its hub. */
void stations_subscribe(struct stations *s, uint32_t n)
{
    uint32_t window = s->n * PROCESSES;
    for (uint32_t at = 0; at < n; at += window) {
        uint32_t end = at + window < n ? at + window : n;
        s->to_answer = end - at;
        for (uint32_t i = at; i < end; i++) {
            const struct bac_subscribe_cov asked = { .process = i,
                                                     .object = object_of(i / s->n),
                                                     .has_confirmed = true,
                                                     .has_lifetime = true,
                                                     .lifetime = 3600 };
            bas_err err = encode_and_send(&s->clients[i % s->n], BAC_CONFIRMED_SUBSCRIBE_COV,
                                          &bac_type_subscribe_cov, &asked, on_subscribed);
            if (err != BAS_OK) {
                die("a subscription was not sent: %s", bas_err_text(err));
            }
        }
        run(s);
    }
}

static void on_notification(struct stations *s, struct bas_slice parameters)
{
    uint8_t memory[1024];
    struct bac_arena arena;
    struct bac_cov_notification told;
    struct bas_fault fault = { 0 };
    bac_arena_init(&arena, memory, sizeof(memory));
    if (bac_decode_all(&bac_type_cov_notification, parameters, &told, &arena, &fault) != BAS_OK ||
        told.values.n == 0) {
        die("a notification is malformed: %s", fault.text);
    }
    const struct bac_property_value *first = told.values.items;
    struct bas_slice raw = first->value;
    struct bac_value value;
    if (bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &value, NULL, &fault) == BAS_OK &&
        value.tag == BAC_TAG_REAL && value.as.real >= s->value && value.as.real <= s->value) {
        s->notified += s->to_notify != 0;
        if (s->to_notify != 0 && --s->to_notify == 0) {
            bas_loop_stop(s->loop);
        }
    }
}

void stations_change(struct stations *s, uint32_t n)
{
    s->value += 1;
    s->to_notify = n;
    const struct bac_value value = { .tag = BAC_TAG_REAL, .as.real = s->value };
    for (uint32_t i = 0; i < STATIONS_OBJECTS; i++) {
        if (bac_server_set(bas_station_server(s->device), object_of(i), &value, 0) != BAS_OK) {
            die("an object did not take its value");
        }
    }
    run(s);
}

/* Beginning and end */

static void stop_when_all_are_up(struct stations *s)
{
    bool all = s->is_up;
    for (uint32_t i = 0; i < s->n; i++) {
        all = all && s->clients[i].is_up;
    }
    if (all) {
        bas_loop_stop(s->loop);
    }
}

static void on_device_event(void *user, const struct bas_station_event *event)
{
    struct stations *s = user;
    if (event->kind == BAS_STATION_UP) {
        struct bsc_vmac vmac = bas_station_vmac(s->device);
        s->is_up = true;
        s->address.mac_len = sizeof(vmac.octets);
        memcpy(s->address.mac, vmac.octets, sizeof(vmac.octets));
        stop_when_all_are_up(s);
    } else if (event->kind == BAS_STATION_STOPPED) {
        s->device = NULL;
    }
}

static void on_client_event(void *user, const struct bas_station_event *event)
{
    struct stations_client *client = user;
    if (event->kind == BAS_STATION_UP) {
        client->is_up = true;
        stop_when_all_are_up(client->all);
    } else if (event->kind == BAS_STATION_REQUEST &&
               event->service == BAC_UNCONFIRMED_COV_NOTIFICATION) {
        on_notification(client->all, event->parameters);
    }
}

static struct bas_station *start_one(struct stations *s, const struct bas_station_config *like,
                                     const char *uri, const char *folder)
{
    char ca[96];
    char certificate[96];
    char key[96];
    struct bas_fault fault = { 0 };
    (void)snprintf(ca, sizeof(ca), "%s/ca.pem", folder);
    (void)snprintf(certificate, sizeof(certificate), "%s/node.pem", folder);
    (void)snprintf(key, sizeof(key), "%s/node.key", folder);
    const struct bsc_node_config node = { .size = sizeof(node), .primary_uri = uri };
    const struct bas_tls_config tls = { .size = sizeof(tls),
                                        .issuer_files = { ca },
                                        .certificate_file = certificate,
                                        .key_file = key };
    struct bas_station_config config = *like;
    config.port = (struct bas_port_config){
        .size = sizeof(config.port), .node = &node, .tls = &tls, .is_visitor = true
    };
    struct bas_station *station = bas_station_start(s->loop, &config, &fault);
    if (station == NULL) {
        die("a station did not start: %s", fault.text);
    }
    return station;
}

static struct bas_station *start_device(struct stations *s, const char *uri, const char *folder)
{
    struct bac_object_config objects[STATIONS_OBJECTS] = { { .type = 0 } };
    char names[STATIONS_OBJECTS][16];
    for (uint32_t i = 0; i < STATIONS_OBJECTS; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "Input %u", (unsigned)i);
        objects[i] = (struct bac_object_config){
            .type = BAC_OBJECT_ANALOG_INPUT, .instance = i, .name = names[i], .cov_increment = 0.5
        };
    }
    const struct bac_server_config server = { .size = sizeof(server),
                                              .object_size = sizeof(objects[0]),
                                              .objects = objects,
                                              .n_objects = STATIONS_OBJECTS,
                                              .instance = INSTANCE,
                                              .name = "Bench",
                                              .max_subscriptions = 16384 };
    const struct bas_station_config like = {
        .size = sizeof(like), .server = &server, .event = on_device_event, .user = s
    };
    return start_one(s, &like, uri, folder);
}

void stations_start(struct stations *s, uint16_t port, const char *folder, uint32_t clients)
{
    char uri[40];
    const struct bas_env env = bas_env_host(NULL, NULL);
    (void)snprintf(uri, sizeof(uri), "wss://127.0.0.1:%u", (unsigned)port);
    s->loop = bas_loop_new(&env);
    s->device = start_device(s, uri, folder);
    s->n = clients;
    for (uint32_t i = 0; i < clients; i++) {
        s->clients[i].all = s;
        const struct bas_station_config like = { .size = sizeof(like),
                                                 .event = on_client_event,
                                                 .user = &s->clients[i] };
        s->clients[i].station = start_one(s, &like, uri, folder);
    }
    run(s);
}

void stations_stop(struct stations *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        bas_station_stop(s->clients[i].station);
    }
    bas_station_stop(s->device);
    bas_loop_run(s->loop);
    bas_loop_free(s->loop);
}
