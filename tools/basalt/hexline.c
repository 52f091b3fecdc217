/* Owns reading hex text that comes character by character. */
#include "hexline.h"

void hexline_begin(struct hexline *line, uint8_t *memory, size_t cap)
{
    *line = (struct hexline){ .octets = memory, .cap = cap, .high = -1 };
}

static int digit(int c)
{
    int lower = c | 0x20;
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void hexline_add(struct hexline *line, int c)
{
    line->seen++;
    bool is_between = c == ' ' || c == '\t' || c == '\r' || c == ':';
    int value = digit(c);
    if (line->wrong != 0 || (is_between && line->high < 0)) {
        return;
    }
    if (value < 0) {
        line->wrong = line->seen;
        return;
    }
    if (line->high < 0) {
        line->high = value;
        return;
    }
    if (line->n < line->cap) {
        line->octets[line->n] = (uint8_t)(line->high << 4 | value);
    }
    line->n++;
    line->high = -1;
}

bas_err hexline_end(const struct hexline *line, struct bas_slice *octets, struct bas_fault *fault)
{
    if (line->wrong != 0) {
        return bas_fail(
            fault, BAS_ERR_INVALID,
            "character %zu is not a hex digit in its place; give two digits to an octet",
            line->wrong);
    }
    if (line->high >= 0) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "the last octet has one digit; give two digits to an octet");
    }
    if (line->n > line->cap) {
        return bas_fail_code(fault, BAS_ERR_TOO_LONG, BAC_ERROR_CLASS_COMMUNICATION,
                             BAC_ERROR_CODE_MESSAGE_TOO_LONG,
                             "a message of %zu octets, more than %zu", line->n, line->cap);
    }
    *octets = (struct bas_slice){ line->octets, line->n };
    return BAS_OK;
}
