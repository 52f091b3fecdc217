/* Owns DIBs and SRPs as blocks of length, type and data, and the device information (spec 1.3). */
#include "knx/block.h"

#include "wire/rd.h"
#include "wire/wr.h"

#include <string.h>

enum { BLOCK_HEAD = 2, BLOCK_MAX = 254, SRP_MANDATORY = 0x80, PROGRAMMING = 0x01 };
enum { DEVICE_INFO_LEN = 52 };

/* SRPs may have an odd length, DIBs must not. */
static bool block_take(struct bas_slice *list, bool is_dib, struct knx_block *block)
{
    struct rd r = rd_init(*list);
    size_t len = rd_u8(&r);
    uint8_t type = rd_u8(&r);
    if (r.err != BAS_OK || len < BLOCK_HEAD || (is_dib && len % 2 != 0)) {
        return false;
    }
    struct bas_slice data = rd_take(&r, len - BLOCK_HEAD);
    if (r.err != BAS_OK) {
        return false;
    }
    *list = rd_rest(&r);
    *block = (struct knx_block){ .type = type, .data = data };
    return true;
}

bool knx_dib_next(struct bas_slice *list, struct knx_block *block)
{
    return block_take(list, true, block);
}

bool knx_srp_next(struct bas_slice *list, struct knx_block *block)
{
    if (!block_take(list, false, block)) {
        return false;
    }
    block->is_mandatory = (block->type & SRP_MANDATORY) != 0;
    block->type &= (uint8_t)~SRP_MANDATORY;
    return true;
}

bool knx_dibs_fit(struct bas_slice list)
{
    struct knx_block block;
    while (knx_dib_next(&list, &block)) {
    }
    return list.len == 0;
}

bool knx_srps_fit(struct bas_slice list)
{
    struct knx_block block;
    while (knx_srp_next(&list, &block)) {
    }
    return list.len == 0;
}

void knx_block_encode(uint8_t type, struct bas_slice data, struct bas_buf *out)
{
    size_t pad = data.len % 2;
    if (data.len + pad + BLOCK_HEAD > BLOCK_MAX) {
        out->full = true;
        return;
    }
    wr_u8(out, (uint8_t)(data.len + pad + BLOCK_HEAD));
    wr_u8(out, type);
    wr_slice(out, data);
    if (pad != 0) {
        wr_u8(out, 0);
    }
}

bas_err knx_device_info_decode(struct bas_slice data, struct knx_device_info *info)
{
    *info = (struct knx_device_info){ 0 };
    if (data.len != DEVICE_INFO_LEN) {
        return data.len < DEVICE_INFO_LEN ? BAS_ERR_TRUNCATED : BAS_ERR_TOO_LONG;
    }
    struct rd r = rd_init(data);
    info->medium = rd_u8(&r);
    info->is_programming = (rd_u8(&r) & PROGRAMMING) != 0;
    info->address = rd_u16(&r);
    info->installation = rd_u16(&r);
    rd_copy(&r, info->serial, sizeof(info->serial));
    rd_copy(&r, info->multicast, sizeof(info->multicast));
    rd_copy(&r, info->mac, sizeof(info->mac));
    struct bas_slice name = rd_take(&r, KNX_NAME_LEN);
    memcpy(info->name, name.data, name.len);
    return BAS_OK;
}

void knx_device_info_encode(const struct knx_device_info *info, struct bas_buf *out)
{
    uint8_t memory[DEVICE_INFO_LEN];
    struct bas_buf data;
    bas_buf_init(&data, memory, sizeof(memory));
    wr_u8(&data, info->medium);
    wr_u8(&data, info->is_programming ? PROGRAMMING : 0);
    wr_u16(&data, info->address);
    wr_u16(&data, info->installation);
    bas_buf_add(&data, info->serial, sizeof(info->serial));
    bas_buf_add(&data, info->multicast, sizeof(info->multicast));
    bas_buf_add(&data, info->mac, sizeof(info->mac));
    bool is_inside = true;
    for (size_t i = 0; i < KNX_NAME_LEN; i++) {
        is_inside = is_inside && info->name[i] != '\0';
        wr_u8(&data, is_inside ? (uint8_t)info->name[i] : 0);
    }
    knx_block_encode(KNX_DIB_DEVICE_INFO, (struct bas_slice){ data.data, data.len }, out);
}

const char *knx_family_name(unsigned family)
{
    static const char *const names[] = {
        [KNX_FAMILY_CORE] = "core",
        [KNX_FAMILY_MANAGEMENT] = "device management",
        [KNX_FAMILY_TUNNELLING] = "tunnelling",
        [KNX_FAMILY_ROUTING] = "routing",
        [KNX_FAMILY_REMOTE_LOGGING] = "remote logging",
        [KNX_FAMILY_REMOTE_CONFIGURATION] = "remote configuration",
        [KNX_FAMILY_OBJECT_SERVER] = "object server",
        [KNX_FAMILY_SECURITY] = "security",
    };
    const char *name = family < BAS_ARRAY_LEN(names) ? names[family] : NULL;
    return name != NULL ? name : "unknown";
}
