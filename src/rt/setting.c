/* Owns what a text may be for each type of setting: reading it, writing it back, and saying what is
 * allowed. */
#include "rt/setting.h"

#include "basalt/rt.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 40, NUMBER_TEXT = 64 };

/* Store */

struct bas_store_block {
    struct bas_store_block *next;
    size_t len;
};

void *bas_store_take(struct bas_store *store, size_t len)
{
    struct bas_store_block *block = bas_alloc(store->env, sizeof(*block) + len);
    if (block == NULL) {
        return NULL;
    }
    block->next = store->blocks;
    block->len = len;
    store->blocks = block;
    return block + 1;
}

void bas_store_free(struct bas_store *store)
{
    while (store->blocks != NULL) {
        struct bas_store_block *block = store->blocks;
        store->blocks = block->next;
        bas_release(store->env, block, sizeof(*block) + block->len);
    }
}

static char *keep(struct bas_store *store, const char *folder, const char *text)
{
    size_t head = folder == NULL || text[0] == '/' ? 0 : strlen(folder);
    size_t len = strlen(text);
    char *kept = bas_store_take(store, head + len + 1);
    if (kept != NULL) {
        if (head != 0) {
            memcpy(kept, folder, head);
        }
        memcpy(kept + head, text, len);
    }
    return kept;
}

/* Reading */

struct reading {
    const struct bas_setting *row;
    const struct bas_setting_reader *reader;
    const char *text;
    void *member;
    struct bas_buf why;
};

void bas_setting_quote(struct bas_buf *out, const char *text)
{
    size_t len = strlen(text);
    size_t n = len;
    if (len > SHOWN) {
        n = SHOWN;
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80) { /* whole characters only */
            n--;
        }
    }
    bas_buf_add_text(out, "\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        bas_buf_add(out, c < 0x20 || c == 0x7F ? "?" : (const char *)&text[i], 1);
    }
    bas_buf_add_text(out, n < len ? "...\"" : "\"");
}

/* "TEXT" is not what we want; what is allowed */
static bas_err refuse(struct reading *r, const char *problem)
{
    bas_setting_quote(&r->why, r->text);
    bas_buf_format(&r->why, " %s; ", problem);
    bas_setting_allowed(r->row, &r->why);
    return BAS_ERR_CONFIG;
}

static void store_unsigned(const struct bas_setting *row, void *member, uint64_t value)
{
    uint8_t u8 = (uint8_t)value;
    uint16_t u16 = (uint16_t)value;
    uint32_t u32 = (uint32_t)value;
    const void *from = row->size == 1   ? (const void *)&u8
                       : row->size == 2 ? (const void *)&u16
                       : row->size == 4 ? (const void *)&u32
                                        : (const void *)&value;
    memcpy(member, from, row->size);
}

static uint64_t load_unsigned(const struct bas_setting *row, const void *member)
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

/* Digits at *text as a number; false when there are none or they do not fit 63 bits. */
static bool take_digits(const char **text, uint64_t *value)
{
    const char *p = *text;
    uint64_t v = 0;
    if (*p < '0' || *p > '9') {
        return false;
    }
    for (; *p >= '0' && *p <= '9'; p++) {
        if (v > (uint64_t)INT64_MAX / 10 - 10) {
            return false;
        }
        v = v * 10 + (uint64_t)(*p - '0');
    }
    *text = p;
    *value = v;
    return true;
}

static bas_err read_bool(struct reading *r)
{
    bool value = strcmp(r->text, "true") == 0;
    if (r->reader->quoted || (!value && strcmp(r->text, "false") != 0)) {
        return refuse(r, "is not a yes-or-no value");
    }
    memcpy(r->member, &value, sizeof(value));
    return BAS_OK;
}

static bas_err store_in_range(struct reading *r, uint64_t value)
{
    if (value < r->row->min || value > r->row->max) {
        return refuse(r, "is out of range");
    }
    store_unsigned(r->row, r->member, value);
    return BAS_OK;
}

static bool is_digits(const char *text)
{
    return *text != 0 && text[strspn(text, "0123456789")] == 0;
}

static bas_err read_unsigned(struct reading *r)
{
    const char *p = r->text;
    uint64_t value;
    if (r->reader->quoted || !is_digits(p)) {
        return refuse(r, "is not a whole number");
    }
    return take_digits(&p, &value) ? store_in_range(r, value) : refuse(r, "is out of range");
}

