/* The inside of a station, shared by its files: station.c (what moves), station_life.c (beginning,
 * requests, end). */
#ifndef BASALT_APP_STATION_H
#define BASALT_APP_STATION_H

#include "app/port.h"

/* A request in flight: who waits for its answer. */
struct pending_answer {
    bas_answer answer;
    void *user;
    struct pending_answer *next, *prev;
};

struct bas_station {
    struct bas_loop *loop;
    struct bas_station_config config;
    struct bas_port *sc;
    struct bac_net *net;
    struct bac_client *client;
    struct bac_server *server; /* NULL: none */
    struct pending_answer *pending;
    bac_port_id port;
    struct bsc_vmac mac; /* that the network layer knows the port by */
    size_t max_npdu;     /* the most that it may send to anybody */
    struct bas_alarm *alarm;
    bas_time alarm_at;
    struct flusher flusher;
    bool is_up, is_pumping, is_stopping;
    /* Called at the end of each turn, before what it left to send leaves. May be NULL. */
    void (*settled)(void *user);
    void *settled_user;
};

/* The parts of bas_station_start, as port_open's. */
struct bas_station *station_open(struct bas_loop *loop, const struct bas_station_config *config,
                                 struct bas_fault *fault);
void station_begin(struct bas_station *station);
void station_discard(struct bas_station *station);

/* Carries events up and frames down until nothing moves. */
void station_pump(struct bas_station *station, bas_time now);
/* What the port tells. */
void station_node_event(void *user, const struct bsc_node_event *event);
/* The largest APDU that can go to that address now. */
size_t station_max_apdu(const struct bas_station *station, const struct bac_address *to,
                        bac_port_id port);
/* The alarm. */
void station_tick(void *user);
/* The end of a loop turn. */
bool station_flush(void *user, bas_time now);
/* Takes a pending answer off the list and frees it. */
void station_forget(struct bas_station *station, struct pending_answer *pending);

#endif
