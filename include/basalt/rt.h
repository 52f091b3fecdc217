/*
 * The runtime: what touches the world. The event loop, settings and their file, the identity of a
 * port and its file.
 *
 * Settings and state read and write files and may block; they are meant for the start of a program,
 * not for its loop. (A changed VMAC is the one thing that is saved later: one small file.)
 */
#ifndef BASALT_RT_H
#define BASALT_RT_H

#include "basalt/base.h"
#include "basalt/knx_line.h"
#include "basalt/knx_server.h"
#include "basalt/sc.h"
#include "basalt/tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The environment of this process, and the event loop */

/* Heap, random octets and clock of this process; log may be NULL. ctx is handed to log. */
BAS_API struct bas_env bas_env_host(void *ctx, void (*log)(void *ctx, enum bas_log_level level,
                                                           const char *text));

/* An event loop. One thread; everything made on it belongs to it. NULL: out of memory or
 * descriptors. A program must ignore SIGPIPE: a peer that breaks a connection can cause it. */
struct bas_loop;
BAS_API struct bas_loop *bas_loop_new(const struct bas_env *env);
/* All that was made on it must have been closed before. Runs the loop until that is done. */
BAS_API void bas_loop_free(struct bas_loop *loop);
/* Runs until nothing is left to do or bas_loop_stop is called. */
BAS_API void bas_loop_run(struct bas_loop *loop);
BAS_API void bas_loop_stop(struct bas_loop *loop);
/* Monotonic now. */
BAS_API bas_time bas_loop_now(const struct bas_loop *loop);
/* Calls called(user, signal) each time this process gets SIGINT or SIGTERM. */
BAS_API void bas_loop_on_signal(struct bas_loop *loop, void (*called)(void *user, int signal),
                                void *user);

/* The same for SIGHUP, which ends the process where nobody asked for it. */
BAS_API void bas_loop_on_hangup(struct bas_loop *loop, void (*called)(void *user), void *user);

/*
 * Calls trace for every message of every link on the loop, received or sent (head, then rest make
 * one message); NULL ends it. peer is its address. For debugging: it costs time, and messages are
 * what TLS keeps secret.
 */
struct bas_traced {
    const char *peer;
    bool received;
    struct bas_slice head;
    struct bas_slice rest;
};
BAS_API void bas_loop_trace(struct bas_loop *loop,
                            void (*trace)(void *user, const struct bas_traced *message),
                            void *user);
/* A timer of a program: calls called(user) once each time it was set. NULL: out of memory. */
struct bas_alarm;
BAS_API struct bas_alarm *bas_alarm_new(struct bas_loop *loop, void (*called)(void *user),
                                        void *user);
/* after_ms from now; replaces the time that was set before. */
BAS_API void bas_alarm_set(struct bas_alarm *alarm, uint32_t after_ms);
/* Also from within called. NULL is allowed. */
BAS_API void bas_alarm_free(struct bas_alarm *alarm);

/* Settings and their file */

/* What a configuration file can hold; rows in src/rt/keys.def. OBJECT is one item of
 * device.objects, GROUP_OBJECT one of knx-server.objects. */
enum bas_section {
    BAS_SECTION_HUB,
    BAS_SECTION_DEVICE,
    BAS_SECTION_KNX_SERVER,
    BAS_SECTION_OBJECT,
    BAS_SECTION_GROUP_OBJECT,
    BAS_SECTIONS
};

enum {
    BAS_FILE_SECTIONS = BAS_SECTION_OBJECT, /* those below are sections, the others items */
    BAS_CONFIG_MAX_FILE = 4194304,          /* octets of a configuration file */
    BAS_CONFIG_MAX_OBJECTS = 4096,
    BAS_CONFIG_MAX_STATES = 64,
    BAS_CONFIG_MAX_SUBORDINATES = 256,
    BAS_CONFIG_MAX_ALLOWED = 4096, /* of an allow list */
    BAS_CONFIG_MAX_DIRECT_URIS = 8,
    BAS_CONFIG_MAX_DIRECT_PEERS = 256,
    BAS_CONFIG_DEFAULT_VENDOR = 555 /* reserved by ASHRAE, nobody's product */
};

