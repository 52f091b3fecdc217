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

/* The type and the value that it has at the start. */
static bool check_value(const struct bas_group_object_settings *object, const char **key,
                        struct bas_buf *why)
{
    const struct knx_dpt *dpt = knx_dpt_find(object->dpt);
    struct bas_fault fault = { 0 };
    uint8_t octets[KNX_DPT_MAX_SIZE];
    struct bas_buf out;
    if (dpt == NULL) {
        *key = "dpt";
        bas_setting_quote(why, object->dpt);
        bas_buf_add_text(why, " is not a datapoint type; a number such as 1.001 or 9.001");
        return false;
    }
    bas_buf_init(&out, octets, sizeof(octets));
    if (object->value != NULL && (knx_dpt_parse(dpt, object->value, &out, &fault) != BAS_OK)) {
        return wrong(key, "value", why, fault.text);
    }
    if (out.full || out.len > KNX_LINE_VALUE) {
        return wrong(key, "value", why, "is longer than a telegram; a shorter one");
    }
    return true;
}

/* What all objects of a group, and those of a device, must agree on. */
static bool check_other(const struct bas_group_object_settings *object,
                        const struct bas_group_object_settings *other, const char **key,
                        struct bas_buf *why)
{
    if (other->group != object->group) {
        return true;
    }
    if (other->device == object->device) {
        *key = "group";
        bas_buf_format(why, "this device has an object with it in line %u; one for each group",
                       (unsigned)other->line);
        return false;
    }
    if (knx_dpt_find(other->dpt)->size != knx_dpt_find(object->dpt)->size) {
        *key = "dpt";
        bas_buf_format(why, "has another size than that of the same group in line %u; one size",
                       (unsigned)other->line);
        return false;
    }
    return true;
}

bool bas_config_check_group_object(const struct bas_config *config, const char **key,
                                   struct bas_buf *why)
{
    const struct bas_knx_server_settings *knx = &config->knx_server;
    const struct bas_group_object_settings *object = &knx->objects[knx->n_objects - 1];
    bool good = check_value(object, key, why);
    for (const struct bas_group_object_settings *other = knx->objects; good && other < object;
         other++) {
        good = check_other(object, other, key, why);
    }
    return good;
}
