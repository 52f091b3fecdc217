/* A small keyring that was made and signed outside of this tree (Python's hashlib, OpenSSL's AES),
 * and the ways to read it, changed or not. */
#ifndef BASALT_TEST_KEYRING_FIXTURE_H
#define BASALT_TEST_KEYRING_FIXTURE_H

#include "basalt/knx_keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYRING_PASSWORD "lab \xE2\x82\xAC"
#define KEYRING_TUNNEL                                                                             \
    "<Interface Type='Tunneling' Host='1.1.0' UserID='2' "                                         \
    "Password='Y1/dzeBa+9MB1Oj6sBF5hQMtudg27AM2O/NMkqShcuw=' IndividualAddress='1.1.10' "          \
    "Authentication='hYZs7vh3N3s219x6ncojOFca+l7tx1kQULLsgRZhVmE='>\n"

static const char keyring_text[] =
    "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\n"
    "<Keyring Project='Haus \xC3\xA4 &amp; &lt;1&gt;' CreatedBy='lab' "
    "Created='2026-11-21T05:00:00' Signature='e932djOg51UWgSHKFhTXpA==' "
    "xmlns='http://knx.org/xml/keyring/1'>\n"
    "<Backbone MulticastAddress='224.0.23.12' Key='sejx5c5XTMv2nKRq/JPzuQ=='/>\n" /* line 3 */
    KEYRING_TUNNEL                                                                /* line 4 */
    "<Group Address='2305' Senders='1.1.5 1.1.11'/>\n"
    "<Group Address='2306' Senders=''/>\n"
    "</Interface>\n"
    "<Interface Type='USB' IndividualAddress='1.1.11'>\n" /* line 8 */
    "<Group Address='2305' Senders='1.1.5 1.1.10 1.1.6'/>\n"
    "</Interface>\n"
    "<GroupAddresses>\n"
    "<Group Address='2305' Key='JA+iMVtcCfNSaEasAxRBjQ=='/>\n" /* line 12 */
    "<Group Address='2306' Key='U+QIMYxoxo5xX+N5yxS83Q=='/>\n"
    "</GroupAddresses>\n"
    "<Devices>\n"
    "<Device IndividualAddress='1.1.0' ToolKey='5pkhulA37PEyqh9cz7Z5WQ==' " /* line 16 */
    "ManagementPassword='beGhva6ca98JbFy8HttRxvs7Lzxop41JPJupP3DVaoM=' "
    "Authentication='hYZs7vh3N3s219x6ncojOFca+l7tx1kQULLsgRZhVmE=' "
    "FDSK='nkhKVZfy3jaDnilKTcemrw==' SerialNumber='00FA0000abcd'/>\n"
    "<Device IndividualAddress='1.1.5' SequenceNumber='281474976710655'/>\n" /* line 17 */
    "</Devices>\n"
    "</Keyring>";

static inline struct bas_slice text_slice(const char *text)
{
    return (struct bas_slice){ (const uint8_t *)text, strlen(text) };
}

/* The derived key; each password once, because it is slow. */
static inline const struct knx_key *key_of(const char *password)
{
    static struct {
        char password[40];
        struct knx_key key;
    } known[20];
    size_t i = 0;
    for (; i < BAS_ARRAY_LEN(known) - 1 && known[i].password[0] != 0; i++) {
        if (strcmp(known[i].password, password) == 0) {
            return &known[i].key;
        }
    }
    (void)snprintf(known[i].password, sizeof(known[i].password), "%s", password);
    knx_keyring_key(text_slice(password), &known[i].key);
    return &known[i].key;
}

/* A copy of text in which the first old became new; to be freed. */
static inline char *with(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    assert_non_null(at);
    size_t len = strlen(text) + strlen(new) + 1;
    char *copy = malloc(len);
    assert_non_null(copy);
    (void)snprintf(copy, len, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    return copy;
}

static inline void assert_password(const struct knx_password *password, const char *wanted)
{
    assert_int_equal(password->is_set, wanted != NULL);
    assert_int_equal(password->len, wanted == NULL ? 0 : strlen(wanted));
    if (wanted != NULL) {
        assert_memory_equal(password->octets, wanted, password->len);
    }
}

/* A key of 16 equal octets, as this file's are. */
static inline void assert_key(const struct knx_key *key, uint8_t octet)
{
    for (size_t i = 0; i < KNX_KEY_LEN; i++) {
        assert_int_equal(key->octets[i], octet);
    }
}

#endif
