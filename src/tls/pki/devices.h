/* A list of devices that want certificates, as a spreadsheet writes it. */
#ifndef BASALT_TLS_PKI_DEVICES_H
#define BASALT_TLS_PKI_DEVICES_H

#include "tls/pki/csv.h"
#include "tls/pki/file.h"
#include "tls/pki/name.h"

/* One row. The texts stand in the list's. */
struct bas_pki_device {
    unsigned line;
    const char *name;
    const char *names[BAS_PKI_NAMES - 1];
    size_t n_names;
    bool has_uuid;
    uint8_t uuid[16];
    unsigned days; /* 0: not given */
    /* what becomes of it */
    bool is_present; /* its certificate was there before */
    char serial[48];
    uint8_t certified_uuid[16];
    bool has_certified_uuid;
    uint8_t fingerprint[32];
    int64_t not_after;
};
struct bas_pki_devices {
    const struct bas_env *env;
    struct bas_pki_text text;
    struct bas_pki_device *items;
    size_t n;
    size_t cap;
    struct bas_pki_batch *told; /* mistakes go there */
};

/* Adds a mistake; beyond BAS_PKI_MISTAKES they are only counted. */
void bas_pki_mistake(struct bas_pki_batch *batch, unsigned line, const char *format, ...)
    BAS_PRINTF(3, 4);
/*
 * Reads the list. Every line is looked at: what is wrong with one becomes a mistake of
 * devices->told (env and told are set by the caller). Errors are those of files and memory. Free it
 * also then.
 */
bas_err bas_pki_devices_read(struct bas_pki_devices *devices, const char *path,
                             struct bas_fault *fault);
void bas_pki_devices_free(struct bas_pki_devices *devices);

#endif
