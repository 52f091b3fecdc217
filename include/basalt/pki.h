/*
 * A small certificate authority for a site: one folder of PEM files, as BACnet/SC wants them.
 *
 * The folder holds ca.pem and ca.key, and NAME.pem and NAME.key for every device; index.csv, a line
 * for every certificate that was issued; ca.crl when something was revoked. Keys that are made here
 * are P-256, signatures ECDSA with SHA-256. A device's certificate serves both TLS roles and
 * carries the device's UUID as urn:uuid:... among its subject alternative names. A name that exists
 * is refused, and then nothing was changed; bas_pki_renew alone replaces, and keeps what it
 * replaced. Keys get mode 0600 and never leave the folder; a certificate appears whole or not at
 * all. Of two callers that change a folder at the same time, one waits.
 *
 * Passwords: key_password encrypts the key that is made (PKCS #8, PBES2 with AES-256), or opens the
 * one that is named; ca_password opens ca.key. NULL: no encryption. The caller wipes them.
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
    BAS_PKI_CRL_DAYS = 30,
    BAS_PKI_NOTICE_DAYS = 90, /* before the end: when bas_pki_check says what */
    BAS_PKI_WARNING_DAYS = 30,
    BAS_PKI_CRITICAL_DAYS = 7,
    BAS_PKI_MISTAKES = 100, /* that are told at once */
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

/* What was made. key_file is empty where no key was. */
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
    const char *key_password;
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
 * certificate does. BAS_ERR_KEY: ca.key and ca.pem do not belong together, or the password does not
 * fit. BAS_ERR_INVALID: a member of the request. BAS_ERR_MALFORMED: index.csv cannot be read.
 */
struct bas_pki_device_request {
    size_t size; /* sizeof(struct bas_pki_device_request) */
    const char *directory;
    const char *name;
    const char *const *names;
    size_t n_names;      /* at most BAS_PKI_NAMES - 1 */
    unsigned days;       /* default: BAS_PKI_DEVICE_DAYS */
    const uint8_t *uuid; /* 16 octets; default: a random one (RFC 4122 version 4) */
    const char *key_password;
    const char *ca_password;
};
BAS_API BAS_MUST_USE bas_err bas_pki_issue(const struct bas_env *env,
                                           const struct bas_pki_device_request *request,
                                           struct bas_pki_pair *made, struct bas_fault *fault);

/*
 * Makes a key and the request for its certificate (PKCS #10), on the machine where the key is to
 * stay: DIRECTORY/NAME.key and DIRECTORY/NAME.csr. The folder is made with mode 0700 when it is
 * missing; it needs no authority. key_file names a key that exists, which is used and stays where
 * it is.
 *
 * BAS_ERR_EXISTS: one of the files exists; nothing was changed. BAS_ERR_KEY: the key that is named
 * is of a kind that nobody may use, or its password does not fit. BAS_ERR_INVALID: a member of the
 * request.
 */
struct bas_pki_csr_request {
    size_t size; /* sizeof(struct bas_pki_csr_request) */
    const char *directory;
    const char *name;         /* as bas_pki_issue */
    const char *const *names; /* as bas_pki_issue */
    size_t n_names;
    const uint8_t *uuid; /* 16 octets; default: a random one */
    const char *key_file;
    const char *key_password;
};
struct bas_pki_csr {
    char request_file[BAS_PKI_PATH];
    char key_file[BAS_PKI_PATH];
    struct bas_pki_certificate wanted; /* as bas_pki_show_request */
};
BAS_API BAS_MUST_USE bas_err bas_pki_request(const struct bas_env *env,
                                             const struct bas_pki_csr_request *request,
                                             struct bas_pki_csr *made, struct bas_fault *fault);

/*
 * Reads a request and checks it as bas_pki_sign does: its own signature; a key that is P-256,
 * P-384, Ed25519 or RSA of 2048 to 8192 bits; no wish to be an authority; names that are DNS names,
 * IP addresses and at most one urn:uuid. wanted gets subject, names, UUID, key and (as
 * subject_key_id) the identifier of the key; all else is empty. BAS_ERR_CERTIFICATE with the reason
 * where a check fails.
 */
