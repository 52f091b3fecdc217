/* Primitive values as JSON: what one function writes, another reads back. */
#ifndef BASALT_BACNET_JSON_PRIMITIVE_H
#define BASALT_BACNET_JSON_PRIMITIVE_H

#include "basalt/bacnet_value.h"
#include "json/json.h"

/* A primitive whose type is known. */
void bac_json_primitive(const struct bac_type *type, const void *value, struct bas_json *json,
                        const char *key);
/* A primitive whose type nobody else knows: the JSON says of which kind it is. */
void bac_json_value(const struct bac_value *value, struct bas_json *json, const char *key);

/* How many bits a named bit string has that is an array of names: those that have one, and no fewer
 * than the type asks for. Of any other length it says how long it is. */
size_t bac_named_bits(const struct bac_type *type);

/* Where in the JSON something stands: a member, or an element of an array (name NULL). */
struct bac_place {
    const struct bac_place *outer;
    const char *name;
    size_t at;
};
struct bac_json_reader {
    struct bac_arena *arena;
    struct bas_fault *fault;
    const struct bac_place *place;
};
/* BAS_ERR_INVALID, and the fault names the place. */
bas_err bac_json_fail(const struct bac_json_reader *r, const char *format, ...) BAS_PRINTF(2, 3);
bas_err bac_json_fail_no_space(const struct bac_json_reader *r);

bas_err bac_json_read_primitive(const struct bac_json_reader *r, const struct bac_type *type,
                                const struct jv *json, void *value);
bas_err bac_json_read_value(const struct bac_json_reader *r, const struct jv *json,
                            struct bac_value *value);
/* Hex octets. */
bas_err bac_json_read_hex(const struct bac_json_reader *r, const struct jv *json,
                          struct bas_slice *octets);

#endif
