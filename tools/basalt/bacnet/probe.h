/*
 * One attempt to connect to a hub as a node does, step by step: what each step took, and which one
 * failed. The connection is given up in order as soon as it is there.
 */
#ifndef BASALT_TOOLS_PROBE_H
#define BASALT_TOOLS_PROBE_H

#include "basalt/sc.h"
#include "basalt/tls.h"

#include "tool.h"

enum probe_step {
    PROBE_TCP, /* name, address, connection */
    PROBE_TLS,
    PROBE_WEBSOCKET,
    PROBE_CONNECT, /* Connect-Request and its answer */
    PROBE_STEPS    /* how many there are: all went well */
};

struct probe_config {
    struct tool *tool;
    struct bas_tls_context *tls; /* NULL: ws:// */
    const char *uri;
    uint32_t timeout_ms;         /* for each wait */
    const struct bsc_uuid *uuid; /* NULL: one of its own, as a visitor has */
};

struct probe_result {
    enum probe_step failed; /* PROBE_STEPS: none */
    struct bas_fault fault; /* of the one that failed */
    bas_time took[PROBE_STEPS];
    char address[64];
    bool has_peer;
    struct bas_tls_identity peer;
    struct bsc_vmac vmac; /* of the hub */
    struct bsc_uuid uuid;
    size_t max_npdu;
    bool without_hello; /* it works only without the Hello option */
};

void probe_run(const struct probe_config *config, struct probe_result *result);

#endif
