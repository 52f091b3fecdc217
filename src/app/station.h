/* The inside of a station, shared by its files: station.c (what moves), station_life.c (beginning,
 * requests, end). */
#ifndef BASALT_APP_STATION_H
#define BASALT_APP_STATION_H

#include "basalt/app.h"
#include "rt/link.h"

/* A request in flight: who waits for its answer. */
struct pending_answer {
    bas_answer answer;
    void *user;
    struct pending_answer *next, *prev;
};

struct bas_station {
    struct bas_loop *loop;
    struct bas_station_config config;
    struct bas_tls_context *tls;
    struct bas_state *state;
    struct bsc_node *node;
    struct bac_net *net;
    struct bac_client *client;
    struct bac_server *server; /* NULL: none */
    struct pending_answer *pending;
    bac_port_id port;
    struct link *link; /* the node's present one */
    uint32_t setup_ms;
    uv_timer_t timer;
    bas_time timer_at;
    struct flusher flusher;
    bool is_pumping, is_blocked, is_stopping, is_ending, has_peer;
    struct bas_tls_identity peer;
};

/* Carries events up and frames down until nothing moves. */
void station_pump(struct bas_station *station, bas_time now);
/* The end of a loop turn. */
bool station_flush(void *user, bas_time now);
/* Takes a pending answer off the list and frees it. */
void station_forget(struct bas_station *station, struct pending_answer *pending);
/* Frees a station that was stopped and has nothing on the loop any more. */
void station_check_end(struct bas_station *station);

#endif
