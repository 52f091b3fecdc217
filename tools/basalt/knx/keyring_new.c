/* Owns the making of a keyring for a lab: random keys and passwords for a host with tunnels, the
 * devices that send to its groups, all of which accept each other. */
#define _POSIX_C_SOURCE 200809L /* gmtime_r */
#include "keyring_verb.h"

#include "basalt/rt.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FIRST_USER = 2, /* 1 is management */
    MAX_TUNNELS = 126,
    DEFAULT_TUNNELS = 8,
    MAX_GROUPS = 65535,
    MAX_SENDERS = 1024,
    PASSWORD_LEN = 16, /* of 62 characters: 95 bits; ETS takes up to 20 */
    LATENCY_MS = 2000
};

struct plan {
    struct tool *tool;
    const struct keyring_options *options;
    struct knx_keyring_interface tunnels[MAX_TUNNELS];
    size_t n_tunnels;
    struct knx_group_key groups[MAX_GROUPS];
    size_t n_groups;
    struct knx_keyring_device devices[1 + MAX_SENDERS]; /* the host, then the senders */
    size_t n_devices;
    knx_ia senders[MAX_TUNNELS][MAX_SENDERS + MAX_TUNNELS]; /* of each tunnel */
    struct knx_keyring_group *links;                        /* of all tunnels, in turn */
    size_t n_links;
};

/* Random values */

static void make_key(struct tool *tool, struct knx_key *key)
{
    tool->env.random(tool->env.ctx, key->octets, sizeof(key->octets));
}

static void make_password(struct tool *tool, struct knx_password *password)
{
    static const char characters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    enum { N = sizeof(characters) - 1 };
    *password = (struct knx_password){ .is_set = true };
    while (password->len < PASSWORD_LEN) {
        uint8_t octet = 0;
        tool->env.random(tool->env.ctx, &octet, 1);
        if (octet < 256 / N * N) { /* so that all are as likely */
            password->octets[password->len++] = (uint8_t)characters[octet % N];
        }
    }
}

/* Lists of the command line */

/* One address of text, which may end in a range's other half. */
typedef bool (*address_parser)(const char *text, uint16_t *address);

/* "FIRST" or "FIRST-LAST". */
static bool range_parse(const char *text, size_t len, address_parser parse, uint16_t *first,
                        uint16_t *last)
{
    char copy[2 * KNX_ADDRESS_TEXT + 2];
    if (len >= sizeof(copy)) {
        return false;
    }
    (void)snprintf(copy, sizeof(copy), "%.*s", (int)len, text);
    char *dash = strchr(copy, '-');
    if (dash != NULL) {
        *dash = 0;
    }
    if (!parse(copy, first)) {
        return false;
    }
    *last = *first;
    return dash == NULL || (parse(dash + 1, last) && *last >= *first);
}

/* Calls add for each address of a list with commas. False: that is not one, *what was told. */
static int each_address(struct plan *p, const char *option, const struct bas_texts *texts,
                        address_parser parse, bool (*add)(struct plan *p, uint16_t address))
{
    for (size_t i = 0; i < texts->n; i++) {
        const char *at = texts->items[i];
        for (;; at++) {
            size_t len = strcspn(at, ",");
            uint16_t first = 0;
            uint16_t last = 0;
            if (!range_parse(at, len, parse, &first, &last)) {
                return out_usage(&p->tool->out, "knx keyring",
                                 "%s: \"%.*s\" is not an address or FIRST-LAST; give a list with "
                                 "commas",
                                 option, (int)(len < 40 ? len : 40), at);
            }
            for (uint32_t address = first; address <= last; address++) {
                if (!add(p, (uint16_t)address)) {
                    return out_usage(&p->tool->out, "knx keyring", "%s: there are too many",
                                     option);
                }
            }
            at += len;
            if (*at == 0) {
                break;
            }
        }
    }
    return 0;
}

static bool add_group(struct plan *p, uint16_t group)
{
    for (size_t i = 0; i < p->n_groups; i++) {
        if (p->groups[i].group == group) {
            return true;
        }
    }
    if (p->n_groups == MAX_GROUPS) {
        return false;
    }
    p->groups[p->n_groups].group = group;
    make_key(p->tool, &p->groups[p->n_groups].key);
    p->n_groups++;
    return true;
}

