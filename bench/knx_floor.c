/* The floor of the KNX bench: libuv, and whatever arrives on a TCP connection is sent back. Prints
 * its address and runs until it is killed. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum { READ = 65536, BACKLOG = 1024 };

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "knx_floor: %s\n", what);
    exit(1);
}

static void on_gone(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    if (n < 0) {
        uv_close((uv_handle_t *)stream, on_gone);
        return;
    }
    uv_buf_t out = uv_buf_init(buf->base, (unsigned)n);
    if (n > 0 && uv_try_write(stream, &out, 1) != (int)n) {
        fail("a message was not taken whole");
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    *buf = uv_buf_init(handle->loop->data, READ);
}

static void on_connection(uv_stream_t *stream, int status)
{
    uv_tcp_t *tcp = calloc(1, sizeof(*tcp));
    if (status != 0 || tcp == NULL) {
        fail("accepting a connection");
    }
    (void)uv_tcp_init(stream->loop, tcp);
    tcp->data = tcp;
    if (uv_accept(stream, (uv_stream_t *)tcp) != 0) {
        fail("accepting a connection");
    }
    (void)uv_tcp_nodelay(tcp, 1);
    (void)uv_read_start((uv_stream_t *)tcp, on_alloc, on_read);
}

int main(void)
{
    static char read[READ];
    static uv_tcp_t listener;
    struct sockaddr_in address;
    int len = sizeof(address);
    uv_loop_t *loop = uv_default_loop();
    loop->data = read;
    (void)uv_ip4_addr("127.0.0.1", 0, &address);
    (void)uv_tcp_init(loop, &listener);
    (void)uv_tcp_bind(&listener, (const struct sockaddr *)(const void *)&address, 0);
    if (uv_listen((uv_stream_t *)&listener, BACKLOG, on_connection) != 0 ||
        uv_tcp_getsockname(&listener, (struct sockaddr *)(void *)&address, &len) != 0) {
        fail("cannot listen on 127.0.0.1");
    }
    (void)printf("127.0.0.1:%u\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
