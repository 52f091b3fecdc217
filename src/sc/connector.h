/*
 * The hub connector (AB.5.2, spec 4): two hub connections, and which of them carries the traffic.
 * Its state machine is a table.
 */
#ifndef BASALT_SC_CONNECTOR_H
#define BASALT_SC_CONNECTOR_H

#include "sc/node_link.h"

/* A hub has two places for links: one that we leave does not keep the next attempt waiting. */
enum { BSC_URI_MAX = 256, BSC_HUBS = 2, BSC_HUB_PLACES = 2 * BSC_HUBS };

enum bsc_connector_state {
    BSC_CONNECTOR_IDLE,
    BSC_TRY_PRIMARY,
    BSC_TRY_FAILOVER,
    BSC_DELAY,
    BSC_ON_PRIMARY,
    BSC_ON_FAILOVER,
    BSC_PROBING,
    BSC_RESTARTING, /* the VMAC was refused as duplicate: all connections end first */
    BSC_STOPPING,
    BSC_CONNECTOR_STATES
};

enum bsc_connector_event {
    BSC_CE_START,
    BSC_CE_STOP,
    BSC_CE_TIMER,
    BSC_CE_PRIMARY_UP,
    BSC_CE_PRIMARY_ENDED,  /* the attempt failed, or the connection was lost */
    BSC_CE_PRIMARY_THROWN, /* the same, within the minimum reconnect time of CONNECTED */
    BSC_CE_FAILOVER_UP,
    BSC_CE_FAILOVER_ENDED,
    BSC_CE_FAILOVER_THROWN,
    BSC_CE_DUPLICATE,   /* NAK 7/151 from a hub */
    BSC_CE_QUIET,       /* no link is left */
    BSC_CE_QUIET_AGAIN, /* the same, after a second duplicate in a row */
    BSC_CONNECTOR_EVENTS
};

enum bsc_connector_action {
    BSC_CA_NONE, /* an empty cell; its next state is not read */
    BSC_CA_BEGIN,
    BSC_CA_TRY_PRIMARY,
    BSC_CA_TRY_FAILOVER,
    BSC_CA_TELL_AND_TRY_FAILOVER,
    BSC_CA_USE_PRIMARY,
    BSC_CA_USE_FAILOVER,
    BSC_CA_RETURN,
    BSC_CA_WAIT,
    BSC_CA_PROBE_LATER,
    BSC_CA_KEEP,
    BSC_CA_RESTART,
    BSC_CA_STOP
};

struct bsc_connector_rule {
    uint8_t action; /* enum bsc_connector_action */
    uint8_t next;   /* enum bsc_connector_state */
};
/* The cell; an empty one has action NONE and next = state. */
struct bsc_connector_rule bsc_connector_rule(enum bsc_connector_state state,
                                             enum bsc_connector_event event);

/* One of the two hubs. */
struct bsc_hub_line {
    char uri[BSC_URI_MAX]; /* "": not configured */
    struct bsc_link *link; /* NULL: none, or it is being left */
    struct bsc_hello hello;
    struct bsc_connection_status status;
};

struct bsc_connector {
    enum bsc_connector_state state;
    struct bsc_hub_line lines[BSC_HUBS]; /* by enum bsc_link_kind */
    struct bsc_link *active;             /* it carries the traffic; NULL: no hub connection */
    enum bsc_link_kind last_used;
    enum bsc_link_kind last_ended;
    struct bas_fault last_fault;
    bool is_told;       /* RETRY has told the last end */
    bool had_duplicate; /* our VMAC was refused since a hub last took it */
    bool at_once;       /* ... and the next attempt does not wait, this once */
    bas_time retry_at;
    bas_time delay; /* the next one */
};

void bsc_connector_init(struct bsc_node *node);
/* The bounds of reconnecting have changed: what waits, waits no longer than they say. */
void bsc_connector_new_delays(struct bsc_node *node, bas_time now);
void bsc_connector_event(struct bsc_node *node, enum bsc_connector_event event, bas_time now);
/* What becomes of the connection on a hub link: CONNECTED, CONNECTED no more, refused with 151, and
 * the link gone (freed by the caller afterwards). */
void bsc_connector_link_up(struct bsc_node *node, struct bsc_link *link, bas_time now);
void bsc_connector_link_down(struct bsc_node *node, struct bsc_link *link, bas_time now);
void bsc_connector_duplicate(struct bsc_node *node);
void bsc_connector_link_gone(struct bsc_node *node, struct bsc_link *link, bas_time now);
/* A link of any kind was freed. */
void bsc_connector_after_link(struct bsc_node *node, bas_time now);

#endif
