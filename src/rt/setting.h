/*
 * One setting: a row that says what a text may be and where its value goes in a struct.
 *
 * The configuration file and the command line read their values through here, so both speak the
 * same words about what is wrong and what is allowed.
 */
#ifndef BASALT_RT_SETTING_H
#define BASALT_RT_SETTING_H

#include "basalt/base.h"

/* In brackets the C type of the member, the meaning of min and max. */
enum bas_setting_type {
    BAS_SETTING_BOOL,      /* [bool] true, false */
    BAS_SETTING_UNSIGNED,  /* [uint8_t .. uint64_t, by size; closed range] */
    BAS_SETTING_SIZE,      /* [as UNSIGNED; octets] "65536", "64 KiB", "1 MiB", "1 GiB" */
    BAS_SETTING_DURATION,  /* [uint32_t of milliseconds; milliseconds] "10", "0.25" */
    BAS_SETTING_NUMBER,    /* [struct bas_number] a number, or active, inactive, true, false */
    BAS_SETTING_VALUE,     /* [const char *; octets] a text, number or word; what it means lies in
                              the item; of a simulation's "csv FILE" the folder is the reader's */
    BAS_SETTING_TEXT,      /* [const char *; octets] */
    BAS_SETTING_TEXTS,     /* [struct bas_texts; max: items] one text more */
    BAS_SETTING_PATH,      /* [const char *] relative to the folder of the reader */
    BAS_SETTING_PATHS,     /* [const char *[max]; max: items] one path more, NULL ends */
    BAS_SETTING_BIND,      /* [const char *] address:port, [address]:port */
    BAS_SETTING_URI,       /* [const char *] wss://host[:port][/path]; whether ws:// is allowed
                              is not told by the text alone */
    BAS_SETTING_URIS,      /* [struct bas_texts; max: items] one URI more */
    BAS_SETTING_PEERS,     /* [struct bas_texts; max: items] one "VMAC POLICY [URI...]" more */
    BAS_SETTING_VMAC,      /* [struct bsc_vmac; min 1: one that can be an identity] */
    BAS_SETTING_UUID,      /* [struct bsc_uuid; min 1: not all zeros] */
    BAS_SETTING_CHOICE,    /* [uint16_t] a name of choices */
    BAS_SETTING_FLAGS,     /* [uint8_t] one name of choices more: the bits of all */
    BAS_SETTING_HOST,      /* [const char *] host[:port] */
    BAS_SETTING_ADDRESS,   /* [knx_ia] an Individual Address that is not 0 */
    BAS_SETTING_ADDRESSES, /* [struct bas_texts; max: items] one ADDRESS more */
    BAS_SETTING_GROUP,     /* [knx_ga] a group address */
    BAS_SETTING_OBJECTS    /* [pointer; max: items] a list of items: read by config_file.c alone */
};

struct bas_choice {
    const char *name;
    uint16_t number;
};
struct bas_choices {
    const struct bas_choice *items;
    size_t n;
    const char *allowed; /* what to say of them */
};

struct bas_setting {
    uint8_t section; /* enum bas_section */
    const char *name;
    enum bas_setting_type type;
    uint16_t offset;
    uint16_t size; /* of the member */
    uint64_t min;
    uint64_t max;
    const char *fallback; /* the default as text; NULL: none */
    const char *unit;     /* "s", "octets"; NULL: none */
    const char *help;
    bool is_required;
    const struct bas_choices *choices; /* CHOICE, FLAGS */
};

/* Texts and lists of settings: blocks that go together. */
struct bas_keep {
    const struct bas_env *env;
    struct bas_keep_block *blocks;
};
/* Zeroed, aligned for pointers; NULL: out of memory. Lives until bas_keep_free. */
void *bas_keep_take(struct bas_keep *store, size_t len);
void bas_keep_free(struct bas_keep *store);

struct bas_setting_reader {
    struct bas_keep *store;
    const char *folder; /* "dir/" in front of relative paths, or NULL */
    bool quoted;        /* the text stood in quotes: it is a text, no number */
};

enum { BAS_SETTING_WHY = 200 };
/*
 * Reads text into the member of base. BAS_ERR_CONFIG with "what is wrong; what is allowed" in why;
 * BAS_ERR_NO_MEMORY.
 */
bas_err bas_setting_read(const struct bas_setting *row, const struct bas_setting_reader *reader,
                         const char *text, void *base, char why[BAS_SETTING_WHY]);
/* The number in the member of an UNSIGNED, SIZE, DURATION, CHOICE, FLAGS, ADDRESS or GROUP. */
uint64_t bas_setting_number(const struct bas_setting *row, const void *member);
/* True when the member holds something else than its zero. */
bool bas_setting_is_set(const struct bas_setting *row, const void *base);
/* As is_set, and it says something: of yes-or-no values and flags what is not their default. */
bool bas_setting_is_told(const struct bas_setting *row, const void *base);
/* True when a file may give it a list: read once for each item. */
bool bas_setting_is_list(const struct bas_setting *row);
/* Appends the value as YAML that reads back equal. */
void bas_setting_write(const struct bas_setting *row, const void *base, struct bas_buf *out);
/* Appends what is allowed: "a whole number from 1 to 9", "seconds from 0.1 to 300". */
void bas_setting_allowed(const struct bas_setting *row, struct bas_buf *out);
/* Appends text in quotes, long ones cut, control octets as '?': what a person typed. */
void bas_setting_quote(struct bas_buf *out, const char *text);

/*
 * The row of rows[0 .. n) that name most probably means (a typing error or two), or NULL. The
 * names stand name_offset octets into each element of stride octets.
 */
const char *bas_nearest(const char *name, const void *rows, size_t n, size_t stride,
                        size_t name_offset);

#endif
