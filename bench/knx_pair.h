/* One secure tunnel without sockets: a client and a server engine in one process, what one says is
 * handed to the other. The bus behind the server confirms at once. */
#ifndef BASALT_BENCH_KNX_PAIR_H
#define BASALT_BENCH_KNX_PAIR_H

#include "knx_site.h"

enum { PAIR_WIRE = 2048 };

struct pair {
    struct knx_server *server;
    struct knx_client *client;
    struct knx_data_secure *secure; /* NULL: telegrams of the plain group */
    knx_conn_id connection;
    bas_time now;
    uint64_t confirmed; /* telegrams */
    uint64_t opened;    /* of them with Data Secure */
    bool is_up;
    struct bas_buf there, back; /* on the wire, to the server and to the client */
    uint8_t memory[2][PAIR_WIRE];
};

/* A tunnel of server, from accept to CONNECT_RESPONSE. False: it did not come up. */
bool pair_open(struct pair *pair, const struct bas_env *env, const struct site *site,
               struct knx_server *server);
/* Data Secure from now on. False: out of memory. */
bool pair_secure(struct pair *pair, const struct bas_env *env, const struct site *site);
void pair_close(struct pair *pair);

/* A telegram's three legs: the client makes and sends it; the server takes it, and sends its
 * confirmation; the client takes that. Each is what one end does in one go of its loop. */
void pair_request(struct pair *pair);
void pair_serve(struct pair *pair);
void pair_confirm(struct pair *pair);

#endif
