/* A device and its clients on one loop, all of them nodes of one hub over mutual TLS: they ask,
 * subscribe and count. */
#ifndef BASALT_BENCH_STATIONS_H
#define BASALT_BENCH_STATIONS_H

#include "basalt/app.h"

enum { STATIONS_MOST = 32, STATIONS_SAMPLES = 1 << 16, STATIONS_OBJECTS = 100 };

struct stations;
struct stations_client {
    struct stations *all;
    struct bas_station *station;
    uint64_t asked_ns;
    bool is_up;
};

struct stations {
    struct bas_loop *loop;
    struct bas_station *device;
    bool is_up;
    struct bac_address address; /* of the device */
    struct stations_client clients[STATIONS_MOST];
    uint32_t n;
    uint32_t to_ask, to_answer; /* requests of stations_ask */
    uint32_t to_notify;         /* notifications that stations_change waits for */
    uint64_t notified;
    float value; /* of every object now */
    uint32_t n_samples;
    double samples_us[STATIONS_SAMPLES];
};

/* folder: as credentials_make made it. Returns when all are connected. */
void stations_start(struct stations *stations, uint16_t port, const char *folder, uint32_t clients);
void stations_stop(struct stations *stations);
/* Each of the first clients keeps one ReadProperty in flight until so many are answered. */
void stations_ask(struct stations *stations, uint32_t clients, uint32_t requests);
/* Of the latencies of the last stations_ask, in microseconds. */
double stations_quantile(struct stations *stations, double at);
/* Unconfirmed subscriptions, shared out among clients and objects. */
void stations_subscribe(struct stations *stations, uint32_t n);
/* Changes every object once; returns when n notifications with the new value have come. */
void stations_change(struct stations *stations, uint32_t n);

#endif
