/* Owns the grammar of an HTTP/1.1 head as far as an upgrade needs it (RFC 9110 section 5, RFC 9112
 * section 5). */
#include "ws/http.h"

#include <string.h>

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

static bool is_token_character(uint8_t c)
{
    return is_alphanumeric(c) || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

struct bas_slice bas_http_until(struct rd *r, uint8_t stop)
{
    struct rd probe = *r;
    while (rd_left(&probe) > 0 && rd_peek(&probe) != stop) {
        (void)rd_u8(&probe);
    }
    return rd_take(r, rd_left(r) - rd_left(&probe));
}

struct bas_slice bas_http_line(struct rd *r)
{
    struct bas_slice line = bas_http_until(r, '\r');
    (void)rd_take(r, 2);
    return line;
}

bool bas_http_is_token(struct bas_slice text)
{
    struct rd r = rd_init(text);
    while (rd_left(&r) > 0) {
        if (!is_token_character(rd_u8(&r))) {
            return false;
        }
    }
    return text.len > 0;
}

bool bas_http_is_visible(struct bas_slice text)
{
    struct rd r = rd_init(text);
    while (rd_left(&r) > 0) {
        uint8_t c = rd_u8(&r);
        if (c <= ' ' || c > '~') {
            return false;
        }
    }
    return text.len > 0;
}

bool bas_http_is_same(struct bas_slice a, const char *text)
{
    size_t len = strlen(text);
    return a.len == len && (len == 0 || memcmp(a.data, text, len) == 0);
}

bool bas_http_starts_with_any_case(struct bas_slice a, const char *text)
{
    struct rd r = rd_init(a);
    for (const char *p = text; *p != 0; p++) {
        if (lower(rd_u8(&r)) != (uint8_t)*p) {
            return false;
        }
    }
    return true;
}

bool bas_http_is_same_any_case(struct bas_slice a, const char *text)
{
    return a.len == strlen(text) && bas_http_starts_with_any_case(a, text);
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t';
}

static struct bas_slice trim(struct bas_slice text)
{
    struct rd r = rd_init(text);
    while (is_blank(rd_peek(&r))) {
        (void)rd_u8(&r);
    }
    size_t len = 0; /* up to the last octet that is not blank */
    for (struct rd probe = r; rd_left(&probe) > 0;) {
        if (!is_blank(rd_u8(&probe))) {
            len = rd_left(&r) - rd_left(&probe);
        }
    }
    return rd_take(&r, len);
}

bool bas_http_next_field(struct rd *r, struct http_field *field)
{
    struct bas_slice line = bas_http_line(r);
    if (r->err != BAS_OK || line.len == 0) {
        return false;
    }
    struct rd in = rd_init(line);
    field->name = bas_http_until(&in, ':');
    if (!bas_http_is_token(field->name) || rd_left(&in) == 0) {
        r->err = BAS_ERR_MALFORMED;
        return false;
    }
    (void)rd_u8(&in);
    field->value = trim(rd_rest(&in));
    return true;
}

size_t bas_http_find(struct rd fields, const char *name, struct bas_slice *value)
{
    size_t n = 0;
    struct http_field field = { 0 };
    while (bas_http_next_field(&fields, &field)) {
        if (bas_http_is_same_any_case(field.name, name)) {
            *value = field.value;
            n++;
        }
    }
    return n;
}

bool bas_http_next_element(struct rd *list, struct bas_slice *element)
{
    if (rd_left(list) == 0) {
        return false;
    }
    *element = trim(bas_http_until(list, ','));
    if (rd_left(list) > 0) {
        (void)rd_u8(list);
    }
    return true;
}

bool bas_http_list_has(struct rd fields, const char *name, const char *word)
{
    struct http_field field = { 0 };
    while (bas_http_next_field(&fields, &field)) {
        if (!bas_http_is_same_any_case(field.name, name)) {
            continue;
        }
        struct rd list = rd_init(field.value);
        struct bas_slice element = { NULL, 0 };
        while (bas_http_next_element(&list, &element)) {
            if (bas_http_is_same_any_case(element, word)) {
                return true;
            }
        }
    }
    return false;
}

bool bas_http_has_no_body(struct rd fields)
{
    struct bas_slice value = { NULL, 0 };
    if (bas_http_find(fields, "transfer-encoding", &value) != 0) {
        return false;
    }
    return bas_http_find(fields, "content-length", &value) == 0 || bas_http_is_same(value, "0");
}
