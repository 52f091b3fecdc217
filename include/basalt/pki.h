/*
 * A small certificate authority for a site: one folder of PEM files, as BACnet/SC wants them.
 *
 * The folder holds ca.pem and ca.key, and NAME.pem and NAME.key for every device. Keys are P-256,
 * signatures ECDSA with SHA-256. A device's certificate serves both TLS roles and carries the
 * device's UUID as urn:uuid:... among its subject alternative names. Nothing here replaces a file:
 * a name that exists is refused, and then nothing was changed. Keys get mode 0600 and never leave
 * the folder; a certificate appears whole or not at all.
 *
 * Every function fills fault (which may be NULL) with a sentence for the person at the command
 * line: the file, why, and what to do. Times are seconds since 1970; "now" is env->wall. Serial
 * numbers and UUIDs come from env->random, which must be a cryptographic source; keys from the TLS
 * library's own.
 *
 * EXAMPLE
 *     struct bas_pki_authority_request ca = { .size = sizeof(ca), .directory = "pki" };
 *     struct bas_pki_device_request hub = { .size = sizeof(hub), .directory = "pki" };
 *     const char *names[] = { "dns:hub.example", "ip:192.0.2.7" };
 *     struct bas_pki_pair pair;
 *     struct bas_fault fault;
 *     hub.name = "hub";
 *     hub.names = names;
 *     hub.n_names = 2;
 *     if (bas_pki_init(env, &ca, &pair, &fault) != BAS_OK ||
 *         bas_pki_issue(env, &hub, &pair, &fault) != BAS_OK) {
 *         puts(fault.text);
 *     }
 */
#ifndef BASALT_PKI_H
#define BASALT_PKI_H

#include "basalt/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BAS_PKI_NAMES = 16,        /* subject alternative names of one certificate, at most */
    BAS_PKI_NAME_TEXT = 264,   /* one of them: kind, colon, text */
    BAS_PKI_DEVICE_NAME = 65,  /* a device's name, terminated */
    BAS_PKI_PATH = 512,        /* a file's path, terminated */
    BAS_PKI_DEVICE_DAYS = 365, /* how long certificates last when nothing is said */
    BAS_PKI_AUTHORITY_DAYS = 3650,
    BAS_PKI_MAX_DAYS = 36500,
    BAS_PKI_BACKDATE = 300 /* seconds that notBefore lies before now, for clocks that differ */
};

/* What stands in a certificate. Texts are terminated and cut to fit. */
struct bas_pki_certificate {
    char subject[256]; /* RFC 4514: CN=...,O=... */
    char issuer[256];
    char serial[48]; /* hex */
    int version;
    int64_t not_before;
    int64_t not_after;
    bool has_uuid; /* a subject alternative name urn:uuid:... */
    uint8_t uuid[16];
    bool is_ca;
    int path_length;              /* of a CA: certificates of CAs that may follow, -1 any number */
    char key[32];                 /* "EC P-256", "RSA 2048", ... */
    char signature[48];           /* "ECDSA-SHA256", ... */
    char key_usage[192];          /* "digitalSignature, keyCertSign", empty: not limited */
    char extended_key_usage[192]; /* "serverAuth, clientAuth", empty: not limited */
    char subject_key_id[64];      /* hex, empty: none */
    char authority_key_id[64];    /* hex, empty: none */
    uint8_t fingerprint[32];      /* SHA-256 of the DER octets */
    size_t n_names;               /* of names; what is beyond BAS_PKI_NAMES is left out */
    char names[BAS_PKI_NAMES][BAS_PKI_NAME_TEXT]; /* "dns:...", "ip:...", "uri:...", "email:..." */
};

/* What bas_pki_init and bas_pki_issue made. */
struct bas_pki_pair {
    char certificate_file[BAS_PKI_PATH];
    char key_file[BAS_PKI_PATH];
    struct bas_pki_certificate certificate;
};

