#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "knx_site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HOST = 0x1100, DEVICE = 0x1106, FILE_MAX = 65536 };

/* The keyring. */

static struct knx_password password(const char *text)
{
    struct knx_password made = { .is_set = true, .len = (uint8_t)strlen(text) };
    memcpy(made.octets, text, made.len);
    return made;
}

static struct knx_key key_of(uint8_t octet)
{
    struct knx_key key;
    memset(key.octets, octet, sizeof(key.octets));
    return key;
}

static void write_file(const char *path, const void *octets, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void write_keyring(const struct bas_env *env, const char *path, const char *first_password,
                          uint8_t second_key)
{
    static const knx_ia senders[] = { DEVICE, KNX_SITE_TUNNEL, KNX_SITE_TUNNEL + 1 };
    const struct knx_keyring_group groups[] = { { 0x0901, senders, BAS_ARRAY_LEN(senders) },
                                                { 0x0902, senders, BAS_ARRAY_LEN(senders) } };
    const struct knx_group_key keys[] = { { 0x0901, key_of(0x11) },
                                          { 0x0902, key_of(second_key) } };
    struct knx_keyring_interface interfaces[3];
    const struct knx_keyring_device devices[] = {
        { .address = HOST,
          .management = password("management"),
          .authentication = password("device") },
        { .address = DEVICE, .has_tool_key = true, .tool_key = key_of(0x33), .sequence = 7 },
    };
    for (unsigned i = 0; i < BAS_ARRAY_LEN(interfaces); i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "tunnel-%u", i + 2);
        interfaces[i] = (struct knx_keyring_interface){
            .type = KNX_INTERFACE_TUNNELLING,
            .address = (knx_ia)(KNX_SITE_TUNNEL + i),
            .host = HOST,
            .user = (uint8_t)(i + 2),
            .password = password(i == 0 ? first_password : text),
            .authentication = password("device"),
            .groups = groups,
            .n_groups = BAS_ARRAY_LEN(groups),
        };
    }
    char project[] = "site";
    char created[] = "2026-01-01T00:00:00";
    const struct knx_keyring keyring = { .project = project,
                                         .created_by = project,
                                         .created = created,
                                         .interfaces = interfaces,
                                         .n_interfaces = BAS_ARRAY_LEN(interfaces),
                                         .devices = devices,
                                         .n_devices = BAS_ARRAY_LEN(devices),
                                         .groups = keys,
                                         .n_groups = BAS_ARRAY_LEN(keys) };
    static char memory[FILE_MAX];
    struct bas_buf out;
    struct knx_key key;
    struct bas_fault fault = { 0 };
    bas_buf_init(&out, memory, sizeof(memory));
    knx_keyring_key((struct bas_slice){ (const uint8_t *)KNX_SITE_PASSWORD, 4 }, &key);
    assert_int_equal(knx_keyring_write(env, &keyring, &key, &out, &fault), BAS_OK);
    write_file(path, out.data, out.len);
}

void knx_site_files(void)
{
    struct test_env t;
    test_env_init(&t);
    write_keyring(&t.env, "site.knxkeys", "tunnel-2", 0x22);
    write_keyring(&t.env, "changed.knxkeys", "another", 0x22);
    write_keyring(&t.env, "rekeyed.knxkeys", "tunnel-2", 0x44);
    write_file("site.password", KNX_SITE_PASSWORD "\n", 5);
    test_env_check(&t);
}

/* The server. */

