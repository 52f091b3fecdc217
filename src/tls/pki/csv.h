/* Comma-separated values (RFC 4180), as spreadsheets write them: lists of devices, our index. */
#ifndef BASALT_TLS_PKI_CSV_H
#define BASALT_TLS_PKI_CSV_H

#include "basalt/base.h"

enum { BAS_PKI_CSV_CELLS = 40 };

/* A reader over a terminated text, which it changes. Lines that are empty or begin with # are
 * passed over. */
struct bas_pki_csv {
    char *at;
    char delimiter;     /* ',' unless set */
    unsigned next_line; /* 1 is the first */
    /* the record that was read */
    unsigned line;
    size_t n;
    char *cells[BAS_PKI_CSV_CELLS]; /* spaces around them are gone */
};

/* text: terminated, without zero octets inside. A byte order mark is passed over. */
void bas_pki_csv_init(struct bas_pki_csv *csv, char *text);
/* Takes the first of , and ; in the next record for the delimiter. */
void bas_pki_csv_guess_delimiter(struct bas_pki_csv *csv);
/*
 * Reads the next record. BAS_OK; BAS_ERR_CLOSED: there is none; BAS_ERR_MALFORMED with the reason
 * in *why: go on with the next one.
 */
bas_err bas_pki_csv_next(struct bas_pki_csv *csv, const char **why);

/* Appends a cell with a comma in front where it is not the first of its line (is_first), in quotes
 * where it needs them. */
void bas_pki_csv_add(struct bas_buf *out, bool is_first, const char *text);

#endif
