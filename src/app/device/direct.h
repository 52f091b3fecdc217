/* What the settings of a device say of direct connections, read: its own URIs and its peers. */
#ifndef BASALT_APP_DEVICE_DIRECT_H
#define BASALT_APP_DEVICE_DIRECT_H

#include "basalt/rt.h"

enum { DIRECT_URIS = 1024 /* of a peer, with the end of the text */ };

/* An item of direct_peers: "VMAC never|auto|always [URI...]". */
struct direct_peer {
    struct bsc_vmac vmac;
    enum bsc_direct_policy policy;
    char uris[DIRECT_URIS]; /* separated by single spaces; "" for none */
};
/* BAS_ERR_CONFIG, naming direct-peers and the item. */
BAS_MUST_USE bas_err direct_peer_read(const char *item, struct direct_peer *peer,
                                      struct bas_fault *fault);

/* Items of direct_uris, joined by single spaces into memory of len octets; NULL: there are none. */
struct direct_uris {
    char *text;
    size_t len;
};
/* BAS_ERR_CONFIG, naming direct-uris and the item; BAS_ERR_NO_MEMORY. */
BAS_MUST_USE bas_err direct_uris_join(const struct bas_env *env, const struct bas_texts *items,
                                      struct direct_uris *uris, struct bas_fault *fault);
void direct_uris_release(const struct bas_env *env, struct direct_uris *uris);

#endif
