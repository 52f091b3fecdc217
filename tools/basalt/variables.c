/* Owns the values of bacnet-stack's environment variables. */
#define _DEFAULT_SOURCE /* getifaddrs, IFNAMSIZ */
#include "variables.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* The first IPv4 address of an interface, else its first IPv6 one. False: it has none. */
static bool address_of(const char *name, size_t len, char address[INET6_ADDRSTRLEN])
{
    struct ifaddrs *all = NULL;
    int found = AF_UNSPEC;
    if (getifaddrs(&all) != 0) {
        return false;
    }
    for (const struct ifaddrs *i = all; i != NULL && found != AF_INET; i = i->ifa_next) {
        if (i->ifa_addr == NULL || strlen(i->ifa_name) != len ||
            strncmp(i->ifa_name, name, len) != 0) {
            continue;
        }
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        if (i->ifa_addr->sa_family == AF_INET) {
            memcpy(&v4, i->ifa_addr, sizeof(v4));
            (void)inet_ntop(AF_INET, &v4.sin_addr, address, INET6_ADDRSTRLEN);
            found = AF_INET;
        } else if (i->ifa_addr->sa_family == AF_INET6 && found == AF_UNSPEC) {
            memcpy(&v6, i->ifa_addr, sizeof(v6));
            (void)inet_ntop(AF_INET6, &v6.sin6_addr, address, INET6_ADDRSTRLEN);
            found = AF_INET6;
        }
    }
    freeifaddrs(all);
    return found != AF_UNSPEC;
}

const char *variables_binding(const char *value, char text[VARIABLES_BINDING])
{
    char address[INET6_ADDRSTRLEN] = "";
    const char *colon = strrchr(value, ':');
    bool is_port = value[0] != 0 && value[strspn(value, "0123456789")] == 0;
    size_t len = colon == NULL ? 0 : (size_t)(colon - value);
    if (is_port) {
        (void)snprintf(text, VARIABLES_BINDING, "0.0.0.0:%s", value);
    } else if (len > 0 && len < IFNAMSIZ && address_of(value, len, address)) {
        bool is_v6 = strchr(address, ':') != NULL;
        (void)snprintf(text, VARIABLES_BINDING, is_v6 ? "[%s]%s" : "%s%s", address, colon);
    } else {
        (void)snprintf(text, VARIABLES_BINDING, "%s", value);
    }
    return text;
}

bool variables_is_yes(const char *value)
{
    return strcmp(value, "1") == 0 || strcmp(value, "y") == 0 || strcmp(value, "Y") == 0;
}

bool variables_word(const char **value, char *word, size_t cap)
{
    const char *p = *value + strspn(*value, " ");
    size_t len = strcspn(p, " ");
    if (len == 0) {
        return false;
    }
    (void)snprintf(word, cap, "%.*s", (int)len, p);
    *value = p + len;
    return true;
}
