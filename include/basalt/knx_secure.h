/*
 * KNX Secure: keys and their derivation, the SECURE_WRAPPER of KNX IP Secure (03_08_09), KNX Data
 * Secure (03_03_07 section 5).
 *
 * Pure. Key derivation costs about 20 ms of CPU: it belongs where a configuration is loaded, never
 * on the thread of an event loop.
 */
#ifndef BASALT_KNX_SECURE_H
#define BASALT_KNX_SECURE_H

#include "basalt/knx.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { KNX_KEY_LEN = 16 };
struct knx_key {
    uint8_t octets[KNX_KEY_LEN];
};

/* Derivations (spec 2.1): PBKDF2-HMAC-SHA256, 65536 rounds. The password may be empty. Device and
 * user passwords are ISO-8859-1, keyring passwords UTF-8: octets as they are. */
BAS_API void knx_device_key(struct bas_slice password, struct knx_key *key);
BAS_API void knx_user_key(struct bas_slice password, struct knx_key *key);
BAS_API void knx_keyring_key(struct bas_slice password, struct knx_key *key);

/* An X25519 pair for one session. The private half is wiped by knx_agree. */
struct knx_key_pair {
    uint8_t private_key[KNX_PUBLIC_KEY_LEN];
    uint8_t public_key[KNX_PUBLIC_KEY_LEN];
};
BAS_API void knx_key_pair_make(const struct bas_env *env, struct knx_key_pair *pair);
/* Derives the session key and wipes pair->private_key. False: peer is a low-order point (shared
 * secret all zero); key is all zero then. */
BAS_API bool knx_agree(struct knx_key_pair *pair, const uint8_t peer[KNX_PUBLIC_KEY_LEN],
                       struct knx_key *key);

/* The MACs of the handshake (spec 2.2); x and y are the client's and the server's public keys. */
BAS_API void knx_response_mac(const struct knx_key *device_key, uint16_t session,
                              const uint8_t x[KNX_PUBLIC_KEY_LEN],
                              const uint8_t y[KNX_PUBLIC_KEY_LEN], uint8_t mac[KNX_MAC_LEN]);
BAS_API void knx_authenticate_mac(const struct knx_key *user_key, uint8_t user,
                                  const uint8_t x[KNX_PUBLIC_KEY_LEN],
                                  const uint8_t y[KNX_PUBLIC_KEY_LEN], uint8_t mac[KNX_MAC_LEN]);

/* A key made ready for use: expanded once, copied freely, wiped with bas_wipe. */
struct knx_cipher {
    uint32_t words[44];
};
BAS_API void knx_cipher_init(struct knx_cipher *cipher, const struct knx_key *key);

enum { KNX_WRAPPER_OVERHEAD = 38, KNX_WRAPPER_MIN = 44, KNX_WRAPPER_MAX_INNER = 4080 };
#define KNX_COUNTER_MAX UINT64_C(0xFFFFFFFFFFFF) /* 48 bits */

struct knx_wrapper {
    uint16_t session;
    uint64_t sequence; /* or the timer, on multicast */
    uint8_t serial[KNX_SERIAL_LEN];
    uint16_t tag;
};
/* Appends a whole SECURE_WRAPPER around inner (a whole KNXnet/IP frame, 6 .. 4080 octets). inner
 * must not lie in out's memory. */
BAS_API void knx_wrap(const struct knx_cipher *cipher, const struct knx_wrapper *wrapper,
                      struct bas_slice inner, struct bas_buf *out);
/* The header of a wrapper, not verified. BAS_ERR_TRUNCATED, BAS_ERR_MALFORMED. */
BAS_API BAS_MUST_USE bas_err knx_wrapper_peek(struct bas_slice frame, struct knx_wrapper *wrapper);
/*
 * Opens a wrapper into scratch (at least frame.len - 38 octets) and checks: MAC (BAS_ERR_KEY),
 * inner header and length, inner services that must not be wrapped (BAS_ERR_PROTOCOL), routing only
 * with session 0. inner borrows scratch and is written on success only. Sequence and session are
 * the caller's to check before, knx_wrapper_peek.
 */