void knx_site_set(struct bas_config *config, const char *name, const char *text)
{
    struct bas_fault fault = { 0 };
    if (bas_config_set(config, BAS_SECTION_KNX_SERVER, name, name, text, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
}

static const char objects[] =
    "knx-server:\n"
    "  bind: 127.0.0.1:0\n"
    "  keyring: site.knxkeys\n"
    "  keyring-password-file: site.password\n"
    "  telegrams-per-second: 0\n"
    "  objects:\n"
    "  - {group: 1/0/1, dpt: \"1.001\", device: 1.1.6, value: \"on\"}\n"
    "  - {group: 1/1/1, dpt: \"1.001\", device: 1.1.6, value: \"on\"}\n"
    "  - {group: 1/1/2, dpt: \"9.001\", device: 1.1.6, value: \"21.5\"}\n";

struct bas_config *knx_site_config(struct rt_world *w)
{
    struct bas_fault fault = { 0 };
    struct bas_config *config = bas_config_new(&w->t.env);
    assert_non_null(config);
    write_file("site.yaml", objects, sizeof(objects) - 1);
    if (bas_config_load(config, "site.yaml", &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    return config;
}

static void on_server_event(void *user, const struct knx_server_event *event)
{
    struct knx_site_server *s = user;
    s->events[event->kind]++;
    s->address = event->address;
    s->user = event->user;
    if (event->fault != NULL) {
        s->fault = *event->fault;
    }
}

static void on_bus(void *user, bool is_connected, const struct bas_fault *why)
{
    struct knx_site_server *s = user;
    *(is_connected ? &s->bus_up : &s->bus_down) += 1;
    if (why != NULL) {
        s->fault = *why;
    }
}

static void on_notice(void *user, const struct bas_knx_notice *notice)
{
    struct knx_site_server *s = user;
    (void)notice;
    s->notices++;
}

static void on_reloaded(void *user, bas_err err, const struct bas_fault *fault)
{
    struct knx_site_server *s = user;
    s->reloads++;
    s->reloaded = err;
    s->fault = *fault;
}

static void on_stopped(void *user)
{
    struct knx_site_server *s = user;
    s->stopped++;
}

void knx_site_server_start(struct rt_world *w, struct knx_site_server *s, struct bas_config *config)
{
    const struct bas_knx_server_callbacks callbacks = { on_server_event, on_bus,     on_notice,
                                                        on_reloaded,     on_stopped, s };
    memset(s, 0, sizeof(*s));
    s->w = w;
    s->config = config != NULL ? config : knx_site_config(w);
    s->server =
        bas_knx_server_start(w->loop, bas_config_knx_server(s->config), &callbacks, &s->fault);
}

void knx_site_server_end(struct knx_site_server *s)
{
    if (s->server != NULL) {
        bas_knx_server_stop(s->server);
        s->server = NULL;
        rt_until(s->w, &s->stopped, 1);
    }
    bas_config_free(s->config);
    s->config = NULL;
}

/* Clients. */

static void note_group(struct knx_site_client *c, const struct bas_knx_event *event)
{
    struct knx_tpdu tpdu;
    struct knx_group_value value;
    if (event->cemi != NULL && knx_tpdu_decode(event->cemi->tpdu, &tpdu, NULL) == BAS_OK &&
        knx_group_value_of(&tpdu, &value)) {
        c->apci = tpdu.apci;
        c->group = event->cemi->destination;
        c->source = event->cemi->source;
        c->was_secured = event->is_secured;
        c->value_len = value.octets.len < sizeof(c->value) ? value.octets.len : sizeof(c->value);
        if (c->value_len != 0) {
            memcpy(c->value, value.octets.data, c->value_len);
        }
    }
}

static void on_client_event(void *user, const struct bas_knx_event *event)
{
    struct knx_site_client *c = user;
    c->events[event->kind]++;
    c->last = *event;
    if (event->fault != NULL) {
        c->fault = *event->fault;
    }
    if (event->kind == BAS_KNX_TELEGRAM) {
        note_group(c, event);
    }
    if (event->kind == BAS_KNX_STOPPED) {
        c->knx = NULL;
    }
}

void knx_site_client_init(struct rt_world *w, struct knx_site_client *c,
                          const struct knx_site_server *server, unsigned n)
{
    memset(c, 0, sizeof(*c));
    c->w = w;
    const struct bas_slice text = { (const uint8_t *)KNX_SITE_PASSWORD, 4 };
    assert_int_equal(
        bas_knx_keyring_load(&w->t.env, "site.knxkeys", text, false, &c->keyring, &c->fault),
        BAS_OK);
    assert_int_equal(
        bas_knx_keys_of(&w->t.env, c->keyring, (knx_ia)(KNX_SITE_TUNNEL + n), &c->keys, &c->fault),
        BAS_OK);
    c->config = (struct bas_knx_config){ .size = sizeof(c->config),
                                         .gateway = bas_knx_server_address(server->server),
                                         .engine = &c->keys.engine,
                                         .secure = &c->keys.secure,
                                         .event = on_client_event,
                                         .user = c };
}

void knx_site_client_start(struct knx_site_client *c)
{
    c->knx = bas_knx_start(c->w->loop, &c->config, &c->fault);
}

void knx_site_client_until(struct knx_site_client *c, enum bas_knx_event_kind kind, unsigned least)
{
    rt_until(c->w, &c->events[kind], least);
}

void knx_site_client_end(struct knx_site_client *c)
{
    if (c->knx != NULL) {
        bas_knx_stop(c->knx);
        knx_site_client_until(c, BAS_KNX_STOPPED, 1);
    }
    bas_knx_keys_free(&c->w->t.env, &c->keys);
    knx_keyring_free(c->keyring);
}