BAS_API BAS_MUST_USE bas_err bas_pki_show_request(const struct bas_env *env, const char *file,
                                                  struct bas_pki_certificate *wanted,
                                                  struct bas_fault *fault);

/*
 * Signs a request: DIRECTORY/NAME.pem, with the request's subject, key and names and nothing else
 * of it. name NULL: the request's common name. uuid: the one that the request must have, or gets
 * when it has none; NULL: as the request has it. made->key_file is empty.
 *
 * BAS_ERR_CERTIFICATE: the request does not pass, or is for another UUID. BAS_ERR_EXISTS: NAME.pem
 * exists, or the UUID belongs to another device whose certificate is valid; nothing was changed.
 * Otherwise as bas_pki_issue.
 */
struct bas_pki_sign_request {
    size_t size; /* sizeof(struct bas_pki_sign_request) */
    const char *directory;
    const char *request_file;
    const char *name;
    unsigned days; /* default: BAS_PKI_DEVICE_DAYS */
    const uint8_t *uuid;
    const char *ca_password;
};
BAS_API BAS_MUST_USE bas_err bas_pki_sign(const struct bas_env *env,
                                          const struct bas_pki_sign_request *request,
                                          struct bas_pki_pair *made, struct bas_fault *fault);

/*
 * Renews DIRECTORY/NAME.pem: same subject, names and UUID, new serial number and dates. The key
 * stays the same (NAME.key is not needed for that), or is made anew (new_key), or is that of a
 * request (request_file; of which nothing else is taken). The old files are kept as
 * NAME.pem.SERIAL and NAME.key.SERIAL, and replaced in one step each, the key first: who reads
 * between the two finds that they do not fit. An old certificate stays valid until it expires, or
 * is revoked by its serial number.
 *
 * BAS_ERR_NOT_FOUND: there is no such certificate. BAS_ERR_CERTIFICATE: it was revoked, or the
 * request does not pass, or the authority does not last so long. BAS_ERR_EXISTS: something else has
 * the name under which an old file is to be kept. After an error the old files are in place.
 */
struct bas_pki_renew_request {
    size_t size; /* sizeof(struct bas_pki_renew_request) */
    const char *directory;
    const char *name;
    unsigned days; /* default: as many as the old one had */
    bool new_key;
    const char *request_file;
    const char *key_password; /* of a new key */
    const char *ca_password;
};
struct bas_pki_renewal {
    struct bas_pki_pair pair; /* key_file: of a new key, else empty */
    char old_certificate_file[BAS_PKI_PATH];
    char old_key_file[BAS_PKI_PATH]; /* empty: none was replaced */
};
BAS_API BAS_MUST_USE bas_err bas_pki_renew(const struct bas_env *env,
                                           const struct bas_pki_renew_request *request,
                                           struct bas_pki_renewal *made, struct bas_fault *fault);

/* Why a certificate is taken back (RFC 5280, 5.3.1, with its names). */
enum bas_pki_reason {
    BAS_PKI_UNSPECIFIED = 0,
    BAS_PKI_KEY_COMPROMISE = 1,
    BAS_PKI_CA_COMPROMISE = 2,
    BAS_PKI_AFFILIATION_CHANGED = 3,
    BAS_PKI_SUPERSEDED = 4,
    BAS_PKI_CESSATION_OF_OPERATION = 5,
    BAS_PKI_PRIVILEGE_WITHDRAWN = 9
};
BAS_API const char *bas_pki_reason_name(enum bas_pki_reason reason);
/* False: there is no reason of that name. */
BAS_API bool bas_pki_reason_find(const char *name, enum bas_pki_reason *reason);

/*
 * Revokes: all certificates of a name that are still valid, or the one of a serial number (hex; as
 * bas_pki_certificate has it), or none, and writes DIRECTORY/ca.crl with a new number. What is
 * revoked already stays as it is; when nothing is new and the list is complete, it is not written
 * (is_written) unless neither name nor serial is given: that makes a fresh list, which every list
 * needs before its next_update.
 *
 * BAS_ERR_NOT_FOUND: this authority issued no such certificate. BAS_ERR_CERTIFICATE: the ca.crl
 * that stands there is not this authority's.
 */