static bool is_ours(const struct plan *p, knx_ia address)
{
    for (size_t i = 0; i < p->n_tunnels; i++) {
        if (p->tunnels[i].address == address) {
            return true;
        }
    }
    for (size_t i = 0; i < p->n_devices; i++) {
        if (p->devices[i].address == address) {
            return true;
        }
    }
    return false;
}

/* A device with a tool key; the host is the first of them. */
static bool add_device(struct plan *p, uint16_t address)
{
    if (is_ours(p, address)) {
        return true;
    }
    if (p->n_devices == MAX_SENDERS + 1) {
        return false;
    }
    struct knx_keyring_device *device = &p->devices[p->n_devices++];
    device->address = address;
    device->has_tool_key = true;
    device->sequence = 1;
    make_key(p->tool, &device->tool_key);
    return true;
}

/* Tunnels */

static int fail_tunnels(struct plan *p)
{
    return out_usage(&p->tool->out, "knx keyring",
                     "--tunnels: give FIRST-LAST, or a number from 1 to %d that fits behind the "
                     "host in its line, without the host itself",
                     (int)MAX_TUNNELS);
}

static int take_tunnels(struct plan *p)
{
    const char *text = p->options->tunnels;
    char *end = NULL;
    uint16_t first = (uint16_t)(p->options->host + 1);
    uint16_t last = (uint16_t)(p->options->host + DEFAULT_TUNNELS);
    unsigned long n = text == NULL ? DEFAULT_TUNNELS : strtoul(text, &end, 10);
    if (text != NULL && *end != 0) {
        if (!range_parse(text, strlen(text), knx_ia_parse, &first, &last)) {
            return fail_tunnels(p);
        }
        n = (unsigned long)(last - first) + 1;
    } else if (n >= 1 && n <= MAX_TUNNELS) {
        last = (uint16_t)(first + n - 1);
    }
    if (n < 1 || n > MAX_TUNNELS || first >> 8U != last >> 8U ||
        (p->options->host >= first && p->options->host <= last)) {
        return fail_tunnels(p);
    }
    for (p->n_tunnels = 0; p->n_tunnels < n; p->n_tunnels++) {
        struct knx_keyring_interface *tunnel = &p->tunnels[p->n_tunnels];
        tunnel->address = (knx_ia)(first + p->n_tunnels);
        tunnel->host = p->options->host;
        tunnel->user = (uint8_t)(FIRST_USER + p->n_tunnels);
        make_password(p->tool, &tunnel->password);
    }
    return 0;
}

/* Every tunnel accepts all senders and all other tunnels, in every group. */
static void link_all(struct plan *p)
{
    size_t n_senders = p->n_devices - 1 + p->n_tunnels - 1;
    for (size_t i = 0; i < p->n_tunnels; i++) {
        knx_ia *senders = p->senders[i];
        struct knx_keyring_group *links = p->links + i * p->n_groups;
        size_t at = 0;
        for (size_t k = 1; k < p->n_devices; k++) {
            senders[at++] = p->devices[k].address;
        }
        for (size_t k = 0; k < p->n_tunnels; k++) {
            if (k != i) {
                senders[at++] = p->tunnels[k].address;
            }
        }
        for (size_t k = 0; k < p->n_groups; k++) {
            links[k] = (struct knx_keyring_group){ p->groups[k].group, senders, n_senders };
        }
        p->tunnels[i].authentication = p->devices[0].authentication;
        p->tunnels[i].groups = links;
        p->tunnels[i].n_groups = p->n_groups;
    }
}

/* The whole */

