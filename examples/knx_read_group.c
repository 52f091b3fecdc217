/*
 * Reads a group through a KNX IP Secure tunnel, secured where the keyring says so:
 *
 *     knx_read_group 192.0.2.7 house.knxkeys PASSWORD 1.1.10 1/2/3 9.001
 */
#include <basalt/app_knx.h>

#include <stdio.h>
#include <string.h>

struct reading {
    struct bas_knx *knx;
    const struct knx_dpt *dpt;
    knx_ga group;
};

static void on_event(void *user, const struct bas_knx_event *event)
{
    struct reading *r = user;
    struct knx_tpdu tpdu;
    struct knx_group_value value;
    struct bas_buf out;
    char text[200];
    uint32_t id;
    bas_buf_init(&out, text, sizeof(text));
    if (event->kind == BAS_KNX_UP &&
        bas_knx_group(r->knx, KNX_GROUP_VALUE_READ, r->group, NULL, &id, NULL) != BAS_OK) {
        bas_knx_stop(r->knx);
    } else if (event->kind == BAS_KNX_DOWN) {
        fprintf(stderr, "%s\n", event->fault->text);
    } else if (event->kind == BAS_KNX_TELEGRAM && event->cemi->destination == r->group &&
               knx_tpdu_decode(event->cemi->tpdu, &tpdu, NULL) == BAS_OK &&
               tpdu.apci == KNX_GROUP_VALUE_RESPONSE && knx_group_value_of(&tpdu, &value) &&
               knx_dpt_text(r->dpt, value.octets, &out, NULL) == BAS_OK) {
        printf("%s%s\n", bas_buf_text(&out), event->is_secured ? " (secured)" : "");
        bas_knx_stop(r->knx);
    }
}

int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_fault fault = { 0 };
    struct bas_knx_keys keys = { 0 };
    struct knx_keyring *keyring = NULL;
    struct reading r = { 0 };
    knx_ia tunnel;
    if (argc != 7 || loop == NULL || !knx_ia_parse(argv[4], &tunnel) ||
        !knx_ga_parse(argv[5], &r.group) || (r.dpt = knx_dpt_find(argv[6])) == NULL) {
        fprintf(stderr, "usage: knx_read_group GATEWAY KEYRING PASSWORD TUNNEL GROUP DPT\n");
        return 2;
    }
    const struct bas_slice password = { (const uint8_t *)argv[3], strlen(argv[3]) };
    if (bas_knx_keyring_load(&env, argv[2], password, false, &keyring, &fault) == BAS_OK &&
        bas_knx_keys_of(&env, keyring, tunnel, &keys, &fault) == BAS_OK) {
        const struct bas_knx_config config = { .size = sizeof(config),
                                               .gateway = argv[1],
                                               .engine = &keys.engine,
                                               .secure = &keys.secure,
                                               .is_once = true,
                                               .event = on_event,
                                               .user = &r };
        r.knx = bas_knx_start(loop, &config, &fault);
        bas_loop_run(loop);
    }
    if (fault.err != BAS_OK) {
        fprintf(stderr, "%s\n", fault.text);
    }
    bas_knx_keys_free(&env, &keys);
    knx_keyring_free(keyring);
    bas_loop_free(loop);
    return bas_err_exit_status(fault.err);
}
