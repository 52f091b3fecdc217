/* Owns the clients of the floor, and the clock of both. */
#define _DEFAULT_SOURCE
#include "knx_crowd.h"

#include <stdlib.h>
#include <time.h>
#include <uv.h>

enum { READ = 65536 };

struct echo {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct echoes *echoes;
    size_t awaited; /* octets */
};

struct echoes {
    const struct child *child;
    uv_loop_t loop;
    struct echo *members[SITE_TUNNELS];
    uint32_t n, up;
    uint32_t begun, done, telegrams;
    size_t message;
    char read[READ];
    char text[READ];
};

/* The clock. */

static double clock_us(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double stopwatch_cpu_us(void)
{
    return clock_us(CLOCK_THREAD_CPUTIME_ID);
}

struct stopwatch stopwatch_begin(const struct child *child)
{
    struct stopwatch begin = { .server_ns = child_cpu_ns(child) };
    begin.client_us = stopwatch_cpu_us();
    begin.wall_us = clock_us(CLOCK_MONOTONIC);
    return begin;
}

struct cost stopwatch_end(const struct stopwatch *begin, const struct child *child, uint32_t n)
{
    double wall = clock_us(CLOCK_MONOTONIC) - begin->wall_us;
    double client = stopwatch_cpu_us() - begin->client_us;
    double server = (double)(child_cpu_ns(child) - begin->server_ns) / 1e3;
    return (struct cost){ wall / n, client / n, server / n };
}

/* The clients. */

static void write_next(struct echo *echo)
{
    struct echoes *echoes = echo->echoes;
    if (echoes->begun == echoes->telegrams) {
        return;
    }
    echoes->begun++;
    echo->awaited = echoes->message;
    uv_buf_t out = uv_buf_init(echoes->text, (unsigned)echoes->message);
    if (uv_try_write((uv_stream_t *)&echo->tcp, &out, 1) != (int)echoes->message) {
        die("the floor did not take a message whole");
    }
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct echo *echo = stream->data;
    struct echoes *echoes = echo->echoes;
    (void)buf;
    if (n < 0 || (size_t)n > echo->awaited) {
        die("the floor is gone");
    }
    echo->awaited -= (size_t)n;
    if (n > 0 && echo->awaited == 0) {
        if (++echoes->done == echoes->telegrams) {
            uv_stop(&echoes->loop);
        }
        write_next(echo);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct echo *echo = handle->data;
    (void)suggested;
    *buf = uv_buf_init(echo->echoes->read, READ);
}

static void on_connect(uv_connect_t *request, int status)
{
    struct echo *echo = request->data;
    if (status != 0) {
        die("the floor refused a connection");
    }
    (void)uv_tcp_nodelay(&echo->tcp, 1);
    (void)uv_read_start((uv_stream_t *)&echo->tcp, on_alloc, on_read);
    if (++echo->echoes->up == echo->echoes->n) {
        uv_stop(&echo->echoes->loop);
    }
}

struct echoes *echoes_new(const struct child *child)
{
    struct echoes *echoes = calloc(1, sizeof(*echoes));
    if (echoes == NULL || uv_loop_init(&echoes->loop) != 0) {
        die("out of memory");
    }
    echoes->child = child;
    return echoes;
}

void echoes_grow(struct echoes *echoes, uint32_t n)
{
    struct sockaddr_in address;
    (void)uv_ip4_addr("127.0.0.1", echoes->child->port, &address);
    while (echoes->n < n) {
        struct echo *echo = calloc(1, sizeof(*echo));
        if (echo == NULL) {
            die("out of memory");
        }
        echoes->members[echoes->n++] = echo;
        echo->echoes = echoes;
        (void)uv_tcp_init(&echoes->loop, &echo->tcp);
        echo->tcp.data = echo;
        echo->connect.data = echo;
        (void)uv_tcp_connect(&echo->connect, &echo->tcp,
                             (const struct sockaddr *)(const void *)&address, on_connect);
    }
    (void)uv_run(&echoes->loop, UV_RUN_DEFAULT);
}

struct cost echoes_work(struct echoes *echoes, const struct work *work, size_t message)
{
    echoes->begun = echoes->done = 0;
    echoes->telegrams = work->telegrams;
    echoes->message = message;
    const struct stopwatch begin = stopwatch_begin(echoes->child);
    for (uint32_t i = 0; i < work->members; i++) {
        write_next(echoes->members[i]);
    }
    (void)uv_run(&echoes->loop, UV_RUN_DEFAULT);
    return stopwatch_end(&begin, echoes->child, work->telegrams);
}

void echoes_free(struct echoes *echoes)
{
    for (uint32_t i = 0; i < echoes->n; i++) {
        uv_close((uv_handle_t *)&echoes->members[i]->tcp, NULL);
    }
    (void)uv_run(&echoes->loop, UV_RUN_DEFAULT);
    for (uint32_t i = 0; i < echoes->n; i++) {
        free(echoes->members[i]);
    }
    (void)uv_loop_close(&echoes->loop);
    free(echoes);
}
