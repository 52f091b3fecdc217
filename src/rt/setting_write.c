/* Owns how settings are told: their values as YAML, and what is allowed. */
#include "rt/setting.h"

#include "basalt/knx.h"
#include "basalt/rt.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_URI = 4095 };

uint64_t bas_setting_number(const struct bas_setting *row, const void *member)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64 = 0;
    switch (row->size) {
    case 1:
        memcpy(&u8, member, 1);
        return u8;
    case 2:
        memcpy(&u16, member, 2);
        return u16;
    case 4:
        memcpy(&u32, member, 4);
        return u32;
    default:
        memcpy(&u64, member, sizeof(u64));
        return u64;
    }
}

static void write_text(struct bas_buf *out, const char *text)
{
    struct bas_json json; /* a JSON text is a YAML text */
    bas_json_init(&json, out);
    bas_json_text(&json, NULL, text);
}

static void write_bool(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    bool value;
    memcpy(&value, member, sizeof(value));
    (void)row;
    bas_buf_add_text(out, value ? "true" : "false");
}

static void write_unsigned(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    bas_buf_format(out, "%llu", (unsigned long long)bas_setting_number(row, member));
}

static void write_seconds(struct bas_buf *out, uint64_t ms)
{
    bas_buf_format(out, "%llu", (unsigned long long)(ms / 1000));
    if (ms % 1000 != 0) {
        char text[8] = { '.', (char)('0' + ms / 100 % 10), (char)('0' + ms / 10 % 10),
                         (char)('0' + ms % 10), 0 };
        for (size_t n = 3; text[n] == '0'; n--) {
            text[n] = 0;
        }
        bas_buf_add_text(out, text);
    }
}

static void write_duration(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    write_seconds(out, bas_setting_number(row, member));
}

static void write_number(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    struct bas_number number;
    memcpy(&number, member, sizeof(number));
    (void)row;
    struct bas_json json;
    bas_json_init(&json, out);
    bas_json_real(&json, NULL, number.value, 17);
}

static void write_pointer(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    const char *text;
    memcpy(&text, member, sizeof(text));
    (void)row;
    write_text(out, text);
}

/* Takes the PINs out of the URI of a token (RFC 7512). False: it had none. */
static bool take_pins_out(char *uri)
{
    static const char attribute[] = "pin-value=";
    bool had_any = false;
    for (char *pin; (pin = strstr(uri, attribute)) != NULL; had_any = true) {
        const char *after = pin + strcspn(pin, ";?&");
        /* Its mark goes with it: the one behind, or else the one in front. */
        if (*after == ';' || *after == '&') {
            after++;
        } else if (pin > uri && strchr(";?&", pin[-1]) != NULL) {
            pin--;
        }
        memmove(pin, after, strlen(after) + 1);
    }
    return had_any;
}

/* What is told may be shown to anybody, so a PIN is left out. */
static void write_path(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    char text[LONGEST_URI + 1];
    const char *path;
    memcpy(&path, member, sizeof(path));
    if (strncmp(path, "pkcs11:", 7) != 0) {
        write_pointer(row, member, out);
        return;
    }
    (void)snprintf(text, sizeof(text), "%s", path);
    bool had_pin = take_pins_out(text);
    write_text(out, text);
    bas_buf_add_text(out, had_pin ? " # its PIN is not told: key-password-file can hold it" : "");
    bas_wipe(text, sizeof(text));
}

static void write_list(struct bas_buf *out, const char *const *items, size_t n)
{
    struct bas_json json;
    bas_json_init(&json, out);
    bas_json_open(&json, NULL, '[');
    for (size_t i = 0; i < n; i++) {
        bas_json_text(&json, NULL, items[i]);
    }
    bas_json_close(&json, ']');
}

static void write_paths(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    const char *const *paths = member;
    size_t n = 0;
    while (n < row->max && paths[n] != NULL) {
        n++;
    }
    write_list(out, paths, n);
}

static void write_texts(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    const struct bas_texts *texts = member;
    (void)row;
    write_list(out, texts->items, texts->n);
}

static void write_vmac(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    char text[BSC_VMAC_TEXT];
    (void)row;
    write_text(out, bsc_vmac_text(member, text));
}