struct bas_texts {
    const char **items;
    size_t n;
};

/* Who may connect to a hub, or directly to a node, besides what certificates say. Both off: whoever
 * shows a certificate that is trusted. */
struct bas_admission {
    /* Certificate subjects ("CN=ahu-1,O=Site", as logs show them) and device UUIDs; none: all. */
    struct bas_texts allow;
    /* The UUID of the Connect-Request must be the certificate's (urn:uuid:). */
    bool require_uuid_in_certificate;
};

/* Section hub. tls and engine are what bas_tls_context_new and bsc_hub_new take. */
struct bas_hub_settings {
    const char *bind;       /* "address:port", "[address]:port" */
    const char *state_file; /* NULL: none */
    struct bas_tls_config tls;
    struct bsc_hub_config engine; /* vmac and uuid all zero: not set */
    struct bas_admission admission;
    uint16_t plaintext; /* enum bas_plaintext: ws:// instead of wss:// */
};

/* ws:// is for tests alone: nothing is encrypted, nobody is known. */
enum bas_plaintext { BAS_PLAINTEXT_NO, BAS_PLAINTEXT_LOOPBACK, BAS_PLAINTEXT_ANYWHERE };

struct bas_number {
    bool is_set;
    double value;
};

/* One item of device.objects, checked for what its type allows. */
struct bas_object_settings {
    uint16_t type; /* BACnetObjectType */
    uint32_t instance;
    const char *name;        /* NULL: not set, as all texts here */
    const char *description; /* */
    const char *units;       /* name of a BACnetEngineeringUnits; numbers only */
    /* Present_Value, as a person writes it: "21.5", "active", "3" (a state), "0a0b", "0110",
     * "2026-10-12 13:30". What begins with the word of a simulation is one. */
    const char *value;
    const char *relinquish_default; /* the same, without simulations */
    const char *simulate;           /* a simulation beside value: "sine 20 25 60s" */
    struct bas_number min, max;     /* Min_ and Max_Pres_Value */
    struct bas_number cov_increment;
    struct bas_texts states; /* binary: inactive, active; multi-state: the state texts */
    bool commandable;        /* value objects; outputs always are, inputs never */
    bool read_only;          /* value objects: Present_Value; files: the content */
    /* File */
    const char *file;          /* where the content is at first; NULL: it is empty */
    const char *file_type;     /* "text/plain" */
    uint16_t file_access;      /* 1 records, else stream */
    uint64_t max_size;         /* octets; UINT64_MAX: 64 KiB */
    struct bas_texts priority; /* Notification Class: to-offnormal, to-fault, to-normal */
    uint8_t ack_required;      /* bits 0, 1, 2 of these */
    /* Structured View */
    uint16_t node_type;            /* BACnetNodeType; UINT16_MAX: unknown */
    struct bas_texts subordinates; /* "[DEVICE/]TYPE,INSTANCE [ANNOTATION]" each */
    bool deletable;                /* DeleteObject may take it */
    uint32_t line;                 /* where it begins in the file */
};

/* When what must last is on the disk: with the next checkpoint of the operating system, so that a
 * killed program loses nothing and a loss of power the last moments; or before each answer. */
enum bas_values_sync { BAS_VALUES_SYNC_NORMAL, BAS_VALUES_SYNC_FULL };

