/*
 * The ground everything stands on: slices, time, the environment an engine is given, frames and
 * windows, bounded buffers.
 *
 * Protocol code is pure: bytes and time in, events and frames out. Memory, randomness, wall time,
 * log and trace come from a struct bas_env that is given at creation. No function here blocks, and
 * nothing is shared between threads: a frame belongs to one event loop, its reference count is a
 * plain integer.
 */
#ifndef BASALT_BASE_H
#define BASALT_BASE_H

#include "basalt/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BAS_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Octets that somebody else owns. data may be NULL only when len is 0. */
struct bas_slice {
    const uint8_t *data;
    size_t len;
};

/* Monotonic time in microseconds. Never goes backwards; its zero means nothing. */
typedef int64_t bas_time;
#define BAS_NEVER       INT64_MAX
#define BAS_MILLISECOND ((bas_time)1000)
#define BAS_SECOND      ((bas_time)1000000)

enum bas_log_level { BAS_LOG_ERROR, BAS_LOG_WARNING, BAS_LOG_INFO, BAS_LOG_DEBUG };

/*
 * What an engine may ask of the world. Copied at creation of an engine; ctx must outlive it.
 * alloc gives zeroed memory or NULL; release takes the length that was asked for. random fills all
 * of out and cannot fail. wall is microseconds since 1970 in UTC; it may jump and drives no timer.
 * log and alloc must not call back into the engine. log may be NULL.
 */
struct bas_env {
    void *ctx;
    void *(*alloc)(void *ctx, size_t len);
    void (*release)(void *ctx, void *memory, size_t len);
    void (*random)(void *ctx, uint8_t *out, size_t len);
    int64_t (*wall)(void *ctx);
    void (*log)(void *ctx, enum bas_log_level level, const char *text);
};

/* Zeroed memory, or NULL. len 0 gives NULL. Free with bas_release and the same length. */
BAS_API void *bas_alloc(const struct bas_env *env, size_t len);
BAS_API void bas_release(const struct bas_env *env, void *memory, size_t len);
/* Formats one line (no newline, cut at 511 octets) and hands it to env->log. */
BAS_API void bas_log(const struct bas_env *env, enum bas_log_level level, const char *format, ...)
    BAS_PRINTF(3, 4);

/* Frames */

/*
 * Room that a writer leaves in front of an APDU or NPDU, so that each layer pushes its header
 * without a copy: the largest NPCI (clause 6.2: 2 + 3 + 18 + 3 + 18 + 1 + 3, rounded up) and the
 * largest BVLC-SC header (16).
 */
enum { BAS_HEADROOM = 80 };

/*
 * A reference-counted block of octets. data[0 .. cap) is the block; the used part is data[start ..
 * start + len). A frame with more than one reference is read-only (asserted by the functions that
 * write).
 */
struct bas_frame {
    uint8_t *data;
    uint32_t cap;
    uint32_t start;
    uint32_t len;
    uint32_t refs;
    struct bas_pool *pool; /* where it returns to; NULL: to env */
    struct bas_env const *env;
    struct bas_frame *next; /* used by the pool */
};

/*
 * A frame of exactly cap octets, start = headroom, len 0, one reference: NULL when memory is out.
 * headroom <= cap. env must outlive the frame. cap is at most UINT32_MAX - 64.
 */
BAS_API struct bas_frame *bas_frame_new(const struct bas_env *env, size_t headroom, size_t cap);
BAS_API struct bas_frame *bas_frame_ref(struct bas_frame *frame);
/* Drops one reference; the last one frees the frame or returns it to its pool. NULL is allowed. */
BAS_API void bas_frame_unref(struct bas_frame *frame);
/* Makes room for n octets in front of (push) or behind (put) the used part and returns it: NULL
 * when it does not fit. */
BAS_API uint8_t *bas_frame_push(struct bas_frame *frame, size_t n);
BAS_API uint8_t *bas_frame_put(struct bas_frame *frame, size_t n);
/* The used part. Borrowed. */
BAS_API struct bas_slice bas_frame_slice(const struct bas_frame *frame);

/* A read-only part of a frame. Whoever keeps it beyond the call keeps a reference of frame. */
struct bas_window {
    struct bas_frame *frame;
    uint32_t offset;
    uint32_t len;
};
BAS_API struct bas_slice bas_window_slice(const struct bas_window *window);
/* The window over all used octets of a frame. Takes no reference. */
BAS_API struct bas_window bas_frame_window(struct bas_frame *frame);

/*
 * Blocks of one size that are used again and again (receive blocks). At most max blocks live;
 * bas_pool_get gives NULL when all are out. Freeing a pool with blocks still out is an error of the
 * caller (asserted).
 */