/*
 * Makes the site's authority: DIRECTORY/ca.pem and DIRECTORY/ca.key. The folder is made with mode
 * 0700 when it is missing; its parent must exist. Zero members mean their defaults.
 *
 * BAS_ERR_EXISTS: there is an authority already; nothing was changed. BAS_ERR_INVALID: a member of
 * the request. BAS_ERR_PERMISSION, BAS_ERR_NOT_FOUND, BAS_ERR_IO: the file system.
 */
struct bas_pki_authority_request {
    size_t size; /* sizeof(struct bas_pki_authority_request) */
    const char *directory;
    const char *common_name; /* up to 64 octets; default: "Basalt CA " and 8 random hex digits */
    unsigned days;           /* default: BAS_PKI_AUTHORITY_DAYS */
};
BAS_API BAS_MUST_USE bas_err bas_pki_init(const struct bas_env *env,
                                          const struct bas_pki_authority_request *request,
                                          struct bas_pki_pair *made, struct bas_fault *fault);

/*
 * Issues a certificate and a new key to a device: DIRECTORY/NAME.pem and DIRECTORY/NAME.key, signed
 * with the folder's authority. name becomes the common name: 1 to 64 of A-Z a-z 0-9 . _ -, not
 * beginning with . or -, and not ca. names: "dns:NAME" or "ip:ADDRESS" each.
 *
 * BAS_ERR_EXISTS: one of the two files exists; nothing was changed. BAS_ERR_NOT_FOUND: no authority
 * in the folder. BAS_ERR_CERTIFICATE: the authority has expired or would before the device's
 * certificate does. BAS_ERR_KEY: ca.key and ca.pem do not belong together. BAS_ERR_INVALID: a
 * member of the request.
 */
struct bas_pki_device_request {
    size_t size; /* sizeof(struct bas_pki_device_request) */
    const char *directory;
    const char *name;
    const char *const *names;
    size_t n_names;      /* at most BAS_PKI_NAMES - 1 */
    unsigned days;       /* default: BAS_PKI_DEVICE_DAYS */
    const uint8_t *uuid; /* 16 octets; default: a random one (RFC 4122 version 4) */
};
BAS_API BAS_MUST_USE bas_err bas_pki_issue(const struct bas_env *env,
                                           const struct bas_pki_device_request *request,
                                           struct bas_pki_pair *made, struct bas_fault *fault);

/* Reads the first certificate of a PEM file. */
BAS_API BAS_MUST_USE bas_err bas_pki_show(const struct bas_env *env, const char *file,
                                          struct bas_pki_certificate *certificate,
                                          struct bas_fault *fault);

/* The state of a certificate against a clock: what a list shows in its last column. */
enum bas_pki_state { BAS_PKI_VALID, BAS_PKI_NOT_YET_VALID, BAS_PKI_EXPIRED };
BAS_API enum bas_pki_state bas_pki_state(const struct bas_pki_certificate *certificate,
                                         int64_t now);

/* One NAME.pem of a folder. */
struct bas_pki_entry {
    char name[BAS_PKI_DEVICE_NAME]; /* "ca" is the authority */
    bool has_key;                   /* NAME.key stands beside it */
    bas_err err;                    /* why certificate is empty, else BAS_OK */
    struct bas_pki_certificate certificate;
};
struct bas_pki_list {
    struct bas_pki_entry *entries; /* the authority first, then by name */
    size_t n;
    size_t cap;
};
/*
 * Lists the certificates of a folder. A file that cannot be read has an entry that says so and does
 * not spoil the list. Gives list: free it with bas_pki_list_free. BAS_ERR_NOT_FOUND: no such
 * folder.
 */
BAS_API BAS_MUST_USE bas_err bas_pki_list(const struct bas_env *env, const char *directory,
                                          struct bas_pki_list *list, struct bas_fault *fault);
BAS_API void bas_pki_list_free(const struct bas_env *env, struct bas_pki_list *list);

#ifdef __cplusplus
}
#endif

#endif
