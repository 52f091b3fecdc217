/* The hub under measurement: a process that is nothing but bas_hub on one loop. Its credentials are
 * ca.pem, hub.pem and hub.key of the working folder. Prints its address and runs until it is
 * killed. hub_view.h tells what its environment may ask of it. */
#define _GNU_SOURCE
#include "basalt/app.h"
#include "hub_view.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct host {
    struct bas_loop *loop;
    struct bas_hub *hub;
    const struct bas_tls_config *tls;
    struct bas_alarm *alarm;
    struct hub_view *view; /* NULL: nobody looks */
};

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

static void on_alarm(void *user)
{
    const struct host *host = user;
    const struct bsc_hub *engine = bas_hub_engine(host->hub);
    host->view->counters = *bsc_hub_counters(engine);
    host->view->pending = bsc_hub_pending(engine, 0);
    host->view->connected = bsc_hub_connected(engine);
    bas_alarm_set(host->alarm, HUB_VIEW_EVERY_MS);
}

static void on_hangup(void *user)
{
    const struct host *host = user;
    struct bas_reload what = { .kept = 0 };
    struct bas_fault fault = { 0 };
    const bas_time before = bas_loop_now(host->loop);
    if (bas_hub_reload(host->hub, host->tls, NULL, &what, &fault) != BAS_OK) {
        (void)fprintf(stderr, "hub: %s\n", fault.text);
    }
    host->view->reload_us = (uint64_t)(bas_loop_now(host->loop) - before);
    host->view->kept = what.kept;
    host->view->closed = what.closed;
    host->view->reloads++;
}

static void open_view(struct host *host)
{
    const char *name = getenv(HUB_VIEW_FILE);
    int fd = name == NULL ? -1 : open(name, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    void *memory = mmap(NULL, sizeof(*host->view), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    host->alarm = bas_alarm_new(host->loop, on_alarm, host);
    if (memory != MAP_FAILED && host->alarm != NULL) {
        host->view = memory;
        bas_alarm_set(host->alarm, HUB_VIEW_EVERY_MS);
        bas_loop_on_hangup(host->loop, on_hangup, host);
    }
}

/* A number of the environment; 0: not set. */
static uint32_t number_of(const char *name)
{
    const char *text = getenv(name);
    return text == NULL ? 0 : (uint32_t)strtoul(text, NULL, 10);
}

int main(void)
{
    const uint32_t connections = number_of(HUB_VIEW_CONNECTIONS);
    struct host host = { .view = NULL };
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
        .engine = { .size = sizeof(settings.engine),
                    .max_connections = connections == 0 ? 12000 : connections,
                    .stall_limit_ms = number_of(HUB_VIEW_STALL_MS),
                    .pending_total_max = number_of(HUB_VIEW_PENDING_TOTAL) },
    };
    const struct bas_hub_callbacks callbacks = { .notice = on_notice };
    host.loop = loop;
    host.tls = &settings.tls;
    host.hub = bas_hub_start(loop, &settings, &callbacks, &fault);
    if (host.hub == NULL) {
        (void)fprintf(stderr, "hub: %s\n", fault.text);
        return 1;
    }
    open_view(&host);
    (void)printf("%s\n", bas_hub_address(host.hub));
    (void)fflush(stdout);
    bas_loop_run(loop);
    return 0;
}
