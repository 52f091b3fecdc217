/* Owns VMACs and device UUIDs: comparison, random ones (H.7.3, RFC 4122), text. */
#include "sc/vmac.h"

bool bsc_vmac_is_broadcast(const struct bsc_vmac *vmac)
{
    return bsc_vmac_number(vmac) == BSC_VMAC_NUMBER_BROADCAST;
}

/* bsc 8.1-02 */
bool bsc_vmac_is_reserved(const struct bsc_vmac *vmac)
{
    uint64_t number = bsc_vmac_number(vmac);
    return number == 0 || number == BSC_VMAC_NUMBER_BROADCAST;
}

bool bsc_vmac_equal(const struct bsc_vmac *a, const struct bsc_vmac *b)
{
    return bsc_vmac_number(a) == bsc_vmac_number(b);
}

bool bsc_uuid_equal(const struct bsc_uuid *a, const struct bsc_uuid *b)
{
    return memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

/* bsc 8.1-01 11-21 */
struct bsc_vmac bsc_vmac_random(const struct bas_env *env)
{
    struct bsc_vmac vmac = { { 0 } };
    env->random(env->ctx, vmac.octets, sizeof(vmac.octets));
    vmac.octets[0] = (uint8_t)((vmac.octets[0] & 0xF0) | 0x02);
    return vmac;
}

struct bsc_uuid bsc_uuid_random(const struct bas_env *env)
{
    struct bsc_uuid uuid = { { 0 } };
    env->random(env->ctx, uuid.octets, sizeof(uuid.octets));
    uuid.octets[6] = (uint8_t)((uuid.octets[6] & 0x0F) | 0x40);
    uuid.octets[8] = (uint8_t)((uuid.octets[8] & 0x3F) | 0x80);
    return uuid;
}

/* One hex digit, or -1. */
static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Reads the two digits at *text and steps over them. */
static bool octet_parse(const char **text, uint8_t *octet)
{
    int high = digit((*text)[0]);
    int low = high < 0 ? -1 : digit((*text)[1]);
    if (low < 0) {
        return false;
    }
    *octet = (uint8_t)(high << 4 | low);
    *text += 2;
    return true;
}

bas_err bsc_vmac_parse(const char *text, struct bsc_vmac *vmac)
{
    struct bsc_vmac read = { { 0 } };
    const char separator = text[0] != 0 && text[1] != 0 ? text[2] : 0;
    bool separated = separator == ':' || separator == '-';
    for (size_t i = 0; i < sizeof(read.octets); i++) {
        if (i != 0 && separated && *text++ != separator) {
            return BAS_ERR_MALFORMED;
        }
        if (!octet_parse(&text, &read.octets[i])) {
            return BAS_ERR_MALFORMED;
        }
    }
    if (*text != 0) {
        return BAS_ERR_MALFORMED;
    }
    *vmac = read;
    return BAS_OK;
}

/* The octets of a UUID that have a '-' in front (RFC 4122). */
static bool uuid_group_starts(size_t i)
{
    return i == 4 || i == 6 || i == 8 || i == 10;
}

/* bsc 8.2-02 */
bas_err bsc_uuid_parse(const char *text, struct bsc_uuid *uuid)
{
    struct bsc_uuid read = { { 0 } };
    bool grouped = strchr(text, '-') != NULL;
    for (size_t i = 0; i < sizeof(read.octets); i++) {
        if (grouped && uuid_group_starts(i) && *text++ != '-') {
            return BAS_ERR_MALFORMED;
        }
        if (!octet_parse(&text, &read.octets[i])) {
            return BAS_ERR_MALFORMED;
        }
    }
    if (*text != 0) {
        return BAS_ERR_MALFORMED;
    }
    *uuid = read;
    return BAS_OK;
}

const char *bsc_vmac_text(const struct bsc_vmac *vmac, char text[BSC_VMAC_TEXT])
{
    struct bas_buf buf;
    bas_buf_init(&buf, text, BSC_VMAC_TEXT);
    for (size_t i = 0; i < sizeof(vmac->octets); i++) {
        bas_buf_add_text(&buf, i != 0 ? ":" : "");
        bas_buf_add_hex(&buf, (struct bas_slice){ &vmac->octets[i], 1 });
    }
    return bas_buf_text(&buf);
}

/* bsc 8.2-02 */
const char *bsc_uuid_text(const struct bsc_uuid *uuid, char text[BSC_UUID_TEXT])
{
    struct bas_buf buf;
    bas_buf_init(&buf, text, BSC_UUID_TEXT);
    for (size_t i = 0; i < sizeof(uuid->octets); i++) {
        bas_buf_add_text(&buf, uuid_group_starts(i) ? "-" : "");
        bas_buf_add_hex(&buf, (struct bas_slice){ &uuid->octets[i], 1 });
    }
    return bas_buf_text(&buf);
}
