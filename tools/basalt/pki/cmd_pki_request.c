/* Owns `basalt pki request`: a key that stays where it is made, and the request for its
 * certificate. */
#include "pki_verb.h"

struct request_options {
    struct common_options common;
    struct bas_texts san;
    struct bsc_uuid uuid;
    const char *key;
    struct secret_options key_password;
};

static const struct option_row rows[] = {
    PKI_ROW(struct request_options, "san", TEXTS, san, 1, BAS_PKI_NAMES - 1, "NAME",
            "dns:NAME or ip:ADDRESS, may be repeated"),
    PKI_ROW(struct request_options, "uuid", UUID, uuid, 1, 0, "UUID",
            "the device's UUID (a new one)"),
    PKI_ROW(struct request_options, "key", PATH, key, 1, 4095, "FILE",
            "use this key, and make none"),
    PKI_PASSWORD_ROWS(struct request_options, "key-", key_password, "the password of the key"),
};

const struct verb_options pki_request_options = {
    .arguments = "DIR NAME",
    .min_arguments = 2,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct request_options),
    .examples = "  basalt pki request . ahu-1 --san dns:ahu-1.example    ahu-1.key, ahu-1.csr\n"
                "  basalt pki request . ahu-1 --key ahu-1.key --uuid UUID\n"
                "\n"
                "Run it on the machine of the device: the key stays there, the request goes to\n"
                "the authority, which signs it (basalt pki sign). A password encrypts the new\n"
                "key, or opens the one that --key names. No file is ever replaced.",
};

static int tell(struct tool *tool, const struct bas_pki_csr *made)
{
    if (tool->out.json) {
        struct bas_json *json = out_begin(&tool->out);
        bas_json_text(json, "request_file", made->request_file);
        bas_json_text(json, "key_file", made->key_file);
        pki_wanted_members(&made->wanted, json);
        out_end(&tool->out);
        return 0;
    }
    char uuid[BSC_UUID_TEXT];
    out_line(&tool->out, "%s for the key %s: %s, UUID %s", made->request_file, made->key_file,
             made->wanted.subject, pki_uuid_text(&made->wanted, uuid));
    return 0;
}

int cmd_pki_request(struct tool *tool, int argc, char **argv)
{
    struct request_options options;
    struct arguments arguments;
    struct pki_password password;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status) ||
        !pki_password_read(tool, &pki_key_secret, &options.key_password, &password, &status)) {
        return status;
    }
    const struct bas_pki_csr_request request = {
        .size = sizeof(request),
        .directory = arguments.items[0],
        .name = arguments.items[1],
        .names = options.san.items,
        .n_names = options.san.n,
        .uuid = pki_has_uuid(&options.uuid) ? options.uuid.octets : NULL,
        .key_file = options.key,
        .key_password = pki_password_text(&password),
    };
    struct bas_pki_csr made;
    struct bas_fault fault = { 0 };
    bas_err err = bas_pki_request(&tool->env, &request, &made, &fault);
    bas_wipe(&password, sizeof(password));
    return err == BAS_OK ? tell(tool, &made) : pki_fail(tool, &fault);
}
