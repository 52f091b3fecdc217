/* One end of a TLS connection in memory, and what carries octets between two of them. */
#ifndef BASALT_TEST_TLS_END_H
#define BASALT_TEST_TLS_END_H

#include "world.h"

#include "basalt/tls.h"

/* A context with ca.pem as issuer. */
struct bas_tls_context *world_context(struct world *world, const char *name);
/* The same with another clock and heap, and other issuers (files, up to two, NULL: none). */
struct bas_tls_context *world_context_of(struct world *world, const struct bas_env *env,
                                         const char *name, const char *const issuers[2]);
/* Every refusal of bas_tls_context_new: the fault. */
struct bas_fault world_refusal(struct world *world, const struct bas_tls_config *config);

enum { END_OUT = 1 << 17, END_PLAIN = 1 << 20 };

struct end {
    struct bas_tls *tls;
    struct bas_buf out;
    uint8_t *plain; /* all that was read */
    size_t plain_len;
    bas_err err; /* of the last bas_tls_read */
};

void end_init(struct end *end, struct bas_tls_context *context, enum bas_tls_role role,
              const char *host);
void end_fini(struct end *end);
/* Reads until there is no more; keeps the plain octets. Gives the last answer. */
bas_err end_read(struct end *end);
/* Hands octets over in pieces of chunk octets (0: at once), each in memory of its own that is gone
 * afterwards. Gives the last answer. */
bas_err end_feed(struct end *end, const uint8_t *octets, size_t len, size_t chunk);
/* Carries what stands in from->out to the other end, in pieces. */
bas_err end_carry(struct end *from, struct end *to, size_t chunk);
/* Starts the client and carries until nobody has more to say. */
void ends_shake(struct end *client, struct end *server, size_t chunk);
void end_seal(struct end *end, const void *plain, size_t len);

/* Both ends of a world whose clocks and heaps are their own. */
struct link {
    struct world world;
    struct test_env client_env;
    struct test_env server_env;
    struct end client;
    struct end server;
};
/* hub serves, node calls; both know ca. Nothing is sent yet. */
void link_init(struct link *link);
/* link_init and the handshake, which must work. */
void link_open(struct link *link);
void link_fini(struct link *link);

#endif
