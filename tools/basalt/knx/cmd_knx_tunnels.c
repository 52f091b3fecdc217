/* Owns `basalt knx tunnels`: which tunnels of a KNXnet/IP server are free, and whose they are. */
#include "inquire.h"
#include "keyring_file.h"
#include "verbs.h"

struct tunnels_options {
    struct inquire_options inquire;
    const char *keyring;
    struct secret_options secret;
};

static const struct option_row rows[] = {
    { OPTION(struct tunnels_options, "keyring", PATH, keyring, 1, 4095, NULL,
             "keyring that tells whose tunnel it is", false, NULL),
      0,
      "FILE",
      { NULL } },
    SECRET_ROWS(struct tunnels_options, "keyring", secret, "the keyring's password"),
    INQUIRE_OPTIONS(struct tunnels_options),
};

const struct verb_options knx_tunnels_options = {
    .arguments = "HOST[:PORT]",
    .min_arguments = 1,
    .max_arguments = 1,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct tunnels_options),
    .examples = "  basalt knx tunnels 192.0.2.7\n"
                "  basalt knx tunnels 192.0.2.7 --keyring house.knxkeys --keyring-pwd-file pwd\n"
                "\n"
                "Usable means that the bus behind it is there. With a keyring each tunnel is told\n"
                "with its user, 0 for one without KNX IP Secure, and tunnels that the keyring\n"
                "does not have are told as unknown to it.",
};

static const char *user_text(const struct knx_keyring *keyring, knx_ia address, char text[16])
{
    const struct knx_keyring_interface *interface = knx_keyring_find_interface(keyring, address);
    struct bas_buf out;
    bas_buf_init(&out, text, 16);
    if (interface == NULL) {
        return "unknown";
    }
    bas_buf_format(&out, "%u", interface->user);
    return bas_buf_text(&out);
}

static void tell_text(struct out *out, const struct gateway_tunnel *tunnel,
                      const struct knx_keyring *keyring)
{
    char address[KNX_ADDRESS_TEXT];
    char user[16];
    bool has_users = keyring != NULL;
    out_line(out, "%-9s  %-6s  %-*s%s", knx_ia_text(tunnel->address, address),
             tunnel->is_free ? "free" : "in use", has_users ? 8 : 0,
             tunnel->is_usable ? "yes" : "no",
             has_users ? user_text(keyring, tunnel->address, user) : "");
}

static void tell_json(struct out *out, const struct gateway_tunnel *tunnel,
                      const struct knx_keyring *keyring)
{
    char address[KNX_ADDRESS_TEXT];
    const struct knx_keyring_interface *interface =
        keyring != NULL ? knx_keyring_find_interface(keyring, tunnel->address) : NULL;
    struct bas_json *json = out_begin(out);
    bas_json_text(json, "address", knx_ia_text(tunnel->address, address));
    bas_json_bool(json, "is_free", tunnel->is_free);
    bas_json_bool(json, "is_usable", tunnel->is_usable);
    bas_json_bool(json, "is_authorised", tunnel->is_authorised);
    if (keyring != NULL) {
        bas_json_bool(json, "is_in_keyring", interface != NULL);
    }
    if (interface != NULL) {
        bas_json_unsigned(json, "user", interface->user);
    }
    out_end(out);
}

/* Why there is nothing to tell, and what can be done about it. */
static int refuse(struct tool *tool, const struct gateway *gateway)
{
    char address[GATEWAY_ADDRESS];
    struct bas_fault fault = { 0 };
    (void)bas_fail(&fault, BAS_ERR_UNSUPPORTED, "%s does not tell which tunnels it has: %s",
                   gateway_address(gateway, address),
                   gateway->is_extended
                       ? "its answer has no tunnelling information"
                       : "it answers no extended search (KNXnet/IP core 2); basalt knx describe "
                         "shows its addresses");
    return out_fail(&tool->out, tool->verb->name, &fault);
}

static int tell(struct tool *tool, const struct gateway *gateway, const struct knx_keyring *keyring)
{
    struct out *out = &tool->out;
    struct bas_slice slots;
    struct gateway_tunnel tunnel;
    if (!gateway_tunnels(gateway, &slots)) {
        return refuse(tool, gateway);
    }
    if (!out->json) {
        out_line(out, "%-9s  %-6s  %s%s", "tunnel", "state", "usable",
                 keyring != NULL ? "  user" : "");
    }
    while (gateway_next_tunnel(&slots, &tunnel)) {
        (out->json ? tell_json : tell_text)(out, &tunnel, keyring);
    }
    return 0;
}

/* False: the fault was told. */
static bool load(struct tool *tool, const struct tunnels_options *options,
                 struct knx_keyring **keyring, int *status)
{
    struct secret secret;
    struct bas_fault fault = { 0 };
    if (options->keyring == NULL) {
        return true;
    }
    bas_err err = secret_read(tool, &secret_keyring, &options->secret, &secret, &fault);
    if (err == BAS_OK) {
        err = keyring_file_read(tool, options->keyring, &secret, false, keyring, &fault);
    }
    bas_wipe(&secret, sizeof(secret));
    *status = err == BAS_OK ? 0 : out_fail(&tool->out, tool->verb->name, &fault);
    return err == BAS_OK;
}

int cmd_knx_tunnels(struct tool *tool, int argc, char **argv)
{
    struct tunnels_options options;
    struct arguments arguments;
    struct inquired inquired = { 0 };
    struct knx_keyring *keyring = NULL;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (load(tool, &options, &keyring, &status) &&
        inquire_one(tool, &options.inquire, arguments.items[0], &inquired, &status)) {
        status = tell(tool, &inquired.gateways[0], keyring);
    }
    inquire_free(tool, &inquired);
    knx_keyring_free(keyring);
    return status;
}
