/* Requests and answers as tables, and the values behind them. For tests of the server. */
#ifndef BASALT_TEST_SERVER_FIXTURE_H
#define BASALT_TEST_SERVER_FIXTURE_H

#include "device_fixture.h"

static const struct bac_object_id ROOM = { BAC_OBJECT_ANALOG_INPUT, 1 };

static const struct bac_object_id VALVE = { BAC_OBJECT_ANALOG_OUTPUT, 1 };

static const struct bac_object_id SETPOINT = { BAC_OBJECT_ANALOG_VALUE, 1 };

static inline void expect_present(struct fixture *f, struct bac_object_id id, float want)
{
    struct bac_value value;
    assert_int_equal(bac_server_get(f->server, id, &value), BAS_OK);
    assert_int_equal(value.tag, BAC_TAG_REAL);
    assert_float_equal(value.as.real, want, 0.0001F);
}

static inline void expect_no_event(struct fixture *f)
{
    struct bac_server_event e;
    assert_false(bac_server_next_event(f->server, &e));
}

/* A table of requests and answers. */
struct exchange {
    const char *request, *answer;
};

static inline void run(struct fixture *f, const struct exchange *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fixture_expect(f, rows[i].request, rows[i].answer);
    }
}

static inline void run_alone(const struct exchange *rows, size_t n)
{
    struct fixture f;
    fixture_open(&f);
    run(&f, rows, n);
    fixture_close(&f);
}

#endif