BAS_API BAS_MUST_USE bas_err knx_unwrap(const struct knx_cipher *cipher, struct bas_slice frame,
                                        uint8_t *scratch, struct bas_slice *inner);
/* Appends a TIMER_NOTIFY; checks one. */
BAS_API void knx_timer_notify(const struct knx_cipher *cipher, const struct knx_wrapper *timer,
                              struct bas_buf *out);
BAS_API bool knx_timer_notify_check(const struct knx_cipher *cipher, struct bas_slice frame,
                                    struct knx_wrapper *timer);

/* Data Secure */

enum {
    KNX_DATA_SECURE_OVERHEAD = 13,
    KNX_SCF_TOOL = 0x80,
    KNX_SCF_ENCRYPTED = 0x10,
    KNX_SCF_SYSTEM_BROADCAST = 0x08,
    KNX_SCF_DATA = 0,
    KNX_SCF_SYNC_REQUEST = 2,
    KNX_SCF_SYNC_RESPONSE = 3
};

/* Why a secured telegram, or a plain one where a secured one must be, was not let through: the
 * labels of the counters. The names are lower case with hyphens. */
enum knx_drop {
    KNX_DROP_NONE,
    KNX_DROP_MALFORMED,      /* too short, inner APCI wrong, nested */
    KNX_DROP_SCF,            /* reserved algorithm, service or combination */
    KNX_DROP_TOOL_ON_GROUP,  /* */
    KNX_DROP_UNKNOWN_KEY,    /* no key for the destination or the pair */
    KNX_DROP_UNKNOWN_SENDER, /* not among the senders of the keyring */
    KNX_DROP_DUPLICATE,      /* sequence number equal to the last one: a repetition */
    KNX_DROP_REPLAY,         /* sequence number below the last one */
    KNX_DROP_MAC,            /* */
    KNX_DROP_PLAIN,          /* plain telegram to a secured group */
    KNX_DROPS
};
BAS_API const char *knx_drop_name(enum knx_drop drop);

/* One secured telegram outside of any engine, for tools and tests: the key is known, nothing is
 * remembered. */
struct knx_secure_apdu {
    uint8_t scf;
    uint64_t sequence;      /* Sync_Res: the random value */
    struct bas_slice apdu;  /* plain, its two APCI octets included; the challenge or the two
                               sequence numbers of a sync service */
    struct bas_slice clear; /* Sync_Req: the 6 serial octets */
    uint64_t challenge;     /* Sync_Res: 48 bits */
};
/* The addresses and flags that enter the blocks. */
struct knx_secure_path {
    knx_ia source;
    uint16_t destination;
    uint8_t control2; /* & 0x8F counts */
    uint8_t tpci;     /* low two bits do not count */
};
/* Appends TPCI | 3F1 | SCF | sequence | body | MAC. The SCF must be valid, apdu at most 255 octets
 * (an L_Data takes 242 of them). apdu must not lie in out's memory. */
BAS_API void knx_secure_apdu_seal(const struct knx_cipher *cipher,
                                  const struct knx_secure_path *path,
                                  const struct knx_secure_apdu *apdu, struct bas_buf *out);
/* scratch: at least tpdu.len octets. KNX_DROP_NONE, MALFORMED, SCF or MAC. For a Sync_Res challenge
 * goes in, sequence comes out as the random value. The TPCI counts as it stands in tpdu. apdu is
 * written on NONE only and borrows scratch; clear borrows tpdu. */
BAS_API enum knx_drop knx_secure_apdu_open(const struct knx_cipher *cipher,
                                           const struct knx_secure_path *path,
                                           struct bas_slice tpdu, uint8_t *scratch,
                                           struct knx_secure_apdu *apdu);

