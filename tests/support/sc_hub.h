/* A hub engine with an environment of its own, for tests that change its settings. */
#ifndef BASALT_TEST_SC_HUB_H
#define BASALT_TEST_SC_HUB_H

#include "basalt/sc.h"
#include "test_env.h"

struct sc_hub {
    struct test_env t;
    struct bsc_hub_config config; /* between begin and start */
    struct bsc_hub *hub;
};

void sc_hub_begin(struct sc_hub *f);
void sc_hub_start(struct sc_hub *f);
/* Both: a hub whose defaults stand. */
void sc_hub_setup(struct sc_hub *f);
/* Frees it; asserts that nothing is left. */
void sc_hub_finish(struct sc_hub *f);

#endif
