/* What the tests of configuration files share: one that is loaded, or refused with its words. */
#ifndef BASALT_TEST_CONFIG_FIXTURE_H
#define BASALT_TEST_CONFIG_FIXTURE_H

#include "rt/config.h"

#include "test_env.h"
#include "test_folder.h"

struct loaded {
    struct test_env t;
    struct bas_config *config;
    struct bas_fault fault;
    bas_err err;
};

static void load_file(struct loaded *l, const char *name)
{
    test_env_init(&l->t);
    l->fault = (struct bas_fault){ 0 };
    l->config = bas_config_new(&l->t.env);
    assert_non_null(l->config);
    l->err = bas_config_load(l->config, name, &l->fault);
}

static void load(struct loaded *l, const char *yaml)
{
    test_folder_write("t.yaml", yaml);
    load_file(l, "t.yaml");
}

static void done(struct loaded *l)
{
    bas_config_free(l->config);
    test_env_check(&l->t);
}

static void refuses(const char *yaml, const char *text)
{
    struct loaded l;
    load(&l, yaml);
    assert_string_equal(l.fault.text, text);
    assert_int_equal(l.err, BAS_ERR_CONFIG);
    assert_int_equal(l.fault.err, BAS_ERR_CONFIG);
    done(&l);
}

struct refusal {
    const char *yaml;
    const char *text;
};

static void refuses_all(const struct refusal *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        refuses(rows[i].yaml, rows[i].text);
    }
}

#endif
