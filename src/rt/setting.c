/* Owns what a text may be for each type of setting: reading it into a member. */
#include "rt/setting.h"

#include "basalt/knx.h"
#include "basalt/rt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 40, NUMBER_TEXT = 64, URI_OCTETS = 255, LIST_OCTETS = 255, PEER_OCTETS = 1100 };

/* Store */

struct bas_keep_block {
    struct bas_keep_block *next;
    size_t len;
};

void *bas_keep_take(struct bas_keep *store, size_t len)
{
    struct bas_keep_block *block = bas_alloc(store->env, sizeof(*block) + len);
    if (block == NULL) {
        return NULL;
    }
    block->next = store->blocks;
    block->len = len;
    store->blocks = block;
    return block + 1;
}

void bas_keep_free(struct bas_keep *store)
{
    while (store->blocks != NULL) {
        struct bas_keep_block *block = store->blocks;
        store->blocks = block->next;
        bas_release(store->env, block, sizeof(*block) + block->len);
    }
}

/* What a folder is not put in front of: a file name from the root on, an object of a token. */
static bool is_absolute(const char *text)
{
    static const char token[] = "pkcs11:";
    return text[0] == '/' || strncmp(text, token, sizeof(token) - 1) == 0;
}

static char *keep(struct bas_keep *store, const char *folder, const char *text)
{
    size_t head = folder == NULL || is_absolute(text) ? 0 : strlen(folder);
    size_t len = strlen(text);
    char *kept = bas_keep_take(store, head + len + 1);
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

bool bas_setting_is_list(const struct bas_setting *row)
{
    return row->type == BAS_SETTING_TEXTS || row->type == BAS_SETTING_PATHS ||
           row->type == BAS_SETTING_URIS || row->type == BAS_SETTING_PEERS ||
           row->type == BAS_SETTING_ADDRESSES || row->type == BAS_SETTING_FLAGS;
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
    size_t longest = r->row->type == BAS_SETTING_PEERS ? PEER_OCTETS
                     : bas_setting_is_list(r->row)     ? LIST_OCTETS
                                                       : r->row->max;
    if (len == 0) {
        return refuse(r, "is empty");
    }
    if (len > longest) {
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

/* The file of "csv FILE" is relative as others are. */
static bas_err read_value(struct reading *r)
{
    static const char csv[] = "csv ";
    const size_t len = sizeof(csv) - 1;
    const char *folder = r->reader->folder;
    bas_err err = check_text(r);
    if (err != BAS_OK || folder == NULL || strncmp(r->text, csv, len) != 0 ||
        is_absolute(r->text + len)) {
        return err == BAS_OK ? store_text(r, NULL) : err;
    }
    size_t cap = strlen(folder) + strlen(r->text) + 1;
    char *kept = bas_keep_take(r->reader->store, cap);
    if (kept == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    (void)snprintf(kept, cap, "%s%s%s", csv, folder, r->text + len);
    memcpy(r->member, &kept, sizeof(kept));
    return BAS_OK;
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
    bool is_full = texts->n == 0 || (texts->n >= 8 && (texts->n & (texts->n - 1)) == 0);
    if (is_full) { /* twice the room, eight at first */
        size_t cap = texts->n == 0 ? 8 : 2 * texts->n;
        const char **more = bas_keep_take(r->reader->store, cap * sizeof(*more));
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

static bas_err read_host(struct reading *r)
{
    const char *end = skip_host(r->text);
    if (end != NULL && *end == ':') {
        end = skip_port(end, 1);
    }
    if (strlen(r->text) > 255 || end == NULL || *end != 0 || has_control(r->text)) {
        return refuse(r, "is not a host");
    }
    return store_text(r, NULL);
}

/* Of a ws:// or wss:// URI, behind the scheme; NULL: another scheme. */
static const char *skip_scheme(const char *text)
{
    static const char scheme[] = "wss://";
    static const char plaintext[] = "ws://";
    return strncmp(text, scheme, sizeof(scheme) - 1) == 0         ? text + sizeof(scheme) - 1
           : strncmp(text, plaintext, sizeof(plaintext) - 1) == 0 ? text + sizeof(plaintext) - 1
                                                                  : NULL;
}

static bas_err check_uri(struct reading *r, const char *text, size_t longest)
{
    const char *authority = skip_scheme(text);
    if (authority == NULL) {
        return refuse(r, "does not begin with wss://");
    }
    const char *end = skip_host(authority);
    if (end != NULL && *end == ':') {
        end = skip_port(end, 1);
    }
    bool is_whole = end != NULL && (*end == 0 || *end == '/');
    if (!is_whole || strlen(text) > longest || strpbrk(end, " #\"") != NULL || has_control(text)) {
        return refuse(r, "is not a WebSocket URI");
    }
    return BAS_OK;
}

static bas_err read_uri(struct reading *r)
{
    bas_err err = check_uri(r, r->text, r->row->max);
    return err == BAS_OK ? store_text(r, NULL) : err;
}

static bas_err read_uris(struct reading *r)
{
    bas_err err = check_uri(r, r->text, URI_OCTETS);
    return err == BAS_OK ? read_texts(r) : err;
}

/* The next word at *text into word; false: none, or it is longer than that. */
static bool take_word(const char **text, char word[URI_OCTETS + 1])
{
    const char *p = *text + strspn(*text, " ");
    size_t len = strcspn(p, " ");
    if (len == 0 || len > URI_OCTETS) {
        return false;
    }
    memcpy(word, p, len);
    word[len] = 0;
    *text = p + len;
    return true;
}

static bool is_policy(const char *word)
{
    static const char *const policies[] = { "never", "auto", "always" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(policies); i++) {
        if (strcmp(word, policies[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* "VMAC POLICY [URI...]" */
static bas_err read_peers(struct reading *r)
{
    char word[URI_OCTETS + 1];
    struct bsc_vmac vmac;
    const char *p = r->text;
    if (!take_word(&p, word) || bsc_vmac_parse(word, &vmac) != BAS_OK ||
        bsc_vmac_is_reserved(&vmac) || bsc_vmac_is_broadcast(&vmac)) {
        return refuse(r, "does not begin with the VMAC of a peer");
    }
    if (!take_word(&p, word) || !is_policy(word)) {
        return refuse(r, "does not say never, auto or always behind the VMAC");
    }
    bas_err err = BAS_OK;
    while (err == BAS_OK && take_word(&p, word)) {
        err = check_uri(r, word, URI_OCTETS);
    }
    if (err == BAS_OK && p[strspn(p, " ")] != 0) {
        return refuse(r, "holds a URI that is too long");
    }
    return err == BAS_OK ? read_texts(r) : err;
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

/* Names with commas or blanks between them: their bits are added to the member. */
static bas_err read_flags(struct reading *r)
{
    const struct bas_choices *choices = r->row->choices;
    uint64_t bits = 0;
    const char *p = r->text;
    do {
        size_t len = strcspn(p, ", ");
        size_t i = 0;
        while (i < choices->n && (strlen(choices->items[i].name) != len ||
                                  strncmp(choices->items[i].name, p, len) != 0)) {
            i++;
        }
        if (i == choices->n) {
            return refuse(r, "is not known here");
        }
        bits |= choices->items[i].number;
        p += len;
        p += strspn(p, ", ");
    } while (*p != 0);
    store_unsigned(r->row, r->member, bas_setting_number(r->row, r->member) | bits);
    return BAS_OK;
}

static bas_err read_address(struct reading *r)
{
    knx_ia address;
    if (!knx_ia_parse(r->text, &address) || address == 0) {
        return refuse(r, "is not an Individual Address");
    }
    memcpy(r->member, &address, sizeof(address));
    return BAS_OK;
}

static bas_err read_addresses(struct reading *r)
{
    knx_ia address;
    if (!knx_ia_parse(r->text, &address) || address == 0) {
        return refuse(r, "is not an Individual Address");
    }
    return read_texts(r);
}

static bas_err read_group(struct reading *r)
{
    knx_ga group;
    if (!knx_ga_parse(r->text, &group) || group == 0) {
        return refuse(r, "is not a group address");
    }
    memcpy(r->member, &group, sizeof(group));
    return BAS_OK;
}

static bas_err read_nothing(struct reading *r)
{
    return refuse(r, "is not a list");
}

/* By type. */
static bas_err (*const readers[])(struct reading *r) = {
    [BAS_SETTING_BOOL] = read_bool,           [BAS_SETTING_UNSIGNED] = read_unsigned,
    [BAS_SETTING_SIZE] = read_size,           [BAS_SETTING_DURATION] = read_duration,
    [BAS_SETTING_NUMBER] = read_number,       [BAS_SETTING_VALUE] = read_value,
    [BAS_SETTING_TEXT] = read_text,           [BAS_SETTING_TEXTS] = read_texts,
    [BAS_SETTING_PATH] = read_path,           [BAS_SETTING_PATHS] = read_paths,
    [BAS_SETTING_BIND] = read_bind,           [BAS_SETTING_URI] = read_uri,
    [BAS_SETTING_URIS] = read_uris,           [BAS_SETTING_PEERS] = read_peers,
    [BAS_SETTING_VMAC] = read_vmac,           [BAS_SETTING_UUID] = read_uuid,
    [BAS_SETTING_CHOICE] = read_choice,       [BAS_SETTING_FLAGS] = read_flags,
    [BAS_SETTING_HOST] = read_host,           [BAS_SETTING_ADDRESS] = read_address,
    [BAS_SETTING_ADDRESSES] = read_addresses, [BAS_SETTING_GROUP] = read_group,
    [BAS_SETTING_OBJECTS] = read_nothing,
};

bas_err bas_setting_read(const struct bas_setting *row, const struct bas_setting_reader *reader,
                         const char *text, void *base, char why[BAS_SETTING_WHY])
{
    struct reading r = { row, reader, text, (char *)base + row->offset, { 0 } };
    bas_buf_init(&r.why, why, BAS_SETTING_WHY);
    bas_err err = readers[row->type](&r);
    (void)bas_buf_text(&r.why);
    return err;
}
