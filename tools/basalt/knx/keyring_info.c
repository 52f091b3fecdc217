/* Owns what a keyring looks like: tables for people, an object for each item for programs. */
#include "keyring_verb.h"

#include <string.h>

static const char *const type_names[] = { [KNX_INTERFACE_TUNNELLING] = "tunnelling",
                                          [KNX_INTERFACE_USB] = "usb",
                                          [KNX_INTERFACE_BACKBONE] = "backbone" };

/* Where it goes, and whether secrets do. */
struct view {
    struct out *out;
    bool reveal;
};

/* Room for any text below: a password of 64 octets, a key in hex, an address. */
enum { CELL = KNX_KEYRING_MAX_PASSWORD + 16 };

static const char *cell_of_password(const struct view *v, const struct knx_password *password,
                                    char cell[CELL])
{
    if (!password->is_set) {
        return "-";
    }
    if (!v->reveal) {
        return "yes";
    }
    bas_text_copy(cell, CELL, (struct bas_slice){ password->octets, password->len });
    return cell;
}

static const char *cell_of_key(const struct view *v, bool has, const struct knx_key *key,
                               char cell[CELL])
{
    struct bas_buf buf;
    if (!has || !v->reveal) {
        return has ? "yes" : "-";
    }
    bas_buf_init(&buf, cell, CELL);
    bas_buf_add_hex(&buf, (struct bas_slice){ key->octets, sizeof(key->octets) });
    return bas_buf_text(&buf);
}

static const char *cell_of_serial(const struct knx_keyring_device *device, char cell[CELL])
{
    struct bas_buf buf;
    bas_buf_init(&buf, cell, CELL);
    bas_buf_add_hex(&buf, (struct bas_slice){ device->serial, sizeof(device->serial) });
    return device->has_serial ? bas_buf_text(&buf) : "-";
}

static void format_multicast(const struct knx_keyring_backbone *backbone, char cell[CELL])
{
    (void)snprintf(cell, CELL, "%u.%u.%u.%u", backbone->multicast[0], backbone->multicast[1],
                   backbone->multicast[2], backbone->multicast[3]);
}

/* How many interfaces get the group. */
static size_t count_links(const struct knx_keyring *keyring, knx_ga group)
{
    size_t n = 0;
    for (size_t i = 0; i < keyring->n_interfaces; i++) {
        for (size_t k = 0; k < keyring->interfaces[i].n_groups; k++) {
            n += keyring->interfaces[i].groups[k].group == group;
        }
    }
    return n;
}

/* For people */

static void text_of_top(const struct view *v, const char *file, const struct knx_keyring *keyring)
{
    static const char *const labels[] = { "project", "created", "created by" };
    const char *const texts[] = { keyring->project, keyring->created, keyring->created_by };
    out_line(v->out, "%-12s %s", "file", file);
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        char text[200];
        bas_text_copy(text, sizeof(text),
                      (struct bas_slice){ (const uint8_t *)texts[i], strlen(texts[i]) });
        out_line(v->out, "%-12s %s", labels[i], text);
    }
    out_line(v->out, "%-12s %s", "signature",
             keyring->is_verified ? "fits" : "does not fit: the file was changed");
    for (size_t i = 0; i < keyring->n_backbones; i++) {
        const struct knx_keyring_backbone *backbone = &keyring->backbones[i];
        char address[CELL];
        char key[CELL];
        format_multicast(backbone, address);
        out_line(v->out, "%-12s %s, latency %u ms, key %s", "backbone", address,
                 backbone->latency_ms, cell_of_key(v, backbone->has_key, &backbone->key, key));
        bas_wipe(key, sizeof(key));
    }
}

static void text_of_link(const struct view *v, const struct knx_keyring_group *link)
{
    char group[KNX_ADDRESS_TEXT];
    char memory[100];
    struct bas_buf line;
    bas_buf_init(&line, memory, sizeof(memory));
    bas_buf_format(&line, "  %-9s from", knx_ga_text(link->group, group));
    for (size_t i = 0; i < link->n_senders; i++) {
        char sender[KNX_ADDRESS_TEXT];
        if (line.len > 85) {
            out_line(v->out, "%s", bas_buf_text(&line));
            bas_buf_init(&line, memory, sizeof(memory));
            bas_buf_format(&line, "%16s", "");
        }
        bas_buf_format(&line, " %s", knx_ia_text(link->senders[i], sender));
    }
    out_line(v->out, "%s%s", bas_buf_text(&line), link->n_senders == 0 ? " nobody" : "");
}

