/* Owns what the section knx-server and its group objects allow. */
#include "rt/config.h"

#include <string.h>

enum bas_knx_secure bas_knx_server_secure(const struct bas_knx_server_settings *settings)
{
    if (settings->secure_word != UINT16_MAX) {
        return (enum bas_knx_secure)settings->secure_word;
    }
    return settings->keyring != NULL ? BAS_KNX_SECURE_REQUIRED : BAS_KNX_SECURE_OFF;
}

static bool wrong(const char **key, const char *name, struct bas_buf *why, const char *text)
{
    *key = name;
    bas_buf_add_text(why, text);
    return false;
}

/* Secure or not: where tunnels, users and keys come from. */
static bool check_keyring(const struct bas_knx_server_settings *knx, const char **key,
                          struct bas_buf *why)
{
    if (knx->keyring != NULL && knx->keyring_password_file == NULL) {
        return wrong(key, "keyring-password-file", why,
                     "is missing; a file with the password of the keyring");
    }
    if (knx->keyring != NULL && knx->tunnels.n != 0) {
        return wrong(key, "tunnels", why,
                     "the tunnels stand in the keyring; leave tunnels or keyring out");
    }
    if (knx->keyring == NULL && knx->tunnels.n == 0) {
        return wrong(key, "tunnels", why,
                     "are missing; a list of AREA.LINE.DEVICE, or a keyring with tunnels");
    }
    if (knx->keyring == NULL && bas_knx_server_secure(knx) != BAS_KNX_SECURE_OFF) {
        return wrong(key, "secure", why, "needs the keys of a keyring; give keyring, or off");
    }
    return true;
}

bool bas_config_check_knx_server(const struct bas_config *config, const char **key,
                                 struct bas_buf *why)
{
    const struct bas_knx_server_settings *knx = &config->knx_server;
    if (knx->upstream != NULL && knx->n_objects != 0) {
        return wrong(key, "upstream", why,
                     "the bus is upstream or a virtual line; leave upstream or objects out");
    }
    return check_keyring(knx, key, why);
}

bool bas_config_check_group_object(const struct bas_config *config, const char **key,
                                   struct bas_buf *why)
{
    const struct bas_knx_server_settings *knx = &config->knx_server;
    const struct bas_group_object_settings *object = &knx->objects[knx->n_objects - 1];
    for (const struct bas_group_object_settings *other = knx->objects; other < object; other++) {
        if (other->group == object->group && other->device == object->device) {
            *key = "group";
            bas_buf_format(why, "this device has an object with it in line %u; one for each group",
                           (unsigned)other->line);
            return false;
        }
    }
    return true;
}