/* Section device. tls and engine are what bas_tls_context_new and bsc_node_new take. */
struct bas_device_settings {
    uint32_t instance; /* UINT32_MAX: not set */
    uint16_t vendor_identifier;
    const char *name;
    const char *description;
    const char *location;
    const char *vendor_name;
    const char *model_name;
    const char *state_file;
    const char *values_file; /* what must last; NULL: beside state_file, nowhere without it */
    uint16_t values_sync;    /* enum bas_values_sync */
    bool forgets_changes;    /* what was changed in the Network Port object does not count */
    struct bas_tls_config tls;
    struct bsc_node_config engine;
    const char *direct_bind;        /* where direct connections are accepted; NULL: nowhere */
    struct bas_texts direct_uris;   /* SC_Direct_Connect_Accept_URIs; engine's are made of them */
    struct bas_texts direct_peers;  /* "VMAC never|auto|always [URI...]" each */
    struct bas_admission admission; /* of direct connections */
    uint16_t plaintext;             /* enum bas_plaintext: whether ws:// is allowed */
    uint32_t apdu_timeout_ms;
    uint8_t apdu_retries;
    uint16_t max_apdu;
    uint32_t segment_timeout_ms;
    uint8_t window;             /* segments without an acknowledgement */
    uint32_t max_message;       /* octets of one request or answer in segments */
    uint32_t max_transactions;  /* in segments, at the same time */
    uint32_t max_subscriptions; /* of change of value */
    uint32_t max_lifetime_ms;   /* of a subscription */
    uint32_t create_objects;    /* that CreateObject may make */
    const char *password_file;  /* of ReinitializeDevice and DeviceCommunicationControl */
    struct bas_object_settings *objects;
    size_t n_objects;
};

/* One item of knx-server.objects. dpt and value are checked where the file is read. */
struct bas_group_object_settings {
    knx_ga group;
    knx_ia device;
    const char *dpt;   /* "9.001" */
    const char *value; /* as knx_dpt_parse reads it; NULL: zeros */
    const char *name;  /* NULL: not set */
    uint8_t flags;     /* KNX_OBJECT_READ .. KNX_OBJECT_UPDATE */
    uint32_t line;     /* where it begins in the file */
};

/* Whether tunnelling and device management are spoken in the plain, secured, or both. */
enum bas_knx_secure { BAS_KNX_SECURE_OFF, BAS_KNX_SECURE_OPTIONAL, BAS_KNX_SECURE_REQUIRED };

/* Section knx-server. */
struct bas_knx_server_settings {
    const char *bind;                  /* as hub.bind */
    bool udp;                          /* also UDP, at the port of TCP */
    const char *name;                  /* */
    uint16_t manufacturer;             /* */
    knx_ia individual_address;         /* 0: not set */
    const char *keyring;               /* NULL: not set, as the files below */
    const char *keyring_password_file; /* */
    uint16_t secure_word;              /* what was set; what counts says bas_knx_server_secure */
    struct bas_texts tunnels;          /* Individual Addresses; with a keyring: none */
    const char *state_file;            /* */
    bool trust_clock;                  /* a sequence number may begin at the clock's */
    const char *upstream;              /* "HOST[:PORT]"; NULL: the line of objects */
    uint16_t upstream_transport;       /* KNX_UDP, KNX_TCP */
    bool route_back;                   /* */
    uint16_t telegrams_per_second;     /* towards the bus; 0: no limit */
    uint32_t max_connections;
    uint32_t max_sessions;
    uint32_t max_half_open;
    uint32_t session_requests_per_second;
    struct bas_group_object_settings *objects;
    size_t n_objects;
};
/* What counts: what was set, else REQUIRED with a keyring, OFF without. */
BAS_API enum bas_knx_secure bas_knx_server_secure(const struct bas_knx_server_settings *settings);

/*
 * All settings with their texts. A new one holds the defaults. NULL: out of memory. env is copied;
 * its ctx must outlive the configuration.
 */
struct bas_config;
BAS_API struct bas_config *bas_config_new(const struct bas_env *env);
BAS_API void bas_config_free(struct bas_config *config);
/* The values. Borrowed; texts live as long as config. A program may change members. */
BAS_API struct bas_hub_settings *bas_config_hub(struct bas_config *config);
BAS_API struct bas_device_settings *bas_config_device(struct bas_config *config);
BAS_API struct bas_knx_server_settings *bas_config_knx_server(struct bas_config *config);

/*
 * Reads a YAML file into config, once. File names in it are relative to its folder. Every fault is
 * one line, "file:line: key: what is wrong; what is allowed". BAS_ERR_CONFIG: the file is wrong;
 * BAS_ERR_NOT_FOUND, BAS_ERR_PERMISSION, BAS_ERR_IO: it cannot be read; BAS_ERR_NO_MEMORY. After an
 * error config may only be freed.
 */
