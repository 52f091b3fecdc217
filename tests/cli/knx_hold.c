/*
 * A secure tunnel that tests of the program hold: says what happens to it, a line each, until its
 * standard input ends.
 *
 *     knx_hold files                          writes the keyrings of knx_site.h
 *     knx_hold GATEWAY KEYRING TUNNEL         "up", "telegram", "down: why"; w on standard input
 *                                             writes 0 to the plain group 1/0/1
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "knx_site.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LAMP = 0x0801 };

struct holder {
    struct bas_knx *knx; /* NULL: stopped */
    uv_poll_t input;
};

static void on_event(void *user, const struct bas_knx_event *event)
{
    struct holder *h = user;
    switch (event->kind) {
    case BAS_KNX_UP:
        puts("up");
        break;
    case BAS_KNX_DOWN:
        printf("down: %s\n", event->fault->text);
        break;
    case BAS_KNX_TELEGRAM:
        puts("telegram");
        break;
    case BAS_KNX_CONFIRMED:
        puts("confirmed");
        break;
    case BAS_KNX_STOPPED:
        h->knx = NULL;
        uv_close((uv_handle_t *)&h->input, NULL);
        break;
    case BAS_KNX_DROPPED:
    case BAS_KNX_FAILED:
    case BAS_KNX_ANSWER:
    case BAS_KNX_FEATURE:
    case BAS_KNX_SYNCED:
        puts("something else");
        break;
    }
    (void)fflush(stdout);
}

static void on_input(uv_poll_t *poll, int status, int events)
{
    struct holder *h = poll->data;
    static const uint8_t off = 0;
    const struct knx_group_value value = { true, { &off, 1 } };
    uint32_t id = 0;
    char c = 0;
    (void)events;
    if (status != 0 || read(STDIN_FILENO, &c, 1) != 1) {
        (void)uv_poll_stop(poll);
        bas_knx_stop(h->knx);
    } else if (c == 'w' &&
               bas_knx_group(h->knx, KNX_GROUP_VALUE_WRITE, LAMP, &value, &id, NULL) != BAS_OK) {
        puts("not written");
    }
}

static int hold(const char *gateway, const char *path, knx_ia tunnel)
{
    const struct bas_slice password = { (const uint8_t *)KNX_SITE_PASSWORD, 4 };
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_fault fault = { 0 };
    struct knx_keyring *keyring = NULL;
    struct bas_knx_keys keys;
    memset(&keys, 0, sizeof(keys));
    struct holder h = { 0 };
    struct bas_loop *loop = bas_loop_new(&env);
    (void)uv_poll_init(&loop->uv, &h.input, STDIN_FILENO);
    h.input.data = &h;
    if (bas_knx_keyring_load(&env, path, password, false, &keyring, &fault) == BAS_OK &&
        bas_knx_keys_of(&env, keyring, tunnel, &keys, &fault) == BAS_OK) {
        const struct bas_knx_config config = { .size = sizeof(config),
                                               .gateway = gateway,
                                               .engine = &keys.engine,
                                               .secure = &keys.secure,
                                               .is_once = true,
                                               .event = on_event,
                                               .user = &h };
        h.knx = bas_knx_start(loop, &config, &fault);
    }
    if (h.knx != NULL) {
        (void)uv_poll_start(&h.input, UV_READABLE, on_input);
        bas_loop_run(loop);
    } else {
        uv_close((uv_handle_t *)&h.input, NULL);
        (void)fprintf(stderr, "%s\n", fault.text);
    }
    bas_knx_keys_free(&env, &keys);
    knx_keyring_free(keyring);
    bas_loop_free(loop);
    return fault.err == BAS_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    knx_ia tunnel = 0;
    if (argc == 2 && strcmp(argv[1], "files") == 0) {
        knx_site_files();
        return 0;
    }
    if (argc != 4 || !knx_ia_parse(argv[3], &tunnel)) {
        (void)fprintf(stderr, "usage: knx_hold files | GATEWAY KEYRING TUNNEL\n");
        return 2;
    }
    return hold(argv[1], argv[2], tunnel);
}
