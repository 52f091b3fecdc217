/*
 * The inside of a station, shared by its files: station.c (what moves), station_life.c (beginning,
 * end), station_server.c (its server), station_request.c (requests, the program's and the
 * server's); client.h has its calls.
 */
#ifndef BASALT_APP_STATION_H
#define BASALT_APP_STATION_H

#include "app/client/client.h"
#include "app/port.h"

/* A request in flight: who waits for its answer. */
struct pending_answer {
    bas_answer answer;
    void *user;
    bac_request_id id;
    uint32_t server_call; /* of the server; 0: of a program */
    struct pending_answer *next, *prev;
};

/* A notification that the server acknowledges; it is told when the server has been left. */
struct station_notice {
    uint8_t *octets; /* NULL: none waits */
    size_t len;
};

/* How a station gets another port in the place of its own. */
struct station_restart {
    /* What to open; asked again with the next attempt, from 0 on, when that failed. False: no more,
     * the station ends. */
    bool (*next)(void *user, unsigned attempt, struct bas_port_config *config);
    void (*opened)(void *user);
    void *user;
};

struct bas_station {
    struct bas_loop *loop;
    struct bas_station_config config;
    struct bas_port *sc;
    struct bac_net *net;
    struct bac_client *client;
    struct bac_server *server; /* a visitor, where the program has no objects */
    bool is_visitor;
    struct pending_answer *pending;
    uint32_t n_pending; /* of the program */
    uint32_t n_notifying;
    struct client calls;
    struct station_notice notice;
    struct bac_service_hook notice_hook; /* the program's, for what is no subscription of ours */
    bac_port_id port;
    struct bsc_vmac mac; /* that the network layer knows the port by */
    size_t max_npdu;     /* the most that it may send to anybody */
    struct bas_alarm *alarm;
    bas_time alarm_at;
    struct flusher flusher;
    bool is_up, is_pumping, is_stopping;
    bool has_more;       /* notifications may wait for room that the port makes in this turn */
    bas_time held_since; /* they wait; BAS_NEVER: there is room */
    /* Called at the end of each turn, before what it left to send leaves. May be NULL. */
    void (*settled)(void *user);
    void *settled_user;
    struct station_restart restart;
    bool is_restarting;
};

/* The parts of bas_station_start, as port_open's. */
struct bas_station *station_open(struct bas_loop *loop, const struct bas_station_config *config,
                                 struct bas_fault *fault);
bas_err station_open_server(struct bas_station *station, struct bas_fault *fault);
void station_begin(struct bas_station *station);
void station_discard(struct bas_station *station);

/* Disconnects in order, and opens the next port; what is above it goes on. */
void station_restart(struct bas_station *station, const struct station_restart *how);
/* The port has stopped. */
void station_port_stopped(void *user);

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
/* As bas_station_request; *pending is valid until its answer is told. */
bas_err station_request(struct bas_station *station, const struct bas_request *request,
                        bas_answer answer, void *user, struct pending_answer **pending);
/* Forgets a request: no answer follows. */
void station_cancel(struct bas_station *station, struct pending_answer *pending);
/* Sends what the server asks of others. True: there was something. */
bool station_notify(struct bas_station *station, bas_time now);

#endif
