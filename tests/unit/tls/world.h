/*
 * A folder with a site's authority and certificates, good ones from basalt/pki.h and bad ones that
 * only a test can want; gone when the test ends.
 */
#ifndef BASALT_TEST_TLS_WORLD_H
#define BASALT_TEST_TLS_WORLD_H

#include "test_env.h"

#include "basalt/pki.h"

struct world {
    struct test_env t;
    char folder[40];
    char paths[16][128]; /* what world_path gave, used in turn */
    unsigned n_paths;
};

/* Authority "ca", devices "hub" and "node". The clock says 2026-01-01. */
void world_init(struct world *world);
void world_fini(struct world *world);
/* FOLDER/NAME, valid for the next 15 calls. */
const char *world_path(struct world *world, const char *name);
void world_write(struct world *world, const char *name, const char *text, unsigned mode);
/* The content of FOLDER/NAME, terminated, cut at cap - 1. Gives its length. */
size_t world_read(struct world *world, const char *name, char *text, size_t cap);
void world_issue(struct world *world, const char *name);

/* A certificate as no good authority makes it. Zero members mean the good value. */
struct odd {
    const char *name;    /* NAME.pem and NAME.key */
    const char *subject; /* common name; default: name */
    const char *signer;  /* NAME of the one that signs; default "ca" */
    const char *issuer;  /* common name of the issuer that is claimed instead of the signer's */
    const char *uri;     /* subject alternative name */
    const char *dns;     /* another */
    int version;         /* default 3 */
    int64_t not_before;  /* default a day before the clock */
    int64_t not_after;   /* default a year behind it */
    bool is_ca;
    bool is_self_signed;
    bool has_no_key_id; /* neither SKI nor AKI */
    bool has_alien_extension;
    bool is_sha1;
    unsigned key_usage;
    unsigned curve;    /* gnutls_ecc_curve_t; default P-256 */
    unsigned rsa_bits; /* the certificate says RSA of so many bits; NAME.key is another */
    unsigned rsa_exponent_octets;
    bool has_rsa_key;            /* NAME.key is of RSA 2048 */
    const char *serial;          /* hex; default 112233 */
    const char *const *purposes; /* extended key usage, OIDs up to NULL */
};
void world_issue_odd(struct world *world, const struct odd *odd);

/* A revocation list. Zero members mean the good value. */
struct odd_list {
    const char *name;       /* the file */
    const char *signer;     /* NAME of the one whose key signs; default "ca" */
    const char *issuer;     /* NAME of the one that is named as issuer; default signer */
    const char *rows;       /* hex of the rows; default none */
    const char *extensions; /* hex of the list's extensions; default none */
    int64_t from;           /* default a day before the clock */
    int64_t next;           /* default a month behind it */
    bool is_damaged;        /* the signature is */
    bool is_appended;       /* to what is in the file */
};
void world_list(struct world *world, const struct odd_list *list);
/* The row of an odd certificate with serial 112233, revoked 2025-12-01, with keyCompromise; the
 * same without reason; and of serial 112234. */
#define ROW_112233_UNSAID "30140203112233170d3235313230313030303030305a"
#define ROW_112234        "30140203112234170d3235313230313030303030305a"
#define ROW_112233        "30220203112233170d3235313230313030303030305a300c300a0603551d1504030a0101"

/* Octets of all memory that is allocated now, the library's included. */
size_t heap_now(void);
void assert_contains(const char *text, const char *part);

#endif
