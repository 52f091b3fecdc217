/* What the hub under measurement is told by its environment, and what it lets the bench see while
 * it runs. */
#ifndef BASALT_BENCH_HUB_VIEW_H
#define BASALT_BENCH_HUB_VIEW_H

#include "basalt/sc.h"

/* Names of variables; unset: as for the saturated figures. */
#define HUB_VIEW_FILE          "BASALT_BENCH_VIEW" /* holds a struct hub_view, mapped by both */
#define HUB_VIEW_STALL_MS      "BASALT_BENCH_STALL_MS"
#define HUB_VIEW_CONNECTIONS   "BASALT_BENCH_CONNECTIONS"
#define HUB_VIEW_PENDING_TOTAL "BASALT_BENCH_PENDING_TOTAL"

enum { HUB_VIEW_EVERY_MS = 10 };
struct hub_view {
    struct bsc_hub_counters counters;
    uint64_t pending; /* octets, of all */
    uint32_t connected;
    /* Of the last reload of its certificates, which SIGHUP asks for. */
    uint32_t reloads, kept, closed;
    uint64_t reload_us;
};

#endif
