/* Owns standard output and standard error of the program. */
#define _POSIX_C_SOURCE 200809L
#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST_LINE = 4194304 };

bas_err out_init(struct out *out)
{
    *out = (struct out){ .text = stdout, .errors = stderr };
    out->memory = malloc(LONGEST_LINE); /* touched only as far as it is used */
    return out->memory == NULL ? BAS_ERR_NO_MEMORY : BAS_OK;
}

void out_free(struct out *out)
{
    free(out->memory);
    out->memory = NULL;
}

static void check(struct out *out, bool good)
{
    if (!good && !out->is_broken) {
        out->is_broken = true;
        (void)fprintf(out->errors, "basalt: standard output: %s; check where the output goes\n",
                      strerror(errno));
    }
}

static void write_octets(struct out *out, const void *octets, size_t len)
{
    check(out, fwrite(octets, 1, len, out->text) == len && fflush(out->text) == 0);
}

struct bas_json *out_begin(struct out *out)
{
    bas_buf_init(&out->line, out->memory, LONGEST_LINE);
    bas_json_init(&out->object, &out->line);
    bas_json_open(&out->object, NULL, '{');
    return &out->object;
}

void out_end(struct out *out)
{
    static const char too_long[] = "{\"error\":\"the object is too long for a line\"}\n";
    bas_json_close(&out->object, '}');
    bas_buf_add_text(&out->line, "\n");
    if (out->line.full) {
        write_octets(out, too_long, sizeof(too_long) - 1);
    } else {
        write_octets(out, out->line.data, out->line.len);
    }
}

void out_line(struct out *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vfprintf(out->text, format, args);
    va_end(args);
    check(out, n >= 0 && fputc('\n', out->text) != EOF && fflush(out->text) == 0);
}

void out_text(struct out *out, const char *text)
{
    write_octets(out, text, strlen(text));
}

void out_tame(char *text)
{
    uint8_t before = 0;
    for (; *text != 0; text++) {
        uint8_t c = (uint8_t)*text;
        bool is_c1 = before == 0xC2 && c >= 0x80 && c < 0xA0; /* U+0080 .. U+009F in UTF-8 */
        if (is_c1) {
            text[-1] = '?';
        }
        if (is_c1 || c < 0x20 || c == 0x7F) {
            *text = '?';
        }
        before = c;
    }
}

const char *out_time_text(char text[OUT_TIME_TEXT], int64_t wall)
{
    int64_t ms = (wall % 1000000 + 1000000) % 1000000 / 1000;
    time_t seconds = (time_t)(wall / 1000000 - (wall % 1000000 < 0 ? 1 : 0));
    struct tm tm = { 0 };
    (void)gmtime_r(&seconds, &tm);
    size_t n = strftime(text, OUT_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(text + n, OUT_TIME_TEXT - n, ".%03dZ", (int)ms);
    return text;
}

void out_time(struct bas_json *json, const char *key, int64_t wall)
{
    char text[OUT_TIME_TEXT];
    bas_json_text(json, key, out_time_text(text, wall));
}

static void put_name(struct bas_json *json, const char *key, const char *name, unsigned number)
{
    if (name != NULL) {
        bas_json_text(json, key, name);
    } else {
        bas_json_unsigned(json, key, number);
    }
}

void out_error(struct bas_json *json, unsigned error_class, unsigned error_code)
{
    put_name(json, "error_class", bac_error_class_name(error_class), error_class);
    put_name(json, "error_code", bac_error_code_name(error_code), error_code);
}

int out_fail(struct out *out, const char *what, const struct bas_fault *fault)
{
    return out_fail_why(out, what, fault,
                        fault->text[0] != 0 ? fault->text : bas_err_text(fault->err));
}

int out_fail_why(struct out *out, const char *what, const struct bas_fault *fault, const char *why)
{
    int status = bas_err_exit_status(fault->err);
    char text[OUT_WHY_TEXT + 64];
    (void)snprintf(text, sizeof(text), "%.60s: %s", what, why);
    out_tame(text);
    (void)fprintf(out->errors, "basalt: %s\n", text);
    if (!out->json) {
        return status;
    }
    struct bas_json *json = out_begin(out);
    bas_json_text(json, "error", text);
    bas_json_unsigned(json, "status", (unsigned)status);
    if (fault->error_class != 0 || fault->error_code != 0) {
        out_error(json, fault->error_class, fault->error_code);
    }
    out_end(out);
    return status;
}

int out_usage(struct out *out, const char *what, const char *format, ...)
{
    struct bas_fault fault = { .err = BAS_ERR_INVALID };
    va_list args;
    va_start(args, format);
    (void)vsnprintf(fault.text, sizeof(fault.text), format, args);
    va_end(args);
    return out_fail(out, what, &fault);
}

int out_status(struct out *out, int status)
{
    return status == 0 && out->is_broken ? bas_err_exit_status(BAS_ERR_IO) : status;
}