static void text_of_interfaces(const struct view *v, const struct knx_keyring *keyring)
{
    if (keyring->n_interfaces != 0) {
        out_line(v->out, "\n%-10s %-10s %-10s %-4s %-20s %s", "INTERFACE", "TYPE", "HOST", "USER",
                 "PASSWORD", "AUTHENTICATION");
    }
    for (size_t i = 0; i < keyring->n_interfaces; i++) {
        const struct knx_keyring_interface *interface = &keyring->interfaces[i];
        char address[KNX_ADDRESS_TEXT];
        char host[KNX_ADDRESS_TEXT];
        char user[8];
        char cells[2][CELL];
        (void)snprintf(user, sizeof(user), "%u", interface->user);
        out_line(v->out, "%-10s %-10s %-10s %-4s %-20s %s",
                 knx_ia_text(interface->address, address), type_names[interface->type],
                 interface->host == 0 ? "-" : knx_ia_text(interface->host, host),
                 interface->user == 0 ? "-" : user,
                 cell_of_password(v, &interface->password, cells[0]),
                 cell_of_password(v, &interface->authentication, cells[1]));
        bas_wipe(cells, sizeof(cells));
        for (size_t k = 0; k < interface->n_groups; k++) {
            text_of_link(v, &interface->groups[k]);
        }
    }
}

static void text_of_groups(const struct view *v, const struct knx_keyring *keyring)
{
    if (keyring->n_groups != 0) {
        out_line(v->out, "\n%-10s %-32s %s", "GROUP", "KEY", "INTERFACES");
    }
    for (size_t i = 0; i < keyring->n_groups; i++) {
        char group[KNX_ADDRESS_TEXT];
        char key[CELL];
        out_line(v->out, "%-10s %-32s %zu", knx_ga_text(keyring->groups[i].group, group),
                 cell_of_key(v, true, &keyring->groups[i].key, key),
                 count_links(keyring, keyring->groups[i].group));
        bas_wipe(key, sizeof(key));
    }
}

static void text_of_devices(const struct view *v, const struct knx_keyring *keyring)
{
    int wide = v->reveal ? 32 : 8;
    if (keyring->n_devices != 0) {
        out_line(v->out, "\n%-10s %-12s %-15s %-*s %-*s %-20s %s", "DEVICE", "SERIAL", "SEQUENCE",
                 wide, "TOOL KEY", wide, "FDSK", "MANAGEMENT", "AUTHENTICATION");
    }
    for (size_t i = 0; i < keyring->n_devices; i++) {
        const struct knx_keyring_device *device = &keyring->devices[i];
        char address[KNX_ADDRESS_TEXT];
        char cells[5][CELL];
        out_line(v->out, "%-10s %-12s %-15llu %-*s %-*s %-20s %s",
                 knx_ia_text(device->address, address), cell_of_serial(device, cells[0]),
                 (unsigned long long)device->sequence, wide,
                 cell_of_key(v, device->has_tool_key, &device->tool_key, cells[1]), wide,
                 cell_of_key(v, device->has_fdsk, &device->fdsk, cells[2]),
                 cell_of_password(v, &device->management, cells[3]),
                 cell_of_password(v, &device->authentication, cells[4]));
        bas_wipe(cells, sizeof(cells));
    }
}

/* For programs */

static void json_ia(struct bas_json *json, const char *key, knx_ia ia)
{
    char text[KNX_ADDRESS_TEXT];
    bas_json_text(json, key, knx_ia_text(ia, text));
}

/* "has_NAME", and with reveal NAME. */
static void json_secret(const struct view *v, struct bas_json *json, const char *name, bool has,
                        struct bas_slice secret, bool is_key)
{
    char key[40];
    (void)snprintf(key, sizeof(key), "has_%s", name);
    bas_json_bool(json, key, has);
    if (has && v->reveal && is_key) {
        bas_json_hex(json, name, secret);
    } else if (has && v->reveal) {
        bas_json_utf8(json, name, secret);
    }
}

static void json_key(const struct view *v, struct bas_json *json, const char *name, bool has,
                     const struct knx_key *key)
{
    json_secret(v, json, name, has, (struct bas_slice){ key->octets, KNX_KEY_LEN }, true);
}

static void json_password(const struct view *v, struct bas_json *json, const char *name,
                          const struct knx_password *password)
{
    json_secret(v, json, name, password->is_set,
                (struct bas_slice){ password->octets, password->len }, false);
}

