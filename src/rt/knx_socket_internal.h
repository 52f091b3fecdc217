/* A KNXnet/IP transport's inside, shared by its files: knx_socket.c (input, output, end),
 * knx_connect.c (the initiating side), knx_listener.c (the accepting side). */
#ifndef BASALT_RT_KNX_SOCKET_INTERNAL_H
#define BASALT_RT_KNX_SOCKET_INTERNAL_H

#include "rt/knx_socket.h"

struct knx_socket {
    union {
        uv_tcp_t tcp;
        uv_udp_t udp;
    } handle;
    uv_timer_t timer; /* connecting, then closing */
    struct knx_socket_config config;
    enum knx_host_protocol protocol;
    uint8_t handles; /* still open */
    bool is_open;
    bool is_closing; /* what is pending still goes out */
    bool is_dead;    /* handles are closing */
    uint32_t tag;
    size_t pending; /* octets that the transport has not taken */
    struct knx_endpoint peer;
    struct knx_endpoint own; /* UDP: our address on the way to the peer, with our port */
    struct knx_listener *listener;
    struct knx_connect *connect; /* while connecting */
    uv_shutdown_t shutdown;
    struct bas_fault why;
    char address[KNX_SOCKET_ADDRESS];
};

/* Owner of those that nobody was told of. */
extern const struct knx_socket_owner knx_socket_nobody;
/* A socket with its handles. NULL: no memory. */
struct knx_socket *knx_socket_new(const struct knx_socket_config *config,
                                  enum knx_host_protocol protocol);
/* Connected, accepted or bound: begins to read. */
void knx_socket_begin(struct knx_socket *socket);
/* Ends at once: the first reason is the one that is told. */
void knx_socket_fail(struct knx_socket *socket, const struct bas_fault *why);
void knx_socket_fail_uv(struct knx_socket *socket, int status, const char *doing);
struct sockaddr_in knx_endpoint_socket(const struct knx_endpoint *endpoint);
/* The socket is dead: nobody waits for the connection any more. */
void knx_connect_release(struct knx_socket *socket);

#endif
