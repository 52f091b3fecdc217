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
    KNX_KEYRING_MAX_FILE = 33554432,   /* octets */
    KNX_KEYRING_MAX_ITEMS = 65536,     /* backbones, interfaces, devices, groups: each */
    KNX_KEYRING_MAX_LINKS = 262144,    /* groups of all interfaces together */
    KNX_KEYRING_MAX_SENDERS = 4194304, /* senders of all those groups together */
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
    uint32_t latency_ms; /* 0: the file does not tell */
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
    const char *project; /* UTF-8, as the file has it; texts that were read are never NULL */
    const char *created_by;
    const char *created;
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
 * Reads a keyring and checks its signature. ignore_signature reads on when the signature does not
 * fit (is_verified tells): keys are garbage when the password was wrong, which the pads of
 * passwords mostly show. Elements, attributes and types of interfaces that are not known count for
 * the signature only.
 *
 * BAS_ERR_MALFORMED: not a keyring (fault names line and what); BAS_ERR_KEY: the signature does not
 * fit: fault tells a wrong password from a file that was changed where the pads of its passwords
 * do, and says "or" where they do not; also, with ignore_signature, when a pad is wrong;
 * BAS_ERR_TOO_LONG: a limit; BAS_ERR_NO_MEMORY. *keyring is NULL then.
 */
BAS_API BAS_MUST_USE bas_err knx_keyring_read(const struct bas_env *env, struct bas_slice file,
                                              const struct knx_key *keyring_key,
                                              bool ignore_signature, struct knx_keyring **keyring,
                                              struct bas_fault *fault);
/* Wipes and frees what knx_keyring_read gave. NULL is allowed. */
BAS_API void knx_keyring_free(struct knx_keyring *keyring);
/*
 * Appends a signed keyring with the values of keyring (is_verified does not count; texts may be
 * NULL but for created, "YYYY-MM-DDThh:mm:ss"). env: for the random octets in front of passwords.
 * BAS_ERR_INVALID: a value that a keyring cannot hold; BAS_ERR_TOO_LONG: out is full. out may be
 * written in part then.
 */
BAS_API BAS_MUST_USE bas_err knx_keyring_write(const struct bas_env *env,
                                               const struct knx_keyring *keyring,
                                               const struct knx_key *keyring_key,
                                               struct bas_buf *out, struct bas_fault *fault);

BAS_API const struct knx_keyring_interface *
knx_keyring_find_interface(const struct knx_keyring *keyring, knx_ia address);
BAS_API const struct knx_keyring_device *knx_keyring_find_device(const struct knx_keyring *keyring,
                                                                 knx_ia address);
/* The flat table of who may send secured telegrams to the tunnel (spec 5.1), in the order of
 * addresses, with the sequence numbers of the devices. Gives senders (bas_release with n * sizeof)
 * or NULL; *n is how many there are, also when memory is out. */
BAS_API struct knx_sender *knx_keyring_senders(const struct bas_env *env,
                                               const struct knx_keyring *keyring, knx_ia tunnel,
                                               size_t *n);

#ifdef __cplusplus
}
#endif

#endif
