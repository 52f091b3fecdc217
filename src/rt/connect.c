/*
 * Owns the initiating side of a link: from the URI to a connected socket, address by address.
 *
 * The job lives on its own until libuv has let go of it; a link that dies meanwhile only takes its
 * name off it.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link_internal.h"

#include "rt/network.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct connect_job {
    struct bas_env env;
    struct link *link; /* NULL: nobody waits any more */
    struct uri uri;
    uv_loop_t *loop;
    uv_getaddrinfo_t resolve;
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct addrinfo *addresses;
    const struct addrinfo *at;
    bool is_busy; /* libuv holds the job */
};

static void try_address(struct connect_job *job);

/* A link that is over keeps its job until its handles are closed, but wants nothing of it. */
static bool is_wanted(const struct connect_job *job)
{
    return job->link != NULL && job->link->state == LINK_CONNECTING;
}

static void job_free(struct connect_job *job)
{
    if (job->addresses != NULL) {
        uv_freeaddrinfo(job->addresses);
    }
    struct bas_env env = job->env;
    bas_release(&env, job, sizeof(*job));
}

static void fail_with(struct connect_job *job, int status, const char *what)
{
    char doing[sizeof(job->uri.authority) + 32];
    struct bas_fault fault = { 0 };
    if (job->link == NULL) {
        return;
    }
    (void)snprintf(doing, sizeof(doing), "%s %s", what, job->uri.authority);
    network_fault(status, doing, &fault);
    link_fail(job->link, &fault);
}

static void note_address(struct link *link, const struct connect_job *job)
{
    char name[48] = "";
    bool is_ip6 = job->at->ai_family == AF_INET6;
    (void)uv_ip_name(job->at->ai_addr, name, sizeof(name));
    (void)snprintf(link->address, sizeof(link->address), is_ip6 ? "[%s]:%s" : "%s:%s", name,
                   job->uri.port);
}

/* The attempt's socket is closed. What is next depends on how it went. */
static void on_closed(uv_handle_t *handle)
{
    struct connect_job *job = handle->data;
    job->is_busy = false;
    if (job->link == NULL) {
        job_free(job);
    } else if (job->at != NULL && is_wanted(job)) {
        try_address(job);
    }
}

/* Hands the connected socket to the link: a handle cannot move, its descriptor can. */
static void give_socket(struct connect_job *job)
{
    uv_os_fd_t fd;
    int status = uv_fileno((const uv_handle_t *)&job->tcp, &fd);
    int copy = status == 0 ? dup(fd) : -1;
    status = copy < 0 ? UV_EMFILE : uv_tcp_open(&job->link->tcp, copy);
    if (status != 0) {
        if (copy >= 0) {
            (void)close(copy);
        }
        fail_with(job, status, "connecting to");
        return;
    }
    link_begin(job->link);
}

/* One address failed. Once its socket is closed the next one is tried, if there is one. */
static void give_up_address(struct connect_job *job, int status)
{
    job->at = job->at->ai_next;
    if (job->at == NULL) {
        fail_with(job, status, "connecting to");
    }
}

static void on_connect(uv_connect_t *request, int status)
{
    struct connect_job *job = request->data;
    if (is_wanted(job) && status == 0) {
        job->at = NULL;
        give_socket(job);
    } else if (is_wanted(job)) {
        give_up_address(job, status);
    }
    if (!uv_is_closing((uv_handle_t *)&job->tcp)) {
        uv_close((uv_handle_t *)&job->tcp, on_closed);
    }
}

static void try_address(struct connect_job *job)
{
    note_address(job->link, job);
    (void)uv_tcp_init(job->loop, &job->tcp);
    job->tcp.data = job;
    job->connect.data = job;
    job->is_busy = true;
    int status = uv_tcp_connect(&job->connect, &job->tcp, job->at->ai_addr, on_connect);
    if (status != 0) {
        give_up_address(job, status);
        uv_close((uv_handle_t *)&job->tcp, on_closed);
    }
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    struct connect_job *job = request->data;
    job->is_busy = false;
    job->addresses = addresses;
    job->at = addresses;
    if (job->link == NULL) {
        job_free(job);
    } else if (is_wanted(job) && status != 0) {
        fail_with(job, status, "looking up the host of");
    } else if (is_wanted(job)) {
        try_address(job);
    }
}

static void on_immediate_failure(uv_timer_t *timer)
{
    link_destroy(timer->data);
}

struct link *link_connect(const struct link_config *config, const char *uri)
{
    struct link *link = link_new(config, false);
    if (link == NULL) {
        return NULL;
    }
    struct connect_job *job = bas_alloc(&config->loop->env, sizeof(*job));
    if (job == NULL) {
        (void)bas_fail(&link->why, BAS_ERR_NO_MEMORY, "out of memory for a connection");
        (void)uv_timer_start(&link->timer, on_immediate_failure, 0, 0);
        return link;
    }
    job->env = config->loop->env;
    job->link = link;
    job->loop = &config->loop->uv;
    job->resolve.data = job;
    link->job = job;
    if (uri_parse(uri, config->tls != NULL, &job->uri, &link->why) != BAS_OK) {
        (void)uv_timer_start(&link->timer, on_immediate_failure, 0, 0);
        return link;
    }
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    int status =
        uv_getaddrinfo(job->loop, &job->resolve, on_resolved, job->uri.host, job->uri.port, &hints);
    if (status != 0) {
        network_fault(status, uri, &link->why);
        (void)uv_timer_start(&link->timer, on_immediate_failure, 0, 0);
        return link;
    }
    job->is_busy = true;
    return link;
}

void connect_job_release(struct link *link)
{
    struct connect_job *job = link->job;
    if (job == NULL) {
        return;
    }
    job->link = NULL;
    if (!job->is_busy) {
        job_free(job);
    } else if (job->addresses == NULL) {
        (void)uv_cancel((uv_req_t *)&job->resolve);
    } else if (!uv_is_closing((uv_handle_t *)&job->tcp)) {
        uv_close((uv_handle_t *)&job->tcp, on_closed);
    }
}

const struct uri *connect_job_uri(const struct link *link)
{
    return link->job == NULL ? NULL : &link->job->uri;
}

bool connect_job_is_looking_up(const struct link *link)
{
    return link->job != NULL && link->job->addresses == NULL;
}
