/* Owns the hub engine of a test. */
#include "sc_hub.h"

#include <string.h>

void sc_hub_begin(struct sc_hub *f)
{
    memset(f, 0, sizeof(*f));
    test_env_init(&f->t);
    f->config = (struct bsc_hub_config){ .size = sizeof(f->config),
                                         .vmac = { { 0xE2, 0x11, 0x22, 0x33, 0x44, 0x55 } },
                                         .max_connections = 8,
                                         .pending_entries = 64 };
    memset(f->config.uuid.octets, 0xAA, 16);
}

void sc_hub_start(struct sc_hub *f)
{
    f->hub = bsc_hub_new(&f->t.env, &f->config);
    assert_non_null(f->hub);
}

void sc_hub_finish(struct sc_hub *f)
{
    bsc_hub_free(f->hub);
    test_env_check(&f->t);
}

void sc_hub_setup(struct sc_hub *f)
{
    sc_hub_begin(f);
    sc_hub_start(f);
}
