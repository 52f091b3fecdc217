/*
 * A KNXnet/IP server under virtual time and those who visit it: scripted clients made from the
 * codec, over UDP, TCP, and in secure sessions. Every helper asserts that what it does succeeds.
 */
#ifndef BASALT_KNX_VISITOR_H
#define BASALT_KNX_VISITOR_H

#include "knx/server/server.h"
#include "test_env.h"

enum { HOUSE_TUNNELS = 4, HOUSE_USERS = 3 };
/* Tunnels of user 2, user 2, user 3, nobody. */
enum { TUNNEL_A = 0x110A, TUNNEL_B = 0x110B, TUNNEL_C = 0x110C, TUNNEL_D = 0x110D };

struct house {
    struct test_env t;
    struct knx_server_config config;
    struct knx_server_user users[HOUSE_USERS]; /* 1, 2, 3 */
    struct knx_server_tunnel tunnels[HOUSE_TUNNELS];
    struct knx_server *server;
    bas_time now;
    uint8_t opened[KNX_MAX_FRAME]; /* the inner frame that a visitor got last */
};

/* Fills a configuration in which everything is secured; the test may change it before opening. */
void house_begin(struct house *h);
void house_open(struct house *h);
/* begin, with nothing secured, and open; the keys are there all the same. */
void house_open_plain(struct house *h);
void house_open_secured(struct house *h);
/* Frees it and asserts that nothing is left. */
void house_end(struct house *h);
/* The next event, asserted to be of that kind. */
struct knx_server_event house_says(struct house *h, enum knx_server_event_kind kind);
void house_says_nothing(struct house *h);
/* Drops what waits. */
void house_ignore_events(struct house *h);
void house_ignore_frames(struct house *h);
void house_sends_nothing(struct house *h);
void house_waits(struct house *h, uint32_t ms);
struct knx_server_counts house_counts(const struct house *h);

struct visitor {
    struct house *house;
    knx_conn_id connection; /* 0: UDP */
    struct knx_endpoint self;
    uint16_t session; /* 0: in the plain */
    struct knx_cipher cipher;
    uint8_t x[KNX_PUBLIC_KEY_LEN];
    uint8_t y[KNX_PUBLIC_KEY_LEN];
    uint8_t serial[KNX_SERIAL_LEN];
    uint8_t server_serial[KNX_SERIAL_LEN]; /* of the last wrapper */
    uint64_t sends;
    uint64_t expects;
    uint8_t channel;
};

/* host: the last octet of its address. */
struct visitor visitor_udp(struct house *h, uint8_t host);
struct visitor visitor_tcp(struct house *h, uint8_t host);
/* The same connection, in the plain or for one more session. */
struct visitor visitor_again(const struct visitor *v);
void visitor_leaves(struct visitor *v);

/* Octets as they are: a datagram, or a piece of the stream. */
void visitor_sends_octets(struct visitor *v, struct bas_slice octets);
void visitor_sends_hex(struct visitor *v, const char *hex);
/* A frame, wrapped when the visitor has a session. */
void visitor_sends(struct visitor *v, const struct knx_message *message);
/* The same without sending it: appended to out. */
void visitor_seals(struct visitor *v, struct bas_slice inner, struct bas_buf *out);
/* The next frame, asserted to be for this visitor, opened, and of that service. Borrowed until the
 * next one. */
struct knx_message visitor_gets(struct visitor *v, enum knx_service service);
/* The next frame as it is. */
struct bas_slice visitor_gets_octets(struct visitor *v);

/* A session that is not authenticated yet. */
void visitor_asks_for_session(struct visitor *v);
void visitor_begins_session(struct visitor *v);
/* SESSION_AUTHENTICATE with that key; *_enters also asserts success, events included. */
void visitor_authenticates(struct visitor *v, uint8_t user, const struct knx_key *key);
void visitor_enters(struct visitor *v, uint8_t user);
/* Connects TCP and enters as that user. */
struct visitor visitor_secure(struct house *h, uint8_t host, uint8_t user);
uint8_t visitor_gets_status(struct visitor *v); /* a SESSION_STATUS */
void visitor_sends_status(struct visitor *v, uint8_t status);

struct knx_hpai visitor_hpai(const struct visitor *v);
struct knx_cri tunnel_cri(void);
struct knx_cri tunnel_cri_to(knx_ia address);
struct knx_cri management_cri(void);
/* CONNECT_REQUEST; gives the status of the answer. */
unsigned visitor_asks_for(struct visitor *v, struct knx_cri cri);
/* The same, asserted to be granted; v->channel is set, the event is taken. Gives its address. */
knx_ia visitor_connects(struct visitor *v, struct knx_cri cri);
unsigned visitor_disconnects(struct visitor *v);
unsigned visitor_asks_state(struct visitor *v);

/* TUNNELLING_REQUEST with that cEMI in hex. */
void visitor_tunnels(struct visitor *v, uint8_t sequence, const char *cemi);
/* Takes a TUNNELLING_REQUEST and asserts its cEMI. */
void visitor_gets_telegram(struct visitor *v, const char *cemi);
/* Takes a TUNNELLING_ACK or DEVICE_CONFIGURATION_ACK and asserts what it says. */
void visitor_gets_ack(struct visitor *v, uint8_t sequence, uint8_t status);
/* A telegram for all tunnels. */
void bus_indicates(struct house *h, const char *cemi);
void visitor_acknowledges(struct visitor *v, uint8_t sequence);

#endif
