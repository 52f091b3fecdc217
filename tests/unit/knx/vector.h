/* What the tests over tests/vectors/knx-vectors.json share: reading of vectors, and a run over one
 * group of them. */
#ifndef BASALT_TEST_VECTOR_H
#define BASALT_TEST_VECTOR_H

#include "test_env.h"

#include "basalt/knx_secure.h"

#include <jansson.h>

struct vector {
    const char *id;
    const json_t *input;
    const json_t *expect;
};

/* A group of vectors: how many there must be, and who checks them (NULL: another test). */
struct vector_group {
    const char *name;
    size_t count;
    void (*check)(const struct vector *vector);
};

json_t *load_vectors(void);
/* A test whose state is a struct vector_group. */
void check_group(void **state);

const char *text_of(const json_t *object, const char *key); /* NULL: not there, or no text */
bool has(const json_t *object, const char *key);
bool is(const json_t *object, const char *key, const char *text);
struct bas_slice hex_of(const json_t *object, const char *key);
uint64_t number_of(const json_t *object, const char *key); /* in decimal, or as hex text */
struct knx_key key_of(const json_t *object, const char *name);
struct knx_cipher cipher_of(const json_t *object, const char *name);

void assert_octets(const struct vector *v, struct bas_slice is, struct bas_slice wanted);
/* Against the member key of what is expected. */
void assert_is(const struct vector *v, const void *octets, size_t len, const char *key);
void assert_buf(const struct vector *v, const struct bas_buf *buf, const char *key);
/* Where a vector tells its blocks: the CBC-MAC before it is encrypted, under the input key. */
void check_mac(const struct vector *v, const char *key, struct bas_slice payload);

#endif
