/* Owns `basalt whois`: who is on the network. */
#include "session.h"
#include "verbs.h"

#include "base/map.h"

#include <string.h>

enum { MAX_DEVICES = 65536 }; /* what is told; more than any network has */

const struct verb_options whois_options = {
    .arguments = "[LOW [HIGH]]",
    .max_arguments = 2,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt whois                  everybody who answers within --timeout\n"
                "  basalt whois 1000 1999        instances from 1000 to 1999\n"
                "  basalt whois 1234             one; ends as soon as it has answered\n",
};

struct whois {
    struct bac_who_is limits;
    struct bas_map instances; /* that were heard */
    struct bas_map peers;     /* instance and address together */
    size_t n;                 /* instances so far */
};

static bool is_complete(const struct whois *w)
{
    return w->limits.has_low && w->n == w->limits.high - w->limits.low + 1;
}

static struct bas_map_key instance_key(uint32_t instance)
{
    uint8_t octets[sizeof(instance)];
    memcpy(octets, &instance, sizeof(instance));
    return bas_map_key(octets, sizeof(octets));
}

/* The last octets of a long address are the ones that differ. */
static struct bas_map_key peer_key(const struct session_peer *peer)
{
    uint8_t octets[16] = { 0 };
    const struct bac_address *a = peer->address;
    size_t len = a->mac_len < 10 ? a->mac_len : 10;
    memcpy(octets, &peer->i_am->device.instance, 4);
    memcpy(octets + 4, &a->network, 2);
    memcpy(octets + 6, a->mac + a->mac_len - len, len);
    return bas_map_key(octets, sizeof(octets));
}

/* True: not heard before. */
static bool remember(struct session *s, const struct session_peer *peer)
{
    struct whois *w = s->user;
    uint32_t ignored = 0;
    struct bas_map_key key = peer_key(peer);
    struct bas_map_key instance = instance_key(peer->i_am->device.instance);
    if (w->peers.count == MAX_DEVICES || bas_map_get(&w->peers, key, &ignored)) {
        return false;
    }
    bas_map_set(&w->peers, key, 1);
    if (bas_map_get(&w->instances, instance, &ignored)) {
        bas_log(&s->tool->env, BAS_LOG_WARNING,
                "instance %u is used by more than one device; give each its own",
                (unsigned)peer->i_am->device.instance);
    } else {
        bas_map_set(&w->instances, instance, 1);
        w->n++;
    }
    return true;
}

static void tell_json(struct out *out, const struct session_peer *peer)
{
    const struct bac_i_am *i_am = peer->i_am;
    const struct bac_address *a = peer->address;
    char text[SESSION_ADDRESS_TEXT];
    struct bas_json *json = out_begin(out);
    bas_json_unsigned(json, "instance", i_am->device.instance);
    if (a->network == 0) {
        bas_json_text(json, "vmac", session_address_text(a, text));
    } else {
        bas_json_unsigned(json, "network", a->network);
        bas_json_hex(json, "mac", (struct bas_slice){ a->mac, a->mac_len });
    }
    bas_json_unsigned(json, "max_apdu", i_am->max_apdu);
    bac_json(&bac_type_segmentation, &i_am->segmentation, json, "segmentation");
    bas_json_unsigned(json, "vendor", i_am->vendor);
    out_end(out);
}

static void tell_text(struct out *out, const struct session_peer *peer)
{
    const struct bac_i_am *i_am = peer->i_am;
    const char *segmentation = bac_enum_name(&bac_type_segmentation, i_am->segmentation);
    char text[SESSION_ADDRESS_TEXT];
    out_line(out, "%8u  %-17s  %8u  %-15s  %6u", (unsigned)i_am->device.instance,
             session_address_text(peer->address, text), (unsigned)i_am->max_apdu,
             segmentation != NULL ? segmentation : "unknown", (unsigned)i_am->vendor);
}

/* The table of bacwi. */
static void bac_head(struct out *out)
{
    out_line(out,
             ";%-7s  %-20s %-5s %-20s %-4s\n"
             ";-------- -------------------- ----- -------------------- ----",
             "Device", "MAC (hex)", "SNET", "SADR (hex)", "APDU");
}

