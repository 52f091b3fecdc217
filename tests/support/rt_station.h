/* A station or a device, and what it told. */
#ifndef BASALT_RT_STATION_H
#define BASALT_RT_STATION_H

#include "rt_world.h"

#include "basalt/app.h"

struct rt_station {
    struct rt_world *w;
    struct bsc_node_config node; /* before rt_station_start */
    struct bas_station_config config;
    struct bas_tls_config tls;
    struct bas_station *station;              /* NULL: not started, or stopped */
    unsigned events[BAS_STATION_STOPPED + 1]; /* of each kind */
    unsigned answers;
    struct bas_fault fault; /* of the last event that has one, or of the start */
    struct bsc_vmac vmac;   /* of the last event */
    struct bac_object_id written;
    struct bac_value value; /* numbers only */
    uint8_t service;        /* of the last request */
    struct bac_i_am i_am;   /* the last one that came */
    struct bac_address source;
    uint32_t stop_at; /* a bit per kind: it is stopped from within that event */
    bool stops_at_answer;
    void (*on_request)(struct rt_station *s, const struct bas_station_event *event);
    void *user;
};

/* Certificate NAME; timers of a few milliseconds where they make a test wait. */
void rt_station_begin(struct rt_world *w, struct rt_station *s, const char *name, const char *uri);
void rt_station_start(struct rt_station *s);
/* For bas_device_start: event is rt_station_event, user is s. */
void rt_station_event(void *user, const struct bas_station_event *event);
void rt_station_until(struct rt_station *s, enum bas_station_event_kind kind, unsigned least);
void rt_station_stop(struct rt_station *s);
/* Runs until it has stopped; asserts that it said so once. */
void rt_station_end(struct rt_station *s);
/* Asks the device at that address for its name. */
bas_err rt_station_ask(struct rt_station *s, const struct bac_address *to);
/* The same; answer is called with user. */
bas_err rt_station_ask_then(struct rt_station *s, const struct bac_address *to, bas_answer answer,
                            void *user);
/* Asks all who they are. */
void rt_station_who_is(struct rt_station *s);

#endif
