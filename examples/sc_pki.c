/*
 * A whole PKI for tests, in the folder where it runs: an authority, a hub and two nodes; and the
 * proof that the hub and each node let each other in with it, by TLS sessions in memory.
 */
#include <basalt/pki.h>
#include <basalt/rt.h>

#include <stdio.h>

static void prove(struct bas_tls_context *const contexts[2])
{
    static uint8_t memory[2][2 * BAS_TLS_RECORD], plain[BAS_TLS_RECORD];
    struct bas_tls_identity seen[2] = { 0 };
    struct bas_buf out[2];
    struct bas_tls *tls[2];
    size_t len = 0;
    bas_buf_init(&out[0], memory[0], sizeof(memory[0]));
    bas_buf_init(&out[1], memory[1], sizeof(memory[1]));
    tls[0] = bas_tls_new(contexts[0], BAS_TLS_SERVER, NULL, &out[0]);
    tls[1] = bas_tls_new(contexts[1], BAS_TLS_CLIENT, NULL, &out[1]);
    for (int turn = 1; turn < 8; turn++) { /* what one end has to say is read by the other */
        int to = turn % 2;
        (void)bas_tls_feed(tls[to], out[1 - to].data, out[1 - to].len);
        while (bas_tls_read(tls[to], plain, sizeof(plain), &len) == BAS_OK) {
        }
        out[1 - to].len = 0;
    }
    if (bas_tls_peer(tls[0], &seen[0]) && bas_tls_peer(tls[1], &seen[1])) {
        printf("%s and %s%s trust each other\n", seen[1].subject, seen[0].subject,
               bas_tls_is_open(tls[0]) && bas_tls_is_open(tls[1]) ? "" : " do not");
    }
    bas_tls_free(tls[0]);
    bas_tls_free(tls[1]);
}

int main(void)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_pki_authority_request authority = { .size = sizeof(authority), .directory = "." };
    struct bas_pki_device_request device = { sizeof(device), ".", "hub", .days = 30 };
    struct bas_pki_pair ca, pair = { 0 };
    struct bas_fault fault = { 0 };
    struct bas_tls_context *contexts[2] = { NULL, NULL };
    bas_err err = bas_pki_init(&env, &authority, &ca, &fault);
    for (int i = 0; i < 3 && err == BAS_OK; i++) {
        struct bas_tls_config config = { .size = sizeof(config), .issuer_files = { "ca.pem" } };
        err = bas_pki_issue(&env, &device, &pair, &fault);
        config.certificate_file = pair.certificate_file;
        config.key_file = pair.key_file;
        contexts[i > 0] = bas_tls_context_new(&env, &config, &fault);
        if (i > 0 && contexts[1] != NULL) {
            prove(contexts);
            bas_tls_context_unref(contexts[1]);
        }
        device.name = i == 0 ? "node-1" : "node-2";
    }
    bas_tls_context_unref(contexts[0]);
    return fprintf(stderr, "%s", fault.text) != 0;
}
