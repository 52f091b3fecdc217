#include "end.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bas_tls_context *world_context_of(struct world *world, const struct bas_env *env,
                                         const char *name, const char *const issuers[2])
{
    char certificate[64];
    char key[64];
    (void)snprintf(certificate, sizeof(certificate), "%s.pem", name);
    (void)snprintf(key, sizeof(key), "%s.key", name);
    struct bas_tls_config config = { .size = sizeof(config) };
    config.certificate_file = world_path(world, certificate);
    config.key_file = world_path(world, key);
    for (size_t i = 0; i < 2 && issuers[i] != NULL; i++) {
        config.issuer_files[i] = world_path(world, issuers[i]);
    }
    struct bas_fault fault = { 0 };
    struct bas_tls_context *context = bas_tls_context_new(env, &config, &fault);
    if (context == NULL) {
        fail_msg("%s", fault.text);
    }
    return context;
}

struct bas_tls_context *world_context(struct world *world, const char *name)
{
    const char *const issuers[2] = { "ca.pem", NULL };
    return world_context_of(world, &world->t.env, name, issuers);
}

struct bas_fault world_refusal(struct world *world, const struct bas_tls_config *config)
{
    struct bas_fault fault = { 0 };
    struct bas_tls_context *context = bas_tls_context_new(&world->t.env, config, &fault);
    assert_null(context);
    assert_int_not_equal(fault.err, BAS_OK);
    assert_true(strlen(fault.text) > 0);
    return fault;
}

void end_init(struct end *end, struct bas_tls_context *context, enum bas_tls_role role,
              const char *host)
{
    memset(end, 0, sizeof(*end));
    bas_buf_init(&end->out, malloc(END_OUT), END_OUT);
    end->plain = malloc(END_PLAIN);
    assert_non_null(end->plain);
    end->tls = bas_tls_new(context, role, host, &end->out);
    assert_non_null(end->tls);
}

void end_fini(struct end *end)
{
    bas_tls_free(end->tls);
    free(end->out.data);
    free(end->plain);
}

bas_err end_read(struct end *end)
{
    do {
        size_t len = 0;
        uint8_t *plain = malloc(BAS_TLS_RECORD);
        assert_non_null(plain);
        end->err = bas_tls_read(end->tls, plain, BAS_TLS_RECORD, &len);
        assert_true(end->err == BAS_OK ? len > 0 : len == 0);
        assert_true(end->plain_len + len <= END_PLAIN);
        memcpy(end->plain + end->plain_len, plain, len);
        end->plain_len += len;
        free(plain);
    } while (end->err == BAS_OK);
    return end->err;
}

bas_err end_feed(struct end *end, const uint8_t *octets, size_t len, size_t chunk)
{
    bas_err err = BAS_ERR_AGAIN;
    for (size_t at = 0; at < len;) {
        size_t n = chunk != 0 && chunk < len - at ? chunk : len - at;
        uint8_t *piece = malloc(n);
        assert_non_null(piece);
        memcpy(piece, octets + at, n);
        at += n;
        err = bas_tls_feed(end->tls, piece, n);
        if (err == BAS_OK) {
            err = end_read(end);
        }
        free(piece);
    }
    return err;
}

bas_err end_carry(struct end *from, struct end *to, size_t chunk)
{
    bas_err err = end_feed(to, from->out.data, from->out.len, chunk);
    from->out.len = 0;
    return err;
}

void ends_shake(struct end *client, struct end *server, size_t chunk)
{
    (void)end_read(client);
    for (int turn = 0; client->out.len + server->out.len != 0; turn++) {
        assert_true(turn < 16);
        (void)end_carry(client, server, chunk);
        (void)end_carry(server, client, chunk);
    }
}

void end_seal(struct end *end, const void *plain, size_t len)
{
    assert_int_equal(bas_tls_seal(end->tls, plain, len), BAS_OK);
}

void link_init(struct link *link)
{
    world_init(&link->world);
    test_env_init(&link->client_env);
    test_env_init(&link->server_env);
    const char *const issuers[2] = { "ca.pem", NULL };
    struct bas_tls_context *node =
        world_context_of(&link->world, &link->client_env.env, "node", issuers);
    struct bas_tls_context *hub =
        world_context_of(&link->world, &link->server_env.env, "hub", issuers);
    end_init(&link->client, node, BAS_TLS_CLIENT, NULL);
    end_init(&link->server, hub, BAS_TLS_SERVER, NULL);
    bas_tls_context_unref(node); /* the sessions hold them */
    bas_tls_context_unref(hub);
}

void link_open(struct link *link)
{
    link_init(link);
    ends_shake(&link->client, &link->server, 0);
    assert_true(bas_tls_is_open(link->client.tls));
    assert_true(bas_tls_is_open(link->server.tls));
}

void link_fini(struct link *link)
{
    end_fini(&link->client);
    end_fini(&link->server);
    test_env_check(&link->client_env);
    test_env_check(&link->server_env);
    world_fini(&link->world);
}
