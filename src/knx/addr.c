/* Owns the text form of Individual Addresses and group addresses (spec 0). */
#include "basalt/knx.h"

#include <stdio.h>

enum { MAX_PARTS = 3, MAX_DIGITS = 5 };

/* A decimal number without leading zeros, at most 99999; moves *text behind it. */
static bool number_take(const char **text, unsigned *number)
{
    const char *at = *text;
    unsigned value = 0;
    size_t digits = 0;
    while (at[digits] >= '0' && at[digits] <= '9' && digits <= MAX_DIGITS) {
        value = value * 10 + (unsigned)(at[digits] - '0');
        digits++;
    }
    if (digits == 0 || digits > MAX_DIGITS || (digits > 1 && at[0] == '0')) {
        return false;
    }
    *text = at + digits;
    *number = value;
    return true;
}

/* One to three numbers with separator between them; 0 when text is anything else. */
static size_t parts_take(const char *text, char separator, unsigned parts[MAX_PARTS])
{
    for (size_t n = 0; n < MAX_PARTS; n++) {
        if (!number_take(&text, &parts[n])) {
            return 0;
        }
        if (*text == '\0') {
            return n + 1;
        }
        if (*text != separator) {
            return 0;
        }
        text++;
    }
    return 0;
}

bool knx_ia_parse(const char *text, knx_ia *ia)
{
    unsigned parts[MAX_PARTS] = { 0 };
    if (parts_take(text, '.', parts) != 3 || parts[0] > 15 || parts[1] > 15 || parts[2] > 255) {
        return false;
    }
    *ia = (knx_ia)(parts[0] << 12 | parts[1] << 8 | parts[2]);
    return true;
}

bool knx_ga_parse(const char *text, knx_ga *ga)
{
    /* By the count of levels: how many bits each of them has. */
    static const unsigned bits[MAX_PARTS + 1][MAX_PARTS] = {
        { 0 }, { 16 }, { 5, 11 }, { 5, 3, 8 }
    };
    unsigned parts[MAX_PARTS] = { 0 };
    size_t n = parts_take(text, '/', parts);
    unsigned value = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i] >> bits[n][i] != 0) {
            return false;
        }
        value = value << bits[n][i] | parts[i];
    }
    if (value == 0) {
        return false;
    }
    *ga = (knx_ga)value;
    return true;
}

const char *knx_ia_text(knx_ia ia, char text[KNX_ADDRESS_TEXT])
{
    (void)snprintf(text, KNX_ADDRESS_TEXT, "%u.%u.%u", ia >> 12U, ia >> 8U & 15U, ia & 255U);
    return text;
}

const char *knx_ga_text(knx_ga ga, char text[KNX_ADDRESS_TEXT])
{
    (void)snprintf(text, KNX_ADDRESS_TEXT, "%u/%u/%u", ga >> 11U, ga >> 8U & 7U, ga & 255U);
    return text;
}
