/*
 * The transports of KNXnet/IP: a TCP connection from either end, and a UDP socket.
 *
 * What arrives is handed over at once. What goes out is gathered: knx_socket_add for each frame,
 * then knx_socket_flush, all in one go of the owner, so that the frames of a turn share a system
 * call.
 */
#ifndef BASALT_RT_KNX_SOCKET_H
#define BASALT_RT_KNX_SOCKET_H

#include "basalt/knx_client.h"
#include "rt/loop.h"

enum {
    KNX_SOCKET_PENDING = 256 * 1024, /* octets that a peer which does not read can make us hold */
    KNX_SOCKET_ADDRESS = 64
};

struct knx_socket;
struct knx_socket_owner {
    /* Connected (UDP: the peer's address is known). Not for accepted ones. */
    void (*open)(void *user, struct knx_socket *socket);
    /* A piece of the stream, or one datagram. octets live during the call. */
    void (*received)(void *user, struct knx_socket *socket, struct bas_slice octets,
                     const struct knx_endpoint *from);
    /* Over; the last call, the socket is freed after it. why->err is BAS_OK when we closed it. */
    void (*closed)(void *user, struct knx_socket *socket, const struct bas_fault *why);
};
struct knx_socket_config {
    struct bas_loop *loop;
    const struct knx_socket_owner *owner;
    void *user;
};

/* Opens a connection to "HOST[:PORT]" (port 3671 when none is given; IPv4, as KNXnet/IP is). NULL:
 * out of memory. Every other failure comes through closed, never before this returns. */
struct knx_socket *knx_socket_connect(const struct knx_socket_config *config,
                                      enum knx_host_protocol protocol, const char *target,
                                      uint32_t timeout_ms);
/* A UDP socket on an address of ours: NULL with fault. multicast: also joins the group of KNXnet/IP
 * discovery, which reaches a socket on 0.0.0.0 alone, on all interfaces that there are. */
struct knx_socket *knx_socket_bind(const struct knx_socket_config *config,
                                   const struct knx_endpoint *local, bool multicast,
                                   struct bas_fault *fault);

/* A UDP socket that hears the group of discovery on the interface with that address. NULL: it
 * cannot, which was logged. */
struct knx_socket *knx_socket_bind_group(const struct knx_socket_config *config,
                                         const struct knx_endpoint *interface);

/* Gathers one frame. to: UDP only; NULL: the peer. Flush follows before anything else is done. */
void knx_socket_add(struct knx_socket *socket, struct bas_slice frame,
                    const struct knx_endpoint *to);
void knx_socket_flush(struct knx_socket *socket);
/* Ends it after what is pending has gone out (a second at most); closed follows. */
void knx_socket_close(struct knx_socket *socket);

/* The peer (of a bound UDP socket: nobody), and our own end. */
struct knx_endpoint knx_socket_peer(const struct knx_socket *socket);
struct knx_endpoint knx_socket_local(const struct knx_socket *socket);
/* "192.0.2.7:3671": the peer's, or the address that a bound socket has. */
const char *knx_socket_address(const struct knx_socket *socket);
/* A number for the owner's use, 0 at first. */
void knx_socket_set_tag(struct knx_socket *socket, uint32_t tag);
uint32_t knx_socket_tag(const struct knx_socket *socket);

/* A bound UDP socket: its multicasts leave by the interface that has this address. */
void knx_socket_multicast_from(struct knx_socket *socket, const struct knx_endpoint *own);
/* The address of ours (port 0) from which datagrams go to peer. False: there is no way. */
bool knx_own_address(const struct knx_endpoint *peer, struct knx_endpoint *own);
/* As knx_endpoint_text, the other way, from an address of the system. */
struct knx_endpoint knx_endpoint_of(const struct sockaddr *address);

/* "HOST[:PORT]" taken apart: BAS_ERR_INVALID. */
BAS_MUST_USE bas_err knx_target_parse(const char *target, char host[256], char port[6],
                                      struct bas_fault *fault);
/* "192.0.2.7:3671" */
const char *knx_endpoint_text(const struct knx_endpoint *endpoint, char text[KNX_SOCKET_ADDRESS]);

/* A listening TCP socket: hands each connection to the owner of config through accepted. */
struct knx_listener;
struct knx_listener_config {
    struct knx_socket_config socket;
    void (*accepted)(void *user, struct knx_socket *socket);
    struct knx_endpoint local;
    uint32_t max_connections;
};
struct knx_listener *knx_listener_new(const struct knx_listener_config *config,
                                      struct bas_fault *fault);
struct knx_endpoint knx_listener_local(const struct knx_listener *listener);
/* gone (may be NULL) is called when it is freed, after the last of its connections. */
void knx_listener_close(struct knx_listener *listener, void (*gone)(void *user), void *user);
/* For knx_socket.c. */
void knx_listener_socket_gone(struct knx_listener *listener);

#endif
