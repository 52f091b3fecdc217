/*
 * The ETS keyring (.knxkeys): reading with its signature checked, and writing one for a lab.
 *
 * Pure: octets of the file and the derived keyring key in, values out. Everything in it is wiped by
 * knx_keyring_free.
 */
#ifndef BASALT_KNX_KEYRING_H
#define BASALT_KNX_KEYRING_H

#include "basalt/knx_secure.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    KNX_KEYRING_MAX_FILE = 16777216, /* octets */
    KNX_KEYRING_MAX_ITEMS = 65536, /* interfaces, their groups and senders, devices, groups: each */
    KNX_KEYRING_MAX_PASSWORD = 64
};

/* A password as it was stored: octets, not a text. */
struct knx_password {
    bool is_set;
    uint8_t len;
    uint8_t octets[KNX_KEYRING_MAX_PASSWORD];
};

struct knx_keyring_backbone {
    uint8_t multicast[4];
    uint32_t latency_ms;
    bool has_key;
    struct knx_key key;
};
struct knx_keyring_group { /* of an interface */
    knx_ga group;
    const knx_ia *senders;
    size_t n_senders;
};
enum knx_interface_type { KNX_INTERFACE_TUNNELLING, KNX_INTERFACE_USB, KNX_INTERFACE_BACKBONE };
struct knx_keyring_interface {
    enum knx_interface_type type;
    knx_ia address;
    knx_ia host;  /* 0: none */
    uint8_t user; /* 0: none: not a secure tunnel */
    struct knx_password password;
    struct knx_password authentication; /* of the host device */
    const struct knx_keyring_group *groups;
    size_t n_groups;
};
struct knx_keyring_device {
    knx_ia address;
    bool has_tool_key, has_fdsk, has_serial;
    struct knx_key tool_key, fdsk;
    uint8_t serial[KNX_SERIAL_LEN];
    struct knx_password management; /* password of user 1 */
    struct knx_password authentication;
    uint64_t sequence;
};
struct knx_keyring {
    char *project; /* UTF-8, as the file has it; texts are never NULL */
    char *created_by;
    char *created;
    bool is_verified;
    const struct knx_keyring_backbone *backbones;
    size_t n_backbones;
    const struct knx_keyring_interface *interfaces;
    size_t n_interfaces;
    const struct knx_keyring_device *devices;
    size_t n_devices;
    const struct knx_group_key *groups;
    size_t n_groups;
};

/*
 * Reads a keyring. ignore_signature reads on when the signature does not fit (keys are garbage when
 * the password was wrong); pads are checked then.
 *
 * BAS_ERR_MALFORMED: not a keyring (fault names line and what); BAS_ERR_KEY: the signature does not
 * fit: the password is wrong or the file was changed (told apart where that can be: when the pads
 * of all passwords are right the file was changed); BAS_ERR_TOO_LONG: a limit; BAS_ERR_NO_MEMORY.
 */
BAS_API BAS_MUST_USE bas_err knx_keyring_read(const struct bas_env *env, struct bas_slice file,
                                              const struct knx_key *keyring_key,
                                              bool ignore_signature, struct knx_keyring **keyring,
                                              struct bas_fault *fault);
/* Wipes and frees. NULL is allowed. */
BAS_API void knx_keyring_free(struct knx_keyring *keyring);
/* Appends a signed keyring with the values of keyring (is_verified does not count; created must be
 * "YYYY-MM-DDThh:mm:ss"). env: for the random octets in front of passwords. */
BAS_API void knx_keyring_write(const struct bas_env *env, const struct knx_keyring *keyring,
                               const struct knx_key *keyring_key, struct bas_buf *out);

BAS_API const struct knx_keyring_interface *
knx_keyring_find_interface(const struct knx_keyring *keyring, knx_ia address);
BAS_API const struct knx_keyring_device *knx_keyring_find_device(const struct knx_keyring *keyring,
                                                                 knx_ia address);
/* The flat table of who may send secured telegrams to the tunnel (spec 5.3), with the sequence
 * numbers of the devices. Gives senders (bas_release with n * sizeof) or NULL when there are none
 * or memory is out; *n is set. */
BAS_API struct knx_sender *knx_keyring_senders(const struct bas_env *env,
                                               const struct knx_keyring *keyring, knx_ia tunnel,
                                               size_t *n);

#ifdef __cplusplus
}
#endif

#endif
