/*
 * A virtual KNX line: devices with group objects, for a server without a bus behind it, for tests
 * and demonstrations.
 *
 * Pure. A telegram that stands on the line goes in, the telegrams that its devices send come out.
 * Devices with keys speak Data Secure as real ones do.
 */
#ifndef BASALT_KNX_LINE_H
#define BASALT_KNX_LINE_H

#include "basalt/knx_dpt.h"
#include "basalt/knx_secure.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The longest value is what the longest L_Data carries in the plain; secured it carries 13 octets
 * less. */
enum { KNX_LINE_VALUE = 253, KNX_LINE_PENDING = 64, KNX_LINE_MAX_OBJECTS = 65535 };

/* Flags of a group object, as ETS names them. Without C it is not there. */
enum {
    KNX_OBJECT_READ = 0x01,     /* R: answers a read */
    KNX_OBJECT_WRITE = 0x02,    /* W: takes a write */
    KNX_OBJECT_TRANSMIT = 0x04, /* T: sends when it is set by its device */
    KNX_OBJECT_UPDATE = 0x08    /* U: takes a response */
};
struct knx_line_device {
    knx_ia address;
    const struct knx_data_secure_config *secure; /* NULL: plain */
};
struct knx_line_object {
    knx_ia device;
    knx_ga group;
    const struct knx_dpt *dpt;
    uint8_t flags;
    struct bas_slice
        value; /* octets, as knx_dpt_parse gives them; empty: zeros of the dpt's size */
};
struct knx_line_config {
    size_t size; /* sizeof(struct knx_line_config) */
    const struct knx_line_device *devices;
    size_t n_devices;
    const struct knx_line_object *objects;
    size_t n_objects;
    uint16_t mask;    /* of all devices: device descriptor type 0; 0: 0x07B0 */
    uint32_t pending; /* telegrams waiting to be taken; 0: the default */
};

enum knx_line_event_kind {
    KNX_LINE_TELEGRAM, /* cemi: an L_Data.ind of device, for everybody else on the line */
    KNX_LINE_CHANGED,  /* object: it has a new value, from source */
    KNX_LINE_DROPPED,  /* device did not take a telegram: drop, source, group */
    KNX_LINE_UNSENT,   /* device could not answer: err (BUSY: no number, or too much is pending) */
    KNX_LINE_SECURE    /* device: its Data Secure engine has events (knx_line_secure) */
};
struct knx_line_event {
    enum knx_line_event_kind kind;
    size_t device; /* its place in the configuration */
    size_t object;
    struct bas_slice cemi;
    knx_ia source;
    knx_ga group;
    enum knx_drop drop;
    bas_err err;
};

struct knx_line;
/* NULL: out of memory; or an object without a device, without group or datapoint type, or with a
 * value of another size; or two devices with one address. */
BAS_API struct knx_line *knx_line_new(const struct bas_env *env,
                                      const struct knx_line_config *config);
BAS_API void knx_line_free(struct knx_line *line);
/* True when a device of the line has the address. */
BAS_API bool knx_line_has(const struct knx_line *line, knx_ia address);
/* The address of a device; 0: there is none at this place. */
BAS_API knx_ia knx_line_address(const struct knx_line *line, size_t device);
/* A telegram on the line (L_Data of any code) that did not come from its devices. */
BAS_API void knx_line_recv(struct knx_line *line, struct bas_slice cemi, bas_time now);
/* Its device sets an object; with T it is sent. BAS_ERR_INVALID: the size is not the dpt's;
 * BAS_ERR_BUSY: no sequence number, or too much is pending; BAS_ERR_TOO_LONG: secured it fits no
 * telegram. After an error the value is the old one. */
BAS_API BAS_MUST_USE bas_err knx_line_set(struct knx_line *line, size_t object,
                                          struct bas_slice value, bas_time now);
BAS_API struct bas_slice knx_line_value(const struct knx_line *line, size_t object);
/* Its Data Secure engine, to be granted numbers; NULL: it is plain. */
BAS_API struct knx_data_secure *knx_line_secure(struct knx_line *line, size_t device);
/*
 * The next of what happened, in order; cemi is borrowed until the next call that sends or receives.
 * CHANGED comes once for each object, DROPPED, UNSENT and SECURE once for each device, however
 * often it happened since it was last told: what waits is bounded.
 */
BAS_API bool knx_line_next_event(struct knx_line *line, struct knx_line_event *event);

#ifdef __cplusplus
}
#endif

#endif