struct bas_pool;
BAS_API struct bas_pool *bas_pool_new(const struct bas_env *env, size_t block_len, size_t max);
BAS_API void bas_pool_free(struct bas_pool *pool);
BAS_API struct bas_frame *bas_pool_get(struct bas_pool *pool);

/*
 * A shared bound for memory that peers can make us hold (unfinished input, pending output). One
 * owner creates it; engines charge and release it. bas_budget_charge is false, and charges nothing,
 * when the bound would be exceeded.
 */
struct bas_budget {
    size_t max;
    size_t used;
};
BAS_API bool bas_budget_charge(struct bas_budget *budget, size_t len);
BAS_API void bas_budget_release(struct bas_budget *budget, size_t len);

/* Bounded output */

/*
 * Somebody's memory that is filled from the front. It never grows: what does not fit sets full and
 * writes nothing more, so a writer checks once at its end.
 */
struct bas_buf {
    uint8_t *data;
    size_t cap;
    size_t len;
    bool full;
};
BAS_API void bas_buf_init(struct bas_buf *buf, void *memory, size_t cap);
BAS_API void bas_buf_add(struct bas_buf *buf, const void *octets, size_t len);
BAS_API void bas_buf_add_text(struct bas_buf *buf, const char *text);
BAS_API void bas_buf_add_hex(struct bas_buf *buf, struct bas_slice octets); /* lower case */
BAS_API void bas_buf_format(struct bas_buf *buf, const char *format, ...) BAS_PRINTF(2, 3);
/*
 * Copies a peer's text on its way to people (logs, faults, terminals) into out (cap octets,
 * terminated): one line in which every octet of a control character (C0, DEL, and C1 as UTF-8)
 * became '?'. What does not fit is cut between two UTF-8 characters.
 */
BAS_API void bas_text_copy(char *out, size_t cap, struct bas_slice text);
/* The content as a C string: terminated inside the memory (cut by one octet when full). cap must
 * not be 0. */
BAS_API const char *bas_buf_text(struct bas_buf *buf);

/* Reads hex text (case does not matter, spaces and colons between octets are skipped) into out;
 * *len is the capacity in and the count out. BAS_ERR_MALFORMED for a foreign character or an odd
 * digit count, BAS_ERR_TOO_LONG when it does not fit. */
BAS_API BAS_MUST_USE bas_err bas_hex_decode(const char *text, uint8_t *out, size_t *len);

/* True when both are equal; the time depends on len alone. */
BAS_API bool bas_equal_secret(const void *a, const void *b, size_t len);
/* Overwrites memory with zeros in a way that the compiler keeps. */
BAS_API void bas_wipe(void *memory, size_t len);

/* JSON output */

/*
 * Writes one JSON text into a bounded buffer, commas and quotes included. Depth is at most 32.
 * Strings are UTF-8; what is not valid UTF-8 is replaced by U+FFFD. key may be NULL inside an array
 * or at the top.
 */
struct bas_json {
    struct bas_buf *out;
    uint32_t has_item; /* bit n: depth n holds an item already */
    unsigned depth;
};
BAS_API void bas_json_init(struct bas_json *json, struct bas_buf *out);
BAS_API void bas_json_open(struct bas_json *json, const char *key, char bracket); /* '{' or '[' */
BAS_API void bas_json_close(struct bas_json *json, char bracket);                 /* '}' or ']' */
BAS_API void bas_json_text(struct bas_json *json, const char *key, const char *text);
BAS_API void bas_json_utf8(struct bas_json *json, const char *key, struct bas_slice text);
BAS_API void bas_json_hex(struct bas_json *json, const char *key, struct bas_slice octets);
BAS_API void bas_json_unsigned(struct bas_json *json, const char *key, uint64_t value);
BAS_API void bas_json_signed(struct bas_json *json, const char *key, int64_t value);
/* precision: significant digits at most, 9 for a REAL, 17 for a double; the shortest text that
 * reads back equal is written. NaN and infinities, which JSON lacks, are written as the texts
 * "NaN", "Infinity", "-Infinity". */
BAS_API void bas_json_real(struct bas_json *json, const char *key, double value, int precision);
/* As bas_json_real, and never a whole number: 65.0, so that a reader sees what it is. */
BAS_API void bas_json_fraction(struct bas_json *json, const char *key, double value, int precision);
BAS_API void bas_json_bool(struct bas_json *json, const char *key, bool value);
BAS_API void bas_json_null(struct bas_json *json, const char *key);

#ifdef __cplusplus
}
#endif

#endif
