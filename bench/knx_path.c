/*
 * Telegrams through a client and a server engine without sockets, for counting instructions:
 *
 *     knx_path wrapped|data TELEGRAMS
 *
 * wrapped: KNX IP Secure. data: Data Secure inside it. scripts/bench runs it under callgrind;
 * what is counted is pair_request and pair_confirm (the client) or pair_serve (the server).
 */
#include "basalt/rt.h"
#include "knx_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    static struct pair pair;
    static struct site site;
    const struct bas_env env = bas_env_host(NULL, NULL);
    if (argc != 3) {
        (void)fprintf(stderr, "usage: knx_path wrapped|data TELEGRAMS\n");
        return 2;
    }
    bool is_data = strcmp(argv[1], "data") == 0;
    uint64_t telegrams = strtoull(argv[2], NULL, 10);
    site_init(&site);
    struct knx_server *server = site_server(&env, &site, SITE_TUNNELS);
    if (server == NULL || !pair_open(&pair, &env, &site, server) ||
        (is_data && !pair_secure(&pair, &env, &site))) {
        (void)fprintf(stderr, "knx_path: the tunnel did not come up\n");
        return 1;
    }
    for (uint64_t i = 0; i < telegrams; i++) {
        pair_request(&pair);
        pair_serve(&pair);
        pair_confirm(&pair);
    }
    bool is_whole = pair.confirmed == telegrams && (!is_data || pair.opened == telegrams);
    (void)printf("telegrams %llu\n", (unsigned long long)pair.confirmed);
    pair_close(&pair);
    knx_server_free(server);
    return is_whole ? 0 : 1;
}
