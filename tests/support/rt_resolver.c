#define _DEFAULT_SOURCE /* addrinfo */
#include "rt_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct rt_resolver answer = { .addresses = { "127.0.0.1" }, .gate = -1 };

void rt_resolver_set(const struct rt_resolver *resolver)
{
    answer = *resolver;
}

struct node {
    struct addrinfo info;
    struct sockaddr_storage address;
};

static struct addrinfo *node_of(const char *text, const char *port)
{
    struct node *node = calloc(1, sizeof(*node));
    struct sockaddr_in *four = (void *)&node->address;
    struct sockaddr_in6 *six = (void *)&node->address;
    uint16_t number = htons((uint16_t)strtoul(port, NULL, 10));
    node->info.ai_socktype = SOCK_STREAM;
    node->info.ai_addr = (void *)&node->address;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_port = number;
        node->info.ai_addrlen = sizeof(*four);
        node->info.ai_family = AF_INET;
    } else {
        (void)inet_pton(AF_INET6, text, &six->sin6_addr);
        six->sin6_port = number;
        node->info.ai_addrlen = sizeof(*six);
        node->info.ai_family = AF_INET6;
    }
    node->address.ss_family = (sa_family_t)node->info.ai_family;
    return &node->info;
}

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **out)
{
    char octet;
    (void)host;
    (void)hints;
    if (answer.gate >= 0 && read(answer.gate, &octet, 1) != 1) {
        return EAI_FAIL;
    }
    if (answer.error != 0) {
        return answer.error;
    }
    for (size_t i = 0; i < 4 && answer.addresses[i] != NULL; i++) {
        *out = node_of(answer.addresses[i], port);
        out = &(*out)->ai_next;
    }
    return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;
        free(list);
        list = next;
    }
}
