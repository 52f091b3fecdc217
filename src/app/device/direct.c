/* Owns reading what the settings of a device say of direct connections. */
#include "app/device/direct.h"

#include "rt/uri.h"

#include <string.h>

enum { SHOWN = 60 /* characters of a text in a fault */ };

/* Whether plaintext may be is for the port to judge when it connects. */
static bas_err check_uri(const char *key, const char *text, struct bas_fault *fault)
{
    struct uri uri;
    struct bas_fault why = { 0 };
    bool is_plain = strncmp(text, "ws:", 3) == 0;
    if (strchr(text, ' ') == NULL && uri_parse(text, !is_plain, &uri, &why) == BAS_OK) {
        return BAS_OK;
    }
    return bas_fail(fault, BAS_ERR_CONFIG, "%s: %s", key,
                    why.err != BAS_OK ? why.text : "a blank stands in a URI; one item is one URI");
}

/* The next word at *text; false: none. */
static bool next_word(const char **text, struct bas_slice *word)
{
    const char *at = *text + strspn(*text, " ");
    *word = (struct bas_slice){ (const uint8_t *)at, strcspn(at, " ") };
    *text = at + word->len;
    return word->len != 0;
}

/* False: it does not fit. */
static bool copy_word(struct bas_slice word, char *out, size_t cap)
{
    if (word.len >= cap) {
        return false;
    }
    memcpy(out, word.data, word.len);
    out[word.len] = 0;
    return true;
}

static bool read_vmac(struct bas_slice word, struct bsc_vmac *vmac)
{
    char text[BSC_VMAC_TEXT];
    return copy_word(word, text, sizeof(text)) && bsc_vmac_parse(text, vmac) == BAS_OK &&
           !bsc_vmac_is_reserved(vmac) && !bsc_vmac_is_broadcast(vmac);
}

static bool read_policy(struct bas_slice word, enum bsc_direct_policy *policy)
{
    static const struct {
        const char *name;
        enum bsc_direct_policy policy;
    } rows[] = { { "never", BSC_DIRECT_NEVER },
                 { "auto", BSC_DIRECT_AUTO },
                 { "always", BSC_DIRECT_ALWAYS } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (word.len == strlen(rows[i].name) && memcmp(word.data, rows[i].name, word.len) == 0) {
            *policy = rows[i].policy;
            return true;
        }
    }
    return false;
}

static bas_err add_uri(struct bas_slice word, struct bas_buf *uris, struct bas_fault *fault)
{
    char uri[DIRECT_URIS];
    if (!copy_word(word, uri, sizeof(uri))) {
        return bas_fail(fault, BAS_ERR_CONFIG, "direct-peers: a URI is longer than %d characters",
                        DIRECT_URIS - 1);
    }
    bas_err err = check_uri("direct-peers", uri, fault);
    bas_buf_add_text(uris, uris->len == 0 ? "" : " ");
    bas_buf_add_text(uris, uri);
    return err;
}

bas_err direct_peer_read(const char *item, struct direct_peer *peer, struct bas_fault *fault)
{
    struct bas_slice word;
    struct bas_buf uris;
    const char *at = item;
    bas_err err = BAS_OK;
    bas_buf_init(&uris, peer->uris, sizeof(peer->uris) - 1);
    if (!next_word(&at, &word) || !read_vmac(word, &peer->vmac)) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "direct-peers: '%.*s' does not begin with the VMAC of a peer; expected "
                        "VMAC never|auto|always [URI...]",
                        SHOWN, item);
    }
    if (!next_word(&at, &word) || !read_policy(word, &peer->policy)) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "direct-peers: '%.*s' does not say never, auto or always behind the VMAC",
                        SHOWN, item);
    }
    while (err == BAS_OK && next_word(&at, &word)) {
        err = add_uri(word, &uris, fault);
    }
    if (err == BAS_OK && uris.full) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "direct-peers: '%.*s...': the URIs are longer than %d characters", SHOWN,
                        item, DIRECT_URIS - 1);
    }
    peer->uris[uris.len] = 0;
    return err;
}

void direct_uris_release(const struct bas_env *env, struct direct_uris *uris)
{
    bas_release(env, uris->text, uris->len);
    *uris = (struct direct_uris){ NULL, 0 };
}

bas_err direct_uris_join(const struct bas_env *env, const struct bas_texts *items,
                         struct direct_uris *uris, struct bas_fault *fault)
{
    struct bas_buf out;
    *uris = (struct direct_uris){ NULL, 0 };
    for (size_t i = 0; i < items->n; i++) {
        bas_err err = check_uri("direct-uris", items->items[i], fault);
        if (err != BAS_OK) {
            return err;
        }
        uris->len += strlen(items->items[i]) + 1;
    }
    if (uris->len == 0) {
        return BAS_OK;
    }
    uris->text = bas_alloc(env, uris->len);
    if (uris->text == NULL) {
        uris->len = 0;
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for direct-uris");
    }
    bas_buf_init(&out, uris->text, uris->len);
    for (size_t i = 0; i < items->n; i++) {
        bas_buf_add_text(&out, i == 0 ? "" : " ");
        bas_buf_add_text(&out, items->items[i]);
    }
    uris->text[out.len] = 0;
    return BAS_OK;
}
