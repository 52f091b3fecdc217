/* A host with several addresses: the resolver is the test's own. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link.h"

#include "test_env.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

struct answer {
    struct addrinfo row;
    union {
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } address;
};

static struct addrinfo *row_of(struct answer *answer, int family, socklen_t len)
{
    answer->row.ai_family = family;
    answer->row.ai_socktype = SOCK_STREAM;
    answer->row.ai_addr = (struct sockaddr *)(void *)&answer->address;
    answer->row.ai_addrlen = len;
    return &answer->row;
}

/* In place of the C library's: an address without a route, whose failure shows at once, then one
 * where nobody listens. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **list)
{
    static struct answer answers[2];
    (void)node;
    (void)service;
    (void)hints;
    memset(answers, 0, sizeof(answers));
    struct sockaddr_in6 *six = &answers[0].address.six;
    struct sockaddr_in *four = &answers[1].address.four;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(1);
    six->sin6_addr.s6_addr[0] = 0xFE; /* link-local, of no link */
    six->sin6_addr.s6_addr[1] = 0x80;
    four->sin_family = AF_INET;
    four->sin_port = htons(1);
    four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *list = row_of(&answers[0], AF_INET6, sizeof(*six));
    (*list)->ai_next = row_of(&answers[1], AF_INET, sizeof(*four));
    return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
    (void)list;
}

static void on_open(void *user, struct link *link, const char *subprotocol)
{
    (void)user;
    (void)link;
    (void)subprotocol;
    fail_msg("nobody was there");
}

static void on_closed(void *user, struct link *link, const struct bas_fault *why)
{
    (void)link;
    *(struct bas_fault *)user = *why;
}

static void an_address_that_fails_at_once_does_not_keep_from_the_next_one(void **state)
{
    (void)state;
    static const struct link_owner owner = { .open = on_open, .closed = on_closed };
    static const char *const subprotocols[] = { "hub.bsc.bacnet.org", NULL };
    struct test_env t;
    struct bas_fault why = { 0 };
    test_env_init(&t);
    struct bas_loop *loop = bas_loop_new(&t.env);
    const struct link_config config = { .loop = loop,
                                        .owner = &owner,
                                        .user = &why,
                                        .subprotocols = subprotocols,
                                        .setup_ms = 10000,
                                        .max_message = 65535 };
    assert_non_null(link_connect(&config, "ws://two.example:1/"));
    bas_loop_run(loop);
    bas_loop_free(loop);
    assert_int_equal(why.err, BAS_ERR_REFUSED);
    assert_int_equal(why.error_code, BAC_ERROR_CODE_TCP_CONNECTION_REFUSED);
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_that_fails_at_once_does_not_keep_from_the_next_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