struct bas_pki_revoke_request {
    size_t size; /* sizeof(struct bas_pki_revoke_request) */
    const char *directory;
    const char *name;
    const char *serial;
    enum bas_pki_reason reason;
    unsigned days; /* until the next list; default: BAS_PKI_CRL_DAYS */
    const char *ca_password;
};
struct bas_pki_crl {
    char file[BAS_PKI_PATH];
    uint64_t number;
    int64_t this_update;
    int64_t next_update;
    size_t n;       /* certificates on the list */
    size_t n_meant; /* that the request meant */
    size_t n_new;   /* of these: that were not revoked before */
    bool is_written;
};
BAS_API BAS_MUST_USE bas_err bas_pki_revoke(const struct bas_env *env,
                                            const struct bas_pki_revoke_request *request,
                                            struct bas_pki_crl *made, struct bas_fault *fault);

/*
 * Puts NAME.key, NAME.pem and ca.pem into one file (PKCS #12, mode 0600) for importers that want it
 * so. is_legacy: 3DES and SHA-1 for old ones, else PBES2 with AES-256 and SHA-256. is_bare: no
 * encryption; whoever has the file has the key.
 *
 * BAS_ERR_EXISTS: the file exists. BAS_ERR_INVALID: no password, and not is_bare. BAS_ERR_KEY: key
 * and certificate do not belong together, or key_password does not fit.
 */
struct bas_pki_bundle_request {
    size_t size; /* sizeof(struct bas_pki_bundle_request) */
    const char *directory;
    const char *name;
    const char *file;         /* default: DIRECTORY/NAME.p12 */
    const char *password;     /* of the bundle */
    const char *key_password; /* of NAME.key */
    bool is_legacy;
    bool is_bare;
};
struct bas_pki_bundle {
    char file[BAS_PKI_PATH];
};
BAS_API BAS_MUST_USE bas_err bas_pki_bundle(const struct bas_env *env,
                                            const struct bas_pki_bundle_request *request,
                                            struct bas_pki_bundle *made, struct bas_fault *fault);

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
    bool is_revoked;
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

/*
 * Issues certificates to all devices of a list: comma-separated values (semicolons do, too) whose
 * first line names the columns: name; san, as often as needed, each with any number of names
 * between spaces; uuid; days. Lines that are empty or begin with # are passed over. What has its
 * certificate already is left alone, so that a second run makes nothing.
 * DIRECTORY/LIST.manifest.csv is written: name, serial, uuid, fingerprint (SHA-256), not_after,
 * certificate_file, key_file, a line for every device of the list.
 *
 * All lines are looked at before anything is made: BAS_ERR_CONFIG with what is wrong in
 * batch->mistakes. Either all certificates come to be, or, after an error while they are made,
 * none. progress (may be NULL) is called after each. Otherwise as bas_pki_issue.
 */
struct bas_pki_batch_request {
    size_t size; /* sizeof(struct bas_pki_batch_request) */
    const char *directory;
    const char *file;
    unsigned days; /* where the list has none; default: BAS_PKI_DEVICE_DAYS */
    const char *key_password;
    const char *ca_password;
    void (*progress)(void *ctx, size_t done, size_t n);
    void *progress_ctx;
};
struct bas_pki_mistake {
    unsigned line;
    char text[200];
};
struct bas_pki_batch {
    char manifest_file[BAS_PKI_PATH];
    size_t n; /* devices of the list */
    size_t n_new;
    size_t n_mistakes; /* also those that found no room below */
    struct bas_pki_mistake mistakes[BAS_PKI_MISTAKES];
};
BAS_API BAS_MUST_USE bas_err bas_pki_issue_list(const struct bas_env *env,
                                                const struct bas_pki_batch_request *request,
                                                struct bas_pki_batch *batch,
                                                struct bas_fault *fault);

/* How much a finding matters. NOTICE: there is time; WARNING: act in this month; CRITICAL: somebody
 * is, or will be within days, without a connection or without protection. */
