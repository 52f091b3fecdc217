/* Tests of network.c: each error of the network has its BACnet code (spec 2.3, 7.6) and a line that
 * says what to do. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/network.h"

#include "test_env.h"

#include <string.h>
#include <uv.h>

static const struct {
    int status;
    unsigned code;
    bas_err err;
    const char *advice;
} rows[] = {
    { UV_EAI_AGAIN, 189, BAS_ERR_RESOLVE, "/etc/resolv.conf" },
    { UV_EAI_NONAME, 190, BAS_ERR_RESOLVE, "spelling" },
    { UV_EAI_NODATA, 190, BAS_ERR_RESOLVE, "registered" },
    { UV_EAI_ADDRFAMILY, 190, BAS_ERR_RESOLVE, "IPv4 or IPv6" },
    { UV_EAI_FAIL, 191, BAS_ERR_RESOLVE, "name server failed" },
    { UV_EAI_MEMORY, 192, BAS_ERR_NO_MEMORY, "out of memory" },
    { UV_EAI_BADFLAGS, 192, BAS_ERR_RESOLVE, "bad ai_flags value" },
    { UV_EAI_FAMILY, 192, BAS_ERR_RESOLVE, "ai_family not supported" },
    { UV_EAI_OVERFLOW, 192, BAS_ERR_RESOLVE, "argument buffer overflow" },
    { UV_EAI_SERVICE, 192, BAS_ERR_RESOLVE, "service not available" },
    { UV_EAI_SOCKTYPE, 192, BAS_ERR_RESOLVE, "socket type not supported" },
    { UV_EAI_PROTOCOL, 192, BAS_ERR_RESOLVE, "resolved protocol is unknown" },
    { UV_EAI_BADHINTS, 192, BAS_ERR_RESOLVE, "invalid value for hints" },
    { UV_ETIMEDOUT, 193, BAS_ERR_TIMEOUT, "firewall" },
    { UV_ECONNREFUSED, 194, BAS_ERR_REFUSED, "is it running" },
    { UV_ECONNABORTED, 195, BAS_ERR_CLOSED, "this machine" },
    { UV_ESHUTDOWN, 195, BAS_ERR_CLOSED, "this machine" },
    { UV_ECONNRESET, 196, BAS_ERR_CLOSED, "the peer broke" },
    { UV_EPIPE, 196, BAS_ERR_CLOSED, "the peer broke" },
    { UV_EMFILE, 197, BAS_ERR_NO_SPACE, "ulimit" },
    { UV_ENFILE, 197, BAS_ERR_NO_SPACE, "fs.file-max" },
    { UV_ENOBUFS, 197, BAS_ERR_NO_MEMORY, "no memory" },
    { UV_ENOMEM, 197, BAS_ERR_NO_MEMORY, "no memory" },
    { UV_EADDRINUSE, 197, BAS_ERR_IN_USE, "no free port" },
    { UV_EACCES, 197, BAS_ERR_PERMISSION, "firewall" },
    { UV_EPERM, 197, BAS_ERR_PERMISSION, "firewall" },
    { UV_EPROTO, 197, BAS_ERR_UNREACHABLE, "protocol error" },
    { UV_UNKNOWN, 197, BAS_ERR_UNREACHABLE, "unknown error" },
    { UV_ENETUNREACH, 198, BAS_ERR_UNREACHABLE, "no route" },
    { UV_EHOSTUNREACH, 198, BAS_ERR_UNREACHABLE, "is it on" },
    { UV_EHOSTDOWN, 198, BAS_ERR_UNREACHABLE, "is it on" },
    { UV_ENETDOWN, 199, BAS_ERR_UNREACHABLE, "interface is down" },
    { UV_ENONET, 199, BAS_ERR_UNREACHABLE, "on no network" },
    { UV_EADDRNOTAVAIL, 199, BAS_ERR_UNREACHABLE, "no address to call it from" },
    { UV_EAFNOSUPPORT, 199, BAS_ERR_UNREACHABLE, "IP version" },
};

/* bsc 7.6-13 7.6-14 7.6-15 */
static void each_error_has_its_code_and_advice(void **state)
{
    (void)state;
    static const char begin[] = "connecting to 192.0.2.7:4443: ";
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_fault fault = { 0 };
        network_fault(rows[i].status, "connecting to 192.0.2.7:4443", &fault);
        if (fault.error_code != rows[i].code || fault.err != rows[i].err ||
            strstr(fault.text, rows[i].advice) == NULL) {
            fail_msg("%s: %d %u %s", uv_err_name(rows[i].status), (int)fault.err, fault.error_code,
                     fault.text);
        }
        assert_int_equal(fault.error_class, BAC_ERROR_CLASS_COMMUNICATION);
        assert_memory_equal(fault.text, begin, sizeof(begin) - 1);
        assert_null(strchr(fault.text, '\n'));
    }
}

static void each_row_of_the_table_is_tested(void **state)
{
    (void)state;
    static const int known[] = {
#define NETWORK(name, err, code, advice) UV_##name,
#include "rt/network.def"
#undef NETWORK
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(known); i++) {
        size_t at = 0;
        while (at < BAS_ARRAY_LEN(rows) && rows[at].status != known[i]) {
            at++;
        }
        assert_true(at < BAS_ARRAY_LEN(rows));
    }
}

static void an_address_that_cannot_be_listened_on_is_told_with_what_to_do(void **state)
{
    (void)state;
    static const struct {
        int status;
        bas_err err;
        const char *advice;
    } listen[] = {
        { UV_EADDRINUSE, BAS_ERR_IN_USE, "choose another port" },
        { UV_EACCES, BAS_ERR_PERMISSION, "CAP_NET_BIND_SERVICE" },
        { UV_EADDRNOTAVAIL, BAS_ERR_CONFIG, "does not have that address" },
        { UV_EMFILE, BAS_ERR_IO, "too many open files" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(listen); i++) {
        struct bas_fault fault = { 0 };
        assert_int_equal(network_listen_fault(listen[i].status, "127.0.0.1:1", &fault),
                         listen[i].err);
        assert_non_null(strstr(fault.text, "127.0.0.1:1"));
        assert_non_null(strstr(fault.text, listen[i].advice));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_has_its_code_and_advice),
        cmocka_unit_test(each_row_of_the_table_is_tested),
        cmocka_unit_test(an_address_that_cannot_be_listened_on_is_told_with_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
