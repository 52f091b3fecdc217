/* Owns the words of what a person wrote: parts, spaces, letters without case, digits. */
#include "knx/dpt/dpt.h"

#include <string.h>

struct knx_word knx_word_of(const char *text)
{
    return (struct knx_word){ text, strlen(text) };
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct knx_word knx_word_trim(struct knx_word word)
{
    while (word.len > 0 && is_space(word.at[0])) {
        word.at++;
        word.len--;
    }
    while (word.len > 0 && is_space(word.at[word.len - 1])) {
        word.len--;
    }
    return word;
}

struct knx_word knx_word_cut(struct knx_word *rest, char mark)
{
    struct knx_word first = *rest;
    const char *end = memchr(rest->at, mark, rest->len);
    if (end != NULL) {
        first.len = (size_t)(end - rest->at);
    }
    size_t taken = end != NULL ? first.len + 1 : first.len;
    rest->at += taken;
    rest->len -= taken;
    return first;
}

/* ASCII letters only; '_' is ' ', so that keys of JSON are names too. */
static char plain(char c)
{
    return c == '_' ? ' ' : (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool knx_word_skip(struct knx_word *word, const char *prefix)
{
    size_t len = strlen(prefix);
    if (word->len < len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (plain(word->at[i]) != plain(prefix[i])) {
            return false;
        }
    }
    word->at += len;
    word->len -= len;
    return true;
}

bool knx_word_is(struct knx_word word, const char *text)
{
    return knx_word_skip(&word, text) && word.len == 0;
}

bool knx_word_number(struct knx_word word, uint64_t max, uint64_t *number)
{
    uint64_t n = 0;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        uint64_t digit = (uint64_t)(unsigned char)c - '0';
        if (c < '0' || c > '9' || digit > max || n > (max - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
    }
    *number = n;
    return word.len > 0;
}