static struct bas_json *json_item(const struct view *v, const char *item)
{
    struct bas_json *json = out_begin(v->out);
    bas_json_text(json, "item", item);
    return json;
}

static void json_of_top(const struct view *v, const char *file, const struct knx_keyring *keyring)
{
    struct bas_json *json = json_item(v, "keyring");
    bas_json_text(json, "file", file);
    bas_json_text(json, "project", keyring->project);
    bas_json_text(json, "created", keyring->created);
    bas_json_text(json, "created_by", keyring->created_by);
    bas_json_bool(json, "verified", keyring->is_verified);
    out_end(v->out);
    for (size_t i = 0; i < keyring->n_backbones; i++) {
        const struct knx_keyring_backbone *backbone = &keyring->backbones[i];
        char address[CELL];
        format_multicast(backbone, address);
        json = json_item(v, "backbone");
        bas_json_text(json, "multicast", address);
        bas_json_unsigned(json, "latency_ms", backbone->latency_ms);
        json_key(v, json, "key", backbone->has_key, &backbone->key);
        out_end(v->out);
    }
}

static void json_of_links(struct bas_json *json, const struct knx_keyring_interface *interface)
{
    bas_json_open(json, "groups", '[');
    for (size_t i = 0; i < interface->n_groups; i++) {
        char text[KNX_ADDRESS_TEXT];
        bas_json_open(json, NULL, '{');
        bas_json_text(json, "group", knx_ga_text(interface->groups[i].group, text));
        bas_json_open(json, "senders", '[');
        for (size_t k = 0; k < interface->groups[i].n_senders; k++) {
            json_ia(json, NULL, interface->groups[i].senders[k]);
        }
        bas_json_close(json, ']');
        bas_json_close(json, '}');
    }
    bas_json_close(json, ']');
}

static void json_of_interfaces(const struct view *v, const struct knx_keyring *keyring)
{
    for (size_t i = 0; i < keyring->n_interfaces; i++) {
        const struct knx_keyring_interface *interface = &keyring->interfaces[i];
        struct bas_json *json = json_item(v, "interface");
        json_ia(json, "address", interface->address);
        bas_json_text(json, "type", type_names[interface->type]);
        if (interface->host != 0) {
            json_ia(json, "host", interface->host);
        }
        if (interface->user != 0) {
            bas_json_unsigned(json, "user", interface->user);
        }
        json_password(v, json, "password", &interface->password);
        json_password(v, json, "authentication", &interface->authentication);
        json_of_links(json, interface);
        out_end(v->out);
    }
}

static void json_of_groups(const struct view *v, const struct knx_keyring *keyring)
{
    for (size_t i = 0; i < keyring->n_groups; i++) {
        char text[KNX_ADDRESS_TEXT];
        struct bas_json *json = json_item(v, "group");
        bas_json_text(json, "group", knx_ga_text(keyring->groups[i].group, text));
        bas_json_unsigned(json, "interfaces", count_links(keyring, keyring->groups[i].group));
        json_key(v, json, "key", true, &keyring->groups[i].key);
        out_end(v->out);
    }
}

static void json_of_devices(const struct view *v, const struct knx_keyring *keyring)
{
    for (size_t i = 0; i < keyring->n_devices; i++) {
        const struct knx_keyring_device *device = &keyring->devices[i];
        struct bas_json *json = json_item(v, "device");
        json_ia(json, "address", device->address);
        bas_json_unsigned(json, "sequence", device->sequence);
        if (device->has_serial) {
            bas_json_hex(json, "serial",
                         (struct bas_slice){ device->serial, sizeof(device->serial) });
        }
        json_key(v, json, "tool_key", device->has_tool_key, &device->tool_key);
        json_key(v, json, "fdsk", device->has_fdsk, &device->fdsk);
        json_password(v, json, "management", &device->management);
        json_password(v, json, "authentication", &device->authentication);
        out_end(v->out);
    }
}

void keyring_info(struct out *out, const char *file, const struct knx_keyring *keyring, bool reveal)
{
    const struct view v = { out, reveal };
    if (out->json) {
        json_of_top(&v, file, keyring);
        json_of_interfaces(&v, keyring);
        json_of_groups(&v, keyring);
        json_of_devices(&v, keyring);
    } else {
        text_of_top(&v, file, keyring);
        text_of_interfaces(&v, keyring);
        text_of_groups(&v, keyring);
        text_of_devices(&v, keyring);
    }
}
