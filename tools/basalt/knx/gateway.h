/*
 * What a KNXnet/IP server told of itself: the blocks of all its answers together, and what they
 * say to people.
 */
#ifndef BASALT_TOOLS_GATEWAY_H
#define BASALT_TOOLS_GATEWAY_H

#include "basalt/knx_client.h"

enum { GATEWAY_ADDRESS = 24, GATEWAY_NAME = 2 * KNX_NAME_LEN + 1, GATEWAY_SERIAL = 14 };

struct gateway {
    struct knx_endpoint endpoint; /* where it can be reached */
    uint8_t blocks[KNX_MAX_FRAME];
    size_t len;
    bool is_extended; /* answered an extended search */
};

struct gateway_tunnel {
    knx_ia address;
    bool is_free, is_authorised, is_usable;
};

/* Makes a gateway of its first answer. */
void gateway_init(struct gateway *gateway, const struct knx_message *message,
                  const struct knx_endpoint *from);
/* Adds the blocks of another answer: one of each type, those of an extended answer before others.
 */
void gateway_add(struct gateway *gateway, const struct knx_message *message);
/* True when both are the same server: its serial number, or its endpoint where it has none. */
bool gateway_is_same(const struct gateway *one, const struct gateway *other);

/* The data of a block. False: it did not tell. */
bool gateway_block(const struct gateway *gateway, unsigned type, struct bas_slice *data);
bool gateway_info(const struct gateway *gateway, struct knx_device_info *info);
/* Takes the first tunnel off the data of KNX_DIB_TUNNELLING_INFO behind its two octets. */
bool gateway_next_tunnel(struct bas_slice *slots, struct gateway_tunnel *tunnel);
/* The slots of that block. False: it did not tell. */
bool gateway_tunnels(const struct gateway *gateway, struct bas_slice *slots);

/* In words: "192.0.2.7:3671", the name in UTF-8, "00fa:12345678". */
const char *gateway_address(const struct gateway *gateway, char text[GATEWAY_ADDRESS]);
const char *gateway_name(const struct knx_device_info *info, char text[GATEWAY_NAME]);
const char *gateway_serial(const struct knx_device_info *info, char text[GATEWAY_SERIAL]);
/* Appends "core 2, tunnelling 2": families with their versions. */
void gateway_families(struct bas_slice data, struct bas_buf *out);
/* Appends "Hall, 1.1.0, core 2, tunnelling 2": name, address, families. */
void gateway_tell_device(const struct gateway *gateway, struct bas_buf *out);
/* Appends "KNX IP Secure for tunnelling; 3 of 4 tunnels are free; its bus is not connected": what
 * only a SEARCH_RESPONSE_EXTENDED tells. */
void gateway_tell_tunnels(const struct gateway *gateway, struct bas_buf *out);
/* "address" and "port". */
void gateway_json(const struct gateway *gateway, struct bas_json *json);

#endif
