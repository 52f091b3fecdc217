/*
 * A KNXnet/IP interface that exists only as octets, made of the codec: the other end of a client
 * engine, with its session, under virtual time. What the client sends is opened and checked here.
 */
#ifndef BASALT_KNX_PEER_H
#define BASALT_KNX_PEER_H

#include "basalt/knx_client.h"
#include "test_env.h"

enum { PEER_CHANNEL = 0x17, PEER_SESSION = 0x0006, PEER_USER = 2, PEER_ADDRESS = 0x110A };

/* L_Data of 1.1.10 to 1/1/1, GroupValueWrite 1; the request leaves its source to the client. */
#define PEER_REQ  "1100bce000000901010081"
#define PEER_SENT "1100bce0110a0901010081"
#define PEER_CON  "2e00bce0110a0901010081"
#define PEER_NEG  "2e00bde0110a0901010081"
#define PEER_IND  "2900bce011050901010041"

struct knx_peer {
    struct test_env t;
    struct knx_client_config config; /* change it between begin and start */
    struct knx_client *client;
    bas_time now;
    /* The server's half of the session. */
    struct knx_key_pair pair;
    uint8_t client_key[KNX_PUBLIC_KEY_LEN];
    uint8_t public_key[KNX_PUBLIC_KEY_LEN];
    struct knx_cipher cipher;
    bool is_keyed;
    struct knx_wrapper wrapper; /* of the next frame to the client */
    uint64_t sealed;            /* wrappers that came from the client */
    uint8_t sequence;           /* of the next request to the client */
    struct knx_endpoint to;     /* of the last frame */
    struct bas_slice frame;     /* the last frame, unwrapped */
    struct bas_slice raw;       /* as it was sent */
    uint8_t scratch[KNX_MAX_FRAME];
    uint8_t input[2 * KNX_MAX_FRAME];
    uint8_t kept[KNX_MAX_FRAME];
};

/* Sets up what a client of these two would be; knx_peer_start makes it, and opens the transport. */
void knx_peer_begin(struct knx_peer *peer, enum knx_host_protocol transport, bool is_secure);
void knx_peer_start(struct knx_peer *peer);
/* Frees the client and asserts that nothing is left. */
void knx_peer_end(struct knx_peer *peer);
/* From knx_peer_start to authenticated; to connected. Events and frames are taken. */
void knx_peer_authenticates(struct knx_peer *peer);
void knx_peer_connects(struct knx_peer *peer);

/* Gives a frame to the client: as it is; wrapped where there is a session. */
void knx_peer_gives_octets(struct knx_peer *peer, struct bas_slice octets);
void knx_peer_gives(struct knx_peer *peer, const struct knx_message *message);
/* A message in peer's memory, as octets; sealed as the next wrapper. Both are good until the next
 * one is made. */
struct bas_slice knx_peer_frame(struct knx_peer *peer, const struct knx_message *message);
struct bas_slice knx_peer_seal(struct knx_peer *peer, struct bas_slice inner);
/* The SESSION_RESPONSE that fits, its MAC made with device_key. */
void knx_peer_answers_session(struct knx_peer *peer, const struct knx_key *device_key);
void knx_peer_gives_status(struct knx_peer *peer, uint8_t status); /* SESSION_STATUS */
void knx_peer_gives_cemi(struct knx_peer *peer, const char *hex);  /* next TUNNELLING_REQUEST */
void knx_peer_acks(struct knx_peer *peer, uint8_t sequence);

/* The next frame of the client, opened, asserted to be of service. */
struct knx_message knx_peer_gets(struct knx_peer *peer, enum knx_service service);
void knx_peer_gets_nothing(struct knx_peer *peer);
/* The next TUNNELLING_REQUEST; cEMI is asserted. Gives its sequence counter. */
uint8_t knx_peer_gets_cemi(struct knx_peer *peer, const char *hex);
/* The next event, asserted to be of that kind. */
struct knx_client_event knx_peer_hears(struct knx_peer *peer, enum knx_client_event_kind kind);
void knx_peer_hears_nothing(struct knx_peer *peer);
/* DOWN, with that fault, whose text has words in it. */
struct knx_client_event knx_peer_hears_down(struct knx_peer *peer, bas_err err, const char *words);
/* Time passes; every timer that is due on the way rings at its time. */
void knx_peer_waits(struct knx_peer *peer, uint32_t ms);
uint32_t knx_peer_sends(struct knx_peer *peer, const char *hex); /* knx_client_send, asserted */
const char *knx_peer_event_name(enum knx_client_event_kind kind);

#endif
