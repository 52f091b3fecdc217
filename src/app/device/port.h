/*
 * The Network Port object of a device, shared by its files: device/port.c (values, pending changes,
 * commands, activation), device/status.c (what is connected), device/certificates.c (files).
 */
#ifndef BASALT_APP_DEVICE_PORT_H
#define BASALT_APP_DEVICE_PORT_H

#include "app/device/device.h"
#include "rt/setting.h"

enum {
    PORT_TEXT = 256,  /* of one value, with the end */
    PORT_URIS = 1024, /* of several, separated by blanks */
    PORT_FILES = 4,
    PORT_FILE_MAX = 16384, /* octets of a certificate */
    PORT_PROPERTIES_MAX = 48
};

/* What changes only when it is activated. */
struct port_values {
    char primary_uri[PORT_TEXT];
    char failover_uri[PORT_TEXT]; /* "": none */
    char binding[PORT_TEXT];      /* of direct connections; "": none */
    char accept_uris[PORT_URIS];
    bool accept, initiate;
    struct bsc_vmac vmac; /* all zero: the one that it has */
};

/* BACnetHealth: when, and what is wrong (err BAS_OK: nothing). */
struct port_health {
    int64_t at;        /* wall clock; 0: never */
    uint32_t property; /* that is wrong; 0: none alone */
    struct bas_fault fault;
};

/* A certificate as a File object. */
struct port_file {
    uint8_t *octets; /* PORT_FILE_MAX; what is read: the staged content, if there is one */
    size_t len;
    bool is_staged;
};
enum { PORT_CERTIFICATE, PORT_ISSUER_1, PORT_ISSUER_2, PORT_REQUEST };

struct device_port {
    struct bas_keep keep; /* texts of tls and of the settings */
    struct port_values used, wanted;
    struct port_values before; /* that the last restart found: it worked */
    struct bas_tls_config tls_before;
    struct bas_alarm *restart;
    struct port_health current, validation;
    /* What the port is opened with, besides. */
    struct bas_tls_config tls;
    char *password; /* of the key, wiped; NULL: none was given as a text */
    size_t password_len;
    bool has_tls;
    bool is_changed; /* tls was activated over the network: the configuration's does not count */
    struct bas_admission admission;
    struct bas_texts peers;
    const char *state_file;
    uint16_t plaintext;
    /* Certificates */
    struct port_file files[PORT_FILES];
    struct bac_file_config file_configs[PORT_FILES];
    unsigned n_files;                /* 0: there are none */
    const char *checked[PORT_FILES]; /* where staged ones are written to be checked */
    const char *folder;              /* of what is activated; NULL: nothing can be */
};

/* From the settings, over which what was activated before counts. */
BAS_MUST_USE bas_err device_port_open(struct device *device,
                                      const struct bas_device_settings *settings,
                                      struct bas_fault *fault);
void device_port_close(struct device *device);
/* What a reload has replaced counts for the next restart, too. */
BAS_MUST_USE bas_err device_port_take(struct device *device,
                                      const struct bas_device_settings *settings,
                                      struct bas_fault *fault);
/* What the port is opened with now. Borrows the device's. */
void device_port_config(struct device *device, struct bas_port_config *config);
BAS_MUST_USE bas_err device_port_set_peers(struct device *device, struct bsc_node *node,
                                           struct bas_fault *fault);
/* Takes what was activated before this start, or forgets it. Told where there is any. */
BAS_MUST_USE bas_err device_port_recall(struct device *device, bool forgets,
                                        struct bas_fault *fault);
/* Its properties: at most PORT_PROPERTIES_MAX. Gives how many. */
size_t device_port_properties(struct device *device, struct bac_property_config *properties);
/* Follows the hub connection: Current_Health and Reliability. */
void device_port_event(struct device *device, const struct bas_station_event *event);
/* Whether what is pending can be activated: BAS_OK, or a fault with class and code. */
BAS_MUST_USE bas_err device_port_validate(struct device *device, struct bas_fault *fault);
/* Activates it, which was validated: kept, and used by the restart that follows. */
void device_port_activate(struct device *device);
/* Forgets what is pending. */
void device_port_discard(struct device *device);
bool device_port_has_changes(const struct device *device);
/* Restarts the port when what is to be sent has left. */
void device_port_restart(struct device *device);

/* ReinitializeDevice: the hook, and the event behind it. */
bas_err device_port_judge(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                          struct bas_fault *fault);
void device_port_reinitialize(struct device *device, const struct bac_server_event *event);

/* Rows of properties whose value is made when somebody reads it. */
struct port_row {
    uint32_t property;
    bas_err (*get)(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out);
    bas_err (*set)(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                   struct bas_fault *fault);
    bool is_only_hosted, is_never_hosted;
};
extern const struct port_row device_status_rows[];
extern const size_t device_status_n_rows;
bas_err device_put_value(const struct bac_value *value, struct bas_buf *out);
bas_err device_put_unsigned(uint64_t number, struct bas_buf *out);
bas_err device_put_enumerated(uint64_t number, struct bas_buf *out);
bas_err device_put_boolean(bool value, struct bas_buf *out);
bas_err device_put_text(const char *text, struct bas_buf *out);
/* The n texts of a list with single blanks between them, as an array. */
bas_err device_put_texts(const char *list, uint32_t index, struct bas_buf *out);

/* Certificates */

BAS_MUST_USE bas_err device_certificates_open(struct device *device, struct bas_fault *fault);
void device_certificates_close(struct device *device);
/* The n-th File object, of n_files. */
void device_certificates_describe(struct device *device, unsigned n,
                                  struct bac_object_config *object);
/* *any: there was something. */
BAS_MUST_USE bas_err device_certificates_recall(struct device *device, bool *any,
                                                struct bas_fault *fault);
BAS_MUST_USE bas_err device_certificates_forget(struct bas_store *store, struct bas_fault *fault);
bool device_certificates_are_staged(const struct device *device);
void device_certificates_discard(struct device *device);
BAS_MUST_USE bas_err device_certificates_validate(struct device *device, struct bas_fault *fault);
/* Those that were validated become the ones in use. */
BAS_MUST_USE bas_err device_certificates_activate(struct device *device, struct bas_store *store,
                                                  struct bas_fault *fault);
/* GENERATE_CSR_FILE: a new key, kept until a certificate for it is activated. */
BAS_MUST_USE bas_err device_certificates_request(struct device *device, struct bas_fault *fault);
/* The File object of one. */
struct bac_object_id device_certificate_object(unsigned n);

#endif
