/* A hub with nodes that exist only as bytes: for tests of the hub engine without TLS, WebSocket or
 * socket. */
#ifndef BASALT_TEST_SC_PEER_H
#define BASALT_TEST_SC_PEER_H

#include "basalt/sc.h"
#include "test_env.h"

/* A fixed identity from a number: VMAC 02:00:00:00:00:NN, UUID 16 times NN. */
struct bsc_vmac peer_vmac(uint8_t n);
struct bsc_uuid peer_uuid(uint8_t n);
/* Gives octets to the hub as one receive block of their own that is gone after the call, unless the
 * hub keeps it. */
void peer_gives(struct bsc_hub *hub, bsc_conn_id conn, struct bas_slice octets, bas_time now);
void peer_gives_hex(struct bsc_hub *hub, bsc_conn_id conn, const char *hex, bas_time now);
/* Connect-Request of peer n with limits 5705/1497, message id 1. */
struct bas_slice peer_connect_request(uint8_t n);
/* Opens a connection and joins it as peer n; asserts that it worked and takes the Connect-Accept
 * off. */
bsc_conn_id peer_joins(struct bsc_hub *hub, uint8_t n, bas_time now);
/* Takes the next message to conn and asserts its octets; "" asserts that there is none. */
void peer_gets(struct bsc_hub *hub, bsc_conn_id conn, const char *hex);
/* The next event, asserted to be of that kind. */
struct bsc_hub_event hub_says(struct bsc_hub *hub, enum bsc_hub_event_kind kind);
void hub_says_nothing(struct bsc_hub *hub);

#endif
