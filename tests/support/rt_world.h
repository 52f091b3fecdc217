/*
 * An event loop with real sockets for tests of the runtime: certificates, a counted heap for what
 * is tested and another for what stands around it, and waiting that ends by events, not by time.
 */
#ifndef BASALT_RT_WORLD_H
#define BASALT_RT_WORLD_H

#include "test_env.h"

#include "rt/loop.h"

struct rt_peer;
struct rt_world {
    struct test_env t;       /* of what is tested: fail_at counts its allocations */
    struct test_env outside; /* of peers */
    struct bas_loop *loop;
    uv_timer_t guard;
    struct rt_peer *peers;                /* that are not gone */
    struct bas_tls_context *hub, *client; /* certificates of what is tested ... */
    struct bas_tls_context *peer_hub;     /* ... and of peers */
    struct bas_tls_context *peer_client;
    struct bas_tls_context *peer_stranger; /* of an authority that the others do not trust */
};

/* Group set-up: enters a folder of its own (test_folder_enter) that holds ca.pem, other/ca.pem and
 * the certificates hub, device, client, other/stranger. test_folder_leave is the tear-down. */
int rt_certificates(void **state);
/* Credentials of a certificate in that folder. */
struct bas_tls_config rt_credentials(const char *name);

void rt_begin(struct rt_world *w);
/* Runs the loop until all that was closed is gone; asserts that nothing is left of it, and nothing
 * charged to the bound of unfinished input. */
void rt_end(struct rt_world *w);
/* Runs the loop until *counter is at least so large. Fails the test after half a minute. */
void rt_until(struct rt_world *w, const unsigned *counter, unsigned least);
void rt_until_count(struct rt_world *w, const uint64_t *counter, uint64_t least);
/* Runs so many turns; each finds something to do or does not wait. */
void rt_turns(struct rt_world *w, unsigned n);
/* A timer that runs goes off in the next turn, whatever it was set to. False: it does not run. */
bool rt_hasten(uv_timer_t *timer);
/* The same for all timers on the loop. Gives how many run. */
unsigned rt_hasten_all(struct rt_world *w);

void assert_has(const char *text, const char *part);

#endif
