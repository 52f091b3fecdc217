/* Owns `basalt pki`: the table of the verbs of a site's certificate authority, each with its own
 * cmd_pki_<verb>.c. */
#include "verbs.h"

/* The verbs, a row each: name, another name, help, function, options, verbs inside. */
static const struct verb rows[] = {
    { "pki init", NULL, "make a site's authority", cmd_pki_init, &pki_init_options, NULL },
    { "pki issue", NULL, "give one device, or a list of them, a key and a certificate",
      cmd_pki_issue, &pki_issue_options, NULL },
    { "pki list", NULL, "list the certificates of a folder", cmd_pki_list, &pki_list_options,
      NULL },
    { "pki show", NULL, "tell what stands in a certificate or a request", cmd_pki_show,
      &pki_show_options, NULL },
    { "pki request", NULL, "make a key that stays here, and a request for its certificate",
      cmd_pki_request, &pki_request_options, NULL },
    { "pki sign", NULL, "check a request and sign it", cmd_pki_sign, &pki_sign_options, NULL },
    { "pki renew", NULL, "replace a certificate by a new one of the same device", cmd_pki_renew,
      &pki_renew_options, NULL },
    { "pki revoke", NULL, "take certificates back, and write the revocation list", cmd_pki_revoke,
      &pki_revoke_options, NULL },
    { "pki bundle", NULL, "put key, certificate and issuer into one file (PKCS #12)",
      cmd_pki_bundle, &pki_bundle_options, NULL },
    { "pki check", NULL, "tell what expires, is revoked or lies open; for cron", cmd_pki_check,
      &pki_check_options, NULL },
    { "pki rotate", NULL, "plan the change to another authority", cmd_pki_rotate,
      &pki_rotate_options, NULL },
};
const struct verbs pki_verbs = { rows, BAS_ARRAY_LEN(rows) };

const struct verb_options pki_options = {
    .arguments = "VERB [ARGUMENT...]",
    .min_arguments = 1,
    .max_arguments = 1, /* none comes here: the first one is a verb */
    .size = sizeof(struct common_options),
    .examples = "  basalt pki init site                         site/ca.pem, site/ca.key\n"
                "  basalt pki issue site hub --san dns:hub.example\n"
                "  basalt pki issue site --from devices.csv\n"
                "  basalt pki renew site hub\n"
                "  basalt pki check site\n"
                "\n"
                "basalt pki VERB --help tells each verb's options with examples.",
};
