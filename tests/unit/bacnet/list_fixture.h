/* A device whose Network Port has a list in the program's memory: Routing_Table, with entries of
 * six octets. For tests of the services about lists. */
#ifndef BASALT_TEST_LIST_FIXTURE_H
#define BASALT_TEST_LIST_FIXTURE_H

#include "server_fixture.h"

struct list_program {
    uint8_t octets[16384];
    size_t len;
    bas_err err; /* of the next write */
};

static inline bas_err list_get(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    (void)property;
    const struct list_program *p = ctx;
    assert_int_equal(index, BAC_NO_INDEX);
    bas_buf_add(out, p->octets, p->len);
    return BAS_OK;
}

static inline bas_err list_set(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                               struct bas_fault *fault)
{
    (void)property;
    struct list_program *p = ctx;
    assert_int_equal(index, BAC_NO_INDEX);
    if (p->err != BAS_OK) {
        return bas_fail_code(fault, p->err, BAC_ERROR_CLASS_RESOURCES,
                             BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY, "full");
    }
    memcpy(p->octets, raw.data, raw.len);
    p->len = raw.len;
    return BAS_OK;
}

/* Networks 1 .. n behind the router 0C. */
static inline void list_fill(struct list_program *p, unsigned n)
{
    assert_true(n < 256);
    for (unsigned i = 0; i < n; i++) {
        const uint8_t entry[] = { 0x09, (uint8_t)(i + 1), 0x19, 0x0C, 0x29, 0x00 };
        memcpy(p->octets + i * sizeof(entry), entry, sizeof(entry));
    }
    p->len = n * (size_t)6;
}

static inline void list_open(struct fixture *f, struct list_program *p, unsigned n)
{
    list_fill(p, n);
    const struct bac_property_config property = {
        .property = BAC_PROPERTY_ROUTING_TABLE, .get = list_get, .set = list_set, .ctx = p
    };
    const struct bac_object_config port = { .type = BAC_OBJECT_NETWORK_PORT,
                                            .instance = 1,
                                            .name = "Port",
                                            .properties = &property,
                                            .n_properties = 1 };
    struct bac_server_config config = fixture_config();
    config.objects = &port;
    config.n_objects = 1;
    fixture_open_with(f, &config);
}

#endif
