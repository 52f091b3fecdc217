/* Reading an HTTP/1.1 head that bas_ws_head_scan has passed: tokens, lines, fields, lists. */
#ifndef BASALT_WS_HTTP_H
#define BASALT_WS_HTTP_H

#include "wire/rd.h"

/* The octets up to the next stop octet, which is not taken, or up to the end. */
struct bas_slice bas_http_until(struct rd *r, uint8_t stop);
/* One line without its CR LF. */
struct bas_slice bas_http_line(struct rd *r);

bool bas_http_is_token(struct bas_slice text);
/* Visible ASCII characters only, at least one. */
bool bas_http_is_visible(struct bas_slice text);
bool bas_http_is_same(struct bas_slice a, const char *text);          /* to the letter */
bool bas_http_is_same_any_case(struct bas_slice a, const char *text); /* text in lower case */
bool bas_http_starts_with_any_case(struct bas_slice a, const char *text);

struct http_field {
    struct bas_slice name;
    struct bas_slice value; /* without the white space around it */
};

/* The next field of a head's field lines. False at the empty line; a line that is not a field
 * sets r->err to BAS_ERR_MALFORMED and gives false, too. */
bool bas_http_next_field(struct rd *r, struct http_field *field);
/* How often a field stands there; *value is the last one's, untouched when there is none. name is
 * in lower case. */
size_t bas_http_find(struct rd fields, const char *name, struct bas_slice *value);

/* The next element of a comma-separated list without the white space around it; may be empty. */
bool bas_http_next_element(struct rd *list, struct bas_slice *element);
/* True when a list field (all its lines) has the word, in any case. */
bool bas_http_list_has(struct rd fields, const char *name, const char *word);
/* True when there is no body: no Transfer-Encoding, and no Content-Length but 0. */
bool bas_http_has_no_body(struct rd fields);

#endif