static const char *bac_mac(const uint8_t *mac, size_t len, char text[64])
{
    struct bas_buf out;
    bas_buf_init(&out, text, 64);
    for (size_t i = 0; i < len; i++) {
        bas_buf_format(&out, "%s%02X", i == 0 ? "" : ":", mac[i]);
    }
    return bas_buf_text(&out);
}

static void bac_row(struct out *out, const struct session_peer *peer)
{
    static const uint8_t none[1] = { 0 };
    const struct bac_address *a = peer->address;
    char mac[64];
    char source[64];
    bool is_far = a->network != 0;
    out_line(out, "  %-7u %-20s %-5u %-20s %-4u ", (unsigned)peer->i_am->device.instance,
             is_far ? "" : bac_mac(a->mac, a->mac_len, mac), a->network,
             is_far ? bac_mac(a->mac, a->mac_len, source) : bac_mac(none, 1, source),
             (unsigned)peer->i_am->max_apdu);
}

static void finish(struct session *s)
{
    const struct whois *w = s->user;
    if (s->tool->is_bac && !s->tool->out.json) {
        out_line(&s->tool->out, ";\n; Total Devices: %zu", (size_t)w->peers.count);
    }
    session_end(s, 0);
}

static void heard(struct session *s, const struct session_peer *peer)
{
    struct whois *w = s->user;
    uint32_t instance = peer->i_am->device.instance;
    struct out *out = &s->tool->out;
    bool is_asked = !w->limits.has_low || (w->limits.low <= instance && instance <= w->limits.high);
    bool is_first = w->peers.count == 0;
    if (!is_asked || !remember(s, peer)) {
        return;
    }
    if (out->json) {
        tell_json(out, peer);
    } else if (s->tool->is_bac) {
        bac_row(out, peer);
    } else {
        if (is_first) {
            out_line(out, "%8s  %-17s  %8s  %-15s  %6s", "instance", "vmac", "max-apdu",
                     "segmentation", "vendor");
        }
        tell_text(out, peer);
    }
    if (is_complete(w)) {
        finish(s);
    }
}

static void waited(struct session *s)
{
    const struct whois *w = s->user;
    struct bas_fault fault = { 0 };
    if (w->n != 0 || s->tool->is_bac) {
        finish(s);
        return;
    }
    (void)bas_fail(&fault, BAS_ERR_TIMEOUT, "nobody answered in %.3g s; --timeout waits longer",
                   (double)s->options->timeout_ms / 1000);
    session_fail(s, &fault);
}

static void begin(struct session *s)
{
    const struct whois *w = s->user;
    if (s->tool->is_bac && !s->tool->out.json) {
        bac_head(&s->tool->out);
    }
    session_wait(s);
    session_who_is(s, &w->limits);
}

static bool read_limits(struct tool *tool, const struct arguments *arguments,
                        struct bac_who_is *limits)
{
    uint32_t low = 0;
    uint32_t high = 0;
    size_t n = arguments->n;
    if (n == 0) {
        return true;
    }
    if (!target_instance(tool, arguments->items[0], &low) ||
        !target_instance(tool, arguments->items[n - 1], &high)) {
        return false;
    }
    if (low > high) {
        (void)out_usage(&tool->out, "whois", "%u is above %u; give the lower one first",
                        (unsigned)low, (unsigned)high);
        return false;
    }
    *limits = (struct bac_who_is){ true, true, low, high };
    return true;
}

int cmd_whois(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    struct whois whois = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!read_limits(tool, &arguments, &whois.limits)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = {
        .begin = begin, .heard = heard, .waited = waited, .user = &whois
    };
    if (bas_map_init(&whois.instances, &tool->env, MAX_DEVICES) != BAS_OK ||
        bas_map_init(&whois.peers, &tool->env, MAX_DEVICES) != BAS_OK) {
        const struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY };
        return out_fail(&tool->out, "whois", &fault);
    }
    status = session_run(tool, &options, &task);
    bas_map_fini(&whois.instances, &tool->env);
    bas_map_fini(&whois.peers, &tool->env);
    return status;
}