enum bas_pki_level { BAS_PKI_FINE, BAS_PKI_NOTICE, BAS_PKI_WARNING, BAS_PKI_CRITICAL };
enum bas_pki_kind {
    BAS_PKI_KIND_EXPIRY,
    BAS_PKI_KIND_DATES,
    BAS_PKI_KIND_REVOKED,
    BAS_PKI_KIND_AUTHORITY,
    BAS_PKI_KIND_KEY_MISSING,
    BAS_PKI_KIND_KEY_OPEN,
    BAS_PKI_KIND_KEY_OTHER,
    BAS_PKI_KIND_CRL,
    BAS_PKI_KIND_UNREADABLE
};
BAS_API const char *bas_pki_level_name(enum bas_pki_level level);
BAS_API const char *bas_pki_kind_name(enum bas_pki_kind kind);

struct bas_pki_finding {
    enum bas_pki_level level;
    enum bas_pki_kind kind;
    char file[BAS_PKI_PATH];
    char text[BAS_FAULT_TEXT]; /* continues a sentence that begins with the file */
};
struct bas_pki_report {
    struct bas_pki_finding *findings;
    size_t n;
    size_t cap;
    size_t n_files; /* certificates that were looked at */
    enum bas_pki_level worst;
    int64_t next_expiry; /* the first of their not_after; 0: there is none */
};
/*
 * Looks after certificates. paths: folders of an authority (all NAME.pem of it, keys, index.csv,
 * ca.crl), and single certificates (with ca.pem, ca.crl and the key beside them, as far as they are
 * there). Looked for: the end of a certificate within the given days, its beginning in the future,
 * revocation, an authority that is not ours, a key that is missing, open to others or another's, a
 * revocation list that needs to be replaced. ca_file and crl_file stand in for those of the folder.
 *
 * What is found is no error: see report->worst. Free the report with bas_pki_report_free.
 * BAS_ERR_NOT_FOUND, BAS_ERR_CERTIFICATE and those of files: the authority cannot be read.
 */
struct bas_pki_check_request {
    size_t size; /* sizeof(struct bas_pki_check_request) */
    const char *const *paths;
    size_t n_paths;
    const char *ca_file;
    const char *crl_file;
    unsigned notice_days; /* default: BAS_PKI_NOTICE_DAYS */
    unsigned warning_days;
    unsigned critical_days;
};
BAS_API BAS_MUST_USE bas_err bas_pki_check(const struct bas_env *env,
                                           const struct bas_pki_check_request *request,
                                           struct bas_pki_report *report, struct bas_fault *fault);
BAS_API void bas_pki_report_free(const struct bas_env *env, struct bas_pki_report *report);

/* Where a device stands when one authority takes over from another. */
enum bas_pki_move {
    BAS_PKI_STAYS,      /* it has no valid certificate of the new authority */
    BAS_PKI_MOVED,      /* it has one */
    BAS_PKI_OTHER_UUID, /* it has one that makes another device of it */
    BAS_PKI_GONE        /* it needs none: expired or revoked */
};
struct bas_pki_holder {
    const struct bas_pki_entry *entry; /* in the folder of the old authority */
    bool key_is_elsewhere;             /* its certificate came of a request */
    enum bas_pki_move move;
};
struct bas_pki_rotation {
    struct bas_pki_list from; /* the old authority first */
    struct bas_pki_list to;   /* the new one first */
    bool has_to;              /* there is a new one */
    struct bas_pki_holder *holders;
    size_t n;
    size_t holders_cap;
    size_t n_staying;
};
/*
 * Who is still on the old authority (that of directory), and who has a certificate of the new one
 * (that of the folder to, which may be NULL, or without an authority yet). Judged by signatures and
 * dates, not by names. Free with bas_pki_rotation_free.
 */
BAS_API BAS_MUST_USE bas_err bas_pki_rotation(const struct bas_env *env, const char *directory,
                                              const char *to, struct bas_pki_rotation *rotation,
                                              struct bas_fault *fault);
BAS_API void bas_pki_rotation_free(const struct bas_env *env, struct bas_pki_rotation *rotation);

#ifdef __cplusplus
}
#endif

#endif