BAS_API BAS_MUST_USE bas_err bas_config_load(struct bas_config *config, const char *path,
                                             struct bas_fault *fault);
/*
 * Sets one key from a text, as the file would (file names are relative to the working folder here;
 * a list gets one item more). label is what the fault calls it: an option of the command line.
 */
BAS_API BAS_MUST_USE bas_err bas_config_set(struct bas_config *config, enum bas_section section,
                                            const char *name, const char *label, const char *text,
                                            struct bas_fault *fault);
/* True when the file had this section. */
BAS_API bool bas_config_has(const struct bas_config *config, enum bas_section section);
/* BAS_ERR_CONFIG and the name of the first key of section that must be set and is not, or that
 * another one forbids. */
BAS_API BAS_MUST_USE bas_err bas_config_check(const struct bas_config *config,
                                              enum bas_section section, struct bas_fault *fault);
/* Appends the section as YAML that loads again: every key with its help, unset ones as comments. */
BAS_API void bas_config_dump(const struct bas_config *config, enum bas_section section,
                             struct bas_buf *out);

/* What a manual says about a key. allowed is written into the caller's memory. */
struct bas_config_key {
    const char *name;
    const char *fallback; /* default, or NULL */
    const char *help;
    bool is_required;
    char allowed[120];
};
/* The name of a section in a file ("hub"; of items "device.objects"), and its n-th key (false: no
 * more). */
BAS_API const char *bas_section_name(enum bas_section section);
BAS_API bool bas_config_key(enum bas_section section, size_t n, struct bas_config_key *key);

/* State: the identity of a port, kept in a file */

struct bas_state_config {
    size_t size;                             /* sizeof(struct bas_state_config) */
    const char *path;                        /* NULL: nothing is kept */
    const struct bsc_uuid *certificate_uuid; /* of urn:uuid:, or NULL */
    const struct bsc_uuid *uuid;             /* configured, or NULL */
    const struct bsc_vmac *vmac;             /* configured, or NULL: the file's, else Random-48 */
};

/*
 * Reads the identity from its file, or makes one and writes it (mode 0600, atomically). The UUID
 * is the file's, else the configured one, else the certificate's, else random; where two of these
 * differ it refuses and names both. The file stays locked (path.lock) until bas_state_close, so
 * that two processes cannot be the same node.
 *
 * BAS_ERR_IN_USE: another process has it; BAS_ERR_CONFIG: malformed (with its line) or a different
 * UUID; BAS_ERR_PERMISSION, BAS_ERR_IO: the file or its folder; BAS_ERR_NO_MEMORY. *state is
 * written only on success.
 */
struct bas_state;
BAS_API BAS_MUST_USE bas_err bas_state_open(const struct bas_env *env,
                                            const struct bas_state_config *config,
                                            struct bas_state **state, struct bas_fault *fault);
/* Unlocks. The lock file stays. NULL is allowed. */
BAS_API void bas_state_close(struct bas_state *state);
/* The id of the process that has the state file of that name open. BAS_ERR_NOT_FOUND: none has;
 * BAS_ERR_IN_USE: one that cannot be told; else why the lock file cannot be read. */
BAS_API BAS_MUST_USE bas_err bas_state_holder(const char *path, long *process,
                                              struct bas_fault *fault);
/* Who the port is whose file this is, also while another process has it open. Faults as of
 * bas_state_open; BAS_ERR_NOT_FOUND. */
BAS_API BAS_MUST_USE bas_err bas_state_read(const struct bas_env *env, const char *path,
                                            struct bsc_vmac *vmac, struct bsc_uuid *uuid,
                                            struct bas_fault *fault);
BAS_API struct bsc_vmac bas_state_vmac(const struct bas_state *state);
BAS_API struct bsc_uuid bas_state_uuid(const struct bas_state *state);
/* Saves a new VMAC (after a duplicate). On error the old file is whole and still counts. */
BAS_API BAS_MUST_USE bas_err bas_state_set_vmac(struct bas_state *state,
                                                const struct bsc_vmac *vmac,
                                                struct bas_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