static void write_uuid(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    char text[BSC_UUID_TEXT];
    (void)row;
    write_text(out, bsc_uuid_text(member, text));
}

static void write_choice(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    uint64_t number = bas_setting_number(row, member);
    for (size_t i = 0; i < row->choices->n; i++) {
        if (row->choices->items[i].number == number) {
            bas_buf_add_text(out, row->choices->items[i].name);
        }
    }
}

static void write_flags(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    uint64_t flags = bas_setting_number(row, member);
    struct bas_json json;
    bas_json_init(&json, out);
    bas_json_open(&json, NULL, '[');
    for (size_t i = 0; i < row->choices->n; i++) {
        if ((flags & row->choices->items[i].number) != 0) {
            bas_json_text(&json, NULL, row->choices->items[i].name);
        }
    }
    bas_json_close(&json, ']');
}

static void write_address(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    char text[KNX_ADDRESS_TEXT];
    write_text(out, knx_ia_text((knx_ia)bas_setting_number(row, member), text));
}

static void write_group(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    char text[KNX_ADDRESS_TEXT];
    write_text(out, knx_ga_text((knx_ga)bas_setting_number(row, member), text));
}

static void write_nothing(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    (void)row;
    (void)member;
    (void)out;
}

/* The types, a row each. words: what is allowed; NULL: made from the range. */
static const struct type_row {
    void (*write)(const struct bas_setting *row, const void *member, struct bas_buf *out);
    const char *words;
} types[] = {
    [BAS_SETTING_BOOL] = { write_bool, "true or false" },
    [BAS_SETTING_UNSIGNED] = { write_unsigned, NULL },
    [BAS_SETTING_SIZE] = { write_unsigned, NULL },
    [BAS_SETTING_DURATION] = { write_duration, NULL },
    [BAS_SETTING_NUMBER] = { write_number, "a number, active or inactive" },
    [BAS_SETTING_VALUE] = { write_pointer, "a value of the object's type" },
    [BAS_SETTING_TEXT] = { write_pointer, NULL },
    [BAS_SETTING_TEXTS] = { write_texts, NULL },
    [BAS_SETTING_PATH] = { write_path, "the name of a file" },
    [BAS_SETTING_PATHS] = { write_paths, NULL },
    [BAS_SETTING_BIND] = { write_pointer, "ADDRESS:PORT, such as 0.0.0.0:4443 or [::1]:4443" },
    [BAS_SETTING_URI] = { write_pointer, "wss://HOST[:PORT][/PATH]" },
    [BAS_SETTING_URIS] = { write_texts, "a list of wss://HOST[:PORT][/PATH]" },
    [BAS_SETTING_PEERS] = { write_texts, "a list of VMAC never|auto|always [URI...]" },
    [BAS_SETTING_VMAC] = { write_vmac, "12 hex digits, such as 22:34:56:78:9a:bc" },
    [BAS_SETTING_UUID] = { write_uuid,
                           "32 hex digits, such as 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0" },
    [BAS_SETTING_CHOICE] = { write_choice, NULL },
    [BAS_SETTING_FLAGS] = { write_flags, NULL },
    [BAS_SETTING_HOST] = { write_pointer, "HOST[:PORT], such as 192.0.2.1:3671" },
    [BAS_SETTING_ADDRESS] = { write_address, "AREA.LINE.DEVICE, such as 1.1.10" },
    [BAS_SETTING_ADDRESSES] = { write_texts, "a list of AREA.LINE.DEVICE, such as 1.1.10" },
    [BAS_SETTING_GROUP] = { write_group, "MAIN/MIDDLE/SUB, such as 1/2/3" },
    [BAS_SETTING_OBJECTS] = { write_nothing, "a list of objects" },
};

