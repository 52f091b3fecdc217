/* Owns reading URIs. */
#include "rt/uri.h"

#include <stdio.h>
#include <string.h>

static const struct scheme {
    const char *begin, *port;
    const char *wrong; /* said of a URI that begins otherwise */
} schemes[] = {
    { "ws://", "80", "the scheme is not ws, and plaintext is what was asked for" },
    { "wss://", "443", "the scheme is not wss" },
};

static bas_err wrong(struct bas_fault *fault, const char *text, const struct scheme *scheme,
                     const char *what)
{
    return bas_fail(fault, BAS_ERR_INVALID, "%s: %s; expected %sHOST[:PORT][/PATH]", text, what,
                    scheme->begin);
}

/* What stands behind the scheme, which is compared in any case (RFC 3986 section 3.1), or NULL. */
static const char *behind_scheme(const char *text, const struct scheme *scheme)
{
    for (const char *p = scheme->begin; *p != 0; p++, text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text | 0x20) : *text;
        if (c != *p) {
            return NULL;
        }
    }
    return text;
}

/* Copies len characters; false when they do not fit or are not printable ASCII. */
static bool copy(char *out, size_t cap, const char *text, size_t len)
{
    if (len >= cap) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    memcpy(out, text, len);
    out[len] = 0;
    return true;
}

static bool port_is_valid(const char *digits, size_t len)
{
    unsigned value = 0;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return false;
        }
        value = value * 10 + (unsigned)(digits[i] - '0');
    }
    return len >= 1 && len <= 5 && value >= 1 && value <= 65535;
}

/* bsc 4.1-03 7.1-01 */
bas_err uri_parse(const char *text, bool is_secure, struct uri *uri, struct bas_fault *fault)
{
    const struct scheme *scheme = &schemes[is_secure];
    const char *authority = behind_scheme(text, scheme);
    *uri = (struct uri){ 0 };
    if (authority == NULL) {
        return bas_fail_code(fault, BAS_ERR_INVALID, BAC_ERROR_CLASS_COMMUNICATION,
                             BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED,
                             "%s: %s; expected %sHOST[:PORT][/PATH]", text, scheme->wrong,
                             scheme->begin);
    }
    (void)copy(uri->port, sizeof(uri->port), scheme->port, strlen(scheme->port));
    size_t authority_len = strcspn(authority, "/?#");
    const char *host = authority;
    size_t host_len = strcspn(authority, ":/?#");
    if (*authority == '[') {
        const char *bracket = memchr(authority, ']', authority_len);
        if (bracket == NULL) {
            return wrong(fault, text, scheme, "'[' without ']'");
        }
        host = authority + 1;
        host_len = (size_t)(bracket - host);
    }
    const char *behind = host + host_len + (*authority == '[' ? 1 : 0);
    size_t behind_len = authority_len - (size_t)(behind - authority);
    if (host_len == 0 || !copy(uri->host, sizeof(uri->host), host, host_len) ||
        strchr(uri->host, '@') != NULL) {
        return wrong(fault, text, scheme,
                     "the host is missing, too long or has a character that it cannot have");
    }
    if (behind_len != 0) {
        if (*behind != ':' || !port_is_valid(behind + 1, behind_len - 1)) {
            return wrong(fault, text, scheme, "the port is not a number from 1 to 65535");
        }
        (void)copy(uri->port, sizeof(uri->port), behind + 1, behind_len - 1);
    }
    bool is_default = strcmp(uri->port, scheme->port) == 0;
    size_t shown = authority_len - (is_default ? behind_len : 0);
    const char *path = authority + authority_len;
    if (!copy(uri->authority, sizeof(uri->authority), authority, shown) ||
        !copy(uri->path, sizeof(uri->path), path, strlen(path)) || strchr(path, '#') != NULL) {
        return wrong(fault, text, scheme,
                     "the path is too long or has a character that it cannot have");
    }
    if (uri->path[0] != '/') {
        char rest[sizeof(uri->path)];
        memcpy(rest, uri->path, sizeof(rest));
        (void)snprintf(uri->path, sizeof(uri->path), "/%.*s", (int)sizeof(rest) - 2, rest);
    }
    return BAS_OK;
}