static bas_err read_size(struct reading *r)
{
    static const struct {
        const char *suffix;
        unsigned shift;
    } suffixes[] = { { "", 0 }, { "KiB", 10 }, { "MiB", 20 }, { "GiB", 30 } };
    const char *p = r->text;
    uint64_t value;
    if (r->reader->quoted || !take_digits(&p, &value)) {
        return refuse(r, "is not a size");
    }
    p += strspn(p, " ");
    for (size_t i = 0; i < BAS_ARRAY_LEN(suffixes); i++) {
        if (strcmp(p, suffixes[i].suffix) == 0) {
            bool fits = value <= (uint64_t)INT64_MAX >> suffixes[i].shift;
            return fits ? store_in_range(r, value << suffixes[i].shift)
                        : refuse(r, "is out of range");
        }
    }
    return refuse(r, "is not a size");
}

static bas_err read_duration(struct reading *r)
{
    const char *p = r->text;
    uint64_t seconds;
    if (r->reader->quoted || p[strspn(p, "0123456789.")] != 0 || !take_digits(&p, &seconds)) {
        return refuse(r, "is not a time in seconds");
    }
    uint64_t ms = seconds > UINT32_MAX ? UINT64_C(1000) * UINT32_MAX : seconds * 1000;
    if (*p == '.') {
        uint64_t weight = 100;
        for (p++; *p >= '0' && *p <= '9'; p++, weight /= 10) {
            ms += weight * (uint64_t)(*p - '0');
        }
    }
    return *p == 0 ? store_in_range(r, ms) : refuse(r, "is not a time in seconds");
}

static bool read_word(const char *text, double *value)
{
    static const struct {
        const char *word;
        double value;
    } words[] = { { "inactive", 0 }, { "active", 1 }, { "false", 0 }, { "true", 1 } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(words); i++) {
        if (strcmp(text, words[i].word) == 0) {
            *value = words[i].value;
            return true;
        }
    }
    return false;
}

static bas_err read_number(struct reading *r)
{
    struct bas_number number = { true, 0 };
    if (!r->reader->quoted && read_word(r->text, &number.value)) {
        memcpy(r->member, &number, sizeof(number));
        return BAS_OK;
    }
    char *end = NULL;
    if (r->reader->quoted || r->text[0] == 0 || r->text[strspn(r->text, "+-.0123456789eE")] != 0) {
        return refuse(r, "is not a number");
    }
    number.value = strtod(r->text, &end);
    if (*end != 0) {
        return refuse(r, "is not a number");
    }
    if (number.value > 3.4028234663852886e38 || number.value < -3.4028234663852886e38) {
        return refuse(r, "is out of range");
    }
    memcpy(r->member, &number, sizeof(number));
    return BAS_OK;
}

static bool has_control(const char *text)
{
    for (; *text != 0; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            return true;
        }
    }
    return false;
}

static bas_err check_text(struct reading *r)
{
    size_t len = strlen(r->text);
    bool is_list = r->row->type == BAS_SETTING_TEXTS || r->row->type == BAS_SETTING_PATHS;
    if (len == 0) {
        return refuse(r, "is empty");
    }
    if (len > (is_list ? 255 : r->row->max)) {
        return refuse(r, "is too long");
    }
    return has_control(r->text) ? refuse(r, "holds a control character") : BAS_OK;
}