/* Where a sender without a store or with an older one starts: milliseconds since 2018-01-05 of a
 * wall clock in microseconds since 1970; 1 when the clock is before that. */
BAS_API uint64_t knx_sequence_of_clock(int64_t wall);

/*
 * The engine of one Individual Address (or of a tunnel's, of a line's device): seals what it sends,
 * opens what it receives, remembers the sequence numbers of both. Memory is taken at creation and
 * reload alone.
 *
 * One counter numbers all that is sent. What is received has one last number for each sender; tool
 * access has its own: one for each device that we are the tool of, and one for all tools that hold
 * our own tool key (they are told apart by nothing that is authentic before the MAC).
 *
 * It sends from blocks that a store has reserved (knx_data_secure_grant): at half of the present
 * block it asks for the next one (event RESERVE), at its end sealing answers BAS_ERR_BUSY. It never
 * gives a number twice and never one outside of a granted block.
 */
struct knx_group_key {
    knx_ga group;
    struct knx_key key;
};
struct knx_sender {
    knx_ia address;
    uint64_t last; /* last valid sequence number of it, 0: none yet */
    bool is_tool;  /* counts tool access (T = 1): of that device, of all tools where address is 0 */
};
/* Point to point. is_tool: tool key of that device (T = 1). */
struct knx_peer_key {
    knx_ia peer;
    bool is_tool;
    struct knx_key key;
};
struct knx_data_secure_config {
    size_t size;    /* sizeof(struct knx_data_secure_config) */
    knx_ia address; /* ours; may be set later (a tunnel's is known at CONNECT_RESPONSE) */
    const struct knx_group_key *groups;
    size_t n_groups;
    const struct knx_sender *senders;
    size_t n_senders;
    const struct knx_peer_key *peers;
    size_t n_peers;
    bool has_tool_key; /* ours, for a device: tool access to us */
    struct knx_key tool_key;
    uint8_t serial[KNX_SERIAL_LEN];
    bool send_authentication_only; /* SCF 00 for what is sent; off by default */
};
struct knx_data_secure;
BAS_API struct knx_data_secure *knx_data_secure_new(const struct bas_env *env,
                                                    const struct knx_data_secure_config *config);
BAS_API void knx_data_secure_free(struct knx_data_secure *secure);
BAS_API void knx_data_secure_set_address(struct knx_data_secure *secure, knx_ia address);
/* New keys and senders (a keyring was reloaded); sequence numbers stay: the greater of the known
 * and the given one. BAS_ERR_NO_MEMORY leaves the old ones. */
BAS_API BAS_MUST_USE bas_err knx_data_secure_reload(struct knx_data_secure *secure,
                                                    const struct knx_data_secure_config *config);
/* Numbers first .. first + count - 1 may be used for sending. Must lie above all that were granted
 * before. */
BAS_API BAS_MUST_USE bas_err knx_data_secure_grant(struct knx_data_secure *secure, uint64_t first,
                                                   uint64_t count);
/* Numbers that are granted and not used are given back: before the numbers of another address. */
BAS_API void knx_data_secure_renounce(struct knx_data_secure *secure);
/* What a store remembers of a sender: its last number is at least that of sender. Senders that are
 * not configured are ignored. */
BAS_API void knx_data_secure_heard(struct knx_data_secure *secure, const struct knx_sender *sender);
BAS_API bool knx_data_secure_has_key(const struct knx_data_secure *secure, knx_ga group);

/*
 * Turns a plain L_Data into what is sent: secured where there is a key for its destination,
 * unchanged otherwise, and where it has no APDU. Point to point, the key of the pair goes before
 * the tool key of the device. Its source must be our address. Appends the whole cEMI to out;
 * *is_secured tells. BAS_ERR_BUSY: no sequence number is granted (yet); BAS_ERR_TOO_LONG: more than
 * 242 octets of APDU; BAS_ERR_STATE: no address, or the last of all numbers is used;
 * BAS_ERR_INVALID: another source, no APDU for a secured group, secured already; BAS_ERR_NO_SPACE:
 * out is too small (the number is lost).
 */
