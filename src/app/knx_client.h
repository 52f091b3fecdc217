/* A KNX client's inside. */
#ifndef BASALT_APP_KNX_CLIENT_H
#define BASALT_APP_KNX_CLIENT_H

#include "basalt/app_knx.h"

#include "app/sequences.h"
#include "rt/knx_socket.h"

struct bas_knx {
    struct bas_loop *loop;
    struct bas_knx_config config;
    struct knx_client_config engine_config;
    char gateway[264];
    struct knx_client *engine;
    struct knx_data_secure *secure; /* NULL: none */
    struct sequences *sequences;
    struct knx_socket *socket; /* NULL: none at the moment */
    uv_timer_t timer;          /* the engine's deadlines */
    uv_timer_t retry;
    uint8_t handles; /* of the timers */
    uint32_t retry_ms;
    bool is_stopping;
    bool is_due; /* the next attempt, as soon as the socket of the last one is gone */
    bool is_up;
    bool is_pumping;
    bool is_opened;               /* the engine has begun with this connection */
    bool is_over;                 /* the engine is done with this connection */
    uint8_t plain[KNX_MAX_CEMI];  /* a telegram that was opened */
    uint8_t sealed[KNX_MAX_CEMI]; /* one that is to be sent */
};

#endif
