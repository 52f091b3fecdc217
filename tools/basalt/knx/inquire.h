/* What the verbs share that ask KNXnet/IP servers what they are: options, the asking, and the
 * answers gathered by server. */
#ifndef BASALT_TOOLS_INQUIRE_H
#define BASALT_TOOLS_INQUIRE_H

#include "basalt/app_knx.h"

#include "gateway.h"
#include "options.h"

enum { INQUIRE_GATEWAYS = 1024 };

struct inquire_options {
    struct common_options common;
    uint32_t timeout_ms;
    bool tcp;
    bool route_back;
};

#define INQUIRE_TIMEOUT(container)                                                                 \
    {                                                                                              \
        OPTION(container, "timeout", DURATION, inquire.timeout_ms, 100, 3600000, "3",              \
               "wait so long for answers", false, NULL),                                           \
            0, "SECONDS",                                                                          \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
/* For verbs that ask one server. */
#define INQUIRE_OPTIONS(container)                                                                 \
    { OPTION(container, "tcp", BOOL, inquire.tcp, 0, 0, NULL, "ask over TCP, not over UDP", false, \
             NULL),                                                                                \
      0,                                                                                           \
      NULL,                                                                                        \
      { NULL } },                                                                                  \
        { OPTION(container, "nat", BOOL, inquire.route_back, 0, 0, NULL,                           \
                 "let answers come to where we send from, through a NAT", false, NULL),            \
          0,                                                                                       \
          NULL,                                                                                    \
          { NULL } },                                                                              \
        INQUIRE_TIMEOUT(container)

/* The servers that answered, in the order in which they did. */
struct inquired {
    struct gateway *gateways;
    size_t n;
};

/*
 * Asks and gathers until the time is over, or (target given) each of requests was answered. True:
 * go on with what was gathered, nobody at all if everybody was asked. False: the fault was told, or
 * it was interrupted; *status is the exit status. Always followed by inquire_free.
 */
bool inquire(struct tool *tool, const struct bas_knx_inquiry_config *config,
             struct inquired *inquired, int *status);
/* One server: what its options mean. Nobody answered: a fault that was told. */
bool inquire_one(struct tool *tool, const struct inquire_options *options, const char *target,
                 struct inquired *inquired, int *status);
void inquire_free(struct tool *tool, struct inquired *inquired);

#endif