static void allowed_by_range(const struct bas_setting *row, struct bas_buf *out)
{
    unsigned long long min = row->min;
    unsigned long long max = row->max;
    switch (row->type) {
    case BAS_SETTING_UNSIGNED:
        bas_buf_format(out, "a whole number from %llu to %llu", min, max);
        break;
    case BAS_SETTING_SIZE:
        bas_buf_format(out, "%llu to %llu octets, also with KiB, MiB or GiB", min, max);
        break;
    case BAS_SETTING_DURATION:
        bas_buf_add_text(out, "seconds from ");
        write_seconds(out, min);
        bas_buf_add_text(out, " to ");
        write_seconds(out, max);
        break;
    case BAS_SETTING_TEXT:
        bas_buf_format(out, "a text of %llu to %llu octets", min, max);
        break;
    case BAS_SETTING_TEXTS:
        bas_buf_format(out, "a list of %llu to %llu texts, each up to 255 octets", min, max);
        break;
    case BAS_SETTING_PATHS:
        bas_buf_format(out, "%llu to %llu names of files", min, max);
        break;
    case BAS_SETTING_CHOICE:
    case BAS_SETTING_FLAGS:
        bas_buf_add_text(out, row->choices->allowed);
        break;
    case BAS_SETTING_BOOL:
    case BAS_SETTING_NUMBER:
    case BAS_SETTING_VALUE:
    case BAS_SETTING_PATH:
    case BAS_SETTING_BIND:
    case BAS_SETTING_URI:
    case BAS_SETTING_URIS:
    case BAS_SETTING_PEERS:
    case BAS_SETTING_VMAC:
    case BAS_SETTING_UUID:
    case BAS_SETTING_HOST:
    case BAS_SETTING_ADDRESS:
    case BAS_SETTING_ADDRESSES:
    case BAS_SETTING_GROUP:
    case BAS_SETTING_OBJECTS:
        break;
    }
}

void bas_setting_allowed(const struct bas_setting *row, struct bas_buf *out)
{
    if (types[row->type].words != NULL) {
        bas_buf_add_text(out, types[row->type].words);
    } else {
        allowed_by_range(row, out);
    }
}

static bool all_zero(const void *member, size_t size)
{
    const uint8_t *octets = member;
    for (size_t i = 0; i < size; i++) {
        if (octets[i] != 0) {
            return false;
        }
    }
    return true;
}

bool bas_setting_is_set(const struct bas_setting *row, const void *base)
{
    const void *member = (const char *)base + row->offset;
    switch (row->type) {
    case BAS_SETTING_UNSIGNED:
    case BAS_SETTING_SIZE:
    case BAS_SETTING_DURATION:
        return bas_setting_number(row, member) <= row->max;
    case BAS_SETTING_CHOICE:
        return bas_setting_number(row, member) != UINT16_MAX;
    case BAS_SETTING_BOOL:
    case BAS_SETTING_FLAGS: /* none of them is a value too */
        return true;
    case BAS_SETTING_TEXTS:
    case BAS_SETTING_URIS:
    case BAS_SETTING_PEERS:
    case BAS_SETTING_ADDRESSES:
        return ((const struct bas_texts *)member)->n != 0;
    case BAS_SETTING_NUMBER:
        return ((const struct bas_number *)member)->is_set;
    case BAS_SETTING_VALUE:
    case BAS_SETTING_TEXT:
    case BAS_SETTING_PATH:
    case BAS_SETTING_PATHS:
    case BAS_SETTING_BIND:
    case BAS_SETTING_URI:
    case BAS_SETTING_VMAC:
    case BAS_SETTING_UUID:
    case BAS_SETTING_HOST:
    case BAS_SETTING_ADDRESS:
    case BAS_SETTING_GROUP:
    case BAS_SETTING_OBJECTS:
        break;
    }
    return !all_zero(member, row->size);
}

bool bas_setting_is_told(const struct bas_setting *row, const void *base)
{
    const void *member = (const char *)base + row->offset;
    bool is_zero = all_zero(member, row->size);
    if (row->type == BAS_SETTING_BOOL) {
        return !is_zero || row->fallback == NULL || strcmp(row->fallback, "false") != 0;
    }
    return bas_setting_is_set(row, base) &&
           (row->type != BAS_SETTING_FLAGS || !is_zero || row->fallback != NULL);
}

void bas_setting_write(const struct bas_setting *row, const void *base, struct bas_buf *out)
{
    types[row->type].write(row, (const char *)base + row->offset, out);
}
