/* The hub under measurement: a process that is nothing but bas_hub on one loop. Its credentials are
 * ca.pem, hub.pem and hub.key of the working folder. Prints its address and runs until it is
 * killed. */
#include "basalt/app.h"

#include <stdio.h>

static void on_log(void *ctx, enum bas_log_level level, const char *text)
{
    (void)ctx;
    if (level == BAS_LOG_ERROR) {
        (void)fprintf(stderr, "hub: %s\n", text);
    }
}

static void on_notice(void *user, const struct bas_hub_notice *notice)
{
    (void)user;
    if (notice->kind == BSC_HUB_CLOSE && notice->fault->err != BAS_OK) {
        (void)fprintf(stderr, "hub: %s: %s\n", notice->address, notice->fault->text);
    }
}

int main(void)
{
    const struct bas_env env = bas_env_host(NULL, on_log);
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_fault fault = { 0 };
    if (loop == NULL) {
        return 1;
    }
    const struct bas_hub_settings settings = {
        .bind = "127.0.0.1:0",
        .tls = { .size = sizeof(settings.tls),
                 .issuer_files = { "ca.pem" },
                 .certificate_file = "hub.pem",
                 .key_file = "hub.key" },
        .engine = { .size = sizeof(settings.engine), .max_connections = 12000 },
    };
    const struct bas_hub_callbacks callbacks = { .notice = on_notice };
    const struct bas_hub *hub = bas_hub_start(loop, &settings, &callbacks, &fault);
    if (hub == NULL) {
        (void)fprintf(stderr, "hub: %s\n", fault.text);
        return 1;
    }
    (void)printf("%s\n", bas_hub_address(hub));
    (void)fflush(stdout);
    bas_loop_run(loop);
    return 0;
}
