/*
 * A keyring under arbitrary octets. The first octet picks the form of the rest: odd, it is put into
 * the place of one attribute's value inside a keyring that is whole else; even, it is the file.
 * What is read must be written and read back with a signature that fits.
 */
#include "basalt/knx_keyring.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 20, PASSWORD = 7 };

static void *count_alloc(void *ctx, size_t len)
{
    size_t *live = ctx;
    *live += len;
    return calloc(1, len);
}

static void count_release(void *ctx, void *memory, size_t len)
{
    size_t *live = ctx;
    *live -= len;
    free(memory);
}

static void count_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5A, len);
}

static void add_value(struct bas_buf *file, bool is_likely, struct bas_slice value)
{
    static const char likely[] = "0123456789012345678901.. A+=#";
    for (size_t i = 0; i < value.len && i < value.data[0] % 26U && is_likely; i++) {
        bas_buf_add(file, &likely[value.data[i] % (sizeof(likely) - 1)], 1);
    }
    if (!is_likely) {
        bas_buf_add(file, value.data, value.len);
    }
}

static void add_whole(struct bas_buf *file, uint8_t how, struct bas_slice value)
{
    unsigned which = (how >> 1U) % 9U;
    static const char *const parts[] = {
        "<Keyring Created='x' Signature='AAAAAAAAAAAAAAAAAAAAAA==' Project='",
        "'><Backbone MulticastAddress='224.0.23.12' Latency='",
        "'/><Interface Type='Tunneling' IndividualAddress='1.1.10' Host='1.1.0' UserID='2",
        "'><Group Address='1' Senders='1.1.1 ",
        "'/></Interface><GroupAddresses><Group Key='AAAAAAAAAAAAAAAAAAAAAA==' Address='1",
        "'/></GroupAddresses><Devices><Device IndividualAddress='1.1.1' ToolKey='AAAA",
        "' SerialNumber='00000000",
        "' ManagementPassword='",
        "'/></Devices></Keyring>",
    };
    static const char *const good[] = { "", "2000", "", "", "", "AAAAAAAAAAAAAAAAAA==", "0000" };
    for (unsigned i = 0; i < BAS_ARRAY_LEN(parts); i++) {
        if (i != PASSWORD || i == which) { /* hardly any value is a password */
            bas_buf_add_text(file, parts[i]);
        }
        if (i == which) {
            add_value(file, how >= 128, value);
        } else if (i < BAS_ARRAY_LEN(good)) {
            bas_buf_add_text(file, good[i]);
        }
    }
}

/* Keys come of the octets as they are: no derivation, which would take the time of all inputs. */
static const struct knx_key key = { { 1, 2, 3 } };

static void write_back(const struct bas_env *env, struct knx_keyring *keyring)
{
    static uint8_t room[8 * ROOM];
    struct bas_buf out;
    struct knx_keyring *back = NULL;
    bas_buf_init(&out, room, sizeof(room));
    keyring->created = "2026-11-21T05:00:00";
    FUZZ_CHECK(knx_keyring_write(env, keyring, &key, &out, NULL) == BAS_OK);
    FUZZ_CHECK(knx_keyring_read(env, (struct bas_slice){ out.data, out.len }, &key, false, &back,
                                NULL) == BAS_OK);
    FUZZ_CHECK(back->is_verified && back->n_devices == keyring->n_devices &&
               back->n_interfaces == keyring->n_interfaces && back->n_groups == keyring->n_groups &&
               strcmp(back->project, keyring->project) == 0);
    knx_keyring_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[ROOM];
    size_t live = 0;
    const struct bas_env env = { &live, count_alloc, count_release, count_random, NULL, NULL };
    struct knx_keyring *keyring = NULL;
    struct bas_fault fault = { 0 };
    struct bas_buf file;
    if (size == 0 || size > ROOM / 2) {
        return 0;
    }
    bas_buf_init(&file, room, sizeof(room));
    struct bas_slice rest = { data + 1, size - 1 };
    if ((data[0] & 1) != 0) {
        add_whole(&file, data[0], rest);
    } else {
        bas_buf_add(&file, rest.data, rest.len);
    }
    bas_err err = knx_keyring_read(&env, (struct bas_slice){ file.data, file.len }, &key, true,
                                   &keyring, &fault);
    FUZZ_CHECK(err == fault.err && (err == BAS_OK) == (keyring != NULL));
    if (keyring != NULL) {
        write_back(&env, keyring);
        knx_keyring_free(keyring);
    }
    FUZZ_CHECK(live == 0);
    return 0;
}
