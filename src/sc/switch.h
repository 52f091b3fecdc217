/*
 * The node switch (AB.4, spec 6): direct connections to peers, made and accepted, and the
 * resolution of their URIs.
 */
#ifndef BASALT_SC_SWITCH_H
#define BASALT_SC_SWITCH_H

#include "sc/peer.h"

/* What becomes of a direct link: its Connect-Request is to be decided, CONNECTED, CONNECTED no
 * more, and the link gone (freed by the caller afterwards). */
void bsc_switch_ask(struct bsc_node *node, struct bsc_link *link);
void bsc_switch_link_up(struct bsc_node *node, struct bsc_link *link, bas_time now);
void bsc_switch_link_down(struct bsc_node *node, struct bsc_link *link, bas_time now);
void bsc_switch_link_gone(struct bsc_node *node, struct bsc_link *link, bas_time now);

/* A unicast to row went out through the hub: perhaps it is time for a direct connection. */
void bsc_switch_consider(struct bsc_node *node, struct bsc_peer_row *row, bas_time now);
/* The hub connection came or went: those that are always wanted depend on it. */
void bsc_switch_hub_changed(struct bsc_node *node, bas_time now);
/* All attempts and resolutions end: the node stops or restarts. */
void bsc_switch_reset(struct bsc_node *node);
/* What is due. */
void bsc_switch_tick(struct bsc_node *node, bas_time now);

/* Opens the next URI of row, or ends the attempt; for switch.c and resolve.c. */
void bsc_switch_try_next(struct bsc_node *node, struct bsc_peer_row *row, bas_time now);
void bsc_switch_fail(struct bsc_node *node, struct bsc_peer_row *row, const struct bas_fault *fault,
                     bas_time now);
/* Sets when the row is due, after anything about it changed. */
void bsc_switch_schedule(struct bsc_node *node, struct bsc_peer_row *row);
/* Whether a direct connection may be begun now. */
bool bsc_switch_has_place(const struct bsc_node *node);

/* resolve.c */

/* Sends the Address-Resolution. */
BAS_MUST_USE bas_err bsc_resolve_send(struct bsc_node *node, struct bsc_peer_row *row,
                                      bas_time now);
/* An Address-Resolution-ACK, or a NAK about a message of ours, from a peer. True: it was the answer
 * that we waited for. */
bool bsc_resolve_ack(struct bsc_node *node, const struct bsc_vmac *from,
                     const struct bsc_message *message, bas_time now);
bool bsc_resolve_nak(struct bsc_node *node, const struct bsc_vmac *from, uint16_t id,
                     const struct bsc_result *result, bas_time now);
void bsc_resolve_timeout(struct bsc_node *node, struct bsc_peer_row *row, bas_time now);

#endif
