/* Owns names: of enumerations, object types and properties. */
#include "bacnet/names.h"

#include "basalt/bacnet_enum.h"
#include "basalt/bacnet_type.h"

#include <ctype.h>
#include <string.h>

/* Letters without case; '_' and ' ' are '-'. */
static int plain(char c)
{
    return c == '_' || c == ' ' ? '-' : tolower((unsigned char)c);
}

bool bac_same_name(const char *name, const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && name[i] != 0 && plain(name[i]) == plain(text[i])) {
        i++;
    }
    return i == len && name[i] == 0;
}

bool bac_digits(const char *text, size_t len, uint64_t max, uint64_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i])) {
            return false;
        }
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > max / 10 || 10 * value > max - digit) {
            return false;
        }
        value = 10 * value + digit;
    }
    *number = value;
    return len > 0;
}

static bool find_name(const struct bac_name *names, size_t n, struct bas_slice word,
                      uint32_t *number)
{
    for (size_t i = 0; i < n; i++) {
        if (bac_same_name(names[i].name, (const char *)word.data, word.len)) {
            *number = names[i].number;
            return true;
        }
    }
    return false;
}

const char *bac_enum_name(const struct bac_type *type, uint32_t number)
{
    size_t low = 0;
    size_t high = type->n_names;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (type->names[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_found = low < type->n_names && type->names[low].number == number;
    return is_found ? type->names[low].name : NULL;
}

bool bac_enum_word(const struct bac_type *type, struct bas_slice word, uint32_t *number)
{
    return find_name(type->names, type->n_names, word, number);
}

bool bac_enum_number(const struct bac_type *type, const char *name, uint32_t *number)
{
    return bac_enum_word(type, (struct bas_slice){ (const uint8_t *)name, strlen(name) }, number);
}

const char *bac_object_type_name(uint32_t type)
{
    return bac_enum_name(&bac_type_object_type, type);
}

/* bsc 9.1-18 */
const char *bac_property_name(uint32_t property)
{
    return bac_enum_name(&bac_type_property_identifier, property);
}

static bool object_type_word(struct bas_slice word, uint32_t *type)
{
    uint64_t number = 0;
    if (bac_digits((const char *)word.data, word.len, 1023, &number)) {
        *type = (uint32_t)number;
        return true;
    }
    size_t n = 0;
    const struct bac_name *words = bac_object_type_words(&n);
    return find_name(words, n, word, type) || bac_enum_word(&bac_type_object_type, word, type);
}

bool bac_object_type_parse(const char *text, uint32_t *type)
{
    return object_type_word((struct bas_slice){ (const uint8_t *)text, strlen(text) }, type);
}

bool bac_object_id_parse(const char *text, struct bac_object_id *id)
{
    size_t n = strcspn(text, ":,");
    uint32_t type = 0;
    uint64_t instance = 0;
    if (text[n] == 0 || !object_type_word((struct bas_slice){ (const uint8_t *)text, n }, &type)) {
        return false;
    }
    const char *number = text + n + 1;
    if (!bac_digits(number, strlen(number), BAC_MAX_INSTANCE, &instance)) {
        return false;
    }
    *id = (struct bac_object_id){ (uint16_t)type, (uint32_t)instance };
    return true;
}

void bac_object_id_text(struct bac_object_id id, struct bas_buf *out)
{
    const char *name = bac_object_type_name(id.type);
    if (name != NULL) {
        bas_buf_format(out, "%s,%u", name, (unsigned)id.instance);
    } else {
        bas_buf_format(out, "%u,%u", (unsigned)id.type, (unsigned)id.instance);
    }
}

static bool property_word(struct bas_slice word, uint32_t *property)
{
    uint64_t number = 0;
    if (bac_digits((const char *)word.data, word.len, UINT32_MAX, &number)) {
        *property = (uint32_t)number;
        return true;
    }
    size_t n = 0;
    const struct bac_name *words = bac_property_words(&n);
    return find_name(words, n, word, property) ||
           bac_enum_word(&bac_type_property_identifier, word, property);
}

bool bac_property_parse(const char *text, uint32_t *property, uint32_t *index)
{
    size_t n = strcspn(text, "[");
    uint32_t found = 0;
    if (!property_word((struct bas_slice){ (const uint8_t *)text, n }, &found)) {
        return false;
    }
    uint64_t number = BAC_NO_INDEX;
    if (text[n] == '[') {
        size_t len = strlen(text + n); /* "[" digits "]" */
        bool is_closed = len > 2 && text[n + len - 1] == ']';
        if (!is_closed || !bac_digits(text + n + 1, len - 2, BAC_NO_INDEX - 1, &number)) {
            return false;
        }
    }
    *property = found;
    *index = (uint32_t)number;
    return true;
}