BAS_API BAS_MUST_USE bas_err knx_data_secure_seal(struct knx_data_secure *secure,
                                                  const struct knx_cemi *cemi, bas_time now,
                                                  struct bas_buf *out, bool *is_secured,
                                                  struct bas_fault *fault);
/* The same with tool access (T = 1), always secured: a device answers a tool with its own tool key,
 * a tool asks a device with that device's. BAS_ERR_NOT_FOUND: neither is there. */
BAS_API BAS_MUST_USE bas_err knx_data_secure_seal_tool(struct knx_data_secure *secure,
                                                       const struct knx_cemi *cemi, bas_time now,
                                                       struct bas_buf *out,
                                                       struct bas_fault *fault);

struct knx_opened {
    enum knx_drop drop; /* NONE: cemi is to be delivered */
    bool is_secured;
    bool is_encrypted;
    bool is_tool;     /* tool access: the answer is knx_data_secure_seal_tool's */
    bool is_consumed; /* a sync service: nothing to deliver, an answer may be waiting */
    uint64_t sequence;
    uint64_t last;        /* DUPLICATE, REPLAY: what was known of the sender */
    struct knx_cemi cemi; /* plain; borrows out's memory or the input */
};
/*
 * Looks at a received L_Data (.ind, and .con of our own telegrams: those are opened without a look
 * at sequence numbers). out: memory for the plain TPDU, at least 256 octets. Counts what it drops.
 */
BAS_API void knx_data_secure_open(struct knx_data_secure *secure, const struct knx_cemi *cemi,
                                  bas_time now, struct bas_buf *out, struct knx_opened *opened);
/* Appends a whole cEMI L_Data.req with an S-A_Sync_Req to peer; is_tool takes its tool key. It ends
 * in an event SYNCED after at most 6 s. Uses no sequence number up (spec 4.8). BAS_ERR_BUSY: one is
 * in flight, or no number is granted; BAS_ERR_NOT_FOUND: no key; BAS_ERR_STATE, BAS_ERR_NO_SPACE as
 * for sealing. */
BAS_API BAS_MUST_USE bas_err knx_data_secure_sync(struct knx_data_secure *secure, knx_ia peer,
                                                  bool is_tool, bas_time now, struct bas_buf *out);

enum knx_data_secure_event_kind {
    KNX_DATA_SECURE_RESERVE, /* the next block is wanted: numbers from next on */
    KNX_DATA_SECURE_SEND,    /* cemi: an S-A_Sync_Res to be sent */
    KNX_DATA_SECURE_RECORD,  /* peer's last valid number is now next: keep it */
    KNX_DATA_SECURE_SYNCED,  /* ok: peer answered; next: our own number was raised to it */
    KNX_DATA_SECURE_FAST /* more than 1000 telegrams/s sustained: a lost store would be unsafe */
};
struct knx_data_secure_event {
    enum knx_data_secure_event_kind kind;
    knx_ia peer;
    bool is_tool; /* RECORD, SYNCED: as in struct knx_sender */
    uint64_t next;
    bool ok;
    struct bas_slice cemi;
};
/* Drain after seal, open, grant, sync and tick; a slice lives until the next call. RECORD comes
 * once for each sender that moved since it was last drained. */
BAS_API bool knx_data_secure_next_event(struct knx_data_secure *secure,
                                        struct knx_data_secure_event *event);
BAS_API void knx_data_secure_tick(struct knx_data_secure *secure, bas_time now);
BAS_API bas_time knx_data_secure_deadline(const struct knx_data_secure *secure);
BAS_API uint64_t knx_data_secure_drops(const struct knx_data_secure *secure, enum knx_drop drop);
BAS_API uint64_t knx_data_secure_next_number(const struct knx_data_secure *secure);

#ifdef __cplusplus
}
#endif

#endif