static int write_plan(struct plan *p, const char *path)
{
    char created[24];
    struct knx_keyring_backbone backbone = { { 224, 0, 23, 12 }, LATENCY_MS, true, { { 0 } } };
    struct secret secret;
    struct bas_fault fault = { 0 };
    time_t now = (time_t)(p->tool->env.wall(p->tool->env.ctx) / BAS_SECOND);
    struct tm tm = { 0 };
    (void)gmtime_r(&now, &tm);
    (void)strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%S", &tm);
    make_key(p->tool, &backbone.key);
    const struct knx_keyring keyring = { .project = p->options->project,
                                         .created_by = "basalt " BASALT_VERSION,
                                         .created = created,
                                         .backbones = &backbone,
                                         .n_backbones = 1,
                                         .interfaces = p->tunnels,
                                         .n_interfaces = p->n_tunnels,
                                         .devices = p->devices,
                                         .n_devices = p->n_devices,
                                         .groups = p->groups,
                                         .n_groups = p->n_groups };
    bas_err err = secret_read(p->tool, &secret_keyring, &p->options->keyring, &secret, &fault);
    if (err == BAS_OK && secret.len == 0) {
        err = bas_fail(&fault, BAS_ERR_INVALID, "a keyring needs a password that is not empty");
    }
    err = err == BAS_OK ? keyring_file_write(p->tool, path, &secret, &keyring, &fault) : err;
    bas_wipe(&secret, sizeof(secret));
    bas_wipe(&backbone, sizeof(backbone));
    return err == BAS_OK ? 0 : out_fail(&p->tool->out, "knx keyring", &fault);
}

static void tell(const struct plan *p, const char *path)
{
    struct out *out = &p->tool->out;
    char texts[3][KNX_ADDRESS_TEXT];
    const char *host = knx_ia_text(p->options->host, texts[0]);
    const char *first = knx_ia_text(p->tunnels[0].address, texts[1]);
    const char *last = knx_ia_text(p->tunnels[p->n_tunnels - 1].address, texts[2]);
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_text(json, "file", path);
        bas_json_text(json, "host", host);
        bas_json_text(json, "first_tunnel", first);
        bas_json_text(json, "last_tunnel", last);
        bas_json_unsigned(json, "tunnels", p->n_tunnels);
        bas_json_unsigned(json, "groups", p->n_groups);
        bas_json_unsigned(json, "devices", p->n_devices);
        out_end(out);
    } else {
        out_line(out, "%s: host %s, tunnels %s to %s (%zu), %zu secured groups, %zu devices", path,
                 host, first, last, p->n_tunnels, p->n_groups, p->n_devices);
    }
}

static int take_links(struct plan *p)
{
    size_t n = p->n_tunnels * p->n_groups;
    size_t n_senders = p->n_devices - 1 + p->n_tunnels - 1;
    if (n > KNX_KEYRING_MAX_LINKS || n * n_senders > KNX_KEYRING_MAX_SENDERS) {
        return out_usage(&p->tool->out, "knx keyring",
                         "--groups: %zu for %zu tunnels with %zu senders each are more than a "
                         "keyring holds; make several",
                         p->n_groups, p->n_tunnels, n_senders);
    }
    p->n_links = n;
    p->links = bas_alloc(&p->tool->env, p->n_links * sizeof(*p->links));
    if (p->n_links != 0 && p->links == NULL) {
        const struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY };
        return out_fail(&p->tool->out, "knx keyring", &fault);
    }
    return 0;
}

static int make(struct plan *p, const char *path)
{
    (void)add_device(p, p->options->host);
    make_password(p->tool, &p->devices[0].management);
    make_password(p->tool, &p->devices[0].authentication);
    int status = take_tunnels(p);
    if (status == 0) {
        status = each_address(p, "--groups", &p->options->groups, knx_ga_parse, add_group);
    }
    if (status == 0) {
        status = each_address(p, "--senders", &p->options->senders, knx_ia_parse, add_device);
    }
    status = status == 0 ? take_links(p) : status;
    if (status != 0) {
        return status;
    }
    link_all(p);
    status = write_plan(p, path);
    if (status == 0) {
        tell(p, path);
    }
    return status;
}

int keyring_new(struct tool *tool, const struct keyring_options *options, const char *path)
{
    if (options->project == NULL || options->host == 0) {
        return out_usage(&tool->out, "knx keyring", "new needs --%s; see basalt knx keyring --help",
                         options->project == NULL ? "project" : "host");
    }
    struct plan *p = bas_alloc(&tool->env, sizeof(*p));
    if (p == NULL) {
        const struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY };
        return out_fail(&tool->out, "knx keyring", &fault);
    }
    p->tool = tool;
    p->options = options;
    int status = make(p, path);
    bas_release(&tool->env, p->links, p->n_links * sizeof(*p->links));
    bas_wipe(p, sizeof(*p));
    bas_release(&tool->env, p, sizeof(*p));
    return status;
}