static bas_err store_text(struct reading *r, const char *folder)
{
    const char *kept = keep(r->reader->store, folder, r->text);
    if (kept == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    memcpy(r->member, &kept, sizeof(kept));
    return BAS_OK;
}

static bas_err read_text(struct reading *r)
{
    bas_err err = check_text(r);
    return err == BAS_OK ? store_text(r, NULL) : err;
}

static bas_err read_path(struct reading *r)
{
    bas_err err = check_text(r);
    return err == BAS_OK ? store_text(r, r->reader->folder) : err;
}

static bas_err read_paths(struct reading *r)
{
    bas_err err = check_text(r);
    if (err != BAS_OK) {
        return err;
    }
    const char **paths = r->member;
    size_t n = 0;
    while (n < r->row->max && paths[n] != NULL) {
        n++;
    }
    if (n == r->row->max) {
        return refuse(r, "is one too many");
    }
    paths[n] = keep(r->reader->store, r->reader->folder, r->text);
    return paths[n] == NULL ? BAS_ERR_NO_MEMORY : BAS_OK;
}

static bas_err read_texts(struct reading *r)
{
    bas_err err = check_text(r);
    if (err != BAS_OK) {
        return err;
    }
    struct bas_texts *texts = r->member;
    if (texts->n == r->row->max) {
        return refuse(r, "is one too many");
    }
    if (texts->n % 8 == 0) { /* room for eight more */
        const char **more = bas_store_take(r->reader->store, (texts->n + 8) * sizeof(*more));
        if (more == NULL) {
            return BAS_ERR_NO_MEMORY;
        }
        if (texts->n != 0) {
            memcpy(more, texts->items, texts->n * sizeof(*more));
        }
        texts->items = more;
    }
    const char *kept = keep(r->reader->store, NULL, r->text);
    if (kept == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    texts->items[texts->n++] = kept;
    return BAS_OK;
}

/* Behind an IPv6 address in brackets, perhaps with a zone ("[fe80::1%eth0]"); NULL: it is none. */
static const char *skip_ipv6(const char *text)
{
    size_t n = strspn(++text, "0123456789abcdefABCDEF:.");
    const char *p = text + n;
    if (*p == '%') {
        p += strcspn(p, "[]/ \"'\\");
    }
    return n > 0 && *p == ']' ? p + 1 : NULL;
}

/* Host (a name, an address, or an IPv6 address in brackets) at text; NULL: none, else behind it. */
static const char *skip_host(const char *text)
{
    if (*text == '[') {
        return skip_ipv6(text);
    }
    size_t n = strcspn(text, ":/?#@[] \"'\\");
    return n > 0 ? text + n : NULL;
}

/* ":port" at text, at least least; NULL: none, else behind it. */
static const char *skip_port(const char *text, uint64_t least)
{
    uint64_t port;
    if (*text++ != ':' || !take_digits(&text, &port)) {
        return NULL;
    }
    return port >= least && port <= 65535 ? text : NULL;
}

static bas_err read_bind(struct reading *r)
{
    const char *end = skip_host(r->text);
    end = end == NULL ? NULL : skip_port(end, 0);
    if (strlen(r->text) > 255 || end == NULL || *end != 0) {
        return refuse(r, "is not an address with a port");
    }
    return store_text(r, NULL);
}

static bas_err read_uri(struct reading *r)
{
    static const char scheme[] = "wss://";
    if (strncmp(r->text, scheme, sizeof(scheme) - 1) != 0) {
        return refuse(r, "does not begin with wss://");
    }
    const char *end = skip_host(r->text + sizeof(scheme) - 1);
    if (end != NULL && *end == ':') {
        end = skip_port(end, 1);
    }
    bool is_whole = end != NULL && (*end == 0 || *end == '/');
    if (!is_whole || strlen(r->text) > r->row->max || strpbrk(end, " #\"") != NULL ||
        has_control(r->text)) {
        return refuse(r, "is not a WebSocket URI");
    }
    return store_text(r, NULL);
}

static bas_err read_vmac(struct reading *r)
{
    struct bsc_vmac vmac;
    if (bsc_vmac_parse(r->text, &vmac) != BAS_OK) {
        return refuse(r, "is not a VMAC");
    }
    if (r->row->min != 0 && (bsc_vmac_is_reserved(&vmac) || bsc_vmac_is_broadcast(&vmac))) {
        return refuse(r, "is reserved");
    }
    memcpy(r->member, &vmac, sizeof(vmac));
    return BAS_OK;
}

static bas_err read_uuid(struct reading *r)
{
    static const struct bsc_uuid none = { { 0 } };
    struct bsc_uuid uuid;
    if (bsc_uuid_parse(r->text, &uuid) != BAS_OK) {
        return refuse(r, "is not a UUID");
    }
    if (r->row->min != 0 && bsc_uuid_equal(&uuid, &none)) {
        return refuse(r, "is nobody's UUID");
    }
    memcpy(r->member, &uuid, sizeof(uuid));
    return BAS_OK;
}

static bas_err read_choice(struct reading *r)
{
    const struct bas_choices *choices = r->row->choices;
    for (size_t i = 0; i < choices->n; i++) {
        if (strcmp(r->text, choices->items[i].name) == 0) {
            store_unsigned(r->row, r->member, choices->items[i].number);
            return BAS_OK;
        }
    }
    return refuse(r, "is not known here");
}

static bas_err read_nothing(struct reading *r)
{
    return refuse(r, "is not a list");
}

/* Writing */

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
    bas_buf_format(out, "%llu", (unsigned long long)load_unsigned(row, member));
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
    write_seconds(out, load_unsigned(row, member));
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
    uint64_t number = load_unsigned(row, member);
    for (size_t i = 0; i < row->choices->n; i++) {
        if (row->choices->items[i].number == number) {
            bas_buf_add_text(out, row->choices->items[i].name);
        }
    }
}

static void write_nothing(const struct bas_setting *row, const void *member, struct bas_buf *out)
{
    (void)row;
    (void)member;
    (void)out;
}

/* The types, a row each. words: what is allowed; NULL: made from the range. */
struct type_row {
    bas_err (*read)(struct reading *r);
    void (*write)(const struct bas_setting *row, const void *member, struct bas_buf *out);
    const char *words;
};

static const struct type_row types[] = {
    [BAS_SETTING_BOOL] = { read_bool, write_bool, "true or false" },
    [BAS_SETTING_UNSIGNED] = { read_unsigned, write_unsigned, NULL },
    [BAS_SETTING_SIZE] = { read_size, write_unsigned, NULL },
    [BAS_SETTING_DURATION] = { read_duration, write_duration, NULL },
    [BAS_SETTING_NUMBER] = { read_number, write_number, "a number, active or inactive" },
    [BAS_SETTING_TEXT] = { read_text, write_pointer, NULL },
    [BAS_SETTING_TEXTS] = { read_texts, write_texts, NULL },
    [BAS_SETTING_PATH] = { read_path, write_pointer, "the name of a file" },
    [BAS_SETTING_PATHS] = { read_paths, write_paths, NULL },
    [BAS_SETTING_BIND] = { read_bind, write_pointer,
                           "ADDRESS:PORT, such as 0.0.0.0:4443 or [::1]:4443" },
    [BAS_SETTING_URI] = { read_uri, write_pointer, "wss://HOST[:PORT][/PATH]" },
    [BAS_SETTING_VMAC] = { read_vmac, write_vmac, "12 hex digits, such as 22:34:56:78:9a:bc" },
    [BAS_SETTING_UUID] = { read_uuid, write_uuid,
                           "32 hex digits, such as 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0" },
    [BAS_SETTING_CHOICE] = { read_choice, write_choice, NULL },
    [BAS_SETTING_OBJECTS] = { read_nothing, write_nothing, "a list of objects" },
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
        bas_buf_add_text(out, row->choices->allowed);
        break;
    case BAS_SETTING_BOOL:
    case BAS_SETTING_NUMBER:
    case BAS_SETTING_PATH:
    case BAS_SETTING_BIND:
    case BAS_SETTING_URI:
    case BAS_SETTING_VMAC:
    case BAS_SETTING_UUID:
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

bas_err bas_setting_read(const struct bas_setting *row, const struct bas_setting_reader *reader,
                         const char *text, void *base, char why[BAS_SETTING_WHY])
{
    struct reading r = { row, reader, text, (char *)base + row->offset, { 0 } };
    bas_buf_init(&r.why, why, BAS_SETTING_WHY);
    bas_err err = types[row->type].read(&r);
    (void)bas_buf_text(&r.why);
    return err;
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
        return load_unsigned(row, member) <= row->max;
    case BAS_SETTING_CHOICE:
        return load_unsigned(row, member) != UINT16_MAX;
    case BAS_SETTING_BOOL:
        return true;
    case BAS_SETTING_TEXTS:
        return ((const struct bas_texts *)member)->n != 0;
    case BAS_SETTING_NUMBER:
        return ((const struct bas_number *)member)->is_set;
    case BAS_SETTING_TEXT:
    case BAS_SETTING_PATH:
    case BAS_SETTING_PATHS:
    case BAS_SETTING_BIND:
    case BAS_SETTING_URI:
    case BAS_SETTING_VMAC:
    case BAS_SETTING_UUID:
    case BAS_SETTING_OBJECTS:
        break;
    }
    return !all_zero(member, row->size);
}

void bas_setting_write(const struct bas_setting *row, const void *base, struct bas_buf *out)
{
    types[row->type].write(row, (const char *)base + row->offset, out);
}
